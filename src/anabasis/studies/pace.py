"""How fast an ensemble was flown and what a case takes: what its manifest says, added up.

Nothing is measured here; the workers measured, and the store wrote it down.
"""

from __future__ import annotations

import dataclasses

from anabasis.studies.store import MANIFEST, Store


@dataclasses.dataclass(frozen=True)
class Pace:
    """What one case costs.

    Attributes:
        rate: cases per second of one worker, writing included, once started; None without a chunk.
        processor_rate: the same by the time the processor worked for it alone: on a machine that
            others use too, what a core of its own would give.
        flying_seconds: of all workers together [s].
        writing_seconds: of that kind, spent on making the chunk files [s].
        start_up_seconds: until the first worker was ready, the longest time it took [s].
        bytes_per_case: on the disk, manifest included.
        workers: how many flew.
        hosts: where, if they said so.
    """

    rate: float | None
    processor_rate: float | None
    flying_seconds: float
    writing_seconds: float
    start_up_seconds: float | None
    bytes_per_case: float | None
    workers: int
    hosts: tuple[str, ...]


def pace_of(store: Store) -> Pace:
    """What the manifest of a store says about its flying.

    A worker's first chunk is left out of the rate where it flew more: it may hold its start. So are
    chunks that were split.
    """
    flown: dict[int, list[tuple[int, float, float]]] = {}
    flying = writing = size = rows = 0.0
    hosts: set[str] = set()
    for line in store.chunks.values():
        size += float(line["bytes"])
        rows += float(line["rows"])
        if "seconds" not in line:
            continue
        took = float(line["seconds"]), float(line.get("writing_seconds", 0.0))
        flying, writing = flying + took[0], writing + took[1]
        chunk = (int(line["rows"]), sum(took), float(line.get("processor_seconds", 0.0)))
        flown.setdefault(int(line.get("worker", 0)), []).append(chunk)
        if "host" in line:
            hosts.add(str(line["host"]))
    steady = [chunk for chunks in flown.values() for chunk in chunks[1:] or chunks]
    cases = sum(count for count, _, _ in steady)
    seconds = sum(took for _, took, _ in steady)
    processor = sum(spent for _, _, spent in steady)
    manifest = store.folder / MANIFEST
    size += manifest.stat().st_size if manifest.is_file() else 0.0
    return Pace(
        rate=cases / seconds if seconds else None,
        processor_rate=cases / processor if processor else None,
        flying_seconds=flying,
        writing_seconds=writing,
        start_up_seconds=max(store.starts) if store.starts else None,
        bytes_per_case=size / rows if rows else None,
        workers=len(flown),
        hosts=tuple(sorted(hosts)),
    )

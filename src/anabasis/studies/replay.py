"""One case of an ensemble again: the same row bit for bit, and its whole tracks.

The row comes from the case's own lane of the ensemble's own chunk program, in a worker started as
the ensemble's were; the tracks from a second flight of the case alone, whose figures agree with the
row within 1e-9 relative (two programs differ in the last digits).
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import pathlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.march import FIGURES
from anabasis.campaign.tracks import columns_of
from anabasis.exchange.ledger import write_whole
from anabasis.exchange.parquet import read_rows, write_table
from anabasis.studies.crew import Crew, Task
from anabasis.studies.engine import first_ready
from anabasis.studies.ensemble import Order, order_of
from anabasis.studies.lanes import Lanes
from anabasis.studies.store import Store, identity_problem
from anabasis.units import from_si, name_at_wall

AGREE = 1e-9
"""How far one flight and its lane may be apart, relative."""


@dataclasses.dataclass(frozen=True)
class Replay:
    """A case flown again.

    Attributes:
        case: its number.
        row: as it stands in the store.
        again: as its lane flew it now.
        differing: columns in which the two differ in any bit; empty where the contract holds.
        apart: figure -> by how much the flight alone differs from the row, relative.
        folder: where its tracks were written.
    """

    case: int
    row: dict[str, Any]
    again: dict[str, Any]
    differing: tuple[str, ...]
    apart: dict[str, float]
    folder: pathlib.Path

    @property
    def good(self) -> bool:
        """True where the row is the same bit for bit and the tracked flight agrees."""
        return not self.differing and all(value <= AGREE for value in self.apart.values())


def replay(store: Store, case: int, *, tracks: bool = True) -> Replay:
    """Fly one case again.

    Raises:
        BadInput: for a case that is not in the store, or a program that is not the same.
    """
    return next(replays(store, [case], tracks=tracks))


def replays(store: Store, cases: Sequence[int], *, tracks: bool = True) -> Iterator[Replay]:
    """Fly some cases again, one after the other, in one worker.

    Raises:
        BadInput: as `replay`, before anything flies.
    """
    for case in cases:
        if not 0 <= case < store.count or case // store.size not in store.chunks:
            raise BadInput(
                "no such case in the store",
                file=str(store.folder),
                key="--case",
                value=case,
                allowed=f"0 to {store.count - 1}, where its chunk is complete",
            )
    asked, lanes = order_of(store), None
    with _worker(store, asked) as crew:
        for case in cases:
            index = case // store.size
            row = read_rows(store.path_of(index))[case - store.cases_of(index).start]
            again = _in_its_lane(crew, Task(index, (case,)))
            differing = tuple(name for name in row if not _same_bits(row[name], again.get(name)))
            folder = store.folder / "replays" / f"{case:09d}"
            apart: dict[str, float] = {}
            if tracks:
                lanes = lanes or _lanes_of(asked)
                apart = _alone(lanes, case, row, folder)
            yield Replay(case, row, again, differing, apart, folder)


@contextlib.contextmanager
def _worker(store: Store, asked: Order) -> Iterator[Crew]:
    """A worker that flies as those of the store did."""
    crew = Crew(asked.job(), 1, portable=asked.portable)
    try:
        crew.start()
        ready = first_ready(crew)
        problems = identity_problem(store.identity, asked.identity(ready["surroundings"]))
        if problems:
            raise BadInput(
                "cannot be replayed here, the case would differ: " + "; ".join(problems),
                file=str(store.folder),
                hint="replay where it was flown",
            )
        crew.name(json.dumps(store.identity))
        yield crew
    finally:
        crew.close()


def _in_its_lane(crew: Crew, task: Task) -> dict[str, Any]:
    while not crew.free():
        crew.next(1.0)
    crew.give(task)
    while True:
        report = crew.next(1.0)
        if report is not None and report.kind == "done":
            return read_rows(report.content)[0]
        if report is not None and report.kind in ("failed", "died"):
            return {"case": task.cases[0], "outcome": str(report.about.get("why"))}


def _lanes_of(asked: Order) -> Lanes:
    return Lanes(
        asked.scenario,
        only=asked.only,
        seed=asked.seed,
        sampler=asked.sampler,
        count=asked.cases,
        size=asked.chunk,
    )


def _alone(lanes: Lanes, case: int, row: dict[str, Any], folder: pathlib.Path) -> dict[str, float]:
    flights = lanes.alone(case)
    (folder / "tracks").mkdir(parents=True, exist_ok=True)
    apart: dict[str, float] = {}
    for phase, flight in flights.items():
        if flight.track is not None:
            write_table(
                folder / "tracks" / f"{phase}.parquet",
                columns_of({**flight.track, "centre": flight.end.centre}),
                {"scenario_hash": lanes.scenario.hash, "phase": phase, "case": str(case)},
            )
        for name, value in flight.figures.items():
            unit = FIGURES[phase].get(name)
            if unit is None:
                continue
            column = f"{phase}.{name_at_wall(name, unit)}"
            apart[column] = _apart(row.get(column), float(from_si(np.asarray(value), unit)))
    text = json.dumps({"case": case, "row": row, "apart": apart}, indent=1)
    write_whole(folder / "case.json", f"{text}\n".encode())
    return apart


def _apart(row: float | None, alone: float) -> float:
    if row is None or not math.isfinite(alone):
        return 0.0 if row is None and not math.isfinite(alone) else math.inf
    return abs(row - alone) / max(abs(row), 1.0)


def _same_bits(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return one.hex() == other.hex()
    return one == other

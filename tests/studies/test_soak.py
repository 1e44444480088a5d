"""Endurance: a million cases take no more memory than a hundred thousand (`make soak`)."""

from __future__ import annotations

import pathlib
import time

import pytest

from anabasis.studies import ensemble as ensembles
from anabasis.studies.crew import Crew
from anabasis.studies.engine import Standing

HERE = pathlib.Path(__file__).parent
CASES, CHUNK, EARLY = 1_000_000, 256, 100_000
PARENT_PER_CHUNK = 2048.0
"""What the parent may keep of a chunk, its line of the manifest: bytes; 8 a case."""
WORKER_GROWTH = 4e6
"""What a worker may have grown by: bytes. It keeps nothing of a chunk; allocators do a little."""
SCENARIO = {
    "extends": "har-open-loop",
    "name": "cheap",
    "dispersion": [{"path": "ascender.stage_one.thrust_kN", "sigma_percent": 0.3}],
}


def resident(process: int | str) -> float:
    """Bytes of memory that a process holds."""
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return 1024.0 * float(line.split()[1])
    raise AssertionError("no VmRSS")


@pytest.mark.soak
def test_memory_is_flat_over_a_million_cases(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    crews: list[Crew] = []
    seen: list[tuple[int, float, float, float]] = []

    def crew(job: dict[str, object]) -> Crew:
        crews.append(Crew(job, 1))
        return crews[0]

    def progress(standing: Standing) -> None:
        if standing.cases >= len(seen) * EARLY:
            (worker,) = crews[0].processes()
            now = time.monotonic()
            seen.append((standing.cases, resident("self"), resident(worker), now))

    found = ensembles.disperse(
        SCENARIO,
        CASES,
        chunk=CHUNK,
        seed=1,
        out=tmp_path / "x",
        flyer="flyers:Cheap",
        crew=crew,
        progress=progress,
    )
    flown = time.monotonic()
    digest = found.digest()
    with capsys.disabled():
        print()
        for cases, parent, worker, at in seen:
            print(
                f"{cases:>9} cases: parent {parent / 1e6:7.1f} MB, worker {worker / 1e6:6.1f} MB, "
                f"{at - seen[0][3]:6.1f} s"
            )
        print(f"whole: {flown - seen[0][3]:.1f} s; digest again {time.monotonic() - flown:.1f} s")
        print(f"after all: parent {resident('self') / 1e6:.1f} MB; {digest}")
    early, late = seen[1], seen[-1]
    assert late[0] - early[0] >= 0.85 * CASES
    chunks = (late[0] - early[0]) / CHUNK
    assert late[1] - early[1] <= PARENT_PER_CHUNK * chunks
    assert late[2] - early[2] <= WORKER_GROWTH
    assert found.complete
    assert found.verify() == []

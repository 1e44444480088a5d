"""Cases that cannot be flown: each is a row that says so, and disturbs no other in any bit."""

from __future__ import annotations

import collections
import math
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from anabasis.studies import ensemble as ensembles
from anabasis.studies.crew import Report, Task
from anabasis.studies.lanes import OUT_OF_RANGE, flyer
from anabasis.studies.surroundings import surroundings
from anabasis.studies.worker import Flyer, chunk_file

CASES, CHUNK = 100, 64
SCENARIO = {
    "extends": "mars2020-entry",
    "name": "poisoned",
    "dispersion": [
        {"path": "entry.start.flight_path_angle_deg", "sigma": 0.05},
        {"path": "entry.start.speed_m_s", "sigma": 2.0},
        {"path": "capsule.mass_kg", "distribution": "uniform", "low": 3270.0, "high": 3470.0},
        {"path": "capsule.drag_coefficient", "sigma_percent": 3.0},
        {"path": "planet.mars.density_factor", "distribution": "lognormal", "sigma": 0.1},
    ],
}
"""The numbers of the tests of lanes, so that one compiled program serves both."""
POISON = {
    3: {"entry.start.speed_m_s": math.nan},
    9: {"capsule.mass_kg": -100.0},
    70: {"entry.start.speed_m_s": 3500.0, "entry.start.flight_path_angle_deg": -0.5},
}
"""Case -> what is drawn for it: no number, a negative mass, an orbit that never comes down."""


class Here:
    """One worker, in this process: the two ensembles are flown by the same compiled program."""

    made: Any = None

    def __init__(self, job: Mapping[str, Any], poison: Mapping[int, Mapping[str, float]]) -> None:
        Here.made = Here.made or flyer(job)
        self.flyer: Flyer = Here.made
        self.draws = Here.made.draws
        self.poison = poison
        self.identity = ""
        self.reports: collections.deque[Report] = collections.deque()

    def of(self, cases: Sequence[int]) -> np.ndarray:
        drawn = self.draws.of(cases).copy()
        for row, case in zip(drawn, np.asarray(cases), strict=True):
            for path, value in self.poison.get(int(case), {}).items():
                row[self.draws.paths.index(path)] = value
        return drawn

    def start(self) -> None:
        about = {"columns": self.flyer.columns, "surroundings": surroundings()}
        self.reports.append(Report("ready", about=about))

    def name(self, identity: str) -> None:
        self.identity = identity

    def free(self) -> int:
        return 1 - self.busy()

    def busy(self) -> int:
        return len(self.reports)

    def give(self, task: Task) -> None:
        Here.made.draws = self
        content, about = chunk_file(self.flyer, task.index, task.cases, self.identity)
        Here.made.draws = self.draws
        self.reports.append(Report("done", task, content, about))

    def next(self, timeout: float) -> Report | None:
        return self.reports.popleft() if self.reports else None

    def end_the_frozen(self, limit: float) -> None:
        pass

    def close(self) -> None:
        pass


def test_no_numbers_negative_masses_and_endless_flights_are_rows_and_the_rest_is_the_same(
    tmp_path: pathlib.Path,
) -> None:
    clean, found = (
        ensembles.disperse(
            SCENARIO,
            CASES,
            chunk=CHUNK,
            seed=1,
            out=tmp_path / str(len(poison)),
            crew=lambda job, poison=poison: Here(job, poison),
        )
        for poison in ({}, POISON)
    )
    outcomes = found.column("outcome")
    assert outcomes[3] == OUT_OF_RANGE
    assert outcomes[9] == OUT_OF_RANGE
    assert outcomes[70] == "the flight did not end within its step budget"
    assert found.column("outcome_phase")[70] == "entry"
    assert np.isnan(found.column("draw.entry.start.speed_m_s")[3])
    assert found.column("draw.capsule.mass_kg")[9] == -100.0
    assert np.isnan(found.column("entry.peak_deceleration_g")[[3, 9]]).all()
    assert list(clean.column("outcome")) == [""] * CASES
    others = [case for case in range(CASES) if case not in POISON]
    for name in clean.columns:
        np.testing.assert_array_equal(found.column(name)[others], clean.column(name)[others])
    assert found.complete
    assert found.summary()["lost"] == 3

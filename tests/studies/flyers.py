"""What the engine is tried with: cheap cases, and cases that do harm. No jax is loaded."""

from __future__ import annotations

import os
import pathlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


class Cheap:
    """A few functions of the case."""

    columns = (("case", ""), ("outcome", ""), ("outcome_phase", ""), ("ascent.peak_m", "m"))

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.size = int(job["chunk"])

    def fly(self, cases: Sequence[int]) -> dict[str, Any]:
        rows = np.asarray(cases)
        log = os.environ.get("FLOWN_LOG")
        if log:
            with open(log, "a", encoding="ascii") as stream:
                stream.write(f"{rows[0] // self.size} {len(rows)}\n")
        time.sleep(float(os.environ.get("FLY_SECONDS", "0")))
        return {
            "case": rows,
            "outcome": ["fell" if case % 10 == 3 else "" for case in rows],
            "outcome_phase": ["ascent" if case % 10 == 3 else None for case in rows],
            "ascent.peak_m": np.where(rows % 10 == 3, np.nan, np.sin(rows + 0.1)),
        }


class Deadly(Cheap):
    """Case 37 ends its worker, always; case 70 only the first time; case 50 raises."""

    def fly(self, cases: Sequence[int]) -> dict[str, Any]:
        if 37 in cases:
            os._exit(9)
        once = pathlib.Path(os.environ["ONCE"])
        if 70 in cases and not once.exists():
            once.touch()
            os._exit(9)
        if 50 in cases:
            raise ValueError("case 50 is poisoned")
        return super().fly(cases)


class Frozen(Cheap):
    """The first worker to get case 20 sleeps for ever."""

    def fly(self, cases: Sequence[int]) -> dict[str, Any]:
        once = pathlib.Path(os.environ["ONCE"])
        if 20 in cases and not once.exists():
            once.touch()
            time.sleep(3600.0)
        return super().fly(cases)


class Stillborn(Cheap):
    """Never gets ready."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        super().__init__(job)
        os._exit(3)


class Barren(Cheap):
    """The first worker dies after its first chunk, and those that follow never get ready."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        super().__init__(job)
        self.flown = 0
        once = pathlib.Path(os.environ["ONCE"])
        if once.exists():
            os._exit(3)
        once.touch()

    def fly(self, cases: Sequence[int]) -> dict[str, Any]:
        if self.flown:
            os._exit(9)
        self.flown += 1
        return super().fly(cases)


class Entries(Cheap):
    """The columns that the examples in the docs read; nothing is lost in the first chunk."""

    columns = (
        ("case", ""),
        ("outcome", ""),
        ("outcome_phase", ""),
        ("draw.capsule.mass_kg", "kg"),
        ("entry.peak_deceleration_g", "g"),
    )

    def fly(self, cases: Sequence[int]) -> dict[str, Any]:
        rows = np.asarray(cases)
        lost = (rows % 10 == 3) & (rows >= self.size)
        return {
            "case": rows,
            "outcome": ["fell" if fell else "" for fell in lost],
            "outcome_phase": ["entry" if fell else None for fell in lost],
            "draw.capsule.mass_kg": 3370.0 + np.cos(rows),
            "entry.peak_deceleration_g": np.where(lost, np.nan, 11.0 + np.sin(rows)),
        }

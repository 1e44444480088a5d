"""Against SALib: the same samples of the Ishigami function give the same Sobol' indices.

The indices themselves are also known in closed form; both are asked here.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from anabasis.studies.sobol import chances, indices

ANSWERS = pathlib.Path(__file__).with_suffix(".json")
SOURCE = "SALib, analyze.sobol"
NUMBERS, ROWS = 3, 1024
SLIP = 1e-12
"""Both add up the same products; they differ in the order."""
WIDTH = 0.25
"""Relative, of the half-widths of the intervals: 100 resamples there, 500 here."""


def ishigami(chance: np.ndarray) -> np.ndarray:
    """sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 on (-pi, pi)^3."""
    x = math.pi * (2.0 * chance - 1.0)
    return np.sin(x[..., 0]) * (1.0 + 0.1 * x[..., 2] ** 4) + 7.0 * np.sin(x[..., 1]) ** 2


def flown() -> np.ndarray:
    """A sample that no version of a library changes: A, A with a column of B, B."""
    drawn = np.random.default_rng(1990).random((ROWS, 2, NUMBERS))
    mixed = np.repeat(drawn[:, :1], NUMBERS + 2, axis=1)
    for k in range(NUMBERS):
        mixed[:, k + 1, k] = drawn[:, 1, k]
    mixed[:, -1] = drawn[:, 1]
    return ishigami(mixed)


def compare(answers: dict[str, Any]) -> tuple[float, float]:
    """The largest difference of any index, and of any half-width relative to theirs."""
    found = indices(flown(), seed=1)
    apart = width = 0.0
    for k, index in enumerate(found):
        for ours, name in ((index.first, "S1"), (index.total, "ST")):
            apart = max(apart, abs(ours - answers[name][k]))
        for half, name in (
            (0.5 * (index.first_high - index.first_low), "S1_conf"),
            (0.5 * (index.total_high - index.total_low), "ST_conf"),
        ):
            width = max(width, abs(half / answers[name][k] - 1.0))
    return apart, width


def judge(answers: dict[str, Any], witness: Callable[..., None]) -> None:
    apart, width = compare(answers)
    case = f"Ishigami function, {ROWS} rows"
    witness(
        case=case,
        quantity="largest difference of a first or total index",
        unit="",
        expected=0.0,
        measured=apart,
        tolerance=SLIP,
        source=f"{SOURCE} {answers['salib']}",
        reason="the same estimators (Saltelli 2010, Jansen 1999) on the same samples",
    )
    witness(
        case=case,
        quantity="largest relative difference of an interval",
        unit="",
        expected=0.0,
        measured=width,
        tolerance=WIDTH,
        source=f"{SOURCE} {answers['salib']}",
        reason="two bootstraps, one of 100 and one of 500 resamples",
    )


def test_the_indices_are_those_of_salib_on_the_same_samples(witness: Callable[..., None]) -> None:
    judge(json.loads(ANSWERS.read_text()), witness)


def test_the_indices_are_those_of_the_closed_form(witness: Callable[..., None]) -> None:
    """Ishigami and Homma 1990: S = 0.3139, 0.4424, 0; T = 0.5576, 0.4424, 0.2437."""
    rows = 4096
    found = indices(ishigami(chances(rows, NUMBERS, [(0,), (1,), (2,)], 1)), seed=1)
    known = ((0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437))
    for k, index in enumerate(found):
        for name, value, low, high, expected in (
            ("first", index.first, index.first_low, index.first_high, known[0][k]),
            ("total", index.total, index.total_low, index.total_high, known[1][k]),
        ):
            witness(
                case=f"Ishigami function, {rows} rows of a scrambled Sobol' sequence",
                quantity=f"{name} index of number {k + 1}",
                unit="",
                expected=expected,
                measured=value,
                tolerance=0.5 * (high - low),
                source="closed form (Ishigami and Homma 1990)",
                reason="half of its own interval of 95 %",
            )


@pytest.mark.truth
def test_salib_says_the_same_again(record: bool, witness: Callable[..., None]) -> None:
    analyse = pytest.importorskip("SALib.analyze.sobol", reason="SALib is in the extra [truth]")
    problem = {
        "num_vars": NUMBERS,
        "names": ["x1", "x2", "x3"],
        "bounds": [[-math.pi, math.pi]] * NUMBERS,
    }
    said = analyse.analyze(problem, flown().ravel(), calc_second_order=False, seed=1)
    answers = {
        "salib": importlib.metadata.version("SALib"),
        **{name: [float(x) for x in said[name]] for name in ("S1", "ST", "S1_conf", "ST_conf")},
    }
    if record:
        ANSWERS.write_text(json.dumps(answers, indent=1) + "\n")
    judge(answers, witness)

"""Sobol' indices: known ones are found, and what moves nothing has none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anabasis.studies.sobol import chances, indices

ALONE = [(0,), (1,), (2,)]


def ishigami(chance: np.ndarray, a: float = 7.0, b: float = 0.1) -> np.ndarray:
    """sin x1 + a sin^2 x2 + b x3^4 sin x1 on (-pi, pi)^3 (Ishigami and Homma 1990)."""
    x = math.pi * (2.0 * chance - 1.0)
    return np.sin(x[..., 0]) * (1.0 + b * x[..., 2] ** 4) + a * np.sin(x[..., 1]) ** 2


def known(a: float = 7.0, b: float = 0.1) -> tuple[list[float], list[float]]:
    """Its indices in closed form, from its partial variances."""
    v1 = 0.5 * (1.0 + b * math.pi**4 / 5.0) ** 2
    v2 = a**2 / 8.0
    v13 = b**2 * math.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = v1 + v2 + v13
    return [v1 / whole, v2 / whole, 0.0], [(v1 + v13) / whole, v2 / whole, v13 / whole]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_indices_of_the_ishigami_function_lie_within_their_intervals(seed: int) -> None:
    found = indices(ishigami(chances(1024, 3, ALONE, seed)), seed)
    for index, first, total in zip(found, *known(), strict=True):
        # an interval of 95 %, and half of it again: eighteen are asked at once
        for value, low, high, expected in (
            (index.first, index.first_low, index.first_high, first),
            (index.total, index.total_low, index.total_high, total),
        ):
            room = 0.25 * (high - low)
            assert low - room <= expected <= high + room
            assert low <= value <= high
            assert value == pytest.approx(expected, abs=0.06)


def test_more_rows_come_closer() -> None:
    def error(count: int) -> float:
        found = indices(ishigami(chances(count, 3, ALONE, 5)), 5, resamples=2)
        first, total = known()
        return max(
            max(abs(i.first - f), abs(i.total - t))
            for i, f, t in zip(found, first, total, strict=True)
        )

    assert error(8192) < 0.02
    assert error(8192) < error(128)


def test_a_straight_figure_has_shares_that_sum_to_one_alone_and_in_all() -> None:
    slopes = np.array([3.0, 2.0, 1.0])
    found = indices(chances(4096, 3, ALONE, 1) @ slopes, 1, resamples=20)
    expected = slopes**2 / np.sum(slopes**2)
    assert [i.first for i in found] == pytest.approx(expected, abs=0.01)
    assert [i.total for i in found] == pytest.approx(expected, abs=0.01)
    assert sum(i.first for i in found) == pytest.approx(1.0, abs=0.01)


def test_numbers_swapped_together_have_one_index_for_both() -> None:
    found = indices(ishigami(chances(2048, 3, [(0, 2), (1,)], 1)), 1, resamples=20)
    _, total = known()
    assert found[0].first == pytest.approx(total[0], abs=0.03)
    assert found[0].total == pytest.approx(total[0], abs=0.03)
    assert found[1].first == pytest.approx(total[1], abs=0.03)


def test_a_row_is_a_then_a_with_one_of_b_then_b() -> None:
    found = chances(8, 3, [(0,), (1, 2)], 1)
    assert found.shape == (8, 4, 3)
    one, other = found[:, 0], found[:, -1]
    np.testing.assert_array_equal(found[:, 1], np.c_[other[:, :1], one[:, 1:]])
    np.testing.assert_array_equal(found[:, 2], np.c_[one[:, :1], other[:, 1:]])
    assert np.all((found > 0.0) & (found < 1.0))


def test_the_seed_alone_decides() -> None:
    np.testing.assert_array_equal(chances(16, 2, [(0,), (1,)], 7), chances(16, 2, [(0,), (1,)], 7))
    assert np.any(chances(16, 2, [(0,), (1,)], 7) != chances(16, 2, [(0,), (1,)], 8))


def test_a_figure_that_does_not_vary_has_no_indices() -> None:
    found = indices(np.full((16, 4), 3.0), 1, resamples=3)
    assert all(math.isnan(index.first) and math.isnan(index.total) for index in found)

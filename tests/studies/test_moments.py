"""Moments of distributions agree with their formulas, and a few points carry them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from anabasis.studies.distribution import Distribution
from anabasis.studies.moments import (
    correlation_of_values,
    five_points,
    is_smooth,
    mean_and_deviation,
    sample,
)

AGREE = 1e-6
"""Relative, where the inverse of a distribution has a corner; smooth ones agree to rounding."""

NORMAL = Distribution("normal", 5.0, sigma=2.0)
SHAPES = [
    (NORMAL, stats.norm(5.0, 2.0)),
    (
        Distribution("normal", 0.0, sigma=1.0, low=-0.5, high=2.0),
        stats.truncnorm(-0.5, 2.0),
    ),
    (Distribution("uniform", 1.0, low=1.0, high=4.0), stats.uniform(1.0, 3.0)),
    (
        Distribution("triangular", 1.0, low=0.0, high=4.0, mode=1.0),
        stats.triang(0.25, 0.0, 4.0),
    ),
    (Distribution("beta", 0.5, low=0.0, high=1.0, alpha=2.0, beta=5.0), stats.beta(2.0, 5.0)),
    (
        Distribution("lognormal", 3.0, sigma=0.6),
        stats.lognorm(math.sqrt(math.log1p(0.04)), scale=3.0 / math.sqrt(1.04)),
    ),
]


@pytest.mark.parametrize(("ours", "formula"), SHAPES, ids=[str(d.kind) for d, _ in SHAPES])
def test_mean_and_deviation_are_those_of_the_formula(ours: Distribution, formula: object) -> None:
    mean, spread = mean_and_deviation(ours)
    assert mean == pytest.approx(formula.mean(), rel=AGREE, abs=1e-9)  # pyright: ignore
    assert spread == pytest.approx(formula.std(), rel=AGREE)  # pyright: ignore


def test_discrete_and_empirical_numbers_have_the_moments_of_their_values() -> None:
    dice = Distribution("discrete", 1.0, values=(1.0, 2.0, 2.0, 6.0), weights=(1.0, 1.0, 1.0, 1.0))
    assert mean_and_deviation(dice) == pytest.approx((2.75, math.sqrt(3.6875)))
    two = Distribution("empirical", 0.0, values=(1.0, 3.0))  # drawn between them: uniform
    assert mean_and_deviation(two) == pytest.approx((2.0, 2.0 / math.sqrt(12.0)))
    assert not is_smooth(dice)
    assert not is_smooth(two)
    assert is_smooth(NORMAL)


@pytest.mark.parametrize("ours", [d for d, _ in SHAPES], ids=[str(d.kind) for d, _ in SHAPES])
def test_five_points_know_the_mean_and_spread_of_a_straight_figure(ours: Distribution) -> None:
    points, (mean, spread) = five_points(ours), mean_and_deviation(ours)
    assert np.sum(points.weights) == pytest.approx(1.0)
    assert np.all(points.weights >= 0.0)
    assert np.all(np.diff(points.values) > 0.0)
    found = points.weights @ points.values
    assert found == pytest.approx(mean, rel=1e-6, abs=1e-9)
    assert points.weights @ (points.values - mean) ** 2 == pytest.approx(spread**2, rel=1e-6)


def test_five_points_of_a_normal_number_know_the_spread_of_a_parabola() -> None:
    points = five_points(Distribution("normal", 0.0, sigma=3.0))
    assert points.values == pytest.approx([-6.0, -3.0, 0.0, 3.0, 6.0])
    square = points.values**2
    mean = points.weights @ square
    assert mean == pytest.approx(9.0)
    assert points.weights @ (square - mean) ** 2 == pytest.approx(2.0 * 81.0)


def test_points_stay_inside_what_a_number_may_be() -> None:
    for ours, _ in SHAPES:
        low, high = ours.quantile(np.array([1e-4, 1.0 - 1e-4]))
        assert np.all((five_points(ours).values >= low) & (five_points(ours).values <= high))


def test_a_discrete_number_is_flown_at_each_of_its_values() -> None:
    points = sample(Distribution("discrete", 1.0, values=(3.0, 1.0, 3.0), weights=(1.0, 2.0, 1.0)))
    assert points.values.tolist() == [1.0, 3.0]
    assert points.weights.tolist() == [0.5, 0.5]
    never = sample(Distribution("discrete", 1.0, values=(1.0, 2.0), weights=(1.0, 0.0)))
    assert never.values.tolist() == [1.0]
    assert len(sample(NORMAL).values) == 64


def test_the_correlation_of_normal_numbers_is_that_of_their_scores() -> None:
    assert correlation_of_values(NORMAL, NORMAL, 0.6) == 0.6
    assert correlation_of_values(NORMAL, NORMAL, 0.0) == 0.0


def test_the_correlation_of_uniform_numbers_is_weaker_as_the_formula_says() -> None:
    """For uniform numbers under a Gaussian copula: 6/pi asin(rho/2) (Pearson 1907)."""
    flat = Distribution("uniform", 0.0, low=-1.0, high=1.0)
    for rho in (-0.9, 0.3, 1.0):
        expected = 6.0 / math.pi * math.asin(rho / 2.0)
        assert correlation_of_values(flat, flat, rho) == pytest.approx(expected, abs=1e-4)

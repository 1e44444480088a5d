"""Distributions: the inverse undoes the distribution function, and a cut cuts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from anabasis.studies.distribution import Distribution

CHANCES = (np.arange(20_000) + 0.5) / 20_000

EVERY = {
    "normal": (Distribution("normal", 3.0, sigma=2.0), stats.norm(3.0, 2.0)),
    "uniform": (Distribution("uniform", 0.0, low=-1.0, high=4.0), stats.uniform(-1.0, 5.0)),
    "triangular": (
        Distribution("triangular", 1.0, low=0.0, high=4.0, mode=1.0),
        stats.triang(0.25, 0.0, 4.0),
    ),
    "beta": (Distribution("beta", 0.0, low=2.0, high=4.0, alpha=2.0, beta=5.0),
             stats.beta(2.0, 5.0, 2.0, 2.0)),
    "cut": (
        Distribution("normal", 0.0, sigma=1.0, low=-1.0, high=2.0),
        stats.truncnorm(-1.0, 2.0),
    ),
    "far tail": (
        Distribution("normal", 0.0, sigma=1.0, low=5.0, high=6.0),
        stats.truncnorm(5.0, 6.0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_the_draws_are_those_of_an_independent_implementation(name: str) -> None:
    ours, theirs = EVERY[name]
    assert ours.problem() == ("", "")
    np.testing.assert_allclose(ours.quantile(CHANCES), theirs.ppf(CHANCES), rtol=1e-9, atol=1e-12)


def test_a_lognormal_number_has_its_nominal_for_mean_and_its_sigma() -> None:
    one = Distribution("lognormal", 5.0, sigma=1.0)
    spread = math.sqrt(math.log1p(1.0 / 25.0))
    theirs = stats.lognorm(spread, scale=5.0 * math.exp(-0.5 * spread**2))
    np.testing.assert_allclose(one.quantile(CHANCES), theirs.ppf(CHANCES), rtol=1e-10)
    assert theirs.mean() == pytest.approx(5.0)
    assert theirs.std() == pytest.approx(1.0)


def test_a_cut_lognormal_stays_between_its_cuts() -> None:
    draws = Distribution("lognormal", 5.0, sigma=3.0, low=4.0, high=7.0).quantile(CHANCES)
    assert draws.min() >= 4.0
    assert draws.max() <= 7.0


def test_discrete_values_come_as_often_as_their_weights_say() -> None:
    draws = Distribution("discrete", 0.0, values=(7.0, -1.0), weights=(3.0, 1.0)).quantile(CHANCES)
    assert np.mean(draws == 7.0) == pytest.approx(0.75, abs=1e-4)
    assert set(draws) == {7.0, -1.0}


def test_a_sample_is_drawn_between_its_values() -> None:
    draws = Distribution("empirical", 0.0, values=(3.0, 1.0, 2.0)).quantile(CHANCES)
    assert np.all(np.diff(draws) > 0.0)
    assert draws[0] >= 1.0
    assert draws[-1] <= 3.0
    assert np.mean(draws) == pytest.approx(2.0)


def test_without_spread_a_number_is_its_nominal() -> None:
    assert np.all(Distribution("normal", 2.5).quantile(CHANCES) == 2.5)
    assert np.all(Distribution("lognormal", 2.5).quantile(CHANCES) == 2.5)


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        (Distribution("uniform", 0.0, low=1.0), "low"),
        (Distribution("uniform", 0.0, low=1.0, high=1.0), "low"),
        (Distribution("normal", 0.0, sigma=-1.0), "sigma"),
        (Distribution("normal", 0.0, sigma=1.0, low=9.0), "low"),
        (Distribution("lognormal", -1.0, sigma=1.0), "path"),
        (Distribution("lognormal", 1.0, sigma=1.0, high=-1.0), "low"),
        (Distribution("triangular", 9.0, low=0.0, high=1.0), "mode"),
        (Distribution("beta", 0.0, low=0.0, high=1.0), "alpha"),
        (Distribution("discrete", 0.0), "values"),
        (Distribution("discrete", 0.0, values=(1.0,), weights=(1.0, 2.0)), "weights"),
        (Distribution("discrete", 0.0, values=(1.0,), weights=(0.0,)), "weights"),
        (Distribution("empirical", 0.0, values=(1.0,)), "values"),
    ],
)
def test_what_cannot_be_drawn_is_named(wrong: Distribution, key: str) -> None:
    assert wrong.problem()[0] == key

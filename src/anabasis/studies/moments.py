"""Mean, spread and joint spread of uncertain numbers, and a few points that stand for them.

Everything is an integral over the chance, by Gauss and Legendre on panels of the normal score

    E[g] = int g(F^-1(Phi(z))) phi(z) dz

so cuts, skews and kinks need no formula of their own. Five points carry the first four moments of
a distribution: a figure flown at them alone tells its mean, and its spread as far as a parabola
goes.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
from scipy import special

from anabasis.studies.distribution import Distribution

PANELS, NODES, REACH = 64, 8, 8.0
"""Panels of the score, nodes of each, and how far out they go [standard deviations]: beyond eight
lies 1e-15 of any distribution."""
POINTS = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Where a figure is flown, in standard deviations from the mean."""
_NORMAL_WEIGHTS = np.array([1.0, 2.0, 6.0, 2.0, 1.0]) / 12.0
"""Of the five points of a normal number: they carry its moments to the fifth."""
RAREST = 1e-3
"""A point is drawn in to this chance: what lies beyond, a scenario's own range may refuse."""
SAMPLE = 64
"""Equally likely values that stand for a distribution where five points are too few."""


@dataclasses.dataclass(frozen=True)
class Points:
    """Values of one number at which a figure is flown.

    Attributes:
        values: in the unit of the number.
        weights: what each stands for; they add up to one.
    """

    values: np.ndarray
    weights: np.ndarray


def is_smooth(distribution: Distribution) -> bool:
    """True where a number takes every value about its nominal, so that a slope says something."""
    return distribution.kind not in ("discrete", "empirical")


@functools.cache
def mean_and_deviation(distribution: Distribution) -> tuple[float, float]:
    """Mean and standard deviation, cuts included, in the unit of the number."""
    if distribution.kind == "discrete":
        points = sample(distribution)
        values, weights = points.values, points.weights
    elif distribution.kind == "empirical":  # its inverse is straight between the sorted values
        ordered = np.sort(np.asarray(distribution.values, dtype=float))
        a, b = ordered[:-1], ordered[1:]
        mean = float(np.mean(0.5 * (a + b)))
        square = float(np.mean((a * a + a * b + b * b) / 3.0))
        return mean, math.sqrt(max(square - mean * mean, 0.0))
    else:
        scores, weights = _scores()
        values = distribution.quantile(special.ndtr(scores))
    mean = float(weights @ values)
    return mean, math.sqrt(float(weights @ (values - mean) ** 2))


def correlation_of_values(one: Distribution, other: Distribution, of_scores: float) -> float:
    """The correlation of two numbers whose normal scores have the given one.

    A Gaussian copula ties the scores; for normal numbers theirs is the numbers' own, for others it
    is weaker.

    Args:
        one, other: the distributions.
        of_scores: as the scenario gives it.
    """
    if of_scores == 0.0:
        return 0.0
    plain = (one.kind, other.kind) == ("normal", "normal")
    if plain and not any(math.isfinite(x) for d in (one, other) for x in (d.low, d.high)):
        return of_scores
    (mean, spread), (its_mean, its_spread) = mean_and_deviation(one), mean_and_deviation(other)
    if spread == 0.0 or its_spread == 0.0:
        return 0.0
    scores, weights = _scores()
    first = one.quantile(special.ndtr(scores)) - mean
    mixed = of_scores * scores[:, None] + math.sqrt(1.0 - of_scores**2) * scores[None, :]
    chance = np.clip(special.ndtr(mixed), 1e-15, 1.0 - 1e-15)
    second = (other.quantile(chance) - its_mean) @ weights
    return float(weights @ (first * second)) / (spread * its_spread)


def five_points(distribution: Distribution) -> Points:
    """The mean, and one and two standard deviations on either side of it.

    Their weights carry the first four moments of the distribution. Where no such weights are
    positive, the points are its quantiles at those normal scores instead.
    """
    mean, spread = mean_and_deviation(distribution)
    if spread == 0.0:
        return Points(np.full(5, mean), _NORMAL_WEIGHTS)
    low, high = distribution.quantile(np.array([RAREST, 1.0 - RAREST]))
    steps = np.clip(mean + spread * np.array(POINTS), low, high)
    quantiles = distribution.quantile(special.ndtr(np.array(POINTS)))
    scores, own = _scores()
    scaled = (distribution.quantile(special.ndtr(scores)) - mean) / spread
    moments = np.array([own @ scaled**k for k in range(5)])
    for values in (steps, quantiles):
        apart = (values - mean) / spread
        if np.min(np.diff(apart)) > 0.1:
            weights = np.linalg.solve(np.vander(apart, 5, increasing=True).T, moments)
            if np.all(weights >= 0.0):
                return Points(values, weights)
    return Points(quantiles, _NORMAL_WEIGHTS)


def sample(distribution: Distribution) -> Points:
    """The values of a discrete number with their weights, or equally likely ones of any other."""
    values = sorted(set(distribution.values))
    if distribution.kind == "discrete" and len(values) <= SAMPLE:
        given = np.asarray(distribution.weights or [1.0] * len(distribution.values), dtype=float)
        where = np.searchsorted(values, distribution.values)
        weights = np.bincount(where, weights=given, minlength=len(values))
        kept = weights > 0.0
        return Points(np.asarray(values, dtype=float)[kept], weights[kept] / np.sum(weights))
    chances = (np.arange(SAMPLE) + 0.5) / SAMPLE
    return Points(distribution.quantile(chances), np.full(SAMPLE, 1.0 / SAMPLE))


@functools.cache
def _scores() -> tuple[np.ndarray, np.ndarray]:
    """Nodes in the normal score and their weights."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    edges = np.linspace(-REACH, REACH, PANELS + 1)
    middle, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * np.diff(edges)
    scores = (middle[:, None] + half[:, None] * nodes).ravel()
    density = np.exp(-0.5 * scores**2) / math.sqrt(2.0 * math.pi)
    found = (half[:, None] * weights).ravel() * density
    return scores, found / np.sum(found)

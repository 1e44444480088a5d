"""Sobol' indices: which uncertain numbers a spread comes from, however crooked the answer.

    first   S_k = Var(E[f | x_k]) / Var(f)            what x_k does by itself
    total   T_k = 1 - Var(E[f | all but x_k]) / Var(f)   and together with others

Two independent samples A and B, and for each number (or group of numbers) a sample that is A with
that column out of B. With means removed,

    S_k = mean(f_B (f_ABk - f_A)) / Var      (Saltelli 2010)
    T_k = mean((f_A - f_ABk)^2) / (2 Var)    (Jansen 1999)

The samples are a scrambled Sobol' sequence; the intervals are bootstrapped over its rows, which for
such a sequence is on the careful side. Correlated numbers are one group: apart, their indices have
no meaning that all agree on.

Source: A. Saltelli et al., Computer Physics Communications 181 (2010) 259; M. J. W. Jansen,
Computer Physics Communications 117 (1999) 35.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.stats import qmc

RESAMPLES = 500
"""Bootstrap samples behind an interval."""
INTERVAL = (2.5, 97.5)
"""Ends of an interval [percent]."""
LEAST = 2.0**-54
"""A chance is never 0 and never 1."""


@dataclasses.dataclass(frozen=True)
class Index:
    """Both indices of one group, with the intervals of 95 % of the bootstrap."""

    first: float
    first_low: float
    first_high: float
    total: float
    total_low: float
    total_high: float


def chances(count: int, columns: int, groups: Sequence[Sequence[int]], seed: int) -> np.ndarray:
    """The chances to be flown, [count, groups + 2, columns]: A, then A with a group of B, then B.

    Args:
        count: rows of A and of B; a power of two keeps the sequence balanced.
        columns: how many numbers there are.
        groups: of columns that are swapped together.
        seed: of the scrambling.
    """
    sequence = qmc.Sobol(2 * columns, scramble=True, rng=np.random.default_rng(seed))
    points = np.clip(sequence.random(count), LEAST, 1.0 - 2.0 * LEAST)
    one, other = points[:, :columns], points[:, columns:]
    found = np.repeat(one[:, None, :], len(groups) + 2, axis=1)
    for k, group in enumerate(groups):
        found[:, k + 1, list(group)] = other[:, list(group)]
    found[:, -1] = other
    return found


def indices(values: np.ndarray, seed: int, resamples: int = RESAMPLES) -> list[Index]:
    """The indices of each group, from what was flown.

    Args:
        values: of one figure, [count, groups + 2], in the order of `chances`; no NaN.
        seed: of the bootstrap.
        resamples: of the bootstrap.

    Returns:
        One `Index` for each group; NaN where the figure does not vary.
    """
    centred = values - np.mean(values)
    found = _estimate(centred)
    chance = np.random.default_rng(seed)
    count = len(centred)
    drawn = np.array(
        [_estimate(centred[chance.integers(0, count, count)]) for _ in range(resamples)]
    )
    low, high = np.percentile(drawn, INTERVAL, axis=0)
    return [
        Index(*(float(x) for x in (f, fl, fh, t, tl, th)))
        for f, fl, fh, t, tl, th in zip(
            found[0], low[0], high[0], found[1], low[1], high[1], strict=True
        )
    ]


def _estimate(values: np.ndarray) -> np.ndarray:
    """First and total indices, [2, groups]."""
    one, other, mixed = values[:, :1], values[:, -1:], values[:, 1:-1]
    variance = np.var(np.concatenate([one, other]))
    if variance == 0.0:
        return np.full((2, mixed.shape[1]), np.nan)
    first = np.mean(other * (mixed - one), axis=0) / variance
    total = 0.5 * np.mean((one - mixed) ** 2, axis=0) / variance
    return np.stack([first, total])

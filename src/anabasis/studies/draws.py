"""What chance decides: each draw is a pure function of the root seed, the case and the parameter.

    u = Philox(key = SHA-256(seed, path), counter = case)

No draw depends on how many others are drawn, by which worker, or in which order. With the sampler
``random``, adding a parameter changes no other parameter's draws. ``latin`` and ``sobol`` spread
the cases more evenly, and pay for it: a case of ``latin`` also depends on how many cases there are,
a dimension of ``sobol`` on its place in the scenario (append new ones).

A correlation is laid over the chances, before they become values (Gaussian copula): the numbers
asked for are the correlations of the normal scores, which for normal numbers are their own.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import warnings
from collections.abc import Sequence

import numpy as np
from scipy import special
from scipy.stats import qmc

from anabasis.studies.distribution import Distribution

SAMPLERS = ("random", "latin", "sobol")
_BITS = 53
"""A random chance is an odd multiple of 2^-54: never 0, never 1, exact in 64 bits."""
_LEAST, _MOST = 2.0**-54, 1.0 - 2.0**-53
SLACK = 1e-9
"""By how much a pivot of a correlation matrix may be negative from rounding."""


class NoCorrelation(ValueError):
    """The matrix is no correlation: no set of random numbers has it."""


@dataclasses.dataclass(frozen=True)
class Draws:
    """The uncertain numbers of a scenario, ready to be drawn.

    Attributes:
        paths: of the numbers, in the order of the scenario.
        distributions: one for each.
        mixing: lower triangle L with L L^T the correlation of the normal scores; identity where
            nothing is correlated.
        seed: root seed.
        sampler: random, latin or sobol.
        count: how many cases there are; only ``latin`` looks at it.
    """

    paths: tuple[str, ...]
    distributions: tuple[Distribution, ...]
    mixing: np.ndarray
    seed: int
    sampler: str = "random"
    count: int = 0

    def of(self, cases: Sequence[int] | np.ndarray) -> np.ndarray:
        """The draws of some cases, [cases, parameters], in the units of the paths."""
        return self.values(self.chances(np.asarray(cases, dtype=np.int64)))

    def values(self, chances: np.ndarray) -> np.ndarray:
        """The values that belong to chances, [cases, parameters], in the units of the paths."""
        columns = [d.quantile(chances[:, k]) for k, d in enumerate(self.distributions)]
        return np.stack(columns, axis=1) if columns else chances

    def chances(self, cases: np.ndarray) -> np.ndarray:
        """The chances of some cases in (0, 1), [cases, parameters], correlated."""
        own = np.empty((len(cases), len(self.paths)))
        if self.sampler == "sobol" and self.paths:
            own[:] = _sobol(self.seed, self.paths, cases)
        else:
            for k, path in enumerate(self.paths):
                own[:, k] = _random(self.seed, path, cases)
                if self.sampler == "latin":
                    strata = _strata(self.seed, path, self.count)
                    own[:, k] = (strata[cases] + own[:, k]) / self.count
        own = np.clip(own, _LEAST, _MOST)  # a stratum's last digit may round up to one
        return self.mixed(own)

    def mixed(self, own: np.ndarray) -> np.ndarray:
        """Chances of numbers that are each on their own, tied together as the scenario says."""
        mixed = own.copy()
        for k, row in enumerate(self.mixing):
            if row[k] == 1.0:
                continue  # on its own: its chance stays as it is, bit for bit
            scores = special.ndtri(own[:, : k + 1])
            # added in order, not by a matrix product, whose last digit depends on the shape
            score = np.zeros(len(own))
            for weight, column in zip(row[: k + 1], scores.T, strict=True):
                score = score + weight * column
            mixed[:, k] = np.clip(special.ndtr(score), _LEAST, _MOST)
        return mixed


def mixing_of(correlation: np.ndarray) -> np.ndarray:
    """The lower triangle L of a correlation matrix, C = L L^T (Cholesky); C may be singular.

    Raises:
        NoCorrelation: where the matrix is not symmetric with ones on its diagonal, or has a
            negative eigenvalue.
    """
    matrix = np.asarray(correlation, dtype=float)
    size = matrix.shape[0]
    if matrix.shape != (size, size) or not np.array_equal(matrix, matrix.T):
        raise NoCorrelation("the correlations are not the same both ways")
    if not np.all(np.diag(matrix) == 1.0) or np.any(np.abs(matrix) > 1.0):
        raise NoCorrelation("a correlation lies between -1 and 1, and is 1 with itself")
    lower = np.zeros_like(matrix)
    for j in range(size):
        pivot = matrix[j, j] - float(np.sum(lower[j, :j] ** 2))
        if pivot < -SLACK:
            least = float(np.min(np.linalg.eigvalsh(matrix)))
            raise NoCorrelation(f"together they are impossible: least eigenvalue {least:.3g}")
        lower[j, j] = np.sqrt(pivot) if pivot > SLACK else 0.0
        for i in range(j + 1, size):
            rest = matrix[i, j] - float(np.sum(lower[i, :j] * lower[j, :j]))
            if lower[j, j] > 0.0:
                lower[i, j] = rest / lower[j, j]
            elif abs(rest) > np.sqrt(SLACK):
                raise NoCorrelation("together they are impossible: least eigenvalue below zero")
    return lower


def _key(seed: int, path: str, purpose: str) -> np.ndarray:
    digest = hashlib.sha256(f"{purpose}\0{seed}\0{path}".encode()).digest()
    return np.frombuffer(digest[:16], dtype="<u8").astype(np.uint64)


def _words(key: np.ndarray, cases: np.ndarray) -> np.ndarray:
    """One 64-bit word per case: the first of the block that Philox makes at this counter."""
    words = np.empty(len(cases), dtype=np.uint64)
    if not len(cases):
        return words
    # whole runs of neighbouring cases at once: the counter goes up by one every four words
    breaks = np.flatnonzero(np.diff(cases) != 1) + 1
    for run in np.split(np.arange(len(cases)), breaks):
        first = int(cases[run[0]])
        stream = np.random.Philox(key=key, counter=np.array([first, 0, 0, 0], dtype=np.uint64))
        words[run] = stream.random_raw(4 * len(run))[::4]
    return words


def _random(seed: int, path: str, cases: np.ndarray) -> np.ndarray:
    words = _words(_key(seed, path, "draw"), cases)
    return ((words >> np.uint64(64 - _BITS)).astype(np.float64) + 0.5) * 2.0**-_BITS


@functools.lru_cache(maxsize=64)
def _strata(seed: int, path: str, count: int) -> np.ndarray:
    """Which of the equal strata of a parameter each case falls into."""
    stream = np.random.Generator(np.random.Philox(key=_key(seed, path, "latin")))
    return stream.permutation(count)


def _sobol(seed: int, paths: tuple[str, ...], cases: np.ndarray) -> np.ndarray:
    """Points of Sobol' sequence, each dimension shifted by its own random digits.

    The sequence has 32 digits; the rest of each chance is the case's own.
    """
    shifts = np.array([int(_key(seed, path, "sobol")[0]) >> 32 for path in paths], dtype=np.int64)
    result = np.empty((len(cases), len(paths)))
    breaks = np.flatnonzero(np.diff(cases) != 1) + 1
    for run in np.split(np.arange(len(cases)), breaks) if len(cases) else ():
        sequence = qmc.Sobol(len(paths), scramble=False, bits=32)
        if first := int(cases[run[0]]):
            sequence.fast_forward(first)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # balance is the user's choice of n
            points = sequence.random(len(run))
        digits = (points * 2.0**32).astype(np.int64) ^ shifts
        for k, path in enumerate(paths):
            result[run, k] = (digits[:, k] + _random(seed, path, cases[run])) * 2.0**-32
    return result

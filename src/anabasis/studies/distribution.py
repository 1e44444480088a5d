"""How one uncertain number is distributed: from a chance in (0, 1) to a value, by the inverse.

Everything is drawn through the inverse of the distribution function, so that a truncated
distribution needs no rejection (a case never looks at another case's chance) and a correlation can
be laid over any of them.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
from scipy import special

KEPT_AT_LEAST = 1e-9
"""A cut that keeps less of a distribution than this is taken for a mistake."""


@dataclasses.dataclass(frozen=True)
class Distribution:
    """One distribution, in the unit of the number it belongs to.

    Attributes:
        kind: normal, uniform, triangular, lognormal, beta, discrete or empirical.
        nominal: the undisturbed value; the mean of a normal and of a lognormal.
        sigma: standard deviation (normal, lognormal).
        low, high: cuts (normal, lognormal) or bounds (uniform, triangular, beta).
        mode: the most likely value (triangular).
        alpha, beta: the shape (beta).
        values: of a discrete one, or the sample of an empirical one.
        weights: of the values of a discrete one.
    """

    kind: str
    nominal: float
    sigma: float = 0.0
    low: float = -math.inf
    high: float = math.inf
    mode: float = math.nan
    alpha: float = math.nan
    beta: float = math.nan
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()

    def problem(self) -> tuple[str, str]:
        """What is wrong with it, as the key and the sentence; two empty texts where nothing is."""
        bounded = self.kind in ("uniform", "triangular", "beta")
        if bounded and not (math.isfinite(self.low) and math.isfinite(self.high)):
            return "low", f"a {self.kind} distribution has low and high"
        if not self.low < self.high:
            return "low", f"low is not below high ({self.high:g})"
        if self.kind in ("normal", "lognormal"):
            if not self.sigma >= 0.0:
                return "sigma", "a standard deviation is not negative"
            if self.kind == "lognormal" and not self.nominal > 0.0:
                return (
                    "path",
                    f"a lognormal number is positive, its nominal is {self.nominal:g}",
                )
            if self.sigma == 0.0 and not self.low <= self.nominal <= self.high:
                return "low", f"the cut leaves nothing: without spread it is {self.nominal:g}"
            if self.sigma > 0.0 and self._kept() < KEPT_AT_LEAST:
                return "low", f"the cut keeps {self._kept():.1e} of the distribution"
        if self.kind == "triangular" and not self.low <= self._peak() <= self.high:
            return "mode", f"the most likely value, {self._peak():g}, is not between low and high"
        if self.kind == "beta" and not (self.alpha > 0.0 and self.beta > 0.0):
            return "alpha", "a beta distribution has alpha and beta"
        if self.kind in ("discrete", "empirical"):
            return self._problem_of_values()
        return "", ""

    def _problem_of_values(self) -> tuple[str, str]:
        least = 1 if self.kind == "discrete" else 2
        if len(self.values) < least:
            return "values", f"a distribution that is {self.kind} has at least {least} values"
        if self.kind == "empirical" and self.weights:
            return "weights", "a sample has no weights: each value counts once"
        if self.weights and len(self.weights) != len(self.values):
            return "weights", f"{len(self.weights)} weights for {len(self.values)} values"
        if self.weights and not sum(self.weights) > 0.0:
            return "weights", "every weight is zero"
        return "", ""

    def quantile(self, chance: Any) -> np.ndarray:
        """The value below which a draw lies with this chance.

            x = F^-1(u)

        Args:
            chance: in the open interval (0, 1), any shape.
        """
        u = np.asarray(chance, dtype=float)
        return getattr(self, f"_{self.kind}")(u)

    def _standard_cuts(self) -> tuple[float, float]:
        """The cuts of a normal or lognormal number, in standard deviations of its normal."""
        if self.kind == "normal":
            return (self.low - self.nominal) / self.sigma, (self.high - self.nominal) / self.sigma
        mean, spread = self._of_the_logarithm()
        low = (math.log(self.low) - mean) / spread if self.low > 0.0 else -math.inf
        high = -math.inf if self.high <= 0.0 else (math.log(self.high) - mean) / spread
        return low, high

    def _kept(self) -> float:
        low, high = self._standard_cuts()
        if low > 0.0:  # the difference of two small tails, not of two numbers near one
            low, high = -high, -low
        return float(special.ndtr(high) - special.ndtr(low))

    def _cut_normal(self, u: np.ndarray) -> np.ndarray:
        """A standard normal draw between the cuts."""
        low, high = self._standard_cuts()
        if low == -math.inf and high == math.inf:
            return special.ndtri(u)
        mirrored = low > 0.0
        if mirrored:
            low, high, u = -high, -low, 1.0 - u
        below, above = special.ndtr(low), special.ndtr(high)
        z = np.clip(special.ndtri(below + u * (above - below)), low, high)
        return -z if mirrored else z

    def _of_the_logarithm(self) -> tuple[float, float]:
        variance = math.log1p((self.sigma / self.nominal) ** 2)
        return math.log(self.nominal) - 0.5 * variance, math.sqrt(variance)

    def _normal(self, u: np.ndarray) -> np.ndarray:
        if self.sigma == 0.0:
            return np.full_like(u, self.nominal)
        z = self._cut_normal(u)
        return np.clip(self.nominal + self.sigma * z, self.low, self.high)

    def _lognormal(self, u: np.ndarray) -> np.ndarray:
        if self.sigma == 0.0:
            return np.full_like(u, self.nominal)
        mean, spread = self._of_the_logarithm()
        return np.clip(np.exp(mean + spread * self._cut_normal(u)), self.low, self.high)

    def _uniform(self, u: np.ndarray) -> np.ndarray:
        return self.low + u * (self.high - self.low)

    def _peak(self) -> float:
        return self.nominal if math.isnan(self.mode) else self.mode

    def _triangular(self, u: np.ndarray) -> np.ndarray:
        low, high, peak = self.low, self.high, self._peak()
        width = high - low
        rising = low + np.sqrt(u * width * (peak - low))
        falling = high - np.sqrt((1.0 - u) * width * (high - peak))
        return np.where(u * width < peak - low, rising, falling)

    def _beta(self, u: np.ndarray) -> np.ndarray:
        share = special.betaincinv(self.alpha, self.beta, u)
        return self.low + share * (self.high - self.low)

    def _discrete(self, u: np.ndarray) -> np.ndarray:
        weights = np.asarray(self.weights or [1.0] * len(self.values), dtype=float)
        steps = np.cumsum(weights) / np.sum(weights)
        which = np.searchsorted(steps, u, side="left")
        return np.asarray(self.values, dtype=float)[np.minimum(which, len(self.values) - 1)]

    def _empirical(self, u: np.ndarray) -> np.ndarray:
        """Between the values of a sample, in order, linearly."""
        ordered = np.sort(np.asarray(self.values, dtype=float))
        return np.interp(u, np.linspace(0.0, 1.0, ordered.size), ordered)

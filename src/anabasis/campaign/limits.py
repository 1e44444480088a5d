"""Limits: a figure, the bound it must keep, and where the bound comes from."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Literal


@dataclasses.dataclass(frozen=True)
class Limit:
    """One limit on one figure, both in the unit of the figure's name."""

    name: str
    figure: str
    value: float
    limit: float
    sense: Literal["at most", "at least"]
    unit: str
    source: str
    confidence: str

    @property
    def met(self) -> bool:
        """True where the value keeps the limit; a value that is not a number does not."""
        if not math.isfinite(self.value):
            return False
        return self.value <= self.limit if self.sense == "at most" else self.value >= self.limit


def at_most(
    figures: Mapping[str, float],
    name: str,
    figure: str,
    limit: float,
    unit: str,
    source: str,
    confidence: str,
) -> Limit:
    """The limit that a figure stays at or below a bound."""
    return Limit(name, figure, figures[figure], limit, "at most", unit, source, confidence)


def at_least(
    figures: Mapping[str, float],
    name: str,
    figure: str,
    limit: float,
    unit: str,
    source: str,
    confidence: str,
) -> Limit:
    """The limit that a figure stays at or above a bound."""
    return Limit(name, figure, figures[figure], limit, "at least", unit, source, confidence)

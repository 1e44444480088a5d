"""What the rover's generator yields and what its work costs, sol by sol.

    generator --> battery --> hotel load, then drive or drill, then what is left charges

Loads no jax: numbers alone, for one rover and one sol; arrays pass through as they come.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from anabasis.units import SOL, YEAR

WATT_HOUR = 3600.0


@dataclasses.dataclass(frozen=True)
class RoverEnergy:
    """The published and assumed numbers of the rover's energy.

    Attributes:
        power: of the generator at landing [W]; 110 at launch (NASA, `published`).
        fall: of its power per sol; 3.8 % a year (recalled, from Curiosity).
        battery: usable [J]; two of 42 Ah at 28 V (Curiosity's twin; bus recalled).
        hotel: what the rover needs without moving [W] (`assumed`).
        per_metre: drive energy, hotel left out [J/m]; 2.1 Wh/m at 94 m/h (`derived`).
        per_core: energy of abrading, coring and handling a sample on its sol [J] (`assumed`).
    """

    power: float = 108.0
    fall: float = 0.038 * SOL / YEAR
    battery: float = 2.4e3 * WATT_HOUR
    hotel: float = 62.0
    per_metre: float = 2.1 * WATT_HOUR
    per_core: float = 350.0 * WATT_HOUR

    def yielded(self, sol: Any) -> Any:
        """Energy of the generator on a mission sol [J]."""
        return self.power * (1.0 - self.fall) ** sol * SOL

    def spare(self, charge: Any, sol: Any) -> Any:
        """What a sol leaves for driving and drilling [J], with so much in the battery."""
        return charge + self.yielded(sol) - self.hotel * SOL

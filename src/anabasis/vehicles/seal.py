"""How a sealed tube leaks: helium rates of flight-like seals, and what that is of its headspace.

    log rate is linear in 1/T between 1.7e-15 scc/s at -51 C and 1.4e-13 scc/s at +42 C

Loads no jax.
"""

from __future__ import annotations

import math

COLD, WARM = (222.15, 1.7e-15), (315.15, 1.4e-13)
"""Temperature [K] and leak [scc/s] of one flight-like seal, helium (Osterhout et al. 2024)."""
WORST = 1e-10
"""No flight-like seal leaked more than the detector's limit [scc/s] (Osterhout et al. 2024)."""
BORE_AREA = 1.327e-4
"""Of a core of 13 mm [m2] (NASA)."""
BORE_LENGTH = 0.104
"""Length inside the closed tube [m] (`assumed`: leaves 4 to 8 cm3 above a usual core)."""
FILL_PRESSURE, FILL_TEMPERATURE = 700.0, 240.0
"""Air of Mars when the tube was closed [Pa, K] (`assumed`: 6 to 8 mbar)."""
STANDARD_PRESSURE, STANDARD_TEMPERATURE = 101325.0, 273.15


def leak_rate(temperature: float) -> float:
    """Helium leak of one seal at a temperature [K], in scc/s; carried on beyond the two ends."""
    (cold, low), (warm, high) = COLD, WARM
    share = (1.0 / cold - 1.0 / temperature) / (1.0 / cold - 1.0 / warm)
    return low * math.exp(share * math.log(high / low))


def leaked(rate: float, duration: float) -> float:
    """What leaks at a rate [scc/s] in a time [s], in standard cubic centimetres."""
    return rate * duration


def headspace(core_length: float | None) -> float:
    """Volume above the core [m3]; the whole bore where there is none."""
    return BORE_AREA * max(BORE_LENGTH - (core_length or 0.0), 0.0)


def gas_inside(volume: float) -> float:
    """Air of Mars in a volume [m3], in standard cubic centimetres."""
    standard = FILL_PRESSURE / STANDARD_PRESSURE * STANDARD_TEMPERATURE / FILL_TEMPERATURE
    return 1e6 * volume * standard

"""The rocket waits for its season: how warm its grain stays, sol by sol, and until when it can.

Plain data in, plain data out; the season comes from the calendar, the warmth of air and ground from
`worlds.ground_temperature`. Loads no jax.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from anabasis.units import SOL
from anabasis.vehicles.igloo import KWH, Evening, Igloo, hold, ready
from anabasis.worlds import calendar
from anabasis.worlds.ground_temperature import dust_of_season, sol_of, sunlight

STORM_DEPTH = 4.0
"""Optical depth of a global storm (`assumed`)."""


@dataclasses.dataclass(frozen=True)
class Wait:
    """The rocket on the lander from touchdown on.

    Attributes:
        evenings: one per sol.
        seasons: solar longitude of each sol [rad].
        failed: first sol (from touchdown) on which the grain falls below its floor, or None.
        open: first sol, from the one wanted on, at which the season allows a launch and the grain
            has never been below its floor, or None.
    """

    evenings: tuple[Evening, ...]
    seasons: tuple[float, ...]
    failed: int | None
    open: int | None


def wait(
    igloo: Igloo,
    touchdown: float,
    sols: int,
    latitude: float,
    *,
    wanted: int = 0,
    closed: tuple[float, float] = (math.radians(180.0), math.radians(330.0)),
    storm: tuple[int, int] | None = None,
    dead_zones: int = 0,
) -> Wait:
    """Keep the rocket for so many sols.

    Args:
        igloo: what keeps it warm.
        touchdown: TDB epoch [s].
        sols: how many to look at.
        latitude: of the lander [rad].
        wanted: sol from which a launch is wanted.
        closed: no launch between these solar longitudes [rad].
        storm: first and last sol of a global storm, or none.
        dead_zones: heaters that do not work.
    """
    evening = ready(igloo)
    evenings: list[Evening] = []
    seasons: list[float] = []
    failed = opened = None
    for sol in range(sols):
        season = calendar.solar_longitude(touchdown + sol * SOL)
        raging = storm is not None and storm[0] <= sol <= storm[1]
        dust = STORM_DEPTH if raging else dust_of_season(season)
        _, air = sol_of(latitude, season, dust)
        light = sunlight(latitude, season, dust)
        evening = hold(igloo, evening, light, air, sol, dead_zones)
        evenings.append(evening)
        seasons.append(season)
        if failed is None and evening.grain < igloo.floor:
            failed = sol
        shut = closed[0] <= season < closed[1]
        if opened is None and sol >= wanted and not shut and failed is None:
            opened = sol
    return Wait(tuple(evenings), tuple(seasons), failed, opened)


def told(found: Wait, igloo: Igloo) -> dict[str, Any]:
    """The wait in names with units, and a sentence."""
    heater = [evening.heater / KWH for evening in found.evenings]
    grain = [evening.grain for evening in found.evenings]
    if found.failed is not None:
        sentence = f"the grain falls below {igloo.floor:.0f} K on sol {found.failed} of the wait"
    else:
        sentence = "the grain is kept warm throughout"
    if found.open is None:
        sentence += "; no sol looked at allows a launch"
    else:
        sentence += f"; a launch is possible from sol {found.open} of the wait on"
    return {
        "sols": len(grain),
        "grain_minimum_K": min(grain),
        "heater_maximum_kWh_per_sol": max(heater),
        "heater_mean_kWh_per_sol": sum(heater) / len(heater),
        "yield_minimum_kWh_per_sol": min(e.yielded for e in found.evenings) / KWH,
        "battery_minimum_kWh": min(e.charge for e in found.evenings) / KWH,
        "first_failed_sol": found.failed,
        "first_open_sol": found.open,
        "by_season": [
            {
                "solar_longitude_deg": math.degrees(found.seasons[at]),
                "heater_kWh_per_sol": heater[at],
                "yield_kWh_per_sol": found.evenings[at].yielded / KWH,
                "grain_K": grain[at],
            }
            for at in range(0, len(grain), 30)
        ],
        "sentence": sentence,
        "confidence": "assumed",
    }

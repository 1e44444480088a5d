"""The rocket waits for its season: how warm its grain stays, sol by sol, and until when it can.

The season comes from the calendar, the warmth of air and ground from `worlds.ground_temperature`;
the march flies the same sols, case by case, in its surface phase (`phases.surface`).
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array
from anabasis.units import SOL
from anabasis.vehicles.igloo import KWH, Igloo, Night, hold, ready
from anabasis.worlds import calendar
from anabasis.worlds.ground_temperature import dust_of_season, sol_of, sunlight

STORM_DEPTH = 4.0
"""Optical depth of a global storm (`assumed`)."""
_STEP = 10
"""Degrees of solar longitude between two sols whose weather is worked out; linear between them."""

Means = Float[np.ndarray, " n"]


@dataclasses.dataclass(frozen=True)
class Weather:
    """Means of each sol: of sunlight on level ground [W/m2] and of the air [K], shape (n,).

    ``storm_light`` and ``storm_air`` are the same under a global storm.
    """

    light: Means
    air: Means
    storm_light: Means
    storm_air: Means


@functools.cache
def _year(latitude: float, depth: float | None) -> tuple[Means, Means, Means]:
    degrees = np.arange(0, 360 + _STEP, _STEP)
    light, air = [], []
    for degree in degrees:
        season = math.radians(int(degree) % 360)
        dust = dust_of_season(season) if depth is None else depth
        light.append(float(sunlight(latitude, season, dust).mean()))
        air.append(float(sol_of(latitude, season, dust)[1].mean()))
    return np.radians(degrees), np.array(light), np.array(air)


def weather(latitude: float, seasons: Means) -> Weather:
    """The weather of sols at a latitude [rad], by their solar longitudes [rad]."""
    place = round(latitude, 4)
    where = np.mod(seasons, 2.0 * np.pi)

    def found(depth: float | None) -> tuple[Means, Means]:
        degrees, light, air = _year(place, depth)
        return np.interp(where, degrees, light), np.interp(where, degrees, air)

    return Weather(*found(None), *found(STORM_DEPTH))


@dataclasses.dataclass(frozen=True)
class Wait:
    """The rocket on the lander from touchdown on.

    Attributes:
        nights: fields of shape (sols,), one entry per sol.
        seasons: solar longitude of each sol [rad].
        failed: first sol (from touchdown) on which the grain falls below its floor, or None.
        open: first sol, from the one wanted on, at which the season allows a launch and the grain
            has never been below its floor, or None.
    """

    nights: Night
    seasons: tuple[float, ...]
    failed: int | None
    open: int | None


@eqx.filter_jit
def _nights(igloo: Igloo, sky: tuple[Array, Array, Array, Array]) -> Night:
    def one(before: Night, tick: tuple[Array, ...]) -> tuple[Night, Night]:
        index, light, air, storm_light, storm_air = tick
        since = index * SOL - igloo.storm_after
        raging = (since >= 0.0) & (since < igloo.storm_length)
        after = hold(
            igloo,
            before,
            jnp.where(raging, storm_light, light),
            jnp.where(raging, storm_air, air),
        )
        return after, after

    index = jnp.arange(sky[0].shape[0], dtype=float)
    igloo = jax.tree.map(jnp.asarray, igloo)
    return jax.lax.scan(one, ready(igloo), (index, *sky))[1]


def wait(
    igloo: Igloo,
    touchdown: float,
    sols: int,
    latitude: float,
    *,
    wanted: int = 0,
    closed: tuple[float, float] = (math.radians(180.0), math.radians(330.0)),
) -> Wait:
    """Keep the rocket for so many sols.

    Args:
        igloo: what keeps it warm, and the storm it meets, if any.
        touchdown: TDB epoch [s].
        sols: how many to look at.
        latitude: of the lander [rad].
        wanted: sol from which a launch is wanted.
        closed: no launch between these solar longitudes [rad].
    """
    seasons = [calendar.solar_longitude(touchdown + sol * SOL) for sol in range(sols)]
    above = weather(latitude, np.asarray(seasons))
    light, air, storm_light, storm_air = (
        jnp.asarray(one) for one in (above.light, above.air, above.storm_light, above.storm_air)
    )
    nights = jax.device_get(_nights(igloo, (light, air, storm_light, storm_air)))
    cold = np.asarray(nights.grain) < float(igloo.floor)
    failed = int(np.argmax(cold)) if cold.any() else None
    full = 2.0 * math.pi
    season = np.asarray(seasons)
    shut = np.mod(season - closed[0], full) < (closed[1] - closed[0]) % full
    free = ~shut & (np.arange(sols) >= wanted)
    if failed is not None:
        free &= np.arange(sols) < failed
    opened = int(np.argmax(free)) if free.any() else None
    return Wait(nights, tuple(seasons), failed, opened)


def told(found: Wait, igloo: Igloo) -> dict[str, Any]:
    """The wait in names with units, and a sentence."""
    heater = [float(one) / KWH for one in np.asarray(found.nights.heater)]
    grain = [float(one) for one in np.asarray(found.nights.grain)]
    yields = [float(one) / KWH for one in np.asarray(found.nights.yielded)]
    if found.failed is not None:
        sentence = (
            f"the grain falls below {float(igloo.floor):.0f} K on sol {found.failed} of the wait"
        )
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
        "yield_minimum_kWh_per_sol": min(yields),
        "battery_minimum_kWh": float(np.asarray(found.nights.charge).min()) / KWH,
        "first_failed_sol": found.failed,
        "first_open_sol": found.open,
        "by_season": [
            {
                "solar_longitude_deg": math.degrees(found.seasons[at]),
                "heater_kWh_per_sol": heater[at],
                "yield_kWh_per_sol": yields[at],
                "grain_K": grain[at],
            }
            for at in range(0, len(grain), 30)
        ],
        "sentence": sentence,
        "confidence": "assumed",
    }

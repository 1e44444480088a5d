"""The igloo that keeps the waiting rocket warm, the array that feeds it, and its grain.

    array --> battery --> lander's own load, then heaters --> grain --(0.6 W/K)--> air

One sol is one pure step: energy in, energy out, and how far the grain cools where it is not enough.
It knows no planet: sunlight and air come from outside, as their means over the sol.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar
from anabasis.units import SOL, quantity

KWH = 3.6e6
"""Joules of a kilowatt-hour."""
_ASSUMED = "engineering default (docs/tubes.md): no published design was found"


def _number(unit: str, meaning: str, default: float, maximum: float, minimum: float = 0.0) -> Any:
    return quantity(
        unit, meaning, minimum=minimum, maximum=maximum, default=default, source=_ASSUMED
    )


class Igloo(eqx.Module):
    """The table ``[surface.igloo]``; everything is `assumed`: no published design was found.

    Attributes:
        held, floor: temperature at which heaters hold the grain, and that it must not go below [K].
        conductance: from grain to air [W/K].
        zones: heaters; with some of them dead the rest can give only their share.
        dead_zones: heaters that do not work.
        zone_power: of one heater [W].
        heat_capacity: of grain and structure [J/K].
        array, efficiency: of the solar array [m2, 1].
        dust_per_sol: share of the array's yield lost each sol.
        battery: [J].
        load: what the lander itself needs [W].
        source_power: electric power of a radioisotope source [W]; with an array of 0 m2 the lander
            lives on it alone.
        storm_after, storm_length: a global storm, from touchdown, and how long it rages [s, whole
            sols]; no length, no storm.
    """

    held: Scalar = _number("K", "temperature at which the grain is held", 253.0, 350.0, 100.0)
    floor: Scalar = _number("K", "temperature below which the grain is lost", 233.0, 350.0, 100.0)
    conductance: Scalar = quantity(
        "W_K",
        "conductance from grain to air",
        above=0.0,
        maximum=100.0,
        default=0.6,
        source=_ASSUMED,
    )
    zones: Scalar = _number("", "heaters", 16.0, 1000.0)
    dead_zones: Scalar = _number("", "heaters that do not work", 0.0, 1000.0)
    zone_power: Scalar = _number("W", "power of one heater", 5.0, 1000.0)
    heat_capacity: Scalar = quantity(
        "kJ_K",
        "heat capacity of grain and structure",
        above=0.0,
        maximum=1e5,
        default=330.0,
        source=_ASSUMED,
    )
    array: Scalar = _number("m2", "area of the solar array", 6.2, 1000.0)
    efficiency: Scalar = _number("", "efficiency of the solar array", 0.25, 1.0)
    dust_per_sol: Scalar = _number("", "share of the yield lost to dust each sol", 0.003, 0.5)
    battery: Scalar = _number("kWh", "usable energy of the battery", 3.0, 1000.0)
    load: Scalar = _number("W", "what the lander itself needs", 40.0, 10000.0)
    source_power: Scalar = _number("W", "power of a radioisotope source", 0.0, 10000.0)
    storm_after: Scalar = _number("sol", "from touchdown to a global storm", 0.0, 4000.0)
    storm_length: Scalar = _number("sol", "how long a global storm rages", 0.0, 1000.0)


class Night(eqx.Module):
    """How the rocket stands at the end of a sol.

    Attributes:
        grain: temperature [K].
        charge: of the battery [J].
        heater: energy the heaters took in the sol [J].
        wanted: energy they would have needed to hold the grain [J].
        yielded: energy of the array or source in the sol [J].
        clean: share of the array's yield that dust leaves.
    """

    grain: Scalar
    charge: Scalar
    heater: Scalar
    wanted: Scalar
    yielded: Scalar
    clean: Scalar


def hold(igloo: Igloo, before: Night, light: Scalar, air: Scalar) -> Night:
    """One sol of keeping the grain warm.

        T(t) = T_air + P / G + (T_0 - T_air - P / G) exp(-G t / C)

    Args:
        igloo: see there.
        before: how it stood in the evening before.
        light: mean sunlight on level ground through the sol [W/m2].
        air: mean temperature of the air through the sol [K].

    Returns:
        How it stands a sol later. The heaters give what brings the grain to ``held`` by the end of
        the sol, limited by their power, the energy there is, and never below nothing.
    """
    yielded = SOL * (light * igloo.array * igloo.efficiency * before.clean + igloo.source_power)
    there = before.charge + yielded - SOL * igloo.load
    decay = jnp.exp(-SOL * igloo.conductance / igloo.heat_capacity)
    target = (igloo.held - before.grain * decay) / (1.0 - decay)
    wanted = SOL * jnp.maximum(igloo.conductance * (target - air), 0.0)
    most = SOL * igloo.zone_power * jnp.maximum(igloo.zones - igloo.dead_zones, 0.0)
    heater = jnp.maximum(jnp.minimum(jnp.minimum(wanted, most), there), 0.0)
    reached = air + heater / SOL / igloo.conductance
    grain = reached + (before.grain - reached) * decay
    charge = jnp.clip(there - heater, 0.0, igloo.battery)
    return Night(grain, charge, heater, wanted, yielded, before.clean * (1.0 - igloo.dust_per_sol))


def ready(igloo: Igloo) -> Night:
    """The rocket at touchdown: held temperature, full battery, clean array."""
    none = jnp.asarray(0.0)
    return Night(
        jnp.asarray(igloo.held), jnp.asarray(igloo.battery), none, none, none, jnp.asarray(1.0)
    )

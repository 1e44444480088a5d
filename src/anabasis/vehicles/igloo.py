"""The igloo that keeps the waiting rocket warm, the array that feeds it, and its grain.

    array --> battery --> lander's own load, then heaters --> grain --(0.6 W/K)--> air

One sol is one pure step: energy in, energy out, and how far the grain cools where it is not enough.
It knows no planet: sunlight and air come from outside. Loads no jax.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

from anabasis.units import SOL

Day = Float[np.ndarray, " n"]
KWH = 3.6e6
"""Joules of a kilowatt-hour."""


@dataclasses.dataclass(frozen=True)
class Igloo:
    """Everything is `assumed` (docs/tubes.md): no published design was found.

    Attributes:
        held, floor: temperature at which heaters hold the grain, and that it must not go below [K].
        conductance: from grain to air [W/K].
        zones: heaters; with some of them dead the rest can give only their share.
        zone_power: of one heater [W].
        heat_capacity: of grain and structure [J/K].
        array, efficiency: of the solar array [m2, 1]; with no array there is `source_power`.
        dust_per_sol: share of the array's yield lost each sol.
        battery: [J].
        load: what the lander itself needs [W].
        source_power: electric power of a radioisotope source [W].
    """

    held: float = 253.0
    floor: float = 233.0
    conductance: float = 0.6
    zones: int = 16
    zone_power: float = 5.0
    heat_capacity: float = 330e3
    array: float = 6.2
    efficiency: float = 0.25
    dust_per_sol: float = 0.003
    battery: float = 3.0 * KWH
    load: float = 40.0
    source_power: float = 0.0


@dataclasses.dataclass(frozen=True)
class Evening:
    """How the rocket stands at the end of a sol.

    Attributes:
        grain: temperature [K].
        charge: of the battery [J].
        heater: energy the heaters took in the sol [J].
        wanted: energy they would have needed to hold the grain [J].
        yielded: energy of the array or source in the sol [J].
    """

    grain: float
    charge: float
    heater: float
    wanted: float
    yielded: float


def hold(igloo: Igloo, before: Evening, light: Day, air: Day, age: int, dead: int = 0) -> Evening:
    """One sol of keeping the grain warm.

    Args:
        igloo: see there.
        before: how it stood in the evening before.
        light: sunlight on level ground through the sol [W/m2], shape (n,).
        air: temperature of the air through the sol [K], shape (n,).
        age: sols that the array has gathered dust.
        dead: heater zones that do not work.

    Returns:
        How it stands a sol later. The heaters give what keeps the grain at ``held`` on the average
        of the sol, limited by their power, the energy there is, and never below nothing.
    """
    clean = (1.0 - igloo.dust_per_sol) ** age
    yielded = SOL * (float(light.mean()) * igloo.array * igloo.efficiency * clean)
    yielded += SOL * igloo.source_power
    there = before.charge + yielded - SOL * igloo.load
    mean_air = float(air.mean())
    decay = float(np.exp(-SOL * igloo.conductance / igloo.heat_capacity))
    # Constant power P over the sol: grain -> target with target = air + P / G.
    target = (igloo.held - before.grain * decay) / (1.0 - decay)
    power = max(0.0, igloo.conductance * (target - mean_air))
    wanted = SOL * power
    most = SOL * igloo.zone_power * max(0, igloo.zones - dead)
    heater = max(0.0, min(wanted, most, there))
    reached = mean_air + heater / SOL / igloo.conductance
    grain = reached + (before.grain - reached) * decay
    charge = min(igloo.battery, max(0.0, there - heater))
    return Evening(grain, charge, heater, wanted, yielded)


def ready(igloo: Igloo) -> Evening:
    """The rocket at touchdown: held temperature, full battery."""
    return Evening(igloo.held, igloo.battery, 0.0, 0.0, 0.0)

"""Inside a solid motor: the burning surface sets the pressure, the pressure the thrust.

        burning surface A_b            throat A_t      exit A_e
    |==========================|\\____/
    |   bore  -->  gas  -->       ____   -->
    |==========================|/    \\

Steady at every instant: what the surface gives off goes through the throat at once,

    rho A_b a p^n = p A_t / c*       so       p = (rho a c* A_b / A_t)^(1 / (1 - n))

which is right but for the milliseconds of ignition and burnout. Grains are tubes and rods in tubes
with inhibited ends: their length stays, and the web alone says how much is left.
"""

from __future__ import annotations

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Scalar
from anabasis.units import STANDARD_GRAVITY

GAS_CONSTANT = 8.31446261815324
"""Universal [J/mol/K]."""


class Propellant(eqx.Module):
    """A propellant: r = a p^n, and the gas it becomes.

    Attributes:
        density: [kg/m^3].
        coefficient: a, with the rate in m/s and the pressure in Pa.
        exponent: n.
        flame_temperature: [K].
        molar_mass: of the gas [kg/mol].
        gamma: ratio of specific heats of the gas.
    """

    density: Scalar
    coefficient: Scalar
    exponent: Scalar
    flame_temperature: Scalar
    molar_mass: Scalar
    gamma: Scalar

    @property
    def characteristic_speed(self) -> Scalar:
        """c* = sqrt(R T / gamma) ((gamma + 1) / 2)^((gamma + 1) / (2 (gamma - 1))) [m/s]."""
        g = self.gamma
        gas = GAS_CONSTANT / self.molar_mass * self.flame_temperature
        return jnp.sqrt(gas / g) * (0.5 * (g + 1.0)) ** (0.5 * (g + 1.0) / (g - 1.0))


class Nozzle(eqx.Module):
    """A nozzle by its cone.

    Attributes:
        throat: diameter [m].
        exit: diameter [m].
        divergence: half angle [rad].
        efficiency: what all losses but that of the cone leave of the thrust.
    """

    throat: Scalar
    exit: Scalar
    divergence: Scalar
    efficiency: Scalar

    @property
    def area_ratio(self) -> Scalar:
        """Exit over throat."""
        return (self.exit / self.throat) ** 2


class TubeGrain(eqx.Module):
    """A tube that burns from its bore outwards, with a rod inside that burns inwards, or without.

    Attributes:
        length: held by the inhibited ends [m].
        outer: diameter [m].
        core: diameter of the bore [m].
        rod: diameter of the rod; nought for none [m].
    """

    length: Scalar
    outer: Scalar
    core: Scalar
    rod: Scalar

    @property
    def web(self) -> Scalar:
        """How deep it burns until nothing is left [m]."""
        return 0.5 * jnp.maximum(self.outer - self.core, self.rod)

    @property
    def volume(self) -> Scalar:
        """[m^3]"""
        return 0.25 * math.pi * self.length * (self.outer**2 - self.core**2 + self.rod**2)

    def surface(self, burnt: Scalar) -> Scalar:
        """Burning surface where ``burnt`` metres of web are gone [m^2]."""
        wall = self.core + 2.0 * burnt
        rod = self.rod - 2.0 * burnt
        return (
            math.pi
            * self.length
            * (jnp.where(wall < self.outer, wall, 0.0) + jnp.where(rod > 0.0, rod, 0.0))
        )


class Firing(eqx.Module):
    """A motor from ignition to burnout, one row for each slice of the web.

    Attributes:
        time: [s].
        pressure: in the chamber [Pa].
        thrust: [N].
        flow: mass flow [kg/s].
        propellant: [kg].
        impulse: [N s].
        specific_impulse: [s].
    """

    time: Float[Array, " slices"]
    pressure: Float[Array, " slices"]
    thrust: Float[Array, " slices"]
    flow: Float[Array, " slices"]
    propellant: Scalar
    impulse: Scalar
    specific_impulse: Scalar


def exit_pressure_ratio(area_ratio: Scalar, gamma: Scalar) -> Scalar:
    """Pressure at the exit over that in the chamber, supersonic branch.

        A_t/A_e = ((g+1)/2)^(1/(g-1)) x^(1/g) sqrt((g+1)/(g-1) (1 - x^((g-1)/g)))

    Found by halving between vacuum and the throat's pressure, 60 times: to the last digits.
    """
    g = gamma
    throat = (2.0 / (g + 1.0)) ** (g / (g - 1.0))
    low, high = jnp.zeros_like(jnp.asarray(throat, dtype=float)), jnp.asarray(throat, dtype=float)
    for _ in range(60):
        x = 0.5 * (low + high)
        opened = (
            (0.5 * (g + 1.0)) ** (1.0 / (g - 1.0))
            * x ** (1.0 / g)
            * jnp.sqrt((g + 1.0) / (g - 1.0) * (1.0 - x ** ((g - 1.0) / g)))
        )
        more = opened * area_ratio < 1.0  # still wider than the nozzle: the pressure is higher
        low, high = jnp.where(more, x, low), jnp.where(more, high, x)
    return 0.5 * (low + high)


def thrust_coefficient(pressure: Scalar, ambient: Scalar, nozzle: Nozzle, gamma: Scalar) -> Scalar:
    """Thrust over chamber pressure and throat area, with the losses of a conical nozzle.

        C = (1 + cos d)/2  e  C_ideal

    Args:
        pressure: in the chamber [Pa].
        ambient: outside [Pa].
        nozzle: its cone.
        gamma: ratio of specific heats.

    Valid: a flow that fills the nozzle. Source: Sutton and Biblarz, Rocket Propulsion Elements,
    chapter 3.
    """
    g = gamma
    ratio = exit_pressure_ratio(nozzle.area_ratio, g)
    speed = jnp.sqrt(
        2.0
        * g
        * g
        / (g - 1.0)
        * (2.0 / (g + 1.0)) ** ((g + 1.0) / (g - 1.0))
        * (1.0 - ratio ** ((g - 1.0) / g))
    )
    ideal = speed + nozzle.area_ratio * (ratio - ambient / pressure)
    return 0.5 * (1.0 + jnp.cos(nozzle.divergence)) * nozzle.efficiency * ideal


def fire(
    grain: TubeGrain, propellant: Propellant, nozzle: Nozzle, ambient: Scalar, slices: int = 400
) -> Firing:
    """Burn a motor to its end, slice by slice of the web.

    Args:
        grain: its shape.
        propellant: what it is made of.
        nozzle: where the gas leaves.
        ambient: pressure outside [Pa].
        slices: of the web; the trapezoid between them is right to the square of their depth.

    Returns:
        The `Firing`.
    """
    area = 0.25 * math.pi * nozzle.throat**2

    def slice_of(burnt: Scalar) -> tuple[Scalar, Scalar, Scalar, Scalar]:
        surface = grain.surface(burnt)
        load = propellant.density * propellant.coefficient * surface / area
        pressure = (load * propellant.characteristic_speed) ** (1.0 / (1.0 - propellant.exponent))
        rate = propellant.coefficient * pressure**propellant.exponent
        push = thrust_coefficient(pressure, ambient, nozzle, propellant.gamma) * pressure * area
        return pressure, jnp.maximum(push, 0.0), propellant.density * surface * rate, rate

    depth = grain.web * jnp.asarray(np.linspace(0.0, 1.0, slices))
    # the last slice's surface is that of a web about to go, not of one that has gone
    burnt = jnp.minimum(depth, grain.web * (1.0 - 1e-9))
    rows: Any = jax.vmap(slice_of)(burnt)
    pressure, thrust, flow, rate = rows
    spent = 0.5 * (depth[1:] - depth[:-1]) * (1.0 / rate[1:] + 1.0 / rate[:-1])
    time = jnp.concatenate([jnp.zeros(1), jnp.cumsum(spent)])
    mass = propellant.density * grain.volume
    impulse = jnp.sum(0.5 * spent * (thrust[1:] + thrust[:-1]))
    return Firing(
        time,
        pressure,
        thrust,
        flow,
        mass,
        impulse,
        impulse / (mass * STANDARD_GRAVITY),
    )

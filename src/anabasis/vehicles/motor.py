"""A solid motor: once lit it burns to the end, and only its shape decides how."""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar, Series
from anabasis.mechanics.table import Table
from anabasis.units import STANDARD_GRAVITY, curve, part, quantity

_ASSUMED = "engineering default (docs/ascent.md)"


class Grain(eqx.Module):
    """What the propellant is like: its shape, its temperature, and how far it strays from the plan.

    Attributes:
        temperature: at ignition [K].
        reference_temperature: that thrust and burn time are told for [K].
        temperature_sensitivity: pi_K, of the chamber pressure at constant geometry [1/K].
        impulse_factor: on the total impulse.
        burn_time_factor: on the burn time, the impulse held.
        density: of the propellant [kg/m^3].
        outer_diameter: [m].
        web_fraction: of the radius that burns, from the bore outwards.
        thrust_curve: shape of the thrust over the burn; only its proportions count.
    """

    temperature: Scalar = quantity(
        "K",
        "temperature of the grain at ignition",
        minimum=150.0,
        maximum=350.0,
        default=253.15,
        source="both development motors were fired at -20 C (MOT23)",
        confidence="published",
    )
    reference_temperature: Scalar = quantity(
        "K",
        "temperature that thrust and burn time are told for",
        minimum=150.0,
        maximum=350.0,
        default=253.15,
        source="both development motors were fired at -20 C (MOT23)",
        confidence="published",
    )
    temperature_sensitivity: Scalar = quantity(
        "percent_K",
        "sensitivity of the chamber pressure to the grain's temperature (pi_K)",
        minimum=0.0,
        maximum=5.0,
        default=0.15,
        source=f"{_ASSUMED}: composite propellants lie between 0.1 and 0.3",
        confidence="assumed",
    )
    impulse_factor: Scalar = quantity(
        "",
        "factor on the total impulse",
        above=0.0,
        maximum=2.0,
        default=1.0,
        source="as told",
        confidence="derived",
    )
    burn_time_factor: Scalar = quantity(
        "",
        "factor on the burn time, the impulse held",
        above=0.0,
        maximum=2.0,
        default=1.0,
        source="as told",
        confidence="derived",
    )
    density: Scalar = quantity(
        "kg_m3",
        "density of the propellant",
        above=0.0,
        maximum=1e4,
        default=1854.5,
        source="GAF: CTPB, aluminium and ammonium perchlorate",
        confidence="published",
    )
    outer_diameter: Scalar = quantity(
        "m",
        "diameter of the grain",
        above=0.0,
        maximum=10.0,
        default=0.40,
        source=f"{_ASSUMED}: inside a case of 0.43 to 0.46 m",
        confidence="assumed",
    )
    web_fraction: Scalar = quantity(
        "",
        "share of the grain's radius that burns",
        above=0.0,
        maximum=1.0,
        default=0.7,
        source=f"{_ASSUMED}: a bore of three tenths of the diameter",
        confidence="assumed",
    )
    thrust_curve: Table | None = curve(
        "time",
        "s",
        "kN",
        "thrust over time; its shape is laid over burn time and impulse",
        minimum=0.0,
        optional=True,
    )


class SolidMotor(eqx.Module):
    """A stage with a solid motor: three of four numbers are given, the fourth follows.

        thrust * burn_time = specific_impulse * g0 * propellant

    Attributes:
        propellant: burnt from ignition to burnout [kg].
        inert: everything that is dropped with the stage [kg].
        thrust: mean over the burn, in vacuum [N].
        burn_time: from ignition to burnout [s].
        specific_impulse: total impulse over the weight of the propellant under g0 [s].
        thrust_regression: k in F(t) = thrust (1 + k (1 - 2 t / burn_time)); the impulse stays.
        grain: the propellant; None is one that burns as told.
    """

    kind: ClassVar[str] = "solid"
    exactly: ClassVar[tuple[tuple[int, tuple[str, ...]], ...]] = (
        (3, ("propellant", "thrust", "burn_time", "specific_impulse")),
    )

    inert: Scalar = quantity("kg", "all that is dropped with the stage", minimum=0.0, maximum=1e5)
    propellant: Scalar | None = quantity(
        "kg", "propellant burnt", above=0.0, maximum=1e6, optional=True
    )
    thrust: Scalar | None = quantity(
        "kN", "mean thrust in vacuum", above=0.0, maximum=1e4, optional=True
    )
    burn_time: Scalar | None = quantity(
        "s", "time from ignition to burnout", above=0.0, maximum=3600.0, optional=True
    )
    specific_impulse: Scalar | None = quantity(
        "s", "specific impulse in vacuum", above=0.0, maximum=1000.0, optional=True
    )
    thrust_regression: Scalar = quantity(
        "",
        "k in F = mean (1 + k (1 - 2 t / burn_time)): 0 burns evenly, positive starts strong",
        minimum=-1.0,
        maximum=1.0,
        default=0.0,
        source="engineering default (docs/conventions.md): "
        "no curve is published (SOL19 says regressive)",
        confidence="assumed",
    )
    grain: Grain | None = part("what the propellant is like", optional=True)


class Burning(eqx.Module):
    """A motor with nothing left open: what a flight needs, all four numbers in place."""

    propellant: Scalar
    thrust: Scalar
    burn_time: Scalar
    specific_impulse: Scalar
    thrust_regression: Scalar

    @property
    def exhaust_speed(self) -> Scalar:
        """Effective exhaust speed: thrust over mass flow [m/s]."""
        return self.specific_impulse * STANDARD_GRAVITY


def burning(motor: SolidMotor) -> Burning:
    """The motor with its fourth number derived from the three that are given.

    Which one is missing is a choice of the scenario; the three others may carry derivatives.

    A grain other than the one the numbers were told for burns faster or slower at the same impulse:

        F = F_ref e^(pi_K dT) f_I / f_t,   t_b = t_ref e^(-pi_K dT) f_t

    Args:
        motor: exactly three of its four numbers are given.

    Returns:
        All four, consistent with one another.

    Raises:
        ValueError: where more or fewer than three are given.
    """
    mass, force, time, impulse = (
        motor.propellant,
        motor.thrust,
        motor.burn_time,
        motor.specific_impulse,
    )
    if mass is None and force is not None and time is not None and impulse is not None:
        mass = force * time / (impulse * STANDARD_GRAVITY)
    elif force is None and mass is not None and time is not None and impulse is not None:
        force = impulse * STANDARD_GRAVITY * mass / time
    elif time is None and mass is not None and force is not None and impulse is not None:
        time = impulse * STANDARD_GRAVITY * mass / force
    elif impulse is None and mass is not None and force is not None and time is not None:
        impulse = force * time / (STANDARD_GRAVITY * mass)
    else:
        raise ValueError(
            "a solid motor takes exactly three of propellant, thrust, burn_time, specific_impulse"
        )
    if motor.grain is not None:
        faster = hotter(motor.grain) / motor.grain.burn_time_factor
        force, time = force * motor.grain.impulse_factor * faster, time / faster
        impulse = impulse * motor.grain.impulse_factor
    return Burning(mass, force, time, impulse, motor.thrust_regression)


def hotter(grain: Grain) -> Scalar:
    """By how much a grain off its reference temperature burns faster.

        p / p_ref = e^(pi_K (T - T_ref))

    At fixed geometry thrust and mass flow follow the chamber pressure, and the web, burnt at
    r = a p^n, is through sooner by the same factor: sigma_p + n pi_K = pi_K, for
    sigma_p = (1 - n) pi_K is the sensitivity of the burning rate at constant pressure.

    Valid: within some tens of kelvin. Left out: the change of specific impulse with pressure.
    """
    return jnp.exp(
        grain.temperature_sensitivity * (grain.temperature - grain.reference_temperature)
    )


SHAPE_CELLS = 128
"""Cells of a tabulated thrust shape."""


def shape(motor: SolidMotor) -> tuple[Series, Series]:
    """Thrust over its mean and share burnt, on a uniform grid over the burn.

    Either the grain's curve, laid over the burn time and scaled so that its mean is one, or the
    straight line of ``thrust_regression``. Between points the thrust is straight and the share
    burnt its exact integral (`at_share`), so all of the propellant is gone at burnout.

    Returns:
        Two tables of `SHAPE_CELLS` + 1 points.
    """
    x = jnp.linspace(0.0, 1.0, SHAPE_CELLS + 1)
    curve = None if motor.grain is None else motor.grain.thrust_curve
    if curve is None:
        push = 1.0 + motor.thrust_regression * (1.0 - 2.0 * x)
    else:
        t0, t1 = curve.argument[0], curve.argument[-1]
        push = jnp.interp(t0 + x * (t1 - t0), curve.argument, curve.value)
    cells = 0.5 * (push[1:] + push[:-1]) / SHAPE_CELLS
    total = jnp.sum(cells)
    gone = jnp.concatenate([jnp.zeros(1), jnp.cumsum(cells)]) / total
    return push / total, gone


def inert_mass(propellant: Scalar) -> Scalar:
    """Empty mass of a solid motor with a titanium case, by the published regression [kg].

        m = 0.2833 Mp^0.789

    Args:
        propellant: [kg].

    Valid: motors of the STAR class, some ten to some thousand kilograms (R^2 = 0.985). Thrust
    vector control is not in it (10 kg in the same study). Source: J. Gaffarel, MAV_sim, 2022.
    """
    return 0.2833 * jnp.asarray(propellant, dtype=float) ** 0.789


def thrust(motor: Burning, since_ignition: Scalar) -> Scalar:
    """The push of the motor at an instant of its burn.

        F(t) = F_mean (1 + k (1 - 2 t / t_b))

    Args:
        motor: complete.
        since_ignition: within the burn, 0 to burn_time [s].

    Returns:
        Thrust in vacuum [N].

    Valid: inside the burn only; the flight switches the motor off by ending the segment. The
    pressure of Mars' air at the nozzle is left out (0.6 kPa on 0.1 m2 is 1 % of the first stage's
    thrust at the ground, gone within two scale heights; published means include no correction).
    """
    fraction = since_ignition / motor.burn_time
    return motor.thrust * (1.0 + motor.thrust_regression * (1.0 - 2.0 * fraction))


def burnt(motor: Burning, since_ignition: Scalar) -> Scalar:
    """The propellant gone at an instant of the burn; mass flow is proportional to thrust.

        m(t) = M (x + k x (1 - x)),   x = t / t_b

    Args:
        motor: complete.
        since_ignition: within the burn, 0 to burn_time [s].

    Returns:
        Mass burnt so far [kg]; exactly all of it at burnout.
    """
    fraction = since_ignition / motor.burn_time
    return motor.propellant * fraction * (1.0 + motor.thrust_regression * (1.0 - fraction))

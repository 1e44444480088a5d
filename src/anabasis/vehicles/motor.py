"""A solid motor: once lit it burns to the end, and only its shape decides how."""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx

from anabasis.mechanics.arrays import Scalar
from anabasis.units import STANDARD_GRAVITY, quantity


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
    return Burning(mass, force, time, impulse, motor.thrust_regression)


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

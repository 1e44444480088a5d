"""What turns a rocket: a nozzle that swivels, small thrusters, and the charge that spins it up."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar
from anabasis.units import quantity

_ASSUMED = "engineering default (docs/ascent.md)"


def _number(unit: str, meaning: str, default: float, maximum: float, source: str = _ASSUMED) -> Any:
    return quantity(
        unit,
        meaning,
        minimum=0.0,
        maximum=maximum,
        default=default,
        source=source,
        confidence="assumed" if source.startswith(_ASSUMED) else "published",
    )


class Actuators(eqx.Module):
    """The hardware of attitude control.

    Attributes:
        gimbal_limit: greatest deflection of the nozzle [rad].
        gimbal_rate: fastest it swivels [rad/s].
        gimbal_frequency: natural frequency of its servo [rad/s].
        gimbal_damping: of the servo.
        thruster_force: of one of six thrusters [N].
        thruster_bit: smallest impulse of one [N s].
        thruster_specific_impulse: [s].
        thruster_station: of the stack's thrusters [m].
        second_thruster_station: of those left with the second stage [m].
        roll_arm: of the two thrusters that roll, from the axis [m].
        spin_impulse: angular impulse of the spin-up [N m s].
        spin_duration: of the spin-up [s].
    """

    gimbal_limit: Scalar = _number(
        "deg", "greatest deflection of the nozzle", 5.0, 90.0, "GAF: 5 deg"
    )
    gimbal_rate: Scalar = _number("deg_s", "greatest rate of the nozzle", 20.0, 1e4)
    gimbal_frequency: Scalar = _number("Hz", "natural frequency of the nozzle's servo", 8.0, 1e3)
    gimbal_damping: Scalar = _number("", "damping ratio of the servo", 0.7, 10.0)
    thruster_force: Scalar = _number("N", "thrust of one of six thrusters", 5.0, 1e4)
    thruster_bit: Scalar = _number("N_s", "smallest impulse of a thruster", 0.05, 1e3)
    thruster_specific_impulse: Scalar = _number(
        "s", "specific impulse of the thrusters", 220.0, 1e3
    )
    thruster_station: Scalar = _number("m", "station of the stack's thrusters", 2.9, 20.0)
    second_thruster_station: Scalar = _number(
        "m", "station of the second stage's thrusters", 1.22, 20.0
    )
    roll_arm: Scalar = _number("m", "arm of the two thrusters that roll", 0.2, 20.0)
    spin_impulse: Scalar = _number(
        "N_m_s",
        "angular impulse of the spin-up",
        45.75,
        1e5,
        f"{_ASSUMED}: 175 rpm (recalled) of 2.50 kg m2, as the second stage's parts add up",
    )
    spin_duration: Scalar = quantity(
        "s",
        "duration of the spin-up",
        above=0.0,
        maximum=100.0,
        default=1.0,
        source=_ASSUMED,
        confidence="assumed",
    )


class Servo(eqx.Module):
    """A second-order servo over one step, solved exactly for a command that is held.

    d'' = w^2 (c - d) - 2 z w d'. Attributes: the four numbers of e^(A h), and what bounds it.
    """

    aa: Scalar
    ab: Scalar
    ba: Scalar
    bb: Scalar
    limit: Scalar
    rate: Scalar


def servo(actuators: Actuators, length: Scalar) -> Servo:
    """The nozzle's servo for steps of this length [s]; damping below critical."""
    w, z = actuators.gimbal_frequency, jnp.minimum(actuators.gimbal_damping, 1.0 - 1e-6)
    fast = w * jnp.sqrt(1.0 - z * z)
    decay = jnp.exp(-z * w * length)
    cosine, sine = jnp.cos(fast * length), jnp.sin(fast * length) / fast
    return Servo(
        decay * (cosine + z * w * sine),
        decay * sine,
        -decay * w * w * sine,
        decay * (cosine - z * w * sine),
        actuators.gimbal_limit,
        actuators.gimbal_rate,
    )


def swivel(law: Servo, angle: Any, rate: Any, command: Any, length: Any) -> tuple[Any, Any]:
    """Angle and rate of the nozzle after one step towards a command; rate and angle are bounded."""
    wanted = jnp.clip(command, -law.limit, law.limit)
    off = angle - wanted
    new = wanted + law.aa * off + law.ab * rate
    new_rate = jnp.clip(law.ba * off + law.bb * rate, -law.rate, law.rate)
    new = jnp.clip(new, angle - law.rate * length, angle + law.rate * length)
    stopped = jnp.clip(new, -law.limit, law.limit)
    return stopped, jnp.where(stopped == new, new_rate, 0.0)

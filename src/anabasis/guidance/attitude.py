"""Keeping the nose where it should point: by the nozzle under thrust, by thrusters in the coast.

The error is the turn that would bring the rocket's axis onto the wanted direction, in body axes:

    e = x_b x u,       u in body axes;  so e = (0, -u_z, u_y)

Rolling is nobody's wish: only its rate is held down.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar, Series
from anabasis.mechanics.rigid import Quaternion, Triple, axes_of, to_body
from anabasis.units import quantity

_ASSUMED = "engineering default (docs/ascent.md)"


class AttitudeGains(eqx.Module):
    """How stiffly the rocket is held.

    Attributes:
        stiffness: natural frequency of the loop under thrust [rad/s].
        damping: its damping ratio.
        trim: rate at which a standing error is integrated away [1/s].
        slew: fastest turn in the coast [rad/s].
        approach: rate wanted for each radian of error in the coast [1/s].
        deadband: error that the thrusters let be [rad].
    """

    stiffness: Scalar = quantity(
        "rad_s",
        "natural frequency of the attitude loop under thrust",
        above=0.0,
        maximum=100.0,
        default=5.0,
        source=_ASSUMED,
        confidence="assumed",
    )
    damping: Scalar = quantity(
        "",
        "damping ratio of the loop",
        above=0.0,
        maximum=10.0,
        default=0.9,
        source=_ASSUMED,
        confidence="assumed",
    )
    trim: Scalar = quantity(
        "",
        "rate at which a standing error is integrated away, per second",
        minimum=0.0,
        maximum=100.0,
        default=1.0,
        source=_ASSUMED,
        confidence="assumed",
    )
    slew: Scalar = quantity(
        "deg_s",
        "fastest turn in the coast",
        above=0.0,
        maximum=100.0,
        default=2.0,
        source=_ASSUMED,
        confidence="assumed",
    )
    approach: Scalar = quantity(
        "",
        "rate wanted for each radian of error in the coast, per second",
        above=0.0,
        maximum=10.0,
        default=0.2,
        source=_ASSUMED,
        confidence="assumed",
    )
    deadband: Scalar = quantity(
        "deg",
        "error that the thrusters let be",
        minimum=0.0,
        maximum=45.0,
        default=0.05,
        source=_ASSUMED,
        confidence="assumed",
    )


class NozzleLaw(eqx.Module):
    """What the flight computer reckons of the nozzle's power.

    Attributes:
        authority: angular acceleration per radian of the nozzle, on a uniform grid over the
            planned burn [1/s^2].
        burn_time: planned [s].
        limit: greatest command [rad].
        gains: of the loop.
    """

    authority: Series
    burn_time: Scalar
    limit: Scalar
    gains: AttitudeGains


class ThrusterLaw(eqx.Module):
    """What the flight computer reckons of its thrusters, for one body.

    Attributes:
        along, across: moments of inertia [kg m^2].
        arm: of the thrusters that pitch and yaw [m].
        roll_arm: of the pair that rolls [m].
        force: of one [N].
        bit: smallest impulse of one [N s].
        gains: of the loop.
    """

    along: Scalar
    across: Scalar
    arm: Scalar
    roll_arm: Scalar
    force: Scalar
    bit: Scalar
    gains: AttitudeGains


def pointing_error(q_i_from_b: Quaternion, wanted: Triple) -> tuple[Any, Any]:
    """The turns about y and z that bring the axis onto a direction, for small ones [rad].

    Args:
        q_i_from_b: attitude.
        wanted: unit vector, inertial.
    """
    _, y, z = to_body(axes_of(q_i_from_b), wanted)
    return -z, y


def nozzle_command(
    law: NozzleLaw, time: Any, error: tuple[Any, Any], rate: Triple, sums: tuple[Any, Any]
) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Deflections that bring the axis back.

        w' = k^2 e - 2 z k w + i k^2 integral(e)

    A nozzle turned by d towards z pushes the tail that way and the nose about +y:
    w_y' = +authority d_z, w_z' = -authority d_y.

    Args:
        law: what is reckoned.
        time: since the ignition, as the computer has it [s].
        error: about y and z [rad].
        rate: body rates [rad/s].
        sums: integrals of the error so far [rad s].

    Returns:
        Commands towards y and z [rad], and the new sums; they stand still at the limit.
    """
    cells = law.authority.shape[0] - 1
    x = jnp.clip(time / law.burn_time, 0.0, 1.0) * cells
    i = jnp.minimum(x, cells - 1.0).astype(jnp.int32)
    table = jnp.asarray(law.authority)
    authority = table[i] + (x - i.astype(x.dtype)) * (table[i + 1] - table[i])
    k, z = law.gains.stiffness, law.gains.damping
    wanted = [
        k * k * (e + law.gains.trim * s) - 2.0 * z * k * w
        for e, s, w in zip(error, sums, rate[1:], strict=True)
    ]
    raw = (-wanted[1] / authority, wanted[0] / authority)
    told = tuple(jnp.clip(d, -law.limit, law.limit) for d in raw)
    return told, (raw[1] == told[1], raw[0] == told[0])  # pyright: ignore[reportReturnType]


def thruster_impulses(
    law: ThrusterLaw, error: tuple[Any, Any], rate: Triple, length: Any
) -> tuple[Any, Any, Any]:
    """Angular impulses to fire in the coming tick about x, y and z [N m s].

    The rate wanted grows with the error up to the slew; inside the deadband it is nought. What the
    rate lacks is fired in one tick, as far as a thruster can in that time, or not at all where it
    would be less than its smallest bit.
    """
    gains = law.gains

    def aimed(e: Any) -> Any:
        outside = jnp.where(jnp.abs(e) > gains.deadband, e, 0.0)
        return jnp.clip(gains.approach * outside, -gains.slew, gains.slew)

    def fired(inertia: Any, arm: Any, lack: Any) -> Any:
        impulse = inertia * lack / arm
        most = law.force * length
        size = jnp.abs(impulse)
        kept = jnp.where(size < law.bit, 0.0, jnp.minimum(size, most))
        return jnp.where(impulse < 0.0, -kept, kept) * arm

    roll = fired(law.along, 2.0 * law.roll_arm, -rate[0])
    pitch = fired(law.across, law.arm, aimed(error[0]) - rate[1])
    yaw = fired(law.across, law.arm, aimed(error[1]) - rate[2])
    return roll, pitch, yaw

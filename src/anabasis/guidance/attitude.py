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
        settling: the same rate where the nose is held finely, before the stages part and after.
        fine_time: for how long before the separation it is held finely [s].
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
        default=0.3,
        source=_ASSUMED,
        confidence="assumed",
    )
    settling: Scalar = quantity(
        "",
        "rate wanted for each radian of error where the nose is held finely, per second",
        above=0.0,
        maximum=5.0,
        default=1.0,
        source=_ASSUMED,
        confidence="assumed",
    )
    fine_time: Scalar = quantity(
        "s",
        "for how long before the separation the nose is held finely",
        minimum=0.0,
        maximum=600.0,
        default=5.0,
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


def rolling_impulse(law: ThrusterLaw, rate: Any, length: Any) -> Any:
    """The angular impulse about x that stops a roll in the coming tick, or none [N m s].

    None where it would be less than a thruster's smallest bit.
    """
    arm = 2.0 * law.roll_arm  # the pair that rolls gives its impulse on both sides
    size = law.along * jnp.abs(rate) / arm
    kept = jnp.where(size < law.bit, 0.0, jnp.minimum(size, law.force * length))
    return jnp.where(rate > 0.0, -kept, kept) * arm


def thruster_impulses(
    law: ThrusterLaw, error: tuple[Any, Any], rate: Triple, length: Any
) -> Triple:
    """Angular impulses to fire in the coming tick about x, y and z [N m s].

        rate wanted
             |      /---- slew
             |     /  approach
          1/2 bit -+
        ----------|------+---------- error
          anything below | two bits: left to drift
                     deadband

    Outside the deadband the nose shall come back, at half a bit's worth at least; inside it is let
    drift. So one bit turns it back at either edge, and between the edges nothing is fired. What is
    fired is a bit or more, as far as a thruster can in a tick.

    Args:
        law: what is reckoned.
        error: about y and z [rad].
        rate: body rates now [rad/s].
        length: of the tick [s].
    """
    gains = law.gains

    def fired(inertia: Any, arm: Any, e: Any, w: Any) -> Any:
        bit = law.bit * arm / inertia  # as a change of rate
        beyond = jnp.abs(e) - gains.deadband
        back = jnp.minimum(gains.approach * beyond, gains.slew) + 0.5 * bit
        drift = jnp.where(jnp.abs(w) > 2.0 * bit, w - jnp.sign(w) * 0.5 * bit, 0.0)
        lack = jnp.where(beyond > 0.0, jnp.sign(e) * back - w, -drift)
        size = jnp.abs(lack)
        most = law.force * length * arm / inertia
        kept = jnp.where(size < 0.7 * bit, 0.0, jnp.clip(size, bit, most))
        return jnp.sign(lack) * kept * inertia

    pitch = fired(law.across, law.arm, error[0], rate[1])
    yaw = fired(law.across, law.arm, error[1], rate[2])
    return rolling_impulse(law, rate[0], length), pitch, yaw


def opposed_impulses(
    law: ThrusterLaw, error: tuple[Any, Any], rate: Triple, length: Any
) -> tuple[Triple, Any]:
    """Angular impulses where the nose is held finely: thrusters fire against one another.

    A thruster gives at least its bit, so what one gives alone cannot be small. Two that fire
    together, one of them a little longer, leave any small difference: the rate that is wanted is
    met exactly, and no threshold decides. It costs two bits an axis and tick, so it is for the
    moments that count.

    Returns:
        Angular impulses about x, y and z [N m s], and what the opposed bits used [N s].
    """
    gains = law.gains

    def fired(inertia: Any, arm: Any, lack: Any) -> Any:
        most = jnp.maximum(law.force * length - law.bit, 0.0)
        return jnp.clip(inertia * lack / arm, -most, most) * arm

    def aimed(e: Any) -> Any:
        return jnp.clip(gains.settling * e, -gains.slew, gains.slew)

    roll = fired(law.along, 2.0 * law.roll_arm, -rate[0])
    pitch = fired(law.across, law.arm, aimed(error[0]) - rate[1])
    yaw = fired(law.across, law.arm, aimed(error[1]) - rate[2])
    # four bits roll (two pairs), two pitch, two yaw
    return (roll, pitch, yaw), 8.0 * law.bit

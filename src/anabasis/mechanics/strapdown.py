"""How a body that feels only its own turning and pushing knows where it is.

attitude:   q <- q turn(angle + (angle_before x angle)/12)           (coning)
speed:      dv_i = q_before (speed + angle x speed / 2
                    + (angle_before x speed + speed_before x angle)/12)  (sculling)
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.rigid import (
    Quaternion,
    Triple,
    axes_of,
    cross,
    normal,
    plus,
    product,
    times,
    to_inertial,
    turn,
)


class Sensed(eqx.Module):
    """All that flight software is told of a tick.

    Attributes:
        angle: how far the rocket has turned, body axes [rad], three scalars.
        speed: what the forces it feels have given, body axes [m/s], three scalars.
        length: of the tick [s].
    """

    angle: Triple
    speed: Triple
    length: Scalar


def nothing_sensed(length: Scalar) -> Sensed:
    """A tick in which nothing happened."""
    nought = jnp.zeros(())
    return Sensed((nought, nought, nought), (nought, nought, nought), jnp.asarray(length))


def turned(q: Quaternion, before: Sensed, now: Sensed) -> Quaternion:
    """The attitude after a tick."""
    coning = times(1.0 / 12.0, cross(before.angle, now.angle))
    return normal(product(q, turn(plus(now.angle, coning))))


def pushed(q: Quaternion, before: Sensed, now: Sensed) -> Triple:
    """The change of velocity that was felt in a tick, inertial axes [m/s].

    Args:
        q: attitude at the beginning of the tick.
        before: the tick before.
        now: the tick.
    """
    sculling = plus(cross(before.angle, now.speed), cross(before.speed, now.angle))
    felt = plus(
        now.speed,
        plus(times(0.5, cross(now.angle, now.speed)), times(1.0 / 12.0, sculling)),
    )
    return to_inertial(axes_of(q), felt)

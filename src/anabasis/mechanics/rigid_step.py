"""One step of a rigid body that is pushed and turned: the innermost loop of a guided flight.

Four stages of the classical Runge-Kutta rule for velocity, attitude and rate. What does not change
within a step to the second order (gravity, air, masses) is handed over at its middle, so that a
stage is a hundred and thirty multiplications and additions, no root and no division.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx

from anabasis.mechanics.rigid import (
    Quaternion,
    Triple,
    attitude_rate,
    axes_of,
    normal,
    plus,
    to_inertial,
)


class Body(eqx.Module):
    """A rigid body as plain scalars.

    Attributes:
        position, velocity: inertial [m], [m/s].
        attitude: ``q_i_from_b``.
        rate: in body axes [rad/s].
    """

    position: Triple
    velocity: Triple
    attitude: Quaternion
    rate: Triple


class Stepped(eqx.Module):
    """What a step comes to.

    Attributes:
        body: at its end.
        turned: integral of the rate, body axes [rad].
        gained: integral of the felt acceleration, body axes [m/s].
        axes: of the body in the middle.
        seen: what ``wrench`` said besides, in the middle.
    """

    body: Body
    turned: Triple
    gained: Triple
    axes: Any
    seen: Any


Wrench = Callable[[Any, Triple, Triple, Any], tuple[Triple, Triple, Any]]
"""``wrench(axes, velocity, rate, given) -> (felt, turning, seen)``: felt acceleration [m/s^2] and
angular acceleration [rad/s^2], both in body axes, and anything else."""


def advance(
    body: Body, length: Any, pull: Triple, wrench: Wrench, given: tuple[Any, Any, Any]
) -> Stepped:
    """One step.

        v + h/6 (a1 + 2 a2 + 2 a3 + a4),   r + h v + h^2/6 (a1 + a2 + a3)

    Args:
        body: before.
        length: of the step [s].
        pull: gravity in the middle of the step [m/s^2].
        wrench: what pushes and turns it.
        given: what ``wrench`` is handed at the beginning, in the middle and at the end.
    """
    r, v, q, w = body.position, body.velocity, body.attitude, body.rate

    def stage(v: Triple, q: Quaternion, w: Triple, handed: Any) -> Any:
        axes = axes_of(q)
        felt, turning, seen = wrench(axes, v, w, handed)
        push = plus(to_inertial(axes, felt), pull)
        return push, attitude_rate(q, w), turning, felt, axes, seen

    def ahead(y: Any, slope: Any, by: Any) -> Any:
        return tuple(a + by * b for a, b in zip(y, slope, strict=True))

    half, sixth = 0.5 * length, length * (1.0 / 6.0)
    v1, q1, w1, f1, _, _ = stage(v, q, w, given[0])
    wb = ahead(w, w1, half)
    v2, q2, w2, f2, _, _ = stage(ahead(v, v1, half), ahead(q, q1, half), wb, given[1])
    wc = ahead(w, w2, half)
    v3, q3, w3, f3, axes, seen = stage(ahead(v, v2, half), ahead(q, q2, half), wc, given[1])
    wd = ahead(w, w3, length)
    v4, q4, w4, f4, _, _ = stage(ahead(v, v3, length), ahead(q, q3, length), wd, given[2])

    def summed(*slopes: Any) -> Any:
        return tuple(sixth * (a + 2.0 * (b + c) + d) for a, b, c, d in zip(*slopes, strict=True))

    moved = ahead(r, v, length)
    moved = ahead(moved, plus(v1, plus(v2, v3)), length * sixth)
    after = Body(
        moved,
        plus(v, summed(v1, v2, v3, v4)),
        normal(ahead(q, summed(q1, q2, q3, q4), 1.0)),
        plus(w, summed(w1, w2, w3, w4)),
    )
    return Stepped(after, summed(w, wb, wc, wd), summed(f1, f2, f3, f4), axes, seen)

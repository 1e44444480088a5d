"""A rigid body that moves and turns: its state, its attitude, and what turns it.

Attitude is the unit quaternion ``q_i_from_b``, scalar first: it takes body axes to inertial ones,
v_i = q v_b q*. Where a loop turns thousands of times a second the numbers travel as plain tuples of
scalars, three or four long; an array of three would cost a copy at every step.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Matrix, Scalar, Vector

Triple = tuple[Any, Any, Any]
"""Three scalars: a vector inside a hot loop."""
Quaternion = tuple[Any, Any, Any, Any]
"""Four scalars, the real part first."""


class RigidState(eqx.Module):
    """A rigid body: where it is, how it moves, how it is turned and turns.

    Attributes:
        epoch: TDB seconds past J2000 [s].
        position: of the centre of mass, inertial [m].
        velocity: inertial [m/s].
        q_i_from_b: attitude, scalar first, of length one.
        rate_b: angular velocity in body axes [rad/s].
        mass: [kg].
        centre: name of the body at the origin.
    """

    epoch: Scalar
    position: Vector
    velocity: Vector
    q_i_from_b: Float[Array, "4"]
    rate_b: Vector
    mass: Scalar
    centre: str = eqx.field(static=True)


def dot(a: Triple, b: Triple) -> Any:
    """Scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Triple, b: Triple) -> Triple:
    """Vector product."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def times(factor: Any, a: Triple) -> Triple:
    """A vector times a number."""
    return factor * a[0], factor * a[1], factor * a[2]


def plus(a: Triple, b: Triple) -> Triple:
    """Sum of two vectors."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


def minus(a: Triple, b: Triple) -> Triple:
    """Difference of two vectors."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def product(p: Quaternion, q: Quaternion) -> Quaternion:
    """p q: first turned by q, then by p."""
    return (
        p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3],
        p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
        p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1],
        p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0],
    )


def axes_of(q: Quaternion) -> tuple[Triple, Triple, Triple]:
    """The three body axes of an attitude of length one, in inertial axes."""
    w, x, y, z = q
    xx, yy, zz = x * x, y * y, z * z
    xy, xz, yz, wx, wy, wz = x * y, x * z, y * z, w * x, w * y, w * z
    return (
        (1.0 - 2.0 * (yy + zz), 2.0 * (xy + wz), 2.0 * (xz - wy)),
        (2.0 * (xy - wz), 1.0 - 2.0 * (xx + zz), 2.0 * (yz + wx)),
        (2.0 * (xz + wy), 2.0 * (yz - wx), 1.0 - 2.0 * (xx + yy)),
    )


def to_body(axes: tuple[Triple, Triple, Triple], v: Triple) -> Triple:
    """An inertial vector in body axes."""
    return dot(axes[0], v), dot(axes[1], v), dot(axes[2], v)


def to_inertial(axes: tuple[Triple, Triple, Triple], v: Triple) -> Triple:
    """A body vector in inertial axes."""
    x, y, z = axes
    return (
        x[0] * v[0] + y[0] * v[1] + z[0] * v[2],
        x[1] * v[0] + y[1] * v[1] + z[1] * v[2],
        x[2] * v[0] + y[2] * v[1] + z[2] * v[2],
    )


def attitude_rate(q: Quaternion, rate_b: Triple) -> Quaternion:
    """How an attitude changes: q' = q (0, w) / 2."""
    w, x, y, z = q
    a, b, c = rate_b
    return (
        -0.5 * (x * a + y * b + z * c),
        0.5 * (w * a + y * c - z * b),
        0.5 * (w * b + z * a - x * c),
        0.5 * (w * c + x * b - y * a),
    )


def normal(q: Quaternion) -> Quaternion:
    """The attitude brought back to length one, for lengths that are one but for a step's error.

    One Newton step of 1/sqrt: (3 - |q|^2)/2, right to the square of the error.
    """
    factor = 1.5 - 0.5 * (q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    return q[0] * factor, q[1] * factor, q[2] * factor, q[3] * factor


def turn(angle: Triple) -> Quaternion:
    """The quaternion of a rotation vector, by its series to the ninth power.

        q = (cos a/2, sin(a/2)/a * angle)

    Valid: |angle| below half a radian, to 1e-12; a tick at 175 rpm turns 0.18 rad.
    """
    square = 0.25 * dot(angle, angle)
    # multiplied by reciprocals: a compiler may not turn a division into one
    inner = 1.0 - square * (1.0 / 30.0) * (1.0 - square * (1.0 / 56.0))
    real = 1.0 - square * 0.5 * (1.0 - square * (1.0 / 12.0) * inner)
    inner = 1.0 - square * (1.0 / 42.0) * (1.0 - square * (1.0 / 72.0))
    half = 0.5 * (1.0 - square * (1.0 / 6.0) * (1.0 - square * (1.0 / 20.0) * inner))
    return real, half * angle[0], half * angle[1], half * angle[2]


def attitude_of(axes: Matrix) -> Float[Array, "4"]:
    """The quaternion whose body axes are the rows of a matrix (Shepperd 1978).

    Args:
        axes: rows x, y, z of the body in inertial axes, a rotation.
    """
    m = jnp.asarray(axes)
    trace = m[0, 0] + m[1, 1] + m[2, 2]
    # four times the square of each component; the greatest is safe to divide by
    squares = jnp.stack([1.0 + trace, *(1.0 + 2.0 * m[k, k] - trace for k in range(3))])
    a, b, c = m[1, 2] - m[2, 1], m[2, 0] - m[0, 2], m[0, 1] - m[1, 0]
    d, e, f = m[0, 1] + m[1, 0], m[0, 2] + m[2, 0], m[1, 2] + m[2, 1]
    rows = jnp.stack(
        [
            jnp.stack([squares[0], a, b, c]),
            jnp.stack([a, squares[1], d, e]),
            jnp.stack([b, d, squares[2], f]),
            jnp.stack([c, e, f, squares[3]]),
        ]
    )
    best = rows[jnp.argmax(squares)]
    return best / jnp.sqrt(best @ best)


def angular_acceleration(
    rate_b: Triple, torque_b: Triple, along: Any, across: Any, tilt: tuple[Any, Any] = (0.0, 0.0)
) -> Triple:
    """Euler's equation for a body that is round but for a small tilt of its principal axis.

        I w' = T - w x (I w),      I = |  A  -p  -s |
                                       | -p   C   0 |
                                       | -s   0   C |

    Args:
        rate_b: w [rad/s].
        torque_b: T about the centre of mass [N m].
        along: A, about the x axis [kg m^2].
        across: C, about y and z [kg m^2].
        tilt: the products of inertia p and s [kg m^2].

    Returns:
        w' in body axes [rad/s^2].
    """
    x, y, z = rate_b
    p, s = tilt
    hx, hy, hz = along * x - p * y - s * z, across * y - p * x, across * z - s * x
    bx = torque_b[0] - (y * hz - z * hy)
    by = torque_b[1] - (z * hx - x * hz)
    bz = torque_b[2] - (x * hy - y * hx)
    inverse = 1.0 / across
    ax = (bx + (p * by + s * bz) * inverse) / (along - (p * p + s * s) * inverse)
    return ax, (by + p * ax) * inverse, (bz + s * ax) * inverse


def jet_damping(rate_b: Triple, flow: Any, across_rate: Any, arm: Any) -> Triple:
    """What the gas takes along from a turning motor.

        T_x = 0,    T_y,z = -(C' + m' l^2) w_y,z

    Sideways the gas leaves with the motion of the nozzle, l behind the centre of mass, and the
    rocket keeps the rest; C' is negative, so lateral motion is damped as long as m' l^2 outweighs
    it. About the axis the gas swirls and keeps the momentum of the surface it came from: what is
    lost in moment of inertia is lost with it, and the spin stays.

    Args:
        rate_b: [rad/s].
        flow: m' of the gas, positive [kg/s].
        across_rate: C' of the rocket, negative [kg m^2/s].
        arm: l, from the centre of mass back to the nozzle's exit [m].

    Returns:
        Torque in body axes [N m].

    Valid: gas that does not rub against the motor. Source: F. Eke, Dynamics of variable mass
    systems, NASA/CR-1998-208246.
    """
    lateral = -(across_rate + flow * arm * arm)
    return 0.0 * rate_b[0], lateral * rate_b[1], lateral * rate_b[2]

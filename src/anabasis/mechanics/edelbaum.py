"""Slow spirals: what a small steady thrust needs to take one circle to another.

Draw the speed of a circular orbit as a length and the plane as an angle, stretched by pi/2. In
that drawing a spiral of constant thrust is a straight line, and its length is the delta-v:

              final circle
             /.
            / .        length = delta-v
     V_f   /   .       foot of the line: start, end, and every circle between them
          /     .
         / ) pi/2 times the plane change
        O-------* initial circle
           V_0

Escape is the point O: a circle of infinite radius has no speed, hence the rule that a spiral to or
from escape costs the circular speed.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar
from anabasis.units import STANDARD_GRAVITY


def delta_v_edelbaum1961(
    initial_speed: Scalar, final_speed: Scalar, plane_change: Scalar
) -> Scalar:
    """The delta-v of a spiral between two circles whose planes differ.

        dv^2 = V0^2 + Vf^2 - 2 V0 Vf cos(pi/2 di)

    Args:
        initial_speed: circular speed of the first orbit [m/s]; 0 for escape.
        final_speed: of the last [m/s]; 0 for escape.
        plane_change: angle between the planes [rad].

    Returns:
        Delta-v [m/s].

    Valid: many revolutions, thrust far below gravity, no coasting, plane change up to 2 rad or so;
    central gravity. Source: T. N. Edelbaum, ARS Journal 31 (1961), pp. 1079-1089.
    """
    turn = 0.5 * jnp.pi * plane_change
    across = final_speed * jnp.sin(turn)
    along = final_speed * jnp.cos(turn) - initial_speed
    square = across * across + along * along
    still = square == 0.0
    return jnp.where(still, 0.0, jnp.sqrt(jnp.where(still, 1.0, square)))


def circle_on_the_way(
    initial_speed: Scalar, final_speed: Scalar, plane_change: Scalar, part: Scalar
) -> tuple[Scalar, Scalar]:
    """Which circle a spiral is on when part of its delta-v is spent: a point of the straight line.

    Args:
        initial_speed: circular speed of the first orbit [m/s].
        final_speed: of the last [m/s].
        plane_change: angle between the planes [rad].
        part: of the delta-v spent so far, 0 to 1.

    Returns:
        Circular speed [m/s], and plane angle gone through so far [rad].

    Valid and source: as `delta_v_edelbaum1961`.
    """
    turn = 0.5 * jnp.pi * plane_change
    x = (1.0 - part) * initial_speed + part * final_speed * jnp.cos(turn)
    y = part * final_speed * jnp.sin(turn)
    square = x * x + y * y
    none = square == 0.0
    speed = jnp.where(none, 0.0, jnp.sqrt(jnp.where(none, 1.0, square)))
    turned = jnp.arctan2(y, jnp.where(none, 1.0, x)) / (0.5 * jnp.pi)
    return speed, turned


def delta_v_burt1967(speed: Scalar, eccentricity: Scalar) -> Scalar:
    """The delta-v of rounding off an ellipse without changing its period (or the reverse).

        dv = 2/3 V asin(e)

    The thrust points along the minor axis, the same way all the time.

    Args:
        speed: circular speed of an orbit with this semi-major axis, sqrt(gm / a) [m/s].
        eccentricity: to be taken off, 0 to 1.

    Returns:
        Delta-v [m/s].

    Valid: many revolutions, central gravity. Source: E. G. C. Burt, Planetary and Space Science 15
    (1967), pp. 103-122.
    """
    return 2.0 / 3.0 * speed * jnp.arcsin(eccentricity)


class Spiral(eqx.Module):
    """What a slow climb or descent costs.

    Attributes:
        delta_v: [m/s].
        duration: [s].
        propellant: [kg].
    """

    delta_v: Scalar
    duration: Scalar
    propellant: Scalar


def spiral(mass: Scalar, delta_v: Scalar, thrust: Scalar, specific_impulse: Scalar) -> Spiral:
    """Time and propellant of a delta-v under steady thrust.

        dm = m0 (1 - exp(-dv / c)),   t = dm c / F,   c = Isp g0

    The duration is the (logarithmic) mean mass times the delta-v over the thrust.

    Args:
        mass: at the start [kg].
        delta_v: [m/s].
        thrust: [N].
        specific_impulse: [s].

    Returns:
        Delta-v, duration and propellant.

    Valid: thrust never off; no eclipses, no duty cycle.
    """
    exhaust_speed = specific_impulse * STANDARD_GRAVITY
    propellant = -mass * jnp.expm1(-delta_v / exhaust_speed)
    return Spiral(jnp.asarray(delta_v, float), propellant * exhaust_speed / thrust, propellant)


def elapsed(mass: Scalar, spent: Scalar, thrust: Scalar, specific_impulse: Scalar) -> Scalar:
    """Time since the start of a steady thrust when a delta-v has been spent [s]."""
    return spiral(mass, spent, thrust, specific_impulse).duration

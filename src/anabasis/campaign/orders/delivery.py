"""How far from its aim a cruise delivers what it carries: numbers that are nought by plan.

A cruise is corrected on its way, so what an arrival is off by is not its departure's error but what
the last correction leaves. It is told where it matters, at the hand-over: the plan never sees it,
and a scenario that disperses it disturbs the truth alone.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar, Vector
from anabasis.mechanics.state import PointState
from anabasis.units import quantity
from anabasis.worlds.world import World

_PLANNED = "by plan there is none"


class Delivery(eqx.Module):
    """The table ``[entry.delivery]`` or ``[arrival.delivery]``: an entry off its aim.

    Attributes:
        flight_path_angle_error: what is added to the inertial flight-path angle [rad].
        cross_track_error: by how much the approach lies to the right of its aim [m].
        time_error: how much later it comes [s].
    """

    flight_path_angle_error: Scalar = quantity(
        "deg",
        "what is added to the inertial flight-path angle at the hand-over",
        minimum=-10.0,
        maximum=10.0,
        default=0.0,
        source=_PLANNED,
        confidence="derived",
    )
    cross_track_error: Scalar = quantity(
        "km",
        "by how much the approach lies to the right of its aim, seen along the flight",
        minimum=-1000.0,
        maximum=1000.0,
        default=0.0,
        source=_PLANNED,
        confidence="derived",
    )
    time_error: Scalar = quantity(
        "s",
        "how much later it comes than it was aimed",
        minimum=-3600.0,
        maximum=3600.0,
        default=0.0,
        source=_PLANNED,
        confidence="derived",
    )


class PassDelivery(eqx.Module):
    """The table ``[insertion.delivery]``: an orbiter that passes its planet off its aim.

    Attributes:
        periapsis_error: what is added to the periapsis of the arriving hyperbola [m].
    """

    periapsis_error: Scalar = quantity(
        "km",
        "what is added to the periapsis altitude of the arrival",
        minimum=-1000.0,
        maximum=1000.0,
        default=0.0,
        source=_PLANNED,
        confidence="derived",
    )


def delivered(state: PointState, error: Delivery | None) -> PointState:
    """An entry as it is really delivered.

    The flight-path angle is turned in the plane of motion, at the same place and speed; the plane
    is moved sideways by turning the place about the direction of flight, which leaves speed and
    angle as they are (a displacement in the B-plane, its focusing neglected); then the whole comes
    later. Without an error every number stays as it is, to the last bit.

    Args:
        state: as aimed; its flight-path angle is not vertical.
        error: None for none.
    """
    if error is None:
        return state
    position, velocity = jnp.asarray(state.position), jnp.asarray(state.velocity)
    normal = jnp.cross(position, velocity)
    across = jnp.sqrt(normal @ normal)
    speed = jnp.sqrt(velocity @ velocity)
    turned = _turned(velocity, normal / across, -error.flight_path_angle_error)
    lever = across / speed
    moved = _turned(position, turned / speed, error.cross_track_error / lever)
    return PointState(state.epoch + error.time_error, moved, turned, state.mass, state.centre)


def passing(state: PointState, error: PassDelivery | None, world: World) -> PointState:
    """An arrival at a planet as it is really delivered: same place and speed, another periapsis.

        h^2 = r_p^2 (v_inf^2 + 2 gm / r_p)

    Args:
        state: on a hyperbola, before its periapsis.
        error: None for none.
        world: the planet that is passed.
    """
    if error is None:
        return state
    position, velocity = jnp.asarray(state.position), jnp.asarray(state.velocity)
    normal = jnp.cross(position, velocity)
    h = jnp.sqrt(normal @ normal)
    radius, speed = jnp.sqrt(position @ position), jnp.sqrt(velocity @ velocity)
    excess = speed * speed - 2.0 * world.gm / radius
    periapsis = (jnp.sqrt(world.gm**2 + excess * h * h) - world.gm) / excess

    def angle(momentum: Scalar) -> Scalar:
        return jnp.arccos(jnp.clip(momentum / (radius * speed), -1.0, 1.0))

    below = periapsis + error.periapsis_error
    wanted = jnp.sqrt(jnp.maximum(below * (excess * below + 2.0 * world.gm), 0.0))
    aimed = jnp.sqrt(periapsis * (excess * periapsis + 2.0 * world.gm))
    # on the way in the flight falls: less momentum is a steeper angle
    steeper = angle(wanted) - angle(aimed)
    velocity = _turned(velocity, normal / h, steeper)
    return PointState(state.epoch, position, velocity, state.mass, state.centre)


def _turned(vector: Vector, axis: Vector, angle: Scalar) -> Vector:
    """A vector turned about a unit axis (Rodrigues); by nought it is the same to the last bit."""
    sine = jnp.sin(angle)
    less = 2.0 * jnp.sin(0.5 * angle) ** 2
    return vector + sine * jnp.cross(axis, vector) - less * (vector - (axis @ vector) * axis)

"""Where bodies meet and part: the release by the lander, and the stages let go of one another."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from anabasis.guidance.navigation import Navigated, local_axes
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.rigid import (
    Triple,
    attitude_of,
    axes_of,
    cross,
    minus,
    normal,
    plus,
    product,
    times,
    to_inertial,
    turn,
)
from anabasis.mechanics.rigid_step import Body
from anabasis.mechanics.state import PointState
from anabasis.mechanics.strapdown import nothing_sensed
from anabasis.phases.launch.errors import Errors
from anabasis.phases.launch.software import Onboard
from anabasis.phases.launch.truth import Rocket


def separated(
    body: Body, before: Any, second: Any, first_mass: Any, impulse: Any, tip_off: tuple[Any, Any]
) -> tuple[Body, Triple]:
    """The second stage let go by springs along the axis, and the velocity of what stays behind.

    The momentum of both is that of the stack; each turns on as the stack did, the second stage with
    the tip-off on top.

    Args:
        body: the stack; its position is that of its centre of mass.
        before: its mass properties.
        second: those of the second stage.
        first_mass: of what stays behind [kg].
        impulse: of the springs [N s].
        tip_off: rates about y and z on top [rad/s].

    Returns:
        The second stage, and the velocity of the centre of mass of the first.
    """
    axes = axes_of(body.attitude)
    ahead = times(before.station - second.station, axes[0])
    spinning = to_inertial(axes, body.rate)
    swung = cross(spinning, ahead)
    push = times(impulse, axes[0])
    velocity = plus(body.velocity, plus(swung, times(1.0 / second.mass, push)))
    lost = plus(times(second.mass, swung), push)
    other = minus(body.velocity, times(1.0 / first_mass, lost))
    rate = (body.rate[0], body.rate[1] + tip_off[0], body.rate[2] + tip_off[1])
    return Body(plus(body.position, ahead), velocity, body.attitude, rate), other


def released(start: PointState, rocket: Rocket, onboard: Onboard, delay: Scalar) -> Body:
    """The rocket as it leaves the lander: lying so far back that the toss brings it up in time.

        elevation at release = programme - pitch rate * planned delay

    Its y axis is level, its z axis points down, so pitching up is a positive rate about y.
    """
    position: Triple = (start.position[0], start.position[1], start.position[2])
    velocity: Triple = (start.velocity[0], start.velocity[1], start.velocity[2])
    east, north, up = local_axes(onboard.planet, position)
    forward = plus(times(onboard.eastward, east), times(onboard.northward, north))
    back = rocket.errors.pitch_rate * delay
    elevation = jnp.arctan2(onboard.upward[0], onboard.level[0]) - back
    nose = plus(times(jnp.cos(elevation), forward), times(jnp.sin(elevation), up))
    right = cross(forward, up)
    down = cross(nose, right)
    attitude = attitude_of(jnp.stack([jnp.stack(nose), jnp.stack(right), jnp.stack(down)]))
    errors = rocket.errors
    rate = (errors.tip_off_x, errors.pitch_rate + errors.tip_off_y, errors.tip_off_z)
    return Body(position, velocity, (attitude[0], attitude[1], attitude[2], attitude[3]), rate)


def believed(body: Body, onboard: Onboard, errors: Errors, length: Any) -> Navigated:
    """What the lander tells the rocket of itself, with the lander's errors."""
    east, north, up = local_axes(onboard.planet, body.position)
    shift = plus(
        plus(times(errors.position_error_x, east), times(errors.position_error_y, north)),
        times(errors.position_error_z, up),
    )
    # an azimuth is told clockwise: a turn about down
    off = plus(
        plus(times(errors.tilt_error_x, east), times(errors.tilt_error_y, north)),
        times(-errors.azimuth_error, up),
    )
    attitude = normal(product(turn(off), body.attitude))
    return Navigated(plus(body.position, shift), body.velocity, attitude, nothing_sensed(length))

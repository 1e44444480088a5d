"""Local directions at a place above a planet, and velocities told by speed and two angles.

        north                       up
          |   / azimuth              |   / flight-path angle
          |  /                       |  /
          | /                        | /
          +------ east               +------ horizontal

Up is away from the planet's centre (geocentric), which is what flight-path angles refer to here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Matrix, Scalar, Vector
from anabasis.mechanics.compiled import compiled

if TYPE_CHECKING:
    from anabasis.worlds.world import World


def local_axes(pole: Vector, position: Vector) -> Matrix:
    """Rows east, north, up at a position, in the axes of both arguments.

    On the axis itself, where every direction is north or south, the answer is a matrix of finite
    numbers that is no rotation.
    """
    up = position / jnp.sqrt(jnp.dot(position, position))
    across = jnp.cross(pole, up)
    east = across / jnp.sqrt(jnp.dot(across, across) + 1e-30)
    return jnp.stack([east, jnp.cross(up, east), up])


@compiled
def axes_at(world: World, epoch: Scalar) -> Matrix:
    """`World.axes`, compiled: for plans, which ask a planet a few times with concrete numbers."""
    return world.axes(epoch)


@compiled
def pole_at(world: World, epoch: Scalar) -> Vector:
    """`World.pole`, compiled."""
    return world.pole(epoch)


@compiled
def place_below(world: World, epoch: Scalar, position: Vector) -> tuple[Scalar, Scalar]:
    """`World.latitude_longitude`, compiled: planetocentric latitude and east longitude [rad]."""
    return world.latitude_longitude(epoch, position)


def enu(world: World, epoch: Scalar, position: Vector) -> Matrix:
    """Rows east, north, up at a position, in inertial axes.

    Args:
        world: the planet whose pole says where north is.
        epoch: TDB seconds past J2000 [s].
        position: from the planet's centre, inertial axes [m].
    """
    return local_axes(world.pole_axes(epoch)[2], position)


def velocity_from_angles(
    speed: Scalar, flight_path_angle: Scalar, azimuth: Scalar, enu: Matrix
) -> Vector:
    """The velocity with a speed and direction at a place, in the axes of ``enu``'s columns.

    Args:
        speed: [m/s].
        flight_path_angle: above the local horizontal [rad].
        azimuth: of the horizontal part, clockwise from north [rad].
        enu: rows east, north, up.
    """
    level = speed * jnp.cos(flight_path_angle)
    climb = speed * jnp.sin(flight_path_angle)
    return level * jnp.sin(azimuth) * enu[0] + level * jnp.cos(azimuth) * enu[1] + climb * enu[2]


def angles_from_velocity(velocity: Vector, enu: Matrix) -> tuple[Scalar, Scalar, Scalar]:
    """Speed [m/s], flight-path angle [rad] and azimuth in [0, 2 pi) [rad] of a velocity.

    Args:
        velocity: in the axes of ``enu``'s columns [m/s].
        enu: rows east, north, up.
    """
    east, north, up = (
        jnp.dot(enu[0], velocity),
        jnp.dot(enu[1], velocity),
        jnp.dot(enu[2], velocity),
    )
    square = east * east + north * north
    level = jnp.where(square > 0.0, jnp.sqrt(jnp.where(square > 0.0, square, 1.0)), 0.0)
    speed = jnp.sqrt(jnp.dot(velocity, velocity) + 1e-300)
    azimuth = jnp.arctan2(east, jnp.where(square > 0.0, north, 1.0))
    azimuth = jnp.where(azimuth < 0.0, azimuth + 2.0 * np.pi, azimuth)
    return speed, jnp.arctan2(up, level), azimuth

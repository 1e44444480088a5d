"""A place on the ground of a planet, as something to aim at, and distances over the ground."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar, Vector
from anabasis.units import quantity
from anabasis.worlds.world import World


class Place(eqx.Module):
    """A place to aim at. Its altitude or height says where the ground is; without either the
    ground is the areoid (at Mars) or the ellipsoid."""

    latitude: Scalar = quantity("deg", "planetocentric latitude", minimum=-90.0, maximum=90.0)
    longitude: Scalar = quantity("deg", "east longitude", minimum=-360.0, maximum=360.0)
    height: Scalar | None = quantity(
        "km", "height of the ground above the areoid or geoid", optional=True
    )
    altitude: Scalar | None = quantity(
        "km", "altitude of the ground above the ellipsoid, instead of the height", optional=True
    )


def clearance_above(place: Place | None, world: World, epoch: Scalar, position: Vector) -> Scalar:
    """Height above a level ground that passes through a place [m].

    The ground's true relief is not known well enough offline to land on (`worlds.ground`).
    """
    if place is not None and place.altitude is not None:
        return world.altitude(epoch, position) - place.altitude
    height = world.height(epoch, position)
    return height if place is None or place.height is None else height - place.height


def arc(
    latitude: Scalar, longitude: Scalar, other_latitude: Scalar, other_longitude: Scalar
) -> Scalar:
    """Angle at the centre between two places [rad]; all angles in radians.

    From half the chord, so that it is exact for places close together, where it has a kink at 0.
    """
    north = jnp.sin(0.5 * (latitude - other_latitude))
    east = jnp.sin(0.5 * (longitude - other_longitude))
    square = north**2 + jnp.cos(latitude) * jnp.cos(other_latitude) * east**2
    apart = square > 1e-30
    half = jnp.sqrt(jnp.where(apart, square, 1.0))
    return jnp.where(apart, 2.0 * jnp.arcsin(jnp.minimum(half, 1.0)), 0.0)


def distance_over_ground(
    world: World,
    latitude: Scalar,
    longitude: Scalar,
    other_latitude: Scalar,
    other_longitude: Scalar,
) -> Scalar:
    """Great-circle distance between two places on the planet's mean radius (2 a + b) / 3 [m]."""
    radius = (2.0 * world.equatorial_radius + world.polar_radius) / 3.0
    return radius * arc(latitude, longitude, other_latitude, other_longitude)

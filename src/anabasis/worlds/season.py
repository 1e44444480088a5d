"""Mars's season as seen from the ephemeris, traceable, for searches over dates."""

from __future__ import annotations

import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar, Vector
from anabasis.worlds.ephemeris import Ephemeris


def solar_longitude(epoch: Scalar, ephemeris: Ephemeris, pole: Vector) -> Scalar:
    """Mars's season Ls: how far the Sun has gone since it last rose over the equator.

    Ls is the angle, in the plane of Mars's orbit, from the ascending node of the Sun's path on the
    equator to the Sun. Geometric, without light time: within 0.01 deg of the calendar's.

    Args:
        epoch: [s].
        ephemeris: where Mars is.
        pole: of Mars, unit.

    Returns:
        Ls, 0 to 2 pi [rad].
    """
    position, velocity = ephemeris.state("mars", epoch, "sun")
    normal = jnp.cross(position, velocity)
    normal = normal / jnp.sqrt(normal @ normal)
    spring = jnp.cross(pole, normal)
    spring = spring / jnp.sqrt(spring @ spring)
    sun = -position
    angle = jnp.arctan2(sun @ jnp.cross(normal, spring), sun @ spring)
    return jnp.where(angle < 0.0, angle + 2.0 * jnp.pi, angle)

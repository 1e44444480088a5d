"""Leaving a planet: where a departure hyperbola starts, from the asymptote it must end on."""

from __future__ import annotations

import jax.numpy as jnp

from anabasis.mechanics.arrays import Flag, Scalar, Vector
from anabasis.mechanics.bplane import angles_of
from anabasis.mechanics.compiled import compiled


def departure_state(
    v_infinity: Vector, gm: Scalar, radius: Scalar, plane: Scalar, from_periapsis: Flag
) -> tuple[Vector, Vector]:
    """Where a departure hyperbola starts, from its outgoing asymptote.

    From the periapsis the hyperbola lies in a plane through the asymptote S, turned by ``plane``
    from the one nearest the equator: its inclination is given by cos i = cos(plane) cos(dec S). On
    the asymptote it starts straight up at ``radius``: that is how a slow spiral ends.

        cos nu = -1 / e,   e = 1 + r v_inf^2 / gm

    Args:
        v_infinity: on the outgoing asymptote [m/s].
        gm: of the planet [m^3/s^2].
        radius: at which it starts [m].
        plane: angle about the asymptote [rad].
        from_periapsis: True at the periapsis.

    Returns:
        Position [m] and velocity [m/s] from the planet.
    """
    squared = v_infinity @ v_infinity
    s = v_infinity / jnp.sqrt(squared)
    level = jnp.array([0.0, 0.0, 1.0]) - s[2] * s
    level = level / jnp.sqrt(level @ level)
    normal = jnp.cos(plane) * level + jnp.sin(plane) * jnp.cross(s, level)
    speed = jnp.sqrt(squared + 2.0 * gm / radius)
    e = 1.0 + radius * squared / gm
    cosine, sine = -1.0 / e, jnp.sqrt(1.0 - 1.0 / (e * e))
    across = jnp.cross(normal, s)
    low = cosine * s - sine * across
    ahead = jnp.cross(normal, low)
    return (
        radius * jnp.where(from_periapsis, low, s),
        speed * jnp.where(from_periapsis, ahead, s),
    )


@compiled
def departure_plane(v_infinity: Vector, inclination: Scalar) -> Scalar:
    """The angle of the departure plane about the asymptote for a parking orbit's inclination.

    Where the asymptote's declination is larger than the inclination, the plane is the one whose
    inclination is that declination.

    Args:
        v_infinity: on the outgoing asymptote [m/s].
        inclination: wanted [rad].

    Returns:
        The angle, 0 to pi [rad].
    """
    _, declination = angles_of(v_infinity)
    return jnp.arccos(jnp.clip(jnp.cos(inclination) / jnp.cos(declination), -1.0, 1.0))

"""The B-plane: where an arriving body would pass the planet if the planet did not pull.

              T (along the equator)
              ^
              |   B = B (cos theta T + sin theta R)
              |  /
              | /
      S (o)---+-------> R (towards the south)
       the incoming asymptote points into the page

S is the direction of the incoming asymptote, T = S x pole / |S x pole|, R = S x T. A positive B.T
turns with the planet.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Array, Matrix, Scalar, Vector
from anabasis.mechanics.compiled import compiled


class Approach(eqx.Module):
    """An incoming hyperbola as the B-plane sees it.

    Attributes:
        v_infinity: velocity on the incoming asymptote [m/s].
        b_t: component of B along T [m].
        b_r: component of B along R [m].
        time_to_periapsis: from the state it was taken from [s].
    """

    v_infinity: Vector
    b_t: Scalar
    b_r: Scalar
    time_to_periapsis: Scalar


@compiled
def plane_axes(v_infinity: Vector, pole: Vector) -> Matrix:
    """The axes S, T, R of the B-plane, as rows.

    Args:
        v_infinity: on the incoming asymptote [m/s].
        pole: of the planet, unit.

    Returns:
        Rows S, T, R. Undefined for an approach along the pole.
    """
    s = v_infinity / jnp.sqrt(v_infinity @ v_infinity)
    t = jnp.cross(s, pole)
    t = t / jnp.sqrt(t @ t)
    return jnp.stack([s, t, jnp.cross(s, t)])


@compiled
def approach_of(position: Vector, velocity: Vector, gm: Scalar, pole: Vector) -> Approach:
    """The B-plane coordinates of a hyperbolic state, before or after its periapsis.

        S = (cos beta) e^ + (sin beta) h^ x e^,   cos beta = 1 / e,   B = h / v_inf  along  S x h^

    Args:
        position: from the planet [m].
        velocity: [m/s].
        gm: of the planet [m^3/s^2].
        pole: of the planet, unit.

    Returns:
        The approach. For a bound state the numbers are meaningless but finite.
    """
    radius = jnp.sqrt(position @ position)
    h = jnp.cross(position, velocity)
    size = jnp.sqrt(h @ h)
    normal = h / size
    energy = velocity @ velocity - 2.0 * gm / radius
    v_infinity = jnp.sqrt(jnp.maximum(energy, 1e-6))
    e_vector = jnp.cross(velocity, h) / gm - position / radius
    e = jnp.sqrt(e_vector @ e_vector)
    towards = e_vector / e
    ahead = jnp.cross(normal, towards)
    cosine = 1.0 / e
    sine = jnp.sqrt(jnp.maximum(1.0 - cosine * cosine, 1e-30))
    s = cosine * towards + sine * ahead
    b = size / v_infinity * jnp.cross(s, normal)
    axes = plane_axes(s, pole)
    parts = axes @ b
    # Hyperbolic Kepler equation, counted from the periapsis.
    a = gm / jnp.maximum(energy, 1e-6)
    anomaly = jnp.arcsinh((position @ velocity) / (e * jnp.sqrt(gm * a)))
    since = (e * jnp.sinh(anomaly) - anomaly) * jnp.sqrt(a * a * a / gm)
    return Approach(v_infinity * s, parts[1], parts[2], -since)


@compiled
def b_magnitude(
    v_infinity: Scalar, gm: Scalar, radius: Scalar, flight_path_angle: Scalar
) -> Scalar:
    """How far from the centre to aim, to cross a radius at a flight-path angle.

        B = r sqrt(1 + 2 gm / (r v_inf^2)) cos(gamma)

    Args:
        v_infinity: speed on the asymptote [m/s].
        gm: of the planet [m^3/s^2].
        radius: that is crossed [m].
        flight_path_angle: inertial, there [rad].

    Returns:
        The length of B [m].
    """
    return (
        radius
        * jnp.sqrt(1.0 + 2.0 * gm / (radius * v_infinity * v_infinity))
        * jnp.cos(flight_path_angle)
    )


@compiled
def crossing_angle(v_infinity: Scalar, gm: Scalar, radius: Scalar, periapsis: Scalar) -> Scalar:
    """The (negative) flight-path angle at a radius on the way to a periapsis.

        cos(gamma) = (r_p v_p) / (r v)

    Args:
        v_infinity: speed on the asymptote [m/s].
        gm: of the planet [m^3/s^2].
        radius: that is crossed, at least the periapsis [m].
        periapsis: radius of the closest point [m].

    Returns:
        The inertial flight-path angle [rad].
    """
    speed = jnp.sqrt(v_infinity**2 + 2.0 * gm / radius)
    fastest = jnp.sqrt(v_infinity**2 + 2.0 * gm / periapsis)
    return -jnp.arccos(jnp.clip(periapsis * fastest / (radius * speed), 0.0, 1.0))


@compiled
def crossing_state(
    v_infinity: Vector, b_t: Scalar, b_r: Scalar, gm: Scalar, pole: Vector, radius: Scalar
) -> tuple[Vector, Vector]:
    """Position and velocity where an incoming hyperbola crosses a radius on its way down.

    Args:
        v_infinity: on the incoming asymptote [m/s].
        b_t: component of B along T [m].
        b_r: component of B along R [m].
        gm: of the planet [m^3/s^2].
        pole: of the planet, unit.
        radius: that is crossed [m]; held at the periapsis where the hyperbola stays above it.

    Returns:
        Position [m] and velocity [m/s].
    """
    s, t, r = plane_axes(v_infinity, pole)
    b = b_t * t + b_r * r
    length = jnp.sqrt(b @ b)
    outward = b / length
    normal = jnp.cross(outward, s)
    squared = v_infinity @ v_infinity
    speed_inf = jnp.sqrt(squared)
    h = length * speed_inf
    a = gm / squared
    e = jnp.sqrt(1.0 + (length / a) ** 2)
    parameter = h * h / gm
    cosine = jnp.maximum((parameter / radius - 1.0) / e, -1.0)
    below = cosine >= 1.0
    cosine = jnp.minimum(cosine, 1.0)
    anomaly = -jnp.arccos(jnp.where(below, 0.0, cosine))
    anomaly = jnp.where(below, 0.0, anomaly)
    cosine_s, sine_s = 1.0 / e, jnp.sqrt(1.0 - 1.0 / (e * e))
    towards = cosine_s * s - sine_s * jnp.cross(normal, s)
    quarter = jnp.cross(normal, towards)
    c, n = jnp.cos(anomaly), jnp.sin(anomaly)
    distance = parameter / (1.0 + e * c)
    position = distance * (c * towards + n * quarter)
    velocity = gm / h * (-n * towards + (e + c) * quarter)
    return position, velocity


@compiled
def time_from_crossing(approach: Approach, gm: Scalar, radius: Scalar) -> Scalar:
    """How long before the periapsis an incoming hyperbola crosses a radius.

        t = sqrt(a^3 / gm) (e sinh H - H),   cosh H = (1 + r / a) / e

    Args:
        approach: the hyperbola.
        gm: of the planet [m^3/s^2].
        radius: that is crossed [m].

    Returns:
        The time from the crossing to the periapsis, positive [s]; 0 where it stays above.
    """
    squared = approach.v_infinity @ approach.v_infinity
    a = gm / squared
    length_squared = approach.b_t**2 + approach.b_r**2
    e = jnp.sqrt(1.0 + length_squared / (a * a))
    cosh = (1.0 + radius / a) / e
    above = cosh <= 1.0
    anomaly = jnp.arccosh(jnp.where(above, 2.0, cosh))
    time = jnp.sqrt(a * a * a / gm) * (e * jnp.sinh(anomaly) - anomaly)
    return jnp.where(above, 0.0, time)


@compiled
def asymptote(right_ascension: Scalar, declination: Scalar, speed: Scalar) -> Vector:
    """The velocity on an asymptote from its direction in inertial axes.

    Args:
        right_ascension: [rad].
        declination: [rad].
        speed: v-infinity [m/s].

    Returns:
        The velocity [m/s].
    """
    c = jnp.cos(declination)
    return speed * jnp.stack(
        [c * jnp.cos(right_ascension), c * jnp.sin(right_ascension), jnp.sin(declination)]
    )


@compiled
def angles_of(direction: Vector) -> tuple[Array, Array]:
    """Right ascension (0 to 2 pi) and declination of a direction in inertial axes [rad]."""
    angle = jnp.arctan2(direction[1], direction[0])
    level = jnp.sqrt(direction[0] ** 2 + direction[1] ** 2)
    return jnp.where(angle < 0.0, angle + 2.0 * jnp.pi, angle), jnp.arctan2(direction[2], level)

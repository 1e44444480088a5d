"""Motion about one point mass, in closed form: Kepler's problem, and elements both ways."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.mechanics.arrays import Array, Scalar, Vector

_STEPS = 50
"""Iterations of the bracketed Laguerre search; a dozen suffice, the rest cost little."""
_LAGUERRE_ORDER = 5.0
_SERIES_BELOW = 1.0
"""|beta s^2| below which the universal functions are summed as a series (no cancellation)."""
_SERIES_TERMS = 11
"""Terms of that series: the next one is below 1e-20 of the first."""
_LARGEST_ANGLE = 300.0
"""Hyperbolic anomaly at which the universal functions are held, to stay finite."""


def universal_functions(beta: Array, s: Array) -> tuple[Array, Array, Array, Array]:
    """The functions G0 to G3 in which all conics are one formula.

        G0 = 1 - beta G2,   dG(k+1)/ds = G(k);   beta > 0: G0 = cos(sqrt(beta) s)

    Args:
        beta: 2 gm / r - v^2; positive for an ellipse.
        s: universal anomaly, ds = dt / r.

    Returns:
        G0, G1, G2, G3.
    """
    z = beta * s * s
    small = jnp.abs(z) < _SERIES_BELOW
    elliptic = beta > 0.0
    # Every branch is evaluated in every lane, so each is given an argument it can bear.
    safe = jnp.where(small, jnp.where(elliptic, 1.0, -1.0), z)
    size = jnp.sqrt(jnp.abs(safe))
    angle = jnp.where(elliptic, size, 1.0)
    rapid = jnp.where(elliptic, 1.0, jnp.minimum(size, _LARGEST_ANGLE))
    half = 0.5 * angle
    half_rapid = 0.5 * rapid
    c1 = jnp.where(elliptic, jnp.sin(angle) / angle, jnp.sinh(rapid) / rapid)
    c2 = jnp.where(
        elliptic, 0.5 * (jnp.sin(half) / half) ** 2, 0.5 * (jnp.sinh(half_rapid) / half_rapid) ** 2
    )
    c3 = jnp.where(elliptic, (1.0 - c1) / (angle * angle), (c1 - 1.0) / (rapid * rapid))
    series_z = jnp.where(small, z, 0.0)
    s2 = _series(series_z, 2)
    s3 = _series(series_z, 3)
    c2 = jnp.where(small, s2, c2)
    c3 = jnp.where(small, s3, c3)
    c1 = jnp.where(small, 1.0 - z * s3, c1)
    g1 = c1 * s
    g2 = c2 * s * s
    g3 = c3 * s * s * s
    return 1.0 - beta * g2, g1, g2, g3


def _series(z: Array, first: int) -> Array:
    """c_k(z) = sum over n of (-z)^n / (2 n + k)!"""
    total = jnp.zeros_like(z)
    for n in reversed(range(_SERIES_TERMS)):
        total = 1.0 - total * z / ((2 * n + first + 1) * (2 * n + first + 2))
    return total / float((1, 1, 2, 6)[first])


def kepler_step(
    position: Vector, velocity: Vector, gm: Scalar, duration: Scalar
) -> tuple[Vector, Vector]:
    """Where a body on a conic is after some time.

        t = r0 G1(s) + (r.v) G2(s) + gm G3(s)            solved for s
        r(t) = f r0 + g v0,   v(t) = f' r0 + g' v0

    Solved in universal variables: one formula for ellipse, parabola and hyperbola. The search for
    s is Laguerre's, held inside a bracket, with a fixed number of steps; the last one carries the
    derivative. Whole revolutions are taken off first, so a thousand of them cost no digits but
    those of the period.

    Args:
        position: from the centre [m].
        velocity: [m/s].
        gm: of the centre [m^3/s^2].
        duration: forward or back [s].

    Returns:
        Position [m] and velocity [m/s], in the axes of the arguments.

    Valid: any conic that does not pass through the centre. Source: Battin, An introduction to the
    mathematics and methods of astrodynamics, 1999, section 4.5 and 4.6.
    """
    radius = jnp.sqrt(position @ position)
    unit_time = jnp.sqrt(radius**3 / gm)
    r0 = position / radius
    v0 = velocity * unit_time / radius
    sigma = r0 @ v0
    beta = 2.0 - v0 @ v0
    bound = beta > 0.0
    safe_beta = jnp.where(bound, beta, 1.0)
    period = 2.0 * jnp.pi / (safe_beta * jnp.sqrt(safe_beta))
    time = duration / unit_time
    turns = jax.lax.stop_gradient(jnp.where(bound, jnp.trunc(time / period), 0.0))
    time = time - turns * jnp.where(bound, period, 0.0)
    direction = jnp.where(time < 0.0, -1.0, 1.0)

    # dt/ds is the radius, never below the periapsis. On a hyperbola M = e sinh H - H bounds H too:
    # |H| is below 3 or below arcsinh(|M| / 0.7).
    h2 = jnp.sum(jnp.cross(r0, v0) ** 2)
    eccentricity = jnp.sqrt(jnp.maximum(1.0 - beta * h2, 0.0))
    periapsis = h2 / (1.0 + eccentricity)
    root = jnp.sqrt(jnp.maximum(-beta, 1e-12))
    e = jnp.maximum(eccentricity, 1.0)
    first = jnp.arcsinh(sigma * root / e)
    mean = e * jnp.sinh(first) - first + root**3 * time
    last = jnp.maximum(3.0, jnp.arcsinh(jnp.abs(mean) / 0.7))
    slowest = jnp.abs(time) / jnp.maximum(periapsis, 1e-12)
    far = jnp.where(
        bound,
        2.0 * jnp.pi / jnp.sqrt(safe_beta),
        jnp.minimum(slowest, (jnp.abs(first) + last) / root),
    )
    far = far * 1.000001 + 1e-12
    guess = jnp.where(
        bound,
        jnp.abs(time),
        direction * (jnp.arcsinh(mean / e) - first) / root,
    )
    start = jnp.clip(guess, 1e-3 * far, 0.9 * far)

    held = jax.lax.stop_gradient((beta, sigma))
    goal = jax.lax.stop_gradient(time)

    def closer(_: object, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        s, low, high = carry
        t, rate, curvature = _elapsed(*held, direction * s)
        excess = direction * (t - goal)
        curvature = direction * curvature
        low = jnp.where(excess < 0.0, s, low)
        high = jnp.where(excess < 0.0, high, s)
        n = _LAGUERRE_ORDER
        root = jnp.sqrt(jnp.abs((n - 1.0) ** 2 * rate * rate - n * (n - 1.0) * excess * curvature))
        trial = s - n * excess / (rate + root)
        inside = (trial > low) & (trial < high)
        trial = jnp.where(inside, trial, 0.5 * (low + high))
        return jnp.where(excess == 0.0, s, trial), low, high

    carry = jax.lax.stop_gradient((start, jnp.zeros_like(start), far))
    found, _, _ = jax.lax.fori_loop(0, _STEPS, closer, carry)
    found = jax.lax.stop_gradient(direction * found)
    t, rate, _ = _elapsed(beta, sigma, found)
    s = found - (t - time) / jax.lax.stop_gradient(rate)

    g0, g1, g2, _ = universal_functions(beta, s)
    r = g0 + sigma * g1 + g2
    f = 1.0 - g2
    g = g1 + sigma * g2
    f_rate = -g1 / r
    g_rate = 1.0 - g2 / r
    end = f * r0 + g * v0
    end_velocity = f_rate * r0 + g_rate * v0
    return end * radius, end_velocity * radius / unit_time


def _elapsed(beta: Array, sigma: Array, s: Array) -> tuple[Array, Array, Array]:
    """Time since the start, the radius (dt/ds) and its slope at the anomaly s; r0 = gm = 1."""
    g0, g1, g2, g3 = universal_functions(beta, s)
    return g1 + sigma * g2 + g3, g0 + sigma * g1 + g2, sigma * g0 + (1.0 - beta) * g1


class Elements(eqx.Module):
    """Osculating orbital elements, angles in radians.

    Attributes:
        semi_major_axis: negative for a hyperbola [m].
        eccentricity: [-].
        inclination: to the x-y plane of the axes, 0 to pi.
        node: right ascension of the ascending node, 0 to 2 pi; 0 for an equatorial orbit.
        argument_of_periapsis: from the node, 0 to 2 pi; 0 for a circular orbit.
        true_anomaly: from the periapsis (from the node if circular), -pi to pi.
    """

    semi_major_axis: Scalar
    eccentricity: Scalar
    inclination: Scalar
    node: Scalar
    argument_of_periapsis: Scalar
    true_anomaly: Scalar


_DEGENERATE = 1e-11
"""Eccentricity, or sine of inclination, below which an orbit counts as circular or equatorial."""


def elements(position: Vector, velocity: Vector, gm: Scalar) -> Elements:
    """The osculating elements of a state, in the axes of the state.

        e = v x h / gm - r / |r|,   a = 1 / (2 / r - v^2 / gm)

    Where an angle has no meaning (circular, equatorial) it is 0 and its neighbour takes over, with
    finite derivatives.

    Args:
        position: from the centre [m].
        velocity: [m/s].
        gm: of the centre [m^3/s^2].

    Returns:
        The elements [m, rad].

    Valid: any conic but the exact parabola (infinite semi-major axis) and the straight line.
    """
    radius = jnp.sqrt(position @ position)
    h = jnp.cross(position, velocity)
    size = jnp.sqrt(h @ h)
    normal = h / size
    e_vector = jnp.cross(velocity, h) / gm - position / radius
    e_squared = e_vector @ e_vector
    circular = e_squared < _DEGENERATE**2
    eccentricity = jnp.where(circular, 0.0, jnp.sqrt(jnp.where(circular, 1.0, e_squared)))
    sine = normal[0] ** 2 + normal[1] ** 2
    equatorial = sine < _DEGENERATE**2
    sine = jnp.where(equatorial, 0.0, jnp.sqrt(jnp.where(equatorial, 1.0, sine)))
    inclination = jnp.arctan2(sine, normal[2])

    # Axes in the plane: towards the node (or x), and a quarter turn ahead of it.
    towards_node = jnp.where(
        equatorial,
        jnp.array([1.0, 0.0, 0.0]),
        jnp.array([-normal[1], normal[0], 0.0]) / jnp.where(equatorial, 1.0, sine),
    )
    ahead = jnp.cross(normal, towards_node)
    node = jnp.where(equatorial, 0.0, _turn(towards_node[1], towards_node[0]))
    e_x = jnp.where(circular, 1.0, e_vector @ towards_node)
    e_y = jnp.where(circular, 0.0, e_vector @ ahead)
    argument = jnp.where(circular, 0.0, _turn(e_y, e_x))
    towards_periapsis = jnp.cos(argument) * towards_node + jnp.sin(argument) * ahead
    anomaly = jnp.arctan2(
        position @ jnp.cross(normal, towards_periapsis), position @ towards_periapsis
    )
    a = 1.0 / (2.0 / radius - (velocity @ velocity) / gm)
    return Elements(a, eccentricity, inclination, node, argument, anomaly)


def _turn(y: Array, x: Array) -> Array:
    """The angle of (x, y) from 0 to 2 pi."""
    angle = jnp.arctan2(y, x)
    return jnp.where(angle < 0.0, angle + 2.0 * jnp.pi, angle)


def state_of_elements(orbit: Elements, gm: Scalar) -> tuple[Vector, Vector]:
    """Position and velocity from osculating elements; the inverse of `elements`.

        r = p / (1 + e cos nu),   p = a (1 - e^2)

    Args:
        orbit: elements; a hyperbola has a negative semi-major axis.
        gm: of the centre [m^3/s^2].

    Returns:
        Position [m] and velocity [m/s].
    """
    e = jnp.asarray(orbit.eccentricity, float)
    parameter = orbit.semi_major_axis * (1.0 - e * e)
    cosine, sine = jnp.cos(orbit.true_anomaly), jnp.sin(orbit.true_anomaly)
    cos_node, sin_node = jnp.cos(orbit.node), jnp.sin(orbit.node)
    cos_i, sin_i = jnp.cos(orbit.inclination), jnp.sin(orbit.inclination)
    towards_node = jnp.stack([cos_node, sin_node, jnp.zeros_like(cos_node)])
    ahead = jnp.stack([-cos_i * sin_node, cos_i * cos_node, sin_i])
    cos_w, sin_w = jnp.cos(orbit.argument_of_periapsis), jnp.sin(orbit.argument_of_periapsis)
    p_axis = cos_w * towards_node + sin_w * ahead
    q_axis = -sin_w * towards_node + cos_w * ahead
    position = parameter / (1.0 + e * cosine) * (cosine * p_axis + sine * q_axis)
    velocity = jnp.sqrt(gm / parameter) * (-sine * p_axis + (e + cosine) * q_axis)
    return position, velocity


def apsis_radii(position: Vector, velocity: Vector, gm: Scalar) -> tuple[Scalar, Scalar]:
    """The osculating apoapsis and periapsis radius of a state.

        r_a = p / (1 - e),   r_p = p / (1 + e)

    Args:
        position: from the centre [m].
        velocity: [m/s].
        gm: of the centre [m^3/s^2].

    Returns:
        Apoapsis and periapsis radius [m]. The apoapsis of a hyperbola is negative, as a(1 + e) is.
    """
    h = jnp.cross(position, velocity)
    parameter = (h @ h) / gm
    radius = jnp.sqrt(position @ position)
    e_vector = jnp.cross(velocity, h) / gm - position / radius
    squared = e_vector @ e_vector
    none = squared == 0.0
    e = jnp.where(none, 0.0, jnp.sqrt(jnp.where(none, 1.0, squared)))
    return parameter / (1.0 - e), parameter / (1.0 + e)

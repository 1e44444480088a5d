"""Lambert's problem: the conic that joins two places in a given time (Izzo 2015)."""

from __future__ import annotations

import math

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.mechanics.arrays import Array, Flag, Scalar, Vector

_STEPS = 5
"""Householder steps without whole revolutions; three reach 1e-12 almost everywhere."""
_STEPS_MULTIPLE = 12
"""Householder steps with whole revolutions: the curve is flat near its minimum."""
_STEPS_MINIMUM = 12
"""Halley steps towards the least time of flight with whole revolutions."""
_NEAR_PARABOLA = 0.1
"""|x - 1| below which the time of flight is summed as Battin's series (no cancellation)."""
_SERIES_TERMS = 16


class Arc(eqx.Module):
    """A conic arc between two places.

    Attributes:
        departure_velocity: at the first place [m/s].
        arrival_velocity: at the second place [m/s].
        exists: False where no arc with this many revolutions takes this time.
    """

    departure_velocity: Vector
    arrival_velocity: Vector
    exists: Flag


def time_of_flight(x: Array, shape: Array, revolutions: int) -> Array:
    """Izzo's non-dimensional time of flight T(x) for one shape of triangle.

        y = sqrt(1 - lambda^2 (1 - x^2)),   cos psi = x y + lambda (1 - x^2)
        T = ((psi + M pi) / sqrt|1 - x^2| - x + lambda y) / (1 - x^2)

    and Battin's series near the parabola, x = 1, where that form loses its digits.

    Args:
        x: the unknown; below 1 an ellipse, above 1 a hyperbola.
        shape: Izzo's lambda, from -1 to 1.
        revolutions: whole revolutions M, at least 0.

    Returns:
        T = sqrt(2 gm / s^3) times the time of flight.
    """
    e = 1.0 - x * x
    y = jnp.sqrt(1.0 - shape * shape * e)
    near = jnp.abs(x - 1.0) < _NEAR_PARABOLA
    ellipse = e > 0.0
    safe_e = jnp.where(near, jnp.where(ellipse, 0.5, -0.5), e)
    root = jnp.sqrt(jnp.abs(safe_e))
    # psi from its sine as well as its cosine: full precision at both ends.
    cosine = x * y + shape * e
    sine = (y - x * shape) * root
    psi = jnp.where(
        ellipse,
        jnp.arctan2(jnp.where(ellipse, sine, 0.0), jnp.where(ellipse, cosine, 1.0)),
        jnp.arcsinh(jnp.where(ellipse, 0.0, sine)),
    )
    lagrange = ((psi + revolutions * math.pi) / root - x + shape * y) / safe_e
    eta = y - shape * x
    s1 = jnp.where(near, 0.5 * (1.0 - shape - x * eta), 0.0)
    q = _hypergeometric(s1) * (4.0 / 3.0)
    battin = 0.5 * (eta**3 * q + 4.0 * shape * eta)
    if revolutions:
        whole = jnp.where(ellipse, jnp.where(e == 0.0, 1.0, jnp.abs(e)), 1.0)
        battin = battin + revolutions * math.pi / (whole * jnp.sqrt(whole))
    return jnp.where(near, battin, lagrange)


def _hypergeometric(z: Array) -> Array:
    """2F1(3, 1; 5/2; z), summed."""
    total = jnp.ones_like(z)
    for n in reversed(range(_SERIES_TERMS)):
        total = 1.0 + total * z * ((3.0 + n) / (2.5 + n))
    return total


def _slopes(x: Array, shape: Array, time: Array) -> tuple[Array, Array, Array]:
    """First three derivatives of T(x), from T itself; not for x = 1 exactly.

    (1 - x^2) T'   = 3 T x - 2 + 2 lambda^3 x / y
    (1 - x^2) T''  = 3 T + 5 x T' + 2 (1 - lambda^2) lambda^3 / y^3
    (1 - x^2) T''' = 7 x T'' + 8 T' - 6 (1 - lambda^2) lambda^5 x / y^5
    """
    e = 1.0 - x * x
    e = jnp.where(jnp.abs(e) < 1e-9, 1e-9, e)
    l2 = shape * shape
    y2 = 1.0 - l2 * e
    y = jnp.sqrt(y2)
    l3 = l2 * shape
    inverse = 1.0 / e
    first = (3.0 * time * x - 2.0 + 2.0 * l3 * x / y) * inverse
    second = (3.0 * time + 5.0 * x * first + 2.0 * (1.0 - l2) * l3 / (y * y2)) * inverse
    third = (7.0 * x * second + 8.0 * first - 6.0 * (1.0 - l2) * l2 * l3 * x / (y * y2 * y2)) * (
        inverse
    )
    return first, second, third


def _first_guess(shape: Array, time: Array) -> Array:
    """Izzo's starting point without whole revolutions, from T at x = 0 and x = 1."""
    t00 = jnp.arctan2(jnp.sqrt(1.0 - shape * shape), shape) + shape * jnp.sqrt(1.0 - shape * shape)
    t1 = 2.0 / 3.0 * (1.0 - shape**3)
    slow = time >= t00
    fast = time < t1
    logarithm = jnp.log(time / t00)
    exponent = jnp.where(slow, -2.0 / 3.0, jnp.log(2.0) / jnp.log(t1 / t00))
    between = jnp.exp(exponent * logarithm) - 1.0
    above = 2.5 * t1 * (t1 - time) / (time * (1.0 - shape**5)) + 1.0
    return jnp.where(fast, above, between)


def _householder(x: Array, shape: Array, time: Array, revolutions: int, steps: int) -> Array:
    """Third-order steps on T(x) = time, held inside the domain."""

    def closer(_: object, x: Array) -> Array:
        t = time_of_flight(x, shape, revolutions)
        first, second, third = _slopes(x, shape, t)
        miss = t - time
        squared = first * first
        half = 0.5 * miss * second
        bottom = first * (squared - 2.0 * half) + third * miss * miss / 6.0
        ok = (bottom != 0.0) & (jnp.abs(miss) > 0.0)
        step = jnp.where(ok, miss * (squared - half) / jnp.where(ok, bottom, 1.0), 0.0)
        new = x - step
        lowest = 0.5 * (x - 1.0)
        new = jnp.where(new > -1.0, new, lowest)
        if revolutions:
            new = jnp.where(new < 1.0, new, 0.5 * (x + 1.0))
        return new

    if revolutions:
        return jax.lax.fori_loop(0, steps, closer, x)
    # Unrolled: the whole solution stays one fused kernel in a batch.
    for step in range(steps):
        x = closer(step, x)
    return x


def _least(shape: Array, revolutions: int) -> Array:
    """The x with whole revolutions at which the time of flight is least: Halley's steps on T'."""

    def closer(_: object, x: Array) -> Array:
        first, second, third = _slopes(x, shape, time_of_flight(x, shape, revolutions))
        bottom = second * second - 0.5 * first * third
        new = x - first * second / jnp.where(bottom == 0.0, 1.0, bottom)
        new = jnp.where(new <= -1.0, 0.5 * (x - 1.0), new)
        return jnp.where(new >= 1.0, 0.5 * (x + 1.0), new)

    return jax.lax.fori_loop(0, _STEPS_MINIMUM, closer, jnp.zeros_like(shape))


def solve_unknown(
    shape: Array,
    time: Array,
    revolutions: int = 0,
    right: bool = False,
    steps: int | None = None,
) -> tuple[Array, Array]:
    """Izzo's x for a triangle and a time, and whether it exists.

    Works elementwise. A fixed number of steps, so that every lane does the same work; the last is a
    Newton step that carries the derivative.

    Args:
        shape: Izzo's lambda, from -1 to 1.
        time: non-dimensional time of flight.
        revolutions: whole revolutions (static).
        right: of the two arcs with whole revolutions, that with the larger x (static).
        steps: Householder steps (static); None takes the default.

    Returns:
        x, and False where no such arc exists.
    """
    l_held, t_held = jax.lax.stop_gradient((shape, time))
    if revolutions == 0:
        x = _householder(_first_guess(l_held, t_held), l_held, t_held, 0, steps or _STEPS)
        exists = jnp.isfinite(x)
    else:
        least = _least(l_held, revolutions)
        exists = t_held > time_of_flight(least, l_held, revolutions)
        # Where there is no arc, a time that has one keeps the numbers finite.
        t_held = jnp.where(exists, t_held, 2.0 * time_of_flight(least, l_held, revolutions))
        if right:
            ratio = (8.0 * t_held / (revolutions * math.pi)) ** (2.0 / 3.0)
        else:
            ratio = ((revolutions + 1) * math.pi / (8.0 * t_held)) ** (2.0 / 3.0)
        x = (ratio - 1.0) / (ratio + 1.0)
        x = _householder(x, l_held, t_held, revolutions, steps or _STEPS_MULTIPLE)
    x = jax.lax.stop_gradient(x)
    t = time_of_flight(x, shape, revolutions)
    slope, _, _ = _slopes(x, l_held, jax.lax.stop_gradient(t))
    slope = jax.lax.stop_gradient(jnp.where(slope == 0.0, 1.0, slope))
    step = (t - time) / slope
    # Beyond what a converged root needs, only the derivative of the step is wanted.
    held = jax.lax.stop_gradient(step)
    step = step - held + jnp.where(jnp.abs(held) < 1e-6, held, 0.0)
    return x - jnp.where(exists, step, 0.0), exists


def lambert_izzo2015(
    start: Vector,
    end: Vector,
    duration: Scalar,
    gm: Scalar,
    *,
    revolutions: int = 0,
    right: bool = False,
    retrograde: bool = False,
    steps: int | None = None,
) -> Arc:
    """The conic from one place to another in a given time.

        lambda = +- sqrt(1 - c / s),   T = sqrt(2 gm / s^3) t,   T(x; lambda) = T   solved for x

    with chord c and half perimeter s. Works for any conic; undefined where the places are in line
    with the centre (0 or 180 degrees), because no plane is then given.

    Args:
        start: first place, from the centre [m].
        end: second place [m].
        duration: time of flight, positive [s].
        gm: of the centre [m^3/s^2].
        revolutions: whole revolutions on the way (static).
        right: which of the two arcs with whole revolutions (static).
        retrograde: turn against the z axis (static).
        steps: Householder steps (static); None takes the default.

    Returns:
        The velocities at both ends, and whether the arc exists.

    Source: D. Izzo, Revisiting Lambert's problem, Celestial Mechanics and Dynamical Astronomy 121,
    2015.
    """
    r1 = jnp.sqrt(start @ start)
    r2 = jnp.sqrt(end @ end)
    chord_vector = end - start
    chord = jnp.sqrt(chord_vector @ chord_vector)
    half = 0.5 * (r1 + r2 + chord)
    u1, u2 = start / r1, end / r2
    normal = jnp.cross(u1, u2)
    normal = normal / jnp.sqrt(normal @ normal)
    # The short way round is with the z axis where the normal is; otherwise the long way.
    sign = jnp.where(normal[2] < 0.0, -1.0, 1.0)
    if retrograde:
        sign = -sign
    shape = sign * jnp.sqrt(jnp.maximum(1.0 - chord / half, 0.0))
    time = jnp.sqrt(2.0 * gm / half**3) * duration
    x, exists = solve_unknown(shape, time, revolutions, right, steps)
    y = jnp.sqrt(1.0 - shape * shape * (1.0 - x * x))
    gamma = jnp.sqrt(0.5 * gm * half)
    rho = (r1 - r2) / chord
    sigma = jnp.sqrt(1.0 - rho * rho)
    radial_1 = gamma * ((shape * y - x) - rho * (shape * y + x)) / r1
    radial_2 = -gamma * ((shape * y - x) + rho * (shape * y + x)) / r2
    transverse = gamma * sigma * (y + shape * x)
    ahead_1 = sign * jnp.cross(normal, u1)
    ahead_2 = sign * jnp.cross(normal, u2)
    return Arc(
        radial_1 * u1 + transverse / r1 * ahead_1,
        radial_2 * u2 + transverse / r2 * ahead_2,
        exists,
    )

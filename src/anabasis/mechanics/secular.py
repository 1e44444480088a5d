"""Orbits about an oblate planet, told by their means: what J2 turns slowly, and what it shakes.

An orbit near a circle is kept as (a, e cos w, e sin w, i, node, w + M): none of them loses its
meaning when the orbit is a circle. Under J2 the means of the first, the fourth and |e| stand
still, the others turn steadily. The osculating elements shake about the means once or twice a
revolution by some kilometres; `osculating` adds the shaking, `mean_orbit` takes it off.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.mechanics.arrays import Array, Count, Scalar, Vector
from anabasis.mechanics.kepler import Elements, elements, state_of_elements

_KEPLER_STEPS = 12
"""Newton steps on Kepler's equation; quadratic from 1e-1, so 6 suffice below e = 0.9."""
_MEAN_STEPS = 12
"""Rounds of taking the shaking off; each gains a factor of about 1 / J2."""


class OblateBody(eqx.Module):
    """A planet as far as slow orbit changes go.

    Attributes:
        gm: gravitational parameter [m^3/s^2].
        j2: second zonal harmonic, unnormalised; 0 for a round planet.
        radius: that J2 refers to [m].
    """

    gm: Scalar
    j2: Scalar
    radius: Scalar


class MeanOrbit(eqx.Module):
    """An orbit in nearly circular elements, about the planet's equator and its pole.

    Attributes:
        semi_major_axis: [m].
        eccentricity_x: e cos w, the part of the eccentricity that points to the node.
        eccentricity_y: e sin w, the part a quarter turn ahead of the node.
        inclination: to the equator [rad].
        node: right ascension of the ascending node [rad].
        latitude: mean argument of latitude w + M [rad]; grows without wrapping.
    """

    semi_major_axis: Scalar
    eccentricity_x: Scalar
    eccentricity_y: Scalar
    inclination: Scalar
    node: Scalar
    latitude: Scalar

    @property
    def eccentricity(self) -> Scalar:
        """[-], with a finite derivative at the circle."""
        return _length(self.eccentricity_x, self.eccentricity_y)


class SecularRates(eqx.Module):
    """How fast J2 turns an orbit, and how fast the body goes round [rad/s]."""

    node: Scalar
    argument_of_periapsis: Scalar
    mean_anomaly: Scalar

    @property
    def latitude(self) -> Scalar:
        """Of the mean argument of latitude: node to node."""
        return self.argument_of_periapsis + self.mean_anomaly


def secular_rates(orbit: MeanOrbit, body: OblateBody) -> SecularRates:
    """The steady turning of an orbit about an oblate planet.

        node'     = -k n cos i                          k = 3/2 J2 (R/p)^2,  p = a (1 - e^2)
        argument' =  k n (2 - 5/2 sin^2 i)
        anomaly'  =  n [1 + k sqrt(1 - e^2) (1 - 3/2 sin^2 i)]

    Args:
        orbit: mean elements.
        body: the planet.

    Returns:
        Rates [rad/s].

    Valid: first order in J2 (relative error of the rates about J2), any e < 1. Left out: J4, drag,
    the Sun. Source: Y. Kozai, Astronomical Journal 64 (1959), p. 367.
    """
    a = orbit.semi_major_axis
    n = jnp.sqrt(body.gm / a**3)
    roundness = 1.0 - orbit.eccentricity_x**2 - orbit.eccentricity_y**2
    k = 1.5 * body.j2 * (body.radius / (a * roundness)) ** 2
    sine_squared = jnp.sin(orbit.inclination) ** 2
    return SecularRates(
        node=-k * n * jnp.cos(orbit.inclination),
        argument_of_periapsis=k * n * (2.0 - 2.5 * sine_squared),
        mean_anomaly=n * (1.0 + k * jnp.sqrt(roundness) * (1.0 - 1.5 * sine_squared)),
    )


def drift(orbit: MeanOrbit, body: OblateBody, duration: Scalar) -> MeanOrbit:
    """The same orbit some time later.

    Args:
        orbit: mean elements.
        body: the planet.
        duration: forward or back [s].

    Returns:
        Mean elements; the latitude counts revolutions on.

    Valid: as `secular_rates`.
    """
    rates = secular_rates(orbit, body)
    turn = rates.argument_of_periapsis * duration
    x, y = rotated(orbit.eccentricity_x, orbit.eccentricity_y, turn)
    return MeanOrbit(
        orbit.semi_major_axis,
        x,
        y,
        orbit.inclination,
        orbit.node + rates.node * duration,
        orbit.latitude + rates.latitude * duration,
    )


def rotated(x: Scalar, y: Scalar, angle: Scalar) -> tuple[Scalar, Scalar]:
    """A vector of the plane turned by an angle."""
    c, s = jnp.cos(angle), jnp.sin(angle)
    return c * x - s * y, s * x + c * y


def position_velocity(orbit: MeanOrbit, body: OblateBody) -> tuple[Vector, Vector]:
    """Where the body would be if these elements were osculating: Kepler's motion, nothing added.

    Args:
        orbit: elements.
        body: the planet (its gm).

    Returns:
        Position [m] and velocity [m/s] in the planet's equatorial axes.
    """
    e, argument, anomaly = _polar(orbit)
    return state_of_elements(
        Elements(
            orbit.semi_major_axis,
            e,
            orbit.inclination,
            orbit.node,
            argument,
            _true_anomaly(anomaly, e),
        ),
        body.gm,
    )


def orbit_of_state(position: Vector, velocity: Vector, body: OblateBody) -> MeanOrbit:
    """The inverse of `position_velocity`: osculating elements in the nearly circular form."""
    o = elements(position, velocity, body.gm)
    e = o.eccentricity
    half = 0.5 * o.true_anomaly
    eccentric = 2.0 * jnp.arctan2(
        jnp.sqrt(1.0 - e) * jnp.sin(half), jnp.sqrt(1.0 + e) * jnp.cos(half)
    )
    return MeanOrbit(
        o.semi_major_axis,
        e * jnp.cos(o.argument_of_periapsis),
        e * jnp.sin(o.argument_of_periapsis),
        o.inclination,
        o.node,
        o.argument_of_periapsis + eccentric - e * jnp.sin(eccentric),
    )


def osculating(orbit: MeanOrbit, body: OblateBody) -> tuple[Vector, Vector]:
    """The state of a body whose mean orbit is known: Kepler's motion with the shaking of J2.

    Args:
        orbit: mean elements.
        body: the planet.

    Returns:
        Position [m] and velocity [m/s] in the planet's equatorial axes.

    Valid: first order in J2, without the slow terms of Brouwer's second transformation (of order
    J3/J2 and J2 e); inclined orbits. Source: D. Brouwer, Astronomical Journal 64 (1959), p. 378.
    """
    return position_velocity(_shaken(orbit, body), body)


def mean_orbit(position: Vector, velocity: Vector, body: OblateBody) -> MeanOrbit:
    """The mean elements of a state: the exact inverse of `osculating`.

    Args:
        position: in the planet's equatorial axes [m].
        velocity: [m/s].
        body: the planet.

    Returns:
        Mean elements; latitude within a revolution of zero.

    Valid: as `osculating`.
    """
    shaken = orbit_of_state(position, velocity, body)

    def closer(_: Count, guess: MeanOrbit) -> MeanOrbit:
        error = jax.tree.map(lambda s, g: s - g, shaken, _shaken(guess, body))
        # The two latitudes may differ by whole turns, which are no error.
        turn = jnp.arctan2(jnp.sin(error.latitude), jnp.cos(error.latitude))
        error = eqx.tree_at(lambda o: o.latitude, error, turn)
        return jax.tree.map(lambda g, d: g + d, guess, error)

    guess = jax.tree.map(lambda leaf: jnp.asarray(leaf, float), shaken)
    return jax.lax.fori_loop(0, _MEAN_STEPS, closer, guess)


def _shaken(orbit: MeanOrbit, body: OblateBody) -> MeanOrbit:
    """Osculating elements from mean ones: Brouwer's short-period terms of J2."""
    a, i = orbit.semi_major_axis, orbit.inclination
    e, w, m = _polar(orbit)
    f = _true_anomaly(m, e)
    eta2 = 1.0 - e * e
    eta = jnp.sqrt(eta2)
    c = jnp.cos(i)
    c2 = c * c
    cosine, sine = jnp.cos(f), jnp.sin(f)
    gamma = 0.5 * body.j2 * (body.radius / a) ** 2
    gamma_p = gamma / eta2**2
    a_r = (1.0 + e * cosine) / eta2  # a / r
    cos2, cos1, cos3 = jnp.cos(2 * w + 2 * f), jnp.cos(2 * w + f), jnp.cos(2 * w + 3 * f)
    sin2, sin1, sin3 = jnp.sin(2 * w + 2 * f), jnp.sin(2 * w + f), jnp.sin(2 * w + 3 * f)
    equation_of_centre = f - m
    centre = equation_of_centre - 2.0 * jnp.pi * jnp.round(equation_of_centre / (2.0 * jnp.pi))
    centre = centre + e * sine

    d_a = a * gamma * ((3 * c2 - 1) * (a_r**3 - 1 / eta**3) + 3 * (1 - c2) * a_r**3 * cos2)
    d_i = 0.5 * gamma_p * c * jnp.sin(i) * (3 * cos2 + 3 * e * cos1 + e * cos3)
    d_node = -0.5 * gamma_p * c * (6 * centre - 3 * sin2 - 3 * e * sin1 - e * sin3)
    swing = 3 * sin2 + 3 * e * sin1 + e * sin3
    d_longitude = 0.25 * gamma_p * (
        -6 * (1 - 5 * c2) * centre + (3 - 5 * c2) * swing
    ) - 0.5 * gamma_p * c * (6 * centre - swing)
    grow = (e * eta + e / (1 + eta) + 3 * cosine + 3 * e * cosine**2 + e**2 * cosine**3) / eta**6
    grow2 = (e + 3 * cosine + 3 * e * cosine**2 + e**2 * cosine**3) / eta**6
    d_e = (
        0.5
        * eta2
        * (
            gamma * ((3 * c2 - 1) * grow + 3 * (1 - c2) * grow2 * cos2)
            - gamma_p * (1 - c2) * (3 * cos1 + cos3)
        )
    )
    h2 = (a_r * eta) ** 2
    e_d_m = (
        -0.25
        * gamma_p
        * eta**3
        * (
            2 * (3 * c2 - 1) * (h2 + a_r + 1) * sine
            + 3 * (1 - c2) * ((-h2 - a_r + 1) * sin1 + (h2 + a_r + 1.0 / 3.0) * sin3)
        )
    )
    # e cos M and e sin M of the osculating orbit; regular at the circle.
    e_cos = (e + d_e) * jnp.cos(m) - e_d_m * jnp.sin(m)
    e_sin = (e + d_e) * jnp.sin(m) + e_d_m * jnp.cos(m)
    latitude = orbit.latitude + d_longitude - d_node
    cos_l, sin_l = jnp.cos(latitude), jnp.sin(latitude)
    return MeanOrbit(
        a + d_a,
        cos_l * e_cos + sin_l * e_sin,
        sin_l * e_cos - cos_l * e_sin,
        i + d_i,
        orbit.node + d_node,
        latitude,
    )


def _polar(orbit: MeanOrbit) -> tuple[Array, Array, Array]:
    """e, w and M of a nearly circular orbit; w = 0 on the circle."""
    x, y = jnp.asarray(orbit.eccentricity_x), jnp.asarray(orbit.eccentricity_y)
    circle = x * x + y * y == 0.0
    argument = jnp.where(circle, 0.0, jnp.arctan2(y, jnp.where(circle, 1.0, x)))
    return _length(x, y), argument, orbit.latitude - argument


def _length(x: Scalar, y: Scalar) -> Array:
    square = jnp.asarray(x * x + y * y)
    none = square == 0.0
    return jnp.where(none, 0.0, jnp.sqrt(jnp.where(none, 1.0, square)))


def _true_anomaly(mean_anomaly: Array, e: Array) -> Array:
    """Kepler's equation M = E - e sin E, then the true anomaly; the revolution is kept."""
    turns = jax.lax.stop_gradient(2.0 * jnp.pi * jnp.round(mean_anomaly / (2.0 * jnp.pi)))
    m = mean_anomaly - turns

    def closer(_: Count, big: Array) -> Array:
        return big - (big - e * jnp.sin(big) - m) / (1.0 - e * jnp.cos(big))

    big = jax.lax.fori_loop(0, _KEPLER_STEPS, closer, m + e * jnp.sin(m))
    half = 0.5 * big
    return turns + 2.0 * jnp.arctan2(
        jnp.sqrt(1.0 + e) * jnp.sin(half), jnp.sqrt(1.0 - e) * jnp.cos(half)
    )

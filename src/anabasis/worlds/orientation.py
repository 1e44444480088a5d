"""How a planet stands and turns: from J2000 axes to planet-fixed axes.

      pole p
       |     axes of the equator: x = node, z = p   (`pole_axes`)
       |     turned by W about p: x through the prime meridian   (`axes`)
       +--- y
      /
     x

The pole of date differs from the pole at J2000 by a small angle, so its sine and cosine are those
at J2000 turned by a short series: only the prime meridian costs a sine and a cosine a call.
"""

from __future__ import annotations

import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Matrix, Scalar, Vector
from anabasis.worlds.elements_iau import (
    MARS_POLE_DECLINATION,
    MARS_POLE_RIGHT_ASCENSION,
    MARS_PRIME_MERIDIAN,
    MARS_SPIN,
)

_DAY = 86400.0
_CENTURY = 36525.0 * _DAY
_DEGREE = math.pi / 180.0
_ARCSECOND = _DEGREE / 3600.0
_TURN = 2.0 * math.pi

_OBLIQUITY = 84381.448 * _ARCSECOND
ECLIPJ2000_FROM_J2000 = np.array(
    [
        [1.0, 0.0, 0.0],
        [0.0, math.cos(_OBLIQUITY), math.sin(_OBLIQUITY)],
        [0.0, -math.sin(_OBLIQUITY), math.cos(_OBLIQUITY)],
    ]
)
"""Rows: the axes of the mean ecliptic of J2000 (SPICE's ECLIPJ2000) in J2000 axes, IAU 1976."""

EARTH_SPIN = _TURN * 1.00273781191135448 / _DAY
"""Rotation of the Earth, the rate of the Earth Rotation Angle (IAU 2000) [rad/s]."""

# IAU 2006 precession (Capitaine, Wallace and Chapront 2003), arcseconds in powers of T.
_ZETA = (2.650545, 2306.083227, 0.2988499, 0.01801828, -5.971e-6, -3.173e-7)
_ZED = (-2.650545, 2306.077181, 1.0927348, 0.01826837, -2.8596e-5, -2.904e-7)
_THETA = (0.0, 2004.191903, -0.4294934, -0.04182264, -7.089e-6, -1.274e-7)
# Greenwich mean sidereal time less the Earth Rotation Angle, IAU 2006, arcseconds.
_SIDEREAL = (0.014506, 4612.156534, 1.3915817, -4.4e-7, -2.9956e-5, -3.68e-8)

# TDB seconds past J2000 of the leap seconds since, rounded to the millisecond, for UT1 = UTC
# inside compiled code; the calendar (`calendar.py`) holds the whole list.
_LEAP_BASE = 32.0
_LEAPS_SINCE_J2000 = (189345665.184, 284040066.184, 394372867.184, 488980868.184, 536500869.184)


def _near(sine: float, cosine: float, x: Scalar) -> tuple[Scalar, Scalar]:
    """Sine and cosine of an angle that lies ``x`` off one whose own are known; |x| < 0.02 rad."""
    square = x * x
    sin_x = x * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)))
    cos_x = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0))
    return sine * cos_x + cosine * sin_x, cosine * cos_x - sine * sin_x


def _polynomial(coefficients: tuple[float, ...], x: Scalar) -> Scalar:
    value: Scalar = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = value * x + coefficient
    return value


def _turned(turns: Scalar, frame: Matrix) -> Matrix:
    """The rows of ``frame`` turned about its third by an angle given in turns."""
    angle = _TURN * (turns - jnp.round(turns))
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    return jnp.stack(
        [cosine * frame[0] + sine * frame[1], cosine * frame[1] - sine * frame[0], frame[2]]
    )


class MarsOrientation(eqx.Module):
    """IAU_MARS as SPICE has it with pck00010.

    A spin other than the planet's own acts from J2000: W = W0 + spin * epoch, so that the prime
    meridian stands where it should at J2000 and drifts from there. Latitudes, azimuths and the
    speed of the ground, which such a spin is given for, do not depend on that phase.

    Attributes:
        spin: rate of the prime meridian [rad/s].
    """

    spin: Scalar

    def pole_axes(self, epoch: Scalar) -> Matrix:
        """Rows: ascending node of the planet's equator on the J2000 equator, its normal, pole."""
        centuries = epoch / _CENTURY
        a0, a1 = (x * _DEGREE for x in MARS_POLE_RIGHT_ASCENSION)
        d0, d1 = (x * _DEGREE for x in MARS_POLE_DECLINATION)
        sa, ca = _near(math.sin(a0), math.cos(a0), a1 * centuries)
        sd, cd = _near(math.sin(d0), math.cos(d0), d1 * centuries)
        node = jnp.stack([-sa, ca, jnp.zeros_like(sa)])
        across = jnp.stack([-sd * ca, -sd * sa, cd])
        pole = jnp.stack([cd * ca, cd * sa, sd])
        return jnp.stack([node, across, pole])

    def axes(self, epoch: Scalar) -> Matrix:
        """Rows: the planet-fixed axes in J2000 axes."""
        turns = MARS_PRIME_MERIDIAN[0] / 360.0 + self.spin / _TURN * epoch
        return _turned(turns, self.pole_axes(epoch))


class EarthOrientation(eqx.Module):
    """The Earth with IAU 2006 precession and mean sidereal time; no nutation, no polar motion.

    UT1 is taken as UTC, and UTC after the last known leap second keeps TAI - 37 s (assumed).
    Within 1.5e-4 rad of ITRF93 (nutation 9e-5, UT1 up to 6.6e-5). Valid from 1999.
    A spin other than the planet's own acts from J2000, as on Mars.

    Attributes:
        spin: rate of rotation [rad/s].
        natural: True for the planet's own rotation, which follows UTC.
    """

    spin: Scalar
    natural: bool = eqx.field(static=True)

    def pole_axes(self, epoch: Scalar) -> Matrix:
        """Rows: mean equinox of date, its normal in the equator of date, mean pole of date.

        (The node of the equator of date on that of J2000, which Mars uses, is no direction at all
        at J2000 for the Earth.)
        """
        centuries = epoch / _CENTURY
        s1, c1 = _near(0.0, 1.0, _ARCSECOND * _polynomial(_ZETA, centuries))
        s2, c2 = _near(0.0, 1.0, _ARCSECOND * _polynomial(_THETA, centuries))
        s3, c3 = _near(0.0, 1.0, _ARCSECOND * _polynomial(_ZED, centuries))
        return jnp.stack(
            [
                jnp.stack([c3 * c2 * c1 - s3 * s1, -c3 * c2 * s1 - s3 * c1, -c3 * s2]),
                jnp.stack([s3 * c2 * c1 + c3 * s1, -s3 * c2 * s1 + c3 * c1, -s3 * s2]),
                jnp.stack([s2 * c1, -s2 * s1, c2]),
            ]
        )

    def axes(self, epoch: Scalar) -> Matrix:
        """Rows: the Earth-fixed axes in J2000 axes."""
        mean = _polynomial(_SIDEREAL, epoch / _CENTURY) / (360.0 * 3600.0)
        if self.natural:
            days = _utc(epoch) / _DAY
            whole = jnp.round(days)
            turns = 0.7790572732640 + (days - whole) + 0.00273781191135448 * days + mean
        else:
            at_j2000 = 0.7790572732640 + _SIDEREAL[0] / (360.0 * 3600.0)
            turns = at_j2000 + self.spin / _TURN * epoch
        return _turned(turns, self.pole_axes(epoch))


def _utc(epoch: Scalar) -> Scalar:
    """UTC seconds past 2000-01-01T12:00 UTC, leap seconds not counted, to 2 ms."""
    leaps = _LEAP_BASE
    for instant in _LEAPS_SINCE_J2000:
        leaps = leaps + jnp.where(epoch >= instant, 1.0, 0.0)
    return epoch - 32.184 - leaps


def spin_vector(orientation: MarsOrientation | EarthOrientation, epoch: Scalar) -> Vector:
    """The rotation of the planet as a vector in J2000 axes [rad/s]."""
    return orientation.spin * orientation.pole_axes(epoch)[2]


def orientation_of(planet: str, spin: Scalar | None) -> MarsOrientation | EarthOrientation:
    """The orientation of a planet by name, with its own spin or another [rad/s]."""
    if planet == "mars":
        return MarsOrientation(np.asarray(MARS_SPIN) if spin is None else spin)
    if planet == "earth":
        own = np.asarray(EARTH_SPIN)
        return EarthOrientation(own if spin is None else spin, natural=spin is None)
    raise ValueError(f"no orientation is known for {planet!r}; choose mars or earth")

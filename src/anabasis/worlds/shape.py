"""The figure of a planet: a sphere or a flattened ellipsoid, and heights above it.

Altitude is the distance to the nearest point of the figure (geodetic), so the same word means the
same thing on Mars and on the Earth.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar, Vector

_TINY = 1e-6
"""Keeps the distance from the axis off zero [m^2], so that derivatives exist at the poles."""


class Ellipsoid(eqx.Module):
    """An ellipsoid of revolution about the planet-fixed z axis; equal radii make it a sphere.

    Attributes:
        equatorial_radius: a [m].
        polar_radius: b [m].
    """

    equatorial_radius: Scalar
    polar_radius: Scalar

    def altitude(self, position_f: Vector) -> Scalar:
        """Distance above the surface, negative below [m].

        Bowring's closed form, with the parametric latitude corrected for height: at Mars and the
        Earth the error is below a micrometre from the surface to ten radii. No trigonometry.

        Args:
            position_f: from the centre, planet-fixed axes [m].

        Source: B. Bowring, Survey Review 28 (1985) 202.
        """
        sine, cosine, p = self._geodetic(position_f)
        z = position_f[2]
        a = self.equatorial_radius
        return p * cosine + z * sine - a * jnp.sqrt(1.0 - self._eccentricity_square() * sine**2)

    def geodetic_latitude(self, position_f: Vector) -> Scalar:
        """Angle between the local normal of the ellipsoid and the equator [rad]."""
        sine, cosine, _ = self._geodetic(position_f)
        return jnp.arctan2(sine, cosine)

    def surface_radius(self, position_f: Vector) -> Scalar:
        """Distance from the centre to the surface in the direction of ``position_f`` [m]."""
        x, y, z = position_f[0], position_f[1], position_f[2]
        a, b = self.equatorial_radius, self.polar_radius
        square = x * x + y * y
        return jnp.sqrt((square + z * z) / (square / (a * a) + z * z / (b * b)))

    def _eccentricity_square(self) -> Scalar:
        ratio = self.polar_radius / self.equatorial_radius
        return 1.0 - ratio * ratio

    def _geodetic(self, position_f: Vector) -> tuple[Scalar, Scalar, Scalar]:
        """Sine and cosine of the geodetic latitude, and the distance from the axis."""
        x, y, z = position_f[0], position_f[1], position_f[2]
        a, b = self.equatorial_radius, self.polar_radius
        e2 = self._eccentricity_square()
        second = e2 * a * a / b  # e'^2 b
        square = x * x + y * y + _TINY
        p = jnp.sqrt(square)
        r = jnp.sqrt(square + z * z)
        up, out = b * z * (1.0 + second / r), a * p
        length = jnp.sqrt(up * up + out * out)
        sine, cosine = up / length, out / length
        up, out = z + second * sine**3, p - e2 * a * cosine**3
        length = jnp.sqrt(up * up + out * out)
        return up / length, out / length, p

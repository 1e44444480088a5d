"""The pull of a body, as plain formulas: point mass, oblate body, spherical harmonics.

No planet lives here: whoever calls brings the constants. The harmonic sum is Pines' form, which
has no singularity at the poles:

    V = (mu/r) sum_n (R/r)^n sum_m A_nm(u) [C_nm Re (s + i t)^m + S_nm Im (s + i t)^m]

with (s, t, u) = r/|r| and A_nm the m-th derivative of the Legendre polynomial P_n.
"""

from __future__ import annotations

import functools
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Scalar, Vector


def central_gravity(position: Vector, gm: Scalar) -> Vector:
    """The pull of a point mass, or of anything that is round in layers.

        g = -mu r / |r|^3

    Args:
        position: from the centre [m].
        gm: gravitational parameter mu [m^3/s^2].

    Returns:
        Acceleration in the axes of ``position`` [m/s^2].

    Valid: outside the body, |r| > 0.
    """
    square = jnp.dot(position, position)
    return -gm / (square * jnp.sqrt(square)) * position


def oblate_gravity(
    position: Vector, pole: Vector, gm: Scalar, j2: Scalar, reference_radius: Scalar
) -> Vector:
    """The pull of an oblate body: the point mass and its second zonal harmonic.

        g = -mu/r^3 [ (1 + k (1 - 5 s^2)) r + 2 k s |r| p ],   k = 3/2 J2 (R/r)^2,   s = r.p/|r|

    Args:
        position: from the centre [m].
        pole: unit vector p of the axis of symmetry, in the axes of ``position``.
        gm: gravitational parameter mu [m^3/s^2].
        j2: second zonal harmonic J2, unnormalised.
        reference_radius: radius R that J2 refers to [m].

    Returns:
        Acceleration in the axes of ``position`` [m/s^2].

    Valid: outside the body. Left out: everything but J2.
    """
    square = jnp.dot(position, position)
    along_pole = jnp.dot(position, pole)
    k = 1.5 * j2 * reference_radius * reference_radius / square
    radial = 1.0 + k * (1.0 - 5.0 * along_pole * along_pole / square)
    pull = gm / (square * jnp.sqrt(square))
    return -pull * (radial * position + (2.0 * k * along_pole) * pole)


def third_body_gravity(position: Vector, body: Vector, gm: Scalar) -> Vector:
    """What a distant body adds to a motion told from a centre that falls towards it as well.

        a = mu [ (b - r)/|b - r|^3 - b/|b|^3 ]

    written so that nearly equal terms are not subtracted (Battin): with q = r.(r - 2b)/b.b,

        a = -mu/|b - r|^3 [ r + f(q) b ],   f = q (3 + 3q + q^2) / (1 + (1 + q)^(3/2))

    Args:
        position: of the flyer from the centre [m].
        body: of the disturbing body from the same centre [m].
        gm: of the disturbing body [m^3/s^2].

    Returns:
        Acceleration relative to the centre [m/s^2].

    Source: R. Battin, An Introduction to the Mathematics and Methods of Astrodynamics, 8.6.
    """
    apart = body - position
    square = jnp.dot(apart, apart)
    q = jnp.dot(position, position - 2.0 * body) / jnp.dot(body, body)
    f = q * (3.0 + q * (3.0 + q)) / (1.0 + (1.0 + q) * jnp.sqrt(1.0 + q))
    return -gm / (square * jnp.sqrt(square)) * (position + f * body)


class Harmonics(eqx.Module):
    """A static gravity field up to some degree, ready to be summed.

    Attributes:
        cosine: C_nm, *unnormalised*, degree by row and order by column; C_00 = 1.
        sine: S_nm, likewise.
        reference_radius: R [m].
    """

    cosine: Float[Array, "degrees degrees"]
    sine: Float[Array, "degrees degrees"]
    reference_radius: Scalar

    @property
    def degree(self) -> int:
        """The highest degree of the field."""
        return self.cosine.shape[0] - 1

    def truncated(self, degree: int) -> Harmonics:
        """The same field without what lies above ``degree``."""
        if not 0 <= degree <= self.degree:
            raise ValueError(f"degree {degree} lies outside 0..{self.degree} of this field")
        keep = degree + 1
        return Harmonics(self.cosine[:keep, :keep], self.sine[:keep, :keep], self.reference_radius)

    @classmethod
    def from_normalised(
        cls,
        cosine: Float[np.ndarray, "degrees degrees"],
        sine: Float[np.ndarray, "degrees degrees"],
        reference_radius: float,
    ) -> Harmonics:
        """A field from fully normalised (4 pi) coefficients without Condon-Shortley phase.

        Undoing the normalisation is safe in double precision up to degree 20 or so, where
        (2n - 1)!! is 3e23, and keeps square roots out of the recursion.
        """
        factor = _normalisation(cosine.shape[0] - 1)
        return cls(cosine * factor, sine * factor, np.asarray(reference_radius))


def harmonic_gravity(position_f: Vector, gm: Scalar, field: Harmonics) -> Vector:
    """The pull of a body with the lumps of its field.

    Args:
        position_f: from the centre, in body-fixed axes [m].
        gm: gravitational parameter [m^3/s^2].
        field: coefficients.

    Returns:
        Acceleration in body-fixed axes [m/s^2].

    Valid: outside the sphere of convergence, in practice down to the surface at these degrees.
    Regular at the poles. Left out: tides and seasons. Source: S. Pines, AIAA Journal 11 (1973).
    """
    s, t, u, r = _direction(position_f)
    real, imaginary = _waves(s, t, field.degree)
    lower_real = jnp.concatenate([jnp.zeros(1), real[:-1]])
    lower_imaginary = jnp.concatenate([jnp.zeros(1), imaginary[:-1]])
    ratio = field.reference_radius / r

    def add(carry: tuple[Array, ...], degree: tuple[Array, ...]) -> tuple[tuple[Array, ...], None]:
        before, previous, weight, a1, a2, a3, a4 = carry
        up, back, diagonal, m, rank, c, d = degree
        row = up * u * previous - back * before + diagonal
        here, steeper = weight * row[:-1], weight * row[1:]
        m_here, wave = m * here, c * real + d * imaginary
        a1 = a1 + m_here * (c * lower_real + d * lower_imaginary)
        a2 = a2 + m_here * (d * lower_real - c * lower_imaginary)
        a3 = a3 + steeper * wave
        a4 = a4 + (rank * here + u * steeper) * wave
        return (previous, row, weight * ratio, a1, a2, a3, a4), None

    nothing, none = jnp.zeros(field.degree + 2), jnp.zeros(field.degree + 1)
    start = (nothing, nothing, jnp.ones_like(r), none, none, none, none)
    rows = (*_recursion(field.degree), *_orders(field.degree), field.cosine, field.sine)
    (*_, a1, a2, a3, a4), _ = jax.lax.scan(add, start, rows)
    east, north, polar, inward = (jnp.sum(term) for term in (a1, a2, a3, a4))
    return gm / (r * r) * jnp.stack([east - s * inward, north - t * inward, polar - u * inward])


def harmonic_potential(position_f: Vector, gm: Scalar, field: Harmonics) -> Scalar:
    """The potential V of the field, positive and falling to zero far away [m^2/s^2].

    Args:
        position_f: from the centre, in body-fixed axes [m].
        gm: gravitational parameter [m^3/s^2].
        field: coefficients.
    """
    s, t, u, r = _direction(position_f)
    real, imaginary = _waves(s, t, field.degree)
    ratio = field.reference_radius / r

    def add(carry: tuple[Array, ...], degree: tuple[Array, ...]) -> tuple[tuple[Array, ...], None]:
        before, previous, weight, total = carry
        up, back, diagonal, c, d = degree
        row = up * u * previous - back * before + diagonal
        total = total + weight * row[:-1] * (c * real + d * imaginary)
        return (previous, row, weight * ratio, total), None

    nothing = jnp.zeros(field.degree + 2)
    start = (nothing, nothing, jnp.ones_like(r), jnp.zeros(field.degree + 1))
    rows = (*_recursion(field.degree), field.cosine, field.sine)
    (*_, total), _ = jax.lax.scan(add, start, rows)
    return gm / r * jnp.sum(total)


def _direction(position_f: Vector) -> tuple[Scalar, Scalar, Scalar, Scalar]:
    r = jnp.sqrt(jnp.dot(position_f, position_f))
    return position_f[0] / r, position_f[1] / r, position_f[2] / r, r


def _waves(
    s: Scalar, t: Scalar, degree: int
) -> tuple[Float[Array, " degrees"], Float[Array, " degrees"]]:
    """Real and imaginary parts of (s + i t)^m for m = 0..degree, by doubling what is there."""
    real, imaginary = jnp.ones(1), jnp.zeros(1)
    while real.shape[0] <= degree:
        real, imaginary = (
            jnp.concatenate([real, s * real - t * imaginary]),
            jnp.concatenate([imaginary, s * imaginary + t * real]),
        )
        s, t = s * s - t * t, 2.0 * s * t
    return real[: degree + 1], imaginary[: degree + 1]


@functools.lru_cache(maxsize=32)
def _recursion(degree: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coefficients of A_nm = [(2n-1) u A_(n-1)m - (n+m-1) A_(n-2)m] / (n-m), A_nn = (2n-1)!!."""
    shape = (degree + 1, degree + 2)
    up, back, diagonal = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    double_factorial = 1.0
    for n in range(degree + 1):
        for m in range(n):
            up[n, m] = (2 * n - 1) / (n - m)
            back[n, m] = (n + m - 1) / (n - m)
        double_factorial *= max(2 * n - 1, 1)
        diagonal[n, n] = double_factorial
    return up, back, diagonal


@functools.lru_cache(maxsize=32)
def _orders(degree: int) -> tuple[np.ndarray, np.ndarray]:
    """The tables m and n + m + 1."""
    n, m = np.meshgrid(np.arange(degree + 1.0), np.arange(degree + 1.0), indexing="ij")
    return m, n + m + 1.0


def _normalisation(degree: int) -> np.ndarray:
    """sqrt[(2 - delta_0m) (2n + 1) (n - m)!/(n + m)!], by which normalised coefficients grow."""
    factor = np.zeros((degree + 1, degree + 1))
    for n in range(degree + 1):
        for m in range(n + 1):
            ratio = math.factorial(n - m) / math.factorial(n + m)
            factor[n, m] = math.sqrt((1 if m == 0 else 2) * (2 * n + 1) * ratio)
    return factor

"""The areoid: the level surface of Mars that heights count from, stored on the faces of a cube.

A direction is projected from the centre onto the cube's face it leaves through; there, a square
grid holds how far the areoid stands above the ellipsoid, and is read linearly. That costs one
division and no trigonometry, so the air can be read by height at every step of a flight.

         +-----+
         | +z  |          face   u       v
   +-----+-----+-----     +-x    y/|x|   z/|x|
   | -y  | +x  | +y       +-y    x/|y|   z/|y|
   +-----+-----+-----     +-z    x/|z|   y/|z|
         | -z  |
         +-----+

Made by ``builders/build_worlds.py`` from GMM-3 to degree 20, and near Jezero (12-27 N, 62-84 E)
from the degree-60 areoid of the corridor grid, tapered into the other over the outer two degrees.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Scalar, Vector
from anabasis.worlds import tables
from anabasis.worlds.shape import Ellipsoid

AREOID_POTENTIAL = 12652805.0
"""Gravity potential W0 of the areoid [m^2/s^2]: its mean equatorial radius is 3396.000 km."""


class Areoid(eqx.Module):
    """Heights above the level surface.

    Attributes:
        figure: the ellipsoid that the grid counts from.
        excess: areoid radius less ellipsoid radius, face by face [m]; single precision, so that
            the six faces stay in a core's cache.
    """

    figure: Ellipsoid
    excess: Float[Array, "6 side side"]

    def radius(self, position_f: Vector) -> Scalar:
        """Distance from the centre to the areoid in the direction of ``position_f`` [m].

        Within 2 m of the field it was made from. Away from Jezero that field stops at degree
        20, which leaves out some 30 m (1 sigma) of the true areoid.
        """
        face, u, v = cube_face(position_f)
        last = self.excess.shape[1] - 1
        x, y = (u + 1.0) * (0.5 * last), (v + 1.0) * (0.5 * last)
        west, south = (jnp.clip(jnp.floor(at), 0.0, last - 1.0) for at in (x, y))
        f, g = x - west, y - south
        i, j = west.astype(jnp.int32), south.astype(jnp.int32)
        grid = jnp.asarray(self.excess)

        def node(row: Array, column: Array) -> Scalar:
            return grid[face, row, column].astype(jnp.float64)

        low = node(i, j) * (1.0 - g) + node(i, j + 1) * g
        high = node(i + 1, j) * (1.0 - g) + node(i + 1, j + 1) * g
        return self.figure.surface_radius(position_f) + low * (1.0 - f) + high * f

    def height(self, position_f: Vector) -> Scalar:
        """Height above the areoid, along the radius [m]."""
        return jnp.sqrt(jnp.dot(position_f, position_f)) - self.radius(position_f)


def cube_face(direction: Vector) -> tuple[Array, Scalar, Scalar]:
    """Which face of the cube a direction leaves through (0..5: +x -x +y -y +z -z), and where."""
    x, y, z = direction[0], direction[1], direction[2]
    ax, ay, az = jnp.abs(x), jnp.abs(y), jnp.abs(z)
    on_x = (ax >= ay) & (ax >= az)
    on_z = ~on_x & (az > ay)
    depth = jnp.where(on_x, x, jnp.where(on_z, z, y))
    axis = jnp.where(on_x, 0, jnp.where(on_z, 4, 2))
    far = jnp.abs(depth)
    u = jnp.where(on_x, y, x) / far
    v = jnp.where(on_z, y, z) / far
    return axis + jnp.where(depth < 0.0, 1, 0), u, v


def mars_areoid() -> Areoid:
    """The areoid of Mars."""
    held = tables.arrays("mars_areoid.npz")
    figure = Ellipsoid(np.asarray(held["equatorial_radius"]), np.asarray(held["polar_radius"]))
    return Areoid(figure, _decoded())


def _decoded() -> np.ndarray:
    held = tables.arrays("mars_areoid.npz")
    return held["excess_dm"].astype(np.float32) * np.float32(0.1)

"""The ground of Mars as far as it is known offline: two grids of elevation above the areoid.

A coarse picture, and labelled so: the fine grid resolves 15 km and lies 68 m too high at the
landing site of Mars 2020; the other resolves 60 km. No landing is judged by it.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Flag, Scalar
from anabasis.worlds import tables

RESOLUTION_CORRIDOR = "15 km (MarsTopo719, degree 719)"
RESOLUTION_GLOBAL = "about 60 km (MarsTopo719, degree 180)"


class Grid(eqx.Module):
    """A function of latitude and longitude on a regular grid, read linearly, held at its edges.

    Attributes:
        value: rows by latitude, columns by east longitude, both rising.
        south: latitude of the first row [rad].
        west: longitude of the first column [rad].
        step: between rows and between columns [rad].
    """

    value: Float[Array, "rows columns"]
    south: Scalar
    west: Scalar
    step: Scalar

    def __call__(self, latitude: Scalar, longitude: Scalar) -> Scalar:
        """The value at a place."""
        rows, across = self.value.shape
        y = jnp.clip((latitude - self.south) / self.step, 0.0, rows - 1.0)
        x = jnp.mod(longitude - self.west, 2.0 * np.pi) / self.step
        x = jnp.clip(x, 0.0, across - 1.0)
        row = jnp.clip(jnp.floor(y), 0.0, rows - 2.0)
        column = jnp.clip(jnp.floor(x), 0.0, across - 2.0)
        f, g = y - row, x - column
        i, j = row.astype(jnp.int32), column.astype(jnp.int32)
        grid = jnp.asarray(self.value)
        low = grid[i, j] * (1.0 - g) + grid[i, j + 1] * g
        high = grid[i + 1, j] * (1.0 - g) + grid[i + 1, j + 1] * g
        return low * (1.0 - f) + high * f

    def inside(self, latitude: Scalar, longitude: Scalar) -> Flag:
        """True where the place lies on the grid."""
        rows, across = self.value.shape
        y = (latitude - self.south) / self.step
        x = jnp.mod(longitude - self.west, 2.0 * np.pi) / self.step
        return (y >= 0.0) & (y <= rows - 1.0) & (x <= across - 1.0)


class Ground(eqx.Module):
    """Elevation of the ground above the areoid.

    Attributes:
        corridor: 12-27 N, 62-84 E, every 0.125 deg.
        globe: everywhere, every degree.
    """

    corridor: Grid
    globe: Grid

    def elevation(self, latitude: Scalar, longitude: Scalar) -> Scalar:
        """Elevation above the areoid [m]; from the corridor grid where the place lies on it."""
        fine = self.corridor.inside(latitude, longitude)
        return jnp.where(fine, self.corridor(latitude, longitude), self.globe(latitude, longitude))


def mars_ground() -> Ground:
    """The ground of Mars."""
    held = tables.arrays("mars_ground.npz")
    degree = np.pi / 180.0

    def grid(name: str) -> Grid:
        south, west, step = held[f"{name}_origin_deg"] * degree
        return Grid(
            held[f"{name}_m"].astype(np.float64),
            np.asarray(south),
            np.asarray(west),
            np.asarray(step),
        )

    return Ground(grid("corridor"), grid("globe"))

"""A function of one argument, given as a table and read linearly between its points."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Flag, Scalar, Series


class Table(eqx.Module):
    """A tabulated function y(x); constant beyond both ends (ask `outside` to know).

    Attributes:
        argument: strictly increasing x [n].
        value: y at each x [n].
    """

    argument: Series
    value: Series

    def __call__(self, x: Scalar) -> Scalar:
        """The value at ``x``, linear between the points, held beyond the ends."""
        return jnp.interp(x, self.argument, self.value)

    def outside(self, x: Scalar) -> Flag:
        """True where ``x`` lies outside the table."""
        return jnp.logical_or(x < self.argument[0], x > self.argument[-1])

    @classmethod
    def constant(cls, value: float) -> Table:
        """The function that has one value everywhere and no outside."""
        return cls(np.array([-1e30, 1e30]), np.array([value, value], dtype=float))

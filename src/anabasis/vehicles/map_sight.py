"""Sight of the ground: a camera matches its pictures with a map, and the map's error shrinks.

    error of position:  before the fix  ------\\
                                               \\____ after it

Linear over the time the fix takes. Radar and velocity have their own small errors.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Array, Scalar
from anabasis.units import quantity

_NONE = "engineering default (docs/landing.md): no error unless the scenario gives one"


def _error(unit: str, meaning: str, reach: float) -> Any:
    return quantity(unit, meaning, minimum=-reach, maximum=reach, default=0.0, source=_NONE)


class MapSight(eqx.Module):
    """What the lander knows of its place over the ground, before and after the fix."""

    before_east: Scalar = _error("m", "error of position before the fix, east", 1e5)
    before_north: Scalar = _error("m", "error of position before the fix, north", 1e5)
    after_east: Scalar = _error("m", "error of position after the fix, east", 1e4)
    after_north: Scalar = _error("m", "error of position after the fix, north", 1e4)
    velocity_east: Scalar = _error("m_s", "error of velocity, east", 10.0)
    velocity_north: Scalar = _error("m_s", "error of velocity, north", 10.0)
    radar_scale: Scalar = _error("", "scale error of the radar's clearance", 0.2)
    fix_clearance: Scalar = quantity(
        "m",
        "clearance at which the fix begins",
        minimum=0.0,
        default=4200.0,
        source="MV: Mars 2020's coarse match began at 4.2 km",
        confidence="published",
    )
    fix_duration: Scalar = quantity(
        "s",
        "how long it takes",
        above=0.0,
        default=10.0,
        source="MV: requirement of Mars 2020, 3.2 km to 40 m in 10 s",
        confidence="published",
    )

    def error(self, since_fix: Scalar) -> Array:
        """Belief less truth, east and north [m]; ``since_fix`` began [s], negative before."""
        done = jnp.clip(since_fix / self.fix_duration, 0.0, 1.0)
        before = jnp.stack([self.before_east + 0.0 * done, self.before_north + 0.0 * done])
        after = jnp.stack([self.after_east + 0.0 * done, self.after_north + 0.0 * done])
        return before + done * (after - before)

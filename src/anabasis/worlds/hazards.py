"""Where the ground near the target is not to be landed on: a random field of hazards.

A smooth Gaussian field, the sum of waves with random directions and phases, is hazardous where it
exceeds a level that the wanted share exceeds. The field is a stand-in for boulders, slopes and
sand (`assumed`): a share and a correlation length, not a map of a real place.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from scipy import special

from anabasis.mechanics.arrays import Array, Flag, Scalar
from anabasis.units import quantity, whole

WAVES = 96


class Hazards(eqx.Module):
    """A random field of hazards around the target."""

    share: Scalar = quantity(
        "percent",
        "share of the ground that is hazardous",
        above=0.0,
        maximum=90.0,
        default=10.0,
        source="engineering default (docs/landing.md): 10 % of the ground",
    )
    correlation: Scalar = quantity(
        "m",
        "distance over which the field loses half its likeness",
        above=0.0,
        default=20.0,
        source="engineering default (docs/landing.md): 20 m",
    )
    field_seed: int = whole(
        "which of all such fields", minimum=0, default=0, source="convention: any is as good"
    )

    def likeness(self) -> tuple[np.ndarray, np.ndarray]:
        """Wave vectors at a correlation of 1 m [waves, 2] and phases [waves]."""
        stream = np.random.default_rng(np.random.Philox(key=self.field_seed))
        # exp(-d^2 / (2 L^2)) is a half at d = correlation: L = correlation / sqrt(2 ln 2)
        vectors = stream.standard_normal((WAVES, 2)) * np.sqrt(2.0 * np.log(2.0))
        return vectors, stream.uniform(0.0, 2.0 * np.pi, WAVES)

    def is_hazard(self, east: Scalar, north: Scalar) -> Flag:
        """Whether a place is hazardous, told by its offset from the target [m]."""
        return jnp.asarray(self.level(east, north) > self.threshold())

    def level(self, east: Scalar, north: Scalar) -> Scalar:
        """The Gaussian field, of mean 0 and variance 1."""
        vectors, phases = self.likeness()
        x = (vectors[:, 0] * east + vectors[:, 1] * north) / self.correlation + phases
        return jnp.sum(jnp.cos(x)) * np.sqrt(2.0 / WAVES)

    def threshold(self) -> Scalar:
        """The level that the hazardous share exceeds."""
        return jnp.sqrt(2.0) * _inverse_erf(1.0 - 2.0 * self.share)

    def on_map(self, places: Array, footprint: Scalar) -> Array:
        """Whether a place, or anything within a footprint of it, is hazardous [places]."""
        angles = np.arange(8) * (np.pi / 4.0)
        ring = np.concatenate([np.zeros((1, 2)), np.stack([np.cos(angles), np.sin(angles)], 1)])
        threshold = self.threshold()

        def marked(place: Array) -> Flag:
            level = jax.vmap(lambda by: self.level(*(place + footprint * by)))(jnp.asarray(ring))
            return jnp.any(level > threshold)

        return jax.vmap(marked)(places)


def _inverse_erf(x: Scalar) -> Scalar:
    return jax.scipy.special.erfinv(jnp.asarray(x, dtype=float))


def share_exceeding(level: float) -> float:
    """Share of a standard Gaussian field above a level."""
    return float(0.5 * special.erfc(level / np.sqrt(2.0)))

"""What pulls between the planets: the Sun and five bodies, told from any of them."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Count, Scalar, Vector
from anabasis.worlds.ephemeris import GM, Ephemeris
from anabasis.worlds.local import pole_at
from anabasis.worlds.world import World

BODIES = ("sun", "venus", "earth", "moon", "mars", "jupiter")
"""What pulls on a cruise. Mars and Jupiter stand for their systems."""


class Sky(eqx.Module):
    """What pulls on a cruise, as numbers: one compiled cruise serves every leg.

    Attributes:
        ephemeris: where the bodies are.
        gm: of each of `BODIES` [m^3/s^2].
        oblateness: 3/2 J2 R^2 of each; 0 where it does not matter [m^2].
        poles: unit vectors; any where there is no oblateness.
    """

    ephemeris: Ephemeris
    gm: Float[Array, "6"]
    oblateness: Float[Array, "6"]
    poles: Float[Array, "6 3"]

    def positions(self, epoch: Scalar) -> Float[Array, "6 3"]:
        """Of the bodies from the solar system's barycentre [m]."""
        return jnp.stack([self.ephemeris.state(b, epoch, "ssb")[0] for b in BODIES])

    def states(self, epoch: Scalar) -> tuple[Float[Array, "6 3"], Float[Array, "6 3"]]:
        """Position [m] and velocity [m/s] of the bodies from the barycentre."""
        rows = [self.ephemeris.state(b, epoch, "ssb") for b in BODIES]
        return jnp.stack([r for r, _ in rows]), jnp.stack([v for _, v in rows])

    def pull(self, epoch: Scalar, position: Vector, centre: Count) -> Vector:
        """The pull of all bodies on a flyer told from one of them, which falls as well.

            a = sum of g_i(r - d_i)  +  sum over i other than the centre of  -gm_i d_i / |d_i|^3

        Args:
            epoch: [s].
            position: from the centre [m].
            centre: its place in `BODIES` (a number: changing it compiles nothing).

        Returns:
            Acceleration relative to the centre [m/s^2].
        """
        places = self.positions(epoch)
        bodies = places - places[centre][None, :]
        away = position[None, :] - bodies
        square = jnp.sum(away * away, axis=1)
        near = self.gm / (square * jnp.sqrt(square))
        along = jnp.sum(away * self.poles, axis=1)
        k = self.oblateness / square
        stretch = near * (1.0 + k * (1.0 - 5.0 * along * along / square))
        direct = -(stretch @ away) - (2.0 * near * k * along) @ self.poles
        own = jnp.arange(len(BODIES)) == centre
        distance = jnp.where(own, 1.0, jnp.sum(bodies * bodies, axis=1))
        falls = jnp.where(own, 0.0, self.gm / (distance * jnp.sqrt(distance)))
        return direct - falls @ bodies


def sky_of(ephemeris: Ephemeris, worlds: tuple[World, ...], epoch: Scalar) -> Sky:
    """The sky as the planets of a scenario make it.

    Args:
        ephemeris: where the bodies are.
        worlds: planets whose own gravitational parameter and oblateness count.
        epoch: at which their poles are taken [s].

    Returns:
        The sky; concrete numbers.
    """
    gm = np.array([GM[b] for b in BODIES])
    oblateness = np.zeros(6)
    poles = np.tile([0.0, 0.0, 1.0], (6, 1))
    for world in worlds:
        k = BODIES.index(world.name)
        gm[k] = float(world.gm)
        if world.gravity_degree >= 2:
            oblateness[k] = 1.5 * float(world.j2) * float(world.gravity_radius) ** 2
        poles[k] = np.asarray(pole_at(world, np.asarray(epoch, float)))
    return Sky(ephemeris, gm, oblateness, poles)

"""The air along one flight's way, where it is asked for thousands of times.

A world finds its height above the areoid anew each time, with the planet's axes of that instant and
a cube-face map: right everywhere, and dear. A flight of minutes goes one way. So along it

    h = r - R(latitude) - (e0 + e1 (r^ . d))

with the ellipsoid's radius R, and what the areoid adds as a straight line along the way d, exact at
its beginning and where the climb ends.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar, Vector
from anabasis.mechanics.rigid import Triple, cross, dot, plus, times
from anabasis.worlds.air import Air
from anabasis.worlds.world import World


class Corridor(eqx.Module):
    """The air of a world along a way.

    Attributes:
        atmosphere: the world's.
        factor: on its density.
        pole: unit vector, inertial.
        spin: rotation of the planet, inertial [rad/s].
        way: unit vector along the way, level at its beginning.
        equator: equatorial radius [m].
        squash: (a^2 - b^2) / b^2 of the ellipsoid.
        excess, slope: e0 and e1 [m].
        windy: whether the world has winds.
    """

    atmosphere: Air
    factor: Scalar
    pole: Triple
    spin: Triple
    way: Triple
    equator: Scalar
    squash: Scalar
    excess: Scalar
    slope: Scalar
    windy: bool = eqx.field(static=True)

    def height(self, position: Triple) -> tuple[Any, Triple]:
        """Height above the areoid [m], and the unit vector upwards."""
        inverse = 1.0 / jnp.sqrt(dot(position, position))
        up = times(inverse, position)
        sine = dot(up, self.pole)
        surface = self.equator / jnp.sqrt(1.0 + self.squash * sine * sine)
        added = self.excess + self.slope * dot(up, self.way)
        return dot(up, position) - surface - added, up

    def air(self, position: Triple, blown: Any = None) -> Any:
        """Density [kg/m^3], speed of sound [m/s], velocity of the air [m/s], inertial, and whether
        its table does not know the height.

        Args:
            position: inertial [m].
            blown: ``blown(height) -> (east, north)``: wind on top of the world's own [m/s].
        """
        height, up = self.height(position)
        column = self.atmosphere(height)
        moving = cross(self.spin, position)
        if self.windy or blown is not None:
            across = cross(self.pole, up)
            east = times(1.0 / jnp.sqrt(dot(across, across) + 1e-30), across)
            towards_east: Any = column.wind_east if self.windy else 0.0
            towards_north: Any = column.wind_north if self.windy else 0.0
            if blown is not None:
                more_east, more_north = blown(height)
                towards_east, towards_north = towards_east + more_east, towards_north + more_north
            moving = plus(moving, times(towards_east, east))
            moving = plus(moving, times(towards_north, cross(up, east)))
        return self.factor * column.density, column.sound_speed, moving, column.outside


def corridor(world: World, epoch: Scalar, position: Vector, way: Vector, reach: float) -> Corridor:
    """The corridor of a flight.

    Args:
        world: the planet.
        epoch: of its beginning [s].
        position: of its beginning, inertial [m].
        way: unit vector the flight goes, level [-].
        reach: over which the areoid is followed [m].
    """
    figure = world.figure
    ratio = figure.equatorial_radius / figure.polar_radius
    pole = world.pole(epoch)
    axis: Triple = (pole[0], pole[1], pole[2])
    plain = Corridor(
        world.atmosphere,
        world.density_factor,
        axis,
        times(world.spin, axis),
        (way[0], way[1], way[2]),
        figure.equatorial_radius,
        ratio * ratio - 1.0,
        jnp.zeros(()),
        jnp.zeros(()),
        world.winds,
    )

    def added(place: Vector) -> tuple[Any, Any]:
        height, up = plain.height((place[0], place[1], place[2]))
        return height - world.height(epoch, place), dot(up, plain.way)

    size = jnp.sqrt(position @ position)
    there = position + reach * way
    there = there * (size / jnp.sqrt(there @ there))
    (here, x0), (far, x1) = added(position), added(there)
    slope = (far - here) / (x1 - x0)
    return eqx.tree_at(lambda c: (c.excess, c.slope), plain, (here - slope * x0, slope))

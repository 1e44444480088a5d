"""What a body weighs, where its centre is and how it resists being turned, as it burns.

Body axes: x forward along the axis of the rocket from the tip of the nose, so that what lies behind
the tip has a negative x; *stations* count backwards from the tip and are positive.

    tip |<---- station ---->o----- x backwards is negative
"""

from __future__ import annotations

import itertools
import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Matrix, Scalar, Vector


class MassProperties(eqx.Module):
    """A rigid body at rest in its own axes.

    Attributes:
        mass: [kg].
        centre: of mass, from the origin of the axes [m].
        inertia: about the centre of mass [kg m^2].
    """

    mass: Scalar
    centre: Vector
    inertia: Matrix


def cylinder(
    mass: Scalar, radius: Scalar, length: Scalar, station: Scalar, bore: Scalar = 0.0
) -> MassProperties:
    """A cylinder along x, hollow or full, its middle at a station [m].

    I_x = m (R^2 + r^2)/2,   I_y = I_z = m (3 (R^2 + r^2) + L^2)/12
    """
    squares = radius * radius + bore * bore
    along = 0.5 * mass * squares
    across = mass * (3.0 * squares + length * length) / 12.0
    middle = jnp.stack([jnp.asarray(x, dtype=float) for x in (-station, 0.0, 0.0)])
    diagonal = jnp.stack([jnp.asarray(x, dtype=float) for x in (along, across, across)])
    return MassProperties(mass, middle, jnp.diag(diagonal))


def shell(mass: Scalar, radius: Scalar, station: Scalar) -> MassProperties:
    """A thin spherical shell: 2/3 m R^2 about every axis."""
    middle = jnp.stack([jnp.asarray(x, dtype=float) for x in (-station, 0.0, 0.0)])
    return MassProperties(mass, middle, (2.0 / 3.0) * mass * radius * radius * jnp.eye(3))


def together(*bodies: MassProperties) -> MassProperties:
    """Several bodies fixed to one another: masses add, and each inertia is carried over.

    I = sum [ I_k + m_k (d.d 1 - d d^T) ],   d = c_k - c     (Steiner)
    """
    mass = sum((body.mass for body in bodies[1:]), start=bodies[0].mass)
    moment = sum((b.mass * b.centre for b in bodies[1:]), start=bodies[0].mass * bodies[0].centre)
    centre = moment / mass
    inertia = jnp.zeros((3, 3))
    for body in bodies:
        d = jnp.asarray(body.centre - centre)
        inertia = inertia + body.inertia + body.mass * ((d @ d) * jnp.eye(3) - jnp.outer(d, d))
    return MassProperties(mass, jnp.asarray(centre), inertia)


TUBE_LENGTH, TUBE_RADIUS, TUBE_PITCH = 0.15, 0.0115, 0.028
"""A sample tube (0.15 by 0.023 m, recalled) and the distance between slots (assumed) [m]."""


def slots(count: int) -> Float[np.ndarray, "slots 3"]:
    """Where the tubes of a container stand, from its middle: a hexagonal pack about x [m].

    The first is in the middle, then ring after ring, each from the y axis round.
    """
    places = [(0.0, 0.0)]
    ring = 0
    while len(places) < count:
        ring += 1
        corners = [
            (ring * math.cos(math.pi / 3.0 * k), ring * math.sin(math.pi / 3.0 * k))
            for k in range(7)
        ]
        for (y0, z0), (y1, z1) in itertools.pairwise(corners):
            places += [
                (y0 + (y1 - y0) * step / ring, z0 + (z1 - z0) * step / ring) for step in range(ring)
            ]
    flat = TUBE_PITCH * np.array(places[:count])
    return np.concatenate([np.zeros((count, 1)), flat], axis=1)


def loaded_container(
    mass: Scalar,
    radius: Scalar,
    station: Scalar,
    tubes: Float[Array, " slots"],
    places: Float[Array, "places 3"],
) -> MassProperties:
    """The container with tubes in its slots.

    Args:
        mass: of the empty container, as a thin shell [kg].
        radius: of the shell [m].
        station: of its middle [m].
        tubes: mass in each slot, nought for an empty one [kg].
        places: of the slots, from `slots` [m].

    Raises:
        ValueError: where there are more tubes than slots.
    """
    if np.shape(tubes)[0] > np.shape(places)[0]:
        raise ValueError(
            f"{np.shape(tubes)[0]} tubes do not fit "
            f"the {np.shape(places)[0]} slots of the container"
        )
    bodies = [shell(mass, radius, station)]
    for k in range(np.shape(tubes)[0]):
        one = cylinder(tubes[k], TUBE_RADIUS, TUBE_LENGTH, station)
        moved = jnp.asarray(one.centre) + jnp.asarray(places[k])
        bodies.append(MassProperties(one.mass, moved, one.inertia))
    return together(*bodies)


class BurningBody(eqx.Module):
    """A round body with one grain that burns from its bore outwards.

    Attributes:
        dry: mass of all that does not burn [kg].
        station: of its centre of mass [m].
        along, across: its moments of inertia about that centre [kg m^2].
        grain: mass of the grain before it burns [kg].
        grain_station: of its middle [m].
        grain_radius, grain_bore, grain_length: [m].
    """

    dry: Scalar
    station: Scalar
    along: Scalar
    across: Scalar
    grain: Scalar
    grain_station: Scalar
    grain_radius: Scalar
    grain_bore: Scalar
    grain_length: Scalar


class Moment(eqx.Module):
    """A `BurningBody` at one instant.

    Attributes:
        mass: [kg].
        station: of the centre of mass [m].
        along, across: moments of inertia about it [kg m^2].
        along_slope, across_slope: their change per share of the grain burnt [kg m^2].
    """

    mass: Scalar
    station: Scalar
    along: Scalar
    across: Scalar
    along_slope: Scalar
    across_slope: Scalar


def burning_body(
    dry: MassProperties, grain: MassProperties, radius: Scalar, bore: Scalar, length: Scalar
) -> BurningBody:
    """A body and the grain in it, from their parts; both round about x."""
    return BurningBody(
        dry.mass,
        -dry.centre[0],
        dry.inertia[0, 0],
        0.5 * (dry.inertia[1, 1] + dry.inertia[2, 2]),
        grain.mass,
        -grain.centre[0],
        radius,
        bore,
        length,
    )


def at_share(body: BurningBody, burnt: Scalar) -> Moment:
    """The body where a share of its grain is burnt.

    The bore widens: b^2 = r^2 + f (R^2 - r^2), so that mass and inertia of the grain are

        m = M (1 - f),   A = m (R^2 + b^2)/2,   C = m (3 (R^2 + b^2) + L^2)/12

    and everything is a polynomial in f, but for the common centre of mass.
    """
    left = body.grain * (1.0 - burnt)
    outer = body.grain_radius * body.grain_radius
    inner = body.grain_bore * body.grain_bore + burnt * (outer - body.grain_bore * body.grain_bore)
    square = body.grain_length * body.grain_length
    mass = body.dry + left
    inverse = 1.0 / mass
    apart = body.grain_station - body.station
    share = body.dry * inverse
    carried = share * apart * apart
    return Moment(
        mass,
        body.station + left * inverse * apart,
        body.along + 0.5 * left * (outer + inner),
        body.across + left * (3.0 * (outer + inner) + square) / 12.0 + left * carried,
        -body.grain * inner,
        -body.grain * (6.0 * inner + square) / 12.0 - body.grain * share * carried,
    )

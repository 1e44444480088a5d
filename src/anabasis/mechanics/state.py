"""Where a thing is and how it moves: no state without its epoch and its centre."""

from __future__ import annotations

import equinox as eqx

from anabasis.mechanics.arrays import Scalar, Vector


class PointState(eqx.Module):
    """A point mass: position and velocity in inertial J2000 axes at the centre.

    Attributes:
        epoch: TDB seconds past J2000 [s].
        position: from the centre [m].
        velocity: relative to the centre [m/s].
        mass: [kg].
        centre: name of the body at the origin: sun, earth, moon, earth-moon, mars.
    """

    epoch: Scalar
    position: Vector
    velocity: Vector
    mass: Scalar
    centre: str = eqx.field(static=True)

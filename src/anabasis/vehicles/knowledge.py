"""What an entry's navigation starts with wrong, and what its accelerometers make of the push."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar, Vector
from anabasis.units import quantity

_NONE = "engineering default (docs/landing.md): no error unless the scenario gives one"


def _error(unit: str, meaning: str, minimum: float, maximum: float) -> Any:
    return quantity(unit, meaning, minimum=minimum, maximum=maximum, default=0.0, source=_NONE)


class Knowledge(eqx.Module):
    """How wrong the onboard computer is about its state at the interface, and its sensors.

    Along is the way it flies over the ground, across is to the right of it. Every number is an
    error, belief less truth; nothing here moves the capsule.
    """

    along: Scalar = _error("km", "error of position along the track", -100.0, 100.0)
    across: Scalar = _error("km", "error of position to the right", -100.0, 100.0)
    upward: Scalar = _error("km", "error of position upward", -100.0, 100.0)
    speed_along: Scalar = _error("m_s", "error of velocity along the track", -100.0, 100.0)
    speed_across: Scalar = _error("m_s", "error of velocity to the right", -100.0, 100.0)
    speed_upward: Scalar = _error("m_s", "error of velocity upward", -100.0, 100.0)
    attitude_along: Scalar = _error("deg", "error of attitude about the track", -5.0, 5.0)
    attitude_across: Scalar = _error("deg", "error of attitude about the right", -5.0, 5.0)
    attitude_upward: Scalar = _error("deg", "error of attitude about the vertical", -5.0, 5.0)
    accelerometer_bias: Scalar = _error(
        "m_s2", "bias of the accelerometers, along each axis", -0.1, 0.1
    )
    accelerometer_scale: Scalar = _error("", "scale error of the accelerometers", -0.01, 0.01)

    def position(self, track: Vector, right: Vector, up: Vector) -> Vector:
        """Error of the position believed at the interface [m]."""
        return self.along * track + self.across * right + self.upward * up

    def velocity(self, track: Vector, right: Vector, up: Vector) -> Vector:
        """Error of the velocity believed at the interface [m/s]."""
        return self.speed_along * track + self.speed_across * right + self.speed_upward * up

    def tilt(self, track: Vector, right: Vector, up: Vector) -> Vector:
        """Small rotation from true to believed axes [rad]."""
        return (
            self.attitude_along * track + self.attitude_across * right + self.attitude_upward * up
        )


def felt(knowledge: Knowledge, tilt: Vector, push: Vector) -> Vector:
    """What the unit reports of the true non-gravitational acceleration, in believed axes [m/s^2].

        f' = (1 + s) (f + theta x f) + b

    Args:
        knowledge: the sensors' errors.
        tilt: theta, from true to believed axes [rad].
        push: f, in true axes.
    """
    seen = push + jnp.cross(tilt, push)
    return (1.0 + knowledge.accelerometer_scale) * seen + knowledge.accelerometer_bias

r"""How to come down on engines: constant decelerations from one sink rate to the next.

The descent is a chain of legs. Each ends at a clearance with a sink rate; between, the sink rate
follows a constant deceleration, and what is left of sideways speed is driven to nothing.

    clearance
      |  \          decelerate
      |    \___     hold
      |        \    decelerate
      |         |   hold, touch down
      +------------ sink rate

The law knows what the lander senses of itself and the numbers it was given; it does not know the
air, the true gravity or the true mass.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Scalar, Series, Vector
from anabasis.units import quantity

SinkRates = Float[Array, " rates"]
"""As many as clearances; that it is so is checked where a plan is made of them."""


class Descent(eqx.Module):
    """The legs of a powered descent and the gains that keep to them."""

    clearance: Series = quantity(
        "m", "clearance at which each leg ends, falling to 0", minimum=0.0, many=True
    )
    sink_rate: SinkRates = quantity(
        "m_s", "sink rate at which each leg ends", above=0.0, maximum=300.0, many=True
    )
    vertical_gain: Scalar = quantity(
        "",
        "commanded acceleration per error of sink rate [1/s]",
        above=0.0,
        maximum=20.0,
        default=1.0,
        source="engineering default (docs/conventions.md): settles in a few seconds",
    )
    horizontal_gain: Scalar = quantity(
        "",
        "commanded acceleration per sideways speed [1/s]",
        above=0.0,
        maximum=20.0,
        default=0.4,
        source="engineering default (docs/conventions.md): "
        "settles in the first leg, tilt below 45 deg",
    )
    onboard_gravity: Scalar = quantity(
        "m_s2",
        "gravity as the lander believes it",
        above=0.0,
        maximum=30.0,
        default=3.713,
        source="GM / r^2 at the surface less the spin at 18 N",
        confidence="derived",
    )


class Sensed(eqx.Module):
    """What the lander senses of its descent.

    Attributes:
        clearance: by its radar [m].
        velocity: relative to the ground: east, north, up [m/s].
        mass: as the onboard computer counts it [kg].
    """

    clearance: Scalar
    velocity: Vector
    mass: Scalar


class Leg(eqx.Module):
    """One leg as it is flown: from where it began to where it ends."""

    begin_clearance: Scalar
    begin_sink_rate: Scalar
    end_clearance: Scalar
    end_sink_rate: Scalar


def begin_leg(end_clearance: Scalar, end_sink_rate: Scalar, sensed: Sensed) -> Leg:
    """A leg from what is sensed now to the clearance and sink rate at its end."""
    return Leg(sensed.clearance, -sensed.velocity[2], end_clearance, end_sink_rate)


def descend(
    law: Descent, leg: Leg, sensed: Sensed, least_thrust: Scalar, greatest_thrust: Scalar
) -> Vector:
    """The thrust to command: east, north, up [N].

        v_ref^2 = v_end^2 + 2 a (h - h_end),   a = (v_begin^2 - v_end^2) / (2 (h_begin - h_end))
        T / m = (g + a + k (v - v_ref)) up - k_h v_h

    Args:
        law: gains and onboard gravity.
        leg: the leg being flown.
        sensed: clearance, velocity, mass.
        least_thrust: what the engines do at least [N].
        greatest_thrust: what they do at most [N].

    The command keeps its direction where its size is out of the engines' range.
    """
    depth = jnp.maximum(leg.begin_clearance - leg.end_clearance, 1e-3)
    slowing = (leg.begin_sink_rate**2 - leg.end_sink_rate**2) / (2.0 * depth)
    left = sensed.clearance - leg.end_clearance
    square = leg.end_sink_rate**2 + 2.0 * slowing * left
    wanted = jnp.sqrt(jnp.maximum(square, 1e-4))
    sink_rate = -sensed.velocity[2]
    lift = law.onboard_gravity + slowing + law.vertical_gain * (sink_rate - wanted)
    east, north = -law.horizontal_gain * sensed.velocity[:2]
    # Never pointing down, whatever the error.
    command = sensed.mass * jnp.stack([east, north, jnp.maximum(lift, 0.1)])
    size = jnp.sqrt(jnp.dot(command, command))
    return command * (jnp.clip(size, least_thrust, greatest_thrust) / size)

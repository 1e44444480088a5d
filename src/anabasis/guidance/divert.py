r"""The divert on engines: a polynomial to a point above the target, then down the legs.

        \  parachute gone
         \___
             \__      acceleration linear in time: there, with that velocity, in the time to go
                |
                |     constant velocity, slow down, touch down   (`guidance.descent`)
                x

The law knows what it senses: radar clearance, velocity, the offset to its target as its map says.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from anabasis.guidance.descent import Descent, Leg, descend
from anabasis.guidance.descent import Sensed as SensedDescent
from anabasis.mechanics.arrays import Array, Flag, Scalar, Vector
from anabasis.units import quantity


class Divert(eqx.Module):
    """How the lander flies to its target once the parachute is gone."""

    horizontal_acceleration: Scalar = quantity(
        "m_s2",
        "what the time to go is chosen for",
        above=0.0,
        maximum=50.0,
        default=5.0,
        source="engineering default (docs/landing.md): about 45 deg of tilt",
    )
    tilt_limit: Scalar = quantity(
        "deg",
        "greatest angle of the thrust from the vertical",
        above=0.0,
        maximum=90.0,
        default=60.0,
        source="engineering default (docs/landing.md): the radars still see the ground",
    )
    reach: Scalar = quantity(
        "m",
        "how far from where it would come down the lander looks for a place",
        minimum=0.0,
        maximum=1e4,
        default=700.0,
        source="MV: the camera saw the lander 790 m off its place near the parachute's end",
        confidence="derived",
    )
    spacing: Scalar = quantity(
        "m",
        "of the grid of places around the target that are looked at",
        above=0.0,
        default=10.0,
        source="engineering default (docs/landing.md): half the hazards' correlation",
    )
    footprint: Scalar = quantity(
        "m",
        "radius around a place that must be free of hazards",
        above=0.0,
        default=5.0,
        source="engineering default (docs/landing.md): wheels and what is left of the map's error",
    )


class Sensed(eqx.Module):
    """What the lander senses on engines.

    Attributes:
        elapsed: [s].
        clearance: by radar [m].
        velocity: relative to the ground: east, north, up [m/s].
        offset: from its target, east and north, as its map says [m].
        mass: as counted [kg].
    """

    elapsed: Scalar
    clearance: Scalar
    velocity: Vector
    offset: Array
    mass: Scalar


class Memory(eqx.Module):
    """When the divert is to end [s]; which leg is flown, from where; the divert itself is -1."""

    until: Scalar
    leg: Scalar
    begin_clearance: Scalar
    begin_sink_rate: Scalar


def plan_divert(law: Divert, legs: Descent, sensed: Sensed) -> Memory:
    """Choose the time to go: as constant deceleration down needs, or the way across does."""
    gate, sink_rate = legs.clearance[0], legs.sink_rate[0]
    falling = jnp.maximum(-sensed.velocity[2], 1.0)
    down = 2.0 * jnp.maximum(sensed.clearance - gate, 1.0) / (falling + sink_rate)
    # how far off it would come down at this velocity, shed over the time
    off = sensed.offset + sensed.velocity[:2] * down / 3.0
    across = jnp.sqrt(6.0 * jnp.hypot(off[0], off[1]) / law.horizontal_acceleration)
    time = jnp.clip(across, down, 1.5 * down)
    return Memory(sensed.elapsed + time, jnp.asarray(-1.0), sensed.clearance, falling)


def divert(
    law: Divert,
    legs: Descent,
    memory: Memory,
    sensed: Sensed,
    least_thrust: Scalar,
    greatest_thrust: Scalar,
) -> tuple[Vector, Memory]:
    """The thrust to command, east, north, up [N], and what to remember.

        a = 6 (r_t - r) / t^2 - (4 v + 2 v_t) / t,   T = m (a + g)

    Args:
        law: the divert.
        legs: what follows it; its first clearance and sink rate are where the divert leads.
        memory: from the tick before.
        sensed: what is told.
        least_thrust, greatest_thrust: of the engines [N].

    The size of the thrust is kept in the engines' range, its direction within the tilt limit; the
    vertical part goes first.
    """
    left = memory.until - sensed.elapsed
    diverts = memory.leg < 0.0
    ends = diverts & ((left < 1.0) | (sensed.clearance <= legs.clearance[0]))
    count = legs.clearance.shape[0]
    # legs 1, 2, ...: the first was the divert
    index = jnp.where(ends, 1.0, memory.leg)
    past = sensed.clearance <= _at(legs.clearance, index)
    moves = ~diverts & past & (index < count - 1.0)
    index = jnp.where(moves, index + 1.0, index)
    fresh = ends | moves
    begin_clearance = jnp.where(fresh, sensed.clearance, memory.begin_clearance)
    begin_sink = jnp.where(fresh, -sensed.velocity[2], memory.begin_sink_rate)
    leg = Leg(begin_clearance, begin_sink, _at(legs.clearance, index), _at(legs.sink_rate, index))
    vertical = descend(
        legs,
        leg,
        SensedDescent(sensed.clearance, sensed.velocity, sensed.mass),
        least_thrust,
        greatest_thrust,
    )
    # over the target the legs keep a slow pull towards it
    pull = -0.04 * legs.horizontal_gain * sensed.offset
    towards = sensed.mass * jnp.concatenate([pull, jnp.zeros(1)])
    vertical = vertical + towards

    time = jnp.maximum(left, 1.0)
    aim = jnp.stack([0.0 * time, 0.0 * time, -legs.sink_rate[0]])
    way = -jnp.concatenate([sensed.offset, (sensed.clearance - legs.clearance[0])[None]])
    wanted = 6.0 * way / time**2 - (4.0 * sensed.velocity + 2.0 * aim) / time
    up = jnp.maximum(wanted[2] + legs.onboard_gravity, 0.2 * legs.onboard_gravity)
    push = sensed.mass * jnp.stack([wanted[0], wanted[1], up])
    command = jnp.where(diverts & ~ends, push, vertical)
    thrust = within(command, least_thrust, greatest_thrust, law.tilt_limit)
    following = Memory(memory.until, index, begin_clearance, begin_sink)
    return thrust, following


def within(command: Vector, least: Scalar, greatest: Scalar, tilt_limit: Scalar) -> Vector:
    """A thrust within the engines' range and the tilt limit; the vertical part goes first [N]."""
    up = jnp.clip(command[2], 0.0, greatest)
    side = jnp.sqrt(command[0] ** 2 + command[1] ** 2 + 1e-12)
    room = jnp.sqrt(jnp.maximum(greatest**2 - up**2, 0.0))
    most = jnp.minimum(room, up * jnp.tan(jnp.minimum(tilt_limit, 1.55)))
    share = jnp.minimum(1.0, most / side)
    kept = jnp.stack([share * command[0], share * command[1], up])
    size = jnp.sqrt(jnp.dot(kept, kept) + 1e-12)
    return kept * jnp.maximum(1.0, least / size)


def choose_place(
    law: Divert, candidates: Array, hazardous: Array, lands_at: Array
) -> tuple[Array, Flag]:
    """The safe place nearest to the target that the lander can still reach.

    Args:
        law: how far it reaches.
        candidates: places, east and north of the target [places, 2] [m].
        hazardous: whether each is marked on the map.
        lands_at: where it would come down, east and north of the target, as its map says [m].

    Returns:
        The place chosen, and whether a safe one was in reach. Without one it takes the reachable
        place nearest to the target, safe or not.
    """
    far = jnp.sqrt(jnp.sum((candidates - lands_at[None]) ** 2, axis=1))
    from_target = jnp.sqrt(jnp.sum(candidates**2, axis=1))
    beyond = jnp.maximum(far - law.reach, 0.0)
    cost = from_target + 1e3 * beyond + jnp.where(hazardous, 1e5, 0.0)
    best = jnp.argmin(cost)
    found = ~hazardous[best] & (far[best] <= law.reach)
    # out of reach altogether: as far as it goes
    return candidates[best], found


def grid_of_places(law: Divert, side: int = 21) -> Array:
    """Places around the target, east and north [side^2, 2] [m]."""
    steps = np.arange(side, dtype=float) - (side - 1) / 2
    east, north = np.meshgrid(steps, steps)
    return law.spacing * np.stack([east.ravel(), north.ravel()], axis=1)


def _at(values: Array, index: Scalar) -> Scalar:
    values = jnp.asarray(values)
    return values[jnp.clip(index, 0.0, values.shape[0] - 1.0).astype(jnp.int32)]

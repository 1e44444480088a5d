"""The landing with a computer in the loop: parachute, sight of the map, divert, touchdown.

    mortar .. parachute .. map fix .. place chosen .. engines: divert .. legs .. touchdown

The same parachute, lander and planet as `phases.landing`, twenty times a second. Guidance is told
what radar and camera say, not where the lander is; what lets go does so on a tick.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.guidance.descent import Descent
from anabasis.guidance.divert import (
    Divert,
    Memory,
    Sensed,
    choose_place,
    divert,
    grid_of_places,
    plan_divert,
)
from anabasis.mechanics.arrays import Array, Flag, Scalar, Vector
from anabasis.mechanics.batch import is_side_by_side
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Burn, Flight, MassChange
from anabasis.mechanics.state import PointState
from anabasis.mechanics.watched_loop import Loop, fly_closed_loop, midpoint_step
from anabasis.outcome import Outcome
from anabasis.phases.landing import Separations, _Hanging, _Landing, _Motion
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.lander import Lander
from anabasis.vehicles.map_sight import MapSight
from anabasis.vehicles.parachute import Parachute
from anabasis.worlds.hazards import Hazards
from anabasis.worlds.local import enu
from anabasis.worlds.place import Place, distance_over_ground
from anabasis.worlds.world import World, direction_of

TICK = 0.05
"""The computer looks this often [s]."""
LONGEST_HANGING, LONGEST_POWERED = 8000, 4000
"""Ticks under the parachute and on engines at most: 400 s and 200 s."""


class _Hang(eqx.Module):
    motion: _Motion
    shielded: Scalar
    shield_time: Scalar
    shield_clearance: Scalar
    fix_time: Scalar
    force: Scalar
    mach: Scalar


class _Burnt(eqx.Module):
    motion: _Motion
    memory: Memory
    thrust: Vector
    before: _Motion


class _Ground(eqx.Module):
    """The target on the turning planet: where it is and its local axes, planet-fixed."""

    position: Vector
    axes: Array

    def offset(self, world: World, epoch: Scalar, position: Vector) -> Array:
        """East and north of the target [m]."""
        here = world.axes(epoch) @ position
        return (self.axes @ (here - self.position))[:2]


def _ground(world: World, target: Place) -> _Ground:
    altitude = target.altitude
    if target.height is None and altitude is None:
        altitude = 0.0
    radius = world.radius_of(
        target.latitude, target.longitude, altitude=altitude, height=target.height
    )
    up = direction_of(jnp.asarray(target.latitude), jnp.asarray(target.longitude))
    sine, cosine = jnp.sin(target.longitude), jnp.cos(target.longitude)
    east = jnp.stack([-sine, cosine, 0.0 * sine])
    return _Ground(radius * up, jnp.stack([east, jnp.cross(up, east), up]))


@compiled
def land_guided(
    start: PointState,
    capsule: Capsule,
    parachute: Parachute,
    lander: Lander,
    separations: Separations,
    legs: Descent,
    law: Divert,
    sight: MapSight,
    hazards: Hazards | None,
    world: World,
    target: Place,
    interface_epoch: Scalar | None,
    *,
    track: bool = False,
) -> Flight:
    """Fly a landing from the mortar to touchdown, diverting to a place near the target.

    Args:
        start: at the mortar, with the mass that entered.
        capsule: drags until the heat shield is gone.
        parachute: pulls.
        lander: what is dropped, what burns, what lands.
        separations: when the parts let go.
        legs: the descent after the divert; the divert leads to its first clearance.
        law: the divert.
        sight: what the lander knows of its place.
        hazards: places to stay off; None for none.
        world: the planet.
        target: where to land, and the level of the ground.
        interface_epoch: from which times count; None for the start.
        track: whether to keep the flight's rows.

    Returns:
        The flight; its end is the lander at touchdown.

    Left out: the swing under the parachute, the time the thrust takes to turn, drag on engines,
    relief, engine plumes on the ground.
    """
    relative = world.relative_velocity(start.epoch, start.position, start.velocity)
    fill = parachute.filling_time(_length(relative))
    flown = _Landing(
        start.epoch, capsule, parachute, lander, separations, legs, world, target, fill
    )
    ground = _ground(world, target)
    keeps = track and not is_side_by_side()
    hung = _hang(flown, start, sight, keeps)
    released: _Hang = hung.state
    low = flown.clearance(hung.time, released.motion)

    # where it would come down, and the place it goes for instead
    motion = _Motion(
        released.motion.position,
        released.motion.velocity,
        released.motion.mass - lander.backshell,
    )
    at = start.epoch + hung.time
    velocity = enu(world, at, motion.position) @ world.relative_velocity(
        at, motion.position, motion.velocity
    )
    error = sight.error(hung.time - released.fix_time)
    offset = ground.offset(world, at, motion.position) + error
    falls = 2.0 * jnp.maximum(low, 1.0) / (jnp.maximum(-velocity[2], 1.0) + legs.sink_rate[0])
    lands_at = offset + velocity[:2] * falls / 3.0
    places = grid_of_places(law)
    if hazards is None:
        marked = jnp.zeros(places.shape[0], dtype=bool)
    else:
        marked = hazards.on_map(jnp.asarray(places), law.footprint)
    place, _ = choose_place(law, jnp.asarray(places), marked, lands_at)

    powered = _burn(flown, motion, hung.time, released.fix_time, law, sight, ground, place, keeps)
    return _flight(
        start, flown, hung, powered, low, place, ground, hazards, offset - error, interface_epoch
    )


def _hang(flown: _Landing, start: PointState, sight: MapSight, keeps: bool) -> Loop:
    when, parachute = flown.separations, flown.parachute
    full = parachute.line_stretch_delay + flown.filling_time

    def tick(elapsed: Scalar, here: _Hang) -> tuple[_Hang, Flag]:
        given = _Hanging(jnp.asarray(here.shielded))
        moved = midpoint_step(flown.hanging_rate, elapsed, here.motion, TICK, given)
        time = elapsed + TICK
        clearance = flown.clearance(time, moved)
        speed, sound, density, _ = flown._stream(time, moved)
        # the moment it is full lies between two ticks: the nearest one counts
        pulls_at = jnp.where(jnp.abs(time - full) <= 0.5 * TICK, full, time)
        force = flown.parachute_force(pulls_at, speed, sound, density)
        if when.heat_shield_delay is not None:
            lets_go = time >= when.heat_shield_delay
        else:
            assert when.heat_shield_mach is not None
            lets_go = speed / sound <= when.heat_shield_mach
        goes = (here.shielded > 0.5) & lets_go
        mass = moved.mass - jnp.where(goes, flown.lander.heat_shield, 0.0)
        moved = _Motion(moved.position, moved.velocity, mass)
        seen = clearance * (1.0 + sight.radar_scale)
        bare = here.shielded < 0.5
        fixes = bare & (here.fix_time > 1e8) & (seen <= sight.fix_clearance)
        if when.backshell_clearance is not None:
            done = bare & (seen <= when.backshell_clearance)
        else:
            assert when.backshell_relative_speed is not None
            relative = flown.world.relative_velocity(
                flown.epoch + time, moved.position, moved.velocity
            )
            done = bare & (_length(relative) <= when.backshell_relative_speed)
        after = _Hang(
            moved,
            jnp.where(goes, 0.0, here.shielded),
            jnp.where(goes, time, here.shield_time),
            jnp.where(goes, clearance, here.shield_clearance),
            jnp.where(fixes, time, here.fix_time),
            force,
            speed / sound,
        )
        return after, jnp.asarray(done | (clearance <= 0.0))

    def row(elapsed: Scalar, here: _Hang) -> dict[str, Any]:
        return flown.row(elapsed, here.motion, _Hanging(jnp.asarray(here.shielded)))

    none = jnp.asarray(0.0)
    deployed = start.mass - flown.lander.ballast
    opening = _Hang(
        _Motion(start.position, start.velocity, jnp.asarray(deployed, dtype=float)),
        jnp.asarray(1.0),
        none,
        none,
        jnp.asarray(1e9),
        none,
        none,
    )
    return fly_closed_loop(
        tick,
        opening,
        TICK,
        LONGEST_HANGING,
        watch=lambda elapsed, here: {"force": here.force},
        record=row if keeps else None,
    )


def _burn(
    flown: _Landing,
    motion: _Motion,
    begin: Scalar,
    fix_time: Scalar,
    law: Divert,
    sight: MapSight,
    ground: _Ground,
    place: Array,
    keeps: bool,
) -> Loop:
    world, lander, legs = flown.world, flown.lander, flown.law
    greatest = lander.greatest_thrust
    least = lander.minimum_throttle * greatest
    wrong = jnp.stack([sight.velocity_east, sight.velocity_north, jnp.asarray(0.0)])

    def sense(elapsed: Scalar, motion: _Motion) -> Sensed:
        time = begin + elapsed
        epoch = flown.epoch + time
        local = enu(world, epoch, motion.position)
        velocity = local @ world.relative_velocity(epoch, motion.position, motion.velocity)
        offset = ground.offset(world, epoch, motion.position) + sight.error(time - fix_time)
        clearance = flown.clearance(time, motion) * (1.0 + sight.radar_scale)
        return Sensed(elapsed, clearance, velocity + wrong, offset - place, motion.mass)

    def tick(elapsed: Scalar, here: _Burnt) -> tuple[_Burnt, Flag]:
        lit = elapsed >= flown.separations.ignition_delay - 0.5 * TICK
        sensed = sense(elapsed, here.motion)
        fresh = plan_divert(law, legs, sensed)
        planned = jax.tree.map(
            lambda new, old: jnp.where(here.memory.until > 0.0, old, new), fresh, here.memory
        )
        command, memory = divert(law, legs, planned, sensed, least, greatest)
        memory = jax.tree.map(lambda new, old: jnp.where(lit, new, old), memory, here.memory)
        fed = lit & (here.motion.mass > lander.dry)
        thrust = jnp.where(fed, command, 0.0)
        time = begin + elapsed
        push = thrust @ enu(world, flown.epoch + time, here.motion.position)
        flow = jnp.sqrt(jnp.dot(thrust, thrust) + 1e-12) / lander.exhaust_speed

        def rate(at: Scalar, motion: _Motion, given: Any) -> _Motion:
            pull = world.gravity(flown.epoch + at, motion.position)
            return _Motion(motion.velocity, pull + push / motion.mass, -flow)

        moved = midpoint_step(rate, time, here.motion, TICK)
        down = flown.clearance(time + TICK, moved) <= 0.0
        return _Burnt(moved, memory, thrust, here.motion), jnp.asarray(down)

    def row(elapsed: Scalar, here: _Burnt) -> dict[str, Any]:
        kept = flown.row(begin + elapsed, here.motion, _Hanging(jnp.asarray(0.0)))
        thrust = jnp.sqrt(jnp.dot(here.thrust, here.thrust))
        return kept | {"thrust": thrust, "deceleration": thrust / here.motion.mass}

    unset = Memory(jnp.asarray(-1.0), jnp.asarray(-1.0), jnp.asarray(0.0), jnp.asarray(0.0))
    opening = _Burnt(motion, unset, jnp.zeros(3), motion)
    return fly_closed_loop(tick, opening, TICK, LONGEST_POWERED, record=row if keeps else None)


def _flight(
    start: PointState,
    flown: _Landing,
    hung: Loop,
    powered: Loop,
    low: Scalar,
    place: Array,
    ground: _Ground,
    hazards: Hazards | None,
    begins_at: Array,
    interface_epoch: Scalar | None,
) -> Flight:
    world, lander, target = flown.world, flown.lander, flown.target
    assert target is not None
    released: _Hang = hung.state
    landed: _Burnt = powered.state
    origin = start.epoch if interface_epoch is None else interface_epoch
    since = start.epoch - origin
    # the ground is met inside the last tick; the speed hardly changes in it
    late = hung.time + powered.time
    above = flown.clearance(late - TICK, landed.before)
    below = flown.clearance(late, landed.motion)
    share = jnp.clip(above / jnp.maximum(above - below, 1e-9), 0.0, 1.0)
    touches = powered.ended
    share = jnp.where(touches, share, 1.0)
    motion = jax.tree.map(lambda a, b: a + share * (b - a), landed.before, landed.motion)
    elapsed = late - TICK * (1.0 - share)
    epoch = start.epoch + elapsed
    velocity = enu(world, epoch, motion.position) @ world.relative_velocity(
        epoch, motion.position, motion.velocity
    )
    sink_rate, sideways = -velocity[2], jnp.sqrt(velocity[0] ** 2 + velocity[1] ** 2 + 1e-12)
    ignition = hung.time + flown.separations.ignition_delay
    began = released.motion.mass - lander.backshell
    burnt = began - motion.mass
    hard = (sink_rate > lander.touchdown_vertical_limit) | (
        sideways > lander.touchdown_horizontal_limit
    )
    outcome = Outcome.where(hard, Outcome.touchdown_too_hard, Outcome.nominal)
    outcome = Outcome.where(motion.mass <= lander.dry, Outcome.out_of_propellant, outcome)
    ended = hung.ended & powered.ended
    outcome = Outcome.where(ended, outcome, Outcome.step_budget_spent)
    outcome = Outcome.where(low < 1.0, Outcome.ground_under_parachute, outcome)

    latitude, longitude = world.latitude_longitude(epoch, motion.position)
    offset = ground.offset(world, epoch, motion.position)
    size = jnp.sqrt(jnp.dot(landed.thrust, landed.thrust) + 1e-12)
    tilt = jnp.arccos(jnp.clip(landed.thrust[2] / size, -1.0, 1.0))
    hazard = jnp.asarray(0.0)
    if hazards is not None:
        hazard = jnp.where(hazards.is_hazard(offset[0], offset[1]), 1.0, 0.0)
    fell = released.shield_clearance - low
    figures: dict[str, Scalar] = {
        "parachute_peak_force": hung.peaks["force"].value,
        "heat_shield_separation_time": since + released.shield_time,
        "backshell_separation_time": since + hung.time,
        "powered_descent_start_time": since + ignition,
        "powered_descent_start_clearance": low,
        "powered_descent_duration": elapsed - ignition,
        "parachute_mean_sink_speed": fell / jnp.maximum(hung.time - released.shield_time, 1e-9),
        "touchdown_time": since + elapsed,
        "touchdown_vertical_speed": sink_rate,
        "touchdown_horizontal_speed": sideways,
        "touchdown_tilt": tilt,
        "propellant": burnt,
        "landed_mass": motion.mass,
        "latitude": latitude,
        "longitude": longitude,
        "miss": distance_over_ground(world, latitude, longitude, target.latitude, target.longitude),
        "miss_east": offset[0],
        "miss_north": offset[1],
        "place_miss": jnp.hypot(offset[0] - place[0], offset[1] - place[1]),
        "undiverted_east": begins_at[0],
        "undiverted_north": begins_at[1],
        "hazard_count": hazard,
    }
    at = {
        "heat_shield_separation": start.epoch + released.shield_time,
        "backshell_separation": start.epoch + hung.time,
        "powered_descent_start": start.epoch + ignition,
        "touchdown": epoch,
    }
    masses = {
        "parachute_deploy/ballast": MassChange(start.epoch, -1.0 * lander.ballast),
        "heat_shield_separation/heat shield": MassChange(
            at["heat_shield_separation"], -1.0 * lander.heat_shield
        ),
        "backshell_separation/backshell and parachute": MassChange(
            at["backshell_separation"], -1.0 * lander.backshell
        ),
        "touchdown/propellant": MassChange(epoch, -burnt),
    }
    gained = lander.exhaust_speed * jnp.log(began / motion.mass)
    before = world.relative_velocity(
        start.epoch + hung.time, released.motion.position, released.motion.velocity
    )
    slowed = _length(before) - _length(velocity)
    burns = {"powered descent": Burn(at["powered_descent_start"], gained, gained - slowed, burnt)}
    rows = None
    if hung.rows is not None and powered.rows is not None:
        rows = jax.tree.map(lambda *x: jnp.concatenate(x), hung.rows, powered.rows)
        rows["elapsed"] = rows["elapsed"] + since
    air = world.air(epoch, motion.position)
    zero = jnp.asarray(0.0)
    return Flight(
        end=PointState(epoch, motion.position, motion.velocity, motion.mass, start.centre),
        outcome=outcome,
        figures=figures,
        events=at,
        burns=burns,
        masses=masses,
        extrapolations={"air": jnp.where(air.outside, 1.0, 0.0), "parachute": zero},
        track=rows,
    )


def _length(vector: Vector) -> Scalar:
    return jnp.sqrt(jnp.dot(vector, vector))

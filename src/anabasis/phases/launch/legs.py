"""The legs of the ascent in their order, and what happens between them.

    release   ignition     burnout                    separation      ignition    burnout
       |--toss--|--stage one--|--coast: settle|turn------|--hold|spin--|--stage two--|
        no hand   nozzle        thrusters      thrusters   thrusters     nobody

    loop        climb         |        coast                    |      spin

Three loops, each of legs that do the same kind of thing; every switching time ends a leg.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.guidance.navigation import navigate
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.closed_loop import Legs, Opened, fly_legs
from anabasis.mechanics.rigid import Triple, axes_of
from anabasis.mechanics.rigid_step import Body
from anabasis.mechanics.state import PointState
from anabasis.mechanics.strapdown import nothing_sensed
from anabasis.phases.launch.errors import gusts_of
from anabasis.phases.launch.software import (
    Memory,
    Onboard,
    Told,
    climbing,
    coasting,
    looked_ahead,
    programmed,
    resting,
)
from anabasis.phases.launch.staging import believed, separated
from anabasis.phases.launch.truth import Leg, Moving, Ride, Rocket, unwatched
from anabasis.vehicles.actuators import servo
from anabasis.vehicles.imu import no_residue
from anabasis.vehicles.mass_properties import at_share
from anabasis.worlds.corridor import corridor
from anabasis.worlds.world import World

TOSS_TICKS, CLIMB_TICKS = 90, 7730
SETTLE_TICKS, TURN_TICKS, HOLD_TICKS = 600, 4200, 80
SPIN_TICKS, FREE_TICKS, BURN_TICKS = 100, 100, 2490
"""Ticks of each leg: 100 Hz and 10 Hz for the default rocket; the lengths follow the durations."""
TOSS, CLIMB = 0, 1
SETTLE, TURN, HOLD = 0, 1, 2
SPIN, FREE, BURN = 0, 1, 2
"""Number of each leg in its loop."""
FREE_TIME = 1.0
"""From the end of the spin-up to the second ignition [s]."""
_REACH = 70e3
"""Over which the climb goes, for the areoid below it [m]."""
SOFTWARE: dict[str, Any] = {
    "climb": climbing,
    "coast": coasting,
    "spin": lambda onboard: resting,
}


class Flown(eqx.Module):
    """The three loops of a flight, as they ended."""

    climb: Legs
    coast: Legs
    spin: Legs


def ride_of(
    start: PointState,
    rocket: Rocket,
    onboard: Onboard,
    world: World,
    delay: Scalar,
    substeps: int,
) -> Ride:
    """What every leg of a flight shares."""
    epoch = start.epoch + delay
    pole = world.pole(epoch)
    up = start.position / jnp.sqrt(start.position @ start.position)
    east = jnp.cross(pole, up)
    east = east / jnp.sqrt(east @ east)
    way = onboard.eastward * east + onboard.northward * jnp.cross(up, east)
    along = corridor(world, epoch, start.position, way, _REACH)
    return Ride(world, rocket, along, epoch, gusts_of(rocket.errors), substeps)


def opened(ride: Ride, onboard: Onboard, body: Body, delay: Scalar) -> tuple[Moving, Memory]:
    """Truth and memory at the release, before anything was sensed."""
    nought = jnp.zeros(())
    length = delay / TOSS_TICKS
    still = ((nought, nought), (nought, nought))
    moving = Moving(body, still, no_residue(), nought, unwatched())
    memory = Memory(
        believed(body, onboard, ride.rocket.errors, length),
        -delay - length,
        (nought, nought),
        axes_of(body.attitude)[0],
        nought,
        jnp.asarray(jnp.inf),
        (nought, nought, nought),
        nought,
    )
    return moving, memory


def _leg(ride: Ride, length: Any, **what: Any) -> Leg:
    rocket = ride.rocket
    nought = jnp.zeros(())
    stack = at_share(rocket.bodies.stack, 1.0)
    given: dict[str, Any] = {
        "lit": nought,
        "ignition": nought,
        "now": stack,
        "arm": stack.station - rocket.actuators.thruster_station,
        "torque": nought,
        "servo": servo(rocket.actuators, length / ride.substeps),
    }
    return Leg(**{**given, **what})


def climb_legs(ride: Ride, onboard: Onboard, delay: Scalar) -> list[Any]:
    """Toss and first stage."""
    burn_time = ride.rocket.stack.stage_one.burn_time
    full = at_share(ride.rocket.bodies.stack, 0.0)
    arm = full.station - ride.rocket.actuators.thruster_station

    def toss(state: Any, memory: Any, sensed: Any, time: Any) -> Opened:
        leg = _leg(ride, delay / TOSS_TICKS, arm=arm)
        return Opened(state, memory, delay, leg, Told(onboard.stacked, jnp.zeros(())))

    def climb(state: Any, memory: Any, sensed: Any, time: Any) -> Opened:
        leg = _leg(ride, burn_time / CLIMB_TICKS, arm=arm, lit=jnp.ones(()))
        return Opened(state, memory, burn_time, leg, Told(onboard.stacked, jnp.ones(())))

    return [(toss, TOSS_TICKS), (climb, CLIMB_TICKS)]


def coast_legs(ride: Ride, onboard: Onboard) -> list[Any]:
    """Out of the air; turned to where the second stage shall point; held once it is alone."""
    rocket, errors = ride.rocket, ride.rocket.errors
    nought = jnp.zeros(())
    stacked = Told(onboard.stacked, nought)

    def settle(state: Any, memory: Any, sensed: Any, time: Any) -> Opened:
        here = navigate(onboard.planet, memory.here, sensed)
        now = memory.time + sensed.length
        towards = programmed(onboard, now, here.position)
        held = eqx.tree_at(lambda m: m.wanted, memory, towards)
        still = ((nought, nought), (nought, nought))
        parked = eqx.tree_at(lambda s: s.nozzle, state, still)
        return Opened(parked, held, onboard.guidance_delay, _leg(ride, 1.0), stacked)

    def turn(state: Any, memory: Any, sensed: Any, time: Any) -> Opened:
        after, command = looked_ahead(onboard, memory, sensed)
        separation = jnp.maximum(command + errors.clock_error - onboard.separation_lead, time + 1.0)
        return Opened(state, after, separation - time, _leg(ride, 1.0), stacked)

    def hold(state: Any, memory: Any, sensed: Any, time: Any) -> Opened:
        before = at_share(rocket.bodies.stack, 1.0)
        second = at_share(rocket.bodies.second, 0.0)
        lighter = eqx.tree_at(lambda s: s.mass, second, second.mass - state.watch.used)
        parted, _ = separated(
            state.body,
            before,
            lighter,
            rocket.stack.inert_one,
            errors.separation_impulse,
            (errors.separation_tip_off_y, errors.separation_tip_off_z),
        )
        alone = eqx.tree_at(lambda s: s.body, state, parted)
        arm = second.station - rocket.actuators.second_thruster_station
        leg = _leg(ride, 1.0, now=second, arm=arm)
        held = onboard.separation_lead - rocket.actuators.spin_duration - FREE_TIME
        return Opened(alone, memory, held, leg, Told(onboard.single, nought))

    return [(settle, SETTLE_TICKS), (turn, TURN_TICKS), (hold, HOLD_TICKS)]


def spin_legs(ride: Ride) -> list[Any]:
    """Spun up, let go, burnt out."""
    rocket, errors = ride.rocket, ride.rocket.errors
    actuators = rocket.actuators

    def spin(state: Any, memory: Any, sensed: Any, time: Any) -> Opened:
        torque = actuators.spin_impulse / actuators.spin_duration
        leg = _leg(ride, 1.0, torque=torque, ignition=jnp.asarray(jnp.inf))
        return Opened(state, memory, actuators.spin_duration, leg, jnp.zeros(()))

    def free(state: Any, memory: Any, sensed: Any, time: Any) -> Opened:
        rate = state.body.rate
        kicked: Triple = (
            rate[0],
            rate[1] + errors.spin_tip_off_y,
            rate[2] + errors.spin_tip_off_z,
        )
        loose = eqx.tree_at(lambda s: s.body.rate, state, kicked)
        leg = _leg(ride, 1.0, ignition=jnp.asarray(jnp.inf))
        return Opened(loose, memory, FREE_TIME, leg, jnp.zeros(()))

    def burn(state: Any, memory: Any, sensed: Any, time: Any) -> Opened:
        leg = _leg(ride, 1.0, lit=jnp.ones(()), ignition=time)
        return Opened(state, memory, rocket.stack.stage_two.burn_time, leg, jnp.zeros(()))

    return [(spin, SPIN_TICKS), (free, FREE_TICKS), (burn, BURN_TICKS)]


def fly_kind(
    ride: Ride,
    onboard: Onboard,
    kind: str,
    legs: list[Any],
    begun: tuple[Any, Any, Any, Any],
    track: bool,
    history: Any = None,
    replayed: Any = None,
) -> Legs:
    """One of the three loops.

    Args:
        ride: the rocket in its world.
        onboard: its computer.
        kind: climb, coast or spin.
        legs: of it.
        begun: truth, memory, what was sensed last, time.
        track: keep every tick.
        history, replayed: as in `mechanics.closed_loop.fly_legs`.
    """

    def record(time: Any, moving: Moving, command: Any, sensed: Any, leg: Leg) -> Any:
        thrust, _, _, now = ride.weight(kind, leg, time)
        return {
            "elapsed": time,
            "body": moving.body,
            "mass": now.mass - moving.watch.used,
            "thrust": thrust,
            "nozzle": moving.nozzle[0],
            "used": moving.watch.used,
            "command": command,
            "sensed": sensed,
        }

    state, memory, sensed, time = begun
    return fly_legs(
        legs,
        ride.truth(kind),
        SOFTWARE[kind](onboard),
        state,
        memory,
        sensed,
        time,
        record=record if track else None,
        history=history,
        replayed=replayed,
    )


def flown(ride: Ride, onboard: Onboard, body: Body, delay: Scalar, *, track: bool = False) -> Flown:
    """Every leg from the release to the second burnout."""
    moving, memory = opened(ride, onboard, body, delay)
    begun = (moving, memory, nothing_sensed(delay / TOSS_TICKS), -delay)
    climb = fly_kind(ride, onboard, "climb", climb_legs(ride, onboard, delay), begun, track)
    coast = fly_kind(ride, onboard, "coast", coast_legs(ride, onboard), climb.end(CLIMB), track)
    spin = fly_kind(ride, onboard, "spin", spin_legs(ride), coast.end(HOLD), track)
    return Flown(climb, coast, spin)

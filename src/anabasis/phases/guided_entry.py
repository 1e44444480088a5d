"""The entry with a computer in the loop: guidance turns the lift, and it turns as fast as it can.

    truth --felt push--> navigation --> guidance --bank asked for--> actuator --bank--> truth

The same capsule, air and planet as `phases.entry`, twenty times a second. The computer is told the
push its accelerometers felt, and nothing else; the mortar fires when it says so.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.guidance.apollo import (
    EntryLaw,
    Guide,
    Memory,
    PredictorBank,
    Sensed,
    awake,
    pre_bank,
    steer,
)
from anabasis.guidance.bank import BankProgramme
from anabasis.guidance.dead_reckoning import Believed, OnboardPlanet, course
from anabasis.guidance.predictor import Onboard
from anabasis.mechanics.arrays import Array, Flag, Scalar, Vector
from anabasis.mechanics.batch import is_side_by_side
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.segment import Segment, runge_kutta_step
from anabasis.mechanics.state import PointState
from anabasis.mechanics.watched_loop import fly_closed_loop, midpoint_step
from anabasis.outcome import Outcome
from anabasis.phases.entry import _Entry, _flight, _Given, _Motion, coast_to_interface
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.knowledge import Knowledge, felt
from anabasis.vehicles.parachute import Trigger
from anabasis.worlds.local import angles_from_velocity, enu
from anabasis.worlds.place import Place
from anabasis.worlds.world import World, direction_of

TICK = 0.05
"""The computer looks this often [s]."""
LONGEST_TICKS = 12000
"""A guided entry that has not fired its mortar after ten minutes has spent its budget."""
REFERENCE_TICK, REFERENCE_TICKS = 0.1, 4500
_PAIR = 2.0
_BLEND = 50.0
_HELD = _Given(np.asarray(1.0), np.asarray(0.0), np.asarray(-1.0))  # pyright: ignore


class _Bank(eqx.Module):
    """The lift's true bank [rad] and its rate [rad/s]."""

    angle: Scalar
    rate: Scalar


class _Loop(eqx.Module):
    """Truth, actuator and computer of one flight."""

    motion: _Motion
    bank: _Bank
    memory: Memory
    felt: Vector
    fired: Scalar


def onboard_planet(world: World, epoch: Scalar, target: Place) -> OnboardPlanet:
    """The onboard copy of a planet, as at the interface."""
    height = target.height if target.height is not None else None
    altitude = target.altitude
    if height is None and altitude is None:
        altitude = 0.0
    radius = world.radius_of(target.latitude, target.longitude, altitude=altitude, height=height)
    return OnboardPlanet(
        jnp.asarray(world.gm),
        jnp.asarray(world.j2) if world.gravity_degree >= 2 else jnp.asarray(0.0),
        jnp.asarray(world.gravity_radius),
        world.pole(epoch),
        jnp.asarray(world.spin),
        world.axes(epoch),
        jnp.asarray((2.0 * world.equatorial_radius + world.polar_radius) / 3.0),
        direction_of(jnp.asarray(target.latitude), jnp.asarray(target.longitude)),
        jnp.asarray(radius),
    )


def make_guide(law: EntryLaw, trigger: Trigger, planet: OnboardPlanet) -> Guide:
    """The law with what fires the mortar: what the computer can know of the trigger.

    A Mach number is turned into the reference's parachute speed: nothing aboard measures sound.
    """
    assert law.reference is not None
    speed, distance, time = trigger.relative_speed, trigger.range_to_target, trigger.time
    if speed is None and distance is None and time is None:
        speed = law.parachute_speed
    return Guide(
        law,
        law.reference,
        planet,
        speed,
        distance,
        jnp.asarray(1.15 * law.parachute_speed),
        jnp.asarray(0.85 * law.parachute_speed),
        time,
        _onboard(law, planet) if isinstance(law, PredictorBank) else None,
    )


def _onboard(law: EntryLaw, planet: OnboardPlanet) -> Onboard:
    """What a predicting law carries: the tuned fit of drag, never the air that is flown in."""
    assert law.reference is not None
    return Onboard(
        jnp.asarray(law.reference.drag_scale),
        jnp.asarray(law.reference.scale_height),
        planet.target_radius,
        planet.range_radius,
        planet.gm,
        jnp.asarray(law.parachute_speed),
        jnp.asarray(law.parachute_range),
    )


@compiled
def enter_guided(
    start: PointState,
    capsule: Capsule,
    trigger: Trigger,
    law: EntryLaw,
    knowledge: Knowledge,
    world: World,
    interface_radius: Scalar | None,
    target: Place,
    *,
    track: bool = False,
) -> Flight:
    """Fly a guided entry from its start to the mortar.

    Args:
        start: at or above the interface, as delivered; its mass is not used, the capsule's is.
        capsule: what enters.
        trigger: what fires the parachute, as far as the computer can know it.
        law: guidance with its reference.
        knowledge: how wrong navigation is at the interface.
        world: the planet.
        interface_radius: where figures count from [m]; None for the start itself.
        target: what the flight is aimed at.
        track: whether to keep the flight's rows.

    Returns:
        The flight; it ends at the tick in which the computer fires the mortar, or on the ground.

    Left out: six degrees of freedom; reaction control propellant; the lag of the trim.
    """
    nominal_radius = _length(start.position) if interface_radius is None else interface_radius
    interface, reached = coast_to_interface(start, world, nominal_radius)
    epoch = interface.epoch
    planet = onboard_planet(world, epoch, target)
    guide = make_guide(law, trigger, planet)
    flown = _Entry(
        epoch,
        jnp.maximum(_length(interface.position), nominal_radius),
        _length(world.relative_velocity(epoch, interface.position, interface.velocity)),
        capsule,
        trigger,
        _banked(jnp.asarray(0.0)),
        world,
        target,
    )
    axes = enu(world, epoch, interface.position)
    _, _, azimuth = angles_from_velocity(interface.velocity, axes)
    ahead = jnp.sin(azimuth) * axes[0] + jnp.cos(azimuth) * axes[1]
    frame = (ahead, jnp.cross(ahead, axes[2]), axes[2])
    tilt = knowledge.tilt(*frame)
    believed = Believed(
        interface.position + knowledge.position(*frame),
        interface.velocity + knowledge.velocity(*frame),
    )

    def at(loop: _Loop) -> _Entry:
        return _with_bank(flown, law, loop.bank.angle, loop.memory)

    def tick(elapsed: Scalar, loop: _Loop) -> tuple[_Loop, Flag]:
        length = jnp.where(elapsed > 0.0, TICK, 0.0)
        command, memory = steer(guide, loop.memory, Sensed(elapsed, loop.felt, length))
        bank, turning = _turn(loop.bank, command.bank, law.bank_rate, law.bank_acceleration)
        here = _with_bank(flown, law, loop.bank.angle, memory)

        def rate(time: Scalar, motion: _Motion, given: Any) -> _Motion:
            angle = loop.bank.angle + turning * (time - elapsed)
            return eqx.tree_at(lambda e: e.law, here, _banked(angle)).rate(time, motion, _HELD)

        moved = midpoint_step(rate, elapsed, loop.motion, TICK)
        fired = command.fire > 0.5
        # what was felt: the change of velocity that gravity does not explain
        pull = world.gravity(
            epoch + elapsed + 0.5 * TICK, 0.5 * (loop.motion.position + moved.position)
        )
        push = (moved.velocity - loop.motion.velocity) / TICK - pull
        still = jax.tree.map(lambda old, new: jnp.where(fired, old, new), loop.motion, moved)
        after = _Loop(still, bank, memory, felt(knowledge, tilt, push), command.fire)
        beyond = flown.ends(elapsed + TICK, still, _HELD)
        return after, fired | (beyond[1] >= 0.0) | (beyond[2] >= 0.0)

    def watch(elapsed: Scalar, loop: _Loop) -> dict[str, Scalar]:
        return at(loop).watch(elapsed, loop.motion, _HELD)

    def count(elapsed: Scalar, loop: _Loop) -> dict[str, Flag]:
        return at(loop).count(elapsed, loop.motion, _HELD)

    def row(elapsed: Scalar, loop: _Loop) -> dict[str, Any]:
        seen = course(planet, loop.memory.believed, elapsed)
        kept = at(loop).row(elapsed, loop.motion, _HELD)
        kept["mass"] = at(loop).capsule.mass + 0.0 * elapsed
        return kept | {
            "guidance_mode": loop.memory.mode,
            "downrange": seen.downrange,
            "crossrange": seen.crossrange,
            "position_error": _length(loop.memory.believed.position - loop.motion.position),
            "felt_x": loop.felt[0],
            "felt_y": loop.felt[1],
            "felt_z": loop.felt[2],
        }

    zero = jnp.asarray(0.0)
    memory = awake(guide, believed)
    opening_side = memory.sign
    opening = _Loop(
        _Motion(interface.position, interface.velocity, zero),
        _Bank(opening_side * pre_bank(guide.reference), zero),
        memory,
        jnp.zeros(3),
        zero,
    )
    loop = fly_closed_loop(
        tick,
        opening,
        TICK,
        LONGEST_TICKS,
        watch=watch,
        count=count,
        record=row if track and not is_side_by_side() else None,
    )
    end: _Loop = loop.state
    fired = end.fired > 0.5
    # the tick in which the mortar fires does not move the capsule
    time = loop.time - jnp.where(fired, TICK, 0.0)
    peaks = jax.tree.map(lambda x: x, loop.peaks)
    for name, peak in peaks.items():
        peaks[name] = eqx.tree_at(lambda p: p.state, peak, peak.state.motion)
    segment = Segment(time, end.motion, loop.ended, peaks, loop.counts, loop.rows)
    flight = _flight(start, interface, reached, at(end), segment, _HELD, track)
    ground = flown.ends(time, end.motion, _HELD)
    lost = Outcome.where(ground[1] >= 0.0, Outcome.ground_before_parachute, Outcome.skipped_out)
    outcome = Outcome.where(fired, Outcome.nominal, lost)
    outcome = Outcome.where(loop.ended, outcome, Outcome.step_budget_spent)
    outcome = Outcome.where(reached, outcome, Outcome.skipped_out)
    figures = dict(flight.figures)
    figures["bank_reversal_count"] = end.memory.turned_over
    figures["navigation_error"] = _length(end.memory.believed.position - end.motion.position)
    events = dict(flight.events)
    fire = jnp.where(outcome == Outcome.nominal, epoch + time, jnp.nan)
    events["parachute_deploy"] = fire
    # the ledger books the ballast at the mortar, in the landing
    mass = jnp.asarray(capsule.mass, dtype=float)
    return Flight(
        end=eqx.tree_at(lambda end: end.mass, flight.end, mass),
        outcome=outcome,
        figures=figures,
        events=events,
        burns=flight.burns,
        masses=flight.masses,
        extrapolations=flight.extrapolations,
        track=flight.track,
    )


def _banked(angle: Scalar) -> BankProgramme:
    return BankProgramme(np.zeros(1), jnp.atleast_1d(angle), np.zeros(0))


def _with_bank(flown: _Entry, law: EntryLaw, angle: Scalar, memory: Memory) -> _Entry:
    """The entry with its true bank, and without the ballast that is gone."""
    straight = memory.straight_since > 0.0
    since = jnp.where(straight, memory.elapsed - memory.straight_since, -1.0)
    thrown = thrown_share(since, law.ballast_delay)
    thrown = jnp.where(law.ballast > 0.0, thrown, 0.0)
    capsule = lightened(flown.capsule, thrown, law.ballast)
    return eqx.tree_at(lambda e: (e.capsule, e.law), flown, (capsule, _banked(angle)))


def thrown_share(since: Scalar, delay: Scalar) -> Scalar:
    """Share of the ballast that is gone, ``since`` straightening [s]: three pairs."""
    pair = jnp.floor((since - delay) / _PAIR) + 1.0
    return jnp.clip(pair, 0.0, 3.0) / 3.0


def lightened(capsule: Capsule, share: Scalar, ballast: Scalar) -> Capsule:
    """A capsule that has thrown off a share of its ballast, and as much of its lift with it."""
    mass = capsule.mass - share * ballast
    lift = 1.0 - share
    if capsule.ballistic_coefficient is not None:
        # the drag area stays: mass over it falls with the mass
        shrunk = capsule.ballistic_coefficient * mass / capsule.mass
        ratio = None if capsule.lift_to_drag is None else capsule.lift_to_drag * lift
        return eqx.tree_at(
            lambda c: (c.mass, c.ballistic_coefficient, c.lift_to_drag),
            capsule,
            (mass, shrunk, ratio),
            is_leaf=lambda x: x is None,
        )
    if capsule.lift_coefficient is None:
        return eqx.tree_at(lambda c: c.mass, capsule, mass)
    return eqx.tree_at(
        lambda c: (c.mass, c.lift_coefficient.value),
        capsule,
        (mass, capsule.lift_coefficient.value * lift),
    )


def _turn(bank: _Bank, wanted: Scalar, fastest: Scalar, quickening: Scalar) -> tuple[_Bank, Scalar]:
    """One tick of the actuator: as fast as it may towards the angle, braking in time.

    Returns:
        The bank at the tick's end, and the rate in between [rad/s].
    """
    gap = jnp.mod(wanted - bank.angle + jnp.pi, 2.0 * jnp.pi) - jnp.pi
    # never faster than it can brake, less one tick's worth, and never past the angle in a tick
    braking = jnp.sqrt(2.0 * quickening * jnp.abs(gap) + (0.5 * quickening * TICK) ** 2)
    braking = braking - 0.5 * quickening * TICK
    speed = jnp.minimum(jnp.minimum(braking, fastest), jnp.abs(gap) / TICK)
    change = jnp.clip(jnp.sign(gap) * speed - bank.rate, -quickening * TICK, quickening * TICK)
    rate = bank.rate + change
    angle = bank.angle + rate * TICK
    angle = jnp.mod(angle + jnp.pi, 2.0 * jnp.pi) - jnp.pi
    return _Bank(angle, rate), rate


def _length(vector: Vector) -> Scalar:
    return jnp.sqrt(jnp.dot(vector, vector))


# --- the reference


class Planar(eqx.Module):
    """The reference flight, tick by tick: lift upward or downward only.

    Attributes:
        time: [s].
        position, velocity: inertial axes.
        speed: relative to the planet [m/s].
        drag: deceleration by drag [m/s^2].
        lift_to_drag: whole lift over drag.
        factor: share of the lift that points up.
        climb_rate: [m/s].
        downrange: to the target [m].
        height: above the areoid [m].
        deceleration: [m/s^2].
    """

    time: Any
    position: Any
    velocity: Any
    speed: Any
    drag: Any
    lift_to_drag: Any
    factor: Any
    climb_rate: Any
    downrange: Any
    height: Any
    mach: Any
    pressure: Any
    deceleration: Any
    since: Any


def _planar_entry(interface: PointState, capsule: Capsule, world: World, target: Place) -> _Entry:
    return _Entry(
        interface.epoch,
        _length(interface.position),
        _length(world.relative_velocity(interface.epoch, interface.position, interface.velocity)),
        capsule,
        None,
        _banked(jnp.asarray(0.0)),
        world,
        target,
    )


class Plan(eqx.Module):
    """What a reference flight is flown with: its two banks [rad], and the speed at which it
    straightens [m/s]."""

    early: Scalar
    late: Scalar
    straighten_speed: Scalar


def planar_factor(law: EntryLaw, plan: Plan, speed: Scalar) -> Scalar:
    """Share of the lift that points up, by speed.

    One bank while fast and one after, as the greatest height for a range asks for two levels where
    the control enters linearly; all lift up from heading alignment on, whose small banks cost
    little of it.
    """

    def over(threshold: Scalar) -> Scalar:
        return 0.5 * (1.0 + jnp.tanh((speed - threshold) / _BLEND))

    fast, controlled = over(law.late_below_relative_speed), over(law.heading_below_relative_speed)
    turned = fast * jnp.cos(plan.early) + (1.0 - fast) * jnp.cos(plan.late)
    return controlled * turned + (1.0 - controlled)


def _planar_step(
    flown: _Entry,
    law: EntryLaw,
    time: Scalar,
    motion: _Motion,
    since: Scalar,
    plan: Plan,
    more: Scalar,
) -> _Motion:
    """One tick of the reference; ``more`` is added to the share of lift that points up."""

    def rate(at: Scalar, here: _Motion, given: Any) -> _Motion:
        capsule, factor = _planar_capsule(flown, law, at, here, since + at - time, plan)
        raised = _scaled_lift(capsule, factor + more)
        return eqx.tree_at(lambda e: e.capsule, flown, raised).rate(at, here, _HELD)

    return runge_kutta_step(rate, time, motion, jnp.asarray(REFERENCE_TICK))


def _planar_capsule(
    flown: _Entry,
    law: EntryLaw,
    time: Scalar,
    motion: _Motion,
    since: Scalar,
    plan: Plan,
) -> tuple[Capsule, Scalar]:
    epoch, world = flown.epoch + time, flown.world
    speed = _length(world.relative_velocity(epoch, motion.position, motion.velocity))
    # three pairs as one even stream about the same moment: a reference that can be differentiated
    thrown = jnp.clip((since - law.ballast_delay + 0.5 * _PAIR) / (3.0 * _PAIR), 0.0, 1.0)
    thrown = jnp.where((law.ballast > 0.0) & (since > 0.0), thrown, 0.0)
    return (
        lightened(flown.capsule, thrown, law.ballast),
        planar_factor(law, plan, speed),
    )


def _scaled_lift(capsule: Capsule, factor: Scalar) -> Capsule:
    if capsule.lift_coefficient is not None:
        return eqx.tree_at(
            lambda c: c.lift_coefficient.value, capsule, capsule.lift_coefficient.value * factor
        )
    assert capsule.lift_to_drag is not None
    return eqx.tree_at(lambda c: c.lift_to_drag, capsule, capsule.lift_to_drag * factor)


@compiled
def fly_reference(
    interface: PointState,
    capsule: Capsule,
    law: EntryLaw,
    world: World,
    target: Place,
    plan: Plan,
) -> Planar:
    """The reference flight with two banks, without crossrange, over a fixed time.

    Args:
        interface: the nominal state there.
        capsule: what enters.
        law: where heading alignment begins, and the ballast.
        world: the planet.
        target: what ranges count from.
        plan: its banks and speeds.
    """
    flown = _planar_entry(interface, capsule, world, target)
    planet = onboard_planet(world, interface.epoch, target)
    motion = _Motion(interface.position, interface.velocity, jnp.asarray(0.0))

    def turn(carry: tuple[_Motion, Scalar], time: Scalar) -> tuple[Any, Planar]:
        motion, since = carry
        here, factor = _planar_capsule(flown, law, time, motion, since, plan)
        entry = eqx.tree_at(lambda e: e.capsule, flown, here)
        meeting = entry.meet(time, motion, _HELD)
        drag = meeting.dynamic_pressure / here.mass * here.drag_area(meeting.mach)
        seen = course(planet, Believed(motion.position, motion.velocity), time)
        row = Planar(
            time,
            motion.position,
            motion.velocity,
            meeting.relative_speed,
            drag,
            here.lift_area(meeting.mach) / here.drag_area(meeting.mach),
            factor,
            seen.climb_rate,
            seen.downrange,
            world.height(flown.epoch + time, motion.position),
            meeting.mach,
            meeting.dynamic_pressure,
            _length(meeting.acceleration),
            since,
        )
        zero = jnp.asarray(0.0)
        moved = _planar_step(flown, law, time, motion, since, plan, zero)
        # what lies far below the end of the reference is not looked at, but must stay a number
        low = seen.speed < 0.5 * law.parachute_speed
        moved = jax.tree.map(lambda old, new: jnp.where(low, old, new), motion, moved)
        # the moment it straightens lies between two ticks
        slowing = jnp.maximum(-jnp.dot(meeting.acceleration, seen.forward), 1e-3)
        fresh = jnp.minimum((plan.straighten_speed - seen.speed) / slowing, REFERENCE_TICK)
        straight = (since >= 0.0) | ((seen.speed < plan.straighten_speed) & (time > 30.0))
        after = jnp.where(straight, jnp.where(since >= 0.0, since, fresh) + REFERENCE_TICK, -1.0)
        return (moved, after), row

    times = REFERENCE_TICK * jnp.arange(REFERENCE_TICKS)
    return jax.lax.scan(turn, (motion, jnp.asarray(-1.0)), times)[1]


@compiled
def influence(
    interface: PointState,
    capsule: Capsule,
    law: EntryLaw,
    world: World,
    target: Place,
    plan: Plan,
    flight: Planar,
    last: Array,
) -> tuple[Array, Array, Array]:
    """How much farther the reference would fly, tick by tick, for more drag, climb, lift upward.

        lambda_N = grad R - (R' / V') grad V,   lambda_k = A_k^T lambda_(k+1)

    Backwards through the linearised flight (adjoint): R is the range to go, V the speed at which
    the reference ends, A_k the derivative of a tick. Each perturbation is made at one speed.

    Args:
        interface, capsule, law, world, target, plan: as `fly_reference`.
        flight: what it gave.
        last: number of the tick at which it ends.

    Returns:
        Range by drag [m per m/s^2], by climb rate [m per m/s], by lift upward over drag [m].
    """
    flown = _planar_entry(interface, capsule, world, target)
    planet = onboard_planet(world, interface.epoch, target)

    def motion_of(x: Array) -> _Motion:
        return _Motion(x[:3], x[3:6], jnp.asarray(0.0))

    def flat(motion: _Motion) -> Array:
        return jnp.concatenate([motion.position, motion.velocity])

    def reading(x: Array, time: Scalar) -> tuple[Scalar, Scalar]:
        seen = course(planet, Believed(x[:3], x[3:6]), time)
        return seen.downrange, seen.speed

    x_end = jnp.concatenate([flight.position[last], flight.velocity[last]])
    t_end = flight.time[last]
    here, factor = _planar_capsule(flown, law, t_end, motion_of(x_end), flight.since[last], plan)
    entry = eqx.tree_at(lambda e: e.capsule, flown, _scaled_lift(here, factor))
    flow = flat(entry.rate(t_end, motion_of(x_end), _HELD))
    gradient = jax.jacfwd(lambda x: jnp.stack(reading(x, t_end)))(x_end)
    drift = jax.jvp(
        lambda x, t: jnp.stack(reading(x, t)), (x_end, t_end), (flow, jnp.ones_like(t_end))
    )[1]
    closing = gradient[0] - drift[0] / drift[1] * gradient[1]

    def back(carry: tuple[Array, Scalar], row: tuple[Any, Array]) -> tuple[Any, Any]:
        following, pushed = carry
        now, number = row
        x = jnp.concatenate([now.position, now.velocity])

        def step(x: Array, more: Scalar) -> Array:
            moved = _planar_step(flown, law, now.time, motion_of(x), now.since, plan, more)
            return flat(moved)

        zero = jnp.asarray(0.0)
        through = jax.jacfwd(step)(x, zero)
        control = jax.jvp(lambda m: step(x, m), (zero,), (jnp.asarray(1.0),))[1]
        flies = number < last
        before = jnp.where(flies, following @ through, closing)
        by_factor = jnp.dot(following, control) / jnp.maximum(now.lift_to_drag, 1e-3)
        pushed = jnp.where(flies, pushed + by_factor, 0.0)

        # higher, at the same speed and angle
        up = now.position / _length(now.position)
        spin = world.spin_vector(flown.epoch + now.time)
        raised = jnp.concatenate([up, jnp.cross(spin, up)])

        def drag_at(x: Array) -> Scalar:
            here, _ = _planar_capsule(flown, law, now.time, motion_of(x), now.since, plan)
            meeting = eqx.tree_at(lambda e: e.capsule, flown, here).meet(
                now.time, motion_of(x), _HELD
            )
            return meeting.dynamic_pressure / here.mass * here.drag_area(meeting.mach)

        thinner = jax.jvp(drag_at, (x,), (raised,))[1]
        # steeper or shallower, at the same speed and place
        relative = world.relative_velocity(flown.epoch + now.time, now.position, now.velocity)
        forward = relative / _length(relative)
        sine = jnp.dot(forward, up)
        cosine = jnp.sqrt(1.0 - sine**2)
        turned = jnp.concatenate([jnp.zeros(3), (up - sine * forward) / cosine**2])
        by_drag = -jnp.dot(before, raised) / jnp.minimum(thinner, -1e-9)
        by_climb = -jnp.dot(before, turned)
        return (before, pushed), (by_drag, by_climb, -pushed)

    rows = (flight, jnp.arange(flight.time.shape[0]))
    begin = (closing, jnp.asarray(0.0))
    return jax.lax.scan(back, begin, rows, reverse=True)[1]

"""The ascent: tossed, lit, burnt out, a coast to the top, a second burn, an orbit.

    release   ignition      burnout            separation  ignition    burnout
       |--toss--|--stage one--|------coast--------------|----|--stage two--|
               t = 0

Three degrees of freedom: the rocket is a point whose thrust points where the programme says.
Every switching time is known beforehand and ends a leg of a fixed number of ticks, so burn times,
thrusts and masses carry exact derivatives to the orbit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.guidance.steering import Programme, first_stage_direction, second_stage_direction
from anabasis.mechanics.arrays import Array, Scalar, Vector
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Burn, Flight, MassChange
from anabasis.mechanics.kepler import apsis_radii
from anabasis.mechanics.segment import Segment, fly_segment
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.vehicles.ascender import Ascender, Stack, ideal_delta_v, stacked
from anabasis.vehicles.motor import Burning, burnt, thrust
from anabasis.worlds.local import angles_from_velocity, enu
from anabasis.worlds.reached import burnout_figures, orbit_figures, time_to_apoapsis
from anabasis.worlds.world import AirSample, World

FIGURES: dict[str, str] = {
    "lift_off_mass": "kg",
    "thrust_elevation": "deg",
    "thrust_azimuth": "deg",
    "stage_one_burnout_time": "s",
    "stage_one_burnout_altitude": "km",
    "stage_one_burnout_speed": "m_s",
    "stage_one_burnout_flight_path_angle": "deg",
    "stage_one_burnout_latitude": "deg",
    "stage_one_burnout_longitude": "deg",
    "coast_apoapsis": "km",
    "coast_periapsis": "km",
    "coast_inclination": "deg",
    "time_to_apoapsis": "s",
    "circularisation_delta_v": "m_s",
    "stage_two_ignition_time": "s",
    "stage_two_burnout_time": "s",
    "ideal_delta_v": "m_s",
    "gravity_loss": "m_s",
    "drag_loss": "m_s",
    "steering_loss": "m_s",
    "peak_dynamic_pressure": "kPa",
    "peak_dynamic_pressure_time": "s",
    "peak_acceleration": "g",
    "final_mass": "kg",
    "apoapsis": "km",
    "periapsis": "km",
    "inclination": "deg",
    "node": "deg",
    # Beyond what every ascent must report.
    "second_elevation": "deg",
    "speed_gained": "m_s",
    "mean_apoapsis": "km",
    "mean_periapsis": "km",
    "mean_inclination": "deg",
}
"""Every figure of an ascent and its unit at the walls."""

TOSS_TICKS = 10
FIRST_TICKS = 760
COAST_TICKS = (240, 160, 10)
SECOND_TICKS = 245
"""Ticks of each leg: a tenth of a second under the published motors' thrust."""


class Ticks(NamedTuple):
    """How many ticks each leg of an ascent has."""

    toss: int
    first: int
    coast: tuple[int, int, int]
    second: int


FINE = Ticks(TOSS_TICKS, FIRST_TICKS, COAST_TICKS, SECOND_TICKS)
"""What every flight of a march has."""

_COAST_SHARE = 0.25
"""The first part of the coast, where there may still be air, has shorter ticks."""


class Motion(eqx.Module):
    """What is integrated: where the rocket is, and where its speed came from and went.

    Attributes:
        position: inertial [m].
        velocity: inertial [m/s].
        ideal: speed the thrust could have added [m/s].
        gravity_loss: speed taken by gravity [m/s].
        drag_loss: speed taken by the air [m/s].
        steering_loss: speed not gained because the thrust points off the velocity [m/s].
    """

    position: Vector
    velocity: Vector
    ideal: Scalar
    gravity_loss: Scalar
    drag_loss: Scalar
    steering_loss: Scalar


def at_rest(position: Vector, velocity: Vector) -> Motion:
    """A motion whose account of speed has just been opened."""
    nought = jnp.zeros_like(position[0])
    return Motion(position, velocity, nought, nought, nought, nought)


def motion_rate(
    velocity: Vector, push: Scalar, direction: Vector, gravity: Vector, drag: Vector
) -> Motion:
    """How a motion changes: Newton's law, and the account of speed that comes with it.

        d|v|/dt = T/m - (T/m)(1 - u.v^) - (-g.v^) - (-d.v^)
                  ideal  steering         gravity   drag

    Args:
        velocity: inertial [m/s].
        push: thrust over mass [m/s^2].
        direction: unit vector of the thrust.
        gravity: [m/s^2].
        drag: drag over mass [m/s^2].

    Returns:
        Time derivative of the `Motion`; ideal - losses is the speed gained, exactly.
    """
    along = velocity / jnp.sqrt(velocity @ velocity + 1e-18)
    return Motion(
        position=velocity,
        velocity=push * direction + gravity + drag,
        ideal=push,
        gravity_loss=-(gravity @ along),
        drag_loss=-(drag @ along),
        steering_loss=push * (1.0 - direction @ along),
    )


class _Leg(eqx.Module):
    """What is burning in a leg: the motor (one without thrust in a coast), since when, on what."""

    motor: Burning
    ignition: Scalar
    mass: Scalar


def _coasting(mass: Scalar) -> _Leg:
    nothing = Burning(0.0, 0.0, 1.0, 1.0, 0.0)
    return _Leg(nothing, 0.0, mass)


def _legs(*legs: _Leg) -> _Leg:
    return jax.tree.map(lambda *x: jnp.stack([jnp.asarray(y, dtype=float) for y in x]), *legs)


class _Ride(eqx.Module):
    """The rocket in its world: what every leg of a flight shares."""

    world: World
    stack: Stack
    programme: Programme
    ignition_epoch: Scalar

    def mass(self, time: Scalar, leg: _Leg) -> Scalar:
        return leg.mass - burnt(leg.motor, time - leg.ignition)

    def air(self, time: Scalar, motion: Motion) -> tuple[AirSample, Vector, Scalar]:
        """The air, the velocity through it and its magnitude."""
        epoch = self.ignition_epoch + time
        sample = self.world.air(epoch, motion.position)
        through = (
            self.world.relative_velocity(epoch, motion.position, motion.velocity) - sample.wind
        )
        # The tiny term keeps the slope finite where the rocket stands in its tube.
        return sample, through, jnp.sqrt(through @ through + 1e-12)

    def drag(self, time: Scalar, motion: Motion, mass: Scalar) -> Vector:
        """Drag over mass: D = -1/2 rho |v| C_D A v."""
        sample, through, speed = self.air(time, motion)
        area = self.stack.drag_coefficient(speed / sample.sound_speed) * self.stack.reference_area
        return -(0.5 * sample.density * area / mass) * speed * through

    def rate(self, time: Scalar, motion: Motion, leg: _Leg, direction: Vector) -> Motion:
        epoch = self.ignition_epoch + time
        mass = self.mass(time, leg)
        push = thrust(leg.motor, time - leg.ignition) / mass
        gravity = self.world.gravity(epoch, motion.position)
        return motion_rate(motion.velocity, push, direction, gravity, self.drag(time, motion, mass))

    def first_direction(self, time: Scalar, motion: Motion) -> Vector:
        local = enu(self.world, self.ignition_epoch + time, motion.position)
        return first_stage_direction(self.programme, local, time)

    def gauge(self, direction: Any) -> Any:
        """What the figures need of every tick."""

        def gauged(time: Scalar, motion: Motion, leg: _Leg) -> dict[str, Any]:
            sample, _, speed = self.air(time, motion)
            mass = self.mass(time, leg)
            push = thrust(leg.motor, time - leg.ignition) / mass
            felt = push * direction(time, motion) + self.drag(time, motion, mass)
            return {
                "elapsed": time,
                "dynamic_pressure": 0.5 * sample.density * speed * speed,
                "deceleration": jnp.sqrt(felt @ felt + 1e-18),
            }

        return gauged

    def count(self, time: Scalar, motion: Motion, leg: _Leg) -> dict[str, Scalar]:
        """Ticks that read outside a table while the air matters, and ticks below the ground."""
        sample, _, speed = self.air(time, motion)
        matters = 0.5 * sample.density * speed * speed > 1.0
        beyond = self.stack.drag_coefficient.outside(speed / sample.sound_speed)
        return {
            "air": jnp.where(sample.outside & matters, 1.0, 0.0),
            "drag_coefficient": jnp.where(beyond & matters, 1.0, 0.0),
        }

    def strain(self, direction: Any) -> Any:
        """What the limits of an ascent need of every tick; see `Survey`."""

        def strained(time: Scalar, motion: Motion, leg: _Leg) -> dict[str, Any]:
            sample, through, speed = self.air(time, motion)
            mass = self.mass(time, leg)
            push = thrust(leg.motor, time - leg.ignition) / mass
            pointing = direction(time, motion)
            felt = push * pointing + self.drag(time, motion, mass)
            return {
                "elapsed": time,
                "dynamic_pressure": 0.5 * sample.density * speed * speed,
                "misalignment": 1.0 - pointing @ through / speed,
                "acceleration": jnp.sqrt(felt @ felt + 1e-18),
            }

        return strained

    def record(self, direction: Any, track: bool) -> Any:
        gauged = self.gauge(direction)

        def recorded(time: Scalar, motion: Motion, leg: _Leg) -> dict[str, Any]:
            epoch = self.ignition_epoch + time
            sample, _, speed = self.air(time, motion)
            latitude, longitude = self.world.latitude_longitude(epoch, motion.position)
            local = enu(self.world, epoch, motion.position)
            inertial_speed, climb, _ = angles_from_velocity(motion.velocity, local)
            relative = self.world.relative_velocity(epoch, motion.position, motion.velocity)
            return {
                "epoch": epoch,
                "elapsed": time,
                "position": motion.position,
                "velocity": motion.velocity,
                "mass": self.mass(time, leg),
                "altitude": self.world.altitude(epoch, motion.position),
                "latitude": latitude,
                "longitude": longitude,
                "speed": inertial_speed,
                "relative_speed": jnp.sqrt(relative @ relative + 1e-12),
                "flight_path_angle": climb,
                "mach": speed / sample.sound_speed,
                "thrust": thrust(leg.motor, time - leg.ignition),
                **gauged(time, motion, leg),
            }

        return recorded if track else gauged


def _climb(
    ride: _Ride,
    start: PointState,
    *,
    told: bool,
    track: bool,
    ticks: Ticks = FINE,
    strained: bool = False,
) -> Segment:
    """Toss and first stage."""
    stack, delay = ride.stack, ride.programme.ignition_delay
    legs = _legs(_coasting(stack.lift_off_mass), _Leg(stack.stage_one, 0.0, stack.lift_off_mass))
    return fly_segment(
        lambda t, y, leg: ride.rate(t, y, leg, ride.first_direction(t, y)),
        at_rest(start.position, start.velocity),
        -delay,
        jnp.stack([jnp.asarray(delay), jnp.asarray(stack.stage_one.burn_time)]),
        (ticks.toss, ticks.first),
        given=legs,
        count=ride.count if told else None,
        record=(
            ride.strain(ride.first_direction)
            if strained
            else ride.record(ride.first_direction, track)
            if told
            else None
        ),
    )


def _coast(
    ride: _Ride, burnout: Segment, *, told: bool, track: bool, ticks: Ticks = FINE
) -> Segment:
    """From burnout to the second ignition, the first stage dropped on the way."""
    stack = ride.stack
    whole = ride.programme.second_ignition_time - burnout.time
    lead = jnp.minimum(stack.separation_lead, whole)
    durations = [_COAST_SHARE * (whole - lead), (1.0 - _COAST_SHARE) * (whole - lead), lead]
    up = lambda t, y: y.position / jnp.sqrt(y.position @ y.position)  # noqa: E731
    return fly_segment(
        lambda t, y, leg: ride.rate(t, y, leg, up(t, y)),
        burnout.state,
        burnout.time,
        jnp.stack(durations),
        ticks.coast,
        given=_legs(
            _coasting(stack.first_burnout_mass),
            _coasting(stack.first_burnout_mass),
            _coasting(stack.second_ignition_mass),
        ),
        count=ride.count if told else None,
        record=ride.record(up, track) if track else None,
    )


def _insertion(
    ride: _Ride,
    ignition: Segment,
    *,
    told: bool,
    track: bool,
    ticks: Ticks = FINE,
    strained: bool = False,
) -> Segment:
    """The second stage."""
    stack = ride.stack
    towards = second_stage_direction(
        ignition.state.position,
        ignition.state.velocity,
        ride.world.gm,
        0.5 * stack.stage_two.burn_time,
        ride.programme.second_elevation,
    )
    steady = lambda t, y: towards  # noqa: E731
    return fly_segment(
        lambda t, y, leg: ride.rate(t, y, leg, towards),
        ignition.state,
        ignition.time,
        stack.stage_two.burn_time,
        ticks.second,
        given=_Leg(stack.stage_two, ignition.time, stack.second_ignition_mass),
        count=ride.count if told else None,
        record=(ride.strain(steady) if strained else ride.record(steady, track) if told else None),
    )


def _ride(
    start: PointState,
    ascender: Ascender,
    programme: Programme,
    world: World,
    payload: Scalar | None,
) -> _Ride:
    return _Ride(
        world, stacked(ascender, payload), programme, start.epoch + programme.ignition_delay
    )


class Reached(eqx.Module):
    """Two instants of an ascent, all that a search for its programme looks at."""

    burnout: PointState
    end: PointState


def reach(
    start: PointState,
    ascender: Ascender,
    programme: Programme,
    world: World,
    payload: Scalar | None = None,
) -> Reached:
    """The first burnout and the end of an ascent, without figures: the same flight as `ascend`.

    Args:
        start: released by the lander: epoch, position, velocity with the toss in it.
        ascender: the rocket.
        programme: its steering.
        world: where it flies.
        payload: what it carries [kg]; None takes the ascender's own.
    """
    ride = _ride(start, ascender, programme, world, payload)
    climb = _climb(ride, start, told=False, track=False)
    coast = _coast(ride, climb, told=False, track=False)
    burn = _insertion(ride, coast, told=False, track=False)
    return Reached(
        _point(ride, climb.time, climb.state, ride.stack.first_burnout_mass),
        _point(ride, burn.time, burn.state, ride.stack.orbit_mass),
    )


class Survey(eqx.Module):
    """An ascent as a search under limits sees it.

    Attributes:
        burnout: of the first stage.
        end: of the second burn.
        climb: rows of toss and first stage, by name, each [ticks + 1]: ``elapsed`` [s],
            ``dynamic_pressure`` [Pa], ``misalignment`` (one less the cosine of the angle of
            attack), ``acceleration`` felt [m/s^2].
        insertion: the same rows of the second burn.
    """

    burnout: PointState
    end: PointState
    climb: dict[str, Array]
    insertion: dict[str, Array]


def survey(
    start: PointState,
    ascender: Ascender,
    programme: Programme,
    world: World,
    payload: Scalar | None = None,
    *,
    ticks: Ticks = FINE,
) -> Survey:
    """The same flight as `ascend` and `reach`, with what it strains; ticks may be coarser.

    Args:
        start: as in `reach`.
        ascender: the rocket.
        programme: its steering.
        world: where it flies.
        payload: what it carries [kg]; None takes the ascender's own.
        ticks: of each leg.
    """
    ride = _ride(start, ascender, programme, world, payload)
    climb = _climb(ride, start, told=False, track=False, ticks=ticks, strained=True)
    coast = _coast(ride, climb, told=False, track=False, ticks=ticks)
    burn = _insertion(ride, coast, told=False, track=False, ticks=ticks, strained=True)
    return Survey(
        _point(ride, climb.time, climb.state, ride.stack.first_burnout_mass),
        _point(ride, burn.time, burn.state, ride.stack.orbit_mass),
        climb.rows or {},
        burn.rows or {},
    )


def apoapsis_time(
    start: PointState,
    ascender: Ascender,
    programme: Programme,
    world: World,
    payload: Scalar | None = None,
) -> Scalar:
    """When the coast reaches its top, from the first ignition, flown through whatever air is left.

    The top is where the radius stops growing; a rocket that is not climbing at burnout is there
    already. Arguments as in `reach`; the programme's second ignition plays no part.

    Returns:
        Time from the first ignition [s].
    """
    ride = _ride(start, ascender, programme, world, payload)
    climb = _climb(ride, start, told=False, track=False)
    motion = climb.state
    expected = time_to_apoapsis(motion.position, motion.velocity, world.gm)

    def falling(time: Scalar, y: Motion, leg: _Leg) -> Scalar:
        return -(y.position @ y.velocity) / jnp.sqrt(
            (y.position @ y.position) * (y.velocity @ y.velocity)
        )

    coast = fly_segment(
        lambda t, y, leg: ride.rate(t, y, leg, y.position),
        motion,
        climb.time,
        1.1 * expected + 5.0,
        sum(COAST_TICKS),
        given=_coasting(ride.stack.first_burnout_mass),
        event=falling,
    )
    return coast.time


def _point(ride: _Ride, time: Scalar, motion: Motion, mass: Scalar) -> PointState:
    return PointState(
        ride.ignition_epoch + time, motion.position, motion.velocity, mass, ride.world.name
    )


@compiled
def ascend(
    start: PointState,
    ascender: Ascender,
    programme: Programme,
    world: World,
    payload: Scalar | None = None,
    *,
    track: bool = False,
) -> Flight:
    """Fly the ascender from its release by the lander to the end of the second burn.

    Args:
        start: at the release: epoch, position and velocity with the toss in it; its mass is that
            at lift-off.
        ascender: two solid stages.
        programme: the steering and the second ignition.
        world: gravity, air and spin.
        payload: container and tubes [kg]; None takes the ascender's own.
        track: keep every tick.

    Returns:
        The flight; it is lost where the final orbit cuts the planet's equatorial radius.

    Left out: attitude (the thrust is where it should be at once), lift, the air's pressure on the
    nozzle, moving masses. Osculating apsides are radii less the world's ``apsis_radius``; the mean
    ones are without the first-order wobble of J2 (`mechanics.secular`).
    """
    ride = _ride(start, ascender, programme, world, payload)
    stack = ride.stack
    climb = _climb(ride, start, told=True, track=track)
    coast = _coast(ride, climb, told=True, track=track)
    burn = _insertion(ride, coast, told=True, track=track)
    burnout = _point(ride, climb.time, climb.state, stack.first_burnout_mass)
    end = _point(ride, burn.time, burn.state, stack.orbit_mass)

    figures = (
        burnout_figures(world, burnout.epoch, burnout.position, burnout.velocity)
        | _figures_of_the_way(start, ride, climb, coast, burn)
        | orbit_figures(world, end.epoch, end.position, end.velocity)
    )
    separation = coast.time - jnp.minimum(stack.separation_lead, coast.time - climb.time)
    events = {
        "lift_off": ride.ignition_epoch,
        "stage_one_burnout": burnout.epoch,
        "stage_separation": ride.ignition_epoch + separation,
        "stage_two_ignition": ride.ignition_epoch + coast.time,
        "stage_two_burnout": end.epoch,
    }
    first, second = ideal_delta_v(stack)
    at_ignition = at_rest(start.position, start.velocity)
    burns = {
        "stage_one": Burn(
            events["lift_off"],
            first,
            _losses(climb.state) - _losses(at_ignition),
            stack.stage_one.propellant,
        ),
        "stage_two": Burn(
            events["stage_two_ignition"],
            second,
            _losses(burn.state) - _losses(coast.state),
            stack.stage_two.propellant,
        ),
    }
    masses = {
        "stage_one_burnout/propellant": MassChange(burnout.epoch, -stack.stage_one.propellant),
        "stage_separation/stage_one": MassChange(events["stage_separation"], -stack.inert_one),
        "stage_two_burnout/propellant": MassChange(end.epoch, -stack.stage_two.propellant),
    }
    counts = [segment.counts for segment in (climb, coast, burn)]
    extrapolations = jax.tree.map(lambda *x: sum(x[1:], start=x[0]), *counts)
    return Flight(
        end=end,
        outcome=_verdict(end, climb, coast, world),
        figures=figures,
        events=events,
        burns=burns,
        masses=masses,
        extrapolations=extrapolations,
        track=_track(climb, coast, burn) if track else None,
    )


def _losses(motion: Motion) -> Scalar:
    return motion.gravity_loss + motion.drag_loss + motion.steering_loss


def _verdict(end: PointState, climb: Segment, coast: Segment, world: World) -> Outcome:
    _, periapsis = apsis_radii(end.position, end.velocity, world.gm)
    descending = climb.state.position @ climb.state.velocity <= 0.0
    backwards = coast.time < climb.time
    clears = (periapsis > world.equatorial_radius) & ~descending & ~backwards
    return Outcome.where(clears, Outcome.nominal, Outcome.orbit_not_reached)


def _figures_of_the_way(
    start: PointState, ride: _Ride, climb: Segment, coast: Segment, burn: Segment
) -> dict[str, Scalar]:
    stack, programme = ride.stack, ride.programme
    final = burn.state
    hardest = [_peak(segment, "deceleration")[1] for segment in (climb, burn)]
    when, pressure = _peak(climb, "dynamic_pressure")
    return {
        "lift_off_mass": stack.lift_off_mass,
        "thrust_elevation": programme.elevation,
        "thrust_azimuth": programme.azimuth,
        "second_elevation": programme.second_elevation,
        "stage_one_burnout_time": climb.time,
        "stage_two_ignition_time": coast.time,
        "stage_two_burnout_time": burn.time,
        "ideal_delta_v": final.ideal,
        "gravity_loss": final.gravity_loss,
        "drag_loss": final.drag_loss,
        "steering_loss": final.steering_loss,
        "speed_gained": _speed(final.velocity) - _speed(start.velocity),
        "peak_dynamic_pressure": pressure,
        "peak_dynamic_pressure_time": when,
        "peak_acceleration": jnp.maximum(hardest[0], hardest[1]),
        "final_mass": stack.orbit_mass,
    }


def _peak(segment: Segment, name: str) -> tuple[Scalar, Scalar]:
    """When a recorded quantity was greatest, and how great: a parabola through three ticks.

    A greatest value at either end, or one that is a corner, is taken as it stands.
    """
    rows: dict[str, Array] = segment.rows or {}
    time, value = jnp.asarray(rows["elapsed"]), jnp.asarray(rows[name])
    top = jnp.argmax(value)
    middle = jnp.clip(top, 1, value.shape[0] - 2)
    t0, t1, t2 = time[middle - 1], time[middle], time[middle + 1]
    v0, v1, v2 = value[middle - 1], value[middle], value[middle + 1]
    inside = (top == middle) & (t1 > t0) & (t2 > t1) & (v1 > v0) & (v1 > v2)
    before = (v1 - v0) / jnp.where(inside, t1 - t0, 1.0)
    after = (v2 - v1) / jnp.where(inside, t2 - t1, 1.0)
    bend = jnp.where(inside, (after - before) / jnp.where(inside, t2 - t0, 1.0), -1.0)
    ahead = -0.5 * (before + bend * (t1 - t0)) / bend
    ahead = jnp.where(inside, ahead, 0.0)
    risen = (before + bend * (t1 - t0)) * ahead + bend * ahead * ahead
    at, best = jnp.where(inside, t1, time[top]), jnp.where(inside, v1, value[top])
    return at + ahead, best + jnp.where(inside, risen, 0.0)


def _speed(velocity: Vector) -> Scalar:
    return jnp.sqrt(velocity @ velocity)


def _track(*segments: Segment) -> dict[str, Array]:
    """The rows of all legs; where two legs meet, the later one speaks."""
    rows: list[dict[str, Array]] = [segment.rows or {} for segment in segments]
    joined = {}
    for name in rows[0]:
        pieces = [r[name][:-1] for r in rows[:-1]] + [rows[-1][name]]
        joined[name] = jnp.concatenate([jnp.asarray(piece) for piece in pieces])
    return joined

r"""Entry: a capsule meets the air of a planet, from the interface to its parachute or the ground.

    start ......... interface
                       \         bank turns the lift
                        `--.
                            `---.   peak deceleration
                                 `-.
                                    |  parachute fired: the lander takes over
                                    x  or the ground

Three degrees of freedom in inertial axes over a turning ellipsoidal planet; the capsule is in trim.
A start above the interface radius coasts down to it first, without air. Figures and times count
from the interface. Heat fluxes are engineering formulas for the stagnation point.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.guidance.bank import BankProgramme, bank_angle
from anabasis.mechanics.arrays import Array, Flag, Scalar, Vector
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.heating import (
    convective_flux_sutton_graves,
    radiative_flux_tauber_sutton,
)
from anabasis.mechanics.segment import Peak, Segment, fly_segment
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.parachute import Trigger
from anabasis.worlds.local import angles_from_velocity, enu
from anabasis.worlds.place import Place, clearance_above, distance_over_ground
from anabasis.worlds.world import AirSample, World

FIGURES: dict[str, str] = {
    "interface_speed": "m_s",
    "interface_flight_path_angle": "deg",
    "interface_relative_speed": "m_s",
    "interface_relative_flight_path_angle": "deg",
    "interface_relative_azimuth": "deg",
    "interface_latitude": "deg",
    "interface_longitude": "deg",
    "interface_time": "s",
    "peak_deceleration": "g",
    "peak_deceleration_time": "s",
    "peak_deceleration_altitude": "km",
    "peak_deceleration_relative_speed": "m_s",
    "peak_dynamic_pressure": "kPa",
    "peak_heat_flux": "W_cm2",
    "peak_radiative_heat_flux": "W_cm2",
    "peak_heat_flux_time": "s",
    "heat_load": "J_cm2",
    "bank": "deg",
    "bank_reversal_count": "",
    "navigation_error": "km",
    "range": "km",
    "range_to_target": "km",
    "ballistic_coefficient": "kg_m2",
    "parachute_deploy_time": "s",
    "parachute_deploy_mach": "",
    "parachute_deploy_dynamic_pressure": "Pa",
    "parachute_deploy_altitude": "km",
    "parachute_deploy_height": "km",
    "parachute_deploy_clearance": "km",
    "parachute_deploy_relative_speed": "m_s",
    "impact_time": "s",
    "impact_speed": "m_s",
    "impact_latitude": "deg",
    "impact_longitude": "deg",
    "impact_miss": "km",
}
"""Every figure of an entry and its unit at the walls."""

SUTTON_GRAVES = {"mars": 1.9027e-4, "earth": 1.7415e-4}
"""k of the Sutton-Graves formula [kg^0.5/m]: 97 % carbon dioxide and air (NASA TR R-376)."""

LONGEST = 1000.0
"""How long after the interface a flight may go on [s]; beyond, its step budget is spent."""
TICKS = 4000
"""Ticks in that time: 0.25 s each. Halving them moves figures by less than 1e-6."""
_REVERSAL_TICKS = 400
_COAST_TICKS = 1000
_COAST_SPAN = 8.0
_FAST = 0.8


class _Motion(eqx.Module):
    """What is integrated: where, how fast, and the heat taken up so far [J/m^2]."""

    position: Vector
    velocity: Vector
    heat_load: Scalar


class _Given(eqx.Module):
    """What a leg knows: the sign of the bank, whether it is late, below which speed late begins."""

    sign: Array
    late: Array
    late_below: Array


class _Meeting(eqx.Module):
    """The capsule in the air at one instant."""

    air: AirSample
    air_velocity: Vector
    air_speed: Scalar
    relative_speed: Scalar
    mach: Scalar
    dynamic_pressure: Scalar
    bank: Scalar
    acceleration: Vector
    heat_flux: Scalar
    radiative_flux: Scalar


class _Entry(eqx.Module):
    """Everything an entry is flown with, gathered once."""

    epoch: Scalar
    interface_radius: Scalar
    interface_speed: Scalar
    capsule: Capsule
    trigger: Trigger | None
    law: BankProgramme
    world: World
    target: Place | None

    def meet(self, elapsed: Scalar, motion: _Motion, given: _Given) -> _Meeting:
        epoch, world = self.epoch + elapsed, self.world
        position, velocity = motion.position, motion.velocity
        air = world.air(epoch, position)
        relative = world.relative_velocity(epoch, position, velocity)
        wind_velocity = relative - air.wind
        speed = _length(wind_velocity)
        relative_speed = _length(relative)
        mach = speed / air.sound_speed
        pressure = 0.5 * air.density * speed * speed
        bank = bank_angle(self.law, relative_speed, given.late, given.sign)
        forward = wind_velocity / speed
        up = position / _length(position)
        right = jnp.cross(forward, up)
        right = right / jnp.sqrt(jnp.dot(right, right) + 1e-24)
        lift_up = jnp.cross(right, forward)
        lift = jnp.cos(bank) * lift_up + jnp.sin(bank) * right
        drag_area, lift_area = self.capsule.drag_area(mach), self.capsule.lift_area(mach)
        push = pressure / self.capsule.mass
        flux = convective_flux_sutton_graves(
            air.density, speed, self.capsule.nose_radius, SUTTON_GRAVES[world.name]
        )
        glow = jnp.zeros_like(flux)
        if world.name == "earth":
            glow = radiative_flux_tauber_sutton(air.density, speed, self.capsule.nose_radius)
        return _Meeting(
            air,
            wind_velocity,
            speed,
            relative_speed,
            mach,
            pressure,
            bank,
            push * (lift_area * lift - drag_area * forward),
            flux,
            glow,
        )

    def rate(self, elapsed: Scalar, motion: _Motion, given: _Given) -> _Motion:
        meeting = self.meet(elapsed, motion, given)
        pull = self.world.gravity(self.epoch + elapsed, motion.position)
        return _Motion(motion.velocity, pull + meeting.acceleration, meeting.heat_flux)

    def ends(self, elapsed: Scalar, motion: _Motion, given: _Given) -> Array:
        """What can end a leg, each not negative once reached: trigger, ground, skip, late bank."""
        epoch, world = self.epoch + elapsed, self.world
        position = motion.position
        ground = -clearance_above(self.target, world, epoch, position) / 1e4
        radius = _length(position)
        outward = jnp.dot(position, motion.velocity) / radius / 1e3
        skip = jnp.minimum((radius - self.interface_radius) / 1e5, outward)
        relative_speed = _length(world.relative_velocity(epoch, position, motion.velocity))
        late = (given.late_below - relative_speed) / 1e3
        fired = jnp.full_like(ground, -1.0)
        if self.trigger is not None:
            fired = self._fires(self.trigger, elapsed, motion, given, relative_speed)
        return jnp.stack([fired, ground, skip, late])

    def _fires(
        self,
        trigger: Trigger,
        elapsed: Scalar,
        motion: _Motion,
        given: _Given,
        relative_speed: Scalar,
    ) -> Scalar:
        epoch, world, position = self.epoch + elapsed, self.world, motion.position
        if trigger.mach is not None:
            return trigger.mach - self.meet(elapsed, motion, given).mach
        if trigger.relative_speed is not None:
            return (trigger.relative_speed - relative_speed) / 1e3
        if trigger.dynamic_pressure is not None:
            # The pressure has to have risen first: nothing fires while the capsule is still fast.
            pressure = self.meet(elapsed, motion, given).dynamic_pressure
            slow = relative_speed < _FAST * self.interface_speed
            return jnp.where(slow, (trigger.dynamic_pressure - pressure) / 1e3, -1.0)
        if trigger.altitude is not None:
            return (trigger.altitude - world.altitude(epoch, position)) / 1e4
        if trigger.range_to_target is not None:
            assert self.target is not None, "a range trigger needs a target"
            return (trigger.range_to_target - self.to_target(epoch, position)) / 1e4
        assert trigger.time is not None
        return (elapsed - trigger.time) / 1e2

    def to_target(self, epoch: Scalar, position: Vector) -> Scalar:
        assert self.target is not None
        here = self.world.latitude_longitude(epoch, position)
        return distance_over_ground(self.world, *here, self.target.latitude, self.target.longitude)

    def event(self, elapsed: Scalar, motion: _Motion, given: _Given) -> Scalar:
        return jnp.max(self.ends(elapsed, motion, given))

    def watch(self, elapsed: Scalar, motion: _Motion, given: _Given) -> dict[str, Scalar]:
        meeting = self.meet(elapsed, motion, given)
        watched = {
            "deceleration": _length(meeting.acceleration),
            "dynamic_pressure": meeting.dynamic_pressure,
            "heat_flux": meeting.heat_flux,
        }
        if self.world.name == "earth":
            watched["radiative_flux"] = meeting.radiative_flux
        return watched

    def count(self, elapsed: Scalar, motion: _Motion, given: _Given) -> dict[str, Flag]:
        meeting = self.meet(elapsed, motion, given)
        return {
            "air": meeting.air.outside,
            "aerodynamics": self.capsule.outside(meeting.mach),
        }

    def row(self, elapsed: Scalar, motion: _Motion, given: _Given) -> dict[str, Array | float]:
        epoch, world = self.epoch + elapsed, self.world
        meeting = self.meet(elapsed, motion, given)
        latitude, longitude = world.latitude_longitude(epoch, motion.position)
        _, angle, _ = angles_from_velocity(motion.velocity, enu(world, epoch, motion.position))
        return {
            "epoch": epoch,
            "elapsed": elapsed,
            "position": motion.position,
            "velocity": motion.velocity,
            "mass": self.capsule.mass + 0.0 * elapsed,
            "altitude": world.altitude(epoch, motion.position),
            "latitude": latitude,
            "longitude": longitude,
            "relative_speed": meeting.relative_speed,
            "flight_path_angle": angle,
            "mach": meeting.mach,
            "dynamic_pressure": meeting.dynamic_pressure,
            "deceleration": _length(meeting.acceleration),
            "heat_flux": meeting.heat_flux,
            "bank": meeting.bank,
        }


def _length(vector: Vector) -> Scalar:
    return jnp.sqrt(jnp.dot(vector, vector))


def coast_to_interface(
    start: PointState, world: World, interface_radius: Scalar
) -> tuple[PointState, Flag]:
    """Fall without air from a start above the interface radius down to it.

    The ticks are even in s, with dt = r^1.5 / sqrt(mu) ds, so that hours far out and the last
    minutes are flown with the same care. A start at or below the interface stays where it is.

    Args:
        start: at or above the interface.
        world: pulls with its own gravity; Sun, Moon and the other planets are left out, so starts
            should be hours from the interface, not days.
        interface_radius: [m].

    Returns:
        The state at the interface, and whether it was reached.
    """
    root = jnp.sqrt(world.gm)

    def rate(s: Scalar, state: tuple[Scalar, Vector, Vector], given: None) -> tuple:
        elapsed, position, velocity = state
        slow = _length(position) ** 1.5 / root
        pull = world.gravity(start.epoch + elapsed, position)
        return slow, slow * velocity, slow * pull

    def reached(s: Scalar, state: tuple[Scalar, Vector, Vector], given: None) -> Scalar:
        return (interface_radius - _length(state[1])) / interface_radius

    segment = fly_segment(
        rate,
        (0.0, start.position, start.velocity),
        0.0,
        _COAST_SPAN,
        _COAST_TICKS,
        event=reached,
    )
    elapsed, position, velocity = segment.state
    here = PointState(start.epoch + elapsed, position, velocity, start.mass, start.centre)
    return here, segment.happened


@compiled
def enter(
    start: PointState,
    capsule: Capsule,
    trigger: Trigger | None,
    law: BankProgramme,
    world: World,
    interface_radius: Scalar | None,
    target: Place | None,
    *,
    track: bool = False,
    ticks: int = TICKS,
) -> Flight:
    """Fly an entry from its start to the parachute's trigger, or to the ground without one.

    Args:
        start: at or above the interface; its mass is not used, the capsule's is.
        capsule: what enters.
        trigger: what fires the parachute; None flies on to the ground.
        law: the bank, settled beforehand.
        world: the planet.
        interface_radius: where figures count from [m]; None for the start itself.
        target: what the flight is aimed at, and the level of the ground.
        track: whether to keep the flight's rows.
        ticks: in `LONGEST`.

    Returns:
        The flight; its end is the moment of the trigger or of impact.

    Left out: six degrees of freedom, the time the lift takes to turn, ablation, winds unless the
    world has them.
    """
    radius = _length(start.position) if interface_radius is None else interface_radius
    interface, reached = coast_to_interface(start, world, radius)
    flown = _Entry(
        interface.epoch,
        radius,
        _length(world.relative_velocity(interface.epoch, interface.position, interface.velocity)),
        capsule,
        trigger,
        law,
        world,
        target,
    )
    motion = _Motion(interface.position, interface.velocity, jnp.asarray(0.0))
    segment, given = _fly(flown, motion, ticks, track)
    return _flight(start, interface, reached, flown, segment, given, track)


def _fly(flown: _Entry, motion: _Motion, ticks: int, track: bool) -> tuple[Segment, _Given]:
    """All legs of the flight as one segment, and what its last leg knew."""

    def fly(motion: _Motion, begin: Scalar, duration: Array, counts: object, given: _Given):
        return fly_segment(
            flown.rate,
            motion,
            begin,
            duration,
            counts,  # pyright: ignore[reportArgumentType]
            given=given,
            event=flown.event,
            watch=flown.watch,
            count=flown.count,
            record=flown.row if track else None,
        )

    law = flown.law
    never = jnp.asarray(-1.0)
    turns = jnp.asarray(law.reversal_time, dtype=float)
    if law.late_below_relative_speed is None:
        number = turns.shape[0]
        if number == 0:
            given = _Given(jnp.asarray(1.0), jnp.asarray(0.0), never)
            return fly(motion, jnp.asarray(0.0), jnp.asarray(LONGEST), ticks, given), given
        edges = jnp.concatenate([jnp.zeros(1), turns, jnp.full((1,), LONGEST)])
        signs = jnp.where(jnp.arange(number + 1) % 2 == 0, 1.0, -1.0)
        nothing = jnp.zeros(number + 1)
        given = _Given(signs, nothing, nothing + never)
        counts = (_REVERSAL_TICKS * ticks // TICKS,) * number + (ticks,)
        segment = fly(motion, jnp.asarray(0.0), jnp.diff(edges), counts, given)
        leg = jnp.sum(segment.time > turns)
        return segment, jax.tree.map(lambda x: x[leg], given)

    # An early and a late part, the first ended by its speed: one compiled body, flown twice.
    given = _Given(
        jnp.ones(2),
        jnp.array([0.0, 1.0]),
        jnp.stack([jnp.asarray(law.late_below_relative_speed, dtype=float), never]),
    )

    def part_of_flight(carry: tuple[_Motion, Scalar], now: _Given) -> tuple:
        segment = fly(*carry, jnp.asarray(LONGEST), ticks, now)
        return (segment.state, segment.time), segment

    _, both = jax.lax.scan(part_of_flight, (motion, jnp.asarray(0.0)), given)
    first, second = (jax.tree.map(lambda x, i=i: x[i], both) for i in (0, 1))
    peaks = {name: _greater(first.peaks[name], second.peaks[name]) for name in first.peaks}
    counts = jax.tree.map(jnp.add, first.counts, second.counts)
    rows = None
    if track:
        rows = jax.tree.map(lambda x: x.reshape((-1, *x.shape[2:])), both.rows)
    whole = Segment(second.time, second.state, second.happened, peaks, counts, rows)
    return whole, jax.tree.map(lambda x: x[1], given)


def _greater(one: Peak, other: Peak) -> Peak:
    return jax.tree.map(lambda a, b: jnp.where(other.value > one.value, b, a), one, other)


def _flight(
    start: PointState,
    interface: PointState,
    reached: Flag,
    flown: _Entry,
    segment: Segment,
    given: _Given,
    track: bool,
) -> Flight:
    world, target = flown.world, flown.target
    elapsed, motion = segment.time, segment.state
    epoch = flown.epoch + elapsed
    fired, ground, skip, _ = flown.ends(elapsed, motion, given)
    landed = (ground >= fired) & (ground >= skip)
    skipped = (skip >= fired) & (skip > ground)
    at_ground = Outcome.nominal if flown.trigger is None else Outcome.ground_before_parachute
    outcome = Outcome.where(landed, at_ground, Outcome.nominal)
    outcome = Outcome.where(skipped, Outcome.skipped_out, outcome)
    outcome = Outcome.where(segment.happened, outcome, Outcome.step_budget_spent)
    outcome = Outcome.where(reached, outcome, Outcome.skipped_out)

    end = flown.meet(elapsed, motion, given)
    latitude, longitude = world.latitude_longitude(epoch, motion.position)
    figures = _interface_figures(start, interface, world)
    figures |= _peak_figures(flown, segment.peaks)
    figures["heat_load"] = motion.heat_load
    if flown.law.solved:
        figures["bank"] = flown.law.bank[0]
    turns = jnp.asarray(flown.law.reversal_time, dtype=float)
    figures["bank_reversal_count"] = jnp.sum(jnp.where(turns < elapsed, 1.0, 0.0))
    figures["range"] = distance_over_ground(
        world,
        figures["interface_latitude"],
        figures["interface_longitude"],
        latitude,
        longitude,
    )
    if target is not None:
        figures["range_to_target"] = flown.to_target(epoch, motion.position)
    altitude = world.altitude(epoch, motion.position)
    events = {
        _name("entry_interface", world): interface.epoch,
        "peak_deceleration": flown.epoch + segment.peaks["deceleration"].time,
    }
    nominal = outcome == Outcome.nominal
    if flown.trigger is not None:
        figures |= {
            "parachute_deploy_time": elapsed,
            "parachute_deploy_mach": end.mach,
            "parachute_deploy_dynamic_pressure": end.dynamic_pressure,
            "parachute_deploy_altitude": altitude,
            "parachute_deploy_height": world.height(epoch, motion.position),
            "parachute_deploy_clearance": clearance_above(target, world, epoch, motion.position),
            "parachute_deploy_relative_speed": end.relative_speed,
        }
        events["parachute_deploy"] = jnp.where(nominal, epoch, jnp.nan)
    else:
        figures |= {
            "impact_time": elapsed,
            "impact_speed": end.relative_speed,
            "impact_latitude": latitude,
            "impact_longitude": longitude,
        }
        if target is not None:
            figures["impact_miss"] = figures["range_to_target"]
        events["impact"] = jnp.where(nominal, epoch, jnp.nan)
    mass = jnp.asarray(flown.capsule.mass, dtype=float)
    return Flight(
        end=PointState(epoch, motion.position, motion.velocity, mass, start.centre),
        outcome=outcome,
        figures=figures,
        events=events,
        burns={},
        masses={},
        extrapolations=segment.counts or {},
        track=segment.rows if track else None,
    )


def _name(event: str, world: World) -> str:
    return f"earth_{event}" if world.name == "earth" else event


def _interface_figures(start: PointState, interface: PointState, world: World) -> dict[str, Scalar]:
    epoch, position = interface.epoch, interface.position
    axes = enu(world, epoch, position)
    relative = world.relative_velocity(epoch, position, interface.velocity)
    speed, angle, _ = angles_from_velocity(interface.velocity, axes)
    relative_speed, relative_angle, relative_azimuth = angles_from_velocity(relative, axes)
    latitude, longitude = world.latitude_longitude(epoch, position)
    return {
        "interface_speed": speed,
        "interface_flight_path_angle": angle,
        "interface_relative_speed": relative_speed,
        "interface_relative_flight_path_angle": relative_angle,
        "interface_relative_azimuth": relative_azimuth,
        "interface_latitude": latitude,
        "interface_longitude": longitude,
        "interface_time": interface.epoch - start.epoch,
    }


def _peak_figures(flown: _Entry, peaks: dict[str, Peak]) -> dict[str, Scalar]:
    world, top = flown.world, peaks["deceleration"]
    epoch, motion = flown.epoch + top.time, top.state
    relative = world.relative_velocity(epoch, motion.position, motion.velocity)
    air = world.air(epoch, motion.position)
    mach = _length(relative - air.wind) / air.sound_speed
    figures = {
        "peak_deceleration": top.value,
        "peak_deceleration_time": top.time,
        "peak_deceleration_altitude": world.altitude(epoch, motion.position),
        "peak_deceleration_relative_speed": _length(relative),
        "peak_dynamic_pressure": peaks["dynamic_pressure"].value,
        "peak_heat_flux": peaks["heat_flux"].value,
        "peak_heat_flux_time": peaks["heat_flux"].time,
        "ballistic_coefficient": flown.capsule.mass / flown.capsule.drag_area(mach),
    }
    # no estimate for the glow of the air of Mars: a number that is none
    glow = peaks["radiative_flux"].value if "radiative_flux" in peaks else jnp.asarray(jnp.nan)
    figures["peak_radiative_heat_flux"] = glow
    return figures

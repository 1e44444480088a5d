"""Landing: from the parachute's mortar to the ground, on a parachute and then on engines.

    mortar    line stretch, filling: peak force
      |
      |       heat shield falls away
      |
      |       backshell and parachute fall away; a moment of free fall
      |       engines: the legs of the descent
      x       touchdown

A point mass in inertial axes over a turning planet. The parachute pulls along the air; the thrust
points where guidance commands it, at once. The ground is level at the target's height.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.guidance.descent import Descent, Leg, Sensed, begin_leg, descend
from anabasis.mechanics.arrays import Array, Scalar, Vector
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Burn, Flight, MassChange
from anabasis.mechanics.segment import Segment, fly_segment
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.lander import Lander
from anabasis.vehicles.parachute import DISK_GAP_BAND, Parachute
from anabasis.worlds.local import angles_from_velocity, enu
from anabasis.worlds.place import Place, clearance_above, distance_over_ground
from anabasis.worlds.world import World

FIGURES: dict[str, str] = {
    "parachute_peak_force": "kN",
    "heat_shield_separation_time": "s",
    "backshell_separation_time": "s",
    "powered_descent_start_time": "s",
    "powered_descent_start_clearance": "km",
    "powered_descent_duration": "s",
    "parachute_mean_sink_speed": "m_s",
    "touchdown_time": "s",
    "touchdown_vertical_speed": "m_s",
    "touchdown_horizontal_speed": "m_s",
    "touchdown_tilt": "deg",
    "propellant": "kg",
    "landed_mass": "kg",
    "latitude": "deg",
    "longitude": "deg",
    "miss": "km",
    "miss_east": "m",
    "miss_north": "m",
    "place_miss": "m",
    "undiverted_east": "m",
    "undiverted_north": "m",
    "hazard_count": "",
}
"""Every figure of a landing and its unit at the walls."""

_HANGING_TICKS = (20, 40, 40, 1600)
_LONGEST_HANGING = 400.0
_POWERED_TICKS = 1000
_LONGEST_LEG = 100.0


class Separations(eqx.Module):
    """When the parts let go.

    Attributes:
        heat_shield_delay: after the mortar [s]; or
        heat_shield_mach: the Mach number at which the heat shield goes.
        backshell_clearance: above the ground at which the backshell goes [m]; or
        backshell_relative_speed: the speed at which it goes [m/s].
        ignition_delay: from there to the engines [s].
    """

    heat_shield_delay: Scalar | None
    heat_shield_mach: Scalar | None
    backshell_clearance: Scalar | None
    backshell_relative_speed: Scalar | None
    ignition_delay: Scalar


class _Motion(eqx.Module):
    position: Vector
    velocity: Vector
    mass: Scalar


class _Hanging(eqx.Module):
    """What a leg under the parachute knows: 1 while the heat shield is on, 0 after it."""

    shielded: Array


class _Burning(eqx.Module):
    """What a leg on engines knows: whether they burn, what it ends at, and how it began."""

    lit: Scalar
    until: Scalar
    leg: Leg


class _Landing(eqx.Module):
    """Everything a landing is flown with, gathered once. Times count from the mortar."""

    epoch: Scalar
    capsule: Capsule
    parachute: Parachute
    lander: Lander
    separations: Separations
    law: Descent
    world: World
    target: Place | None
    filling_time: Scalar

    # --- under the parachute

    def parachute_force(
        self, elapsed: Scalar, speed: Scalar, sound: Scalar, density: Scalar
    ) -> Scalar:
        opening = self.parachute.opening(
            elapsed - self.parachute.line_stretch_delay, self.filling_time
        )
        area = self.parachute.full_drag_area(speed / sound) * opening
        return 0.5 * density * speed**2 * area

    def _stream(self, elapsed: Scalar, motion: _Motion) -> tuple[Scalar, Scalar, Scalar, Vector]:
        epoch, world = self.epoch + elapsed, self.world
        air = world.air(epoch, motion.position)
        stream = world.relative_velocity(epoch, motion.position, motion.velocity) - air.wind
        return _length(stream), air.sound_speed, air.density, stream

    def hanging_push(self, elapsed: Scalar, motion: _Motion, given: _Hanging) -> Vector:
        speed, sound, density, stream = self._stream(elapsed, motion)
        body = jnp.where(
            given.shielded > 0.5, self.capsule.drag_area(speed / sound), self.lander.drag_area
        )
        pulled = self.parachute_force(elapsed, speed, sound, density)
        drag = 0.5 * density * speed**2 * body + pulled
        return -drag / (motion.mass * speed) * stream

    def watch(self, elapsed: Scalar, motion: _Motion, given: _Hanging) -> dict[str, Scalar]:
        speed, sound, density, _ = self._stream(elapsed, motion)
        return {"force": self.parachute_force(elapsed, speed, sound, density)}

    def hanging_rate(self, elapsed: Scalar, motion: _Motion, given: _Hanging) -> _Motion:
        pull = self.world.gravity(self.epoch + elapsed, motion.position)
        push = self.hanging_push(elapsed, motion, given)
        return _Motion(motion.velocity, pull + push, jnp.zeros_like(motion.mass))

    def hanging_event(self, elapsed: Scalar, motion: _Motion, given: _Hanging) -> Scalar:
        when = self.separations
        epoch, world = self.epoch + elapsed, self.world
        clearance = self.clearance(elapsed, motion)
        if when.heat_shield_delay is not None:
            shield = (elapsed - when.heat_shield_delay) / 1e2
        else:
            assert when.heat_shield_mach is not None
            speed, sound, _, _ = self._stream(elapsed, motion)
            shield = when.heat_shield_mach - speed / sound
        if when.backshell_clearance is not None:
            backshell = (when.backshell_clearance - clearance) / 1e3
        else:
            assert when.backshell_relative_speed is not None
            relative = world.relative_velocity(epoch, motion.position, motion.velocity)
            backshell = (when.backshell_relative_speed - _length(relative)) / 1e2
        lets_go = jnp.where(given.shielded > 0.5, shield, backshell)
        return jnp.maximum(lets_go, -clearance / 1e3)

    # --- on engines

    def sense(self, elapsed: Scalar, motion: _Motion) -> Sensed:
        epoch, world = self.epoch + elapsed, self.world
        relative = world.relative_velocity(epoch, motion.position, motion.velocity)
        local = enu(world, epoch, motion.position) @ relative
        return Sensed(self.clearance(elapsed, motion), local, motion.mass)

    def thrust(self, elapsed: Scalar, motion: _Motion, given: _Burning) -> Vector:
        """East, north, up [N]."""
        greatest = self.lander.greatest_thrust
        command = descend(
            self.law,
            given.leg,
            self.sense(elapsed, motion),
            self.lander.minimum_throttle * greatest,
            greatest,
        )
        fed = (given.lit > 0.5) & (motion.mass > self.lander.dry)
        return jnp.where(fed, command, 0.0)

    def powered_rate(self, elapsed: Scalar, motion: _Motion, given: _Burning) -> _Motion:
        epoch, world = self.epoch + elapsed, self.world
        thrust = self.thrust(elapsed, motion, given)
        push = thrust @ enu(world, epoch, motion.position) / motion.mass
        pull = world.gravity(epoch, motion.position)
        flow = jnp.sqrt(jnp.dot(thrust, thrust) + 1e-12) / self.lander.exhaust_speed
        return _Motion(motion.velocity, pull + push, -flow)

    def powered_event(self, elapsed: Scalar, motion: _Motion, given: _Burning) -> Scalar:
        clearance = self.clearance(elapsed, motion)
        leg = (given.leg.end_clearance - clearance) / 1e2
        falling = (elapsed - given.until) / 1e1
        return jnp.maximum(jnp.where(given.lit > 0.5, leg, falling), -clearance / 1e2)

    # --- either way

    def clearance(self, elapsed: Scalar, motion: _Motion) -> Scalar:
        return clearance_above(self.target, self.world, self.epoch + elapsed, motion.position)

    def count(self, elapsed: Scalar, motion: _Motion, given: object) -> dict[str, Array]:
        air = self.world.air(self.epoch + elapsed, motion.position)
        speed, sound, _, _ = self._stream(elapsed, motion)
        table = self.parachute.mach_efficiency or DISK_GAP_BAND
        beyond = speed / sound > table.argument[-1]
        return {"air": air.outside, "parachute": beyond & isinstance(given, _Hanging)}

    def row(
        self, elapsed: Scalar, motion: _Motion, given: _Hanging | _Burning
    ) -> dict[str, Array | float]:
        epoch, world = self.epoch + elapsed, self.world
        speed, sound, density, _ = self._stream(elapsed, motion)
        latitude, longitude = world.latitude_longitude(epoch, motion.position)
        _, angle, _ = angles_from_velocity(motion.velocity, enu(world, epoch, motion.position))
        relative = world.relative_velocity(epoch, motion.position, motion.velocity)
        if isinstance(given, _Hanging):
            push = _length(self.hanging_push(elapsed, motion, given))
            thrust = jnp.zeros_like(push)
        else:
            thrust = jnp.sqrt(jnp.sum(self.thrust(elapsed, motion, given) ** 2))
            push = thrust / motion.mass
        return {
            "epoch": epoch,
            "elapsed": elapsed,
            "position": motion.position,
            "velocity": motion.velocity,
            "mass": motion.mass,
            "altitude": world.altitude(epoch, motion.position),
            "clearance": self.clearance(elapsed, motion),
            "latitude": latitude,
            "longitude": longitude,
            "relative_speed": _length(relative),
            "flight_path_angle": angle,
            "mach": speed / sound,
            "dynamic_pressure": 0.5 * density * speed**2,
            "deceleration": push,
            "thrust": thrust,
        }


def _length(vector: Vector) -> Scalar:
    return jnp.sqrt(jnp.dot(vector, vector))


@compiled
def land(
    start: PointState,
    capsule: Capsule,
    parachute: Parachute,
    lander: Lander,
    separations: Separations,
    law: Descent,
    world: World,
    target: Place | None,
    interface_epoch: Scalar | None,
    *,
    track: bool = False,
) -> Flight:
    """Fly a landing from the parachute's mortar to touchdown.

    Args:
        start: at the mortar, with the mass that entered.
        capsule: drags until the heat shield is gone.
        parachute: pulls.
        lander: what is dropped, what burns, what lands.
        separations: when the parts let go.
        law: the powered descent.
        world: the planet.
        target: where to land, and the level of the ground.
        interface_epoch: when the entry interface was [TDB s]; times count from it, or from the
            start where it is None.
        track: whether to keep the flight's rows.

    Returns:
        The flight; its end is the lander at touchdown with what is left of its propellant.

    Left out: the swing under the parachute, drag on engines, a divert to the target, terrain.
    """
    relative = world.relative_velocity(start.epoch, start.position, start.velocity)
    flown = _Landing(
        start.epoch,
        capsule,
        parachute,
        lander,
        separations,
        law,
        world,
        target,
        parachute.filling_time(_length(relative)),
    )
    deployed = start.mass - lander.ballast
    hanging = _hang(flown, start, deployed, track)
    shield_gone = jax.tree.map(lambda x: x[0], hanging)
    backshell_gone = jax.tree.map(lambda x: x[1], hanging)
    powered = _burn(flown, backshell_gone, track)
    return _flight(start, flown, shield_gone, backshell_gone, powered, interface_epoch, track)


def _hang(flown: _Landing, start: PointState, deployed: Scalar, track: bool) -> Segment:
    """Both legs under the parachute, with and without the heat shield, stacked."""
    stretch, fill = flown.parachute.line_stretch_delay, flown.filling_time
    opening = jnp.stack([jnp.asarray(x, dtype=float) for x in (stretch, fill, fill)])
    rest = jnp.full((1,), _LONGEST_HANGING)
    durations = jnp.stack([jnp.concatenate([opening, rest]), jnp.concatenate([jnp.zeros(3), rest])])
    motion = _Motion(start.position, start.velocity, deployed)

    def leg(carry: tuple[_Motion, Scalar], now: tuple[Array, Scalar]) -> tuple:
        motion, begin = carry
        duration, shielded = now
        given = _Hanging(jnp.full((4,), shielded))
        segment = fly_segment(
            flown.hanging_rate,
            motion,
            begin,
            duration,
            _HANGING_TICKS,
            given=given,
            event=flown.hanging_event,
            watch=flown.watch,
            count=flown.count,
            record=flown.row if track else None,
        )
        lost = jnp.where(shielded > 0.5, flown.lander.heat_shield, flown.lander.backshell)
        after = _Motion(segment.state.position, segment.state.velocity, segment.state.mass - lost)
        return (after, segment.time), segment

    begin = (motion, jnp.asarray(0.0))
    return jax.lax.scan(leg, begin, (durations, jnp.array([1.0, 0.0])))[1]


def _burn(flown: _Landing, hanging: Segment, track: bool) -> Segment:
    """The free fall and the legs on engines, stacked."""
    law = flown.law
    clearances = jnp.concatenate([jnp.zeros(1), jnp.asarray(law.clearance, dtype=float)])
    sink_rates = jnp.concatenate([jnp.ones(1), jnp.asarray(law.sink_rate, dtype=float)])
    lit = jnp.where(jnp.arange(clearances.shape[0]) == 0, 0.0, 1.0)
    until = hanging.time + flown.separations.ignition_delay
    state = hanging.state
    motion = _Motion(state.position, state.velocity, state.mass - flown.lander.backshell)

    def leg(carry: tuple[_Motion, Scalar], now: tuple[Scalar, Scalar, Scalar]) -> tuple:
        motion, begin = carry
        lit, clearance, sink_rate = now
        given = _Burning(lit, until, begin_leg(clearance, sink_rate, flown.sense(begin, motion)))
        segment = fly_segment(
            flown.powered_rate,
            motion,
            begin,
            _LONGEST_LEG,
            _POWERED_TICKS,
            given=given,
            event=flown.powered_event,
            count=flown.count,
            record=flown.row if track else None,
        )
        return (segment.state, segment.time), segment

    return jax.lax.scan(leg, (motion, hanging.time), (lit, clearances, sink_rates))[1]


def _flight(
    start: PointState,
    flown: _Landing,
    shield: Segment,
    backshell: Segment,
    powered: Segment,
    interface_epoch: Scalar | None,
    track: bool,
) -> Flight:
    world, lander, target = flown.world, flown.lander, flown.target
    origin = start.epoch if interface_epoch is None else interface_epoch
    since = start.epoch - origin
    ignition = jax.tree.map(lambda x: x[0], (powered.time, powered.state))
    elapsed, motion = jax.tree.map(lambda x: x[-1], (powered.time, powered.state))
    epoch = start.epoch + elapsed
    down = flown.sense(elapsed, motion)
    sink_rate = -down.velocity[2]
    sideways = jnp.sqrt(down.velocity[0] ** 2 + down.velocity[1] ** 2 + 1e-30)
    burnt = ignition[1].mass - motion.mass
    low = flown.clearance(ignition[0], ignition[1])

    hard = (sink_rate > lander.touchdown_vertical_limit) | (
        sideways > lander.touchdown_horizontal_limit
    )
    outcome = Outcome.where(hard, Outcome.touchdown_too_hard, Outcome.nominal)
    dry = motion.mass <= lander.dry
    outcome = Outcome.where(dry, Outcome.out_of_propellant, outcome)
    ended = shield.happened & backshell.happened & powered.happened[-1]
    outcome = Outcome.where(ended, outcome, Outcome.step_budget_spent)
    outcome = Outcome.where(low < 1e-3, Outcome.ground_under_parachute, outcome)

    latitude, longitude = world.latitude_longitude(epoch, motion.position)
    hung = flown.clearance(shield.time, shield.state) - flown.clearance(
        backshell.time, backshell.state
    )
    force = jnp.maximum(shield.peaks["force"].value, backshell.peaks["force"].value)
    figures: dict[str, Scalar] = {
        "parachute_peak_force": force,
        "heat_shield_separation_time": since + shield.time,
        "backshell_separation_time": since + backshell.time,
        "powered_descent_start_time": since + ignition[0],
        "powered_descent_start_clearance": low,
        "powered_descent_duration": elapsed - ignition[0],
        "parachute_mean_sink_speed": hung / jnp.maximum(backshell.time - shield.time, 1e-9),
        "touchdown_time": since + elapsed,
        "touchdown_vertical_speed": sink_rate,
        "touchdown_horizontal_speed": sideways,
        "propellant": burnt,
        "landed_mass": motion.mass,
        "latitude": latitude,
        "longitude": longitude,
    }
    if target is not None:
        figures["miss"] = distance_over_ground(
            world, latitude, longitude, target.latitude, target.longitude
        )
    at = {
        "heat_shield_separation": start.epoch + shield.time,
        "backshell_separation": start.epoch + backshell.time,
        "powered_descent_start": start.epoch + ignition[0],
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
    gained = lander.exhaust_speed * jnp.log(ignition[1].mass / motion.mass)
    before = world.relative_velocity(
        start.epoch + ignition[0], ignition[1].position, ignition[1].velocity
    )
    slowed = _length(before) - jnp.sqrt(jnp.dot(down.velocity, down.velocity))
    burns = {"powered descent": Burn(at["powered_descent_start"], gained, gained - slowed, burnt)}
    counts = jax.tree.map(
        lambda *each: jnp.sum(each[0]) + each[1] + each[2],
        powered.counts,
        shield.counts,
        backshell.counts,
    )
    rows = None
    if track:
        parts = [shield.rows, backshell.rows] + [
            jax.tree.map(lambda x, i=i: x[i], powered.rows)
            for i in range(jnp.shape(powered.time)[0])
        ]
        rows = jax.tree.map(lambda *x: jnp.concatenate(x), *parts)
        rows["elapsed"] = rows["elapsed"] + since
    return Flight(
        end=PointState(epoch, motion.position, motion.velocity, motion.mass, start.centre),
        outcome=outcome,
        figures=figures,
        events=at,
        burns=burns,
        masses=masses,
        extrapolations=counts,
        track=rows,
    )

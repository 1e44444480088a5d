"""The ascent as a rigid body: thrown, swivelled, turned, spun, with a computer that sees no truth.

    release   ignition     burnout                    separation      ignition    burnout
       |--toss--|--stage one--|--coast: settle|turn------|--hold|spin--|--stage two--|
        no hand   nozzle        thrusters      thrusters   thrusters     nobody

Truth and flight software take turns at fixed ticks (`mechanics.closed_loop`): 100 Hz in the toss,
under thrust and while spinning, 10 Hz in the coast. The software is handed what the inertial unit
says and nothing else. The second stage is spun up and let go: its nutation, and how much of its
thrust goes astray, come out of Euler's equation. Every switching time ends a segment.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.guidance.attitude import (
    NozzleLaw,
    ThrusterLaw,
    nozzle_command,
    opposed_impulses,
    pointing_error,
    rolling_impulse,
    thruster_impulses,
)
from anabasis.guidance.coast import PlannedBurn, second_burn
from anabasis.guidance.navigation import Navigated, OnboardPlanet, local_axes, navigate
from anabasis.mechanics import dice
from anabasis.mechanics.arrays import Array, Scalar, Series
from anabasis.mechanics.closed_loop import Loop, fly_loop, weighted
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Burn, Flight, MassChange
from anabasis.mechanics.kepler import apsis_radii
from anabasis.mechanics.rigid import (
    Quaternion,
    RigidState,
    Triple,
    angular_acceleration,
    attitude_of,
    attitude_rate,
    axes_of,
    cross,
    dot,
    jet_damping,
    minus,
    normal,
    plus,
    product,
    times,
    to_body,
    to_inertial,
    turn,
)
from anabasis.mechanics.state import PointState
from anabasis.mechanics.strapdown import Sensed, nothing_sensed
from anabasis.outcome import Outcome
from anabasis.units import STANDARD_GRAVITY, quantity
from anabasis.vehicles.actuators import Actuators, servo, swivel
from anabasis.vehicles.aerodynamics import Coefficients, at_mach, beyond
from anabasis.vehicles.airframe import Airframe, StageBodies
from anabasis.vehicles.ascender import Stack, ideal_delta_v
from anabasis.vehicles.imu import Residue, Unit, measure, no_residue
from anabasis.vehicles.mass_properties import BurningBody, at_share
from anabasis.vehicles.motor import Burning
from anabasis.worlds.local import angles_from_velocity, enu
from anabasis.worlds.reached import burnout_figures, orbit_figures
from anabasis.worlds.world import World

FIGURES: dict[str, str] = {
    "peak_angle_of_attack": "deg",
    "peak_normal_force": "kN",
    "peak_gimbal": "deg",
    "thruster_impulse": "N_s",
    "thruster_propellant": "kg",
    "second_pointing_error": "deg",
    "nutation": "deg",
    "spin_rate": "rpm",
    "coning_loss": "m_s",
    "navigation_position_error": "km",
    "navigation_velocity_error": "m_s",
    "foreseen_miss": "km",
}
"""What an ascent of a rigid body reports beyond what every ascent does, and its unit."""

TOSS_TICKS, CLIMB_TICKS = 90, 7730
SETTLE_TICKS, TURN_TICKS, HOLD_TICKS = 600, 4200, 80
SPIN_TICKS, FREE_TICKS, BURN_TICKS = 100, 100, 2490
"""Ticks of each leg: 100 Hz and 10 Hz for the default rocket; the lengths follow the durations."""
LONG_LEGS = ("climb", "coast", "burn")
"""Legs whose steps are written out: most ticks are theirs."""
FREE_TIME = 1.0
"""From the end of the spin-up to the second ignition [s]."""
LOST_COSINE = float(np.cos(np.radians(45.0)))
"""A rocket that points so far from where it should has lost its attitude."""
_FELT = 100.0
"""Dynamic pressure from which an angle of attack counts [Pa]."""
_GUST_CELLS, _GUST_STEP, _GUST_BOTTOM = 84, 1000.0, -5000.0


def _off(unit: str, meaning: str, bound: float) -> Any:
    return quantity(
        unit,
        meaning,
        minimum=-bound,
        maximum=bound,
        default=0.0,
        source="as planned",
        confidence="derived",
    )


class Errors(eqx.Module):
    """What happens that nobody planned, and what the lander tells the rocket wrongly.

    Attributes:
        pitch_rate: at which the toss throws the nose up [rad/s]; planned, with all its source.
        tip_off_x, _y, _z: rates the toss gives beyond that [rad/s].
        azimuth_error, tilt_error_x, tilt_error_y: of the attitude handed over, about up, east
            and north [rad].
        position_error_x, _y, _z: of the place handed over, east, north, up [m].
        clock_error: by how much the second ignition comes late [s].
        separation_impulse: of the springs between the stages [N s].
        separation_tip_off_y, _z: rates the separation gives [rad/s].
        spin_tip_off_y, _z: rates the spin-up gives [rad/s].
        wind_east, wind_north: on top of the planet's own [m/s].
        gust: spread of the gusts over height [m/s].
        gust_dice: names the gusts; 0 is an air without any.
    """

    pitch_rate: Scalar = quantity(
        "deg_s",
        "rate at which the toss throws the nose up",
        minimum=-1000.0,
        maximum=1000.0,
        default=40.0,
        source="engineering default (docs/ascent.md): nose thrown harder than tail (recalled)",
        confidence="assumed",
    )
    separation_impulse: Scalar = quantity(
        "N_s",
        "impulse of the springs between the stages",
        minimum=0.0,
        maximum=1e4,
        default=20.0,
        source="engineering default (docs/ascent.md)",
        confidence="assumed",
    )
    tip_off_x: Scalar = _off("deg_s", "rate about x given by the toss", 1000.0)
    tip_off_y: Scalar = _off("deg_s", "rate about y given by the toss beyond the planned", 1000.0)
    tip_off_z: Scalar = _off("deg_s", "rate about z given by the toss", 1000.0)
    azimuth_error: Scalar = _off("deg", "error of the azimuth handed over", 180.0)
    tilt_error_x: Scalar = _off("deg", "error of the attitude handed over, about east", 180.0)
    tilt_error_y: Scalar = _off("deg", "error of the attitude handed over, about north", 180.0)
    position_error_x: Scalar = _off("m", "error of the place handed over, east", 1e6)
    position_error_y: Scalar = _off("m", "error of the place handed over, north", 1e6)
    position_error_z: Scalar = _off("m", "error of the place handed over, up", 1e6)
    clock_error: Scalar = _off("s", "by how much the second ignition comes late", 100.0)
    separation_tip_off_y: Scalar = _off("deg_s", "rate about y given by the separation", 1000.0)
    separation_tip_off_z: Scalar = _off("deg_s", "rate about z given by the separation", 1000.0)
    spin_tip_off_y: Scalar = _off("deg_s", "rate about y given by the spin-up", 1000.0)
    spin_tip_off_z: Scalar = _off("deg_s", "rate about z given by the spin-up", 1000.0)
    wind_east: Scalar = _off("m_s", "wind towards east on top of the planet's own", 500.0)
    wind_north: Scalar = _off("m_s", "wind towards north on top of the planet's own", 500.0)
    gust: Scalar = _off("m_s", "spread of the gusts over height", 500.0)
    gust_dice: Scalar = quantity(
        "",
        "names the gusts: another number, other gusts; 0, none",
        minimum=0.0,
        maximum=9e15,
        default=0.0,
        source="engineering default (docs/ascent.md)",
        confidence="assumed",
    )


class Rocket(eqx.Module):
    """The rocket as it really is.

    Attributes:
        stack: masses and motors.
        shape_one, shape_two: thrust over its mean and share burnt, on uniform grids.
        bodies: how mass and inertia change.
        air: its coefficients.
        frame: its sizes and small errors.
        unit: the inertial unit.
        actuators: nozzle, thrusters, spin-up.
        errors: what happens to it.
    """

    stack: Stack
    shape_one: tuple[Series, Series]
    shape_two: tuple[Series, Series]
    bodies: StageBodies
    air: Coefficients
    frame: Airframe
    unit: Unit
    actuators: Actuators
    errors: Errors


class Onboard(eqx.Module):
    """The flight software's own numbers, loaded before launch and the same for every case.

    Attributes:
        planet: gravity.
        nozzle: control under thrust.
        stacked, single: control by thrusters, of the stack and of the second stage.
        burn: the second burn and its target.
        upward, level: sine and cosine of the first-stage elevation, on a uniform grid over the
            planned burn.
        eastward, northward: sine and cosine of its azimuth.
        guidance_delay: from the first burnout to the look ahead [s].
        separation_lead: from the separation to the second ignition [s].
        exhaust_speed: of the thrusters, to reckon what they use [m/s].
    """

    planet: OnboardPlanet
    nozzle: NozzleLaw
    stacked: ThrusterLaw
    single: ThrusterLaw
    burn: PlannedBurn
    upward: Series
    level: Series
    eastward: Scalar
    northward: Scalar
    guidance_delay: Scalar
    separation_lead: Scalar
    exhaust_speed: Scalar


class Memory(eqx.Module):
    """What the flight software remembers from tick to tick.

    Attributes:
        here: where it believes to be.
        time: since the first ignition, by its own count [s].
        sums: integrals of the pointing error [rad s].
        wanted: direction it holds [-].
        used: propellant of the thrusters, as reckoned [kg].
        fine_from: when the nose begins to be held finely [s].
        given: half of what the thrusters added to the rates in the last tick [rad/s]: a tick's mean
            rate lags its end by so much.
    """

    here: Navigated
    time: Scalar
    sums: tuple[Scalar, Scalar]
    wanted: Triple
    used: Scalar
    fine_from: Scalar
    given: Triple


class Command(eqx.Module):
    """All that flight software can do in a tick.

    Attributes:
        nozzle: deflections [rad].
        thrusters: angular impulses [N m s].
        opposed: what thrusters fire against one another [N s].
    """

    nozzle: tuple[Scalar, Scalar]
    thrusters: Triple
    opposed: Scalar


class Body(eqx.Module):
    """The rigid body, as plain scalars."""

    position: Triple
    velocity: Triple
    attitude: Quaternion
    rate: Triple


class Watch(eqx.Module):
    """What has been greatest so far, and where the speed went.

    Attributes:
        pressure, pressure_time: dynamic pressure [Pa] and when [s].
        acceleration: felt, squared.
        sine: of the angle of attack, squared, where the air can be felt.
        force: across the axis by the air, squared [N^2].
        gimbal: deflection, squared [rad^2].
        ideal, gravity, drag, steering: the account of speed [m/s].
        used: propellant of the thrusters [kg].
        impulse: of the thrusters [N s].
        outside: ticks that read outside a table of the air, or of the coefficients.
    """

    pressure: Scalar
    pressure_time: Scalar
    acceleration: Scalar
    sine: Scalar
    force: Scalar
    gimbal: Scalar
    ideal: Scalar
    gravity: Scalar
    drag: Scalar
    steering: Scalar
    used: Scalar
    impulse: Scalar
    outside: tuple[Scalar, Scalar]


class Moving(eqx.Module):
    """All of the truth that changes: the body, its nozzle, its sensors' leftovers, the watch."""

    body: Body
    nozzle: tuple[tuple[Scalar, Scalar], tuple[Scalar, Scalar]]
    residue: Residue
    count: Scalar
    watch: Watch


class Leg(eqx.Module):
    """What is the same all through one leg.

    Attributes:
        kind: toss, climb, coast, hold, spin, free, burn. Static.
        body: what burns or has burnt.
        motor: the one that burns, or None.
        shape: its thrust and share burnt, or None.
        ignition: since when [s].
        burnt: share of the grain that is gone where no motor burns.
        nozzle: station of the exit [m].
        aside: misalignment of the thrust [rad].
        offset: of the centre of mass from the axis [m].
        tilt: of the principal axis [rad].
        arm_station: of the thrusters [m].
        torque: about x, of the spin-up [N m].
    """

    kind: str = eqx.field(static=True)
    body: BurningBody
    motor: Burning | None
    shape: tuple[Series, Series] | None
    ignition: Scalar
    burnt: Scalar
    nozzle: Scalar
    aside: tuple[Scalar, Scalar]
    offset: tuple[Scalar, Scalar]
    tilt: tuple[Scalar, Scalar]
    arm_station: Scalar
    torque: Scalar


class _Ride(eqx.Module):
    """The rocket in its world, and its computer: what every leg of a flight shares."""

    world: World
    rocket: Rocket
    onboard: Onboard
    ignition_epoch: Scalar
    pole: Triple
    spin: Triple
    gusts: tuple[Series, Series]
    substeps: int = eqx.field(static=True)

    # ------------------------------------------------------------ truth

    def gravity(self, position: Triple) -> Triple:
        """J2 in plain scalars; a world with more lumps is asked itself."""
        world = self.world
        if world.gravity_degree > 2:
            pull = world.gravity(self.ignition_epoch, jnp.stack(position))
            return pull[0], pull[1], pull[2]
        inverse = 1.0 / dot(position, position)
        pull = -world.gm * inverse * jnp.sqrt(inverse)
        if world.gravity_degree < 2:
            return times(pull, position)
        height = dot(position, self.pole)
        k = 1.5 * world.j2 * world.gravity_radius * world.gravity_radius * inverse
        radial = pull * (1.0 + k * (1.0 - 5.0 * height * height * inverse))
        return plus(times(radial, position), times(pull * 2.0 * k * height, self.pole))

    def surroundings(self, time: Any, body: Body, length: Any, windy: bool) -> Any:
        """Air in the middle of a step: density, sound, wind, and whether its table knows it."""
        epoch = self.ignition_epoch + time + 0.5 * length
        ahead = plus(body.position, times(0.5 * length, body.velocity))
        here = jnp.stack(ahead)
        sample = self.world.air(epoch, here)
        wind: Triple = (sample.wind[0], sample.wind[1], sample.wind[2])
        if windy:
            up = times(1.0 / jnp.sqrt(dot(ahead, ahead)), ahead)
            across = cross(self.pole, up)
            east = times(1.0 / jnp.sqrt(dot(across, across) + 1e-30), across)
            north = cross(up, east)
            height = self.world.height(epoch, here)
            x = jnp.clip((height - _GUST_BOTTOM) / _GUST_STEP, 0.0, _GUST_CELLS - 1e-6)
            i = x.astype(jnp.int32)
            f = x - i.astype(x.dtype)
            blown = [table[i] + f * (table[i + 1] - table[i]) for table in self.gusts]
            errors = self.rocket.errors
            wind = plus(wind, times(errors.wind_east + blown[0], east))
            wind = plus(wind, times(errors.wind_north + blown[1], north))
        return sample.density, sample.sound_speed, wind, sample.outside

    def weight(self, leg: Leg, time: Any) -> Any:
        """Thrust, mass flow and mass properties at an instant of a leg."""
        if leg.motor is None or leg.shape is None:
            nought = jnp.zeros(())
            return nought, nought, nought, at_share(leg.body, leg.burnt)
        push, gone = leg.shape
        cells = push.shape[0] - 1
        x = jnp.clip((time - leg.ignition) / leg.motor.burn_time, 0.0, 1.0) * cells
        i = jnp.minimum(x, cells - 1.0).astype(jnp.int32)
        f = x - i.astype(x.dtype)
        low, high = push[i], push[i + 1]
        now = low + f * (high - low)
        share = gone[i] + 0.5 * f * (low + now) / cells
        pace = now / leg.motor.burn_time
        thrust = leg.motor.thrust * now
        return thrust, leg.body.grain * pace, pace, at_share(leg.body, share)

    def step(
        self,
        leg: Leg,
        body: Body,
        nozzle: Any,
        thrusters: Triple,
        used: Any,
        time: Any,
        length: Any,
        air: Any,
    ) -> tuple[Body, Any]:
        """One Runge-Kutta step of the rigid body, with what its sensors and the account add up.

        Args:
            leg: which.
            body: before.
            nozzle: deflections at the beginning, middle and end.
            thrusters: mean torque about x, y, z [N m].
            used: propellant of the thrusters that is gone [kg].
            time: at the beginning [s].
            length: of the step [s].
            air: density, sound and wind in the middle.
        """
        density, sound, wind, _ = air
        weights = [self.weight(leg, time + part * length) for part in (0.0, 0.5, 1.0)]
        coefficients = self.rocket.air
        imbalanced = leg.kind in ("spin", "free", "burn")
        arm_side = leg.arm_station

        def rate(y: Any, given: Any) -> Any:
            body, _ = y
            (thrust, flow, pace, now), (gy, gz) = given
            mass = now.mass - used
            axes = axes_of(body.attitude)
            through = minus(minus(body.velocity, cross(self.spin, body.position)), wind)
            vx, vy, vz = to_body(axes, through)
            speed = jnp.sqrt(vx * vx + vy * vy + vz * vz + 1e-12)
            axial, across, centre = at_mach(coefficients, speed / sound, density)
            half = 0.5 * density * speed
            ax, ay, az = -half * axial * vx, -half * across * vy, -half * across * vz
            lever = now.station - centre
            torque: Triple = (0.0, -lever * az, lever * ay)
            force: Triple = (ax, ay, az)
            if leg.motor is not None:
                gy, gz = gy + leg.aside[0], gz + leg.aside[1]
                pushed: Triple = (
                    thrust * (1.0 - 0.5 * (gy * gy + gz * gz)),
                    thrust * gy,
                    thrust * gz,
                )
                force = plus(force, pushed)
                arm: Triple = (now.station - leg.nozzle, -leg.offset[0], -leg.offset[1])
                torque = plus(torque, cross(arm, pushed))
                damping = jet_damping(
                    body.rate,
                    flow,
                    now.across_slope * pace,
                    leg.nozzle - now.station,
                )
                torque = plus(torque, damping)
            if leg.kind in ("climb", "coast", "hold"):
                torque = plus(torque, thrusters)
                side = now.station - arm_side  # negative: thrusters behind the centre of mass
                force = plus(force, (0.0, thrusters[2] / side, -thrusters[1] / side))
            if leg.kind == "spin":
                torque = plus(torque, (leg.torque, 0.0, 0.0))
            tilt: tuple[Any, Any] = (0.0, 0.0)
            if imbalanced:
                lean = now.across - now.along
                tilt = (lean * leg.tilt[0], lean * leg.tilt[1])
            turning = angular_acceleration(body.rate, torque, now.along, now.across, tilt)
            inverse = 1.0 / mass
            felt = times(inverse, force)
            pull = self.gravity(body.position)
            motion = body.velocity
            slow = 1.0 / jnp.sqrt(dot(motion, motion) + 1e-18)
            ideal = thrust * inverse
            windward = times(inverse, to_inertial(axes, (ax, ay, az)))
            given = to_inertial(axes, felt)
            along_drag, along_pull = dot(windward, motion) * slow, dot(pull, motion) * slow
            along_push = dot(given, motion) * slow - along_drag
            account = (ideal, -along_pull, -along_drag, ideal - along_push)
            change = Body(
                motion, plus(given, pull), attitude_rate(body.attitude, body.rate), turning
            )
            return change, (body.rate, felt, account)

        nought: Triple = (jnp.zeros(()), jnp.zeros(()), jnp.zeros(()))
        opened = (nought, nought, (*nought, jnp.zeros(())))
        first, middle, last = zip(weights, nozzle, strict=True)
        after, added = weighted(
            rate, (body, opened), length, (first, middle, last), looped=leg.kind not in LONG_LEGS
        )
        after = Body(after.position, after.velocity, normal(after.attitude), after.rate)
        return after, added

    def truth(self, leg: Leg, substeps: int) -> Any:
        """The truth of a leg as the closed loop wants it: one tick under a held command."""
        rocket = self.rocket
        actuators = rocket.actuators
        sensing = leg.kind not in ("spin", "free", "burn")
        windy = leg.kind in ("toss", "climb")

        def tick(moving: Moving, command: Command, time: Any, length: Any) -> tuple[Moving, Sensed]:
            body, watch = moving.body, moving.watch
            angles, rates = moving.nozzle
            short = length / substeps
            law = servo(actuators, short)
            torque = times(1.0 / length, command.thrusters)
            arm = jnp.abs(leg.arm_station - at_share(leg.body, leg.burnt).station)
            fired = (
                jnp.abs(command.thrusters[0]) / actuators.roll_arm
                + (jnp.abs(command.thrusters[1]) + jnp.abs(command.thrusters[2])) / arm
                + command.opposed
            )
            spent = fired / (actuators.thruster_specific_impulse * STANDARD_GRAVITY)
            turned: Triple = (jnp.zeros(()), jnp.zeros(()), jnp.zeros(()))
            gained: Triple = turned
            account: Any = (jnp.zeros(()),) * 4
            air: Any = None
            for part in range(substeps):
                start = time + part * short
                air = self.surroundings(start, body, short, windy)
                if leg.kind == "climb":
                    moved = [
                        swivel(law, a, r, c, short)
                        for a, r, c in zip(angles, rates, command.nozzle, strict=True)
                    ]
                    ends = (moved[0][0], moved[1][0])
                    end_rates = (moved[0][1], moved[1][1])
                    middle = tuple(
                        0.5 * (a + b) + 0.125 * short * (ra - rb)
                        for a, b, ra, rb in zip(angles, ends, rates, end_rates, strict=True)
                    )
                    nozzle: Any = (angles, middle, ends)
                    angles, rates = ends, end_rates
                else:
                    still = (jnp.zeros(()), jnp.zeros(()))
                    nozzle = (still, still, still)
                body, added = self.step(leg, body, nozzle, torque, watch.used, start, short, air)
                turned, gained = plus(turned, added[0]), plus(gained, added[1])
                account = tuple(a + b for a, b in zip(account, added[2], strict=True))
            watch = self._watched(leg, watch, body, air, angles, account, gained, time, length)
            if leg.kind in ("climb", "coast", "hold"):
                watch = eqx.tree_at(
                    lambda w: (w.used, w.impulse),
                    watch,
                    (watch.used + spent, watch.impulse + fired),
                )
            count = moving.count + 1.0
            if sensing:
                sensed, residue = measure(
                    rocket.unit, turned, gained, length, moving.count, moving.residue
                )
            else:
                sensed, residue = nothing_sensed(length), moving.residue
            return Moving(body, (angles, rates), residue, count, watch), sensed

        return tick

    def _watched(
        self,
        leg: Leg,
        watch: Watch,
        body: Body,
        air: Any,
        angles: Any,
        account: Any,
        gained: Triple,
        time: Any,
        length: Any,
    ) -> Watch:
        density, sound, wind, outside = air
        through = minus(minus(body.velocity, cross(self.spin, body.position)), wind)
        _, y, z = axes_of(body.attitude)
        vy, vz = dot(y, through), dot(z, through)
        square = dot(through, through) + 1e-12
        pressure = 0.5 * density * square
        sideways = vy * vy + vz * vz
        speed = jnp.sqrt(square)
        mach = speed / sound
        _, across, _ = at_mach(self.rocket.air, mach, density)
        more = pressure > watch.pressure
        matters = jnp.where(pressure > 1.0, 1.0, 0.0)
        force = (0.5 * density * across) ** 2 * square * sideways
        ideal, gravity, drag, steering = account
        pushing = leg.motor is not None
        felt = dot(gained, gained) / (length * length)
        return Watch(
            pressure=jnp.where(more, pressure, watch.pressure),
            pressure_time=jnp.where(more, time + length, watch.pressure_time),
            acceleration=jnp.maximum(watch.acceleration, felt) if pushing else watch.acceleration,
            sine=jnp.where(
                pressure > _FELT, jnp.maximum(watch.sine, sideways / square), watch.sine
            ),
            force=jnp.maximum(watch.force, force),
            gimbal=jnp.maximum(watch.gimbal, angles[0] ** 2 + angles[1] ** 2),
            ideal=watch.ideal + ideal,
            gravity=watch.gravity + gravity,
            drag=watch.drag + drag,
            steering=watch.steering + steering,
            used=watch.used,
            impulse=watch.impulse,
            outside=(
                watch.outside[0] + jnp.where(outside, matters, 0.0),
                watch.outside[1] + jnp.where(beyond(self.rocket.air, mach), matters, 0.0),
            ),
        )

    # ------------------------------------------------------------ flight software

    def software(self, kind: str) -> Any:
        """What the computer does each tick of a leg; it is handed what was sensed, nothing else."""
        onboard = self.onboard
        planet = onboard.planet
        idle = (jnp.zeros(()), jnp.zeros(()))

        def decide(memory: Memory, sensed: Sensed) -> tuple[Command, Memory]:
            here = navigate(planet, memory.here, sensed)
            time = memory.time + sensed.length
            rate = times(1.0 / sensed.length, sensed.angle)
            none: Triple = (jnp.zeros(()), jnp.zeros(()), jnp.zeros(()))
            if kind in ("spin", "free", "burn", "toss"):
                return Command(idle, none, none[0]), Memory(
                    here, time, memory.sums, memory.wanted, memory.used, memory.fine_from, none
                )
            wanted = memory.wanted
            opposed = none[0]
            if kind == "climb":
                wanted = programmed(onboard, time, here.position)
            error = pointing_error(here.q_i_from_b, wanted)
            if kind == "climb":
                nozzle, free = nozzle_command(onboard.nozzle, time, error, rate, memory.sums)
                # the integral stands still where the nozzle is at its stop
                sums = tuple(
                    s + jnp.where(f, e * sensed.length, 0.0)
                    for s, e, f in zip(memory.sums, error, free, strict=True)
                )
                law = onboard.stacked
                fire: Triple = (rolling_impulse(law, rate[0], sensed.length), none[0], none[0])
            else:
                nozzle, sums = idle, memory.sums
                rate = plus(rate, memory.given)
                law = onboard.stacked if kind == "coast" else onboard.single
                fire = thruster_impulses(law, error, rate, sensed.length)
                finely, bits = opposed_impulses(law, error, rate, sensed.length)
                now = time >= memory.fine_from
                fire = tuple(jnp.where(now, f, c) for f, c in zip(finely, fire, strict=True))
                opposed = jnp.where(now, bits, 0.0)
            spent = (
                jnp.abs(fire[0]) / law.roll_arm + (jnp.abs(fire[1]) + jnp.abs(fire[2])) / law.arm
            )
            used = memory.used + (spent + opposed) / onboard.exhaust_speed
            given: Triple = (
                0.5 * fire[0] / law.along,
                0.5 * fire[1] / law.across,
                0.5 * fire[2] / law.across,
            )
            after = Memory(here, time, sums, wanted, used, memory.fine_from, given)  # pyright: ignore
            return Command(nozzle, fire, opposed), after  # pyright: ignore

        return decide

    # ------------------------------------------------------------ one leg

    def fly(
        self,
        leg: Leg,
        moving: Moving,
        memory: Memory,
        sensed: Sensed,
        start: Scalar,
        duration: Scalar,
        ticks: int,
        substeps: int,
        track: bool,
        history: Any = None,
        replayed: Any = None,
    ) -> Loop:
        """One leg in closed loop."""

        def record(time: Any, moving: Moving, command: Command, sensed: Sensed) -> Any:
            thrust, _, _, now = self.weight(leg, time)
            kept = {
                "elapsed": time,
                "body": moving.body,
                "mass": now.mass - moving.watch.used,
                "thrust": thrust,
                "nozzle": moving.nozzle[0],
                "used": moving.watch.used,
            }
            return {**kept, "command": command, "sensed": sensed}

        return fly_loop(
            self.truth(leg, substeps),
            self.software(leg.kind),
            moving,
            memory,
            sensed,
            start,
            duration,
            ticks,
            record=record if track else None,
            history=history,
            replayed=replayed,
        )


def programmed(onboard: Onboard, time: Any, position: Triple) -> Triple:
    """The direction of the first-stage programme where and when the computer believes to be."""
    east, north, up = local_axes(onboard.planet, position)
    cells = onboard.upward.shape[0] - 1
    x = jnp.clip(time / onboard.nozzle.burn_time, 0.0, 1.0) * cells
    i = jnp.minimum(x, cells - 1.0).astype(jnp.int32)
    f = x - i.astype(x.dtype)
    upward, level = (
        jnp.asarray(t)[i] + f * (jnp.asarray(t)[i + 1] - jnp.asarray(t)[i])
        for t in (onboard.upward, onboard.level)
    )
    along = plus(times(onboard.eastward, east), times(onboard.northward, north))
    return plus(times(level, along), times(upward, up))


def separated(
    body: Body, before: Any, second: Any, first_mass: Any, impulse: Any, tip_off: tuple[Any, Any]
) -> tuple[Body, Triple]:
    """The second stage let go by springs along the axis, and the velocity of what stays behind.

    The momentum of both is that of the stack; each turns on as the stack did, the second stage with
    the tip-off on top.

    Args:
        body: the stack; its position is that of its centre of mass.
        before: its mass properties.
        second: those of the second stage.
        first_mass: of what stays behind [kg].
        impulse: of the springs [N s].
        tip_off: rates about y and z on top [rad/s].

    Returns:
        The second stage, and the velocity of the centre of mass of the first.
    """
    axes = axes_of(body.attitude)
    ahead = times(before.station - second.station, axes[0])
    spinning = to_inertial(axes, body.rate)
    swung = cross(spinning, ahead)
    push = times(impulse, axes[0])
    velocity = plus(body.velocity, plus(swung, times(1.0 / second.mass, push)))
    lost = plus(times(second.mass, swung), push)
    other = minus(body.velocity, times(1.0 / first_mass, lost))
    rate = (body.rate[0], body.rate[1] + tip_off[0], body.rate[2] + tip_off[1])
    return Body(plus(body.position, ahead), velocity, body.attitude, rate), other


def gusts_of(errors: Errors) -> tuple[Series, Series]:
    """Gusts over height, east and north: noise on a grid of 1 km that fades over 4 km."""
    spread = jnp.where(errors.gust_dice > 0.0, errors.gust, 0.0)
    counts = jnp.arange(float(_GUST_CELLS + 1))
    kept = float(np.exp(-_GUST_STEP / 4000.0))
    fresh = float(np.sqrt(1.0 - kept * kept))

    def one(name: str) -> Any:
        key = dice.key_of(errors.gust_dice, name)
        raw = jax.vmap(lambda k: dice.noise(key, k))(counts)

        def next_up(below: Any, new: Any) -> tuple[Any, Any]:
            here = kept * below + fresh * new
            return here, here

        _, rows = jax.lax.scan(next_up, raw[0], raw)
        return spread * rows

    return one("gust e"), one("gust n")


def legs_of(ride: _Ride) -> dict[str, Leg]:
    rocket = ride.rocket
    frame, actuators, bodies = rocket.frame, rocket.actuators, rocket.bodies
    nought = jnp.zeros(())
    stack = {
        "body": bodies.stack,
        "nozzle": frame.length,
        "aside": (frame.misalignment_one_y, frame.misalignment_one_z),
        "offset": (frame.centre_offset_y, frame.centre_offset_z),
        "tilt": (nought, nought),
        "arm_station": actuators.thruster_station,
        "torque": nought,
    }
    second = {
        "body": bodies.second,
        "nozzle": frame.aft,
        "aside": (frame.misalignment_two_y, frame.misalignment_two_z),
        "offset": (frame.second_offset_y, frame.second_offset_z),
        "tilt": (frame.imbalance_y, frame.imbalance_z),
        "arm_station": actuators.second_thruster_station,
        "torque": actuators.spin_impulse / actuators.spin_duration,
    }
    cold = {"motor": None, "shape": None, "ignition": nought}
    one = {"motor": rocket.stack.stage_one, "shape": rocket.shape_one, "ignition": nought}
    return {
        "toss": Leg(kind="toss", **stack, **cold, burnt=nought),
        "climb": Leg(kind="climb", **stack, **one, burnt=nought),
        "coast": Leg(kind="coast", **stack, **cold, burnt=jnp.ones(())),
        "hold": Leg(kind="hold", **second, **cold, burnt=nought),
        "spin": Leg(kind="spin", **second, **cold, burnt=nought),
        "free": Leg(kind="free", **second, **cold, burnt=nought),
        "burn": Leg(
            kind="burn",
            **second,
            motor=rocket.stack.stage_two,
            shape=rocket.shape_two,
            ignition=nought,
            burnt=nought,
        ),
    }


def _watching(nought: Any) -> Watch:
    names = [field.name for field in dataclasses.fields(Watch)]
    given: dict[str, Any] = dict.fromkeys(names, nought)
    return Watch(**{**given, "outside": (nought, nought)})


def released(start: PointState, rocket: Rocket, onboard: Onboard, delay: Scalar) -> Body:
    """The rocket as it leaves the lander: lying so far back that the toss brings it up in time.

        elevation at release = programme - pitch rate * planned delay

    Its y axis is level, its z axis points down, so pitching up is a positive rate about y.
    """
    position: Triple = (start.position[0], start.position[1], start.position[2])
    velocity: Triple = (start.velocity[0], start.velocity[1], start.velocity[2])
    east, north, up = local_axes(onboard.planet, position)
    forward = plus(times(onboard.eastward, east), times(onboard.northward, north))
    back = rocket.errors.pitch_rate * delay
    elevation = jnp.arctan2(onboard.upward[0], onboard.level[0]) - back
    nose = plus(times(jnp.cos(elevation), forward), times(jnp.sin(elevation), up))
    right = cross(forward, up)
    down = cross(nose, right)
    attitude = attitude_of(jnp.stack([jnp.stack(nose), jnp.stack(right), jnp.stack(down)]))
    errors = rocket.errors
    rate = (errors.tip_off_x, errors.pitch_rate + errors.tip_off_y, errors.tip_off_z)
    return Body(position, velocity, (attitude[0], attitude[1], attitude[2], attitude[3]), rate)


def believed(body: Body, onboard: Onboard, errors: Errors, length: Any) -> Navigated:
    """What the lander tells the rocket of itself, with the lander's errors."""
    east, north, up = local_axes(onboard.planet, body.position)
    shift = plus(
        plus(times(errors.position_error_x, east), times(errors.position_error_y, north)),
        times(errors.position_error_z, up),
    )
    # an azimuth is told clockwise: a turn about down
    off = plus(
        plus(times(errors.tilt_error_x, east), times(errors.tilt_error_y, north)),
        times(-errors.azimuth_error, up),
    )
    attitude = normal(product(turn(off), body.attitude))
    return Navigated(plus(body.position, shift), body.velocity, attitude, nothing_sensed(length))


def ride_of(
    start: PointState,
    rocket: Rocket,
    onboard: Onboard,
    world: World,
    delay: Scalar,
    substeps: int,
) -> _Ride:
    """What every leg of a flight shares."""
    epoch = start.epoch + delay
    pole = world.pole(epoch)
    axis: Triple = (pole[0], pole[1], pole[2])
    spin, gusts = times(world.spin, axis), gusts_of(rocket.errors)
    return _Ride(world, rocket, onboard, epoch, axis, spin, gusts, substeps)


def opened(ride: _Ride, body: Body, delay: Scalar) -> tuple[Moving, Memory]:
    """Truth and memory at the release, before anything was sensed."""
    nought = jnp.zeros(())
    length = delay / TOSS_TICKS
    still = ((nought, nought), (nought, nought))
    moving = Moving(body, still, no_residue(), nought, _watching(nought))
    memory = Memory(
        believed(body, ride.onboard, ride.rocket.errors, length),
        -delay - length,
        (nought, nought),
        axes_of(body.attitude)[0],
        nought,
        jnp.asarray(jnp.inf),
        (nought, nought, nought),
    )
    return moving, memory


@compiled
def launch(
    start: PointState,
    rocket: Rocket,
    onboard: Onboard,
    world: World,
    delay: Scalar,
    planned_delay: Scalar,
    *,
    substeps: int = 1,
    track: bool = False,
) -> Flight:
    """Fly the ascender as a rigid body from its release to the end of the second burn.

    Args:
        start: at the release: epoch, position and velocity with the toss in it.
        rocket: as it really is.
        onboard: what its computer was loaded with.
        world: gravity, air, winds and spin.
        delay: from the release to the first ignition [s].
        planned_delay: the same as planned, which the toss was set up for [s].
        substeps: steps of the truth in each tick; the ticks of sensors and commands stay.
        track: keep every tick.

    Returns:
        The flight; lost where the final orbit cuts the ground, or where the rocket no longer
        points anywhere near where it should.

    Left out: bending, lift in free molecules, aerodynamic damping (jet damping is in), the air's
    pressure on the nozzle, the swirl of the gas.
    """
    return _told(*_flown(start, rocket, onboard, world, delay, planned_delay, substeps, track))


def _flown(
    start: PointState,
    rocket: Rocket,
    onboard: Onboard,
    world: World,
    delay: Scalar,
    planned_delay: Scalar,
    substeps: int,
    track: bool,
    history: Any = None,
    replayed: Any = None,
) -> Any:
    start, rocket, onboard, world = jax.tree.map(
        lambda x: jnp.asarray(x) if isinstance(x, float | np.ndarray) else x,
        (start, rocket, onboard, world),
    )
    delay = jnp.asarray(delay, dtype=float)
    ride = ride_of(start, rocket, onboard, world, delay, substeps)
    legs = legs_of(ride)
    nought = jnp.zeros(())
    length = delay / TOSS_TICKS
    body = released(start, rocket, onboard, planned_delay)
    begun, first = opened(ride, body, delay)
    replay: Any = (history or {}).get
    flown: dict[str, Loop] = {}

    def fly(name: str, kind: str, before: Any, begin: Any, duration: Any, ticks: int) -> Loop:
        moving, memory, sensed = before
        leg = legs[kind]
        if kind == "burn":
            leg = eqx.tree_at(lambda item: item.ignition, leg, begin)
        flown[name] = ride.fly(
            leg,
            moving,
            memory,
            sensed,
            begin,
            duration,
            ticks,
            substeps,
            track,
            replay(name),
            replayed,
        )
        return flown[name]

    toss = fly("toss", "toss", (begun, first, nothing_sensed(length)), -delay, delay, TOSS_TICKS)
    burn_time = rocket.stack.stage_one.burn_time
    climb = fly(
        "climb", "climb", (toss.state, toss.memory, toss.sensed), nought, burn_time, CLIMB_TICKS
    )
    peeked = navigate(onboard.planet, climb.memory.here, climb.sensed)
    memory = eqx.tree_at(
        lambda m: m.wanted, climb.memory, programmed(onboard, climb.time, peeked.position)
    )
    parked = eqx.tree_at(lambda s: s.nozzle, climb.state, ((nought, nought), (nought, nought)))
    settle = fly(
        "settle",
        "coast",
        (parked, memory, climb.sensed),
        climb.time,
        onboard.guidance_delay,
        SETTLE_TICKS,
    )
    # ---- the look ahead, from what is believed
    here = navigate(onboard.planet, settle.memory.here, settle.sensed)
    now = settle.memory.time + settle.sensed.length
    plan = eqx.tree_at(lambda b: b.mass, onboard.burn, onboard.burn.mass - settle.memory.used)
    command, towards, left = second_burn(onboard.planet, plan, here.position, here.velocity, now)
    wanted: Triple = (towards[0], towards[1], towards[2])
    ignition = command + rocket.errors.clock_error
    fine_from = command - onboard.separation_lead - onboard.stacked.gains.fine_time
    memory = eqx.tree_at(lambda m: (m.wanted, m.fine_from), settle.memory, (wanted, fine_from))
    separation = jnp.maximum(ignition - onboard.separation_lead, settle.time + 1.0)
    turned = fly(
        "turn",
        "coast",
        (settle.state, memory, settle.sensed),
        settle.time,
        separation - settle.time,
        TURN_TICKS,
    )
    # ---- the stages part
    before = at_share(rocket.bodies.stack, 1.0)
    second = at_share(rocket.bodies.second, 0.0)
    used = turned.state.watch.used
    second = eqx.tree_at(lambda s: s.mass, second, second.mass - used)
    errors = rocket.errors
    parted, _ = separated(
        turned.state.body,
        before,
        second,
        rocket.stack.inert_one,
        errors.separation_impulse,
        (errors.separation_tip_off_y, errors.separation_tip_off_z),
    )
    single = eqx.tree_at(lambda s: s.body, turned.state, parted)
    spun = rocket.actuators.spin_duration
    held = onboard.separation_lead - spun - FREE_TIME
    hold = fly(
        "hold", "hold", (single, turned.memory, turned.sensed), turned.time, held, HOLD_TICKS
    )
    spin = fly("spin", "spin", (hold.state, hold.memory, hold.sensed), hold.time, spun, SPIN_TICKS)
    rate = spin.state.body.rate
    kicked = (rate[0], rate[1] + errors.spin_tip_off_y, rate[2] + errors.spin_tip_off_z)
    loose = eqx.tree_at(lambda s: s.body.rate, spin.state, kicked)
    free = fly("free", "free", (loose, spin.memory, spin.sensed), spin.time, FREE_TIME, FREE_TICKS)
    fly(
        "burn",
        "burn",
        (free.state, free.memory, free.sensed),
        free.time,
        rocket.stack.stage_two.burn_time,
        BURN_TICKS,
    )
    said = {"navigated": here, "at": settle, "wanted": wanted, "left": left, "before": turned}
    return ride, start, flown, said, track


def _vector(triple: Triple) -> Array:
    return jnp.stack([jnp.asarray(x, dtype=float) for x in triple])


def _point(ride: _Ride, loop: Loop, mass: Scalar) -> PointState:
    body = loop.state.body
    return PointState(
        ride.ignition_epoch + loop.time,
        _vector(body.position),
        _vector(body.velocity),
        mass,
        ride.world.name,
    )


def rigid_end(ride: _Ride, loop: Loop, mass: Scalar) -> RigidState:
    """The body at the end of a leg, as others read it."""
    point = _point(ride, loop, mass)
    body = loop.state.body
    return RigidState(
        point.epoch,
        point.position,
        point.velocity,
        jnp.stack(body.attitude),
        _vector(body.rate),
        mass,
        point.centre,
    )


def _angle(cosine: Any) -> Any:
    return jnp.arccos(jnp.clip(cosine, -1.0, 1.0))


def _told(ride: _Ride, start: PointState, flown: dict[str, Loop], said: Any, track: bool) -> Flight:
    rocket, onboard, world = ride.rocket, ride.onboard, ride.world
    stack = rocket.stack
    climb, turned, free, burn = (flown[n] for n in ("climb", "turn", "free", "burn"))
    watch: Watch = burn.state.watch
    burnout = _point(ride, climb, stack.first_burnout_mass)
    final_mass = stack.orbit_mass - watch.used
    end = _point(ride, burn, final_mass)
    settle: Loop = said["at"]
    there: Navigated = said["navigated"]
    astray = minus(there.position, settle.state.body.position)
    drift = minus(there.velocity, settle.state.body.velocity)
    axis = axes_of(free.state.body.attitude)[0]
    second = at_share(rocket.bodies.second, 0.0)
    rate = free.state.body.rate
    lateral = second.across * jnp.sqrt(rate[1] ** 2 + rate[2] ** 2 + 1e-30)
    gone = burn.state.watch.ideal - free.state.watch.ideal
    before, after = free.state.body.velocity, burn.state.body.velocity
    # thrust that went astray: ideal less what the mean direction got (gravity taken off)
    pulled = flown["burn"].state.watch
    told = (
        burnout_figures(world, burnout.epoch, burnout.position, burnout.velocity)
        | orbit_figures(world, end.epoch, end.position, end.velocity)
        | {
            "lift_off_mass": stack.lift_off_mass,
            "thrust_elevation": jnp.arctan2(onboard.upward[0], onboard.level[0]),
            "thrust_azimuth": jnp.arctan2(onboard.eastward, onboard.northward),
            "second_elevation": onboard.burn.elevation,
            "stage_one_burnout_time": climb.time,
            "stage_two_ignition_time": free.time,
            "stage_two_burnout_time": burn.time,
            "ideal_delta_v": watch.ideal,
            "gravity_loss": watch.gravity,
            "drag_loss": watch.drag,
            "steering_loss": watch.steering,
            "speed_gained": jnp.sqrt(end.velocity @ end.velocity)
            - jnp.sqrt(start.velocity @ start.velocity),
            "peak_dynamic_pressure": watch.pressure,
            "peak_dynamic_pressure_time": watch.pressure_time,
            "peak_acceleration": jnp.sqrt(watch.acceleration),
            "final_mass": final_mass,
            "peak_angle_of_attack": jnp.arcsin(jnp.sqrt(jnp.minimum(watch.sine, 1.0))),
            "peak_normal_force": jnp.sqrt(watch.force),
            "peak_gimbal": jnp.sqrt(watch.gimbal),
            "thruster_impulse": watch.impulse,
            "thruster_propellant": watch.used,
            "second_pointing_error": _angle(dot(axis, said["wanted"])),
            "nutation": jnp.arctan2(lateral, second.along * jnp.abs(rate[0])),
            "spin_rate": jnp.abs(rate[0]),
            "coning_loss": gone - _along_mean(ride, flown, before, after, pulled),
            "navigation_position_error": jnp.sqrt(dot(astray, astray)),
            "navigation_velocity_error": jnp.sqrt(dot(drift, drift)),
            "foreseen_miss": jnp.max(jnp.abs(said["left"])),
        }
    )
    figures: dict[str, Scalar] = {
        name: jnp.asarray(value, dtype=float) for name, value in told.items()
    }
    separation = ride.ignition_epoch + turned.time
    events = {
        "lift_off": ride.ignition_epoch,
        "stage_one_burnout": burnout.epoch,
        "stage_separation": separation,
        "stage_two_ignition": ride.ignition_epoch + free.time,
        "stage_two_burnout": end.epoch,
    }
    first, other = ideal_delta_v(stack)
    down = flown["climb"].state.watch
    burns = {
        "stage_one": Burn(
            events["lift_off"],
            first,
            down.gravity + down.drag + down.steering,
            stack.stage_one.propellant,
        ),
        "stage_two": Burn(
            events["stage_two_ignition"],
            other,
            (watch.gravity + watch.drag + watch.steering)
            - (free.state.watch.gravity + free.state.watch.drag + free.state.watch.steering),
            stack.stage_two.propellant,
        ),
    }
    masses = {
        "stage_one_burnout/propellant": MassChange(burnout.epoch, -stack.stage_one.propellant),
        "stage_separation/stage_one": MassChange(separation, -stack.inert_one),
        "stage_two_ignition/thrusters": MassChange(events["stage_two_ignition"], -watch.used),
        "stage_two_burnout/propellant": MassChange(end.epoch, -stack.stage_two.propellant),
    }
    return Flight(
        end=end,
        outcome=_verdict(ride, flown, said, end),
        figures=figures,
        events=events,
        burns=burns,
        masses=masses,
        extrapolations={"air": watch.outside[0], "coefficients": watch.outside[1]},
        track=_track(ride, flown) if track else None,
    )


def _along_mean(ride: Any, flown: Any, before: Any, after: Any, watch: Any) -> Any:
    """Speed the second burn gave, as the length of the change of velocity less gravity's."""
    free, burn = flown["free"], flown["burn"]
    middle = times(0.5, plus(free.state.body.position, burn.state.body.position))
    pull = ride.gravity(middle)
    change = minus(minus(after, before), times(burn.time - free.time, pull))
    return jnp.sqrt(dot(change, change))


def _verdict(ride: _Ride, flown: dict[str, Loop], said: Any, end: PointState) -> Outcome:
    climb, free = flown["climb"], flown["free"]
    _, periapsis = apsis_radii(end.position, end.velocity, ride.world.gm)
    body = climb.state.body
    falling = dot(body.position, body.velocity) <= 0.0
    clears = (periapsis > ride.world.equatorial_radius) & ~falling
    held = (
        dot(axes_of(body.attitude)[0], programmed(ride.onboard, climb.time, body.position))
        > LOST_COSINE
    )
    held = held & (dot(axes_of(free.state.body.attitude)[0], said["wanted"]) > LOST_COSINE)
    reached = Outcome.where(clears, Outcome.nominal, Outcome.orbit_not_reached)
    return Outcome.where(held, reached, Outcome.attitude_lost)


def _track(ride: _Ride, flown: dict[str, Loop]) -> dict[str, Array]:
    """Every tick of every leg, told as the three-degree ascent tells its own, and the attitude."""
    rows = [loop.rows for loop in flown.values()]
    kept = jax.tree.map(
        lambda *x: jnp.concatenate(x),
        *[{k: v for k, v in r.items() if k not in ("command", "sensed")} for r in rows],
    )

    def told(row: Any) -> dict[str, Any]:
        body: Body = row["body"]
        time = row["elapsed"]
        epoch = ride.ignition_epoch + time
        position, velocity = jnp.stack(body.position), jnp.stack(body.velocity)
        sample = ride.world.air(epoch, position)
        latitude, longitude = ride.world.latitude_longitude(epoch, position)
        speed, climb, _ = angles_from_velocity(velocity, enu(ride.world, epoch, position))
        relative = ride.world.relative_velocity(epoch, position, velocity)
        through = relative - sample.wind
        size = jnp.sqrt(through @ through + 1e-12)
        nose = jnp.stack(axes_of(body.attitude)[0])
        return {
            "epoch": epoch,
            "elapsed": time,
            "position": position,
            "velocity": velocity,
            "mass": row["mass"],
            "altitude": ride.world.altitude(epoch, position),
            "latitude": latitude,
            "longitude": longitude,
            "speed": speed,
            "relative_speed": jnp.sqrt(relative @ relative + 1e-12),
            "flight_path_angle": climb,
            "mach": size / sample.sound_speed,
            "thrust": row["thrust"],
            "dynamic_pressure": 0.5 * sample.density * size * size,
            "angle_of_attack": _angle(nose @ through / size),
            "q_i_from_b_w": body.attitude[0],
            "q_i_from_b_x": body.attitude[1],
            "q_i_from_b_y": body.attitude[2],
            "q_i_from_b_z": body.attitude[3],
            "rate_x": body.rate[0],
            "rate_y": body.rate[1],
            "rate_z": body.rate[2],
            "gimbal_y": row["nozzle"][0],
            "gimbal_z": row["nozzle"][1],
            "thruster_propellant": row["used"],
        }

    return jax.vmap(told)(kept)

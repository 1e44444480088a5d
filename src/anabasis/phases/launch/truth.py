"""What really happens in a tick: pushed, turned, blown at, and what the sensors feel of it.

Three kinds of tick share one step: `climb` (air, winds, a nozzle that swivels), `coast` (thrusters)
and `spin` (nobody steers). What changes slowly is taken in the middle of the tick (gravity, air,
thrust, masses), the motion itself by Runge and Kutta (`mechanics.rigid_step`).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar, Series
from anabasis.mechanics.rigid import (
    Triple,
    angular_acceleration,
    axes_of,
    cross,
    dot,
    jet_damping,
    minus,
    plus,
    times,
    to_body,
)
from anabasis.mechanics.rigid_step import Body, advance
from anabasis.mechanics.strapdown import Sensed
from anabasis.phases.launch.errors import Errors, blown
from anabasis.phases.launch.software import Command
from anabasis.units import STANDARD_GRAVITY
from anabasis.vehicles.actuators import Actuators, Servo, swivel
from anabasis.vehicles.aerodynamics import Coefficients, at_mach, beyond
from anabasis.vehicles.airframe import Airframe, StageBodies
from anabasis.vehicles.ascender import Stack
from anabasis.vehicles.imu import Residue, Unit, measure
from anabasis.vehicles.mass_properties import Moment, at_share
from anabasis.worlds.corridor import Corridor
from anabasis.worlds.world import World

_FELT = 100.0
"""Dynamic pressure from which an angle of attack counts [Pa]."""


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


class Watch(eqx.Module):
    """What has been greatest so far, and where the speed went.

    Attributes:
        pressure, pressure_time: dynamic pressure [Pa] and when [s].
        acceleration: felt, squared.
        sine: of the angle of attack, squared, where the air can be felt.
        bending: dynamic pressure times that sine, squared [Pa^2].
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
    bending: Scalar
    force: Scalar
    gimbal: Scalar
    ideal: Scalar
    gravity: Scalar
    drag: Scalar
    steering: Scalar
    used: Scalar
    impulse: Scalar
    outside: tuple[Scalar, Scalar]


def unwatched() -> Watch:
    """Nothing seen yet."""
    nought = jnp.zeros(())
    names = [field.name for field in dataclasses.fields(Watch)]
    given: dict[str, Any] = dict.fromkeys(names, nought)
    return Watch(**{**given, "outside": (nought, nought)})


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
        lit: one where the motor burns, else nought.
        ignition: since when [s].
        now: mass properties of a coast, in which nothing burns.
        arm: of the thrusters, from the centre of mass forward [m].
        torque: about x, of the spin-up [N m].
        servo: of the nozzle, for the steps of this leg.
    """

    lit: Any
    ignition: Any
    now: Moment
    arm: Any
    torque: Any
    servo: Servo


class Ride(eqx.Module):
    """The rocket in its world: what every leg of a flight shares."""

    world: World
    rocket: Rocket
    corridor: Corridor
    ignition_epoch: Scalar
    gusts: tuple[Series, Series]
    substeps: int = eqx.field(static=True)

    def gravity(self, position: Triple) -> Triple:
        """J2 in plain scalars; a world with more lumps is asked itself [m/s^2]."""
        world = self.world
        if world.gravity_degree > 2:
            pull = world.gravity(self.ignition_epoch, jnp.stack(position))
            return pull[0], pull[1], pull[2]
        inverse = 1.0 / dot(position, position)
        pull = -world.gm * inverse * jnp.sqrt(inverse)
        if world.gravity_degree < 2:
            return times(pull, position)
        pole = self.corridor.pole
        height = dot(position, pole)
        k = 1.5 * world.j2 * world.gravity_radius * world.gravity_radius * inverse
        radial = pull * (1.0 + k * (1.0 - 5.0 * height * height * inverse))
        return plus(times(radial, position), times(pull * 2.0 * k * height, pole))

    def weight(self, kind: str, leg: Leg, time: Any) -> tuple[Any, Any, Any, Moment]:
        """Thrust [N], mass flow [kg/s], share burnt a second and mass properties at an instant."""
        nought = jnp.zeros(())
        if kind == "coast":
            return nought, nought, nought, leg.now
        rocket = self.rocket
        first = kind == "climb"
        motor = rocket.stack.stage_one if first else rocket.stack.stage_two
        push, gone = rocket.shape_one if first else rocket.shape_two
        body = rocket.bodies.stack if first else rocket.bodies.second
        cells = push.shape[0] - 1
        x = jnp.clip((time - leg.ignition) / motor.burn_time, 0.0, 1.0) * cells
        i = jnp.minimum(x, cells - 1.0).astype(jnp.int32)
        f = x - i.astype(x.dtype)
        low, high = push[i], push[i + 1]
        now = low + f * (high - low)
        share = gone[i] + 0.5 * f * (low + now) / cells
        pace = leg.lit * now / motor.burn_time
        return leg.lit * motor.thrust * now, body.grain * pace, pace, at_share(body, share)

    def truth(self, kind: str) -> Any:
        """The truth of one kind of leg as the closed loop wants it."""

        def tick(
            moving: Moving, command: Command, time: Any, length: Any, leg: Leg
        ) -> tuple[Moving, Sensed]:
            body, watch, nozzle = moving.body, moving.watch, moving.nozzle
            short = length / self.substeps
            torque = times(1.0 / length, command.thrusters)
            nought = jnp.zeros(())
            turned: Triple = (nought, nought, nought)
            gained: Triple = turned
            for part in range(self.substeps):
                start = time + part * short
                handed: Any = (None, None, None)
                if kind == "climb":
                    nozzle, handed = _swung(leg, nozzle, command, short)
                body, watch, added = self._step(
                    kind, leg, body, handed, torque, watch, start, short
                )
                turned, gained = plus(turned, added[0]), plus(gained, added[1])
            if kind != "coast":
                felt = dot(gained, gained) / (length * length)
                watch = eqx.tree_at(
                    lambda w: w.acceleration, watch, jnp.maximum(watch.acceleration, felt)
                )
            if kind == "climb":
                bent = nozzle[0][0] ** 2 + nozzle[0][1] ** 2
                watch = eqx.tree_at(lambda w: w.gimbal, watch, jnp.maximum(watch.gimbal, bent))
            if kind == "spin":
                sensed = Sensed(turned, gained, jnp.asarray(length))
                return Moving(body, nozzle, moving.residue, moving.count, watch), sensed
            watch = self._spent(leg, watch, command)
            sensed, residue = measure(
                self.rocket.unit, turned, gained, length, moving.count, moving.residue
            )
            return Moving(body, nozzle, residue, moving.count + 1.0, watch), sensed

        return tick

    def _spent(self, leg: Leg, watch: Watch, command: Command) -> Watch:
        actuators = self.rocket.actuators
        x, y, z = command.thrusters
        fired = (
            jnp.abs(x) / actuators.roll_arm
            + (jnp.abs(y) + jnp.abs(z)) / jnp.abs(leg.arm)
            + command.opposed
        )
        spent = fired / (actuators.thruster_specific_impulse * STANDARD_GRAVITY)
        return eqx.tree_at(
            lambda w: (w.used, w.impulse), watch, (watch.used + spent, watch.impulse + fired)
        )

    def _step(
        self,
        kind: str,
        leg: Leg,
        body: Body,
        handed: Any,
        thrusters: Triple,
        watch: Watch,
        time: Any,
        length: Any,
    ) -> tuple[Body, Watch, tuple[Triple, Triple]]:
        """One step of the rigid body; its watch; what its sensors add up."""
        rocket, frame = self.rocket, self.rocket.frame
        half = 0.5 * length
        thrust, flow, pace, now = self.weight(kind, leg, time + half)
        mass = now.mass - watch.used
        inverse = 1.0 / mass
        middle = plus(body.position, times(half, body.velocity))
        pull = self.gravity(middle)
        gusts = self.gusts if kind == "climb" else None
        density, sound, moving, outside = self.corridor.air(
            middle, None if kind == "spin" else blown(rocket.errors, gusts)
        )
        # how fast through the air in the middle of the step, drag left out of the guess
        nose = axes_of(body.attitude)[0]
        pushed = plus(pull, times(thrust * inverse, nose))
        through = minus(plus(body.velocity, times(half, pushed)), moving)
        square = dot(through, through) + 1e-12
        speed = jnp.sqrt(square)
        mach = speed / sound
        axial, across, centre = at_mach(rocket.air, mach, density)
        dynamic = 0.5 * density * speed
        along_push, across_push = -dynamic * axial, -dynamic * across
        lever = now.station - centre
        if kind == "climb":
            aside = (frame.misalignment_one_y, frame.misalignment_one_z)
            offset, aft = (frame.centre_offset_y, frame.centre_offset_z), frame.length
        else:
            aside = (frame.misalignment_two_y, frame.misalignment_two_z)
            offset, aft = (frame.second_offset_y, frame.second_offset_z), frame.aft
        lean = now.across - now.along
        tilted = (lean * frame.imbalance_y, lean * frame.imbalance_z)
        arm: Triple = (now.station - aft, -offset[0], -offset[1])

        def damping(rate: Triple) -> Triple:
            return jet_damping(rate, flow, now.across_slope * pace, arm[0])

        def wrench(axes: Any, velocity: Triple, rate: Triple, swung: Any) -> Any:
            vx, vy, vz = to_body(axes, minus(velocity, moving))
            ax, ay, az = along_push * vx, across_push * vy, across_push * vz
            x, y, z = 0.0, -lever * az, lever * ay
            fx, fy, fz = ax, ay, az
            if kind != "coast":
                gy, gz = aside if swung is None else (swung[0] + aside[0], swung[1] + aside[1])
                px = thrust * (1.0 - 0.5 * (gy * gy + gz * gz))
                push: Triple = (px, thrust * gy, thrust * gz)
                x, y, z = plus((x, y, z), plus(cross(arm, push), damping(rate)))
                fx, fy, fz = fx + push[0], fy + push[1], fz + push[2]
            if kind == "spin":
                x = x + leg.torque
            else:
                x, y, z = x + thrusters[0], y + thrusters[1], z + thrusters[2]
                if kind == "coast":
                    fy, fz = fy + thrusters[2] / leg.arm, fz - thrusters[1] / leg.arm
            if kind == "spin":
                turning = angular_acceleration(rate, (x, y, z), now.along, now.across, tilted)
            else:
                turning = angular_acceleration(rate, (x, y, z), now.along, now.across)
            return times(inverse, (fx, fy, fz)), turning, ((ax, ay, az), (vx, vy, vz))

        stepped = advance(body, length, pull, wrench, handed)
        wind, (_, vy, vz) = stepped.seen
        after = stepped.body
        # ---- the account of speed, along the mean of the velocities before and after
        motion = times(0.5, plus(body.velocity, after.velocity))
        slow = length / jnp.sqrt(dot(motion, motion) + 1e-18)
        ideal = length * thrust * inverse
        along = to_body(stepped.axes, motion)
        gravity = -slow * dot(pull, motion)
        drag = -slow * inverse * dot(wind, along)
        gain = slow * dot(minus(after.velocity, body.velocity), motion) / length
        # ---- what has been greatest
        pressure = 0.5 * density * square
        sideways = vy * vy + vz * vz
        sine = sideways / square
        more = pressure > watch.pressure
        matters = jnp.where(pressure > 1.0, 1.0, 0.0)
        watch = Watch(
            pressure=jnp.where(more, pressure, watch.pressure),
            pressure_time=jnp.where(more, time + half, watch.pressure_time),
            acceleration=watch.acceleration,
            sine=jnp.where(pressure > _FELT, jnp.maximum(watch.sine, sine), watch.sine),
            bending=jnp.maximum(watch.bending, pressure * pressure * sine),
            force=jnp.maximum(watch.force, (dynamic * across) ** 2 * sideways),
            gimbal=watch.gimbal,
            ideal=watch.ideal + ideal,
            gravity=watch.gravity + gravity,
            drag=watch.drag + drag,
            steering=watch.steering + (ideal - gravity - drag - gain),
            used=watch.used,
            impulse=watch.impulse,
            outside=(
                watch.outside[0] + jnp.where(outside, matters, 0.0),
                watch.outside[1] + jnp.where(beyond(rocket.air, mach), matters, 0.0),
            ),
        )
        return after, watch, (stepped.turned, stepped.gained)


def _swung(leg: Leg, nozzle: Any, command: Command, short: Any) -> tuple[Any, Any]:
    """The nozzle after a step, and its deflections at the beginning, middle and end."""
    angles, rates = nozzle
    moved = [
        swivel(leg.servo, a, r, c, short)
        for a, r, c in zip(angles, rates, command.nozzle, strict=True)
    ]
    ends = (moved[0][0], moved[1][0])
    end_rates = (moved[0][1], moved[1][1])
    middle = tuple(
        0.5 * (a + b) + 0.125 * short * (ra - rb)
        for a, b, ra, rb in zip(angles, ends, rates, end_rates, strict=True)
    )
    return (ends, end_rates), (angles, middle, ends)

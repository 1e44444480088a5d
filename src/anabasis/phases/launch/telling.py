"""What a flown ascent amounts to: its figures, its verdict, its events, its track."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from anabasis.guidance.navigation import navigate
from anabasis.mechanics.arrays import Array, Scalar
from anabasis.mechanics.flight import Burn, Flight, MassChange
from anabasis.mechanics.kepler import apsis_radii
from anabasis.mechanics.rigid import Triple, axes_of, dot, minus, plus, times
from anabasis.mechanics.rigid_step import Body
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.phases.launch.legs import BURN, CLIMB, FREE, SETTLE, TURN, Flown
from anabasis.phases.launch.software import Onboard, programmed
from anabasis.phases.launch.truth import Ride, Watch
from anabasis.vehicles.ascender import ideal_delta_v
from anabasis.vehicles.mass_properties import at_share
from anabasis.worlds.local import angles_from_velocity, enu
from anabasis.worlds.reached import burnout_figures, orbit_figures

FIGURES: dict[str, str] = {
    "peak_angle_of_attack": "deg",
    "peak_pressure_angle": "kPa_deg",
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

LOST_COSINE = float(np.cos(np.radians(45.0)))
"""A rocket that points so far from where it should has lost its attitude."""


def _vector(triple: Triple) -> Array:
    return jnp.stack([jnp.asarray(x, dtype=float) for x in triple])


def _point(ride: Ride, body: Body, time: Scalar, mass: Scalar) -> PointState:
    return PointState(
        ride.ignition_epoch + time,
        _vector(body.position),
        _vector(body.velocity),
        mass,
        ride.world.name,
    )


def _angle(cosine: Any) -> Any:
    return jnp.arccos(jnp.clip(cosine, -1.0, 1.0))


def told(ride: Ride, onboard: Onboard, start: PointState, flown: Flown, track: bool) -> Flight:
    """The flight as others read it."""
    rocket, world, stack = ride.rocket, ride.world, ride.rocket.stack
    climb, _, _, climb_time = flown.climb.end(CLIMB)
    settle, mind, sensed, _ = flown.coast.end(SETTLE)
    _, decided, _, separation_time = flown.coast.end(TURN)
    free, _, _, free_time = flown.spin.end(FREE)
    burn, _, _, burn_time = flown.spin.end(BURN)
    watch: Watch = burn.watch
    burnout = _point(ride, climb.body, climb_time, stack.first_burnout_mass)
    final_mass = stack.orbit_mass - watch.used
    end = _point(ride, burn.body, burn_time, final_mass)
    there = navigate(onboard.planet, mind.here, sensed)
    astray = minus(there.position, settle.body.position)
    drift = minus(there.velocity, settle.body.velocity)
    axis = axes_of(free.body.attitude)[0]
    second = at_share(rocket.bodies.second, 0.0)
    rate = free.body.rate
    lateral = second.across * jnp.sqrt(rate[1] ** 2 + rate[2] ** 2 + 1e-30)
    # thrust that went astray: ideal less what the mean direction got, gravity taken off
    middle = times(0.5, plus(free.body.position, burn.body.position))
    pulled = times(burn_time - free_time, ride.gravity(middle))
    change = minus(minus(burn.body.velocity, free.body.velocity), pulled)
    given = (
        burnout_figures(world, burnout.epoch, burnout.position, burnout.velocity)
        | orbit_figures(world, end.epoch, end.position, end.velocity)
        | {
            "lift_off_mass": stack.lift_off_mass,
            "thrust_elevation": jnp.arctan2(onboard.upward[0], onboard.level[0]),
            "thrust_azimuth": jnp.arctan2(onboard.eastward, onboard.northward),
            "second_elevation": onboard.burn.elevation,
            "stage_one_burnout_time": climb_time,
            "stage_two_ignition_time": free_time,
            "stage_two_burnout_time": burn_time,
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
            "peak_pressure_angle": jnp.sqrt(watch.bending),
            "peak_normal_force": jnp.sqrt(watch.force),
            "peak_gimbal": jnp.sqrt(watch.gimbal),
            "thruster_impulse": watch.impulse,
            "thruster_propellant": watch.used,
            "second_pointing_error": _angle(dot(axis, decided.wanted)),
            "nutation": jnp.arctan2(lateral, second.along * jnp.abs(rate[0])),
            "spin_rate": jnp.abs(rate[0]),
            "coning_loss": watch.ideal - free.watch.ideal - jnp.sqrt(dot(change, change)),
            "navigation_position_error": jnp.sqrt(dot(astray, astray)),
            "navigation_velocity_error": jnp.sqrt(dot(drift, drift)),
            "foreseen_miss": decided.miss,
        }
    )
    figures: dict[str, Scalar] = {
        name: jnp.asarray(value, dtype=float) for name, value in given.items()
    }
    separation = ride.ignition_epoch + separation_time
    events = {
        "lift_off": ride.ignition_epoch,
        "stage_one_burnout": burnout.epoch,
        "stage_separation": separation,
        "stage_two_ignition": ride.ignition_epoch + free_time,
        "stage_two_burnout": end.epoch,
    }
    first, other = ideal_delta_v(stack)
    climbed, coasted = _losses(climb.watch), _losses(free.watch)
    burns = {
        "stage_one": Burn(events["lift_off"], first, climbed, stack.stage_one.propellant),
        "stage_two": Burn(
            events["stage_two_ignition"],
            other,
            _losses(watch) - coasted,
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
        outcome=_verdict(ride, onboard, flown, end),
        figures=figures,
        events=events,
        burns=burns,
        masses=masses,
        extrapolations={"air": watch.outside[0], "coefficients": watch.outside[1]},
        track=_track(ride, flown) if track else None,
    )


def _losses(watch: Watch) -> Scalar:
    return watch.gravity + watch.drag + watch.steering


def _verdict(ride: Ride, onboard: Onboard, flown: Flown, end: PointState) -> Outcome:
    climb, _, _, burnt_out = flown.climb.end(CLIMB)
    _, decided, _, _ = flown.coast.end(TURN)
    free, _, _, _ = flown.spin.end(FREE)
    _, periapsis = apsis_radii(end.position, end.velocity, ride.world.gm)
    body = climb.body
    falling = dot(body.position, body.velocity) <= 0.0
    clears = (periapsis > ride.world.equatorial_radius) & ~falling
    planned = programmed(onboard, burnt_out, body.position)
    held = dot(axes_of(body.attitude)[0], planned) > LOST_COSINE
    held = held & (dot(axes_of(free.body.attitude)[0], decided.wanted) > LOST_COSINE)
    reached = Outcome.where(clears, Outcome.nominal, Outcome.orbit_not_reached)
    return Outcome.where(held, reached, Outcome.attitude_lost)


def _track(ride: Ride, flown: Flown) -> dict[str, Array]:
    """Every tick of every leg, told as the three-degree ascent tells its own, and the attitude."""
    rows = [loop.rows for loop in (flown.climb, flown.coast, flown.spin)]
    kept = jax.tree.map(
        lambda *x: jnp.concatenate(x),
        *[{k: v for k, v in r.items() if k not in ("command", "sensed")} for r in rows],
    )

    def one(row: Any) -> dict[str, Any]:
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

    return jax.vmap(one)(kept)

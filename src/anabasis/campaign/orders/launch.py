"""What a campaign orders of an ascent flown as a rigid body: the rocket as it is, and its software.

The software is loaded once, from the nominal scenario, and stays the same for every case of an
ensemble; the rocket is built from the scenario as drawn.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.guidance.attitude import AttitudeGains, NozzleLaw, ThrusterLaw
from anabasis.guidance.coast import PlannedBurn
from anabasis.guidance.navigation import OnboardPlanet
from anabasis.guidance.steering import Programme, TargetOrbit, aim, orbit_miss
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.mechanics.table import Table
from anabasis.phases.launch import FREE_TIME, Errors, Onboard, Rocket, launch
from anabasis.units import STANDARD_GRAVITY, part, quantity, whole
from anabasis.vehicles.actuators import Actuators
from anabasis.vehicles.aerodynamics import coefficients
from anabasis.vehicles.airframe import Airframe, StageBodies, stage_bodies
from anabasis.vehicles.ascender import Ascender, Stack, stacked
from anabasis.vehicles.imu import InertialUnit, ready
from anabasis.vehicles.mass_properties import at_share
from anabasis.vehicles.motor import Grain, shape
from anabasis.worlds.local import pole_at
from anabasis.worlds.world import World

if TYPE_CHECKING:
    from anabasis.campaign.orders.ascent import AscentOrders

_ASSUMED = "engineering default (docs/ascent.md)"
_LATEST = 3000.0
_AUTHORITY_POINTS = 129


class Software(eqx.Module):
    """The flight software of a rigid ascent.

    Attributes:
        gains: of the attitude loops.
        guidance_delay: from the first burnout to the look ahead for the second burn [s].
        substeps: steps of the truth in each tick.
    """

    gains: AttitudeGains = part("how stiffly the rocket is held")
    guidance_delay: Scalar = quantity(
        "s",
        "from the first burnout to the look ahead for the second burn",
        minimum=1.0,
        maximum=400.0,
        default=60.0,
        source=f"{_ASSUMED}: out of the air that can be felt",
        confidence="assumed",
    )
    substeps: int = whole(
        "steps of the truth in each tick; sensors and commands keep theirs",
        minimum=1,
        maximum=64,
        default=1,
        source=_ASSUMED,
        confidence="assumed",
    )


def _bodies(ascender: Ascender, stack: Stack) -> StageBodies:
    return stage_bodies(
        ascender.airframe or Airframe(),
        stack.stage_one,
        stack.stage_two,
        stack.inert_one,
        stack.inert_two,
        stack.payload,
        ascender.stage_one.grain or Grain(),
        ascender.stage_two.grain or Grain(),
    )


def rocket_of(ascender: Ascender, payload: Scalar | None, errors: Errors | None) -> Rocket:
    """The rocket as it really is, from the scenario's numbers as drawn.

    Raises:
        BadInput: where the scenario says nothing of the forces across the axis.
    """
    if ascender.aerodynamics is None:
        raise BadInput(
            "six degrees of freedom need this table",
            key="ascender.aerodynamics",
            hint="add [ascender.aerodynamics] with normal_slope and centre_of_pressure_m",
        )
    stack = stacked(ascender, payload)
    frame = ascender.airframe or Airframe()
    return Rocket(
        stack=stack,
        shape_one=shape(ascender.stage_one),
        shape_two=shape(ascender.stage_two),
        bodies=_bodies(ascender, stack),
        air=coefficients(
            ascender.drag_coefficient,
            ascender.reference_area,
            ascender.aerodynamics,
            frame.diameter,
        ),
        frame=frame,
        unit=ready(ascender.sensors or InertialUnit()),
        actuators=ascender.actuators or Actuators(),
        errors=errors or Errors(),
    )


@compiled
def _reckoned(
    ascender: Ascender, payload: Scalar | None, frame: Airframe, actuators: Actuators
) -> Any:
    """Power of nozzle and thrusters as planned, from the nominal rocket."""
    stack = stacked(ascender, payload)
    bodies = _bodies(ascender, stack)
    push, gone = shape(ascender.stage_one)
    along_burn = jax.vmap(lambda share: at_share(bodies.stack, share))(jnp.asarray(gone))
    lever = frame.length - along_burn.station
    authority = stack.stage_one.thrust * jnp.asarray(push) * lever / along_burn.across
    # a curve that begins or ends at nothing gives no authority there: never divide by it
    authority = jnp.maximum(authority, 0.02 * jnp.max(authority))
    empty, second = at_share(bodies.stack, 1.0), at_share(bodies.second, 0.0)

    def law(now: Any, station: Any) -> tuple[Any, Any, Any]:
        return now.along, now.across, station - now.station

    return (
        authority,
        stack.stage_one.burn_time,
        law(empty, actuators.thruster_station),
        law(second, actuators.second_thruster_station),
        (stack.stage_two.thrust, stack.stage_two.thrust_regression, stack.stage_two.burn_time),
        (stack.stage_two.propellant, stack.second_ignition_mass),
    )


def loaded(
    orders: AscentOrders,
    ascender: Ascender,
    world: World,
    payload: Scalar | None,
    programme: Programme,
    epoch: Scalar,
) -> Onboard:
    """What the flight computer is loaded with: plan, gravity, gains, its own idea of the rocket.

    Raises:
        BadInput: a target that is missing, a separation too late for the spin-up.
    """
    if orders.target is None:
        raise BadInput(
            "six degrees of freedom need an orbit to reach",
            key="ascent.target",
            hint="give [ascent.target]",
        )
    rocket_of(ascender, payload, orders.errors)  # refuses what cannot fly
    software = orders.software or Software(AttitudeGains())
    actuators, frame = ascender.actuators or Actuators(), ascender.airframe or Airframe()
    least = float(actuators.spin_duration) + FREE_TIME + 1.0
    if float(ascender.separation_lead) < least:
        raise BadInput(
            "the first stage is dropped too late to spin up the second",
            key="ascender.separation_lead_s",
            value=float(ascender.separation_lead),
            allowed=f"at least {least:g} s",
        )
    reckoned: Any = jax.device_get(_reckoned(ascender, payload, frame, actuators))
    authority, burn_time, stack, second, burn, mass = reckoned
    pole = np.asarray(pole_at(world, epoch))
    gains = software.gains
    base, target = world.apsis_radius, orders.target

    def thrusters(law: Any) -> ThrusterLaw:
        return ThrusterLaw(
            law[0],
            law[1],
            law[2],
            actuators.roll_arm,
            actuators.thruster_force,
            actuators.thruster_bit,
            gains,
        )

    upward, level = _elevations(programme, float(burn_time))
    made = Onboard(
        planet=OnboardPlanet(
            world.gm,
            world.j2 if world.gravity_degree >= 2 else np.asarray(0.0),
            world.gravity_radius,
            (pole[0], pole[1], pole[2]),
        ),
        nozzle=NozzleLaw(authority, burn_time, actuators.gimbal_limit, gains),
        stacked=thrusters(stack),
        single=thrusters(second),
        burn=PlannedBurn(
            thrust=burn[0],
            regression=burn[1],
            burn_time=burn[2],
            propellant=mass[0],
            mass=mass[1],
            target=TargetOrbit(base + target.apoapsis, base + target.periapsis, target.inclination),
            elevation=programme.second_elevation,
            time=programme.second_ignition_time,
            earliest=ascender.separation_lead + 2.0,
        ),
        upward=upward,
        level=level,
        eastward=np.asarray(np.sin(float(programme.azimuth))),
        northward=np.asarray(np.cos(float(programme.azimuth))),
        guidance_delay=software.guidance_delay,
        separation_lead=ascender.separation_lead,
        exhaust_speed=actuators.thruster_specific_impulse * STANDARD_GRAVITY,
    )
    return jax.tree.map(lambda x: np.asarray(x, dtype=float), made)


def _elevations(programme: Programme, burn_time: float) -> tuple[np.ndarray, np.ndarray]:
    """Sine and cosine of the first-stage elevation over the planned burn."""
    schedule = programme.schedule
    if schedule is None:
        elevation = np.full(_AUTHORITY_POINTS, float(programme.elevation))
    else:
        time = np.linspace(0.0, burn_time, _AUTHORITY_POINTS)
        elevation = np.interp(time, np.asarray(schedule.argument), np.asarray(schedule.value))
    return np.sin(elevation), np.cos(elevation)


_TRIM_STEP = np.radians(0.02)
"""By how much an angle is changed to see what it does [rad]."""
_TRIMMED, _TRIM_TURNS = 100.0, 5
"""The miss at which trimming ends [m], and how often it tries."""


def trimmed(
    orders: AscentOrders,
    ascender: Ascender,
    world: World,
    payload: Scalar | None,
    programme: Programme,
    epoch: Scalar,
    start: Callable[[Programme], PointState],
) -> tuple[Programme, Onboard]:
    """The programme of a point, corrected for what a rigid body does with it.

    A rocket that flies at an angle of attack is lifted, one that swivels its nozzle loses thrust,
    and a nose thrown up takes a moment to stop: elevation and azimuth of the first stage are
    changed until the nominal flight, coast guidance and all, ends as near the target as it can.

    Args:
        orders: with the target.
        ascender: nominal.
        world: nominal.
        payload: [kg].
        programme: as solved for a point.
        epoch: of the first ignition [s].
        start: the release, for a programme.

    Returns:
        The programme, and the computer loaded with it.
    """
    onboard = loaded(orders, ascender, world, payload, programme, epoch)
    if orders.steering.kind != "solved":
        return programme, onboard

    def at(angles: np.ndarray) -> tuple[Programme, Onboard]:
        elevation, azimuth = (np.asarray(x) for x in angles)
        schedule = programme.schedule
        if schedule is not None:
            higher = elevation - float(programme.elevation)
            schedule = Table(schedule.argument, np.asarray(schedule.value) + higher)
        new = dataclasses.replace(
            programme, elevation=elevation, azimuth=azimuth, schedule=schedule
        )
        turned = (
            *_elevations(new, float(onboard.nozzle.burn_time)),
            np.asarray(np.sin(azimuth)),
            np.asarray(np.cos(azimuth)),
        )
        where = lambda o: (o.upward, o.level, o.eastward, o.northward)  # noqa: E731
        return new, eqx.tree_at(where, onboard, turned)

    def miss(angles: np.ndarray) -> np.ndarray:
        new, board = at(angles)
        # with its track, so that plan and flight are one program
        flight = fly(start(new), orders, ascender, world, payload, new, board, track=True)
        end = flight.end
        left = orbit_miss(
            end.position, end.velocity, pole_at(world, epoch), world.gm, onboard.burn.target
        )
        return np.asarray(left)

    def miss_and_slope(angles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        here = miss(angles)
        slopes = [(miss(angles + _TRIM_STEP * step) - here) / _TRIM_STEP for step in np.eye(2)]
        return here, np.stack(slopes, axis=1)

    first = np.array([float(programme.elevation), float(programme.azimuth)])
    found = aim(
        miss_and_slope, first, first - 0.2, first + 0.2, good_enough=_TRIMMED, turns=_TRIM_TURNS
    )
    return at(found.unknowns)


def fly(
    start: PointState,
    orders: AscentOrders,
    ascender: Ascender,
    world: World,
    payload: Scalar | None,
    programme: Programme,
    onboard: Onboard,
    *,
    track: bool = False,
) -> Flight:
    """Fly the planned ascent as a rigid body (`phases.launch.launch`), from the scenario."""
    software = orders.software
    return _launched(
        start,
        ascender,
        payload,
        orders.errors,
        onboard,
        world,
        orders.toss.ignition_delay,
        programme.ignition_delay,
        1 if software is None else software.substeps,
        track,
    )


@compiled
def _launched(
    start: PointState,
    ascender: Ascender,
    payload: Scalar | None,
    errors: Errors | None,
    onboard: Onboard,
    world: World,
    delay: Scalar,
    planned_delay: Scalar,
    substeps: int,
    track: bool,
) -> Flight:
    rocket = rocket_of(ascender, payload, errors)
    return launch(
        start, rocket, onboard, world, delay, planned_delay, substeps=substeps, track=track
    )

"""What a campaign orders of the ascent: where from, how tossed, how steered, which orbit, and when.

The plan (four numbers of steering) is solved once, by flying the nominal ascent again and again
with exact slopes; `fly` only flies it. The launch instant is a matter of where the site is under
the orbiter's plane: the whole ascent turns with the planet, so one flown ascent tells the node of
every other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.limits import Limit, at_least, at_most
from anabasis.campaign.orders import launch as launches
from anabasis.campaign.orders.surface import Season, open_after
from anabasis.guidance.steering import (
    FixedSteering,
    Programme,
    ScheduledSteering,
    SolvedSteering,
    TargetOrbit,
    aim,
    launch_azimuth,
    orbit_miss,
)
from anabasis.mechanics.arrays import Array, Scalar
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.kepler import apsis_radii
from anabasis.mechanics.state import PointState
from anabasis.mechanics.table import Table
from anabasis.outcome import Outcome
from anabasis.phases.ascent import apoapsis_time, ascend, reach, time_to_apoapsis
from anabasis.phases.launch import Errors, Onboard
from anabasis.units import date, part, quantity, variant, whole
from anabasis.vehicles.ascender import Ascender, stacked
from anabasis.worlds.local import enu, velocity_from_angles
from anabasis.worlds.world import World

_REACHED = 1.0
"""A programme counts as found when no part of the miss is greater [m]."""
_STEEPEST, _FLATTEST = np.radians(88.0), np.radians(1.0)
_OFF_HORIZONTAL = np.radians(60.0)
_LATEST = 3000.0
"""Bounds of the search: elevations [rad], second ignition [s]."""


class Site(eqx.Module):
    """Where the lander stands."""

    exactly: ClassVar[tuple[tuple[int, tuple[str, ...]], ...]] = (
        (1, ("altitude", "height", "radius")),
    )

    latitude: Scalar = quantity("deg", "planetocentric latitude", minimum=-90.0, maximum=90.0)
    longitude: Scalar = quantity("deg", "east longitude", minimum=-360.0, maximum=360.0)
    altitude: Scalar | None = quantity(
        "km", "above the ellipsoid", minimum=-20.0, maximum=100.0, optional=True
    )
    height: Scalar | None = quantity(
        "km", "above the areoid", minimum=-20.0, maximum=100.0, optional=True
    )
    radius: Scalar | None = quantity(
        "km", "from the planet's centre", above=0.0, maximum=1e5, optional=True
    )


class Toss(eqx.Module):
    """How the lander throws the rocket before it is lit."""

    speed: Scalar = quantity(
        "m_s",
        "speed of the release relative to the ground",
        minimum=0.0,
        maximum=100.0,
        default=5.0,
        source="recalled: about 5 m/s of toss, 4.5 m high",
        confidence="assumed",
    )
    elevation: Scalar = quantity(
        "deg",
        "direction of the release above the horizontal, towards the thrust azimuth",
        minimum=0.0,
        maximum=90.0,
        default=90.0,
        source="thrown upward before ignition (OI22)",
        confidence="assumed",
    )
    ignition_delay: Scalar = quantity(
        "s",
        "from the release to the first ignition",
        minimum=0.0,
        maximum=60.0,
        default=0.9,
        source="engineering default (docs/conventions.md): near the top of the toss",
        confidence="assumed",
    )


class Target(eqx.Module):
    """The orbit wanted: osculating altitudes above the planet's apsis radius."""

    apoapsis: Scalar = quantity("km", "apoapsis altitude", minimum=0.0, maximum=1e5)
    periapsis: Scalar = quantity("km", "periapsis altitude", minimum=0.0, maximum=1e5)
    inclination: Scalar = quantity("deg", "to the planet's equator", minimum=0.0, maximum=180.0)


class AscentLimits(eqx.Module):
    """What the rocket bears and the orbiter accepts: the limits of a search for the best ascent.

    Attributes:
        dynamic_pressure: greatest [Pa].
        angle_of_attack: greatest between thrust and the flow, where the air matters [rad].
        felt_from: dynamic pressure from which on it matters [Pa]; below, the product of the two
            is held instead: ``min(q, felt_from) alpha <= felt_from angle_of_attack``.
        acceleration: greatest, gravity left out [m/s^2].
        pressure_angle: greatest product of dynamic pressure and angle of attack, which the
            bending moment is proportional to [Pa rad].
        lowest, highest: altitudes between which a circular orbit is accepted [m].
        inclination_margin: by which its inclination may differ from the target's [rad].
    """

    dynamic_pressure: Scalar = quantity(
        "kPa",
        "greatest dynamic pressure",
        above=0.0,
        maximum=1e3,
        default=20.0,
        source="none is published; GAF's 15 g academic rocket flies through 18.3 kPa",
        confidence="assumed",
    )
    angle_of_attack: Scalar = quantity(
        "deg",
        "greatest angle between thrust and flow, where the air matters",
        above=0.0,
        maximum=180.0,
        default=4.0,
        source="GAF, its requirement MAV-LL-05",
        confidence="published",
    )
    felt_from: Scalar = quantity(
        "Pa",
        "dynamic pressure from which on the angle of attack is limited",
        above=0.0,
        maximum=1e6,
        default=100.0,
        source="engineering default (docs/conventions.md): a twentieth of the greatest",
        confidence="assumed",
    )
    acceleration: Scalar = quantity(
        "g",
        "greatest acceleration felt",
        above=0.0,
        maximum=1e3,
        default=15.0,
        source="GAF, its requirement MAV-LL-02",
        confidence="published",
    )
    pressure_angle: Scalar = quantity(
        "kPa_deg",
        "greatest product of dynamic pressure and angle of attack (bending)",
        above=0.0,
        maximum=1e5,
        default=16.0,
        source="engineering default (docs/conventions.md): 4 deg at 4 kPa, twice GAF's greatest",
        confidence="assumed",
    )
    lowest: Scalar = quantity(
        "km",
        "lowest circular orbit accepted",
        minimum=0.0,
        maximum=1e5,
        default=300.0,
        source="GAF, MAV-OSO-01/-03: 300 to 375 km",
        confidence="published",
    )
    highest: Scalar = quantity(
        "km",
        "highest circular orbit accepted",
        minimum=0.0,
        maximum=1e5,
        default=375.0,
        source="GAF, MAV-OSO-01/-03: 300 to 375 km",
        confidence="published",
    )
    inclination_margin: Scalar = quantity(
        "deg",
        "by how much the inclination may differ from the target's",
        minimum=0.0,
        maximum=90.0,
        default=1.0,
        source="engineering default (docs/conventions.md): within 1 deg of the target",
        confidence="assumed",
    )


class AscentOrders(eqx.Module):
    """The table ``[ascent]``.

    Attributes:
        epoch: of the first ignition, TDB seconds past J2000; None in a march that sets it itself.
        site: where from.
        toss: how released.
        steering: fixed, or solved for the target.
        target: the orbit wanted; needed where the steering is solved, and for the limits.
        limits: what a search for the best ascent keeps; None takes the defaults.
        degrees_of_freedom: 3 flies a point, 6 a rigid body with sensors and control; None is 3.
        software: of the flight computer, with six degrees of freedom.
        errors: what nobody planned, with six degrees of freedom.
    """

    site: Site = part("where the lander stands")
    toss: Toss = part("how the lander throws the rocket")
    steering: FixedSteering | SolvedSteering | ScheduledSteering = variant(
        "how the thrust is pointed"
    )
    target: Target | None = part("the orbit wanted", optional=True)
    epoch: Scalar | None = date("first ignition", optional=True)
    limits: AscentLimits | None = part("what an optimum keeps", optional=True)
    degrees_of_freedom: int | None = whole(
        "3 flies a point, 6 a rigid body with sensors and control",
        minimum=3,
        maximum=6,
        optional=True,
    )
    software: launches.Software | None = part("flight software of the rigid body", optional=True)
    errors: Errors | None = part("what nobody planned", optional=True)

    @property
    def rigid(self) -> bool:
        """Whether the rocket flies as a rigid body."""
        return self.degrees_of_freedom == 6

    def other_way(self) -> AscentOrders:
        """The same orders for the other launch of the sol."""
        assert isinstance(self.steering, SolvedSteering)
        other = dataclasses.replace(self.steering, heading=self.steering.opposite)
        return dataclasses.replace(self, steering=other)


class AscentPlan(eqx.Module):
    """The steering as solved once, and whether it reaches the target.

    Attributes:
        programme: what the rocket flies.
        reached: False where no programme reaches the target; this one comes closest.
        miss: what is left, as four lengths (`orbit_miss`) [m]; zeros where none was asked for.
        onboard: what the flight computer is loaded with; None for a rocket flown as a point.
    """

    programme: Programme
    reached: Array
    miss: Array
    onboard: Onboard | None = None


@compiled
def release(
    orders: AscentOrders,
    world: World,
    lift_off: Scalar,
    azimuth: Scalar,
    mass: Scalar,
    delay: Scalar | None = None,
) -> PointState:
    """The rocket as it leaves the lander, ``delay`` before lift-off.

    Args:
        orders: site and toss.
        world: the planet.
        lift_off: planned epoch of the first ignition [s].
        azimuth: of the toss, which goes the way of the thrust [rad].
        mass: of the rocket [kg].
        delay: planned, from the release to the ignition [s]; None takes the toss's own.
    """
    site, toss = orders.site, orders.toss
    epoch = lift_off - (toss.ignition_delay if delay is None else delay)
    radius = site.radius
    if radius is None:
        radius = world.radius_of(
            site.latitude, site.longitude, altitude=site.altitude, height=site.height
        )
    position = world.position_at(epoch, site.latitude, site.longitude, radius)
    thrown = velocity_from_angles(toss.speed, toss.elevation, azimuth, enu(world, epoch, position))
    velocity = world.inertial_from_planet(epoch, position, thrown)
    return PointState(epoch, position, velocity, mass, world.name)


_NO_STEERING = FixedSteering(np.zeros(()), np.zeros(()), "centred on apoapsis")


class _Setting(eqx.Module):
    """Everything a flight of the search needs but the programme."""

    orders: AscentOrders
    ascender: Ascender
    world: World
    lift_off: Scalar
    payload: Scalar | None
    bend: Table | None = None

    def programme(self, unknowns: Any) -> Programme:
        elevation, azimuth, ignition, second = unknowns
        schedule = None
        if self.bend is not None:
            schedule = Table(jnp.asarray(self.bend.argument), elevation + self.bend.value)
            elevation = elevation + self.bend.value[0]
        delay = self.orders.toss.ignition_delay
        return Programme(elevation, azimuth, ignition, second, delay, schedule)

    def start(self, programme: Programme) -> PointState:
        mass = stacked(self.ascender, self.payload).lift_off_mass
        return release(self.orders, self.world, self.lift_off, programme.azimuth, mass)

    def target(self) -> TargetOrbit:
        assert self.orders.target is not None
        base, target = self.world.apsis_radius, self.orders.target
        return TargetOrbit(base + target.apoapsis, base + target.periapsis, target.inclination)


def _misses(unknowns: Array, setting: _Setting) -> Array:
    """At the end of the ascent the miss of the orbit; at burnout that of the coast, and the top."""
    programme = setting.programme(unknowns)
    world, target = setting.world, setting.target()
    reached = reach(setting.start(programme), setting.ascender, programme, world, setting.payload)
    end, burnout = reached.end, reached.burnout
    final = orbit_miss(end.position, end.velocity, world.pole(end.epoch), world.gm, target)
    plane = orbit_miss(
        burnout.position, burnout.velocity, world.pole(burnout.epoch), world.gm, target
    )
    apoapsis, _ = apsis_radii(burnout.position, burnout.velocity, world.gm)
    top = burnout.epoch + time_to_apoapsis(burnout.position, burnout.velocity, world.gm)
    coast = jnp.stack([apoapsis - target.apoapsis, jnp.asarray(plane)[3]])
    return jnp.concatenate([final, coast, jnp.asarray(top - setting.lift_off)[None]])


@compiled
def _search(unknowns: Array, setting: _Setting) -> tuple[Array, Array]:
    def twice(x: Array) -> tuple[Array, Array]:
        values = _misses(x, setting)
        return values, values

    slopes, values = jax.jacfwd(twice, has_aux=True)(unknowns)
    return values, slopes


_top = compiled(apoapsis_time)


def plan(
    orders: AscentOrders,
    ascender: Ascender,
    world: World,
    payload: Scalar | None = None,
    lift_off: Scalar | None = None,
) -> AscentPlan:
    """The steering of the nominal ascent: as ordered, or solved for the target.

    Solved in two turns of `guidance.steering.aim`: first elevation and azimuth, so that the coast
    goes up to the target and in its plane; then all four unknowns, so that the second burn ends
    in it. The result does not depend on the epoch but for the slow motion of the pole.

    Args:
        orders: the table.
        ascender: the rocket.
        world: gravity, air, spin.
        payload: container and tubes [kg]; None takes the ascender's own.
        lift_off: epoch of the first ignition [s]; None takes the orders' own.

    Raises:
        BadInput: solved steering without a target, no epoch at all, a second ignition before the
            first stage is burnt out.
    """
    epoch = orders.epoch if lift_off is None else lift_off
    if epoch is None:
        raise BadInput("the ascent has no instant", key="ascent.epoch", hint="give one")
    setting = jax.tree.map(
        lambda x: np.asarray(x, dtype=float) if isinstance(x, float) else x,
        # the search flies a programme, not a steering: without it both headings share one program
        _Setting(
            dataclasses.replace(orders, steering=_NO_STEERING),
            ascender,
            world,
            np.asarray(epoch, dtype=float),
            payload,
            orders.steering.elevation_bend if isinstance(orders.steering, SolvedSteering) else None,
        ),
    )
    found = _planned(orders, setting)
    if not orders.rigid:
        return found
    programme, onboard = launches.trimmed(
        orders, ascender, world, payload, found.programme, np.asarray(epoch), setting.start
    )
    return dataclasses.replace(found, programme=programme, onboard=onboard)


def _planned(orders: AscentOrders, setting: _Setting) -> AscentPlan:
    steering = orders.steering
    if isinstance(steering, FixedSteering):
        return _as_ordered(steering, setting)
    if isinstance(steering, ScheduledSteering):
        return _as_scheduled(steering, setting)
    if orders.target is None:
        raise BadInput(
            "solved steering needs an orbit to reach",
            key="ascent.target",
            hint="give [ascent.target]",
        )
    return _solved(steering, setting)


def _as_ordered(steering: FixedSteering, setting: _Setting) -> AscentPlan:
    stack = stacked(setting.ascender, setting.payload)
    burnout, half = float(stack.stage_one.burn_time), 0.5 * float(stack.stage_two.burn_time)
    fixed = (np.asarray(steering.thrust_elevation), np.asarray(steering.thrust_azimuth))
    second = np.asarray(steering.second_elevation)
    if steering.second_ignition_time is not None:
        ignition = float(steering.second_ignition_time)
        _refute_early(ignition, burnout)
    else:
        blind = setting.programme((*fixed, np.asarray(burnout), second))
        top = _top(setting.start(blind), setting.ascender, blind, setting.world, setting.payload)
        # A top too soon after burnout to centre on: light at once.
        ignition = max(float(top) - half, burnout)
    programme = setting.programme((*fixed, np.asarray(ignition), second))
    return AscentPlan(programme, np.asarray(True), np.zeros(4))


def _as_scheduled(steering: ScheduledSteering, setting: _Setting) -> AscentPlan:
    burnout = float(stacked(setting.ascender, setting.payload).stage_one.burn_time)
    _refute_early(float(steering.second_ignition_time), burnout)
    held = setting.programme(
        (
            np.asarray(steering.thrust_elevation.value[0]),
            np.asarray(steering.thrust_azimuth),
            np.asarray(steering.second_ignition_time),
            np.asarray(steering.second_elevation),
        )
    )
    programme = dataclasses.replace(held, schedule=steering.thrust_elevation)
    return AscentPlan(programme, np.asarray(True), np.zeros(4))


def _refute_early(ignition: float, burnout: float) -> None:
    # a file written with a millionth of rounding is not early
    if ignition < burnout - 1e-6:
        raise BadInput(
            "the second stage is lit before the first is burnt out",
            key="ascent.steering.second_ignition_time_s",
            value=ignition,
            allowed=f"at least {burnout:g} s",
        )


def _solved(steering: SolvedSteering, setting: _Setting) -> AscentPlan:
    stack = stacked(setting.ascender, setting.payload)
    burnout, half = float(stack.stage_one.burn_time), 0.5 * float(stack.stage_two.burn_time)
    azimuth = _first_azimuth(steering, setting, float(stack.stage_one.exhaust_speed))
    lowest = np.array([_FLATTEST, azimuth - 1.0, burnout, -_OFF_HORIZONTAL])
    highest = np.array([_STEEPEST, azimuth + 1.0, burnout + _LATEST, _OFF_HORIZONTAL])
    guess = np.array([float(steering.first_elevation), azimuth, burnout + 400.0, 0.0])

    def coast(pair: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, slopes = _search(np.concatenate([pair, guess[2:]]), setting)
        return np.asarray(values)[4:6], np.asarray(slopes)[4:6, :2]

    def whole(unknowns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, slopes = _search(unknowns, setting)
        return np.asarray(values)[:4], np.asarray(slopes)[:4]

    first = aim(coast, guess[:2], lowest[:2], highest[:2], good_enough=100.0, turns=20)
    guess = np.concatenate([first.unknowns, guess[2:]])
    guess[2] = max(float(_search(guess, setting)[0][6]) - half, burnout)
    found = aim(whole, guess, lowest, highest)
    elevation, heading, ignition, second = (np.asarray(x) for x in found.unknowns)
    return AscentPlan(
        setting.programme((elevation, heading, ignition, second)),
        np.asarray(float(np.max(np.abs(found.miss))) <= _REACHED),
        found.miss,
    )


def _first_azimuth(steering: SolvedSteering, setting: _Setting, speed: float) -> float:
    """The thrust azimuth to begin with: the orbit's, less what the planet's spin gives."""
    orders, world = setting.orders, setting.world
    assert orders.target is not None
    latitude = orders.site.latitude
    inertial = float(launch_azimuth(latitude, orders.target.inclination, steering.heading))
    spun = float(world.spin) * float(world.equatorial_radius) * float(np.cos(latitude))
    east = speed * np.sin(inertial) - spun
    return float(np.arctan2(east, speed * np.cos(inertial)))


def fly(
    orders: AscentOrders,
    ascender: Ascender,
    world: World,
    payload: Scalar | None,
    plan: AscentPlan,
    lift_off: Scalar,
    *,
    track: bool = False,
) -> Flight:
    """Fly the planned ascent.

    Args:
        orders: site and toss.
        ascender: the rocket.
        world: gravity, air, spin.
        payload: container and tubes [kg]; None takes the ascender's own.
        plan: from `plan`, held.
        lift_off: planned epoch of the first ignition [s].
        track: keep every tick.

    Returns:
        The flight; lost with ``target_out_of_reach`` where the plan does not reach the target.
    """
    mass = stacked(ascender, payload).lift_off_mass
    programme = plan.programme
    # the lander lets go when the plan says so; how long the motor then takes is the truth's
    start = release(orders, world, lift_off, programme.azimuth, mass, programme.ignition_delay)
    if plan.onboard is not None:
        flight = launches.fly(
            start, orders, ascender, world, payload, programme, plan.onboard, track=track
        )
    else:
        lit = dataclasses.replace(programme, ignition_delay=orders.toss.ignition_delay)
        flight = ascend(start, ascender, lit, world, payload, track=track)
    outcome = Outcome.where(plan.reached, flight.outcome, Outcome.target_out_of_reach)
    return eqx.tree_at(lambda f: f.outcome, flight, outcome)


def limits(
    figures: Mapping[str, float], target_inclination_deg: float | None = None
) -> list[Limit]:
    """What an ascent must keep.

    Args:
        figures: the phase's figures in the units of their names.
        target_inclination_deg: None where the orders name no target.
    """
    window = "GAF, MAV-OSO-01/-03: both apsides within 300 to 375 km"
    found = [
        at_most(
            figures,
            "acceleration",
            "peak_acceleration_g",
            15.0,
            "g",
            "GAF, its requirement MAV-LL-02",
            "published",
        ),
        at_most(
            figures,
            "lift-off mass",
            "lift_off_mass_kg",
            450.0,
            "kg",
            "NG25: about 450 kg",
            "published",
        ),
        at_least(figures, "orbit high enough", "periapsis_km", 300.0, "km", window, "published"),
        at_most(figures, "orbit low enough", "apoapsis_km", 375.0, "km", window, "published"),
    ]
    if "peak_angle_of_attack_deg" in figures:
        found.append(
            at_most(
                figures,
                "angle of attack",
                "peak_angle_of_attack_deg",
                4.0,
                "deg",
                "GAF, its requirement MAV-LL-05",
                "published",
            )
        )
    if target_inclination_deg is not None:
        low, high = target_inclination_deg - 1.0, target_inclination_deg + 1.0
        why = "engineering default (docs/conventions.md): within 1 deg of the target"
        found += [
            at_least(figures, "inclination", "inclination_deg", low, "deg", why, "assumed"),
            at_most(figures, "inclination", "inclination_deg", high, "deg", why, "assumed"),
        ]
    return found


# ---------------------------------------------------------------- the launch instant


class OrbitPlane(eqx.Module):
    """The plane of an orbit, turning slowly under J2; angles in the planet's equator.

    Attributes:
        inclination: [rad].
        node: right ascension of the ascending node at ``epoch`` [rad].
        epoch: [s].
        node_rate: secular [rad/s].
    """

    inclination: Scalar
    node: Scalar
    epoch: Scalar
    node_rate: Scalar


class Launch(eqx.Module):
    """A launch instant, and what it costs to be late for it.

    Attributes:
        lift_off: epoch [s].
        which: index of the flown ascent (north-east, south-east) that it belongs to.
        plane_error_rate: angle between the planes for each second of delay [rad/s].
        delta_v_rate: what turning the plane back costs for each second of delay [m/s^2].
    """

    lift_off: Scalar
    which: Array
    plane_error_rate: Scalar
    delta_v_rate: Scalar


class Launches(eqx.Module):
    """The two launches of each sol as they were planned: what any case chooses its own from.

    Attributes:
        planes: of the nominal ascent each way, at its epoch.
        plans: of the steering each way.
        longitude: of the site they were planned from [rad].
        duration: of the nominal rendezvous, from lift-off to the meeting [s].
        speed: at which the plane would have to be turned [m/s].
        shut: the seasons without lift-off.
    """

    planes: tuple[OrbitPlane, ...]
    plans: tuple[AscentPlan, ...]
    longitude: Scalar
    duration: Scalar
    speed: Scalar
    shut: Season

    def choose(
        self, waiting: OrbitPlane, ready: Scalar, longitude: Scalar, spin: Scalar
    ) -> tuple[AscentPlan, Scalar]:
        """The steering and the instant of the first launch after readiness, of any case.

        Nothing is solved anew: an ascent from another longitude is the planned one turned with the
        planet, and its steering is one of those planned.

        Args:
            waiting: plane of the case's orbiter.
            ready: epoch at which the case's ascender and orbiter are ready [s].
            longitude: at which the case's lander stands [rad].
            spin: of the planet [rad/s].
        """
        earliest = open_after(ready, self.shut)
        turned = [
            OrbitPlane(p.inclination, p.node + (longitude - self.longitude), p.epoch, p.node_rate)
            for p in self.planes
        ]
        launch = next_launch(waiting, turned, earliest, spin, self.duration, self.speed)
        plan = jax.tree.map(lambda *x: jnp.stack(x)[launch.which], *self.plans)
        return plan, launch.lift_off


@compiled
def next_launch(
    orbiter: OrbitPlane,
    flown: Sequence[OrbitPlane],
    earliest: Scalar,
    spin: Scalar,
    rendezvous_duration: Scalar,
    orbital_speed: Scalar,
) -> Launch:
    """The next instant at which the site passes under the orbiter's plane.

    An ascent launched at ``t`` is the flown one turned with the planet, so its node is
    ``node + spin (t - epoch)``; from then on both nodes drift, and they shall meet when the
    rendezvous is done. Solved in closed form:

        node_c + spin (t - t_c) + rate_c T = node_o + rate_o (t + T - t_o)      (mod 2 pi)

    Args:
        orbiter: its plane.
        flown: one for each way to launch (two each sol: north-east where the plane rises over the
            site, south-east where it falls): the plane reached, at its ``epoch`` of lift-off.
        earliest: epoch before which nothing may lift off [s].
        spin: of the planet [rad/s].
        rendezvous_duration: from lift-off to the meeting, T [s].
        orbital_speed: at which the plane would have to be turned [m/s].

    Returns:
        The earliest `Launch`.

    Valid: winds and gravity fixed to the planet, a season that does not matter; inclinations
    that differ stay different, whatever the instant.
    """
    waits = jnp.stack(
        [
            jnp.mod(
                orbiter.node
                + orbiter.node_rate * (earliest + rendezvous_duration - orbiter.epoch)
                - plane.node
                - spin * (earliest - plane.epoch)
                - plane.node_rate * rendezvous_duration,
                2.0 * jnp.pi,
            )
            / (spin - orbiter.node_rate)
            for plane in flown
        ]
    )
    which = jnp.argmin(waits)
    tilts = jnp.stack([jnp.asarray(plane.inclination, dtype=float) for plane in flown])
    # For a small error the angle between two planes is sin i times the difference of nodes.
    error_rate = (spin - orbiter.node_rate) * jnp.sin(tilts[which])
    return Launch(earliest + waits[which], which, error_rate, orbital_speed * error_rate)


def plane_error(first: OrbitPlane, second: OrbitPlane, epoch: Scalar) -> Scalar:
    """The angle between two planes at an instant [rad].

        cos x = cos i1 cos i2 + sin i1 sin i2 cos(node2 - node1)

    written with half angles, so that small ones are exact.
    """
    apart = (
        second.node
        + second.node_rate * (epoch - second.epoch)
        - first.node
        - first.node_rate * (epoch - first.epoch)
    )
    square = (
        jnp.sin(0.5 * (first.inclination - second.inclination)) ** 2
        + jnp.sin(first.inclination) * jnp.sin(second.inclination) * jnp.sin(0.5 * apart) ** 2
    )
    return 2.0 * jnp.arcsin(jnp.sqrt(square + 1e-32))

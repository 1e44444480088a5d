"""What a campaign orders of a leg between the planets, and the plan that carries it out.

A leg is told by its two dates, by a window to search, or as given (dated, not flown). Its plan is
made once, from the nominal scenario: the arc, the aim in the B-plane, the departure velocity that
really gets there. Where the arrival is to end at a site, the aim is found with the flight that
follows: `plan` takes a function that says where an entry state comes down.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.limits import Limit, at_least, at_most
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.bplane import (
    Approach,
    approach_of,
    asymptote,
    b_magnitude,
    crossing_angle,
    crossing_state,
    plane_axes,
    time_from_crossing,
)
from anabasis.mechanics.escape import departure_plane
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.mechanics.table import Table
from anabasis.outcome import Outcome
from anabasis.phases.transfer import (
    MINIMISED,
    Ballistic,
    Bounds,
    Charge,
    Course,
    Way,
    best_departure,
    correct,
    cruise,
    dated,
    fly_course,
    solve_ballistic,
)
from anabasis.units import STANDARD_GRAVITY, choice, date, part, quantity, whole
from anabasis.vehicles.launcher import CURVES, Launcher
from anabasis.worlds.ephemeris import Ephemeris
from anabasis.worlds.local import axes_at, pole_at
from anabasis.worlds.sky import BODIES, Sky, sky_of
from anabasis.worlds.world import World

LandingPoint = Callable[[PointState], tuple[Scalar, Scalar]]
"""Where an entry that starts so comes down: planetocentric latitude and east longitude [rad]."""
Passing = Callable[[np.ndarray, float, float], PointState]
"""A state on the hyperbola on which an incoming velocity is to pass: (v_infinity, epoch of the
periapsis, mass) -> state."""

_INTERFACE = {"mars": 3522.2e3, "earth": 6503.14e3}
"""Radii at which flown entries count from: Mars 2020 and Stardust [m]."""
_BEFORE_CAPTURE = 20000e3
"""Where the cruise of an orbiter ends: an hour before its periapsis [m]."""
_SPHERE_OF_INFLUENCE = {"mars": 577.2e6, "earth": 924.6e6}
"""a (m / M)^(2/5): where a slow spiral has left its planet [m]."""
_ROUNDS = 12
"""Most corrections of the aim by the flight that follows; each gains a factor of 5 to 50."""
_ON_TARGET = 20.0
"""Miss of the site at which the aim is left alone [m]."""


class LegWindow(eqx.Module):
    """The interval that is searched for the best departure."""

    earliest: Scalar = date("earliest departure")
    latest: Scalar = date("latest departure")
    latest_arrival: Scalar = date("latest arrival")
    earliest_arrival: Scalar | None = date("earliest arrival", optional=True)
    minimise: str = choice("what the search minimises", MINIMISED, default="c3")
    largest_arrival_v_infinity: Scalar | None = quantity(
        "km_s", "largest speed on the arrival asymptote", above=0.0, maximum=20.0, optional=True
    )
    season_from: Scalar | None = quantity(
        "deg",
        "solar longitude of Mars from which arrivals are allowed",
        minimum=0.0,
        maximum=360.0,
        optional=True,
    )
    season_to: Scalar | None = quantity(
        "deg",
        "solar longitude of Mars up to which arrivals are allowed; may be less than season_from",
        minimum=0.0,
        maximum=360.0,
        optional=True,
    )


class GivenLeg(eqx.Module):
    """A leg that is dated, not flown: its arrival is told by its asymptote, J2000 axes."""

    arrival_v_infinity: Scalar = quantity(
        "km_s", "speed on the arrival asymptote", above=0.0, maximum=20.0
    )
    arrival_right_ascension: Scalar = quantity(
        "deg", "of the velocity on the arrival asymptote", minimum=-360.0, maximum=360.0
    )
    arrival_declination: Scalar = quantity(
        "deg", "of the velocity on the arrival asymptote", minimum=-90.0, maximum=90.0
    )
    c3: Scalar | None = quantity(
        "km2_s2", "of the departure", above=0.0, maximum=400.0, optional=True
    )
    departure_right_ascension: Scalar | None = quantity(
        "deg", "of the departure asymptote", minimum=-360.0, maximum=360.0, optional=True
    )
    departure_declination: Scalar | None = quantity(
        "deg", "of the departure asymptote", minimum=-90.0, maximum=90.0, optional=True
    )


class LegOrders(eqx.Module):
    """The tables ``[lander_outbound]``, ``[orbiter_outbound]`` and ``[homeward]``.

    Attributes:
        departure: with ``arrival``, the dates of the leg.
        arrival: at the interface.
        window: searched where no dates are given.
        given: the arrival of a leg that is not flown; needs both dates.
        launcher: that lifts this leg; "default" is the ``[launcher]`` table.
        revolutions: whole revolutions about the Sun on the way.
        parking_altitude: of the orbit that a launch leaves [m].
        parking_inclination: of that orbit [rad].
        interface_radius: where the cruise ends [m].
        flight_path_angle: inertial, at the interface; where an entry follows [rad].
        approach: which of the ways that lead to the site (or past the planet) is taken.
        release_lead: how long before the interface the return capsule is let go [s].
    """

    exactly: ClassVar[tuple[tuple[int, tuple[str, ...]], ...]] = ((1, ("departure", "window")),)

    departure: Scalar | None = date("start of the cruise", optional=True)
    arrival: Scalar | None = date("arrival at the interface", optional=True)
    window: LegWindow | None = part("interval searched for the best departure", optional=True)
    given: GivenLeg | None = part("arrival of a leg that is dated, not flown", optional=True)
    launcher: str = choice(
        "launch vehicle of this leg; default is that of [launcher]",
        ("default", *(name for name in CURVES)),
        default="default",
    )
    revolutions: int = whole(
        "whole revolutions about the Sun on the way",
        minimum=0,
        maximum=3,
        default=0,
        source="engineering default (docs/conventions.md): the usual transfer",
        confidence="assumed",
    )
    parking_altitude: Scalar = quantity(
        "km",
        "altitude of the parking orbit",
        minimum=120.0,
        maximum=50000.0,
        default=200.0,
        source="reference departures are from 200 km (S82)",
        confidence="published",
    )
    parking_inclination: Scalar = quantity(
        "deg",
        "inclination of the parking orbit",
        minimum=0.0,
        maximum=180.0,
        default=28.5,
        source="latitude of Cape Canaveral",
        confidence="assumed",
    )
    interface_radius: Scalar | None = quantity(
        "km", "radius at which the cruise ends", above=1000.0, maximum=1e6, optional=True
    )
    flight_path_angle: Scalar | None = quantity(
        "deg",
        "inertial flight-path angle at the interface, for an entry",
        minimum=-89.0,
        maximum=-1.0,
        optional=True,
    )
    approach: str = choice(
        "of the ways that lead to the site: with the planet's turn, against it, or to daylight",
        ("posigrade", "retrograde", "daylight"),
        default="posigrade",
    )
    release_lead: Scalar = quantity(
        "day",
        "how long before entry the return capsule is let go, homeward",
        minimum=0.0,
        maximum=30.0,
        default=3.0,
        source="released three days before entry (S60)",
        confidence="assumed",
    )


class LegPlan(eqx.Module):
    """A leg, solved: numbers for the flight, words for the reader.

    Attributes:
        arc: Lambert's arc.
        course: dates, aim and corrected departure.
        sky: what pulls.
        outcome: nominal, or why the leg cannot be flown as ordered.
        given: True for a leg that is dated, not flown.
        blind: True where a given leg does not say which way it leaves.
        leaves: planet.
        arrives: planet.
    """

    arc: Ballistic
    course: Course
    sky: Sky
    outcome: Outcome
    given: bool = eqx.field(static=True)
    blind: bool = eqx.field(static=True)
    leaves: str = eqx.field(static=True)
    arrives: str = eqx.field(static=True)

    @property
    def departure(self) -> float:
        """Epoch of the start [s]."""
        return float(self.course.departure)

    @property
    def arrival(self) -> float:
        """Epoch at the interface [s]."""
        return float(self.course.arrival)


@dataclasses.dataclass(frozen=True)
class Site:
    """Where an arrival is to end: planetocentric latitude and east longitude [rad]."""

    latitude: float
    longitude: float


def launcher_of(orders: LegOrders, default: Launcher | None) -> Launcher | None:
    """The launcher of a leg: its own where it names one, else the scenario's."""
    if orders.launcher == "default":
        return default
    if default is None:
        return Launcher(name=orders.launcher)
    return Launcher(name=orders.launcher, largest_declination=default.largest_declination)


def plan(
    orders: LegOrders,
    leaves: World,
    arrives: World,
    ephemeris: Ephemeris,
    *,
    name: str = "leg",
    launcher: Launcher | None = None,
    launch_mass: float | None = None,
    mass: float = 0.0,
    ready: float | None = None,
    capture_exhaust_speed: float = 320.0 * STANDARD_GRAVITY,
    site: Site | None = None,
    landing_point: LandingPoint | None = None,
    passing: Passing | None = None,
) -> LegPlan:
    """Solve a leg once, from the nominal scenario.

    Args:
        orders: the leg's table.
        leaves: planet that is left.
        arrives: planet that is met.
        ephemeris: where the planets are.
        name: of the leg's table, for errors.
        launcher: that lifts it, from Earth (see `launcher_of`).
        launch_mass: that it must lift [kg]; None asks for no mass.
        mass: of what arrives, handed to ``landing_point`` and ``passing`` [kg].
        ready: earliest departure from what went before [s].
        capture_exhaust_speed: for ``minimise = "mass"`` [m/s].
        site: where the arrival is to end; with ``landing_point``.
        landing_point: where an entry state comes down.
        passing: how an orbiter is to pass; without it and without a site the planet is passed
            with the least inclination.

    Returns:
        The plan. Where no window keeps the limits, or the site's latitude lies beyond the reach of
        the approach, its outcome says so; its numbers are then those of the nearest thing.

    Raises:
        BadInput: where the table holds neither dates nor a window, or dates in the wrong order.
        EpochOutOfRange: for dates outside the ephemeris.
    """
    _check(orders, name)
    _check_launcher(launcher)
    arc, found = _choose(
        orders, leaves, arrives, ephemeris, launcher, launch_mass, ready, capture_exhaust_speed
    )
    outcome = Outcome.nominal if found else Outcome.no_window
    sky = sky_of(ephemeris, (leaves, arrives), float(arc.arrival))
    course = _course(orders, arc, leaves, arrives, site is not None or passing is None, sky)
    given = orders.given is not None
    blind = orders.given is not None and (
        orders.given.departure_declination is None or orders.given.departure_right_ascension is None
    )
    aim = _Aim(orders, leaves, arrives, ephemeris, sky, mass, site, landing_point, passing, given)
    if not found:
        return LegPlan(arc, course, sky, outcome, given, blind, leaves.name, arrives.name)
    arc, course, reachable = aim.solve(arc, course)
    if not reachable:
        outcome = Outcome.latitude_out_of_reach
    return LegPlan(arc, course, sky, outcome, given, blind, leaves.name, arrives.name)


def fly(
    mass: Scalar,
    leg: LegPlan,
    *,
    departure_event: str,
    launcher: Launcher | None = None,
    exhaust_speed: Scalar | None = None,
    release_lead: Scalar | None = None,
    track: bool = False,
    way: Way | None = None,
) -> Flight:
    """Fly a leg as planned.

    Args:
        mass: at the start [kg].
        leg: the plan.
        departure_event: lander_launch, orbiter_launch or mars_departure.
        launcher: that lifts it; None where none does, and the mass figures are then absent.
        exhaust_speed: of the engines that give the departure v-infinity, where no launcher does
            [m/s].
        release_lead: how long before the interface the capsule is let go [s].
        track: whether the path is kept.
        way: the planned course where it has been flown already (`along`).

    Returns:
        The flight; the plan's own bad news comes first.
    """
    charge = Charge(
        None if launcher is None else launcher.table(),
        None if exhaust_speed is None else _number(exhaust_speed),
        None if release_lead is None else _number(release_lead),
    )
    mass = mass if not isinstance(mass, float) else np.asarray(mass)
    words: dict[str, Any] = {
        "leaves": leg.leaves,
        "arrives": leg.arrives,
        "departure_event": departure_event,
    }
    if leg.given:
        flight = dated(mass, charge, leg.course, leg.arc, leg.sky, **words)
        if leg.blind:
            unknown = dict.fromkeys(
                ("departure_declination", "departure_right_ascension"), np.asarray(np.nan)
            )
            flight = eqx.tree_at(lambda f: f.figures, flight, flight.figures | unknown)
    else:
        flight = cruise(mass, charge, leg.course, leg.arc, leg.sky, track=track, way=way, **words)
    outcome = Outcome.where(leg.outcome == Outcome.nominal, flight.outcome, leg.outcome)
    return eqx.tree_at(lambda f: f.outcome, flight, outcome)


def along(leg: LegPlan) -> Way | None:
    """The planned course, flown once for whatever flies along it; None for a leg not flown.

    A cruise of nine months answers to the last digits of its arithmetic with a decimetre at its
    end: flown once, it is the same for every case of an ensemble.
    """
    return None if leg.given else jax.device_get(fly_course(leg.course, leg.sky))


def _number(value: Scalar) -> Scalar:
    return value if isinstance(value, jax.Array) else np.asarray(value, float)


def limits(figures: Mapping[str, float], launcher: Launcher | None) -> list[Limit]:
    """What a leg must keep.

    Args:
        figures: the phase's figures, names and units of the walls.
        launcher: that lifts it; None where none does.
    """
    found: list[Limit] = []
    known = math.isfinite(figures.get("launch_margin_kg", math.nan))
    if launcher is not None and known:  # a leg that is given has no C3 to lift against
        curve = CURVES.get(launcher.name)
        source = "the user's own curve" if curve is None else curve.source
        confidence = "unsourced" if curve is None else curve.confidence
        found.append(
            at_least(
                figures, "launch mass within the launcher's capability", "launch_margin_kg",
                0.0, "kg", source, confidence,
            )
        )  # fmt: skip
        declination = round(math.degrees(float(launcher.largest_declination)), 9)
        steepest = {"departure_declination_deg": abs(figures["departure_declination_deg"])}
        if not math.isfinite(steepest["departure_declination_deg"]):
            return found
        found.append(
            at_most(
                steepest, "declination of the departure", "departure_declination_deg",
                declination, "deg", "latitude of Cape Canaveral; curves (S20)", "published",
            )
        )  # fmt: skip
    return found


# --- dates


def _check(orders: LegOrders, name: str) -> None:
    """Refuse what no search can repair."""
    dates = orders.departure is not None, orders.arrival is not None
    if any(dates) and not all(dates):
        missing = "arrival" if dates[0] else "departure"
        raise BadInput(
            f"a leg with one date needs the other: {missing} is missing",
            key=f"{name}.{missing}",
            hint="give both dates, or a window",
        )
    if not all(dates) and orders.window is None:
        raise BadInput(
            "the leg has neither dates nor a window",
            key=name,
            hint="give departure and arrival, or [...window]",
        )
    if all(dates) and orders.window is not None:
        raise BadInput(
            "the leg has both dates and a window",
            key=f"{name}.window",
            hint="give departure and arrival, or a window, not both",
        )
    if orders.given is not None and not all(dates):
        raise BadInput(
            "a leg that is given needs its dates",
            key=f"{name}.departure",
            hint="give departure and arrival",
        )
    if all(dates) and float(orders.arrival or 0.0) <= float(orders.departure or 0.0):
        raise BadInput(
            "the arrival does not lie after the departure",
            key=f"{name}.arrival",
            hint="swap the dates",
        )


def _check_launcher(launcher: Launcher | None) -> None:
    """A curve of one's own, or a published one: never both, never neither."""
    if launcher is None or (launcher.name == "own") == (launcher.capability is not None):
        return
    if launcher.capability is None:
        raise BadInput(
            'name = "own" needs its own curve',
            key="launcher.capability_kg",
            hint="give { c3_km2_s2 = [..], value = [..] }, or name a launcher",
        )
    raise BadInput(
        f"{launcher.name} has a published curve",
        key="launcher.capability_kg",
        hint='leave the curve out, or set name = "own"',
    )


def _choose(
    orders: LegOrders,
    leaves: World,
    arrives: World,
    ephemeris: Ephemeris,
    launcher: Launcher | None,
    launch_mass: float | None,
    ready: float | None,
    exhaust_speed: float,
) -> tuple[Ballistic, bool]:
    """The arc of a leg: from its dates, from its given asymptote, or searched."""
    homeward = np.asarray(leaves.name == "mars")
    if orders.window is None:
        departure, arrival = np.float64(orders.departure), np.float64(orders.arrival)
        for epoch in (departure, arrival):
            ephemeris.check_span(float(epoch))
        if orders.given is not None:
            return _given(orders.given, departure, arrival), True
        arc = solve_ballistic(
            departure, arrival, homeward, ephemeris, revolutions=orders.revolutions
        )
        late = ready is not None and float(departure) < ready
        return arc, bool(arc.exists) and not late
    window = orders.window
    earliest = max(float(window.earliest), -math.inf if ready is None else ready)
    for epoch in (earliest, float(window.latest), float(window.latest_arrival)):
        ephemeris.check_span(epoch)
    mars = arrives if arrives.name == "mars" else leaves
    bounds = Bounds(
        earliest=np.float64(earliest),
        latest=np.float64(max(float(window.latest), earliest)),
        earliest_arrival=np.float64(
            earliest if window.earliest_arrival is None else window.earliest_arrival
        ),
        latest_arrival=np.float64(window.latest_arrival),
        minimise=np.asarray(MINIMISED.index(window.minimise)),
        launch_mass=np.float64(0.0 if launch_mass is None or launcher is None else launch_mass),
        capability=_lifts_anything() if launcher is None else launcher.table(),
        declination=np.float64(math.pi if launcher is None else launcher.largest_declination),
        arrival_v_infinity=np.float64(
            1e9 if window.largest_arrival_v_infinity is None else window.largest_arrival_v_infinity
        ),
        season_start=np.float64(window.season_from or 0.0),
        season_span=np.float64(_season_span(window)),
        exhaust_speed=np.float64(exhaust_speed),
        capture_radius=np.float64(float(arrives.apsis_radius) + 400e3),
        capture_gm=np.float64(arrives.gm),
    )
    pole = np.asarray(pole_at(mars, np.float64(window.latest)))
    best = best_departure(bounds, homeward, pole, ephemeris, revolutions=orders.revolutions)
    return best.arc, bool(best.found) and earliest <= float(window.latest)


def _season_span(window: LegWindow) -> float:
    """How far the allowed season reaches, from its start [rad]; the whole year where none is."""
    if window.season_from is None and window.season_to is None:
        return 7.0
    start = float(window.season_from or 0.0)
    end = float(2.0 * math.pi if window.season_to is None else window.season_to)
    return (end - start) % (2.0 * math.pi) or 7.0


def _lifts_anything() -> Table:
    """The curve of no launcher: any mass at any C3, in the shape of the others."""
    return Table(np.linspace(-1e30, 1e30, 257), np.full(257, 1e9))


def _given(given: GivenLeg, departure: np.float64, arrival: np.float64) -> Ballistic:
    speed = 0.0 if given.c3 is None else math.sqrt(float(given.c3))
    ascension, declination = given.departure_right_ascension, given.departure_declination
    leaves = asymptote(
        np.float64(0.0 if ascension is None else ascension),
        np.float64(0.0 if declination is None else declination),
        np.float64(speed),
    )
    arrives = asymptote(
        np.float64(given.arrival_right_ascension),
        np.float64(given.arrival_declination),
        np.float64(given.arrival_v_infinity),
    )
    return Ballistic(
        np.asarray(departure), np.asarray(arrival), np.asarray(leaves), np.asarray(arrives),
        np.asarray(True),
    )  # fmt: skip


# --- the aim


def _course(
    orders: LegOrders,
    arc: Ballistic,
    leaves: World,
    arrives: World,
    enters: bool,
    sky: Sky,
) -> Course:
    """A course along an arc, not yet aimed."""
    launched = leaves.name == "earth"
    if launched:
        radius = float(leaves.equatorial_radius) + float(orders.parking_altitude)
        lag = 0.0
    else:
        # A spiral ends where the planet has let go; by then the asymptote has been followed for
        # a while, so that the date of departure is that of the planet's own place.
        radius = _SPHERE_OF_INFLUENCE[leaves.name]
        lag = radius / math.sqrt(float(arc.c3) + 2.0 * float(leaves.gm) / radius)
    default = _INTERFACE[arrives.name] if enters else _BEFORE_CAPTURE
    interface = default if orders.interface_radius is None else float(orders.interface_radius)
    v_infinity = np.asarray(arc.departure_v_infinity)
    return Course(
        departure=np.float64(float(arc.departure) + lag),
        arrival=np.float64(arc.arrival),
        departure_v_infinity=v_infinity,
        plane=np.asarray(departure_plane(v_infinity, np.float64(orders.parking_inclination))),
        start_radius=np.float64(radius),
        from_periapsis=np.asarray(launched),
        centres=np.array([BODIES.index(leaves.name), 0, BODIES.index(arrives.name)]),
        gm=np.array([float(leaves.gm), float(arrives.gm)]),
        pole=np.asarray(sky.poles[BODIES.index(arrives.name)]),
        b_t=np.float64(0.0),
        b_r=np.float64(0.0),
        periapsis_epoch=np.float64(arc.arrival),
        interface_radius=np.float64(interface),
    )


@dataclasses.dataclass(frozen=True)
class _Aim:
    """Finds the B-plane vector and the hour of an arrival, flying it as often as it takes."""

    orders: LegOrders
    leaves: World
    arrives: World
    ephemeris: Ephemeris
    sky: Sky
    mass: float
    site: Site | None
    landing_point: LandingPoint | None
    passing: Passing | None
    given: bool

    def solve(self, arc: Ballistic, course: Course) -> tuple[Ballistic, Course, bool]:
        """The arc, the course and whether the site's latitude is within reach."""
        v_infinity = np.asarray(arc.arrival_v_infinity)
        if self.landing_point is None or self.site is None:
            # The pull of the planets changes the asymptote a little: twice.
            for _ in range(2):
                course = self._point(course, v_infinity, 0.0)
                course, v_infinity, _ = self._arrive(course, v_infinity, flown=not self.given)
            return arc, course, True
        theta, reachable, promised = 0.0, True, float(course.arrival)
        # First on the conic alone, which costs one entry a round; then on the cruise.
        for rounds, flown in ((3, False), (_ROUNDS, not self.given)):
            for _ in range(rounds):
                course = self._point(course, v_infinity, theta)
                course, v_infinity, state = self._arrive(course, v_infinity, flown=flown)
                theta, later, miss, reachable = self._towards_site(state, v_infinity, theta)
                if miss < _ON_TARGET:
                    break
                arrival = float(course.arrival) + later
                turn = 2.0 * math.pi / float(self.arrives.spin)
                arrival = promised + (arrival - promised + 0.5 * turn) % turn - 0.5 * turn
                course = eqx.tree_at(lambda c: c.arrival, course, np.float64(arrival))
            if not self.given:
                arc = self._again(arc, course)
                if not flown:
                    v_infinity = np.asarray(arc.arrival_v_infinity)
                    course = eqx.tree_at(
                        lambda c: c.departure_v_infinity,
                        course,
                        np.asarray(arc.departure_v_infinity),
                    )
        if self.given:
            arc = eqx.tree_at(lambda a: a.arrival, arc, course.arrival)
        return arc, course, reachable

    def _again(self, arc: Ballistic, course: Course) -> Ballistic:
        """Lambert's arc for the hour that the site asks for."""
        homeward = np.asarray(self.leaves.name == "mars")
        return solve_ballistic(
            np.float64(arc.departure),
            np.float64(course.arrival),
            homeward,
            self.ephemeris,
            revolutions=self.orders.revolutions,
        )

    def _point(self, course: Course, v_infinity: np.ndarray, theta: float) -> Course:
        """The course with its aim set for an asymptote, a B-plane angle and its hour."""
        gm, radius = float(course.gm[1]), float(course.interface_radius)
        if self.passing is not None:
            state = self.passing(v_infinity, float(course.arrival), self.mass)
            found = approach_of(
                np.asarray(state.position), np.asarray(state.velocity), gm, course.pole
            )
            b_t, b_r = float(found.b_t), float(found.b_r)
        else:
            speed = float(np.linalg.norm(v_infinity))
            if self.orders.flight_path_angle is None:
                periapsis = float(self.arrives.apsis_radius) + 100e3
                angle = crossing_angle(speed, gm, radius, min(periapsis, 0.999 * radius))
            else:
                angle = self.orders.flight_path_angle
            size = float(b_magnitude(speed, gm, radius, angle))
            b_t, b_r = size * math.cos(theta), size * math.sin(theta)
        approach = Approach(v_infinity, np.float64(b_t), np.float64(b_r), np.float64(0.0))
        lead = float(time_from_crossing(approach, gm, radius))
        return eqx.tree_at(
            lambda c: (c.b_t, c.b_r, c.periapsis_epoch),
            course,
            (np.float64(b_t), np.float64(b_r), np.float64(float(course.arrival) + lead)),
        )

    def _arrive(
        self, course: Course, v_infinity: np.ndarray, *, flown: bool
    ) -> tuple[Course, np.ndarray, PointState]:
        """The course, the asymptote and the state at the interface.

        On the conic alone they are those of the aim; flown, the course is corrected first and the
        others are what the cruise really comes in with.
        """
        epoch = float(course.arrival)
        if flown:
            course, seen = correct(course, self.sky)
            v_infinity = np.asarray(seen.approach.v_infinity)
            position, velocity = seen.end.position, seen.end.velocity
            epoch = float(course.departure) + float(seen.end.elapsed)
        else:
            position, velocity = crossing_state(
                v_infinity, course.b_t, course.b_r, course.gm[1], course.pole,
                course.interface_radius,
            )  # fmt: skip
        state = PointState(
            np.float64(epoch),
            np.asarray(position),
            np.asarray(velocity),
            np.float64(self.mass),
            self.arrives.name,
        )
        return course, v_infinity, state

    def _towards_site(
        self, state: PointState, v_infinity: np.ndarray, theta: float
    ) -> tuple[float, float, float, bool]:
        """A better B-plane angle, how much later to arrive, the present miss, and reach.

        All places that an entry can end at lie on a circle about the point that the asymptote
        comes from: alpha off it, theta about it,

            sin(latitude) = -cos(alpha) sin(delta) - sin(alpha) cos(delta) sin(theta)

        with delta the declination of the asymptote above the planet's equator. The flight that
        follows says what alpha and theta really are; the site says what they should be.
        """
        assert self.site is not None
        assert self.landing_point is not None
        latitude, longitude = (float(x) for x in self.landing_point(state))
        axes = np.asarray(axes_at(self.arrives, state.epoch))
        s, t, r = np.asarray(plane_axes(v_infinity, axes[2]))
        landed = _direction(latitude, longitude) @ axes
        wanted = _direction(self.site.latitude, self.site.longitude) @ axes
        miss = float(self.arrives.equatorial_radius) * math.acos(min(1.0, float(landed @ wanted)))
        alpha = math.acos(max(-1.0, min(1.0, float(-landed @ s))))
        flown = math.atan2(float(landed @ r), float(landed @ t))
        sin_d = float(s @ axes[2])
        cos_d = math.sqrt(1.0 - sin_d**2)
        sine = -(math.sin(self.site.latitude) + math.cos(alpha) * sin_d) / (math.sin(alpha) * cos_d)
        reachable = abs(sine) <= 1.0
        with_turn = math.asin(max(-1.0, min(1.0, sine)))
        ways = (with_turn, math.pi - with_turn)

        def place(angle: float) -> np.ndarray:
            b = math.cos(angle) * t + math.sin(angle) * r
            return -math.cos(alpha) * s + math.sin(alpha) * b

        if self.orders.approach == "daylight":
            sun, _ = self.ephemeris.state("sun", float(state.epoch), self.arrives.name)
            way = max(ways, key=lambda angle: float(place(angle) @ np.asarray(sun)))
        else:
            way = ways[0 if self.orders.approach == "posigrade" else 1]
        meant = axes @ place(way)
        ahead = math.atan2(meant[1], meant[0]) - self.site.longitude
        ahead = (ahead + math.pi) % (2.0 * math.pi) - math.pi
        change = (way - flown + math.pi) % (2.0 * math.pi) - math.pi
        return theta + change, ahead / float(self.arrives.spin), miss, reachable


def _direction(latitude: float, longitude: float) -> np.ndarray:
    level = math.cos(latitude)
    return np.array([level * math.cos(longitude), level * math.sin(longitude), math.sin(latitude)])

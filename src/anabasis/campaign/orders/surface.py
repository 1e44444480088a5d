"""Orders for the surface: where the rover waits, which tubes go, when the season is shut."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.custody import Bounds
from anabasis.campaign.inventory import Going, Manifest, draw_up, sample_mass
from anabasis.campaign.limits import Limit, at_least
from anabasis.campaign.waiting import weather
from anabasis.guidance.route import (
    KnownGround,
    Route,
    ground_distance,
    known_ground,
    plan_route,
    stop_short,
    straight_route,
)
from anabasis.mechanics.arrays import Array, Scalar, Series
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.mechanics.table import Table
from anabasis.outcome import Outcome, first_loss
from anabasis.phases import surface
from anabasis.units import SOL, choice, date, flag, part, quantity, text, variant, whole
from anabasis.vehicles import habits
from anabasis.vehicles.arm import Arm, Work, work
from anabasis.vehicles.container import Container
from anabasis.vehicles.igloo import Igloo
from anabasis.vehicles.rover import FetchRover, Helicopters, Rover
from anabasis.vehicles.rover_energy import RoverEnergy
from anabasis.vehicles.traverse import SPHERE, odometer_at, traverse
from anabasis.vehicles.tube import DEPOT_LATITUDE_DEG, DEPOT_LONGITUDE_DEG
from anabasis.worlds import calendar
from anabasis.worlds.ephemeris import load_ephemeris
from anabasis.worlds.world import World

_DEFAULT = "engineering default (docs/conventions.md)"
_SEASON = "usual definition of the season of dust (S94)"
SEASON_BEFORE, SEASON_AFTER = 400, 800
"""Sols before and after the plan over which solar longitude is tabulated: more than a season and
more than a year, so that the closing before and after any readiness is inside."""
TOO_WARM = 303.15
"""The requirement on the tubes [K]: below 30 C (NASA20)."""


class SurfaceStart(eqx.Module):
    """A surface phase alone: where the lander stands, and since when.

    Attributes:
        epoch: of touchdown.
        latitude, longitude: of the lander [rad].
        height: of the ground above the areoid [m].
        mass: of the lander with the ascender aboard [kg].
    """

    epoch: Scalar = date("touchdown of the lander")
    latitude: Scalar = quantity(
        "deg", "planetocentric latitude of the lander", minimum=-90.0, maximum=90.0
    )
    longitude: Scalar = quantity(
        "deg", "east longitude of the lander", minimum=-180.0, maximum=360.0
    )
    height: Scalar = quantity(
        "km",
        "height of the ground there above the areoid",
        minimum=-9.0,
        maximum=22.0,
        default=-2.545,
        source="mean of the ten fixes at Three Forks (NOTEBOOK, MMGIS)",
        confidence="derived",
    )
    mass: Scalar = quantity(
        "kg",
        "the lander with the ascender aboard",
        above=0.0,
        maximum=20000.0,
        default=3375.0,
        source=f"{_DEFAULT}: the lander of 2022, recalled",
        confidence="assumed",
    )


class OwnGround(eqx.Module):
    """The table ``[surface.ground]``: places that the rover knows, in the order it came to them.

    ``surface.path`` fills it from a file (`campaign.own_path`); it replaces the shipped record.

    Attributes:
        latitude, longitude: planetocentric [rad], shape (n,).
        elevation: above the areoid [m], shape (n,).
    """

    latitude: Series = quantity(
        "deg", "planetocentric latitudes of the path", minimum=-90.0, maximum=90.0, many=True
    )
    longitude: Series = quantity(
        "deg", "east longitudes of the path", minimum=-180.0, maximum=360.0, many=True
    )
    elevation: Series = quantity(
        "m", "heights of the path above the areoid", minimum=-9000.0, maximum=22000.0, many=True
    )


class SurfaceOrders(eqx.Module):
    """The ``[surface]`` table.

    Attributes:
        turn_back: when the rover turns back; absent: when the lander leaves Earth.
        route: over known ground, or straight.
        path: a file with the ground that the rover knows, read into ``ground`` with the scenario.
        ground: that ground; absent: the shipped record of Perseverance.
        stand_off: how far from the target the rover waits [m].
        tubes_per_sol: pace of the lander's arm.
        check_out: from the last tube to readiness [s, whole sols].
        conjunction_angle: no commands while Mars is nearer to the Sun in Earth's sky [rad].
        closed_from, closed_to: no lift-off between these solar longitudes [rad].
        drive: as learnt from the record, or ``rover.drive_per_sol`` on every working sol.
        dice: names all that chance does on the surface; 0: nothing but what is expected.
        fault_chance, fault_least, fault_most: stops of the rover beyond those of its habits.
        cache: which tubes go: those aboard the rover, those at the depot, or both.
        tubes: all that can, in the order of priority, or the best set (docs/tubes.md).
        close_open_tubes, later_tubes, fetch: which tubes go besides those aboard and sealed.
        arm: that loads; igloo: that keeps the waiting rocket warm.
        ground_bound, container_bound, capsule_bound: how warm the tubes are at most [K].
        sols_allowed: sols from the turn back until the march is given up.
        start: where the lander stands, for a surface phase alone.
    """

    turn_back: Scalar | None = date("when the rover turns back", optional=True)
    route: str = choice(
        "over ground it has driven or seen close by, or straight over assumed ground",
        ("known ground", "straight"),
        default="known ground",
    )
    path: str | None = text("file of a traverse whose ground the rover knows", optional=True)
    ground: OwnGround | None = part("the ground that the rover knows", optional=True)
    stand_off: Scalar = quantity(
        "km",
        "distance from the target at which the rover waits",
        minimum=0.0,
        maximum=10.0,
        default=0.7,
        source=f"{_DEFAULT}: no published figure; 0.05 to 2 km is plausible",
        confidence="assumed",
    )
    tubes_per_sol: Scalar = quantity(
        "",
        "tubes that the arm loads in a sol",
        minimum=0.5,
        maximum=3.0,
        default=1.0,
        source=f"{_DEFAULT}: no published figure; 0.5 to 3 is plausible",
        confidence="assumed",
    )
    check_out: Scalar = quantity(
        "sol",
        "check-out of the ascender after the last tube",
        minimum=0.0,
        maximum=200.0,
        default=14.0,
        source=f"{_DEFAULT}: no published figure",
        confidence="assumed",
    )
    conjunction_angle: Scalar = quantity(
        "deg",
        "no commands while Mars is nearer to the Sun than this, seen from Earth",
        minimum=0.0,
        maximum=20.0,
        default=3.0,
        source="usual definition of a conjunction's silence, Sun within 3 deg (S87)",
        confidence="published",
    )
    closed_from: Scalar = quantity(
        "deg",
        "solar longitude at which the season of dust begins",
        minimum=0.0,
        maximum=360.0,
        default=180.0,
        source=_SEASON,
        confidence="published",
    )
    closed_to: Scalar = quantity(
        "deg",
        "solar longitude at which the season of dust ends",
        minimum=0.0,
        maximum=360.0,
        default=330.0,
        source=_SEASON,
        confidence="published",
    )
    drive: str = choice(
        "how the rover drives: as learnt from its record, or the same path on every working sol",
        ("learnt", "steady"),
        default="learnt",
    )
    dice: Scalar = quantity(
        "",
        "whole number that names all that chance does on the surface; 0: what is expected",
        minimum=0.0,
        maximum=2.0**53,
        default=0.0,
        source="convention: 0 is the undisturbed march",
        confidence="derived",
    )
    fault_chance: Scalar = quantity(
        "",
        "chance that a long stop of the rover begins on a sol under way",
        minimum=0.0,
        maximum=1.0,
        default=0.0025,
        source="four stops of 27 to 42 sols in 1,603 outside conjunctions (MMGIS); not all of "
        "them were faults: an upper bound",
        confidence="derived",
    )
    fault_least: Scalar = quantity(
        "sol",
        "shortest such stop",
        minimum=1.0,
        maximum=1000.0,
        default=20.0,
        source="longest stops without motion: 27 to 42 sols (MMGIS)",
        confidence="assumed",
    )
    fault_most: Scalar = quantity(
        "sol",
        "longest such stop",
        minimum=1.0,
        maximum=1000.0,
        default=40.0,
        source="longest stops without motion: 27 to 42 sols (MMGIS)",
        confidence="assumed",
    )
    cache: str = choice(
        "which tubes go: those aboard the rover, those at the depot, or both as far as a fetcher "
        "is named",
        ("both", "onboard", "depot"),
        default="both",
    )
    tubes: str = choice(
        "all tubes that can go, in their order, or the best set by the weights of [cache]",
        ("in order", "best set"),
        default="in order",
    )
    close_open_tubes: bool = flag("the rover closes its two open tubes", default=False)
    later_tubes: int = whole(
        "empty tubes taken to be filled after the last known sol",
        minimum=0,
        maximum=8,
        default=0,
        source=f"{_DEFAULT}: what is not filled is not counted on",
        confidence="assumed",
    )
    fetch: Helicopters | FetchRover | None = variant(
        "what brings the tubes of the depot", optional=True
    )
    arm: Arm | None = part("the arm that loads", optional=True)
    igloo: Igloo | None = part("what keeps the waiting rocket warm", optional=True)
    ground_bound: Scalar = quantity(
        "K",
        "bound on the temperature of tubes on the ground",
        minimum=100.0,
        maximum=400.0,
        default=293.0,
        source=f"{_DEFAULT}: a bound, not a model",
        confidence="assumed",
    )
    container_bound: Scalar = quantity(
        "K",
        "bound on the temperature of tubes in the container",
        minimum=100.0,
        maximum=400.0,
        default=303.0,
        source=f"{_DEFAULT}: a bound: the requirement is 30 C (NASA20)",
        confidence="assumed",
    )
    capsule_bound: Scalar = quantity(
        "K",
        "bound on the temperature of tubes in the return capsule",
        minimum=100.0,
        maximum=400.0,
        default=303.0,
        source=f"{_DEFAULT}: a bound: the requirement is 30 C (NASA20)",
        confidence="assumed",
    )
    sols_allowed: int = whole(
        "sols from the turn back until the march is given up",
        minimum=1,
        maximum=4000,
        default=1200,
        source=f"{_DEFAULT}: longer than any lander's cruise and a season after it",
        confidence="assumed",
    )
    start: SurfaceStart | None = part("where the lander stands", optional=True)


@dataclasses.dataclass(frozen=True)
class Errand:
    """All that was settled once, from the nominal scenario, for the surface."""

    plan: surface.SurfacePlan
    cargo: surface.Tubes
    manifest: Manifest
    route: Route


def known_by_the_rover(own: OwnGround | None = None) -> KnownGround:
    """The ground that Perseverance has driven, with its heights, or the scenario's own."""
    if own is not None:
        places = (np.asarray(own.latitude), np.asarray(own.longitude), np.asarray(own.elevation))
        return known_ground(*places, SPHERE)
    fixes = traverse()
    return known_ground(
        np.radians([fix.latitude_deg for fix in fixes]),
        np.radians([fix.longitude_deg for fix in fixes]),
        np.array([np.nan if fix.elevation is None else fix.elevation for fix in fixes]),
        SPHERE,
    )


def manifest_of(
    orders: SurfaceOrders, container: Container, chosen: frozenset[str] | None = None
) -> Manifest:
    """Which tubes go and which stay, as the ``[surface]`` table has it.

    Args:
        orders: the ``[surface]`` table.
        container: how many places it has and what an empty tube weighs.
        chosen: ids of the best set, where the table asks for it.
    """
    liftable = math.inf
    if isinstance(orders.fetch, Helicopters):
        liftable = float(orders.fetch.payload)
    return draw_up(
        close_open_tubes=orders.close_open_tubes,
        later_tubes=orders.later_tubes,
        fetch=orders.fetch is not None and orders.cache != "onboard",
        slots=container.slot_count,
        rover_delivers=orders.cache != "depot",
        liftable=liftable,
        tube_mass=float(container.tube_mass),
        chosen=chosen,
    )


HABITS_DRAWN = 64
"""Habits drawn from what the record leaves uncertain; a case takes one of them."""


def transit_of(first_sol: int, sols: int) -> surface.Transit:
    """How the rover makes way on the sols of a plan: the transit mode of its habits.

    Args:
        first_sol: mission sol of the first.
        sols: how many.
    """
    learnt = habits.shipped()
    drawn = habits.draw(learnt, HABITS_DRAWN, 0)
    energy = RoverEnergy()
    index = first_sol + np.arange(sols)
    expected = habits.expected_drive(learnt, -1)
    return surface.Transit(
        moves=drawn.moves[:, -1],
        centre=drawn.centre[:, -1],
        spread=drawn.spread[:, -1],
        longest=np.asarray(habits.LONGEST),
        expected=np.asarray(expected),
        spare=energy.yielded(index) - energy.hotel * SOL,
        battery=np.asarray(energy.battery),
        per_metre=np.asarray(energy.per_metre),
    )


def plan(
    orders: SurfaceOrders,
    rover: Rover,
    container: Container,
    *,
    turn_back: float,
    latitude: float,
    longitude: float,
    chosen: frozenset[str] | None = None,
) -> Errand:
    """Settle the surface: the route back, the working sols, the season, the tubes.

    Args:
        orders: the ``[surface]`` table.
        rover: where it was last seen; it is taken to be there still at the turn back.
        container: how many places it has and what an empty tube weighs.
        turn_back: TDB epoch at which the lander leaves Earth [s]; ``orders.turn_back`` overrules.
        latitude, longitude: where the lander is aimed [rad].
        chosen: ids of the best set, where the table asks for it.
    """
    leave = float(orders.turn_back if orders.turn_back is not None else turn_back)
    first_sol = math.floor(calendar.sol_of_epoch(leave))
    midnight = float(calendar.epoch_of_sol(float(first_sol), lmst_h=0.0))
    here = (float(rover.latitude), float(rover.longitude))
    goal = (float(latitude), float(longitude))

    ground = known_by_the_rover(orders.ground)
    whole_route = (
        plan_route(ground, here, goal)
        if orders.route == "known ground"
        else straight_route(ground, here, goal)
    )
    route = stop_short(whole_route, float(orders.stand_off), ground.radius)

    manifest = manifest_of(orders, container, chosen)
    empty = float(container.tube_mass)
    cargo = surface.Tubes(
        aboard=np.array([empty + sample_mass(going.tube) for going in manifest.rover_row], float),
        fetched=np.array([empty + sample_mass(going.tube) for going in manifest.depot_row], float),
        filled=np.asarray(float(manifest.filled_count)),
        aboard_places=np.asarray(float(len(manifest.aboard))),
        fetched_places=np.asarray(float(len(manifest.fetched))),
        aboard_sort=_sorts(manifest.rover_row),
        fetched_sort=_sorts(manifest.depot_row),
    )
    sols = orders.sols_allowed
    longitudes = season(midnight, sols)
    along = np.interp(np.arange(sols) * SOL, longitudes.argument, longitudes.value)
    above = weather(goal[0], along)
    settled = surface.SurfacePlan(
        midnight=np.asarray(midnight),
        first_sol=np.asarray(float(first_sol)),
        commanding=commanding(midnight, orders.sols_allowed, float(orders.conjunction_angle)),
        season=longitudes,
        closed_from=np.asarray(orders.closed_from),
        closed_to=np.asarray(orders.closed_to),
        way=np.asarray(route.length),
        start_distance=np.asarray(float(ground_distance(*here, *goal, ground.radius))),
        waiting_latitude=np.asarray(float(route.latitude[-1])),
        waiting_longitude=np.asarray(float(route.longitude[-1])),
        odometer=np.asarray(odometer_at(float(rover.last_known_sol))),
        tubes_per_sol=orders.tubes_per_sol,
        check_out=orders.check_out,
        depot_latitude=np.asarray(math.radians(DEPOT_LATITUDE_DEG)),
        depot_longitude=np.asarray(math.radians(DEPOT_LONGITUDE_DEG)),
        fetch=orders.fetch,
        transit=transit_of(first_sol, sols) if orders.drive == "learnt" else None,
        luck=orders.dice,
        stops=_stops(orders),
        arm=orders.arm or Arm(),
        igloo=orders.igloo or Igloo(),
        sky=surface.Sky(above.light, above.air, above.storm_light, above.storm_air),
    )
    return Errand(settled, cargo, manifest, route)


def _sorts(row: tuple[Going, ...]) -> Array:
    """What makes each tube come to harm sooner than others, shape (n,)."""
    return np.array(
        [
            surface.OPEN
            if going.tube.closure == "open"
            else surface.FRIABLE
            if going.tube.is_friable
            else 0.0
            for going in row
        ],
        float,
    )


def _stops(orders: SurfaceOrders) -> surface.Stops:
    return surface.Stops(orders.fault_chance, orders.fault_least, orders.fault_most)


def commanding(midnight: float, sols: int, angle: float) -> Array:
    """Which sols have commands from Earth: those on which Mars stands clear of the Sun.

    Args:
        midnight: TDB epoch of the first sol's local mean midnight [s].
        sols: how many.
        angle: between Sun and Mars in Earth's sky, below which there are none [rad].

    Returns:
        True or False at noon of each sol, shape (sols,).
    """
    noon = midnight + (np.arange(sols) + 0.5) * SOL
    return np.asarray(solar_elongation(noon) >= angle)


def solar_elongation(epochs: Array) -> Array:
    """Angle between Sun and Mars seen from the Earth at each epoch [rad], shape as given (n,).

    Geometric, without light time: at conjunction that is 20 minutes, 0.005 deg.
    """
    ephemeris = load_ephemeris()

    @jax.jit
    @jax.vmap
    def angle(epoch: Scalar) -> Scalar:
        sun, _ = ephemeris.state("sun", epoch, centre="earth")
        mars, _ = ephemeris.state("mars", epoch, centre="earth")
        return jnp.arctan2(jnp.linalg.norm(jnp.cross(sun, mars)), jnp.dot(sun, mars))

    return np.asarray(angle(jnp.asarray(epochs)))


def season(midnight: float, sols: int) -> Table:
    """Solar longitude, unwrapped [rad], against time since midnight of the first sol [s]."""
    elapsed = np.arange(-SEASON_BEFORE, sols + SEASON_AFTER) * SOL
    longitude = np.array([calendar.solar_longitude(midnight + float(t)) for t in elapsed])
    return Table(elapsed, np.unwrap(longitude))


def start_alone(orders: SurfaceOrders, world: World) -> PointState:
    """The lander on the ground, as ``[surface.start]`` has it."""
    given = orders.start
    assert given is not None
    radius = world.radius_of(given.latitude, given.longitude, height=given.height)
    position = world.position_at(given.epoch, given.latitude, given.longitude, radius)
    velocity = world.inertial_from_planet(given.epoch, position, jnp.zeros(3))
    return PointState(given.epoch, position, velocity, given.mass, "mars")


def fly(
    errand: Errand,
    orders: SurfaceOrders,
    start: PointState,
    rover: Rover,
    world: World,
    *,
    track: bool = True,
) -> Flight:
    """The surface phase on a settled plan.

    The plan is held; what the scenario says of the dice, the arm, the check-out, the fetching, the
    rover's stops and the igloo is taken from ``orders``, so that a disturbed scenario disturbs it.
    The track is kept by default: custody reads from it when each tube was handed over.

    Args:
        errand: from `plan`.
        orders: the ``[surface]`` table, disturbed or not.
        start: the lander at touchdown.
        rover: what drives.
        world: Mars.
        track: whether to keep every sol.
    """
    held = dataclasses.replace(
        errand.plan,
        tubes_per_sol=orders.tubes_per_sol,
        check_out=orders.check_out,
        fetch=orders.fetch,
        luck=orders.dice,
        stops=_stops(orders),
        arm=orders.arm or errand.plan.arm,
        igloo=orders.igloo or errand.plan.igloo,
    )
    return surface.load(start, rover, held, world, errand.cargo, track=track)


def hand_overs(errand: Errand, flight: Flight, orders: SurfaceOrders) -> dict[str, float]:
    """When each tube came aboard the ascender: tube id -> TDB epoch [s], in the order of loading.

    Args:
        errand: from `plan`.
        flight: from `fly`, with its track.
        orders: the ``[surface]`` table it was flown with.
    """
    assert flight.track is not None
    epochs = np.asarray(flight.track["epoch"])
    when: dict[str, float] = {}
    for (row, tubes), column in zip(
        _rows(errand, orders), ("rover_cycles", "depot_cycles"), strict=True
    ):
        cycles = np.asarray(flight.track[column])
        for place, going in enumerate(tubes):
            until = float(row.until[place]) - 1e-9
            if bool(row.aboard[place]) and cycles[-1] >= until:
                when[going.tube.id] = float(epochs[int(np.argmax(cycles >= until))])
    return dict(sorted(when.items(), key=lambda entry: entry[1]))


_work = eqx.filter_jit(work)


def stuck(errand: Errand, orders: SurfaceOrders) -> list[str]:
    """Ids of the tubes that the arm has to leave behind, however long it works."""
    return [
        going.tube.id
        for row, tubes in _rows(errand, orders)
        for place, going in enumerate(tubes)
        if bool(row.stuck[place])
    ]


def _rows(
    errand: Errand, orders: SurfaceOrders
) -> tuple[tuple[Work, tuple[Going, ...]], tuple[Work, tuple[Going, ...]]]:
    """What the arm has before it, by the dice of the orders, beside the tubes it is about."""
    arm, luck, cargo = orders.arm or errand.plan.arm, jnp.asarray(orders.dice), errand.cargo
    found = []
    for name, tubes, places in (
        ("rover", errand.manifest.rover_row, cargo.aboard_places),
        ("depot", errand.manifest.depot_row, cargo.fetched_places),
    ):
        row = _work(arm, luck, name, len(tubes), jnp.asarray(places))
        found.append((jax.device_get(row), tubes))
    return found[0], found[1]


def loaded_masses(errand: Errand, aboard: Mapping[str, float]) -> tuple[int, float]:
    """How many tubes came aboard, and what is in them [kg] (the tubes themselves not counted).

    Args:
        errand: from `plan`.
        aboard: from `hand_overs`.
    """
    rows = errand.manifest.rover_row + errand.manifest.depot_row
    inside = [sample_mass(going.tube) for going in rows if going.tube.id in aboard]
    return len(inside), sum(inside)


def bounds(orders: SurfaceOrders, rover: Rover) -> Bounds:
    """How warm each holder keeps the tubes at most."""
    return Bounds(
        rover=float(rover.temperature_bound),
        ground=float(orders.ground_bound),
        container=float(orders.container_bound),
        capsule=float(orders.capsule_bound),
    )


def lift_off_after(
    ready: float, orbiter_ready: float, closed_from: float, closed_to: float
) -> float:
    """The first epoch at which both are ready and the season is open.

    Args:
        ready: TDB epoch at which the ascender is ready [s].
        orbiter_ready: and the orbiter above.
        closed_from, closed_to: no lift-off between these solar longitudes [rad].

    Returns:
        The later of the two epochs, or the next end of the closed season after it [s].
    """
    both = max(ready, orbiter_ready)
    if season_clearance(float(calendar.solar_longitude(both)), closed_from, closed_to) >= 0.0:
        return both
    return float(calendar.next_epoch_of_ls(both, math.degrees(closed_to)))


class Season(eqx.Module):
    """When the season of dust shuts the sky and opens it again, some years of it.

    Attributes:
        closing, opening: TDB epochs of the two, each pair one season, shape (n,) [s].
    """

    closing: Array
    opening: Array


_SEASONS = 6
_YEAR = 687.0 * 86400.0


def seasons(around: float, closed_from: float, closed_to: float) -> Season:
    """The seasons of dust from the year before an epoch on.

    Args:
        around: TDB epoch [s].
        closed_from, closed_to: no lift-off between these solar longitudes [rad].
    """
    closing, opening, now = [], [], around - _YEAR
    for _ in range(_SEASONS):
        closing.append(float(calendar.next_epoch_of_ls(now, math.degrees(closed_from))))
        now = float(calendar.next_epoch_of_ls(closing[-1], math.degrees(closed_to)))
        opening.append(now)
    return Season(np.array(closing), np.array(opening))


def open_after(both: Scalar, shut: Season) -> Scalar:
    """`lift_off_after` for any case, from the table of seasons: traced and concrete alike.

    Args:
        both: epoch at which ascender and orbiter are ready [s].
        shut: from `seasons`.
    """
    inside = (both >= shut.closing) & (both < shut.opening)
    end = jnp.max(jnp.where(inside, shut.opening, -jnp.inf))
    return jnp.where(jnp.any(inside), end, both)


def season_clearance(solar_longitude: float, closed_from: float, closed_to: float) -> float:
    """How far a solar longitude lies outside the closed season, negative inside [rad]."""
    full = 2 * math.pi
    since = (solar_longitude - closed_from) % full
    length = (closed_to - closed_from) % full
    if since < length:
        return -min(since, length - since)
    return min(full - since, since - length)


def limits(
    figures: Mapping[str, float], going_count: int, warmest_K: float = math.nan
) -> list[Limit]:
    """What the surface must keep.

    Args:
        figures: names and units of the walls.
        going_count: tubes that are to go.
        warmest_K: the highest temperature bound in the chains of the travelling tubes.
    """
    kept = [
        at_least(
            figures,
            "loading complete",
            "tubes_loaded_count",
            float(going_count),
            "",
            f"{_DEFAULT}: all that are to go",
            "assumed",
        ),
        at_least(
            figures,
            "ready before the season of dust",
            "season_margin_sol",
            0.0,
            "sol",
            _SEASON,
            "published",
        ),
    ]
    if math.isfinite(warmest_K):
        kept.append(
            Limit(
                name="tubes below 30 C (bound)",
                figure="temperature_K_max",
                value=warmest_K,
                limit=TOO_WARM,
                sense="at most",
                unit="K",
                source="the returned samples stay below 30 C (NASA20)",
                confidence="published",
            )
        )
    return kept


def in_time_and_warm(
    flight: Flight, lift_off: Scalar, cold: Scalar, ready: Scalar, wanted: Scalar | None
) -> Flight:
    """An ascent as it goes with a rocket that had to be ready, and had to wait.

    Lost where the scenario wants a day on which the tubes were not yet aboard, and where the grain
    grew too cold before lift-off.

    Args:
        flight: the ascent.
        lift_off: its TDB epoch [s].
        cold: epoch at which the grain fell below its floor, NaN where it never did [s].
        ready: epoch at which the rocket was ready, NaN where nobody loaded it [s].
        wanted: epoch that the scenario gives; None where it gives none [s].
    """
    waited = Outcome.where(cold < lift_off, Outcome.grain_too_cold, Outcome.nominal)
    if wanted is not None:
        late = Outcome.where(ready > wanted, Outcome.not_ready_in_time, Outcome.nominal)
        waited = first_loss(late, waited)
    return eqx.tree_at(lambda f: f.outcome, flight, first_loss(waited, flight.outcome))


def warmth_limit(epochs: Array, grain: Array, lift_off: float, orders: SurfaceOrders) -> Limit:
    """The grain of the waiting rocket at its coldest before lift-off, against its floor.

    Args:
        epochs: TDB epoch of each evening since touchdown [s], shape (n,).
        grain: its temperature then [K], shape (n,).
        lift_off: TDB epoch [s]; the sol in which it lies counts.
        orders: the ``[surface]`` table.
    """
    igloo = orders.igloo or Igloo()
    waited = np.asarray(grain)[np.asarray(epochs) <= lift_off + SOL]
    return Limit(
        name="grain of the waiting rocket above its floor",
        figure="grain_minimum_K",
        value=float(waited.min()) if len(waited) else float(igloo.held),
        limit=float(igloo.floor),
        sense="at least",
        unit="K",
        source=f"{_DEFAULT}: floor of the grain",
        confidence="assumed",
    )


def lift_off_limit(lift_off_ls_deg: float, orders: SurfaceOrders) -> Limit:
    """Lift-off outside the season of dust, as degrees of solar longitude clear of it."""
    clear = season_clearance(
        math.radians(lift_off_ls_deg), float(orders.closed_from), float(orders.closed_to)
    )
    return Limit(
        name="lift-off outside the season of dust",
        figure="lift_off_ls_deg",
        value=math.degrees(clear),
        limit=0.0,
        sense="at least",
        unit="deg",
        source=_SEASON,
        confidence="published",
    )

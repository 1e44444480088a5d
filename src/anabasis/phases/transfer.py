"""From one planet to another: the arc, the best day to leave, and a cruise that really arrives.

      Earth o~~~~~.                      a departure hyperbola,
                    ~~~.                 then the Sun and six bodies,
                        ~~~.             then the target's B-plane:
                            ~~(o) Mars   the interface at the promised hour

Three steps, from cheap to true. `ballistic` is Lambert's arc between the centres of two planets;
`best_departure` searches it over dates; `correct` and `cruise` fly the thing numerically, from a
departure hyperbola to the target's interface radius, with the departure velocity corrected by
exact derivatives until B-plane vector and hour are those that were asked for.

Left out: solar radiation pressure, Mercury and Saturn (each about 1e-8 m/s^2, which a cruise meets
with its corrections), correction manoeuvres, the parking orbit before injection.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from anabasis.mechanics.arrays import Array, Count, Flag, Matrix, Scalar, Vector
from anabasis.mechanics.bplane import (
    Approach,
    angles_of,
    approach_of,
    crossing_state,
)
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.escape import departure_state
from anabasis.mechanics.flight import Burn, Flight, MassChange
from anabasis.mechanics.lambert import lambert_izzo2015
from anabasis.mechanics.propagate import propagate
from anabasis.mechanics.state import PointState
from anabasis.mechanics.table import Table
from anabasis.outcome import Outcome
from anabasis.units import DAY
from anabasis.worlds.ephemeris import GM, Ephemeris
from anabasis.worlds.season import solar_longitude
from anabasis.worlds.sky import BODIES, Sky

FIGURES: dict[str, str] = {
    "c3": "km2_s2",
    "departure_v_infinity": "km_s",
    "departure_declination": "deg",
    "departure_right_ascension": "deg",
    "arrival_v_infinity": "km_s",
    "arrival_declination": "deg",
    "time_of_flight": "day",
    "arrival_ls": "deg",
    "launch_mass": "kg",
    "launch_capability": "kg",
    "launch_margin": "kg",
    "arrival_miss": "km",
    "delta_v": "m_s",
    "propellant": "kg",
    "injection_c3": "km2_s2",
    "approach_v_infinity": "km_s",
    "approach_declination": "deg",
    "b_plane_angle": "deg",
    "interface_flight_path_angle": "deg",
}
"""Bare figure -> unit at the walls. The first two lines of speeds are Lambert's, as handbooks give
them; ``injection_c3`` and ``approach_...`` are those of the propagated cruise."""

MINIMISED = ("c3", "arrival_v_infinity", "sum", "mass")
"""What a search may minimise; ``sum`` adds both v-infinities, ``mass`` loses the least mass
between the launcher's curve and an orbit about the target."""

_LENGTH, _SPEED = 1e9, 1e3
"""Units of the integration: its state is of order one between planets."""
_PLANET_SPAN = 3.0 * DAY
"""How long the cruise is told from the planet it leaves, and from the one it nears."""
_OVERTIME = 0.25 * DAY
"""How much later than promised an arrival may be before the cruise is given up."""
_TRACK_POINTS = 160
"""Points kept of each of the three parts of a cruise."""
_CROWDING = 2.2
"""How much closer the points of the long part stand where a planet is near than half way: by
cosh^2 of this. A planet three days behind is felt over days."""


# --- the arc


class Ballistic(eqx.Module):
    """Lambert's arc between the centres of two planets.

    Attributes:
        departure: epoch [s].
        arrival: epoch [s].
        departure_v_infinity: relative to the planet that is left [m/s].
        arrival_v_infinity: relative to the planet that is met [m/s].
        exists: False where no arc with so many revolutions takes this time.
    """

    departure: Scalar
    arrival: Scalar
    departure_v_infinity: Vector
    arrival_v_infinity: Vector
    exists: Flag

    @property
    def c3(self) -> Scalar:
        """Square of the departure v-infinity [m^2/s^2]."""
        return self.departure_v_infinity @ self.departure_v_infinity


def ballistic(
    departure: Scalar,
    arrival: Scalar,
    homeward: Flag,
    ephemeris: Ephemeris,
    *,
    revolutions: int = 0,
) -> Ballistic:
    """Lambert's arc from Earth to Mars, or from Mars to Earth.

    With whole revolutions there are two arcs; the one that leaves and arrives more slowly (the
    smaller sum of both v-infinities) is taken.

    Args:
        departure: epoch [s].
        arrival: epoch, later [s].
        homeward: True from Mars to Earth.
        ephemeris: where the planets are.
        revolutions: whole revolutions about the Sun (static).

    Returns:
        The arc, with velocities relative to the planets.

    Valid: patched conics without a planet's pull; within 0.1 km^2/s^2 of a flown C3.
    """
    states = {
        (body, k): ephemeris.state(body, epoch, "sun")
        for body in ("earth", "mars")
        for k, epoch in enumerate((departure, arrival))
    }
    start, start_velocity, end, end_velocity = (
        jnp.where(homeward, mars, earth)
        for earth, mars in (
            (states["earth", 0][0], states["mars", 0][0]),
            (states["earth", 0][1], states["mars", 0][1]),
            (states["mars", 1][0], states["earth", 1][0]),
            (states["mars", 1][1], states["earth", 1][1]),
        )
    )
    found: list[Ballistic] = []
    for right in (False, True) if revolutions else (False,):
        arc = lambert_izzo2015(
            start, end, arrival - departure, GM["sun"], revolutions=revolutions, right=right
        )
        found.append(
            Ballistic(
                jnp.asarray(departure, float),
                jnp.asarray(arrival, float),
                arc.departure_velocity - start_velocity,
                arc.arrival_velocity - end_velocity,
                arc.exists,
            )
        )
    if len(found) == 1:
        return found[0]
    slow, fast = found
    better = _speeds(fast) < _speeds(slow)
    return jax.tree.map(lambda a, b: jnp.where(better, b, a), slow, fast)


def _speeds(arc: Ballistic) -> Scalar:
    leave, arrive = arc.departure_v_infinity, arc.arrival_v_infinity
    return jnp.sqrt(leave @ leave) + jnp.sqrt(arrive @ arrive)


# --- the best day to leave


class Bounds(eqx.Module):
    """What a search for the best departure must respect, and what it minimises.

    Attributes:
        earliest: departure [s].
        latest: departure [s].
        earliest_arrival: [s].
        latest_arrival: [s].
        minimise: place in `MINIMISED` (a number: changing it compiles nothing).
        launch_mass: to be lifted [kg]; 0 without a launcher.
        capability: mass lifted against C3 [m^2/s^2]; nothing is lifted outside its range.
        declination: largest of the departure asymptote [rad].
        arrival_v_infinity: largest [m/s].
        season_start: solar longitude from which an arrival is allowed [rad].
        season_span: how far from there [rad]; 2 pi allows all.
        exhaust_speed: with which mass is lost at the target [m/s].
        capture_radius: periapsis of the orbit that is entered there [m].
        capture_gm: of the target [m^3/s^2].
    """

    earliest: Scalar
    latest: Scalar
    earliest_arrival: Scalar
    latest_arrival: Scalar
    minimise: Count
    launch_mass: Scalar
    capability: Table
    declination: Scalar
    arrival_v_infinity: Scalar
    season_start: Scalar
    season_span: Scalar
    exhaust_speed: Scalar
    capture_radius: Scalar
    capture_gm: Scalar


def merit(arc: Ballistic, bounds: Bounds, season: Scalar) -> Scalar:
    """What a search minimises; infinite where a bound is not kept.

        mass:  -m(C3) exp(-dv / c),   dv = sqrt(v_inf^2 + 2 gm / r) - sqrt(2 gm / r)

    Args:
        arc: the arc.
        bounds: what must hold.
        season: solar longitude at arrival [rad].

    Returns:
        The smaller the better; its unit is that of what is minimised.
    """
    c3 = arc.c3
    arrive = jnp.sqrt(arc.arrival_v_infinity @ arc.arrival_v_infinity)
    _, declination = angles_of(arc.departure_v_infinity)
    lifted = bounds.capability(c3)
    escape = 2.0 * bounds.capture_gm / bounds.capture_radius
    capture = jnp.sqrt(arrive * arrive + escape) - jnp.sqrt(escape)
    values = jnp.stack(
        [
            c3,
            arrive,
            jnp.sqrt(c3) + arrive,
            -lifted * jnp.exp(-capture / bounds.exhaust_speed),
        ]
    )
    late = jnp.mod(season - bounds.season_start, 2.0 * jnp.pi) > bounds.season_span
    bad = (
        ~arc.exists
        | bounds.capability.outside(c3)
        | (lifted < bounds.launch_mass)
        | (jnp.abs(declination) > bounds.declination)
        | (arrive > bounds.arrival_v_infinity)
        | (arc.departure < bounds.earliest)
        | (arc.departure > bounds.latest)
        | (arc.arrival < bounds.earliest_arrival)
        | (arc.arrival > bounds.latest_arrival)
        | (arc.arrival <= arc.departure)
        | late
    )
    value = values[bounds.minimise]
    return jnp.where(bad | ~jnp.isfinite(value), jnp.inf, value)


_COARSE = 72
_FINE = 13
_ROUNDS = 14
_SHORTEST = 60.0 * DAY


class Best(eqx.Module):
    """The best departure of an interval.

    Attributes:
        arc: the arc.
        merit: what was minimised, infinite where nothing kept the bounds.
        found: False where nothing did.
    """

    arc: Ballistic
    merit: Scalar
    found: Flag


@compiled
def best_departure(
    bounds: Bounds,
    homeward: Flag,
    pole: Vector,
    ephemeris: Ephemeris,
    *,
    revolutions: int = 0,
) -> Best:
    """The best departure and arrival inside an interval.

    A grid over departure and arrival, then smaller and smaller grids about the best point: fixed
    sizes and array choices only, so it maps over many intervals.

    Args:
        bounds: interval, limits and what is minimised.
        homeward: True from Mars to Earth.
        pole: of Mars, for the season.
        ephemeris: where the planets are.
        revolutions: whole revolutions about the Sun (static).

    Returns:
        The best arc; dates to a few seconds.
    """

    def value(departure: Array, arrival: Array) -> Array:
        # Before or at departure there is no arc; one that exists keeps the numbers finite.
        held = jnp.maximum(arrival, departure + _SHORTEST)
        arc = ballistic(departure, held, homeward, ephemeris, revolutions=revolutions)
        season = solar_longitude(held, ephemeris, pole)
        cost = merit(arc, bounds, season)
        return jnp.asarray(jnp.where(arrival < held, jnp.inf, cost))

    over = jax.vmap(jax.vmap(value, (None, 0)), (0, None))
    departures = jnp.linspace(bounds.earliest, bounds.latest, _COARSE)
    first = jnp.maximum(bounds.earliest_arrival, bounds.earliest + _SHORTEST)
    arrivals = jnp.linspace(first, bounds.latest_arrival, _COARSE)
    costs: Array = over(departures, arrivals)
    i, j = jnp.unravel_index(jnp.argmin(costs), costs.shape)
    step = jnp.stack([departures[1] - departures[0], arrivals[1] - arrivals[0]])
    start = (jnp.stack([departures[i], arrivals[j]]), step, costs[i, j])
    offsets = jnp.linspace(-1.25, 1.25, _FINE)

    def closer(_: object, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        point, step, best = carry
        departures = jnp.clip(point[0] + step[0] * offsets, bounds.earliest, bounds.latest)
        arrivals = jnp.minimum(point[1] + step[1] * offsets, bounds.latest_arrival)
        costs: Array = over(departures, arrivals)
        i, j = jnp.unravel_index(jnp.argmin(costs), costs.shape)
        better = costs[i, j] <= best
        point = jnp.where(better, jnp.stack([departures[i], arrivals[j]]), point)
        return point, step * 0.4, jnp.minimum(best, costs[i, j])

    point, _, best = jax.lax.fori_loop(0, _ROUNDS, closer, start)
    departure, arrival = point[0], jnp.maximum(point[1], point[0] + _SHORTEST)
    arc = ballistic(departure, arrival, homeward, ephemeris, revolutions=revolutions)
    return Best(arc, best, jnp.isfinite(best))


@compiled
def solve_ballistic(
    departure: Scalar,
    arrival: Scalar,
    homeward: Flag,
    ephemeris: Ephemeris,
    *,
    revolutions: int = 0,
) -> Ballistic:
    """`ballistic`, compiled for one pair of dates."""
    return ballistic(departure, arrival, homeward, ephemeris, revolutions=revolutions)


# --- the cruise


class Course(eqx.Module):
    """A leg as it is flown: where it starts and where it is aimed. Numbers only.

    Attributes:
        departure: epoch at the start of the cruise [s].
        arrival: epoch at which the interface is promised [s].
        departure_v_infinity: of the departure hyperbola, corrected [m/s].
        plane: angle of the departure plane about the asymptote [rad].
        start_radius: from the planet that is left [m].
        from_periapsis: True at the periapsis of the departure hyperbola, False on its asymptote.
        centres: places in `BODIES` of the planet left, the Sun, the planet met.
        gm: of the planet left, of the planet met [m^3/s^2].
        pole: of the planet met.
        b_t: aimed [m].
        b_r: aimed [m].
        periapsis_epoch: aimed, of the hyperbola at the target [s].
        interface_radius: at which the cruise ends [m].
    """

    departure: Scalar
    arrival: Scalar
    departure_v_infinity: Vector
    plane: Scalar
    start_radius: Scalar
    from_periapsis: Flag
    centres: Int[Array, "3"]
    gm: Float[Array, "2"]
    pole: Vector
    b_t: Scalar
    b_r: Scalar
    periapsis_epoch: Scalar
    interface_radius: Scalar


class Arrival(eqx.Module):
    """Where a cruise ended, told from the target.

    Attributes:
        elapsed: since the start of the cruise [s].
        position: [m].
        velocity: [m/s].
        reached: True at the interface, False where the time ran out.
        ended: False where the integration failed.
        track: times [s] and states of the three parts, each told from its own centre, or None.
    """

    elapsed: Scalar
    position: Vector
    velocity: Vector
    reached: Flag
    ended: Flag
    track: tuple[Array, Array] | None


_Told = tuple[Sky, Array, Array, Array]
"""Sky, centre, epoch at the start, interface radius (0 where there is none)."""


def _rate(elapsed: Scalar, state: Array, arguments: _Told) -> Array:
    sky, centre, epoch, _ = arguments
    pull = sky.pull(epoch + elapsed, state[:3] * _LENGTH, centre)
    return jnp.concatenate([state[3:] * (_SPEED / _LENGTH), pull / _SPEED])


def _at_interface(elapsed: Scalar, state: Array, arguments: _Told) -> Array:
    """How far above the interface, of order one; never zero where there is none."""
    del elapsed
    radius = arguments[3]
    distance = jnp.sqrt(state[:3] @ state[:3]) * _LENGTH
    return jnp.where(radius > 0.0, distance / jnp.where(radius > 0.0, radius, 1.0) - 1.0, 1.0)


def _propagated(course: Course, sky: Sky, *, track: bool) -> Arrival:
    """Fly the three parts of a cruise: from the planet left, about the Sun, to the planet met."""
    position, velocity = departure_state(
        course.departure_v_infinity,
        course.gm[0],
        course.start_radius,
        course.plane,
        course.from_periapsis,
    )
    state = jnp.concatenate([position / _LENGTH, velocity / _SPEED])
    last = course.arrival - course.departure
    bounds = jnp.stack(
        [jnp.zeros_like(last), jnp.zeros_like(last) + _PLANET_SPAN, last - _PLANET_SPAN, last]
    )
    bounds = bounds + jnp.array([0.0, 0.0, 0.0, _OVERTIME])
    nothing = jnp.zeros_like(course.interface_radius)
    radii = jnp.stack([nothing, nothing, course.interface_radius])
    following = jnp.concatenate([course.centres[1:], course.centres[2:]])
    fractions = jnp.linspace(0.0, 1.0, _TRACK_POINTS)

    def part(
        carry: tuple[Array, Array, Array], leg: tuple[Array, Array, Array, Array, Array]
    ) -> tuple[tuple[Array, Array, Array], tuple[Array, Array, Array, Array | None]]:
        state, _, ended = carry
        centre, after, start, end, radius = leg
        motion = propagate(
            _rate,
            state,
            start,
            end,
            (sky, centre, course.departure, radius),
            stop=_at_interface,
            times=start + (end - start) * fractions if track else None,
            max_steps=1024,
        )
        places, speeds = sky.states(course.departure + motion.time)
        shift = (places[centre] - places[after]) / _LENGTH
        drift = (speeds[centre] - speeds[after]) / _SPEED
        moved = motion.state + jnp.concatenate([shift, drift])
        time = jnp.asarray(motion.time)
        kept = (moved, time, jnp.asarray(ended & motion.ended))
        return kept, (time, jnp.asarray(motion.stopped), motion.state, motion.track)

    start = (state, jnp.zeros_like(last), jnp.asarray(True))
    legs = (course.centres, following, bounds[:-1], bounds[1:], radii)
    (state, elapsed, ended), told = jax.lax.scan(part, start, legs)
    kept = None
    if told[3] is not None:
        times = bounds[:-1, None] + (bounds[1:, None] - bounds[:-1, None]) * fractions[None, :]
        # After the event there is nothing: the last points repeat the end.
        after = times > told[0][:, None]
        times = jnp.where(after, told[0][:, None], times)
        states = jnp.where(after[:, :, None], told[2][:, None, :], told[3])
        kept = (times, states)
    return Arrival(elapsed, state[:3] * _LENGTH, state[3:] * _SPEED, told[1][-1], ended, kept)


class Correction(eqx.Module):
    """One look at where a course leads.

    Attributes:
        miss: of B.T [m], B.R [m] and the periapsis' hour [s].
        slopes: of the miss by the departure v-infinity.
        approach: the hyperbola at the target.
        end: where the cruise ended.
    """

    miss: Vector
    slopes: Matrix
    approach: Approach
    end: Arrival


@compiled
def look_ahead(course: Course, sky: Sky) -> Correction:
    """Fly a course and differentiate where it arrives, exactly, by where it is sent.

    Args:
        course: as planned so far.
        sky: what pulls.

    Returns:
        The miss and its derivatives.
    """

    def fly(v_infinity: Vector) -> tuple[Array, tuple[Array, Approach, Arrival]]:
        sent = eqx.tree_at(lambda c: c.departure_v_infinity, course, v_infinity)
        end = _propagated(sent, sky, track=False)
        miss, found = _miss(sent, end)
        return miss, (miss, found, end)

    slopes, (miss, found, end) = jax.jacfwd(fly, has_aux=True)(course.departure_v_infinity)
    return Correction(miss, slopes, found, end)


def correct(
    course: Course, sky: Sky, *, steps: int = 10, close: float = 1.0
) -> tuple[Course, Correction]:
    """Correct the departure velocity until the cruise arrives where and when it was promised.

    Newton's method on the B-plane vector and the hour, which are nearly linear in the departure
    velocity however wide the first miss is.

    Args:
        course: as planned.
        sky: what pulls.
        steps: most corrections.
        close: miss at which the course is left alone [m].

    Returns:
        The corrected course, and where it leads.
    """
    seen = look_ahead(course, sky)
    for _ in range(steps):
        speed = float(np.linalg.norm(np.asarray(seen.approach.v_infinity)))
        miss = np.asarray(seen.miss)
        size = float(np.linalg.norm(miss * np.array([1.0, 1.0, speed])))
        if size < close or not np.isfinite(size):
            break
        change = np.linalg.solve(np.asarray(seen.slopes), -miss)
        course = eqx.tree_at(
            lambda c: c.departure_v_infinity,
            course,
            np.asarray(course.departure_v_infinity) + change,
        )
        seen = look_ahead(course, sky)
    return course, seen


def _miss(course: Course, end: Arrival) -> tuple[Array, Approach]:
    """Achieved less aimed: B.T, B.R and the hour of the periapsis; and the hyperbola achieved."""
    found = approach_of(end.position, end.velocity, course.gm[1], course.pole)
    late = course.departure + end.elapsed + found.time_to_periapsis - course.periapsis_epoch
    return jnp.stack([found.b_t - course.b_t, found.b_r - course.b_r, late]), found


# --- the flight


class Charge(eqx.Module):
    """Who pays for leaving.

    Attributes:
        capability: what the launcher lifts against C3, or None where none lifts.
        exhaust_speed: of the engines that give the departure v-infinity [m/s], or None where a
            launcher gives it.
        release_lead: how long before the interface the return capsule is let go [s], or None.
    """

    capability: Table | None = None
    exhaust_speed: Scalar | None = None
    release_lead: Scalar | None = None


class Way(eqx.Module):
    """A course, flown: where it ended, by how much it missed, on which hyperbola.

    Attributes:
        end: where the cruise ended, with its track.
        miss: as `Correction`.
        approach: the hyperbola at the target.
    """

    end: Arrival
    miss: Vector
    approach: Approach


@compiled
def fly_course(course: Course, sky: Sky) -> Way:
    """Fly a course. What flies along it has no part in it: the same for any mass.

    Args:
        course: corrected (`correct`).
        sky: what pulls.
    """
    end = _propagated(course, sky, track=True)
    miss, found = _miss(course, end)
    return Way(end, miss, found)


def cruise(
    mass: Scalar,
    charge: Charge,
    course: Course,
    arc: Ballistic,
    sky: Sky,
    *,
    leaves: str,
    arrives: str,
    departure_event: str,
    track: bool = False,
    way: Way | None = None,
) -> Flight:
    """Fly a leg from a departure hyperbola to the target's interface radius.

    Args:
        mass: at the start [kg].
        charge: who pays for the departure.
        course: corrected (`correct`).
        arc: Lambert's arc that it was made from, for the figures.
        sky: what pulls.
        leaves: planet that is left, earth or mars (static).
        arrives: planet that is met (static).
        departure_event: what the departure is called (static).
        track: whether the path is kept, about the Sun (static).
        way: the course where it has been flown already (`fly_course`).

    Returns:
        The flight; its end is told from the target. ``missed_target`` where it does not come to
        the interface, ``did_not_converge`` where the integration failed.
    """
    if way is None:
        way = fly_course(course, sky)
    end, miss, found = way.end, way.miss, way.approach
    flight = _told(
        mass,
        charge,
        course,
        arc,
        sky,
        end,
        miss,
        found,
        leaves=leaves,
        arrives=arrives,
        departure_event=departure_event,
    )
    if not track:
        return flight
    return eqx.tree_at(
        lambda f: f.track, flight, _path(course, sky, end, mass), is_leaf=lambda x: x is None
    )


@compiled
def _told(
    mass: Scalar,
    charge: Charge,
    course: Course,
    arc: Ballistic,
    sky: Sky,
    end: Arrival,
    miss: Vector,
    found: Approach,
    *,
    leaves: str,
    arrives: str,
    departure_event: str,
) -> Flight:
    """The flight from what was flown: figures, ledger, events, verdict."""
    mass = jnp.asarray(mass, float)
    speed = jnp.sqrt(found.v_infinity @ found.v_infinity)
    scale = jnp.stack([jnp.ones_like(speed), jnp.ones_like(speed), speed])
    fall = end.position @ end.velocity
    size = jnp.sqrt((end.position @ end.position) * (end.velocity @ end.velocity))
    figures = _promised(mass, charge, arc, sky, leaves, arrives)
    figures |= {
        "arrival_miss": jnp.sqrt(jnp.sum((miss * scale) ** 2)),
        "injection_c3": course.departure_v_infinity @ course.departure_v_infinity,
        "approach_v_infinity": speed,
        "approach_declination": angles_of(found.v_infinity)[1],
        "b_plane_angle": jnp.arctan2(found.b_r, found.b_t),
        "interface_flight_path_angle": jnp.arcsin(fall / size),
    }
    outcome = Outcome.where(end.reached, Outcome.nominal, Outcome.missed_target)
    outcome = Outcome.where(end.ended, outcome, Outcome.did_not_converge)
    epoch = course.departure + end.elapsed
    return _flight(
        mass, charge, course, figures, outcome, epoch, end.position, end.velocity, arrives,
        departure_event,
    )  # fmt: skip


@compiled
def dated(
    mass: Scalar,
    charge: Charge,
    course: Course,
    arc: Ballistic,
    sky: Sky,
    *,
    leaves: str,
    arrives: str,
    departure_event: str,
) -> Flight:
    """A leg that is given, not flown: its dates and its asymptote at the target.

    Args:
        mass: at the start [kg].
        charge: who pays for the departure.
        course: dates and aim.
        arc: the given velocities; a departure of zero is one that was not given.
        sky: gravitational parameters.
        leaves: planet that is left (static).
        arrives: planet that is met (static).
        departure_event: what the departure is called (static).

    Returns:
        The flight, of the same shape as a flown one; what only a flight shows is absent.
    """
    mass = jnp.asarray(mass, float)
    position, velocity = crossing_state(
        arc.arrival_v_infinity,
        course.b_t,
        course.b_r,
        course.gm[1],
        course.pole,
        course.interface_radius,
    )
    figures = _promised(mass, charge, arc, sky, leaves, arrives)
    figures |= {
        "arrival_miss": jnp.full_like(mass, jnp.nan),
        "b_plane_angle": jnp.arctan2(course.b_r, course.b_t),
        "interface_flight_path_angle": jnp.arcsin(
            (position @ velocity) / jnp.sqrt((position @ position) * (velocity @ velocity))
        ),
    }
    unknown = arc.c3 == 0.0
    for name in (
        "c3",
        "departure_v_infinity",
        "departure_declination",
        "departure_right_ascension",
        "launch_capability",
        "launch_margin",
    ):
        if name in figures:
            figures[name] = jnp.where(unknown, jnp.nan, figures[name])
    return _flight(
        mass, charge, course, figures, Outcome.nominal, course.arrival, position, velocity, arrives,
        departure_event,
    )  # fmt: skip


def _promised(
    mass: Array, charge: Charge, arc: Ballistic, sky: Sky, leaves: str, arrives: str
) -> dict[str, Scalar]:
    """The figures that the arc alone gives."""
    right_ascension, declination = angles_of(arc.departure_v_infinity)
    figures: dict[str, Scalar] = {
        "c3": arc.c3,
        "departure_v_infinity": jnp.sqrt(arc.c3),
        "departure_declination": declination,
        "departure_right_ascension": right_ascension,
        "arrival_v_infinity": jnp.sqrt(arc.arrival_v_infinity @ arc.arrival_v_infinity),
        "arrival_declination": angles_of(arc.arrival_v_infinity)[1],
        "time_of_flight": arc.arrival - arc.departure,
    }
    if arrives == "mars":
        pole = sky.poles[BODIES.index("mars")]
        figures["arrival_ls"] = solar_longitude(arc.arrival, sky.ephemeris, pole)
    if leaves == "earth":
        # Without a launcher there is nothing to say: not a number inside, null at the wall.
        lifts = charge.capability
        capability = jnp.full_like(mass, jnp.nan) if lifts is None else lifts(arc.c3)
        figures |= {
            "launch_mass": jnp.full_like(mass, jnp.nan) if lifts is None else mass,
            "launch_capability": capability,
            "launch_margin": capability - mass,
        }
    return figures


def _flight(
    mass: Array,
    charge: Charge,
    course: Course,
    figures: dict[str, Scalar],
    outcome: Outcome,
    epoch: Scalar,
    position: Vector,
    velocity: Vector,
    arrives: str,
    departure_event: str,
) -> Flight:
    """The ledger, the events and the end, which a flown and a given leg share."""
    nothing = jnp.zeros_like(mass)
    delta_v, propellant = nothing, nothing
    burns: dict[str, Burn] = {}
    masses: dict[str, MassChange] = {}
    events: dict[str, Scalar] = {departure_event: course.departure}
    if charge.exhaust_speed is not None:
        sent = course.departure_v_infinity
        delta_v = jnp.sqrt(sent @ sent)
        propellant = -mass * jnp.expm1(-delta_v / charge.exhaust_speed)
        burns["departure"] = Burn(course.departure, delta_v, nothing, propellant)
        masses[f"{departure_event}/propellant"] = MassChange(course.departure, -propellant)
    if charge.release_lead is not None:
        events["capsule_release"] = epoch - charge.release_lead
    end = PointState(epoch, position, velocity, mass - propellant, arrives)
    return Flight(
        end,
        outcome,
        figures | {"delta_v": delta_v, "propellant": propellant},
        events,
        burns,
        masses,
        {},
    )


@compiled
def _path(course: Course, sky: Sky, end: Arrival, mass: Scalar) -> dict[str, Array]:
    """The track of a cruise, told from the Sun: points that are flown to, not read between steps.

    Each part is flown once more, from one point to the next. Between two steps of days the dense
    output of the integrator is tens of metres off; a state that a step ended at is not. Near a
    planet the points stand close: the time to it goes with the square of their number, for the
    Moon is passed as well. Flown in many small steps a part comes out a metre from where it was
    flown in few, nine months later; that much is shared out evenly over its time, so that the
    parts meet.
    """
    assert end.track is not None
    times, states = end.track
    grid = jnp.linspace(0.0, 1.0, _TRACK_POINTS)
    first, last = times[:, :1], times[:, -1:]
    far = 0.5 + 0.5 * jnp.tanh(_CROWDING * (2.0 * grid - 1.0)) / np.tanh(_CROWDING)
    near = jnp.stack([grid**2, far, 1.0 - (1.0 - grid) ** 2])
    times = first + (last - first) * near

    def part(leg: tuple[Array, Array, Array, Array]) -> Array:
        moments, state, centre, goal = leg
        told = (sky, centre, course.departure, jnp.zeros_like(course.interface_radius))

        def onward(state: Array, span: tuple[Array, Array]) -> tuple[Array, Array]:
            there = propagate(_rate, state, span[0], span[1], told, max_steps=1024).state
            return there, there

        _, there = jax.lax.scan(onward, state, (moments[:-1], moments[1:]))
        there = jnp.concatenate([state[None, :], there])
        share = (moments - moments[0]) / (moments[-1] - moments[0])
        return there + share[:, None] * (goal - there[-1])[None, :]

    # where each part was flown to: the next one's start, told from this one's centre; and the end
    places, speeds = jax.vmap(lambda t: sky.states(course.departure + t))(times[:-1, -1])
    at = jnp.arange(2)
    here, there = course.centres[:-1], course.centres[1:]
    shift = jnp.concatenate(
        [
            (places[at, there] - places[at, here]) / _LENGTH,
            (speeds[at, there] - speeds[at, here]) / _SPEED,
        ],
        axis=1,
    )
    goals = jnp.concatenate([states[1:, 0] + shift, states[-1:, -1]])
    states = jax.lax.map(part, (times, states[:, 0], course.centres, goals))
    n = times.size
    elapsed = times.reshape(n)
    states = states.reshape(n, 6)
    centres = jnp.repeat(course.centres, _TRACK_POINTS)

    def from_sun(elapsed: Scalar, state: Array, centre: Count) -> tuple[Array, Array]:
        places, speeds = sky.states(course.departure + elapsed)
        return (
            state[:3] * _LENGTH + places[centre] - places[0],
            state[3:] * _SPEED + speeds[centre] - speeds[0],
        )

    position, velocity = jax.vmap(from_sun)(elapsed, states, centres)
    return {
        "epoch": course.departure + elapsed,
        "elapsed": elapsed,
        "position": position,
        "velocity": velocity,
        "mass": jnp.full(n, mass),
    }

"""When to leave: porkchop plots, and the opportunities between two years as a table."""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from anabasis.mechanics.arrays import Array
from anabasis.mechanics.bplane import angles_of
from anabasis.mechanics.lambert import solve_unknown
from anabasis.phases.transfer import solve_ballistic
from anabasis.units import DAY
from anabasis.worlds.calendar import epoch_of_utc, solar_longitude, utc_of_epoch
from anabasis.worlds.ephemeris import GM, Ephemeris, load_ephemeris

_STEPS = 3
"""Householder steps of a porkchop: C3 to 1e-9 km^2/s^2 away from the 180-degree ridge."""


@dataclasses.dataclass(frozen=True)
class Porkchop:
    """Arcs over a grid of dates; rows are departures, columns arrivals.

    Attributes:
        c3: square of the departure v-infinity [m^2/s^2]; not a number where there is no arc.
        arrival_v_infinity: [m/s].
        declination: of the departure asymptote [rad].
        short_way: True where the arc turns by less than 180 degrees beside its revolutions.
    """

    c3: Float[Array, "departures arrivals"]
    arrival_v_infinity: Float[Array, "departures arrivals"]
    declination: Float[Array, "departures arrivals"]
    short_way: Bool[Array, "departures arrivals"]


def porkchop(
    departures: Float[Array, " departures"],
    arrivals: Float[Array, " arrivals"],
    *,
    homeward: bool = False,
    revolutions: int = 0,
    ephemeris: Ephemeris | None = None,
) -> Porkchop:
    """C3, arrival v-infinity and declination for every pair of dates.

    The ephemeris is asked once per date, not per pair; what a pair needs of the vectors are six
    products, and the rest is Lambert's one unknown.

    Args:
        departures: epochs [s].
        arrivals: epochs [s].
        homeward: from Mars to Earth.
        revolutions: whole revolutions about the Sun; of the two arcs the one with the smaller sum
            of both v-infinities.
        ephemeris: None takes the shipped one.

    Returns:
        The grid.

    Raises:
        EpochOutOfRange: for dates outside the ephemeris.
    """
    sky = load_ephemeris() if ephemeris is None else ephemeris
    departures, arrivals = np.asarray(departures, float), np.asarray(arrivals, float)
    for epoch in (departures.min(), departures.max(), arrivals.min(), arrivals.max()):
        sky.check_span(float(epoch))
    ends = _states(sky, jnp.asarray(departures), jnp.asarray(arrivals), homeward)
    return Porkchop(*_grid(*ends, revolutions))


@jax.jit
def _both(sky: Ephemeris, departures: Array, arrivals: Array) -> Any:
    def over(body: str, epochs: Array) -> Any:
        return jax.vmap(lambda t: sky.state(body, t, "sun"))(epochs)

    return over("earth", departures), over("mars", departures), over("earth", arrivals), over(
        "mars", arrivals
    )  # fmt: skip


def _states(sky: Ephemeris, departures: Array, arrivals: Array, homeward: bool) -> Any:
    earth_first, mars_first, earth_last, mars_last = _both(sky, departures, arrivals)
    first, last = (mars_first, earth_last) if homeward else (earth_first, mars_last)
    return departures, *first, arrivals, *last


def _grid_of(
    departures: Array,
    start: Array,
    start_velocity: Array,
    arrivals: Array,
    end: Array,
    end_velocity: Array,
    revolutions: int,
) -> tuple[Array, Array, Array, Array]:
    """Every pair of a column of departures and a row of arrivals."""
    gm = GM["sun"]
    r1 = jnp.sqrt(jnp.sum(start * start, axis=1))
    r2 = jnp.sqrt(jnp.sum(end * end, axis=1))
    u1, u2 = start / r1[:, None], end / r2[:, None]
    v1, v2 = start_velocity, end_velocity

    def product(a: Array, b: Array) -> Array:
        """Dot products of all pairs, written out so that they join the one fused kernel."""
        return (
            a[:, 0, None] * b[None, :, 0]
            + a[:, 1, None] * b[None, :, 1]
            + a[:, 2, None] * b[None, :, 2]
        )

    cosine = product(u1, u2)
    sine = jnp.sqrt(jnp.maximum(1.0 - cosine * cosine, 1e-18))
    level = u1[:, 0, None] * u2[None, :, 1] - u1[:, 1, None] * u2[None, :, 0]
    sign = jnp.where(level < 0.0, -1.0, 1.0)
    r1, r2 = r1[:, None], r2[None, :]
    chord = jnp.sqrt(r1 * r1 + r2 * r2 - 2.0 * r1 * r2 * cosine)
    half = 0.5 * (r1 + r2 + chord)
    shape = sign * jnp.sqrt(jnp.maximum(1.0 - chord / half, 0.0))
    duration = arrivals[None, :] - departures[:, None]
    possible = duration > DAY
    time = jnp.sqrt(2.0 * gm / half) / half * jnp.where(possible, duration, 300.0 * DAY)
    gamma = jnp.sqrt(0.5 * gm * half)
    rho = (r1 - r2) / chord
    sigma = jnp.sqrt(1.0 - rho * rho)
    tilt = sign / sine
    v1_u1 = jnp.sum(v1 * u1, axis=1)[:, None]
    v2_u2 = jnp.sum(v2 * u2, axis=1)[None, :]
    v1_ahead = tilt * (product(v1, u2) - cosine * v1_u1)
    v2_ahead = tilt * (cosine * v2_u2 - product(u1, v2))
    v1_squared = jnp.sum(v1 * v1, axis=1)[:, None]
    v2_squared = jnp.sum(v2 * v2, axis=1)[None, :]
    u1_z, v1_z = u1[:, 2, None], v1[:, 2, None]
    ahead_z = tilt * (u2[None, :, 2] - cosine * u1_z)

    def answer(right: bool) -> tuple[Array, Array, Array, Array]:
        x, exists = solve_unknown(
            shape, time, revolutions, right, steps=_STEPS if revolutions == 0 else None
        )
        y = jnp.sqrt(1.0 - shape * shape * (1.0 - x * x))
        inner, outer = shape * y - x, rho * (shape * y + x)
        radial_1 = gamma * (inner - outer) / r1
        radial_2 = -gamma * (inner + outer) / r2
        around = gamma * sigma * (y + shape * x)
        around_1, around_2 = around / r1, around / r2
        c3 = (
            radial_1 * (radial_1 - 2.0 * v1_u1)
            + around_1 * (around_1 - 2.0 * v1_ahead)
            + v1_squared
        )
        arrive = (
            radial_2 * (radial_2 - 2.0 * v2_u2)
            + around_2 * (around_2 - 2.0 * v2_ahead)
            + v2_squared
        )
        up = radial_1 * u1_z + around_1 * ahead_z - v1_z
        return c3, arrive, up, exists

    c3, arrive, up, exists = answer(False)
    if revolutions:
        c3_b, arrive_b, up_b, exists_b = answer(True)
        better = jnp.sqrt(c3_b) + jnp.sqrt(arrive_b) < jnp.sqrt(c3) + jnp.sqrt(arrive)
        c3, arrive, up = (
            jnp.where(better, b, a) for a, b in ((c3, c3_b), (arrive, arrive_b), (up, up_b))
        )
        exists = exists & exists_b
    real = exists & possible
    c3 = jnp.where(real, c3, jnp.nan)
    speed = jnp.sqrt(jnp.where(real, arrive, jnp.nan))
    return c3, speed, jnp.arcsin(jnp.clip(up / jnp.sqrt(c3), -1.0, 1.0)), sign > 0.0


_grid = jax.jit(_grid_of, static_argnums=6)


# --- opportunities

_SYNODIC = 779.94 * DAY
_STEP = 4.0 * DAY
_DEPARTURES = 196
"""Of one opportunity's grid: a whole synodic period, every four days."""
_LONGEST = (520.0, 1300.0, 2000.0, 2700.0)
"""Longest flights that are looked at, by whole revolutions [day]."""
_SHORTEST = 60.0 * DAY
_FINE = 13
_ROUNDS = 11
"""Of 13 x 13 points, each 0.4 as wide as the one before: four days down to a minute."""
_KINDS = (("I", "II"), ("III", "IV"), ("V", "VI"), ("VII", "VIII"))
_OBJECTIVES = ("c3", "arrival_v_infinity", "sum")


@dataclasses.dataclass(frozen=True)
class _Wanted:
    """One row to find: an opportunity, a kind of arc, and what is least."""

    centre: float
    short_way: bool
    objective: str


def opportunities(
    start: int,
    end: int,
    *,
    homeward: bool = False,
    max_c3: float | None = None,
    max_v_infinity: float | None = None,
    max_declination: float | None = None,
    revolutions: int = 0,
) -> list[dict[str, Any]]:
    """The best departures between two years: for every opportunity (one each 780 days) and both
    kinds of arc (I turns by less than 180 degrees, II by more), the least C3, the least arrival
    v-infinity and the least sum of both v-infinities.

    Args:
        start: first year of departure.
        end: last year of departure, included.
        homeward: from Mars to Earth.
        max_c3: [km^2/s^2].
        max_v_infinity: on arrival [km/s].
        max_declination: of the departure asymptote [deg].
        revolutions: whole revolutions about the Sun.

    Returns:
        Rows in the order of departure, with units in the names.

    Raises:
        EpochOutOfRange: for years outside the ephemeris.
        ValueError: for more than three revolutions.
    """
    if not 0 <= revolutions < len(_LONGEST):
        raise ValueError(f"revolutions = {revolutions}: allowed 0 to {len(_LONGEST) - 1}")
    sky = load_ephemeris()
    first, last = (epoch_of_utc(f"{year}-01-01T00:00:00Z") for year in (start, end + 1))
    opens, _ = sky.span
    for epoch in (max(first, opens), first + DAY, last - 366.0 * DAY):
        sky.check_span(epoch)
    wanted = [
        _Wanted(centre, short, objective)
        for centre in _centres(sky, first, last, homeward)
        for short in (True, False)
        for objective in _OBJECTIVES
    ]
    if not wanted:
        return []
    limits = (
        math.inf if max_c3 is None else max_c3 * 1e6,
        math.inf if max_v_infinity is None else max_v_infinity * 1e3,
        math.inf if max_declination is None else math.radians(max_declination),
    )
    points = _coarse(sky, wanted, limits, homeward, revolutions)
    kept = [(want, point) for want, point in zip(wanted, points, strict=True) if point is not None]
    if not kept:
        return []
    found = _refined(sky, [w for w, _ in kept], np.array([p for _, p in kept]), limits, homeward,
                     revolutions)  # fmt: skip
    rows = [
        _row(sky, want, point, homeward, revolutions)
        for (want, _), point in zip(kept, found, strict=True)
        if first <= point[0] < last
    ]
    return sorted(rows, key=lambda row: row["departure_utc"])


def _centres(sky: Ephemeris, first: float, last: float, homeward: bool) -> list[float]:
    """Middles of the opportunities that touch an interval: the outer planet is ahead by the angle
    of a Hohmann transfer (44 degrees outward, 75 behind homeward)."""
    opens, closes = sky.span
    epochs = np.arange(
        max(first - _SYNODIC, opens), min(last + _SYNODIC, closes - 200.0 * DAY), 5.0 * DAY
    )
    if epochs.size < 2:
        return []
    earth, mars, _, _ = _both(sky, jnp.asarray(epochs), jnp.asarray(epochs[:2]))
    earth, mars = np.asarray(earth[0]), np.asarray(mars[0])
    lead = np.arctan2(mars[:, 1], mars[:, 0]) - np.arctan2(earth[:, 1], earth[:, 0])
    ideal = math.radians(75.0 if homeward else 44.0)
    turn = np.unwrap(lead - ideal) / (2.0 * math.pi)
    passes = np.flatnonzero(np.floor(turn[1:]) != np.floor(turn[:-1]))
    return [
        float(epochs[i])
        for i in passes
        if first - 0.5 * _SYNODIC < epochs[i] < last + 0.5 * _SYNODIC
    ]


def _cost(
    grid: tuple[np.ndarray, ...], want: _Wanted, limits: tuple[float, float, float]
) -> np.ndarray:
    """What a row minimises, infinite where a limit is broken or the arc is of the other kind."""
    c3, arrive, declination, short = grid
    with np.errstate(invalid="ignore"):
        sums = np.sqrt(c3) + arrive
        value = {"c3": c3, "arrival_v_infinity": arrive, "sum": sums}[want.objective]
        good = (
            (short == want.short_way)
            & (c3 <= limits[0])
            & (arrive <= limits[1])
            & (np.abs(declination) <= limits[2])
            & np.isfinite(value)
        )
    return np.where(good, value, np.inf)


def _coarse(
    sky: Ephemeris,
    wanted: list[_Wanted],
    limits: tuple[float, float, float],
    homeward: bool,
    revolutions: int,
) -> list[tuple[float, float] | None]:
    """The best point of each opportunity's grid; None where there is none inside it."""
    opens, closes = sky.span
    longest = _LONGEST[revolutions] * DAY
    columns = math.ceil((_DEPARTURES * _STEP + longest) / _STEP)
    grids: dict[float, Any] = {}
    points: list[tuple[float, float] | None] = []
    for want in wanted:
        if want.centre not in grids:
            departures = want.centre + _STEP * (np.arange(_DEPARTURES) - 0.5 * _DEPARTURES)
            arrivals = departures[0] + _STEP * np.arange(1, columns + 1)
            # Dates beyond the ephemeris are asked at its end and thrown away.
            held = [np.clip(x, opens, closes) for x in (departures, arrivals)]
            ends = _states(sky, jnp.asarray(held[0]), jnp.asarray(held[1]), homeward)
            grid = tuple(np.asarray(x) for x in _grid(*ends, revolutions))
            duration = arrivals[None, :] - departures[:, None]
            outside = (duration < _SHORTEST) | (duration > longest)
            outside |= ((departures < opens) | (departures > closes))[:, None]
            outside |= (arrivals > closes)[None, :]
            grids[want.centre] = departures, arrivals, grid, outside
        departures, arrivals, grid, outside = grids[want.centre]
        cost = np.where(outside, np.inf, _cost(grid, want, limits))
        i, j = np.unravel_index(np.argmin(cost), cost.shape)
        # Least at the border of the grid: the opportunity next to it has the minimum.
        inside = 0 < i < _DEPARTURES - 1 and not (outside[i, max(j - 1, 0)] or outside[i, j + 1])
        good = inside and np.isfinite(cost[i, j])
        points.append((float(departures[i]), float(arrivals[j])) if good else None)
    return points


@jax.jit
def _small_states(sky: Ephemeris, departures: Array, arrivals: Array) -> Any:
    return jax.vmap(lambda a, b: _both(sky, a, b))(departures, arrivals)


@functools.partial(jax.jit, static_argnums=1)
def _small_grids(ends: Any, revolutions: int) -> Any:
    return jax.vmap(functools.partial(_grid_of, revolutions=revolutions))(*ends)


def _refined(
    sky: Ephemeris,
    wanted: list[_Wanted],
    points: np.ndarray,
    limits: tuple[float, float, float],
    homeward: bool,
    revolutions: int,
) -> np.ndarray:
    """The points moved to their minima: smaller and smaller grids about each."""
    opens, closes = sky.span
    offsets = np.linspace(-1.25, 1.25, _FINE)
    step = _STEP
    for _ in range(_ROUNDS):
        departures = np.clip(points[:, :1] + step * offsets, opens, closes)
        arrivals = np.clip(points[:, 1:] + step * offsets, opens, closes)
        earth_first, mars_first, earth_last, mars_last = _small_states(
            sky, jnp.asarray(departures), jnp.asarray(arrivals)
        )
        first, last = (mars_first, earth_last) if homeward else (earth_first, mars_last)
        ends = (jnp.asarray(departures), *first, jnp.asarray(arrivals), *last)
        grids = [np.asarray(x) for x in _small_grids(ends, revolutions)]
        for k, want in enumerate(wanted):
            cost = _cost(tuple(g[k] for g in grids), want, limits)
            i, j = np.unravel_index(np.argmin(cost), cost.shape)
            if np.isfinite(cost[i, j]):
                points[k] = departures[k, i], arrivals[k, j]
        step *= 0.4
    return points


def _row(
    sky: Ephemeris, want: _Wanted, point: np.ndarray, homeward: bool, revolutions: int
) -> dict[str, Any]:
    """One opportunity, with units in the names."""
    departure, arrival = (float(x) for x in point)
    arc = solve_ballistic(
        np.float64(departure), np.float64(arrival), np.asarray(homeward), sky,
        revolutions=revolutions,
    )  # fmt: skip
    leave, arrive = np.asarray(arc.departure_v_infinity), np.asarray(arc.arrival_v_infinity)
    right_ascension, declination = (math.degrees(float(x)) for x in angles_of(leave))
    at_mars = departure if homeward else arrival
    return {
        "departure_utc": utc_of_epoch(departure),
        "arrival_utc": utc_of_epoch(arrival),
        "time_of_flight_day": (arrival - departure) / DAY,
        "type": _KINDS[revolutions][0 if want.short_way else 1],
        "least": want.objective,
        "revolutions": revolutions,
        "c3_km2_s2": float(leave @ leave) / 1e6,
        "departure_v_infinity_km_s": float(np.linalg.norm(leave)) / 1e3,
        "departure_declination_deg": declination,
        "departure_right_ascension_deg": right_ascension,
        "arrival_v_infinity_km_s": float(np.linalg.norm(arrive)) / 1e3,
        "arrival_declination_deg": math.degrees(float(angles_of(arrive)[1])),
        f"{'departure' if homeward else 'arrival'}_ls_deg": math.degrees(solar_longitude(at_mars)),
    }

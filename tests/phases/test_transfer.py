"""A leg between the planets: the arc exists, the search keeps its bounds, the cruise arrives."""

from __future__ import annotations

import functools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.bplane import Approach, approach_of, b_magnitude, time_from_crossing
from anabasis.mechanics.escape import departure_plane, departure_state
from anabasis.mechanics.kepler import apsis_radii
from anabasis.mechanics.propagate import propagate
from anabasis.mechanics.table import Table
from anabasis.outcome import Outcome
from anabasis.phases import transfer
from anabasis.phases.transfer import (
    FIGURES,
    MINIMISED,
    Ballistic,
    Bounds,
    Charge,
    Correction,
    Course,
    best_departure,
    correct,
    cruise,
    look_ahead,
    solve_ballistic,
)
from anabasis.units import DAY
from anabasis.vehicles.launcher import Launcher
from anabasis.worlds.calendar import epoch_of_utc, solar_longitude
from anabasis.worlds.ephemeris import Ephemeris, load_ephemeris
from anabasis.worlds.season import solar_longitude as seen_solar_longitude
from anabasis.worlds.sky import BODIES, Sky, sky_of
from anabasis.worlds.world import World, make_world

DEPARTURE, ARRIVAL = (epoch_of_utc(f"{day}T00:00:00Z") for day in ("2026-10-31", "2027-08-19"))
INTERFACE = 3522.2e3
OUTWARD = np.asarray(False)


@pytest.fixture(scope="module")
def ephemeris() -> Ephemeris:
    return load_ephemeris()


@pytest.fixture(scope="module")
def earth() -> World:
    return make_world("earth")


@pytest.fixture(scope="module")
def mars() -> World:
    return make_world("mars")


@pytest.fixture(scope="module")
def sky(ephemeris: Ephemeris, earth: World, mars: World) -> Sky:
    return sky_of(ephemeris, (earth, mars), ARRIVAL)


@pytest.fixture(scope="module")
def arc(ephemeris: Ephemeris) -> Ballistic:
    return solve_ballistic(np.float64(DEPARTURE), np.float64(ARRIVAL), OUTWARD, ephemeris)


@pytest.fixture(scope="module")
def course(arc: Ballistic, sky: Sky, earth: World, mars: World) -> Course:
    """Aimed at an entry at -15.5 deg, along the equator, at midnight of the arrival's date."""
    incoming = np.asarray(arc.arrival_v_infinity)
    leaving = np.asarray(arc.departure_v_infinity)
    gm = float(mars.gm)
    b = float(b_magnitude(float(np.linalg.norm(incoming)), gm, INTERFACE, np.radians(-15.5)))
    approach = Approach(incoming, np.float64(b), np.float64(0.0), np.float64(0.0))
    lead = float(time_from_crossing(approach, gm, INTERFACE))
    return Course(
        departure=np.float64(DEPARTURE),
        arrival=np.float64(ARRIVAL),
        departure_v_infinity=leaving,
        plane=np.asarray(departure_plane(leaving, np.radians(28.5))),
        start_radius=np.float64(6578.137e3),
        from_periapsis=np.asarray(True),
        centres=np.array([BODIES.index(name) for name in ("earth", "sun", "mars")]),
        gm=np.array([float(earth.gm), gm]),
        pole=np.asarray(sky.poles[BODIES.index("mars")]),
        b_t=np.float64(b),
        b_r=np.float64(0.0),
        periapsis_epoch=np.float64(ARRIVAL + lead),
        interface_radius=np.float64(INTERFACE),
    )


@pytest.fixture(scope="module")
def corrected(course: Course, sky: Sky) -> tuple[Course, Correction]:
    return correct(course, sky)


def test_an_arc_starts_and_ends_with_the_planets(arc: Ballistic) -> None:
    assert bool(arc.exists)
    assert 2.9e3 < float(np.linalg.norm(np.asarray(arc.departure_v_infinity))) < 3.1e3
    assert float(arc.c3) == pytest.approx(float(np.sum(np.asarray(arc.departure_v_infinity) ** 2)))


def test_the_way_back_is_not_the_way_out(ephemeris: Ephemeris, arc: Ballistic) -> None:
    back = solve_ballistic(np.float64(DEPARTURE), np.float64(ARRIVAL), np.asarray(True), ephemeris)
    assert not np.allclose(back.departure_v_infinity, arc.departure_v_infinity)


def test_the_season_agrees_with_the_calendar(ephemeris: Ephemeris, mars: World) -> None:
    for epoch in (ARRIVAL, ARRIVAL + 1e7, ARRIVAL + 4e7):
        pole = np.asarray(mars.pole(np.float64(epoch)))
        seen = float(seen_solar_longitude(np.float64(epoch), ephemeris, pole))
        apart = (seen - solar_longitude(epoch) + np.pi) % (2.0 * np.pi) - np.pi
        assert abs(apart) < np.radians(0.01)


# --- the search


def bounds(**changes: float | int) -> Bounds:
    """The 2026 window without limits, changed as asked."""
    held: dict[str, float | int] = {
        "earliest": epoch_of_utc("2026-09-01T00:00:00Z"),
        "latest": epoch_of_utc("2026-12-31T00:00:00Z"),
        "earliest_arrival": epoch_of_utc("2027-03-01T00:00:00Z"),
        "latest_arrival": epoch_of_utc("2027-12-31T00:00:00Z"),
        "minimise": 0,
        "launch_mass": 0.0,
        "declination": np.pi,
        "arrival_v_infinity": 1e9,
        "season_start": 0.0,
        "season_span": 7.0,
        "exhaust_speed": 3138.0,
        "capture_radius": 3.8e6,
        "capture_gm": 4.28e13,
    } | changes
    numbers = {
        name: np.asarray(value) if name == "minimise" else np.float64(value)
        for name, value in held.items()
    }
    return Bounds(capability=Launcher(name="ariane-64").table(), **numbers)


@pytest.fixture(scope="module")
def pole(mars: World) -> np.ndarray:
    return np.asarray(mars.pole(np.float64(ARRIVAL)))


def test_the_least_c3_of_2026_is_found(ephemeris: Ephemeris, pole: np.ndarray) -> None:
    best = best_departure(bounds(), OUTWARD, pole, ephemeris)
    assert bool(best.found)
    assert float(best.arc.c3) / 1e6 == pytest.approx(9.182, abs=0.002)
    assert abs(float(best.arc.departure) - DEPARTURE) < 2.0 * DAY


def test_each_objective_is_least_where_it_is_minimised(
    ephemeris: Ephemeris, pole: np.ndarray
) -> None:
    found = [
        best_departure(bounds(minimise=k), OUTWARD, pole, ephemeris).arc
        for k in range(len(MINIMISED))
    ]
    c3 = [float(arc.c3) for arc in found]
    arrive = [float(np.linalg.norm(np.asarray(arc.arrival_v_infinity))) for arc in found]
    total = [np.sqrt(a) + b for a, b in zip(c3, arrive, strict=True)]
    assert min(c3) == c3[0]
    assert min(arrive) == arrive[1]
    assert min(total) == total[2]
    # The most mass in orbit lies between the cheapest departure and the slowest arrival.
    assert c3[0] <= c3[3] <= c3[1] + 1.0


def test_limits_bind_and_are_kept(ephemeris: Ephemeris, pole: np.ndarray) -> None:
    late = epoch_of_utc("2027-08-01T00:00:00Z")
    tight = best_departure(
        bounds(latest_arrival=late, declination=np.radians(20.0)), OUTWARD, pole, ephemeris
    )
    assert bool(tight.found)
    assert float(tight.arc.arrival) <= late
    leave = np.asarray(tight.arc.departure_v_infinity)
    assert abs(leave[2]) / np.linalg.norm(leave) <= np.sin(np.radians(20.0)) + 1e-12
    heavy = best_departure(bounds(launch_mass=6600.0), OUTWARD, pole, ephemeris)
    assert not bool(heavy.found)
    season = best_departure(
        bounds(season_start=np.radians(150.0), season_span=np.radians(30.0)),
        OUTWARD, pole, ephemeris,
    )  # fmt: skip
    # Seen from the ephemeris; the calendar's differs by up to 0.01 deg.
    assert 149.99 <= np.degrees(solar_longitude(float(season.arc.arrival))) <= 180.01


# --- the departure


def test_a_departure_hyperbola_has_its_asymptote_and_its_periapsis() -> None:
    sent = np.array([-1200.0, 2500.0, 1100.0])
    gm, radius = 3.986e14, 6.578e6
    plane = departure_plane(sent, np.radians(28.5))
    position, velocity = departure_state(sent, gm, radius, plane, np.asarray(True))
    assert float(apsis_radii(position, velocity, gm)[1]) == pytest.approx(radius, rel=1e-9)
    h = np.cross(position, velocity)
    assert h[2] / np.linalg.norm(h) == pytest.approx(np.cos(np.radians(28.5)), abs=1e-9)
    # Its way out, mirrored in time, is a way in along the opposite asymptote.
    back = approach_of(position, -velocity, gm, np.array([0.0, 0.0, 1.0]))
    assert np.allclose(-np.asarray(back.v_infinity), sent, rtol=1e-9)


def test_a_steep_asymptote_takes_the_least_inclination() -> None:
    sent = np.array([500.0, 0.0, 3000.0])
    assert float(departure_plane(sent, np.radians(28.5))) == 0.0
    slopes = jax.jacfwd(
        lambda v: departure_state(v, 3.986e14, 6.578e6, jnp.asarray(0.0), jnp.asarray(True))[0]
    )(jnp.asarray(sent))
    assert np.isfinite(slopes).all()


# --- the cruise


def test_a_corrected_cruise_arrives_where_and_when_it_was_promised(
    corrected: tuple[Course, Correction],
) -> None:
    _, seen = corrected
    assert bool(seen.end.reached)
    assert np.linalg.norm(np.asarray(seen.miss)[:2]) < 10.0
    assert abs(float(seen.miss[2])) < 0.01
    assert np.linalg.norm(seen.end.position) == pytest.approx(INTERFACE, abs=0.01)


def test_the_first_guess_is_far_off_so_the_correction_did_something(
    course: Course, sky: Sky
) -> None:
    assert np.linalg.norm(np.asarray(look_ahead(course, sky).miss)[:2]) > 1e7


def test_the_slopes_are_those_of_small_changes(
    corrected: tuple[Course, Correction], sky: Sky
) -> None:
    course, seen = corrected
    step = 1e-3
    for axis in range(3):
        moved = []
        for sign in (1.0, -1.0):
            sent = np.asarray(course.departure_v_infinity) + sign * step * np.eye(3)[axis]
            changed = eqx.tree_at(lambda c: c.departure_v_infinity, course, sent)
            moved.append(np.asarray(look_ahead(changed, sky).miss))
        difference = (moved[0] - moved[1]) / (2.0 * step)
        exact = np.asarray(seen.slopes)[:, axis]
        # Adaptive steps: derivatives agree within 1e-4.
        assert np.linalg.norm(difference - exact) < 1e-4 * np.linalg.norm(exact)


def test_the_arrival_does_not_depend_on_the_tolerance(
    corrected: tuple[Course, Correction], sky: Sky, monkeypatch: pytest.MonkeyPatch
) -> None:
    course, seen = corrected
    tight = functools.partial(propagate, relative=1e-13, absolute=1e-14)
    monkeypatch.setattr(transfer, "propagate", tight)
    end = jax.jit(lambda c, s: transfer._propagated(c, s, track=False))(course, sky)
    # Measured: 0.35 m after 292 days.
    assert np.linalg.norm(np.asarray(end.position) - np.asarray(seen.end.position)) < 5.0


def test_the_pull_is_the_same_told_from_anywhere(sky: Sky) -> None:
    """What two flyers differ by does not depend on who falls with them."""
    places, _ = sky.states(np.float64(DEPARTURE))
    one, other = np.array([1.1e11, 0.9e11, 2e10]), np.array([1.3e11, 0.7e11, 1e10])
    difference = [
        np.asarray(
            sky.pull(np.float64(DEPARTURE), one - np.asarray(places[k]), np.asarray(k))
            - sky.pull(np.float64(DEPARTURE), other - np.asarray(places[k]), np.asarray(k))
        )
        for k in range(len(BODIES))
    ]
    for told in difference[1:]:
        assert np.allclose(told, difference[0], rtol=1e-9, atol=1e-15)


@pytest.fixture(scope="module")
def words() -> dict[str, str]:
    return {"leaves": "earth", "arrives": "mars", "departure_event": "lander_launch"}


def test_a_flown_leg_reports_its_figures_and_keeps_its_books(
    corrected: tuple[Course, Correction], arc: Ballistic, sky: Sky, words: dict[str, str]
) -> None:
    course, _ = corrected
    charge = Charge(capability=Launcher().table())
    flight = cruise(np.float64(5540.0), charge, course, arc, sky, track=True, **words)
    assert flight.outcome == Outcome.nominal
    assert set(flight.figures) <= set(FIGURES)
    assert float(flight.figures["arrival_miss"]) < 10.0
    assert float(flight.figures["launch_margin"]) == pytest.approx(7254.0 - 5540.0, abs=2.0)
    assert float(flight.end.mass) == 5540.0
    assert flight.end.centre == "mars"
    assert float(flight.events["lander_launch"]) == DEPARTURE
    track = flight.track
    assert track is not None
    assert np.isfinite(np.asarray(track["position"])).all()
    assert (np.diff(np.asarray(track["epoch"])) >= 0.0).all()
    away = np.linalg.norm(np.asarray(track["position"]), axis=1) / 1.495978707e11
    assert 0.95 < away.min() < away.max() < 1.7
    silent = cruise(np.float64(5540.0), charge, course, arc, sky, **words)
    assert silent.track is None
    assert float(silent.end.epoch) == float(flight.end.epoch)


def test_without_a_launcher_the_mass_figures_say_nothing(
    corrected: tuple[Course, Correction], arc: Ballistic, sky: Sky, words: dict[str, str]
) -> None:
    flight = cruise(np.float64(0.0), Charge(), corrected[0], arc, sky, **words)
    for name in ("launch_mass", "launch_capability", "launch_margin"):
        assert np.isnan(float(flight.figures[name]))


def test_an_electric_departure_is_charged_and_the_ledger_closes(
    corrected: tuple[Course, Correction], arc: Ballistic, sky: Sky, words: dict[str, str]
) -> None:
    charge = Charge(exhaust_speed=np.float64(33676.0), release_lead=np.float64(3.0 * DAY))
    flight = cruise(np.float64(3000.0), charge, corrected[0], arc, sky, **words)
    sent = float(np.linalg.norm(np.asarray(corrected[0].departure_v_infinity)))
    spent = 3000.0 * (1.0 - np.exp(-sent / 33676.0))
    assert float(flight.figures["delta_v"]) == pytest.approx(sent, rel=1e-12)
    assert float(flight.figures["propellant"]) == pytest.approx(spent, rel=1e-12)
    change = sum(float(line.change) for line in flight.masses.values())
    assert 3000.0 + change == pytest.approx(float(flight.end.mass), abs=1e-9)
    late = float(flight.end.epoch) - float(flight.events["capsule_release"])
    assert late == pytest.approx(3.0 * DAY, abs=1e-6)


def test_a_course_that_passes_by_is_a_miss_and_its_neighbours_do_not_mind(
    corrected: tuple[Course, Correction], arc: Ballistic, sky: Sky, words: dict[str, str]
) -> None:
    course, _ = corrected
    off = np.asarray(course.departure_v_infinity) * np.array([[1.0], [1.001]])

    def fly(sent: jax.Array) -> tuple[jax.Array, jax.Array]:
        lane = eqx.tree_at(lambda c: c.departure_v_infinity, course, sent)
        flight = cruise(jnp.asarray(1000.0), Charge(), lane, arc, sky, **words)
        return flight.outcome == Outcome.nominal, flight.end.position

    fine, ends = eqx.filter_jit(jax.vmap(fly))(jnp.asarray(off))
    assert bool(fine[0])
    assert not bool(fine[1])
    alone = cruise(np.float64(1000.0), Charge(), course, arc, sky, **words)
    # One march and the same as a lane: 1e-9 of the way flown.
    assert np.linalg.norm(np.asarray(ends[0]) - np.asarray(alone.end.position)) < 500.0


def test_no_launcher_lifts_anything_at_any_speed() -> None:
    table = Table(np.linspace(-1e30, 1e30, 257), np.full(257, 1e9))
    assert float(table(jnp.asarray(5e7))) == pytest.approx(1e9)

"""Orders for the surface, settled and flown on the real calendar."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anabasis.campaign.orders import surface as orders_of
from anabasis.campaign.orders.surface import Errand, SurfaceOrders, SurfaceStart
from anabasis.mechanics.flight import Flight
from anabasis.outcome import Outcome
from anabasis.phases import surface
from anabasis.units import SOL, from_si, name_at_wall
from anabasis.vehicles.container import Container
from anabasis.vehicles.rover import Helicopters, Rover
from anabasis.worlds import calendar
from anabasis.worlds.world import World, make_world

DEGREE = math.pi / 180.0
THREE_FORKS = (18.45283 * DEGREE, 77.40821 * DEGREE)
LAUNCH = calendar.epoch_of_utc("2026-10-31T00:00:00Z")
TOUCHDOWN = calendar.epoch_of_utc("2027-08-19T00:00:00Z")
CONJUNCTION_TOLERANCE = 1.0
"""The figures give the day: one sol [sols]."""


@pytest.fixture(scope="module")
def mars() -> World:
    return make_world("mars")


@pytest.fixture(scope="module")
def orders() -> SurfaceOrders:
    return SurfaceOrders(
        start=SurfaceStart(epoch=TOUCHDOWN, latitude=THREE_FORKS[0], longitude=THREE_FORKS[1])
    )


@pytest.fixture(scope="module")
def errand(orders) -> Errand:
    return settle(orders)


@pytest.fixture(scope="module")
def flight(errand, orders, mars) -> Flight:
    start = orders_of.start_alone(orders, mars)
    return orders_of.fly(errand, orders, start, Rover(), mars)


def settle(orders: SurfaceOrders) -> Errand:
    return orders_of.plan(
        orders,
        Rover(),
        Container(),
        turn_back=LAUNCH,
        latitude=THREE_FORKS[0],
        longitude=THREE_FORKS[1],
    )


def at_the_wall(flight: Flight) -> dict[str, float]:
    return {
        name_at_wall(name, unit): from_si(float(flight.figures[name]), unit)
        for name, unit in surface.FIGURES.items()
    }


def test_a_late_2026_departure_is_ready_just_before_the_season_of_dust(flight):
    figures = at_the_wall(flight)
    assert flight.outcome == Outcome.nominal
    assert figures["tubes_loaded_count"] == 21
    assert figures["tubes_left_count"] == 12
    assert figures["loading_duration_sol"] == pytest.approx(21)
    assert figures["landing_ls_deg"] == pytest.approx(148.1, abs=0.2)
    assert 0.0 < figures["season_margin_sol"] < 30.0
    assert figures["rover_start_distance_km"] == pytest.approx(9.95, abs=0.01)
    assert figures["drive_distance_km"] > 1.15 * figures["rover_start_distance_km"]
    assert figures["odometer_km"] == pytest.approx(45.02 + figures["drive_distance_km"], abs=0.01)


def test_the_rover_keeps_to_ground_it_knows_on_the_way_to_three_forks(errand):
    assert errand.route.assumed_length == 0.0
    assert set(errand.route.ground) <= {"driven", "linked"}


def test_a_straight_drive_is_shorter_and_assumed(errand):
    straight = settle(SurfaceOrders(route="straight"))
    assert straight.route.length < errand.route.length
    assert straight.route.assumed_length == straight.route.length


def test_the_sols_without_commands_are_those_of_the_published_conjunction(errand):
    commanding = np.asarray(errand.plan.commanding)
    silent = np.flatnonzero(~commanding)[:200]
    silent = silent[np.concatenate(([True], np.diff(silent) == 1)).cumprod().astype(bool)]
    for tick, utc in ((silent[0], "2028-03-08T12:00:00Z"), (silent[-1], "2028-04-03T12:00:00Z")):
        noon = float(errand.plan.midnight) + (tick + 0.5) * SOL
        off = abs(noon - calendar.epoch_of_utc(utc)) / SOL
        assert off <= CONJUNCTION_TOLERANCE, utc


def test_each_tube_changes_hands_once_and_one_a_sol(errand, flight, orders):
    when = orders_of.hand_overs(errand, flight, orders)
    assert set(when) == {going.tube.id for going in errand.manifest.going}
    times = np.array(list(when.values()))
    assert np.diff(times) == pytest.approx(np.full(20, SOL))
    assert times[-1] == pytest.approx(float(flight.events["loading_end"]))
    assert orders_of.loaded_masses(errand, when) == pytest.approx((21, 0.3747))


def test_helicopters_fill_the_thirty_places(mars, orders):
    with_helicopters = SurfaceOrders(fetch=Helicopters(), start=orders.start)
    errand = settle(with_helicopters)
    start = orders_of.start_alone(with_helicopters, mars)
    flight = orders_of.fly(errand, with_helicopters, start, Rover(), mars)
    assert float(flight.figures["tubes_loaded_count"]) == 30
    assert len(orders_of.hand_overs(errand, flight, orders)) == 30


def test_lift_off_waits_for_the_later_of_the_two_and_for_the_season():
    closed = (180.0 * DEGREE, 330.0 * DEGREE)
    open_day = calendar.epoch_of_utc("2028-08-01T00:00:00Z")
    dusty_day = calendar.epoch_of_utc("2028-02-01T00:00:00Z")
    assert orders_of.lift_off_after(dusty_day, open_day, *closed) == open_day
    assert orders_of.lift_off_after(open_day, dusty_day, *closed) == open_day
    waited = orders_of.lift_off_after(dusty_day, dusty_day, *closed)
    assert calendar.utc_of_epoch(waited).startswith("2028-06-21")


def test_the_table_of_seasons_says_what_the_calendar_says():
    closed = (180.0 * DEGREE, 330.0 * DEGREE)
    begin = calendar.epoch_of_utc("2027-08-19T00:00:00Z")
    shut = orders_of.seasons(begin, *closed)
    for day in np.arange(0.0, 2400.0, 37.3):
        epoch = begin + day * 86400.0
        expected = orders_of.lift_off_after(epoch, epoch, *closed)
        found = float(orders_of.open_after(np.asarray(epoch), shut))
        assert found == pytest.approx(expected, abs=1.0)


@pytest.mark.parametrize(
    ("ls", "clear"), [(150.0, 30.0), (180.0, 0.0), (200.0, -20.0), (320.0, -10.0), (340.0, 10.0)]
)
def test_clearance_of_the_season_is_negative_inside_it(ls, clear):
    found = orders_of.season_clearance(ls * DEGREE, 180.0 * DEGREE, 330.0 * DEGREE)
    assert found / DEGREE == pytest.approx(clear, abs=1e-9)
    assert orders_of.lift_off_limit(ls, SurfaceOrders()).met is (clear > -1e-9)


def test_the_limits_are_met_by_a_full_load_and_broken_by_a_missing_tube(flight):
    figures = at_the_wall(flight)
    assert all(limit.met for limit in orders_of.limits(figures, 21, 303.0))
    broken = [limit.name for limit in orders_of.limits(figures, 22, 304.0) if not limit.met]
    assert broken == ["loading complete", "tubes below 30 C (bound)"]


def test_the_bounds_come_from_the_scenario():
    bounds = orders_of.bounds(SurfaceOrders(), Rover())
    assert [bounds.of(h) for h in ("rover", "ground", "ascender", "capsule")] == [
        293.0,
        293.0,
        303.0,
        303.0,
    ]
    assert bounds.of("laboratory") is None

"""The rover brings the tubes to the lander, sol by sol."""

from __future__ import annotations

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.state import PointState
from anabasis.mechanics.table import Table
from anabasis.outcome import Outcome
from anabasis.phases import surface
from anabasis.units import SOL, name_at_wall
from anabasis.vehicles.rover import FetchRover, Helicopters, Rover
from anabasis.worlds.world import World, make_world

DEGREE = np.pi / 180.0
SITE = (18.45283 * DEGREE, 77.40821 * DEGREE)
FIRST_SOL = 2000.0
SOLS = 400
LANDING_TICK = 100
METRE = 1.0 / 3396190.0


@pytest.fixture(scope="module")
def mars() -> World:
    return make_world("mars")


@pytest.fixture(scope="module")
def rover() -> Rover:
    return Rover()


@pytest.fixture(scope="module")
def plan() -> surface.SurfacePlan:
    """Ten kilometres of way, waiting 700 m south of the site; half a degree of Ls a sol."""
    elapsed = np.arange(-400.0, SOLS + 900.0) * SOL
    return surface.SurfacePlan(
        midnight=np.asarray(8.4e8),
        first_sol=np.asarray(FIRST_SOL),
        commanding=np.ones(SOLS, dtype=bool),
        season=Table(elapsed, 60.0 * DEGREE + 0.5 * DEGREE * elapsed / SOL),
        closed_from=np.asarray(180.0 * DEGREE),
        closed_to=np.asarray(330.0 * DEGREE),
        way=np.asarray(5000.0),
        start_distance=np.asarray(4000.0),
        waiting_latitude=np.asarray(SITE[0] - 700.0 * METRE),
        waiting_longitude=np.asarray(SITE[1]),
        odometer=np.asarray(45000.0),
        tubes_per_sol=np.asarray(1.0),
        check_out=np.asarray(14.0 * SOL),
        depot_latitude=np.asarray(SITE[0]),
        depot_longitude=np.asarray(SITE[1]),
        fetch=None,
    )


@pytest.fixture(scope="module")
def cargo() -> surface.Tubes:
    masses = 0.057 + 0.001 * np.arange(21.0)
    return surface.Tubes(masses, np.zeros(0), np.asarray(33.0))


@pytest.fixture(scope="module")
def start(mars: World, plan: surface.SurfacePlan) -> PointState:
    epoch = jnp.asarray(plan.midnight + (LANDING_TICK + 0.6) * SOL)
    position = mars.position_at(epoch, *SITE, 3.392e6)
    velocity = mars.inertial_from_planet(epoch, position, jnp.zeros(3))
    return PointState(epoch, position, velocity, jnp.asarray(3375.0), "mars")


@pytest.fixture(scope="module")
def nominal(start, rover, plan, mars, cargo):
    return surface.load(start, rover, plan, mars, cargo, track=True)


def changed(plan: surface.SurfacePlan, **values) -> surface.SurfacePlan:
    return dataclasses.replace(
        plan,
        **{k: np.asarray(v) if isinstance(v, float) else v for k, v in values.items()},
    )


def test_the_figures_are_those_of_the_interface(nominal):
    assert set(nominal.figures) == set(surface.FIGURES)
    assert {name_at_wall(name, unit) for name, unit in surface.FIGURES.items()} == {
        "landing_sol",
        "landing_ls_deg",
        "rover_start_distance_km",
        "drive_distance_km",
        "drive_duration_sol",
        "loading_duration_sol",
        "tubes_loaded_count",
        "tubes_left_count",
        "ready_sol",
        "ready_ls_deg",
        "season_margin_sol",
        "odometer_km",
        "tubes_stuck_count",
        "arm_cycles_count",
        "rover_faults_count",
        "grain_minimum_K",
        "battery_minimum_percent",
    }


def test_a_nominal_errand_by_hand(nominal, plan):
    assert nominal.outcome == Outcome.nominal
    figures = {name: float(value) for name, value in nominal.figures.items()}
    drive = 1.17 * 5700.0
    assert figures["drive_distance"] == pytest.approx(drive, abs=0.01)
    assert figures["odometer"] == pytest.approx(45000.0 + drive, abs=0.01)
    # 58.5 sols to the waiting place; 819 m from there: 9 sols from the morrow of touchdown.
    assert figures["drive_duration"] / SOL == pytest.approx(59 + 9)
    arrival = LANDING_TICK + 9
    assert float(nominal.events["rover_at_lander"]) == pytest.approx(
        float(plan.midnight) + (arrival + 16 / 24) * SOL
    )
    assert figures["loading_duration"] / SOL == pytest.approx(21)
    assert figures["landing_sol"] == FIRST_SOL + LANDING_TICK
    assert figures["ready_sol"] == FIRST_SOL + arrival + 21 + 14
    assert figures["tubes_loaded_count"] == 21
    assert figures["tubes_left_count"] == 12
    ls = 60.0 + 0.5 * (arrival + 21 + 14 + 16 / 24)
    assert figures["ready_ls"] / DEGREE == pytest.approx(ls)
    assert figures["season_margin"] / SOL == pytest.approx((180.0 - ls) / 0.5)


def test_the_events_come_in_their_order(nominal):
    names = ("rover_at_lander", "loading_start", "loading_end")
    times = [float(nominal.events[name]) for name in names]
    assert times == sorted(times)
    assert float(nominal.end.epoch) > times[-1]


def test_the_lander_gains_what_the_tubes_weigh_and_stays_where_it_stands(
    nominal, start, cargo, mars
):
    gained = sum(float(change.change) for change in nominal.masses.values())
    assert gained == pytest.approx(cargo.aboard.sum(), abs=1e-12)
    assert float(nominal.end.mass) == pytest.approx(float(start.mass) + gained, abs=1e-9)
    latitude, longitude = mars.latitude_longitude(nominal.end.epoch, nominal.end.position)
    assert float(latitude) == pytest.approx(SITE[0], abs=1e-9)
    assert float(longitude) == pytest.approx(SITE[1], abs=1e-9)


def test_no_tube_is_loaded_while_there_are_no_commands(start, rover, plan, mars, cargo):
    silent = np.ones(SOLS, dtype=bool)
    silent[115:135] = False
    flight = surface.load(start, rover, changed(plan, commanding=silent), mars, cargo, track=True)
    assert flight.track is not None
    loaded = np.asarray(flight.track["tubes_loaded"])
    assert loaded[114] == loaded[134]
    assert loaded[135] == loaded[134] + 1
    assert float(flight.figures["loading_duration"]) / SOL == pytest.approx(41)


def test_silence_during_the_check_out_puts_readiness_off(nominal, start, rover, plan, mars, cargo):
    silent = np.ones(SOLS, dtype=bool)
    silent[135:145] = False
    late = surface.load(start, rover, changed(plan, commanding=silent), mars, cargo)
    assert float(late.figures["ready_sol"]) == float(nominal.figures["ready_sol"]) + 10


@pytest.mark.parametrize(("pace", "sols"), [(0.5, 42), (1.0, 21), (2.0, 11), (3.0, 7)])
def test_the_pace_of_the_arm_sets_the_length_of_loading(
    pace, sols, start, rover, plan, mars, cargo
):
    flight = surface.load(start, rover, changed(plan, tubes_per_sol=pace), mars, cargo)
    assert float(flight.figures["loading_duration"]) / SOL == pytest.approx(sols)
    assert float(flight.figures["tubes_loaded_count"]) == 21


def test_a_rover_that_has_not_arrived_by_touchdown_drives_on(start, rover, plan, mars, cargo):
    flight = surface.load(start, rover, changed(plan, way=12000.0), mars, cargo)
    assert float(flight.figures["drive_duration"]) / SOL == pytest.approx(
        np.ceil(1.17 * 12700.0 / 100.0)
    )
    assert flight.outcome == Outcome.nominal


def test_a_way_too_long_is_an_outcome_and_not_an_error(start, rover, plan, mars, cargo):
    flight = surface.load(start, rover, changed(plan, way=60000.0), mars, cargo)
    assert flight.outcome == Outcome.rover_never_arrived
    assert np.isnan(float(flight.figures["ready_sol"]))
    assert np.isnan(float(flight.events["loading_start"]))
    assert float(flight.figures["tubes_loaded_count"]) == 0
    assert float(flight.figures["drive_distance"]) == pytest.approx(SOLS * 100.0)


def test_a_check_out_without_end_is_not_ready_in_time(start, rover, plan, mars, cargo):
    flight = surface.load(start, rover, changed(plan, check_out=399.0 * SOL), mars, cargo)
    assert flight.outcome == Outcome.not_ready_in_time
    assert float(flight.figures["tubes_loaded_count"]) == 21


def test_readiness_in_the_closed_season_has_a_negative_margin(start, rover, plan, mars, cargo):
    late = changed(plan, check_out=150.0 * SOL)
    flight = surface.load(start, rover, late, mars, cargo)
    ls = float(flight.figures["ready_ls"]) / DEGREE
    assert 180.0 < ls < 330.0
    assert float(flight.figures["season_margin"]) / SOL == pytest.approx((180.0 - ls) / 0.5)


def test_helicopters_add_the_tubes_of_a_depot_in_reach(start, rover, plan, mars, cargo):
    more = surface.Tubes(cargo.aboard, np.full(9, 0.07), cargo.filled)
    near = changed(plan, fetch=Helicopters())
    flight = surface.load(start, rover, near, mars, more, track=True)
    assert float(flight.figures["tubes_loaded_count"]) == 30
    assert float(flight.figures["tubes_left_count"]) == 3
    assert flight.track is not None
    loaded = np.asarray(flight.track["tubes_loaded"])
    assert np.diff(loaded).max() <= 1.0
    # The first two come while the rover is still on its way.
    assert float(flight.events["loading_start"]) < float(flight.events["rover_at_lander"])
    gained = sum(float(change.change) for change in flight.masses.values())
    assert gained == pytest.approx(cargo.aboard.sum() + 9 * 0.07, abs=1e-12)


def test_a_depot_out_of_reach_does_not_hold_up_the_rest(start, rover, plan, mars, cargo):
    more = surface.Tubes(cargo.aboard, np.full(9, 0.07), cargo.filled)
    far = changed(
        plan, fetch=Helicopters(), depot_latitude=float(plan.depot_latitude) + 800.0 * METRE
    )
    flight = surface.load(start, rover, far, mars, more)
    assert flight.outcome == Outcome.nominal
    assert float(flight.figures["tubes_loaded_count"]) == 21


def test_a_fetch_rover_comes_once_with_all(start, rover, plan, mars, cargo):
    more = surface.Tubes(cargo.aboard, np.full(9, 0.07), cargo.filled)
    flight = surface.load(start, rover, changed(plan, fetch=FetchRover()), mars, more, track=True)
    assert float(flight.figures["tubes_loaded_count"]) == 30
    assert flight.outcome == Outcome.nominal


def test_one_errand_and_the_same_as_a_lane_agree_and_a_lost_lane_disturbs_no_other(
    nominal, start, rover, plan, mars, cargo
):
    ways = jnp.asarray([5000.0, 60000.0, 5000.0])

    def one(way):
        return surface.load(start, rover, changed(plan, way=way), mars, cargo)

    lanes = jax.vmap(one)(ways)
    for lane in (0, 2):
        for name, value in nominal.figures.items():
            assert float(lanes.figures[name][lane]) == pytest.approx(
                float(value), rel=1e-9, nan_ok=True
            )
    lost = eqx.filter_jit(lambda outcomes: outcomes == Outcome.nominal)(lanes.outcome)
    assert list(np.asarray(lost)) == [True, False, True]


def test_the_drive_has_a_derivative_with_respect_to_where_the_lander_stands(
    start, rover, plan, mars, cargo
):
    def driven(shift):
        moved = eqx.tree_at(
            lambda state: state.position,
            start,
            mars.position_at(start.epoch, SITE[0] + shift, SITE[1], 3.392e6),
        )
        return surface.load(moved, rover, plan, mars, cargo).figures["drive_distance"]

    slope = float(jax.jacfwd(driven)(jnp.asarray(0.0)))
    assert slope * METRE == pytest.approx(1.17, rel=1e-6)

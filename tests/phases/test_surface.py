"""The rover brings the tubes to the lander, sol by sol."""

from __future__ import annotations

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anabasis.mechanics.state import PointState
from anabasis.mechanics.table import Table
from anabasis.outcome import Outcome
from anabasis.phases import surface
from anabasis.units import SOL, name_at_wall
from anabasis.vehicles.arm import Arm
from anabasis.vehicles.igloo import Igloo
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
        "tubes_friable_count",
        "tubes_open_count",
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


# ------------------------------------------------------------------ chance on the surface


@pytest.fixture(scope="module")
def by_chance(start, rover, plan, mars, cargo):
    """The errand by dice, stops, an arm that fails and a rocket that must stay warm; compiled once.

    Takes (dice, chance of failing, chance of sticking, chance that the lid fails, chance of a
    stop, length of a storm), each of shape (n,).
    """
    shape = np.ones(SOLS)
    transit = surface.Transit(
        moves=np.array([0.6, 0.7]),
        centre=np.log([200.0, 220.0]),
        spread=np.array([0.2, 0.3]),
        longest=np.asarray(412.0),
        expected=np.asarray(120.0),
        spare=2e6 * shape,
        battery=np.asarray(8.64e6),
        per_metre=np.asarray(7560.0),
    )
    learnt = dataclasses.replace(
        plan,
        transit=transit,
        igloo=Igloo(),
        sky=surface.Sky(120.0 * shape, 213.0 * shape, 5.0 * shape, 200.0 * shape),
    )

    def one(luck, fails, sticks, lid, stop, storm):
        settled = dataclasses.replace(
            learnt,
            luck=luck,
            arm=Arm(fails, sticks, 5.0, lid),
            stops=surface.Stops(stop, 20.0 * SOL, 40.0 * SOL),
            igloo=dataclasses.replace(Igloo(), storm_after=20.0 * SOL, storm_length=storm),
        )
        return surface.load(start, rover, settled, mars, cargo, track=True)

    flown = jax.jit(jax.vmap(one))

    def fly(*values):
        return flown(*(jnp.asarray(np.atleast_1d(v), float) for v in values))

    return fly


def test_without_dice_the_rover_drives_what_is_expected_and_nothing_fails(by_chance):
    found = by_chance([0.0] * 8, [0.9] * 8, [0.9] * 8, [0.9] * 8, [0.9] * 8, [0.0] * 8)
    assert float(found.figures["drive_duration"][0]) / SOL == pytest.approx(
        np.ceil(1.17 * 5000.0 / 120.0) + np.ceil(1.17 * 700.0 / 120.0)
    )
    assert float(found.figures["tubes_loaded_count"][0]) == 21.0
    assert float(found.figures["arm_cycles_count"][0]) == 22.0
    assert float(found.figures["rover_faults_count"][0]) == 0.0
    assert float(found.figures["grain_minimum"][0]) == pytest.approx(253.0)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_tube_is_counted_every_evening_whatever_fails_and_in_which_order(
    by_chance, cargo, start, data
):
    eight = {"min_size": 8, "max_size": 8}
    luck = data.draw(st.lists(st.integers(1, 2**40).map(float), **eight))
    chances = [data.draw(st.lists(st.floats(0.0, 0.5), **eight)) for _ in range(4)]
    found = by_chance(luck, *chances, [0.0] * 8)
    loaded = np.asarray(found.track["tubes_loaded"])
    assert np.all(np.diff(loaded, axis=1) >= 0.0)
    assert np.all(loaded == np.asarray(found.track["tubes_from_rover"]))
    figures = {name: np.asarray(value) for name, value in found.figures.items()}
    np.testing.assert_array_equal(loaded[:, -1], figures["tubes_loaded_count"])
    np.testing.assert_array_equal(figures["tubes_left_count"], 33.0 - loaded[:, -1])
    assert np.all(figures["tubes_loaded_count"] + figures["tubes_stuck_count"] <= 21.0)
    done = np.isfinite(figures["ready_sol"])
    np.testing.assert_array_equal(
        (figures["tubes_loaded_count"] + figures["tubes_stuck_count"])[done], 21.0
    )
    gained = np.asarray(found.track["mass"]) - float(start.mass)
    lightest = np.concatenate(([0.0], np.cumsum(np.sort(cargo.aboard))))
    heaviest = np.concatenate(([0.0], np.cumsum(np.sort(cargo.aboard)[::-1])))
    count = loaded.astype(int)
    assert np.all(gained >= lightest[count] - 1e-9)
    assert np.all(gained <= heaviest[count] + 1e-9)
    np.testing.assert_allclose(
        np.asarray(found.end.mass) - float(start.mass), gained[:, -1], atol=1e-9
    )


def test_stops_delay_the_rover_and_a_lid_that_stays_open_loses_the_march(by_chance):
    luck = np.arange(1.0, 9.0)
    none = [0.0] * 8
    calm = by_chance(luck, none, none, none, none, none)
    halting = by_chance(luck, none, none, none, [0.05] * 8, none)
    assert np.all(np.asarray(halting.figures["rover_faults_count"]) >= 0.0)
    assert np.asarray(halting.figures["rover_faults_count"]).sum() > 0.0
    late, early = (np.asarray(f.figures["ready_sol"]) for f in (halting, calm))
    good = np.isfinite(late)
    assert np.all(late[good] >= early[good])
    open_lid = by_chance(luck, none, none, [1.0] * 8, none, none)
    assert np.all(open_lid.outcome == Outcome.lid_not_closed)


def test_a_storm_cools_the_grain_and_says_when(by_chance, plan):
    none = [0.0] * 8
    found = by_chance(none, none, none, none, none, [0.0] * 4 + [200.0 * SOL] * 4)
    cold = np.asarray(found.events["grain_too_cold"])
    assert np.isnan(cold[:4]).all()
    tick = (cold[4:] - float(plan.midnight)) / SOL - LANDING_TICK
    assert np.all((tick > 20.0) & (tick < 120.0))
    grain = np.asarray(found.track["grain"])
    assert np.all(grain[:4] > 252.9)
    assert np.all(grain[4:].min(axis=1) < 233.0)

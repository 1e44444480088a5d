"""Whole marches side by side: every case hands its own end on, and none disturbs another."""

from __future__ import annotations

import numpy as np
import pytest

import anabasis
from anabasis.campaign.march import FIGURES
from anabasis.mechanics.flight import Flight
from anabasis.outcome import Outcome
from anabasis.studies.lanes import OUT_OF_RANGE, Lanes
from anabasis.studies.replay import AGREE, how_far_apart
from anabasis.units import from_si, name_at_wall

SIZE = 16
STEEP = "entry.delivery.flight_path_angle_error_deg"
SKIPS, NEGATIVE, NOMINAL = 3, 9, 5
"""Cases that are given other draws than their own: one too shallow, one of negative mass, one
undisturbed."""

Rows = dict[str, np.ndarray]


class Poisoned:
    """The draws of an ensemble with three of them replaced."""

    def __init__(self, lanes: Lanes) -> None:
        self.draws, self.lanes = lanes.draws, lanes
        self.paths = [one.path for one in lanes.numbers]

    def of(self, cases: object) -> np.ndarray:
        drawn = self.draws.of(cases).copy()  # pyright: ignore[reportArgumentType]
        for k, case in enumerate(np.asarray(cases)):
            if case == SKIPS:
                drawn[k, self.paths.index(STEEP)] = 9.0
            if case == NEGATIVE:
                drawn[k, self.paths.index("capsule.mass_kg")] = -5.0
            if case == NOMINAL:
                drawn[k] = self.lanes.nominal
        return drawn


@pytest.fixture(scope="module")
def lanes() -> Lanes:
    return Lanes(
        anabasis.load("february-2022-dispersed"),
        only=None,
        seed=1,
        sampler="random",
        count=1000,
        size=SIZE,
    )


@pytest.fixture(scope="module")
def rows(lanes: Lanes) -> Rows:
    return {name: np.asarray(values) for name, values in lanes.fly(range(SIZE)).items()}


@pytest.fixture(scope="module")
def poisoned(lanes: Lanes) -> Rows:
    own = lanes.draws
    lanes.draws = Poisoned(lanes)  # pyright: ignore[reportAttributeAccessIssue]
    try:
        return {name: np.asarray(values) for name, values in lanes.fly(range(SIZE)).items()}
    finally:
        lanes.draws = own


def agrees(flights: dict[str, Flight], rows: Rows, case: int) -> None:
    for phase, flight in flights.items():
        for name, value in flight.figures.items():
            unit = FIGURES[phase].get(name)
            if unit is None:
                continue
            column = f"{phase}.{name_at_wall(name, unit)}"
            alone = float(from_si(np.asarray(value), unit))
            apart = how_far_apart(column, float(rows[column][case]), alone)
            assert apart <= AGREE, f"{column}: {rows[column][case]!r} in its lane, {alone!r} alone"


def test_the_plan_is_that_of_the_scenario_it_extends() -> None:
    plain = anabasis.load("february-2022").values
    dispersed = dict(anabasis.load("february-2022-dispersed").values)
    for name in ("name", "summary", "extends", "dispersion", "requirement"):
        dispersed.pop(name, None)
    for phase in ("insertion", "entry", "arrival"):
        table = dict(dispersed[phase])
        assert set(table.pop("delivery").values()) == {0.0}
        dispersed[phase] = table
    for name, value in dispersed.items():
        assert value == plain[name], name


def test_every_phase_of_the_march_has_its_figures_in_the_row(lanes: Lanes, rows: Rows) -> None:
    assert lanes.phases == anabasis.load("february-2022").march
    assert {name for name, _ in lanes.columns} == set(rows)
    assert list(rows["outcome"]) == [""] * SIZE
    home, stuck = rows["arrival.tubes_home_count"], rows["surface.tubes_stuck_count"]
    assert list(home + stuck) == [21.0] * SIZE
    assert np.mean(home) > 20.0


def test_the_undisturbed_lane_is_the_march_that_is_flown_alone(
    lanes: Lanes, poisoned: Rows
) -> None:
    assert poisoned["outcome"][NOMINAL] == ""
    agrees(lanes.march.log.flights, poisoned, NOMINAL)


def test_a_case_flown_alone_phase_by_phase_agrees_with_its_lane(lanes: Lanes, rows: Rows) -> None:
    alone = lanes.alone(11)
    assert tuple(alone) == lanes.phases
    assert all(flight.track is not None for flight in alone.values())
    agrees(alone, rows, 11)


def test_a_lost_lane_and_one_never_flown_disturb_nobody_to_the_last_bit(
    rows: Rows, poisoned: Rows
) -> None:
    others = [case for case in range(SIZE) if case not in (SKIPS, NEGATIVE, NOMINAL)]
    for name, values in rows.items():
        if values.dtype.kind == "f":
            np.testing.assert_array_equal(poisoned[name][others], values[others], err_msg=name)
        else:
            assert list(poisoned[name][others]) == list(values[others]), name


def test_once_lost_a_case_stays_lost_and_later_phases_have_no_figures(poisoned: Rows) -> None:
    assert poisoned["outcome"][SKIPS] == str(Outcome[Outcome.skipped_out])
    assert poisoned["outcome_phase"][SKIPS] == "entry"
    assert poisoned["outcome"][NEGATIVE] == OUT_OF_RANGE
    for column in ("landing.miss_km", "ascent.apoapsis_km", "arrival.tubes_home_count"):
        assert np.isnan(poisoned[column][SKIPS])
        assert np.isnan(poisoned[column][NEGATIVE])
    assert np.isfinite(poisoned["insertion.propellant_kg"][SKIPS])


def test_what_is_drawn_at_the_start_is_felt_to_the_end(rows: Rows) -> None:
    """Each hand-over by what only it can carry, seen in the phase after it."""

    def bound(one: str, other: str) -> float:
        return float(np.corrcoef(rows[one], rows[other])[0, 1])

    errors = rows[f"draw.{STEEP}"]
    angles = rows["entry.interface_flight_path_angle_deg"]
    np.testing.assert_allclose(angles - errors, np.mean(angles - errors), atol=1e-9)
    # heavier at launch, heavier in its orbit, heavier on the way home
    assert bound("draw.orbiter.launch_mass_kg", "insertion.final_mass_kg") > 0.99
    # the parachute of a flight that went far opens farther away, and so does it land
    assert np.ptp(rows["landing.longitude_deg"]) > 0.05
    # the rover drives to where the lander stands, the rocket leaves from there
    assert np.ptp(rows["surface.ready_sol"]) > 5.0
    assert bound("landing.longitude_deg", "ascent.stage_one_burnout_longitude_deg") > 0.99
    # the container weighs what it was drawn with
    assert bound("draw.container.mass_kg", "ascent.lift_off_mass_kg") > 0.99
    # and is met in the orbit in which its own ascent left it
    assert bound("ascent.node_deg", "rendezvous.target_node_rate_deg_day") != 1.0
    assert np.std(rows["rendezvous.delta_v_m_s"]) > 1.0
    longest = rows["rendezvous.duration_day"]
    assert np.std(longest) > 1.0
    assert np.std(rows["homeward.waiting_day"]) > 1.0
    assert np.all(rows["homeward.waiting_day"] > 0.0)
    assert np.std(rows["arrival.impact_miss_km"]) > 0.1


def test_every_case_leaves_mars_in_the_plane_of_its_orbiter(rows: Rows) -> None:
    """Each at its own instant: the lift-off follows the longitude at which the lander stands."""
    assert np.max(rows["rendezvous.plane_change_deg"]) < 1.0

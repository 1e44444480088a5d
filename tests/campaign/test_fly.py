"""The whole campaign, flown: what it must do, where everything went, and how it is lost."""

from __future__ import annotations

import datetime
import itertools
import json
import pathlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import anabasis
from anabasis.campaign.journey import Journey
from anabasis.campaign.parts import PHASES
from anabasis.cli import main

LONG = {"msl-ellipse", "msl-landing"}
"""Guided as `mars2020-landing` is, and long to compile."""
SHELF = [
    pytest.param(name, marks=pytest.mark.truth) if name in LONG else name
    for name in sorted(set(anabasis.scenarios()) - {"february-2022-dispersed"})
]
"""That one flies as february-2022 does (`test_whole_march.py`)."""
LEDGER = 1e-9
"""The ledger of every element closes to this [kg]."""

LEG = """c3_km2_s2 departure_v_infinity_km_s departure_declination_deg departure_right_ascension_deg
arrival_v_infinity_km_s arrival_declination_deg time_of_flight_day arrival_miss_km delta_v_m_s
propellant_kg"""
FROM_EARTH = " arrival_ls_deg launch_mass_kg launch_capability_kg launch_margin_kg"
ENTRY = """interface_speed_m_s interface_flight_path_angle_deg interface_relative_speed_m_s
interface_relative_flight_path_angle_deg interface_relative_azimuth_deg interface_latitude_deg
interface_longitude_deg interface_time_s peak_deceleration_g peak_deceleration_time_s
peak_deceleration_altitude_km peak_deceleration_relative_speed_m_s peak_dynamic_pressure_kPa
peak_heat_flux_W_cm2 peak_heat_flux_time_s heat_load_J_cm2 bank_reversal_count range_km
range_to_target_km ballistic_coefficient_kg_m2"""
PARACHUTE = """ parachute_deploy_time_s parachute_deploy_mach parachute_deploy_dynamic_pressure_Pa
parachute_deploy_altitude_km parachute_deploy_height_km parachute_deploy_clearance_km
parachute_deploy_relative_speed_m_s"""
TO_THE_GROUND = """ peak_radiative_heat_flux_W_cm2 impact_time_s impact_speed_m_s
impact_latitude_deg impact_longitude_deg impact_miss_km"""
FIGURES: dict[str, str] = {
    "lander_outbound": LEG + FROM_EARTH,
    "orbiter_outbound": LEG + FROM_EARTH,
    "homeward": LEG,
    "insertion": """capture_delta_v_m_s finite_burn_loss_m_s spiral_delta_v_m_s
        spiral_duration_day propellant_kg final_mass_kg apoapsis_km periapsis_km inclination_deg""",
    "entry": ENTRY + PARACHUTE,
    "arrival": ENTRY + TO_THE_GROUND,
    "landing": """parachute_peak_force_kN heat_shield_separation_time_s
        backshell_separation_time_s powered_descent_start_time_s
        powered_descent_start_clearance_km powered_descent_duration_s
        parachute_mean_sink_speed_m_s touchdown_time_s touchdown_vertical_speed_m_s
        touchdown_horizontal_speed_m_s propellant_kg landed_mass_kg latitude_deg longitude_deg
        miss_km""",
    "surface": """landing_sol landing_ls_deg rover_start_distance_km drive_distance_km
        drive_duration_sol loading_duration_sol tubes_loaded_count tubes_left_count ready_sol
        ready_ls_deg season_margin_sol odometer_km tubes_stuck_count arm_cycles_count
        rover_faults_count grain_minimum_K battery_minimum_percent tubes_friable_count
        tubes_open_count""",
    "ascent": """lift_off_mass_kg thrust_elevation_deg thrust_azimuth_deg
        stage_one_burnout_time_s stage_one_burnout_altitude_km stage_one_burnout_speed_m_s
        stage_one_burnout_flight_path_angle_deg stage_one_burnout_latitude_deg
        stage_one_burnout_longitude_deg coast_apoapsis_km coast_periapsis_km coast_inclination_deg
        time_to_apoapsis_s circularisation_delta_v_m_s stage_two_ignition_time_s
        stage_two_burnout_time_s ideal_delta_v_m_s gravity_loss_m_s drag_loss_m_s
        steering_loss_m_s peak_dynamic_pressure_kPa peak_dynamic_pressure_time_s
        peak_acceleration_g final_mass_kg apoapsis_km periapsis_km inclination_deg node_deg""",
    "rendezvous": """delta_v_m_s duration_day plane_change_deg target_node_rate_deg_day
        differential_node_rate_deg_day target_revolutions_per_nodal_day phase_rate_deg_day
        drift_per_orbit_km propellant_kg""",
}
"""The interface's table, typed in: what every phase of a whole march reports."""

EVENTS = [
    "lander_launch",
    "orbiter_launch",
    "capture_burn",
    "entry_interface",
    "peak_deceleration",
    "parachute_deploy",
    "heat_shield_separation",
    "backshell_separation",
    "powered_descent_start",
    "touchdown",
    "rover_at_lander",
    "loading_start",
    "loading_end",
    "lift_off",
    "stage_one_burnout",
    "stage_separation",
    "stage_two_ignition",
    "stage_two_burnout",
    "container_captured",
    "mars_departure",
    "capsule_release",
    "earth_entry_interface",
    "impact",
]
"""The interface's event names; `spiral_up` was added."""

HOLDERS = ["rover", "ascender", "container", "orbiter", "capsule", "laboratory"]


def when(utc: str) -> datetime.datetime:
    found = datetime.datetime.fromisoformat(utc)
    assert found.utcoffset() == datetime.timedelta(0)
    return found


def dates(journey: Journey) -> dict[str, datetime.datetime]:
    return {event.name: when(event.utc) for event in journey.events}


@pytest.fixture(scope="module")
def february(flown: Callable[[str], Journey]) -> Journey:
    return flown("february-2022")


@pytest.fixture(scope="module")
def july(flown: Callable[[str], Journey]) -> Journey:
    return flown("july-2022")


# ---------------------------------------------------------------- february 2022


def test_february_is_flown_to_its_end_through_every_phase(february: Journey) -> None:
    assert february.outcome == ""
    assert february.outcome_phase is None
    assert sorted(february.phases) == sorted(PHASES)
    assert all(report.outcome == "" for report in february.phases.values())


def test_every_limit_of_february_is_met_and_says_where_it_comes_from(february: Journey) -> None:
    limits = [limit for report in february.phases.values() for limit in report.limits]
    assert [limit.name for limit in limits if not limit.met] == []
    assert february.limits_met
    assert all(limit.source for limit in limits)
    assert {limit.confidence for limit in limits} <= {"published", "derived", "assumed"}


def test_the_limits_the_decisions_list_are_all_there(february: Journey) -> None:
    held = {
        (phase, limit.figure, limit.sense, limit.limit)
        for phase, report in february.phases.items()
        for limit in report.limits
    }
    assert held >= {
        ("lander_outbound", "launch_margin_kg", "at least", 0.0),
        ("lander_outbound", "departure_declination_deg", "at most", 28.5),
        ("orbiter_outbound", "launch_margin_kg", "at least", 0.0),
        ("entry", "parachute_deploy_mach", "at most", 2.2),
        ("entry", "parachute_deploy_mach", "at least", 1.4),
        ("entry", "parachute_deploy_dynamic_pressure_Pa", "at most", 750.0),
        ("entry", "parachute_deploy_dynamic_pressure_Pa", "at least", 300.0),
        ("entry", "parachute_deploy_height_km", "at least", 6.0),
        ("landing", "parachute_peak_force_kN", "at most", 222.0),
        ("landing", "touchdown_vertical_speed_m_s", "at most", 1.5),
        ("landing", "touchdown_horizontal_speed_m_s", "at most", 0.5),
        ("landing", "propellant_left_kg", "at least", 0.0),
        ("surface", "tubes_loaded_count", "at least", 21.0),
        ("ascent", "peak_acceleration_g", "at most", 15.0),
        ("ascent", "lift_off_mass_kg", "at most", 450.0),
        ("ascent", "periapsis_km", "at least", 300.0),
        ("ascent", "apoapsis_km", "at most", 375.0),
        ("ascent", "inclination_deg", "at least", 24.0),
        ("ascent", "inclination_deg", "at most", 26.0),
        ("rendezvous", "hydrazine_left_kg", "at least", 0.0),
        ("homeward", "xenon_left_kg", "at least", 0.0),
    }
    assert any("Utah" in limit.name for limit in february.phases["arrival"].limits)
    assert any("30 C" in limit.name for limit in february.phases["surface"].limits)


def test_the_orbiter_waits_in_its_orbit_by_the_middle_of_2028(february: Journey) -> None:
    end = when(february.phases["insertion"].end_utc)
    assert end < when("2028-07-01T00:00:00Z")
    # an all-chemical orbiter of that mass cannot bring itself home: earlier is a broken ledger
    assert end > when("2028-01-01T00:00:00Z")
    figures = february.phases["insertion"].figures
    assert figures["apoapsis_km"] == pytest.approx(325.0, abs=0.01)
    assert figures["periapsis_km"] == pytest.approx(325.0, abs=0.01)
    assert figures["capture_delta_v_m_s"] == pytest.approx(950.0, abs=50.0)  # "about 0.95 km/s"


def test_the_rocket_leaves_after_the_season_of_dust(february: Journey) -> None:
    lift_off = next(event for event in february.events if event.name == "lift_off")
    assert when(lift_off.utc) > when("2028-06-21T00:00:00Z")
    assert lift_off.ls_deg is not None
    assert not 180.0 <= lift_off.ls_deg <= 330.0


def test_the_samples_are_home_in_july_2031(february: Journey) -> None:
    assert february.home_utc is not None
    assert february.home_utc.startswith("2031-07-")
    assert "window home" in february.home_because
    assert "2031" in february.announced


def test_the_tubes_that_came_to_no_harm_are_those_whose_verdict_says_so(february: Journey) -> None:
    pristine = [
        t for t in february.tubes if t["state"] == "delivered" and t["verdict"] == "pristine"
    ]
    assert february.phases["arrival"].figures["tubes_pristine_count"] == len(pristine)
    assert february.phases["surface"].figures["tubes_friable_count"] == 2.0
    assert 0 < len(pristine) < february.tubes_home_count


def test_both_arrivals_end_where_they_were_aimed(february: Journey) -> None:
    landing, arrival = february.phases["landing"].figures, february.phases["arrival"].figures
    miss = landing["miss_km"]
    assert miss is not None
    assert miss < 1.0
    assert landing["latitude_deg"] == pytest.approx(18.45283, abs=1.0 / 59.0)
    assert landing["longitude_deg"] == pytest.approx(77.40821, abs=1.0 / 56.0)
    miss = arrival["impact_miss_km"]
    assert miss is not None
    assert miss < 2.0
    assert arrival["impact_latitude_deg"] == pytest.approx(40.4, abs=2.0 / 111.0)
    assert arrival["impact_longitude_deg"] == pytest.approx(-113.2, abs=2.0 / 85.0)


@pytest.mark.parametrize("leg", ["lander_outbound", "orbiter_outbound", "homeward"])
def test_a_cruise_really_arrives(february: Journey, leg: str) -> None:
    miss = february.phases[leg].figures["arrival_miss_km"]
    assert miss is not None
    assert miss < 0.1


def test_the_cruise_hands_the_entry_the_angle_it_promised(february: Journey) -> None:
    for leg, phase, angle in (("lander_outbound", "entry", -15.5), ("homeward", "arrival", -12.0)):
        promised = february.phases[leg].figures["interface_flight_path_angle_deg"]
        flown = february.phases[phase].figures["interface_flight_path_angle_deg"]
        assert promised == pytest.approx(angle, abs=1e-3)
        assert flown == pytest.approx(promised, abs=1e-6)


def test_the_containers_orbit_is_in_its_window(february: Journey) -> None:
    figures = february.phases["ascent"].figures
    for name in ("apoapsis_km", "periapsis_km"):
        altitude = figures[name]
        assert altitude is not None
        assert 300.0 <= altitude <= 375.0
    assert figures["inclination_deg"] == pytest.approx(25.0, abs=1.0)
    mean = figures["mean_apoapsis_km"], figures["mean_periapsis_km"]
    assert mean != (figures["apoapsis_km"], figures["periapsis_km"])


@pytest.mark.parametrize("phase", PHASES)
def test_every_phase_reports_every_figure_of_the_interface(february: Journey, phase: str) -> None:
    figures = february.phases[phase].figures
    missing = set(FIGURES[phase].split()) - set(figures)
    assert missing == set()
    assert {name for name in FIGURES[phase].split() if figures[name] is None} == set()


# ---------------------------------------------------------------- tubes and custody


def test_every_tube_is_in_exactly_one_place(february: Journey) -> None:
    tubes = february.tubes
    assert len(tubes) == 43
    assert len({tube["id"] for tube in tubes}) == 43
    assert Counter(tube["state"] for tube in tubes) == {
        "delivered": 21,
        "left on Mars": 12,
        "empty": 10,
    }
    assert february.tubes_home_count == 21
    assert {tube["place"] for tube in tubes if tube["state"] == "delivered"} == {"Utah"}


def test_every_chain_of_custody_runs_forward_and_the_delivered_end_in_utah(
    february: Journey,
) -> None:
    for tube in february.tubes:
        chain = tube["custody"]
        times = [when(holding["from_utc"]) for holding in chain]
        assert times == sorted(times), tube["id"]
        if tube["state"] == "delivered":
            assert [holding["holder"] for holding in chain] == HOLDERS
            assert chain[-1]["place"] == "Utah"
            assert chain[-1]["from_utc"] == february.home_utc
        else:
            assert not {"ascender", "container"} & {holding["holder"] for holding in chain}


def test_the_chains_agree_with_the_events(february: Journey) -> None:
    at = dates(february)
    for tube in february.tubes:
        if tube["state"] != "delivered":
            continue
        since = {holding["holder"]: when(holding["from_utc"]) for holding in tube["custody"]}
        assert at["loading_start"] <= since["ascender"] <= at["loading_end"]
        assert since["container"] == at["stage_two_burnout"]
        assert since["orbiter"] == at["container_captured"]
        assert since["capsule"] == at["capsule_release"]
        assert since["laboratory"] == at["impact"]


# ---------------------------------------------------------------- ledgers


def test_every_row_of_the_ledger_adds_up_and_every_chain_is_unbroken(february: Journey) -> None:
    assert february.mass_ledger
    for row in february.mass_ledger:
        assert row.after == pytest.approx(row.before + row.change, abs=LEDGER, rel=0.0)
        assert row.after >= 0.0
    for element in {row.element for row in february.mass_ledger}:
        rows = [row for row in february.mass_ledger if row.element == element]
        for one, two in itertools.pairwise(rows):
            assert two.before == pytest.approx(one.after, abs=LEDGER, rel=0.0), (one, two)
            assert when(two.utc) >= when(one.utc), (one, two)
    notes = [note for report in february.phases.values() for note in report.notes]
    assert not [note for note in notes if "does not close" in note]


def test_what_one_element_hands_over_the_next_receives(february: Journey) -> None:
    rows = {(row.element, row.event, row.item): row for row in february.mass_ledger}
    released = rows["ascender", "container_release", "container"].change
    caught = rows["orbiter", "container_captured", "container"].change
    filled = rows["container", "loading_end", "samples"].after
    assert caught == pytest.approx(-released, abs=LEDGER, rel=0.0)
    assert caught == pytest.approx(filled, abs=LEDGER, rel=0.0)
    launched = rows["launcher of the lander", "lander_launch", "lander"].change
    assert -launched == february.phases["lander_outbound"].figures["launch_mass_kg"]
    tubes = rows["container", "loading_end", "tubes"].change
    assert tubes == pytest.approx(21 * 0.057, abs=LEDGER)


def test_the_figures_agree_with_the_ledger(february: Journey) -> None:
    spent: Counter[tuple[str, str]] = Counter()
    for row in february.delta_v:
        assert row.delta_v >= 0.0
        assert row.propellant >= 0.0
        spent[row.element, row.phase] += row.propellant  # pyright: ignore[reportArgumentType]
    for phase, element in (("insertion", "orbiter"), ("rendezvous", "orbiter")):
        assert spent[element, phase] == pytest.approx(
            february.phases[phase].figures["propellant_kg"], abs=LEDGER
        )
    last = [row.after for row in february.mass_ledger if row.element == "lander"][-1]
    assert last == pytest.approx(february.phases["landing"].figures["landed_mass_kg"], abs=LEDGER)
    lift_off = next(row.before for row in february.mass_ledger if row.element == "ascender")
    assert lift_off == february.phases["ascent"].figures["lift_off_mass_kg"]


# ---------------------------------------------------------------- events


def test_every_event_has_a_name_of_the_interface_and_they_stand_in_order(
    february: Journey,
) -> None:
    names = [event.name for event in february.events]
    assert set(names) <= {*EVENTS, "spiral_up"}
    assert set(EVENTS) <= set(names)
    assert len(names) == len(set(names)) + 1  # both capsules have a peak of deceleration
    times = [event.epoch for event in february.events]
    assert times == sorted(times)
    for event in february.events:
        assert event.phase in february.phases
        assert when(event.utc).year in range(2026, 2032)
        on_mars = event.phase in ("entry", "landing", "surface", "ascent")
        assert (event.sol is not None) == on_mars
        assert (event.ls_deg is not None) == on_mars


def test_the_spans_of_the_phases_follow_one_another(february: Journey) -> None:
    for strand in (
        ("lander_outbound", "entry", "landing", "surface", "ascent", "rendezvous"),
        ("orbiter_outbound", "insertion", "rendezvous", "homeward", "arrival"),
    ):
        for one, two in itertools.pairwise(strand):
            assert when(february.phases[one].end_utc) <= when(february.phases[two].start_utc)


# ---------------------------------------------------------------- july 2022


def test_july_flies_the_plan_that_was_announced(july: Journey) -> None:
    assert july.outcome == ""
    at = dates(july)
    assert at["orbiter_launch"].year == 2027
    assert at["capture_burn"].year == 2029
    assert at["lander_launch"].year == 2028
    assert at["touchdown"].year == 2030
    assert at["touchdown"].month in (6, 7, 8)
    landing = july.phases["surface"].figures["landing_ls_deg"]
    assert landing is not None
    assert 0.0 <= landing <= 10.0
    assert at["lift_off"] < when("2031-07-22T00:00:00Z")  # before Ls 180
    assert july.home_utc is not None
    assert july.home_utc.startswith("2033")


def test_july_says_which_legs_are_given_and_promises_no_figure_of_them(july: Journey) -> None:
    notes = {event.name: event.note for event in july.events}
    for leg, launch in (
        ("lander_outbound", "lander_launch"),
        ("orbiter_outbound", "orbiter_launch"),
    ):
        assert notes[launch] == "given, not flown"
        assert "given, not flown" in july.phases[leg].notes
        assert july.phases[leg].outcome == ""
        assert july.phases[leg].figures["arrival_miss_km"] is None


# ---------------------------------------------------------------- again, and in part


@pytest.mark.parametrize("name", SHELF)
def test_the_written_scenario_flies_the_same_journey(
    name: str, flown: Callable[[str], Journey], tmp_path: pathlib.Path
) -> None:
    first = flown(name)
    path = tmp_path / "scenario.toml"
    path.write_text(anabasis.load(name).to_toml(), encoding="utf-8")
    again = anabasis.fly(path, track=True)
    assert again.scenario_hash == first.scenario_hash
    assert again.to_dict() == first.to_dict()


@pytest.mark.parametrize("name", SHELF)
def test_every_scenario_of_the_shelf_is_flown_to_its_end(
    name: str, flown: Callable[[str], Journey]
) -> None:
    journey = flown(name)
    assert journey.outcome == ""
    assert list(journey.phases) == [phase for phase in PHASES if phase in journey.phases] or set(
        journey.phases
    ) == set(PHASES)
    assert set(journey.phases) == set(anabasis.load(name).march)


@pytest.mark.parametrize("phase", ["entry", "ascent", "rendezvous"])
def test_a_phase_alone_is_flown_as_in_the_whole_march(february: Journey, phase: str) -> None:
    alone = anabasis.fly("february-2022", only=phase)
    assert list(alone.phases) == [phase]
    assert alone.phases[phase] == february.phases[phase]
    assert {event.phase for event in alone.events} == {phase}
    assert [event for event in february.events if event.phase == phase] == list(alone.events)
    assert {row.phase for row in alone.delta_v} <= {phase}
    assert alone.tubes == ()
    assert alone.home_utc is None


def test_a_track_changes_no_figure(february: Journey) -> None:
    bare = anabasis.fly("february-2022")
    assert not bare.tracks
    assert set(february.tracks) >= set(PHASES) - {"surface"}
    one, two = bare.to_dict(), february.to_dict()
    assert one["tubes"] == two["tubes"]
    for phase, report in one["phases"].items():
        for name, value in report["figures"].items():
            other = two["phases"][phase]["figures"][name]
            if value is None or other is None:
                assert value is other, name
            else:
                assert value == pytest.approx(other, rel=1e-9, abs=1e-9), name


# ---------------------------------------------------------------- lost


def lost(
    folder: pathlib.Path, settings: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    arguments = ["fly", "february-2022", "--out", str(folder / "run"), "--json"]
    for path, value in settings.items():
        arguments += ["--set", f"{path}={value}"]
    code = main(arguments)
    out, err = capsys.readouterr()
    assert code == 1
    assert "Traceback" not in err
    journey = json.loads(out)
    assert journey == json.loads((folder / "run" / "journey.json").read_text())
    assert journey["outcome"]
    assert journey["home_utc"] is None
    assert journey["tubes_home_count"] == 0
    assert len(journey["tubes"]) == 43
    assert list(journey["phases"])[-1] == journey["outcome_phase"]
    return journey


def test_a_rocket_too_weak_loses_what_it_carries_and_nothing_else(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journey = lost(tmp_path, {"container.mass_kg": "60.0"}, capsys)
    assert journey["outcome_phase"] == "ascent"
    assert "orbit" in journey["outcome"]
    states = Counter(tube["state"] for tube in journey["tubes"])
    assert states == {"lost": 21, "left on Mars": 12, "empty": 10}
    assert "rendezvous" not in journey["phases"]


def test_a_lander_without_propellant_leaves_every_tube_where_it_is(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"lander.propellant_kg": "300.0", "capsule.mass_kg": "4770.0"}
    journey = lost(tmp_path, settings, capsys)
    assert journey["outcome_phase"] == "landing"
    assert "propellant" in journey["outcome"]
    states = Counter(tube["state"] for tube in journey["tubes"])
    assert states == {"left on Mars": 33, "empty": 10}


def test_a_capsule_that_cannot_reach_its_latitude_loses_the_tubes_between_the_planets(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journey = lost(tmp_path, {"arrival.target.latitude_deg": "75.0"}, capsys)
    assert journey["outcome_phase"] == "homeward"
    states = Counter(tube["state"] for tube in journey["tubes"])
    assert states == {"lost": 21, "left on Mars": 12, "empty": 10}


@pytest.mark.truth
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ascent.epoch": "2027-09-10T00:00:00Z"}, "the tubes were not aboard in the time allowed"),
        (
            {"surface.igloo.storm_after_sol": 100.0, "surface.igloo.storm_length_sol": 60.0},
            "the waiting rocket grew too cold before it could lift off",
        ),
    ],
)
def test_a_rocket_that_is_not_ready_or_too_cold_stays_on_mars_with_its_tubes(changes, sentence):
    if "ascent.epoch" in changes:
        changes = {"ascent.epoch": datetime.datetime.fromisoformat(changes["ascent.epoch"])}
    journey = anabasis.fly(anabasis.load("february-2022").replace(changes))
    assert journey.outcome == sentence
    assert journey.outcome_phase == "surface"
    assert "ascent" not in journey.phases
    assert {t["state"] for t in journey.tubes} == {"left on Mars", "empty"}
    assert sum(t["place"] == "on the lander, Jezero" for t in journey.tubes) == 21

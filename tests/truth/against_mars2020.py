"""Against Mars 2020: the approach, the entry, the parachute and the landing of Perseverance.

Figures typed in from reconstructed kernels (m2020_edl_v01, read by K. Kwan), O'Farrell and Clark
(JSR), and the camera positions of the lander vision system (PDS).
"""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

import anabasis

KERNELS = "NAIF m2020_edl_v01 reconstruction"
CLARK = "O'Farrell and Clark, JSR"
CRUISE = "NAIF m2020_cruise_od138_v1, propagated"
CAMERA = "PDS LCAM labels (M. Schleiss)"

T0 = datetime.datetime(2021, 2, 18, 20, 27, 50, 814000, tzinfo=datetime.UTC)
T0_POSITION = [665.265, -4741.721, -480.917]
T0_VELOCITY = [3.21461, 3.59480, -1.02832]

V1_TIME, V1_SPEED, V1_ANGLE, V1_PLACE = 0.2, 1.0, 0.005, 0.01
"""Figures, V1: the digits of the row."""
V2_SPEED, V2_ANGLE = 1.0, 0.01
"""Figures, V2: exact but for the digits of the row."""
V3_PEAK, V3_PEAK_TIME = 0.05 * 10.69, 3.0
V3_DEPLOY_TIME, V3_PRESSURE, V3_HEIGHT = 5.0, 0.15 * 518.0, 1.5
"""Decisions, V3: a constant bank stands in for the guided one."""
V7_FORCE = 0.15 * 152.3
"""Figures, V7: an inflation model is not a reconstruction."""
V8_DURATION = 0.08 * 104.0
"""Figures, V8: the mass under the parachute is derived."""
V9_DURATION, V9_PROPELLANT = 5.0, 0.10 * 292.0
"""Figures, V9: the legs of the descent are flown without the divert."""
V13_HEIGHT = 0.10
"""Figures, V13: of each height; the air is a nominal column of another hour."""


@pytest.fixture(scope="module")
def journey() -> Any:
    """The guided landing as it stands on the shelf."""
    return anabasis.fly("mars2020-landing", track=True)


@pytest.fixture(scope="module")
def entry() -> Any:
    """The entry scenario as it stands on the shelf."""
    return anabasis.fly("mars2020-entry").phases["entry"].figures


@pytest.fixture(scope="module")
def approach() -> Any:
    """The entry from the last state of the cruise, nine minutes before the interface."""
    scenario = anabasis.load("mars2020-entry").replace(
        {
            "entry.epoch": T0,
            "entry.start.position_km": T0_POSITION,
            "entry.start.velocity_km_s": T0_VELOCITY,
        }
    )
    return anabasis.fly(scenario).phases["entry"].figures


@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance"),
    [
        ("interface_time_s", "s", 539.4, V1_TIME),
        ("interface_speed_m_s", "m/s", 5553.6, V1_SPEED),
        ("interface_flight_path_angle_deg", "deg", -15.484, V1_ANGLE),
        ("interface_latitude_deg", "deg", 20.825, V1_PLACE),
        ("interface_longitude_deg", "deg", 66.799, V1_PLACE),
    ],
)
def test_the_last_state_of_the_cruise_meets_the_interface(
    approach, witness, figure, unit, expected, tolerance
):
    witness(
        case="V1 Mars 2020 approach",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=approach[figure],
        tolerance=tolerance,
        source=CRUISE,
        reason="the digits of the row",
    )


@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance"),
    [
        ("interface_relative_speed_m_s", "m/s", 5332.5, V2_SPEED),
        ("interface_relative_flight_path_angle_deg", "deg", -16.143, V2_ANGLE),
        ("interface_relative_azimuth_deg", "deg", 100.35, V2_ANGLE),
    ],
)
def test_the_interface_as_the_turning_planet_sees_it(
    entry, witness, figure, unit, expected, tolerance
):
    witness(
        case="V2 Mars 2020 relative state",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=entry[figure],
        tolerance=tolerance,
        source=CRUISE,
        reason="exact but for the digits of the row",
    )


@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance"),
    [
        ("peak_deceleration_g", "g", 10.69, V3_PEAK),
        ("peak_deceleration_time_s", "s", 87.04, V3_PEAK_TIME),
        ("parachute_deploy_time_s", "s", 240.63, V3_DEPLOY_TIME),
        ("parachute_deploy_dynamic_pressure_Pa", "Pa", 518.0, V3_PRESSURE),
        ("parachute_deploy_height_km", "km", 9.7, V3_HEIGHT),
    ],
)
def test_the_entry_to_the_parachute(entry, witness, figure, unit, expected, tolerance):
    witness(
        case="V3 Mars 2020 entry",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=entry[figure],
        tolerance=tolerance,
        source=KERNELS,
        reason="two bank angles and the reversals stand in for the guided bank",
    )


@pytest.mark.truth
def test_the_parachute_pulls_as_it_pulled(journey, witness):
    witness(
        case="V7 parachute inflation",
        quantity="parachute_peak_force_kN",
        unit="kN",
        expected=152.3,
        measured=journey.phases["landing"].figures["parachute_peak_force_kN"],
        tolerance=V7_FORCE,
        source=CLARK,
        reason="an inflation model is not a reconstruction",
    )


def _at(journey: Any, column: str, elapsed: float) -> float:
    track = journey.tracks["landing"]
    times, first = np.unique(np.asarray(track["elapsed"]), return_index=True)
    return float(np.interp(elapsed, times, np.asarray(track[column])[first]))


@pytest.mark.truth
def test_it_sinks_under_the_parachute_as_it_sank(journey, witness):
    track = journey.tracks["landing"]
    clearance = np.asarray(track["clearance"])
    order = np.argsort(clearance, kind="stable")
    low, high = np.interp([2080.0, 11230.0], clearance[order], np.asarray(track["elapsed"])[order])
    witness(
        case="V8 parachute descent",
        quantity="time from 11.23 to 2.08 km above the ground",
        unit="s",
        expected=104.0,
        measured=low - high,
        tolerance=V8_DURATION,
        source=CAMERA,
        reason="the mass under the parachute is derived",
    )


@pytest.mark.truth
@pytest.mark.parametrize(
    ("elapsed", "height"),
    [
        (254.370, 11223.5),
        (314.670, 5830.6),
        (355.271, 2348.6),
    ],
)
def test_the_camera_was_where_it_was(journey, witness, elapsed, height):
    witness(
        case="V13 heights of the lander vision system",
        quantity=f"height above the site {elapsed:.1f} s after the interface",
        unit="m",
        expected=height,
        measured=_at(journey, "clearance", elapsed),
        tolerance=V13_HEIGHT * height,
        source=CAMERA,
        reason="the air is a nominal column of another hour",
    )


@pytest.mark.truth
@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance"),
    [
        ("powered_descent_duration_s", "s", 418.07 - 358.335, V9_DURATION),
        ("propellant_kg", "kg", 291.8, V9_PROPELLANT),
    ],
)
def test_the_powered_descent(journey, witness, figure, unit, expected, tolerance):
    witness(
        case="V9 powered descent",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=journey.phases["landing"].figures[figure],
        tolerance=tolerance,
        source=KERNELS + "; propellant by telemetry",
        reason="the legs of the descent are flown without the divert",
    )


@pytest.mark.truth
def test_the_landing_is_nominal_and_keeps_its_limits(journey):
    assert journey.outcome == ""
    assert all(limit.met for phase in journey.phases.values() for limit in phase.limits)


GUIDED_PEAK, GUIDED_PEAK_TIME = 0.05 * 10.69, 3.0
GUIDED_DEPLOY_TIME, GUIDED_MACH, GUIDED_PRESSURE = 5.0, 0.1, 0.15 * 518.0
GUIDED_TOUCHDOWN, GUIDED_PROPELLANT = 8.0, 0.10 * 291.8
"""The landing issue's tolerances: a point mass in nominal air, guided as flown."""


@pytest.mark.truth
@pytest.mark.parametrize(
    ("phase", "figure", "unit", "expected", "tolerance"),
    [
        ("entry", "peak_deceleration_g", "g", 10.69, GUIDED_PEAK),
        ("entry", "peak_deceleration_time_s", "s", 87.04, GUIDED_PEAK_TIME),
        ("entry", "bank_reversal_count", "", 3.0, 0.0),
        ("entry", "parachute_deploy_time_s", "s", 240.63, GUIDED_DEPLOY_TIME),
        ("entry", "parachute_deploy_mach", "", 1.82, GUIDED_MACH),
        ("entry", "parachute_deploy_dynamic_pressure_Pa", "Pa", 518.0, GUIDED_PRESSURE),
        ("landing", "touchdown_time_s", "s", 418.07, GUIDED_TOUCHDOWN),
        ("landing", "propellant_kg", "kg", 291.8, GUIDED_PROPELLANT),
    ],
)
def test_the_guided_flight(journey, witness, phase, figure, unit, expected, tolerance):
    witness(
        case="Mars 2020 guided",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=journey.phases[phase].figures[figure],
        tolerance=tolerance,
        source=KERNELS,
        reason="a point mass in nominal air, guided by the law it flew with",
    )


@pytest.fixture(scope="module")
def predicted() -> Any:
    """The same entry under the other guidance."""
    shelf = anabasis.load("mars2020-landing")
    bank = shelf.values["entry"]["bank"] | {"kind": "predictor_corrector"}
    return anabasis.fly(
        anabasis.load({"extends": "mars2020-landing", "name": "predicted", "entry": {"bank": bank}})
    )


@pytest.mark.truth
@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance"),
    [
        ("peak_deceleration_g", "g", 10.69, GUIDED_PEAK),
        ("bank_reversal_count", "", 3.0, 0.0),
        ("parachute_deploy_time_s", "s", 240.63, GUIDED_DEPLOY_TIME),
        ("parachute_deploy_mach", "", 1.82, GUIDED_MACH),
        ("parachute_deploy_dynamic_pressure_Pa", "Pa", 518.0, GUIDED_PRESSURE),
    ],
)
def test_the_predictor_flies_it_too(predicted, witness, figure, unit, expected, tolerance):
    assert predicted.outcome == ""
    witness(
        case="Mars 2020 with the predictor-corrector",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=predicted.phases["entry"].figures[figure],
        tolerance=tolerance,
        source=KERNELS,
        reason="another law than the one it flew with, to the same aims",
    )

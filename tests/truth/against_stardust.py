"""Against Stardust: the fastest return of a capsule, and two codes that computed it.

Figures typed in from Desai and Qualls (NTRS 20080008567), NASA/TP-2006-213486 and the gates of two
open codes, all as gathered in the Earth-return figures.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import anabasis
from anabasis.mechanics.ballistic import path_is_straight, peak_deceleration_allen_eggers

BET = "best estimated trajectory, Desai and Qualls"
CODES = "two independent codes (36.61 and 36.62 g)"
POINT_DESIGN = "NASA/TP-2006-213486"

E1_PEAK, E1_ALTITUDE, E1_TIME = 0.03 * 32.89, 0.5, 3.0
"""Figures, E-1."""
E3_PEAK = 1.0
"""Figures, E-3."""
E4_PEAK, E4_ALTITUDE, E4_SPEED = 0.1, 0.1, 20.0
"""Figures, E-4; altitude and speed to the digits given (8.34 to 8.36 km/s)."""
E5_PEAK, E5_PRESSURE, E5_HEAT = 0.07 * 32.2, 0.15 * 16.6, 0.15 * 605.4
"""Figures, E-5; the heat by another formula gave about 630."""


@pytest.fixture(scope="module")
def stardust() -> Any:
    """The flown entry."""
    return anabasis.fly("stardust").phases["entry"].figures


@pytest.fixture(scope="module")
def sphere() -> Any:
    """The comparison of codes over a sphere that does not turn."""
    return anabasis.fly("stardust-sphere").phases["entry"].figures


@pytest.fixture(scope="module")
def design() -> Any:
    """The point design before flight, told relative to the turning Earth."""
    scenario = anabasis.load("stardust-sphere").replace(
        {
            "planet.earth.spin_rad_s": 7.2921e-5,
            "entry.start.axes": "planet",
            "entry.start.altitude_km": 135.0,
            "entry.start.speed_m_s": 12456.0,
            "entry.start.flight_path_angle_deg": -8.43,
            "capsule.mass_kg": 41.5,
            "capsule.ballistic_coefficient_kg_m2": 52.6,
            "capsule.nose_radius_m": 0.229,
        }
    )
    return anabasis.fly(scenario).phases["entry"].figures


@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance"),
    [
        ("peak_deceleration_g", "g", 32.89, E1_PEAK),
        ("parachute_deploy_altitude_km", "km", 31.03, E1_ALTITUDE),
        ("parachute_deploy_time_s", "s", 137.9, E1_TIME),
    ],
)
def test_the_flown_entry(stardust, witness, figure, unit, expected, tolerance):
    witness(
        case="E-1 Stardust",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=stardust[figure],
        tolerance=tolerance,
        source=BET,
        reason="standard air, and drag below Mach 10 assumed",
    )


def test_the_closed_form_says_almost_twice_the_truth_and_is_not_believed(witness):
    angle, speed = np.radians(-8.2), 12900.0
    peak = float(peak_deceleration_allen_eggers(speed, angle, 7200.0)) / 9.80665
    witness(
        case="E-3 closed form out of range",
        quantity="Allen-Eggers peak for Stardust",
        unit="g",
        expected=61.8,
        measured=peak,
        tolerance=E3_PEAK,
        source="Allen and Eggers, computed",
        reason="the same formula",
    )
    air = (7200.0, 59.8, 1.225, 134.5e3, 6503.14e3, 9.4)
    assert not bool(path_is_straight(speed, angle, *air))


@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance"),
    [
        ("peak_deceleration_g", "g", 36.6, E4_PEAK),
        ("peak_deceleration_altitude_km", "km", 54.3, E4_ALTITUDE),
        ("peak_deceleration_relative_speed_m_s", "m/s", 8350.0, E4_SPEED),
    ],
)
def test_two_codes_over_a_sphere(sphere, witness, figure, unit, expected, tolerance):
    witness(
        case="E-4 Stardust over a sphere",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=sphere[figure],
        tolerance=tolerance,
        source=CODES,
        reason="code against code, the same equations",
    )


@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance"),
    [
        ("peak_deceleration_g", "g", 32.2, E5_PEAK),
        ("peak_dynamic_pressure_kPa", "kPa", 16.6, E5_PRESSURE),
        ("peak_heat_flux_W_cm2", "W/cm2", 605.4, E5_HEAT),
    ],
)
def test_the_point_design_before_flight(design, witness, figure, unit, expected, tolerance):
    witness(
        case="E-5 Stardust point design",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=design[figure],
        tolerance=tolerance,
        source=POINT_DESIGN,
        reason="another heating formula, place and azimuth not given",
    )

"""Against what was published of the Earth Entry System: a fall without parachute, at 40 m/s."""

from __future__ import annotations

from typing import Any

import pytest

import anabasis

PUBLISHED = "JPL PIA25986: about 40 m/s, about six minutes"
COMPUTED = "computed once with an independent integrator: 95 kg, 11.6 km/s, -12 deg"

E7_SPEED = 2.0
"""Figures, E-7."""
E7_TIME = 30.0
"""Six to seven minutes."""
E7_PEAK, E7_HEAT, E7_LOAD = 0.02 * 54.6, 0.03 * 568.0, 0.03 * 10.0e3
"""Code against code; latitude, azimuth and drag below Mach 5 are not given."""


@pytest.fixture(scope="module")
def capsule() -> Any:
    """The scenario as it stands on the shelf."""
    return anabasis.fly("earth-entry-system").phases["entry"]


@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance", "source"),
    [
        ("impact_speed_m_s", "m/s", 40.0, E7_SPEED, PUBLISHED),
        ("impact_time_s", "s", 415.0, E7_TIME, PUBLISHED),
        ("ballistic_coefficient_kg_m2", "kg/m2", 50.0, 0.5, COMPUTED),
        ("peak_deceleration_g", "g", 54.6, E7_PEAK, COMPUTED),
        ("peak_heat_flux_W_cm2", "W/cm2", 568.0, E7_HEAT, COMPUTED),
        ("heat_load_J_cm2", "J/cm2", 10.0e3, E7_LOAD, COMPUTED),
    ],
)
def test_the_capsule_falls_as_published(
    capsule, witness, figure, unit, expected, tolerance, source
):
    witness(
        case="E-7 Earth Entry System",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=capsule.figures[figure],
        tolerance=tolerance,
        source=source,
        reason="shape and mass are recalled, not published",
    )


def test_it_falls_inside_the_utah_range(capsule):
    assert capsule.outcome == ""
    assert [limit.met for limit in capsule.limits] == [True]

"""Against Mars Science Laboratory: the entry of Curiosity, one bank for the flown range."""

from __future__ import annotations

from typing import Any

import pytest

import anabasis

KERNELS = "NAIF msl_edl_v01 reconstruction (K. Kwan)"
WAY = "Way et al., AAS 13-420"

V2_SPEED, V2_ANGLE = 1.0, 0.01
"""Figures, V2: exact but for the digits of the row."""
V4_PEAK_TIME = 3.0
"""V4 [s]: one bank cannot fly the guided entry: the time of the peak is asserted, not its size."""
V4_RANGE = 0.01
"""The range is solved for [km]."""


@pytest.fixture(scope="module")
def entry() -> Any:
    """The entry scenario as it stands on the shelf."""
    return anabasis.fly("msl-entry").phases["entry"].figures


@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance", "source"),
    [
        ("interface_relative_speed_m_s", "m/s", 5844.05, V2_SPEED, WAY),
        ("interface_relative_flight_path_angle_deg", "deg", -16.140, V2_ANGLE, WAY),
        ("peak_deceleration_time_s", "s", 80.35, V4_PEAK_TIME, KERNELS),
        ("range_km", "km", 634.0, V4_RANGE, "great circle from interface (DB14) to site (MV)"),
    ],
)
def test_the_entry_of_curiosity(entry, witness, figure, unit, expected, tolerance, source):
    witness(
        case="V2, V4 MSL entry",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=entry[figure],
        tolerance=tolerance,
        source=source,
        reason="one bank, solved for the flown range, stands in for the guided one",
    )


def test_the_size_of_the_peak_and_the_parachute_are_told(entry, capsys):
    with capsys.disabled():
        print(
            f"\nMSL with one bank of {entry['bank_deg']:.1f} deg: peak "
            f"{entry['peak_deceleration_g']:.2f} g (flown 12.58), parachute at "
            f"{entry['parachute_deploy_time_s']:.0f} s (flown 259 to 260)"
        )
    assert 30.0 < entry["bank_deg"] < 70.0


@pytest.fixture(scope="module")
def guided():
    """Curiosity guided, from the interface to the ground."""
    return anabasis.fly("msl-landing")


@pytest.mark.truth
@pytest.mark.parametrize(
    ("figure", "unit", "expected", "tolerance"),
    [
        ("peak_deceleration_g", "g", 12.58, 0.05 * 12.58),
        ("peak_deceleration_time_s", "s", 80.35, 3.0),
        ("parachute_deploy_time_s", "s", 259.28, 15.0),
    ],
)
def test_the_guided_flight(guided, witness, figure, unit, expected, tolerance):
    witness(
        case="MSL guided",
        quantity=figure,
        unit=unit,
        expected=expected,
        measured=guided.phases["entry"].figures[figure],
        tolerance=tolerance,
        source="NAIF msl_edl_v01 reconstruction",
        reason="density of the season fitted to the time of the peak",
    )

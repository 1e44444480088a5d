"""Against NASA's published traverse itself, sols 13 to 1615 (the large table; else skipped)."""

from __future__ import annotations

from typing import Any

import pytest

from anabasis.campaign import record
from anabasis.exchange.mmgis import parse_waypoints

SOURCE = "NASA's record (MMGIS M20_waypoints, 2025-09-06)"
ROUNDED_KM = 0.005
"""Sums are printed to 0.01 km."""
ROUNDED_M = 1.0
"""Distances of moving sols are printed to a metre; what counts as moving is not defined."""


@pytest.fixture(scope="module")
def imported(shared) -> record.Record:
    return record.mend(parse_waypoints((shared / "data" / "m20_waypoints.csv").read_bytes()))


@pytest.fixture(scope="module")
def told(imported) -> dict[str, Any]:
    return record.statistics(imported)


def test_the_three_sums_of_the_traverse(told, witness):
    for key, expected in (
        ("sum_of_legs_km", 37.42),
        ("polyline_km", 32.73),
        ("odometer_km", 37.14),
    ):
        witness(
            case="traverse, imported",
            quantity=key.removesuffix("_km").replace("_", " "),
            unit="km",
            expected=expected,
            measured=told[key],
            tolerance=ROUNDED_KM + 1e-9,
            source=SOURCE,
            reason="as printed",
        )


@pytest.mark.parametrize(
    ("sol", "kilometres"),
    [
        (164, 1.62), (300, 2.81), (400, 8.18), (500, 11.79), (707, 14.38), (900, 19.94),
        (1000, 22.91), (1100, 24.99), (1215, 27.40), (1400, 32.74), (1500, 33.67), (1615, 37.14),
    ],
)  # fmt: skip
def test_the_mended_odometer_at_the_listed_sols(imported, sol, kilometres, witness):
    witness(
        case="traverse, imported",
        quantity=f"odometer at sol {sol}",
        unit="km",
        expected=kilometres,
        measured=record.odometer_at(imported, sol) / 1e3,
        tolerance=ROUNDED_KM + 1e-9,
        source=SOURCE,
        reason="as printed",
    )


def test_the_campaigns_of_the_record(imported, witness):
    at = {s: record.odometer_at(imported, s) / 1e3 for s in (380, 414, 1251, 1370, 379, 1250)}
    heights = dict(zip(imported.sol, imported.elevation, strict=True))
    first = min(s for s in heights if s >= 1251)
    last = max(s for s in heights if s <= 1370)
    for quantity, unit, expected, measured, tolerance in (
        ("rapid traverse, sols 380 to 414", "km", 5.09, at[414] - at[379], 0.05),
        ("rim climb, sols 1251 to 1370", "km", 4.25, at[1370] - at[1251], 0.05),
        ("height gained in the rim climb", "m", 468.0, heights[last] - heights[first], 15.0),
    ):
        witness(
            case="traverse, imported",
            quantity=quantity,
            unit=unit,
            expected=expected,
            measured=measured,
            tolerance=tolerance,
            source=SOURCE,
            reason="which waypoints bound a campaign is not defined",
        )


def test_the_drives_of_the_record(told, witness):
    moving = told["moving_sol_m"]
    grade, ratio = told["leg_grade_deg"], told["leg_path_ratio"]
    for quantity, unit, expected, measured, tolerance in (
        ("best single sol", "m", 405.5, told["best_single_sol"]["m"], 0.05),
        ("median of a moving sol", "m", 49.0, moving["p50"], ROUNDED_M),
        ("mean of a moving sol", "m", 83.0, moving["mean"], ROUNDED_M),
        ("75 % of a moving sol", "m", 133.0, moving["p75"], ROUNDED_M),
        ("90 % of moving sols", "m", 202.0, moving["p90"], 5.0),
        ("95 % of moving sols", "m", 233.0, moving["p95"], 5.0),
        ("moving sols", "", 453.0, told["moving_sol_count"], 5.0),
        ("mean rate in metres per sol", "m", 23.0, told["mean_m_per_sol"], 0.05),
        ("path ratio", "", 1.135, told["path_ratio"], 0.0005),
        ("median path ratio of legs", "", 1.07, ratio["p50"], 0.03),
        ("mean path ratio of legs", "", 1.19, ratio["mean"], 0.05),
        ("legs over 20 m", "", 323.0, grade["count"], 0.0),
        ("median grade of legs", "deg", 2.1, grade["p50"], 0.05),
        ("95 % of grades", "deg", 13.0, grade["p95"], 0.05),
        ("steepest down", "deg", -17.0, grade["minimum"], 0.05),
        ("steepest up", "deg", 22.9, grade["maximum"], 0.05),
        ("lowest height", "m", -2585.9, told["height_m"]["minimum"], 0.05),
        ("greatest height", "m", -1786.0, told["height_m"]["maximum"], 0.05),
    ):
        witness(
            case="traverse, imported",
            quantity=quantity,
            unit=unit,
            expected=expected,
            measured=measured,
            tolerance=tolerance,
            source=SOURCE,
            reason="as printed; moving sols and legs are defined here (0.5 m, 20 m)",
        )


def test_the_longest_stops_and_the_silence_of_2021(told, imported, witness):
    stops = [(s["from_sol"], s["to_sol"]) for s in told["longest_stops"]]
    expected = {(286, 328), (502, 535), (960, 991), (248, 278), (565, 592), (210, 237)}
    witness(
        case="traverse, imported",
        quantity="of the six longest stops, how many are the published ones",
        unit="",
        expected=6.0,
        measured=float(len(expected & set(stops))),
        tolerance=0.0,
        source=SOURCE,
        reason="a count",
    )
    silent = [s for s in imported.sol if 210 < s < 237]
    witness(
        case="traverse, imported",
        quantity="waypoints between sols 210 and 237 (conjunction)",
        unit="",
        expected=0.0,
        measured=float(len(silent)),
        tolerance=0.0,
        source=SOURCE,
        reason="a count",
    )

"""Against the record of Perseverance: its odometer, its sols, its tubes.

Expected figures from the public record: MMGIS, ROCKS, NOTEBOOK and PLACES of docs/sources.md.
"""

from __future__ import annotations

import csv
import itertools
import statistics

import pytest

from anabasis.vehicles.traverse import LAST_KNOWN_SOL, distance, odometer_at, traverse
from anabasis.vehicles.tube import (
    DEPOT_LATITUDE_DEG,
    DEPOT_LONGITUDE_DEG,
    all_tubes,
    tubes,
)
from anabasis.worlds import calendar

ODOMETER_SHARE = 0.01
"""1 %: the tolerance the figures set; the shipped path is condensed."""
HALF_A_DAY = 43200.0
"""The record gives the day only: its noon, give or take half a day [s]."""
MINUTE = 60.0
"""The record is rounded to the minute."""
EXACT = 0.0
"""A count is exact."""
ROUNDED = 0.005
"""Lengths are printed to a hundredth of a centimetre."""
SPACING = 0.3
"""Spacing between drops [m]: they are printed to 0.1 m and computed in another projection."""
CENTROID_DEG = 1e-5
"""The centroid is printed to five decimals (0.6 m)."""

RECORD = "NASA's record"


@pytest.mark.parametrize(
    ("sol", "kilometres"),
    [
        (164, 1.62),
        (300, 2.81),
        (400, 8.18),
        (500, 11.79),
        (707, 14.38),
        (900, 19.94),
        (1000, 22.91),
        (1100, 24.99),
        (1215, 27.40),
        (1400, 32.74),
        (1500, 33.67),
        (1600, 36.93),
        (1615, 37.14),
        (1940, 44.14),
    ],
)
def test_the_odometer_at_the_listed_sols(sol, kilometres, witness):
    witness(
        case="Perseverance",
        quantity=f"odometer at sol {sol}",
        unit="km",
        expected=kilometres,
        measured=odometer_at(sol) / 1e3,
        tolerance=ODOMETER_SHARE * kilometres,
        source=f"{RECORD} (MMGIS)",
        reason="1 %, as the figures set it; the shipped path is condensed",
    )


def test_the_odometer_against_the_full_table_of_waypoints(shared, witness):
    with open(shared / "data" / "m20_waypoints.csv", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    counted = {int(row["sol"]): float(row["dist_total_m_filled"]) for row in rows}
    errors = [abs(odometer_at(sol) / metres - 1.0) for sol, metres in counted.items() if sol >= 200]
    witness(
        case="Perseverance",
        quantity="mean error of the odometer on sols with a waypoint, from sol 200",
        unit="",
        expected=0.0,
        measured=statistics.mean(errors),
        tolerance=ODOMETER_SHARE,
        source=f"{RECORD} (MMGIS M20_waypoints, 2025-09-06)",
        reason="1 % on the average; between the points of a condensed path it is interpolated",
    )


@pytest.mark.parametrize(
    ("sol", "utc", "tolerance"),
    [
        (164, "2021-08-06T12:00:00Z", HALF_A_DAY),
        (1215, "2024-07-21T12:00:00Z", HALF_A_DAY),
        (1540, "2025-06-20T00:49:00Z", MINUTE),
        (1897, "2026-06-21T12:00:00Z", HALF_A_DAY),
    ],
)
def test_the_date_of_local_noon_at_the_listed_sols(sol, utc, tolerance, witness):
    expected = calendar.epoch_of_utc(utc)
    witness(
        case="Perseverance",
        quantity=f"local mean noon of sol {sol}, from {utc}",
        unit="s",
        expected=0.0,
        measured=calendar.epoch_of_sol(float(sol), lmst_h=12.0) - expected,
        tolerance=tolerance,
        source=f"{RECORD} (ROCKS, PLACES, press)",
        reason="the record gives the day, or the minute",
    )


def test_the_dates_of_the_drops_at_three_forks(witness):
    latest = 0.0
    for row in _drops():
        hours, minutes, seconds = (int(part) for part in row["drop_lmst"].split(":"))
        lmst = hours + minutes / 60 + seconds / 3600
        dated = calendar.epoch_of_utc(row["drop_utc_derived"].replace("Z", ":00Z"))
        # The minute is cut off, not rounded: on the average the drop is half a minute later.
        off = calendar.epoch_of_sol(float(row["drop_sol"]), lmst_h=lmst) - dated - 30.0
        latest = max(latest, abs(off))
    witness(
        case="Three Forks",
        quantity="largest error of a drop's date from its sol and local time",
        unit="s",
        expected=0.0,
        measured=latest,
        tolerance=MINUTE,
        source=f"{RECORD} (Planetary Data System; dates derived)",
        reason="the dates are printed to the minute",
    )


@pytest.mark.parametrize(
    ("year", "count"), [(2021, 6), (2022, 12), (2023, 5), (2024, 2), (2025, 5), (2026, 0)]
)
def test_the_samples_of_each_year(year, count, witness):
    found = [t for t in all_tubes() if t.is_sample and t.core_utc and int(t.core_utc[:4]) == year]
    witness(
        case="Perseverance",
        quantity=f"samples taken in {year}",
        unit="",
        expected=count,
        measured=len(found),
        tolerance=EXACT,
        source=f"{RECORD} (ROCKS)",
        reason="a count",
    )


@pytest.mark.parametrize(("sol", "count"), [(700, 18), (1000, 23), (1500, 29)])
def test_the_samples_taken_by_a_sol(sol, count, witness):
    filled = [e for e in tubes(sol) if e.tube.is_sample and e.condition != "empty"]
    witness(
        case="Perseverance",
        quantity=f"samples taken by sol {sol}",
        unit="",
        expected=count,
        measured=len(filled),
        tolerance=EXACT,
        source=f"{RECORD} (MMGIS, ROCKS)",
        reason="a count",
    )


def test_the_43_tubes_are_28_sealed_samples_3_witnesses_2_open_and_10_unused(witness):
    every = all_tubes()
    found = {
        "sealed samples": (28, sum(t.closure == "sealed" and t.is_sample for t in every)),
        "sealed witnesses": (3, sum(t.closure == "sealed" and t.kind == "witness" for t in every)),
        "open tubes": (2, sum(t.closure == "open" for t in every)),
        "unused tubes": (10, sum(t.closure == "empty" for t in every)),
        "tubes": (43, len(every)),
    }
    for quantity, (expected, measured) in found.items():
        witness(
            case="Perseverance",
            quantity=quantity,
            unit="",
            expected=expected,
            measured=measured,
            tolerance=EXACT,
            source=f"{RECORD} (ROCKS)",
            reason="a count",
        )


def test_how_long_the_tubes_took_to_seal(witness):
    lags = [
        t.seal_sol - t.core_sol
        for t in all_tubes()
        if t.is_sample and t.seal_sol is not None and t.core_sol is not None
    ]
    for quantity, expected, measured in (
        ("sealed samples", 28, len(lags)),
        ("sealed on the sol of coring", 20, lags.count(0)),
        ("longest wait for the seal in sols", 40, max(lags)),
    ):
        witness(
            case="Perseverance",
            quantity=quantity,
            unit="",
            expected=expected,
            measured=measured,
            tolerance=EXACT,
            source=f"{RECORD} (NOTEBOOK, MMGIS)",
            reason="a count",
        )


def test_the_lengths_of_the_cores(witness):
    lengths = [t.length_cm for t in all_tubes() if t.kind == "rock core" and t.length_cm]
    for quantity, expected, measured, tolerance in (
        ("rock cores", 27, len(lengths), EXACT),
        ("mean core length [cm]", 5.51, statistics.mean(lengths), ROUNDED),
        ("shortest core [cm]", 1.91, min(lengths), EXACT),
        ("longest core [cm]", 7.36, max(lengths), EXACT),
    ):
        witness(
            case="Perseverance",
            quantity=quantity,
            unit="",
            expected=expected,
            measured=measured,
            tolerance=tolerance,
            source=f"{RECORD} (ROCKS)",
            reason="as printed",
        )


def test_the_depot_at_three_forks(witness):
    rows = _drops()
    places = [(float(row["rover_lat_deg"]), float(row["rover_lon_deg"])) for row in rows]
    gaps = [distance(*before, *after) for before, after in itertools.pairwise(places)]
    printed = [7.7, 14.8, 5.5, 7.0, 6.0, 6.1, 19.0, 6.6, 20.1]
    worst = max(abs(gap - said) for gap, said in zip(gaps, printed, strict=True))
    sols = [int(row["drop_sol"]) for row in rows]
    latitude = statistics.mean(latitude for latitude, _ in places)
    longitude = statistics.mean(longitude for _, longitude in places)
    for quantity, unit, expected, measured, tolerance in (
        ("drops", "", 10, len(rows), EXACT),
        ("first drop, sol", "", 653, sols[0], EXACT),
        ("last drop, sol", "", 690, sols[-1], EXACT),
        ("largest error of a spacing", "m", 0.0, worst, SPACING),
        ("smallest spacing", "m", 5.5, min(gaps), SPACING),
        ("largest spacing", "m", 20.1, max(gaps), SPACING),
        ("latitude of the centroid", "deg", DEPOT_LATITUDE_DEG, latitude, CENTROID_DEG),
        ("longitude of the centroid", "deg", DEPOT_LONGITUDE_DEG, longitude, CENTROID_DEG),
    ):
        witness(
            case="Three Forks",
            quantity=quantity,
            unit=unit,
            expected=expected,
            measured=measured,
            tolerance=tolerance,
            source=f"{RECORD} (NOTEBOOK, MMGIS)",
            reason="as printed",
        )


def test_the_drop_sols_of_the_two_tables_agree():
    table = {tube.id: tube.drop_sol for tube in all_tubes() if tube.where == "depot"}
    assert table == {row["tube_id"]: int(row["drop_sol"]) for row in _drops()}


@pytest.mark.parametrize(("sol", "kilometres"), [(1615, 8.1), (1940, 10.4), (1980, 9.95)])
def test_how_far_the_rover_is_from_the_depot(sol, kilometres, witness):
    fix = [fix for fix in traverse() if fix.sol == sol][-1]
    away = distance(fix.latitude_deg, fix.longitude_deg, DEPOT_LATITUDE_DEG, DEPOT_LONGITUDE_DEG)
    witness(
        case="Perseverance",
        quantity=f"straight line from Three Forks at sol {sol}",
        unit="km",
        expected=kilometres,
        measured=away / 1e3,
        tolerance=0.05,
        source=f"{RECORD} (NOTEBOOK, MMGIS)",
        reason="as printed: to 0.1 km, the last to 0.05",
    )


def test_the_path_ends_at_the_last_known_sol():
    assert traverse()[-1].sol == LAST_KNOWN_SOL


def _drops() -> list[dict[str, str]]:
    from anabasis.vehicles.tube import rows_of

    return rows_of("three_forks_depot.csv")

"""NASA's list of where Perseverance was says when its sols had their noon."""

from __future__ import annotations

import csv

import numpy as np

from anabasis.worlds import calendar

NOON_TOLERANCE = 60.0
"""[s]: the list gives whole minutes, cut off."""
MIDNIGHT_TOLERANCE = 60.0
"""[s]: the figure is "about 04:25"."""


def test_the_noons_of_all_listed_sols(shared, witness) -> None:
    with open(shared / "data" / "m20_waypoints.csv", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    late = [
        calendar.epoch_of_sol(int(row["sol"]))
        - calendar.epoch_of_utc(row["utc_at_sol_noon"].replace("Z", ":00Z"))
        for row in rows
    ]
    assert len(rows) > 500
    witness(
        case="Perseverance's sols",
        quantity=f"largest difference of local mean noon over {len(rows)} sols",
        unit="s",
        expected=0.0,
        measured=np.abs(late).max(),
        tolerance=NOON_TOLERANCE,
        source="M20 waypoints (MMGIS), sols 13 to 1615",
        reason="the list gives whole minutes, cut off",
    )


def test_the_midnight_that_opens_sol_0(witness) -> None:
    witness(
        case="Perseverance's sols",
        quantity="start of sol 0 after 2021-02-18T04:25Z",
        unit="s",
        expected=0.0,
        measured=calendar.epoch_of_sol(0, 0.0) - calendar.epoch_of_utc("2021-02-18T04:25:00Z"),
        tolerance=MIDNIGHT_TOLERANCE,
        source="Mars24 relations, fitted to the mission clock",
        reason="the figure is rounded to minutes",
    )


def test_the_hour_of_the_landing(witness) -> None:
    landed = calendar.mars_time(calendar.epoch_of_utc("2021-02-18T20:43:49Z"))
    told = (
        ("local mean solar time", "h", 15.89, landed.lmst_h, 0.01),
        ("local true solar time", "h", 15.2, landed.ltst_h, 0.1),
        ("solar longitude", "deg", 5.5, landed.ls_deg, 0.2),
    )
    for quantity, unit, expected, measured, tolerance in told:
        witness(
            case="Landing of Mars 2020",
            quantity=quantity,
            unit=unit,
            expected=expected,
            measured=measured,
            tolerance=tolerance,
            source="MV, KW: touchdown",
            reason="the digits given; the figures' Ls of 5.5 is that of 12:30 UTC, cut off",
        )

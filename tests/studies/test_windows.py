"""A porkchop says what Lambert says of each pair; opportunities are its minima, within limits."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.phases.transfer import solve_ballistic
from anabasis.studies.windows import opportunities, porkchop
from anabasis.units import DAY
from anabasis.worlds.calendar import epoch_of_utc
from anabasis.worlds.ephemeris import EpochOutOfRange, load_ephemeris

FIRST, ARRIVE = (epoch_of_utc(f"{day}T00:00:00Z") for day in ("2026-09-01", "2027-07-01"))


@pytest.mark.parametrize(("homeward", "revolutions"), [(False, 0), (True, 0), (False, 1)])
def test_each_point_of_a_porkchop_is_the_arc_of_its_dates(homeward: bool, revolutions: int) -> None:
    later = 500.0 * DAY * revolutions
    departures = FIRST + np.arange(12) * 9.0 * DAY
    arrivals = ARRIVE + later + np.arange(12) * 13.0 * DAY
    grid = porkchop(departures, arrivals, homeward=homeward, revolutions=revolutions)
    sky = load_ephemeris()
    for i, j in ((0, 0), (3, 7), (11, 11)):
        arc = solve_ballistic(
            np.float64(departures[i]), np.float64(arrivals[j]), np.asarray(homeward), sky,
            revolutions=revolutions,
        )  # fmt: skip
        leave, arrive = np.asarray(arc.departure_v_infinity), np.asarray(arc.arrival_v_infinity)
        assert float(grid.c3[i, j]) == pytest.approx(float(leave @ leave), rel=1e-9)
        speed = float(np.linalg.norm(arrive))
        assert float(grid.arrival_v_infinity[i, j]) == pytest.approx(speed, rel=1e-9)
        sine = leave[2] / np.linalg.norm(leave)
        assert float(grid.declination[i, j]) == pytest.approx(float(np.arcsin(sine)), abs=1e-9)


def test_an_arrival_before_departure_has_no_arc() -> None:
    grid = porkchop(np.array([FIRST, FIRST + 400.0 * DAY]), np.array([FIRST + 300.0 * DAY]))
    assert np.isfinite(grid.c3[0, 0])
    assert np.isnan(grid.c3[1, 0])


def test_dates_outside_the_ephemeris_are_refused() -> None:
    with pytest.raises(EpochOutOfRange):
        porkchop(np.array([epoch_of_utc("2055-12-01T00:00:00Z")]), np.array([2.0e9]))


def test_opportunities_of_2026_are_those_of_the_handbook() -> None:
    rows = opportunities(2026, 2026)
    least = next(r for r in rows if r["type"] == "II" and r["least"] == "c3")
    assert least["departure_utc"].startswith("2026-10-31")
    assert least["c3_km2_s2"] == pytest.approx(9.18, abs=0.02)
    assert [row["departure_utc"] for row in rows] == sorted(row["departure_utc"] for row in rows)
    assert all(row["departure_utc"].startswith("2026") for row in rows)


def test_a_minimum_is_one_and_limits_hold() -> None:
    free = opportunities(2026, 2027)
    bound = opportunities(2026, 2027, max_c3=12.0, max_v_infinity=2.9, max_declination=28.5)
    assert bound
    for row in bound:
        assert row["c3_km2_s2"] <= 12.0
        assert row["arrival_v_infinity_km_s"] <= 2.9
        assert abs(row["departure_declination_deg"]) <= 28.5
        same = [r for r in free if (r["type"], r["least"]) == (row["type"], row["least"])]
        name = {"c3": "c3_km2_s2", "arrival_v_infinity": "arrival_v_infinity_km_s"}
        if same and row["least"] in name:
            # A limit can only make the best worse; two refinements end within a minute.
            assert row[name[row["least"]]] >= same[0][name[row["least"]]] - 1e-6


def test_homeward_and_with_a_revolution_there_are_opportunities_too() -> None:
    home = opportunities(2030, 2031, homeward=True)
    assert any(r["type"] == "I" and r["arrival_utc"].startswith("2031-07") for r in home)
    assert all("departure_ls_deg" in row for row in home)
    twice = opportunities(2026, 2027, revolutions=1, max_c3=30.0)
    assert {row["type"] for row in twice} <= {"III", "IV"}


def test_no_opportunity_is_an_empty_list() -> None:
    assert opportunities(2026, 2026, max_c3=1.0) == []

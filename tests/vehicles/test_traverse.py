"""Where the rover was."""

from __future__ import annotations

import itertools

import pytest

from anabasis.vehicles.traverse import distance, odometer_at, rover_place, traverse


def test_the_odometer_never_runs_backward():
    readings = [odometer_at(sol) for sol in range(0, 2000)]
    assert all(later >= earlier for earlier, later in itertools.pairwise(readings))


def test_the_path_is_in_the_order_of_its_sols():
    sols = [fix.sol for fix in traverse()]
    assert sols == sorted(sols)


def test_the_wheels_drove_more_than_the_straight_lines_between_fixes():
    path = traverse()
    straight = sum(
        distance(before.latitude_deg, before.longitude_deg, after.latitude_deg, after.longitude_deg)
        for before, after in itertools.pairwise(path)
    )
    assert 1.0 < path[-1].odometer / straight < 1.4


def test_at_a_fix_the_rover_is_where_the_fix_says():
    for fix in traverse()[::7]:
        latest = [other for other in traverse() if other.sol == fix.sol][-1]
        assert rover_place(fix.sol) == pytest.approx((latest.latitude_deg, latest.longitude_deg))


def test_beyond_the_record_the_rover_stays_where_it_was_last_seen():
    assert rover_place(5000) == rover_place(1980)
    assert rover_place(0) == rover_place(13)


def test_what_is_not_a_reading_says_that_it_was_derived():
    derived = {fix.sol for fix in traverse() if fix.derived}
    assert derived == {1687, 1726, 1762, 1840, 1842, 1849, 1856, 1897, 1980}

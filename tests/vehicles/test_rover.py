"""What helicopters and a fetch rover bring from the depot."""

from __future__ import annotations

import pytest

from anabasis.units import SOL
from anabasis.vehicles.rover import FetchRover, Helicopters


def test_helicopters_bring_one_tube_each_per_round():
    pair = Helicopters()
    assert float(pair.brought(3.0 * SOL, 500.0, 10.0)) == 0
    assert float(pair.brought(4.0 * SOL, 500.0, 10.0)) == 2
    assert float(pair.brought(8.0 * SOL, 500.0, 10.0)) == 4
    assert float(pair.brought(400.0 * SOL, 500.0, 10.0)) == 10


def test_helicopters_bring_nothing_from_beyond_their_range():
    assert float(Helicopters().brought(400.0 * SOL, 701.0, 10.0)) == 0


def test_a_fetch_rover_brings_all_at_once_when_it_is_back():
    rover = FetchRover()
    drive = 2 * 1.17 * 1000.0 / 200.0  # 11.7 sols, so 12
    sols = 12 + 10 * 3
    assert drive < 12
    assert float(rover.brought((sols - 1) * SOL, 1000.0, 10.0)) == 0
    assert float(rover.brought(sols * SOL, 1000.0, 10.0)) == pytest.approx(10)


def test_a_fetch_rover_does_not_set_out_where_it_could_not_return():
    assert float(FetchRover().reached(7000.0, 10.0)) == 0
    assert float(FetchRover().reached(6000.0, 10.0)) == 10

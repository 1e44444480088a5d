"""A delivery off its aim: nothing changes without an error, and each error is what it says."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.campaign.orders.delivery import Delivery, PassDelivery, delivered, passing
from anabasis.mechanics.state import PointState
from anabasis.worlds.world import make_world

STATE = PointState(
    np.asarray(8.6e8),
    np.array([3.0e6, 1.2e6, 1.4e6]),
    np.array([-3.9e3, 3.2e3, 1.1e3]),
    np.asarray(5000.0),
    "mars",
)
GONE_BY = PointState(
    np.asarray(8.6e8),
    np.array([1.6e7, -1.2e7, 2.0e6]),
    np.array([-2.5e3, 1.4e3, -0.4e3]),
    np.asarray(6500.0),
    "mars",
)


def errors(angle: float = 0.0, across: float = 0.0, late: float = 0.0) -> Delivery:
    return Delivery(np.asarray(np.radians(angle)), np.asarray(across), np.asarray(late))


def angle_of(state: PointState) -> float:
    r, v = np.asarray(state.position), np.asarray(state.velocity)
    return float(np.degrees(np.arcsin(r @ v / np.linalg.norm(r) / np.linalg.norm(v))))


def periapsis_of(state: PointState, gm: float) -> float:
    r, v = np.asarray(state.position), np.asarray(state.velocity)
    h = np.linalg.norm(np.cross(r, v))
    eccentricity = np.cross(v, np.cross(r, v)) / gm - r / np.linalg.norm(r)
    return float(h * h / gm / (1.0 + np.linalg.norm(eccentricity)))


@pytest.mark.parametrize("error", [None, errors()])
def test_without_an_error_an_entry_is_as_it_was_to_the_last_bit(error: Delivery | None) -> None:
    found = delivered(STATE, error)
    np.testing.assert_array_equal(found.position, STATE.position)
    np.testing.assert_array_equal(found.velocity, STATE.velocity)
    assert float(found.epoch) == float(STATE.epoch)


@pytest.mark.parametrize("error", [-0.25, 0.05, 3.0])
def test_the_angle_is_off_by_what_it_says_and_nothing_else(error: float) -> None:
    found = delivered(STATE, errors(angle=error))
    assert angle_of(found) - angle_of(STATE) == pytest.approx(error, abs=1e-10)
    np.testing.assert_array_equal(found.position, STATE.position)
    assert np.linalg.norm(found.velocity) == pytest.approx(
        np.linalg.norm(STATE.velocity), rel=1e-14
    )
    plane = np.cross(np.asarray(STATE.position), np.asarray(STATE.velocity))
    assert abs(np.asarray(found.velocity) @ plane) < 1e-10 * np.linalg.norm(plane) * 5e3


@pytest.mark.parametrize("error", [-7e3, 2e3])
def test_an_approach_to_the_right_lies_to_the_right_at_the_same_speed_and_angle(
    error: float,
) -> None:
    found = delivered(STATE, errors(across=error))
    r, v = np.asarray(STATE.position), np.asarray(STATE.velocity)
    right = np.cross(v, r) / np.linalg.norm(np.cross(v, r))
    assert (np.asarray(found.position) - r) @ right == pytest.approx(error, rel=1e-5)
    assert np.linalg.norm(found.position) == pytest.approx(np.linalg.norm(r), rel=1e-14)
    assert angle_of(found) == pytest.approx(angle_of(STATE), abs=1e-10)
    np.testing.assert_array_equal(found.velocity, v)


def test_a_late_entry_comes_the_same_way_later() -> None:
    found = delivered(STATE, errors(late=12.0))
    assert float(found.epoch) == float(STATE.epoch) + 12.0
    np.testing.assert_array_equal(found.position, STATE.position)


@pytest.mark.parametrize("error", [None, 0.0])
def test_a_pass_without_an_error_is_as_it_was_to_the_last_bit(error: float | None) -> None:
    off = None if error is None else PassDelivery(np.asarray(error))
    found = passing(GONE_BY, off, make_world("mars"))
    np.testing.assert_array_equal(found.velocity, GONE_BY.velocity)


@pytest.mark.parametrize("error", [-30e3, 5e3, 200e3])
def test_a_pass_is_higher_by_what_it_says(error: float) -> None:
    mars = make_world("mars")
    gm = float(mars.gm)
    found = passing(GONE_BY, PassDelivery(np.asarray(error)), mars)
    higher = periapsis_of(found, gm) - periapsis_of(GONE_BY, gm)
    assert higher == pytest.approx(error, rel=1e-8)
    assert np.linalg.norm(found.velocity) == pytest.approx(
        np.linalg.norm(GONE_BY.velocity), rel=1e-14
    )
    assert np.asarray(found.position) @ np.asarray(found.velocity) < 0.0

"""Laws of the orders of an entry: the start told in several ways, the bank solved, the limits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import anabasis
from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.orders import entry as entries
from anabasis.campaign.orders.entry import EntryOrders, EntryStart, limits
from anabasis.guidance.bank import ScheduledBank
from anabasis.worlds.world import make_world

MARS = make_world("mars")
DEGREE = np.pi / 180.0
RANGE_TOLERANCE = 0.2
"""The range is solved to a tenth of a metre [m]."""


def orders(**start: Any) -> EntryOrders:
    given = {
        "radius": 3522.2e3,
        "latitude": 20.8 * DEGREE,
        "longitude": 66.8 * DEGREE,
        "speed": 5553.0,
        "flight_path_angle": -15.5 * DEGREE,
        "azimuth": 99.9 * DEGREE,
    } | start
    axes = given.pop("axes", "inertial")
    arrays = {name: np.asarray(x) for name, x in given.items() if x is not None}
    return EntryOrders(epoch=np.asarray(666952679.4), start=EntryStart(axes=axes, **arrays))


@pytest.fixture(scope="module")
def mars2020() -> Any:
    return anabasis.load("mars2020-entry").parts


def test_a_start_by_vectors_is_the_start_by_angles(mars2020):
    first = entries.start_of(orders(), mars2020.capsule, MARS)
    second = entries.start_of(
        EntryOrders(
            epoch=first.epoch,
            start=EntryStart(
                position=np.asarray(first.position), velocity=np.asarray(first.velocity)
            ),
        ),
        mars2020.capsule,
        MARS,
    )
    np.testing.assert_array_equal(first.position, second.position)
    np.testing.assert_array_equal(first.velocity, second.velocity)


def test_a_radius_and_an_altitude_say_the_same_place(mars2020):
    first = entries.start_of(orders(), mars2020.capsule, MARS)
    altitude = float(MARS.altitude(first.epoch, first.position))
    second = entries.start_of(orders(radius=None, altitude=altitude), mars2020.capsule, MARS)
    np.testing.assert_allclose(first.position, second.position, atol=1e-4)


def test_planet_axes_leave_the_turning_of_the_planet_out(mars2020):
    state = entries.start_of(orders(axes="planet"), mars2020.capsule, MARS)
    relative = MARS.relative_velocity(state.epoch, state.position, state.velocity)
    assert float(np.linalg.norm(relative)) == pytest.approx(5553.0, abs=1e-6)


def test_a_missing_start_or_epoch_is_said(mars2020):
    with pytest.raises(BadInput, match="no start"):
        entries.start_of(EntryOrders(epoch=np.asarray(0.0)), mars2020.capsule, MARS)
    with pytest.raises(BadInput, match="epoch"):
        entries.start_of(EntryOrders(start=orders().start), mars2020.capsule, MARS)


def test_a_schedule_that_does_not_fit_is_said(mars2020):
    def planned(**bank: Any) -> Any:
        table = EntryOrders(bank=ScheduledBank(**bank))
        start = entries.start_of(orders(), mars2020.capsule, MARS)
        return entries.plan(table, start, mars2020.capsule, mars2020.parachute, MARS)

    with pytest.raises(BadInput, match="speeds but"):
        planned(relative_speed=np.array([1.0, 2.0]), bank=np.array([0.0]))
    with pytest.raises(BadInput, match="do not increase"):
        planned(relative_speed=np.array([2.0, 1.0]), bank=np.array([0.0, 1.0]))


def test_a_bank_is_solved_for_its_range():
    scenario = anabasis.load("mars2020-entry").replace(
        {
            "entry.bank": {
                "kind": "range",
                "range_km": 609.8,
                "late_below_relative_speed_m_s": 1000.0,
                "late_bank_deg": 20.0,
            }
        }
    )
    figures = anabasis.fly(scenario).phases["entry"].figures
    assert figures["range_km"] == pytest.approx(609.8, abs=RANGE_TOLERANCE / 1e3)
    assert 0.0 < figures["bank_deg"] < 90.0


def test_a_parachute_outside_its_envelope_breaks_its_limits():
    box = {
        "parachute_deploy_mach": 2.3,
        "parachute_deploy_dynamic_pressure_Pa": 250.0,
        "parachute_deploy_height_km": 7.0,
    }
    broken = [limit.name for limit in limits(box, EntryOrders()) if not limit.met]
    assert broken == ["parachute not too fast", "parachute fills"]

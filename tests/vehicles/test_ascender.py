"""Laws of the stacked rocket: the parts are the whole, and stages add logarithms."""

from __future__ import annotations

import math

import pytest

from anabasis.mechanics.table import Table
from anabasis.vehicles.ascender import Ascender, ideal_delta_v, stacked
from anabasis.vehicles.motor import SolidMotor


def harris(payload: float | None = 16.0) -> Ascender:
    return Ascender(
        reference_area=0.144,
        drag_coefficient=Table.constant(0.3),
        stage_one=SolidMotor(inert=60.362, propellant=215.619, thrust=7925.77, burn_time=76.0),
        stage_two=SolidMotor(inert=47.342, propellant=54.467, thrust=6088.7, burn_time=24.45),
        payload=payload,
    )


def test_the_published_masses_add_up() -> None:
    stack = stacked(harris())
    assert float(stack.lift_off_mass) == pytest.approx(393.79, abs=1e-9)
    assert float(stack.first_burnout_mass) == pytest.approx(178.171, abs=1e-9)
    assert float(stack.second_ignition_mass) == pytest.approx(117.809, abs=1e-9)
    assert float(stack.orbit_mass) == pytest.approx(63.342, abs=1e-9)


def test_the_stages_give_the_published_ideal_delta_v() -> None:
    first, second = ideal_delta_v(stacked(harris()))
    assert float(first) == pytest.approx(2215.55, abs=0.01)
    assert float(second) == pytest.approx(1696.0, abs=0.05)


def test_what_is_carried_may_come_from_the_march() -> None:
    heavier = stacked(harris(payload=None), 17.0)
    assert float(heavier.lift_off_mass) == pytest.approx(394.79, abs=1e-9)
    with pytest.raises(ValueError, match="payload_kg"):
        stacked(harris(payload=None))


def test_a_heavier_payload_gains_less_speed() -> None:
    def total(payload: float) -> float:
        return sum(float(x) for x in ideal_delta_v(stacked(harris(), payload)))

    expected = 2793.62 * math.log(393.79 / 178.171) + 2733.21 * math.log(117.809 / 63.342)
    assert total(16.0) == pytest.approx(expected, abs=0.1)
    assert total(15.0) > total(16.0) > total(17.0)

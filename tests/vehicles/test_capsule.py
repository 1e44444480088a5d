"""A capsule told by a ballistic coefficient and one told by a table say the same thing."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.mechanics.table import Table
from anabasis.vehicles.capsule import Capsule

MACH = np.array([1.0, 20.0])


def test_a_ballistic_coefficient_and_a_table_agree():
    one = Capsule(
        mass=np.asarray(100.0),
        nose_radius=np.asarray(0.3),
        ballistic_coefficient=np.asarray(50.0),
        lift_to_drag=np.asarray(0.25),
    )
    other = Capsule(
        mass=np.asarray(100.0),
        nose_radius=np.asarray(0.3),
        area=np.asarray(1.6),
        drag_coefficient=Table(MACH, np.array([1.25, 1.25])),
        lift_coefficient=Table(MACH, np.array([0.3125, 0.3125])),
    )
    assert float(one.drag_area(5.0)) == pytest.approx(float(other.drag_area(5.0)), rel=1e-14)
    assert float(one.lift_area(5.0)) == pytest.approx(float(other.lift_area(5.0)), rel=1e-14)


def test_without_lift_there_is_none():
    plain = Capsule(
        mass=np.asarray(100.0),
        nose_radius=np.asarray(0.3),
        ballistic_coefficient=np.asarray(50.0),
    )
    assert float(plain.lift_area(5.0)) == 0.0
    assert not bool(plain.outside(500.0))


def test_reading_beyond_the_table_is_noticed_and_holds_the_end_value():
    table = Capsule(
        mass=np.asarray(100.0),
        nose_radius=np.asarray(0.3),
        area=np.asarray(2.0),
        drag_coefficient=Table(MACH, np.array([1.0, 1.5])),
    )
    assert bool(table.outside(21.0))
    assert not bool(table.outside(20.0))
    assert float(table.drag_area(30.0)) == pytest.approx(3.0)

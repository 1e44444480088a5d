"""Laws of the powered descent: it brakes as the leg asks, inside what the engines can do."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.guidance.descent import Descent, Sensed, begin_leg, descend

LAW = Descent(
    clearance=np.array([100.0, 0.0]),
    sink_rate=np.array([20.0, 1.0]),
    onboard_gravity=np.asarray(3.7),
)
MASS = 2000.0


def _sense(clearance, velocity):
    return Sensed(np.asarray(clearance), np.asarray(velocity), np.asarray(MASS))


def test_on_the_reference_it_commands_gravity_and_the_legs_deceleration():
    sensed = _sense(1100.0, [0.0, 0.0, -80.0])
    leg = begin_leg(np.asarray(100.0), np.asarray(20.0), sensed)
    command = descend(LAW, leg, sensed, 0.0, 1e6)
    slowing = (80.0**2 - 20.0**2) / 2000.0
    assert np.asarray(command) == pytest.approx([0.0, 0.0, MASS * (3.7 + slowing)])


def test_too_fast_gets_more_thrust_and_sideways_speed_is_opposed():
    sensed = _sense(1100.0, [0.0, 0.0, -80.0])
    leg = begin_leg(np.asarray(100.0), np.asarray(20.0), sensed)
    calm = descend(LAW, leg, sensed, 0.0, 1e6)
    fast = descend(LAW, leg, _sense(1100.0, [5.0, -3.0, -85.0]), 0.0, 1e6)
    assert fast[2] > calm[2]
    assert fast[0] < 0.0 < fast[1]


def test_the_command_stays_inside_the_engines_range_and_keeps_its_direction():
    sensed = _sense(1100.0, [10.0, 0.0, -80.0])
    leg = begin_leg(np.asarray(100.0), np.asarray(20.0), sensed)
    free = np.asarray(descend(LAW, leg, sensed, 0.0, 1e6))
    for least, greatest in ((0.0, 5000.0), (30000.0, 40000.0)):
        held = np.asarray(descend(LAW, leg, sensed, least, greatest))
        assert least - 1e-6 <= np.linalg.norm(held) <= greatest + 1e-6
        assert held / np.linalg.norm(held) == pytest.approx(free / np.linalg.norm(free))


def test_it_never_points_its_engines_up():
    sensed = _sense(500.0, [0.0, 0.0, 30.0])
    leg = begin_leg(np.asarray(0.0), np.asarray(1.0), sensed)
    assert descend(LAW, leg, sensed, 0.0, 1e6)[2] > 0.0

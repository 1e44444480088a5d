"""The lander's masses add up."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.vehicles.lander import Lander


def test_what_enters_is_what_lands_and_what_is_lost_on_the_way():
    numbers = {
        "dry": 3332.0,
        "propellant": 530.0,
        "heat_shield": 475.0,
        "backshell": 640.0,
        "ballast": 23.0,
        "engine_thrust": 3100.0,
        "minimum_throttle": 0.2,
        "specific_impulse": 213.0,
        "touchdown_vertical_limit": 1.5,
        "touchdown_horizontal_limit": 0.5,
    }
    lander = Lander(engine_count=12, **{name: np.asarray(x) for name, x in numbers.items()})
    assert float(lander.entry_mass) == 5000.0
    assert float(lander.landing_mass) == 3862.0
    assert float(lander.greatest_thrust) == pytest.approx(37200.0)
    assert float(lander.exhaust_speed) == pytest.approx(213.0 * 9.80665)

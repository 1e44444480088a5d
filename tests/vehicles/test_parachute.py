"""Laws of the parachute: nothing before line stretch, most when full, steady after."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.vehicles.parachute import Parachute, Trigger


def _parachute():
    return Parachute(
        diameter=np.asarray(21.53), trigger=Trigger(mach=np.asarray(1.8)), growth_exponent=2.0
    )


def test_before_line_stretch_nothing_pulls():
    assert float(_parachute().opening(-0.1, 0.6)) == 0.0


def test_it_pulls_most_at_the_moment_it_is_full_and_then_settles():
    parachute = _parachute()
    times = np.linspace(0.0, 3.0, 301)
    pulls = [float(parachute.opening(t, 0.6)) for t in times]
    assert times[int(np.argmax(pulls))] == pytest.approx(0.6, abs=0.011)
    assert max(pulls) == pytest.approx(1.43, rel=0.01)
    assert pulls[-1] == 1.0


def test_the_opening_has_no_step():
    parachute = _parachute()
    for instant in (0.0, 0.6, 1.2):
        before, after = (
            parachute.opening(instant - 1e-9, 0.6),
            parachute.opening(instant + 1e-9, 0.6),
        )
        assert float(before) == pytest.approx(float(after), abs=1e-7)


def test_the_canopy_of_mars_2020_has_its_area_and_loses_drag_near_the_speed_of_sound():
    parachute = _parachute()
    assert float(parachute.area) == pytest.approx(364.1, abs=0.1)
    assert float(parachute.full_drag_area(0.5)) == pytest.approx(0.636 * 364.06, rel=1e-4)
    assert float(parachute.full_drag_area(0.95)) < float(parachute.full_drag_area(1.4))


def test_it_fills_faster_when_it_is_faster():
    parachute = _parachute()
    assert parachute.filling_time(420.0) == pytest.approx(12.0 * 21.53 / 420.0)
    assert parachute.filling_time(500.0) < parachute.filling_time(400.0)

"""Laws of the fixed-tick segment: exact ends, exact derivatives, nothing after the event."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.segment import fly_segment

G = 3.7


def _fall(time, state, given):
    _, speed = state
    return (speed, -G * jnp.ones_like(speed))


def _ground(time, state, given):
    return -state[0] / 100.0


def _swing(time, state, given):
    angle, rate = state
    return (rate, -jnp.sin(angle))


def test_a_thrown_stone_meets_the_ground_when_the_parabola_says():
    segment = jax.jit(lambda h, v: fly_segment(_fall, (h, v), 5.0, 60.0, 13, event=_ground))(
        100.0, 12.0
    )
    exact = (12.0 + np.sqrt(12.0**2 + 2 * G * 100.0)) / G
    assert bool(segment.happened)
    assert float(segment.time) - 5.0 == pytest.approx(exact, rel=1e-13)
    assert float(segment.state[0]) == pytest.approx(0.0, abs=1e-11)


def test_the_time_of_an_event_has_its_exact_derivative():
    def when(height, speed):
        return fly_segment(_fall, (height, speed), 0.0, 60.0, 13, event=_ground).time

    by_height, by_speed = jax.jit(jax.jacfwd(when, argnums=(0, 1)))(100.0, 12.0)
    impact = np.sqrt(12.0**2 + 2 * G * 100.0)
    assert float(by_height) == pytest.approx(1.0 / impact, rel=1e-12)
    assert float(by_speed) == pytest.approx((1.0 + 12.0 / impact) / G, rel=1e-12)


def test_the_peak_lies_between_the_ticks_with_its_exact_derivatives():
    def top(speed):
        segment = fly_segment(
            _fall,
            (10.0, speed),
            0.0,
            20.0,
            9,
            event=_ground,
            watch=lambda t, y, given: {"height": y[0], "speed": y[1], "fall": -y[1]},
        )
        return {name: (peak.time, peak.value) for name, peak in segment.peaks.items()}

    peaks = jax.jit(top)(20.0)
    slopes = jax.jit(jax.jacfwd(top))(20.0)
    assert float(peaks["height"][0]) == pytest.approx(20.0 / G, abs=1e-6)
    assert float(peaks["height"][1]) == pytest.approx(10.0 + 20.0**2 / (2 * G), rel=1e-13)
    assert float(slopes["height"][0]) == pytest.approx(1 / G, rel=1e-7)
    assert float(slopes["height"][1]) == pytest.approx(20.0 / G, rel=1e-6)
    # Greatest at the very start and at the very end.
    assert float(peaks["speed"][1]) == pytest.approx(20.0, abs=1e-6)
    impact = np.sqrt(20.0**2 + 2 * G * 10.0)
    assert float(peaks["fall"][1]) == pytest.approx(impact, abs=1e-6)
    assert float(peaks["fall"][0]) == pytest.approx((20.0 + impact) / G, abs=1e-6)
    assert float(slopes["fall"][1]) == pytest.approx(20.0 / impact, rel=1e-9)


def test_halving_the_tick_shows_fourth_order():
    def end(ticks):
        return float(fly_segment(_swing, (1.0, 0.3), 0.0, 8.0, ticks).state[0])

    fine = end(1600)
    assert 13.0 < abs(end(50) - fine) / abs(end(100) - fine) < 19.0


def test_the_end_is_differentiable_by_the_duration():
    def end(duration):
        return fly_segment(_swing, (1.0, 0.3), 0.0, duration, 400).state

    angle, rate = jax.jit(end)(3.0)
    by_duration = jax.jit(jax.jacfwd(end))(3.0)
    assert float(by_duration[0]) == pytest.approx(float(rate), rel=1e-8)
    assert float(by_duration[1]) == pytest.approx(-float(jnp.sin(angle)), rel=1e-8)


def test_an_event_already_past_happens_at_the_start():
    segment = fly_segment(_fall, (-1.0, 0.0), 7.0, 60.0, 13, event=_ground)
    assert bool(segment.happened)
    assert float(segment.time) == 7.0
    assert float(segment.state[0]) == -1.0


def test_without_the_event_the_whole_duration_is_flown():
    segment = fly_segment(_fall, (1e5, 0.0), 0.0, 10.0, 5, event=_ground)
    assert not bool(segment.happened)
    assert float(segment.time) == 10.0
    assert float(segment.state[1]) == pytest.approx(-10.0 * G)


def test_legs_switch_on_a_tick_and_switching_times_are_differentiable():
    def burn(time, state, thrust):
        return (state[1], thrust)

    def end(first):
        segment = fly_segment(
            burn,
            (0.0, 0.0),
            0.0,
            jnp.stack([first, 5.0 - first]),
            (4, 3),
            given=jnp.array([2.0, -1.0]),
            record=lambda t, y, given: {"time": t, "speed": y[1], "thrust": given},
        )
        return segment.state[1], segment.rows

    speed, rows = jax.jit(end)(1.5)
    assert float(speed) == pytest.approx(2.0 * 1.5 - 3.5, rel=1e-14)
    assert float(jax.jacfwd(lambda d: end(d)[0])(1.5)) == pytest.approx(3.0, rel=1e-13)
    np.testing.assert_allclose(rows["time"][4], 1.5)
    np.testing.assert_allclose(rows["thrust"], [2.0] * 4 + [-1.0] * 4)


def test_rows_after_the_event_repeat_the_end_and_counts_stop():
    segment = fly_segment(
        _fall,
        (100.0, 0.0),
        0.0,
        60.0,
        60,
        event=_ground,
        record=lambda t, y, given: {"time": t, "height": y[0]},
        count=lambda t, y, given: {"high": y[0] > 50.0, "all": True},
    )
    exact = np.sqrt(200.0 / G)
    assert segment.rows is not None
    assert segment.counts is not None
    np.testing.assert_allclose(segment.rows["time"][-1], exact, rtol=1e-12)
    assert float(np.max(segment.rows["time"])) == pytest.approx(exact)
    assert np.all(np.diff(segment.rows["time"]) >= 0.0)
    assert float(segment.counts["all"]) == np.floor(exact) + 1
    assert float(segment.counts["high"]) == np.floor(np.sqrt(100.0 / G))


def test_lanes_do_not_disturb_one_another():
    def when(height):
        return fly_segment(_fall, (height, 0.0), 0.0, 20.0, 11, event=_ground).time

    heights = jnp.array([10.0, 1e6, 30.0])
    together = jax.jit(jax.vmap(when))(heights)
    alone = [float(jax.jit(when)(h)) for h in heights]
    np.testing.assert_allclose(together, alone, rtol=1e-13)
    assert alone[1] == 20.0

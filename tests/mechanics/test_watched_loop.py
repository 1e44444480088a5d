"""A closed loop flies closed forms, ends on a tick, and remembers where it was greatest."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.watched_loop import fly_closed_loop, midpoint_step

TICK, GRAVITY = 0.05, 3.71


def fall(time, state, given=None):
    return state[1], jnp.asarray(-GRAVITY)


def test_free_fall_is_flown_exactly():
    def tick(time, state):
        after = midpoint_step(fall, time, state, TICK)
        return after, after[0] <= 0.0

    loop = fly_closed_loop(tick, (jnp.asarray(500.0), jnp.asarray(-30.0)), TICK, 2000)
    time = float(loop.time)
    height, speed = (float(x) for x in loop.state)
    assert height == pytest.approx(500.0 - 30.0 * time - 0.5 * GRAVITY * time**2, abs=1e-9)
    assert speed == pytest.approx(-30.0 - GRAVITY * time, abs=1e-11)
    # the ground lies inside the last tick
    meets = (-30.0 + np.sqrt(900.0 + 2.0 * GRAVITY * 500.0)) / GRAVITY
    assert meets <= time < meets + TICK
    assert bool(loop.ended)


def test_a_hover_burns_as_its_closed_form_says():
    """Thrust as heavy as the lander: m = m0 exp(-g t / c)."""
    exhaust = 213.0 * 9.80665

    def tick(time, mass):
        thrust = mass * GRAVITY

        def rate(at, m, given=None):
            return -thrust / exhaust

        return midpoint_step(rate, time, mass, TICK), jnp.asarray(False)

    loop = fly_closed_loop(tick, jnp.asarray(2193.0), TICK, 1200)
    expected = 2193.0 * np.exp(-GRAVITY * 60.0 / exhaust)
    # the command is held through a tick: first order in it
    held = 0.5 * GRAVITY * TICK / exhaust
    assert float(loop.state) == pytest.approx(expected, rel=held)
    assert not bool(loop.ended)


def test_the_greatest_value_and_the_sums_are_kept():
    def tick(time, x):
        return x + 1.0, x + 1.0 >= 100.0

    loop = fly_closed_loop(
        tick,
        jnp.asarray(0.0),
        1.0,
        1000,
        watch=lambda time, x: {"hill": -((x - 40.0) ** 2)},
        count=lambda time, x: {"steps": jnp.asarray(1.0)},
        record=lambda time, x: {"x": x},
    )
    assert float(loop.peaks["hill"].time) == 40.0
    assert float(loop.counts["steps"]) == 100.0
    assert np.asarray(loop.rows["x"])[:101].tolist() == list(range(101))
    assert set(np.asarray(loop.rows["x"])[100:].tolist()) == {100.0}


def test_lanes_that_are_done_stand_still():
    def tick(time, x):
        return x + 1.0, jnp.asarray(False)

    def fly(stop):
        def one(time, x):
            return x + 1.0, x + 1.0 >= stop

        return fly_closed_loop(one, jnp.asarray(0.0), 1.0, 50).state

    alone = [float(fly(jnp.asarray(stop))) for stop in (3.0, 7.0, 90.0)]
    together = np.asarray(jax.vmap(fly)(jnp.array([3.0, 7.0, 90.0])))
    assert alone == [3.0, 7.0, 50.0]
    assert together.tolist() == alone
    assert not bool(fly_closed_loop(tick, jnp.asarray(0.0), 1.0, 5).ended)

"""The arm: every tube is in the container, behind, or was never asked for, and none twice."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.phases.loading import LID_TRIES, Arm, Loaded, load

WANTED = jnp.asarray([True] * 31 + [False] * 2)


def many(arm: Arm, slots: float = 30.0, cases: int = 2000) -> Loaded:
    keys = jax.vmap(lambda case: jax.random.fold_in(jax.random.key(3), case))(jnp.arange(cases))
    return jax.vmap(lambda key: load(key, arm, WANTED, jnp.asarray(slots)))(keys)


def test_an_arm_that_never_fails_needs_a_cycle_a_tube_and_one_for_the_lid():
    found = load(jax.random.key(0), Arm(1.0, 0.0, 0.0, 5.0, 0.0), WANTED, jnp.asarray(30.0))
    assert int(found.aboard.sum()) == 30
    assert not bool(found.aboard[30])
    assert float(found.duration) == 31.0
    assert bool(found.closed)


def test_every_tube_is_aboard_or_behind_and_never_both():
    found = many(Arm(2.0, 0.3, 0.1, 3.0, 0.05))
    aboard, stuck = np.asarray(found.aboard), np.asarray(found.stuck)
    assert not (aboard & stuck).any()
    assert not aboard[:, 31:].any()
    assert (aboard.sum(1) <= 30).all()
    tried = np.asarray(found.attempts) > 0.0
    np.testing.assert_array_equal(tried, aboard | stuck)
    # a tube stays untried only because it was not asked for, or because the slots were full
    full = aboard.sum(1) == 30
    assert tried[~full][:, :31].all()


def test_a_stuck_tube_leaves_its_slot_to_the_next():
    found = many(Arm(1.0, 0.0, 0.2, 5.0, 0.0), slots=20.0)
    stuck, aboard = np.asarray(found.stuck), np.asarray(found.aboard)
    some = (stuck.sum(1) > 0) & (stuck.sum(1) <= 11)
    assert some.any()
    assert (aboard[some].sum(1) == 20).all()


@pytest.mark.parametrize("fails", [0.1, 0.4])
def test_attempts_are_geometric(fails: float):
    found = many(Arm(1.0, fails, 0.0, 1e9, 0.0))
    attempts = np.asarray(found.attempts)[:, :30]
    assert attempts.mean() == pytest.approx(1.0 / (1.0 - fails), rel=0.01)
    assert (attempts == 1.0).mean() == pytest.approx(1.0 - fails, abs=0.01)


def test_a_lid_that_never_closes_is_given_up():
    found = load(jax.random.key(0), Arm(1.0, 0.0, 0.0, 5.0, 1.0), WANTED, jnp.asarray(30.0))
    assert not bool(found.closed)
    assert float(found.lid_attempts) == LID_TRIES


def test_a_faster_arm_is_done_sooner_with_the_same_tubes():
    slow, fast = many(Arm(1.0)), many(Arm(3.0))
    np.testing.assert_array_equal(np.asarray(slow.aboard), np.asarray(fast.aboard))
    assert (np.asarray(fast.duration) < np.asarray(slow.duration)).all()

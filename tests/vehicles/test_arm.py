"""The arm: every tube is in the container, behind, or was never asked for, and none twice."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.vehicles.arm import LID_TRIES, Arm, Work, lid_cycles, work

TUBES = 31
NEVER_FAILS = {"fail_chance": 0.0, "stick_chance": 0.0, "lid_fail_chance": 0.0}


def many(arm: Arm, slots: float = 30.0, cases: int = 2000) -> Work:
    luck = jnp.arange(1.0, cases + 1.0)
    return jax.vmap(lambda one: work(arm, one, "rover", TUBES, jnp.asarray(slots)))(luck)


def test_an_arm_that_never_fails_needs_a_cycle_a_tube_until_the_places_are_taken():
    found = work(Arm(**NEVER_FAILS), jnp.asarray(7.0), "rover", TUBES, jnp.asarray(30.0))
    assert int(found.aboard.sum()) == 30
    assert not bool(found.aboard[30])
    np.testing.assert_array_equal(np.asarray(found.until)[:30], np.arange(1.0, 31.0))
    cycles, closed = lid_cycles(Arm(**NEVER_FAILS), jnp.asarray(7.0))
    assert float(cycles) == 1.0
    assert bool(closed)


def test_without_dice_nothing_fails_whatever_the_chances():
    arm = Arm(fail_chance=0.9, stick_chance=0.9, lid_fail_chance=0.9)
    found = work(arm, jnp.asarray(0.0), "rover", 21, jnp.asarray(30.0))
    assert bool(found.aboard.all())
    assert float(found.cycles.sum()) == 21.0
    assert float(lid_cycles(arm, jnp.asarray(0.0))[0]) == 1.0


def test_every_tube_is_aboard_or_behind_and_never_both():
    found = many(Arm(fail_chance=0.3, stick_chance=0.1, tries=3.0))
    aboard, stuck = np.asarray(found.aboard), np.asarray(found.stuck)
    assert not (aboard & stuck).any()
    assert (aboard.sum(1) <= 30).all()
    np.testing.assert_array_equal(np.asarray(found.cycles) > 0.0, aboard | stuck)
    # a tube stays untried only because the places were taken
    full = aboard.sum(1) == 30
    assert np.asarray(found.tried)[~full].all()


def test_a_stuck_tube_leaves_its_place_to_the_next():
    found = many(Arm(fail_chance=0.0, stick_chance=0.2), slots=20.0)
    stuck, aboard = np.asarray(found.stuck), np.asarray(found.aboard)
    some = (stuck.sum(1) > 0) & (stuck.sum(1) <= 11)
    assert some.any()
    assert (aboard[some].sum(1) == 20).all()


@pytest.mark.parametrize("fails", [0.1, 0.4])
def test_tries_are_geometric(fails: float):
    found = many(Arm(fail_chance=fails, stick_chance=0.0, tries=1e9))
    tries = np.asarray(found.cycles)[:, :30]
    assert tries.mean() == pytest.approx(1.0 / (1.0 - fails), rel=0.01)
    assert (tries == 1.0).mean() == pytest.approx(1.0 - fails, abs=0.01)


def test_a_lid_that_never_closes_is_given_up():
    cycles, closed = lid_cycles(Arm(lid_fail_chance=1.0), jnp.asarray(3.0))
    assert not bool(closed)
    assert float(cycles) == LID_TRIES


def test_what_is_done_after_some_cycles_is_what_their_sum_allows():
    found = work(Arm(fail_chance=0.4), jnp.asarray(5.0), "rover", 21, jnp.asarray(30.0))
    total = float(found.cycles.sum())
    counts = [int(found.done(jnp.asarray(float(c))).sum()) for c in range(int(total) + 1)]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] == int(found.aboard.sum())
    assert float(found.within(jnp.asarray(21.0))) == total

"""What is learnt from a record is what made it."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.vehicles import habits


def made(seed: int = 3, sols: int = 4000) -> np.ndarray:
    """Distances of a rover with two known modes."""
    rng = np.random.default_rng(seed)
    change = np.array([[0.95, 0.05], [0.15, 0.85]])
    mode, out = 0, np.zeros(sols)
    for at in range(sols):
        mode = int(rng.random() >= change[mode, 0])
        if rng.random() < (0.2, 0.8)[mode]:
            out[at] = np.exp(np.log((20.0, 200.0)[mode]) + (0.5, 0.3)[mode] * rng.standard_normal())
    return out


def test_the_modes_of_a_made_record_are_found_again():
    found = habits.learn([made()], 2)
    assert found.moves == pytest.approx([0.2, 0.8], abs=0.05)
    assert np.exp(found.centre) == pytest.approx([20.0, 200.0], rel=0.1)
    assert found.change[0, 0] == pytest.approx(0.95, abs=0.02)
    assert found.change[1, 1] == pytest.approx(0.85, abs=0.04)


def test_the_criterion_does_not_reward_modes_that_are_not_there():
    record = [made(sols=1500)]
    assert habits.learn(record, 2).criterion < habits.learn(record, 3).criterion + 8.0
    assert habits.learn(record, 2).criterion < habits.learn(record, 1).criterion - 50.0


def test_neither_what_is_judged_nor_the_rapid_traverse_is_learnt_from():
    lengths = [len(stretch) for stretch in habits.segments()]
    assert lengths == [217 - 13, 380 - 236, 901 - 415]
    assert max(habits.LEARNT_FROM) == 900
    assert (380, 414) in habits.LEFT_OUT


def test_drawn_habits_surround_the_fit_and_a_short_record_leaves_more_room():
    long, short = habits.learn([made(sols=4000)], 2), habits.learn([made(sols=400)], 2)
    wide, narrow = habits.draw(short, 500, 1), habits.draw(long, 500, 1)
    assert wide.moves[:, 1].std() > narrow.moves[:, 1].std() * 2.0
    assert narrow.moves.mean(0) == pytest.approx(long.moves, abs=0.02)
    np.testing.assert_allclose(narrow.change.sum(2), 1.0, rtol=1e-12)


def test_the_habits_of_the_record_go_from_standing_to_transit():
    found = habits.learnt()
    assert len(found.moves) in habits.MODES
    assert (np.diff(found.centre) > 0.0).all()
    np.testing.assert_allclose(found.change.sum(1), 1.0, rtol=1e-9)
    assert found.sols.sum() == pytest.approx(sum(len(s) for s in habits.segments()))


def test_the_shipped_habits_are_those_that_the_record_teaches():
    learnt, shipped = habits.learnt(), habits.shipped()
    for name in ("moves", "centre", "spread", "change", "sols"):
        np.testing.assert_allclose(getattr(shipped, name), getattr(learnt, name), 1e-6, 1e-9)


def test_the_expected_drive_is_the_mean_of_many():
    known = habits.shipped()
    rng = np.random.default_rng(5)
    far = np.exp(known.centre[-1] + known.spread[-1] * rng.standard_normal(400_000))
    mean = known.moves[-1] * np.minimum(far, habits.LONGEST).mean()
    assert habits.expected_drive(known, -1) == pytest.approx(mean, rel=0.005)

"""Noise is a pure function of its name and count, and looks normal."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from anabasis.mechanics.dice import key_of, noise


def draws(dice: float, name: str, count: int = 200_000) -> np.ndarray:
    key = key_of(np.asarray(dice), name)
    return np.asarray(jax.vmap(lambda k: noise(key, k))(np.arange(float(count))))


def test_noise_has_no_mean_spread_one_and_no_memory() -> None:
    x = draws(17.0, "gyro x")
    assert np.mean(x) == pytest.approx(0.0, abs=4.0 / np.sqrt(x.size))
    assert np.std(x) == pytest.approx(1.0, abs=0.01)
    for lag in (1, 2, 7):
        assert abs(np.corrcoef(x[:-lag], x[lag:])[0, 1]) < 0.01
    assert np.mean(np.abs(x) > 2.0) == pytest.approx(0.0455, abs=0.006)


def test_other_names_and_other_dice_are_other_noise() -> None:
    first = draws(17.0, "gyro x", 5000)
    assert np.array_equal(first, draws(17.0, "gyro x", 5000))
    for other in (draws(18.0, "gyro x", 5000), draws(17.0, "gyro y", 5000)):
        assert abs(np.corrcoef(first, other)[0, 1]) < 0.05

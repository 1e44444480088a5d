"""A perfect unit tells the truth; each error is what it says it is; rounding loses nothing."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.vehicles.imu import InertialUnit, measure, no_residue, ready

TRUE = ((1e-4, -2e-4, 3e-4), (0.3, -0.02, 0.01))


def unit(**errors: float) -> Any:
    quiet = {
        "gyro_walk": 0.0,
        "accelerometer_walk": 0.0,
        "gyro_quantum": 0.0,
        "accelerometer_quantum": 0.0,
    }
    return ready(InertialUnit(**{k: jnp.asarray(v) for k, v in {**quiet, **errors}.items()}))


def told(measuring: Any, ticks: int = 1) -> np.ndarray:
    angle, speed = (tuple(jnp.asarray(x) for x in row) for row in TRUE)

    def tick(residue: Any, count: Any) -> Any:
        sensed, residue = measure(measuring, angle, speed, jnp.asarray(0.01), count, residue)
        return residue, jnp.stack([*sensed.angle, *sensed.speed])

    _, rows = jax.lax.scan(tick, no_residue(), jnp.arange(float(ticks)))
    return np.asarray(rows)


TRUTH = np.array([*TRUE[0], *TRUE[1]])


def test_a_perfect_unit_tells_the_truth() -> None:
    assert np.array_equal(told(unit())[0], TRUTH)


def test_bias_grows_with_time_and_scale_with_what_is_there() -> None:
    off = told(unit(gyro_bias_y=1e-5, accelerometer_scale_x=3e-4))[0] - TRUTH
    assert off[1] == pytest.approx(1e-7)
    assert off[3] == pytest.approx(0.3 * 3e-4)
    assert np.count_nonzero(np.abs(off) > 1e-15) == 2


def test_a_turned_unit_sees_the_vector_in_turned_axes() -> None:
    off = told(unit(accelerometer_misalignment_z=2e-4))[0] - TRUTH
    # turned about z by t, what lies along x appears along -y
    assert off[4] == pytest.approx(-0.3 * 2e-4, rel=1e-9)


def test_rounding_keeps_what_it_cuts_off() -> None:
    rows = told(unit(gyro_quantum=7e-4, accelerometer_quantum=1.0), ticks=1000)
    assert np.max(np.abs(np.sum(rows, axis=0) - 1000 * TRUTH)) <= 0.5
    counts = rows[:, 0] / 7e-4
    assert np.allclose(counts, np.round(counts))


def test_walk_grows_with_the_root_of_time() -> None:
    rows = told(unit(gyro_walk=1e-4), ticks=20000)
    assert np.std(rows[:, 0]) == pytest.approx(1e-4 * 0.1, rel=0.03)
    assert np.std(rows[:, 3]) < 1e-15

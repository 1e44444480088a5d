"""A numerical orbit keeps what nature keeps, and stops where it is told to."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.kepler import Elements, kepler_step, state_of_elements
from anabasis.mechanics.propagate import propagate

CONSERVED = 1e-10
"""Relative change of energy and angular momentum over 1,000 revolutions."""
TIGHT = 3e-14
"""Step tolerance that keeps it; the error grows in proportion, about 5e-11 at this one."""
J2 = 1.956e-3
"""Of Mars, in units of its radius."""


def pull(_: jax.Array, state: jax.Array, j2: jax.Array) -> jax.Array:
    """A body about an oblate planet of radius 1 and gm 1."""
    position = state[:3]
    square = position @ position
    tilt = position[2] ** 2 / square
    k = 1.5 * j2 / square
    shape = jnp.array([1.0, 1.0, 3.0]) - 5.0 * tilt
    return jnp.concatenate([state[3:], -position * (1.0 + k * shape) / (square * jnp.sqrt(square))])


def energy(state: np.ndarray, j2: float) -> float:
    radius = float(np.linalg.norm(state[:3]))
    sine = state[2] / radius
    potential = -1.0 / radius + j2 * (1.5 * sine**2 - 0.5) / radius**3
    return float(0.5 * state[3:] @ state[3:] + potential)


@pytest.mark.parametrize(("eccentricity", "j2"), [(0.0, 0.0), (0.3, 0.0), (0.01, J2)])
def test_energy_and_angular_momentum_over_a_thousand_revolutions(
    eccentricity: float, j2: float
) -> None:
    orbit = Elements(1.1 / (1.0 - eccentricity), eccentricity, 0.5, 0.2, 0.3, 0.0)
    start = np.concatenate([np.asarray(x) for x in state_of_elements(orbit, 1.0)])
    duration = 1000.0 * 2.0 * np.pi * float(orbit.semi_major_axis) ** 1.5
    motion = propagate(
        pull,
        jnp.asarray(start),
        0.0,
        duration,
        jnp.asarray(j2),
        relative=TIGHT,
        absolute=TIGHT,
        max_steps=1_000_000,
    )
    assert bool(motion.ended)
    end = np.asarray(motion.state)
    assert abs(energy(end, j2) / energy(start, j2) - 1.0) < CONSERVED
    before, after = np.cross(start[:3], start[3:]), np.cross(end[:3], end[3:])
    # An oblate planet turns the plane; what it keeps is the part along its axis.
    if j2:
        assert abs(after[2] / before[2] - 1.0) < CONSERVED
    else:
        assert np.linalg.norm(after - before) < CONSERVED * np.linalg.norm(before)


def _falls_below(_: jax.Array, state: jax.Array, args: jax.Array) -> jax.Array:
    del args
    return jnp.sqrt(state[:3] @ state[:3]) / 1.05 - 1.0


START = np.concatenate(
    [np.asarray(x) for x in state_of_elements(Elements(1.4, 0.3, 0.5, 0.2, 0.3, 2.5), 1.0)]
)


def _time_of_fall(speed: jax.Array) -> jax.Array:
    state = jnp.asarray(START) * jnp.concatenate([jnp.ones(3), jnp.full(3, 1.0) * speed])
    return propagate(pull, state, 0.0, 20.0, jnp.asarray(0.0), stop=_falls_below).time


def test_an_event_is_found_to_the_last_digits_and_told_apart_from_the_end() -> None:
    motion = propagate(pull, jnp.asarray(START), 0.0, 20.0, jnp.asarray(0.0), stop=_falls_below)
    assert bool(motion.stopped)
    assert bool(motion.ended)
    assert np.linalg.norm(motion.state[:3]) == pytest.approx(1.05, abs=1e-9)
    position, _ = kepler_step(START[:3], START[3:], 1.0, motion.time)
    assert np.linalg.norm(position - motion.state[:3]) < 1e-8
    short = propagate(pull, jnp.asarray(START), 0.0, 0.1, jnp.asarray(0.0), stop=_falls_below)
    assert not bool(short.stopped)
    assert bool(short.ended)


def test_a_derivative_passes_through_the_event() -> None:
    _, slope = jax.jvp(_time_of_fall, (jnp.asarray(1.0),), (jnp.asarray(1.0),))
    h = 1e-4
    ahead, behind = _time_of_fall(jnp.asarray(1.0 + h)), _time_of_fall(jnp.asarray(1.0 - h))
    assert float(slope) == pytest.approx(float((ahead - behind) / (2.0 * h)), rel=1e-4)


def test_a_spent_step_budget_is_a_verdict_not_an_error() -> None:
    motion = propagate(pull, jnp.asarray(START), 0.0, 1e4, jnp.asarray(0.0), max_steps=16)
    assert not bool(motion.ended)


def test_the_track_is_kept_at_the_times_asked_for() -> None:
    times = np.linspace(0.0, 5.0, 6)
    motion = propagate(pull, jnp.asarray(START), 0.0, 5.0, jnp.asarray(0.0), times=times)
    assert motion.track.shape == (6, 6)
    assert np.allclose(motion.track[-1], motion.state, atol=1e-12)

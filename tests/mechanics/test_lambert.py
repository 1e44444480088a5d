"""The arc that Lambert finds really joins the places, in the time given, with its derivative."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.kepler import kepler_step
from anabasis.mechanics.lambert import lambert_izzo2015

GM = 1.0
LANES = 4000


def _flown() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Random conics flown for a while: start, velocity, end, time, and whether it is one turn."""
    random = np.random.default_rng(5)
    start = random.normal(size=(LANES, 3))
    velocity = random.normal(size=(LANES, 3)) * 0.7
    duration = random.uniform(0.3, 9.0, LANES)
    end, _ = jax.vmap(lambda r, v, t: kepler_step(r, v, GM, t))(start, velocity, duration)
    a = 1.0 / (2.0 / np.linalg.norm(start, axis=1) - (velocity**2).sum(1))
    period = np.where(a > 0.0, 2.0 * np.pi * np.sqrt(np.abs(a) ** 3), np.inf)
    return start, velocity, np.asarray(end), duration, duration < period


@pytest.mark.parametrize("retrograde", [False, True])
def test_a_flown_conic_is_found_again(retrograde: bool) -> None:
    start, velocity, end, duration, once = _flown()
    arc = jax.vmap(lambda a, b, t: lambert_izzo2015(a, b, t, GM, retrograde=retrograde))(
        start, end, duration
    )
    turns_so = (np.cross(start, velocity)[:, 2] < 0.0) == retrograde
    miss = np.linalg.norm(arc.departure_velocity - velocity, axis=1)
    miss = miss / np.linalg.norm(velocity, axis=1)
    chosen = once & turns_so
    assert chosen.sum() > 500
    assert np.quantile(miss[chosen], 0.999) < 1e-10
    assert miss[chosen].max() < 1e-8


@pytest.mark.parametrize("revolutions", [1, 2])
@pytest.mark.parametrize("right", [False, True])
def test_arcs_with_whole_revolutions_arrive(revolutions: int, right: bool) -> None:
    start, _, end, duration, _ = _flown()
    duration = duration * 2.0

    def solve(a: jax.Array, b: jax.Array, t: jax.Array) -> tuple[jax.Array, jax.Array]:
        arc = lambert_izzo2015(a, b, t, GM, revolutions=revolutions, right=right)
        reached, _ = kepler_step(a, arc.departure_velocity, GM, t)
        return reached, arc.exists

    reached, exists = jax.vmap(solve)(start, end, duration)
    exists = np.asarray(exists)
    assert 100 < exists.sum() < LANES
    miss = np.linalg.norm(reached - end, axis=1) / np.linalg.norm(end, axis=1)
    assert np.quantile(miss[exists], 0.999) < 1e-9
    assert np.isfinite(miss).all()


def test_the_two_arcs_of_one_revolution_differ() -> None:
    start, end = jnp.array([1.0, 0.0, 0.0]), jnp.array([-0.3, 1.4, 0.1])
    slow = lambert_izzo2015(start, end, 14.0, GM, revolutions=1, right=False)
    fast = lambert_izzo2015(start, end, 14.0, GM, revolutions=1, right=True)
    assert bool(slow.exists)
    assert np.linalg.norm(slow.departure_velocity - fast.departure_velocity) > 0.05


def test_too_short_a_time_has_no_arc_with_a_revolution() -> None:
    start, end = jnp.array([1.0, 0.0, 0.0]), jnp.array([-0.3, 1.4, 0.1])
    arc = lambert_izzo2015(start, end, 2.0, GM, revolutions=1)
    assert not bool(arc.exists)
    assert np.isfinite(arc.departure_velocity).all()


@pytest.mark.parametrize("revolutions", [0, 1])
def test_derivatives_agree_with_differences(revolutions: int) -> None:
    start, end = jnp.array([1.0, 0.1, -0.05]), jnp.array([-0.4, 1.3, 0.1])

    @jax.jit
    def leave(v: jax.Array) -> jax.Array:
        return lambert_izzo2015(
            start + v[:3], end, 12.0 + v[3], GM, revolutions=revolutions
        ).departure_velocity

    exact = np.asarray(jax.jacfwd(leave)(jnp.zeros(4)))
    h = 1e-5
    for k in range(4):
        shift = h * jnp.eye(4)[k]
        difference = (leave(shift) - leave(-shift)) / (2 * h)
        assert np.allclose(exact[:, k], difference, rtol=1e-6, atol=1e-8)


def test_near_the_parabola_nothing_is_lost() -> None:
    """Escape speeds just about one: the seam between the two forms of the time of flight."""
    start = np.array([1.0, 0.0, 0.0])
    solve = jax.jit(lambda end: lambert_izzo2015(start, end, 1.7, GM).departure_velocity)
    for factor in (0.95, 0.999, 1.0 - 1e-9, 1.0, 1.0 + 1e-9, 1.001, 1.05):
        speed = np.sqrt(2.0) * factor
        velocity = speed * np.array([np.sin(0.4), np.cos(0.4), 0.01])
        end, _ = kepler_step(start, velocity, GM, 1.7)
        assert np.linalg.norm(solve(jnp.asarray(end)) - velocity) < 1e-12

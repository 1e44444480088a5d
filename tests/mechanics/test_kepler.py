"""Kepler's motion is reversible, periodic, conservative, and told by elements both ways."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.kepler import (
    Elements,
    apsis_radii,
    elements,
    kepler_step,
    state_of_elements,
)

GM = 3.986004418e14
LANES = 2000

step = jax.jit(jax.vmap(lambda r, v, t: kepler_step(r, v, GM, t)))


def _states() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Random states about the Earth: ellipses and hyperbolas, inbound and outbound."""
    random = np.random.default_rng(2)
    position = random.normal(size=(LANES, 3)) * 1e7
    velocity = random.normal(size=(LANES, 3)) * 5e3
    return position, velocity, random.normal(size=LANES) * 2e4


def test_forth_and_back_returns_to_the_start() -> None:
    position, velocity, duration = _states()
    back, back_velocity = step(*step(position, velocity, duration), -duration)
    miss = np.linalg.norm(back - position, axis=1) / np.linalg.norm(position, axis=1)
    slip = np.linalg.norm(back_velocity - velocity, axis=1) / np.linalg.norm(velocity, axis=1)
    assert miss.max() < 1e-10
    assert slip.max() < 1e-10


def test_energy_and_angular_momentum_are_kept() -> None:
    position, velocity, duration = _states()
    end, end_velocity = (np.asarray(x) for x in step(position, velocity, duration))
    before = 0.5 * (velocity**2).sum(1) - GM / np.linalg.norm(position, axis=1)
    after = 0.5 * (end_velocity**2).sum(1) - GM / np.linalg.norm(end, axis=1)
    scale = GM / np.linalg.norm(position, axis=1)
    assert np.max(np.abs(after - before) / scale) < 1e-10
    h = np.cross(position, velocity)
    h_after = np.cross(end, end_velocity)
    assert np.max(np.linalg.norm(h_after - h, axis=1) / np.linalg.norm(h, axis=1)) < 1e-9


# A state knows its own period to a few ulp times a / r: a thousand turns of a long ellipse cannot
# be told closer than that, by any formula, so only near-circles are asked for a thousand.
@pytest.mark.parametrize(
    ("eccentricity", "turns"), [(0.0, 1.0), (0.7, 1.0), (0.95, 1.0), (0.0, 1e3), (0.1, 1e3)]
)
def test_an_ellipse_closes_after_its_period(eccentricity: float, turns: float) -> None:
    a = 2.0e7
    orbit = Elements(a, eccentricity, 0.4, 1.0, 2.0, 0.7)
    position, velocity = state_of_elements(orbit, GM)
    period = 2.0 * np.pi * np.sqrt(a**3 / GM)
    end, _ = kepler_step(position, velocity, GM, turns * period)
    assert np.linalg.norm(end - position) / np.linalg.norm(position) < 1e-10


@pytest.mark.parametrize("eccentricity", [0.0, 1e-9, 0.3, 0.99, 1.01, 3.0])
@pytest.mark.parametrize("inclination", [0.0, 1e-3, 1.2, 3.1])
def test_elements_and_state_are_inverse(eccentricity: float, inclination: float) -> None:
    a = 1.1e7 if eccentricity < 1.0 else -1.1e7
    orbit = Elements(a, eccentricity, inclination, 0.3, 4.0, 0.8)
    position, velocity = state_of_elements(orbit, GM)
    again = state_of_elements(elements(position, velocity, GM), GM)
    assert np.linalg.norm(again[0] - position) < 1e-8 * np.linalg.norm(position)
    assert np.linalg.norm(again[1] - velocity) < 1e-8 * np.linalg.norm(velocity)


def test_elements_are_those_the_state_was_made_from() -> None:
    orbit = Elements(1.3e7, 0.2, 0.5, 1.1, 5.0, -0.4)
    found = elements(*state_of_elements(orbit, GM), GM)
    for name in ("semi_major_axis", "eccentricity", "inclination", "node"):
        assert float(getattr(found, name)) == pytest.approx(getattr(orbit, name), rel=1e-12)
    assert float(found.argument_of_periapsis) == pytest.approx(5.0, rel=1e-12)
    assert float(found.true_anomaly) == pytest.approx(-0.4, rel=1e-12)


def test_apsis_radii_bound_the_orbit() -> None:
    state = state_of_elements(Elements(1.3e7, 0.2, 0.5, 1.1, 5.0, -0.4), GM)
    high, low = apsis_radii(*state, GM)
    assert float(high) == pytest.approx(1.3e7 * 1.2, rel=1e-12)
    assert float(low) == pytest.approx(1.3e7 * 0.8, rel=1e-12)


def test_derivatives_are_exact_and_finite_where_angles_have_no_meaning() -> None:
    position, velocity = jnp.array([7e6, 1e5, -2e5]), jnp.array([100.0, 9e3, 2e3])
    by_time = jax.jacfwd(lambda t: kepler_step(position, velocity, GM, t)[0])(5e3)
    _, speed = kepler_step(position, velocity, GM, 5e3)
    assert np.allclose(by_time, speed, rtol=1e-12)

    exact = jax.jacfwd(lambda v: kepler_step(position, v, GM, 5e3)[0])(velocity)
    h = 1e-2
    for axis in range(3):
        shift = h * np.eye(3)[axis]
        ahead, _ = kepler_step(position, velocity + shift, GM, 5e3)
        behind, _ = kepler_step(position, velocity - shift, GM, 5e3)
        assert np.allclose(exact[:, axis], (ahead - behind) / (2 * h), rtol=1e-5, atol=1e-3)

    speed_of_circle = float(np.sqrt(GM / 7e6))
    flat = jax.jacfwd(lambda v: elements(jnp.array([7e6, 0.0, 0.0]), v, GM))(
        jnp.array([0.0, speed_of_circle, 0.0])
    )
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(flat))

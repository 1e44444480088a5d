"""The pull of a body obeys the laws that any such pull obeys."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import lpmv

from anabasis.mechanics.gravity import (
    Harmonics,
    central_gravity,
    harmonic_gravity,
    harmonic_potential,
    oblate_gravity,
    third_body_gravity,
)

GM, RADIUS = 4.28e13, 3.396e6
PLACE = jnp.array([2.1e6, -1.9e6, 2.6e6])


@pytest.fixture(scope="module")
def field() -> Harmonics:
    """A lumpy field of degree 20 with coefficients of the size that Mars has."""
    dice = np.random.default_rng(0)
    cosine, sine = np.zeros((21, 21)), np.zeros((21, 21))
    cosine[0, 0] = 1.0
    for n in range(2, 21):
        cosine[n, : n + 1] = dice.normal(size=n + 1) * 1e-4 / n**2
        sine[n, 1 : n + 1] = dice.normal(size=n) * 1e-4 / n**2
    return Harmonics.from_normalised(cosine, sine, RADIUS)


def only(degree: int, value: float) -> Harmonics:
    """A field with one zonal coefficient, normalised, beside the point mass."""
    cosine = np.zeros((degree + 1, degree + 1))
    cosine[0, 0], cosine[degree, 0] = 1.0, value
    return Harmonics.from_normalised(cosine, np.zeros_like(cosine), RADIUS)


def test_a_round_body_pulls_like_a_point() -> None:
    round_body = Harmonics(np.ones((1, 1)), np.zeros((1, 1)), np.asarray(RADIUS))
    pull = harmonic_gravity(PLACE, GM, round_body)
    np.testing.assert_allclose(pull, central_gravity(PLACE, GM), rtol=1e-14)


def test_the_harmonic_of_degree_two_is_the_flattening() -> None:
    j2 = 1.956607e-3
    flat = only(2, -j2 / math.sqrt(5.0))
    pole = jnp.array([0.0, 0.0, 1.0])
    np.testing.assert_allclose(
        harmonic_gravity(PLACE, GM, flat),
        oblate_gravity(PLACE, pole, GM, j2, RADIUS),
        rtol=1e-13,
    )


def test_flattening_pulls_towards_the_equator_whatever_the_axes() -> None:
    turned, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    pole = jnp.array([0.0, 0.0, 1.0])
    here = oblate_gravity(PLACE, pole, GM, 2e-3, RADIUS)
    there = oblate_gravity(turned @ PLACE, turned @ pole, GM, 2e-3, RADIUS)
    np.testing.assert_allclose(there, turned @ here, rtol=1e-13)


def test_the_pull_is_the_gradient_of_the_potential(field: Harmonics) -> None:
    slope = jax.grad(lambda place: harmonic_potential(place, GM, field))(PLACE)
    np.testing.assert_allclose(harmonic_gravity(PLACE, GM, field), slope, rtol=1e-12, atol=1e-14)


def test_the_potential_is_the_sum_that_the_books_give(field: Harmonics) -> None:
    r = float(jnp.linalg.norm(PLACE))
    longitude = math.atan2(float(PLACE[1]), float(PLACE[0]))
    total = 0.0
    for n in range(21):
        for m in range(n + 1):
            phase = m * longitude
            wave = field.cosine[n, m] * math.cos(phase) + field.sine[n, m] * math.sin(phase)
            legendre = (-1.0) ** m * lpmv(m, n, float(PLACE[2]) / r)  # scipy has the phase in it
            total += (RADIUS / r) ** n * legendre * wave
    np.testing.assert_allclose(harmonic_potential(PLACE, GM, field), GM / r * total, rtol=1e-13)


def test_outside_the_body_the_field_has_no_sources(field: Harmonics) -> None:
    tensor = jax.jacfwd(lambda place: harmonic_gravity(place, GM, field))(PLACE)
    assert abs(np.trace(tensor)) < 1e-12 * np.abs(tensor).max()
    np.testing.assert_allclose(tensor, tensor.T, atol=1e-12 * np.abs(tensor).max())


def test_the_poles_are_places_like_others(field: Harmonics) -> None:
    over = jnp.array([0.0, 0.0, 3.5e6])
    beside = jnp.array([1e-3, 0.0, 3.5e6])
    at_pole = harmonic_gravity(over, GM, field)
    assert np.all(np.isfinite(jax.jacfwd(lambda place: harmonic_gravity(place, GM, field))(over)))
    np.testing.assert_allclose(at_pole, harmonic_gravity(beside, GM, field), atol=2e-9)


def test_lumps_fade_with_distance_faster_than_the_pull(field: Harmonics) -> None:
    def lump(factor: float) -> float:
        place = factor * PLACE
        full, point = harmonic_gravity(place, GM, field), central_gravity(place, GM)
        return float(jnp.linalg.norm(full - point) / jnp.linalg.norm(point))

    assert lump(10.0) < lump(1.0) / 90.0


def test_a_field_is_cut_at_any_degree_it_has(field: Harmonics) -> None:
    assert field.truncated(4).degree == 4
    with pytest.raises(ValueError, match="degree 21 lies outside"):
        field.truncated(21)


def test_a_third_body_pulls_by_the_difference_of_two_pulls() -> None:
    sun, gm_sun = jnp.array([1.4e11, -1.8e11, 0.3e11]), 1.327e20
    far_out = 1e9 * jnp.array([0.3, 0.2, -0.9])
    plain = central_gravity(far_out - sun, gm_sun) + central_gravity(sun, gm_sun)
    np.testing.assert_allclose(third_body_gravity(far_out, sun, gm_sun), plain, rtol=1e-10)


def test_a_third_body_does_not_disturb_the_centre() -> None:
    sun = jnp.array([1.4e11, -1.8e11, 0.3e11])
    np.testing.assert_array_equal(third_body_gravity(jnp.zeros(3), sun, 1.3e20), np.zeros(3))

"""The B-plane says the same of a hyperbola wherever on it one stands."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.bplane import (
    angles_of,
    approach_of,
    asymptote,
    b_magnitude,
    crossing_angle,
    crossing_state,
    plane_axes,
    time_from_crossing,
)
from anabasis.mechanics.kepler import apsis_radii, kepler_step

GM = 4.2828e13
POLE = np.array([0.446, -0.406, 0.798]) / np.linalg.norm([0.446, -0.406, 0.798])
V_INFINITY = np.array([2500.0, 1200.0, -700.0])
RADIUS = 3.5222e6


def test_a_crossing_has_the_b_it_was_made_from() -> None:
    position, velocity = crossing_state(V_INFINITY, 3.5e6, -2.4e6, GM, POLE, RADIUS)
    found = approach_of(position, velocity, GM, POLE)
    assert np.allclose(found.v_infinity, V_INFINITY, rtol=1e-12)
    assert float(found.b_t) == pytest.approx(3.5e6, rel=1e-11)
    assert float(found.b_r) == pytest.approx(-2.4e6, rel=1e-11)
    assert np.linalg.norm(position) == pytest.approx(RADIUS, rel=1e-13)
    assert float(position @ velocity) < 0.0
    before = float(time_from_crossing(found, GM, RADIUS))
    assert float(found.time_to_periapsis) == pytest.approx(before, rel=1e-10)


@pytest.mark.parametrize("days", [-2.0, -0.1, 0.05, 0.5])
def test_b_is_the_same_anywhere_on_the_hyperbola(days: float) -> None:
    state = crossing_state(V_INFINITY, 6e6, 5e6, GM, POLE, RADIUS)
    here = approach_of(*state, GM, POLE)
    there = approach_of(*kepler_step(*state, GM, days * 86400.0), GM, POLE)
    assert float(there.b_t) == pytest.approx(float(here.b_t), rel=1e-9)
    assert float(there.b_r) == pytest.approx(float(here.b_r), rel=1e-9)
    sooner = float(here.time_to_periapsis - there.time_to_periapsis)
    assert sooner == pytest.approx(days * 86400.0, abs=1e-3)


def test_b_for_a_flight_path_angle_gives_that_angle() -> None:
    angle = np.radians(-15.5)
    b = float(b_magnitude(float(np.linalg.norm(V_INFINITY)), GM, RADIUS, angle))
    position, velocity = crossing_state(V_INFINITY, b * 0.6, b * 0.8, GM, POLE, RADIUS)
    sine = position @ velocity / np.linalg.norm(position) / np.linalg.norm(velocity)
    assert np.arcsin(float(sine)) == pytest.approx(angle, abs=1e-12)


def test_the_crossing_angle_leads_to_the_periapsis() -> None:
    speed = float(np.linalg.norm(V_INFINITY))
    angle = crossing_angle(speed, GM, 2e7, 3.8e6)
    b = float(b_magnitude(speed, GM, 2e7, angle))
    state = crossing_state(V_INFINITY, b, 0.0, GM, POLE, 2e7)
    assert float(apsis_radii(*state, GM)[1]) == pytest.approx(3.8e6, rel=1e-10)


def test_a_positive_b_t_turns_with_the_planet() -> None:
    for b_t in (4e6, -4e6):
        position, velocity = crossing_state(V_INFINITY, b_t, 1e6, GM, POLE, RADIUS)
        assert np.sign(np.cross(position, velocity) @ POLE) == np.sign(b_t)


def test_the_axes_are_a_right_handed_frame_with_t_on_the_equator() -> None:
    axes = np.asarray(plane_axes(V_INFINITY, POLE))
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-15)
    assert np.linalg.det(axes) == pytest.approx(1.0, abs=1e-14)
    assert axes[1] @ POLE == pytest.approx(0.0, abs=1e-15)


def test_angles_and_asymptote_are_inverse() -> None:
    right_ascension, declination = angles_of(asymptote(4.0, -0.3, 2000.0))
    assert float(right_ascension) == pytest.approx(4.0, abs=1e-14)
    assert float(declination) == pytest.approx(-0.3, abs=1e-14)


def test_derivatives_are_finite_where_the_hyperbola_just_grazes() -> None:
    def end(b: jax.Array) -> jax.Array:
        return crossing_state(V_INFINITY, b[0], b[1], GM, POLE, RADIUS)[0]

    assert np.isfinite(jax.jacfwd(end)(jnp.array([7e6, 4e6]))).all()
    assert np.isfinite(jax.jacfwd(end)(jnp.array([3e6, 1e6]))).all()

"""Axes of planets are rotations, and turn as told."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.worlds.calendar import epoch_of_utc
from anabasis.worlds.orientation import (
    _LEAPS_SINCE_J2000,
    EARTH_SPIN,
    orientation_of,
    spin_vector,
)

EPOCHS = jnp.array([3.5e8, 6.669e8, 9.8e8, 1.79e9])


@pytest.mark.parametrize("planet", ["mars", "earth"])
@pytest.mark.parametrize("kind", ["axes", "pole_axes"])
def test_axes_are_right_handed_and_square(planet: str, kind: str) -> None:
    turn = getattr(orientation_of(planet, None), kind)
    for axes in jax.vmap(turn)(EPOCHS):
        np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-14)
        np.testing.assert_allclose(np.linalg.det(axes), 1.0, atol=1e-14)


@pytest.mark.parametrize("planet", ["mars", "earth"])
def test_a_fixed_point_moves_with_the_spin(planet: str) -> None:
    orientation = orientation_of(planet, None)
    epoch, place_f = jnp.asarray(6.669e8), jnp.array([1.0, 2.0, 3.0])
    place, moves = jax.jvp(lambda t: place_f @ orientation.axes(t), (epoch,), (jnp.ones(()),))
    swept = jnp.cross(spin_vector(orientation, epoch), place)
    # What is left is the motion of the pole, 50 arcseconds a year at the Earth.
    np.testing.assert_allclose(moves, swept, atol=3e-11)


@pytest.mark.parametrize("planet", ["mars", "earth"])
def test_pole_and_fixed_axes_share_the_pole(planet: str) -> None:
    orientation = orientation_of(planet, None)
    for epoch in EPOCHS:
        np.testing.assert_array_equal(orientation.axes(epoch)[2], orientation.pole_axes(epoch)[2])


def test_the_node_of_mars_lies_in_the_equator_of_j2000() -> None:
    axes = orientation_of("mars", None).pole_axes(EPOCHS[1])
    assert axes[0, 2] == 0.0
    assert axes[1, 2] > 0.0  # ascending: beyond it the equator of Mars rises to the north


def test_another_spin_starts_from_the_same_place_at_j2000() -> None:
    own = orientation_of("mars", None)
    other = orientation_of("mars", np.asarray(7.2e-5))
    np.testing.assert_allclose(own.axes(0.0), other.axes(0.0), atol=1e-15)
    assert np.abs(own.axes(1e6) - other.axes(1e6)).max() > 0.5


def test_a_planet_without_spin_stands_still() -> None:
    still = orientation_of("earth", np.asarray(0.0))
    np.testing.assert_allclose(still.axes(5e8), still.axes(5e8 + 43200.0), atol=1e-6)


def test_the_earth_turns_once_a_sidereal_day() -> None:
    earth = orientation_of("earth", None)
    epoch = epoch_of_utc("2026-03-01T00:00:00Z")
    later = epoch + 2.0 * np.pi / EARTH_SPIN
    np.testing.assert_allclose(earth.axes(epoch), earth.axes(later), atol=1e-6)


def test_leap_seconds_inside_compiled_code_are_those_of_the_calendar() -> None:
    dates = ("2006-01-01", "2009-01-01", "2012-07-01", "2015-07-01", "2017-01-01")
    expected = [epoch_of_utc(f"{date}T00:00:00Z") for date in dates]
    np.testing.assert_allclose(_LEAPS_SINCE_J2000, expected, atol=3e-3)


def test_an_unknown_planet_is_refused() -> None:
    with pytest.raises(ValueError, match="choose mars or earth"):
        orientation_of("venus", None)

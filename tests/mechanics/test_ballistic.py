"""The closed form of entry: right where the path is straight, and it knows where it is not."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.ballistic import path_is_straight, peak_deceleration_allen_eggers
from anabasis.mechanics.segment import fly_segment


def test_a_straight_fall_through_exponential_air_decelerates_as_the_closed_form_says():
    # No gravity, no curvature, a start beyond the air: the closed form is exact.
    height, beta, angle, speed = 7200.0, 60.0, np.radians(30.0), 7000.0

    def drag(state):
        altitude, velocity = state
        return 1.2 * jnp.exp(-altitude / height) * velocity**2 / (2.0 * beta)

    segment = fly_segment(
        lambda t, y, given: (-y[1] * np.sin(angle), -drag(y)),
        (170e3, speed),
        0.0,
        60.0,
        1200,
        watch=lambda t, y, given: {"deceleration": drag(y)},
    )
    closed = peak_deceleration_allen_eggers(speed, -angle, height)
    assert float(segment.peaks["deceleration"].value) == pytest.approx(float(closed), rel=1e-6)


def test_steep_entries_are_straight_and_shallow_super_orbital_ones_are_not():
    air = (7200.0, 60.0, 1.225, 125e3, 6503e3, 9.8)
    assert bool(path_is_straight(7000.0, np.radians(-30.0), *air))
    assert not bool(path_is_straight(12900.0, np.radians(-8.2), *air))

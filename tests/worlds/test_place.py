"""Distances over the ground and clearances above a place."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.worlds.place import Place, arc, clearance_above, distance_over_ground
from anabasis.worlds.world import make_world

EPOCH = 666952679.0


def test_a_quarter_of_the_equator_is_a_right_angle():
    assert float(arc(0.0, 0.0, 0.0, np.pi / 2)) == pytest.approx(np.pi / 2)
    assert float(arc(0.3, 1.0, 0.3, 1.0)) == 0.0


def test_the_interface_of_mars_2020_lies_609_8_km_from_its_site():
    # Mars EDL figures, 1.1; the last digit given.
    degree = np.pi / 180.0
    distance = distance_over_ground(
        make_world("mars"),
        20.82488 * degree,
        66.79935 * degree,
        18.444627 * degree,
        77.450886 * degree,
    )
    assert float(distance) == pytest.approx(609.8e3, abs=100.0)


def test_the_slope_of_a_distance_is_finite_even_at_the_place_itself():
    slope = jax.grad(lambda x: arc(x, 0.2, 0.3, 0.2))
    assert float(slope(jnp.asarray(0.4))) == pytest.approx(1.0)
    assert np.isfinite(float(slope(jnp.asarray(0.3))))


@pytest.mark.parametrize("name", ["mars", "earth"])
def test_clearance_counts_from_the_level_of_the_place(name):
    world = make_world(name)
    place = Place(latitude=np.asarray(0.3), longitude=np.asarray(1.2), height=np.asarray(-2500.0))
    radius = world.radius_of(0.3, 1.2, height=np.asarray(500.0))
    position = world.position_at(EPOCH, 0.3, 1.2, radius)
    assert float(clearance_above(place, world, EPOCH, position)) == pytest.approx(3000.0, abs=1e-3)
    assert float(clearance_above(None, world, EPOCH, position)) == pytest.approx(500.0, abs=1e-3)
    level = Place(latitude=np.asarray(0.3), longitude=np.asarray(1.2), altitude=np.asarray(100.0))
    above = world.position_at(
        EPOCH, 0.3, 1.2, world.radius_of(0.3, 1.2, altitude=np.asarray(150.0))
    )
    assert float(clearance_above(level, world, EPOCH, above)) == pytest.approx(50.0, abs=1e-3)

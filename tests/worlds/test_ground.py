"""The ground is read where it is known finely, else coarsely."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.worlds.ground import Ground, mars_ground


@pytest.fixture(scope="module")
def ground() -> Ground:
    return mars_ground()


@pytest.mark.parametrize(
    ("latitude", "longitude", "elevation"),
    [(-89.5, 0.5, 3966.0), (-87.5, 3.5, 4650.0), (-85.5, 4.5, 4201.0)],
)
def test_the_globe_is_its_table(
    ground: Ground, latitude: float, longitude: float, elevation: float
) -> None:
    found = ground.elevation(np.radians(latitude), np.radians(longitude))
    np.testing.assert_allclose(found, elevation, atol=1e-6)


def test_the_corridor_is_its_table_from_either_side_of_the_date_line(ground: Ground) -> None:
    for longitude in (62.125, 62.125 - 360.0):
        found = ground.elevation(np.radians(12.0), np.radians(longitude))
        np.testing.assert_allclose(found, 1519.0, atol=1e-6)


def test_the_globe_closes_at_the_prime_meridian(ground: Ground) -> None:
    longitudes = jnp.asarray(np.radians(np.linspace(-1.0, 1.0, 201)))
    found = jax.vmap(lambda longitude: ground.elevation(-0.3, longitude))(longitudes)
    assert np.abs(np.diff(found)).max() < 30.0


def test_olympus_is_high_and_hellas_is_deep(ground: Ground) -> None:
    assert ground.elevation(np.radians(18.65), np.radians(-133.8)) > 17e3
    assert ground.elevation(np.radians(-42.5), np.radians(70.0)) < -5.5e3


def test_jezero_lies_inside_the_corridor(ground: Ground) -> None:
    assert bool(ground.corridor.inside(np.radians(18.44), np.radians(77.45)))
    assert not bool(ground.corridor.inside(np.radians(-4.6), np.radians(137.4)))

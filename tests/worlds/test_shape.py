"""Heights above an ellipsoid are distances to it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.worlds.shape import Ellipsoid

MARS = Ellipsoid(np.asarray(3396190.0), np.asarray(3376200.0))
EARTH = Ellipsoid(np.asarray(6378137.0), np.asarray(6356752.314245))
LATITUDES = np.radians([-90.0, -60.0, -18.4, 0.0, 5.0, 45.0, 89.9, 90.0])
MICROMETRE = 1e-6


def raised(figure: Ellipsoid, latitude: float, longitude: float, altitude: float) -> np.ndarray:
    """The point so far above the place of a geodetic latitude."""
    a, b = float(figure.equatorial_radius), float(figure.polar_radius)
    e2 = 1.0 - (b / a) ** 2
    n = a / np.sqrt(1.0 - e2 * np.sin(latitude) ** 2)
    level = (n + altitude) * np.cos(latitude)
    return np.array(
        [
            level * np.cos(longitude),
            level * np.sin(longitude),
            (n * (1.0 - e2) + altitude) * np.sin(latitude),
        ]
    )


@pytest.mark.parametrize("figure", [MARS, EARTH], ids=["mars", "earth"])
@pytest.mark.parametrize("altitude", [-8e3, 0.0, 125e3, 343e3, 2e7])
def test_altitude_and_geodetic_latitude_undo_a_rise_along_the_normal(
    figure: Ellipsoid, altitude: float
) -> None:
    places = jnp.array([raised(figure, latitude, 1.3, altitude) for latitude in LATITUDES])
    found = jax.vmap(figure.altitude)(places)
    np.testing.assert_allclose(found, altitude, atol=MICROMETRE * max(1.0, altitude / 1e6))
    np.testing.assert_allclose(jax.vmap(figure.geodetic_latitude)(places), LATITUDES, atol=1e-9)


def test_on_a_sphere_altitude_is_radius_less_radius() -> None:
    sphere = Ellipsoid(np.asarray(3389500.0), np.asarray(3389500.0))
    place = jnp.array([1.1e6, -2.9e6, 1.7e6])
    np.testing.assert_allclose(
        sphere.altitude(place), np.linalg.norm(place) - 3389500.0, atol=MICROMETRE
    )


def test_altitude_grows_fastest_straight_up() -> None:
    place = jnp.asarray(raised(MARS, 0.7, 0.4, 50e3))
    slope = jax.jacfwd(MARS.altitude)(place)
    np.testing.assert_allclose(np.linalg.norm(slope), 1.0, atol=1e-9)
    geodetic = MARS.geodetic_latitude(place)
    np.testing.assert_allclose(slope[2], np.sin(geodetic), atol=1e-9)


@pytest.mark.parametrize("z", [3.4e6, -3.4e6])
def test_derivatives_exist_at_the_poles(z: float) -> None:
    pole = jnp.array([0.0, 0.0, z])
    for quantity in (MARS.altitude, MARS.geodetic_latitude, MARS.surface_radius):
        assert np.all(np.isfinite(jax.jacfwd(quantity)(pole)))


def test_the_surface_lies_at_no_altitude() -> None:
    direction = jnp.array([0.3, -0.5, 0.7])
    radius = MARS.surface_radius(direction)
    np.testing.assert_allclose(
        MARS.altitude(radius * direction / jnp.linalg.norm(direction)), 0.0, atol=MICROMETRE
    )

"""The areoid on the faces of a cube is one smooth surface, and the one it was made from."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.gravity import harmonic_potential
from anabasis.worlds.areoid import AREOID_POTENTIAL, Areoid, cube_face, mars_areoid
from anabasis.worlds.elements_iau import MARS_SPIN
from anabasis.worlds.world import direction_of, mars_harmonics

GM = 42828.372854e9
GRID_ERROR = 2.0
"""What the grid of about one degree leaves of a field of degree 20 or 60 [m]."""


@pytest.fixture(scope="module")
def areoid() -> Areoid:
    return mars_areoid()


def directions(count: int) -> jnp.ndarray:
    loose = np.random.default_rng(0).normal(size=(count, 3))
    return jnp.asarray(loose / np.linalg.norm(loose, axis=1, keepdims=True))


def test_every_direction_leaves_through_one_face() -> None:
    face, u, v = jax.vmap(cube_face)(directions(2000))
    assert set(np.asarray(face).tolist()) == set(range(6))
    assert np.abs(u).max() <= 1.0
    assert np.abs(v).max() <= 1.0


def test_away_from_jezero_the_areoid_is_a_level_surface(areoid: Areoid) -> None:
    def potential(direction: jnp.ndarray) -> jnp.ndarray:
        place = areoid.radius(direction) * direction
        spin = 0.5 * MARS_SPIN**2 * (place[0] ** 2 + place[1] ** 2)
        return harmonic_potential(place, GM, mars_harmonics()) + spin

    south = directions(400)
    south = south[south[:, 2] < 0.1]
    excess = jax.jit(jax.vmap(potential))(south) - AREOID_POTENTIAL
    assert np.abs(excess).max() / 3.7 < GRID_ERROR


def test_near_jezero_it_is_the_areoid_of_the_corridor_grid(areoid: Areoid, shared) -> None:
    path = shared / "data" / "mars_topo_jezero_corridor_0p125deg.csv"
    table = np.genfromtxt(path, delimiter=",", comments="#", skip_header=6)
    latitude, longitude, expected = table[:, 0], table[:, 1], table[:, 3]
    inner = (latitude > 14) & (latitude < 25) & (longitude > 64) & (longitude < 82)
    places = jnp.asarray(np.radians(table[inner][::7, :2]))
    found = jax.jit(jax.vmap(lambda place: areoid.radius(direction_of(place[0], place[1]))))(places)
    assert np.abs(found - expected[inner][::7]).max() < GRID_ERROR


def test_the_faces_join_at_the_edges(areoid: Areoid) -> None:
    for edge in ([1.0, 1.0, 0.3], [1.0, -0.2, -1.0], [-0.4, 1.0, 1.0], [-1.0, 1.0, -1.0]):
        either = [areoid.radius(jnp.array(edge) * (1.0 + 1e-9 * k)) for k in np.eye(3)]
        np.testing.assert_allclose(either, either[0], atol=1e-2)


def test_height_is_radius_less_areoid(areoid: Areoid) -> None:
    direction = direction_of(0.3, 1.2)
    np.testing.assert_allclose(
        areoid.height((areoid.radius(direction) + 1234.5) * direction), 1234.5, atol=1e-6
    )


def test_the_areoid_has_derivatives_everywhere(areoid: Areoid) -> None:
    for place in ([0.0, 0.0, 3.4e6], [3.4e6, 0.0, 0.0], [2e6, 2e6, 0.0], [-2e6, 1e6, -2e6]):
        assert np.all(np.isfinite(jax.jacfwd(areoid.radius)(jnp.array(place))))

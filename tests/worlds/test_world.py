"""A world answers in one voice: places, speeds, pulls and air fit together."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.gravity import central_gravity
from anabasis.worlds.local import enu
from anabasis.worlds.world import Planet, World, make_world

EPOCH = np.asarray(6.6695e8)
LATITUDE, LONGITUDE = 0.3219, 1.3518


@pytest.fixture(scope="module")
def mars() -> World:
    return make_world("mars", Planet(winds=True))


@pytest.fixture(scope="module")
def earth() -> World:
    return make_world("earth")


@pytest.mark.parametrize("name", ["mars", "earth"])
@pytest.mark.parametrize("above", ["altitude", "height"])
def test_a_place_is_where_it_was_put(name: str, above: str) -> None:
    world = make_world(name)
    radius = world.radius_of(LATITUDE, LONGITUDE, **{above: 9876.5})
    place = world.position_at(EPOCH, LATITUDE, LONGITUDE, radius)
    latitude, longitude = world.latitude_longitude(EPOCH, place)
    np.testing.assert_allclose((latitude, longitude), (LATITUDE, LONGITUDE), atol=1e-9)
    np.testing.assert_allclose(getattr(world, above)(EPOCH, place), 9876.5, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(place), radius, rtol=1e-15)


def test_exactly_one_of_altitude_and_height_is_given(mars: World) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        mars.radius_of(0.1, 0.2)
    with pytest.raises(ValueError, match="exactly one"):
        mars.radius_of(0.1, 0.2, altitude=0.0, height=0.0)


def test_what_stands_on_the_ground_has_no_relative_velocity(mars: World) -> None:
    def place(epoch: jnp.ndarray) -> jnp.ndarray:
        return mars.position_at(epoch, LATITUDE, LONGITUDE, 3.39e6)

    position, velocity = jax.jvp(place, (jnp.asarray(EPOCH),), (jnp.ones(()),))
    np.testing.assert_allclose(
        mars.relative_velocity(EPOCH, position, velocity), np.zeros(3), atol=1e-5
    )
    assert 220.0 < np.linalg.norm(velocity) < 235.0


def test_relative_and_inertial_velocity_undo_each_other(mars: World) -> None:
    place = mars.position_at(EPOCH, LATITUDE, LONGITUDE, 3.5e6)
    velocity = jnp.array([1e3, -4e3, 2e3])
    relative = mars.relative_velocity(EPOCH, place, velocity)
    np.testing.assert_allclose(
        mars.inertial_from_planet(EPOCH, place, relative), velocity, rtol=1e-14
    )


def test_the_wind_blows_level_and_counts_once(mars: World) -> None:
    place = mars.position_at(EPOCH, LATITUDE, LONGITUDE, 3.43e6)
    sample, axes = mars.air(EPOCH, place), enu(mars, EPOCH, place)
    east, north, up = axes @ sample.wind
    column = mars.atmosphere(mars.height(EPOCH, place))
    np.testing.assert_allclose(
        (east, north, up), (column.wind_east, column.wind_north, 0.0), atol=1e-12
    )
    velocity = jnp.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(
        mars.air_velocity(EPOCH, place, velocity),
        mars.relative_velocity(EPOCH, place, velocity) - sample.wind,
        atol=1e-12,
    )


def test_the_density_factor_scales_density_and_pressure_only() -> None:
    thin = make_world("mars", Planet(density_factor=0.5))
    full = make_world("mars")
    place = full.position_at(EPOCH, LATITUDE, LONGITUDE, 3.42e6)
    a, b = thin.air(EPOCH, place), full.air(EPOCH, place)
    np.testing.assert_allclose(2.0 * a.density, b.density)
    np.testing.assert_allclose(2.0 * a.pressure, b.pressure)
    np.testing.assert_allclose(a.sound_speed, b.sound_speed)


def test_more_of_the_field_changes_less_and_less() -> None:
    place = make_world("mars").position_at(EPOCH, LATITUDE, LONGITUDE, 3.45e6)
    pulls = {
        degree: make_world("mars", Planet(gravity_degree=degree)).gravity(EPOCH, place)
        for degree in (0, 2, 4, 20)
    }
    point, flat, four, full = (np.asarray(pulls[degree]) for degree in (0, 2, 4, 20))
    steps = [np.linalg.norm(b - a) for a, b in ((point, flat), (flat, four), (four, full))]
    assert steps[0] > 3.0 * steps[1] > 3.0 * steps[2]
    np.testing.assert_allclose(point, central_gravity(place, make_world("mars").gm), rtol=1e-14)


def test_harris_planet_is_a_bare_sphere() -> None:
    planet = Planet(
        shape="sphere",
        radius=3389500.0,
        apsis_radius=3389500.0,
        gm=42828.372e9,
        gravity_degree=0,
        spin=7.11527e-5,
        air="none",
    )
    world = make_world("mars", planet)
    place = world.position_at(EPOCH, LATITUDE, LONGITUDE, 3389500.0 + 343e3)
    np.testing.assert_allclose(world.altitude(EPOCH, place), 343e3, atol=1e-6)
    np.testing.assert_allclose(world.height(EPOCH, place), 343e3, atol=1e-6)
    assert float(world.air(EPOCH, place).density) == 0.0
    assert float(world.apsis_radius) == 3389500.0
    np.testing.assert_allclose(np.linalg.norm(world.spin_vector(EPOCH)), 7.11527e-5)


@pytest.mark.parametrize(
    ("name", "planet", "words"),
    [
        ("pluto", None, "no world is called 'pluto'"),
        ("earth", Planet(gravity_degree=8), "gravity_degree = 8"),
        ("mars", Planet(gravity_degree=1), "gravity_degree = 1"),
        ("mars", Planet(radius=3.39e6), "radius_km belongs to"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, planet: Planet | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_world(name, planet)


def test_changing_a_number_compiles_nothing() -> None:
    traced = 0

    @eqx.filter_jit
    def pull(world: World, place: jnp.ndarray) -> jnp.ndarray:
        nonlocal traced
        traced += 1
        return world.gravity(EPOCH, place) * world.air(EPOCH, place).density

    place = jnp.array([1e6, 3e6, 1.2e6])
    for factor in (1.0, 1.1, 0.7):
        pull(make_world("mars", Planet(density_factor=factor)), place)
    assert traced == 1


@pytest.mark.parametrize("name", ["mars", "earth"])
def test_every_answer_maps_over_lanes_and_has_a_derivative(name: str) -> None:
    world = make_world(name, Planet(winds=True))

    def everything(place: jnp.ndarray) -> tuple[object, ...]:
        velocity = jnp.array([1e3, -2e3, 3e2])
        air = world.air(EPOCH, place)
        return (
            world.gravity(EPOCH, place),
            (air.density, air.temperature, air.pressure, air.sound_speed, air.wind),
            world.air_velocity(EPOCH, place, velocity),
            world.latitude_longitude(EPOCH, place),
            (world.altitude(EPOCH, place), world.height(EPOCH, place)),
            world.geodetic_latitude(EPOCH, place),
            world.clearance(EPOCH, place),
            enu(world, EPOCH, place),
        )

    places = jnp.array([[3e6, 2e6, 1.3e6], [-4e6, 1e6, -5e6], [6.1e6, 1e6, 2e6]])
    together = jax.jit(jax.vmap(everything))(places)
    for lane, place in enumerate(places):
        alone = everything(place)
        for a, b in zip(jax.tree.leaves(together), jax.tree.leaves(alone), strict=True):
            np.testing.assert_allclose(a[lane], b, rtol=1e-9, atol=1e-9)
    slopes = jax.jit(jax.vmap(jax.jacfwd(everything)))(places)
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(slopes))


def test_the_earth_is_flat_at_the_poles_by_21_km(earth: World) -> None:
    np.testing.assert_allclose(
        earth.radius_of(0.0, 0.0, altitude=0.0) - earth.radius_of(np.pi / 2, 0.0, altitude=0.0),
        21384.7,
        atol=0.1,
    )


def test_clearance_is_height_above_the_coarse_ground(mars: World) -> None:
    place = mars.position_at(EPOCH, LATITUDE, LONGITUDE, 3.40e6)
    assert mars.ground is not None
    np.testing.assert_allclose(
        mars.height(EPOCH, place) - mars.clearance(EPOCH, place),
        mars.ground.elevation(LATITUDE, LONGITUDE),
        atol=1e-3,
    )

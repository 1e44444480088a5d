"""Air thins upwards, joins without a step, and says when it is guessing."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.worlds import tables
from anabasis.worlds.air import KINDS, air_of, us76_below_86_km

TABLED = ["jezero-2021-02-18", "cospar-north", "us76"]


@pytest.mark.parametrize("kind", ["jezero-2021-02-18", "cospar-north", "us76", "exponential"])
def test_density_falls_with_height_everywhere(kind: str) -> None:
    air = air_of(kind)
    heights = jnp.linspace(-9e3, 600e3, 3001)
    density = jax.vmap(lambda h: air(h).density)(heights)
    assert np.all(np.diff(density) < 0.0)
    assert np.all(np.isfinite(density))


@pytest.mark.parametrize("kind", TABLED)
def test_density_has_no_step(kind: str) -> None:
    air = air_of(kind)
    heights = jnp.arange(-9e3, 400e3, 10.0)
    log_density = jnp.log(jax.vmap(lambda h: air(h).density)(heights))
    assert np.abs(np.diff(log_density)).max() < 10.0 / 3.5e3  # no scale height is below 3.5 km


@pytest.mark.parametrize(
    ("kind", "table"),
    [("jezero-2021-02-18", "mars-air-jezero.csv"), ("cospar-north", "mars-air-cospar.csv")],
)
def test_the_air_passes_through_every_point_of_its_table(kind: str, table: str) -> None:
    held, air = tables.columns(table), air_of(kind)
    found = jax.vmap(air)(jnp.asarray(held["height_km"] * 1e3))
    np.testing.assert_allclose(found.density, held["density_kg_m3"], rtol=1e-12)
    np.testing.assert_allclose(found.temperature, held["temperature_K"], rtol=1e-12)
    if "wind_east_m_s" in held:
        np.testing.assert_allclose(found.wind_east, held["wind_east_m_s"], atol=1e-12)
        np.testing.assert_allclose(found.wind_north, held["wind_north_m_s"], atol=1e-12)


@pytest.mark.parametrize(("edge", "beyond"), [(0.0, -7e3), (200e3, 310e3)])
def test_beyond_its_ends_jezero_keeps_its_ratio_to_cospar(edge: float, beyond: float) -> None:
    jezero, cospar = air_of("jezero-2021-02-18"), air_of("cospar-north")

    def ratio(height: float) -> float:
        return float(jezero(height).density / cospar(height).density)

    assert ratio(beyond) == pytest.approx(ratio(edge), rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        ("jezero-2021-02-18", (-9.9e3, 359e3), (-10.1e3, 361e3)),
        ("cospar-north", (-9.9e3, 359e3), (-10.1e3, 361e3)),
        ("us76", (-4.9e3, 149e3), (-5.1e3, 151e3)),
        ("exponential", (-9.9e3, 124e3), (-10.1e3, 126e3)),
        ("none", (-1e6, 1e9), ()),
    ],
)
def test_air_says_where_its_table_ends(
    kind: str, inside: tuple[float, ...], outside: tuple[float, ...]
) -> None:
    air = air_of(kind)
    assert not any(bool(air(height).outside) for height in inside)
    assert all(bool(air(height).outside) for height in outside)


@pytest.mark.parametrize("kind", TABLED)
def test_pressure_is_that_of_an_ideal_gas_and_holds_up_the_air_above(kind: str) -> None:
    air = air_of(kind)
    low, high = air(20e3), air(20.2e3)
    gravity = 9.745 if kind == "us76" else 3.69
    weight = 0.5 * float(low.density + high.density) * gravity * 200.0
    assert float(low.pressure - high.pressure) == pytest.approx(weight, rel=0.12)


@pytest.mark.parametrize("kind", KINDS)
def test_air_is_differentiable(kind: str) -> None:
    air = air_of(kind)
    height, step = 31.107e3, 1.0
    slope = jax.jacfwd(lambda h: air(h).density)(height)
    rise = (air(height + step).density - air(height - step).density) / (2.0 * step)
    np.testing.assert_allclose(slope, rise, rtol=1e-6, atol=0.0)
    assert np.isfinite(jax.jacfwd(lambda h: air(h).sound_speed)(height))


def test_without_air_there_is_nothing() -> None:
    nothing = air_of("none")(3e3)
    assert float(nothing.density) == 0.0
    assert float(nothing.pressure) == 0.0
    assert np.isfinite(nothing.sound_speed)


def test_an_unknown_air_is_refused() -> None:
    with pytest.raises(ValueError, match="no air is called 'helium'"):
        air_of("helium")


def test_the_us_standard_on_its_grid_is_the_us_standard() -> None:
    air = air_of("us76")
    heights = np.random.default_rng(0).uniform(-4e3, 85.9e3, 200)
    exact = np.array([us76_below_86_km(float(height))[0] for height in heights])
    found = jax.vmap(lambda h: air(h).density)(jnp.asarray(heights))
    off = np.abs(found / exact - 1.0)
    assert off.max() < 1e-4  # in the cells where one layer of the standard meets the next
    assert np.median(off) < 2e-7

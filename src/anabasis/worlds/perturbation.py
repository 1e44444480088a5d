"""How the air of one case differs from the mean: a profile drawn once over the height.

    ln rho' = ln rho + s z(h) - s^2/2,   s^2 = ln(1 + sigma(h)^2),   z: AR(1), 8 km

z has mean 0 and variance 1 at every height and loses its likeness over 8 km, so the same height is
the same air on the way up and on the way down. Winds are disturbed likewise, each by its own z.
Left out: change along the track (likeness lost over some 100 km), waves, tides.
Source: sigma(h) and correlation as Mars-GRAM 2010 samples show them (in AMAT and Basilisk).
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Array, Scalar
from anabasis.units import quantity
from anabasis.worlds.air import Air, ExponentialAir, NoAir, TabulatedAir

STEP, CORRELATION = 500.0, 8000.0
"""Grid of a drawn profile and length over which it loses its likeness (1/e) [m]."""


class Perturbation(eqx.Module):
    """Which disturbed air of all there are; 0 is the mean air itself."""

    profile: Scalar = quantity(
        "",
        "number of the profile, whole; dispersed, each case gets its own; 0: undisturbed",
        minimum=0.0,
        maximum=4e9,
        default=0.0,
        source="engineering default (docs/landing.md): the mean air",
    )
    density_scale: Scalar = quantity(
        "",
        "factor on the published sigma of the density",
        minimum=0.0,
        maximum=3.0,
        default=1.0,
        source="Mars-GRAM nominal; 0.4 fits orbiters' data (Justh and Justus)",
        confidence="published",
    )
    wind_scale: Scalar = quantity(
        "",
        "factor on the published sigma of the winds",
        minimum=0.0,
        maximum=3.0,
        default=1.0,
        source="Mars-GRAM nominal (samples in AMAT and Basilisk)",
        confidence="published",
    )
    mean_wind: Scalar = quantity(
        "",
        "share of the table's own winds that blows beside the disturbance",
        minimum=0.0,
        maximum=2.0,
        default=1.0,
        source="engineering default (docs/landing.md): all of them",
    )


def density_sigma(height: Array) -> Array:
    """Relative standard deviation of the density at a height [m]."""
    km = height / 1e3
    low = jnp.where(km <= 5.0, 0.02, 0.0229 * jnp.exp((jnp.minimum(km, 100.0) - 10.0) / 35.0))
    high = 0.30 + 0.005 * (km - 100.0)
    return jnp.minimum(jnp.where(km > 100.0, high, low), 0.45)


def wind_sigma(height: Array) -> Array:
    """Standard deviation of each horizontal wind at a height [m/s]."""
    return 2.0 + 0.1 * jnp.maximum(height, 0.0) / 1e3


def likeness(noise: Array) -> Array:
    """AR(1) over the grid from independent normal numbers, variance 1 everywhere [heights].

    x_k = a x_(k-1) + sqrt(1 - a^2) w_k, as one cumulative sum.
    """
    a = np.exp(-STEP / CORRELATION)
    powers = a ** np.arange(noise.shape[0], dtype=float)
    scale = np.full(noise.shape[0], np.sqrt(1.0 - a * a))
    scale[0] = 1.0
    return powers * jnp.cumsum(noise * scale / powers)


def disturbed(air: Air, by: Perturbation) -> Air:
    """The air of one case.

    Args:
        air: the mean.
        by: which profile.

    Air without a table is tabulated first; no air stays none.
    """
    if isinstance(air, NoAir):
        return air
    table = _tabulated(air)
    count = table.log_density.shape[0]
    heights = table.bottom + table.step * jnp.arange(count, dtype=float)
    key = jax.random.key(jnp.asarray(by.profile, dtype=float).astype(jnp.uint32))
    noise = jax.random.normal(key, (3, count), dtype=float)
    on = jnp.where(by.profile > 0.0, 1.0, 0.0)
    dense, east, north = (likeness(row) for row in noise)
    sigma = on * by.density_scale * density_sigma(heights)
    s = jnp.sqrt(jnp.log1p(sigma**2))
    gust = on * by.wind_scale * wind_sigma(heights)
    return TabulatedAir(
        table.bottom,
        table.step,
        table.log_density + s * dense - 0.5 * s**2,
        jnp.asarray(table.temperature),
        by.mean_wind * jnp.asarray(table.wind_east) + gust * east,
        by.mean_wind * jnp.asarray(table.wind_north) + gust * north,
        table.gamma,
        table.gas_constant,
        windy=True,
    )


def _tabulated(air: TabulatedAir | ExponentialAir) -> TabulatedAir:
    """The same air on the grid of a drawn profile."""
    if isinstance(air, TabulatedAir):
        bottom, step = np.asarray(air.bottom), np.asarray(air.step)
        if float(step) == STEP:
            return air
        top = float(bottom) + float(step) * (air.log_density.shape[0] - 1)
        windy = air.windy
    else:
        bottom, top, windy = np.asarray(-10e3), 200e3, False
    grid = np.arange(float(bottom), top + 0.5 * STEP, STEP)
    with jax.ensure_compile_time_eval():
        columns = jax.vmap(air)(jnp.asarray(grid))
    gamma, gas = (1.29, 191.0) if isinstance(air, ExponentialAir) else (air.gamma, air.gas_constant)
    return TabulatedAir(
        np.asarray(grid[0]),
        np.asarray(STEP),
        jnp.log(columns.density),
        jnp.asarray(columns.temperature),
        jnp.asarray(columns.wind_east),
        jnp.asarray(columns.wind_north),
        np.asarray(gamma),
        np.asarray(gas),
        windy=windy,
    )

"""The air of a planet by height: tables read on a uniform grid, an exponential, or none.

How each is made:

``jezero-2021-02-18``
    The Mars-GRAM column above Jezero on landing day, 0 to 200 km. Beyond both its ends the COSPAR
    profile carries on (-10 to 360 km), scaled by the ratio of densities and shifted by the
    difference of temperatures that the two have at that end; the winds keep their end values. So
    the join has no step, and the density falls everywhere.
``cospar-north``
    COSPAR reference, northern mid-latitude mean, -10 to 360 km. No wind.
``us76``
    US Standard Atmosphere 1976: its formulas to 86 km, above that the densities of a short table,
    linear in their logarithm, to 150 km, with the temperatures of the standard.
``exponential``
    rho = 0.0158 exp(-h / 9354.5 m), and a cubic for the speed of sound.

Densities are linear in their logarithm between points, temperatures and winds linear. Outside the
range of a table the density goes on with the scale height at that end, temperature and wind stand
still, and the sample is marked ``outside``.
"""

from __future__ import annotations

import functools
import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Flag, Scalar
from anabasis.worlds import tables

MARS_GAMMA, MARS_GAS_CONSTANT = 1.29, 191.0
"""Ratio of specific heats (cold CO2) and gas constant [J/kg/K] of the air of Mars, up to 120 km."""
EARTH_GAMMA, EARTH_GAS_CONSTANT = 1.4, 287.05307
"""The same for the Earth, up to 86 km (above it the air separates and R grows)."""

_EXPONENTIAL_DENSITY, _EXPONENTIAL_SCALE = 0.0158, 9354.5
_EXPONENTIAL_SOUND = (223.8, -0.2004e-3, -1.588e-8, 1.404e-13)
_EXPONENTIAL_TOP, _EXPONENTIAL_BOTTOM = 125e3, -10e3

_AIRLESS_SOUND = 222.0
"""Without air there is no sound; Mach numbers then refer to Mars air at 200 K [m/s]."""


class AirColumn(eqx.Module):
    """The air at one height: density [kg/m^3], temperature [K], pressure [Pa], speed of sound
    [m/s], wind towards east and north [m/s], and whether the height lies outside the table."""

    density: Scalar
    temperature: Scalar
    pressure: Scalar
    sound_speed: Scalar
    wind_east: Scalar
    wind_north: Scalar
    outside: Flag


class TabulatedAir(eqx.Module):
    """Air as a table over height on a uniform grid.

    Attributes:
        bottom: height of the first point [m].
        step: between points [m].
        log_density: natural logarithm of the density in kg/m^3.
        temperature: [K].
        wind_east, wind_north: [m/s].
        gamma: ratio of specific heats.
        gas_constant: [J/kg/K].
        windy: whether the table has winds at all.
    """

    bottom: Scalar
    step: Scalar
    log_density: Float[Array, " heights"]
    temperature: Float[Array, " heights"]
    wind_east: Float[Array, " heights"]
    wind_north: Float[Array, " heights"]
    gamma: Scalar
    gas_constant: Scalar
    windy: bool = eqx.field(static=True)

    def __call__(self, height: Scalar) -> AirColumn:
        """The air at a height [m]."""
        x = (height - self.bottom) / self.step
        last = self.log_density.shape[0] - 1
        below = jnp.clip(jnp.floor(x), 0.0, last - 1.0)
        i, f = below.astype(jnp.int32), x - below
        held = jnp.clip(f, 0.0, 1.0)

        def read(table: Array, fraction: Scalar) -> Scalar:
            table = jnp.asarray(table)
            here = table[i]
            return here + fraction * (table[i + 1] - here)

        density = jnp.exp(read(self.log_density, f))
        temperature = read(self.temperature, held)
        specific = self.gas_constant * temperature
        still = jnp.zeros_like(density)
        return AirColumn(
            density,
            temperature,
            density * specific,
            jnp.sqrt(self.gamma * specific),
            read(self.wind_east, held) if self.windy else still,
            read(self.wind_north, held) if self.windy else still,
            jnp.logical_or(x < 0.0, x > last),
        )


class ExponentialAir(eqx.Module):
    """rho = rho0 exp(-h/H), with the speed of sound a cubic in h, held beyond -10 and 125 km.

    Source: the fit used in Mars guidance studies (NO). The temperature follows
    from the speed of sound with the gas of Mars.
    """

    surface_density: Scalar
    scale_height: Scalar

    def __call__(self, height: Scalar) -> AirColumn:
        """The air at a height [m]."""
        density = self.surface_density * jnp.exp(-height / self.scale_height)
        h = jnp.clip(height, _EXPONENTIAL_BOTTOM, _EXPONENTIAL_TOP)
        a0, a1, a2, a3 = _EXPONENTIAL_SOUND
        sound_speed = a0 + h * (a1 + h * (a2 + h * a3))
        temperature = sound_speed * sound_speed / (MARS_GAMMA * MARS_GAS_CONSTANT)
        still = jnp.zeros_like(density)
        outside = jnp.logical_or(height < _EXPONENTIAL_BOTTOM, height > _EXPONENTIAL_TOP)
        pressure = density * (MARS_GAS_CONSTANT * temperature)
        return AirColumn(density, temperature, pressure, sound_speed, still, still, outside)


class NoAir(eqx.Module):
    """No air at all. The speed of sound is a stand-in, so that Mach numbers stay finite."""

    def __call__(self, height: Scalar) -> AirColumn:
        """Nothing, at any height; never outside."""
        zero = jnp.zeros_like(jnp.asarray(height))
        sound = zero + _AIRLESS_SOUND
        return AirColumn(zero, zero, zero, sound, zero, zero, zero > 1.0)


Air = TabulatedAir | ExponentialAir | NoAir
KINDS = ("jezero-2021-02-18", "cospar-north", "us76", "exponential", "none")


def air_of(kind: str) -> Air:
    """The air of that name.

    Raises:
        ValueError: for a name that is not in `KINDS`.
    """
    if kind == "jezero-2021-02-18":
        return _jezero()
    if kind == "cospar-north":
        return _cospar()
    if kind == "us76":
        return _us76()
    if kind == "exponential":
        return ExponentialAir(np.asarray(_EXPONENTIAL_DENSITY), np.asarray(_EXPONENTIAL_SCALE))
    if kind == "none":
        return NoAir()
    raise ValueError(f"no air is called {kind!r}; choose one of {', '.join(KINDS)}")


def _mars(
    heights: np.ndarray,
    log_density: np.ndarray,
    temperature: np.ndarray,
    east: np.ndarray,
    north: np.ndarray,
    windy: bool,
) -> TabulatedAir:
    return TabulatedAir(
        np.asarray(heights[0] * 1e3),
        np.asarray((heights[1] - heights[0]) * 1e3),
        log_density,
        temperature,
        east,
        north,
        np.asarray(MARS_GAMMA),
        np.asarray(MARS_GAS_CONSTANT),
        windy,
    )


@functools.cache
def _cospar() -> TabulatedAir:
    """COSPAR on a grid of 2 km, which holds every height of the table."""
    table = tables.columns("mars-air-cospar.csv")
    given = table["height_km"]
    heights = np.arange(-10.0, 360.5, 2.0)
    log_density = np.interp(heights, given, np.log(table["density_kg_m3"]))
    temperature = np.interp(heights, given, table["temperature_K"])
    still = np.zeros_like(heights)
    return _mars(heights, log_density, temperature, still, still, windy=False)


@functools.cache
def _jezero() -> TabulatedAir:
    """Jezero, carried on by COSPAR, on a grid of 0.5 km, which holds every height of both."""
    cospar, table = tables.columns("mars-air-cospar.csv"), tables.columns("mars-air-jezero.csv")
    given = table["height_km"]
    heights = np.arange(-10.0, 360.25, 0.5)

    def carried_on(wide: np.ndarray, narrow: np.ndarray) -> np.ndarray:
        reference = np.interp(heights, cospar["height_km"], wide)
        ends = np.interp(given[[0, -1]], cospar["height_km"], wide)
        below = reference + (narrow[0] - ends[0])
        above = reference + (narrow[-1] - ends[1])
        inside = np.interp(heights, given, narrow)
        return np.where(heights < given[0], below, np.where(heights > given[-1], above, inside))

    return _mars(
        heights,
        carried_on(np.log(cospar["density_kg_m3"]), np.log(table["density_kg_m3"])),
        carried_on(cospar["temperature_K"], table["temperature_K"]),
        np.interp(heights, given, table["wind_east_m_s"]),
        np.interp(heights, given, table["wind_north_m_s"]),
        windy=True,
    )


# US Standard Atmosphere 1976: base geopotential height [m], lapse rate [K/m].
_US76_LAYERS = (
    (0.0, -6.5e-3),
    (11e3, 0.0),
    (20e3, 1.0e-3),
    (32e3, 2.8e-3),
    (47e3, 0.0),
    (51e3, -2.8e-3),
    (71e3, -2.0e-3),
)
_US76_SURFACE = (288.15, 101325.0)
_US76_GRAVITY, _US76_RADIUS, _US76_R = 9.80665, 6356766.0, 8314.32 / 28.9644
_US76_UPPER = (
    (86e3, 90e3, 100e3, 110e3, 120e3, 130e3, 140e3, 150e3),
    (6.958e-6, 3.416e-6, 5.604e-7, 9.708e-8, 2.222e-8, 8.152e-9, 3.831e-9, 2.076e-9),
)


def us76_below_86_km(altitude: float) -> tuple[float, float]:
    """Density [kg/m^3] and (molecular-scale) temperature [K] of the standard up to 86 km.

    Args:
        altitude: geometric [m], -5,000 to 86,000.
    """
    h = _US76_RADIUS * altitude / (_US76_RADIUS + altitude)
    temperature, pressure = _US76_SURFACE
    for number, (base, lapse) in enumerate(_US76_LAYERS):
        last = number == len(_US76_LAYERS) - 1
        top = h if last else min(h, _US76_LAYERS[number + 1][0])
        rise = top - base
        warmer = temperature + lapse * rise
        if lapse == 0.0:
            pressure *= math.exp(-_US76_GRAVITY * rise / (_US76_R * temperature))
        else:
            pressure *= (temperature / warmer) ** (_US76_GRAVITY / (_US76_R * lapse))
        temperature = warmer
        if top == h:
            break
    return pressure / (_US76_R * temperature), temperature


def _us76_temperature_above_86_km(altitude: float) -> float:
    z = altitude / 1e3
    if z <= 91.0:
        return 186.8673
    if z <= 110.0:
        return 263.1905 - 76.3232 * math.sqrt(1.0 - ((z - 91.0) / 19.9429) ** 2)
    if z <= 120.0:
        return 240.0 + 12.0 * (z - 110.0)
    xi = (z - 120.0) * (6356.766 + 120.0) / (6356.766 + z)
    return 1000.0 - 640.0 * math.exp(-0.01875 * xi)


@functools.cache
def _us76() -> TabulatedAir:
    """The standard on a grid of 20 m: densities are off by 2e-7, in the cells where its layers
    meet by up to 1e-4."""
    heights = np.arange(-5000.0, 150010.0, 20.0)
    log_density, temperature = np.empty_like(heights), np.empty_like(heights)
    for k, height in enumerate(heights):
        if height <= 86e3:
            density, temperature[k] = us76_below_86_km(float(height))
            log_density[k] = math.log(density)
        else:
            log_density[k] = np.interp(height, _US76_UPPER[0], np.log(_US76_UPPER[1]))
            temperature[k] = _us76_temperature_above_86_km(float(height))
    still = np.zeros_like(heights)
    return TabulatedAir(
        np.asarray(heights[0]),
        np.asarray(20.0),
        log_density,
        temperature,
        still,
        still,
        np.asarray(EARTH_GAMMA),
        np.asarray(EARTH_GAS_CONSTANT),
        windy=False,
    )

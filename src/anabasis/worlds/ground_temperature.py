"""How warm the ground of Mars is through a sol: sunlight and sky against radiation and conduction.

    (1 - A) S(t) + D = e sigma T(t)^4 + q(t)

The ground below is a half-space, so each harmonic of the surface's temperature has its own answer:

    q_n = I sqrt(n omega) exp(i pi/4) T_n,   T_n(z) = T_n exp(-(1 + i) z / delta_n)

with the thermal inertia I and the skin depth delta_n = sqrt(2 kappa / (n omega)). The balance at
the surface is solved by Newton at equal times of a sol. Loads no jax.

Valid: a periodic sol, dry and level ground of one material, no wind and no frost. Source of the
half-space: Carslaw and Jaeger, Conduction of Heat in Solids, 2.6.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
from jaxtyping import Float

from anabasis.units import SOL

Day = Float[np.ndarray, " n"]

STEFAN_BOLTZMANN = 5.670374419e-8
"""[W/m2/K4] (CODATA 2018)."""
SUN_AT_SEMI_MAJOR_AXIS = 1361.0 / 1.52371**2
"""Sunlight at Mars's mean distance [W/m2]."""
ECCENTRICITY, PERIHELION = 0.0934, math.radians(251.0)
"""Of Mars's orbit, and the solar longitude at which it is nearest the Sun."""
OBLIQUITY = math.radians(25.19)
TIMES = 96
"""Equal times of a sol: a quarter of an hour."""
EXTINCTION = 0.35
"""Share of the optical depth lost to the ground: dust scatters mostly forward (`assumed`)."""
SKY = 0.04
"""Warmth of the sky as a share of the noon's sunlight (`assumed`, the usual Mars estimate)."""
SKY_FLOOR = 15.0
"""What the air itself radiates down at night [W/m2] (`assumed`)."""
GIVEN_BACK = 0.3
"""Share of the sunlight lost to dust that the dust sends down as warmth (`assumed`)."""
AIR_ABOVE_GROUND = 0.4
"""How far the air's swing follows the ground's (`assumed`)."""


@dataclasses.dataclass(frozen=True)
class Soil:
    """What the ground is made of; the defaults are the floor of Jezero (`assumed`).

    Attributes:
        inertia: thermal inertia sqrt(k rho c) [J/m2/K/s^0.5].
        albedo, emissivity: of the surface.
        diffusivity: k / (rho c) [m2/s].
    """

    inertia: float = 300.0
    albedo: float = 0.14
    emissivity: float = 0.98
    diffusivity: float = 7e-8


def sun_distance_factor(solar_longitude: float) -> float:
    """Sunlight over its mean, at a solar longitude [rad]: (a / r)^2."""
    slant = 1.0 + ECCENTRICITY * math.cos(solar_longitude - PERIHELION)
    return (slant / (1.0 - ECCENTRICITY**2)) ** 2


def sine_of_sun_height(latitude: float, solar_longitude: float, times: int = TIMES) -> Day:
    """Sine of the Sun's height at equal times of a sol from midnight, not below 0, shape (n,).

    Args:
        latitude: [rad].
        solar_longitude: [rad].
        times: how many.
    """
    declination = math.asin(math.sin(OBLIQUITY) * math.sin(solar_longitude))
    hour = 2.0 * np.pi * (np.arange(times) / times - 0.5)
    high = math.sin(latitude) * math.sin(declination)
    high = high + math.cos(latitude) * math.cos(declination) * np.cos(hour)
    return np.maximum(high, 0.0)


def sunlight(
    latitude: float, solar_longitude: float, optical_depth: float, times: int = TIMES
) -> Day:
    """Sunlight on level ground through a sol [W/m2], direct and scattered, shape (n,).

    S = S_0 (a/r)^2 mu exp(-0.35 tau / mu), with mu not below 0.05 in the exponent.
    """
    high = sine_of_sun_height(latitude, solar_longitude, times)
    top = SUN_AT_SEMI_MAJOR_AXIS * sun_distance_factor(solar_longitude) * high
    return top * np.exp(-EXTINCTION * optical_depth / np.maximum(high, 0.05))


def conduction(soil: Soil, times: int = TIMES) -> Float[np.ndarray, "n n"]:
    """The matrix that turns surface temperatures of a sol [K] into heat going down [W/m2].

    Real, with rows that add up to zero: a constant temperature conducts nothing.
    """
    return _conduction(soil.inertia, times)


@functools.cache
def _conduction(inertia: float, times: int) -> Float[np.ndarray, "n n"]:
    harmonic = np.arange(times // 2 + 1)
    rate = 2.0 * np.pi / SOL
    response = inertia * np.sqrt(harmonic * rate) * np.exp(0.25j * np.pi)
    return np.fft.irfft(response[:, None] * np.fft.rfft(np.eye(times), axis=0), times, axis=0)


def surface_temperature(light: Day, sky: float, soil: Soil) -> Day:
    """Temperature of the surface at equal times of a periodic sol [K], shape (n,).

    Args:
        light: sunlight on the ground [W/m2].
        sky: thermal radiation of the sky [W/m2].
        soil: what the ground is made of.

    Raises:
        ArithmeticError: where Newton does not settle within 60 rounds.
    """
    gained = (1.0 - soil.albedo) * light + soil.emissivity * sky
    matrix = _conduction(soil.inertia, len(light))
    glow = soil.emissivity * STEFAN_BOLTZMANN
    mean = (gained.mean() / glow) ** 0.25
    temperature = np.full(len(light), mean)
    for _ in range(60):
        miss = gained - glow * temperature**4 - matrix @ temperature
        slope = matrix + np.diag(4.0 * glow * temperature**3)
        step = np.linalg.solve(slope, miss)
        temperature = np.maximum(temperature + np.clip(step, -40.0, 40.0), 50.0)
        if np.abs(step).max() < 1e-9:
            return temperature
    raise ArithmeticError("the ground's temperature does not settle")


def temperature_at_depth(surface: Day, depth: float, soil: Soil) -> Day:
    """Temperature [K] at a depth [m] under a periodic surface, at the same times, shape (n,)."""
    harmonic = np.fft.rfft(surface)
    rate = 2.0 * np.pi * np.arange(len(harmonic)) / SOL
    skin = np.sqrt(rate / (2.0 * soil.diffusivity))
    return np.fft.irfft(harmonic * np.exp(-(1.0 + 1.0j) * depth * skin), len(surface))


@functools.lru_cache(maxsize=4096)
def _sol(
    latitude: float, solar_longitude: float, optical_depth: float, soil: Soil
) -> tuple[Day, Day]:
    light = sunlight(latitude, solar_longitude, optical_depth)
    high = sine_of_sun_height(latitude, solar_longitude)
    top = SUN_AT_SEMI_MAJOR_AXIS * sun_distance_factor(solar_longitude) * high
    sky = SKY_FLOOR + SKY * float(top.max()) + GIVEN_BACK * float(top.mean() - light.mean())
    surface = surface_temperature(light, sky, soil)
    air = surface.mean() + AIR_ABOVE_GROUND * (surface - surface.mean())
    return surface, air


def sol_of(
    latitude: float, solar_longitude: float, optical_depth: float = 0.5, soil: Soil | None = None
) -> tuple[Day, Day]:
    """Ground and air through one sol [K], at quarter hours from midnight, each of shape (n,).

    Args:
        latitude: [rad].
        solar_longitude: [rad]; sols of the same whole degree share their answer.
        optical_depth: of the dust.
        soil: what the ground is made of.
    """
    degree = math.radians(round(math.degrees(solar_longitude)) % 360)
    return _sol(latitude, degree, round(optical_depth, 2), soil or Soil())


def dust_of_season(solar_longitude: float) -> float:
    """Optical depth of a year without a global storm, by season (`assumed`).

    0.4 in the clear season, rising to 1.0 around Ls 230: the usual cycle of years without storms.
    """
    return 0.4 + 0.6 * math.exp(-((((math.degrees(solar_longitude) % 360.0) - 230.0) / 55.0) ** 2))

"""The ground keeps its heat, lags behind the Sun, and agrees with the half-space it stands on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anabasis.units import SOL
from anabasis.worlds.ground_temperature import (
    STEFAN_BOLTZMANN,
    TIMES,
    Soil,
    conduction,
    dust_of_season,
    sol_of,
    sunlight,
    surface_temperature,
    temperature_at_depth,
)

JEZERO = math.radians(18.45)
SOIL = Soil()
RATE = 2.0 * math.pi / SOL


def wave(lag: float = 0.0, times: int = TIMES) -> np.ndarray:
    return np.cos(2.0 * np.pi * np.arange(times) / times - lag)


def test_a_cosine_at_the_surface_is_the_analytic_half_space_at_every_depth():
    skin = math.sqrt(2.0 * SOIL.diffusivity / RATE)
    surface = 220.0 + 40.0 * wave()
    for depth in (0.0, 0.01, 0.05, 0.2):
        expected = 220.0 + 40.0 * math.exp(-depth / skin) * wave(depth / skin)
        np.testing.assert_allclose(
            temperature_at_depth(surface, depth, SOIL), expected, rtol=0.0, atol=1e-9
        )


def test_the_heat_that_goes_down_leads_the_temperature_by_an_eighth_of_a_sol():
    down = conduction(SOIL) @ (220.0 + 40.0 * wave())
    expected = 40.0 * SOIL.inertia * math.sqrt(RATE) * wave(-math.pi / 4.0)
    np.testing.assert_allclose(down, expected, rtol=0.0, atol=1e-9)


def test_over_a_sol_the_ground_gives_back_all_that_it_took():
    light = sunlight(JEZERO, 1.0, 0.5)
    surface = surface_temperature(light, 30.0, SOIL)
    taken = conduction(SOIL) @ surface
    assert abs(taken.mean()) < 1e-9
    gained = (1.0 - SOIL.albedo) * light.mean() + SOIL.emissivity * 30.0
    lost = SOIL.emissivity * STEFAN_BOLTZMANN * (surface**4).mean()
    assert lost == pytest.approx(gained, rel=1e-9)


def test_without_a_sun_the_ground_is_as_warm_as_the_sky_lets_it():
    dark = surface_temperature(np.zeros(TIMES), 50.0, SOIL)
    np.testing.assert_allclose(dark, (50.0 / STEFAN_BOLTZMANN) ** 0.25, rtol=1e-12)


def test_a_march_in_small_steps_through_a_real_half_space_agrees():
    """An independent computation: finite volumes to ten skins deep, implicit, twenty sols."""
    light = sunlight(JEZERO, 1.0, 0.5)
    sky = 35.0
    expected = surface_temperature(light, sky, SOIL)
    per_time, cells = 40, 120
    step = SOL / (TIMES * per_time)
    skin = math.sqrt(2.0 * SOIL.diffusivity / RATE)
    width = np.full(cells, 8.0 * skin / cells)
    conductivity = SOIL.inertia * math.sqrt(SOIL.diffusivity)
    capacity = SOIL.inertia / math.sqrt(SOIL.diffusivity)
    link = conductivity / width[0]
    matrix = np.zeros((cells, cells))
    for i in range(cells - 1):
        matrix[i, i] += link
        matrix[i, i + 1] -= link
        matrix[i + 1, i + 1] += link
        matrix[i + 1, i] -= link
    half = 2.0 * link  # from the middle of the first cell to the surface
    matrix[0, 0] += half
    system = np.linalg.inv(np.eye(cells) * capacity * width[0] / step + matrix)
    within = np.full(cells, expected.mean())
    surface = expected.mean()
    found = np.zeros(TIMES)
    for sol in range(12):
        for at in range(TIMES):
            for part in range(per_time):
                phase = at + part / per_time
                now = np.interp(phase, np.arange(TIMES + 1), np.append(light, light[0]))
                for _ in range(2):
                    miss = (
                        (1.0 - SOIL.albedo) * now
                        + SOIL.emissivity * (sky - STEFAN_BOLTZMANN * surface**4)
                        - half * (surface - within[0])
                    )
                    slope = 4.0 * SOIL.emissivity * STEFAN_BOLTZMANN * surface**3 + half
                    surface += miss / slope
                load = within * capacity * width[0] / step
                load[0] += half * surface
                within = system @ load
                if sol == 11 and part == 0:
                    found[at] = surface
    assert np.abs(found - expected).max() < 1.5


def test_more_inertia_makes_the_sol_milder():
    swings = []
    for inertia in (100.0, 300.0, 1000.0):
        ground, _ = sol_of(JEZERO, 1.0, 0.5, Soil(inertia=inertia))
        swings.append(ground.max() - ground.min())
    assert swings[0] > swings[1] > swings[2]


def test_dust_cools_the_noon_and_it_is_warmest_after_noon():
    clear, _ = sol_of(JEZERO, 1.0, 0.3)
    dusty, _ = sol_of(JEZERO, 1.0, 3.0)
    assert dusty.max() < clear.max()
    assert clear.argmax() > TIMES // 2


def test_the_warmest_ground_at_jezero_is_between_freezing_and_twenty_degrees():
    warmest = max(
        float(sol_of(JEZERO, math.radians(ls), dust_of_season(math.radians(ls)))[0].max())
        for ls in range(0, 360, 15)
    )
    assert 270.0 < warmest < 293.0

"""Laws of the steering: directions that hold to the horizon, and a search that finds its root."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.guidance.steering import (
    Programme,
    TargetOrbit,
    aim,
    first_stage_direction,
    launch_azimuth,
    orbit_miss,
    second_stage_direction,
)
from anabasis.mechanics.kepler import Elements, kepler_step, state_of_elements

GM = 4.2828372e13
POLE = jnp.array([0.0, 0.0, 1.0])


def programme(elevation: float, azimuth: float) -> Programme:
    return Programme(elevation, azimuth, 500.0, 0.0, 0.0)


def state(apoapsis: float, periapsis: float, inclination: float, anomaly: float):
    axis = 0.5 * (apoapsis + periapsis)
    orbit = Elements(
        axis, (apoapsis - periapsis) / (2.0 * axis), inclination, 1.0, 2.0, jnp.asarray(anomaly)
    )
    return state_of_elements(orbit, GM)


def test_the_first_stage_points_east_at_a_quarter_turn_and_up_at_the_top() -> None:
    local = jnp.eye(3)
    east = first_stage_direction(programme(0.0, math.pi / 2), local)
    up = first_stage_direction(programme(math.pi / 2, 1.0), local)
    np.testing.assert_allclose(east, [1.0, 0.0, 0.0], atol=1e-15)
    np.testing.assert_allclose(up, [0.0, 0.0, 1.0], atol=1e-15)


def test_the_second_stage_is_level_where_the_coast_would_be_at_mid_burn() -> None:
    position, velocity = state(3.74e6, 1.5e6, 0.4, 3.1)
    half = 12.0
    towards = second_stage_direction(position, velocity, GM, half, 0.0)
    place, motion = kepler_step(position, velocity, GM, jnp.asarray(half))
    up = np.asarray(place) / np.linalg.norm(place)
    assert abs(float(towards @ up)) < 1e-8
    assert float(towards @ motion) > 0.0
    normal = np.cross(position, velocity)
    assert abs(float(towards @ (normal / np.linalg.norm(normal)))) < 1e-12


def test_the_second_stage_is_raised_by_its_elevation() -> None:
    position, velocity = state(3.74e6, 1.5e6, 0.4, 3.1)
    level = second_stage_direction(position, velocity, GM, 12.0, 0.0)
    raised = second_stage_direction(position, velocity, GM, 12.0, 0.1)
    assert float(level @ raised) == pytest.approx(math.cos(0.1), abs=1e-14)
    assert float((raised - level) @ position) > 0.0


def test_an_orbit_no_higher_than_the_latitude_is_launched_due_east() -> None:
    assert float(launch_azimuth(0.4, 0.4, "north-east")) == pytest.approx(math.pi / 2)
    assert float(launch_azimuth(0.4, 0.2, "north-east")) == pytest.approx(math.pi / 2)


def test_the_two_launches_of_a_sol_mirror_each_other() -> None:
    rising = float(launch_azimuth(0.32, 0.44, "north-east"))
    falling = float(launch_azimuth(0.32, 0.44, "south-east"))
    assert rising + falling == pytest.approx(math.pi)
    assert math.cos(0.32) * math.sin(rising) == pytest.approx(math.cos(0.44))


@pytest.mark.parametrize("anomaly", [-2.0, 0.3, 3.0])
def test_an_orbit_on_its_target_misses_by_nothing(anomaly: float) -> None:
    for apoapsis, periapsis in ((3.739e6, 3.739e6), (3.77e6, 3.70e6)):
        position, velocity = state(apoapsis, periapsis, 0.43, anomaly)
        miss = orbit_miss(position, velocity, POLE, GM, TargetOrbit(apoapsis, periapsis, 0.43))
        assert float(jnp.max(jnp.abs(miss))) < 1e-3


def test_the_miss_is_smooth_at_the_circle() -> None:
    position, velocity = state(3.739e6, 3.739e6, 0.43, 0.3)
    target = TargetOrbit(3.739e6, 3.739e6, 0.43)
    slope = jax.jacfwd(lambda v: orbit_miss(position, v, POLE, GM, target))(velocity)
    assert bool(jnp.all(jnp.isfinite(slope)))
    # One m/s along the way is 2.2 km of semi-major axis (figures, section 4).
    forward = velocity / jnp.linalg.norm(velocity)
    assert float((slope @ forward)[0]) == pytest.approx(2.2e3, rel=0.01)


def test_the_search_finds_a_root_it_can_reach() -> None:
    def both(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value = np.array([x[0] ** 2 + x[1] - 3.0, x[0] - x[1] + 1.0])
        return value, np.array([[2.0 * x[0], 1.0], [1.0, -1.0]])

    found = aim(both, np.array([5.0, 5.0]), np.full(2, -10.0), np.full(2, 10.0), good_enough=1e-12)
    np.testing.assert_allclose(found.unknowns, [1.0, 2.0], atol=1e-10)


def test_the_search_rests_at_the_smallest_miss_where_there_is_no_root() -> None:
    def both(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value = np.array([x[0], 1.0 + (x[0] - 1.0) ** 2])
        return value, np.array([[1.0], [2.0 * (x[0] - 1.0)]])

    found = aim(both, np.array([4.0]), np.array([-10.0]), np.array([10.0]))
    x = found.unknowns[0]
    assert abs(x + 2.0 * (x - 1.0) * (1.0 + (x - 1.0) ** 2)) < 1e-4
    assert np.linalg.norm(found.miss) > 1.0

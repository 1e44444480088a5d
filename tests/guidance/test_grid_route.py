"""The drive over a grid is the shortest there is, and never where it must not be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from anabasis.guidance.grid_route import STEEPEST, blocked, plan_grid_route, slip_factor


def brute_force(height, cell, start, goal, steepest, keep_out=()):
    """The least wheel path over every simple path on the grid, by trying them all."""
    banned = blocked(height, cell, keep_out)
    rows, columns = height.shape
    best = math.inf

    def go(at, seen, gone):
        nonlocal best
        if gone >= best:
            return
        if at == goal:
            best = gone
            return
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                to = (at[0] + down, at[1] + right)
                if to in seen or not (0 <= to[0] < rows and 0 <= to[1] < columns) or banned[to]:
                    continue
                if down and right and (banned[at[0], to[1]] or banned[to[0], at[1]]):
                    continue
                flat = cell * math.hypot(down, right)
                rise = abs(float(height[to] - height[at]))
                grade = math.atan2(rise, flat)
                if grade > steepest:
                    continue
                step = math.hypot(flat, rise) * float(slip_factor(np.array([grade]))[0])
                go(to, seen | {to}, gone + step)

    if not banned[start] and not banned[goal]:
        go(start, {start}, 0.0)
    return best


@pytest.mark.parametrize("seed", range(12))
def test_on_small_grids_the_route_is_the_best_of_all_paths(seed: int):
    rng = np.random.default_rng(seed)
    height = rng.uniform(0.0, 6.0, (4, 4))
    height[rng.random((4, 4)) < 0.15] = np.nan
    keep_out = ((float(rng.uniform(0, 3)), float(rng.uniform(0, 3)), 6.0),) if seed % 3 == 0 else ()
    found = plan_grid_route(height, 10.0, (0, 0), (3, 3), math.radians(22.0), keep_out)
    best = brute_force(height, 10.0, (0, 0), (3, 3), math.radians(22.0), keep_out)
    assert (found is None) == math.isinf(best)
    if found is not None:
        assert found.wheels == pytest.approx(best, rel=1e-12)


def test_on_level_ground_a_row_is_straight_and_a_knight_s_move_is_a_little_longer():
    level = np.zeros((10, 20))
    along = plan_grid_route(level, 5.0, (4, 2), (4, 18))
    assert along is not None
    assert along.length == along.wheels == along.straight == 80.0
    bent = plan_grid_route(level, 5.0, (0, 0), (9, 19))
    assert bent is not None
    assert along.straight < bent.straight < bent.length <= 1.083 * bent.straight


def test_no_step_is_steeper_than_allowed_and_a_cliff_is_gone_round():
    height = np.zeros((9, 9))
    height[2:7, 4] = 50.0
    found = plan_grid_route(height, 10.0, (4, 0), (4, 8))
    assert found is not None
    assert found.steepest <= STEEPEST
    assert found.length > found.straight
    assert not any(row in range(2, 7) and column == 4 for row, column in found.cells)
    height[:, 4] = 50.0
    assert plan_grid_route(height, 10.0, (4, 0), (4, 8)) is None


def test_no_square_of_a_circle_is_entered_and_no_corner_is_cut():
    level = np.zeros((11, 11))
    circle = (5.0, 5.0, 25.0)
    found = plan_grid_route(level, 10.0, (5, 0), (5, 10), keep_out=(circle,))
    assert found is not None
    assert all(math.hypot(r - 5, c - 5) * 10.0 > 25.0 for r, c in found.cells)
    gap = np.zeros((2, 2))
    gap[0, 1] = gap[1, 0] = np.nan
    assert plan_grid_route(gap, 10.0, (0, 0), (1, 1)) is None


def test_a_grade_costs_wheel_path_and_a_tighter_limit_never_a_shorter_one():
    rows = np.linspace(0.0, 30.0, 20)
    ramp = np.tile(rows[:, None], (1, 5))
    found = plan_grid_route(ramp, 10.0, (0, 2), (19, 2))
    assert found is not None
    assert found.wheels > found.length > found.straight
    assert found.climb == pytest.approx(30.0)
    rough = np.random.default_rng(4).uniform(0.0, 5.0, (12, 12))
    lengths = []
    for degrees in (16.0, 20.0, 25.0, 30.0):
        route = plan_grid_route(rough, 10.0, (0, 0), (11, 11), math.radians(degrees))
        lengths.append(math.inf if route is None else route.wheels)
    assert lengths == sorted(lengths, reverse=True)

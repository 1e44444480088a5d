"""The convex divert keeps its bounds, is tight, and agrees with an independent solver."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytest.importorskip("clarabel")

from anabasis.studies.convex_divert import DivertProblem, best_divert, plan_divert

PROBLEM = DivertProblem(
    position=np.array([-700.0, 300.0, 2000.0]),
    velocity=np.array([15.0, -5.0, -80.0]),
    mass=2193.0,
    dry_mass=1806.0,
    end_position=np.array([0.0, 0.0, 246.0]),
    end_velocity=np.array([0.0, 0.0, -32.0]),
    least_thrust=2480.0,
    greatest_thrust=24800.0,
    exhaust_speed=213.0 * 9.80665,
)
AGREE = 1e-3
"""Of the propellant: one discrete problem, written down twice, cones by hand and by cvxpy."""


def test_the_relaxation_is_tight_and_the_bounds_are_never_broken():
    plan = plan_divert(PROBLEM, 32.0)
    assert plan.solved
    assert plan.slack < 1e-5
    # thrust over mass is constant in an interval, so its ends bound the thrust in it
    push = np.linalg.norm(plan.thrust, axis=1) / np.sqrt(plan.mass[1:] * plan.mass[:-1])
    assert np.all(push * plan.mass[:-1] <= PROBLEM.greatest_thrust * (1.0 + 1e-6))
    assert np.all(push * plan.mass[1:] >= PROBLEM.least_thrust * (1.0 - 1e-6))
    tilt = np.arccos(plan.thrust[:, 2] / np.linalg.norm(plan.thrust, axis=1))
    assert np.max(tilt) <= PROBLEM.tilt_limit + 1e-6


def test_the_thrust_flies_where_the_plan_says():
    plan = plan_divert(PROBLEM, 32.0)
    position, velocity = PROBLEM.position.copy(), PROBLEM.velocity.copy()
    h = plan.time / len(plan.thrust)
    for thrust, one, other in zip(plan.thrust, plan.mass[:-1], plan.mass[1:], strict=True):
        push = thrust / np.sqrt(one * other) + np.array([0.0, 0.0, -PROBLEM.gravity])
        position = position + h * velocity + 0.5 * h * h * push
        velocity = velocity + h * push
    assert position == pytest.approx(PROBLEM.end_position, abs=1e-2)
    assert velocity == pytest.approx(PROBLEM.end_velocity, abs=1e-4)


def test_less_thrust_than_weight_has_no_answer():
    weak = dataclasses.replace(PROBLEM, greatest_thrust=0.5 * 2193.0 * 3.713, least_thrust=100.0)
    assert not plan_divert(weak, 32.0).solved


def test_the_best_time_burns_less_than_its_neighbours():
    best = best_divert(PROBLEM, 20.0, 60.0)
    for time in (best.time - 1.0, best.time + 1.0):
        assert plan_divert(PROBLEM, time).propellant >= best.propellant - 1e-6


def test_cvxpy_finds_the_same_propellant():
    cp = pytest.importorskip("cvxpy")
    n, time = 40, 32.0
    h = time / n
    r, v = cp.Variable((n + 1, 3)), cp.Variable((n + 1, 3))
    z, u, s = cp.Variable(n + 1), cp.Variable((n, 3)), cp.Variable(n)
    g = np.array([0.0, 0.0, -PROBLEM.gravity])
    keep = [r[0] == PROBLEM.position, v[0] == PROBLEM.velocity, z[0] == np.log(PROBLEM.mass)]
    keep += [r[n] == PROBLEM.end_position, v[n] == PROBLEM.end_velocity]
    keep += [z[n] >= np.log(PROBLEM.dry_mass)]
    flow = PROBLEM.greatest_thrust / PROBLEM.exhaust_speed
    for k in range(n):
        keep += [v[k + 1] == v[k] + h * (u[k] + g)]
        keep += [r[k + 1] == r[k] + h * v[k] + 0.5 * h * h * (u[k] + g)]
        keep += [z[k + 1] == z[k] - h / PROBLEM.exhaust_speed * s[k], cp.norm(u[k]) <= s[k]]
        high = np.log(PROBLEM.mass - flow * h * k)
        keep += [s[k] <= PROBLEM.greatest_thrust * np.exp(-high) * (1.0 - (z[k] - high))]
        low = np.log(max(PROBLEM.mass - flow * h * (k + 1), PROBLEM.dry_mass))
        d = z[k + 1] - low
        keep += [
            s[k] >= PROBLEM.least_thrust * np.exp(-low) * (1.0 - d + 0.5 * cp.square(d)),
            u[k, 2] >= s[k] * np.cos(PROBLEM.tilt_limit),
        ]
    for k in range(1, n):
        side = r[k, :2] - PROBLEM.end_position[:2]
        above = r[k, 2] - PROBLEM.end_position[2]
        keep += [above >= np.tan(PROBLEM.glide_slope) * cp.norm(side)]
    cp.Problem(cp.Minimize(-z[n]), keep).solve()
    theirs = PROBLEM.mass - float(np.exp(z.value[n]))
    ours = plan_divert(PROBLEM, time, n).propellant
    assert ours == pytest.approx(theirs, rel=AGREE)

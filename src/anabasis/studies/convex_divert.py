r"""The divert that burns least: the yardstick the onboard law is measured against.

Free final time is searched outside; for one time the problem is a second-order cone program, made
convex without loss: a slack s bounds the thrust acceleration u, and the thrust's bounds become
bounds on s in the logarithm z of the mass.

    minimise   integral of s
    |u| <= s,  T_min exp(-z0) [1 - (z-z0) + (z-z0)^2/2] <= s <= T_max exp(-z0) [1 - (z-z0)]
    z' = -s / c,  r'' = u + g,  n.u >= s cos(tilt),  glide slope: h >= tan(angle) |r_xy|

Solved by clarabel, never inside a batch.
Source: B. Acikmese and S. Ploen, J. Guidance 30 (2007) 1353; lossless pointing: J. Carson,
B. Acikmese, L. Blackmore, ACC 2011.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from scipy import sparse


@dataclasses.dataclass(frozen=True)
class DivertProblem:
    """A powered descent over flat ground with constant gravity.

    Attributes:
        position: east, north, up of the target at the start [m].
        velocity: at the start [m/s].
        mass: at the start [kg].
        dry_mass: below which it must not burn [kg].
        end_position: where it is to end [m].
        end_velocity: with which velocity [m/s].
        least_thrust, greatest_thrust: [N].
        exhaust_speed: [m/s].
        gravity: downward [m/s^2].
        tilt_limit: of the thrust from the vertical [rad].
        glide_slope: least elevation of the lander as seen from the end [rad].
    """

    position: np.ndarray
    velocity: np.ndarray
    mass: float
    dry_mass: float
    end_position: np.ndarray
    end_velocity: np.ndarray
    least_thrust: float
    greatest_thrust: float
    exhaust_speed: float
    gravity: float = 3.713
    tilt_limit: float = np.radians(80.0)
    glide_slope: float = np.radians(10.0)


@dataclasses.dataclass(frozen=True)
class DivertPlan:
    """The answer for one time of flight; ``solved`` False where there is none.

    Attributes:
        time: of flight [s].
        propellant: burnt [kg].
        position, velocity: at the nodes [nodes, 3].
        thrust: in each interval, east, north, up [nodes - 1, 3] [N], by the mass at its middle.
        mass: at the nodes [kg].
        slack: greatest gap between |u| and s, over s: the relaxation is tight where it is nil.
        solved: whether the solver says so.
        seconds: it took.
    """

    time: float
    propellant: float
    position: np.ndarray
    velocity: np.ndarray
    thrust: np.ndarray
    mass: np.ndarray
    slack: float
    solved: bool
    seconds: float


def plan_divert(problem: DivertProblem, time: float, intervals: int = 40) -> DivertPlan:
    """The divert of least propellant in a given time of flight.

    Thrust acceleration is constant in an interval, so positions and velocities at the nodes are
    exact for it. The mass's logarithm falls linearly in an interval.

    Args:
        problem: what is asked.
        time: of flight [s].
        intervals: of equal length.
    """
    import clarabel as solvers

    clarabel: Any = solvers  # its classes come from a compiled module without types

    n, h = intervals, time / intervals
    # unknowns: r, v, z at nodes 1..n; u, s in intervals 0..n-1, scaled to order one
    length, speed = 1e3, 1e2
    at_r = lambda k: 3 * (k - 1)  # noqa: E731
    at_v = lambda k: 3 * n + 3 * (k - 1)  # noqa: E731
    at_z = lambda k: 6 * n + (k - 1)  # noqa: E731
    at_u = lambda k: 7 * n + 3 * k  # noqa: E731
    at_s = lambda k: 10 * n + k  # noqa: E731
    size = 11 * n
    g = np.array([0.0, 0.0, -problem.gravity])
    z_start = float(np.log(problem.mass))
    rows: list[tuple[int, int, float]] = []
    right: list[float] = []
    cones: list[object] = []

    def row(entries: list[tuple[int, float]], value: float) -> None:
        number = len(right)
        rows.extend((number, column, x) for column, x in entries)
        right.append(value)

    for k in range(n):
        for i in range(3):
            entries = [(at_r(k + 1) + i, 1.0), (at_u(k) + i, -0.5 * h * h / length)]
            value = 0.5 * h * h * g[i] / length
            if k == 0:
                value += (problem.position[i] + h * problem.velocity[i]) / length
            else:
                entries += [(at_r(k) + i, -1.0), (at_v(k) + i, -h * speed / length)]
            row(entries, value)
            entries = [(at_v(k + 1) + i, 1.0), (at_u(k) + i, -h / speed)]
            value = h * g[i] / speed
            if k == 0:
                value += problem.velocity[i] / speed
            else:
                entries.append((at_v(k) + i, -1.0))
            row(entries, value)
        entries = [(at_z(k + 1), 1.0), (at_s(k), h / problem.exhaust_speed)]
        if k > 0:
            entries.append((at_z(k), -1.0))
        row(entries, z_start if k == 0 else 0.0)
    for i in range(3):
        row([(at_r(n) + i, 1.0)], problem.end_position[i] / length)
        row([(at_v(n) + i, 1.0)], problem.end_velocity[i] / speed)
    cones.append(clarabel.ZeroConeT(len(right)))

    first = len(right)
    for k in range(n):
        # the bounds hold at the interval's ends, for thrust over mass is constant in it and the
        # mass falls: least thrust at its begin, greatest at its end ... the safe ends
        z_least = (
            float(np.log(problem.mass - problem.greatest_thrust / problem.exhaust_speed * h * k))
            if problem.mass > problem.greatest_thrust / problem.exhaust_speed * h * k
            else z_start
        )
        most = problem.greatest_thrust * np.exp(-z_least)
        # s <= most (1 - (z_k - z0)): the heavier end of the interval
        if k == 0:
            row([(at_s(0), 1.0)], problem.greatest_thrust / problem.mass)
        else:
            row([(at_s(k), 1.0), (at_z(k), most)], most * (1.0 + z_least))
        # tilt: s cos(limit) - u_up <= 0
        row([(at_s(k), float(np.cos(problem.tilt_limit))), (at_u(k) + 2, -1.0)], 0.0)
    row([(at_z(n), -1.0)], -float(np.log(problem.dry_mass)))
    cones.append(clarabel.NonnegativeConeT(len(right) - first))

    for k in range(n):  # |u| <= s
        row([(at_s(k), -1.0)], 0.0)
        for i in range(3):
            row([(at_u(k) + i, -1.0)], 0.0)
        cones.append(clarabel.SecondOrderConeT(4))
    for k in range(n):
        # s >= least [1 - d + d^2/2], d = z_(k+1) - z0 at the lighter end: a rotated cone
        burnt = problem.greatest_thrust / problem.exhaust_speed * h * (k + 1)
        z0 = float(np.log(max(problem.mass - burnt, problem.dry_mass)))
        least = problem.least_thrust * np.exp(-z0)
        # d^2 <= 2 (s / least - 1 + d) = 2 w: |(sqrt2 d, w - 1)| <= w + 1
        w = [(at_s(k), -1.0 / least), (at_z(k + 1), -1.0)]
        w0 = -1.0 - z0
        row(list(w), w0 + 1.0)
        row(list(w), w0 - 1.0)
        row([(at_z(k + 1), -np.sqrt(2.0))], -np.sqrt(2.0) * z0)
        cones.append(clarabel.SecondOrderConeT(3))
    steep = float(np.tan(problem.glide_slope))
    for k in range(1, n):  # h - h_end >= tan(slope) |r_xy - end|
        row([(at_r(k) + 2, -1.0 / steep)], -problem.end_position[2] / steep / length)
        for i in range(2):
            row([(at_r(k) + i, -1.0)], -problem.end_position[i] / length)
        cones.append(clarabel.SecondOrderConeT(3))

    i, j, x = (np.array(column) for column in zip(*rows, strict=True))
    matrix = sparse.csc_matrix((x, (i, j)), shape=(len(right), size))
    cost = np.zeros(size)
    cost[10 * n :] = h / problem.exhaust_speed
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    solver = clarabel.DefaultSolver(
        sparse.csc_matrix((size, size)), cost, matrix, np.array(right), cones, settings
    )
    found = solver.solve()
    answer = np.array(found.x)
    solved = "Solved" in str(found.status)
    u = answer[7 * n : 10 * n].reshape(n, 3)
    s = answer[10 * n :]
    z = np.concatenate([[z_start], answer[6 * n : 7 * n]])
    mass = np.exp(z)
    position = np.concatenate([problem.position[None], answer[: 3 * n].reshape(n, 3) * length])
    velocity = np.concatenate([problem.velocity[None], answer[3 * n : 6 * n].reshape(n, 3) * speed])
    middle = np.sqrt(mass[1:] * mass[:-1])
    gap = float(np.max((s - np.linalg.norm(u, axis=1)) / s)) if solved else np.inf
    return DivertPlan(
        time,
        float(mass[0] - mass[-1]) if solved else np.inf,
        position,
        velocity,
        u * middle[:, None],
        mass,
        gap,
        solved,
        float(found.solve_time),
    )


def best_divert(
    problem: DivertProblem, shortest: float, longest: float, intervals: int = 40, turns: int = 14
) -> DivertPlan:
    """The divert of least propellant over all times between two: golden section over the time.

    Times too short or too long have no answer; what has none counts as burning everything.
    """
    ratio = (np.sqrt(5.0) - 1.0) / 2.0
    low, high = shortest, longest

    def ask(time: float) -> DivertPlan:
        return plan_divert(problem, time, intervals)

    # a coarse look first: the golden section needs a point that has an answer
    looks = [ask(t) for t in np.linspace(low, high, 9)]
    best = min(range(9), key=lambda k: looks[k].propellant)
    step = (high - low) / 8.0
    low, high = looks[best].time - step, looks[best].time + step
    plan = looks[best]
    left, right = ask(high - ratio * (high - low)), ask(low + ratio * (high - low))
    for _ in range(turns):
        plan = min((plan, left, right), key=lambda p: p.propellant)
        if left.propellant <= right.propellant:
            high, right = right.time, left
            left = ask(high - ratio * (high - low))
        else:
            low, left = left.time, right
            right = ask(low + ratio * (high - low))
    return min((plan, left, right), key=lambda p: p.propellant)

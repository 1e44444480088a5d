"""The best ascent as a collocation, for casadi with IPOPT: a witness, and a peer in a benchmark.

Reads a problem as JSON from stdin, writes the answer as JSON to stdout. The first stage's thrust
may point anywhere at every place of its burn; the second stage keeps one direction. Gauss-Legendre
collocation of the third degree; exact Hessians, and steering bounded below 90 deg: without both,
IPOPT comes to rest at ascents that are not the best. The air is exponential, the drag coefficient
and the planet's figure are constant, so that nothing is interpolated.

    python benchmarks/collocation.py < problem.json
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def solve(problem: dict[str, Any], first: int = 60, coast: int = 30, second: int = 15) -> Any:
    """The lightest rocket of a problem.

    Args:
        problem: SI numbers; see `benchmarks/optimise.py`.
        first, coast, second: intervals of each leg.
    """
    import casadi as ca
    import numpy as np

    began = time.perf_counter()
    size, gm = problem["target_radius"], problem["gm"]
    speed = (gm / size) ** 0.5
    span = size / speed
    spin = np.array(problem["spin"]) * span
    pole = np.array(problem["pole"])
    radius, scale = problem["radius"] / size, problem["scale_height"] / size
    push = [t / (speed / span) for t in problem["thrust"]]
    flow = [t / c * span for t, c in zip(problem["thrust"], problem["exhaust"], strict=True)]
    drag = 0.5 * problem["density"] * problem["drag_area"] * size

    def pull(r: Any, v: Any, mass: Any) -> Any:
        distance = ca.sqrt(ca.dot(r, r))
        through = v - ca.cross(ca.DM(spin), r)
        air = ca.sqrt(ca.dot(through, through) + 1e-12)
        rho = ca.exp(-(distance - radius) / scale)
        return -r / distance**3 - drag / mass * rho * air * through

    def pointing(r: Any, elevation: Any, azimuth: Any) -> Any:
        up = r / ca.sqrt(ca.dot(r, r))
        east = ca.cross(ca.DM(pole), up)
        east = east / ca.sqrt(ca.dot(east, east))
        north = ca.cross(up, east)
        level = ca.cos(elevation) * (ca.sin(azimuth) * east + ca.cos(azimuth) * north)
        return level + ca.sin(elevation) * up

    r, v = ca.SX.sym("r", 3), ca.SX.sym("v", 3)
    m, elevation, azimuth = ca.SX.sym("m"), ca.SX.sym("e"), ca.SX.sym("a")
    force = ca.SX.sym("f")
    u = ca.SX.sym("u", 3)
    steered = ca.Function(
        "steered", [r, v, m, elevation, azimuth, force],
        [pull(r, v, m) + force / m * pointing(r, elevation, azimuth)],
    )  # fmt: skip
    aimed = ca.Function("aimed", [r, v, m, u, force], [pull(r, v, m) + force / m * u])

    def inert(propellant: Any, stage: int) -> Any:
        own = problem["propellant"][stage]
        given = problem["inert"][stage]
        return given + 0.2833 * (propellant**0.789 - own**0.789)

    points = ca.collocation_points(3, "legendre")
    nodes = np.array([0.0, *points])
    slope, end = np.zeros((4, 4)), np.zeros(4)
    for j in range(4):
        basis = np.poly1d([1.0])
        for k in range(4):
            if k != j:
                basis *= np.poly1d([1.0, -nodes[k]]) / (nodes[j] - nodes[k])
        end[j] = basis(1.0)
        slope[j] = np.polyder(basis)(nodes)

    opti = ca.Opti()
    m1, m2, wait = opti.variable(), opti.variable(), opti.variable()
    one, two = 100.0 * m1, 10.0 * m2
    empty = problem["payload"] + inert(two, 1)
    ignition = empty + two
    burnout = ignition + inert(one, 0)
    lift_off = burnout + one
    opti.minimize(lift_off / 100.0)
    opti.subject_to(opti.bounded(0.5, m1, 5.0))
    opti.subject_to(opti.bounded(1.0, m2, 20.0))
    opti.subject_to(opti.bounded(0.0, wait, 10.0))
    opti.set_initial(m1, problem["propellant"][0] / 100.0)
    opti.set_initial(m2, problem["propellant"][1] / 10.0)
    opti.set_initial(wait, 430.0 / span)
    aim = opti.variable(3)
    opti.subject_to(ca.dot(aim, aim) == 1.0)

    start = np.concatenate(
        [np.array(problem["position"]) / size, np.array(problem["velocity"]) / speed]
    )
    climb = start[:3] / np.linalg.norm(start[:3])
    east = np.cross(pole, climb)
    east /= np.linalg.norm(east)
    north = np.cross(climb, east)
    heading = problem["azimuth"]
    ahead = np.sin(heading) * east + np.cos(heading) * north
    opti.set_initial(aim, ahead)

    def guessed(share: float) -> Any:
        """A quarter of a turn's arc, from the ground to the orbit."""
        angle = 0.55 * share
        place = climb * np.cos(angle) + ahead * np.sin(angle)
        motion = ahead * np.cos(angle) - climb * np.sin(angle)
        height = np.linalg.norm(start[:3]) * (1 - share) + share
        return np.concatenate([height * place, (0.1 + 0.9 * share) * motion])

    state = opti.variable(6)
    opti.subject_to(state == start)
    opti.set_initial(state, start)
    total, at = first + coast + second, 0
    legs = (
        (first, one / flow[0], lift_off, flow[0], push[0]),
        (coast, wait, burnout, 0.0, 0.0),  # the empty first stage is dropped above the air
        (second, two / flow[1], ignition, flow[1], push[1]),
    )
    for leg, (count, duration, mass, rate, thrust) in enumerate(legs):
        step = duration / count
        for k in range(count):
            inner = [state]
            for j in range(3):
                point = opti.variable(6)
                opti.set_initial(point, guessed((at + nodes[j + 1]) / total))
                inner.append(point)
            for j in range(1, 4):
                moved = sum(slope[i, j] * inner[i] for i in range(4))
                here = inner[j]
                weight = mass - rate * step * (k + nodes[j])
                if leg == 0:
                    angles = opti.variable(2)
                    opti.set_initial(angles, [0.7, heading])
                    opti.subject_to(opti.bounded(-0.3, angles[0], 1.55))
                    opti.subject_to(opti.bounded(heading - 1.0, angles[1], heading + 1.0))
                    pulled = steered(here[:3], here[3:], weight, angles[0], angles[1], thrust)
                elif leg == 1:
                    pulled = aimed(here[:3], here[3:], weight, aim, 0.0)
                else:
                    pulled = aimed(here[:3], here[3:], weight, aim, thrust)
                opti.subject_to(moved == step * ca.vertcat(here[3:], pulled))
            at += 1
            state = opti.variable(6)
            opti.set_initial(state, guessed(at / total))
            opti.subject_to(state == sum(end[i] * inner[i] for i in range(4)))
    place, motion = state[:3], state[3:]
    spun = ca.cross(place, motion)
    opti.subject_to(ca.dot(place, place) == 1.0)
    opti.subject_to(ca.dot(motion, motion) == 1.0)
    opti.subject_to(ca.dot(place, motion) == 0.0)
    opti.subject_to(ca.dot(spun, ca.DM(pole)) == np.cos(problem["inclination"]))
    quiet = {"ipopt.print_level": 0, "print_time": False, "ipopt.sb": "yes", "ipopt.max_iter": 500,
             "ipopt.tol": 1e-9}  # fmt: skip
    opti.solver("ipopt", quiet)
    built = time.perf_counter() - began
    worked = time.process_time()
    found = opti.solve()
    worked = time.process_time() - worked
    solved = time.perf_counter() - began - built
    return {
        "casadi": ca.__version__,
        "lift_off_mass": float(found.value(lift_off)),
        "final_mass": float(found.value(empty)),
        "first": float(found.value(one)),
        "second": float(found.value(two)),
        "coast": float(found.value(wait)) * span,
        "turns": int(found.stats()["iter_count"]),
        "build_s": built,
        "solve_s": solved,
        "solve_processor_s": worked,
    }


if __name__ == "__main__":
    print(json.dumps(solve(json.load(sys.stdin))))

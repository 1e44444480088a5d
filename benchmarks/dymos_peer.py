"""The best ascent as dymos puts it, solved by scipy's SLSQP: a peer in a benchmark.

Reads the same problem as `benchmarks/collocation.py` from stdin as JSON, writes the answer to
stdout. Three phases by Radau collocation of the third degree, steering free in the first, one
direction in the last; derivatives by complex steps with coloring, as is usual where nobody writes
them out. The guess is that of the other collocation: an arc from the ground to the orbit.

    python benchmarks/dymos_peer.py < problem.json
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
import warnings
from typing import Any


def solve(problem: dict[str, Any], first: int = 8, coast: int = 3, second: int = 3) -> Any:
    """The lightest rocket of a problem.

    Args:
        problem: SI numbers; see `benchmarks/optimise.py`.
        first, coast, second: segments of each phase.
    """
    import dymos as dm
    import numpy as np
    import openmdao
    import openmdao.api as om

    warnings.simplefilter("ignore")
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

    def dot(a: Any, b: Any) -> Any:
        return (a * b).sum(axis=1)

    class Motion(om.ExplicitComponent):
        """Thrust, gravity and drag on a point, at every node of a phase."""

        def initialize(self) -> None:
            self.options.declare("num_nodes", types=int)
            self.options.declare("leg", types=int)

        def setup(self) -> None:
            n, leg = self.options["num_nodes"], self.options["leg"]
            for name in ("r", "v"):
                self.add_input(name, shape=(n, 3), val=1.0)
                self.add_output(f"{name}_dot", shape=(n, 3))
            self.add_input("since", shape=(n,))
            self.add_input("mass", shape=(n,), val=300.0)
            if leg != 1:
                self.add_input("up", shape=(n,))
                self.add_input("round", shape=(n,))
            for name in ("size", "fast", "rise", "tilt"):
                self.add_output(name, shape=(n,))
            self.declare_partials("*", "*", method="cs")
            self.declare_coloring(wrt="*", method="cs", show_summary=False, num_full_jacs=1)

        def compute(self, inputs: Any, outputs: Any) -> None:
            leg = self.options["leg"]
            r, v = inputs["r"], inputs["v"]
            rate, force = (flow[0], push[0]) if leg == 0 else (flow[1], push[1])
            mass = inputs["mass"] - (0.0 if leg == 1 else rate * inputs["since"])
            distance = np.sqrt(dot(r, r))
            through = v - np.cross(spin, r)
            air = np.sqrt(dot(through, through) + 1e-12)
            rho = np.exp(-(distance - radius) / scale)
            gain = -r / (distance**3)[:, None] - (drag / mass * rho * air)[:, None] * through
            if leg != 1:
                a, b = inputs["up"], inputs["round"]
                if leg == 0:
                    up = r / distance[:, None]
                    east = np.cross(pole, up)
                    east = east / np.sqrt(dot(east, east))[:, None]
                    north = np.cross(up, east)
                else:
                    north, east, up = (np.eye(3)[k][None, :] for k in range(3))
                level = np.cos(a)[:, None] * (
                    np.sin(b)[:, None] * east + np.cos(b)[:, None] * north
                )
                gain = gain + (force / mass)[:, None] * (level + np.sin(a)[:, None] * up)
            outputs["r_dot"], outputs["v_dot"] = v, gain
            outputs["size"], outputs["fast"] = dot(r, r), dot(v, v)
            outputs["rise"] = dot(r, v)
            outputs["tilt"] = dot(np.cross(r, v), pole[None, :])

    class Masses(om.ExplicitComponent):
        """What the rocket weighs before and after each burn, and how long it burns."""

        def setup(self) -> None:
            self.add_input("one", 2.0)
            self.add_input("two", 5.0)
            for name in ("lift_off", "burnout", "ignition", "t_one", "t_two"):
                self.add_output(name)
            self.declare_partials("*", "*", method="cs")

        def compute(self, inputs: Any, outputs: Any) -> None:
            one, two = 100.0 * inputs["one"], 10.0 * inputs["two"]

            def inert(propellant: Any, stage: int) -> Any:
                own, given = problem["propellant"][stage], problem["inert"][stage]
                return given + 0.2833 * (propellant**0.789 - own**0.789)

            ignition = problem["payload"] + inert(two, 1) + two
            burnout = ignition + inert(one, 0)
            outputs["ignition"], outputs["burnout"] = ignition, burnout
            outputs["lift_off"] = (burnout + one) / 100.0
            outputs["t_one"], outputs["t_two"] = one / flow[0], two / flow[1]

    start = np.concatenate(
        [np.array(problem["position"]) / size, np.array(problem["velocity"]) / speed]
    )
    climb = start[:3] / np.linalg.norm(start[:3])
    east = np.cross(pole, climb)
    east /= np.linalg.norm(east)
    north = np.cross(climb, east)
    heading = problem["azimuth"]
    ahead = np.sin(heading) * east + np.cos(heading) * north

    def guessed(share: float) -> Any:
        angle = 0.55 * share
        place = climb * np.cos(angle) + ahead * np.sin(angle)
        motion = ahead * np.cos(angle) - climb * np.sin(angle)
        height = np.linalg.norm(start[:3]) * (1 - share) + share
        return height * place, (0.1 + 0.9 * share) * motion

    prob = om.Problem()
    model = prob.model
    given = model.add_subsystem("given", om.IndepVarComp(), promotes=["*"])
    given.add_output("one", problem["propellant"][0] / 100.0)
    given.add_output("two", problem["propellant"][1] / 10.0)
    model.add_subsystem("masses", Masses(), promotes=["*"])
    model.add_design_var("one", lower=0.5, upper=5.0)
    model.add_design_var("two", lower=1.0, upper=20.0)
    model.add_subsystem("scaled", om.ExecComp("heavy = 100 * lift_off"), promotes=["*"])
    traj = model.add_subsystem("traj", dm.Trajectory())
    counts = (first, coast, second)
    phases = []
    for leg, count in enumerate(counts):
        phase = dm.Phase(
            ode_class=Motion,
            ode_init_kwargs={"leg": leg},
            transcription=dm.Radau(num_segments=count, order=3, compressed=True),
        )
        traj.add_phase(f"leg{leg}", phase)
        if leg == 1:
            phase.set_time_options(fix_initial=True, duration_bounds=(0.0, 10.0))
        else:
            phase.set_time_options(fix_initial=True, input_duration=True)
        phase.set_time_options(time_phase_targets=["since"])
        for name in ("r", "v"):
            phase.add_state(
                name, rate_source=f"{name}_dot", targets=[name], fix_initial=leg == 0,
                shape=(3,),
            )  # fmt: skip
        phase.add_parameter("mass", opt=False, targets=["mass"], static_target=False)
        if leg == 0:
            phase.add_control("up", lower=-0.3, upper=1.55, targets=["up"])
            phase.add_control("round", lower=heading - 1.0, upper=heading + 1.0, targets=["round"])
        if leg == 2:
            phase.add_parameter("up", opt=True, lower=-1.57, upper=1.57, targets=["up"])
            phase.add_parameter("round", opt=True, lower=-4.0, upper=8.0, targets=["round"])
            phase.add_boundary_constraint("size", loc="final", equals=1.0)
            phase.add_boundary_constraint("fast", loc="final", equals=1.0)
            phase.add_boundary_constraint("rise", loc="final", equals=0.0)
            phase.add_boundary_constraint(
                "tilt", loc="final", equals=float(np.cos(problem["inclination"]))
            )
        phases.append(phase)
    traj.link_phases(["leg0", "leg1", "leg2"], ["r", "v"], connected=False)
    model.connect("heavy", "traj.leg0.parameters:mass")
    model.connect("burnout", "traj.leg1.parameters:mass")
    model.connect("ignition", "traj.leg2.parameters:mass")
    model.connect("t_one", "traj.leg0.t_duration")
    model.connect("t_two", "traj.leg2.t_duration")
    model.add_objective("lift_off")
    prob.driver = om.ScipyOptimizeDriver(optimizer="SLSQP", tol=1e-6, maxiter=300)
    prob.driver.options["disp"] = False
    prob.driver.declare_coloring(show_summary=False)
    prob.setup(force_alloc_complex=True)
    total, at = sum(counts), 0
    for leg, count in enumerate(counts):
        shares = [(at + k) / total for k in (0, count)]
        ends = [guessed(s) for s in np.linspace(shares[0], shares[1], 2 * count + 1)]
        for k, name in enumerate(("r", "v")):
            values = np.array([end[k] for end in ends])
            if leg == 0:
                values[0] = start[3 * k : 3 * k + 3]
            phases[leg].set_state_val(name, values, time_vals=np.linspace(0.0, 1.0, len(ends)))
        at += count
    phases[0].set_control_val("up", [0.7, 0.7])
    phases[0].set_control_val("round", [heading, heading])
    phases[1].set_time_val(initial=0.0, duration=430.0 / span)
    for leg in (0, 2):
        phases[leg].set_time_val(initial=0.0)
    phases[2].set_parameter_val("up", float(np.arcsin(ahead[2])))
    phases[2].set_parameter_val("round", float(np.arctan2(ahead[1], ahead[0])))
    prob.run_model()
    prob.compute_totals()  # and with it the coloring
    built = time.perf_counter() - began
    worked = time.process_time()
    prob.run_driver()
    worked = time.process_time() - worked
    solved = time.perf_counter() - began - built
    place = [float(prob.get_val(f"traj.leg2.timeseries.{n}")[-1][0]) for n in ("size", "rise")]
    return {
        "dymos": dm.__version__,
        "openmdao": openmdao.__version__,
        "lift_off_mass": float(prob.get_val("heavy")[0]),
        "first": 100.0 * float(prob.get_val("one")[0]),
        "second": 10.0 * float(prob.get_val("two")[0]),
        "found": bool(prob.driver.result.success),
        "left": max(abs(place[0] - 1.0), abs(place[1])),
        "turns": int(prob.driver.iter_count),
        "build_s": built,
        "solve_s": solved,
        "solve_processor_s": worked,
    }


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):
        answer = solve(asked)
    print(json.dumps(answer))

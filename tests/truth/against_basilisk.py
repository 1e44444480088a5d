"""Against Basilisk's spacecraft: a body nobody touches, tumbling and nutating.

Two flights of a minute. In the first a body with three different moments is spun almost about the
middle one, and turns over and over. In the second the ascender's upper stage spins at 175 rpm and
nutates; we fly it at the 100 Hz of the march, Basilisk at 1 kHz. Both ends are also met by the
closed solutions in `tests/mechanics/test_rigid.py`. Basilisk runs in a process and an environment
of its own: `$ANABASIS_PEERS` names the interpreter, by default this one.
"""

from __future__ import annotations

import json
import math
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics import rigid
from anabasis.mechanics.closed_loop import weighted

ANSWERS = pathlib.Path(__file__).with_suffix(".json")
DURATION, ROWS = 60.0, 61

# Our moments are A, C, C about x, y, z and a product p between x and y: the moment about z then
# lies between the other two, and A, C, p follow from any three I1 < I2 < I3.
I1, I2, I3 = 1.0, 2.0, 3.0
TUMBLING = {
    "along": I1 + I3 - I2,
    "across": I2,
    "product": math.sqrt((I2 - I1) * (I3 - I2)),
    "rate": [0.01, -0.02, 1.0],
    "steps": 6000,
    "peer_step": 0.001,
}
SPINNING = {
    "along": 2.75,
    "across": 7.5,
    "product": 0.0,
    "rate": [175.0 * 2.0 * math.pi / 60.0, 0.1, -0.05],
    "steps": 6000,
    "peer_step": 0.001,
}
FLIGHTS = {"tumbling": TUMBLING, "spinning": SPINNING}

TUMBLE = 1e-7
"""[rad/s], [rad]: steps of 1 and of 10 ms of a slow tumble; an angle told from a matrix's trace is
no better than the root of its last digit."""
TICK = DURATION / 6000
LAG = 6000 / 120.0
"""A step of Runge and Kutta's turns a circle by x - x^5/120 instead of x; 6,000 such steps."""
LATERAL = math.hypot(0.1, 0.05)
SPIN_RATE = 1.1 * LAG * (SPINNING["rate"][0] * (1.0 - 2.75 / 7.5) * TICK) ** 5 * LATERAL
"""[rad/s]: the lateral rate runs round at (1 - A/C) of the spin, 0.116 rad a step."""
SPIN_ANGLE = 1.1 * 2.0 * LAG * (0.5 * SPINNING["rate"][0] * TICK) ** 5
"""[rad]: a quaternion turns by half the angle, 0.092 rad a step."""
SPIN_AXIS = SPIN_ANGLE * 2.0 * 7.5 * LATERAL / (2.75 * SPINNING["rate"][0])
"""[rad]: where the nose points, which is what steers the thrust: at worst the lag along the cone,
whose half angle is C times the lateral rate over A times the spin."""

ASK = """
import json, sys
import importlib.metadata
import numpy as np
from Basilisk.simulation import spacecraft
from Basilisk.utilities import RigidBodyKinematics, SimulationBaseClass, macros
asked = json.load(sys.stdin)
answers = {}
for name, case in asked["flights"].items():
    sim = SimulationBaseClass.SimBaseClass()
    process = sim.CreateNewProcess("p")
    process.addTask(sim.CreateNewTask("t", macros.sec2nano(case["peer_step"])))
    body = spacecraft.Spacecraft()
    a, c, p = case["along"], case["across"], case["product"]
    body.hub.mHub = 100.0
    body.hub.r_BcB_B = [[0.0], [0.0], [0.0]]
    body.hub.IHubPntBc_B = [[a, -p, 0.0], [-p, c, 0.0], [0.0, 0.0, c]]
    body.hub.sigma_BNInit = [[0.0], [0.0], [0.0]]
    body.hub.omega_BN_BInit = [[x] for x in case["rate"]]
    sim.AddModelToTask("t", body)
    each = asked["duration"] / (asked["rows"] - 1)
    log = body.scStateOutMsg.recorder(macros.sec2nano(each))
    sim.AddModelToTask("t", log)
    sim.InitializeSimulation()
    sim.ConfigureStopTime(macros.sec2nano(asked["duration"]))
    sim.ExecuteSimulation()
    answers[name] = {
        "time": (np.asarray(log.times()) * 1e-9).tolist(),
        "rate": np.asarray(log.omega_BN_B).tolist(),
        "axes": [RigidBodyKinematics.MRP2C(s).tolist() for s in np.asarray(log.sigma_BN)],
    }
print("ANSWER" + json.dumps({"bsk": importlib.metadata.version("bsk"), "answers": answers}))
"""


def flown(case: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Rates [rows, 3] and body axes in inertial ones [rows, 3, 3] of a flight of ours."""
    length = DURATION / case["steps"]

    def rate(y: Any, _: Any) -> Any:
        q, w = y
        nothing = (0.0, 0.0, 0.0)
        turning = rigid.angular_acceleration(
            w, nothing, case["along"], case["across"], (case["product"], 0.0)
        )
        return rigid.attitude_rate(q, w), turning

    def step(y: Any, _: Any) -> tuple[Any, Any]:
        q, w = weighted(rate, y, length)
        y = (rigid.normal(q), w)
        return y, y

    start = (
        tuple(jnp.asarray(x) for x in (1.0, 0.0, 0.0, 0.0)),
        tuple(jnp.asarray(float(x)) for x in case["rate"]),
    )
    _, rows = jax.jit(lambda y: jax.lax.scan(step, y, None, length=case["steps"]))(start)
    every = case["steps"] // (ROWS - 1)
    picked = jax.tree.map(
        lambda first, later: np.append(float(first), np.asarray(later)[every - 1 :: every]),
        start,
        rows,
    )
    q, w = picked
    axes = np.array(rigid.axes_of(tuple(q)))
    return np.stack(w, axis=1), np.moveaxis(axes, 2, 0)


def apart(case: dict[str, Any], told: dict[str, Any]) -> tuple[float, float, float]:
    """Greatest difference in rate [rad/s], attitude [rad] and direction of the nose [rad]."""
    assert np.allclose(told["time"], np.linspace(0.0, DURATION, ROWS), atol=1e-9)
    rates, axes = flown(case)
    theirs = np.array(told["axes"])
    cosine = 0.5 * (np.einsum("tij,tij->t", axes, theirs) - 1.0)
    turned = np.sqrt(np.maximum(0.0, 2.0 * (1.0 - cosine)))
    nose = np.linalg.norm(axes[:, 0] - theirs[:, 0], axis=1)
    slip = np.linalg.norm(rates - np.array(told["rate"]), axis=1)
    return float(slip.max()), float(turned.max()), float(nose.max())


def checked(answers: dict[str, Any], source: str, witness: Callable[..., None]) -> None:
    for name, bounds in (
        ("tumbling", (TUMBLE, TUMBLE, TUMBLE)),
        ("spinning", (SPIN_RATE, SPIN_ANGLE, SPIN_AXIS)),
    ):
        found = apart(FLIGHTS[name], answers[name])
        reason = (
            "1 ms steps there, 10 ms here; an angle from a trace"
            if name == "tumbling"
            else "the fifth power of 0.18 rad a step, 6,000 steps"
        )
        for quantity, unit, measured, tolerance in zip(
            ("difference in rate", "difference in attitude", "difference of the x axis"),
            ("rad/s", "rad", "rad"),
            found,
            bounds,
            strict=True,
        ):
            witness(
                case=f"torque-free body, {name}, {DURATION:g} s", quantity=quantity, unit=unit,
                expected=0.0, measured=measured, tolerance=tolerance, source=source,
                reason=reason,
            )  # fmt: skip


def test_stored_answers(witness: Callable[..., None]) -> None:
    held = json.loads(ANSWERS.read_text(encoding="utf-8"))
    checked(held["answers"], f"Basilisk {held['bsk']}, spacecraft", witness)


def test_the_tumbling_body_turns_over() -> None:
    """So that the first flight is one about the middle axis, and not a quiet spin."""
    rates, _ = flown(TUMBLING)
    assert rates[:, 2].min() < -0.9
    assert rates[:, 2].max() > 0.9


@pytest.mark.truth
def test_basilisk_asked_again(record: bool, witness: Callable[..., None]) -> None:
    asked = {"flights": FLIGHTS, "duration": DURATION, "rows": ROWS}
    python = os.environ.get("ANABASIS_PEERS", sys.executable)
    told = subprocess.run(
        [python, "-c", ASK], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    if "No module named 'Basilisk'" in told.stderr:
        pytest.skip("Basilisk is not here (make truth, or ANABASIS_PEERS)")
    assert told.returncode == 0, told.stderr[-2000:]
    said = json.loads(told.stdout.split("ANSWER")[-1])
    if record:
        ANSWERS.write_text(json.dumps(said) + "\n", encoding="utf-8")
    checked(said["answers"], f"Basilisk {said['bsk']}, spacecraft", witness)

"""The best ascent on a smooth planet, timed beside casadi with IPOPT and dymos with SLSQP.

    python benchmarks/optimise.py [--repeat 5] [--peers PYTHON] [--without dymos]

All three find the lightest rocket of one problem (a sphere, exponential air, a constant drag
coefficient; no limit but the orbit): ours from a cold guess by shooting, with nine knots of
steering; the others by collocation with free steering, from a cold guess of their own, each in a
process of its own in the environment of the peers. Ours is timed once compiled, on coarse ticks and
carried over to the march's; the first run, which compiles or reads the cache, is printed apart.
Beside the seconds on the clock stand those of the processor, which a loaded machine leaves alone.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any

HERE = pathlib.Path(__file__).parent
ALONE = {"OPENMDAO_REPORTS": "0", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""One thread for matrices, as ours has: waiting threads would be counted, and slow them down."""


def main() -> None:
    """Print the answers and their ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeat", type=int, default=5)
    arguments.add_argument("--peers", "--casadi", default=sys.executable)
    arguments.add_argument("--without", action="append", default=[], choices=["casadi", "dymos"])
    chosen = arguments.parse_args()

    from anabasis.studies.optimum import LIMITS, Search

    place = HERE.parent / "tests" / "truth" / "against_casadi.py"
    about = importlib.util.spec_from_file_location("against_casadi", place)
    assert about is not None
    assert about.loader is not None
    shared = importlib.util.module_from_spec(about)
    about.loader.exec_module(shared)

    search = Search(shared.scenario(), without=LIMITS)
    times, best = [], None
    for _ in range(chosen.repeat + 1):
        began, worked = time.perf_counter(), time.process_time()
        best = search.finish(search.solve())
        times.append((time.perf_counter() - began, time.process_time() - worked))
    assert best is not None
    ours, busy = min(t[0] for t in times[1:]), min(t[1] for t in times[1:])
    mass = 100.0 * best.judged.objective
    print(
        f"ours    {mass:.3f} kg in {ours:.3f} s, processor {busy:.3f} s ({best.turns} turns); "
        f"first run {times[0][0]:.1f} s"
    )
    for name, script in (("casadi", "collocation.py"), ("dymos", "dymos_peer.py")):
        if name in chosen.without:
            continue
        said = asked(chosen.peers, HERE / script, shared.problem())
        if said is None:
            print(f"{name} is not here (`make bench` sets it up, or --peers PYTHON)")
            continue
        print(
            f"{name:8}{said['lift_off_mass']:.3f} kg in {said['solve_s']:.3f} s, processor "
            f"{said['solve_processor_s']:.3f} s, after {said['build_s']:.3f} s of building "
            f"({said['turns']} turns, version {said[name]})"
        )
        whole = said["build_s"] + said["solve_s"]
        print(
            f"        ours takes {ours / said['solve_s']:.2f} of its solving, "
            f"{ours / whole:.2f} of the whole"
        )


def asked(python: str, script: pathlib.Path, problem: dict[str, Any]) -> dict[str, Any] | None:
    """What a peer answers in a process and a folder of its own; None where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(
            [str(pathlib.Path(python).absolute()), str(script)], input=json.dumps(problem),
            capture_output=True, text=True,
            check=False, cwd=folder, env=os.environ | ALONE,
        )  # fmt: skip
    if "ModuleNotFoundError" in told.stderr:
        return None
    if told.returncode:
        raise RuntimeError(told.stderr[-2000:])
    return json.loads(told.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    main()

"""The best ascent on a smooth planet, timed beside casadi with IPOPT in the same run.

    python benchmarks/optimise.py [--repeat 5] [--casadi PYTHON]

Both find the lightest rocket of one problem (a sphere, exponential air, a constant drag
coefficient; no limit but the orbit): ours from a cold guess by shooting, with nine knots of
steering; casadi's by collocation with free steering, from its own cold guess, in a process of its
own. Ours is timed once compiled, on coarse ticks and carried over to the march's; the first run,
which compiles or reads the cache, is printed apart.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent


def main() -> None:
    """Print both answers and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeat", type=int, default=5)
    arguments.add_argument("--casadi", default=sys.executable)
    chosen = arguments.parse_args()

    from anabasis.studies.optimum import LIMITS, Search

    place = HERE.parent / "tests" / "truth" / "against_casadi.py"
    about = importlib.util.spec_from_file_location("against_casadi", place)
    assert about is not None
    assert about.loader is not None
    shared = importlib.util.module_from_spec(about)
    about.loader.exec_module(shared)

    search = Search(shared.scenario(), without=LIMITS)
    times, first, best = [], 0.0, None
    for turn in range(chosen.repeat + 1):
        began = time.perf_counter()
        best = search.finish(search.solve())
        took = time.perf_counter() - began
        if turn == 0:
            first = took
        else:
            times.append(took)
    assert best is not None
    ours = min(times)
    mass = 100.0 * best.judged.objective
    print(f"ours    {mass:.3f} kg in {ours:.3f} s ({best.turns} turns); first run {first:.1f} s")

    told = subprocess.run(
        [chosen.casadi, str(HERE / "collocation.py")],
        input=json.dumps(shared.problem()),
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        print("casadi is not here (extra [truth], or --casadi PYTHON)")
        return
    said = json.loads(told.stdout)
    print(
        f"casadi  {said['lift_off_mass']:.3f} kg in {said['solve_s']:.3f} s after "
        f"{said['build_s']:.3f} s of building ({said['turns']} turns, casadi {said['casadi']})"
    )
    whole = said["build_s"] + said["solve_s"]
    print(f"ratio   {ours / said['solve_s']:.2f} of its solving, {ours / whole:.2f} of the whole")


if __name__ == "__main__":
    main()

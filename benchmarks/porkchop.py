"""A 500 x 500 porkchop, timed beside pykep in the same run.

    python benchmarks/porkchop.py [--pykep PYTHON] [--side 500] [--repeat 7]

Ours is C3 and arrival v-infinity from DE440 and Lambert's problem, every pair of dates of the 2026
opportunity, in one compiled call. pykep's is the same grid with its own low-precision planets, in
a process of its own, with a plain loop over `lambert_problem` as its users write it. PYTHON is an
interpreter that has pykep (its wheel need not import as a whole: only the core module is used);
by default this one, or $ANABASIS_PYKEP.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from typing import Any

WITNESS = """
import importlib, importlib.util, json, pathlib, sys, time, types
root = pathlib.Path(importlib.util.find_spec("pykep").origin).parent
stub = types.ModuleType("pykep"); stub.__path__ = [str(root)]; sys.modules["pykep"] = stub
core = importlib.import_module("pykep.core")
side, repeat, first, last, arrive, close = json.loads(sys.argv[1])
def dates(a, b):
    return [a + (b - a) * k / (side - 1) for k in range(side)]
def run():
    earth, mars = core.planet(core._jpl_lp("earth")), core.planet(core._jpl_lp("mars"))
    start = [(t, *earth.eph(t)) for t in dates(first, last)]
    end = [(t, *mars.eph(t)) for t in dates(arrive, close)]
    lambert, day, mu = core.lambert_problem, core.DAY2SEC, core.MU_SUN
    least = 1e99
    for t0, r0, v0 in start:
        for t1, r1, v1 in end:
            arc = lambert(r0, r1, (t1 - t0) * day, mu, False, 0)
            a, b = arc.v0[0], arc.v1[0]
            c3 = (a[0] - v0[0]) ** 2 + (a[1] - v0[1]) ** 2 + (a[2] - v0[2]) ** 2
            speed = ((b[0] - v1[0]) ** 2 + (b[1] - v1[1]) ** 2 + (b[2] - v1[2]) ** 2) ** 0.5
            if c3 < least:
                least = c3
    return least
def solve_only():
    earth, mars = core.planet(core._jpl_lp("earth")), core.planet(core._jpl_lp("mars"))
    start = [(t, earth.eph(t)[0]) for t in dates(first, last)]
    end = [(t, mars.eph(t)[0]) for t in dates(arrive, close)]
    lambert, day, mu = core.lambert_problem, core.DAY2SEC, core.MU_SUN
    for t0, r0 in start:
        for t1, r1 in end:
            lambert(r0, r1, (t1 - t0) * day, mu, False, 0)
whole, alone = [], []
for _ in range(repeat):
    t = time.perf_counter(); least = run(); whole.append(time.perf_counter() - t)
    t = time.perf_counter(); solve_only(); alone.append(time.perf_counter() - t)
said = root / "_version.py"
version = said.read_text().split('"')[1] if said.exists() else ""
print(json.dumps({"version": version, "whole_s": min(whole), "alone_s": min(alone),
                  "least_c3_km2_s2": least / 1e6}))
"""
DAY = 86400.0
# Days past 2000-01-01: the 2026 opportunity.
GRID = (9709.0, 9893.0, 9952.0, 10258.0)


def ours(side: int, repeat: int) -> dict[str, Any]:
    """Time the grid here."""
    import jax
    import numpy as np

    from anabasis.studies.windows import porkchop

    first, last, arrive, close = ((t - 0.5) * DAY for t in GRID)
    departures, arrivals = np.linspace(first, last, side), np.linspace(arrive, close, side)
    start = time.perf_counter()
    jax.block_until_ready(porkchop(departures, arrivals).c3)
    compiling = time.perf_counter() - start
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        grid = porkchop(departures, arrivals)
        jax.block_until_ready((grid.c3, grid.arrival_v_infinity))
        seconds.append(time.perf_counter() - start)
    return {
        "first_s": compiling,
        "whole_s": min(seconds),
        "least_c3_km2_s2": float(np.nanmin(np.asarray(grid.c3))) / 1e6,
    }


def theirs(python: str, side: int, repeat: int) -> dict[str, Any] | None:
    """Time the grid in pykep's process; None where there is no pykep."""
    told = json.dumps([side, repeat, *GRID])
    asked = subprocess.run(
        [python, "-c", WITNESS, told], capture_output=True, text=True, check=False
    )
    if asked.returncode:
        print(asked.stderr.strip().splitlines()[-1:], file=sys.stderr)
        return None
    return json.loads(asked.stdout)


def main() -> None:
    """Print both times and their ratio."""
    words = argparse.ArgumentParser(description="a porkchop beside pykep")
    words.add_argument("--pykep", default=os.environ.get("ANABASIS_PYKEP", sys.executable))
    words.add_argument("--side", type=int, default=500)
    words.add_argument("--repeat", type=int, default=7)
    given = words.parse_args()
    mine = ours(given.side, given.repeat)
    pairs = given.side**2
    print(f"{given.side} x {given.side} arcs, best of {given.repeat}, {os.cpu_count()} cores")
    print(
        f"anabasis    {mine['whole_s']:.3f} s  ({pairs / mine['whole_s'] / 1e6:.1f} million arcs/s,"
        f" DE440; first call {mine['first_s']:.1f} s; least C3 {mine['least_c3_km2_s2']:.3f})"
    )
    other = theirs(given.pykep, given.side, max(2, given.repeat // 3))
    if other is None:
        print("pykep      not here: pip install pykep, and name its interpreter with --pykep")
        return
    print(
        f"pykep {other['version']:<5} {other['whole_s']:.3f} s  (its low-precision planets; the"
        f" Lambert calls alone {other['alone_s']:.3f} s; least C3 {other['least_c3_km2_s2']:.3f})"
    )
    print(
        f"ratio       {other['whole_s'] / mine['whole_s']:.1f} "
        f"(Lambert calls alone: {other['alone_s'] / mine['whole_s']:.1f})"
    )


if __name__ == "__main__":
    main()

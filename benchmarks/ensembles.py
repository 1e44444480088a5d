"""How fast an ensemble flies: by phase, whole, what is not flying, and two workers beside one.

    python benchmarks/ensembles.py [--cases N] [--chunk M] [--only phases|workers]

All rates are steady ones: what compiles, plans and starts is done before the clock runs, and is
printed apart. Phases are timed in this process, in seconds of one core that are spent in it, so
that others on that core do not count; the rest by the clock, through `disperse` itself,
its store on a disk as a user's: there cores that others use at the same time do count, so the load
stands beside every figure.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import tempfile
import time
from typing import Any

MARCH = "february-2022-dispersed"
ASCENT = {
    "extends": "har-open-loop",
    "name": "har-dispersed",
    "dispersion": [
        {"path": "ascender.stage_one.thrust_kN", "sigma_percent": 0.3},
        {"path": "ascender.stage_two.thrust_kN", "sigma_percent": 0.111},
        {"path": "ascender.payload_kg", "sigma": 0.25},
    ],
}


def load_now() -> float:
    """How many processes want a core."""
    return os.getloadavg()[0]


def by_phase(scenario: Any, chunk: int, rounds: int) -> dict[str, float]:
    """Milliseconds of one core for each case, phase by phase: the best of some chunks."""
    import jax

    from anabasis.studies.lanes import Lanes

    lanes = Lanes(scenario, only=None, seed=1, sampler="random", count=10**6, size=chunk)
    best: dict[str, float] = {}
    for number in range(rounds + 1):
        draws = lanes.draws.of(range(number * chunk, (number + 1) * chunk))
        for phase, seconds in _once(lanes, draws, jax.block_until_ready).items():
            if number:  # the first one compiles
                best[phase] = min(best.get(phase, seconds), seconds)
    return {phase: 1e3 * seconds / chunk for phase, seconds in best.items()}


def _once(lanes: Any, draws: Any, wait: Any) -> dict[str, float]:
    taken, ends = {}, {}
    for phase in lanes.phases:
        begun = time.process_time()
        ends[phase] = wait(lanes.fly_phase(phase, draws, ends))
        taken[phase] = time.process_time() - begun
    return taken


def steady(scenario: Any, cases: int, chunk: int, workers: int) -> dict[str, float]:
    """Cases a second once all workers fly, and where a worker's time went, from the manifest."""
    from anabasis.studies.ensemble import disperse

    stamps: list[tuple[float, int]] = []
    starts: list[float] = []

    def progress(standing: Any) -> None:
        stamps.append((time.perf_counter(), standing.cases))
        starts.append(standing.start_up)

    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "e"
        disperse(
            scenario,
            cases,
            seed=1,
            workers=workers,
            chunk=chunk,
            out=out,
            progress=progress,
        )
        lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    chunks = [line for line in lines if line.get("kind") == "chunk"]
    # the clock runs from when every worker has given its first chunk
    seen: set[int] = set()
    first = 0
    for place, line in enumerate(chunks):
        if line["worker"] not in seen:
            seen.add(line["worker"])
            first = place
    (begun, before), (ended, after) = stamps[first], stamps[-1]
    return {
        "workers": float(len(seen)),
        "rate": (after - before) / (ended - begun),
        "cases": float(after - before),
        "start_up": starts[0],
        "flying": sum(line["seconds"] for line in chunks[first + 1 :]),
        "writing": sum(line["writing_seconds"] for line in chunks[first + 1 :]),
        "elapsed": ended - begun,
    }


def drawing(scenario: Any, chunk: int) -> float:
    """Seconds that the draws of one chunk take."""
    from anabasis.studies.dispersions import draws_of

    draws = draws_of(scenario, 1)
    draws.of(range(chunk))
    begun = time.process_time()
    for number in range(10):
        draws.of(range(number * chunk, (number + 1) * chunk))
    return (time.process_time() - begun) / 10.0


def keeping(columns: int, chunk: int) -> tuple[float, float]:
    """Seconds of a core that a chunk costs besides flying: as a Parquet file, and in the store."""
    import numpy as np

    from anabasis.exchange.parquet import Column, encode_table
    from anabasis.studies.store import Store

    generator, rounds = np.random.default_rng(1), 20
    table = [Column("case", np.arange(chunk), unit=""), Column("outcome", [""] * chunk, unit="")]
    table += [Column(f"f.{k}_km", generator.normal(size=chunk), unit="km") for k in range(columns)]
    content = encode_table(table, {"chunk": "0"})
    begun = time.process_time()
    for _ in range(rounds):
        content = encode_table(table, {"chunk": "0"})
    encoded = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        identity = {"cases": rounds * chunk, "chunk": chunk}
        store = Store.create(pathlib.Path(folder) / "e", identity, "")
        begun_storing = time.process_time()
        for index in range(rounds):
            store.add(index, content, {"seconds": 1.0})
        stored = time.process_time()
    return (encoded - begun) / rounds, (stored - begun_storing) / rounds


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=24576, help="of each ensemble")
    parser.add_argument("--chunk", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5, help="chunks of which the best counts")
    parser.add_argument("--only", choices=("phases", "workers"), default=None)
    asked = parser.parse_args()

    import anabasis
    from anabasis.campaign.march import FIGURES

    march, ascent = anabasis.load(MARCH), anabasis.load(ASCENT)
    if asked.only in (None, "phases"):
        if hasattr(os, "sched_setaffinity"):
            own = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, {own[-1]})
        found = by_phase(march, asked.chunk, asked.rounds)
        print(f"{MARCH}, {asked.chunk} lanes, one core (load {load_now():.1f})")
        for phase, spent in found.items():
            print(f"  {phase:18s} {spent:8.3f} ms a case")
        whole = sum(found.values())
        print(f"  {'whole march':18s} {whole:8.3f} ms a case, {1e3 / whole:.0f} cases a second")
        print(f"  1,000 whole marches on one core: {whole:.1f} s")
        for name, scenario, flying in (
            (MARCH, march, whole),
            ("har-open-loop", ascent, by_phase(ascent, asked.chunk, asked.rounds)["ascent"]),
        ):
            drawn = drawing(scenario, asked.chunk)
            phases = scenario.march
            columns = len(scenario.values["dispersion"])
            columns += sum(len(FIGURES[phase]) for phase in phases)
            encoded, stored = keeping(columns, asked.chunk)
            spent = 1e-3 * flying * asked.chunk
            print(
                f"  {name}, of a chunk's {1e3 * spent:.0f} ms of flying: draws "
                f"{100.0 * drawn / spent:.2f} %, Parquet {100.0 * encoded / spent:.2f} %, "
                f"store and manifest {100.0 * stored / spent:.2f} %"
            )
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, set(own))
    if asked.only in (None, "workers"):
        for name, scenario in (("har-open-loop, ascent", ascent), (MARCH, march)):
            rates = {}
            for workers in (1, 2):
                found = steady(scenario, asked.cases, asked.chunk, workers)
                rates[workers] = found["rate"]
                idle = workers * found["elapsed"] - found["flying"]
                print(
                    f"{name}, {workers} worker(s), {found['cases']:.0f} cases: "
                    f"{found['rate']:.0f} a second steady, "
                    f"started in {found['start_up']:.0f} s; not flying: "
                    f"{100.0 * idle / found['flying']:.1f} % of the flying "
                    f"(of it Parquet {100.0 * found['writing'] / found['flying']:.1f} %), "
                    f"load {load_now():.1f}",
                    flush=True,
                )
            print(f"{name}: two workers over one {rates[2] / rates[1]:.2f}")


if __name__ == "__main__":
    main()

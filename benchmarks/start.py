"""Where the seconds of ``anabasis fly february-2022`` go: the first time, and once compiled.

Each time is a process of its own. The first has an empty cache in a temporary folder, the second
finds what the first left there. Times are of the wall, by what jax itself reports (tracing,
lowering, compiling) and by clocks around the rest; where one kind of work happens inside another,
it is counted once, as the inner one.

    .venv/bin/python benchmarks/start.py [SCENARIO]
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any

ROWS = {
    "import": "import of jax and anabasis",
    "scenario": "scenario read and checked",
    "trace": "programs traced",
    "lower": "programs lowered",
    "recall": "traced programs read from the cache",
    "compile": "compiled, or loaded from the cache",
    "run": "flying, and everything between",
    "write": "run written",
}
"""What is told -> how it is called in the table."""

EVENTS = {
    "/jax/core/compile/jaxpr_trace_duration": "trace",
    "/jax/core/compile/jaxpr_to_mlir_module_duration": "lower",
    "/jax/core/compile/backend_compile_duration": "compile",
}
INNERMOST = ("compile", "recall", "lower", "trace")
"""Where two overlap, the time belongs to the one named first."""


def main(arguments: list[str]) -> None:
    """Print the table."""
    name = arguments[0] if arguments else "february-2022"
    with tempfile.TemporaryDirectory() as folder:
        times = [fresh(name, pathlib.Path(folder)) for _ in range(2)]
        size = sum(p.stat().st_size for p in pathlib.Path(folder).rglob("*") if p.is_file())
    print(f"anabasis fly {name}, seconds on {os.cpu_count()} cores")
    print(f"{'':<38}{'first time':>12}{'once compiled':>16}")
    for row, words in ROWS.items():
        print(f"{words:<38}{times[0][row]:12.2f}{times[1][row]:16.2f}")
    print(f"{'whole process':<38}{times[0]['process']:12.2f}{times[1]['process']:16.2f}")
    print(f"programs compiled or loaded: {times[0]['count']:.0f} and {times[1]['count']:.0f}; "
          f"cache {size / 1e6:.0f} MB")  # fmt: skip
    print(f"anabasis --help {helped():28.2f}")


def fresh(name: str, cache: pathlib.Path) -> dict[str, float]:
    """Fly in a new process and read what it measured."""
    begun = time.perf_counter()
    run = subprocess.run(
        [sys.executable, __file__, "--inside", name],
        env={**os.environ, "ANABASIS_CACHE": str(cache)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {**json.loads(run.stdout), "process": time.perf_counter() - begun}


def helped() -> float:
    """Median of five times that ``anabasis --help`` takes."""
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "anabasis", "--help"], capture_output=True, check=True
        )
        times.append(time.perf_counter() - begun)
    return sorted(times)[2]


def inside(name: str) -> dict[str, float]:
    """Fly here, with clocks."""
    told: dict[str, float] = {}
    spans: dict[str, list[tuple[float, float]]] = {kind: [] for kind in INNERMOST}

    def clocked(kind: str, begun: float) -> float:
        now = time.perf_counter()
        told[kind] = now - begun
        return now

    begun = time.perf_counter()
    import jax
    import jax.export

    from anabasis.campaign import fly, folder, scenario

    begun = clocked("import", begun)

    def listen(event: str, duration: float, **_: Any) -> None:
        if event in EVENTS:
            now = time.perf_counter()
            spans[EVENTS[event]].append((now - duration, now))

    jax.monitoring.register_event_duration_secs_listener(listen)
    read = jax.export.deserialize

    def recall(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return read(*args, **kwargs)
        finally:
            spans["recall"].append((start, time.perf_counter()))

    jax.export.deserialize = recall

    scene = scenario.load(name)
    begun = clocked("scenario", begun)
    journey = fly.fly(scene, track=True)
    begun = clocked("fly", begun)
    with tempfile.TemporaryDirectory() as place:
        folder.write_run(pathlib.Path(place) / "run", journey, scene)
        clocked("write", begun)

    counted: list[tuple[float, float]] = []
    total = 0.0
    for kind in INNERMOST:
        counted += spans[kind]
        whole = union(counted)
        told[kind] = whole - total
        total = whole
    told["run"] = told["fly"] - total
    told["count"] = len(spans["compile"])
    return told


def union(spans: list[tuple[float, float]]) -> float:
    """Length covered by spans that may overlap."""
    length, reached = 0.0, -1.0
    for start, end in sorted(spans):
        length += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return length


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        print(json.dumps(inside(sys.argv[2])))
    else:
        main(sys.argv[1:])

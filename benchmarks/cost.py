"""What many marches cost, from what an ensemble measured: core hours, wall time, disk, memory.

    python benchmarks/cost.py DIR [DIR ...] [--marches 10000000] [--cores 2 64 1024] [--chunk 256]

Each DIR is the folder of a complete ensemble; its manifest holds the seconds, bytes and start-up
that its workers measured. Several are added up: an entry and an ascent dispersed apart cost what
they cost one after the other. A core hour is an hour of the processor: what others did on the same
machine meanwhile does not count. Nothing is flown here.
"""

from __future__ import annotations

import argparse

from anabasis.studies.ensemble import MEMORY_PER_CHUNK
from anabasis.studies.pace import pace_of
from anabasis.studies.store import Store


def main() -> None:
    """Print the cost."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("folders", nargs="+", metavar="DIR")
    words.add_argument("--marches", type=float, default=1e7)
    words.add_argument("--cores", type=int, nargs="+", default=[2, 64, 1024])
    words.add_argument("--chunk", type=int, default=256)
    asked = words.parse_args()
    seconds = size = start = 0.0
    for folder in asked.folders:
        store = Store.open(folder)
        pace = pace_of(store)
        if not store.complete or pace.processor_rate is None or pace.bytes_per_case is None:
            raise SystemExit(f"{folder}: is not complete; anabasis resume {folder}")
        what = store.identity["only"] or "march"
        start_up = pace.start_up_seconds or 0.0
        print(
            f"{store.identity['scenario']}, {what}: {store.done} cases by {pace.workers} workers, "
            f"{pace.processor_rate:.1f} cases a second of a core, "
            f"{pace.bytes_per_case:.0f} bytes a case, ready after {start_up:.1f} s"
        )
        seconds += 1.0 / pace.processor_rate
        size += pace.bytes_per_case
        start += start_up
    hours = asked.marches * seconds / 3600.0
    print(f"{asked.marches:,.0f} marches: {hours:,.1f} core hours,", end=" ")
    print(f"{asked.marches * size / 1e9:,.1f} GB of disk,", end=" ")
    chunks = asked.marches / asked.chunk
    print(f"{chunks * MEMORY_PER_CHUNK / 1e6:,.0f} MB of memory in the parent")
    for cores in asked.cores:
        print(f"  on {cores:>5} cores: {hours / cores + start / 3600.0:,.2f} h")


if __name__ == "__main__":
    main()

"""How long the tubes take: 1,000 expeditions of 1,000 sols, the best set of tubes, one ledger.

python benchmarks/tubes.py [DIR of a flown march]
"""

from __future__ import annotations

import pathlib
import sys
import time

from anabasis.campaign import cache, exposure, story
from anabasis.studies import expeditions
from anabasis.vehicles import habits
from anabasis.vehicles.tube import all_tubes


def main() -> None:
    """Measure and print."""
    begin = time.perf_counter()
    habits.learnt()
    print(f"habits learnt                      {time.perf_counter() - begin:7.2f} s")
    told = expeditions.programme(1981, 1000)
    for word in ("first, with compiling", "again"):
        begin = time.perf_counter()
        expeditions.campaigns(told, 1000)
        took = time.perf_counter() - begin
        print(f"1,000 expeditions of 1,000 sols    {took:7.2f} s  {word}")
    tubes = [tube for tube in all_tubes() if tube.closure != "empty"]
    values = cache.Values(dict.fromkeys(cache.WEIGHTS, 1.0))
    for slots in (30, 15):
        reach = cache.Reach(slots, 99, 99, 99)
        begin = time.perf_counter()
        best = cache.best_set(tubes, reach, values)
        once = time.perf_counter() - begin
        assert best is not None
        firm = cache.sensitivity(tubes, reach, values, best)
        took = time.perf_counter() - begin
        print(f"best {slots} of 33 tubes                {once:7.2f} s  once")
        print(f"  and how firm it is               {took:7.2f} s  {firm.solved} programmes")
    if len(sys.argv) > 1:
        journey = story.read_journey(pathlib.Path(sys.argv[1]))
        for word in ("first", "again"):
            begin = time.perf_counter()
            exposure.ledger(journey)
            print(
                f"ledger of 43 tubes                 {time.perf_counter() - begin:7.3f} s  {word}"
            )


if __name__ == "__main__":
    main()

"""Learn the rover's habits from its drives and write them down for whoever only wants to fly.

python builders/build_habits.py        # rewrites src/anabasis/data/perseverance-habits.csv

The table holds nothing that `anabasis.vehicles.habits.learnt` does not compute; a test learns anew
and compares.
"""

from __future__ import annotations

import pathlib

from anabasis.vehicles import habits

OUT = pathlib.Path(__file__).parent.parent / "src/anabasis/data/perseverance-habits.csv"
HEAD = (
    "# Perseverance's habits of driving, learnt from perseverance-drives.csv (MMGIS), sols 13 to "
    "900 without 217 to 235 and 380 to 414: modes of a hidden Markov model, the least of Akaike's "
    "criterion; rewritten by builders/build_habits.py, never typed."
)


def main() -> None:
    """Learn and write."""
    found = habits.learnt()
    modes = range(len(found.moves))
    names = ["moves", "centre_ln_m", "spread_ln_m", "sols", *(f"change_{k}" for k in modes)]
    lines = [HEAD, ",".join(names)]
    for k in modes:
        row = [found.moves[k], found.centre[k], found.spread[k], found.sols[k], *found.change[k]]
        lines.append(",".join(repr(float(one)) for one in row))
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

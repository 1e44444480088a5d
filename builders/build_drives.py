"""Rewrite `data/perseverance-drives.csv` from NASA's published traverse (MMGIS M20 waypoints).

    python builders/build_drives.py M20_waypoints.json-or-csv

One row per sol on which the mended odometer advanced; sols without a row are sols without a drive.
"""

from __future__ import annotations

import pathlib
import sys

from anabasis.campaign.record import driven_by_sol, mend
from anabasis.exchange.mmgis import parse_waypoints

TARGET = pathlib.Path(__file__).parent.parent / "src/anabasis/data/perseverance-drives.csv"


def main() -> None:
    """Read, mend, write."""
    record = mend(parse_waypoints(pathlib.Path(sys.argv[1]).read_bytes()))
    sols, driven = driven_by_sol(record)
    first, last = int(record.sol[0]), int(record.sol[-1])
    lines = [
        f"# How far Perseverance drove on each sol from {first} to {last} [m], sols without a row: "
        "not at all. From NASA's published traverse (MMGIS M20 waypoints, US Government data), its "
        "counter held over mid-drive points; made by builders/build_drives.py.",
        "sol,driven_m",
        f"{first},0.0",
    ]
    lines += [
        f"{int(sol)},{metres:.1f}"
        for sol, metres in zip(sols, driven, strict=True)
        if metres > 0.0 and sol < last
    ]
    lines.append(f"{last},{driven[-1]:.1f}")
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines) - 2} sols, {driven.sum() / 1e3:.2f} km, written to {TARGET}")


if __name__ == "__main__":
    main()

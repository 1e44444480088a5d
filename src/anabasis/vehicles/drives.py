"""How far Perseverance drove, sol by sol: the series from which its habits are learnt.

The table is `data/perseverance-drives.csv` (MMGIS; `builders/build_drives.py` makes it from the
published traverse). Loads no jax.
"""

from __future__ import annotations

import functools

import numpy as np
from jaxtyping import Float

from anabasis.vehicles.tube import rows_of

Series = Float[np.ndarray, " n"]

MOVED = 0.5
"""A sol with less than this [m] is a turn on the spot or a correction, not a drive."""


@functools.cache
def _table() -> tuple[int, Series]:
    rows = rows_of("perseverance-drives.csv")
    sols = [int(row["sol"]) for row in rows]
    series = np.zeros(sols[-1] - sols[0] + 1)
    for sol, row in zip(sols, rows, strict=True):
        series[sol - sols[0]] = float(row["driven_m"])
    return sols[0], series


def driven(first: int, last: int) -> Series:
    """Distance [m] driven on each sol from ``first`` to ``last``, both included.

    Raises:
        ValueError: outside the record.
    """
    start, series = _table()
    if not start <= first <= last < start + len(series):
        raise ValueError(f"the record of drives covers sols {start} to {start + len(series) - 1}")
    return series[first - start : last - start + 1].copy()

"""Tables of columns as CSV: units in the names, every number so that it reads back the same."""

from __future__ import annotations

import csv
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np


def write_csv(path: pathlib.Path, columns: Mapping[str, Any]) -> None:
    """Write columns of equal length; what is no number becomes an empty cell."""
    names = list(columns)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for row in zip(*(np.asarray(columns[n]).tolist() for n in names), strict=True):
            writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return ""
    return repr(value) if isinstance(value, float) else str(value)

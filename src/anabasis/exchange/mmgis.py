"""Reads NASA's published traverse (MMGIS waypoints): GeoJSON as served, or a table of the same.

    {"features": [{"properties": {"sol": 13, "lon": 77.45, "dist_m": 0.0}}]}
    sol,lat_deg,lon_deg,dist_m,dist_total_m_raw,...

Only the text becomes numbers here; what the numbers are worth is judged elsewhere. A column that
is absent, or a cell that is empty, is NaN. Nothing in the file is executed.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

LARGEST = 64 << 20
"""A file larger than this is no traverse [bytes]: the full one has 0.1 MB as a table."""

NAMES: dict[str, tuple[str, ...]] = {
    "sol": ("sol",),
    "latitude_deg": ("lat_deg", "lat", "latitude_deg", "latitude"),
    "longitude_deg": ("lon_deg", "lon", "longitude_deg", "longitude"),
    "elevation_m": ("elev_geoid_m", "elev_geoid", "elevation_m"),
    "easting_m": ("easting_m", "easting"),
    "northing_m": ("northing_m", "northing"),
    "tilt_deg": ("tilt_deg", "tilt"),
    "leg_m": ("dist_m",),
    "counter_m": ("dist_total_m_raw", "dist_total_m", "dist_total", "odometer_m"),
}
"""Our name of a column -> the names it goes by in the files; the first that is there counts."""
WORDS: dict[str, tuple[str, ...]] = {
    "rmc": ("rmc", "RMC"),
    "utc": ("utc_at_sol_noon", "utc", "UTC"),
    "note": ("note", "Note", "notes"),
}
IGNORED = ("sample_ht_cm",)
"""Columns known to be wrong in the source (lengths shifted against their samples): never read."""


class Unreadable(ValueError):
    """The file is no traverse: what is wrong, at which key, with which value, what to do."""

    def __init__(self, message: str, *, key: str = "", value: Any = None, hint: str = "") -> None:
        super().__init__(message)
        self.key = key
        self.value = value
        self.hint = hint


@dataclasses.dataclass(frozen=True)
class Waypoints:
    """The columns of a traverse, one entry per waypoint, in the order of the file.

    Attributes:
        numbers: by our names (`NAMES`), each of shape (n,); NaN where the file has nothing.
        words: by our names (`WORDS`), each a tuple of n.
        ignored: columns of the file that were left unread because the source has them wrong.
    """

    numbers: Mapping[str, np.ndarray]
    words: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.numbers["sol"])


def parse_waypoints(content: bytes) -> Waypoints:
    """The waypoints of a file's content, GeoJSON or a table with commas.

    Raises:
        Unreadable: where it is neither, a column is missing, or a cell is no number.
    """
    if len(content) > LARGEST:
        raise Unreadable(f"is larger than {LARGEST} bytes", hint="name the waypoint layer")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(
            "is no text in UTF-8", hint="name M20_waypoints.json or its table"
        ) from None
    rows = _features(text) if text.lstrip()[:1] in ("{", "[") else _table(text)
    if not rows:
        raise Unreadable("holds no waypoint", hint="name M20_waypoints.json or its table")
    return _columns(rows)


def _features(text: str) -> list[tuple[int, dict[str, Any]]]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("is no valid JSON", hint="fetch it again") from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise Unreadable("is JSON without features", key="features", hint="name M20_waypoints.json")
    rows: list[tuple[int, dict[str, Any]]] = []
    for number, feature in enumerate(features):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise Unreadable("a feature without properties", key=f"features.{number}")
        row = dict(properties)
        geometry = feature.get("geometry")
        place = geometry.get("coordinates") if isinstance(geometry, dict) else None
        if isinstance(place, list) and len(place) >= 2:
            row.setdefault("lon", place[0])
            row.setdefault("lat", place[1])
        rows.append((number, row))
    return rows


def _table(text: str) -> list[tuple[int, dict[str, Any]]]:
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines:
        return []
    try:
        reader = csv.DictReader(io.StringIO("\n".join(line for _, line in lines)), strict=True)
        names = reader.fieldnames or []
        if len(set(names)) != len(names):
            raise Unreadable("has a column twice", value=", ".join(names)[:60])
        rows = list(reader)
    except csv.Error as wrong:
        raise Unreadable(f"is no table with commas: {wrong}") from None
    uneven = [i for i, row in enumerate(rows) if None in row or None in row.values()]
    if uneven:
        raise Unreadable(
            "a line has not as many cells as the heading", key=f"waypoint {uneven[0] + 1}"
        )
    return list(enumerate(rows, start=1))


def _columns(rows: list[tuple[int, dict[str, Any]]]) -> Waypoints:
    present = set().union(*(row.keys() for _, row in rows))
    chosen = {ours: _first(theirs, present) for ours, theirs in NAMES.items()}
    places = (("latitude_deg", "longitude_deg"), ("easting_m", "northing_m"))
    if chosen["sol"] is None:
        raise _missing("sol")
    if not any(chosen[a] and chosen[b] for a, b in places):
        raise _missing("latitude_deg" if chosen["latitude_deg"] is None else "longitude_deg")
    if chosen["leg_m"] is None and chosen["counter_m"] is None:
        raise _missing("counter_m")
    numbers = {
        ours: np.array(
            [
                math.nan if theirs is None else _number(row.get(theirs), theirs, at)
                for at, row in rows
            ]
        )
        for ours, theirs in chosen.items()
    }
    words = {
        ours: tuple(str(row.get(_first(theirs, present) or "") or "") for _, row in rows)
        for ours, theirs in WORDS.items()
    }
    return Waypoints(numbers, words, tuple(name for name in IGNORED if name in present))


def _first(names: tuple[str, ...], present: set[str]) -> str | None:
    return next((name for name in names if name in present), None)


def _missing(ours: str) -> Unreadable:
    return Unreadable(
        "this column is missing",
        key=NAMES[ours][0],
        hint=f"it goes by {' or '.join(NAMES[ours])}",
    )


def _number(cell: Any, name: str, at: int) -> float:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return math.nan
    try:
        number = math.nan if isinstance(cell, bool) else float(cell)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Unreadable("is no number", key=f"waypoint {at}: {name}", value=cell, hint="mend it")
    return number

"""NASA's published traverse, mended: what its waypoints say once their known defects are seen.

The counter of the published layer falls back to zero at mid-drive points, a place may be copied
from its neighbour, a drive of several sols stands under its last. Each is mended or marked, each is
counted, and nothing is changed silently.

    counter   0 -- 252 -- 0 -- 391 ...        as published: falls to zero at mid-drive points
    odometer  0 -- 252 -- 252 -- 391 ...      held until it counts again
"""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from anabasis.exchange.mmgis import Unreadable, Waypoints
from anabasis.units import SOL
from anabasis.worlds.calendar import epoch_of_sol, epoch_of_utc

Series = Float[np.ndarray, " n"]
Legs = Float[np.ndarray, " m"]

LATITUDE_SCALE, LONGITUDE_SCALE = 59274.697, 56222.651
"""Metres of northing and easting per degree on NASA's maps of the traverse (MMGIS; `derived`)."""
SAME_PLACE = 5.0
"""Latitude and longitude this far from easting and northing [m] are another place."""
SAME_SOL = 1.5
"""A date this far from its sol's noon [sols] contradicts it."""
SHORT = 1.0
"""A counter that advances less than the straight line by more than this [m] has lost distance."""
LONG_LEG = 20.0
"""Legs shorter than this [m] say nothing about slope and detour."""
MOVED = 0.5
"""A sol with less than this [m] is a turn on the spot or a correction, not a drive."""


@dataclasses.dataclass(frozen=True)
class Record:
    """A traverse, mended.

    Attributes:
        sol, latitude_deg, longitude_deg, elevation, odometer, leg: by waypoint, shape (n,);
            elevation above the areoid and odometer, leg in [m].
        held: True where the counter was missing and the odometer holds its last value.
        moved: places taken from easting and northing, because latitude and longitude disagreed.
        doubtful: dates that contradict their sols; the sol is kept.
        short: waypoints at which the counter advanced less than the straight line.
        dropped: waypoints left out: the same place and counter twice, or no place at all.
        ignored: columns left unread because the source has them wrong.
    """

    sol: Series
    latitude_deg: Series
    longitude_deg: Series
    elevation: Series
    odometer: Series
    leg: Series
    held: Bool[np.ndarray, " n"]
    moved: tuple[int, ...]
    doubtful: tuple[int, ...]
    short: tuple[int, ...]
    dropped: int
    ignored: tuple[str, ...]


def mend(raw: Waypoints) -> Record:
    """The traverse behind the published waypoints.

    1. Waypoints are put in the order of their sols (stable), exact repetitions are dropped.
    2. Latitude and longitude that are missing, or more than 5 m from easting and northing, are
       taken from these.
    3. A counter of zero, or none, after it has counted is a gap: the odometer holds. A counter that
       begins anew goes on from where it was. Without a counter the legs are summed.
    4. A date that contradicts its sol is marked, the sol is kept.

    Raises:
        Unreadable: where a sol is no whole number, or a place is off the planet.
    """
    numbers = raw.numbers
    sol = numbers["sol"]
    bad = np.flatnonzero(~(np.isfinite(sol) & (sol == np.floor(sol)) & (sol >= 0.0)))
    if bad.size:
        at = int(bad[0])
        raise Unreadable(
            "a sol is a whole number from 0", key=f"waypoint {at + 1}: sol", value=float(sol[at])
        )
    latitude, longitude, moved = _places(numbers)
    known = np.isfinite(latitude) & np.isfinite(longitude)
    off = np.flatnonzero(known & ((np.abs(latitude) > 90.0) | (np.abs(longitude) > 360.0)))
    if off.size:
        at = int(off[0])
        raise Unreadable(
            "is no place on Mars",
            key=f"waypoint {at + 1}: lat, lon",
            value=f"{latitude[at]:.10g}, {longitude[at]:.10g}",
        )
    doubtful = {at for at, utc in enumerate(raw.words["utc"]) if utc and _contradicts(sol[at], utc)}

    order = [int(at) for at in np.argsort(sol, kind="stable") if known[at]]
    keep: list[int] = []
    seen: set[tuple[Any, ...]] = set()
    for at in order:
        same = (
            sol[at],
            latitude[at],
            longitude[at],
            raw.words["rmc"][at],
            str(numbers["counter_m"][at]),
            str(numbers["leg_m"][at]),
        )
        if same not in seen:
            seen.add(same)
            keep.append(at)
    if not keep:
        raise Unreadable("holds no waypoint with a place", hint="name the waypoint layer")
    chosen = np.array(keep)
    leg = numbers["leg_m"][chosen]
    odometer, held = _odometer(numbers["counter_m"][chosen], leg)
    straight = np.concatenate(([0.0], _steps(latitude[chosen], longitude[chosen])))
    counted = np.flatnonzero(~held)
    lines = np.diff(np.cumsum(straight)[counted])
    short = [
        int(at)
        for at, line, gain in zip(counted[1:], lines, np.diff(odometer[counted]), strict=True)
        if gain < line - SHORT
    ]
    where = {at: place for place, at in enumerate(keep)}
    return Record(
        sol=sol[chosen],
        latitude_deg=latitude[chosen],
        longitude_deg=longitude[chosen],
        elevation=numbers["elevation_m"][chosen],
        odometer=odometer,
        leg=leg,
        held=held,
        moved=tuple(where[at] for at in moved if at in where),
        doubtful=tuple(sorted(where[at] for at in doubtful if at in where)),
        short=tuple(short),
        dropped=len(sol) - len(keep),
        ignored=raw.ignored,
    )


def _places(numbers: Any) -> tuple[Series, Series, list[int]]:
    latitude, longitude = numbers["latitude_deg"].copy(), numbers["longitude_deg"].copy()
    north, east = numbers["northing_m"] / LATITUDE_SCALE, numbers["easting_m"] / LONGITUDE_SCALE
    has_map = np.isfinite(north) & np.isfinite(east)
    absent = ~(np.isfinite(latitude) & np.isfinite(longitude))
    apart = np.hypot((latitude - north) * LATITUDE_SCALE, (longitude - east) * LONGITUDE_SCALE)
    wrong = has_map & (absent | (apart > SAME_PLACE))
    latitude[wrong], longitude[wrong] = north[wrong], east[wrong]
    return latitude, longitude, [int(at) for at in np.flatnonzero(wrong & ~absent)]


def _contradicts(sol: float, utc: str) -> bool:
    try:
        dated = epoch_of_utc(utc)
    except ValueError:
        return True
    return abs(dated - float(epoch_of_sol(float(sol), lmst_h=12.0))) > SAME_SOL * SOL


def _odometer(counter: Series, leg: Series) -> tuple[Series, Bool[np.ndarray, " n"]]:
    """Odometer [m] that never falls, and where it had to be held."""
    odometer = np.zeros(len(counter))
    held = np.zeros(len(counter), dtype=bool)
    if not np.isfinite(counter).any():
        return np.cumsum(np.nan_to_num(leg)), held
    reached, before, base = 0.0, 0.0, 0.0
    for at, reading in enumerate(counter):
        if not np.isfinite(reading) or (reading == 0.0 and reached > 0.0):
            held[at] = True
        else:
            if reading < before / 2.0:
                base = reached  # it began anew; a small step back is a correction
            before = reading
            reached = max(reached, base + reading)
        odometer[at] = reached
    return odometer, held


def _steps(latitude_deg: Series, longitude_deg: Series) -> Float[np.ndarray, " m"]:
    """Straight lines between successive places [m], in NASA's map projection."""
    return np.hypot(
        np.diff(latitude_deg) * LATITUDE_SCALE, np.diff(longitude_deg) * LONGITUDE_SCALE
    )


def odometer_at(record: Record, sol: int | float) -> float:
    """What the rover had driven [m] by the end of a sol."""
    at = int(np.searchsorted(record.sol, sol, side="right")) - 1
    return float(record.odometer[max(at, 0)])


def driven_by_sol(record: Record) -> tuple[Float[np.ndarray, " s"], Float[np.ndarray, " s"]]:
    """Distance driven [m] under each sol that has waypoints, shape (s,), and those sols.

    A mid-drive point has no counter: its distance is in the next counted one, so a drive of several
    sols stands under its last (`spans`).
    """
    sols = np.unique(record.sol)
    at = np.searchsorted(record.sol, sols, side="right") - 1
    total = record.odometer[at]
    return sols, np.diff(total, prepend=record.odometer[0])


def spans(record: Record) -> dict[int, int]:
    """Sols whose distance may have been driven over several sols -> over how many.

    Where mid-drive points without a counter lie between two counted waypoints that are two or more
    sols apart, nobody can say on which of these sols the distance was driven.
    """
    found: dict[int, int] = {}
    counted: float = record.sol[0]
    between = False
    for at in range(1, len(record.sol)):
        if record.held[at]:
            between = True
            continue
        if between and record.sol[at] - counted >= 2:
            found[int(record.sol[at])] = int(record.sol[at] - counted) + 1
        counted, between = record.sol[at], False
    return found


def statistics(record: Record) -> dict[str, Any]:
    """Drive statistics of a traverse, names carrying their units."""
    sols, driven = driven_by_sol(record)
    moving = driven > MOVED
    merged = spans(record)
    single = moving & ~np.isin(sols, list(merged))
    straight = _steps(record.latitude_deg, record.longitude_deg)
    polyline = float(straight.sum())
    odometer = float(record.odometer[-1] - record.odometer[0])
    span = float(record.sol[-1] - record.sol[0]) or 1.0
    whole = float(record.sol[-1]) or 1.0
    moved = sols[driven > 0.0]
    stops = np.diff(moved)
    longest = np.argsort(-stops, kind="stable")[:6]
    rise = np.diff(record.elevation)
    long = (straight > LONG_LEG) & np.isfinite(rise)
    grade = np.degrees(np.arctan2(rise, straight))[long]
    counted = np.flatnonzero(~record.held)
    along = np.concatenate(([0.0], np.cumsum(straight)))
    legs, lines = np.diff(record.odometer[counted]), np.diff(along[counted])
    gained = np.diff(record.elevation[counted])
    ratio = (legs / np.maximum(lines, 1e-9))[(legs > LONG_LEG) & (lines > 0.0)]
    best = int(np.argmax(np.where(single, driven, 0.0)))

    def quantiles(values: Any, shares: tuple[float, ...]) -> dict[str, float | None]:
        return {
            f"p{round(100 * share)}": float(np.quantile(values, share)) if len(values) else None
            for share in shares
        }

    per_sol = driven[moving]
    return {
        "waypoint_count": len(record.sol),
        "first_sol": int(record.sol[0]),
        "last_sol": int(record.sol[-1]),
        "odometer_km": odometer / 1e3,
        "sum_of_legs_km": float(np.nansum(record.leg)) / 1e3,
        "polyline_km": polyline / 1e3,
        "path_ratio": odometer / polyline if polyline else None,
        "mean_m_per_sol": odometer / whole,
        "moving_sol_count": int(moving.sum()),
        "moving_sol_share": float(moving.sum()) / span,
        "moving_sol_m": {
            "mean": float(per_sol.mean()) if len(per_sol) else None,
            **quantiles(per_sol, (0.5, 0.75, 0.9, 0.95)),
        },
        "best_single_sol": {"sol": int(sols[best]), "m": float(driven[best])},
        "drives_of_several_sols": [
            {"sol": sol, "sols": count, "m": float(driven[np.searchsorted(sols, sol)])}
            for sol, count in merged.items()
        ],
        "longest_stops": [
            {"from_sol": int(moved[at]), "to_sol": int(moved[at + 1]), "sols": int(stops[at])}
            for at in longest
        ],
        "height_m": {
            "minimum": _finite(record.elevation, np.nanmin),
            "maximum": _finite(record.elevation, np.nanmax),
        },
        "leg_path_ratio": {
            "mean": float(ratio.mean()) if len(ratio) else None,
            **quantiles(ratio, (0.5, 0.9)),
        },
        "path_ratio_by_grade": by_grade(legs, lines, gained),
        "leg_grade_deg": {
            "count": len(grade),
            **quantiles(np.abs(grade), (0.5, 0.9, 0.95)),
            "minimum": _finite(grade, np.min),
            "maximum": _finite(grade, np.max),
        },
        "mended": {
            "counter_held_count": int(record.held.sum()),
            "place_from_map_count": len(record.moved),
            "date_contradicts_sol_count": len(record.doubtful),
            "counter_short_of_line_count": len(record.short),
            "dropped_count": record.dropped,
            "ignored_columns": list(record.ignored),
        },
    }


GRADES = (0.0, 2.0, 5.0, 10.0, 90.0)
"""Bounds of the classes of grade [deg]."""


def by_grade(legs: Legs, lines: Legs, rises: Legs) -> list[dict[str, Any]]:
    """Path over straight line by class of grade: whether slopes make the rover go round.

    Args:
        legs: distance counted between waypoints [m].
        lines: straight lines between them [m].
        rises: heights gained [m], NaN where unknown.
    """
    good = (legs > LONG_LEG) & (lines > LONG_LEG) & np.isfinite(rises)
    leg, line = legs[good], lines[good]
    grade = np.degrees(np.arctan2(np.abs(rises[good]), line))
    found = []
    for low, high in itertools.pairwise(GRADES):
        inside = (grade >= low) & (grade < high)
        if inside.any():
            found.append(
                {
                    "from_deg": low,
                    "to_deg": high,
                    "leg_count": int(inside.sum()),
                    "path_ratio": float(leg[inside].sum() / line[inside].sum()),
                }
            )
    return found


def _finite(values: Any, pick: Any) -> float | None:
    return float(pick(values)) if np.isfinite(values).any() else None


def path_table(record: Record, source: str) -> str:
    """The traverse in the form of this package's own path table (``sol, place, height, odometer``).

    Args:
        record: as mended.
        source: one line that says where it comes from.
    """
    out = io.StringIO()
    out.write(f"# {' '.join(source.split())}\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["sol", "lat_deg", "lon_deg", "elevation_m", "odometer_m"])
    for at in range(len(record.sol)):
        height = record.elevation[at]
        writer.writerow(
            [
                int(record.sol[at]),
                f"{record.latitude_deg[at]:.8f}",
                f"{record.longitude_deg[at]:.8f}",
                f"{height:.2f}" if np.isfinite(height) else "",
                f"{record.odometer[at]:.1f}",
            ]
        )
    return out.getvalue()

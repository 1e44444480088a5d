"""The shortest safe drive over a grid of heights: no step steeper than allowed, none through a ban.

    . . # .     a step goes to one of eight neighbours; its length is that of the slope, and it
    . \\ # .     counts more where the wheels slip on the grade; a diagonal needs both its
    . . \\_.     neighbours free, so that no corner is cut

Optimal on the graph of the grid (Dijkstra 1959). Eight directions make a free path up to 8.2 %
longer than the straight line: the answer tells both.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from jaxtyping import Bool, Float
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

Heights = Float[np.ndarray, "r c"]
Free = Bool[np.ndarray, "r c"]

STEEPEST = math.radians(20.0)
"""Practical limit of the slope of a drive [rad]; drivers avoid 30 deg (COMP)."""
SLIP_PER_GRADE = 0.5 / math.tan(math.radians(17.0))
"""Slip on a grade, per unit of its tangent: Opportunity made half of its way up the 17 deg of Eagle
crater (NASA, March 2004). `assumed` for Jezero: that was loose ground, so it is on the careful
side."""
STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))


@dataclasses.dataclass(frozen=True)
class GridRoute:
    """A drive over a grid.

    Attributes:
        cells: (row, column) of each corner, start first.
        length: along the slopes [m].
        wheels: what the wheels turn, slip included [m].
        straight: straight line from start to goal [m].
        steepest: of its steps [rad].
        climb: sum of the rises [m].
    """

    cells: tuple[tuple[int, int], ...]
    length: float
    wheels: float
    straight: float
    steepest: float
    climb: float


def slip_factor(grade: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Wheels' path over ground's path on a grade [rad]: 1 / (1 - slip), slip at most 0.8."""
    return 1.0 / (1.0 - np.minimum(SLIP_PER_GRADE * np.tan(np.abs(grade)), 0.8))


def blocked(
    height: Heights, cell: float, keep_out: tuple[tuple[float, float, float], ...] = ()
) -> Free:
    """Squares that must not be entered: without height, or inside a circle.

    Args:
        height: [m], NaN where unknown.
        cell: side of a square [m].
        keep_out: circles (row, column, radius), the first two in squares, the radius in [m].
    """
    banned = ~np.isfinite(height)
    rows, columns = np.indices(height.shape)
    for row, column, radius in keep_out:
        banned |= np.hypot(rows - row, columns - column) * cell <= radius
    return banned


def plan_grid_route(
    height: Heights,
    cell: float,
    start: tuple[int, int],
    goal: tuple[int, int],
    steepest: float = STEEPEST,
    keep_out: tuple[tuple[float, float, float], ...] = (),
) -> GridRoute | None:
    """The drive from start to goal that turns the wheels least; None where there is none.

    Args:
        height: [m], NaN where unknown, shape (rows, columns).
        cell: side of a square [m].
        start, goal: (row, column).
        steepest: slope of a step [rad].
        keep_out: circles, as of `blocked`.
    """
    banned = blocked(height, cell, keep_out)
    if banned[start] or banned[goal]:
        return None
    count = height.size
    number = np.arange(count).reshape(height.shape)
    ends, cost = [], []
    for down, right in STEPS:
        here, there = _shifted(number, down, right)
        free = ~(banned.ravel()[here] | banned.ravel()[there])
        if down and right:
            side = _corners(number, down, right)
            free &= ~(banned.ravel()[side[0]] | banned.ravel()[side[1]])
        rise = np.abs(height.ravel()[there] - height.ravel()[here])
        flat = cell * math.hypot(down, right)
        grade = np.arctan2(rise, flat)
        free &= grade <= steepest
        wheels = np.hypot(flat, rise) * slip_factor(grade)
        ends.append(np.stack([here[free], there[free]]))
        cost.append(wheels[free])
    pair = np.concatenate(ends, axis=1)
    graph = coo_array((np.concatenate(cost), (pair[0], pair[1])), shape=(count, count)).tocsr()
    first, last = int(number[start]), int(number[goal])
    away, before = dijkstra(graph, directed=False, indices=first, return_predecessors=True)
    if not np.isfinite(away[last]):
        return None
    path = [last]
    while path[-1] != first:
        path.append(int(before[path[-1]]))
    path.reverse()
    cells = [tuple(int(v) for v in divmod(at, height.shape[1])) for at in path]
    at = np.array(cells, dtype=float).reshape(-1, 2)
    flat = cell * np.hypot(np.diff(at[:, 0]), np.diff(at[:, 1]))
    rise = np.diff(height.ravel()[path])
    return GridRoute(
        tuple((row, column) for row, column in cells),
        float(np.hypot(flat, rise).sum()),
        float(away[last]),
        cell * math.hypot(goal[0] - start[0], goal[1] - start[1]),
        float(np.arctan2(np.abs(rise), flat).max(initial=0.0)),
        float(np.maximum(rise, 0.0).sum()),
    )


def _shifted(number: np.ndarray, down: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the squares from which, and to which, a step goes."""
    rows, columns = number.shape
    left, ends = max(0, -right), min(columns, columns - right)
    here = number[: rows - down, left:ends]
    there = number[down:, left + right : ends + right]
    return here.ravel(), there.ravel()


def _corners(number: np.ndarray, down: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    """The two squares that a diagonal step passes between."""
    rows, columns = number.shape
    left, ends = max(0, -right), min(columns, columns - right)
    beside = number[: rows - down, left + right : ends + right]
    below = number[down:, left:ends]
    return beside.ravel(), below.ravel()

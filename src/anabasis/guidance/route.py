"""The way back: the shortest drive over ground the rover knows.

Known ground is the rover's own path with its heights, and straight links between points of it that
lie close together. Where the goal lies off that ground, the last stretch is a straight line over
an interpolated surface and marked assumed.

        fix --- fix --- fix            === driven before
                   \\                   \\\\\\ linked: two known points, less than the link apart
          fix ===== fix ...... goal    ... assumed: nobody has been there
"""

from __future__ import annotations

import itertools
from typing import Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.compiled import compiled

Points = Float[np.ndarray, " n"]
Ground = Literal["driven", "linked", "assumed"]

LINK = 500.0
"""Two points of the path closer than this [m] may be joined by a straight drive (`assumed`)."""
STEEPEST = float(np.radians(20.0))
"""No link is steeper than this: practical limit 20 to 25 deg, drivers' limit 30 (COMP)."""


class KnownGround(eqx.Module):
    """Points the rover has stood on, in the order in which it did.

    Attributes:
        latitude, longitude: planetocentric [rad], shape (n,).
        elevation: above the areoid [m], shape (n,); gaps already filled along the path.
        radius: of the sphere on which distances are measured [m].
    """

    latitude: Points
    longitude: Points
    elevation: Points
    radius: float


class Route(eqx.Module):
    """A drive: its corners, what kind of ground lies between them, and how long it is.

    Attributes:
        latitude, longitude: of the corners [rad], shape (n,), start first.
        elevation: of the corners [m], shape (n,).
        ground: of the n - 1 stretches between them.
        length: along the corners, slope included [m]; wheels drive more (the path ratio).
        assumed_length: of it, over ground nobody has driven or linked [m].
    """

    latitude: Points
    longitude: Points
    elevation: Points
    ground: tuple[Ground, ...] = eqx.field(static=True)
    length: float
    assumed_length: float


@compiled
def ground_distance(
    latitude: Scalar,
    longitude: Scalar,
    other_latitude: Scalar,
    other_longitude: Scalar,
    radius: Scalar,
) -> Scalar:
    """Great-circle distance on a sphere [m]; angles in radians.

        sin^2(d / 2R) = sin^2(dlat / 2) + cos lat1 cos lat2 sin^2(dlon / 2)

    Differentiable everywhere; the derivative at zero distance is taken as zero.
    """
    chord = (
        jnp.sin((other_latitude - latitude) / 2) ** 2
        + jnp.cos(latitude)
        * jnp.cos(other_latitude)
        * jnp.sin((other_longitude - longitude) / 2) ** 2
    )
    apart = chord > 0.0
    return jnp.where(apart, 2 * radius * jnp.arcsin(jnp.sqrt(jnp.where(apart, chord, 0.25))), 0.0)


def known_ground(
    latitude: Points, longitude: Points, elevation: Points, radius: float
) -> KnownGround:
    """Ground from a list of points; unknown heights (NaN) are filled linearly along the path."""
    along = np.concatenate(([0.0], np.cumsum(np.diagonal(_apart(latitude, longitude, radius), 1))))
    known = ~np.isnan(elevation)
    filled = np.interp(along, along[known], elevation[known])
    return KnownGround(latitude, longitude, filled, radius)


def plan_route(
    ground: KnownGround,
    start: tuple[float, float],
    goal: tuple[float, float],
    link: float = LINK,
    steepest: float = STEEPEST,
) -> Route:
    """The shortest drive from start to goal over known ground (Dijkstra 1959).

    Start and goal are joined to every point of the path within ``link``; where there is none, to
    the nearest point by a straight drive over assumed ground. Where they are closer to each other
    than to that point, a straight drive joins them too.

    Args:
        ground: where the rover has been.
        start, goal: latitude and longitude [rad].
        link: longest straight drive between two known points [m].
        steepest: steepest such drive [rad]; stretches the rover has driven are exempt.

    Returns:
        The route; its length is infinite for no input, since assumed ground joins everything.
    """
    latitude = np.concatenate((ground.latitude, [start[0], goal[0]]))
    longitude = np.concatenate((ground.longitude, [start[1], goal[1]]))
    count = len(ground.latitude)
    apart = _apart(latitude, longitude, ground.radius)
    ends = [_height(apart[k, :count], ground.elevation) for k in (count, count + 1)]
    elevation = np.concatenate((ground.elevation, ends))

    rise = np.abs(elevation[:, None] - elevation[None, :])
    length = np.hypot(apart, rise)
    linked = (apart < link) & (rise <= apart * np.tan(steepest))
    if not (linked[count, :count].any() and linked[count + 1, :count].any()):
        linked[count, count + 1] = linked[count + 1, count] = False
    driven = np.zeros_like(linked)
    step = np.arange(count - 1)
    driven[step, step + 1] = driven[step + 1, step] = True
    assumed = np.zeros_like(linked)
    for end in (count, count + 1):
        if not linked[end, :count].any():
            nearest = int(np.argmin(apart[end, :count]))
            assumed[end, nearest] = assumed[nearest, end] = True
    reach = float(apart[assumed].max(initial=0.0))
    assumed[count, count + 1] = assumed[count + 1, count] = apart[count, count + 1] < reach

    # A zero weight means "no edge" to the solver: two fixes at one place keep a millimetre.
    weight = np.where(linked | driven | assumed, np.maximum(length, 1e-3), 0.0)
    np.fill_diagonal(weight, 0.0)
    _, before = dijkstra(csr_matrix(weight), indices=count, return_predecessors=True)
    corners = [count + 1]
    while corners[-1] != count:
        corners.append(int(before[corners[-1]]))
    corners.reverse()

    kinds: list[Ground] = []
    total = unknown = 0.0
    for first, second in itertools.pairwise(corners):
        kind: Ground = (
            "driven" if driven[first, second] else "linked" if linked[first, second] else "assumed"
        )
        kinds.append(kind)
        total += float(length[first, second])
        unknown += float(length[first, second]) if kind == "assumed" else 0.0
    at = np.array(corners)
    return Route(latitude[at], longitude[at], elevation[at], tuple(kinds), total, unknown)


def straight_route(
    ground: KnownGround, start: tuple[float, float], goal: tuple[float, float]
) -> Route:
    """The straight line from start to goal, all of it over assumed ground."""
    latitude, longitude = np.array([start[0], goal[0]]), np.array([start[1], goal[1]])
    all_latitude = np.concatenate((ground.latitude, latitude))
    all_longitude = np.concatenate((ground.longitude, longitude))
    apart = _apart(all_latitude, all_longitude, ground.radius)
    count = len(ground.latitude)
    elevation = np.array([_height(apart[k, :count], ground.elevation) for k in (count, count + 1)])
    length = float(np.hypot(apart[count, count + 1], elevation[1] - elevation[0]))
    return Route(latitude, longitude, elevation, ("assumed",), length, length)


def stop_short(route: Route, stand_off: float, radius: float) -> Route:
    """The same route, ended where it first comes within a distance of its goal.

    Args:
        route: as planned to the goal.
        stand_off: straight distance from the goal at which to stop [m].
        radius: of the sphere [m].

    Returns:
        The shortened route; a single corner of no length where the start is that close already.
    """
    away = _apart(route.latitude, route.longitude, radius)[:, -1]
    if away[0] <= stand_off:
        first = slice(0, 1)
        return Route(
            route.latitude[first], route.longitude[first], route.elevation[first], (), 0.0, 0.0
        )
    end = int(np.argmax(away <= stand_off))
    share = _crossing(route, end, stand_off, radius)
    latitude, longitude, elevation = (
        np.append(values[:end], values[end - 1] + share * (values[end] - values[end - 1]))
        for values in (route.latitude, route.longitude, route.elevation)
    )
    flat = np.diagonal(_apart(latitude, longitude, radius), 1)
    steps = np.hypot(flat, np.diff(elevation))
    unknown = sum(
        step for step, kind in zip(steps, route.ground[:end], strict=True) if kind == "assumed"
    )
    ground = route.ground[:end]
    return Route(latitude, longitude, elevation, ground, float(steps.sum()), float(unknown))


def _crossing(route: Route, end: int, stand_off: float, radius: float) -> float:
    """Where on the stretch into corner ``end`` the goal comes within the stand-off (bisection)."""
    low, high = 0.0, 1.0
    for _ in range(50):
        share = (low + high) / 2
        latitude, longitude = (
            values[end - 1] + share * (values[end] - values[end - 1])
            for values in (route.latitude, route.longitude)
        )
        pair = _apart(
            np.array([latitude, route.latitude[-1]]),
            np.array([longitude, route.longitude[-1]]),
            radius,
        )
        low, high = (share, high) if pair[0, 1] > stand_off else (low, share)
    return high


def _apart(latitude: Points, longitude: Points, radius: float) -> Float[np.ndarray, "n n"]:
    """Great-circle distances between all pairs [m]."""
    chord = (
        np.sin((latitude[:, None] - latitude[None, :]) / 2) ** 2
        + np.cos(latitude)[:, None]
        * np.cos(latitude)[None, :]
        * np.sin((longitude[:, None] - longitude[None, :]) / 2) ** 2
    )
    return 2 * radius * np.arcsin(np.sqrt(chord))


def _height(apart: Points, elevation: Points) -> float:
    """Height of a place from the points around it, weighted by inverse distance squared [m]."""
    if apart.min() < 1e-6:
        return float(elevation[int(np.argmin(apart))])
    weight = apart**-2.0
    return float(np.sum(weight * elevation) / np.sum(weight))

"""Diagrams that are more than a column over another: porkchops, B-planes, the meeting, the places.

Each is a `Plot`: the curves and points that are drawn, with units in their names. `anabasis plot`
draws it with matplotlib, the page as SVG, and CSV holds the same numbers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from anabasis.units import DAY
from anabasis.viewer.run import Run, Track

PLANETS = {
    "mars": (42828.375, 3396.19),
    "earth": (398600.4415, 6378.137),
}
"""Gravitational parameter [km^3/s^2] and equatorial radius [km] of what a B-plane lies before."""
SIDE = 56
"""Dates along each side of a porkchop's grid."""
BEFORE_AFTER = 55.0
"""How far a porkchop reaches to both sides of what was flown [day]."""
C3_LEVELS = (4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 30.0)
SPEED_LEVELS = (2.5, 3.0, 3.5, 4.0, 5.0, 6.0)
CORRIDOR = 0.5
"""Half the width of the entry corridor that a B-plane shows about the flown angle [deg]."""


@dataclasses.dataclass(frozen=True)
class Curve:
    """One line of a plot: columns of equal length, with units in their names.

    Attributes:
        kind: ``line``, ``dashed``, or ``dots`` for points that no line joins.
        family: curves of one family share a colour; its own where empty.
    """

    label: str
    x: np.ndarray
    y: np.ndarray
    kind: str = "line"
    family: str = ""


@dataclasses.dataclass(frozen=True)
class Plot:
    """What is drawn: axes in words and one or more curves.

    Attributes:
        points: places with a name: x, y, words.
        named: whether curves of a family carry their label where they run.
        dotted: whether no line joins the points of any curve.
        frames: rectangles: left, right, bottom, top, and what they are.
    """

    title: str
    x_name: str
    y_name: str
    curves: tuple[Curve, ...]
    equal: bool = False
    points: tuple[tuple[float, float, str], ...] = ()
    named: bool = True
    dotted: bool = False
    frames: tuple[tuple[float, float, float, float, str], ...] = ()


Maker = Callable[[Run], "Plot | None"]


def makers() -> Iterator[tuple[str, str, Maker]]:
    """Name, what it shows, and how it is made, for every diagram there may be."""
    for phase in ("lander_outbound", "orbiter_outbound", "homeward"):
        yield f"{phase}_porkchop", "C3 and arrival speed over dates about the flown ones", _for(
            porkchop, phase
        )  # fmt: skip
        yield f"{phase}_b_plane", "aim, corridor and planet in the B-plane", _for(b_plane, phase)
    yield "rendezvous_orbiter_frame", "the container as the orbiter sees it", relative_motion
    yield "rendezvous_last_day", "the same, from the last day on", last_day
    yield "landing_site", "ground track, target and touchdown", _for(place, "landing")
    yield "arrival_site", "ground track, target and landing of the capsule", _for(place, "arrival")
    yield "ascent_attitude", "where thrust and velocity point", attitude


def _for(make: Callable[..., Plot | None], *phases: str) -> Maker:
    return lambda run: make(run, *phases)


# --- leaving and arriving


def porkchop(run: Run, phase: str) -> Plot | None:
    """Lines of equal C3 and of equal arrival speed about the dates that were flown."""
    track = run.tracks.get(phase)
    if track is None or track.centre != "sun":
        return None
    from contourpy import contour_generator

    from anabasis.mechanics.compiled import keep_programs
    from anabasis.studies.windows import porkchop as grid_of
    from anabasis.worlds.ephemeris import EpochOutOfRange

    epochs = track.columns["et_s"]
    days = np.linspace(-BEFORE_AFTER, BEFORE_AFTER, SIDE)
    keep_programs()
    try:
        grid = grid_of(
            epochs[0] + days * DAY, epochs[-1] + days * DAY, homeward=phase == "homeward"
        )
    except EpochOutOfRange:
        return None
    curves = []
    c3, arrive = np.asarray(grid.c3) / 1e6, np.asarray(grid.arrival_v_infinity) / 1e3
    # the ridge of half a turn, where nobody flies, would be one black band of lines
    ridge = (c3 > 1.3 * C3_LEVELS[-1]) | (arrive > 1.3 * SPEED_LEVELS[-1])
    for values, levels, family, unit, kind in (
        (np.where(ridge, np.nan, c3), C3_LEVELS, "C3", "km²/s²", "line"),
        (np.where(ridge, np.nan, arrive), SPEED_LEVELS, "arrival", "km/s", "dashed"),
    ):
        lines = contour_generator(days, days, np.ma.masked_invalid(values.T))
        for level in levels:
            for line in lines.lines(level):
                points = np.asarray(line)
                if np.sum(np.linalg.norm(np.diff(points, axis=0), axis=1)) < 12.0:
                    continue
                label = f"{family} {level:g} {unit}"
                curves.append(Curve(label, points[:, 0], points[:, 1], kind, family))
    if not curves:
        return None
    return Plot(
        f"{phase}: ballistic arcs about the one flown",
        "departure_after_the_flown_day",
        "arrival_after_the_flown_day",
        tuple(curves),
        points=((0.0, 0.0, "flown"),),
    )


def b_plane(run: Run, phase: str) -> Plot | None:
    """Where a cruise was aimed, across its asymptote: T in the planet's equator, R down from it.

    b = r v cos(gamma) / v_inf,     v^2 = v_inf^2 + 2 gm / r
    """
    figures = run.journey["phases"].get(phase, {}).get("figures", {})
    speed, angle = figures.get("approach_v_infinity_km_s"), figures.get("b_plane_angle_deg")
    slope = figures.get("interface_flight_path_angle_deg")
    track = run.tracks.get(phase)
    if None in (speed, angle, slope) or track is None or track.centre != "sun":
        return None
    planet = "earth" if phase == "homeward" else "mars"
    gm, radius = PLANETS[planet]
    from anabasis.worlds.ephemeris import load_ephemeris

    place = np.asarray(load_ephemeris().position(planet, np.asarray(track.columns["et_s"][-1])))
    interface = float(np.linalg.norm(track.position()[-1] - place / 1e3))

    def aimed(slope_deg: float) -> float:
        fast = np.sqrt(speed**2 + 2.0 * gm / interface)
        return float(interface * fast * np.cos(np.radians(slope_deg)) / speed)

    turn = np.linspace(0.0, 2.0 * np.pi, 181)
    hit = radius * float(np.sqrt(1.0 + 2.0 * gm / (radius * speed**2)))

    def ring(label: str, size: float, kind: str = "line") -> Curve:
        return Curve(label, size * np.cos(turn), size * np.sin(turn), kind)

    here = aimed(slope)
    curves = [ring(planet.capitalize(), radius), ring("what hits it", hit, "dashed")]
    words = {"homeward": "capsule", "lander_outbound": "lander"}.get(phase, "orbiter")
    if words != "orbiter":
        curves += [
            ring(f"{slope + step:.1f}° at the interface", aimed(slope + step), "dashed")
            for step in (-CORRIDOR, CORRIDOR)
        ]
    at = np.radians(angle)
    miss = figures.get("arrival_miss_km")
    told = f"{words}, aimed and met" + ("" if miss is None else f" within {1e6 * miss:.0f} mm")
    return Plot(
        f"{phase}: the B-plane",
        "b_dot_t_km",
        "b_dot_r_km",
        tuple(curves),
        equal=True,
        points=((here * float(np.cos(at)), here * float(np.sin(at)), told),),
    )


# --- the meeting


def relative_motion(run: Run) -> Plot | None:
    """The container about the orbiter: how far ahead, how far above; the whole meeting."""
    track = run.tracks.get("rendezvous")
    if track is None or "container_along_km" not in track.columns:
        return None
    step = max(1, len(track) // 4000)
    return _seen(track, slice(None, None, step), "the whole meeting")


def last_day(run: Run) -> Plot | None:
    """The same in the last day, in which the two come together."""
    track = run.tracks.get("rendezvous")
    if track is None or "container_along_km" not in track.columns:
        return None
    epochs = track.columns["et_s"]
    first = int(np.searchsorted(epochs, epochs[-1] - DAY))
    return _seen(track, slice(first, None), "the last day")


def _seen(track: Track, chosen: slice, words: str) -> Plot:
    """Along the orbit and above it: an arc of the orbiter's own circle is a straight line here."""
    radius = np.linalg.norm(track.position()[chosen], axis=1)
    along = np.asarray(track.columns["container_along_km"])[chosen]
    out = radius + np.asarray(track.columns["container_radial_km"])[chosen]
    ahead, above = radius * np.arctan2(along, out), np.hypot(along, out) - radius
    # half way round, ahead becomes behind: no line joins the two
    jumps = np.abs(np.diff(ahead, prepend=ahead[0])) > 0.5 * np.pi * radius
    ahead = np.where(jumps, np.nan, ahead)
    return Plot(
        f"rendezvous, orbiter's frame: {words}",
        "container_ahead_km",
        "container_above_km",
        (Curve("container", ahead, above),),
        points=(
            (float(ahead[0]), float(above[0]), "first"),
            (0.0, 0.0, "orbiter"),
        ),
    )


# --- places


def place(run: Run, phase: str) -> Plot | None:
    """East and north of the target: the ground track's end, where it was to come down and did."""
    track = run.tracks.get(phase)
    if track is None or "latitude_deg" not in track.columns:
        return None
    from anabasis.viewer.sky import sites_of

    sites = sites_of(run)
    name = {"landing": "site", "arrival": "range"}[phase]
    end = [float(track.columns[f"{k}_deg"][-1]) for k in ("latitude", "longitude")]
    target = sites.get(name, end)
    radius = PLANETS.get(track.centre, (0.0, 3396.19))[1]
    north = np.radians(track.columns["latitude_deg"] - target[0]) * radius
    east = np.radians(track.columns["longitude_deg"] - target[1]) * radius
    east = east * np.cos(np.radians(target[0]))
    # the last 30 km are enough to see where it came from
    near = np.hypot(east - east[-1], north - north[-1]) < 30.0
    first = len(near) - int(np.argmin(near[::-1])) if not near.all() else 0
    limits = run.journey["phases"][phase]["limits"]
    allowed = next((x for x in limits if x["figure"].endswith("miss_km")), None)
    curves = [Curve("ground track", east[first:], north[first:])]
    if allowed is not None and isinstance(allowed["limit"], float | int):
        turn = np.linspace(0.0, 2.0 * np.pi, 121)
        size = float(allowed["limit"])
        curves.append(
            Curve(f"allowed, {size:g} km", size * np.cos(turn), size * np.sin(turn), "dashed")
        )
    missed = float(np.hypot(east[-1], north[-1]))
    words = f"touchdown, {1e3 * missed:.0f} m off the target" if missed < 0.3 else "touchdown"
    points = [(float(east[-1]), float(north[-1]), words)]
    if missed >= 0.3:
        points.append((0.0, 0.0, "target"))
    return Plot(
        f"{phase}: about the target",
        "east_km",
        "north_km",
        tuple(curves),
        equal=True,
        points=tuple(points),
    )


# --- the rocket


def attitude(run: Run) -> Plot | None:
    """Elevation above the horizon of the velocity and of the thrust, which is the rocket's nose."""
    track = run.tracks.get("ascent")
    if track is None or "thrust_kN" not in track.columns or "mass_kg" not in track.columns:
        return None
    epochs = track.columns["et_s"]
    kept = np.flatnonzero(np.diff(epochs, prepend=-np.inf) > 1e-6)
    if len(kept) < 8:
        return None
    t, p, v = epochs[kept], track.position()[kept], track.velocity()[kept]
    r = np.linalg.norm(p, axis=1)
    up = p / r[:, None]
    seconds = t - t[0]
    path = np.degrees(
        np.arcsin(np.clip(np.sum(v * up, axis=1) / np.linalg.norm(v, axis=1), -1.0, 1.0))
    )
    curves = [Curve("velocity, inertial", seconds, path)]
    body = [track.columns.get(f"q_i_from_b_{k}") for k in "wxyz"]
    if all(column is not None for column in body):
        w, x, y, z = (np.asarray(column)[kept] for column in body)
        nose = np.stack(
            [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z), 2.0 * (x * z - w * y)], axis=1
        )
        curves.append(Curve("nose", seconds, _elevation(nose, up)))
    else:
        # without its own attitude: what is left of the acceleration when gravity is taken off
        middle = 0.5 * (seconds[1:] + seconds[:-1])
        place = 0.5 * (p[1:] + p[:-1])
        size = np.linalg.norm(place, axis=1)[:, None]
        push = np.diff(v, axis=0) / np.diff(t)[:, None] + PLANETS["mars"][0] * place / size**3
        thrust = np.asarray(track.columns["thrust_kN"])[kept]
        burning = (thrust[1:] > 0.1) & (thrust[:-1] > 0.1)
        raised = np.where(burning, _elevation(push, place / size), np.nan)
        curves.append(Curve("thrust less drag", middle, raised))
    return Plot("ascent: attitude", "elapsed_s", "elevation_deg", tuple(curves), named=False)


def _elevation(direction: np.ndarray, up: np.ndarray) -> np.ndarray:
    along = np.sum(direction * up, axis=1) / np.linalg.norm(direction, axis=1)
    return np.degrees(np.arcsin(np.clip(along, -1.0, 1.0)))


def diagrams_of(run: Run) -> list[dict[str, Any]]:
    """Every diagram this run has, as the page takes them."""
    found = []
    for name, _, make in makers():
        plot = make(run)
        if plot is not None:
            phase = next(p for p in run.journey["phases"] if name.startswith(f"{p}_"))
            found.append(as_json(name, plot, phase))
    return found


def as_json(name: str, plot: Plot, phase: str) -> dict[str, Any]:
    """A diagram as the page takes it: numbers with five digits, gaps as null."""
    return {
        "name": name,
        "phase": phase,
        "title": plot.title,
        "x": plot.x_name,
        "y": plot.y_name,
        "equal": plot.equal,
        "named": plot.named,
        "curves": [
            {
                "label": c.label,
                "kind": c.kind,
                "family": c.family,
                "x": _short(c.x),
                "y": _short(c.y),
            }
            for c in plot.curves
        ],
        "points": [[float(x), float(y), words] for x, y, words in plot.points],
    }


def _short(values: np.ndarray) -> list[float | None]:
    step = max(1, len(values) // 1500)
    kept = np.asarray(values, dtype=float)[np.r_[0 : len(values) - 1 : step, len(values) - 1]]
    return [float(f"{v:.6g}") if np.isfinite(v) else None for v in kept]

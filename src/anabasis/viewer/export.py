"""A run as files of other tools: which arcs it has, how densely their nodes must stand, and names.

    track --split at burns and staging--> arcs --thin while 1 m holds--> OEM, SPK, CZML

Every arc is tried: nodes are left out, and what a Hermite polynomial through the others says at
their places is compared with them. A cruise does not hold a metre: its points lie hours and days
apart, dense output of an adaptive integrator. Its middle is written with the error it has, stated
in its comment, and without the hours near the planets. A track whose points lie too far apart for
any such polynomial (the spiral and the waiting orbits, told in mean elements) is not written as if
it could be read between its points: it is left out, and the header says so.
"""

from __future__ import annotations

import functools
import itertools
import os
import pathlib
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.exchange.arc import Arc
from anabasis.exchange.parquet import Column, write_table
from anabasis.viewer.run import Run, Track
from anabasis.worlds.calendar import epoch_of_utc, utc_of_epoch

FORMATS = ("oem", "spk", "czml", "parquet", "csv")
CENTRES = {"sun": 10, "mars": 499, "earth": 399}
OBJECTS = {
    "lander_outbound": ("lander", -990001),
    "entry": ("lander", -990001),
    "landing": ("lander", -990001),
    "orbiter_outbound": ("orbiter", -990002),
    "insertion": ("orbiter", -990002),
    "rendezvous": ("orbiter", -990002),
    "homeward": ("orbiter", -990002),
    "ascent": ("ascender", -990003),
    "arrival": ("capsule", -990004),
}
"""Phase -> what flies in it, and a number no mission has. On the ground nothing is exported."""
SWITCHINGS = (
    "parachute_deploy",
    "heat_shield_separation",
    "backshell_separation",
    "powered_descent_start",
    "stage_one_burnout",
    "stage_separation",
    "stage_two_ignition",
    "stage_two_burnout",
    "capture_burn",
)
"""Events at which an acceleration jumps: an arc ends there."""
ALLOWED = 0.5e-3
"""What interpolation may add between nodes [km]: half of the metre that is promised."""
LOOSE = 0.1
"""What is put up with on a cruise, stated in the arc's comment [km]."""
DEGREES = (7, 11)
STRIDES = (32, 16, 8, 4, 2)


def export_run(run: Run, form: str, out: pathlib.Path | None) -> list[pathlib.Path]:
    """Write a run in one format.

    Args:
        run: what is written.
        form: one of `FORMATS`.
        out: folder; ``export`` in the run's folder where None.

    Returns:
        The files.

    Raises:
        BadInput: for another format, or where a format needs what is not installed.
    """
    if form not in FORMATS:
        raise BadInput(
            "no such format",
            file="command line",
            key="--format",
            value=form,
            allowed=", ".join(FORMATS),
        )
    folder = run.folder / "export" if out is None else out
    if form in ("parquet", "csv"):
        folder.mkdir(parents=True, exist_ok=True)
        return [_table(run, phase, form, folder) for phase in run.tracks]
    arcs, left_out = arcs_of(run)
    if not arcs:
        raise BadInput(
            "this run holds no arc that can be written: " + "; ".join(left_out),
            file=str(run.folder),
            hint="--format csv writes the tracks as they are",
        )
    if form == "spk":
        _ask_for_spiceypy()
    folder.mkdir(parents=True, exist_ok=True)
    about = comments_of(run, left_out)
    name = run.journey["scenario"]
    if form == "oem":
        from anabasis.exchange.oem import calendar, write_oem

        # a message is about one object; its date is that of its data, so that the same run gives
        # the same file
        created = calendar(float(arcs[0].epoch[0]))
        files = []
        for who in dict.fromkeys(arc.object_name for arc in arcs):
            own = [arc for arc in arcs if arc.object_name == who]
            write = functools.partial(write_oem, arcs=own, created=created, comments=about)
            files.append(_safely(folder / f"{name}-{who}.oem", write))
        return files
    if form == "spk":
        from anabasis.exchange.spk import write_spk

        return [_safely(folder / f"{name}.bsp", lambda p: write_spk(p, arcs, about))]
    from anabasis.exchange.czml import write_czml

    spans = [(utc_of_epoch(a.epoch[0]), utc_of_epoch(a.epoch[-1])) for a in arcs]
    return [_safely(folder / f"{name}.czml", lambda p: write_czml(p, name, arcs, spans))]


def comments_of(run: Run, left_out: list[str]) -> list[str]:
    """What stands in the header of a file."""
    journey = run.journey
    lines = [
        f"Scenario {journey['scenario']}, hash {journey['scenario_hash']}",
        f"anabasis {journey['anabasis_version']}, seed {journey['seed']}",
        "A simulated flight, not a tracked one. Axes J2000, times TDB.",
        "Object numbers are made up: -990001 lander, -990002 orbiter, -990003 ascender, "
        "-990004 capsule.",
        "Arcs end at burns, staging and separations; each says how well it holds between nodes.",
    ]
    return lines + [f"Left out: {text}" for text in left_out]


def arcs_of(run: Run) -> tuple[list[Arc], list[str]]:
    """The arcs of a run, and in words what is left out and why."""
    arcs: list[Arc] = []
    left_out: list[str] = []
    for phase, track in run.tracks.items():
        if phase not in OBJECTS or track.centre not in CENTRES:
            left_out.append(f"{phase} (nothing flies)")
            continue
        for piece in _pieces(run, phase, track):
            arc = _arc(phase, track, piece)
            if arc is None:
                gap = float(np.median(np.diff(track.columns["et_s"][piece])))
                left_out.append(
                    f"part of {phase} (points {gap:.0f} s apart: nothing holds between)"
                )
            else:
                arcs.append(arc)
    return arcs, left_out


def _pieces(run: Run, phase: str, track: Track) -> list[np.ndarray]:
    """Indices of the points between one switching and the next.

    Two points of one epoch that differ are the two sides of a burn, or of a change of centre; two
    that agree are one.
    """
    epochs = track.columns["et_s"]
    speed = track.velocity()
    kept = np.flatnonzero(np.diff(epochs, prepend=-np.inf) > 1e-3)
    jumps = np.linalg.norm(np.diff(speed, axis=0, prepend=speed[:1]), axis=1) > 1e-6
    after = np.flatnonzero(jumps & (np.diff(epochs, prepend=-np.inf) <= 1e-3))
    if len(kept) < 2:
        return []
    # place among the kept points -> the point that begins the next arc there
    cuts: dict[int, int] = {}
    for event in run.journey["events"]:
        if event["phase"] == phase and event["name"] in SWITCHINGS and event["et_s"] is not None:
            place = int(np.argmin(np.abs(epochs[kept] - event["et_s"])))
            cuts[place] = int(kept[place])
    for burn in run.journey["delta_v"]:
        if burn["phase"] == phase and burn["utc"]:
            begun = epoch_of_utc(burn["utc"])
            if epochs[0] < begun < epochs[-1]:
                place = int(np.argmin(np.abs(epochs[kept] - begun)))
                cuts.setdefault(place, int(kept[place]))
    thrust = track.columns.get("thrust_kN")
    if thrust is not None:
        burning = thrust[kept] > 1e-9
        for place in np.flatnonzero(np.diff(burning.astype(int))) + 1:
            cuts[int(place)] = int(kept[place])
    for point in after:
        cuts[int(np.searchsorted(kept, point)) - 1] = int(point)
    edges = sorted({0, len(kept) - 1, *cuts})
    pieces = []
    for first, last in itertools.pairwise(edges):
        inner = kept[first : last + 1].copy()
        inner[0] = cuts.get(first, int(kept[first]))
        pieces.append(inner)
    return pieces


def _arc(phase: str, track: Track, points: np.ndarray) -> Arc | None:
    name, number = OBJECTS[phase]
    epoch = track.columns["et_s"][points]
    position, velocity = track.position()[points], track.velocity()[points]
    chosen, degree = _spacing(epoch, position, velocity)
    promise = 1.0
    if chosen is None:
        chosen, degree, error = _middle(epoch, position, velocity)
        promise = float(np.ceil(1e3 * error))
    if chosen is None:
        return None
    ends = "" if len(points) < 9 or (chosen[0], chosen[-1]) == (0, len(points) - 1) else (
        ", without the hours near the planets"
    )  # fmt: skip
    epoch, position, velocity = epoch[chosen], position[chosen], velocity[chosen]
    whole = np.round(epoch * 1e3) / 1e3
    shift = (whole - epoch)[:, None]
    slope = np.gradient(velocity, epoch, axis=0) if len(epoch) > 1 else np.zeros_like(velocity)
    return Arc(
        name,
        number,
        track.centre,
        CENTRES[track.centre],
        whole,
        position + velocity * shift + 0.5 * slope * shift**2,
        velocity + slope * shift,
        degree,
        f"{phase}, {len(whole)} of {len(points)} points; within {promise:.0f} m between them{ends}",
    )


def _spacing(
    epoch: np.ndarray, position: np.ndarray, velocity: np.ndarray
) -> tuple[np.ndarray | None, int]:
    """Which points become nodes: as few as hold the others within `ALLOWED`; None where none do."""
    n = len(epoch)
    whole = np.arange(n)
    if n <= 8:  # too few to leave any out
        return whole, min(DEGREES[0], 2 * n - 1)
    for degree in DEGREES:
        for stride in STRIDES:
            if n < 4 * stride:
                continue
            nodes = np.unique(np.append(whole[::stride], n - 1))
            if len(nodes) < (degree + 1) // 2 + 1:
                continue
            others = np.setdiff1d(whole, nodes)
            told = hermite(epoch[nodes], position[nodes], velocity[nodes], epoch[others], degree)
            worst = float(np.max(np.linalg.norm(told - position[others], axis=1)))
            if worst < ALLOWED:
                return nodes, degree
            if stride == 2 and worst < ALLOWED * 2.0 ** (degree - 2):
                # every point: halving the step divides the error by 2 ** (degree + 1)
                return whole, degree
    return None, 0


def _middle(
    epoch: np.ndarray, position: np.ndarray, velocity: np.ndarray
) -> tuple[np.ndarray | None, int, float]:
    """The longest stretch in which each point is found from its neighbours within `LOOSE`.

    Returns:
        Its points, the degree, and the worst miss [km]; None where it is under half of the arc.
    """
    degree = DEGREES[0]
    n = len(epoch)
    whole = np.arange(n)
    miss = np.zeros(n)
    for first in (0, 1):
        nodes = whole[first::2]
        if len(nodes) < degree:
            return None, 0, 0.0
        others = np.setdiff1d(whole, nodes)
        told = hermite(epoch[nodes], position[nodes], velocity[nodes], epoch[others], degree)
        miss[others] = np.linalg.norm(told - position[others], axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (miss < LOOSE).astype(int), [0]])))
    runs = edges.reshape(-1, 2)
    if not len(runs):
        return None, 0, 0.0
    first, last = max(runs, key=lambda run: epoch[run[1] - 1] - epoch[run[0]])
    if epoch[last - 1] - epoch[first] < 0.5 * (epoch[-1] - epoch[0]):
        return None, 0, 0.0
    return whole[first:last], degree, float(np.max(miss[first:last]))


def hermite(
    epoch: np.ndarray,
    position: np.ndarray,
    velocity: np.ndarray,
    at: np.ndarray,
    degree: int,
) -> np.ndarray:
    """Positions [m, 3] between nodes, by a Hermite polynomial through the nearest of them.

    Args:
        epoch, position, velocity: of the nodes [n], [n, 3], [n, 3].
        at: when [m].
        degree: odd; (degree + 1) / 2 nodes are used.
    """
    window = min((degree + 1) // 2, len(epoch))
    after = np.searchsorted(epoch, at)
    first = np.clip(after - window // 2, 0, len(epoch) - window)
    rows = first[:, None] + np.arange(window)
    scale = np.maximum(epoch[rows[:, -1]] - epoch[rows[:, 0]], 1e-12)
    t = (epoch[rows] - at[:, None]) / scale[:, None]  # [m, w]
    z = np.repeat(t, 2, axis=1)
    table = np.repeat(position[rows], 2, axis=1)  # [m, 2w, 3]
    slopes = velocity[rows] * scale[:, None, None]
    answer, product = table[:, 0].copy(), np.ones(len(at))
    for order in range(1, 2 * window):
        gap = z[:, order:] - z[:, :-order]
        same = gap == 0.0
        new = (table[:, 1:] - table[:, :-1]) / np.where(same, 1.0, gap)[:, :, None]
        if order == 1:
            new[:, ::2] = slopes
        table = new
        product = product * (0.0 - z[:, order - 1])
        answer = answer + product[:, None] * table[:, 0]
    return answer


def _table(run: Run, phase: str, form: str, folder: pathlib.Path) -> pathlib.Path:
    track = run.tracks[phase]
    target = folder / f"{phase}.{form}"
    if form == "csv":
        from anabasis.exchange.csv import write_csv

        return _safely(target, lambda p: write_csv(p, track.columns))
    frames = {name: "J2000" for name in track.columns if name.startswith(("position", "velocity"))}
    columns = [
        Column(
            name,
            values,
            track.units.get(name, ""),
            frames.get(name, ""),
            track.centre if name in frames else "",
        )
        for name, values in track.columns.items()
    ]
    about = {"scenario_hash": run.journey["scenario_hash"], "phase": phase}
    return _safely(target, lambda p: write_table(p, columns, about))


def _safely(target: pathlib.Path, write: Callable[[pathlib.Path], Any]) -> pathlib.Path:
    """Write beside, then rename: a file is whole or is not there."""
    with tempfile.TemporaryDirectory(prefix=".export.", dir=target.parent) as beside:
        half = pathlib.Path(beside) / target.name
        write(half)
        os.replace(half, target)
    return target


def _ask_for_spiceypy() -> None:
    import importlib.util

    if importlib.util.find_spec("spiceypy") is None:
        raise BadInput(
            "SPK files are written by spiceypy, which is not installed",
            file="command line",
            key="--format",
            value="spk",
            hint="pip install anabasis[spk]",
        )

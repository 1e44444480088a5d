"""Static plots of a run, for papers and notebooks: `journey.plot.<name>()`, `anabasis plot`.

Each plot is first a table of the columns it draws; PNG, SVG and CSV are three ways to write it.
Matplotlib is imported when something is drawn, not before.
"""

from __future__ import annotations

import dataclasses
import os
import pathlib
import tempfile
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.units import FACTORS
from anabasis.viewer import ascents
from anabasis.viewer.run import Run, Track, of_journey, open_run

if TYPE_CHECKING:
    from anabasis.campaign.journey import Journey

AU_KM = 149597870.7
INK, GRID = "#22201d", "#e2dbcf"
HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b07d00", "#56b4e9")
"""Okabe and Ito's colours: they differ for colour-blind readers too."""
FORMS = ("png", "svg", "csv")


@dataclasses.dataclass(frozen=True)
class Curve:
    """One line of a plot: columns of equal length, with units in their names."""

    label: str
    x: np.ndarray
    y: np.ndarray


@dataclasses.dataclass(frozen=True)
class Plot:
    """What is drawn: axes in words and one or more curves."""

    title: str
    x_name: str
    y_name: str
    curves: tuple[Curve, ...]
    equal: bool = False
    points: tuple[tuple[float, float, str], ...] = ()
    dotted: bool = False
    frames: tuple[tuple[float, float, float, float, str], ...] = ()
    """Rectangles: left, right, bottom, top, and what they are."""


def _bare(name: str) -> tuple[str, str]:
    """A column's name without its unit, and the unit."""
    for unit in sorted([*FACTORS, "AU"], key=len, reverse=True):
        if unit and name.endswith(f"_{unit}"):
            return name[: -len(unit) - 1], unit
    return name, ""


def _over_time(
    phase: str, column: str, words: str
) -> tuple[str, str, Callable[[Run], Plot | None]]:
    def make(run: Run) -> Plot | None:
        track = run.tracks.get(phase)
        if track is None or column not in track.columns:
            return None
        seconds = _elapsed(track)
        return Plot(
            f"{phase}: {words}",
            "elapsed_s",
            column,
            (Curve(phase, seconds, track.columns[column]),),
            points=_events(run, phase, track, seconds, track.columns[column]),
        )

    return f"{phase}_{_bare(column)[0]}", words, make


def _across(phase: str, x: str, y: str, name: str, words: str) -> Any:
    def make(run: Run) -> Plot | None:
        track = run.tracks.get(phase)
        if track is None or x not in track.columns or y not in track.columns:
            return None
        xs, ys = track.columns[x], track.columns[y]
        return Plot(
            f"{phase}: {words}",
            x,
            y,
            (Curve(phase, xs, ys),),
            points=_events(run, phase, track, xs, ys),
        )

    return f"{phase}_{name}", words, make


def _several(
    phase: str, name: str, columns: Callable[[Track], ascents.Columns | None], words: str
) -> tuple[str, str, Callable[[Run], Plot | None]]:
    """Several curves over one time, which another file reads off a track."""

    def make(run: Run) -> Plot | None:
        track = run.tracks.get(phase)
        found = None if track is None else columns(track)
        if track is None or found is None:
            return None
        axis, curves = found
        seconds = _elapsed(track)
        drawn = tuple(Curve(label, seconds, values) for label, values in curves.items())
        first = drawn[0].y
        return Plot(
            f"{phase}: {words}", "elapsed_s", axis, drawn,
            points=_events(run, phase, track, seconds, first),
        )  # fmt: skip

    return f"{phase}_{name}", words, make


def _elapsed(track: Track) -> np.ndarray:
    return track.columns.get("elapsed_s", track.columns["et_s"] - track.columns["et_s"][0])


def _events(
    run: Run, phase: str, track: Track, xs: np.ndarray, ys: np.ndarray
) -> tuple[tuple[float, float, str], ...]:
    found = []
    epochs = track.columns["et_s"]
    for event in run.journey["events"]:
        if event["phase"] != phase or event["et_s"] is None:
            continue
        if epochs[0] - 1.0 <= event["et_s"] <= epochs[-1] + 1.0:
            i = int(np.argmin(np.abs(epochs - event["et_s"])))
            found.append((float(xs[i]), float(ys[i]), event["name"].replace("_", " ")))
    return tuple(found)


def _sky(run: Run) -> Plot | None:
    curves = [
        Curve(phase, track.position()[:, 0] / AU_KM, track.position()[:, 1] / AU_KM)
        for phase, track in run.tracks.items()
        if track.centre == "sun"
    ]
    if not curves:
        return None
    return Plot("Paths about the Sun, axes of J2000", "x_AU", "y_AU", tuple(curves), equal=True)


def _mass(run: Run) -> Plot | None:
    curves = [
        Curve(phase, (t.columns["et_s"] / 31557600.0) + 2000.0, t.columns["mass_kg"])
        for phase, t in run.tracks.items()
        if "mass_kg" in t.columns and np.ptp(t.columns["mass_kg"]) > 0.0
    ]
    return Plot("Masses", "year", "mass_kg", tuple(curves)) if curves else None


_MAKERS: tuple[tuple[str, str, Callable[[Run], Plot | None]], ...] = (
    ("sky", "paths about the Sun", _sky),
    ("mass", "mass of everything that burns", _mass),
    *(
        entry
        for phase in ("entry", "landing", "ascent", "arrival")
        for entry in (
            _across(phase, "relative_speed_m_s", "altitude_km", "corridor", "altitude over speed"),
            _across(phase, "longitude_deg", "latitude_deg", "ground_track", "ground track"),
            _over_time(phase, "altitude_km", "altitude over time"),
            _over_time(phase, "relative_speed_m_s", "speed over the ground"),
            _over_time(phase, "deceleration_g", "deceleration or acceleration"),
            _over_time(phase, "dynamic_pressure_Pa", "dynamic pressure"),
            _over_time(phase, "heat_flux_W_cm2", "convective heating"),
            _over_time(phase, "mach", "Mach number"),
            _over_time(phase, "bank_deg", "bank angle"),
            _over_time(phase, "flight_path_angle_deg", "flight-path angle"),
            _over_time(phase, "thrust_kN", "thrust"),
            _over_time(phase, "mass_kg", "mass"),
        )
    ),
    _over_time("ascent", "speed_m_s", "inertial speed"),
    _over_time("ascent", "angle_of_attack_deg", "angle of attack"),
    _over_time("ascent", "thruster_propellant_kg", "propellant of the thrusters"),
    _several("ascent", "attitude", ascents.attitude, "where the nose points"),
    _several("ascent", "turn_rates", ascents.turn_rates, "how fast it turns across its axis"),
    _several("ascent", "spin", ascents.spin, "how fast it turns about its axis"),
    _several("ascent", "gimbal", ascents.gimbal, "deflection of the nozzle"),
    _over_time("insertion", "altitude_km", "altitude while spiralling down"),
    _over_time("rendezvous", "distance_km", "distance to the container"),
    _over_time("rendezvous", "semi_major_axis_km", "size of the orbiter's orbit"),
    _over_time("surface", "rover_driven_km", "what the rover drives"),
    _over_time("surface", "tubes_loaded", "tubes in the rocket"),
)


def what_can_be_drawn(run: Run) -> dict[str, str]:
    """Name of each plot this run has -> what it shows."""
    return {name: words for name, words, make in _MAKERS if make(run) is not None}


def plot_of(run: Run, name: str) -> Plot:
    """One plot by name.

    Raises:
        BadInput: where there is none of that name in this run.
    """
    for known, _, make in _MAKERS:
        if known == name and (made := make(run)) is not None:
            return made
    known = what_can_be_drawn(run)
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    raise BadInput(
        "this run has no such plot",
        file="command line",
        key="NAME",
        value=name,
        hint=f"did you mean {close[0]}?" if close else "anabasis plot DIR lists them",
    )


def draw(plot: Plot) -> Any:
    """A plot as a matplotlib ``Figure``."""
    import matplotlib
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "font.size": 11,
        "axes.edgecolor": GRID,
        "text.color": INK,
        "axes.labelcolor": INK,
        "xtick.color": INK,
        "ytick.color": INK,
    }
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(7.2, 4.6), layout="constrained")
        axes = figure.add_subplot()
        for hue, curve in zip(HUES * 3, plot.curves, strict=False):
            way: dict[str, Any] = {"lw": 1.8}
            if plot.dotted:
                way = {"lw": 0.0, "marker": "o", "ms": 3.0, "mew": 0.0, "alpha": 0.6}
            axes.plot(curve.x, curve.y, color=hue, label=curve.label.replace("_", " "), **way)
        for left, right, bottom, top, words in plot.frames:
            corners = ([left, right, right, left, left], [bottom, bottom, top, top, bottom])
            axes.plot(*corners, color=INK, lw=1.2, ls="--", label=words)
        near, step, last = 0.08 * _span(plot), 0, -np.inf
        for x, y, words in sorted(plot.points):
            axes.plot(x, y, "o", ms=5, mfc="white", mec=HUES[0], mew=1.4, zorder=4)
            step = step + 1 if x - last < near else 0  # names of neighbours one above the other
            last = x
            axes.annotate(words, (x, y), (6, 5 + 11 * step), textcoords="offset points", size=8)
        axes.set_xlabel(axis_of(plot.x_name))
        axes.set_ylabel(axis_of(plot.y_name))
        axes.set_title(plot.title.replace("_", " "), loc="left", size=12)
        axes.grid(color=GRID, lw=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        if plot.equal:
            axes.set_aspect("equal", adjustable="datalim")
        if len(plot.curves) + len(plot.frames) > 1:
            axes.legend(frameon=False, fontsize=9)
        return figure


def _span(plot: Plot) -> float:
    """How far the curves reach along x."""
    values = np.concatenate([curve.x for curve in plot.curves])
    values = values[np.isfinite(values)]
    return float(np.ptp(values)) if values.size else 0.0


def axis_of(name: str) -> str:
    """A column's name as words and unit: ``altitude_km`` as ``altitude [km]``."""
    bare, unit = _bare(name)
    words = bare.replace("_", " ")
    return f"{words} [{_SYMBOLS.get(unit, unit.replace('_', '/'))}]" if unit else words


_SYMBOLS = {
    "deg": "°", "W_cm2": "W/cm²", "m_s2": "m/s²", "g": "$g_0$", "percent": "%", "m_s": "m/s",
    "km_s": "km/s",
}  # fmt: skip


def save_plot(run: Run, name: str, form: str, out: pathlib.Path | None) -> pathlib.Path:
    """Write one plot as PNG or SVG, or the numbers it draws as CSV.

    Args:
        run: what is shown.
        name: of the plot.
        form: png, svg or csv; the ending of ``out`` says it too.
        out: file; ``plots/NAME.FORM`` in the run's folder where None.

    Raises:
        BadInput: for an unknown plot or form.
    """
    if out is not None and out.suffix[1:].lower() in FORMS:
        form = out.suffix[1:].lower()
    if form not in FORMS:
        raise BadInput(
            "no such format",
            file="command line",
            key="--format",
            value=form,
            allowed=", ".join(FORMS),
        )
    plot = plot_of(run, name)
    target = run.folder / "plots" / f"{name}.{form}" if out is None else out
    return write_plot(plot, target, form)


def write_plot(plot: Plot, target: pathlib.Path, form: str) -> pathlib.Path:
    """Write a plot to a file, whole or not at all.

    Args:
        plot: what is drawn.
        target: file; its folder is made.
        form: png, svg or csv.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".plot.", dir=target.parent) as beside:
        half = pathlib.Path(beside) / f"plot.{form}"
        if form == "csv":
            from anabasis.exchange.csv import write_csv

            write_csv(half, columns_of(plot))
        else:
            about = {"Date": None} if form == "svg" else {"Software": None}
            import matplotlib

            # names inside an SVG are salted by chance otherwise
            with matplotlib.rc_context({"svg.hashsalt": "anabasis"}):
                draw(plot).savefig(half, dpi=150, metadata=about)
        os.replace(half, target)
    return target


def columns_of(plot: Plot) -> Mapping[str, np.ndarray]:
    """What a plot draws, as columns: the curve's name, x and y."""
    return {
        "curve": np.concatenate([np.full(len(c.x), c.label) for c in plot.curves]),
        plot.x_name: np.concatenate([c.x for c in plot.curves]),
        plot.y_name: np.concatenate([c.y for c in plot.curves]),
    }


class Plots:
    """The plots of a run as methods: ``plots.entry_corridor()`` gives a matplotlib figure."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @classmethod
    def of(cls, what: Journey | str | os.PathLike[str]) -> Plots:
        """The plots of a journey flown with ``track=True``, or of a run's folder."""
        if isinstance(what, str | os.PathLike):
            return cls(open_run(what))
        return cls(of_journey(what))

    def __dir__(self) -> list[str]:
        return [*what_can_be_drawn(self._run), "of"]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            plot = plot_of(self._run, name)
        except BadInput as unknown:
            raise AttributeError(str(unknown)) from unknown

        def show(save: str | os.PathLike[str] | None = None) -> Any:
            """The figure; with ``save``, also written there as PNG, SVG or CSV by its ending."""
            if save is not None:
                path = pathlib.Path(save)
                save_plot(self._run, name, path.suffix[1:], path)
            return draw(plot)

        return show

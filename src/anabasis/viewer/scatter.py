"""Plots of an ensemble: where its cases end, as tables and pictures.

Only what the store holds is drawn; a lost case has no point, and is counted in the title.
"""

from __future__ import annotations

import difflib
import pathlib
from typing import Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.studies.ensemble import Ensemble, open_ensemble
from anabasis.studies.store import MANIFEST
from anabasis.viewer.plot import FORMS, Curve, Plot, write_plot

_PAIRS = (
    ("ascent_orbits", "apoapsis over periapsis, and the window", "ascent", "periapsis_km",
     "apoapsis_km"),
    ("landing_places", "where the lander stands", "landing", "longitude_deg", "latitude_deg"),
    ("arrival_places", "where the capsule lies", "arrival", "impact_longitude_deg",
     "impact_latitude_deg"),
    ("entry_places", "where what enters ends", "entry", "impact_longitude_deg",
     "impact_latitude_deg"),
)  # fmt: skip


def is_ensemble(folder: pathlib.Path) -> bool:
    """Whether a folder holds an ensemble rather than one run."""
    return (folder / MANIFEST).is_file()


def plots_of_ensemble(ensemble: Ensemble) -> dict[str, str]:
    """Name of each plot this ensemble has -> what it shows."""
    return {
        name: words
        for name, words, phase, x, y in _PAIRS
        if all(f"{phase}.{figure}" in ensemble.columns for figure in (x, y))
    }


def scatter(ensemble: Ensemble, name: str) -> Plot:
    """One plot by name.

    Raises:
        BadInput: where this ensemble has none of that name.
    """
    known = plots_of_ensemble(ensemble)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        raise BadInput(
            "this ensemble has no such plot",
            file="command line",
            key="NAME",
            value=name,
            hint=f"did you mean {close[0]}?" if close else "anabasis plot DIR lists them",
        )
    _, words, phase, x, y = next(pair for pair in _PAIRS if pair[0] == name)
    columns = [np.asarray(ensemble.column(f"{phase}.{figure}"), dtype=float) for figure in (x, y)]
    told = np.array([str(outcome or "") for outcome in ensemble.column("outcome")])
    there = np.isfinite(columns[0]) & np.isfinite(columns[1])
    reached = there & (told == "")
    curves = [Curve("nominal", columns[0][reached], columns[1][reached])]
    if np.any(there & ~reached):
        curves.append(Curve("lost", columns[0][there & ~reached], columns[1][there & ~reached]))
    missing = int(told.size - there.sum())
    title = f"{phase}: {words}; {told.size} cases"
    if missing:
        title += f", {missing} of them without a point"
    frames = window(ensemble) if name == "ascent_orbits" else ()
    return Plot(title, x, y, tuple(curves), dotted=True, frames=frames)


def window(ensemble: Ensemble) -> tuple[tuple[float, float, float, float, str], ...]:
    """The window of orbits as a frame: both apsides between the lowest and the highest [km]."""
    orders: Any = ensemble.scenario.parts.ascent
    if orders is None:
        return ()
    from anabasis.campaign.orders.ascent import AscentLimits

    limits: Any = orders.limits or AscentLimits()  # pyright: ignore[reportCallIssue]
    low, high = float(limits.lowest) / 1e3, float(limits.highest) / 1e3
    return ((low, high, low, high, f"window, {low:g} to {high:g} km"),)


def save_scatter(folder: pathlib.Path, name: str, form: str, out: pathlib.Path | None) -> Any:
    """Write one plot of an ensemble; as `viewer.plot.save_plot` does for a run.

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
    plot = scatter(open_ensemble(folder), name)
    return write_plot(plot, folder / "plots" / f"{name}.{form}" if out is None else out, form)

"""The entry corridor as a picture: angle over lift to drag, one band for each capsule's weight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np


def draw(edges: Sequence[Any], most_g: float, path: Path) -> None:
    """Draw a corridor into a file; the ending of its name says how (.png, .svg, .pdf)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 4.6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    weights = sorted({edge.ballistic_coefficient for edge in edges})
    for number, weight in enumerate(weights):
        rows = sorted(
            (e for e in edges if e.ballistic_coefficient == weight), key=lambda e: e.lift_to_drag
        )
        ratio = np.array([e.lift_to_drag for e in rows])
        steep, shallow = (np.array([getattr(e, n) for e in rows]) for n in ("steep", "shallow"))
        colour = f"C{number}"
        axes.fill_between(ratio, steep, shallow, color=colour, alpha=0.12)
        axes.plot(ratio, steep, color=colour, marker="o", label=f"{weight:g} kg/m$^2$")
        axes.plot(ratio, shallow, color=colour, marker="o", linestyle="--")
    axes.set_xlabel("lift to drag")
    axes.set_ylabel("flight-path angle at the interface [deg]")
    axes.set_title(f"solid: at most {most_g:g} g, lift up; dashed: no skip, lift down", fontsize=10)
    axes.legend(title="ballistic coefficient", frameon=False)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=130)

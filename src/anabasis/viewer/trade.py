"""The lightest rocket on one page: what it weighs, what would change it, and four trade curves.

Nothing here computes; it draws what `studies.sizing` found. Matplotlib is imported when needed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from anabasis.studies.sizing import Sized
from anabasis.viewer.picture import DOTS, FAINT, INK, MARS, PAPER, QUIET

_BLUE, _SAND = "#35658f", "#c8a46a"
_AXES = {
    "tubes": "tubes aboard",
    "altitude_km": "altitude of the orbit, km",
    "payload_kg": "payload, kg",
    "specific_impulse_change_s": "change of both specific impulses, s",
}
_PARTS = (
    ("first propellant", ("propellant_one",), MARS),
    ("second propellant", ("propellant_two",), "#d58a6f"),
    ("first inert", ("motor_one", "thrust_vector_control", "shell_one", "equipment_one"),
     _BLUE),
    ("second inert", ("motor_two", "shell_two", "equipment_two"), "#86a9c8"),
    ("payload", ("payload",), _SAND),
)  # fmt: skip
STEPS = (
    ("stage_one.specific_impulse_s", 1.0, "1 s of first specific impulse"),
    ("stage_two.specific_impulse_s", 1.0, "1 s of second specific impulse"),
    ("other_payload_kg", 1.0, "1 kg of payload"),
    ("sizing.equipment_one_kg", 1.0, "1 kg dropped with the first stage"),
    ("sizing.envelope_length_m", 0.1, "10 cm of envelope"),
    ("target.apoapsis_km", 10.0, "10 km of apoapsis"),
    ("target.inclination_deg", 1.0, "1 deg of inclination"),
    ("planet.density_factor", 0.1, "10 % of air"),
    ("sizing.inert_coefficient", 0.02833, "10 % of motor inert mass"),
    ("sizing.propellant_density_kg_m3", 50.0, "50 kg/m3 of grain density"),
)
"""Input, step, and how it is told: the bars of the second panel."""


def save_sizing(
    name: str,
    sized: Sized,
    trades: Mapping[str, list[tuple[float, float | None]]],
    path: str | os.PathLike[str],
) -> None:
    """Draw a sized rocket as a PNG.

    Args:
        name: of the scenario.
        sized: the rocket.
        trades: curves, from `studies.sizing.trade`.
        path: of the file.
    """
    figure = draw_sizing(name, sized, trades)
    figure.savefig(path, dpi=DOTS, facecolor=PAPER, metadata={"Software": None})


def draw_sizing(
    name: str, sized: Sized, trades: Mapping[str, list[tuple[float, float | None]]]
) -> Any:
    """The page as a matplotlib figure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.0, 9.4), facecolor=PAPER)
    figure.text(
        0.045, 0.962,
        f"The lightest rocket for {sized.figures['tubes']:.0f} tubes: "
        f"{sized.figures['lift_off_mass_kg']:.1f} kg",
        fontsize=18, color=INK, weight="bold",
    )  # fmt: skip
    figure.text(
        0.045, 0.934,
        f"{name}; {sized.figures['length_m']:.2f} m long, "
        f"{sized.figures['diameter_m']:.3f} m wide, "
        f"{sized.figures['payload_kg']:.2f} kg of payload",
        fontsize=12, color=QUIET,
    )  # fmt: skip
    grid = figure.add_gridspec(
        3, 4, left=0.06, right=0.975, top=0.885, bottom=0.075, hspace=0.62, wspace=0.32,
        height_ratios=(0.42, 1.35, 1.0),
    )  # fmt: skip
    _masses(figure.add_subplot(grid[0, :]), sized)
    _steps(figure.add_subplot(grid[1, 1:]), sized)
    masses = [m for rows in trades.values() for _, m in rows if m is not None]
    low, high = min(masses, default=0.0), max(masses, default=1.0)
    room = 0.08 * (high - low + 1.0)
    for column, (curve, rows) in enumerate(trades.items()):
        axes = figure.add_subplot(grid[2, column])
        _curve(axes, curve, rows, sized, first=column == 0)
        axes.set_ylim(low - room, high + room)
    return figure


def _plain(axes: Any) -> None:
    axes.set_facecolor(PAPER)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(FAINT)
    axes.tick_params(colors=QUIET, labelsize=10)


def _masses(axes: Any, sized: Sized) -> None:
    _plain(axes)
    left = 0.0
    for label, names, colour in _PARTS:
        mass = sum(sized.masses.get(name, 0.0) for name in names)
        axes.barh([0], [mass], left=[left], color=colour, height=0.62, edgecolor=PAPER)
        narrow = mass < 0.11 * sized.figures["lift_off_mass_kg"]
        if not narrow:
            axes.text(left + 0.5 * mass, 0.0, f"{mass:.1f}", ha="center", va="center",
                      color="white", fontsize=11)  # fmt: skip
        else:
            axes.text(left + 0.5 * mass, -0.62, f"{mass:.1f}", ha="center", va="center",
                      color=QUIET, fontsize=10)  # fmt: skip
        axes.text(left + 0.5 * mass, 0.44, label, ha="center", va="bottom", color=INK,
                  fontsize=10)  # fmt: skip
        left += mass
    axes.set_xlim(0.0, left * 1.03)
    axes.set_ylim(-0.8, 0.8)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("kg", color=QUIET, fontsize=10, loc="right")


def _steps(axes: Any, sized: Sized) -> None:
    _plain(axes)
    rows = [
        (label, step * sized.sensitivity[path])
        for path, step, label in STEPS
        if path in sized.sensitivity
    ]
    rows.sort(key=lambda row: abs(row[1]))
    places = range(len(rows))
    values = [value for _, value in rows]
    axes.barh(places, values, color=[MARS if v > 0 else _BLUE for v in values], height=0.62)
    span = max(abs(v) for v in values)
    for place, value in zip(places, values, strict=True):
        away = 0.02 * span if value >= 0 else -0.02 * span
        axes.text(value + away, place, f"{value:+.2f}".replace("-", "\u2212"), va="center",
                  ha="left" if value >= 0 else "right", fontsize=10, color=INK)  # fmt: skip
    axes.axvline(0.0, color=QUIET, linewidth=0.8)
    axes.set_yticks(list(places), [label for label, _ in rows], fontsize=10.5, color=INK)
    axes.set_xlim(min(0.0, *values) - 0.16 * span, max(0.0, *values) + 0.16 * span)
    axes.set_title("What more of it does to the lift-off mass, kg", loc="left", fontsize=12,
                   color=INK)  # fmt: skip


def _curve(
    axes: Any, name: str, rows: list[tuple[float, float | None]], sized: Sized, *, first: bool
) -> None:
    _plain(axes)
    good = [(x, m) for x, m in rows if m is not None]
    axes.plot([x for x, _ in good], [m for _, m in good], color=_BLUE, linewidth=2.0, marker="o",
              markersize=4.5)  # fmt: skip
    own = sized.figures["lift_off_mass_kg"]
    axes.axhline(own, color=FAINT, linewidth=1.0, zorder=0)
    here = [x for x, m in good if abs(m - own) < 1e-9]
    axes.plot(here, [own] * len(here), "o", color=MARS, markersize=8)
    axes.set_xlabel(_AXES.get(name, name), color=INK, fontsize=10.5)
    if first:
        axes.set_title("Lift-off mass, kg", loc="left", fontsize=12, color=INK)

"""A tornado for each figure: who moves it, which way, how far, and who vouches for the number.

A bar is a slope: what one sigma of the number does, by the exact derivative; its full half is one
sigma up. Beside it stands what was flown one sigma up and down. Where there is no slope the bar is
hatched, and reaches as far as was flown. Matplotlib is imported when a picture is drawn, not
before. Nothing here computes what the study has not already found.
"""

from __future__ import annotations

import os
from typing import Any

from anabasis.studies.sensitivity import Answer, Row, Sensitivity
from anabasis.units import FACTORS

PAPER, INK, QUIET, FAINT = "#fbfaf6", "#1f2a33", "#6c7780", "#d9d8d1"
CONFIDENCE = {
    "published": "#0072b2",
    "derived": "#009e73",
    "assumed": "#e69f00",
    "unsourced": "#8c8c8c",
}
"""Who vouches for a number -> colour: told apart by every eye (Okabe and Ito 2008)."""
LIMIT = "#b5482f"
WIDTH, ROW, HEAD = 10.5, 0.4, 1.4
"""Width of the picture, height of a row, and of what a panel has besides rows [inch]."""
TITLE, FOOT = 0.95, 0.62
"""Height above and below the panels [inch]."""
MOST_ROWS = 10
SMALL = 5e-4
"""A row with less than this share of the variance is not drawn."""
TINY, PLAIN, LARGE = 9.0, 10.5, 12.5
"""Sizes of letters [point]."""
SIGNS = {"deg": "°", "deg_s": "°/s", "deg_day": "°/day", "rad_s": "rad/s", "m_s": "m/s",
         "km_s": "km/s", "m_s2": "m/s²", "W_cm2": "W/cm²", "J_cm2": "J/cm²", "kg_m2": "kg/m²",
         "kg_m3": "kg/m³", "m2": "m²", "km2_s2": "km²/s²", "km3_s2": "km³/s²", "percent": "%",
         "C": "°C"}  # fmt: skip
"""Units whose sign is not their suffix."""
SPELLING = {
    "mach": "Mach",
    "mars": "Mars",
    "earth": "Earth",
    "ls": "Ls",
    "c3": "C3",
    "delta v": "delta-v",
    "lift off": "lift-off",
    "flight path": "flight-path",
}


def save_tornado(found: Sensitivity, path: str | os.PathLike[str]) -> None:
    """Draw a sensitivity and write it: PNG, SVG or PDF, by the ending of the name."""
    import matplotlib

    figure = draw_tornado(found)
    name = os.fspath(path)
    metadata = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    ending = os.path.splitext(name)[1].lower()
    with matplotlib.rc_context({"svg.hashsalt": "anabasis", "svg.fonttype": "none"}):
        figure.savefig(name, dpi=160, facecolor=PAPER, metadata=metadata.get(ending, {}))


def draw_tornado(found: Sensitivity) -> Any:
    """The picture of a sensitivity as a matplotlib ``Figure``, one panel for each figure."""
    import matplotlib
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "font.family": "DejaVu Sans",
        "font.size": PLAIN,
        "text.color": INK,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.labelsize": PLAIN,
        "axes.facecolor": PAPER,
        "xtick.color": QUIET,
        "ytick.color": INK,
        "xtick.labelcolor": INK,
        "xtick.labelsize": TINY,
        "ytick.labelsize": PLAIN,
        "hatch.linewidth": 0.8,
    }
    rows = [_drawn(answer) for answer in found.answers]
    heights = [HEAD + ROW * max(len(own), 1) for own in rows]
    whole = TITLE + sum(heights) + FOOT
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(WIDTH, whole), facecolor=PAPER)
        _title(figure, found, whole)
        top = whole - TITLE
        for answer, own, height in zip(found.answers, rows, heights, strict=True):
            place = (0.33, (top - height + 0.72) / whole, 0.525, (height - HEAD + 0.25) / whole)
            _panel(figure.add_axes(place), answer, own)
            top -= height
        _legend(figure, found, whole)
    return figure


def _drawn(answer: Answer) -> list[Row]:
    """The rows that are worth ink, the greatest first."""
    worth = [row for row in answer.rows if row.share is None or abs(row.share) >= SMALL]
    return worth[:MOST_ROWS]


def _title(figure: Any, found: Sensitivity, whole: float) -> None:
    what = f"{found.only} of {found.scenario}" if found.only else found.scenario
    figure.text(0.02, 1.0 - 0.33 / whole, "Where the spread comes from", size=18, weight="bold",
                va="center")  # fmt: skip
    figure.text(0.02, 1.0 - 0.68 / whole, what, size=LARGE, color=QUIET, va="center")
    figure.text(0.98, 1.0 - 0.68 / whole, f"scenario {found.scenario_hash[:12]}", size=TINY,
                color=QUIET, ha="right", va="center")  # fmt: skip


def _panel(axes: Any, answer: Answer, rows: list[Row]) -> None:
    unit = _sign(answer.unit)
    axes.set_ylim(len(rows) - 0.4 if rows else 0.6, -0.6)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_yticks(range(len(rows)), [_name(row, rows) for row in rows])
    axes.tick_params(axis="y", length=0, pad=8)
    axes.grid(axis="x", color=FAINT, lw=0.7)
    axes.set_axisbelow(True)
    reach = _reach(rows) or 1.0
    axes.set_xlim(-1.12 * reach, 1.12 * reach)
    for place, row in enumerate(rows):
        _bar(axes, place, row)
        share = "" if row.share is None else f"{100.0 * row.share:.1f} %"
        axes.text(1.13, place, share, transform=axes.get_yaxis_transform(), va="center",
                  ha="right")  # fmt: skip
        remark = _remark(row)
        if remark:
            axes.text(1.14, place + 0.02, f" {remark}", transform=axes.get_yaxis_transform(),
                      va="center", size=TINY, color=QUIET)  # fmt: skip
    axes.axvline(0.0, color=INK, lw=1.0, zorder=3)
    _limits(axes, answer, 1.12 * reach)
    spread = "" if answer.sigma is None else f", σ {_with(answer.sigma, unit)}"
    title = _words(answer.figure.partition(".")[2], answer.unit)
    axes.text(-0.59, 1.0, title[:1].upper() + title[1:],
              transform=axes.transAxes, size=LARGE, weight="bold", va="bottom")  # fmt: skip
    axes.text(1.13, 1.0, "share of\nvariance", transform=axes.transAxes, size=TINY, color=QUIET,
              va="bottom", ha="right", linespacing=1.1)  # fmt: skip
    scale = f"change, {unit}" if unit else "change"
    axes.set_xlabel(f"{scale}   (undisturbed {_with(answer.nominal, unit)}{spread})")
    if not rows:
        axes.text(0.5, 0.5, "no dispersed number moves it", transform=axes.transAxes, color=QUIET,
                  ha="center")  # fmt: skip


def _bar(axes: Any, place: int, row: Row) -> None:
    colour = CONFIDENCE.get(row.confidence, CONFIDENCE["unsourced"])
    down, up = row.at.get("-1"), row.at.get("+1")
    if row.effect is not None:
        axes.barh(place, row.effect, 0.62, color=colour, zorder=2)
        axes.barh(place, -row.effect, 0.62, color=_pale(colour), zorder=2)
    else:
        ends = [x for x in (down, up) if x is not None]
        low, high = min([0.0, *ends]), max([0.0, *ends])
        if low == high and row.sampled is not None:  # one sigma moves nothing, a rarer value does
            low, high = -row.sampled, row.sampled
        axes.barh(place, high - low, 0.62, left=low, fc=PAPER, ec=colour, hatch="////",
                  lw=1.0, zorder=2)  # fmt: skip
    mark = {"ms": 6.0, "mec": INK, "mew": 1.2, "zorder": 5, "clip_on": False}
    if down is not None:
        axes.plot(down, place, "o", mfc=PAPER, **mark)
    if up is not None:
        axes.plot(up, place, "o", mfc=INK, **mark)


def _remark(row: Row) -> str:
    if row.kind == "decided":
        return "decided"
    if row.kind == "sampled":
        return "sampled"
    return "bent" if row.crooked else ""


def _limits(axes: Any, answer: Answer, reach: float) -> None:
    """A limit that lies within the picture."""
    for limit in answer.limits:
        off = limit["limit"] - answer.nominal
        if abs(off) > reach:
            continue
        axes.axvline(off, color=LIMIT, lw=1.4, ls=(0, (4, 2)), zorder=3)
        sign = "≥" if limit["sense"] == "at least" else "≤"
        axes.text(off, 1.015, f"limit {sign} {limit['limit']:.5g}", size=TINY, color=LIMIT,
                  transform=axes.get_xaxis_transform(), ha="center", va="bottom")  # fmt: skip


def _legend(figure: Any, found: Sensitivity, whole: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shown = [row for answer in found.answers for row in _drawn(answer)]
    handles: list[Any] = [
        Patch(fc=colour, label=word)
        for word, colour in CONFIDENCE.items()
        if any(row.confidence == word for row in shown)
    ]
    if any(row.effect is not None for row in shown):
        handles += [
            Patch(fc=INK, label="+1σ by its slope"),
            Patch(fc=_pale(INK), label="−1σ"),
        ]
    if any(row.effect is None for row in shown):
        handles.append(Patch(fc=PAPER, ec=QUIET, hatch="////", label="flown, no slope"))
    dot = {"marker": "o", "ls": "none", "mec": INK, "ms": 6.0}
    handles += [
        Line2D([], [], mfc=INK, label="flown at +1σ", **dot),
        Line2D([], [], mfc=PAPER, label="at −1σ", **dot),
    ]
    figure.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 0.12 / whole),
                  ncols=len(handles), frameon=False, fontsize=TINY, columnspacing=1.3,
                  handlelength=1.3, handletextpad=0.5)  # fmt: skip


# ---------------------------------------------------------------- words


def _name(row: Row, rows: list[Row]) -> str:
    """The number in words with its sigma; the table it stands in only where that is needed."""
    steps = row.path.split(".")
    short = ".".join(steps[1:]) or row.path
    others = [".".join(other.path.split(".")[1:]) for other in rows if other is not row]
    words = _words(row.path if short in others else short, row.unit)
    sigma = f"±{_with(row.sigma, _sign(row.unit))}"
    if row.is_factor:
        sigma = f"±{100.0 * row.sigma:.3g} %"
    return f"{words}, {sigma}"


def _words(name: str, unit: str) -> str:
    if unit and name.endswith(f"_{unit}"):
        name = name[: -len(unit) - 1]
    words = f" {name.replace('.', ' ').replace('_', ' ')} "
    for plain, proper in SPELLING.items():
        words = words.replace(f" {plain} ", f" {proper} ")
    return words.strip()


def _sign(unit: str) -> str:
    assert unit in FACTORS
    return SIGNS.get(unit, unit)


def _with(value: float, sign: str) -> str:
    """A number and its unit: degrees stand close, the others apart."""
    return f"{_round(value)}{'' if sign == '°' or not sign else ' '}{sign}"


def _pale(colour: str) -> str:
    """A colour as it looks on paper at two fifths of its strength."""
    own, paper = ([int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (colour, PAPER))
    return "#" + "".join(
        f"{round(0.42 * x + 0.58 * y):02x}" for x, y in zip(own, paper, strict=True)
    )


def _round(value: float) -> str:
    text = f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _reach(rows: list[Row]) -> float:
    """How far a panel must reach to hold every bar and mark."""
    ends = [0.0]
    for row in rows:
        ends += [abs(x) for x in (row.effect, row.at.get("-1"), row.at.get("+1")) if x is not None]
        if row.effect is None and row.sampled is not None:
            ends.append(row.sampled)
    return max(ends)

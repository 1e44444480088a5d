"""What a page shows of an ensemble: its summary, the spread of each figure, its worst cases.

    tornado:  figure - mean  ~  sum over draws of  effect_k (draw_k - mean_k) / sigma_k

The effects are those of a straight line through the cases (least squares). How much of the
variance the line explains stands beside it: what it does not is curvature, dice and chance.
"""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.studies.ensemble import Ensemble, open_ensemble
from anabasis.viewer.diagram import PLANETS, Curve, Plot, as_json

BINS = 40
WORST = 5
BARS = 8
"""Of a tornado."""
PLACES = (
    ("landing", "latitude_deg", "longitude_deg", "mars"),
    ("entry", "impact_latitude_deg", "impact_longitude_deg", ""),
    ("arrival", "impact_latitude_deg", "impact_longitude_deg", "earth"),
)
"""Figures that say where something came down, and on which planet (the scenario's where empty)."""
ORBITS = (("ascent", "apoapsis_km", "periapsis_km"), ("ascent", "inclination_deg", "periapsis_km"))
SHARES = (0.50, 0.99)
"""Of a normal spread inside an ellipse."""


@dataclasses.dataclass(frozen=True)
class Tornado:
    """What one sigma of each drawn number does to a figure.

    Attributes:
        figure: phase and name at the wall.
        unit: of it.
        sigma: of the figure over the cases.
        explained: share of its variance that the straight line explains.
        bars: path, effect of one sigma up, share of the variance; largest first.
    """

    figure: str
    unit: str
    sigma: float
    explained: float
    bars: tuple[tuple[str, float, float], ...]


def document_of_ensemble(folder: pathlib.Path) -> dict[str, Any]:
    """Everything the page shows of an ensemble, as plain JSON."""
    ensemble = open_ensemble(folder)
    summary = ensemble.summary()
    outcomes = np.array([str(o or "") for o in ensemble.column("outcome")])
    nominal = outcomes == ""
    figures = {}
    for name, spread in summary["figures"].items():
        values = np.asarray(ensemble.column(name), dtype=float)
        kept = values[nominal & np.isfinite(values)]
        if not kept.size:
            continue
        counts, edges = bins_of(kept)
        figures[name] = spread | {
            "counts": counts,
            "edges": edges,
            "lowest": _ranked(ensemble, values, nominal, 1.0),
            "highest": _ranked(ensemble, values, nominal, -1.0),
        }
    cases = ensemble.column("case")
    return {
        "kind": "ensemble",
        "title": f"{summary['scenario']}: {summary['cases']} cases",
        "summary": ensemble.scenario.summary,
        "folder": folder.resolve().name,
        "spread": {k: v for k, v in summary.items() if k not in ("figures", "draws")},
        "draws": summary["draws"],
        "figures": figures,
        "diagrams": [
            as_json(name, plot, name.split("_")[0]) for name, plot in diagrams_of(ensemble).items()
        ],
        "tornadoes": [_told(t, ensemble) for t in tornadoes_of(ensemble, list(figures))],
        "replayed": sorted(
            int(place.name) for place in folder.glob("replays/*") if place.name.isdigit()
        ),
        "lost": [
            {"case": int(cases[i]), "outcome": str(outcomes[i])}
            for i in np.flatnonzero(~nominal)[:200]
        ],
    }


def bins_of(values: np.ndarray) -> tuple[list[int], list[float]]:
    """Counts in `BINS` even bins and the outer edges; one bin where all values are the same."""
    low, high = float(values.min()), float(values.max())
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-300):
        room = max(abs(low), 1.0) * 1e-3
        return [len(values)], [low - room, high + room]
    return np.histogram(values, bins=BINS, range=(low, high))[0].tolist(), [low, high]


def _ranked(
    ensemble: Ensemble, values: np.ndarray, nominal: np.ndarray, sign: float
) -> list[dict[str, Any]]:
    """The most extreme cases of a figure, each with its number for `anabasis replay`."""
    usable = np.flatnonzero(nominal & np.isfinite(values))
    order = usable[np.argsort(sign * values[usable], kind="stable")][:WORST]
    cases = ensemble.column("case")
    return [{"case": int(cases[i]), "value": float(values[i])} for i in order]


def diagrams_of(ensemble: Ensemble) -> dict[str, Plot]:
    """Where the cases came down and which orbits they reached, with ellipses."""
    nominal = np.array([not o for o in ensemble.column("outcome")])
    found: dict[str, Plot] = {}
    for phase, first, second, planet in PLACES:
        pairs = _pairs(ensemble, nominal, f"{phase}.{first}", f"{phase}.{second}")
        if pairs is None:
            continue
        entry = ensemble.scenario.parts.entry
        where = planet or ("mars" if entry is None else entry.planet)
        centre = pairs.mean(axis=0)
        radius = PLANETS[where][1] * np.radians(1.0)
        east = (pairs[:, 1] - centre[1]) * radius * np.cos(np.radians(centre[0]))
        north = (pairs[:, 0] - centre[0]) * radius
        title = f"{phase}: {len(pairs)} cases about {centre[0]:.4f}° N, {centre[1]:.4f}° E"
        found[f"{phase}_ellipse"] = _scatter(
            title, "east_km", "north_km", np.stack([east, north], axis=1), equal=True
        )
    for phase, first, second in ORBITS:
        pairs = _pairs(ensemble, nominal, f"{phase}.{first}", f"{phase}.{second}")
        if pairs is not None:
            name = "orbit_scatter" if first == "apoapsis_km" else "inclination_scatter"
            title = f"{phase}: orbits of {len(pairs)} cases"
            found[f"{phase}_{name}"] = _scatter(title, first, second, pairs)
    return found


def _pairs(ensemble: Ensemble, nominal: np.ndarray, *names: str) -> np.ndarray | None:
    if any(name not in ensemble.columns for name in names):
        return None
    pairs = np.stack([np.asarray(ensemble.column(n), dtype=float) for n in names], axis=1)
    pairs = pairs[nominal & np.isfinite(pairs).all(axis=1)]
    return pairs if len(pairs) >= 3 else None


def _scatter(title: str, x: str, y: str, pairs: np.ndarray, *, equal: bool = False) -> Plot:
    """Cases as dots, and the ellipses that hold `SHARES` of a normal spread like theirs.

    k^2 = -2 ln(1 - share): chi-square with two degrees of freedom.
    """
    shown = pairs[:: max(1, len(pairs) // 1500)]
    curves = [Curve("cases", shown[:, 0], shown[:, 1], "dots")]
    turn = np.linspace(0.0, 2.0 * np.pi, 121)
    values, axes = np.linalg.eigh(np.cov(pairs.T))
    for share in SHARES:
        size = np.sqrt(-2.0 * np.log(1.0 - share) * np.maximum(values, 0.0))
        ring = np.stack([size[0] * np.cos(turn), size[1] * np.sin(turn)], axis=1) @ axes.T
        ring = ring + pairs.mean(axis=0)
        half = " x ".join(f"{2.0 * s:.3g}" for s in size[::-1])
        words = f"{100 * share:.0f} %, {half} km" if equal else f"{100 * share:.0f} %"
        curves.append(Curve(words, ring[:, 0], ring[:, 1], "line" if share > 0.9 else "dashed"))
    return Plot(title, x, y, tuple(curves), equal=equal, named=False)


def tornadoes_of(ensemble: Ensemble, figures: list[str]) -> list[Tornado]:
    """One tornado for each figure that spreads, by least squares over the nominal cases."""
    nominal = np.array([not o for o in ensemble.column("outcome")])
    draws = [n for n in ensemble.columns if n.startswith("draw.")]
    if not draws or not nominal.any():
        return []
    held = np.stack([np.asarray(ensemble.column(n), dtype=float) for n in draws], axis=1)
    units = ensemble.store.units()
    found = []
    for name in figures:
        values = np.asarray(ensemble.column(name), dtype=float)
        kept = nominal & np.isfinite(values) & np.isfinite(held).all(axis=1)
        spread = float(np.std(values[kept])) if kept.any() else 0.0
        sigma = np.std(held[kept], axis=0) if kept.any() else np.zeros(len(draws))
        moving = np.flatnonzero(sigma > 0.0)
        size = abs(float(np.mean(values[kept]))) if kept.any() else 0.0
        if spread <= 1e-9 * max(size, 1e-300) or np.sum(kept) < 2 * len(moving) + 2:
            continue
        x = (held[kept][:, moving] - held[kept][:, moving].mean(axis=0)) / sigma[moving]
        y = values[kept] - values[kept].mean()
        effects = np.linalg.lstsq(x, y, rcond=None)[0]
        explained = 1.0 - float(np.sum((y - x @ effects) ** 2) / np.sum(y**2))
        order = np.argsort(-np.abs(effects))[:BARS]
        found.append(
            Tornado(
                name,
                units.get(name, ""),
                spread,
                explained,
                tuple(
                    (
                        draws[moving[k]].removeprefix("draw."),
                        float(effects[k]),
                        float(effects[k] ** 2 / spread**2),
                    )
                    for k in order
                ),
            )
        )
    return found


def _told(tornado: Tornado, ensemble: Ensemble) -> dict[str, Any]:
    """A tornado as the page takes it, with the requirement that its figure stands in."""
    asked = [str(r.probability_of) for r in ensemble.scenario.parts.requirement]
    return {
        "figure": tornado.figure,
        "unit": tornado.unit,
        "sigma": tornado.sigma,
        "explained": tornado.explained,
        "limit": next((text for text in asked if tornado.figure in text), ""),
        "bars": [{"path": p, "effect": e, "share": s} for p, e, s in tornado.bars],
    }


# --- static plots


def what_can_be_drawn(ensemble: Ensemble) -> dict[str, str]:
    """Name of each static plot of an ensemble -> what it shows."""
    found = {name: plot.title for name, plot in diagrams_of(ensemble).items()}
    for name in _spreading(ensemble):
        found[f"spread_{name.replace('.', '_')}"] = f"cases over {name}"
        found[f"tornado_{name.replace('.', '_')}"] = f"what moves {name}"
    return found


def plot_of(ensemble: Ensemble, name: str) -> Plot:
    """One static plot of an ensemble by name.

    Raises:
        BadInput: where there is none of that name.
    """
    diagrams = diagrams_of(ensemble)
    if name in diagrams:
        return diagrams[name]
    for figure in _spreading(ensemble):
        bare = figure.replace(".", "_")
        if name == f"spread_{bare}":
            return _histogram(ensemble, figure)
        if name == f"tornado_{bare}":
            found = tornadoes_of(ensemble, [figure])
            if found:
                return _bars(found[0])
    import difflib

    close = difflib.get_close_matches(name, what_can_be_drawn(ensemble), n=1)
    raise BadInput(
        "this ensemble has no such plot",
        file="command line",
        key="NAME",
        value=name,
        hint=f"did you mean {close[0]}?" if close else "anabasis plot DIR lists them",
    )


def _spreading(ensemble: Ensemble) -> list[str]:
    nominal = np.array([not o for o in ensemble.column("outcome")])
    found = []
    for name in ensemble.summary()["figures"]:
        values = np.asarray(ensemble.column(name), dtype=float)
        values = values[nominal & np.isfinite(values)]
        if values.size and len(bins_of(values)[0]) > 1:
            found.append(name)
    return found


def _histogram(ensemble: Ensemble, figure: str) -> Plot:
    nominal = np.array([not o for o in ensemble.column("outcome")])
    values = np.asarray(ensemble.column(figure), dtype=float)
    counts, (low, high) = bins_of(values[nominal & np.isfinite(values)])
    edges = np.linspace(low, high, len(counts) + 1)
    steps = Curve(figure, np.repeat(edges, 2)[1:-1], np.repeat(np.asarray(counts, float), 2))
    return Plot(f"{figure}: {sum(counts)} cases", figure.split(".")[1], "cases_count", (steps,))


def _bars(tornado: Tornado) -> Plot:
    """A tornado with one step of y for each bar; its words stand at the bars' ends."""
    curves, points = [], []
    for n, (path, effect, _) in enumerate(tornado.bars):
        y = np.full(2, float(len(tornado.bars) - n))
        curves.append(Curve(path, np.array([-effect, effect]), y, family="one sigma"))
        points.append((effect, float(y[0]), path))
    name = tornado.figure.split(".")[1]
    return Plot(
        f"{tornado.figure}: one sigma of each draw, {100 * tornado.explained:.0f} % explained",
        f"change_of_{name}",
        "rank",
        tuple(curves),
        points=tuple(points),
        named=False,
    )

"""What a page shows of an ensemble: its summary, the spread of each figure, its worst cases."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np

from anabasis.studies.ensemble import Ensemble, open_ensemble

BINS = 40
WORST = 5
ELLIPSES = (
    ("landing", "latitude_deg", "longitude_deg"),
    ("entry", "impact_latitude_deg", "impact_longitude_deg"),
    ("arrival", "impact_latitude_deg", "impact_longitude_deg"),
    ("ascent", "apoapsis_km", "periapsis_km"),
)
"""Pairs of figures shown as a scatter with the ellipse that holds 99 % of a normal one."""


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
        "scatters": [s for pair in ELLIPSES if (s := _scatter(ensemble, nominal, *pair))],
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


def _scatter(
    ensemble: Ensemble, nominal: np.ndarray, phase: str, first: str, second: str
) -> dict[str, Any] | None:
    names = (f"{phase}.{first}", f"{phase}.{second}")
    if any(name not in ensemble.columns for name in names):
        return None
    pairs = np.stack([np.asarray(ensemble.column(n), dtype=float) for n in names], axis=1)
    pairs = pairs[nominal & np.isfinite(pairs).all(axis=1)]
    if len(pairs) < 3:
        return None
    return {
        "phase": phase,
        "names": names,
        "points": pairs[:2000].tolist(),
        "mean": pairs.mean(axis=0).tolist(),
        "covariance": np.cov(pairs.T).tolist(),
    }

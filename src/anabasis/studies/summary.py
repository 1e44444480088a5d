"""What an ensemble says: outcomes, the spread of every figure, verdicts on the requirements."""

from __future__ import annotations

import collections
import math
from typing import Any

import numpy as np

from anabasis.campaign.scenario import Scenario
from anabasis.studies import verdicts
from anabasis.studies.store import BEFORE_DRAWS, Store, columns_in_order

QUANTILES = {"p0_135": 0.00135, "p5": 0.05, "p50": 0.5, "p95": 0.95, "p99_865": 0.99865}


def summarise(store: Store, scenario: Scenario) -> dict[str, Any]:
    """The summary of a store; plain JSON.

    Failed cases are counted, and no statistic contains them.
    """
    names = columns_in_order(store.units())
    outcomes = [str(text or "") for text in store.column("outcome")]
    phases = [str(text or "") for text in store.column("outcome_phase")]
    nominal = np.array([not text for text in outcomes], dtype=bool)
    counted = collections.Counter(
        (text, phase) for text, phase in zip(outcomes, phases, strict=True) if text
    )
    return {
        "schema_version": 1,
        "scenario": scenario.name,
        "scenario_hash": store.identity["scenario_hash"],
        "seed": store.identity["seed"],
        "only": store.identity["only"],
        "sampler": store.identity["sampler"],
        "cases": len(outcomes),
        "cases_wanted": store.count,
        "complete": store.complete,
        "digest": store.closed,
        "nominal": int(np.sum(nominal)),
        "lost": int(len(outcomes) - np.sum(nominal)),
        "outcomes": [
            {"outcome": text, "phase": phase or None, "cases": count}
            for (text, phase), count in counted.most_common()
        ],
        "draws": {n: _spread(store, n, nominal | True) for n in names if n.startswith("draw.")},
        "figures": {
            n: _spread(store, n, nominal)
            for n in names
            if n not in BEFORE_DRAWS and not n.startswith("draw.")
        },
        "requirements": verdicts.judge(store, scenario) if names else [],
    }


def _spread(store: Store, name: str, counted: np.ndarray) -> dict[str, Any]:
    values = store.column(name)
    values = values[counted & np.isfinite(values)]
    found: dict[str, Any] = {"unit": store.units()[name], "cases": int(values.size)}
    if not values.size:
        return found
    deviation = float(np.std(values, ddof=1)) if values.size > 1 else None
    found |= {
        "mean": float(np.mean(values)),
        "standard_deviation": deviation,
        "minimum": float(np.min(values)),
        "maximum": float(np.max(values)),
    }
    if deviation is not None:
        found["error_of_the_mean"] = deviation / math.sqrt(values.size)
    quantiles = np.quantile(values, list(QUANTILES.values()), method="linear")
    return found | dict(zip(QUANTILES, (float(q) for q in quantiles), strict=True))

"""Three rockets for one task, on equal terms: two solid stages, a hybrid, a liquid.

Equal are the payload, the orbit, the ground, the air, the drag curve, the envelope, the limits, and
whatever is no propulsion: nose, bay, shell, equipment. Each kind has its own propulsion, by the few
numbers that are published for it and the rest assumed; the range over the assumed ones says how
much of the difference is known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.scenario import Scenario
from anabasis.studies.sizing import KINDS, Inputs, Shop, Sized, size
from anabasis.units import FACTORS, declaration_of
from anabasis.vehicles.proportions import Restartable, Sizing

SPREAD = 0.2
"""Share by which a proportion that is assumed may be wrong, where nothing says otherwise."""


@dataclasses.dataclass(frozen=True)
class Known:
    """A number of a kind's propulsion: value, range, unit, where from."""

    value: float
    low: float
    high: float
    unit: str
    source: str
    confidence: str


ENGINES: Mapping[str, Mapping[str, Known]] = {
    "hybrid": {
        "specific_impulse": Known(315.9, 315.9, 315.9, "s", "JPL16", "published"),
        "bulk_density": Known(
            950.0, 800.0, 1100.0, "kg_m3", "wax and MON with ullage and tank ends", "assumed"
        ),
        "dry_fraction": Known(0.11, 0.08, 0.16, "", "tank, chamber, pressurant", "assumed"),
        "dry_fixed": Known(10.0, 5.0, 20.0, "kg", "valves, igniters, steering", "assumed"),
        "engine_length": Known(0.6, 0.4, 0.9, "m", "nozzle and injector", "assumed"),
    },
    "liquid": {
        "specific_impulse": Known(
            328.6, 328.6, 328.6, "s", "Trinidad et al. 2012, in PET", "published"
        ),
        "bulk_density": Known(
            950.0, 800.0, 1100.0, "kg_m3", "storable pair with ullage and tank ends", "assumed"
        ),
        "dry_fraction": Known(0.10, 0.07, 0.15, "", "tanks, pressurant", "assumed"),
        "dry_fixed": Known(12.0, 6.0, 20.0, "kg", "engine, valves, steering", "assumed"),
        "engine_length": Known(0.5, 0.4, 0.8, "m", "nozzle and chamber", "assumed"),
    },
}
"""What is known of the two that burn twice."""

_OF_ANY = (
    "envelope_length",
    "envelope_diameter",
    "greatest_lift_off_mass",
    "least_thrust_to_weight",
    "protection",
    "wall",
    "bay_volume",
    "container_diameter",
    "container_in_nose",
    "nose_fineness",
    "shell",
    "equipment_two",
)
"""Proportions that every kind has; the other ones belong to solid motors."""


@dataclasses.dataclass(frozen=True)
class Concept:
    """One kind in the comparison.

    Attributes:
        kind: of `KINDS`.
        sized: its lightest rocket; None where nothing fits.
        why: then, in a sentence.
        counts: confidence -> how many inputs.
        assumed: names of those that are assumed.
        lightest: lift-off mass with every assumed input at its best end [kg]; None where none fits.
        heaviest: the same at its worst end.
        fits: whether that heaviest one keeps the envelope and the greatest lift-off mass; if not
            it is the lightest without those two limits.
    """

    kind: str
    sized: Sized | None
    why: str
    counts: Mapping[str, int]
    assumed: tuple[str, ...]
    lightest: float | None
    heaviest: float | None
    fits: bool = True


def engine_of(kind: str) -> Restartable | None:
    """The propulsion of a kind as it is known; None for solid motors."""
    if kind not in ENGINES:
        return None
    return Restartable(
        **{name: np.asarray(known.value) for name, known in ENGINES[kind].items()}  # pyright: ignore[reportArgumentType]
    )


def compare(scenario: Scenario, tubes: int | None = None) -> list[Concept]:
    """The lightest rocket of every kind, and the range of its mass over what is assumed."""
    return [_concept(scenario, tubes, kind) for kind in KINDS]


def known_inputs(scenario: Scenario, kind: str) -> dict[str, tuple[str, float, float]]:
    """Input -> confidence, low and high [SI]: the proportions and the propulsion of a kind."""
    given = scenario.parts.sizing or Sizing()  # pyright: ignore[reportCallIssue]
    found: dict[str, tuple[str, float, float]] = {}
    for field in dataclasses.fields(Sizing):
        if kind != KINDS[0] and field.name not in _OF_ANY:
            continue
        says = declaration_of(field)
        assert says is not None
        value = float(getattr(given, field.name))
        path = f"sizing.{field.name}" + (f"_{says.unit}" if says.unit else "")
        where = scenario.provenance.get(path)
        confidence = says.confidence if where is None else where.confidence
        spread = SPREAD if confidence in ("assumed", "unsourced") and says.unit != "C" else 0.0
        low, high = value * (1.0 - spread), value * (1.0 + spread)
        if field.name.startswith(("web_fraction", "container_in")):
            high = min(high, 0.98)
        if field.name == "least_thrust_to_weight":
            low = max(low, 1.0)
        found[f"sizing.{field.name}"] = (confidence, low, high)
    for name, known in ENGINES.get(kind, {}).items():
        factor = FACTORS[known.unit]
        found[f"engine.{name}"] = (known.confidence, factor * known.low, factor * known.high)
    if kind == KINDS[0]:
        for stage in ("stage_one", "stage_two"):
            found[f"{stage}.specific_impulse"] = ("published", 0.0, 0.0)
    return found


def _concept(scenario: Scenario, tubes: int | None, kind: str) -> Concept:
    known = known_inputs(scenario, kind)
    counts: dict[str, int] = {}
    for confidence, *_ in known.values():
        counts[confidence] = counts.get(confidence, 0) + 1
    assumed = tuple(name for name, (c, low, high) in known.items() if c == "assumed" and high > low)
    try:
        sized = size(scenario, tubes=tubes, kind=kind, engine=engine_of(kind))
    except BadInput as refusal:
        return Concept(kind, None, refusal.message, counts, assumed, None, None)
    if not sized.found:
        why = "no rocket of this kind keeps all limits"
        return Concept(kind, None, why, counts, assumed, None, None)
    shop = Shop(scenario, tubes=tubes, kind=kind, engine=engine_of(kind))
    slopes = _bare(sized.sensitivity)
    ends, fits = [], True
    for better in (True, False):
        values = {
            name: known[name][1] if (slopes[name] > 0.0) == better else known[name][2]
            for name in assumed
        }
        changed = _changed(shop.inputs, values)
        best = shop.best(changed, guess=sized.best.point)
        if not best.found and not better:
            fits = False
            best = shop.best(
                changed, guess=sized.best.point, without=["length", "diameter", "lift-off mass"]
            )
        ends.append(100.0 * best.judged.objective if best.found else None)
    return Concept(kind, sized, "", counts, assumed, ends[0], ends[1], fits)


def _bare(sensitivity: Mapping[str, float]) -> dict[str, float]:
    """The sensitivities by name without unit; only their signs are used."""
    names = [f"sizing.{field.name}" for field in dataclasses.fields(Sizing)]
    names += [f"engine.{name}" for name in ENGINES["hybrid"]]
    found = {}
    for name in names:
        for walled, slope in sensitivity.items():
            rest = walled.removeprefix(name)
            if walled.startswith(name) and (not rest or rest.removeprefix("_") in FACTORS):
                found[name] = slope
    return found


def _changed(inputs: Inputs, values: Mapping[str, float]) -> Inputs:
    def leaf(tree: Inputs, name: str) -> Any:
        table, field = name.split(".")
        return getattr(getattr(tree, table), field)

    names = list(values)
    return eqx.tree_at(
        lambda tree: [leaf(tree, name) for name in names],
        inputs,
        [np.asarray(values[name]) for name in names],
    )

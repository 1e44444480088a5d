"""How one figure of a march answers to numbers of its scenario, with every decision held.

The march is flown once; then the phases from the first one that the number touches up to the one
that reports the figure are differentiated, forward and exactly, through staging and events. What
was decided (window, steering, bank, launch instant, tubes) stays as it was: a figure that only a
decision can change has no derivative, and asking for one is refused.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.fly import march_of
from anabasis.campaign.march import FIGURES, March
from anabasis.campaign.parts import Parts
from anabasis.campaign.scenario import Scenario
from anabasis.campaign.wall import leaf_path, suggestion
from anabasis.units import FACTORS, name_at_wall

DISCRETE = {
    "surface": "it counts sols, and is decided sol by sol",
    "lander_outbound": "it follows from the window that was chosen",
    "orbiter_outbound": "it follows from the window that was chosen",
    "homeward": "it follows from the window that was chosen",
}
"""Phases whose figures are downstream of a discrete choice, and why."""

TOUCHES: dict[str, tuple[str, ...]] = {
    "insertion": ("orbiter", "insertion", "planet"),
    "entry": ("capsule", "parachute", "entry", "planet"),
    "landing": ("capsule", "parachute", "lander", "landing", "planet"),
    "ascent": ("ascender", "ascent", "planet"),
    "rendezvous": ("orbiter", "planet"),
    "arrival": ("return_capsule", "arrival", "planet"),
}
"""Phase -> the tables its flight reads, with its plan held."""

HANDED = {
    "landing": ("entry",),
    "rendezvous": ("ascent", "insertion"),
}
"""Phase -> the phases before it whose end is its start."""


def gradient(scenario: Scenario, of: str, by: list[str] | tuple[str, ...]) -> dict[str, float]:
    """Derivatives of one figure with respect to numbers of the scenario.

    Args:
        scenario: what is flown.
        of: ``phase.figure``, the figure with its unit.
        by: paths with unit.

    Returns:
        Path -> derivative, in the unit of the figure per unit of the path.

    Raises:
        BadInput: for a figure that is downstream of a decision, a phase not flown, or a path that
            is no number.
    """
    phase, _, figure = of.partition(".")
    if phase not in scenario.march:
        raise BadInput(
            "this scenario does not fly that phase",
            file="gradient",
            key="of",
            value=of,
            allowed=", ".join(scenario.march),
            hint=suggestion(phase, scenario.march),
        )
    if phase in DISCRETE:
        raise BadInput(
            f"no derivative: {DISCRETE[phase]}",
            file="gradient",
            key="of",
            value=of,
            hint="fly it with other values and compare",
        )
    units = {name_at_wall(name, unit): (name, unit) for name, unit in FIGURES[phase].items()}
    if figure not in units:
        raise BadInput(
            "no such figure",
            file="gradient",
            key="of",
            value=of,
            hint=suggestion(figure, list(units)),
        )
    march, _ = march_of(scenario, only=phase)
    if march.log.lost:
        raise BadInput(
            f"the march is lost in {march.log.outcome_phase}: {march.log.outcome}",
            file="gradient",
            key="of",
            value=of,
            hint="mend the scenario first",
        )
    name, unit = units[figure]
    if name not in march.log.flights[phase].figures:
        raise BadInput(
            "this flight has no such figure",
            file="gradient",
            key="of",
            value=of,
            hint="see what it reports: anabasis fly --json",
        )
    return {
        path: _derivative(march, scenario, phase, name, path)
        * _scale(scenario, path)
        / FACTORS[unit]
        for path in by
    }


def _scale(scenario: Scenario, path: str) -> float:
    return FACTORS[scenario.explain(path)["unit"]]


def _derivative(march: March, scenario: Scenario, phase: str, name: str, path: str) -> float:
    """In SI: the figure by the number."""
    parts = scenario.parts
    steps = leaf_path(Parts, path, scenario.values)
    value = _leaf(parts, steps)
    if value is None or jnp.ndim(value) != 0 or not jnp.issubdtype(jnp.result_type(value), float):
        raise BadInput(
            "not a number of this scenario",
            file="gradient",
            key="by",
            value=path,
            hint="give the path of a number: anabasis explain",
        )
    table = steps[0]

    def figure(number: Any) -> Any:
        changed = eqx.tree_at(lambda p: _leaf(p, steps), parts, number)
        return _flown_again(march, changed, phase, table).figures[name]

    _, slope = jax.jvp(figure, (jnp.asarray(value),), (jnp.ones(()),))
    return float(slope)


def _leaf(parts: Any, steps: list[str]) -> Any:
    for step in steps:
        parts = getattr(parts, step)
    return parts


def _flown_again(march: March, parts: Parts, phase: str, table: str) -> Any:
    """The phase flown with other numbers; phases before it too where the number touches them."""
    flown = march.flown[phase]
    hand = dict(flown.hand)
    for before in HANDED.get(phase, ()):
        if before not in march.flown or table not in TOUCHES[before]:
            continue
        end = _flown_again(march, parts, before, table).end
        if phase == "rendezvous" and before == "ascent":
            end = eqx.tree_at(lambda s: s.mass, end, jnp.asarray(hand["cargo"].mass))
            hand["cargo"] = end
        else:
            hand["start"] = end
    return flown.step(parts, hand)

"""How one figure of a march answers to numbers of its scenario, with every decision held.

The march is flown once; then the phases from the first one that the number touches up to the one
that reports the figure are differentiated, forward and exactly, through staging and events. What
was decided (window, steering, bank, launch instant, tubes) stays as it was: a figure that only a
decision can change has no derivative, and asking for one is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.fly import march_of
from anabasis.campaign.march import FIGURES, Hand, March
from anabasis.campaign.parts import Parts
from anabasis.campaign.scenario import Scenario
from anabasis.campaign.wall import leaf_path, suggestion
from anabasis.mechanics.arrays import Array
from anabasis.studies.dispersions import Uncertain, with_draw
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
    slopes = _slopes(march, scenario, phase, name, by)
    return {
        path: float(slope) * FACTORS[scenario.explain(path)["unit"]] / FACTORS[unit]
        for path, slope in zip(by, slopes, strict=True)
    }


def _slopes(
    march: March, scenario: Scenario, phase: str, name: str, by: list[str] | tuple[str, ...]
) -> Any:
    """In SI: the figure by each number, all in one sweep."""
    parts = scenario.parts
    ways = [leaf_path(Parts, path, scenario.values) for path in by]
    for path, steps in zip(by, ways, strict=True):
        value = _leaf(parts, steps)
        if not eqx.is_inexact_array_like(value) or np.ndim(value) != 0:
            raise BadInput(
                "not a number of this scenario",
                file="gradient",
                key="by",
                value=path,
                hint="give the path of a number: anabasis explain",
            )
    if not ways:
        return ()
    tables = {steps[0] for steps in ways}
    hands = {name: flown.hand for name, flown in march.flown.items()}

    def figure(numbers: Any) -> Any:
        changed = parts
        for steps, number in zip(ways, numbers, strict=True):
            changed = eqx.tree_at(lambda p, s=steps: _leaf(p, s), changed, number)
        return _flown_again(march, hands, changed, phase, tables).figures[name]

    return jax.jacfwd(figure)(jnp.asarray([_leaf(parts, steps) for steps in ways]))


def slopes(
    march: March,
    scenario: Scenario,
    numbers: tuple[Uncertain, ...],
    phase: str,
    dispersed: Sequence[str],
) -> dict[str, np.ndarray]:
    """Every figure of a phase by every uncertain number, exactly, with every decision held.

    Args:
        march: flown undisturbed.
        scenario: its numbers.
        numbers: the uncertain ones.
        phase: that reports the figures.
        dispersed: the phases that numbers may move; any other phase keeps what it handed on.

    Returns:
        Bare name -> derivatives, [numbers], in SI per unit of each path; of a figure with no
        derivative here, NaN or infinity.
    """
    chain = chain_of(phase, march.flown, dispersed)
    tables = {one.steps[0] for one in numbers}
    names = sorted(march.log.flights[phase].figures)
    hands = {name: march.flown[name].hand for name in chain}

    @eqx.filter_jit
    def derivatives(draw: Array, parts: Parts, hands: dict[str, Hand]) -> dict[str, Array]:
        def figures(draw: Array) -> dict[str, Array]:
            flight = _flown_again(march, hands, with_draw(parts, numbers, draw), phase, tables)
            return {name: jnp.asarray(flight.figures[name], dtype=float) for name in names}

        return jax.jacfwd(figures)(draw)

    nominal = jnp.asarray([one.distribution.nominal for one in numbers])
    found = derivatives(nominal, scenario.parts, hands)
    return {name: np.asarray(value) for name, value in found.items()}


def chain_of(phase: str, flown: Collection[str], dispersed: Collection[str]) -> list[str]:
    """The phases a derivative goes through: a phase, and those whose end is its start."""
    found = [phase]
    for name in found:
        found += [
            before
            for before in HANDED.get(name, ())
            if before in flown and before in dispersed and before not in found
        ]
    return found


def _leaf(parts: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        parts = getattr(parts, step)
    return parts


def _flown_again(
    march: March, hands: Mapping[str, Hand], parts: Parts, phase: str, tables: Collection[str]
) -> Any:
    """The phase flown with other numbers; phases before it too where a number touches them.

    Args:
        march: whose steps are flown.
        hands: what was handed to each phase; one that is missing is not flown again.
        parts: the other numbers.
        phase: to be flown.
        tables: that were touched.
    """
    hand = dict(hands[phase])
    for before in HANDED.get(phase, ()):
        if before not in hands or not set(tables) & set(TOUCHES[before]):
            continue
        flight = _flown_again(march, hands, parts, before, tables)
        end = flight.end
        if phase == "rendezvous" and before == "ascent":
            end = eqx.tree_at(lambda s: s.mass, end, jnp.asarray(hand["cargo"].mass))
            hand["cargo"] = end
        else:
            hand["start"] = end
        if phase == "landing" and hand.get("interface") is not None:
            hand["interface"] = flight.events["entry_interface"]
    return march.flown[phase].step(parts, hand)

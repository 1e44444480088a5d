"""What a campaign orders of a guided entry, beyond what it orders of any."""

from __future__ import annotations

import dataclasses

import equinox as eqx
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.guidance.apollo import EntryLaw
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.phases.guided_entry import enter_guided
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.knowledge import Knowledge
from anabasis.vehicles.parachute import Parachute
from anabasis.worlds.place import Place
from anabasis.worlds.world import World

COLUMNS = (
    "range_to_go",
    "drag",
    "climb_rate",
    "lift_to_drag_up",
    "lift_to_drag",
    "range_per_drag",
    "range_per_climb_rate",
    "range_per_lift_to_drag",
    "deadband",
    "crossrange_per_side",
)
"""Columns of the reference, all as long as its speeds."""


def plan(bank: EntryLaw, target: Place | None, parachute: Parachute | None) -> EntryLaw:
    """The guided bank, with its reference checked.

    Raises:
        BadInput: without target, parachute or reference, or with a reference that is no table.
    """
    check_needs(bank, target, parachute)
    reference = bank.reference
    if reference is None:
        raise BadInput(
            "a guided bank needs its reference",
            key="entry.bank.reference",
            hint="make it: anabasis tune SCENARIO",
        )
    speeds = np.atleast_1d(reference.relative_speed)
    steps = np.diff(speeds)
    if len(speeds) < 2 or not np.allclose(steps, steps[:1]) or steps[0] <= 0.0:
        raise BadInput(
            "the speeds are not evenly spaced and rising",
            key="entry.bank.reference.relative_speed_m_s",
            hint="make the reference anew: anabasis tune SCENARIO",
        )
    for name in COLUMNS:
        if np.shape(getattr(reference, name)) != speeds.shape:
            raise BadInput(
                f"{name} has {np.size(getattr(reference, name))} values for {len(speeds)} speeds",
                key="entry.bank.reference",
                hint="make the reference anew: anabasis tune SCENARIO",
            )
    # what it was made for is a word; a law in a compiled flight is numbers
    kept = dataclasses.replace(reference, tuned_for=None)
    return eqx.tree_at(lambda b: b.reference, bank, kept)


def check_needs(bank: EntryLaw, target: Place | None, parachute: Parachute | None) -> None:
    """Refuse a guided entry that has nothing to aim at, or ends at something it cannot know.

    Raises:
        BadInput: naming the table.
    """
    if target is None:
        raise BadInput("guidance needs a target", key="entry.target", hint="add [entry.target]")
    if parachute is None:
        raise BadInput(
            "a guided entry ends at its parachute", key="parachute", hint="add [parachute]"
        )
    trigger = parachute.trigger
    for name in ("dynamic_pressure", "altitude"):
        if getattr(trigger, name) is not None:
            raise BadInput(
                f"nothing aboard measures {name.replace('_', ' ')} before the heat shield goes",
                key=f"parachute.trigger.{name}",
                allowed="mach, relative_speed_m_s, range_to_target_km, time_s",
                hint="choose a trigger that navigation knows",
            )


def fly(
    law: EntryLaw,
    start: PointState,
    capsule: Capsule,
    parachute: Parachute | None,
    world: World,
    interface_radius: Scalar | None,
    target: Place | None,
    knowledge: Knowledge | None,
    *,
    track: bool = False,
) -> Flight:
    """Fly a guided entry."""
    assert parachute is not None
    assert target is not None
    return enter_guided(
        start,
        capsule,
        parachute.trigger,
        law,
        knowledge if knowledge is not None else exact(),
        world,
        interface_radius,
        target,
        track=track,
    )


def exact() -> Knowledge:
    """Navigation without error."""
    none = np.asarray(0.0)
    return Knowledge(*([none] * 11))

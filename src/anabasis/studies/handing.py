"""What a case hands from one phase to the next, lane by lane, where the plan is held.

A phase flown alone gets what the undisturbed march hands it; in a march of several phases each
case gets its own: the landing begins where its own entry ended.

    entry --state, instant of the interface--> landing
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from anabasis.campaign.bad_input import BadInput
from anabasis.mechanics.flight import Flight

HANDED_ON = ("entry", "landing")
"""Phases that can be dispersed one after another; the others are dispersed alone."""


def handed(phase: str, ends: Mapping[str, Flight]) -> dict[str, Any]:
    """What replaces the undisturbed hand-over of a phase, each with an axis of lanes.

    Args:
        phase: about to be flown.
        ends: the flights of the same cases before it, with an axis of lanes.
    """
    if phase == "landing" and "entry" in ends:
        before = ends["entry"]
        return {"start": before.end, "interface": before.events["entry_interface"]}
    return {}


def check_handing(phases: Sequence[str], file: str) -> None:
    """Refuse a march of several phases of which one cannot be given its own start yet.

    Raises:
        BadInput: naming the phase.
    """
    if len(phases) < 2:
        return
    for phase in phases:
        if phase not in HANDED_ON:
            raise BadInput(
                f"{phase} cannot be dispersed as part of a march yet",
                file=file,
                key="march",
                value=", ".join(phases),
                allowed=", ".join(HANDED_ON),
                hint="disperse one phase alone: --only PHASE",
            )

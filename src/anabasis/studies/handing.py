"""What a case hands from one phase to the next, lane by lane, where the plan is held.

A phase flown alone gets what the undisturbed march hands it; in a whole march each case gets its
own: the end of its own entry, the place of its own lander, the orbit of its own ascender.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anabasis.campaign.march import March
from anabasis.mechanics.flight import Flight


def handed(march: March, phase: str, ends: Mapping[str, Flight], size: int) -> dict[str, Any]:
    """What replaces the undisturbed hand-over of a phase, each with an axis of lanes.

    Args:
        march: the undisturbed march.
        phase: about to be flown.
        ends: the flights of the same cases before it, with an axis of lanes.
        size: how many lanes.
    """
    del march, phase, ends, size
    return {}

"""One arc of a trajectory as the files of other tools hold it: nodes between two switchings."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Arc:
    """States of one object about one centre, smooth from its first node to its last.

    Attributes:
        object_name: what flies.
        object_id: its number, negative as SPICE has it for spacecraft.
        centre: name of the body at the origin.
        centre_id: its NAIF number.
        epoch: TDB seconds past J2000 [n].
        position: axes of J2000 [n, 3] [km].
        velocity: likewise [n, 3] [km/s].
        degree: of the Hermite polynomial that joins the nodes; odd.
        comment: what the arc is, in words.
    """

    object_name: str
    object_id: int
    centre: str
    centre_id: int
    epoch: np.ndarray
    position: np.ndarray
    velocity: np.ndarray
    degree: int
    comment: str = ""

"""Heat that reaches the tubes after entry: from the hot structure into the container, slowly.

    structure (warmed by a share of the entry's heat) --G--> container with tubes
           |                                                    |
           +------------------ air of Utah --------------------+

Two lumps, constant air: a linear system with a closed answer. Loads no jax.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from jaxtyping import Float

Series = Float[np.ndarray, " n"]


@dataclasses.dataclass(frozen=True)
class SoakBack:
    """Everything is `assumed` (docs/tubes.md).

    Attributes:
        share: of the stagnation point's heat load times area that reaches the structure.
        structure, payload: heat capacities [J/K].
        coupling: structure to payload [W/K].
        structure_loss, payload_loss: to the air [W/K].
    """

    share: float = 0.0025
    structure: float = 20e3
    payload: float = 15e3
    coupling: float = 0.15
    structure_loss: float = 2.0
    payload_loss: float = 0.02


def temperatures(
    model: SoakBack,
    heat_load: float,
    area: float,
    start: float,
    air: float,
    times: Series,
) -> tuple[Series, Series]:
    """Structure and payload after the entry [K] at times [s] from it, each of shape (n,).

    Args:
        model: see there.
        heat_load: at the stagnation point [J/m2].
        area: of the capsule [m2].
        start: temperature before the entry [K].
        air: temperature of the air around [K].
        times: from the end of heating [s].
    """
    warmed = start + model.share * heat_load * area / model.structure
    matrix = np.array(
        [
            [-(model.coupling + model.structure_loss) / model.structure, 0.0],
            [0.0, -(model.coupling + model.payload_loss) / model.payload],
        ]
    )
    matrix[0, 1] = model.coupling / model.structure
    matrix[1, 0] = model.coupling / model.payload
    # real, for heat flows both ways alike; some versions of numpy return complex numbers always
    rates, modes = (np.real(found) for found in np.linalg.eig(matrix))
    weights = np.linalg.solve(modes, np.array([warmed - air, start - air]))
    found = air + (modes * weights) @ np.exp(rates[:, None] * times[None, :])
    return found[0], found[1]

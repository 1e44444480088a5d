"""The container: what the rocket lifts, thirty places for tubes and a shell around them."""

from __future__ import annotations

import equinox as eqx

from anabasis.mechanics.arrays import Scalar
from anabasis.units import quantity, whole


class Container(eqx.Module):
    """The orbiting sample with whatever the rocket carries for it, without the tubes.

    Only the sum is published: 16 kg of payload, 30 tubes, 0.47 kg of samples. The shell is that
    sum less thirty tubes at the recalled upper bound of 57 g and less the samples, so that a full
    container weighs what was published.

    Attributes:
        mass: shell, lid and what stays with it [kg].
        slot_count: places for tubes.
        tube_mass: one empty tube with its seal [kg].
    """

    mass: Scalar = quantity(
        "kg",
        "the container without tubes",
        minimum=0.0,
        maximum=1000.0,
        default=13.82,
        source="16 kg of payload less 0.47 kg of samples (OI22) less 30 tubes of 57 g",
        confidence="assumed",
    )
    slot_count: int = whole(
        "places for tubes",
        minimum=1,
        maximum=1000,
        default=30,
        source="up to 30 tubes (NASA25)",
        confidence="published",
    )
    tube_mass: Scalar = quantity(
        "kg",
        "one empty tube with its seal",
        minimum=0.0,
        maximum=10.0,
        default=0.057,
        source="recalled: below 57 g",
        confidence="assumed",
    )


def payload(container: Container, tube_count: Scalar, sample_mass: Scalar) -> Scalar:
    """What the rocket lifts: the container, the tubes in it and what is in the tubes.

    Args:
        container: the shell and its places.
        tube_count: tubes aboard.
        sample_mass: rock, dust and air in all of them together [kg].

    Returns:
        Mass [kg].
    """
    return container.mass + tube_count * container.tube_mass + sample_mass

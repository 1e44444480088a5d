"""The lander's arm: tries that fail, a tube that sticks, a lid that must close.

    next tube --> grip and move --> in its slot --> next ... --> lid --> container closed
                     ^    | failed
                     +----+ again, at most so often; then the tube stays behind

How many cycles each tube and the lid need is settled by dice with names before the first of them is
moved: a new die changes no other, and a faster arm loads the same tubes.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Bool, Float

from anabasis.mechanics import dice
from anabasis.mechanics.arrays import Array, Scalar
from anabasis.units import quantity

_ASSUMED = "engineering default (docs/surface.md): no published figure"
LID_TRIES = 20.0
"""Cycles at the lid before the container is given up."""


class Arm(eqx.Module):
    """The transfer arm; every number is `assumed`: no reliability and no cycle time is published.

    Attributes:
        fail_chance: that a cycle fails and must be made again.
        stick_chance: that a tube cannot be taken out or set in at all.
        tries: cycles at one tube before it is left.
        lid_fail_chance: that the lid does not close in a cycle.
    """

    fail_chance: Scalar = quantity(
        "",
        "chance that a cycle of the arm fails",
        minimum=0.0,
        maximum=1.0,
        default=0.05,
        source=_ASSUMED,
    )
    stick_chance: Scalar = quantity(
        "",
        "chance that a tube sticks for good",
        minimum=0.0,
        maximum=1.0,
        default=0.002,
        source=_ASSUMED,
    )
    tries: Scalar = quantity(
        "",
        "cycles at one tube before it is left",
        minimum=1.0,
        maximum=100.0,
        default=5.0,
        source=_ASSUMED,
    )
    lid_fail_chance: Scalar = quantity(
        "",
        "chance that the lid does not close in a cycle",
        minimum=0.0,
        maximum=1.0,
        default=0.02,
        source=_ASSUMED,
    )


class Work(eqx.Module):
    """What the arm has before it, tube by tube in the order of loading.

    Attributes:
        tried: which tubes it turns to at all, shape (n,).
        aboard: which of them come into the container in the end, shape (n,).
        cycles: needed on each, shape (n,); none for a tube it never turns to.
        until: cycles from the first tube to the end of each, shape (n,).
    """

    tried: Bool[Array, " n"]
    aboard: Bool[Array, " n"]
    cycles: Float[Array, " n"]
    until: Float[Array, " n"]

    @property
    def stuck(self) -> Bool[Array, "*n"]:
        """The tubes that were tried and left behind, shape (n,)."""
        return self.tried & ~self.aboard

    def done(self, cycles: Scalar) -> Bool[Array, " n"]:
        """Which tubes are aboard after so many cycles, shape (n,)."""
        return self.aboard & (self.until <= cycles + 1e-9)

    def within(self, count: Scalar) -> Scalar:
        """Cycles that the first ``count`` tubes need."""
        order = jnp.arange(self.cycles.shape[0], dtype=float)
        return jnp.sum(jnp.where(order < count, self.cycles, 0.0))


def work(arm: Arm, luck: Scalar, name: str, tubes: int, slots: Scalar) -> Work:
    """What a row of tubes costs the arm, until their places are taken.

    The number of tries is geometric, found from one die by inversion: a tube needs k of them with
    chance f^(k-1) (1 - f). One that needs more than ``arm.tries``, or sticks, stays behind and
    leaves its place to the next of its row.

    Args:
        arm: see there.
        luck: names the dice; 0 means that nothing fails.
        name: of the row, part of the dice's names; its first letters tell it from others.
        tubes: in the row.
        slots: places for them in the container.
    """
    order = jnp.arange(tubes, dtype=float)
    lucky = luck <= 0.0
    jammed = dice.chance(dice.key_of(luck, f"j{name}"), order) < arm.stick_chance
    needed = geometric(dice.chance(dice.key_of(luck, f"t{name}"), order), arm.fail_chance)
    stuck = ~lucky & (jammed | (needed > arm.tries))
    used = jnp.where(lucky, 1.0, jnp.where(stuck, arm.tries, needed))
    come = jnp.cumsum(jnp.where(stuck, 0.0, 1.0))
    tried = come - jnp.where(stuck, 0.0, 1.0) < slots
    cycles = jnp.where(tried, used, 0.0)
    return Work(tried, tried & ~stuck, cycles, jnp.cumsum(cycles))


def lid_cycles(arm: Arm, luck: Scalar) -> tuple[Scalar, Bool[Array, ""]]:
    """Cycles at the lid, at most `LID_TRIES`, and whether it is closed then."""
    needed = geometric(dice.chance(dice.key_of(luck, "lid"), jnp.asarray(0.0)), arm.lid_fail_chance)
    needed = jnp.where(luck <= 0.0, 1.0, needed)
    return jnp.minimum(needed, LID_TRIES), needed <= LID_TRIES


def geometric(chance: Array, fails: Scalar) -> Array:
    """Tries until the first success, from a chance in 0 to 1; one where nothing fails."""
    safe = jnp.clip(jnp.asarray(fails), 1e-300, 1.0 - 1e-12)
    return 1.0 + jnp.floor(jnp.log(jnp.maximum(1.0 - chance, 1e-300)) / jnp.log(safe))

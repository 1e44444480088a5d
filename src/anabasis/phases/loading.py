"""The arm loads the container, tube by tube: tries, failures, a tube that sticks, and the lid.

    next tube --> grip and move --> in its slot --> next ... --> lid --> container closed
                     ^    | failed
                     +----+ again, at most so often; then the tube stays behind

One pure cycle per attempt, with named dice: a new die changes no other. It is written for one arm;
many are a `vmap` of it.
"""

from __future__ import annotations

import zlib

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Bool, Float, PRNGKeyArray

from anabasis.mechanics.arrays import Array, Scalar


class Arm(eqx.Module):
    """The transfer arm; every number is `assumed`: no cycle time is published (docs/surface.md).

    Attributes:
        cycles_per_sol: attempts in a sol.
        fails: chance that an attempt fails and must be made again.
        sticks: chance that a tube cannot be taken out or set in at all.
        tries: attempts at one tube before it is left.
        lid_fails: chance that the lid does not close at an attempt.
    """

    cycles_per_sol: Scalar = 1.0
    fails: Scalar = 0.05
    sticks: Scalar = 0.002
    tries: Scalar = 5.0
    lid_fails: Scalar = 0.02


class Loaded(eqx.Module):
    """What the arm made of it.

    Attributes:
        aboard: which tubes are in the container, shape (n,).
        stuck: which were left because they would not come, shape (n,).
        attempts: cycles used on each, shape (n,).
        lid_attempts: cycles used on the lid, at most 20.
        closed: whether the lid is on.
        duration: sols from the first cycle to the last.
    """

    aboard: Bool[Array, " n"]
    stuck: Bool[Array, " n"]
    attempts: Float[Array, " n"]
    lid_attempts: Scalar
    closed: Bool[Array, ""]
    duration: Scalar


LID_TRIES = 20.0
"""Attempts at the lid before the container is given up."""


def _die(key: PRNGKeyArray, name: str, shape: tuple[int, ...] = ()) -> Array:
    return jax.random.uniform(jax.random.fold_in(key, zlib.crc32(name.encode())), shape)


def load(key: PRNGKeyArray, arm: Arm, wanted: Bool[Array, " n"], slots: Scalar) -> Loaded:
    """Load the wanted tubes in their order until the slots are full, then close the lid.

    The number of attempts at a tube is geometric, found from one die by inversion: it needs k with
    chance fails^(k-1) (1 - fails). A tube that needs more than ``tries``, or sticks, stays behind
    and leaves its slot to the next.

    Args:
        key: of the case.
        arm: see there.
        wanted: which tubes are to be loaded, in order of priority.
        slots: places in the container.
    """
    tubes = wanted.shape[0]
    jammed = _die(key, "sticks", (tubes,)) < arm.sticks
    needed = _geometric(_die(key, "attempt", (tubes,)), arm.fails)
    stuck = jammed | (needed > arm.tries)
    used = jnp.where(stuck, arm.tries, needed)

    def one(taken: Scalar, tube: tuple[Array, Array, Array]) -> tuple[Scalar, tuple[Array, Array]]:
        asked, holds, _ = tube
        tried = asked & (taken < slots)
        goes = tried & ~holds
        return taken + jnp.where(goes, 1.0, 0.0), (goes, tried)

    _, (aboard, tried) = jax.lax.scan(one, jnp.asarray(0.0), (wanted, stuck, used))
    attempts = jnp.where(tried, used, 0.0)
    lid = _geometric(_die(key, "lid"), arm.lid_fails)
    closed = lid <= LID_TRIES
    lid = jnp.minimum(lid, LID_TRIES)
    sols = jnp.ceil((jnp.sum(attempts) + lid) / arm.cycles_per_sol - 1e-9)
    return Loaded(aboard, tried & stuck, attempts, lid, closed, sols)


def _geometric(chance: Array, fails: Scalar) -> Array:
    """Attempts until the first success, from a chance in 0 to 1; one where nothing fails."""
    safe = jnp.clip(jnp.asarray(fails), 1e-300, 1.0 - 1e-12)
    return 1.0 + jnp.floor(jnp.log(jnp.maximum(1.0 - chance, 1e-300)) / jnp.log(safe))

"""Truth and flight software in turn, a fixed tick at a time.

      software:   sensed -> command          sensed -> command
                    ^           |              ^           |
      truth:     ---+-----------v--substeps----+-----------v--substeps---

The two share nothing but what stands on the arrows: the software is handed what was sensed and its
own memory, the truth is handed the command. So a history of what was sensed, handed to the same
software beside any other truth, gives the same commands.

Legs that do the same kind of thing fly as one loop: its body is compiled once, and between two
legs, only there, decisions are taken and parts thrown off.

      leg 0: tick tick tick ... | open leg 1 | tick tick ... | open leg 2 | ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Scalar

Software = Callable[[Any, Any, Any], tuple[Any, Any]]
"""``software(memory, sensed, told) -> (command, memory)``."""
Truth = Callable[[Any, Any, Any, Any, Any], tuple[Any, Any]]
"""``truth(state, command, time, length, given) -> (state, sensed)`` over one tick."""


class Opened(eqx.Module):
    """How a leg begins.

    Attributes:
        state: of the truth, after what happens between the legs.
        memory: of the software, after what it decides there.
        duration: of the leg, a burn time, say, so that its end carries its derivative [s].
        given: what the truth is handed at every tick of the leg.
        told: what the software is handed at every tick of the leg.
    """

    state: Any
    memory: Any
    duration: Any
    given: Any
    told: Any


class Legs(eqx.Module):
    """How each leg of a loop ended; every array has the leg as its first axis.

    Attributes:
        time: at the end [s].
        state: of the truth.
        memory: of the software.
        sensed: what the software will be handed next.
        rows: what ``record`` kept of each tick, all legs in a row; None without it.
    """

    time: Any
    state: Any
    memory: Any
    sensed: Any
    rows: Any

    def end(self, which: int) -> tuple[Any, Any, Any, Any]:
        """State, memory, sensed and time at the end of one leg."""
        return jax.tree.map(lambda x: x[which], (self.state, self.memory, self.sensed, self.time))


def fly_legs(
    legs: Sequence[tuple[Callable[[Any, Any, Any, Any], Opened], int]],
    truth: Truth,
    software: Software,
    state: Any,
    memory: Any,
    sensed: Any,
    start: Scalar,
    *,
    record: Callable[..., Any] | None = None,
    history: Any = None,
    replayed: Any = None,
) -> Legs:
    """Fly legs one after another, each of a fixed number of ticks.

    Args:
        legs: for each how it is opened, ``open(state, memory, sensed, time) -> Opened``, and how
            many ticks it has.
        truth: moves the world by one tick under a held command, and says what was sensed in it.
        software: decides, once a tick, from what was sensed in the tick before.
        state: of the truth, any tree of numbers.
        memory: of the software.
        sensed: before the first tick.
        start: time of the first tick [s].
        record: ``record(time, state, command, sensed, given)`` at the beginning of each tick, kept.
        history: what was sensed in another flight, one row a tick.
        replayed: where true, the software is handed the history instead of what was sensed.

    Returns:
        The `Legs`. Derivatives are taken forwards.
    """
    counts = np.array([count for _, count in legs])
    firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    openers: list[Any] = [_floats(opener) for opener, _ in legs]

    def leg(carry: Any, row: Any) -> tuple[Any, Any]:
        state, memory, sensed, start, rows = carry
        which, count, first = row
        opened = jax.lax.switch(which, openers, state, memory, sensed, start)
        length = opened.duration / count.astype(float)

        def tick(number: Any, inner: Any) -> Any:
            here, mind, felt, rows = inner
            time = start + length * number.astype(float)
            if history is not None:
                past = jax.tree.map(lambda x: jnp.asarray(x)[first + number], history)
                felt = jax.tree.map(lambda old, new: jnp.where(replayed, old, new), past, felt)
            command, mind = software(mind, felt, opened.told)
            if record is not None:
                row = record(time, here, command, felt, opened.given)
                rows = jax.tree.map(lambda all_, one: all_.at[first + number].set(one), rows, row)
            here, felt = truth(here, command, time, length, opened.given)
            return here, mind, felt, rows

        begun = (opened.state, opened.memory, sensed, rows)
        state, memory, sensed, rows = jax.lax.fori_loop(0, count, tick, begun)
        end = start + opened.duration
        return (state, memory, sensed, end, rows), (end, state, memory, sensed)

    start = jnp.asarray(start, dtype=float)
    rows = None
    if record is not None:
        rows = _blank(
            record, software, openers[0], (state, memory, sensed, start), int(counts.sum())
        )
    begun = _as_floats((state, memory, sensed))
    carry, ends = jax.lax.scan(leg, (*begun, start, rows), (np.arange(len(legs)), counts, firsts))
    return Legs(*ends, carry[-1])


def _as_floats(tree: Any) -> Any:
    return jax.tree.map(lambda x: jnp.asarray(x, dtype=float), tree)


def _floats(opener: Any) -> Any:
    """Every way to open a leg gives the same kinds of numbers."""
    return lambda *given: _as_floats(opener(*given))


def _blank(record: Any, software: Any, opener: Any, begun: Any, ticks: int) -> Any:
    def one(begun: Any) -> Any:
        opened = opener(*begun)
        command, _ = software(opened.memory, begun[2], opened.told)
        return record(begun[3], opened.state, command, begun[2], opened.given)

    like = jax.eval_shape(one, begun)
    return jax.tree.map(lambda x: jnp.zeros((ticks, *x.shape), x.dtype), like)

"""Truth and flight software in turn, a fixed tick at a time.

      software:   sensed -> command          sensed -> command
                    ^           |              ^           |
      truth:     ---+-----------v--substeps----+-----------v--substeps---

The two share nothing but what stands on the arrows: the software is handed what was sensed and its
own memory, the truth is handed the command. So a history of what was sensed, handed to the same
software beside any other truth, gives the same commands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar

Software = Callable[[Any, Any], tuple[Any, Any]]
"""``software(memory, sensed) -> (command, memory)``."""
Truth = Callable[[Any, Any, Scalar, Scalar], tuple[Any, Any]]
"""``truth(state, command, time, length) -> (state, sensed)`` over one tick."""


class Loop(eqx.Module):
    """How a closed loop ended.

    Attributes:
        time: at the end [s].
        state: of the truth.
        memory: of the software.
        sensed: what the software will be handed next.
        rows: what ``record`` kept of each tick; None without it.
    """

    time: Scalar
    state: Any
    memory: Any
    sensed: Any
    rows: Any


def fly_loop(
    truth: Truth,
    software: Software,
    state: Any,
    memory: Any,
    sensed: Any,
    start: Scalar,
    duration: Scalar,
    ticks: int,
    *,
    record: Callable[[Scalar, Any, Any, Any], Any] | None = None,
    history: Any = None,
    replayed: Any = None,
) -> Loop:
    """Fly a fixed number of ticks.

    Args:
        truth: moves the world by one tick under a held command, and says what was sensed in it.
        software: decides, once a tick, from what was sensed in the tick before.
        state: of the truth, any tree of numbers.
        memory: of the software.
        sensed: before the first tick.
        start: time of the first tick [s].
        duration: of all ticks; a burn time, say, so that the end carries its derivative [s].
        ticks: how many. Static.
        record: ``record(time, state, command, sensed)`` at the beginning of each tick, kept.
        history: what was sensed in another flight, one row a tick.
        replayed: where true, the software is handed the history instead of what was sensed.

    Returns:
        The `Loop`.
    """
    start = jnp.asarray(start, dtype=float)
    length = jnp.asarray(duration, dtype=float) / ticks

    def tick(carry: Any, given: Any) -> tuple[Any, Any]:
        here, mind, felt = carry
        number, past = given
        time = start + length * number
        if history is not None:
            felt = jax.tree.map(lambda old, new: jnp.where(replayed, old, new), past, felt)
        command, mind = software(mind, felt)
        row = None if record is None else record(time, here, command, felt)
        here, felt = truth(here, command, time, length)
        return (here, mind, felt), row

    numbers = jnp.arange(ticks, dtype=float)
    (state, memory, sensed), rows = jax.lax.scan(tick, (state, memory, sensed), (numbers, history))
    return Loop(start + jnp.asarray(duration, dtype=float), state, memory, sensed, rows)


def weighted(rate: Callable[[Any, int], Any], state: Any, length: Scalar) -> Any:
    """One classical Runge-Kutta step, its stages written out; for trees of plain scalars.

        y + h/6 (k1 + 2 k2 + 2 k3 + k4)

    Args:
        rate: ``rate(state, moment)``: moment 0 is the beginning, 1 the middle, 2 the end.
        state: any tree of scalars.
        length: of the step.
    """

    def ahead(slope: Any, by: Any) -> Any:
        return jax.tree.map(lambda y, k: y + by * k, state, slope)

    k1 = rate(state, 0)
    k2 = rate(ahead(k1, 0.5 * length), 1)
    k3 = rate(ahead(k2, 0.5 * length), 1)
    k4 = rate(ahead(k3, length), 2)
    sixth = length / 6.0
    return jax.tree.map(
        lambda y, a, b, c, d: y + sixth * (a + 2.0 * (b + c) + d), state, k1, k2, k3, k4
    )

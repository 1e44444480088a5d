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
import numpy as np

from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.batch import is_side_by_side

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


def weighted(
    rate: Callable[[Any, Any], Any],
    state: Any,
    length: Scalar,
    given: tuple[Any, Any, Any] = (None, None, None),
    *,
    looped: bool = False,
) -> Any:
    """One classical Runge-Kutta step; for trees of plain scalars.

        y + h/6 (k1 + 2 k2 + 2 k3 + k4)

    Args:
        rate: ``rate(state, given)``.
        state: any tree of scalars.
        length: of the step.
        given: what the rate is handed at the beginning, in the middle and at the end.
        looped: go through the stages in a loop: a quarter of the code to compile, at some cost in
            speed. Written out otherwise, and only side by side: alone, a flight is over sooner than
            its longer code would be compiled.
    """

    def ahead(slope: Any, by: Any) -> Any:
        return jax.tree.map(lambda y, k: y + by * k, state, slope)

    if looped or not is_side_by_side():
        first, middle, last = given
        rows = jax.tree.map(
            lambda a, b, c: jnp.stack([jnp.asarray(x) for x in (a, b, b, c)]), first, middle, last
        )
        shares = (np.array([1.0, 2.0, 2.0, 1.0]) / 6.0, np.array([0.0, 0.5, 0.5, 1.0]))

        def stage(carry: Any, row: Any) -> tuple[Any, None]:
            slope, total = carry
            (share, by), handed = row
            slope = rate(ahead(slope, by * length), handed)
            return (slope, jax.tree.map(lambda t, k: t + share * length * k, total, slope)), None

        nothing = jax.tree.map(jnp.zeros_like, state)
        return jax.lax.scan(stage, (nothing, state), (shares, rows))[0][1]
    k1 = rate(state, given[0])
    k2 = rate(ahead(k1, 0.5 * length), given[1])
    k3 = rate(ahead(k2, 0.5 * length), given[1])
    k4 = rate(ahead(k3, length), given[2])
    sixth = length / 6.0
    return jax.tree.map(
        lambda y, a, b, c, d: y + sixth * (a + 2.0 * (b + c) + d), state, k1, k2, k3, k4
    )

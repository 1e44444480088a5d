"""A fixed-tick closed loop: sense, decide, act, move on, until something ends the flight.

    tick     sensed --> law --> command --> truth moves by one tick --> ...

Unlike a segment (`mechanics.segment`) the loop ends on a tick, because what ends it is a decision
of a computer that looks once a tick, or the ground. It stops where it ends: side by side it goes on
until the last lane is done, and lanes that are done stand still.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.mechanics.arrays import Flag, Scalar
from anabasis.mechanics.segment import Peak, Rate

State = Any
Tick = Callable[[Scalar, State], tuple[State, Flag]]
"""``tick(time, state)``: the state one tick later, and whether the flight has ended with it."""


class Loop(eqx.Module):
    """What a closed loop ends with.

    Attributes:
        time: at the end.
        state: at that time.
        ended: whether something ended it, not the number of ticks.
        peaks: name -> `Peak` of each watched quantity, at the ticks.
        counts: sums of what ``count`` returned; None without it.
        rows: what ``record`` returned at each tick and at the end, stacked [most + 1]; rows after
            the end repeat it. None without ``record``.
    """

    time: Scalar
    state: State
    ended: Flag
    peaks: dict[str, Peak]
    counts: Any | None
    rows: Any | None


def midpoint_step(
    rate: Rate, time: Scalar, state: State, length: float, given: Any = None
) -> State:
    """One step of the midpoint rule: second order, half the price of the classical step.

    At twenty ticks a second its error is far below that of holding a command through the tick
    (tests/phases/test_guided_entry.py halves it).
    """
    half = 0.5 * length
    slope = rate(time, state, given)
    middle = jax.tree.map(lambda y, k: y + half * k, state, slope)
    slope = rate(time + half, middle, given)
    return jax.tree.map(lambda y, k: y + length * k, state, slope)


def fly_closed_loop(
    tick: Tick,
    state: State,
    length: float,
    most: int,
    *,
    watch: Callable[[Scalar, State], dict[str, Scalar]] | None = None,
    count: Callable[[Scalar, State], Any] | None = None,
    record: Callable[[Scalar, State], Any] | None = None,
) -> Loop:
    """Run a closed loop from time 0.

    Args:
        tick: one tick of the loop.
        state: truth and memories at the start; any tree of arrays.
        length: of a tick [s].
        most: ticks at most. Static.
        watch: numbers whose greatest values are wanted.
        count: a tree of numbers, summed over the ticks.
        record: a tree of numbers kept for each tick.

    Returns:
        The `Loop`.

    Bears ``vmap`` and forward derivatives; these hold every decision where it fell.
    """
    state = jax.tree.map(jnp.asarray, state)
    zero = jnp.asarray(0.0)
    names = [] if watch is None else list(watch(zero, state))

    def read(time: Scalar, here: State) -> dict[str, Scalar]:
        return {} if watch is None else watch(time, here)

    best = {
        name: Peak(zero, jnp.asarray(value, dtype=float), state)
        for name, value in read(zero, state).items()
    }
    counts = (
        None
        if count is None
        else jax.tree.map(lambda x: jnp.zeros_like(jnp.asarray(x, float)), count(zero, state))
    )
    rows = None
    if record is not None:
        first = jax.tree.map(lambda x: jnp.asarray(x, dtype=float), record(zero, state))
        rows = jax.tree.map(lambda x: jnp.broadcast_to(x, (most + 1, *jnp.shape(x))), first)

    def going(carry: Any) -> Flag:
        number, _, ended, *_ = carry
        return (number < most) & ~ended

    def turn(carry: Any) -> Any:
        number, here, _, best, counts, rows = carry
        after, ended = tick(number * length, here)
        time = (number + 1) * length
        values = read(time, after)
        best = {
            name: jax.tree.map(
                lambda new, old, better=values[name] > best[name].value: jnp.where(
                    better, new, old
                ),
                Peak(time, values[name], after),
                best[name],
            )
            for name in names
        }
        if count is not None:
            counts = jax.tree.map(
                lambda total, x: total + jnp.asarray(x, dtype=float), counts, count(time, after)
            )
        if record is not None:
            row = jax.tree.map(lambda x: jnp.asarray(x, dtype=float), record(time, after))
            rows = jax.tree.map(lambda all_, x: all_.at[number + 1].set(x), rows, row)
        return number + 1, after, ended, best, counts, rows

    begin = (jnp.asarray(0), state, jnp.asarray(False), best, counts, rows)
    number, end, ended, best, counts, rows = jax.lax.while_loop(going, turn, begin)
    if rows is not None:
        index = jnp.minimum(jnp.arange(most + 1), number)
        rows = jax.tree.map(lambda x: x[index], rows)
    return Loop(number * length, end, ended, best, counts, rows)

"""Flight over a fixed number of ticks, with what happens between two ticks found by a root.

A tick is one classical Runge-Kutta step. Its length is the duration over the number of ticks, so a
duration (a burn time, say) can be differentiated; what the state triggers (a parachute, the ground)
is located inside its tick by re-integrating part of it, never rounded to it, so its time and state
have exact derivatives too. After the event the flight stands still, at the event.

      start                    event
        |-----|-----|-----|--x- - - - - |
         tick  tick  tick

Several legs with switching times known beforehand (a reversal, ignition, burnout) fly as one loop:
each leg has its own duration, number of ticks and inputs, and the switch lies on a tick.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Array, Flag, Scalar
from anabasis.mechanics.batch import LANES, is_side_by_side

Given = Any
State = Any
Rate = Callable[[Scalar, State, Given], State]
"""``rate(time, state, given)``: the time derivative of the state, shaped like the state."""
Measure = Callable[[Scalar, State, Given], Any]
"""``measure(time, state, given)``: something read off the flight at one instant."""

_ROOT_ITERATIONS = 20
_PEAK_ITERATIONS = 36
_BLOCK = 100
"""Most ticks that are flown side by side before it is asked whether any lane still flies."""
_GOLDEN = (5.0**0.5 - 1.0) / 2.0


class Peak(eqx.Module):
    """Where a watched quantity was greatest, between the ticks: when, how great, in what state."""

    time: Scalar
    value: Scalar
    state: State


class Segment(eqx.Module):
    """What a segment flown over fixed ticks ends with.

    Attributes:
        time: at the end: the event's time where it happened, else start plus duration.
        state: at that time.
        happened: whether the event happened.
        peaks: name -> `Peak` of each watched quantity.
        counts: what ``count`` returned, summed over the ticks' ends; None without ``count``.
        rows: what ``record`` returned, at each tick and at the end, stacked [ticks + 1]; rows
            after the event repeat the end. None without ``record``.
    """

    time: Scalar
    state: State
    happened: Flag
    peaks: dict[str, Peak]
    counts: Any | None
    rows: Any | None


def runge_kutta_step(
    rate: Rate, time: Scalar, state: State, length: Scalar, given: Given = None
) -> State:
    """One classical fourth-order Runge-Kutta step over ``length``.

        y + h/6 (k1 + 2 k2 + 2 k3 + k4)

    Args:
        rate: time derivative of the state.
        time: at the start of the step.
        state: at the start of the step, any tree of arrays.
        length: of the step.
        given: handed on to ``rate``.

    Returns:
        The state after the step.

    Written as a loop over its stages: the rate is compiled once instead of four times, and the
    loop costs nothing that could be measured. Error of one step: fifth order in its length where
    the rate is smooth. Source: Kutta 1901.
    """
    weights = (np.array([1.0, 2.0, 2.0, 1.0]) / 6.0, np.array([0.0, 0.5, 0.5, 1.0]))
    nothing = jax.tree.map(jnp.zeros_like, state)

    def stage(carry: tuple[State, State], weight: tuple[Scalar, Scalar]) -> tuple[Any, None]:
        slope, total = carry
        share, by = weight[0] * length, weight[1] * length
        there = jax.tree.map(lambda y, k: y + by * k, state, slope)
        slope = rate(time + by, there, given)
        return (slope, jax.tree.map(lambda a, k: a + share * k, total, slope)), None

    (_, total), _ = jax.lax.scan(stage, (nothing, nothing), weights)
    return jax.tree.map(jnp.add, state, total)


@jax.custom_jvp
def _moving(root: Scalar, residual: Scalar, slope: Scalar) -> Scalar:
    """A root found without derivatives, given those of the implicit function theorem:

    residual(root, p) = 0   gives   d root / dp = - (d residual / dp) / slope.

    How a state moves with the root is then read off the flow, right to the error of a tick.
    """
    return root


@_moving.defjvp
def _moving_jvp(primals: Any, tangents: Any) -> tuple[Any, Any]:
    root, _, slope = primals
    _, moved, _ = tangents
    # A plain select: jax 0.10 lowers `jnp.where` wrongly here under vmap and jvp.
    steep = jnp.abs(slope) > 1e-300
    safe = jax.lax.select(steep, slope, jnp.ones_like(slope))
    return root, jax.lax.select(steep, -moved / safe, jnp.zeros_like(moved))


def _picked(flag: Any, yes: Any, no: Any) -> Any:
    return jax.tree.map(lambda a, b: jnp.where(flag, a, b), yes, no)


def _root(value: Callable[[Scalar], Scalar], length: Scalar, low: Scalar, high: Scalar) -> Scalar:
    """Where ``value`` crosses zero in [0, length], its ends being ``low`` < 0 <= ``high``.

    False position in the Illinois variant (Dowell and Jarratt 1971), a fixed number of turns.
    """

    def turn(_: Any, bracket: tuple[Any, ...]) -> tuple[Any, ...]:
        left, right, at_left, at_right, side = bracket
        gap = at_right - at_left
        middle = left - at_left * (right - left) / jnp.where(gap == 0.0, 1.0, gap)
        middle = jnp.clip(middle, left, right)
        found = jax.lax.stop_gradient(value(middle))
        beyond = found >= 0.0
        # An end kept twice in a row loses half its weight, so that both ends close in.
        halved_left = jnp.where(beyond & (side > 0.0), 0.5 * at_left, at_left)
        halved_right = jnp.where(~beyond & (side < 0.0), 0.5 * at_right, at_right)
        return (
            jnp.where(beyond, left, middle),
            jnp.where(beyond, middle, right),
            jnp.where(beyond, halved_left, found),
            jnp.where(beyond, found, halved_right),
            jnp.where(beyond, 1.0, -1.0),
        )

    zero = jnp.zeros_like(length)
    bracket = jax.lax.fori_loop(0, _ROOT_ITERATIONS, turn, (zero, length, low, high, zero))
    left, right, at_left, at_right, _ = bracket
    return jnp.where(jnp.abs(at_left) < jnp.abs(at_right), left, right)


def _both(value: Callable[[Scalar], Scalar], one: Scalar, other: Scalar) -> Any:
    return jax.vmap(value)(jnp.stack([one, other]))


def _greatest(value: Callable[[Scalar], Scalar], length: Scalar) -> Scalar:
    """Where ``value`` is greatest in [0, length]: golden section, a fixed number of turns.

    Bears a kink (a table's corner) at the top, which a root of the slope would not.
    """

    def turn(_: Any, bracket: tuple[Any, ...]) -> tuple[Any, ...]:
        left, right = bracket
        first = right - _GOLDEN * (right - left)
        second = left + _GOLDEN * (right - left)
        one, other = jax.lax.stop_gradient(_both(value, first, second))
        rising = other > one
        return jnp.where(rising, first, left), jnp.where(rising, right, second)

    zero = jnp.zeros_like(length)
    left, right = jax.lax.fori_loop(0, _PEAK_ITERATIONS, turn, (zero, length))
    return 0.5 * (left + right)


class _Ticks(eqx.Module):
    """The grid: when each tick begins, how long it is, what is given in it."""

    begin: Array
    length: Array
    given: Given


def _grid(start: Scalar, duration: Any, ticks: Any, given: Given) -> _Ticks:
    if isinstance(ticks, int):
        length = jnp.asarray(duration, dtype=float) / ticks
        begin = start + length * jnp.arange(ticks + 1, dtype=float)
        lengths = jnp.append(jnp.full((ticks,), length), 0.0)
        spread = jax.tree.map(lambda x: jnp.broadcast_to(x, (ticks + 1, *jnp.shape(x))), given)
        return _Ticks(begin, lengths, spread)
    durations = jnp.asarray(duration, dtype=float)
    counts = np.asarray(ticks)
    leg = np.repeat(np.arange(len(ticks)), counts)
    within = np.concatenate([np.arange(n, dtype=float) for n in ticks])
    each = durations / counts.astype(float)
    leg_begin = start + jnp.concatenate([jnp.zeros(1), jnp.cumsum(durations)])
    begin = jnp.append(leg_begin[leg] + within * each[leg], leg_begin[-1])
    lengths = jnp.append(each[leg], 0.0)
    last = np.append(leg, leg[-1])
    return _Ticks(begin, lengths, jax.tree.map(lambda x: jnp.asarray(x)[last], given))


def fly_segment(
    rate: Rate,
    state: State,
    start: Scalar,
    duration: Any,
    ticks: int | tuple[int, ...],
    *,
    given: Given = None,
    event: Measure | None = None,
    watch: Measure | None = None,
    count: Measure | None = None,
    record: Measure | None = None,
) -> Segment:
    """Fly a fixed number of ticks, or until an event inside one of them.

    Args:
        rate: time derivative of the state, ``rate(time, state, given)``.
        state: at the start; any tree of float arrays.
        start: the time it starts.
        duration: of the whole; with several legs, one duration for each leg, shape [legs].
        ticks: how many; with several legs, a tuple of how many in each. Static.
        given: inputs, handed to every function; with several legs, arrays with a leading axis
            [legs], of which each leg sees its own.
        event: a number of order one, negative before and not negative from the event on. One
            that is not negative at the start happens there. The first of several events is the
            event of their maximum.
        watch: a dictionary of numbers whose greatest values are wanted.
        count: a tree of numbers, summed over the ticks' ends.
        record: a tree of numbers kept for each tick.

    Returns:
        The `Segment`.

    An event that comes and goes within one tick is not seen. Derivatives (forward mode) are exact
    for the discrete flight: through the durations, through the event and through the peaks.
    """
    state = jax.tree.map(lambda y: jnp.asarray(y, dtype=float), state)
    start = jnp.asarray(start, dtype=float)
    grid = _grid(start, duration, ticks, given)
    total = ticks if isinstance(ticks, int) else sum(ticks)

    def watched(time: Scalar, here: State, inputs: Given) -> Array:
        values = watch(time, here, inputs) if watch is not None else {}
        return jnp.stack([jnp.asarray(value, dtype=float) for value in values.values()])

    first = jax.tree.map(lambda x: x[0], grid)
    at_start = event(first.begin, state, first.given) if event is not None else -1.0
    at_start = jnp.asarray(at_start, dtype=float)
    names: list[str] = []
    best: Any = None
    if watch is not None:
        names = list(watch(first.begin, state, first.given))
        opening = watched(first.begin, state, first.given)
        index = jnp.zeros(len(names), dtype=int)
        copies = jax.tree.map(lambda y: jnp.broadcast_to(y, (len(names), *jnp.shape(y))), state)
        # For each name: the greatest tick, the one before it, and the states at both.
        best = (opening, index, copies, index, copies)

    def live(carry: Any, moment: tuple[Any, _Ticks, _Ticks]) -> tuple[Any, Any]:
        here, done, value, stopped_at, stopped_value, best = carry
        number, now, then = moment
        following = runge_kutta_step(rate, now.begin, here, now.length, now.given)
        row = record(now.begin, here, now.given) if record is not None else None
        counted = None
        if count is not None:
            counted = jax.tree.map(
                lambda x: jnp.asarray(x, dtype=float), count(then.begin, following, now.given)
            )
        after = following
        if event is not None:
            reached = jnp.asarray(event(then.begin, following, now.given), dtype=float)
            done = (reached >= 0.0) | (value >= 0.0)
            stopped_at = number
            stopped_value = reached
            after = _picked(done, here, following)
            value = jnp.where(done, value, reached)
        if best is not None:
            values = watched(then.begin, following, now.given)
            top, at, at_state, before, before_state = best
            better = (values > top) & ~done

            def chosen(new: Any, old: Any) -> Any:
                flags = better.reshape(better.shape + (1,) * (old.ndim - 1))
                return jnp.where(flags, new, old)

            best = (
                jnp.where(better, values, top),
                jnp.where(better, number + 1, at),
                jax.tree.map(lambda y, old: chosen(y[None], old), following, at_state),
                jnp.where(better, number, before),
                jax.tree.map(lambda y, old: chosen(y[None], old), here, before_state),
            )
        return (after, done, value, stopped_at, stopped_value, best), (
            row,
            counted,
            jnp.asarray(True),
        )

    def idle(carry: Any, moment: tuple[Any, _Ticks, _Ticks]) -> tuple[Any, Any]:
        _, shape = jax.eval_shape(live, carry, moment)
        blank = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shape)
        return carry, blank

    def tick(carry: Any, moment: tuple[Any, _Ticks, _Ticks]) -> tuple[Any, Any]:
        if event is None:
            return live(carry, moment)
        if is_side_by_side():
            return jax.tree.map(
                lambda old, new: jnp.where(carry[1], old, new),
                idle(carry, moment),
                live(carry, moment),
            )
        # Alone, a flight that has ended costs almost nothing more.
        return jax.lax.cond(carry[1], idle, live, carry, moment)

    numbers = jnp.arange(total)
    moments = (
        numbers,
        jax.tree.map(lambda x: x[:-1], grid),
        jax.tree.map(lambda x: x[1:], grid),
    )
    opening_carry = (state, jnp.asarray(False), at_start, jnp.asarray(0), at_start, best)
    rows: Any = None
    going: Any = None
    if event is not None and record is None and is_side_by_side():
        closing, counts = _until_all_have_ended(tick, opening_carry, moments, total)
    else:
        closing, (rows, counted, going) = jax.lax.scan(tick, opening_carry, moments)
        counts = None if count is None else jax.tree.map(lambda x: jnp.sum(x, axis=0), counted)
    here, happened, value, stopped_at, stopped_value, best = closing
    end_time, end_state = grid.begin[-1], here

    if event is not None:
        now: _Ticks = jax.tree.map(lambda x: x[stopped_at], grid)
        held = jax.lax.stop_gradient((now.begin, here, now.given))

        def value_after(part_of_tick: Scalar) -> Scalar:
            time, begun, inputs = held
            moved = runge_kutta_step(rate, time, begun, part_of_tick, inputs)
            return jnp.asarray(event(time + part_of_tick, moved, inputs), dtype=float)

        part = _root(
            value_after,
            *jax.lax.stop_gradient((now.length, value, stopped_value)),
        )
        part = jax.lax.stop_gradient(jnp.where(value >= 0.0, 0.0, part))

        there = runge_kutta_step(rate, now.begin, here, part, now.given)
        time = now.begin + part
        flow = rate(time, there, now.given)
        residual, slope = jax.jvp(
            lambda t, y: jnp.asarray(event(t, y, now.given), dtype=float),
            (time, there),
            (jnp.ones_like(time), flow),
        )
        still = 0.0 * residual
        shift = jax.lax.select(value >= 0.0, still, _moving(still, residual, slope))
        end_time = jnp.where(happened, time + shift, end_time)
        end_state = _picked(
            happened, jax.tree.map(lambda y, k: y + k * shift, there, flow), end_state
        )

    peaks: dict[str, Peak] = {}
    if watch is not None:
        last = (
            jax.tree.map(lambda x: x[stopped_at], grid.given)
            if event is not None
            else (jax.tree.map(lambda x: x[-1], grid.given))
        )
        peaks = _peaks(rate, watched, names, best, grid, end_time, end_state, last)

    if record is not None:
        inputs = jax.tree.map(lambda x: x[jnp.where(happened, stopped_at, total)], grid.given)
        end_row = record(end_time, end_state, inputs)

        def completed(values: Array, end: Array) -> Array:
            end = jnp.asarray(end, dtype=values.dtype)
            alive = going.reshape(going.shape + (1,) * (values.ndim - 1))
            return jnp.concatenate([jnp.where(alive, values, end[None]), end[None]])

        rows = jax.tree.map(completed, rows, end_row)

    return Segment(end_time, end_state, happened, peaks, counts, rows)


def _until_all_have_ended(tick: Any, carry: Any, moments: Any, total: int) -> tuple[Any, Any]:
    """The ticks block by block, until no lane is left that still flies.

    A lane that has ended stands still, so that those of its neighbours which fly on change nothing
    in it: it ends as it would have alone.
    """
    block = max(size for size in range(1, _BLOCK + 1) if total % size == 0)
    blocks = total // block
    split = jax.tree.map(lambda x: x.reshape((blocks, block, *x.shape[1:])), moments)

    def fly_block(at: Any) -> Any:
        index, _, carry, counts = at
        now = jax.tree.map(lambda x: x[index], split)
        carry, (_, counted, _) = jax.lax.scan(tick, carry, now)
        counts = jax.tree.map(lambda so_far, x: so_far + jnp.sum(x, axis=0), counts, counted)
        flying = jax.lax.psum(jnp.where(carry[1], 0.0, 1.0), LANES)
        return index + 1, flying > 0.0, carry, counts

    first = jax.tree.map(lambda x: x[0], moments)
    _, (_, shape, _) = jax.eval_shape(tick, carry, first)
    none = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shape)
    opening = (jnp.asarray(0), jnp.asarray(True), carry, none)
    _, _, carry, counts = jax.lax.while_loop(
        lambda at: (at[0] < blocks) & at[1], fly_block, opening
    )
    return carry, counts


def _peaks(
    rate: Rate,
    watched: Callable[[Scalar, State, Given], Array],
    names: list[str],
    best: Any,
    grid: _Ticks,
    end_time: Scalar,
    end_state: State,
    end_given: Given,
) -> dict[str, Peak]:
    """The greatest values between the ticks: in the tick before the greatest one, or after it."""
    _, at, at_state, before, before_state = best
    index = jnp.concatenate([before, at])
    states = jax.tree.map(lambda a, b: jnp.concatenate([a, b]), before_state, at_state)
    which = jnp.concatenate([jnp.arange(len(names))] * 2)
    ticks = jax.tree.map(lambda x: x[index], grid)
    room = jax.lax.stop_gradient(jnp.clip(end_time - ticks.begin, 0.0, ticks.length))
    reach = jax.lax.stop_gradient(1e-3 * jnp.max(grid.length) + 0.0 * room)

    def look(
        begin: Scalar, begun: State, inputs: Given, room: Scalar, reach: Scalar, name: Any
    ) -> Any:
        def value_after(part: Scalar, time: Scalar, from_state: State, with_given: Given) -> Any:
            moved = runge_kutta_step(rate, time, from_state, part, with_given)
            return watched(time + part, moved, with_given)[name]

        held = jax.lax.stop_gradient((begin, begun, inputs))
        part = jax.lax.stop_gradient(_greatest(lambda s: value_after(s, *held), room))

        def slope_after(part: Scalar) -> Scalar:
            there = runge_kutta_step(rate, begin, begun, part, inputs)
            time = begin + part
            flow = rate(time, there, inputs)
            return jax.jvp(
                lambda at, state: watched(at, state, inputs)[name],
                (time, there),
                (jnp.ones_like(time), flow),
            )[1]

        # The top is flat: values find it to the root of their noise only. Where it is smooth, the
        # slope's own root finds it to the last digits, and with its derivatives.
        near = jnp.stack([part - reach, part + reach])
        slopes: Any = jax.vmap(slope_after)(near)
        before, after = slopes[0], slopes[1]
        falls = after < before
        fall = jax.lax.select(falls, before - after, jnp.ones_like(before))
        root = (near[1] * before - near[0] * after) / fall
        smooth = falls & (jnp.abs(root - part) < reach)
        part = jax.lax.select(smooth, root, part)
        moved = runge_kutta_step(rate, begin, begun, part, inputs)
        return begin + part, watched(begin + part, moved, inputs)[name], moved

    times, values, moved = jax.vmap(look)(ticks.begin, states, ticks.given, room, reach, which)
    final = watched(end_time, end_state, end_given)
    peaks = {}
    for i, name in enumerate(names):
        places = [i, i + len(names)]
        pair = [Peak(times[j], values[j], jax.tree.map(lambda y, j=j: y[j], moved)) for j in places]
        greater = _picked(pair[1].value > pair[0].value, pair[1], pair[0])
        end = Peak(end_time, final[i], end_state)
        peaks[name] = _picked(final[i] > greater.value, end, greater)
    return peaks

"""Free motion: an adaptive integration to a time or to an event that is located, not stepped over.

For guided flight at a fixed tick there is `anabasis.mechanics.segment`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import optimistix

from anabasis.mechanics.arrays import Array, Flag, Scalar, Series

Rate = Callable[[Any, Any, Any], Any]
"""Rate of change: (time, state, arguments) -> d(state)/dt, of the state's structure."""
Condition = Callable[[Any, Any, Any], Any]
"""What ends the motion where it falls through zero; of order one: (time, state, arguments)."""


class Motion(eqx.Module):
    """Where free motion came to.

    Attributes:
        time: at the end [s].
        state: at the end, structured as it was given.
        stopped: True where the event ended it, False where the time ran out.
        ended: False where the step budget was spent or the integration failed.
        track: states at the times asked for (infinite after the end), or None.
    """

    time: Scalar
    state: Any
    stopped: Flag
    ended: Flag
    track: Any = None


def propagate(
    rate: Rate,
    state: Any,
    start: Scalar,
    end: Scalar,
    arguments: Any = None,
    *,
    stop: Condition | None = None,
    times: Series | None = None,
    relative: float = 1e-11,
    absolute: float = 1e-12,
    first_step: Scalar | None = None,
    max_steps: int = 4096,
    solver: diffrax.AbstractSolver[Any] | None = None,
    adjoint: diffrax.AbstractAdjoint | None = None,
) -> Motion:
    """Integrate free motion from one time to another, or until something happens.

    The steps adapt to the tolerance; the event is located by a root finder inside its step and
    must be scaled to order one. Derivatives pass through the event (dt/dp = -(dg/dp) / (dg/dt)).
    Nothing is thrown: a lane that fails says so in `Motion.ended` and lets the others fly on.

    Args:
        rate: of change of the state; pure.
        state: at the start, of order one where ``absolute`` is to mean anything.
        start: time [s].
        end: latest time, may lie before the start [s].
        arguments: handed to ``rate`` and ``stop``.
        stop: ends the motion where it falls to zero; None flies to ``end``.
        times: at which the states are kept as well.
        relative: tolerance of each step, relative to the state.
        absolute: tolerance of each step, in the state's own unit.
        first_step: [s]; None lets the controller choose.
        max_steps: budget.
        solver: a diffrax solver; None is Dormand and Prince's order 8.
        adjoint: a diffrax adjoint; None is forward mode (jvp, jacfwd).

    Returns:
        The motion's end.

    Source: Dormand and Prince 1980; P. Kidger, diffrax.
    """
    event = None
    if stop is not None:

        def condition(t: Array, y: Any, args: Any, **_: Any) -> Array:
            return stop(t, y, args)

        event = diffrax.Event(
            condition, root_finder=optimistix.Newton(rtol=1e-12, atol=1e-12), direction=False
        )
    end_only = diffrax.SubSaveAt(t1=True)
    saveat = (
        diffrax.SaveAt(subs=[end_only])
        if times is None
        else diffrax.SaveAt(subs=[end_only, diffrax.SubSaveAt(ts=jnp.asarray(times))])
    )
    start = jnp.asarray(start, float)
    end = jnp.asarray(end, float)
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(rate),  # pyright: ignore[reportArgumentType]
        diffrax.Dopri8() if solver is None else solver,
        start,
        end,
        None if first_step is None else jnp.asarray(first_step, float),
        state,
        arguments,
        saveat=saveat,
        stepsize_controller=diffrax.PIDController(rtol=relative, atol=absolute),
        adjoint=diffrax.ForwardMode() if adjoint is None else adjoint,
        event=event,
        max_steps=max_steps,
        throw=False,
    )
    ts: Any = solution.ts
    ys: Any = solution.ys
    stopped = solution.result == diffrax.RESULTS.event_occurred
    ended = stopped | (solution.result == diffrax.RESULTS.successful)
    return Motion(
        ts[0][-1],
        jax.tree.map(lambda y: y[-1], ys[0]),
        jnp.asarray(stopped),
        jnp.asarray(ended),
        None if times is None else ys[1],
    )

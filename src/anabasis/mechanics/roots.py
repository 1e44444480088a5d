"""Where a function is zero: searches of a fixed length that vectorise, and the slope of a root."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from anabasis.mechanics.arrays import Array, Scalar


def bracketed_root(
    function: Callable[[Scalar], Scalar], low: Scalar, high: Scalar, steps: int = 60
) -> Scalar:
    """The root of a function of one number that changes sign between two ends.

    The bracket is halved a fixed number of times, so that every lane of a batch does the same
    work; 60 halvings leave 1e-18 of the bracket. The answer then takes one Newton step, which
    carries the derivative of the root with respect to whatever the function depends on
    (dx/dp = -(df/dp) / (df/dx)).

    Args:
        function: of one number, of opposite sign (or zero) at the ends.
        low: one end of the bracket.
        high: the other.
        steps: how often the bracket is halved.

    Returns:
        The root; an end of the bracket where the function does not change sign.
    """
    low, high = jnp.asarray(low, float), jnp.asarray(high, float)
    sign_low = jnp.sign(jax.lax.stop_gradient(function(low)))

    def halve(_: object, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        a, b = ends
        middle = 0.5 * (a + b)
        left = jnp.sign(jax.lax.stop_gradient(function(middle))) == sign_low
        return jnp.where(left, middle, a), jnp.where(left, b, middle)

    ends = jax.lax.stop_gradient((low, high))
    a, b = jax.lax.fori_loop(0, steps, halve, ends)
    return polished(function, 0.5 * (a + b))


def polished(function: Callable[[Scalar], Scalar], root: Scalar) -> Scalar:
    """A root found by any means, with one more Newton step that carries its derivative.

        x = x0 - f(x0; p) / f'(x0),   so that   dx/dp = -(df/dp) / f'

    Args:
        function: whose root it is; may depend on traced numbers from outside.
        root: a converged root (its own derivative is dropped).

    Returns:
        The root, differentiable once.
    """
    fixed = jax.lax.stop_gradient(jnp.asarray(root, float))
    value, slope = jax.jvp(function, (fixed,), (jnp.ones_like(fixed),))
    slope = jax.lax.stop_gradient(slope)
    safe = jnp.where(slope == 0.0, 1.0, slope)
    return fixed - jnp.where(slope == 0.0, 0.0, value / safe)

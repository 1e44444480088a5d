r"""Entry guidance by prediction: fly the rest of the entry in the computer's head, and correct.

    now ---> believed state ---> predicted flight, share of lift up = reference + c ---> range left
                                 predicted flight, with c + dc                     ---> range left
                                 c <- c - (range left - wanted) / slope

The prediction is flat: height, speed, angle and distance over a sphere, the Coriolis push as it is
now, and the onboard model of drag, which learns from the drag felt:

    h' = v sin g          v' = -D - G sin g        D = f k v^2 exp(-h / H)
    s' = -v cos g R / r   g' = (D L/D cos(bank) + (v^2 / r - G) cos g) / v + w

A second's ticks share the work of two predictions, as an onboard computer would: no tick has more
to do than another. Reversals, heading alignment and the mortar are those of `guidance.apollo`.

Source: the numerical predictor-corrector of Lu (J. Guidance 37, 2014) and Brunner and Lu (J.
Guidance 31, 2008), reduced to its essence; the profile that is shifted is the tuned reference's.
"""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar

TICKS, STEPS, LENGTH = 20, 6, 2.0
"""Ticks that share one prediction, its steps in a tick, and how long a step is [s]."""
NUDGE = 0.05
"""By how much the second prediction's lift upward differs, as a share of the lift."""
MOST = 1.0
"""Greatest correction of that share."""
_LEAST_SLOPE = 20e3
_LEARNS = 0.01


class Onboard(eqx.Module):
    """The computer's own model of the flight that is left; made by ``anabasis tune``.

    Attributes:
        drag_scale: k, drag over speed squared at height nought [1/m].
        scale_height: H [m].
        ground_radius: from the centre to where heights count from [m].
        range_radius: of the sphere on which ranges are told [m].
        gm: [m^3/s^2].
        end_speed: where the prediction ends [m/s].
        wanted: distance then left [m].
    """

    drag_scale: Scalar
    scale_height: Scalar
    ground_radius: Scalar
    range_radius: Scalar
    gm: Scalar
    end_speed: Scalar
    wanted: Scalar


class Flat(eqx.Module):
    """A predicted state: height [m], speed [m/s], angle of flight [rad], distance to go [m]."""

    height: Scalar
    speed: Scalar
    angle: Scalar
    distance: Scalar


class Prediction(eqx.Module):
    """What is being predicted, and what came of it.

    Attributes:
        one: with the correction tried.
        other: with a little more lift up.
        turning: the Coriolis push over the speed when the prediction began [rad/s].
        correction: c of both, less the nudge; the one that is flown now.
        factor: drag felt over drag expected.
        tick: of the cycle.
    """

    one: Flat
    other: Flat
    turning: Scalar
    correction: Scalar
    factor: Scalar
    tick: Scalar


def at_rest() -> Prediction:
    """A prediction that has not begun: its first tick begins it."""
    zero = jnp.asarray(0.0)
    flat = Flat(zero, zero, zero, zero)
    return Prediction(flat, flat, zero, zero, jnp.asarray(1.0), zero)


def learned(
    onboard: Onboard, before: Prediction, height: Scalar, speed: Scalar, drag: Scalar
) -> Scalar:
    """The drag felt over that expected, followed slowly, and only where there is drag to feel."""
    expected = _drag(onboard, jnp.asarray(1.0), height, speed)
    share = jnp.where(drag > 0.5, _LEARNS, 0.0)
    ratio = jnp.clip(drag / jnp.maximum(expected, 1e-6), 0.3, 3.0)
    return before.factor + share * (ratio - before.factor)


def predict(
    onboard: Onboard,
    before: Prediction,
    now: Flat,
    turning: Scalar,
    factor: Scalar,
    lift_of: Callable[[Scalar, Scalar], Scalar],
) -> Prediction:
    """One tick's share of the predictions; at the end of a cycle, the correction.

    Args:
        onboard: the model.
        before: where the predictions stand.
        now: what is believed to be the state.
        turning: the Coriolis push upward over the speed, now [rad/s].
        factor: on the expected drag.
        lift_of: ``(speed, correction) -> lift up over drag``, with the law's limits on the bank.
    """
    begins = before.tick < 0.5
    one = jax.tree.map(lambda a, b: jnp.where(begins, a, b), now, before.one)
    other = jax.tree.map(lambda a, b: jnp.where(begins, a, b), now, before.other)
    turning = jnp.where(begins, turning, before.turning)

    def step(flat: Flat, correction: Scalar) -> Flat:
        def rate(at: Flat) -> Flat:
            drag = _drag(onboard, factor, at.height, at.speed)
            radius = onboard.ground_radius + at.height
            pull = onboard.gm / (radius * radius)
            sine = jnp.sin(at.angle)
            cosine = jnp.sqrt(jnp.maximum(1.0 - sine * sine, 1e-6))
            lift = drag * lift_of(at.speed, correction)
            bent = (lift + (at.speed * at.speed / radius - pull) * cosine) / at.speed + turning
            covered = at.speed * cosine * onboard.range_radius / radius
            return Flat(at.speed * sine, -drag - pull * sine, bent, -covered)

        slope = rate(flat)
        middle = jax.tree.map(lambda y, k: y + 0.5 * LENGTH * k, flat, slope)
        slope = rate(middle)
        # the last step ends where the speed does
        slows = jnp.maximum(-slope.speed, 1e-3)
        length = jnp.clip((flat.speed - onboard.end_speed) / slows, 0.0, LENGTH)
        return jax.tree.map(lambda y, k: y + length * k, flat, slope)

    for _ in range(STEPS):
        one = step(one, before.correction)
        other = step(other, before.correction + NUDGE)
    done = before.tick > TICKS - 1.5
    # more lift up leaves less distance to go
    slope = jnp.minimum((other.distance - one.distance) / NUDGE, -_LEAST_SLOPE)
    wanted = before.correction - (one.distance - onboard.wanted) / slope
    # a prediction that has not come down to its end yet says nothing
    ended = one.speed < onboard.end_speed + 1.0
    correction = jnp.where(done & ended, jnp.clip(wanted, -MOST, MOST), before.correction)
    tick = jnp.where(done, 0.0, before.tick + 1.0)
    return Prediction(one, other, turning, correction, factor, tick)


def _drag(onboard: Onboard, factor: Scalar, height: Scalar, speed: Scalar) -> Scalar:
    thinning = jnp.exp(-jnp.clip(height, -2e4, 3e5) / onboard.scale_height)
    return factor * onboard.drag_scale * speed * speed * thinning

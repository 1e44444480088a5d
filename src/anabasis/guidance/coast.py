"""In the coast: when to light a motor that cannot be stopped, and where to point it.

The flight computer carries what it believes to be its state up to a trial ignition and through the
burn, with its own gravity and the planned motor, and looks where that ends. Three numbers are free
(the instant, elevation and turn of the thrust), four are wanted (`steering.orbit_miss`): the least
sum of squares is the orbit nearest to the target.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.guidance.navigation import OnboardPlanet, believed_gravity
from anabasis.guidance.steering import TargetOrbit, orbit_miss, second_stage_direction
from anabasis.mechanics.arrays import Array, Scalar, Vector
from anabasis.mechanics.rigid import Triple, cross, dot, plus, times

COAST_STEPS, BURN_STEPS, TURNS = 24, 12, 14


class PlannedBurn(eqx.Module):
    """The second burn as the flight computer has it.

    Attributes:
        thrust: mean [N].
        regression: k in F = mean (1 + k (1 - 2 t / burn_time)).
        burn_time: [s].
        propellant: [kg].
        mass: at ignition [kg].
        target: the orbit wanted.
        elevation: planned, above the horizontal at mid-burn [rad].
        time: planned ignition, from the first ignition [s].
        earliest: least time from now to the ignition [s].
    """

    thrust: Scalar
    regression: Scalar
    burn_time: Scalar
    propellant: Scalar
    mass: Scalar
    target: TargetOrbit
    elevation: Scalar
    time: Scalar
    earliest: Scalar


def _step(rate: Any, y: Any, length: Any, time: Any) -> Any:
    def ahead(k: Any, by: Any) -> Any:
        return jax.tree.map(lambda a, b: a + by * b, y, k)

    k1 = rate(y, time)
    k2 = rate(ahead(k1, 0.5 * length), time + 0.5 * length)
    k3 = rate(ahead(k2, 0.5 * length), time + 0.5 * length)
    k4 = rate(ahead(k3, length), time + length)
    return jax.tree.map(
        lambda a, p, q, r, s: a + length / 6.0 * (p + 2.0 * (q + r) + s), y, k1, k2, k3, k4
    )


def _over(rate: Any, y: Any, duration: Any, steps: int) -> Any:
    length = duration / steps

    def step(y: Any, number: Any) -> tuple[Any, None]:
        return _step(rate, y, length, number * length), None

    return jax.lax.scan(step, y, np.arange(float(steps)))[0]


def thrust_direction(
    planet: OnboardPlanet, plan: PlannedBurn, position: Triple, velocity: Triple, angles: Any
) -> Triple:
    """Where the second stage points, from the state at ignition and elevation and turn [rad]."""
    forward = second_stage_direction(
        jnp.stack(position), jnp.stack(velocity), planet.gm, 0.5 * plan.burn_time, angles[0]
    )
    ahead: Triple = (forward[0], forward[1], forward[2])
    up = times(1.0 / jnp.sqrt(dot(position, position)), position)
    side = cross(up, ahead)
    side = times(1.0 / jnp.sqrt(dot(side, side)), side)
    # a small turn needs no sine to be a turn: t / sqrt(1 + t^2)
    scale = 1.0 / jnp.sqrt(1.0 + angles[1] * angles[1])
    return times(scale, plus(ahead, times(angles[1], side)))


def foreseen(
    planet: OnboardPlanet, plan: PlannedBurn, position: Triple, velocity: Triple, free: Array
) -> tuple[tuple[Triple, Triple], Triple]:
    """Where the burn ends, and the direction it takes, for a wait, an elevation and a turn."""

    def falling(y: Any, time: Any) -> Any:
        return y[1], believed_gravity(planet, y[0])

    here, motion = _over(falling, (position, velocity), free[0], COAST_STEPS)
    towards = thrust_direction(planet, plan, here, motion, free[1:])

    def burning(y: Any, time: Any) -> Any:
        x = time / plan.burn_time
        push = plan.thrust * (1.0 + plan.regression * (1.0 - 2.0 * x))
        gone = plan.propellant * x * (1.0 + plan.regression * (1.0 - x))
        felt = times(push / (plan.mass - gone), towards)
        return y[1], plus(felt, believed_gravity(planet, y[0]))

    return _over(burning, (here, motion), plan.burn_time, BURN_STEPS), towards


def second_burn(
    planet: OnboardPlanet, plan: PlannedBurn, position: Triple, velocity: Triple, now: Scalar
) -> tuple[Scalar, Vector, Vector]:
    """The ignition and attitude of the second stage that best reach the target orbit.

    Levenberg and Marquardt, a fixed number of turns, from the planned programme. A step that makes
    the miss greater is taken back: a motor that is too weak for the target leaves a miss that
    does not vanish, and undamped turns then run away from the orbit that comes nearest.

    Args:
        planet: as the computer has it.
        plan: the burn.
        position, velocity: believed [m], [m/s].
        now: time from the first ignition, as the computer has it [s].

    Returns:
        Ignition from the first one [s], direction of thrust (inertial, unit), and what is left of
        the miss as the greatest of its lengths, its along-track pair and its tilt [m].
    """
    pole = jnp.stack(planet.pole)
    scale = jnp.asarray(np.array([10.0, 0.01, 0.01]))

    def miss(unknowns: Array) -> tuple[Array, Array]:
        (there, motion), _ = foreseen(planet, plan, position, velocity, unknowns * scale)
        m = jnp.asarray(
            orbit_miss(jnp.stack(there), jnp.stack(motion), pole, planet.gm, plan.target)
        )
        return m, m

    slope_and_miss = jax.jacfwd(miss, has_aux=True)
    first = jnp.stack(
        [
            jnp.maximum(plan.time - now, plan.earliest),
            jnp.asarray(plan.elevation, dtype=float),
            jnp.zeros(()),
        ]
    )
    first = first / scale
    farthest = np.array([10.0, 30.0, 30.0])  # no further in one turn than 100 s and 0.3 rad

    def turn(carry: Any, _: Any) -> tuple[Any, None]:
        here, slope, left, damping = carry
        normal = slope.T @ slope
        weight = jnp.diag(damping * jnp.diag(normal) + 1.0)
        step = jnp.clip(-_solved(normal + weight, slope.T @ left), -farthest, farthest)
        there = here + step
        there = jnp.stack([jnp.maximum(there[0], plan.earliest / 10.0), there[1], there[2]])
        new_slope, new_left = slope_and_miss(there)
        better = new_left @ new_left < left @ left
        kept = jax.tree.map(
            lambda new, old: jnp.where(better, new, old),
            (there, new_slope, new_left),
            (here, slope, left),
        )
        damping = jnp.where(better, jnp.maximum(0.1 * damping, 1e-9), 8.0 * damping)
        return (*kept, damping), None

    begun = (first, *slope_and_miss(first), jnp.asarray(1e-3))
    (unknowns, _, left, _), _ = jax.lax.scan(turn, begun, None, length=TURNS)
    _, towards = foreseen(planet, plan, position, velocity, unknowns * scale)
    size = jnp.stack([left[0], jnp.sqrt(left[1] ** 2 + left[2] ** 2), left[3]])
    return now + unknowns[0] * scale[0], jnp.stack(towards), size


def _solved(matrix: Array, right: Array) -> Array:
    """Three equations by Cramer's rule: cheaper in lanes than a factorisation."""
    a, b, c = matrix[:, 0], matrix[:, 1], matrix[:, 2]
    bc = jnp.cross(b, c)
    inverse = 1.0 / (a @ bc)
    return jnp.stack(
        [
            inverse * (right @ bc),
            inverse * (a @ jnp.cross(right, c)),
            inverse * (a @ jnp.cross(b, right)),
        ]
    )

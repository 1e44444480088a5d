"""The flight computer: what it was loaded with, what it remembers, what it does each tick.

It is handed what the inertial unit says and its own memory, and nothing else.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.guidance.attitude import (
    NozzleLaw,
    ThrusterLaw,
    nozzle_command,
    opposed_impulses,
    pointing_error,
    rolling_impulse,
    thruster_impulses,
)
from anabasis.guidance.coast import PlannedBurn, second_burn
from anabasis.guidance.navigation import Navigated, OnboardPlanet, local_axes, navigate
from anabasis.mechanics.arrays import Scalar, Series
from anabasis.mechanics.rigid import Triple, plus, times
from anabasis.mechanics.strapdown import Sensed


class Onboard(eqx.Module):
    """The flight software's own numbers, loaded before launch and the same for every case.

    Attributes:
        planet: gravity.
        nozzle: control under thrust.
        stacked, single: control by thrusters, of the stack and of the second stage.
        burn: the second burn and its target.
        upward, level: sine and cosine of the first-stage elevation, on a uniform grid over the
            planned burn.
        eastward, northward: sine and cosine of its azimuth.
        guidance_delay: from the first burnout to the look ahead [s].
        separation_lead: from the separation to the second ignition [s].
        exhaust_speed: of the thrusters, to reckon what they use [m/s].
    """

    planet: OnboardPlanet
    nozzle: NozzleLaw
    stacked: ThrusterLaw
    single: ThrusterLaw
    burn: PlannedBurn
    upward: Series
    level: Series
    eastward: Scalar
    northward: Scalar
    guidance_delay: Scalar
    separation_lead: Scalar
    exhaust_speed: Scalar


class Memory(eqx.Module):
    """What the flight software remembers from tick to tick.

    Attributes:
        here: where it believes to be.
        time: since the first ignition, by its own count [s].
        sums: integrals of the pointing error [rad s].
        wanted: direction it holds [-].
        used: propellant of the thrusters, as reckoned [kg].
        fine_from: when the nose begins to be held finely [s].
        given: half of what the thrusters added to the rates in the last tick [rad/s]: a tick's mean
            rate lags its end by so much.
        miss: greatest part of the miss that the look ahead foresaw [m].
    """

    here: Navigated
    time: Scalar
    sums: tuple[Scalar, Scalar]
    wanted: Triple
    used: Scalar
    fine_from: Scalar
    given: Triple
    miss: Scalar


class Command(eqx.Module):
    """All that flight software can do in a tick.

    Attributes:
        nozzle: deflections [rad].
        thrusters: angular impulses [N m s].
        opposed: what thrusters fire against one another [N s].
    """

    nozzle: tuple[Scalar, Scalar]
    thrusters: Triple
    opposed: Scalar


class Told(eqx.Module):
    """What the software is handed all through a leg, by its own clock and plan.

    Attributes:
        law: of the thrusters, for the body that flies.
        lit: one where the first stage is burning, else nought.
    """

    law: ThrusterLaw
    lit: Scalar


def programmed(onboard: Onboard, time: Any, position: Triple) -> Triple:
    """The direction of the first-stage programme where and when the computer believes to be."""
    east, north, up = local_axes(onboard.planet, position)
    cells = onboard.upward.shape[0] - 1
    x = jnp.clip(time / onboard.nozzle.burn_time, 0.0, 1.0) * cells
    i = jnp.minimum(x, cells - 1.0).astype(jnp.int32)
    f = x - i.astype(x.dtype)
    upward, level = (
        jnp.asarray(t)[i] + f * (jnp.asarray(t)[i + 1] - jnp.asarray(t)[i])
        for t in (onboard.upward, onboard.level)
    )
    along = plus(times(onboard.eastward, east), times(onboard.northward, north))
    return plus(times(level, along), times(upward, up))


def climbing(onboard: Onboard) -> Any:
    """What the computer does each tick of the toss and under the first stage's thrust."""

    def decide(memory: Memory, sensed: Sensed, told: Told) -> tuple[Command, Memory]:
        here = navigate(onboard.planet, memory.here, sensed)
        time = memory.time + sensed.length
        rate = times(1.0 / sensed.length, sensed.angle)
        wanted = programmed(onboard, time, here.position)
        error = pointing_error(here.q_i_from_b, wanted)
        asked, free = nozzle_command(onboard.nozzle, time, error, rate, memory.sums)
        nozzle = (told.lit * asked[0], told.lit * asked[1])
        # the integral stands still where the nozzle is at its stop
        sums = tuple(
            s + jnp.where(f, told.lit * e * sensed.length, 0.0)
            for s, e, f in zip(memory.sums, error, free, strict=True)
        )
        nought = jnp.zeros(())
        roll = told.lit * rolling_impulse(told.law, rate[0], sensed.length)
        return _fired(
            onboard, told, memory, here, time, sums, wanted, nozzle, (roll, nought, nought)
        )

    return decide


def coasting(onboard: Onboard) -> Any:
    """What the computer does each tick of the coast: it holds a direction with the thrusters."""

    def decide(memory: Memory, sensed: Sensed, told: Told) -> tuple[Command, Memory]:
        here = navigate(onboard.planet, memory.here, sensed)
        time = memory.time + sensed.length
        rate = plus(times(1.0 / sensed.length, sensed.angle), memory.given)
        error = pointing_error(here.q_i_from_b, memory.wanted)
        coarse = thruster_impulses(told.law, error, rate, sensed.length)
        finely, bits = opposed_impulses(told.law, error, rate, sensed.length)
        now = time >= memory.fine_from
        x, y, z = (jnp.where(now, f, c) for f, c in zip(finely, coarse, strict=True))
        opposed = jnp.where(now, bits, 0.0)
        still = (jnp.zeros(()), jnp.zeros(()))
        return _fired(
            onboard, told, memory, here, time, memory.sums, memory.wanted, still, (x, y, z), opposed
        )

    return decide


def resting(memory: Memory, sensed: Sensed, told: Any) -> tuple[Command, Memory]:
    """Nothing: the second stage spins and nobody steers it."""
    nought = jnp.zeros(())
    return Command((nought, nought), (nought, nought, nought), nought), memory


def _fired(
    onboard: Onboard,
    told: Told,
    memory: Memory,
    here: Navigated,
    time: Any,
    sums: Any,
    wanted: Triple,
    nozzle: Any,
    fire: Triple,
    opposed: Any = 0.0,
) -> tuple[Command, Memory]:
    law = told.law
    spent = (
        jnp.abs(fire[0]) / law.roll_arm + (jnp.abs(fire[1]) + jnp.abs(fire[2])) / law.arm + opposed
    )
    used = memory.used + spent / onboard.exhaust_speed
    half = 0.5 / law.across
    given: Triple = (0.5 * fire[0] / law.along, half * fire[1], half * fire[2])
    command = Command(nozzle, fire, jnp.asarray(opposed, dtype=float))
    after = Memory(here, time, sums, wanted, used, memory.fine_from, given, memory.miss)
    return command, after


def looked_ahead(onboard: Onboard, memory: Memory, sensed: Sensed) -> tuple[Memory, Scalar]:
    """The one decision of the coast: when to light the second stage and where to point it.

    Returns:
        The memory with it, and the instant of the ignition by the computer's own count [s].
    """
    here = navigate(onboard.planet, memory.here, sensed)
    now = memory.time + sensed.length
    plan = eqx.tree_at(lambda b: b.mass, onboard.burn, onboard.burn.mass - memory.used)
    ignition, towards, left = second_burn(onboard.planet, plan, here.position, here.velocity, now)
    wanted: Triple = (towards[0], towards[1], towards[2])
    fine_from = ignition - onboard.separation_lead - onboard.stacked.gains.fine_time
    after = eqx.tree_at(
        lambda m: (m.wanted, m.fine_from, m.miss),
        memory,
        (wanted, fine_from, jnp.max(jnp.abs(jnp.asarray(left)))),
    )
    return after, ignition

"""The rover on its own expedition, sol by sol: it drives, stands, drills and seals.

One pure step per sol, written for one rover; many rovers are a `vmap` of it. Chance comes as dice
with names, each a pure function of the case's key, the sol and the name: a new die changes no
other.

    roaming --select--> abrading --> coring --> sealing --> stored --> roaming
                           ^            | failed: the tube is emptied and used again
                           +------------+

Sampling goes on while the rover stands or works nearby; it never moves the rover's own habits,
which were learnt with the sampling in them.
"""

from __future__ import annotations

import zlib

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Bool, Float, Int, PRNGKeyArray

from anabasis.mechanics.arrays import Array, Scalar
from anabasis.vehicles.rover_energy import RoverEnergy

ROAMING, ABRADING, CORING, SEALING = 0, 1, 2, 3
SEAL_WAITS = (3.0, 3.0, 4.0, 7.0, 10.0, 13.0, 31.0, 40.0)
"""Sols from core to seal where it was not the same sol: eight of 28 (NASA's tube table)."""
SAME_SOL = 20.0 / 28.0
"""Share sealed on the sol of coring (NASA's tube table)."""
CORED = 0.8
"""Share of attempts that yield a sample: 29 of about 35 (NASA; weak)."""
CORE_MEAN, CORE_SPREAD, CORE_SHORTEST, CORE_LONGEST = 0.0551, 0.0137, 0.0191, 0.0736
"""Length of the 27 cores [m]: mean, spread and ends (NASA's tube table; spread `derived`)."""


class Habit(eqx.Module):
    """How one rover drives; see `vehicles.habits`.

    Attributes:
        moves: probability of a drive on a sol, by mode, transit last, shape (k,).
        centre, spread: of the logarithm of its distance [ln m], shape (k,).
        change: probability of the modes on the next sol, shape (k, k).
        longest: drive of a sol [m].
    """

    moves: Float[Array, " k"]
    centre: Float[Array, " k"]
    spread: Float[Array, " k"]
    change: Float[Array, "k k"]
    longest: Scalar


class Programme(eqx.Module):
    """What the rover is told to do.

    Attributes:
        commanding: True on sols with commands from Earth, shape (n,).
        transit: True on sols on which it is to make way and nothing else, shape (n,).
        first_sol: mission sol of the first tick.
        select: probability that a target is chosen on a sol that would allow it.
        abrading: sols from choice to the coring attempt.
        fault: probability of a fault on a sol, beyond those already in its habits.
        fault_least, fault_most: how long one lasts [sols].
        tubes: empty tubes aboard.
        way: path to the goal [m]; infinite where there is none.
        energy: generator, battery and loads.
    """

    commanding: Bool[Array, " n"]
    transit: Bool[Array, " n"]
    first_sol: Scalar
    select: Scalar
    abrading: Scalar
    fault: Scalar
    fault_least: Scalar
    fault_most: Scalar
    tubes: Scalar
    way: Scalar
    energy: RoverEnergy = eqx.field(static=True, default_factory=RoverEnergy)


class Evening(eqx.Module):
    """How the rover stands in the evening of a sol.

    Attributes:
        mode: how it drives today.
        driven: path so far [m].
        charge: of the battery [J].
        stopped: sols that a fault still lasts.
        stage: of sampling; ``waited``: sols in it, ``wait``: sols to go in it.
        filled, sealed, failed: samples taken, tubes sealed, attempts without a core.
        core: length of the last core [m].
        arrived: tick at which the goal was reached, -1 before.
    """

    mode: Int[Array, ""]
    driven: Float[Array, ""]
    charge: Float[Array, ""]
    stopped: Float[Array, ""]
    stage: Int[Array, ""]
    wait: Float[Array, ""]
    filled: Float[Array, ""]
    sealed: Float[Array, ""]
    failed: Float[Array, ""]
    core: Float[Array, ""]
    arrived: Float[Array, ""]


DICE = (
    "mode",
    "moves",
    "distance",
    "fault",
    "fault length",
    "select",
    "core",
    "core length",
    "seal",
    "seal wait",
)


def dice(key: PRNGKeyArray, sol: Int[Array, ""]) -> dict[str, Scalar]:
    """The dice of one sol, each uniform in 0 to 1 and its own: a new name changes no other."""
    today = jax.random.fold_in(key, sol)
    return {
        name: jax.random.uniform(jax.random.fold_in(today, zlib.crc32(name.encode())))
        for name in DICE
    }


def morning(habit: Habit, programme: Programme, mode: Int[Array, ""]) -> Evening:
    """The rover on the evening before the first sol: battery full, nothing begun."""
    none = jnp.asarray(0.0)
    return Evening(
        mode=mode,
        driven=none,
        charge=jnp.asarray(programme.energy.battery),
        stopped=none,
        stage=jnp.asarray(ROAMING),
        wait=none,
        filled=none,
        sealed=none,
        failed=none,
        core=none,
        arrived=jnp.asarray(-1.0),
    )


def step(
    evening: Evening,
    tick: Int[Array, ""],
    commanding: Bool[Array, ""],
    transit: Bool[Array, ""],
    rolled: dict[str, Scalar],
    habit: Habit,
    programme: Programme,
) -> Evening:
    """One sol of one rover.

    Args:
        evening: how it stood.
        tick: number of the sol in the programme.
        commanding: whether there are commands from Earth.
        transit: whether it is to make way.
        rolled: the dice of the sol.
        habit: how it drives.
        programme: what it is told.
    """
    modes = habit.moves.shape[0]
    row = jnp.cumsum(habit.change[evening.mode])
    mode = jnp.minimum(jnp.sum((rolled["mode"] >= row).astype(int)), modes - 1)
    mode = jnp.where(transit, modes - 1, mode)
    mode = jnp.where(commanding, mode, evening.mode)

    struck = (evening.stopped <= 0.0) & (rolled["fault"] < programme.fault)
    lasts = programme.fault_least + rolled["fault length"] * (
        programme.fault_most - programme.fault_least
    )
    stopped = jnp.where(struck, jnp.ceil(lasts), jnp.maximum(evening.stopped - 1.0, 0.0))
    able = commanding & (stopped <= 0.0)

    energy = programme.energy
    spare = jnp.maximum(energy.spare(evening.charge, programme.first_sol + tick.astype(float)), 0.0)
    far = jnp.exp(
        habit.centre[mode]
        + habit.spread[mode]
        * jax.scipy.special.ndtri(jnp.clip(rolled["distance"], 1e-12, 1 - 1e-12))
    )
    far = jnp.minimum(jnp.minimum(far, habit.longest), spare / energy.per_metre)
    left = jnp.maximum(programme.way - evening.driven, 0.0)
    far = jnp.where(able & (rolled["moves"] < habit.moves[mode]), jnp.minimum(far, left), 0.0)
    driven = evening.driven + far
    reached = (evening.arrived < 0.0) & (driven >= programme.way - 1e-6)
    arrived = jnp.where(reached, tick.astype(float), evening.arrived)

    stage, wait, filled, sealed, failed, core, drilled = _sample(
        evening, able & (far <= 0.0) & (mode < modes - 1), spare, rolled, programme
    )
    used = far * energy.per_metre + drilled * energy.per_core
    charge = jnp.clip(spare - used, 0.0, energy.battery)
    return Evening(
        mode, driven, charge, stopped, stage, wait, filled, sealed, failed, core, arrived
    )


def _sample(
    evening: Evening,
    standing: Bool[Array, ""],
    spare: Scalar,
    rolled: dict[str, Scalar],
    programme: Programme,
) -> tuple[Array, Array, Array, Array, Array, Array, Array]:
    """The state machine of sampling, one sol; it moves on only where the rover stands."""
    stage, wait = evening.stage, jnp.maximum(evening.wait - 1.0, 0.0)
    free = evening.filled < programme.tubes
    chosen = (stage == ROAMING) & free & (rolled["select"] < programme.select)
    ready = (stage == ABRADING) & (wait <= 0.0)
    drills = (stage == CORING) & (spare >= programme.energy.per_core)
    holds = drills & (rolled["core"] < CORED)
    fails = drills & ~holds
    later = jnp.asarray(SEAL_WAITS)
    share = jnp.asarray(rolled["seal wait"])
    pick = jnp.minimum((share * float(len(SEAL_WAITS))).astype(int), len(SEAL_WAITS) - 1)
    lag = jnp.where(rolled["seal"] < SAME_SOL, 0.0, later[pick])
    at_once = holds & (lag <= 0.0)
    closes = (stage == SEALING) & (wait <= 0.0)
    length = CORE_MEAN + CORE_SPREAD * jax.scipy.special.ndtri(
        jnp.clip(rolled["core length"], 1e-12, 1 - 1e-12)
    )
    length = jnp.clip(length, CORE_SHORTEST, CORE_LONGEST)

    follows = jnp.where(chosen, ABRADING, stage)
    follows = jnp.where(ready, CORING, follows)
    follows = jnp.where(fails, ABRADING, follows)
    follows = jnp.where(holds, jnp.where(at_once, ROAMING, SEALING), follows)
    follows = jnp.where(closes, ROAMING, follows)
    waits = jnp.where(chosen | fails, programme.abrading, jnp.where(holds, lag, wait))

    def moved(new: Array, old: Array) -> Array:
        return jnp.where(standing, new, old)

    def count(happened: Array) -> Array:
        return jnp.where(standing & happened, 1.0, 0.0)

    return (
        moved(follows, stage),
        moved(waits, evening.wait),
        evening.filled + count(holds),
        evening.sealed + count(at_once | closes),
        evening.failed + count(fails),
        jnp.where(standing & holds, length, evening.core),
        count(drills),
    )


def explore(key: PRNGKeyArray, habit: Habit, programme: Programme, mode: Int[Array, ""]) -> Evening:
    """The evenings of all sols of one rover; each field has shape (n,).

    Args:
        key: of the case.
        habit: how it drives.
        programme: what it is told.
        mode: how it drives on the evening before.
    """
    ticks = jnp.arange(programme.commanding.shape[0])

    def tick(evening: Evening, today: tuple[Array, Array, Array]) -> tuple[Evening, Evening]:
        index, commanding, transit = today
        after = step(evening, index, commanding, transit, dice(key, index), habit, programme)
        return after, after

    _, evenings = jax.lax.scan(
        tick, morning(habit, programme, mode), (ticks, programme.commanding, programme.transit)
    )
    return evenings

"""Many expeditions of the rover: what its habits make of the sols to come, and of those it had.

The habits are learnt from sols 13 to 900 and judged on sols 901 to 1,615 and on the rapid traverse,
which they have not seen.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.campaign.orders.surface import commanding
from anabasis.phases.expedition import (
    CORED,
    SAME_SOL,
    SEAL_WAITS,
    Evening,
    Habit,
    Programme,
    explore,
)
from anabasis.vehicles import habits
from anabasis.vehicles.drives import MOVED, driven
from anabasis.vehicles.tube import Tube, all_tubes
from anabasis.worlds import calendar

CONJUNCTION = float(np.radians(3.0))
"""No commands while Mars is nearer to the Sun than this [rad] (S87)."""
ABRADING = 4.0
"""Standing sols from choice to coring (`assumed`: the whole event takes over a week)."""
UNSEEN_FAULT = 0.0
"""Faults beyond those in the record, whose long stops are in the habits already."""
BAND = (0.05, 0.5, 0.95)
BLOCK = 250
"""Rovers that go side by side."""


@dataclasses.dataclass(frozen=True)
class Campaigns:
    """Many expeditions, sol by sol; each of shape (cases, sols).

    Attributes:
        first_sol: mission sol of the first column.
        odometer: path since the start, by the evening of each sol [m].
        filled, sealed, failed: counts so far.
        charge: of the battery [J].
        arrived: mission sol on which the goal was reached, NaN where it was not, shape (cases,).
    """

    first_sol: int
    odometer: Float[np.ndarray, "n s"]
    filled: Float[np.ndarray, "n s"]
    sealed: Float[np.ndarray, "n s"]
    failed: Float[np.ndarray, "n s"]
    charge: Float[np.ndarray, "n s"]
    arrived: Float[np.ndarray, " n"]


@functools.cache
def select_rate() -> float:
    """Chance that a target is chosen on a standing sol: from the samples of sols 13 to 900.

    A pair is one target drilled twice; pairing ended with the depot, so what is sent on drills once
    at each. Attempts are samples over the share that succeeds; each takes its abrading, a sol of
    coring and the mean wait for its seal. The targets, over the standing sols that remain.
    """
    taken = _taken(habits.LEARNT_FROM[1])
    targets = {min(tube.name, tube.pair or tube.name) for tube in taken}
    standing = sum(int((stretch <= MOVED).sum()) for stretch in habits.segments())
    seal = (1.0 - SAME_SOL) * float(np.mean(SEAL_WAITS))
    busy = len(taken) / CORED * (ABRADING + 1.0) + len(taken) * seal
    return len(targets) / max(standing - busy, float(len(targets)))


def _taken(sol: int) -> list[Tube]:
    """The samples taken by a sol."""
    return [t for t in all_tubes() if t.is_sample and t.core_sol is not None and t.core_sol <= sol]


def programme(
    first_sol: int,
    sols: int,
    *,
    transit: Sequence[bool] | None = None,
    tubes: int = 38,
    way: float = np.inf,
    fault: float = UNSEEN_FAULT,
) -> Programme:
    """What the rover is told: commands from Earth as the sky allows, transit where asked.

    Args:
        first_sol: mission sol of the first tick.
        sols: how many.
        transit: per sol, whether to make way; None means never more than its habits do.
        tubes: empty tubes aboard.
        way: path to the goal [m].
        fault: chance of a fault per sol beyond those in the habits.
    """
    midnight = float(calendar.epoch_of_sol(float(first_sol), lmst_h=0.0))
    return Programme(
        commanding=jnp.asarray(commanding(midnight, sols, CONJUNCTION)),
        transit=jnp.asarray(np.zeros(sols, bool) if transit is None else np.asarray(transit, bool)),
        first_sol=jnp.asarray(float(first_sol)),
        select=jnp.asarray(select_rate()),
        abrading=jnp.asarray(ABRADING),
        fault=jnp.asarray(float(fault)),
        fault_least=jnp.asarray(20.0),
        fault_most=jnp.asarray(40.0),
        tubes=jnp.asarray(float(tubes)),
        way=jnp.asarray(float(way)),
    )


@eqx.filter_jit
def _block(
    keys: Any, moves: Any, centre: Any, spread: Any, change: Any, modes: Any, told: Programme
) -> Evening:
    def one(key: Any, m: Any, c: Any, s: Any, a: Any, mode: Any) -> Evening:
        return explore(key, Habit(m, c, s, a, jnp.asarray(habits.LONGEST)), told, mode)

    return jax.vmap(one)(keys, moves, centre, spread, change, modes)


def campaigns(
    told: Programme, cases: int, seed: int = 0, learnt: habits.Habits | None = None
) -> Campaigns:
    """Send many rovers on the same programme, each with its own habits and dice.

    Case by case the answer does not depend on how many others there are.

    Args:
        told: the programme.
        cases: how many.
        seed: root seed.
        learnt: habits; None means those of the record.
    """
    known = habits.learnt() if learnt is None else learnt
    padded = -(-cases // BLOCK) * BLOCK
    drawn = habits.draw(known, padded, seed)
    root = jax.random.key(seed)
    keys = jax.vmap(lambda case: jax.random.fold_in(root, case))(jnp.arange(padded))
    rng = np.random.default_rng([seed, 70022])
    starts = (rng.random((padded, 1)) >= np.cumsum(drawn.first, axis=1)).sum(axis=1)
    starts = np.minimum(starts, len(known.moves) - 1)
    blocks: list[Evening] = []
    for at in range(0, padded, BLOCK):
        part = slice(at, at + BLOCK)
        blocks.append(
            _block(
                keys[part],
                jnp.asarray(drawn.moves[part]),
                jnp.asarray(drawn.centre[part]),
                jnp.asarray(drawn.spread[part]),
                jnp.asarray(drawn.change[part]),
                jnp.asarray(starts[part]),
                told,
            )
        )

    def joined(name: str) -> Float[np.ndarray, "n s"]:
        return np.concatenate([np.asarray(getattr(block, name)) for block in blocks])[:cases]

    first = int(float(told.first_sol))
    arrived = joined("arrived")[:, -1]
    return Campaigns(
        first_sol=first,
        odometer=joined("driven"),
        filled=joined("filled"),
        sealed=joined("sealed"),
        failed=joined("failed"),
        charge=joined("charge"),
        arrived=np.where(arrived >= 0.0, first + arrived, np.nan),
    )


def judge(cases: int = 1000, seed: int = 0) -> dict[str, Any]:
    """The habits of sols 13 to 900 against what they have not seen.

    Returns:
        Odometer bands at sols 1000, 1215, 1400 and 1615 from what stood on the counter at sol 900,
        the rapid traverse as 35 sols of transit, and the samples, with the record beside each.
    """
    start, last = 900, 1615
    before = float(driven(13, start).sum())
    sent = campaigns(programme(start + 1, last - start), cases, seed)
    rows: list[dict[str, Any]] = []
    for sol in (1000, 1215, 1400, 1615):
        since = sent.odometer[:, sol - start - 1]
        low, middle, high = np.quantile(since, BAND).tolist()
        real = float(driven(start + 1, sol).sum())
        rows.append(
            {
                "sol": sol,
                "record_km": (before + real) / 1e3,
                "p5_km": (before + low) / 1e3,
                "median_km": (before + middle) / 1e3,
                "p95_km": (before + high) / 1e3,
                "inside": bool(low <= real <= high),
                "half_width_share_of_odometer": float((high - low) / 2 / (before + real)),
                "half_width_share_since_900": float((high - low) / 2 / real),
            }
        )
    rapid = campaigns(programme(380, 35, transit=[True] * 35), cases, seed + 1)
    low, middle, high = np.quantile(rapid.odometer[:, -1], BAND).tolist()
    real = float(driven(380, 414).sum())
    samples = []
    for sol in (1000, 1500):
        found = len(_taken(start)) + sent.filled[:, sol - start - 1]
        ends = np.quantile(found, BAND)
        real_count = len(_taken(sol))
        samples.append(
            {
                "sol": sol,
                "record": real_count,
                "p5": float(ends[0]),
                "median": float(ends[1]),
                "p95": float(ends[2]),
                "inside": bool(ends[0] <= real_count <= ends[2]),
            }
        )
    return {
        "cases": cases,
        "seed": seed,
        "habits": habits.told(habits.learnt()),
        "odometer": rows,
        "rapid_traverse": {
            "record_km": real / 1e3,
            "p5_km": low / 1e3,
            "median_km": middle / 1e3,
            "p95_km": high / 1e3,
            "inside": bool(low <= real <= high),
        },
        "samples": samples,
    }


def forecast(
    first_sol: int,
    sols: int,
    cases: int = 1000,
    seed: int = 0,
    way_km: float | None = None,
    transit: bool = False,
) -> dict[str, Any]:
    """The rover sent on from a sol: path, samples, energy, and when a goal is reached.

    Args:
        first_sol: of the expedition.
        sols: how many.
        cases: how many rovers.
        seed: root seed.
        way_km: path to a goal [km]; None means there is none.
        transit: make way on every sol.
    """
    told = programme(
        first_sol,
        sols,
        transit=[transit] * sols,
        tubes=sum(tube.kind == "empty sample" for tube in all_tubes()),
        way=np.inf if way_km is None else 1e3 * way_km,
    )
    sent = campaigns(told, cases, seed)
    filled, failed = sent.filled[:, -1], sent.failed[:, -1]
    low, middle, high = (np.quantile(sent.odometer[:, -1], BAND) / 1e3).tolist()
    fewest, usual, most = np.quantile(filled, BAND).tolist()
    found: dict[str, Any] = {
        "first_sol": first_sol,
        "sols": sols,
        "cases": cases,
        "seed": seed,
        "driven": {"p5_km": low, "median_km": middle, "p95_km": high},
        "samples": {"p5": fewest, "median": usual, "p95": most},
        "sealed_share": float(sent.sealed[:, -1].sum() / max(filled.sum(), 1.0)),
        "failed_share": float(failed.sum() / max((filled + failed).sum(), 1.0)),
        "silent_sol_count": int((~np.asarray(told.commanding)).sum()),
        "battery_minimum_kWh": float(sent.charge.min()) / 3.6e6,
        "habits": habits.told(habits.learnt()),
    }
    if way_km is not None:
        there = sent.arrived[np.isfinite(sent.arrived)]
        ends = np.quantile(there, BAND).tolist() if len(there) else [None, None, None]
        found["arrival"] = {
            "way_km": way_km,
            "share": float(len(there) / cases),
            "p5_sol": ends[0],
            "median_sol": ends[1],
            "p95_sol": ends[2],
        }
    return found

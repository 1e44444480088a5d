"""How the rover drives, learnt from its record: modes, how long each lasts, how far each goes.

    standing --- science --- short drives --- transit      a Markov chain over sols
       |            |            |               |
    moves with p_k; if it moves, a lognormal distance

A hidden Markov model whose signs are the distances of the sols, fitted by expectation and
maximisation (Baum et al. 1970); the number of modes is that with the least of Akaike's criterion.
What the fit leaves uncertain is drawn anew for each case from the conjugate posteriors of the
expected counts: a stated approximation, since these take the modes of the sols as found.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from anabasis.vehicles.drives import MOVED, driven
from anabasis.vehicles.tube import rows_of

Series = Float[np.ndarray, " n"]
Stretch = Float[np.ndarray, " _"]
"""Sols in a row; of several stretches each has its own length."""
PerMode = Float[np.ndarray, " k"]

LEARNT_FROM = (13, 900)
"""Sols from which the habits are learnt."""
LEFT_OUT = ((217, 235), (380, 414))
"""Sols left out: the conjunction of 2021, which has its own rule, and the rapid traverse, which is
a check."""
LONGEST = 412.0
"""Longest drive of a sol [m]: 411.7 m on sol 1540 (NASA)."""
ROUNDS = 150
LEAST_SPREAD = 0.15
"""A mode's distances never spread less than this in the logarithm: one drive alone is no law."""
MODES = (2, 3, 4)


@dataclasses.dataclass(frozen=True)
class Habits:
    """What the fit found; modes in the order of their distances, transit last.

    Attributes:
        moves: probability of a drive on a sol of each mode, shape (k,).
        centre, spread: of the logarithm of the distance [ln m], shape (k,).
        change: probability of each mode on the next sol, rows add up to 1, shape (k, k).
        sols: expected number of sols in each mode, shape (k,).
        likelihood: logarithm of the likelihood.
        criterion: Akaike's, of this number of modes.
    """

    moves: PerMode
    centre: PerMode
    spread: PerMode
    change: Float[np.ndarray, "k k"]
    sols: PerMode
    likelihood: float
    criterion: float


def segments(
    first: int = LEARNT_FROM[0],
    last: int = LEARNT_FROM[1],
    left_out: Sequence[tuple[int, int]] = LEFT_OUT,
) -> list[Stretch]:
    """The record's distances in stretches of consecutive sols, without those left out [m]."""
    found: list[Stretch] = []
    at = first
    for start, end in sorted(left_out):
        if at < start <= last:
            found.append(driven(at, start - 1))
        at = max(at, end + 1)
    if at <= last:
        found.append(driven(at, last))
    return found


def learn(series: Sequence[Stretch], modes: int) -> Habits:
    """Fit so many modes to stretches of distances [m].

    Args:
        series: distance of each sol, in stretches of consecutive sols.
        modes: how many.
    """
    moves = np.linspace(0.05, 0.8, modes)
    centre = np.log(np.linspace(20.0, 180.0, modes))
    spread = np.full(modes, 0.8)
    change = np.full((modes, modes), 0.05 / max(modes - 1, 1))
    np.fill_diagonal(change, 0.95)
    first = np.full(modes, 1.0 / modes)
    all_sols = np.concatenate(series)
    moved = all_sols > MOVED
    logs = np.log(np.where(moved, all_sols, 1.0))
    likelihood, weight = -math.inf, np.ones((len(all_sols), modes))
    for _ in range(ROUNDS):
        before = likelihood
        likelihood, shares, crossed = 0.0, [], np.zeros((modes, modes))
        for stretch in series:
            signs = _signs(stretch, moves, centre, spread)
            share, pairs, gained = _forward_backward(signs, change, first)
            shares.append(share)
            crossed += pairs
            likelihood += gained
        weight = np.concatenate(shares)
        heavy = weight * moved[:, None]
        moves = heavy.sum(0) / weight.sum(0)
        centre = (heavy * logs[:, None]).sum(0) / np.maximum(heavy.sum(0), 1e-12)
        off = (heavy * (logs[:, None] - centre) ** 2).sum(0)
        spread = np.maximum(np.sqrt(off / np.maximum(heavy.sum(0), 1e-12)), LEAST_SPREAD)
        change = crossed / crossed.sum(1, keepdims=True)
        first = weight.mean(0)
        if abs(likelihood - before) < 1e-6:
            break
    order = np.argsort(centre)
    free = 3 * modes + modes * (modes - 1)
    return Habits(
        moves[order],
        centre[order],
        spread[order],
        change[np.ix_(order, order)],
        weight.sum(0)[order],
        likelihood,
        2.0 * free - 2.0 * likelihood,
    )


def _signs(
    stretch: Series, moves: PerMode, centre: PerMode, spread: PerMode
) -> Float[np.ndarray, "n k"]:
    moved = stretch > MOVED
    logs = np.log(np.where(moved, stretch, 1.0))[:, None]
    density = np.exp(-0.5 * ((logs - centre) / spread) ** 2) / (spread * math.sqrt(2.0 * math.pi))
    return np.maximum(np.where(moved[:, None], moves * density, 1.0 - moves), 1e-12)


def _forward_backward(
    signs: Float[np.ndarray, "n k"], change: Float[np.ndarray, "k k"], first: PerMode
) -> tuple[Float[np.ndarray, "n k"], Float[np.ndarray, "k k"], float]:
    """Share of each mode on each sol, expected changes, logarithm of the likelihood."""
    count = len(signs)
    ahead, back = np.empty_like(signs), np.ones_like(signs)
    scale = np.empty(count)
    now = first * signs[0]
    for at in range(count):
        if at:
            now = (ahead[at - 1] @ change) * signs[at]
        scale[at] = now.sum()
        ahead[at] = now / scale[at]
    for at in range(count - 2, -1, -1):
        back[at] = change @ (signs[at + 1] * back[at + 1]) / scale[at + 1]
    share = ahead * back
    share /= share.sum(1, keepdims=True)
    pairs = change * ((ahead[:-1] / scale[1:, None]).T @ (signs[1:] * back[1:]))
    return share, pairs, float(np.log(scale).sum())


@functools.cache
def learnt() -> Habits:
    """The habits of sols 13 to 900, the rapid traverse left out; computed once per process."""
    return min((learn(segments(), modes) for modes in MODES), key=lambda one: one.criterion)


@functools.cache
def shipped() -> Habits:
    """`learnt` as it stands in ``data/perseverance-habits.csv``, without its likelihood.

    The fit takes a second, and a march needs only what came of it; `builders/build_habits.py`
    writes the table, and a test learns anew and compares.
    """
    rows = rows_of("perseverance-habits.csv")

    def column(name: str) -> PerMode:
        return np.array([float(row[name]) for row in rows])

    change = np.stack([column(f"change_{k}") for k in range(len(rows))], axis=1)
    return Habits(
        column("moves"),
        column("centre_ln_m"),
        column("spread_ln_m"),
        change,
        column("sols"),
        math.nan,
        math.nan,
    )


@dataclasses.dataclass(frozen=True)
class DrawnHabits:
    """Habits drawn for each case, as the fit leaves them uncertain; shapes (cases, k) and so on."""

    moves: Float[np.ndarray, "n k"]
    centre: Float[np.ndarray, "n k"]
    spread: Float[np.ndarray, "n k"]
    change: Float[np.ndarray, "n k k"]
    first: Float[np.ndarray, "n k"]


def draw(habits: Habits, cases: int, seed: int) -> DrawnHabits:
    """Habits for each case: what the record of limited length allows.

    Beta for the probability of a drive, normal and inverse chi-squared for the distances,
    Dirichlet for the changes, each with the expected counts of the fit and Jeffreys-like priors.
    """
    rng = np.random.default_rng([seed, 70021])
    modes = len(habits.moves)
    stayed = habits.sols * (1.0 - habits.moves)
    counted = habits.sols * habits.moves
    moves = rng.beta(counted + 0.5, stayed + 0.5, (cases, modes))
    freedom = np.maximum(counted, 1.5)
    spread = habits.spread * np.sqrt(freedom / rng.chisquare(freedom, (cases, modes)))
    centre = habits.centre + spread / np.sqrt(freedom) * rng.standard_normal((cases, modes))
    change = np.stack(
        [
            rng.dirichlet(habits.sols[k] * habits.change[k] + 1.0 / modes, cases)
            for k in range(modes)
        ],
        axis=1,
    )
    first = np.tile(habits.sols / habits.sols.sum(), (cases, 1))
    return DrawnHabits(moves, centre, spread, change, first)


def expected_drive(habits: Habits, mode: int, longest: float = LONGEST) -> float:
    """What a sol in a mode brings on the average [m], no drive longer than ``longest``.

    E = p (exp(m + s^2 / 2) Phi((ln L - m) / s - s) + L (1 - Phi((ln L - m) / s)))
    """
    centre, spread = float(habits.centre[mode]), float(habits.spread[mode])
    edge = (math.log(longest) - centre) / spread

    def below(score: float) -> float:
        return 0.5 * math.erfc(-score / math.sqrt(2.0))

    whole = math.exp(centre + 0.5 * spread**2) * below(edge - spread)
    return float(habits.moves[mode]) * (whole + longest * (1.0 - below(edge)))


def told(habits: Habits) -> dict[str, Any]:
    """The habits in names with units."""
    stays = 1.0 / np.maximum(1.0 - np.diag(habits.change), 1e-12)
    return {
        "learnt_from_sols": list(LEARNT_FROM),
        "left_out_sols": [list(span) for span in LEFT_OUT],
        "criterion": habits.criterion,
        "log_likelihood": habits.likelihood,
        "modes": [
            {
                "share_of_sols": float(habits.sols[k] / habits.sols.sum()),
                "moves_share": float(habits.moves[k]),
                "median_m": float(np.exp(habits.centre[k])),
                "spread_of_logarithm": float(habits.spread[k]),
                "lasts_sol": float(stays[k]),
            }
            for k in range(len(habits.moves))
        ],
    }

"""The best point of a smooth problem under limits, with the prices of its limits.

        least f(z)    where  c(z) = 0,  s(z) >= 0,  lowest <= z <= highest

Sequential quadratic programming (Kraft 1988, as scipy has it) with exact first derivatives. The
prices (Lagrange multipliers) are found afterwards from the conditions of Karush, Kuhn and Tucker:
at a best point the slope of f is a sum of the slopes of the limits that bind, and what is left of
it says how good the point is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

BINDS = 2e-4
"""A limit binds where less than this share of it is spare."""
HOPELESS = 0.1
"""A breach from which no second start is worth its while."""
NEARLY = 1e-2
"""The same for a point carried over to another problem, whose own best point it only nearly is."""


@dataclasses.dataclass(frozen=True)
class Judged:
    """A point and its first derivatives; every number scaled to order one.

    Attributes:
        objective: f.
        slope: of f [n].
        equal: c [m].
        equal_slope: [m, n].
        spare: s, what is left of every limit [k].
        spare_slope: [k, n].
    """

    objective: float
    slope: np.ndarray
    equal: np.ndarray
    equal_slope: np.ndarray
    spare: np.ndarray
    spare_slope: np.ndarray

    @property
    def violation(self) -> float:
        """The greatest breach of any condition."""
        breach = [np.max(np.abs(self.equal), initial=0.0), np.max(-self.spare, initial=0.0)]
        return float(max(breach))


@dataclasses.dataclass(frozen=True)
class Best:
    """Where the search came to rest.

    Attributes:
        point: z [n].
        judged: what holds there.
        found: whether all conditions hold and the slope is priced away.
        turns: iterations.
        equal_price: one for each c [m]; f's change per unit of ``c = e``.
        spare_price: one for each s, not negative [k].
        bound_price: one for each variable: positive where its lowest, negative where its highest
            value binds [n].
        residual: what the prices leave of f's slope, the greatest of all variables.
        says: the search's own last words.
    """

    point: np.ndarray
    judged: Judged
    found: bool
    turns: int
    equal_price: np.ndarray
    spare_price: np.ndarray
    bound_price: np.ndarray
    residual: float
    says: str


class _Spent(Exception):
    """A try has judged as many points as it may."""


def least(
    judge: Callable[[np.ndarray], Judged],
    guess: np.ndarray,
    lowest: np.ndarray,
    highest: np.ndarray,
    *,
    turns: int = 150,
    tries: int = 2,
    points: int = 300,
    tolerance: float = 1e-11,
    feasible: float = 1e-6,
    optimal: float = 1e-3,
) -> Best:
    """Find a best point near a guess.

    Args:
        judge: the problem, scaled so that steps of order one matter.
        guess: where to begin; it need not keep any limit.
        lowest: bounds.
        highest: bounds.
        turns: iterations allowed for each try.
        tries: how often to begin anew from where the last one came to rest.
        points: that each try may judge; a search that finds needs a third of them, and one that
            cannot find would go on for ever.
        tolerance: change of f at which to stop.
        feasible: breach that is still none.
        optimal: residual that is still none.
    """
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    known: dict[bytes, Judged] = {}
    spent, nearest = 0, (np.inf, np.clip(guess, lowest, highest))

    def at(z: np.ndarray) -> Judged:
        nonlocal spent, nearest
        z = np.clip(z, lowest, highest)
        key = z.tobytes()
        if key not in known:
            if spent >= points:
                raise _Spent
            spent += 1
            if len(known) > 8:
                known.clear()
            known[key] = _finite(judge(z))
            if known[key].violation < nearest[0]:
                nearest = (known[key].violation, z.copy())
        return known[key]

    here, total, best = np.clip(guess, lowest, highest), 0, None
    for _ in range(tries):  # a second start clears what the first believed of the curvature
        spent = 0
        try:
            # threads that wait for matrices so small cost more than all the flights together
            with threadpool_limits(limits=1, user_api="blas"):
                found = minimize(
                    lambda z: at(z).objective,
                    here,
                    jac=lambda z: at(z).slope,
                    method="SLSQP",
                    bounds=list(zip(lowest, highest, strict=True)),
                    constraints=[
                        {
                            "type": "eq",
                            "fun": lambda z: at(z).equal,
                            "jac": lambda z: at(z).equal_slope,
                        },
                        {
                            "type": "ineq",
                            "fun": lambda z: at(z).spare,
                            "jac": lambda z: at(z).spare_slope,
                        },
                    ],
                    options={"maxiter": turns, "ftol": tolerance},
                )
            reached, said, made = np.asarray(found.x, dtype=float), str(found.message), found.nit
        except _Spent:
            reached, said, made = nearest[1], "no end in sight", turns
        spent = 0
        total += int(made)
        here = np.clip(reached, lowest, highest)
        candidate = priced(at(here), here, lowest, highest, total, said)
        if best is None or _better(candidate, best, feasible):
            best = candidate
        good = best.judged.violation <= feasible and best.residual <= optimal
        if good or best.judged.violation > HOPELESS:
            break
    assert best is not None
    good = best.judged.violation <= feasible and best.residual <= optimal
    return dataclasses.replace(best, found=bool(good))


def restored(
    judge: Callable[[np.ndarray], Judged],
    best: Best,
    lowest: np.ndarray,
    highest: np.ndarray,
    *,
    feasible: float = 1e-6,
    optimal: float = 1e-2,
) -> Best:
    """A best point carried over to a slightly different problem: the nearest point that keeps it.

    Gauss and Newton's steps of least length; the point moves by the difference of the problems, so
    f loses the square of it.

    Args:
        judge: the other problem (the same flight on finer ticks).
        best: of the first.
        lowest: bounds.
        highest: bounds.
        feasible: breach that is none.
        optimal: residual that is none.
    """
    here = best.point.copy()
    there = _finite(judge(here))
    for _ in range(8):
        if there.violation <= 0.01 * feasible:
            break
        breached = there.spare < BINDS
        free = (here > lowest) & (here < highest)
        rows = np.concatenate([there.equal_slope, there.spare_slope[breached]])[:, free]
        left = np.concatenate([there.equal, np.minimum(there.spare[breached], 0.0)])
        step = np.linalg.lstsq(rows, -left, rcond=None)[0]
        here[free] += step
        here = np.clip(here, lowest, highest)
        there = _finite(judge(here))
    found = priced(there, here, lowest, highest, best.turns, best.says, binds=NEARLY)
    good = there.violation <= feasible and found.residual <= optimal
    return dataclasses.replace(found, found=bool(good))


def _better(one: Best, other: Best, feasible: float) -> bool:
    if one.judged.violation <= feasible and other.judged.violation <= feasible:
        return one.residual < other.residual
    return one.judged.violation < other.judged.violation


def _finite(judged: Judged) -> Judged:
    """Where a flight breaks down its numbers are none: a wall, high and flat."""
    if np.isfinite(judged.objective) and all(
        np.all(np.isfinite(x)) for x in (judged.equal, judged.spare, judged.equal_slope)
    ):
        return judged
    return Judged(
        1e3,
        np.zeros_like(judged.slope),
        np.full_like(judged.equal, 1e3),
        np.zeros_like(judged.equal_slope),
        np.full_like(judged.spare, -1e3),
        np.zeros_like(judged.spare_slope),
    )


def priced(
    judged: Judged,
    point: np.ndarray,
    lowest: np.ndarray,
    highest: np.ndarray,
    turns: int = 0,
    says: str = "",
    binds: float = BINDS,
) -> Best:
    """The prices at a point: the least-squares solution of f' = sum of prices times slopes.

    Limits that do not bind have no price; the others have one that is not negative.
    """
    from scipy.optimize import lsq_linear

    n = point.size
    room = 1e-9 * (1.0 + np.abs(point))
    low, high = point - lowest <= room, highest - point <= room
    binding = np.flatnonzero(judged.spare <= binds)
    m, k = judged.equal.size, binding.size
    eye = np.eye(n)
    rows = [judged.equal_slope, judged.spare_slope[binding], eye[low], -eye[high]]
    slopes = np.concatenate(rows).T
    count = slopes.shape[1]
    prices = np.zeros(count)
    if count:
        floor = np.concatenate([np.full(m, -np.inf), np.zeros(count - m)])
        prices = lsq_linear(
            slopes, judged.slope, bounds=(floor, np.full(count, np.inf)), tol=1e-14, method="bvls"
        ).x
    left = judged.slope - slopes @ prices
    spare_price = np.zeros(judged.spare.size)
    spare_price[binding] = np.maximum(prices[m : m + k], 0.0)  # less only by rounding
    bound_price = np.zeros(n)
    bound_price[low] += prices[m + k : m + k + int(low.sum())]
    bound_price[high] -= prices[m + k + int(low.sum()) :]
    return Best(
        point=point,
        judged=judged,
        found=False,
        turns=turns,
        equal_price=prices[:m],
        spare_price=spare_price,
        bound_price=bound_price,
        residual=float(np.max(np.abs(left), initial=0.0)),
        says=says,
    )

"""Which tubes come home: the best set as an integer programme, and how firm the answer is.

    maximise   sum_o w_o (c_o + depth d_o)        objectives, first and further witnesses
             + sum_k w_k y_k                      kinds of rock, ages, environments, once each
             + w_kg sample - price * open tubes
    subject to c_o <= 1, d_o <= 2, c_o + d_o <= sum_i s_io x_i - (1 - share) min(s_ao, s_bo) p_ab
               y_k <= sum of x in k,  p_ab >= x_a + x_b - 1
               slots, arm, fetching, witnesses; x is 0 or 1

Everything but x may be a real number: at the optimum y and p are whole of themselves. Solved by
HiGHS through `scipy.optimize.milp`; ties go to the longer core, then to the lower number.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from anabasis.campaign import objectives
from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.inventory import draw_up
from anabasis.campaign.orders import cache as orders_of
from anabasis.campaign.orders.cache import WEIGHTS
from anabasis.campaign.parts import Parts
from anabasis.vehicles.tube import DEPOT_LATITUDE_DEG, DEPOT_LONGITUDE_DEG, Tube, all_tubes

DEPTH_CAP = 2.0
"""Witnesses beyond the first that still count."""
TIE = 1e-6
"""Weight by which equal sets are told apart: the lower numbers win."""
OWN_GAP = 1e-9


@dataclasses.dataclass(frozen=True)
class Values:
    """The numbers of the ``[cache]`` table as plain ones; see `CacheOrders`."""

    weights: Mapping[str, float]
    depth: float = 0.3
    pair_share: float = 0.25
    unsealed_price: float = 0.5
    witness_count: int = 2

    def scaled(self, factors: Mapping[str, float]) -> Values:
        """The same with some numbers multiplied; shares stay within 0 to 1."""
        weights = {k: v * factors.get(k, 1.0) for k, v in self.weights.items()}
        return Values(
            weights,
            min(1.0, self.depth * factors.get("depth", 1.0)),
            min(1.0, self.pair_share * factors.get("pair_share", 1.0)),
            self.unsealed_price * factors.get("unsealed_price", 1.0),
            self.witness_count,
        )


@dataclasses.dataclass(frozen=True)
class Reach:
    """What can be aboard in time: of all, of the rover's tubes, of the depot's."""

    slots: int
    by_arm: int
    from_rover: int
    from_depot: int


@dataclasses.dataclass(frozen=True)
class Choice:
    """A set of tubes and what it is worth; ``parts`` adds up to ``worth``."""

    tubes: tuple[Tube, ...]
    worth: float
    parts: Mapping[str, float]


@dataclasses.dataclass(frozen=True)
class Task:
    """What a scenario asks of the choice: candidates, limits, worth, and what must or must not.

    Attributes:
        candidates: every tube with something in it, as the scenario has it.
        reach: places, and what can be aboard in time.
        values: what a set is worth.
        require, exclude: ids.
        in_time: how the reach comes about.
    """

    candidates: tuple[Tube, ...]
    reach: Reach
    values: Values
    require: frozenset[str]
    exclude: frozenset[str]
    in_time: orders_of.InTime


def values_of(parts: Parts, file: str) -> Values:
    """The weights and prices of a scenario's ``[cache]`` table.

    Raises:
        BadInput: where all weights are zero.
    """
    orders = parts.cache if parts.cache is not None else orders_of.CacheOrders()
    weights = {key: float(getattr(orders, key)) for key in WEIGHTS}
    if not any(weights.values()):
        raise BadInput(
            "the weights are all zero: no set is better than another",
            file=file,
            key="cache",
            allowed="at least one above 0",
            hint="weigh something",
        )
    return Values(
        weights,
        float(orders.depth),
        float(orders.pair_share),
        float(orders.unsealed_price),
        round(float(orders.witness_count)),
    )


def task_of(parts: Parts, file: str, slots: int | None = None) -> Task:
    """The choice as a scenario asks it.

    Args:
        parts: the scenario's numbers.
        file: its name, for what is wrong with it.
        slots: places in the container; None takes the scenario's.

    Raises:
        BadInput: no rover or surface, more places than tubes, weights that are all zero, tubes that
            are unknown or named twice.
    """
    values = values_of(parts, file)
    orders = parts.cache if parts.cache is not None else orders_of.CacheOrders()
    require, exclude = orders_of.named(orders, file)
    if parts.surface is None or parts.rover is None:
        raise BadInput(
            "a choice of tubes needs the rover and the surface",
            file=file,
            key="surface" if parts.surface is None else "rover",
            hint="choose for a scenario of the whole march",
        )
    places = slots
    if places is None:
        places = parts.container.slot_count if parts.container is not None else 30
    manifest = draw_up(
        close_open_tubes=parts.surface.close_open_tubes,
        later_tubes=parts.surface.later_tubes,
        fetch=parts.surface.fetch is not None,
        slots=len(all_tubes()),
    )
    filled = tuple(tube for tube in manifest.tubes if tube.closure != "empty")
    if not 1 <= places <= len(filled):
        raise BadInput(
            "more places than tubes" if places > len(filled) else "no place at all",
            file="command line" if slots is not None else file,
            key="--slots" if slots is not None else "container.slot_count",
            value=places,
            allowed=f"1 to {len(filled)}",
            hint=f"{len(filled)} tubes are filled",
        )
    found = orders_of.in_time(orders, parts.surface, parts.rover, *_where(parts))
    reach = Reach(places, found.by_arm, found.from_rover, found.from_depot)
    return Task(filled, reach, values, require, exclude, found)


def _where(parts: Parts) -> tuple[float, float]:
    """Where the lander stands: the entry's target, or the start of a surface phase alone."""
    assert parts.surface is not None
    for place in (getattr(parts.entry, "target", None), parts.surface.start):
        if place is not None:
            return float(place.latitude), float(place.longitude)
    return math.radians(DEPOT_LATITUDE_DEG), math.radians(DEPOT_LONGITUDE_DEG)


def chosen(parts: Parts, file: str) -> frozenset[str]:
    """Ids of the best set for a scenario, as the march takes it.

    Raises:
        BadInput: as `task_of`, and where no set keeps all the rules.
    """
    task = task_of(parts, file)
    best = None
    if not task.in_time.why_not:
        best = best_set(task.candidates, task.reach, task.values, task.require, task.exclude)
    if best is None:
        raise BadInput(
            task.in_time.why_not or "no set of tubes keeps all the rules",
            file=file,
            key="surface.tubes",
            hint="see: anabasis cache",
        )
    return frozenset(tube.id for tube in best.tubes)


def classes_of(tube: Tube) -> dict[str, str]:
    """The kind of rock, the age and the environment that a tube adds; none for a witness."""
    if not tube.is_sample:
        return {}
    return {
        "rock": objectives.rock(tube),
        "age": objectives.age(tube),
        "environment": objectives.environment(tube),
    }


def _pairs(tubes: Sequence[Tube]) -> list[tuple[int, int]]:
    at = {tube.name: place for place, tube in enumerate(tubes)}
    return [
        (place, at[tube.pair])
        for place, tube in enumerate(tubes)
        if tube.pair in at and place < at[tube.pair]
    ]


def _allowed(tubes: Sequence[Tube], reach: Reach, values: Values) -> tuple[int, int, int, int]:
    """Bounds on counts: all, rover's, depot's at most; witnesses at least, as far as possible."""
    witnesses_rover = sum(t.kind == "witness" and t.where == "rover" for t in tubes)
    witnesses_depot = sum(t.kind == "witness" and t.where == "depot" for t in tubes)
    total = min(reach.slots, reach.by_arm)
    most = min(witnesses_rover, reach.from_rover) + min(witnesses_depot, reach.from_depot)
    return total, reach.from_rover, reach.from_depot, min(values.witness_count, most, total)


def worth(chosen: Sequence[Tube], values: Values) -> Choice:
    """What a set of tubes is worth, told part by part, straight from the definition."""
    heard = {objective.key: 0.0 for objective in objectives.OBJECTIVES}
    strong = [objectives.strengths(tube) for tube in chosen]
    for spoken in strong:
        for key, strength in spoken.items():
            heard[key] += strength
    for a, b in _pairs(chosen):
        for key in strong[a].keys() & strong[b].keys():
            heard[key] -= (1.0 - values.pair_share) * min(strong[a][key], strong[b][key])
    parts: dict[str, float] = {}
    for objective in objectives.OBJECTIVES:
        first = min(heard[objective.key], 1.0)
        more = min(max(heard[objective.key] - 1.0, 0.0), DEPTH_CAP)
        gained = values.weights[objective.weight] * (first + values.depth * more)
        parts[f"objective {objective.key}"] = gained
    for sort in ("rock", "age", "environment"):
        kinds = {classes_of(tube)[sort] for tube in chosen if tube.is_sample}
        parts[sort] = values.weights[sort] * len(kinds)
    mass = sum((tube.mass_g or 0.0) / 1e3 for tube in chosen)
    parts["sample"] = values.weights["sample"] * mass
    parts["open tubes"] = -values.unsealed_price * sum(t.closure == "open" for t in chosen)
    return Choice(tuple(chosen), sum(parts.values()), parts)


def best_set(
    tubes: Sequence[Tube],
    reach: Reach,
    values: Values,
    require: frozenset[str] = frozenset(),
    exclude: frozenset[str] = frozenset(),
) -> Choice | None:
    """The best set of tubes; None where no set keeps all the rules.

    Args:
        tubes: that could come.
        reach: how many fit, and how many can be aboard in time.
        values: weights and prices.
        require, exclude: ids that must, or must not, be in it.
    """
    programme = _Programme(tubes, reach, values, require, exclude)
    chosen = programme.solve()
    return None if chosen is None else worth(chosen, values)


def exhaustive(
    tubes: Sequence[Tube],
    reach: Reach,
    values: Values,
    require: frozenset[str] = frozenset(),
    exclude: frozenset[str] = frozenset(),
) -> Choice | None:
    """The best of all sets, by trying each: for small numbers of tubes, as a check."""
    total, rover, depot, witnesses = _allowed(tubes, reach, values)
    best: Choice | None = None
    for size in range(min(total, len(tubes)) + 1):
        for chosen in itertools.combinations(tubes, size):
            ids = {tube.id for tube in chosen}
            if not require <= ids or exclude & ids:
                continue
            if sum(t.where == "rover" for t in chosen) > rover:
                continue
            if sum(t.where == "depot" for t in chosen) > depot:
                continue
            if sum(t.kind == "witness" for t in chosen) < witnesses:
                continue
            found = worth(chosen, values)
            if best is None or found.worth > best.worth + 1e-12:
                best = found
    return best


class _Programme:
    """Rows and columns of the integer programme: x first, then c, d, y, p."""

    def __init__(
        self,
        tubes: Sequence[Tube],
        reach: Reach,
        values: Values,
        require: frozenset[str],
        exclude: frozenset[str],
    ) -> None:
        self.tubes = tubes
        self.count = len(tubes)
        self._gain: list[float] = []
        self._high: list[float] = []
        self._rows: list[tuple[dict[int, float], float, float]] = []
        self._low = [1.0 if tube.id in require else 0.0 for tube in tubes]
        for tube in tubes:
            gain = values.weights["sample"] * (tube.mass_g or 0.0) / 1e3
            gain -= values.unsealed_price * (tube.closure == "open") + TIE * tube.number
            self._column(gain, 0.0 if tube.id in exclude else 1.0)
        pairs = _pairs(tubes)
        both = {pair: self._column(0.0, 1.0) for pair in pairs}
        for (a, b), p in both.items():
            self._rows.append(({a: 1.0, b: 1.0, p: -1.0}, -np.inf, 1.0))
        strong = [objectives.strengths(tube) for tube in tubes]
        for objective in objectives.OBJECTIVES:
            key, weight = objective.key, values.weights[objective.weight]
            row = {at: -s[key] for at, s in enumerate(strong) if key in s}
            for (a, b), p in both.items():
                lost = min(strong[a].get(key, 0.0), strong[b].get(key, 0.0))
                if lost:
                    row[p] = (1.0 - values.pair_share) * lost
            row[self._column(weight, 1.0)] = 1.0
            row[self._column(weight * values.depth, DEPTH_CAP)] = 1.0
            self._rows.append((row, -np.inf, 0.0))
        members: dict[tuple[str, str], list[int]] = {}
        for at, tube in enumerate(tubes):
            for sort, kind in classes_of(tube).items():
                members.setdefault((sort, kind), []).append(at)
        for (sort, _), inside in members.items():
            row = dict.fromkeys(inside, -1.0)
            row[self._column(values.weights[sort], 1.0)] = 1.0
            self._rows.append((row, -np.inf, 0.0))
        total, rover, depot, witnesses = _allowed(tubes, reach, values)
        for test, low, high in (
            (lambda t: True, 0.0, float(total)),
            (lambda t: t.where == "rover", 0.0, float(rover)),
            (lambda t: t.where == "depot", 0.0, float(depot)),
            (lambda t: t.kind == "witness", float(witnesses), np.inf),
        ):
            row = {at: 1.0 for at, tube in enumerate(tubes) if test(tube)}
            self._rows.append((row, low, high))

    def _column(self, gain: float, high: float) -> int:
        self._gain.append(gain)
        self._high.append(high)
        return len(self._gain) - 1

    def solve(self) -> list[Tube] | None:
        """The chosen tubes, or None where the rules contradict each other."""
        size = len(self._gain)
        entries = [
            (number, at, value)
            for number, (row, _, _) in enumerate(self._rows)
            for at, value in row.items()
        ]
        where = np.array([(n, at) for n, at, _ in entries]).T
        matrix = coo_array(
            (np.array([v for _, _, v in entries]), (where[0], where[1])),
            shape=(len(self._rows), size),
        ).tocsr()
        low = np.zeros(size)
        low[: self.count] = self._low
        if (low > np.array(self._high)).any():
            return None
        integer = np.zeros(size)
        integer[: self.count] = 1.0
        high: Any = np.array(self._high)
        least: Any = np.array([bound for _, bound, _ in self._rows])
        most: Any = np.array([bound for _, _, bound in self._rows])
        floor: Any = low
        found = milp(
            c=-np.array(self._gain),
            constraints=LinearConstraint(matrix, least, most),  # pyright: ignore[reportArgumentType]
            bounds=Bounds(floor, high),
            integrality=integer,
            options={"mip_rel_gap": OWN_GAP},
        )
        if found.x is None:
            return None
        return [tube for tube, x in zip(self.tubes, found.x, strict=False) if x > 0.5]


@dataclasses.dataclass(frozen=True)
class Sensitivity:
    """How firm a choice is.

    Attributes:
        share: tube id -> share of the disturbed programmes in which it is chosen.
        by_weight: weight -> ids that come or go when it alone is halved or doubled.
        solved: how many programmes were solved.
    """

    share: Mapping[str, float]
    by_weight: Mapping[str, tuple[str, ...]]
    solved: int

    def always(self) -> list[str]:
        """Ids in every disturbed choice."""
        return [key for key, share in self.share.items() if share > 1.0 - 1e-9]

    def flips(self) -> list[str]:
        """Ids in some and not in others."""
        return [key for key, share in self.share.items() if 1e-9 < share < 1.0 - 1e-9]


PERTURBED = (*WEIGHTS, "depth", "pair_share", "unsealed_price")
"""What is disturbed, one by one and together."""


def sensitivity(
    tubes: Sequence[Tube],
    reach: Reach,
    values: Values,
    nominal: Choice,
    require: frozenset[str] = frozenset(),
    exclude: frozenset[str] = frozenset(),
    joint: int = 24,
) -> Sensitivity:
    """Which tubes always come and which flip, when weights and prices are halved and doubled.

    Each number alone is halved and doubled; then all together, log-uniformly between half and
    double, ``joint`` times, with a fixed seed.
    """
    rng = np.random.default_rng(20311)
    own = {tube.id for tube in nominal.tubes}
    counts = dict.fromkeys((tube.id for tube in tubes), 0)
    by_weight: dict[str, tuple[str, ...]] = {}
    solved = 0

    def solve(factors: Mapping[str, float]) -> set[str]:
        nonlocal solved
        found = best_set(tubes, reach, values.scaled(factors), require, exclude)
        ids = set() if found is None else {tube.id for tube in found.tubes}
        for key in ids:
            counts[key] += 1
        solved += 1
        return ids

    for name in PERTURBED:
        changed: set[str] = set()
        for factor in (0.5, 2.0):
            changed |= solve({name: factor}) ^ own
        by_weight[name] = tuple(sorted(changed))
    for _ in range(joint):
        draws: Float[np.ndarray, " n"] = np.exp2(rng.uniform(-1.0, 1.0, len(PERTURBED)))
        solve(dict(zip(PERTURBED, draws.tolist(), strict=True)))
    return Sensitivity({k: n / solved for k, n in counts.items()}, by_weight, solved)


def report(choice: Choice, values: Values) -> dict[str, Any]:
    """The choice as plain data, its worth part by part and its coverage."""
    verdicts = objectives.coverage(choice.tubes)
    return {
        "worth": choice.worth,
        "parts": dict(choice.parts),
        "weights": {
            **values.weights,
            "depth": values.depth,
            "pair_share": values.pair_share,
            "unsealed_price": values.unsealed_price,
            "witness_count": values.witness_count,
        },
        "sample_kg": sum((tube.mass_g or 0.0) / 1e3 for tube in choice.tubes),
        "objectives": [
            {
                "key": objective.key,
                "title": objective.title,
                "covered": verdicts[objective.key],
                "tubes": [
                    {"name": tube.name, "strength": objectives.strengths(tube)[objective.key]}
                    for tube in choice.tubes
                    if objective.key in objectives.strengths(tube)
                ],
            }
            for objective in objectives.OBJECTIVES
        ],
    }

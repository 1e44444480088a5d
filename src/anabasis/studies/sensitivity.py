"""Which uncertain number a figure's spread comes from, and which to halve first.

Three witnesses, side by side. The slope: the exact derivative with decisions held, times one
standard deviation. The points: each number alone at its mean, one and two deviations off, flown
through the same lanes as an ensemble. All together: an ensemble, against which the sum of the
slopes is held. Where a slope says nothing (a decision changes, a number takes single values, a
figure counts sols) the flown effect stands in its place, and the row says why.

    Var(f) = sum_jk c_j c_k R_jk         c_k = df/dx_k sigma_k
    share of k = c_k sum_j R_kj c_j / Var(f)

Without correlation a share is c_k^2 / Var(f). With it, a number answers for half of what it does
together with others; shares add up to one, and one of them may be negative.

Source of the split: C. Xu and G. Z. Gertner, Reliability Engineering and System Safety 93 (2008)
1563; G. Li et al., Journal of Physical Chemistry A 114 (2010) 6022.
"""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.fly import NEEDS, phases_for
from anabasis.campaign.march import FIGURES
from anabasis.campaign.parts import PHASES
from anabasis.campaign.scenario import Scenario, load
from anabasis.campaign.wall import suggestion
from anabasis.mechanics.table import Table
from anabasis.studies import sobol as indices_of
from anabasis.studies.dispersions import uncertain_of
from anabasis.studies.gradient import DISCRETE, TOUCHES, chain_of, slopes
from anabasis.studies.lanes import Lanes
from anabasis.studies.moments import (
    POINTS,
    Points,
    correlation_of_values,
    five_points,
    is_smooth,
    mean_and_deviation,
    sample,
)
from anabasis.units import FACTORS, name_at_wall

LANES = 256
"""Flown side by side; the same number as in an ensemble, so both share one program."""
CASES = 256
"""Flown with every number drawn at once, to hold the sum of the slopes against."""
MOST_ROWS = 2**20
CROOKED = 0.1
"""Slope and flight disagree where their effects differ by more than this share of the larger."""
MATTERS = 0.01
"""A crooked slope matters where its number has more than this share of the variance."""
ROUNDING = 1e-9
"""Effects smaller than this share of the figure are rounding."""
COUNTS = ("landing_sol", "ready_sol", "tubes_loaded_count", "tubes_left_count",
          "bank_reversal_count")  # fmt: skip
"""Figures that are decided one by one: where one changes, a decision has changed."""
READS = {"surface": ("surface", "rover", "container", "planet")}
"""Phase without derivatives -> the tables its flight reads, beside `TOUCHES`."""

Say = Callable[[int, int], None]


@dataclasses.dataclass(frozen=True)
class Row:
    """What one uncertain number does to one figure; effects in the figure's unit.

    Attributes:
        path: of the number, with its unit.
        unit: of the number; empty for a pure one.
        is_factor: True for a factor on a table of a function.
        distribution: its kind.
        nominal: undisturbed, in the number's unit.
        sigma: standard deviation, in the number's unit.
        source, confidence: of the dispersion.
        kind: ``derivative``, ``decided`` (a decision or outcome changes within two deviations), or
            ``sampled`` (no derivative is taken).
        because: why it is not a derivative; empty where it is.
        derivative: of the figure, per unit of the number; None where none is taken.
        effect: derivative times sigma, signed.
        sampled: standard deviation of the figure where this number alone is drawn.
        at: score -> change of the figure against the undisturbed flight; None where it was lost.
        outcomes: score -> what became of the flight there, where that is not nominal.
        crooked: True where slope and flight disagree.
        share: of the figure's variance, half of what is shared with correlated numbers included.
        share_alone: what this number does by itself.
        share_of_slopes: the share if every slope held as far as its number goes.
        correlated_with: path -> correlation of the values.
    """

    path: str
    unit: str
    is_factor: bool
    distribution: str
    nominal: float
    sigma: float
    source: str
    confidence: str
    kind: str
    because: str
    derivative: float | None
    effect: float | None
    sampled: float | None
    at: dict[str, float | None]
    outcomes: dict[str, str]
    crooked: bool
    share: float | None
    share_alone: float | None
    share_of_slopes: float | None
    correlated_with: dict[str, float]


@dataclasses.dataclass(frozen=True)
class Answer:
    """One figure: its spread, whom it comes from, what to do.

    Attributes:
        figure: ``phase.figure`` with its unit.
        unit: of the figure.
        discrete: why it has no derivatives; empty where it has.
        nominal: of the undisturbed flight.
        limits: that the figure carries: ``name``, ``sense``, ``limit``, ``source``, ``confidence``.
        basis: what sigma and shares are made of: ``slopes``, or ``flown`` where a slope that
            matters is crooked.
        sigma: from the rows, correlations included.
        sigma_of_slopes: the same if every slope held as far as its number goes.
        together: ``mean``, ``sigma``, ``standard_error`` (of that sigma), ``cases``, ``lost``, of
            the cases with every number drawn; None where none was flown.
        rows: the greatest share first.
        groups: sets of correlated numbers with the share of each.
        by_confidence: confidence -> share of the variance.
        halve_first: ``path``, ``sigma_before``, ``sigma_after``; None where nothing would help.
        sobol: the indices; None where they were not asked for.
        words: the same in sentences.
    """

    figure: str
    unit: str
    discrete: str
    nominal: float
    limits: tuple[dict[str, Any], ...]
    basis: str
    sigma: float | None
    sigma_of_slopes: float | None
    together: dict[str, float | int | None] | None
    rows: tuple[Row, ...]
    groups: tuple[dict[str, Any], ...]
    by_confidence: dict[str, float]
    halve_first: dict[str, Any] | None
    sobol: dict[str, Any] | None
    words: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Sensitivity:
    """What was asked of one scenario."""

    scenario: str
    scenario_hash: str
    only: str | None
    seed: int
    answers: tuple[Answer, ...]

    def to_dict(self) -> dict[str, Any]:
        """One JSON document; a number that is none is null."""
        found = dataclasses.asdict(self)
        figures = found.pop("answers")
        return _plain({"schema_version": 1, **found, "figures": figures})


def sensitivity(
    scenario: str | os.PathLike[str] | Mapping[str, Any] | Scenario,
    *,
    only: str | None = None,
    of: str | Sequence[str] = (),
    seed: int | None = None,
    cases: int = CASES,
    sobol: int = 0,
    progress: Say = lambda *_: None,
) -> Sensitivity:
    """Say which uncertain number the spread of a figure comes from.

    Args:
        scenario: with its ``[[dispersion]]`` tables.
        only: one phase alone; those before it are flown once, undisturbed.
        of: ``phase.figure``, one or several; empty means every figure that carries a limit.
        seed: of the cases and samples; None takes the scenario's.
        cases: flown with every number drawn at once; 0 flies none.
        sobol: rows of Sobol' samples, a power of two; 0 leaves the indices out.
        progress: told how many flights are done, of how many.

    Raises:
        BadInput: for a scenario without dispersions, a figure that is none or is not flown here,
            counts out of range, an undisturbed march that is lost.
    """
    found = load(scenario)
    asked = [of] if isinstance(of, str) else list(of)
    phases_for(found, only)
    phases = found.march if only is None else (only,)
    if not uncertain_of(found):
        raise BadInput(
            "nothing is dispersed: no figure has a spread",
            file=found.reading.file,
            key="dispersion",
            hint="add a [[dispersion]] table (docs/sensitivity.md)",
        )
    for figure in asked:
        _check_figure(figure, phases, only)
    _check_counts(cases, sobol)
    root = found.seed if seed is None else seed
    study = _Study(found, only, root, progress)
    answers = study.answers(asked or study.limited(), cases, sobol)
    return Sensitivity(found.name, found.hash, only, root, answers)


class _Study:
    """The flights behind the answers: undisturbed, at points, all together."""

    def __init__(self, scenario: Scenario, only: str | None, seed: int, progress: Say) -> None:
        self.scenario, self.seed, self.say = scenario, seed, progress
        self.lanes = Lanes(
            scenario, only=only, seed=seed, sampler="random", count=LANES, size=LANES
        )
        self.numbers = self.lanes.numbers
        self.phases = self.lanes.phases
        self.moments = [mean_and_deviation(one.distribution) for one in self.numbers]
        scores = self.lanes.draws.mixing @ self.lanes.draws.mixing.T
        kinds = [one.distribution for one in self.numbers]
        self.correlation = np.eye(len(kinds))
        for j, k in zip(*np.nonzero(np.tril(scores, -1)), strict=True):
            value = correlation_of_values(kinds[j], kinds[k], float(scores[j, k]))
            self.correlation[j, k] = self.correlation[k, j] = value
        self.groups = _groups(scores)
        self._slopes: dict[str, dict[str, np.ndarray]] = {}
        self._samples: dict[int, tuple[Points, dict[str, Any]]] = {}
        self.done = self.planned = 0

    def limited(self) -> list[str]:
        """Every figure that carries a limit, in the order of the march.

        Raises:
            BadInput: where none does.
        """
        reports = self.lanes.march.log.phases
        found = [
            f"{phase}.{limit.figure}"
            for phase in self.phases
            for limit in reports[phase].limits
            if reports[phase].figures.get(limit.figure) is not None
        ]
        if not found:
            raise BadInput(
                "no figure of this march carries a limit",
                file="command line",
                key="--of",
                hint=f"name one: --of {self.phases[-1]}.FIGURE",
            )
        return list(dict.fromkeys(found))

    def answers(self, asked: Sequence[str], cases: int, rows: int) -> tuple[Answer, ...]:
        for figure in asked:
            self._check_flown(figure)
        points = [five_points(one.distribution) for one in self.numbers]
        design = np.tile(self.lanes.nominal, (1 + len(POINTS) * len(points), 1))
        for k, own in enumerate(points):
            first = 1 + len(POINTS) * k
            design[first : first + len(POINTS), k] = own.values
        self.planned += len(design) + cases + rows * (len(self.groups) + 2)
        at_points = self._fly(design)
        together = self._fly(self.lanes.draws.of(range(cases))) if cases else None
        flown_rows = self._fly_rows(rows) if rows else None
        return tuple(
            self._answer(figure, points, at_points, together, flown_rows) for figure in asked
        )

    def _fly(self, draws: np.ndarray) -> dict[str, Any]:
        """The table of some draws, flown in chunks through the lanes."""
        chunks: list[dict[str, Any]] = []
        for first in range(0, len(draws), LANES):
            own = draws[first : first + LANES]
            chunks.append(self.lanes.fly(range(len(own)), own))
            self.done += len(own)
            self.say(self.done, max(self.planned, self.done))
        return {name: np.concatenate([np.asarray(c[name]) for c in chunks]) for name in chunks[0]}

    def _fly_rows(self, count: int) -> dict[str, Any]:
        own = indices_of.chances(count, len(self.numbers), self.groups, self.seed)
        flat = self.lanes.draws.mixed(own.reshape(-1, own.shape[-1]))
        return self._fly(self.lanes.draws.values(flat))

    def _check_flown(self, figure: str) -> None:
        phase, _, name = figure.partition(".")
        if self.lanes.march.log.phases[phase].figures.get(name) is None:
            raise BadInput(
                "this flight has no such figure",
                file="command line",
                key="--of",
                value=figure,
                hint=f"see what it reports: anabasis fly --only {phase} --json",
            )

    # ------------------------------------------------------------ one figure

    def _answer(
        self,
        figure: str,
        points: Sequence[Points],
        flown: Mapping[str, Any],
        together: Mapping[str, Any] | None,
        flown_rows: Mapping[str, Any] | None,
    ) -> Answer:
        phase = figure.partition(".")[0]
        units = {name_at_wall(name, unit): unit for name, unit in FIGURES[phase].items()}
        unit = units[figure.partition(".")[2]]
        nominal = float(flown[figure][0])
        terms = [self._term(k, figure, own, flown, nominal) for k, own in enumerate(points)]
        by_slopes = self._split([term.own for term in terms], [term.linear for term in terms])
        flown_apart = self._split(
            [term.sampled**2 for term in terms], [term.leaning for term in terms]
        )
        least = ROUNDING * max(abs(nominal), *(abs(term.linear) for term in terms))
        crooked = [_is_crooked(term, least) for term in terms]
        bent = any(
            is_crooked and max(by_slopes.shares[k], flown_apart.shares[k]) > MATTERS
            for k, is_crooked in enumerate(crooked)
        )
        split = flown_apart if bent else by_slopes
        rows = [self._row(k, term, crooked[k], split, by_slopes) for k, term in enumerate(terms)]
        by_confidence: dict[str, float] = {}
        for row in rows:
            if row.share is not None:
                by_confidence[row.confidence] = by_confidence.get(row.confidence, 0.0) + row.share
        groups = tuple(
            {
                "paths": [self.numbers[k].path for k in group],
                "share": float(np.nansum(split.shares[list(group)])),
            }
            for group in self.groups
            if len(group) > 1 and split.variance > 0.0
        )
        order = sorted(range(len(rows)), key=lambda k: (-(rows[k].share or 0.0), k))
        answer = Answer(
            figure=figure,
            unit=unit,
            discrete=DISCRETE.get(phase, ""),
            nominal=nominal,
            limits=self._limits(figure),
            basis="flown" if bent else "slopes",
            sigma=split.sigma,
            sigma_of_slopes=by_slopes.sigma,
            together=None if together is None else _together(figure, together),
            rows=tuple(rows[k] for k in order),
            groups=groups,
            by_confidence=by_confidence,
            halve_first=self._halved(split),
            sobol=None if flown_rows is None else self._sobol(figure, flown_rows),
            words=(),
        )
        return dataclasses.replace(answer, words=tuple(_words(answer)))

    def _limits(self, figure: str) -> tuple[dict[str, Any], ...]:
        phase, _, name = figure.partition(".")
        return tuple(
            {
                "name": limit.name,
                "sense": limit.sense,
                "limit": limit.limit,
                "source": limit.source,
                "confidence": limit.confidence,
            }
            for limit in self.lanes.march.log.phases[phase].limits
            if limit.figure == name
        )

    def _split(self, own: Sequence[float], leaning: Sequence[float]) -> _Split:
        """The variance, number by number: its own, and what it shares with correlated ones."""
        alone, together = np.array(own), np.array(leaning)
        known = np.isfinite(alone) & np.isfinite(together)
        alone, together = np.where(known, alone, 0.0), np.where(known, together, 0.0)
        crossed = together * ((self.correlation - np.eye(len(together))) @ together)
        return _Split(alone, crossed, known)

    def _term(
        self, k: int, figure: str, points: Points, flown: Mapping[str, Any], nominal: float
    ) -> _Term:
        """What number k does: its points, its slope or why there is none, its variance."""
        phase, _, name = figure.partition(".")
        one = self.numbers[k]
        where = slice(1 + len(POINTS) * k, 1 + len(POINTS) * (k + 1))
        values = np.asarray(flown[figure][where], dtype=float)
        outcomes = [str(text) for text in flown["outcome"][where]]
        spread = self.moments[k][1]
        kind, because = "derivative", ""
        slope = self._slope(phase, name, k)
        upstream = undifferentiated(phase, one.steps[0], self.phases)
        if phase in DISCRETE:
            kind, because = "sampled", DISCRETE[phase]
        elif not is_smooth(one.distribution):
            kind, because = "sampled", f"its distribution is {one.distribution.kind}"
        elif changed := self._changed(phase, flown, where, values):
            kind, because = "decided", changed
        elif upstream:
            kind, because = "sampled", f"it also acts through decisions after {upstream}"
        elif not math.isfinite(slope):
            kind, because = "sampled", "the figure has no finite derivative here"
        good = np.isfinite(values) & (np.array(outcomes) == "")
        if kind == "derivative":
            mean = points.weights @ values
            sampled = math.sqrt(max(float(points.weights @ (values - mean) ** 2), 0.0))
            linear, own = slope * spread, (slope * spread) ** 2
            scaled = (points.values - self.moments[k][0]) / spread if spread else np.zeros(5)
            leaning = float(points.weights @ (values * scaled))
        else:
            slope = math.nan
            sampled, linear = self._sampled(k, figure)
            own, leaning = sampled**2, linear
        changes = np.where(good, values - nominal, np.nan)
        return _Term(kind, because, slope, sampled, linear, own, leaning, changes, outcomes)

    def _slope(self, phase: str, name: str, k: int) -> float:
        """Derivative in the figure's unit per unit of number k; NaN where none is taken."""
        if phase in DISCRETE:
            return math.nan
        if phase not in self._slopes:
            found = slopes(self.lanes.march, self.scenario, self.numbers, phase, self.phases)
            units = FIGURES[phase]
            self._slopes[phase] = {
                name_at_wall(bare, units[bare]): value / FACTORS[units[bare]]
                for bare, value in found.items()
                if bare in units
            }
        return float(self._slopes[phase][name][k])

    def _changed(
        self, phase: str, flown: Mapping[str, Any], where: slice, values: np.ndarray
    ) -> str:
        """Which decision or outcome is another one within two deviations; empty where none is."""
        for text in flown["outcome"][where]:
            if text != flown["outcome"][0]:
                return str(text)
        if not np.all(np.isfinite(values)):
            return "the figure ceases to exist"
        upto = PHASES.index(phase)
        for earlier in self.phases:
            for bare in COUNTS:
                column = f"{earlier}.{bare}"
                if PHASES.index(earlier) <= upto and column in flown:
                    seen = np.asarray(flown[column][where], dtype=float)
                    if np.any(seen != flown[column][0]):
                        return f"{column} changes"
        return ""

    def _sampled(self, k: int, figure: str) -> tuple[float, float]:
        """Spread of a figure with number k alone drawn, and the best straight line's part of it."""
        if k not in self._samples:
            own = sample(self.numbers[k].distribution)
            design = np.tile(self.lanes.nominal, (len(own.values), 1))
            design[:, k] = own.values
            self.planned += len(design)
            self._samples[k] = own, self._fly(design)
        own, flown = self._samples[k]
        values = np.asarray(flown[figure], dtype=float)
        good = np.isfinite(values) & (flown["outcome"] == "")
        if not np.any(good):
            return math.nan, math.nan
        weights = own.weights[good] / np.sum(own.weights[good])
        value = values[good] - weights @ values[good]
        number = own.values[good] - weights @ own.values[good]
        spread = math.sqrt(float(weights @ value**2))
        width = float(weights @ number**2)
        slope = float(weights @ (value * number)) / width if width > 0.0 else 0.0
        return spread, slope * self.moments[k][1]

    def _row(self, k: int, term: _Term, crooked: bool, split: _Split, by_slopes: _Split) -> Row:
        one = self.numbers[k]
        where = self.scenario.provenance.get(f"dispersion.{k}")
        effect = None if term.kind != "derivative" else term.linear
        leaf: Any = self.scenario.parts
        for step in one.steps:
            leaf = getattr(leaf, step)
        known = bool(split.known[k])
        scores = [f"{score:+g}" for score in POINTS]
        return Row(
            path=one.path,
            unit=one.unit,
            is_factor=isinstance(leaf, Table),
            distribution=one.distribution.kind,
            nominal=one.distribution.nominal,
            sigma=self.moments[k][1],
            source="" if where is None else where.source,
            confidence="unsourced" if where is None else where.confidence,
            kind=term.kind,
            because=term.because,
            derivative=None if effect is None else term.slope,
            effect=effect,
            sampled=None if math.isnan(term.sampled) else term.sampled,
            at={
                score: None if math.isnan(change) else float(change)
                for score, change in zip(scores, term.changes, strict=True)
            },
            outcomes={s: text for s, text in zip(scores, term.outcomes, strict=True) if text},
            crooked=crooked,
            share=float(split.shares[k]) if known else None,
            share_alone=float(split.shares_alone[k]) if known else None,
            share_of_slopes=None if effect is None else float(by_slopes.shares[k]),
            correlated_with={
                self.numbers[j].path: float(value)
                for j, value in enumerate(self.correlation[k])
                if j != k and value != 0.0
            },
        )

    def _halved(self, split: _Split) -> dict[str, Any] | None:
        """Whose deviation to halve first: own variance falls to a quarter, the shared by half."""
        variance = split.variance
        if not variance > 0.0:
            return None
        left = variance - (0.75 * split.own + split.crossed)
        best = int(np.argmin(left))
        if left[best] >= variance:
            return None
        return {
            "path": self.numbers[best].path,
            "sigma_before": math.sqrt(variance),
            "sigma_after": math.sqrt(max(float(left[best]), 0.0)),
        }

    def _sobol(self, figure: str, flown: Mapping[str, Any]) -> dict[str, Any]:
        values = np.asarray(flown[figure], dtype=float)
        values = np.where(flown["outcome"] == "", values, np.nan)
        values = values.reshape(-1, len(self.groups) + 2)
        whole = np.all(np.isfinite(values), axis=1)
        kept = values[whole]
        enough = len(kept) >= 2
        found = indices_of.indices(kept, self.seed) if enough else []
        return {
            "rows": int(values.shape[0]),
            "rows_lost": int(np.sum(~whole)),
            "flights": int(values.size),
            "sigma": float(np.std(kept[:, [0, -1]])) if enough else None,
            "indices": [
                {"paths": [self.numbers[k].path for k in group], **dataclasses.asdict(index)}
                for group, index in zip(self.groups, found, strict=False)
            ],
        }


def undifferentiated(phase: str, table: str, dispersed: Sequence[str]) -> str:
    """A phase before this one that a table moves and that no derivative goes through; or none.

    Args:
        phase: that reports the figure.
        table: of the scenario, in which the number stands.
        dispersed: the phases that numbers may move.
    """
    chain = chain_of(phase, dispersed, dispersed)
    before = {phase}
    for name in reversed(PHASES):
        if name in before:
            before |= {need for need in NEEDS[name] if need in dispersed}
    for name in PHASES:
        read = (name, *TOUCHES.get(name, ()), *READS.get(name, ()))
        if name in before and name not in chain and table in read:
            return name
    return ""


@dataclasses.dataclass(frozen=True)
class _Term:
    kind: str
    because: str
    slope: float
    sampled: float
    linear: float
    own: float
    leaning: float
    changes: np.ndarray
    outcomes: list[str]


@dataclasses.dataclass(frozen=True)
class _Split:
    """A variance in parts: each number's own, and half of twice what it shares with others."""

    own: np.ndarray
    crossed: np.ndarray
    known: np.ndarray

    @property
    def variance(self) -> float:
        return float(np.sum(self.own + self.crossed))

    @property
    def sigma(self) -> float | None:
        return math.sqrt(self.variance) if self.variance >= 0.0 else None

    @property
    def shares(self) -> np.ndarray:
        return self._of_all(self.own + self.crossed)

    @property
    def shares_alone(self) -> np.ndarray:
        return self._of_all(self.own)

    def _of_all(self, parts: np.ndarray) -> np.ndarray:
        return parts / self.variance if self.variance > 0.0 else np.zeros(len(parts))


def _is_crooked(term: _Term, least: float) -> bool:
    """True where a slope and what was flown disagree, by more than rounding."""
    if term.kind != "derivative":
        return False
    apart = max(
        abs(abs(term.linear) - term.sampled),
        abs(term.changes[3] - term.linear),
        abs(term.changes[1] + term.linear),
    )
    return bool(apart > max(CROOKED * max(abs(term.linear), term.sampled), least))


def _groups(scores: np.ndarray) -> list[tuple[int, ...]]:
    """Sets of numbers that are correlated, one with the next; one on its own is its own set."""
    left, found = list(range(len(scores))), []
    while left:
        group = [left.pop(0)]
        for member in group:
            near = [k for k in left if scores[member, k] != 0.0]
            group += near
            left = [k for k in left if k not in near]
        found.append(tuple(sorted(group)))
    return found


def _together(figure: str, flown: Mapping[str, Any]) -> dict[str, float | int | None]:
    """The spread with every number drawn at once, and how well so many cases know it."""
    values = np.asarray(flown[figure], dtype=float)
    kept = values[np.isfinite(values) & (flown["outcome"] == "")]
    count = len(kept)
    found: dict[str, float | int | None] = {
        "mean": float(np.mean(kept)) if count else None,
        "sigma": None,
        "standard_error": None,
        "cases": len(values),
        "lost": len(values) - count,
    }
    if count > 1:
        sigma = float(np.std(kept, ddof=1))
        found["sigma"] = sigma
        # of a sample standard deviation, whatever the distribution: s sqrt((kurtosis - 1) / 4 n)
        kurtosis = float(np.mean((kept - np.mean(kept)) ** 4)) / sigma**4 if sigma else 1.0
        found["standard_error"] = sigma * math.sqrt(max(kurtosis - 1.0, 0.0) / (4.0 * count))
    return found


def _words(answer: Answer) -> list[str]:
    """What the table says, in sentences."""
    found: list[str] = []
    if answer.discrete:
        found.append(f"No derivative is taken: {answer.discrete}. Every effect is flown.")
    found += [
        f"{row.path} changes a decision within two sigma ({row.because}): its effect is flown."
        for row in answer.rows
        if row.kind == "decided"
    ]
    if answer.sigma is None or not answer.sigma > 0.0:
        found.append("None of the dispersed numbers moves this figure.")
        return found
    if answer.basis == "flown":
        found.append(
            "The figure is not straight over these spreads (~): sigma and shares are the flown "
            f"ones; slopes alone would say {answer.sigma_of_slopes:.4g}{_spaced(answer.unit)}."
        )
    found += [
        f"{' and '.join(group['paths'])} are correlated: together they make "
        f"{_percent(group['share'])} of the variance, split evenly where they act as one."
        for group in answer.groups
    ]
    shares = [f"{_percent(v)} from {k}" for k, v in sorted(answer.by_confidence.items())]
    found.append(f"Of the variance, by who vouches for the spread: {', '.join(shares)}.")
    halved = answer.halve_first
    if halved is not None:
        before, after = halved["sigma_before"], halved["sigma_after"]
        about = "about " if answer.basis == "flown" else ""
        found.append(
            f"Halve {halved['path']} first: the sigma of {answer.figure} falls from {before:.4g} "
            f"to {about}{after:.4g}{_spaced(answer.unit)}, by {_percent(1.0 - after / before)}."
        )
        row = next(row for row in answer.rows if row.path == halved["path"])
        if row.confidence in ("assumed", "unsourced"):
            found.append(f"That number is {row.confidence}: find a source before paying for it.")
    missing = [row.path for row in answer.rows if row.share is None]
    if missing:
        found.append(f"Left out of the sum, every flight was lost: {', '.join(missing)}.")
    return found + _room(answer) + _compared(answer)


def _room(answer: Answer) -> list[str]:
    """How far the limits are, in sigmas."""
    found = []
    assert answer.sigma is not None
    for limit in answer.limits:
        room = answer.nominal - limit["limit"]
        room = -room if limit["sense"] == "at most" else room
        found.append(
            f"Limit {limit['name']}, {limit['sense']} {limit['limit']:.5g}{_spaced(answer.unit)}: "
            + (
                f"{room / answer.sigma:.3g} sigma away."
                if room >= 0.0
                else "broken by the undisturbed flight."
            )
        )
    return found


def _compared(answer: Answer) -> list[str]:
    """The sum of the rows against all numbers drawn at once."""
    together, found = answer.together, []
    assert answer.sigma is not None
    if together is not None and together["sigma"] is not None:
        sigma, error = float(together["sigma"]), float(together["standard_error"] or 0.0)
        says = "which the rows explain."
        if abs(sigma - answer.sigma) > 3.0 * error:
            says = f"where the rows say {answer.sigma:.4g}: numbers act through others (--sobol)."
        found.append(
            f"All together, {together['cases']} cases: sigma {sigma:.4g} +- {error:.2g}"
            f"{_spaced(answer.unit)}, {says}"
        )
        off, error = float(together["mean"] or 0.0) - answer.nominal, 3.0 * sigma
        if abs(off) > error / math.sqrt(float(together["cases"] or 1)):
            found.append(
                f"On average they lie {abs(off):.3g}{_spaced(answer.unit)} "
                f"{'above' if off > 0.0 else 'below'} the undisturbed flight."
            )
        if together["lost"]:
            found.append(f"{together['lost']} of them were lost and are in no number here.")
    return found


def _percent(share: float) -> str:
    if 0.0 < share < 5e-4:
        return "under 0.1 %"
    return f"{100.0 * share:.3g} %"


def _spaced(unit: str) -> str:
    return f" {unit.replace('_', '/')}" if unit else ""


def _check_figure(figure: str, phases: Sequence[str], only: str | None) -> None:
    """Refuse a figure that is none, or that is not flown here, before anything flies."""
    phase, _, name = figure.partition(".")
    key = {"file": "command line", "key": "--of", "value": figure}
    if phase not in FIGURES:
        owners = [p for p in phases if any(figure == name_at_wall(*f) for f in FIGURES[p].items())]
        hint = f"write {owners[0]}.{figure}" if owners else suggestion(phase, list(phases))
        raise BadInput("a figure is written phase.figure", allowed=", ".join(phases), hint=hint,
                       **key)  # fmt: skip
    if phase not in phases:
        why = f"--only flies {only} alone" if only else "this scenario does not fly that phase"
        raise BadInput(why, allowed=", ".join(phases), hint=suggestion(phase, list(phases)), **key)
    known = [name_at_wall(*f) for f in FIGURES[phase].items()]
    if name not in known:
        raise BadInput(f"{phase} reports no such figure", hint=suggestion(name, known), **key)


def _check_counts(cases: int, rows: int) -> None:
    if not 0 <= cases <= MOST_ROWS:
        raise BadInput("out of range", file="command line", key="-n", value=cases,
                       allowed=f"0 to {MOST_ROWS}")  # fmt: skip
    if rows and (rows < 2 or rows > MOST_ROWS or rows & (rows - 1)):
        below = 2 ** max(min(rows, MOST_ROWS).bit_length() - 1, 1) if rows > 0 else 2
        raise BadInput("rows of a Sobol' sequence come in powers of two", file="command line",
                       key="--sobol", value=rows, allowed=f"2 to {MOST_ROWS}",
                       hint=f"take {below} or {min(2 * below, MOST_ROWS)}")  # fmt: skip


def _plain(value: Any) -> Any:
    """For JSON: a number that is none is null."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

"""A chunk of cases side by side: each phase's own step, mapped over draws, plan held.

    case k:   scenario with draw k  -->  step of the phase  -->  figures, verdict

The step is the one that `fly` flies and `gradient` differentiates; nothing of it is written again.
All chunks have one shape, so one program flies them all: a case in its lane is the same, bit for
bit, whoever its neighbours are. A draw that is out of its number's range is never flown: its lane
flies the undisturbed case, and its row says why it holds no figures.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.fly import march_of
from anabasis.campaign.march import FIGURES, March
from anabasis.campaign.parts import Parts
from anabasis.campaign.scenario import Scenario
from anabasis.mechanics.arrays import Array
from anabasis.mechanics.batch import LANES, side_by_side
from anabasis.mechanics.compiled import keep_programs
from anabasis.mechanics.flight import Flight
from anabasis.outcome import Outcome
from anabasis.studies.dispersions import draws_of, uncertain_of, with_draw
from anabasis.units import from_si, name_at_wall

OUT_OF_RANGE = "the draw is out of its number's range"
NOT_A_NUMBER = "the flight's figures are not numbers"

SENTENCES: dict[int, str] = {
    int(np.asarray(item._value)): str(Outcome[item])
    for item in (getattr(Outcome, name) for name in Outcome._name_to_item)  # pyright: ignore
}
"""Verdict in an array -> its sentence."""


class Lanes:
    """What an ensemble is flown with.

    Args:
        scenario: nominal, with its dispersions.
        only: one phase, or None for the whole march.
        seed: root seed.
        sampler: of the draws.
        count: how many cases the ensemble has.
        size: lanes of a chunk.

    Raises:
        BadInput: for dispersions that cannot be drawn, or an undisturbed march that is lost.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        only: str | None,
        seed: int,
        sampler: str,
        count: int,
        size: int,
    ) -> None:
        self.scenario = scenario
        self.numbers = uncertain_of(scenario)
        self.draws = draws_of(scenario, seed, sampler, count)
        self.size = size
        self.march = _flown_undisturbed(scenario, only, seed)
        self.phases = scenario.march if only is None else (only,)
        self.nominal = np.array([one.distribution.nominal for one in self.numbers])
        self._figures = {phase: self._figures_of(phase) for phase in self.phases}
        keep_programs()

    def _figures_of(self, phase: str) -> list[str]:
        found = self.march.log.flights[phase].figures
        return [name for name in FIGURES[phase] if name in found]

    @functools.cached_property
    def columns(self) -> list[tuple[str, str]]:
        """Name and unit of every column, in the order of the table."""
        found = [("case", ""), ("outcome", ""), ("outcome_phase", "")]
        found += [(f"draw.{one.path}", one.unit) for one in self.numbers]
        for phase, names in self._figures.items():
            units = FIGURES[phase]
            found += [(f"{phase}.{name_at_wall(n, units[n])}", units[n]) for n in names]
        return found

    def fly(self, cases: Sequence[int], draws: np.ndarray | None = None) -> dict[str, Any]:
        """The rows of some cases, at most as many as there are lanes, column by column.

        Each case flies in its own lane; lanes without a case fly the first one's again.

        Args:
            cases: their numbers.
            draws: what is flown instead of the cases' own draws, [cases, parameters].
        """
        wanted = np.asarray(cases, dtype=np.int64)
        lanes = np.full(self.size, wanted[0])
        lanes[wanted % self.size] = wanted
        draws = self.draws.of(wanted) if draws is None else draws
        allowed = self._allowed(draws)
        flown = np.where(allowed[:, None], draws, self.nominal)[np.argsort(wanted)]
        of_lane = np.searchsorted(np.sort(wanted), lanes)
        outcomes, figures = self._chunk(flown[of_lane])
        where = wanted % self.size
        rows: dict[str, Any] = {"case": wanted}
        verdicts = np.where(allowed, "", OUT_OF_RANGE).astype(object)
        blame = np.full(len(wanted), "", dtype=object)
        shown: dict[str, Any] = {}
        for phase, names in self._figures.items():
            lost_before = verdicts != ""
            values = {name: figures[phase][name][where] for name in names}
            here = np.array([SENTENCES[int(code)] for code in outcomes[phase][where]], dtype=object)
            here = np.where((here == "") & ~self._are_numbers(phase, values), NOT_A_NUMBER, here)
            first = ~lost_before & (here != "")
            verdicts = np.where(first, here, verdicts)
            blame = np.where(first, phase, blame)
            for name, value in values.items():
                unit = FIGURES[phase][name]
                kept = np.where(np.isfinite(value) & ~lost_before, value, np.nan)
                shown[f"{phase}.{name_at_wall(name, unit)}"] = from_si(kept, unit)
        rows["outcome"] = [str(text) for text in verdicts]
        rows["outcome_phase"] = [str(phase) or None for phase in blame]
        for k, one in enumerate(self.numbers):
            rows[f"draw.{one.path}"] = draws[:, k]
        return rows | shown

    def warm(self) -> None:
        """Compile: fly a chunk of undisturbed cases and forget it."""
        self._chunk(np.broadcast_to(self.nominal, (self.size, len(self.nominal))).copy())

    def _allowed(self, draws: np.ndarray) -> np.ndarray:
        allowed = np.ones(len(draws), dtype=bool)
        for k, one in enumerate(self.numbers):
            allowed &= one.allows(draws[:, k])
        return allowed

    def _are_numbers(self, phase: str, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """True where every figure is a number that is one in the undisturbed flight."""
        nominal = self.march.log.flights[phase].figures
        good: Any = True
        for name, value in values.items():
            if math.isfinite(float(nominal[name])):
                good = good & np.isfinite(value)
        return np.broadcast_to(good, len(next(iter(values.values()))))

    def _chunk(self, draws: np.ndarray) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Every phase over all lanes, one after another; what one hands on, the next is given."""
        outcomes: dict[str, np.ndarray] = {}
        figures: dict[str, dict[str, np.ndarray]] = {}
        ends: dict[str, Flight] = {}
        for phase in self.phases:
            flight = ends[phase] = self.fly_phase(phase, draws, ends)
            outcomes[phase] = np.asarray(flight.outcome._value)
            figures[phase] = {n: np.asarray(flight.figures[n]) for n in self._figures[phase]}
        return outcomes, figures

    def fly_phase(self, phase: str, draws: np.ndarray, ends: Mapping[str, Flight]) -> Flight:
        """One phase over all lanes.

        Args:
            phase: its name.
            draws: of every lane, [lanes, parameters].
            ends: the flights of the same lanes before it, by phase.
        """
        hand = self.march.flown[phase].hand
        return self._program(phase)(draws, self._before(phase, ends), self.scenario.parts, hand)

    def _before(self, phase: str, ends: Mapping[str, Flight]) -> dict[str, Flight]:
        """The flights that hand to a phase its start; none where it is dispersed alone."""
        return {name: ends[name] for name in self.march.flown[phase].before if name in ends}

    @functools.cache  # noqa: B019  one for each phase, and the lanes live as long as the process
    def _program(self, phase: str) -> Any:
        numbers = self.numbers

        def lane(draw: Array, before: dict[str, Flight], parts: Any, hand: Any) -> Flight:
            flight = self._step(phase, with_draw(parts, numbers, draw), before, hand)
            flight = eqx.tree_at(lambda f: f.track, flight, None, is_leaf=lambda x: x is None)
            return jax.tree_util.tree_map(jnp.asarray, flight)

        @eqx.filter_jit
        def chunk(draws: Array, before: dict[str, Flight], parts: Any, hand: Any) -> Flight:
            with side_by_side():
                lanes = jax.vmap(lambda draw, own: lane(draw, own, parts, hand), axis_name=LANES)
                return lanes(draws, before)

        return chunk

    def _step(
        self, phase: str, parts: Parts, before: Mapping[str, Flight], hand: Mapping[str, Any]
    ) -> Flight:
        """One phase of one case, from what its own flights before hand to it."""
        flown = self.march.flown[phase]
        own = flown.passed(parts, before) if before and flown.passed is not None else {}
        return flown.step(parts, {**hand, **own})

    def alone(self, case: int) -> dict[str, Flight]:
        """One case by itself, phase by phase, each flight with its track."""
        draw = self.draws.of([case])[0]
        if not self._allowed(draw[None])[0]:
            return {}
        flights: dict[str, Flight] = {}
        ends: dict[str, Flight] = {}
        parts = with_draw(self.scenario.parts, self.numbers, draw)
        for phase in self.phases:
            hand = self.march.flown[phase].hand
            flight = self._step(phase, parts, self._before(phase, ends), hand)
            flights[phase] = ends[phase] = jax.device_get(flight)
            if str(Outcome[flights[phase].outcome]):
                break
        return flights


def _flown_undisturbed(scenario: Scenario, only: str | None, seed: int) -> March:
    march, _ = march_of(scenario, only=only, seed=seed)
    if march.log.lost:
        raise BadInput(
            f"the undisturbed march is lost in {march.log.outcome_phase}: {march.log.outcome}",
            file=scenario.reading.file,
            hint="mend the scenario first: a plan that fails is no plan to disturb",
        )
    return march


def flyer(job: Mapping[str, Any]) -> Lanes:
    """What a worker flies with, by its job."""
    import tomllib

    from anabasis.campaign.scenario import load

    lanes = Lanes(
        load(tomllib.loads(job["scenario"])),
        only=job["only"],
        seed=int(job["seed"]),
        sampler=job["sampler"],
        count=int(job["cases"]),
        size=int(job["chunk"]),
    )
    lanes.warm()
    return lanes

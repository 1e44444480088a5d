"""The requirements of a scenario, judged on the cases of an ensemble."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.march import FIGURES
from anabasis.campaign.scenario import Scenario
from anabasis.campaign.wall import suggestion
from anabasis.studies import requirement as rq
from anabasis.studies.store import Store
from anabasis.units import name_at_wall

WORST = 5
"""How many of the worst cases are named."""


@dataclasses.dataclass(frozen=True)
class Rule:
    """One requirement, read."""

    name: str
    text: str
    sentence: Any
    at_least: float
    confidence: float

    def is_about(self, phases: Sequence[str]) -> bool:
        """True where every figure it speaks of belongs to one of these phases."""
        return all(name.partition(".")[0] in phases for name in rq.figures_in(self.sentence))


def rules_of(scenario: Scenario) -> list[Rule]:
    """The requirements of a scenario.

    Raises:
        BadInput: for a sentence that does not parse, or a figure that nothing reports.
    """
    found = []
    for index, row in enumerate(scenario.values.get("requirement", ())):
        text = str(row["probability_of"])
        where = {
            "file": scenario.reading.file,
            "key": f"requirement.{index}.probability_of",
            "value": text,
        }
        try:
            sentence = rq.parse(text)
        except rq.NoSentence as failure:
            raise BadInput(
                f"is no comparison: {failure}",
                **where,
                hint='write for example "ascent.periapsis_km > 300"',
            ) from None
        known = figures()
        for name in rq.figures_in(sentence):
            if name not in known:
                raise BadInput(f"no such figure, {name}", **where, hint=suggestion(name, known))
        found.append(
            Rule(str(row["name"]), text, sentence, float(row["at_least"]), float(row["confidence"]))
        )
    return found


def figures() -> list[str]:
    """Every figure there is, as ``phase.figure`` with its unit."""
    return [
        f"{phase}.{name_at_wall(name, unit)}"
        for phase, units in FIGURES.items()
        for name, unit in units.items()
    ]


def held(store: Store, rule: Rule, cases: int) -> np.ndarray:
    """True for each of the first cases that fulfils a requirement; a lost one never does."""
    units = store.units()
    columns = {
        name: store.column(name)[:cases] if name in units else np.full(cases, np.nan)
        for name in rq.figures_in(rule.sentence)
    }
    nominal = np.array([not text for text in store.column("outcome")[:cases]], dtype=bool)
    return rule.sentence.holds(columns, cases) & nominal


def anytime(store: Store, scenario: Scenario, cases: int) -> dict[str, bool]:
    """Requirement -> is it decided after so many cases? Valid however often one looks."""
    phases = {name.partition(".")[0] for name in store.units()}
    result = {}
    for rule in rules_of(scenario):
        if rule.is_about(sorted(phases)):
            failures = int(cases - np.sum(held(store, rule, cases)))
            verdict = rq.judge_anytime(cases, failures, rule.at_least, rule.confidence)
            result[rule.name] = verdict != rq.UNDECIDED
    return result


def judge(store: Store, scenario: Scenario) -> list[dict[str, Any]]:
    """The verdict on every requirement, with its worst cases by number."""
    phases = sorted({name.partition(".")[0] for name in store.units()})
    # what is judged in the order of the cases: nothing beyond the first gap
    gap = next(iter(store.missing()), None)
    cases = store.count if gap is None else min(gap * store.size, store.count)
    return [
        _judged(store, rule, cases) if rule.is_about(phases) else _not_judged(rule)
        for rule in rules_of(scenario)
    ]


def _not_judged(rule: Rule) -> dict[str, Any]:
    return {**_said(rule), "verdict": "not judged", "why": "its phase is not flown here"}


def _said(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "probability_of": rule.text,
        "at_least": rule.at_least,
        "confidence": rule.confidence,
    }


def _judged(store: Store, rule: Rule, cases: int) -> dict[str, Any]:
    good = held(store, rule, cases)
    failures = int(cases - np.sum(good))
    if store.identity["sampler"] != "random":
        return {
            **_said(rule),
            "verdict": "not judged",
            "why": "only random draws are independent enough for a verdict",
            "cases": cases,
            "failures": failures,
        }
    found = rq.judge(cases, failures, rule.at_least, rule.confidence)
    verdict, by = found.verdict, "exact binomial"
    if store.identity["until_decided"]:
        verdict = rq.judge_anytime(cases, failures, rule.at_least, rule.confidence)
        by = "valid at any stopping time"
    return {
        **_said(rule),
        "verdict": verdict,
        "by": by,
        "cases": cases,
        "failures": failures,
        "share": None if not cases else found.share,
        "at_least_shown": found.low,
        "at_most_shown": found.high,
        "more_cases": found.more_cases if verdict == rq.UNDECIDED else 0,
        "worst_cases": _worst(store, rule, good),
        **_bound(store, rule, cases),
    }


def _worst(store: Store, rule: Rule, good: np.ndarray) -> list[int]:
    """The worst cases: those that were lost, then by how far they miss (or barely make) it."""
    cases = len(good)
    lost = np.array([bool(text) for text in store.column("outcome")[:cases]], dtype=bool)
    miss = np.where(good, -1.0, 1.0)
    simple = _simple(rule.sentence)
    if simple is not None:
        name, relation, limit = simple
        if name in store.units():
            value = store.column(name)[:cases]
            beyond = value - limit if relation in ("<", "<=") else limit - value
            miss = np.where(np.isfinite(beyond), beyond, np.inf)
    miss = np.where(lost, np.inf, miss)
    order = np.argsort(-miss, kind="stable")[:WORST]
    return [int(case) for case in order if simple is not None or not good[case]]


def _simple(sentence: Any) -> tuple[str, str, float] | None:
    """A figure against a number, turned so that the figure stands first."""
    if not isinstance(sentence, rq.Comparison) or len(sentence.sides) != 2:
        return None
    (first, second), (relation,) = sentence.sides, sentence.relations
    if isinstance(first, str) and isinstance(second, float) and relation in _TURNED:
        return first, relation, second
    if isinstance(first, float) and isinstance(second, str) and relation in _TURNED:
        return second, _TURNED[relation], first
    return None


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _bound(store: Store, rule: Rule, cases: int) -> dict[str, Any]:
    """What the share asked for keeps to, with the confidence asked for."""
    simple = _simple(rule.sentence)
    if simple is None or simple[0] not in store.units():
        return {}
    name, relation, _ = simple
    sense = "at most" if relation in ("<", "<=") else "at least"
    found = rq.order_statistic(store.column(name)[:cases], rule.at_least, rule.confidence, sense)
    if found is None:
        return {}
    return {"bound": {"figure": name, "sense": sense, "value": found[0], "rank": found[1]}}

"""Requirements: a small language that is never code, and verdicts that are exact."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from anabasis.studies import requirement as rq

FIGURES = {
    "ascent.periapsis_km": np.array([310.0, 290.0, np.nan, 400.0]),
    "entry.peak_deceleration_g": np.array([9.0, 9.0, 9.0, 12.0]),
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("ascent.periapsis_km > 300", [True, False, False, True]),
        ("300 < ascent.periapsis_km <= 3.75e2", [True, False, False, False]),
        ("ascent.periapsis_km != 290", [True, False, False, True]),
        ("not_a.figure > 1 or 1 > 0", None),
        (
            "entry.peak_deceleration_g < 10 and (ascent.periapsis_km < 300 or "
            "ascent.periapsis_km>305)",
            [True, True, False, False],
        ),
        (
            "ascent.periapsis_km > 300 or entry.peak_deceleration_g < 10",
            [True, True, True, True],
        ),
        ("ascent.periapsis_km > -entry.peak_deceleration_g", None),
    ],
)
def test_a_sentence_holds_case_by_case(text: str, holds: list[bool] | None) -> None:
    if holds is None:
        with pytest.raises((rq.NoSentence, KeyError)):
            rq.parse(text).holds(FIGURES, 4)
        return
    np.testing.assert_array_equal(rq.parse(text).holds(FIGURES, 4), holds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ascent.periapsis_km",
        "ascent.periapsis_km >",
        "> 3",
        "3 > 2",
        "ascent.periapsis_km > 300; import os",
        "__import__('os').system('true')",
        "ascent.periapsis_km > 300 and",
        "(ascent.periapsis_km > 300",
        "ascent.periapsis_km > 300)",
        "ascent.periapsis_km > 1e999",
        "ascent.periapsis_km = 300",
        "ascent.periapsis_km > 300 300",
        "not ascent.periapsis_km > 300",
        "(" * 60 + "ascent.periapsis_km > 300" + ")" * 60,
        "ascent.periapsis_km > 1 or " * 200 + "ascent.periapsis_km > 1",
    ],
)
def test_what_is_no_sentence_is_refused(text: str) -> None:
    with pytest.raises(rq.NoSentence):
        rq.parse(text)


@pytest.mark.parametrize(
    ("confidence", "counts"), [(0.90, (230, 852, 1705)), (0.95, (299, 1109, 2218))]
)
def test_the_run_count_table(confidence: float, counts: tuple[int, ...]) -> None:
    found = [rq.cases_needed(p, confidence, 0) for p in (0.99, 0.9973, 0.99865)]
    assert found == list(counts)


@pytest.mark.parametrize("failures", [0, 1, 5])
@pytest.mark.parametrize("at_least", [0.9, 0.99, 0.9973])
def test_a_verdict_turns_exactly_at_the_number_of_cases_needed(
    failures: int, at_least: float
) -> None:
    needed = rq.cases_needed(at_least, 0.9, failures)
    assert needed is not None
    assert rq.judge(needed, failures, at_least, 0.9).verdict == rq.MET
    before = rq.judge(needed - 1, failures, at_least, 0.9)
    assert before.verdict == rq.UNDECIDED
    assert before.more_cases == 1
    assert rq.judge(needed, failures, at_least, 0.9).low >= at_least > before.low


def test_bounds_are_those_of_clopper_and_pearson() -> None:
    low, high = rq.bounds(1000, 7, 0.9)
    two_sided = stats.binomtest(993, 1000).proportion_ci(confidence_level=0.8, method="exact")
    assert low == pytest.approx(two_sided.low, rel=1e-9)
    assert high == pytest.approx(two_sided.high, rel=1e-9)


def test_too_many_failures_are_not_met_and_all_failures_are_judged() -> None:
    assert rq.judge(1000, 20, 0.9973, 0.9).verdict == rq.NOT_MET
    assert rq.judge(10, 10, 0.5, 0.9).verdict == rq.NOT_MET
    assert rq.judge(0, 0, 0.99, 0.9).more_cases == 230
    assert rq.judge(100, 0, 1.0, 0.9).more_cases is None


def test_the_fixed_verdict_is_wrong_no_more_often_than_said() -> None:
    """Over all outcomes, exactly: at the limit itself and anywhere beyond it."""
    cases, at_least = 852, 0.9973
    for failing in (1.0 - at_least, 1.2 * (1.0 - at_least), 2.0 * (1.0 - at_least)):
        wrong = sum(
            stats.binom.pmf(k, cases, failing)
            for k in range(40)
            if rq.judge(cases, k, at_least, 0.9).verdict == rq.MET
        )
        assert wrong <= 0.1 + 1e-12


def test_an_order_statistic_needs_the_same_number_of_cases_as_the_table() -> None:
    values = np.arange(852.0)
    assert rq.order_statistic(values, 0.9973, 0.9, "at most") == (851.0, 852)
    assert rq.order_statistic(values[:851], 0.9973, 0.9, "at most") is None
    assert rq.order_statistic(values, 0.9973, 0.9, "at least") == (0.0, 852)


def test_an_order_statistic_covers_as_often_as_it_says() -> None:
    random = np.random.default_rng(5)
    true = 0.95
    bounds = [rq.order_statistic(random.random(200), true, 0.9, "at most") for _ in range(1500)]
    covered = np.mean([b is not None and b[0] >= true for b in bounds])
    assert covered >= 0.9 - 3.0 * 0.008


def test_a_lost_case_is_the_worst_in_an_order_statistic() -> None:
    values = np.array([*np.arange(1000.0), np.nan])
    found = rq.order_statistic(values, 0.99, 0.9, "at least")
    assert found is not None
    assert (
        found[0] == rq.order_statistic(np.array([-np.inf, *values[:-1]]), 0.99, 0.9, "at least")[0]
    )  # pyright: ignore[reportOptionalSubscript]


@pytest.mark.parametrize("at_least", [0.9, 0.99, 0.9973])
def test_a_study_that_stops_when_decided_is_seldom_wrong(at_least: float) -> None:
    """2,000 simulated studies exactly at the limit, where either verdict is as wrong as it gets."""
    random = np.random.default_rng(11)
    met = not_met = 0
    for _ in range(2000):
        cases = failures = 0
        verdict = rq.UNDECIDED
        for look in rq.looks(16_384):
            failures += int(random.binomial(look - cases, 1.0 - at_least))
            cases = look
            verdict = rq.judge_anytime(cases, failures, at_least, 0.9)
            if verdict != rq.UNDECIDED:
                break
        met += verdict == rq.MET
        not_met += verdict == rq.NOT_MET
    assert met + not_met <= 0.1 * 2000


def test_a_study_far_from_its_limit_is_decided() -> None:
    assert rq.judge_anytime(2048, 0, 0.9973, 0.9) == rq.MET
    assert rq.judge_anytime(256, 20, 0.9973, 0.9) == rq.NOT_MET
    assert rq.judge_anytime(256, 0, 0.9973, 0.9) == rq.UNDECIDED
    assert rq.looks(1000) == [256, 512, 1000]

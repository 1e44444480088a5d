"""Sensitivity: slopes explain small spreads, decisions are marked, shares add up."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest

import anabasis
from anabasis import BadInput
from anabasis.campaign.scenario import Scenario, load
from anabasis.studies import sensitivity as study
from anabasis.studies.gradient import chain_of
from anabasis.studies.sensitivity import Answer, Row, Sensitivity, sensitivity

SAMPLING = 4.0
"""Standard errors by which a sampled spread may be off: one in 16,000, and few are asked."""

PUBLISHED: list[dict[str, Any]] = [
    # launch mass 3 sigma 1/3 kg and second-stage delta-v 3 sigma 1/3 % (M. Harris, 2021)
    {"path": "ascender.stage_one.inert_kg", "sigma": 1.0 / 9.0, "confidence": "published"},
    {"path": "ascender.stage_two.thrust_kN", "sigma_percent": 1.0 / 9.0, "confidence": "published"},
    # payload, and latitude of the site (J. Gaffarel, MAV_sim, 2022)
    {"path": "ascender.payload_kg", "sigma": 0.25, "confidence": "published"},
    {"path": "ascent.site.latitude_deg", "sigma": 0.11157, "confidence": "published"},
    # first-stage impulse (docs/conventions.md)
    {"path": "ascender.stage_one.thrust_kN", "sigma_percent": 0.02, "confidence": "assumed"},
]
"""The published sigmas of an ascent, and one that is assumed, small enough to be straight."""
THRUST = "ascender.stage_one.thrust_kN"
SECOND = "ascender.stage_two.thrust_kN"


def scenario_of(rows: list[dict[str, Any]], **more: Any) -> Scenario:
    own = [{"source": "see the test", **row} for row in rows]
    return load({"extends": "har-open-loop", "name": "dispersed", "dispersion": own, **more})


def changed(path: str, **how: Any) -> list[dict[str, Any]]:
    """The same numbers, one of them otherwise: one program flies them all."""
    kept = ("path", "confidence")
    return [
        {**{k: row[k] for k in kept}, **how} if row["path"] == path else row for row in PUBLISHED
    ]


def row_of(answer: Answer, path: str) -> Row:
    return next(row for row in answer.rows if row.path == path)


@pytest.fixture(scope="module")
def published() -> Sensitivity:
    return sensitivity(
        scenario_of(PUBLISHED),
        only="ascent",
        of=["ascent.inclination_deg", "ascent.apoapsis_km", "ascent.ideal_delta_v_m_s"],
        seed=3,
        cases=512,
        sobol=128,
    )


def test_the_sum_of_slopes_is_the_spread_of_a_small_linear_ensemble(
    published: Sensitivity,
) -> None:
    for answer in published.answers:
        assert answer.together is not None
        assert answer.sigma_of_slopes is not None
        sigma, error = answer.together["sigma"], answer.together["standard_error"]
        assert sigma is not None
        assert error is not None
        assert error < 0.05 * sigma
        assert abs(answer.sigma_of_slopes - sigma) < SAMPLING * error, answer.figure
        assert answer.together["lost"] == 0


def test_a_slope_times_sigma_is_what_a_flight_one_sigma_off_changes(
    published: Sensitivity,
) -> None:
    answer = published.answers[0]
    for row in answer.rows:
        assert row.kind == "derivative"
        assert row.effect is not None
        assert row.derivative is not None
        assert row.effect == pytest.approx(row.derivative * row.sigma)
        for score, sign in (("-1", -1.0), ("+1", 1.0)):
            assert row.at[score] == pytest.approx(sign * row.effect, rel=0.03, abs=1e-9)


def test_shares_of_a_straight_figure_sum_to_one_without_correlation(
    published: Sensitivity,
) -> None:
    for answer in published.answers:
        shares = [row.share for row in answer.rows if row.share is not None]
        assert len(shares) == len(PUBLISHED)
        assert sum(shares) == pytest.approx(1.0, abs=1e-12)
        assert [row.share_alone for row in answer.rows] == pytest.approx(shares)
        assert shares == sorted(shares, reverse=True)
        assert sum(answer.by_confidence.values()) == pytest.approx(1.0)


def test_the_numbers_and_units_are_those_of_the_gradient(published: Sensitivity) -> None:
    answer = published.answers[1]
    slopes = anabasis.gradient("har-open-loop", "ascent.apoapsis_km", [THRUST, SECOND])
    for path, slope in slopes.items():
        assert row_of(answer, path).derivative == pytest.approx(slope, rel=1e-9)


def test_sobol_indices_of_a_nearly_straight_figure_are_its_shares(published: Sensitivity) -> None:
    for answer in published.answers:
        assert answer.sobol is not None
        assert answer.sobol["rows_lost"] == 0
        assert answer.sobol["flights"] == 128 * (len(PUBLISHED) + 2)
        for index in answer.sobol["indices"]:
            share = row_of(answer, index["paths"][0]).share
            room = 0.5 * (index["total_high"] - index["total_low"])
            assert index["total_low"] - room <= share + 1e-9
            assert share - 1e-9 <= index["total_high"] + room


def test_published_and_assumed_contributors_are_told_apart(published: Sensitivity) -> None:
    answer = published.answers[2]
    assumed = row_of(answer, THRUST).share
    assert answer.by_confidence["assumed"] == pytest.approx(assumed)
    assert any("from assumed" in words and "from published" in words for words in answer.words)


def test_the_one_to_halve_first_is_the_one_that_helps_most(published: Sensitivity) -> None:
    for answer in published.answers:
        assert answer.halve_first is not None
        assert answer.sigma is not None
        first = answer.rows[0]
        assert answer.halve_first["path"] == first.path
        assert first.share is not None
        after = answer.sigma * math.sqrt(1.0 - 0.75 * first.share)
        assert answer.halve_first["sigma_after"] == pytest.approx(after)
        assert any(f"Halve {first.path} first" in words for words in answer.words)


def test_apoapsis_and_plane_by_speed_are_those_of_the_closed_form() -> None:
    """Second-stage speed along the path of a near-circular orbit: da/dv = 2 a^2 v / mu.

    Published for a circular orbit at 343 km: 4.41 km of apoapsis and 2.20 km of semi-major axis
    for each m/s. A second stage 0.42 % weaker ends in that orbit.
    """
    scenario = anabasis.load("har-open-loop")
    weaker = scenario.replace({SECOND: 0.9958 * 6.0887})
    slopes = {
        of: anabasis.gradient(weaker, f"ascent.{of}", [SECOND])[SECOND]
        for of in ("apoapsis_km", "periapsis_km", "ideal_delta_v_m_s")
    }
    axis = 0.5 * (slopes["apoapsis_km"] + slopes["periapsis_km"]) / slopes["ideal_delta_v_m_s"]
    assert axis == pytest.approx(2.20, rel=0.01)
    own = {
        of: anabasis.gradient(scenario, f"ascent.{of}", [SECOND])[SECOND]
        for of in ("apoapsis_km", "ideal_delta_v_m_s")
    }
    assert own["apoapsis_km"] / own["ideal_delta_v_m_s"] == pytest.approx(4.41, rel=0.01)


def test_a_number_that_changes_the_outcome_is_decided_and_flown() -> None:
    found = sensitivity(
        scenario_of(changed(THRUST, sigma_percent=4.0)),
        only="ascent",
        of="ascent.periapsis_km",
        cases=0,
    )
    (answer,) = found.answers
    row = row_of(answer, THRUST)
    assert row.kind == "decided"
    assert row.because
    assert row.outcomes["-2"] == row.because
    assert row.at["-2"] is None
    assert row.effect is None
    assert row.derivative is None
    assert row.sampled is not None
    assert row.sampled > 1.0
    assert row.share is not None
    assert row.share > 0.0
    assert any(THRUST in words and "decision" in words for words in answer.words)
    other = row_of(answer, "ascender.payload_kg")
    assert other.kind == "derivative"


def test_a_bent_figure_is_judged_by_what_was_flown() -> None:
    """An apsis turns into the other one: the slope at the middle does not hold for a sigma."""
    found = sensitivity(
        scenario_of(changed(THRUST, sigma_percent=0.4)),
        only="ascent",
        of="ascent.periapsis_km",
        seed=1,
        cases=512,
    )
    (answer,) = found.answers
    row = row_of(answer, THRUST)
    assert row.kind == "derivative"
    assert row.crooked
    assert answer.basis == "flown"
    assert answer.together is not None
    assert answer.sigma is not None
    assert answer.sigma_of_slopes is not None
    sigma = answer.together["sigma"]
    assert sigma is not None
    assert abs(answer.sigma - sigma) < abs(answer.sigma_of_slopes - sigma)
    assert any("not straight" in words for words in answer.words)


def test_correlated_numbers_share_what_they_do_together() -> None:
    tied = [
        {**row, "correlated_with": SECOND, "correlation": 0.8} if row["path"] == THRUST else row
        for row in changed(THRUST, sigma_percent=0.1)
    ]
    found = sensitivity(
        scenario_of(tied),
        only="ascent",
        of="ascent.ideal_delta_v_m_s",
        seed=2,
        cases=512,
        sobol=64,
    )
    (answer,) = found.answers
    assert answer.together is not None
    sigma, error = answer.together["sigma"], answer.together["standard_error"]
    assert sigma is not None
    assert error is not None
    assert answer.sigma is not None
    assert abs(answer.sigma - sigma) < SAMPLING * error
    shares = [row.share for row in answer.rows if row.share is not None]
    alone = [row.share_alone for row in answer.rows if row.share_alone is not None]
    assert sum(shares) == pytest.approx(1.0, abs=1e-12)
    one, other = row_of(answer, THRUST), row_of(answer, SECOND)
    assert one.correlated_with == {SECOND: 0.8}
    assert one.effect is not None
    assert other.effect is not None
    both = one.effect * other.effect * 0.8
    expected = (one.effect**2 + both) / answer.sigma**2
    assert one.share == pytest.approx(expected)
    assert 1.0 - sum(alone) == pytest.approx(2.0 * both / answer.sigma**2)
    (group,) = answer.groups
    assert set(group["paths"]) == {THRUST, SECOND}
    assert any("correlated" in words for words in answer.words)
    assert answer.sobol is not None
    pairs = [index["paths"] for index in answer.sobol["indices"]]
    assert sorted(map(len, pairs)) == [1, 1, 1, 2]


def test_a_figure_that_counts_sols_is_discrete_and_sampled() -> None:
    scenario = load(
        {
            "extends": "february-2022",
            "name": "surface-alone",
            "march": ["surface"],
            "surface": {
                "start": {
                    "epoch": anabasis.load("har-open-loop").values["ascent"]["epoch"],
                    "latitude_deg": 18.45283,
                    "longitude_deg": 77.40821,
                }
            },
            "dispersion": [
                {"path": "surface.check_out_sol", "sigma": 3.0, "low": 1.0},
                {
                    "path": "surface.tubes_per_sol",
                    "distribution": "discrete",
                    "values": [0.5, 1.0],
                },
            ],
        }
    )
    (answer,) = sensitivity(scenario, of="surface.ready_sol", cases=0).answers
    assert "sol by sol" in answer.discrete
    assert {row.kind for row in answer.rows} == {"sampled"}
    assert all(row.derivative is None and row.effect is None for row in answer.rows)
    wait = row_of(answer, "surface.check_out_sol")
    assert wait.because == answer.discrete
    assert wait.sampled == pytest.approx(3.0, rel=0.1)  # a sol of waiting is a sol later
    assert any("No derivative is taken" in words for words in answer.words)


def test_without_a_figure_every_one_that_carries_a_limit_is_answered() -> None:
    found = anabasis.sensitivity(scenario_of(PUBLISHED), n=0)
    assert [answer.figure for answer in found.answers] == [
        "ascent.peak_acceleration_g",
        "ascent.lift_off_mass_kg",
        "ascent.periapsis_km",
        "ascent.apoapsis_km",
        "ascent.inclination_deg",
    ]
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["schema_version"] == 1
    first = document["figures"][2]
    assert first["limits"][0]["limit"] == 300.0
    assert first["rows"][0]["source"] == "see the test"
    assert set(first["rows"][0]) == {field.name for field in dataclasses.fields(Row)}


def test_a_number_that_moves_nothing_has_no_share() -> None:
    found = sensitivity(
        scenario_of(PUBLISHED), only="ascent", of="ascent.thrust_azimuth_deg", cases=0
    )
    (answer,) = found.answers
    assert answer.sigma == 0.0
    assert answer.halve_first is None
    assert all(row.effect == 0.0 for row in answer.rows)
    assert answer.words == ("None of the dispersed numbers moves this figure.",)


@pytest.mark.parametrize(
    ("rows", "how", "words"),
    [
        ([], {}, "nothing is dispersed"),
        (PUBLISHED, {"of": "ascent.apoapsis"}, "write apoapsis_km"),
        (PUBLISHED, {"of": "ascent.apoapsis_m"}, "did you mean apoapsis_km"),
        (PUBLISHED, {"of": "apoapsis_km"}, "write ascent.apoapsis_km"),
        (PUBLISHED, {"of": "ascend.apoapsis_km"}, "did you mean ascent"),
        (PUBLISHED, {"of": "entry.range_km"}, "does not fly that phase"),
        (PUBLISHED, {"only": "entry"}, "does not fly that phase"),
        (PUBLISHED, {"cases": -1}, "out of range"),
        (PUBLISHED, {"sobol": 100}, "take 64 or 128"),
        (PUBLISHED, {"sobol": -4}, "powers of two"),
        (PUBLISHED, {"sobol": 2**21}, "powers of two"),
    ],
)
def test_what_cannot_be_answered_is_refused_before_anything_flies(
    rows: list[dict[str, Any]],
    how: dict[str, Any],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("something flew")

    monkeypatch.setattr(study, "_Study", never)
    with pytest.raises(BadInput, match=words):
        sensitivity(scenario_of(rows), **how)


def test_groups_are_the_sets_that_correlations_tie_together() -> None:
    scores = np.eye(5)
    for j, k in ((0, 3), (3, 4)):
        scores[j, k] = scores[k, j] = 0.3
    assert study._groups(scores) == [(0, 3, 4), (1,), (2,)]


def test_a_number_that_also_acts_through_a_decision_is_told() -> None:
    whole = anabasis.load("february-2022").march
    through = study.undifferentiated
    assert through("landing", "entry", ("entry", "landing")) == ""
    assert through("rendezvous", "ascender", whole) == ""
    assert through("ascent", "ascender", whole) == ""
    assert through("ascent", "rover", whole) == "surface"
    assert through("ascent", "lander", whole) == "landing"
    assert through("ascent", "lander", ("ascent",)) == ""
    assert through("landing", "ascender", whole) == ""


def test_a_derivative_goes_through_the_phases_that_hand_over_a_start() -> None:
    march = ("insertion", "entry", "landing", "ascent", "rendezvous")
    assert chain_of("landing", march, march) == ["landing", "entry"]
    assert set(chain_of("rendezvous", march, march)) == {"rendezvous", "ascent", "insertion"}
    assert chain_of("landing", march, ("landing",)) == ["landing"]

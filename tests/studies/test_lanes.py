"""Lanes: one case alone and in its lane agree, and no lane disturbs another."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.campaign.scenario import Scenario, load
from anabasis.studies.lanes import OUT_OF_RANGE, SENTENCES, Lanes

AGREE = 1e-9
"""Two programs differ in the last digits (docs/ensembles.md)."""
SIZE = 64

ENTRY = {
    "extends": "mars2020-entry",
    "name": "dispersed-entry",
    "dispersion": [
        {"path": "entry.start.flight_path_angle_deg", "sigma": 0.05},
        {"path": "entry.start.speed_m_s", "sigma": 2.0},
        {"path": "capsule.mass_kg", "distribution": "uniform", "low": 3270.0, "high": 3470.0},
        {"path": "capsule.drag_coefficient", "sigma_percent": 3.0},
        {"path": "planet.mars.density_factor", "distribution": "lognormal", "sigma": 0.1},
    ],
}


def lanes_of(scenario: Scenario, size: int = SIZE, **how: object) -> Lanes:
    settings: dict[str, object] = {
        "only": None,
        "seed": 1,
        "sampler": "random",
        "count": 1000,
        "size": size,
        **how,
    }
    return Lanes(scenario, **settings)  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="module")
def entry() -> Lanes:
    return lanes_of(load(ENTRY))


@pytest.fixture(scope="module")
def rows(entry: Lanes) -> dict[str, np.ndarray]:
    return {name: np.asarray(values) for name, values in entry.fly(range(SIZE)).items()}


def same(one: dict[str, object], other: dict[str, np.ndarray], where: object) -> None:
    for name, values in one.items():
        ours, theirs = np.asarray(values), other[name][where]  # pyright: ignore
        if ours.dtype.kind == "f":
            np.testing.assert_array_equal(ours, theirs, err_msg=name)
        else:
            assert list(ours) == list(theirs), name


def test_every_case_has_its_row_with_units_in_the_names(
    entry: Lanes, rows: dict[str, np.ndarray]
) -> None:
    names = [name for name, _ in entry.columns]
    assert names[:4] == [
        "case",
        "outcome",
        "outcome_phase",
        "draw.entry.start.flight_path_angle_deg",
    ]
    assert set(names) == set(rows)
    assert dict(entry.columns)["entry.peak_deceleration_g"] == "g"
    assert "entry.parachute_deploy_mach" in names
    assert np.std(rows["entry.peak_deceleration_g"]) > 0.05


def test_one_case_alone_and_the_same_as_a_lane_agree(
    entry: Lanes, rows: dict[str, np.ndarray]
) -> None:
    for case in (0, 41):
        flight = entry.alone(case)["entry"]
        assert flight.track is not None
        assert float(flight.figures["peak_deceleration"]) / 9.80665 == pytest.approx(
            rows["entry.peak_deceleration_g"][case], rel=AGREE
        )
        assert float(flight.figures["range"]) / 1e3 == pytest.approx(
            rows["entry.range_km"][case], rel=AGREE
        )
        assert float(flight.figures["parachute_deploy_time"]) == pytest.approx(
            rows["entry.parachute_deploy_time_s"][case], rel=AGREE
        )


def test_a_case_in_its_lane_is_the_same_bit_for_bit_whoever_flies_beside_it(
    entry: Lanes, rows: dict[str, np.ndarray]
) -> None:
    same(entry.fly([17]), rows, [17])
    some = [63, 5, 30, 2]
    same(entry.fly(some), rows, some)


def test_draws_that_are_given_fly_as_the_cases_that_have_them(
    entry: Lanes, rows: dict[str, np.ndarray]
) -> None:
    cases = [7, 30]
    found = entry.fly(range(2), entry.draws.of(cases))
    assert found["case"].tolist() == [0, 1]
    same({name: values for name, values in found.items() if name != "case"}, rows, cases)


def test_a_draw_out_of_range_is_a_row_that_says_so_and_disturbs_nobody(
    entry: Lanes, rows: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = entry.draws.of

    class Poisoned:
        def of(self, cases: object) -> np.ndarray:
            drawn = draw(cases).copy()  # pyright: ignore[reportArgumentType]
            for k, case in enumerate(np.asarray(cases)):
                if case == 3:
                    drawn[k, 0] = np.nan
                if case == 9:
                    drawn[k, 2] = -100.0  # negative mass
            return drawn

    monkeypatch.setattr(entry, "draws", Poisoned())
    found = {name: np.asarray(values) for name, values in entry.fly(range(SIZE)).items()}
    for case in (3, 9):
        assert found["outcome"][case] == OUT_OF_RANGE
        assert found["outcome_phase"][case] is None
        assert np.isnan(found["entry.peak_deceleration_g"][case])
    assert found["draw.capsule.mass_kg"][9] == -100.0
    others = [case for case in range(SIZE) if case not in (3, 9)]
    same({name: values[others] for name, values in found.items()}, rows, others)


def test_a_lost_lane_disturbs_nobody(
    entry: Lanes, rows: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shallow cases skip out of the air; those beside them fly as they always do."""
    draw = entry.draws.of
    shallow = [4, 11, 40]

    class Shallow:
        def of(self, cases: object) -> np.ndarray:
            drawn = draw(cases).copy()  # pyright: ignore[reportArgumentType]
            drawn[np.isin(np.asarray(cases), shallow), 0] = -5.0
            return drawn

    monkeypatch.setattr(entry, "draws", Shallow())
    found = {name: np.asarray(values) for name, values in entry.fly(range(SIZE)).items()}
    for case in shallow:
        assert found["outcome"][case] in SENTENCES.values()
        assert found["outcome"][case] != ""
        assert found["outcome_phase"][case] == "entry"
    others = [case for case in range(SIZE) if case not in shallow]
    same({name: values[others] for name, values in found.items()}, rows, others)


def test_with_the_plan_frozen_one_percent_of_impulse_moves_the_apoapsis() -> None:
    scenario = load(
        {
            "extends": "har-open-loop",
            "name": "impulse",
            "dispersion": [
                {
                    "path": "ascender.stage_one.thrust_kN",
                    "distribution": "discrete",
                    "values": [7.92577, 1.01 * 7.92577],
                }
            ],
        }
    )
    found = lanes_of(scenario, size=8).fly(range(8))
    thrust = found["draw.ascender.stage_one.thrust_kN"]
    apoapsis = np.asarray(found["ascent.apoapsis_km"])
    assert set(np.unique(thrust)) == {7.92577, 1.01 * 7.92577}
    assert np.ptp(apoapsis[thrust == 7.92577]) == 0.0
    assert abs(apoapsis[thrust > 7.93][0] - apoapsis[thrust < 7.93][0]) > 10.0


@pytest.mark.truth  # compiles for a minute or more
def test_in_a_march_the_landing_begins_where_its_own_entry_ended() -> None:
    shelf = load("mars2020-landing").values
    guided = ("divert", "map_sight", "hazards")
    scenario = load(
        {
            "extends": "mars2020-entry",
            "name": "dispersed-landing",
            "march": ["entry", "landing"],
            "lander": shelf["lander"],
            "landing": {k: v for k, v in shelf["landing"].items() if k not in guided},
            "dispersion": [{"path": "entry.start.flight_path_angle_deg", "sigma": 0.05}],
        }
    )
    lanes = lanes_of(scenario, size=8)
    assert lanes.phases == ("entry", "landing")
    found = lanes.fly(range(8))
    touchdown = np.asarray(found["landing.touchdown_time_s"])
    deploy = np.asarray(found["entry.parachute_deploy_time_s"])
    assert np.std(touchdown) > 0.1
    assert np.all(touchdown > deploy)
    for name, value in lanes.alone(5)["landing"].figures.items():
        if name == "touchdown_time":
            assert float(value) == pytest.approx(touchdown[5], rel=AGREE)

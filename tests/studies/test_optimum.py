"""The best ascent is one: found from anywhere, priced rightly, flown as promised."""

from __future__ import annotations

import dataclasses
import json
import pathlib

import numpy as np
import pytest

import anabasis
from anabasis.cli import main
from anabasis.studies import optimum
from anabasis.studies.optimum import COARSE, KNOTS, LIMITS, Optimum, Search, limit_names


@pytest.fixture(scope="module")
def search() -> Search:
    return Search(anabasis.load("february-2022"))


@pytest.fixture(scope="module")
def found() -> Optimum:
    return optimum.optimise(anabasis.load("february-2022"))


def perturbed(search: Search, generator: np.random.Generator) -> np.ndarray:
    n, z = len(KNOTS), search.guess * optimum._SCALE
    z[:n] += np.radians(generator.uniform(-12.0, 12.0, n))
    z[n] += np.radians(generator.uniform(-15.0, 15.0))
    z[n + 1] += generator.uniform(-150.0, 150.0)
    z[n + 2] += np.radians(generator.uniform(-10.0, 10.0))
    z[n + 3 : n + 5] *= generator.uniform(0.8, 1.2, 2)
    return np.clip(z / optimum._SCALE, search.lowest, search.highest)


@pytest.mark.parametrize("starts", [1, pytest.param(20, marks=pytest.mark.truth)])
def test_every_start_finds_the_same_best_ascent(search: Search, starts: int) -> None:
    generator = np.random.default_rng(20260901)
    bests = [search.solve(perturbed(search, generator)) for _ in range(starts)]
    assert all(best.found for best in bests)
    masses = np.array([100.0 * best.judged.objective for best in bests])
    assert np.ptp(masses) < 1e-5  # a hundredth of a gram
    assert max(best.residual for best in bests) < 1e-6


def test_at_the_best_the_slope_is_a_sum_of_the_prices(found: Optimum) -> None:
    assert found.found
    assert found.figures["optimality_residual"] < 1e-4
    assert found.figures["greatest_breach"] <= 1e-6
    assert np.all(found.best.spare_price >= 0.0)


def test_the_best_is_lighter_than_the_rocket_it_began_with(found: Optimum) -> None:
    given = optimum.vehicle_of(anabasis.load("february-2022"))
    assert found.figures["lift_off_mass_kg"] < float(given.lift_off_mass)


def test_a_greater_payload_needs_a_heavier_rocket(found: Optimum) -> None:
    heavier = anabasis.load("february-2022").replace({"ascender.payload_kg": 17.0})
    more = optimum.optimise(heavier)
    assert more.found
    assert more.figures["lift_off_mass_kg"] > found.figures["lift_off_mass_kg"] + 3.0


@pytest.mark.truth
def test_the_greatest_payload_of_the_lightest_rocket_is_the_payload_it_was_made_for(
    found: Optimum,
) -> None:
    search = Search(anabasis.load("february-2022"), "payload")
    search.vehicle = dataclasses.replace(
        search.vehicle, lift_off_mass=np.asarray(found.figures["lift_off_mass_kg"])
    )
    best = search.solve()
    assert best.found
    assert -10.0 * best.judged.objective == pytest.approx(16.0, abs=2e-3)


@pytest.fixture(scope="module")
def gentle() -> Optimum:
    """Under a pressure two thirds of what the best ascent flies through."""
    return optimum.optimise(
        anabasis.load("february-2022").replace({"ascent.limits.dynamic_pressure_kPa": 2.0})
    )


def test_a_limit_left_out_makes_the_rocket_lighter_and_one_tightened_heavier(
    found: Optimum, gentle: Optimum
) -> None:
    free = optimum.optimise(anabasis.load("february-2022"), without=["angle of attack"])
    assert free.found
    assert gentle.found
    masses = [o.figures["lift_off_mass_kg"] for o in (free, found, gentle)]
    assert masses == sorted(masses)
    assert "dynamic pressure" in gentle.binding


def test_the_price_of_a_limit_is_what_a_percent_of_it_is_worth(gentle: Optimum) -> None:
    less = optimum.optimise(
        anabasis.load("february-2022").replace({"ascent.limits.dynamic_pressure_kPa": 2.01})
    )
    gain = gentle.figures["lift_off_mass_kg"] - less.figures["lift_off_mass_kg"]
    assert 0.5 * gentle.binding["dynamic pressure"] == pytest.approx(gain, rel=0.05)


def test_what_cannot_be_kept_is_named() -> None:
    scenario = anabasis.load("february-2022").replace({"ascent.limits.acceleration_g": 2.0})
    none = optimum.optimise(scenario)
    assert not none.found
    assert any("without the limit on acceleration" in sentence for sentence in none.why)


def test_a_window_is_at_least_as_good_as_the_orbit_inside_it(found: Optimum) -> None:
    window = optimum.optimise(anabasis.load("february-2022"), orbit="window")
    assert window.found
    assert window.figures["lift_off_mass_kg"] <= found.figures["lift_off_mass_kg"]
    assert 300.0 <= window.figures["orbit_altitude_km"] <= 375.0


def test_every_spare_share_has_the_name_of_a_limit() -> None:
    assert set(limit_names(COARSE)) == set(LIMITS)


def test_the_written_scenario_flies_to_the_orbit_and_weighs_the_same(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "best.toml"
    assert main(["optimise", "february-2022", "--out", str(file), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    journey = anabasis.fly(str(file))
    figures = journey.phases["ascent"].figures
    assert journey.outcome == ""
    assert figures["lift_off_mass_kg"] == pytest.approx(
        said["figures"]["lift_off_mass_kg"], abs=1e-6
    )
    assert figures["apoapsis_km"] == pytest.approx(343.0, abs=2e-3)
    assert figures["periapsis_km"] == pytest.approx(343.0, abs=2e-3)
    assert figures["inclination_deg"] == pytest.approx(25.0, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["optimise", "stardust"], "ascender"),
        (["optimise", "february-2022", "--maximise", "speed"], "allowed payload"),
        (["optimise", "february-2022", "--hold-staging"], "no mass to choose"),
        (["optimise", "february-2022", "--without", "gravity"], "dynamic pressure"),
        (["optimise", "february-2022", "--out", "best.json"], ".toml"),
        (["optimise", "february-2022", "--orbit", "high"], "target, window"),
        (["optimise", "february-2022", "--set", "ascent.limits.acceleration_g=nan"], "acceler"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert words in err

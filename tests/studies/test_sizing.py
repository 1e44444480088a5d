"""The lightest rocket: its prices are what re-drawing it shows, and what does not fit is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import equinox as eqx
import numpy as np
import pytest

import anabasis
from anabasis.cli import main
from anabasis.studies.concepts import engine_of, known_inputs
from anabasis.studies.sizing import KINDS, Inputs, Shop, Sized, size


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(anabasis.load("february-2022"))


@pytest.fixture(scope="module")
def sized(shop: Shop) -> Sized:
    return shop.told(shop.best())


def again(shop: Shop, sized: Sized, take: Callable[[Inputs], Any], by: float) -> float:
    """The lift-off mass with one input moved, searched anew [kg]."""
    moved = eqx.tree_at(take, shop.inputs, np.asarray(float(take(shop.inputs)) + by))
    best = shop.best(moved, guess=sized.best.point)
    assert best.found
    return 100.0 * best.judged.objective


def test_a_lightest_rocket_is_found_and_fits(sized: Sized) -> None:
    assert sized.found
    assert sized.figures["optimality_residual"] < 1e-6
    assert sized.figures["greatest_breach"] < 1e-6
    assert sized.figures["length_m"] <= 3.0 + 1e-6
    assert sized.figures["diameter_m"] <= 0.5 + 1e-6


def test_its_parts_weigh_what_it_weighs_and_are_as_long_as_it_is(sized: Sized) -> None:
    assert sum(sized.masses.values()) == pytest.approx(sized.figures["lift_off_mass_kg"])
    assert sum(sized.lengths.values()) == pytest.approx(sized.figures["length_m"])


def test_only_what_binds_has_a_price_and_no_price_is_negative(shop: Shop, sized: Sized) -> None:
    best = sized.best
    assert np.all(best.spare_price >= 0.0)
    assert np.all(best.spare_price[best.judged.spare > 1e-3] == 0.0)
    assert sized.binding["length"] > 0.0


def test_room_makes_the_rocket_lighter_and_load_heavier(sized: Sized) -> None:
    slopes = sized.sensitivity
    assert slopes["sizing.envelope_length_m"] < 0.0
    assert slopes["stage_one.specific_impulse_s"] < 0.0
    assert slopes["other_payload_kg"] > 1.0  # a kilogram more to carry, and what carries it
    assert slopes["container.mass_kg"] == pytest.approx(slopes["other_payload_kg"])
    assert slopes["sizing.equipment_two_kg"] == pytest.approx(slopes["other_payload_kg"])
    per_tube = 0.057 + 0.47 / 30.0
    assert slopes["tubes"] == pytest.approx(per_tube * slopes["other_payload_kg"])


@pytest.mark.parametrize(
    ("name", "take", "by", "unit"),
    [
        ("other_payload_kg", lambda i: i.ballast, 0.05, 1.0),
        ("stage_one.specific_impulse_s", lambda i: i.impulse_one, 0.1, 1.0),
        ("sizing.envelope_length_m", lambda i: i.sizing.envelope_length, 0.01, 1.0),
        ("sizing.inert_coefficient", lambda i: i.sizing.inert_coefficient, 0.0005, 1.0),
        ("target.inclination_deg", lambda i: i.course.inclination, 2e-3, np.pi / 180.0),
    ],
)
def test_a_sensitivity_is_what_searching_anew_shows(
    shop: Shop, sized: Sized, name: str, take: Callable[[Inputs], Any], by: float, unit: float
) -> None:
    higher, lower = (again(shop, sized, take, s * by) for s in (1.0, -1.0))
    slope = unit * (higher - lower) / (2.0 * by)
    assert sized.sensitivity[name] == pytest.approx(slope, rel=2e-3)


@pytest.mark.truth
def test_an_envelope_too_short_is_refused_with_what_is_missing() -> None:
    cramped = anabasis.load("february-2022").replace({"sizing.envelope_length_m": 1.8})
    with pytest.raises(anabasis.BadInput, match="m too long") as caught:
        size(cramped)
    assert caught.value.key == "sizing.envelope_length_m"
    assert "at least" in caught.value.allowed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tubes", "31"], "0 to 30"),
        (["--tubes", "-1"], "less than none"),
        (["--set", "sizing.shell=nan"], "sizing.shell"),
        (["--set", "sizing.grain_coldest_C=10.0"], "coldest"),
        (["--plot", "rocket.pdf"], ".png"),
    ],
)
def test_what_cannot_be_sized_is_refused_in_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["size", "february-2022", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert sum(line.startswith("error: ") for line in err.splitlines()) == 1


def test_the_document_says_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["size", "february-2022", "--no-trade", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["found"]
    assert {row["confidence"] for row in document["proportions"]} == {
        "published", "derived", "assumed",
    }  # fmt: skip
    assert document["masses_kg"]["payload"] == pytest.approx(16.0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_what_is_published_and_what_assumed(kind: str) -> None:
    known = known_inputs(anabasis.load("february-2022"), kind)
    confidences = {confidence for confidence, *_ in known.values()}
    assert {"published", "assumed"} <= confidences
    assert all(low <= high for _, low, high in known.values())
    assert (engine_of(kind) is None) == (kind == KINDS[0])

"""The same numbers are the same scenario, however they are written; each can be asked about."""

from __future__ import annotations

import datetime
import pathlib
import tomllib
from typing import Any

import pytest

import anabasis
from anabasis import BadInput
from anabasis.campaign.scenario import numbers, with_settings

SHELF = sorted(anabasis.scenarios())
EXPLAINED = {
    "path",
    "value",
    "unit",
    "meaning",
    "minimum",
    "maximum",
    "source",
    "confidence",
    "given_by",
}


def har() -> dict[str, Any]:
    """The published rocket as a mapping, defaults and provenance left out."""
    return tomllib.loads(anabasis.load("har-open-loop").to_toml())


@pytest.mark.parametrize("name", SHELF)
def test_the_written_file_is_the_same_scenario(name: str, tmp_path: pathlib.Path) -> None:
    scenario = anabasis.load(name)
    path = tmp_path / "scenario.toml"
    path.write_text(scenario.to_toml(), encoding="utf-8")
    again = anabasis.load(path)
    assert again.hash == scenario.hash
    assert again.values == scenario.values
    assert again.reading.sources == scenario.reading.sources
    for at, where in numbers(scenario):
        told = dict(numbers(again))[at]
        assert (told.source, told.confidence) == (where.source, where.confidence), at
    assert again.to_toml() == scenario.to_toml()


@pytest.mark.parametrize("name", SHELF)
def test_every_number_of_the_shelf_has_a_known_confidence_and_can_be_explained(name: str) -> None:
    scenario = anabasis.load(name)
    assert len(scenario.hash) == 64
    for at, where in numbers(scenario):
        assert where.confidence in ("published", "derived", "assumed", "unsourced"), at
        if at.split(".")[-1].isdigit():
            continue  # a row of an array (a dispersion) is no number of its own
        told = scenario.explain(at)
        assert set(told) >= EXPLAINED
        assert told["path"] == at
        assert told["value"] is not None
        assert told["meaning"]


def test_the_hash_does_not_hear_sources_confidences_summary_or_order() -> None:
    plain = har()
    first = anabasis.load(plain)
    plain["summary"] = "another sentence"
    plain["sources"] = {"X": "another"}
    plain["ascender"]["source"] = "X"
    plain["ascender"]["confidence"] = "assumed"
    plain["ascender"]["payload_kg"] = {"value": 16.0, "source": "Y", "confidence": "derived"}
    other = {key: plain[key] for key in reversed(plain)}
    other["ascender"] = {key: plain["ascender"][key] for key in reversed(plain["ascender"])}
    assert anabasis.load(other).hash == first.hash


def test_a_whole_number_is_the_same_as_its_float() -> None:
    plain = har()
    first = anabasis.load(plain).hash
    plain["ascender"]["payload_kg"] = 16
    plain["ascent"]["target"]["inclination_deg"] = 25
    plain["ascender"]["drag_coefficient"]["mach"] = [0.5, 1, 1.3, 2.5, 4]
    assert anabasis.load(plain).hash == first


def test_a_default_that_is_written_out_changes_nothing() -> None:
    plain = har()
    first = anabasis.load(plain)
    plain["ascender"]["separation_lead_s"] = 10.0
    plain["seed"] = 0
    second = anabasis.load(plain)
    assert second.hash == first.hash
    assert first.explain("ascender.separation_lead")["given_by"] == "default"
    assert second.explain("ascender.separation_lead")["given_by"] == "scenario"


def test_the_same_instant_in_another_zone_is_the_same_scenario() -> None:
    plain = har()
    first = anabasis.load(plain).hash
    zone = datetime.timezone(datetime.timedelta(hours=2))
    plain["ascent"]["epoch"] = datetime.datetime(2031, 2, 28, 14, tzinfo=zone)
    assert anabasis.load(plain).hash == first


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ascender.payload_kg", 16.000000000000004),
        ("ascent.epoch", datetime.datetime(2031, 2, 28, 12, 0, 1, tzinfo=datetime.UTC)),
        ("planet.mars.air", "cospar-north"),
        ("name", "another"),
        ("seed", 1),
        ("ascender.drag_coefficient.value", [0.2, 0.4, 0.57, 0.4, 0.31]),
    ],
)
def test_another_number_is_another_scenario(path: str, value: Any) -> None:
    scenario = anabasis.load("har-open-loop")
    assert scenario.replace({path: value}).hash != scenario.hash


def test_replacing_a_number_with_itself_is_the_same_scenario() -> None:
    scenario = anabasis.load("har-open-loop")
    assert scenario.replace({"ascender.payload_kg": 16.0}).hash == scenario.hash
    assert anabasis.load(scenario) is scenario


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("ascender.payload", 1.0, "payload_kg"),
        ("ascender.payload_kg", -1.0, "out of range"),
        ("ascender.payload_kg", "heavy", "must be a number"),
        ("ascender.payload_kg", float("nan"), "not a finite number"),
        ("ascender.stage_three.thrust_kN", 1.0, "no such path"),
        ("ascent.steering.kind", "guessed", "no such kind"),
        ("march", ["ascent", "ascent"], "in its order"),
        ("march", ["entry"], "no table for it"),
    ],
)
def test_a_replacement_that_cannot_stand_is_refused(path: str, value: Any, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        anabasis.load("har-open-loop").replace({path: value})


# ---------------------------------------------------------------- explain


@pytest.mark.parametrize("path", ["ascender.stage_one.thrust_kN", "ascender.stage_one.thrust"])
def test_a_number_is_explained_with_and_without_its_unit(path: str) -> None:
    told = anabasis.load("har-open-loop").explain(path)
    assert told["path"] == "ascender.stage_one.thrust_kN"
    assert told["value"] == 7.92577
    assert told["unit"] == "kN"
    assert told["source"] == "HAR: M. Harris, MAV closed-loop guidance, 2021"
    assert told["confidence"] == "published"
    assert told["given_by"] == "scenario"
    assert told["minimum"] is not None


def test_every_voice_that_can_give_a_number_is_named(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "child.toml"
    path.write_text('extends = "har-open-loop"\nname = "c"\n[ascender]\npayload_kg = 15.0\n')
    child = with_settings(anabasis.load(path), ["ascent.toss.speed_m_s=1.0"])
    assert child.explain("ascender.payload_kg")["given_by"] == "scenario"
    assert child.explain("ascender.stage_two.thrust_kN")["given_by"] == "extends"
    assert child.explain("ascender.separation_lead_s")["given_by"] == "default"
    told = child.explain("ascent.toss.speed_m_s")
    assert (told["given_by"], told["confidence"], told["value"]) == ("set", "unsourced", 1.0)


def test_of_two_kinds_the_one_that_stands_there_is_explained() -> None:
    schedule = anabasis.load("mars2020-entry").explain("entry.bank.bank_deg")
    assert schedule["value"] == [0.0, 55.0]
    bank = {"entry.bank": {"kind": "constant", "bank_deg": 40.0}}
    constant = anabasis.load("mars2020-entry").replace(bank).explain("entry.bank.bank_deg")
    assert constant["value"] == 40.0
    assert constant["meaning"] != schedule["meaning"]


def test_a_key_that_is_not_given_is_explained_all_the_same() -> None:
    told = anabasis.load("mars2020-entry").explain("ascender.stage_one.thrust_kN")
    assert told["value"] is None
    assert told["meaning"]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("ascender.stage_one.thrust_N", "ascender.stage_one.thrust_kN"),
        ("ascender.stage_one.trust_kN", "ascender.stage_one.thrust_kN"),
        ("thrust_kN", "thrust_kN"),
        ("", ""),
    ],
)
def test_an_unknown_path_is_met_with_a_known_one(path: str, hint: str) -> None:
    with pytest.raises(BadInput, match="no such path") as caught:
        anabasis.load("har-open-loop").explain(path)
    assert hint in caught.value.hint

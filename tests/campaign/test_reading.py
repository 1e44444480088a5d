"""A file becomes plain values and where each came from; what a later voice says, stands."""

from __future__ import annotations

import datetime
import pathlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import anabasis
from anabasis import BadInput
from anabasis.campaign.reading import change, leaves, parse_setting, read, shelf
from anabasis.campaign.scenario import with_settings

CHILD = 'extends = "har-open-loop"\nname = "child"\n'


def write(folder: pathlib.Path, content: str, name: str = "child") -> str:
    path = folder / f"{name}.toml"
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_the_shelf_is_the_one_the_interface_names() -> None:
    assert set(shelf()) >= {
        "february-2022",
        "july-2022",
        "mars2020-entry",
        "msl-ellipse",
        "msl-entry",
        "msl-landing",
        "mars2020-landing",
        "stardust",
        "stardust-sphere",
        "earth-entry-system",
        "har-open-loop",
        "earth-mars-2026",
    }
    assert list(shelf()) == sorted(shelf())
    assert all(shelf().values()), "every scenario says in one line what it is"


# ---------------------------------------------------------------- provenance


def test_a_table_hands_its_source_down_and_a_value_may_have_its_own() -> None:
    found = read("har-open-loop").provenance
    assert found["ascender.payload_kg"].source == "HAR"
    assert found["ascender.payload_kg"].confidence == "published"
    assert found["ascender.stage_one.thrust_kN"].source == "HAR"  # from [ascender], above it
    assert found["ascender.stage_one.inert_kg"].source == "HAR"  # its own word is the confidence
    assert found["ascender.stage_one.inert_kg"].confidence == "derived"
    assert found["ascent.toss.speed_m_s"].confidence == "published"
    assert {where.given_by for where in found.values()} == {"scenario"}


def test_a_wrapped_value_is_the_value(tmp_path: pathlib.Path) -> None:
    table = '[ascender]\npayload_kg = { value = 14.0, source = "scales" }\n'
    found = read(write(tmp_path, CHILD + table))
    assert found.values["ascender"]["payload_kg"] == 14.0
    assert found.provenance["ascender.payload_kg"].source == "scales"
    assert found.provenance["ascender.payload_kg"].confidence == "published"


def test_a_table_of_a_function_keeps_its_source(tmp_path: pathlib.Path) -> None:
    table = (
        "[ascender]\ndrag_coefficient = "
        '{ mach = [0.0, 2.0], value = [0.3, 0.4], source = "tunnel", confidence = "assumed" }\n'
    )
    found = anabasis.load(write(tmp_path, CHILD + table))
    assert found.values["ascender"]["drag_coefficient"] == {"mach": [0.0, 2.0], "value": [0.3, 0.4]}
    told = found.explain("ascender.drag_coefficient")
    assert (told["source"], told["confidence"]) == ("tunnel", "assumed")


def test_a_source_without_a_confidence_counts_as_published_and_nothing_as_unsourced(
    tmp_path: pathlib.Path,
) -> None:
    table = '[ascent.toss]\nsource = "a paper"\nspeed_m_s = 5.0\n[ascender]\npayload_kg = 15.0\n'
    found = read(write(tmp_path, CHILD + table)).provenance
    assert found["ascent.toss.speed_m_s"].confidence == "published"
    assert found["ascender.payload_kg"].confidence == "unsourced"


def test_a_dispersion_keeps_its_source_and_a_requirement_its_number(tmp_path: pathlib.Path) -> None:
    rows = (
        '[[dispersion]]\npath = "ascender.payload_kg"\nsigma = 0.25\n'
        'source = "HAR"\nconfidence = "published"\n'
        '[[requirement]]\nname = "high"\nprobability_of = "ascent.periapsis_km > 300"\n'
        "at_least = 0.99\nconfidence = 0.95\n"
    )
    found = anabasis.load(write(tmp_path, CHILD + rows))
    assert found.provenance["dispersion.0"].confidence == "published"
    assert float(found.parts.requirement[0].confidence) == 0.95
    again = anabasis.load(write(tmp_path, found.to_toml(), "again"))
    assert again.hash == found.hash
    assert again.provenance["dispersion.0"] == found.provenance["dispersion.0"]


# ---------------------------------------------------------------- extends


def test_what_a_file_says_stands_over_what_it_extends(tmp_path: pathlib.Path) -> None:
    found = read(write(tmp_path, CHILD + "[ascender]\npayload_kg = 15.0\n"))
    parent = dict(leaves(read("har-open-loop").values))
    child = dict(leaves(found.values))
    assert {path for path in parent if parent[path] != child[path]} == {
        "name",
        "ascender.payload_kg",
    }
    assert found.provenance["ascender.payload_kg"].given_by == "scenario"
    assert found.provenance["ascender.stage_one.thrust_kN"].given_by == "extends"
    assert found.sources == read("har-open-loop").sources


def test_a_file_extends_its_neighbour_and_that_one_the_shelf(tmp_path: pathlib.Path) -> None:
    write(tmp_path, CHILD + "[ascender]\npayload_kg = 15.0\n", "parent")
    path = write(tmp_path, 'extends = "parent.toml"\nname = "grandchild"\n', "grandchild")
    assert read(path).values["ascender"]["payload_kg"] == 15.0
    assert read(path).provenance["ascender.payload_kg"].order == -1
    assert read(path).provenance["ascender.stage_one.thrust_kN"].order == -2


def test_another_kind_replaces_the_whole_table(tmp_path: pathlib.Path) -> None:
    table = '[ascent.steering]\nkind = "solved"\nheading = "north-east"\n'
    found = anabasis.load(write(tmp_path, CHILD + table))
    assert found.values["ascent"]["steering"]["kind"] == "solved"
    assert "thrust_elevation_deg" not in found.values["ascent"]["steering"]
    assert "ascent.steering.thrust_elevation_deg" not in found.provenance


def test_the_same_kind_keeps_what_is_not_said(tmp_path: pathlib.Path) -> None:
    table = '[ascent.steering]\nkind = "fixed"\nthrust_azimuth_deg = 71.0\n'
    found = anabasis.load(write(tmp_path, CHILD + table))
    assert found.values["ascent"]["steering"]["thrust_elevation_deg"] == 42.0123


def test_an_inherited_key_steps_aside_for_its_equivalent(tmp_path: pathlib.Path) -> None:
    found = anabasis.load(write(tmp_path, CHILD + "[ascent.site]\nheight_km = -2.5\n"))
    assert "altitude_km" not in found.values["ascent"]["site"]
    assert "ascent.site.altitude_km" not in found.provenance


def test_the_nearest_of_several_files_is_heard(tmp_path: pathlib.Path) -> None:
    write(tmp_path, CHILD + "[ascent.site]\nheight_km = -2.5\n", "parent")
    path = write(tmp_path, 'extends = "parent.toml"\nname = "grandchild"\n', "grandchild")
    assert "altitude_km" not in anabasis.load(path).values["ascent"]["site"]


def test_a_setting_makes_what_the_file_says_step_aside() -> None:
    found = with_settings(anabasis.load("har-open-loop"), ["ascent.site.height_km=-2.5"])
    assert found.values["ascent"]["site"].get("altitude_km") is None
    again = found.replace({"ascent.site.altitude_km": 0.0})
    assert again.values["ascent"]["site"].get("height_km") is None
    assert again.hash == anabasis.load("har-open-loop").hash


def test_two_equivalent_keys_said_in_one_breath_are_refused() -> None:
    with pytest.raises(BadInput, match="exactly one of"):
        anabasis.load("har-open-loop").replace(
            {"ascent.site.height_km": 0.0, "ascent.site.altitude_km": 0.0}
        )


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("a.b_kg=8.0", 8.0),
        ("a.b_kg = 8", 8),
        ("a.b=1e3", 1000.0),
        ("a.b=-2.5", -2.5),
        ("a.b=true", True),
        ('a.b="north-east"', "north-east"),
        ("a.b=north-east", "north-east"),
        ("a.b=[1.0, 2.0]", [1.0, 2.0]),
        ("a.b={ kind = 'fixed' }", {"kind": "fixed"}),
        (
            "a.b=2031-02-28T12:00:00Z",
            datetime.datetime(2031, 2, 28, 12, tzinfo=datetime.UTC),
        ),
        ("a.b=x=y", "x=y"),
        ("a.b=", ""),
    ],
)
def test_a_setting_is_read_as_toml_and_else_as_a_text(setting: str, value: Any) -> None:
    path, found = parse_setting(setting)
    assert path in ("a.b", "a.b_kg")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("setting", ["", "a", "=1", "a b=1", "a..b=1", ".a=1", "a.=1", "a[0]=1"])
def test_what_is_no_setting_is_refused(setting: str) -> None:
    with pytest.raises(BadInput, match="PATH=VALUE"):
        parse_setting(setting)


@given(st.text(max_size=40))
def test_no_text_after_the_equals_sign_breaks_the_parser(text: str) -> None:
    parse_setting(f"a.b={text}")


def test_a_setting_that_injects_another_line_stays_a_text() -> None:
    assert parse_setting("a.b=1\nseed = 3") == ("a.b", "1\nseed = 3")


def test_a_setting_may_be_a_table_with_its_source() -> None:
    settings = ['ascender.payload_kg={ value = 15.0, source = "scales", confidence = "derived" }']
    found = with_settings(anabasis.load("har-open-loop"), settings).explain("ascender.payload_kg")
    assert (found["value"], found["source"]) == (15.0, "scales")
    assert (found["confidence"], found["given_by"]) == ("derived", "set")


def test_a_table_that_is_set_forgets_what_stood_there() -> None:
    steering = {"kind": "solved", "heading": "north-east"}
    found = anabasis.load("har-open-loop").replace({"ascent.steering": steering})
    assert "ascent.steering.thrust_elevation_deg" not in found.provenance
    assert found.provenance["ascent.steering.heading"].given_by == "set"


def test_one_column_of_a_function_that_is_set_makes_the_function_ours() -> None:
    drag = [0.3, 0.3, 0.3, 0.3, 0.3]
    found = anabasis.load("har-open-loop").replace({"ascender.drag_coefficient.value": drag})
    told = found.explain("ascender.drag_coefficient")
    assert (told["given_by"], told["confidence"]) == ("set", "unsourced")
    again = anabasis.load({**found.values})
    assert again.hash == found.hash


def test_numbers_of_numpy_are_set_as_numbers() -> None:
    scenario = anabasis.load("har-open-loop")
    ours = scenario.replace({"ascender.payload_kg": np.float64(15.0)})
    assert ours.hash == scenario.replace({"ascender.payload_kg": 15.0}).hash
    assert ours.hash == scenario.replace({"ascender.payload_kg": np.asarray(15.0)}).hash
    assert "15.0" in ours.to_toml()


def test_a_change_leaves_the_first_reading_alone() -> None:
    first = read("har-open-loop")
    before = dict(leaves(first.values)), dict(first.provenance)
    change(first, {"ascender.payload_kg": 1.0, "ascent.site.height_km": 2.0})
    assert (dict(leaves(first.values)), dict(first.provenance)) == before


def test_a_path_through_a_value_is_refused() -> None:
    with pytest.raises(BadInput, match="no such path"):
        anabasis.load("har-open-loop").replace({"ascender.payload_kg.more": 1.0})

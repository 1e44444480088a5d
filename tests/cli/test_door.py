"""The commands: exit codes, one JSON document on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import anabasis
from anabasis.campaign.journey import Journey
from anabasis.cli import main

HAR, M20 = "har-open-loop", "mars2020-entry"
ESCAPE = re.compile(r"\x1b\[")
TOO_HEAVY = "ascender.payload_kg=400.0"
"""The published rocket with this on top comes down again: an outcome, not bad input."""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path


Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run


def document(out: str) -> Any:
    """The one JSON document that stdout holds, and nothing after it."""
    found, end = json.JSONDecoder().raw_decode(out)
    assert out[end:].strip() == ""
    return found


# ---------------------------------------------------------------- fly


@pytest.mark.parametrize("name", [HAR, M20])
def test_fly_prints_the_journey_and_writes_the_same(call: Call, name: str) -> None:
    code, out, err = call("fly", name, "--json", "--out", "run")
    assert code == 0
    journey = document(out)
    assert journey == json.loads(pathlib.Path("run/journey.json").read_text("utf-8"))
    assert journey["scenario"] == name
    assert next(iter(journey["phases"])) in err  # progress
    assert not ESCAPE.search(out)


def test_fly_without_json_shows_one_page_and_says_where_it_wrote(call: Call) -> None:
    code, out, err = call("fly", HAR)
    assert code == 0
    for words in ("Timeline", "Phases", "Delta-v", "Mass ledger", "Every limit is met"):
        assert words in out
    assert "written to runs/har-open-loop-" in err
    assert "written to" not in out
    assert not ESCAPE.search(out + err)  # neither of them is a terminal


def test_the_second_time_it_says_that_it_was_flown_already(call: Call) -> None:
    first = call("fly", HAR, "--json")
    folder = next(pathlib.Path("runs").iterdir())
    written = folder.stat().st_mtime_ns
    second = call("fly", HAR, "--json")
    assert second[0] == 0
    assert second[1] == first[1]
    assert f"already flown: {folder}" in second[2]
    assert "ascent" not in second[2].replace(str(folder), "")  # nothing was flown
    assert folder.stat().st_mtime_ns == written
    third = call("fly", HAR, "--json", "--force")
    assert (third[0], third[1]) == (0, first[1])
    assert "already flown" not in third[2]
    assert [path.name for path in pathlib.Path("runs").iterdir()] == [folder.name]


def test_another_seed_is_another_run(call: Call) -> None:
    call("fly", HAR, "--json")
    _, out, err = call("fly", HAR, "--json", "--seed", "5")
    assert document(out)["seed"] == 5
    assert "already flown" not in err


def test_only_one_phase_has_a_folder_of_its_own(call: Call) -> None:
    assert call("fly", "mars2020-landing", "--only", "entry", "--json")[0] == 0
    (folder,) = pathlib.Path("runs").iterdir()
    assert folder.name.endswith("-entry")
    assert [path.name for path in (folder / "tracks").iterdir()] == ["entry.parquet"]
    assert "already flown" in call("fly", "mars2020-landing", "--only", "entry", "--json")[2]


def test_a_lost_mission_exits_with_one_and_is_written_all_the_same(call: Call) -> None:
    code, out, _ = call("fly", HAR, "--set", TOO_HEAVY, "--json")
    assert code == 1
    journey = document(out)
    assert journey["outcome"]
    assert journey["outcome_phase"] == "ascent"
    assert len(list(pathlib.Path("runs").iterdir())) == 1
    code, out, err = call("fly", HAR, "--set", TOO_HEAVY)
    assert code == 1  # flown already, and lost it stays
    assert "already flown" in err
    assert f"Lost in ascent: {journey['outcome']}" in out


def test_a_broken_limit_exits_with_zero_and_with_strict_with_four(call: Call) -> None:
    heavy = ("fly", M20, "--set", "parachute.trigger.mach=2.5", "--json")
    code, out, _ = call(*heavy)
    assert code == 0
    journey = document(out)
    assert not journey["limits_met"]
    broken = [x for x in journey["phases"]["entry"]["limits"] if not x["met"]]
    assert any(limit["figure"] == "parachute_deploy_mach" for limit in broken)
    assert call(*heavy, "--strict")[0] == 4
    assert call("fly", M20, "--strict", "--json")[0] == 0
    assert call("fly", HAR, "--set", TOO_HEAVY, "--strict", "--json")[0] == 1  # lost is worse


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly", HAR, "--set", "ascender.payload_kg=-1"],
        ["fly", "nothing-of-that-name"],
        ["fly", HAR, "--only", "entry"],
        ["explain", "no.such.path"],
        ["check", "nothing.toml"],
        ["tubes", "NoSuchTube"],
        ["windows", "--from", "1990", "--to", "1991"],
        ["nonsense"],
        ["fly", HAR, "--no-such-option"],
        ["fly", HAR, "--seed", "many"],
    ],
)
def test_bad_input_exits_with_two_and_with_json_is_one_document(
    call: Call, arguments: list[str], elsewhere: pathlib.Path
) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    code, out, again = call(*arguments, "--json")
    assert (code, again) == (2, err)
    error = document(out)["error"]
    assert set(error) == {"file", "key", "value", "allowed", "message", "hint"}
    assert error["message"]
    assert list(elsewhere.iterdir()) == []


def test_an_interruption_exits_with_130_and_leaves_nothing(
    call: Call, monkeypatch: pytest.MonkeyPatch, elsewhere: pathlib.Path
) -> None:
    import anabasis.campaign.fly as flying

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(flying, "fly", interrupt)
    code, out, err = call("fly", HAR, "--json")
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == "interrupted"
    assert list(elsewhere.iterdir()) == []


def test_a_real_interrupt_ends_the_process_the_same_way(elsewhere: pathlib.Path) -> None:
    program = (
        "import os, signal, sys\n"
        "import anabasis.campaign.fly as flying\n"
        "from anabasis.cli import main\n"
        "flying.fly = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.exit(main(['fly', 'har-open-loop']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert list(elsewhere.iterdir()) == []


def test_a_reader_that_leaves_early_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "anabasis", "check", "--schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    assert process.wait() in (0, 1)
    assert b"Traceback" not in error
    process.stderr.close()


@pytest.mark.parametrize("forced", [False, True])
def test_no_color_means_no_color(forced: bool) -> None:
    environment = {**os.environ, "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    if forced:
        environment["NO_COLOR"] = "1"
    done = subprocess.run(
        [sys.executable, "-m", "anabasis", "explain", "ascender.stage_one.thrust_kN"],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    coloured = re.search(r"\x1b\[[0-9;]*3[0-7]", done.stdout)
    assert bool(ESCAPE.search(done.stdout)) or forced
    assert not (forced and coloured)


# ---------------------------------------------------------------- the other commands


def test_scenarios_lists_the_shelf(call: Call) -> None:
    code, out, err = call("scenarios")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == sorted(anabasis.scenarios())
    listed = document(call("scenarios", "--json")[1])["scenarios"]
    assert {row["name"]: row["summary"] for row in listed} == anabasis.scenarios()


def test_check_counts_the_confidences_of_a_scenario(call: Call) -> None:
    code, out, err = call("check", HAR, "--json")
    assert (code, err) == (0, "")
    found = document(out)
    assert found["scenario_hash"] == anabasis.load(HAR).hash
    assert found["march"] == ["ascent"]
    assert set(found["values"]) <= {"published", "derived", "assumed", "unsourced"}
    assert found["values"]["published"] > 5
    assert "good" in call("check", HAR)[1]


def test_the_schema_is_a_schema_of_2020_12_and_knows_every_table(call: Call) -> None:
    code, out, _ = call("check", "--schema")
    assert code == 0
    schema = document(out)
    assert schema == anabasis.schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) >= {
        *("name", "summary", "extends", "march", "seed", "sources", "planet", "launcher"),
        *("lander", "orbiter", "capsule", "return_capsule", "parachute", "rover", "ascender"),
        *("container", "dispersion", "requirement"),
        *(phase for phase in FLOWN_PHASES),
    }
    assert set(schema["required"]) <= set(schema["properties"])
    definitions = schema["$defs"]
    types = {"object", "array", "string", "number", "integer", "boolean", "null"}
    stack: list[Any] = [schema]
    while stack:
        here = stack.pop()
        if isinstance(here, list):
            stack.extend(here)
        elif isinstance(here, dict):
            if "$ref" in here and isinstance(here["$ref"], str):
                assert here["$ref"].removeprefix("#/$defs/") in definitions
            if isinstance(here.get("type"), str):
                assert here["type"] in types
            if isinstance(here.get("required"), list):
                assert set(here["required"]) <= set(here.get("properties", {}))
            stack.extend(here.values())
    thrust = definitions["SolidMotor"]["properties"]["thrust_kN"]
    assert thrust["unit"] == "kN"
    assert thrust["description"]


FLOWN_PHASES = [
    "lander_outbound",
    "orbiter_outbound",
    "insertion",
    "entry",
    "landing",
    "surface",
    "ascent",
    "rendezvous",
    "homeward",
    "arrival",
]


def test_explain_answers_with_the_keys_of_the_interface(call: Call) -> None:
    path = "ascender.stage_one.thrust_kN"
    code, out, err = call("explain", path, "--scenario", HAR, "--json")
    assert (code, err) == (0, "")
    told = document(out)
    assert set(told) >= {
        *("path", "value", "unit", "meaning", "minimum", "maximum"),
        *("source", "confidence", "given_by"),
    }
    assert (told["path"], told["value"], told["unit"]) == (path, 7.92577, "kN")
    assert document(call("explain", "ascender.stage_one.thrust", "--json")[1])["path"] == path
    setting = ("--set", f"{path}=8.0")
    told = document(call("explain", path, "--scenario", HAR, *setting, "--json")[1])
    assert (told["value"], told["given_by"]) == (8.0, "set")
    shown = call("explain", path)[1]
    assert "7.92577 kN" in shown
    assert "published" in shown


def test_dates_and_tables_are_explained_as_json_too(call: Call) -> None:
    told = document(call("explain", "ascent.epoch", "--scenario", HAR, "--json")[1])
    assert told["value"] == "2031-02-28T12:00:00Z"
    told = document(call("explain", "ascender.drag_coefficient", "--scenario", HAR, "--json")[1])
    assert set(told["value"]) == {"mach", "value"}


def test_tubes_lists_all_of_them_one_of_them_and_as_they_stood(call: Call) -> None:
    code, out, err = call("tubes", "--json")
    assert (code, err) == (0, "")
    found = document(out)
    assert found["at_sol"] is None
    assert len(found["tubes"]) == 43
    one = document(call("tubes", "Montdenier", "--json")[1])["tubes"]
    assert [tube["name"] for tube in one] == ["Montdenier"]
    early = document(call("tubes", "--at", "100", "--json")[1])
    assert early["at_sol"] == 100
    assert early["tubes"] != found["tubes"]
    assert "43 tubes" in call("tubes")[1]


def test_doctor_finds_this_installation_healthy(call: Call) -> None:
    code, out, _ = call("doctor", "--json")
    found = document(out)
    assert code == 0, found
    assert found["healthy"] is True
    assert {finding["what"] for finding in found["findings"]} >= {
        "Python",
        "jax",
        "64-bit",
        "shelf",
    }
    assert all(set(finding) == {"what", "found", "good", "hint"} for finding in found["findings"])


def test_windows_lists_the_opportunities_of_two_years(call: Call) -> None:
    code, out, _ = call("windows", "--from", "2026", "--to", "2026", "--json")
    assert code == 0
    rows = document(out)["windows"]
    assert rows
    assert all(row for row in rows)
    none = document(
        call("windows", "--from", "2026", "--to", "2026", "--max-c3", "1.0", "--json")[1]
    )
    assert none["windows"] == []


def test_python_and_the_command_line_fly_the_same(
    call: Call, flown: Callable[[str], Journey]
) -> None:
    assert document(call("fly", HAR, "--json")[1]) == flown(HAR).to_dict()

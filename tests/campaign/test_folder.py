"""The folder of a run is there whole or not at all."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Callable

import pytest

import anabasis
from anabasis import BadInput
from anabasis.campaign import folder as folders
from anabasis.campaign.journey import Journey
from anabasis.campaign.scenario import Scenario

NAME = "har-open-loop"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return anabasis.load(NAME)


@pytest.fixture
def journey(flown: Callable[[str], Journey]) -> Journey:
    return flown(NAME)


def files(folder: pathlib.Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


RUN = ["journey.json", "scenario.toml", "tracks", "tracks/ascent.parquet"]


def test_a_run_holds_what_the_interface_says(
    tmp_path: pathlib.Path, journey: Journey, scenario: Scenario
) -> None:
    folder = tmp_path / "deep" / "below" / "run"
    folders.write_run(folder, journey, scenario)
    assert files(folder) == RUN
    assert files(folder.parent) == ["run", *(f"run/{name}" for name in RUN)]
    assert json.loads((folder / "journey.json").read_text("utf-8")) == journey.to_dict()
    assert anabasis.load(folder / "scenario.toml").hash == scenario.hash


def test_the_default_folder_carries_name_and_hash(scenario: Scenario) -> None:
    assert str(folders.default_folder(scenario)) == f"runs/{NAME}-{scenario.hash[:12]}"


def test_an_empty_folder_is_filled_and_a_run_is_replaced_whole(
    tmp_path: pathlib.Path, journey: Journey, scenario: Scenario
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    folders.write_run(folder, journey, scenario)
    (folder / "tracks" / "stale.parquet").write_text("of an earlier run")
    folders.write_run(folder, dataclasses.replace(journey, seed=7), scenario)
    assert files(tmp_path) == ["run", *(f"run/{name}" for name in RUN)]
    assert json.loads((folder / "journey.json").read_text("utf-8"))["seed"] == 7


@pytest.mark.parametrize("fails_in", ["write_table", "_write", "_swap"])
def test_what_fails_on_the_way_leaves_nothing_and_what_stood_there_stands(
    fails_in: str,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    journey: Journey,
    scenario: Scenario,
) -> None:
    folder = tmp_path / "run"
    folders.write_run(folder, journey, scenario)
    before = (folder / "journey.json").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders, fails_in, fail)
    with pytest.raises(OSError, match="No space left"):
        folders.write_run(folder, dataclasses.replace(journey, seed=7), scenario)
    assert files(tmp_path) == ["run", *(f"run/{name}" for name in RUN)]
    assert (folder / "journey.json").read_bytes() == before
    with pytest.raises(OSError, match="No space left"):
        folders.write_run(tmp_path / "new" / "run", journey, scenario)
    assert files(tmp_path) == ["run", *(f"run/{name}" for name in RUN)]


def test_an_interruption_leaves_nothing_either(
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    journey: Journey,
    scenario: Scenario,
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(folders, "write_table", interrupt)
    with pytest.raises(KeyboardInterrupt):
        folders.write_run(tmp_path / "run", journey, scenario)
    assert files(tmp_path) == []


def test_a_rename_that_fails_puts_the_old_run_back(
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    journey: Journey,
    scenario: Scenario,
) -> None:
    folder = tmp_path / "run"
    folders.write_run(folder, journey, scenario)
    rename = pathlib.Path.rename

    def stubborn(self: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
        if target == folder and ".old." not in self.name:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(pathlib.Path, "rename", stubborn)
    with pytest.raises(OSError, match="Input/output"):
        folders.write_run(folder, dataclasses.replace(journey, seed=7), scenario)
    monkeypatch.undo()
    assert files(tmp_path) == ["run", *(f"run/{name}" for name in RUN)]
    assert json.loads((folder / "journey.json").read_text("utf-8"))["seed"] == journey.seed


# ---------------------------------------------------------------- what has been flown already


def test_a_complete_run_is_found_again_only_by_the_same_scenario_seed_and_versions(
    tmp_path: pathlib.Path, journey: Journey, scenario: Scenario
) -> None:
    folder = tmp_path / "run"
    assert folders.find_complete(folder, scenario, 0) is None
    folders.write_run(folder, journey, scenario)
    assert folders.find_complete(folder, scenario, 0) == journey.to_dict()
    assert folders.find_complete(folder, scenario, 1) is None
    other = scenario.replace({"ascender.payload_kg": 15.0})
    assert folders.find_complete(folder, other, 0) is None
    held = json.loads((folder / "journey.json").read_text("utf-8"))
    for key, value in (("anabasis_version", "0.0.1"), ("versions", {}), ("device", "abacus")):
        (folder / "journey.json").write_text(json.dumps({**held, key: value}))
        assert folders.find_complete(folder, scenario, 0) is None


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"text"', "\x00"])
def test_a_damaged_run_counts_as_none(
    content: str, tmp_path: pathlib.Path, journey: Journey, scenario: Scenario
) -> None:
    folders.write_run(tmp_path / "run", journey, scenario)
    (tmp_path / "run" / "journey.json").write_text(content)
    assert folders.find_complete(tmp_path / "run", scenario, 0) is None


@pytest.mark.parametrize("missing", ["scenario.toml", "tracks"])
def test_a_run_that_lacks_a_file_counts_as_none(
    missing: str, tmp_path: pathlib.Path, journey: Journey, scenario: Scenario
) -> None:
    folders.write_run(tmp_path / "run", journey, scenario)
    (tmp_path / "run" / missing).rename(tmp_path / "elsewhere")
    assert folders.find_complete(tmp_path / "run", scenario, 0) is None


# ---------------------------------------------------------------- whose folder it is


def test_force_replaces_a_run_and_never_anything_else(
    tmp_path: pathlib.Path, journey: Journey, scenario: Scenario
) -> None:
    run = tmp_path / "run"
    folders.write_run(run, journey, scenario)
    with pytest.raises(BadInput, match="in use"):
        folders.check_folder(run, given=True, force=False)
    folders.check_folder(run, given=True, force=True)
    mine = tmp_path / "mine"
    mine.mkdir()
    folders.check_folder(mine, given=True, force=False)  # empty: nobody's
    (mine / "thesis.txt").write_text("years of work")
    for force in (False, True):
        with pytest.raises(BadInput, match="in use"):
            folders.check_folder(mine, given=True, force=force)

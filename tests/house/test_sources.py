"""Every number has a source; no file tells of the machine it came from; the docs lead somewhere."""

from __future__ import annotations

import pathlib
import re
import subprocess
from collections.abc import Iterator

import pytest

import anabasis
from anabasis.campaign.parts import Parts
from anabasis.campaign.scenario import numbers
from anabasis.campaign.wall import walk
from anabasis.cli.door import app
from anabasis.units import FACTORS

ROOT = pathlib.Path(__file__).resolve().parents[2]
NUMBERS = ("quantity", "curve", "whole", "date")
DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md")
GENERATED = {"march.png", "validation.md"}
"""Made by `make docs`; a fresh checkout may lack them."""
REGISTRIES = tuple(
    "".join(parts)
    for parts in (
        ("files.python", "hosted.org"),
        ("registry.npm", "js.org"),
        ("registry.yarn", "pkg.com"),
        ("pypi.org/", "simple"),
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|tmp|home)/")
ELSEWHERE = re.compile(r"\bdecisions[,:]|\bfigures,? \d|rover and samples|EDL figures|settled:")
"""Pages that the reader of this repository does not have."""


def tracked() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        try:
            yield name, path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("name", list(anabasis.scenarios()))
def test_every_number_on_the_shelf_has_a_source_and_a_confidence(name: str) -> None:
    scenario = anabasis.load(name)
    found = numbers(scenario)
    assert found
    for path, where in found:
        assert where.source.strip(), f"{name}: {path} has no source"
        assert where.confidence in ("published", "derived", "assumed"), f"{name}: {path}"
        assert not ELSEWHERE.search(where.source), f"{name}: {path}: {where.source}"
    for key, text in scenario.reading.sources.items():
        assert text.strip(), f"{name}: the source {key} says nothing"
        assert not ELSEWHERE.search(text), f"{name}: {key}: {text}"


def test_every_default_number_has_a_source_and_a_confidence() -> None:
    found = [(path, key.declaration) for path, key in walk(Parts)]
    defaults = [(path, says) for path, says in found if says.has_default and says.sort in NUMBERS]
    assert defaults
    for path, says in defaults:
        assert says.source.strip(), f"the default of {path} has no source"
        assert says.confidence in ("published", "derived", "assumed"), path
        assert not ELSEWHERE.search(says.source), f"{path}: {says.source}"


def test_every_number_tells_its_unit_in_its_name() -> None:
    for path, key in walk(Parts):
        says = key.declaration
        if says.sort not in ("quantity", "curve"):
            continue
        assert says.unit in FACTORS, path
        if says.unit:
            assert path.endswith(f"_{says.unit}"), path


def test_whoever_stands_as_a_key_in_a_source_stands_in_the_page_of_sources() -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    known = set(re.findall(r"[A-Za-z][\w-]*", page))
    for path, key in walk(Parts):
        for cited in re.findall(r"\b[A-Z]{1,4}\d{2,}\b", key.declaration.source):
            numbered = re.fullmatch(r"S(\d+)", cited)
            spans = [
                (int(low), int(high)) for low, high in re.findall(r"\bS(\d+) to S(\d+)\b", page)
            ]
            inside = numbered and any(low <= int(numbered[1]) <= high for low, high in spans)
            assert cited in known or inside, f"{path}: {cited} is not in docs/sources.md"


# ---------------------------------------------------------------- files


def test_no_file_names_a_registry_host() -> None:
    for name, text in tracked():
        for host in REGISTRIES:
            assert host not in text, f"{name} names {host}"


def test_neither_source_nor_docs_hold_a_path_of_a_machine() -> None:
    for name, text in tracked():
        if name.startswith(("src/", "docs/")) or name in ("README.md", "CONTRIBUTING.md"):
            found = MACHINE_PATHS.search(text)
            assert found is None, f"{name} holds {text[found.start() : found.end() + 20]!r}"


@pytest.mark.parametrize("page", [*DOCUMENTS, *sorted((ROOT / "docs").glob("*.md"))], ids=str)
def test_relative_links_lead_somewhere(page: pathlib.Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target) or target.startswith("#"):
            continue
        path = (page.parent / target.split("#")[0]).resolve()
        assert path.exists() or path.name in GENERATED, f"{page.name}: {target}"


def test_the_commands_said_to_be_built_are_the_commands_there_are() -> None:
    page = (ROOT / "docs" / "interface.md").read_text(encoding="utf-8")
    built = re.search(r"\*\*Built\*\*: the commands ([^;]*);", page)
    later = re.search(r"\*\*Not built yet\*\*: the commands ([^;]*);", page)
    assert built is not None
    there = {
        command.name or command.callback.__name__
        for command in app.registered_commands
        if command.callback is not None
    }
    assert set(re.findall(r"`([a-z]+)`", built[1])) == there
    assert later is None or not set(re.findall(r"`([a-z]+)`", later[1])) & there

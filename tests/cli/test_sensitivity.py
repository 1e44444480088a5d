"""The command about sensitivity: what it prints, what it draws, what it refuses."""

from __future__ import annotations

import json
import math
import pathlib
import re

import pytest

from anabasis.cli import main

HEAD = 'extends = "har-open-loop"\nname = "x"\n'
ROWS = "".join(
    f'[[dispersion]]\npath = "{path}"\n{sigma}\nsource = "a test"\nconfidence = "{word}"\n'
    for path, sigma, word in (
        ("ascender.stage_one.inert_kg", "sigma = 0.1", "published"),
        ("ascender.stage_two.thrust_kN", "sigma_percent = 0.1", "published"),
        ("ascender.payload_kg", "sigma = 0.25", "published"),
        ("ascent.site.latitude_deg", "sigma = 0.1", "published"),
        ("ascender.stage_one.thrust_kN", "sigma_percent = 0.3", "assumed"),
    )
)


@pytest.fixture
def scenario(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "x.toml").write_text(HEAD + ROWS)
    return "x.toml"


def test_a_table_in_eighty_columns_a_document_and_a_picture(
    scenario: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [scenario, "--only", "ascent", "--of", "ascent.apoapsis_km", "-n", "64"]
    assert main(["sensitivity", *asked, "--sobol", "16"]) == 0
    out, _ = capsys.readouterr()
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80
    for words in ("ascent.apoapsis_km", "ascender.payload_kg", "Halve", "first order", "assumed"):
        assert words in out
    assert main(["sensitivity", *asked, "--json", "--plot", "x.svg"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert [one["figure"] for one in document["figures"]] == ["ascent.apoapsis_km"]
    assert document["only"] == "ascent"
    assert document["figures"][0]["together"]["cases"] == 64
    assert "drawn in x.svg" in err
    assert "payload" in (tmp_path / "x.svg").read_text()


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        ("", [], "nothing is dispersed"),
        (ROWS, ["--of", "ascent.apoapsi_km"], "did you mean apoapsis_km?"),
        (ROWS, ["--of", "entry.range_km"], "does not fly that phase"),
        (ROWS, ["--of", "apoapsis_km"], "write ascent.apoapsis_km"),
        (ROWS, ["--only", "ascend"], "did you mean ascent?"),
        (ROWS, ["--sobol", "1000"], "take 512 or 1024"),
        (ROWS, ["-n", "-3"], "-n"),
        (ROWS, ["--plot", "x.gif"], ".png, .svg, .pdf"),
        (ROWS, ["--plot", "nowhere/x.png"], "no such folder"),
        (ROWS, ["--set", "ascender.payload_kg=400.0"], "is lost in ascent"),
        (ROWS.replace("payload_kg", "paylod_kg"), [], "payload_kg"),
    ],
)
def test_bad_input_is_one_line_exit_two_and_writes_nothing(
    content: str,
    arguments: list[str],
    words: str,
    scenario: str,
    tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "x.toml").write_text(HEAD + content)
    assert main(["sensitivity", scenario, *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert words in err
    assert [path.name for path in tmp_path.iterdir()] == ["x.toml"]


NUMBER = re.compile(r"[+-]?[0-9]+(?:[.][0-9]+)?")


def test_the_page_about_it_prints_what_the_command_prints(
    root: pathlib.Path,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (root / "docs" / "sensitivity.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    blocks = dict(re.findall(r"```(toml|text)\n(.*?)```", page, re.DOTALL))
    (command,) = re.findall(r"```\nanabasis (sensitivity .*--sobol.*)\n```", page)
    (tmp_path / "dispersed-ascent.toml").write_text(blocks["toml"])
    assert main(command.split()) == 0
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    promised = blocks["text"].splitlines()
    first = printed.index(next(line for line in printed if line.startswith("ascent.periapsis_km")))
    for ours, theirs in zip(promised, printed[first:], strict=False):
        assert NUMBER.sub("#", ours).split() == NUMBER.sub("#", theirs).split()
        for one, other in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
            # other processors differ in the last digits: a rounded figure may turn
            assert math.isclose(float(one), float(other), rel_tol=0.01, abs_tol=0.002)

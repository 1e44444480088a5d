"""A motor file becomes the tables of a stage; one that cannot be a motor says where."""

from __future__ import annotations

import json
import pathlib
import tomllib

import pytest

import anabasis
from anabasis.cli import main

FILE = """; a rocket's first motor
SRM1 460 1500 P 215.619 275.0 anabasis
   0.5 8200
   40 8000
   76 7200
   76.5 0
;
"""


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "srm1.eng"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_motor_file_flies_as_a_stage(
    file: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = tmp_path / "stage.toml"
    assert main(["import", "motor", str(file), "--out", str(tables)]) == 0
    assert "215.619 kg" in capsys.readouterr().out
    own = 'extends = "har-open-loop"\nname = "mine"\n' + tables.read_text(encoding="utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(own, encoding="utf-8")
    parts = anabasis.load(str(mine)).parts
    assert parts.ascender is not None
    motor = parts.ascender.stage_one
    impulse = 0.25 * 8200 + 39.5 * 8100 + 36 * 7600 + 0.25 * 7200
    assert float(motor.thrust) * float(motor.burn_time) == pytest.approx(impulse)
    assert motor.grain is not None
    assert motor.grain.thrust_curve is not None
    assert float(motor.grain.thrust_curve.value[1]) == pytest.approx(8200.0)


def test_the_tables_are_printed_as_toml_or_json(
    file: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", "motor", str(file), "--stage", "two"]) == 0
    printed = capsys.readouterr().out.split("\n", 1)[1]
    assert tomllib.loads(printed)["ascender"]["stage_two"]["propellant_kg"] == 215.619
    assert main(["import", "motor", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["motor"] == "SRM1"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (FILE.replace("0.5 8200", "-0.5 8200"), "srm1.eng:3: "),
        (FILE.replace("76 7200", "30 7200"), "srm1.eng:5: "),
        (FILE.replace("8000", "nan"), "srm1.eng:4: "),
        (FILE.replace("8000", "-8000"), "srm1.eng:4: "),
        ("", "srm1.eng:1: "),
        (FILE + FILE.replace("SRM1", "SRM2"), "SRM1, SRM2"),
    ],
    ids=["negative time", "unsorted times", "not a number", "negative thrust", "empty", "two"],
)
def test_what_cannot_be_a_motor_is_refused_in_one_line(
    content: str, words: str, file: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(content, encoding="utf-8")
    assert main(["import", "motor", str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1

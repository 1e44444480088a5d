"""Motor files come back as they went, and bad ones say what is wrong, where."""

from __future__ import annotations

import dataclasses
import pathlib

import pytest

from anabasis.exchange.rasp import BadMotorFile, RaspMotor, parse, read, render, write

HEAD = "SRM2 430 770 P 55.392939 102.7 anabasis\n"
MOTOR = RaspMotor(
    "SRM2",
    0.43,
    0.77,
    "P",
    55.392939,
    102.7,
    "anabasis",
    (0.0, 0.5, 20.1, 24.9),
    (0.0, 6.2e3, 6.0e3, 0.0),
)


def test_what_is_written_is_read_again(tmp_path: pathlib.Path) -> None:
    other = dataclasses.replace(MOTOR, name="SRM1", time=(0.0, 1.0), thrust=(7925.77, 0.0))
    write(tmp_path / "two.eng", [MOTOR, other], comment="two motors\nof one rocket")
    assert read(tmp_path / "two.eng") == (MOTOR, other)


def test_the_start_at_rest_is_understood() -> None:
    (motor,) = parse(HEAD + "0.5 6200\n20.1 6000\n24.9 0\n;\n")
    assert motor.time[0] == 0.0
    assert motor.thrust[0] == 0.0
    assert motor.impulse == pytest.approx(0.5 * 0.5 * 6200 + 19.6 * 6100 + 0.5 * 4.8 * 6000)


def test_files_that_end_without_a_semicolon_and_motors_without_one_between_are_read() -> None:
    motors = parse("; head\n" + HEAD + "1 5\n2 0\n" + HEAD + "1 7\n3 0")
    assert [motor.thrust[1] for motor in motors] == [5.0, 7.0]
    assert len(parse(render(motors))) == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("0.5 10\n1 0\n", 1, "header is missing"),
        ("", 1, "header line is missing"),
        (HEAD + "-0.5 10\n1 0\n", 2, "negative"),
        (HEAD + "0.5 10\n0.4 12\n1 0\n", 3, "does not come after"),
        (HEAD + "0.5 nan\n1 0\n", 2, "finite"),
        (HEAD + "0.5 inf\n1 0\n", 2, "finite"),
        (HEAD + "0.5 ten\n1 0\n", 2, "not a number"),
        (HEAD + "0.5 -10\n1 0\n", 2, "negative"),
        (HEAD + "0.5 10\n1 3\n", 3, "does not end"),
        (HEAD + "0.5 10\n1 0\n2 5\n3 0\n", 4, "goes on"),
        (HEAD + "0.5 10 3\n1 0\n", 2, "two numbers"),
        (HEAD + "; nothing\n", 1, "no curve"),
        (HEAD.replace("102.7", "12.7") + "1 1\n2 0\n", 1, "loaded mass"),
        (HEAD.replace("430", "0") + "1 1\n2 0\n", 1, "above nought"),
    ],
)
def test_a_bad_file_says_what_is_wrong_and_in_which_line(text: str, line: int, words: str) -> None:
    with pytest.raises(BadMotorFile, match=words) as caught:
        parse(text, "bad.eng")
    assert str(caught.value).startswith(f"bad.eng:{line}: ")

"""Every case of `bad_input/` gets one clear line, exit code 2, and leaves nothing behind."""

from __future__ import annotations

import json
import pathlib
import resource
import subprocess
import sys

import pytest

from anabasis.cli import main

CASES = sorted((pathlib.Path(__file__).parent / "bad_input").glob("*.toml"))


def tree(folder: pathlib.Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"/"
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
@pytest.mark.parametrize("command", ["check", "fly"])
def test_each_case_is_refused_in_one_line(
    case: pathlib.Path,
    command: str,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    copy = tmp_path / case.name
    copy.write_bytes(case.read_bytes())
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    code = main([command, case.name])
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"error: {case.name}: ")
    assert "Traceback" not in err
    for words in case.with_suffix(".txt").read_text(encoding="utf-8").splitlines():
        assert words in err, f"{words!r} not in {err!r}"
    assert tree(tmp_path) == before


def test_with_json_the_error_is_a_document_too(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.toml").write_text('extends = "har-open-loop"\nname = "x"\nsed = 3\n')
    assert main(["check", "x.toml", "--json"]) == 2
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["schema_version"] == 1
    assert set(document["error"]) == {"file", "key", "value", "allowed", "message", "hint"}
    assert document["error"]["key"] == "sed"
    assert document["error"]["hint"] == "did you mean seed?"
    assert err.startswith("error: x.toml: sed = 3: ")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x = 1\n" + b"#" * (1 << 20), "allowed at most 1048576 bytes (1 MiB)"),
        (b"x = " + b"[" * 100_000, "nested absurdly deep"),
        (b"x = " + b"{a = " * 2_000, "nested absurdly deep"),
        (b".".join([b"a"] * 5_000) + b" = 1\n", "nested absurdly deep"),
        (b"", "name: this key is missing"),
        (b"\x00\x01\x02", "not valid TOML"),
        (b'name = "x"\nname2 = 99999999999999999999999999\n', "no such key"),
        (b'name = "\\ud800"\n', "not valid TOML"),
    ],
    ids=[
        "too large",
        "deep lists",
        "deep tables",
        "deep keys",
        "empty",
        "nul",
        "huge",
        "surrogate",
    ],
)
def test_what_is_no_scenario_at_all_is_refused(
    content: bytes, words: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    assert main(["check", str(path)]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fly", "februar-2022"], "did you mean february-2022?"),
        (["fly", "nowhere/x.toml"], "no such file"),
        (["fly", "."], "no scenario of that name"),
        (["fly", "./"], "is a folder"),
        (["fly", "har-open-loop", "--set", "ascender"], "PATH=VALUE"),
        (["fly", "har-open-loop", "--set", "ascender.payloud_kg=1"], "payload_kg"),
        (["fly", "har-open-loop", "--set", "ascender.payload_kg=-1"], "out of range"),
        (["fly", "har-open-loop", "--only", "ascend"], "did you mean ascent?"),
        (["fly", "har-open-loop", "--seed", "-1"], "--seed"),
        (["fli"], "fli"),
        (["explain", "ascender.stage_one.thrst"], "did you mean"),
        (["tubes", "Montagnak"], "Montagnac"),
        (["tubes", "--at", "-3"], "--at"),
        (["windows", "--from", "1990", "--to", "1991"], "2011 to 2055"),
        (["windows", "--from", "2030", "--to", "2028"], "ends before it starts"),
        (["check"], "a scenario is missing"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_line_is_refused_in_one_line(
    arguments: list[str],
    words: str,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert tree(tmp_path) == {}


def test_a_folder_in_use_is_refused_and_left_alone(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    before = tree(tmp_path)
    assert main(["fly", "har-open-loop", "--out", str(folder)]) == 2
    assert "in use" in capsys.readouterr().err
    assert tree(tmp_path) == before


def test_a_folder_below_a_file_is_refused(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert main(["fly", "har-open-loop", "--out", str(tmp_path / "file" / "run")]) == 2
    assert "is a file" in capsys.readouterr().err


def test_a_full_disk_ends_the_run_with_one_line_and_leaves_nothing(tmp_path: pathlib.Path) -> None:
    program = (
        "import resource, signal, sys\n"
        "import anabasis.campaign.folder as folder\n"
        "from anabasis.cli import main\n"
        "whole = folder.write_run\n"
        "def write(*args):\n"
        "    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "    whole(*args)\n"
        "folder.write_run = write\n"
        "sys.exit(main(['fly', 'har-open-loop', '--out', 'run']))\n"
    )
    assert resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []

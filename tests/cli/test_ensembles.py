"""The commands about ensembles: what they print, what they refuse, and their exit codes."""

from __future__ import annotations

import json
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from anabasis.cli import main
from anabasis.studies import ensemble as ensembles
from anabasis.studies.store import Store

FLYERS = pathlib.Path(__file__).parent.parent / "studies"
HEAD = 'extends = "har-open-loop"\nname = "x"\n'
THRUST = '[[dispersion]]\npath = "ascender.stage_one.thrust_kN"\nsigma_percent = 0.3\n'
REQUIREMENT = '[[requirement]]\nname = "r"\nprobability_of = "{}"\nat_least = 0.9\n'
TRIANGLE = [f"ascender.{name}" for name in ("stage_one.thrust_kN", "stage_two.thrust_kN")]
TRIANGLE += ["ascender.stage_one.burn_time_s"]
IMPOSSIBLE = "".join(
    f'[[dispersion]]\npath = "{path}"\nsigma_percent = 0.3\n'
    f'correlated_with = "{TRIANGLE[k - 2]}"\ncorrelation = {value}\n'
    for k, (path, value) in enumerate(zip(TRIANGLE, (0.9, 0.9, -0.9), strict=True))
)


@pytest.fixture
def stored(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("PYTHONPATH", str(FLYERS))
    (tmp_path / "x.toml").write_text(HEAD + THRUST)
    ensembles.disperse(
        str(tmp_path / "x.toml"), 40, chunk=16, workers=1, out=tmp_path / "e", flyer="flyers:Cheap"
    )
    return tmp_path / "e"


def test_status_verify_and_summary_of_a_whole_store(
    stored: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", str(stored), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cases"] == 40
    assert told["lost"] == 4
    assert told["workers"] == 1
    for name in ("cases_per_worker_second", "start_up_seconds", "bytes_per_case"):
        assert told[name] > 0.0
    assert main(["verify", str(stored), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["good"] is True
    assert main(["summary", str(stored), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lost"] == 4
    assert found["outcomes"] == [{"outcome": "fell", "phase": "ascent", "cases": 4}]
    assert found["figures"]["ascent.peak_m"]["cases"] == 36
    assert main(["summary", str(stored)]) == 0
    assert "4 lost" in capsys.readouterr().out


def test_what_is_missing_is_found_and_the_exit_says_so(
    stored: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (stored / "chunks" / "000001.parquet").unlink()
    assert main(["verify", str(stored)]) == 3
    assert "chunks/000001.parquet" in capsys.readouterr().out
    Store.open(stored).drop(1, "test")
    assert main(["status", str(stored)]) == 3
    assert main(["summary", str(stored), "--json"]) == 3
    assert json.loads(capsys.readouterr().out.partition("{")[2].join(["{", ""]))["cases"] == 24


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        (THRUST, ["-n", "1000000000000"], "years on "),
        (THRUST, ["-n", "1000000000000"], " GB of memory and "),
        (THRUST, ["-n", "1000000000000"], " GB of disk ("),
        (THRUST, ["-n", "1000000000000", "--workers", "2"], "-n = 1000000000000"),
        (THRUST, ["-n", "0"], "nothing to fly"),
        (THRUST, ["-n", "9", "--chunk", "0"], "--chunk"),
        (THRUST, ["-n", "9", "--sampler", "halton"], "random, latin, sobol"),
        (THRUST, ["-n", "9", "--only", "entry"], "does not fly that phase"),
        (THRUST, ["-n", "9", "--until-decided"], "no requirement to decide"),
        (
            THRUST,
            ["-n", "9", "--scheduler", "tcp://127.0.0.1:1"],
            '"tcp://127.0.0.1:1": the scheduler cannot be reached: Connection refused',
        ),
        (THRUST, ["-n", "9", "--scheduler", "here", "--workers", "2"], "--workers"),
        (THRUST, ["-n", "9", "--workers", "0"], "--workers"),
        ("", ["-n", "9"], "nothing is dispersed"),
        (
            IMPOSSIBLE,
            ["-n", "9"],
            "dispersion.correlation: the correlations are no correlation matrix",
        ),
        (THRUST.replace("thrust_kN", "thrst_kN"), ["-n", "9"], "thrust_kN"),
        (
            THRUST + REQUIREMENT.format("__import__('os').getcwd() > 3"),
            ["-n", "9"],
            "is no comparison",
        ),
        (THRUST + REQUIREMENT.format("ascent.periapsis_m > 3"), ["-n", "9"], "ascent.periapsis_km"),
    ],
)
def test_bad_input_is_one_line_exit_two_and_touches_nothing(
    content: str,
    arguments: list[str],
    words: str,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.toml").write_text(HEAD + content)
    assert main(["disperse", "x.toml", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert words in err
    assert [path.name for path in tmp_path.iterdir()] == ["x.toml"]


def test_a_store_of_another_scenario_is_refused_by_name_and_stays_as_it_is(
    stored: pathlib.Path, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def content() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in sorted(stored.rglob("*")) if p.is_file()}

    before = content()
    (tmp_path / "other.toml").write_text(HEAD.replace('"x"', '"other"') + THRUST)
    for name, more, words in (
        ("other.toml", ["-n", "40"], 'holds another ensemble: scenario was "x" and is "other"'),
        ("x.toml", ["-n", "40", "--seed", "7"], "holds another ensemble: seed was 0 and is 7"),
        (
            "x.toml",
            ["-n", "40"],
            f"holds this ensemble already; go on with it: anabasis resume {stored}",
        ),
    ):
        arguments = ["disperse", str(tmp_path / name), *more, "--chunk", "16"]
        assert main([*arguments, "--out", str(stored)]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert words in err
        assert content() == before


@pytest.mark.parametrize("command", ["resume", "status", "verify", "summary"])
def test_a_folder_without_an_ensemble_is_refused(
    command: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(tmp_path / "nowhere")]) == 2
    assert "holds no ensemble" in capsys.readouterr().err


def test_ctrl_c_leaves_a_folder_to_resume(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(FLYERS))
    monkeypatch.setenv("FLY_SECONDS", "0.05")
    (tmp_path / "x.toml").write_text(HEAD + THRUST)
    program = (
        "import sys\n"
        "from anabasis.studies import ensemble, worker\n"
        "true = ensemble.disperse\n"
        "ensemble.disperse = lambda *a, **k: true(*a, **k, flyer='flyers:Cheap')\n"
        "from anabasis.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    folder = tmp_path / "e"
    arguments = ["disperse", str(tmp_path / "x.toml"), "-n", "4000", "--chunk", "16"]
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments, "--out", str(folder)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    while process.poll() is None:
        # a line that is seen may still be taken back, the one before it not
        if (folder / "manifest.jsonl").is_file() and Store.open(folder).done > 16:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "cases are safe: anabasis resume" in err
    store = Store.open(folder)
    assert 0 < store.done < 4000
    assert not store.complete
    assert store.verify() == [] or all("not in the manifest" in f.what for f in store.verify())

"""The engine: whoever dies, and whenever, the same table stands there in the end."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.scenario import Scenario, load
from anabasis.exchange import ledger
from anabasis.studies import ensemble as ensembles
from anabasis.studies.crew import TOO_LONG, Crew
from anabasis.studies.engine import DIED, patience_with
from anabasis.studies.store import Store

HERE = pathlib.Path(__file__).parent
CASES, CHUNK = 512, 16

SCENARIO = {
    "extends": "har-open-loop",
    "name": "cheap",
    "dispersion": [{"path": "ascender.stage_one.thrust_kN", "sigma_percent": 0.3}],
    "requirement": [
        {"name": "r", "probability_of": "ascent.apoapsis_km > 0", "at_least": 0.9},
    ],
}


@pytest.fixture(autouse=True)
def flyers_can_be_found(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("FLOWN_LOG", str(tmp_path / "flown.log"))
    monkeypatch.setenv("ONCE", str(tmp_path / "once"))


@pytest.fixture(scope="module")
def cheap() -> Scenario:
    return load(SCENARIO)


def fly(
    scenario: Scenario, folder: pathlib.Path, flyer: str = "Cheap", **how: object
) -> ensembles.Ensemble:
    settings: dict[str, object] = {"n": CASES, "chunk": CHUNK, "seed": 1, "workers": 1, **how}
    return ensembles.disperse(scenario, out=folder, flyer=f"flyers:{flyer}", **settings)  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="module")
def digest(cheap: Scenario, tmp_path_factory: pytest.TempPathFactory) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE))
        return fly(cheap, tmp_path_factory.mktemp("whole") / "x").digest()


def test_any_number_of_workers_and_any_order_give_one_digest(
    cheap: Scenario, digest: str, tmp_path: pathlib.Path
) -> None:
    shuffled = np.random.default_rng(3)
    for workers in (2, 4):
        found = fly(
            cheap,
            tmp_path / str(workers),
            workers=workers,
            order=lambda indices: [int(i) for i in shuffled.permutation(indices)],
        )
        assert found.digest() == digest
        assert found.verify() == []
        np.testing.assert_array_equal(found.column("case"), np.arange(CASES))


PROGRAM = """
import sys
from anabasis.campaign.scenario import load
from anabasis.studies import ensemble
folder, what, workers = sys.argv[1:4]
if what == "resume":
    ensemble.resume(folder, flyer="flyers:Cheap", workers=int(workers))
else:
    ensemble.disperse({scenario!r}, {cases}, chunk={chunk}, seed=1, out=folder,
                      flyer="flyers:Cheap", workers=int(workers))
"""


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.truth)])
def test_killed_at_any_moment_it_ends_the_same_and_flies_no_safe_chunk_twice(
    kills: int, digest: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill -9 of the parent at random moments, again and again while it resumes."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(scenario=SCENARIO, cases=CASES, chunk=CHUNK))
    monkeypatch.setenv("FLY_SECONDS", "0.05")
    log = tmp_path / "flown.log"
    random = np.random.default_rng(7)
    done = turn = study = 0
    while done < kills:
        study += 1
        folder = tmp_path / str(study)
        code = None
        while code != 0:
            turn += 1
            begun = (folder / "manifest.jsonl").is_file()
            safe = set(Store.open(folder).chunks) if begun else set()
            flown = len(log.read_text().splitlines()) if log.is_file() else 0
            process = subprocess.Popen(
                [
                    *(sys.executable, str(program), str(folder)),
                    *("resume" if begun else "disperse", str(1 + turn % 2)),
                ],
                stderr=subprocess.PIPE,
            )
            while process.poll() is None:
                now = (folder / "manifest.jsonl").is_file() and len(Store.open(folder).chunks)
                if done < kills and now and (now > len(safe) or random.random() < 0.02):
                    time.sleep(float(random.uniform(0.0, 0.15)))
                    process.send_signal(signal.SIGKILL)
                    break
                time.sleep(0.02)
            code = process.wait()
            assert process.stderr is not None
            words = process.stderr.read().decode()
            process.stderr.close()
            assert code in (0, -signal.SIGKILL), words
            done += code != 0
            Store.open(folder)  # whatever happened, it opens
            again = [int(line.split()[0]) for line in log.read_text().splitlines()[flown:]]
            assert safe.isdisjoint(again)
        store = Store.open(folder)
        assert store.complete
        assert store.digest() == digest
        assert store.verify() == []
        log.unlink()
    assert done == kills


def test_chunks_that_kill_are_split_and_only_the_case_that_kills_is_lost(
    cheap: Scenario, digest: str, tmp_path: pathlib.Path
) -> None:
    found = fly(cheap, tmp_path / "x", "Deadly", n=96, workers=2)
    outcomes = found.column("outcome")
    assert outcomes[37] == DIED
    assert outcomes[50] == DIED
    assert [k for k in range(96) if outcomes[k] not in ("", "fell")] == [37, 50]
    whole = fly(cheap, tmp_path / "whole", n=96)
    others = [k for k in range(96) if k not in (37, 50)]
    for name in found.columns:
        np.testing.assert_array_equal(found.column(name)[others], whole.column(name)[others])
    assert found.verify() == []
    assert found.complete


def test_a_frozen_worker_is_ended_and_its_chunk_flown_by_another(
    cheap: Scenario, tmp_path: pathlib.Path
) -> None:
    """By no clock: the limit falls to nothing once the frozen one alone is under way."""

    class Watched(Crew):
        ended = False

        def end_the_frozen(self, limit: float) -> None:
            held = [worker.task for worker in self._workers.values() if worker.task is not None]
            frozen = (tmp_path / "once").exists() and len(held) == 1 and 20 in held[0].cases
            if frozen and not self.ended:
                self.ended = True
                super().end_the_frozen(0.0)

    found = fly(cheap, tmp_path / "x", "Frozen", n=64, crew=lambda job: Watched(job, 2))
    whole = fly(cheap, tmp_path / "whole", n=64)
    assert found.digest() == whole.digest()
    lines = ledger.read(tmp_path / "x" / "manifest.jsonl").lines
    assert [line["why"] for line in lines if line["kind"] == "struck"] == [TOO_LONG]


@pytest.mark.parametrize(
    ("seconds", "limit"),
    [([], 600.0), ([0.1, 0.1, 100.0], 60.0), ([10.0, 1.0, 30.0], 200.0)],
)
def test_a_chunk_has_twenty_times_the_median_and_a_minute_at_least(
    seconds: list[float], limit: float
) -> None:
    assert patience_with(seconds) == limit


def test_workers_that_never_get_ready_are_an_error_and_nothing_is_written(
    cheap: Scenario, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(OSError, match="no worker could start"):
        fly(cheap, tmp_path / "x", "Stillborn")
    assert not (tmp_path / "x").exists()


def test_workers_that_cannot_be_replaced_end_the_study_and_what_is_safe_stays(
    cheap: Scenario, digest: str, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(OSError, match="workers do not start"):
        fly(cheap, tmp_path / "x", "Barren")
    assert Store.open(tmp_path / "x").done == CHUNK
    found, _ = ensembles.resume(tmp_path / "x", flyer="flyers:Cheap", workers=1)
    assert found.digest() == digest


def test_a_folder_that_cannot_be_made_is_named_with_the_reason(
    cheap: Scenario, tmp_path: pathlib.Path
) -> None:
    """A path whose parent is a file: no permission is needed to try it as root too."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BadInput, match="is a file, so no folder can stand there") as refused:
        fly(cheap, tmp_path / "file" / "x")
    assert f'"{tmp_path / "file"}"' in str(refused.value)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_disk_loses_nothing(cheap: Scenario, digest: str, tmp_path: pathlib.Path) -> None:
    """RLIMIT_FSIZE stands in for the full disk: the manifest can grow no further."""
    program = tmp_path / "program.py"
    limited = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, resource.RLIM_INFINITY))\n"
    )
    program.write_text(limited + PROGRAM.format(scenario=SCENARIO, cases=CASES, chunk=CHUNK))
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "x"), "disperse", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert "manifest.jsonl" in done.stderr
    store = Store.open(tmp_path / "x")
    assert 0 < store.done < CASES
    assert [one.what for one in store.verify() if "not in the manifest" not in one.what] == []
    found, _ = ensembles.resume(tmp_path / "x", flyer="flyers:Cheap", workers=1)
    assert found.digest() == digest


def test_a_damaged_chunk_alone_is_flown_again(
    cheap: Scenario, digest: str, tmp_path: pathlib.Path
) -> None:
    found = fly(cheap, tmp_path / "x")
    path = found.store.path_of(5)
    path.write_bytes(path.read_bytes()[:-1])
    log = tmp_path / "flown.log"
    log.unlink()
    mended, findings = ensembles.resume(tmp_path / "x", flyer="flyers:Cheap", workers=1)
    assert [one.file for one in findings] == ["chunks/000005.parquet"]
    assert log.read_text().split() == ["5", "16"]
    assert mended.digest() == digest
    again, findings = ensembles.resume(tmp_path / "x", flyer="flyers:Cheap", workers=1)
    assert findings == []
    assert again.digest() == digest


def test_resume_refuses_another_identity_and_names_what_differs(
    cheap: Scenario, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = fly(cheap, tmp_path / "x")
    found.store.drop(0, "test")
    before = (tmp_path / "x" / "manifest.jsonl").read_bytes()
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=false")
    with pytest.raises(BadInput, match="flags was"):
        ensembles.resume(tmp_path / "x", flyer="flyers:Cheap", workers=1)
    assert (tmp_path / "x" / "manifest.jsonl").read_bytes() == before


def test_a_folder_in_use_is_refused(cheap: Scenario, tmp_path: pathlib.Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="in use"):
        fly(cheap, tmp_path / "x")
    assert os.listdir(tmp_path / "x") == ["mine.txt"]


def test_a_study_that_stops_when_decided_stops_at_the_same_case_for_any_workers(
    cheap: Scenario, tmp_path: pathlib.Path
) -> None:
    """The figure is never there, so every case fails: the first look decides, at 256 cases."""
    digests = set()
    for workers in (1, 3):
        found = fly(
            cheap, tmp_path / str(workers), n=4000, chunk=64, workers=workers, until_decided=True
        )
        assert found.complete
        assert len(found) == 256
        (verdict,) = found.summary()["requirements"]
        assert verdict["verdict"] == "not met" or verdict["verdict"] == "not judged"
        digests.add(found.digest())
    assert len(digests) == 1


def test_what_never_reports_its_figure_is_not_met_at_the_first_look() -> None:
    from anabasis.studies.requirement import NOT_MET, judge_anytime

    assert judge_anytime(256, 256, 0.9, 0.9) == NOT_MET

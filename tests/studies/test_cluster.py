"""A Dask cluster: the same table as from one machine, whatever becomes of its workers."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.scenario import Scenario, load
from anabasis.exchange import ledger
from anabasis.studies import cluster as clusters
from anabasis.studies import ensemble as ensembles
from anabasis.studies.cluster import Cluster
from anabasis.studies.crew import PORTABLE, TOO_LONG, Report
from anabasis.studies.engine import DIED, Standing
from anabasis.studies.store import Store

HERE = pathlib.Path(__file__).parent
CASES, CHUNK = 512, 16
SCENARIO = {
    "extends": "har-open-loop",
    "name": "cheap",
    "dispersion": [{"path": "ascender.stage_one.thrust_kN", "sigma_percent": 0.3}],
}
NEVER = 1e9


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pathlib.Path]:
    """What the workers find in their environment; they inherit it when they are started."""
    folder = tmp_path_factory.mktemp("workers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(HERE))
        patch.setenv("ONCE", str(folder / "once"))
        patch.setenv("FLY_SECONDS", "0.01")
        yield folder


@pytest.fixture(scope="module")
def cheap() -> Scenario:
    return load(SCENARIO)


@pytest.fixture(scope="module")
def address(place: pathlib.Path) -> Iterator[str]:
    """A cluster of two processes on this machine, each with a nanny."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
        local_directory=str(place),
    ) as local:
        yield local.scheduler_address


def fly(
    scenario: Scenario, folder: pathlib.Path, flyer: str = "Cheap", **how: Any
) -> ensembles.Ensemble:
    settings: dict[str, Any] = {"n": CASES, "chunk": CHUNK, "seed": 1, **how}
    return ensembles.disperse(scenario, out=folder, flyer=f"flyers:{flyer}", **settings)


@pytest.fixture(scope="module")
def digest(cheap: Scenario, tmp_path_factory: pytest.TempPathFactory) -> str:
    return fly(cheap, tmp_path_factory.mktemp("local") / "x", workers=1).digest()


def lines(folder: pathlib.Path, kind: str) -> list[dict[str, Any]]:
    return [line for line in ledger.read(folder / "manifest.jsonl").lines if line["kind"] == kind]


# ------------------------------------------------------------------ the same table


def test_a_cluster_and_one_machine_give_one_digest(
    cheap: Scenario, address: str, digest: str, tmp_path: pathlib.Path
) -> None:
    found = fly(cheap, tmp_path / "x", scheduler=address)
    assert found.digest() == digest
    assert found.verify() == []
    assert found.complete
    assert {line["host"] for line in lines(tmp_path / "x", "chunk")} == {os.uname().nodename}


def test_what_one_machine_began_a_cluster_resumes(
    cheap: Scenario, address: str, digest: str, tmp_path: pathlib.Path
) -> None:
    fly(cheap, tmp_path / "x", workers=1).store.drop(7, "test")
    found, _ = ensembles.resume(tmp_path / "x", scheduler=address, flyer="flyers:Cheap")
    assert found.digest() == digest


def test_chunks_that_kill_are_split_on_a_cluster_too(
    cheap: Scenario, address: str, tmp_path: pathlib.Path
) -> None:
    found = fly(cheap, tmp_path / "x", "Deadly", n=96, scheduler=address)
    outcomes = found.column("outcome")
    assert [k for k in range(96) if outcomes[k] == DIED] == [37, 50]
    whole = fly(cheap, tmp_path / "whole", n=96, workers=1)
    others = [k for k in range(96) if k not in (37, 50)]
    for name in found.columns:
        np.testing.assert_array_equal(found.column(name)[others], whole.column(name)[others])


def test_portable_stands_in_flags_processor_and_identity(
    cheap: Scenario, address: str, tmp_path: pathlib.Path
) -> None:
    stores = [
        fly(cheap, tmp_path / name, n=32, portable=True, **how).store
        for name, how in (("here", {"workers": 1}), ("there", {"scheduler": address}))
    ]
    assert stores[0].identity == stores[1].identity
    for identity in (store.identity for store in stores):
        assert identity["portable"] is True
        assert PORTABLE in identity["flags"].split()
        assert identity["instructions"].split()[1:] == ["avx2"]


# ------------------------------------------------------------------ what becomes of workers


class Watched(Cluster):
    """A cluster of which one Dask worker is killed and the other frozen, by no clock.

    The first is killed once two chunks are safe; the other is frozen when it waits for work next,
    and taken for frozen once it holds the only chunk that is under way.
    """

    survivor = ""
    stopped = 0

    def kill_one(self) -> None:
        victim, self.survivor = sorted(self.processes())
        os.kill(self.processes()[victim], signal.SIGKILL)

    def free(self) -> int:
        if self.survivor and not self.stopped:
            waiting = [seat for seat in self._seats if seat.state == clusters.READY]
            mine = [seat for seat in waiting if seat.address == self.survivor]
            if not mine:
                return 0  # nobody gets any before
            self.stopped = mine[0].process
            os.kill(self.stopped, signal.SIGSTOP)
        return super().free()

    def end_the_frozen(self, limit: float) -> None:
        flying = {seat.address for seat in self._seats if seat.state == clusters.FLYING}
        alone = bool(self.stopped) and flying == {self.survivor} and not self._pending
        super().end_the_frozen(0.0 if alone else NEVER)


def test_a_dask_worker_killed_and_another_frozen_lose_nothing(
    cheap: Scenario,
    address: str,
    digest: str,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clusters, "GRACE", 0.0)
    crews: list[Watched] = []

    def crew(job: Mapping[str, Any]) -> Watched:
        crews.append(Watched(job, address))
        return crews[0]

    def progress(standing: Standing) -> None:
        if standing.cases == 2 * CHUNK:
            crews[0].kill_one()

    try:
        found = fly(cheap, tmp_path / "x", crew=crew, progress=progress)
        assert found.digest() == digest
        assert found.verify() == []
        why = [line["why"] for line in lines(tmp_path / "x", "struck")]
        assert TOO_LONG in why
        while pathlib.Path(f"/proc/{crews[0].stopped}").exists():  # its nanny ends it
            time.sleep(0.05)
    finally:
        if crews and crews[0].stopped:
            _kill(crews[0].stopped)


def _end(process: subprocess.Popen[bytes], now: bool) -> None:
    if now and process.poll() is None:
        process.kill()
        process.wait()


def _kill(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts parts of a cluster by Dask's own commands."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*words: str, **environment: str) -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                env={**os.environ, **environment},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


ALONE = ("--nthreads", "1", "--no-nanny", "--no-dashboard")


def test_workers_that_would_not_fly_alike_are_refused_by_name(
    cheap: Scenario,
    address: str,
    start: Callable[..., subprocess.Popen[bytes]],
    tmp_path: pathlib.Path,
) -> None:
    from distributed import Client

    class Patient(Cluster):
        """Gives nothing out, after its first chunk, until a worker was turned away."""

        reports = 0
        turned = False

        def free(self) -> int:
            return super().free() if self.turned or self.reports < 3 else 0

        def next(self, timeout: float) -> Report | None:
            report = super().next(timeout)
            self.reports += report is not None
            if report is not None and report.kind == "turned away":
                self.turned = True
            if self.reports == 3 and not late:
                late.append(start("worker", address, *ALONE, XLA_FLAGS="--xla_cpu_max_isa=AVX"))
            return report

    late: list[subprocess.Popen[bytes]] = []
    found = fly(cheap, tmp_path / "x", n=128, crew=lambda job: Patient(job, address))
    assert found.complete
    (line,) = lines(tmp_path / "x", "turned away")
    assert "flags on" in line["why"]
    with pytest.raises(BadInput, match=r"would not fly alike: flags on .*xla_cpu_max_isa=AVX"):
        fly(cheap, tmp_path / "y", scheduler=address)
    assert not (tmp_path / "y").exists()
    late[0].kill()
    late[0].wait()
    with Client(address, set_as_default=False) as client:
        while len(client.nthreads()) > 2:
            time.sleep(0.05)


@pytest.mark.truth
def test_a_cluster_that_dies_leaves_a_store_to_resume(
    cheap: Scenario,
    digest: str,
    start: Callable[..., subprocess.Popen[bytes]],
    tmp_path: pathlib.Path,
) -> None:
    """First its only worker goes, then its scheduler; in the end one machine finishes."""
    file = tmp_path / "scheduler.json"
    scheduler = start(
        *("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
        *("--scheduler-file", str(file)),
    )
    while not file.is_file():
        assert scheduler.poll() is None
        time.sleep(0.05)
    there = json.loads(file.read_text())["address"]
    with pytest.raises(BadInput, match="has no workers; start some: dask worker tcp"):
        fly(cheap, tmp_path / "x", crew=lambda job: Cluster(job, there, company=0.1))
    assert not (tmp_path / "x").exists()

    worker = start("worker", there, *ALONE, "--nthreads", "2")
    crews: list[Cluster] = []

    def crew(job: Mapping[str, Any]) -> Cluster:
        crews.append(Cluster(job, there, alone=0.1))
        return crews[0]

    def ending(process: subprocess.Popen[bytes], at: int) -> Callable[[Standing], None]:
        def progress(standing: Standing) -> None:
            if standing.cases == at * CHUNK:
                assert len(crews[0].processes()) == 1
                assert len(crews[0]._seats) == 2  # one for each of its threads
                process.kill()
                process.wait()

        return progress

    with pytest.raises(OSError, match="no worker is left"):
        fly(cheap, tmp_path / "x", crew=crew, progress=ending(worker, 5))
    safe = Store.open(tmp_path / "x").done
    assert 0 < safe < CASES
    start("worker", there, *ALONE)
    with pytest.raises(OSError, match=r"scheduler at .* is lost"):
        ensembles.resume(
            tmp_path / "x",
            flyer="flyers:Cheap",
            crew=lambda job: Cluster(job, there),
            progress=lambda standing: _end(scheduler, standing.cases >= safe + 3 * CHUNK),
        )
    assert safe < Store.open(tmp_path / "x").done < CASES
    found, _ = ensembles.resume(tmp_path / "x", flyer="flyers:Cheap", workers=1)
    assert found.digest() == digest


# ------------------------------------------------------------------ what the docs say


def test_the_commands_of_the_docs_fly_on_a_local_cluster(
    root: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """As they stand there, but for the port, which may be taken here."""
    from distributed import Client

    section = (root / "docs" / "cluster.md").read_text(encoding="utf-8")
    section = section.partition("## A local cluster")[2].partition("\n## ")[0]
    (scenario,) = re.findall(r"```toml\n(.*?)```", section, flags=re.DOTALL)
    (tmp_path / "dispersed.toml").write_text(scenario)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    terminals = re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)
    assert len(terminals) == 3
    for name in ("dask", "anabasis"):
        tool = tmp_path / "bin" / name
        tool.parent.mkdir(exist_ok=True)
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {name} "$@"\n')
        tool.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tool.parent}:{os.environ['PATH']}"}
    quiet = subprocess.DEVNULL
    started: list[subprocess.Popen[bytes]] = []
    try:
        for words in terminals[:2]:
            started.append(
                subprocess.Popen(
                    words.replace("8786", port).split(),
                    cwd=tmp_path,
                    env=environment,
                    stdout=quiet,
                    stderr=quiet,
                )
            )
            while True:  # a person sees it say that it listens
                assert started[0].poll() is None
                with (
                    contextlib.suppress(OSError),
                    socket.create_connection(("127.0.0.1", int(port))),
                ):
                    break
                time.sleep(0.05)
        with Client(f"tcp://127.0.0.1:{port}", timeout=600, set_as_default=False) as client:
            client.wait_for_workers(2)  # and that they have come
        done = subprocess.run(
            ["sh", "-e", "-c", terminals[2].replace("8786", port)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()
    there, here = (Store.open(tmp_path / name) for name in ("there", "here"))
    assert there.closed == here.closed
    assert done.stdout.count(f"digest {there.closed}") == 2


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("tcp://127.0.0.1:1", "the scheduler cannot be reached: Connection refused"),
        ("127.0.0.1:1", "the scheduler cannot be reached: Connection refused"),
        ("nowhere", "is no address of a scheduler"),
        ("tcp://127.0.0.1:port", "is no address of a scheduler"),
        ("tcp://127.0.0.1:99999", "is no address of a scheduler"),
    ],
)
def test_a_scheduler_that_is_not_there_is_refused_and_nothing_is_touched(
    words: str, why: str, cheap: Scenario, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(BadInput, match=why):
        fly(cheap, tmp_path / "x", scheduler=words)
    assert list(tmp_path.iterdir()) == []


def test_what_listens_but_is_no_scheduler_is_refused(
    cheap: Scenario, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        port = server.getsockname()[1]
        with pytest.raises(BadInput, match="does not answer as a Dask scheduler"):
            fly(cheap, tmp_path / "x", scheduler=f"tcp://127.0.0.1:{port}")
        server.shutdown(socket.SHUT_RDWR)
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_it_says_how_to_install_it(
    cheap: Scenario, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput, match=r'pip install "anabasis\[cluster\]"'):
        fly(cheap, tmp_path / "x", scheduler="tcp://127.0.0.1:8786")
    assert list(tmp_path.iterdir()) == []


def test_a_cluster_and_workers_here_are_not_asked_for_at_once(
    cheap: Scenario, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(BadInput, match="--workers = 2"):
        fly(cheap, tmp_path / "x", scheduler="tcp://127.0.0.1:8786", workers=2)
    assert list(tmp_path.iterdir()) == []


def test_workers_that_never_get_ready_are_an_error_and_nothing_is_written(
    cheap: Scenario, address: str, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(OSError, match="no worker could start"):
        fly(cheap, tmp_path / "x", "Stillborn", scheduler=address)
    assert not (tmp_path / "x").exists()

"""The workers of one machine: started, given work, watched, replaced when they die.

Each is a process of its own (`anabasis.studies.worker`), on a core of its own, with one thread. The
first one starts alone: what it compiles, the others read from the cache of programs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from typing import IO, Any

from anabasis.studies.worker import receive, send

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
XLA_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false"
XLA_FUSED = "--xla_backend_extra_options=xla_cpu_use_multi_output_fusion"
"""What is worked out together is kept together: loops of many numbers run twice as fast."""
PORTABLE = "--xla_cpu_max_isa=AVX2"
FALSE_STARTS = 3
"""How many workers may die one after another before they are ready."""
TOO_LONG = "was ended: it took too long"


@dataclasses.dataclass(frozen=True)
class Task:
    """Some cases of one chunk.

    Attributes:
        index: of the chunk.
        cases: all of the chunk's, or one of them where it was split.
    """

    index: int
    cases: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Report:
    """What a worker says, or what is said of it.

    Attributes:
        kind: ready, done, failed, died or refused.
        task: what it was about.
        content: the Parquet file of a task that is done.
        about: what goes with it.
    """

    kind: str
    task: Task | None = None
    content: bytes = b""
    about: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class _Worker:
    number: int
    process: subprocess.Popen[bytes]
    words: IO[bytes]
    core: int | None
    ready: bool = False
    task: Task | None = None
    since: float = 0.0
    frozen: bool = False


class Crew:
    """Workers on this machine.

    Args:
        job: what they fly; plain JSON.
        count: how many.
        portable: let the compiler use only what every processor of the last ten years has.
    """

    def __init__(self, job: Mapping[str, Any], count: int, *, portable: bool = False) -> None:
        self.job = dict(job)
        self.count = count
        self.portable = portable
        self.identity: str | None = None
        self._workers: dict[int, _Worker] = {}
        self._news: queue.SimpleQueue[tuple[int, dict[str, Any] | None, bytes]] = (
            queue.SimpleQueue()
        )
        self._next = 0
        self._false_starts = 0
        self._cores = cores()

    def start(self) -> None:
        """Start the first worker; the others follow when it is ready."""
        self._add()

    def name(self, identity: str) -> None:
        """Tell the workers, also those to come, who the ensemble is; it stands in every chunk."""
        self.identity = identity
        for worker in self._workers.values():
            if worker.ready:
                self._tell(worker, {"do": "name", "identity": identity})
        while len(self._workers) < self.count:
            self._add()

    def free(self) -> int:
        """How many workers wait for a task."""
        return sum(1 for w in self._workers.values() if w.ready and w.task is None)

    def busy(self) -> int:
        """How many tasks are under way."""
        return sum(1 for w in self._workers.values() if w.task is not None)

    def give(self, task: Task) -> None:
        """Give a task to a worker that waits."""
        worker = next(w for w in self._workers.values() if w.ready and w.task is None)
        worker.task, worker.since = task, time.monotonic()
        order = {"do": "fly", "task": worker.number, "index": task.index}
        self._tell(worker, {**order, "cases": list(task.cases)})

    def next(self, timeout: float) -> Report | None:
        """The next report, or None when nothing was said in that time [s]."""
        try:
            number, head, body = self._news.get(timeout=timeout)
        except queue.Empty:
            return None
        worker = self._workers.get(number)
        if worker is None:
            return None
        if head is None:
            return self._bury(worker)
        if head["is"] == "ready":
            worker.ready = True
            self._false_starts = 0
            if self.identity is not None:
                self._tell(worker, {"do": "name", "identity": self.identity})
            return Report("ready", about=head)
        if head["is"] == "refused":
            return Report("refused", about=head["error"])
        task, worker.task = worker.task, None
        if head["is"] == "failed":
            return Report("failed", task, about={"why": head["why"]})
        about = {**head["about"], "worker": worker.number}
        return Report("done", task, body, about)

    def end_the_frozen(self, limit: float) -> None:
        """End every worker that has had its task for longer than this [s]."""
        for worker in self._workers.values():
            if worker.task is not None and time.monotonic() - worker.since > limit:
                worker.frozen = True
                worker.process.kill()

    def processes(self) -> list[int]:
        """The process numbers of the workers."""
        return [worker.process.pid for worker in self._workers.values()]

    def close(self) -> None:
        """End every worker."""
        for worker in self._workers.values():
            with contextlib.suppress(OSError):
                worker.process.kill()
        for worker in self._workers.values():
            worker.process.wait()
            self._close_pipes(worker)
        self._workers.clear()

    def _add(self) -> None:
        number = self._next
        self._next += 1
        words = tempfile.TemporaryFile()  # noqa: SIM115  closed when the worker is buried
        process = start_worker(words, self.portable)
        taken = [other.core for other in self._workers.values()]
        core = min(self._cores, key=taken.count) if self._cores else None
        worker = _Worker(number, process, words, core)
        self._workers[number] = worker
        self._tell(worker, {"do": "begin", "job": self.job, "core": core})
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()

    def _listen(self, worker: _Worker) -> None:
        assert worker.process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            while (message := receive(worker.process.stdout)) is not None:
                self._news.put((worker.number, *message))
        self._news.put((worker.number, None, b""))

    def _tell(self, worker: _Worker, order: Mapping[str, Any]) -> None:
        assert worker.process.stdin is not None
        with contextlib.suppress(OSError):  # it has died: its end of the stream will say so
            send(worker.process.stdin, order)  # pyright: ignore[reportArgumentType]

    def _bury(self, worker: _Worker) -> Report:
        why, said = how_it_ended(worker.process, worker.words)
        if worker.frozen:
            why = TOO_LONG
        self._close_pipes(worker)
        del self._workers[worker.number]
        if not worker.ready:
            self._false_starts += 1
        if worker.ready or (self.identity is not None and self._false_starts < FALSE_STARTS):
            self._add()  # one that never gets ready would only die again
        return Report("died", worker.task, about={"why": why, "said": said, "ready": worker.ready})

    def _close_pipes(self, worker: _Worker) -> None:
        for stream in (worker.process.stdin, worker.process.stdout, worker.words):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def start_worker(words: IO[bytes], portable: bool) -> subprocess.Popen[bytes]:
    """Start a worker process; what it prints goes to a file."""
    return subprocess.Popen(
        [sys.executable, "-m", "anabasis.studies.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=words,
        env=environment(portable),
        start_new_session=True,  # Ctrl-C reaches the parent alone, which then ends them
    )


def environment(portable: bool) -> dict[str, str]:
    """The environment of a worker: one thread, and the compiler's flags."""
    flags = os.environ.get("XLA_FLAGS", "").split()
    for flag in [XLA_ONE_THREAD, XLA_FUSED, *([PORTABLE] if portable else [])]:
        if flag not in flags:
            flags.append(flag)
    return {**os.environ, **ONE_THREAD, "XLA_FLAGS": " ".join(flags)}


def how_it_ended(process: subprocess.Popen[bytes], words: IO[bytes]) -> tuple[str, str]:
    """How a worker process ended, and the last line it printed."""
    code = process.wait()
    words.seek(0)
    last = words.read()[-2000:].decode(errors="replace").strip().splitlines()
    why = f"died with signal {-code}" if code < 0 else f"ended with code {code}"
    return why, last[-1][:300] if last else ""


def cores() -> list[int]:
    """The cores this process may use."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    return sorted(os.sched_getaffinity(0))


def core_count() -> int:
    """How many cores there are to fly on."""
    return len(cores()) or os.cpu_count() or 1

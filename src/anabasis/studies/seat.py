"""What runs inside a Dask worker: each of its threads keeps one worker process for the parent.

    parent --Dask--> thread of a Dask worker --messages--> anabasis.studies.worker

So a cluster flies with the very process a single machine flies with: pinned before jax is imported,
one thread, the same flags. What kills that process leaves the Dask worker alive. Nothing here is
heavy, and only plain texts, numbers and bytes pass.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import platform
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any

from anabasis.studies.crew import cores, how_it_ended, start_worker
from anabasis.studies.worker import receive, send

IDLE = 60.0
"""A process that nobody gave anything to do for this long is ended: its parent is gone [s]."""
BOOT = pathlib.Path("/proc/sys/kernel/random/boot_id")


@dataclasses.dataclass
class _Kept:
    process: subprocess.Popen[bytes]
    words: IO[bytes]
    core: int | None
    begun: bool = False
    busy: bool = False
    since: float = 0.0


_kept: dict[tuple[str, int], _Kept] = {}
_guard = threading.Lock()
_reaping = threading.Event()


def who() -> dict[str, Any]:
    """Which machine this is; containers of one machine say the same."""
    try:
        machine = BOOT.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        machine = platform.node()
    return {"host": platform.node(), "machine": machine, "process": os.getpid()}


def look(
    run: str, number: int, rank: int, portable: bool, job: Mapping[str, Any]
) -> dict[str, Any]:
    """What a worker process here depends on; it goes no further."""
    with _working(run, number, rank, portable) as kept:
        return _ask(kept, {"do": "look", "core": kept.core, "job": dict(job)})[0]


def begin(
    run: str, number: int, rank: int, portable: bool, job: Mapping[str, Any]
) -> dict[str, Any]:
    """Let the worker process get ready: load, fly the undisturbed case, compile."""
    with _working(run, number, rank, portable) as kept:
        return _begun(kept, job)


def fly(
    run: str,
    number: int,
    rank: int,
    portable: bool,
    job: Mapping[str, Any],
    identity: str,
    index: int,
    cases: Sequence[int],
) -> tuple[dict[str, Any], bytes]:
    """Fly some cases: what the worker process says, and their Parquet file."""
    with _working(run, number, rank, portable) as kept:
        if not kept.begun:  # it was taken for forgotten
            ready = _begun(kept, job)
            if not kept.begun:
                return ready, b""
        _tell(kept, {"do": "name", "identity": identity})
        return _ask(kept, {"do": "fly", "task": number, "index": index, "cases": list(cases)})


def end(run: str, number: int | None = None) -> None:
    """End the worker process of one thread, or of all; a thread that waits for it hears of it."""
    with _guard:
        for (of, seat), kept in list(_kept.items()):
            if of == run and number in (None, seat):
                with contextlib.suppress(OSError):
                    kept.process.kill()
                if not kept.busy:
                    _forget((of, seat))


@contextlib.contextmanager
def _working(run: str, number: int, rank: int, portable: bool) -> Any:
    """The worker process of a thread, started where there is none."""
    key = (run, number)
    with _guard:
        if key not in _kept:
            words = tempfile.TemporaryFile()  # noqa: SIM115  closed when it is forgotten
            own = cores()
            core = own[rank % len(own)] if own else None
            _kept[key] = _Kept(start_worker(words, portable), words, core)
        kept = _kept[key]
        kept.busy = True
    if not _reaping.is_set():
        _reaping.set()
        threading.Thread(target=_reap, daemon=True).start()
    try:
        yield kept
    finally:
        with _guard:
            kept.busy, kept.since = False, time.monotonic()
            if kept.process.poll() is not None:
                _forget(key)


def _begun(kept: _Kept, job: Mapping[str, Any]) -> dict[str, Any]:
    said, _ = _ask(kept, {"do": "begin", "core": kept.core, "job": dict(job)})
    kept.begun = said["is"] == "ready"
    return said


def _tell(kept: _Kept, order: Mapping[str, Any]) -> None:
    assert kept.process.stdin is not None
    with contextlib.suppress(OSError):  # it has died: the answer will say so
        send(kept.process.stdin, order)  # pyright: ignore[reportArgumentType]


def _ask(kept: _Kept, order: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    _tell(kept, order)
    assert kept.process.stdout is not None
    with contextlib.suppress(OSError, ValueError):
        answer = receive(kept.process.stdout)  # pyright: ignore[reportArgumentType]
        if answer is not None:
            return answer
    with contextlib.suppress(subprocess.TimeoutExpired):
        kept.process.wait(5.0)
    kept.process.kill()  # it may live on and have sent what nobody can read
    why, said = how_it_ended(kept.process, kept.words)
    return {"is": "died", "why": why, "said": said}, b""


def _forget(key: tuple[str, int]) -> None:
    kept = _kept.pop(key, None)
    if kept is None:
        return
    with contextlib.suppress(OSError):
        kept.process.kill()
    kept.process.wait()
    for stream in (kept.process.stdin, kept.process.stdout, kept.words):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _reap() -> None:
    while True:
        time.sleep(IDLE / 10.0)
        with _guard:
            for key, kept in list(_kept.items()):
                if not kept.busy and time.monotonic() - kept.since > IDLE:
                    _forget(key)

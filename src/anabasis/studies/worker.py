"""One worker: a process of its own, on a core of its own, that flies chunks until told to stop.

    parent  --> {"do": "look"}               worker --> {"is": "seen", surroundings}  (if asked)
            --> {"do": "begin", job}                --> {"is": "ready", columns, surroundings}
            --> {"do": "fly", index, cases}         --> {"is": "done", ...} + a Parquet file
            --> end of the stream                   (the worker ends, whatever it is doing)

Started as ``python -m anabasis.studies.worker``; before anything heavy is imported it has pinned
itself. Messages are a length, a line of JSON, and bytes: nothing is ever unpickled or evaluated.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, Protocol, runtime_checkable

FLYER = "anabasis.studies.lanes:flyer"
"""Makes what flies: a module-level name, given by Python code and never by a file."""


@runtime_checkable
class Flyer(Protocol):
    """What a worker flies with."""

    columns: Sequence[tuple[str, str]]
    """Name and unit of every column of a chunk."""

    def fly(self, cases: Sequence[int]) -> Mapping[str, Any]:
        """The columns of some cases, at most as many as a chunk holds."""
        ...


def send(stream: IO[bytes], head: Mapping[str, Any], body: bytes = b"") -> None:
    """Send one message."""
    line = json.dumps({**head, "bytes": len(body)}).encode()
    stream.write(len(line).to_bytes(8, "big") + line + body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Receive one message; None where the stream has ended, or ends within it."""
    size = _exactly(stream, 8)
    if size is None:
        return None
    line = _exactly(stream, int.from_bytes(size, "big"))
    if line is None:
        return None
    head = json.loads(line)
    body = _exactly(stream, int(head["bytes"]))
    return None if body is None else (head, body)


def _exactly(stream: IO[bytes], count: int) -> bytes | None:
    pieces: list[bytes] = []
    while count:
        piece = stream.read(count)
        if not piece:
            return None
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def flyer_of(job: Mapping[str, Any]) -> Flyer:
    """Make what a job is flown with."""
    module, _, name = str(job.get("flyer") or FLYER).partition(":")
    make: Callable[[Mapping[str, Any]], Flyer] = getattr(importlib.import_module(module), name)
    return make(job)


def chunk_file(
    flyer: Flyer, index: int, cases: Sequence[int], identity: str
) -> tuple[bytes, dict[str, Any]]:
    """Fly some cases and write them as a Parquet file; also how long it took, how many fell."""
    from anabasis.exchange.parquet import Column, encode_table

    begun, spent = time.perf_counter(), time.process_time()
    rows = flyer.fly(cases)
    flown = time.perf_counter()
    units = dict(flyer.columns)
    content = encode_table(
        [Column(name, rows[name], unit=units[name]) for name in units],
        {"identity": identity, "chunk": str(index)},
    )
    about = {
        "seconds": round(flown - begun, 6),
        "writing_seconds": round(time.perf_counter() - flown, 6),
        "processor_seconds": round(time.process_time() - spent, 6),  # both, of this process alone
        "lost": sum(1 for outcome in rows["outcome"] if outcome),
    }
    return content, about


def main() -> int:
    """Work until the stream ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the messages
    orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def listen() -> None:
        with os.fdopen(os.dup(0), "rb") as stream:
            while (message := receive(stream)) is not None:
                orders.put(message[0])
        os._exit(0)  # the parent is gone: nobody waits for the rest

    threading.Thread(target=listen, daemon=True).start()
    flyer: Flyer | None = None
    identity = ""
    while True:
        order = orders.get()
        if order["do"] in ("look", "begin"):
            core = order.get("core")
            if core is not None and hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, {int(core)})
        if order["do"] == "look":
            from anabasis.studies.surroundings import surroundings

            found = surroundings(order["job"].get("flyer") is None)
            send(answers, {"is": "seen", "surroundings": found})
        elif order["do"] == "begin":
            flyer = _begin(answers, order["job"])
            if flyer is None:
                return 2
        elif order["do"] == "name":
            identity = order["identity"]
        else:
            assert flyer is not None
            try:
                content, about = chunk_file(flyer, order["index"], order["cases"], identity)
            except Exception as failure:
                why = " ".join(f"{type(failure).__name__}: {failure}".split())[:300]
                send(answers, {"is": "failed", "task": order["task"], "why": why})
                continue
            send(answers, {"is": "done", "task": order["task"], "about": about}, content)


def _begin(answers: IO[bytes], job: Mapping[str, Any]) -> Flyer | None:
    from anabasis.campaign.bad_input import BadInput

    begun = time.perf_counter()
    try:
        flyer = flyer_of(job)
        from anabasis.studies.surroundings import surroundings

        ready = {
            "is": "ready",
            "columns": [list(pair) for pair in flyer.columns],
            "surroundings": surroundings(job.get("flyer") is None),
            "seconds": round(time.perf_counter() - begun, 3),
        }
    except BadInput as failure:
        send(answers, {"is": "refused", "error": failure.to_dict()["error"]})
        return None
    send(answers, ready)
    return flyer


if __name__ == "__main__":
    sys.exit(main())

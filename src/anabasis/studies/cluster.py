"""The workers of a cluster: a Dask scheduler brings the orders, the parent alone keeps the store.

    parent --futures--> Dask scheduler --> Dask worker, one seat a thread --> a worker process
      |                                                                              |
    store  <----------------------- bytes of one chunk ------------------------------+

Which seat flies what is decided here, not by Dask: a Dask worker that vanishes, freezes or comes
late is known by name, and what it held is flown elsewhere. On a cluster, replacing a worker is the
business of whoever started it (a Dask nanny does); a new one is taken in as it comes.
"""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import dataclasses
import errno
import functools
import importlib
import itertools
import logging
import queue
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from anabasis.campaign.bad_input import BadInput
from anabasis.studies import seat as seats
from anabasis.studies.crew import TOO_LONG, Report, Task
from anabasis.studies.store import identity_problem

ANSWER = 5.0
"""A scheduler that is there answers within this [s]."""
COMPANY = 60.0
"""How long workers may take to come before the first of them is there [s]."""
ALONE = 600.0
"""How long the study waits for another worker when none is left [s]."""
LOOKING = 600.0
"""How long a worker may take to say what it depends on [s]."""
BEGINNING = 1800.0
"""How long a worker process may take to get ready [s]."""
GRACE = 20.0
"""A Dask worker that does not end its frozen process within this is frozen itself [s]."""
RESTART = 30.0
"""How long a nanny may take to end a frozen Dask worker and start another [s]."""
EVERY = 0.5
"""How often the scheduler is asked who is there [s]."""
FALSE_STARTS = 3
"""How often a seat may fail to get ready."""

ASKED, LOOKED, BEGUN, READY, FLYING, ENDING, OUT = (
    "asked", "looked", "begun", "ready", "flying", "ending", "out",
)  # fmt: skip


@dataclasses.dataclass(eq=False)
class _Seat:
    """One thread of a Dask worker.

    Attributes:
        number: among all that this study has seen.
        address: of its Dask worker.
        process: of that Dask worker.
        host, machine: where it runs.
        rank: its place among the seats of the machine; it says which core.
        state: what it is about.
        since: when that began.
    """

    number: int
    address: str
    process: int
    host: str
    machine: str
    rank: int
    state: str
    since: float
    task: Task | None = None
    false_starts: int = 0


class Cluster:
    """The workers behind a Dask scheduler.

    Args:
        job: what they fly; plain JSON.
        address: of the scheduler, ``tcp://HOST:PORT``.
        portable: let the compiler use only what every processor of the last ten years has.
        company: how long to wait for the first worker [s].
        alone: how long to wait for another when none is left [s].
    """

    def __init__(
        self,
        job: Mapping[str, Any],
        address: str,
        *,
        portable: bool = False,
        company: float = COMPANY,
        alone: float = ALONE,
    ) -> None:
        self.job = dict(job)
        self.address = address
        self.portable = portable
        self.company = company
        self.alone = alone
        self.identity: str | None = None
        self._run = uuid.uuid4().hex
        self._client: Any = None
        self._executors: dict[str, Any] = {}
        self._seats: list[_Seat] = []
        self._there: set[str] = set()
        self._gone: set[str] = set()
        self._asking: dict[str, float] = {}
        self._warm: set[str] = set()
        self._surroundings: dict[str, Any] | None = None
        self._found: list[tuple[str, dict[str, Any]]] = []
        self._settled = False
        self._pending: collections.deque[Report] = collections.deque()
        self._news: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._futures: set[concurrent.futures.Future[Any]] = set()
        self._closing = threading.Event()
        self._numbers = itertools.count()
        self._accompanied = 0.0
        self._said = ""

    # ---------------------------------------------------------------- what the engine asks for

    def start(self) -> None:
        """Find the scheduler and its workers, compare what they depend on, begin the first.

        Raises:
            BadInput: where there is no scheduler, no worker, or they would not fly alike.
        """
        self._client = _client_of(self.address)
        threading.Thread(target=self._watch, daemon=True).start()
        begun = time.monotonic()
        while not self._there:
            self._hear(0.25)
            if time.monotonic() - begun > self.company:
                raise self._refused(
                    "the scheduler has no workers",
                    f"start some: dask worker {self.address} --nthreads 1 --nworkers K",
                )
        begun = time.monotonic()
        while self._asking and time.monotonic() - begun < LOOKING:
            self._hear(0.25)
        if not self._found:
            raise self._refused(
                "no worker can fly: " + (self._said or "none answers"),
                "install the same anabasis where the workers run",
            )
        self._compare()
        self._settled = True
        self._accompanied = time.monotonic()
        self._begin_more()

    def name(self, identity: str) -> None:
        """Who the ensemble is; it stands in every chunk."""
        self.identity = identity
        self._begin_more()

    def free(self) -> int:
        """How many workers wait for a task."""
        return sum(1 for seat in self._seats if seat.state == READY)

    def busy(self) -> int:
        """How many tasks are under way, or lost and not yet reported."""
        lost = sum(1 for report in self._pending if report.task is not None)
        return lost + sum(1 for seat in self._seats if seat.state == FLYING)

    def give(self, task: Task) -> None:
        """Give a task to a worker that waits."""
        seat = next(seat for seat in self._seats if seat.state == READY)
        self._turn(seat, FLYING)
        seat.task = task
        more = (self.job, self.identity, task.index, list(task.cases))
        self._submit(seat, seats.fly, *more, then=functools.partial(self._flown, seat, task))

    def next(self, timeout: float) -> Report | None:
        """The next report, or None when nothing was said in that time [s].

        Raises:
            OSError: where the scheduler is lost, or no worker has been left for too long.
        """
        if not self._pending:
            self._hear(timeout)
        return self._pending.popleft() if self._pending else None

    def end_the_frozen(self, limit: float) -> None:
        """Take its task from every worker that has had it for longer than this [s].

        Its process is ended; a Dask worker that does not even do that is restarted by its nanny,
        or dropped where it has none.
        """
        now = time.monotonic()
        for seat in list(self._seats):
            waited = now - seat.since
            if seat.state == FLYING and waited > limit:
                self._take_back(seat, TOO_LONG)
                self._turn(seat, ENDING)
                self._order(seats.end, self._run, seat.number, workers=[seat.address])
            elif (seat.state == ENDING and waited > GRACE) or (
                seat.state == BEGUN and waited > BEGINNING
            ):
                self._restart(seat.address)

    def processes(self) -> dict[str, int]:
        """The process number of every Dask worker that has seats, by its address."""
        return {seat.address: seat.process for seat in self._seats}

    def close(self) -> None:
        """End every worker process and leave the cluster as it was."""
        self._closing.set()
        for future in list(self._futures):
            future.cancel()
        if self._client is None:
            return
        frozen = {seat.address for seat in self._seats if seat.state == ENDING}
        awake = sorted(self._there - self._gone - frozen)
        if awake and self._client.status == "running":
            self._order(seats.end, self._run, workers=awake).join(ANSWER)
        with contextlib.suppress(Exception):
            self._client.close(timeout=ANSWER)
        self._client = None
        _hush(False)

    # ---------------------------------------------------------------- who is there

    def _watch(self) -> None:
        """Ask the scheduler again and again who is there (a thread of its own)."""
        client, known = self._client, None
        while not self._closing.is_set():
            try:
                there = {str(a): int(n) for a, n in client.nthreads().items()}
            except Exception as failure:
                why = f"{type(failure).__name__}: {failure}"
                self._news.put(functools.partial(self._lost, why))
                return
            if there != known:
                known = there
                self._news.put(functools.partial(self._present, there))
            self._closing.wait(EVERY)

    def _lost(self, why: str) -> None:
        raise OSError(errno.ECONNRESET, f"the scheduler at {self.address} is lost ({why})")

    def _present(self, there: Mapping[str, int]) -> None:
        for address in self._there - set(there):
            self._drop(address, "its Dask worker was lost")
        self._gone &= set(there)
        for address in sorted(set(there) - self._there - self._gone):
            self._asking[address] = time.monotonic()
            self._executors[address] = self._client.get_executor(
                workers=[address], allow_other_workers=False, pure=False, retries=0
            )
            then = functools.partial(self._met, address, there[address])
            self._send(address, seats.who, then=then)
        self._there = set(there) - self._gone

    def _met(self, address: str, threads: int, said: Any) -> None:
        if address not in self._there:
            return
        if isinstance(said, BaseException):
            self._turn_away(address, _words(said))
            return
        first = None
        for _ in range(threads):
            ranks = {seat.rank for seat in self._seats if seat.machine == said["machine"]}
            rank = next(k for k in range(len(ranks) + 1) if k not in ranks)
            of = (address, int(said["process"]), said["host"], said["machine"])
            seat = _Seat(next(self._numbers), *of, rank, ASKED, 0.0)
            self._turn(seat, ASKED)
            self._seats.append(seat)
            first = first or seat
        if first is not None:
            then = functools.partial(self._looked, first)
            self._submit(first, seats.look, self.job, then=then)

    def _looked(self, seat: _Seat, said: Any) -> None:
        self._asking.pop(seat.address, None)
        if seat not in self._seats:
            return
        if isinstance(said, BaseException):
            self._turn_away(seat.address, _words(said))
            return
        if said["is"] == "died":
            self._turn_away(seat.address, f"its process {said['why']}: {said['said']}")
            return
        found = dict(said["surroundings"])
        if not self._settled:
            self._found.append((seat.host, found))
        elif self._surroundings is not None:
            problems = _differences(self._found[0], (seat.host, found))
            if problems:
                self._turn_away(seat.address, "would not fly alike: " + problems)
                return
        for other in self._seats:
            if other.address == seat.address:
                self._turn(other, LOOKED)
        self._begin_more()

    def _compare(self) -> None:
        first = self._found[0]
        for other in self._found[1:]:
            problems = _differences(first, other)
            if problems:
                raise self._refused(
                    "its workers would not fly alike: " + problems,
                    "install the same versions everywhere; --portable for mixed processors",
                )
        self._surroundings = first[1]

    def _turn_away(self, address: str, why: str) -> None:
        self._said = f"{address}: {why}"
        self._asking.pop(address, None)
        self._drop(address, why)
        self._gone.add(address)
        self._there.discard(address)
        if self._settled:
            self._pending.append(Report("turned away", about={"why": self._said}))

    def _drop(self, address: str, why: str) -> None:
        """A Dask worker is gone, or of no use: what it held is to be flown elsewhere."""
        self._asking.pop(address, None)
        for seat in [seat for seat in self._seats if seat.address == address]:
            self._take_back(seat, why)
            self._seats.remove(seat)
        self._executors.pop(address, None)

    def _restart(self, address: str) -> None:
        self._drop(address, "its Dask worker was frozen")
        self._gone.add(address)
        self._there.discard(address)
        client = self._client
        _aside(client.restart_workers, [address], timeout=RESTART, raise_for_error=False)

    # ---------------------------------------------------------------- getting ready, flying

    def _begin_more(self) -> None:
        """On every machine one begins alone: what it compiles, the others read from the cache."""
        if not self._settled:
            return
        machines = {seat.machine for seat in self._seats if seat.state == BEGUN}
        for seat in self._seats:
            if seat.state != LOOKED:
                continue
            if seat.machine in self._warm:
                if self.identity is None:
                    continue
            elif seat.machine in machines:
                continue
            machines.add(seat.machine)
            self._turn(seat, BEGUN)
            then = functools.partial(self._got_ready, seat)
            self._submit(seat, seats.begin, self.job, then=then)

    def _got_ready(self, seat: _Seat, answer: Any) -> None:
        if seat not in self._seats:
            return
        said: dict[str, Any] = {} if isinstance(answer, BaseException) else answer
        if isinstance(answer, BaseException):
            said = {"is": "died", "why": "could not begin", "said": _words(answer)}
        if said["is"] == "ready":
            seat.false_starts = 0
            self._warm.add(seat.machine)
            self._turn(seat, READY)
            self._pending.append(Report("ready", about=said))
        elif said["is"] == "refused":
            self._pending.append(Report("refused", about=said["error"]))
        else:
            seat.false_starts += 1
            out = seat.false_starts >= FALSE_STARTS
            self._turn(seat, OUT if out else LOOKED)
            self._said = f"{seat.host}: {said['why']} {said['said']}"
            if self.identity is not None or all(one.state == OUT for one in self._seats):
                about = {"ready": False, "why": said["why"], "said": self._said}
                self._pending.append(Report("died", about=about))
        self._begin_more()

    def _flown(self, seat: _Seat, task: Task, answer: Any) -> None:
        if seat not in self._seats:
            return
        mine = seat.state == FLYING and seat.task == task
        head: dict[str, Any] = {"is": "died", "said": ""}
        body = b""
        if not isinstance(answer, BaseException):
            head, body = answer
        elif self._client.status == "running":
            head["why"] = _words(answer)
        else:  # it dropped every order
            self._lost(_words(answer))
        if head["is"] in ("done", "failed"):
            self._turn(seat, READY)
        else:
            self._turn(seat, LOOKED)
        seat.task = None
        if mine and head["is"] == "done":
            about = {**head["about"], "worker": seat.number, "host": seat.host}
            self._pending.append(Report("done", task, body, about))
        elif mine:
            why = str(head.get("why") or head.get("error"))
            about = {"why": why, "said": str(head.get("said", "")), "ready": True}
            self._pending.append(
                Report("failed" if head["is"] == "failed" else "died", task, about=about)
            )
        self._begin_more()

    def _take_back(self, seat: _Seat, why: str) -> None:
        if seat.state == FLYING:
            about = {"why": why, "said": "", "ready": True}
            self._pending.append(Report("died", seat.task, about=about))
            seat.task = None

    # ---------------------------------------------------------------- messages

    def _turn(self, seat: _Seat, state: str) -> None:
        seat.state, seat.since = state, time.monotonic()

    def _submit(
        self, seat: _Seat, what: Callable[..., Any], *more: Any, then: Callable[[Any], None]
    ) -> None:
        who = (self._run, seat.number, seat.rank, self.portable)
        self._send(seat.address, what, *who, *more, then=then)

    def _send(
        self, address: str, what: Callable[..., Any], *arguments: Any, then: Callable[[Any], None]
    ) -> None:
        future = self._executors[address].submit(what, *arguments)
        self._futures.add(future)
        future.add_done_callback(
            lambda done: self._news.put(functools.partial(self._come, done, then))
        )

    def _come(self, future: concurrent.futures.Future[Any], then: Callable[[Any], None]) -> None:
        self._futures.discard(future)
        if future.cancelled():
            then(RuntimeError("Dask dropped the order"))
            return
        failure = future.exception()
        then(future.result() if failure is None else failure)

    def _hear(self, timeout: float) -> None:
        """Wait for one message and act on it."""
        with contextlib.suppress(queue.Empty):
            self._news.get(timeout=timeout)()
        now = time.monotonic()
        if any(seat.state != OUT for seat in self._seats) or self._asking or not self._settled:
            self._accompanied = now
        elif not self._pending and now - self._accompanied > self.alone:
            raise OSError(
                errno.ECHILD, f"no worker is left at {self.address}; {self._said}".rstrip("; ")
            )

    def _order(self, what: Callable[..., Any], *arguments: Any, **how: Any) -> threading.Thread:
        """Run something at once on Dask workers, also while all their threads are busy."""
        return _aside(self._client.run, what, *arguments, on_error="ignore", **how)

    def _refused(self, message: str, hint: str) -> BadInput:
        return _refused(self.address, message, hint)


def _refused(address: str, message: str, hint: str) -> BadInput:
    return BadInput(message, file="command line", key="--scheduler", value=address, hint=hint)


def _client_of(address: str) -> Any:
    """A client of the scheduler at an address.

    Raises:
        BadInput: where Dask is not installed, or nobody answers there as a Dask scheduler.
    """
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise _refused(
            address, "needs Dask", 'install it: pip install "anabasis[cluster]"'
        ) from None
    hint = "start one: dask scheduler; then give the address it prints (docs/cluster.md)"
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise _refused(address, "is no address of a scheduler", "write it as tcp://HOST:PORT")
    try:  # Dask itself tries again and again for as long as it may
        socket.create_connection((host.strip("[]"), int(port)), ANSWER).close()
    except OSError as failure:
        why = failure.strerror or str(failure)
        raise _refused(address, f"the scheduler cannot be reached: {why}", hint) from None
    _hush(True)
    try:
        return distributed.Client(
            address, timeout=6.0 * ANSWER, set_as_default=False, name="anabasis"
        )
    except Exception as failure:
        _hush(False)
        why = _words(failure)
        raise _refused(address, f"does not answer as a Dask scheduler ({why})", hint) from None


def _hush(on: bool) -> None:
    """Keep Dask's own log off the screen: what goes wrong is said by us, in one line."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL if on else logging.NOTSET)


def _differences(one: tuple[str, dict[str, Any]], other: tuple[str, dict[str, Any]]) -> str:
    problems = identity_problem(one[1], other[1], f"on {one[0]}", f"on {other[0]}")
    return "; ".join(problems)


def _words(failure: BaseException) -> str:
    return " ".join(f"{type(failure).__name__}: {failure}".split())[:300]


def _aside(what: Callable[..., Any], *arguments: Any, **how: Any) -> threading.Thread:
    """Do something that may hang where nobody waits for it."""

    def do() -> None:
        with contextlib.suppress(Exception):
            what(*arguments, **how)

    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    return thread

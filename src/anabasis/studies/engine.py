"""Fly what is missing of a store with a crew: nothing is lost, nothing is flown twice.

A chunk counts when it is safe in the store. A chunk whose worker dies is given to another; one that
has killed three is flown case by case, in the same program, and a case that kills three again is a
row that says so. Whoever ends this process, at whatever instant, leaves a store to resume.
"""

from __future__ import annotations

import collections
import dataclasses
import errno
import math
import statistics
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.exchange.parquet import Column, encode_table, join_rows
from anabasis.studies.crew import Report, Task
from anabasis.studies.store import Store

STRIKES = 3
"""Workers that one chunk, or one case, may cost."""
PATIENCE = 60.0
"""A chunk always has this long [s] ..."""
TIMES_THE_MEDIAN = 20.0
"""... and this many times the median of those that are finished."""
FIRST_PATIENCE = 600.0
"""How long a chunk has while none is finished [s]."""
DIED = "the worker that flew this case died three times"


@runtime_checkable
class Workers(Protocol):
    """Whoever flies: a crew on this machine, or a cluster."""

    def start(self) -> None: ...
    def name(self, identity: str) -> None: ...
    def free(self) -> int: ...
    def busy(self) -> int: ...
    def give(self, task: Task) -> None: ...
    def next(self, timeout: float) -> Report | None: ...
    def end_the_frozen(self, limit: float) -> None: ...
    def close(self) -> None: ...


@dataclasses.dataclass(frozen=True)
class Standing:
    """How far it has come.

    Attributes:
        cases, of: how many are safe, of how many.
        lost: how many of them are not nominal.
        rate: cases per second once started; NaN before the first chunk.
        left: seconds still to go at that rate.
        start_up: seconds until the first worker was ready.
    """

    cases: int
    of: int
    lost: int
    rate: float
    left: float
    start_up: float


Open = Callable[[Mapping[str, Any]], tuple[Store, str]]
Draw = Callable[[int], Mapping[str, float]]


def fly_missing(
    crew: Workers,
    open_store: Open,
    *,
    draw: Draw,
    decided: Callable[[Store], int | None] = lambda _: None,
    progress: Callable[[Standing], None] = lambda _: None,
    order: Callable[[list[int]], Sequence[int]] = lambda indices: indices,
    patience: float = PATIENCE,
) -> Store:
    """Fly every chunk that a store lacks.

    Args:
        crew: who flies.
        open_store: given what the first worker says of itself, the store and its identity as text.
        draw: the draw of a case, for the row of one that no worker survives.
        decided: asked after every chunk; a number of cases ends the study there.
        progress: told after every chunk.
        order: in which order the chunks are flown.
        patience: the least time a chunk has before its worker is taken for frozen [s].

    Raises:
        BadInput: where the plan cannot be made.
        OSError: a disk that is full, workers that do not start.
    """
    try:
        begun = time.monotonic()
        crew.start()
        ready = first_ready(crew)
        start_up = time.monotonic() - begun
        store, identity = open_store(ready)
        with store.working():
            store.note({"kind": "begun", "start_up_seconds": round(start_up, 3)})
            crew.name(identity)
            columns = [(str(name), str(unit)) for name, unit in ready["columns"]]
            study = _Study(store, crew, columns, identity, draw, progress, start_up, patience)
            study.fly(order(store.missing()), decided)
            if store.complete:
                store.close()
        return store
    finally:
        crew.close()


def first_ready(crew: Workers) -> Mapping[str, Any]:
    while True:
        report = crew.next(1.0)
        if report is None:
            continue
        if report.kind == "ready":
            return report.about
        if report.kind == "refused":
            error = dict(report.about)
            raise BadInput(error.pop("message"), **error)
        raise OSError(errno.ECHILD, f"no worker could start: {report.about.get('said')}")


def patience_with(seconds: Collection[float], least: float = PATIENCE) -> float:
    """How long a chunk has before its worker is taken for frozen [s].

    Args:
        seconds: what the chunks that are finished took.
        least: it always has this long.
    """
    if not seconds:  # the first may be slow; whoever asks for less patience gets less
        return max(FIRST_PATIENCE, least) if least >= PATIENCE else least
    return max(least, TIMES_THE_MEDIAN * statistics.median(seconds))


def _recent() -> collections.deque[float]:
    """The last thousand; more would grow with the study."""
    return collections.deque(maxlen=1000)


@dataclasses.dataclass
class _Study:
    store: Store
    crew: Workers
    columns: list[tuple[str, str]]
    identity: str
    draw: Draw
    progress: Callable[[Standing], None]
    start_up: float
    patience: float
    todo: collections.deque[Task] = dataclasses.field(default_factory=collections.deque)
    strikes: collections.Counter[Task] = dataclasses.field(default_factory=collections.Counter)
    apart: dict[int, dict[int, bytes]] = dataclasses.field(default_factory=dict)
    seconds: collections.deque[float] = dataclasses.field(default_factory=_recent)
    steady: collections.deque[float] = dataclasses.field(default_factory=_recent)
    known: set[int] = dataclasses.field(default_factory=set)
    false_starts: int = 0

    def fly(self, indices: Sequence[int], decided: Callable[[Store], int | None]) -> None:
        self.todo.extend(Task(i, tuple(self.store.cases_of(i))) for i in indices)
        self._tell()
        while self.todo or self.crew.busy():
            while self.todo and self.crew.free():
                self.crew.give(self.todo.popleft())
            report = self.crew.next(0.25)
            self.crew.end_the_frozen(patience_with(self.seconds, self.patience))
            if report is None:
                continue
            if self._take(report):
                end = decided(self.store)
                if end is not None:
                    self.store.decide(end)
                    return
                self._tell()

    def _take(self, report: Report) -> bool:
        """Take a report; True where a chunk has become safe by it."""
        if report.kind == "ready":
            self.false_starts = 0
            return False
        task = report.task
        if task is None:
            if report.kind == "turned away":
                self.store.note({"kind": "turned away", "why": str(report.about["why"])})
            if report.kind == "refused":
                self.store.note({"kind": "turned away", "why": str(report.about["message"])})
            if report.kind == "died" and not report.about["ready"]:
                self.false_starts += 1
                if self.false_starts >= STRIKES and not self.crew.busy() and not self.crew.free():
                    raise OSError(errno.ECHILD, f"workers do not start: {report.about['said']}")
            return False
        if report.kind == "done":
            return self._keep(task, report)
        why = str(report.about.get("why", ""))
        self.strikes[task] += 1
        first = task.cases[0]
        line = {"kind": "struck", "index": task.index, "cases": len(task.cases)}
        self.store.note({**line, "first": first, "why": why})
        if self.strikes[task] < STRIKES:
            self.todo.appendleft(task)
            return False
        if len(task.cases) > 1:
            self.todo.extendleft(Task(task.index, (case,)) for case in reversed(task.cases))
            return False
        return self._keep_row(task, self._row_of_the_dead(first), {})

    def _keep(self, task: Task, report: Report) -> bool:
        about = dict(report.about)
        if len(task.cases) == 1 and len(self.store.cases_of(task.index)) > 1:
            return self._keep_row(task, report.content, about)
        self.seconds.append(float(about["seconds"]))
        worker = int(about.get("worker", 0))
        if worker in self.known:  # its first chunk may hold its start
            self.steady.append(self.seconds[-1])
        self.known.add(worker)
        self.store.add(task.index, report.content, about)
        return True

    def _keep_row(self, task: Task, content: bytes, about: Mapping[str, Any]) -> bool:
        """One case of a chunk that was split; the chunk is safe with its last one."""
        del about
        rows = self.apart.setdefault(task.index, {})
        rows[task.cases[0]] = content
        cases = self.store.cases_of(task.index)
        if len(rows) < len(cases):
            return False
        whole, lost = join_rows([rows[case] for case in cases], "outcome")
        self.store.add(task.index, whole, {"split": True, "lost": lost})
        del self.apart[task.index]
        return True

    def _row_of_the_dead(self, case: int) -> bytes:
        draw = self.draw(case)
        values: dict[str, Any] = {"case": case, "outcome": DIED, "outcome_phase": None}
        values |= {f"draw.{path}": value for path, value in draw.items()}
        return encode_table(
            [_column_of_one(name, unit, values.get(name, math.nan)) for name, unit in self.columns],
            {"identity": self.identity, "chunk": str(case // self.store.size)},
        )

    def _tell(self) -> None:
        store = self.store
        rate, recent = math.nan, self.steady or self.seconds
        if recent:
            workers = max(self.crew.busy() + self.crew.free(), 1)
            rate = workers * store.size / max(statistics.fmean(recent), 1e-9)
        done, lost = store.done, store.lost
        self.progress(
            Standing(done, store.count, lost, rate, (store.count - done) / rate, self.start_up)
        )


def _column_of_one(name: str, unit: str, value: Any) -> Column:
    if name in ("outcome", "outcome_phase"):
        return Column(name, [value], unit)
    return Column(name, np.array([value]), unit)

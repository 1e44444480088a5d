"""An ensemble: many marches of one plan, drawn, flown, stored, resumed, replayed.

ensemble = disperse(scenario, n=1000, seed=1, only="ascent", out="dir")
ensemble.table()
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import pathlib
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.fly import phases_for
from anabasis.campaign.folder import check_folder
from anabasis.campaign.parts import PHASES
from anabasis.campaign.scenario import Scenario, load
from anabasis.studies import verdicts
from anabasis.studies.crew import Crew, core_count
from anabasis.studies.dispersions import draws_of
from anabasis.studies.engine import PATIENCE, Standing, Workers, fly_missing
from anabasis.studies.requirement import looks
from anabasis.studies.store import MANIFEST, Finding, Store, columns_in_order, identity_problem

CHUNK = 256
"""Lanes of a chunk: 128 to 384 fly fastest on one core (docs/ensembles.md)."""
MOST_CASES = 10**9
MOST_LANES = 65_536
CASES_PER_SECOND = 500.0
"""What one core flies of one phase, for a first estimate; the true rate is shown while it flies."""
BYTES_PER_VALUE = 8.0
LONGEST_CHUNK_FILE = 4096.0
"""Bytes that every chunk file costs besides its values."""
MEMORY_PER_WORKER = 0.85e9
"""Bytes a worker holds at its most, with jax and no phase."""
MEMORY_PER_PHASE = 0.17e9
"""And for each phase: one takes 1.0 GB, the ten of a march 2.5 GB (docs/ensembles.md)."""
MEMORY_PER_CHUNK = 600.0
"""Bytes the parent keeps of a chunk, its line of the manifest (`make soak` measures it)."""


@dataclasses.dataclass(frozen=True)
class Ensemble:
    """A stored ensemble, opened; its columns are read when they are asked for."""

    store: Store

    def __len__(self) -> int:
        return self.store.done

    @property
    def folder(self) -> pathlib.Path:
        """Where it lives."""
        return self.store.folder

    @property
    def complete(self) -> bool:
        """True once every case is safe."""
        return self.store.complete

    @property
    def scenario(self) -> Scenario:
        """What is flown: the nominal, with its dispersions and requirements."""
        return load(tomllib.loads(self.store.scenario))

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return columns_in_order(self.store.units())

    def column(self, name: str) -> np.ndarray:
        """One column; a missing number is NaN.

        Raises:
            KeyError: where there is none of that name.
        """
        if name not in self.store.units():
            raise KeyError(f"no column {name!r}; there are {', '.join(self.columns)}")
        return self.store.column(name)

    def table(self, columns: Sequence[str] | None = None) -> Any:
        """The table, or some of its columns, as a `pyarrow.Table` with units in the fields."""
        import pyarrow as pa

        units = self.store.units()
        fields, arrays = [], []
        for name in columns if columns is not None else self.columns:
            array = pa.array(self.column(name), from_pandas=True)
            fields.append(pa.field(name, array.type, metadata={"unit": units[name]}))
            arrays.append(array)
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields))

    def digest(self) -> str:
        """SHA-256 over all columns and rows; the same ensemble has the same."""
        return self.store.digest()

    def verify(self) -> list[Finding]:
        """Everything in the folder that is not as the manifest says."""
        return self.store.verify()

    def summary(self) -> dict[str, Any]:
        """Outcomes, statistics of the figures, verdicts on the requirements."""
        from anabasis.studies.summary import summarise

        return summarise(self.store, self.scenario)


def open_ensemble(folder: str | os.PathLike[str]) -> Ensemble:
    """Open a stored ensemble, complete or not.

    Raises:
        BadInput: where there is none.
    """
    return Ensemble(Store.open(folder))


@dataclasses.dataclass(frozen=True)
class Order:
    """What is asked for; with the surroundings of the workers this is the identity."""

    scenario: Scenario
    cases: int
    seed: int
    only: str | None
    sampler: str
    chunk: int
    until_decided: bool
    portable: bool
    flyer: str | None = None

    def job(self) -> dict[str, Any]:
        """What a worker is told."""
        return {
            "scenario": self.scenario.to_toml(),
            "only": self.only,
            "seed": self.seed,
            "sampler": self.sampler,
            "cases": self.cases,
            "chunk": self.chunk,
            "flyer": self.flyer,
        }

    def identity(self, surroundings: Mapping[str, Any]) -> dict[str, Any]:
        """What every case is a function of, but its number."""
        return {
            "scenario": self.scenario.name,
            "scenario_hash": self.scenario.hash,
            "scenario_sha256": hashlib.sha256(self.scenario.to_toml().encode()).hexdigest(),
            "cases": self.cases,
            "seed": self.seed,
            "only": self.only,
            "sampler": self.sampler,
            "chunk": self.chunk,
            "until_decided": self.until_decided,
            "portable": self.portable,
            **surroundings,
        }


def disperse(
    scenario: str | os.PathLike[str] | Mapping[str, Any] | Scenario,
    n: int,
    *,
    seed: int | None = None,
    only: str | None = None,
    sampler: str = "random",
    workers: int | None = None,
    scheduler: str | None = None,
    chunk: int | None = None,
    out: str | os.PathLike[str] | None = None,
    until_decided: bool = False,
    portable: bool = False,
    progress: Callable[[Standing], None] = lambda _: None,
    crew: Callable[[Mapping[str, Any]], Workers] | None = None,
    flyer: str | None = None,
    order: Callable[[list[int]], Sequence[int]] = lambda indices: indices,
    patience: float = PATIENCE,
) -> Ensemble:
    """Fly many cases of one plan.

    Args:
        scenario: nominal, with its ``[[dispersion]]`` and ``[[requirement]]`` tables.
        n: how many cases; with ``until_decided`` at most.
        seed: root seed; None takes the scenario's.
        only: one phase alone; the phases before it are flown once, undisturbed.
        sampler: random, latin or sobol.
        workers: processes on this machine; None takes every core.
        scheduler: address of a Dask scheduler instead (extra ``cluster``).
        chunk: lanes of a chunk; part of the identity.
        out: folder, new or empty; None takes ``runs/<scenario>-<hash12>-...``.
        until_decided: stop as soon as every requirement is decided.
        portable: use only instructions that every processor of a mixed cluster has.
        progress: told how far it has come.
        crew: whoever flies, instead.
        flyer: what they fly with, by module-level name, instead.
        order: of the chunks.
        patience: the least time a chunk has [s].

    Raises:
        BadInput: for whatever can be refuted before anything flies; nothing is touched then.
        OSError: a disk that is full, workers that do not start; what was flown is safe.
    """
    found = load(scenario)
    size = chunk if chunk is not None else min(CHUNK, max(n, 1))
    asked = Order(
        found,
        n,
        found.seed if seed is None else seed,
        only,
        sampler,
        size,
        until_decided,
        portable,
        flyer,
    )
    folder = pathlib.Path(out) if out is not None else default_folder(asked)
    _refute(asked, folder)
    _refute_store(asked, folder)
    check_folder(folder, given=True, force=False)

    def make(ready: Mapping[str, Any]) -> tuple[Store, str]:
        identity = asked.identity(ready["surroundings"])
        store = Store.create(folder, identity, found.to_toml())
        return store, json.dumps(identity)

    return _fly(asked, make, workers, scheduler, crew, progress, order, patience)


def resume(
    folder: str | os.PathLike[str],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[Standing], None] = lambda _: None,
    crew: Callable[[Mapping[str, Any]], Workers] | None = None,
    flyer: str | None = None,
    order: Callable[[list[int]], Sequence[int]] = lambda indices: indices,
    patience: float = PATIENCE,
) -> tuple[Ensemble, list[Finding]]:
    """Fly what is missing of a stored ensemble, and again what is damaged.

    Returns:
        The ensemble, and what was found damaged.

    Raises:
        BadInput: where anything of the identity differs from what it was, naming it.
    """
    store = Store.open(folder)
    with store.working():
        findings = store.verify()
    if store.complete and store.closed is not None and not findings:
        return Ensemble(store), []
    asked = order_of(store, flyer)

    def reopen(ready: Mapping[str, Any]) -> tuple[Store, str]:
        identity = asked.identity(ready["surroundings"])
        problems = identity_problem(store.identity, identity)
        if problems:
            raise BadInput(
                "cannot be resumed here, its cases would differ: " + "; ".join(problems),
                file=str(folder),
                hint="resume where it was begun, or begin anew in another folder",
            )
        with store.working():
            store.mend()
        return store, json.dumps(store.identity)

    done = _fly(asked, reopen, workers, scheduler, crew, progress, order, patience)
    return done, findings


def order_of(store: Store, flyer: str | None = None) -> Order:
    """What a store was asked for."""
    says = store.identity
    return Order(
        load(tomllib.loads(store.scenario)),
        int(says["cases"]),
        int(says["seed"]),
        says["only"],
        str(says["sampler"]),
        int(says["chunk"]),
        bool(says["until_decided"]),
        bool(says["portable"]),
        flyer,
    )


def _fly(
    asked: Order,
    open_store: Callable[[Mapping[str, Any]], tuple[Store, str]],
    workers: int | None,
    scheduler: str | None,
    crew: Callable[[Mapping[str, Any]], Workers] | None,
    progress: Callable[[Standing], None],
    order: Callable[[list[int]], Sequence[int]],
    patience: float,
) -> Ensemble:
    if crew is not None:
        flying = crew(asked.job())
    elif scheduler is not None:
        from anabasis.studies.cluster import Cluster

        if workers is not None:
            raise _refused(
                "--workers", workers, "a cluster has its own workers", "only without --scheduler"
            )
        flying = Cluster(asked.job(), scheduler, portable=asked.portable)
    else:
        count = workers if workers is not None else core_count()
        chunks = -(-asked.cases // asked.chunk)
        flying = Crew(asked.job(), max(1, min(count, chunks)), portable=asked.portable)
    draws = draws_of(asked.scenario, asked.seed, asked.sampler, asked.cases)

    def draw(case: int) -> dict[str, float]:
        return dict(zip(draws.paths, (float(x) for x in draws.of([case])[0]), strict=True))

    decided = _decider(asked) if asked.until_decided else lambda _: None
    store = fly_missing(
        flying,
        open_store,
        draw=draw,
        decided=decided,
        progress=progress,
        order=order,
        patience=patience,
    )
    return Ensemble(store)


def _decider(asked: Order) -> Callable[[Store], int | None]:
    """Looks at fixed numbers of cases, in the order of the cases: the same for any workers."""
    ahead = looks(asked.cases)

    def decided(store: Store) -> int | None:
        missing = store.first_missing
        safe = store.count if missing is None else missing * store.size
        while ahead and ahead[0] <= safe:
            look = ahead.pop(0)
            if all(verdicts.anytime(store, asked.scenario, look).values()):
                return look
        return None

    return decided


def default_folder(asked: Order) -> pathlib.Path:
    """``runs/<scenario>-<hash12>[-<phase>]-<cases>-seed<seed>[-<sampler>]``."""
    words = [asked.scenario.name, asked.scenario.hash[:12]]
    words += [asked.only] if asked.only else []
    words += [str(asked.cases), f"seed{asked.seed}"]
    words += [asked.sampler] if asked.sampler != "random" else []
    return pathlib.Path("runs") / "-".join(words)


def _refute(asked: Order, folder: pathlib.Path) -> None:
    """What can be refused before anything flies or is written."""
    if asked.cases < 1:
        raise _refused("-n", asked.cases, "there is nothing to fly", "at least 1")
    if not 1 <= asked.chunk <= MOST_LANES:
        raise _refused("--chunk", asked.chunk, "out of range", f"1 to {MOST_LANES}")
    if asked.seed < 0:
        raise _refused("--seed", asked.seed, "out of range", "at least 0")
    phases_for(asked.scenario, asked.only)
    draws = draws_of(asked.scenario, asked.seed, asked.sampler, 1)
    if not draws.paths:
        raise BadInput(
            "nothing is dispersed: every case would be the same",
            file=asked.scenario.reading.file,
            key="dispersion",
            hint="add a [[dispersion]] table",
        )
    rules = verdicts.rules_of(asked.scenario)
    if asked.until_decided:
        judged = [rule for rule in rules if rule.is_about(flown_phases(asked))]
        if not judged:
            raise BadInput(
                "there is no requirement to decide",
                file=asked.scenario.reading.file,
                key="requirement",
                hint="add a [[requirement]] about a phase that is flown",
            )
        if asked.sampler != "random":
            raise _refused("--sampler", asked.sampler, "gets no verdict", "random")
        if 256 % asked.chunk:
            raise _refused(
                "--chunk", asked.chunk, "a study looks after 256 cases", "a divisor of 256"
            )
    _refute_size(asked, folder, len(draws.paths))


def _refute_store(asked: Order, folder: pathlib.Path) -> None:
    """A folder that holds an ensemble already, this one or another."""
    if not (folder / MANIFEST).is_file():
        return
    held = Store.open(folder).identity
    mine = asked.identity({})
    problems = identity_problem({key: held.get(key) for key in mine}, mine)
    raise BadInput(
        "holds another ensemble: " + "; ".join(problems)
        if problems
        else "holds this ensemble already",
        file="command line",
        key="--out",
        value=folder,
        hint="choose another folder" if problems else f"go on with it: anabasis resume {folder}",
    )


def flown_phases(asked: Order) -> tuple[str, ...]:
    """The phases whose figures stand in the table."""
    return asked.scenario.march if asked.only is None else (asked.only,)


def _refused(key: str, value: Any, message: str, allowed: str) -> BadInput:
    return BadInput(message, file="command line", key=key, value=value, allowed=allowed)


def _refute_size(asked: Order, folder: pathlib.Path, draws: int) -> None:
    from anabasis.campaign.march import FIGURES

    phases = flown_phases(asked)
    values = 3 + draws + sum(len(FIGURES[phase]) for phase in phases)
    chunks = math.ceil(asked.cases / asked.chunk)
    disk = asked.cases * values * BYTES_PER_VALUE + chunks * LONGEST_CHUNK_FILE
    worker = MEMORY_PER_WORKER + MEMORY_PER_PHASE * len(phases)
    memory = worker * core_count() + MEMORY_PER_CHUNK * chunks
    if asked.sampler == "latin":
        memory += BYTES_PER_VALUE * asked.cases * draws * core_count()
    seconds = asked.cases * len(phases) / CASES_PER_SECOND / core_count()
    room = folder.absolute()
    while not room.exists():
        room = room.parent
    free = shutil.disk_usage(room).free
    if asked.cases > MOST_CASES or disk > 0.9 * free or memory > _memory():
        raise BadInput(
            f"would take about {_span(seconds)} on {core_count()} cores, "
            f"{memory / 1e9:.3g} GB of memory and {disk / 1e9:.3g} GB of disk "
            f"({free / 1e9:.3g} GB are free)",
            file="command line",
            key="-n",
            value=asked.cases,
            allowed=f"at most {MOST_CASES}, and what fits",
            hint="fly fewer; a requirement of 99.865 % at 95 % confidence needs 2,218 cases",
        )


def _memory() -> float:
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (ValueError, OSError):
        return math.inf


def _span(seconds: float) -> str:
    for name, size in (("years", 365.25 * 86400.0), ("days", 86400.0), ("hours", 3600.0)):
        if seconds >= 2.0 * size:
            return f"{seconds / size:,.3g} {name}"
    return f"{seconds / 60.0:,.3g} minutes"


__all__ = ["PHASES", "Ensemble", "Order", "disperse", "open_ensemble", "order_of", "resume"]

"""The commands about ensembles: disperse, resume, status, verify, replay, summary."""

from __future__ import annotations

import errno
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anabasis.cli.words import AsJson, ScenarioName, Settings, print_json

if TYPE_CHECKING:
    from anabasis.studies.engine import Standing
    from anabasis.studies.ensemble import Ensemble
    from anabasis.studies.store import Store

DONE, LOST, INCOMPLETE = 0, 1, 3

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of an ensemble.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, metavar="K", help="Processes here; all cores if left out."),
]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="A Dask scheduler instead.")
]


def disperse(
    scenario: ScenarioName,
    n: Annotated[int, typer.Option("-n", metavar="N", help="How many cases.")],
    seed: Annotated[int | None, typer.Option(min=0, help="Root seed of all chance.")] = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="PHASE", help="Disperse this phase alone.")
    ] = None,
    sampler: Annotated[str, typer.Option(help="random, latin or sobol.")] = "random",
    workers: Workers = None,
    scheduler: Scheduler = None,
    chunk: Annotated[
        int | None, typer.Option("--chunk", metavar="M", help="Cases flown side by side.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the ensemble.")] = None,
    until_decided: Annotated[
        bool, typer.Option("--until-decided", help="Stop when every requirement is decided.")
    ] = False,
    portable: Annotated[
        bool, typer.Option("--portable", help="Only instructions that every processor has.")
    ] = False,
    settings: Settings = None,
    as_json: AsJson = False,
) -> int:
    """Fly many cases of one plan, each with its own draw."""
    from anabasis.campaign import scenario as scenes
    from anabasis.studies import ensemble as ensembles

    found = scenes.with_settings(scenes.load(scenario), settings or [])
    where: dict[str, Any] = {"out": out}

    def fly(progress: Progress) -> Ensemble:
        return ensembles.disperse(
            found,
            n,
            seed=seed,
            only=only,
            sampler=sampler,
            workers=workers,
            scheduler=scheduler,
            chunk=chunk,
            out=out,
            until_decided=until_decided,
            portable=portable,
            progress=progress.say,
        )

    if out is None:
        asked = ensembles.Order(
            found,
            n,
            found.seed if seed is None else seed,
            only,
            sampler,
            chunk or 1,
            until_decided,
            portable,
        )
        where["out"] = ensembles.default_folder(asked)
    return _flown(fly, where["out"], as_json)


def resume(
    folder: Folder, workers: Workers = None, scheduler: Scheduler = None, as_json: AsJson = False
) -> int:
    """Fly what is missing of an ensemble, and again what is damaged."""
    from anabasis.studies import ensemble as ensembles

    def fly(progress: Progress) -> Ensemble:
        done, findings = ensembles.resume(
            folder, workers=workers, scheduler=scheduler, progress=progress.say
        )
        for finding in findings:
            print(f"mended: {finding.file} {finding.what}", file=sys.stderr)
        return done

    return _flown(fly, folder, as_json)


def _flown(fly: Any, folder: Path, as_json: bool) -> int:
    try:
        with Progress() as progress:
            ensemble = fly(progress)
    except KeyboardInterrupt:
        print(f"interrupted; {_safe(folder)}", file=sys.stderr)
        raise
    except OSError as failure:
        full = failure.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
        why = "the disk is full" if full else str(failure.strerror or failure)
        print(f"error: {failure.filename or folder}: {why}; {_safe(folder)}", file=sys.stderr)
        return INCOMPLETE if (folder / "manifest.jsonl").is_file() else LOST
    return _show_summary(ensemble.store, as_json)


def _safe(folder: Path) -> str:
    from anabasis.campaign.bad_input import BadInput
    from anabasis.studies.store import Store

    try:
        store = Store.open(folder)
    except BadInput:
        return "nothing was written"
    return f"{store.done} of {store.count} cases are safe: anabasis resume {folder}"


def status(folder: Folder, as_json: AsJson = False) -> int:
    """Say how far an ensemble has come."""
    from anabasis.studies.pace import pace_of
    from anabasis.studies.store import Store

    store = Store.open(folder)
    pace = pace_of(store)
    document = {
        "schema_version": 1,
        "scenario": store.identity["scenario"],
        "cases": store.done,
        "cases_wanted": store.count,
        "lost": store.lost,
        "chunks": len(store.chunks),
        "chunks_wanted": len(store.wanted),
        "complete": store.complete,
        "digest": store.closed,
        "flying_seconds": pace.flying_seconds,
        "writing_seconds": pace.writing_seconds,
        "cases_per_worker_second": pace.rate,
        "cases_per_processor_second": pace.processor_rate,
        "start_up_seconds": pace.start_up_seconds,
        "bytes_per_case": pace.bytes_per_case,
        "workers": pace.workers,
        "hosts": list(pace.hosts),
        "identity": store.identity,
    }
    if as_json:
        print_json(document)
    else:
        name = store.identity["scenario"]
        print(f"{name}: {store.done} of {store.count} cases, {store.lost} lost")
        print(f"{pace.flying_seconds:.1f} s of flying in {len(store.chunks)} chunks", end="")
        print(f", {pace.rate:.4g} cases a second and worker" if pace.rate else "")
        if not store.complete:
            print(f"incomplete: anabasis resume {folder}")
    return DONE if store.complete else INCOMPLETE


def verify(folder: Folder, as_json: AsJson = False) -> int:
    """Compare every file of an ensemble with its manifest."""
    from anabasis.studies.store import Store

    store = Store.open(folder)
    found = store.verify()
    digest = store.digest() if store.complete and not found else None
    if digest is not None and digest != store.closed:
        from anabasis.studies.store import Finding

        found.append(Finding("manifest.jsonl", "its digest is not that of the chunks"))
    document = {
        "schema_version": 1,
        "good": not found,
        "complete": store.complete,
        "digest": digest,
        "findings": [{"file": one.file, "what": one.what} for one in found],
    }
    if as_json:
        print_json(document)
    else:
        for one in found:
            print(f"{one.file}: {one.what}")
        if found or not store.complete:
            print(f"{store.done} of {store.count} cases: anabasis resume {folder}")
        else:
            print(f"good: {store.count} cases, digest {digest}")
    return DONE if store.complete and not found else INCOMPLETE


def replay(
    folder: Folder,
    case: Annotated[int, typer.Option("--case", min=0, metavar="K", help="Number of the case.")],
    as_json: AsJson = False,
) -> int:
    """Fly one case of an ensemble again, with its full tracks."""
    from anabasis.studies.replay import replay as fly_again
    from anabasis.studies.store import Store

    found = fly_again(Store.open(folder), case)
    worst = max(found.apart, key=lambda name: found.apart[name], default=None)
    document = {
        "schema_version": 1,
        "case": case,
        "same_bit_for_bit": not found.differing,
        "differing": list(found.differing),
        "tracked_agrees": found.good or not any(v > 1e-9 for v in found.apart.values()),
        "largest_difference": None if worst is None else found.apart[worst],
        "row": found.row,
        "folder": str(found.folder),
    }
    if as_json:
        print_json({k: (None if v == math.inf else v) for k, v in document.items()})
    else:
        for name, value in found.row.items():
            print(f"{name} = {value}")
        if found.differing:
            print(f"not the same: {', '.join(found.differing)}")
        else:
            print("the row is the same bit for bit")
        if worst is not None:
            print(f"flown alone: within {found.apart[worst]:.1e} ({worst})")
        print(f"tracks in {found.folder}", file=sys.stderr)
    return DONE if found.good else LOST


def summary(folder: Folder, as_json: AsJson = False) -> int:
    """Outcomes, spread of the figures, verdicts on the requirements."""
    from anabasis.studies.store import Store

    return _show_summary(Store.open(folder), as_json)


def _show_summary(store: Store, as_json: bool) -> int:
    import tomllib

    from anabasis.campaign.scenario import load
    from anabasis.studies.summary import summarise

    found = summarise(store, load(tomllib.loads(store.scenario)))
    if as_json:
        print_json({**found, "folder": str(store.folder)})
    else:
        _print_summary(found)
        print(f"in {store.folder}", file=sys.stderr)
    return DONE if store.complete else INCOMPLETE


def _print_summary(found: dict[str, Any]) -> None:
    what = f"{found['only']} of {found['scenario']}" if found["only"] else found["scenario"]
    print(f"{what}: {found['cases']} of {found['cases_wanted']} cases, {found['lost']} lost")
    for row in found["outcomes"]:
        print(f"  {row['cases']:>8} {row['phase'] or ''}: {row['outcome']}")
    width = max((len(name) for name in found["figures"]), default=0)
    print(f"{'':<{width}}  {'mean':>12} {'sigma':>12} {'5 %':>12} {'95 %':>12}  cases")
    for name, row in found["figures"].items():
        if "mean" in row:
            numbers = (row["mean"], row["standard_deviation"] or 0.0, row["p5"], row["p95"])
            print(f"{name:<{width}}  " + " ".join(f"{x:>12.6g}" for x in numbers), end="")
            print(f"  {row['cases']}")
    for row in found["requirements"]:
        print(f"{row['name']}: {row['verdict']}", end="")
        print(f" (P[{row['probability_of']}] >= {row['at_least']:g} at {row['confidence']:g})")
        if "why" in row:
            print(f"  {row['why']}")
        if "at_least_shown" in row:
            print(f"  {row['failures']} of {row['cases']} fail", end="")
            print(f"; shown: between {row['at_least_shown']:.5f} and {row['at_most_shown']:.5f}")
            if row["more_cases"]:
                print(f"  {row['more_cases']} cases more, all of them good, would show it")
            if row["worst_cases"]:
                print(f"  worst cases: {', '.join(map(str, row['worst_cases']))}")


class Progress:
    """One line on stderr: how far, how fast, how long still; piped, a line every few seconds."""

    EVERY = 5.0

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = -math.inf
        self._open = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._open:
            print(file=sys.stderr)

    def say(self, standing: Standing) -> None:
        """Say how far it has come."""
        now = time.monotonic()
        if not self._live and now - self._last < self.EVERY and standing.cases < standing.of:
            return
        text = f"{standing.cases} of {standing.of} cases"
        if math.isfinite(standing.rate):
            left = int(standing.left)
            clock = f"{left // 3600}:{left // 60 % 60:02d}:{left % 60:02d}"
            text += f", {standing.rate:.4g} a second, {clock} left, {standing.lost} lost"
        else:
            text += f", ready after {standing.start_up:.1f} s"
        self._last = now
        if self._live:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
            self._open = True
        else:
            print(text, file=sys.stderr, flush=True)

"""The command about sensitivity: which uncertain number a spread comes from."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anabasis.cli.words import AsJson, ScenarioName, Settings, print_json

if TYPE_CHECKING:
    from anabasis.studies.sensitivity import Sensitivity

DONE = 0
PICTURES = (".png", ".svg", ".pdf")
SMALL = 5e-4
"""Rows with a smaller share are told together in one line."""


def sensitivity(
    scenario: ScenarioName,
    only: Annotated[
        str | None, typer.Option("--only", metavar="PHASE", help="Disperse this phase alone.")
    ] = None,
    of: Annotated[
        list[str] | None,
        typer.Option(
            "--of",
            metavar="FIGURE",
            help="phase.figure, such as ascent.apoapsis_km; may be given several times. "
            "Left out: every figure that carries a limit.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Root seed of all chance.")] = None,
    n: Annotated[
        int, typer.Option("-n", metavar="N", help="Cases flown with every number drawn at once.")
    ] = 256,
    sobol: Annotated[
        int, typer.Option("--sobol", metavar="N", help="Rows of Sobol' samples, a power of two.")
    ] = 0,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw it: .png, .svg or .pdf.")
    ] = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> int:
    """Say which uncertain number a figure's spread comes from, and which to halve first."""
    from anabasis.campaign import scenario as scenes
    from anabasis.studies.sensitivity import sensitivity as ask

    if plot is not None:
        _check_plot(plot)
    found = scenes.with_settings(scenes.load(scenario), settings or [])
    with _Progress() as progress:
        answer = ask(
            found,
            only=only,
            of=of or (),
            seed=seed,
            cases=n,
            sobol=sobol,
            progress=progress.say,
        )
    if plot is not None:
        from anabasis.viewer.tornado import save_tornado

        save_tornado(answer, plot)
    if as_json:
        print_json(answer.to_dict())
    else:
        print_sensitivity(answer)
    if plot is not None:
        print(f"drawn in {plot}", file=sys.stderr)
    return DONE


def _check_plot(path: Path) -> None:
    from anabasis.campaign.bad_input import BadInput

    problem = ""
    if path.suffix.lower() not in PICTURES:
        problem = "no picture of that kind is drawn"
    elif not path.absolute().parent.is_dir():
        problem = "there is no such folder"
    elif path.is_dir():
        problem = "is a folder"
    if problem:
        raise BadInput(
            problem,
            file="command line",
            key="--plot",
            value=str(path),
            allowed=", ".join(PICTURES),
            hint="name a file in a folder that exists",
        )


class _Progress:
    """One line on stderr, while the flights are flown; piped, a line every few seconds."""

    EVERY = 5.0

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = time.monotonic()
        self._open = False

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._open:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)

    def say(self, done: int, planned: int) -> None:
        now = time.monotonic()
        text = f"{done} of {planned} flights"
        if self._live:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
            self._open = True
        elif now - self._last >= self.EVERY:
            print(text, file=sys.stderr, flush=True)
            self._last = now


# ---------------------------------------------------------------- the page


def print_sensitivity(answer: Sensitivity) -> None:
    """Print the tornado of each figure as a table, and what it says in words."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    head = f"{answer.only} of {answer.scenario}" if answer.only else answer.scenario
    console.print()
    console.print(Text.assemble((head, "bold"), "  ", (answer.scenario_hash[:12], "dim")))
    for one in answer.answers:
        _print_answer(console, one)
    console.print()
    legend = (
        "effect: exact derivative with decisions held, times one sigma of the number. flown: the "
        "number alone one sigma below and above its mean. ~ the slope does not hold that far; "
        "! a decision or outcome changes within two sigma; s sampled, no derivative is taken "
        "(in brackets: the flown spread). p published, d derived, a assumed, u unsourced."
    )
    console.print(Text(legend, style="dim"))


def _print_answer(console: Any, one: Any) -> None:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from anabasis.cli.page import MARKS, number, unit_in_words

    unit = unit_in_words(one.unit)
    spread = "none" if one.sigma is None else number(one.sigma)
    console.print()
    console.print(
        Text.assemble(
            (one.figure, "bold underline"), f"  {number(one.nominal)} {unit}, sigma {spread} {unit}"
        )
    )
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=1)
    table.add_column(min_width=30, overflow="fold")
    table.add_column(min_width=9, justify="right", no_wrap=True)
    table.add_column(min_width=9, justify="right", no_wrap=True)
    table.add_column(min_width=9, justify="right", no_wrap=True)
    table.add_column(min_width=7, justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    titles = ("effect", "flown at -", "and at +", "share", "")
    table.add_row("", *(Text(t, style="dim") for t in ("", *titles)))
    shown = [row for row in one.rows if row.share is None or abs(row.share) >= SMALL]
    for row in shown:
        mark = {"decided": "!", "sampled": "s"}.get(row.kind, "~" if row.crooked else "")
        style = "yellow" if row.kind == "decided" else ""
        effect = _signed(row.effect) if row.effect is not None else f"({_size(row.sampled)})"
        share = "none" if row.share is None else f"{100.0 * row.share:.1f} %"
        table.add_row(
            Text(mark, style="bold yellow"),
            Text(row.path, style=style),
            effect,
            _signed(row.at["-1"]),
            _signed(row.at["+1"]),
            share,
            Text(MARKS.get(row.confidence, "?"), style="dim"),
        )
    if shown:
        console.print(table)
    rest = len(one.rows) - len(shown)
    if rest:
        console.print(Text(f"  {rest} more with less than 0.05 % each", style="dim"))
    if one.sobol is not None:
        _print_indices(console, one.sobol)
    for sentence in one.words:
        console.print(Padding(Text(sentence), (0, 0, 0, 2)))


def _print_indices(console: Any, sobol: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    lost = f", {sobol['rows_lost']} lost" if sobol["rows_lost"] else ""
    title = f"  Sobol' indices, {sobol['rows']} rows{lost}, 95 % of the bootstrap"
    console.print(Text(title, style="dim"))
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=1)
    table.add_column(min_width=30, overflow="fold")
    table.add_column(min_width=21, justify="right", no_wrap=True)
    table.add_column(min_width=21, justify="right", no_wrap=True)
    table.add_row(
        "", "", Text("alone (first order)", style="dim"), Text("in all (total)", style="dim")
    )
    ordered = sorted(sobol["indices"], key=lambda row: -row["total"])
    for row in ordered:
        if not row["total"] >= SMALL:
            continue
        cells = [
            f"{row[k]:.3f} ({row[f'{k}_low']:.3f}, {row[f'{k}_high']:.3f})"
            for k in ("first", "total")
        ]
        table.add_row("", Text(" with ".join(row["paths"])), *cells)
    console.print(table)


def _signed(value: float | None) -> str:
    from anabasis.cli.page import signed

    return "lost" if value is None else signed(value)


def _size(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"

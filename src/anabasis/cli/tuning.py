"""``anabasis tune``: make what entry guidance needs, and write it into a scenario file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from anabasis.cli.words import AsJson, Settings, print_json


def tune(
    scenario: Annotated[str, typer.Argument(help="A name on the shelf, or a path to a .toml.")],
    settings: Settings = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; default SCENARIO-tuned.toml here.")
    ] = None,
    table: Annotated[
        bool, typer.Option("--table", help="Print the reference's table only; write nothing.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file.")] = False,
    as_json: AsJson = False,
) -> int:
    """Solve the reference bank of a guided entry and its gains; store both in a scenario."""
    from anabasis.campaign.bad_input import BadInput
    from anabasis.campaign.scenario import load, with_settings
    from anabasis.studies.tuning import tune as solve

    given = with_settings(load(scenario), settings or [])
    path = Path(f"{given.name}-tuned.toml") if out is None else out
    if not table and path.exists() and not force:
        raise BadInput(
            "is there already",
            file="command line",
            key="--out",
            value=str(path),
            hint="name another file, or --force",
        )
    found = solve(given)
    if table:
        print_table(found.reference)
        return 0
    text = found.scenario.to_toml()
    waiting = path.with_name(path.name + ".part")
    waiting.write_text(text, encoding="utf-8")
    os.replace(waiting, path)
    document = {
        "scenario": given.name,
        "file": str(path),
        "tuned_for": found.reference["tuned_for"],
        "early_bank_deg": found.early_bank,
        "late_bank_deg": found.late_bank,
        "range_error_km": found.range_error,
        "height_error_km": found.height_error,
        "reference": found.figures,
    }
    if as_json:
        print_json(document)
        return 0
    print(f"banks {found.early_bank:.2f} deg while fast, {found.late_bank:.2f} deg after")
    print(
        f"missed by {1e3 * found.range_error:.0f} m of range, "
        f"{1e3 * found.height_error:.0f} m of height"
    )
    for name, value in found.figures.items():
        print(f"  {name:<40} {value:.4g}")
    print(f"written to {path}")
    return 0


def print_table(reference: dict[str, Any]) -> None:
    """Print the reference as a table of a scenario."""
    print("[entry.bank.reference]        # made by anabasis tune")
    print('source = "anabasis tune"')
    print('confidence = "derived"')
    for name, value in reference.items():
        if not isinstance(value, list):
            print(f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value!r}")
            continue
        print(f"{name} = [")
        for start in range(0, len(value), 9):
            print("  " + " ".join(f"{x!r}," for x in value[start : start + 9]))
        print("]")

"""``anabasis size``: the lightest rocket that fits the lander, in tables, as JSON, as a plot."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anabasis.campaign.bad_input import BadInput
from anabasis.cli.words import AsJson, ScenarioName, Settings, print_json

if TYPE_CHECKING:
    from anabasis.campaign.scenario import Scenario
    from anabasis.studies.concepts import Concept
    from anabasis.studies.sizing import Sized

_DONE, _LOST = 0, 1


def size(
    scenario: ScenarioName = "february-2022",
    tubes: Annotated[
        int | None, typer.Option(help="Tubes aboard; by default the container is full.")
    ] = None,
    no_trade: Annotated[
        bool, typer.Option("--no-trade", help="Leave the trade curves out.")
    ] = False,
    compare: Annotated[
        bool, typer.Option("--compare", help="Also size a hybrid and a liquid, on equal terms.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw masses, prices and trade curves.")
    ] = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> int:
    """Find the lightest rocket that carries the tubes into orbit and fits the lander."""
    from anabasis.campaign import scenario as scenes

    if plot is not None:
        _check_picture(plot)
    given = scenes.with_settings(scenes.load(scenario), settings or [])
    from anabasis.studies import sizing as study

    print("sizing", file=sys.stderr, flush=True)
    found = study.size(given, tubes=tubes)
    trades: dict[str, list[tuple[float, float | None]]] = {}
    if found.found and (not no_trade or plot is not None):
        print("trade curves", file=sys.stderr, flush=True)
        trades = study.trade(given, found, tubes=tubes)
    concepts: list[Concept] = []
    if compare:
        from anabasis.studies.concepts import compare as compared

        print("comparison", file=sys.stderr, flush=True)
        concepts = compared(given, tubes)
    ratios = _ratios(given)
    if plot is not None and found.found:
        from anabasis.viewer.trade import save_sizing

        save_sizing(given.name, found, trades, plot)
        print(f"drawn to {plot}", file=sys.stderr)
    if as_json:
        print_json(_document(given, found, trades, concepts, ratios))
    else:
        _print(given, found, trades, concepts, ratios)
    return _DONE if found.found else _LOST


def _check_picture(path: Path) -> None:
    if path.suffix != ".png" or not path.parent.is_dir() or path.exists():
        raise BadInput(
            "no picture can be written there",
            file="command line",
            key="--plot",
            value=str(path),
            allowed="a new file whose name ends in .png, in a folder that is there",
            hint="choose another name",
        )


def _ratios(given: Scenario) -> list[tuple[str, float, str, str, str]]:
    """Every proportion: name, value at the wall, unit, source, confidence."""
    import dataclasses

    from anabasis.units import declaration_of, from_si, name_at_wall
    from anabasis.vehicles.proportions import Sizing

    table = given.parts.sizing or Sizing()  # pyright: ignore[reportCallIssue]
    rows = []
    for field in dataclasses.fields(Sizing):
        says = declaration_of(field)
        assert says is not None
        where = given.provenance.get(f"sizing.{name_at_wall(field.name, says.unit)}")
        source = says.source if where is None else where.source
        confidence = says.confidence if where is None else where.confidence
        value = float(from_si(float(getattr(table, field.name)), says.unit))
        rows.append((field.name, value, says.unit, source, confidence))
    return rows


def _document(
    given: Scenario,
    found: Sized,
    trades: Mapping[str, Any],
    concepts: list[Concept],
    ratios: list[tuple[str, float, str, str, str]],
) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "scenario": given.name,
        "scenario_hash": given.hash,
        "found": found.found,
        "figures": dict(found.figures),
        "masses_kg": dict(found.masses),
        "lengths_m": dict(found.lengths),
        "binding": {name: {"kg_per_percent": price} for name, price in found.binding.items()},
        "sensitivity_kg_per_unit": dict(found.sensitivity),
        "trade": {name: [list(pair) for pair in rows] for name, rows in trades.items()},
        "concepts": [
            {
                "kind": c.kind,
                "found": c.sized is not None,
                "why": c.why,
                "figures": None if c.sized is None else dict(c.sized.figures),
                "masses_kg": None if c.sized is None else dict(c.sized.masses),
                "inputs": dict(c.counts),
                "assumed": list(c.assumed),
                "lightest_kg": c.lightest,
                "heaviest_kg": c.heaviest,
                "heaviest_fits": c.fits,
            }
            for c in concepts
        ],
        "proportions": [
            {"name": n, "value": v, "unit": u, "source": s, "confidence": c}
            for n, v, u, s, c in ratios
        ],
    }


_FIGURES = (
    ("lift-off mass", "lift_off_mass_kg", "kg", 2),
    ("length", "length_m", "m", 3),
    ("diameter", "diameter_m", "m", 3),
    ("thrust, first stage", "stage_one_thrust_kN", "kN", 2),
    ("burn, first stage", "stage_one_burn_time_s", "s", 1),
    ("thrust, second stage", "stage_two_thrust_kN", "kN", 2),
    ("burn, second stage", "stage_two_burn_time_s", "s", 1),
    ("thrust over weight", "thrust_to_weight", "", 2),
    ("burn rate, first grain", "burn_rate_motor_one_mm_s", "mm/s", 2),
    ("burn rate, second grain", "burn_rate_motor_two_mm_s", "mm/s", 2),
)


def _print(
    given: Scenario,
    found: Sized,
    trades: Mapping[str, list[tuple[float, float | None]]],
    concepts: list[Concept],
    ratios: list[tuple[str, float, str, str, str]],
) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)

    def heading(text: str) -> None:
        console.print()
        console.print(Text(text, style="bold"))

    if not found.found:
        console.print(Text(f"{given.name}: no rocket keeps all limits", style="bold"))
        return
    console.print(
        Text(f"{given.name}: the lightest rocket for {found.figures['tubes']:.0f} tubes", "bold")
    )
    console.print(
        _grid(
            [
                (label, f"{found.figures[name]:.{digits}f}", unit)
                for label, name, unit, digits in _FIGURES
                if name in found.figures
            ]
        )
    )
    heading("Mass, kg")
    console.print(_grid([(_words(n), f"{v:.2f}", "") for n, v in found.masses.items()]))
    heading("Length, m")
    console.print(_grid([(_words(n), f"{v:.3f}", "") for n, v in found.lengths.items()]))
    heading("What binds, and what one percent more of it is worth, kg")
    console.print(_grid([(n, f"{v:.3f}", "") for n, v in found.binding.items()]))
    heading("Sensitivity of the lift-off mass, kg per unit (exact)")
    console.print(
        _grid([(n, f"{v:.4g}", "") for n, v in found.sensitivity.items() if abs(v) > 1e-9])
    )
    for name, rows in trades.items():
        heading(f"Lift-off mass over {name}")
        console.print(
            _grid([(f"{x:g}", "none fits" if m is None else f"{m:.2f}", "kg") for x, m in rows])
        )
    if concepts:
        heading("On equal terms, kg")
        _print_concepts(console, concepts)
    heading("Proportions  (p published, d derived, a assumed, u unsourced)")
    console.print(_grid([(n, f"{v:g} {u}".strip(), f"{c[0]}  {s}") for n, v, u, s, c in ratios]))
    console.print()
    console.print(
        Text(
            f"what the prices of the limits leave of the slope: "
            f"{found.figures['optimality_residual']:.1e}",
            style="dim",
        )
    )


def _print_concepts(console: Any, concepts: list[Concept]) -> None:
    for concept in concepts:
        if concept.sized is None:
            console.print(f"{concept.kind}: {concept.why}")
            continue
        counts = ", ".join(f"{n} {word}" for word, n in sorted(concept.counts.items()))
        low = "none" if concept.lightest is None else f"{concept.lightest:.1f}"
        high = "none" if concept.heaviest is None else f"{concept.heaviest:.1f}"
        note = "" if concept.fits else " (which does not fit)"
        mass = concept.sized.figures["lift_off_mass_kg"]
        console.print(
            f"{concept.kind}: {mass:.1f}; over {len(concept.assumed)} assumed inputs {low} to "
            f"{high}{note}; inputs: {counts}"
        )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _grid(rows: list[tuple[str, str, str]]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table

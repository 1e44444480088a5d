"""``anabasis optimise``: the best ascent of a rocket, in a table, as JSON, as a file that flies."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anabasis.campaign.bad_input import BadInput
from anabasis.cli.words import AsJson, ScenarioName, Settings, print_json

if TYPE_CHECKING:
    from anabasis.campaign.scenario import Scenario
    from anabasis.studies.optimum import Optimum

_DONE, _LOST = 0, 1


def optimise(
    scenario: ScenarioName = "february-2022",
    minimise: Annotated[
        str | None,
        typer.Option("--minimise", metavar="WHAT", help="lift-off-mass, for the payload given."),
    ] = None,
    maximise: Annotated[
        str | None,
        typer.Option("--maximise", metavar="WHAT", help="payload, for the lift-off mass given."),
    ] = None,
    orbit: Annotated[
        str,
        typer.Option(help="target: reach it exactly; window: the best circle inside the limits."),
    ] = "target",
    hold_staging: Annotated[
        bool, typer.Option("--hold-staging", help="Keep both motors as they are.")
    ] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="LIMIT", help="Leave a limit out; may be given several times."),
    ] = None,
    settings: Settings = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Write a scenario that flies it.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Find the steering, coast and staging of the best ascent, under limits."""
    from anabasis.campaign import scenario as scenes

    goal = _goal(minimise, maximise)
    _check_file(out)
    given = scenes.with_settings(scenes.load(scenario), settings or [])
    from anabasis.studies import optimum

    found = optimum.optimise(
        given, goal, orbit=orbit, held_staging=hold_staging, without=without or ()
    )
    if out is not None and found.found:
        import tomli_w

        out.write_text(tomli_w.dumps(optimum.scheduled_scenario(given, found)), encoding="utf-8")
    if as_json:
        print_json(_document(given, found))
    else:
        _print(given, found, out)
    return _DONE if found.found else _LOST


def _goal(minimise: str | None, maximise: str | None) -> str:
    if minimise is not None and maximise is not None:
        raise BadInput(
            "one goal at a time",
            file="command line",
            key="--maximise",
            value=maximise,
            hint="give --minimise or --maximise",
        )
    for option, value, allowed in (
        ("--minimise", minimise, "lift-off-mass"),
        ("--maximise", maximise, "payload"),
    ):
        if value is not None and value != allowed:
            raise BadInput(
                "no such goal",
                file="command line",
                key=option,
                value=value,
                allowed=allowed,
                hint=f"{option} {allowed}",
            )
    return "payload" if maximise is not None else "lift-off-mass"


def _check_file(out: Path | None) -> None:
    if out is None:
        return
    if out.suffix != ".toml":
        raise BadInput(
            "a scenario is a TOML file",
            file="command line",
            key="--out",
            value=str(out),
            hint="let its name end in .toml",
        )
    if out.exists():
        raise BadInput(
            "the file is there already",
            file="command line",
            key="--out",
            value=str(out),
            hint="choose another name, or remove it",
        )
    if not out.parent.is_dir():
        raise BadInput(
            "there is no such folder",
            file="command line",
            key="--out",
            value=str(out),
            hint="make it first",
        )


def _document(given: Scenario, found: Optimum) -> dict[str, Any]:
    schedule = found.programme.schedule
    assert schedule is not None
    return {
        "schema_version": 1,
        "scenario": given.name,
        "scenario_hash": given.hash,
        "goal": found.goal,
        "found": found.found,
        "why": list(found.why),
        "figures": {k: (float(v) if math.isfinite(v) else None) for k, v in found.figures.items()},
        "binding": {name: {"kg_per_percent": price} for name, price in found.binding.items()},
        "thrust_elevation_deg": {
            "time_s": [float(t) for t in schedule.argument],
            "value": [math.degrees(float(e)) for e in schedule.value],
        },
    }


def _print(given: Scenario, found: Optimum, out: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    wanted = "greatest payload" if found.goal == "payload" else "least lift-off mass"
    if not found.found:
        console.print(Text(f"{given.name}: no ascent keeps all limits", style="bold"))
        for sentence in found.why:
            console.print(f"  {sentence}")
        return
    console.print(Text(f"{given.name}: {wanted}", style="bold"))
    rows = (
        ("lift-off mass", "lift_off_mass_kg", "kg", 3),
        ("payload", "payload_kg", "kg", 3),
        ("first stage, propellant", "stage_one_propellant_kg", "kg", 3),
        ("first stage, inert", "stage_one_inert_kg", "kg", 3),
        ("second stage, propellant", "stage_two_propellant_kg", "kg", 3),
        ("second stage, inert", "stage_two_inert_kg", "kg", 3),
        ("first burn", "stage_one_burn_time_s", "s", 2),
        ("coast", "coast_s", "s", 2),
        ("thrust azimuth", "thrust_azimuth_deg", "deg", 3),
        ("second stage's elevation", "second_elevation_deg", "deg", 3),
        ("orbit, circular", "orbit_altitude_km", "km", 3),
        ("inclination", "inclination_deg", "deg", 3),
    )
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for label, name, unit, digits in rows:
        table.add_row(label, f"{found.figures[name]:.{digits}f}", unit)
    console.print(table)
    schedule = found.programme.schedule
    assert schedule is not None
    points = ", ".join(
        f"{math.degrees(float(e)):.2f} at {float(t):.1f} s"
        for t, e in zip(schedule.argument, schedule.value, strict=True)
    )
    console.print(f"thrust elevation [deg]: {points}")
    if found.binding:
        for name, price in found.binding.items():
            console.print(f"binds: {name}; one percent more of it is worth {1e3 * price:.3g} g")
    else:
        console.print("no limit binds but the orbit")
    console.print(
        Text(
            f"{found.figures['turns']:.0f} turns, {found.figures['search_s']:.2f} s; what the "
            f"prices of the limits leave of the slope: {found.figures['optimality_residual']:.1e}",
            style="dim",
        )
    )
    if out is not None:
        console.print(Text(f"written to {out}: anabasis fly {out}", style="dim"))

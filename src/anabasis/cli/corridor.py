"""``anabasis corridor``: which flight-path angles a capsule bears, as a table and a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from anabasis.cli.words import AsJson, ScenarioName, Settings, print_json


def corridor(
    scenario: ScenarioName,
    lift_to_drag: Annotated[
        str, typer.Option(help="Ratios of lift to drag, with commas.")
    ] = "0.06,0.12,0.18,0.24,0.3",
    ballistic_coefficient: Annotated[
        str, typer.Option(help="Ballistic coefficients [kg/m2], with commas.")
    ] = "60,140,220",
    most_g: Annotated[float, typer.Option(help="Deceleration the capsule bears [g].")] = 15.0,
    picture: Annotated[Path | None, typer.Option(help="Draw it into this .png.")] = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> int:
    """The entry corridor against lift to drag and ballistic coefficient."""
    from anabasis.campaign.scenario import load, with_settings
    from anabasis.studies.corridor import corridor as find

    found = find(
        with_settings(load(scenario), settings or []),
        _numbers(lift_to_drag, "--lift-to-drag", -2.0, 2.0),
        _numbers(ballistic_coefficient, "--ballistic-coefficient", 1.0, 1e4),
        most_g,
    )
    rows = [
        {
            "lift_to_drag": e.lift_to_drag,
            "ballistic_coefficient_kg_m2": e.ballistic_coefficient,
            "steep_flight_path_angle_deg": _or_none(e.steep),
            "shallow_flight_path_angle_deg": _or_none(e.shallow),
        }
        for e in found
    ]
    if as_json:
        print_json({"scenario": scenario, "most_g": most_g, "corridor": rows})
    else:
        print(f"flight-path angles at the interface, inertial; at most {most_g:g} g, no skip")
        print("  L/D   beta [kg/m2]   steepest [deg]   shallowest [deg]")
        for e in found:
            print(
                f"{e.lift_to_drag:5.2f} {e.ballistic_coefficient:14.1f} "
                f"{e.steep:16.2f} {e.shallow:18.2f}"
            )
    if picture is not None:
        from anabasis.viewer.corridor import draw

        draw(found, most_g, picture)
    return 0


def _or_none(x: float) -> float | None:
    return None if x != x else x


def _numbers(text: str, option: str, low: float, high: float) -> list[float]:
    from anabasis.campaign.bad_input import BadInput

    try:
        found = [float(word) for word in text.split(",")]
        if all(low <= x <= high for x in found):
            return found
    except ValueError:
        pass
    raise BadInput(
        "not a list of numbers in range",
        file="command line",
        key=option,
        value=text,
        allowed=f"{low:g} to {high:g}",
        hint="separate numbers with commas",
    )

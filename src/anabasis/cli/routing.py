"""``anabasis route GRID``: the shortest safe drive over a user's grid of heights."""

from __future__ import annotations

import math
import pathlib
from typing import Annotated, Any

import typer

from anabasis.campaign.bad_input import BadInput
from anabasis.cli.words import AsJson, print_json


def route(
    grid: Annotated[
        pathlib.Path, typer.Argument(metavar="GRID", help="ESRI ASCII grid, or plain TIFF.")
    ],
    start: Annotated[str, typer.Option("--from", metavar="X,Y", help="Start on the grid [m].")],
    goal: Annotated[str, typer.Option("--to", metavar="X,Y", help="Goal on the grid [m].")],
    steepest_deg: Annotated[
        float, typer.Option(min=0.0, max=45.0, help="Steepest step allowed.")
    ] = 20.0,
    keep_out: Annotated[
        list[str] | None,
        typer.Option("--keep-out", metavar="X,Y,R", help="Circle not to enter [m]; repeatable."),
    ] = None,
    cell_m: Annotated[
        float | None, typer.Option(help="Side of a cell, where the file does not say.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Plan the shortest safe drive over a grid of heights."""
    found = plan(grid, start, goal, steepest_deg, keep_out or [], cell_m)
    if as_json:
        print_json({"schema_version": 1, **found})
    elif found["outcome"]:
        print(found["outcome"])
    else:
        print(
            f"{found['length_m']:.1f} m along the slopes ({found['wheels_m']:.1f} m of wheel, slip "
            f"assumed), {found['straight_m']:.1f} m straight; steepest step "
            f"{found['steepest_deg']:.1f} deg, climb {found['climb_m']:.1f} m, "
            f"{len(found['corners'])} squares"
        )
    return 1 if found["outcome"] else 0


def plan(
    file: pathlib.Path,
    start: str,
    goal: str,
    steepest_deg: float,
    keep_out: list[str],
    cell: float | None,
) -> dict[str, Any]:
    """The route as plain data.

    Raises:
        BadInput: for a file that is no grid, or a place that is not on it.
    """
    from anabasis.exchange.elevation import LARGEST, parse_elevation
    from anabasis.exchange.mmgis import Unreadable
    from anabasis.guidance.grid_route import plan_grid_route

    if not file.is_file():
        raise BadInput("no such file", file=str(file), hint="name an elevation grid")
    try:
        with open(file, "rb") as stream:
            grid = parse_elevation(stream.read(LARGEST + 1), cell)
    except Unreadable as wrong:
        raise BadInput(
            str(wrong), file=str(file), key=wrong.key, value=wrong.value, hint=wrong.hint
        ) from None
    rows, columns = grid.height.shape

    def square(word: str, key: str, count: int) -> list[float]:
        try:
            numbers = [float(part) for part in word.split(",")]
        except ValueError:
            numbers = []
        if len(numbers) != count or not all(math.isfinite(n) for n in numbers):
            raise BadInput(
                f"is not {count} numbers with commas", file="command line", key=key, value=word
            )
        x, y = numbers[:2]
        return [(grid.north - y) / grid.cell - 0.5, (x - grid.west) / grid.cell - 0.5, *numbers[2:]]

    ends: list[tuple[int, int]] = []
    for word, key in ((start, "--from"), (goal, "--to")):
        row, column = (round(part) for part in square(word, key, 2))
        if not (0 <= row < rows and 0 <= column < columns):
            raise BadInput(
                "is not on the grid",
                file="command line",
                key=key,
                value=word,
                allowed=f"x {grid.west:g} to {grid.west + columns * grid.cell:g}, "
                f"y {grid.north - rows * grid.cell:g} to {grid.north:g} m",
            )
        ends.append((row, column))
    circles = [square(word, "--keep-out", 3) for word in keep_out]
    found = plan_grid_route(
        grid.height,
        grid.cell,
        ends[0],
        ends[1],
        math.radians(steepest_deg),
        tuple((row, column, radius) for row, column, radius in circles),
    )
    if found is None:
        return {"outcome": "no safe drive joins the two places", "corners": []}
    return {
        "outcome": "",
        "length_m": found.length,
        "wheels_m": found.wheels,
        "straight_m": found.straight,
        "steepest_deg": math.degrees(found.steepest),
        "climb_m": found.climb,
        "corners": [
            {
                "x_m": grid.west + (column + 0.5) * grid.cell,
                "y_m": grid.north - (row + 0.5) * grid.cell,
                "height_m": float(grid.height[row, column]),
            }
            for row, column in found.cells
        ],
    }

"""``anabasis expedition``: the rover sent on, many times; or its habits judged by its record."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from anabasis.campaign.bad_input import BadInput
from anabasis.cli.words import AsJson, print_json


def expedition(
    start: Annotated[
        int, typer.Option("--from", metavar="SOL", min=1, help="First sol.", show_default=True)
    ] = 1981,
    sols: Annotated[int, typer.Option("--sols", min=1, max=5000, help="How many sols.")] = 500,
    cases: Annotated[int, typer.Option("-n", min=1, max=20000, help="How many times.")] = 1000,
    way_km: Annotated[
        float | None, typer.Option("--way-km", min=0.0, help="Path to a goal: when is it reached?")
    ] = None,
    transit: Annotated[
        bool, typer.Option("--transit", help="Make way on every sol, drill nothing.")
    ] = False,
    judge: Annotated[
        bool, typer.Option("--judge", help="Judge the habits by the record they have not seen.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Root seed.")] = 0,
    as_json: AsJson = False,
) -> int:
    """Send the rover on, many times, by the habits of its record."""
    from anabasis.studies import expeditions

    if judge:
        found = expeditions.judge(cases, seed)
    else:
        if start + sols > LATEST:
            raise BadInput(
                "the ephemeris ends before that",
                file="command line",
                key="--sols",
                value=sols,
                allowed=f"up to sol {LATEST}",
            )
        found = expeditions.forecast(start, sols, cases, seed, way_km, transit)
    if as_json:
        print_json({"schema_version": 1, **found})
    elif judge:
        print_judgement(found)
    else:
        print_forecast(found)
    return 0


LATEST = 12000
"""Last sol for which the sky is known (2054)."""


def _band(row: dict[str, Any], unit: str, form: str = ".2f") -> str:
    low, middle, high = (format(row[f"{key}_{unit}"], form) for key in ("p5", "median", "p95"))
    return f"{low} to {high} (median {middle}) {unit}"


def print_judgement(found: dict[str, Any]) -> None:
    """Print the habits and what the record says of them."""
    learnt = found["habits"]
    first, last = learnt["learnt_from_sols"]
    print(
        f"Habits learnt from sols {first} to {last} without "
        + ", ".join(f"{a} to {b}" for a, b in learnt["left_out_sols"])
    )
    for mode in learnt["modes"]:
        print(
            f"  {mode['share_of_sols']:5.1%} of sols, lasts {mode['lasts_sol']:.1f} sols, moves on "
            f"{mode['moves_share']:.0%}, median {mode['median_m']:.0f} m"
        )
    print(f"Judged on what they have not seen, {found['cases']} cases, 5 to 95 %:")
    for row in found["odometer"]:
        print(
            f"  sol {row['sol']}: record {row['record_km']:.2f} km, {_band(row, 'km')}, "
            f"{'inside' if row['inside'] else 'OUTSIDE'}; half width "
            f"{row['half_width_share_of_odometer']:.0%} of the odometer, "
            f"{row['half_width_share_since_900']:.0%} of the way since sol 900"
        )
    row = found["rapid_traverse"]
    print(
        f"  rapid traverse, 35 sols: record {row['record_km']:.2f} km, {_band(row, 'km')}, "
        f"{'inside' if row['inside'] else 'OUTSIDE'}"
    )
    for row in found["samples"]:
        print(
            f"  samples by sol {row['sol']}: record {row['record']}, {row['p5']:.0f} to "
            f"{row['p95']:.0f} (median {row['median']:.0f}), "
            f"{'inside' if row['inside'] else 'OUTSIDE'}"
        )


def print_forecast(found: dict[str, Any]) -> None:
    """Print where the rover may get to."""
    print(
        f"{found['cases']} expeditions of {found['sols']} sols from sol {found['first_sol']}, "
        f"5 to 95 %:\n"
        f"  driven   {_band(found['driven'], 'km')}\n"
        f"  samples  {found['samples']['p5']:.0f} to {found['samples']['p95']:.0f} "
        f"(median {found['samples']['median']:.0f}), sealed of them "
        f"{found['sealed_share']:.0%}, attempts without a core {found['failed_share']:.0%}\n"
        f"  silence  {found['silent_sol_count']} sols without commands (conjunction)\n"
        f"  battery  never below {found['battery_minimum_kWh']:.2f} kWh"
    )
    reached = found.get("arrival")
    if reached:
        share = reached["share"]
        print(
            f"  goal     {reached['way_km']:g} km of path, reached in {share:.0%} of cases", end=""
        )
        if reached["p5_sol"] is not None:
            print(f", between sols {reached['p5_sol']:.0f} and {reached['p95_sol']:.0f}", end="")
        print()

"""``anabasis import``: NASA's published traverse, mended; or a motor file as a scenario's table."""

from __future__ import annotations

import pathlib
from typing import Annotated, Any

import typer

from anabasis.campaign.bad_input import BadInput
from anabasis.cli.words import AsJson, print_json

WHAT = ("traverse", "motor")


def import_(
    what: Annotated[
        str, typer.Argument(metavar="traverse|motor", help="What to import: traverse or motor.")
    ],
    file: Annotated[
        pathlib.Path,
        typer.Argument(
            metavar="FILE", help="MMGIS waypoints (GeoJSON, or a table); or a RASP file (.eng)."
        ),
    ],
    out: Annotated[
        pathlib.Path | None,
        typer.Option(metavar="FILE", help="Write the mended path, or the motor's tables."),
    ] = None,
    stage: Annotated[
        str, typer.Option(help="For a motor: the stage it becomes, one or two.")
    ] = "one",
    name: Annotated[
        str | None, typer.Option(help="For a motor: which of several in the file.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Read NASA's published traverse and mend its defects; or a motor file for a scenario."""
    if what not in WHAT:
        raise BadInput(
            "no such thing to import",
            file="command line",
            key="traverse|motor",
            value=what,
            allowed=", ".join(WHAT),
            hint="anabasis import traverse FILE, anabasis import motor FILE",
        )
    if out is not None and out.exists():
        raise BadInput(
            "exists already", file="command line", key="--out", value=str(out), hint="name another"
        )
    if what == "motor":
        from anabasis.cli.motors import import_motor

        return import_motor(file, stage, name, out, as_json)
    found, table = read_traverse(file)
    if out is not None:
        out.write_text(table, encoding="utf-8")
        found["written"] = str(out)
    if as_json:
        print_json({"schema_version": 1, **found})
    else:
        print_traverse(found)
    return 0


def read_traverse(file: pathlib.Path) -> tuple[dict[str, Any], str]:
    """Statistics of a traverse file, and its mended path as a table.

    Raises:
        BadInput: where the file is no traverse.
    """
    from anabasis.campaign import record
    from anabasis.exchange.mmgis import LARGEST, Unreadable, parse_waypoints

    if not file.is_file():
        raise BadInput("no such file", file=str(file), hint="name the waypoint layer")
    try:
        with open(file, "rb") as stream:
            mended = record.mend(parse_waypoints(stream.read(LARGEST + 1)))
    except Unreadable as wrong:
        raise BadInput(
            str(wrong), file=str(file), key=wrong.key, value=wrong.value, hint=wrong.hint
        ) from None
    found = {"file": str(file), **record.statistics(mended)}
    return found, record.path_table(mended, f"imported from {file.name} (MMGIS waypoints), mended")


def print_traverse(found: dict[str, Any]) -> None:
    """Print the statistics."""

    def number(value: float | None, form: str = ".0f") -> str:
        return "?" if value is None else format(value, form)

    moving, mended, grade = found["moving_sol_m"], found["mended"], found["leg_grade_deg"]
    ratio, best = number(found["path_ratio"], ".3f"), found["best_single_sol"]
    share = found["moving_sol_share"]
    steep = number(grade["p95"], ".1f")
    print(
        f"{found['waypoint_count']} waypoints, sols {found['first_sol']} to {found['last_sol']}\n"
        f"odometer       {found['odometer_km']:.2f} km by its counter, "
        f"{found['sum_of_legs_km']:.2f} km as the sum of legs, "
        f"{found['polyline_km']:.2f} km in straight lines (ratio {ratio})\n"
        f"moving sols    {found['moving_sol_count']} ({share:.0%}), "
        f"{found['mean_m_per_sol']:.1f} m a sol overall\n"
        f"a moving sol   median {number(moving['p50'])} m, mean {number(moving['mean'])}, "
        f"75 % {number(moving['p75'])}, 90 % {number(moving['p90'])}, "
        f"95 % {number(moving['p95'])}\n"
        f"best sol       {best['sol']}: {best['m']:.1f} m\n"
        f"grade          median {number(grade['p50'], '.1f')} deg, 95 % {steep} "
        f"({grade['count']} legs)\n"
        f"longest stops  "
        + ", ".join(f"{s['sols']} (from {s['from_sol']})" for s in found["longest_stops"])
    )
    print(
        f"mended         {mended['counter_held_count']} counters held, "
        f"{mended['place_from_map_count']} places from easting and northing, "
        f"{mended['date_contradicts_sol_count']} dates that contradict their sol, "
        f"{mended['counter_short_of_line_count']} counters short of the straight line, "
        f"{mended['dropped_count']} waypoints dropped"
        + (
            f"; not read: {', '.join(mended['ignored_columns'])}"
            if mended["ignored_columns"]
            else ""
        )
    )
    if found["drives_of_several_sols"]:
        print(
            "over several sols, no single-sol record: "
            + ", ".join(
                f"{d['m']:.0f} m by sol {d['sol']} ({d['sols']} sols)"
                for d in sorted(found["drives_of_several_sols"], key=lambda d: -d["m"])[:4]
            )
        )
    if "written" in found:
        print(f"written to {found['written']}")

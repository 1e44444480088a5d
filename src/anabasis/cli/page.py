"""One page in the terminal: how a march went."""

from __future__ import annotations

from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

KEY_FIGURES: dict[str, tuple[str, ...]] = {
    "lander_outbound": (
        "c3_km2_s2",
        "departure_declination_deg",
        "arrival_v_infinity_km_s",
        "time_of_flight_day",
        "arrival_ls_deg",
        "launch_margin_kg",
        "arrival_miss_km",
    ),
    "orbiter_outbound": (
        "c3_km2_s2",
        "departure_declination_deg",
        "arrival_v_infinity_km_s",
        "time_of_flight_day",
        "launch_margin_kg",
        "arrival_miss_km",
    ),
    "insertion": (
        "capture_delta_v_m_s",
        "finite_burn_loss_m_s",
        "spiral_delta_v_m_s",
        "spiral_duration_day",
        "propellant_kg",
        "final_mass_kg",
        "apoapsis_km",
        "periapsis_km",
        "inclination_deg",
    ),
    "entry": (
        "interface_speed_m_s",
        "interface_flight_path_angle_deg",
        "peak_deceleration_g",
        "peak_heat_flux_W_cm2",
        "heat_load_J_cm2",
        "bank_deg",
        "parachute_deploy_mach",
        "parachute_deploy_dynamic_pressure_Pa",
        "parachute_deploy_height_km",
    ),
    "landing": (
        "parachute_peak_force_kN",
        "powered_descent_duration_s",
        "touchdown_vertical_speed_m_s",
        "touchdown_horizontal_speed_m_s",
        "propellant_kg",
        "landed_mass_kg",
        "miss_km",
    ),
    "surface": (
        "landing_sol",
        "drive_distance_km",
        "tubes_loaded_count",
        "ready_sol",
        "ready_ls_deg",
        "season_margin_sol",
    ),
    "ascent": (
        "lift_off_mass_kg",
        "peak_acceleration_g",
        "peak_dynamic_pressure_kPa",
        "ideal_delta_v_m_s",
        "gravity_loss_m_s",
        "drag_loss_m_s",
        "steering_loss_m_s",
        "apoapsis_km",
        "periapsis_km",
        "inclination_deg",
    ),
    "rendezvous": ("delta_v_m_s", "duration_day", "plane_change_deg", "propellant_kg"),
    "homeward": (
        "c3_km2_s2",
        "delta_v_m_s",
        "propellant_kg",
        "time_of_flight_day",
        "arrival_v_infinity_km_s",
        "arrival_miss_km",
    ),
    "arrival": (
        "interface_speed_m_s",
        "interface_flight_path_angle_deg",
        "peak_deceleration_g",
        "peak_heat_flux_W_cm2",
        "heat_load_J_cm2",
        "impact_speed_m_s",
        "impact_miss_km",
    ),
}
"""The figures of each phase that the page shows; ``journey.json`` holds all of them."""


def print_journey(journey: dict[str, Any]) -> None:
    """Print a journey as ``journey.json`` holds it."""
    console = Console(highlight=False)
    console.print()
    console.print(f"[bold]{journey['scenario']}[/]  [dim]{journey['scenario_hash'][:12]}[/]")
    console.print()
    console.print(_timeline(journey))
    for table in (_phases(journey), _delta_v(journey), _ledger(journey), _tubes(journey)):
        if table is not None:
            console.print()
            console.print(table)
    console.print()
    console.print(_verdict(journey))


def _heading(text: str) -> Table:
    table = Table(
        title=text,
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    return table


def _timeline(journey: dict[str, Any]) -> Table:
    table = _heading("Timeline")
    for name, justify in (
        ("UTC", "left"),
        ("sol", "right"),
        ("Ls", "right"),
        ("phase", "left"),
        ("event", "left"),
    ):
        table.add_column(name, justify=justify, style="dim" if name == "phase" else "")  # pyright: ignore[reportArgumentType]
    for event in journey["events"]:
        note = f"  [dim]{event['note']}[/]" if event["note"] else ""
        table.add_row(
            event["utc"].replace("T", " ")[:19],
            "" if event["sol"] is None else str(event["sol"]),
            "" if event["ls_deg"] is None else f"{event['ls_deg']:.1f}",
            event["phase"],
            event["name"].replace("_", " ") + note,
        )
    return table


def _phases(journey: dict[str, Any]) -> Table:
    table = _heading("Phases")
    table.add_column("phase", style="bold")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("limit", justify="right")
    table.add_column("margin", justify="right")
    table.add_column("source", style="dim")
    for phase, report in journey["phases"].items():
        first = phase
        limits = list(report["limits"])
        shown: set[str] = set()
        rows: list[tuple[str, str, dict[str, Any] | None]] = []
        names = [name for name in KEY_FIGURES.get(phase, ()) if name in report["figures"]]
        for name in names:
            own = [limit for limit in limits if limit["figure"] == name]
            shown.add(name)
            rows.append((name, number(report["figures"][name]), own[0] if own else None))
            rows.extend(("", "", limit) for limit in own[1:])
        rows.extend(
            (limit["name"], number(limit["value"]), limit)
            for limit in limits
            if limit["figure"] not in shown
        )
        for name, value, limit in rows:
            table.add_row(first, name, value, *_limit_cells(limit))
            first = ""
        if report["outcome"]:
            table.add_row(first, f"[bold red]{report['outcome']}[/]", "", "", "", "")
        for note in report.get("notes", ()):
            table.add_row("", f"[dim]{note}[/]", "", "", "", "")
        read_out = {k: v for k, v in report["extrapolations"].items() if v}
        if read_out:
            words = ", ".join(f"{k} {v}" for k, v in read_out.items())
            table.add_row("", f"[yellow]steps read outside a table: {words}[/]", "", "", "", "")
    return table


def _limit_cells(limit: dict[str, Any] | None) -> tuple[str, str, str]:
    if limit is None:
        return "", "", ""
    sign = "<=" if limit["sense"] == "at most" else ">="
    bound = f"{sign} {number(limit['limit'])}"
    if limit["value"] is None:
        return bound, "[red]none[/]", limit["confidence"]
    gap = limit["limit"] - limit["value"]
    margin = gap if limit["sense"] == "at most" else -gap
    colour = "green" if limit["met"] else "bold red"
    return bound, f"[{colour}]{margin:+.4g}[/]", limit["confidence"]


def _delta_v(journey: dict[str, Any]) -> Table | None:
    if not journey["delta_v"]:
        return None
    table = _heading("Delta-v")
    table.add_column("element")
    table.add_column("manoeuvre")
    for name in ("delta-v m/s", "loss m/s", "propellant kg"):
        table.add_column(name, justify="right")
    for row in journey["delta_v"]:
        table.add_row(
            row["element"],
            row["name"].replace("_", " "),
            number(row["delta_v_m_s"]),
            number(row["loss_m_s"]),
            number(row["propellant_kg"]),
        )
    return table


def _ledger(journey: dict[str, Any]) -> Table | None:
    if not journey["mass_ledger"]:
        return None
    table = _heading("Mass ledger, kg")
    table.add_column("element")
    table.add_column("event")
    table.add_column("item")
    for name in ("before", "change", "after"):
        table.add_column(name, justify="right")
    last = ""
    for row in journey["mass_ledger"]:
        table.add_row(
            row["element"] if row["element"] != last else "",
            row["event"].replace("_", " "),
            row["item"].replace("_", " "),
            f"{row['before_kg']:.3f}",
            f"{row['change_kg']:+.3f}",
            f"{row['after_kg']:.3f}",
        )
        last = row["element"]
    return table


def _tubes(journey: dict[str, Any]) -> Table | None:
    if not journey["tubes"]:
        return None
    table = _heading("Tubes")
    table.add_column("state")
    table.add_column("count", justify="right")
    table.add_column("which")
    groups: dict[tuple[str, str], list[str]] = {}
    for tube in journey["tubes"]:
        groups.setdefault((tube["state"], tube["place"]), []).append(tube["name"])
    for (state, place), names in groups.items():
        colour = {"delivered": "green", "lost": "bold red"}.get(state, "")
        text = f"{state}, {place}" if place else state
        listed = ", ".join(names) if state != "empty" else ""
        table.add_row(Text(text, style=colour), str(len(names)), Text(listed, overflow="fold"))
    return table


def _verdict(journey: dict[str, Any]) -> Group:
    lines: list[Text] = []
    if journey["outcome"]:
        lines.append(
            Text(f"Lost in {journey['outcome_phase']}: {journey['outcome']}.", style="bold red")
        )
    broken = [
        limit["name"]
        for report in journey["phases"].values()
        for limit in report["limits"]
        if not limit["met"]
    ]
    if broken:
        lines.append(Text(f"{len(broken)} limit(s) broken: {'; '.join(broken)}.", style="red"))
    elif not journey["outcome"]:
        lines.append(Text("Every limit is met.", style="green"))
    if journey["tubes"]:
        home = journey["home_utc"]
        count = journey["tubes_home_count"]
        if home:
            text = f"{count} tubes are home on {home[:10]}"
            text += f", {journey['home_because']}" if journey.get("home_because") else ""
            text += f"; announced: {journey['announced']}." if journey.get("announced") else "."
            lines.append(Text(text, style="bold"))
        else:
            lines.append(Text("No tube came home.", style="bold"))
    return Group(*lines)


def number(value: float | None) -> str:
    """A number for reading: five figures, no exponent where it can be helped."""
    if value is None:
        return "none"
    if value == 0:
        return "0"
    size = abs(value)
    if size < 1e-3 or size >= 1e7:
        return f"{value:.3g}"
    if float(value).is_integer() and size < 1e6:
        return f"{value:.0f}"
    digits = 0 if size >= 1e4 else 1 if size >= 1e3 else 2 if size >= 100 else 3
    return f"{value:.{digits}f}"


def print_explanation(found: dict[str, Any]) -> None:
    """Print what `anabasis explain` found."""
    console = Console(highlight=False)
    value = found["value"]
    shown = "not given" if value is None else f"{value} {found['unit']}".strip()
    console.print(f"[bold]{found['path']}[/] = {shown}")
    table = Table.grid(padding=(0, 2))
    for name in ("meaning", "allowed", "source", "confidence", "given_by"):
        if found[name]:
            table.add_row(f"[dim]{name.replace('_', ' ')}[/]", Text(str(found[name])))
    console.print(table)

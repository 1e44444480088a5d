"""One page in the terminal: how a march went.

Eighty columns wide, top to bottom as things happened: the timeline, each phase with its figures and
limits, delta-v, the mass ledger, the tubes, the verdict.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from anabasis.units import FACTORS

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


MARKS = {"published": "p", "derived": "d", "assumed": "a", "unsourced": "u"}
"""Confidence of a limit, as one letter beside the number of its source."""

SPELLING = {
    "c3": "C3",
    "ls": "Ls",
    "mach": "Mach",
    "mars": "Mars",
    "earth": "Earth",
    "lift off": "lift-off",
    "delta v": "delta-v",
    "v infinity": "v-infinity",
    "flight path": "flight-path",
}
SOL_NUMBERS = ("landing_sol", "ready_sol")
"""Figures that say which sol it is, where others end in ``sol`` because they last so many."""


def print_journey(journey: dict[str, Any]) -> None:
    """Print a journey as ``journey.json`` holds it."""
    console = Console(highlight=False)
    sources: list[str] = []
    console.print()
    console.print(
        Text.assemble((journey["scenario"], "bold"), "  ", (journey["scenario_hash"][:12], "dim"))
    )
    _heading(console, "Timeline")
    console.print(_timeline(journey))
    _heading(console, "Phases", "figure, value, limit, margin, source of the limit")
    for phase, report in journey["phases"].items():
        _phase(console, phase, report, sources)
    if sources:
        console.print()
        console.print(_sources(sources))
    if journey["delta_v"]:
        _heading(console, "Delta-v")
        console.print(_delta_v(journey["delta_v"]))
    if journey["mass_ledger"]:
        _heading(console, "Mass ledger, kg")
        console.print(_ledger(journey["mass_ledger"]))
    if journey["tubes"]:
        _heading(console, "Tubes")
        _tubes(console, journey["tubes"])
    console.print()
    _verdict(console, journey)


def _heading(console: Console, text: str, note: str = "") -> None:
    console.print()
    console.print(Text.assemble((text, "bold underline"), (f"  {note}" if note else "", "dim")))


def _grid(*columns: tuple[int | None, str], gap: int = 2) -> Table:
    """A table of bare columns: (least width, justification), two spaces in from the left."""
    table = Table.grid(padding=(0, gap, 0, 0))
    table.add_column(width=2 - gap)
    for width, justify in columns:
        table.add_column(min_width=width, justify=justify, overflow="fold")  # pyright: ignore[reportArgumentType]
    return table


def _named(name: str) -> str:
    """A name in the words and capitals of prose: ``arrival_v_infinity`` is arrival v-infinity."""
    words = f" {name.replace('_', ' ')} "
    for plain, proper in SPELLING.items():
        words = words.replace(f" {plain} ", f" {proper} ")
    return words.strip()


# ---------------------------------------------------------------- timeline


def _timeline(journey: dict[str, Any]) -> Table:
    table = _grid((19, "left"), (4, "right"), (5, "right"), (16, "left"), (None, "left"))
    table.add_row("", *(Text(t, style="dim") for t in ("UTC", "sol", "Ls", "phase", "event")))
    last = ""
    for event in journey["events"]:
        note = (f", {event['note']}", "dim") if event["note"] else ""
        table.add_row(
            "",
            event["utc"].replace("T", " ")[:19],
            "" if event["sol"] is None else str(event["sol"]),
            "" if event["ls_deg"] is None else f"{event['ls_deg']:.1f}",
            Text(_named(event["phase"]) if event["phase"] != last else "", style="dim"),
            Text.assemble(_named(event["name"]), note),
        )
        last = event["phase"]
    return table


# ---------------------------------------------------------------- phases


@dataclasses.dataclass(frozen=True)
class _Bound:
    """One limit, or the two that close an interval around the same figure."""

    limits: Sequence[dict[str, Any]]

    @property
    def met(self) -> bool:
        return all(limit["met"] for limit in self.limits)

    def text(self) -> str:
        if len(self.limits) == 2:
            low, high = sorted(limit["limit"] for limit in self.limits)
            return f"{low:.5g} to {high:.5g}"
        limit = self.limits[0]
        return f"{'<=' if limit['sense'] == 'at most' else '>='} {limit['limit']:.5g}"

    def margin(self) -> Text:
        gaps = []
        for limit in self.limits:
            if limit["value"] is None:
                return Text("none", style="bold red")
            gap = limit["limit"] - limit["value"]
            gaps.append(gap if limit["sense"] == "at most" else -gap)
        colour = "green" if self.met else "bold red"
        return Text(signed(min(gaps)), style=colour)


def _bounds(limits: Sequence[dict[str, Any]]) -> list[_Bound]:
    """Two limits from one source on either side of a figure become one interval."""
    if (
        len(limits) == 2
        and {limit["sense"] for limit in limits} == {"at most", "at least"}
        and len({(limit["source"], limit["confidence"]) for limit in limits}) == 1
    ):
        return [_Bound(limits)]
    return [_Bound([limit]) for limit in limits]


def _phase(console: Console, phase: str, report: dict[str, Any], sources: list[str]) -> None:
    span = f"{report['start_utc'][:10]} to {report['end_utc'][:10]}"
    console.print(Text.assemble("\n  ", (_named(phase), "bold"), (f"  {span}", "dim")))
    table = _grid((35, "left"), (8, "right"), (6, "left"), (10, "right"), (7, "right"), (4, "left"),
                  gap=1)  # fmt: skip
    shown: set[str] = set()
    for figure in KEY_FIGURES.get(phase, ()):
        if figure in report["figures"]:
            shown.add(figure)
            own = [limit for limit in report["limits"] if limit["figure"] == figure]
            name, unit = split_unit(figure)
            _rows(table, name, report["figures"][figure], unit, _bounds(own), sources)
    for limit in report["limits"]:
        if limit["figure"] not in shown:
            _rows(table, limit["name"], limit["value"], limit["unit"], [_Bound([limit])], sources)
    if table.row_count:
        console.print(table)
    remarks: list[tuple[str, str]] = [(note, "dim") for note in report.get("notes", ())]
    remarks += [
        (f"{count} steps read outside the table of {_named(name)}", "yellow")
        for name, count in report["extrapolations"].items()
        if count
    ]
    if report["outcome"]:
        remarks.insert(0, (report["outcome"], "bold red"))
    for remark, style in remarks:
        console.print(Padding(Text(remark, style=style), (0, 0, 0, 4)))


def _rows(
    table: Table,
    name: str,
    value: float | None,
    unit: str,
    bounds: Sequence[_Bound],
    sources: list[str],
) -> None:
    """One row, and one more for each further limit on the same figure."""
    cells: list[Any] = [Text(name), number(value), Text(unit_in_words(unit), style="dim")]
    for bound in bounds or [None]:
        if bound is None:
            table.add_row("", *cells, "", "", "")
            continue
        limit = bound.limits[0]
        if limit["source"] not in sources:
            sources.append(limit["source"])
        mark = f"{MARKS.get(limit['confidence'], '?')} {sources.index(limit['source']) + 1}"
        broken = "" if bound.met else "bold red"
        if broken:
            cells = [c if isinstance(c, Text) else Text(c) for c in cells]
            for cell in cells:
                cell.stylize(broken)
        flag = "" if bound.met else Text("!", style=broken)
        table.add_row(flag, *cells, Text(bound.text(), style=broken), bound.margin(),
                      Text(mark, style="dim"))  # fmt: skip
        cells = ["", "", ""]


def _sources(sources: Sequence[str]) -> Table:
    table = _grid((2, "right"), (None, "left"))
    letters = ", ".join(f"{letter} {word}" for word, letter in MARKS.items())
    table.add_row("", "", Text(f"Sources of the limits ({letters})", style="dim"))
    for index, source in enumerate(sources, 1):
        table.add_row("", Text(str(index), style="dim"), Text(source, style="dim"))
    return table


# ---------------------------------------------------------------- ledgers


def _by_element(rows: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["element"], []).append(row)
    return groups


def _delta_v(rows: Sequence[dict[str, Any]]) -> Table:
    table = _grid((34, "left"), (11, "right"), (9, "right"), (13, "right"))
    titles = ("", "delta-v m/s", "loss m/s", "propellant kg")
    table.add_row("", *(Text(title, style="dim") for title in titles))
    for element, own in _by_element(rows).items():
        totals = [sum(row[name] or 0.0 for row in own) for name in ("delta_v_m_s", "propellant_kg")]
        table.add_row(
            "",
            Text(element, style="bold"),
            f"{totals[0]:.1f}",
            "",
            f"{totals[1]:.1f}",
            style="bold",
        )
        for row in own:
            table.add_row(
                "",
                "  " + _named(row["name"]),
                *(_fixed(row[name], 1) for name in ("delta_v_m_s", "loss_m_s", "propellant_kg")),
            )
    return table


def _ledger(rows: Sequence[dict[str, Any]]) -> Table:
    table = _grid((25, "left"), (25, "left"), (10, "right"), (10, "right"))
    table.add_row("", *(Text(t, style="dim") for t in ("", "", "change", "mass")))
    for element, own in _by_element(rows).items():
        table.add_row("", Text(element), "", "", _fixed(own[0]["before_kg"], 3), style="bold")
        for row in own:
            table.add_row(
                "",
                "  " + _named(row["event"]),
                _named(row["item"]),
                f"{row['change_kg']:+.3f}",
                f"{row['after_kg']:.3f}",
            )
    return table


# ---------------------------------------------------------------- tubes and verdict


def _tubes(console: Console, tubes: Sequence[dict[str, Any]]) -> None:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for tube in tubes:
        groups.setdefault((tube["state"], tube["place"]), []).append(tube)
    for (state, place), members in groups.items():
        colour = {"delivered": "green", "lost": "bold red"}.get(state, "")
        title = f"{len(members)} {state}, {place}" if place else f"{len(members)} {state}"
        console.print(Text.assemble("  ", (title, colour)))
        if state != "empty":
            names = ", ".join(tube["name"].replace(" ", "\N{NO-BREAK SPACE}") for tube in members)
            console.print(Padding(Text(names), (0, 0, 0, 4)))
        way = _way(members) if state in ("delivered", "lost") else ""
        if way:
            console.print(Padding(Text(way, style="dim"), (0, 0, 0, 4)))


def _way(members: Sequence[dict[str, Any]]) -> str:
    """Who held these tubes, each from the day the first of them was handed over."""
    since: dict[str, str] = {}
    for tube in members:
        for holding in tube["custody"]:
            day = (holding["from_utc"] or "")[:10]
            known = since.get(holding["holder"])
            since[holding["holder"]] = day if known is None else min(known, day)
    steps = (f"{holder}\N{NO-BREAK SPACE}{day}" if day else holder for holder, day in since.items())
    return "held by: " + ", ".join(steps)


def _verdict(console: Console, journey: dict[str, Any]) -> None:
    if journey["outcome"]:
        lost = f"Lost in {_named(journey['outcome_phase'] or '')}: {journey['outcome']}."
        console.print(Text(lost, style="bold red"))
    broken = [
        f"{_named(phase)}, {limit['name']}"
        for phase, report in journey["phases"].items()
        for limit in report["limits"]
        if not limit["met"]
    ]
    if broken:
        count = f"{len(broken)} limit{'s' if len(broken) > 1 else ''} broken: "
        console.print(Text(count + "; ".join(broken) + ".", style="red"))
    elif not journey["outcome"]:
        console.print(Text("Every limit is met.", style="green"))
    if not journey["tubes"]:
        return
    home = journey["home_utc"]
    if home:
        text = f"{journey['tubes_home_count']} tubes are home on {home[:10]}"
        text += f", {journey['home_because']}." if journey.get("home_because") else "."
        console.print(Text(text, style="bold"))
        if journey.get("announced"):
            console.print(Text(f"Announced: {journey['announced']}."))
    else:
        console.print(Text("No tube came home.", style="bold"))


# ---------------------------------------------------------------- words and numbers


def split_unit(name: str) -> tuple[str, str]:
    """A name at the wall in words, and its unit: ``peak_heat_flux_W_cm2`` gives both."""
    if name in SOL_NUMBERS:
        return _named(name), ""
    unit = max(
        (unit for unit in FACTORS if unit and name.endswith(f"_{unit}")), key=len, default=""
    )
    return _named(name[: len(name) - len(unit) - 1] if unit else name), unit


def unit_in_words(unit: str) -> str:
    """A unit as it is read: ``km2_s2`` is km2/s2."""
    return unit.replace("_", "/")


def number(value: float | None) -> str:
    """A number for reading: five figures, no exponent where it can be helped."""
    if value is None:
        return "none"
    size = abs(value)
    if size < 5e-8:
        return "0"
    if size < 1e-3 or size >= 1e7:
        return f"{value:.2g}" if size < 1e-3 else f"{value:.3g}"
    if float(value).is_integer() and size < 1e6:
        return f"{value:.0f}"
    digits = 0 if size >= 1e4 else 1 if size >= 1e3 else 2 if size >= 100 else 3
    return f"{value:.{digits}f}"


def signed(value: float) -> str:
    """A margin with its sign; nothing to spare and nothing missing is 0."""
    return "0" if abs(value) < 5e-8 else f"{value:+.4g}"


def _fixed(value: float | None, digits: int) -> str:
    if value is None:
        return "none"
    return "" if value == 0 else f"{value:.{digits}f}"


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

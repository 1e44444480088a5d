"""``anabasis windows``: the opportunities between the planets, as a table."""

from __future__ import annotations

from typing import Any

from anabasis.campaign.bad_input import BadInput

FIRST_YEAR, LAST_YEAR = 2011, 2055


def find_windows(
    start: int,
    end: int,
    homeward: bool,
    max_c3: float | None,
    max_vinf: float | None,
    max_dla: float | None,
    revolutions: int,
) -> list[dict[str, Any]]:
    """The opportunities whose departure lies between two years, both included."""
    for option, year in (("--from", start), ("--to", end)):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise BadInput(
                "outside the ephemeris",
                file="command line",
                key=option,
                value=year,
                allowed=f"{FIRST_YEAR} to {LAST_YEAR}",
                hint="choose years the shipped DE440 excerpt covers",
            )
    if end < start:
        raise BadInput(
            "ends before it starts",
            file="command line",
            key="--to",
            value=end,
            allowed=f"at least {start}",
            hint="swap the years",
        )
    from anabasis.studies.windows import opportunities

    return opportunities(
        start,
        end,
        homeward=homeward,
        max_c3=max_c3,
        max_v_infinity=max_vinf,
        max_declination=max_dla,
        revolutions=revolutions,
    )


COLUMNS: tuple[tuple[str, str, str, int | None], ...] = (
    ("departure_utc", "departure", "UTC", None),
    ("arrival_utc", "arrival", "UTC", None),
    ("time_of_flight_day", "flight", "day", 0),
    ("type", "type", "", None),
    ("least", "least", "", None),
    ("c3_km2_s2", "C3", "km2/s2", 2),
    ("departure_declination_deg", "DLA", "deg", 1),
    ("arrival_v_infinity_km_s", "v-inf", "km/s", 2),
    ("ls_deg", "Ls", "deg", 0),
)
"""What the table shows of a row: name, heading, unit, digits; ``--json`` gives the rest."""
APART = 9
"""Departures further apart than this [months] belong to different opportunities."""
LEAST = {"c3": "C3", "arrival_v_infinity": "v-inf", "sum": "sum"}


def print_windows(found: list[dict[str, Any]], homeward: bool) -> None:
    """Print opportunities as a table, a line apart for each opportunity."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not found:
        console.print("no opportunity within these limits")
        return
    console.print(Text("From Mars to Earth" if homeward else "From Earth to Mars", style="bold"))
    table = Table.grid(padding=(0, 2, 0, 0))
    for *_, digits in COLUMNS:
        table.add_column(justify="left" if digits is None else "right", overflow="fold")
    for line in (1, 2):
        table.add_row(*(Text(str(column[line]), style="dim") for column in COLUMNS))
    last = None
    for row in found:
        month = _months(row["departure_utc"])
        if last is not None and month - last > APART:
            table.add_row()
        last = month
        table.add_row(*(_cell(row, name, digits) for name, _, _, digits in COLUMNS))
    console.print(table)
    console.print(
        Text(
            "least: what the row minimises, C3, arrival v-infinity, or the sum of both speeds; "
            f"Ls on {'departure from' if homeward else 'arrival at'} Mars",
            style="dim",
        )
    )


def _months(utc: str) -> int:
    return 12 * int(utc[:4]) + int(utc[5:7])


def _cell(row: dict[str, Any], name: str, digits: int | None) -> str:
    value = row[name] if name in row else row[next(n for n in row if n.endswith(name))]
    if name.endswith("_utc"):
        return value[:10]
    if digits is None:
        return LEAST.get(value, str(value))
    return f"{value:.{digits}f}"

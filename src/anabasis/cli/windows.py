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


def print_windows(found: list[dict[str, Any]], homeward: bool) -> None:
    """Print opportunities as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title="From Mars to the Earth" if homeward else "From the Earth to Mars",
        title_justify="left",
    )
    names: list[str] = list(found[0]) if found else []
    for name in names:
        table.add_column(name, justify="right")
    for row in found:
        table.add_row(*(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values()))
    console = Console()
    if found:
        console.print(table)
    else:
        console.print("no opportunity within these limits")

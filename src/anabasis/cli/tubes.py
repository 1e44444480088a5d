"""``anabasis tubes``: the 43 tubes, or one of them, as things stood."""

from __future__ import annotations

from typing import Any

from anabasis.campaign.bad_input import BadInput
from anabasis.vehicles.tube import UnknownTube, describe

CONDITIONS = {"on the ground at Three Forks": "at Three Forks"}
"""Words that are too long for a column."""


def find_tubes(word: str | None, at_sol: int | None) -> list[dict[str, Any]]:
    """The tubes as plain mappings; one only where a number, id or name is given."""
    try:
        return describe(word, at_sol)
    except UnknownTube as failure:
        message, _, hint = str(failure).partition("; ")
        raise BadInput(
            message,
            file="command line",
            key="TUBE",
            value=word,
            hint=hint or "see: anabasis tubes",
        ) from None


def print_tubes(found: list[dict[str, Any]], at_sol: int | None, *, one: bool) -> None:
    """Print the table, or every field of one tube."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    if one:
        tube = found[0]
        table = Table.grid(padding=(0, 2))
        for name, value in tube.items():
            if value in (None, "", [], {}):
                continue
            if isinstance(value, dict):
                value = ", ".join(f"{k} ({v})" for k, v in value.items())
            table.add_row(f"[dim]{name}[/]", str(value))
        console.print(table)
        return
    when = f"on sol {at_sol}" if at_sol is not None else "as last known"
    table = Table(
        title=f"The 43 tubes {when}",
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for name in ("no.", "id", "name", "holds", "filled", "condition"):
        right = name in ("no.", "filled")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for tube in found:
        mark = {"published": "", "inferred": "*", "assigned": "+"}[tube["id_status"]]
        sol = tube["core_sol"]
        filled = sol if sol is not None and (at_sol is None or sol <= at_sol) else ""
        table.add_row(
            str(tube["number"]),
            tube["id"] + mark,
            tube["name"] if tube["core_sol"] is not None else "",
            tube["kind"],
            str(filled),
            CONDITIONS.get(tube["condition"], tube["condition"]),
        )
    console.print(table)
    console.print("[dim]filled on that sol; * numbered by the order of filling, + numbered here[/]")
    counts: dict[str, int] = {}
    for tube in found:
        counts[tube["condition"]] = counts.get(tube["condition"], 0) + 1
    console.print("; ".join(f"{n} {word}" for word, n in counts.items()))

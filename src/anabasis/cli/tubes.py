"""``anabasis tubes``: the 43 tubes, or one of them, as things stood."""

from __future__ import annotations

import pathlib
from typing import Any

from anabasis.campaign import story
from anabasis.campaign.bad_input import BadInput
from anabasis.vehicles.tube import UnknownTube, depot, describe, find

CONDITIONS = {"on the ground at Three Forks": "at Three Forks"}
"""Words that are too long for a column."""


def find_tubes(
    word: str | None, at_sol: int | None, run: pathlib.Path | None = None
) -> list[dict[str, Any]]:
    """The tubes as plain mappings; one only, with its story, where a number, id or name is given.

    Args:
        word: number, id or name of one tube, or None for all.
        at_sol: as things stood then; None means as last known.
        run: folder of a flown march, whose end of each tube is told too.
    """
    journey = None if run is None else story.read_journey(run)
    try:
        found = describe(word, at_sol)
    except UnknownTube as failure:
        message, _, hint = str(failure).partition("; ")
        raise BadInput(
            message,
            file="command line",
            key="TUBE",
            value=word,
            hint=hint or "see: anabasis tubes",
        ) from None
    for entry in found:
        tube = find(entry["id"])
        if word is not None:
            entry["story"] = story.past(tube, at_sol)
        if journey is not None:
            flown = story.future(tube, journey)
            entry["flown"] = {
                "scenario": journey.get("scenario"),
                "end": flown[-1]["what"] if flown else None,
                "story": flown,
            }
    return found


def drops() -> list[dict[str, Any]]:
    """The ten drops at Three Forks as plain mappings, in their order."""
    return [
        {
            "order": drop.order,
            "id": drop.tube.id,
            "name": drop.tube.name,
            "sol": drop.sol,
            "lmst": drop.lmst,
            "utc": drop.utc,
            "latitude_deg": drop.latitude_deg,
            "longitude_deg": drop.longitude_deg,
            "height_m": drop.elevation_m,
            "spacing_m": None if drop.spacing_m is None else round(drop.spacing_m, 2),
        }
        for drop in depot()
    ]


def print_drops(found: list[dict[str, Any]]) -> None:
    """Print the depot."""
    print("Three Forks depot: ten tubes in the order of their drops")
    for drop in found:
        gap = "" if drop["spacing_m"] is None else f"{drop['spacing_m']:5.1f} m from the last"
        print(
            f"{drop['order']:2d}  sol {drop['sol']} {drop['lmst']}  {drop['name']:<15}"
            f"{drop['latitude_deg']:.6f} N {drop['longitude_deg']:.6f} E  {gap}".rstrip()
        )


def print_tubes(found: list[dict[str, Any]], at_sol: int | None, *, one: bool) -> None:
    """Print the table, or one tube's story."""
    if one:
        _print_one(found[0])
        return
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
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
    if found and "flown" in found[0]:
        ends: dict[str, list[str]] = {}
        for tube in found:
            ends.setdefault(tube["flown"]["end"] or "not in the march", []).append(tube["name"])
        console.print(f"In the flown march {found[0]['flown']['scenario']}:")
        for end, names in ends.items():
            console.print(f"  {len(names)} {end}")


def _print_one(tube: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(f"[bold]{tube['name']}[/], {tube['kind']}: {tube['condition']}")
    table = Table.grid(padding=(0, 2))

    def row(label: str, value: Any) -> None:
        if value not in (None, "", [], {}):
            table.add_row(f"[dim]{label}[/]", str(value))

    row("id", f"{tube['id']} ({tube['id_status']})")
    row("rock", " - ".join(w for w in (tube["target"], tube["filled_at"], tube["unit"]) if w))
    row("lithology", "; ".join(w for w in (tube["lithology"], tube["lithology_detail"]) if w))
    row("interest", tube["interest"])
    if tube["core_length_m"] is not None:
        row(
            "sample",
            f"{tube['core_length_m'] * 100:.2f} cm, "
            f"{tube['core_volume_m3'] * 1e6:.2f} cm3 (derived), "
            f"{tube['sample_kg'] * 1e3:.1f} grams (derived, density "
            f"{tube['sample_density_kg_m3'] / 1e3:.1f} assumed)",
        )
    row("pair", tube["pair"])
    row("flags", ", ".join(f"{word} ({how})" for word, how in tube["flags"].items()))
    row("place", f"{tube['place']}, {tube['latitude_deg']:.5f} N {tube['longitude_deg']:.5f} E")
    row("uncertain", ", ".join(tube["uncertain"]))
    row("notes", tube["notes"])
    row("source", f"{tube['source']} ({tube['confidence']} confidence)")
    console.print(table)
    for title, entries in (
        ("The record", tube.get("story", [])),
        (
            f"The flown march ({tube['flown']['scenario']})" if "flown" in tube else "",
            tube.get("flown", {}).get("story", []),
        ),
    ):
        if entries:
            console.print(f"[bold]{title}[/]")
        for entry in entries:
            when = (entry["utc"] or "")[:10]
            sol = f"sol {entry['sol']}" if entry["sol"] is not None else ""
            where = f", {entry['place']}" if entry["place"] and entry["sol"] != 0 else ""
            doubt = f" [{entry['certainty']}]" if entry["certainty"] == "contradictory" else ""
            print(f"  {when:<10}  {sol:<8}  {entry['what']}{where}{doubt}{_felt(entry)}")


def _felt(entry: dict[str, Any]) -> str:
    """What a flown entry says of warmth, shock and verdict."""
    words = []
    if entry.get("temperature_maximum_K") is not None:
        words.append(
            f"{entry['temperature_minimum_K']:.0f} to {entry['temperature_maximum_K']:.0f} K"
        )
    if entry.get("peak_acceleration_g") is not None:
        words.append(f"up to {entry['peak_acceleration_g']:.0f} g")
    if entry.get("verdict") not in (None, "lost", "empty"):
        words.append("; ".join([str(entry["verdict"]), *entry["why"]]))
    return f" ({', '.join(words)})" if words else ""

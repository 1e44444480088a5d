"""``anabasis ledger DIR``: what every tube of a flown march went through, and the verdicts."""

from __future__ import annotations

import math
import pathlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from anabasis.campaign.bad_input import BadInput
from anabasis.cli.words import AsJson, print_json


def ledger(
    folder: Annotated[pathlib.Path, typer.Argument(metavar="DIR", help="Folder of a flown march.")],
    tube: Annotated[
        str | None, typer.Argument(metavar="TUBE", help="Number, id or name of one tube.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Say what each tube went through, against what it may, and what that makes of it."""
    found = keep_books(folder, tube)
    if as_json:
        print_json({"schema_version": 1, **found})
    else:
        print_books(found, one=tube is not None)
    return 0


def keep_books(folder: pathlib.Path, word: str | None) -> dict[str, Any]:
    """The ledger of a run's folder, and how the rocket waited.

    Raises:
        BadInput: where the folder holds no march, or no tube is called so.
    """
    from anabasis.campaign import exposure, story
    from anabasis.cli.tubes import find_tubes

    journey = story.read_journey(folder)
    if not isinstance(journey.get("phases"), dict) or not isinstance(journey.get("events"), list):
        raise BadInput("holds no journey with its phases", file=str(folder), key="phases")
    books = exposure.ledger(journey)
    if word is not None:
        wanted = find_tubes(word, None)[0]["id"]
        books = [entry for entry in books if entry["id"] == wanted]
        for entry in books:
            entry["temperature_history"] = exposure.history(entry["stages"], journey)
    figures = {name: phase["figures"] for name, phase in journey["phases"].items()}
    found: dict[str, Any] = {"scenario": journey.get("scenario"), "tubes": books}
    found["waiting"] = _waiting(journey, folder)
    if journey.get("home_utc"):
        warm = exposure.time_until_too_warm(figures)
        found["hours_until_30_C_in_Utah_h"] = None if warm is None else warm / 3600.0
    return found


def _waiting(journey: Mapping[str, Any], folder: pathlib.Path) -> dict[str, Any] | None:
    """The rocket from touchdown to lift-off, where both were flown."""
    from anabasis.campaign.waiting import told, wait
    from anabasis.units import SOL
    from anabasis.vehicles.igloo import Igloo
    from anabasis.worlds.calendar import epoch_of_utc

    dates = {event["name"]: event["utc"] for event in journey["events"]}
    if "touchdown" not in dates or "lift_off" not in dates:
        return None
    begin, end = epoch_of_utc(dates["touchdown"]), epoch_of_utc(dates["lift_off"])
    sols = math.ceil((end - begin) / SOL)
    loaded = dates.get("loading_end", dates["touchdown"])
    wanted = math.ceil((epoch_of_utc(loaded) - begin) / SOL)
    igloo, closed = Igloo(), (math.radians(180.0), math.radians(330.0))
    flown = folder / "scenario.toml"
    if flown.is_file():
        from anabasis.campaign.scenario import load

        surface = load(str(flown)).parts.surface
        if surface is not None:
            igloo = surface.igloo or igloo
            closed = float(surface.closed_from), float(surface.closed_to)
    found = wait(igloo, begin, sols + 1, math.radians(18.45), wanted=wanted, closed=closed)
    return told(found, igloo)


def _turns(history: Sequence[Mapping[str, Any]]) -> list[str]:
    """The temperature history in few lines: coldest and warmest of each year and holder."""
    rows: dict[tuple[str, str], list[float]] = {}
    for entry in history:
        own = rows.setdefault((entry["utc"][:4], entry["holder"]), [])
        own += [entry["low_K"], entry["high_K"]]
    return [
        f"{year}  {holder:<11}{min(found):.0f} to {max(found):.0f} K"
        for (year, holder), found in rows.items()
    ]


def print_books(found: dict[str, Any], *, one: bool) -> None:
    """Print verdicts, or every stage of one tube."""
    for entry in found["tubes"]:
        why = f": {'; '.join(entry['why'])}" if entry["why"] else ""
        if entry["verdict"] == "empty" and not one:
            continue
        print(f"{entry['name']:<16}{entry['state']:<14}{entry['verdict']}{why}")
        if not one:
            continue
        for stage in entry["stages"]:
            print(
                f"  {stage['from_utc'][:10]} to {stage['to_utc'][:10]}  {stage['holder']:<11}"
                f"{stage['temperature_minimum_K']:.0f} to {stage['temperature_maximum_K']:.0f} K"
                f" ({stage['temperature_basis']}), {stage['dose_Gy'] * 1e3:.0f} mGy"
            )
            for shock in stage["shocks"]:
                print(f"{'':29}{shock['name']}: {shock['peak_g']:.0f} g ({shock['basis']})")
        for row in _turns(entry.get("temperature_history", ())):
            print(f"  {row}")
        for check in entry["limits"]:
            sign = "met" if check["met"] else "NOT met"
            print(
                f"  {check['name']}: {check['value']:.4g} of {check['limit']:.4g} {check['unit']} "
                f"{sign} ({check['source']}; {check['confidence']})"
            )
    waiting = found["waiting"]
    if waiting and not one:
        print(
            f"The rocket waited {waiting['sols']} sols: {waiting['sentence']} "
            f"(heaters {waiting['heater_mean_kWh_per_sol']:.2f} kWh a sol, at most "
            f"{waiting['heater_maximum_kWh_per_sol']:.2f}; all assumed)"
        )
    hours = found.get("hours_until_30_C_in_Utah_h")
    if hours is not None and not one:
        print(f"In Utah the tubes pass 30 C after {hours:.0f} hours unless cooled (assumed)")

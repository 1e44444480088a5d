"""One tube's story: what the record says happened to it, and what a flown march makes of it.

    drilled -> closed -> set down -> last seen || loaded -> lift-off -> ... -> Utah
    the record (published)                     || the flown march (flown)

Plain data in, plain data out. Loads no jax.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from typing import Any

from anabasis.campaign.bad_input import BadInput
from anabasis.vehicles.traverse import LAST_KNOWN_SOL, rover_place
from anabasis.vehicles.tube import Tube, depot

LANDED = ("2021-02-18T20:55Z", 0)
"""Touchdown of Perseverance (MV) and its sol."""
LAST_SEEN = "2026-09-14T00:00Z"
"""Date of the last known sol (MMGIS)."""
_SHARED_EVENTS = {
    "lift_off": "lifted off from Mars",
    "mars_departure": "left the neighbourhood of Mars",
    "earth_entry_interface": "entered the air of the Earth",
}
_RECEIVED = {
    "rover": "aboard the rover",
    "ground": "set down on the ground",
    "helicopters": "fetched by a helicopter",
    "fetch rover": "fetched by the fetch rover",
    "ascender": "loaded into the ascent vehicle",
    "container": "in orbit, in the container",
    "orbiter": "captured by the orbiter",
    "capsule": "released in the return capsule",
    "laboratory": "on the ground in Utah",
}


def read_journey(folder: pathlib.Path) -> dict[str, Any]:
    """The journey of a run's folder.

    Raises:
        BadInput: where the folder holds none.
    """
    path = folder / "journey.json" if folder.is_dir() else folder
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        held = None
    tubes = held.get("tubes") if isinstance(held, dict) else None
    told = isinstance(tubes, list) and all(
        isinstance(t, dict) and {"id", "state", "place", "custody"} <= set(t) for t in tubes
    )
    if not isinstance(held, dict) or held.get("schema_version") != 1 or not told:
        raise BadInput(
            "holds no journey with its tubes",
            file="command line",
            key="--run",
            value=str(folder),
            hint="name the folder that anabasis fly wrote",
        )
    return held


def past(tube: Tube, at_sol: int | None = None) -> list[dict[str, Any]]:
    """What the record says happened, in order; what came after ``at_sol`` is left out.

    Each entry: ``utc, sol, what, holder, place, latitude_deg, longitude_deg, certainty``;
    certainty is ``published``, ``derived`` or ``contradictory`` (the source disagrees with
    itself).
    """
    found = [_entry(*LANDED, "landed, empty and clean", "rover", "Jezero", None, "published")]
    doubt = "contradictory" if tube.uncertain else "published"
    here = tube.place or "Jezero"
    at = (tube.latitude_deg, tube.longitude_deg)
    if tube.core_sol is not None:
        filled = {
            "atmosphere": "closed on the air of Mars: the core had crumbled",
            "regolith": "filled with regolith",
            "witness": "opened to witness what the rover sheds",
        }.get(tube.kind, f"filled with a core of {tube.target or 'rock'}")
        found.append(_entry(tube.core_utc, tube.core_sol, filled, "rover", here, at, doubt))
    if tube.seal_sol is not None:
        wait = tube.seal_sol - (tube.core_sol or tube.seal_sol)
        late = f", {wait} sols after" if wait > 0 and not tube.uncertain else ""
        said = f"sealed{late}" + (f" ({tube.seal_note})" if tube.seal_note else "")
        found.append(_entry(tube.seal_utc, tube.seal_sol, said, "rover", here, at, doubt))
    if tube.drop_sol is not None:
        drop = next(drop for drop in depot() if drop.tube.id == tube.id)
        said = f"set down at Three Forks, {_ordinal(drop.order)} of ten"
        if drop.spacing_m is not None:
            said += f", {drop.spacing_m:.1f} m from the one before"
        where = (drop.latitude_deg, drop.longitude_deg)
        found.append(_entry(drop.utc, drop.sol, said, "ground", None, where, "published"))
    last = {"sealed": "sealed", "open": "still open", "empty": "empty"}[tube.closure]
    where = at if tube.drop_sol is None else (tube.depot_latitude_deg, tube.depot_longitude_deg)
    if tube.where == "rover":
        where = rover_place(LAST_KNOWN_SOL)
    place = "Three Forks" if tube.where == "depot" else "aboard Perseverance"
    holder = "ground" if tube.where == "depot" else "rover"
    found.append(
        _entry(LAST_SEEN, LAST_KNOWN_SOL, f"last known: {last}", holder, place, where, "derived")
    )
    return [entry for entry in found if at_sol is None or entry["sol"] <= at_sol]


def future(tube: Tube, journey: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a flown march makes of the tube, in order; the last entry is its end.

    Args:
        tube: which.
        journey: what ``journey.json`` holds.

    Returns:
        Entries as of `past`, with the certainty ``flown`` and, where the journey holds them,
        temperatures and the peak acceleration of each holding; the end says the verdict and why.
    """
    entry = next((t for t in journey["tubes"] if t["id"] == tube.id), None)
    if entry is None:
        return []
    found: list[dict[str, Any]] = []
    boarded = ""
    for holding in entry["custody"]:
        if holding["holder"] in ("rover", "ground") and _moment(holding) <= LAST_SEEN:
            continue
        if holding["holder"] == "ascender":
            boarded = _moment(holding)
        said = _RECEIVED.get(holding["holder"], f"held by {holding['holder']}")
        flown = _entry(
            holding["from_utc"], None, said, holding["holder"], _where(holding), None, "flown"
        )
        flown["temperature_K_max"] = holding["temperature_K_max"]
        for name in ("temperature_minimum_K", "temperature_maximum_K", "peak_acceleration_g"):
            flown[name] = holding.get(name)
        found.append(flown)
    last = found[-1]["utc"] if found else ""
    for event in journey["events"]:
        if event["name"] in _SHARED_EVENTS and boarded and boarded <= event["utc"] <= last:
            said = _SHARED_EVENTS[event["name"]]
            found.append(_entry(event["utc"], event["sol"], said, None, None, None, "flown"))
    found.sort(key=lambda item: str(item["utc"]))
    why = journey["outcome"] if entry["state"] == "lost" else ""
    said = f"{entry['state']}: {entry['place']}" + (f" ({why})" if why else "")
    end = _entry(None, None, said, None, None, None, "flown")
    end["verdict"], end["why"] = entry.get("verdict"), list(entry.get("why") or ())
    found.append(end)
    return found


def _where(holding: Mapping[str, Any]) -> str | None:
    """The place, where the sentence of the hand-over does not name it already."""
    return holding["place"] if holding["holder"] in ("rover", "ground", "ascender") else None


def _moment(holding: Mapping[str, Any]) -> str:
    return str(holding["from_utc"])


def _ordinal(number: int) -> str:
    words = "first second third fourth fifth sixth seventh eighth ninth tenth"
    return words.split()[number - 1]


def _entry(
    utc: str | None,
    sol: int | None,
    what: str,
    holder: str | None,
    place: str | None,
    where: Any,
    certainty: str,
) -> dict[str, Any]:
    latitude, longitude = where if isinstance(where, tuple) else (None, None)
    return {
        "utc": utc,
        "sol": sol,
        "what": what,
        "holder": holder,
        "place": place,
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "certainty": certainty,
    }

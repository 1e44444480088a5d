"""A run's folder, read back: the journey, the scenario it flew, and its tracks."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from anabasis.campaign.bad_input import BadInput

if TYPE_CHECKING:
    from anabasis.campaign.journey import Journey
    from anabasis.campaign.scenario import Scenario

SCHEMA_VERSION = 1
"""Of ``journey.json``; another version is refused, for its names may mean other things."""


@dataclasses.dataclass(frozen=True)
class Track:
    """What one phase's track holds, in the units that its column names carry.

    Attributes:
        centre: body at the origin of positions and velocities, or empty.
        columns: name at the wall -> values, all of one length.
        units: name at the wall -> unit.
    """

    centre: str
    columns: Mapping[str, np.ndarray]
    units: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.columns["et_s"])

    def position(self) -> np.ndarray:
        """Positions [n, 3], km in J2000 axes about `centre`."""
        return np.stack([self.columns[f"position_{axis}_km"] for axis in "xyz"], axis=1)

    def velocity(self) -> np.ndarray:
        """Velocities [n, 3], km/s in J2000 axes about `centre`."""
        return np.stack([self.columns[f"velocity_{axis}_km_s"] for axis in "xyz"], axis=1)


@dataclasses.dataclass(frozen=True)
class Run:
    """A run as it stands in its folder.

    Attributes:
        folder: where it was read.
        journey: what ``journey.json`` holds.
        scenario: what was flown.
        tracks: by phase, in the order flown; a phase that was given and not flown has none.
    """

    folder: pathlib.Path
    journey: dict[str, Any]
    scenario: Scenario
    tracks: dict[str, Track]


def open_run(folder: str | os.PathLike[str]) -> Run:
    """Read a run's folder.

    Raises:
        BadInput: where it is no run, was written by a version with another schema, or lacks the
            track of a phase that was flown.
    """
    from anabasis.campaign.scenario import load

    place = pathlib.Path(folder)
    journey = _journey(place)
    scenario_file = place / "scenario.toml"
    if not scenario_file.is_file():
        raise _broken(place, "scenario.toml", "is missing from this run")
    scenario = load(scenario_file)
    given = {e["phase"] for e in journey["events"] if "not flown" in e.get("note", "")}
    tracks: dict[str, Track] = {}
    for phase in journey["phases"]:
        file = place / "tracks" / f"{phase}.parquet"
        if file.is_file():
            tracks[phase] = _track(file)
        elif phase not in given:
            raise _broken(place, f"tracks/{phase}.parquet", "is missing from this run")
    return Run(place, journey, scenario, tracks)


def of_journey(journey: Journey, scenario: Scenario | None = None) -> Run:
    """A journey in memory as a run: the same columns that its folder would hold.

    Args:
        journey: flown with ``track=True``.
        scenario: what was flown; plots do without, a report needs it.

    Raises:
        ValueError: for a journey without tracks.
    """
    from anabasis.campaign.tracks import columns_of

    if not journey.tracks:
        raise ValueError("a journey without tracks cannot be shown; fly it with track=True")
    tracks = {}
    for phase, held in journey.tracks.items():
        columns = columns_of(held)
        tracks[phase] = Track(
            str(held.get("centre", "")),
            {c.name: np.asarray(c.values) for c in columns},
            {c.name: c.unit for c in columns},
        )
    flown: Any = scenario
    return Run(pathlib.Path(), journey.to_dict(), flown, tracks)


def _journey(place: pathlib.Path) -> dict[str, Any]:
    file = place / "journey.json"
    if not file.is_file():
        raise BadInput(
            "no run lies there: the folder holds no journey.json",
            file="command line",
            key="DIR",
            value=str(place),
            hint="anabasis fly writes one; give the folder it names",
        )
    try:
        journey = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as failure:
        raise _broken(place, "journey.json", f"cannot be read ({failure})") from failure
    version = journey.get("schema_version") if isinstance(journey, dict) else None
    if version != SCHEMA_VERSION:
        raise BadInput(
            "the journey has another schema than this version reads",
            file=str(file),
            key="schema_version",
            value=version,
            allowed=str(SCHEMA_VERSION),
            hint="fly its scenario.toml again: anabasis fly "
            + str(place / "scenario.toml")
            + " --out NEW",
        )
    missing = [k for k in ("scenario", "events", "phases", "tubes") if k not in journey]
    if missing:
        raise _broken(place, "journey.json", f"lacks {', '.join(missing)}")
    return journey


def _track(file: pathlib.Path) -> Track:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(file)
    except (pa.ArrowException, OSError) as failure:
        raise _broken(file.parent.parent, f"tracks/{file.name}", "cannot be read") from failure
    about = {f.name: {k.decode(): v.decode() for k, v in (f.metadata or {}).items()}
             for f in table.schema}  # fmt: skip
    centre = next((a["centre"] for a in about.values() if "centre" in a), "")
    if "et_s" not in table.column_names or table.num_rows == 0:
        raise _broken(file.parent.parent, f"tracks/{file.name}", "holds no track")
    return Track(
        centre,
        {name: table.column(name).to_numpy() for name in table.column_names},
        {name: a.get("unit", "") for name, a in about.items()},
    )


def _broken(place: pathlib.Path, name: str, what: str) -> BadInput:
    return BadInput(
        what,
        file=str(place / name),
        hint="fly the scenario again with --force, or give the folder of a whole run",
    )

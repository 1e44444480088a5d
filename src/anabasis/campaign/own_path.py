"""A path that a scenario names in a file becomes part of the scenario: it flies without the file.

    [surface] path = "traverse.csv"  -->  [surface.ground] latitude_deg, longitude_deg, elevation_m

The file is NASA's published traverse or the table that ``anabasis import traverse --out`` writes; a
plain name is looked for beside the scenario's own file.
"""

from __future__ import annotations

import dataclasses
import pathlib
from typing import Any

import numpy as np

from anabasis.campaign import record
from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.reading import Provenance, Reading
from anabasis.exchange.mmgis import LARGEST, Unreadable, parse_waypoints

KEY = "surface.path"
LEAST_POINTS = 2


def with_path(given: Reading) -> Reading:
    """The reading with the path of its ``surface.path`` in it; itself where it names none.

    Raises:
        BadInput: a file that is not there, is no traverse, holds fewer than two places or no height
            at all; or a path beside a ``[surface.ground]`` of the scenario's own.
    """
    surface = given.values.get("surface")
    if not isinstance(surface, dict) or "path" not in surface:
        return given
    name = surface["path"]
    if not isinstance(name, str):
        raise BadInput(
            "must be a text, a file's name",
            file=given.file,
            key=KEY,
            value=name,
            hint="name NASA's traverse, or a table of anabasis import traverse --out",
        )
    file = _found(name, given.file)
    try:
        with open(file, "rb") as stream:
            mended = record.mend(parse_waypoints(stream.read(LARGEST + 1)))
    except OSError as failure:
        raise BadInput(
            f"cannot be read ({failure.strerror})",
            file=given.file,
            key=KEY,
            value=name,
            hint="name a file beside the scenario",
        ) from None
    except Unreadable as wrong:
        raise BadInput(
            f"{wrong}" + (f" ({wrong.key})" if wrong.key else ""),
            file=str(file),
            key=KEY,
            value=wrong.value,
            hint=wrong.hint,
        ) from None
    ground = _ground(mended, str(file))
    values = {**given.values, "surface": {k: v for k, v in surface.items() if k != "path"}}
    values["surface"]["ground"] = ground
    said = Provenance(f"{file.name}, mended", "unsourced", "scenario")
    provenance = {
        path: where
        for path, where in given.provenance.items()
        if path != KEY and not (path + ".").startswith("surface.ground.")
    }
    order = given.provenance[KEY].order if KEY in given.provenance else 0
    for column in ground:
        provenance[f"surface.ground.{column}"] = dataclasses.replace(said, order=order)
    return dataclasses.replace(given, values=values, provenance=provenance)


def _found(name: str, scenario: str) -> pathlib.Path:
    """The file beside the scenario's own, or from where we stand."""
    beside = pathlib.Path(scenario).parent / name
    return beside if scenario.endswith(".toml") and beside.is_file() else pathlib.Path(name)


def _ground(mended: record.Record, file: str) -> dict[str, Any]:
    known = np.isfinite(mended.elevation)
    count = len(mended.sol)
    if count < LEAST_POINTS or not known.any():
        raise BadInput(
            "holds fewer than two places" if count < LEAST_POINTS else "holds no height",
            file=file,
            key=KEY,
            hint="a path needs places and at least one height above the areoid",
        )
    order = np.arange(count)
    heights = np.interp(order, order[known], mended.elevation[known])
    return {
        "latitude_deg": [round(float(one), 9) for one in mended.latitude_deg],
        "longitude_deg": [round(float(one), 9) for one in mended.longitude_deg],
        "elevation_m": [round(float(one), 3) for one in heights],
    }

"""One file that shows a whole march: the page, its style, and the run's data, with no network.

    report.html = skeleton + page.css + data (JSON, arrays as base64) + page.js

The bundle is built when the package is installed (`hatch_build.py`). Nothing is computed here that
a run does not hold: positions of planets are read from the ephemeris, everything else from files.
"""

from __future__ import annotations

import base64
import html
import importlib.resources
import json
import os
import pathlib
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.viewer.run import Run, Track, open_run

NAME = "report.html"
MOST_POINTS = 8000
"""Points of one track in a page; of a longer one every n-th goes in, and the page says so."""
PRECISE = ("et_s", "position_", "latitude_deg", "longitude_deg")
"""Columns kept in 64 bits: a millisecond in decades and a millimetre at Mars need them."""

_HOW_TO_GET_IT = (
    "install again without ANABASIS_WITHOUT_PAGE; a clone builds it with `pip install .`"
)


def write_report(folder: str | os.PathLike[str]) -> pathlib.Path:
    """Write ``report.html`` into a run's folder, or into that of an ensemble.

    Returns:
        The file.

    Raises:
        BadInput: where the folder holds neither, or the page was not installed.
    """
    place = pathlib.Path(folder)
    bundle = read_bundle()
    if (place / "manifest.jsonl").is_file():
        from anabasis.viewer.spread import document_of_ensemble

        document = document_of_ensemble(place)
    else:
        document = document_of_run(open_run(place))
    target = place / NAME
    handle, beside = tempfile.mkstemp(prefix=f".{NAME}.", dir=place)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(page_of(document, bundle))
        os.chmod(beside, 0o644)
        os.replace(beside, target)
    except BaseException:
        pathlib.Path(beside).unlink(missing_ok=True)
        raise
    return target


def has_page() -> bool:
    """True where this installation carries the page."""
    return _bundle_file("page.js").is_file()


def read_bundle() -> dict[str, str]:
    """Script, style and licences of the page.

    Raises:
        BadInput: where the package was installed without it.
    """
    if not has_page():
        raise BadInput(
            "this installation carries no page to make a report with",
            file="anabasis",
            hint=_HOW_TO_GET_IT,
        )
    names = ("page.js", "page.css", "THIRD_PARTY.txt")
    return {name: _bundle_file(name).read_text(encoding="utf-8") for name in names}


def _bundle_file(name: str) -> Any:
    return importlib.resources.files("anabasis").joinpath("viewer", "page", name)


def page_of(document: Mapping[str, Any], bundle: Mapping[str, str]) -> str:
    """The whole file. No name can leave the data, whatever it holds: `<` is written as \\u003c."""
    data = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    script = bundle["page.js"].replace("</script", "<\\/script")
    title = html.escape(f"{document['title']} · anabasis")
    policy = (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{title}</title>\n<style>{bundle['page.css']}</style>\n</head>\n<body>\n"
        "<noscript>This report draws itself with JavaScript, which is switched off here."
        "</noscript>\n"
        '<div id="page"></div>\n'
        f'<script type="application/json" id="document">{data}</script>\n'
        f'<script type="text/plain" id="licences">{html.escape(bundle["THIRD_PARTY.txt"])}'
        f"</script>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def document_of_run(run: Run) -> dict[str, Any]:
    """Everything the page shows of one run, as plain JSON."""
    from anabasis.viewer.diagram import diagrams_of
    from anabasis.viewer.sky import bodies_of, sites_of
    from anabasis.viewer.story import quiz_of, story_of

    journey = run.journey
    return {
        "kind": "run",
        "title": journey["scenario"],
        "summary": run.scenario.summary,
        "journey": journey,
        "command": _command(run),
        "numbers": numbers_of(run),
        "requirements": [
            {"name": r.name, "probability_of": r.probability_of, "at_least": float(r.at_least)}
            for r in run.scenario.parts.requirement
        ],
        "tracks": {phase: _track(track) for phase, track in run.tracks.items()},
        "diagrams": diagrams_of(run),
        "bodies": bodies_of(run),
        "sites": sites_of(run),
        "ground": _ground(run),
        "rover": _rover() if journey["tubes"] else None,
        "tubes": _tubes() if journey["tubes"] else [],
        "story": story_of(run),
        "quiz": quiz_of(run),
    }


def encode(values: Any, kind: str = "f4") -> dict[str, Any]:
    """An array as the page reads it: type, length and little-endian bytes in base64."""
    array = np.ascontiguousarray(np.asarray(values), dtype=f"<{kind}")
    return {"type": kind, "data": base64.b64encode(array.tobytes()).decode("ascii")}


def _track(track: Track) -> dict[str, Any]:
    # rows that repeat the one before in everything, as closed loops leave them at their end, say
    # nothing; two of one epoch that differ are the two sides of a burn
    fresh = np.zeros(len(track), dtype=bool)
    fresh[0] = True
    for values in track.columns.values():
        fresh[1:] |= values[1:] != values[:-1]
    kept = np.flatnonzero(fresh)
    step = -(-len(kept) // MOST_POINTS)
    chosen = kept[np.unique(np.append(np.arange(0, len(kept), step), len(kept) - 1))]
    columns = {}
    for name, values in track.columns.items():
        if values.dtype.kind in "fiub":
            columns[name] = encode(values[chosen], "f8" if name.startswith(PRECISE) else "f4")
    return {"centre": track.centre, "points": len(kept), "every": step, "columns": columns}


def _command(run: Run) -> str:
    """The one command that flies this again: the scenario beside the report, with its seed."""
    seed = run.journey.get("seed", 0)
    return "anabasis fly ./scenario.toml --seed " + str(seed) + " --out again"


def numbers_of(run: Run) -> list[dict[str, Any]]:
    """Every number of the scenario with unit, meaning, source and confidence."""
    from anabasis.campaign.scenario import numbers

    found = []
    for path, where in numbers(run.scenario):
        try:
            told = run.scenario.explain(path)
        except BadInput:  # a row of a list (a dispersion, a requirement) has no path of its own
            told = {"value": None, "unit": "", "meaning": "", "source": where.source}
        value = told["value"]
        found.append(
            {
                "path": path,
                "value": value if isinstance(value, int | float | str | bool) else _short(value),
                "unit": told["unit"],
                "meaning": told["meaning"],
                "source": told["source"],
                "confidence": where.confidence,
                "given_by": where.given_by,
            }
        )
    return found


def _short(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return ", ".join(str(v) for v in value)
    return str(value)


def _ground(run: Run) -> dict[str, Any] | None:
    """The relief of Mars, where anything of the march is at Mars."""
    if not any(t.centre == "mars" for t in run.tracks.values()):
        return None
    from anabasis.worlds import tables
    from anabasis.worlds.ground import RESOLUTION_CORRIDOR, RESOLUTION_GLOBAL

    held = tables.arrays("mars_ground.npz")
    # the shipped grid repeats its first and last column to wrap; the page wraps itself
    return {
        "globe_m": encode(held["globe_m"][:, 1:-1], "i2"),
        "corridor_m": encode(held["corridor_m"], "i2"),
        "corridor_shape": list(held["corridor_m"].shape),
        "corridor_origin_deg": [float(v) for v in held["corridor_origin_deg"]],
        "resolution_globe": RESOLUTION_GLOBAL,
        "resolution_corridor": RESOLUTION_CORRIDOR,
        "source": "MarsTopo719 (Wieczorek 2015; NASA MGS MOLA, public domain) less GMM-3 areoid",
    }


def _rover() -> dict[str, Any]:
    """The rover's path as the record has it: when, where, how high."""
    from anabasis.vehicles.traverse import traverse
    from anabasis.worlds.calendar import epoch_of_sol

    fixes = traverse()
    return {
        "sol": encode([f.sol for f in fixes], "f8"),
        "et_s": encode([epoch_of_sol(f.sol) for f in fixes], "f8"),
        "latitude_deg": encode([f.latitude_deg for f in fixes], "f8"),
        "longitude_deg": encode([f.longitude_deg for f in fixes], "f8"),
        "elevation_m": encode(
            [np.nan if f.elevation is None else f.elevation for f in fixes], "f4"
        ),
        "odometer_m": encode([f.odometer for f in fixes], "f4"),
    }


def _tubes() -> list[dict[str, Any]]:
    """What the record says of each tube: where it was filled, where it lies, what is in it."""
    from anabasis.vehicles.traverse import rover_place
    from anabasis.vehicles.tube import all_tubes
    from anabasis.worlds.calendar import epoch_of_sol

    found = []
    for tube in all_tubes():
        filled = None if tube.core_sol is None else rover_place(tube.core_sol)
        found.append(
            {
                "id": tube.id,
                "number": tube.number,
                "name": tube.name,
                "kind": tube.kind,
                "core_et_s": None if tube.core_sol is None else epoch_of_sol(tube.core_sol),
                "core_sol": tube.core_sol,
                "drop_et_s": None if tube.drop_sol is None else epoch_of_sol(tube.drop_sol),
                "filled_deg": None if filled is None else [float(v) for v in filled],
                "depot_deg": None
                if tube.depot_latitude_deg is None or tube.depot_longitude_deg is None
                else [tube.depot_latitude_deg, tube.depot_longitude_deg],
                "length_cm": tube.length_cm,
                "mass_g": tube.mass_g,
                "target": tube.target,
                "filled_at": tube.place,
                "lithology": tube.lithology,
                "source": tube.source,
                "confidence": tube.confidence,
                "notes": tube.notes,
            }
        )
    return found

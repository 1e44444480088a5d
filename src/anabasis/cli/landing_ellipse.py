"""``anabasis ellipse``: where the cases of an ensemble came down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from anabasis.cli.words import AsJson, print_json


def ellipse(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of an ensemble.")],
    radius: Annotated[
        float | None, typer.Option(min=0.0, help="Count landings within this distance [km].")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """The landing ellipse of an ensemble: 1, 2, 3 sigma, and 99 % by rank."""
    document = _measure(folder, radius)
    if as_json:
        print_json(document)
        return 0
    print(f"{document['landed_count']} of {document['case_count']} cases landed")
    centre = document["centre_km"]
    print(f"centre {centre[0]:+.2f} km east, {centre[1]:+.2f} km north of the target")
    for name, axes in document["axes_km"].items():
        print(f"  {name:<12} {axes[0]:8.2f} x {axes[1]:.2f} km")
    low, high = document["rank_bounds"]
    print(f"long axis at {document['azimuth_deg']:.1f} deg from north; "
          f"99 % axes within factors {low:.3f} and {high:.3f} (confidence 0.90)")  # fmt: skip
    print(f"miss {document['miss_km'][0]:.2f} km (half), {document['miss_km'][1]:.2f} km (99 %)")
    if radius is not None:
        share, low, high = document["within_radius"]
        print(f"within {radius:g} km: {share:.4f} ({low:.4f} to {high:.4f}, confidence 0.90)")
    return 0


def _measure(folder: Path, radius: float | None) -> dict[str, Any]:
    import numpy as np
    from scipy import stats

    from anabasis.api import open_ensemble
    from anabasis.campaign.bad_input import BadInput
    from anabasis.campaign.scenario import load
    from anabasis.studies.ellipse import ellipse_of, offsets

    opened = open_ensemble(folder)
    table = opened.table()
    names = list(table.column_names) if hasattr(table, "column_names") else list(table)
    if "landing.latitude_deg" not in names:
        raise BadInput(
            "no case of this ensemble landed anywhere",
            file=str(folder),
            hint="disperse a scenario whose march ends with landing",
        )
    target = load(str(folder / "scenario.toml")).values["entry"]["target"]
    latitude, longitude = (
        np.asarray(table[f"landing.{name}_deg"], dtype=float) for name in ("latitude", "longitude")
    )
    outcome = [str(x) for x in np.asarray(table["outcome"])]
    good = np.array([x == "" for x in outcome]) & np.isfinite(latitude)
    east, north = offsets(
        latitude[good], longitude[good], target["latitude_deg"], target["longitude_deg"]
    )
    try:
        found = ellipse_of(east, north)
    except ValueError as failure:
        raise BadInput(str(failure), file=str(folder), hint="fly more cases") from None
    document: dict[str, Any] = {
        "case_count": len(good),
        "landed_count": int(good.sum()),
        "centre_km": [found.centre_east, found.centre_north],
        "axes_km": {
            "1 sigma": found.axes(1.0),
            "2 sigma": found.axes(2.0),
            "3 sigma": found.axes(3.0),
            "99 % by rank": found.axes(),
        },
        "azimuth_deg": found.azimuth,
        "rank_bounds": [found.factor_low / found.factor, found.factor_high / found.factor],
        "miss_km": list(found.miss),
    }
    if radius is not None:
        hits, count = int(np.sum(np.hypot(east, north) <= radius)), len(good)
        low = float(stats.beta.ppf(0.05, hits, count - hits + 1)) if hits else 0.0
        high = float(stats.beta.ppf(0.95, hits + 1, count - hits)) if hits < count else 1.0
        document["within_radius"] = [hits / count, low, high]
    return document

"""CZML documents (as Cesium reads them): one packet per object, positions in metres over time.

Cesium knows one globe. Positions about another body than the Earth are written all the same, in
inertial axes, and each packet's ``properties`` name its centre: a viewer must be given that globe.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from anabasis.exchange.arc import Arc


def write_czml(
    path: pathlib.Path, name: str, arcs: Sequence[Arc], utc: Sequence[tuple[str, str]]
) -> None:
    """Write arcs as packets.

    Args:
        path: of the file.
        name: of the document.
        arcs: in order.
        utc: first and last instant of each arc, ISO with Z.
    """
    whole = f"{min(a for a, _ in utc)}/{max(b for _, b in utc)}" if utc else ""
    document: list[dict[str, Any]] = [
        {"id": "document", "name": name, "version": "1.0", "clock": {"interval": whole}}
    ]
    for number, (arc, (first, last)) in enumerate(zip(arcs, utc, strict=True)):
        since = arc.epoch - arc.epoch[0]
        rows = np.column_stack([since, arc.position * 1e3])
        document.append(
            {
                "id": f"{arc.object_name}/{number}",
                "name": arc.object_name,
                "description": arc.comment,
                "availability": f"{first}/{last}",
                "properties": {"centre": arc.centre, "axes": "J2000"},
                "position": {
                    "epoch": first,
                    "referenceFrame": "INERTIAL",
                    "interpolationAlgorithm": "LAGRANGE",
                    "interpolationDegree": 5,
                    "cartesian": [float(x) for x in rows.ravel()],
                },
                "point": {"pixelSize": 8, "color": {"rgba": [230, 159, 0, 255]}},
            }
        )
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    path.write_text(text, encoding="utf-8")

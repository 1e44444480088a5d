"""SPICE SPK files, type 13 (Hermite, unequal steps), with what they are in the comment area."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

import numpy as np

from anabasis.exchange.arc import Arc

_LONGEST_COMMENT = 1000
"""SPICE takes lines of at most this many printable characters."""


def write_spk(path: pathlib.Path, arcs: Sequence[Arc], comments: Sequence[str]) -> None:
    """Write arcs as segments of type 13.

    Args:
        path: of the file; must not exist.
        arcs: in order; where two of one body overlap, SPICE uses the later one.
        comments: lines for the comment area.

    Raises:
        ImportError: without spiceypy (``pip install anabasis[spk]``).
    """
    import spiceypy

    handle = spiceypy.spkopn(str(path), "anabasis", 0)
    try:
        for arc in arcs:
            states = np.ascontiguousarray(np.hstack([arc.position, arc.velocity]), dtype=float)
            spiceypy.spkw13(
                handle,
                arc.object_id,
                arc.centre_id,
                "J2000",
                float(arc.epoch[0]),
                float(arc.epoch[-1]),
                _ascii(arc.object_name)[:40],
                min(arc.degree, 27),
                len(arc.epoch),
                states,
                np.ascontiguousarray(arc.epoch, dtype=float),
            )
        lines = [_ascii(line)[:_LONGEST_COMMENT] or " " for line in comments]
        spiceypy.dafac(handle, lines)
    finally:
        spiceypy.spkcls(handle)


def _ascii(text: str) -> str:
    """Printable ASCII, which is all a kernel's texts may hold."""
    return "".join(c if " " <= c <= "~" else "?" for c in text)

"""CCSDS Orbit Ephemeris Messages, version 2.0 (CCSDS 502.0-B-2), one segment per arc.

Times are TDB, on whole milliseconds; axes are EME2000. Numbers carry nine decimals of a kilometre,
so that a node loses nothing that matters even at the distance of the Sun.
"""

from __future__ import annotations

import datetime
import pathlib
from collections.abc import Sequence

from anabasis.exchange.arc import Arc

_J2000 = datetime.datetime(2000, 1, 1, 12)


def write_oem(
    path: pathlib.Path, arcs: Sequence[Arc], created: str, comments: Sequence[str] = ()
) -> None:
    """Write arcs as one message.

    Args:
        path: of the file.
        arcs: in order; each becomes a segment.
        created: date of the message, ISO without zone.
        comments: lines for the header.
    """
    lines = ["CCSDS_OEM_VERS = 2.0"]
    lines += [f"COMMENT {_line(text)}" for text in comments]
    lines += [f"CREATION_DATE = {created}", "ORIGINATOR = ANABASIS", ""]
    for arc in arcs:
        first, last = calendar(float(arc.epoch[0])), calendar(float(arc.epoch[-1]))
        lines += [
            "META_START",
            f"OBJECT_NAME = {_line(arc.object_name).upper()}",
            f"OBJECT_ID = {arc.object_id}",
            f"CENTER_NAME = {arc.centre.upper()}",
            "REF_FRAME = EME2000",
            "TIME_SYSTEM = TDB",
            f"START_TIME = {first}",
            f"STOP_TIME = {last}",
            "INTERPOLATION = HERMITE",
            f"INTERPOLATION_DEGREE = {arc.degree}",
            "META_STOP",
        ]
        if arc.comment:
            lines.append(f"COMMENT {_line(arc.comment)}")
        for epoch, p, v in zip(arc.epoch, arc.position, arc.velocity, strict=True):
            numbers = [f"{x:.9f}" for x in p] + [f"{x:.12f}" for x in v]
            lines.append(" ".join([calendar(float(epoch)), *numbers]))
        lines.append("")
    path.write_text("\n".join(lines), encoding="ascii", errors="replace")


def calendar(epoch: float) -> str:
    """TDB seconds past J2000 as a TDB calendar date, to the millisecond."""
    date = _J2000 + datetime.timedelta(milliseconds=round(epoch * 1e3))
    return date.strftime("%Y-%m-%dT%H:%M:%S.") + f"{date.microsecond // 1000:03d}"


def _line(text: str) -> str:
    """Words that cannot break out of their line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())

"""Reads elevation grids: ESRI ASCII, and plain TIFF (one band, uncompressed, in strips).

    ncols 3            row 0 is the northern edge; x grows east, y grows north
    nrows 2            x of column j is west + (j + 1/2) cell
    xllcorner 0.0      y of row i is north - (i + 1/2) cell
    cellsize 10.0

A TIFF brings its cell and corner in the tags of GeoTIFF (33550, 33922) where it has them. What is
compressed, tiled or in colour is refused. Nothing in the file is executed.
"""

from __future__ import annotations

import dataclasses
import math
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from jaxtyping import Float

from anabasis.exchange.mmgis import Unreadable

LARGEST = 1 << 30
"""A file larger than this is refused [bytes]."""
MOST_CELLS = 4_000_000
"""A grid with more cells is refused: cut it to the ground in question first."""


@dataclasses.dataclass(frozen=True)
class Grid:
    """Heights on equal squares.

    Attributes:
        height: [m], NaN where there is none, shape (rows, columns), north first.
        cell: side of a square [m].
        west, north: of the outer corner of the first square [m].
    """

    height: Float[np.ndarray, "r c"]
    cell: float
    west: float
    north: float


def parse_elevation(content: bytes, cell: float | None = None) -> Grid:
    """The grid in a file's content.

    Args:
        content: of the file.
        cell: side of a square [m], for a TIFF that does not say; it overrules one that does.

    Raises:
        Unreadable: where it is neither, or not plain.
    """
    if len(content) > LARGEST:
        raise Unreadable(f"is larger than {LARGEST} bytes", hint="cut it to the ground in question")
    if cell is not None and not (math.isfinite(cell) and cell > 0.0):
        raise Unreadable("a cell has a side above 0", key="--cell", value=cell)
    if content[:4] in (b"II*\x00", b"MM\x00*"):
        return _tiff(content, cell)
    if content[:4] in (b"II+\x00", b"MM\x00+"):
        raise Unreadable("is a BigTIFF", hint="write it as a plain TIFF")
    return _ascii(content, cell)


def _ascii(content: bytes, cell: float | None) -> Grid:
    try:
        words = content.decode("ascii").split()
    except UnicodeDecodeError:
        raise Unreadable("is neither an ESRI grid nor a plain TIFF") from None
    head: dict[str, float] = {}
    at = 0
    while at + 1 < len(words) and words[at][:1].isalpha() and words[at].lower() != "nan":
        head[words[at].lower()] = _number(words[at + 1], words[at])
        at += 2
    for name in ("ncols", "nrows"):
        if name not in head:
            raise Unreadable("this key is missing", key=name, hint="is it an ESRI ASCII grid?")
    if cell is None and "cellsize" not in head:
        raise Unreadable("this key is missing", key="cellsize")
    side = head["cellsize"] if cell is None else cell
    columns, rows = head["ncols"], head["nrows"]
    _check_size(rows, columns)
    if not side > 0.0:
        raise Unreadable("a cell has a side above 0", key="cellsize", value=side)
    count = int(rows) * int(columns)
    if len(words) - at != count:
        raise Unreadable(
            f"has {len(words) - at} heights, not nrows times ncols", key="nrows", value=int(rows)
        )
    values = np.array([_number(word, f"height {n + 1}") for n, word in enumerate(words[at:])])
    height = values.reshape(int(rows), int(columns))
    height = np.where(height == head.get("nodata_value", -9999.0), np.nan, height)
    half = 0.5 * side
    west = head.get("xllcorner", head.get("xllcenter", half) - half)
    south = head.get("yllcorner", head.get("yllcenter", half) - half)
    return Grid(height, side, west, south + side * int(rows))


def _check_size(rows: int | float, columns: int | float) -> None:
    whole = rows == int(rows) and columns == int(columns)
    if not whole or rows < 2 or columns < 2 or rows * columns > MOST_CELLS:
        raise Unreadable(
            f"has {rows:g} rows of {columns:g} cells",
            hint=f"at least 2 by 2, at most {MOST_CELLS} cells",
        )


def _number(word: str, name: str) -> float:
    try:
        number = float(word)
    except ValueError:
        raise Unreadable("is no number", key=name, value=word) from None
    if math.isinf(number):
        raise Unreadable("is no number", key=name, value=word)
    return number


_SIZES = {1: "B", 2: "s", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d"}
_SAMPLES = {
    (1, 16): "u2",
    (1, 32): "u4",
    (2, 16): "i2",
    (2, 32): "i4",
    (3, 32): "f4",
    (3, 64): "f8",
}
WIDTH, LENGTH, BITS, COMPRESSION, OFFSETS, BANDS, COUNTS, FORMAT = (
    256,
    257,
    258,
    259,
    273,
    277,
    279,
    339,
)
TILES, SCALE, TIE, NO_DATA = 322, 33550, 33922, 42113


def _tiff(content: bytes, cell: float | None) -> Grid:
    order = "<" if content[:2] == b"II" else ">"
    try:
        tags = dict(_tags(content, order))
        if TILES in tags or tags.get(COMPRESSION, (1,))[0] != 1 or tags.get(BANDS, (1,))[0] != 1:
            raise Unreadable(
                "is a TIFF that is compressed, tiled or of several bands",
                hint="write it as one band, uncompressed, in strips",
            )
        columns, rows = int(tags[WIDTH][0]), int(tags[LENGTH][0])
        _check_size(rows, columns)
        sample = _SAMPLES.get((int(tags.get(FORMAT, (1,))[0]), int(tags[BITS][0])))
        if sample is None:
            raise Unreadable("is a TIFF of samples that are no heights", hint="write 32-bit floats")
        strips = zip(tags[OFFSETS], tags[COUNTS], strict=True)
        body = b"".join(content[int(at) : int(at) + int(size)] for at, size in strips)
        height = np.frombuffer(body, order + sample, rows * columns).reshape(rows, columns)
    except (KeyError, IndexError, struct.error, ValueError, TypeError) as wrong:
        if isinstance(wrong, Unreadable):
            raise
        raise Unreadable("is a TIFF that is cut short or damaged") from None
    heights = height.astype(float)
    gap = tags.get(NO_DATA)
    if gap is not None:
        heights[heights == _number(str(gap[0]).strip("\x00 "), "GDAL_NODATA")] = np.nan
    heights[~np.isfinite(heights)] = np.nan
    side, west, north = cell, 0.0, 0.0
    if SCALE in tags:
        side = float(tags[SCALE][0]) if cell is None else cell
        if cell is None and abs(tags[SCALE][0] - tags[SCALE][1]) > 1e-6 * abs(tags[SCALE][0]):
            raise Unreadable("has cells that are no squares", key="ModelPixelScale")
    if TIE in tags and len(tags[TIE]) >= 6 and side:
        west = float(tags[TIE][3]) - float(tags[TIE][0]) * side
        north = float(tags[TIE][4]) + float(tags[TIE][1]) * side
    if side is None or not side > 0.0:
        raise Unreadable("is a TIFF without the size of its cells", key="--cell", hint="give it")
    return Grid(heights, side, west, north if TIE in tags else side * rows)


def _tags(content: bytes, order: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The tags of the first image."""
    (at,) = struct.unpack_from(order + "I", content, 4)
    (count,) = struct.unpack_from(order + "H", content, at)
    for number in range(count):
        entry = at + 2 + 12 * number
        tag, sort, size = struct.unpack_from(order + "HHI", content, entry)
        code = _SIZES.get(sort)
        if code is None or size > MOST_CELLS:
            continue
        width = struct.calcsize(code) * size
        place = entry + 8
        if width > 4:
            (place,) = struct.unpack_from(order + "I", content, place)
        if code == "s":
            raw = content[place : place + size]
            yield tag, (raw.decode("ascii", "replace"),)
        else:
            yield tag, struct.unpack_from(f"{order}{size}{code}", content, place)

"""Grids of heights say the same in both forms, and what is no plain grid is refused."""

from __future__ import annotations

import json
import pathlib
import struct

import numpy as np
import pytest

from anabasis.cli import main
from anabasis.exchange.elevation import parse_elevation
from anabasis.exchange.mmgis import Unreadable

HEIGHTS = np.array([[1.0, 2.0, 3.0], [4.0, -9999.0, 6.5]])
ASCII = "ncols 3\nnrows 2\nxllcorner 100\nyllcorner 50\ncellsize 10\nNODATA_value -9999\n"


def ascii_grid(heights: np.ndarray = HEIGHTS) -> bytes:
    rows = "\n".join(" ".join(f"{h:g}" for h in row) for row in heights)
    return (ASCII + rows + "\n").encode()


def tiff(
    heights: np.ndarray = HEIGHTS,
    kind: str = "<f4",
    compression: int = 1,
    georeferenced: bool = True,
) -> bytes:
    """A plain TIFF of one strip, written by hand."""
    order = kind[0]
    body = heights.astype(kind).tobytes()
    rows, columns = heights.shape
    form = {"f": 3, "i": 2, "u": 1}[kind[1]]
    tags: list[tuple[int, int, tuple[float, ...]]] = [
        (256, 4, (columns,)),
        (257, 4, (rows,)),
        (258, 3, (8 * int(kind[2:]),)),
        (259, 3, (compression,)),
        (273, 4, (8,)),
        (277, 3, (1,)),
        (279, 4, (len(body),)),
        (339, 3, (form,)),
    ]
    if georeferenced:
        tags += [(33550, 12, (10.0, 10.0, 0.0)), (33922, 12, (0.0, 0.0, 0.0, 100.0, 70.0, 0.0))]
    start = 8 + len(body)
    extra_at = start + 2 + 12 * len(tags) + 4
    entries, extra = b"", b""
    for tag, sort, values in tags:
        code = {3: "H", 4: "I", 12: "d"}[sort]
        packed = struct.pack(f"{order}{len(values)}{code}", *values)
        entries += struct.pack(f"{order}HHI", tag, sort, len(values))
        if len(packed) <= 4:
            entries += packed.ljust(4, b"\0")
        else:
            entries += struct.pack(f"{order}I", extra_at + len(extra))
            extra += packed
    mark = b"II*\0" if order == "<" else b"MM\0*"
    head = mark + struct.pack(f"{order}I", start)
    return head + body + struct.pack(f"{order}H", len(tags)) + entries + b"\0\0\0\0" + extra


def test_an_ascii_grid_has_its_north_first_and_its_gaps_empty():
    grid = parse_elevation(ascii_grid())
    assert (grid.cell, grid.west, grid.north) == (10.0, 100.0, 70.0)
    assert np.isnan(grid.height[1, 1])
    assert grid.height[0].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("kind", ["<f4", ">f4", "<f8", "<i2", ">i4"])
def test_a_tiff_says_the_same_as_the_ascii_grid(kind: str):
    whole = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    grid, other = parse_elevation(tiff(whole, kind)), parse_elevation(ascii_grid(whole))
    np.testing.assert_array_equal(grid.height, other.height)
    assert (grid.cell, grid.west, grid.north) == (other.cell, other.west, other.north)


def test_a_tiff_without_a_place_needs_the_size_of_its_cells():
    with pytest.raises(Unreadable, match="size of its cells"):
        parse_elevation(tiff(georeferenced=False))
    assert parse_elevation(tiff(georeferenced=False), 2.5).cell == 2.5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "missing"),
        (b"\xff\xfe\x00", "neither"),
        (b"ncols 3\nnrows 2\n1 2 3 4 5 6", "cellsize|missing"),
        (ascii_grid() + b" 7", "7 heights"),
        (ASCII.replace("ncols 3", "ncols 2.5").encode(), "rows of 2.5"),
        (ascii_grid().replace(b"6.5", b"high"), "no number"),
        (
            ASCII.replace("ncols 3", "ncols 99999").replace("nrows 2", "nrows 99999").encode(),
            "rows",
        ),
        (tiff(compression=5), "compressed"),
        (tiff()[:60], "cut short"),
        (b"II+\x00" + b"\0" * 20, "BigTIFF"),
    ],
)
def test_what_is_no_plain_grid_is_refused(content: bytes, words: str):
    with pytest.raises(Unreadable, match=words):
        parse_elevation(content)


def test_the_command_plans_over_either_form(tmp_path: pathlib.Path, capsys):
    level = np.zeros((3, 8))
    for name, content in (("g.asc", None), ("g.tif", tiff(level))):
        path = tmp_path / name
        head = ASCII.replace("ncols 3", "ncols 8").replace("nrows 2", "nrows 3")
        rows = "\n".join(" ".join(["0"] * 8) for _ in range(3))
        path.write_bytes(content if content is not None else (head + rows).encode())
        top = 80 if name == "g.asc" else 70
        ends = ["--from", f"105,{top - 15}", "--to", f"175,{top - 15}"]
        assert main(["route", str(path), *ends, "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["length_m"] == pytest.approx(70.0)
        assert len(document["corners"]) == 8
        walled = [*ends, "--keep-out", f"140,{top - 15},60"]
        assert main(["route", str(path), *walled]) == 1
        assert "no safe drive" in capsys.readouterr().out
        assert main(["route", str(path), "--from", "0,0", "--to", "5,5"]) == 2
        assert "is not on the grid" in capsys.readouterr().err
        assert main(["route", str(path), "--from", "a", "--to", "5,5"]) == 2
        capsys.readouterr()
    assert main(["route", str(tmp_path / "none.asc"), "--from", "0,0", "--to", "5,5"]) == 2

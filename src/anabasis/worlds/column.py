"""A column of air from a user's own file.

    height_km,density_kg_m3,temperature_K,wind_east_m_s,wind_north_m_s
    0.0,1.47e-2,214.1,5,9
    0.5,1.41e-2,213.0,7,8

Comma-separated, one header line, ``#`` starts a comment; the winds may be left out, both or none.
Heights rise, in any steps; between them the logarithm of the density is linear, all else too. The
gas is that of Mars. Heights count from the areoid.
"""

from __future__ import annotations

import functools
import io
import os
import pathlib

import numpy as np

from anabasis.worlds.air import MARS_GAMMA, MARS_GAS_CONSTANT, TabulatedAir

NEEDED = ("height_km", "density_kg_m3", "temperature_K")
WINDS = ("wind_east_m_s", "wind_north_m_s")
LARGEST = 4 << 20
"""A column file is at most this large [bytes]."""


class BadColumn(ValueError):
    """A file that is no column of air; says why."""


def read_column(path: str | os.PathLike[str]) -> TabulatedAir:
    """The air of a file.

    Raises:
        BadColumn: where it cannot be read, or does not hold what it should.
    """
    file = pathlib.Path(path)
    try:
        if file.stat().st_size > LARGEST:
            raise BadColumn(f"has more than {LARGEST} bytes")
        stamp = file.stat().st_mtime_ns
    except OSError as failure:
        raise BadColumn(f"cannot be read ({failure.strerror})") from None
    return _read(str(file), stamp)


@functools.lru_cache(maxsize=8)
def _read(path: str, stamp: int) -> TabulatedAir:
    del stamp
    try:
        lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadColumn("is no text in UTF-8") from None
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) < 3:
        raise BadColumn("needs a header and at least two heights")
    names = [name.strip() for name in lines[0].split(",")]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise BadColumn(f"lacks the column {missing[0]}")
    if sum(name in names for name in WINDS) == 1:
        raise BadColumn("has one wind without the other")
    try:
        values = np.loadtxt(io.StringIO("\n".join(lines[1:])), delimiter=",", ndmin=2)
    except ValueError:
        raise BadColumn("holds something that is no number, or rows of unequal length") from None
    if values.shape[1] != len(names):
        raise BadColumn(f"has {values.shape[1]} columns under {len(names)} names")
    table = dict(zip(names, values.T, strict=True))
    height, density = table["height_km"], table["density_kg_m3"]
    if not np.all(np.isfinite(values)):
        raise BadColumn("holds something that is no number")
    if np.any(np.diff(height) <= 0.0):
        raise BadColumn("its heights do not rise")
    if np.any(density <= 0.0) or np.any(table["temperature_K"] <= 0.0):
        raise BadColumn("densities and temperatures must be positive")
    grid = np.arange(height[0], height[-1] + 1e-9, 0.5)
    if len(grid) < 2:
        raise BadColumn("reaches over less than half a kilometre")

    def on_grid(name: str) -> np.ndarray:
        return np.interp(grid, height, table[name]) if name in table else np.zeros_like(grid)

    return TabulatedAir(
        np.asarray(grid[0] * 1e3),
        np.asarray(500.0),
        np.interp(grid, height, np.log(density)),
        on_grid("temperature_K"),
        on_grid(WINDS[0]),
        on_grid(WINDS[1]),
        np.asarray(MARS_GAMMA),
        np.asarray(MARS_GAS_CONSTANT),
        windy=WINDS[0] in table,
    )

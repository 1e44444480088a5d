"""The shelf of small tables that travel inside the package, and how they are read.

Every file is either a CSV whose first lines, beginning with ``#``, name its source, or an ``.npz``
of plain arrays (no pickle) with its source in the array ``source``. ``builders/`` makes them.
"""

from __future__ import annotations

import functools
import io
from importlib import resources

import numpy as np


def text_of(name: str) -> str:
    """The text of a shipped file.

    Raises:
        FileNotFoundError: if the installation is incomplete.
    """
    return (resources.files("anabasis") / "data" / name).read_text(encoding="utf-8")


@functools.lru_cache(maxsize=32)
def columns(name: str) -> dict[str, np.ndarray]:
    """The columns of a shipped CSV of numbers, by their header names. Shared: do not write."""
    lines = [line for line in text_of(name).splitlines() if line and not line.startswith("#")]
    header = lines[0].split(",")
    values = np.loadtxt(io.StringIO("\n".join(lines[1:])), delimiter=",", ndmin=2)
    return {key: values[:, i] for i, key in enumerate(header)}


@functools.lru_cache(maxsize=32)
def arrays(name: str) -> dict[str, np.ndarray]:
    """The arrays of a shipped ``.npz``, by name. Shared: do not write."""
    with (resources.files("anabasis") / "data" / name).open("rb") as file:
        held = np.load(file, allow_pickle=False)
        return {key: held[key] for key in held.files}

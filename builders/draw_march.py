"""Draw docs/march.png: the default campaign, flown and drawn by the program itself.

.venv/bin/python builders/draw_march.py [SCENARIO] [FILE]
"""

from __future__ import annotations

import pathlib
import sys

import anabasis
from anabasis.viewer.picture import save_picture

FILE = pathlib.Path(__file__).parent.parent / "docs" / "march.png"


def main(arguments: list[str]) -> None:
    """Fly a scenario with tracks and draw it."""
    name = arguments[0] if arguments else "february-2022"
    path = pathlib.Path(arguments[1]) if len(arguments) > 1 else FILE
    save_picture(anabasis.fly(name, track=True), path)
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])

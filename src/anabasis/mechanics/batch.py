"""Whether flights are being traced side by side: the one thing a loop may want to know of a batch.

Alone, a flight that has ended skips its remaining ticks (a branch). Side by side there is no
branch: every lane does both sides and picks one, and worse, everything the branch reads, a planet's
tables included, is copied for every lane. So side by side the loop picks by itself.

Physics never asks; `mechanics.segment` does.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator

LANES = "lanes"
"""Name of the axis along which flights stand side by side."""
_SIDE_BY_SIDE: contextvars.ContextVar[bool] = contextvars.ContextVar("side_by_side", default=False)


@contextlib.contextmanager
def side_by_side() -> Iterator[None]:
    """Trace what is inside for many lanes at once."""
    token = _SIDE_BY_SIDE.set(True)
    try:
        yield
    finally:
        _SIDE_BY_SIDE.reset(token)


def is_side_by_side() -> bool:
    """True while a program for many lanes is being traced."""
    return _SIDE_BY_SIDE.get()

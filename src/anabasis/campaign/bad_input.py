"""You asked for something wrong: one sentence that names file, key, value, range and remedy.

Raised at the wall, before anything is traced. What goes wrong on Mars is an `Outcome`, never this.
"""

from __future__ import annotations

import os
from typing import Any


def show(value: Any) -> str:
    """A value on one short line, as it would stand in TOML; a path is never cut."""
    if isinstance(value, os.PathLike):
        return f'"{" ".join(os.fspath(value).split())}"'
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = '"' + value.encode("unicode_escape").decode("ascii") + '"'
    else:
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


class BadInput(ValueError):
    """An input that cannot be flown.

    Attributes:
        message: what is wrong.
        file: the file (or "command line", "mapping") it stands in.
        key: the TOML path, with unit; empty where the whole file is meant.
        value: the offending value, or None.
        allowed: the allowed range or words, with unit; may be empty.
        hint: what to do.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        key: str = "",
        value: Any = None,
        allowed: str = "",
        hint: str = "",
    ) -> None:
        self.message = message
        self.file = file
        self.key = key
        self.value = value
        self.allowed = allowed
        self.hint = hint
        super().__init__(self.line())

    def line(self) -> str:
        """``FILE: KEY = VALUE: what is wrong; allowed RANGE UNIT; what to do``."""
        where = ""
        if self.key:
            where = self.key
            if self.value is not None:
                where += f" = {show(self.value)}"
        head = ": ".join(part for part in (self.file, where, self.message) if part)
        tail = [f"allowed {self.allowed}"] if self.allowed else []
        if self.hint:
            tail.append(self.hint)
        return "; ".join([head, *tail])

    def in_file(self, file: str) -> BadInput:
        """The same refusal, with the file named where nobody named one yet."""
        return BadInput(
            self.message,
            file=self.file or file,
            key=self.key,
            value=self.value,
            allowed=self.allowed,
            hint=self.hint,
        )

    def to_dict(self) -> dict[str, Any]:
        """The document that ``--json`` prints."""
        value = self.value
        if isinstance(value, os.PathLike):
            value = os.fspath(value)
        if not isinstance(value, (str, int, float, bool, type(None))):
            value = show(value)
        if (isinstance(value, float) and value != value) or value in (float("inf"), float("-inf")):
            value = str(value)
        return {
            "schema_version": 1,
            "error": {
                "file": self.file,
                "key": self.key,
                "value": value,
                "allowed": self.allowed,
                "message": self.message,
                "hint": self.hint,
            },
        }

"""An append-only file of JSON lines, each vouching for itself, each on the disk before the next.

    {"kind": "chunk", "index": 7, ..., "sum": "SHA-256 of the line up to here"}

A process that is killed leaves at most a torn last line; whatever a disk does to a line is found.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

_SEAL = ', "sum": "'
_SEALED = len(_SEAL) + 64 + len('"}')


@dataclasses.dataclass(frozen=True)
class Reading:
    """What a file says: its good lines in order, and the numbers of those that are not."""

    lines: tuple[dict[str, Any], ...]
    damaged: tuple[int, ...]


def seal(line: Mapping[str, Any]) -> str:
    """One line as it stands in the file, with its newline."""
    body = json.dumps(line, ensure_ascii=True, allow_nan=False)[:-1]
    return f'{body}{_SEAL}{hashlib.sha256(body.encode()).hexdigest()}"}}\n'


def append(path: pathlib.Path, line: Mapping[str, Any]) -> None:
    """Add a line and see it safe on the disk."""
    with open(path, "a+b") as stream:
        stream.seek(0, os.SEEK_END)
        torn = b""
        if stream.tell():
            stream.seek(-1, os.SEEK_END)
            torn = b"" if stream.read(1) == b"\n" else b"\n"
        stream.write(torn + seal(line).encode())
        stream.flush()
        os.fsync(stream.fileno())


def read(path: pathlib.Path) -> Reading:
    """Read a file; what does not vouch for itself is left out and counted."""
    good: list[dict[str, Any]] = []
    damaged: list[int] = []
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Reading((), ())
    pieces = raw.split(b"\n")
    for number, piece in enumerate(pieces, start=1):
        if number == len(pieces) and not piece:
            break
        line = None if number == len(pieces) else _opened(piece)
        if line is None:
            damaged.append(number)
        else:
            good.append(line)
    return Reading(tuple(good), tuple(damaged))


def rewrite(path: pathlib.Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Put a file with these lines in the place of a damaged one, in one rename."""
    write_whole(path, "".join(seal(line) for line in lines).encode())


def write_whole(path: pathlib.Path, content: bytes) -> None:
    """Write a file beside, see it safe on the disk, and rename it into place.

    Raises:
        OSError: with the name of the file; what stood there still stands.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(beside, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
        sync_folder(path.parent)
    except OSError as failure:
        beside.unlink(missing_ok=True)
        failure.filename = failure.filename or str(path)
        raise


def sync_folder(folder: pathlib.Path) -> None:
    """See the names in a folder safe on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _opened(piece: bytes) -> dict[str, Any] | None:
    try:
        text = piece.decode("ascii")
        body = text[:-_SEALED]
        found = hashlib.sha256(body.encode()).hexdigest()
        if text[-_SEALED:] != f'{_SEAL}{found}"}}':
            return None
        line = json.loads(f"{body}}}")
    except ValueError:
        return None
    return line if isinstance(line, dict) else None

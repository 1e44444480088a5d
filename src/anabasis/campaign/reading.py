"""From a scenario file to plain values and where each came from.

Reads TOML, follows ``extends``, takes source and confidence out of the values, and lays
``--set`` on top. What the values mean is the wall's business (`anabasis.campaign.wall`).
"""

from __future__ import annotations

import dataclasses
import datetime
import importlib.resources
import os
import pathlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from anabasis.campaign.bad_input import BadInput
from anabasis.units import Confidence

MAXIMUM_BYTES = 1 << 20
"""A scenario is a page or two; more than 1 MiB is something else."""
MAXIMUM_DEPTH = 12
"""No path of a scenario is longer."""
MAXIMUM_EXTENDS = 8

CONFIDENCES = ("published", "derived", "assumed", "unsourced")
_PROVENANCE_KEYS = {"source", "confidence"}


@dataclasses.dataclass(frozen=True)
class Provenance:
    """Where a number comes from."""

    source: str
    confidence: Confidence
    given_by: str
    """``scenario``, ``extends``, ``default`` or ``set``."""
    order: int = 0
    """Who speaks later: 0 is the file itself, each scenario it extends one less, ``set`` more."""


@dataclasses.dataclass
class Reading:
    """What a scenario file says: values by table, provenance by path, its sources, its file."""

    values: dict[str, Any]
    provenance: dict[str, Provenance]
    sources: dict[str, str]
    file: str


def shelf() -> dict[str, str]:
    """The scenarios on the shelf: name to summary, in order of name."""
    found: dict[str, str] = {}
    folder = importlib.resources.files("anabasis") / "scenarios"
    for entry in folder.iterdir():
        if entry.name.endswith(".toml"):
            table = tomllib.loads(entry.read_text(encoding="utf-8"))
            found[entry.name.removesuffix(".toml")] = str(table.get("summary", ""))
    return dict(sorted(found.items()))


def read(name: str | os.PathLike[str] | Mapping[str, Any]) -> Reading:
    """Read a scenario: a shelf name, a path (ends in ``.toml`` or holds a ``/``), or a mapping.

    Raises:
        BadInput: where there is none, or it cannot be read.
    """
    if isinstance(name, Mapping):
        return _read_table(dict(name), "mapping", pathlib.Path.cwd(), ())
    text = os.fspath(name)
    if text.endswith(".toml") or "/" in text:
        path = pathlib.Path(text)
        return _read_table(_parse(_bytes_of(path), text), text, path.parent, (str(path.resolve()),))
    return _read_shelf(text, ())


def _read_shelf(name: str, seen: tuple[str, ...]) -> Reading:
    entry = importlib.resources.files("anabasis") / "scenarios" / f"{name}.toml"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) or not entry.is_file():
        names = list(shelf())
        from anabasis.campaign.wall import suggestion

        close = suggestion(name, names)
        raise BadInput(
            "no scenario of that name on the shelf",
            file=name,
            allowed=", ".join(names),
            hint=close if close.startswith("did") else "give a name, or a path that ends in .toml",
        )
    table = _parse(entry.read_bytes(), name)
    return _read_table(table, name, None, (*seen, name))


def _bytes_of(path: pathlib.Path) -> bytes:
    file = str(path)
    try:
        if path.is_dir():
            raise BadInput("is a folder, not a scenario file", file=file, hint="give a .toml file")
        if path.exists() and not path.is_file():
            raise BadInput("is not a regular file", file=file, hint="give a .toml file")
        if path.stat().st_size > MAXIMUM_BYTES:
            raise BadInput(
                f"the file has {path.stat().st_size} bytes",
                file=file,
                allowed=f"at most {MAXIMUM_BYTES} bytes (1 MiB)",
                hint="a scenario holds numbers, not data",
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(
            "no such file", file=file, hint="see the names on the shelf: anabasis scenarios"
        ) from None
    except NotADirectoryError:
        raise BadInput("no such file", file=file, hint="a part of the path is a file") from None
    except OSError as failure:
        raise BadInput(
            f"cannot be read ({failure.strerror})", file=file, hint="check the file and its rights"
        ) from None


def _parse(raw: bytes, file: str) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as failure:
        raise BadInput(
            f"not text: byte {failure.start} is no UTF-8",
            file=file,
            hint="a scenario is a TOML file in UTF-8",
        ) from None
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as failure:
        message = str(failure)
        duplicate = "Cannot overwrite" in message or "Cannot declare" in message
        raise BadInput(
            ("a key or table stands twice" if duplicate else "not valid TOML") + f": {message}",
            file=file,
            hint="each key once" if duplicate else "correct that line",
        ) from None
    except (RecursionError, ValueError) as failure:
        deep = isinstance(failure, RecursionError)
        raise BadInput(
            "nested absurdly deep" if deep else f"not valid TOML: {failure}",
            file=file,
            allowed=f"at most {MAXIMUM_DEPTH} levels" if deep else "",
            hint="flatten the file" if deep else "correct that value",
        ) from None


def _read_table(
    table: dict[str, Any], file: str, folder: pathlib.Path | None, seen: tuple[str, ...]
) -> Reading:
    _check_depth(table, file)
    own = _take_provenance(table, file)
    parent_name = own.values.pop("extends", None)
    if parent_name is None:
        return own
    if not isinstance(parent_name, str):
        raise BadInput(
            "must be a text in quotes",
            file=file,
            key="extends",
            value=parent_name,
            hint="name a scenario on the shelf or a file in the same folder",
        )
    if len(seen) > MAXIMUM_EXTENDS:
        raise BadInput(
            "extends goes round in circles or too deep",
            file=file,
            key="extends",
            value=parent_name,
            allowed=f"at most {MAXIMUM_EXTENDS} scenarios in a row",
            hint="break the chain",
        )
    parent = _read_parent(parent_name, file, folder, seen)
    return _lay_over(parent, own)


def _read_parent(
    name: str, file: str, folder: pathlib.Path | None, seen: tuple[str, ...]
) -> Reading:
    if name.endswith(".toml"):
        if folder is None or pathlib.PurePath(name).name != name:
            raise BadInput(
                "extends names a file that is not in the same folder",
                file=file,
                key="extends",
                value=name,
                hint="put both files into one folder and give the plain file name",
            )
        path = folder / name
        if str(path.resolve()) in seen:
            raise BadInput(
                "extends goes round in circles",
                file=file,
                key="extends",
                value=name,
                hint="break the circle",
            )
        return _read_table(
            _parse(_bytes_of(path), str(path)), str(path), folder, (*seen, str(path.resolve()))
        )
    if name in seen:
        raise BadInput(
            "extends goes round in circles", file=file, key="extends", value=name, hint="break it"
        )
    try:
        return _read_shelf(name, seen)
    except BadInput as failure:
        if failure.file != name:
            raise
        raise BadInput(
            failure.message,
            file=file,
            key="extends",
            value=name,
            allowed=failure.allowed,
            hint=failure.hint,
        ) from None


def _check_depth(table: Mapping[str, Any], file: str) -> None:
    stack: list[tuple[Any, int]] = [(table, 1)]
    while stack:
        here, depth = stack.pop()
        if depth > MAXIMUM_DEPTH:
            raise BadInput(
                "nested absurdly deep",
                file=file,
                allowed=f"at most {MAXIMUM_DEPTH} levels",
                hint="flatten the file",
            )
        if isinstance(here, Mapping):
            stack.extend((value, depth + 1) for value in here.values())
        elif isinstance(here, list):
            stack.extend((value, depth + 1) for value in here)


def _take_provenance(table: dict[str, Any], file: str) -> Reading:
    """Split a raw table into plain values and their provenance."""
    raw = dict(table)
    sources = raw.pop("sources", {})
    if not isinstance(sources, Mapping) or not all(isinstance(v, str) for v in sources.values()):
        raise BadInput(
            "must be a table of texts",
            file=file,
            key="sources",
            hint='write key = "title, author, year"',
        )
    provenance: dict[str, Provenance] = {}
    values = _split(raw, "", ("", "unsourced"), provenance, file)
    return Reading(values, provenance, dict(sources), file)


def _split(
    table: Mapping[str, Any],
    prefix: str,
    inherited: tuple[str, str],
    provenance: dict[str, Provenance],
    file: str,
) -> dict[str, Any]:
    source, confidence = inherited
    # an array of tables (dispersions, requirements) keeps its own; a table hands its down
    own = {key: table[key] for key in _PROVENANCE_KEYS if key in table}
    for key, value in own.items():
        if not isinstance(value, str) or (key == "confidence" and value not in CONFIDENCES):
            raise BadInput(
                "must be a text" if key == "source" else "no such confidence",
                file=file,
                key=f"{prefix}.{key}" if prefix else key,
                value=value,
                allowed=", ".join(f'"{word}"' for word in CONFIDENCES) if key != "source" else "",
                hint="say where the numbers of this table come from",
            )
    if "source" in own:
        source, confidence = own["source"], own.get("confidence", "published")
    elif "confidence" in own:
        confidence = own["confidence"]
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key in own:
            continue
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, Mapping):
            if "value" in value and set(value) <= _PROVENANCE_KEYS | {"value"}:
                wrapped = _split(value, path, (source, confidence), {}, file)
                s = value.get("source", source)
                c = value.get("confidence", confidence if "source" not in value else "published")
                values[key] = wrapped["value"]
                provenance[path] = Provenance(s, c, "scenario")
                continue
            values[key] = _split(value, path, (source, confidence), provenance, file)
            if "value" in value:
                s = value.get("source", source)
                c = value.get("confidence", confidence)
                provenance[path] = Provenance(s, c, "scenario")
        elif isinstance(value, list) and value and all(isinstance(v, Mapping) for v in value):
            rows = []
            for index, row in enumerate(value):
                plain = {
                    k: v
                    for k, v in row.items()
                    if k != "source" and not (k == "confidence" and isinstance(v, str))
                }
                rows.append(plain)
                provenance[f"{path}.{index}"] = Provenance(
                    str(row.get("source", "")),
                    _confidence_of_row(row, f"{path}.{index}", file),
                    "scenario",
                )
            values[key] = rows
        else:
            values[key] = value
            provenance[path] = Provenance(source, confidence, "scenario")  # pyright: ignore[reportArgumentType]
    return values


def _confidence_of_row(row: Mapping[str, Any], path: str, file: str) -> Any:
    """The word; a ``[[requirement]]`` has a number of that name, which is a value instead."""
    word = row.get("confidence")
    if isinstance(word, str):
        if word not in CONFIDENCES:
            raise BadInput(
                "no such confidence",
                file=file,
                key=f"{path}.confidence",
                value=word,
                allowed=", ".join(CONFIDENCES),
                hint="say how sure the source is",
            )
        return word
    return "published" if row.get("source") else "unsourced"


def _lay_over(parent: Reading, child: Reading) -> Reading:
    """The child's values over the parent's; a table of another ``kind`` replaces it whole."""
    values = _merge(parent.values, child.values)
    provenance = {
        path: dataclasses.replace(where, given_by="extends", order=where.order - 1)
        for path, where in parent.provenance.items()
        if _present(values, path)
    }
    provenance.update(child.provenance)
    return Reading(values, provenance, {**parent.sources, **child.sources}, child.file)


def _merge(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    if "kind" in new and new["kind"] != old.get("kind"):
        return dict(new)
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        if (
            not isinstance(value, Mapping)
            or not isinstance(before, Mapping)
            or "value" in value
            or "value" in before
        ):
            merged[key] = value
        else:
            merged[key] = _merge(before, value)
    return merged


def _present(values: Mapping[str, Any], path: str) -> bool:
    here: Any = values
    for step in path.split("."):
        if isinstance(here, Mapping) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return False
    return True


def parse_setting(setting: str) -> tuple[str, Any]:
    """``PATH=VALUE`` of the command line; VALUE is read as TOML, else as a text."""
    path, equals, text = setting.partition("=")
    path = path.strip()
    if not equals or not re.fullmatch(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*", path):
        raise BadInput(
            "not of the form PATH=VALUE",
            file="command line",
            key="--set",
            value=setting,
            hint="such as --set ascender.stage_one.thrust_kN=8.0",
        )
    try:
        read_as = tomllib.loads(f"x = {text.strip()}")
        return path, read_as["x"] if set(read_as) == {"x"} else text.strip()
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return path, text.strip()


def change(reading: Reading, changes: Mapping[str, Any]) -> Reading:
    """The reading with some values replaced by path (``--set``, or `Scenario.replace`).

    A table as a value replaces the table that stood there; it may bring its own sources.
    """
    values = _copy(reading.values)
    provenance = dict(reading.provenance)
    order = 1 + max((where.order for where in provenance.values()), default=0)
    for path, value in changes.items():
        steps = path.split(".")
        here = values
        for step in steps[:-1]:
            below = here.setdefault(step, {})
            if not isinstance(below, dict):
                raise BadInput(
                    "this is a value, not a table",
                    file=reading.file,
                    key=path,
                    value=value,
                    hint="check the path: anabasis explain",
                )
            here = below
        _check_depth({path: value}, reading.file)
        said: dict[str, Provenance] = {}
        given = {steps[-1]: _plain(value)}
        here.update(_split(given, ".".join(steps[:-1]), ("", "unsourced"), said, reading.file))
        for old in [old for old in provenance if (old + ".").startswith(f"{path}.")]:
            del provenance[old]
        for above in [".".join(steps[:n]) for n in range(1, len(steps))]:
            if above in provenance:  # one column of a table of a function: the table is ours now
                said[above] = said.get(path, Provenance("", "unsourced", "set"))
        provenance.update(
            {key: dataclasses.replace(w, given_by="set", order=order) for key, w in said.items()}
        )
    return Reading(values, provenance, reading.sources, reading.file)


def _plain(value: Any) -> Any:
    """Numbers of numpy and jax become Python's, so that they can be written again."""
    if isinstance(value, (str, bool, int, float, list, dict, datetime.datetime)):
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    return value


def _copy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _copy(v) if isinstance(v, Mapping) else v for k, v in values.items()}


def leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is not a table, with its path."""
    for key, value in values.items():
        path = f"{prefix}.{key}" if prefix else key
        if isinstance(value, Mapping):
            yield from leaves(value, path)
        else:
            yield path, value

"""A scenario: every number of one campaign, with its provenance beside it."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

import tomli_w

from anabasis.campaign import reading as text
from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.own_path import with_path
from anabasis.campaign.parts import PHASES, Parts
from anabasis.campaign.reading import Provenance, Reading
from anabasis.campaign.refute import refute
from anabasis.campaign.wall import (
    Key,
    allowed_of,
    build,
    check,
    exactly_of,
    json_schema,
    keys_of,
    module_for,
    suggestion,
    walk,
)


@dataclasses.dataclass(frozen=True, eq=False)
class Scenario:
    """One campaign, read and checked.

    Attributes:
        parts: the numbers, SI inside, as one pytree.
        values: the tables as they stand at the wall, defaults filled in.
        reading: the tables as they were given, and where from.
    """

    parts: Parts
    values: Mapping[str, Any]
    reading: Reading

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.parts.name

    @property
    def summary(self) -> str:
        """One line that says what it is."""
        return self.parts.summary or ""

    @property
    def march(self) -> tuple[str, ...]:
        """The phases that are flown, in order."""
        return self.parts.march or PHASES

    @property
    def seed(self) -> int:
        """The root seed."""
        return self.parts.seed

    @property
    def provenance(self) -> Mapping[str, Provenance]:
        """Path -> (source, confidence, given by), for given values; defaults answer `explain`."""
        return self.reading.provenance

    @functools.cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical form: the same numbers give the same hash."""
        return hashlib.sha256(_canonical(self.values).encode("utf-8")).hexdigest()

    def replace(self, changes: Mapping[str, Any]) -> Scenario:
        """The scenario with some numbers changed, by path with unit.

        Raises:
            BadInput: where a path or a value is not allowed.
        """
        for path in changes:
            _key_at(path, self.reading.values, "replace")
        return from_reading(text.change(self.reading, changes))

    def to_toml(self) -> str:
        """The file that flies this scenario again: values as given, each with its source."""
        return tomli_w.dumps(_with_provenance(self.reading))

    def explain(self, path: str) -> dict[str, Any]:
        """Value, unit, meaning, range, source and confidence of one number.

        Args:
            path: the TOML path, with or without the unit.

        Raises:
            BadInput: where there is no such number.
        """
        return explain(self, path)


def load(source: str | os.PathLike[str] | Mapping[str, Any] | Scenario) -> Scenario:
    """Load a scenario: a shelf name, a path, or a mapping such as TOML gives.

    Raises:
        BadInput: with file, key, value, allowed range and what to do.
    """
    if isinstance(source, Scenario):
        return source
    return from_reading(text.read(source))


def with_settings(scenario: Scenario, settings: list[str]) -> Scenario:
    """The scenario with ``--set PATH=VALUE`` laid over it."""
    if not settings:
        return scenario
    return scenario.replace(dict(text.parse_setting(setting) for setting in settings))


def from_reading(given: Reading) -> Scenario:
    """Check what was read and build it."""
    given = with_path(_let_groups_step_aside(given))
    values = check(Parts, given.values, given.file)
    _check_march(values, given.file)
    refute(values, given.file)
    return Scenario(build(Parts, values), values, given)


def numbers(scenario: Scenario) -> list[tuple[str, Provenance]]:
    """Every number and date that the scenario's tables hold, with its provenance."""
    found: list[tuple[str, Provenance]] = []

    def visit(module: Any, table: Mapping[str, Any], prefix: str) -> None:
        for wall, key in keys_of(module).items():
            if wall not in table:
                continue
            path, below = f"{prefix}{wall}", table[wall]
            if key.declaration.sort in ("quantity", "curve", "date"):
                found.append((path, _provenance_of(scenario, path, key)))
            elif key.declaration.sort == "parts":
                found.extend(
                    (f"{path}.{i}", scenario.provenance[f"{path}.{i}"]) for i in range(len(below))
                )
            elif key.modules:
                nested = module_for(key, below)
                if nested is not None:
                    visit(nested, below, f"{path}.")

    visit(Parts, scenario.values, "")
    return found


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a scenario file."""
    found = json_schema(Parts)
    properties = {
        "extends": {"type": "string", "description": "a shelf name or a file in the same folder"},
        "sources": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "short key of a source -> what it is",
        },
    }
    found["title"] = "anabasis scenario"
    found["properties"] = {**found["properties"], **properties}
    return found


def explain(scenario: Scenario, path: str) -> dict[str, Any]:
    """See `Scenario.explain`."""
    values = scenario.values
    every = _paths(Parts, values)
    candidates = [path] if path in every else []
    if not candidates:
        bare = {
            name: ".".join([*name.split(".")[:-1], key.field])
            for name, key in every.items()
            if not key.modules
        }
        candidates = [name for name, without in bare.items() if without == path]
    if not candidates:
        raise BadInput(
            "no such path",
            file=scenario.reading.file,
            key=path,
            hint=_closest(path, list(every)),
        )
    found = candidates[0]
    key = every[found]
    says = key.declaration
    here: Any = values
    for step in found.split("."):
        here = here.get(step) if isinstance(here, Mapping) else None
    where = _provenance_of(scenario, found, key)
    if isinstance(here, datetime.datetime):
        here = here.isoformat().replace("+00:00", "Z")
    if key.modules and here is not None:
        here = f"a table of {len(here)}"
    source = scenario.reading.sources.get(where.source, "")
    return {
        "path": found,
        "value": here,
        "unit": says.unit,
        "meaning": says.meaning,
        "minimum": says.minimum if says.minimum is not None else says.above,
        "maximum": says.maximum,
        "source": f"{where.source}: {source}" if source else where.source,
        "confidence": where.confidence,
        "given_by": where.given_by,
        "allowed": allowed_of(key),
    }


def _paths(module: Any, table: Any, prefix: str = "") -> dict[str, Key]:
    """Every path there may be with its key; of several kinds, the one that stands there wins."""
    found: dict[str, Key] = {}
    for wall, key in keys_of(module).items():
        path = f"{prefix}.{wall}" if prefix else wall
        found[path] = key
        below = table.get(wall) if isinstance(table, Mapping) else None
        stands = module_for(key, below) if isinstance(below, Mapping) and key.modules else None
        for nested in sorted(key.modules, key=lambda one: one is stands):
            found.update(_paths(nested, below if nested is stands else None, path))
    return found


def _closest(path: str, known: list[str]) -> str:
    hint = suggestion(path, known)
    if hint.startswith("see"):
        last = path.rsplit(".", 1)[-1]
        tails = {name.rsplit(".", 1)[-1]: name for name in known}
        close = suggestion(last, list(tails))
        word = close.removeprefix("did you mean ").removesuffix("?")
        if word in tails:
            return f"did you mean {tails[word]}?"
    return hint


def _provenance_of(scenario: Scenario, path: str, key: Key) -> Provenance:
    found = scenario.provenance.get(path)
    if found is not None:
        return found
    says = key.declaration
    if says.has_default:
        return Provenance(says.source, says.confidence, "default")
    return Provenance("", "unsourced", "default")


def _key_at(path: str, values: Mapping[str, Any], file: str) -> Key:
    owner: Any = Parts
    here: Any = values
    key: Key | None = None
    for step in path.split("."):
        keys = keys_of(owner) if owner is not None else {}
        if key is not None and step == "kind" and key.declaration.sort == "variant":
            return key
        if key is not None and key.declaration.sort == "curve":
            return key
        if step not in keys:
            raise BadInput(
                "no such path",
                file=file,
                key=path,
                hint=_closest(path, [name for name, _ in walk(Parts)]),
            )
        key = keys[step]
        here = here.get(step) if isinstance(here, Mapping) else None
        owner = None
        if key.modules:
            owner = module_for(key, here) or key.modules[0]
    assert key is not None
    return key


def _check_march(values: Mapping[str, Any], file: str) -> None:
    march = values.get("march")
    if march is None:
        march = PHASES
    for phase in march:
        if phase not in PHASES:
            raise BadInput(
                "no such phase",
                file=file,
                key="march",
                value=phase,
                allowed=", ".join(PHASES),
                hint=suggestion(str(phase), PHASES),
            )
    if not march or list(march) != sorted(set(march), key=PHASES.index):
        raise BadInput(
            "the phases of a march stand in its order, each once, at least one",
            file=file,
            key="march",
            value=list(march),
            allowed=", ".join(PHASES),
            hint="put them in that order",
        )
    for phase in march:
        if phase not in values:
            raise BadInput(
                f"the march flies {phase}, but there is no table for it",
                file=file,
                key=phase,
                hint=f"add [{phase}], or name the phases to fly in march",
            )


def _let_groups_step_aside(given: Reading) -> Reading:
    """Where a file, or ``--set``, gives one of several equivalent keys, the inherited ones go."""
    values = _copy(given.values)
    provenance = dict(given.provenance)

    def visit(module: Any, table: dict[str, Any], prefix: str) -> None:
        for count, names in exactly_of(module):
            present = [name for name in names if name in table]
            if count != 1 or len(present) < 2:
                continue
            ranks = {
                name: max(
                    (
                        where.order
                        for path, where in provenance.items()
                        if (path + ".").startswith(f"{prefix}{name}.")
                    ),
                    default=0,
                )
                for name in present
            }
            for name in present:
                if ranks[name] < max(ranks.values()):
                    del table[name]
                    for path in [p for p in provenance if (p + ".").startswith(f"{prefix}{name}.")]:
                        del provenance[path]
        for wall, key in keys_of(module).items():
            below = table.get(wall)
            if key.modules and isinstance(below, dict):
                nested = module_for(key, below)
                if nested is not None:
                    visit(nested, below, f"{prefix}{wall}.")

    visit(Parts, values, "")
    return Reading(values, provenance, given.sources, given.file)


def _copy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _copy(v) if isinstance(v, Mapping) else v for k, v in values.items()}


def _canonical(values: Mapping[str, Any]) -> str:
    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {k: plain(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [plain(v) for v in value]
        if isinstance(value, datetime.datetime):
            return value.astimezone(datetime.UTC).isoformat()
        if isinstance(value, float):
            return repr(value)
        return value

    kept = {k: v for k, v in values.items() if k != "summary"}
    return json.dumps(plain(kept), sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def _with_provenance(given: Reading) -> dict[str, Any]:
    """The given values with source and confidence: per table where it is one, else per value."""

    def write(table: Mapping[str, Any], prefix: str, inherited: tuple[str, str]) -> dict[str, Any]:
        counted: dict[tuple[str, str], int] = {}
        for key, value in table.items():
            where = given.provenance.get(f"{prefix}{key}")
            if where is not None and not isinstance(value, Mapping):
                both = (where.source, where.confidence)
                counted[both] = counted.get(both, 0) + 1
        common = max(counted, key=lambda both: counted[both]) if counted and prefix else inherited
        result: dict[str, Any] = {}
        if common != inherited:
            result["source"], result["confidence"] = common
        for key, value in table.items():
            path = f"{prefix}{key}"
            where = given.provenance.get(path)
            own = common if where is None else (where.source, where.confidence)
            if isinstance(value, Mapping) and where is None:
                result[key] = write(value, f"{path}.", common)
            elif isinstance(value, Mapping):  # a table of a function
                said = {"source": own[0], "confidence": own[1]}
                result[key] = {**value, **(said if own != common else {})}
            elif isinstance(value, list) and value and isinstance(value[0], Mapping):
                result[key] = [_row(given, f"{path}.{i}", row) for i, row in enumerate(value)]
            elif own == common or not prefix:
                result[key] = value
            else:
                result[key] = {"value": value, "source": own[0], "confidence": own[1]}
        return result

    written = write(given.values, "", ("", "unsourced"))
    top = {k: v for k, v in written.items() if not isinstance(v, (Mapping, list))}
    top.update({k: v for k, v in written.items() if k == "march"})
    if given.sources:
        top["sources"] = dict(given.sources)
    return {**top, **{k: v for k, v in written.items() if k not in top}}


def _row(given: Reading, path: str, row: Mapping[str, Any]) -> dict[str, Any]:
    where = given.provenance.get(path)
    written = dict(row)
    if where is not None and (where.source or where.confidence != "unsourced"):
        written["source"] = where.source
        if "confidence" not in row:
            written["confidence"] = where.confidence
    return written

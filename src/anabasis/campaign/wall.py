"""The wall: from a table of TOML to a module of SI numbers, by the module's own declarations.

Nothing is written twice. A model declares its fields once (`anabasis.units`); from that this file
generates the pydantic models that check a scenario, its JSON Schema, and the conversion to SI.
Inside the wall no suffix exists; outside it no number without one.
"""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import functools
import itertools
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Union

import equinox as eqx
import numpy as np
import pydantic

from anabasis.campaign.bad_input import BadInput
from anabasis.mechanics.table import Table
from anabasis.units import Declaration, declaration_of, name_at_wall, to_si
from anabasis.worlds.calendar import epoch_of_utc

Values = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Key:
    """One key of a table: its name at the wall, its declaration, and the modules it may hold."""

    wall: str
    field: str
    declaration: Declaration
    modules: tuple[type[eqx.Module], ...]


@functools.cache
def keys_of(module: type[eqx.Module]) -> dict[str, Key]:
    """The keys of a module's table, by their names at the wall."""
    hints = typing.get_type_hints(module)
    found: dict[str, Key] = {}
    for field in dataclasses.fields(module):
        declaration = declaration_of(field)
        if declaration is None:
            continue
        wall = field.name
        if declaration.sort in ("quantity",) or declaration.sort == "curve":
            wall = name_at_wall(field.name, declaration.unit)
        modules = tuple(_modules_in(hints[field.name])) if declaration.sort in _NESTED else ()
        found[wall] = Key(wall, field.name, declaration, modules)
    return found


_NESTED = ("part", "variant", "parts")


def _modules_in(hint: Any) -> Iterator[type[eqx.Module]]:
    if isinstance(hint, type) and issubclass(hint, eqx.Module):
        yield hint
    for argument in typing.get_args(hint):
        yield from _modules_in(argument)


def exactly_of(module: type[eqx.Module]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The groups of a module of which exactly so many keys must be given, as wall names."""
    groups: Sequence[tuple[int, tuple[str, ...]]] = getattr(module, "exactly", ())
    by_field = {key.field: key.wall for key in keys_of(module).values()}
    return tuple((count, tuple(by_field[name] for name in names)) for count, names in groups)


def kind_of(module: type[eqx.Module]) -> str:
    """The word that tells a variant from its siblings."""
    return str(getattr(module, "kind"))  # noqa: B009


def module_for(key: Key, table: Any) -> type[eqx.Module] | None:
    """Which module a nested table is, or None where its ``kind`` is unknown."""
    if key.declaration.sort != "variant":
        return key.modules[0]
    kind = table.get("kind") if isinstance(table, Mapping) else None
    for module in key.modules:
        if kind_of(module) == kind:
            return module
    return None


# ---------------------------------------------------------------- the generated models


@functools.cache
def model_of(module: type[eqx.Module]) -> type[pydantic.BaseModel]:
    """The pydantic model of a module's table: generated, never written."""
    fields: dict[str, Any] = {}
    if hasattr(module, "kind"):
        fields["kind"] = (Literal[kind_of(module)], ...)  # pyright: ignore[reportInvalidTypeForm]
    for key in keys_of(module).values():
        fields[key.wall] = _pydantic_field(key)
    return pydantic.create_model(
        module.__name__,
        __config__=pydantic.ConfigDict(extra="forbid", strict=True, allow_inf_nan=False),
        __doc__=_first_sentence(module),
        **fields,
    )


def _first_sentence(module: type) -> str:
    return (module.__doc__ or module.__name__).strip().split("\n")[0]


def _pydantic_field(key: Key) -> tuple[Any, Any]:
    says = key.declaration
    optional = says.optional
    annotation: Any
    if says.sort == "quantity":
        number = Annotated[
            float,
            pydantic.Field(ge=says.minimum, le=says.maximum, gt=says.above, allow_inf_nan=False),
        ]
        if says.count is not None:
            annotation = Annotated[
                list[number], pydantic.Field(min_length=says.count, max_length=says.count)
            ]
        elif says.many:
            annotation = Annotated[list[number], pydantic.Field(min_length=1, max_length=100_000)]
        else:
            annotation = number
    elif says.sort == "curve":
        annotation = Union[_curve_model(key), _bounded(says)]  # noqa: UP007
    elif says.sort == "whole":
        annotation = Annotated[int, pydantic.Field(ge=says.minimum, le=says.maximum)]
    elif says.sort == "text":
        annotation = Annotated[str, pydantic.Field(max_length=1000)]
    elif says.sort == "texts":
        annotation = list[str]
    elif says.sort == "choice":
        annotation = Literal[says.options]
    elif says.sort == "flag":
        annotation = bool
    elif says.sort == "date":
        annotation = datetime.datetime
    elif says.sort == "parts":
        annotation = list[model_of(key.modules[0])]
    elif says.sort == "part":
        annotation = model_of(key.modules[0])
    else:
        models = tuple(model_of(module) for module in key.modules)
        annotation = Annotated[Union[models], pydantic.Field(discriminator="kind")]  # noqa: UP007
        if len(models) == 1:
            annotation = models[0]
    extra: dict[str, Any] = {"unit": says.unit} if says.unit else {}
    default: Any = ...
    if optional:
        annotation = annotation | None
        default = None
    elif says.has_default:
        default = says.default_at_wall
        if isinstance(default, tuple):
            default = list(default)
    return (
        annotation,
        pydantic.Field(default, description=says.meaning, json_schema_extra=extra),
    )


def _bounded(says: Declaration) -> Any:
    return Annotated[float, pydantic.Field(ge=says.minimum, le=says.maximum, allow_inf_nan=False)]


def _curve_model(key: Key) -> type[pydantic.BaseModel]:
    says = key.declaration
    argument = name_at_wall(says.argument, says.argument_unit)
    many = Annotated[
        list[Annotated[float, pydantic.Field(allow_inf_nan=False)]],
        pydantic.Field(min_length=2, max_length=10_000),
    ]
    values = Annotated[list[_bounded(says)], pydantic.Field(min_length=2, max_length=10_000)]
    fields: dict[str, Any] = {argument: (many, ...), "value": (values, ...)}
    return pydantic.create_model(
        f"Curve_{key.wall}",
        __config__=pydantic.ConfigDict(extra="forbid", strict=True),
        __doc__=f"{says.meaning}, over {argument}",
        **fields,
    )


# ---------------------------------------------------------------- checking


def check(module: type[eqx.Module], table: Values, file: str, prefix: str = "") -> Values:
    """Check a table against a module and fill in its defaults.

    Args:
        module: the class whose declarations rule.
        table: plain values (sources and confidences already taken out).
        file: named in the error.
        prefix: the path of this table.

    Returns:
        The table with defaults, whole numbers made floats where a quantity is meant.

    Raises:
        BadInput: for the first thing that is wrong.
    """
    try:
        checked = model_of(module).model_validate(table)
    except pydantic.ValidationError as failure:
        raise _as_bad_input(module, table, failure, file, prefix) from None
    filled = checked.model_dump(exclude_none=True)
    _check_groups(module, filled, file, prefix)
    return filled


def _as_bad_input(
    module: type[eqx.Module],
    table: Values,
    failure: pydantic.ValidationError,
    file: str,
    prefix: str,
) -> BadInput:
    errors = failure.errors(include_url=False)
    # an unknown key explains a missing one (a wrong unit is both), so it comes first
    errors.sort(key=lambda error: error["type"] != "extra_forbidden")
    error = errors[0]
    path, key, owner = _locate(module, table, [str(part) for part in error["loc"]])
    full = ".".join([part for part in (prefix, *path) if part])
    sort = error["type"]
    value = error.get("input")
    allowed = allowed_of(key) if key else ""
    if sort == "extra_forbidden":
        known = list(keys_of(owner)) + (["kind"] if hasattr(owner, "kind") else [])
        if key and path and path[-1] not in known:
            known = _curve_keys(key)
        return BadInput(
            "no such key here",
            file=file,
            key=full,
            value=value if not isinstance(value, (dict, list)) else None,
            allowed=", ".join(sorted(known)) if len(known) <= 8 else "",
            hint=suggestion(path[-1], known),
        )
    if sort == "missing":
        return BadInput(
            "this key is missing",
            file=file,
            key=full,
            allowed=allowed,
            hint=f"give {path[-1]}" + (f": {key.declaration.meaning}" if key else ""),
        )
    if sort in ("union_tag_invalid", "union_tag_not_found"):
        kinds = [kind_of(m) for m in key.modules] if key else []
        given = value.get("kind") if isinstance(value, Mapping) else None
        return BadInput(
            "no such kind" if given is not None else "this table needs a kind",
            file=file,
            key=f"{full}.kind",
            value=given,
            allowed=", ".join(f'"{kind}"' for kind in kinds),
            hint=suggestion(str(given), kinds) if given else "add kind = ...",
        )
    message = {
        "finite_number": "not a finite number",
        "literal_error": "not one of the words allowed",
        "too_short": "too few values",
        "too_long": "too many values",
    }.get(sort)
    if message is None:
        if sort in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
            message = "out of range"
        elif sort.endswith("_type") or sort.endswith("_parsing"):
            wanted = {
                "float_type": "a number",
                "int_type": "a whole number",
                "bool_type": "true or false",
                "string_type": "a text in quotes",
                "list_type": "a list",
                "datetime_type": "a date-time such as 2031-07-28T00:00:00Z",
                "model_type": "a table",
                "dict_type": "a table",
                "model_attributes_type": "a table",
            }.get(sort, "another type")
            message = f"must be {wanted}, not {_sort_of(value)}"
        else:
            message = str(error["msg"])
    hint = "give a value in that range" if message == "out of range" else "see: anabasis explain"
    if key:
        hint = f"{key.wall}: {key.declaration.meaning}"
    return BadInput(
        message,
        file=file,
        key=full,
        value=value if not isinstance(value, Mapping) else None,
        allowed=allowed,
        hint=hint,
    )


def _sort_of(value: Any) -> str:
    names = {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "a text",
        list: "a list",
        dict: "a table",
        datetime.datetime: "a date-time",
        datetime.date: "a date without time",
    }
    return names.get(type(value), type(value).__name__)


def _curve_keys(key: Key) -> list[str]:
    says = key.declaration
    return [name_at_wall(says.argument, says.argument_unit), "value"]


def _locate(
    module: type[eqx.Module], table: Any, location: list[str]
) -> tuple[list[str], Key | None, type[eqx.Module]]:
    """Walk pydantic's location along the real tables (it puts tags of unions in between)."""
    path: list[str] = []
    key: Key | None = None
    owner = module
    here: Any = table
    for step in location:
        tags = (
            [kind_of(m) for m in key.modules] if key and key.declaration.sort == "variant" else []
        )
        if step in tags and isinstance(here, Mapping) and step not in here:
            continue
        if isinstance(here, list) and step.isdigit():
            path.append(step)
            index = int(step)
            here = here[index] if index < len(here) else None
            continue
        if key is not None and key.declaration.sort == "curve":
            if step in _curve_keys(key) or (isinstance(here, Mapping) and step in here):
                path.append(step)
                here = here.get(step) if isinstance(here, Mapping) else None
            continue
        keys = keys_of(owner)
        path.append(step)
        if step in keys:
            key = keys[step]
            here = here.get(step) if isinstance(here, Mapping) else None
            if key.modules:
                owner = module_for(key, here) or owner
        else:
            here = here.get(step) if isinstance(here, Mapping) else None
            key = None
    return path, key, owner


def allowed_of(key: Key) -> str:
    """The allowed range of a key, with its unit, in words."""
    says = key.declaration
    if says.options:
        return ", ".join(f'"{word}"' for word in says.options)
    low = says.minimum if says.minimum is not None else says.above
    unit = f" {says.unit}" if says.unit else ""
    if low is None and says.maximum is None:
        return ""
    if says.maximum is None:
        return f"{'above' if says.above is not None else 'at least'} {low:g}{unit}"
    if low is None:
        return f"at most {says.maximum:g}{unit}"
    if says.above is not None:
        return f"above {low:g} up to {says.maximum:g}{unit}"
    return f"{low:g} to {says.maximum:g}{unit}"


def suggestion(word: str, known: Sequence[str]) -> str:
    """``did you mean ...?`` over the known names; a forgotten or wrong unit is noticed first."""
    stem = [name for name in known if name.startswith(word + "_")]
    if stem:
        return f"write {stem[0]} (the unit belongs to the name)"
    shared = [
        name
        for name in known
        if "_" in name and "_" in word and name.rsplit("_", 1)[0] == word.rsplit("_", 1)[0]
    ]
    close = shared or difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else "see: anabasis check --schema"


def _check_groups(module: type[eqx.Module], table: Values, file: str, prefix: str) -> None:
    for count, names in exactly_of(module):
        given = [name for name in names if name in table]
        if len(given) != count:
            words = {1: "exactly one", 2: "exactly two", 3: "exactly three"}.get(count, str(count))
            raise BadInput(
                f"{len(given)} of these are given" + (f" ({', '.join(given)})" if given else ""),
                file=file,
                key=".".join(p for p in (prefix, given[-1] if given else names[0]) if p),
                allowed=f"{words} of {', '.join(names)}",
                hint="they say the same thing: "
                + ("add one" if len(given) < count else "take one away"),
            )
    for wall, key in keys_of(module).items():
        if wall not in table:
            continue
        path = f"{prefix}.{wall}" if prefix else wall
        if key.declaration.sort == "curve" and isinstance(table[wall], Mapping):
            _check_curve(key, table[wall], file, path)
        if key.declaration.sort == "date":
            # an entry at the Earth reads no ephemeris: flown capsules are older than ours
            earliest = FIRST_UTC_YEAR if table.get("planet") == "earth" else FIRST_YEAR
            _check_date(table[wall], file, path, earliest)
        if key.declaration.sort == "parts":
            for index, row in enumerate(table[wall]):
                _check_groups(key.modules[0], row, file, f"{path}.{index}")
        elif key.modules:
            nested = module_for(key, table[wall])
            if nested is not None:
                _check_groups(nested, table[wall], file, path)


def _check_curve(key: Key, table: Mapping[str, Any], file: str, path: str) -> None:
    argument = _curve_keys(key)[0]
    x, y = table[argument], table["value"]
    if len(x) != len(y):
        raise BadInput(
            f"{len(x)} arguments but {len(y)} values",
            file=file,
            key=path,
            hint="give as many values as arguments",
        )
    if any(b <= a for a, b in itertools.pairwise(x)):
        raise BadInput(
            "the arguments do not increase",
            file=file,
            key=f"{path}.{argument}",
            hint="sort the table by its argument, without repeats",
        )


def _check_date(value: datetime.datetime, file: str, path: str, earliest: int) -> None:
    if value.tzinfo is None:
        raise BadInput(
            "a date without its zone",
            file=file,
            key=path,
            value=value.isoformat(),
            hint="write UTC with a Z, such as 2031-07-28T00:00:00Z",
        )
    year = value.astimezone(datetime.UTC).year
    if not earliest <= year < LAST_YEAR:
        raise BadInput(
            "outside the ephemeris",
            file=file,
            key=path,
            value=value.isoformat().replace("+00:00", "Z"),
            allowed=f"{earliest}-01-01 to {LAST_YEAR - 1}-12-31",
            hint="choose a date the shipped DE440 excerpt covers",
        )


FIRST_YEAR, LAST_YEAR = 2011, 2056
"""The span of the shipped ephemeris."""
FIRST_UTC_YEAR = 1972
"""UTC as it is kept today begins here."""


# ---------------------------------------------------------------- building


def build(module: type[eqx.Module], table: Mapping[str, Any]) -> Any:
    """Make the module from its checked table: SI numbers as arrays, choices as they are."""
    given: dict[str, Any] = {}
    for wall, key in keys_of(module).items():
        value = table.get(wall)
        nothing = () if key.declaration.sort == "parts" else None
        given[key.field] = nothing if value is None else _inside(key, value)
    return module(**given)


def _inside(key: Key, value: Any) -> Any:
    says = key.declaration
    if says.sort == "quantity":
        return np.asarray(to_si(np.asarray(value, dtype=np.float64), says.unit))
    if says.sort == "curve":
        if isinstance(value, Mapping):
            argument = np.asarray(value[_curve_keys(key)[0]], dtype=np.float64)
            return Table(
                np.asarray(to_si(argument, says.argument_unit)),
                np.asarray(to_si(np.asarray(value["value"], dtype=np.float64), says.unit)),
            )
        return Table.constant(float(to_si(value, says.unit)))
    if says.sort == "date":
        return np.asarray(epoch_of_utc(value), dtype=np.float64)
    if says.sort == "parts":
        return tuple(build(key.modules[0], row) for row in value)
    if says.sort == "texts":
        return tuple(value)
    if key.modules:
        nested = module_for(key, value)
        assert nested is not None
        return build(nested, value)
    return value


# ---------------------------------------------------------------- looking things up


def walk(module: type[eqx.Module], prefix: str = "") -> Iterator[tuple[str, Key]]:
    """Every path of a module's table with its key, parts before what they hold."""
    for wall, key in keys_of(module).items():
        path = f"{prefix}.{wall}" if prefix else wall
        yield path, key
        for nested in key.modules:
            yield from walk(nested, path)


def leaf_path(module: type[eqx.Module], path: str, table: Mapping[str, Any]) -> list[str]:
    """The attribute names that lead from the module to the number at ``path``.

    Raises:
        BadInput: where the path leads to no number.
    """
    names: list[str] = []
    owner: type[eqx.Module] | None = module
    here: Any = table
    for step in path.split("."):
        keys = keys_of(owner) if owner is not None else {}
        if step not in keys:
            known = [name for name, _ in walk(module)]
            raise BadInput("no such path", key=path, hint=suggestion(path, known))
        key = keys[step]
        names.append(key.field)
        here = here.get(step) if isinstance(here, Mapping) else None
        owner = module_for(key, here) if key.modules else None
    return names


def json_schema(module: type[eqx.Module]) -> dict[str, Any]:
    """JSON Schema 2020-12 of the scenario file, from the same declarations.

    A value may also stand as ``{ value, source, confidence }``: every property says so.
    """
    schema = model_of(module).model_json_schema()
    schema = _with_provenance(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


_PROVENANCE: dict[str, Any] = {
    "source": {"type": "string", "description": "where the number comes from"},
    "confidence": {"enum": ["published", "derived", "assumed", "unsourced"]},
}


def _with_provenance(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_provenance(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for name, value in schema.items():
        if name == "properties" and isinstance(value, dict):
            result[name] = {
                key: _value_or_sourced(_with_provenance(says)) for key, says in value.items()
            }
            result[name].update({k: v for k, v in _PROVENANCE.items() if k not in value})
        else:
            result[name] = _with_provenance(value)
    return result


def _value_or_sourced(says: Any) -> Any:
    plain = {k: v for k, v in says.items() if k not in ("description", "title", "default")}
    kept = {k: v for k, v in says.items() if k in ("description", "title", "default", "unit")}
    if "$ref" in plain or plain.get("type") == "object":
        return says
    sourced = {
        "type": "object",
        "properties": {"value": plain, **_PROVENANCE},
        "required": ["value"],
        "additionalProperties": False,
    }
    return {**kept, "anyOf": [plain, sourced]}

"""Units at the walls: the suffixes of names, and the declaration of a scenario's numbers.

Inside anabasis every number is SI and every angle in radians, with no suffix. A suffix such as
``_kN`` means "you are at a wall": a TOML key, a JSON field, a table column. This file holds the
one table that converts, and the functions with which a model declares a field once: its unit, its
meaning, its range, its default with source and confidence. The scenario's schema is generated from
these declarations (`anabasis.campaign.wall`).

Imports nothing heavy: the front door must open without jax.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Literal

Confidence = Literal["published", "derived", "assumed", "unsourced"]

STANDARD_GRAVITY = 9.80665
"""Standard gravity g0 [m/s^2]; the unit ``g`` at the walls, never gram."""
DAY = 86400.0
"""Day of 24 hours [s]."""
SOL = 88775.244
"""Mean solar day of Mars [s] (Allison and McEwen 2000)."""
YEAR = 365.25 * DAY
"""Julian year [s]."""

_DEGREE = math.pi / 180.0

FACTORS: dict[str, float] = {
    "": 1.0,
    "m": 1.0,
    "km": 1e3,
    "m_s": 1.0,
    "km_s": 1e3,
    "m_s2": 1.0,
    "s": 1.0,
    "h": 3600.0,
    "day": DAY,
    "sol": SOL,
    "year": YEAR,
    "kg": 1.0,
    "N": 1.0,
    "kN": 1e3,
    "Pa": 1.0,
    "kPa": 1e3,
    "kPa_deg": 1e3 * _DEGREE,
    "K": 1.0,
    "C": 1.0,
    "deg": _DEGREE,
    "deg_s": _DEGREE,
    "deg_day": _DEGREE / DAY,
    "rad_s": 1.0,
    "rpm": 2.0 * math.pi / 60.0,
    "g": STANDARD_GRAVITY,
    "W_cm2": 1e4,
    "J_cm2": 1e4,
    "kg_m2": 1.0,
    "kg_m3": 1.0,
    "m2": 1.0,
    "km2_s2": 1e6,
    "km3_s2": 1e9,
    "percent": 1e-2,
    "percent_K": 1e-2,
    "ppm": 1e-6,
    "mrad": 1e-3,
    "deg_h": _DEGREE / 3600.0,
    "deg_sqrt_h": _DEGREE / 60.0,
    "m_s_sqrt_h": 1.0 / 60.0,
    "N_s": 1.0,
    "N_m_s": 1.0,
    "Hz": 2.0 * math.pi,
    "mm": 1e-3,
    "W": 1.0,
    "W_K": 1.0,
    "kJ_K": 1e3,
    "kWh": 3.6e6,
}
"""SI value of one unit of each suffix. ``C`` is kept in degrees Celsius (an offset, not a factor);
``sol`` is a span of time, so a sol *number* (which sol it is) is declared without a unit."""


def to_si(value: Any, unit: str) -> Any:
    """A number as written at a wall, in SI. Works on floats and arrays alike."""
    return value * FACTORS[unit]


def from_si(value: Any, unit: str) -> Any:
    """An SI number in the unit of a wall. Works on floats and arrays alike."""
    return value / FACTORS[unit]


def name_at_wall(name: str, unit: str) -> str:
    """The name with its unit suffix: ``("thrust", "kN")`` gives ``thrust_kN``."""
    return f"{name}_{unit}" if unit else name


@dataclasses.dataclass(frozen=True)
class Declaration:
    """What a field says of itself; stands in the field's metadata under ``"declaration"``."""

    sort: Literal[
        "quantity",
        "curve",
        "whole",
        "text",
        "texts",
        "choice",
        "flag",
        "date",
        "part",
        "parts",
        "variant",
    ]
    meaning: str
    unit: str = ""
    minimum: float | int | None = None
    maximum: float | int | None = None
    above: float | int | None = None
    options: tuple[str, ...] = ()
    count: int | None = None
    many: bool = False
    argument: str = ""
    argument_unit: str = ""
    default_at_wall: Any = None
    has_default: bool = False
    optional: bool = False
    source: str = ""
    confidence: Confidence = "assumed"


_UNSET: Any = object()


def _field(declaration: Declaration, default: Any, static: bool) -> Any:
    metadata: dict[str, Any] = {"declaration": declaration}
    if static:
        metadata["static"] = True
    if default is _UNSET:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def quantity(
    unit: str,
    meaning: str,
    *,
    minimum: float | int | None = None,
    maximum: float | int | None = None,
    above: float | int | None = None,
    default: Any = _UNSET,
    optional: bool = False,
    count: int | None = None,
    many: bool = False,
    source: str = "",
    confidence: Confidence = "assumed",
) -> Any:
    """Declare a number (or a list of ``count``, or of any length with ``many``) with its unit.

    ``minimum``, ``maximum``, ``above`` (exclusive minimum) and ``default`` are in ``unit``; the
    dataclass default is converted to SI. ``optional`` makes the default None: the key may be
    absent. A default needs ``source`` and ``confidence``.
    """
    has_default = default is not _UNSET
    if has_default:
        value: Any = (
            tuple(float(to_si(v, unit)) for v in default)
            if isinstance(default, Sequence)
            else float(to_si(default, unit))
        )
    else:
        value = None if optional else _UNSET
    declaration = Declaration(
        "quantity",
        meaning,
        unit,
        minimum,
        maximum,
        above,
        count=count,
        many=many,
        default_at_wall=default if has_default else None,
        has_default=has_default,
        optional=optional,
        source=source,
        confidence=confidence,
    )
    return _field(declaration, value, static=False)


def curve(
    argument: str,
    argument_unit: str,
    unit: str,
    meaning: str,
    *,
    minimum: float | int | None = None,
    maximum: float | int | None = None,
    optional: bool = False,
) -> Any:
    """Declare a function of one argument, given as a table; the field's type is `Table`.

    In TOML: ``drag_coefficient = { mach = [...], value = [...] }``; the argument's key carries
    its unit, the values have ``unit``. A bare number is a constant.
    """
    declaration = Declaration(
        "curve",
        meaning,
        unit,
        minimum,
        maximum,
        argument=argument,
        argument_unit=argument_unit,
        optional=optional,
    )
    return _field(declaration, None if optional else _UNSET, static=False)


def whole(
    meaning: str,
    *,
    minimum: int | None = None,
    maximum: int | None = None,
    default: Any = _UNSET,
    optional: bool = False,
    source: str = "",
    confidence: Confidence = "assumed",
) -> Any:
    """Declare a whole number that is a choice of structure (static: changing it compiles anew)."""
    has_default = default is not _UNSET
    value = default if has_default else (None if optional else _UNSET)
    declaration = Declaration(
        "whole",
        meaning,
        "",
        minimum,
        maximum,
        default_at_wall=default if has_default else None,
        has_default=has_default,
        optional=optional,
        source=source,
        confidence=confidence,
    )
    return _field(declaration, value, static=True)


def text(meaning: str, *, default: Any = _UNSET, optional: bool = False) -> Any:
    """Declare a piece of text (static)."""
    has_default = default is not _UNSET
    value = default if has_default else (None if optional else _UNSET)
    declaration = Declaration(
        "text",
        meaning,
        default_at_wall=default if has_default else None,
        has_default=has_default,
        optional=optional,
    )
    return _field(declaration, value, static=True)


def choice(meaning: str, options: Sequence[str], *, default: Any = _UNSET) -> Any:
    """Declare one word out of ``options`` (static)."""
    has_default = default is not _UNSET
    declaration = Declaration(
        "choice",
        meaning,
        options=tuple(options),
        default_at_wall=default if has_default else None,
        has_default=has_default,
    )
    return _field(declaration, default, static=True)


def flag(meaning: str, *, default: bool) -> Any:
    """Declare a yes or no (static)."""
    declaration = Declaration("flag", meaning, default_at_wall=default, has_default=True)
    return _field(declaration, default, static=True)


def date(meaning: str, *, optional: bool = False) -> Any:
    """Declare an instant: a TOML date-time with ``Z`` at the wall, TDB seconds past J2000 inside.

    Belongs to the campaign's tables only; no phase holds a date.
    """
    declaration = Declaration("date", meaning, optional=optional)
    return _field(declaration, None if optional else _UNSET, static=False)


def part(meaning: str, *, optional: bool = False) -> Any:
    """Declare a table in its own right; the field's type is a module with declared fields."""
    declaration = Declaration("part", meaning, optional=optional)
    return _field(declaration, None if optional else _UNSET, static=False)


def variant(meaning: str, *, optional: bool = False) -> Any:
    """Declare a table that is one of several modules, told apart by the key ``kind``.

    The field's type is a union of modules, each with a class attribute ``kind``.
    """
    declaration = Declaration("variant", meaning, optional=optional)
    return _field(declaration, None if optional else _UNSET, static=False)


def parts(meaning: str) -> Any:
    """Declare an array of tables (``[[name]]``); the field's type is a tuple of one module."""
    declaration = Declaration("parts", meaning, optional=True)
    return _field(declaration, (), static=False)


def texts(meaning: str, *, optional: bool = True) -> Any:
    """Declare a list of words (static)."""
    declaration = Declaration("texts", meaning, optional=optional)
    return _field(declaration, None if optional else _UNSET, static=True)


def declaration_of(field: dataclasses.Field[Any]) -> Declaration | None:
    """The declaration a dataclass field carries, or None where it carries none."""
    found = field.metadata.get("declaration")
    return found if isinstance(found, Declaration) else None

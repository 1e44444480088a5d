"""The uncertain numbers of a scenario: each path found, each distribution checked.

A path leads to a number of the scenario, and its draw is in the path's unit. A path that leads to
a table of a function (a drag curve) is drawn as one factor on all of the table, nominal 1.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.parts import Parts
from anabasis.campaign.scenario import Scenario
from anabasis.campaign.wall import allowed_of, keys_of, leaf_path, module_for
from anabasis.mechanics.arrays import Array
from anabasis.mechanics.table import Table
from anabasis.studies.distribution import Distribution
from anabasis.studies.draws import SAMPLERS, Draws, NoCorrelation, mixing_of
from anabasis.units import FACTORS


@dataclasses.dataclass(frozen=True)
class Uncertain:
    """One uncertain number.

    Attributes:
        path: with its unit.
        unit: of the draw; empty for a factor on a table.
        steps: the attribute names that lead to it inside.
        minimum, maximum: what the scenario's schema allows, in the path's unit.
        distribution: of the draw.
    """

    path: str
    unit: str
    steps: tuple[str, ...]
    minimum: float
    maximum: float
    distribution: Distribution

    def allows(self, draw: np.ndarray) -> np.ndarray:
        """True where the scenario's schema would let the draw pass."""
        return np.isfinite(draw) & (draw >= self.minimum) & (draw <= self.maximum)


def uncertain_of(scenario: Scenario) -> tuple[Uncertain, ...]:
    """The uncertain numbers of a scenario, in its order.

    Raises:
        BadInput: for a path that leads to no number, stands twice, or whose distribution is none.
    """
    found: list[Uncertain] = []
    for index, row in enumerate(scenario.values.get("dispersion", ())):
        try:
            one = _uncertain(scenario, row)
        except BadInput as failure:
            raise _in_row(failure, index, row, scenario.reading.file) from None
        if any(one.path == other.path for other in found):
            raise BadInput(
                "is dispersed twice",
                file=scenario.reading.file,
                key=f"dispersion.{index}.path",
                value=one.path,
                hint="give each number one distribution",
            )
        found.append(one)
    return tuple(found)


def draws_of(scenario: Scenario, seed: int, sampler: str = "random", count: int = 0) -> Draws:
    """The draws of a scenario.

    Raises:
        BadInput: for dispersions that cannot be drawn, an unknown sampler, or correlations that
            together are none.
    """
    if sampler not in SAMPLERS:
        raise BadInput(
            "no such sampler",
            file="command line",
            key="--sampler",
            value=sampler,
            allowed=", ".join(SAMPLERS),
        )
    numbers = uncertain_of(scenario)
    return Draws(
        tuple(one.path for one in numbers),
        tuple(one.distribution for one in numbers),
        _mixing(scenario, [one.path for one in numbers]),
        seed,
        sampler,
        count,
    )


def with_draw(parts: Parts, numbers: tuple[Uncertain, ...], draw: Array) -> Parts:
    """The scenario's numbers with one draw in them; traced and concrete alike.

    Args:
        parts: the nominal numbers.
        numbers: the uncertain ones.
        draw: their values, [parameters], in the units of the paths.
    """
    for k, one in enumerate(numbers):
        value = _leaf(parts, one.steps)
        if isinstance(value, Table):
            new: Any = Table(value.argument, value.value * draw[k])
        else:
            new = draw[k] * FACTORS[one.unit]
        parts = eqx.tree_at(lambda p, s=one.steps: _leaf(p, s), parts, new)
    return parts


def _leaf(parts: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        parts = getattr(parts, step)
    return parts


def _uncertain(scenario: Scenario, row: Mapping[str, Any]) -> Uncertain:
    path = row["path"]
    says = scenario.explain(path)
    if says["path"] != path:
        raise BadInput("this path lacks its unit", value=path, hint=f"write {says['path']}")
    steps = tuple(leaf_path(Parts, path, scenario.values))
    value = _leaf(scenario.parts, steps) if _stands(scenario.values, path) else None
    if value is None:
        raise BadInput(
            "the scenario gives no number here, so none can be dispersed",
            value=path,
            hint="give its nominal in the scenario",
        )
    key = _key_of(path, scenario.values)
    if isinstance(value, Table):
        return Uncertain(path, "", steps, 0.0, math.inf, _distribution(row, 1.0))
    number = says["value"]
    if (
        key.declaration.sort != "quantity"
        or isinstance(number, bool)
        or not isinstance(number, (int, float))
    ):
        raise BadInput("only one number, or one table of a function, can be dispersed", value=path)
    declared = key.declaration
    low = declared.minimum if declared.minimum is not None else -math.inf
    if declared.above is not None:
        low = max(low, math.nextafter(float(declared.above), math.inf))
    high = declared.maximum if declared.maximum is not None else math.inf
    one = Uncertain(
        path, declared.unit, steps, float(low), float(high), _distribution(row, float(number))
    )
    reach = one.distribution.quantile(np.array([1e-3, 1.0 - 1e-3]))
    if not np.all(one.allows(reach)):
        raise BadInput(
            "one draw in a thousand, or more, is out of the number's range",
            value=path,
            allowed=allowed_of(key),
            hint="narrow it, or cut it with low and high",
        )
    return one


def _stands(values: Any, path: str) -> bool:
    for step in path.split("."):
        if not isinstance(values, Mapping) or values.get(step) is None:
            return False
        values = values[step]
    return True


def _key_of(path: str, values: Any) -> Any:
    owner: Any = Parts
    key: Any = None
    for step in path.split("."):
        key = keys_of(owner)[step]
        values = values[step]
        owner = module_for(key, values) if key.modules else None
    return key


def _distribution(row: Mapping[str, Any], nominal: float) -> Distribution:
    given = {name: value for name, value in row.items() if value is not None}
    sigma = given.get("sigma")
    if sigma is None and "sigma_percent" in given:
        sigma = abs(nominal) * given["sigma_percent"] / 100.0
    kind = given["distribution"]
    if kind in ("normal", "lognormal") and sigma is None:
        raise BadInput("sigma: a standard deviation is missing", hint="add sigma or sigma_percent")
    found = Distribution(
        kind,
        nominal,
        sigma=0.0 if sigma is None else float(sigma),
        low=float(given.get("low", -math.inf)),
        high=float(given.get("high", math.inf)),
        mode=float(given.get("mode", math.nan)),
        alpha=float(given.get("alpha", math.nan)),
        beta=float(given.get("beta", math.nan)),
        values=tuple(float(v) for v in given.get("values", ())),
        weights=tuple(float(v) for v in given.get("weights", ())),
    )
    where, what = found.problem()
    if what:
        raise BadInput(f"{where}: {what}", hint="see docs/ensembles.md")
    return found


def _in_row(failure: BadInput, index: int, row: Mapping[str, Any], file: str) -> BadInput:
    """The refusal, with the row it stands in."""
    message, key = failure.message, "path"
    head, colon, tail = message.partition(": ")
    if colon and head in {*row, "sigma", "low", "mode", "alpha", "values"}:
        key, message = head, tail
    return BadInput(
        message,
        file=file,
        key=f"dispersion.{index}.{key}",
        value=row.get(key),
        allowed=failure.allowed,
        hint=failure.hint,
    )


def _mixing(scenario: Scenario, paths: list[str]) -> np.ndarray:
    matrix = np.eye(len(paths))
    for index, row in enumerate(scenario.values.get("dispersion", ())):
        other, value = row.get("correlated_with"), row.get("correlation")
        if other is None and value is None:
            continue
        problem = ""
        if other is None or value is None:
            problem = "correlated_with and correlation stand together"
        elif other not in paths:
            problem = "no dispersion has that path"
        elif other == paths[index]:
            problem = "a number is not correlated with itself"
        if problem:
            raise BadInput(
                problem,
                file=scenario.reading.file,
                key=f"dispersion.{index}.correlated_with",
                value=other,
                hint="give the path of another dispersion, and the correlation with it",
            )
        assert other is not None
        assert value is not None
        there = paths.index(other)
        if matrix[index, there] not in (0.0, float(value)):
            raise BadInput(
                "is given twice, and differently",
                file=scenario.reading.file,
                key=f"dispersion.{index}.correlation",
                value=value,
                hint="give each pair once",
            )
        matrix[index, there] = matrix[there, index] = float(value)
    try:
        return mixing_of(matrix)
    except NoCorrelation as failure:
        raise BadInput(
            f"the correlations are no correlation matrix; {failure}",
            file=scenario.reading.file,
            key="dispersion.correlation",
            hint="weaken them",
        ) from None

"""Parts grow with what they hold, and a published rocket comes out of its own numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.vehicles.proportions import (
    Built,
    Choice,
    Restartable,
    Sizing,
    built,
    built_restartable,
    case_length,
    motor_inert,
    nozzle,
    thrust_range,
)


def floats(**changed: float) -> Sizing:
    given = Sizing()  # type: ignore[call-arg]
    values = {f.name: np.asarray(float(getattr(given, f.name))) for f in dataclasses.fields(Sizing)}
    return Sizing(**(values | {k: np.asarray(v) for k, v in changed.items()}))


def harris(**changed: float) -> Choice:
    values = {
        "first": 215.619, "second": 54.467, "first_burn": 76.0, "second_burn": 24.45,
        "diameter": 0.46, "second_diameter": 0.40,
    }  # fmt: skip
    return Choice(**{name: np.asarray(v) for name, v in (values | changed).items()})


def made(choice: Choice | None = None, sizing: Sizing | None = None) -> Built:
    return built(choice or harris(), sizing or floats(), np.asarray(284.87), np.asarray(278.71))


@pytest.mark.parametrize(
    ("propellant", "control", "published"), [(207.0, 10.0, 29.0), (52.0, 10.0, 15.0)]
)
def test_the_regression_gives_the_motors_it_was_meant_for(
    propellant: float, control: float, published: float
) -> None:
    """GAF's sizing targets, given to a kilogram."""
    assert float(motor_inert(np.asarray(propellant))) + control == pytest.approx(published, abs=1.6)


def test_the_published_rocket_weighs_what_it_weighs() -> None:
    rocket = made()
    assert float(rocket.inert_one) == pytest.approx(60.362, abs=0.5)
    assert float(rocket.inert_two) == pytest.approx(47.342, abs=0.5)
    assert float(rocket.thrust_one) == pytest.approx(7925.77, rel=1e-4)


def test_a_motor_holds_what_was_put_into_it() -> None:
    sizing, radius, web = floats(), 0.2, 0.7
    length, cylinder = case_length(np.asarray(200.0), np.asarray(radius), np.asarray(web), sizing)
    ends = float(sizing.dome_ratio) * radius
    volume = np.pi * radius**2 * float(cylinder) * radius + 4.0 / 3.0 * np.pi * radius**2 * ends
    mass = volume * (1.0 - (1.0 - web) ** 2) * float(sizing.propellant_density)
    assert mass == pytest.approx(200.0)
    assert float(length) == pytest.approx(float(cylinder) * radius + 2.0 * ends)


def test_more_of_anything_is_longer() -> None:
    base = float(made().length)
    assert float(made(harris(first=230.0)).length) > base
    assert float(made(harris(second=60.0)).length) > base
    assert float(made(harris(first_burn=60.0)).length) > base  # a greater nozzle
    assert float(made(harris(diameter=0.44)).length) > base


def test_a_nozzle_grows_as_the_root_of_its_thrust() -> None:
    sizing = floats()
    one, four = (nozzle(np.asarray(f), np.asarray(45.0), sizing) for f in (2e3, 8e3))
    for small, large in zip(one, four, strict=True):
        assert float(large) == pytest.approx(2.0 * float(small))


def test_lengths_and_masses_are_sums_of_parts() -> None:
    rocket = made()
    assert float(rocket.length) == pytest.approx(sum(map(float, rocket.lengths.values())))
    inert = float(rocket.inert_one) + float(rocket.inert_two)
    assert inert == pytest.approx(sum(map(float, rocket.masses.values())))


def test_a_cold_grain_pushes_less_and_a_warm_one_more() -> None:
    cold, warm = map(float, thrust_range(floats()))
    assert cold == pytest.approx(0.97)
    assert warm == pytest.approx(1.03)


def test_one_stage_that_burns_twice_carries_all_it_has_into_orbit() -> None:
    numbers: dict[str, Any] = {
        "specific_impulse": 315.9, "bulk_density": 950.0, "dry_fraction": 0.11,
        "dry_fixed": 10.0, "engine_length": 0.6,
    }  # fmt: skip
    engine = Restartable(**{name: np.asarray(value) for name, value in numbers.items()})
    rocket = built_restartable(harris(first=200.0, second=14.0), floats(), engine)
    assert float(rocket.inert_one) == 0.0
    assert float(rocket.thrust_one) == float(rocket.thrust_two)
    assert float(rocket.masses["propulsion"]) == pytest.approx(10.0 + 0.11 * 214.0)
    assert jnp.isfinite(rocket.length)

"""The wall turns tables into modules by the modules' own declarations, and says what is wrong."""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.wall import build, check, json_schema, leaf_path, suggestion
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.table import Table
from anabasis.units import choice, curve, flag, part, quantity, text, variant


class Round(eqx.Module):
    kind: ClassVar[str] = "round"
    radius: Scalar = quantity("km", "radius", above=0.0)


class Square(eqx.Module):
    kind: ClassVar[str] = "square"
    side: Scalar = quantity("m", "side", minimum=0.0, maximum=10.0)


class Wheel(eqx.Module):
    exactly: ClassVar = ((1, ("radius", "diameter")),)
    radius: Scalar | None = quantity("m", "radius", optional=True)
    diameter: Scalar | None = quantity("m", "diameter", optional=True)


class Cart(eqx.Module):
    name: str = text("its name")
    pull: Scalar = quantity("kN", "pull", minimum=0.0, maximum=100.0)
    tilt: Scalar = quantity("deg", "tilt", default=30.0, source="here", confidence="assumed")
    brake: Table | None = curve("speed", "km_s", "kN", "braking force", optional=True)
    colour: str = choice("its colour", ("red", "blue"), default="red")
    loaded: bool = flag("is it loaded", default=False)
    shape: Round | Square | None = variant("the shape of its bed", optional=True)
    wheel: Wheel | None = part("its wheels", optional=True)


def refusal(table: dict[str, object]) -> BadInput:
    with pytest.raises(BadInput) as caught:
        check(Cart, {"name": "c", "pull_kN": 1.0, **table}, "cart.toml")
    return caught.value


def test_numbers_come_in_as_si_arrays_and_choices_as_they_are() -> None:
    table = {
        "name": "c",
        "pull_kN": 2,
        "brake_kN": {"speed_km_s": [0.0, 1.0], "value": [1.0, 3.0]},
        "shape": {"kind": "round", "radius_km": 2.0},
    }
    cart = build(Cart, check(Cart, table, "cart.toml"))
    assert cart.pull == 2000.0
    assert isinstance(cart.pull, np.ndarray)
    assert cart.tilt == pytest.approx(np.pi / 6)
    assert cart.brake(500.0) == pytest.approx(2000.0)
    assert cart.shape.radius == 2000.0
    assert cart.colour == "red"
    assert cart.wheel is None


def test_a_bare_number_stands_for_a_constant_function() -> None:
    cart = build(Cart, check(Cart, {"name": "c", "pull_kN": 1.0, "brake_kN": 2.5}, ""))
    assert cart.brake(-1e9) == cart.brake(1e9) == 2500.0
    assert not cart.brake.outside(1e9)


def test_an_unknown_key_is_met_with_the_one_that_was_meant() -> None:
    assert "did you mean colour?" in refusal({"color": "red"}).line()
    assert "write tilt_deg" in refusal({"tilt": 3.0}).line()
    assert "did you mean tilt_deg?" in refusal({"tilt_rad": 3.0}).line()


def test_a_wrong_unit_is_named_before_the_missing_key_it_causes() -> None:
    with pytest.raises(BadInput) as caught:
        check(Cart, {"name": "c", "pull_N": 1.0}, "cart.toml")
    assert caught.value.key == "pull_N"
    assert "pull_kN" in caught.value.hint


def test_a_value_out_of_range_is_refused_with_the_range_and_its_unit() -> None:
    failure = refusal({"pull_kN": 1e3})
    assert (failure.file, failure.key, failure.value) == ("cart.toml", "pull_kN", 1e3)
    assert failure.allowed == "0 to 100 kN"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1", True, [1.0], {"a": 1}])
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    assert refusal({"pull_kN": value}).key == "pull_kN"


def test_of_keys_that_say_the_same_thing_exactly_one_is_given() -> None:
    assert "exactly one of radius_m, diameter_m" in refusal({"wheel": {}}).line()
    both = refusal({"wheel": {"radius_m": 1.0, "diameter_m": 2.0}})
    assert both.key == "wheel.diameter_m"


def test_an_unknown_kind_is_met_with_the_kinds_there_are() -> None:
    assert '"round", "square"' in refusal({"shape": {"kind": "rund"}}).line()
    assert "needs a kind" in refusal({"shape": {"radius_km": 1.0}}).line()


def test_an_error_inside_a_variant_is_found_by_its_real_path() -> None:
    failure = refusal({"shape": {"kind": "square", "side_m": 11.0}})
    assert failure.key == "shape.side_m"
    assert refusal({"shape": {"kind": "square", "side_m": 1.0, "x": 1}}).key == "shape.x"


def test_a_table_of_a_function_must_rise_and_pair_up() -> None:
    falling = {"speed_km_s": [1.0, 0.0], "value": [1.0, 1.0]}
    assert "do not increase" in refusal({"brake_kN": falling}).line()
    odd = {"speed_km_s": [0.0, 1.0], "value": [1.0, 1.0, 1.0]}
    assert "2 arguments but 3 values" in refusal({"brake_kN": odd}).line()
    assert refusal({"brake_kN": {"mach": [0.0, 1.0], "value": [1.0, 1.0]}}).key == "brake_kN.mach"


def test_the_schema_is_generated_from_the_same_declarations() -> None:
    schema = json_schema(Cart)
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["properties"]["pull_kN"]["unit"] == "kN"
    assert schema["properties"]["pull_kN"]["anyOf"][0]["maximum"] == 100.0
    assert schema["additionalProperties"] is False


def test_a_path_leads_to_the_attribute_it_names() -> None:
    table = {"shape": {"kind": "round", "radius_km": 2.0}}
    assert leaf_path(Cart, "shape.radius_km", table) == ["shape", "radius"]
    with pytest.raises(BadInput, match="no such path"):
        leaf_path(Cart, "shape.side_m", table)


def test_a_suggestion_prefers_the_forgotten_unit() -> None:
    assert suggestion("thrust", ["thrust_kN", "trust_m"]) == (
        "write thrust_kN (the unit belongs to the name)"
    )

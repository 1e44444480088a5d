"""Numbers that contradict each other are refused before anything flies."""

from __future__ import annotations

from typing import Any

import pytest

import anabasis
from anabasis import BadInput
from anabasis.campaign.refute import refute


def refusal(name: str, changes: dict[str, Any]) -> BadInput:
    with pytest.raises(BadInput) as caught:
        anabasis.load(name).replace(changes)
    return caught.value


@pytest.mark.parametrize("name", sorted(anabasis.scenarios()))
def test_nothing_on_the_shelf_contradicts_itself(name: str) -> None:
    refute(anabasis.load(name).values, name)


def test_a_target_above_the_ideal_delta_v_is_refused() -> None:
    steering = {"kind": "solved", "heading": "north-east"}
    changes = {"ascent.steering": steering, "ascender.payload_kg": 4000.0}
    failure = refusal("har-open-loop", changes)
    assert failure.key == "ascent.target.apoapsis_km"
    assert "ideal delta-v" in failure.message


def test_the_ideal_delta_v_is_the_rocket_equations() -> None:
    # HAR: exhaust speeds 7925.77 * 76 / 215.619 and 6088.7 * 24.45 / 54.467; the payload that
    # brings both stages together to 3,200 m/s and no further, solved by hand
    failure = refusal(
        "har-open-loop",
        {
            "ascent.steering": {"kind": "solved", "heading": "north-east"},
            "ascender.payload_kg": 100.0,
        },
    )
    first = 7925.77 * 76.0 / 215.619
    second = 6088.7 * 24.45 / 54.467
    import math

    top = 100.0 + 47.342
    low = top + 54.467 + 60.362
    ideal = second * math.log((top + 54.467) / top) + first * math.log((low + 215.619) / low)
    assert f"{ideal:.0f} m/s" in failure.message


def test_fixed_steering_may_fall_short_because_that_is_an_outcome() -> None:
    assert anabasis.load("har-open-loop").replace({"ascender.payload_kg": 4000.0})


def test_the_lander_must_weigh_what_enters() -> None:
    failure = refusal("february-2022", {"lander.propellant_kg": 100.0})
    assert failure.key == "capsule.mass_kg"
    assert failure.value == 5000.0
    assert "4570 kg" in failure.message


def test_an_orbiter_cannot_carry_more_than_it_weighs() -> None:
    failure = refusal("february-2022", {"orbiter.launch_mass_kg": 3000.0})
    assert failure.key == "orbiter.launch_mass_kg"
    assert "4145 kg" in failure.message  # 1850 + 500 + 1150 + 250 + 300 + 95


def test_a_stage_that_weighs_nothing_is_refused() -> None:
    failure = refusal(
        "har-open-loop", {"ascender.payload_kg": 0.0, "ascender.stage_two.inert_kg": 0.0}
    )
    assert failure.key == "ascender.stage_two.inert_kg"


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ({"sigma": 1.0, "low": 2.0, "high": 1.0}, "dispersion.0.low"),
        ({"sigma": 1.0, "sigma_percent": 1.0}, "dispersion.0.sigma"),
        ({}, "dispersion.0.sigma"),
    ],
)
def test_a_dispersion_that_says_two_things_is_refused(row: dict[str, float], key: str) -> None:
    rows = [{"path": "ascender.payload_kg", "distribution": "normal", **row}]
    assert refusal("har-open-loop", {"dispersion": rows}).key == key

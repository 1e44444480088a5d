"""Derivatives through staging and events agree with differences; decisions are held."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import anabasis
from anabasis import BadInput
from anabasis.campaign.fly import march_of
from anabasis.campaign.march import FIGURES
from anabasis.campaign.scenario import Scenario
from anabasis.units import FACTORS, name_at_wall

TOLERANCE = 1e-6
"""Relative, on fixed ticks, against Richardson differences."""

STEPS = {
    "ascender.stage_one.thrust_kN": 2e-4,
    "ascender.stage_one.burn_time_s": 2e-3,
    "ascender.stage_one.propellant_kg": 5e-3,
    "ascender.stage_two.thrust_kN": 2e-4,
    "ascender.stage_two.burn_time_s": 1e-3,
    "ascender.stage_two.propellant_kg": 2e-3,
    "ascender.payload_kg": 2e-3,
}
"""Path -> step of the differences, in the unit of the path."""


def richardson(f: Callable[[float], float], x: float, h: float) -> float:
    """The slope of f at x: central differences of two steps, their second order removed."""

    def central(h: float) -> float:
        return (f(x + h) - f(x - h)) / (2.0 * h)

    return (4.0 * central(h / 2) - central(h)) / 3.0


def value_at(scenario: Scenario, path: str) -> float:
    return float(scenario.explain(path)["value"])


@pytest.fixture(scope="module")
def timed() -> Scenario:
    """The published rocket with its second ignition at a given time: nothing is left to plan."""
    scenario = anabasis.load("har-open-loop")
    ignition = anabasis.fly(scenario).phases["ascent"].figures["stage_two_ignition_time_s"]
    steering = dict(scenario.values["ascent"]["steering"])
    del steering["second_ignition"]
    steering["second_ignition_time_s"] = ignition
    return scenario.replace({"ascent.steering": steering})


@pytest.fixture(scope="module")
def held() -> Callable[[str, str, str, float], float]:
    """A phase flown with another number and the plan of the nominal one."""
    marches: dict[tuple[str, str], Any] = {}

    def fly(name: str, of: str, path: str, value: float) -> float:
        phase, figure = of.split(".")
        if (name, phase) not in marches:
            marches[name, phase] = march_of(anabasis.load(name), only=phase)[0]
        march = marches[name, phase]
        flown = march.flown[phase]
        changed = march.scenario.replace({path: value})
        flight = flown.step(changed.parts, flown.hand)
        units = {name_at_wall(n, unit): (n, unit) for n, unit in FIGURES[phase].items()}
        bare, unit = units[figure]
        return float(flight.figures[bare]) / FACTORS[unit]

    return fly


@pytest.mark.parametrize("figure", ["apoapsis_km", "periapsis_km"])
def test_the_orbit_by_thrust_burn_time_and_mass_agrees_with_flying_again(
    timed: Scenario, figure: str
) -> None:
    found = anabasis.gradient(timed, of=f"ascent.{figure}", by=list(STEPS))
    assert list(found) == list(STEPS)
    for path, step in STEPS.items():

        def flown(x: float, path: str = path) -> float:
            value = anabasis.fly(timed.replace({path: x})).phases["ascent"].figures[figure]
            assert value is not None
            return value

        expected = richardson(flown, value_at(timed, path), step)
        assert abs(expected) > 1e-3, "a slope of nothing would prove nothing"
        assert found[path] == pytest.approx(expected, rel=TOLERANCE), path


@pytest.mark.parametrize("figure", ["apoapsis_km", "stage_one_burnout_speed_m_s"])
@pytest.mark.parametrize("path", ["ascender.stage_one.thrust_kN", "ascender.stage_one.burn_time_s"])
def test_a_plan_that_was_solved_is_held_in_both(
    held: Callable[..., float], figure: str, path: str
) -> None:
    name, of = "har-open-loop", f"ascent.{figure}"
    scenario = anabasis.load(name)
    expected = richardson(lambda x: held(name, of, path, x), value_at(scenario, path), STEPS[path])
    assert anabasis.gradient(name, of, [path])[path] == pytest.approx(expected, rel=TOLERANCE)


def test_with_the_plan_frozen_one_percent_of_impulse_moves_the_apoapsis(
    held: Callable[..., float],
) -> None:
    name, of, path = "har-open-loop", "ascent.apoapsis_km", "ascender.stage_one.thrust_kN"
    thrust = value_at(anabasis.load(name), path)
    nominal = held(name, of, path, thrust)
    more, less = held(name, of, path, 1.01 * thrust), held(name, of, path, 0.99 * thrust)
    assert abs(nominal - 343.0) < 60.0  # it was aimed at 343 km
    assert abs(more - nominal) > 10.0
    assert abs(less - nominal) > 10.0


SMOOTH: dict[str, Any] = {
    "planet.mars.air": "exponential",
    "entry.bank": {"kind": "constant", "bank_deg": 50.0},
    "capsule": {
        "mass_kg": 3370.0,
        "nose_radius_m": 1.125,
        "ballistic_coefficient_kg_m2": 140.0,
        "lift_to_drag": 0.24,
    },
    "parachute.trigger": {"relative_speed_m_s": 450.0},
}
"""Mars 2020 without kinks: a kinked table moves through the ticks as the number moves, and then a
difference over any length says something else than the slope here."""


@pytest.mark.truth  # compiles for a minute or more
def test_an_entry_by_its_angle_agrees_with_flying_again() -> None:
    scenario = anabasis.load("mars2020-entry").replace(SMOOTH)
    path = "entry.start.flight_path_angle_deg"
    for figure in ("parachute_deploy_time_s", "range_km", "peak_deceleration_g"):

        def flown(x: float, figure: str = figure) -> float:
            value = anabasis.fly(scenario.replace({path: x})).phases["entry"].figures[figure]
            assert value is not None
            return value

        found = anabasis.gradient(scenario, f"entry.{figure}", [path])[path]
        expected = richardson(flown, value_at(scenario, path), 1e-3)
        assert found == pytest.approx(expected, rel=TOLERANCE), figure


@pytest.mark.parametrize(
    ("of", "words"),
    [
        ("surface.ready_sol", "decided sol by sol"),
        ("lander_outbound.c3_km2_s2", "window that was chosen"),
        ("homeward.time_of_flight_day", "window that was chosen"),
    ],
)
def test_a_figure_downstream_of_a_decision_has_no_derivative(of: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        anabasis.gradient("february-2022", of, ["ascender.stage_one.thrust_kN"])


@pytest.mark.parametrize(
    ("of", "by", "words"),
    [
        ("entry.range_km", "ascender.payload_kg", "does not fly that phase"),
        ("ascent.apoapsis", "ascender.payload_kg", "write apoapsis_km"),
        ("ascent.apoapsis_km", "ascender.payload_lb", "no such path"),
        ("ascent.apoapsis_km", "ascent.steering.second_ignition", "not a number"),
        ("ascent.apoapsis_km", "ascender.drag_coefficient", "not a number"),
        ("ascent.apoapsis_km", "ascent.steering", "not a number"),
        ("ascent.apoapsis_km", "name", "not a number"),
    ],
)
def test_what_is_no_figure_or_no_number_is_refused(of: str, by: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        anabasis.gradient("har-open-loop", of, [by])


def test_a_lost_march_has_no_derivative() -> None:
    scenario = anabasis.load("har-open-loop").replace({"ascender.payload_kg": 400.0})
    with pytest.raises(BadInput, match="lost in ascent"):
        anabasis.gradient(scenario, "ascent.apoapsis_km", ["ascender.payload_kg"])

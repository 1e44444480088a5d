"""Laws of the landing: masses add up, the ground is met softly, exact slopes, losses told apart."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.guidance.descent import Descent
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.phases.landing import FIGURES, Separations, land
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.lander import Lander
from anabasis.vehicles.parachute import Parachute, Trigger
from anabasis.worlds.local import enu, velocity_from_angles
from anabasis.worlds.place import Place
from anabasis.worlds.world import Planet, make_world

DEGREE = np.pi / 180.0
EPOCH = 666952920.0
INTERFACE_EPOCH = EPOCH - 240.0

LEDGER_TOLERANCE = 1e-9
"""The ledger closes to this [kg]."""
GRADIENT_TOLERANCE = 1e-4
"""Exact slopes against Richardson differences, relative: legs on engines end where radar says."""
LANE_TOLERANCE = 1e-9
"""One landing alone and the same as a lane, relative."""

MARS = make_world("mars", Planet(air="exponential"))  # pyright: ignore[reportCallIssue]
TARGET = Place(
    latitude=np.asarray(18.44 * DEGREE),
    longitude=np.asarray(77.45 * DEGREE),
    height=np.asarray(-2570.0),
)
CAPSULE = Capsule(
    mass=np.asarray(3370.0),
    nose_radius=np.asarray(1.125),
    ballistic_coefficient=np.asarray(147.0),
    lift_to_drag=np.asarray(0.24),
)
PARACHUTE = Parachute(diameter=np.asarray(21.53), trigger=Trigger(mach=np.asarray(1.8)))
SEPARATIONS = Separations(np.asarray(22.6), None, np.asarray(2080.0), None, np.asarray(1.04))
LEGS = Descent(
    clearance=np.array([246.0, 110.5, 13.75, 0.0]), sink_rate=np.array([32.0, 32.0, 0.75, 0.75])
)


def lander(**changes: float) -> Lander:
    numbers = {
        "dry": 1805.5,
        "propellant": 387.5,
        "heat_shield": 440.0,
        "backshell": 575.0,
        "ballast": 162.0,
        "engine_thrust": 3100.0,
        "minimum_throttle": 0.1,
        "specific_impulse": 213.0,
        "touchdown_vertical_limit": 1.5,
        "touchdown_horizontal_limit": 0.5,
    }
    numbers.update(changes)
    return Lander(engine_count=8, **{name: jnp.asarray(x) for name, x in numbers.items()})


def start(height: Any = 9.8e3) -> PointState:
    latitude, longitude = 18.45 * DEGREE, 77.3 * DEGREE
    radius = MARS.radius_of(latitude, longitude, height=height)
    position = MARS.position_at(EPOCH, latitude, longitude, radius)
    relative = velocity_from_angles(
        410.0, -20.0 * DEGREE, 100.0 * DEGREE, enu(MARS, EPOCH, position)
    )
    velocity = MARS.inertial_from_planet(EPOCH, position, relative)
    return PointState(np.asarray(EPOCH), position, velocity, np.asarray(3370.0), "mars")


@pytest.fixture(scope="module")
def fly() -> Any:
    """One compiled landing by the height of the mortar, and numbers of the lander."""

    def by(height: Any, numbers: Any, track: bool) -> Any:
        return land(
            start(height),
            CAPSULE,
            PARACHUTE,
            lander(**numbers),
            SEPARATIONS,
            LEGS,
            MARS,
            TARGET,
            np.asarray(INTERFACE_EPOCH),
            track=track,
        )

    jitted = jax.jit(by, static_argnums=2)
    nothing = {"dry": 1805.5, "engine_thrust": 3100.0, "propellant": 387.5}
    return lambda height=9.8e3, track=True, **numbers: jitted(height, {**nothing, **numbers}, track)


@pytest.fixture(scope="module")
def nominal(fly: Any) -> Any:
    return fly()


def test_the_figures_are_those_promised(nominal):
    diverted = {"touchdown_tilt", "place_miss", "hazard_count"}
    diverted |= {name for name in FIGURES if name.startswith(("miss_", "undiverted_"))}
    assert set(nominal.figures) == set(FIGURES) - diverted
    assert nominal.outcome == Outcome.nominal
    assert all(np.isfinite(float(x)) for x in nominal.figures.values())


def test_the_ledger_closes(nominal):
    change = sum(float(line.change) for line in nominal.masses.values())
    assert 3370.0 + change == pytest.approx(float(nominal.end.mass), abs=LEDGER_TOLERANCE)
    assert float(nominal.figures["landed_mass"]) == pytest.approx(float(nominal.end.mass))
    burnt = float(nominal.burns["powered descent"].propellant)
    assert burnt == float(nominal.figures["propellant"])


def test_it_touches_down_on_the_level_of_the_target_as_its_last_leg_asks(nominal):
    height = MARS.height(nominal.end.epoch, nominal.end.position)
    assert float(height) == pytest.approx(-2570.0, abs=1e-6)
    assert float(nominal.figures["touchdown_vertical_speed"]) == pytest.approx(0.75, abs=0.02)
    assert float(nominal.figures["touchdown_horizontal_speed"]) < 0.1


def test_events_come_in_their_order_and_count_from_the_interface(nominal):
    order = ("heat_shield_separation", "backshell_separation", "powered_descent_start", "touchdown")
    assert set(nominal.events) == set(order)
    assert np.all(np.diff([float(nominal.events[name]) for name in order]) > 0.0)
    figures = nominal.figures
    assert float(figures["heat_shield_separation_time"]) == pytest.approx(262.6, abs=1e-6)
    assert float(figures["powered_descent_start_time"]) == pytest.approx(
        float(figures["backshell_separation_time"]) + 1.04, abs=1e-6
    )
    assert float(figures["touchdown_time"]) == pytest.approx(
        float(nominal.end.epoch) - INTERFACE_EPOCH, abs=1e-6
    )


def test_what_the_engines_give_is_speed_and_gravity(nominal):
    burn = nominal.burns["powered descent"]
    duration = float(nominal.figures["powered_descent_duration"])
    # falling almost straight down, gravity loss is close to g times the duration
    assert float(burn.loss) == pytest.approx(3.71 * duration, rel=0.1)
    exhaust = 213.0 * 9.80665
    begun = float(nominal.end.mass) + float(burn.propellant)
    assert float(burn.delta_v) == pytest.approx(
        exhaust * np.log(begun / float(nominal.end.mass)), rel=1e-12
    )


def test_the_parachute_pulls_hardest_when_it_has_just_filled(nominal):
    track = nominal.track
    jolt = float(track["elapsed"][int(np.argmax(track["deceleration"]))])
    filling = 12.0 * 21.53 / 410.0
    assert jolt - 240.0 == pytest.approx(1.04 + filling, abs=0.3)


def test_thrust_stays_inside_the_engines_range(nominal):
    thrust = np.asarray(nominal.track["thrust"])
    burning = thrust[thrust > 0.0]
    assert burning.max() <= 24800.0 * (1.0 + 1e-12)
    assert burning.min() >= 2480.0 * (1.0 - 1e-12)


def test_the_track_never_runs_backwards_and_ends_at_the_end(nominal):
    track = nominal.track
    assert np.all(np.diff(track["epoch"]) >= 0.0)
    np.testing.assert_allclose(track["position"][-1], nominal.end.position, rtol=1e-12)


def test_weak_engines_crash_and_small_tanks_run_dry(fly):
    assert fly(engine_thrust=1000.0).outcome == Outcome.touchdown_too_hard
    assert fly(dry=2000.0, propellant=193.0).outcome == Outcome.out_of_propellant


def test_a_mortar_too_low_meets_the_ground_under_the_parachute(fly):
    assert fly(-2.5e3).outcome == Outcome.ground_under_parachute


@pytest.mark.truth  # compiles for a minute or more
def test_slopes_agree_with_differences(fly):
    def figures(height: Any, dry: Any) -> Any:
        return fly(height, track=False, dry=dry).figures

    slopes = jax.jit(jax.jacfwd(figures, argnums=(0, 1)))(9.8e3, 1805.5)
    point = (9.8e3, 1805.5)

    def central(name: str, argument: int, h: float) -> float:
        up, down = (
            figures(*(x + sign * h * (i == argument) for i, x in enumerate(point)))
            for sign in (1.0, -1.0)
        )
        return (float(up[name]) - float(down[name])) / (2.0 * h)

    for name, argument in (
        ("touchdown_time", 0),
        ("parachute_peak_force", 0),
        ("miss", 0),
        ("propellant", 1),
    ):
        expected = (4.0 * central(name, argument, 1.0) - central(name, argument, 2.0)) / 3.0
        assert float(slopes[name][argument]) == pytest.approx(expected, rel=GRADIENT_TOLERANCE), (
            name
        )


@pytest.mark.truth  # compiles for a minute or more
def test_lanes_do_not_disturb_one_another(fly, nominal):
    heights = jnp.array([-2.5e3, 9.8e3])
    together = jax.jit(jax.vmap(lambda height: fly(height, track=False)))(heights)
    for name, value in nominal.figures.items():
        assert float(together.figures[name][1]) == pytest.approx(
            float(value), rel=LANE_TOLERANCE, abs=1e-9
        ), name

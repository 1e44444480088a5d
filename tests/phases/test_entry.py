"""Laws of the entry: what steeper, heavier and higher mean, exact slopes, lanes apart."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.guidance.bank import ConstantBank, RangedBank, ScheduledBank, programme
from anabasis.mechanics.kepler import kepler_step
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.phases import entry
from anabasis.phases.entry import FIGURES, TICKS, coast_to_interface, enter
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.parachute import Trigger
from anabasis.worlds.local import enu, velocity_from_angles
from anabasis.worlds.place import Place
from anabasis.worlds.world import Planet, make_world

DEGREE = np.pi / 180.0
EPOCH = 666952679.363
INTERFACE = 3522.2e3

HALVING_TOLERANCE = 1e-6
"""Figures with the ticks halved, relative: an entry is smooth but for the corners of its tables."""
GRADIENT_TOLERANCE = 1e-6
"""Exact slopes on fixed ticks against Richardson differences, relative."""
LANE_TOLERANCE = 1e-9
"""One entry alone and the same as a lane, relative."""

MARS = make_world("mars", Planet(air="exponential"))  # pyright: ignore[reportCallIssue]
TARGET = Place(
    latitude=np.asarray(18.44 * DEGREE),
    longitude=np.asarray(77.45 * DEGREE),
    height=np.asarray(-2570.0),
)


def number(value: Any) -> Any:
    return np.asarray(value, dtype=float) if isinstance(value, float) else value


def capsule(mass: Any = 3370.0, lift_to_drag: float = 0.24) -> Capsule:
    """Drag area held while the mass changes."""
    mass = number(mass)
    return Capsule(
        mass=mass,
        nose_radius=np.asarray(1.125),
        ballistic_coefficient=mass / 23.2,
        lift_to_drag=np.asarray(lift_to_drag),
    )


def start(angle: Any = -15.5, speed: Any = 5553.0, radius: Any = INTERFACE) -> PointState:
    position = MARS.position_at(EPOCH, 20.8 * DEGREE, 66.8 * DEGREE, radius)
    velocity = velocity_from_angles(
        speed, angle * DEGREE, 99.9 * DEGREE, enu(MARS, EPOCH, position)
    )
    return PointState(number(EPOCH), position, velocity, number(3370.0), "mars")


def flown(
    state: PointState,
    body: Capsule,
    bank: Any = 50.0,
    trigger: Trigger | None = None,
    **how: Any,
) -> Any:
    law = programme(ConstantBank(bank=number(bank) * DEGREE))
    return enter(state, body, trigger, law, MARS, np.asarray(INTERFACE), TARGET, **how)


def latitude(flight: Any) -> float:
    return float(MARS.latitude_longitude(flight.end.epoch, flight.end.position)[0])


SONIC = Trigger(mach=np.asarray(1.8))


GLOW = "peak_radiative_heat_flux"
"""Not estimated at Mars: the one figure there that is no number."""


@pytest.fixture(scope="module")
def fly() -> Any:
    """One compiled entry by flight-path angle [deg], mass, bank [deg] and interface radius."""

    def by(angle: Any, mass: Any, bank: Any, interface: Any = INTERFACE) -> Any:
        law = programme(ConstantBank(bank=jnp.asarray(bank) * DEGREE))
        state = start(angle, radius=interface)
        return enter(state, capsule(mass), SONIC, law, MARS, interface, TARGET)

    return jax.jit(by)


@pytest.fixture(scope="module")
def nominal(fly: Any) -> Any:
    return fly(-15.5, 3370.0, 50.0)


def test_the_figures_are_those_promised(nominal):
    unsaid = {"bank", "navigation_error"}
    unsaid |= {name for name in FIGURES if name.startswith("impact")}
    assert set(nominal.figures) == set(FIGURES) - unsaid
    assert nominal.outcome == Outcome.nominal
    glow = float(nominal.figures[GLOW])
    assert np.isnan(glow), "no estimate is made for the glow of the air of Mars"
    others = {k: v for k, v in nominal.figures.items() if k != GLOW}
    assert all(np.isfinite(float(x)) for x in others.values())


def test_the_parachute_opens_at_its_mach_number_and_there_the_flight_ends(nominal):
    assert float(nominal.figures["parachute_deploy_mach"]) == pytest.approx(1.8, abs=1e-12)
    assert float(nominal.end.epoch) == pytest.approx(
        EPOCH + float(nominal.figures["parachute_deploy_time"]), abs=1e-6
    )
    assert float(nominal.events["parachute_deploy"]) == float(nominal.end.epoch)


def test_a_steeper_entry_brakes_harder_and_ends_sooner(fly, nominal):
    steeper = fly(-17.0, 3370.0, 50.0)
    assert steeper.figures["peak_deceleration"] > nominal.figures["peak_deceleration"]
    assert steeper.figures["parachute_deploy_time"] < nominal.figures["parachute_deploy_time"]
    assert steeper.figures["range"] < nominal.figures["range"]


def test_a_heavier_capsule_opens_its_parachute_lower(fly, nominal):
    heavier = fly(-15.5, 4000.0, 50.0)
    lower, higher = heavier.figures, nominal.figures
    assert lower["parachute_deploy_height"] < higher["parachute_deploy_height"]
    assert lower["peak_heat_flux"] > higher["peak_heat_flux"]


def test_lift_up_flies_farther_than_lift_aside_and_a_bank_is_left_or_right(fly, nominal):
    up = fly(-15.5, 3370.0, 0.0)
    left = fly(-15.5, 3370.0, -50.0)
    assert up.figures["range"] > nominal.figures["range"]
    # flying east-south-east, right is south
    south, north = (
        float(MARS.latitude_longitude(f.end.epoch, f.end.position)[0]) for f in (nominal, left)
    )
    assert south < north


def test_halving_the_ticks_changes_no_figure(nominal):
    halved = flown(start(), capsule(), 50.0, SONIC, ticks=2 * TICKS)
    for name, value in nominal.figures.items():
        assert float(halved.figures[name]) == pytest.approx(
            float(value), rel=HALVING_TOLERANCE, abs=1e-12, nan_ok=name == GLOW
        ), name


def richardson(function: Any, x: float, step: float) -> float:
    def central(h: float) -> float:
        return (float(function(x + h)) - float(function(x - h))) / (2.0 * h)

    return (4.0 * central(step / 2.0) - central(step)) / 3.0


@pytest.mark.truth  # compiles for a minute or more
@pytest.mark.parametrize(
    ("figure", "argument", "step"),
    [
        ("peak_deceleration", 0, 2e-3),
        ("peak_deceleration_time", 0, 2e-3),
        ("parachute_deploy_altitude", 1, 2.0),
        ("parachute_deploy_time", 0, 2e-3),
        ("heat_load", 1, 2.0),
    ],
)
def test_slopes_agree_with_differences(fly, slopes, figure, argument, step):
    point = [-15.5, 3370.0, 50.0]

    def along(x: float) -> Any:
        return fly(*[x if i == argument else p for i, p in enumerate(point)]).figures[figure]

    expected = richardson(along, point[argument], step)
    assert float(slopes[argument][figure]) == pytest.approx(expected, rel=GRADIENT_TOLERANCE)


@pytest.fixture(scope="module")
def slopes(fly: Any) -> Any:
    def figures(angle: Any, mass: Any) -> Any:
        return fly(angle, mass, 50.0).figures

    found = jax.jit(jax.jacfwd(figures, argnums=(0, 1)))(-15.5, 3370.0)
    return [{name: by[i] for name, by in found.items()} for i in (0, 1)]


def test_lanes_do_not_disturb_one_another(fly, nominal):
    # The first skips out, the last falls straight to the ground; the middle one is nominal.
    angles = jnp.array([-6.0, -15.5, -85.0])
    together = jax.jit(jax.vmap(lambda a: fly(a, 3370.0, 50.0)))(angles)
    for name, value in nominal.figures.items():
        assert float(together.figures[name][1]) == pytest.approx(
            float(value), rel=LANE_TOLERANCE, abs=1e-12, nan_ok=name == GLOW
        ), name
    verdicts = [jax.tree.map(lambda x, i=i: x[i], together.outcome) for i in range(3)]
    assert bool(verdicts[0] == Outcome.skipped_out)
    assert bool(verdicts[1] == Outcome.nominal)
    assert bool(verdicts[2] == Outcome.ground_before_parachute)
    assert np.isnan(float(together.events["parachute_deploy"][0]))


def test_without_a_parachute_the_flight_ends_on_the_level_of_the_target(ground):
    assert ground.outcome == Outcome.nominal
    height = MARS.height(ground.end.epoch, ground.end.position)
    assert float(height) == pytest.approx(-2570.0, abs=1e-6)
    assert {name for name in ground.figures if name.startswith("impact")} == {
        name for name in FIGURES if name.startswith("impact")
    }


def test_a_start_above_the_interface_coasts_down_as_kepler_says():
    sphere = make_world("mars", Planet(gravity_degree=0))  # pyright: ignore[reportCallIssue]
    far = start(angle=-80.0, speed=4300.0, radius=20000e3)
    interface, reached = jax.jit(coast_to_interface)(far, sphere, INTERFACE)
    assert bool(reached)
    elapsed = float(interface.epoch) - EPOCH
    position, velocity = kepler_step(far.position, far.velocity, sphere.gm, elapsed)
    assert elapsed > 3000.0
    # the epoch itself resolves no better than a tenth of a microsecond
    np.testing.assert_allclose(interface.position, position, atol=0.05)
    np.testing.assert_allclose(interface.velocity, velocity, atol=1e-4)


def test_a_start_that_never_comes_down_has_skipped_out():
    far = start(angle=20.0, speed=6500.0, radius=4000e3)
    _, reached = jax.jit(coast_to_interface)(far, MARS, INTERFACE)
    assert not bool(reached)


@pytest.mark.parametrize(
    ("trigger", "column", "expected"),
    [
        (Trigger(relative_speed=np.asarray(450.0)), "relative_speed", 450.0),
        (Trigger(dynamic_pressure=np.asarray(2000.0)), "dynamic_pressure", 2000.0),
        (Trigger(altitude=np.asarray(11e3)), "altitude", 11e3),
        (Trigger(time=np.asarray(200.0)), "elapsed", 200.0),
        (Trigger(mach=np.asarray(2.5)), "mach", 2.5),
    ],
)
def test_each_trigger_turns_positive_where_its_own_quantity_is_reached(
    falling, trigger, column, expected
):
    rows, fires = falling(trigger)
    first = int(np.argmax(np.asarray(fires) >= 0.0))
    values = np.asarray(rows[column])
    assert rows["elapsed"][first] > 60.0
    assert (values[first - 1] - expected) * (values[first] - expected) <= 0.0


@pytest.fixture(scope="module")
def ground() -> Any:
    """A flight to the ground with its rows."""
    return flown(start(), capsule(), 50.0, None, track=True)


@pytest.fixture(scope="module")
def falling(ground: Any) -> Any:
    """The rows of a flight to the ground, and a trigger along them."""
    law = programme(ConstantBank(bank=np.asarray(50.0 * DEGREE)))
    track = ground.track
    speed = track["relative_speed"][0]

    def along(trigger: Trigger) -> Any:
        body = entry._Entry(
            jnp.asarray(EPOCH), np.asarray(INTERFACE), speed, capsule(), trigger, law, MARS, TARGET
        )
        given = entry._Given(jnp.asarray(1.0), jnp.asarray(0.0), jnp.asarray(-1.0))

        def at(elapsed: Any, position: Any, velocity: Any) -> Any:
            motion = entry._Motion(position, velocity, jnp.asarray(0.0))
            return body.ends(elapsed, motion, given)[0]

        ends = jax.jit(jax.vmap(at))(track["elapsed"], track["position"], track["velocity"])
        return track, ends

    return along


def test_a_reversed_bank_stays_nearer_to_the_plane_and_is_counted():
    def fly_schedule(turns: Any) -> Any:
        law = programme(
            ScheduledBank(
                relative_speed=np.array([1490.0, 1510.0]),
                bank=np.array([0.0, 55.0 * DEGREE]),
                reversal_time=turns,
            )
        )
        return enter(start(), capsule(), SONIC, law, MARS, np.asarray(INTERFACE), TARGET)

    fly_schedule = jax.jit(fly_schedule)
    straight, reversed_ = (
        fly_schedule(np.array([900.0, 950.0])),
        fly_schedule(np.array([95.0, 900.0])),
    )
    assert float(straight.figures["bank_reversal_count"]) == 0.0
    assert float(reversed_.figures["bank_reversal_count"]) == 1.0
    first, second = (
        float(MARS.latitude_longitude(f.end.epoch, f.end.position)[0])
        for f in (straight, reversed_)
    )
    assert second > first


def test_the_late_bank_begins_at_its_speed_and_the_track_shows_it():
    bank = RangedBank(
        range=np.asarray(6e5),
        late_below_relative_speed=np.asarray(1000.0),
        late_bank=np.asarray(20.0 * DEGREE),
    )
    law = programme(bank, np.asarray(50.0 * DEGREE))
    flight = enter(start(), capsule(), SONIC, law, MARS, np.asarray(INTERFACE), TARGET, track=True)
    track = flight.track
    assert track is not None
    late = np.asarray(track["relative_speed"]) < 999.999
    banks = np.asarray(track["bank"]) / DEGREE
    np.testing.assert_allclose(banks[late], 20.0)
    assert float(flight.figures["bank"]) == pytest.approx(50.0 * DEGREE)
    # rows never run backwards; the last one is the end
    assert np.all(np.diff(track["epoch"]) >= 0.0)
    np.testing.assert_allclose(track["position"][-1], flight.end.position)
    greatest = float(np.max(track["deceleration"]))
    assert greatest <= float(flight.figures["peak_deceleration"]) * (1.0 + 1e-12)
    assert greatest == pytest.approx(float(flight.figures["peak_deceleration"]), rel=1e-4)


def test_reading_beyond_the_air_is_counted(fly, nominal):
    assert float(nominal.extrapolations["air"]) > 0.0  # the fit ends at 125 km
    higher = fly(-15.5, 3370.0, 50.0, 3560e3)
    assert float(higher.extrapolations["air"]) > float(nominal.extrapolations["air"])

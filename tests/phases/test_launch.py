"""Laws of the rigid ascent: momentum is kept, commands follow the sensed, steps do not matter."""

from __future__ import annotations

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import anabasis
from anabasis.campaign.march import world_of
from anabasis.campaign.orders import launch as orders_of_launch
from anabasis.campaign.orders.ascent import AscentPlan, plan, release
from anabasis.campaign.orders.launch import loaded, rocket_of
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.rigid import axes_of, turn
from anabasis.mechanics.rigid_step import Body
from anabasis.mechanics.strapdown import nothing_sensed
from anabasis.outcome import Outcome
from anabasis.phases.launch import legs as legs_of_launch
from anabasis.phases.launch.staging import released, separated
from anabasis.vehicles.ascender import stacked
from anabasis.vehicles.mass_properties import Moment

STEP_TOLERANCE = 10.0
"""Halved substeps change the final orbit by no more than this [m]."""
PERFECT = {
    "ascender.sensors.gyro_walk_deg_sqrt_h": 0.0,
    "ascender.sensors.accelerometer_walk_m_s_sqrt_h": 0.0,
    "ascender.sensors.gyro_quantum_deg": 0.0,
    "ascender.sensors.accelerometer_quantum_m_s": 0.0,
    "ascent.errors.gust_m_s": 0.0,
}


def number(x: float) -> jax.Array:
    return jnp.asarray(float(x))


def triple(*x: float) -> Any:
    return tuple(number(v) for v in x)


def test_staging_keeps_momentum() -> None:
    """Of both stages together, about a fixed point too, whatever the rate at that moment."""
    body = Body(
        triple(3.4e6, 2e5, -1e5),
        triple(800.0, 1500.0, 30.0),
        turn(triple(0.2, -0.3, 0.1)),
        triple(0.1, -0.05, 0.2),
    )
    stack = Moment(*(number(x) for x in (178.0, 1.10, 3.0, 70.0, 0.0, 0.0)))
    second = Moment(*(number(x) for x in (118.0, 0.86, 2.7, 7.5, 0.0, 0.0)))
    first = 60.0
    loose, other = separated(body, stack, second, number(first), number(20.0), triple(0, 0)[:2])
    before = 178.0 * np.array([float(x) for x in body.velocity])
    after = 118.0 * np.array([float(x) for x in loose.velocity])
    after += first * np.array([float(x) for x in other])
    assert np.allclose(before, after, rtol=1e-14, atol=1e-9)
    nose = np.array([float(x) for x in axes_of(body.attitude)[0]])
    ahead = np.array([float(a - b) for a, b in zip(loose.position, body.position, strict=True)])
    # inertial coordinates of millions of metres hold nanometres
    assert np.allclose(ahead, (1.10 - 0.86) * nose, atol=1e-8)
    apart = np.array([float(a - b) for a, b in zip(loose.velocity, other, strict=True)])
    assert float(apart @ nose) == pytest.approx(20.0 / 118.0 + 20.0 / 60.0, rel=1e-9)


class Ground:
    """The scenario with its plan, the nozzle's power and the release, for short flights."""

    def __init__(self, changes: dict[str, float]) -> None:
        self.parts = anabasis.load("ascent-six").replace(changes).parts
        self.world = world_of(self.parts, "mars")
        orders, ascender = self.parts.ascent, self.parts.ascender
        assert orders is not None
        assert ascender is not None
        self.orders, self.ascender = orders, ascender
        as_a_point = dataclasses.replace(orders, degrees_of_freedom=3)
        found = plan(as_a_point, ascender, self.world)
        self.epoch = np.asarray(orders.epoch)
        onboard = loaded(orders, ascender, self.world, None, found.programme, self.epoch)
        self.plan = AscentPlan(found.programme, found.reached, found.miss, onboard)
        mass = stacked(ascender).lift_off_mass
        self.start = release(orders, self.world, self.epoch, found.programme.azimuth, mass)


def test_commands_follow_what_is_sensed_and_nothing_else() -> None:
    """Another truth (wind, thrust, misalignment) and the old sensed history: the same commands."""
    ground = Ground({})
    ticks = 150

    @eqx.filter_jit
    def flown(
        start: Any, rocket: Any, onboard: Any, world: Any, history: Any, replayed: Any
    ) -> Any:
        delay = number(0.9)
        ride = legs_of_launch.ride_of(start, rocket, onboard, world, delay, 1)
        body = released(start, rocket, onboard, delay)
        moving, memory = legs_of_launch.opened(ride, onboard, body, delay)
        climb, _ = legs_of_launch.climb_legs(ride, onboard, delay)[legs_of_launch.CLIMB]

        def short(*given: Any) -> Any:
            return eqx.tree_at(lambda leg: leg.duration, climb(*given), number(0.01 * ticks))

        loop = legs_of_launch.fly_kind(
            ride,
            onboard,
            "climb",
            [(short, ticks)],
            (moving, memory, nothing_sensed(number(0.01)), number(0.0)),
            True,
            history,
            replayed,
        )
        assert loop.rows is not None
        return loop.rows["sensed"], loop.rows["command"], loop.end(0)[0].body

    rocket = jax.tree.map(jnp.asarray, rocket_of(ground.ascender, None, ground.orders.errors))
    args = (ground.plan.onboard, ground.world)
    blank = jax.tree.map(lambda x: jnp.zeros((ticks, *jnp.shape(x))), nothing_sensed(number(0.01)))
    sensed, command, body = flown(ground.start, rocket, *args, blank, jnp.asarray(False))
    disturbed = eqx.tree_at(
        lambda r: (
            r.errors.wind_east,
            r.stack.stage_one.thrust,
            r.frame.misalignment_one_y,
            r.frame.centre_offset_z,
            r.errors.tip_off_z,
        ),
        rocket,
        (
            number(40.0),
            rocket.stack.stage_one.thrust * 1.02,
            number(0.005),
            number(0.002),
            number(0.03),
        ),
    )
    _, again, elsewhere = flown(ground.start, disturbed, *args, sensed, jnp.asarray(True))
    for x, y in zip(jax.tree.leaves(command), jax.tree.leaves(again), strict=True):
        assert np.array_equal(np.asarray(x), np.asarray(y))
    _, free, _ = flown(ground.start, disturbed, *args, sensed, jnp.asarray(False))
    assert not np.array_equal(np.asarray(free.nozzle[0]), np.asarray(command.nozzle[0]))
    apart = [float(a - b) for a, b in zip(body.position, elsewhere.position, strict=True)]
    assert np.linalg.norm(apart) > 0.1


def flight_of(ground: Ground, substeps: int) -> Flight:
    orders = ground.orders
    assert orders.software is not None
    steps = dataclasses.replace(orders.software, substeps=substeps)
    assert ground.plan.onboard is not None
    return orders_of_launch.fly(
        ground.start,
        dataclasses.replace(orders, software=steps),
        ground.ascender,
        ground.world,
        None,
        ground.plan.programme,
        ground.plan.onboard,
        track=True,
    )


@pytest.fixture(scope="module")
def perfect() -> tuple[Ground, Flight]:
    ground = Ground(PERFECT)
    return ground, flight_of(ground, 1)


@pytest.mark.truth
def test_halved_steps_do_not_move_the_orbit(perfect: tuple[Ground, Flight]) -> None:
    ground, one = perfect
    two = flight_of(ground, 2)
    for name in ("apoapsis", "periapsis"):
        assert abs(float(one.figures[name] - two.figures[name])) < STEP_TOLERANCE


@pytest.mark.truth
def test_the_quaternion_stays_normal_and_the_books_close(perfect: tuple[Ground, Flight]) -> None:
    _, flight = perfect
    assert flight.outcome == Outcome.nominal
    assert flight.track is not None
    size = sum(np.asarray(flight.track[f"q_i_from_b_{k}"]) ** 2 for k in "wxyz")
    assert np.max(np.abs(size - 1.0)) < 1e-12
    f = {name: float(value) for name, value in flight.figures.items()}
    gained = f["ideal_delta_v"] - f["gravity_loss"] - f["drag_loss"] - f["steering_loss"]
    # the springs and the change of the centre of mass at the separation are not in the account
    assert gained == pytest.approx(f["speed_gained"], abs=0.5)
    spent = sum(float(change.change) for change in flight.masses.values())
    assert f["lift_off_mass"] + spent == pytest.approx(f["final_mass"], abs=1e-9)


@pytest.mark.truth
def test_perfect_sensors_know_where_they_are(perfect: tuple[Ground, Flight]) -> None:
    _, flight = perfect
    assert float(flight.figures["navigation_position_error"]) < 20.0
    assert float(flight.figures["navigation_velocity_error"]) < 0.1


@pytest.mark.truth
def test_the_rigid_body_flies_near_the_point(perfect: tuple[Ground, Flight]) -> None:
    """Lift, swivelling and the toss are the difference; the last stage's spin is stable."""
    _, flight = perfect
    assert abs(float(flight.figures["periapsis"]) - 343e3) < 60e3
    assert np.degrees(float(flight.figures["nutation"])) < 0.1
    assert float(flight.figures["spin_rate"]) * 60.0 / (2.0 * np.pi) == pytest.approx(
        175.0, rel=0.01
    )

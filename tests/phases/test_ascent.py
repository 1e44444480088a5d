"""Laws of the ascent: speed and mass are accounted for, slopes are true, lanes do not meddle."""

from __future__ import annotations

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.guidance.steering import Programme
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.mechanics.table import Table
from anabasis.outcome import Outcome
from anabasis.phases import ascent
from anabasis.phases.ascent import FIGURES, ascend, reach
from anabasis.vehicles.ascender import Ascender, stacked
from anabasis.vehicles.motor import SolidMotor
from anabasis.worlds.world import World, make_world

EPOCH = 983620800.0
GRADIENT_TOLERANCE = 1e-6
"""Exact slopes on fixed ticks against Richardson differences, relative."""
LANE_TOLERANCE = 1e-9
"""One ascent alone and the same as a lane, relative."""

ROCKET = {
    "thrust_one": 7925.77,
    "burn_time_one": 76.0,
    "propellant_one": 215.619,
    "inert_one": 60.362,
    "thrust_two": 6088.7,
    "burn_time_two": 24.45,
    "propellant_two": 54.467,
    "payload": 16.0,
}
"""The published rocket: in air it ends in an ellipse, whose apsides have slopes."""


def number(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, float) else value


def rocket(**changes: Any) -> Ascender:
    n = {name: number(value) for name, value in {**ROCKET, **changes}.items()}
    return Ascender(
        reference_area=np.asarray(0.166),
        drag_coefficient=Table(
            np.array([0.0, 0.5, 1.0, 1.3, 2.5, 4.0, 100.0]),
            np.array([0.2, 0.2, 0.4, 0.57, 0.4, 0.3, 0.3]),
        ),
        stage_one=SolidMotor(
            inert=n["inert_one"],
            propellant=n["propellant_one"],
            thrust=n["thrust_one"],
            burn_time=n["burn_time_one"],
        ),
        stage_two=SolidMotor(
            inert=np.asarray(47.342),
            propellant=n["propellant_two"],
            thrust=n["thrust_two"],
            burn_time=n["burn_time_two"],
        ),
        payload=n["payload"],
    )


def programme(elevation_deg: float = 43.2241) -> Programme:
    return Programme(
        elevation=np.asarray(math.radians(elevation_deg)),
        azimuth=np.asarray(math.radians(70.4108)),
        second_ignition_time=np.asarray(572.0),
        second_elevation=np.asarray(0.0),
        ignition_delay=np.asarray(0.9),
    )


def start(world: World, ascender: Ascender, toss: float = 5.0) -> PointState:
    latitude, longitude = math.radians(18.45283), math.radians(77.40821)
    epoch = np.asarray(EPOCH - 0.9)
    radius = world.radius_of(
        np.asarray(latitude), np.asarray(longitude), height=np.asarray(-2545.0)
    )
    position = world.position_at(epoch, np.asarray(latitude), np.asarray(longitude), radius)
    up = position / jnp.linalg.norm(position)
    velocity = world.inertial_from_planet(epoch, position, toss * up)
    mass = jnp.asarray(stacked(ascender).lift_off_mass)
    return PointState(epoch, position, velocity, mass, "mars")


@pytest.fixture(scope="module")
def world() -> World:
    return make_world("mars")


@pytest.fixture(scope="module")
def flight(world: World) -> Flight:
    ascender = rocket()
    return ascend(start(world, ascender), ascender, programme(), world, track=True)


def test_it_reports_every_figure_and_each_is_a_number(flight: Flight) -> None:
    assert set(flight.figures) == set(FIGURES)
    for name, value in flight.figures.items():
        assert math.isfinite(float(value)), name
    assert flight.outcome == Outcome.nominal


def test_the_events_come_in_order_and_lift_off_is_the_first_ignition(flight: Flight) -> None:
    names = (
        "lift_off",
        "stage_one_burnout",
        "stage_separation",
        "stage_two_ignition",
        "stage_two_burnout",
    )
    times = [float(flight.events[name]) for name in names]
    assert times == sorted(times)
    assert times[0] == pytest.approx(EPOCH, abs=1e-6)
    assert times[1] - times[0] == pytest.approx(76.0, abs=1e-6)
    assert float(flight.end.epoch) == times[-1]


def test_the_account_of_speed_closes(flight: Flight) -> None:
    figures = {name: float(value) for name, value in flight.figures.items()}
    losses = figures["gravity_loss"] + figures["drag_loss"] + figures["steering_loss"]
    assert figures["ideal_delta_v"] - losses == pytest.approx(figures["speed_gained"], abs=1e-6)
    assert figures["drag_loss"] > 0.0
    assert figures["steering_loss"] > 0.0


def test_the_ideal_delta_v_is_that_of_the_rocket_equation(flight: Flight) -> None:
    closed = float(flight.burns["stage_one"].delta_v) + float(flight.burns["stage_two"].delta_v)
    assert float(flight.figures["ideal_delta_v"]) == pytest.approx(closed, abs=1e-6)


def test_the_mass_ledger_closes(flight: Flight) -> None:
    begun = float(flight.figures["lift_off_mass"])
    changed = sum(float(line.change) for line in flight.masses.values())
    assert abs(begun + changed - float(flight.end.mass)) < 1e-9
    assert float(flight.figures["final_mass"]) == pytest.approx(63.342, abs=1e-9)


def test_the_track_begins_on_the_ground_and_ends_in_orbit(flight: Flight) -> None:
    assert flight.track is not None
    track = {name: np.asarray(values) for name, values in flight.track.items()}
    assert track["elapsed"][0] == pytest.approx(-0.9)
    assert track["relative_speed"][0] == pytest.approx(5.0, abs=1e-6)
    assert track["mass"][0] == pytest.approx(393.79, abs=1e-9)
    assert track["mass"][-1] == pytest.approx(63.342, abs=1e-9)
    assert np.all(np.diff(track["elapsed"]) > -1e-9)
    assert track["altitude"][-1] > 300e3
    np.testing.assert_allclose(track["position"][-1], flight.end.position, rtol=1e-12)
    thrusting = track["thrust"] > 0.0
    assert np.all(track["elapsed"][thrusting] >= -1e-9)


def test_the_peaks_lie_at_or_above_every_tick(flight: Flight) -> None:
    assert flight.track is not None
    track = {name: np.asarray(values) for name, values in flight.track.items()}
    top = track["dynamic_pressure"].max()
    assert top <= float(flight.figures["peak_dynamic_pressure"]) < top * (1.0 + 1e-4)
    hardest = track["deceleration"].max()
    assert hardest <= float(flight.figures["peak_acceleration"]) < hardest * 1.01


def test_the_second_stage_pulls_hardest_at_its_end(flight: Flight) -> None:
    assert float(flight.figures["peak_acceleration"]) == pytest.approx(6088.7 / 63.342, rel=1e-6)


def test_a_rocket_too_weak_to_fly_is_lost_not_an_error(world: World) -> None:
    weak = rocket(thrust_one=1000.0)
    lost = ascend(start(world, weak), weak, programme(), world, track=True)
    assert lost.outcome == Outcome.orbit_not_reached


def test_halving_every_tick_moves_the_orbit_by_less_than_a_metre(
    world: World, flight: Flight, monkeypatch: pytest.MonkeyPatch
) -> None:
    ascender = rocket()
    monkeypatch.setattr(ascent, "FIRST_TICKS", 2 * ascent.FIRST_TICKS)
    monkeypatch.setattr(ascent, "SECOND_TICKS", 2 * ascent.SECOND_TICKS)
    monkeypatch.setattr(ascent, "COAST_TICKS", tuple(2 * n for n in ascent.COAST_TICKS))
    finer = eqx.filter_jit(lambda s, a, p, w: reach(s, a, p, w))
    end = finer(start(world, ascender), ascender, programme(), world).end
    apart = np.linalg.norm(np.asarray(end.position) - np.asarray(flight.end.position))
    assert float(apart) < 1.0


def test_slopes_through_staging_agree_with_differences(world: World) -> None:
    names = list(ROCKET)
    base = np.array([ROCKET[name] for name in names])

    def orbit(values: jax.Array) -> tuple[jax.Array, jax.Array]:
        ascender = rocket(**{name: values[i] for i, name in enumerate(names)})
        figures = ascend(start(world, ascender), ascender, programme(), world).figures
        found = jnp.stack([jnp.asarray(figures[name]) for name in ("apoapsis", "periapsis")])
        return found, found

    slopes, _ = eqx.filter_jit(jax.jacfwd(orbit, has_aux=True))(jnp.asarray(base))
    fly = eqx.filter_jit(jax.vmap(lambda v: orbit(v)[0]))
    step = 4e-6 * base
    offsets = np.concatenate([np.diag(step) * factor for factor in (1.0, -1.0, 0.5, -0.5)])
    found = np.asarray(fly(jnp.asarray(base + offsets))).reshape(4, len(names), 2)
    coarse = (found[0] - found[1]) / (2.0 * step[:, None])
    fine = (found[2] - found[3]) / step[:, None]
    richardson = (4.0 * fine - coarse) / 3.0
    for i, name in enumerate(names):
        for j in range(2):
            exact = float(np.asarray(slopes)[j, i])
            assert abs(richardson[i, j] - exact) <= GRADIENT_TOLERANCE * abs(exact), (
                name,
                j,
                exact,
                richardson[i, j],
            )


def test_a_lane_is_the_flight_it_would_be_alone(world: World) -> None:
    """64 dispersed ascents, one of them lost: every lane agrees with its flight alone."""
    draws = np.random.default_rng(7).normal(size=(64, 3))
    thrusts = 7925.77 * (1.0 + 0.003 * draws[:, 0])
    thrusts[5] = 1000.0
    payloads = 16.0 + 0.25 * draws[:, 1]
    factors = np.clip(1.0 + 0.35 * draws[:, 2], 0.2, 2.5)

    def fly(thrust: Any, payload: Any, factor: Any, track: bool) -> tuple[Any, Any]:
        airy = eqx.tree_at(lambda w: w.density_factor, world, factor)
        ascender = rocket(thrust_one=thrust, payload=payload)
        flown = ascend(start(airy, ascender), ascender, programme(), airy, track=track)
        return flown.figures, flown.outcome == Outcome.nominal

    lanes, nominal = eqx.filter_jit(jax.vmap(lambda *draw: fly(*draw, track=False)))(
        thrusts, payloads, factors
    )
    assert not bool(nominal[5])
    assert int(jnp.sum(nominal)) == 63
    for k in (0, 4, 5, 6, 31, 63):
        draw = (np.asarray(thrusts[k]), np.asarray(payloads[k]), np.asarray(factors[k]))
        one, _ = fly(*draw, track=True)
        for name, value in one.items():
            np.testing.assert_allclose(
                lanes[name][k], value, rtol=LANE_TOLERANCE, atol=LANE_TOLERANCE, err_msg=name
            )

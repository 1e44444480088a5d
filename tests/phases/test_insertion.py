"""Laws of the insertion: energy, planes, and a ledger that closes."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.edelbaum import delta_v_edelbaum1961
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.kepler import apsis_radii, elements
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.phases.insertion import (
    FIGURES,
    InsertionLaw,
    arrival,
    escape_spiral,
    insert,
    semi_major_axis,
    time_to_periapsis,
)
from anabasis.units import SOL
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds.world import World, make_world

EPOCH = 8.7e8
V_INFINITY = 2729.0
PERIAPSIS = 3.39619e6 + 400e3
ORBIT = 3.39619e6 + 325e3


@pytest.fixture(scope="module")
def mars() -> World:
    return make_world("mars")


def orbiter() -> Orbiter:
    """The default orbiter, its numbers as arrays."""
    return jax.tree.map(lambda number: np.asarray(number, float), Orbiter())


def law(mode: str = "electric", inclination_deg: float = 25.0) -> InsertionLaw:
    numbers = (SOL, 0.543, ORBIT, ORBIT, np.radians(inclination_deg))
    return InsertionLaw(mode, *(np.asarray(number, float) for number in numbers))


def coming(mars: World, declination_deg: float, rising: bool = True) -> PointState:
    """An arrival whose incoming velocity has a declination to Mars's equator."""
    d = np.radians(declination_deg)
    in_equator = np.array([np.cos(d) * np.cos(0.7), np.cos(d) * np.sin(0.7), np.sin(d)])
    velocity = V_INFINITY * in_equator @ np.asarray(mars.pole_axes(EPOCH))
    state = arrival(
        jnp.asarray(velocity), EPOCH, 6500.0, PERIAPSIS, np.radians(25.0), mars, rising=rising
    )
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, float), state)


@pytest.fixture(scope="module")
def flight(mars: World) -> Flight:
    return insert(coming(mars, 10.0), orbiter(), law(), mars, track=True)


def closing_error(start: PointState, flight: Flight) -> float:
    changes = sum(float(change.change) for change in flight.masses.values())
    return float(start.mass) + changes - float(flight.end.mass)


def test_the_arrival_has_the_speed_periapsis_and_plane_that_were_asked_for(mars: World) -> None:
    for declination, rising in ((10.0, True), (10.0, False), (-20.0, True), (0.0, True)):
        start = coming(mars, declination, rising)
        axes = mars.pole_axes(start.epoch)
        orbit = elements(axes @ start.position, axes @ start.velocity, mars.gm)
        assert float(mars.gm / -orbit.semi_major_axis) == pytest.approx(V_INFINITY**2, rel=1e-9)
        _, low = apsis_radii(start.position, start.velocity, mars.gm)
        assert float(low) == pytest.approx(PERIAPSIS, rel=1e-9)
        assert float(orbit.inclination) == pytest.approx(np.radians(25.0), abs=1e-6)
        left = time_to_periapsis(start.position, start.velocity, mars.gm)
        assert float(start.epoch + left) == pytest.approx(EPOCH, abs=1e-3)


def test_an_arrival_far_away_moves_along_its_incoming_velocity(mars: World) -> None:
    velocity = jnp.array([1500.0, -2000.0, 300.0])
    start = arrival(velocity, EPOCH, 6500.0, PERIAPSIS, 0.5, mars, lead=300 * 86400.0)
    unit = start.velocity / jnp.sqrt(start.velocity @ start.velocity)
    assert float(unit @ velocity / jnp.sqrt(velocity @ velocity)) == pytest.approx(1.0, abs=1e-6)


def test_the_two_planes_of_an_arrival_share_its_incoming_direction_only(mars: World) -> None:
    one, two = coming(mars, 10.0, True), coming(mars, 10.0, False)
    h1, h2 = (np.cross(s.position, s.velocity) for s in (one, two))
    line = np.cross(h1, h2)
    line /= np.linalg.norm(line)
    axes = np.asarray(mars.pole_axes(EPOCH))
    declination = np.degrees(np.arcsin((axes @ line)[2]))
    assert abs(declination) == pytest.approx(10.0, abs=1e-3)


def test_a_declination_above_the_inclination_gives_the_least_inclination(mars: World) -> None:
    start = coming(mars, 32.0)
    axes = mars.pole_axes(start.epoch)
    orbit = elements(axes @ start.position, axes @ start.velocity, mars.gm)
    assert float(orbit.inclination) == pytest.approx(np.radians(32.0), abs=1e-4)


def test_the_burn_ends_on_an_ellipse_of_one_sol(mars: World) -> None:
    flown = insert(coming(mars, 10.0), orbiter(), law(), mars, track=True)
    assert flown.track is not None
    position, velocity = flown.track["position"][96], flown.track["velocity"][96]
    a = 1.0 / (2.0 / jnp.sqrt(position @ position) - velocity @ velocity / mars.gm)
    period = 2.0 * np.pi * float(jnp.sqrt(a**3 / mars.gm))
    assert period == pytest.approx(SOL, rel=1e-9)
    assert float(a) == pytest.approx(float(semi_major_axis(SOL, mars.gm)), rel=1e-9)
    assert bool(jnp.all(jnp.diff(flown.track["epoch"]) >= 0.0))
    assert float(flown.track["mass"][-1]) == pytest.approx(float(flown.end.mass), abs=1e-6)


def test_a_burn_of_finite_length_loses_and_loses_less_with_more_thrust(
    mars: World, flight: Flight
) -> None:
    losses = [float(flight.figures["finite_burn_loss"])]
    for thrust in (8800.0, 100000.0):
        strong = eqx.tree_at(lambda o: o.chemical_thrust, orbiter(), np.asarray(thrust))
        flown = insert(coming(mars, 10.0), strong, law(), mars, track=True)
        losses.append(float(flown.figures["finite_burn_loss"]))
    assert losses[0] > losses[1] > losses[2] > -1e-6
    # Robbins: the loss of a short burn falls with the square of its length.
    assert losses[0] / losses[1] == pytest.approx(4.0, rel=0.25)
    assert losses[2] < 0.1


def test_the_spiral_costs_the_circular_speed_of_the_working_orbit(
    mars: World, flight: Flight
) -> None:
    expected = float(jnp.sqrt(mars.gm / ORBIT))
    assert float(flight.figures["spiral_delta_v"]) == pytest.approx(expected, rel=1e-12)


def test_a_plane_change_is_charged_as_edelbaum_from_the_one_sol_orbit(mars: World) -> None:
    flown = insert(coming(mars, 32.0), orbiter(), law(), mars, track=True)
    slow = float(jnp.sqrt(mars.gm / semi_major_axis(SOL, mars.gm)))
    fast = float(jnp.sqrt(mars.gm / ORBIT))
    expected = slow + float(delta_v_edelbaum1961(slow, fast, np.radians(7.0)))
    assert float(flown.figures["spiral_delta_v"]) == pytest.approx(expected, rel=1e-4)
    assert expected > fast + 20.0
    assert float(flown.figures["inclination"]) == pytest.approx(np.radians(25.0), abs=1e-12)


def test_the_orbit_at_the_end_is_the_working_orbit(mars: World, flight: Flight) -> None:
    axes = mars.pole_axes(flight.end.epoch)
    orbit = elements(axes @ flight.end.position, axes @ flight.end.velocity, mars.gm)
    assert float(orbit.semi_major_axis) == pytest.approx(ORBIT, rel=1e-9)
    assert float(orbit.inclination) == pytest.approx(np.radians(25.0), abs=1e-9)
    assert float(orbit.node) == pytest.approx(float(flight.figures["node"]), abs=1e-9)


def test_most_of_the_turning_of_the_node_happens_low_and_it_goes_back(mars: World) -> None:
    """The node of the default spiral against a crude sum over its circles."""
    flown = insert(coming(mars, 10.0), orbiter(), law(), mars, track=True)
    assert flown.track is not None
    epoch = np.asarray(flown.track["epoch"][97:])
    axes = np.asarray(mars.pole_axes(EPOCH))
    r, v = (np.asarray(flown.track[name][97:]) @ axes.T for name in ("position", "velocity"))
    h = np.cross(r, v)
    node = np.arctan2(h[:, 0], -h[:, 1])
    # the ellipse of one sol is made round first, then the circle shrinks; the velocity is that of
    # the path, J2's turning with it, so that it tells no semi-major axis of a circle
    low = epoch >= epoch[len(epoch) // 2]
    a = np.where(low, np.linalg.norm(r, axis=1), float(semi_major_axis(SOL, mars.gm)))
    e2 = np.where(low, 0.0, 1.0 - np.sum(h * h, axis=1) / float(mars.gm) / a)
    k = 1.5 * float(mars.j2) * (float(mars.gravity_radius) / (a * (1.0 - e2))) ** 2
    rate = -k * np.sqrt(float(mars.gm) / a**3) * np.cos(np.radians(25.0))
    crude = float(np.sum(0.5 * (rate[1:] + rate[:-1]) * np.diff(epoch)))
    turned = float(node[-1] - node[0])
    assert crude < -np.pi
    assert np.angle(np.exp(1j * (turned - crude))) == pytest.approx(0.0, abs=0.02)


def test_the_ledger_of_the_insertion_closes(mars: World, flight: Flight) -> None:
    assert abs(closing_error(coming(mars, 10.0), flight)) < 1e-9
    burnt = float(flight.figures["propellant"])
    assert sum(float(burn.propellant) for burn in flight.burns.values()) == pytest.approx(burnt)


def test_all_chemical_costs_what_it_must_and_the_default_tank_does_not_hold_it(
    mars: World,
) -> None:
    start = coming(mars, 10.0)
    flown = insert(start, orbiter(), law("impulsive"), mars, track=True)
    fast = np.sqrt(V_INFINITY**2 + 2.0 * float(mars.gm) / PERIAPSIS)
    least = fast - np.sqrt(float(mars.gm) / PERIAPSIS)
    assert float(flown.figures["capture_delta_v"]) == pytest.approx(least, rel=0.03)
    assert flown.outcome == Outcome.out_of_propellant
    assert abs(closing_error(start, flown)) < 1e-9
    loaded = eqx.tree_at(lambda o: o.chemical_propellant, orbiter(), np.asarray(3400.0))
    assert insert(start, loaded, law("impulsive"), mars, track=True).outcome == Outcome.nominal


def test_what_cannot_capture_is_an_outcome(mars: World) -> None:
    start = coming(mars, 10.0)
    weak = eqx.tree_at(lambda o: o.chemical_thrust, orbiter(), np.asarray(100.0))
    assert insert(start, weak, law(), mars, track=True).outcome == Outcome.capture_failed
    low = arrival(jnp.array([2729.0, 0.0, 0.0]), EPOCH, 6500.0, 3.42e6, 0.5, mars)
    low = jax.tree.map(lambda leaf: jnp.asarray(leaf, float), low)
    assert insert(low, orbiter(), law(), mars, track=True).outcome == Outcome.capture_failed
    bound = eqx.tree_at(lambda s: s.velocity, start, 0.1 * start.velocity)
    assert insert(bound, orbiter(), law(), mars, track=True).outcome == Outcome.capture_failed
    dry = eqx.tree_at(lambda o: o.xenon, orbiter(), np.asarray(100.0))
    assert insert(start, dry, law(), mars, track=True).outcome == Outcome.out_of_propellant


def test_the_way_out_costs_what_the_way_in_does(mars: World, flight: Flight) -> None:
    up = escape_spiral(4000.0, ORBIT, orbiter(), mars)
    assert float(up.delta_v) == pytest.approx(float(flight.figures["spiral_delta_v"]))
    further = escape_spiral(4000.0, ORBIT, orbiter(), mars, 2500.0)
    assert float(further.delta_v - up.delta_v) == pytest.approx(2500.0)
    assert float(further.propellant) > float(up.propellant)


def test_the_figures_are_those_that_are_promised(flight: Flight) -> None:
    assert set(flight.figures) == set(FIGURES)
    assert all(np.isfinite(float(value)) for value in flight.figures.values())


def test_slopes_agree_with_differences(mars: World) -> None:
    start, target = coming(mars, 10.0), law()

    def answer(thrust: Any, *, track: bool) -> Any:
        changed = eqx.tree_at(lambda o: o.chemical_thrust, orbiter(), thrust)
        figures = insert(start, changed, target, mars, track=track).figures
        return jnp.stack([figures["capture_delta_v"], figures["node"]])

    slope = jax.jit(jax.jacfwd(lambda thrust: answer(thrust, track=False)))(jnp.asarray(4400.0))
    up, down = (answer(jnp.asarray(thrust), track=True) for thrust in (4410.0, 4390.0))
    np.testing.assert_allclose(slope, (up - down) / 20.0, rtol=1e-4)


def test_one_insertion_and_the_same_as_a_lane_agree(mars: World, flight: Flight) -> None:
    start, target = coming(mars, 10.0), law()
    thrusts = jnp.array([4400.0, 100.0, 8800.0])

    def one(thrust: Any) -> Any:
        changed = eqx.tree_at(lambda o: o.chemical_thrust, orbiter(), thrust)
        return insert(start, changed, target, mars, track=True).figures["final_mass"]

    lanes = jax.vmap(one)(thrusts)
    assert float(lanes[0]) == pytest.approx(float(flight.figures["final_mass"]), rel=1e-12)
    assert np.isfinite(lanes[2])

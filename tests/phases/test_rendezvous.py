"""Laws of the rendezvous: the two do meet, whoever does the sums."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.flight import Flight
from anabasis.mechanics.gravity import oblate_gravity
from anabasis.mechanics.secular import (
    MeanOrbit,
    OblateBody,
    drift,
    mean_orbit,
    osculating,
    position_velocity,
    secular_rates,
)
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.phases.rendezvous import (
    FIGURES,
    MEETING_DISTANCE,
    RendezvousLaw,
    approach_orbit,
    meet,
    plan_meeting,
    relative_plane,
)
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds.oblate import oblate_body
from anabasis.worlds.world import World, make_world

EPOCH = 9.0e8
DAY = 86400.0
RADIUS = 3.39619e6


@pytest.fixture(scope="module")
def mars() -> World:
    return make_world("mars")


def orbiter() -> Orbiter:
    """The default orbiter, its numbers as arrays."""
    return jax.tree.map(lambda number: np.asarray(number, float), Orbiter())


def law(**changes: float) -> RendezvousLaw:
    numbers = {
        "search_duration": 14.0 * DAY,
        "longest_duration": 90.0 * DAY,
        "lowest_phasing": 250e3,
        "highest_phasing": 600e3,
        "day_worth": 0.1,
        "handover_distance": 50e3,
        "approach_duration": 7.0 * DAY,
        "approach_delta_v": 20.0,
        "lowest_periapsis": 200e3,
    } | changes
    return RendezvousLaw(**{name: np.asarray(value) for name, value in numbers.items()})


def orbit(
    apoapsis_km: float,
    periapsis_km: float,
    inclination_deg: float,
    node_deg: float,
    phase_deg: float,
    argument_deg: float = 0.0,
) -> MeanOrbit:
    a = RADIUS + 500.0 * (apoapsis_km + periapsis_km)
    e = 500.0 * (apoapsis_km - periapsis_km) / a
    w = np.radians(argument_deg)
    angles = np.radians([inclination_deg, node_deg, phase_deg])
    return MeanOrbit(*(np.asarray(v, float) for v in (a, e * np.cos(w), e * np.sin(w), *angles)))


def state(mean: MeanOrbit, mass: float, mars: World, epoch: float = EPOCH) -> PointState:
    position, velocity = osculating(mean, oblate_body(mars))
    axes = mars.pole_axes(epoch)
    return PointState(
        jnp.asarray(epoch), position @ axes, velocity @ axes, jnp.asarray(mass), "mars"
    )


def met(mars: World, chaser: MeanOrbit, target: MeanOrbit, **changes: float) -> Flight:
    start, cargo = state(chaser, 3750.0, mars), state(target, 16.0, mars)
    return meet(start, orbiter(), law(**changes), mars, cargo, track=True)


PAIRS = {
    "two circles": (orbit(325, 325, 25, 10, 0), orbit(343, 343, 25, 12, 100)),
    "an ascent with errors": (orbit(325, 325, 25, 10, 0), orbit(350, 335, 25.3, 12, 200, 70)),
    "an elliptic orbiter": (orbit(610, 300, 30, 0, 0, 40), orbit(535, 535, 30, 0.3, 200)),
    "the same orbit": (orbit(343, 343, 25, 0, 0), orbit(343, 343, 25, 0, 180)),
    "nodes far apart": (orbit(325, 325, 25, 25, 0), orbit(343, 343, 25, 0, 10)),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_orbiter_and_container_meet(mars: World, pair: str) -> None:
    chaser, target = PAIRS[pair]
    flight = met(mars, chaser, target)
    assert flight.outcome == Outcome.nominal
    assert float(flight.figures["final_distance"]) < MEETING_DISTANCE
    assert float(flight.figures["duration"]) <= 90.0 * DAY


@pytest.mark.parametrize("pair", PAIRS)
def test_they_meet_also_when_the_burns_are_applied_one_by_one(mars: World, pair: str) -> None:
    """Elements that drift by the rates, changed by each burn where and when the plan makes it.

    Each burn is checked against Gauss's equations at the place where the orbiter then is: 3 % for
    the square of the change, which the plan's half-way speeds take into account and this does not.
    """
    chaser, target = PAIRS[pair]
    body, rules = oblate_body(mars), law()
    planned = eqx.filter_jit(plan_meeting)
    steps, _ = planned(chaser, target, rules, mars, body)
    now, time = chaser, 0.0
    for number, step in enumerate(steps):
        now = drift(now, body, float(step.time) - time)
        time = float(step.time)
        there = drift(target, body, time)
        if number == 4:
            _, _, shift = relative_plane(now, there)
            c, s = np.cos(float(shift)), np.sin(float(shift))
            x, y = now.eccentricity_x, now.eccentricity_y
            now = MeanOrbit(
                now.semi_major_axis,
                c * x - s * y,
                s * x + c * y,
                there.inclination,
                there.node,
                now.latitude + shift,
            )
            continue
        # A tangential burn moves the eccentricity along or against the place where it is made,
        # and the size by twice its share of the speed.
        after = step.orbit
        moved = np.array(
            [
                float(after.eccentricity_x - now.eccentricity_x),
                float(after.eccentricity_y - now.eccentricity_y),
            ]
        )
        place = float(now.latitude)
        speed = np.sqrt(float(body.gm / now.semi_major_axis))
        kick = 2.0 * float(step.delta_v) / speed
        np.testing.assert_allclose(
            moved, kick * np.array([np.cos(place), np.sin(place)]), atol=0.03 * abs(kick) + 1e-6
        )
        grown = float(after.semi_major_axis / now.semi_major_axis) - 1.0
        assert grown == pytest.approx(kick, abs=0.03 * abs(kick) + 1e-6)
        now = MeanOrbit(
            after.semi_major_axis,
            after.eccentricity_x,
            after.eccentricity_y,
            now.inclination,
            now.node,
            now.latitude,
        )
    there = drift(target, body, time)
    behind = float(there.latitude - now.latitude) * float(target.semi_major_axis)
    circumference = 2.0 * np.pi * float(target.semi_major_axis)
    assert (behind + 0.5 * circumference) % circumference - 0.5 * circumference == pytest.approx(
        50e3, abs=100.0
    )
    closing, _ = approach_orbit(now, rules, body)
    now = drift(closing, body, 7.0 * DAY)
    there = drift(target, body, time + 7.0 * DAY)
    gap = position_velocity(now, body)[0] - position_velocity(there, body)[0]
    assert float(jnp.sqrt(gap @ gap)) < MEETING_DISTANCE


@eqx.filter_jit
def coasted(position: Any, velocity: Any, duration: Any, pole: Any, body: OblateBody) -> Any:
    """A flight in the field of J2 by RK4, 2,000 steps."""
    h = duration / 2000.0

    def slope(y: Any) -> Any:
        return jnp.concatenate([y[3:], oblate_gravity(y[:3], pole, body.gm, body.j2, body.radius)])

    def tick(y: Any, _: None) -> Any:
        k1 = slope(y)
        k2 = slope(y + 0.5 * h * k1)
        k3 = slope(y + 0.5 * h * k2)
        k4 = slope(y + h * k3)
        return y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4), None

    end, _ = jax.lax.scan(tick, jnp.concatenate([position, velocity]), None, length=2000)
    return end[:3], end[3:]


@pytest.mark.parametrize("pair", ["two circles", "an ascent with errors", "nodes far apart"])
def test_transfer_plane_and_shape_flown_step_by_step_end_behind_the_container(
    mars: World, pair: str
) -> None:
    """The last hours before the approach, integrated with J2, each burn a change of velocity.

    Open loop: what is left comes from the burns' second order and J2's, and is a few kilometres of
    the fifty that the orbiter is to be behind.
    """
    chaser, target = PAIRS[pair]
    body, pole = oblate_body(mars), jnp.array([0.0, 0.0, 1.0])
    steps, _ = eqx.filter_jit(plan_meeting)(chaser, target, law(), mars, body)
    start = float(steps[2].time)
    here = osculating(drift(steps[1].orbit, body, start - float(steps[1].time)), body)
    there = osculating(drift(target, body, start), body)
    time = start
    for number, step in enumerate(steps[2:], start=2):
        wait = jnp.asarray(float(step.time) - time)
        here, there = (coasted(*state, wait, pole, body) for state in (here, there))
        time = float(step.time)
        position, velocity = here
        if number == 4:
            # Turn the velocity about the radius into the container's plane.
            normal = jnp.cross(*there)
            along = jnp.cross(normal, position)
            along = along / jnp.sqrt(along @ along)
            radius = position / jnp.sqrt(position @ position)
            radial = velocity @ radius
            level = velocity - radial * radius
            turned = radial * radius + jnp.sqrt(level @ level) * along
            spent = turned - velocity
            assert float(jnp.sqrt(spent @ spent)) == pytest.approx(float(step.delta_v), rel=0.05)
            velocity = turned
        else:
            velocity = velocity + step.delta_v * velocity / jnp.sqrt(velocity @ velocity)
        here = (position, velocity)
    gap = there[0] - here[0]
    ahead = there[1] / jnp.sqrt(there[1] @ there[1])
    behind = float(gap @ ahead)
    across = float(jnp.sqrt(gap @ gap - behind**2))
    assert behind == pytest.approx(50e3, abs=8e3)
    assert across < 3e3


def test_leaving_an_ellipse_costs_what_two_burns_at_its_apsides_do(mars: World) -> None:
    """The nearly circular sums against vis-viva, for 300 by 610 km to the circle waited on."""
    chaser, target = PAIRS["an elliptic orbiter"]
    flight = met(mars, chaser, target)
    gm = float(mars.gm)
    circle = float(flight.figures["phasing_altitude"]) + RADIUS
    far, near = RADIUS + 610e3, RADIUS + 300e3

    def speed(radius: float, other: float) -> float:
        return np.sqrt(gm * (2.0 / radius - 2.0 / (radius + other)))

    exact = abs(speed(far, circle) - speed(far, near)) + abs(
        speed(circle, circle) - speed(circle, far)
    )
    assert float(flight.burns["phasing"].delta_v) == pytest.approx(exact, rel=0.03)


def test_the_orbiter_ends_where_the_container_is(mars: World) -> None:
    chaser, target = PAIRS["two circles"]
    flight = met(mars, chaser, target)
    body = oblate_body(mars)
    there = drift(target, body, float(flight.figures["duration"]))
    axes = mars.pole_axes(flight.end.epoch)
    now = mean_orbit(axes @ flight.end.position, axes @ flight.end.velocity, body)
    assert float(now.semi_major_axis) == pytest.approx(float(there.semi_major_axis), abs=1.0)
    assert np.sin(float(now.node - there.node)) == pytest.approx(0.0, abs=1e-6)
    assert flight.track is not None
    assert float(flight.track["distance"][-1]) < 2.0 * MEETING_DISTANCE
    assert float(flight.track["distance"].max()) > 5e6


def test_the_ledger_closes_with_the_container_aboard(mars: World) -> None:
    for chaser, target in PAIRS.values():
        flight = met(mars, chaser, target)
        changes = sum(float(change.change) for change in flight.masses.values())
        assert abs(3750.0 + changes - float(flight.end.mass)) < 1e-9
        assert float(flight.masses["container_captured/container"].change) == 16.0
        spent = sum(float(burn.delta_v) for burn in flight.burns.values())
        assert spent == pytest.approx(float(flight.figures["delta_v"]))


def test_more_time_never_costs_more_and_j2_pays_where_the_nodes_differ(mars: World) -> None:
    chaser, target = PAIRS["nodes far apart"]
    short, long = (
        met(mars, chaser, target, longest_duration=days * DAY, day_worth=0.0)
        for days in (60.0, 180.0)
    )
    assert float(long.figures["delta_v"]) < float(short.figures["delta_v"])
    by_burn = 2.0 * 3384.0 * np.sin(np.radians(25.0)) * np.sin(0.5 * np.radians(25.0))
    assert float(long.figures["delta_v"]) < 0.3 * by_burn


def test_a_tilt_can_only_be_burnt_away(mars: World) -> None:
    chaser, target = orbit(325, 325, 25, 10, 0), orbit(343, 343, 26, 10, 0)
    flight = met(mars, chaser, target)
    assert float(flight.figures["plane_change"]) >= np.radians(1.0) - 1e-9
    assert float(flight.burns["plane"].delta_v) >= 3384.0 * np.radians(1.0) - 0.1


def test_planes_cross_where_both_orbits_have_a_point_in_common() -> None:
    one, other = orbit(325, 325, 25, 10, 0), orbit(343, 343, 27, 14, 0)
    angle, place, shift = relative_plane(one, other)

    def direction(o: MeanOrbit, u: Any) -> np.ndarray:
        c, s = np.cos(float(o.node)), np.sin(float(o.node))
        ci, si = np.cos(float(o.inclination)), np.sin(float(o.inclination))
        return np.cos(u) * np.array([c, s, 0.0]) + np.sin(u) * np.array([-ci * s, ci * c, si])

    here, there = direction(one, float(place)), direction(other, float(place + shift))
    np.testing.assert_allclose(here, there, atol=1e-12)
    normals = [
        np.array(
            [
                np.sin(float(o.inclination)) * np.sin(float(o.node)),
                -np.sin(float(o.inclination)) * np.cos(float(o.node)),
                np.cos(float(o.inclination)),
            ]
        )
        for o in (one, other)
    ]
    assert float(angle) == pytest.approx(np.arccos(normals[0] @ normals[1]), abs=1e-9)
    nothing, _, still = relative_plane(one, one)
    assert float(nothing) == 0.0
    assert float(still) == 0.0


def test_what_cannot_be_met_is_an_outcome(mars: World) -> None:
    chaser, target = PAIRS["two circles"]
    hurried = met(mars, chaser, target, longest_duration=21.2 * DAY)
    assert hurried.outcome == Outcome.rendezvous_failed
    assert np.isnan(float(hurried.events["container_captured"]))
    sinking = met(mars, chaser, orbit(343, 150, 25, 12, 100))
    assert sinking.outcome == Outcome.orbit_decays
    tilted = met(mars, chaser, orbit(343, 343, 45, 12, 100))
    assert tilted.outcome == Outcome.out_of_propellant


def test_an_orbiter_known_earlier_waits_for_the_container(mars: World) -> None:
    chaser, target = PAIRS["two circles"]
    body = oblate_body(mars)
    start = state(chaser, 3750.0, mars)
    later = EPOCH + 100.0 * DAY
    cargo = state(target, 16.0, mars, later)
    flight = meet(start, orbiter(), law(), mars, cargo, track=True)
    rate = secular_rates(drift(chaser, body, 100.0 * DAY), body).node
    assert float(flight.figures["differential_node_rate"]) == pytest.approx(
        float(rate - secular_rates(target, body).node), rel=1e-6
    )
    assert float(flight.end.epoch) == pytest.approx(
        later + float(flight.figures["duration"]), abs=1e-3
    )


def test_the_figures_are_those_that_are_promised(mars: World) -> None:
    flight = met(mars, *PAIRS["two circles"])
    assert set(flight.figures) == set(FIGURES)
    assert all(np.isfinite(float(value)) for value in flight.figures.values())


def test_slopes_agree_with_differences_while_decisions_hold(mars: World) -> None:
    chaser, target = PAIRS["two circles"]
    start, cargo = state(chaser, 3750.0, mars), state(target, 16.0, mars)
    rules, machine = law(), orbiter()

    def answer(offset: Any, *, track: bool) -> Any:
        shifted = eqx.tree_at(lambda s: s.velocity, cargo, cargo.velocity * (1.0 + offset))
        figures = meet(start, machine, rules, mars, shifted, track=track).figures
        return jnp.stack([jnp.asarray(figures[name]) for name in ("delta_v", "duration")])

    slope = jax.jit(jax.jacfwd(lambda offset: answer(offset, track=False)))(jnp.asarray(0.0))
    step = 1e-8
    up, down = (answer(jnp.asarray(offset), track=True) for offset in (step, -step))
    np.testing.assert_allclose(slope, (up - down) / (2.0 * step), rtol=1e-4)


def test_a_lost_lane_leaves_its_neighbours_alone(mars: World) -> None:
    chaser, target = PAIRS["two circles"]
    start, cargo = state(chaser, 3750.0, mars), state(target, 16.0, mars)
    rules, machine = law(), orbiter()
    alone = met(mars, chaser, target)

    def one(factor: Any) -> Any:
        moved = eqx.tree_at(lambda s: s.velocity, cargo, cargo.velocity * factor)
        flight = meet(start, machine, rules, mars, moved, track=True)
        return flight.figures["delta_v"], flight.outcome == Outcome.nominal

    delta_v, fine = jax.vmap(one)(jnp.array([1.0, 0.8]))
    assert fine.tolist() == [True, False]
    assert float(delta_v[0]) == pytest.approx(float(alone.figures["delta_v"]), rel=1e-9)

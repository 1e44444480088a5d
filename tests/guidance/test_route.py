"""The way back over known ground."""

from __future__ import annotations

import itertools
import math

import jax
import numpy as np
import pytest

from anabasis.guidance.route import (
    KnownGround,
    ground_distance,
    known_ground,
    plan_route,
    stop_short,
    straight_route,
)

RADIUS = 3396190.0
METRE = 1.0 / RADIUS


def ground(*places: tuple[float, float, float]) -> KnownGround:
    """Points in metres north and east of the equator's origin, and their heights."""
    north, east, height = np.array(places, dtype=float).T
    return known_ground(north * METRE, east * METRE, height, RADIUS)


def at(north: float, east: float) -> tuple[float, float]:
    return north * METRE, east * METRE


def test_a_detour_is_cut_where_two_legs_come_close():
    hairpin = ground((0, 0, 0), (1000, 0, 0), (1000, 300, 0), (0, 300, 0))
    route = plan_route(hairpin, at(0, 0), at(0, 300))
    assert route.length == pytest.approx(300.0, rel=1e-6)
    assert route.assumed_length == 0.0


def test_a_detour_is_driven_where_the_legs_are_far_apart():
    hairpin = ground((0, 0, 0), (1000, 0, 0), (1000, 600, 0), (0, 600, 0))
    route = plan_route(hairpin, at(0, 0), at(0, 600))
    assert route.length == pytest.approx(2600.0, rel=1e-6)
    assert set(route.ground) <= {"driven", "linked"}


def test_a_link_too_steep_is_not_taken():
    cliff = ground((0, 0, 0), (1000, 0, 0), (1000, 300, 120), (0, 300, 120))
    route = plan_route(cliff, at(0, 0), at(0, 300))
    assert route.length > 2200.0


def test_the_route_is_no_shorter_than_the_straight_line_and_reversible():
    rng = np.random.default_rng(7)
    wander = np.cumsum(rng.normal(size=(40, 2)), axis=0) * 300.0
    places = ground(*[(north, east, 0.0) for north, east in wander])
    start, goal = at(*wander[0]), at(*wander[-1])
    there = plan_route(places, start, goal)
    back = plan_route(places, goal, start)
    straight = straight_route(places, start, goal)
    assert there.length >= straight.length - 1e-6
    assert back.length == pytest.approx(there.length, rel=1e-12)


def test_a_longer_link_never_makes_the_route_longer():
    rng = np.random.default_rng(8)
    wander = np.cumsum(rng.normal(size=(40, 2)), axis=0) * 300.0
    places = ground(*[(north, east, 0.0) for north, east in wander])
    start, goal = at(*wander[0]), at(*wander[-1])
    lengths = [plan_route(places, start, goal, link).length for link in (100.0, 500.0, 2000.0)]
    assert lengths[0] >= lengths[1] >= lengths[2]


def test_ground_nobody_has_driven_is_marked_assumed():
    line = ground((0, 0, 0), (1000, 0, 10))
    route = plan_route(line, at(0, 0), at(1000, 2000))
    assert route.ground[-1] == "assumed"
    assert route.assumed_length == pytest.approx(2000.0, rel=1e-3)


def test_stopping_short_ends_at_the_stand_off_and_keeps_the_way_to_it():
    line = ground((0, 0, 0), (0, 1000, 0), (0, 2000, 0), (0, 3000, 0))
    route = plan_route(line, at(0, 0), at(0, 3000))
    short = stop_short(route, 700.0, RADIUS)
    assert short.length == pytest.approx(2300.0, rel=1e-6)
    last = ground_distance(short.latitude[-1], short.longitude[-1], *at(0, 3000), RADIUS)
    assert float(last) == pytest.approx(700.0, rel=1e-6)


def test_stopping_short_of_a_goal_already_near_is_no_drive():
    line = ground((0, 0, 0), (0, 1000, 0))
    short = stop_short(plan_route(line, at(0, 800), at(0, 1000)), 700.0, RADIUS)
    assert short.length == 0.0
    assert short.ground == ()


def test_heights_that_were_not_recorded_lie_between_those_that_were():
    line = ground((0, 0, 0.0), (0, 500, np.nan), (0, 1000, 100.0))
    assert line.elevation[1] == pytest.approx(50.0, rel=1e-6)


def test_the_distance_to_oneself_is_zero_and_has_a_derivative():
    there = at(18.0, 77.0)
    assert float(ground_distance(*there, *there, RADIUS)) == 0.0
    slope = jax.jacfwd(lambda x: ground_distance(x, there[1], *there, RADIUS))(there[0])
    assert np.isfinite(slope)


@pytest.mark.parametrize("seed", range(8))
def test_over_few_points_the_route_is_the_best_of_every_order_of_them(seed: int):
    """Every path through some of the points in any order, by the rules written out again."""
    rng = np.random.default_rng(seed)
    places = [tuple(row) for row in rng.uniform(-450.0, 450.0, (6, 2))]
    heights = rng.uniform(-60.0, 60.0, 6)
    known = ground(*[(*place, height) for place, height in zip(places, heights, strict=True)])
    start, goal = places[0], places[-1]

    def step(first: int, second: int) -> float:
        flat = math.dist(places[first], places[second])
        rise = abs(heights[first] - heights[second])
        driven = abs(first - second) == 1
        linked = flat < 500.0 and rise <= flat * math.tan(math.radians(20.0))
        return math.hypot(flat, rise) if driven or linked else math.inf

    best = min(
        sum(step(a, b) for a, b in itertools.pairwise((0, *middle, 5)))
        for count in range(5)
        for middle in itertools.permutations(range(1, 5), count)
    )
    route = plan_route(known, at(*start), at(*goal))
    # start and goal stand on known points: a millimetre each is the planner's way onto them
    assert route.length == pytest.approx(best, abs=0.01)

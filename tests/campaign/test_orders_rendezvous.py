"""What a campaign orders of the rendezvous, and what it refuses."""

from __future__ import annotations

import equinox as eqx
import jax
import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.orders.rendezvous import (
    MeetingOrbit,
    RendezvousOrders,
    fly,
    limits,
    mean_plane,
    plan,
    starts_of,
)
from anabasis.outcome import Outcome
from anabasis.phases.rendezvous import FIGURES
from anabasis.units import from_si, name_at_wall
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds.world import World, make_world


@pytest.fixture(scope="module")
def mars() -> World:
    return make_world("mars")


@pytest.fixture(scope="module")
def orbiter() -> Orbiter:
    return jax.tree.map(lambda number: np.asarray(number, float), Orbiter())


def circle(altitude_km: float, phase_deg: float, node_deg: float = 40.0) -> MeetingOrbit:
    angles = np.radians([25.0, node_deg, phase_deg, 0.0])
    values = (1e3 * altitude_km, 1e3 * altitude_km, *angles)
    return MeetingOrbit(*(np.asarray(value, float) for value in values))


def orders() -> RendezvousOrders:
    return RendezvousOrders(target=circle(343.0, 90.0), chaser=circle(325.0, 0.0))


def test_a_rendezvous_alone_meets_and_keeps_its_limits(mars: World, orbiter: Orbiter) -> None:
    start, cargo = (
        jax.tree.map(lambda number: np.asarray(number, float), state)
        for state in starts_of(orders(), orbiter, mars)
    )
    flight = fly(start, orbiter, plan(orders()), mars, cargo)
    assert flight.outcome == Outcome.nominal
    figures = {
        name_at_wall(name, FIGURES[name]): float(from_si(value, FIGURES[name]))
        for name, value in flight.figures.items()
    }
    assert all(limit.met for limit in limits(figures, orders()))
    # Recalled for the real campaign: 50 to 150 m/s, two to six months; same order of size here.
    assert 20.0 < figures["delta_v_m_s"] < 150.0


def test_the_plane_of_an_orbiter_is_that_of_its_mean_orbit(mars: World, orbiter: Orbiter) -> None:
    start, _ = starts_of(orders(), orbiter, mars)
    inclination, node, rate = mean_plane(start, mars)
    assert float(inclination) == pytest.approx(np.radians(25.0), abs=1e-9)
    assert float(node) == pytest.approx(np.radians(40.0), abs=1e-9)
    assert np.degrees(float(rate)) * 86400.0 == pytest.approx(-10.0, abs=0.2)


def test_contradictions_are_refused(mars: World, orbiter: Orbiter) -> None:
    alone = eqx.tree_at(lambda o: o.target, orders(), None)
    with pytest.raises(BadInput, match="target"):
        starts_of(alone, orbiter, mars)
    hurried = eqx.tree_at(lambda o: o.longest_duration, orders(), 86400.0)
    with pytest.raises(BadInput, match="longer than is allowed"):
        plan(hurried)
    narrow = eqx.tree_at(lambda o: o.highest_phasing, orders(), 200e3)
    with pytest.raises(BadInput, match="no circle"):
        plan(narrow)

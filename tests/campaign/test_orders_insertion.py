"""What a campaign orders of the insertion, and what it refuses."""

from __future__ import annotations

import equinox as eqx
import jax
import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.orders.insertion import (
    InsertionOrders,
    InsertionStart,
    WorkingOrbit,
    fly,
    limits,
    plan,
    start_of,
)
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.phases.insertion import FIGURES
from anabasis.units import DAY, from_si, name_at_wall
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds.calendar import epoch_of_utc
from anabasis.worlds.world import World, make_world


@pytest.fixture(scope="module")
def mars() -> World:
    return make_world("mars")


@pytest.fixture(scope="module")
def orbiter() -> Orbiter:
    return jax.tree.map(lambda number: np.asarray(number, float), Orbiter())


def orders(periapsis_km: float = 325.0) -> InsertionOrders:
    epoch = epoch_of_utc("2027-09-08T00:00:00Z")
    start = InsertionStart(epoch, 2565.0, np.radians(10.0), np.radians(200.0))
    orbit = WorkingOrbit(325e3, 1e3 * periapsis_km, np.radians(25.0))
    return InsertionOrders(orbit=orbit, start=start)


@pytest.fixture(scope="module")
def start(mars: World, orbiter: Orbiter) -> PointState:
    state = start_of(orders(), orbiter, mars)
    return jax.tree.map(lambda number: np.asarray(number, float), state)


def test_an_arrival_of_september_2027_works_by_mid_2028(
    mars: World, orbiter: Orbiter, start: PointState
) -> None:
    law = plan(orders(), orbiter, mars, start)
    flight = fly(start, orbiter, law, mars)
    assert flight.outcome == Outcome.nominal
    assert float(flight.end.epoch) < epoch_of_utc("2028-07-01T00:00:00Z")
    assert float(flight.end.epoch) > epoch_of_utc("2028-04-01T00:00:00Z")
    figures = {
        name_at_wall(name, FIGURES[name]): float(from_si(value, FIGURES[name]))
        for name, value in flight.figures.items()
    }
    assert all(limit.met for limit in limits(figures))
    assert 200.0 < figures["spiral_duration_day"] < 300.0


def test_the_plan_spends_slightly_more_than_half_of_the_burn_before_the_periapsis(
    mars: World, orbiter: Orbiter, start: PointState
) -> None:
    law = plan(orders(), orbiter, mars, start)
    assert 0.5 < float(law.burn_lead) < 0.6

    def cost(lead: float) -> float:
        other = eqx.tree_at(lambda x: x.burn_lead, law, np.asarray(lead))
        return float(fly(start, orbiter, other, mars).figures["capture_delta_v"])

    best = cost(float(law.burn_lead))
    assert best < cost(float(law.burn_lead) - 0.05)
    assert best < cost(float(law.burn_lead) + 0.05)


def test_the_start_is_a_day_before_the_periapsis_with_the_launch_mass(start: PointState) -> None:
    assert float(start.epoch) == pytest.approx(epoch_of_utc("2027-09-08T00:00:00Z") - DAY)
    assert float(start.mass) == 6500.0


def test_contradictions_are_refused(mars: World, orbiter: Orbiter, start: PointState) -> None:
    with pytest.raises(BadInput, match="periapsis"):
        plan(orders(periapsis_km=400.0), orbiter, mars, start)
    heavy = eqx.tree_at(lambda o: o.xenon, orbiter, np.asarray(6000.0))
    with pytest.raises(BadInput, match="weigh more"):
        plan(orders(), heavy, mars, start)
    without = eqx.tree_at(lambda o: o.start, orders(), None)
    with pytest.raises(BadInput, match="no arrival"):
        start_of(without, orbiter, mars)

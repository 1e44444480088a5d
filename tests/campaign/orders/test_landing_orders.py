"""Laws of the orders of a landing: contradictions are said, limits are judged, places agree."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import numpy as np
import pytest

import anabasis
from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.orders import entry as entries
from anabasis.campaign.orders import landing as landings
from anabasis.campaign.orders.landing import landing_point, limits
from anabasis.worlds.world import make_world


@pytest.fixture(scope="module")
def parts() -> Any:
    return anabasis.load("mars2020-landing").parts


def test_the_masses_of_the_shelf_add_up(parts):
    assert float(parts.lander.entry_mass) == float(parts.capsule.mass)


def test_legs_without_their_sink_rates_are_said(parts):
    short = eqx.tree_at(lambda o: o.descent.sink_rate, parts.landing, np.array([32.0, 0.75]))
    state = entries.start_of(parts.entry, parts.capsule, make_world("mars"))
    with pytest.raises(BadInput, match="clearances but"):
        landings.fly(
            short,
            state,
            parts.capsule,
            parts.parachute,
            parts.lander,
            make_world("mars"),
            parts.entry.target,
            None,
        )


def test_a_landing_alone_needs_its_start(parts):
    with pytest.raises(BadInput, match=r"landing\.start"):
        landings.start_of(parts.landing, parts.capsule, make_world("mars"))


def test_broken_limits_are_told_apart(parts):
    figures = {
        "parachute_peak_force_kN": 230.0,
        "touchdown_vertical_speed_m_s": 1.0,
        "touchdown_horizontal_speed_m_s": 0.7,
        "propellant_kg": 400.0,
    }
    broken = [limit.name for limit in limits(figures, parts.lander) if not limit.met]
    assert broken == ["parachute not torn", "touchdown straight", "descent propellant left"]


def test_the_landing_point_is_where_the_flight_ends(parts):
    world = make_world("mars", parts.planet.mars)
    state = entries.start_of(parts.entry, parts.capsule, world)
    law = entries.plan(parts.entry, state, parts.capsule, parts.parachute, world)
    latitude, longitude = landing_point(
        state,
        parts.entry,
        parts.capsule,
        parts.parachute,
        law,
        world,
        parts.landing,
        parts.lander,
    )
    figures = anabasis.fly("mars2020-landing").phases["landing"].figures
    assert float(latitude) * 180.0 / np.pi == pytest.approx(figures["latitude_deg"], abs=1e-9)
    assert float(longitude) * 180.0 / np.pi == pytest.approx(figures["longitude_deg"], abs=1e-9)

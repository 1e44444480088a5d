"""The waiting rocket: what goes in comes out, and what the season and the dust do to it."""

from __future__ import annotations

import dataclasses
import math

import jax.numpy as jnp
import pytest

from anabasis.campaign.waiting import told, wait
from anabasis.units import SOL
from anabasis.vehicles.igloo import KWH, Igloo, Night, hold, ready
from anabasis.worlds.calendar import epoch_of_utc

JEZERO = math.radians(18.45)
STORMY = Igloo(storm_after=100.0 * SOL, storm_length=61.0 * SOL)
TOUCHDOWN = epoch_of_utc("2027-08-19T07:14:18Z")
AIR = jnp.asarray(213.0)
DARK = jnp.asarray(0.0)


def night(grain: float = 253.0, charge: float = 3.0 * KWH, clean: float = 1.0) -> Night:
    return Night(*(jnp.asarray(v) for v in (grain, charge, 0.0, 0.0, 0.0, clean)))


def test_holding_the_grain_costs_the_conductance_times_the_difference():
    rich = Igloo(source_power=200.0, array=0.0)
    evening = hold(rich, ready(rich), DARK, AIR)
    assert evening.grain == pytest.approx(253.0, abs=1e-9)
    assert evening.heater == pytest.approx(0.6 * 40.0 * SOL, rel=1e-12)


def test_without_energy_the_grain_decays_towards_the_air_as_an_exponential():
    poor = Igloo(array=0.0, load=0.0)
    evening = night(charge=0.0)
    for sol in range(1, 6):
        evening = hold(poor, evening, DARK, AIR)
        expected = 213.0 + 40.0 * math.exp(-sol * SOL * 0.6 / 330e3)
        assert evening.grain == pytest.approx(expected, rel=1e-12)


def test_the_battery_gives_no_more_than_it_holds_and_takes_no_more_than_fits():
    igloo = Igloo()
    full = ready(igloo)
    for light in (0.0, 50.0, 200.0):
        evening = hold(igloo, full, jnp.asarray(light), AIR)
        assert 0.0 <= evening.charge <= igloo.battery
        assert evening.heater <= full.charge + evening.yielded


def test_dust_on_the_array_takes_three_parts_in_a_thousand_each_sol():
    igloo = Igloo()
    new = hold(igloo, night(), jnp.asarray(100.0), AIR).yielded
    old = hold(igloo, night(clean=0.997**100), jnp.asarray(100.0), AIR).yielded
    assert old / new == pytest.approx(0.997**100, rel=1e-12)


def test_a_wait_into_the_closed_season_opens_when_it_ends():
    igloo = Igloo()
    found = wait(igloo, TOUCHDOWN, 400, JEZERO, wanted=60)
    assert found.open is not None
    assert math.degrees(found.seasons[found.open]) >= 330.0
    assert math.degrees(found.seasons[found.open - 1]) < 330.0


def test_a_storm_freezes_a_solar_rocket_and_not_one_with_a_source():
    solar = told(wait(STORMY, TOUCHDOWN, 400, JEZERO), Igloo())
    assert solar["first_failed_sol"] is not None
    assert "falls below 233 K" in solar["sentence"]
    source = dataclasses.replace(STORMY, array=0.0, source_power=110.0)
    assert wait(source, TOUCHDOWN, 400, JEZERO).failed is None


def test_after_the_floor_was_broken_no_sol_allows_a_launch():
    found = wait(STORMY, TOUCHDOWN, 400, JEZERO, wanted=200)
    assert found.failed is not None
    assert found.open is None


def test_dead_heaters_show_only_once_the_rest_cannot_carry_the_load():
    few = wait(Igloo(dead_zones=4.0), TOUCHDOWN, 60, JEZERO)
    none = wait(Igloo(dead_zones=16.0), TOUCHDOWN, 60, JEZERO)
    assert few.failed is None
    assert none.failed is not None


def test_winter_and_dust_ask_more_of_the_heaters_than_clear_spring():
    told_wait = told(wait(Igloo(), TOUCHDOWN, 300, JEZERO), Igloo())
    by_season = {round(r["solar_longitude_deg"]): r for r in told_wait["by_season"]}
    first, worst = min(by_season), max(by_season.values(), key=lambda r: r["heater_kWh_per_sol"])
    assert worst["heater_kWh_per_sol"] > by_season[first]["heater_kWh_per_sol"] * 1.3
    assert 220.0 < worst["solar_longitude_deg"] < 290.0
    assert Igloo().battery == 3.0 * KWH

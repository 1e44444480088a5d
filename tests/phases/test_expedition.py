"""The rover's sol: one step, named dice, and a tube that is filled only where a core held."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.phases import expedition
from anabasis.phases.expedition import (
    ABRADING,
    CORING,
    DICE,
    ROAMING,
    SEALING,
    Evening,
    Habit,
    Programme,
    dice,
    explore,
    morning,
    step,
)
from anabasis.vehicles.rover_energy import RoverEnergy

HABIT = Habit(
    moves=jnp.asarray([0.0, 1.0]),
    centre=jnp.asarray([0.0, np.log(100.0)]),
    spread=jnp.asarray([0.1, 0.2]),
    change=jnp.asarray([[1.0, 0.0], [0.0, 1.0]]),
    longest=jnp.asarray(412.0),
)
STANDING, DRIVING = jnp.asarray(0), jnp.asarray(1)


def programme(sols: int = 60, **changes: Any) -> Programme:
    told = Programme(
        commanding=jnp.ones(sols, bool),
        transit=jnp.zeros(sols, bool),
        first_sol=jnp.asarray(1000.0),
        select=jnp.asarray(0.2),
        abrading=jnp.asarray(4.0),
        fault=jnp.asarray(0.0),
        fault_least=jnp.asarray(20.0),
        fault_most=jnp.asarray(40.0),
        tubes=jnp.asarray(38.0),
        way=jnp.asarray(jnp.inf),
    )
    return dataclasses.replace(told, **changes)


def rolled(**values: float) -> dict[str, Any]:
    return {name: jnp.asarray(values.get(name.replace(" ", "_"), 0.5)) for name in DICE}


def one(evening: Evening, told: Programme | None = None, **values: float) -> Evening:
    yes, no = jnp.asarray(True), jnp.asarray(False)
    return step(evening, jnp.asarray(3), yes, no, rolled(**values), HABIT, told or programme())


def test_a_die_is_its_own_whatever_other_dice_there_are(monkeypatch: pytest.MonkeyPatch):
    key, sol = jax.random.key(7), jnp.asarray(12)
    before = dice(key, sol)
    monkeypatch.setattr(expedition, "DICE", ("another", *DICE[::-1]))
    after = dice(key, sol)
    assert all(float(before[name]) == float(after[name]) for name in DICE)
    assert float(after["another"]) != float(after["mode"])
    assert float(dice(key, jnp.asarray(13))["mode"]) != float(before["mode"])


def test_a_drive_never_passes_the_goal_the_longest_drive_or_the_energy():
    start = morning(HABIT, programme(), DRIVING)
    assert float(one(start, distance=0.999999).driven) <= 412.0
    near = one(start, programme(way=jnp.asarray(30.0)))
    assert float(near.driven) == 30.0
    assert float(near.arrived) == 3.0
    weak = RoverEnergy(power=62.0, fall=0.0, battery=3.6e5)
    tired = dataclasses.replace(programme(), energy=weak)
    assert float(one(morning(HABIT, tired, DRIVING), tired).driven) == pytest.approx(
        3.6e5 / weak.per_metre
    )


def test_without_commands_nothing_moves_and_nothing_is_drilled():
    told = programme(commanding=jnp.zeros(60, bool), select=jnp.asarray(1.0))
    evenings = explore(jax.random.key(1), HABIT, told, DRIVING)
    assert float(evenings.driven[-1]) == 0.0
    assert float(evenings.filled[-1]) == 0.0


def test_a_fault_stops_the_rover_for_as_long_as_it_lasts():
    told = programme(fault=jnp.asarray(0.5))
    struck = one(morning(HABIT, told, DRIVING), told, fault=0.1, fault_length=0.0)
    assert float(struck.stopped) == 20.0
    sols = 0
    while float(struck.stopped) > 0.0:
        assert float(struck.driven) == 0.0
        struck = one(struck, told, fault=0.9)
        sols += 1
    assert sols == 20
    assert float(struck.driven) > 0.0


def test_the_chain_of_sampling_goes_through_its_stages_in_order():
    evening = morning(HABIT, programme(), STANDING)
    evening = one(evening, select=0.1)
    assert int(evening.stage) == ABRADING
    for _ in range(4):
        evening = one(evening, select=0.9)
    assert int(evening.stage) == CORING
    waits = one(evening, core=0.1, seal=0.99, seal_wait=0.0)
    assert int(waits.stage) == SEALING
    assert (float(waits.filled), float(waits.sealed)) == (1.0, 0.0)
    for _ in range(3):
        waits = one(waits, select=0.9)
    assert int(waits.stage) == ROAMING
    assert float(waits.sealed) == 1.0
    at_once = one(evening, core=0.1, seal=0.1)
    assert (int(at_once.stage), float(at_once.sealed)) == (ROAMING, 1.0)
    fails = one(evening, core=0.95)
    assert (int(fails.stage), float(fails.filled), float(fails.failed)) == (ABRADING, 0.0, 1.0)


@pytest.mark.parametrize("seed", range(5))
def test_no_more_samples_than_tubes_and_no_more_sealed_than_filled(seed: int):
    told = programme(
        400, select=jnp.asarray(0.9), tubes=jnp.asarray(6.0), abrading=jnp.asarray(0.0)
    )
    evenings = explore(jax.random.key(seed), HABIT, told, STANDING)
    filled, sealed = np.asarray(evenings.filled), np.asarray(evenings.sealed)
    assert filled.max() <= 6.0
    assert (sealed <= filled).all()
    assert (filled - sealed <= 1.0).all()
    assert (np.diff(filled) >= 0.0).all()
    cores = np.asarray(evenings.core)
    assert ((cores == 0.0) | ((cores >= 0.0191) & (cores <= 0.0736))).all()


def test_the_battery_stays_between_empty_and_full():
    told = programme(300, transit=jnp.ones(300, bool), energy=RoverEnergy(hotel=92.0))
    charge = np.asarray(explore(jax.random.key(3), HABIT, told, DRIVING).charge)
    assert charge.min() >= 0.0
    assert charge.max() <= told.energy.battery
    assert charge.min() < told.energy.battery


def test_the_generator_yields_what_is_published_of_it():
    energy = RoverEnergy(power=110.0)
    sols_a_year = 365.25 * 86400.0 / 88775.244
    for years, kilowatt_hours in ((0.0, 2.71), (2.0, 2.5), (4.0, 2.3), (10.0, 1.8)):
        assert energy.yielded(years * sols_a_year) / 3.6e6 == pytest.approx(
            kilowatt_hours, abs=0.06
        )

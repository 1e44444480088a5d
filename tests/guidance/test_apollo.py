"""Entry guidance decides by what it is told, and by nothing else."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import anabasis
from anabasis.guidance.apollo import Memory, Sensed, awake, look_up, steer
from anabasis.guidance.dead_reckoning import Believed, OnboardPlanet, reckon
from anabasis.phases.guided_entry import _Bank, _turn, make_guide, onboard_planet, thrown_share
from anabasis.worlds.world import make_world

RATE, QUICKENING = np.radians(20.0), np.radians(5.0)


@pytest.fixture(scope="module")
def guide():
    parts = anabasis.load("mars2020-landing").parts
    world = make_world("mars", parts.planet.mars)
    planet = onboard_planet(world, parts.entry.epoch, parts.entry.target)
    return make_guide(parts.entry.bank, parts.parachute.trigger, planet)


def flown(disturbed: float):
    """The guided entry with its track, in air so much denser."""
    scenario = anabasis.load("mars2020-landing").replace({"planet.mars.density_factor": disturbed})
    return anabasis.fly(scenario, only="entry", track=True)


@pytest.fixture(scope="module")
def disturbed():
    return flown(1.1)


def test_the_bank_turns_no_faster_than_it_can_and_arrives_without_overshoot():
    bank, rates, angles = _Bank(jnp.asarray(0.95), jnp.asarray(0.0)), [0.0], []
    turn = jax.jit(
        lambda b: _turn(b, jnp.asarray(-0.95), jnp.asarray(RATE), jnp.asarray(QUICKENING))
    )
    for _ in range(300):
        bank, rate = turn(bank)
        rates.append(float(rate))
        angles.append(float(bank.angle))
    assert np.max(np.abs(rates)) <= RATE * (1.0 + 1e-12)
    assert np.max(np.abs(np.diff(rates))) <= QUICKENING * 0.05 * (1.0 + 1e-9)
    assert angles[-1] == pytest.approx(-0.95, abs=1e-3)
    assert min(angles) > -0.95 - np.radians(0.5)


def test_the_reference_is_read_linearly_and_held_beyond_its_ends(guide):
    speeds = guide.reference.relative_speed
    at = look_up(guide.reference, jnp.asarray(0.5 * (speeds[3] + speeds[4])))
    wanted = 0.5 * (guide.reference.range_to_go[3] + guide.reference.range_to_go[4])
    assert float(at["range_to_go"]) == pytest.approx(float(wanted), rel=1e-7)
    beyond = float(look_up(guide.reference, jnp.asarray(1e5))["drag"])
    assert beyond == pytest.approx(float(guide.reference.drag[-1]), rel=1e-14)


def test_more_range_to_go_turns_the_lift_further_up(guide):
    """The sign of every gain: drag shortens, climb and lift upward lengthen."""
    assert np.all(guide.reference.range_per_drag[1:] < 0.0)
    assert np.all(guide.reference.range_per_climb_rate[2:] > 0.0)
    assert np.all(guide.reference.range_per_lift_to_drag > 0.0)


@pytest.mark.truth
def test_dead_reckoning_without_errors_follows_the_truth(disturbed):
    assert disturbed.phases["entry"].figures["navigation_error_km"] < 1e-4


@pytest.mark.truth
def test_with_the_sensed_history_replayed_every_command_is_the_same(guide, disturbed):
    """The flight's own felt pushes, fed to the law outside it, give its memory again."""
    track = disturbed.tracks["entry"]
    felt = np.stack([track[f"felt_{x}"] for x in "xyz"], axis=1)
    last = int(np.argmax(track["elapsed"]))
    start = Believed(jnp.asarray(track["position"][0]), jnp.asarray(track["velocity"][0]))
    lengths = jnp.where(jnp.arange(last) > 0, 0.05, 0.0)
    told = (0.05 * jnp.arange(last, dtype=float), jnp.asarray(felt[:last]), lengths)

    def turn(memory: Memory, row: tuple):
        command, memory = steer(guide, memory, Sensed(*row))
        return memory, (command, memory.mode)

    replay = eqx.filter_jit(lambda m, s: jax.lax.scan(turn, m, s)[1])
    one = replay(awake(guide, start), told)
    again = replay(awake(guide, start), told)
    same = jax.tree.map(lambda a, b: bool(jnp.all(a == b)), one, again)
    assert all(jax.tree.leaves(same))
    # and they are the flight's own, though the law was told nothing of the denser air
    assert np.array_equal(np.asarray(one[1]), np.asarray(track["guidance_mode"][1 : last + 1]))


def test_reckoning_in_free_fall_keeps_energy():
    gm, pole = 4.28e13, jnp.array([0.0, 0.0, 1.0])
    planet = OnboardPlanet(
        jnp.asarray(gm), jnp.asarray(0.0), jnp.asarray(3.4e6), pole, jnp.asarray(7e-5),
        jnp.eye(3), jnp.asarray(3.39e6), jnp.array([1.0, 0.0, 0.0]), jnp.asarray(3.39e6),
    )  # fmt: skip
    here = Believed(jnp.array([3.6e6, 0.0, 0.0]), jnp.array([-500.0, 3500.0, 100.0]))

    def energy(b: Believed) -> float:
        return float(0.5 * jnp.dot(b.velocity, b.velocity) - gm / jnp.linalg.norm(b.position))

    before = energy(here)
    step = jax.jit(lambda b: reckon(planet, b, jnp.zeros(3), jnp.asarray(0.05)))
    for _ in range(400):
        here = step(here)
    assert energy(here) == pytest.approx(before, rel=1e-9)


def test_the_ballast_goes_in_three_pairs_two_seconds_apart():
    shares = [float(thrown_share(jnp.asarray(t), jnp.asarray(5.0))) for t in (0.0, 5.1, 7.1, 9.1)]
    assert shares == pytest.approx([0.0, 1 / 3, 2 / 3, 1.0])

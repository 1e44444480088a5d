"""Laws of weights: parts add up, axes obey Steiner, what burns goes away smoothly."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.table import Table
from anabasis.vehicles.airframe import Airframe, StageBodies, stage_bodies
from anabasis.vehicles.mass_properties import (
    BurningBody,
    MassProperties,
    at_share,
    burning_body,
    cylinder,
    loaded_container,
    slots,
    together,
)
from anabasis.vehicles.motor import Burning, Grain


def number(x: float) -> np.ndarray:
    return np.asarray(float(x))


def body(seed: int) -> MassProperties:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(3, 3))
    square = root @ root.T
    return MassProperties(
        number(rng.uniform(1, 9)), rng.normal(size=3), np.trace(square) * np.eye(3) - square
    )


def assert_possible(properties: MassProperties) -> None:
    moments = np.linalg.eigvalsh(np.asarray(properties.inertia))
    assert np.all(moments > 0.0)
    assert moments[2] <= (moments[0] + moments[1]) * (1.0 + 1e-12)


def test_adding_bodies_is_the_same_in_any_order_and_grouping() -> None:
    a, b, c = (body(k) for k in range(3))
    one, other = together(a, together(b, c)), together(c, a, b)
    for x, y in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        assert np.allclose(x, y, rtol=1e-12)
    assert_possible(one)


def test_the_sum_is_that_of_point_masses() -> None:
    rng = np.random.default_rng(7)
    points = [
        MassProperties(number(m), p, np.zeros((3, 3)))
        for m, p in zip(rng.uniform(1, 2, 8), rng.normal(size=(8, 3)), strict=True)
    ]
    whole = together(*points)
    mass = np.array([float(p.mass) for p in points])
    place = np.array([np.asarray(p.centre) for p in points])
    centre = mass @ place / mass.sum()
    d = place - centre
    inertia = sum(m * (x @ x * np.eye(3) - np.outer(x, x)) for m, x in zip(mass, d, strict=True))
    assert np.allclose(whole.centre, centre)
    assert np.allclose(whole.inertia, inertia)
    assert_possible(whole)


def test_a_cylinder_cut_in_two_is_the_cylinder() -> None:
    whole = cylinder(number(10), number(0.2), number(2.0), number(1.0), number(0.1))
    halves = together(
        cylinder(number(5), number(0.2), number(1.0), number(0.5), number(0.1)),
        cylinder(number(5), number(0.2), number(1.0), number(1.5), number(0.1)),
    )
    for x, y in zip(jax.tree.leaves(whole), jax.tree.leaves(halves), strict=True):
        assert np.allclose(x, y, rtol=1e-12)


def stage() -> BurningBody:
    return burning_body(
        cylinder(number(63.3), number(0.215), number(0.77), number(0.885)),
        cylinder(number(55.4), number(0.2), number(0.28), number(0.97), number(0.06)),
        number(0.2),
        number(0.06),
        number(0.28),
    )


@pytest.mark.parametrize("burnt", [0.0, 0.3, 0.9, 1.0])
def test_a_burning_body_is_the_sum_of_its_parts_at_every_share(burnt: float) -> None:
    now = at_share(stage(), number(burnt))
    bore = np.sqrt(0.06**2 + burnt * (0.2**2 - 0.06**2))
    parts = together(
        cylinder(number(63.3), number(0.215), number(0.77), number(0.885)),
        cylinder(number(55.4 * (1 - burnt)), number(0.2), number(0.28), number(0.97), number(bore)),
    )
    assert float(now.mass) == pytest.approx(float(parts.mass), rel=1e-13)
    assert float(now.station) == pytest.approx(-float(parts.centre[0]), rel=1e-13)
    assert float(now.along) == pytest.approx(float(parts.inertia[0, 0]), rel=1e-12)
    assert float(now.across) == pytest.approx(float(parts.inertia[1, 1]), rel=1e-12)
    assert_possible(parts)


def test_the_slopes_are_slopes() -> None:
    for name in ("along", "across"):
        slope = jax.grad(lambda f, n=name: getattr(at_share(stage(), f), n))(jnp.asarray(0.4))
        told = getattr(at_share(stage(), jnp.asarray(0.4)), f"{name}_slope")
        assert float(told) == pytest.approx(float(slope), rel=1e-12)


def test_slots_are_apart_and_a_full_ring_is_balanced() -> None:
    places = slots(37)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(37)
    assert np.min(apart) == pytest.approx(0.028)
    assert np.allclose(np.mean(places, axis=0), 0.0, atol=1e-15)


def test_tubes_on_one_side_move_the_centre_to_that_side() -> None:
    places = slots(19)
    masses = np.where(places[:, 1] > 0.01, 0.07, 0.0)
    full = loaded_container(number(13.8), number(0.135), number(0.7), masses, places)
    assert float(full.mass) == pytest.approx(13.8 + np.sum(masses))
    assert float(full.centre[1]) == pytest.approx(masses @ places[:, 1] / float(full.mass))
    assert abs(float(full.centre[2])) < 1e-12
    assert_possible(full)


def test_more_tubes_than_slots_are_refused() -> None:
    with pytest.raises(ValueError, match="31 tubes do not fit the 30 slots"):
        loaded_container(number(13.8), number(0.135), number(0.7), np.ones(31), slots(30))


def test_tubes_on_one_side_pull_the_centre_of_mass_there() -> None:
    """By mass times distance over all; slots that balance one another pull nowhere."""
    motor = Burning(*(number(x) for x in (55.0, 6088.7, 24.9, 278.7, 0.0)))
    first = Burning(*(number(x) for x in (219.0, 7925.8, 77.3, 284.9, 0.0)))

    def bodies(taken: list[int], kilograms: list[float]) -> StageBodies:
        tubes = Table(np.array(taken, dtype=float), np.array(kilograms))
        frame = dataclasses.replace(Airframe(), tubes=tubes)
        rest = (number(60.362), number(47.342), number(16.0), Grain(), Grain())
        return stage_bodies(frame, first, motor, *rest)

    where = slots(30)
    uneven = bodies([1, 2], [0.5, 0.3])
    whole = 55.0 + 47.342 + 16.0
    for axis in (0, 1):
        pull = (0.5 * where[1] + 0.3 * where[2])[axis + 1] / whole
        assert float(uneven.second_aside[axis]) == pytest.approx(pull, abs=1e-12)
    even = bodies([1, 4], [0.4, 0.4])  # opposite places of the first ring
    assert np.allclose([*even.second_aside, *even.products], 0.0, atol=1e-12)
    assert float(uneven.second.dry) == pytest.approx(47.342 + 16.0)

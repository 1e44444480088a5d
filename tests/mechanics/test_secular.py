"""Laws of mean orbits under J2, and the same orbits flown step by step."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.gravity import oblate_gravity
from anabasis.mechanics.secular import (
    MeanOrbit,
    OblateBody,
    drift,
    mean_orbit,
    orbit_of_state,
    osculating,
    position_velocity,
    secular_rates,
)

MARS = OblateBody(np.array(4.282837e13), np.array(1.9566e-3), np.array(3.39619e6))
ROUND = OblateBody(np.array(4.282837e13), np.array(0.0), np.array(3.39619e6))
DAY = 86400.0
STEPS = 8640


def orbit(
    altitude_km: float, eccentricity: float, inclination_deg: float, argument: float = 1.0
) -> MeanOrbit:
    """An orbit with a given periapsis altitude."""
    values = (
        (3.39619e6 + altitude_km * 1e3) / (1.0 - eccentricity),
        eccentricity * np.cos(argument),
        eccentricity * np.sin(argument),
        np.radians(inclination_deg),
        1.0,
        0.3,
    )
    return MeanOrbit(*(np.asarray(value, float) for value in values))


CASES = {
    "circle": orbit(343.0, 0.0, 25.0),
    "nearly a circle": orbit(343.0, 0.005, 27.0),
    "ellipse": orbit(300.0, 0.05, 45.0, 2.0),
}


@eqx.filter_jit
def flown(start: MeanOrbit) -> jax.Array:
    """A day of an orbit by RK4 in the field of J2, every ten seconds."""
    pole = jnp.array([0.0, 0.0, 1.0])
    h = DAY / STEPS

    def slope(y: jax.Array) -> jax.Array:
        pull = oblate_gravity(y[:3], pole, MARS.gm, MARS.j2, MARS.radius)
        return jnp.concatenate([y[3:], pull])

    def tick(y: jax.Array, _: None) -> tuple[jax.Array, jax.Array]:
        k1 = slope(y)
        k2 = slope(y + 0.5 * h * k1)
        k3 = slope(y + 0.5 * h * k2)
        k4 = slope(y + h * k3)
        y = y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        return y, y

    first = jnp.concatenate(osculating(start, MARS))
    return jax.lax.scan(tick, first, None, length=STEPS)[1]


@eqx.filter_jit
def means(states: jax.Array) -> MeanOrbit:
    return jax.vmap(lambda y: mean_orbit(y[:3], y[3:], MARS))(states)


@pytest.fixture(scope="module", params=CASES)
def day(request: pytest.FixtureRequest) -> tuple[MeanOrbit, jax.Array, MeanOrbit]:
    start = CASES[request.param]
    states = flown(start)
    return start, states, means(states)


def test_the_mean_semi_major_axis_of_a_flown_orbit_stands_still(
    day: tuple[MeanOrbit, jax.Array, MeanOrbit],
) -> None:
    """The osculating one swings by kilometres; what is left is of second order in J2."""
    start, states, mean = day
    shaken = jax.vmap(lambda y: orbit_of_state(y[:3], y[3:], MARS).semi_major_axis)(states[::20])
    assert float(jnp.ptp(shaken)) > 3e3
    assert float(jnp.abs(mean.semi_major_axis - start.semi_major_axis).max()) < 15.0


def test_the_mean_plane_and_shape_of_a_flown_orbit_move_as_the_rates_say(
    day: tuple[MeanOrbit, jax.Array, MeanOrbit],
) -> None:
    start, _, mean = day
    times = jnp.arange(1.0, STEPS + 1.0) * (DAY / STEPS)
    told = jax.vmap(lambda t: drift(start, MARS, t))(times)
    assert float(jnp.abs(mean.inclination - start.inclination).max()) < 2e-6
    for name in ("eccentricity_x", "eccentricity_y"):
        assert float(jnp.abs(getattr(mean, name) - getattr(told, name)).max()) < 5e-5


def test_the_flown_node_turns_at_the_first_order_rate_within_its_second_order(
    day: tuple[MeanOrbit, jax.Array, MeanOrbit],
) -> None:
    """Brouwer's second-order term explains what the first order leaves, to a twentieth of it."""
    start, _, mean = day
    elapsed = DAY * (1.0 - 1.0 / STEPS)
    flown_rate = float(jnp.unwrap(mean.node)[-1] - jnp.unwrap(mean.node)[0]) / elapsed
    first = float(secular_rates(start, MARS).node)
    assert flown_rate == pytest.approx(first, rel=6e-3)
    e2 = float(start.eccentricity) ** 2
    eta, c2 = np.sqrt(1.0 - e2), np.cos(float(start.inclination)) ** 2
    a = float(start.semi_major_axis)
    k = 1.5 * float(MARS.j2) * (float(MARS.radius) / (a * (1.0 - e2))) ** 2
    second = (
        -k / 24.0 * (-5.0 + 12.0 * eta + 9.0 * eta**2 - (35.0 + 36.0 * eta + 5.0 * eta**2) * c2)
    )
    assert flown_rate == pytest.approx(first * (1.0 + second), rel=3e-4)


def test_mean_and_osculating_are_exact_inverses() -> None:
    for start in CASES.values():
        back = mean_orbit(*osculating(start, MARS), MARS)
        assert float(back.semi_major_axis) == pytest.approx(float(start.semi_major_axis), abs=1e-6)
        for name in ("eccentricity_x", "eccentricity_y", "inclination", "node"):
            assert float(getattr(back, name)) == pytest.approx(
                float(getattr(start, name)), abs=1e-12
            )
        turn = float(back.latitude - start.latitude)
        assert np.sin(turn) == pytest.approx(0.0, abs=1e-11)


def test_about_a_round_planet_mean_is_osculating_and_nothing_turns() -> None:
    start = CASES["ellipse"]
    for shaken, plain in zip(
        osculating(start, ROUND), position_velocity(start, ROUND), strict=True
    ):
        np.testing.assert_allclose(shaken, plain, rtol=1e-14)
    rates = secular_rates(start, ROUND)
    assert float(rates.node) == 0.0
    assert float(rates.argument_of_periapsis) == 0.0


def test_the_node_goes_back_for_a_prograde_and_forward_for_a_retrograde_orbit() -> None:
    assert float(secular_rates(orbit(343.0, 0.0, 25.0), MARS).node) < 0.0
    assert float(secular_rates(orbit(343.0, 0.0, 155.0), MARS).node) > 0.0
    assert abs(float(secular_rates(orbit(343.0, 0.0, 90.0), MARS).node)) < 1e-20


def test_drifting_there_and_back_returns() -> None:
    start = CASES["ellipse"]
    back = drift(drift(start, MARS, 30 * DAY), MARS, -30 * DAY)
    for one, other in zip(jax.tree.leaves(back), jax.tree.leaves(start), strict=True):
        assert float(one) == pytest.approx(float(other), rel=1e-9, abs=1e-9)


def test_slopes_at_the_circle_are_finite() -> None:
    def far(start: MeanOrbit) -> jax.Array:
        r, v = osculating(start, MARS)
        return mean_orbit(r, v, MARS).semi_major_axis

    start = jax.tree.map(jnp.asarray, CASES["circle"])
    slopes = jax.tree.leaves(jax.jacfwd(far)(start))
    assert all(np.isfinite(slope) for slope in slopes)
    assert float(slopes[0]) == pytest.approx(1.0, abs=1e-6)

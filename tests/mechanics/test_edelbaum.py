"""Laws of slow spirals."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.edelbaum import (
    circle_on_the_way,
    delta_v_burt1967,
    delta_v_edelbaum1961,
    spiral,
)

GM = 4.282837e13


def test_a_spiral_in_one_plane_costs_the_difference_of_the_circular_speeds() -> None:
    assert float(delta_v_edelbaum1961(1448.0, 3384.0, 0.0)) == pytest.approx(1936.0, abs=1e-9)


def test_a_spiral_from_escape_costs_the_circular_speed_whatever_the_plane() -> None:
    for turn in (0.0, 0.3, 1.0):
        assert float(delta_v_edelbaum1961(0.0, 3384.0, turn)) == pytest.approx(3384.0, abs=1e-9)


def test_turning_the_plane_of_a_circle_costs_more_by_spiral_than_by_one_blow() -> None:
    turn, speed = 0.02, 3384.0
    slow = float(delta_v_edelbaum1961(speed, speed, turn))
    blow = 2.0 * speed * np.sin(0.5 * turn)
    assert slow == pytest.approx(0.5 * np.pi * blow, rel=1e-3)


def test_nothing_to_do_costs_nothing_and_has_a_finite_slope() -> None:
    assert float(delta_v_edelbaum1961(3384.0, 3384.0, 0.0)) == 0.0
    slope = jax.jacfwd(lambda v: delta_v_edelbaum1961(v, 3384.0, 0.0))(jnp.asarray(3384.0))
    assert np.isfinite(slope)


def test_the_line_of_the_drawing_starts_and_ends_where_the_spiral_does() -> None:
    for part, speed, turned in ((0.0, 1448.0, 0.0), (1.0, 3384.0, 0.4)):
        v, angle = circle_on_the_way(1448.0, 3384.0, 0.4, part)
        assert float(v) == pytest.approx(speed)
        assert float(angle) == pytest.approx(turned, abs=1e-12)


def test_the_parts_of_a_spiral_add_up() -> None:
    v, angle = circle_on_the_way(1448.0, 3384.0, 0.4, 0.3)
    whole = float(delta_v_edelbaum1961(1448.0, 3384.0, 0.4))
    first = float(delta_v_edelbaum1961(1448.0, v, angle))
    second = float(delta_v_edelbaum1961(v, 3384.0, 0.4 - angle))
    assert first == pytest.approx(0.3 * whole)
    assert first + second == pytest.approx(whole)


def test_a_longer_spiral_in_two_parts_takes_the_same_time_and_xenon_as_in_one() -> None:
    whole = spiral(4000.0, 3000.0, 0.6, 3434.0)
    one = spiral(4000.0, 1000.0, 0.6, 3434.0)
    two = spiral(4000.0 - one.propellant, 2000.0, 0.6, 3434.0)
    assert float(one.propellant + two.propellant) == pytest.approx(float(whole.propellant))
    assert float(one.duration + two.duration) == pytest.approx(float(whole.duration))


def test_the_duration_is_mean_mass_times_delta_v_over_thrust() -> None:
    cost = spiral(4000.0, 3384.0, 0.6, 3434.0)
    mean = 4000.0 - 0.5 * float(cost.propellant)
    assert float(cost.duration) == pytest.approx(mean * 3384.0 / 0.6, rel=2e-3)


def test_a_flown_spiral_takes_what_the_closed_form_says() -> None:
    """Thrust along the velocity, 2 mm/s2, from 400 km to 1,200 km: some tens of revolutions."""
    force = 2e-3
    first, last = 3.796e6, 4.596e6

    @jax.jit
    def fly(duration: jax.Array) -> jax.Array:
        def slope(y: jax.Array) -> jax.Array:
            r, v = y[:2], y[2:]
            pull = -GM * r / jnp.sqrt(r @ r) ** 3
            return jnp.concatenate([v, pull + force * v / jnp.sqrt(v @ v)])

        h = duration / 20000

        def tick(y: jax.Array, _: None) -> tuple[jax.Array, None]:
            k1 = slope(y)
            k2 = slope(y + 0.5 * h * k1)
            k3 = slope(y + 0.5 * h * k2)
            k4 = slope(y + h * k3)
            return y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4), None

        start = jnp.array([first, 0.0, 0.0, np.sqrt(GM / first)])
        return jax.lax.scan(tick, start, None, length=20000)[0]

    cost = float(delta_v_edelbaum1961(np.sqrt(GM / first), np.sqrt(GM / last), 0.0))
    y = fly(jnp.asarray(cost / force))
    a = 1.0 / (2.0 / jnp.sqrt(y[:2] @ y[:2]) - (y[2:] @ y[2:]) / GM)
    assert float(a) == pytest.approx(last, rel=1e-3)


def test_rounding_off_a_slight_ellipse_costs_two_thirds_of_its_eccentricity() -> None:
    assert float(delta_v_burt1967(3000.0, 0.01)) == pytest.approx(20.0, rel=1e-4)

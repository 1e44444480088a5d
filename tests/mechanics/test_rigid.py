"""Laws of a turning body: what is kept is kept, and closed solutions are met."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import ellipj

from anabasis.mechanics import rigid
from anabasis.mechanics.rigid_step import Body, advance


def number(x: float) -> np.ndarray:
    return np.asarray(float(x))


def random_attitude(seed: int) -> tuple[Any, ...]:
    q = np.random.default_rng(seed).normal(size=4)
    return tuple(jnp.asarray(x) for x in q / np.linalg.norm(q))


def matrix(q: Any) -> np.ndarray:
    return np.array([[float(x) for x in row] for row in rigid.axes_of(q)])


@pytest.mark.parametrize("seed", range(4))
def test_an_attitude_and_its_matrix_are_each_other(seed: int) -> None:
    q = random_attitude(seed)
    axes = matrix(q)
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-14)
    assert np.linalg.det(axes) == pytest.approx(1.0)
    back = np.asarray(rigid.attitude_of(axes))
    assert abs(back @ np.array([float(x) for x in q])) == pytest.approx(1.0, abs=1e-14)


def test_turns_follow_one_another_as_products() -> None:
    p, q = random_attitude(5), random_attitude(6)
    v = (number(0.3), number(-1.2), number(0.5))
    once = rigid.to_inertial(rigid.axes_of(rigid.product(p, q)), v)
    twice = rigid.to_inertial(rigid.axes_of(p), rigid.to_inertial(rigid.axes_of(q), v))
    assert np.allclose(once, twice, atol=1e-14)


@pytest.mark.parametrize("angle", [1e-9, 0.01, 0.18, 0.5])
def test_a_turn_by_series_is_the_turn(angle: float) -> None:
    q = rigid.turn((number(0.0), number(angle), number(0.0)))
    assert float(q[0]) == pytest.approx(math.cos(angle / 2.0), abs=1e-12)
    assert float(q[2]) == pytest.approx(math.sin(angle / 2.0), abs=1e-12)


def flown(turning: Any, start: Any, duration: float, steps: int) -> np.ndarray:
    """Attitude and rate at every step, [steps + 1, 7], of a body that nothing pushes."""
    length = jnp.asarray(duration / steps)
    nought: Any = (jnp.zeros(()),) * 3

    def wrench(axes: Any, velocity: Any, rate: Any, given: Any) -> Any:
        return nought, turning(rate), None

    def step(body: Any, _: Any) -> tuple[Any, Any]:
        body = advance(body, length, nought, wrench, (None, None, None)).body
        return body, jnp.stack([*body.attitude, *body.rate])

    begin = tuple(jnp.asarray(float(x)) for x in start)
    body = Body(nought, nought, begin[:4], begin[4:])  # pyright: ignore[reportArgumentType]
    _, rows = jax.lax.scan(step, body, None, length=steps)
    return np.concatenate([np.array([[float(x) for x in start]]), np.asarray(rows)])


def test_turning_about_the_middle_axis_meets_jacobi_functions() -> None:
    """A body of three different moments, spun almost about the middle one, tumbles over and back.

    Landau and Lifshitz, Mechanics, section 37: with I1 < I2 < I3 and M^2 > 2 E I2,

        w1 = a1 cn(tau), w2 = a2 sn(tau), w3 = a3 dn(tau).
    """
    i1, i2, i3 = 1.0, 2.0, 3.0
    w = np.array([0.3, 1.0, 0.9])
    energy = 0.5 * (i1 * w[0] ** 2 + i2 * w[1] ** 2 + i3 * w[2] ** 2)
    square = (i1 * w[0]) ** 2 + (i2 * w[1]) ** 2 + (i3 * w[2]) ** 2
    assert square > 2.0 * energy * i2
    a1 = math.sqrt((2 * energy * i3 - square) / (i1 * (i3 - i1)))
    a2 = math.sqrt((2 * energy * i3 - square) / (i2 * (i3 - i2)))
    a3 = math.sqrt((square - 2 * energy * i1) / (i3 * (i3 - i1)))
    pace = math.sqrt((i3 - i2) * (square - 2 * energy * i1) / (i1 * i2 * i3))
    modulus = (i2 - i1) * (2 * energy * i3 - square) / ((i3 - i2) * (square - 2 * energy * i1))
    duration, steps = 30.0, 6000
    times = np.linspace(0.0, duration, steps + 1)

    # start on the closed solution, at its instant nought: w = (a1, 0, a3)
    def turning(rate: Any) -> Any:
        x, y, z = rate
        return (i2 - i3) / i1 * y * z, (i3 - i1) / i2 * z * x, (i1 - i2) / i3 * x * y

    rows = flown(turning, (1.0, 0.0, 0.0, 0.0, a1, 0.0, a3), duration, steps)
    sn, cn, dn, _ = ellipj(pace * times, modulus)
    # between the axes' orders the sign of the second function changes with the handedness
    assert np.max(np.abs(rows[:, 4] - a1 * cn)) < 1e-8
    assert np.max(np.abs(np.abs(rows[:, 5]) - np.abs(a2 * sn))) < 1e-8
    assert np.max(np.abs(rows[:, 6] - a3 * dn)) < 1e-8
    momentum = np.array(
        [matrix(tuple(r[:4])).T @ (np.array([i1, i2, i3]) * r[4:]) for r in rows[::500]]
    )
    assert np.max(np.abs(momentum - momentum[0])) < 1e-8


def test_a_spinning_rocket_nutates_as_the_closed_solution_says() -> None:
    """A round body: its lateral rate turns at (1 - A/C) W in the body, its axis cones at H/C."""
    along, across, spin, lateral = 2.75, 7.5, 18.326, 0.02

    def turning(rate: Any) -> Any:
        return rigid.angular_acceleration(rate, (0.0, 0.0, 0.0), along, across)

    duration, steps = 25.0, 5000
    rows = flown(turning, (1.0, 0.0, 0.0, 0.0, spin, lateral, 0.0), duration, steps)
    times = np.linspace(0.0, duration, steps + 1)
    # each step of a circle at x radians loses x^5/120 of phase
    step = spin * (1.0 - along / across) * duration / steps
    lag = 1.1 * steps * step**5 / 120.0
    body_pace = (along / across - 1.0) * spin
    assert np.allclose(rows[:, 4], spin, rtol=1e-12)
    assert np.max(np.abs(rows[:, 5] - lateral * np.cos(body_pace * times))) < lag * lateral
    assert np.max(np.abs(rows[:, 6] - lateral * np.sin(body_pace * times))) < lag * lateral
    momentum = np.array([along * spin, across * lateral, 0.0])
    size = np.linalg.norm(momentum)
    axis = np.array([matrix(tuple(r[:4]))[0] for r in rows])
    tilt = np.arccos(np.clip(axis @ (momentum / size), -1.0, 1.0))
    assert np.max(np.abs(tilt - math.atan2(across * lateral, along * spin))) < 1e-7
    cone = size / across
    u = momentum / size
    e1 = np.array([1.0, 0.0, 0.0]) - u[0] * u
    e1 /= np.linalg.norm(e1)
    phase = np.unwrap(np.arctan2(axis @ np.cross(u, e1), axis @ e1))
    assert phase[-1] == pytest.approx(cone * duration, abs=2e-3)


def test_a_tilted_principal_axis_gives_the_full_tensor() -> None:
    rng = np.random.default_rng(3)
    w, torque = rng.normal(size=3), rng.normal(size=3)
    a, c, p, s = 2.0, 7.0, 0.1, -0.2
    inertia = np.array([[a, -p, -s], [-p, c, 0.0], [-s, 0.0, c]])
    told = rigid.angular_acceleration(tuple(w), tuple(torque), a, c, (p, s))
    wanted = np.linalg.solve(inertia, torque - np.cross(w, inertia @ w))
    assert np.allclose(told, wanted, rtol=1e-12)


def test_a_jet_damps_sideways_by_what_it_carries_and_leaves_the_spin_alone() -> None:
    torque = rigid.jet_damping((5.0, 1.0, -2.0), 2.0, -0.1, 1.5)
    assert float(torque[0]) == 0.0
    assert float(torque[1]) == pytest.approx(-(2.0 * 1.5**2 - 0.1))
    assert float(torque[2]) == pytest.approx(2.0 * (2.0 * 1.5**2 - 0.1))

"""Laws of the solid motor: one impulse however it is told, and mass that follows the thrust."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.table import Table
from anabasis.units import STANDARD_GRAVITY
from anabasis.vehicles.motor import (
    Burning,
    Grain,
    SolidMotor,
    burning,
    burnt,
    inert_mass,
    shape,
    thrust,
)

TOLD = {"propellant": 215.619, "thrust": 7925.77, "burn_time": 76.0, "specific_impulse": 284.87}
NAMES = tuple(TOLD)


def consistent() -> dict[str, float]:
    numbers = dict(TOLD)
    impulse = numbers["thrust"] * numbers["burn_time"]
    numbers["specific_impulse"] = impulse / (numbers["propellant"] * STANDARD_GRAVITY)
    return numbers


@pytest.mark.parametrize("missing", NAMES)
def test_any_three_numbers_tell_the_fourth(missing: str) -> None:
    numbers = consistent()
    given = {name: value for name, value in numbers.items() if name != missing}
    found = burning(SolidMotor(inert=1.0, **given))
    assert float(getattr(found, missing)) == pytest.approx(numbers[missing], rel=1e-14)


def test_two_or_four_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="exactly three"):
        burning(SolidMotor(inert=1.0, **consistent()))
    with pytest.raises(ValueError, match="exactly three"):
        burning(SolidMotor(inert=1.0, thrust=1.0, burn_time=1.0))


def test_the_fourth_number_carries_derivatives() -> None:
    def impulse(force: jax.Array) -> jax.Array:
        motor = SolidMotor(inert=1.0, propellant=200.0, thrust=force, burn_time=70.0)
        return jnp.asarray(burning(motor).specific_impulse)

    slope = jax.jacfwd(impulse)(jnp.asarray(8000.0))
    assert float(slope) == pytest.approx(70.0 / (200.0 * STANDARD_GRAVITY), rel=1e-12)


@pytest.mark.parametrize("regression", [-0.3, 0.0, 0.3])
def test_a_regressive_burn_has_the_same_impulse_and_burns_in_proportion(regression: float) -> None:
    numbers = consistent()
    del numbers["specific_impulse"]
    motor: Burning = burning(SolidMotor(inert=1.0, thrust_regression=regression, **numbers))
    times = np.linspace(0.0, numbers["burn_time"], 2001)
    force = np.array([float(thrust(motor, t)) for t in times[::20]])
    impulse = np.trapezoid(force, times[::20])
    assert impulse == pytest.approx(numbers["thrust"] * numbers["burn_time"], rel=1e-12)
    assert float(burnt(motor, 0.0)) == 0.0
    assert float(burnt(motor, numbers["burn_time"])) == pytest.approx(
        numbers["propellant"], rel=1e-15
    )
    flow = jax.jacfwd(lambda t: jnp.asarray(burnt(motor, t)))
    for t in (0.0, 20.0, 76.0):
        assert float(flow(jnp.asarray(t))) * float(motor.exhaust_speed) == pytest.approx(
            float(thrust(motor, t)), rel=1e-12
        )
    assert (force[0] > force[-1]) == (regression > 0.0)


def with_grain(**changes: Any) -> Burning:
    told = {name: np.asarray(TOLD[name]) for name in ("propellant", "thrust", "burn_time")}
    return burning(SolidMotor(inert=np.asarray(1.0), grain=Grain(**changes), **told))


def test_a_grain_as_told_changes_nothing() -> None:
    assert float(with_grain().thrust) == TOLD["thrust"]
    assert float(with_grain().burn_time) == TOLD["burn_time"]


def test_a_warm_grain_burns_faster_at_the_same_impulse() -> None:
    cold, warm = with_grain(), with_grain(temperature=np.asarray(263.15))
    factor = math.exp(0.0015 * 10.0)
    assert float(warm.thrust / cold.thrust) == pytest.approx(factor, rel=1e-12)
    assert float(cold.burn_time / warm.burn_time) == pytest.approx(factor, rel=1e-12)
    assert float(warm.thrust * warm.burn_time) == pytest.approx(
        float(cold.thrust * cold.burn_time), rel=1e-12
    )
    assert float(warm.specific_impulse) == float(cold.specific_impulse)


def test_impulse_and_burn_time_can_each_be_off_alone() -> None:
    strong, slow = (
        with_grain(impulse_factor=np.asarray(1.01)),
        with_grain(burn_time_factor=np.asarray(1.01)),
    )
    even = with_grain()
    assert float(strong.thrust * strong.burn_time) == pytest.approx(
        1.01 * float(even.thrust * even.burn_time)
    )
    assert float(strong.burn_time) == float(even.burn_time)
    assert float(slow.thrust * slow.burn_time) == pytest.approx(float(even.thrust * even.burn_time))
    assert float(slow.burn_time) == pytest.approx(1.01 * float(even.burn_time))


@pytest.mark.parametrize("regression", [-0.3, 0.0, 0.3])
def test_every_shape_has_the_same_impulse(regression: float) -> None:
    motor = SolidMotor(
        inert=np.asarray(1.0),
        thrust_regression=np.asarray(regression),
        **{name: np.asarray(TOLD[name]) for name in ("propellant", "thrust", "burn_time")},
    )
    push, gone = shape(motor)
    x = np.linspace(0.0, 1.0, len(push))
    assert float(np.trapezoid(push, x)) == pytest.approx(1.0, abs=1e-14)
    assert np.allclose(gone, x * (1.0 + regression * (1.0 - x)), atol=1e-5)
    assert float(gone[-1]) == pytest.approx(1.0, abs=1e-14)


def test_a_curve_gives_its_shape_and_not_its_size() -> None:
    curve = Table(np.array([0.0, 2.0, 8.0, 10.0]), np.array([0.0, 9.0, 5.0, 0.0]))
    motor = SolidMotor(
        inert=np.asarray(1.0),
        grain=Grain(thrust_curve=curve),
        **{name: np.asarray(TOLD[name]) for name in ("propellant", "thrust", "burn_time")},
    )
    push, gone = (np.asarray(t) for t in shape(motor))
    area = 9.0 + 6.0 * 7.0 + 5.0
    assert push[64] == pytest.approx((9.0 - 4.0 * 0.5) * 10.0 / area, rel=2e-3)
    assert np.all(np.diff(gone) > 0.0)
    assert float(gone[-1]) == pytest.approx(1.0, abs=1e-14)


def test_the_published_regression_is_what_it_says() -> None:
    """Both motors of the published set; the study adds 10 kg for steering."""
    assert float(inert_mass(54.467)) == pytest.approx(6.638, abs=0.001)
    assert float(inert_mass(215.619)) == pytest.approx(19.657, abs=0.001)

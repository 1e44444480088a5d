"""Laws of the solid motor: one impulse however it is told, and mass that follows the thrust."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.units import STANDARD_GRAVITY
from anabasis.vehicles.motor import Burning, SolidMotor, burning, burnt, thrust

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

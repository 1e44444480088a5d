"""Against two motors fired by openMotor, as shipped with J. Gaffarel's MAV_sim: case 9."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from anabasis.vehicles.ballistics import Firing, Nozzle, Propellant, TubeGrain, fire

CASE = "case 9, internal ballistics"
SOURCE = "GAF: openMotor regression motors"
ONE_PERCENT = "the two integrate the same equations with other slices and other nozzle losses"
AMBIENT = 101325.0
RECOVERED_EFFICIENCY = 0.8796
"""The second motor's nozzle efficiency is not given; this one gives its peak thrust of 516.0 N."""


def number(x: float) -> np.ndarray:
    return np.asarray(float(x))


def rod_and_tube() -> Firing:
    return fire(
        TubeGrain(number(0.9144), number(0.18415), number(0.107315), number(0.076835)),
        Propellant(*(number(x) for x in (1680.004, 3.517054e-5, 0.3273, 3500.0, 23.67e-3, 1.21))),
        Nozzle(number(0.04191), number(0.12065), number(math.radians(15.0)), number(0.9)),
        number(AMBIENT),
    )


def tubular() -> Firing:
    return fire(
        TubeGrain(number(0.1397), number(0.083058), number(0.03175), number(0.0)),
        Propellant(*(number(x) for x in (1670.01, 3.5e-5, 0.3273, 2800.0, 23.67e-3, 1.21))),
        Nozzle(
            number(0.01397),
            number(0.034925),
            number(math.radians(7.5)),
            number(RECOVERED_EFFICIENCY),
        ),
        number(AMBIENT),
    )


def compare(
    witness: Any, quantity: str, unit: str, expected: float, measured: float, tol: float
) -> None:
    witness(
        case=CASE,
        quantity=quantity,
        unit=unit,
        expected=expected,
        measured=measured,
        tolerance=tol,
        source=SOURCE,
        reason=ONE_PERCENT,
    )


def test_the_rod_and_tube_motor_burns_as_evenly_and_as_long(witness: Any) -> None:
    firing = rod_and_tube()
    compare(
        witness, "rod and tube: pressure", "MPa", 6.58518, float(firing.pressure[200]) / 1e6, 0.066
    )
    compare(witness, "rod and tube: thrust", "N", 12783.77, float(firing.thrust[200]), 127.8)
    compare(witness, "rod and tube: mass flow", "kg/s", 5.32924, float(firing.flow[200]), 0.0001)
    compare(witness, "rod and tube: propellant", "kg", 34.14272, float(firing.propellant), 1e-4)
    compare(witness, "rod and tube: burn time", "s", 6.39, float(firing.time[-1]), 0.05)
    compare(witness, "rod and tube: impulse", "N s", 81300.0, float(firing.impulse), 813.0)


def test_the_tubular_motor_burns_progressively(witness: Any) -> None:
    firing = tubular()
    compare(witness, "tube: first pressure", "MPa", 0.646, float(firing.pressure[0]) / 1e6, 0.0065)
    compare(witness, "tube: last pressure", "MPa", 2.673, float(firing.pressure[-1]) / 1e6, 0.0267)
    compare(witness, "tube: propellant", "kg", 1.07935, float(firing.propellant), 1e-5)
    compare(witness, "tube: burn time", "s", 7.05, float(firing.time[-1]), 0.05)
    time, thrust = np.asarray(firing.time), np.asarray(firing.thrust)
    early = time <= 7.05
    compare(
        witness,
        "tube: impulse up to 7.05 s",
        "N s",
        1792.2,
        float(np.trapezoid(thrust[early], time[early])),
        17.9,
    )

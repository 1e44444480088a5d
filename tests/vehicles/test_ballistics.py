"""Laws of the motor's inside: mass is kept, pressure follows the surface, vacuum pushes more."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from anabasis.units import STANDARD_GRAVITY
from anabasis.vehicles.ballistics import Nozzle, Propellant, TubeGrain, exit_pressure_ratio, fire


def number(x: float) -> np.ndarray:
    return np.asarray(x)


PROPELLANT = Propellant(
    *(number(x) for x in (1854.5, 4.202e-3 / 1e6**0.31, 0.31, 3645.0, 24.14e-3, 1.125))
)
NOZZLE = Nozzle(*(number(x) for x in (0.05, 0.35, 0.26, 0.95)))
TUBE = TubeGrain(*(number(x) for x in (1.0, 0.4, 0.12, 0.0)))
ROD = TubeGrain(*(number(x) for x in (1.0, 0.4, 0.28, 0.12)))


def test_what_flows_out_is_what_was_there() -> None:
    firing = fire(TUBE, PROPELLANT, NOZZLE, number(0.0))
    gone = np.trapezoid(firing.flow, firing.time)
    assert gone == pytest.approx(float(firing.propellant), rel=1e-4)
    speed = float(firing.specific_impulse) * STANDARD_GRAVITY
    assert speed == pytest.approx(float(firing.impulse / firing.propellant))


def test_a_tube_burns_progressively_and_a_rod_in_a_tube_evenly() -> None:
    tube, rod = (np.asarray(fire(g, PROPELLANT, NOZZLE, number(0.0)).pressure) for g in (TUBE, ROD))
    assert np.all(np.diff(tube) > 0.0)
    assert np.ptp(rod) / np.mean(rod) < 1e-9


def test_pressure_follows_the_surface_by_the_power_of_one_over_one_less_n() -> None:
    wide = dataclasses.replace(NOZZLE, throat=number(0.05 * 2.0**0.5))
    first, second = (fire(ROD, PROPELLANT, n, number(0.0)).pressure[0] for n in (NOZZLE, wide))
    assert float(first / second) == pytest.approx(2.0 ** (1.0 / (1.0 - 0.31)), rel=1e-12)


def test_air_outside_takes_its_pressure_times_the_exit_area() -> None:
    inside, outside = (fire(ROD, PROPELLANT, NOZZLE, number(p)).thrust[0] for p in (0.0, 700.0))
    cone = 0.5 * (1.0 + np.cos(0.26)) * 0.95
    assert float(inside - outside) == pytest.approx(cone * 700.0 * np.pi / 4.0 * 0.35**2, rel=1e-9)


def test_the_exit_pressure_opens_the_nozzle_as_wide_as_it_is() -> None:
    g, ratio = 1.2, float(exit_pressure_ratio(number(20.0), number(1.2)))
    mach = np.sqrt(2.0 / (g - 1.0) * (ratio ** (-(g - 1.0) / g) - 1.0))
    area = (2.0 / (g + 1.0) * (1.0 + (g - 1.0) / 2.0 * mach**2)) ** (
        (g + 1.0) / 2.0 / (g - 1.0)
    ) / mach
    assert area == pytest.approx(20.0, rel=1e-9)

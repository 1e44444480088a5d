"""Against closed forms of entry: Allen and Eggers's ballistic entry, Saenger's equilibrium glide.

H. J. Allen and A. J. Eggers, NACA TR 1381 (1958); E. Saenger's glide as in N. X. Vinh, Hypersonic
and Planetary Entry Flight Mechanics (1980). Both leave out what the flight has: gravity along a
steep path, the phugoid about a glide.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from anabasis.guidance.bank import ConstantBank, programme
from anabasis.mechanics.state import PointState
from anabasis.phases.entry import enter
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.parachute import Trigger
from anabasis.worlds.local import enu, velocity_from_angles
from anabasis.worlds.world import Planet, make_world

ALLEN_EGGERS = "H. J. Allen and A. J. Eggers, NACA TR 1381"
GLIDE = "equilibrium glide (Vinh 1980)"
BALLISTIC, GLIDES = 0.02, 0.02
"""Relative: gravity adds 1 % to a speed of 6 km/s over 60 km; a glide sinks at 3 deg at most."""
SURFACE_DENSITY, SCALE_HEIGHT = 0.0158, 9354.5
BETA = 145.0

MARS = make_world(
    "mars",
    Planet(  # pyright: ignore[reportCallIssue]
        air="exponential", shape="sphere", gravity_degree=0, spin=np.asarray(0.0)
    ),
)


def flown(altitude: float, speed: float, angle: float, lift: float, trigger: Trigger) -> Any:
    radius = float(MARS.equatorial_radius) + altitude
    position = MARS.position_at(0.0, 0.0, 0.0, radius)
    velocity = velocity_from_angles(
        speed, np.asarray(angle), np.asarray(0.5 * np.pi), enu(MARS, 0.0, position)
    )
    body = Capsule(
        mass=np.asarray(3370.0),
        nose_radius=np.asarray(1.125),
        ballistic_coefficient=np.asarray(BETA),
        lift_to_drag=np.asarray(lift),
    )
    state = PointState(np.asarray(0.0), position, velocity, np.asarray(3370.0), "mars")
    law = programme(ConstantBank(bank=np.asarray(0.0)))
    flight = enter(state, body, trigger, law, MARS, np.asarray(radius), None)
    return {name: float(value) for name, value in flight.figures.items()}


@pytest.fixture(scope="module")
def ballistic() -> Any:
    return flown(60e3, 6000.0, np.radians(-80.0), 0.0, Trigger(relative_speed=np.asarray(500.0)))


def test_a_steep_ballistic_entry_peaks_as_allen_and_eggers_say(ballistic, witness):
    peak = 6000.0**2 * np.sin(np.radians(80.0)) / (2.0 * np.e * SCALE_HEIGHT)
    witness(
        case="Allen-Eggers",
        quantity="peak deceleration, v^2 sin(g) / (2 e H)",
        unit="m/s^2",
        expected=peak,
        measured=ballistic["peak_deceleration"],
        tolerance=BALLISTIC * peak,
        source=ALLEN_EGGERS,
        reason="gravity along the path is left out",
    )


def test_it_peaks_where_its_speed_is_a_share_of_the_first(ballistic, witness):
    witness(
        case="Allen-Eggers",
        quantity="speed at the peak, v / sqrt(e)",
        unit="m/s",
        expected=6000.0 / np.sqrt(np.e),
        measured=ballistic["peak_deceleration_relative_speed"],
        tolerance=BALLISTIC * 6000.0 / np.sqrt(np.e),
        source=ALLEN_EGGERS,
        reason="gravity along the path is left out",
    )


def test_it_peaks_where_the_air_is_as_dense_as_they_say(ballistic, witness):
    height = SCALE_HEIGHT * np.log(
        SURFACE_DENSITY * SCALE_HEIGHT / (BETA * np.sin(np.radians(80.0)))
    )
    witness(
        case="Allen-Eggers",
        quantity="altitude of the peak, H ln(rho0 H / (beta sin(g)))",
        unit="m",
        expected=height,
        measured=ballistic["peak_deceleration_altitude"],
        tolerance=BALLISTIC * SCALE_HEIGHT,
        source=ALLEN_EGGERS,
        reason="of the scale height; gravity along the path is left out",
    )


def test_an_equilibrium_glide_covers_the_range_of_its_formula(witness):
    ratio, fast, slow = 3.0, 3000.0, 2700.0
    radius = float(MARS.equatorial_radius)
    gravity = float(MARS.gm) / (radius + 60e3) ** 2
    spare = gravity - fast**2 / (radius + 60e3)
    density = 2.0 * BETA * spare / (ratio * fast**2)
    altitude = SCALE_HEIGHT * np.log(SURFACE_DENSITY / density)
    # how steeply the glide sinks: d ln(rho) / dv times dv / ds
    thickens = 2.0 / fast + 2.0 * fast / ((radius + altitude) * spare)
    angle = -SCALE_HEIGHT * thickens * spare / (ratio * fast)
    figures = flown(altitude, fast, angle, ratio, Trigger(relative_speed=np.asarray(slow)))
    middle = radius + 60e3
    whole = gravity * middle
    along = 0.5 * ratio * middle * np.log((whole - slow**2) / (whole - fast**2))
    # the height given up pays for range too: its share of the speed given up
    thicker = (gravity - slow**2 / middle) / spare * (fast / slow) ** 2
    paid = gravity * SCALE_HEIGHT * np.log(thicker) / (0.5 * (fast**2 - slow**2))
    expected = along * (1.0 + paid) * radius / middle
    witness(
        case="Equilibrium glide",
        quantity="range from 3.0 to 2.7 km/s, r/2 L/D ln((g r - v2^2) / (g r - v1^2))",
        unit="m",
        expected=expected,
        measured=figures["range"],
        tolerance=GLIDES * expected,
        source=GLIDE,
        reason="the path is taken as level, the radius as one",
    )

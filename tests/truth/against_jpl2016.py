"""Against the coast of JPL's hybrid single-stage ascent (2016, case 7_3 v33): case 3."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.kepler import apsis_radii, elements, kepler_step

CASE = "case 3, JPL 2016 coast"
SOURCE = "JPL16: two states of its coast"
GM = 4.282837e13
START = (
    (-2040.303675, 3521368.578745, -398898.531046),
    (95.472911, 559.616442, -2888.108610),
)
END = (
    (64612.255, 3110650.427, -2310701.319),
    (76.810865, -1523.013470, -2066.331642),
)
DURATION = 947.016579 - 199.361912
POSITION_TOLERANCE = 0.5
SPEED_TOLERANCE = 1e-3
APSIS_RADIUS = 3396.2e3
"""Not stated by the source; 479.37 km is met with the equatorial radius to five digits."""


def test_the_coast_ends_where_it_did(witness: Any) -> None:
    position, velocity = kepler_step(
        jnp.array(START[0]), jnp.array(START[1]), GM, jnp.asarray(DURATION)
    )
    witness(
        case=CASE,
        quantity="distance from the published end position",
        unit="m",
        expected=0.0,
        measured=float(np.linalg.norm(np.asarray(position) - np.array(END[0]))),
        tolerance=POSITION_TOLERANCE,
        source=SOURCE,
        reason="the source's states are rounded to a millimetre and a microsecond",
    )
    witness(
        case=CASE,
        quantity="difference from the published end velocity",
        unit="m/s",
        expected=0.0,
        measured=float(np.linalg.norm(np.asarray(velocity) - np.array(END[1]))),
        tolerance=SPEED_TOLERANCE,
        source=SOURCE,
        reason="the figure's own tolerance",
    )


def test_the_coast_has_the_published_apoapsis_and_plane(witness: Any) -> None:
    position, velocity = jnp.array(START[0]), jnp.array(START[1])
    apoapsis, _ = apsis_radii(position, velocity, GM)
    orbit = elements(position, velocity, GM)
    witness(
        case=CASE,
        quantity="apoapsis altitude",
        unit="km",
        expected=479.37,
        measured=(float(apoapsis) - APSIS_RADIUS) / 1e3,
        tolerance=0.005,
        source=SOURCE,
        reason="half of the last digit",
    )
    witness(
        case=CASE,
        quantity="inclination",
        unit="deg",
        expected=91.94,
        measured=math.degrees(float(orbit.inclination)),
        tolerance=0.005,
        source=SOURCE,
        reason="half of the last digit",
    )

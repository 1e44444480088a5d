"""Where NAIF's kernels put landers, and how high that is; what Mars 2020 and MSL flew into.

Figures: NAIF landing-site kernel, areoid of GMM-3 to degree 60, entry states of KW, OD138 and DB14.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.worlds.calendar import epoch_of_utc
from anabasis.worlds.local import angles_from_velocity, enu, velocity_from_angles
from anabasis.worlds.world import direction_of, make_world

DEGREE = np.pi / 180.0
ELEVATION_TOLERANCE = 5.0
"""[m]: a field cut at degree 60, and a grid of about a degree."""
KERNEL = "NAIF m2020_ls_ops210303_iau2000_v1.bsp; areoid of GMM-3 to degree 60"


def test_v12_jezero_lies_2572_metres_below_the_areoid(witness) -> None:
    mars = make_world("mars")
    assert mars.areoid is not None
    place = 3391936.5 * direction_of(18.444627 * DEGREE, 77.450886 * DEGREE)
    witness(
        case="V12 geodesy",
        quantity="elevation of the landing site of Mars 2020",
        unit="m",
        expected=-2572.0,
        measured=mars.areoid.height(place),
        tolerance=ELEVATION_TOLERANCE,
        source=KERNEL,
        reason="the figure is the same field to degree 60",
    )


def test_the_planetographic_latitude_of_the_site(witness) -> None:
    mars = make_world("mars")
    place = 3391936.5 * direction_of(18.444627 * DEGREE, 77.450886 * DEGREE)
    witness(
        case="Landing site of Mars 2020",
        quantity="planetographic latitude",
        unit="deg",
        expected=18.648758,
        measured=mars.figure.geodetic_latitude(place) / DEGREE,
        tolerance=1e-5,
        source=KERNEL,
        reason="0.6 m on the ground; the kernel's height above the ellipsoid enters",
    )


@pytest.mark.parametrize(
    ("mission", "utc", "radius", "inertial", "relative", "place"),
    [
        (
            "Mars 2020",
            "2021-02-18T20:36:50.180Z",
            3522.2e3,
            (5553.56, -15.48445, 99.8996),
            (5332.53, -16.14343, 100.3484),
            (20.82488, 66.79935),
        ),
        (
            "MSL",
            "2012-08-06T05:10:45.655Z",
            3522.0e3,
            (6083.3, -15.4892, 93.2065),
            (5844.05, -16.1403, 93.3487),
            (-3.9186, 126.72),
        ),
    ],
)
def test_v2_the_turning_frame(mission, utc, radius, inertial, relative, place, witness) -> None:
    mars, epoch = make_world("mars"), epoch_of_utc(utc)
    position = mars.position_at(epoch, place[0] * DEGREE, place[1] * DEGREE, radius)
    axes = enu(mars, epoch, position)
    speed, path, azimuth = inertial
    velocity = velocity_from_angles(speed, path * DEGREE, azimuth * DEGREE, axes)
    found = angles_from_velocity(mars.relative_velocity(epoch, position, velocity), axes)
    told = (
        ("speed", "m/s", 1.0, 1.0),
        ("flight-path angle", "deg", DEGREE, 0.01),
        ("azimuth", "deg", DEGREE, 0.01),
    )
    for (quantity, unit, factor, tolerance), expected, measured in zip(
        told, relative, found, strict=True
    ):
        witness(
            case=f"V2 {mission}",
            quantity=f"planet-relative {quantity} at the entry interface",
            unit=unit,
            expected=expected,
            measured=measured / factor,
            tolerance=tolerance,
            source="OD138 and DB14, entry states turned to the planet",
            reason="the tolerance of V2",
        )


def test_the_interface_of_mars_2020_is_128_km_above_the_ellipsoid(witness) -> None:
    mars = make_world("mars")
    witness(
        case="Mars 2020",
        quantity="altitude of the entry interface",
        unit="km",
        expected=128.56,
        measured=mars.figure.altitude(
            jnp.asarray(3522.2e3) * direction_of(20.82488 * DEGREE, 66.79935 * DEGREE)
        )
        / 1e3,
        tolerance=0.01,
        source="radius of KW above the ellipsoid of pck00010, computed",
        reason="given to 10 m",
    )

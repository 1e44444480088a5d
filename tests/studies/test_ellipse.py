"""The landing ellipse says what a known cloud of places is."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.studies.ellipse import ellipse_of, inside, offsets


@pytest.fixture(scope="module")
def cloud():
    stream = np.random.default_rng(7)
    along, across = 3.0 * stream.standard_normal(20000), stream.standard_normal(20000)
    angle = np.radians(100.0)
    east = 1.0 + along * np.sin(angle) + across * np.cos(angle)
    north = -2.0 + along * np.cos(angle) - across * np.sin(angle)
    return east, north


def test_the_axes_the_centre_and_the_angle_of_a_gaussian_cloud(cloud):
    found = ellipse_of(*cloud)
    assert found.major_sigma == pytest.approx(3.0, rel=0.02)
    assert found.minor_sigma == pytest.approx(1.0, rel=0.02)
    assert found.azimuth == pytest.approx(100.0, abs=1.0)
    assert (found.centre_east, found.centre_north) == pytest.approx((1.0, -2.0), abs=0.1)
    # 99 % of a plane Gaussian lies within sqrt(-2 ln 0.01) sigmas
    assert found.factor == pytest.approx(np.sqrt(-2.0 * np.log(0.01)), rel=0.03)
    assert found.factor_low < found.factor < found.factor_high


def test_the_ranked_ellipse_holds_its_share(cloud):
    found = ellipse_of(*cloud)
    assert np.mean(inside(found, *cloud)) == pytest.approx(0.99, abs=1e-3)


def test_offsets_of_a_degree_north_are_a_degree_of_arc():
    east, north = offsets(np.array([19.0]), np.array([77.0]), 18.0, 77.0)
    assert float(north[0]) == pytest.approx(59.16, abs=0.01)
    assert float(east[0]) == 0.0


def test_places_on_one_line_are_no_ellipse():
    with pytest.raises(ValueError, match="line"):
        ellipse_of(np.arange(5.0), np.zeros(5))

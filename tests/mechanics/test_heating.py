"""Laws of the heating formulas: how they scale, where they end."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics.heating import (
    convective_flux_sutton_graves,
    radiative_flux_tauber_sutton,
)

K_EARTH = 1.7415e-4


def test_convective_heat_grows_with_the_cube_of_speed_and_the_root_of_density():
    flux = convective_flux_sutton_graves(1e-4, 8000.0, 0.5, K_EARTH)
    twice = convective_flux_sutton_graves(4e-4, 16000.0, 0.5, K_EARTH)
    assert float(twice) == pytest.approx(16.0 * float(flux), rel=1e-14)


def test_a_blunter_nose_stays_cooler():
    assert convective_flux_sutton_graves(1e-4, 8e3, 1.0, K_EARTH) < convective_flux_sutton_graves(
        1e-4, 8e3, 0.25, K_EARTH
    )


def test_a_blunter_nose_sees_more_radiation():
    assert radiative_flux_tauber_sutton(2e-4, 11e3, 1.0) > radiative_flux_tauber_sutton(
        2e-4, 11e3, 0.25
    )


def test_radiation_is_nothing_below_orbital_speed_and_its_slope_is_finite():
    assert float(radiative_flux_tauber_sutton(2e-4, 7800.0, 0.3)) == 0.0
    slope = jax.grad(lambda v: radiative_flux_tauber_sutton(0.0 * v, v, 0.3))(jnp.asarray(11e3))
    assert np.isfinite(float(slope))


def test_radiation_agrees_with_the_point_design_of_stardust():
    # NASA/TP-2006-213486: 102.9 W/cm2 at 62.1 km and 10.728 km/s before a nose of 0.229 m; the
    # density is that of the 1976 standard. An estimate of this kind is good to 25 %.
    flux = float(radiative_flux_tauber_sutton(2.28e-4, 10728.0, 0.229)) / 1e4
    assert flux == pytest.approx(102.9, rel=0.25)

"""Tables read as tables, molecules push as integrals over their speeds say."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import erf

from anabasis.mechanics.table import Table
from anabasis.vehicles.aerodynamics import (
    BodyAerodynamics,
    at_mach,
    beyond,
    coefficients,
    disc_in_molecules,
    sphere_in_molecules,
)

DRAG = Table(
    np.array([0.0, 0.5, 1.0, 1.3, 2.5, 4.0, 100.0]), np.array([0.2, 0.2, 0.4, 0.57, 0.4, 0.3, 0.3])
)
BODY = BodyAerodynamics(
    normal_slope=Table(np.array([0.0, 2.5, 5.0, 6.0]), np.array([1.8, 1.8, 2.0, 2.0])),
    centre_of_pressure=Table(np.array([0.0, 0.8, 1.6, 100.0]), np.array([0.8, 0.8, 2.0, 2.0])),
    slope_factor=jnp.asarray(1.5),
)
TABLES = coefficients(DRAG, np.asarray(0.166), BODY, np.asarray(0.46))
ONE_PERCENT = 0.01


@pytest.mark.parametrize("mach", [0.1, 0.5, 0.93, 1.3, 2.0, 4.4, 11.0])
def test_the_uniform_tables_are_the_tables(mach: float) -> None:
    axial, normal, centre = at_mach(TABLES, jnp.asarray(mach), jnp.asarray(0.02))
    assert float(axial) == pytest.approx(0.166 * float(DRAG(mach)), rel=1e-3)
    assert float(normal) == pytest.approx(1.5 * 0.144 * float(BODY.normal_slope(mach)), rel=1e-9)
    assert float(centre) == pytest.approx(float(BODY.centre_of_pressure(mach)), rel=1e-9)


def test_beyond_the_shortest_table_is_outside() -> None:
    assert not bool(beyond(TABLES, jnp.asarray(5.9)))
    assert bool(beyond(TABLES, jnp.asarray(6.1)))


def test_thin_air_leads_over_to_free_molecules() -> None:
    drags = [
        float(at_mach(TABLES, jnp.asarray(5.0), jnp.asarray(d))[0])
        for d in 10.0 ** -np.arange(1.0, 13.0)
    ]
    assert np.all(np.diff(drags) > 0.0)
    assert drags[0] == pytest.approx(0.3 * 0.166, rel=1e-4)
    assert drags[-1] == pytest.approx(1.7 * 0.166, rel=1e-4)


def pressure(s: np.ndarray, wall: float) -> np.ndarray:
    """Pressure over rho V^2/2 on a face whose normal meets the stream with speed ratio s (Bird)."""
    root = np.sqrt(np.pi)
    incident = s / root * np.exp(-s * s) + (0.5 + s * s) * (1.0 + erf(s))
    flux = np.exp(-s * s) + root * s * (1.0 + erf(s))
    return incident + 0.5 * np.sqrt(wall) * flux


@pytest.mark.parametrize(("ratio", "wall"), [(3.0, 1.0), (8.0, 2.0), (15.0, 1.5)])
def test_a_disc_is_its_two_faces(ratio: float, wall: float) -> None:
    faces = (pressure(np.array(ratio), wall) - pressure(np.array(-ratio), wall)) / ratio**2
    assert float(disc_in_molecules(ratio, np.asarray(wall))) == pytest.approx(
        float(faces), rel=ONE_PERCENT
    )


@pytest.mark.parametrize(("ratio", "wall"), [(3.0, 1.0), (8.0, 2.0), (15.0, 1.5)])
def test_a_sphere_is_all_its_faces(ratio: float, wall: float) -> None:
    """Pressure and friction added up over rings of the sphere."""
    angle = np.linspace(0.0, np.pi, 20001)
    normal, along = ratio * np.cos(angle), np.sin(angle)
    flux = np.exp(-(normal**2)) + np.sqrt(np.pi) * normal * (1.0 + erf(normal))
    friction = along * ratio / np.sqrt(np.pi) * flux
    ring = pressure(normal, wall) * np.cos(angle) + friction * along
    total = np.trapezoid(ring * 2.0 * np.sin(angle), angle) / ratio**2
    assert float(sphere_in_molecules(ratio, np.asarray(wall))) == pytest.approx(
        float(total), rel=ONE_PERCENT
    )

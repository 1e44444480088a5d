"""What the air does to a slender body: along its axis, across it, and where it takes hold.

             C_N q S_N                      across, at the centre of pressure
                ^
      nose <====|=====O=======  x back      O  centre of mass
                cp   cm
             <--- C_A q S_A                 along

Coefficients are tables over the Mach number; the force across grows with the sine of the angle of
attack. Where the air is so thin that molecules meet the body more often than one another, the axial
coefficient goes over to that of free molecules.
"""

from __future__ import annotations

import math
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erf

from anabasis.mechanics.arrays import Flag, Scalar, Series
from anabasis.mechanics.table import Table
from anabasis.units import curve, quantity

_ASSUMED = "engineering default (docs/ascent.md)"


class BodyAerodynamics(eqx.Module):
    """What a body does in the air besides drag at no angle of attack.

    Attributes:
        normal_area: area the normal force refers to [m^2].
        normal_slope: of the normal-force coefficient with the sine of the angle of attack, over
            the Mach number [1/rad].
        centre_of_pressure: station behind the tip of the nose, over the Mach number [m].
        slope_factor: on the slope.
        centre_shift: added to the centre of pressure, backwards [m].
        molecular_coefficient: drag coefficient in free molecules, on the area of the axial one.
    """

    normal_slope: Table = curve(
        "mach", "", "", "slope of the normal-force coefficient per radian", minimum=0.0
    )
    centre_of_pressure: Table = curve(
        "mach", "", "m", "station of the centre of pressure behind the nose"
    )
    normal_area: Scalar = quantity(
        "m2",
        "area the normal force refers to",
        above=0.0,
        maximum=100.0,
        default=0.144,
        source="GAF: the forebody of 0.43 m",
        confidence="published",
    )
    slope_factor: Scalar = quantity(
        "",
        "factor on the normal force",
        minimum=0.0,
        maximum=10.0,
        default=1.0,
        source="as told",
        confidence="derived",
    )
    centre_shift: Scalar = quantity(
        "m",
        "by how much the centre of pressure lies further back than told",
        minimum=-3.0,
        maximum=3.0,
        default=0.0,
        source="as told",
        confidence="derived",
    )
    molecular_coefficient: Scalar = quantity(
        "",
        "drag coefficient in free molecules, on the reference area",
        minimum=0.0,
        maximum=10.0,
        default=1.7,
        source="GAF: 1.68 to 1.77 from 125 to 500 km (SPARTA), on 0.144 m2",
        confidence="published",
    )


MACH_STEP, MACH_CELLS = 0.05, 240
"""Cells of the uniform tables: to Mach 12, their corners on every twentieth."""

MEAN_FREE_PATH_DENSITY = 7.77e-8
"""Mean free path times density in cold carbon dioxide [kg/m^2]: m / (sqrt(2) pi d^2) with
7.31e-26 kg and a diameter of 4.6e-10 m."""
HALF_WAY = 0.5
"""Knudsen number at which the coefficient is half way to that of free molecules (assumed)."""


class Coefficients(eqx.Module):
    """The tables of a body, resampled for a flight: areas and factors multiplied in.

    Attributes:
        axial: C_A S_A on the uniform grid [m^2].
        normal: C_N slope times S_N [m^2].
        centre: station of the centre of pressure [m].
        molecular: C S in free molecules [m^2].
        size: length that the Knudsen number refers to [m].
        last: Mach number up to which every table was given.
    """

    axial: Series
    normal: Series
    centre: Series
    molecular: Scalar
    size: Scalar
    last: Scalar


def coefficients(
    drag_coefficient: Table, reference_area: Scalar, body: BodyAerodynamics, diameter: Scalar
) -> Coefficients:
    """Tables on a uniform grid, read twenty times faster than a search.

    Args:
        drag_coefficient: along the axis, at no angle of attack.
        reference_area: of it [m^2].
        body: the rest.
        diameter: of the body [m].
    """
    mach = jnp.asarray(MACH_STEP * np.arange(MACH_CELLS + 1.0))

    def on_grid(table: Table) -> Any:
        return jnp.interp(mach, jnp.asarray(table.argument), jnp.asarray(table.value))

    ends = jnp.stack(
        [
            jnp.asarray(table.argument)[-1]
            for table in (drag_coefficient, body.normal_slope, body.centre_of_pressure)
        ]
    )
    return Coefficients(
        on_grid(drag_coefficient) * reference_area,
        on_grid(body.normal_slope) * body.slope_factor * body.normal_area,
        on_grid(body.centre_of_pressure) + body.centre_shift,
        body.molecular_coefficient * reference_area,
        jnp.asarray(diameter, dtype=float),
        jnp.minimum(jnp.min(ends), MACH_STEP * MACH_CELLS),
    )


def at_mach(tables: Coefficients, mach: Scalar, density: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    """Axial and normal area [m^2] and centre of pressure [m] at a Mach number in air of a density.

    The axial area goes over to that of free molecules with the Knudsen number,

        w = Kn / (Kn + Kn_half),   Kn = (lambda rho) / (rho d)
    """
    x = jnp.minimum(mach * (1.0 / MACH_STEP), MACH_CELLS - 1e-9)
    i = x.astype(jnp.int32)
    f = x - i.astype(x.dtype)

    def read(table: Any) -> Any:
        here = table[i]
        return here + f * (table[i + 1] - here)

    thin = MEAN_FREE_PATH_DENSITY / (
        MEAN_FREE_PATH_DENSITY + HALF_WAY * tables.size * density + 1e-300
    )
    axial = read(tables.axial)
    return axial + thin * (tables.molecular - axial), read(tables.normal), read(tables.centre)


def beyond(tables: Coefficients, mach: Scalar) -> Flag:
    """True where a Mach number lies outside a table."""
    return jnp.asarray(mach > tables.last)


def sphere_in_molecules(speed_ratio: Scalar, wall: Scalar) -> Scalar:
    """Drag coefficient of a sphere in a free molecular stream, diffuse reflection.

        C = (2 s^2 + 1) e^(-s^2) / (sqrt(pi) s^3) + (4 s^4 + 4 s^2 - 1) erf(s) / (2 s^4)
            + 2 sqrt(pi) / (3 s) sqrt(T_w / T)

    Args:
        speed_ratio: s, speed over sqrt(2 R T) of the gas.
        wall: T_w / T, temperature of the wall over that of the gas.

    Source: G. Bird, Molecular Gas Dynamics and the Direct Simulation of Gas Flows, 7.4.
    """
    s = jnp.asarray(speed_ratio, dtype=float)
    q = s * s
    return (
        (2.0 * q + 1.0) * jnp.exp(-q) / (math.sqrt(math.pi) * s * q)
        + (4.0 * q * q + 4.0 * q - 1.0) * erf(s) / (2.0 * q * q)
        + 2.0 * math.sqrt(math.pi) / (3.0 * s) * jnp.sqrt(wall)
    )


def disc_in_molecules(speed_ratio: Scalar, wall: Scalar) -> Scalar:
    """Drag coefficient of a flat disc square to a free molecular stream, diffuse, both faces.

        C = 2 e^(-s^2) / (sqrt(pi) s) + (2 + 1/s^2) erf(s) + sqrt(pi) / s sqrt(T_w / T)

    Arguments and source as in `sphere_in_molecules`.
    """
    s = jnp.asarray(speed_ratio, dtype=float)
    return (
        2.0 * jnp.exp(-s * s) / (math.sqrt(math.pi) * s)
        + (2.0 + 1.0 / (s * s)) * erf(s)
        + math.sqrt(math.pi) / s * jnp.sqrt(wall)
    )

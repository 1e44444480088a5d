"""How hot the nose gets: closed formulas for the stagnation point of a blunt body."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Scalar


def convective_flux_sutton_graves(
    density: Scalar, speed: Scalar, nose_radius: Scalar, coefficient: Scalar
) -> Scalar:
    """Heat carried to the nose by the gas that streams around it.

        q = k sqrt(rho / R_n) V^3

    Args:
        density: of the undisturbed air [kg/m^3].
        speed: relative to the air [m/s].
        nose_radius: [m].
        coefficient: k of the gas [kg^0.5/m].

    Returns:
        Heat flux to a cold wall [W/m^2].

    Valid: laminar continuum flow, equilibrium gas, cold wall; an engineering estimate, 10 to 15 %.
    Source: K. Sutton and R. Graves, NASA TR R-376 (1971).
    """
    return coefficient * jnp.sqrt(density / nose_radius) * speed**3


_SPEED = np.concatenate(
    [[8500.0], np.arange(9000.0, 11001.0, 250.0), np.arange(11500.0, 16001.0, 500.0)]
)
_BRIGHTNESS = np.concatenate(
    [
        [0.0, 1.5, 4.3, 9.7, 19.5, 35.0, 55.0, 81.0, 115.0, 151.0],
        [238.0, 359.0, 495.0, 660.0, 850.0, 1065.0, 1313.0, 1550.0, 1780.0, 2040.0],
    ]
)


def radiative_flux_tauber_sutton(density: Scalar, speed: Scalar, nose_radius: Scalar) -> Scalar:
    """Heat that the glowing air before the nose radiates onto it, at the Earth.

        q = 4.736e4 R_n^a rho^1.22 f(V)  W/cm^2,   a = 1.072e6 V^-1.88 rho^-0.325, at most 1

    Args:
        density: of the undisturbed air [kg/m^3].
        speed: relative to the air [m/s].
        nose_radius: [m]; the cap on a is that of radii up to 1 m.

    Returns:
        Heat flux [W/m^2].

    Valid: air in equilibrium, 9 to 16 km/s, 6.7e-5 to 6.3e-4 kg/m^3, radii of 0.3 to 1 m; used
    beyond that as an estimate. Here f falls to nothing between 9 and 8.5 km/s.
    Source: M. Tauber and K. Sutton, J. Spacecraft 28 (1991) 40.
    """
    fast = jnp.maximum(speed, _SPEED[0])
    thick = jnp.maximum(density, 1e-12)
    power = jnp.minimum(1.072e6 * fast**-1.88 * thick**-0.325, 1.0)
    brightness = jnp.interp(speed, _SPEED, _BRIGHTNESS)
    return 4.736e8 * nose_radius**power * thick**1.22 * brightness

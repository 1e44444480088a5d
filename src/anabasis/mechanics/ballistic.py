"""The closed form of a ballistic entry, and when not to believe it."""

from __future__ import annotations

import jax.numpy as jnp

from anabasis.mechanics.arrays import Flag, Scalar

_TURN_ALLOWED = 0.1


def peak_deceleration_allen_eggers(
    entry_speed: Scalar, flight_path_angle: Scalar, scale_height: Scalar
) -> Scalar:
    """Greatest deceleration of a steep ballistic entry, in closed form.

        a = V^2 sin|gamma| / (2 e H)

    Args:
        entry_speed: V [m/s].
        flight_path_angle: gamma at the interface, negative downward [rad].
        scale_height: H of an exponential atmosphere [m].

    Returns:
        Deceleration [m/s^2].

    Valid: straight paths only (ask `path_is_straight`). At the shallow angles of a return from
    beyond the Moon the true path bends up and the closed form says almost twice the true value.
    Source: H. Allen and A. Eggers, NACA report 1381 (1958).
    """
    return entry_speed**2 * jnp.sin(jnp.abs(flight_path_angle)) / (2.0 * jnp.e * scale_height)


def path_is_straight(
    entry_speed: Scalar,
    flight_path_angle: Scalar,
    scale_height: Scalar,
    ballistic_coefficient: Scalar,
    surface_density: Scalar,
    interface_altitude: Scalar,
    interface_radius: Scalar,
    gravity: Scalar,
) -> Flag:
    """Whether an entry bends so little down to its peak that the closed form may be believed.

        bend = |1/r - g/V^2| (h_interface - h_peak) / sin|gamma|   below a tenth of |gamma|
        h_peak = H ln(rho_0 H / (beta sin|gamma|))

    Args:
        entry_speed: V [m/s].
        flight_path_angle: gamma at the interface [rad].
        scale_height: H of an exponential atmosphere [m].
        ballistic_coefficient: beta [kg/m^2].
        surface_density: rho_0 [kg/m^3].
        interface_altitude: h_interface [m].
        interface_radius: r [m].
        gravity: g [m/s^2].
    """
    sine = jnp.sin(jnp.abs(flight_path_angle))
    peak = scale_height * jnp.log(surface_density * scale_height / (ballistic_coefficient * sine))
    curvature = jnp.abs(1.0 / interface_radius - gravity / entry_speed**2)
    bend = curvature * (interface_altitude - peak) / sine
    return bend < _TURN_ALLOWED * jnp.abs(flight_path_angle)

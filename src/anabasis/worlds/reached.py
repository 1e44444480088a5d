"""What a state amounts to as an orbit about its planet: apsides, tilt, what is still to do."""

from __future__ import annotations

import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar, Vector
from anabasis.mechanics.kepler import apsis_radii, elements
from anabasis.mechanics.secular import mean_orbit
from anabasis.worlds.local import angles_from_velocity, enu
from anabasis.worlds.oblate import oblate_body
from anabasis.worlds.world import World


def orbit_figures(
    world: World, epoch: Scalar, position: Vector, velocity: Vector
) -> dict[str, Scalar]:
    """Osculating and mean apsis altitudes, inclination and node in the planet's equator.

    Altitudes are radii less the world's ``apsis_radius``.
    """
    pole = world.pole_axes(epoch)
    position_e, velocity_e = pole @ position, pole @ velocity
    orbit = elements(position_e, velocity_e, world.gm)
    apoapsis, periapsis = apsis_radii(position_e, velocity_e, world.gm)
    mean = mean_orbit(position_e, velocity_e, oblate_body(world))
    base = world.apsis_radius
    return {
        "apoapsis": apoapsis - base,
        "periapsis": periapsis - base,
        "inclination": orbit.inclination,
        "node": orbit.node,
        "mean_apoapsis": mean.semi_major_axis * (1.0 + mean.eccentricity) - base,
        "mean_periapsis": mean.semi_major_axis * (1.0 - mean.eccentricity) - base,
        "mean_inclination": mean.inclination,
    }


def burnout_figures(
    world: World, epoch: Scalar, position: Vector, velocity: Vector
) -> dict[str, Scalar]:
    """Where a first stage leaves a rocket, and the coast it is on."""
    speed, climb, _ = angles_from_velocity(velocity, enu(world, epoch, position))
    latitude, longitude = world.latitude_longitude(epoch, position)
    apoapsis, periapsis = apsis_radii(position, velocity, world.gm)
    axis = 0.5 * (apoapsis + periapsis)
    at_top = jnp.sqrt(jnp.maximum(world.gm * (2.0 / apoapsis - 1.0 / axis), 0.0))
    pole = world.pole_axes(epoch)
    orbit = elements(pole @ position, pole @ velocity, world.gm)
    return {
        "stage_one_burnout_altitude": world.altitude(epoch, position),
        "stage_one_burnout_speed": speed,
        "stage_one_burnout_flight_path_angle": climb,
        "stage_one_burnout_latitude": latitude,
        "stage_one_burnout_longitude": longitude,
        "coast_apoapsis": apoapsis - world.apsis_radius,
        "coast_periapsis": periapsis - world.apsis_radius,
        "coast_inclination": orbit.inclination,
        "time_to_apoapsis": time_to_apoapsis(position, velocity, world.gm),
        "circularisation_delta_v": jnp.sqrt(world.gm / apoapsis) - at_top,
    }


def time_to_apoapsis(position: Vector, velocity: Vector, gm: Scalar) -> Scalar:
    """From a state to the next apoapsis of its ellipse [s]: (pi - M) sqrt(a^3 / gm)."""
    orbit = elements(position, velocity, gm)
    e = orbit.eccentricity
    half = jnp.tan(0.5 * orbit.true_anomaly)
    eccentric = 2.0 * jnp.arctan2(half * jnp.sqrt((1.0 - e) / (1.0 + e)), jnp.ones_like(half))
    mean = eccentric - e * jnp.sin(eccentric)
    return (jnp.pi - mean) * jnp.sqrt(orbit.semi_major_axis**3 / gm)

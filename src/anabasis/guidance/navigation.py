"""Where the flight computer believes to be: what the inertial unit says, and its own gravity.

It sees no truth. It begins with what the lander told it, and from there adds up angles and speeds;
between them pulls the gravity of its own model, a point mass with J2.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.rigid import Quaternion, Triple, cross, dot, plus, times
from anabasis.mechanics.strapdown import Sensed, pushed, turned


class OnboardPlanet(eqx.Module):
    """The planet as the flight computer has it; the truth may differ.

    Attributes:
        gm: [m^3/s^2].
        j2: second zonal harmonic, at ``radius``.
        radius: reference radius [m].
        pole: unit vector, inertial, three scalars.
    """

    gm: Scalar
    j2: Scalar
    radius: Scalar
    pole: Triple


class Navigated(eqx.Module):
    """What the flight computer believes.

    Attributes:
        position: inertial [m], three scalars.
        velocity: inertial [m/s], three scalars.
        q_i_from_b: attitude, four scalars.
        before: what was sensed in the last tick, for coning and sculling.
    """

    position: Triple
    velocity: Triple
    q_i_from_b: Quaternion
    before: Sensed


def believed_gravity(planet: OnboardPlanet, position: Triple) -> Triple:
    """The pull the flight computer reckons with [m/s^2]: `mechanics.gravity.oblate_gravity`."""
    square = dot(position, position)
    inverse = 1.0 / square
    height = dot(position, planet.pole)
    k = 1.5 * planet.j2 * planet.radius * planet.radius * inverse
    pull = -planet.gm * inverse * jnp.sqrt(inverse)
    radial = pull * (1.0 + k * (1.0 - 5.0 * height * height * inverse))
    return plus(times(radial, position), times(pull * 2.0 * k * height, planet.pole))


def navigate(planet: OnboardPlanet, here: Navigated, sensed: Sensed) -> Navigated:
    """Carry what is believed over one tick.

        v <- v + dv_felt + g dt,   r <- r + (v_before + v_after)/2 dt

    Args:
        planet: as the computer has it.
        here: at the beginning of the tick.
        sensed: of the tick.

    Returns:
        At its end. Gravity is taken half a tick ahead, at r + v dt/2.
    """
    length = sensed.length
    ahead = plus(here.position, times(0.5 * length, here.velocity))
    gravity = believed_gravity(planet, ahead)
    felt = pushed(here.q_i_from_b, here.before, sensed)
    velocity = plus(here.velocity, plus(felt, times(length, gravity)))
    position = plus(here.position, times(0.5 * length, plus(here.velocity, velocity)))
    attitude = turned(here.q_i_from_b, here.before, sensed)
    return Navigated(position, velocity, attitude, sensed)


def local_axes(planet: OnboardPlanet, position: Triple) -> tuple[Triple, Triple, Triple]:
    """East, north and up where the computer believes to be."""
    up = times(1.0 / jnp.sqrt(dot(position, position)), position)
    across = cross(planet.pole, up)
    east = times(1.0 / jnp.sqrt(dot(across, across)), across)
    return east, cross(up, east), up

"""Where the onboard computer believes it is: dead reckoning from what the accelerometers report.

    r, v at the interface (wrong by the knowledge error) --> + delta-v felt + own gravity --> r, v

The planet it carries is its own copy: central gravity with J2, a spinning sphere for ranges.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Matrix, Scalar, Vector
from anabasis.mechanics.gravity import oblate_gravity


class OnboardPlanet(eqx.Module):
    """The planet as the onboard computer has it, and its target.

    Attributes:
        gm: gravitational parameter [m^3/s^2].
        j2: second zonal harmonic.
        gravity_radius: that it refers to [m].
        pole: unit vector of the north pole, inertial axes.
        spin: rate of rotation [rad/s].
        axes: planet-fixed axes as rows in inertial axes, at the interface.
        range_radius: of the sphere on which ranges are told [m].
        target: planet-fixed unit vector towards the target.
        target_radius: of the ground there [m].
    """

    gm: Scalar
    j2: Scalar
    gravity_radius: Scalar
    pole: Vector
    spin: Scalar
    axes: Matrix
    range_radius: Scalar
    target: Vector
    target_radius: Scalar


class Believed(eqx.Module):
    """Position [m] and velocity [m/s] believed, inertial axes."""

    position: Vector
    velocity: Vector


def reckon(planet: OnboardPlanet, before: Believed, push: Vector, length: Scalar) -> Believed:
    """Move the belief on by one tick.

    Args:
        planet: the onboard copy.
        before: at the start of the tick.
        push: mean acceleration felt in the tick, believed axes [m/s^2].
        length: of the tick [s].

    Gravity is that at the middle of the tick; the error of a tick is of third order in it.
    """
    middle = before.position + 0.5 * length * before.velocity
    pull = oblate_gravity(middle, planet.pole, planet.gm, planet.j2, planet.gravity_radius)
    velocity = before.velocity + length * (push + pull)
    position = before.position + 0.5 * length * (before.velocity + velocity)
    return Believed(position, velocity)


class Course(eqx.Module):
    """What guidance reads off a belief.

    Attributes:
        speed: relative to the turning planet [m/s].
        climb_rate: of the radius [m/s].
        downrange: distance to go to the target along the course [m]; negative once past it.
        crossrange: of the target, to the right of the course [m].
        forward: unit vector of the relative velocity.
        up: unit vector away from the centre.
    """

    speed: Scalar
    climb_rate: Scalar
    downrange: Scalar
    crossrange: Scalar
    forward: Vector
    up: Vector


def course(planet: OnboardPlanet, believed: Believed, elapsed: Scalar) -> Course:
    """The course flown and the target seen along it.

    Args:
        planet: the onboard copy.
        believed: position and velocity.
        elapsed: since the interface [s].
    """
    position = believed.position
    up = position / _length(position)
    relative = believed.velocity - planet.spin * jnp.cross(planet.pole, position)
    speed = _length(relative)
    climb = jnp.dot(relative, up)
    level = relative - climb * up
    ahead = level / (_length(level) + 1e-9)
    right = jnp.cross(ahead, up)
    aim = turned(planet, planet.target, elapsed)
    along = jnp.arctan2(jnp.dot(aim, ahead), jnp.dot(aim, up))
    off = jnp.arcsin(jnp.clip(jnp.dot(aim, right), -1.0, 1.0))
    radius = planet.range_radius
    return Course(speed, climb, radius * along, radius * off, relative / speed, up)


def turned(planet: OnboardPlanet, fixed: Vector, elapsed: Scalar) -> Vector:
    """A planet-fixed vector in inertial axes, ``elapsed`` after the interface [s]."""
    there = fixed @ planet.axes
    angle = planet.spin * elapsed
    pole = planet.pole
    sine, cosine = jnp.sin(angle), jnp.cos(angle)
    along = jnp.dot(pole, there) * pole
    return along + cosine * (there - along) + sine * jnp.cross(pole, there)


def _length(vector: Vector) -> Scalar:
    return jnp.sqrt(jnp.dot(vector, vector))

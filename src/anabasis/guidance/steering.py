"""Where the ascender points its thrust, and the search for the programme that reaches an orbit.

A solid motor cannot be cut off, so the orbit must come out of four numbers chosen beforehand:

    first stage:    elevation and azimuth, held in the local frame as it turns below the rocket
    second stage:   when it is lit, and how far above the horizontal it points

A circular orbit asks for four things (size, two components of the eccentricity, inclination): as
many equations as unknowns. A motor with something to spare wastes it by pointing off the horizontal
and climbing more steeply; one that is too weak has no solution, and the search then ends at the
orbit that comes closest.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Matrix, Scalar, Vector
from anabasis.mechanics.gravity import central_gravity
from anabasis.mechanics.table import Table
from anabasis.units import choice, curve, quantity

_SEARCH = "where the search begins; any start between 25 and 60 deg finds the same answer"


class FixedSteering(eqx.Module):
    """A programme given beforehand, angle by angle.

    Attributes:
        thrust_elevation: of the first stage above the local horizontal, held as it turns [rad].
        thrust_azimuth: of the first stage, clockwise from north, held as north turns [rad].
        second_ignition: the rule that sets the time of the second ignition.
        second_ignition_time: or that time itself, from the first ignition [s].
        second_elevation: of the second stage above the horizontal at mid-burn [rad].
    """

    kind: ClassVar[str] = "fixed"
    exactly: ClassVar[tuple[tuple[int, tuple[str, ...]], ...]] = (
        (1, ("second_ignition", "second_ignition_time")),
    )

    thrust_elevation: Scalar = quantity(
        "deg", "first-stage thrust above the local horizontal", minimum=-90.0, maximum=90.0
    )
    thrust_azimuth: Scalar = quantity(
        "deg", "first-stage thrust clockwise from north", minimum=-360.0, maximum=360.0
    )
    second_ignition: str | None = choice(
        "the rule that sets the second ignition", ("centred on apoapsis",), default=None
    )
    second_ignition_time: Scalar | None = quantity(
        "s", "second ignition from the first", above=0.0, maximum=1e5, optional=True
    )
    second_elevation: Scalar = quantity(
        "deg",
        "second-stage thrust above the horizontal at mid-burn",
        minimum=-90.0,
        maximum=90.0,
        default=0.0,
        source="horizontal (GAF: 90 deg from vertical)",
        confidence="published",
    )


class SolvedSteering(eqx.Module):
    """A programme to be found for the target orbit.

    Attributes:
        heading: which of the two launches of a sol: with the plane rising or falling over the site.
        first_elevation: where the search for the first-stage elevation begins [rad].
        elevation_bend: what is added to the elevation found, over the time from the first ignition
            [rad]; None holds it. The search moves the whole curve up and down.
    """

    kind: ClassVar[str] = "solved"

    heading: str = choice(
        "towards which quarter to launch",
        ("north-east", "south-east"),
        default="north-east",
    )
    first_elevation: Scalar = quantity(
        "deg",
        _SEARCH,
        minimum=5.0,
        maximum=85.0,
        default=42.0,
        source="HAR: 42.0123 deg, where the search begins",
        confidence="published",
    )
    elevation_bend: Table | None = curve(
        "time",
        "s",
        "deg",
        "added to the first-stage elevation found, over the time from ignition",
        minimum=-90.0,
        maximum=90.0,
        optional=True,
    )

    @property
    def opposite(self) -> str:
        """The other launch of the sol."""
        return "south-east" if self.heading == "north-east" else "north-east"


class ScheduledSteering(eqx.Module):
    """A programme whose first-stage elevation changes as the rocket climbs, such as an optimum.

    Attributes:
        thrust_elevation: of the first stage above the local horizontal, over the time from the
            first ignition [rad].
        thrust_azimuth: of the first stage, clockwise from north, held as north turns [rad].
        second_ignition_time: from the first ignition [s].
        second_elevation: of the second stage above the horizontal at mid-burn [rad].
    """

    kind: ClassVar[str] = "scheduled"

    thrust_elevation: Table = curve(
        "time",
        "s",
        "deg",
        "first-stage thrust above the local horizontal over the time from ignition",
        minimum=-90.0,
        maximum=90.0,
    )
    thrust_azimuth: Scalar = quantity(
        "deg", "first-stage thrust clockwise from north", minimum=-360.0, maximum=360.0
    )
    second_ignition_time: Scalar = quantity(
        "s", "second ignition from the first", above=0.0, maximum=1e5
    )
    second_elevation: Scalar = quantity(
        "deg",
        "second-stage thrust above the horizontal at mid-burn",
        minimum=-90.0,
        maximum=90.0,
        default=0.0,
        source="horizontal (GAF: 90 deg from vertical)",
        confidence="published",
    )


class Programme(eqx.Module):
    """The steering law of an ascent: four numbers and the delay after the toss.

    Attributes:
        elevation: first-stage thrust above the local horizontal [rad].
        azimuth: first-stage thrust clockwise from north [rad].
        second_ignition_time: from the first ignition [s].
        second_elevation: second-stage thrust above the horizontal at mid-burn [rad].
        ignition_delay: from the release by the lander to the first ignition [s].
        schedule: elevation of the first stage over the time from ignition [rad], where it is not
            held; ``elevation`` is then that at ignition.
    """

    elevation: Scalar
    azimuth: Scalar
    second_ignition_time: Scalar
    second_elevation: Scalar
    ignition_delay: Scalar
    schedule: Table | None = None


class TargetOrbit(eqx.Module):
    """The orbit to reach, by osculating elements in the planet's equator.

    Attributes:
        apoapsis: radius [m].
        periapsis: radius [m].
        inclination: [rad].
    """

    apoapsis: Scalar
    periapsis: Scalar
    inclination: Scalar


def first_stage_direction(
    programme: Programme, local: Matrix, since_ignition: Scalar | None = None
) -> Vector:
    """The direction of thrust of the first stage, held to the local horizontal.

        u = cos E (sin A east + cos A north) + sin E up

    Args:
        programme: elevation E and azimuth A.
        local: rows east, north and up where the rocket is.
        since_ignition: where the programme has a schedule, which E follows [s].

    Returns:
        Unit vector, in the axes of the rows.
    """
    elevation = programme.elevation
    if programme.schedule is not None and since_ignition is not None:
        elevation = programme.schedule(since_ignition)
    level = jnp.cos(elevation)
    components = jnp.stack(
        [
            level * jnp.sin(programme.azimuth),
            level * jnp.cos(programme.azimuth),
            jnp.sin(elevation),
        ]
    )
    return components @ local


def second_stage_direction(
    position: Vector, velocity: Vector, gm: Scalar, half_burn: Scalar, elevation: Scalar
) -> Vector:
    """The direction of thrust of the second stage, fixed in inertial space by its spin.

    It lies in the plane of motion, ``elevation`` above the horizontal of the place where the rocket
    would be, coasting, half a burn after ignition: so the local horizontal turns from half a degree
    above it to half a degree below. The place is foreseen by a series to the third order of time:

        r + v t + g t^2/2 + g' t^3/6

    Args:
        position: at ignition [m].
        velocity: at ignition, inertial [m/s].
        gm: of the planet, as the flight computer has it [m^3/s^2].
        half_burn: half the burn time of the second stage [s].
        elevation: above that horizontal [rad].

    Returns:
        Unit vector.

    Valid: half burns short beside the period (at 12 s the place is good to millimetres, at 60 s
    to a metre).
    """
    gravity = central_gravity(position, gm)
    square = position @ position
    # Rate of change of gravity along the path.
    jerk = (
        -gm
        / (square * jnp.sqrt(square))
        * (velocity - 3.0 * (position @ velocity) / square * position)
    )
    t = half_burn
    place = position + t * (velocity + t * (gravity / 2.0 + t / 6.0 * jerk))
    motion = velocity + t * (gravity + t / 2.0 * jerk)
    up = place / jnp.sqrt(place @ place)
    level = motion - (motion @ up) * up
    forward = level / jnp.sqrt(level @ level)
    return jnp.cos(elevation) * forward + jnp.sin(elevation) * up


def launch_azimuth(latitude: Scalar, inclination: Scalar, heading: str) -> Scalar:
    """The inertial azimuth at which an orbit passes over a latitude.

        cos i = cos(latitude) sin(azimuth)

    Args:
        latitude: of the site, planetocentric [rad].
        inclination: of the orbit [rad]; one below the latitude gives due east.
        heading: ``north-east`` or ``south-east``.

    Returns:
        Azimuth clockwise from north [rad], the planet's rotation left out.
    """
    sine = jnp.clip(jnp.cos(inclination) / jnp.cos(latitude), -1.0, 1.0)
    rising = jnp.arcsin(sine)
    return rising if heading == "north-east" else jnp.pi - rising


def orbit_miss(
    position: Vector, velocity: Vector, pole: Vector, gm: Scalar, target: TargetOrbit
) -> Float[Array, "4"]:
    """By how much a state misses the target orbit, as four lengths that are smooth everywhere.

        a - a*,   a* (1 - e*/e) (e cos f, e sin f),   a* (cos i* - cos i) / sin i*

    The second pair is the eccentricity vector, seen from the radius, less the part of it that is
    wanted; where a circle is wanted both components must vanish, which is why a circle is one
    condition more than an ellipse.

    Args:
        position: at burnout [m].
        velocity: inertial [m/s].
        pole: of the planet.
        gm: of the planet [m^3/s^2].
        target: the orbit wanted.

    Returns:
        Four lengths [m].
    """
    wanted_axis = 0.5 * (target.apoapsis + target.periapsis)
    wanted_eccentricity = (target.apoapsis - target.periapsis) / (2.0 * wanted_axis)
    radius = jnp.sqrt(position @ position)
    momentum = jnp.cross(position, velocity)
    square = momentum @ momentum
    axis = 1.0 / (2.0 / radius - velocity @ velocity / gm)
    along = square / (gm * radius) - 1.0
    across = jnp.sqrt(square) * (position @ velocity) / (gm * radius)
    size = jnp.sqrt(along * along + across * across + 1e-24)
    unwanted = 1.0 - wanted_eccentricity / size
    cosine = momentum @ pole / jnp.sqrt(square)
    tilt = (jnp.cos(target.inclination) - cosine) / jnp.maximum(jnp.sin(target.inclination), 0.02)
    return jnp.stack(
        [
            axis - wanted_axis,
            wanted_axis * unwanted * along,
            wanted_axis * unwanted * across,
            wanted_axis * tilt,
        ]
    )


@dataclasses.dataclass(frozen=True)
class Aim:
    """What the search came to: the unknowns, what is left of the miss, and the turns it took."""

    unknowns: np.ndarray
    miss: np.ndarray
    turns: int


def aim(
    miss_and_slope: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    guess: np.ndarray,
    lowest: np.ndarray,
    highest: np.ndarray,
    *,
    good_enough: float = 1e-3,
    turns: int = 60,
) -> Aim:
    """Newton's method with exact slopes, damped so that it never makes the miss greater.

    The step solves (J'J + d D) s = -J'm: for d = 0 it is Newton's; as d grows it turns towards the
    steepest descent (Levenberg 1944, Marquardt 1963). Where no solution exists it comes to rest at
    the smallest miss.

    Args:
        miss_and_slope: the miss and its Jacobian at given unknowns.
        guess: where to begin.
        lowest: bounds of the unknowns.
        highest: bounds of the unknowns.
        good_enough: miss at which to stop [its unit].
        turns: evaluations allowed.

    Returns:
        The best unknowns met, and their miss.
    """
    here = np.clip(guess, lowest, highest)
    miss, slope = (np.asarray(x) for x in miss_and_slope(here))
    damping = 1e-3
    for turn in range(turns):
        size = float(miss @ miss)
        if np.sqrt(size) <= good_enough:
            return Aim(here, miss, turn)
        gradient = slope.T @ miss
        normal = slope.T @ slope
        scale = np.diag(normal) + 1e-12 * np.max(np.diag(normal))
        step = -np.linalg.solve(normal + damping * np.diag(scale), gradient)
        there = np.clip(here + step, lowest, highest)
        if np.max(np.abs(there - here) / (1.0 + np.abs(here))) < 1e-15:
            return Aim(here, miss, turn)
        new_miss, new_slope = (np.asarray(x) for x in miss_and_slope(there))
        new_size = float(new_miss @ new_miss)
        if np.isfinite(new_size) and new_size < size:
            if size - new_size < 1e-13 * size:
                return Aim(there, new_miss, turn + 1)
            here, miss, slope = there, new_miss, new_slope
            damping = max(damping * 0.1, 1e-14)
        else:
            damping = max(damping * 8.0, 1e-12)
            if damping > 1e12:
                break
    return Aim(here, miss, turns)

"""The shape of the ascender: where its parts stand, how they are off their places.

tip                                                           aft end
 |--nose--|==container==|grain two|--|=======grain one=======|--|
 |<-- stage two front                                           |
 |<------------------------- length -------------------------->|
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.table import Table
from anabasis.units import curve, quantity, whole
from anabasis.vehicles.mass_properties import (
    BurningBody,
    MassProperties,
    burning_body,
    cylinder,
    loaded_container,
    shell,
    slots,
    together,
)
from anabasis.vehicles.motor import Burning, Grain

_ASSUMED = "engineering default (docs/ascent.md)"


def _size(meaning: str, default: float, source: str = _ASSUMED) -> Any:
    return quantity(
        "m",
        meaning,
        above=0.0,
        maximum=20.0,
        default=default,
        source=source,
        confidence="published" if source != _ASSUMED else "assumed",
    )


def _off(unit: str, meaning: str, bound: float) -> Any:
    return quantity(
        unit,
        meaning,
        minimum=-bound,
        maximum=bound,
        default=0.0,
        source="as drawn",
        confidence="derived",
    )


class Airframe(eqx.Module):
    """Sizes of the rocket, and small errors of how it is put together.

    Attributes:
        length, diameter: of the stack [m].
        second_length, second_diameter, second_front: of the second stage, and the station of its
            front [m].
        container_station, container_radius: of the payload [m].
        nozzle_length_one, nozzle_length_two: from a grain's end to its nozzle's exit [m].
        centre_offset_y, centre_offset_z: of the centre of mass of the stack from its axis [m].
        second_offset_y, second_offset_z: of that of the second stage [m].
        misalignment_one_y, misalignment_one_z: of the first thrust, towards y and z [rad].
        misalignment_two_y, misalignment_two_z: of the second [rad].
        imbalance_y, imbalance_z: tilt of the second stage's principal axis [rad].
        tubes: mass of the tube in each taken slot of the container, as part of the payload; None
            where the container is an even shell [kg].
        slot_count: places for tubes.
    """

    length: Scalar = _size("length of the stack", 3.0, "SPC22: below 3 m; NG25: about 3 m")
    diameter: Scalar = _size("diameter of the stack", 0.46, "UPI22: 1.5 ft")
    second_length: Scalar = _size("length of the second stage", 0.77, "GAF")
    second_diameter: Scalar = _size("diameter of the second stage", 0.43, "GAF: forebody")
    second_front: Scalar = _size("station of the second stage's front", 0.50)
    container_station: Scalar = _size("station of the container's middle", 0.66)
    container_radius: Scalar = _size("radius of the container", 0.135)
    nozzle_length_one: Scalar = _size("from the first grain to the exit of its nozzle", 0.35)
    nozzle_length_two: Scalar = _size("from the second grain to the exit of its nozzle", 0.16)
    centre_offset_y: Scalar = _off("mm", "centre of mass of the stack off its axis, y", 100.0)
    centre_offset_z: Scalar = _off("mm", "centre of mass of the stack off its axis, z", 100.0)
    second_offset_y: Scalar = _off(
        "mm", "centre of mass of the second stage off its axis, y", 100.0
    )
    second_offset_z: Scalar = _off(
        "mm", "centre of mass of the second stage off its axis, z", 100.0
    )
    misalignment_one_y: Scalar = _off(
        "deg", "thrust of the first stage off its axis, towards y", 5.0
    )
    misalignment_one_z: Scalar = _off(
        "deg", "thrust of the first stage off its axis, towards z", 5.0
    )
    misalignment_two_y: Scalar = _off(
        "deg", "thrust of the second stage off its axis, towards y", 5.0
    )
    misalignment_two_z: Scalar = _off(
        "deg", "thrust of the second stage off its axis, towards z", 5.0
    )
    imbalance_y: Scalar = _off("mrad", "principal axis of the second stage off its axis, y", 100.0)
    imbalance_z: Scalar = _off("mrad", "principal axis of the second stage off its axis, z", 100.0)
    tubes: Table | None = curve(
        "slot",
        "",
        "kg",
        "mass of the tube in each taken slot, counted from 0; the payload holds them",
        minimum=0.0,
        maximum=10.0,
        optional=True,
    )
    slot_count: int = whole(
        "places for tubes in the container",
        minimum=1,
        maximum=1000,
        default=30,
        source="up to 30 tubes (NASA25)",
        confidence="published",
    )

    @property
    def aft(self) -> Scalar:
        """Station of the second nozzle's exit: the aft end of the second stage [m]."""
        return self.second_front + self.second_length


class StageBodies(eqx.Module):
    """The rocket as it burns: the stack with the first grain, the second stage with its own.

    Attributes:
        stack, second: round bodies.
        stack_aside, second_aside: by how much unevenly loaded tubes pull the centre of mass off
            the axis, towards y and z, at ignition [m].
        products: of inertia of the second stage by them, xy and xz [kg m^2].
    """

    stack: BurningBody
    second: BurningBody
    stack_aside: tuple[Scalar, Scalar]
    second_aside: tuple[Scalar, Scalar]
    products: tuple[Scalar, Scalar]


def stage_bodies(
    frame: Airframe,
    one: Burning,
    two: Burning,
    inert_one: Scalar,
    inert_two: Scalar,
    payload: Scalar,
    grain_one: Grain,
    grain_two: Grain,
) -> StageBodies:
    """The two bodies that fly, from their parts.

    What does not burn is spread evenly over its stage's cylinder, the container is a shell with the
    tubes in their slots; each
    grain is a tube as long as its mass and density ask for, at the aft end before its nozzle.

    Args:
        frame: sizes.
        one, two: the motors, complete.
        inert_one, inert_two: masses without propellant [kg].
        payload: [kg].
        grain_one, grain_two: shapes of the propellant.
    """
    middle = frame.second_front + 0.5 * frame.second_length
    second_shell = cylinder(inert_two, 0.5 * frame.second_diameter, frame.second_length, middle)
    container = _container(frame, payload)
    dry = together(second_shell, container)
    outer_two, bore_two, length_two = _grain(grain_two, two.propellant)
    station_two = frame.aft - frame.nozzle_length_two - 0.5 * length_two
    full_two = cylinder(two.propellant, outer_two, length_two, station_two, bore_two)
    second = burning_body(dry, full_two, outer_two, bore_two, length_two)
    rest = frame.length - frame.aft
    first_shell = cylinder(inert_one, 0.5 * frame.diameter, rest, frame.aft + 0.5 * rest)
    above = together(dry, full_two, first_shell)
    outer_one, bore_one, length_one = _grain(grain_one, one.propellant)
    station_one = frame.length - frame.nozzle_length_one - 0.5 * length_one
    full_one = cylinder(one.propellant, outer_one, length_one, station_one, bore_one)
    whole_two, whole_one = together(dry, full_two), together(above, full_one)
    return StageBodies(
        burning_body(above, full_one, outer_one, bore_one, length_one),
        second,
        (whole_one.centre[1], whole_one.centre[2]),
        (whole_two.centre[1], whole_two.centre[2]),
        (-whole_two.inertia[0, 1], -whole_two.inertia[0, 2]),
    )


def _container(frame: Airframe, payload: Scalar) -> MassProperties:
    station, radius = frame.container_station, frame.container_radius
    if frame.tubes is None:
        return shell(payload, radius, station)
    where = jnp.asarray(frame.tubes.argument).astype(jnp.int32)
    masses = jnp.asarray(frame.tubes.value)
    places = jnp.asarray(slots(frame.slot_count))[where]
    return loaded_container(payload - jnp.sum(masses), radius, station, masses, places)


def _grain(grain: Grain, mass: Scalar) -> tuple[Scalar, Scalar, Scalar]:
    """Outer radius, radius of the bore and length of a grain of this mass [m]."""
    outer = 0.5 * grain.outer_diameter
    bore = outer * (1.0 - grain.web_fraction)
    length = mass / (grain.density * jnp.pi * (outer * outer - bore * bore))
    return outer, bore, length

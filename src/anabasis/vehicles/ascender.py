"""The ascender: two stages, what they push against the air, and what they carry up."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.table import Table
from anabasis.units import curve, part, quantity, variant
from anabasis.vehicles.actuators import Actuators
from anabasis.vehicles.aerodynamics import BodyAerodynamics
from anabasis.vehicles.airframe import Airframe
from anabasis.vehicles.imu import InertialUnit
from anabasis.vehicles.motor import Burning, SolidMotor, burning


class Ascender(eqx.Module):
    """A rocket of two solid stages, as a point with drag.

    Attributes:
        payload: what is in orbit in the end besides the second stage's inert mass [kg]; None in a
            whole march, where it is the container and its tubes.
        reference_area: of the drag coefficient [m^2].
        drag_coefficient: over the Mach number, at no angle of attack.
        stage_one: the motor that leaves the ground, with all that is dropped with it.
        stage_two: the motor that makes the orbit; its inert mass stays with the payload.
        separation_lead: how long before the second ignition the first stage is dropped [s].
        airframe, aerodynamics, sensors, actuators: of the rocket as a rigid body; a rocket flown as
            a point has none.
    """

    reference_area: Scalar = quantity(
        "m2", "area the drag coefficient refers to", above=0.0, maximum=100.0
    )
    drag_coefficient: Table = curve(
        "mach", "", "", "drag coefficient over Mach number", minimum=0.0, maximum=10.0
    )
    stage_one: SolidMotor = variant("the first stage, dropped before the second is lit")
    stage_two: SolidMotor = variant("the second stage, which goes into orbit with the payload")
    payload: Scalar | None = quantity(
        "kg",
        "what the stages carry; in a whole march the container and its tubes",
        minimum=0.0,
        maximum=1e4,
        optional=True,
    )
    separation_lead: Scalar = quantity(
        "s",
        "time from dropping the first stage to lighting the second (spin-up)",
        minimum=0.0,
        maximum=600.0,
        default=10.0,
        source="engineering default (docs/conventions.md): "
        "no published timeline; matters only in air",
        confidence="assumed",
    )
    airframe: Airframe | None = part("sizes, and how parts are off their places", optional=True)
    aerodynamics: BodyAerodynamics | None = part("forces across the axis", optional=True)
    sensors: InertialUnit | None = part("the inertial unit", optional=True)
    actuators: Actuators | None = part("nozzle, thrusters, spin-up", optional=True)


class Stack(eqx.Module):
    """An ascender ready to fly: motors complete, payload known.

    The masses of every moment are sums of parts, so that a ledger of the parts closes.
    """

    reference_area: Scalar
    drag_coefficient: Table
    stage_one: Burning
    stage_two: Burning
    inert_one: Scalar
    inert_two: Scalar
    payload: Scalar
    separation_lead: Scalar

    @property
    def orbit_mass(self) -> Scalar:
        """Payload and burnt-out second stage [kg]."""
        return self.payload + self.inert_two

    @property
    def second_ignition_mass(self) -> Scalar:
        """The second stage with its propellant and the payload [kg]."""
        return self.orbit_mass + self.stage_two.propellant

    @property
    def first_burnout_mass(self) -> Scalar:
        """The same with the empty first stage still attached [kg]."""
        return self.second_ignition_mass + self.inert_one

    @property
    def lift_off_mass(self) -> Scalar:
        """Everything [kg]."""
        return self.first_burnout_mass + self.stage_one.propellant


def stacked(ascender: Ascender, payload: Scalar | None = None) -> Stack:
    """The ascender with its payload on top and its motors complete.

    Args:
        ascender: as the scenario gives it.
        payload: container and tubes [kg]; None takes the scenario's own.

    Raises:
        ValueError: where neither the scenario nor the caller says what is carried.
    """
    carried = ascender.payload if payload is None else payload
    if carried is None:
        raise ValueError("ascender.payload_kg is missing and no container is carried")
    return Stack(
        reference_area=ascender.reference_area,
        drag_coefficient=ascender.drag_coefficient,
        stage_one=burning(ascender.stage_one),
        stage_two=burning(ascender.stage_two),
        inert_one=ascender.stage_one.inert,
        inert_two=ascender.stage_two.inert,
        payload=carried,
        separation_lead=ascender.separation_lead,
    )


def ideal_delta_v(stack: Stack) -> tuple[Scalar, Scalar]:
    """What each stage would add without gravity, air or steering: c ln(m0 / m1).

    Returns:
        First and second stage [m/s].
    """
    first = stack.stage_one.exhaust_speed * jnp.log(stack.lift_off_mass / stack.first_burnout_mass)
    second = stack.stage_two.exhaust_speed * jnp.log(stack.second_ignition_mass / stack.orbit_mass)
    return first, second

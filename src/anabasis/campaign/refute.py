"""What can be refuted before anything flies: numbers that contradict each other.

What only the flight shows is an `Outcome`; this is arithmetic on the scenario's own numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from anabasis.campaign.bad_input import BadInput
from anabasis.units import STANDARD_GRAVITY


def refute(values: Mapping[str, Any], file: str) -> None:
    """Raise for the first contradiction between the numbers of a scenario.

    Args:
        values: checked tables as they stand at the wall.
        file: named in the error.

    Raises:
        BadInput: naming the two numbers that cannot both hold.
    """
    for vehicle in ("capsule", "return_capsule"):
        _refute_capsule(values.get(vehicle), vehicle, file)
    _refute_ascender(values, file)
    _refute_dispersions(values, file)


def _refute_capsule(capsule: Any, vehicle: str, file: str) -> None:
    if not isinstance(capsule, Mapping):
        return
    del vehicle, file


def _refute_ascender(values: Mapping[str, Any], file: str) -> None:
    ascender = values.get("ascender")
    if not isinstance(ascender, Mapping):
        return
    mass = float(ascender.get("payload_kg") or 0.0)
    ideal = 0.0
    for stage in ("stage_two", "stage_one"):
        motor = ascender.get(stage)
        if not isinstance(motor, Mapping):
            return
        propellant, exhaust = _propellant_and_exhaust(motor)
        if propellant is None or exhaust is None:
            return
        empty = mass + float(motor.get("inert_kg") or 0.0)
        if empty <= 0.0:
            raise BadInput(
                "a stage without any dry mass above it",
                file=file,
                key=f"ascender.{stage}.inert_kg",
                value=motor.get("inert_kg"),
                hint="give inert_kg or payload_kg",
            )
        ideal += exhaust * math.log((empty + propellant) / empty)
        mass = empty + propellant
    lift_off = ascender.get("lift_off_kg")
    if lift_off is not None and abs(float(lift_off) - mass) > 1e-6 * mass:
        raise BadInput(
            f"the parts of the ascender weigh {mass:.3f} kg",
            file=file,
            key="ascender.lift_off_kg",
            value=lift_off,
            hint="leave it out, or correct the stages",
        )
    ascent = values.get("ascent")
    target = ascent.get("target") if isinstance(ascent, Mapping) else None
    if not isinstance(target, Mapping) or "periapsis_km" not in target:
        return
    steering = ascent.get("steering") if isinstance(ascent, Mapping) else None
    if isinstance(steering, Mapping) and steering.get("kind") == "fixed":
        return
    planet = values.get("planet", {}).get("mars", {})
    gm = float(planet.get("gm_km3_s2", 42828.372854)) * 1e9
    radius = float(planet.get("radius_km", 3396.19)) * 1e3
    spin = float(planet.get("spin_rad_s", 7.0882181e-5))
    periapsis = radius + float(target["periapsis_km"]) * 1e3
    needed = math.sqrt(gm / periapsis) - spin * radius
    if ideal < needed:
        raise BadInput(
            f"the stages' ideal delta-v is {ideal:.0f} m/s, the target needs more than "
            f"{needed:.0f} m/s",
            file=file,
            key="ascent.target.periapsis_km",
            value=target["periapsis_km"],
            hint="a lower orbit, more propellant, or less payload",
        )


def _propellant_and_exhaust(motor: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Propellant [kg] and exhaust speed [m/s] from whichever three of four are given."""
    propellant = motor.get("propellant_kg")
    thrust = motor.get("thrust_kN")
    time = motor.get("burn_time_s")
    impulse = motor.get("specific_impulse_s")
    exhaust = None if impulse is None else float(impulse) * STANDARD_GRAVITY
    if propellant is None and None not in (thrust, time, exhaust):
        propellant = float(thrust) * 1e3 * float(time) / float(exhaust or 1.0)  # pyright: ignore[reportArgumentType]
    if exhaust is None and None not in (thrust, time, propellant):
        exhaust = float(thrust) * 1e3 * float(time) / float(propellant or 1.0)  # pyright: ignore[reportArgumentType]
    return (None if propellant is None else float(propellant)), exhaust


def _refute_dispersions(values: Mapping[str, Any], file: str) -> None:
    for index, row in enumerate(values.get("dispersion", [])):
        key = f"dispersion.{index}"
        low, high = row.get("low"), row.get("high")
        if low is not None and high is not None and low >= high:
            raise BadInput(
                f"low is not below high ({high:g})",
                file=file,
                key=f"{key}.low",
                value=low,
                hint="swap them",
            )
        if row.get("distribution") == "normal" and ("sigma" in row) == ("sigma_percent" in row):
            raise BadInput(
                "a normal distribution has one sigma",
                file=file,
                key=f"{key}.sigma",
                allowed="exactly one of sigma, sigma_percent",
                hint="give one",
            )

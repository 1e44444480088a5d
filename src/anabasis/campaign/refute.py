"""What can be refuted before anything flies: numbers that contradict each other.

What only the flight shows is an `Outcome`; this is arithmetic on the scenario's own numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.orders.cache import WEIGHTS, refute_names
from anabasis.units import STANDARD_GRAVITY
from anabasis.vehicles.tube import all_tubes

LEAST_EXHAUST, GREATEST_EXHAUST = 50.0 * STANDARD_GRAVITY, 500.0 * STANDARD_GRAVITY
"""Exhaust speeds between which chemical motors lie [m/s]: cold gas to hydrogen."""
ROUNDING = 1e-6
"""Relative: by how much two sums of the same masses may differ."""


def refute(values: Mapping[str, Any], file: str) -> None:
    """Raise for the first contradiction between the numbers of a scenario.

    Args:
        values: checked tables as they stand at the wall.
        file: named in the error.

    Raises:
        BadInput: naming the two numbers that cannot both hold.
    """
    _refute_trigger(values, file)
    _refute_lander(values, file)
    _refute_cargo(values, file)
    _refute_orbiter(values, file)
    _refute_ascender(values, file)
    _refute_surface(values, file)
    _refute_cache(values, file)
    _refute_dispersions(values, file)
    _refute_air_files(values, file)


def _refute_air_files(values: Mapping[str, Any], file: str) -> None:
    """A column of air of one's own must be one."""
    for name, planet in (values.get("planet") or {}).items():
        path = planet.get("air_file") if isinstance(planet, Mapping) else None
        if path is None:
            continue
        from anabasis.worlds.column import BadColumn, read_column

        try:
            read_column(path)
        except BadColumn as failure:
            raise BadInput(
                f"the file {failure}",
                file=file,
                key=f"planet.{name}.air_file",
                value=path,
                hint="see docs/landing.md for an example",
            ) from None


def _refute_trigger(values: Mapping[str, Any], file: str) -> None:
    """A parachute that waits for a distance to the target needs a target."""
    trigger = values.get("parachute", {}).get("trigger", {})
    entry = values.get("entry", {})
    if "range_to_target_km" in trigger and "target" not in entry:
        raise BadInput(
            "the parachute waits for a distance to a target, and the entry has none",
            file=file,
            key="parachute.trigger.range_to_target_km",
            value=trigger["range_to_target_km"],
            hint="add [entry.target], or another trigger",
        )


def _refute_lander(values: Mapping[str, Any], file: str) -> None:
    """What enters and what lands are one machine: their masses must say the same."""
    capsule, lander = values.get("capsule"), values.get("lander")
    if not isinstance(capsule, Mapping) or not isinstance(lander, Mapping):
        return
    names = ("dry_kg", "propellant_kg", "backshell_kg", "heat_shield_kg", "ballast_kg")
    parts = sum(float(lander[name]) for name in names)
    mass = float(capsule["mass_kg"])
    if abs(parts - mass) > ROUNDING * mass:
        raise BadInput(
            f"the parts of the lander weigh {parts:.10g} kg at the entry interface",
            file=file,
            key="capsule.mass_kg",
            value=capsule["mass_kg"],
            hint="make it the sum of lander." + ", ".join(names),
        )


def _refute_surface(values: Mapping[str, Any], file: str) -> None:
    """Tubes on the ground need somebody who fetches them; a stop is no shorter than its least."""
    surface = values.get("surface")
    if not isinstance(surface, Mapping):
        return
    if surface.get("cache") == "depot" and "fetch" not in surface:
        raise BadInput(
            "nobody fetches the tubes of the depot: the rover cannot pick them up",
            file=file,
            key="surface.cache",
            value="depot",
            hint="add [surface.fetch]",
        )
    ground = surface.get("ground")
    if isinstance(ground, Mapping):
        lengths = {name: len(ground[name]) for name in ground}
        if len(set(lengths.values())) != 1 or min(lengths.values()) < 2:
            raise BadInput(
                "the columns of the path differ in length, or hold fewer than two places",
                file=file,
                key="surface.ground",
                value=", ".join(f"{name} {count}" for name, count in lengths.items()),
                hint="as many latitudes as longitudes and heights, two or more",
            )
    least, most = surface.get("fault_least_sol"), surface.get("fault_most_sol")
    if least is not None and most is not None and float(most) < float(least):
        raise BadInput(
            "the longest stop is shorter than the shortest",
            file=file,
            key="surface.fault_most_sol",
            value=most,
            allowed=f"at least {float(least):g} sol",
        )


def _refute_cache(values: Mapping[str, Any], file: str) -> None:
    """Weights that weigh nothing, tubes named twice or unknown, more places than tubes."""
    cache, container = values.get("cache"), values.get("container")
    count = len(all_tubes())
    if isinstance(container, Mapping) and "surface" in values:
        slots = int(container.get("slot_count", count))
        if slots > count:
            raise BadInput(
                "more places than there are tubes",
                file=file,
                key="container.slot_count",
                value=slots,
                allowed=f"1 to {count}",
            )
    if not isinstance(cache, Mapping):
        return
    if not any(float(cache.get(name, 1.0)) for name in WEIGHTS):
        raise BadInput(
            "the weights are all zero: no set is better than another",
            file=file,
            key="cache",
            allowed="at least one above 0",
            hint="weigh something",
        )
    refute_names({key: tuple(cache.get(key) or ()) for key in ("require", "exclude")}, file)


def _refute_cargo(values: Mapping[str, Any], file: str) -> None:
    """The rocket that lifts off is the one that was landed: platform, rocket, container add up."""
    lander, ascender = values.get("lander"), values.get("ascender")
    if not isinstance(lander, Mapping) or lander.get("platform_kg") is None:
        return
    if not isinstance(ascender, Mapping):
        raise BadInput(
            "the lander is told apart from its ascender, and there is none",
            file=file,
            key="lander.platform_kg",
            value=lander["platform_kg"],
            hint="add [ascender], or leave platform_kg out",
        )
    rocket = sum(
        float(ascender[stage][part])
        for stage in ("stage_one", "stage_two")
        for part in ("propellant_kg", "inert_kg")
    )
    container = values.get("container")
    empty = float(container["mass_kg"]) if isinstance(container, Mapping) else 0.0
    whole = float(lander["platform_kg"]) + rocket + empty
    if abs(whole - float(lander["dry_kg"])) > 1.0:
        raise BadInput(
            f"platform, ascender ({rocket:.2f} kg without payload) and container ({empty:.2f} kg) "
            f"weigh {whole:.2f} kg together",
            file=file,
            key="lander.dry_kg",
            value=lander["dry_kg"],
            allowed="their sum, within 1 kg",
            hint="change lander.platform_kg with the ascender",
        )


def _refute_orbiter(values: Mapping[str, Any], file: str) -> None:
    orbiter = values.get("orbiter")
    if not isinstance(orbiter, Mapping):
        return
    names = (
        "chemical_propellant_kg",
        "module_dry_kg",
        "xenon_kg",
        "hydrazine_kg",
        "capture_hardware_kg",
    )
    capsule = values.get("return_capsule")
    carried = float(capsule["mass_kg"]) if isinstance(capsule, Mapping) else 0.0
    parts = carried + sum(float(orbiter.get(name) or 0.0) for name in names)
    if parts >= float(orbiter["launch_mass_kg"]):
        raise BadInput(
            f"what it carries weighs {parts:.10g} kg already",
            file=file,
            key="orbiter.launch_mass_kg",
            value=orbiter["launch_mass_kg"],
            hint="a heavier orbiter, or less of " + ", ".join(names),
        )


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
        _refute_curve(motor, f"ascender.{stage}.grain.thrust_curve_kN", file)
        propellant, exhaust = _propellant_and_exhaust(motor)
        if propellant is None or exhaust is None:
            return
        if not propellant * LEAST_EXHAUST <= exhaust * propellant <= propellant * GREATEST_EXHAUST:
            raise BadInput(
                "propellant, thrust and burn time imply a specific impulse of "
                f"{exhaust / STANDARD_GRAVITY:.4g} s",
                file=file,
                key=f"ascender.{stage}.propellant_kg",
                value=propellant,
                allowed=f"{LEAST_EXHAUST / STANDARD_GRAVITY:.0f} to "
                f"{GREATEST_EXHAUST / STANDARD_GRAVITY:.0f} s for a chemical motor",
                hint="one of the three does not belong to the others",
            )
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
    ascent = values.get("ascent")
    target = ascent.get("target") if isinstance(ascent, Mapping) else None
    if not isinstance(target, Mapping) or "periapsis_km" not in target:
        return
    steering = ascent.get("steering") if isinstance(ascent, Mapping) else None
    if isinstance(steering, Mapping) and steering.get("kind") != "solved":
        return  # it aims at nothing: where it ends is an outcome
    planet = values.get("planet", {}).get("mars", {})
    gm = float(planet.get("gm_km3_s2", 42828.372854)) * 1e9
    radius = float(planet.get("radius_km", 3396.19)) * 1e3
    base = float(planet.get("apsis_radius_km", 3396.19)) * 1e3
    spin = float(planet.get("spin_rad_s", 7.0882181e-5))
    # all of it at once on the ground, where a push buys the most energy: no rocket does better
    size = base + 0.5e3 * (float(target["apoapsis_km"]) + float(target["periapsis_km"]))
    needed = math.sqrt(gm * (2.0 / radius - 1.0 / size)) - spin * radius
    if ideal < needed:
        raise BadInput(
            f"the stages' ideal delta-v is {ideal:.0f} m/s, the target needs more than "
            f"{needed:.0f} m/s",
            file=file,
            key="ascent.target.apoapsis_km",
            value=target["apoapsis_km"],
            hint="a lower orbit, more propellant, or less payload",
        )


def _refute_curve(motor: Mapping[str, Any], key: str, file: str) -> None:
    """A motor's curve begins at its ignition and pushes at some time."""
    grain = motor.get("grain")
    curve = grain.get("thrust_curve_kN") if isinstance(grain, Mapping) else None
    if not isinstance(curve, Mapping):
        return
    times, thrusts = curve["time_s"], curve["value"]
    if float(times[0]) != 0.0:
        raise BadInput(
            "a thrust curve begins at the ignition",
            file=file,
            key=f"{key}.time_s",
            value=times[0],
            allowed="a first time of 0 s",
            hint="count from the ignition",
        )
    if max(float(thrust) for thrust in thrusts) <= 0.0:
        raise BadInput(
            "a motor that never pushes",
            file=file,
            key=f"{key}.value",
            value=thrusts[0],
            allowed="a thrust above 0 kN at some time",
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

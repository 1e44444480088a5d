"""What a campaign orders of an entry: where it starts, what it is aimed at, how it is banked.

The same table serves ``[entry]`` and ``[arrival]``; the planet tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.limits import Limit, at_least, at_most
from anabasis.campaign.orders import guided_entry
from anabasis.campaign.orders.delivery import Delivery
from anabasis.guidance.apollo import EntryLaw, GuidedBank, PredictorBank
from anabasis.guidance.bank import (
    BankProgramme,
    ConstantBank,
    RangedBank,
    ScheduledBank,
    programme,
)
from anabasis.mechanics.arrays import Scalar, Vector
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.phases.entry import enter
from anabasis.units import choice, date, part, quantity, variant
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.knowledge import Knowledge
from anabasis.vehicles.parachute import Parachute
from anabasis.worlds.local import enu, velocity_from_angles
from anabasis.worlds.place import Place
from anabasis.worlds.world import World

_BANKS = (0.0, np.pi / 2.0)
"""Banks between which one is sought for a range [rad]: lift up flies far, lift sideways less."""
_RANGE_TOLERANCE = 0.1
"""How near the range must come [m]."""

UTAH_REACH = 22.0
"""How far from the aim the Utah range still is [km]: the lesser half axis of Stardust's ellipse."""


class EntryStart(eqx.Module):
    """Where an entry starts: a place, a speed and two angles, or two vectors in J2000 axes."""

    axes: str = choice(
        "what speed, flight-path angle and azimuth refer to",
        ("inertial", "planet"),
        default="inertial",
    )
    radius: Scalar | None = quantity("km", "distance from the centre", above=0.0, optional=True)
    altitude: Scalar | None = quantity("km", "above the ellipsoid", optional=True)
    height: Scalar | None = quantity("km", "above the areoid or geoid", optional=True)
    latitude: Scalar | None = quantity(
        "deg", "planetocentric latitude", minimum=-90.0, maximum=90.0, optional=True
    )
    longitude: Scalar = quantity(
        "deg",
        "east longitude",
        minimum=-360.0,
        maximum=360.0,
        default=0.0,
        source="engineering default (docs/conventions.md): all but the areoid is round",
        confidence="assumed",
    )
    speed: Scalar | None = quantity("m_s", "speed", above=0.0, maximum=1e5, optional=True)
    flight_path_angle: Scalar | None = quantity(
        "deg", "above the horizontal", minimum=-90.0, maximum=90.0, optional=True
    )
    azimuth: Scalar | None = quantity(
        "deg", "clockwise from north", minimum=-360.0, maximum=360.0, optional=True
    )
    position: Vector | None = quantity(
        "km", "position about the planet, J2000 axes", count=3, optional=True
    )
    velocity: Vector | None = quantity(
        "km_s", "velocity about the planet, J2000 axes", count=3, optional=True
    )

    exactly: ClassVar[tuple[tuple[int, tuple[str, ...]], ...]] = (
        (1, ("radius", "altitude", "height", "position")),
        (1, ("latitude", "position")),
        (1, ("speed", "velocity")),
        (1, ("flight_path_angle", "velocity")),
        (1, ("azimuth", "velocity")),
    )


class EntryOrders(eqx.Module):
    """One entry: at which planet, from where, towards what, with which bank."""

    planet: str = choice("which planet", ("mars", "earth"), default="mars")
    epoch: Scalar | None = date("of the start; needed where the start is given here", optional=True)
    interface_radius: Scalar | None = quantity(
        "km",
        "radius of the entry interface, from which figures count; absent: the start",
        above=0.0,
        optional=True,
    )
    start: EntryStart | None = part("where it starts, if nothing hands it on", optional=True)
    target: Place | None = part("what it is aimed at, and the level of the ground", optional=True)
    bank: ConstantBank | ScheduledBank | RangedBank | GuidedBank | PredictorBank | None = variant(
        "the bank; absent: lift up, or none without lift", optional=True
    )
    knowledge: Knowledge | None = part(
        "how wrong navigation is at the interface; with a guided bank", optional=True
    )
    delivery: Delivery | None = part("how far off its aim it is delivered", optional=True)


def start_of(orders: EntryOrders, capsule: Capsule, world: World) -> PointState:
    """The state an entry starts from by its own table.

    Raises:
        BadInput: without a start or without an epoch.
    """
    table = "arrival" if orders.planet == "earth" else "entry"
    if orders.start is None:
        raise BadInput("this entry has no start", key=f"{table}.start", hint=f"add [{table}.start]")
    if orders.epoch is None:
        raise BadInput(
            "a start needs its epoch", key=f"{table}.epoch", hint="add epoch = a date-time"
        )
    start, epoch = orders.start, orders.epoch
    if start.position is not None:
        assert start.velocity is not None
        return PointState(epoch, start.position, start.velocity, capsule.mass, orders.planet)
    assert start.latitude is not None
    assert start.speed is not None
    assert start.flight_path_angle is not None
    assert start.azimuth is not None
    radius = start.radius
    if radius is None:
        radius = world.radius_of(
            start.latitude, start.longitude, altitude=start.altitude, height=start.height
        )
    position = world.position_at(epoch, start.latitude, start.longitude, radius)
    velocity = velocity_from_angles(
        start.speed, start.flight_path_angle, start.azimuth, enu(world, epoch, position)
    )
    if start.axes == "planet":
        velocity = world.inertial_from_planet(epoch, position, velocity)
    return PointState(epoch, position, velocity, capsule.mass, orders.planet)


def plan(
    orders: EntryOrders,
    start: PointState,
    capsule: Capsule,
    parachute: Parachute | None,
    world: World,
) -> BankProgramme | EntryLaw:
    """Settle the bank of the nominal entry, once.

    A bank with a range is solved by flying the entry again and again. Of the ranges that lift up
    and lift sideways bracket, the one asked for is found to a metre; a range beyond them gets the
    nearest of the two, and the figure ``range_km`` shows it.
    """
    bank = orders.bank
    if bank is None:
        return programme(ConstantBank(np.asarray(0.0)))
    if isinstance(bank, EntryLaw):
        return guided_entry.plan(bank, orders.target, parachute)
    if isinstance(bank, ScheduledBank):
        _check_schedule(bank, "arrival" if orders.planet == "earth" else "entry")
    if not isinstance(bank, RangedBank):
        return programme(bank)

    def excess(angle: float) -> float:
        law = programme(bank, np.asarray(angle))
        # with its track, as the march flies it: one program serves both
        flight = fly(orders, start, capsule, parachute, law, world, track=True)
        return float(flight.figures["range"]) - float(bank.range)

    low, high = _BANKS
    far, near = excess(low), excess(high)
    if far <= 0.0 or near >= 0.0:
        return programme(bank, np.asarray(low if far <= 0.0 else high))
    found = low
    for _ in range(40):  # regula falsi, Illinois: both ends close in
        found = low + far * (high - low) / (far - near)
        value = excess(found)
        if abs(value) < _RANGE_TOLERANCE:
            break
        if value > 0.0:
            low, far, near = found, value, 0.5 * near
        else:
            high, near, far = found, value, 0.5 * far
    return programme(bank, np.asarray(found))


def _check_schedule(bank: ScheduledBank, table: str) -> None:
    speeds, angles = np.atleast_1d(bank.relative_speed), np.atleast_1d(bank.bank)
    if speeds.shape != angles.shape:
        raise BadInput(
            f"{speeds.size} speeds but {angles.size} banks",
            key=f"{table}.bank.bank_deg",
            hint="give as many banks as speeds",
        )
    for name, values in (
        ("relative_speed_m_s", speeds),
        (
            "reversal_time_s",
            np.atleast_1d(np.zeros(0) if bank.reversal_time is None else bank.reversal_time),
        ),
    ):
        if np.any(np.diff(values) <= 0.0):
            raise BadInput(
                "the values do not increase", key=f"{table}.bank.{name}", hint="sort them"
            )


def fly(
    orders: EntryOrders,
    start: PointState,
    capsule: Capsule,
    parachute: Parachute | None,
    law: BankProgramme | EntryLaw,
    world: World,
    *,
    track: bool = False,
) -> Flight:
    """Fly an entry with its plan held."""
    if isinstance(law, EntryLaw):
        return guided_entry.fly(
            law,
            start,
            capsule,
            parachute,
            world,
            orders.interface_radius,
            orders.target,
            orders.knowledge,
            track=track,
        )
    return enter(
        start,
        capsule,
        None if parachute is None else parachute.trigger,
        law,
        world,
        orders.interface_radius,
        orders.target,
        track=track,
    )


def limits(figures: Mapping[str, float], orders: EntryOrders) -> list[Limit]:
    """The limits on an entry: the parachute's envelope, or the range in Utah.

    Args:
        figures: by their names at the walls.
        orders: the entry's table.
    """
    broken: list[Limit] = []
    if orders.planet == "mars" and "parachute_deploy_mach" in figures:
        box = "study box of disk-gap-band parachutes (NO); qualified to Mach 2.2, 750 Pa (SEN)"
        mach, pressure = "parachute_deploy_mach", "parachute_deploy_dynamic_pressure_Pa"
        height = "parachute_deploy_height_km"
        broken += [
            at_most(figures, "parachute not too fast", mach, 2.2, "", box, "published"),
            at_least(figures, "parachute not too slow", mach, 1.4, "", box, "published"),
            at_most(figures, "parachute not too loaded", pressure, 750.0, "Pa", box, "published"),
            at_least(figures, "parachute fills", pressure, 300.0, "Pa", box, "published"),
            at_least(figures, "parachute high enough", height, 6.0, "km", box, "published"),
        ]
    if orders.planet == "earth" and "impact_latitude_deg" in figures and orders.target is not None:
        broken.append(
            at_most(
                figures,
                "capsule inside the Utah range",
                "impact_miss_km",
                UTAH_REACH,
                "km",
                "lesser half axis of Stardust's ellipse in the range, 76 by 44 km (recalled)",
                "assumed",
            )
        )
    return broken

"""What a campaign orders of a landing: when the parts let go and how the engines bring it down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.limits import Limit, at_least, at_most
from anabasis.campaign.orders import entry as entries
from anabasis.campaign.orders.entry import EntryOrders, EntryStart
from anabasis.guidance.apollo import EntryLaw
from anabasis.guidance.bank import BankProgramme
from anabasis.guidance.descent import Descent
from anabasis.guidance.divert import Divert
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.phases.guided_landing import land_guided
from anabasis.phases.landing import Separations, land
from anabasis.units import date, part, quantity
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.lander import Lander
from anabasis.vehicles.map_sight import MapSight
from anabasis.vehicles.parachute import Parachute
from anabasis.worlds.hazards import Hazards
from anabasis.worlds.local import place_below
from anabasis.worlds.place import Place
from anabasis.worlds.world import World

PARACHUTE_FORCE = 222.0
"""Flight limit of the Mars 2020 parachute [kN]."""


class LandingOrders(eqx.Module):
    """One landing: separations and the powered descent. Its target is that of the entry."""

    descent: Descent = part("the powered descent")
    divert: Divert | None = part(
        "the divert to a place near the target; absent: straight down", optional=True
    )
    map_sight: MapSight | None = part(
        "what the lander knows of its place; with a divert", optional=True
    )
    hazards: Hazards | None = part("places to stay off; with a divert", optional=True)
    epoch: Scalar | None = date("of the start, where the landing is flown alone", optional=True)
    start: EntryStart | None = part("where it starts, if no entry hands it on", optional=True)
    heat_shield_delay: Scalar | None = quantity(
        "s", "from the mortar to the heat shield's separation", minimum=0.0, optional=True
    )
    heat_shield_mach: Scalar | None = quantity(
        "", "Mach number at which the heat shield goes", above=0.0, optional=True
    )
    backshell_clearance: Scalar | None = quantity(
        "m", "clearance at which backshell and parachute go", minimum=0.0, optional=True
    )
    backshell_relative_speed: Scalar | None = quantity(
        "m_s", "speed at which backshell and parachute go", above=0.0, optional=True
    )
    ignition_delay: Scalar = quantity(
        "s",
        "free fall between backshell separation and engines",
        minimum=0.0,
        maximum=20.0,
        default=1.04,
        source="KW: backshell at 357.299 s, engines at 358.335 s",
        confidence="published",
    )

    exactly: ClassVar[tuple[tuple[int, tuple[str, ...]], ...]] = (
        (1, ("heat_shield_delay", "heat_shield_mach")),
        (1, ("backshell_clearance", "backshell_relative_speed")),
    )


def start_of(orders: LandingOrders, capsule: Capsule, world: World) -> PointState:
    """The state a landing alone starts from: the moment of the mortar.

    Raises:
        BadInput: without a start or without an epoch.
    """
    if orders.start is None or orders.epoch is None:
        missing = "start" if orders.start is None else "epoch"
        raise BadInput(
            "a landing without an entry before it needs this",
            key=f"landing.{missing}",
            hint=f"add landing.{missing}, or fly entry before",
        )
    alone = EntryOrders(planet="mars", epoch=orders.epoch, start=orders.start)
    return entries.start_of(alone, capsule, world)


def fly(
    orders: LandingOrders,
    start: PointState,
    capsule: Capsule,
    parachute: Parachute,
    lander: Lander,
    world: World,
    target: Place | None,
    interface_epoch: Scalar | None,
    *,
    track: bool = False,
) -> Flight:
    """Fly a landing; nothing has to be solved beforehand."""
    legs, rates = np.shape(orders.descent.clearance), np.shape(orders.descent.sink_rate)
    if legs != rates:
        raise BadInput(
            f"{legs[0]} clearances but {rates[0]} sink rates",
            key="landing.descent.sink_rate_m_s",
            hint="give one sink rate for each leg",
        )
    when = Separations(
        orders.heat_shield_delay,
        orders.heat_shield_mach,
        orders.backshell_clearance,
        orders.backshell_relative_speed,
        orders.ignition_delay,
    )
    if orders.divert is not None:
        if target is None:
            raise BadInput("a divert needs a target", key="entry.target", hint="add [entry.target]")
        return land_guided(
            start,
            capsule,
            parachute,
            lander,
            when,
            orders.descent,
            orders.divert,
            orders.map_sight or default_sight(),
            orders.hazards,
            world,
            target,
            interface_epoch,
            track=track,
        )
    return land(
        start,
        capsule,
        parachute,
        lander,
        when,
        orders.descent,
        world,
        target,
        interface_epoch,
        track=track,
    )


def default_sight() -> MapSight:
    """A lander that knows its place without error."""
    none = np.asarray(0.0)
    return MapSight(none, none, none, none, none, none, none)


def limits(figures: Mapping[str, float], lander: Lander) -> list[Limit]:
    """The limits on a landing: the parachute's pull, the legs, the propellant.

    Args:
        figures: by their names at the walls.
        lander: whose legs and tanks are meant.
    """
    legs = "lander's table"
    left = float(lander.propellant) - figures["propellant_kg"]
    down, across = "touchdown_vertical_speed_m_s", "touchdown_horizontal_speed_m_s"
    return [
        at_most(
            figures,
            "parachute not torn",
            "parachute_peak_force_kN",
            PARACHUTE_FORCE,
            "kN",
            "flight limit of Mars 2020 (OC)",
            "published",
        ),
        at_most(
            figures,
            "touchdown soft",
            down,
            float(lander.touchdown_vertical_limit),
            "m_s",
            legs,
            "assumed",
        ),
        at_most(
            figures,
            "touchdown straight",
            across,
            float(lander.touchdown_horizontal_limit),
            "m_s",
            legs,
            "assumed",
        ),
        at_least(
            {"propellant_left_kg": left},
            "descent propellant left",
            "propellant_left_kg",
            0.0,
            "kg",
            "what the lander was loaded with",
            "assumed",
        ),
    ]


def landing_point(
    state: PointState,
    entry: EntryOrders,
    capsule: Capsule,
    parachute: Parachute | None,
    law: BankProgramme | EntryLaw,
    world: World,
    landing: LandingOrders | None,
    lander: Lander | None,
) -> tuple[Scalar, Scalar]:
    """Where an entry state comes down: planetocentric latitude and east longitude [rad].

    Flies the entry, and the landing where there is one. Given arrays it answers with arrays, and
    forward derivatives pass through both flights; the two programmes are those the phases use, so
    a plan that asks many times compiles nothing more.

    Args:
        state: at or above the entry interface.
        entry: the entry's table.
        capsule: what enters.
        parachute: None for a fall to the ground.
        law: the bank, settled.
        world: the planet.
        landing: the landing's table; None ends at the parachute or the ground.
        lander: what lands; with ``landing``.
    """
    # with their tracks, as the march flies them: one program serves both
    flight = entries.fly(entry, state, capsule, parachute, law, world, track=True)
    if landing is not None and lander is not None and parachute is not None:
        interface = flight.events["entry_interface"]
        flight = fly(
            landing,
            flight.end,
            capsule,
            parachute,
            lander,
            world,
            entry.target,
            interface,
            track=True,
        )
        return flight.figures["latitude"], flight.figures["longitude"]
    return place_below(world, flight.end.epoch, flight.end.position)

"""Orders for the choice of tubes: the ``[cache]`` table, its weights and its prices."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.orders.surface import SurfaceOrders
from anabasis.mechanics.arrays import Scalar
from anabasis.units import SOL, quantity, texts
from anabasis.vehicles.rover import Rover
from anabasis.vehicles.traverse import distance
from anabasis.vehicles.tube import (
    DEPOT_LATITUDE_DEG,
    DEPOT_LONGITUDE_DEG,
    UnknownTube,
    all_tubes,
    find,
)

_WEIGHT = (
    "engineering default (docs/tubes.md): no score per tube is published; equal objectives, life "
    "and geology by sub-objective"
)
_PRICE = "engineering default (docs/tubes.md): no published figure"


WEIGHTS = (
    "geology",
    "life",
    "chronology",
    "volatiles",
    "interior",
    "hazards",
    "resources",
    "rock",
    "age",
    "environment",
    "sample",
)
"""The weights of the ``[cache]`` table; with all of them zero no set is better than another."""


def _weight(meaning: str, default: float) -> Any:
    return quantity("", meaning, minimum=0.0, maximum=1000.0, default=default, source=_WEIGHT)


class CacheOrders(eqx.Module):
    """The ``[cache]`` table: what the choice of tubes is worth, and what it costs.

    Attributes:
        geology, life, chronology, volatiles, interior, hazards, resources: weight of each
            objective of iMOST; geology and life count once per sub-objective.
        depth: weight of a second and third witness to an objective, as a share of the first.
        rock, age, environment: weight of each kind of rock, age and environment once.
        sample: weight of a kilogram of sample.
        pair_share: what the second tube of a pair still adds.
        unsealed_price: what taking an open tube costs.
        witness_count: witness tubes that must come, as far as there are any.
        time_allowed: from touchdown to lift-off [s, whole sols].
        lead: from the rover's turning back to touchdown [s, whole sols].
        require, exclude: ids or names of tubes that must, or must not, come.
    """

    geology: Scalar = _weight("weight of each sub-objective of geology", 1.0)
    life: Scalar = _weight("weight of each sub-objective of life", 1.0)
    chronology: Scalar = _weight("weight of ages", 1.0)
    volatiles: Scalar = _weight("weight of volatiles", 1.0)
    interior: Scalar = _weight("weight of the interior", 1.0)
    hazards: Scalar = _weight("weight of hazards to people", 1.0)
    resources: Scalar = _weight("weight of resources", 1.0)
    depth: Scalar = quantity(
        "",
        "worth of a second and third witness to an objective, as a share of the first",
        minimum=0.0,
        maximum=1.0,
        default=0.3,
        source=_WEIGHT,
    )
    rock: Scalar = _weight("weight of each kind of rock", 0.5)
    age: Scalar = _weight("weight of each age", 0.5)
    environment: Scalar = _weight("weight of each environment", 0.5)
    sample: Scalar = _weight("weight of a kilogram of sample", 2.0)
    pair_share: Scalar = quantity(
        "",
        "what the second tube of a pair still adds",
        minimum=0.0,
        maximum=1.0,
        default=0.25,
        source=_PRICE,
    )
    unsealed_price: Scalar = quantity(
        "",
        "price of taking an open tube",
        minimum=0.0,
        maximum=1000.0,
        default=0.5,
        source=_PRICE,
    )
    witness_count: Scalar = quantity(
        "",
        "witness tubes that must come",
        minimum=0.0,
        maximum=5.0,
        default=2.0,
        source=f"{_PRICE}: one before and one beside the samples tell what came from Earth",
    )
    time_allowed: Scalar = quantity(
        "sol",
        "from touchdown to lift-off",
        above=0.0,
        maximum=4000.0,
        default=299.0,
        source="sols 2309 to 2608 of the flown march february-2022",
        confidence="derived",
    )
    lead: Scalar = quantity(
        "sol",
        "from the rover's turning back to touchdown",
        minimum=0.0,
        maximum=4000.0,
        default=284.0,
        source="launch on 2026-10-31, touchdown on 2027-08-19 in the flown march february-2022",
        confidence="derived",
    )
    require: tuple[str, ...] | None = texts("ids or names of tubes that must come")
    exclude: tuple[str, ...] | None = texts("ids or names of tubes that must stay")


@dataclasses.dataclass(frozen=True)
class InTime:
    """What can be aboard by lift-off, and why.

    Attributes:
        drive: sols that the rover drives, from where it was last seen to the lander.
        arrival: sol after touchdown on which it stands there.
        by_arm: tubes that the arm can load at all.
        from_rover: of the rover's tubes, how many in the sols left after its arrival.
        from_depot: of the depot's tubes, how many are brought.
        why_not: a sentence where no tube can be aboard, else empty.
    """

    drive: int
    arrival: int
    by_arm: int
    from_rover: int
    from_depot: int
    why_not: str


def in_time(
    orders: CacheOrders,
    surface: SurfaceOrders,
    rover: Rover,
    latitude: float,
    longitude: float,
) -> InTime:
    """What can be aboard by lift-off: the rover drives, the arm loads, the rest is check-out.

    The way is the straight line times the path ratio, without faults and silence: an upper bound
    on what can be had.

    Args:
        orders: the ``[cache]`` table.
        surface: the ``[surface]`` table.
        rover: where it was last seen, and how far it drives.
        latitude, longitude: of the lander [rad].
    """
    here = (math.degrees(float(rover.latitude)), math.degrees(float(rover.longitude)))
    there = (math.degrees(latitude), math.degrees(longitude))
    way = float(rover.path_ratio) * distance(*here, *there)
    drive = math.ceil(way / float(rover.drive_per_sol) - 1e-9)
    stand_off = float(rover.path_ratio) * min(float(surface.stand_off), distance(*here, *there))
    last = math.ceil(stand_off / float(rover.drive_per_sol) - 1e-9)
    lead, allowed = float(orders.lead) / SOL, float(orders.time_allowed) / SOL
    arrival = max(last, drive - math.floor(lead)) + 1
    loading = allowed - float(surface.check_out) / SOL
    pace = float(surface.tubes_per_sol)
    by_arm = max(0, math.floor(pace * loading + 1e-9))
    from_rover = max(0, math.floor(pace * (loading - arrival) + 1e-9))
    from_depot = 0
    if surface.fetch is not None and loading > 0.0:
        wanted = sum(tube.where == "depot" for tube in all_tubes())
        away = distance(DEPOT_LATITUDE_DEG, DEPOT_LONGITUDE_DEG, *there)
        brought = surface.fetch.brought(
            np.asarray(math.floor(loading) * SOL), np.asarray(away), np.asarray(float(wanted))
        )
        from_depot = min(by_arm, int(brought))
    why = ""
    if from_rover + from_depot == 0:
        why = (
            f"no tube can be aboard by lift-off: the rover stands at the lander {arrival} sols "
            f"after touchdown, and {allowed:.0f} sols are allowed, {allowed - loading:.0f} of them "
            "for the check-out"
        )
    return InTime(drive, arrival, by_arm, from_rover, from_depot, why)


def named(orders: CacheOrders, file: str) -> tuple[frozenset[str], frozenset[str]]:
    """The ids that must and must not come.

    Raises:
        BadInput: where a tube is unknown, named twice, or asked both to come and to stay.
    """
    return refute_names({"require": orders.require or (), "exclude": orders.exclude or ()}, file)


def refute_names(
    words: Mapping[str, Sequence[str]], file: str
) -> tuple[frozenset[str], frozenset[str]]:
    """The ids behind the words of ``require`` and ``exclude``; see `named`."""
    ids: list[str] = []
    sides: list[frozenset[str]] = []
    for key in ("require", "exclude"):
        side: list[str] = []
        for word in words[key]:
            try:
                side.append(find(word).id)
            except UnknownTube as wrong:
                message, _, hint = str(wrong).partition("; ")
                raise BadInput(
                    message,
                    file=file,
                    key=f"cache.{key}",
                    value=word,
                    hint=hint or "see: anabasis tubes",
                ) from None
        ids += side
        sides.append(frozenset(side))
    twice = [key for key, count in Counter(ids).items() if count > 1]
    if twice:
        raise BadInput(
            "this tube is named twice",
            file=file,
            key="cache.require",
            value=twice[0],
            hint="name each tube once, in require or in exclude",
        )
    return sides[0], sides[1]

"""One comes home: the spiral up, the cruise, the capsule let go, and its fall on Utah."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import numpy as np

from anabasis.campaign.journey import BurnRow
from anabasis.campaign.limits import Limit
from anabasis.campaign.log import utc
from anabasis.campaign.march import Hand, March, world_of
from anabasis.campaign.orders import entry as entries
from anabasis.campaign.orders import landing as landings
from anabasis.campaign.orders import transfer as legs
from anabasis.campaign.parts import Parts
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.phases import insertion

APPROXIMATE = (
    "approximate: the speed to leave with is charged at the electric specific impulse as if it "
    "came after the escape"
)
WINDOW_DECIDED = 3.0 * 86400.0
"""A departure later than readiness by more than this waited for its window [s]."""


def homeward(march: March) -> None:
    """The spiral up, the departure, the cruise to the Earth and the release of the capsule."""
    phase = "homeward"
    if not march.flies(phase):
        return
    parts = march.parts
    orders, orbiter = parts.homeward, parts.orbiter
    assert orders is not None
    start = march.hand.get("orbiter")
    ready = None
    mass = 1.0
    climb = None
    if start is not None and orbiter is not None:
        mass = float(start.mass) - float(orbiter.capture_hardware)
        radius = float(np.linalg.norm(np.asarray(start.position)))
        climb = insertion.escape_spiral(np.asarray(mass), np.asarray(radius), orbiter, march.mars)
        ready = float(start.epoch) + float(climb.duration)
        mass -= float(climb.propellant)
    capsule = parts.return_capsule
    site, point = _home_site(march)
    plan = legs.plan(
        orders,
        march.mars,
        march.earth,
        march.ephemeris,
        name=phase,
        mass=mass if capsule is None else float(capsule.mass),
        ready=ready,
        site=site,
        landing_point=point,
    )
    exhaust = None if orbiter is None else orbiter.electric_exhaust_speed
    lead = None if capsule is None else orders.release_lead

    def step(parts: Parts, hand: Hand) -> Flight:
        return legs.fly(
            hand["mass"],
            plan,
            departure_event="mars_departure",
            exhaust_speed=exhaust,
            release_lead=lead,
            track=True,
        )

    if climb is not None and start is not None and orbiter is not None:
        _book_climb(march, climb, start, float(orbiter.capture_hardware), plan.departure)
    flight, figures = march.fly_step(
        phase,
        step,
        {"mass": np.asarray(mass)},
        None,
        "orbiter",
        start_epoch=plan.departure,
        track_centre="sun",
        start_mass=mass if start is not None else None,
        notes=(APPROXIMATE,) if exhaust is not None else (),
    )
    if capsule is not None:
        _release(march, flight, float(capsule.mass))
    if ready is not None and orbiter is not None:
        _say_what_set_home(march, ready, plan.departure)
        spent = float(climb.propellant) if climb is not None else 0.0
        _xenon_left(march, orbiter, spent + figures["propellant_kg"])


def _home_site(march: March) -> tuple[legs.Site | None, legs.LandingPoint | None]:
    parts = march.parts
    orders, capsule = parts.arrival, parts.return_capsule
    if orders is None or capsule is None or orders.target is None:
        return None, None
    site = legs.Site(float(orders.target.latitude), float(orders.target.longitude))

    def point(state: PointState) -> tuple[Scalar, Scalar]:
        assert capsule is not None
        assert orders is not None
        law = entries.plan(orders, state, capsule, None, march.earth)
        latitude, longitude = landings.landing_point(
            state, orders, capsule, None, law, march.earth, None, None
        )
        return float(latitude), float(longitude)

    return site, point


def _book_climb(
    march: March, climb: Any, start: PointState, hardware: float, departure: float
) -> None:
    epoch = float(start.epoch)
    before = float(start.mass)
    begun = departure - float(climb.duration)
    if hardware > 0.0:
        march.log.book("orbiter", "capture_hardware_left", "hardware", before, -hardware, epoch)
    march.log.burns.append(
        BurnRow(
            "orbiter",
            "homeward",
            "spiral_up",
            float(climb.delta_v),
            0.0,
            float(climb.propellant),
            utc(begun),
        )
    )
    march.log.book(
        "orbiter", "spiral_up", "xenon", before - hardware, -float(climb.propellant), begun
    )
    march.log.note_event("spiral_up", "homeward", begun)


def _release(march: March, flight: Flight, capsule: float) -> None:
    released = float(flight.events.get("capsule_release", flight.end.epoch))
    before = float(flight.end.mass)
    march.log.book("orbiter", "capsule_release", "capsule", before, -capsule, released)
    march.hand["capsule"] = eqx.tree_at(lambda s: s.mass, flight.end, np.asarray(capsule))


def _say_what_set_home(march: March, ready: float, departure: float) -> None:
    if departure - ready > WINDOW_DECIDED:
        march.home_because = (
            f"set by the window home of {utc(departure)[:7]} (the orbiter could leave from "
            f"{utc(ready)[:10]})"
        )
    else:
        why = march.hand.get("lift_off_because", "")
        march.home_because = f"set by the day the orbiter could leave, {utc(ready)[:10]}"
        march.home_because += f" ({why})" if why else ""


def _xenon_left(march: March, orbiter: Any, homeward: float) -> None:
    inserted = march.log.flights.get("insertion")
    before = orbiter.xenon if inserted is None else inserted.figures["xenon_left"]
    left = float(before) - homeward
    march.log.limit(
        "homeward",
        Limit(
            "xenon left",
            "xenon_left_kg",
            left,
            0.0,
            "at least",
            "kg",
            "what the orbiter was loaded with",
            "assumed",
        ),
    )
    if left < 0.0:
        march.log.lose("homeward", Outcome.out_of_propellant)


def arrival(march: March) -> None:
    """The capsule enters the Earth's air and falls on the range in Utah."""
    phase = "arrival"
    if not march.flies(phase):
        return
    march.need(phase, "return_capsule")
    parts = march.parts
    orders, capsule = parts.arrival, parts.return_capsule
    assert orders is not None
    assert capsule is not None
    start = march.hand.get("capsule")
    alone = start is None or orders.start is not None
    if alone:
        start = entries.start_of(orders, capsule, march.earth)
    assert start is not None
    law = entries.plan(orders, start, capsule, None, march.earth)

    def step(parts: Parts, hand: Hand) -> Flight:
        assert parts.arrival is not None
        assert parts.return_capsule is not None
        start = hand["start"]
        if start is None:
            start = entries.start_of(parts.arrival, parts.return_capsule, world_of(parts, "earth"))
        return entries.fly(
            parts.arrival,
            start,
            parts.return_capsule,
            None,
            hand["law"],
            world_of(parts, "earth"),
            track=True,
        )

    march.fly_step(
        phase,
        step,
        {"start": None if alone else start, "law": law},
        start,
        "capsule",
        start_mass=float(capsule.mass),
        limits=lambda f: entries.limits(f, orders),
    )

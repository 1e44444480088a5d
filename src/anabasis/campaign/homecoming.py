"""One comes home: the spiral up, the cruise, the capsule let go, and its fall on Utah."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from anabasis.campaign import exposure
from anabasis.campaign.journey import BurnRow
from anabasis.campaign.limits import Limit
from anabasis.campaign.log import utc
from anabasis.campaign.march import Flights, Hand, March, kept, world_of
from anabasis.campaign.orders import delivery
from anabasis.campaign.orders import entry as entries
from anabasis.campaign.orders import landing as landings
from anabasis.campaign.orders import transfer as legs
from anabasis.campaign.parts import Parts
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.edelbaum import Spiral
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome, first_loss
from anabasis.phases import insertion
from anabasis.units import STANDARD_GRAVITY
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds.world import World

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
        climb = _climb(start, orbiter, march.mars)
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
    electric = orbiter is not None
    inserted = march.log.flights.get("insertion")
    xenon = None
    if orbiter is not None:
        xenon = orbiter.xenon if inserted is None else inserted.figures["xenon_left"]

    def step(parts: Parts, hand: Hand) -> Flight:
        assert parts.homeward is not None
        leaves: PointState | None = hand["start"]
        mass, climb = hand["mass"], None
        if leaves is not None:
            assert parts.orbiter is not None
            climb = _climb(leaves, parts.orbiter, world_of(parts, "mars"))
            mass = leaves.mass - parts.orbiter.capture_hardware - climb.propellant
        exhaust = None
        if electric and parts.orbiter is not None:
            exhaust = parts.orbiter.electric_exhaust_speed
        flight = legs.fly(
            mass,
            plan,
            departure_event="mars_departure",
            exhaust_speed=exhaust,
            release_lead=None if capsule is None else parts.homeward.release_lead,
            track=kept(),
            way=hand["way"],
        )
        if climb is None or leaves is None:
            return flight
        return _in_time(flight, plan, leaves.epoch + climb.duration, climb, hand["xenon"])

    def passed(parts: Parts, flights: Flights) -> Hand:
        del parts
        found: Hand = {"start": flights["rendezvous"].end}
        if "insertion" in flights:
            found["xenon"] = flights["insertion"].figures["xenon_left"]
        return found

    if climb is not None and start is not None and orbiter is not None:
        _book_climb(march, climb, start, float(orbiter.capture_hardware), plan.departure)
    flight, figures = march.fly_step(
        phase,
        step,
        {
            "mass": np.asarray(mass),
            "way": legs.along(plan),
            "start": start if climb is not None else None,
            "xenon": None if xenon is None else np.asarray(xenon),
        },
        None,
        "orbiter",
        passed if climb is not None else None,
        ("rendezvous",) + (("insertion",) if inserted is not None else ()),
        start_epoch=plan.departure,
        track_centre="sun",
        start_mass=mass if start is not None else None,
        notes=(APPROXIMATE,) if electric else (),
    )
    if capsule is not None:
        _release(march, flight, float(capsule.mass))
    if ready is not None and orbiter is not None:
        _say_what_set_home(march, ready, plan.departure)
        _xenon_left(march, figures["xenon_left_kg"])


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


def _climb(start: PointState, orbiter: Orbiter, world: World) -> Spiral:
    """The spiral up from where the container was taken aboard, what caught it left behind."""
    mass = start.mass - orbiter.capture_hardware
    radius = jnp.sqrt(start.position @ start.position)
    return insertion.escape_spiral(mass, radius, orbiter, world)


def _in_time(
    flight: Flight, plan: legs.LegPlan, ready: Scalar, climb: Spiral, xenon: Scalar
) -> Flight:
    """The flight with what went before it: was the orbiter ready, and had it the xenon?

    The departure is the plan's. An orbiter that is ready later than that has missed it.
    """
    waiting = plan.arc.departure - ready
    left = xenon - climb.propellant - flight.figures["propellant"]
    found = flight.figures | {"waiting": waiting, "xenon_left": left}
    outcome = first_loss(
        Outcome.where(waiting >= 0.0, Outcome.nominal, Outcome.missed_window),
        first_loss(
            flight.outcome, Outcome.where(left >= 0.0, Outcome.nominal, Outcome.out_of_propellant)
        ),
    )
    return eqx.tree_at(lambda f: (f.figures, f.outcome), flight, (found, outcome))


def _xenon_left(march: March, left: float) -> None:
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


def _loaded(surface: Flight) -> Hand:
    """How many tubes are aboard, and how many of them come to harm sooner than others."""
    return {
        "tubes": surface.figures["tubes_loaded_count"],
        "friable": surface.figures["tubes_friable_count"],
        "open": surface.figures["tubes_open_count"],
    }


def _unharmed(flight: Flight, tubes: Scalar, friable: Scalar, unsealed: Scalar) -> Scalar:
    """How many tubes are as they were when they were sealed; the rules are those of the ledger.

    What can differ from case to case is the landing: the shock of entry and impact, and the heat of
    the structure that reaches the tubes until the capsule is cooled.
    """
    speed = flight.figures["impact_speed"]
    impact = exposure.PEAK_OVER_MEAN * speed**2 / (2.0 * exposure.STOPS["impact"])
    shock = jnp.maximum(impact, flight.figures["peak_deceleration"]) / STANDARD_GRAVITY
    cold, slope = exposure.soak_back_by_load()
    warmest = jnp.max(jnp.asarray(cold) + jnp.asarray(slope) * flight.figures["heat_load"])
    cool = warmest <= exposure.RETURN_HEAT.limit
    firm = tubes - friable - unsealed
    kept = jnp.where(shock <= exposure.SHOCK.limit, firm, 0.0)
    kept = kept + jnp.where(shock <= exposure.FRIABLE_SHOCK.limit, friable, 0.0)
    return jnp.where(cool, kept, 0.0)


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
        flight = entries.fly(
            parts.arrival,
            delivery.delivered(start, parts.arrival.delivery),
            parts.return_capsule,
            None,
            hand["law"],
            world_of(parts, "earth"),
            track=kept(),
        )
        if hand["tubes"] is None:
            return flight
        came = flight.outcome == Outcome.nominal
        home = jnp.where(came, hand["tubes"], 0.0)
        unharmed = _unharmed(flight, hand["tubes"], hand["friable"], hand["open"])
        figures = flight.figures | {
            "tubes_home_count": home,
            "tubes_pristine_count": jnp.where(came, unharmed, 0.0),
        }
        return eqx.tree_at(lambda f: f.figures, flight, figures)

    loaded = march.log.flights.get("surface")

    def passed(parts: Parts, flights: Flights) -> Hand:
        assert parts.return_capsule is not None
        home = flights["homeward"].end
        found: Hand = {"start": eqx.tree_at(lambda s: s.mass, home, parts.return_capsule.mass)}
        if "surface" in flights:
            found |= _loaded(flights["surface"])
        return found

    march.fly_step(
        phase,
        step,
        {
            "start": None if alone else start,
            "law": law,
            "tubes": None,
            **({} if loaded is None or alone else _loaded(loaded)),
        },
        start,
        "capsule",
        None if alone else passed,
        ("homeward",) + (("surface",) if loaded is not None else ()),
        start_mass=float(capsule.mass),
        limits=lambda f: entries.limits(f, orders),
    )

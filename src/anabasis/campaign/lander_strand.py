"""The lander's strand: out to Mars, down to the ground, and the tubes aboard."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.march import GIVEN, Flights, Hand, March, default_of, kept, world_of
from anabasis.campaign.orders import delivery
from anabasis.campaign.orders import entry as entries
from anabasis.campaign.orders import landing as landings
from anabasis.campaign.orders import surface as surfaces
from anabasis.campaign.orders import transfer as legs
from anabasis.campaign.parts import Parts
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.vehicles.container import Container, payload
from anabasis.worlds.world import World


def lander_outbound(march: March) -> None:
    """The lander's way from the launch pad to the entry interface."""
    phase = "lander_outbound"
    if not march.flies(phase):
        return
    parts = march.parts
    orders = parts.lander_outbound
    assert orders is not None
    launcher = legs.launcher_of(orders, parts.launcher)
    lander, capsule = parts.lander, parts.capsule
    entry_mass = None if capsule is None else float(capsule.mass)
    stage = 0.0 if lander is None else float(lander.cruise_stage)
    launch_mass = None if entry_mass is None else entry_mass + stage
    site, point = _landing_site(march)
    plan = legs.plan(
        orders,
        march.earth,
        march.mars,
        march.ephemeris,
        name=phase,
        launcher=launcher if launch_mass is not None else None,
        launch_mass=launch_mass,
        mass=entry_mass or 1.0,
        site=site,
        landing_point=point,
    )
    known = launch_mass is not None

    def step(parts: Parts, hand: Hand) -> Flight:
        mass = hand["mass"]
        if parts.capsule is not None:
            mass = parts.capsule.mass
            if parts.lander is not None:
                mass = mass + parts.lander.cruise_stage
        return legs.fly(
            mass,
            plan,
            departure_event="lander_launch",
            launcher=launcher if known else None,
            track=kept(),
            way=hand["way"],
        )

    flight, figures = march.fly_step(
        phase,
        step,
        {"mass": np.asarray(1.0), "way": legs.along(plan)},
        None,
        "lander",
        start_epoch=plan.departure,
        track_centre="sun",
        start_mass=launch_mass,
        limits=lambda f: legs.limits(f, launcher if known else None),
        notes=(GIVEN,) if plan.given else (),
        event_notes=dict.fromkeys(("lander_launch",), GIVEN) if plan.given else None,
    )
    if launch_mass is not None and launcher is not None:
        march.book_launch("lander", launch_mass, figures, plan.departure)
        assert entry_mass is not None
        if stage > 0.0:
            march.log.book(
                "lander",
                "cruise_stage_separation",
                "cruise stage",
                launch_mass,
                -stage,
                float(flight.end.epoch),
            )
        state = eqx.tree_at(lambda s: s.mass, flight.end, np.asarray(entry_mass))
        march.hand["lander"] = state
    else:
        march.hand["lander"] = flight.end
    march.hand["lander_launch"] = plan.departure


def _heavy(state: PointState, mass: Scalar) -> PointState:
    return eqx.tree_at(lambda s: s.mass, state, mass)


def _landing_site(march: March) -> tuple[legs.Site | None, legs.LandingPoint | None]:
    """Where the lander is to stand, and the function that says where it would."""
    parts = march.parts
    orders = parts.entry
    if orders is None or parts.capsule is None or orders.target is None:
        return None, None
    if orders.planet != "mars":
        return None, None
    site = legs.Site(float(orders.target.latitude), float(orders.target.longitude))

    def point(state: PointState) -> tuple[Scalar, Scalar]:
        assert parts.capsule is not None
        assert orders is not None
        law = _bank_law(march, orders, state, march.mars)
        latitude, longitude = landings.landing_point(
            state,
            orders,
            parts.capsule,
            parts.parachute,
            law,
            march.mars,
            parts.landing,
            parts.lander,
        )
        return float(latitude), float(longitude)

    return site, point


def _bank_law(march: March, orders: entries.EntryOrders, state: PointState, world: World) -> Any:
    """The bank of the nominal entry, settled once."""
    if "bank_law" not in march.hand:
        assert march.parts.capsule is not None
        march.hand["bank_law"] = entries.plan(
            orders, state, march.parts.capsule, march.parts.parachute, world
        )
    return march.hand["bank_law"]


def entry(march: March) -> None:
    """The lander's entry, or any capsule's anywhere, to its parachute or the ground."""
    phase = "entry"
    if not march.flies(phase):
        return
    march.need(phase, "capsule")
    parts = march.parts
    orders = parts.entry
    assert orders is not None
    assert parts.capsule is not None
    world = march.mars if orders.planet == "mars" else march.earth
    start = march.hand.get("lander")
    if start is None or orders.start is not None:
        start = entries.start_of(orders, parts.capsule, world)
        march.hand.pop("bank_law", None)
    law = _bank_law(march, orders, start, world)

    def step(parts: Parts, hand: Hand) -> Flight:
        assert parts.entry is not None
        assert parts.capsule is not None
        start = hand["start"]
        if start is None:
            start = entries.start_of(parts.entry, parts.capsule, world_of(parts, world.name))
        return entries.fly(
            parts.entry,
            delivery.delivered(start, parts.entry.delivery),
            parts.capsule,
            parts.parachute,
            hand["law"],
            world_of(parts, world.name),
            track=kept(),
        )

    def passed(parts: Parts, flights: Flights) -> Hand:
        assert parts.capsule is not None
        return {"start": _heavy(flights["lander_outbound"].end, parts.capsule.mass)}

    alone = march.hand.get("lander") is None or orders.start is not None
    flight, _ = march.fly_step(
        phase,
        step,
        {"start": None if alone else start, "law": law},
        start,
        "lander",
        None if alone else passed,
        ("lander_outbound",),
        start_mass=float(parts.capsule.mass),
        limits=lambda f: entries.limits(f, orders),
    )
    march.hand["lander"] = flight.end
    march.hand["interface_epoch"] = flight.events.get("entry_interface")


def landing(march: March) -> None:
    """From the parachute to the ground."""
    phase = "landing"
    if not march.flies(phase):
        return
    march.need(phase, "capsule", "parachute", "lander")
    parts = march.parts
    orders = parts.landing
    assert orders is not None
    capsule, lander = parts.capsule, parts.lander
    assert capsule is not None
    assert lander is not None
    start = march.hand.get("lander")
    alone = start is None or orders.start is not None
    if alone:
        start = landings.start_of(orders, capsule, march.mars)

    def step(parts: Parts, hand: Hand) -> Flight:
        assert parts.landing is not None
        assert parts.capsule is not None
        assert parts.parachute is not None
        assert parts.lander is not None
        return landings.fly(
            parts.landing,
            hand["start"],
            parts.capsule,
            parts.parachute,
            parts.lander,
            world_of(parts, "mars"),
            None if parts.entry is None else parts.entry.target,
            hand["interface"],
            track=kept(),
        )

    def passed(parts: Parts, flights: Flights) -> Hand:
        del parts
        before = flights["entry"]
        return {"start": before.end, "interface": before.events["entry_interface"]}

    flight, _ = march.fly_step(
        phase,
        step,
        {"start": start, "interface": march.hand.get("interface_epoch")},
        start,
        "lander",
        None if alone else passed,
        ("entry",),
        limits=lambda f: landings.limits(f, lander),
    )
    march.hand["lander"] = flight.end


def surface(march: March) -> None:
    """The rover brings the tubes and they are loaded."""
    phase = "surface"
    if not march.flies(phase):
        return
    march.need(phase, "rover")
    parts = march.parts
    orders, rover = parts.surface, parts.rover
    assert orders is not None
    assert rover is not None
    container = parts.container or default_of(Container)
    start = march.hand.get("lander")
    alone = start is None or orders.start is not None
    if alone:
        if orders.start is None:
            raise BadInput(
                "the surface phase does not know where the lander stands",
                file=march.scenario.reading.file,
                key="surface.start",
                hint="add [surface.start], or fly landing before",
            )
        start = surfaces.start_alone(orders, march.mars)
    assert start is not None
    latitude, longitude = _aimed_at(march, start)
    errand = surfaces.plan(
        orders,
        rover,
        container,
        turn_back=float(march.hand.get("lander_launch", start.epoch)),
        latitude=latitude,
        longitude=longitude,
        chosen=_best_set(march) if orders.tubes == "best set" else None,
    )
    march.errand = errand

    def step(parts: Parts, hand: Hand) -> Flight:
        assert parts.surface is not None
        assert parts.rover is not None
        return surfaces.fly(
            errand,
            parts.surface,
            hand["start"],
            parts.rover,
            world_of(parts, "mars"),
            track=kept(),
        )

    def passed(parts: Parts, flights: Flights) -> Hand:
        del parts
        return {"start": flights["landing"].end}

    going = len(errand.manifest.going)
    flight, _ = march.fly_step(
        phase,
        step,
        {"start": start},
        start,
        "tubes",
        None if alone else passed,
        ("landing",),
        start_mass=None,
        limits=lambda f: surfaces.limits(f, going),
    )
    when = surfaces.hand_overs(errand, flight, orders)
    march.loaded = when
    count, sample_mass = surfaces.loaded_masses(errand, when)
    march.hand["payload"] = np.asarray(payload(container, float(count), float(sample_mass)))
    march.hand["ready"] = float(flight.end.epoch)
    # the rocket is kept warm in the phase to the end of its sols: it may be long gone by then
    march.log.events = [one for one in march.log.events if one.name != "grain_too_cold"]
    march.hand["cold"] = np.asarray(flight.events["grain_too_cold"])
    assert flight.track is not None
    evenings = np.asarray(flight.track["epoch"])
    waited = evenings > float(start.epoch)
    march.hand["grain"] = (evenings[waited], np.asarray(flight.track["grain"])[waited])
    _book_loading(march, container, count, sample_mass)


def _best_set(march: March) -> frozenset[str]:
    from anabasis.campaign import cache  # brings scipy's optimiser

    return cache.chosen(march.parts, march.scenario.reading.file)


def _aimed_at(march: March, start: PointState) -> tuple[float, float]:
    orders = march.parts.entry
    if orders is not None and orders.target is not None:
        return float(orders.target.latitude), float(orders.target.longitude)
    latitude, longitude = march.mars.latitude_longitude(start.epoch, start.position)
    return float(latitude), float(longitude)


def _book_loading(march: March, container: Container, count: int, sample_mass: float) -> None:
    if not march.loaded:
        return
    last = max(march.loaded.values())
    shell = float(container.mass)
    tubes = count * float(container.tube_mass)
    march.log.book("container", "loading_end", "tubes", shell, tubes, last)
    march.log.book("container", "loading_end", "samples", shell + tubes, sample_mass, last)

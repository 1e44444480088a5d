"""The orbiter's strand: out to Mars, into orbit, down to where it waits."""

from __future__ import annotations

import numpy as np

from anabasis.campaign.march import GIVEN, Flights, Hand, March, kept, world_of
from anabasis.campaign.orders import delivery
from anabasis.campaign.orders import insertion as insertions
from anabasis.campaign.orders import transfer as legs
from anabasis.campaign.parts import Parts
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState


def orbiter_outbound(march: March) -> None:
    """The orbiter's way from the launch pad to the neighbourhood of Mars."""
    phase = "orbiter_outbound"
    if not march.flies(phase):
        return
    parts = march.parts
    orders, orbiter = parts.orbiter_outbound, parts.orbiter
    assert orders is not None
    launcher = None if orbiter is None else legs.launcher_of(orders, parts.launcher)
    launch_mass = None if orbiter is None else float(orbiter.launch_mass)
    below = parts.insertion

    def pass_mars(v_infinity: np.ndarray, epoch: float, mass: float) -> PointState:
        assert below is not None
        return insertions.arriving(
            below, np.asarray(v_infinity), np.asarray(epoch), np.asarray(mass), march.mars
        )

    plan = legs.plan(
        orders,
        march.earth,
        march.mars,
        march.ephemeris,
        name=phase,
        launcher=launcher,
        launch_mass=launch_mass,
        mass=launch_mass or 1.0,
        passing=None if below is None else pass_mars,
    )

    def step(parts: Parts, hand: Hand) -> Flight:
        mass = hand["mass"] if parts.orbiter is None else parts.orbiter.launch_mass
        return legs.fly(
            mass,
            plan,
            departure_event="orbiter_launch",
            launcher=launcher,
            track=kept(),
            way=hand["way"],
        )

    flight, figures = march.fly_step(
        phase,
        step,
        {"mass": np.asarray(1.0), "way": legs.along(plan)},
        None,
        "orbiter",
        start_epoch=plan.departure,
        track_centre="sun",
        start_mass=launch_mass,
        limits=lambda f: legs.limits(f, launcher),
        notes=(GIVEN,) if plan.given else (),
        event_notes={"orbiter_launch": GIVEN} if plan.given else None,
    )
    if launch_mass is not None and launcher is not None:
        march.book_launch("orbiter", launch_mass, figures, plan.departure)
    march.hand["orbiter"] = flight.end


def insertion(march: March) -> None:
    """Capture at Mars and the way down to the working orbit."""
    phase = "insertion"
    if not march.flies(phase):
        return
    march.need(phase, "orbiter")
    orders, orbiter = march.parts.insertion, march.parts.orbiter
    assert orders is not None
    assert orbiter is not None
    start = march.hand.get("orbiter")
    if start is None or orders.start is not None:
        start = insertions.start_of(orders, orbiter, march.mars)
    law = insertions.plan(orders, orbiter, march.mars, start)
    arrives = start is march.hand.get("orbiter")

    def step(parts: Parts, hand: Hand) -> Flight:
        assert parts.orbiter is not None
        assert parts.insertion is not None
        world = world_of(parts, "mars")
        return insertions.fly(
            delivery.passing(hand["start"], parts.insertion.delivery, world),
            parts.orbiter,
            hand["law"],
            world,
            track=kept(),
        )

    def passed(parts: Parts, flights: Flights) -> Hand:
        del parts
        return {"start": flights["orbiter_outbound"].end}

    flight, _ = march.fly_step(
        phase,
        step,
        {"start": start, "law": law},
        start,
        "orbiter",
        passed if arrives else None,
        ("orbiter_outbound",),
        limits=insertions.limits,
    )
    march.hand["orbiter"] = flight.end
    march.hand["on_station"] = float(flight.end.epoch)

"""The strands meet: the rocket leaves Mars in the orbiter's plane, the orbiter takes it aboard."""

from __future__ import annotations

import math
from typing import Any

import equinox as eqx
import jax
import numpy as np

from anabasis.campaign.march import Hand, March, default_of, world_of
from anabasis.campaign.orders import ascent as ascents
from anabasis.campaign.orders import rendezvous as meetings
from anabasis.campaign.orders import surface as surfaces
from anabasis.campaign.parts import Parts
from anabasis.guidance.steering import SolvedSteering
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds import calendar
from anabasis.worlds.local import place_below

FIXED_POINT_ROUNDS = 3
"""Rounds in which lift-off and the length of the rendezvous are fitted to each other."""


def ascent(march: March) -> None:
    """The rocket leaves Mars, into the plane of the orbiter where there is one."""
    phase = "ascent"
    if not march.flies(phase):
        return
    march.need(phase, "ascender")
    parts = march.parts
    orders, ascender = parts.ascent, parts.ascender
    assert orders is not None
    assert ascender is not None
    cargo = march.hand.get("payload")
    orders = _ascent_from_the_lander(march, orders)
    if "ready" in march.hand:
        plan, lift_off = _launch_into_plane(march, orders, cargo)
    else:
        plan = ascents.plan(orders, ascender, march.mars, cargo)
        assert orders.epoch is not None
        lift_off = np.asarray(orders.epoch)
    moved = orders is not parts.ascent
    held = orders

    def step(parts: Parts, hand: Hand) -> Flight:
        assert parts.ascent is not None
        assert parts.ascender is not None
        own = held if moved else parts.ascent
        return ascents.fly(
            own,
            parts.ascender,
            world_of(parts, "mars"),
            hand["payload"],
            hand["plan"],
            hand["lift_off"],
            track=True,
        )

    target = orders.target
    inclination = None if target is None else math.degrees(float(target.inclination))
    stack = ascents.stacked(ascender, cargo)
    flight, _ = march.fly_step(
        phase,
        step,
        {"payload": cargo, "plan": plan, "lift_off": lift_off},
        None,
        "ascender",
        start_epoch=float(lift_off),
        start_mass=float(stack.lift_off_mass),
        limits=lambda f: ascents.limits(f, inclination),
        notes=_lateness(march),
    )
    lifted = float(stack.payload)
    march.hand["container"] = eqx.tree_at(lambda s: s.mass, flight.end, np.asarray(lifted))
    if "ready" in march.hand:
        assert parts.surface is not None
        ls = math.degrees(calendar.solar_longitude(float(lift_off)))
        march.log.limit(phase, surfaces.lift_off_limit(ls, parts.surface))
        march.log.book(
            "ascender",
            "container_release",
            "container",
            float(flight.end.mass),
            -lifted,
            float(flight.end.epoch),
        )


def _ascent_from_the_lander(march: March, orders: ascents.AscentOrders) -> ascents.AscentOrders:
    """The same orders, from where the lander really stands."""
    stands = march.hand.get("lander")
    if "landing" not in march.flown or stands is None:
        return orders
    latitude, longitude = place_below(march.mars, stands.epoch, stands.position)
    site = ascents.Site(  # pyright: ignore[reportCallIssue]
        latitude=np.asarray(latitude),
        longitude=np.asarray(longitude),
        altitude=None,
        height=None,
        radius=np.asarray(np.linalg.norm(np.asarray(stands.position))),
    )
    return eqx.tree_at(lambda o: o.site, orders, site)


def _launch_into_plane(
    march: March, orders: ascents.AscentOrders, cargo: Any
) -> tuple[ascents.AscentPlan, Any]:
    """The steering and the instant at which the site passes under the orbiter's plane."""
    parts = march.parts
    assert parts.ascender is not None
    assert parts.surface is not None
    surface_orders = parts.surface
    earliest = surfaces.lift_off_after(
        march.hand["ready"],
        march.hand.get("on_station", march.hand["ready"]),
        float(surface_orders.closed_from),
        float(surface_orders.closed_to),
    )
    _say_what_set_lift_off(march, earliest)
    first = np.asarray(earliest)
    plan = ascents.plan(orders, parts.ascender, march.mars, cargo, first)
    if "orbiter" not in march.hand or parts.rendezvous is None:
        return plan, first
    ways = [(orders, plan)]
    if isinstance(orders.steering, SolvedSteering):
        # of the two launches of each sol, the other way over the site
        other = orders.other_way()
        ways.append((other, ascents.plan(other, parts.ascender, march.mars, cargo, first)))
    ways = [(o, p) for o, p in ways if bool(p.reached)] or ways[:1]
    ends = [
        ascents.fly(o, parts.ascender, march.mars, cargo, p, first, track=True).end for o, p in ways
    ]
    flown = [_plane_of(march, jax.device_get(end), earliest) for end in ends]
    orbiter = march.hand["orbiter"]
    waiting = _plane_of(march, orbiter, float(orbiter.epoch))
    law = meetings.plan(parts.rendezvous)
    duration = float(law.search_duration + law.approach_duration)
    speed = float(np.linalg.norm(np.asarray(ends[0].velocity)))
    lift_off = first
    for _ in range(FIXED_POINT_ROUNDS):
        launch = ascents.next_launch(
            waiting, flown, first, march.mars.spin, np.asarray(duration), np.asarray(speed)
        )
        lift_off = np.asarray(launch.lift_off)
        way, plan = ways[int(launch.which)]
        flight = ascents.fly(way, parts.ascender, march.mars, cargo, plan, lift_off, track=True)
        assert parts.orbiter is not None
        meeting = meetings.fly(
            orbiter,
            parts.orbiter,
            law,
            march.mars,
            _as_container(march, flight.end, cargo),
            track=True,
        )
        duration = float(meeting.end.epoch) - float(lift_off)
        march.hand["lateness"] = (
            math.degrees(float(launch.plane_error_rate)) * 60.0,
            float(launch.delta_v_rate) * 60.0,
        )
    return plan, lift_off


def _as_container(march: March, state: PointState, cargo: Any) -> PointState:
    assert march.parts.ascender is not None
    mass = march.parts.ascender.payload if cargo is None else cargo
    return jax.device_get(eqx.tree_at(lambda s: s.mass, state, np.asarray(mass)))


def _plane_of(march: March, state: PointState, epoch: float) -> ascents.OrbitPlane:
    inclination, node, rate = meetings.mean_plane(state, march.mars)
    shift = epoch - float(state.epoch)
    return ascents.OrbitPlane(
        np.asarray(inclination),
        np.asarray(node + rate * shift),
        np.asarray(epoch),
        np.asarray(rate),
    )


def _lateness(march: March) -> tuple[str, ...]:
    if "lateness" not in march.hand:
        return ()
    tilt, cost = march.hand["lateness"]
    return (f"each minute of delay tilts the plane by {tilt:.3f} deg, {cost:.2f} m/s to mend",)


def _say_what_set_lift_off(march: March, earliest: float) -> None:
    ready, station = march.hand["ready"], march.hand.get("on_station", -math.inf)
    if earliest > max(ready, station):
        march.hand["lift_off_because"] = "lift-off waited for the end of the dust season"
    elif station > ready:
        march.hand["lift_off_because"] = "lift-off waited for the orbiter"
    else:
        march.hand["lift_off_because"] = "lift-off waited for the tubes"


def rendezvous(march: March) -> None:
    """The orbiter meets the container and takes it aboard."""
    phase = "rendezvous"
    if not march.flies(phase):
        return
    parts = march.parts
    orders = parts.rendezvous
    orbiter = parts.orbiter or default_of(Orbiter)
    assert orders is not None
    start, cargo = march.hand.get("orbiter"), march.hand.get("container")
    if start is None or cargo is None or orders.target is not None:
        start, cargo = meetings.starts_of(orders, orbiter, march.mars)
    law = meetings.plan(orders)

    def step(parts: Parts, hand: Hand) -> Flight:
        return meetings.fly(
            hand["start"],
            parts.orbiter or orbiter,
            hand["law"],
            world_of(parts, "mars"),
            hand["cargo"],
            track=True,
        )

    epoch = max(float(start.epoch), float(cargo.epoch))
    flight, _ = march.fly_step(
        phase,
        step,
        {"start": start, "cargo": cargo, "law": law},
        None,
        "orbiter",
        start_epoch=epoch,
        start_mass=float(start.mass),
        limits=lambda f: meetings.limits(f, orders),
    )
    march.hand["orbiter"] = flight.end

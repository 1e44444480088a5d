"""The strands meet: the rocket leaves Mars in the orbiter's plane, the orbiter takes it aboard."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.march import Flights, Hand, March, Passing, default_of, kept, world_of
from anabasis.campaign.orders import ascent as ascents
from anabasis.campaign.orders import rendezvous as meetings
from anabasis.campaign.orders import surface as surfaces
from anabasis.campaign.parts import Parts
from anabasis.guidance.steering import SolvedSteering
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.vehicles.container import Container
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds import calendar
from anabasis.worlds.local import place_below
from anabasis.worlds.world import World

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
    site = orders.site if orders is not parts.ascent else None
    if _stays_on_the_ground(march, float(lift_off)):
        return

    def step(parts: Parts, hand: Hand) -> Flight:
        assert parts.ascent is not None
        assert parts.ascender is not None
        own = parts.ascent
        if hand["site"] is not None:
            own = dataclasses.replace(own, site=hand["site"])
        flight = ascents.fly(
            own,
            parts.ascender,
            world_of(parts, "mars"),
            hand["payload"],
            hand["plan"],
            hand["lift_off"],
            track=kept(),
        )
        wanted = parts.ascent.epoch if "ready" in march.hand else None
        return surfaces.in_time_and_warm(
            flight, hand["lift_off"], hand["cold"], hand["ready"], wanted
        )

    before = tuple(name for name in ("landing", "surface") if name in march.flown)
    if "launches" in march.hand:
        before += ("insertion",)

    target = orders.target
    inclination = None if target is None else math.degrees(float(target.inclination))
    stack = ascents.stacked(ascender, cargo)
    flight, _ = march.fly_step(
        phase,
        step,
        {
            "payload": cargo,
            "plan": plan,
            "lift_off": lift_off,
            "site": site,
            "cold": march.hand.get("cold", np.asarray(np.nan)),
            "ready": np.asarray(march.hand.get("ready", np.nan)),
        },
        None,
        "ascender",
        _handed_to_ascent(march) if before else None,
        before,
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
        if "grain" in march.hand:
            evenings, grain = march.hand["grain"]
            warm = surfaces.warmth_limit(evenings, grain, float(lift_off), parts.surface)
            march.log.limit(phase, warm)
        march.log.book(
            "ascender",
            "container_release",
            "container",
            float(flight.end.mass),
            -lifted,
            float(flight.end.epoch),
        )


def _stays_on_the_ground(march: March, lift_off: float) -> bool:
    """Whether the rocket is not ready on the day it is wanted, or too cold by then: it is lost."""
    wanted = march.parts.ascent.epoch if march.parts.ascent is not None else None
    if "ready" not in march.hand:
        return False
    if wanted is not None and march.hand["ready"] > float(wanted):
        march.log.lose("surface", Outcome.not_ready_in_time)
        return True
    cold = float(march.hand["cold"])
    if not cold < lift_off:
        return False
    assert march.parts.surface is not None
    evenings, grain = march.hand["grain"]
    march.log.limit("surface", surfaces.warmth_limit(evenings, grain, cold, march.parts.surface))
    march.log.note_event("grain_too_cold", "surface", cold)
    march.log.lose("surface", Outcome.grain_too_cold)
    return True


def _handed_to_ascent(march: March) -> Passing:
    """What a case's own landing, loading and orbiter hand to its ascent.

    The site is where its lander stands, the payload what it has loaded, the lift-off its own first
    launch after readiness; the steering is one of those planned.
    """
    launches: ascents.Launches | None = march.hand.get("launches")
    shut: surfaces.Season | None = march.hand.get("shut")
    on_station = march.hand.get("on_station", -math.inf)
    flown = set(march.flown)
    nominal = march.parts.container or default_of(Container)

    def passed(parts: Parts, flights: Flights) -> Hand:
        assert parts.ascent is not None
        world = world_of(parts, "mars")
        hand: Hand = {}
        site = parts.ascent.site
        if "landing" in flown:
            site = hand["site"] = _site_of(flights["landing"].end, world)
        if "surface" not in flown:
            return hand
        loaded = flights["surface"]
        hand["cold"] = loaded.events["grain_too_cold"]
        container = parts.container or nominal
        heavier = loaded.figures["tubes_loaded_count"] * (container.tube_mass - nominal.tube_mass)
        contents = loaded.masses["loading_end/tubes"].change + heavier
        hand["payload"] = container.mass + contents
        assert shut is not None
        ready = hand["ready"] = jnp.asarray(loaded.end.epoch)
        if parts.ascent.epoch is not None:
            ready = jnp.maximum(ready, parts.ascent.epoch)
        if launches is None:
            hand["lift_off"] = surfaces.open_after(jnp.maximum(ready, on_station), shut)
            return hand
        orbiter = flights["insertion"].end
        inclination, node, rate = meetings.mean_plane(orbiter, world)
        waiting = ascents.OrbitPlane(inclination, node, orbiter.epoch, rate)
        both = jnp.maximum(ready, orbiter.epoch)
        hand["plan"], hand["lift_off"] = launches.choose(waiting, both, site.longitude, world.spin)
        return hand

    return passed


def _site_of(stands: PointState, world: World) -> ascents.Site:
    latitude, longitude = place_below(world, stands.epoch, stands.position)
    return ascents.Site(  # pyright: ignore[reportCallIssue]
        latitude=latitude,
        longitude=longitude,
        altitude=None,
        height=None,
        radius=jnp.sqrt(stands.position @ stands.position),
    )


def _ascent_from_the_lander(march: March, orders: ascents.AscentOrders) -> ascents.AscentOrders:
    """The same orders, from where the lander really stands."""
    stands = march.hand.get("lander")
    if "landing" not in march.flown or stands is None:
        return orders
    site = jax.tree.map(np.asarray, _site_of(jax.device_get(stands), march.mars))
    return eqx.tree_at(lambda o: o.site, orders, site)


def _launch_into_plane(
    march: March, orders: ascents.AscentOrders, cargo: Any
) -> tuple[ascents.AscentPlan, Any]:
    """The steering and the instant at which the site passes under the orbiter's plane."""
    parts = march.parts
    assert parts.ascender is not None
    assert parts.surface is not None
    surface_orders = parts.surface
    ready = float(march.hand["ready"])
    if orders.epoch is not None:  # a day that the scenario wants: not before it
        ready = max(ready, float(orders.epoch))
    earliest = surfaces.lift_off_after(
        ready,
        march.hand.get("on_station", march.hand["ready"]),
        float(surface_orders.closed_from),
        float(surface_orders.closed_to),
    )
    march.hand["shut"] = surfaces.seasons(
        min(march.hand["ready"], march.hand.get("on_station", math.inf)),
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
        if march.hand.get("on_station") is not None:
            march.hand["launches"] = ascents.Launches(
                tuple(flown),
                tuple(plan for _, plan in ways),
                np.asarray(orders.site.longitude),
                np.asarray(duration),
                np.asarray(speed),
                march.hand["shut"],
            )
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
    alone = start is None or cargo is None or orders.target is not None
    if alone:
        start, cargo = meetings.starts_of(orders, orbiter, march.mars)
    assert start is not None
    assert cargo is not None
    meetings.plan(orders)

    def step(parts: Parts, hand: Hand) -> Flight:
        assert parts.rendezvous is not None
        return meetings.fly(
            hand["start"],
            parts.orbiter or orbiter,
            meetings.law_of(parts.rendezvous),
            world_of(parts, "mars"),
            hand["cargo"],
            track=kept(),
        )

    def passed(parts: Parts, flights: Flights) -> Hand:
        assert parts.ascender is not None
        ascended = flights["ascent"].end
        carried = ascended.mass - parts.ascender.stage_two.inert
        return {
            "start": flights["insertion"].end,
            "cargo": eqx.tree_at(lambda s: s.mass, ascended, carried),
        }

    epoch = max(float(start.epoch), float(cargo.epoch))
    flight, _ = march.fly_step(
        phase,
        step,
        {"start": start, "cargo": cargo},
        None,
        "orbiter",
        None if alone else passed,
        ("insertion", "ascent"),
        start_epoch=epoch,
        start_mass=float(start.mass),
        limits=lambda f: meetings.limits(f, orders),
    )
    march.hand["orbiter"] = flight.end

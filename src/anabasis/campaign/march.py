"""The march, phase by phase: plan from the nominal scenario, fly, hand on, write down.

Every flight keeps its track, wanted or not: one program then serves plan and flight, and the
second compilation would cost more than the rows.

`fly.py` calls these in order. Each of them does the same four things: it finds its start (handed
on by the phase before, or given in its own table), settles its plan in concrete numbers, flies its
phase through a pure step that derivatives can be taken of, and writes the flight down.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import equinox as eqx
import jax
import numpy as np

from anabasis.campaign import custody
from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.journey import BurnRow, Journey
from anabasis.campaign.limits import Limit
from anabasis.campaign.log import Log, utc
from anabasis.campaign.orders import ascent as ascents
from anabasis.campaign.orders import entry as entries
from anabasis.campaign.orders import insertion as insertions
from anabasis.campaign.orders import landing as landings
from anabasis.campaign.orders import rendezvous as meetings
from anabasis.campaign.orders import surface as surfaces
from anabasis.campaign.orders import transfer as legs
from anabasis.campaign.parts import Parts
from anabasis.campaign.scenario import Scenario
from anabasis.campaign.versions import device, versions
from anabasis.campaign.wall import build, check
from anabasis.guidance.steering import SolvedSteering
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.phases import ascent, entry, insertion, landing, rendezvous, surface, transfer
from anabasis.vehicles.container import Container, payload
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds import calendar
from anabasis.worlds.ephemeris import Ephemeris, load_ephemeris
from anabasis.worlds.world import World, make_world

FIGURES: dict[str, Mapping[str, str]] = {
    "lander_outbound": transfer.FIGURES,
    "orbiter_outbound": transfer.FIGURES,
    "insertion": insertion.FIGURES,
    "entry": entry.FIGURES,
    "landing": landing.FIGURES,
    "surface": surface.FIGURES,
    "ascent": ascent.FIGURES,
    "rendezvous": rendezvous.FIGURES,
    "homeward": transfer.FIGURES,
    "arrival": entry.FIGURES,
}
"""Phase -> bare figure name -> unit."""

GIVEN = "given, not flown"
APPROXIMATE = (
    "approximate: the speed to leave with is charged at the electric specific impulse as if it "
    "came after the escape"
)
FIXED_POINT_ROUNDS = 3
"""Rounds in which lift-off and the length of the rendezvous are fitted to each other."""
WINDOW_DECIDED = 3.0 * 86400.0
"""A departure later than readiness by more than this waited for its window [s]."""

T = TypeVar("T")
Hand = dict[str, Any]
Step = Callable[[Parts, Hand], Flight]


@dataclasses.dataclass(frozen=True)
class Flown:
    """One phase as it was flown: its step, what was handed to it, what set it in order."""

    step: Step
    hand: Hand


@dataclasses.dataclass
class March:
    """One march on its way.

    Attributes:
        scenario: what is flown.
        phases: names of the phases to fly.
        seed: root seed.
        track: keep the tracks.
        say: told what is being done.
    """

    scenario: Scenario
    phases: Sequence[str]
    seed: int
    track: bool
    say: Callable[[str], None]
    log: Log = dataclasses.field(init=False)
    hand: Hand = dataclasses.field(default_factory=dict)
    flown: dict[str, Flown] = dataclasses.field(default_factory=dict)
    errand: surfaces.Errand | None = None
    loaded: dict[str, float] = dataclasses.field(default_factory=dict)
    home_because: str = ""

    def __post_init__(self) -> None:
        self.log = Log(keep_tracks=self.track)

    # ---------------------------------------------------------------- the worlds

    @property
    def parts(self) -> Parts:
        """The scenario's numbers."""
        return self.scenario.parts

    @functools.cached_property
    def mars(self) -> World:
        """Mars, as the scenario has it."""
        return world_of(self.parts, "mars")

    @functools.cached_property
    def earth(self) -> World:
        """The Earth, as the scenario has it."""
        return world_of(self.parts, "earth")

    @functools.cached_property
    def ephemeris(self) -> Ephemeris:
        """Where the planets are."""
        return load_ephemeris()

    def flies(self, phase: str) -> bool:
        """True where this phase is still to be flown."""
        if phase not in self.phases or self.log.lost:
            return False
        self.say(phase.replace("_", " "))
        return True

    def need(self, phase: str, *names: str) -> None:
        """Refuse a phase whose vehicle or table is missing."""
        for name in names:
            if getattr(self.parts, name) is None:
                raise BadInput(
                    f"{phase} needs this table",
                    file=self.scenario.reading.file,
                    key=name,
                    hint=f"add [{name}]",
                )

    def _fly(
        self, phase: str, step: Step, hand: Hand, start: PointState | None, element: str, **how: Any
    ) -> tuple[Flight, dict[str, float]]:
        """Fly one step and write it down."""
        flight = step(self.parts, hand)
        self.flown[phase] = Flown(step, hand)
        figures = self.log.add(
            phase,
            flight,
            FIGURES[phase],
            start_epoch=float(start.epoch if start is not None else how.pop("start_epoch")),
            start_mass=how.pop("start_mass", None if start is None else float(start.mass)),
            element=element,
            **how,
        )
        return self.log.flights[phase], figures

    # ---------------------------------------------------------------- the lander's strand

    def lander_outbound(self) -> None:
        """The lander's way from the launch pad to the entry interface."""
        phase = "lander_outbound"
        if not self.flies(phase):
            return
        parts = self.parts
        orders = parts.lander_outbound
        assert orders is not None
        launcher = legs.launcher_of(orders, parts.launcher)
        lander, capsule = parts.lander, parts.capsule
        entry_mass = None if capsule is None else float(capsule.mass)
        stage = 0.0 if lander is None else float(lander.cruise_stage)
        launch_mass = None if entry_mass is None else entry_mass + stage
        site, point = self._landing_site()
        plan = legs.plan(
            orders,
            self.earth,
            self.mars,
            self.ephemeris,
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
                track=True,
            )

        flight, figures = self._fly(
            phase,
            step,
            {"mass": np.asarray(1.0)},
            None,
            "lander",
            start_epoch=plan.departure,
            start_mass=launch_mass,
            limits=lambda f: legs.limits(f, launcher if known else None),
            notes=(GIVEN,) if plan.given else (),
            event_notes=dict.fromkeys(("lander_launch",), GIVEN) if plan.given else None,
        )
        if launch_mass is not None and launcher is not None:
            self._book_launch("lander", launch_mass, figures, plan.departure)
            assert entry_mass is not None
            if stage > 0.0:
                self.log.book(
                    "lander",
                    "cruise_stage_separation",
                    "cruise stage",
                    launch_mass,
                    -stage,
                    float(flight.end.epoch),
                )
            state = eqx.tree_at(lambda s: s.mass, flight.end, np.asarray(entry_mass))
            self.hand["lander"] = state
        else:
            self.hand["lander"] = flight.end
        self.hand["lander_launch"] = plan.departure

    def _landing_site(self) -> tuple[legs.Site | None, legs.LandingPoint | None]:
        """Where the lander is to stand, and the function that says where it would."""
        parts = self.parts
        orders = parts.entry
        if orders is None or parts.capsule is None or orders.target is None:
            return None, None
        if orders.planet != "mars":
            return None, None
        site = legs.Site(float(orders.target.latitude), float(orders.target.longitude))

        def point(state: PointState) -> tuple[Scalar, Scalar]:
            assert parts.capsule is not None
            assert orders is not None
            law = self._bank_law(orders, state, self.mars)
            latitude, longitude = landings.landing_point(
                state,
                orders,
                parts.capsule,
                parts.parachute,
                law,
                self.mars,
                parts.landing,
                parts.lander,
            )
            return float(latitude), float(longitude)

        return site, point

    def _bank_law(self, orders: entries.EntryOrders, state: PointState, world: World) -> Any:
        """The bank of the nominal entry, settled once."""
        if "bank_law" not in self.hand:
            assert self.parts.capsule is not None
            self.hand["bank_law"] = entries.plan(
                orders, state, self.parts.capsule, self.parts.parachute, world
            )
        return self.hand["bank_law"]

    def _book_launch(
        self, element: str, mass: float, figures: Mapping[str, float], epoch: float
    ) -> None:
        capability = figures.get("launch_capability_kg")
        if capability is not None and math.isfinite(capability):
            self.log.book(
                f"launcher of the {element}",
                f"{element}_launch",
                element,
                capability,
                -mass,
                epoch,
            )

    def entry(self) -> None:
        """The lander's entry, or any capsule's anywhere, to its parachute or the ground."""
        phase = "entry"
        if not self.flies(phase):
            return
        self.need(phase, "capsule")
        parts = self.parts
        orders = parts.entry
        assert orders is not None
        assert parts.capsule is not None
        world = self.mars if orders.planet == "mars" else self.earth
        start = self.hand.get("lander")
        if start is None or orders.start is not None:
            start = entries.start_of(orders, parts.capsule, world)
            self.hand.pop("bank_law", None)
        law = self._bank_law(orders, start, world)

        def step(parts: Parts, hand: Hand) -> Flight:
            assert parts.entry is not None
            assert parts.capsule is not None
            start = hand["start"]
            if start is None:
                start = entries.start_of(parts.entry, parts.capsule, world_of(parts, world.name))
            return entries.fly(
                parts.entry,
                start,
                parts.capsule,
                parts.parachute,
                hand["law"],
                world_of(parts, world.name),
                track=True,
            )

        alone = self.hand.get("lander") is None or orders.start is not None
        flight, _ = self._fly(
            phase,
            step,
            {"start": None if alone else start, "law": law},
            start,
            "lander",
            start_mass=float(parts.capsule.mass),
            limits=lambda f: entries.limits(f, orders),
        )
        self.hand["lander"] = flight.end
        self.hand["interface_epoch"] = flight.events.get("entry_interface")

    def landing(self) -> None:
        """From the parachute to the ground."""
        phase = "landing"
        if not self.flies(phase):
            return
        self.need(phase, "capsule", "parachute", "lander")
        parts = self.parts
        orders = parts.landing
        assert orders is not None
        capsule, lander = parts.capsule, parts.lander
        assert capsule is not None
        assert lander is not None
        start = self.hand.get("lander")
        if start is None or orders.start is not None:
            start = landings.start_of(orders, capsule, self.mars)

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
                track=True,
            )

        flight, _ = self._fly(
            phase,
            step,
            {"start": start, "interface": self.hand.get("interface_epoch")},
            start,
            "lander",
            limits=lambda f: landings.limits(f, lander),
        )
        self.hand["lander"] = flight.end

    def surface(self) -> None:
        """The rover brings the tubes and they are loaded."""
        phase = "surface"
        if not self.flies(phase):
            return
        self.need(phase, "rover")
        parts = self.parts
        orders, rover = parts.surface, parts.rover
        assert orders is not None
        assert rover is not None
        container = parts.container or default_of(Container)
        start = self.hand.get("lander")
        if start is None or orders.start is not None:
            if orders.start is None:
                raise BadInput(
                    "the surface phase does not know where the lander stands",
                    file=self.scenario.reading.file,
                    key="surface.start",
                    hint="add [surface.start], or fly landing before",
                )
            start = surfaces.start_alone(orders, self.mars)
        latitude, longitude = self._aimed_at(start)
        errand = surfaces.plan(
            orders,
            rover,
            container,
            turn_back=float(self.hand.get("lander_launch", start.epoch)),
            latitude=latitude,
            longitude=longitude,
        )
        self.errand = errand

        def step(parts: Parts, hand: Hand) -> Flight:
            assert parts.surface is not None
            assert parts.rover is not None
            return surfaces.fly(
                errand, parts.surface, hand["start"], parts.rover, world_of(parts, "mars")
            )

        going = len(errand.manifest.going)
        flight, figures = self._fly(
            phase,
            step,
            {"start": start},
            start,
            "tubes",
            start_mass=None,
            limits=lambda f: surfaces.limits(f, going),
        )
        when = surfaces.hand_overs(errand, flight)
        self.loaded = when
        count, sample_mass = surfaces.loaded_masses(errand, flight)
        self.hand["payload"] = np.asarray(payload(container, float(count), float(sample_mass)))
        self.hand["ready"] = float(flight.end.epoch)
        self._book_loading(container, count, sample_mass)
        del figures

    def _aimed_at(self, start: PointState) -> tuple[float, float]:
        orders = self.parts.entry
        if orders is not None and orders.target is not None:
            return float(orders.target.latitude), float(orders.target.longitude)
        latitude, longitude = self.mars.latitude_longitude(start.epoch, start.position)
        return float(latitude), float(longitude)

    def _book_loading(self, container: Container, count: int, sample_mass: float) -> None:
        if not self.loaded:
            return
        last = max(self.loaded.values())
        shell = float(container.mass)
        tubes = count * float(container.tube_mass)
        self.log.book("container", "loading_end", "tubes", shell, tubes, last)
        self.log.book("container", "loading_end", "samples", shell + tubes, sample_mass, last)

    # ---------------------------------------------------------------- the orbiter's strand

    def orbiter_outbound(self) -> None:
        """The orbiter's way from the launch pad to the neighbourhood of Mars."""
        phase = "orbiter_outbound"
        if not self.flies(phase):
            return
        parts = self.parts
        orders, orbiter = parts.orbiter_outbound, parts.orbiter
        assert orders is not None
        launcher = None if orbiter is None else legs.launcher_of(orders, parts.launcher)
        launch_mass = None if orbiter is None else float(orbiter.launch_mass)
        below = parts.insertion

        def pass_mars(v_infinity: np.ndarray, epoch: float, mass: float) -> PointState:
            assert below is not None
            return insertions.arriving(
                below, np.asarray(v_infinity), np.asarray(epoch), np.asarray(mass), self.mars
            )

        plan = legs.plan(
            orders,
            self.earth,
            self.mars,
            self.ephemeris,
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
                track=True,
            )

        flight, figures = self._fly(
            phase,
            step,
            {"mass": np.asarray(1.0)},
            None,
            "orbiter",
            start_epoch=plan.departure,
            start_mass=launch_mass,
            limits=lambda f: legs.limits(f, launcher),
            notes=(GIVEN,) if plan.given else (),
            event_notes={"orbiter_launch": GIVEN} if plan.given else None,
        )
        if launch_mass is not None and launcher is not None:
            self._book_launch("orbiter", launch_mass, figures, plan.departure)
        self.hand["orbiter"] = flight.end

    def insertion(self) -> None:
        """Capture at Mars and the way down to the working orbit."""
        phase = "insertion"
        if not self.flies(phase):
            return
        self.need(phase, "orbiter")
        orders, orbiter = self.parts.insertion, self.parts.orbiter
        assert orders is not None
        assert orbiter is not None
        start = self.hand.get("orbiter")
        if start is None or orders.start is not None:
            start = insertions.start_of(orders, orbiter, self.mars)
        law = insertions.plan(orders, orbiter, self.mars, start)

        def step(parts: Parts, hand: Hand) -> Flight:
            assert parts.orbiter is not None
            return insertions.fly(
                hand["start"],
                parts.orbiter,
                hand["law"],
                world_of(parts, "mars"),
                track=True,
            )

        flight, _ = self._fly(
            phase, step, {"start": start, "law": law}, start, "orbiter", limits=insertions.limits
        )
        self.hand["orbiter"] = flight.end
        self.hand["on_station"] = float(flight.end.epoch)

    # ---------------------------------------------------------------- the strands meet

    def ascent(self) -> None:
        """The rocket leaves Mars, into the plane of the orbiter where there is one."""
        phase = "ascent"
        if not self.flies(phase):
            return
        self.need(phase, "ascender")
        parts = self.parts
        orders, ascender = parts.ascent, parts.ascender
        assert orders is not None
        assert ascender is not None
        cargo = self.hand.get("payload")
        orders = self._ascent_from_the_lander(orders)
        if "ready" in self.hand:
            plan, lift_off = self._launch_into_plane(orders, cargo)
        else:
            plan = ascents.plan(orders, ascender, self.mars, cargo)
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
        flight, _ = self._fly(
            phase,
            step,
            {"payload": cargo, "plan": plan, "lift_off": lift_off},
            None,
            "ascender",
            start_epoch=float(lift_off),
            start_mass=float(stack.lift_off_mass),
            limits=lambda f: ascents.limits(f, inclination),
            notes=self._lateness(),
        )
        lifted = float(stack.payload)
        self.hand["container"] = eqx.tree_at(lambda s: s.mass, flight.end, np.asarray(lifted))
        if "ready" in self.hand:
            assert parts.surface is not None
            ls = math.degrees(calendar.solar_longitude(float(lift_off)))
            self.log.limit(phase, surfaces.lift_off_limit(ls, parts.surface))
            self.log.book(
                "ascender",
                "container_release",
                "container",
                float(flight.end.mass),
                -lifted,
                float(flight.end.epoch),
            )

    def _ascent_from_the_lander(self, orders: ascents.AscentOrders) -> ascents.AscentOrders:
        """The same orders, from where the lander really stands."""
        stands = self.hand.get("lander")
        if "landing" not in self.flown or stands is None:
            return orders
        latitude, longitude = self.mars.latitude_longitude(stands.epoch, stands.position)
        site = ascents.Site(  # pyright: ignore[reportCallIssue]
            latitude=np.asarray(latitude),
            longitude=np.asarray(longitude),
            altitude=None,
            height=None,
            radius=np.asarray(np.linalg.norm(np.asarray(stands.position))),
        )
        return eqx.tree_at(lambda o: o.site, orders, site)

    def _launch_into_plane(
        self, orders: ascents.AscentOrders, cargo: Any
    ) -> tuple[ascents.AscentPlan, Any]:
        """The steering and the instant at which the site passes under the orbiter's plane."""
        parts = self.parts
        assert parts.ascender is not None
        assert parts.surface is not None
        surface_orders = parts.surface
        earliest = surfaces.lift_off_after(
            self.hand["ready"],
            self.hand.get("on_station", self.hand["ready"]),
            float(surface_orders.closed_from),
            float(surface_orders.closed_to),
        )
        self._say_what_set_lift_off(earliest)
        first = np.asarray(earliest)
        plan = ascents.plan(orders, parts.ascender, self.mars, cargo, first)
        if "orbiter" not in self.hand or parts.rendezvous is None:
            return plan, first
        ways = [(orders, plan)]
        if isinstance(orders.steering, SolvedSteering):
            # of the two launches of each sol, the other way over the site
            other = orders.other_way()
            ways.append((other, ascents.plan(other, parts.ascender, self.mars, cargo, first)))
        ways = [(o, p) for o, p in ways if bool(p.reached)] or ways[:1]
        ends = [
            ascents.fly(o, parts.ascender, self.mars, cargo, p, first, track=True).end
            for o, p in ways
        ]
        flown = [self._plane_of(jax.device_get(end), earliest) for end in ends]
        orbiter = self.hand["orbiter"]
        waiting = self._plane_of(orbiter, float(orbiter.epoch))
        law = meetings.plan(parts.rendezvous)
        duration = float(law.search_duration + law.approach_duration)
        speed = float(np.linalg.norm(np.asarray(ends[0].velocity)))
        lift_off = first
        for _ in range(FIXED_POINT_ROUNDS):
            launch = ascents.next_launch(
                waiting, flown, first, self.mars.spin, np.asarray(duration), np.asarray(speed)
            )
            lift_off = np.asarray(launch.lift_off)
            way, plan = ways[int(launch.which)]
            flight = ascents.fly(way, parts.ascender, self.mars, cargo, plan, lift_off, track=True)
            assert parts.orbiter is not None
            meeting = meetings.fly(
                orbiter,
                parts.orbiter,
                law,
                self.mars,
                self._as_container(flight.end, cargo),
                track=True,
            )
            duration = float(meeting.end.epoch) - float(lift_off)
            self.hand["lateness"] = (
                math.degrees(float(launch.plane_error_rate)) * 60.0,
                float(launch.delta_v_rate) * 60.0,
            )
        return plan, lift_off

    def _as_container(self, state: PointState, cargo: Any) -> PointState:
        assert self.parts.ascender is not None
        mass = self.parts.ascender.payload if cargo is None else cargo
        return jax.device_get(eqx.tree_at(lambda s: s.mass, state, np.asarray(mass)))

    def _plane_of(self, state: PointState, epoch: float) -> ascents.OrbitPlane:
        inclination, node, rate = meetings.mean_plane(state, self.mars)
        shift = epoch - float(state.epoch)
        return ascents.OrbitPlane(
            np.asarray(inclination),
            np.asarray(node + rate * shift),
            np.asarray(epoch),
            np.asarray(rate),
        )

    def _lateness(self) -> tuple[str, ...]:
        if "lateness" not in self.hand:
            return ()
        tilt, cost = self.hand["lateness"]
        return (f"each minute of delay tilts the plane by {tilt:.3f} deg, {cost:.2f} m/s to mend",)

    def _say_what_set_lift_off(self, earliest: float) -> None:
        ready, station = self.hand["ready"], self.hand.get("on_station", -math.inf)
        if earliest > max(ready, station):
            self.hand["lift_off_because"] = "lift-off waited for the end of the dust season"
        elif station > ready:
            self.hand["lift_off_because"] = "lift-off waited for the orbiter"
        else:
            self.hand["lift_off_because"] = "lift-off waited for the tubes"

    def rendezvous(self) -> None:
        """The orbiter meets the container and takes it aboard."""
        phase = "rendezvous"
        if not self.flies(phase):
            return
        parts = self.parts
        orders = parts.rendezvous
        orbiter = parts.orbiter or default_of(Orbiter)
        assert orders is not None
        start, cargo = self.hand.get("orbiter"), self.hand.get("container")
        if start is None or cargo is None or orders.target is not None:
            start, cargo = meetings.starts_of(orders, orbiter, self.mars)
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
        flight, _ = self._fly(
            phase,
            step,
            {"start": start, "cargo": cargo, "law": law},
            None,
            "orbiter",
            start_epoch=epoch,
            start_mass=float(start.mass),
            limits=lambda f: meetings.limits(f, orders),
        )
        self.hand["orbiter"] = flight.end

    # ---------------------------------------------------------------- one comes home

    def homeward(self) -> None:
        """The spiral up, the departure, the cruise to the Earth and the release of the capsule."""
        phase = "homeward"
        if not self.flies(phase):
            return
        parts = self.parts
        orders, orbiter = parts.homeward, parts.orbiter
        assert orders is not None
        start = self.hand.get("orbiter")
        ready = None
        mass = 1.0
        climb = None
        if start is not None and orbiter is not None:
            mass = float(start.mass) - float(orbiter.capture_hardware)
            radius = float(np.linalg.norm(np.asarray(start.position)))
            climb = insertion.escape_spiral(
                np.asarray(mass), np.asarray(radius), orbiter, self.mars
            )
            ready = float(start.epoch) + float(climb.duration)
            mass -= float(climb.propellant)
        capsule = parts.return_capsule
        site, point = self._home_site()
        plan = legs.plan(
            orders,
            self.mars,
            self.earth,
            self.ephemeris,
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
            self._book_climb(climb, start, float(orbiter.capture_hardware), plan.departure)
        flight, figures = self._fly(
            phase,
            step,
            {"mass": np.asarray(mass)},
            None,
            "orbiter",
            start_epoch=plan.departure,
            start_mass=mass if start is not None else None,
            notes=(APPROXIMATE,) if exhaust is not None else (),
        )
        if capsule is not None:
            self._release(flight, float(capsule.mass))
        if ready is not None and orbiter is not None:
            self._say_what_set_home(ready, plan.departure)
            spent = float(climb.propellant) if climb is not None else 0.0
            self._xenon_left(orbiter, spent + figures["propellant_kg"])

    def _home_site(self) -> tuple[legs.Site | None, legs.LandingPoint | None]:
        parts = self.parts
        orders, capsule = parts.arrival, parts.return_capsule
        if orders is None or capsule is None or orders.target is None:
            return None, None
        site = legs.Site(float(orders.target.latitude), float(orders.target.longitude))

        def point(state: PointState) -> tuple[Scalar, Scalar]:
            assert capsule is not None
            assert orders is not None
            law = entries.plan(orders, state, capsule, None, self.earth)
            latitude, longitude = landings.landing_point(
                state, orders, capsule, None, law, self.earth, None, None
            )
            return float(latitude), float(longitude)

        return site, point

    def _book_climb(self, climb: Any, start: PointState, hardware: float, departure: float) -> None:
        epoch = float(start.epoch)
        before = float(start.mass)
        begun = departure - float(climb.duration)
        if hardware > 0.0:
            self.log.book("orbiter", "capture_hardware_left", "hardware", before, -hardware, epoch)
        self.log.burns.append(
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
        self.log.book(
            "orbiter", "spiral_up", "xenon", before - hardware, -float(climb.propellant), begun
        )
        self.log.note_event("spiral_up", "homeward", begun)

    def _release(self, flight: Flight, capsule: float) -> None:
        released = float(flight.events.get("capsule_release", flight.end.epoch))
        before = float(flight.end.mass)
        self.log.book("orbiter", "capsule_release", "capsule", before, -capsule, released)
        self.hand["capsule"] = eqx.tree_at(lambda s: s.mass, flight.end, np.asarray(capsule))

    def _say_what_set_home(self, ready: float, departure: float) -> None:
        if departure - ready > WINDOW_DECIDED:
            self.home_because = (
                f"set by the window home of {utc(departure)[:7]} (the orbiter could leave from "
                f"{utc(ready)[:10]})"
            )
        else:
            why = self.hand.get("lift_off_because", "")
            self.home_because = f"set by the day the orbiter could leave, {utc(ready)[:10]}"
            self.home_because += f" ({why})" if why else ""

    def _xenon_left(self, orbiter: Any, homeward: float) -> None:
        down = sum(
            row.propellant
            for row in self.log.burns
            if row.phase == "insertion" and row.name == "spiral"
        )
        left = float(orbiter.xenon) - down - homeward
        self.log.limit(
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

    def arrival(self) -> None:
        """The capsule enters the Earth's air and falls on the range in Utah."""
        phase = "arrival"
        if not self.flies(phase):
            return
        self.need(phase, "return_capsule")
        parts = self.parts
        orders, capsule = parts.arrival, parts.return_capsule
        assert orders is not None
        assert capsule is not None
        start = self.hand.get("capsule")
        alone = start is None or orders.start is not None
        if alone:
            start = entries.start_of(orders, capsule, self.earth)
        assert start is not None
        law = entries.plan(orders, start, capsule, None, self.earth)

        def step(parts: Parts, hand: Hand) -> Flight:
            assert parts.arrival is not None
            assert parts.return_capsule is not None
            start = hand["start"]
            if start is None:
                start = entries.start_of(
                    parts.arrival, parts.return_capsule, world_of(parts, "earth")
                )
            return entries.fly(
                parts.arrival,
                start,
                parts.return_capsule,
                None,
                hand["law"],
                world_of(parts, "earth"),
                track=True,
            )

        self._fly(
            phase,
            step,
            {"start": None if alone else start, "law": law},
            start,
            "capsule",
            start_mass=float(capsule.mass),
            limits=lambda f: entries.limits(f, orders),
        )

    # ---------------------------------------------------------------- and this is how it went

    def journey(self, report: Sequence[str]) -> Journey:
        """The journey, of the phases to report."""
        log = self.log
        told = "surface" in report and ("surface" in self.flown or log.lost)
        tubes = self._custody() if told and self.parts.rover is not None else ()
        home = log.flights.get("arrival")
        arrived = home is not None and not log.lost and bool(tubes)
        whole = set(report) == set(self.phases)
        outcome = log.outcome if log.outcome_phase in report or whole else ""
        return Journey(
            scenario=self.scenario.name,
            scenario_hash=self.scenario.hash,
            seed=self.seed,
            outcome=log.outcome or outcome,
            outcome_phase=log.outcome_phase,
            phases={name: r for name, r in log.phases.items() if name in report},
            events=tuple(e for e in log.sorted_events() if e.phase in report),
            mass_ledger=log.sorted_ledger() if whole else (),
            delta_v=tuple(row for row in log.burns if row.phase in report),
            tubes=tubes,
            home_utc=utc(float(home.end.epoch)) if arrived and home is not None else None,
            home_because=self.home_because if arrived else "",
            announced=self.parts.announced or "",
            versions=versions(),
            device=device(),
            tracks={name: t for name, t in log.tracks.items() if name in report},
        )

    def _custody(self) -> tuple[Mapping[str, Any], ...]:
        """Where every tube went."""
        assert self.parts.surface is not None
        assert self.parts.rover is not None
        log = self.log
        if self.errand is not None:
            manifest = self.errand.manifest
        else:  # lost before anybody drove anywhere: every tube is where it was
            container = self.parts.container or default_of(Container)
            manifest = surfaces.manifest_of(self.parts.surface, container)
        happened = {event.name: event.utc for event in log.sorted_events()}
        if "arrival" in log.flights and not log.lost:
            happened["impact"] = utc(float(log.flights["arrival"].end.epoch))
        loss = None
        if log.outcome_phase is not None:
            loss = custody.Loss(log.outcome_phase, log.phases[log.outcome_phase].end_utc)
        chains = custody.trace(
            manifest.tubes,
            {name: utc(epoch) for name, epoch in self.loaded.items()},
            happened,
            loss,
            bounds=surfaces.bounds(self.parts.surface, self.parts.rover),
        )
        warmest = custody.warmest(chains)
        if math.isfinite(warmest):
            warm = surfaces.limits(
                {"tubes_loaded_count": 0.0, "season_margin_sol": 0.0}, 0, warmest
            )[-1]
            log.limit("surface", warm)
        return tuple(chain.to_dict() for chain in chains)


def default_of(module: type[T]) -> T:
    """A vehicle of which the scenario says nothing: its own defaults, in SI."""
    return build(module, check(module, {}, "defaults"))  # pyright: ignore[reportArgumentType]


def world_of(parts: Parts, name: str) -> World:
    """A planet as the scenario has it."""
    planets = parts.planet
    return make_world(name, None if planets is None else getattr(planets, name))


__all__ = ["FIGURES", "Flown", "March", "Outcome", "world_of"]

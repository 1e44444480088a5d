"""A march on its way: its worlds, what has been handed on, what has been flown.

Every flight keeps its track, wanted or not: one program then serves plan and flight, and the
second compilation would cost more than the rows.

`fly.py` calls the phases in order; they stand by strand in `lander_strand`, `orbiter_strand`,
`meeting` and `homecoming`. Each does the same four things: it finds its start (handed on by the
phase before, or given in its own table), settles its plan in concrete numbers, flies its phase
through a pure step that derivatives can be taken of, and writes the flight down.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from anabasis.campaign import custody, exposure
from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.journey import Journey
from anabasis.campaign.log import Log, utc
from anabasis.campaign.orders import surface as surfaces
from anabasis.campaign.parts import Parts
from anabasis.campaign.scenario import Scenario
from anabasis.campaign.versions import device, versions
from anabasis.campaign.wall import build, check
from anabasis.mechanics.batch import is_side_by_side
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.phases import (
    ascent,
    entry,
    insertion,
    landing,
    launch,
    rendezvous,
    surface,
    transfer,
)
from anabasis.vehicles.container import Container
from anabasis.worlds.ephemeris import Ephemeris, load_ephemeris
from anabasis.worlds.world import World, make_world

OF_THE_MARCH: dict[str, dict[str, str]] = {
    # what the march adds to a phase's own figures, where what went before is known
    "homeward": {"waiting": "day", "xenon_left": "kg"},
    "arrival": {"tubes_home_count": "", "tubes_pristine_count": ""},
}
"""Phase -> bare figure name -> unit."""

FIGURES: dict[str, Mapping[str, str]] = {
    "lander_outbound": transfer.FIGURES,
    "orbiter_outbound": transfer.FIGURES,
    "insertion": insertion.FIGURES,
    "entry": entry.FIGURES,
    "landing": landing.FIGURES,
    "surface": surface.FIGURES,
    "ascent": ascent.FIGURES | launch.FIGURES,
    "rendezvous": rendezvous.FIGURES,
    "homeward": transfer.FIGURES | OF_THE_MARCH["homeward"],
    "arrival": entry.FIGURES | OF_THE_MARCH["arrival"],
}
"""Phase -> bare figure name -> unit."""

GIVEN = "given, not flown"
T = TypeVar("T")
Hand = dict[str, Any]
Step = Callable[[Parts, Hand], Flight]
Flights = Mapping[str, Flight]
Passing = Callable[[Parts, Flights], Hand]


@dataclasses.dataclass(frozen=True)
class Flown:
    """One phase as it was flown.

    Attributes:
        step: the phase as a pure function of the scenario's numbers and what is handed to it.
        hand: what was handed to it.
        passed: what the flights of any case before it hand to it, in place of what ``hand`` holds
            by those names; pure, traced and concrete alike. None where no phase before it does.
        before: the phases whose flights that is.
    """

    step: Step
    hand: Hand
    passed: Passing | None = None
    before: tuple[str, ...] = ()


def kept() -> bool:
    """Whether a flight keeps its track: always, but side by side, where nobody reads it."""
    return not is_side_by_side()


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

    def fly_step(
        self,
        phase: str,
        step: Step,
        hand: Hand,
        start: PointState | None,
        element: str,
        passed: Passing | None = None,
        before: tuple[str, ...] = (),
        **how: Any,
    ) -> tuple[Flight, dict[str, float]]:
        """Fly one step and write it down.

        Args:
            phase: its name.
            step: the phase as a pure function of the scenario's numbers and what was handed on.
            hand: what was handed on.
            start: the state it starts from; None where ``start_epoch`` says when.
            element: what flies, for the ledgers.
            passed: what other cases' flights of the phases ``before`` hand to it (`Flown`).
            before: phases; without one of them in the march nothing is passed.
            **how: handed to `Log.add`.

        Returns:
            The flight in numpy's numbers, and its figures at the wall.
        """
        flight = step(self.parts, hand)
        follows = all(name in self.flown for name in before)
        self.flown[phase] = Flown(
            step, hand, passed if follows else None, before if follows else ()
        )
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

    def book_launch(
        self, element: str, mass: float, figures: Mapping[str, float], epoch: float
    ) -> None:
        """What the launcher lifts, less what it is asked to lift."""
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

    def journey(self, report: Sequence[str]) -> Journey:
        """The journey, of the phases to report."""
        log = self.log
        told = "surface" in report and ("surface" in self.flown or log.lost)
        tubes = self._custody() if told and self.parts.rover is not None else ()
        home = log.flights.get("arrival")
        arrived = home is not None and not log.lost and bool(tubes)
        whole = set(report) == set(self.phases)
        outcome = log.outcome if log.outcome_phase in report or whole else ""
        journey = Journey(
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
        if not tubes:
            return journey
        return dataclasses.replace(journey, tubes=exposure.with_exposures(journey.to_dict()))

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

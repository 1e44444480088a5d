"""The log of a march: every flight, written down in the names and units of the wall."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from anabasis.campaign.journey import BurnRow, Event, LedgerRow, PhaseReport, finite
from anabasis.campaign.limits import Limit
from anabasis.mechanics.flight import Flight
from anabasis.outcome import Outcome
from anabasis.units import from_si, name_at_wall
from anabasis.worlds import calendar

ON_MARS = ("entry", "landing", "surface", "ascent")
"""Phases whose events also carry a sol."""

LEDGER_TOLERANCE = 1e-9
"""By how much a ledger may fail to close before the page says so [kg]."""


@dataclasses.dataclass
class Log:
    """What has happened so far.

    Attributes:
        keep_tracks: keep the tracks of the flights.
    """

    keep_tracks: bool = False
    phases: dict[str, PhaseReport] = dataclasses.field(default_factory=dict)
    flights: dict[str, Flight] = dataclasses.field(default_factory=dict)
    events: list[Event] = dataclasses.field(default_factory=list)
    ledger: list[LedgerRow] = dataclasses.field(default_factory=list)
    burns: list[BurnRow] = dataclasses.field(default_factory=list)
    tracks: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    outcome: str = ""
    outcome_phase: str | None = None

    def add(
        self,
        phase: str,
        flight: Flight,
        units: Mapping[str, str],
        *,
        start_epoch: float,
        start_mass: float | None,
        element: str,
        limits: Callable[[dict[str, float]], Sequence[Limit]] = lambda _: (),
        notes: Sequence[str] = (),
        event_notes: Mapping[str, str] | None = None,
        more_figures: Mapping[str, float] | None = None,
        track_centre: str = "",
    ) -> dict[str, float]:
        """Write down one flight.

        Args:
            phase: its name.
            flight: how it went.
            units: bare figure name -> unit, the phase's ``FIGURES``.
            start_epoch: when it began [s TDB].
            start_mass: of what flies [kg], or None where no mass is known.
            element: what flies, for the ledgers.
            limits: from the figures at the wall.
            notes: what a reader must know of this phase.
            event_notes: event name -> note.
            more_figures: figures the campaign adds, already at the wall.
            track_centre: body at the origin of the track; that of the end where it is empty.

        Returns:
            The figures at the wall.
        """
        flight = jax.device_get(flight)
        figures: dict[str, float] = {
            name_at_wall(name, units[name]): float(from_si(np.asarray(value), units[name]))
            for name, value in flight.figures.items()
            if name in units
        }
        figures.update(more_figures or {})
        sentence = sentence_of(flight.outcome)
        found = tuple(limits(figures))
        end = float(flight.end.epoch)
        extrapolations = {
            name: int(value) for name, value in flight.extrapolations.items() if float(value) >= 0
        }
        ledger_note = self._book(phase, element, flight, start_mass)
        self.phases[phase] = PhaseReport(
            outcome=sentence,
            start_utc=utc(start_epoch),
            end_utc=utc(end),
            figures={name: finite(value) for name, value in figures.items()},
            extrapolations=extrapolations,
            limits=found,
            notes=(*notes, *ledger_note),
        )
        self.flights[phase] = flight
        self._note_events(phase, flight, start_epoch, event_notes or {})
        if self.keep_tracks and flight.track is not None:
            self.tracks[phase] = {**flight.track, "centre": track_centre or flight.end.centre}
        if sentence and not self.outcome:
            self.outcome, self.outcome_phase = sentence, phase
        return figures

    @property
    def lost(self) -> bool:
        """True once a phase was lost: a march that is lost stays lost."""
        return bool(self.outcome)

    def lose(self, phase: str, outcome: Outcome) -> None:
        """The march is lost by a decision between the phases."""
        if not self.outcome:
            self.outcome, self.outcome_phase = sentence_of(outcome), phase
            if phase in self.phases:
                self.phases[phase] = dataclasses.replace(self.phases[phase], outcome=self.outcome)

    def note_event(self, name: str, phase: str, epoch: float, note: str = "") -> None:
        """Something that happened between the flights."""
        self.events.append(event(name, phase, epoch, epoch, note))

    def book(
        self, element: str, name: str, item: str, before: float, change: float, epoch: float
    ) -> None:
        """One line of the mass ledger that no flight wrote."""
        self.ledger.append(
            LedgerRow(element, name, item, before, change, before + change, utc(epoch))
        )

    def limit(self, phase: str, *limits: Limit) -> None:
        """Add limits to a phase that is written down already."""
        report = self.phases[phase]
        self.phases[phase] = dataclasses.replace(report, limits=(*report.limits, *limits))

    def sorted_events(self) -> tuple[Event, ...]:
        """The events in order of time, the earlier written first where they coincide."""
        return tuple(sorted(self.events, key=lambda one: one.epoch))

    def sorted_ledger(self) -> tuple[LedgerRow, ...]:
        """The ledger, element by element, each in order of time."""
        elements = list(dict.fromkeys(row.element for row in self.ledger))
        return tuple(sorted(self.ledger, key=lambda row: elements.index(row.element)))

    def _note_events(
        self, phase: str, flight: Flight, start: float, notes: Mapping[str, str]
    ) -> None:
        for name, epoch in flight.events.items():
            if math.isfinite(float(epoch)):
                note, centre = notes.get(name, ""), flight.end.centre
                self.events.append(event(name, phase, float(epoch), start, note, centre))

    def _book(
        self, phase: str, element: str, flight: Flight, start_mass: float | None
    ) -> tuple[str, ...]:
        for name, burn in sorted(flight.burns.items(), key=lambda item: _when(item[1].epoch)):
            epoch = float(burn.epoch)
            self.burns.append(
                BurnRow(
                    element,
                    phase,
                    name,
                    float(burn.delta_v),
                    float(burn.loss),
                    float(burn.propellant),
                    utc(epoch) if math.isfinite(epoch) else "",
                )
            )
        if start_mass is None or not flight.masses:
            return ()
        mass = start_mass
        for name, change in sorted(flight.masses.items(), key=lambda item: _when(item[1].epoch)):
            what, _, item = name.partition("/")
            value, epoch = float(change.change), float(change.epoch)
            if not (math.isfinite(value) and math.isfinite(epoch)):
                continue
            self.ledger.append(
                LedgerRow(element, what, item, mass, value, mass + value, utc(epoch))
            )
            mass += value
        gap = mass - float(flight.end.mass)
        if not abs(gap) <= LEDGER_TOLERANCE:
            return (f"the mass ledger of {element} does not close, by {gap:.3g} kg",)
        return ()


def _when(epoch: Any) -> float:
    value = float(epoch)
    return value if math.isfinite(value) else math.inf


def event(
    name: str, phase: str, epoch: float, start: float, note: str = "", centre: str = "mars"
) -> Event:
    """An event with its date, and where it is on Mars its sol and solar longitude."""
    on_mars = phase in ON_MARS and centre == "mars"
    return Event(
        name=name,
        phase=phase,
        epoch=epoch,
        utc=utc(epoch),
        elapsed=epoch - start,
        sol=math.floor(calendar.sol_of_epoch(epoch)) if on_mars else None,
        ls_deg=math.degrees(calendar.solar_longitude(epoch)) if on_mars else None,
        note=note,
    )


def sentence_of(outcome: Outcome) -> str:
    """The sentence of a concrete verdict; empty when nominal."""
    return str(Outcome[outcome])


def utc(epoch: float) -> str:
    """The date of an epoch, or an empty text where it is none."""
    return calendar.utc_of_epoch(epoch) if math.isfinite(epoch) else ""

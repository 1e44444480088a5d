"""The journey: how a march went, phase by phase, in the names and units of the wall."""

from __future__ import annotations

import dataclasses
import importlib
import math
from collections.abc import Mapping
from typing import Any

from anabasis.campaign.limits import Limit


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that happened, once."""

    name: str
    phase: str
    epoch: float
    utc: str
    elapsed: float
    sol: int | None
    ls_deg: float | None
    note: str = ""


@dataclasses.dataclass(frozen=True)
class LedgerRow:
    """One line of the mass ledger of one element [kg]."""

    element: str
    event: str
    item: str
    before: float
    change: float
    after: float
    utc: str


@dataclasses.dataclass(frozen=True)
class BurnRow:
    """One manoeuvre of one element: delta-v and loss [m/s], propellant [kg]."""

    element: str
    phase: str
    name: str
    delta_v: float
    loss: float
    propellant: float
    utc: str


@dataclasses.dataclass(frozen=True)
class PhaseReport:
    """One phase: verdict, span, figures with unit in the name, limits, reads out of tables."""

    outcome: str
    start_utc: str
    end_utc: str
    figures: Mapping[str, float | None]
    extrapolations: Mapping[str, int]
    limits: tuple[Limit, ...]
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Journey:
    """A whole march, flown.

    Attributes:
        scenario: its name.
        scenario_hash: SHA-256 of its canonical form.
        seed: root seed.
        outcome: empty when nominal, else the sentence that says why the mission was lost.
        outcome_phase: the phase in which it was lost, or None.
        phases: report by phase, in the order flown.
        events: in order of time.
        mass_ledger, delta_v, tubes: as `to_dict` gives them.
        home_utc: when the samples are home, or None.
        home_because: what set that day.
        announced: what was announced when, for comparison, or empty.
        tracks: column arrays by phase (SI), when asked for.
        versions, device: what computed it.
    """

    scenario: str
    scenario_hash: str
    seed: int
    outcome: str
    outcome_phase: str | None
    phases: Mapping[str, PhaseReport]
    events: tuple[Event, ...]
    mass_ledger: tuple[LedgerRow, ...]
    delta_v: tuple[BurnRow, ...]
    tubes: tuple[Mapping[str, Any], ...]
    home_utc: str | None
    home_because: str
    announced: str
    versions: Mapping[str, str]
    device: str
    tracks: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)

    @property
    def limits_met(self) -> bool:
        """True where every limit of every phase is met."""
        return all(limit.met for report in self.phases.values() for limit in report.limits)

    @property
    def tubes_home_count(self) -> int:
        """How many tubes were delivered."""
        return sum(1 for tube in self.tubes if tube["state"] == "delivered")

    @property
    def plot(self) -> Any:
        """Static plots: ``journey.plot.entry_corridor()`` is a matplotlib figure.

        Raises:
            ValueError: for a journey without tracks; fly it with ``track=True``.
        """
        # found by name, when asked for: this room knows nothing of the one above that draws
        return importlib.import_module("anabasis.viewer.plot").Plots.of(self)

    def to_dict(self) -> dict[str, Any]:
        """What ``journey.json`` holds: plain JSON, no NaN and no infinity."""
        return {
            "schema_version": 1,
            "scenario": self.scenario,
            "scenario_hash": self.scenario_hash,
            "anabasis_version": self.versions["anabasis"],
            "versions": {k: v for k, v in self.versions.items() if k != "anabasis"},
            "device": self.device,
            "seed": self.seed,
            "outcome": self.outcome,
            "outcome_phase": self.outcome_phase,
            "limits_met": self.limits_met,
            "home_utc": self.home_utc,
            "home_because": self.home_because,
            "announced": self.announced,
            "tubes_home_count": self.tubes_home_count,
            "events": [
                {
                    "name": event.name,
                    "phase": event.phase,
                    "utc": event.utc,
                    "et_s": finite(event.epoch),
                    "elapsed_s": finite(event.elapsed),
                    "sol": event.sol,
                    "ls_deg": finite(event.ls_deg),
                    "note": event.note,
                }
                for event in self.events
            ],
            "phases": {
                name: {
                    "outcome": report.outcome,
                    "start_utc": report.start_utc,
                    "end_utc": report.end_utc,
                    "figures": {k: finite(v) for k, v in report.figures.items()},
                    "extrapolations": dict(report.extrapolations),
                    "limits": [_limit(limit) for limit in report.limits],
                    "notes": list(report.notes),
                }
                for name, report in self.phases.items()
            },
            "mass_ledger": [
                {
                    "element": row.element,
                    "event": row.event,
                    "item": row.item,
                    "before_kg": finite(row.before),
                    "change_kg": finite(row.change),
                    "after_kg": finite(row.after),
                    "utc": row.utc,
                }
                for row in self.mass_ledger
            ],
            "delta_v": [
                {
                    "element": row.element,
                    "phase": row.phase,
                    "name": row.name,
                    "delta_v_m_s": finite(row.delta_v),
                    "loss_m_s": finite(row.loss),
                    "propellant_kg": finite(row.propellant),
                    "utc": row.utc,
                }
                for row in self.delta_v
            ],
            "tubes": [dict(tube) for tube in self.tubes],
        }


def finite(value: float | None) -> float | None:
    """The number, or None where it is none: JSON knows no NaN."""
    if value is None or not math.isfinite(value):
        return None
    return float(value)


def _limit(limit: Limit) -> dict[str, Any]:
    return {
        "name": limit.name,
        "figure": limit.figure,
        "value": finite(limit.value),
        "limit": limit.limit,
        "sense": limit.sense,
        "unit": limit.unit,
        "met": limit.met,
        "source": limit.source,
        "confidence": limit.confidence,
    }

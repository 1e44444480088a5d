"""The log writes a flight down once, in the units of the wall, and says what does not add up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from anabasis.campaign.limits import Limit, at_most
from anabasis.campaign.log import Log, sentence_of, utc
from anabasis.mechanics.flight import Burn, Flight, MassChange
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome

START = 9.0e8
UNITS = {"range": "km", "angle": "deg", "count": "", "gap": "s"}


def number(value: float) -> np.ndarray:
    return np.asarray(value, dtype=np.float64)


def flight(
    *,
    outcome: Outcome = Outcome.nominal,
    changes: dict[str, tuple[float, float]] | None = None,
    end_mass: float = 60.0,
    centre: str = "mars",
    track: dict[str, Any] | None = None,
) -> Flight:
    changes = (
        {"drop/shell": (20.0, -30.0), "burn/fuel": (10.0, -10.0)} if changes is None else changes
    )
    return Flight(
        end=PointState(
            epoch=number(START + 100.0),
            position=np.array([3.5e6, 0.0, 0.0]),
            velocity=np.zeros(3),
            mass=number(end_mass),
            centre=centre,
        ),
        outcome=outcome,
        figures={
            "range": number(5000.0),
            "angle": number(math.pi / 2),
            "count": number(3.0),
            "gap": number(math.nan),
            "private": number(1.0),
        },
        events={"touchdown": number(START + 50.0), "impact": number(math.nan)},
        burns={"late": burn(30.0), "never": burn(math.nan), "early": burn(20.0)},
        masses={
            name: MassChange(number(START + t), number(dm)) for name, (t, dm) in changes.items()
        },
        extrapolations={"air": number(2.0), "unasked": number(-1.0)},
        track=track,
    )


def burn(at: float) -> Burn:
    return Burn(number(START + at), number(1.0), number(0.1), number(2.0))


def written(log: Log, phase: str = "landing", **how: Any) -> dict[str, float]:
    given = {"start_epoch": START, "start_mass": 100.0, "element": "lander", **how}
    return log.add(phase, given.pop("flight", None) or flight(), UNITS, **given)


def test_figures_stand_in_the_units_of_their_names_and_undeclared_ones_stay_inside() -> None:
    log = Log()
    figures = written(log)
    assert figures["range_km"] == 5.0
    assert figures["angle_deg"] == pytest.approx(90.0)
    assert figures["count"] == 3.0
    assert not any("private" in name for name in figures)
    report = log.phases["landing"]
    assert report.figures["gap_s"] is None  # no NaN leaves the log
    assert report.extrapolations == {"air": 2}  # minus one means: not counted here
    assert (report.start_utc, report.end_utc) == (utc(START), utc(START + 100.0))


def test_limits_read_the_figures_and_their_own_nan_stays_unmet() -> None:
    log = Log()

    def limits(figures: dict[str, float]) -> list[Limit]:
        return [
            at_most(figures, "near", "range_km", 6.0, "km", "here", "assumed"),
            at_most(figures, "soon", "gap_s", 6.0, "s", "here", "assumed"),
        ]

    written(log, limits=limits)
    assert [limit.met for limit in log.phases["landing"].limits] == [True, False]
    log.limit("landing", *limits({"range_km": 7.0, "gap_s": 1.0}))
    assert [limit.met for limit in log.phases["landing"].limits] == [True, False, False, True]


def test_the_ledger_is_in_order_of_time_and_closes() -> None:
    log = Log()
    written(log)
    rows = log.sorted_ledger()
    assert [(row.event, row.item) for row in rows] == [("burn", "fuel"), ("drop", "shell")]
    assert [(row.before, row.change, row.after) for row in rows] == [
        (100.0, -10.0, 90.0),
        (90.0, -30.0, 60.0),
    ]
    assert log.phases["landing"].notes == ()


def test_a_ledger_that_does_not_close_says_by_how_much() -> None:
    log = Log()
    written(log, flight=flight(end_mass=61.5), notes=("first",))
    assert log.phases["landing"].notes == (
        "first",
        "the mass ledger of lander does not close, by -1.5 kg",
    )


def test_a_ledger_ending_in_no_number_does_not_close() -> None:
    log = Log()
    written(log, flight=flight(end_mass=math.nan))
    assert "does not close" in log.phases["landing"].notes[-1]


def test_what_did_not_happen_is_neither_weighed_nor_listed() -> None:
    log = Log()
    changes = {"burn/fuel": (10.0, -10.0), "drop/shell": (math.nan, -30.0)}
    written(log, flight=flight(changes=changes, end_mass=90.0))
    assert [row.event for row in log.ledger] == ["burn"]
    assert [event.name for event in log.events] == ["touchdown"]


def test_without_a_start_mass_no_ledger_is_kept() -> None:
    log = Log()
    written(log, start_mass=None)
    assert log.ledger == []
    assert [row.name for row in log.burns] == ["early", "late", "never"]
    assert log.burns[-1].utc == ""


def test_an_event_has_its_sol_on_mars_and_nowhere_else() -> None:
    log = Log()
    written(log, event_notes={"touchdown": "soft"})
    event = log.events[0]
    assert (event.elapsed, event.note) == (50.0, "soft")
    assert event.sol is not None
    assert event.ls_deg is not None
    elsewhere = Log()
    written(elsewhere, flight=flight(centre="earth"))
    assert elsewhere.events[0].sol is None
    between = Log()
    written(between, phase="homeward")
    assert between.events[0].sol is None


def test_once_lost_a_march_stays_lost() -> None:
    log = Log()
    assert not log.lost
    written(log, flight=flight(outcome=Outcome.touchdown_too_hard))
    written(log, phase="ascent", flight=flight(outcome=Outcome.orbit_not_reached))
    log.lose("surface", Outcome.not_ready_in_time)
    assert log.lost
    assert log.outcome_phase == "landing"
    assert log.outcome == sentence_of(Outcome.touchdown_too_hard) != ""


def test_a_decision_can_lose_the_march_too() -> None:
    log = Log()
    log.lose("surface", Outcome.not_ready_in_time)
    assert (log.outcome_phase, log.lost) == ("surface", True)


def test_events_are_sorted_by_time_and_keep_their_order_where_they_coincide() -> None:
    log = Log()
    for name, epoch in (("b", 2.0), ("a", 1.0), ("c", 2.0)):
        log.note_event(name, "landing", START + epoch)
    assert [event.name for event in log.sorted_events()] == ["a", "b", "c"]


def test_tracks_are_kept_only_when_asked_for() -> None:
    track = {"epoch": np.array([START])}
    for keep in (False, True):
        log = Log(keep_tracks=keep)
        written(log, flight=flight(track=track))
        assert set(log.tracks) == ({"landing"} if keep else set())
    assert log.tracks["landing"]["centre"] == "mars"


def test_no_date_is_an_empty_text() -> None:
    assert utc(math.nan) == ""
    assert sentence_of(Outcome.nominal) == ""

"""Against the campaign as it was announced: T-2, both launched in 2026, home in 2031."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from anabasis.campaign.journey import Journey

CASE = 'T-2, the "26-26-31" plan'
SOURCE = "ESA and NASA as reported in 2021 (figures, campaign and Earth return, section 8)"
SAME_YEAR = 0.5
"""A year is announced, not a day: the calendar year must be the one that was said [year]."""
MIDDLE_OF_2028 = 2028.5
"""The working orbit has to be reached by then, or nothing waits for the container [year]."""


def year(utc: str) -> float:
    """The date as a calendar year with its fraction."""
    date = datetime.datetime.fromisoformat(utc)
    start = datetime.datetime(date.year, 1, 1, tzinfo=datetime.UTC)
    end = datetime.datetime(date.year + 1, 1, 1, tzinfo=datetime.UTC)
    return date.year + (date - start) / (end - start)


@pytest.fixture(scope="module")
def february(flown: Callable[[str], Journey]) -> Journey:
    return flown("february-2022")


def test_the_campaign_keeps_the_years_of_the_plan(
    february: Journey, witness: Callable[..., None]
) -> None:
    at = {event.name: event.utc for event in february.events}
    assert february.home_utc is not None
    announced: tuple[tuple[str, str, int], ...] = (
        ("launch of the lander", at["lander_launch"], 2026),
        ("launch of the orbiter", at["orbiter_launch"], 2026),
        ("samples home", february.home_utc, 2031),
    )
    for quantity, utc, expected in announced:
        witness(
            case=CASE,
            quantity=quantity,
            unit="year",
            expected=expected,
            measured=float(utc[:4]),
            tolerance=SAME_YEAR,
            source=SOURCE,
            reason="only the year was announced",
        )


def test_the_orbiter_is_in_its_working_orbit_when_the_rocket_may_leave(
    february: Journey, witness: Callable[..., None]
) -> None:
    arrived: Any = year(february.phases["insertion"].end_utc)
    witness(
        case=CASE,
        quantity="orbiter in its working orbit, before mid-2028",
        unit="year",
        expected=MIDDLE_OF_2028 - SAME_YEAR / 2,
        measured=arrived,
        tolerance=SAME_YEAR / 2,
        source="settled for this campaign: by mid-2028, with 2026 departures",
        reason="earlier than 2028 is a bug in the ledger, later misses the container",
    )

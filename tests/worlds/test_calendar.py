"""Clocks run forward, read back what they wrote, and know their seasons."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest

from anabasis.units import SOL
from anabasis.worlds.calendar import (
    datetime_of_epoch,
    epoch_of_sol,
    epoch_of_tt,
    epoch_of_utc,
    equation_of_time,
    mars_time,
    next_epoch_of_ls,
    sol_of_epoch,
    solar_longitude,
    tai_of_epoch,
    tdb_less_tt,
    tt_of_epoch,
    utc_of_epoch,
)

EPOCHS = np.linspace(-8e8, 1.8e9, 301)
UTC = datetime.UTC


def test_utc_is_read_as_it_was_written() -> None:
    for epoch in EPOCHS:
        text = utc_of_epoch(epoch)
        assert epoch_of_utc(text) == pytest.approx(epoch, abs=6e-4)
        assert utc_of_epoch(epoch_of_utc(text)) == text
        assert epoch_of_utc(datetime_of_epoch(epoch)) == pytest.approx(epoch, abs=2e-6)


def test_tdb_tt_and_tai_differ_by_what_they_should() -> None:
    for epoch in EPOCHS:
        assert abs(tdb_less_tt(epoch)) <= 1.657e-3
        assert epoch_of_tt(tt_of_epoch(epoch)) == pytest.approx(epoch, abs=1e-6)
        assert tt_of_epoch(epoch) - tai_of_epoch(epoch) == pytest.approx(32.184, abs=1e-6)


def test_j2000_is_a_minute_before_noon_in_utc() -> None:
    assert utc_of_epoch(0.0) == "2000-01-01T11:58:55.816Z"


def test_a_leap_second_lasts_a_second() -> None:
    before = epoch_of_utc("2016-12-31T23:59:59Z")
    inside = epoch_of_utc("2016-12-31T23:59:60.5Z")
    after = epoch_of_utc("2017-01-01T00:00:00Z")
    assert inside - before == pytest.approx(1.5, abs=1e-6)
    assert after - before == pytest.approx(2.0, abs=1e-6)
    assert utc_of_epoch(inside) == "2016-12-31T23:59:60.500Z"
    assert utc_of_epoch(after) == "2017-01-01T00:00:00.000Z"
    assert datetime_of_epoch(inside).second == 59


def test_after_the_last_known_leap_second_days_have_86400_seconds() -> None:
    first, second = epoch_of_utc("2040-07-01T00:00:00Z"), epoch_of_utc("2040-07-02T00:00:00Z")
    assert second - first == pytest.approx(86400.0, abs=1e-4)


def test_zones_are_respected() -> None:
    zulu = epoch_of_utc("2031-07-28T00:00:00Z")
    assert epoch_of_utc("2031-07-28T02:00:00+02:00") == zulu
    assert epoch_of_utc("2031-07-27T19:30:00-04:30") == zulu
    east = datetime.timezone(datetime.timedelta(hours=5))
    assert epoch_of_utc(datetime.datetime(2031, 7, 28, 5, tzinfo=east)) == zulu
    assert epoch_of_utc(datetime.datetime(2031, 7, 28)) == zulu
    assert datetime_of_epoch(zulu) == datetime.datetime(2031, 7, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tomorrow", "is no UTC date"),
        ("2031-02-30", "is no date"),
        ("2031-02-28T24:00:00Z", "no time of day"),
        ("2031-06-30T23:59:60Z", "had no leap second"),
        ("1969-07-20T20:17:40Z", "UTC began in 1972"),
    ],
)
def test_what_is_no_date_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        epoch_of_utc(text)


def test_sols_and_epochs_undo_each_other() -> None:
    for sol, hour in ((0, 15.9), (164, 12.0), (1897, 0.5)):
        epoch = epoch_of_sol(sol, hour)
        assert sol_of_epoch(epoch) == pytest.approx(sol + hour / 24.0, abs=1e-8)
        assert mars_time(epoch).sol == sol
        assert mars_time(epoch).lmst_h == pytest.approx(hour, abs=1e-6)


def test_a_sol_is_a_sol_long() -> None:
    assert epoch_of_sol(1001) - epoch_of_sol(1000) == pytest.approx(SOL, abs=2e-3)


def test_mean_time_turns_once_around_the_planet() -> None:
    here, there = mars_time(7e8, 0.0), mars_time(7e8, math.pi)
    assert (there.lmst_h - here.lmst_h) % 24.0 == pytest.approx(12.0)


def test_true_time_stays_within_an_hour_of_mean_time() -> None:
    late = [equation_of_time(epoch) for epoch in np.linspace(5e8, 5.6e8, 200)]
    assert -0.90 < min(late) < -0.80
    assert 0.60 < max(late) < 0.70


def test_true_time_by_series_and_by_the_sun_agree_where_they_meet() -> None:
    edge = 346939200.0
    outside, inside = equation_of_time(edge - 1.0), equation_of_time(edge + 1.0)
    assert abs(outside - inside) * 3600.0 < 4.0


def test_the_seasons_come_round_in_a_mars_year() -> None:
    start = epoch_of_utc("2026-01-01T00:00:00Z")
    first = next_epoch_of_ls(start, 330.0)
    second = next_epoch_of_ls(first + 1.0, 330.0)
    assert (second - first) / SOL == pytest.approx(668.6, abs=0.1)
    assert math.degrees(solar_longitude(first)) == pytest.approx(330.0, abs=1e-6)
    assert next_epoch_of_ls(start, math.degrees(solar_longitude(start))) == pytest.approx(
        start, abs=1.0
    )

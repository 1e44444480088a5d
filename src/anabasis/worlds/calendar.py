"""Clocks and calendars: UTC with leap seconds, the sols and seasons of Mars.

Inside, time is TDB seconds past J2000 (what SPICE calls ET). Here it becomes dates, sols and Ls,
for the walls and for reports. Loads no jax.

      UTC --(leap seconds)-- TAI --(32.184 s)-- TT --(up to 1.7 ms)-- TDB

The Mars clocks are those of Allison and McEwen (2000), with the coefficients as later revised in
the Mars24 algorithm: Ls within 0.01 deg or so for a century about J2000. True solar time follows
the Sun itself where the ephemeris reaches.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
import re
from typing import SupportsFloat

import numpy as np

from anabasis.units import SOL
from anabasis.worlds import elements_iau, tables
from anabasis.worlds.chebyshev import series

_DAY = 86400.0
_J2000 = datetime.datetime(2000, 1, 1, 12)
_TT_LESS_TAI = 32.184
_LIGHT_SPEED = 299792.458  # km/s

# Dates (UTC midnight) since when TAI - UTC has been so many seconds. IERS; after the last one 37 s
# are kept for good (assumed).
LEAP_SECONDS = (
    ((1972, 1, 1), 10),
    ((1972, 7, 1), 11),
    ((1973, 1, 1), 12),
    ((1974, 1, 1), 13),
    ((1975, 1, 1), 14),
    ((1976, 1, 1), 15),
    ((1977, 1, 1), 16),
    ((1978, 1, 1), 17),
    ((1979, 1, 1), 18),
    ((1980, 1, 1), 19),
    ((1981, 7, 1), 20),
    ((1982, 7, 1), 21),
    ((1983, 7, 1), 22),
    ((1985, 7, 1), 23),
    ((1988, 1, 1), 24),
    ((1990, 1, 1), 25),
    ((1991, 1, 1), 26),
    ((1992, 7, 1), 27),
    ((1993, 7, 1), 28),
    ((1994, 7, 1), 29),
    ((1996, 1, 1), 30),
    ((1997, 7, 1), 31),
    ((1999, 1, 1), 32),
    ((2006, 1, 1), 33),
    ((2009, 1, 1), 34),
    ((2012, 7, 1), 35),
    ((2015, 7, 1), 36),
    ((2017, 1, 1), 37),
)

_LEAPS = tuple(
    ((datetime.datetime(*date) - _J2000).total_seconds(), leap) for date, leap in LEAP_SECONDS
)

PERSEVERANCE_LONGITUDE = math.radians(77.450886)
"""East longitude of the landing site of Perseverance [rad] (NAIF landing-site kernel)."""
_SOL_ZERO = 52304
"""Mars sol date, counted at that longitude, whose midnight opens Perseverance's sol 0."""


# --- between the uniform scales


def tdb_less_tt(et: SupportsFloat) -> float:
    """TDB - TT [s], by the one-term formula that SPICE uses (within 30 microseconds)."""
    anomaly = 6.239996 + 1.99096871e-7 * float(et)
    return 1.657e-3 * math.sin(anomaly + 1.671e-2 * math.sin(anomaly))


def tt_of_epoch(et: SupportsFloat) -> float:
    """TT seconds past J2000 of a TDB epoch."""
    return float(et) - tdb_less_tt(et)


def tai_of_epoch(et: SupportsFloat) -> float:
    """TAI seconds past 2000-01-01T12:00 TAI of a TDB epoch."""
    return tt_of_epoch(et) - _TT_LESS_TAI


def epoch_of_tt(tt: SupportsFloat) -> float:
    """TDB epoch of TT seconds past J2000."""
    et = tt = float(tt)
    for _ in range(3):
        et = tt + tdb_less_tt(et)
    return et


# --- UTC

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?"
)


def epoch_of_utc(utc: datetime.datetime | str) -> float:
    """TDB seconds past J2000 of a date in UTC.

    Args:
        utc: a datetime (without a zone it is UTC), or ISO 8601 text such as
            ``2031-07-28T00:00:00Z``; text may name a leap second (``23:59:60``).

    Raises:
        ValueError: for text that is no date, or a date before 1972, when UTC began.
    """
    if isinstance(utc, datetime.datetime):
        if utc.tzinfo is not None:
            utc = utc.astimezone(datetime.UTC).replace(tzinfo=None)
        day = datetime.datetime(utc.year, utc.month, utc.day)
        second_of_day = (utc - day).total_seconds()
    else:
        day, second_of_day = _read_iso(utc)
    midnight = (day - _J2000).total_seconds()
    leap = _leap_at(midnight)
    return epoch_of_tt(midnight + second_of_day + leap + _TT_LESS_TAI)


def _read_iso(text: str) -> tuple[datetime.datetime, float]:
    found = _ISO.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no UTC date; write it like 2031-07-28T00:00:00Z")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        midnight = datetime.datetime(int(year), int(month), int(day))
    except ValueError as wrong:
        raise ValueError(f"{text!r} is no date: {wrong}") from wrong
    hours, minutes, seconds = int(hour or 0), int(minute or 0), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > (60 if (hours, minutes) == (23, 59) else 59):
        raise ValueError(f"{text!r} is no time of day")
    if seconds == 60 and _leap_at_next_midnight(midnight) == 0:
        raise ValueError(f"{text!r}: that day had no leap second")
    of_day = hours * 3600.0 + minutes * 60.0 + seconds + float(fraction or 0.0)
    if zone and zone != "Z":
        sign = -1.0 if zone[0] == "-" else 1.0
        of_day -= sign * (int(zone[1:3]) * 3600.0 + int(zone[4:6]) * 60.0)
        days = math.floor(of_day / _DAY)
        midnight, of_day = midnight + datetime.timedelta(days=days), of_day - days * _DAY
    return midnight, of_day


def _leap_at(midnight: float) -> int:
    """TAI - UTC on the day that begins so many UTC seconds past J2000, leap seconds not counted."""
    found = 0
    for since, leap in _LEAPS:
        if midnight >= since:
            found = leap
    if found == 0:
        raise ValueError("UTC began in 1972; choose a later date")
    return found


def _leap_at_next_midnight(midnight: datetime.datetime) -> int:
    """How many seconds the day that begins then is longer than others."""
    seconds = (midnight - _J2000).total_seconds()
    return _leap_at(seconds + _DAY) - _leap_at(seconds)


def _day_and_second(et: float) -> tuple[datetime.datetime, float]:
    """UTC day of an epoch and seconds since its midnight; 86,400 and more in a leap second."""
    tai = tai_of_epoch(et)
    leap = 0
    for since, count in _LEAPS:
        if tai >= since + count:
            leap = count
    if leap == 0:
        raise ValueError("UTC began in 1972; choose a later epoch")
    in_leap = any(since + count - 1 <= tai < since + count for since, count in _LEAPS[1:])
    utc = tai - leap - (1.0 if in_leap else 0.0)
    days = math.floor((utc + 0.5 * _DAY) / _DAY)
    midnight = days * _DAY - 0.5 * _DAY
    day = datetime.datetime(2000, 1, 1) + datetime.timedelta(days=days)
    return day, utc - midnight + (1.0 if in_leap else 0.0)


def utc_of_epoch(et: SupportsFloat) -> str:
    """UTC of a TDB epoch to the millisecond, like ``2031-07-28T00:00:00.000Z``."""
    day, second = _day_and_second(float(et))
    milliseconds = round(second * 1e3)
    length = 86400000 + (1000 if second >= _DAY else 1000 * _leap_at_next_midnight(day))
    if milliseconds >= length:
        day, milliseconds = day + datetime.timedelta(days=1), milliseconds - length
    whole, thousandth = divmod(milliseconds, 1000)
    extra = max(0, whole - 86399)
    minute, second_of_minute = divmod(whole - extra, 60)
    hour, minute = divmod(minute, 60)
    return (
        f"{day:%Y-%m-%d}T{hour:02d}:{minute:02d}:{second_of_minute + extra:02d}.{thousandth:03d}Z"
    )


def datetime_of_epoch(et: SupportsFloat) -> datetime.datetime:
    """UTC of a TDB epoch as an aware datetime, to the microsecond.

    A datetime knows no leap second: inside one, the last microsecond before it is given.
    """
    day, second = _day_and_second(float(et))
    second = min(second, _DAY - 1e-6)
    moment = day + datetime.timedelta(microseconds=round(second * 1e6))
    return moment.replace(tzinfo=datetime.UTC)


# --- Mars


@dataclasses.dataclass(frozen=True)
class MarsTime:
    """The time on Mars.

    Attributes:
        sol: number of the sol in Perseverance's count.
        ls_deg: solar longitude, 0 at the northern spring equinox [deg].
        lmst_h: local mean solar time [h of 24].
        ltst_h: local true solar time [h of 24].
    """

    sol: int
    ls_deg: float
    lmst_h: float
    ltst_h: float


# Amplitude [deg], period [Julian years], phase [deg] of the seven perturbers.
_PERTURBERS = (
    (0.0071, 2.2353, 49.409),
    (0.0057, 2.7543, 168.173),
    (0.0039, 1.1177, 191.837),
    (0.0037, 15.7866, 21.736),
    (0.0021, 2.1354, 15.704),
    (0.0020, 2.4694, 95.528),
    (0.0018, 32.8493, 49.095),
)


def _season(et: float) -> tuple[float, float]:
    """Ls, not reduced to a circle, and the equation of the centre with its perturbers [deg]."""
    days = tt_of_epoch(et) / _DAY
    anomaly = math.radians(19.3871 + 0.52402073 * days)
    mean_sun = 270.3871 + 0.524038496 * days
    perturbed = sum(
        amplitude * math.cos(math.radians(0.985626 * days / period + phase))
        for amplitude, period, phase in _PERTURBERS
    )
    centre = (
        (10.691 + 3.0e-7 * days) * math.sin(anomaly)
        + 0.623 * math.sin(2.0 * anomaly)
        + 0.050 * math.sin(3.0 * anomaly)
        + 0.005 * math.sin(4.0 * anomaly)
        + 0.0005 * math.sin(5.0 * anomaly)
        + perturbed
    )
    return mean_sun + centre, centre


def solar_longitude(et: SupportsFloat) -> float:
    """Solar longitude Ls of Mars in [0, 2 pi) [rad].

    Args:
        et: TDB seconds past J2000.

    Valid: within 0.02 deg of SPICE from 2011 to 2056.
    Source: M. Allison and M. McEwen, Planetary and Space Science 48 (2000) 215, as revised.
    """
    return math.radians(_season(float(et))[0] % 360.0)


def mars_sol_date(et: SupportsFloat) -> float:
    """Sols since the Mars Sol Date began (1873-12-29), at the prime meridian."""
    return (tt_of_epoch(float(et)) / _DAY - 4.5) / 1.0274912517 + 44796.0 - 0.0009626


def equation_of_time(et: SupportsFloat) -> float:
    """True less mean solar time on Mars [h].

    Between 2011 and 2056 from where the Sun stands (`true_sun_longitude`), elsewhere from the
    series of Allison and McEwen, which is up to 3 s off.
    """
    et = float(et)
    longitude = true_sun_longitude(et)
    if longitude is not None:
        true = 12.0 - 12.0 * longitude / math.pi
        return (true - 24.0 * mars_sol_date(et) + 12.0) % 24.0 - 12.0
    season, centre = _season(et)
    double = 2.0 * math.radians(season)
    degrees = (
        2.861 * math.sin(double)
        - 0.071 * math.sin(2.0 * double)
        + 0.002 * math.sin(3.0 * double)
        - centre
    )
    return degrees / 15.0


def true_sun_longitude(et: SupportsFloat) -> float | None:
    """East longitude on Mars of the point under the Sun as seen from there, light time and
    aberration included [rad]; None outside the span of the shipped ephemeris."""
    et = float(et)
    sun, mars = _series_of(10), _series_of(4)
    if not all(start <= et <= start + step * held.shape[0] for held, start, step in (sun, mars)):
        return None
    here, velocity = series(*mars, et)
    seen = series(*sun, et)[0] - here
    distance = math.sqrt(float(seen @ seen))
    seen = series(*sun, et - distance / _LIGHT_SPEED)[0] - here
    seen = seen + distance / _LIGHT_SPEED * velocity
    centuries = et / (36525.0 * _DAY)
    a0, a1 = elements_iau.MARS_POLE_RIGHT_ASCENSION
    d0, d1 = elements_iau.MARS_POLE_DECLINATION
    w0, w1 = elements_iau.MARS_PRIME_MERIDIAN
    alpha, delta = math.radians(a0 + a1 * centuries), math.radians(d0 + d1 * centuries)
    along_node = -math.sin(alpha) * seen[0] + math.cos(alpha) * seen[1]
    level = math.cos(alpha) * seen[0] + math.sin(alpha) * seen[1]
    across = math.cos(delta) * seen[2] - math.sin(delta) * level
    return math.atan2(across, along_node) - math.radians((w0 + w1 * et / _DAY) % 360.0)


def _series_of(body: int) -> tuple[np.ndarray, float, float]:
    """Coefficients [km], start and length of spans of a body's series about the barycentre."""
    held = tables.arrays("de440_2011_2056.npz")
    row = int(np.flatnonzero(held["target_centre"][:, 0] == body)[0])
    start, interval = (float(x) for x in held["start_interval_s"][row])
    return held[f"coefficients_{body}_km"], start, interval


def sol_of_epoch(et: SupportsFloat) -> float:
    """Sols since Perseverance's sol 0 began, with the time of day as its fraction."""
    return mars_sol_date(et) + PERSEVERANCE_LONGITUDE / (2.0 * math.pi) - _SOL_ZERO


def epoch_of_sol(sol: SupportsFloat, lmst_h: SupportsFloat = 12.0) -> float:
    """TDB epoch of a local mean solar time on one of Perseverance's sols.

    Args:
        sol: number of the sol.
        lmst_h: local mean solar time at the landing site [h].
    """
    local = float(sol) + float(lmst_h) / 24.0 + _SOL_ZERO - PERSEVERANCE_LONGITUDE / (2.0 * math.pi)
    days = (local - 44796.0 + 0.0009626) * 1.0274912517 + 4.5
    return epoch_of_tt(days * _DAY)


def mars_time(et: SupportsFloat, longitude: SupportsFloat = PERSEVERANCE_LONGITUDE) -> MarsTime:
    """The time on Mars: sol in Perseverance's count, season, and the clocks of a place.

    Args:
        et: TDB seconds past J2000.
        longitude: east longitude of the place [rad]; the landing site of Perseverance.
    """
    et = float(et)
    mean = 24.0 * mars_sol_date(et) + 24.0 * float(longitude) / (2.0 * math.pi)
    return MarsTime(
        sol=math.floor(sol_of_epoch(et)),
        ls_deg=math.degrees(solar_longitude(et)),
        lmst_h=mean % 24.0,
        ltst_h=(mean + equation_of_time(et)) % 24.0,
    )


def next_epoch_of_ls(et: SupportsFloat, ls_deg: SupportsFloat) -> float:
    """The first epoch at or after ``et`` when Ls has the given value [TDB s].

    Args:
        et: TDB seconds past J2000.
        ls_deg: solar longitude [deg].
    """
    start = _season(float(et))[0]
    ahead = (float(ls_deg) - start) % 360.0
    low, high = float(et), float(et) + 700.0 * SOL  # a Mars year has 668.6 sols
    for _ in range(80):
        middle = 0.5 * (low + high)
        if _season(middle)[0] - start < ahead:
            low = middle
        else:
            high = middle
    return high

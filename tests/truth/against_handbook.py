"""Against NASA's interplanetary handbook, flown launches and published launch capabilities.

The handbook (NASA/TM-2010-216764, Burke, Falck and McGuire 2010) gives patched conics from an
older ephemeris; the same dates with DE440 differ from it by up to 0.07 km^2/s^2. Its dates are
used up to 2033 only: those of 2035 to 2039 in circulation are two months early.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from anabasis.mechanics.bplane import angles_of
from anabasis.phases.transfer import Ballistic, solve_ballistic
from anabasis.studies.windows import porkchop
from anabasis.units import DAY
from anabasis.vehicles.launcher import Launcher
from anabasis.worlds.calendar import epoch_of_utc
from anabasis.worlds.ephemeris import Ephemeris, load_ephemeris

SOURCE = "NASA/TM-2010-216764, as transcribed (S80 to S82)"

C3 = 0.1
"""I-1 to I-3 [km^2/s^2]: handbook and DE440 differ by 0.04 to 0.07."""
SPEED = 0.02
"""I-1 to I-3 [km/s]: as stated."""
ANGLE = 0.5
"""I-1 to I-3 [deg]: as stated; the handbook rounds to 0.1 and its epoch is not told to the hour."""
OPTIMUM_DAYS = 5.0
"""I-5 [day]: C3 is flat about its minimum."""
OPTIMUM_C3 = 0.15
"""I-5 [km^2/s^2]: as stated."""
RIDGE_C3 = 0.6
"""I-5, Type I of 2026 [km^2/s^2]: its minimum lies on the 180-degree ridge, where a day's step of
the grid moves C3 by half a unit; no date is asserted there."""
FLOWN_C3 = 0.2
"""I-7 [km^2/s^2]: a launch aims off the planet, and corrects."""
FLOWN_SPEED = 0.03
"""I-7 [km/s]: likewise."""
LIFT = 0.01
"""I-8, relative: a fit through queried points."""
LIFT_NEW_GLENN = 0.015
"""I-8, relative: New Glenn's fit misses its points by 70 kg."""


@pytest.fixture(scope="module")
def sky() -> Ephemeris:
    return load_ephemeris()


def arc(sky: Ephemeris, departure: str, arrival: str) -> Ballistic:
    epochs = (np.float64(epoch_of_utc(f"{day}T00:00:00Z")) for day in (departure, arrival))
    return solve_ballistic(*epochs, np.asarray(False), sky)


@dataclasses.dataclass(frozen=True)
class Leg:
    case: str
    departure: str
    arrival: str
    c3: float
    v_infinity: float
    right_ascension: float | None = None
    declination: float | None = None


LEGS = (
    Leg("I-1 2026 type II", "2026-10-31", "2027-08-19", 9.144, 2.729, 130.6, 23.2),
    Leg("I-2 2026 type I", "2026-11-14", "2027-08-09", 11.11, 2.915, None, 28.3),
    Leg("I-3 2028 type II", "2028-12-02", "2029-10-16", 8.928, 3.261, 185.1, 29.34),
    Leg("I-3 2028 type I", "2028-12-10", "2029-07-20", 9.048, 4.892, 158.9),
)
"""Left out: the declination of the last, a copying error in the transcript; and the right ascension
of I-2, which is printed as a whole degree, 120. DE440 gives 119.47 (and 1.1 deg less for every day
later), 0.03 more than the stated 0.5 from a number that is itself rounded by up to 0.5."""


@pytest.mark.parametrize("leg", LEGS, ids=lambda leg: leg.case)
def test_the_handbooks_arcs_at_its_own_dates(
    leg: Leg, sky: Ephemeris, witness: Callable[..., None]
) -> None:
    found = arc(sky, leg.departure, leg.arrival)
    right_ascension, declination = (
        np.degrees(float(x)) for x in angles_of(found.departure_v_infinity)
    )
    told = {"case": f"{leg.case}, {leg.departure} to {leg.arrival}", "source": SOURCE}
    witness(
        **told, quantity="C3", unit="km2/s2", expected=leg.c3, measured=float(found.c3) / 1e6,
        tolerance=C3, reason="handbook's older ephemeris",
    )  # fmt: skip
    speed = float(np.linalg.norm(np.asarray(found.arrival_v_infinity))) / 1e3
    witness(
        **told, quantity="arrival v-infinity", unit="km/s", expected=leg.v_infinity,
        measured=speed, tolerance=SPEED, reason="as stated",
    )  # fmt: skip
    for name, expected, measured in (
        ("departure right ascension", leg.right_ascension, right_ascension),
        ("departure declination", leg.declination, declination),
    ):
        if expected is not None:
            witness(
                **told, quantity=name, unit="deg", expected=expected, measured=measured,
                tolerance=ANGLE, reason="handbook's rounding and hour",
            )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Optimum:
    case: str
    opens: str
    closes: str
    short_way: bool
    least: str
    departure: str
    arrival: str
    value: float
    tolerance: float
    dated: bool = True


OPTIMA = (
    Optimum("I-5 2026 type I least C3", "2026-07-01", "2027-03-31", True, "c3",
            "2026-11-14", "2027-08-09", 11.11, RIDGE_C3, dated=False),
    Optimum("I-5 2026 type II least C3", "2026-07-01", "2027-03-31", False, "c3",
            "2026-10-31", "2027-08-19", 9.144, OPTIMUM_C3),
    Optimum("I-5 2026 type II least v-infinity", "2026-07-01", "2027-03-31", False,
            "arrival_v_infinity", "2026-11-06", "2027-09-08", 2.565, SPEED),
    Optimum("I-5 2028 type I least C3", "2028-08-01", "2029-05-31", True, "c3",
            "2028-12-10", "2029-07-20", 9.048, OPTIMUM_C3),
    Optimum("I-5 2028 type II least C3", "2028-08-01", "2029-05-31", False, "c3",
            "2028-12-02", "2029-10-16", 8.928, OPTIMUM_C3),
    Optimum("I-5 2028 type I least v-infinity", "2028-08-01", "2029-05-31", True,
            "arrival_v_infinity", "2029-01-17", "2029-09-02", 3.593, SPEED),
    Optimum("I-5 2028 type II least v-infinity", "2028-08-01", "2029-05-31", False,
            "arrival_v_infinity", "2028-11-20", "2029-09-18", 2.966, SPEED),
    Optimum("I-5 2031 type I least C3", "2030-10-01", "2031-06-30", True, "c3",
            "2031-01-28", "2031-08-06", 9.00, OPTIMUM_C3),
    Optimum("I-5 2031 type II least C3", "2030-10-01", "2031-06-30", False, "c3",
            "2031-02-23", "2032-01-09", 8.237, OPTIMUM_C3),
)  # fmt: skip


@pytest.mark.parametrize("optimum", OPTIMA, ids=lambda optimum: optimum.case)
def test_a_search_by_whole_days_finds_the_handbooks_optima(
    optimum: Optimum, witness: Callable[..., None]
) -> None:
    first, last = (epoch_of_utc(f"{day}T00:00:00Z") for day in (optimum.opens, optimum.closes))
    departures = np.arange(first, last + 1.0, DAY)
    arrivals = np.arange(first + 120.0 * DAY, last + 420.0 * DAY, DAY)
    grid = porkchop(departures, arrivals)
    values = np.asarray(getattr(grid, optimum.least))
    values = np.where(np.asarray(grid.short_way) == optimum.short_way, values, np.nan)
    i, j = np.unravel_index(np.nanargmin(values), values.shape)
    scale, unit = (1e6, "km2/s2") if optimum.least == "c3" else (1e3, "km/s")
    witness(
        case=optimum.case, quantity="least " + optimum.least.replace("_", " "), unit=unit,
        expected=optimum.value, measured=float(values[i, j]) / scale,
        tolerance=optimum.tolerance, source=SOURCE, reason="grid of one day, as stated",
    )  # fmt: skip
    if not optimum.dated:
        return
    for name, day, epoch in (
        ("departure", optimum.departure, departures[i]),
        ("arrival", optimum.arrival, arrivals[j]),
    ):
        witness(
            case=optimum.case, quantity=f"{name} after {day}", unit="day", expected=0.0,
            measured=float(epoch - epoch_of_utc(f"{day}T00:00:00Z")) / DAY,
            tolerance=OPTIMUM_DAYS, source=SOURCE, reason="C3 is flat about its minimum",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("mission", "launch", "arrival", "lowest", "highest", "v_infinity"),
    [
        ("MSL", "2011-11-26", "2012-08-06", 10.68, 10.78, 3.528),
        ("Mars 2020", "2020-07-30", "2021-02-18", 14.4, 14.6, 2.552),
    ],
)
def test_flown_launches(
    mission: str,
    launch: str,
    arrival: str,
    lowest: float,
    highest: float,
    v_infinity: float,
    sky: Ephemeris,
    witness: Callable[..., None],
) -> None:
    """The published C3 are a range of two designs; its middle is the expectation."""
    found = arc(sky, launch, arrival)
    told = {"case": f"I-7 {mission}", "source": SOURCE}
    witness(
        **told, quantity="C3", unit="km2/s2", expected=0.5 * (lowest + highest),
        measured=float(found.c3) / 1e6, tolerance=FLOWN_C3, reason="launch aims off the planet",
    )  # fmt: skip
    witness(
        **told, quantity="arrival v-infinity", unit="km/s", expected=v_infinity,
        measured=float(np.linalg.norm(np.asarray(found.arrival_v_infinity))) / 1e3,
        tolerance=FLOWN_SPEED, reason="as stated",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected", "tolerance"),
    [
        ("falcon-heavy-expendable", 12345.0, LIFT),
        ("vulcan-vc6", 9130.0, LIFT),
        ("new-glenn", 4930.0, LIFT_NEW_GLENN),
        ("atlas-v-551", 5061.0, LIFT),
        ("vulcan-vc4", 7150.0, LIFT),
    ],
)
def test_launchers_at_ten(
    name: str, expected: float, tolerance: float, witness: Callable[..., None]
) -> None:
    witness(
        case="I-8", quantity=f"{name} at C3 10", unit="kg", expected=expected,
        measured=float(Launcher(name=name).lift(1e7)), tolerance=tolerance * expected,
        source="NASA launch services query (S20)",
        reason="a fit through queried points",
    )  # fmt: skip

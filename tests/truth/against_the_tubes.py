"""Against what is published of the tubes: leaks, the depot's worth, the best drive."""

from __future__ import annotations

import math

import pytest

from anabasis.campaign.objectives import OBJECTIVES, coverage
from anabasis.vehicles.drives import driven
from anabasis.vehicles.habits import LONGEST
from anabasis.vehicles.rover import INGENUITY, Helicopters
from anabasis.vehicles.rover_energy import RoverEnergy
from anabasis.vehicles.seal import gas_inside, leak_rate, leaked
from anabasis.vehicles.tube import all_tubes, depot

YEAR = 365.25 * 86400.0
LEAK = "Osterhout et al. 2024, doi:10.1089/ast.2023.0002"


def test_fifteen_years_of_leak_are_a_thousandth_or_two_of_the_headspace(witness):
    lost = leaked(1e-13, 15.0 * YEAR)
    for quantity, expected, measured, tolerance, reason in (
        ("leak of 1e-13 scc/s in 15 years [1e-5 scc]", 5.0, lost * 1e5, 0.3, "as printed"),
        (
            "of the headspace, 4 cm3 [percent]",
            0.15,
            100 * lost / gas_inside(4e-6),
            0.05,
            "0.1 to 0.2",
        ),
        (
            "of the headspace, 8 cm3 [percent]",
            0.1,
            100 * lost / gas_inside(8e-6),
            0.05,
            "0.1 to 0.2",
        ),
        ("rate at -51 C [1e-15 scc/s]", 1.7, leak_rate(222.15) * 1e15, 0.01, "as printed"),
        ("rate at +42 C [1e-13 scc/s]", 1.4, leak_rate(315.15) * 1e13, 0.01, "as printed"),
    ):
        witness(
            case="seal of a tube",
            quantity=quantity,
            unit="",
            expected=expected,
            measured=measured,
            tolerance=tolerance,
            source=LEAK,
            reason=reason,
        )


def test_the_depot_alone_covers_all_objectives_at_least_partly(witness):
    found = coverage(drop.tube for drop in depot())
    witness(
        case="Three Forks",
        quantity="objectives of iMOST covered at least partly, of 13 with sub-objectives",
        unit="",
        expected=float(len(OBJECTIVES)),
        measured=float(sum(word != "not" for word in found.values())),
        tolerance=0.0,
        source="Czaja et al. 2023, MAPS 58:885 (workshop of September 2022)",
        reason="return-worthy: all that apply to Jezero at least partly; the rules are assumed",
    )


@pytest.mark.parametrize(
    ("quantity", "expected", "sols", "tolerance"),
    [
        ("rapid traverse, sols 380 to 414", 5.09, (380, 414), 0.005),
        ("best single sol, 1540", 0.4055, (1540, 1540), 0.0001),
        ("whole record", 37.14, (13, 1615), 0.005),
        ("first to sol 900", 19.94, (13, 900), 0.005),
    ],
)
def test_the_shipped_drives_add_up(quantity, expected, sols, tolerance, witness):
    witness(
        case="drives by sol",
        quantity=quantity,
        unit="km",
        expected=expected,
        measured=float(driven(*sols).sum()) / 1e3,
        tolerance=tolerance,
        source="NASA's record (MMGIS)",
        reason="as printed",
    )


def test_the_reported_record_is_what_the_map_says_within_two_percent(witness):
    witness(
        case="drives by sol",
        quantity="best drive on the map over the reported 411.7 m",
        unit="",
        expected=0.985,
        measured=float(driven(1540, 1540)[0]) / 411.7,
        tolerance=0.002,
        source="NASA, June 2025 (press); MMGIS",
        reason="1.5 % between localisation and odometry",
    )
    assert pytest.approx(411.7, abs=0.5) == LONGEST


def test_a_drive_of_four_hundred_metres_takes_a_third_of_a_sol_s_yield(witness):
    energy = RoverEnergy()
    share = 400.0 * energy.per_metre / energy.yielded(1540.0)
    witness(
        case="rover energy",
        quantity="400 m of driving over a sol's yield",
        unit="",
        expected=1.0 / 3.0,
        measured=share,
        tolerance=0.05,
        source="derived from NASA's figures: 0.5 to 0.9 kWh, about a third",
        reason="the loads are assumed",
    )
    assert math.isfinite(share)


def test_the_masses_of_the_record_add_up(witness):
    aboard = [t for t in all_tubes() if t.where == "rover" and t.is_solid]
    ground = [t for t in all_tubes() if t.where == "depot" and t.is_solid]
    for quantity, expected, tubes, tolerance in (
        ("solid samples aboard", 400.0, aboard, 10.0),
        ("solid samples at Three Forks", 147.0, ground, 0.5),
    ):
        witness(
            case="tubes",
            quantity=f"{quantity} [grams]",
            unit="",
            expected=expected,
            measured=sum(t.mass_g or 0.0 for t in tubes),
            tolerance=tolerance,
            source="derived from core lengths and assumed densities",
            reason="as printed: about",
        )
        witness(
            case="tubes",
            quantity=f"{quantity} [cm3]",
            unit="",
            expected={"solid samples aboard": 154.0}.get(quantity, 57.0),
            measured=sum(t.volume_cm3 or 0.0 for t in tubes),
            tolerance=1.0,
            source="derived from core lengths",
            reason="as printed",
        )


def test_what_ingenuity_flew_bounds_what_is_asked_of_its_successors(witness):
    """Its record is typed in from the figures; it must hang together, and bound the defaults."""
    told = INGENUITY
    helicopters = Helicopters()
    for quantity, unit, expected, measured, tolerance, reason in (
        ("mean flight, 17.247 km in 72", "m", 239.5, told.distance / told.flights, 0.1, "division"),
        ("mean speed, 128.9 min aloft", "m/s", 2.23, told.distance / told.time, 0.01, "division"),
        (
            "range asked of a helicopter over the longest flight",
            "",
            1.0,
            float(helicopters.flight_range) / told.longest,
            0.02,
            "published as about 700 m",
        ),
    ):
        witness(
            case="Ingenuity",
            quantity=quantity,
            unit=unit,
            expected=expected,
            measured=measured,
            tolerance=tolerance,
            source="NASA's record (MMGIS flight layer): 72 flights, 17.247 km, 128.9 min",
            reason=reason,
        )
    assert told.median < told.distance / told.flights < told.longest
    assert told.longest / told.longest_time < told.fastest

"""What entry guidance needs, made from its scenario: a reference flight and its gains.

The reference flies the scenario's own capsule, air and planet with the lift in the vertical plane,
with one bank while fast and another one after. The two are solved so that the flight ends, at the
parachute's speed, at the wanted height and distance to the target. Its influence coefficients come
from the linearised flight, backwards (`phases.guided_entry.influence`); how far it can still go to
a side is summed up along it.

What the plane leaves out, the reversals and the heading alignment, costs the guided flight some
height. So the guided flight itself is flown, without errors, and the reference is asked for as much
more as that flight lacks, until it is the guided flight that ends where it should.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.march import world_of
from anabasis.campaign.orders import entry as entries
from anabasis.campaign.orders.guided_entry import check_needs
from anabasis.campaign.scenario import Scenario
from anabasis.guidance.apollo import EntryLaw
from anabasis.mechanics.flight import Flight
from anabasis.phases.entry import coast_to_interface
from anabasis.phases.guided_entry import Plan, Planar, fly_reference, influence

POINTS = 81
"""Speeds of the table."""
_EARLY_GUESSES, _LATE_GUESSES = (45.0, 55.0, 65.0, 75.0, 85.0), (10.0, 25.0, 40.0, 55.0)
_LEAST_BANKS, _GREATEST_BANKS = (20.0, 5.0), (110.0, 90.0)
"""Where the search for the two banks begins, and its bounds [deg]."""
_RANGE_TOLERANCE, _HEIGHT_TOLERANCE = 500.0, 100.0
"""How near the reference must come [m]; what is left is a constant offset that guidance flies out.
The reference's switches fall on its ticks, so it does not move evenly by less."""
_ROUNDS = 8
_GUIDED_TOLERANCE = np.array([400.0, 60.0])
"""How near the guided flight must come in range and height [m]."""
_STRAIGHTEN, _STRAIGHTEN_TOLERANCE = 1.12, 2.0
"""Where the search for the straightening speed begins, over the parachute's, and ends [m/s]."""
_LEAST_SIDE = 500.0
"""The crossrange that lift carries is held above this near the end, where it vanishes [m]."""
_LEAST_LIFT_GAIN = 20e3
"""The influence of lift is held above this near the end, where it vanishes [m]."""


@dataclasses.dataclass(frozen=True)
class Tuned:
    """A tuned scenario, and how well its reference meets what was asked.

    Attributes:
        scenario: with its reference.
        early_bank, late_bank: solved [deg].
        range_error: [km].
        height_error: [km].
        figures: of the reference flight, by name with unit.
        reference: the table as it stands in the scenario.
    """

    scenario: Scenario
    early_bank: float
    late_bank: float
    range_error: float
    height_error: float
    figures: dict[str, float]
    reference: dict[str, Any]


def tune(scenario: Scenario) -> Tuned:
    """Solve the reference of a scenario's entry and linearise it.

    Raises:
        BadInput: where there is no guided entry with a start of its own, or no two banks reach
            the wanted parachute.
    """
    orders, capsule, parachute = (
        scenario.parts.entry,
        scenario.parts.capsule,
        scenario.parts.parachute,
    )
    file = scenario.reading.file
    try:
        if orders is None or not isinstance(orders.bank, EntryLaw):
            raise BadInput(
                "there is no guided entry to tune",
                key="entry.bank.kind",
                allowed="guided or predictor_corrector",
                hint='give [entry.bank] kind = "guided"',
            )
        if capsule is None:
            raise BadInput("this table is missing", key="capsule", hint="add [capsule]")
        check_needs(orders.bank, orders.target, parachute)
        world = world_of(scenario.parts, orders.planet)
        start = entries.start_of(orders, capsule, world)
        if capsule.lift_coefficient is None and capsule.lift_to_drag is None:
            raise BadInput(
                "guidance turns lift, and this capsule has none",
                key="capsule.lift_coefficient",
                hint="give a lift coefficient or lift_to_drag",
            )
    except BadInput as failure:
        raise failure.in_file(file) from None
    law, target = orders.bank, orders.target
    assert target is not None
    assert parachute is not None
    radius = orders.interface_radius
    if radius is None:
        radius = np.asarray(np.sqrt(np.dot(start.position, start.position)))
    interface, _ = coast_to_interface(start, world, radius)
    speed = float(law.parachute_speed)
    wanted = np.array([float(law.parachute_range), float(law.parachute_height)])
    asked, straighten, rounds = wanted.copy(), _STRAIGHTEN * speed, 0
    banks: np.ndarray | None = None
    bare = _with_reference(law, None)
    while True:

        def fly(
            banks: np.ndarray, straighten: float = straighten, asked: np.ndarray = asked
        ) -> tuple[np.ndarray, Planar, int]:
            plan = _plan(banks, straighten)
            flight = fly_reference(interface, capsule, bare, world, target, plan)
            rows = _as_numpy(flight)
            last, share = _end_of(rows, speed, file)
            ends = [
                float(column[last - 1] + share * (column[last] - column[last - 1]))
                for column in (rows.downrange, rows.height)
            ]
            return np.array(ends) - asked, rows, last

        banks, _, rows, last = _solve(fly, file, banks)
        before = int(np.searchsorted(rows.time, rows.time[last] - float(law.straighten_lead)))
        moved = float(rows.speed[before]) - straighten
        straighten += moved
        coefficients = influence(
            interface,
            capsule,
            bare,
            world,
            target,
            _plan(banks, straighten - moved),
            Planar(*(np.asarray(getattr(rows, f.name)) for f in dataclasses.fields(Planar))),
            np.asarray(last),
        )
        reference = _table(law, rows, last, *(np.asarray(x) for x in coefficients))
        reference["straighten_speed_m_s"] = round(straighten, 3)
        reference |= _fitted(rows, last, float(target.height or 0.0))
        tuned = scenario.replace({f"entry.bank.reference.{k}": v for k, v in reference.items()})
        assert tuned.parts.entry is not None
        guided = entries.fly(
            tuned.parts.entry,
            start,
            capsule,
            parachute,
            entries.plan(tuned.parts.entry, start, capsule, parachute, world),
            world,
        )
        missed = _missed(guided, law, rows, last) - wanted
        near = np.all(np.abs(missed) < _GUIDED_TOLERANCE) and abs(moved) < _STRAIGHTEN_TOLERANCE
        rounds += 1
        if near or rounds == _ROUNDS:  # what is still missed then is told, not hidden
            break
        asked = asked - missed
    reference["tuned_for"] = fingerprint(scenario)
    tuned = scenario.replace({f"entry.bank.reference.{k}": v for k, v in reference.items()})
    peak = int(np.argmax(rows.deceleration[:last]))
    figures = {
        "peak_deceleration_g": float(rows.deceleration[peak] / 9.80665),
        "peak_deceleration_time_s": float(rows.time[peak]),
        "straighten_speed_m_s": straighten,
        "parachute_deploy_time_s": float(rows.time[last]),
        "parachute_deploy_mach": float(rows.mach[last]),
        "parachute_deploy_dynamic_pressure_Pa": float(rows.pressure[last]),
        "parachute_deploy_height_km": float(rows.height[last] / 1e3),
        "range_to_target_km": float(rows.downrange[last] / 1e3),
    }
    degrees = np.degrees(banks)
    return Tuned(
        tuned,
        float(degrees[0]),
        float(degrees[1]),
        float(missed[0] / 1e3),
        float(missed[1] / 1e3),
        figures,
        reference,
    )


def _plan(banks: np.ndarray, straighten: float) -> Plan:
    return Plan(*(np.asarray(float(x)) for x in (banks[0], banks[1], straighten)))


def _as_numpy(flight: Planar) -> Planar:
    return Planar(*(np.asarray(getattr(flight, f.name)) for f in dataclasses.fields(Planar)))


def _missed(guided: Flight, law: EntryLaw, rows: Planar, last: int) -> np.ndarray:
    """Distance to go and height of the guided flight where it has the parachute's speed [m].

    It ends elsewhere where its trigger is not that speed; the reference's slowing down carries
    both over.
    """
    figures = guided.figures
    late = (rows.speed[last - 20] - rows.speed[last]) / (rows.time[last] - rows.time[last - 20])
    wait = (float(figures["parachute_deploy_relative_speed"]) - float(law.parachute_speed)) / late
    closing = (rows.downrange[last - 20] - rows.downrange[last]) / (
        rows.time[last] - rows.time[last - 20]
    )
    sinking = (rows.height[last - 20] - rows.height[last]) / (
        rows.time[last] - rows.time[last - 20]
    )
    distance = float(figures["range_to_target"]) - wait * closing
    height = float(figures["parachute_deploy_height"]) - wait * sinking
    return np.array([distance, height])


def fingerprint(scenario: Scenario) -> str:
    """Hash of a scenario without its reference: the same numbers want the same reference."""
    import hashlib

    from anabasis.campaign.scenario import _canonical

    values = {k: v for k, v in scenario.values.items() if k in ("planet", "capsule", "parachute")}
    entry = {
        k: v for k, v in scenario.values["entry"].items() if k not in ("knowledge", "delivery")
    }
    entry["bank"] = {k: v for k, v in entry["bank"].items() if k != "reference"}
    text = _canonical({**values, "entry": entry})
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _with_reference(law: EntryLaw, reference: Any) -> EntryLaw:
    import equinox as eqx

    return eqx.tree_at(lambda b: b.reference, law, reference, is_leaf=lambda x: x is None)


def _end_of(rows: Planar, speed: float, file: str) -> tuple[int, float]:
    """The first tick at which the speed has fallen to where the reference ends, and its share."""
    slow = np.flatnonzero(rows.speed <= speed)
    if not len(slow):
        raise BadInput(
            "the reference never slows down to its parachute",
            file=file,
            key="entry.bank.parachute_speed_m_s",
            value=speed,
            hint="is there air, and does the capsule drag in it?",
        )
    last = int(slow[0])
    share = (rows.speed[last - 1] - speed) / (rows.speed[last - 1] - rows.speed[last])
    return last, float(share)


def _solve(
    fly: Any, file: str, begin: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, Planar, int]:
    """The two banks: least squares within bounds, from a grid's best guess.

    Two pairs of banks may reach one parachute; the grid decides, and prefers the later bank that
    leaves more lift to spare.
    """
    from scipy.optimize import least_squares

    scale = np.array([10e3, 1e3])

    def off(banks: np.ndarray) -> np.ndarray:
        return fly(banks)[0] / scale

    banks = begin
    if banks is None:
        guesses = [np.radians([e, s]) for e in _EARLY_GUESSES for s in _LATE_GUESSES]
        banks = min(guesses, key=lambda guess: float(np.sum(off(guess) ** 2) - 0.2 * guess[1]))
    bounds = (np.radians(_LEAST_BANKS), np.radians(_GREATEST_BANKS))
    banks = least_squares(off, banks, bounds=bounds, diff_step=5e-3, xtol=1e-6, ftol=1e-6).x
    missed, rows, last = fly(banks)
    if abs(missed[0]) < _RANGE_TOLERANCE and abs(missed[1]) < _HEIGHT_TOLERANCE:
        return banks, missed, rows, last
    raise BadInput(
        f"no two banks reach this parachute: the nearest, {np.degrees(banks[0]):.1f} and "
        f"{np.degrees(banks[1]):.1f} deg, miss it by {missed[0] / 1e3:.2f} km along the track and "
        f"{missed[1] / 1e3:.2f} km in height",
        file=file,
        key="entry.bank.parachute_height_km",
        hint="move the target, the parachute's height, its speed or its distance",
    )


def _fitted(rows: Planar, last: int, ground: float) -> dict[str, float]:
    """Drag over speed squared as an exponential of the height above the target, weighted by drag:
    what a law that predicts carries instead of an atmosphere."""
    height, scale = rows.height[:last] - ground, rows.drag[:last] / rows.speed[:last] ** 2
    felt = rows.drag[:last] > 0.5
    slope, level = np.polyfit(
        height[felt], np.log(scale[felt]), 1, w=np.sqrt(rows.drag[:last][felt])
    )
    return {
        "drag_scale": float(f"{np.exp(level):.6g}"),
        "scale_height_km": round(float(-1e-3 / slope), 4),
    }


def _sideways(law: EntryLaw, rows: Planar, last: int) -> tuple[np.ndarray, np.ndarray]:
    """The crossrange at which the bank has to turn over, row by row, and what lift wholly to one
    side still carries [m]; small angles assumed.

    Whatever range control asks for afterwards, it leaves the least bank. So the target has to be
    within what the least bank still carries from the end of the turn-over on, and before that the
    lift pushes on to the wrong side for half of the turn:

        y = int_(t + T)^end  u sin(least)  dt'  -  u (1 - cos(bank)) / bank  T / 2
        u = (L / v) R_go

    T is how long the actuator takes to turn the reference's bank over. Straightened up, nothing
    turns any more.
    """
    carries = rows.drag * rows.lift_to_drag / rows.speed
    carries = carries * np.maximum(rows.downrange - rows.downrange[last], 0.0)
    carries = np.where((rows.since >= 0.0) | (np.arange(len(carries)) >= last), 0.0, carries)
    pieces = carries * np.diff(rows.time, append=rows.time[-1])
    whole = np.cumsum(pieces[::-1])[::-1]
    bank = np.maximum(np.arccos(np.clip(rows.factor, -1.0, 1.0)), float(law.least_bank))
    rate, quickening = float(law.bank_rate), float(law.bank_acceleration)
    brisk = 2.0 * bank > rate**2 / quickening
    turn = np.where(
        brisk, 2.0 * bank / rate + rate / quickening, 2.0 * np.sqrt(2.0 * bank / quickening)
    )
    after = np.sin(float(law.least_bank)) * np.interp(rows.time + turn, rows.time, whole)
    band = np.maximum(after - carries * (1.0 - np.cos(bank)) / bank * 0.5 * turn, 0.0)
    return band, np.maximum(whole, _LEAST_SIDE)


def _table(
    law: EntryLaw,
    rows: Planar,
    last: int,
    by_drag: np.ndarray,
    by_climb: np.ndarray,
    by_lift: np.ndarray,
) -> dict[str, Any]:
    """The reference over even speeds, from the parachute's to where the drag is first felt."""
    first = int(np.flatnonzero(rows.drag > float(law.felt_drag))[0])
    order = np.arange(first, last + 1)[::-1]
    speed = np.maximum.accumulate(rows.speed[order])
    lift = rows.lift_to_drag * rows.factor
    band, whole = _sideways(law, rows, last)
    grid = np.linspace(float(law.parachute_speed), float(speed[-1]), POINTS)

    def column(values: Any, digits: int, factor: float = 1.0) -> list[float]:
        return [round(float(x), digits) for x in np.interp(grid, speed, values[order] * factor)]

    return {
        "relative_speed_m_s": [round(float(x), 6) for x in grid],
        "range_to_go_km": column(rows.downrange, 4, 1e-3),
        "drag_m_s2": column(rows.drag, 4),
        "climb_rate_m_s": column(rows.climb_rate, 3),
        "lift_to_drag_up": column(lift, 5),
        "lift_to_drag": column(rows.lift_to_drag, 5),
        "range_per_drag": column(by_drag, 1),
        "range_per_climb_rate": column(by_climb, 2),
        "range_per_lift_to_drag": column(np.maximum(by_lift, _LEAST_LIFT_GAIN), 1),
        "deadband_km": column(band, 4, 1e-3),
        "crossrange_per_side_km": column(whole, 4, 1e-3),
    }

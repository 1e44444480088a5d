"""Print the flown events of Mars 2020 and MSL beside those of our guided flights, as Markdown.

    python builders/write_landing_events.py

Flown: NAIF's reconstructed kernels m2020_edl_v01 and msl_edl_v01, read by K. Kwan; seconds from the
entry interface.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import anabasis

MARS2020 = {
    "peak heating": 79.647,
    "first reversal starts": 81.827,
    "peak deceleration": 87.043,
    "peak dynamic pressure": 87.557,
    "first reversal ends": 93.107,
    "second reversal starts": 102.167,
    "second reversal ends": 112.047,
    "third reversal starts": 130.167,
    "third reversal ends": 148.837,
    "straighten up": 223.787,
    "first balance masses": 228.937,
    "straight": 237.827,
    "mortar": 240.632,
    "line stretch": 241.673,
    "inflation, first peak": 242.287,
    "heat shield": 263.264,
    "backshell": 357.299,
    "engines": 358.335,
    "constant velocity starts": 389.574,
    "constant velocity ends": 393.814,
    "0.75 m/s reached": 399.727,
    "rover lowered, from": 402.377,
    "surface contact": 418.067,
}
MSL = {
    "first reversal starts": 73.159,
    "peak heating": 73.442,
    "peak deceleration": 80.349,
    "peak dynamic pressure": 80.642,
    "first reversal ends": 85.394,
    "second reversal starts": 94.152,
    "second reversal ends": 104.632,
    "third reversal starts": 123.661,
    "third reversal ends": 133.979,
    "heading alignment": 135.63,
    "straighten up": 240.122,
    "first balance masses": 246.022,
    "straight": 254.162,
    "mortar": 259.276,
    "line stretch": 260.398,
    "inflation, first peak": 261.036,
    "heat shield": 279.010,
    "backshell": 375.907,
    "engines": 376.843,
    "constant velocity starts": 400.206,
    "constant velocity ends": 403.266,
    "rover lowered, from": 413.059,
    "surface contact": 431.637,
}
_TURNS = np.radians(2.0)
"""A reversal lasts as long as the bank turns faster than this [rad/s]."""


def events_of(name: str) -> dict[str, float]:
    """When the events of a guided flight were, by the words of the lists above [s]."""
    journey = anabasis.fly(name, track=True)
    entry, landing = (journey.phases[phase].figures for phase in ("entry", "landing"))
    found = {
        "peak heating": entry["peak_heat_flux_time_s"],
        "peak deceleration": entry["peak_deceleration_time_s"],
        "mortar": entry["parachute_deploy_time_s"],
        "heat shield": landing["heat_shield_separation_time_s"],
        "backshell": landing["backshell_separation_time_s"],
        "engines": landing["powered_descent_start_time_s"],
        "surface contact": landing["touchdown_time_s"],
    }
    track = journey.tracks["entry"]
    time = np.asarray(track["elapsed"])
    last = int(np.argmax(time))
    time, bank, mode, pressure = (
        np.asarray(track[column])[:last]
        for column in ("elapsed", "bank", "guidance_mode", "dynamic_pressure")
    )
    found["peak dynamic pressure"] = float(time[np.argmax(pressure)])
    for number, word in ((2, "heading alignment"), (3, "straighten up")):
        reached = np.flatnonzero(mode >= number)
        if len(reached):
            found[word] = float(time[reached[0]])
    delay = float(anabasis.load(name).parts.entry.bank.ballast_delay)
    if "straighten up" in found:
        found["first balance masses"] = found["straighten up"] + delay
    found |= _reversals(time, bank, mode)
    parachute = anabasis.load(name).parts.parachute
    stretch = found["mortar"] + float(parachute.line_stretch_delay)
    found["line stretch"] = stretch
    speed = entry["parachute_deploy_relative_speed_m_s"]
    found["inflation, first peak"] = stretch + float(parachute.filling_time(speed))
    return found | _descent(journey, name)


def _reversals(time: Any, bank: Any, mode: Any) -> dict[str, float]:
    rate = np.gradient(np.unwrap(bank), time)
    crossings = np.flatnonzero((np.diff(np.sign(bank)) != 0) & (mode[1:] == 1))
    found = {}
    for word, middle in zip(("first", "second", "third"), crossings, strict=False):
        slow = np.flatnonzero(np.abs(rate) < _TURNS)
        before, after = slow[slow < middle], slow[slow > middle]
        found[f"{word} reversal starts"] = float(time[before[-1]])
        found[f"{word} reversal ends"] = float(time[after[0]]) if len(after) else np.nan
    return found


def _descent(journey: Any, name: str) -> dict[str, float]:
    orders = anabasis.load(name).parts.landing
    track = journey.tracks["landing"]
    time, clearance = np.asarray(track["elapsed"]), np.asarray(track["clearance"])
    order = np.argsort(-clearance, kind="stable")

    def at(height: float) -> float:
        return float(np.interp(-height, -clearance[order], time[order]))

    legs = [float(x) for x in orders.descent.clearance]
    return {
        "constant velocity starts": at(legs[0]),
        "constant velocity ends": at(legs[1]),
        "0.75 m/s reached": at(legs[2]),
    }


def table(name: str, flown: dict[str, float]) -> str:
    """One flight's events as a Markdown table."""
    ours = events_of(name)
    lines = ["| event | flown [s] | here [s] | late by [s] |", "| --- | --- | --- | --- |"]
    for event, when in flown.items():
        here = ours.get(event)
        shown = "not modelled | " if here is None else f"{here:.1f} | {here - when:+.1f}"
        lines.append(f"| {event} | {when:.1f} | {shown} |")
    return "\n".join(lines)


if __name__ == "__main__":
    for name, flown in (("mars2020-landing", MARS2020), ("msl-landing", MSL)):
        print(f"\n`{name}`\n")
        print(table(name, flown))

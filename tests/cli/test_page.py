"""The page in the terminal: eighty columns, nothing cut off, broken limits in red."""

from __future__ import annotations

import copy
import io
import re
from typing import Any

import pytest
from rich.console import Console

from anabasis.campaign.reading import shelf
from anabasis.cli import page
from anabasis.cli.page import KEY_FIGURES, number, print_journey, signed, split_unit, unit_in_words
from anabasis.units import FACTORS

LONGEST = "a limit whose name is as long as the longest that any phase gives its own"
CUT = ("…", "...")


def limit(
    figure: str, value: float | None, bound: float, sense: str, **more: Any
) -> dict[str, Any]:
    met = value is not None and (value <= bound if sense == "at most" else value >= bound)
    given = {"name": figure.replace("_", " "), "figure": figure, "value": value, "limit": bound}
    rest = {"sense": sense, "unit": "", "met": met, "source": "a source", "confidence": "assumed"}
    return {**given, **rest, **more}


def report(phase: str, limits: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "outcome": "",
        "start_utc": "2027-08-19T07:07:49.000Z",
        "end_utc": "2027-08-19T07:14:18.000Z",
        "figures": dict.fromkeys(KEY_FIGURES[phase], 12345.678),
        "extrapolations": {"drag_coefficient": 3, "air": 0},
        "limits": limits,
        "notes": ["each minute of delay tilts the plane by 0.106 deg, 6.26 m/s to mend, " * 2],
    }


def journey(phases: tuple[str, ...] = tuple(KEY_FIGURES)) -> dict[str, Any]:
    """As ``journey.json`` holds a march, with everything at its widest."""
    limits = {
        "entry": [
            limit("parachute_deploy_mach", 2.0, 2.2, "at most"),
            limit("parachute_deploy_mach", 2.0, 1.4, "at least"),
            limit("parachute_deploy_dynamic_pressure_Pa", 670.4, 750.0, "at most"),
        ],
        "surface": [
            limit("tubes_loaded_count", 21.0, 21.0, "at least"),
            limit("no_figure_of_ours", None, 1.0, "at most", name=LONGEST, confidence="published"),
        ],
    }
    ledger = {
        "element": "launcher of the orbiter",
        "event": "parachute_release_and_divert",
        "item": "backshell and parachute",
        "before_kg": 7254.3097,
        "change_kg": -5540.0,
        "after_kg": 1714.3097,
        "utc": "2026-10-31T10:22:18.000Z",
    }
    burn = {
        "element": "orbiter",
        "phase": "insertion",
        "name": "spiral_down_to_the_working_orbit",
        "delta_v_m_s": 3392.5,
        "loss_m_s": None,
        "propellant_kg": 1719.96,
        "utc": "2026-10-31T10:22:18.000Z",
    }
    event = {
        "name": "heat_shield_separation",
        "utc": "2027-08-19T07:12:03.000Z",
        "et_s": 0.0,
        "elapsed_s": 0.0,
        "sol": 2309,
        "ls_deg": 148.3,
        "note": "given, not flown",
    }
    custody = [{"holder": "rover", "from_utc": "2021-06-22T00:00:00Z", "place": "Jezero"}]
    return {
        "scenario": "a-scenario-with-a-rather-long-name",
        "scenario_hash": "f" * 64,
        "outcome": "",
        "outcome_phase": None,
        "limits_met": False,
        "home_utc": "2031-07-27T13:21:56.816Z",
        "home_because": "set by the window home of 2030-12 (the orbiter could leave from 2029-04)",
        "announced": "both launched in 2026, home in 2031; by February 2022 'early to mid-2030s'",
        "tubes_home_count": 21,
        "events": [{**event, "phase": phase} for phase in phases],
        "phases": {phase: report(phase, limits.get(phase, [])) for phase in phases},
        "mass_ledger": [ledger, {**ledger, "element": "ascender"}],
        "delta_v": [burn, {**burn, "element": "ascender", "loss_m_s": 0.0}],
        "tubes": [
            {"id": str(i), "name": f"Tube {i}", "state": state, "place": "Utah", "custody": custody}
            for i in range(8)
            for state in ("delivered", "left on Mars", "lost", "empty")
        ],
    }


def printed(
    monkeypatch: pytest.MonkeyPatch, document: dict[str, Any], width: int = 80, colour: bool = False
) -> str:
    stream = io.StringIO()

    def console(**options: Any) -> Console:
        return Console(
            file=stream,
            width=width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            **options,
        )

    monkeypatch.setattr(page, "Console", console)
    print_journey(document)
    return stream.getvalue()


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("phases", [tuple(KEY_FIGURES), *((phase,) for phase in KEY_FIGURES)])
def test_everything_fits_and_nothing_is_cut(
    monkeypatch: pytest.MonkeyPatch, phases: tuple[str, ...], width: int
) -> None:
    text = printed(monkeypatch, journey(phases), width)
    assert max(map(len, text.splitlines())) <= width
    assert not any(mark in text for mark in CUT)
    for phase in phases:
        for figure in KEY_FIGURES[phase]:
            assert split_unit(figure)[0] in text


def test_a_page_without_ledgers_and_tubes_is_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = {**journey(("entry",)), "mass_ledger": [], "delta_v": [], "tubes": [], "home_utc": None}
    text = printed(monkeypatch, bare)
    assert "Mass ledger" not in text
    assert "Tubes" not in text


def test_the_timeline_comes_first_and_the_verdict_last(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line for line in printed(monkeypatch, journey()).splitlines() if line.strip()]
    assert lines[1].startswith("Timeline")
    end = " ".join(line.strip() for line in lines[-4:])
    assert "21 tubes are home on 2031-07-27" in end
    assert "Announced" in end


def test_a_broken_limit_is_red_marked_and_named_in_the_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good = journey(("entry",))
    bad = copy.deepcopy(good)
    broken = bad["phases"]["entry"]["limits"][0]
    broken.update(value=2.5, met=False)
    bad["phases"]["entry"]["figures"]["parachute_deploy_mach"] = 2.5
    red = re.compile(r"\x1b\[(?:1;)?31m")
    assert not red.search(printed(monkeypatch, {**good, "tubes": []}, colour=True))
    coloured = printed(monkeypatch, {**bad, "tubes": []}, colour=True)
    assert any(red.search(line) for line in coloured.splitlines() if "-0.3" in line)
    plain = printed(monkeypatch, bad)
    assert re.search(r"^! parachute deploy Mach .* -0\.3 ", plain, re.MULTILINE)
    assert "1 limit broken: entry, parachute deploy mach." in plain


def test_no_color_leaves_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    bad = journey(("surface",))
    text = printed(monkeypatch, bad, colour=True)
    assert not re.search(r"\x1b\[(?:\d;)*3\d", text)


def test_nothing_to_spare_is_nought_without_a_sign() -> None:
    assert signed(-0.0) == "0"
    assert signed(-1e-12) == "0"
    assert signed(0.5) == "+0.5"
    assert number(-0.0) == "0"
    assert number(None) == "none"


def test_two_limits_of_one_source_around_a_figure_are_an_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "1.4 to 2.2" in printed(monkeypatch, journey(("entry",)))


@pytest.mark.parametrize("unit", [unit for unit in FACTORS if unit])
def test_the_unit_is_split_from_every_name(unit: str) -> None:
    assert split_unit(f"some_figure_{unit}") == ("some figure", unit)
    assert "_" not in unit_in_words(unit)


def test_the_name_of_every_scenario_fits() -> None:
    assert max(map(len, shelf())) < 60

"""What `journey.json` holds, key by key, for everything on the shelf."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

import anabasis
from anabasis.campaign.journey import Journey, finite
from anabasis.units import FACTORS

LONG = {"msl-ellipse", "msl-landing"}
"""Guided as `mars2020-landing` is, and long to compile."""
SHELF = [
    pytest.param(name, marks=pytest.mark.truth) if name in LONG else name
    for name in sorted(set(anabasis.scenarios()) - {"february-2022-dispersed"})
]
"""That one flies as february-2022 does (`test_whole_march.py`)."""
TOP = {
    "schema_version",
    "scenario",
    "scenario_hash",
    "anabasis_version",
    "versions",
    "device",
    "seed",
    "outcome",
    "outcome_phase",
    "limits_met",
    "home_utc",
    "tubes_home_count",
    "events",
    "phases",
    "mass_ledger",
    "delta_v",
    "tubes",
}
ADDED = {"home_because", "announced"}
PHASE = {"outcome", "start_utc", "end_utc", "figures", "extrapolations", "limits"}
HOLDING = {
    "holder",
    "from_utc",
    "place",
    "temperature_K_max",
    "temperature_minimum_K",
    "temperature_maximum_K",
    "peak_acceleration_g",
    "dose_Gy",
}
KEYS: dict[str, set[str]] = {
    "events": {"name", "phase", "utc", "et_s", "elapsed_s", "sol", "ls_deg", "note"},
    "mass_ledger": {"element", "event", "item", "before_kg", "change_kg", "after_kg", "utc"},
    "delta_v": {"element", "phase", "name", "delta_v_m_s", "loss_m_s", "propellant_kg", "utc"},
    "tubes": {
        "id",
        "name",
        "state",
        "place",
        "custody",
        "verdict",
        "why",
        "peak_acceleration_g",
        "temperature_maximum_K",
        "return_temperature_maximum_K",
        "leaked_share",
        "dose_Gy",
    },
}
LIMIT = {"name", "figure", "value", "limit", "sense", "unit", "met", "source", "confidence"}
UNITS = tuple(f"_{unit}" for unit in FACTORS if unit)


@pytest.fixture(params=SHELF)
def journey(request: pytest.FixtureRequest, flown: Callable[[str], Journey]) -> Journey:
    return flown(request.param)


def test_it_is_plain_json_without_nan_and_reads_back_the_same(journey: Journey) -> None:
    document = journey.to_dict()
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document


def test_its_keys_are_those_of_the_interface(journey: Journey) -> None:
    document = journey.to_dict()
    assert set(document) == TOP | ADDED
    assert document["schema_version"] == 1
    assert set(document["versions"]) == {"python", "jax", "jaxlib", "diffrax", "numpy"}
    assert len(document["scenario_hash"]) == 64
    for name, keys in KEYS.items():
        for row in document[name]:
            assert set(row) == keys
    for report in document["phases"].values():
        assert set(report) == PHASE | {"notes"}
        for limit in report["limits"]:
            assert set(limit) == LIMIT
            assert limit["sense"] in ("at most", "at least")
    for tube in document["tubes"]:
        for holding in tube["custody"]:
            assert set(holding) == HOLDING


def test_every_figure_is_a_number_or_nothing_and_carries_a_known_unit(journey: Journey) -> None:
    for report in journey.to_dict()["phases"].values():
        assert report["figures"]
        for name, value in report["figures"].items():
            assert value is None or (type(value) is float and math.isfinite(value)), name
            bare = name.endswith(("_mach", "_count", "_nodal_day"))
            assert bare or name.endswith(UNITS) or name in ("landing_sol", "ready_sol"), name
        for count in report["extrapolations"].values():
            assert type(count) is int


def test_dates_are_utc_to_the_millisecond(journey: Journey) -> None:
    document = journey.to_dict()
    dates = [event["utc"] for event in document["events"]]
    dates += [row["utc"] for row in document["mass_ledger"] + document["delta_v"]]
    for report in document["phases"].values():
        dates += [report["start_utc"], report["end_utc"]]
        assert report["start_utc"] <= report["end_utc"]
    for date in dates:
        assert len(date) == len("2031-07-28T00:00:00.000Z")
        assert date.endswith("Z")


def test_an_event_says_when_three_times_over_and_they_agree(journey: Journey) -> None:
    for event in journey.to_dict()["events"]:
        assert anabasis.epoch(event["utc"]) == pytest.approx(event["et_s"], abs=1e-3)
        assert event["elapsed_s"] >= 0.0


def test_only_a_march_with_tubes_brings_any_home(journey: Journey) -> None:
    assert (journey.home_utc is not None) == bool(journey.tubes)
    assert journey.tubes_home_count == (21 if journey.tubes else 0)


def test_no_number_is_nothing() -> None:
    values: list[Any] = [None, math.nan, math.inf, -math.inf]
    assert [finite(value) for value in values] == [None] * 4
    assert finite(0.0) == 0.0

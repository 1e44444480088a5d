"""The ledger: every stage in order, every verdict with its reason, every tube in one place."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anabasis.campaign import account as accounts
from anabasis.campaign.custody import ABOVE_GROUND, Loss, count, holder_at, trace
from anabasis.campaign.exposure import (
    RETURN_HEAT,
    free_in_orbit,
    history,
    ledger,
    soak_back,
    soak_back_by_load,
    time_until_too_warm,
    with_exposures,
)
from anabasis.cli import main
from anabasis.vehicles.tube import all_tubes, find

TUBES = list(all_tubes())
SEALED = [tube.id for tube in TUBES if tube.closure == "sealed" and tube.where == "rover"]
DATES = {
    "lift_off": "2028-06-21T04:33:53Z",
    "stage_two_burnout": "2028-06-21T04:45:10Z",
    "container_captured": "2028-09-03T04:46:25Z",
    "mars_departure": "2030-12-05T05:42:32Z",
    "capsule_release": "2031-07-24T13:14:57Z",
    "impact": "2031-07-27T13:21:56Z",
}
LAST = {
    "delivered": {"laboratory"},
    "left on Mars": {"rover", "ground", "ascender"},
    "lost": {"ascender", "container", "orbiter", "capsule"},
    "empty": {"rover"},
}
ORDER = ("rover", "ground", "ascender", "container", "orbiter", "capsule", "laboratory")


def march(loss: Loss | None = None, loaded: dict[str, str] | None = None, **arrival: float) -> Any:
    """What ``journey.json`` holds of such a march, as far as the ledger reads it."""
    load = dict.fromkeys(SEALED, "2027-09-03T18:11:40Z") if loaded is None else loaded
    entries = trace(TUBES, load, DATES, loss)
    figures = {"heat_load_J_cm2": 10626.0, "impact_speed_m_s": 40.0, "peak_deceleration_g": 58.0}
    return {
        "schema_version": 1,
        "scenario": "an example",
        "outcome": "" if loss is None else "something happened",
        "home_utc": None if loss else "2031-07-27T13:21:56Z",
        "events": [{"name": k, "utc": v, "sol": None} for k, v in DATES.items()],
        "phases": {
            "ascent": {"figures": {"peak_acceleration_g": 9.9}},
            "arrival": {"figures": {**figures, **arrival}},
        },
        "tubes": [entry.to_dict() for entry in entries],
    }


instants = st.datetimes().map(lambda d: d.strftime("20%y-%m-%dT%H:%M:%SZ"))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_inventory_is_exact_at_every_event_under_any_order_of_failures(data: Any) -> None:
    aboard = data.draw(st.lists(st.sampled_from(SEALED), unique=True))
    loaded = {key: f"2027-09-{data.draw(st.integers(1, 28)):02d}T04:00:00Z" for key in aboard}
    events: dict[str, str | None] = {
        name: utc if data.draw(st.booleans()) or name == "lift_off" else None
        for name, utc in DATES.items()
    }
    if data.draw(st.booleans()):
        events["lift_off"] = None
    loss = None
    if data.draw(st.booleans()):
        phase = data.draw(st.sampled_from(("landing", "surface", *ABOVE_GROUND)))
        loss = Loss(phase, data.draw(instants))
    entries = trace(TUBES, loaded, events, loss)

    assert [entry.id for entry in entries] == [tube.id for tube in TUBES]
    assert sum(count(entries).values()) == 43
    moments = sorted({*(u for u in events.values() if u), *loaded.values(), "2099-01-01T00:00:00Z"})
    for entry in entries:
        dates = [holding.from_utc for holding in entry.custody]
        holders = [holding.holder for holding in entry.custody]
        assert dates == sorted(dates), "a tube is never handed on before it was received"
        assert [ORDER.index(h) for h in holders] == sorted({ORDER.index(h) for h in holders})
        if entry.state == "lost" or entry.state == "delivered":
            assert entry.id in loaded
        assert (holders or ["rover"])[-1] in LAST[entry.state]
    for moment in moments:
        held: dict[str, int] = {}
        for entry in entries:
            holder = holder_at(entry, moment)
            held[holder] = held.get(holder, 0) + 1
        assert sum(held.values()) == 43
        gone = [h for h in held if ORDER.index(h) >= ORDER.index("ascender")]
        assert sum(held[h] for h in gone) <= len(loaded)


def test_the_stages_of_a_tube_follow_each_other_without_a_gap():
    for entry in ledger(march()):
        for before, after in zip(entry["stages"], entry["stages"][1:], strict=False):
            assert before["to_utc"] == after["from_utc"]
            assert before["duration_day"] >= 0.0


def test_the_dose_is_the_sum_of_the_stages_and_more_for_an_older_core():
    books = {entry["name"]: entry for entry in ledger(march())}
    for entry in books.values():
        assert entry["dose_Gy"] == pytest.approx(sum(s["dose_Gy"] for s in entry["stages"]))
    assert books["Montagnac"]["dose_Gy"] > books["Main River"]["dose_Gy"]


def test_a_hard_landing_degrades_and_says_why():
    soft = {e["name"]: e for e in ledger(march())}["Sapphire Canyon"]
    hard = {e["name"]: e for e in ledger(march(impact_speed_m_s=80.0))}["Sapphire Canyon"]
    assert soft["verdict"] == "pristine"
    assert hard["verdict"] == "degraded"
    assert "peak acceleration" in hard["why"][0]


def test_a_friable_core_bears_less_than_a_firm_one():
    books = {entry["name"]: entry for entry in ledger(march())}
    assert books["Silver Mountain"]["verdict"] == "degraded"
    assert books["Salette"]["verdict"] == "pristine"


def test_a_hot_entry_breaks_the_limit_of_thirty_degrees():
    hot = ledger(march(heat_load_J_cm2=3e6))
    tube = next(entry for entry in hot if entry["name"] == "Montagnac")
    assert tube["return_temperature_maximum_K"] > RETURN_HEAT.limit
    assert tube["verdict"] == "degraded"
    assert RETURN_HEAT.name in tube["why"][0]


def test_an_open_tube_that_comes_home_is_degraded_and_a_sealed_one_leaks_little():
    loaded = {
        find("Bell Island").id: "2027-09-03T04:00:00Z",
        find("Salette").id: "2027-09-04T04:00:00Z",
    }
    books = {entry["name"]: entry for entry in ledger(march(loaded=loaded))}
    assert books["Bell Island"]["why"] == ["not sealed: water and gas are free to leave"]
    assert books["Bell Island"]["leaked_share"] is None
    assert 0.0 < books["Salette"]["leaked_share"] < 1e-3


@pytest.mark.parametrize("phase", ["ascent", "rendezvous", "homeward", "arrival"])
def test_what_is_lost_is_lost_where_it_was_and_says_why(phase: str):
    books = ledger(march(Loss(phase, "2031-07-27T13:21:56Z")))
    lost = [entry for entry in books if entry["state"] == "lost"]
    assert len(lost) == 21
    assert {entry["verdict"] for entry in lost} == {"lost"}
    assert all("something happened" in entry["why"][0] for entry in lost)


def test_the_container_is_colder_in_shadow_and_the_capsule_keeps_for_a_while():
    assert free_in_orbit(False) < free_in_orbit(True) < 273.0
    figures = {"arrival": {"heat_load_J_cm2": 10626.0}}
    hours = (time_until_too_warm(figures) or 0.0) / 3600.0
    assert hours > 4.0


def test_what_will_be_found_out_names_what_did_not_survive():
    told = {row["key"]: row for row in accounts.account(march())}
    assert len(told) == 13
    assert told["2.2"]["tubes"][0]["tube"] == "Sapphire Canyon"
    assert "CoLD" in told["2.2"]["sentence"]
    assert "Otis Peak (shock)" in told["1.1"]["sentence"]
    hot = {row["key"]: row for row in accounts.account(march(heat_load_J_cm2=3e6))}
    assert not any(row["survived"] for row in hot["4"]["tubes"])
    assert all(row["survived"] for row in told["4"]["tubes"])


def test_of_nothing_nothing_will_be_found_out():
    told = accounts.account(march(loaded={}))
    assert {row["sentence"] for row in told} == {"nothing that came home speaks to it."}


def test_the_books_are_printed_for_all_and_for_one(tmp_path: pathlib.Path, capsys):
    (tmp_path / "journey.json").write_text(json.dumps(march()))
    assert main(["ledger", str(tmp_path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["tubes"]) == 43
    assert main(["ledger", str(tmp_path), "Salette"]) == 0
    assert "temperature in the return chain" in capsys.readouterr().out
    assert main(["ledger", str(tmp_path)]) == 0
    assert main(["cache", "february-2022", "--run", str(tmp_path)]) == 0
    assert "signs of ancient life: can be answered" in capsys.readouterr().out
    assert main(["ledger", str(tmp_path / "nowhere")]) == 2
    assert main(["ledger", str(tmp_path), "Salett"]) == 2


def test_the_temperature_history_runs_forward_within_the_bounds_of_its_stages():
    journey = march()
    for entry in ledger(journey):
        told = history(entry["stages"], journey)
        assert [row["utc"] for row in told] == sorted(row["utc"] for row in told)
        for row in told:
            low = min(s["temperature_minimum_K"] for s in entry["stages"])
            high = max(s["temperature_maximum_K"] for s in entry["stages"])
            assert low - 2.0 <= row["low_K"] <= row["high_K"] <= high + 2.0


def test_a_tube_warms_after_its_entry_as_the_heat_of_the_structure_reaches_it():
    journey = march()
    (tube,) = (entry for entry in ledger(journey) if entry["name"] == "Salette")
    after = [r["high_K"] for r in history(tube["stages"], journey) if r["holder"] == "laboratory"]
    assert len(after) == 9
    assert after == sorted(after)
    assert after[0] == pytest.approx(273.0, abs=0.1)


def test_a_journey_with_its_exposures_changes_nothing_that_was_there():
    journey = march()
    for before, after in zip(journey["tubes"], with_exposures(journey), strict=True):
        assert {name: after[name] for name in before if name != "custody"} == {
            name: value for name, value in before.items() if name != "custody"
        }
        for old, new in zip(before["custody"], after["custody"], strict=True):
            assert old.items() <= new.items()
        if after["state"] == "delivered":
            assert after["verdict"] in ("pristine", "degraded")
            assert after["peak_acceleration_g"] > 500.0


def test_winter_on_the_ground_is_colder_than_summer():
    journey = march()
    (depot,) = (entry for entry in ledger(journey) if entry["name"] == "Montdenier")
    rows = [r for r in history(depot["stages"], journey) if r["holder"] == "ground"]
    assert max(r["high_K"] for r in rows) - min(r["high_K"] for r in rows) > 10.0


def test_the_heat_of_the_structure_is_linear_in_the_load_of_the_entry():
    cold, slope = soak_back_by_load()
    for load in (0.0, 1.06e8, 3e9):
        _, payload = soak_back({"arrival": {"heat_load_J_cm2": load / 1e4}})
        assert float((cold + slope * load).max()) == pytest.approx(payload, rel=1e-12)

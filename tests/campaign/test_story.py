"""A tube's story runs forward, stays within the record, and ends where the march ends."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.story import future, past, read_journey
from anabasis.cli import main
from anabasis.vehicles.tube import all_tubes, depot, find

JOURNEY: dict[str, Any] = {
    "schema_version": 1,
    "scenario": "an example",
    "outcome": "",
    "events": [
        {"name": "lift_off", "utc": "2028-06-21T04:33:53.042Z", "sol": 2608},
        {"name": "impact", "utc": "2031-07-27T13:21:56.818Z", "sol": None},
    ],
    "tubes": [
        {
            "id": find("Montagnac").id,
            "state": "delivered",
            "place": "Utah",
            "custody": [
                {"holder": h, "from_utc": u, "place": p, "temperature_K_max": None}
                for h, u, p in (
                    ("rover", "2021-09-08T00:00:00Z", "Artuby Ridge"),
                    ("ascender", "2027-09-03T18:11:40.949Z", "on the lander, Jezero"),
                    ("container", "2028-06-21T04:45:10.583Z", "orbit about Mars"),
                    ("laboratory", "2031-07-27T13:21:56.818Z", "Utah"),
                )
            ],
        }
    ],
}


def test_every_story_of_the_record_runs_forward_in_sols():
    for tube in all_tubes():
        sols = [entry["sol"] for entry in past(tube)]
        assert sols == sorted(sols)
        assert sols[0] == 0
        assert sols[-1] == 1980


def test_a_story_as_of_a_sol_tells_nothing_that_came_later():
    for sol in (0, 200, 600, 700):
        for tube in all_tubes():
            assert all(entry["sol"] <= sol for entry in past(tube, sol))
    assert [e["what"].split()[0] for e in past(find("Mageik"), 600)] == ["landed,", "filled"]


def test_the_wait_for_a_seal_is_told_with_its_reason():
    told = " ".join(entry["what"] for entry in past(find("Mageik")))
    assert "sealed, 40 sols after" in told
    assert "seal-dispense trouble" in told


def test_what_its_source_contradicts_is_told_as_contradictory():
    assert "contradictory" in {entry["certainty"] for entry in past(find("WB1"))}


def test_a_flown_story_begins_after_the_record_and_ends_with_the_verdict():
    told = future(find("Montagnac"), JOURNEY)
    assert [entry["holder"] for entry in told] == [
        "ascender",
        None,
        "container",
        "laboratory",
        None,
    ]
    assert told[1]["what"] == "lifted off from Mars"
    assert told[-1]["what"] == "delivered: Utah"
    assert future(find("Montdenier"), JOURNEY) == []


def test_one_tube_and_its_end_are_printed(tmp_path: pathlib.Path, capsys):
    (tmp_path / "journey.json").write_text(json.dumps(JOURNEY))
    assert main(["tubes", "Montagnac", "--run", str(tmp_path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)["tubes"][0]
    assert document["flown"]["end"] == "delivered: Utah"
    assert document["sample_confidence"] == "derived"
    assert document["core_volume_m3"] == pytest.approx(8.15e-6, rel=1e-3)
    assert main(["tubes", "Montagnac", "--run", str(tmp_path)]) == 0
    assert "delivered: Utah" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema_version": 1, "tubes": [1]}'])
def test_a_folder_without_a_journey_is_refused(tmp_path: pathlib.Path, text: str):
    with pytest.raises(BadInput, match="no journey"):
        read_journey(tmp_path)
    (tmp_path / "journey.json").write_text(text)
    with pytest.raises(BadInput, match="no journey"):
        read_journey(tmp_path)


def test_the_depot_is_ten_drops_in_order_and_no_two_are_closer_than_five_metres(capsys):
    drops = depot()
    assert [drop.order for drop in drops] == list(range(1, 11))
    assert [drop.sol for drop in drops] == sorted(drop.sol for drop in drops)
    assert all(5.0 < drop.spacing_m < 21.0 for drop in drops if drop.spacing_m is not None)
    assert main(["tubes", "--depot", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["depot"]) == 10

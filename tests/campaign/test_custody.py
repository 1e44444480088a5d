"""Who holds each tube: made-up marches, flown and lost."""

from __future__ import annotations

import itertools
import json
import math

import pytest

from anabasis.campaign.custody import Bounds, Custody, Loss, count, trace, warmest
from anabasis.campaign.inventory import draw_up

EVENTS: dict[str, str | None] = {
    "lift_off": "2028-07-01T00:00:00Z",
    "stage_two_burnout": "2028-07-01T00:10:00Z",
    "container_captured": "2028-09-01T00:00:00Z",
    "mars_departure": "2030-11-01T00:00:00Z",
    "capsule_release": "2031-07-25T00:00:00Z",
    "impact": "2031-07-28T00:00:00Z",
}
MANIFEST = draw_up()
LOADED = {
    going.tube.id: f"2027-09-{day:02d}T12:00:00Z"
    for day, going in enumerate(MANIFEST.going, start=1)
}


def march(
    loss: Loss | None = None,
    loaded: dict[str, str] = LOADED,
    events: dict[str, str | None] = EVENTS,
) -> list[Custody]:
    return trace(MANIFEST.tubes, loaded, events, loss)


def of(entries: list[Custody], name: str) -> Custody:
    return next(entry for entry in entries if entry.name == name)


def test_a_nominal_march_delivers_what_was_loaded_and_leaves_the_rest():
    entries = march()
    assert count(entries) == {"delivered": 21, "left on Mars": 12, "lost": 0, "empty": 10}


def test_a_delivered_tube_passes_through_every_hand_in_order():
    tube = of(march(), "Montagnac")
    assert [holding.holder for holding in tube.custody] == [
        "rover",
        "ascender",
        "container",
        "orbiter",
        "capsule",
        "laboratory",
    ]
    assert tube.custody[0].from_utc.startswith("2021-09-08")
    assert (tube.state, tube.place) == ("delivered", "Utah")


def test_a_depot_tube_stays_on_the_ground():
    tube = of(march(), "Malay")
    assert [holding.holder for holding in tube.custody] == ["rover", "ground"]
    assert tube.custody[1].from_utc == "2022-12-21T17:15:00Z"
    assert (tube.state, tube.place) == ("left on Mars", "Three Forks depot")


@pytest.mark.parametrize(
    ("loss", "expected", "place"),
    [
        (Loss("ascent", "2028-07-01T00:20:00Z"), "lost", "Mars, below the ascent"),
        (Loss("rendezvous", "2028-09-01T00:00:00Z"), "lost", "orbit about Mars"),
        (Loss("homeward", "2030-10-01T00:00:00Z"), "lost", "orbit about Mars"),
        (Loss("homeward", "2030-12-01T00:00:00Z"), "lost", "between Mars and Earth"),
        (Loss("arrival", "2031-07-28T00:00:00Z"), "lost", "Earth, short of Utah"),
        (Loss("surface", "2028-01-01T00:00:00Z"), "left on Mars", "on the lander, Jezero"),
        (Loss("insertion", "2028-01-01T00:00:00Z"), "left on Mars", "on the lander, Jezero"),
        (Loss("landing", "2027-08-19T00:00:00Z"), "left on Mars", "aboard Perseverance"),
        (Loss("lander_outbound", "2026-11-01T00:00:00Z"), "left on Mars", "aboard Perseverance"),
    ],
)
def test_a_lost_phase_takes_with_it_what_it_carried_and_no_more(loss, expected, place):
    entries = march(loss)
    tube = of(entries, "Montagnac")
    assert (tube.state, tube.place) == (expected, place)
    assert count(entries)["delivered"] == 0
    assert count(entries)["lost"] == (21 if expected == "lost" else 0)
    assert of(entries, "Malay").state == "left on Mars"


def test_nobody_holds_a_tube_after_it_was_lost():
    chain = of(march(Loss("ascent", "2028-07-01T00:20:00Z")), "Montagnac").custody
    assert chain[-1].holder == "ascender"
    chain = of(march(Loss("arrival", "2031-07-28T00:00:00Z")), "Montagnac").custody
    assert chain[-1].holder == "capsule"


def test_a_march_that_never_loaded_leaves_everything_on_mars():
    entries = march(loaded={})
    assert count(entries) == {"delivered": 0, "left on Mars": 33, "lost": 0, "empty": 10}
    assert math.isnan(warmest(entries))


def test_a_tube_not_loaded_in_time_stays_with_the_rover():
    some = dict(itertools.islice(LOADED.items(), 5))
    entries = march(Loss("surface", "2028-01-01T00:00:00Z"), loaded=some)
    assert sum(entry.place == "on the lander, Jezero" for entry in entries) == 5
    assert sum(entry.place == "aboard Perseverance" for entry in entries) == 18 + 10


@pytest.mark.parametrize("phase", ["surface", "ascent", "rendezvous", "homeward", "arrival"])
def test_the_inventory_is_exact_whatever_happens(phase):
    for loss in (None, Loss(phase, "2028-07-01T00:20:00Z"), Loss(phase, "2040-01-01T00:00:00Z")):
        entries = march(loss)
        assert len({entry.id for entry in entries}) == 43
        assert sum(count(entries).values()) == 43
        assert all(entry.place for entry in entries)


def test_every_chain_runs_forward_in_time():
    for entry in march():
        dates = [holding.from_utc for holding in entry.custody]
        assert dates == sorted(dates)
        assert all(len(date) >= 20 and date.endswith("Z") for date in dates)


def test_the_warmest_bound_is_that_of_the_travelling_tubes():
    assert warmest(march()) == 303.0
    hot = trace(MANIFEST.tubes, LOADED, EVENTS, bounds=Bounds(capsule=310.0, ground=400.0))
    assert warmest(hot) == 310.0


def test_the_entries_are_those_of_the_interface():
    entry = of(march(), "Montagnac").to_dict()
    assert set(entry) == {"id", "name", "state", "place", "custody"}
    assert set(entry["custody"][0]) == {"holder", "from_utc", "place", "temperature_K_max"}
    json.dumps(entry, allow_nan=False)


def test_a_march_that_ends_under_way_says_where_it_left_the_tubes():
    half = EVENTS | {"container_captured": None, "capsule_release": None, "impact": None}
    tube = of(march(events=half), "Montagnac")
    assert tube.place == "orbit about Mars (the march ends here)"
    grounded: dict[str, str | None] = dict.fromkeys(EVENTS)
    assert of(march(events=grounded), "Montagnac").place == "on the lander, Jezero"

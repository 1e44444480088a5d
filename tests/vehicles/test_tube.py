"""The 43 tubes, as the record has them."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from anabasis.vehicles.tube import UnknownTube, all_tubes, describe, find, tubes


def test_every_tube_has_an_id_of_its_own_that_says_whether_it_was_published():
    every = all_tubes()
    assert len(every) == 43
    assert len({tube.id for tube in every}) == 43
    assert Counter(tube.id_status for tube in every) == {
        "published": 10,
        "inferred": 23,
        "assigned": 10,
    }


def test_the_published_ids_are_those_of_the_depot():
    published = {tube.id for tube in all_tubes() if tube.id_status == "published"}
    assert published == {tube.id for tube in all_tubes() if tube.where == "depot"}


def test_pairs_name_each_other():
    named = {tube.name: tube for tube in all_tubes()}
    for tube in all_tubes():
        if tube.pair:
            assert named[tube.pair].pair == tube.name


@pytest.mark.parametrize("word", ["M2020-00371-09", "ha'ahóni".replace("ó", "o"), "Hahonih", "9"])
def test_a_tube_answers_to_its_id_its_names_and_its_number(word: str):
    assert find(word).name == "Ha'ahoni"


def test_an_unknown_name_is_answered_with_the_closest():
    with pytest.raises(UnknownTube, match="did you mean Montdenier"):
        find("Montdenir")


def test_a_tube_is_empty_then_open_then_sealed_then_on_the_ground():
    def condition(sol: int) -> str:
        return describe("Mageik", sol)[0]["condition"]

    assert condition(578) == "empty"
    assert condition(579) == "aboard, open"
    assert condition(619) == "aboard, sealed"
    assert condition(655) == "on the ground at Three Forks"
    assert describe("Mageik", 655)[0]["latitude_deg"] == pytest.approx(18.4525, abs=1e-4)


def test_on_landing_day_every_tube_was_empty_and_aboard():
    assert {entry.condition for entry in tubes(0)} == {"empty"}
    assert {entry.place for entry in tubes(0)} == {"aboard Perseverance"}


def test_the_number_in_each_condition_adds_up_to_all_of_them_at_any_sol():
    for sol in (0, 200, 700, 1500, 1980, 5000):
        assert sum(Counter(entry.condition for entry in tubes(sol)).values()) == 43


def test_a_date_its_source_contradicts_is_marked_uncertain():
    assert set(find("WB1").uncertain) == {"seal_sol", "seal_date_utc"}
    assert not find("Montdenier").uncertain


def test_every_tube_names_its_source_and_confidence():
    for entry in describe():
        assert entry["source"]
        assert entry["confidence"] in ("high", "medium", "low")


def test_reading_the_tubes_loads_none_of_the_heavy_packages():
    code = (
        "import sys; from anabasis.vehicles import tube; tube.describe();"
        "print([m for m in ('jax','numpy','scipy','pyarrow','matplotlib') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"

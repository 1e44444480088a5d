"""Which tubes go."""

from __future__ import annotations

from collections import Counter

import pytest

from anabasis.campaign.inventory import draw_up, sample_mass


def test_by_default_the_21_go_that_are_aboard_and_sealed():
    manifest = draw_up()
    assert len(manifest.aboard) == 21
    assert not manifest.fetched
    kinds = Counter(going.tube.kind for going in manifest.going)
    assert kinds == {"rock core": 18, "regolith": 1, "witness": 2}
    assert all(going.tube.where == "rover" for going in manifest.going)
    assert all(going.tube.closure == "sealed" for going in manifest.going)


def test_the_open_tubes_go_only_if_the_scenario_closes_them():
    names = {going.tube.name for going in draw_up().going}
    closed = {going.tube.name for going in draw_up(close_open_tubes=True).going}
    assert closed - names == {"Bell Island", "Gallants"}


def test_a_tube_closed_by_the_scenario_is_marked_assumed():
    closed = [g for g in draw_up(close_open_tubes=True).going if g.tube.name == "Gallants"]
    assert closed[0].tube.confidence == "assumed"
    assert "assumed" in closed[0].reason


def test_where_31_would_go_the_shortest_core_with_a_twin_aboard_stays():
    manifest = draw_up(fetch=True)
    assert len(manifest.going) == 30
    assert len(manifest.aboard) == 21
    staying = {tube.name for tube in manifest.staying if tube.closure == "sealed"}
    assert staying == {"Malay"}


def test_what_is_unique_to_the_depot_goes_before_what_has_a_twin():
    order = [going.tube.name for going in draw_up(fetch=True).fetched]
    assert set(order[:2]) == {"Roubion", "WB3"}


def test_rock_and_regolith_go_before_the_witnesses():
    kinds = [going.tube.kind for going in draw_up().aboard]
    assert kinds[-2:] == ["witness", "witness"]
    few = draw_up(slots=19)
    assert all(going.tube.is_solid for going in few.going)


@pytest.mark.parametrize("later", [0, 1, 8])
def test_tubes_filled_later_are_assumed_and_go_last(later):
    manifest = draw_up(later_tubes=later)
    new = [going for going in manifest.going if going.tube.name.startswith("later sample")]
    assert len(new) == later
    assert [going.tube.id for going in manifest.going[21:]] == [going.tube.id for going in new]
    assert all(going.tube.confidence == "assumed" for going in new)


@pytest.mark.parametrize("choices", [{}, {"fetch": True}, {"later_tubes": 8, "fetch": True}])
def test_every_tube_is_divided_once_and_no_more_go_than_there_are_places(choices):
    manifest = draw_up(close_open_tubes=True, **choices)
    assert sorted(tube.number for tube in manifest.tubes) == list(range(1, 44))
    assert len(manifest.going) + len(manifest.staying) == 43
    assert len(manifest.going) <= 30


def test_the_samples_aboard_weigh_what_the_table_says():
    # 19 solids of the 21 in "rover and samples", section 1 (about 400 g with the two open ones).
    assert draw_up().sample_kg == pytest.approx(0.3747, abs=1e-9)
    assert all(sample_mass(tube) == 0.0 for tube in draw_up().tubes if tube.closure == "empty")


def test_the_depot_alone_goes_only_with_what_its_fetcher_can_lift():
    alone = draw_up(fetch=True, rover_delivers=False)
    assert not alone.aboard
    assert len(alone.fetched) == 10
    assert all(going.tube.where == "depot" for going in alone.going)
    weak = draw_up(fetch=True, rover_delivers=False, liftable=0.065, tube_mass=0.057)
    assert {g.tube.id for g in weak.going} < {g.tube.id for g in alone.going}
    assert all(0.057 + sample_mass(g.tube) <= 0.065 for g in weak.going)


def test_what_is_chosen_goes_and_an_open_tube_among_it_goes_as_it_is():
    wanted = [tube for tube in draw_up().tubes if tube.name in ("Salette", "Bell Island", "WB1")]
    manifest = draw_up(chosen=frozenset(tube.id for tube in wanted))
    assert {going.tube.name for going in manifest.going} == {"Salette", "Bell Island", "WB1"}
    (bell,) = (going.tube for going in manifest.going if going.tube.name == "Bell Island")
    assert bell.closure == "open"


def test_what_finds_no_place_waits_for_one_and_is_counted_among_what_stays():
    manifest = draw_up(slots=15)
    assert len(manifest.aboard) == 15
    assert len(manifest.spare_aboard) == 6
    staying = {tube.id for tube in manifest.staying}
    assert {going.tube.id for going in manifest.spare_aboard} <= staying
    assert len(manifest.tubes) == 43

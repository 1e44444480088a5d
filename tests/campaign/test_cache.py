"""The best set of tubes is the best of all sets, whatever the tubes, places and weights."""

from __future__ import annotations

import json

import numpy as np
import pytest

from anabasis.campaign.cache import (
    WEIGHTS,
    Reach,
    Values,
    best_set,
    exhaustive,
    report,
    sensitivity,
    worth,
)
from anabasis.cli import main
from anabasis.vehicles.tube import all_tubes, find

ALL = [tube for tube in all_tubes() if tube.closure != "empty"]
PLAIN = Values(dict.fromkeys(WEIGHTS, 1.0))
EVERYTHING = Reach(33, 33, 33, 33)


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_is_that_of_an_exhaustive_search(seed: int):
    rng = np.random.default_rng(seed)
    tubes = sorted(rng.choice(np.array(ALL, object), 10, replace=False), key=lambda t: t.number)
    values = Values(
        {key: float(rng.uniform(0.0, 3.0)) for key in WEIGHTS},
        depth=float(rng.uniform()),
        pair_share=float(rng.uniform()),
        unsealed_price=float(rng.uniform(0.0, 2.0)),
        witness_count=int(rng.integers(0, 3)),
    )
    reach = Reach(int(rng.integers(1, 8)), int(rng.integers(1, 9)), int(rng.integers(0, 7)), 4)
    require = frozenset({tubes[0].id}) if seed % 3 == 0 and reach.from_rover > 2 else frozenset()
    found = best_set(tubes, reach, values, require)
    best = exhaustive(tubes, reach, values, require)
    assert (found is None) == (best is None)
    if found is not None and best is not None:
        # equal sets are told apart by a millionth a number, which may cost as much
        assert found.worth == pytest.approx(best.worth, abs=5e-4)
        assert found.worth <= best.worth + 1e-9


def test_the_worth_is_the_sum_of_its_parts():
    choice = worth(ALL, PLAIN)
    assert choice.worth == pytest.approx(sum(choice.parts.values()))


def test_the_second_of_a_pair_adds_less_than_a_stranger():
    alone = worth([find("Hazeltop")], PLAIN).worth
    twins = worth([find("Hazeltop"), find("Bearwallow")], PLAIN).worth
    strangers = worth([find("Hazeltop"), find("Comet Geyser")], PLAIN).worth
    assert alone < twins < strangers


def test_with_twins_worth_nothing_one_of_each_pair_goes():
    values = Values({**PLAIN.weights, "sample": 0.0}, pair_share=0.0)
    found = best_set(ALL, Reach(16, 33, 33, 33), values)
    assert found is not None
    names = {tube.name for tube in found.tubes}
    assert not any(tube.pair in names for tube in found.tubes)


def test_an_open_tube_stays_once_its_price_is_high_enough():
    cheap = best_set(ALL, EVERYTHING, Values(PLAIN.weights, unsealed_price=0.0))
    dear = best_set(ALL, EVERYTHING, Values(PLAIN.weights, unsealed_price=100.0))
    assert cheap is not None
    assert dear is not None
    assert sum(tube.closure == "open" for tube in cheap.tubes) == 2
    assert not any(tube.closure == "open" for tube in dear.tubes)


def test_witnesses_come_because_they_must_never_because_they_are_worth_it():
    for count in range(4):
        values = Values(PLAIN.weights, witness_count=count)
        found = best_set(ALL, Reach(10, 33, 33, 33), values)
        assert found is not None
        assert sum(tube.kind == "witness" for tube in found.tubes) == count


def test_what_must_come_comes_and_what_must_stay_stays():
    require, exclude = frozenset({find("Atsa").id}), frozenset({find("Sapphire Canyon").id})
    found = best_set(ALL, Reach(8, 33, 33, 33), PLAIN, require, exclude)
    assert found is not None
    ids = {tube.id for tube in found.tubes}
    assert require <= ids
    assert not exclude & ids
    assert best_set(ALL, Reach(8, 33, 33, 33), PLAIN, require, require) is None


def test_a_set_is_never_worth_less_with_a_place_more():
    gained = [best_set(ALL, Reach(n, 33, 33, 33), PLAIN) for n in range(2, 33, 5)]
    worths = [choice.worth for choice in gained if choice is not None]
    assert worths == sorted(worths)


def test_the_depot_alone_covers_every_objective_at_least_partly():
    depot = [tube for tube in all_tubes() if tube.where == "depot"]
    covered = {
        row["key"]: row["covered"] for row in report(worth(depot, PLAIN), PLAIN)["objectives"]
    }
    assert len(covered) == 13
    assert set(covered.values()) <= {"well", "partly"}


def test_without_air_soil_and_salts_something_is_missing():
    bare = [t for t in ALL if t.kind == "rock core" and "sulfate" not in t.flags and not t.flags]
    covered = {row["covered"] for row in report(worth(bare, PLAIN), PLAIN)["objectives"]}
    assert "not" in covered


def test_where_few_fit_some_tubes_flip_and_the_mudstone_never_does():
    values = Values({**PLAIN.weights, "rock": 0.5, "age": 0.5, "environment": 0.5})
    reach = Reach(12, 33, 33, 33)
    tight = best_set(ALL, reach, values)
    assert tight is not None
    firm = sensitivity(ALL, reach, values, tight, joint=10)
    assert firm.flips()
    assert find("Sapphire Canyon").id in firm.always()
    assert all(0.0 <= share <= 1.0 for share in firm.share.values())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["--slots", "34"], "more places than tubes; allowed 1 to 33"),
        (["--slots", "0"], "no place at all"),
        ([f"--set=cache.{key}=0" for key in WEIGHTS], "all zero"),
        (['--set=cache.require=["Atsa", "9", "Atsah"]'], "named twice"),
        (['--set=cache.require=["Atsa"]', '--set=cache.exclude=["Atsa"]'], "named twice"),
        (['--set=cache.require=["Montdenir"]'], "did you mean Montdenier"),
        (["--of", "moon"], "allowed depot, aboard"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_choice_that_makes_no_sense_is_refused(settings: list[str], words: str, capsys):
    weights = ["--set=cache.sample=0"] if "all zero" in words else []
    assert main(["cache", "february-2022", *settings, *weights]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_a_launch_before_the_rover_can_arrive_is_an_outcome(capsys):
    assert main(["cache", "february-2022", "--set", "cache.time_allowed_sol=20", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["outcome"].startswith("no tube can be aboard by lift-off")


def test_the_answer_shows_its_weights_and_what_flips(capsys):
    arguments = ["--slots", "12", "--set", "surface.fetch.kind=helicopters"]
    assert main(["cache", "february-2022", *arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["tubes"]) == 12
    assert set(WEIGHTS) <= set(document["weights"])
    assert document["sensitivity"]["flips"]
    assert main(["cache", "february-2022", "--of", "depot"]) == 0
    said = capsys.readouterr().out
    assert "Weights (assumed" in said
    assert "covers all Jezero-applicable objectives at least partly" in said

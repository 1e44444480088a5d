"""Many expeditions: the same case is the same whatever the others, and the door speaks plainly."""

from __future__ import annotations

import json

import numpy as np
import pytest

from anabasis.cli import main
from anabasis.studies.expeditions import campaigns, programme, select_rate


def test_a_case_does_not_depend_on_how_many_there_are():
    told = programme(1000, 40)
    few, many = campaigns(told, 3, seed=5), campaigns(told, 250, seed=5)
    np.testing.assert_array_equal(few.odometer, many.odometer[:3])
    other = campaigns(told, 3, seed=6)
    assert not np.array_equal(few.odometer, other.odometer)


def test_the_conjunction_of_2021_is_silent():
    told = programme(200, 60)
    silent = 200 + np.flatnonzero(~np.asarray(told.commanding))
    assert 212 <= silent.min() <= 222
    assert 230 <= silent.max() <= 240


def test_a_rover_in_transit_makes_more_way_and_drills_nothing():
    plain = campaigns(programme(1000, 40), 250)
    transit = campaigns(programme(1000, 40, transit=[True] * 40), 250)
    assert np.median(transit.odometer[:, -1]) > 3.0 * np.median(plain.odometer[:, -1])
    assert transit.filled[:, -1].max() <= 1.0


def test_a_nearer_goal_is_reached_sooner_and_never_passed():
    near = campaigns(programme(1000, 40, transit=[True] * 40, way=1000.0), 250)
    far = campaigns(programme(1000, 40, transit=[True] * 40, way=2500.0), 250)
    assert near.odometer.max() <= 1000.0 + 1e-6
    assert np.nanmedian(near.arrived) < np.nanmedian(far.arrived)


def test_the_choice_of_targets_is_a_small_chance_learnt_from_the_record():
    assert 0.005 < select_rate() < 0.1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--sols", "0"], "--sols"), (["-n", "0"], "-n"), (["--from", "11999"], "up to sol")],
)
def test_what_cannot_be_sent_is_refused(arguments: list[str], words: str, capsys):
    assert main(["expedition", *arguments]) == 2
    assert words in capsys.readouterr().err


def test_the_forecast_says_when_a_goal_is_reached(capsys):
    arguments = ["expedition", "--sols", "40", "-n", "50", "--way-km", "2", "--transit"]
    assert main([*arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["arrival"]["share"] > 0.5
    assert main(arguments) == 0
    assert "reached in" in capsys.readouterr().out

"""The plain words follow the figures: another run, other words."""

import copy
import dataclasses
import re

import pytest

from anabasis.viewer.run import open_run
from anabasis.viewer.story import day, quiz_of, span, story_of


def told(run) -> str:
    return "\n".join(p for chapter in story_of(run) for p in [chapter["title"], *chapter["text"]])


@pytest.fixture(scope="module")
def run(written):
    return open_run(written)


def changed(run, phase, **figures):
    journey = copy.deepcopy(run.journey)
    journey["phases"][phase]["figures"].update(figures)
    return dataclasses.replace(run, journey=journey)


@pytest.mark.parametrize(
    ("phase", "name", "value", "words"),
    [
        ("arrival", "peak_deceleration_g", 71.3, "71 times"),
        ("ascent", "lift_off_mass_kg", 431.2, "431 kilograms"),
        ("surface", "tubes_loaded_count", 17, "17 tubes"),
        ("entry", "interface_speed_m_s", 6123.0, "6.1 kilometres"),
        ("rendezvous", "delta_v_m_s", 83.0, "83 metres"),
        ("landing", "touchdown_vertical_speed_m_s", 1.4, "1.4 metres"),
    ],
)
def test_every_number_in_the_story_is_a_figure_of_the_run(run, phase, name, value, words):
    assert words not in told(run)
    assert words in told(changed(run, phase, **{name: value}))


def test_a_figure_that_was_not_flown_is_not_spoken_of(run):
    journey = copy.deepcopy(run.journey)
    del journey["phases"]["ascent"]
    text = told(dataclasses.replace(run, journey=journey))
    assert "rocket weighs" not in text
    assert "None" not in text
    assert "nan" not in text.lower().split()


def test_a_lost_mission_is_told_as_one(run):
    journey = copy.deepcopy(run.journey) | {
        "outcome": "it ran out of propellant",
        "outcome_phase": "landing",
        "home_utc": None,
    }
    text = told(dataclasses.replace(run, journey=journey))
    assert "it ran out of propellant" in text
    assert "desert" not in text


def test_the_quiz_has_one_right_answer_each_and_it_is_the_runs_own(run):
    questions = quiz_of(run)
    assert len(questions) >= 5
    for question in questions:
        answers = question["answers"]
        assert len(set(answers)) == len(answers) >= 3
        assert 0 <= question["right"] < len(answers)
    year = next(q for q in questions if "which year" in q["question"])
    assert year["answers"][year["right"]] == run.journey["home_utc"][:4]


def test_the_same_run_has_the_same_quiz_and_another_run_another(run):
    assert quiz_of(run) == quiz_of(run)
    other = changed(run, "arrival", peak_deceleration_g=12.0)
    right = [q["answers"][q["right"]] for q in quiz_of(other)]
    assert any(re.match("12 times", answer) for answer in right)


def test_spans_and_days_read_as_one_says_them():
    assert span(0.008) == "12 minutes"
    assert span(45) == "45 days"
    assert span(292) == "10 months"
    assert span(900) == "2.5 years"
    assert day("2031-07-27T13:21:56Z") == "27 July 2031"

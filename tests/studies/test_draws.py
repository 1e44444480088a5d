"""Draws: pure functions of seed, case and path, whatever else is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.studies.distribution import Distribution
from anabasis.studies.draws import Draws, NoCorrelation, mixing_of

NORMAL = Distribution("normal", 0.0, sigma=1.0)
CASES = np.arange(4096)


def draws(*paths: str, sampler: str = "random", seed: int = 1, mixing: object = None) -> Draws:
    lower = np.eye(len(paths)) if mixing is None else mixing_of(np.asarray(mixing))
    return Draws(paths, (NORMAL,) * len(paths), lower, seed, sampler, len(CASES))


@pytest.mark.parametrize("sampler", ["random", "latin", "sobol"])
def test_a_case_is_the_same_alone_in_any_order_and_in_any_company(sampler: str) -> None:
    some = draws("a", "b", "c", sampler=sampler, mixing=[[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    whole = some.of(CASES)
    for cases in ([17], [4000, 3, 3, 2047], list(range(255, 0, -1)), []):
        np.testing.assert_array_equal(some.of(cases), whole[cases])


def test_another_parameter_changes_no_draw() -> None:
    few = draws("a", "b").of(CASES)
    np.testing.assert_array_equal(draws("new", "a", "b").of(CASES)[:, 1:], few)
    np.testing.assert_array_equal(draws("b", "a").of(CASES)[:, ::-1], few)
    pair = [[1, 0.7], [0.7, 1]]
    more = [[1, 0.7, 0.2], [0.7, 1, 0.1], [0.2, 0.1, 1]]
    np.testing.assert_array_equal(
        draws("a", "b", "c", mixing=more).of(CASES)[:, :2], draws("a", "b", mixing=pair).of(CASES)
    )
    np.testing.assert_array_equal(
        draws("a", "b", "c", sampler="sobol").of(CASES)[:, :2],
        draws("a", "b", sampler="sobol").of(CASES),
    )


def test_another_seed_or_path_is_another_draw() -> None:
    one = draws("a").of(CASES)[:, 0]
    for other in (draws("a", seed=2), draws("aa")):
        assert np.all(other.of(CASES)[:, 0] != one)
        assert abs(np.corrcoef(one, other.of(CASES)[:, 0])[0, 1]) < 0.06


def test_a_draw_of_today_is_the_draw_of_tomorrow() -> None:
    """Typed in when first drawn: a stored ensemble must stay what it is."""
    chances = draws("ascender.stage_one.thrust_kN").chances(np.array([0, 1, 10**12]))[:, 0]
    np.testing.assert_array_equal(chances, PINNED)


PINNED = [0.47678782304408446, 0.10653780748209613, 0.7125467039393512]


def test_chances_of_the_random_sampler_are_uniform_and_never_an_end() -> None:
    chances = draws("a", "b").chances(np.arange(100_000))
    assert chances.min() > 0.0
    assert chances.max() < 1.0
    counts = np.histogram(chances[:, 0], bins=100, range=(0.0, 1.0))[0]
    assert np.sum((counts - 1000.0) ** 2 / 1000.0) < 150.0  # chi-square, 99 degrees, 0.1 % point


@pytest.mark.parametrize(("sampler", "error"), [("random", 0.08), ("latin", 0.05), ("sobol", 0.01)])
def test_moments_and_correlation_are_those_asked_for(sampler: str, error: float) -> None:
    matrix = [[1, -0.6, 0.3], [-0.6, 1, 0], [0.3, 0, 1]]
    found = draws("a", "b", "c", sampler=sampler, mixing=matrix).of(CASES)
    np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=error)
    np.testing.assert_allclose(found.std(axis=0), 1.0, atol=error)
    np.testing.assert_allclose(np.corrcoef(found.T), matrix, atol=error)


def test_latin_puts_one_case_into_each_stratum() -> None:
    chances = draws("a", "b", sampler="latin").chances(CASES)
    for column in chances.T:
        np.testing.assert_array_equal(np.sort(np.floor(column * len(CASES))), CASES)


def test_sobol_puts_one_case_into_each_box_of_a_net() -> None:
    chances = draws("a", "b", sampler="sobol").chances(CASES)
    boxes = np.histogram2d(*chances.T, bins=64, range=[[0, 1], [0, 1]])[0]
    np.testing.assert_array_equal(boxes, 1.0)


def test_a_correlation_of_one_is_the_same_number_twice() -> None:
    found = draws("a", "b", mixing=[[1, 1], [1, 1]]).of(CASES)
    np.testing.assert_allclose(found[:, 0], found[:, 1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "matrix",
    [
        [[1, 0.9, 0], [0.9, 1, 0.9], [0, 0.9, 1]],
        [[1, 0.5], [0.4, 1]],
        [[1, 1.5], [1.5, 1]],
        [[2, 0], [0, 1]],
        [[1, 1, 0], [1, 1, 0.5], [0, 0.5, 1]],
    ],
)
def test_a_matrix_that_is_no_correlation_is_refused(matrix: list[list[float]]) -> None:
    with pytest.raises(NoCorrelation):
        mixing_of(np.array(matrix))

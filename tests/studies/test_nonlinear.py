"""The search for a best point finds it, prices its limits, and says when there is none."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.studies.nonlinear import Best, Judged, least, restored

WIDE = np.full(2, -10.0), np.full(2, 10.0)


def circle(radius: float, floor: float = -100.0) -> object:
    """Least x + y on a circle, with y above a floor."""

    def judge(z: np.ndarray) -> Judged:
        x, y = z
        return Judged(
            float(x + y),
            np.ones(2),
            np.array([x * x + y * y - radius * radius]),
            np.array([[2.0 * x, 2.0 * y]]),
            np.array([y - floor]),
            np.array([[0.0, 1.0]]),
        )

    return judge


def solve(judge: object, low: np.ndarray = WIDE[0], high: np.ndarray = WIDE[1]) -> Best:
    return least(judge, np.array([-1.0, -0.3]), low, high)  # type: ignore[arg-type]


def test_the_price_of_a_condition_is_what_loosening_it_is_worth() -> None:
    best, wider = solve(circle(2.0)), solve(circle(np.sqrt(4.0 + 1e-4)))
    assert best.found
    np.testing.assert_allclose(best.point, -np.sqrt(2.0), rtol=1e-6)
    # the condition is c = r^2 - R^2, so R^2 + 1e-4 is c = 1e-4
    gain = (wider.judged.objective - best.judged.objective) / 1e-4
    assert best.equal_price[0] == pytest.approx(gain, rel=1e-3)


def test_a_limit_that_does_not_bind_has_no_price() -> None:
    free, held = solve(circle(2.0)), solve(circle(2.0, floor=-1.0))
    assert free.spare_price[0] == 0.0
    assert held.spare_price[0] > 0.0
    assert held.point[1] == pytest.approx(-1.0, abs=1e-8)
    assert held.judged.objective > free.judged.objective


def test_a_bound_has_a_price_of_its_own_sign() -> None:
    best = solve(circle(2.0), low=np.array([-0.5, -10.0]))
    assert best.found
    assert best.bound_price[0] > 0.0
    assert best.bound_price[1] == 0.0
    assert best.residual < 1e-6


def test_a_problem_without_any_answer_is_not_found() -> None:
    best = solve(circle(2.0, floor=3.0))
    assert not best.found
    assert best.judged.violation > 0.1


def test_numbers_that_are_none_are_a_wall_and_not_an_answer() -> None:
    inside = circle(2.0)

    def judge(z: np.ndarray) -> Judged:
        good = inside(z)  # type: ignore[operator]
        if z[0] > 1.0:
            return Judged(
                float("nan"), good.slope, good.equal, good.equal_slope, good.spare, good.spare_slope
            )
        return good

    best = least(judge, np.array([0.9, -1.0]), *WIDE)
    assert best.found
    assert np.all(np.isfinite(best.point))


def test_a_best_point_is_carried_over_to_a_problem_nearby() -> None:
    best = solve(circle(2.0))
    moved = restored(circle(2.001), best, *WIDE)  # type: ignore[arg-type]
    assert moved.found
    assert moved.judged.violation < 1e-8
    assert moved.judged.objective == pytest.approx(-2.001 * np.sqrt(2.0), rel=1e-6)

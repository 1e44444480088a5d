"""The dispersions of a scenario: found by their paths, checked before anything flies."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.scenario import Scenario, load
from anabasis.studies.dispersions import draws_of, uncertain_of, with_draw

THRUST = "ascender.stage_one.thrust_kN"


def scenario(*rows: dict[str, object]) -> Scenario:
    return load({"extends": "har-open-loop", "name": "x", "dispersion": list(rows)})


def test_a_percentage_is_of_the_nominal_and_the_draw_in_the_unit_of_the_path() -> None:
    (one,) = uncertain_of(scenario({"path": THRUST, "sigma_percent": 2.0}))
    assert one.distribution.nominal == 7.92577
    assert one.distribution.sigma == pytest.approx(0.1585154)
    assert one.unit == "kN"


def test_a_draw_stands_where_the_path_says_in_si_and_nothing_else_moves() -> None:
    found = scenario(
        {"path": THRUST, "sigma_percent": 2.0},
        {"path": "ascent.site.latitude_deg", "sigma": 0.1},
        {"path": "ascender.drag_coefficient", "sigma": 0.1},
    )
    numbers = uncertain_of(found)
    parts = with_draw(found.parts, numbers, jnp.array([8.0, 90.0, 1.5]))
    assert float(parts.ascender.stage_one.thrust) == 8000.0  # pyright: ignore
    assert float(parts.ascent.site.latitude) == pytest.approx(np.pi / 2)  # pyright: ignore
    np.testing.assert_allclose(
        parts.ascender.drag_coefficient.value,  # pyright: ignore
        1.5 * np.asarray(found.parts.ascender.drag_coefficient.value),  # pyright: ignore
    )
    nominal = with_draw(
        found.parts, numbers, jnp.array([one.distribution.nominal for one in numbers])
    )
    for ours, theirs in zip(
        jnp.ravel(nominal.ascender.stage_two.thrust),  # pyright: ignore
        jnp.ravel(found.parts.ascender.stage_two.thrust),  # pyright: ignore
        strict=True,
    ):
        assert float(ours) == float(theirs)


def test_a_correlation_reaches_the_draws() -> None:
    found = scenario(
        {"path": THRUST, "sigma_percent": 1.0},
        {
            "path": "ascender.stage_one.burn_time_s",
            "sigma_percent": 1.0,
            "correlated_with": THRUST,
            "correlation": -0.9,
        },
    )
    draws = draws_of(found, 3, "sobol").of(np.arange(1024))
    assert np.corrcoef(draws.T)[0, 1] == pytest.approx(-0.9, abs=0.01)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"path": "ascender.stage_one.thrst_kN", "sigma": 1.0}], "thrust_kN"),
        ([{"path": "ascender.stage_one.thrust", "sigma": 1.0}], "lacks its unit"),
        ([{"path": "ascender.stage_one", "sigma": 1.0}], "only one number"),
        ([{"path": "ascent.epoch", "sigma": 1.0}], "only one number"),
        ([{"path": "planet.mars.gravity_degree", "sigma": 1.0}], "only one number"),
        ([{"path": "planet.earth.density_factor", "sigma": 0.1}], "gives no number"),
        ([{"path": "capsule.mass_kg", "sigma": 0.1}], "gives no number"),
        ([{"path": THRUST, "sigma": 5.0}], "out of the number's range"),
        ([{"path": THRUST, "distribution": "uniform", "low": 1.0}], "has low and high"),
        ([{"path": THRUST, "sigma": 0.1}, {"path": THRUST, "sigma": 0.2}], "dispersed twice"),
        ([{"path": THRUST, "sigma": 0.1, "correlation": 0.5}], "stand together"),
        (
            [{"path": THRUST, "sigma": 0.1, "correlated_with": "x", "correlation": 0.5}],
            "no dispersion has that path",
        ),
        ([{"path": THRUST, "distribution": "lognormal"}], "standard deviation is missing"),
    ],
)
def test_what_cannot_be_dispersed_is_refused(rows: list[dict[str, object]], words: str) -> None:
    with pytest.raises(BadInput) as refused:
        draws_of(scenario(*rows), 0)
    assert words in refused.value.line()
    assert "dispersion.0" in refused.value.line() or "dispersion.1" in refused.value.line()


def test_correlations_that_are_impossible_together_are_refused() -> None:
    other, third = "ascender.stage_one.burn_time_s", "ascender.stage_two.thrust_kN"
    found = scenario(
        {"path": THRUST, "sigma_percent": 1.0, "correlated_with": other, "correlation": 0.9},
        {"path": other, "sigma_percent": 1.0, "correlated_with": third, "correlation": 0.9},
        {"path": third, "sigma_percent": 1.0, "correlated_with": THRUST, "correlation": -0.9},
    )
    with pytest.raises(BadInput, match="no correlation matrix"):
        draws_of(found, 0)


def test_an_unknown_sampler_is_refused() -> None:
    with pytest.raises(BadInput, match="random, latin, sobol"):
        draws_of(scenario(), 0, "halton")

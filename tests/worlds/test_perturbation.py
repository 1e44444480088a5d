"""Drawn air has the spread and the likeness it is said to have (V11)."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.worlds.air import NoAir, air_of
from anabasis.worlds.column import BadColumn, read_column
from anabasis.worlds.perturbation import Perturbation, density_sigma, disturbed

CASES = 3000


@pytest.fixture(scope="module")
def profiles():
    air = air_of("jezero-2021-02-18")
    one = jax.jit(
        jax.vmap(lambda n: disturbed(air, Perturbation(n, *(jnp.asarray(1.0),) * 3)).log_density)
    )
    drawn = np.asarray(one(jnp.arange(1, CASES + 1, dtype=float)))
    return drawn - np.asarray(air.log_density)[None]


@pytest.mark.parametrize("km", [0, 20, 50, 80, 100])
def test_the_spread_of_the_density_is_that_of_the_formula(profiles, km):
    ratio = np.exp(profiles[:, 20 + 2 * km])
    wanted = float(density_sigma(jnp.asarray(1e3 * km)))
    assert np.std(ratio) == pytest.approx(wanted, rel=0.05)
    assert np.mean(ratio) == pytest.approx(1.0, abs=4.0 * wanted / np.sqrt(CASES))


def test_the_likeness_over_eight_kilometres_is_one_over_e(profiles):
    found = np.corrcoef(profiles[:, 60], profiles[:, 76])[0, 1]
    assert found == pytest.approx(0.36, abs=0.05)


def test_profile_nought_is_the_mean_air_and_no_air_stays_none():
    air = air_of("jezero-2021-02-18")
    zero, one = np.asarray(0.0), np.asarray(1.0)
    same = disturbed(air, Perturbation(zero, one, one, one))
    assert np.array_equal(np.asarray(same.log_density), np.asarray(air.log_density))
    assert isinstance(disturbed(NoAir(), Perturbation(one, one, one, one)), NoAir)


def test_a_column_file_is_read_and_a_bad_one_says_why(tmp_path):
    good = tmp_path / "good.csv"
    good.write_text("# mine\nheight_km,density_kg_m3,temperature_K\n0,1e-2,210\n10,4e-3,200\n")
    at = read_column(good)(jnp.asarray(5000.0))
    assert float(at.density) == pytest.approx(np.sqrt(1e-2 * 4e-3), rel=1e-12)
    assert float(at.temperature) == pytest.approx(205.0)
    bad = tmp_path / "bad.csv"
    for body, word in (
        ("height_km,density_kg_m3\n0,1\n1,1\n", "lacks"),
        ("height_km,density_kg_m3,temperature_K\n1,1,1\n0,1,1\n", "rise"),
        ("height_km,density_kg_m3,temperature_K\n0,1,1\n1,x,1\n", "number"),
        ("height_km,density_kg_m3,temperature_K\n0,-1,1\n1,1,1\n", "positive"),
    ):
        bad.write_text(body)
        with pytest.raises(BadColumn, match=word):
            read_column(bad)

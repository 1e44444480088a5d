"""What a page shows of an ensemble: bins that hold every case."""

import numpy as np
import pytest

from anabasis.viewer.spread import BINS, bins_of


@pytest.mark.parametrize("centre", [0.0, 3.97e2, -1e-7])
def test_every_case_is_in_a_bin(centre):
    values = centre + np.random.default_rng(3).normal(size=500) * max(abs(centre), 1.0)
    counts, edges = bins_of(values)
    assert len(counts) == BINS
    assert sum(counts) == 500
    assert edges == [values.min(), values.max()]


@pytest.mark.parametrize("value", [0.0, 393.79, 1e-12])
def test_values_that_do_not_spread_make_one_bin(value):
    counts, edges = bins_of(np.full(64, value) * (1.0 + 1e-15 * np.arange(64)))
    assert counts == [64]
    assert edges[0] < value < edges[1]

"""The leak arithmetic of a sealed tube."""

from __future__ import annotations

import pytest

from anabasis.vehicles.seal import BORE_LENGTH, gas_inside, headspace, leak_rate, leaked

YEAR = 365.25 * 86400.0


def test_the_rate_passes_through_the_two_measured_ends():
    assert leak_rate(222.15) == pytest.approx(1.7e-15, rel=1e-12)
    assert leak_rate(315.15) == pytest.approx(1.4e-13, rel=1e-12)


def test_a_warmer_seal_leaks_more():
    rates = [leak_rate(t) for t in (180.0, 220.0, 260.0, 300.0)]
    assert rates == sorted(rates)


def test_fifteen_years_at_the_published_rate_are_a_thousandth_of_the_headspace():
    lost = leaked(1e-13, 15 * YEAR)
    assert lost == pytest.approx(5e-5, rel=0.06)
    for volume in (4e-6, 8e-6):
        assert 0.0005 < lost / gas_inside(volume) < 0.002
    assert gas_inside(4e-6) == pytest.approx(0.03, rel=0.1)
    assert gas_inside(8e-6) == pytest.approx(0.06, rel=0.1)


def test_a_usual_core_leaves_four_to_eight_cubic_centimetres_and_none_leaves_the_bore():
    assert 4e-6 < headspace(0.0551) < 8e-6
    assert headspace(None) > headspace(0.0191) > headspace(0.0736) > 0.0
    assert headspace(BORE_LENGTH + 1.0) == 0.0

"""Heat after entry goes from the structure to the tubes and out, and none is made."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from anabasis.vehicles.soak_back import SoakBack, temperatures

TIMES = np.linspace(0.0, 40 * 86400.0, 4001)
MODEL = SoakBack()


def test_at_first_the_structure_holds_all_the_heat_and_the_tubes_none():
    structure, payload = temperatures(MODEL, 1e8, 1.227, 273.0, 300.0, TIMES)
    assert structure[0] == pytest.approx(273.0 + MODEL.share * 1.227e8 / MODEL.structure)
    assert payload[0] == pytest.approx(273.0)


def test_in_the_end_everything_is_as_warm_as_the_air():
    structure, payload = temperatures(MODEL, 1e8, 1.227, 273.0, 300.0, TIMES)
    assert structure[-1] == pytest.approx(300.0, abs=0.01)
    assert payload[-1] == pytest.approx(300.0, abs=0.1)


def test_without_losses_the_heat_of_both_together_is_kept():
    closed = dataclasses.replace(MODEL, structure_loss=0.0, payload_loss=0.0)
    structure, payload = temperatures(closed, 1e8, 1.227, 273.0, 300.0, TIMES)
    heat = closed.structure * structure + closed.payload * payload
    np.testing.assert_allclose(heat, heat[0], rtol=1e-9)


def test_small_steps_of_the_two_balances_agree():
    structure, payload = temperatures(MODEL, 1e8, 1.227, 273.0, 300.0, np.array([0.0, 7200.0]))
    hot, cool, step = structure[0], payload[0], 1.0
    for _ in range(7200):
        flow = MODEL.coupling * (hot - cool)
        hot -= step * (flow + MODEL.structure_loss * (hot - 300.0)) / MODEL.structure
        cool += step * (flow - MODEL.payload_loss * (cool - 300.0)) / MODEL.payload
    assert structure[1] == pytest.approx(hot, abs=0.01)
    assert payload[1] == pytest.approx(cool, abs=0.01)

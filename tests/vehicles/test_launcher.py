"""A launcher lifts less the faster it must send it, and says where its curve ends."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from anabasis.mechanics.table import Table
from anabasis.vehicles.launcher import CURVES, Launcher


@pytest.mark.parametrize("name", list(CURVES))
def test_more_speed_costs_mass_over_the_whole_range(name: str) -> None:
    launcher = Launcher(name=name)
    masses = [float(launcher.lift(c3 * 1e6)) for c3 in np.linspace(0.0, CURVES[name].largest, 40)]
    # New Glenn's fit wavers by 20 kg at its very end.
    assert all(b <= a + 25.0 for a, b in itertools.pairwise(masses))
    assert masses[-1] >= 0.0


@pytest.mark.parametrize("name", list(CURVES))
def test_outside_its_range_a_curve_is_held_and_says_so(name: str) -> None:
    launcher = Launcher(name=name)
    end = CURVES[name].largest * 1e6
    assert float(launcher.lift(1.5 * end)) == float(launcher.lift(end))
    assert bool(launcher.outside(1.01 * end))
    assert bool(launcher.outside(-1.0))
    assert not bool(launcher.outside(0.5 * end))


def test_the_users_own_points_are_read_linearly() -> None:
    launcher = Launcher(
        name="own", capability=Table(np.array([0.0, 1e7]), np.array([5000.0, 4000.0]))
    )
    assert float(launcher.lift(5e6)) == pytest.approx(4500.0)
    assert bool(launcher.outside(2e7))


def test_ariane_passes_through_its_one_recalled_point() -> None:
    assert float(Launcher(name="ariane-64").lift(6.25e6)) == pytest.approx(6900.0, abs=1e-6)

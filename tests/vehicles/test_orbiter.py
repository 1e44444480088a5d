"""The orbiter's masses add up."""

from __future__ import annotations

import equinox as eqx
import numpy as np
import pytest

from anabasis.vehicles.orbiter import Orbiter


def test_the_parts_of_the_orbiter_add_up_to_its_launch_mass() -> None:
    orbiter = Orbiter()
    parts = (
        orbiter.dry_mass,
        orbiter.module_dry,
        orbiter.chemical_propellant,
        orbiter.xenon,
        orbiter.hydrazine,
    )
    assert sum(float(part) for part in parts) == pytest.approx(6500.0, abs=1e-9)
    assert float(orbiter.dry_mass) > float(orbiter.capture_hardware)


def test_a_heavier_tank_leaves_less_for_the_rest() -> None:
    orbiter = Orbiter()
    heavier = eqx.tree_at(lambda o: o.xenon, orbiter, np.asarray(1250.0))
    assert float(orbiter.dry_mass - heavier.dry_mass) == pytest.approx(100.0)
    assert float(heavier.mass_without_module) == pytest.approx(float(orbiter.mass_without_module))

"""The container's split keeps the published sum."""

from __future__ import annotations

import pytest

from anabasis.vehicles.container import Container, payload


def test_a_full_container_weighs_what_was_published() -> None:
    """16 kg with 30 tubes and 0.47 kg of samples (Orbital Index, 2022-02-23)."""
    container = Container()
    assert float(payload(container, float(container.slot_count), 0.47)) == pytest.approx(
        16.0, abs=1e-9
    )


def test_every_tube_adds_itself_and_its_sample() -> None:
    container = Container()
    more = payload(container, 21.0, 0.4) - payload(container, 20.0, 0.38)
    assert float(more) == pytest.approx(container.tube_mass + 0.02, abs=1e-12)

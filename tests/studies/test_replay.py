"""A case again: its row bit for bit from its own lane, its tracks from a flight that agrees."""

from __future__ import annotations

import pathlib

import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.exchange.parquet import read_rows
from anabasis.studies.ensemble import disperse
from anabasis.studies.replay import AGREE, how_far_apart, replay_some
from anabasis.studies.store import Store

ASCENT = {
    "extends": "har-open-loop",
    "name": "replayed",
    "dispersion": [
        {"path": "ascender.stage_one.thrust_kN", "sigma_percent": 0.3},
        # a third of the rockets carries far too much and falls back
        {
            "path": "ascender.payload_kg",
            "distribution": "discrete",
            "values": [16.0, 16.2, 60.0],
        },
    ],
}


def test_the_row_comes_again_bit_for_bit_and_the_tracked_flight_agrees(
    tmp_path: pathlib.Path,
) -> None:
    ensemble = disperse(ASCENT, 16, seed=4, chunk=8, workers=1, out=tmp_path / "e")
    lost = [k for k, text in enumerate(ensemble.column("outcome")) if text]
    safe = [k for k in range(16) if k not in lost]
    assert lost
    assert safe
    cases = [safe[0], lost[-1], safe[-1]]
    store = Store.open(tmp_path / "e")
    for found in replay_some(store, cases):
        assert found.differing == ()
        assert found.apart
        assert max(found.apart.values()) <= AGREE
        assert found.good
        rows = read_rows(found.folder / "tracks" / "ascent.parquet")
        assert len(rows) > 100
        assert (found.folder / "case.json").is_file()
    with pytest.raises(BadInput, match="no such case"):
        replay_some(store, [16])


def test_how_far_apart_two_figures_are() -> None:
    assert how_far_apart("ascent.apoapsis_km", 200.0, 200.0 * (1.0 + 1e-12)) < 2e-12
    assert how_far_apart("landing.miss_km", 1e-3, 2e-3) == pytest.approx(1e-3)
    assert how_far_apart("rendezvous.final_distance_m", 150.0, 150.0 + 3.4e-3) == pytest.approx(
        1e-9
    )
    assert how_far_apart("a.b", None, float("nan")) == 0.0
    assert how_far_apart("a.b", float("nan"), float("nan")) == 0.0
    assert how_far_apart("a.b", None, 1.0) == np.inf


@pytest.mark.soak
def test_fifty_random_cases_of_a_thousand_whole_marches_come_again(
    tmp_path: pathlib.Path,
) -> None:
    disperse("february-2022-dispersed", 1000, seed=1, chunk=256, out=tmp_path / "e")
    cases = np.random.default_rng(50).choice(1000, size=50, replace=False)
    found = replay_some(Store.open(tmp_path / "e"), [int(case) for case in cases])
    assert len(found) == 50
    for one in found:
        assert one.differing == (), one.case
        assert max(one.apart.values()) <= AGREE, (one.case, max(one.apart.items()))

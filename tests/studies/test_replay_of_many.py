"""Many cases again, and one that is not there."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.exchange.parquet import read_table
from anabasis.studies import ensemble as ensembles
from anabasis.studies.replay import AGREE, replay, replay_some

CASES, CHUNK = 100, 64
SCENARIO = {
    "extends": "har-open-loop",
    "name": "replayed",
    "dispersion": [
        {"path": "ascender.stage_one.thrust_kN", "sigma_percent": 0.3},
        {"path": "ascender.stage_two.thrust_kN", "sigma_percent": 0.3},
    ],
}


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> ensembles.Ensemble:
    folder = tmp_path_factory.mktemp("replay") / "x"
    return ensembles.disperse(SCENARIO, CASES, chunk=CHUNK, seed=1, workers=1, out=folder)


@pytest.mark.parametrize("count", [2, pytest.param(50, marks=pytest.mark.truth)])
def test_cases_again_are_their_rows_bit_for_bit_and_agree_with_their_tracks(
    count: int, flown: ensembles.Ensemble
) -> None:
    before = flown.digest()
    cases = np.random.default_rng(4).choice(CASES, size=count, replace=False)
    for found in replay_some(flown.store, [int(case) for case in cases]):
        assert found.differing == ()
        assert found.again == found.row
        assert max(found.apart.values()) <= AGREE
        track = read_table(found.folder / "tracks" / "ascent.parquet")
        assert track["elapsed_s"][-1] > found.row["ascent.stage_one_burnout_time_s"]
    assert flown.digest() == before
    assert flown.verify() == []


def test_a_case_that_is_not_there_is_refused(flown: ensembles.Ensemble) -> None:
    with pytest.raises(BadInput, match="--case = 100: no such case"):
        replay(flown.store, CASES)

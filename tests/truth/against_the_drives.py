"""The rover's habits, learnt from sols 13 to 900, against the sols they have not seen."""

from __future__ import annotations

from typing import Any

import pytest

from anabasis.studies import expeditions

SOURCE = "NASA's record (MMGIS M20_waypoints, 2025-09-06)"
LARGEST_SHARE = 0.35
"""The band's half-width may be this share of the odometer."""


@pytest.fixture(scope="module")
def judged() -> dict[str, Any]:
    return expeditions.judge(500, seed=0)


@pytest.mark.parametrize("sol", [1000, 1215, 1400, 1615])
def test_the_odometer_lies_inside_its_band_and_the_band_is_no_wall(judged, sol, witness):
    row = next(row for row in judged["odometer"] if row["sol"] == sol)
    middle = (row["p95_km"] + row["p5_km"]) / 2
    witness(
        case="expedition from sol 900",
        quantity=f"odometer at sol {sol}, middle of the 5 to 95 % band",
        unit="km",
        expected=row["record_km"],
        measured=middle,
        tolerance=(row["p95_km"] - row["p5_km"]) / 2,
        source=SOURCE,
        reason="the record lies inside the band",
    )
    witness(
        case="expedition from sol 900",
        quantity=f"half-width of the band at sol {sol}, as a share of the odometer",
        unit="",
        expected=0.0,
        measured=row["half_width_share_of_odometer"],
        tolerance=LARGEST_SHARE,
        source=SOURCE,
        reason="35 % of the distance driven",
    )
    assert row["inside"]


def test_the_rapid_traverse_lies_inside_a_band_it_was_not_learnt_from(judged, witness):
    row = judged["rapid_traverse"]
    witness(
        case="35 sols of transit",
        quantity="rapid traverse, sols 380 to 414, middle of the 5 to 95 % band",
        unit="km",
        expected=row["record_km"],
        measured=(row["p95_km"] + row["p5_km"]) / 2,
        tolerance=(row["p95_km"] - row["p5_km"]) / 2,
        source=SOURCE,
        reason="the record lies inside the band",
    )
    assert row["record_km"] == pytest.approx(5.09, abs=0.005)


def test_the_samples_lie_inside_their_bands(judged, witness):
    for row in judged["samples"]:
        witness(
            case="expedition from sol 900",
            quantity=f"samples by sol {row['sol']}, middle of the 5 to 95 % band",
            unit="",
            expected=row["record"],
            measured=(row["p95"] + row["p5"]) / 2,
            tolerance=(row["p95"] - row["p5"]) / 2,
            source="NASA's record (ROCKS)",
            reason="the record lies inside the band; pairing ended with the depot",
        )

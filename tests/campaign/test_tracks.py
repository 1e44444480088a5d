"""Tracks as Parquet: the names, units, frames and origins the interface promises."""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import anabasis
from anabasis.campaign.folder import write_run
from anabasis.campaign.journey import Journey
from anabasis.campaign.tracks import columns_of
from anabasis.exchange.parquet import read_table

FIRST = ["et_s", "elapsed_s"]
STATE = {f"position_{axis}_km": "km" for axis in "xyz"} | {
    f"velocity_{axis}_km_s": "km_s" for axis in "xyz"
}
CASES = {"har-open-loop": ("ascent", "mars"), "mars2020-entry": ("entry", "mars")}
MORE = {
    "ascent": {"altitude_km": "km", "thrust_kN": "kN"},
    "entry": {
        "altitude_km": "km",
        "latitude_deg": "deg",
        "longitude_deg": "deg",
        "relative_speed_m_s": "m_s",
        "flight_path_angle_deg": "deg",
        "mach": "",
        "dynamic_pressure_Pa": "Pa",
        "deceleration_g": "g",
        "heat_flux_W_cm2": "W_cm2",
        "bank_deg": "deg",
    },
}


@pytest.fixture(scope="module", params=sorted(CASES))
def run(
    request: pytest.FixtureRequest,
    flown: Callable[[str], Journey],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Journey, pathlib.Path]:
    folder = tmp_path_factory.mktemp("runs") / "run"
    journey = flown(request.param)
    write_run(folder, journey, anabasis.load(request.param))
    return journey, folder / "tracks" / f"{CASES[request.param][0]}.parquet"


def test_a_file_names_the_scenario_it_comes_from(run: tuple[Journey, pathlib.Path]) -> None:
    journey, path = run
    metadata = pq.read_schema(path).metadata
    assert metadata[b"scenario_hash"] == journey.scenario_hash.encode()
    assert metadata[b"phase"] == path.stem.encode()


def test_the_columns_are_those_of_the_interface_with_their_units(
    run: tuple[Journey, pathlib.Path],
) -> None:
    _, path = run
    schema = pq.read_schema(path)
    assert schema.names[:2] == FIRST
    wanted = {"et_s": "s", "elapsed_s": "s", "mass_kg": "kg", **STATE, **MORE[path.stem]}
    for name, unit in wanted.items():
        field = schema.field(name)
        assert (field.metadata or {}).get(b"unit", b"").decode() == unit, name
        assert str(field.type) == "double", name
    assert len(schema.names) == len(set(schema.names))


def test_positions_say_their_frame_and_their_origin(run: tuple[Journey, pathlib.Path]) -> None:
    _, path = run
    schema = pq.read_schema(path)
    for name in schema.names:
        metadata = schema.field(name).metadata or {}
        if name in STATE:
            assert metadata[b"frame"] == b"J2000"
            assert metadata[b"centre"] == b"mars"
        else:
            assert b"frame" not in metadata


def test_the_track_runs_from_the_start_of_the_phase_to_its_end(
    run: tuple[Journey, pathlib.Path],
) -> None:
    journey, path = run
    table = read_table(path)
    report = journey.phases[path.stem]
    assert table["elapsed_s"][0] == pytest.approx(0.0, abs=1e-6)
    assert np.all(np.diff(table["et_s"]) >= 0.0)
    assert np.ptp(table["et_s"] - table["elapsed_s"]) < 1e-5
    assert table["et_s"][0] == pytest.approx(anabasis.epoch(report.start_utc), abs=2e-3)
    assert table["et_s"][-1] == pytest.approx(anabasis.epoch(report.end_utc), abs=2e-3)
    assert all(np.all(np.isfinite(values)) for values in table.values())


def test_the_state_is_in_kilometres_about_the_planet(run: tuple[Journey, pathlib.Path]) -> None:
    _, path = run
    table = read_table(path)
    radius = np.linalg.norm([table[f"position_{axis}_km"] for axis in "xyz"], axis=0)
    speed = np.linalg.norm([table[f"velocity_{axis}_km_s"] for axis in "xyz"], axis=0)
    assert np.all((radius > 3370.0) & (radius < 3800.0))
    assert np.all((speed > 0.2) & (speed < 6.0))
    # the speed is the rate of the position: both columns speak of the same motion
    between = np.diff(table["et_s"]) > 1e-3
    moved = np.linalg.norm([np.diff(table[f"position_{axis}_km"]) for axis in "xyz"], axis=0)
    mean = 0.5 * (speed[1:] + speed[:-1])
    assert moved[between] == pytest.approx((mean * np.diff(table["et_s"]))[between], rel=2e-2)


def test_a_march_writes_a_track_of_every_phase_that_moves(flown: Callable[[str], Journey]) -> None:
    tracks = flown("earth-mars-2026").tracks
    centres = {phase: track["centre"] for phase, track in tracks.items()}
    assert set(centres) == {"lander_outbound"}
    for phase, track in tracks.items():
        names = [column.name for column in columns_of(track)]
        assert names[:2] == FIRST, phase
        assert set(STATE) <= set(names)


def test_a_column_without_a_unit_is_a_mistake_of_ours() -> None:
    track: dict[str, Any] = {"epoch": np.zeros(2), "warmth": np.zeros(2), "centre": "mars"}
    with pytest.raises(KeyError, match="warmth"):
        columns_of(track)

"""A path in a file becomes part of the scenario, and what is no path is refused."""

from __future__ import annotations

import pathlib
import tomllib

import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.orders.surface import known_by_the_rover
from anabasis.campaign.scenario import load

TABLE = """sol,lat_deg,lon_deg,elevation_m,odometer_m
13,18.44463,77.45089,-2570,0
23,18.44520,77.45178,,99
33,18.44475,77.45102,-2568,180
"""


def scenario(folder: pathlib.Path, table: str, name: str = "own.csv") -> pathlib.Path:
    (folder / "own.csv").write_text(table)
    file = folder / "march.toml"
    file.write_text(
        f'extends = "february-2022"\nname = "own"\n[surface]\npath = "{name}"\n', encoding="utf-8"
    )
    return file


def test_the_ground_is_the_file_s_and_its_heights_are_filled(tmp_path: pathlib.Path):
    loaded = load(str(scenario(tmp_path, TABLE)))
    assert loaded.parts.surface is not None
    ground = known_by_the_rover(loaded.parts.surface.ground)
    np.testing.assert_allclose(np.degrees(ground.latitude), [18.44463, 18.44520, 18.44475])
    np.testing.assert_allclose(ground.elevation, [-2570.0, -2569.0, -2568.0])
    assert loaded.explain("surface.ground.latitude_deg")["source"] == "own.csv, mended"


def test_the_written_scenario_flies_without_the_file(tmp_path: pathlib.Path):
    loaded = load(str(scenario(tmp_path, TABLE)))
    again = load(tomllib.loads(loaded.to_toml()))
    assert again.hash == loaded.hash
    other = load(str(scenario(tmp_path, TABLE.replace("18.44520", "18.44521"))))
    assert other.hash != loaded.hash


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (TABLE.replace("lat_deg", "breadth"), "this column is missing"),
        ("\n".join(TABLE.splitlines()[:2]) + "\n", "fewer than two places"),
        (TABLE.replace("-2570", "").replace("-2568", ""), "holds no height"),
        (TABLE.replace("77.45178", "east"), "is no number"),
        ("", "holds no waypoint"),
    ],
)
def test_what_is_no_path_is_refused(tmp_path: pathlib.Path, table: str, words: str):
    with pytest.raises(BadInput) as failure:
        load(str(scenario(tmp_path, table)))
    assert words in str(failure.value)
    assert failure.value.key == "surface.path"


def test_a_path_is_named_beside_the_scenario_or_not_at_all(tmp_path: pathlib.Path):
    with pytest.raises(BadInput, match=r"surface\.path"):
        load(str(scenario(tmp_path, TABLE, "other.csv")))
    with pytest.raises(BadInput, match=r"surface\.path"):
        load(str(scenario(tmp_path, TABLE, ".")))

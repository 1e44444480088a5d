"""Each known defect of the published traverse, in a few lines, and what becomes of it."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

from anabasis.campaign import record
from anabasis.cli import main
from anabasis.exchange.mmgis import Unreadable, parse_waypoints

HEAD = "sol,rmc,lat_deg,lon_deg,elev_geoid_m,easting_m,northing_m,dist_m,dist_total_m_raw"


def mended(*lines: str, head: str = HEAD) -> record.Record:
    return record.mend(parse_waypoints("\n".join((head, *lines)).encode()))


def row(sol: int, north: float, leg: float, counter: float, rmc: str = "") -> str:
    """A waypoint so many metres north of 18.4 N on 77.4 E."""
    latitude = 18.4 + north / record.LATITUDE_SCALE
    return (
        f"{sol},{rmc},{latitude:.9f},77.4,-2500,{77.4 * record.LONGITUDE_SCALE:.3f},"
        f"{latitude * record.LATITUDE_SCALE:.3f},{leg},{counter}"
    )


def test_a_counter_that_falls_to_zero_at_a_mid_drive_point_is_held():
    found = mended(
        row(13, 0, 0, 0), row(14, 90, 100, 100), row(15, 150, 0, 0), row(15, 190, 105, 205)
    )
    assert found.odometer.tolist() == [0.0, 100.0, 100.0, 205.0]
    assert found.held.tolist() == [False, False, True, False]
    assert record.statistics(found)["sum_of_legs_km"] == pytest.approx(0.205)


def test_a_counter_that_begins_anew_goes_on_from_where_it_was():
    found = mended(
        row(13, 0, 0, 0), row(14, 90, 100, 100), row(15, 95, 6, 6), row(16, 190, 110, 116)
    )
    assert found.odometer.tolist() == [0.0, 100.0, 106.0, 216.0]


def test_a_counter_that_steps_back_a_little_never_shortens_the_odometer():
    found = mended(row(13, 0, 0, 0), row(14, 90, 100, 100), row(15, 92, 2, 97), row(16, 99, 8, 105))
    assert found.odometer.tolist() == [0.0, 100.0, 100.0, 105.0]


def test_a_place_copied_from_its_neighbour_is_taken_from_easting_and_northing():
    copied = row(15, 0, 100, 200).split(",")
    copied[6] = f"{18.4 * record.LATITUDE_SCALE + 150.0:.3f}"  # the map knows better
    found = mended(row(13, 0, 0, 0), row(14, 60, 100, 100), ",".join(copied))
    assert len(found.moved) == 1
    assert (found.latitude_deg[2] - 18.4) * record.LATITUDE_SCALE == pytest.approx(150.0, abs=0.01)


def test_places_without_latitude_are_read_from_the_map_with_its_constant_scales():
    head = "sol,easting_m,northing_m,dist_total_m"
    found = mended("13,4354494.086,1093299.695,0", head=head)
    assert found.latitude_deg[0] == pytest.approx(18.44462715, abs=1e-6)
    assert found.longitude_deg[0] == pytest.approx(77.45088572, abs=1e-6)


def test_a_drive_of_several_sols_is_no_record_of_one():
    found = mended(
        row(906, 0, 0, 0),
        row(907, 90, 100, 100),
        row(908, 300, 0, 0),
        row(909, 500, 450, 550),
        row(910, 700, 210, 760),
    )
    told = record.statistics(found)
    assert [d["sol"] for d in told["drives_of_several_sols"]] == [909]
    assert told["best_single_sol"] == {"sol": 910, "m": 210.0}


def test_a_date_that_contradicts_its_sol_is_marked_and_the_sol_is_kept():
    head = "sol,utc_at_sol_noon,lat_deg,lon_deg,dist_total_m"
    found = mended(
        "120,2021-06-22T00:00Z,18.4,77.4,0", "160,2021-06-22T00:00Z,18.4,77.4,10", head=head
    )
    assert found.doubtful == (1,)
    assert found.sol.tolist() == [120.0, 160.0]


def test_an_odometer_that_cannot_have_reached_the_next_fix_is_marked():
    found = mended(row(1726, 0, 0, 42320), row(1940, 1990, 1820, 44140))
    assert found.short == (1,)


def test_the_column_of_shifted_sample_lengths_is_not_read():
    found = mended("13,18.4,77.4,0,5.98", head="sol,lat_deg,lon_deg,dist_total_m,sample_ht_cm")
    assert found.ignored == ("sample_ht_cm",)


def test_waypoints_out_of_order_or_twice_are_put_in_order_and_told():
    found = mended(row(14, 90, 100, 100, "a"), row(13, 0, 0, 0, "b"), row(14, 90, 100, 100, "a"))
    assert found.sol.tolist() == [13.0, 14.0]
    assert found.dropped == 1


def test_the_odometer_never_falls_whatever_the_counter_does():
    rng = np.random.default_rng(5)
    for _ in range(50):
        counters = rng.choice([0.0, 1.0, 50.0, 500.0, 520.0], size=12)
        lines = [row(13 + i, 10.0 * i, 12.0, c) for i, c in enumerate(counters)]
        assert (np.diff(mended(*lines).odometer) >= 0.0).all()


def test_the_detour_on_slopes_is_told_by_class_of_grade():
    legs, lines = np.array([110.0, 240.0, 60.0]), np.array([100.0, 200.0, 50.0])
    found = record.by_grade(legs, lines, np.array([0.5, 1.0, 10.0]))
    assert [(row["leg_count"], row["from_deg"]) for row in found] == [(2, 0.0), (1, 10.0)]
    assert found[0]["path_ratio"] == pytest.approx(350.0 / 300.0)


def test_geojson_as_served_says_the_same_as_its_table():
    table = mended(row(13, 0, 0, 0), row(14, 90, 100, 100), row(15, 190, 105, 205))
    features = [
        {
            "type": "Feature",
            "properties": {"sol": int(s), "dist_total": o, "elev_geoid": -2500.0, "dist_m": g},
            "geometry": {"type": "Point", "coordinates": [lon, lat, -2500.0]},
        }
        for s, o, g, lat, lon in zip(
            table.sol,
            table.odometer,
            table.leg,
            table.latitude_deg,
            table.longitude_deg,
            strict=True,
        )
    ]
    served = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    again = record.mend(parse_waypoints(served))
    assert again.odometer.tolist() == table.odometer.tolist()
    assert again.latitude_deg.tolist() == table.latitude_deg.tolist()


def test_the_written_path_reads_back_as_the_same_traverse():
    once = mended(row(13, 0, 0, 0), row(14, 90, 100, 100), row(15, 190, 105, 205))
    table = record.path_table(once, "a test\nof two lines")
    again = record.mend(parse_waypoints(table.encode()))
    assert again.odometer.tolist() == once.odometer.tolist()
    np.testing.assert_allclose(again.latitude_deg, once.latitude_deg, atol=1e-8)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no waypoint"),
        ("sol,lat_deg\n13,18.4", "column is missing"),
        ("lat_deg,lon_deg,dist_m\n18,77,1", "column is missing"),
        ("sol,lat_deg,lon_deg\n13,18,77", "column is missing"),
        (f"{HEAD}\n13,,18.4,77.4,x,1,1,0,0", "no number"),
        (f"{HEAD}\n13.5,,18.4,77.4,,,,0,0", "whole number"),
        (f"{HEAD}\n13,,98.4,77.4,,,,0,0", "no place on Mars"),
        (f"{HEAD}\n13,,18.4,77.4", "as many cells"),
        (f"{HEAD},sol\n13,,18.4,77.4,,,,0,0,13", "a column twice"),
        ('{"features": 3}', "without features"),
        ('{"features": [1]}', "without properties"),
        ("{", "no valid JSON"),
        ("[" * 100_000, "no valid JSON"),
        (f"{HEAD}\n13,,18.4,77.4,,,,0,inf", "no number"),
    ],
)
def test_what_is_no_traverse_is_refused_in_one_line(
    content: str, words: str, tmp_path: pathlib.Path, capsys
):
    with pytest.raises(Unreadable, match=words):
        record.mend(parse_waypoints(content.encode()))
    path = tmp_path / "path.csv"
    path.write_text(content)
    assert main(["import", "traverse", str(path)]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_the_command_prints_and_writes_once(tmp_path: pathlib.Path, capsys):
    path, out = tmp_path / "path.csv", tmp_path / "mended.csv"
    path.write_text("\n".join((HEAD, row(13, 0, 0, 0), row(14, 90, 100, 100))))
    assert main(["import", "traverse", str(path), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["odometer_km"] == pytest.approx(0.1)
    assert out.read_text().startswith("# imported from path.csv")
    assert main(["import", "traverse", str(path), "--out", str(out)]) == 2
    assert main(["import", "traverse", str(tmp_path / "none.csv")]) == 2
    assert main(["import", "samples", str(path)]) == 2

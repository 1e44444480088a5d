"""What is exported is read back by readers of others, and says the same."""

import csv
import itertools
import json

import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.viewer import export
from anabasis.viewer.run import open_run

AT_NODES = 1e-6
"""A millimetre [km]: what the issue of a file may lose at a node."""
BETWEEN = 1e-3
"""A metre [km]: what interpolation may add; arcs that cannot say their own bound."""


@pytest.fixture(scope="module")
def run(written):
    return open_run(written)


@pytest.fixture(scope="module")
def arcs(run):
    return export.arcs_of(run)[0]


def promised(arc) -> float:
    """What an arc says of itself [km]."""
    return float(arc.comment.split("within ")[1].split(" m")[0]) / 1e3


def track_between(run, arc):
    """All points of the track inside an arc; at its ends there may be two, of both sides."""
    track = run.tracks[arc.comment.split(",")[0]]
    epoch = track.columns["et_s"]
    inside = (epoch > arc.epoch[0] + 1e-3) & (epoch < arc.epoch[-1] - 1e-3)
    return epoch[inside], track.position()[inside]


def test_an_arc_ends_at_every_burn_and_staging(run, arcs):
    ends = np.array([e for arc in arcs for e in (arc.epoch[0], arc.epoch[-1])])
    for event in run.journey["events"]:
        if event["name"] in export.SWITCHINGS and event["phase"] in ("ascent", "landing"):
            assert np.min(np.abs(ends - event["et_s"])) < 0.06, event["name"]


def test_epochs_are_whole_milliseconds(arcs):
    for arc in arcs:
        assert np.allclose(arc.epoch * 1e3, np.round(arc.epoch * 1e3), atol=1e-3)
        assert np.all(np.diff(arc.epoch) > 0)


def test_every_arc_holds_a_metre(arcs):
    assert all(promised(arc) == BETWEEN for arc in arcs)


def test_cruises_and_the_meeting_are_told_whole(run, arcs):
    for phase in ("lander_outbound", "orbiter_outbound", "homeward", "rendezvous"):
        epoch = run.tracks[phase].columns["et_s"]
        own = [arc for arc in arcs if arc.comment.startswith(f"{phase},")]
        assert own[0].epoch[0] == pytest.approx(epoch[0], abs=1e-3)
        assert own[-1].epoch[-1] == pytest.approx(epoch[-1], abs=1e-3)
        for one, next_one in itertools.pairwise(own):
            assert one.epoch[-1] == next_one.epoch[0]


def test_an_arc_ends_at_every_burn_of_the_meeting(run, arcs):
    ends = np.array([a.epoch[0] for a in arcs if a.comment.startswith("rendezvous,")])
    from anabasis.worlds.calendar import epoch_of_utc

    burns = [b for b in run.journey["delta_v"] if b["phase"] == "rendezvous"]
    assert len(burns) == 5
    for burn in burns:
        assert np.min(np.abs(ends - epoch_of_utc(burn["utc"]))) < 2e-3, burn["name"]


def test_oem_is_read_back_by_oem(run, arcs, tmp_path):
    oem = pytest.importorskip("oem", reason="the OEM reader is not installed")
    from astropy.time import Time

    files = export.export_run(run, "oem", tmp_path)
    segments = [s for f in files for s in oem.OrbitEphemerisMessage.open(f).segments]
    order = {arc.object_name: i for i, arc in reversed(list(enumerate(arcs)))}
    by_object = sorted(arcs, key=lambda arc: order[arc.object_name])  # one file an object
    assert len(segments) == len(arcs)
    for segment, arc in zip(segments, by_object, strict=True):
        states = list(segment.states)
        assert len(states) == len(arc.epoch)
        got = np.array([s.position for s in states])
        assert np.max(np.abs(got - arc.position)) < AT_NODES
        assert segment.metadata["TIME_SYSTEM"] == "TDB"
        since = [(s.epoch - Time("2000-01-01T12:00:00", scale="tdb")).sec for s in states[:3]]
        assert np.allclose(since, arc.epoch[:3], atol=1e-6)


def test_spk_is_read_back_by_spice_at_nodes_and_between(run, arcs, tmp_path):
    spice = pytest.importorskip("spiceypy")
    (file,) = export.export_run(run, "spk", tmp_path)
    spice.furnsh(str(file))
    try:
        for arc in arcs:
            # at a seam two arcs meet, and SPICE takes the later one, maybe about another body
            met = any(o is not arc and o.object_id == arc.object_id
                      and o.epoch[0] == arc.epoch[-1] for o in arcs)  # fmt: skip
            for k in {0, len(arc.epoch) // 2, len(arc.epoch) - (2 if met else 1)}:
                got, _ = spice.spkgeo(arc.object_id, float(arc.epoch[k]), "J2000", arc.centre_id)
                assert np.max(np.abs(got[:3] - arc.position[k])) < AT_NODES, arc.comment
            epoch, position = track_between(run, arc)
            if not len(epoch):
                continue
            told = np.array(
                [spice.spkgeo(arc.object_id, float(t), "J2000", arc.centre_id)[0] for t in epoch]
            )[:, :3]
            worst = float(np.max(np.linalg.norm(told - position, axis=1)))
            assert worst < promised(arc), arc.comment
        handle = spice.dafopr(str(file))
        _, lines, _ = spice.dafec(handle, 50)
        spice.dafcls(handle)
        assert run.journey["scenario_hash"] in " ".join(lines)
    finally:
        spice.kclear()


def test_oem_about_one_body_is_read_back_by_orbit_formats(run, arcs, tmp_path):
    # it takes one centre a file: the ascender's and the capsule's have one
    reader = pytest.importorskip("orbit_formats", reason="orbit-formats is not installed")
    export.export_run(run, "oem", tmp_path)
    for who in ("ascender", "capsule"):
        own = [arc for arc in arcs if arc.object_name == who]
        told = reader.read(str(tmp_path / f"{run.journey['scenario']}-{who}.oem"))
        expected = np.concatenate([arc.position for arc in own])
        # where two arcs meet it keeps one of the two states
        gaps = np.linalg.norm(expected[:, None, :] - told.positions[None, :, :], axis=2)
        assert np.max(np.min(gaps, axis=1)) < AT_NODES


def test_spk_is_read_back_by_anise_at_nodes_and_between(run, arcs, tmp_path):
    anise = pytest.importorskip("anise", reason="ANISE is not installed")
    from anise.astro import Frame
    from anise.time import Epoch

    (file,) = export.export_run(run, "spk", tmp_path)
    almanac = anise.Almanac(str(file))

    def told(arc, epoch):
        # from whatever body the segment names: no other kernel is loaded
        moment = Epoch.from_et_seconds(float(epoch))
        state = almanac.translate_to_parent(Frame(arc.object_id, 1), moment)
        return np.array([state.x_km, state.y_km, state.z_km])

    for arc in arcs:
        if len(arc.epoch) < 12:
            continue
        k = len(arc.epoch) // 2
        # ANISE counts whole nanoseconds, a kernel holds doubles: at 25 km/s a ship moves 3 mm in
        # what a double cannot tell at such dates
        blur = np.linalg.norm(arc.velocity[k]) * np.spacing(arc.epoch[k])
        off = np.max(np.abs(told(arc, arc.epoch[k]) - arc.position[k]))
        assert off < AT_NODES + blur, arc.comment
        epoch, position = track_between(run, arc)
        chosen = np.linspace(0, len(epoch) - 1, 40).astype(int)
        worst = max(np.linalg.norm(told(arc, epoch[i]) - position[i]) for i in chosen)
        assert worst < promised(arc), arc.comment


def test_the_spk_segments_are_of_type_13(run, tmp_path):
    spk = pytest.importorskip("jplephem.spk")
    (file,) = export.export_run(run, "spk", tmp_path)
    with spk.SPK.open(str(file)) as kernel:
        assert {segment.data_type for segment in kernel.segments} == {13}


def test_czml_holds_the_nodes_and_fits_the_models_of_czml3(run, arcs, tmp_path):
    czml3 = pytest.importorskip("czml3")
    (file,) = export.export_run(run, "czml", tmp_path)
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document[0]["id"] == "document"
    assert len(document) == len(arcs) + 1
    for packet, arc in zip(document[1:], arcs, strict=True):
        rows = np.array(packet["position"]["cartesian"]).reshape(-1, 4)
        assert np.allclose(rows[:, 0], arc.epoch - arc.epoch[0], atol=1e-9)
        assert np.max(np.abs(rows[:, 1:] / 1e3 - arc.position)) < AT_NODES
        read = czml3.Packet(
            id=packet["id"],
            name=packet["name"],
            availability=czml3.TimeInterval(
                start=packet["availability"].split("/")[0], end=packet["availability"].split("/")[1]
            ),
            position=czml3.Position(
                cartesian=packet["position"]["cartesian"], epoch=packet["position"]["epoch"]
            ),
        )
        assert packet["id"] in read.dumps()


def test_csv_reads_back_every_number(run, tmp_path):
    files = export.export_run(run, "csv", tmp_path)
    assert {file.stem for file in files} == set(run.tracks)
    with (tmp_path / "ascent.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    track = run.tracks["ascent"]
    assert list(rows[0]) == list(track.columns)
    for name, values in track.columns.items():
        assert [float(r[name]) for r in rows] == values.tolist()


def test_parquet_keeps_units_and_hash(run, tmp_path):
    from anabasis.exchange.parquet import read_metadata, read_names

    export.export_run(run, "parquet", tmp_path)
    assert read_names(tmp_path / "entry.parquet")["altitude_km"] == "km"
    told = read_metadata(tmp_path / "entry.parquet")
    assert told["scenario_hash"] == run.journey["scenario_hash"]


def test_an_unknown_format_is_refused_and_nothing_is_written(run, tmp_path):
    with pytest.raises(BadInput, match="oem, spk, czml"):
        export.export_run(run, "kml", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_hermite_is_exact_for_a_polynomial_of_its_degree():
    t = np.array([0.0, 1.0, 2.5, 4.0])
    coefficients = np.random.default_rng(5).normal(size=(8, 3))
    at = np.array([0.4, 1.7, 3.9])

    def value(s):
        return sum(c * s[:, None] ** k for k, c in enumerate(coefficients))

    slope = sum(k * c * t[:, None] ** (k - 1) for k, c in enumerate(coefficients) if k)
    told = export.hermite(t, value(t), slope, at, 7)
    assert np.allclose(told, value(at), rtol=1e-9, atol=1e-9)

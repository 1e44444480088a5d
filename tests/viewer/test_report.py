"""A run's folder becomes one file that holds everything and breaks on nothing."""

import base64
import json
import re

import numpy as np
import pytest

from anabasis.campaign.bad_input import BadInput
from anabasis.cli import main
from anabasis.exchange.parquet import read_table
from anabasis.viewer import report
from anabasis.viewer.run import open_run

needs_page = pytest.mark.skipif(
    not report.has_page(), reason="installed without the page (ANABASIS_WITHOUT_PAGE)"
)


def held(file) -> dict:
    """The document that a report carries."""
    text = file.read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="document">(.*?)</script>', text, re.S)
    assert found is not None
    return json.loads(found[1])


def numbers(packed) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed["data"]), dtype="<" + packed["type"])


@needs_page
def test_a_report_holds_the_journey_and_every_track_and_asks_for_nothing(written):
    file = report.write_report(written)
    assert file.stat().st_size < 8e6
    text = file.read_text(encoding="utf-8")
    # schema names inside the bundle are namespaces, never fetched; nothing is loaded from anywhere
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", text)
    assert "default-src 'none'" in text
    document = held(file)
    assert document["journey"] == json.loads((written / "journey.json").read_text())
    for phase, track in document["tracks"].items():
        table = read_table(written / "tracks" / f"{phase}.parquet")
        assert set(track["columns"]) == set(table)
        # every n-th of the rows that are not the row before once more; and the last
        rows = np.stack([np.asarray(values, dtype=float) for values in table.values()], axis=1)
        said = np.any(np.diff(rows, axis=0, prepend=np.inf) != 0.0, axis=1)
        fresh = np.flatnonzero(said | (np.arange(len(rows)) == 0))
        shown = np.unique(np.append(fresh[:: track["every"]], fresh[-1]))
        assert track["points"] == len(fresh)
        assert len(shown) <= report.MOST_POINTS + 1
        assert np.array_equal(numbers(track["columns"]["et_s"]), table["et_s"][shown])
        for name, values in table.items():
            kept = numbers(track["columns"][name])
            assert np.allclose(kept, values[shown], rtol=1e-6, atol=1e-6, equal_nan=True), (
                phase,
                name,
            )


@needs_page
def test_the_same_run_gives_the_same_file(entry_alone):
    first = report.write_report(entry_alone).read_bytes()
    assert report.write_report(entry_alone).read_bytes() == first


@needs_page
def test_no_name_can_leave_the_data():
    hostile = "</script><script>alert(1)</script><!-- \u2028"
    text = report.page_of(
        {"title": hostile, "x": hostile},
        {"page.js": "let a = '</script>';", "page.css": "", "THIRD_PARTY.txt": "</script>&"},
    )
    assert text.count("</script>") == 3  # data, licences, script: each closed once
    assert text.count("<script") == 3
    assert "alert(1)</script>" not in text.replace("\\u003c", "?")
    assert held_text(text)["x"] == hostile


def held_text(text: str) -> dict:
    found = re.search(r'id="document">(.*?)</script>', text, re.S)
    assert found is not None
    return json.loads(found[1])


def test_a_folder_that_is_no_run_is_refused_in_a_line(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert len(told.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["plot"], ["export", "--format", "csv"]])
def test_plot_and_export_refuse_such_a_folder_too(tmp_path, capsys, words):
    assert main([words[0], str(tmp_path), *words[1:]]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert "no run lies there" in told
    assert list(tmp_path.iterdir()) == []


def test_a_journey_of_another_schema_is_refused_with_the_way_out(copied):
    file = copied / "journey.json"
    journey = json.loads(file.read_text())
    file.write_text(json.dumps(journey | {"schema_version": 7}))
    with pytest.raises(BadInput, match=r"another schema.*fly") as refused:
        open_run(copied)
    assert refused.value.value == 7


@pytest.mark.parametrize("spoiled", ["gone", "cut", "empty"])
def test_a_track_that_is_missing_or_broken_is_named(copied, spoiled):
    file = copied / "tracks" / "ascent.parquet"
    if spoiled == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:900] if spoiled == "cut" else b"")
    with pytest.raises(BadInput, match=r"ascent\.parquet"):
        open_run(copied)


def test_a_broken_journey_is_refused(copied):
    (copied / "journey.json").write_text('{"schema_version": 1')
    with pytest.raises(BadInput, match="cannot be read"):
        open_run(copied)


def test_without_the_page_the_report_says_how_to_get_it(entry_alone, monkeypatch):
    monkeypatch.setattr(report, "has_page", lambda: False)
    with pytest.raises(BadInput, match="ANABASIS_WITHOUT_PAGE"):
        report.write_report(entry_alone)


@needs_page
def test_a_long_track_is_thinned_and_says_so(written):
    run = open_run(written)
    monkey = report.MOST_POINTS
    try:
        report.MOST_POINTS = 500
        packed = report._track(run.tracks["entry"])
    finally:
        report.MOST_POINTS = monkey
    kept = numbers(packed["columns"]["et_s"])
    assert len(kept) <= 501
    assert packed["every"] > 1
    assert packed["points"] >= len(np.unique(run.tracks["entry"].columns["et_s"]))
    assert kept[-1] == run.tracks["entry"].columns["et_s"][-1]


@needs_page
def test_flying_writes_the_report_unless_told_not_to(tmp_path, capsys):
    with_report, without = tmp_path / "a", tmp_path / "b"
    assert main(["fly", "mars2020-entry", "--out", str(with_report)]) == 0
    assert (with_report / "report.html").is_file()
    assert main(["fly", "mars2020-entry", "--out", str(without), "--no-report", "--json"]) == 0
    assert not (without / "report.html").exists()
    capsys.readouterr()

"""The page of an ensemble: spreads, ellipses, tornadoes, what was lost, what can be replayed."""

import numpy as np
import pytest

from anabasis.viewer import report, spread


@pytest.fixture
def document(drawn, monkeypatch, tmp_path):
    monkeypatch.setattr(spread, "open_ensemble", lambda folder: drawn)
    (tmp_path / "replays" / "000000007").mkdir(parents=True)
    return spread.document_of_ensemble(tmp_path)


@pytest.fixture
def page(opened, document, tmp_path):
    file = tmp_path / "ensemble.html"
    file.write_text(report.page_of(document, report.read_bundle()), encoding="utf-8")
    return opened(file)


@pytest.fixture(autouse=True)
def built():
    if not report.has_page():
        pytest.skip("installed without the page (ANABASIS_WITHOUT_PAGE)")


def test_a_tornado_finds_the_line_that_was_laid(drawn):
    (told,) = spread.tornadoes_of(drawn, ["entry.peak_deceleration_g"])
    path, effect, share = told.bars[0]
    assert path == "entry.delivery.flight_path_angle_error_deg"
    angle = drawn.column(f"draw.{path}")[drawn.column("outcome") == ""]
    assert effect == pytest.approx(-4.0 * np.std(angle), rel=1e-9)
    assert told.explained == pytest.approx(1.0, abs=1e-12)
    assert share > 0.9


def test_an_ellipse_of_99_percent_holds_99_percent(drawn):
    plot = spread.diagrams_of(drawn)["landing_ellipse"]
    cases, inner, outer = plot.curves
    points = np.stack([cases.x, cases.y], axis=1)
    for ring, share in ((inner, 0.5), (outer, 0.99)):
        # a point is inside where it is nearer to the middle than the ring in its direction
        angle = np.arctan2(ring.y, ring.x)
        size = np.interp(
            np.arctan2(points[:, 1], points[:, 0]),
            np.sort(angle),
            np.hypot(ring.x, ring.y)[np.argsort(angle)],
            period=2 * np.pi,
        )
        inside = np.mean(np.hypot(*points.T) <= size)
        assert inside == pytest.approx(share, abs=4.0 * np.sqrt(share * (1 - share) / len(points)))


def test_everything_of_an_ensemble_is_drawn(page, document):
    figures = page.locator("figure.plot").count()
    assert page.evaluate("window.anabasis.stats().plots") == figures
    spreading = sum(1 for f in document["figures"].values() if len(f["counts"]) > 1)
    assert figures == spreading + len(document["diagrams"]) + min(6, len(document["tornadoes"]))
    names = page.evaluate(
        "[...document.querySelectorAll('[data-diagram]')].map((f) => f.dataset.diagram)"
    )
    assert set(names) >= {"landing_ellipse", "ascent_orbit_scatter"}
    page.select_option("#tornado select", index=1)
    assert page.locator("#tornado figure").count() == 1


def test_failed_cases_are_listed_and_not_hidden(page, document):
    assert document["lost"]
    text = page.inner_text("#outcomes")
    for case in document["lost"]:
        assert str(case["case"]) in text
    assert "the capsule hit the ground" in text


def test_a_worst_case_is_one_click_from_being_replayed(page, document):
    page.click("#spreads details summary")
    worst = document["figures"]["landing.latitude_deg"]["lowest"][0]["case"]
    page.locator("#spreads details[open] button.replay").first.click()
    shown = page.inner_text(".replaying")
    assert f"anabasis replay {document['folder']} --case {worst}" in shown
    assert f"{worst:09d}" in shown


def test_static_plots_of_an_ensemble(drawn, tmp_path):
    from anabasis.viewer.plot import save_plot, what_can_be_drawn

    names = what_can_be_drawn(drawn)
    assert {
        "landing_ellipse", "ascent_orbit_scatter", "tornado_entry_peak_deceleration_g",
        "spread_landing_miss_km",
    } <= set(names)  # fmt: skip
    for name in ("landing_ellipse", "tornado_entry_peak_deceleration_g", "spread_landing_miss_km"):
        file = save_plot(drawn, name, "svg", tmp_path / f"{name}.svg")
        assert file.stat().st_size > 3000

"""The report in a browser: from a disk, with no network, and what it shows is what was flown."""

import io
import json
import os
import pathlib

import numpy as np
import pytest

from anabasis.viewer import report
from anabasis.viewer.run import open_run
from anabasis.worlds.ephemeris import load_ephemeris
from anabasis.worlds.orientation import ECLIPJ2000_FROM_J2000, orientation_of

CHAPTERS = [
    "gather", "outbound", "entry", "descent", "loading", "spiral", "toss", "launch", "meeting",
    "homeward", "utah",
]  # fmt: skip
AU = 149597870.7


@pytest.fixture(scope="module")
def run(written):
    return open_run(written)


@pytest.fixture
def page(opened, written):
    return opened(written / report.NAME)


def stats(page):
    return page.evaluate("window.anabasis.stats()")


def at(page, chapter, et=None):
    assert page.evaluate("(k) => window.anabasis.go(k)", chapter)
    if et is not None:
        page.evaluate("(t) => window.anabasis.setTime(t)", float(et))
    told = stats(page)
    assert told["chapter"] == chapter
    return told


def through_camera(told, point):
    """A point of the scene on the canvas, by the camera's own matrices [px]."""
    view = np.array(told["view_matrix"]).reshape(4, 4).T
    projection = np.array(told["projection_matrix"]).reshape(4, 4).T
    clip = projection @ view @ np.append(point, 1.0)
    x, y = clip[:2] / clip[3]
    width, height = told["canvas"]
    return np.array([(x + 1) / 2 * width, (1 - y) / 2 * height])


def east_north_up(latitude, longitude):
    a, b = np.radians([latitude, longitude])
    up = np.array([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])
    east = np.array([-np.sin(b), np.cos(b), 0.0])
    return np.stack([east, np.cross(up, east), up])


def places(run, told, et, phase):
    """Where things are in the scene, from the track's own file and our own axes, not the page's."""
    track = run.tracks[phase]
    chapter = told["chapter"]
    i = int(np.argmin(np.abs(track.columns["et_s"] - et)))
    position = track.position()[i]
    if chapter in ("outbound", "homeward"):
        ephemeris = load_ephemeris()
        who = "lander" if phase.startswith("lander") else "orbiter"
        found = {
            name: np.asarray(ephemeris.position(name, np.asarray(float(et)))) / 1e3
            for name in ("earth", "mars")
        }
        found |= {who: position, "sun": np.zeros(3)}
        return {name: ECLIPJ2000_FROM_J2000 @ p / AU for name, p in found.items()}
    mars = orientation_of("mars", None)
    if chapter in ("spiral", "meeting"):
        axes = np.asarray(mars.pole_axes(float(track.columns["et_s"][0])))
        found = {"orbiter": axes @ position / 1e3, "mars": np.zeros(3)}
        if chapter == "meeting":
            velocity = track.velocity()[i]
            out = position / np.linalg.norm(position)
            pole = np.cross(position, velocity)
            pole /= np.linalg.norm(pole)
            away = [track.columns[f"container_{k}_km"][i] for k in ("radial", "along", "across")]
            there = position + np.array(away) @ np.stack([out, np.cross(pole, out), pole])
            assert np.linalg.norm(there - position) == pytest.approx(
                track.columns["distance_km"][i], abs=1e-5
            )
            found["container"] = axes @ there / 1e3
        return found
    site = {
        "entry": ("landing", ""),
        "descent": ("landing", ""),
        "toss": ("landing", ""),
        "launch": ("landing", ""),
        "utah": ("arrival", "impact_"),
    }[chapter]
    figures = run.journey["phases"][site[0]]["figures"]
    place = [figures[f"{site[1]}{k}_deg"] for k in ("latitude", "longitude")]
    rows = east_north_up(*place)
    planet = orientation_of(track.centre, None)
    fixed = np.asarray(planet.axes(float(et))) @ position
    origin = np.linalg.norm(told["frame"]["origin_km"]) * rows[2]
    here = rows @ (fixed - origin)
    if chapter in ("launch", "toss"):
        found = {"ascender": here, "site": np.zeros(3)}
        apart = next(e for e in run.journey["events"] if e["name"] == "stage_separation")
        if et < apart["et_s"]:
            found["stage one"] = here
        return found | ({"lander": np.zeros(3)} if chapter == "toss" else {})
    return {"capsule": here, "site": np.zeros(3)}


def test_it_opens_from_a_disk_and_draws_its_first_frame(page, capsys):
    told = stats(page)
    assert told["webgl"]
    assert [c["key"] for c in told["chapters"]] == sorted(
        CHAPTERS, key=lambda k: [c["key"] for c in told["chapters"]].index(k)
    )
    assert set(CHAPTERS) == {c["key"] for c in told["chapters"]}
    assert told["frames"] >= 1
    assert told["plots"] == 0  # drawn when they are looked at
    with capsys.disabled():
        print(f" first frame {told['first_frame_ms']:.0f} ms", end="")


@pytest.mark.truth
def test_the_first_frame_is_there_within_three_seconds(opened, written):
    # the best of five: other programs run beside this one
    best = min(stats(opened(written / report.NAME))["first_frame_ms"] for _ in range(5))
    assert best < 3000.0


@pytest.mark.parametrize(
    ("chapter", "phase"),
    [
        ("outbound", "lander_outbound"),
        ("outbound", "orbiter_outbound"),
        ("entry", "entry"),
        ("entry", "landing"),
        ("descent", "landing"),
        ("spiral", "insertion"),
        ("toss", "ascent"),
        ("launch", "ascent"),
        ("meeting", "rendezvous"),
        ("homeward", "homeward"),
        ("utah", "arrival"),
    ],
)
def test_project_is_the_track_through_the_camera(page, run, chapter, phase):
    track = run.tracks[phase]
    epochs = np.unique(track.columns["et_s"])
    if chapter == "toss":
        epochs = epochs[epochs < epochs[0] + 4.5]
    for share in (0.08, 0.5, 0.93):
        et = float(epochs[int(share * (len(epochs) - 1))])
        told = at(page, chapter, et)
        expected = places(run, told, et, phase)
        for name, point in expected.items():
            got = np.array(page.evaluate("(n) => window.anabasis.project(n)", name))
            assert np.all(np.abs(got - through_camera(told, point)) < 1.0), (name, share)


def test_the_rover_and_every_tube_stand_where_the_record_has_them(page, run):
    from anabasis.vehicles.tube import all_tubes

    told = at(page, "gather")
    rows = np.array(told["frame"]["rows"])
    origin = np.array(told["frame"]["origin_km"])
    figures = run.journey["phases"]["landing"]["figures"]
    assert np.allclose(rows, east_north_up(figures["latitude_deg"], figures["longitude_deg"]))
    view = np.array(told["view_matrix"]).reshape(4, 4).T
    depot = [t for t in all_tubes() if t.depot_latitude_deg is not None]
    assert len(depot) == 10
    for tube in depot:
        up = east_north_up(tube.depot_latitude_deg, tube.depot_longitude_deg)[2]
        ground = rows @ (up * np.linalg.norm(origin) - origin)
        x, y = page.evaluate("(n) => window.anabasis.project(n)", tube.id)
        # the ray through the pixel passes over the place: heights there are stretched
        projection = np.array(told["projection_matrix"]).reshape(4, 4).T
        width, height = told["canvas"]
        far = np.linalg.inv(projection @ view) @ np.array(
            [2 * x / width - 1, 1 - 2 * y / height, 0.5, 1.0]
        )
        eye = np.linalg.inv(view)[:3, 3]
        ray = far[:3] / far[3] - eye
        closest = eye[:2] + ray[:2] * np.dot(ground[:2] - eye[:2], ray[:2]) / np.dot(
            ray[:2], ray[:2]
        )
        assert np.linalg.norm(closest - ground[:2]) < 0.03, tube.name


HUES = {
    "gather": [(5, 40)], "loading": [(5, 40)],  # ground, by its ramp
    "outbound": [(5, 33), (200, 228)], "homeward": [(5, 33), (200, 228)],  # Mars; Earth and panels
    "spiral": [(5, 33), (200, 228)], "meeting": [(5, 33), (200, 228)],
    "entry": [(5, 33)], "descent": [(5, 33)], "toss": [(5, 33)], "launch": [(5, 33)],
    "utah": [(30, 45), (155, 175)],  # desert; capsule
}  # fmt: skip
"""Which hues [deg] are Mars, Earth, a vehicle or the ground in each scene."""


@pytest.mark.truth
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_two_percent_of_each_scene_are_planet_vehicle_or_ground(page, root, chapter, capsys):
    told = at(page, chapter)
    assert told["draw_calls"] <= 300
    page.wait_for_timeout(300)
    picture = page.locator("#watch").screenshot()
    # words and gauges are no part of the scene; the sky of a scene on the ground is none either
    page.add_style_tag(content=".labels, .clock, .gauges, .scale-note, .inset span {opacity: 0}")
    image = pixels(page.locator(".canvas-box").screenshot())
    if chapter in ("descent", "toss"):
        image = image[int(0.7 * len(image)) :]
    most, least = image.max(axis=2), image.min(axis=2)
    strong = (most > 0.2) & (most - least > 0.25 * most)
    hue = hues(image)
    mine = np.zeros(hue.shape, dtype=bool)
    for low, high in HUES[chapter]:
        mine |= strong & (hue >= low) & (hue <= high)
    share = float(np.mean(mine))
    assert share >= 0.02, f"{share:.2%} of the scene is planet, vehicle or ground"
    if os.environ.get("ANABASIS_SHOTS"):
        shots = root / "docs" / "shots"
        shots.mkdir(exist_ok=True)
        (shots / f"{chapter}.png").write_bytes(picture)
    with capsys.disabled():
        print(f" {share:.1%} {told['draw_calls']} calls {told['frame_ms']:.0f} ms", end="")


def hues(image: np.ndarray) -> np.ndarray:
    """Hue of each pixel [deg]."""
    from matplotlib.colors import rgb_to_hsv

    return 360.0 * rgb_to_hsv(np.clip(image, 0.0, 1.0))[:, :, 0]


def pixels(picture: bytes) -> np.ndarray:
    from matplotlib.image import imread

    return imread(io.BytesIO(picture), format="png")[:, :, :3]


def test_a_tube_is_followed_from_rock_to_laboratory(page, run):
    from anabasis.worlds.calendar import epoch_of_utc

    tube = next(t for t in run.journey["tubes"] if t["name"] == "Montagnac")
    page.evaluate("(i) => window.anabasis.select(i)", tube["id"])
    told = stats(page)
    assert (told["tube"], told["holder"], told["chapter"]) == (tube["id"], "rover", "gather")
    with_whom = []
    for holding in tube["custody"]:
        page.evaluate("(t) => window.anabasis.setTime(t)", epoch_of_utc(holding["from_utc"]) + 0.01)
        told = stats(page)
        with_whom.append(told["holder"])
        followed = page.evaluate("window.anabasis.project('tube')")
        holder = page.evaluate("(n) => window.anabasis.project(n)", told["following"])
        assert np.allclose(followed, holder, atol=1.0)
        # the one that is followed stands in the middle
        assert np.allclose(followed, np.array(told["canvas"]) / 2, atol=2.0), holding["holder"]
    assert with_whom == [h["holder"] for h in tube["custody"]]
    page.evaluate("window.anabasis.select(null)")
    assert stats(page)["tube"] is None


def test_all_plots_are_drawn(page):
    page.click("#tab-read")
    for _ in range(100):
        boxes = page.locator("figure.plot").count()
        if boxes and stats(page)["plots"] == boxes:
            break
        page.wait_for_timeout(100)
    assert stats(page)["plots"] == boxes >= 40
    drawn = page.evaluate(
        "[...document.querySelectorAll('[data-diagram]')].map((f) => f.dataset.diagram)"
    )
    assert {
        "lander_outbound_porkchop", "homeward_porkchop", "lander_outbound_b_plane",
        "homeward_b_plane", "rendezvous_orbiter_frame", "landing_site", "arrival_site",
        "ascent_attitude",
    } <= set(drawn)  # fmt: skip
    titles = page.inner_text("#phase-entry")
    for words in ("dynamic pressure", "heat flux", "bank", "deceleration", "Altitude over speed"):
        assert words in titles
    empty = page.evaluate(
        """() => [...document.querySelectorAll('figure.plot')].filter((f) => {
            const c = f.querySelector('canvas');
            if (!c) return !f.querySelector('path.curve, rect, circle');
            const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
            return !d.some((v) => v > 0);
        }).map((f) => f.textContent)"""
    )
    assert empty == []


def test_every_limit_source_and_input_is_on_the_page(page, run):
    page.click("#tab-read")
    text = page.inner_text("#limits")
    for phase in run.journey["phases"].values():
        for limit in phase["limits"]:
            assert limit["name"] in text
    titles = page.evaluate(
        "[...document.querySelectorAll('#limits abbr')].map((a) => a.title).join('|')"
    )
    assert "qualified to Mach 2.2" in titles
    assert run.journey["scenario_hash"] in page.inner_text("#provenance")
    assert "--seed" in page.inner_text("#provenance")


@pytest.mark.truth
def test_the_page_can_be_walked_with_keys_alone(page):
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(() => { const a = document.activeElement; return a.id || a.className || "
                "a.getAttribute('aria-label') || a.textContent; })()"
            )
        )
    assert {"stage-canvas", "slider", "play", "tab-story"} <= reached
    # whatever has the focus is seen to have it
    page.focus("#tab-story")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    style = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(style) == "solid"
    page.focus("#stage-canvas")
    page.keyboard.press("3")
    first = stats(page)
    assert first["chapter"] == first["chapters"][2]["key"]
    page.keyboard.press("ArrowRight")
    assert stats(page)["et_s"] > first["et_s"]
    page.keyboard.press("f")
    assert stats(page)["following"] is not None
    page.keyboard.press("Shift+ArrowLeft")
    assert not np.allclose(stats(page)["view_matrix"], first["view_matrix"])
    page.keyboard.press(" ")
    page.wait_for_timeout(400)
    page.keyboard.press(" ")
    later = stats(page)["et_s"]
    assert later > first["et_s"]
    page.focus("#tab-story")
    page.keyboard.press("ArrowRight")
    assert page.locator("#read-panel").is_visible()


def test_the_quiz_counts(page, run):
    boxes = page.locator(".quiz fieldset")
    assert boxes.count() >= 5
    from anabasis.viewer.story import quiz_of

    for n, question in enumerate(quiz_of(run)):
        boxes.nth(n).locator("button").nth(question["right"]).click()
    assert f"{boxes.count()} of {boxes.count()}" in page.inner_text(".score")


@pytest.mark.truth
@pytest.mark.parametrize("width", [360, 768, 3840])
def test_nothing_hangs_over_the_edge(opened, written, width):
    page = opened(written / report.NAME, width=width, height=900)
    page.click("#tab-read")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_both_depths_are_printed(page):
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(300)
    assert page.locator("#story-panel").is_visible()
    assert page.locator("#read-panel").is_visible()
    assert not page.locator(".controls").is_visible()
    assert len(page.pdf()) > 100_000


def test_with_reduced_motion_nothing_moves_by_itself(opened, written):
    page = opened(written / report.NAME, reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    page.keyboard.press("Tab")
    before = stats(page)
    page.wait_for_timeout(400)
    after = stats(page)
    assert after["frames"] == before["frames"]
    assert np.allclose(after["view_matrix"], before["view_matrix"], atol=1e-9)
    # what it is told to do it still does, at once
    assert at(page, "launch")["chapter"] == "launch"


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "javascript:alert(4)",
    "{{constructor.constructor('alert(5)')()}}",
    "'-alert(6)-'",
    "&lt;b&gt;",
    "\u202eevil\u2028",
    "<ScRiPt>alert(9)</sCrIpT>",
    "<svg><animate onbegin=alert(10) attributeName=x dur=1s>",
    "<details open ontoggle=alert(11)>",
    "<iframe srcdoc='<script>alert(12)</script>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(13)>",
    "`;alert(14);`${alert(14)}",
    "<!--<script>alert(15)</script>",
    "]]><script>alert(16)</script>",
    "\x00<b onmouseover=alert(17)>x",
    "<a href='data:text/html,<script>alert(18)</script>'>x</a>",
    "</style><style>*{display:none}</style>",
    "<template shadowrootmode=open><script>alert(20)</script></template>",
]


def test_hostile_names_stay_text(opened, written, run, tmp_path):
    document = report.document_of_run(run)
    journey = json.loads(json.dumps(document["journey"]))
    for n, tube in enumerate(journey["tubes"]):
        tube["name"] = HOSTILE[n % len(HOSTILE)]
    for n, event in enumerate(journey["events"]):
        event["note"] = HOSTILE[n % len(HOSTILE)]
    journey["scenario"] = HOSTILE[0]
    journey["home_because"] = HOSTILE[1]
    document |= {
        "journey": journey,
        "title": HOSTILE[1],
        "summary": HOSTILE[0],
        "story": [{"title": w, "text": [w]} for w in HOSTILE],
        "diagrams": [
            d | {"title": HOSTILE[0], "points": [[x, y, HOSTILE[2]] for x, y, _ in d["points"]]}
            for d in document["diagrams"]
        ],
    }
    file = tmp_path / "hostile.html"
    file.write_text(report.page_of(document, report.read_bundle()), encoding="utf-8")
    page = opened(file)
    page.click("#tab-read")
    page.evaluate("(i) => window.anabasis.select(i)", journey["tubes"][0]["id"])
    page.wait_for_timeout(300)
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 3
    assert page.locator("svg[onload], iframe, math, template, animate").count() == 0
    for words in HOSTILE:
        if words.isprintable():
            assert words in page.evaluate("document.querySelector('.story').textContent"), words
    assert HOSTILE[0] in page.inner_text(".tube-box")
    assert HOSTILE[1].replace("\n", " ") in page.title()
    assert HOSTILE[0] in page.inner_text("#timeline")


@pytest.mark.truth
def test_a_hundred_thousand_points_stay_light(opened, written, run, tmp_path, capsys):
    import dataclasses

    dense = {}
    for phase, track in run.tracks.items():
        epochs = np.unique(track.columns["et_s"])
        keep = np.searchsorted(track.columns["et_s"], epochs)
        more = np.linspace(epochs[0], epochs[-1], 10000)
        columns = {
            name: np.interp(more, epochs, np.asarray(values, dtype=float)[keep])
            for name, values in track.columns.items()
        }
        dense[phase] = dataclasses.replace(track, columns=columns | {"et_s": more})
    document = report.document_of_run(dataclasses.replace(run, tracks=dense))
    assert sum(t["points"] for t in document["tracks"].values()) >= 100000
    file = tmp_path / "dense.html"
    file.write_text(report.page_of(document, report.read_bundle()), encoding="utf-8")
    page = opened(file)
    for chapter in CHAPTERS:
        told = at(page, chapter)
        start, end = next((c["start"], c["end"]) for c in told["chapters"] if c["key"] == chapter)
        grown = []
        for share in np.linspace(0.1, 0.9, 6):
            page.evaluate("(t) => window.anabasis.setTime(t)", start + share * (end - start))
            told = stats(page)
            assert told["draw_calls"] <= 300
            grown.append(told["allocated_bytes"])
        # a collection between two frames makes a difference negative: the middle one counts
        assert sorted(grown)[len(grown) // 2] < 1e6, (chapter, grown)
        with capsys.disabled():
            print(f" {chapter} {told['frame_ms']:.0f} ms", end="")


@pytest.mark.truth
def test_a_march_of_one_phase_has_a_page_too(opened, flown, tmp_path):
    import anabasis
    from anabasis.campaign import folder as folders

    folder = tmp_path / "entry"
    folders.write_run(folder, flown("mars2020-entry"), anabasis.load("mars2020-entry"))
    page = opened(report.write_report(folder))
    assert [c["key"] for c in stats(page)["chapters"]] == ["entry"]
    page.click("#tab-read")
    assert page.locator("#limits").is_visible()


def test_the_shots_of_the_docs_are_there(root: pathlib.Path):
    shots = {file.stem for file in (root / "docs" / "shots").glob("*.png")}
    assert set(CHAPTERS) <= shots

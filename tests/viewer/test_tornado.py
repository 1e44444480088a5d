"""The tornado: whatever was found is drawn, with its units and its marks."""

from __future__ import annotations

import dataclasses
import pathlib
import subprocess
import sys

import pytest

from anabasis.studies.sensitivity import Answer, Row, Sensitivity
from anabasis.viewer.tornado import CONFIDENCE, draw_tornado, save_tornado


def row(path: str, unit: str, effect: float | None, share: float, **how: object) -> Row:
    up = effect if effect is not None else 2.0
    settings: dict[str, object] = {
        "path": path,
        "unit": unit,
        "is_factor": False,
        "distribution": "normal",
        "nominal": 3.0,
        "sigma": 0.1,
        "source": "made up",
        "confidence": "published",
        "kind": "derivative" if effect is not None else "sampled",
        "because": "",
        "derivative": effect,
        "effect": effect,
        "sampled": abs(up),
        "at": {"-2": -2.0 * up, "-1": -up, "+0": 0.0, "+1": up, "+2": 2.0 * up},
        "outcomes": {},
        "crooked": False,
        "share": share,
        "share_alone": share,
        "share_of_slopes": share,
        "correlated_with": {},
        **how,
    }
    return Row(**settings)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def found() -> Sensitivity:
    lost = {"-2": None, "-1": None, "+0": 0.0, "+1": 1.0, "+2": 2.0}
    rows = (
        row("ascender.stage_one.thrust_kN", "kN", 3.0, 0.6, confidence="assumed"),
        row("ascender.drag_coefficient", "", 1.0, 0.3, is_factor=True, crooked=True),
        row("ascent.site.latitude_deg", "deg", None, 0.1, kind="decided", at=lost),
        row("ascender.payload_kg", "kg", 0.001, 1e-6),
    )
    answer = Answer(
        figure="ascent.apoapsis_km",
        unit="km",
        discrete="",
        nominal=343.0,
        limits=(
            {"name": "x", "sense": "at most", "limit": 345.0, "source": "", "confidence": ""},
            {"name": "y", "sense": "at least", "limit": 100.0, "source": "", "confidence": ""},
        ),
        basis="slopes",
        sigma=3.3,
        sigma_of_slopes=3.3,
        together=None,
        rows=rows,
        groups=(),
        by_confidence={"assumed": 0.6, "published": 0.4},
        halve_first=None,
        sobol=None,
        words=(),
    )
    return Sensitivity("made-up", "0" * 64, "ascent", 0, (answer,))


def words_of(axes: object) -> list[str]:
    return [text.get_text() for text in axes.texts]  # pyright: ignore


def test_each_number_has_its_bar_in_the_colour_of_its_confidence(found: Sensitivity) -> None:
    from matplotlib.colors import to_hex

    (axes,) = draw_tornado(found).axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [
        "stage one thrust, ±0.1 kN",
        "drag coefficient, ±10 %",
        "site latitude, ±0.1°",
    ]
    full = axes.patches[0]
    assert to_hex(full.get_facecolor()) == CONFIDENCE["assumed"]
    assert full.get_width() == 3.0
    assert axes.patches[1].get_width() == -3.0
    assert axes.patches[-1].get_hatch() == "////"
    assert "change, km" in axes.get_xlabel()
    assert "343" in axes.get_xlabel()


def test_what_was_flown_stands_beside_and_a_lost_flight_has_no_mark(found: Sensitivity) -> None:
    (axes,) = draw_tornado(found).axes
    marks = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines
             if line.get_marker() == "o"]  # fmt: skip
    assert marks == [(-3.0, 0), (3.0, 0), (-1.0, 1), (1.0, 1), (1.0, 2)]


def test_rows_that_are_not_slopes_say_so_and_near_limits_are_drawn(found: Sensitivity) -> None:
    (axes,) = draw_tornado(found).axes
    words = [word.strip() for word in words_of(axes)]
    assert "decided" in words
    assert "bent" in words
    assert "60.0 %" in words
    assert "limit ≤ 345" in words
    assert not any("100" in word and "limit" in word for word in words)


def test_colours_are_told_apart_by_their_lightness_too() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    published, assumed = lightness(CONFIDENCE["published"]), lightness(CONFIDENCE["assumed"])
    assert abs(published - assumed) > 50.0


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_the_same_answer_is_the_same_file(
    found: Sensitivity, ending: str, tmp_path: pathlib.Path
) -> None:
    one, other = tmp_path / f"one{ending}", tmp_path / f"other{ending}"
    save_tornado(found, one)
    save_tornado(found, other)
    assert one.read_bytes() == other.read_bytes()
    assert one.stat().st_size > 5_000


def test_a_figure_that_nothing_moves_is_a_panel_that_says_so(found: Sensitivity) -> None:
    still = dataclasses.replace(found.answers[0], rows=(), sigma=0.0)
    (axes,) = draw_tornado(dataclasses.replace(found, answers=(still,))).axes
    assert "no dispersed number moves it" in words_of(axes)


def test_matplotlib_is_imported_when_a_picture_is_drawn() -> None:
    program = "import sys, anabasis.viewer.tornado; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

"""The picture of a march: drawn from whatever was flown, never from nothing."""

from __future__ import annotations

import dataclasses
import pathlib
import struct
import subprocess
import sys

import numpy as np
import pytest

import anabasis
from anabasis.campaign.journey import Event, Journey, PhaseReport
from anabasis.units import DAY
from anabasis.viewer.picture import draw, save_picture
from anabasis.worlds.calendar import utc_of_epoch
from anabasis.worlds.ephemeris import load_ephemeris

DEPARTURE = 846714208.0
ARRIVAL = DEPARTURE + 290.0 * DAY
LIFT_OFF = ARRIVAL + 300.0 * DAY
HOME = LIFT_OFF + 1100.0 * DAY


def report(start: float, end: float) -> PhaseReport:
    return PhaseReport("", utc_of_epoch(start), utc_of_epoch(end), {}, {}, ())


def cruise(start: float, end: float, bodies: tuple[str, str]) -> dict[str, object]:
    """A spiral between two planets: no orbit, but a line to draw."""
    sky = load_ephemeris()
    share = np.linspace(0.0, 1.0, 20)[:, None]
    first, last = (
        np.asarray(sky.state(body, np.asarray(epoch), "sun")[0])
        for body, epoch in zip(bodies, (start, end), strict=True)
    )
    epoch = start + share[:, 0] * (end - start)
    return {
        "epoch": epoch,
        "elapsed": epoch - start,
        "position": (1.0 - share) * first + share * last,
        "centre": bodies[1],
    }


def fall(start: float, centre: str) -> dict[str, object]:
    """Something slows down in air."""
    share = np.linspace(0.0, 1.0, 50)
    return {
        "epoch": start + 300.0 * share,
        "elapsed": 300.0 * share,
        "relative_speed": 5000.0 * np.exp(-5.0 * share),
        "altitude": 1.2e5 * (1.0 - share),
        "deceleration": 100.0 * np.sin(np.pi * share),
        "heat_flux": 5e5 * np.sin(np.pi * share),
        "mach": 20.0 * (1.0 - share) + 1.0,
        "thrust": np.where(share > 0.9, 3e3, 0.0),
        "centre": centre,
    }


@pytest.fixture(scope="module")
def march() -> Journey:
    """A whole march, made up: as many phases and tracks as a picture can show."""
    share = np.linspace(0.0, 1.0, 50)
    ascent = {
        "elapsed": 700.0 * share,
        "latitude": 0.32 + 0.05 * share,
        "longitude": 1.35 + 0.2 * share,
        "altitude": 343e3 * share,
        "thrust": np.where((share < 0.1) | (share > 0.95), 8e3, 0.0),
        "mass": 398.0 - 300.0 * share,
        "speed": 3400.0 * share,
    }
    spans = {
        "lander_outbound": (DEPARTURE, ARRIVAL),
        "orbiter_outbound": (DEPARTURE, ARRIVAL),
        "insertion": (ARRIVAL, ARRIVAL + 200.0 * DAY),
        "entry": (ARRIVAL, ARRIVAL + 300.0),
        "landing": (ARRIVAL + 300.0, ARRIVAL + 400.0),
        "surface": (ARRIVAL + 400.0, LIFT_OFF - DAY),
        "ascent": (LIFT_OFF, LIFT_OFF + 700.0),
        "rendezvous": (LIFT_OFF + 700.0, LIFT_OFF + 70.0 * DAY),
        "homeward": (HOME - 230.0 * DAY, HOME),
        "arrival": (HOME, HOME + 400.0),
    }
    tracks = {
        "lander_outbound": cruise(DEPARTURE, ARRIVAL, ("earth", "mars")),
        "orbiter_outbound": cruise(DEPARTURE, ARRIVAL, ("earth", "mars")),
        "entry": fall(ARRIVAL, "mars"),
        "landing": fall(ARRIVAL + 300.0, "mars"),
        "surface": {"latitude": np.full(3, 0.32206), "longitude": np.full(3, 1.35103)},
        "ascent": ascent,
        "homeward": cruise(HOME - 230.0 * DAY, HOME, ("mars", "earth")),
        "arrival": fall(HOME, "earth"),
    }

    def event(name: str, phase: str, epoch: float) -> Event:
        return Event(name, phase, epoch, utc_of_epoch(epoch), epoch - spans[phase][0], None, None)

    custody = [
        {"holder": holder, "from_utc": utc_of_epoch(epoch), "place": ""}
        for holder, epoch in (
            ("rover", DEPARTURE - 1500.0 * DAY),
            ("ascender", ARRIVAL + 30.0 * DAY),
            ("container", LIFT_OFF),
            ("orbiter", LIFT_OFF + 70.0 * DAY),
            ("capsule", HOME - 3.0 * DAY),
            ("laboratory", HOME),
        )
    ]
    tube = {
        "id": "M2020-?-01",
        "name": "WB1",
        "state": "delivered",
        "place": "",
        "custody": custody,
    }
    return Journey(
        scenario="made up",
        scenario_hash="0" * 64,
        seed=0,
        outcome="",
        outcome_phase=None,
        phases={name: report(*span) for name, span in spans.items()},
        events=(
            event("stage_one_burnout", "ascent", LIFT_OFF + 70.0),
            event("stage_two_burnout", "ascent", LIFT_OFF + 700.0),
            event("spiral_up", "homeward", HOME - 400.0 * DAY),
            event("mars_departure", "homeward", HOME - 230.0 * DAY),
        ),
        mass_ledger=(),
        delta_v=(),
        tubes=(tube,),
        home_utc=utc_of_epoch(HOME),
        home_because="",
        announced="",
        versions={"anabasis": anabasis.__version__},
        device="",
        tracks=tracks,
    )


def size_of(path: pathlib.Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", head[16:24])


def test_a_whole_march_becomes_a_png_of_1600_dots(march: Journey, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "march.png"
    save_picture(march, path)
    width, height = size_of(path)
    assert width == 1600
    assert 900 < height < 1600
    assert 50e3 < path.stat().st_size < 400e3


@pytest.mark.parametrize(
    "phases",
    [
        ("entry",),
        ("entry", "landing"),
        ("ascent",),
        ("arrival",),
        ("lander_outbound",),
        ("homeward",),
    ],
)
def test_part_of_a_march_is_drawn_too(march: Journey, phases: tuple[str, ...]) -> None:
    part = dataclasses.replace(
        march,
        phases={name: march.phases[name] for name in phases},
        events=tuple(event for event in march.events if event.phase in phases),
        tracks={name: march.tracks[name] for name in phases if name in march.tracks},
        tubes=(),
        home_utc=None,
    )
    figure = draw(part)
    figure.canvas.draw()
    assert len(figure.axes) >= 1


def test_a_march_without_anything_to_show_is_refused(march: Journey) -> None:
    part = dataclasses.replace(
        march,
        phases={"rendezvous": march.phases["rendezvous"]},
        tracks={"rendezvous": {"epoch": np.arange(3.0)}},
    )
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(part)


def test_a_lost_march_says_so(march: Journey) -> None:
    lost = dataclasses.replace(march, outcome="the parachute tore", home_utc=None)
    words = [text.get_text() for text in draw(lost).texts]
    assert "lost: the parachute tore" in words


def test_without_tracks_there_is_nothing_to_draw(march: Journey) -> None:
    with pytest.raises(ValueError, match="track=True"):
        draw(dataclasses.replace(march, tracks={}))


def test_matplotlib_is_imported_when_a_picture_is_drawn() -> None:
    program = "import sys, anabasis.viewer.picture; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

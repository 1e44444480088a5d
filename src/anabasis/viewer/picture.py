"""One picture of a march: the way between the planets, each planet's part of it, and the years.

What was flown decides what is drawn: a march without a cruise has no map of the sky, an entry alone
has one panel. Matplotlib is imported when a picture is drawn, not before. Nothing here computes
what a journey has not already found; it changes units and axes.
"""

from __future__ import annotations

import datetime
import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from anabasis.campaign.journey import Journey
from anabasis.units import DAY, STANDARD_GRAVITY

AU = 149597870700.0
"""Astronomical unit [m]."""
WIDTH, HEIGHT, DOTS = 16.0, 12.2, 100
"""Size of the whole picture [inch], and dots per inch: 1,600 dots wide."""

PAPER, INK, QUIET, FAINT = "#fbfaf6", "#1f2a33", "#6c7780", "#d9d8d1"
EARTH, MARS, SUN = "#3f78b5", "#b5482f", "#e0a526"
COLOURS = {
    "lander": "#c8662f",
    "orbiter": "#35658f",
    "rover": "#7d6b57",
    "ascender": "#a8801c",
    "container": "#7a9a3a",
    "capsule": "#2f8f7c",
    "laboratory": "#2f8f7c",
    "ground": "#9a9a94",
}
"""What flies or holds -> its colour, the same in every panel."""

TINY, SMALL, PLAIN, LARGE = 12.0, 13.5, 14.5, 18.0
"""Sizes of letters [point]."""
DUST = (math.radians(180.0), math.radians(330.0))
"""The season in which nothing lifts off, between these solar longitudes [rad]."""

Track = Mapping[str, Any]


def save_picture(journey: Journey, path: str | os.PathLike[str]) -> None:
    """Draw a journey and write it as a PNG of 1,600 dots' width.

    Args:
        journey: flown with ``track=True``.
        path: of the file.

    Raises:
        ValueError: for a journey without tracks.
    """
    figure = draw(journey)
    figure.savefig(path, dpi=DOTS, facecolor=PAPER, metadata={"Software": None})


def draw(journey: Journey) -> Any:
    """The picture of a journey as a matplotlib ``Figure``.

    Args:
        journey: flown with ``track=True``.

    Raises:
        ValueError: for a journey without tracks, or with none that has a panel.
    """
    if not journey.tracks:
        raise ValueError("a journey without tracks cannot be drawn; fly it with track=True")
    import matplotlib
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "font.family": "DejaVu Sans",
        "font.size": PLAIN,
        "text.color": INK,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": QUIET,
        "axes.labelsize": SMALL,
        "axes.facecolor": PAPER,
        "axes.linewidth": 1.0,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.labelsize": SMALL,
        "ytick.labelsize": SMALL,
        "lines.solid_capstyle": "round",
    }
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(WIDTH, HEIGHT), facecolor=PAPER)
        _title(figure, journey)
        sky = [
            p for p in ("lander_outbound", "orbiter_outbound", "homeward") if p in journey.tracks
        ]
        panels = _panels(journey)
        if not sky and not panels:
            raise ValueError("no phase of this journey has a panel: nothing to draw")
        strip = bool(sky)
        floor = 0.32 if strip else 0.08
        if sky:
            _sky(figure.add_axes((0.022, floor - 0.005, 0.49, 0.6)), journey, sky)
        left = 0.565 if sky else 0.08
        for place, panel in zip(_places(len(panels), left, floor), panels, strict=True):
            panel(figure.add_axes(place), journey)
        if strip:
            _years(figure.add_axes((0.022, 0.035, 0.956, 0.228)), journey)
        return figure


def _title(figure: Any, journey: Journey) -> None:
    figure.text(0.022, 0.962, "From Jezero to Utah" if journey.tubes else journey.scenario,
                size=30, weight="bold", va="center")  # fmt: skip
    if journey.outcome:
        words = f"lost: {journey.outcome}"
    elif journey.home_utc:
        words = f"{journey.tubes_home_count} sample tubes, home on {_day(journey.home_utc)}"
    else:
        words = ", ".join(name.replace("_", " ") for name in journey.phases)
    figure.text(0.022, 0.926, words, size=LARGE, color=QUIET, va="center")
    figure.text(
        0.978,
        0.962,
        f"anabasis {journey.versions['anabasis']}   {journey.scenario}",
        size=SMALL,
        color=QUIET,
        ha="right",
        va="center",
    )


def _panels(journey: Journey) -> list[Callable[[Any, Journey], None]]:
    held = {
        "entry": _entry,
        "surface": _jezero,
        "ascent": _ascent,
        "arrival": _arrival,
    }
    found = [panel for name, panel in held.items() if name in journey.tracks]
    if not found and "landing" in journey.tracks:
        return [_entry]
    return found


def _places(count: int, left: float, floor: float) -> list[tuple[float, float, float, float]]:
    """Up to four places: two columns right of the sky, filled row by row."""
    columns = 1 if count == 1 else 2
    rows = max(1, math.ceil(count / columns))
    gap, between = 0.062, 0.098
    width = (0.978 - left - gap * (columns - 1)) / columns
    top = 0.872 if left > 0.5 else 0.84
    height = (top - floor - 0.035 - between * (rows - 1)) / rows
    return [
        (
            left + (i % columns) * (width + gap),
            top - (i // columns + 1) * height - (i // columns) * between,
            width,
            height,
        )
        for i in range(count)
    ]


# ---------------------------------------------------------------- between the planets


def _sky(axes: Any, journey: Journey, phases: Sequence[str]) -> None:
    """Where everything was, seen from the north of the ecliptic; the Sun at the middle."""
    axes.set_aspect("equal")
    axes.axis("off")
    first = float(np.asarray(journey.tracks[phases[0]]["epoch"])[0])
    for body, days, colour in (("earth", 366.0, EARTH), ("mars", 688.0, MARS)):
        ring = _planet(body, first + np.linspace(0.0, days * DAY, 361))
        axes.plot(*ring.T, color=colour, lw=1.1, alpha=0.35)
    axes.plot(0, 0, "o", ms=13, color=SUN)
    axes.annotate("Sun", (0, 0), (0, -15), textcoords="offset points", ha="center", va="top",
                  size=SMALL, color=QUIET)  # fmt: skip
    looks = {
        "orbiter_outbound": (COLOURS["orbiter"], 5.5, 0.45, "orbiter"),
        "lander_outbound": (COLOURS["lander"], 2.2, 1.0, "lander"),
        "homeward": (COLOURS["capsule"], 3.2, 1.0, "the tubes, homeward"),
    }
    for phase in sorted(phases, key=lambda p: list(looks).index(p)):
        colour, width, strength, _ = looks[phase]
        track = journey.tracks[phase]
        path = _heliocentric(track)
        axes.plot(*path.T, color=colour, lw=width, alpha=strength)
        days = float(track["elapsed"][-1] - track["elapsed"][0]) / DAY
        part = 0.7 if phase == "homeward" else 0.3
        middle = path[int(np.argmin(np.abs(track["elapsed"] - part * days * DAY)))]
        if phase != "orbiter_outbound" or "lander_outbound" not in phases:
            axes.text(*(middle * (1.0 + 0.13 / np.hypot(*middle))), f"{days:.0f} days", size=SMALL,
                      color=colour, ha="center", va="center", zorder=6)  # fmt: skip
    _sky_dates(axes, journey, phases)
    axes.set_xlim(-2.28, 1.68)
    axes.set_ylim(-1.77, 1.74)
    axes.plot([-2.26, -1.26], [-1.7, -1.7], color=QUIET, lw=1.2)
    axes.text(-1.76, -1.67, "1 AU", size=SMALL, color=QUIET, ha="center", va="bottom")


def _sky_dates(axes: Any, journey: Journey, phases: Sequence[str]) -> None:
    """A dot for each planet at each departure and arrival, with what happens there."""
    said = {
        "lander_outbound": ("lander\nleaves", "lander\nreaches"),
        "orbiter_outbound": ("orbiter\nleaves", "orbiter\nreaches"),
        "homeward": ("the tubes\nleave", "the tubes\nreach"),
    }
    ends: list[tuple[np.ndarray, str, str, str, str]] = []
    for phase in phases:
        track = journey.tracks[phase]
        path = _heliocentric(track)
        start, stop = journey.phases[phase].start_utc, journey.phases[phase].end_utc
        outward = phase != "homeward"
        colours = (EARTH, MARS) if outward else (MARS, EARTH)
        bodies = ("Earth", "Mars") if outward else ("Mars", "Earth")
        for at, utc, colour, body, words in zip(
            (path[0], path[-1]), (start, stop), colours, bodies, said[phase], strict=True
        ):
            near = [i for i, e in enumerate(ends) if np.hypot(*(e[0] - at)) < 0.12]
            if near:
                i = near[0]
                both = ends[i][4].replace("lander\n", "lander and orbiter\n")
                both = both.replace("leaves", "leave").replace("reaches", "reach")
                ends[i] = (*ends[i][:4], both)
            else:
                ends.append((at, colour, body, _day(utc, "%b"), words))
    for at, colour, body, date, words in ends:
        axes.plot(*at, "o", ms=11, color=colour, mec=PAPER, mew=1.5, zorder=5)
        outward = at / np.hypot(*at)
        side = "left" if outward[0] > 0 else "right"
        shift = 14 * np.array([math.copysign(1.0, outward[0]), 0.9 * math.copysign(1, outward[1])])
        axes.annotate(
            f"{words} {body}\n{date}",
            at,
            shift,
            textcoords="offset points",
            ha=side,
            va="center",
            size=SMALL,
            linespacing=1.3,
            zorder=6,
        )


def _heliocentric(track: Track) -> np.ndarray:
    """A cruise in the plane of the ecliptic [AU]; `phases.transfer` tells it from the Sun."""
    from anabasis.worlds.orientation import ECLIPJ2000_FROM_J2000

    return (np.asarray(track["position"]) @ ECLIPJ2000_FROM_J2000.T / AU)[:, :2]


def _planet(body: str, epochs: np.ndarray) -> np.ndarray:
    """Where a planet was, in the plane of the ecliptic [AU]."""
    import jax

    from anabasis.worlds.ephemeris import load_ephemeris
    from anabasis.worlds.orientation import ECLIPJ2000_FROM_J2000

    sky = load_ephemeris()
    for end in (epochs[0], epochs[-1]):
        sky.check_span(float(end))
    where = np.asarray(jax.jit(jax.vmap(lambda t: sky.state(body, t, "sun")[0]))(epochs))
    return (where @ ECLIPJ2000_FROM_J2000.T / AU)[:, :2]


# ---------------------------------------------------------------- the panels


def _panel(axes: Any, title: str, note: str, across: str, up: str) -> None:
    axes.set_title(title, loc="left", size=LARGE, weight="bold", color=INK, pad=27)
    axes.annotate(note, (0, 1), (0, 8), xycoords="axes fraction", textcoords="offset points",
                  size=SMALL, color=QUIET, va="bottom")  # fmt: skip
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=4)


def _mark(
    axes: Any,
    x: float,
    y: float,
    words: str,
    shift: tuple[float | int, float | int],
    colour: str,
    side: str = "left",
    upright: str = "center",
) -> None:
    axes.plot(x, y, "o", ms=7, color=colour, mec=PAPER, mew=1.2, zorder=5)
    axes.annotate(words, (x, y), shift, textcoords="offset points", size=SMALL, ha=side, va=upright,
                  linespacing=1.25, zorder=6)  # fmt: skip


def _fall(axes: Any, tracks: Sequence[Track], colour: str, ceiling: float) -> None:
    """Altitude over speed on the way down, speeds by decades."""
    for track in tracks:
        speed, altitude = np.asarray(track["relative_speed"]), np.asarray(track["altitude"]) / 1e3
        axes.plot(speed, altitude, color=colour, lw=2.6)
    axes.set_xscale("log")
    axes.set_ylim(top=ceiling)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    axes.grid(axis="both", color=FAINT, lw=0.7, alpha=0.6)


def _at_peak(track: Track, column: str) -> tuple[float, float, float]:
    """Speed [m/s], altitude [km] and value where a column is greatest."""
    values = np.asarray(track[column])
    i = int(np.argmax(values))
    return float(track["relative_speed"][i]), float(track["altitude"][i]) / 1e3, float(values[i])


def _entry(axes: Any, journey: Journey) -> None:
    tracks = [journey.tracks[p] for p in ("entry", "landing") if p in journey.tracks]
    colour = COLOURS["lander"]
    home = "earth" if str(tracks[0]["centre"]) == "earth" else "mars"
    title = "Into the air of Mars" if home == "mars" else "Into the air of Earth"
    start = journey.phases[next(p for p in ("entry", "landing") if p in journey.tracks)].start_utc
    _panel(axes, title, _minute(start), "speed over the ground, m/s", "altitude, km")
    ceiling = 75.0 if home == "mars" else 100.0
    _fall(axes, tracks, colour, ceiling)
    if "landing" in journey.tracks:
        axes.set_ylim(bottom=-0.24 * ceiling)
    if "entry" in journey.tracks:
        _peaks(axes, journey.tracks["entry"], colour)
        speed, altitude = (
            float(journey.tracks["entry"][c][-1]) for c in ("relative_speed", "altitude")
        )
        mach = float(journey.tracks["entry"]["mach"][-1])
        word = "parachute" if "landing" in journey.tracks else "end"
        _mark(axes, speed, altitude / 1e3, f"{word}\nMach {mach:.1f}", (1, -26), colour)
    if "landing" in journey.tracks:
        track = journey.tracks["landing"]
        speed, altitude = (np.asarray(track[c]) for c in ("relative_speed", "altitude"))
        _mark(axes, float(speed[-1]), float(altitude[-1]) / 1e3,
              f"touchdown\n{speed[-1]:.1f} m/s", (0, 26), colour, "left")  # fmt: skip
        burning = np.flatnonzero(np.asarray(track["thrust"]) > 0.0)
        if burning.size:
            i = int(burning[0])
            _mark(axes, float(speed[i]), float(altitude[i]) / 1e3, "engines", (-2, -17), colour,
                  "center")  # fmt: skip


def _peaks(axes: Any, track: Track, colour: str) -> None:
    speed, altitude, load = _at_peak(track, "deceleration")
    _mark(axes, speed, altitude, f"{load / STANDARD_GRAVITY:.1f} g", (-11, 2), colour, "right")
    speed, altitude, flux = _at_peak(track, "heat_flux")
    _mark(axes, speed, altitude, f"{flux / 1e4:.0f} W/cm²", (-11, 8), colour, "right")


def _arrival(axes: Any, journey: Journey) -> None:
    track = journey.tracks["arrival"]
    colour = COLOURS["capsule"]
    _panel(axes, "The fall over Utah", _minute(journey.phases["arrival"].start_utc),
           "speed over the ground, m/s", "altitude, km")  # fmt: skip
    _fall(axes, [track], colour, 100.0)
    _peaks(axes, track, colour)
    speed, altitude = float(track["relative_speed"][-1]), float(track["altitude"][-1]) / 1e3
    words = f"lands at {speed:.0f} m/s,\nno parachute"
    _mark(axes, speed, altitude, words, (24, 1), colour)
    axes.set_xlim(left=25.0)
    axes.set_ylim(bottom=-14.0)


def _ascent(axes: Any, journey: Journey) -> None:
    """Altitude over the way along the ground, burning stages drawn thick."""
    track = {name: np.asarray(values) for name, values in journey.tracks["ascent"].items()}
    colour = COLOURS["ascender"]
    _panel(axes, "Out of Mars", _minute(journey.phases["ascent"].start_utc),
           "downrange, km", "altitude, km")  # fmt: skip
    along = _downrange(track["latitude"], track["longitude"])
    up = track["altitude"] / 1e3
    axes.plot(along, up, color=colour, lw=2.0, alpha=0.75)
    burning = track["thrust"] > 0.0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], burning.astype(int), [0]])))
    for begin, end in edges.reshape(-1, 2):
        axes.plot(along[begin:end], up[begin:end], color=colour, lw=6.5, solid_capstyle="butt")
    axes.grid(color=FAINT, lw=0.7, alpha=0.6)
    axes.set_ylim(min(up.min(), 0.0) - 0.09 * up.max(), 1.14 * up.max())
    _mark(axes, along[0], up[0], f"lift-off, {track['mass'][0]:.0f} kg", (12, -3), colour)
    elapsed = track["elapsed"]
    events = {event.name: event for event in journey.events if event.phase == "ascent"}
    said = {
        "stage_one_burnout": ("", (12, 3), "left"),
        "stage_two_ignition": ("second\nstage", (4, -29), "right"),
        "stage_two_burnout": ("in orbit", (-6, 16), "right"),
    }
    for name, (word, shift, side) in said.items():
        if name not in events:
            continue
        i = int(np.argmin(np.abs(elapsed - events[name].elapsed)))
        if name == "stage_one_burnout":
            word = f"{track['speed'][i] / 1e3:.2f} km/s after {elapsed[i]:.0f} s"
        if name == "stage_two_burnout":
            word = f"{word}, {track['mass'][i]:.0f} kg at {track['speed'][i] / 1e3:.2f} km/s"
        _mark(axes, along[i], up[i], word, shift, colour, side)


def _downrange(
    latitude: np.ndarray, longitude: np.ndarray, radius: float = 3396190.0
) -> np.ndarray:
    """Way along a sphere from the first point [km], for the axis of a picture."""
    half = (
        np.sin((latitude - latitude[0]) / 2) ** 2
        + np.cos(latitude) * np.cos(latitude[0]) * np.sin((longitude - longitude[0]) / 2) ** 2
    )
    return 2.0 * radius * np.arcsin(np.sqrt(half)) / 1e3


def _jezero(axes: Any, journey: Journey) -> None:
    """The rover's own path, where each tube was filled, and where the lander stands."""
    from anabasis.vehicles.traverse import SPHERE, rover_place, traverse
    from anabasis.vehicles.tube import describe

    track = journey.tracks["surface"]
    place = [math.degrees(float(track[c][-1])) for c in ("latitude", "longitude")]
    scale = SPHERE * math.pi / 180.0 / 1e3

    def local(latitude: float, longitude: float) -> tuple[float, float]:
        east = (longitude - place[1]) * scale * math.cos(math.radians(place[0]))
        return east, (latitude - place[0]) * scale

    path = np.array([local(fix.latitude_deg, fix.longitude_deg) for fix in traverse()])
    _panel(
        axes, "Across Jezero", "where the tubes were filled", "east of the lander, km", "north, km"
    )
    axes.plot(*path.T, color=COLOURS["rover"], lw=2.0, alpha=0.7)
    home = {tube["id"] for tube in journey.tubes if tube["state"] == "delivered"}
    filled = [tube for tube in describe(None, None) if tube["core_sol"] is not None]
    looks = (
        (False, {"mfc": PAPER, "mec": QUIET}, "stay", QUIET),
        (True, {"mfc": COLOURS["capsule"], "mec": PAPER}, "come home", COLOURS["capsule"]),
    )
    for goes, look, word, colour in looks:
        own = [tube for tube in filled if (tube["id"] in home) == goes]
        if not own:
            continue
        points = np.array([local(*rover_place(tube["core_sol"])) for tube in own])
        axes.plot(*points.T, "o", ms=9, mew=1.4, zorder=4 + goes, ls="none", **look)
        height = 0.96 if goes else 0.86
        axes.plot(0.03, height - 0.005, "o", ms=9, mew=1.4, transform=axes.transAxes, **look)
        axes.text(0.07, height, f"{len(own)} {word}", transform=axes.transAxes,
                  size=SMALL, color=colour, va="center")  # fmt: skip
    axes.plot(0, 0, marker=(3, 0, 0), ms=15, color=COLOURS["lander"], mec=PAPER, mew=1.2, zorder=7)
    axes.annotate("lander", (0, 0), (3, 14), textcoords="offset points", size=SMALL,
                  color=COLOURS["lander"])  # fmt: skip
    axes.annotate("Perseverance\nlanded", path[0], (-18, -22), textcoords="offset points",
                  size=SMALL, ha="right", va="center", color=COLOURS["rover"])  # fmt: skip
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.08)


# ---------------------------------------------------------------- the years


def _years(axes: Any, journey: Journey) -> None:
    """Who was where, and who held the tubes, on one axis of dates."""
    import matplotlib.dates as dates

    spans = {name: (_date(r.start_utc), _date(r.end_utc)) for name, r in journey.phases.items()}
    when = {f"{event.phase}/{event.name}": _date(event.utc) for event in journey.events}
    first = min(start for start, _ in spans.values())
    last = max(end for _, end in spans.values())
    room = 0.035 * (last - first)
    axes.set_xlim(first - 3.4 * room, last + 2.6 * room)
    axes.set_ylim(-0.55, 3.0)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(dates.YearLocator())
    axes.xaxis.set_major_formatter(dates.DateFormatter("%Y"))
    axes.tick_params(axis="x", length=7)
    _dust(axes, first, last)
    lanes = {"lander": 2.0, "orbiter": 1.0, "tubes": 0.0}
    bars = _bars(journey, spans, when)
    holders = _holders(journey, first - 1.6 * room, last)
    shown = {lane for lane, *_ in bars} | ({"tubes"} if holders else set())
    for lane, level in lanes.items():
        if lane not in shown:
            continue
        axes.text(first - 3.4 * room, level + 0.2, lane, size=PLAIN, weight="bold", va="center")
    for lane, begin, end, colour, word in bars:
        _bar(axes, lanes[lane], begin, end, colour, word)
    for begin, end, holder in holders:
        since = begin > first - 1.6 * room
        year = min((h["from_utc"] or "")[:4] for t in journey.tubes for h in t["custody"])
        word = holder if since else f"{holder}, since {year}"
        _bar(axes, 0.0, begin, end, COLOURS.get(holder, QUIET), word, dated=since)
    if "ascent" in spans:
        off = spans["ascent"][0]
        axes.plot(off, 2.2, marker=(3, 0, 0), ms=17, color=COLOURS["ascender"], mec=PAPER, mew=1.5,
                  zorder=6)  # fmt: skip
        axes.text(off + 0.4 * room, 2.2, f"lift-off, {_short(off)}", size=SMALL, va="center")
    _finish(axes, journey, last)


def _bars(
    journey: Journey, spans: Mapping[str, tuple[float, float]], when: Mapping[str, float]
) -> list[tuple[str, float, float, str, str]]:
    """Lane, beginning, end, colour and word of what lander and orbiter do."""
    bars: list[tuple[str, float, float, str, str]] = []
    if "lander_outbound" in spans:
        bars.append(("lander", *spans["lander_outbound"], COLOURS["lander"], "to Mars"))
    if "landing" in spans and "ascent" in spans:
        stay = (spans["landing"][1], spans["ascent"][0])
        bars.append(("lander", *stay, COLOURS["lander"], "on Mars"))
    blue = COLOURS["orbiter"]
    if "orbiter_outbound" in spans:
        bars.append(("orbiter", *spans["orbiter_outbound"], blue, "to Mars"))
    if "insertion" in spans:
        bars.append(("orbiter", *spans["insertion"], blue, "spirals down"))
    if "rendezvous" in spans:
        if "insertion" in spans:
            bars.append(("orbiter", spans["insertion"][1], spans["rendezvous"][0], FAINT, ""))
        bars.append(("orbiter", *spans["rendezvous"], blue, "meets"))
    up = when.get("homeward/spiral_up")
    if "homeward" in spans:
        leave = when.get("homeward/mars_departure", spans["homeward"][0])
        if up is not None:
            if "rendezvous" in spans:
                bars.append(("orbiter", spans["rendezvous"][1], up, FAINT, "waits for the window"))
            bars.append(("orbiter", up, leave, blue, "spirals up"))
        bars.append(("orbiter", leave, spans["homeward"][1], blue, "homeward"))
    return bars


def _holders(journey: Journey, begin: float, end: float) -> list[tuple[float, float, str]]:
    """Who held the delivered tubes, each until the next had them all."""
    home = [tube for tube in journey.tubes if tube["state"] == "delivered"]
    if not home:
        return []
    taken: dict[str, float] = {}
    for tube in home:
        for holding in tube["custody"]:
            if holding["from_utc"] is not None:
                date = _date(holding["from_utc"])
                taken[holding["holder"]] = max(date, taken.get(holding["holder"], date))
    order = sorted(taken, key=lambda holder: taken[holder])
    ends = [*(taken[holder] for holder in order[1:]), end]
    return [
        (max(taken[holder], begin), until, holder)
        for holder, until in zip(order, ends, strict=True)
        if until > begin and until > taken[holder]
    ]


def _finish(axes: Any, journey: Journey, last: float) -> None:
    if journey.home_utc:
        axes.text(last, -0.05, f"  Utah, {_short(last)}", size=TINY, color=INK, va="top")
        axes.plot(last, 0.2, "o", ms=13, color=COLOURS["capsule"], mec=PAPER, mew=1.5, zorder=6)


def _bar(axes: Any, level: float, begin: float, end: float, colour: str, word: str, *,
         dated: bool = True) -> None:  # fmt: skip
    axes.barh(level + 0.2, end - begin, 0.4, left=begin, color=colour, ec=PAPER, lw=1.5)
    low, high = axes.get_xlim()
    dots = (end - begin) / (high - low) * 0.956 * WIDTH * DOTS
    fits = dots > 11.0 * len(word)
    bright = sum(int(colour[i : i + 2], 16) for i in (1, 3, 5)) > 500
    if fits:
        axes.text((begin + end) / 2, level + 0.19, word, size=SMALL, ha="center", va="center",
                  color=INK if bright else "white")  # fmt: skip
    else:
        # above the bar: from its beginning, or up to its end where it is hardly wider than a line
        tiny = dots < 15
        axes.text(end if tiny else begin, level + 0.44, word, size=SMALL, va="bottom",
                  ha="right" if tiny else "left", color=INK)  # fmt: skip
    if colour != FAINT and dated and dots > 20:
        axes.text(begin, level - 0.05, _short(begin), size=TINY, color=QUIET, va="top",
                  ha="left" if dots > 60 else "center")  # fmt: skip


def _dust(axes: Any, first: float, last: float) -> None:
    """The seasons of dust that lie in the span, shaded."""
    from anabasis.worlds.calendar import epoch_of_utc, solar_longitude

    days = np.arange(math.floor(first) - 60, math.ceil(last) + 60, 2.0)
    season = np.array([solar_longitude(epoch_of_utc(_utc(day))) for day in days])
    closed = (season >= DUST[0]) & (season <= DUST[1])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], closed.astype(int), [0]])))
    for begin, end in edges.reshape(-1, 2):
        low, high = days[begin], days[min(end, len(days) - 1)]
        axes.axvspan(low, high, color=MARS, alpha=0.07, lw=0)
        if min(high, axes.get_xlim()[1]) - max(low, axes.get_xlim()[0]) < 100:
            continue
        axes.text((low + high) / 2, 2.98, "season of dust", size=TINY, color=MARS, alpha=0.85,
                  ha="center", va="top", clip_on=True)  # fmt: skip


# ---------------------------------------------------------------- dates


def _date(utc: str) -> float:
    """A date as matplotlib counts it: days since 1970."""
    return datetime.datetime.fromisoformat(utc.replace("Z", "+00:00")).timestamp() / DAY


def _utc(day: float) -> str:
    instant = datetime.datetime.fromtimestamp(day * DAY, tz=datetime.UTC)
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(utc: str, month: str = "%B") -> str:
    date = datetime.date.fromisoformat(utc[:10])
    return f"{date.day} {date.strftime(month)} {date.year}"


def _short(day: float) -> str:
    date = datetime.datetime.fromtimestamp(day * DAY, tz=datetime.UTC)
    return f"{date.day} {date:%b}"


def _minute(utc: str) -> str:
    return f"{_day(utc)}, {utc[11:16]} UTC"

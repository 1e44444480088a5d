"""Where the planets and the Sun stand while a run is shown, read from the ephemeris."""

from __future__ import annotations

from typing import Any

import numpy as np

from anabasis.units import DAY
from anabasis.viewer.run import Run
from anabasis.worlds import elements_iau
from anabasis.worlds.ephemeris import Ephemeris, EpochOutOfRange, load_ephemeris
from anabasis.worlds.orientation import EARTH_SPIN, ECLIPJ2000_FROM_J2000, orientation_of

STEP = 2.0 * DAY
"""Between two positions of a planet; the page draws a cubic through them (within 150 km)."""
SUNS = 5
"""Directions of the Sun that go with the track of a phase near a planet."""
RADII_KM = {
    "mars": (3396.19, 3376.20),
    "earth": (6378.137, 6356.752),
    "sun": (695700.0, 695700.0),
}
"""Equatorial and polar radius [km]: IAU 2015 and WGS 84."""


def bodies_of(run: Run) -> dict[str, Any]:
    """Planets about the Sun over the whole march, and the elements that turn Mars."""
    from anabasis.viewer.report import encode

    start, end = _span(run)
    grid = np.arange(start - STEP, end + 2.0 * STEP, STEP)
    ephemeris = load_ephemeris()
    try:
        for edge in (grid[0], grid[-1]):
            ephemeris.check_span(float(edge))
    except EpochOutOfRange:
        first, last = ephemeris.span
        grid = grid[(grid >= first) & (grid <= last)]
    # a flight outside the ephemeris (2011 to 2056) is shown without planets and with a made-up Sun
    paths = {name: _path(ephemeris, name, grid) for name in ("earth", "mars")}
    return {
        "start_s": float(grid[0]) if len(grid) else start,
        "step_s": STEP,
        "count": len(grid),
        "earth_km": encode(paths["earth"], "f8"),
        "mars_km": encode(paths["mars"], "f8"),
        "ecliptic_from_j2000": ECLIPJ2000_FROM_J2000.ravel().tolist(),
        "radii_km": {name: list(radii) for name, radii in RADII_KM.items()},
        "mars_pole_right_ascension_deg": list(elements_iau.MARS_POLE_RIGHT_ASCENSION),
        "mars_pole_declination_deg": list(elements_iau.MARS_POLE_DECLINATION),
        "mars_prime_meridian_deg": list(elements_iau.MARS_PRIME_MERIDIAN),
        "mars_gm_km3_s2": 42828.375,
        "earth_spin_rad_s": EARTH_SPIN,
        "suns": {phase: _suns(run, phase) for phase in run.tracks},
    }


def _path(ephemeris: Ephemeris, name: str, epochs: np.ndarray) -> np.ndarray:
    """Positions about the Sun [n, 3] [km]: each series summed over all epochs at once."""
    total = np.zeros((len(epochs), 3))
    for target, sign in ((name, 1.0), ("sun", -1.0)):
        body = target
        while body != "ssb":
            number, before = next(
                (i, b) for i, (a, b) in enumerate(ephemeris.links) if a == body
            )  # fmt: skip
            series = ephemeris.series[number]
            held = np.asarray(series.coefficients)
            x = (epochs - float(series.start)) / float(series.interval)
            span = np.clip(np.floor(x).astype(int), 0, len(held) - 1)
            u = 2.0 * (x - span) - 1.0
            powers = np.polynomial.chebyshev.chebvander(u, held.shape[2] - 1)
            total += sign * np.einsum("nkd,nd->nk", held[span], powers)
            body = before
    return total


def sites_of(run: Run) -> dict[str, Any]:
    """Places a scene is built around: the lander's, and where the capsule is to come down."""
    phases = run.journey["phases"]
    sites: dict[str, Any] = {}
    for name, phase in (("lander", "landing"), ("impact", "arrival")):
        figures = phases.get(phase, {}).get("figures", {})
        prefix = "impact_" if name == "impact" else ""
        place = (figures.get(f"{prefix}latitude_deg"), figures.get(f"{prefix}longitude_deg"))
        if None not in place:
            sites[name] = list(place)
    ascent = run.tracks.get("ascent")
    if ascent is not None and "latitude_deg" in ascent.columns:
        pad = [float(ascent.columns[f"{k}_deg"][0]) for k in ("latitude", "longitude")]
        sites["pad"] = pad
        sites.setdefault("lander", pad)
    orders = run.scenario.parts
    for name, table in (("site", orders.entry), ("range", orders.arrival)):
        target = None if table is None else table.target
        if target is not None:
            sites[name] = [
                float(np.degrees(float(target.latitude))),
                float(np.degrees(float(target.longitude))),
            ]
    return sites


def _span(run: Run) -> tuple[float, float]:
    instants = [float(t.columns["et_s"][i]) for t in run.tracks.values() for i in (0, -1)]
    instants += [e["et_s"] for e in run.journey["events"] if e["et_s"] is not None]
    if run.journey["home_utc"] and "arrival" in run.tracks:
        # the rover's sols after the samples are home are nobody's concern here
        return min(instants), float(run.tracks["arrival"].columns["et_s"][-1])
    return min(instants), max(instants)


def _suns(run: Run, phase: str) -> Any:
    """Unit vectors from the planet to the Sun in planet-fixed axes, over the track of a phase."""
    track = run.tracks[phase]
    if track.centre not in ("mars", "earth"):
        return None
    epochs = np.linspace(track.columns["et_s"][0], track.columns["et_s"][-1], SUNS)
    orientation = orientation_of(track.centre, None)
    ephemeris = load_ephemeris()
    found = []
    for epoch in epochs:
        try:
            towards = -np.asarray(ephemeris.position(track.centre, np.asarray(float(epoch))))
        except EpochOutOfRange:
            return None
        fixed = np.asarray(orientation.axes(float(epoch))) @ towards
        found.append((fixed / np.linalg.norm(fixed)).tolist())
    return {"start_s": float(epochs[0]), "end_s": float(epochs[-1]), "towards_f": found}

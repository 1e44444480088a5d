"""The ledger: what each tube went through, against what it may, and the verdict.

    custody --> stages (holder, from, to) --> temperature, acceleration, leak, dose --> verdict

Plain data in (what ``journey.json`` holds), plain data out. Every number that is not flown is an
estimate with its source; limits carry theirs. Loads no jax.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from anabasis.units import DAY, SOL, STANDARD_GRAVITY
from anabasis.vehicles import seal
from anabasis.vehicles.soak_back import SoakBack, temperatures
from anabasis.vehicles.tube import Tube, all_tubes
from anabasis.worlds.calendar import epoch_of_utc, solar_longitude, utc_of_epoch
from anabasis.worlds.ground_temperature import (
    STEFAN_BOLTZMANN,
    SUN_AT_SEMI_MAJOR_AXIS,
    dust_of_season,
    sol_of,
    sun_distance_factor,
)

JEZERO = math.radians(18.45)
MARS_GRAVITY = 3.711
"""At the surface [m/s2]."""
DROP_HEIGHT = 0.89
"""From the rover to the ground at Three Forks [m] (press, after NASA)."""
STOPS = {"drop": 0.005, "toss": 1.0, "impact": 0.15}
"""Over which length each stop or push acts [m]: soil and tube; the toss; crush and soil (all
`assumed`)."""
PEAK_OVER_MEAN = 1.5
"""Peak over mean of an impact's deceleration (`assumed`)."""
TOSS_SPEED = 5.0
"""With which the rocket is thrown upward [m/s] (recalled)."""
CAPTURE_G, LOADING_G = 1.0, 5.0
"""Peak accelerations when the container is caught and when the arm loads [g] (`assumed`)."""
ROVER_WARMTH = 20.0
"""By which the rover's inside is warmer than the air [K] (`assumed`)."""
KEPT = (253.0, 293.0)
"""What orbiter and capsule keep in flight [K] (`assumed`)."""
ABSORPTION_OVER_EMISSION, PLANET_VIEW, PLANET_GLOW, PLANET_ALBEDO = 0.5, 0.29, 110.0, 0.25
"""Of the container alone in orbit: its surface, how much of its sky is Mars, what Mars radiates
[W/m2] and reflects (`assumed`)."""
UTAH_AIR, RECOVERY = 305.0, 4.0 * 3600.0
"""Air of a July day in Utah [K] and time until the capsule is cooled [s] (`assumed`)."""
CAPSULE_AREA = 1.227
"""Of the return capsule [m2] (diameter 1.25 m)."""
DOSE = {"surface": 0.21e-3, "orbit": 0.35e-3, "cruise": 0.48e-3}
"""Galactic cosmic rays [Gy/day]: on the ground 0.21 and in cruise 0.48 mGy a day (RAD on Curiosity,
recalled); in low orbit between the two (`assumed`). Solar events are left out."""

Times = Float[np.ndarray, " n"]


@dataclasses.dataclass(frozen=True)
class Bar:
    """One limit: what must not be exceeded, and where that comes from."""

    name: str
    limit: float
    unit: str
    source: str
    confidence: str


RETURN_HEAT = Bar(
    "temperature in the return chain", 303.15, "K", "NASA20: samples stay below 30 C", "published"
)
MARS_HEAT = Bar("temperature on Mars", 333.15, "K", "below 60 C on Mars, recalled", "assumed")
SHOCK = Bar("peak acceleration", 1300.0, "g", "class of the capsule's landing load", "assumed")
FRIABLE_SHOCK = Bar(
    "peak acceleration of a friable core", 300.0, "g", "it is in pieces already", "assumed"
)
LEAK = Bar("share of the headspace that leaked", 0.01, "", "engineering default", "assumed")


SEASON_STEP = 30
"""Degrees of solar longitude between two sols of the year whose warmth is worked out."""
LOOK_EVERY = 10
"""Sols between two looks at the season of a stage."""


@functools.cache
def _seasons() -> tuple[tuple[float, float, float, float], ...]:
    """Ground and air at Jezero, least and greatest [K], of sols through a year without storms."""
    found = []
    for degree in range(0, 360, SEASON_STEP):
        season = math.radians(degree)
        ground, air = sol_of(JEZERO, season, dust_of_season(season))
        found.append((ground.min(), ground.max(), air.min(), air.max()))
    return tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in found)


def _swing(holder: str, season: float) -> tuple[float, float]:
    """Least and greatest temperature [K] on Mars with a holder through a sol of a season [rad]."""
    degrees = np.arange(0, 360 + SEASON_STEP, SEASON_STEP)
    rows = _seasons()
    at = math.degrees(season) % 360.0
    ground_low, ground_high, air_low, air_high = (
        float(np.interp(at, degrees, [row[k] for row in rows] + [rows[0][k]])) for k in range(4)
    )
    if holder == "ground":
        return ground_low, ground_high
    if holder == "ascender":
        return air_low, ground_high
    return air_low, max(air_high + ROVER_WARMTH, ground_high)


ON_MARS = {
    "ground": "sol model of the ground at the seasons it lay there",
    "rover": "sol model of air and ground at its seasons, 20 K more",
    "helicopters": "sol model of air and ground at its seasons, 20 K more",
    "fetch rover": "sol model of air and ground at its seasons, 20 K more",
    "ascender": "sol model of air and ground at its seasons, igloo left out",
}
"""Holder on Mars -> what says how warm it keeps a tube."""


@functools.lru_cache(maxsize=512)
def _on_mars(holder: str, start: float, stop: float) -> tuple[float, float]:
    """Least and greatest temperature [K] on Mars with a holder between two epochs [s]."""
    sols = max(math.ceil((stop - start) / SOL), 0)
    looks = [min(k * LOOK_EVERY, sols) for k in range(min(sols, 670) // LOOK_EVERY + 2)]
    swings = [_swing(holder, solar_longitude(start + look * SOL)) for look in looks]
    return min(low for low, _ in swings), max(high for _, high in swings)


def free_in_orbit(sunlit: bool) -> float:
    """Equilibrium of the container alone in low orbit [K], in sunlight at perihelion or dark."""
    sun = SUN_AT_SEMI_MAJOR_AXIS * sun_distance_factor(math.radians(251.0)) if sunlit else 0.0
    taken = ABSORPTION_OVER_EMISSION * sun * (0.25 + PLANET_ALBEDO * PLANET_VIEW)
    return ((taken + PLANET_GLOW * PLANET_VIEW) / STEFAN_BOLTZMANN) ** 0.25


def _temperature(
    holder: str, figures: Mapping[str, Any], start: float, stop: float
) -> tuple[float, float, str]:
    """Least and greatest temperature [K] with a holder between two epochs, and what says so."""
    if holder in ON_MARS:
        return *_on_mars(holder, start, stop), ON_MARS[holder]
    if holder == "container":
        return free_in_orbit(False), free_in_orbit(True), "balance of a sphere in low orbit"
    if holder == "orbiter":
        return *KEPT, "kept by the orbiter"
    _, payload = soak_back(figures)
    if holder == "capsule":
        return KEPT[0], max(KEPT[1] - 20.0, payload), "cold cruise, then two lumps after entry"
    return min(payload, UTAH_AIR) - 20.0, payload, "two lumps until it is cooled"


HISTORY_STEP = 30.0 * DAY
"""Between two entries of a tube's temperature history, where nothing is fast."""
AFTER_ENTRY = 0.5 * 3600.0
"""Between two entries after the entry [s]."""


def history(
    stages: Sequence[Mapping[str, Any]], journey: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The temperature history of one tube, from drill hole to Utah.

    Every month the least and greatest temperature of a sol (on Mars) or of the stretch (in space);
    after the entry, every half hour, what the heat of the structure makes of it.

    Args:
        stages: of the tube's entry in `ledger`.
        journey: what ``journey.json`` holds.

    Returns:
        Entries ``utc, holder, low_K, high_K`` in order.
    """
    figures = {name: phase["figures"] for name, phase in journey["phases"].items()}
    found: list[dict[str, Any]] = []
    for stage in stages:
        holder = stage["holder"]
        if holder == "laboratory":
            times = np.arange(0.0, RECOVERY + 1.0, AFTER_ENTRY)
            landed = epoch_of_utc(stage["from_utc"])
            for after, kelvin in zip(times, _soaking(figures, times)[1], strict=True):
                found.append(_moment(landed + float(after), holder, float(kelvin), float(kelvin)))
            continue
        start, stop = epoch_of_utc(stage["from_utc"]), epoch_of_utc(stage["to_utc"])
        for k in range(max(1, math.ceil((stop - start) / HISTORY_STEP))):
            now = start + k * HISTORY_STEP
            low, high = stage["temperature_minimum_K"], stage["temperature_maximum_K"]
            if holder in ON_MARS:
                low, high = _swing(holder, solar_longitude(now))
            elif holder == "capsule":
                low = high = KEPT[1] - 20.0
            found.append(_moment(now, holder, low, high))
    return found


def _moment(epoch: float, holder: str, low: float, high: float) -> dict[str, Any]:
    return {"utc": utc_of_epoch(epoch), "holder": holder, "low_K": low, "high_K": high}


def soak_back(figures: Mapping[str, Any]) -> tuple[float, float]:
    """Greatest temperature of structure and of tubes until the capsule is cooled [K]."""
    structure, payload = _soaking(figures, np.linspace(0.0, RECOVERY, 97))
    return float(structure.max()), float(payload.max())


def _soaking(figures: Mapping[str, Any], times: Times) -> tuple[Times, Times]:
    """Structure and tubes [K] at times after the entry [s]."""
    load = float(figures.get("arrival", {}).get("heat_load_J_cm2") or 0.0) * 1e4
    return temperatures(SoakBack(), load, CAPSULE_AREA, KEPT[1] - 20.0, UTAH_AIR, times)


@functools.cache
def soak_back_by_load() -> tuple[Times, Times]:
    """The tubes at equal times after entry [K] without a heat load, and per load [K m2/J].

    The two lumps are linear, so any load is the first and so many times the second.
    """
    times = np.linspace(0.0, RECOVERY, 97)
    cold, hot = (
        temperatures(SoakBack(), load, CAPSULE_AREA, KEPT[1] - 20.0, UTAH_AIR, times)[1]
        for load in (0.0, 1e8)
    )
    return cold, (hot - cold) / 1e8


def time_until_too_warm(figures: Mapping[str, Any]) -> float | None:
    """How long the capsule may lie in Utah before its tubes pass 30 C [s]; None within ten days."""
    times = np.arange(0.0, 10.0 * DAY, 600.0)
    _, payload = _soaking(figures, times)
    over = payload > RETURN_HEAT.limit
    return float(times[int(np.argmax(over))]) if over.any() else None


def _mean_g(speed: float, length: float) -> float:
    return speed**2 / (2.0 * length) / STANDARD_GRAVITY


def _shocks(holder: str, figures: Mapping[str, Any]) -> list[tuple[str, float, str]]:
    """What shakes a tube when it comes to a holder: name, peak [g], what says so."""
    if holder == "ground":
        speed = math.sqrt(2.0 * MARS_GRAVITY * DROP_HEIGHT)
        peak = PEAK_OVER_MEAN * _mean_g(speed, STOPS["drop"])
        return [("drop of 0.89 m", peak, "stopped over 5 mm, assumed")]
    if holder == "ascender":
        return [("loading", LOADING_G, "assumed")]
    if holder == "container":
        ascent = figures.get("ascent", {})
        toss = _mean_g(TOSS_SPEED, STOPS["toss"])
        return [
            ("toss", toss, "5 m/s over 1 m, assumed"),
            ("ascent", float(ascent.get("peak_acceleration_g") or 0.0), "flown"),
        ]
    if holder == "orbiter":
        return [("capture", CAPTURE_G, "assumed")]
    if holder == "laboratory":
        arrival = figures.get("arrival", {})
        speed = float(arrival.get("impact_speed_m_s") or 0.0)
        peak = PEAK_OVER_MEAN * _mean_g(speed, STOPS["impact"])
        return [
            ("entry", float(arrival.get("peak_deceleration_g") or 0.0), "flown"),
            ("impact", peak, f"{speed:.0f} m/s over 15 cm, assumed"),
        ]
    return []


def _dose_rate(holder: str) -> float:
    if holder in ("container", "orbiter"):
        return DOSE["orbit"]
    return DOSE["cruise"] if holder == "capsule" else DOSE["surface"]


HOLDERS = (*ON_MARS, "container", "orbiter", "capsule", "laboratory")
"""Everybody who may hold a tube."""


def with_exposures(journey: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The tubes of a flown march, each with what it went through and the verdict.

    Args:
        journey: what ``journey.json`` holds.

    Returns:
        The entries of its ``tubes``, each holding with temperatures, peak acceleration and dose,
        each tube with its verdict; nothing that was there is changed.
    """
    books = {entry["id"]: entry for entry in ledger(journey)}
    found = []
    for tube in journey["tubes"]:
        entry = books.get(tube["id"])
        if entry is None:
            found.append(dict(tube))
            continue
        chain = [
            {
                **holding,
                "temperature_minimum_K": stage["temperature_minimum_K"],
                "temperature_maximum_K": stage["temperature_maximum_K"],
                "peak_acceleration_g": max((s["peak_g"] for s in stage["shocks"]), default=None),
                "dose_Gy": stage["dose_Gy"],
            }
            for holding, stage in zip(tube["custody"], entry["stages"], strict=True)
        ]
        told = {name: entry[name] for name in TOLD}
        found.append({**tube, "custody": chain, **told})
    return tuple(found)


TOLD = (
    "verdict",
    "why",
    "peak_acceleration_g",
    "temperature_maximum_K",
    "return_temperature_maximum_K",
    "leaked_share",
    "dose_Gy",
)
"""What ``journey.json`` says of each tube, out of its entry in the ledger."""


def ledger(journey: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Stages, exposures, limits and verdict of every tube of a flown march.

    Args:
        journey: what ``journey.json`` holds.

    Returns:
        One mapping per tube, in the order of the table, names with units.
    """
    figures = {name: phase["figures"] for name, phase in journey["phases"].items()}
    known = {tube.id: tube for tube in all_tubes()}
    last = journey.get("home_utc") or max(
        (str(event["utc"]) for event in journey["events"]), default=""
    )
    left = next((e["utc"] for e in journey["events"] if e["name"] == "mars_departure"), None)
    shocks = {holder: _shocks(holder, figures) for holder in HOLDERS}
    return [
        _one(known[entry["id"]], entry, last, left, journey, figures, shocks)
        for entry in journey["tubes"]
        if entry["id"] in known
    ]


def _one(
    tube: Tube,
    entry: Mapping[str, Any],
    last: str,
    left: str | None,
    journey: Mapping[str, Any],
    figures: Mapping[str, Any],
    shocks: Mapping[str, list[tuple[str, float, str]]],
) -> dict[str, Any]:
    stages: list[dict[str, Any]] = []
    chain = entry["custody"]
    dose = leak = 0.0
    for at, holding in enumerate(chain):
        end = chain[at + 1]["from_utc"] if at + 1 < len(chain) else max(last, holding["from_utc"])
        start, stop = epoch_of_utc(holding["from_utc"]), epoch_of_utc(end)
        holder = holding["holder"]
        low, high, basis = _temperature(holder, figures, start, max(start, stop))
        duration = max(stop - start, 0.0)
        cruise = 0.0
        if holder == "orbiter" and left is not None:
            cruise = min(max(stop - epoch_of_utc(left), 0.0), duration)
        gray = _dose_rate(holder) * (duration - cruise) / DAY + DOSE["cruise"] * cruise / DAY
        if tube.closure == "sealed":
            leak += seal.leaked(seal.leak_rate(0.5 * (low + high)), duration)
        dose += gray
        stages.append(
            {
                "holder": holder,
                "place": holding["place"],
                "from_utc": holding["from_utc"],
                "to_utc": end,
                "duration_day": duration / DAY,
                "temperature_minimum_K": low,
                "temperature_maximum_K": high,
                "temperature_basis": basis,
                "shocks": [
                    {"name": name, "peak_g": peak, "basis": why}
                    for name, peak, why in shocks[holder]
                ],
                "dose_Gy": gray,
            }
        )
    inside = seal.gas_inside(
        seal.headspace(None if tube.length_cm is None else tube.length_cm / 100)
    )
    peak = max((s["peak_g"] for stage in stages for s in stage["shocks"]), default=0.0)
    share = leak / inside if tube.closure == "sealed" and stages else None
    friable = tube.is_friable
    checks = _checks(stages, peak, share, friable)
    verdict, why = _verdict(tube, entry, checks, journey)
    return {
        "id": tube.id,
        "name": tube.name,
        "state": entry["state"],
        "place": entry["place"],
        "verdict": verdict,
        "why": why,
        "stages": stages,
        "peak_acceleration_g": peak,
        "temperature_maximum_K": max((s["temperature_maximum_K"] for s in stages), default=None),
        "return_temperature_maximum_K": max(
            (s["temperature_maximum_K"] for s in stages if s["holder"] in RETURN_CHAIN),
            default=None,
        ),
        "dose_Gy": dose,
        "leaked_scc": leak if share is not None else None,
        "headspace_scc": inside if stages else None,
        "leaked_share": share,
        "friable": friable,
        "limits": checks,
    }


RETURN_CHAIN = ("container", "orbiter", "capsule", "laboratory")
"""The holders that must keep the tubes below 30 C."""


def _checks(
    stages: list[dict[str, Any]], peak: float, share: float | None, friable: bool
) -> list[dict[str, Any]]:
    def warmest(back: bool) -> float | None:
        return max(
            (
                stage["temperature_maximum_K"]
                for stage in stages
                if (stage["holder"] in RETURN_CHAIN) == back
            ),
            default=None,
        )

    found = []
    for bar, value in (
        (MARS_HEAT, warmest(False)),
        (RETURN_HEAT, warmest(True)),
        (FRIABLE_SHOCK if friable else SHOCK, peak if stages else None),
        (LEAK, share),
    ):
        if value is not None:
            found.append(
                {
                    "name": bar.name,
                    "value": value,
                    "limit": bar.limit,
                    "unit": bar.unit,
                    "met": value <= bar.limit,
                    "source": bar.source,
                    "confidence": bar.confidence,
                }
            )
    return found


def _verdict(
    tube: Tube,
    entry: Mapping[str, Any],
    checks: list[dict[str, Any]],
    journey: Mapping[str, Any],
) -> tuple[str, list[str]]:
    """``pristine``, ``degraded`` or ``lost``, with the reasons; what stayed is told as such."""
    if entry["state"] == "lost":
        why = journey.get("outcome") or "the march ends there"
        return "lost", [f"{entry['place']}: {why}"]
    if entry["state"] == "empty":
        return "empty", []
    why = [
        f"{check['name']} {check['value']:.4g} {check['unit']} over {check['limit']:.4g}".strip()
        for check in checks
        if not check["met"]
    ]
    if tube.closure == "open" and entry["state"] == "delivered":
        why.append("not sealed: water and gas are free to leave")
    return ("degraded" if why else "pristine"), why

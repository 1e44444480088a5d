"""anabasis flies Mars Sample Return from end to end.

    import anabasis
    journey = anabasis.fly("february-2022")
    journey.home_utc

Everything public is listed in ``__all__`` and loads on first use: importing the package costs
nothing. Numbers are 64-bit everywhere; the switch is set here, once, before jax can load.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Any

if os.environ.get("JAX_ENABLE_X64", "1").lower() in ("0", "false", "off", "no", "f", "n"):
    warnings.warn("anabasis needs 64-bit numbers: JAX_ENABLE_X64 is overruled", stacklevel=2)
os.environ["JAX_ENABLE_X64"] = "1"
# A numerical failure is an outcome, never an exception from inside a compiled program; without the
# callbacks that would raise it, a traced program can also be kept (`mechanics.compiled`).
os.environ.setdefault("EQX_ON_ERROR", "nan")
if "jax" in sys.modules:
    sys.modules["jax"].config.update("jax_enable_x64", True)

if TYPE_CHECKING:
    from anabasis.api import (
        disperse,
        epoch,
        fly,
        gradient,
        mars_time,
        open_ensemble,
        position,
        scenarios,
        schema,
        sensitivity,
        tubes,
        utc,
    )
    from anabasis.campaign.bad_input import BadInput
    from anabasis.campaign.journey import Journey
    from anabasis.campaign.scenario import Scenario, load

__version__ = "0.1.0"

_HOME = {
    "BadInput": "anabasis.campaign.bad_input",
    "Journey": "anabasis.campaign.journey",
    "Scenario": "anabasis.campaign.scenario",
    "disperse": "anabasis.api",
    "epoch": "anabasis.api",
    "fly": "anabasis.api",
    "gradient": "anabasis.api",
    "load": "anabasis.campaign.scenario",
    "mars_time": "anabasis.api",
    "open_ensemble": "anabasis.api",
    "position": "anabasis.api",
    "scenarios": "anabasis.api",
    "schema": "anabasis.api",
    "sensitivity": "anabasis.api",
    "tubes": "anabasis.api",
    "utc": "anabasis.api",
}

__all__ = [
    "BadInput",
    "Journey",
    "Scenario",
    "disperse",
    "epoch",
    "fly",
    "gradient",
    "load",
    "mars_time",
    "open_ensemble",
    "position",
    "scenarios",
    "schema",
    "sensitivity",
    "tubes",
    "utc",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'anabasis' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])

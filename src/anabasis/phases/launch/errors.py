"""What nobody planned: tip-offs, errors of what the lander tells, winds and gusts."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics import dice
from anabasis.mechanics.arrays import Scalar, Series
from anabasis.units import quantity

GUST_CELLS, GUST_STEP, GUST_BOTTOM = 84, 1000.0, -5000.0
"""Cells of the gusts over height, their size and the lowest height [m]."""


def _off(unit: str, meaning: str, bound: float) -> Any:
    return quantity(
        unit,
        meaning,
        minimum=-bound,
        maximum=bound,
        default=0.0,
        source="as planned",
        confidence="derived",
    )


class Errors(eqx.Module):
    """What happens that nobody planned, and what the lander tells the rocket wrongly.

    Attributes:
        pitch_rate: at which the toss throws the nose up [rad/s]; planned, with all its source.
        tip_off_x, _y, _z: rates the toss gives beyond that [rad/s].
        azimuth_error, tilt_error_x, tilt_error_y: of the attitude handed over, about up, east
            and north [rad].
        position_error_x, _y, _z: of the place handed over, east, north, up [m].
        clock_error: by how much the second ignition comes late [s].
        separation_impulse: of the springs between the stages [N s].
        separation_tip_off_y, _z: rates the separation gives [rad/s].
        spin_tip_off_y, _z: rates the spin-up gives [rad/s].
        wind_east, wind_north: on top of the planet's own [m/s].
        gust: spread of the gusts over height [m/s].
        gust_dice: names the gusts; 0 is an air without any.
    """

    pitch_rate: Scalar = quantity(
        "deg_s",
        "rate at which the toss throws the nose up",
        minimum=-1000.0,
        maximum=1000.0,
        default=40.0,
        source="engineering default (docs/ascent.md): nose thrown harder than tail (recalled)",
        confidence="assumed",
    )
    separation_impulse: Scalar = quantity(
        "N_s",
        "impulse of the springs between the stages",
        minimum=0.0,
        maximum=1e4,
        default=20.0,
        source="engineering default (docs/ascent.md)",
        confidence="assumed",
    )
    tip_off_x: Scalar = _off("deg_s", "rate about x given by the toss", 1000.0)
    tip_off_y: Scalar = _off("deg_s", "rate about y given by the toss beyond the planned", 1000.0)
    tip_off_z: Scalar = _off("deg_s", "rate about z given by the toss", 1000.0)
    azimuth_error: Scalar = _off("deg", "error of the azimuth handed over", 180.0)
    tilt_error_x: Scalar = _off("deg", "error of the attitude handed over, about east", 180.0)
    tilt_error_y: Scalar = _off("deg", "error of the attitude handed over, about north", 180.0)
    position_error_x: Scalar = _off("m", "error of the place handed over, east", 1e6)
    position_error_y: Scalar = _off("m", "error of the place handed over, north", 1e6)
    position_error_z: Scalar = _off("m", "error of the place handed over, up", 1e6)
    clock_error: Scalar = _off("s", "by how much the second ignition comes late", 100.0)
    separation_tip_off_y: Scalar = _off("deg_s", "rate about y given by the separation", 1000.0)
    separation_tip_off_z: Scalar = _off("deg_s", "rate about z given by the separation", 1000.0)
    spin_tip_off_y: Scalar = _off("deg_s", "rate about y given by the spin-up", 1000.0)
    spin_tip_off_z: Scalar = _off("deg_s", "rate about z given by the spin-up", 1000.0)
    wind_east: Scalar = _off("m_s", "wind towards east on top of the planet's own", 500.0)
    wind_north: Scalar = _off("m_s", "wind towards north on top of the planet's own", 500.0)
    gust: Scalar = _off("m_s", "spread of the gusts over height", 500.0)
    gust_dice: Scalar = quantity(
        "",
        "names the gusts: another number, other gusts; 0, none",
        minimum=0.0,
        maximum=9e15,
        default=0.0,
        source="engineering default (docs/ascent.md)",
        confidence="assumed",
    )


def gusts_of(errors: Errors) -> tuple[Series, Series]:
    """Gusts over height, east and north: noise on a grid of 1 km that fades over 4 km."""
    spread = jnp.where(errors.gust_dice > 0.0, errors.gust, 0.0)
    counts = jnp.arange(float(GUST_CELLS + 1))
    kept = float(np.exp(-GUST_STEP / 4000.0))
    fresh = float(np.sqrt(1.0 - kept * kept))

    def one(name: str) -> Any:
        key = dice.key_of(errors.gust_dice, name)
        raw = jax.vmap(lambda k: dice.noise(key, k))(counts)

        def next_up(below: Any, new: Any) -> tuple[Any, Any]:
            here = kept * below + fresh * new
            return here, here

        _, rows = jax.lax.scan(next_up, raw[0], raw)
        return spread * rows

    return one("gust e"), one("gust n")


def blown(errors: Errors, gusts: tuple[Series, Series] | None) -> Any:
    """The wind on top of the planet's own, east and north, over the height [m/s].

    Args:
        errors: its mean.
        gusts: from `gusts_of`; None where none are left.
    """

    def at(height: Any) -> tuple[Any, Any]:
        if gusts is None:
            return errors.wind_east, errors.wind_north
        x = jnp.clip((height - GUST_BOTTOM) * (1.0 / GUST_STEP), 0.0, GUST_CELLS - 1e-6)
        i = x.astype(jnp.int32)
        f = x - i.astype(x.dtype)
        east, north = (table[i] + f * (table[i + 1] - table[i]) for table in gusts)
        return errors.wind_east + east, errors.wind_north + north

    return at

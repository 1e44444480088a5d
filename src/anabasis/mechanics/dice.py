"""Noise that costs little and is the same wherever it is drawn: a number hashed with a count.

A pseudo-random word is a pure function of a key and a counter (splitmix64, Steele, Lea and Flood
2014); its four quarters, added, are nearly normal. So no state travels through a loop, and tick 17
of a flight has its noise whether or not the others were flown.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_QUARTER = np.uint64(0xFFFF)
_BYTES = np.uint64(0x00FF00FF00FF00FF)
_FIELD = np.uint64(0xFFFF)
_SPREAD_OF_BYTES = 1.0 / ((65536.0 - 1.0) / 3.0) ** 0.5
_SPREAD = 1.0 / (65536.0 * (1.0 / 3.0) ** 0.5)
"""Four uniform quarters have a variance of 4 * 65536^2 / 12."""


def key_of(dice: Any, name: str) -> Any:
    """The key of one stream: a number (whole, below 2^53) and the name of what is drawn."""
    word = np.uint64(int.from_bytes(name.encode()[:8].ljust(8, b"\0"), "little"))
    return _mixed(jnp.asarray(dice).astype(jnp.uint64) ^ word)


def _mixed(word: Any) -> Any:
    word = (word ^ (word >> np.uint64(30))) * _FIRST
    word = (word ^ (word >> np.uint64(27))) * _SECOND
    return word ^ (word >> np.uint64(31))


def noise(key: Any, count: Any) -> Any:
    """A draw of mean nought and spread one, nearly normal (it ends at 3.46 spreads).

    Args:
        key: of the stream.
        count: of the draw, a whole number in a float.
    """
    word = _mixed(key + _GOLDEN * (count.astype(jnp.uint64) + np.uint64(1)))
    total = (
        (word & _QUARTER)
        + ((word >> np.uint64(16)) & _QUARTER)
        + ((word >> np.uint64(32)) & _QUARTER)
        + (word >> np.uint64(48))
    )
    # whole numbers below 2^18: through 32 bits, which processors turn into floats quickly
    return (total.astype(jnp.int32).astype(float) - 131070.0) * _SPREAD


def chance(key: Any, count: Any) -> Any:
    """A draw between nought and one, every value as likely.

    Args:
        key: of the stream.
        count: of the draw, a whole number in a float.
    """
    word = _mixed(key + _GOLDEN * (count.astype(jnp.uint64) + np.uint64(1)))
    return (word >> np.uint64(11)).astype(float) * 2.0**-53


def noise_pair(key: Any, count: Any) -> tuple[Any, Any]:
    """Two draws from one word: as `noise`, each from four bytes, so in steps of 1/148 of a spread.

    Half the cost, for what is rounded to coarser steps anyway.
    """
    word = _mixed(key + _GOLDEN * (count.astype(jnp.uint64) + np.uint64(1)))
    # byte by byte, all eight at once: neighbours are added, then pairs of them
    twos = (word & _BYTES) + ((word >> np.uint64(8)) & _BYTES)
    fours = twos + (twos >> np.uint64(16))
    halves = (fours & _FIELD, (fours >> np.uint64(32)) & _FIELD)
    first, second = ((half.astype(jnp.int32).astype(float) - 510.0) for half in halves)
    return first * _SPREAD_OF_BYTES, second * _SPREAD_OF_BYTES

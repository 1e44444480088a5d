"""One polynomial of an ephemeris: value and derivative by Clenshaw's recurrence.

Plain arithmetic, for numpy and for jax alike, so that the calendar can ask where the Sun stands
without loading jax.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def chebyshev(record: Any, x: Any) -> tuple[Any, Any]:
    """Value and derivative with respect to ``x`` of sum_k c_k T_k(x), for each axis.

    Args:
        record: c_k by axis and degree [3, degrees].
        x: in [-1, 1].
    """
    value = before = slope = slope_before = 0.0 * record[:, 0]
    for k in range(record.shape[1] - 1, 0, -1):
        slope, slope_before = 2.0 * (value + x * slope) - slope_before, slope
        value, before = record[:, k] + 2.0 * x * value - before, value
    return record[:, 0] + x * value - before, value + x * slope - slope_before


def series(
    coefficients: Any, start: Any, interval: Any, epoch: Any, xp: Any = np
) -> tuple[Any, Any]:
    """Value and rate of a series of such polynomials over equal spans of time.

    Args:
        coefficients: by span, axis and degree [spans, 3, degrees].
        start: epoch at which the first span begins.
        interval: length of a span.
        epoch: when; outside all spans the nearest polynomial is continued.
        xp: numpy or jax.numpy.
    """
    since = epoch - start
    span = xp.clip(xp.floor(since / interval), 0.0, coefficients.shape[0] - 1.0)
    record = coefficients[span.astype(np.int32)]
    value, slope = chebyshev(record, 2.0 * (since - span * interval) / interval - 1.0)
    return value, slope * (2.0 / interval)

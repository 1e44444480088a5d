"""The landing ellipse of an ensemble: axes by covariance, and by rank what holds 99 of 100.

north
  |      ___----.
  |   ,-'   .    )     axes: of the covariance of the places; the 99 % ellipse has the same
  |  (___----''''      shape, blown up until so many of the places lie inside
  +------------- east
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

RADIUS = 3389.5
"""Mean radius of Mars, on which offsets are told [km]."""


@dataclasses.dataclass(frozen=True)
class Ellipse:
    """Where an ensemble came down about its target.

    Attributes:
        count: places.
        centre_east, centre_north: mean place, from the target [km].
        major_sigma, minor_sigma: half axes at one sigma [km].
        azimuth: of the long axis, clockwise from north, 0 to 180 [deg].
        factor: half axes of the ellipse that holds ``share``, over those of one sigma.
        factor_low, factor_high: its confidence bounds, 90 %, by order statistics.
        share: held by it.
        miss: distance to the target, at the 50th and 99th of 100 [km].
    """

    count: int
    centre_east: float
    centre_north: float
    major_sigma: float
    minor_sigma: float
    azimuth: float
    factor: float
    factor_low: float
    factor_high: float
    share: float
    miss: tuple[float, float]

    def axes(self, sigmas: float | None = None) -> tuple[float, float]:
        """Full axes, long and short [km]: of so many sigmas, or of the ranked ellipse."""
        factor = self.factor if sigmas is None else sigmas
        return 2.0 * factor * self.major_sigma, 2.0 * factor * self.minor_sigma


def ellipse_of(east: np.ndarray, north: np.ndarray, share: float = 0.99) -> Ellipse:
    """The ellipse of some places.

    Args:
        east, north: of the target [km].
        share: that the ranked ellipse holds.

    Raises:
        ValueError: with fewer than three places, or all in one spot.
    """
    places = np.stack([np.asarray(east, float), np.asarray(north, float)], axis=1)
    places = places[np.all(np.isfinite(places), axis=1)]
    count = len(places)
    if count < 3:
        raise ValueError("an ellipse needs at least three places")
    centre = places.mean(axis=0)
    off = places - centre
    covariance = off.T @ off / (count - 1)
    values, vectors = np.linalg.eigh(covariance)
    if values[0] <= 0.0:
        raise ValueError("the places lie on one line, or in one spot")
    major, minor = math.sqrt(values[1]), math.sqrt(values[0])
    along = vectors[:, 1]
    azimuth = math.degrees(math.atan2(along[0], along[1])) % 180.0
    reach = np.sort(np.sqrt(np.sum((off @ vectors / np.sqrt(values)) ** 2, axis=1)))
    rank = max(1, math.ceil(share * count))
    # ranks between which the true quantile lies with 90 %, normal approximation to the binomial
    spread = 1.645 * math.sqrt(count * share * (1.0 - share))
    low = max(1, math.floor(share * count - spread))
    high = min(count, math.ceil(share * count + spread))
    miss = np.sqrt(np.sum(places**2, axis=1))
    return Ellipse(
        count,
        float(centre[0]),
        float(centre[1]),
        major,
        minor,
        azimuth,
        float(reach[rank - 1]),
        float(reach[low - 1]),
        float(reach[high - 1]),
        share,
        (float(np.quantile(miss, 0.5)), float(np.quantile(miss, 0.99))),
    )


def offsets(
    latitude: np.ndarray, longitude: np.ndarray, target_latitude: float, target_longitude: float
) -> tuple[np.ndarray, np.ndarray]:
    """East and north of a target [km]; all angles in degrees, planetocentric."""
    north = np.radians(np.asarray(latitude) - target_latitude) * RADIUS
    turn = (np.asarray(longitude) - target_longitude + 180.0) % 360.0 - 180.0
    east = np.radians(turn) * RADIUS * math.cos(math.radians(target_latitude))
    return east, north


def inside(ellipse: Ellipse, east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Whether each place lies inside the ranked ellipse."""
    angle = math.radians(ellipse.azimuth)
    x, y = np.asarray(east) - ellipse.centre_east, np.asarray(north) - ellipse.centre_north
    along = x * math.sin(angle) + y * math.cos(angle)
    across = x * math.cos(angle) - y * math.sin(angle)
    long, short = ellipse.axes()
    return (2.0 * along / long) ** 2 + (2.0 * across / short) ** 2 <= 1.0 + 1e-12

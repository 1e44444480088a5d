"""Where the planets are: Chebyshev series of JPL's DE440, bit for bit, between 2011 and 2056.

      ssb --+-- sun
            +-- venus
            +-- earth-moon --+-- earth
            |                +-- moon
            +-- mars
            +-- jupiter

Each line is one series: the position of a body from another, as polynomials over equal spans of
time. A state about some centre is the sum along the path between the two. ``mars``, ``venus`` and
``jupiter`` are the barycentres of their systems (Mars itself is less than 0.21 m away).

Made by ``builders/build_ephemeris.py``. Source: Park, Folkner, Williams and Boggs, The JPL
Planetary and Lunar Ephemerides DE440 and DE441, Astronomical Journal 161 (2021) 105.
"""

from __future__ import annotations

import functools
import os

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Scalar, Vector
from anabasis.worlds import tables
from anabasis.worlds.calendar import utc_of_epoch
from anabasis.worlds.chebyshev import series

GM = {
    "sun": 1.3271244004127942e20,
    "venus": 3.2485859200000000e14,
    "earth": 3.9860043550702266e14,
    "moon": 4.9028001184575496e12,
    "earth-moon": 4.0350323562548019e14,
    "mars": 4.2828375815756102e13,
    "jupiter": 1.2671276409999998e17,
}
"""Gravitational parameters that DE440 was integrated with [m^3/s^2]; systems for barycentres."""

_NAMES = {0: "ssb", 10: "sun", 2: "venus", 3: "earth-moon", 399: "earth", 301: "moon", 4: "mars"}
_NAMES |= {5: "jupiter"}
_FILE = "de440_2011_2056.npz"


class EpochOutOfRange(ValueError):
    """An epoch outside the span of the ephemeris."""


class Series(eqx.Module):
    """The position of one body from another as Chebyshev series over equal spans of time.

    Attributes:
        start: epoch at which the first span begins [s].
        interval: length of a span [s].
        coefficients: per span, axis and degree [km], as JPL gives them.
    """

    start: Scalar
    interval: Scalar
    coefficients: Float[Array, "spans 3 degrees"]

    @property
    def end(self) -> float:
        """Epoch at which the last span ends [s]."""
        return float(self.start) + float(self.interval) * self.coefficients.shape[0]

    def __call__(self, epoch: Scalar) -> tuple[Vector, Vector]:
        """Position [m] and velocity [m/s], the velocity being the exact derivative.

        Outside the span the nearest polynomial is continued, which is soon nonsense; compiled
        code cannot complain, so whoever starts it asks `check_span` first.
        """
        if _is_number(epoch, self.coefficients):  # plain numpy answers at once, uncompiled
            held, epoch, xp = np.asarray(self.coefficients), np.asarray(epoch), np
        else:
            held, epoch, xp = jnp.asarray(self.coefficients), jnp.asarray(epoch), jnp
        value, rate = series(held, self.start, self.interval, epoch, xp)
        return 1e3 * value, 1e3 * rate


def _is_number(*values: object) -> bool:
    return not any(isinstance(value, Tracer) for value in values)


class Ephemeris(eqx.Module):
    """A tree of bodies and the series that join them.

    Attributes:
        links: (body, the body it is told from) for each series.
        series: in the same order.
    """

    links: tuple[tuple[str, str], ...] = eqx.field(static=True)
    series: tuple[Series, ...]

    @property
    def bodies(self) -> tuple[str, ...]:
        """The names that `state` knows."""
        return tuple(sorted({name for link in self.links for name in link}))

    @property
    def span(self) -> tuple[float, float]:
        """First and last epoch that all series cover [s]."""
        return (
            max(float(series.start) for series in self.series),
            min(series.end for series in self.series),
        )

    def state(self, target: str, epoch: Scalar, centre: str = "sun") -> tuple[Vector, Vector]:
        """Position [m] and velocity [m/s] of a body from another, J2000 axes, no light time.

        Args:
            target: sun, earth, moon, earth-moon, mars, venus, jupiter or ssb.
            epoch: TDB seconds past J2000 [s].
            centre: body at the origin, likewise.

        Raises:
            EpochOutOfRange: for a number outside the span (not inside compiled code).
            ValueError: for a body that this ephemeris does not hold.
        """
        if _is_number(epoch, self.series[0].start):
            self.check_span(epoch)
        out, back = self._path(target), self._path(centre)
        shared = set(out) & set(back)
        position, velocity = np.zeros(3), np.zeros(3)
        for sign, path in ((1.0, out), (-1.0, back)):
            for number in path:
                if number not in shared:
                    step, rate = self.series[number](epoch)
                    position, velocity = position + sign * step, velocity + sign * rate
        return position, velocity

    def position(self, target: str, epoch: Scalar, centre: str = "sun") -> Vector:
        """Position of a body from another [m]; see `state`."""
        return self.state(target, epoch, centre)[0]

    def check_span(self, epoch: Scalar) -> None:
        """Refuse numbers that this ephemeris does not cover.

        Raises:
            EpochOutOfRange: where any of them lies outside.
        """
        first, last = self.span
        for instant in np.atleast_1d(np.asarray(epoch, dtype=float)):
            if not first <= instant <= last:
                told = utc_of_epoch(float(instant)) if np.isfinite(instant) else str(instant)
                raise EpochOutOfRange(
                    f"{told} lies outside the ephemeris, which covers "
                    f"{utc_of_epoch(first)[:10]} to {utc_of_epoch(last)[:10]}; choose a date "
                    "inside, or load a longer kernel with load_ephemeris(kernel=...)"
                )

    def _path(self, body: str) -> tuple[int, ...]:
        """The series from the root of the tree to a body."""
        if body not in self.bodies:
            raise ValueError(
                f"the ephemeris holds no {body!r}; choose one of {', '.join(self.bodies)}"
            )
        numbers: list[int] = []
        while True:
            found = [i for i, link in enumerate(self.links) if link[0] == body]
            if not found:
                return tuple(reversed(numbers))
            numbers.append(found[0])
            body = self.links[found[0]][1]


@functools.lru_cache(maxsize=4)
def load_ephemeris(kernel: str | os.PathLike[str] | None = None) -> Ephemeris:
    """The shipped ephemeris; with ``kernel``, what an SPK file holds, and the shipped one for the
    bodies that it does not hold.

    Args:
        kernel: an SPK file with segments of type 2 or 3 in J2000 axes, such as the whole
            ``de440.bsp`` or a spacecraft's trajectory (its bodies are then named by their NAIF
            number, ``"-168"``). Needs jplephem: ``pip install anabasis[spk]``.

    Raises:
        ValueError: for a kernel with other segments.
        ImportError: without jplephem.
    """
    held = tables.arrays(_FILE)
    found = {
        (_NAMES[int(target)], _NAMES[int(centre)]): Series(
            np.asarray(start),
            np.asarray(interval),
            jax.device_put(held[f"coefficients_{target}_km"]),
        )
        for (target, centre), (start, interval) in zip(
            held["target_centre"], held["start_interval_s"], strict=True
        )
    }
    if kernel is not None:
        given = _read_kernel(kernel)
        told = {link[0] for link in given}
        found = {link: series for link, series in found.items() if link[0] not in told} | given
    return Ephemeris(tuple(found), tuple(found.values()))


def check_span(epoch: Scalar) -> None:
    """Refuse epochs that the shipped ephemeris does not cover.

    Args:
        epoch: TDB seconds past J2000 [s], one or many; numbers, not tracers.

    Raises:
        EpochOutOfRange: where any of them lies outside 2011 to 2056.
    """
    load_ephemeris().check_span(epoch)


def _read_kernel(path: str | os.PathLike[str]) -> dict[tuple[str, str], Series]:
    try:
        from jplephem.spk import SPK
    except ImportError as missing:
        raise ImportError(
            "reading SPK files needs jplephem: pip install anabasis[spk]"
        ) from missing
    found: dict[tuple[str, str], Series] = {}
    kernel = SPK.open(os.fspath(path))
    try:
        for segment in kernel.segments:
            link = tuple(_NAMES.get(n, str(n)) for n in (segment.target, segment.center))
            if segment.data_type not in (2, 3) or segment.frame != 1:
                raise ValueError(
                    f"{os.fspath(path)}: the segment of {link[0]} has type {segment.data_type} "
                    f"in frame {segment.frame}; only types 2 and 3 in J2000 axes (1) can be read"
                )
            if link in found:
                raise ValueError(
                    f"{os.fspath(path)}: {link[0]} has more than one segment; merge them first"
                )
            start, interval, coefficients = segment.load_array()
            found[link[0], link[1]] = Series(
                np.asarray((start - 2451545.0) * 86400.0),
                np.asarray(interval * 86400.0),
                jax.device_put(np.ascontiguousarray(np.moveaxis(coefficients[:3], 0, 1))),
            )
    finally:
        kernel.close()
    return found

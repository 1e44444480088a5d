"""The rover, and the two machines that were once to fetch what it left on the ground."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar
from anabasis.units import SOL, quantity
from anabasis.vehicles.traverse import LAST_KNOWN_SOL, PATH_RATIO

_DEFAULT = "engineering default (docs/conventions.md)"


class Rover(eqx.Module):
    """Perseverance: where it was last seen, and how far it drives in a sol.

    Attributes:
        mass: [kg].
        last_known_sol, latitude, longitude: its last public fix; angles [rad].
        drive_per_sol: wheels' path on a sol of transit [m].
        path_ratio: wheels' path over the corners of the route.
        temperature_bound: the tubes aboard are never warmer [K].
    """

    mass: Scalar = quantity(
        "kg",
        "mass of the rover",
        above=0.0,
        maximum=5000.0,
        default=1025.0,
        source="COMP: 1,025 kg",
        confidence="published",
    )
    last_known_sol: Scalar = quantity(
        "",
        "mission sol of its last known place",
        minimum=0.0,
        maximum=10000.0,
        default=float(LAST_KNOWN_SOL),
        source="MMGIS, sol 1980 (2026-09-14)",
        confidence="published",
    )
    latitude: Scalar = quantity(
        "deg",
        "planetocentric latitude of its last known place",
        minimum=-90.0,
        maximum=90.0,
        default=18.43687,
        source="MMGIS, sol 1980 (2026-09-14)",
        confidence="published",
    )
    longitude: Scalar = quantity(
        "deg",
        "east longitude of its last known place",
        minimum=-180.0,
        maximum=360.0,
        default=77.23205,
        source="MMGIS, sol 1980 (2026-09-14)",
        confidence="published",
    )
    drive_per_sol: Scalar = quantity(
        "m",
        "path driven on a sol of transit",
        above=0.0,
        maximum=500.0,
        default=100.0,
        source=f"{_DEFAULT}: 83 m on a moving sol, 150 in the rapid traverse (MMGIS)",
        confidence="assumed",
    )
    path_ratio: Scalar = quantity(
        "",
        "path driven over the corners of the route",
        minimum=1.0,
        maximum=3.0,
        default=PATH_RATIO,
        source=f"{_DEFAULT}: median 1.07, mean 1.19 per leg (MMGIS)",
        confidence="assumed",
    )
    temperature_bound: Scalar = quantity(
        "K",
        "bound on the temperature of the tubes aboard",
        minimum=100.0,
        maximum=400.0,
        default=293.0,
        source=f"{_DEFAULT}: a bound, not a model",
        confidence="assumed",
    )


@dataclasses.dataclass(frozen=True)
class FlightRecord:
    """What a helicopter has flown on Mars.

    Attributes:
        flights: how many.
        distance, time: in all of them [m, s].
        longest, longest_time: of a single flight [m, s].
        fastest: [m/s].
        median: distance of a flight [m].
    """

    flights: int
    distance: float
    time: float
    longest: float
    longest_time: float
    fastest: float
    median: float


INGENUITY = FlightRecord(72, 17247.0, 128.9 * 60.0, 708.9, 169.5, 10.0, 206.0)
"""Ingenuity, sols 58 to 1036 (MMGIS; `derived` from its flight layer): what bounds the range of
those that were to follow."""


class Helicopters(eqx.Module):
    """Small helicopters with wheels: each flies out, picks up one tube and brings it back.

    Attributes:
        number: how many.
        flight_range: farthest depot they reach from the lander [m].
        payload: heaviest tube, sample and all, that one lifts [kg].
        time_per_tube: one helicopter, one tube, out and back [s, whole sols].
    """

    kind: ClassVar[str] = "helicopters"

    number: Scalar = quantity(
        "",
        "helicopters",
        minimum=1.0,
        maximum=10.0,
        default=2.0,
        source="SRH: two helicopters",
        confidence="published",
    )
    flight_range: Scalar = quantity(
        "km",
        "farthest depot from the lander",
        minimum=0.0,
        maximum=10.0,
        default=0.7,
        source="SRH: about 700 m; Ingenuity's longest flight was 708.9 m (MMGIS)",
        confidence="published",
    )
    payload: Scalar = quantity(
        "kg",
        "heaviest tube, sample and all, that one lifts",
        above=0.0,
        maximum=100.0,
        default=0.15,
        source=f"{_DEFAULT}: a sealed tube with its sample, 2.3 kg machine (SRH); no published "
        "figure",
        confidence="assumed",
    )
    time_per_tube: Scalar = quantity(
        "sol",
        "sols of one helicopter for one tube",
        above=0.0,
        maximum=100.0,
        default=4.0,
        source=f"{_DEFAULT}: fly out, drive up, grip, fly back, a sol each",
        confidence="assumed",
    )

    def brought(self, worked: Scalar, distance: Scalar, wanted: Scalar) -> Scalar:
        """Tubes at the lander after a time of work [s] with the depot at a distance [m]."""
        trips = jnp.floor(worked / self.time_per_tube + 1e-9) * self.number
        return jnp.minimum(trips, self.reached(distance, wanted))

    def reached(self, distance: Scalar, wanted: Scalar) -> Scalar:
        """How many of the wanted tubes can be had at all: all of them within range, else none."""
        return jnp.where(distance <= self.flight_range, wanted, 0.0)


class FetchRover(eqx.Module):
    """A small rover that drives from the lander to the depot, loads, and drives back.

    Attributes:
        drive_per_sol: [m].
        path_ratio: path driven over straight line.
        time_per_tube: picking one tube up from the ground [s, whole sols].
        drive_range: longest drive there and back [m].
        capacity: tubes it carries.
    """

    kind: ClassVar[str] = "fetch rover"

    drive_per_sol: Scalar = quantity(
        "m",
        "path driven in a sol",
        above=0.0,
        maximum=2000.0,
        default=200.0,
        source="SFR: mean 200 m a sol",
        confidence="published",
    )
    path_ratio: Scalar = quantity(
        "",
        "path driven over straight line",
        minimum=1.0,
        maximum=3.0,
        default=PATH_RATIO,
        source=f"{_DEFAULT}: as the rover",
        confidence="assumed",
    )
    time_per_tube: Scalar = quantity(
        "sol",
        "sols to pick one tube up",
        above=0.0,
        maximum=100.0,
        default=3.0,
        source=f"{_DEFAULT}: no published figure",
        confidence="assumed",
    )
    drive_range: Scalar = quantity(
        "km",
        "longest drive there and back",
        minimum=0.0,
        maximum=100.0,
        default=15.0,
        source="SFR: 15 km and more",
        confidence="published",
    )
    capacity: Scalar = quantity(
        "",
        "tubes it carries",
        minimum=1.0,
        maximum=100.0,
        default=36.0,
        source="SFR: up to 36 tubes",
        confidence="published",
    )

    def brought(self, worked: Scalar, distance: Scalar, wanted: Scalar) -> Scalar:
        """Tubes at the lander after a time of work [s]: none until it is back, then all."""
        load = self.reached(distance, wanted)
        drive = SOL * jnp.ceil(2.0 * self.path_ratio * distance / self.drive_per_sol)
        # Both sides are whole sols: half a sol of slack keeps rounding out of it.
        done = worked >= drive + load * self.time_per_tube - 0.5 * SOL
        return jnp.where(done, load, 0.0)

    def reached(self, distance: Scalar, wanted: Scalar) -> Scalar:
        """How many of the wanted tubes can be had at all: what it carries, if near enough."""
        near = 2.0 * self.path_ratio * distance <= self.drive_range
        return jnp.where(near, jnp.minimum(wanted, self.capacity), 0.0)

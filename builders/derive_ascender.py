"""Derive the default ascender from the published one, and print its table.

The published rocket (Harris) closes 343 km, 25 deg only without air and from height 0. Both motors
are lengthened at constant thrust and specific impulse (more of the same grain, inert masses kept)
by one common factor: the smallest with which the orbit closes from Three Forks in real air. The
factor is rounded up to a thousandth, which leaves a few tenths of a m/s of surplus: exactly at
the smallest factor two steering programmes merge into one, and a search there is a search for the
top of a hill.

    .venv/bin/python builders/derive_ascender.py            # the table
    .venv/bin/python builders/derive_ascender.py --study    # and what the answer depends on
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.orders.ascent import (
    AscentOrders,
    Site,
    Target,
    Toss,
    fly,
    plan,
    release,
)
from anabasis.guidance.steering import (
    FixedSteering,
    Programme,
    TargetOrbit,
    aim,
    orbit_miss,
)
from anabasis.mechanics.table import Table
from anabasis.phases.ascent import reach
from anabasis.units import to_si
from anabasis.vehicles.ascender import Ascender
from anabasis.vehicles.motor import SolidMotor
from anabasis.worlds.world import Planet, World, make_world

PROPELLANT = (215.619, 54.467)
BURN_TIME = (76.0, 24.45)
THRUST = (7925.77, 6088.7)
INERT = (60.362, 47.342)
PAYLOAD = 16.0
"""Harris' vehicle: kg, s, N, kg, kg."""

MACH = (0.0, 0.5, 1.0, 1.3, 2.5, 4.0, 100.0)
DRAG_COEFFICIENT = (0.2, 0.2, 0.4, 0.57, 0.4, 0.3, 0.3)
"""The PET curve (Petrovic), constant below Mach 0.5 and above Mach 4 as published."""
REFERENCE_AREA = 0.166

EPOCH = 983620869.0
"""2031-03-04; the answer does not depend on it, for the air is one table."""


def lengthened(
    factor: Any, *, area: float = REFERENCE_AREA, regression: float = 0.0, payload: float = PAYLOAD
) -> Ascender:
    """The published rocket with both motors longer by a factor."""
    one, two = (
        SolidMotor(
            inert=np.asarray(INERT[i]),
            propellant=PROPELLANT[i] * factor,
            thrust=np.asarray(THRUST[i]),
            burn_time=BURN_TIME[i] * factor,
            thrust_regression=np.asarray(regression),
        )
        for i in range(2)
    )
    return Ascender(
        reference_area=np.asarray(area),
        drag_coefficient=Table(np.array(MACH), np.array(DRAG_COEFFICIENT)),
        stage_one=one,
        stage_two=two,
        payload=np.asarray(payload),
    )


def three_forks(steering: Any = None) -> AscentOrders:
    """From the depot's ground, tossed, to the published orbit."""
    return AscentOrders(
        site=Site(
            latitude=np.asarray(to_si(18.45283, "deg")),
            longitude=np.asarray(to_si(77.40821, "deg")),
            height=np.asarray(-2545.0),
        ),
        toss=Toss(
            speed=np.asarray(5.0),
            elevation=np.asarray(to_si(90.0, "deg")),
            ignition_delay=np.asarray(0.9),
        ),
        steering=steering
        if steering is not None
        else FixedSteering(
            thrust_elevation=np.asarray(0.0),
            thrust_azimuth=np.asarray(0.0),
            second_ignition="centred on apoapsis",
        ),
        target=Target(
            apoapsis=np.asarray(343e3),
            periapsis=np.asarray(343e3),
            inclination=np.asarray(to_si(25.0, "deg")),
        ),
        epoch=np.asarray(EPOCH),
    )


class Closing(eqx.Module):
    """A rocket, a programme and a factor that together reach the orbit exactly."""

    factor: float
    programme: Programme
    factor_per_elevation: float
    """How the factor would change with the second stage's elevation [1/rad]."""


class Search:
    """Finds the factor that closes the orbit for a given elevation of the second stage."""

    def __init__(self, world: World, **rocket: Any) -> None:
        orders = three_forks()
        assert orders.target is not None
        target = TargetOrbit(
            world.apsis_radius + orders.target.apoapsis,
            world.apsis_radius + orders.target.periapsis,
            orders.target.inclination,
        )

        def misses(unknowns: jax.Array) -> jax.Array:
            elevation, azimuth, ignition, factor, second = unknowns
            programme = Programme(elevation, azimuth, ignition, second, orders.toss.ignition_delay)
            ascender = lengthened(factor, **rocket)
            start = release(orders, world, jnp.asarray(EPOCH), azimuth, jnp.asarray(0.0))
            end = reach(start, ascender, programme, world).end
            return jnp.asarray(
                orbit_miss(end.position, end.velocity, world.pole(end.epoch), world.gm, target)
            )

        self._misses = eqx.filter_jit(lambda x: (misses(x), jax.jacfwd(misses)(x)))
        self._delay = orders.toss.ignition_delay
        self._guess = np.array([math.radians(42.5), math.radians(70.5), 575.0, 1.02])

    def closing(self, second_elevation: float) -> Closing:
        """The factor at which the orbit closes with the second stage pointed so."""

        def both(unknowns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            value, slope = self._misses(np.append(unknowns, second_elevation))
            return np.asarray(value), np.asarray(slope)[:, :4]

        low, high = np.array([0.1, 0.0, 100.0, 0.8]), np.array([1.5, 3.0, 3000.0, 1.5])
        found = aim(both, self._guess, low, high, good_enough=1e-5)
        if np.max(np.abs(found.miss)) > 1e-2:
            raise RuntimeError(f"the orbit does not close: {found.miss}")
        self._guess = found.unknowns
        _, slope = self._misses(np.append(found.unknowns, second_elevation))
        slope = np.asarray(slope)
        change = -np.linalg.solve(slope[:, :4], slope[:, 4])
        elevation, azimuth, ignition, factor = found.unknowns
        programme = Programme(elevation, azimuth, ignition, second_elevation, self._delay)
        return Closing(float(factor), programme, float(change[3]))

    def smallest(self) -> Closing:
        """The least of these factors over all elevations: where its slope vanishes (secant)."""
        first, second = 0.0, 0.01
        here, there = self.closing(first), self.closing(second)
        for _ in range(20):
            bend = (there.factor_per_elevation - here.factor_per_elevation) / (second - first)
            first, here = second, there
            second = second - there.factor_per_elevation / bend
            there = self.closing(second)
            if abs(second - first) < 1e-9:
                break
        return there


def smallest_factor(world: World | None = None, **rocket: Any) -> Closing:
    """The smallest common factor that closes the orbit, with the programme that does it."""
    return Search(make_world("mars") if world is None else world, **rocket).smallest()


def shortfall(world: World | None = None, **rocket: Any) -> dict[str, float]:
    """How far the published set falls short from Three Forks in air.

    Steered as its author does: the coast rises to 343 km in the plane of 25 deg, the second stage
    burns horizontally, centred on the top.
    """
    world = make_world("mars") if world is None else world
    orders = three_forks()
    ascender = lengthened(1.0, **rocket)

    def coast(pair: np.ndarray) -> np.ndarray:
        steering = FixedSteering(
            thrust_elevation=pair[0], thrust_azimuth=pair[1], second_ignition="centred on apoapsis"
        )
        aimed = eqx.tree_at(lambda o: o.steering, orders, steering)
        flight = fly(aimed, ascender, world, None, plan(aimed, ascender, world), EPOCH)
        figures = flight.figures
        return np.array(
            [
                (float(figures["coast_apoapsis"]) - 343e3) / 1e3,
                math.degrees(float(figures["inclination"])) - 25.0,
                float(figures["periapsis"]),
                float(figures["apoapsis"]),
            ]
        )

    pair = np.radians([42.5, 70.5])
    for _ in range(6):
        here = coast(pair)
        slope = np.stack(
            [(coast(pair + step) - here)[:2] / 1e-4 for step in 1e-4 * np.eye(2)], axis=1
        )
        pair = pair - np.linalg.solve(slope, here[:2])
    here = coast(pair)
    gm, top = float(world.gm), float(world.apsis_radius) + here[3]
    axis = float(world.apsis_radius) + 0.5 * (here[2] + here[3])
    circular, flown = math.sqrt(gm / top), math.sqrt(gm * (2.0 / top - 1.0 / axis))
    return {
        "elevation_deg": math.degrees(pair[0]),
        "azimuth_deg": math.degrees(pair[1]),
        "apoapsis_km": here[3] / 1e3,
        "periapsis_km": here[2] / 1e3,
        "short_m_s": circular - flown,
    }


def rounded_up(factor: float) -> float:
    """The next thousandth above."""
    return math.ceil(factor * 1000.0) / 1000.0


def table(factor: float, exact: float) -> str:
    """The TOML of the ascender."""
    reason = (
        f"HAR, lengthened by {factor:.3f} at constant thrust and specific impulse: the smallest "
        f"common factor ({exact:.5f}, rounded up) that closes 343 km, 25 deg from Three Forks"
    )
    lines = [
        "[ascender]",
        'source = "HAR"',
        'confidence = "published"',
        f'reference_area_m2 = {{ value = {REFERENCE_AREA}, source = "PET curve on '
        '0.166 m2", confidence = "assumed" }',
        f"drag_coefficient = {{ mach = {list(MACH)}, value = {list(DRAG_COEFFICIENT)}, "
        'source = "PET", confidence = "published" }',
    ]
    for i, stage in enumerate(("stage_one", "stage_two")):
        lines += [
            f"[ascender.{stage}]",
            'kind = "solid"',
            f"propellant_kg = {{ value = {round(PROPELLANT[i] * factor, 6)}, "
            f'source = "{reason}", confidence = "derived" }}',
            f'inert_kg = {{ value = {INERT[i]}, confidence = "derived" }}',
            f"thrust_kN = {round(THRUST[i] / 1e3, 6)}",
            f"burn_time_s = {{ value = {round(BURN_TIME[i] * factor, 6)}, "
            f'source = "{reason}", confidence = "derived" }}',
        ]
    return "\n".join(lines)


def study() -> None:
    """What the answer depends on."""
    print("\npublished set from Three Forks:", shortfall())
    without_air = make_world("mars", Planet(air="none"))
    print("published set without air:", shortfall(without_air))
    for name, rocket in {
        "as derived": {},
        "drag area 0.091 m2": {"area": 0.091},
        "drag area 0.255 m2": {"area": 0.255},
        "thrust regression 0.3": {"regression": 0.3},
        "payload 15 kg": {"payload": 15.0},
    }.items():
        found = smallest_factor(**rocket)
        mass = sum(INERT) + PAYLOAD + found.factor * sum(PROPELLANT)
        print(f"{name:24s} factor {found.factor:.5f}, lift-off {mass:.2f} kg")


def main() -> None:
    """Print the table, and the study if asked for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--study", action="store_true")
    chosen = arguments.parse_args()
    found = smallest_factor()
    programme = found.programme
    print(f"# smallest factor {found.factor:.7f}")
    print(
        "# elevation, azimuth, second elevation (deg), second ignition (s):",
        round(math.degrees(float(programme.elevation)), 4),
        round(math.degrees(float(programme.azimuth)), 4),
        round(math.degrees(float(programme.second_elevation)), 4),
        round(float(programme.second_ignition_time), 3),
    )
    print(table(rounded_up(found.factor), found.factor))
    if chosen.study:
        study()


if __name__ == "__main__":
    main()

"""The best ascent: steering, coast and staging for the greatest payload or the least lift-off mass.

    first stage     elevation at nine knots, straight lines between them; one azimuth
    coast           its duration
    second stage    its elevation; the propellant of both, at their thrust and specific impulse
    at the end      the orbit; on the way: pressure, angle of attack, bending, acceleration

Everything is flown, nothing approximated: each turn of the search flies the ascent of
`phases.ascent` with its derivatives, on coarser ticks first and on the march's own in the end, so
that the answer is a scenario that flies.
"""

from __future__ import annotations

import dataclasses
import datetime
import time as clock
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.orders.ascent import AscentLimits, AscentOrders, release
from anabasis.campaign.scenario import Scenario
from anabasis.guidance.steering import Programme, TargetOrbit, launch_azimuth, orbit_miss
from anabasis.mechanics.arrays import Array, Scalar
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.table import Table
from anabasis.phases.ascent import FINE, Ticks, survey
from anabasis.studies.nonlinear import Best, Judged, least, restored
from anabasis.units import from_si
from anabasis.vehicles.ascender import Ascender, stacked
from anabasis.vehicles.container import payload as full_container
from anabasis.vehicles.motor import Burning, SolidMotor, burning
from anabasis.vehicles.proportions import motor_inert
from anabasis.worlds.calendar import utc_of_epoch
from anabasis.worlds.world import World, make_world

COARSE = Ticks(4, 100, (30, 30, 4), 20)
"""Ticks of the search; the knots below lie on them."""
KNOTS = (0.0, 0.03, 0.07, 0.13, 0.22, 0.36, 0.55, 0.76, 1.0)
"""Where the elevation may bend, in shares of the burn: closer where the rocket is slow."""
FIRST_GUESS = (80.0, 66.0, 56.0, 50.0, 46.0, 42.0, 39.0, 36.0, 33.0)
"""Elevations to begin with [deg]: from upright to what the published rocket holds."""
FIRST_COAST = 430.0
"""Coast to begin with [s]."""
SOME_EPOCH = 983620869.0
"""A lift-off for scenarios that leave it to the march (2031-03-04); the answer is the same."""
SAMPLES_PER_TUBE = 0.47 / 30.0
"""Rock in one tube where nobody says which tubes [kg]: 0.47 kg in 30 (OI22)."""

LIMITS = ("dynamic pressure", "angle of attack", "bending", "acceleration")
"""What a flight must keep on its way, by name."""
GOALS = ("lift-off-mass", "payload")

STEERING = len(KNOTS) + 3
"""Unknowns of the steering: knots, azimuth, coast, second elevation."""


class Course(eqx.Module):
    """What an ascent is judged by: where from, where to, through what, under which limits."""

    orders: AscentOrders
    world: World
    lift_off: Scalar
    limits: AscentLimits
    apoapsis: Scalar
    periapsis: Scalar
    inclination: Scalar


class Vehicle(eqx.Module):
    """The rocket of the search: the scenario's, with motors that may be cut longer or shorter."""

    ascender: Ascender
    payload: Scalar
    lift_off_mass: Scalar


def steering_of(unknowns: Any, burn_time: Scalar, delay: Scalar) -> Programme:
    """The programme that the first unknowns of any search here describe."""
    n = len(KNOTS)
    schedule = Table(burn_time * jnp.asarray(np.array(KNOTS)), unknowns[:n])
    azimuth, coast, second = unknowns[n], unknowns[n + 1], unknowns[n + 2]
    return Programme(unknowns[0], azimuth, burn_time + coast, second, delay, schedule)


def flown_under_limits(
    programme: Programme,
    ascender: Ascender,
    payload: Scalar,
    course: Course,
    ticks: Ticks,
    hottest: tuple[Scalar, Scalar] = (1.0, 1.0),
) -> tuple[Array, dict[str, Array]]:
    """Fly a programme: the miss of the orbit, and what is spare of every limit.

    Args:
        programme: from `steering_of`.
        ascender: the rocket.
        payload: [kg].
        course: what it is judged by.
        ticks: of the flight.
        hottest: by how much the thrust of either motor rises where its grain is warmest; the
            acceleration is that of a motor so warm.

    Returns:
        Four misses in units of 100 km; for each of `LIMITS` the share of it that is left, at
        the places of `_places`.
    """
    start = release(
        course.orders, course.world, course.lift_off, programme.azimuth, jnp.asarray(0.0)
    )
    way = survey(start, ascender, programme, course.world, payload, ticks=ticks)
    base, end = course.world.apsis_radius, way.end
    target = TargetOrbit(base + course.apoapsis, base + course.periapsis, course.inclination)
    pole = course.world.pole(end.epoch)
    miss = orbit_miss(end.position, end.velocity, pole, course.world.gm, target)
    close, wide, burn = _places(ticks)
    rows: Any = way.climb
    limits = course.limits
    q, off = rows["dynamic_pressure"], rows["misalignment"]
    felt = jnp.minimum(1.0, (q / limits.felt_from) ** 2)
    # cosines, and squares of angles: both are smooth where the angle vanishes
    bent = q * q * 2.0 * off / limits.pressure_angle**2
    warmest = jnp.concatenate(
        [
            hottest[0] * rows["acceleration"][wide],
            hottest[1] * way.insertion["acceleration"][burn],
        ]
    )
    return jnp.asarray(miss) / 1e5, {
        "dynamic pressure": 1.0 - q[wide] / limits.dynamic_pressure,
        "angle of attack": 1.0 - (off * felt)[close] / (1.0 - jnp.cos(limits.angle_of_attack)),
        "bending": 1.0 - bent[wide],
        "acceleration": 1.0 - warmest / limits.acceleration,
    }


def _places(ticks: Ticks) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ticks at which limits are looked at: closely, widely, in the second burn; both ends too."""
    total = ticks.toss + ticks.first
    close = np.unique(np.append(np.arange(0, total, max(1, ticks.first // 50)), total))
    wide = np.unique(np.append(np.arange(0, total, max(1, ticks.first // 20)), total))
    burn = np.unique(np.append(np.arange(0, ticks.second, max(1, ticks.second // 4)), ticks.second))
    return close, wide, burn


def limit_names(ticks: Ticks) -> np.ndarray:
    """The limit that each spare share belongs to."""
    close, wide, burn = (places.size for places in _places(ticks))
    counts = {
        "dynamic pressure": wide,
        "angle of attack": close,
        "bending": wide,
        "acceleration": wide + burn,
    }
    return np.repeat(np.array(LIMITS), [counts[name] for name in LIMITS])


def lengthened(motor: SolidMotor, propellant: Scalar) -> SolidMotor:
    """A motor cut to another length: thrust and specific impulse stay, its burn time follows.

    Its inert mass follows the published regression, counted from the mass that is given:
    m_i = m_i0 + R(m_p) - R(m_p0).
    """
    own = burning(motor)
    inert = motor.inert + motor_inert(propellant) - motor_inert(own.propellant)
    return SolidMotor(
        inert=inert,
        propellant=propellant,
        thrust=own.thrust,
        burn_time=None,
        specific_impulse=own.specific_impulse,
        thrust_regression=own.thrust_regression,
    )


class Design(eqx.Module):
    """The unknowns of `optimise` in SI, beside the steering."""

    first: Scalar
    second: Scalar
    payload: Scalar
    altitude: Scalar
    inclination: Scalar


_SCALE = np.array(
    [*[0.1] * len(KNOTS), 0.1, 100.0, 0.1, 20.0, 5.0, 2.0, 2e4, 0.02],
)
"""One step of every unknown: elevations and angles [rad], coast [s], masses [kg], orbit."""


def _designed(z: Any) -> Design:
    return Design(*(z[STEERING + i] for i in range(5)))


def _values(scaled: Any, case: tuple[Vehicle, Course], goal: str, ticks: Ticks) -> Array:
    """Objective, equal conditions, spare shares, in one vector."""
    vehicle, course = case
    z: Any = scaled * jnp.asarray(_SCALE)
    design = _designed(z)
    given = vehicle.ascender
    ascender = dataclasses.replace(
        given,
        stage_one=lengthened(given.stage_one, design.first),
        stage_two=lengthened(given.stage_two, design.second),
    )
    stack = stacked(ascender, design.payload)
    programme = steering_of(z, stack.stage_one.burn_time, course.orders.toss.ignition_delay)
    course = eqx.tree_at(
        lambda c: (c.apoapsis, c.periapsis, c.inclination),
        course,
        (
            course.apoapsis + design.altitude,
            course.periapsis + design.altitude,
            course.inclination + design.inclination,
        ),
    )
    miss, spare = flown_under_limits(programme, ascender, design.payload, course, ticks)
    mass = jnp.asarray(stack.lift_off_mass)
    if goal == "payload":
        objective = -design.payload / 10.0
        heavy = (mass - vehicle.lift_off_mass) / 100.0
    else:
        objective = mass / 100.0
        heavy = (design.payload - vehicle.payload) / 10.0
    return jnp.concatenate(
        [jnp.reshape(objective, 1), miss, jnp.reshape(heavy, 1), *(spare[n] for n in LIMITS)]
    )


@compiled
def _judged(scaled: Array, case: tuple[Vehicle, Course], goal: str, ticks: Ticks) -> Any:
    def twice(x: Array) -> tuple[Array, Array]:
        values = _values(x, case, goal, ticks)
        return values, values

    slopes, values = jax.jacfwd(twice, has_aux=True)(scaled)
    return values, slopes


def judged(values: np.ndarray, slopes: np.ndarray, equal: int, keep: np.ndarray) -> Judged:
    """A vector of objective, equal conditions and spare shares, taken apart."""
    spare, spare_slope = values[1 + equal :], slopes[1 + equal :]
    return Judged(
        float(values[0]),
        slopes[0],
        values[1 : 1 + equal],
        slopes[1 : 1 + equal],
        spare[keep],
        spare_slope[keep],
    )


@dataclasses.dataclass(frozen=True)
class Optimum:
    """What `optimise` found.

    Attributes:
        found: whether every condition holds and nothing better is near.
        goal: what was sought.
        unknowns: steering and design, SI.
        figures: by name with unit: masses, angles, times, peaks, residual, seconds.
        binding: limit -> its price: change of the goal per percent of the limit [kg].
        why: where nothing was found, sentences that say which limits cannot be kept together.
        vehicle: the rocket as found.
        programme: its steering.
        best: the point with all its prices.
    """

    found: bool
    goal: str
    unknowns: np.ndarray
    figures: Mapping[str, float]
    binding: Mapping[str, float]
    why: Sequence[str]
    vehicle: Ascender
    payload: float
    programme: Programme
    best: Best


class Search:
    """One scenario made ready for `optimise`: the problem, its bounds, its first guess."""

    def __init__(
        self,
        scenario: Scenario,
        goal: str = "lift-off-mass",
        *,
        orbit: str = "target",
        held_staging: bool = False,
        without: Sequence[str] = (),
        payload: float | None = None,
    ) -> None:
        _refuse(scenario, goal, orbit, held_staging, without)
        self.goal, self.without, self.held = goal, tuple(without), held_staging
        self.course = course_of(scenario)
        self.vehicle = vehicle_of(scenario, payload)
        self.guess, self.lowest, self.highest = self._box(orbit, held_staging)
        self._kept = self._keep(self.without)

    def _box(self, orbit: str, held: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        course, vehicle = self.course, self.vehicle
        stack = stacked(vehicle.ascender, vehicle.payload)
        speed = float(stack.stage_one.exhaust_speed)
        azimuth = first_azimuth(course, speed)
        one, two = float(stack.stage_one.propellant), float(stack.stage_two.propellant)
        carried = float(vehicle.payload)
        design = np.array([one, two, carried, 0.0, 0.0])
        low = np.array([0.4 * one, 0.3 * two, carried, 0.0, 0.0])
        high = np.array([2.5 * one, 3.0 * two, carried, 0.0, 0.0])
        if held:
            low[:2] = high[:2] = design[:2]
        if self.goal == "payload":
            low[2], high[2] = 0.0, 10.0 * max(carried, 10.0)
        if orbit == "window":
            limits, wanted = course.limits, float(course.apoapsis)
            low[3], high[3] = float(limits.lowest) - wanted, float(limits.highest) - wanted
            low[4] = -float(limits.inclination_margin)
            high[4] = -low[4]
        angles = np.radians(np.array(FIRST_GUESS))
        n = len(KNOTS)
        guess = np.concatenate([angles, [azimuth, FIRST_COAST, 0.0], design])
        lowest = np.concatenate(
            [np.full(n, np.radians(-20.0)), [azimuth - 1.0, 0.0, np.radians(-60.0)], low]
        )
        highest = np.concatenate(
            [np.full(n, np.radians(95.0)), [azimuth + 1.0, 3000.0, np.radians(60.0)], high]
        )
        return guess / _SCALE, lowest / _SCALE, highest / _SCALE

    def _keep(self, without: Sequence[str]) -> np.ndarray:
        return ~np.isin(limit_names(COARSE), list(without))

    @property
    def equal(self) -> int:
        """How many conditions must hold exactly: the orbit's, and the lift-off mass if given."""
        return 5 if self.goal == "payload" and not self.held else 4

    def judge(self, ticks: Ticks, keep: np.ndarray) -> Callable[[np.ndarray], Judged]:
        """The problem on given ticks."""

        def at(z: np.ndarray) -> Judged:
            values, slopes = _judged(z, (self.vehicle, self.course), self.goal, ticks)
            values, slopes = np.asarray(values), np.asarray(slopes)
            # where a mass stands in its bounds already, or follows, its own condition is empty
            taken = [i for i in range(values.size) if self.equal == 5 or i != 5]
            return judged(values[taken], slopes[taken], self.equal, keep)

        return at

    def solve(self, guess: np.ndarray | None = None) -> Best:
        """The best point near a guess (scaled), on coarse ticks."""
        begin = self.guess if guess is None else guess
        return least(self.judge(COARSE, self._kept), begin, self.lowest, self.highest)

    def finish(self, best: Best) -> Best:
        """The same on the march's own ticks, from a point that is nearly there."""
        keep = ~np.isin(limit_names(FINE), list(self.without))
        return restored(self.judge(FINE, keep), best, self.lowest, self.highest)

    def reasons(self, best: Best) -> list[str]:
        """Why nothing keeps all limits: each that is to blame, left out in turn."""
        sentences = []
        names = limit_names(COARSE)[self._kept]
        spare = best.judged.spare
        for limit in LIMITS:
            here = spare[names == limit]
            if here.size and here.min() < -1e-6:
                over = _over(limit, float(-here.min()))
                sentences.append(f"{limit} is exceeded by {over} where the search came to rest")
        if best.found:
            sentences.append("found on coarse ticks, but not on the march's own")
        miss = float(np.max(np.abs(best.judged.equal[:4]))) * 100.0
        if miss > 0.001:
            sentences.append(f"the orbit is missed by {miss:.3g} km there")
        for limit in LIMITS:
            if limit in self.without:
                continue
            keep = self._keep((*self.without, limit))
            found = least(self.judge(COARSE, keep), self.guess, self.lowest, self.highest, tries=1)
            if found.found:
                left = limit_names(COARSE)
                free = self.judge(COARSE, np.ones(left.size, dtype=bool))(found.point).spare
                worst = float(-free[left == limit].min())
                sentences.append(
                    f"without the limit on {limit} the orbit is reached; that ascent exceeds it "
                    f"by {_over(limit, worst)}"
                )
        return sentences


def _over(limit: str, share: float) -> str:
    """By how much a limit is exceeded; two of them are judged by squares of angles."""
    if limit in ("angle of attack", "bending"):
        share = (1.0 + share) ** 0.5 - 1.0
    return f"{100.0 * share:.3g} %"


def _refuse(scenario: Scenario, goal: str, orbit: str, held: bool, without: Sequence[str]) -> None:
    def bad(message: str, key: str, value: Any, allowed: str = "", hint: str = "") -> BadInput:
        return BadInput(
            message, file="command line", key=key, value=value, allowed=allowed, hint=hint
        )

    if goal not in GOALS:
        raise bad("no such goal", "--minimise / --maximise", goal, ", ".join(GOALS))
    if orbit not in ("target", "window"):
        raise bad("no such orbit", "--orbit", orbit, "target, window")
    for limit in without:
        if limit not in LIMITS:
            raise bad("no such limit", "--without", limit, ", ".join(LIMITS))
    if held and goal == "lift-off-mass":
        raise bad(
            "with both motors held there is no mass to choose",
            "--hold-staging",
            True,
            hint="maximise the payload, or let the motors be",
        )
    parts = scenario.parts
    if parts.ascender is None or parts.ascent is None:
        raise BadInput(
            "there is no ascent in this scenario",
            file=scenario.reading.file,
            key="ascender" if parts.ascender is None else "ascent",
            hint="take one that flies an ascent, such as february-2022 or har-open-loop",
        )
    if parts.ascent.target is None:
        raise BadInput(
            "the best ascent needs an orbit to reach",
            file=scenario.reading.file,
            key="ascent.target",
            hint="give [ascent.target]",
        )


def course_of(scenario: Scenario) -> Course:
    """Where from, where to, through what, under which limits."""
    parts = scenario.parts
    orders = parts.ascent
    assert orders is not None
    assert orders.target is not None
    planet = None if parts.planet is None else parts.planet.mars
    epoch = SOME_EPOCH if orders.epoch is None else float(orders.epoch)
    bare = dataclasses.replace(orders, steering=_no_steering(), target=None, limits=None)
    return Course(
        orders=_numbers(bare),
        world=make_world("mars", planet),
        lift_off=np.asarray(epoch),
        limits=_numbers(AscentLimits() if orders.limits is None else orders.limits),  # pyright: ignore[reportCallIssue]
        apoapsis=np.asarray(float(orders.target.apoapsis)),
        periapsis=np.asarray(float(orders.target.periapsis)),
        inclination=np.asarray(float(orders.target.inclination)),
    )


def _no_steering() -> Any:
    from anabasis.guidance.steering import FixedSteering

    return FixedSteering(np.zeros(()), np.zeros(()), "centred on apoapsis")


def _numbers(tree: Any) -> Any:
    return jax.tree.map(lambda x: np.asarray(x, dtype=float) if isinstance(x, float) else x, tree)


def vehicle_of(scenario: Scenario, payload: float | None = None) -> Vehicle:
    """The rocket with its motors complete, and what it carries."""
    parts = scenario.parts
    given = parts.ascender
    assert given is not None
    if payload is None:
        payload = payload_of(scenario)
    ascender = dataclasses.replace(
        given,
        stage_one=_complete(given.stage_one),
        stage_two=_complete(given.stage_two),
        payload=None,
    )
    carried = np.asarray(float(payload))
    mass = np.asarray(float(stacked(ascender, carried).lift_off_mass))
    return Vehicle(_numbers(ascender), carried, mass)


def payload_of(scenario: Scenario, tubes: int | None = None) -> float:
    """What is carried [kg]: as the ascender says, else the container with its slots filled."""
    parts = scenario.parts
    assert parts.ascender is not None
    if parts.ascender.payload is not None and tubes is None:
        return float(parts.ascender.payload)
    if parts.container is None:
        raise BadInput(
            "nothing says what the rocket carries",
            file=scenario.reading.file,
            key="ascender.payload_kg",
            hint="give it, or a [container]",
        )
    count = parts.container.slot_count if tubes is None else tubes
    rock = np.asarray(count * SAMPLES_PER_TUBE)
    return float(full_container(parts.container, np.asarray(float(count)), rock))


def _complete(motor: SolidMotor) -> SolidMotor:
    own: Burning = burning(motor)
    return SolidMotor(
        inert=motor.inert,
        propellant=own.propellant,
        thrust=own.thrust,
        burn_time=None,
        specific_impulse=own.specific_impulse,
        thrust_regression=own.thrust_regression,
    )


def first_azimuth(course: Course, speed: float) -> float:
    """The thrust azimuth to begin with: the orbit's, less what the planet's spin gives [rad]."""
    latitude = float(course.orders.site.latitude)
    inertial = float(launch_azimuth(latitude, float(course.inclination), "north-east"))
    spun = float(course.world.spin) * float(course.world.equatorial_radius) * np.cos(latitude)
    return float(np.arctan2(speed * np.sin(inertial) - spun, speed * np.cos(inertial)))


def scheduled_scenario(scenario: Scenario, found: Optimum) -> dict[str, Any]:
    """The tables of a scenario that flies an optimum alone: its ascent, nothing before or after.

    Args:
        scenario: that was asked about.
        found: its optimum.

    Returns:
        Plain tables, as TOML holds them; every number with its source.
    """
    import tomllib

    given = tomllib.loads(scenario.to_toml())
    said = f"anabasis optimise {scenario.name}, least lift-off mass"
    if found.goal == "payload":
        said = f"anabasis optimise {scenario.name}, greatest payload"
    mark = {"source": said, "confidence": "derived"}
    programme, course = found.programme, course_of(scenario)
    assert programme.schedule is not None
    ascent = dict(given["ascent"])
    ascent["steering"] = {
        "kind": "scheduled",
        **mark,
        "thrust_elevation_deg": {
            "time_s": [float(t) for t in programme.schedule.argument],
            "value": [from_si(float(e), "deg") for e in programme.schedule.value],
        },
        "thrust_azimuth_deg": from_si(float(programme.azimuth), "deg"),
        "second_ignition_time_s": float(programme.second_ignition_time),
        "second_elevation_deg": from_si(float(programme.second_elevation), "deg"),
    }
    altitude, tilt = found.figures["orbit_altitude_km"], found.figures["inclination_deg"]
    moved = abs(altitude - float(course.apoapsis) / 1e3) > 1e-9
    moved = moved or abs(tilt - from_si(float(course.inclination), "deg")) > 1e-9
    if moved:
        ascent["target"] = {
            **mark,
            "apoapsis_km": altitude,
            "periapsis_km": altitude,
            "inclination_deg": tilt,
        }
    if "epoch" not in ascent:
        ascent["epoch"] = {
            "value": datetime.datetime.fromisoformat(utc_of_epoch(SOME_EPOCH)),
            "source": "any: the air is one table, and the pole hardly moves",
            "confidence": "assumed",
        }
    ascender = dict(given["ascender"])
    ascender["payload_kg"] = {"value": found.payload, **mark}
    for name in ("stage_one", "stage_two"):
        motor: SolidMotor = getattr(found.vehicle, name)
        own = burning(motor)
        ascender[name] = {
            "kind": "solid",
            **mark,
            "propellant_kg": float(own.propellant),
            "inert_kg": float(motor.inert),
            "thrust_kN": float(own.thrust) / 1e3,
            "specific_impulse_s": float(own.specific_impulse),
            "thrust_regression": float(own.thrust_regression),
        }
    tables = {
        "name": f"{scenario.name}-optimum",
        "summary": said,
        "march": ["ascent"],
        "sources": given.get("sources", {}),
        "ascent": ascent,
        "ascender": ascender,
    }
    if "mars" in given.get("planet", {}):
        tables["planet"] = {"mars": given["planet"]["mars"]}
    return tables


def optimise(
    scenario: Scenario,
    goal: str = "lift-off-mass",
    *,
    orbit: str = "target",
    held_staging: bool = False,
    without: Sequence[str] = (),
    guess: np.ndarray | None = None,
) -> Optimum:
    """Find the best ascent of a scenario's rocket.

    Args:
        scenario: with an ascent, its target orbit and an ascender.
        goal: ``lift-off-mass`` (least, for the payload given) or ``payload`` (greatest, for the
            lift-off mass given, or with the motors given where they are held).
        orbit: ``target`` reaches it exactly; ``window`` the best circular orbit inside
            ``[ascent.limits]``.
        held_staging: keep both motors as they are.
        without: limits of `LIMITS` that are left out.
        guess: scaled unknowns to begin with; None takes a cold guess.

    Raises:
        BadInput: for a question that cannot be asked.
    """
    search = Search(scenario, goal, orbit=orbit, held_staging=held_staging, without=without)
    began = clock.perf_counter()
    coarse = search.solve(guess)
    best = search.finish(coarse) if coarse.found else coarse
    took = clock.perf_counter() - began
    why = () if best.found else search.reasons(coarse)
    z = best.point * _SCALE
    design = _designed(z)
    given = search.vehicle.ascender
    ascender = dataclasses.replace(
        given,
        stage_one=lengthened(given.stage_one, design.first),
        stage_two=lengthened(given.stage_two, design.second),
    )
    stack = stacked(ascender, design.payload)
    burn = float(stack.stage_one.burn_time)
    programme = steering_of(z, np.asarray(burn), search.course.orders.toss.ignition_delay)
    ticks = FINE if coarse.found else COARSE
    names = limit_names(ticks)
    names = names[~np.isin(names, list(search.without))]
    figures = {
        "lift_off_mass_kg": float(stack.lift_off_mass),
        "payload_kg": float(stack.payload),
        "final_mass_kg": float(stack.orbit_mass),
        "stage_one_propellant_kg": float(stack.stage_one.propellant),
        "stage_one_inert_kg": float(stack.inert_one),
        "stage_two_propellant_kg": float(stack.stage_two.propellant),
        "stage_two_inert_kg": float(stack.inert_two),
        "stage_one_burn_time_s": burn,
        "coast_s": float(z[len(KNOTS) + 1]),
        "thrust_azimuth_deg": from_si(float(z[len(KNOTS)]), "deg"),
        "second_elevation_deg": from_si(float(z[len(KNOTS) + 2]), "deg"),
        "orbit_altitude_km": (float(search.course.apoapsis) + float(design.altitude)) / 1e3,
        "inclination_deg": from_si(
            float(search.course.inclination) + float(design.inclination), "deg"
        ),
        "optimality_residual": best.residual,
        "greatest_breach": best.judged.violation,
        "turns": coarse.turns,
        "search_s": took,
    }
    per_unit = 10.0 if goal == "payload" else 100.0
    binding = {}
    for limit in LIMITS:
        price = float(best.spare_price[names == limit].sum())
        if price * per_unit > 1e-4:
            binding[limit] = price * per_unit / 100.0
    return Optimum(
        found=best.found,
        goal=goal,
        unknowns=z,
        figures=figures,
        binding=binding,
        why=why,
        vehicle=ascender,
        payload=float(stack.payload),
        programme=programme,
        best=best,
    )

"""The lightest rocket that carries N tubes into the orbit and fits the lander.

Free are the propellant and the burn time of both stages, the diameters, and with them every length;
and the whole steering of `studies.optimum`. Everything is one smooth problem: the rocket is drawn
by `vehicles.proportions`, flown by `phases.ascent`, and each turn of the search knows how the
answer moves with every number. So does the answer: its sensitivity to each input is exact, from
the prices of the limits, with no second search.
"""

from __future__ import annotations

import dataclasses
import time as clock
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.scenario import Scenario
from anabasis.mechanics.arrays import Array, Scalar
from anabasis.mechanics.compiled import compiled
from anabasis.phases.ascent import Ticks
from anabasis.studies.nonlinear import Best, Judged, least
from anabasis.studies.optimum import (
    COARSE,
    FIRST_COAST,
    FIRST_GUESS,
    KNOTS,
    LIMITS,
    SAMPLES_PER_TUBE,
    STEERING,
    Course,
    course_of,
    first_azimuth,
    flown_under_limits,
    judged,
    limit_names,
    steering_of,
    vehicle_of,
)
from anabasis.units import FACTORS, declaration_of, name_at_wall
from anabasis.vehicles.ascender import Ascender, stacked
from anabasis.vehicles.container import Container
from anabasis.vehicles.motor import SolidMotor
from anabasis.vehicles.proportions import (
    Built,
    Choice,
    Restartable,
    Sizing,
    built,
    built_restartable,
    thrust_range,
)

KINDS = ("two-stage solid", "hybrid", "liquid")
"""Rockets that are sized; the last two are one stage that burns twice."""
GOALS = ("mass", "length", "diameter")

FIT = ("length", "diameter", "lift-off mass", "thrust to weight")
"""Limits that the drawing must keep beside those of `Built.spare`."""

_SCALE = np.array([*[0.1] * len(KNOTS), 0.1, 100.0, 0.1, 20.0, 5.0, 10.0, 3.0, 0.05, 0.05])
"""One step of every unknown: steering, then propellants, burn times and diameters."""


class Inputs(eqx.Module):
    """Every number that the answer depends on and that is not chosen: what it is sensitive to."""

    sizing: Sizing
    course: Course
    ascender: Ascender
    impulse_one: Scalar
    impulse_two: Scalar
    tubes: Scalar
    container: Scalar
    tube: Scalar
    rock: Scalar
    ballast: Scalar
    engine: Restartable | None

    @property
    def payload(self) -> Scalar:
        """Container, tubes, rock, and whatever else is lifted [kg]."""
        return self.container + self.tubes * (self.tube + self.rock) + self.ballast


def _choice(z: Any) -> Choice:
    return Choice(*(z[STEERING + i] for i in range(6)))


def drawn(choice: Choice, inputs: Inputs, kind: str) -> Built:
    """The rocket of a choice."""
    if kind == KINDS[0]:
        return built(choice, inputs.sizing, inputs.impulse_one, inputs.impulse_two)
    assert inputs.engine is not None
    return built_restartable(choice, inputs.sizing, inputs.engine)


def as_ascender(choice: Choice, made: Built, inputs: Inputs, kind: str) -> Ascender:
    """The drawn rocket as a flight knows it: two motors, and a drag area that grows with it."""
    if inputs.engine is not None and kind != KINDS[0]:
        impulses = (inputs.engine.specific_impulse, inputs.engine.specific_impulse)
    else:
        impulses = (inputs.impulse_one, inputs.impulse_two)
    thrusts, inerts = (made.thrust_one, made.thrust_two), (made.inert_one, made.inert_two)
    motors = [
        SolidMotor(
            inert=inert,
            propellant=propellant,
            thrust=thrust,
            burn_time=None,
            specific_impulse=impulse,
            thrust_regression=given.thrust_regression,
        )
        for inert, propellant, thrust, impulse, given in zip(
            inerts,
            (choice.first, choice.second),
            thrusts,
            impulses,
            (inputs.ascender.stage_one, inputs.ascender.stage_two),
            strict=True,
        )
    ]
    return Ascender(
        reference_area=0.25 * jnp.pi * choice.diameter**2,
        drag_coefficient=inputs.ascender.drag_coefficient,
        stage_one=motors[0],
        stage_two=motors[1],
        payload=None,
        separation_lead=inputs.ascender.separation_lead,
    )


def _values(scaled: Any, inputs: Inputs, kind: str, goal: str, ticks: Ticks) -> Array:
    """Objective, four misses, shares of the limits on the way, shares of the limits of the fit."""
    z = scaled * jnp.asarray(_SCALE)
    choice = _choice(z)
    made = drawn(choice, inputs, kind)
    ascender = as_ascender(choice, made, inputs, kind)
    stack = stacked(ascender, inputs.payload)
    course, sizing = inputs.course, inputs.sizing
    programme = steering_of(z, stack.stage_one.burn_time, course.orders.toss.ignition_delay)
    cold, warm = thrust_range(sizing) if kind == KINDS[0] else (1.0, 1.0)
    miss, spare = flown_under_limits(
        programme, ascender, inputs.payload, course, ticks, (warm, warm)
    )
    mass = jnp.asarray(stack.lift_off_mass)
    gravity = course.world.gm / course.world.equatorial_radius**2
    fit = jnp.stack(
        [
            1.0 - made.length / sizing.envelope_length,
            1.0 - choice.diameter / sizing.envelope_diameter,
            1.0 - mass / sizing.greatest_lift_off_mass,
            cold * made.thrust_one / (mass * gravity) / sizing.least_thrust_to_weight - 1.0,
            *made.spare.values(),
        ]
    )
    objective = {"mass": mass / 100.0, "length": made.length, "diameter": choice.diameter}[goal]
    return jnp.concatenate([jnp.reshape(objective, 1), miss, *(spare[n] for n in LIMITS), fit])


@compiled
def _judged(scaled: Array, inputs: Inputs, kind: str, goal: str, ticks: Ticks) -> Any:
    def twice(x: Array) -> tuple[Array, Array]:
        values = _values(x, inputs, kind, goal, ticks)
        return values, values

    slopes, values = jax.jacfwd(twice, has_aux=True)(scaled)
    return values, slopes


@compiled
def _by_input(
    scaled: Array, inputs: Inputs, prices: Array, kind: str, goal: str, ticks: Ticks
) -> Array:
    """How f less the priced conditions moves with every input of `_named`, in their order."""

    def lagrangian(numbers: Array) -> Scalar:
        moved = eqx.tree_at(
            lambda i: [value for *_, value in _named(i)],
            inputs,
            [numbers[k] for k in range(numbers.shape[0])],
        )
        return _values(scaled, moved, kind, goal, ticks) @ prices

    start = jnp.stack([jnp.asarray(value, dtype=float) for *_, value in _named(inputs)])
    return jax.jacfwd(lagrangian)(start)


def built_names(kind: str) -> tuple[str, ...]:
    """Names of the limits of the fit, in their order."""
    if kind != KINDS[0]:
        return FIT
    return (
        *FIT,
        "second motor inside the shell",
        "first nozzle inside the envelope",
        "second nozzle inside the interstage",
        "first motor long enough for its ends",
        "second motor long enough for its ends",
        "first grain burns slowly enough",
        "first grain burns fast enough",
        "second grain burns slowly enough",
        "second grain burns fast enough",
        "second motor burns out in time",
    )


@dataclasses.dataclass(frozen=True)
class Sized:
    """A rocket found, or not.

    Attributes:
        kind: of `KINDS`.
        found: whether all limits are kept and nothing lighter is near.
        figures: by name with unit.
        masses: breakdown of the lift-off mass [kg].
        lengths: of the parts [m].
        binding: limit -> price: what one percent more of it is worth [kg].
        sensitivity: input, with its unit -> change of the lift-off mass per unit [kg].
        best: the point, its prices and its residual.
    """

    kind: str
    found: bool
    figures: Mapping[str, float]
    masses: Mapping[str, float]
    lengths: Mapping[str, float]
    binding: Mapping[str, float]
    sensitivity: Mapping[str, float]
    best: Best


class Shop:
    """One scenario made ready to be sized."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        tubes: int | None = None,
        kind: str = KINDS[0],
        engine: Restartable | None = None,
    ) -> None:
        self.kind = kind
        self.inputs = inputs_of(scenario, tubes, engine)
        self.file = scenario.reading.file
        self._names = np.concatenate([limit_names(COARSE), np.array(built_names(kind))])

    def guess(self, inputs: Inputs) -> np.ndarray:
        """A cold start: the published rocket's proportions."""
        speed = float(inputs.impulse_one) * 9.80665
        azimuth = first_azimuth(inputs.course, speed)
        angles = np.radians(np.array(FIRST_GUESS))
        design = [220.0, 50.0, 70.0, 24.0, 0.46, 0.40]
        if self.kind != KINDS[0]:
            design = [200.0, 14.0, 100.0, 24.0, 0.46, 0.40]
        return np.concatenate([angles, [azimuth, FIRST_COAST, 0.0], design]) / _SCALE

    def bounds(self, inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
        """Between what the search looks."""
        azimuth = float(self.guess(inputs)[len(KNOTS)] * _SCALE[len(KNOTS)])
        n = len(KNOTS)
        small, large = [40.0, 5.0, 8.0, 4.0, 0.2, 0.15], [900.0, 400.0, 300.0, 120.0, 1.5, 1.5]
        if self.kind != KINDS[0]:
            small = [40.0, 0.5, 20.0, 24.0, 0.2, 0.40]
            large = [900.0, 200.0, 400.0, 24.0, 1.5, 0.40]  # two of them play no part
        low = [np.full(n, np.radians(-20.0)), [azimuth - 1.0, 0.0, np.radians(-60.0)], small]
        high = [np.full(n, np.radians(95.0)), [azimuth + 1.0, 3000.0, np.radians(60.0)], large]
        return np.concatenate(low) / _SCALE, np.concatenate(high) / _SCALE

    def judge(
        self, inputs: Inputs, goal: str = "mass", without: Sequence[str] = ()
    ) -> Callable[[np.ndarray], Judged]:
        """The problem for given inputs."""
        keep = ~np.isin(self._names, list(without))

        def at(z: np.ndarray) -> Judged:
            values, slopes = _judged(z, inputs, self.kind, goal, COARSE)
            return judged(np.asarray(values), np.asarray(slopes), 4, keep)

        return at

    def best(
        self,
        inputs: Inputs | None = None,
        *,
        guess: np.ndarray | None = None,
        goal: str = "mass",
        without: Sequence[str] = (),
    ) -> Best:
        """The best point; ``without`` leaves limits out."""
        given = self.inputs if inputs is None else inputs
        begin = self.guess(given) if guess is None else guess
        return least(self.judge(given, goal, without), begin, *self.bounds(given))

    def told(self, best: Best, inputs: Inputs | None = None) -> Sized:
        """What a best point is, in figures, with its sensitivities."""
        given = self.inputs if inputs is None else inputs
        z = best.point * _SCALE
        choice = _choice(z)
        made = drawn(choice, given, self.kind)
        ascender = as_ascender(choice, made, given, self.kind)
        stack = stacked(ascender, given.payload)
        mass = float(stack.lift_off_mass)
        gravity = float(given.course.world.gm / given.course.world.equatorial_radius**2)
        figures = {
            "lift_off_mass_kg": mass,
            "payload_kg": float(given.payload),
            "tubes": float(given.tubes),
            "final_mass_kg": float(stack.orbit_mass),
            "length_m": float(made.length),
            "diameter_m": float(choice.diameter),
            "stage_one_propellant_kg": float(choice.first),
            "stage_one_burn_time_s": float(stack.stage_one.burn_time),
            "stage_one_thrust_kN": float(made.thrust_one) / 1e3,
            "stage_two_propellant_kg": float(choice.second),
            "stage_two_burn_time_s": float(stack.stage_two.burn_time),
            "stage_two_thrust_kN": float(made.thrust_two) / 1e3,
            "thrust_to_weight": float(made.thrust_one) / (mass * gravity),
            "coast_s": float(z[len(KNOTS) + 1]),
            "optimality_residual": best.residual,
            "greatest_breach": best.judged.violation,
        }
        if self.kind == KINDS[0]:
            figures["second_motor_diameter_m"] = float(choice.second_diameter)
            figures |= {f"burn_rate_{n}_mm_s": 1e3 * float(r) for n, r in made.rates.items()}
        masses = {
            "payload": float(given.payload),
            "propellant_one": float(choice.first),
            "propellant_two": float(choice.second),
            **{name: float(value) for name, value in made.masses.items()},
        }
        binding = {}
        for limit in dict.fromkeys(self._names):
            price = float(best.spare_price[self._names == limit].sum())
            if price > 1e-6:
                binding[str(limit)] = price
        return Sized(
            kind=self.kind,
            found=best.found,
            figures=figures,
            masses=masses,
            lengths={name: float(value) for name, value in made.lengths.items()},
            binding=binding,
            sensitivity=self.sensitivity(best, given),
            best=best,
        )

    def sensitivity(self, best: Best, inputs: Inputs) -> dict[str, float]:
        """How the least lift-off mass moves with every input [kg per unit of its name].

        At a best point the choices have no slope left, so only the inputs' own effect counts:
        dM/dp = df/dp - sum of prices times ds/dp (the envelope theorem).
        """
        prices = np.concatenate([[1.0], -best.equal_price, -best.spare_price])
        slopes = np.asarray(_by_input(best.point, inputs, prices, self.kind, "mass", COARSE))
        return {
            name_at_wall(name, unit): 100.0 * float(slope) * FACTORS[unit]
            for (name, unit, _), slope in zip(_named(inputs), slopes, strict=True)
        }


_OF_INPUTS: tuple[tuple[str, str, Callable[[Inputs], Any]], ...] = (
    ("stage_one.specific_impulse", "s", lambda i: i.impulse_one),
    ("stage_two.specific_impulse", "s", lambda i: i.impulse_two),
    ("tubes", "", lambda i: i.tubes),
    ("container.mass", "kg", lambda i: i.container),
    ("container.tube_mass", "kg", lambda i: i.tube),
    ("rock_per_tube", "kg", lambda i: i.rock),
    ("other_payload", "kg", lambda i: i.ballast),
    ("target.apoapsis", "km", lambda i: i.course.apoapsis),
    ("target.periapsis", "km", lambda i: i.course.periapsis),
    ("target.inclination", "deg", lambda i: i.course.inclination),
    ("planet.density_factor", "", lambda i: i.course.world.density_factor),
    ("limits.dynamic_pressure", "kPa", lambda i: i.course.limits.dynamic_pressure),
    ("limits.angle_of_attack", "deg", lambda i: i.course.limits.angle_of_attack),
    ("limits.acceleration", "g", lambda i: i.course.limits.acceleration),
    ("limits.pressure_angle", "kPa_deg", lambda i: i.course.limits.pressure_angle),
)
_OF_ENGINE = (
    ("engine.specific_impulse", "s"),
    ("engine.bulk_density", "kg_m3"),
    ("engine.dry_fraction", ""),
    ("engine.dry_fixed", "kg"),
    ("engine.engine_length", "m"),
)


def _named(tree: Inputs) -> list[tuple[str, str, Any]]:
    """The numbers of `Inputs` (or of its slopes) by name and unit."""
    found = []
    if tree.engine is None:
        found += [(name, unit, take(tree)) for name, unit, take in _OF_INPUTS[:2]]
    else:
        found += [(n, u, getattr(tree.engine, n.split(".")[1])) for n, u in _OF_ENGINE]
    found += [(name, unit, take(tree)) for name, unit, take in _OF_INPUTS[2:]]
    for field in dataclasses.fields(Sizing):
        says = declaration_of(field)
        assert says is not None
        found.append((f"sizing.{field.name}", says.unit, getattr(tree.sizing, field.name)))
    return found


def inputs_of(
    scenario: Scenario, tubes: int | None = None, engine: Restartable | None = None
) -> Inputs:
    """The inputs as a scenario gives them.

    Raises:
        BadInput: where there are more tubes than slots, no target, no rocket to begin with.
    """
    parts = scenario.parts
    container = Container() if parts.container is None else parts.container  # pyright: ignore[reportCallIssue]
    count = container.slot_count if tubes is None else tubes
    if not 0 <= count <= container.slot_count:
        raise BadInput(
            "more tubes than the container has places for" if count > 0 else "less than none",
            file="command line",
            key="--tubes",
            value=count,
            allowed=f"0 to {container.slot_count}",
            hint="fewer tubes, or a container with more slots (container.slot_count)",
        )
    for name in ("ascender", "ascent"):
        if getattr(parts, name) is None:
            raise BadInput(
                "there is no ascent in this scenario",
                file=scenario.reading.file,
                key=name,
                hint="take one that flies an ascent, such as february-2022 or har-open-loop",
            )
    assert parts.ascent is not None
    assert parts.ascender is not None
    if parts.ascent.target is None:
        raise BadInput(
            "a rocket is sized for an orbit",
            file=scenario.reading.file,
            key="ascent.target",
            hint="give [ascent.target]",
        )
    sizing = Sizing() if parts.sizing is None else parts.sizing  # pyright: ignore[reportCallIssue]
    if float(sizing.grain_coldest) > float(sizing.grain_warmest):
        raise BadInput(
            "the coldest grain is warmer than the warmest",
            file=scenario.reading.file,
            key="sizing.grain_coldest_C",
            value=float(sizing.grain_coldest),
            allowed=f"at most {float(sizing.grain_warmest):g} C",
            hint="swap them",
        )
    vehicle = vehicle_of(scenario, payload=1.0)
    stack = stacked(vehicle.ascender, np.asarray(1.0))

    def number(x: Any) -> np.ndarray:
        return np.asarray(float(x))

    return jax.tree.map(
        lambda x: np.asarray(x, dtype=float) if isinstance(x, float) else x,
        Inputs(
            sizing=sizing,
            course=course_of(scenario),
            ascender=vehicle.ascender,
            impulse_one=number(stack.stage_one.specific_impulse),
            impulse_two=number(stack.stage_two.specific_impulse),
            tubes=number(count),
            container=number(container.mass),
            tube=number(container.tube_mass),
            rock=number(SAMPLES_PER_TUBE),
            ballast=number(0.0),
            engine=engine,
        ),
    )


def size(
    scenario: Scenario,
    *,
    tubes: int | None = None,
    kind: str = KINDS[0],
    engine: Restartable | None = None,
) -> Sized:
    """The lightest rocket of a kind.

    Args:
        scenario: with an ascent, its target, an ascender for its drag curve and impulses.
        tubes: aboard; None fills the container.
        kind: of `KINDS`.
        engine: for the kinds with one stage.

    Raises:
        BadInput: where nothing fits the envelope, saying which dimension and by how much.
    """
    shop = Shop(scenario, tubes=tubes, kind=kind, engine=engine)
    began = clock.perf_counter()
    best = shop.best()
    took = clock.perf_counter() - began
    if not best.found:
        _refuse_envelope(shop, best)
    sized = shop.told(best)
    return dataclasses.replace(sized, figures={**sized.figures, "search_s": took})


def _refuse_envelope(shop: Shop, best: Best) -> None:
    """Say which dimension is too small, and by how much; silent where it is not the envelope."""
    sizing = shop.inputs.sizing
    shortest = shop.best(goal="length", without=["length"])
    room = float(sizing.envelope_length)
    if shortest.found and shortest.judged.objective > room:
        raise BadInput(
            f"nothing fits: the shortest rocket within {float(sizing.envelope_diameter):g} m "
            f"diameter is {shortest.judged.objective:.3f} m long, "
            f"{shortest.judged.objective - room:.3f} m too long",
            file=shop.file,
            key="sizing.envelope_length_m",
            value=room,
            allowed=f"at least {shortest.judged.objective:.3f} m",
            hint="a longer or wider envelope, or less payload",
        )
    slimmest = shop.best(goal="diameter", without=["length", "diameter"])
    room = float(sizing.envelope_diameter)
    if slimmest.found and slimmest.judged.objective > room:
        raise BadInput(
            f"nothing fits: the slimmest rocket of any length has {slimmest.judged.objective:.3f} "
            f"m diameter, {slimmest.judged.objective - room:.3f} m too much",
            file=shop.file,
            key="sizing.envelope_diameter_m",
            value=room,
            allowed=f"at least {slimmest.judged.objective:.3f} m",
            hint="a wider envelope, or less payload",
        )
    light = shop.best(without=["lift-off mass"])
    most = float(sizing.greatest_lift_off_mass)
    if light.found and 100.0 * light.judged.objective > most:
        raise BadInput(
            f"nothing is light enough: the lightest rocket weighs "
            f"{100.0 * light.judged.objective:.1f} kg",
            file=shop.file,
            key="sizing.greatest_lift_off_mass_kg",
            value=most,
            allowed=f"at least {100.0 * light.judged.objective:.1f} kg",
            hint="allow more, or carry less",
        )


def trade(
    scenario: Scenario, sized: Sized, *, tubes: int | None = None
) -> dict[str, list[tuple[float, float | None]]]:
    """The least lift-off mass over tubes, target altitude, payload and specific impulse.

    Args:
        scenario: as for `size`.
        sized: its two-stage answer, where each curve begins.
        tubes: as for `size`.

    Returns:
        Curve -> pairs of argument (in the unit of the curve's name) and lift-off mass [kg]; None
        where nothing keeps all limits.
    """
    shop = Shop(scenario, tubes=tubes)
    own = shop.inputs
    count, altitude = float(own.tubes), float(own.course.apoapsis)
    most = 30 if scenario.parts.container is None else scenario.parts.container.slot_count

    def with_altitude(x: float) -> Inputs:
        return eqx.tree_at(
            lambda i: (i.course.apoapsis, i.course.periapsis),
            own,
            (np.asarray(1e3 * x), np.asarray(1e3 * x)),
        )

    def with_impulse(x: float) -> Inputs:
        return eqx.tree_at(
            lambda i: (i.impulse_one, i.impulse_two),
            own,
            (own.impulse_one + x, own.impulse_two + x),
        )

    curves: dict[str, tuple[float, list[float], Callable[[float], Inputs]]] = {
        "tubes": (
            count,
            sorted({0.0, *(float(round(most * k / 6)) for k in range(1, 7)), count}),
            lambda x: eqx.tree_at(lambda i: i.tubes, own, np.asarray(x)),
        ),
        "altitude_km": (
            altitude / 1e3,
            sorted({300.0, 325.0, 350.0, 375.0, 400.0, altitude / 1e3}),
            with_altitude,
        ),
        "payload_kg": (
            float(own.payload),
            [float(own.payload) + d for d in (-6.0, -4.0, -2.0, 0.0, 2.0, 4.0)],
            lambda x: eqx.tree_at(lambda i: i.ballast, own, np.asarray(x - float(own.payload))),
        ),
        "specific_impulse_change_s": (0.0, [-10.0, -5.0, 0.0, 5.0, 10.0], with_impulse),
    }
    found: dict[str, list[tuple[float, float | None]]] = {}
    for name, (here, places, inputs_at) in curves.items():
        known: dict[float, Best] = {here: sized.best}
        row: dict[float, float | None] = {here: sized.figures["lift_off_mass_kg"]}
        for x in sorted(places, key=lambda x: abs(x - here)):
            if x in row:
                continue
            nearest = known[min(known, key=lambda k: abs(k - x))]
            best = shop.best(inputs_at(x), guess=nearest.point)
            row[x] = 100.0 * best.judged.objective if best.found else None
            if best.found:
                known[x] = best
        found[name] = sorted(row.items())
    return found

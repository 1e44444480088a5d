r"""Entry guidance after Apollo, as Curiosity and Perseverance flew it.

    pre-bank ---> range control ---> heading alignment ---> straighten up and fly right ---> mortar
    drag small    bank by range,      bank towards the       lift up, ballast goes
                  reversals by        target, small
                  crossrange

A reference flight, tabulated over the speed, says how far each speed still carries; its influence
coefficients say how much farther more drag, more climb or more lift upward would. The law compares
the range predicted with the range to go and turns the lift so that the two meet at the end:

    R_p = R_ref + dR/dD (D - D_ref) + dR/dh' (h' - h'_ref)
    (L/D)_up = (L/D)_up,ref + K (R_go - R_p) / (dR/d(L/D)_up)

and in heading alignment the side of the lift by the crossrange Y it still carries:

    sin(bank) = K y / Y

The law knows its navigation, the drag it feels, and its own tables; it never sees the truth.
Source: G. Carman, D. Ives, D. Geller, AIAA 98-4570 (1998); G. Mendeck and L. Craig McGrew, J.
Spacecraft 51 (2014): structure of the law and names of its phases; numbers are the scenario's.
"""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Float

from anabasis.guidance.dead_reckoning import Believed, Course, OnboardPlanet, course, reckon
from anabasis.guidance.predictor import Flat, Onboard, Prediction, at_rest, learned, predict
from anabasis.mechanics.arrays import Array, Scalar, Series, Vector
from anabasis.units import part, quantity, text

Column = Float[Array, " speeds"]

PRE_BANK, RANGE_CONTROL, HEADING, STRAIGHT = 0, 1, 2, 3
"""Modes of the law, in their order; a flight never goes back to an earlier one."""

_LEAST_DRAG = 1e-3
_FILTER = 5.0


class Reference(eqx.Module):
    """The reference flight and its influence coefficients, by speed relative to the planet.

    Made by ``anabasis tune``; all columns are as long as the speeds.
    """

    relative_speed: Series = quantity("m_s", "speeds, evenly spaced, rising", many=True)
    range_to_go: Column = quantity("km", "to the target", many=True)
    drag: Column = quantity("m_s2", "deceleration by drag", many=True)
    climb_rate: Column = quantity("m_s", "rate of climb", many=True)
    lift_to_drag_up: Column = quantity("", "lift upward over drag", many=True)
    lift_to_drag: Column = quantity("", "whole lift over drag", many=True)
    range_per_drag: Column = quantity("", "range by drag at one speed [m per m/s^2]", many=True)
    range_per_climb_rate: Column = quantity("", "range by climb rate [m per m/s]", many=True)
    range_per_lift_to_drag: Column = quantity(
        "", "range by lift upward over drag, from here on [m per 1]", many=True
    )
    deadband: Column = quantity(
        "km", "crossrange at which the bank turns over", many=True, minimum=0.0
    )
    crossrange_per_side: Column = quantity(
        "km", "crossrange that lift wholly to one side carries from here on", many=True
    )
    straighten_speed: Scalar = quantity(
        "m_s", "speed at which the capsule straightens up and flies right", above=0.0
    )
    drag_scale: Scalar = quantity(
        "", "drag over speed squared at the level of the target [1/m], fitted", above=0.0
    )
    scale_height: Scalar = quantity("km", "scale height of that fit", above=0.0)
    tuned_for: str | None = text(
        "hash of the scenario it was made for, this table left out", optional=True
    )


class EntryLaw(eqx.Module):
    """What every closed loop of an entry has: its aims, its limits, its tuned reference."""

    parachute_speed: Scalar = quantity(
        "m_s", "speed relative to the planet at which the reference ends", above=0.0
    )
    parachute_height: Scalar = quantity("km", "height above the areoid at which the reference ends")
    parachute_range: Scalar = quantity(
        "km", "distance still to go to the target where the reference ends", minimum=0.0
    )
    straighten_lead: Scalar = quantity(
        "s",
        "how long before the parachute the capsule straightens up and flies right",
        above=0.0,
        maximum=100.0,
        default=16.85,
        source="KW: Mars 2020 straightened at 223.787 s, mortar at 240.632 s",
        confidence="published",
    )
    late_below_relative_speed: Scalar = quantity(
        "m_s",
        "speed below which the reference flies its second bank",
        above=0.0,
        default=2000.0,
        source="engineering default (docs/landing.md): one for every lander; by then the load is "
        "past and the bank serves the height",
    )
    felt_drag: Scalar = quantity(
        "m_s2",
        "drag at which range control begins",
        above=0.0,
        default=1.96,
        source="NO: pre-bank ends at 0.2 g of sensed drag",
        confidence="published",
    )
    overcontrol: Scalar = quantity(
        "",
        "gain K on the errors of range and, in heading alignment, crossrange",
        above=0.0,
        maximum=20.0,
        default=4.0,
        source="engineering default (docs/landing.md): above 1 so that errors are gone early",
    )
    least_bank: Scalar = quantity(
        "deg",
        "least bank of range control",
        minimum=0.0,
        maximum=90.0,
        default=15.0,
        source="engineering default (docs/landing.md): some lift stays for crossrange",
    )
    greatest_bank: Scalar = quantity(
        "deg",
        "greatest bank of range control",
        minimum=0.0,
        maximum=180.0,
        default=100.0,
        source="engineering default (docs/landing.md): lift is hardly turned down",
    )
    heading_below_relative_speed: Scalar = quantity(
        "m_s",
        "speed at which heading alignment begins",
        above=0.0,
        default=1100.0,
        source="engineering default (docs/landing.md): as MSL's, recalled",
    )
    heading_limit: Scalar = quantity(
        "deg",
        "greatest bank of heading alignment",
        minimum=0.0,
        maximum=90.0,
        default=30.0,
        source="NO",
        confidence="published",
    )
    bank_rate: Scalar = quantity(
        "deg_s",
        "greatest rate of bank",
        above=0.0,
        default=20.0,
        source="20 deg/s, as in studies of the class (NO)",
    )
    bank_acceleration: Scalar = quantity(
        "deg_s",
        "greatest change of that rate in a second",
        above=0.0,
        default=5.0,
        source="engineering default (docs/landing.md): 5 deg/s2",
    )
    ballast: Scalar = quantity(
        "kg",
        "thrown off in three pairs while straightening; the trim goes with it",
        minimum=0.0,
        default=0.0,
        source="engineering default (docs/landing.md): none unless given",
    )
    ballast_delay: Scalar = quantity(
        "s",
        "from straightening to the first pair; the others follow 2 s apart",
        minimum=0.0,
        default=5.15,
        source="KW: straightening at 223.787 s, first pair at 228.937 s",
        confidence="published",
    )
    reference: Reference | None = part("made by anabasis tune", optional=True)


class GuidedBank(EntryLaw):
    """Apollo-derived entry guidance, closed loop, with a bank that takes time to turn."""

    kind: ClassVar[str] = "guided"


class PredictorBank(EntryLaw):
    """The same phases, with range control by prediction and correction (`guidance.predictor`)."""

    kind: ClassVar[str] = "predictor_corrector"


class Guide(eqx.Module):
    """The law as it is flown: its numbers, its planet, what fires the mortar.

    Attributes:
        law: numbers.
        reference: tables.
        planet: the onboard copy.
        fire_speed: the mortar fires when the believed speed falls to this [m/s]; or
        fire_range: when the believed distance to the target does [m], within
        fire_fastest, fire_slowest: these speeds [m/s].
        fire_time: or at this time after the interface [s].
        onboard: the model of a law that predicts; None for one that does not.
    """

    law: EntryLaw
    reference: Reference
    planet: OnboardPlanet
    fire_speed: Scalar | None
    fire_range: Scalar | None
    fire_fastest: Scalar
    fire_slowest: Scalar
    fire_time: Scalar | None
    onboard: Onboard | None


class Memory(eqx.Module):
    """What the law remembers from tick to tick."""

    believed: Believed
    mode: Scalar
    sign: Scalar
    lift_to_drag: Scalar
    straight_since: Scalar
    turned_over: Scalar
    elapsed: Scalar
    prediction: Prediction | None


class Sensed(eqx.Module):
    """What the law is told: time since the interface [s], the push felt over the last tick, in
    believed axes [m/s^2], and how long that tick was [s]."""

    elapsed: Scalar
    push: Vector
    length: Scalar


class Command(eqx.Module):
    """What the law asks for: a bank [rad], whether to straighten, whether to fire."""

    bank: Scalar
    straight: Scalar
    fire: Scalar


def awake(guide: Guide, believed: Believed) -> Memory:
    """The law's memory at the interface."""
    zero = jnp.asarray(0.0)
    # towards the target, should it lie to a side
    crossrange = course(guide.planet, believed, zero).crossrange
    side = jnp.where(crossrange < 0.0, -1.0, 1.0)
    prediction = None if guide.onboard is None else at_rest()
    return Memory(
        believed, zero, side, guide.reference.lift_to_drag[-1] + zero, zero, zero, zero, prediction
    )


def pre_bank(reference: Reference) -> Scalar:
    """The bank with which the reference meets the air [rad]; not negative."""
    share = reference.lift_to_drag_up[-1] / reference.lift_to_drag[-1]
    return jnp.arccos(jnp.clip(share, -1.0, 1.0))


def look_up(reference: Reference, speed: Scalar) -> dict[str, Scalar]:
    """The reference at a speed; held beyond its ends."""
    speeds = reference.relative_speed
    last = speeds.shape[0] - 1
    step = (speeds[last] - speeds[0]) / last
    x = jnp.clip((speed - speeds[0]) / step, 0.0, last)
    below = jnp.clip(jnp.floor(x), 0.0, last - 1.0)
    i, f = below.astype(jnp.int32), x - below
    names = (
        "range_to_go", "drag", "climb_rate", "lift_to_drag_up",
        "range_per_drag", "range_per_climb_rate", "range_per_lift_to_drag", "deadband",
        "crossrange_per_side",
    )  # fmt: skip
    columns = jnp.stack([jnp.asarray(getattr(reference, name)) for name in names], axis=1)
    row = columns[i] + f * (columns[i + 1] - columns[i])
    return dict(zip(names, row, strict=True))


def steer(guide: Guide, memory: Memory, sensed: Sensed) -> tuple[Command, Memory]:
    """One tick of the law.

    Args:
        guide: the law.
        memory: from the tick before.
        sensed: what is told now.

    Returns:
        What to do, and what to remember.
    """
    law = guide.law
    believed = reckon(guide.planet, memory.believed, sensed.push, sensed.length)
    seen = course(guide.planet, believed, sensed.elapsed)
    drag = jnp.maximum(-jnp.dot(sensed.push, seen.forward), 0.0)
    across = sensed.push + drag * seen.forward
    lift = jnp.sqrt(jnp.dot(across, across) + 1e-12)

    mode = memory.mode
    mode = jnp.where((mode == PRE_BANK) & (drag > law.felt_drag), 1.0 * RANGE_CONTROL, mode)
    slow = mode >= RANGE_CONTROL
    aligns = slow & (mode < HEADING) & (seen.speed < law.heading_below_relative_speed)
    mode = jnp.where(aligns, 1.0 * HEADING, mode)
    straightens = slow & (mode < STRAIGHT) & (seen.speed < guide.reference.straighten_speed)
    mode = jnp.where(straightens, 1.0 * STRAIGHT, mode)
    since = jnp.where(straightens, sensed.elapsed, memory.straight_since)

    share = sensed.length / _FILTER
    ratio = lift / jnp.maximum(drag, _LEAST_DRAG)
    known = memory.lift_to_drag
    lift_to_drag = jnp.where(mode == RANGE_CONTROL, known + share * (ratio - known), known)

    at = look_up(guide.reference, seen.speed)
    carried = (
        at["range_to_go"]
        + at["range_per_drag"] * (drag - at["drag"])
        + at["range_per_climb_rate"] * (seen.climb_rate - at["climb_rate"])
    )
    short = seen.downrange - carried
    prediction = memory.prediction
    if prediction is None or guide.onboard is None:
        upward = at["lift_to_drag_up"] + law.overcontrol * short / at["range_per_lift_to_drag"]
    else:
        prediction = _predicted(guide, guide.onboard, prediction, believed, seen, drag)
        # what was predicted is a share of the lift; it is asked of the lift that is felt
        upward = _share(guide, seen.speed, prediction.correction) * lift_to_drag
    cosine = jnp.clip(upward / lift_to_drag, jnp.cos(law.greatest_bank), jnp.cos(law.least_bank))
    size = jnp.arccos(jnp.clip(cosine, -1.0, 1.0))

    band = at["deadband"]
    # a positive bank turns to the right: towards a target whose crossrange is positive
    towards = jnp.where(seen.crossrange > 0.0, 1.0, -1.0)
    outside = jnp.abs(seen.crossrange) > band
    turns = (mode == RANGE_CONTROL) & outside & (towards != memory.sign)
    sign = jnp.where(turns, towards, memory.sign)

    side = law.overcontrol * seen.crossrange / at["crossrange_per_side"]
    most = jnp.sin(law.heading_limit)
    aligned = jnp.arcsin(jnp.clip(side, -most, most))
    # before the drag is felt there is nothing to steer by: the reference's first bank
    bank = jnp.where(mode == PRE_BANK, sign * pre_bank(guide.reference), sign * size)
    bank = jnp.where(mode == HEADING, aligned, bank)
    bank = jnp.where(mode == STRAIGHT, 0.0, bank)

    fire = _fires(guide, seen.speed, jnp.hypot(seen.downrange, seen.crossrange), sensed.elapsed)
    fire = fire & slow
    command = Command(bank, jnp.where(mode == STRAIGHT, 1.0, 0.0), jnp.where(fire, 1.0, 0.0))
    turned_over = memory.turned_over + jnp.where(turns, 1.0, 0.0)
    return command, Memory(
        believed, mode, sign, lift_to_drag, since, turned_over, sensed.elapsed, prediction
    )


def _share(guide: Guide, speed: Scalar, correction: Scalar) -> Scalar:
    """Share of the lift that points up: the reference's and the correction, within the limits."""
    law, reference = guide.law, guide.reference
    up, whole = (
        _column(reference, column, speed)
        for column in (reference.lift_to_drag_up, reference.lift_to_drag)
    )
    share = up / jnp.maximum(whole, 1e-3)
    held = jnp.clip(share + correction, jnp.cos(law.greatest_bank), jnp.cos(law.least_bank))
    # from heading alignment on nothing is corrected any more
    return jnp.where(speed > law.heading_below_relative_speed, held, share)


def _column(reference: Reference, column: Column, speed: Scalar) -> Scalar:
    speeds = reference.relative_speed
    last = speeds.shape[0] - 1
    x = jnp.clip((speed - speeds[0]) / ((speeds[last] - speeds[0]) / last), 0.0, last)
    below = jnp.clip(jnp.floor(x), 0.0, last - 1.0)
    i = below.astype(jnp.int32)
    values = jnp.asarray(column)
    return values[i] + (x - below) * (values[i + 1] - values[i])


def _predicted(
    guide: Guide,
    onboard: Onboard,
    before: Prediction,
    believed: Believed,
    seen: Course,
    drag: Scalar,
) -> Prediction:
    radius = jnp.sqrt(jnp.dot(believed.position, believed.position))
    height = radius - onboard.ground_radius
    angle = jnp.arcsin(jnp.clip(seen.climb_rate / seen.speed, -1.0, 1.0))
    now = Flat(height, seen.speed, angle, jnp.hypot(seen.downrange, seen.crossrange))
    coriolis = -2.0 * guide.planet.spin * jnp.cross(guide.planet.pole, seen.forward)
    turning = jnp.dot(coriolis, seen.up)
    factor = learned(onboard, before, height, seen.speed, drag)

    def lift_of(speed: Scalar, correction: Scalar) -> Scalar:
        whole = _column(guide.reference, guide.reference.lift_to_drag, speed)
        return _share(guide, speed, correction) * whole

    return predict(onboard, before, now, turning, factor, lift_of)


def _fires(guide: Guide, speed: Scalar, distance: Scalar, elapsed: Scalar) -> Array:
    if guide.fire_time is not None:
        return jnp.asarray(elapsed >= guide.fire_time)
    if guide.fire_speed is not None:
        return jnp.asarray(speed <= guide.fire_speed)
    assert guide.fire_range is not None
    near = (distance <= guide.fire_range) & (speed <= guide.fire_fastest)
    return jnp.asarray(near | (speed <= guide.fire_slowest))

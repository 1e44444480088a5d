"""The inertial measurement unit: what a rocket can feel of its own motion, and how wrongly.

Each tick it says how far it has turned and how much speed the forces it feels have given it, in its
own axes. What it says is

    measured = M (1 + scale) (true + bias dt + walk sqrt(dt) noise), rounded to whole counts

where M is the small turn of its axes against the rocket's, and what rounding cuts off is kept for
the next tick.
"""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics import dice
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.rigid import Triple, cross, plus
from anabasis.mechanics.strapdown import Sensed
from anabasis.units import quantity

_ASSUMED = "engineering default (docs/ascent.md)"


def _error(unit: str, meaning: str, bound: float) -> Any:
    return quantity(
        unit,
        meaning,
        minimum=-bound,
        maximum=bound,
        default=0.0,
        source="a perfect one",
        confidence="derived",
    )


class InertialUnit(eqx.Module):
    """Gyros and accelerometers and their errors; nought is a perfect unit.

    Attributes:
        gyro_bias_x, _y, _z: [rad/s].
        gyro_scale_x, _y, _z: error of the scale factor.
        gyro_misalignment_x, _y, _z: turn of the gyros' axes [rad].
        gyro_walk: angular random walk [rad/sqrt(s)].
        gyro_quantum: smallest angle told; nought does not round [rad].
        accelerometer_...: the same, with speeds.
        dice: whole number that names this unit's noise.
    """

    gyro_bias_x: Scalar = _error("deg_h", "bias of the gyro about x", 1e6)
    gyro_bias_y: Scalar = _error("deg_h", "bias of the gyro about y", 1e6)
    gyro_bias_z: Scalar = _error("deg_h", "bias of the gyro about z", 1e6)
    gyro_scale_x: Scalar = _error("ppm", "scale factor error of the gyro about x", 1e5)
    gyro_scale_y: Scalar = _error("ppm", "scale factor error of the gyro about y", 1e5)
    gyro_scale_z: Scalar = _error("ppm", "scale factor error of the gyro about z", 1e5)
    gyro_misalignment_x: Scalar = _error("mrad", "turn of the gyros' axes about x", 100.0)
    gyro_misalignment_y: Scalar = _error("mrad", "turn of the gyros' axes about y", 100.0)
    gyro_misalignment_z: Scalar = _error("mrad", "turn of the gyros' axes about z", 100.0)
    accelerometer_bias_x: Scalar = _error("g", "bias of the accelerometer along x", 1.0)
    accelerometer_bias_y: Scalar = _error("g", "bias of the accelerometer along y", 1.0)
    accelerometer_bias_z: Scalar = _error("g", "bias of the accelerometer along z", 1.0)
    accelerometer_scale_x: Scalar = _error("ppm", "scale factor error of the accelerometer x", 1e5)
    accelerometer_scale_y: Scalar = _error("ppm", "scale factor error of the accelerometer y", 1e5)
    accelerometer_scale_z: Scalar = _error("ppm", "scale factor error of the accelerometer z", 1e5)
    accelerometer_misalignment_x: Scalar = _error(
        "mrad", "turn of the accelerometers about x", 100.0
    )
    accelerometer_misalignment_y: Scalar = _error(
        "mrad", "turn of the accelerometers about y", 100.0
    )
    accelerometer_misalignment_z: Scalar = _error(
        "mrad", "turn of the accelerometers about z", 100.0
    )
    gyro_walk: Scalar = quantity(
        "deg_sqrt_h",
        "angular random walk",
        minimum=0.0,
        maximum=100.0,
        default=0.07,
        source=_ASSUMED,
        confidence="assumed",
    )
    accelerometer_walk: Scalar = quantity(
        "m_s_sqrt_h",
        "velocity random walk",
        minimum=0.0,
        maximum=100.0,
        default=0.02,
        source=_ASSUMED,
        confidence="assumed",
    )
    gyro_quantum: Scalar = quantity(
        "deg",
        "smallest angle that is told; 0 does not round",
        minimum=0.0,
        maximum=1.0,
        default=0.0003,
        source=f"{_ASSUMED}: about one second of arc",
        confidence="assumed",
    )
    accelerometer_quantum: Scalar = quantity(
        "m_s",
        "smallest change of speed that is told; 0 does not round",
        minimum=0.0,
        maximum=1.0,
        default=0.001,
        source=_ASSUMED,
        confidence="assumed",
    )
    dice: Scalar = quantity(
        "",
        "names the noise: another number, another flight's noise",
        minimum=0.0,
        maximum=9e15,
        default=0.0,
        source=_ASSUMED,
        confidence="assumed",
    )


class Residue(eqx.Module):
    """What rounding has cut off so far."""

    angle: Triple
    speed: Triple


def no_residue() -> Residue:
    """Nothing cut off yet."""
    nought = jnp.zeros(())
    return Residue((nought, nought, nought), (nought, nought, nought))


class Unit(eqx.Module):
    """An `InertialUnit` ready to measure: its errors as triples, its noise keyed.

    Attributes:
        gyro, accelerometer: biases, one and the scale error, misalignments.
        walks: of angle and speed.
        quanta: smallest told, and what to multiply by to count in them; 1 and 0 do not round.
        keys: of the noise about each axis, which gyro and accelerometer share.
    """

    gyro: tuple[Triple, Triple, Triple]
    accelerometer: tuple[Triple, Triple, Triple]
    walks: tuple[Scalar, Scalar]
    quanta: tuple[tuple[Scalar, Scalar], tuple[Scalar, Scalar]]
    keys: tuple[Any, Any, Any]


def ready(unit: InertialUnit) -> Unit:
    """The unit with everything worked out that stays the same during a flight."""

    def three(name: str) -> Triple:
        return (
            getattr(unit, f"{name}_x"),
            getattr(unit, f"{name}_y"),
            getattr(unit, f"{name}_z"),
        )

    def all_of(name: str) -> tuple[Triple, Triple, Triple]:
        x, y, z = three(f"{name}_scale")
        gains: Triple = (1.0 + x, 1.0 + y, 1.0 + z)
        return three(f"{name}_bias"), gains, three(f"{name}_misalignment")

    def counted(quantum: Scalar) -> tuple[Scalar, Scalar]:
        size = jnp.asarray(quantum, dtype=float)
        rounds = size > 0.0
        return jnp.where(rounds, size, 1.0), jnp.where(
            rounds, 1.0 / jnp.where(rounds, size, 1.0), 0.0
        )

    keys = tuple(dice.key_of(unit.dice, f"unit {axis}") for axis in "xyz")
    return Unit(
        all_of("gyro"),
        all_of("accelerometer"),
        (unit.gyro_walk, unit.accelerometer_walk),
        (counted(unit.gyro_quantum), counted(unit.accelerometer_quantum)),
        keys,  # pyright: ignore[reportArgumentType]
    )


def measure(
    unit: Unit, angle: Triple, speed: Triple, length: Scalar, count: Scalar, residue: Residue
) -> tuple[Sensed, Residue]:
    """What the unit says of one tick.

    Args:
        unit: ready.
        angle: turned in truth, body axes [rad].
        speed: gained in truth from what can be felt, body axes [m/s].
        length: of the tick [s].
        count: of the tick, which names its noise.
        residue: of the rounding before.

    Returns:
        What is sensed, and the new residue.
    """
    root = jnp.sqrt(length)
    drawn = [dice.noise_pair(key, count) for key in unit.keys]

    def one(which: int, true: Triple, left: Triple) -> tuple[Triple, Triple]:
        bias, gain, tilt = (unit.gyro, unit.accelerometer)[which]
        walk, (quantum, per_quantum) = unit.walks[which] * root, unit.quanta[which]
        turned = plus(true, cross(true, tilt))  # seen from axes that are turned by the tilt
        told, kept = [], []
        for k in range(3):
            value = gain[k] * (turned[k] + bias[k] * length + walk * drawn[k][which]) + left[k]
            rounded = jnp.round(value * per_quantum) * quantum
            rounded = jnp.where(per_quantum > 0.0, rounded, value)
            told.append(rounded)
            kept.append(value - rounded)
        return tuple(told), tuple(kept)  # pyright: ignore[reportReturnType]

    angles, angle_left = one(0, angle, residue.angle)
    speeds, speed_left = one(1, speed, residue.speed)
    return Sensed(angles, speeds, length), Residue(angle_left, speed_left)

"""RASP motor files (``.eng``): what a solid motor pushes, as hobby and professional tools keep it.

    ; comment
    name diameter_mm length_mm delays propellant_kg loaded_kg maker
      time_s thrust_N
      ...
      time_s 0

The curve begins at rest: a thrust of nothing at the instant nought is understood and not written.
It ends with a thrust of nothing. Several motors may stand in one file.
"""

from __future__ import annotations

import dataclasses
import math
import os
import pathlib
from collections.abc import Sequence


class BadMotorFile(ValueError):
    """A motor file that says nothing, or something that cannot be: with the file and the line."""

    def __init__(self, message: str, file: str, line: int) -> None:
        self.file, self.line, self.message = file, line, message
        super().__init__(f"{file}:{line}: {message}")


@dataclasses.dataclass(frozen=True)
class RaspMotor:
    """One motor as its file tells it, SI.

    Attributes:
        name: of the motor, without blanks.
        diameter: [m].
        length: [m].
        delays: of the ejection charge, as written; ``P`` or ``0`` where there is none.
        propellant: [kg].
        loaded: mass ready to fly [kg].
        maker: without blanks.
        time: from ignition, increasing, the first at nought [s].
        thrust: at each time, the last nothing [N].
    """

    name: str
    diameter: float
    length: float
    delays: str
    propellant: float
    loaded: float
    maker: str
    time: tuple[float, ...]
    thrust: tuple[float, ...]

    @property
    def impulse(self) -> float:
        """Area under the curve, straight between its points [N s]."""
        steps = zip(self.time, self.time[1:], self.thrust, self.thrust[1:], strict=False)
        return sum(0.5 * (t1 - t0) * (f0 + f1) for t0, t1, f0, f1 in steps)


def read(path: str | os.PathLike[str]) -> tuple[RaspMotor, ...]:
    """The motors of a file.

    Args:
        path: of the file.

    Raises:
        BadMotorFile: with file and line, for whatever cannot be a motor.
        OSError: where there is no such file.
    """
    raw = pathlib.Path(path).read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # older files; only comments and names can differ
    return parse(text, str(path))


def parse(text: str, file: str = "motor") -> tuple[RaspMotor, ...]:
    """The motors of a text in the format; `read` does it for a file.

    Raises:
        BadMotorFile: with file and line.
    """
    motors: list[RaspMotor] = []
    header: tuple[int, RaspMotor] | None = None
    points: list[tuple[float, float]] = []
    last = 0
    for number, line in enumerate(text.splitlines(), start=1):
        last = number
        stripped = line.strip()
        if stripped.startswith(";") or not stripped:
            # a comment after the points closes the motor; before them it is only a comment
            if header is not None and points and stripped.startswith(";"):
                motors.append(_whole(header, points, file, number))
                header, points = None, []
            continue
        words = stripped.split()
        if header is None:
            header = (number, _header(words, file, number))
            continue
        if len(words) != 2:
            if points and points[-1][1] == 0.0 and len(words) >= 7:
                motors.append(_whole(header, points, file, number))
                header, points = (number, _header(words, file, number)), []
                continue
            raise BadMotorFile("a point is a time and a thrust, two numbers", file, number)
        time, thrust = (_number(word, file, number) for word in words)
        _follow(points, time, thrust, file, number)
        points.append((time, thrust))
    if header is not None:
        motors.append(_whole(header, points, file, last))
    if not motors:
        raise BadMotorFile("there is no motor: the header line is missing", file, max(last, 1))
    return tuple(motors)


def _header(words: Sequence[str], file: str, number: int) -> RaspMotor:
    if len(words) < 7:
        raise BadMotorFile(
            "the header is missing or short: name, diameter_mm, length_mm, delays, propellant_kg, "
            "loaded_kg, maker",
            file,
            number,
        )
    diameter, length, propellant, loaded = (_number(words[k], file, number) for k in (1, 2, 4, 5))
    if not (diameter > 0.0 and length > 0.0):
        raise BadMotorFile("diameter and length are above nought", file, number)
    if not 0.0 < propellant <= loaded:
        raise BadMotorFile(
            "the propellant is above nought and not above the loaded mass", file, number
        )
    return RaspMotor(
        words[0],
        diameter * 1e-3,
        length * 1e-3,
        words[3],
        propellant,
        loaded,
        "_".join(words[6:]),
        (),
        (),
    )


def _number(word: str, file: str, number: int) -> float:
    try:
        value = float(word)
    except ValueError:
        raise BadMotorFile(f"{word!r} is not a number", file, number) from None
    if not math.isfinite(value):
        raise BadMotorFile(f"{word!r} is not a finite number", file, number)
    return value


def _follow(
    points: list[tuple[float, float]], time: float, thrust: float, file: str, number: int
) -> None:
    if time < 0.0:
        raise BadMotorFile(f"the time {time:g} s is negative", file, number)
    if thrust < 0.0:
        raise BadMotorFile(f"the thrust {thrust:g} N is negative", file, number)
    if points and time <= points[-1][0]:
        raise BadMotorFile(
            f"the time {time:g} s does not come after {points[-1][0]:g} s", file, number
        )
    if points and points[-1][1] == 0.0 and points[-1][0] > 0.0:
        raise BadMotorFile("the curve goes on after its thrust has ended", file, number)


def _whole(
    header: tuple[int, RaspMotor], points: list[tuple[float, float]], file: str, number: int
) -> RaspMotor:
    line, motor = header
    if not points:
        raise BadMotorFile(f"the motor {motor.name} has no curve", file, line)
    if points[-1][1] != 0.0:
        raise BadMotorFile("the curve does not end with a thrust of 0", file, number)
    if points[0][0] > 0.0:
        points = [(0.0, 0.0), *points]
    if len(points) < 2 or not any(thrust > 0.0 for _, thrust in points):
        raise BadMotorFile(f"the motor {motor.name} never pushes", file, line)
    time, thrust = zip(*points, strict=True)
    return dataclasses.replace(motor, time=tuple(time), thrust=tuple(thrust))


def write(path: str | os.PathLike[str], motors: Sequence[RaspMotor], comment: str = "") -> None:
    """Write motors so that `read` gives them back, number for number.

    Args:
        path: of the file.
        motors: at least one.
        comment: stands at the head, each line behind a semicolon.
    """
    pathlib.Path(path).write_text(render(motors, comment), encoding="utf-8")


def render(motors: Sequence[RaspMotor], comment: str = "") -> str:
    """The text of a file of motors."""
    lines = [f"; {line}" for line in comment.splitlines()]
    for motor in motors:
        # to a hundredth of a micrometre: millimetres in the file, metres here
        across, along = (repr(round(x * 1e3, 5)) for x in (motor.diameter, motor.length))
        lines.append(
            f"{motor.name} {across} {along} {motor.delays} {motor.propellant!r} "
            f"{motor.loaded!r} {motor.maker}"
        )
        points = list(zip(motor.time, motor.thrust, strict=True))
        if points[0] == (0.0, 0.0):
            points = points[1:]
        lines += [f"   {time!r} {thrust!r}" for time, thrust in points]
        lines.append(";")
    return "\n".join(lines) + "\n"

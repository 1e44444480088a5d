"""``anabasis import motor FILE.eng``: a RASP motor as the tables of a stage, ready for a scenario.

The file gives propellant, burn time and thrust over time; the mean thrust and the specific impulse
follow. What is dropped with a stage besides its motor, a motor file does not know: ``inert_kg``
stays the scenario's.
"""

from __future__ import annotations

import pathlib
from typing import Any

from anabasis.campaign.bad_input import BadInput
from anabasis.cli.words import print_json
from anabasis.units import STANDARD_GRAVITY

STAGES = ("one", "two")


def import_motor(
    file: pathlib.Path, stage: str, name: str | None, out: pathlib.Path | None, as_json: bool
) -> int:
    """Read a motor file and print, or write, the tables of a stage.

    Args:
        file: RASP, one motor or several.
        stage: one or two.
        name: which motor; may be left out where there is one.
        out: a new TOML file.
        as_json: print one JSON document.

    Raises:
        BadInput: for a file that holds no motor, with its line; for a choice that cannot be made.
    """
    if stage not in STAGES:
        raise BadInput(
            "no such stage",
            file="command line",
            key="--stage",
            value=stage,
            allowed=", ".join(STAGES),
        )
    motor = picked(file, name)
    tables = tables_of(motor, file.name, stage)
    if out is not None:
        import tomli_w

        out.write_text(tomli_w.dumps(tables), encoding="utf-8")
    own = tables["ascender"][f"stage_{stage}"]
    said: dict[str, Any] = {
        "schema_version": 1,
        "file": str(file),
        "motor": motor.name,
        "impulse_N_s": motor.impulse,
        "specific_impulse_s": motor.impulse / (motor.propellant * STANDARD_GRAVITY),
        "loaded_kg": motor.loaded,
        "tables": tables,
        "written": None if out is None else str(out),
    }
    if as_json:
        print_json(said)
        return 0
    print(
        f"{motor.name}: {own['propellant_kg']:g} kg of propellant, {own['burn_time_s']:g} s, "
        f"mean {own['thrust_kN']:.4g} kN, {said['specific_impulse_s']:.1f} s, "
        f"{motor.loaded:g} kg loaded"
    )
    if out is None:
        import tomli_w

        print(tomli_w.dumps(tables), end="")
    else:
        print(f"written to {out}")
    return 0


def picked(file: pathlib.Path, name: str | None) -> Any:
    """The motor of a file that is meant.

    Raises:
        BadInput: for a file without one, or a name that it does not hold.
    """
    from anabasis.exchange.rasp import BadMotorFile, read

    if not file.is_file():
        raise BadInput("no such file", file=str(file), hint="name a RASP motor file (.eng)")
    try:
        motors = read(file)
    except BadMotorFile as wrong:
        raise BadInput(
            wrong.message,
            file=f"{file}:{wrong.line}",
            hint="a RASP file has a header line, then times that increase from zero with thrusts",
        ) from None
    known = [motor.name for motor in motors]
    if name is None and len(motors) > 1:
        raise BadInput(
            "the file holds several motors",
            file=str(file),
            key="--name",
            allowed=", ".join(known),
            hint="say which",
        )
    if name is not None and name not in known:
        raise BadInput(
            "the file holds no such motor",
            file=str(file),
            key="--name",
            value=name,
            allowed=", ".join(known),
        )
    return motors[0 if name is None else known.index(name)]


def tables_of(motor: Any, source: str, stage: str) -> dict[str, Any]:
    """A motor as the tables ``[ascender.stage_one]`` and its grain, with their source."""
    burn = motor.time[-1]
    mark = {"source": f"motor file {source}", "confidence": "derived"}
    own = {
        **mark,
        "propellant_kg": motor.propellant,
        "burn_time_s": burn,
        "thrust_kN": motor.impulse / burn / 1e3,
        "grain": {
            **mark,
            "outer_diameter_m": motor.diameter,
            "thrust_curve_kN": {
                "time_s": list(motor.time),
                "value": [thrust / 1e3 for thrust in motor.thrust],
            },
        },
    }
    return {"ascender": {f"stage_{stage}": own}}

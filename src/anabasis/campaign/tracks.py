"""Tracks at the wall: which unit each column of a flight's track carries there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from anabasis.exchange.parquet import Column
from anabasis.units import from_si, name_at_wall

UNITS: dict[str, str] = {
    "elapsed": "s",
    "mass": "kg",
    "altitude": "km",
    "height": "km",
    "clearance": "km",
    "latitude": "deg",
    "longitude": "deg",
    "speed": "m_s",
    "relative_speed": "m_s",
    "flight_path_angle": "deg",
    "relative_flight_path_angle": "deg",
    "azimuth": "deg",
    "mach": "",
    "dynamic_pressure": "Pa",
    "density": "kg_m3",
    "deceleration": "g",
    "acceleration": "g",
    "heat_flux": "W_cm2",
    "radiative_heat_flux": "W_cm2",
    "bank": "deg",
    "thrust": "kN",
    "throttle": "percent",
    "odometer": "km",
    "semi_major_axis": "km",
    "inclination": "deg",
    "node": "deg",
    "loaded_count": "",
    "sink_speed": "m_s",
    "drag": "kN",
    "sol": "",
    "distance": "km",
    "container_radial": "km",
    "container_along": "km",
    "container_across": "km",
    "rover_driven": "km",
    "tubes_loaded": "",
    "tubes_from_rover": "",
    "rover_cycles": "",
    "depot_cycles": "",
    "rover_charge": "kWh",
    "grain": "K",
    "angle_of_attack": "deg",
    "q_i_from_b_w": "",
    "q_i_from_b_x": "",
    "q_i_from_b_y": "",
    "q_i_from_b_z": "",
    "rate_x": "deg_s",
    "rate_y": "deg_s",
    "rate_z": "deg_s",
    "gimbal_y": "deg",
    "gimbal_z": "deg",
    "thruster_propellant": "kg",
    "guidance_mode": "",
    "downrange": "km",
    "crossrange": "km",
    "position_error": "m",
    "felt_x": "m_s2",
    "felt_y": "m_s2",
    "felt_z": "m_s2",
}
"""Bare column name -> unit suffix; ``epoch``, ``position`` and ``velocity`` have their own."""


def columns_of(track: Mapping[str, Any]) -> list[Column]:
    """The columns of a track with the names and units of the wall.

    ``centre`` in the track (a text) names the body at the origin of position and velocity.
    """
    centre = str(track.get("centre", ""))
    columns: list[Column] = []
    for name, values in track.items():
        if name == "centre":
            continue
        array = np.asarray(values)
        if name == "epoch":
            columns.append(Column("et_s", array, "s"))
        elif name in ("position", "velocity"):
            unit = "km" if name == "position" else "km_s"
            for index, axis in enumerate("xyz"):
                part = from_si(array[:, index], unit)
                columns.append(Column(f"{name}_{axis}_{unit}", part, unit, "J2000", centre))
        else:
            unit = UNITS[name]  # a column without a unit is a mistake of ours, not of the user
            values_out = from_si(array, unit) if array.dtype.kind == "f" else array
            columns.append(Column(name_at_wall(name, unit), values_out, unit))
    first = ["et_s", "elapsed_s"]
    return sorted(columns, key=lambda c: first.index(c.name) if c.name in first else len(first))

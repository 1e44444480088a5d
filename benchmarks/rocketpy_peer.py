"""A rocket like RocketPy's own Calisto, flown by RocketPy: a witness, and a peer in a benchmark.

Reads rocket and launches as JSON from stdin, writes answers as JSON to stdout: of each launch the
apogee, its time and place, how many right-hand sides RocketPy asked for and the seconds a flight
takes; and the rocket's own coefficients, so that others can fly the same rocket. It runs in an
environment of its own and knows nothing of this package.

    python benchmarks/rocketpy_peer.py < rocket.json
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import Any

CALISTO: dict[str, Any] = {
    "body_mass": 14.426,
    "body_inertia": [6.321, 6.321, 0.034],
    "motor_case": 1.815,
    "motor_inertia": [0.125, 0.125, 0.002],
    "propellant": 2.956,
    "chamber_radius": 0.033,
    "chamber_height": 0.6,
    "chamber_station": 2.233,
    "radius": 0.0635,
    "drag_coefficient": 0.44,
    "times": [0.0, 0.15, 3.6, 3.9],
    "thrusts": [0.0, 1700.0, 1700.0, 0.0],
    "length": 2.533,
    "body_station": 1.278,
    "nose_length": 0.55829,
    "fins": {"n": 4, "root_chord": 0.12, "tip_chord": 0.06, "span": 0.11},
    "fin_station": 2.32756,
    "latitude_deg": 32.990254,
    "longitude_deg": -106.974998,
    "rail": 5.2,
}
"""Calisto's public figures: masses [kg], inertias [kg m^2], sizes [m], stations from the tip of the
nose [m], thrust [N] as a trapezoid near the M1670's mean; launched from sea level."""

UPRIGHT = {"inclination_deg": 90.0, "heading_deg": 0.0, "wind_east": 0.0}
LEANING = {"inclination_deg": 84.0, "heading_deg": 0.0, "wind_east": 5.0}


def flights(rocket: dict[str, Any], launches: list[dict[str, float]], repeats: int) -> Any:
    """Fly a rocket.

    Args:
        rocket: as `CALISTO`.
        launches: inclination, heading [deg] and wind [m/s] of each.
        repeats: how often a flight is timed; 0 for not at all.
    """
    from importlib.metadata import version

    from rocketpy import Environment, Flight, GenericMotor, Rocket

    tail = rocket["body_station"] - rocket["length"]
    motor = GenericMotor(
        thrust_source=[list(p) for p in zip(rocket["times"], rocket["thrusts"], strict=True)],
        burn_time=rocket["times"][-1],
        chamber_radius=rocket["chamber_radius"],
        chamber_height=rocket["chamber_height"],
        chamber_position=rocket["length"] - rocket["chamber_station"],
        propellant_initial_mass=rocket["propellant"],
        nozzle_radius=rocket["chamber_radius"],
        dry_mass=rocket["motor_case"],
        center_of_dry_mass_position=rocket["length"] - rocket["chamber_station"],
        dry_inertia=tuple(rocket["motor_inertia"]),
        nozzle_position=0,
    )
    body = Rocket(
        radius=rocket["radius"],
        mass=rocket["body_mass"],
        inertia=tuple(rocket["body_inertia"]),
        power_off_drag=rocket["drag_coefficient"],
        power_on_drag=rocket["drag_coefficient"],
        center_of_mass_without_motor=0,
        coordinate_system_orientation="tail_to_nose",
    )
    body.add_motor(motor, position=tail)
    body.add_nose(length=rocket["nose_length"], kind="von karman", position=rocket["body_station"])
    body.add_trapezoidal_fins(
        position=rocket["body_station"] - rocket["fin_station"], **rocket["fins"]
    )
    asked = [0]
    for name in ("udot_rail1", "u_dot", "u_dot_generalized"):
        own = getattr(Flight, name)

        def counted(self: Any, *given: Any, _own: Any = own, **named: Any) -> Any:
            asked[0] += 1
            return _own(self, *given, **named)

        setattr(Flight, name, counted)

    answers = []
    for launch in launches:
        place = Environment(
            latitude=rocket["latitude_deg"], longitude=rocket["longitude_deg"], elevation=0.0
        )
        if launch["wind_east"]:
            place.set_atmospheric_model(
                type="custom_atmosphere", wind_u=launch["wind_east"], wind_v=0.0
            )
        else:
            place.set_atmospheric_model(type="standard_atmosphere")

        def fly(place: Any = place, launch: Any = launch) -> Any:
            return Flight(
                rocket=body,
                environment=place,
                rail_length=rocket["rail"],
                inclination=launch["inclination_deg"],
                heading=launch["heading_deg"],
                terminate_on_apogee=True,
            )

        asked[0] = 0
        flight = fly()
        counted_here = asked[0]
        times = []
        for _ in range(repeats):
            begun = time.perf_counter()
            fly()
            times.append(time.perf_counter() - begun)
        answers.append(
            {
                "apogee_m": float(flight.apogee),
                "apogee_time_s": float(flight.apogee_time),
                "apogee_east_m": float(flight.apogee_x),
                "apogee_north_m": float(flight.apogee_y),
                "apogee_speed_m_s": float(flight.speed(flight.apogee_time)),
                "rail_speed_m_s": float(flight.out_of_rail_velocity),
                "rail_time_s": float(flight.out_of_rail_time),
                "most_mach": float(flight.max_mach_number),
                "right_hand_sides": counted_here,
                "seconds": statistics.median(times) if times else None,
            }
        )
    mach = [0.05 * k for k in range(41)]
    return {
        "rocketpy": version("rocketpy"),
        "answers": answers,
        "mach": mach,
        "normal_slope": [float(body.total_lift_coeff_der(m)) for m in mach],
        "centre_of_pressure": [rocket["body_station"] - float(body.cp_position(m)) for m in mach],
    }


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(flights(given["rocket"], given["launches"], given.get("repeats", 0))))

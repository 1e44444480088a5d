"""What comes down under the parachute and stands on its own engines: its masses and its thrust.

entry mass = ballast + heat shield + backshell + propellant + what lands dry
"""

from __future__ import annotations

import equinox as eqx

from anabasis.mechanics.arrays import Scalar
from anabasis.units import STANDARD_GRAVITY, quantity, whole


class Lander(eqx.Module):
    """A lander on throttled engines, by what it drops on the way down and what it keeps."""

    dry: Scalar = quantity(
        "kg",
        "what stands on the ground without descent propellant, cargo (the ascender) included",
        above=0.0,
        maximum=1e5,
    )
    propellant: Scalar = quantity(
        "kg", "descent propellant aboard when the backshell goes", minimum=0.0, maximum=1e5
    )
    heat_shield: Scalar = quantity("kg", "heat shield", minimum=0.0, maximum=1e5)
    backshell: Scalar = quantity("kg", "backshell with the parachute", minimum=0.0, maximum=1e5)
    ballast: Scalar = quantity(
        "kg",
        "thrown off or burnt between the entry interface and the parachute: balance masses, "
        "reaction control",
        minimum=0.0,
        maximum=1e5,
    )
    engine_count: int = whole("engines used in the descent", minimum=1, maximum=100)
    engine_thrust: Scalar = quantity("kN", "greatest thrust of one engine", above=0.0, maximum=1e4)
    minimum_throttle: Scalar = quantity(
        "percent", "least thrust, of the greatest", minimum=0.0, maximum=100.0
    )
    specific_impulse: Scalar = quantity(
        "s", "mean specific impulse of the engines", above=0.0, maximum=1000.0
    )
    touchdown_vertical_limit: Scalar = quantity(
        "m_s", "greatest sink rate the legs bear", above=0.0, maximum=100.0
    )
    touchdown_horizontal_limit: Scalar = quantity(
        "m_s", "greatest sideways speed the legs bear", above=0.0, maximum=100.0
    )
    leg_count: int = whole(
        "legs",
        minimum=1,
        maximum=12,
        default=4,
        source="engineering default (docs/conventions.md): four",
    )
    cruise_stage: Scalar = quantity(
        "kg",
        "cruise stage, dropped before the entry interface",
        minimum=0.0,
        maximum=1e5,
        default=540.0,
        source="engineering default (docs/conventions.md): Mars 2020 had 539 kg, recalled",
    )
    platform: Scalar | None = quantity(
        "kg",
        "what stands on the ground without propellant and without the ascender and its container; "
        "given, the chain of masses is held to close",
        above=0.0,
        maximum=1e5,
        optional=True,
    )
    drag_area: Scalar = quantity(
        "m2",
        "drag area of what hangs under the parachute once the heat shield is gone",
        minimum=0.0,
        maximum=1e3,
        default=0.0,
        source="engineering default (docs/conventions.md): "
        "it is in the parachute's own coefficient",
    )

    @property
    def landing_mass(self) -> Scalar:
        """At engine start [kg]."""
        return self.dry + self.propellant

    @property
    def entry_mass(self) -> Scalar:
        """At the entry interface [kg]; the capsule's mass must say the same."""
        return self.landing_mass + self.backshell + self.heat_shield + self.ballast

    @property
    def greatest_thrust(self) -> Scalar:
        """Of all engines together [N]."""
        return self.engine_count * self.engine_thrust

    @property
    def exhaust_speed(self) -> Scalar:
        """Specific impulse times standard gravity [m/s]."""
        return self.specific_impulse * STANDARD_GRAVITY

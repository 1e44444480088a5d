"""The orbiter: what it weighs, what it carries to burn, and what it leaves behind.

    launch mass = dry + insertion module + chemical propellant + xenon + hydrazine
                   |
                   capture system and return capsule are part of it

Launch mass, thrust and specific impulse of both engines and the module's dry mass are the
project's settled defaults; how the rest is shared out between the tanks is sized from them: the
loads cover what the march of February 2022 needs, and leave a margin that the ledger prints.
"""

from __future__ import annotations

import equinox as eqx

from anabasis.mechanics.arrays import Scalar
from anabasis.units import STANDARD_GRAVITY, quantity


class Orbiter(eqx.Module):
    """An orbiter with a chemical insertion module, ion engines and hydrazine thrusters.

    Attributes:
        launch_mass: everything, on the launcher [kg].
        chemical_thrust: of the insertion module [N].
        chemical_specific_impulse: [s].
        chemical_propellant: loaded in the module [kg].
        module_dry: the empty module, dropped after capture [kg].
        electric_thrust: of the ion engines together [N].
        electric_specific_impulse: [s].
        xenon: loaded [kg].
        reaction_control_specific_impulse: of the hydrazine thrusters [s].
        hydrazine: loaded [kg].
        capture_hardware: the part of the dry mass that is left at Mars [kg].
    """

    launch_mass: Scalar = quantity(
        "kg",
        "everything on the launcher",
        above=0.0,
        maximum=1e5,
        default=6500.0,
        source="6.5 t as of 2020 (S50)",
        confidence="assumed",
    )
    chemical_thrust: Scalar = quantity(
        "N",
        "thrust of the insertion module",
        above=0.0,
        maximum=1e6,
        default=4400.0,
        source="four engines of the 1.1 kN class (HTAE); the module's own are not published",
        confidence="assumed",
    )
    chemical_specific_impulse: Scalar = quantity(
        "s",
        "specific impulse of the insertion module",
        above=0.0,
        maximum=1000.0,
        default=320.0,
        source="engineering default (docs/conventions.md): storable bipropellant class",
        confidence="assumed",
    )
    chemical_propellant: Scalar = quantity(
        "kg",
        "bipropellant loaded in the insertion module",
        minimum=0.0,
        maximum=1e5,
        default=1850.0,
        source="engineering default (docs/conventions.md): "
        "0.97 km/s from 6,500 kg at 320 s, and 6 % more",
        confidence="assumed",
    )
    module_dry: Scalar = quantity(
        "kg",
        "the empty insertion module",
        minimum=0.0,
        maximum=1e5,
        default=500.0,
        source="engineering default (docs/conventions.md): no published mass",
        confidence="assumed",
    )
    electric_thrust: Scalar = quantity(
        "N",
        "thrust of the ion engines together",
        above=0.0,
        maximum=1e3,
        default=0.60,
        source="recalled: three or four engines of the RIT-2X class (S49), 150 to 215 mN each",
        confidence="assumed",
    )
    electric_specific_impulse: Scalar = quantity(
        "s",
        "specific impulse of the ion engines",
        above=0.0,
        maximum=1e5,
        default=3434.0,
        source="recalled: RIT-2X at 171 mN",
        confidence="assumed",
    )
    xenon: Scalar = quantity(
        "kg",
        "xenon loaded",
        minimum=0.0,
        maximum=1e5,
        default=1150.0,
        source="engineering default (docs/conventions.md): "
        "spirals down and up, 2.5 km/s homeward, 10 % more",
        confidence="assumed",
    )
    reaction_control_specific_impulse: Scalar = quantity(
        "s",
        "specific impulse of the hydrazine thrusters",
        above=0.0,
        maximum=1000.0,
        default=220.0,
        source="engineering default (docs/conventions.md): monopropellant hydrazine class",
        confidence="assumed",
    )
    hydrazine: Scalar = quantity(
        "kg",
        "hydrazine loaded",
        minimum=0.0,
        maximum=1e5,
        default=250.0,
        source="engineering default (docs/conventions.md): 130 m/s for the rendezvous at 3.9 t",
        confidence="assumed",
    )
    capture_hardware: Scalar = quantity(
        "kg",
        "the part of the capture system that is left at Mars",
        minimum=0.0,
        maximum=1e5,
        default=300.0,
        source="recalled: half of a capture and containment system of 600 kg",
        confidence="assumed",
    )

    @property
    def dry_mass(self) -> Scalar:
        """What is left of the launch mass with every tank empty and the module gone [kg]."""
        return (
            self.launch_mass
            - self.module_dry
            - self.chemical_propellant
            - self.xenon
            - self.hydrazine
        )

    @property
    def mass_without_module(self) -> Scalar:
        """With full xenon and hydrazine tanks, the module and its propellant gone [kg]."""
        return self.dry_mass + self.xenon + self.hydrazine

    @property
    def chemical_exhaust_speed(self) -> Scalar:
        """Of the insertion module [m/s]."""
        return self.chemical_specific_impulse * STANDARD_GRAVITY

    @property
    def electric_exhaust_speed(self) -> Scalar:
        """Of the ion engines [m/s]."""
        return self.electric_specific_impulse * STANDARD_GRAVITY

    @property
    def reaction_control_exhaust_speed(self) -> Scalar:
        """Of the hydrazine thrusters [m/s]."""
        return self.reaction_control_specific_impulse * STANDARD_GRAVITY

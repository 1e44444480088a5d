"""How long and how heavy a rocket's parts are for what they hold.

       nose   container  bay   motor two    nozzle two   motor one        nozzle one
      /-----|---------|-----|(__________)>--|-----|(__________________)>---|
     <------------------------------- length ------------------------------>

A motor is a cylinder with two ellipsoidal ends; its grain fills it but for the bore, which the web
fraction tells. A nozzle follows from thrust, chamber pressure and expansion. Inert masses follow
the published regression; shell and equipment are what a published rocket has besides. Every ratio
is a number of the scenario's table ``[sizing]``, with its source.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Scalar
from anabasis.units import STANDARD_GRAVITY, quantity

_DEFAULT = "engineering default (docs/optimise.md)"


def motor_inert(
    propellant: Scalar, coefficient: Scalar = 0.2833, exponent: Scalar = 0.789
) -> Scalar:
    """The inert mass of a solid motor by the published regression [kg].

        m = 0.2833 m_p^0.789

    Args:
        propellant: [kg].
        coefficient: of the regression.
        exponent: of the regression.

    Valid: upper-stage motors with titanium cases, 40 to 300 kg; R^2 0.985, nozzle included,
    thrust-vector control not. Source: J. Gaffarel, MAV_sim, 2022.
    """
    return coefficient * propellant**exponent


class Sizing(eqx.Module):
    """The table ``[sizing]``: the envelope, and the proportions of whatever is to fit in it."""

    envelope_length: Scalar = quantity(
        "m", "length that the lander has room for", above=0.0, maximum=50.0,
        default=3.0, source="below 3 m (SPC22)", confidence="published",
    )  # fmt: skip
    envelope_diameter: Scalar = quantity(
        "m", "diameter that the lander has room for", above=0.0, maximum=10.0,
        default=0.5, source="about 0.5 m (SPC22)", confidence="published",
    )  # fmt: skip
    greatest_lift_off_mass: Scalar = quantity(
        "kg", "greatest lift-off mass", above=0.0, maximum=1e5,
        default=450.0, source="about 450 kg (NG25)", confidence="published",
    )  # fmt: skip
    least_thrust_to_weight: Scalar = quantity(
        "", "least thrust over weight on Mars at ignition, coldest grain", minimum=1.0,
        maximum=100.0, default=2.0, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    grain_coldest: Scalar = quantity(
        "C", "coldest grain at ignition", minimum=-150.0, maximum=60.0,
        default=-40.0, source="grain kept above -40 C (OI22)", confidence="published",
    )  # fmt: skip
    grain_warmest: Scalar = quantity(
        "C", "warmest grain at ignition", minimum=-150.0, maximum=60.0,
        default=0.0, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    grain_nominal: Scalar = quantity(
        "C", "grain temperature that thrusts refer to", minimum=-150.0, maximum=60.0,
        default=-20.0, source="development motors fired at -20 C (MOT23)", confidence="published",
    )  # fmt: skip
    thrust_per_kelvin: Scalar = quantity(
        "", "relative rise of thrust per kelvin of grain temperature", minimum=0.0, maximum=0.02,
        default=0.0015, source="0.1 to 0.2 % per kelvin is usual, recalled", confidence="assumed",
    )  # fmt: skip
    slowest_burn_rate: Scalar = quantity(
        "m_s", "slowest mean burn rate of a grain", above=0.0, maximum=0.1,
        default=0.0015, source="slowest composite propellants, recalled", confidence="assumed",
    )  # fmt: skip
    fastest_burn_rate: Scalar = quantity(
        "m_s", "fastest mean burn rate of a grain", above=0.0, maximum=0.1,
        default=0.012, source="fast composite propellants, recalled", confidence="assumed",
    )  # fmt: skip
    longest_second_burn: Scalar = quantity(
        "s", "longest burn of the second motor", above=0.0, maximum=1e3,
        default=29.6,
        source="GAF: the STAR motors burn 14.8 to 29.6 s; its own second 25.2 s, HAR's 24.45 s",
        confidence="published",
    )  # fmt: skip
    propellant_density: Scalar = quantity(
        "kg_m3", "density of the grain", above=0.0, maximum=5e3,
        default=1854.5, source="GAF: CTPB, aluminium, ammonium perchlorate",
        confidence="published",
    )  # fmt: skip
    web_fraction_one: Scalar = quantity(
        "", "web over the grain's radius, first motor", above=0.0, maximum=1.0,
        default=0.70, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    web_fraction_two: Scalar = quantity(
        "", "web over the grain's radius, second motor", above=0.0, maximum=1.0,
        default=0.80, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    dome_ratio: Scalar = quantity(
        "", "depth of a motor's end over its radius", above=0.0, maximum=2.0,
        default=0.7, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    wall: Scalar = quantity(
        "m", "thickness of case and insulation", minimum=0.0, maximum=0.2,
        default=0.008, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    protection: Scalar = quantity(
        "m", "thermal protection and raceway around the first motor", minimum=0.0, maximum=0.2,
        default=0.010, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    gap: Scalar = quantity(
        "m", "gap between the second motor and the shell", minimum=0.0, maximum=0.2,
        default=0.010, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    chamber_pressure: Scalar = quantity(
        "kPa", "mean chamber pressure of both motors", above=0.0, maximum=3e4,
        default=4000.0, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    thrust_coefficient: Scalar = quantity(
        "", "thrust over chamber pressure and throat area", above=0.5, maximum=2.5,
        default=1.8, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    expansion_one: Scalar = quantity(
        "", "exit over throat area, first nozzle", above=1.0, maximum=500.0,
        default=45.0, source="GAF", confidence="published",
    )  # fmt: skip
    expansion_two: Scalar = quantity(
        "", "exit over throat area, second nozzle", above=1.0, maximum=500.0,
        default=73.0, source="GAF", confidence="published",
    )  # fmt: skip
    nozzle_length: Scalar = quantity(
        "", "length of a bell over that of a 15 deg cone", above=0.0, maximum=2.0,
        default=0.8, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    submerged: Scalar = quantity(
        "", "share of a nozzle that lies inside its motor", minimum=0.0, maximum=0.9,
        default=0.25, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    bay_volume: Scalar = quantity(
        "", "volume of the equipment bay in cubic metres", minimum=0.0, maximum=10.0,
        default=0.020, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    container_diameter: Scalar = quantity(
        "m", "diameter of the container", above=0.0, maximum=5.0,
        default=0.27, source="27 to 28 cm, recalled", confidence="assumed",
    )  # fmt: skip
    container_in_nose: Scalar = quantity(
        "", "share of the container that the nose covers", minimum=0.0, maximum=1.0,
        default=0.5, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    nose_fineness: Scalar = quantity(
        "", "length of the nose over its diameter", above=0.0, maximum=10.0,
        default=1.0, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    inert_coefficient: Scalar = quantity(
        "", "coefficient of the motor inert mass regression", above=0.0, maximum=10.0,
        default=0.2833, source="GAF: m = 0.2833 m_p^0.789, kg", confidence="published",
    )  # fmt: skip
    inert_exponent: Scalar = quantity(
        "", "exponent of the motor inert mass regression", above=0.0, maximum=2.0,
        default=0.789, source="GAF: m = 0.2833 m_p^0.789, kg", confidence="published",
    )  # fmt: skip
    thrust_vector_control: Scalar = quantity(
        "kg", "thrust vector control of the first motor", minimum=0.0, maximum=1e3,
        default=10.0, source="GAF: 10 kg beside the regression", confidence="published",
    )  # fmt: skip
    shell: Scalar = quantity(
        "", "shell and its insulation per area, in kg/m2", minimum=0.0, maximum=100.0,
        default=3.0, source=_DEFAULT, confidence="assumed",
    )  # fmt: skip
    equipment_one: Scalar = quantity(
        "kg", "what else is dropped with the first stage", minimum=0.0, maximum=1e4,
        default=23.8, source="HAR's 60.362 kg less motor, control and shell of this model",
        confidence="derived",
    )  # fmt: skip
    equipment_two: Scalar = quantity(
        "kg", "what else goes into orbit with the second stage", minimum=0.0, maximum=1e4,
        default=35.9, source="HAR's 47.342 kg less motor and shell of this model",
        confidence="derived",
    )  # fmt: skip


class Choice(eqx.Module):
    """What a designer may choose.

    Attributes:
        first, second: propellant of either stage [kg].
        first_burn, second_burn: burn times [s].
        diameter: of the rocket [m].
        second_diameter: of the second motor [m].
    """

    first: Scalar
    second: Scalar
    first_burn: Scalar
    second_burn: Scalar
    diameter: Scalar
    second_diameter: Scalar


class Built(eqx.Module):
    """What a choice comes to: thrusts, lengths, masses, and shares of limits left.

    Attributes:
        thrust_one, thrust_two: mean, at the nominal grain temperature [N].
        inert_one, inert_two: all that is dropped with the first stage; all that goes into orbit
            with the second but the payload [kg].
        lengths: of the parts, by name [m].
        masses: of the parts, by name [kg].
        rates: mean burn rates of the two grains [m/s].
        spare: shares of geometrical limits left, by name.
    """

    thrust_one: Scalar
    thrust_two: Scalar
    inert_one: Scalar
    inert_two: Scalar
    lengths: dict[str, Scalar]
    masses: dict[str, Scalar]
    rates: dict[str, Scalar]
    spare: dict[str, Scalar]

    @property
    def length(self) -> Scalar:
        """Of the whole rocket [m]."""
        total = jnp.zeros(())
        for part in self.lengths.values():
            total = total + part
        return total


def case_length(
    propellant: Scalar, radius: Scalar, web_fraction: Scalar, sizing: Sizing
) -> tuple[Scalar, Scalar]:
    """The length of a motor's case, and of its cylindrical part over its radius.

        m_p = rho (1 - (1 - w)^2) (pi R^2 L_c + 4/3 pi d R^3)

    Args:
        propellant: [kg].
        radius: of the grain R [m].
        web_fraction: w, web over radius.
        sizing: density rho and dome ratio d.
    """
    loading = 1.0 - (1.0 - web_fraction) ** 2
    volume = propellant / (sizing.propellant_density * loading)
    ends = 4.0 / 3.0 * jnp.pi * sizing.dome_ratio * radius**3
    cylinder = (volume - ends) / (jnp.pi * radius**2)
    return cylinder + 2.0 * sizing.dome_ratio * radius, cylinder / radius


def nozzle(thrust: Scalar, expansion: Scalar, sizing: Sizing) -> tuple[Scalar, Scalar]:
    """Exit diameter and length behind the case of a nozzle [m].

    F = C_F p_c A_t,   A_e = epsilon A_t,   L = k (D_e - D_t) / (2 tan 15 deg)
    """
    throat_area = thrust / (sizing.thrust_coefficient * sizing.chamber_pressure)
    throat = jnp.sqrt(4.0 * throat_area / jnp.pi)
    exit_diameter = throat * jnp.sqrt(expansion)
    cone = 0.5 * (exit_diameter - throat) / jnp.tan(jnp.asarray(jnp.pi / 12.0))
    return exit_diameter, sizing.nozzle_length * cone * (1.0 - sizing.submerged)


def built(choice: Choice, sizing: Sizing, impulse_one: Scalar, impulse_two: Scalar) -> Built:
    """A two-stage solid rocket from what was chosen.

    Args:
        choice: propellants, burn times, diameters.
        sizing: the proportions.
        impulse_one: specific impulse of the first motor [s].
        impulse_two: of the second [s].

    Left out: the burn rate law (the mean burn rate is reported and bounded), a nozzle's mass apart
    from the regression, bending stiffness.
    """
    thrust_one = impulse_one * STANDARD_GRAVITY * choice.first / choice.first_burn
    thrust_two = impulse_two * STANDARD_GRAVITY * choice.second / choice.second_burn
    inside = choice.diameter - 2.0 * sizing.gap
    radius_one = 0.5 * choice.diameter - sizing.protection - sizing.wall
    radius_two = 0.5 * choice.second_diameter - sizing.wall
    case_one, cylinder_one = case_length(choice.first, radius_one, sizing.web_fraction_one, sizing)
    case_two, cylinder_two = case_length(choice.second, radius_two, sizing.web_fraction_two, sizing)
    exit_one, nozzle_one = nozzle(thrust_one, sizing.expansion_one, sizing)
    exit_two, nozzle_two = nozzle(thrust_two, sizing.expansion_two, sizing)
    area = 0.25 * jnp.pi * choice.diameter**2
    lengths = {
        "nose": sizing.nose_fineness * choice.diameter,
        "container": (1.0 - sizing.container_in_nose) * sizing.container_diameter,
        "bay": sizing.bay_volume / area,
        "motor_two": case_two + 2.0 * sizing.wall,
        "nozzle_two": nozzle_two,
        "motor_one": case_one + 2.0 * sizing.wall,
        "nozzle_one": nozzle_one,
    }
    around = jnp.pi * choice.diameter * sizing.shell
    upper = ("nose", "container", "bay", "motor_two")
    shell_two = around * sum((lengths[name] for name in upper), start=jnp.zeros(()))
    shell_one = around * (lengths["nozzle_two"] + lengths["motor_one"] + lengths["nozzle_one"])
    law = sizing.inert_coefficient, sizing.inert_exponent
    masses = {
        "motor_one": motor_inert(choice.first, *law),
        "thrust_vector_control": sizing.thrust_vector_control,
        "shell_one": shell_one,
        "equipment_one": sizing.equipment_one,
        "motor_two": motor_inert(choice.second, *law),
        "shell_two": shell_two,
        "equipment_two": sizing.equipment_two,
    }
    first = ("motor_one", "thrust_vector_control", "shell_one", "equipment_one")
    second = ("motor_two", "shell_two", "equipment_two")
    rate_one = sizing.web_fraction_one * radius_one / choice.first_burn
    rate_two = sizing.web_fraction_two * radius_two / choice.second_burn
    slow, fast = sizing.slowest_burn_rate, sizing.fastest_burn_rate
    return Built(
        thrust_one=thrust_one,
        thrust_two=thrust_two,
        inert_one=sum((masses[name] for name in first), start=jnp.zeros(())),
        inert_two=sum((masses[name] for name in second), start=jnp.zeros(())),
        lengths=lengths,
        masses=masses,
        rates={"motor_one": rate_one, "motor_two": rate_two},
        spare={
            "second motor inside the shell": (inside - choice.second_diameter) / inside,
            "first nozzle inside the envelope": 1.0 - exit_one / choice.diameter,
            "second nozzle inside the interstage": 1.0 - exit_two / inside,
            "first motor long enough for its ends": cylinder_one,
            "second motor long enough for its ends": cylinder_two,
            "first grain burns slowly enough": 1.0 - rate_one / fast,
            "first grain burns fast enough": rate_one / slow - 1.0,
            "second grain burns slowly enough": 1.0 - rate_two / fast,
            "second grain burns fast enough": rate_two / slow - 1.0,
            "second motor burns out in time": 1.0 - choice.second_burn / sizing.longest_second_burn,
        },
    )


def thrust_range(sizing: Sizing) -> tuple[Scalar, Scalar]:
    """Thrust of the coldest and of the warmest grain, over the nominal."""
    per = sizing.thrust_per_kelvin
    return (
        1.0 + per * (sizing.grain_coldest - sizing.grain_nominal),
        1.0 + per * (sizing.grain_warmest - sizing.grain_nominal),
    )


class Restartable(eqx.Module):
    """One stage with an engine that burns twice: a hybrid or a liquid, by its proportions.

    Attributes:
        specific_impulse: [s].
        bulk_density: of the propellants as mixed, with tanks and ullage [kg/m^3].
        dry_fraction: tanks, feed, chamber and engine over propellant.
        dry_fixed: the part of them that does not grow [kg].
        engine_length: behind the tanks [m].
    """

    specific_impulse: Scalar
    bulk_density: Scalar
    dry_fraction: Scalar
    dry_fixed: Scalar
    engine_length: Scalar


def built_restartable(choice: Choice, sizing: Sizing, engine: Restartable) -> Built:
    """A single stage that burns twice, with the same nose, bay, shell and equipment.

    Its whole stage goes into orbit, and one engine gives both burns the same thrust (the second
    burn's own burn time is not free). What only a staged rocket has, the first stage's equipment
    and its thrust vector control, is left out; the engine's own steering is in its dry mass.
    """
    exhaust = engine.specific_impulse * STANDARD_GRAVITY
    thrust = exhaust * choice.first / choice.first_burn
    propellant = choice.first + choice.second
    area = 0.25 * jnp.pi * choice.diameter**2
    inside = 0.25 * jnp.pi * (choice.diameter - 2.0 * (sizing.protection + sizing.wall)) ** 2
    lengths = {
        "nose": sizing.nose_fineness * choice.diameter,
        "container": (1.0 - sizing.container_in_nose) * sizing.container_diameter,
        "bay": sizing.bay_volume / area,
        "tanks": propellant / (engine.bulk_density * inside),
        "engine": engine.engine_length,
    }
    total = sum(lengths.values(), start=jnp.zeros(()))
    masses = {
        "propulsion": engine.dry_fixed + engine.dry_fraction * propellant,
        "shell_two": jnp.pi * choice.diameter * sizing.shell * total,
        "equipment_two": sizing.equipment_two,
    }
    return Built(
        thrust_one=thrust,
        thrust_two=thrust,
        inert_one=jnp.zeros(()),
        inert_two=sum(masses.values(), start=jnp.zeros(())),
        lengths=lengths,
        masses=masses,
        rates={},
        spare={},
    )

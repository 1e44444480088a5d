"""What a campaign orders of the insertion: how to pass Mars, what to brake to, where to work."""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.limits import Limit, at_least
from anabasis.campaign.orders.delivery import PassDelivery
from anabasis.mechanics.arrays import Scalar, Vector
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.phases.insertion import InsertionLaw, arrival, capture, insert
from anabasis.units import choice, date, part, quantity
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds.world import World

_LEADS = np.linspace(0.35, 0.75, 41)
"""Parts of the burn before the periapsis that are tried."""


class WorkingOrbit(eqx.Module):
    """Where the orbiter waits for the container; altitudes above the planet's apsis radius."""

    apoapsis: Scalar = quantity("km", "apoapsis altitude", above=100.0, maximum=1e5)
    periapsis: Scalar = quantity("km", "periapsis altitude", above=100.0, maximum=1e5)
    inclination: Scalar = quantity("deg", "to the planet's equator", minimum=0.0, maximum=180.0)


class InsertionStart(eqx.Module):
    """An arrival given by hand: the incoming velocity far from Mars, in J2000 axes."""

    epoch: Scalar = date("when the arrival passes its periapsis")
    v_infinity: Scalar = quantity("km_s", "speed far from Mars", above=0.0, maximum=20.0)
    declination: Scalar = quantity(
        "deg", "of the incoming velocity, J2000", minimum=-90.0, maximum=90.0
    )
    right_ascension: Scalar = quantity(
        "deg", "of the incoming velocity, J2000", minimum=-360.0, maximum=360.0
    )
    mass: Scalar | None = quantity(
        "kg", "of the orbiter; absent: its launch mass", above=0.0, maximum=1e6, optional=True
    )


class InsertionOrders(eqx.Module):
    """The table ``[insertion]``.

    Attributes:
        mode: capture and spiral, or all chemical.
        plane: which of the two planes of arrival.
        periapsis: that the arrival aims at, altitude [m].
        capture_period: of the ellipse the burn ends on [s].
        orbit: the working orbit.
        start: the arrival, where no flight from Earth comes before.
        delivery: how far off its aim the arrival is; the plan does not know.
    """

    orbit: WorkingOrbit = part("the working orbit")
    mode: str = choice(
        "chemical capture and electric spiral, or everything with the chemical module",
        ("electric", "impulsive"),
        default="electric",
    )
    plane: str = choice(
        "of the two planes with the wanted inclination, the one whose ascending node (rising) or "
        "descending node (falling) lies within 90 deg of the incoming direction",
        ("rising", "falling"),
        default="rising",
    )
    periapsis: Scalar = quantity(
        "km",
        "altitude of the periapsis that the arrival aims at",
        above=100.0,
        maximum=1e5,
        default=400.0,
        source="altitude of the reference burns (S82)",
        confidence="assumed",
    )
    capture_period: Scalar = quantity(
        "sol",
        "period of the ellipse that the capture burn ends on",
        above=0.1,
        maximum=100.0,
        default=1.0,
        source="engineering default (docs/conventions.md): a one-sol orbit, 0.95 km/s (S82)",
        confidence="assumed",
    )
    start: InsertionStart | None = part("the arrival, for an insertion alone", optional=True)
    delivery: PassDelivery | None = part("how far off its aim it is delivered", optional=True)


def arriving(
    orders: InsertionOrders, v_infinity: Vector, epoch: Scalar, mass: Scalar, world: World
) -> PointState:
    """The hyperbola on which an incoming velocity passes Mars as ordered, a day before it.

    Args:
        orders: periapsis, inclination and plane.
        v_infinity: incoming, J2000 axes [m/s].
        epoch: of the periapsis [s TDB].
        mass: [kg].
        world: Mars.
    """
    radius = world.apsis_radius + orders.periapsis
    return arrival(
        v_infinity,
        epoch,
        mass,
        radius,
        orders.orbit.inclination,
        world,
        rising=orders.plane == "rising",
    )


def start_of(orders: InsertionOrders, orbiter: Orbiter, world: World) -> PointState:
    """The start of an insertion alone, from ``[insertion.start]``.

    Raises:
        BadInput: where the table is missing.
    """
    given = orders.start
    if given is None:
        raise BadInput(
            "the insertion has no arrival",
            key="insertion.start",
            hint="give [insertion.start], or fly orbiter_outbound before",
        )
    cos_d = np.cos(given.declination)
    direction = np.array(
        [
            cos_d * np.cos(given.right_ascension),
            cos_d * np.sin(given.right_ascension),
            np.sin(given.declination),
        ]
    )
    mass = orbiter.launch_mass if given.mass is None else given.mass
    return arriving(orders, given.v_infinity * direction, given.epoch, mass, world)


@compiled
def _burns(
    start: PointState, orbiter: Orbiter, law: InsertionLaw, world: World, leads: jax.Array
) -> jax.Array:
    """What the burn costs for each lead; infinite where it does not capture."""

    def delta_v(lead: jax.Array) -> jax.Array:
        tried = eqx.tree_at(lambda x: x.burn_lead, law, lead)
        burn = capture(start, orbiter, tried, world)
        return jnp.where(jnp.abs(burn.residual) < 1e-6, burn.delta_v, jnp.inf)

    return jnp.asarray(jax.vmap(delta_v)(leads))


def plan(
    orders: InsertionOrders, orbiter: Orbiter, world: World, start: PointState
) -> InsertionLaw:
    """The working orbit in radii, and how much of the burn to spend before the periapsis.

    The latter is what makes the burn shortest, from the nominal arrival: slightly more than half,
    as the orbiter is heavy first and light later.

    Args:
        orders: the table.
        orbiter: its engines.
        world: Mars.
        start: the nominal arrival.

    Returns:
        The law, in concrete numbers. An arrival from which no burn captures gets a half, and its
        flight says why it failed.

    Raises:
        BadInput: where the periapsis of the working orbit lies above its apoapsis, or the tanks
            and the module weigh more than the orbiter.
    """
    orbit = orders.orbit
    if float(orbit.periapsis) > float(orbit.apoapsis):
        raise BadInput(
            "the periapsis lies above the apoapsis",
            key="insertion.orbit.periapsis_km",
            value=float(orbit.periapsis) / 1e3,
            allowed=f"at most {float(orbit.apoapsis) / 1e3:g} km",
            hint="swap them",
        )
    if float(orbiter.dry_mass) <= 0.0:
        raise BadInput(
            "module, propellants and xenon weigh more than the orbiter at launch",
            key="orbiter.launch_mass_kg",
            value=float(orbiter.launch_mass),
            allowed=f"above {float(orbiter.launch_mass - orbiter.dry_mass):g} kg",
            hint="load less, or launch more",
        )
    law = InsertionLaw(
        mode=orders.mode,
        capture_period=np.asarray(orders.capture_period, float),
        burn_lead=np.asarray(0.5),
        apoapsis=np.asarray(world.apsis_radius + orbit.apoapsis, float),
        periapsis=np.asarray(world.apsis_radius + orbit.periapsis, float),
        inclination=np.asarray(orbit.inclination, float),
    )
    spent = np.asarray(_burns(start, orbiter, law, world, jnp.asarray(_LEADS)))
    best = int(np.argmin(spent))
    lead = float(_LEADS[best]) if np.isfinite(spent[best]) else 0.5
    if 0 < best < len(_LEADS) - 1 and np.all(np.isfinite(spent[best - 1 : best + 2])):
        before, here, after = spent[best - 1 : best + 2]
        bend = before - 2.0 * here + after
        if bend > 0.0:
            lead += 0.5 * (before - after) / bend * float(_LEADS[1] - _LEADS[0])
    return eqx.tree_at(lambda x: x.burn_lead, law, np.asarray(lead))


def fly(
    start: PointState, orbiter: Orbiter, law: InsertionLaw, world: World, *, track: bool = False
) -> Flight:
    """Fly the insertion as planned."""
    return insert(start, orbiter, law, world, track=track)


def limits(figures: Mapping[str, float]) -> list[Limit]:
    """What an insertion must keep.

    Args:
        figures: the phase's figures in the units of their names.
    """
    tanks = "what the orbiter was loaded with"
    return [
        at_least(
            figures, "module propellant left", "chemical_left_kg", 0.0, "kg", tanks, "assumed"
        ),
        at_least(figures, "xenon left", "xenon_left_kg", 0.0, "kg", tanks, "assumed"),
        at_least(
            figures,
            "periapsis after capture",
            "capture_periapsis_km",
            200.0,
            "km",
            "clear of the air on the first revolution",
            "assumed",
        ),
    ]

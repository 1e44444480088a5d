"""What a campaign orders of the rendezvous: how long, how low, how close, and who meets whom."""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.limits import Limit, at_least, at_most
from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.secular import MeanOrbit, mean_orbit, osculating, secular_rates
from anabasis.mechanics.state import PointState
from anabasis.phases.rendezvous import RendezvousLaw, meet
from anabasis.units import date, part, quantity
from anabasis.vehicles.orbiter import Orbiter
from anabasis.worlds.oblate import oblate_body
from anabasis.worlds.world import World


class MeetingOrbit(eqx.Module):
    """A mean orbit (first order in J2) about the planet's equator of date.

    Attributes:
        apoapsis: altitude above the planet's apsis radius [m].
        periapsis: [m].
        inclination: [rad].
        node: right ascension of the ascending node, from the equator's node on J2000 [rad].
        phase: mean argument of latitude at the start [rad].
        argument_of_periapsis: [rad].
    """

    apoapsis: Scalar = quantity("km", "apoapsis altitude, mean", above=100.0, maximum=1e5)
    periapsis: Scalar = quantity("km", "periapsis altitude, mean", above=100.0, maximum=1e5)
    inclination: Scalar = quantity("deg", "to the planet's equator", minimum=0.0, maximum=180.0)
    node: Scalar = quantity(
        "deg", "right ascension of the ascending node", minimum=-360.0, maximum=360.0
    )
    phase: Scalar = quantity(
        "deg", "mean argument of latitude at the start", minimum=-360.0, maximum=360.0
    )
    argument_of_periapsis: Scalar = quantity(
        "deg",
        "argument of periapsis, mean",
        minimum=-360.0,
        maximum=360.0,
        default=0.0,
        source="convention; of no meaning on a circle",
        confidence="assumed",
    )


class RendezvousOrders(eqx.Module):
    """The table ``[rendezvous]``.

    Attributes:
        epoch: of a rendezvous alone, TDB seconds past J2000; absent: J2000 itself.
        target: the container's orbit, for a rendezvous alone.
        chaser: the orbiter's orbit, likewise.
        container_mass: taken aboard, likewise [kg].
        search_duration and the following: as `RendezvousLaw`.
    """

    epoch: Scalar | None = date("start of a rendezvous alone", optional=True)
    target: MeetingOrbit | None = part("the container's orbit, alone", optional=True)
    chaser: MeetingOrbit | None = part("the orbiter's orbit, alone", optional=True)
    container_mass: Scalar = quantity(
        "kg",
        "what is taken aboard in a rendezvous alone; in a march the container and its tubes",
        minimum=0.0,
        maximum=1e4,
        default=16.0,
        source="16 kg payload of the ascender (OI22)",
        confidence="published",
    )
    search_duration: Scalar = quantity(
        "day",
        "to find the container and determine its orbit, before the first burn",
        minimum=0.0,
        maximum=1000.0,
        default=14.0,
        source="engineering default (docs/conventions.md): "
        "no published duration; seen beyond 1,000 km (S55)",
        confidence="assumed",
    )
    longest_duration: Scalar = quantity(
        "day",
        "from the start to the capture",
        above=0.0,
        maximum=2000.0,
        default=90.0,
        source="within the 2 to 6 months recalled for search and rendezvous",
        confidence="assumed",
    )
    lowest_phasing: Scalar = quantity(
        "km",
        "lowest circle to wait on",
        above=150.0,
        maximum=1e5,
        default=250.0,
        source="engineering default (docs/conventions.md): below, the drag of large arrays",
        confidence="assumed",
    )
    highest_phasing: Scalar = quantity(
        "km",
        "highest circle to wait on",
        above=150.0,
        maximum=1e5,
        default=600.0,
        source="engineering default (docs/conventions.md): no need to go further",
        confidence="assumed",
    )
    day_worth: Scalar = quantity(
        "m_s",
        "delta-v that one day sooner is worth when plans are compared",
        minimum=0.0,
        maximum=100.0,
        default=0.1,
        source="engineering default (docs/conventions.md): "
        "for 3 m/s a plan may take a month longer",
        confidence="assumed",
    )
    handover_distance: Scalar = quantity(
        "km",
        "distance behind the container at which the approach starts",
        above=0.0,
        maximum=1000.0,
        default=50.0,
        source="far-range phase begins at about 50 km (S56)",
        confidence="published",
    )
    approach_duration: Scalar = quantity(
        "day",
        "of the approach, from there to the capture",
        above=0.0,
        maximum=1000.0,
        default=7.0,
        source="engineering default (docs/conventions.md): no published duration",
        confidence="assumed",
    )
    approach_delta_v: Scalar = quantity(
        "m_s",
        "allowance for corrections, inspection and capture",
        minimum=0.0,
        maximum=1000.0,
        default=20.0,
        source="no published figure; 50 to 150 m/s recalled for the whole rendezvous",
        confidence="assumed",
    )
    lowest_periapsis: Scalar = quantity(
        "km",
        "a container whose periapsis lies lower comes down before it is met",
        minimum=0.0,
        maximum=1e5,
        default=200.0,
        source="engineering default (docs/conventions.md): "
        "a sphere of 16 kg stays months above, weeks below",
        confidence="assumed",
    )


def state_of(orbit: MeetingOrbit, epoch: Scalar, mass: Scalar, world: World) -> PointState:
    """The osculating state of a body on a mean orbit."""
    body = oblate_body(world)
    far, near = orbit.apoapsis + world.apsis_radius, orbit.periapsis + world.apsis_radius
    e = (far - near) / (far + near)
    w = orbit.argument_of_periapsis
    mean = MeanOrbit(
        0.5 * (far + near),
        e * jnp.cos(w),
        e * jnp.sin(w),
        orbit.inclination,
        orbit.node,
        orbit.phase,
    )
    axes = world.pole_axes(epoch)
    position, velocity = osculating(mean, body)
    return PointState(epoch, position @ axes, velocity @ axes, mass, world.name)


def starts_of(
    orders: RendezvousOrders, orbiter: Orbiter, world: World
) -> tuple[PointState, PointState]:
    """Orbiter and container of a rendezvous alone, from its tables.

    The orbiter weighs what it does without its module, with full tanks.

    Raises:
        BadInput: where a table is missing, or an apoapsis lies below its periapsis.
    """
    found = []
    for name, orbit, mass in (
        ("chaser", orders.chaser, orbiter.mass_without_module),
        ("target", orders.target, orders.container_mass),
    ):
        if orbit is None:
            raise BadInput(
                f"a rendezvous alone needs the orbit of its {name}",
                key=f"rendezvous.{name}",
                hint=f"give [rendezvous.{name}]",
            )
        if float(orbit.periapsis) > float(orbit.apoapsis):
            raise BadInput(
                "the periapsis lies above the apoapsis",
                key=f"rendezvous.{name}.periapsis_km",
                value=float(orbit.periapsis) / 1e3,
                allowed=f"at most {float(orbit.apoapsis) / 1e3:g} km",
                hint="swap them",
            )
        epoch = 0.0 if orders.epoch is None else orders.epoch
        found.append(state_of(orbit, epoch, mass, world))
    return found[0], found[1]


@compiled
def mean_plane(state: PointState, world: World) -> tuple[Scalar, Scalar, Scalar]:
    """Inclination and node [rad] of a state's mean orbit, and the node's rate [rad/s].

    What a launch into the plane of an orbiter has to know of it.
    """
    body = oblate_body(world)
    axes = world.pole_axes(state.epoch)
    mean = mean_orbit(axes @ state.position, axes @ state.velocity, body)
    return mean.inclination, mean.node, secular_rates(mean, body).node


def plan(orders: RendezvousOrders) -> RendezvousLaw:
    """The rules of the meeting, in concrete numbers.

    What to do with them is decided anew for every pair of orbits, by `meet`, as the ground would:
    nothing of it is solved from the nominal scenario.

    Raises:
        BadInput: where the waiting orbits or the durations leave no room.
    """
    if float(orders.lowest_phasing) >= float(orders.highest_phasing):
        raise BadInput(
            "no circle to wait on lies between the lowest and the highest",
            key="rendezvous.lowest_phasing_km",
            value=float(orders.lowest_phasing) / 1e3,
            allowed=f"below {float(orders.highest_phasing) / 1e3:g} km",
        )
    needed = float(orders.search_duration + orders.approach_duration)
    if needed >= float(orders.longest_duration):
        raise BadInput(
            "search and approach alone take longer than is allowed",
            key="rendezvous.longest_duration_day",
            value=float(orders.longest_duration) / 86400.0,
            allowed=f"above {needed / 86400.0:g} day",
        )
    return law_of(orders)


def law_of(orders: RendezvousOrders) -> RendezvousLaw:
    """The rules as the table has them, disturbed or not."""
    return RendezvousLaw(
        *(
            _number(value)
            for value in (
                orders.search_duration,
                orders.longest_duration,
                orders.lowest_phasing,
                orders.highest_phasing,
                orders.day_worth,
                orders.handover_distance,
                orders.approach_duration,
                orders.approach_delta_v,
                orders.lowest_periapsis,
            )
        )
    )


def _number(value: Scalar) -> Scalar:
    return np.asarray(value, float) if not isinstance(value, jax.Array) else value


def fly(
    start: PointState,
    orbiter: Orbiter,
    law: RendezvousLaw,
    world: World,
    cargo: PointState,
    *,
    track: bool = False,
) -> Flight:
    """Fly the rendezvous: the orbiter takes the container aboard."""
    return meet(start, orbiter, law, world, cargo, track=track)


def limits(figures: Mapping[str, float], orders: RendezvousOrders) -> list[Limit]:
    """What a rendezvous must keep.

    Args:
        figures: the phase's figures in the units of their names.
        orders: the time allowed.
    """
    return [
        at_least(
            figures,
            "hydrazine left",
            "hydrazine_left_kg",
            0.0,
            "kg",
            "what the orbiter was loaded with",
            "assumed",
        ),
        at_most(
            figures,
            "duration",
            "duration_day",
            float(orders.longest_duration) / 86400.0,
            "day",
            "rendezvous.longest_duration_day",
            "assumed",
        ),
    ]

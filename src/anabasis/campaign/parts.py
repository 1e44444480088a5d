"""Every number of one campaign: the tables of a scenario, as one frozen pytree.

The fields of this module are the tables of the file; the schema is generated from them.
"""

from __future__ import annotations

import equinox as eqx

from anabasis.campaign.orders.ascent import AscentOrders
from anabasis.campaign.orders.cache import CacheOrders
from anabasis.campaign.orders.entry import EntryOrders
from anabasis.campaign.orders.insertion import InsertionOrders
from anabasis.campaign.orders.landing import LandingOrders
from anabasis.campaign.orders.rendezvous import RendezvousOrders
from anabasis.campaign.orders.surface import SurfaceOrders
from anabasis.campaign.orders.transfer import LegOrders
from anabasis.mechanics.arrays import Scalar, Series
from anabasis.units import choice, part, parts, quantity, text, texts, whole
from anabasis.vehicles.ascender import Ascender
from anabasis.vehicles.capsule import Capsule
from anabasis.vehicles.container import Container
from anabasis.vehicles.lander import Lander
from anabasis.vehicles.launcher import Launcher
from anabasis.vehicles.orbiter import Orbiter
from anabasis.vehicles.parachute import Parachute
from anabasis.vehicles.proportions import Sizing
from anabasis.vehicles.rover import Rover
from anabasis.worlds.world import Planet

PHASES = (
    "lander_outbound",
    "orbiter_outbound",
    "insertion",
    "entry",
    "landing",
    "surface",
    "ascent",
    "rendezvous",
    "homeward",
    "arrival",
)
"""The phases of a whole march, in the order in which they are flown."""


class Planets(eqx.Module):
    """What a scenario says of the planets; what it leaves out is their own."""

    mars: Planet | None = part("Mars", optional=True)
    earth: Planet | None = part("the Earth", optional=True)


class Dispersion(eqx.Module):
    """One uncertain number: a path into the scenario and a distribution."""

    path: str = text("path of the number, with its unit")
    distribution: str = choice(
        "how it is distributed",
        ("normal", "uniform", "triangular", "lognormal", "beta", "discrete", "empirical"),
        default="normal",
    )
    sigma: Scalar | None = quantity("", "standard deviation, in the path's unit", optional=True)
    sigma_percent: Scalar | None = quantity(
        "", "standard deviation, percent of the nominal", minimum=0.0, optional=True
    )
    low: Scalar | None = quantity("", "lower cut or bound, in the path's unit", optional=True)
    high: Scalar | None = quantity("", "upper cut or bound, in the path's unit", optional=True)
    mode: Scalar | None = quantity("", "most likely value (triangular)", optional=True)
    alpha: Scalar | None = quantity("", "first shape parameter (beta)", above=0.0, optional=True)
    beta: Scalar | None = quantity("", "second shape parameter (beta)", above=0.0, optional=True)
    values: Series | None = quantity(
        "", "values (discrete, empirical), in the path's unit", many=True, optional=True
    )
    weights: Series | None = quantity(
        "", "weights of the values", minimum=0.0, many=True, optional=True
    )
    correlated_with: str | None = text("path of a correlated dispersion", optional=True)
    correlation: Scalar | None = quantity(
        "", "correlation with it", minimum=-1.0, maximum=1.0, optional=True
    )


class Requirement(eqx.Module):
    """A sentence that the campaign must make true, with the probability it must have."""

    name: str = text("what it says, in words")
    probability_of: str = text("a comparison of a figure, such as ascent.periapsis_km > 300")
    at_least: Scalar = quantity("", "the probability it must have", minimum=0.0, maximum=1.0)
    confidence: Scalar = quantity(
        "",
        "the confidence of the verdict",
        minimum=0.5,
        maximum=1.0,
        default=0.9,
        source="engineering default (docs/conventions.md): the usual confidence of a verdict",
    )


class Parts(eqx.Module):
    """A scenario: name, march, seed, and its tables."""

    name: str = text("the scenario's name")
    summary: str | None = text("one line that says what it is", optional=True)
    announced: str | None = text(
        "what was announced: when the samples were to be home", optional=True
    )
    march: tuple[str, ...] | None = texts("phases in order; absent means the whole march")
    seed: int = whole(
        "root seed of all chance", minimum=0, default=0, source="convention: any number is as good"
    )
    planet: Planets | None = part("the planets", optional=True)
    launcher: Launcher | None = part("what lifts off from Earth", optional=True)
    lander: Lander | None = part("the Sample Retrieval Lander", optional=True)
    orbiter: Orbiter | None = part("the Earth Return Orbiter", optional=True)
    capsule: Capsule | None = part("what enters in entry", optional=True)
    return_capsule: Capsule | None = part("what enters in arrival", optional=True)
    parachute: Parachute | None = part("the parachute of entry and landing", optional=True)
    rover: Rover | None = part("Perseverance", optional=True)
    ascender: Ascender | None = part("the Mars Ascent Vehicle", optional=True)
    container: Container | None = part("the orbiting sample container", optional=True)
    sizing: Sizing | None = part("the envelope and proportions of a rocket to size", optional=True)
    lander_outbound: LegOrders | None = part("the lander's way to Mars", optional=True)
    orbiter_outbound: LegOrders | None = part("the orbiter's way to Mars", optional=True)
    insertion: InsertionOrders | None = part("capture and spiral down", optional=True)
    entry: EntryOrders | None = part("entry at Mars, or of any capsule anywhere", optional=True)
    landing: LandingOrders | None = part("parachute and powered descent", optional=True)
    surface: SurfaceOrders | None = part("drive and loading", optional=True)
    ascent: AscentOrders | None = part("launch from Mars", optional=True)
    rendezvous: RendezvousOrders | None = part("orbiter meets container", optional=True)
    homeward: LegOrders | None = part("the way home", optional=True)
    arrival: EntryOrders | None = part("the capsule's entry at Earth", optional=True)
    cache: CacheOrders | None = part("what the choice of tubes is worth", optional=True)
    dispersion: tuple[Dispersion, ...] = parts("uncertain numbers")
    requirement: tuple[Requirement, ...] = parts("what must hold")

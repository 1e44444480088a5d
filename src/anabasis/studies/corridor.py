"""The entry corridor: which flight-path angles a capsule bears, by its lift and its weight.

    steep edge: the deceleration becomes too great      shallow edge: it skips out

Each edge is sought by halving, with the scenario's own entry flown at full lift up (for the shallow
edge, lift helps it out) and full lift up again for the steep one (lift saves it most).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import equinox as eqx
import numpy as np

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.march import world_of
from anabasis.campaign.orders import entry as entries
from anabasis.campaign.orders.entry import EntryOrders
from anabasis.campaign.scenario import Scenario
from anabasis.guidance.bank import ConstantBank, programme
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome
from anabasis.phases.entry import enter
from anabasis.units import STANDARD_GRAVITY
from anabasis.vehicles.capsule import Capsule
from anabasis.worlds.local import angles_from_velocity, enu, velocity_from_angles
from anabasis.worlds.world import World

STEEPEST, SHALLOWEST = np.radians(-40.0), np.radians(-2.0)
_TURNS = 16


@dataclasses.dataclass(frozen=True)
class Edge:
    """One capsule's corridor.

    Attributes:
        lift_to_drag: of the capsule.
        ballistic_coefficient: [kg/m^2].
        steep: steepest inertial flight-path angle within the deceleration [deg]; NaN for none.
        shallow: shallowest that does not skip out, lift down [deg]; NaN for none.
    """

    lift_to_drag: float
    ballistic_coefficient: float
    steep: float
    shallow: float


def corridor(
    scenario: Scenario,
    lift_to_drag: Sequence[float],
    ballistic_coefficient: Sequence[float],
    greatest_deceleration: float,
) -> list[Edge]:
    """The corridor over ratios of lift to drag and ballistic coefficients.

    Args:
        scenario: with an entry that has a start of its own.
        lift_to_drag: ratios.
        ballistic_coefficient: [kg/m^2].
        greatest_deceleration: that the capsule bears [g].

    Raises:
        BadInput: without such an entry.
    """
    orders, capsule = scenario.parts.entry, scenario.parts.capsule
    file = scenario.reading.file
    if orders is None or capsule is None or orders.start is None:
        raise BadInput(
            "there is no entry with a start of its own",
            file=file,
            key="entry.start",
            hint="choose a scenario such as mars2020-entry",
        )
    world = world_of(scenario.parts, orders.planet)
    start = entries.start_of(orders, capsule, world)
    found = []
    for ratio in lift_to_drag:
        for beta in ballistic_coefficient:
            body = Capsule(
                mass=capsule.mass,
                nose_radius=capsule.nose_radius,
                ballistic_coefficient=np.asarray(float(beta)),
                lift_to_drag=np.asarray(float(ratio)),
            )
            found.append(_edge(orders, start, body, world, float(ratio), float(beta),
                               greatest_deceleration * STANDARD_GRAVITY))  # fmt: skip
    return found


def _edge(
    orders: EntryOrders,
    start: PointState,
    body: Capsule,
    world: World,
    ratio: float,
    beta: float,
    bearable: float,
) -> Edge:
    axes = np.asarray(enu(world, start.epoch, start.position))
    speed, _, azimuth = angles_from_velocity(start.velocity, axes)

    def fly(angle: float, bank: float) -> tuple[bool, float]:
        velocity = velocity_from_angles(speed, np.asarray(angle), azimuth, axes)
        turned = eqx.tree_at(lambda s: s.velocity, start, np.asarray(velocity))
        law = programme(ConstantBank(np.asarray(bank)))
        flight = enter(
            turned, body, None, law, world, orders.interface_radius, orders.target, track=False
        )
        skips = bool(np.asarray(flight.outcome == Outcome.skipped_out))
        return skips, float(flight.figures["peak_deceleration"])

    steep = _halve(lambda a: fly(a, 0.0)[1] <= bearable, SHALLOWEST, STEEPEST)
    shallow = _halve(lambda a: not fly(a, np.pi)[0], STEEPEST, SHALLOWEST)
    return Edge(ratio, beta, float(np.degrees(steep)), float(np.degrees(shallow)))


def _halve(good: object, sure: float, beyond: float) -> float:
    """The last good angle on the way from one that should be to one that should not."""
    assert callable(good)
    if not good(sure):
        return np.nan
    if good(beyond):
        return beyond
    for _ in range(_TURNS):
        middle = 0.5 * (sure + beyond)
        if good(middle):
            sure = middle
        else:
            beyond = middle
    return sure

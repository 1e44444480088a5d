"""The ascent as a rigid body: thrown, swivelled, turned, spun, with a computer that sees no truth.

    errors     what nobody planned
    software   the flight computer: sensed in, commands out
    truth      one tick of what really happens
    staging    the release, and the stages let go of one another
    legs       the order of it all, and what happens between the legs
    telling    figures, verdict, track

Truth and flight software take turns at fixed ticks (`mechanics.closed_loop`): 100 Hz in the toss,
under thrust and while spinning, 10 Hz in the coast. The software is handed what the inertial unit
says and nothing else. The second stage is spun up and let go: its nutation, and how much of its
thrust goes astray, come out of Euler's equation. Every switching time ends a leg.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Flight
from anabasis.mechanics.state import PointState
from anabasis.phases.launch.errors import Errors
from anabasis.phases.launch.legs import FREE_TIME, flown, ride_of
from anabasis.phases.launch.software import Onboard
from anabasis.phases.launch.staging import released
from anabasis.phases.launch.telling import FIGURES, told
from anabasis.phases.launch.truth import Rocket
from anabasis.worlds.world import World

__all__ = ["FIGURES", "FREE_TIME", "Errors", "Onboard", "Rocket", "launch"]


@compiled
def launch(
    start: PointState,
    rocket: Rocket,
    onboard: Onboard,
    world: World,
    delay: Scalar,
    planned_delay: Scalar,
    *,
    substeps: int = 1,
    track: bool = False,
) -> Flight:
    """Fly the ascender as a rigid body from its release to the end of the second burn.

    Args:
        start: at the release: epoch, position and velocity with the toss in it.
        rocket: as it really is.
        onboard: what its computer was loaded with.
        world: gravity, air, winds and spin.
        delay: from the release to the first ignition [s].
        planned_delay: the same as planned, which the toss was set up for [s].
        substeps: steps of the truth in each tick; the ticks of sensors and commands stay.
        track: keep every tick.

    Returns:
        The flight; lost where the final orbit cuts the ground, or where the rocket no longer
        points anywhere near where it should.

    Left out: bending, lift in free molecules, aerodynamic damping (jet damping is in), the air's
    pressure on the nozzle, the swirl of the gas.
    """
    start, rocket, onboard, world = jax.tree.map(
        lambda x: jnp.asarray(x) if isinstance(x, float | np.ndarray) else x,
        (start, rocket, onboard, world),
    )
    delay = jnp.asarray(delay, dtype=float)
    ride = ride_of(start, rocket, onboard, world, delay, substeps)
    body = released(start, rocket, onboard, planned_delay)
    way = flown(ride, onboard, body, delay, track=track)
    return told(ride, onboard, start, way, track)

"""A world as far as slow changes of orbits go: its pull and its flattening."""

from __future__ import annotations

from anabasis.mechanics.secular import OblateBody
from anabasis.worlds.world import World


def oblate_body(world: World) -> OblateBody:
    """The planet's gm and J2; a planet flown with gravity degree 0 or 1 has no J2."""
    j2 = world.j2 if world.gravity_degree >= 2 else 0.0
    return OblateBody(world.gm, j2, world.gravity_radius)

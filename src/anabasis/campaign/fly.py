"""The march on one screen: two strands go out, they meet, one comes home.

lander  --> entry --> landing --> surface --> ascent --.
                                                        >-- rendezvous --> homeward --> Utah
orbiter -------------> insertion ---------------------'
"""

from __future__ import annotations

from collections.abc import Callable

from anabasis.campaign import homecoming, meeting
from anabasis.campaign import lander_strand as lander
from anabasis.campaign import orbiter_strand as orbiter
from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.journey import Journey
from anabasis.campaign.march import March
from anabasis.campaign.parts import PHASES
from anabasis.campaign.scenario import Scenario
from anabasis.campaign.wall import suggestion

NEEDS = {
    "lander_outbound": (),
    "orbiter_outbound": (),
    "insertion": ("orbiter_outbound",),
    "entry": ("lander_outbound",),
    "landing": ("entry",),
    "surface": ("landing",),
    "ascent": ("surface", "insertion"),
    "rendezvous": ("ascent", "insertion"),
    "homeward": ("rendezvous",),
    "arrival": ("homeward",),
}
"""Phase -> the phases that hand it its start, where a scenario flies them."""


def fly(
    scenario: Scenario,
    *,
    only: str | None = None,
    seed: int = 0,
    track: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Journey:
    """Fly a scenario.

    Args:
        scenario: what is flown.
        only: report this phase alone; what hands it its start is flown first, undisturbed.
        seed: root seed of all chance.
        track: keep the tracks.
        progress: told what is being flown.

    Returns:
        The journey. A lost mission is an outcome in it.

    Raises:
        BadInput: for a phase that is not flown here, or a plan that cannot be made.
    """
    return march_of(scenario, only=only, seed=seed, track=track, progress=progress)[1]


def march_of(
    scenario: Scenario,
    *,
    only: str | None = None,
    seed: int = 0,
    track: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[March, Journey]:
    """`fly`, and the march itself with the steps it was flown by."""
    march = March(scenario, phases_for(scenario, only), seed, track, progress)
    try:
        lander.lander_outbound(march)
        orbiter.orbiter_outbound(march)

        orbiter.insertion(march)

        lander.entry(march)
        lander.landing(march)
        lander.surface(march)

        meeting.ascent(march)
        meeting.rendezvous(march)

        homecoming.homeward(march)
        homecoming.arrival(march)
    except BadInput as failure:
        raise failure.in_file(scenario.reading.file) from None

    return march, march.journey(scenario.march if only is None else (only,))


def phases_for(scenario: Scenario, only: str | None) -> tuple[str, ...]:
    """The phases to fly: all of the march, or one with what hands it its start.

    Raises:
        BadInput: for a phase that this scenario does not fly.
    """
    if only is None:
        return scenario.march
    if only not in scenario.march:
        raise BadInput(
            "this scenario does not fly that phase",
            file="command line",
            key="--only",
            value=only,
            allowed=", ".join(scenario.march),
            hint=suggestion(only, scenario.march),
        )
    wanted, found = [only], set[str]()
    while wanted:
        phase = wanted.pop()
        found.add(phase)
        table = getattr(scenario.parts, phase)
        if getattr(table, "start", None) is None:
            wanted += [name for name in NEEDS[phase] if name in scenario.march]
    return tuple(phase for phase in PHASES if phase in found)

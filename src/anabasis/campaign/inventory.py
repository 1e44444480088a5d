"""Which tubes go: what is aboard and sealed, unless the scenario says more.

The choice is made once, from the record and the scenario, before anything flies. Loads no jax.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Literal

from anabasis.vehicles.tube import Tube, all_tubes

LATER_SAMPLE_G = 15.0
"""Mass of a sample nobody has taken yet [grams]: the design value (LPSC21)."""
LATER_UTC = "2026-09-15"
"""From when a tube filled after the last known sol is taken to be aboard (`assumed`)."""


@dataclasses.dataclass(frozen=True)
class Going:
    """One tube that is to go, and how it gets to the lander."""

    tube: Tube
    carried_by: Literal["rover", "fetch"]
    reason: str


@dataclasses.dataclass(frozen=True)
class Manifest:
    """All 43 tubes, divided: what goes, in the order of loading, and what stays.

    ``aboard`` come with the rover, ``fetched`` from the depot; each in order of priority.
    ``spare_aboard`` and ``spare_fetched`` are the next in order where the places are taken: one of
    them comes only if a tube before it sticks. They are among those that stay.
    """

    aboard: tuple[Going, ...]
    fetched: tuple[Going, ...]
    staying: tuple[Tube, ...]
    spare_aboard: tuple[Going, ...] = ()
    spare_fetched: tuple[Going, ...] = ()

    @property
    def rover_row(self) -> tuple[Going, ...]:
        """The rover's tubes in the order of loading, the spare ones last."""
        return self.aboard + self.spare_aboard

    @property
    def depot_row(self) -> tuple[Going, ...]:
        """The depot's tubes in the order of fetching, the spare ones last."""
        return self.fetched + self.spare_fetched

    @property
    def going(self) -> tuple[Going, ...]:
        """Everything that is to go."""
        return self.aboard + self.fetched

    @property
    def tubes(self) -> tuple[Tube, ...]:
        """All 43, in the order of the table, as the scenario has them."""
        every = [going.tube for going in self.going] + list(self.staying)
        return tuple(sorted(every, key=lambda tube: tube.number))

    @property
    def filled_count(self) -> int:
        """Tubes with something in them, the witnesses included."""
        return sum(tube.closure != "empty" for tube in self.tubes)

    @property
    def sample_kg(self) -> float:
        """Rock and regolith in everything that is to go [kg]."""
        return sum(sample_mass(going.tube) for going in self.going)


def sample_mass(tube: Tube) -> float:
    """What is in the tube [kg]; `derived` from core length and an assumed density."""
    return (tube.mass_g or 0.0) / 1000.0


def draw_up(
    *,
    close_open_tubes: bool = False,
    later_tubes: int = 0,
    fetch: bool = False,
    slots: int = 30,
    rover_delivers: bool = True,
    liftable: float = math.inf,
    tube_mass: float = 0.0,
    chosen: frozenset[str] | None = None,
) -> Manifest:
    """Divide the tubes into those that go and those that stay.

    By default the 21 go that are aboard and sealed. Where there are more than the container has
    places for, the places go in this order, and within a step the longer core first:

    1. rock and regolith aboard and sealed;
    2. witnesses aboard (they tell what came from Earth);
    3. depot tubes with no twin aboard (the air, the third witness);
    4. open tubes that the scenario closes;
    5. depot tubes whose twin is aboard;
    6. tubes filled after the last known sol.

    Args:
        close_open_tubes: the rover closes its open tubes before it hands over.
        later_tubes: so many of the empty sample tubes are taken to be filled by then (`assumed`).
        fetch: something brings the tubes of the depot.
        slots: places in the container.
        rover_delivers: the rover brings what is aboard; else only the depot's tubes go.
        liftable: what the fetcher can carry at once [kg]; a heavier tube stays.
        tube_mass: of an empty tube [kg].
        chosen: ids of the tubes that are to go, in place of all that could; an open tube among them
            goes as it is.
    """
    tubes = [_as_the_scenario_has_it(tube, close_open_tubes) for tube in all_tubes()]
    for later, index in enumerate(
        [i for i, tube in enumerate(tubes) if tube.kind == "empty sample"][:later_tubes]
    ):
        tubes[index] = _filled_later(tubes[index], later + 1)

    ranked: list[tuple[int, float, Going]] = []
    twins = {tube.name for tube in tubes if tube.where == "rover" and tube.closure == "sealed"}
    for tube in tubes:
        step, going = _rank(tube, twins, fetch, asked=chosen is not None and tube.id in chosen)
        if going is None or (chosen is not None and tube.id not in chosen):
            continue
        heavy = tube_mass + sample_mass(tube) > liftable
        if rover_delivers if going.carried_by == "rover" else not heavy:
            ranked.append((step, -(tube.length_cm or 0.0), going))
    ranked.sort(key=lambda entry: (entry[0], entry[1], entry[2].tube.number))
    every = [going for _, _, going in ranked]
    ids = {going.tube.id for going in every[:slots]}

    def carried(row: list[Going], by: str) -> tuple[Going, ...]:
        return tuple(going for going in row if going.carried_by == by)

    return Manifest(
        aboard=carried(every[:slots], "rover"),
        fetched=carried(every[:slots], "fetch"),
        staying=tuple(tube for tube in tubes if tube.id not in ids),
        spare_aboard=carried(every[slots:], "rover"),
        spare_fetched=carried(every[slots:], "fetch"),
    )


def _rank(tube: Tube, twins: set[str], fetch: bool, *, asked: bool) -> tuple[int, Going | None]:
    """The tube's place in the order of priority, or None where it stays in any case."""
    if tube.closure == "open" and asked:
        return 4, Going(tube, "rover", "open, and chosen all the same")
    if tube.closure != "sealed":
        return 0, None
    if tube.where == "depot":
        if not fetch:
            return 0, None
        if tube.pair in twins:
            return 5, Going(tube, "fetch", "its twin is aboard")
        return 3, Going(tube, "fetch", "no twin aboard")
    if tube.id_status == "assigned":
        return 6, Going(tube, "rover", "filled after the last known sol, assumed")
    if tube.kind == "witness":
        return 2, Going(tube, "rover", "witness, aboard and sealed")
    if tube.seal_sol is None:
        return 4, Going(tube, "rover", "closed by the scenario, assumed")
    return 1, Going(tube, "rover", "aboard and sealed")


def _as_the_scenario_has_it(tube: Tube, close_open_tubes: bool) -> Tube:
    if close_open_tubes and tube.closure == "open":
        return dataclasses.replace(tube, closure="sealed", confidence="assumed")
    return tube


def _filled_later(tube: Tube, number: int) -> Tube:
    return dataclasses.replace(
        tube,
        name=f"later sample {number}",
        kind="rock core",
        closure="sealed",
        mass_g=LATER_SAMPLE_G,
        core_utc=LATER_UTC,
        seal_utc=LATER_UTC,
        confidence="assumed",
    )

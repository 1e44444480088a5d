"""Who holds each tube, since when, where and how warm: from the drill hole to Utah.

        rover ----------------> ascender -> container -> orbiter -> capsule -> laboratory
           \\-> ground -> fetch --^   (lift-off)  (orbit)   (captured)  (released)  (Utah)

Plain data in, plain data out: what the phases made of the march comes as dates by event name and
the phase that lost it, if one did. Every tube ends in exactly one place. Loads no jax.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from anabasis.vehicles.tube import Tube

Ending = Literal["delivered", "left on Mars", "lost", "empty"]

ABOVE_GROUND = ("ascent", "rendezvous", "homeward", "arrival")
"""The phases that carry tubes off Mars: what one of them loses takes its tubes with it."""
PLACES = {
    "ascender": "on the lander, Jezero",
    "container": "orbit about Mars",
    "orbiter": "orbit about Mars",
    "capsule": "on the way to Earth",
    "laboratory": "Utah",
}
LOST_AT = {
    "ascent": "Mars, below the ascent",
    "rendezvous": "orbit about Mars",
    "homeward": "between Mars and Earth",
    "arrival": "Earth, short of Utah",
}


@dataclasses.dataclass(frozen=True)
class Bounds:
    """How warm a tube is at most with each holder [K]; None where no bound is stated."""

    rover: float | None = 293.0
    ground: float | None = 293.0
    container: float | None = 303.0
    capsule: float | None = 303.0

    def of(self, holder: str) -> float | None:
        """The bound that a holder keeps."""
        return {
            "rover": self.rover,
            "ground": self.ground,
            "helicopters": self.ground,
            "fetch rover": self.ground,
            "ascender": self.container,
            "container": self.container,
            "orbiter": self.container,
            "capsule": self.capsule,
        }.get(holder)


@dataclasses.dataclass(frozen=True)
class Loss:
    """The march was lost: in which phase, and when."""

    phase: str
    utc: str


@dataclasses.dataclass(frozen=True)
class Holding:
    """One entry in a chain of custody; ``bound`` is how warm the holder keeps it at most [K]."""

    holder: str
    from_utc: str
    place: str
    bound: float | None

    def to_dict(self) -> dict[str, Any]:
        """The entry as it stands in ``journey.json``."""
        return {
            "holder": self.holder,
            "from_utc": self.from_utc,
            "place": self.place,
            "temperature_K_max": self.bound,
        }


@dataclasses.dataclass(frozen=True)
class Custody:
    """One tube's chain and its end, as it stands in ``journey.json``."""

    id: str
    name: str
    state: Ending
    place: str
    custody: tuple[Holding, ...]

    def to_dict(self) -> dict[str, Any]:
        """The entry of ``tubes`` in ``journey.json``."""
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "place": self.place,
            "custody": [holding.to_dict() for holding in self.custody],
        }


def trace(
    tubes: Sequence[Tube],
    loaded: Mapping[str, str],
    events: Mapping[str, str | None],
    loss: Loss | None = None,
    *,
    bounds: Bounds | None = None,
) -> list[Custody]:
    """The chain of custody of every tube.

    Args:
        tubes: all 43, as the scenario has them.
        loaded: tube id -> UTC at which the arm put it into the ascender; who is not in it stayed.
        events: event name -> UTC, None or absent where it did not happen: ``lift_off``,
            ``stage_two_burnout``, ``container_captured``, ``capsule_release``, ``impact``.
        loss: the phase that lost the march, and when; None where it was flown to its end.
        bounds: how warm each holder keeps the tubes.

    Returns:
        One entry per tube, in the order given. What is dated after the loss did not happen. A tube
        from the depot passes from the ground to the ascender: the days in between, with a
        helicopter or a fetch rover, are not kept apart.
    """
    keeps = bounds or Bounds()
    chain = _flight(events, loss)
    return [
        _one(tube, _while_it_lasted(loaded.get(tube.id), loss), chain, events, loss, keeps)
        for tube in tubes
    ]


def warmest(entries: Sequence[Custody]) -> float:
    """The highest bound that any travelling tube's chain states [K]; NaN where none does."""
    stated = [
        holding.bound
        for entry in entries
        if any(holding.holder == "ascender" for holding in entry.custody)
        for holding in entry.custody
        if holding.bound is not None
    ]
    return max(stated, default=float("nan"))


def holder_at(entry: Custody, utc: str) -> str:
    """Who holds a tube at an instant: the last that took it by then.

    Args:
        entry: its chain.
        utc: an instant in the form of the chain's own dates (they compare as words).

    Returns:
        The holder; before the chain begins, and for an empty tube, the rover.
    """
    held = "rover"
    for holding in entry.custody:
        if holding.from_utc <= utc:
            held = holding.holder
    return held


def count(entries: Sequence[Custody]) -> dict[str, int]:
    """How many tubes ended in each state; the four together are all of them."""
    endings: tuple[Ending, ...] = ("delivered", "left on Mars", "lost", "empty")
    return {state: sum(entry.state == state for entry in entries) for state in endings}


def _flight(events: Mapping[str, str | None], loss: Loss | None) -> list[tuple[str, str]]:
    """Holder and date of each hand-over above ground that came to pass, in order."""
    hand_overs = (
        ("ascent", "stage_two_burnout", "container"),
        ("rendezvous", "container_captured", "orbiter"),
        ("arrival", "capsule_release", "capsule"),
        ("arrival", "impact", "laboratory"),
    )
    chain: list[tuple[str, str]] = []
    grounded = loss is not None and loss.phase not in ABOVE_GROUND
    if grounded or not _while_it_lasted(events.get("lift_off"), loss):
        return chain
    for phase, event, holder in hand_overs:
        utc = _while_it_lasted(events.get(event), loss)
        # A lost phase hands nothing on; but a capsule was released before it missed Utah.
        failed = loss is not None and ABOVE_GROUND.index(phase) >= ABOVE_GROUND.index(loss.phase)
        if utc is None or (failed and event != "capsule_release"):
            break
        chain.append((holder, utc))
    return chain


def _one(
    tube: Tube,
    loaded: str | None,
    flight: Sequence[tuple[str, str]],
    events: Mapping[str, str | None],
    loss: Loss | None,
    bounds: Bounds,
) -> Custody:
    chain: list[Holding] = []

    def hold(holder: str, utc: str | None, place: str) -> None:
        chain.append(Holding(holder, _instant(utc), place, bounds.of(holder)))

    if tube.closure == "empty":
        return Custody(tube.id, tube.name, "empty", "aboard Perseverance", ())
    hold("rover", tube.core_utc or tube.seal_utc, tube.place or "Jezero")
    if tube.where == "depot":
        hold("ground", tube.drop_utc, "Three Forks depot")
    if loaded is None:
        place = "Three Forks depot" if tube.where == "depot" else "aboard Perseverance"
        return Custody(tube.id, tube.name, "left on Mars", place, tuple(chain))

    hold("ascender", loaded, PLACES["ascender"])
    for holder, utc in flight:
        hold(holder, utc, PLACES[holder])
    state, place = _ending(flight, events, loss)
    return Custody(tube.id, tube.name, state, place, tuple(chain))


def _ending(
    flight: Sequence[tuple[str, str]], events: Mapping[str, str | None], loss: Loss | None
) -> tuple[Ending, str]:
    """State and place of a tube that was aboard the ascender."""
    grounded = loss is not None and loss.phase not in ABOVE_GROUND
    if grounded or not _while_it_lasted(events.get("lift_off"), loss):
        return "left on Mars", PLACES["ascender"]
    if loss is not None:
        left_mars = _while_it_lasted(events.get("mars_departure"), loss) is not None
        if loss.phase == "homeward" and not left_mars:
            return "lost", PLACES["orbiter"]
        return "lost", LOST_AT[loss.phase]
    holder = flight[-1][0] if flight else "ascender"
    if holder == "laboratory":
        return "delivered", PLACES[holder]
    # A march that ends under way brings nothing home, and nobody comes for what it left there.
    return "lost", f"{PLACES[holder]} (the march ends here)"


def _while_it_lasted(utc: str | None, loss: Loss | None) -> str | None:
    """A date, or None where the march was lost before it (dates of one form compare as words)."""
    if not utc or (loss is not None and loss.utc and utc > loss.utc):
        return None
    return utc


def _instant(utc: str | None) -> str:
    """A date of the record as an instant: a day alone is its midnight."""
    if not utc:
        return ""
    if "T" not in utc:
        return f"{utc}T00:00:00Z"
    day, clock = utc.rstrip("Z").split("T")
    return f"{day}T{clock}:00Z" if clock.count(":") == 1 else f"{day}T{clock}Z"

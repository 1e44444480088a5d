"""What the samples are for: the objectives of iMOST, and which tube speaks to which, by what.

The seven objectives are those of the International MSR Objectives and Samples Team (Beaty et al.
2019); the first two are split into their sub-objectives. Which tube speaks to which is read from
the record (kind, lithology, flags with their confidence) by the rules of this file. How strongly is
`assumed`: no published score per tube exists. A strength of 1 says "well", less says "partly"; what
rests on an unverified flag counts half.

    tube -- kind, lithology, flags --> evidence --> objective
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

from anabasis.vehicles.tube import Tube

ENOUGH_CM = 3.0
"""A core this long does everything asked of it; a shorter one in proportion (`assumed`)."""
WELL = 1.0
"""An objective is met well where one tube speaks to it this strongly, partly where less."""


@dataclasses.dataclass(frozen=True)
class Objective:
    """One objective or sub-objective; ``weight`` names the weight of the ``[cache]`` table."""

    key: str
    title: str
    weight: str


OBJECTIVES = (
    Objective("1.1", "sedimentary environments", "geology"),
    Objective("1.2", "hydrothermal environments", "geology"),
    Objective("1.3", "deep groundwater", "geology"),
    Objective("1.4", "environments open to the air", "geology"),
    Objective("1.5", "igneous rocks", "geology"),
    Objective("2.1", "carbon chemistry", "life"),
    Objective("2.2", "signs of ancient life", "life"),
    Objective("2.3", "life today", "life"),
    Objective("3", "ages: a calibrated timescale", "chronology"),
    Objective("4", "volatiles: air and water through time", "volatiles"),
    Objective("5", "the interior", "interior"),
    Objective("6", "hazards to people", "hazards"),
    Objective("7", "resources", "resources"),
)
"""The seven objectives, two of them by sub-objective (Beaty et al. 2019; the list recalled)."""


@dataclasses.dataclass(frozen=True)
class Evidence:
    """One way in which a tube speaks to an objective.

    Attributes:
        objective: key of the objective.
        word: the evidence, in a word.
        strength: 0 to 1, before fill and confidence.
        verified: False where it rests on a flag that no source read by this project states.
        survives: what must survive on the way: ``heat``, ``shock``, ``seal``.
    """

    objective: str
    word: str
    strength: float
    verified: bool
    survives: tuple[str, ...]


def _flagged(flag: str) -> Callable[[Tube], bool | None]:
    def test(tube: Tube) -> bool | None:
        stated = tube.flags.get(flag)
        return None if stated is None else stated == "stated"

    return test


def _is(*kinds: str) -> Callable[[Tube], bool | None]:
    return lambda tube: True if tube.kind in kinds else None


def _says(*words: str, where: str = "lithology") -> Callable[[Tube], bool | None]:
    def test(tube: Tube) -> bool | None:
        text = f"{getattr(tube, where)}".lower()
        return True if any(word in text for word in words) else None

    return test


def _igneous(tube: Tube) -> bool | None:
    return True if tube.lithology.lower() == "igneous" else None


def _bedded(tube: Tube) -> bool | None:
    return True if tube.lithology == "Sedimentary" and "Margin" not in tube.unit else None


def _altered_igneous(tube: Tube) -> bool | None:
    return _flagged("carbonate")(tube) if _igneous(tube) or "Margin" in tube.unit else None


_ROCK, _SALT, _ORGANIC, _GAS = ("shock",), ("heat",), ("heat", "seal"), ("seal",)
_RULES: tuple[tuple[str, str, float, Callable[[Tube], bool | None], tuple[str, ...]], ...] = (
    ("1.1", "bedded sediment", 1.0, _bedded, _ROCK),
    ("1.1", "Margin rock, called sedimentary", 0.5, _says("margin", where="unit"), _ROCK),
    ("1.1", "mixed grains", 0.25, _is("regolith"), ()),
    ("1.2", "serpentine", 1.0, _says("serpentin"), _SALT),
    ("1.2", "carbonated olivine rock", 0.5, _altered_igneous, _SALT),
    ("1.2", "silica", 0.5, _flagged("silica"), _ROCK),
    ("1.3", "salts in lava", 1.0, lambda t: _flagged("salts")(t) if _igneous(t) else None, _SALT),
    ("1.3", "fluid inclusions", 0.5, _flagged("fluid inclusions"), ("heat", "shock")),
    ("1.3", "carbonated olivine rock", 0.5, _altered_igneous, _SALT),
    ("1.4", "soil and dust", 0.5, _is("regolith"), ()),
    ("1.4", "clay", 0.5, _flagged("phyllosilicate or serpentine"), _SALT),
    ("1.5", "igneous rock", 1.0, _igneous, _ROCK),
    ("1.5", "igneous or impact rock", 0.5, _says("impactite"), _ROCK),
    ("1.5", "Margin rock, once igneous", 0.5, _says("margin", where="unit"), _ROCK),
    ("2.1", "organic carbon", 1.0, _flagged("organics"), _ORGANIC),
    ("2.1", "sulfate that keeps organics", 0.5, _flagged("sulfate"), _ORGANIC),
    ("2.1", "silica that keeps organics", 0.5, _flagged("silica"), _ORGANIC),
    ("2.1", "carbonate that keeps organics", 0.25, _flagged("carbonate"), _ORGANIC),
    ("2.2", "potential biosignature", 1.0, _flagged("potential biosignature"), _ORGANIC),
    ("2.2", "sulfate with inclusions", 0.5, _flagged("sulfate"), ("heat", "shock")),
    ("2.2", "silica that keeps textures", 0.5, _flagged("silica"), _ROCK),
    ("2.2", "carbonate that keeps textures", 0.25, _flagged("carbonate"), _ROCK),
    ("2.3", "soil and dust of today", 0.5, _is("regolith"), _ORGANIC),
    ("2.3", "salts that may hold brine", 0.5, _flagged("salts"), _ORGANIC),
    ("3", "datable igneous minerals", 1.0, _flagged("geochronology"), _ROCK),
    ("3", "rim rock older than the crater", 0.5, _says("impactite"), _ROCK),
    ("4", "air of Mars", 1.0, _is("atmosphere"), _GAS),
    ("4", "salts", 0.5, _flagged("salts"), _SALT),
    ("4", "carbonate", 0.5, _flagged("carbonate"), _SALT),
    ("4", "sulfate", 0.5, _flagged("sulfate"), _SALT),
    ("4", "clay or serpentine", 0.5, _flagged("phyllosilicate or serpentine"), _SALT),
    ("5", "olivine cumulate", 1.0, _says("olivine cumulate", where="lithology_detail"), _ROCK),
    ("5", "basaltic lava", 0.5, _says("basalt", where="lithology_detail"), _ROCK),
    ("5", "deep rock of the rim", 0.5, _says("impactite", "serpentin"), _ROCK),
    ("6", "soil and dust", 1.0, _is("regolith"), ()),
    ("6", "dust in the air tube", 0.25, _is("atmosphere"), ()),
    ("6", "salts", 0.25, _flagged("salts"), _SALT),
    ("7", "water-bearing sulfate", 0.5, _flagged("sulfate"), _SALT),
    ("7", "water-bearing clay or serpentine", 0.5, _flagged("phyllosilicate or serpentine"), _SALT),
    ("7", "soil to build with", 0.5, _is("regolith"), ()),
)
_BY_AIR = ("4", "6")
"""What a tube of air can speak to."""
UNVERIFIED_SHARE = 0.5
"""What an unverified flag is worth against a stated one (`assumed`)."""


def fill(tube: Tube) -> float:
    """How far a core is long enough, 0 to 1; regolith and air count as full."""
    if tube.kind != "rock core" or tube.length_cm is None:
        return 1.0
    return min(1.0, tube.length_cm / ENOUGH_CM)


def evidence(tube: Tube) -> tuple[Evidence, ...]:
    """By what a tube speaks to which objectives; none for a witness or an empty tube."""
    if not tube.is_sample:
        return ()
    found: list[Evidence] = []
    for objective, word, strength, test, survives in _RULES:
        # The air tube's minerals are those of the rock that crumbled beside it: not inside.
        if tube.kind == "atmosphere" and objective not in _BY_AIR:
            continue
        verdict = test(tube)
        if verdict is not None:
            found.append(Evidence(objective, word, strength, verdict, survives))
    return tuple(found)


def strengths(tube: Tube) -> dict[str, float]:
    """How strongly a tube speaks to each objective, 0 to 1; several evidences: the strongest."""
    found: dict[str, float] = {}
    for one in evidence(tube):
        worth = one.strength * (1.0 if one.verified else UNVERIFIED_SHARE) * fill(tube)
        found[one.objective] = max(found.get(one.objective, 0.0), worth)
    return found


def coverage(tubes: Iterable[Tube]) -> dict[str, str]:
    """Objective -> ``well``, ``partly`` or ``not``, for a set of tubes."""
    best: dict[str, float] = {}
    for tube in tubes:
        for key, worth in strengths(tube).items():
            best[key] = max(best.get(key, 0.0), worth)
    return {
        o.key: "not" if o.key not in best else "well" if best[o.key] >= WELL - 1e-9 else "partly"
        for o in OBJECTIVES
    }


def rock(tube: Tube) -> str:
    """The kind of rock, coarse enough to count."""
    if tube.kind != "rock core":
        return tube.kind
    text = f"{tube.lithology} {tube.lithology_detail} {tube.unit}".lower()
    for words, name in (
        (("serpentin",), "serpentinite"),
        (("mudstone",), "mudstone"),
        (("olivine cumulate",), "olivine cumulate"),
        (("margin",), "carbonated olivine rock"),
        (("conglomerate",), "conglomerate"),
        (("clay-bearing",), "clay-bearing rock"),
        (("impactite",), "rock of the rim"),
        (("sulfate-rich",), "sulfate-rich sandstone"),
        (("basalt",), "basaltic lava"),
    ):
        if any(word in text for word in words):
            return name
    return "sandstone"


def age(tube: Tube) -> str:
    """The formation, oldest last in the record's order: what stands for age."""
    if tube.kind in ("atmosphere", "regolith"):
        return "today"
    unit = tube.unit.lower()
    for word, name in (
        ("seitah", "Seitah"),
        ("maaz", "Maaz"),
        ("shenandoah", "fan front"),
        ("margin", "Margin unit"),
        ("bright angel", "Bright Angel"),
        ("krokodillen", "Krokodillen"),
        ("rim", "crater rim"),
        ("fan", "upper fan"),
        ("tenby", "upper fan"),
    ):
        if word in unit:
            return name
    return "other"


def environment(tube: Tube) -> str:
    """Where the rock formed or what it met, coarse enough to count."""
    kind = rock(tube)
    return {
        "atmosphere": "air",
        "regolith": "wind",
        "serpentinite": "water at depth",
        "carbonated olivine rock": "water and carbon dioxide",
        "olivine cumulate": "magma chamber",
        "basaltic lava": "lava flow",
        "mudstone": "quiet water",
        "sulfate-rich sandstone": "evaporating water",
        "conglomerate": "river in flood",
        "clay-bearing rock": "weathering",
        "rock of the rim": "impact",
    }.get(kind, "river and lake")

"""What will we find out: for the tubes that came home, a plain account per objective.

Which tubes speak to it, by which evidence, what had to survive, and whether it did (`exposure`).
Loads no jax.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anabasis.campaign import exposure
from anabasis.campaign.objectives import OBJECTIVES, coverage, evidence, strengths
from anabasis.vehicles.tube import Tube, all_tubes

NEEDS = {
    "heat": ("it stayed cool", (exposure.MARS_HEAT.name, exposure.RETURN_HEAT.name)),
    "shock": ("the core was not shattered", (exposure.SHOCK.name, exposure.FRIABLE_SHOCK.name)),
    "seal": ("the seal held", (exposure.LEAK.name,)),
}
"""What must survive -> how that reads, and the limits that say so."""
BIOSIGNATURE = "step 1 of 7 on the CoLD scale: a signal, with other explanations open"


def delivered(journey: Mapping[str, Any]) -> list[Tube]:
    """The tubes that a flown march brought home."""
    home = {tube["id"] for tube in journey["tubes"] if tube["state"] == "delivered"}
    return [tube for tube in all_tubes() if tube.id in home]


def account(journey: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One entry per objective: tubes, evidence, needs, what survived, and a sentence.

    Args:
        journey: what ``journey.json`` holds.
    """
    home = delivered(journey)
    books = {entry["id"]: entry for entry in exposure.ledger(journey)}
    covered = coverage(home)
    told: list[dict[str, Any]] = []
    for objective in OBJECTIVES:
        rows: list[dict[str, Any]] = []
        for tube in home:
            spoken = [one for one in evidence(tube) if one.objective == objective.key]
            if not spoken:
                continue
            broken = {check["name"] for check in books[tube.id]["limits"] if not check["met"]}
            needs = sorted({need for one in spoken for need in one.survives})
            lost = [need for need in needs if broken & set(NEEDS[need][1])]
            if tube.closure == "open" and "seal" in needs and "seal" not in lost:
                lost.append("seal")
            rows.append(
                {
                    "tube": tube.name,
                    "strength": strengths(tube)[objective.key],
                    "evidence": [
                        {"what": one.word, "stated": one.verified, "needs": list(one.survives)}
                        for one in spoken
                    ],
                    "needs": needs,
                    "lost": lost,
                    "survived": not lost,
                }
            )
        rows.sort(key=lambda row: -row["strength"])
        told.append(
            {
                "key": objective.key,
                "title": objective.title,
                "covered": covered[objective.key],
                "tubes": rows,
                "sentence": _sentence(covered[objective.key], rows),
            }
        )
    return told


def _sentence(covered: str, rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "nothing that came home speaks to it."
    whole = [row for row in rows if row["survived"]]
    best = (whole or rows)[:3]
    what: dict[str, list[str]] = {}
    for row in best:
        stated = [one["what"] for one in row["evidence"] if one["stated"]]
        word = (stated or [f"{row['evidence'][0]['what']}, unverified"])[0]
        what.setdefault(word, []).append(row["tube"])
    said = "; ".join(f"{word} in {', '.join(names)}" for word, names in what.items())
    head = {"well": "can be answered", "partly": "can be answered in part", "not": "stays open"}
    text = f"{head[covered]}: {said}"
    if len(rows) > len(best):
        more = len(rows) - len(best)
        text += f"; {more} more {'tube speaks' if more == 1 else 'tubes speak'} to it"
    needs = sorted({need for row in whole for need in row["needs"]})
    if needs:
        text += f". It rests on {' and '.join(NEEDS[need][0] for need in needs)}"
    damaged = [f"{row['tube']} ({', '.join(row['lost'])})" for row in rows if row["lost"]]
    text += f". Not what they were: {', '.join(damaged)}" if damaged else ""
    if any(one["what"] == "potential biosignature" for row in rows for one in row["evidence"]):
        text += f". The potential biosignature is {BIOSIGNATURE}"
    return text + "."

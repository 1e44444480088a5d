"""``anabasis cache SCENARIO``: which tubes come home, by which weights, and how firm that is."""

from __future__ import annotations

import pathlib
from typing import Annotated, Any

import typer

from anabasis.campaign.bad_input import BadInput
from anabasis.cli.words import AsJson, ScenarioName, Settings, print_json

SETS = ("depot", "aboard")


def cache(
    scenario: ScenarioName,
    slots: Annotated[
        int | None, typer.Option("--slots", help="Places in the container.", show_default="30")
    ] = None,
    of: Annotated[
        str | None,
        typer.Option("--of", metavar="SET", help="Judge depot or aboard instead of choosing."),
    ] = None,
    run: Annotated[
        pathlib.Path | None,
        typer.Option("--run", metavar="DIR", help="A flown march: what its tubes will tell."),
    ] = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> int:
    """Choose the best set of tubes, or judge one: what will we find out?"""
    found = choose(scenario, slots, of, run, settings or [])
    if as_json:
        print_json({"schema_version": 1, **found})
    else:
        print_choice(found)
    return 1 if found["outcome"] else 0


def choose(
    name: str,
    slots: int | None,
    of: str | None,
    run: pathlib.Path | None,
    settings: list[str],
) -> dict[str, Any]:
    """The answer as plain data.

    Raises:
        BadInput: more places than tubes, weights that are all zero, tubes named twice, and so on.
    """
    from anabasis.campaign import cache as study
    from anabasis.campaign import scenario as scenes
    from anabasis.vehicles.tube import all_tubes

    loaded = scenes.with_settings(scenes.load(name), settings)
    file, parts = loaded.reading.file, loaded.parts
    values = study.values_of(parts, file)
    base: dict[str, Any] = {"scenario": loaded.name, "outcome": ""}
    if run is not None:
        return {**base, **_told(run, values)}
    if of is not None:
        if of not in SETS:
            raise BadInput(
                "no such set of tubes",
                file="command line",
                key="--of",
                value=of,
                allowed=", ".join(SETS),
            )
        chosen = [
            tube
            for tube in all_tubes()
            if tube.closure == "sealed" and tube.where == ("depot" if of == "depot" else "rover")
        ]
        judged = study.report(study.worth(chosen, values), values)
        return {**base, "set": of, "tubes": _rows(chosen, {}), **judged}

    task = study.task_of(parts, file, slots)
    reach, filled, require, exclude = task.in_time, task.candidates, task.require, task.exclude
    places, limits = task.reach.slots, task.reach
    base["in_time"] = {
        "rover_drive_sol": reach.drive,
        "rover_arrival_sol": reach.arrival,
        "by_arm_count": reach.by_arm,
        "from_rover_count": reach.from_rover,
        "from_depot_count": reach.from_depot,
    }
    if reach.why_not:
        return {**base, "outcome": reach.why_not, "slots": places, "tubes": []}
    best = study.best_set(filled, limits, values, require, exclude)
    if best is None:
        return {
            **base,
            "outcome": "no set of tubes keeps all the rules: what must come does not fit",
            "slots": places,
            "tubes": [],
        }
    firm = study.sensitivity(filled, limits, values, best, require, exclude)
    names = {tube.id: tube.name for tube in filled}
    return {
        **base,
        "set": "best",
        "slots": places,
        "tubes": _rows(best.tubes, firm.share),
        "staying": [tube.name for tube in filled if tube not in best.tubes],
        **study.report(best, values),
        "sensitivity": {
            "programmes_solved": firm.solved,
            "always_in": [names[key] for key in firm.always()],
            "flips": {names[key]: firm.share[key] for key in firm.flips()},
            "by_weight": {k: [names[key] for key in ids] for k, ids in firm.by_weight.items()},
        },
        "weights_source": "assumed: no score per tube is published (docs/tubes.md)",
    }


def _told(run: pathlib.Path, values: Any) -> dict[str, Any]:
    from anabasis.campaign import account, story
    from anabasis.campaign import cache as study

    journey = story.read_journey(run)
    told = account.account(journey)
    home = account.delivered(journey)
    judged = study.report(study.worth(home, values), values)
    return {"set": "delivered", "tubes": _rows(home, {}), **judged, "account": told}


def _rows(tubes: Any, share: Any) -> list[dict[str, Any]]:
    from anabasis.campaign import objectives

    return [
        {
            "id": tube.id,
            "name": tube.name,
            "kind": tube.kind,
            "where": tube.where,
            "closure": tube.closure,
            "pair": tube.pair,
            "rock": objectives.rock(tube) if tube.is_sample else None,
            "age": objectives.age(tube) if tube.is_sample else None,
            "environment": objectives.environment(tube) if tube.is_sample else None,
            "objectives": objectives.strengths(tube),
            "chosen_share": share.get(tube.id),
        }
        for tube in tubes
    ]


def print_choice(found: dict[str, Any]) -> None:
    """Print the set, what it covers, the weights, and how firm it is."""
    if found["outcome"]:
        print(found["outcome"])
        return
    title = {
        "best": f"The best {len(found['tubes'])} tubes for {found['scenario']}",
        "depot": "The ten tubes at Three Forks",
        "aboard": "The tubes aboard the rover and sealed",
        "delivered": f"The {len(found['tubes'])} tubes that {found['scenario']} brought home",
    }[found["set"]]
    print(title)
    for tube in found["tubes"]:
        firm = tube["chosen_share"]
        word = "" if firm is None else "always" if firm > 1 - 1e-9 else f"in {firm:.0%}"
        seal = "  open" if tube["closure"] == "open" else ""
        print(
            f"  {tube['name']:<16}{tube['where']:<7}{tube['rock'] or tube['kind']:<26}{word}{seal}"
        )
    if found.get("staying"):
        print(f"Staying: {', '.join(found['staying'])}")
    print(f"Sample: {found['sample_kg'] * 1e3:.0f} grams (derived); worth {found['worth']:.2f}")
    print("What it speaks to (iMOST):")
    for row in found["objectives"]:
        print(f"  {row['key']:<4}{row['title']:<40}{row['covered']:<8}{len(row['tubes'])} tubes")
    if all(row["covered"] != "not" for row in found["objectives"]):
        print("covers all Jezero-applicable objectives at least partly")
    weights = ", ".join(f"{k} {v:g}" for k, v in found["weights"].items())
    print(f"Weights (assumed unless the scenario says more): {weights}")
    firm = found.get("sensitivity")
    if firm:
        print(
            f"Firmness, {firm['programmes_solved']} programmes with weights halved and doubled: "
            f"{len(firm['always_in'])} tubes always in"
        )
        if firm["flips"]:
            flips = ", ".join(f"{name} {share:.0%}" for name, share in firm["flips"].items())
            print(f"  flip: {flips}")
        for weight, names in firm["by_weight"].items():
            if names:
                print(f"  {weight} halved or doubled moves: {', '.join(names)}")
    for row in found.get("account", ()):
        print(f"{row['key']} {row['title']}: {row['sentence']}")

"""The commands, and what becomes of errors: one line, the right exit code, no traceback."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from anabasis import __version__
from anabasis.campaign.bad_input import BadInput
from anabasis.cli import (
    booking,
    choosing,
    corridor,
    ensembles,
    expedition,
    finding,
    importing,
    landing_ellipse,
    routing,
    sensitivity,
    showing,
    sizing,
    tuning,
)
from anabasis.cli.words import AsJson, ScenarioName, Settings
from anabasis.cli.words import print_json as _print_json

# typer may carry its own click: its errors are found through what typer itself exports
ClickException: Any = typer.BadParameter.__bases__[0].__bases__[0]

DONE, LOST, BAD_INPUT, INCOMPLETE, LIMIT_BROKEN, INTERRUPTED = 0, 1, 2, 3, 4, 130

app = typer.Typer(
    name="anabasis",
    help="Flies Mars Sample Return from end to end.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: instead of ``sys.argv[1:]``.

    Returns:
        The exit code.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        code = int(app(args=given, standalone_mode=False) or DONE)
        if code == INTERRUPTED:  # typer catches the interrupt itself, and says nothing
            print("interrupted", file=sys.stderr)
        return code
    except BadInput as failure:
        return _refuse(failure, as_json)
    except typer.Exit as leaving:
        return int(leaving.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except ClickException as failure:
        return _refuse(_from_click(failure), as_json)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  the reader has left: nothing to say
        return DONE
    except OSError as failure:
        return _fail(failure, as_json)


def _refuse(failure: BadInput, as_json: bool) -> int:
    print(f"error: {failure.line()}", file=sys.stderr)
    if as_json:
        print(json.dumps(failure.to_dict(), ensure_ascii=False))
    return BAD_INPUT


def _from_click(failure: Any) -> BadInput:
    return BadInput(
        failure.format_message().rstrip(".").replace("\n", " "),
        file="command line",
        hint="see: anabasis --help",
    )


def _fail(failure: OSError, as_json: bool) -> int:
    full = failure.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    problem = BadInput(
        "the disk is full; nothing was written" if full else str(failure.strerror or failure),
        file=str(failure.filename or "output"),
        hint="free some space and fly again" if full else "check the folder",
    )
    _refuse(problem, as_json)
    return LOST


def _version(wanted: bool | None) -> None:
    if wanted:
        print(f"anabasis {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool | None,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = None,
) -> None:
    del version


@app.command()
def fly(
    scenario: ScenarioName = "february-2022",
    only: Annotated[
        str | None, typer.Option("--only", metavar="PHASE", help="Report this phase alone.")
    ] = None,
    settings: Settings = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Root seed of all chance.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Fly again and replace the run.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 4 where a limit is broken.")
    ] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no report.html.")] = False,
    as_json: AsJson = False,
) -> int:
    """Fly a march, or the phases a scenario holds, and say where every tube went."""
    from anabasis.cli.flying import fly_and_write

    journey, folder, kept = fly_and_write(scenario, only, settings or [], seed, out, force)
    if kept:
        print(f"already flown: {folder} (--force flies again)", file=sys.stderr)
    if as_json:
        _print_json(journey)
    else:
        from anabasis.cli.page import print_journey

        print_journey(journey)
        print(f"written to {folder}", file=sys.stderr)
    if not no_report:
        showing.write_beside(folder, again=not kept)
    if journey["outcome"]:
        return LOST
    if strict and not journey["limits_met"]:
        return LIMIT_BROKEN
    return DONE


@app.command()
def scenarios(as_json: AsJson = False) -> int:
    """List the scenarios on the shelf."""
    from anabasis.campaign.reading import shelf

    found = shelf()
    if as_json:
        _print_json({"scenarios": [{"name": n, "summary": s} for n, s in found.items()]})
    else:
        width = max(map(len, found))
        for name, summary in found.items():
            print(f"{name:<{width}}  {summary}")
    return DONE


@app.command()
def check(
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="SCENARIO", help="A name on the shelf, or a path ending in .toml."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a scenario instead.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Check a scenario without flying it."""
    from anabasis.campaign import scenario as scenes

    if schema:
        _print_json(scenes.schema())
        return DONE
    if scenario is None:
        raise BadInput(
            "a scenario is missing",
            file="command line",
            key="SCENARIO",
            hint="anabasis check NAME, or anabasis check --schema",
        )
    found = scenes.load(scenario)
    counts: dict[str, int] = {}
    for _, where in scenes.numbers(found):
        counts[where.confidence] = counts.get(where.confidence, 0) + 1
    document = {
        "scenario": found.name,
        "scenario_hash": found.hash,
        "march": list(found.march),
        "values": counts,
    }
    if as_json:
        _print_json(document)
    else:
        print(f"{found.name}: good ({', '.join(found.march)})")
        print(f"hash {found.hash}")
        print(", ".join(f"{n} {word}" for word, n in sorted(counts.items())) + " numbers")
    return DONE


@app.command()
def explain(
    path: Annotated[str, typer.Argument(help="Path of a number, with or without its unit.")],
    scenario: Annotated[str, typer.Option(help="The scenario it is read from.")] = "february-2022",
    settings: Settings = None,
    as_json: AsJson = False,
) -> int:
    """Say what a number is: value, unit, meaning, range, source, confidence."""
    from anabasis.campaign import scenario as scenes

    found = scenes.with_settings(scenes.load(scenario), settings or []).explain(path)
    if as_json:
        _print_json(found)
    else:
        from anabasis.cli.page import print_explanation

        print_explanation(found)
    return DONE


@app.command()
def tubes(
    tube: Annotated[
        str | None, typer.Argument(metavar="TUBE", help="Number, id or name of one tube.")
    ] = None,
    at: Annotated[
        int | None, typer.Option("--at", metavar="SOL", min=0, help="As things stood on that sol.")
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="DIR", help="A flown march: tell also what became of them."),
    ] = None,
    depot: Annotated[
        bool, typer.Option("--depot", help="The ten drops at Three Forks instead.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Show the 43 tubes, or one tube's story."""
    from anabasis.cli.tubes import drops, find_tubes, print_drops, print_tubes

    if depot:
        if as_json:
            _print_json({"depot": drops()})
        else:
            print_drops(drops())
        return DONE
    found = find_tubes(tube, at, run)
    if as_json:
        _print_json({"at_sol": at, "tubes": found})
    else:
        print_tubes(found, at, one=tube is not None)
    return DONE


@app.command()
def windows(
    start: Annotated[int, typer.Option("--from", metavar="YEAR", help="First year.")],
    end: Annotated[int, typer.Option("--to", metavar="YEAR", help="Last year.")],
    homeward: Annotated[bool, typer.Option("--homeward", help="From Mars to the Earth.")] = False,
    max_c3: Annotated[float | None, typer.Option(help="Largest C3 [km2/s2].")] = None,
    max_vinf: Annotated[
        float | None, typer.Option(help="Largest arrival v-infinity [km/s].")
    ] = None,
    max_dla: Annotated[
        float | None, typer.Option(help="Largest departure declination [deg].")
    ] = None,
    revolutions: Annotated[int, typer.Option(min=0, max=2, help="Whole revolutions.")] = 0,
    as_json: AsJson = False,
) -> int:
    """List the opportunities between the planets."""
    from anabasis.cli.windows import find_windows, print_windows

    found = find_windows(start, end, homeward, max_c3, max_vinf, max_dla, revolutions)
    if as_json:
        _print_json({"windows": found})
    else:
        print_windows(found, homeward)
    return DONE


@app.command()
def doctor(as_json: AsJson = False) -> int:
    """Check this installation: versions, device, data, caches."""
    from anabasis.cli.doctor import examine, print_findings

    findings = examine()
    if as_json:
        _print_json({"healthy": all(f["good"] for f in findings), "findings": findings})
    else:
        print_findings(findings)
    return DONE if all(f["good"] for f in findings) else LOST


for _command in (
    ensembles.disperse,
    ensembles.resume,
    ensembles.status,
    ensembles.verify,
    ensembles.replay,
    ensembles.summary,
    sensitivity.sensitivity,
    finding.optimise,
    sizing.size,
    showing.report,
    showing.plot,
    showing.export,
    tuning.tune,
    landing_ellipse.ellipse,
    corridor.corridor,
):
    app.command()(_command)

app.command(name="import")(importing.import_)
app.command()(choosing.cache)
app.command()(booking.ledger)
app.command()(expedition.expedition)
app.command()(routing.route)

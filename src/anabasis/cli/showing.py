"""``anabasis report``, ``plot`` and ``export``: what becomes of a run that lies in a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from anabasis.cli.words import AsJson, print_json

RunFolder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")]


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run or an ensemble.")],
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: AsJson = False,
) -> int:
    """Write report.html: one file that shows the whole march, offline."""
    from anabasis.viewer.report import write_report

    file = write_report(folder)
    if as_json:
        print_json({"file": str(file), "bytes": file.stat().st_size})
    else:
        print(file)
    if show:
        import webbrowser

        webbrowser.open(file.resolve().as_uri())
    return 0


def plot(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run or an ensemble.")],
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which plot; without, they are listed.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="png, svg or csv.")] = "png",
    out: Annotated[Path | None, typer.Option(help="File to write.")] = None,
    as_json: AsJson = False,
) -> int:
    """Draw one plot of a run or an ensemble as PNG or SVG, or write what it draws as CSV."""
    from anabasis.studies.ensemble import open_ensemble
    from anabasis.viewer.plot import save_plot, what_can_be_drawn
    from anabasis.viewer.run import open_run
    from anabasis.viewer.scatter import is_ensemble, plots_of_ensemble, save_scatter

    many = is_ensemble(folder)
    if name is None:
        names = (
            plots_of_ensemble(open_ensemble(folder))
            if many
            else what_can_be_drawn(open_run(folder))
        )
        if as_json:
            print_json({"plots": names})
        else:
            width = max(map(len, names), default=0)
            for one, meaning in names.items():
                print(f"{one:<{width}}  {meaning}")
        return 0
    if many:
        file = save_scatter(folder, name, form, out)
    else:
        file = save_plot(open_run(folder), name, form, out)
    if as_json:
        print_json({"file": str(file)})
    else:
        print(file)
    return 0


def export(
    folder: RunFolder,
    form: Annotated[str, typer.Option("--format", help="oem, spk, czml, parquet or csv.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write into; DIR/export by default.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Write a run as files that other tools read."""
    from anabasis.viewer.export import export_run
    from anabasis.viewer.run import open_run

    files = export_run(open_run(folder), form, out)
    if as_json:
        print_json({"files": [str(file) for file in files]})
    else:
        for file in files:
            print(file)
    return 0


def write_beside(folder: Path, *, again: bool) -> None:
    """Write the report of a run just flown; without a page say once how to get it, and go on.

    Args:
        folder: of the run.
        again: write it also where one stands already.
    """
    from anabasis.viewer.report import NAME, has_page, write_report

    if not has_page():
        print(
            "no report.html: this installation carries no page (install again without "
            "ANABASIS_WITHOUT_PAGE)",
            file=sys.stderr,
        )
    elif again or not (folder / NAME).is_file():
        print(f"report: {write_report(folder)}", file=sys.stderr)

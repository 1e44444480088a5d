"""What several commands have in common: their arguments, and how a document is printed."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change one number of the scenario."),
]
ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A name on the shelf, or a path ending in .toml.")
]


def print_json(document: Any) -> None:
    """Print one JSON document."""
    print(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False, default=str))

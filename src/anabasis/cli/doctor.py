"""``anabasis doctor``: is this installation whole?"""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import os
import pathlib
import platform
import tempfile
from typing import Any


def examine() -> list[dict[str, Any]]:
    """What was looked at, what was found, and whether it is good."""
    findings: list[dict[str, Any]] = []

    def note(what: str, found: str, good: bool, hint: str = "") -> None:
        findings.append({"what": what, "found": found, "good": good, "hint": hint})

    version = platform.python_version_tuple()
    note(
        "Python",
        platform.python_version(),
        ("3", 11) <= (version[0], int(version[1])) <= ("3", 13),
        "anabasis runs on Python 3.11 to 3.13",
    )
    for package in ("jax", "jaxlib", "equinox", "diffrax", "numpy", "scipy", "pydantic", "pyarrow"):
        try:
            note(package, importlib.metadata.version(package), True)
        except importlib.metadata.PackageNotFoundError:
            note(package, "missing", False, f"pip install {package}")
    import jax
    import jax.numpy as jnp
    import numpy as np

    note(
        "64-bit",
        str(jnp.zeros(()).dtype),
        jnp.zeros(()).dtype == jnp.float64,
        "unset JAX_ENABLE_X64",
    )
    note("device", f"{jax.default_backend()} ({jax.devices()[0].device_kind})", True)
    # some jaxlib builds return a wrong arctan under some vector widths: ask numpy
    x = np.linspace(-40.0, 40.0, 1001)
    worst = 0.0
    for name in ("sin", "cos", "arctan", "exp", "sqrt", "log"):
        argument = np.abs(x) + 1.0 if name in ("sqrt", "log") else x
        ours = np.asarray(jax.jit(getattr(jnp, name))(argument))
        truth = getattr(np, name)(argument)
        worst = max(worst, float(np.max(np.abs(ours - truth) / (np.abs(truth) + 1e-300))))
    note(
        "elementary functions",
        f"agree with numpy to {worst:.1e}",
        worst < 1e-13,
        "unset XLA_FLAGS, or update jaxlib",
    )
    data = importlib.resources.files("anabasis") / "data"
    count = sum(1 for entry in data.iterdir() if not entry.name.startswith("_"))
    note("data", f"{count} files", count > 0, "install anabasis again")
    from anabasis.campaign.reading import shelf
    from anabasis.campaign.scenario import load

    bad = []
    for name in shelf():
        try:
            load(name)
        except ValueError as failure:
            bad.append(f"{name}: {failure}")
    note("shelf", f"{len(shelf())} scenarios" + "".join(f"; {b}" for b in bad), not bad)
    with tempfile.TemporaryDirectory() as folder:
        free = os.statvfs(folder)
        note("temporary space", f"{free.f_bavail * free.f_frsize / 1e9:.1f} GB free", True)
    here = pathlib.Path.cwd()
    note(
        "working folder",
        "can be written" if os.access(here, os.W_OK) else "cannot be written",
        os.access(here, os.W_OK),
        "go to a folder of yours, or give --out",
    )
    return findings


def print_findings(findings: list[dict[str, Any]]) -> None:
    """Print what was found, one line each."""
    from rich.console import Console

    console = Console(highlight=False)
    for finding in findings:
        mark = "[green]good[/]" if finding["good"] else "[red]bad [/]"
        hint = "" if finding["good"] or not finding["hint"] else f"  ({finding['hint']})"
        console.print(f"{mark}  {finding['what']:<22} {finding['found']}{hint}")

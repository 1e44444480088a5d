"""The front door is sorted, whole, and light."""

from __future__ import annotations

import json
import os
import pkgutil
import subprocess
import sys

import pytest

import anabasis

HEAVY = ("jax", "jaxlib", "scipy", "pyarrow", "matplotlib", "equinox", "diffrax")


def _loaded_by(arguments: list[str], **environment: str) -> tuple[list[str], str]:
    program = (
        "import sys, json, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "from anabasis.cli import main\n"
        f"code = main({arguments!r})\n"
        "print('LOADED', json.dumps([m for m in " + repr(HEAVY) + " if m in sys.modules]), code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    last = done.stdout.strip().splitlines()[-1]
    _, rest = last.split(" ", 1)
    names, code = rest.rsplit(" ", 1)
    assert code == "0"
    return json.loads(names), done.stdout


def test_the_public_names_are_sorted_and_every_one_is_there() -> None:
    assert list(anabasis.__all__) == sorted(anabasis.__all__)
    for name in anabasis.__all__:
        assert getattr(anabasis, name) is not None
    assert set(anabasis.__all__) == set(anabasis._HOME)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["scenarios"],
        ["tubes"],
        ["tubes", "Montdenier", "--json"],
        *[
            [c, "--help"]
            for c in (
                "fly",
                "optimise",
                "size",
                "check",
                "explain",
                "windows",
                "doctor",
                "tubes",
                "disperse",
                "resume",
                "replay",
                "summary",
                "sensitivity",
                "import",
                "cache",
                "ledger",
                "expedition",
                "route",
            )
        ],
    ],
)
def test_help_and_lists_load_nothing_heavy(arguments: list[str]) -> None:
    loaded, _ = _loaded_by(arguments)
    assert loaded == []


def test_sixty_four_bits_hold_even_where_jax_came_first_or_was_told_otherwise() -> None:
    program = (
        "import jax, anabasis, jax.numpy as jnp\n"
        "assert jnp.zeros(()).dtype == jnp.float64, jnp.zeros(()).dtype\n"
    )
    for environment in ({}, {"JAX_ENABLE_X64": "0"}):
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert ("overruled" in done.stderr) == bool(environment)


def test_every_module_imports_alone() -> None:
    names = [
        module.name
        for module in pkgutil.walk_packages(anabasis.__path__, "anabasis.")
        if not module.name.endswith("__main__")
    ]
    program = (
        "import importlib, sys\n"
        "def forget():\n"
        "    for name in [n for n in sys.modules if n.split('.')[0] == 'anabasis']:\n"
        "        del sys.modules[name]\n"
        f"for name in {names!r}:\n"
        "    forget()\n"
        "    importlib.import_module(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

"""A remembered program answers as the traced one does; a damaged or foreign one is never used."""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from anabasis.mechanics import compiled as door
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.flight import Burn
from anabasis.outcome import Outcome

traces: list[str] = []
"""One entry for every time the function below was traced."""


def _fall(height: Any, speed: Any, *, planet: str, halve: bool = False) -> dict[str, Any]:
    """Everything a phase may hand back: modules, a verdict, mappings, sequences, nothing."""
    traces.append(planet)
    gravity = {"mars": 3.71, "earth": 9.81}[planet] / (2.0 if halve else 1.0)
    time = (speed + jnp.sqrt(speed**2 + 2.0 * gravity * height)) / gravity
    hard = gravity * time - speed > 100.0
    return {
        "burn": Burn(time, gravity * time, jnp.zeros(()), speed),
        "outcome": Outcome.where(hard, Outcome.touchdown_too_hard, Outcome.nominal),
        "named": {"track": jnp.linspace(0.0, time, 5), "none": None},
        "several": (time, [time * 2.0], "text", 3),
        "word": planet,
    }


@pytest.fixture
def cache(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pathlib.Path]:
    """A cache of its own, and a process that remembers nothing; afterwards as before."""
    monkeypatch.setenv("ANABASIS_CACHE", str(tmp_path / "cache"))
    before = jax.config.jax_compilation_cache_dir  # pyright: ignore[reportAttributeAccessIssue]
    programs = dict(door._programs)
    forget()
    traces.clear()
    yield tmp_path / "cache" / "traced"
    monkeypatch.undo()
    door._programs.update(programs)
    door._folder.cache_clear()
    jax.config.update("jax_compilation_cache_dir", before)


def forget() -> None:
    """As a new process would: no program in memory, the folder looked up again."""
    door._programs.clear()
    door._folder.cache_clear()


HEIGHT, SPEED = np.asarray(100.0), np.asarray(3.0)


def leaves(answer: Any) -> list[Any]:
    return [
        np.asarray(leaf) for leaf in jax.tree_util.tree_leaves(eqx.filter(answer, eqx.is_array))
    ]


def same(one: Any, two: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(leaves(one), leaves(two), strict=True))


def test_a_remembered_program_gives_the_same_answer_and_is_not_traced_again(
    cache: pathlib.Path,
) -> None:
    fall = compiled(_fall)
    first = fall(HEIGHT, SPEED, planet="mars")
    assert len(list(cache.iterdir())) == 1
    again = fall(HEIGHT, SPEED, planet="mars")
    forget()
    traces.clear()
    recalled = fall(HEIGHT, SPEED, planet="mars")
    assert traces == []
    assert same(first, again)
    assert same(first, recalled)
    plain = eqx.filter_jit(_fall)(HEIGHT, SPEED, planet="mars")
    assert jax.tree_util.tree_structure(plain) == jax.tree_util.tree_structure(recalled)
    assert all(
        np.allclose(a, b, rtol=1e-14) for a, b in zip(leaves(plain), leaves(recalled), strict=True)
    )
    assert isinstance(recalled["burn"], Burn)
    assert recalled["several"][1:] == ([recalled["several"][1][0]], "text", 3)
    assert recalled["named"]["none"] is None
    assert str(Outcome[recalled["outcome"]]) == ""


def test_other_numbers_are_the_same_program_and_other_choices_another(cache: pathlib.Path) -> None:
    fall = compiled(_fall)
    mars = fall(HEIGHT, SPEED, planet="mars")
    other = fall(np.asarray(200.0), SPEED, planet="mars")
    assert len(list(cache.iterdir())) == 1
    assert not same(mars, other)
    earth = fall(HEIGHT, SPEED, planet="earth")
    assert len(list(cache.iterdir())) == 2
    assert float(earth["burn"].epoch) < float(mars["burn"].epoch)
    assert earth["word"] == "earth"
    fall(HEIGHT, SPEED, planet="mars", halve=True)
    assert len(list(cache.iterdir())) == 3


def test_another_shape_or_dtype_is_another_program(cache: pathlib.Path) -> None:
    @compiled
    def double(x: Any) -> Any:
        return x * 2.0

    for x in (np.zeros(()), np.zeros(2), np.zeros((2, 1)), np.zeros(2, np.float32)):
        assert double(x).shape == x.shape
    assert len(door._programs) == 4


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "rubbish", "foreign", "forged"])
def test_a_damaged_program_is_made_anew(cache: pathlib.Path, damage: str) -> None:
    fall = compiled(_fall)
    first = fall(HEIGHT, SPEED, planet="mars")
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    body = b"\x00" * 7 + b"\x02[]" + b"not a program"
    kept.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "bit": whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
            "empty": b"",
            "rubbish": b"\x80\x04K*." * 100,  # a pickle, should anyone open it as one
            "foreign": hashlib.sha256(body).digest() + body,
            "forged": hashlib.sha256(b"").digest(),
        }[damage]
    )
    forget()
    traces.clear()
    assert same(first, fall(HEIGHT, SPEED, planet="mars"))
    assert traces == ["mars"]
    anew = kept.read_bytes()  # and a good one stands there again
    assert anew[:32] == hashlib.sha256(anew[32:]).digest()
    assert len(anew) > 1000


def test_no_class_from_elsewhere_is_ever_built() -> None:
    for module, name in (("os", "system"), ("subprocess", "Popen"), ("anabasisx", "y")):
        with pytest.raises(TypeError, match="no class of"):
            door._class_named(module, name)


def test_inside_a_transformation_the_function_is_traced_like_any_other(
    cache: pathlib.Path,
) -> None:
    fall = compiled(_fall)
    heights = jnp.array([10.0, 100.0, 1000.0])

    def time(height: Any) -> Any:
        return fall(height, SPEED, planet="mars")["burn"].epoch

    mapped = jax.vmap(time)(heights)
    single = [float(time(np.asarray(float(height)))) for height in heights]
    assert mapped == pytest.approx(single, rel=1e-14)
    slope = jax.jacfwd(time)(jnp.asarray(100.0))
    assert float(slope) == pytest.approx(1.0 / np.sqrt(9.0 + 2 * 3.71 * 100.0), rel=1e-12)
    batch = eqx.filter_vmap(lambda h: fall(h, SPEED, planet="mars"))(heights)
    assert batch["named"]["track"].shape == (3, 5)


def test_switched_off_it_keeps_nothing_and_answers_the_same(
    tmp_path: pathlib.Path, cache: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fall = compiled(_fall)
    kept = fall(HEIGHT, SPEED, planet="mars")
    before = sorted(cache.iterdir())
    monkeypatch.setenv("ANABASIS_CACHE", "off")
    forget()
    free = fall(HEIGHT, SPEED, planet="mars")
    assert door._programs == {}
    assert sorted(cache.iterdir()) == before
    assert float(free["burn"].epoch) == pytest.approx(float(kept["burn"].epoch), rel=1e-14)


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: pathlib.Path, cache: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("ANABASIS_CACHE", str(tmp_path / "file" / "cache"))
    forget()
    assert compiled(_fall)(HEIGHT, SPEED, planet="mars")["word"] == "mars"


def test_two_processes_answer_the_same_and_off_leaves_no_folder(tmp_path: pathlib.Path) -> None:
    program = (
        "import anabasis, sys\n"
        "print(anabasis.mars_time(8e8))\n"
        "from anabasis.mechanics.compiled import _folder\n"
        "print(_folder())\n"
    )
    environment = {**os.environ, "ANABASIS_CACHE": "off", "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.splitlines()[-1] == "None"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_unpickled_or_evaluated_anywhere(root: pathlib.Path) -> None:
    forbidden = re.compile(
        r"\b(?:import|from)\s+(?:pickle|dill|cloudpickle|marshal|shelve)\b"
        r"|\beval\(|\bexec\(|allow_pickle\s*=\s*True"
    )
    for path in (root / "src" / "anabasis").rglob("*.py"):
        found = forbidden.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path}: {found}"

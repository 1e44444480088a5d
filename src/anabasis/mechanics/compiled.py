"""One door through which every phase is compiled, and remembered from one process to the next.

Tracing a phase costs about a second and compiling it several; neither changes from run to run. So
the traced program (a `jax.export` artefact) and the compiled one (XLA's own cache) are kept on
disk, keyed by everything that could change them: the function, the shapes and choices of its
arguments, the sources of this package, the versions, the device, the flags. A stale or damaged
entry is never used: it has another key, or is made anew.

    ANABASIS_CACHE   folder of the cache; "off" keeps nothing. Default: the user's cache folder.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import json
import os
import pathlib
import sys
import tempfile
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import equinox as eqx
import jax
import jax.export
import numpy as np
from jax.core import Tracer

from anabasis.mechanics.batch import is_side_by_side
from anabasis.outcome import Outcome

P = ParamSpec("P")
T = TypeVar("T")

LARGEST_CACHE = 1 << 29
"""Of traced and of compiled programs each [bytes]; the longest unused go first."""

_Verdict: Any = type(Outcome.nominal)
_programs: dict[str, tuple[Callable[..., Any], Any]] = {}


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Compile a function of arrays (traced) and choices (static).

    Called with concrete numbers it runs the remembered program; called from inside a
    transformation (``vmap``, ``jvp``) it is traced like any other function.

    Args:
        function: pure; arrays and numbers among its arguments are traced, the rest is static and
            must have a ``repr`` that tells its value. A whole number is static: it counts things.
    """
    traced = cast("Callable[P, T]", eqx.filter_jit(function))

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if is_side_by_side():  # part of the program of a chunk, which is remembered elsewhere
            return function(*args, **kwargs)
        args, kwargs = jax.tree_util.tree_map(_as_number, (args, kwargs))
        arrays, choices = eqx.partition((args, kwargs), _is_number)
        leaves, shape = jax.tree_util.tree_flatten(arrays)
        if _folder() is None or any(isinstance(leaf, Tracer) for leaf in leaves):
            return traced(*args, **kwargs)
        key = _key(function, leaves, shape, choices)
        if key is None:
            return traced(*args, **kwargs)
        if key not in _programs:
            _programs[key] = _recall(key) or _make(key, function, leaves, shape, choices)
        program, skeleton = _programs[key]
        return cast("T", _with_flesh(skeleton, program(*leaves)))

    return call


def _as_number(x: Any) -> Any:
    return np.asarray(x) if type(x) is float else x


def _dtype(leaf: Any) -> Any:
    return leaf.dtype if hasattr(leaf, "dtype") else np.asarray(leaf).dtype


def _is_number(x: Any) -> bool:
    return eqx.is_array(x) or isinstance(x, (np.ndarray, np.generic))


def _key(function: Any, leaves: list[Any], shape: Any, choices: Any) -> str | None:
    """What a program depends on, as one hash; None where a choice does not tell its value."""
    said = repr(
        (
            function.__module__,
            function.__qualname__,
            [(np.shape(leaf), str(_dtype(leaf))) for leaf in leaves],
            shape,
            jax.tree_util.tree_flatten(choices, is_leaf=lambda x: x is None),
        )
    )
    if " at 0x" in said:
        return None
    around = _surroundings(_rooms_of(function.__module__))
    return hashlib.sha256(f"{around}\n{said}".encode()).hexdigest()


ABOVE_THE_MARCH = ("cli", "viewer", "exchange", "studies")
"""Rooms that no program of the march depends on: nothing below may import them."""


def _rooms_of(module: str) -> tuple[str, ...]:
    """The rooms whose sources cannot change the programs of a module."""
    room = [*module.split("."), ""][1]
    return () if room in ABOVE_THE_MARCH else ABOVE_THE_MARCH


@functools.cache
def _surroundings(without: tuple[str, ...]) -> str:
    """Everything around a program that could change it, but for some rooms of this package."""
    package = pathlib.Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] not in without:
            digest.update(path.read_bytes())
    import diffrax

    return "|".join(
        [
            digest.hexdigest(),
            sys.version,
            jax.__version__,
            importlib.metadata.version("jaxlib"),
            eqx.__version__,
            diffrax.__version__,
            jax.default_backend(),
            jax.devices()[0].device_kind,
            os.environ.get("XLA_FLAGS", ""),
            str(jax.config.read("jax_enable_x64")),
        ]
    )


def keep_programs() -> None:
    """Keep on disk whatever is compiled from here on, `compiled` or not."""
    _folder()


@functools.cache
def _folder() -> pathlib.Path | None:
    """The cache folder, made if need be; None where there is none to be had."""
    wanted = os.environ.get("ANABASIS_CACHE", "")
    if wanted.lower() == "off":
        return None
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = pathlib.Path(wanted) if wanted else pathlib.Path(home) / "anabasis"
    try:
        (folder / "traced").mkdir(parents=True, exist_ok=True)
        (folder / "xla").mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return None
    jax.config.update("jax_compilation_cache_dir", str(folder / "xla"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    for part in ("traced", "xla"):
        _prune(folder / part)
    return folder


def _prune(folder: pathlib.Path) -> None:
    with contextlib.suppress(OSError):
        found = [(path.stat(), path) for path in folder.iterdir()]
        total = sum(about.st_size for about, _ in found)
        for about, path in sorted(found, key=lambda entry: entry[0].st_atime):
            if total <= LARGEST_CACHE:
                break
            path.unlink(missing_ok=True)
            total -= about.st_size


def _make(
    key: str, function: Any, leaves: list[Any], shape: Any, choices: Any
) -> tuple[Callable[..., Any], Any]:
    """Trace the function once, keep the program, and know the shape of its answer."""
    skeleton: list[Any] = []

    def flat(*flat_leaves: Any) -> list[Any]:
        arrays = jax.tree_util.tree_unflatten(shape, flat_leaves)
        args, kwargs = eqx.combine(arrays, choices)
        answer = function(*args, **kwargs)
        flesh: list[Any] = []
        skeleton[:] = [_bones(answer, flesh)]
        return flesh

    jitted = jax.jit(flat)
    like = [jax.ShapeDtypeStruct(np.shape(leaf), _dtype(leaf)) for leaf in leaves]
    try:
        exported = jax.export.export(jitted)(*like)
    except (ValueError, NotImplementedError, TypeError):
        jitted.lower(*like)  # not every program can be exported; then it lives in this process
        return jitted, skeleton[0]
    _keep(key, exported, skeleton[0])
    return jax.jit(exported.call), skeleton[0]


def _keep(key: str, exported: Any, skeleton: Any) -> None:
    folder = _folder()
    assert folder is not None
    head = json.dumps(skeleton).encode()
    body = len(head).to_bytes(8, "big") + head + bytes(exported.serialize())
    whole = hashlib.sha256(body).digest() + body
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(dir=folder / "traced")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(whole)
            os.replace(name, folder / "traced" / key)
        except OSError:
            os.unlink(name)
            raise


def _recall(key: str) -> tuple[Callable[..., Any], Any] | None:
    folder = _folder()
    assert folder is not None
    try:
        whole = (folder / "traced" / key).read_bytes()
    except OSError:
        return None
    digest, body = whole[:32], whole[32:]
    if hashlib.sha256(body).digest() != digest:
        return None
    size = int.from_bytes(body[:8], "big")
    try:
        skeleton = json.loads(body[8 : 8 + size])
        exported = jax.export.deserialize(bytearray(body[8 + size :]))
    except Exception:
        return None
    return jax.jit(exported.call), skeleton


# A pytree as plain JSON: its bones (modules, mappings, sequences, choices) and where the numbers
# go. Only classes already imported from this package or from equinox are ever built.


def _bones(tree: Any, flesh: list[Any]) -> Any:
    if _is_number(tree) or isinstance(tree, Tracer):
        flesh.append(tree)
        return {"n": len(flesh) - 1}
    if tree is None or isinstance(tree, (str, bool, int, float)):
        return {"c": tree}
    if isinstance(tree, dict):
        return {"d": [[name, _bones(below, flesh)] for name, below in tree.items()]}
    if isinstance(tree, (list, tuple)) and type(tree) in (list, tuple):
        return {type(tree).__name__[0]: [_bones(below, flesh) for below in tree]}
    if isinstance(tree, _Verdict):
        verdict: Any = tree
        family = verdict._enumeration
        return {
            "e": [family.__module__, family.__qualname__, _bones(verdict._value, flesh)],
        }
    if isinstance(tree, eqx.Module):
        kind = type(tree)
        fields = [
            [name, _bones(value, flesh)]
            for name, value in vars(tree).items()
            if not name.startswith("__")
        ]
        return {"m": [kind.__module__, kind.__qualname__, fields]}
    raise TypeError(f"a compiled function cannot return {type(tree).__name__}")


def _with_flesh(bones: Any, flesh: Any) -> Any:
    ((sort, what),) = bones.items()
    if sort == "n":
        return flesh[what]
    if sort == "c":
        return what
    if sort == "d":
        return {name: _with_flesh(below, flesh) for name, below in what}
    if sort == "l":
        return [_with_flesh(below, flesh) for below in what]
    if sort == "t":
        return tuple(_with_flesh(below, flesh) for below in what)
    if sort == "e":
        family = _class_named(what[0], what[1])
        item = object.__new__(_Verdict)
        object.__setattr__(item, "_value", _with_flesh(what[2], flesh))
        object.__setattr__(item, "_enumeration", family)
        return item
    kind = _class_named(what[0], what[1])
    module = object.__new__(kind)
    for name, below in what[2]:
        object.__setattr__(module, name, _with_flesh(below, flesh))
    return module


def _class_named(module: str, name: str) -> Any:
    if module.split(".")[0] not in ("anabasis", "equinox"):
        raise TypeError(f"no class of {module} is built from a cache")
    if module not in sys.modules:
        import importlib

        importlib.import_module(module)
    return getattr(sys.modules[module], name)

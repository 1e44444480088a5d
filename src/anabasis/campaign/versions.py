"""What computed a journey: versions and device. The same answer is promised for the same ones."""

from __future__ import annotations

import functools
import importlib.metadata
import platform


@functools.cache
def versions() -> dict[str, str]:
    """Versions of anabasis, Python and the packages that compute."""
    import anabasis

    found = {"anabasis": anabasis.__version__, "python": platform.python_version()}
    for package in ("jax", "jaxlib", "diffrax", "numpy"):
        found[package] = importlib.metadata.version(package)
    return found


@functools.cache
def device() -> str:
    """The kind of device: cpu or gpu."""
    import jax

    return jax.default_backend()

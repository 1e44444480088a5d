"""What besides its number a case depends on: versions, sources, device, flags.

The same case is the same, bit for bit, where all of this is the same; `resume` compares it.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pathlib
import platform
from typing import Any

COMPUTING = ("campaign", "guidance", "mechanics", "phases", "studies", "vehicles", "worlds", "data")
"""The rooms whose sources can change a number."""


def surroundings(flying: bool = True) -> dict[str, Any]:
    """Versions, sources, device and flags of this process.

    Args:
        flying: ask jax for the device too; without it nothing heavy is loaded.
    """
    from anabasis.campaign.versions import versions

    found: dict[str, Any] = {
        "versions": versions(),
        "sources": sources(),
        "flags": os.environ.get("XLA_FLAGS", ""),
        "device": "cpu",
        "instructions": instructions(),
    }
    if flying:
        import jax

        found["device"] = jax.default_backend()
        if found["device"] != "cpu":
            found["instructions"] = jax.devices()[0].device_kind
    return found


@functools.cache
def sources() -> str:
    """One hash of every source and table of the rooms that compute."""
    package = pathlib.Path(__file__).parent.parent
    digest = hashlib.sha256()
    for room in COMPUTING:
        for path in sorted((package / room).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(package)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def instructions() -> str:
    """The vector instructions of this processor, as far as the compiler may use them."""
    if "xla_cpu_max_isa=AVX2" in os.environ.get("XLA_FLAGS", ""):
        return f"{platform.machine()} avx2"
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return f"{platform.machine()} {platform.processor()}".strip()
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    words = flags.partition(":")[2].split()
    kept = sorted(w for w in words if w.startswith(("avx", "fma", "amx", "sve", "asimd")))
    return " ".join([platform.machine(), *kept])

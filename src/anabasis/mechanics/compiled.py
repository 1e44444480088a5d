"""One door through which every phase is compiled."""

from __future__ import annotations

import equinox as eqx

compiled = eqx.filter_jit
"""Compile a function of arrays (traced) and choices (static)."""

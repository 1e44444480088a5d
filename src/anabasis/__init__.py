"""anabasis flies Mars Sample Return from end to end."""

from __future__ import annotations

import os

os.environ["JAX_ENABLE_X64"] = "1"

__version__ = "0.1.0"

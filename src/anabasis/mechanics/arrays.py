"""The shapes of the arrays that mechanics passes around, named once."""

from __future__ import annotations

import jax
import numpy as np
from jaxtyping import Bool, Float, Int

Array = jax.Array | np.ndarray
Scalar = Float[Array, ""] | float
Vector = Float[Array, "3"]
Matrix = Float[Array, "3 3"]
Series = Float[Array, " n"]
Flag = Bool[Array, ""]
Count = Int[Array, ""]

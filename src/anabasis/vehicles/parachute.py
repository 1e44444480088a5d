"""A disk-gap-band parachute: when it is fired, how it fills, how it pulls.

    force

       |          /\
       |         /  \\_________     full: C_D(Mach) A0 q
       |        /
       |_______/
       mortar  line   filled  settled
               stretch

While it fills, its area grows from line stretch on; at the moment it is full it pulls harder than
later by the opening load factor, which dies away in as long again.
"""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Scalar
from anabasis.mechanics.table import Table
from anabasis.units import curve, part, quantity

DISK_GAP_BAND = Table(
    np.concatenate(
        [
            [0.25, 0.5, 0.65, 0.7, 0.8, 0.9, 0.95, 1.0, 1.1, 1.2],
            [1.3, 1.4, 1.5, 1.6, 1.8, 1.9, 2.0, 2.2, 2.5, 2.6],
        ]
    ),
    np.concatenate(
        [
            [1.0, 1.0, 1.0, 0.98, 0.9, 0.72, 0.66, 0.76, 0.9, 0.96],
            [0.99, 0.999, 0.992, 0.98, 0.9, 0.85, 0.82, 0.75, 0.65, 0.62],
        ]
    ),
)
"""Drag coefficient over its subsonic value, by Mach number.

Viking-heritage disk-gap-band parachutes, shape as in J. Cruz et al., J. Spacecraft 51 (2014).
"""


class Trigger(eqx.Module):
    """What fires the mortar: the first moment on the way down at which one quantity is reached."""

    mach: Scalar | None = quantity("", "Mach number falls to this", above=0.0, optional=True)
    relative_speed: Scalar | None = quantity(
        "m_s", "speed relative to the planet falls to this", above=0.0, optional=True
    )
    dynamic_pressure: Scalar | None = quantity(
        "Pa", "dynamic pressure falls to this, after its peak", above=0.0, optional=True
    )
    altitude: Scalar | None = quantity(
        "km", "altitude above the ellipsoid falls to this", optional=True
    )
    range_to_target: Scalar | None = quantity(
        "km", "distance to the target over ground falls to this", minimum=0.0, optional=True
    )
    time: Scalar | None = quantity(
        "s", "time since the entry interface", minimum=0.0, optional=True
    )

    exactly: ClassVar[tuple[tuple[int, tuple[str, ...]], ...]] = (
        (1, ("mach", "relative_speed", "dynamic_pressure", "altitude", "range_to_target", "time")),
    )


class Parachute(eqx.Module):
    """A supersonic parachute and what fires it."""

    diameter: Scalar = quantity("m", "nominal diameter D0", above=0.0, maximum=200.0)
    trigger: Trigger = part("what fires it: exactly one condition")
    drag_coefficient: Scalar = quantity(
        "",
        "drag coefficient below Mach 0.6, on the nominal area",
        above=0.0,
        maximum=2.0,
        default=0.636,
        source="CR: mean of the MSL reconstruction (0.615 before flight)",
        confidence="published",
    )
    mach_efficiency: Table | None = curve(
        "mach",
        "",
        "",
        "drag over its subsonic value; absent: the disk-gap-band table",
        minimum=0.0,
        maximum=2.0,
        optional=True,
    )
    opening_load_factor: Scalar = quantity(
        "",
        "pull at the moment it is full, over the steady pull at that speed",
        minimum=1.0,
        maximum=3.0,
        default=1.43,
        source="OC: 152.3 kN / (518 Pa x 364.1 m2) = 0.81, over 0.636 x 0.89 at Mach 1.8 (CR)",
        confidence="derived",
    )
    line_stretch_delay: Scalar = quantity(
        "s",
        "from the mortar to line stretch",
        minimum=0.0,
        maximum=20.0,
        default=1.04,
        source="KW: mortar at 240.632 s, line stretch at 241.673 s",
        confidence="published",
    )
    filling_diameters: Scalar = quantity(
        "",
        "filling time times speed at line stretch over diameter",
        above=0.0,
        maximum=200.0,
        default=12.0,
        source="KW: first peak 0.61 s after line stretch, at about 420 m/s",
        confidence="derived",
    )
    growth_exponent: Scalar = quantity(
        "",
        "power of time with which the drag area grows while it fills",
        above=0.0,
        maximum=10.0,
        default=2.0,
        source="engineering default (docs/conventions.md): "
        "between 1 and 3 in the literature of inflation, recalled",
        confidence="assumed",
    )

    @property
    def area(self) -> Scalar:
        """Nominal area A0 [m^2]."""
        return 0.25 * np.pi * self.diameter * self.diameter

    def full_drag_area(self, mach: Scalar) -> Scalar:
        """Drag coefficient times nominal area of the full canopy [m^2]."""
        efficiency = DISK_GAP_BAND if self.mach_efficiency is None else self.mach_efficiency
        return self.drag_coefficient * efficiency(mach) * self.area

    def filling_time(self, speed: Scalar) -> Scalar:
        """How long it takes to fill from line stretch on at that speed [s]."""
        return self.filling_diameters * self.diameter / speed

    def opening(self, since_line_stretch: Scalar, filling_time: Scalar) -> Scalar:
        """Pull over that of the full canopy, by the time since line stretch.

            x = t / t_fill
            k x^n  while it fills,  then k falls evenly to 1 at x = 2

        Args:
            since_line_stretch: t [s]; negative before it.
            filling_time: t_fill [s].
        """
        x = since_line_stretch / filling_time
        growing = jnp.maximum(x, 1e-12) ** self.growth_exponent
        settling = jnp.clip(2.0 - x, 0.0, 1.0)
        overshoot = 1.0 + (self.opening_load_factor - 1.0) * settling
        filled = jnp.where(x < 1.0, self.opening_load_factor * growing, overshoot)
        return jnp.where(x > 0.0, filled, 0.0)

"""What enters: a blunt body with a mass, a nose, and how it drags and lifts at each Mach number."""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp

from anabasis.mechanics.arrays import Flag, Scalar
from anabasis.mechanics.table import Table
from anabasis.units import curve, quantity


class Capsule(eqx.Module):
    """A capsule in trimmed flight: its attitude is where the air holds it.

    Told either by area and coefficients over the Mach number, or by one ballistic coefficient
    m / (C_D A) and one ratio of lift to drag.
    """

    mass: Scalar = quantity("kg", "mass at the entry interface", above=0.0, maximum=1e6)
    nose_radius: Scalar = quantity(
        "m", "radius of the nose, for the heating", above=0.0, maximum=50.0
    )
    area: Scalar | None = quantity(
        "m2", "area the coefficients refer to", above=0.0, maximum=1e4, optional=True
    )
    drag_coefficient: Table | None = curve(
        "mach", "", "", "trimmed drag coefficient", minimum=0.0, maximum=10.0, optional=True
    )
    lift_coefficient: Table | None = curve(
        "mach", "", "", "trimmed lift coefficient", minimum=-10.0, maximum=10.0, optional=True
    )
    ballistic_coefficient: Scalar | None = quantity(
        "kg_m2",
        "mass over drag area, instead of area and drag coefficient",
        above=0.0,
        maximum=1e5,
        optional=True,
    )
    lift_to_drag: Scalar | None = quantity(
        "",
        "ratio of lift to drag, with the ballistic coefficient",
        minimum=-10.0,
        maximum=10.0,
        optional=True,
    )

    exactly: ClassVar[tuple[tuple[int, tuple[str, ...]], ...]] = (
        (1, ("drag_coefficient", "ballistic_coefficient")),
        (1, ("area", "ballistic_coefficient")),
    )

    def drag_area(self, mach: Scalar) -> Scalar:
        """Drag coefficient times area [m^2]."""
        if self.ballistic_coefficient is not None:
            return self.mass / self.ballistic_coefficient + 0.0 * mach
        assert self.drag_coefficient is not None
        assert self.area is not None
        return self.drag_coefficient(mach) * self.area

    def lift_area(self, mach: Scalar) -> Scalar:
        """Lift coefficient times area [m^2]."""
        if self.lift_coefficient is not None and self.area is not None:
            return self.lift_coefficient(mach) * self.area
        if self.lift_to_drag is not None:
            return self.lift_to_drag * self.drag_area(mach)
        return jnp.zeros_like(jnp.asarray(mach, dtype=float))

    def outside(self, mach: Scalar) -> Flag:
        """True where a coefficient is read beyond its table, which holds its end value there."""
        answer = jnp.zeros_like(jnp.asarray(mach), dtype=bool)
        for table in (self.drag_coefficient, self.lift_coefficient):
            if table is not None:
                answer = answer | table.outside(mach)
        return answer

"""What leaves the Earth, and how fast: the mass a launch vehicle lifts, against C3.

Polynomials fitted to NASA's performance query (S20), used inside their range only:
outside, a fit may climb again where the vehicle does not.
"""

from __future__ import annotations

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from anabasis.mechanics.arrays import Flag, Scalar, Series
from anabasis.mechanics.compiled import compiled
from anabasis.mechanics.table import Table
from anabasis.units import Confidence, choice, curve, quantity


@dataclasses.dataclass(frozen=True)
class CapabilityCurve:
    """A published fit: mass [kg] = c0 + c1 C3 + c2 C3^2 + ..., C3 in km^2/s^2.

    Attributes:
        coefficients: c0, c1, ...
        largest: C3 up to which the fit holds [km^2/s^2]; the least is 0.
        source: where the numbers come from.
        confidence: how well they are known.
    """

    coefficients: tuple[float, ...]
    largest: float
    source: str
    confidence: Confidence = "published"


_QUERY = "NASA launch services performance query, 17 Sep 2024, as fitted in EMTG (S20)"
_NLS = "NLS-II performance of 2018, as fitted in EMTG (S20)"

_VC4 = (8472.29, -137.47, 0.525343)
_ARIANE_C3, _ARIANE_MASS = 6.25, 6900.0

CURVES: dict[str, CapabilityCurve] = {
    "falcon-heavy-expendable": CapabilityCurve(
        (14964.1, -278.906, 2.0196, -0.00655333), 100.0, _QUERY
    ),
    "falcon-heavy-recovered": CapabilityCurve((6628.79, -154.919, 0.840859), 60.0, _QUERY),
    "vulcan-vc2": CapabilityCurve((5909.4, -120.483, 0.547153), 60.0, _QUERY),
    "vulcan-vc4": CapabilityCurve(_VC4, 90.0, _QUERY),
    "vulcan-vc6": CapabilityCurve((10832.4, -178.913, 0.994866, -0.00206551), 100.0, _QUERY),
    "new-glenn": CapabilityCurve((7231.07, -172.702, -6.50714, 0.146667), 30.0, _QUERY),
    "atlas-v-541": CapabilityCurve(
        (5595.08, -103.066, 0.62208, -3.1018e-3, 6.5289e-5, -4.5245e-7), 60.0, _NLS
    ),
    "atlas-v-551": CapabilityCurve(
        (6105.81, -110.851, 0.64377, -3.8548e-4, -7.342e-6, 1.3018e-7), 60.0, _NLS
    ),
    # One recalled point; the shape is Vulcan VC4's, shifted to pass through it.
    "ariane-64": CapabilityCurve(
        (
            _ARIANE_MASS - _VC4[1] * _ARIANE_C3 - _VC4[2] * _ARIANE_C3**2,
            _VC4[1],
            _VC4[2],
        ),
        90.0,
        "recalled: 6,900 kg at C3 6.25; slope of Vulcan VC4 (S20)",
        "assumed",
    ),
}
"""Launch vehicles by name."""


class Launcher(eqx.Module):
    """A launch vehicle: the ``[launcher]`` table.

    Attributes:
        name: of a published curve; "own" takes ``capability``.
        capability: the user's own points, mass against C3.
        largest_declination: of the departure asymptote that costs no plane change.
    """

    name: str = choice(
        "launch vehicle with a published curve of mass against C3, or own",
        (*CURVES, "own"),
        default="vulcan-vc4",
    )
    capability: Table | None = curve(
        "c3", "km2_s2", "kg", "mass lifted against C3, for name = own", minimum=0.0, optional=True
    )
    largest_declination: Scalar = quantity(
        "deg",
        "largest declination of the departure asymptote",
        minimum=0.0,
        maximum=90.0,
        default=28.5,
        source="latitude of Cape Canaveral; validity of the published curves (S20)",
        confidence="published",
    )

    def lift(self, c3: Scalar) -> Scalar:
        """The mass the vehicle sends off with a C3, held at the ends of its published range.

        Args:
            c3: square of the departure v-infinity [m^2/s^2].

        Returns:
            Mass [kg], never negative.
        """
        if self.name == "own":
            return self._own()(jnp.asarray(c3, float))
        fit = CURVES[self.name]
        x = jnp.clip(c3 / 1e6, 0.0, fit.largest)
        mass = jnp.zeros_like(x)
        for c in reversed(fit.coefficients):
            mass = mass * x + c
        return jnp.maximum(mass, 0.0)

    def outside(self, c3: Scalar) -> Flag:
        """True where a C3 [m^2/s^2] lies outside the published range."""
        if self.name == "own":
            return self._own().outside(jnp.asarray(c3, float))
        return jnp.asarray((c3 < 0.0) | (c3 > CURVES[self.name].largest * 1e6))

    def _own(self) -> Table:
        if self.capability is None:
            raise ValueError('launcher.name = "own" needs launcher.capability_kg')
        return self.capability

    def table(self) -> Table:
        """The whole curve as one table of a fixed size, so that every launcher compiles alike."""
        end = CURVES[self.name].largest * 1e6 if self.name != "own" else self._own().argument[-1]
        start = 0.0 if self.name != "own" else self._own().argument[0]
        c3 = np.linspace(float(start), float(end), 257)
        with jax.ensure_compile_time_eval():  # also where a flight is being traced: it is no draw
            return Table(c3, np.asarray(_lifted(self, c3)))


@compiled
def _lifted(launcher: Launcher, c3: Series) -> Series:
    return jnp.asarray(jax.vmap(launcher.lift)(c3))

"""What a phase hands back: the end state, the verdict, the figures, and the track if asked for."""

from __future__ import annotations

import equinox as eqx

from anabasis.mechanics.arrays import Array, Scalar
from anabasis.mechanics.state import PointState
from anabasis.outcome import Outcome


class Burn(eqx.Module):
    """One manoeuvre: when, how much speed it bought, how much of it was lost, what it cost."""

    epoch: Scalar
    delta_v: Scalar
    loss: Scalar
    propellant: Scalar


class MassChange(eqx.Module):
    """One line of the mass ledger: what the element gained (or lost, negative) and when."""

    epoch: Scalar
    change: Scalar


class Flight(eqx.Module):
    """A machine met a world; this is how it went.

    Attributes:
        end: the state at the end of the phase.
        outcome: nominal, or why not.
        figures: bare name -> SI number; a phase's ``FIGURES`` gives each its unit at the walls.
        events: event name -> TDB epoch [s]; NaN where it did not happen.
        burns: manoeuvre name -> `Burn`.
        masses: ``"event/item"`` -> `MassChange` of the element that flies.
        extrapolations: table name -> how many integration steps read outside its range.
        track: column name -> values along the flight (SI), or None when not asked for.
    """

    end: PointState
    outcome: Outcome
    figures: dict[str, Scalar]
    events: dict[str, Scalar]
    burns: dict[str, Burn]
    masses: dict[str, MassChange]
    extrapolations: dict[str, Scalar]
    track: dict[str, Array] | None = None

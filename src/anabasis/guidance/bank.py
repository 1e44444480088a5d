r"""How the lift is turned about the velocity: a bank angle, decided from what navigation knows.

Bank 0 points the lift up; positive banks turn it to the right as seen along the flight.

            up
             |   lift
       -b \  |  / +b
           \ | /
            \|/
     left ---x--- right        (looking along the velocity)
"""

from __future__ import annotations

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from anabasis.mechanics.arrays import Array, Scalar, Series
from anabasis.units import quantity

Reversals = Float[Array, " turns"]
Banks = Float[Array, " banks"]
"""As many as speeds; that it is so is checked where a plan is made of them."""


class ConstantBank(eqx.Module):
    """One bank angle from the interface to the end."""

    kind: ClassVar[str] = "constant"

    bank: Scalar = quantity("deg", "bank angle", minimum=-180.0, maximum=180.0)


class ScheduledBank(eqx.Module):
    """Bank over the planet-relative speed, linear between the points and held beyond them.

    At each reversal time the sign turns over, at once.
    """

    kind: ClassVar[str] = "schedule"

    relative_speed: Series = quantity(
        "m_s", "speeds relative to the planet, rising", minimum=0.0, many=True
    )
    bank: Banks = quantity("deg", "bank at each speed", minimum=-180.0, maximum=180.0, many=True)
    reversal_time: Reversals | None = quantity(
        "s",
        "times since the interface at which the sign of the bank turns over, rising",
        minimum=0.0,
        many=True,
        optional=True,
    )


class RangedBank(eqx.Module):
    """One bank angle, solved so that the flown range is right, and another one late.

    ``bank`` is what the solution starts from; it is held where the range is not to be solved.
    """

    kind: ClassVar[str] = "range"

    range: Scalar = quantity(
        "km", "distance over ground from the interface to the trigger", above=0.0
    )
    late_below_relative_speed: Scalar = quantity(
        "m_s", "speed relative to the planet below which the late bank is flown", minimum=0.0
    )
    late_bank: Scalar = quantity("deg", "bank below that speed", minimum=-180.0, maximum=180.0)


Bank = ConstantBank | ScheduledBank | RangedBank


class BankProgramme(eqx.Module):
    """What is flown: the bank by speed, the reversals, and the late bank, all settled.

    Attributes:
        relative_speed: points of the schedule, rising [m/s].
        bank: at each of them [rad].
        reversal_time: when the sign turns over, seconds since the interface, rising.
        late_below_relative_speed: below it the late bank is flown [m/s]; None: never.
        late_bank: [rad].
        solved: whether the bank was solved for a range.
    """

    relative_speed: Series
    bank: Series
    reversal_time: Reversals
    late_below_relative_speed: Scalar | None = None
    late_bank: Scalar | None = None
    solved: bool = eqx.field(static=True, default=False)


def programme(bank: Bank, solved_bank: Scalar | None = None) -> BankProgramme:
    """The programme of a bank law.

    Args:
        bank: the law.
        solved_bank: the angle found for a law that has to be solved [rad].

    Raises:
        ValueError: for a law to be solved without a solution.
    """
    none = np.zeros(0)
    if isinstance(bank, ConstantBank):
        return BankProgramme(np.zeros(1), jnp.atleast_1d(bank.bank), none)
    if isinstance(bank, ScheduledBank):
        times = none if bank.reversal_time is None else jnp.atleast_1d(bank.reversal_time)
        return BankProgramme(jnp.atleast_1d(bank.relative_speed), jnp.atleast_1d(bank.bank), times)
    if solved_bank is None:
        raise ValueError("a bank law with a range has no programme until it is solved")
    return BankProgramme(
        np.zeros(1),
        jnp.atleast_1d(jnp.asarray(solved_bank)),
        none,
        bank.late_below_relative_speed,
        bank.late_bank,
        solved=True,
    )


def bank_angle(programme: BankProgramme, relative_speed: Scalar, late: Scalar, sign: Scalar):
    """The bank to fly now [rad].

    Args:
        programme: what is flown.
        relative_speed: as navigation knows it [m/s].
        late: 1 where the late bank has begun, else 0.
        sign: +1 or -1, turned over at each reversal.
    """
    early = jnp.interp(relative_speed, programme.relative_speed, programme.bank)
    if programme.late_bank is None:
        return sign * early
    return sign * jnp.where(late > 0.5, programme.late_bank, early)

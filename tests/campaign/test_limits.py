"""A limit is kept by what lies on its side, the bound itself included; nothing else keeps it."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from anabasis.campaign.limits import at_least, at_most

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def said(value: float, limit: float) -> tuple[bool, bool]:
    figures = {"speed_m_s": value}
    below = at_most(figures, "slow", "speed_m_s", limit, "m_s", "here", "assumed")
    above = at_least(figures, "fast", "speed_m_s", limit, "m_s", "here", "assumed")
    assert (below.value, below.limit, below.sense) == (value, limit, "at most")
    assert (above.figure, above.unit, above.sense) == ("speed_m_s", "m_s", "at least")
    return below.met, above.met


@given(NUMBERS, NUMBERS)
def test_one_of_the_two_senses_is_always_met_and_both_only_at_the_bound(
    value: float, limit: float
) -> None:
    below, above = said(value, limit)
    assert below or above
    assert (below and above) == (value == limit)


@given(NUMBERS)
def test_what_is_not_a_finite_number_keeps_no_limit(limit: float) -> None:
    for value in (math.nan, math.inf, -math.inf):
        assert said(value, limit) == (False, False)

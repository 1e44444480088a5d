"""A guided entry is refused where it has nothing to fly by."""

from __future__ import annotations

import dataclasses

import equinox as eqx
import numpy as np
import pytest

import anabasis
from anabasis.campaign.bad_input import BadInput
from anabasis.campaign.orders.guided_entry import plan


@pytest.fixture(scope="module")
def parts():
    return anabasis.load("mars2020-landing").parts


def test_without_reference_target_or_parachute_it_says_which(parts):
    bank = parts.entry.bank
    bare = eqx.tree_at(lambda b: b.reference, bank, None)
    with pytest.raises(BadInput, match="anabasis tune"):
        plan(bare, parts.entry.target, parts.parachute)
    with pytest.raises(BadInput, match="target"):
        plan(bank, None, parts.parachute)
    with pytest.raises(BadInput, match="parachute"):
        plan(bank, parts.entry.target, None)


def test_a_reference_that_is_no_table_is_refused(parts):
    bank = parts.entry.bank
    short = eqx.tree_at(lambda b: b.reference.drag, bank, bank.reference.drag[:-1])
    with pytest.raises(BadInput, match="drag has 80 values for 81 speeds"):
        plan(short, parts.entry.target, parts.parachute)
    uneven = np.array(bank.reference.relative_speed)
    uneven[5] += 10.0
    broken = dataclasses.replace(bank.reference, relative_speed=uneven)
    with pytest.raises(BadInput, match="evenly"):
        plan(dataclasses.replace(bank, reference=broken), parts.entry.target, parts.parachute)


def test_a_trigger_nobody_aboard_can_sense_is_refused(parts):
    trigger = dataclasses.replace(
        parts.parachute.trigger, range_to_target=None, altitude=np.asarray(1e4)
    )
    parachute = dataclasses.replace(parts.parachute, trigger=trigger)
    with pytest.raises(BadInput, match="nothing aboard measures altitude"):
        plan(parts.entry.bank, parts.entry.target, parachute)

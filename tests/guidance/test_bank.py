"""Bank programmes say what their tables say."""

from __future__ import annotations

import numpy as np
import pytest

from anabasis.guidance.bank import (
    ConstantBank,
    RangedBank,
    ScheduledBank,
    bank_angle,
    programme,
)


def test_a_constant_bank_is_constant():
    law = programme(ConstantBank(bank=np.asarray(0.7)))
    assert [float(bank_angle(law, v, 0.0, 1.0)) for v in (100.0, 5000.0)] == [0.7, 0.7]


def test_a_schedule_is_linear_between_its_points_and_held_beyond_them():
    law = programme(
        ScheduledBank(relative_speed=np.array([1000.0, 2000.0]), bank=np.array([0.0, 1.0]))
    )
    found = [float(bank_angle(law, v, 0.0, 1.0)) for v in (500.0, 1250.0, 5000.0)]
    assert found == pytest.approx([0.0, 0.25, 1.0])
    assert float(bank_angle(law, 5000.0, 0.0, -1.0)) == -1.0


def test_a_ranged_bank_changes_to_the_late_one_and_needs_its_solution():
    bank = RangedBank(
        range=np.asarray(6e5),
        late_below_relative_speed=np.asarray(1000.0),
        late_bank=np.asarray(0.3),
    )
    law = programme(bank, np.asarray(0.8))
    assert law.solved
    assert float(bank_angle(law, 3000.0, 0.0, 1.0)) == 0.8
    assert float(bank_angle(law, 900.0, 1.0, 1.0)) == pytest.approx(0.3)
    with pytest.raises(ValueError, match="until it is solved"):
        programme(bank)

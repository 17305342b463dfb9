"""The index of the benchmark of what drives the headline, against models whose indices are worked
out by hand.
"""

from __future__ import annotations

import numpy as np
import pytest
from scripts import script

STUDY = script("studies/what_drives.py")
first_order, noise = STUDY.first_order, STUDY.noise


def test_the_index_is_the_share_of_the_variance() -> None:
    """Of 2 a + b + 2 c with like a and b, and c a rule that is 0 or 1: 4, 1 and 12 parts of 17."""
    luck = np.random.default_rng(2)
    a, b, c = luck.random(6_000), luck.random(6_000), luck.integers(0, 2, 6_000)
    outcome = 2 * a + b + 2 * c
    for values, parts in ((a, 4), (b, 1), (c, 12)):
        assert first_order(values, outcome) == pytest.approx(parts / 17, abs=0.03)


def test_what_plays_no_part_is_around_zero_and_below_what_chance_reaches() -> None:
    luck = np.random.default_rng(3)
    outcome, idle = luck.random(60), luck.random((200, 60))
    found = [first_order(values, outcome) for values in idle]
    assert np.mean(found) == pytest.approx(0.0, abs=0.02)
    assert np.mean(np.array(found) > noise(outcome, idle[0])) == pytest.approx(0.05, abs=0.05)


def test_nothing_drives_what_does_not_vary() -> None:
    assert first_order(np.arange(10.0), np.full(10, 3.0)) == 0.0

"""Metrics against their textbook definitions, done slowly."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splinternet.metrics.arm_day import pair_matrix, pairs_of_groups
from splinternet.metrics.family import median_duration, share
from splinternet.metrics.registry import METRICS
from splinternet.metrics.use import by_label, herfindahl
from splinternet.people.contact import MONTH, WEEK, follow_spells, no_spells, none_lost
from splinternet.world.build import StateSums

spells = st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=60)


def slow_kaplan_meier_median(pairs: list[tuple[int, bool]]) -> float:
    survival = 1.0
    for day in range(1, 41):
        at_risk = sum(1 for lasted, _ in pairs if lasted >= day)
        ended = sum(1 for lasted, over in pairs if lasted == day and over)
        if at_risk:
            survival *= 1 - ended / at_risk
        if ended and survival <= 0.5:
            return day
    return float("nan")


@settings(deadline=None, max_examples=40)
@given(spells)
def test_median_duration_is_the_kaplan_meier_median(pairs: list[tuple[int, bool]]) -> None:
    lasted, over = (np.array(column) for column in zip(*pairs, strict=True))
    assert median_duration(lasted, over.astype(bool)) == pytest.approx(
        slow_kaplan_meier_median(pairs), nan_ok=True
    )


def test_median_duration_by_hand() -> None:
    # Freireich et al. 1963, the 6-MP arm: median 23 weeks with censoring.
    weeks = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    assert median_duration(np.array(weeks), np.array([True] * 9 + [False] * 12)) == 23
    assert np.isnan(median_duration(np.array([5, 5]), np.array([False, False])))


def test_concentration_counts_owners_not_platforms() -> None:
    active = np.array([[50.0, 25.0, 25.0], [0.0, 0.0, 0.0]])
    found = herfindahl(by_label(active, np.array([0, 1, 1]), 2))
    assert found[0] == pytest.approx(0.5)
    assert np.isnan(found[1])


def test_use_by_home_adds_up_to_all_use() -> None:
    active = np.array([[1.0, 2.0, 3.0]])
    assert by_label(active, np.array([1, 0, 1]), 2).tolist() == [[2.0, 4.0]]


def test_surplus_is_scaled_by_income_and_counts_losses_as_positive() -> None:
    arm = SimpleNamespace(
        value_gained=np.array([-10.0, 5.0]), dollars_a_day=2.0, income=np.array([1.0, 0.5])
    )
    assert np.asarray(METRICS["consumer_surplus_lost"](arm)).tolist() == [20.0, -5.0]


@pytest.mark.parametrize("groups", [1, 7, 9, 40, 130, 300])
def test_by_state_adds_up_in_the_order_of_numpy(groups: int) -> None:
    """The last digit of a sum depends on its order; records are compared bit for bit."""
    chance = np.random.default_rng(groups)
    weight, state = chance.uniform(1, 5_000, groups), np.sort(chance.integers(0, 4, groups))
    starts = np.flatnonzero(np.diff(state, prepend=-1))
    tables = (
        chance.integers(0, 1_000, (groups, 30)),
        chance.uniform(0, 9, (groups, 30)),
        chance.uniform(0, 9, groups),
    )
    for counts in (*tables, chance.integers(0, 9, (groups, 5, 4))):
        expected = np.zeros((4, *counts.shape[1:]))
        real = counts * weight.reshape(-1, *(1,) * (counts.ndim - 1))
        expected[state[starts]] = np.add.reduceat(real, starts, axis=0)
        assert StateSums(weight, state, 4)(counts).tobytes() == expected.tobytes()


def test_pair_matrix_counts_a_tie_once_in_both_directions() -> None:
    # Two diasporas, one each way, and a group of residents that has no ties abroad.
    pairs, is_simulated = pairs_of_groups(
        np.array([0, 1, 0]), np.array([1, 0, 0]), np.array([True, True, False]), 3
    )
    found = pair_matrix(np.array([30.0, 2.0]), pairs, is_simulated)
    assert found[0, 1] == found[1, 0] == 32.0
    assert np.isnan(found[0, 2])


def test_share_of_nothing_is_not_defined() -> None:
    assert np.isnan(share(np.array([0]), np.array([0]))[0])


def runs(days: list[int]) -> list[int]:
    """Return the lengths of the runs of days in a row."""
    starts = [day for day in days if day - 1 not in days]
    return [next(n for n in range(1, 100) if first + n not in days) for first in starts]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from((0, 1, 2, 3)), st.integers(1, 40)), min_size=4),
        min_size=1,
    )
)
def test_spells_are_the_runs_of_days_without_a_channel(lives: list[list[tuple[int, int]]]) -> None:
    people = [
        ([mark for mark, days in life for _ in range(days)] + [0] * 80)[:80] for life in lives
    ]
    # 1: a channel in the baseline arm alone, so the person is without; 0 and 2: none there, as for
    # who never had one.
    spells, found = no_spells(len(people)), none_lost(1)
    group = np.zeros(len(people), np.int16)
    for day in range(80):
        follow_spells(
            day, np.array([marks[day] for marks in people], np.uint8), group, spells, found
        )
    longest = [
        max(runs([day for day, mark in enumerate(marks) if mark == 1]), default=0)
        for marks in people
    ]
    assert spells.longest.tolist() == longest
    assert found.had[0] == sum(any(mark & 1 for mark in marks) for marks in people)
    assert found.days[0] == sum(marks.count(1) for marks in people)
    limits = (found.ever, 1), (found.week, WEEK), (found.month, MONTH)
    assert all(n[0] == sum(days >= limit for days in longest) for n, limit in limits)

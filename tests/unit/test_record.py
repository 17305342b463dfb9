"""The record of an arm: all metrics, or those that somebody asks for."""

from __future__ import annotations

import pickle
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import block, scenario

import splinternet as sn
from splinternet.engine.record import ALWAYS
from splinternet.experiments.pairs import arm_data, make_arms, run_pair
from splinternet.metrics import arm_day
from splinternet.metrics.registry import METRICS
from splinternet.results.folder import read_member, write_member
from splinternet.results.model_error import metrics_of
from splinternet.results.panel import is_steady


def test_a_record_of_some_metrics_says_what_the_whole_record_says() -> None:
    """Which metrics are written changes neither the run nor the figures of those that are."""
    spec = sn.load("wechat_full_block", people=2_000, days=60)
    whole = make_arms(spec, 3)
    part = make_arms(spec, 3, metrics=["monthly_users", "family_contact_lost"])
    for _ in range(spec.days):
        for arm in (*whole, *part):
            arm.step()
    for all_of_it, some in zip(whole, part, strict=True):
        assert set(all_of_it.record.arrays) == {
            name for name, metric in METRICS.items() if not metric.needs
        }
        assert set(some.record.arrays) == {"monthly_users", "family_contact_lost", *ALWAYS}
        for name, array in some.record.arrays.items():
            np.testing.assert_array_equal(array, all_of_it.record.arrays[name])
    assert np.nanmax(part[1].record.arrays["family_contact_lost"]) > 0


def test_observed_figures_name_the_metrics_that_they_need() -> None:
    """A hindcast records what its figures are compared with, and no more."""
    spec = sn.load("scenarios/events/br_x_2024.yaml", people=2_000)
    assert metrics_of(spec.observed) == {"monthly_users", *(row.metric for row in spec.observed)}


def test_a_metric_that_never_changes_takes_the_room_of_one_day(tmp_path: Path) -> None:
    """It reads as any other, in memory, in the file of a member and in the panel, and is not
    written day by day.
    """
    spec = sn.load("wechat_full_block", people=2_000, days=60)
    baseline, policy = run_pair(spec, 3)
    steady = [name for name in baseline.arrays if is_steady(baseline.arrays[name])]
    assert {"trade", "reachable_pairs", "monthly_users"} <= set(steady)
    assert not is_steady(policy.arrays["monthly_users"])
    whole = [
        replace(arm, arrays={name: np.array(each) for name, each in arm.arrays.items()})
        for arm in (baseline, policy)
    ]
    stored = write_member(tmp_path, baseline, policy)
    plain = sum(each.nbytes for arm in whole for each in arm.arrays.values())
    assert stored.stat().st_size < 0.6 * plain
    for one, other in zip(read_member(stored), whole, strict=True):
        assert one.same_as(other)
        assert is_steady(one.arrays["trade"])
    sent = pickle.dumps((baseline, policy))
    assert len(sent) < 0.6 * plain
    assert all(a.same_as(b) for a, b in zip(pickle.loads(sent), (baseline, policy), strict=True))


def test_a_record_that_is_read_before_the_run_is_through_knows_nothing_of_later_days() -> None:
    """A metric that has been the same so far may still change, and does."""
    spec = sn.load("wechat_full_block", people=2_000, days=60)
    _, policy = arms = make_arms(spec, 3)
    for _ in range(5):
        for arm in arms:
            arm.step()
    users = policy.record.arrays["monthly_users"]
    assert not np.isnan(users[:5]).any()
    assert np.isnan(users[5:]).all()
    for _ in range(spec.days - 5):
        for arm in arms:
            arm.step()
    np.testing.assert_array_equal(
        policy.record.arrays["monthly_users"], run_pair(spec, 3)[1].arrays["monthly_users"]
    )


def test_a_day_is_recorded_without_working_out_again_what_has_not_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Access is measured where the law changes it, and money shared out where use of shops does."""
    calls: Counter[str] = Counter()

    def counted(name: str) -> None:
        function = getattr(arm_day, name)

        def call(*given: Any) -> Any:
            calls[name] += 1
            return function(*given)

        monkeypatch.setattr(arm_day, name, call)

    for name in ("usable_share", "installable_share", "share_out"):
        counted(name)
    spec = sn.load("wechat_full_block", people=2_000, days=60)
    baseline, policy = make_arms(spec, 3)
    calls.clear()
    felt = recorded = 0
    for _ in range(spec.days):
        for arm in (baseline, policy):
            arm.step()
            felt += arm.day == 0 or arm.access_diff.is_felt
        recorded += not np.array_equal(baseline.counts.use, policy.counts.use)
    assert 2 < felt < spec.days / 2 < recorded
    assert calls["usable_share"] == felt
    # for three tables of access: alone, within `usable` and within `usable_by_weight`
    assert calls["installable_share"] <= 3 * felt
    assert calls["share_out"] <= recorded + felt + 4


def test_an_arm_reports_the_days_that_are_done_without_taking_memory_for_the_others() -> None:
    """What a page shows of a run that goes on is small: a metric that is the same on all days stays
    one day.
    """
    spec = scenario([block()], people=1_000, days=20)
    arms = make_arms(spec, 1)
    for _ in range(8):
        for arm in arms:
            arm.step()
    so_far = arm_data(arms[1])
    assert len(so_far.axes.dates) == 8 and so_far.arrays["active_users"].shape[0] == 8
    steady = [name for name, array in so_far.arrays.items() if is_steady(array)]
    assert len(steady) > 20
    for _ in range(12):
        for arm in arms:
            arm.step()
    whole = arm_data(arms[1])
    for name, array in so_far.arrays.items():
        if METRICS[name].kind == "daily":
            np.testing.assert_array_equal(array, whole.arrays[name][:8])

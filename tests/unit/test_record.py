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


def test_a_metric_of_a_week_is_that_of_each_seventh_day_and_of_the_dates_of_policies() -> None:
    """Between these days it stays; what is asked for by name has a value of every day."""
    off = {"id": "off", "by": "IR", "instrument": "shutdown", "on": "2020-08-25"}
    spec = scenario([off | {"until": "2020-08-27"}], days=45, people=2_000)
    week = run_pair(spec, 3)
    days = run_pair(spec, 3, metrics=list(METRICS))
    dated = {(day - spec.start).days for day in (spec.policies[0].on, spec.policies[0].until)}
    worked_out = sorted({*range(0, 45, 7), 44, *dated})
    last = [max(day for day in worked_out if day <= today) for today in range(45)]
    for weekly, daily in zip(week, days, strict=True):
        for name in weekly.arrays:
            if METRICS[name].kind == "daily":
                at = last if METRICS[name].every == "week" else slice(None)
                np.testing.assert_array_equal(weekly.arrays[name], daily.arrays[name][at], name)
    assert (week[1].arrays["minutes"] != days[1].arrays["minutes"]).any()
    totals = [arms[1].arrays["minutes"].sum() for arms in (week, days)]
    assert totals[0] == pytest.approx(totals[1], rel=0.01)
    iran = week[0].axes.states.index("IR")
    left = [arms[1].arrays["minutes"][24:26, iran].sum() for arms in (week, days)]
    usual = week[0].arrays["minutes"][24:26, iran].sum()
    assert max(left) < 0.2 * usual  # a shutdown of some days is not missed
    assert left[0] == pytest.approx(left[1], rel=0.1)


def test_what_a_scenario_observes_is_worked_out_each_day() -> None:
    """A figure of a source has a date of its own."""
    row = {"date": "2020-08-20", "metric": "minutes", "state": "US", "platform": "WeChat"}
    spec = scenario([block()], days=30, people=2_000)
    seen = scenario(
        [block()], days=30, people=2_000, observed=[row | {"value": 1.0, "tolerance": 0.1}]
    )
    daily = run_pair(spec, 3, metrics=["minutes"])[1].arrays["minutes"]
    assert (run_pair(seen, 3)[1].arrays["minutes"] == daily).all()
    assert (run_pair(spec, 3)[1].arrays["minutes"] != daily).any()


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


def test_days_without_a_new_value_have_the_last_one_whenever_the_record_is_read() -> None:
    """A record that is read on some days, and one that is read at the end, hold the same."""
    off = {"id": "off", "by": "IR", "instrument": "shutdown", "on": "2020-08-25"}
    spec = scenario([off | {"until": "2020-08-27"}], days=45, people=2_000)
    arms = [make_arms(spec, 3) for _ in range(2)]
    often, once = (policy for _, policy in arms)
    name = "minutes"  # weekly, and different during the shutdown
    for day in range(spec.days):
        for pair in arms:
            for arm in pair:
                arm.step()
        today = often.record.today(name)
        assert not np.isnan(today).all()
        if day % 10 == 3:
            known = often.record.arrays[name]
            np.testing.assert_array_equal(known[day], today)
            assert np.isnan(known[day + 1 :]).all()
            np.testing.assert_array_equal(often.record.so_far()[name][-1], today)
    assert len({day.tobytes() for day in once.record.arrays[name]}) > 2
    for metric, array in once.record.arrays.items():
        np.testing.assert_array_equal(often.record.arrays[metric], array, metric)

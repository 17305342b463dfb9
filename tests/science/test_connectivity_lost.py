"""Connectivity lost, by hand: a total shutdown of a day is 24 blackout hours; no policy and a sale
lose nothing.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import splinternet as sn
from splinternet.metrics.arm_day import ArmDay, Unchanged, across
from splinternet.metrics.registry import LOSSES, METRICS
from splinternet.metrics.states import lost
from splinternet.results import Result

PARTS = tuple(f"connectivity_lost_{name}" for name in LOSSES)
DAYS = 8


def world(*policies: dict[str, Any], **keys: Any) -> Result:
    return sn.run(
        {"title": "t", "start": "2020-08-01", "days": DAYS, "policies": list(policies), **keys},
        people=1_000,
        seeds=2,
        jobs=1,
    )


@pytest.fixture(scope="module")
def dark() -> Result:
    """Iran goes dark for one day."""
    return world(
        dict(id="dark", instrument="shutdown", by="IR", on="2020-08-03", until="2020-08-04")
    )


def row(
    result: Result, metric: str, state: str, group: str = "", at: str = "total"
) -> dict[str, Any]:
    key = {"metric": metric, "state": state, "group": group, "at": at}
    alone = [
        tuple(replace(arm, arrays={metric: arm.arrays[metric]}) for arm in pair)
        for pair in result.members
    ]
    rows = Result(result.scenario, alone, result.info).rows(every=True)  # type: ignore[arg-type]
    (found,) = (row for row in rows if key.items() <= row.items())
    return dict(found)


@pytest.mark.parametrize("part", LOSSES)
def test_a_total_shutdown_of_a_day_is_24_blackout_hours(dark: Result, part: str) -> None:
    found = row(dark, "blackout_hours", "IR", part)
    assert found["unit"] == "hours"
    assert found["effect"] == pytest.approx(24, rel=0.06)
    assert (found["low"], found["high"]) != (0, 0)


def test_its_parts_are_one_day_of_the_run(dark: Result) -> None:
    users, platforms, states = (row(dark, name, "IR")["effect"] for name in PARTS)
    assert users == pytest.approx(1, abs=0.1)
    # Nobody outside uses Iran's own platforms enough to matter: one day of eight is lost.
    assert platforms == pytest.approx(1 / DAYS, rel=0.15)
    assert states == pytest.approx(1 / DAYS, rel=0.05)


def test_half_of_the_people_are_half_of_the_users_hours() -> None:
    half = world(
        {"id": "h", "instrument": "shutdown", "by": "IR", "on": "2020-08-03", "until": "2020-08-04"}
        | {"share": 0.5}
    )
    assert row(half, "blackout_hours", "IR", "users")["effect"] == pytest.approx(12, rel=0.35)


def test_without_policies_nothing_is_lost() -> None:
    calm = world()
    for name in (*PARTS, "blackout_hours"):
        assert not np.nan_to_num(np.asarray(calm[name])).any(), name


def test_a_state_far_from_the_shutdown_loses_little(dark: Result) -> None:
    at_home, away = (
        row(dark, "connectivity_lost_states", state)["effect"] for state in ("IR", "BR")
    )
    assert 0 < away < 0.1 * at_home


def test_a_sale_alone_loses_no_minutes() -> None:
    sold = world(
        {"id": "sale", "instrument": "divest_or_ban", "by": "US", "targets": ["TikTok"]}
        | {"on": "2020-08-03", "outcome": "sold", "buyer": "Oracle"}
    )
    assert row(sold, "connectivity_lost_platforms", "US")["effect"] == 0
    assert np.asarray(sold["minutes_by_home"]).any()


def test_the_total_is_the_mean_of_the_days_of_a_share_and_their_sum_of_hours(dark: Result) -> None:
    at = dark.members[0][0].axes.states.index("IR")
    days = np.array([policy.arrays[PARTS[1]][:, at] for _, policy in dark.members])
    assert row(dark, PARTS[1], "IR")["effect"] == pytest.approx(float(np.median(days.mean(axis=1))))
    hours = np.array([policy.arrays["blackout_hours"][:, at, 1] for _, policy in dark.members])
    assert row(dark, "blackout_hours", "IR", "platforms")["effect"] == pytest.approx(
        float(np.median(hours.sum(axis=1)))
    )


def test_minutes_across_a_border_by_hand() -> None:
    # Three states; the people of the first spend 5 minutes at home, 3 and 2 abroad; others spend 4
    # and 1 on its own.
    minutes = np.array([[5.0, 3.0, 2.0], [4.0, 9.0, 0.0], [1.0, 0.0, 7.0]])
    assert across(minutes).tolist() == [10.0, 7.0, 3.0]
    assert lost(np.array([10.0, 0.0, 4.0]), np.array([8.0, 0.0, 5.0])).tolist() == pytest.approx(
        [0.2, np.nan, -0.25], nan_ok=True
    )


def test_what_is_regained_abroad_is_not_lost() -> None:
    """Of the 3 minutes that state 0 loses on a platform of state 1, one goes abroad and two come
    home.
    """
    before, now = (
        np.array([[5.0, 3.0, 2.0]]),
        np.array([[7.0, 0.0, 3.0]]),
    )  # of state 0, by platform
    arm = ArmDay.__new__(ArmDay)
    vars(arm).update(
        states=("A", "B", "C"),
        first_home=np.array([0, 1, 2]),
        minutes_before=np.vstack([before, np.zeros((2, 3))]),
        minutes=np.vstack([now, np.zeros((2, 3))]),
        _unchanged=Unchanged(),
        _connected=np.array([0.6, 0.9, 0.9]),
        connected_before=np.array([0.8, 0.9, 0.9]),
        contact=SimpleNamespace(without=np.array([1, 0, 0]), members=np.array([4, 4, 0])),
        by_state=lambda counts: counts,
    )
    assert METRICS[PARTS[1]](arm).tolist() == pytest.approx([2 / 5, 1.0, -0.5])
    assert METRICS[PARTS[2]](arm).tolist() == pytest.approx([0.25, 0.0, 0.0])
    hours = np.asarray(METRICS["blackout_hours"](arm))
    assert hours[0].tolist() == pytest.approx([24 / 4, 24 * 2 / 5, 24 * 0.25])
    assert np.isnan(hours[2, 0]), "nobody there has family abroad"

"""What `summary.json` holds beside its rows."""

from __future__ import annotations

import numpy as np
import pytest
from plain_interval import ends
from toy_results import toy_result

import splinternet as sn
from splinternet.results import Result
from splinternet.results.summary import summary_data


@pytest.fixture(scope="module")
def result() -> Result:
    return sn.run("wechat_full_block", people=2_000, seeds=2, days=70, jobs=1)


def test_the_share_of_money_is_the_change_over_what_was_at_stake(result: Result) -> None:
    rows = summary_data(result)["firms"]
    (loss,) = [row for row in rows if (row["firm"], row["users"]) == ("Tencent", "US")]
    assert loss["revenue"]["share"] == pytest.approx(
        -loss["revenue"]["change"] / loss["revenue"]["without"]
    )
    assert len(rows) == len(result.firms.by_firm)


def test_a_target_loses_the_share_of_its_worst_day(result: Result) -> None:
    (wechat,) = [
        p
        for p in summary_data(result)["platforms"]
        if (p["state"], p["platform"]) == ("US", "WeChat")
    ]
    axes = result.members[0][0].axes
    at = np.s_[:, axes.states.index("US"), axes.platforms.index("WeChat")]
    left = [
        (policy.arrays["active_users"][at] / base.arrays["active_users"][at]).min()
        for base, policy in result.members
    ]
    assert wechat["share_lost"] == pytest.approx(1 - np.median(left))


def test_the_share_of_ties_that_came_back_is_that_of_all_ways(result: Result) -> None:
    shares = summary_data(result)["ties_back"]
    place = result.members[0][0].axes.labels("group").index("US<-CN")
    each = []
    for base, policy in result.members:
        out = [np.take(a.arrays["ties_ever_out"][-1], place) for a in (base, policy)]
        back = [a.arrays["reconnected"][-1][place].sum() for a in (base, policy)]
        each.append(min(1, (back[1] - back[0]) / (out[1] - out[0])))
    assert shares["US<-CN"]["share"] == pytest.approx(np.median(each))
    assert shares["US<-CN"]["low"] == pytest.approx(ends(each)[0])
    assert min(each) <= shares["US<-CN"]["low"] <= shares["US<-CN"]["high"] <= max(each)
    assert "US" not in shares


def test_without_effect_nothing_is_lost_and_nothing_came_back() -> None:
    quiet = summary_data(toy_result(2, 5))
    assert quiet["ties_back"] == {} and quiet["firms"] == []

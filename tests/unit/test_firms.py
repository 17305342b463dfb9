"""Time and money by firm: sums by hand, a sale, and what is not sure stays out."""

from __future__ import annotations

import numpy as np
import pytest
from toy_results import toy_result

from sim.facts.surveys import read_surveys
from sim.results import Result
from sim.results.firms import firms, homes, minutes_gained, sales_settled
from sim.scenario import load
from sim.text import firms as words


@pytest.fixture
def made() -> Result:
    """Two members: in the United States WeChat loses 60 (and 40) of 100 minutes, WhatsApp gains 20 of 50."""
    result = toy_result(2, 30)
    axes = result.members[0][0].axes
    us, wechat, whatsapp = axes.states.index("US"), axes.platforms.index("WeChat"), axes.platforms.index("WhatsApp")
    for (baseline, policy), lost in zip(result.members, (60.0, 40.0), strict=True):
        for metric in ("minutes", "revenue"):
            for arm in (baseline, policy):
                arm.arrays[metric][:] = 0.0
                arm.arrays[metric][:, us, wechat] = 100.0
                arm.arrays[metric][:, us, whatsapp] = 50.0
            policy.arrays[metric][-1, us, wechat] -= lost
            policy.arrays[metric][-1, us, whatsapp] += 20.0
    return result


def test_firms_and_homes_by_hand(made: Result) -> None:
    rows = {(row.firm, row.home, row.users): row for row in firms(made)}
    assert set(rows) == {("Tencent", "CN", "US"), ("Facebook", "US", "US")}
    tencent = rows["Tencent", "CN", "US"]
    assert (tencent.minutes.without, tencent.minutes.change) == (100.0, -50.0)
    assert (tencent.revenue.without, tencent.revenue.change) == (3000.0, -50.0)  # thirty days, and a loss on the last
    assert tencent.minutes.low < -60.0 < tencent.minutes.change < -40.0 < tencent.minutes.high < 0
    assert {row.home: row.minutes.change for row in homes(made)} == {"CN": -50.0, "US": 20.0}
    assert next(row[0] for row in words.table(made)).startswith("Tencent (CN)")


def test_shares_of_the_minutes_gained_sum_to_one(made: Result) -> None:
    shares = minutes_gained(made, "US", "WeChat")
    assert np.sum(list(shares.values()), axis=0) == pytest.approx([1.0, 1.0])
    assert shares["WhatsApp"] == pytest.approx([1.0, 1.0])


def test_what_may_be_nothing_has_no_row(made: Result) -> None:
    axes = made.members[0][0].axes
    us, wechat = axes.states.index("US"), axes.platforms.index("WeChat")
    for metric in ("minutes", "revenue"):
        made.members[0][1].arrays[metric][-1, us, wechat] = 130.0  # one member gains what the other loses
    assert not any(row[0].startswith("Tencent") for row in words.table(made))


def test_a_sale_moves_the_owner_and_the_home_from_its_day_on() -> None:
    (buyer, home, day) = sales_settled(load("tiktok_sold"))["TikTok"]
    assert (buyer, home, day.isoformat()) == ("TikTok Global (Oracle and Walmart)", "US", "2020-11-12")
    assert sales_settled(load("tiktok_ban_2020")) == {}


def test_surveys_name_platforms_of_the_facts() -> None:
    known = load("tiktok_ban_2020").facts
    for state, lost, platform in read_surveys():
        assert state in known.states and {lost, platform} <= set(known.platforms)

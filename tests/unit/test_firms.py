"""Time and money by firm: sums by hand, a sale, and what is not sure stays out."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import block
from toy_results import toy_result

from splinternet import plots, run
from splinternet.facts.platforms import minutes_of
from splinternet.results import Result
from splinternet.results.compare import compare
from splinternet.results.firms import sales_settled, served_apart
from splinternet.scenario import load
from splinternet.text import tables as words
from splinternet.text.comparison import lines as ranked
from splinternet.text.finding_sentences import in_words
from splinternet.text.findings import find
from splinternet.text.reportable import movers


@pytest.fixture
def made() -> Result:
    """Two members: in the United States WeChat loses 60 (and 40) of 100 minutes, WhatsApp gains 20
    of 50.
    """
    result = toy_result(2, 30)
    axes = result.members[0][0].axes
    us, wechat, whatsapp = (
        axes.states.index("US"),
        axes.platforms.index("WeChat"),
        axes.platforms.index("WhatsApp"),
    )
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
    rows = {(row.firm, row.home, row.users): row for row in made.firms.by_firm}
    assert set(rows) == {("Tencent", "CN", "US"), ("Facebook", "US", "US")}
    tencent = rows["Tencent", "CN", "US"]
    assert (tencent.minutes.without, tencent.minutes.change) == (100.0, -50.0)
    assert (tencent.revenue.without, tencent.revenue.change) == (
        3000.0,
        -50.0,
    )  # thirty days, and a loss on the last
    assert tencent.minutes.low < -60.0 < tencent.minutes.change < -40.0 < tencent.minutes.high < 0
    assert {row.home: row.minutes.change for row in made.firms.by_home} == {"CN": -50.0, "US": 20.0}
    assert words.firms(made)[0].rows[0][0].startswith("Tencent (CN)")


def test_errors_of_two_platforms_of_a_firm_do_not_cancel_where_one_gains_and_the_other_loses(
    made: Result,
) -> None:
    """WhatsApp gains 20 minutes and the feed Facebook loses 19: each of their facts may be wrong by
    itself.
    """
    axes = made.members[0][0].axes
    us, feed = axes.states.index("US"), axes.platforms.index("Facebook")
    for baseline, policy in made.members:
        for arm in (baseline, policy):
            arm.arrays["minutes"][:, us, feed] = 60.0
        policy.arrays["minutes"][-1, us, feed] -= 19.0
    found = next(row.minutes for row in made.firms.by_firm if row.firm == "Facebook")
    ends = [
        minutes_of(name, kind) for name, kind in (("WhatsApp", "messenger"), ("Facebook", "feed"))
    ]
    gain, loss = (
        (20.0 * q.low / q.value, 20.0 * q.high / q.value)
        if n == 0
        else (-19.0 * q.high / q.value, -19.0 * q.low / q.value)
        for n, q in enumerate(ends)
    )
    assert found.change == pytest.approx(1.0)
    assert found.low <= 1.0 - np.hypot(20.0 - gain[0], -19.0 - loss[0]) + 1e-9 < 1.0
    assert found.high >= 1.0 + np.hypot(gain[1] - 20.0, loss[1] + 19.0) - 1e-9 > 1.0


def test_a_sale_moves_the_owner_and_the_home_from_its_day_on() -> None:
    (buyer, home, day) = sales_settled(load("tiktok_sold"))["TikTok"]
    assert (buyer, home, day.isoformat()) == (
        "TikTok Global (Oracle and Walmart)",
        "US",
        "2020-11-12",
    )
    assert sales_settled(load("tiktok_ban_2020")) == {}


def test_what_a_sale_takes_and_gives_has_one_base() -> None:
    """The buyer earns what the seller loses in all countries, and both sentences say so."""
    result = run("tiktok_sold", people=1_000, days=110, seeds=2, jobs=1)
    homes = result.firms.by_home
    (seller,) = (row for row in homes if row.firm)
    buyers = next(row for row in homes if row.home == "US" and not row.firm)
    assert (seller.firm, seller.users) == ("ByteDance", "")
    assert buyers.revenue.change == pytest.approx(-seller.revenue.change, rel=0.02)
    said = {one.kind: in_words(result, one) for one in find(result)}
    assert all("from users in all countries" in said[kind] for kind in ("own_firms", "firm"))


def test_the_chart_ranks_firms_and_home_countries_and_leaves_out_what_is_not_sure(
    made: Result,
) -> None:
    def drawn(result: Result) -> dict[str, float]:
        (axes,) = plots.draw(result, "firm_gains").axes
        dots = [line for line in axes.lines if line.get_marker() in "oD"]
        names = [" ".join(label.get_text().split()) for label in axes.get_yticklabels()]
        return {name: float(dot.get_xdata()[0]) for name, dot in zip(names, dots, strict=True)}

    assert drawn(made) == {
        "Facebook, in the US": 20.0,
        "All firms of the US": 20.0,
        "Tencent, in the US": -50.0,
        "All firms of China": -50.0,
    }
    assert plots.draw(made, "firm_gains").title == "Firms of the US would gain US$ 20", (
        "the country that acts first"
    )
    axes = made.members[0][0].axes
    at = axes.states.index("US"), axes.platforms.index("WeChat")
    for metric in ("minutes", "revenue"):  # one member gains where the other loses
        made.members[0][1].arrays[metric][:, *at] = (
            2.0 * made.members[0][0].arrays[metric][:, *at] + 30.0
        )
    made = Result(made.scenario, made.members, made.info)  # a result sums up its firms once
    assert set(drawn(made)) == {"Facebook, in the US", "All firms of the US"}


def test_a_firm_that_few_simulated_people_use_has_no_row(made: Result) -> None:
    axes = made.members[0][0].axes
    at = axes.states.index("US"), axes.platforms.index("VKontakte")  # 12 simulated users in the toy
    for metric in ("minutes", "revenue"):
        for baseline, policy in made.members:
            baseline.arrays[metric][:, *at] = 1e6
            policy.arrays[metric][:, *at] = 1e5
    assert not any(row.home == "RU" for row in made.firms.by_firm)
    assert any(row.home == "RU" for row in made.firms.by_home)


def test_the_owner_of_what_is_banned_loses_and_its_winner_is_said_in_dollars(made: Result) -> None:
    axes = made.members[0][0].axes
    us, wechat = axes.states.index("US"), axes.platforms.index("WeChat")
    for baseline, policy in made.members:
        baseline.arrays["revenue"][:, us, wechat] = 1e6
        policy.arrays["revenue"][:, us, wechat] = 4e5
    (tencent,) = (one for one in find(made) if one.kind == "firm")
    assert (tencent.firm, tencent.state) == ("Tencent", "US")
    assert tencent.value == pytest.approx(-18e6) and tencent.against == pytest.approx(30e6)
    assert in_words(made, tencent).startswith("Tencent would lose about US$ 18 million (")


def sale(outcome: str, kept: float) -> Result:
    """Return a run in which ByteDance must sell TikTok at once, and this share of its users, time
    and money stays.
    """
    policy = block(id="sale", instrument="divest_or_ban", targets=["TikTok"], on="2020-08-02")
    del policy["technique"]
    policy |= {"days": 5, "outcome": outcome, "reference": "made up"}
    policy |= {"then": "transaction_ban"} if outcome == "banned" else {"buyer": "Oracle"}
    result = toy_result(2, 30, effect=0.0, policies=[policy])
    axes = result.members[0][0].axes
    us, tiktok = axes.states.index("US"), axes.platforms.index("TikTok")
    for baseline, with_policy in result.members:
        for metric in ("minutes", "revenue", "active_users"):
            baseline.arrays[metric][:, us, tiktok] = 1e7
            with_policy.arrays[metric][:, us, tiktok] = 1e7
            with_policy.arrays[metric][20:, us, tiktok] = 1e7 * kept
    return result


def test_a_sale_keeps_users_and_moves_time_and_money_to_the_buyers_home() -> None:
    ban, sold = sale("banned", 0.1), sale("sold", 1.0)
    by_home = {row.home: row for row in sold.firms.by_home}
    assert by_home["US"].minutes.change == -by_home["CN"].minutes.change == 1e7
    assert by_home["US"].revenue.change == -by_home["CN"].revenue.change > 0
    assert {row.home for row in ban.firms.by_home} == {
        "CN"
    }  # a ban moves nothing to another home by itself
    lines = " ".join(
        " ".join(ranked(compare(ban, sold, names=("ban", "sold"), by="active_users"))).split()
    )
    assert "- ban: TikTok would lose 90 % of its daily users" in lines
    assert "- sold: TikTok would keep nearly all of its 10 million daily users" in lines


def test_a_service_that_runs_apart_at_home_is_left_out_where_networks_are_cut(made: Result) -> None:
    """Apple in China: a run that cuts the border takes it away there, and says nothing true of
    it.
    """
    assert served_apart(load("clean_network/all")) == {("CN", "iMessage")}
    assert served_apart(load("wechat_full_block")) == frozenset()
    axes = made.members[0][0].axes
    us, wechat = axes.states.index("US"), axes.platforms.index("WeChat")
    for baseline, policy in made.members:
        for arm, users in ((baseline, 100.0), (policy, 10.0)):
            arm.arrays["active_users"][:, us, wechat] = users
    cut = made.scenario.model_copy(update={"policies": load("clean_network/path").policies})
    for apart, scenario in ((False, made.scenario), (True, cut)):
        result = Result(scenario, made.members)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "splinternet.results.firms.read_halves", lambda: frozenset({("US", "WeChat")})
            )
            told = {row["platform"] for row in movers(result) if row["state"] == "US"}
            money = {row.firm for row in result.firms.by_firm if row.users == "US"}
        assert ("WeChat" in told) == ("Tencent" in money) == (not apart)

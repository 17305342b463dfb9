"""The shadow of an announcement: it is as large as the part of people, devices and value that is
concerned.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from conftest import Keys, policy_arm, scenario
from test_instruments import DEMANDS, first, setting_of

from splinternet.experiments.pairs import run_pair
from splinternet.people.access import AccessTable
from splinternet.people.setting import working_tools
from splinternet.policies import INSTRUMENTS
from splinternet.scenario import load
from splinternet.world.law import COME_IN, access_under, docket_of, usable

KNOWN, TODAY, ON = "2020-08-05", date(2020, 8, 9), "2020-09-20"
LADDER = [
    {"on": "2020-10-01", "sanction": "throttle", "share": 0.5},
    {"on": "2020-11-01", "sanction": "throttle", "share": 0.9},
]


def announced(
    instrument: str, by: str, targets: str | list[str] | None = None, **keys: Any
) -> Keys:
    aim = {} if targets is None else {"targets": targets}
    return {
        "id": instrument,
        "instrument": instrument,
        "by": by,
        "announced": KNOWN,
        "on": ON,
        **aim,
    } | keys


def table(*found: Keys, today: date = TODAY) -> AccessTable:
    return access_under(docket_of(scenario(list(found)).policies, today), first(), setting_of())


def fear(*found: Keys, today: date = TODAY) -> dict[tuple[str, str], float]:
    """Return the part of each platform that people of each state count as announced to go [1],
    where there is any.
    """
    threat = table(*found, today=today).threat / setting_of().parameters["announcement.belief"]
    states, platforms = setting_of().states, setting_of().platforms
    return {(states[s], platforms[p]): float(threat[s, p]) for s, p in np.argwhere(threat > 0)}


def ios(state: str) -> float:
    return float(setting_of().ios_share[setting_of().states.index(state)])


def test_people() -> None:
    q = setting_of().parameters
    with_vpn = float(setting_of().vpn_share[setting_of().states.index("US")])
    for technique in ("dns", "isp", "dpi"):
        missed = with_vpn * working_tools(technique, COME_IN, q)
        part = fear(announced("block", "US", "WeChat", technique=technique))["US", "WeChat"]
        assert part == pytest.approx(q[f"technique.{technique}.coverage"] * (1 - missed))
    dark = fear(announced("shutdown", "IR", share=0.4))
    assert dark["IR", "Instagram"] == pytest.approx(0.4)
    assert {state for state, _ in dark} == {"IR"}
    # Of a blocked platform, those fear who have it by VPN; of one that needs none, nobody.
    closed = fear(announced("vpn_ban", "CN", share_closed=0.5))
    place = setting_of().states.index("CN"), setting_of().platforms.index("YouTube")
    missed = float(first().reach[place].max())
    by_vpn = (1 - missed) * float(setting_of().vpn_share[place[0]] * first().vpn_share[place])
    assert closed["CN", "YouTube"] == pytest.approx(
        0.5 * q["vpn.closed_for_good"] * by_vpn / (missed + by_vpn)
    )
    assert ("CN", "WeChat") not in closed


@pytest.mark.parametrize("outcome", ["sold", "extended", "banned"])
def test_of_a_demand_people_fear_what_follows_a_refusal(outcome: str) -> None:
    clock = announced(
        "divest_or_ban", "US", "TikTok", outcome=outcome, then="block", technique="dpi"
    )
    assert fear(clock) == fear(announced("block", "US", "TikTok", technique="dpi"))
    ladder = announced("local_representative", "TR", "Twitter", ladder=LADDER)
    assert fear(ladder) == fear(announced("throttle", "TR", "Twitter", share=0.9))
    for outcome in ("refused", "complied"):  # nobody knows on the day how a platform will answer
        home = announced("data_localisation", "RU", "Instagram", outcome=outcome, technique="dpi")
        assert fear(home) == fear(announced("block", "RU", "Instagram", technique="dpi"))
    # A ladder of fines alone does not touch the users.
    assert not fear(
        announced("local_representative", "TR", "Twitter", ladder=[{"on": ON, "sanction": "fine"}])
    )


def test_an_exemption_announced_with_a_ban_takes_the_fear_away() -> None:
    ban = announced("transaction_ban", "US", "WeChat")
    assert fear(ban)
    assert not fear(ban, announced("exemption", "US", policy="transaction_ban"))


def test_what_is_lost_already_is_not_feared_again() -> None:
    now = announced("block", "TR", "Twitter", technique="geoblock", on="2020-08-06", id="now")
    later = announced("block", "TR", "Twitter", technique="dns", id="later")
    assert fear(later)["TR", "Twitter"] > 0
    assert not fear(now, later)
    # Only what is still to come counts: here those people whom a regional blackout leaves.
    dark = announced("shutdown", "TR", share=0.1, on="2020-08-06", id="dark")
    assert 0 < fear(dark, later)["TR", "Twitter"] < fear(later)["TR", "Twitter"]


def test_two_announcements_are_feared_as_one_law_in_any_order() -> None:
    ban = announced("store_removal", "US", "WeChat", stores="Apple App Store")
    other = announced("store_removal", "US", "WeChat", stores="Google Play", id="other")
    assert fear(ban, other)["US", "WeChat"] == pytest.approx(1.0)
    assert fear(ban, other) == fear(other | {"id": "a"}, ban | {"id": "b"})


@pytest.mark.parametrize(
    "instrument",
    [
        n
        for n in INSTRUMENTS
        if n not in DEMANDS and not (INSTRUMENTS[n].HALTS or INSTRUMENTS[n].EXTENDS)
    ],
)
def test_the_fear_of_every_instrument_is_the_part_that_it_takes(instrument: str) -> None:
    """Announced, it frightens as far as, a year after it began, it has taken from people what they
    had.
    """
    example = {"id": "it", "instrument": instrument, **INSTRUMENTS[instrument].EXAMPLE}
    threat = table(example | {"announced": KNOWN, "on": "2020-09-20"}).threat
    law = table(example | {"on": "2020-09-20"}, today=date(2021, 9, 20))
    have, left = usable(first(), setting_of()), usable(law, setting_of())
    expected = setting_of().parameters["announcement.belief"] * np.where(
        have > 0, 1 - left / np.where(have > 0, have, 1), 0
    )
    np.testing.assert_allclose(threat, expected.clip(0), atol=1e-12)


def test_an_announcement_is_heeded_while_it_is_news_and_again_near_its_date() -> None:
    heed = int(setting_of().parameters["announcement.heed_days"])
    told, on = date.fromisoformat(KNOWN), date.fromisoformat(ON)
    ban, bare = announced("block", "US", "WeChat"), announced("block", "US", "TikTok", id="bare")
    del bare["on"]
    for days, dated, undated in [(0, True, True), (heed - 1, True, True), (heed, False, False)]:
        found = {platform for _, platform in fear(ban, bare, today=told + timedelta(days))}
        assert found == ({"WeChat"} if dated else set()) | ({"TikTok"} if undated else set())
    assert not fear(ban, bare, today=on - timedelta(heed + 1))
    assert set(fear(ban, bare, today=on - timedelta(heed))) == {("US", "WeChat")}


def test_relief_known_for_long_still_takes_the_fear_away() -> None:
    """The ban is news; the licence was announced months before and begins with it, so alone it
    changes nothing.
    """
    today, later = date(2020, 8, 9), "2020-12-01"
    ban = announced("transaction_ban", "US", "WeChat", on=later)
    licence = announced(
        "exemption", "US", policy="transaction_ban", announced="2020-06-01", on=later
    )
    assert fear(ban, today=today)
    assert not fear(ban, licence, today=today)


def test_what_is_threatened_is_no_refuge_from_the_same_threat() -> None:
    """Under a law aimed at several platforms people move to others, and none moves between its
    targets.
    """
    aimed = ["Facebook", "Instagram", "WhatsApp", "Twitter"]
    threat = announced("block", "TR", aimed, announced="2020-08-01")
    del threat["on"]
    eager = {"announcement.belief": 0.03, "announcement.heed_days": 30}
    policy = policy_arm(
        scenario([threat], days=40, people=8000, parameters=eager), metrics=["flows"]
    )
    platforms = list(policy.axes.platforms)
    joined = np.nansum(policy.arrays["flows"][list(policy.axes.states).index("TR")], axis=0)
    assert all(joined[platforms.index(platform)] == 0 for platform in aimed)
    assert joined.sum() > 0


def test_a_rush_is_for_what_leaves_the_stores() -> None:
    near = date(2020, 9, 18)
    us, p = setting_of().states.index("US"), setting_of().platforms.index("WeChat")
    rate = setting_of().parameters["announcement.rush_rate"]
    assert table(announced("store_removal", "US", "WeChat"), today=near).rush[
        us, p
    ] == pytest.approx(rate)
    apple = announced("store_removal", "US", "WeChat", stores="Apple App Store")
    assert table(apple, today=near).rush[us, p] == pytest.approx(rate * ios("US"))
    for other in (
        announced("throttle", "US", "WeChat", share=0.9),
        announced("block", "US", "WeChat"),
    ):
        assert not table(other, today=near).rush.any()


def test_as_many_move_on_the_news_as_downloads_tell() -> None:
    """After the order of 6 August 2020 two messengers alone had downloads more by 1.2 % of WeChat's
    American users.
    """
    shares = []
    for seed in (1, 2, 3):
        spec = load("wechat_as_ordered", people=20_000, days=12)
        spec = spec.model_copy(update={"uncertain": {}})
        baseline, policy = run_pair(spec, seed, metrics=["monthly_users", "flows"])
        us, app = policy.axes.states.index("US"), policy.axes.platforms.index("WeChat")
        users = baseline.arrays["monthly_users"][0, us, app]
        shares.append(float(np.nansum(policy.arrays["flows"][us, app])) / users)
    assert 0.006 < np.mean(shares) < 0.06, (
        "no fewer than half of what was counted, no more than five times"
    )

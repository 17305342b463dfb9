"""VPNs come within days, to those who know of them and want one, and go once they lie idle."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from conftest import AT_ONCE, block, cell, policy_arm, scenario

from splinternet.people.setting import first_access, replaced_tools, working_tools
from splinternet.world.law import access_under, docket_of
from splinternet.world.scenario_setting import make_setting

FILTER = {"technique.dpi.coverage": 1}


def holders(
    parameters: dict[str, float], policies: list[dict[str, Any]] | None = None, **keys: Any
) -> np.ndarray:
    """Return the holders of a VPN in Russia that were not there before, day by day."""
    ban = block(by="RU", targets=["Instagram", "WhatsApp", "YouTube"], on="2020-08-11", **keys)
    spec = scenario([ban, *(policies or [])], days=70, people=3_000, parameters=FILTER | parameters)
    users = cell(policy_arm(spec, 1, ["vpn_users"]), "vpn_users", "RU")
    return np.asarray(users - users[0])


def test_vpns_are_found_over_days_and_go_once_nothing_is_closed() -> None:
    got = holders({}, until="2020-09-05")
    assert (got[:10] == 0).all()
    assert 0 < got[11] < got[16] < got[33]
    peak, after = got[:36].max(), got[-1]
    assert after < 0.3 * peak, "half of them every week or so"


def test_who_finds_one_later_or_knows_of_none_has_fewer() -> None:
    quick, slow = holders({"vpn.find_days": 3})[15], holders({"vpn.find_days": 12})[15]
    assert quick > slow > 0
    known, unknown = (
        holders({"vpn.aware_share": share, "vpn.aware_rate": 0})[-1] for share in (0.8, 0.1)
    )
    assert known > unknown


def test_on_principle_and_for_fear_of_a_fine_people_do_without() -> None:
    assert holders({"fear.principle": 1.0}).max() == 0
    fine = dict(
        id="fine", instrument="vpn_ban", by="RU", on="2020-08-11", share_closed=0, penalty=0.001
    )
    afraid, bold = (
        holders({"fear.law_known": share, "fear.fine": 1.0, "fear.fine_half": 0}, [fine])
        for share in (1.0, 0.0)
    )
    assert afraid.max() == 0 < bold[-1]


def deterred(half: float = 0, **keys: Any) -> float:
    """Return the share of people in Russia whom a fine keeps from VPNs, known to 0.8 (court), 0.4
    and 0.2.
    """
    q = {
        "fear.fine": 0.5,
        "fear.known_court": 0.8,
        "fear.law_known": 0.4,
        "fear.known_regulator": 0.2,
        "fear.fine_half": half,
    }
    fine = dict(id="fine", instrument="vpn_ban", by="RU", on="2020-08-11", share_closed=0) | keys
    setting = make_setting(scenario([fine], parameters=q))
    docket = docket_of(scenario([fine]).policies, date(2020, 8, 20))
    table = access_under(docket, first_access(setting), setting)
    return float(table.deterred[setting.states.index("RU")])


def test_who_knows_of_a_fine_follows_from_who_ordered_it() -> None:
    assert deterred(penalty=1, order="court") == pytest.approx(0.5 * 0.8)
    assert deterred(penalty=1, order="decree") == deterred(penalty=1) == pytest.approx(0.5 * 0.4)
    assert (
        deterred(penalty=1, order="regulator")
        == deterred(penalty=1, order="register")
        == pytest.approx(0.5 * 0.2)
    )
    assert deterred(order="court") == 0, "a ban without a fine for users"


def test_a_fine_deters_the_more_the_higher_it_is_and_has_no_cliff_at_nothing() -> None:
    """At the income of the United States half of those who know of it fear an expected 3 dollars a
    month.
    """
    few, some, many = (deterred(half=3, penalty=sum_) for sum_ in (0.01, 1, 100))
    assert 0 < few < 0.05 * many
    assert few < some < many < 0.5 * 0.4


def test_vpns_that_are_closed_are_replaced_in_part() -> None:
    closed = dict(id="hunt", instrument="vpn_ban", by="RU", on="2020-08-11", share_closed=0.8)
    for_good, replaced = (
        holders({"vpn.closed_for_good": share}, [closed])[-1] for share in (1.0, 0.0)
    )
    assert replaced > for_good


def test_tools_that_do_not_get_through_a_block_are_replaced_but_for_those_of_which_there_is_no_other() -> (
    None
):
    q = {f"technique.{name}.vpn_share": 0.6 for name in ("dpi", "geoblock")}
    q |= {"vpn.closed_for_good": 0.25, "vpn.replace_days": 30.0}
    assert working_tools("dpi", 0, q) == 0.6
    shares = [working_tools("dpi", days, q) for days in (0, 10, 30, 60, 1000)]
    assert shares == sorted(shares) and len(set(shares)) == len(shares)
    assert np.isclose(shares[-1], 0.6 + 0.4 * 0.75)
    assert replaced_tools(30, q) == 0.75 * 0.6, "1 - 1/e after the time constant, to tenths"
    assert working_tools("dpi", 1000, q | {"technique.dpi.vpn_share": 0.0}) == 0.0, (
        "no tool gets through"
    )
    assert working_tools("geoblock", 1000, q) == 0.6, (
        "the platform knows the account, whatever the tool"
    )


def test_replaced_tools_bring_people_back_to_what_is_blocked() -> None:
    poor = {"technique.dpi.vpn_share": 0.3}
    never, soon = (
        holders(poor | {"vpn.closed_for_good": share, "vpn.replace_days": 10})[-1]
        for share in (1.0, 0.0)
    )
    assert soon > 1.3 * never


def test_who_used_a_closed_platform_by_vpn_on_the_first_day_has_one_that_gets_through() -> None:
    """TikTok shuts Russia out from before the first day; people who look around when WhatsApp is
    closed keep it.
    """
    q = {"technique.geoblock.vpn_share": 0.1}
    ban = block(by="RU", targets=["WhatsApp"], on="2025-03-11")
    spec = scenario([ban], start="2025-03-01", days=30, world={"facts": "world-2025"}, parameters=q)
    users = cell(policy_arm(spec), "monthly_users", "RU", "TikTok")
    assert users[-1] > 0.97 * users[0] > 0


def test_use_by_vpn_counts_less_than_direct_use_in_daily_figures_alone() -> None:
    def kept(use: float) -> list[float]:
        q = FILTER | AT_ONCE | {"circumvention.use": use}
        spec = scenario([block(by="RU", targets=["YouTube"])], days=40, people=3_000, parameters=q)
        meters = ("active_users", "monthly_users")
        arm = policy_arm(spec, metrics=meters)
        return [float(cell(arm, meter, "RU", "YouTube")[-1]) for meter in meters]

    (low_day, low_month), (high_day, high_month) = kept(0.4), kept(1.0)
    assert 0 < low_day < 0.9 * high_day
    assert low_month == pytest.approx(high_month, rel=0.1)

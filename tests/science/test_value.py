"""What alternatives leave of a platform: who keeps it by VPN, and who drops it when it is slowed."""

from __future__ import annotations

from typing import Any

import numpy as np
from conftest import AT_ONCE, NOBODY_JOINS, block, cell, policy_arm, scenario

from splinternet.world.scenario_setting import make_setting

NO_NEW_VPN = {"vpn.aware_share": 0.0, "vpn.aware_rate": 0.0}
FILTER = {"technique.dpi.coverage": 1.0} | AT_ONCE


def users(
    policy: dict[str, Any], platform: str, parameters: dict[str, float], **keys: Any
) -> np.ndarray:
    """Return the monthly users of a platform in Russia, day by day, against the first day [share]."""
    spec = scenario([policy], days=60, people=2_000, parameters=parameters, **keys)
    arm = policy_arm(spec, metrics=["monthly_users"])
    found = cell(arm, "monthly_users", "RU", platform)
    return np.asarray(found / found[0])


def slow(share: float) -> dict[str, Any]:
    """Return a throttle of YouTube by Russia."""
    return dict(
        id="slow", instrument="throttle", by="RU", targets=["YouTube"], on="2020-08-11", share=share
    )


SLOWED = (
    NOBODY_JOINS
    | NO_NEW_VPN
    | {
        "choice.speed_exponent": 1.0,
        "choice.drop_below": 0.22,
        "value.video": 1.85,
        "choice.speed_unnoticed": 0.0,
    }
)
"""What decides who drops a slowed platform, whatever is fitted."""
NO_VPN = {"world": {"vpn_share": {"RU": 0.0}}}


def test_what_still_opens_is_no_more_dispensable_for_alternatives_of_the_first_day() -> None:
    found = [
        users(slow(0.9), "YouTube", SLOWED | {"choice.substitutability": share}, **NO_VPN)
        for share in (0.0, 0.5)
    ]
    assert np.array_equal(*found), "nothing new is in use, so nothing makes up for more than before"
    assert 0 < found[0][-1] < 1


def test_alternatives_that_open_directly_make_a_vpn_not_worth_its_effort() -> None:
    ban = block(by="RU", targets=["Instagram"])
    alone, replaced = (
        users(
            ban,
            "Instagram",
            FILTER | NOBODY_JOINS | NO_NEW_VPN | {"choice.substitutability": share},
        )[-1]
        for share in (0.0, 1.0)
    )
    assert replaced < alone


def test_an_alternative_that_is_closed_as_well_makes_up_for_nothing() -> None:
    others = ["Facebook", "Twitter", "VKontakte", "Odnoklassniki", "TikTok", "YouTube"]
    parameters = FILTER | NOBODY_JOINS | NO_NEW_VPN
    bans = [block(by="RU", targets=["Instagram", *more]) for more in ([], others)]
    one, many = (
        users(ban, "Instagram", parameters | {"choice.substitutability": 0.9})[-1] for ban in bans
    )
    assert many > one, "there is less to turn to, so more is worth the effort"
    one, many = (
        users(ban, "Instagram", parameters | {"choice.substitutability": 0.0})[-1] for ban in bans
    )
    assert np.isclose(one, many, atol=0.05), "where nothing is an alternative, none is missed"


def test_new_alternatives_with_the_same_people_replace_what_opens_by_vpn_alone() -> None:
    ban = block(by="RU", targets=["Instagram"])
    rush = (
        FILTER
        | NO_NEW_VPN
        | {"burst.feed": 1.0, "burst.dormant_share": 0.0, "trial.keep_feed": 1.0}
    )
    alone, replaced = (
        users(ban, "Instagram", rush | {"choice.substitutability": share})[-1]
        for share in (0.0, 1.0)
    )
    assert replaced < 0.8 * alone


def test_what_still_opens_is_dropped_only_when_little_of_it_is_left() -> None:
    def kept(share: float) -> float:
        return float(users(slow(share), "YouTube", SLOWED, **NO_VPN)[-1])

    light, heavy, heavier = kept(0.5), kept(0.9), kept(0.98)
    assert light == 1.0, "half the speed leaves more than choice.drop_below of everybody's value"
    assert 1.0 > heavy > heavier


def test_a_vpn_makes_nobody_drop_what_is_kept_without_one() -> None:
    kept = users(slow(0.5), "YouTube", SLOWED, world={"vpn_share": {"RU": 0.5}})
    assert kept[-1] == 1.0


def test_a_small_alternative_makes_up_for_less_of_what_strangers_make_and_a_large_one_for_all() -> (
    None
):
    ban = block(by="RU", targets=["Instagram"])
    parameters = (
        FILTER
        | NOBODY_JOINS
        | NO_NEW_VPN
        | {"choice.substitutability": 1.0, "choice.audience_lag_days": 3e4}
    )

    def kept(power: float, others: float) -> float:
        shares = {
            "Facebook": others,
            "VKontakte": others,
            "Odnoklassniki": others,
            "Instagram": 0.5,
        }
        world = {"penetration": {"RU": shares}}
        return float(
            users(ban, "Instagram", parameters | {"choice.audience_power": power}, world=world)[-1]
        )

    assert kept(1.0, 0.2) > kept(0.0, 0.2), "each has two fifths of the audience"
    small, large = kept(1.0, 0.2) - kept(0.0, 0.2), kept(1.0, 0.5) - kept(0.0, 0.5)
    assert large < small, "as large as the one that is lost: size plays no part"


def test_a_messenger_takes_a_vpn_that_always_runs_and_a_feed_does_not() -> None:
    def kept(platform: str, factor: float) -> float:
        parameters = (
            FILTER
            | NOBODY_JOINS
            | {
                "circumvention.always_on": factor,
                "circumvention.friction": 0.3,
                "value.messenger": 2,
            }
        )
        ban, world = block(by="RU", targets=["WhatsApp", "Instagram"]), {"vpn_share": {"RU": 0.7}}
        return float(users(ban, platform, parameters, world=world)[-1])

    assert kept("WhatsApp", 8.0) < 0.9 * kept("WhatsApp", 1.0)
    assert abs(kept("Instagram", 8.0) / kept("Instagram", 1.0) - 1.0) < 0.1


def test_only_what_comes_when_others_write_needs_a_vpn_that_always_runs() -> None:
    setting = make_setting(scenario(parameters={"circumvention.always_on": 5.0}))
    factor = dict(zip(setting.platforms, setting.always_on.tolist(), strict=True))
    assert factor["WhatsApp"] == 5.0 > factor["Telegram"] > 1.0, "channels wait until one looks"
    assert factor["Instagram"] == factor["YouTube"] == 1.0


def test_a_habit_fades_where_others_give_as_much_and_stays_where_nothing_does() -> None:
    others = [
        "Facebook",
        "Twitter",
        "VKontakte",
        "Odnoklassniki",
        "TikTok",
        "YouTube",
        "Telegram",
        "Viber",
    ]

    def fades(more: list[str]) -> float:
        parameters = FILTER | NOBODY_JOINS | NO_NEW_VPN | {"circumvention.friction": 0.0}
        ban = block(by="RU", targets=["Instagram", *more])
        with_habit, without = (
            users(ban, "Instagram", parameters | {"choice.fatigue_rate": rate})[-1]
            for rate in (0.0, 0.02)
        )
        return float(1.0 - without / with_habit)

    assert fades([]) > 2 * fades(others)

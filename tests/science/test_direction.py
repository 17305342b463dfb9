"""Directions that follow from the mechanism, over paired seeds: never the size of an effect."""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pytest
from conftest import NOBODY_JOINS, block, cell, policy_arm, scenario

from splinternet.experiments.pairs import run_pair
from splinternet.results.panel import ArmData
from splinternet.scenario import Scenario

SEEDS = range(1, 7)
LOOKED_AT = (
    "active_users",
    "vpn_users",
    "openers",
    "contact_days_lost",
    "reconnected",
    "ties_out_of_contact",
)


def policy_arms(spec: Scenario) -> list[ArmData]:
    return [policy_arm(spec, seed, LOOKED_AT) for seed in SEEDS]


def paired_arms(spec: Scenario) -> list[ArmData]:
    """Return the same of pairs of arms, as contact is measured against the baseline."""
    return [run_pair(spec, seed, metrics=LOOKED_AT)[1] for seed in SEEDS]


def higher(more: list[float], less: list[float], at_least: float = 0.0) -> bool:
    """Return whether the first is higher over paired seeds, the 95 % interval of the difference
    clear of 0.
    """
    difference = [a - b for a, b in zip(more, less, strict=True)]
    margin = (
        2.6 * stdev(difference) / len(difference) ** 0.5
    )  # Student's t for 5 degrees of freedom
    return fmean(difference) - margin > at_least


def at_end(arms: list[ArmData], metric: str, *labels: str) -> list[float]:
    return [float(cell(arm, metric, *labels)[-1]) for arm in arms]


def instagram(technique: str = "dpi", **keys: Any) -> Scenario:
    """Russia cuts Instagram off after ten days."""
    policy = block(by="RU", targets=["Instagram"], technique=technique)
    return scenario([policy], people=2_000, days=36, **keys)


@pytest.fixture(scope="module")
def dpi() -> list[ArmData]:
    return policy_arms(instagram())


def test_a_stricter_technique_leaves_fewer_users(dpi: list[ArmData]) -> None:
    assert higher(
        at_end(policy_arms(instagram("dns")), "active_users", "RU", "Instagram"),
        at_end(dpi, "active_users", "RU", "Instagram"),
    )


def test_a_blocked_platform_loses_users_and_vpns_gain(dpi: list[ArmData]) -> None:
    first = [float(cell(arm, "active_users", "RU", "Instagram")[0]) for arm in dpi]
    assert higher(first, at_end(dpi, "active_users", "RU", "Instagram"))
    assert higher(
        at_end(dpi, "vpn_users", "RU"), [float(cell(arm, "vpn_users", "RU")[0]) for arm in dpi]
    )


def test_more_people_open_a_dead_app_than_use_it(dpi: list[ArmData]) -> None:
    for arm in dpi:
        used, opened = (
            cell(arm, "active_users", "RU", "Instagram"),
            cell(arm, "openers", "RU", "Instagram"),
        )
        assert (opened >= used).all()
        assert opened[12] > used[12]


def test_a_closer_substitute_gains_more(dpi: list[ArmData]) -> None:
    def gain(arm: ArmData, platform: str) -> float:
        users = cell(arm, "active_users", "RU", platform)
        return float(users[-1] - users[0])

    # TikTok is video, Telegram a messenger: both gain; a search engine gives nothing that Instagram
    # gave.
    assert fmean(gain(arm, "Telegram") for arm in dpi) > 0
    assert all(gain(arm, "Yandex") == pytest.approx(0, abs=1) for arm in dpi)


def test_dearer_workarounds_leave_fewer_users(dpi: list[ArmData]) -> None:
    dear = policy_arms(instagram(parameters={"circumvention.cost": 8}))
    assert higher(
        at_end(dpi, "active_users", "RU", "Instagram"),
        at_end(dear, "active_users", "RU", "Instagram"),
    )


def test_a_messenger_of_more_value_keeps_more_of_its_users_and_more_than_a_feed() -> None:
    """Whether people in fact value messengers more than feeds the record leaves open."""
    cut = block(by="RU", targets=["Instagram", "WhatsApp"])

    def kept(value: float) -> tuple[list[float], list[float]]:
        arms = policy_arms(
            scenario([cut], people=2_000, days=36, parameters={"value.messenger": value})
        )
        whatsapp, instagram = (
            [float(u[-1] / u[0]) for u in (cell(arm, "active_users", "RU", name) for arm in arms)]
            for name in ("WhatsApp", "Instagram")
        )
        return whatsapp, instagram

    (low, _), (high, feed) = kept(1.0), kept(6.0)
    assert higher(high, low) and higher(high, feed)


def test_some_return_after_a_lift_and_not_all(dpi: list[ArmData]) -> None:
    policy = block(by="RU", targets=["Instagram"], until="2020-08-26")
    lifted = policy_arms(scenario([policy], people=2_000, days=36))
    back = at_end(lifted, "active_users", "RU", "Instagram")
    assert higher(back, at_end(dpi, "active_users", "RU", "Instagram"))
    assert higher([float(cell(arm, "active_users", "RU", "Instagram")[0]) for arm in lifted], back)


def test_a_stay_and_a_later_date_each_leave_more_users_in_every_pair(dpi: list[ArmData]) -> None:
    """An injunction halfway, and a date put off while it still runs, each against the same ban in
    the same world.
    """
    ban = block(by="RU", targets=["Instagram"], id="ban")
    stay = {
        "id": "stay",
        "by": "RU",
        "instrument": "injunction",
        "policy": "ban",
        "on": "2020-08-26",
    }
    later = {
        "id": "later",
        "by": "RU",
        "instrument": "extension",
        "policy": "ban",
        "on": "2020-08-05",
        "to": "2020-08-26",
    }

    def used(arms: list[ArmData]) -> list[float]:
        return [float(cell(arm, "active_users", "RU", "Instagram").sum()) for arm in arms]

    for act in (stay, later):
        milder = policy_arms(
            scenario([ban | {"announced": "2020-08-01"}, act], people=2_000, days=36)
        )
        assert all(a > b for a, b in zip(used(milder), used(dpi), strict=True)), act["id"]


def test_a_slower_throttle_leaves_fewer_users() -> None:
    def throttled(share: float) -> list[float]:
        policy = block(by="RU", instrument="throttle", targets=["YouTube"], share=share)
        policy.pop("technique")
        return at_end(
            policy_arms(scenario([policy], people=2_000, days=36)), "active_users", "RU", "YouTube"
        )

    assert higher(throttled(0.3), throttled(0.9))


def test_a_delisted_app_decays_and_decays_faster_once_versions_split() -> None:
    policy = block(instrument="store_removal", targets=["TikTok"])
    policy.pop("technique")
    slow = policy_arms(scenario([policy], people=2_000, days=36))
    fast = policy_arms(
        scenario([policy], people=2_000, days=36, parameters={"delisting.split_days": 20})
    )
    users = cell(slow[0], "active_users", "US", "TikTok")
    assert users[20] < users[9] and users[-1] < users[20]
    assert higher(
        at_end(slow, "active_users", "US", "TikTok"), at_end(fast, "active_users", "US", "TikTok")
    )


def test_families_with_a_single_channel_lose_more_contact() -> None:
    def lost(share: float) -> list[float]:
        arms = paired_arms(
            scenario([block()], people=3_000, days=40, parameters={"ties.only_channel": share})
        )
        return [float(np.nansum(cell(arm, "contact_days_lost", "US<-CN"))) for arm in arms]

    assert higher(lost(0.9), lost(0.3))


def test_ties_come_back_by_another_platform_and_by_vpn() -> None:
    arms = paired_arms(scenario([block()], people=3_000, days=60))
    assert fmean(at_end(arms, "reconnected", "US<-CN", "substitute")) > 0
    assert fmean(at_end(arms, "reconnected", "US<-CN", "VPN")) > 0


def test_two_ended_block_cuts_more_than_either_end(dpi: Callable[..., Any]) -> None:
    """WhatsApp cut in India and Messenger in the US each leave channels that both together do not."""

    def lost(policies: list[dict[str, Any]]) -> list[float]:
        # Without a way round, so that the cases differ only in what is cut.
        nothing_else = {"technique.dpi.coverage": 1, "technique.dpi.vpn_share": 0} | NOBODY_JOINS
        arms = paired_arms(scenario(policies, people=3_000, days=15, parameters=nothing_else))
        return [float(cell(arm, "ties_out_of_contact", "US<-IN")[12]) for arm in arms]

    # A policy that begins after the run keeps the world, and whom it samples, the same.
    here, there = (
        block(id="here", by="US", targets=["Messenger"]),
        block(id="there", by="IN", targets=["WhatsApp"]),
    )
    later = {"on": "2021-01-01"}
    both, us, india = lost([here, there]), lost([here, there | later]), lost([here | later, there])
    assert all(b >= max(one, other) for b, one, other in zip(both, us, india, strict=True))
    assert sum(both) > sum(us)

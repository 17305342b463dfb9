"""Directions that follow from the mechanism, over paired seeds: never the size of an effect."""

from __future__ import annotations

from statistics import fmean, stdev
from typing import Any

import pytest
from conftest import block, cell, policy_arm, scenario

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


def test_more_people_open_a_dead_app_than_use_it(dpi: list[ArmData]) -> None:
    for arm in dpi:
        used, opened = (
            cell(arm, "active_users", "RU", "Instagram"),
            cell(arm, "openers", "RU", "Instagram"),
        )
        assert (opened >= used).all()
        assert opened[12] > used[12]


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


def test_a_stay_and_a_later_date_each_leave_more_users_in_every_pair(dpi: list[ArmData]) -> None:
    """An injunction halfway, and a date put off while it still runs, each against the same ban in
    the same world.
    """
    ban = block(by="RU", targets=["Instagram"], id="ban")
    stay = dict(id="stay", by="RU", instrument="injunction", policy="ban", on="2020-08-26")
    later = dict(
        id="later", by="RU", instrument="extension", policy="ban", on="2020-08-05", to="2020-08-26"
    )

    def used(arms: list[ArmData]) -> list[float]:
        return [float(cell(arm, "active_users", "RU", "Instagram").sum()) for arm in arms]

    for act in (stay, later):
        milder = policy_arms(
            scenario([ban | {"announced": "2020-08-01"}, act], people=2_000, days=36)
        )
        assert all(a > b for a, b in zip(used(milder), used(dpi), strict=True)), act["id"]


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


def test_ties_come_back_by_another_platform_and_by_vpn() -> None:
    arms = paired_arms(scenario([block()], people=3_000, days=60))
    assert fmean(at_end(arms, "reconnected", "US<-CN", "substitute")) > 0
    assert fmean(at_end(arms, "reconnected", "US<-CN", "VPN")) > 0

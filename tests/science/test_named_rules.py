"""The named rules of agreeing that the record cannot distinguish: what each does, and that members
draw among them.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from conftest import block, scenario
from test_reconnect import days_lost

from splinternet.people.kernel_types import NEVER_DAYS, Bonds
from splinternet.scenario.load import drawn
from splinternet.world.build import make_world

RULES = {f"{rule}_rule": {0, 1} for rule in ("kin.agreement", "kin.household", "kin.dormant")} | {
    "wave.rule": {0, 1}
}


@cache
def bonds(*changed: tuple[str, float | str]) -> Bonds:
    parameters = {"choice.invite_acceptance": 0.4} | dict(changed)
    return make_world(scenario([block()], people=6_000, parameters=parameters), 1).bonds


def test_at_a_fading_rate_as_many_agree_in_a_month_most_of_them_at_once_and_none_later() -> None:
    steady, fading = bonds().agree, bonds(("kin.agreement_rule", "fading")).agree
    assert np.mean(steady <= 30) == pytest.approx(0.4, abs=0.03)
    assert np.mean(fading <= 30) == pytest.approx(0.4, abs=0.03)
    assert np.mean(fading <= 3) > 0.8 * np.mean(fading <= 30) > 2 * np.mean(steady <= 3)
    assert np.mean((steady > 30) & (steady <= 300)) > 0.1
    assert not ((fading > 30) & (fading < NEVER_DAYS)).any()


def test_the_rate_fades_with_its_time_constant() -> None:
    """Of those who ever agree, each by the same luck: 1 - exp(-h D (1 - exp(-t / D))), worked out
    for one pair.
    """
    slow = bonds(("kin.agreement_rule", "fading"), ("kin.fading_days", 4)).agree
    quick = bonds(("kin.agreement_rule", "fading"), ("kin.fading_days", 0.5)).agree
    ever = (slow < NEVER_DAYS) & (quick < NEVER_DAYS)
    assert ever.sum() > 100 and (quick[ever] < slow[ever]).all()
    steady, slowest = (
        bonds().agree,
        bonds(("kin.agreement_rule", "fading"), ("kin.fading_days", 36_500)).agree,
    )
    assert np.allclose(slowest[steady < 300], steady[steady < 300], rtol=0.01), (
        "one that hardly fades is steady"
    )


def test_pair_by_pair_nobody_follows_and_more_contact_is_lost() -> None:
    assert (bonds(("kin.household_rule", "pair by pair")).follow == NEVER_DAYS).all()
    assert (bonds().follow < NEVER_DAYS).any()
    assert days_lost({"kin.household_rule": 1}) > days_lost({"kin.household_rule": 0})


def test_apps_that_sleep_cost_more_contact_than_apps_that_wake() -> None:
    assert (bonds(("kin.dormant_rule", "sleeps")).ready > 1e6).all()
    assert days_lost({"kin.dormant_rule": 1}) > days_lost({"kin.dormant_rule": 0})


def test_members_draw_among_the_rules() -> None:
    members = [drawn(scenario([block()]), seed) for seed in range(40)]
    for name, places in RULES.items():
        assert {member[name] for member in members} == places

"""The whole chain: what is cut on the carrier graph ends at people, their apps and their families."""

from __future__ import annotations

from functools import cache

import numpy as np
from conftest import Pair, cell, scenario

from splinternet.core.groups import Group
from splinternet.experiments.pairs import run_pair
from splinternet.scenario import load

SEEDS = (1,)
ON = "2020-08-11"
CUT = 10  # the day of the run on which it happens
CHINESE = ["China Telecom", "China Unicom", "China Mobile", "CITIC"]
DIASPORA, FAMILIES = "US<-CN", "family:US<-CN"
LINES = ("carrier", "store", "apps", "cloud", "cable", "path")
FOREIGN = ("WhatsApp", "YouTube", "Instagram", "Google Search", "Viber")
AT_HOME = ("VKontakte", "Odnoklassniki", "Yandex")
SEEN = (
    "reachable_pairs",
    "domestic_reach",
    "path_stretch",
    "border_load",
    "border_capacity",
    "active_users",
    "openness",
    "family_contact_lost",
)


@cache
def border_cut(seed: int) -> Pair:
    cut = dict(id="border", by="RU", instrument="border_cut", gateways_closed="all", on=ON)
    return run_pair(scenario([cut], days=40), seed, metrics=SEEN)


@cache
def carrier_ban(seed: int, peers: int, days: int = 35) -> Pair:
    ban = {"id": "carriers", "by": "US", "instrument": "carrier_ban", "carriers": CHINESE, "on": ON}
    return run_pair(
        scenario([ban], days=days, parameters={"routes.chinese_peers": peers}), seed, metrics=SEEN
    )


def test_behind_a_closed_border_nobody_uses_what_is_served_from_abroad() -> None:
    for seed in SEEDS:
        baseline, policy = border_cut(seed)
        for platform in FOREIGN:
            use = cell(policy, "active_users", "RU", platform)
            assert cell(baseline, "active_users", "RU", platform)[-1] > 0
            assert (use[:CUT] == cell(baseline, "active_users", "RU", platform)[:CUT]).all()
            assert (use[CUT:] == 0).all(), platform
        assert (cell(policy, "reachable_pairs", "RU", "DE")[CUT:] == 0).all()
        assert (
            cell(policy, "domestic_reach", "RU")[CUT:] == 1
        ).all()  # exchange points at home are left as they are


def test_behind_a_closed_border_what_is_at_home_lives_on_and_is_lost_abroad() -> None:
    for seed in SEEDS:
        baseline, policy = border_cut(seed)
        for platform in AT_HOME:
            without, under = (
                cell(arm, "active_users", "RU", platform) for arm in (baseline, policy)
            )
            assert (under[CUT:] >= without[CUT:]).all(), platform
        assert cell(baseline, "active_users", "KZ", "VKontakte")[-1] > 0
        assert (cell(policy, "active_users", "KZ", "VKontakte")[CUT:] == 0).all()


def test_a_closed_border_parts_every_family_across_it() -> None:
    for seed in SEEDS:
        _, policy = border_cut(seed)
        joined = enumerate(Group.read(group).states for group in policy.axes.groups)
        groups = [(at, states) for at, states in joined if len(states) == 2]
        across = [at for at, found in groups if "RU" in found]
        lost = policy.arrays["family_contact_lost"]
        seen = ~np.isnan(lost).any(axis=0)  # in a small world some groups have nobody with kin
        across = [at for at in across if seen[at]]
        assert len(across) >= 4
        assert (lost[:CUT, seen] == 0).all()
        assert (lost[CUT:, across] == 1).all()


def test_a_carrier_ban_turns_on_the_contracts_that_nobody_knows() -> None:
    """Customers go round by third states, longer; peers of the largest carriers lose people, and
    their families.
    """
    for seed in SEEDS:
        _, customers = carrier_ban(seed, peers=0)
        assert (cell(customers, "reachable_pairs", "US", "CN") == 1).all()
        assert (cell(customers, "path_stretch", "US", "CN")[CUT:] > 1).all()
        assert (cell(customers, "border_load", "CN")[CUT:] > 1).all()
        assert cell(customers, "family_contact_lost", DIASPORA).max() == 0
        _, peers = carrier_ban(seed, peers=1)
        assert (cell(peers, "reachable_pairs", "US", "CN")[CUT:] < 1).all()
        for group in (DIASPORA, FAMILIES):
            assert cell(peers, "family_contact_lost", group)[CUT:].max() > 0


def test_a_little_longer_way_is_told_and_sends_nobody_elsewhere() -> None:
    """A detour that takes less of the speed than people notice moves nobody; where they notice all,
    it moves some.
    """
    ban = dict(
        id="carriers", by="RU", instrument="carrier_ban", carriers=["Cogent", "Lumen"], on=ON
    )
    baseline, policy = run_pair(scenario([ban], days=40), 1, metrics=SEEN)
    assert (cell(policy, "path_stretch", "RU", "US")[CUT:] > 1).all()
    np.testing.assert_array_equal(policy.arrays["active_users"], baseline.arrays["active_users"])
    baseline, policy = run_pair(
        scenario([ban], days=40, parameters={"choice.speed_unnoticed": 0}), 1, metrics=SEEN
    )
    assert (
        cell(policy, "active_users", "RU", "YouTube")[-1]
        < cell(baseline, "active_users", "RU", "YouTube")[-1]
    )


def test_a_fuller_border_is_told_even_where_nobody_notices() -> None:
    cables = ["New Cross Pacific", "Trans-Pacific Express", "FASTER"]
    ban = dict(
        id="cables", by="US", instrument="cable_ban", cables=cables, on=ON, until="2020-08-21"
    )
    baseline, policy = run_pair(
        scenario([ban], days=30, people=1_000, parameters={"routes.headroom": 4}), 1, metrics=SEEN
    )
    np.testing.assert_array_equal(policy.arrays["active_users"], baseline.arrays["active_users"])
    load_ = cell(policy, "border_load", "CN")
    assert (load_[CUT : CUT + 10] > 1).all()
    assert (load_[:CUT] == 1).all()
    assert (load_[CUT + 10 :] == 1).all()


def test_all_six_lines_together_are_the_six_lines() -> None:
    def policies(name: str) -> dict[str, dict[str, object]]:
        return {p.id: p.model_dump() for p in load(f"clean_network/{name}").policies}

    each = {id_: keys for line in LINES for id_, keys in policies(line).items()}
    assert policies("all") == each
    assert len(each) == len(LINES)

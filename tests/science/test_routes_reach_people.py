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
    cut = {
        "id": "border",
        "by": "RU",
        "instrument": "border_cut",
        "gateways_closed": "all",
        "on": ON,
    }
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


def test_a_border_that_opens_again_gives_back_the_routes_to_the_bit() -> None:
    cut = {"id": "border", "by": "RU", "instrument": "border_cut", "on": ON, "until": "2020-08-21"}
    baseline, policy = run_pair(scenario([cut], days=30), 1, metrics=SEEN)
    for metric in ("reachable_pairs", "path_stretch", "border_load", "border_capacity"):
        np.testing.assert_array_equal(
            policy.arrays[metric][CUT + 10 :], baseline.arrays[metric][CUT + 10 :]
        )


def test_without_peering_at_home_a_closed_border_takes_what_is_at_home_too() -> None:
    cut = {
        "id": "border",
        "by": "RU",
        "instrument": "border_cut",
        "on": ON,
        "domestic_peering": False,
    }
    for seed in SEEDS:
        _, parted = run_pair(scenario([cut], days=20), seed, metrics=SEEN)
        _, whole = border_cut(seed)
        at = CUT + 5
        assert 0 < cell(parted, "domestic_reach", "RU")[at] < 0.5
        assert (
            cell(parted, "active_users", "RU", "VKontakte")[at]
            < cell(whole, "active_users", "RU", "VKontakte")[at]
        )


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


def test_third_states_that_follow_make_ways_round_longer_and_leave_peers_none() -> None:
    days = 52
    alone, followed = (
        run_pair(load(f"clean_network/{name}", people=1_500, days=days), 1, metrics=SEEN)[1]
        for name in ("carrier", "carrier_followed")
    )
    assert (
        cell(followed, "path_stretch", "US", "CN")[-1]
        > cell(alone, "path_stretch", "US", "CN")[-1]
        > 1
    )
    assert cell(followed, "border_load", "HK")[-1] > cell(alone, "border_load", "HK")[-1] > 1
    _, peers = run_pair(
        load("clean_network/carrier_followed_peers", people=1_500, days=days), 1, metrics=SEEN
    )
    assert (
        cell(peers, "reachable_pairs", "US", "CN")[-1]
        < cell(carrier_ban(1, 1)[1], "reachable_pairs", "US", "CN")[-1]
    )


def test_a_cable_ban_raises_load_and_lowers_speed_and_use() -> None:
    cables = ["Southern Cross", "Hawaiki", "INDIGO-West", "Australia Singapore Cable"]
    ban = {"id": "cables", "by": "AU", "instrument": "cable_ban", "cables": cables, "on": ON}
    for seed in SEEDS:
        baseline, policy = run_pair(scenario([ban], days=40), seed, metrics=SEEN)
        assert (
            cell(policy, "border_load", "AU")[CUT:] > cell(baseline, "border_load", "AU")[CUT:]
        ).all()
        assert (cell(policy, "border_capacity", "AU")[CUT:] < 1).all()
        assert (cell(policy, "reachable_pairs", "AU", "US") == 1).all()
        without, under = (cell(arm, "active_users", "AU", "YouTube") for arm in (baseline, policy))
        assert (under[CUT + 1 :] < without[CUT + 1 :]).all()
        assert (cell(policy, "openness", "AU")[CUT:] < cell(baseline, "openness", "AU")[CUT:]).all()


def test_a_little_longer_way_is_told_and_sends_nobody_elsewhere() -> None:
    """A detour that takes less of the speed than people notice moves nobody; where they notice all,
    it moves some.
    """
    ban = {
        "id": "carriers",
        "by": "RU",
        "instrument": "carrier_ban",
        "carriers": ["Cogent", "Lumen"],
        "on": ON,
    }
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
    ban = {
        "id": "cables",
        "by": "US",
        "instrument": "cable_ban",
        "cables": cables,
        "on": ON,
        "until": "2020-08-21",
    }
    baseline, policy = run_pair(
        scenario([ban], days=30, people=1_000, parameters={"routes.headroom": 4}), 1, metrics=SEEN
    )
    np.testing.assert_array_equal(policy.arrays["active_users"], baseline.arrays["active_users"])
    load_ = cell(policy, "border_load", "CN")
    assert (load_[CUT : CUT + 10] > 1).all()
    assert (load_[:CUT] == 1).all()
    assert (load_[CUT + 10 :] == 1).all()


def test_cables_that_were_never_built_take_nothing_from_anybody() -> None:
    baseline, policy = run_pair(load("clean_network/cable", people=1_500, days=60), 1)
    for metric, array in baseline.arrays.items():
        np.testing.assert_array_equal(policy.arrays[metric], array, metric)


def test_all_six_lines_together_are_the_six_lines() -> None:
    def policies(name: str) -> dict[str, dict[str, object]]:
        return {p.id: p.model_dump() for p in load(f"clean_network/{name}").policies}

    each = {id_: keys for line in LINES for id_, keys in policies(line).items()}
    assert policies("all") == each
    assert len(each) == len(LINES)

"""Whom a sample favours, how much a simulated person may weigh, and users who are sampled apart
from residents.
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

import numpy as np
import pytest
from conftest import block, scenario

from splinternet.core.groups import FEW, PART, USERS, Sampled, design_effect
from splinternet.experiments.experiment import changed
from splinternet.scenario import Scenario, load
from splinternet.scenario.load import member_spec
from splinternet.world.ages import age_steps
from splinternet.world.build import World, make_world
from splinternet.world.groups import Corridor, Stratum
from splinternet.world.people import Holdings, holding_of, leaning_of, make_people
from splinternet.world.sampling import (
    LEAST_SIZE,
    Sample,
    floors_for,
    sample_groups,
    sampled_users,
    size_diasporas,
    top_size,
    users_apart,
)
from splinternet.world.scenario_setting import make_setting

SCENARIOS = (
    "wechat_as_ordered",
    "great_firewall",
    "turkey_law_7253",
    "clean_network/all",
    "apple_wechat_all_stores",
    "events/in_tiktok_2020",
    "events/ir_telegram_2018",
    "blacklist_2020",
    "wechat_19m",
)


@cache
def sample(name: str, people: int) -> Sample:
    spec = load(f"scenarios/{name}.yaml" if "/" in name else name, people=people)
    return sample_groups(spec, make_setting(spec))


@pytest.mark.parametrize("people", [10_000, 100_000])
@pytest.mark.parametrize("name", SCENARIOS)
def test_four_simulated_people_are_never_a_quarter_of_a_platforms_users(
    name: str, people: int
) -> None:
    found = sample(name, people)
    assert found.users, "the scenario aims at platforms that have users"
    for users in found.users:
        assert users.within_limit, users
    assert sum(g.size for g in found.groups) == pytest.approx(people, rel=0.01)
    assert all(g.size <= max(1.0, g.people) for g in found.groups), (
        "never more simulated than real people"
    )


def test_every_member_has_as_many_residents_and_members_of_diasporas_whatever_it_draws() -> None:
    """A member that draws large families has more people, not fewer residents: four of them were 40
    % of TikTok's.
    """
    spec = load("tiktok_ban_2020", people=6_000)
    written, families = sample_groups(spec, make_setting(spec)).groups, []
    for seed in range(1, 9):
        member = member_spec(spec, seed)
        found = sample_groups(member, make_setting(member))
        sizes = {g.label: g.size for g in found.groups if g.side != "family"}
        assert sizes == {g.label: g.size for g in written if g.side != "family"}
        assert all(users.within_limit for users in found.users)
        families.append(sum(g.size for g in found.groups if g.side == "family"))
    assert max(families) > 2 * min(families), "the draws differ in how large families are"
    assert np.mean(families) == pytest.approx(
        sum(g.size for g in written if g.side == "family"), rel=0.3
    )


def test_the_limit_is_that_of_the_people_of_the_world() -> None:
    """By hand, over the people that were made: users of WeChat in the United States and the weight
    of the heaviest.
    """
    world = make_world(load("wechat_as_ordered", people=10_000), 1)
    on = world.first["member"] >> world.setting.platforms.index("WeChat") & 1 == 1
    here = on & (world.first["state"] == world.setting.states.index("US"))
    weight = np.array([g.weight for g in world.groups])[world.first["group"][here]]
    assert FEW * weight.max() <= PART * weight.sum()
    (users,) = world.sample.users
    assert users.simulated == here.sum() and users.heaviest == pytest.approx(weight.max())
    assert users.users == pytest.approx(weight.sum(), rel=0.03), "groups of few users are rounded"
    assert users.design_effect == pytest.approx(weight.size * (weight**2).sum() / weight.sum() ** 2)


def test_a_limit_that_cannot_be_met_is_told_in_numbers() -> None:
    users = Sampled("IN", "QQ", 60_000.0, 4, 8_000.0, "IN", 1.0)
    assert users.share_of_few == pytest.approx(0.533, abs=0.001) and not users.within_limit
    groups = [
        Stratum("IN", "IN", people=6e8, size=1_000),
        Stratum("IN", "CN", "diaspora", people=5e4, size=100),
    ]
    (found,) = sampled_users([("IN", "QQ")], groups, np.array([[0.0001], [0.5]]), ["QQ"])
    assert found.group == "IN" and found.heaviest == 600_000 and found.simulated == 50, (
        "nobody stands for 60,000 users"
    )
    assert not found.within_limit


def test_the_design_effect_is_that_of_kish() -> None:
    assert design_effect([5.0, 5.0], [10, 40]) == pytest.approx(1.0)
    # Weights 1, 1 and 4: mean 2, variance 2, so 1 + 2 / 4.
    assert design_effect([1.0, 4.0], [2, 1]) == pytest.approx(1.5)
    assert design_effect([], []) == 1.0


def test_who_can_be_hit_counts_and_not_the_home_of_the_platform() -> None:
    """A block of WhatsApp by Germany: people from Turkey there, not Americans because WhatsApp is
    American.
    """
    spec = scenario([block(by="DE", targets=["WhatsApp"])], people=50_000)
    groups = groups_of(spec)
    size = {g.label: g.size for g in groups}
    found = [g for g in groups if g.side == "diaspora"]
    assert max(found, key=lambda g: g.size).label == "DE<-TR"
    assert size["DE<-TR"] > 3 * size["DE<-US"] and size["DE<-RU"] > 500 > size["RU<-DE"]


@pytest.mark.parametrize("people", [20_000, 100_000])
def test_each_group_in_reach_has_a_hundred_members_and_the_most_exposed_a_thousand(
    people: int,
) -> None:
    for name in ("turkey_law_7253", "great_firewall"):
        found = [g for g in sample(name, people).groups if g.side == "diaspora"]
        ranked = sorted(found, key=lambda g: -g.size)
        if people == 100_000:
            acting = {state for policy in load(name).policies for state in policy.by}
            reached = [g for g in found if g.people >= 10_000 and {g.home, g.origin} & acting]
            assert len(reached) >= 10 and min(g.size for g in reached) >= LEAST_SIZE
            assert min(g.size for g in ranked[:2]) >= 1_000
        assert ranked[0].size > 0.25 * top_size(people)


def test_where_a_block_is_lifted_those_who_could_gain_a_channel_are_in_reach() -> None:
    """China lifts its block of Facebook in the policy arm: who uses it abroad could meet all of the
    family there.
    """
    lifted = {
        "facts": "world-2020",
        "blocks": {"CN": ["Facebook"]},
        "blocks_policy_arm": {"CN": []},
    }
    blocked = {
        "facts": "world-2020",
        "blocks": {"CN": ["Facebook"]},
        "blocks_policy_arm": {"CN": ["Facebook"]},
    }
    opened, shut = (
        {
            g.label: g.size
            for g in groups_of(scenario([], world=world, people=20_000))
            if g.side == "diaspora"
        }
        for world in (lifted, blocked)
    )
    assert opened["US<-CN"] > 300 > LEAST_SIZE >= shut.get("US<-CN", 0)
    assert not any(size > LEAST_SIZE for label, size in opened.items() if "CN" not in label), (
        "no border but China's"
    )


def test_a_platform_too_small_for_the_limit_takes_no_people_from_the_others() -> None:
    """Few people in Nepal use LINE; more people from India there than any diaspora has would not be
    enough of them.
    """
    spec = load("scenarios/cases/np_2025.yaml", people=25_000)
    size = {g.label: g.size for g in groups_of(spec) if g.side == "diaspora"}
    assert size["NP<-IN"] < max(size.values()) < top_size(25_000)


def test_what_relieves_or_promotes_reaches_nobody() -> None:
    """An exemption takes nothing away, so it brings no diaspora into the sample."""
    bridge = dict(
        id="b", instrument="bridge", by="DE", platforms=["WhatsApp", "Telegram"], on="2020-08-02"
    )
    spec = scenario([bridge], people=20_000)
    assert (
        max(g.size for g in sample_groups(spec, make_setting(spec)).groups if g.side == "diaspora")
        <= LEAST_SIZE
    )


def test_all_points_of_a_sweep_over_the_world_have_the_same_diasporas() -> None:
    spec = load("wechat_as_ordered", people=10_000)
    points = [changed(spec, {"world.penetration.US.WeChat.CN": share}) for share in (0.2, 0.9)]
    sizes = [
        {g.label: g.size for g in groups_of(point) if g.side == "diaspora"} for point in points
    ]
    assert sizes[0] == sizes[1]
    # Other people, or another policy: another sample.
    assert groups_of(changed(spec, {"people": 20_000})) != groups_of(spec)
    assert {g.label for g in groups_of(changed(spec, {"policies.wechat-ban.by": "IN"}))} != set(
        sizes[0]
    )


def drawn_groups(spec: Scenario, seed: int) -> dict[str, int]:
    """Return the groups of a member, in order, with their sizes; families have as many as it draws."""
    groups = groups_of(member_spec(spec, seed))
    return {g.label: 0 if g.side == "family" else g.size for g in groups}


@pytest.mark.parametrize("name", SCENARIOS)
def test_all_members_have_the_groups_of_the_scenario_whatever_they_draw(name: str) -> None:
    spec = load(name)
    written = {g.label: 0 if g.side == "family" else g.size for g in groups_of(spec)}
    for seed in (1, 2):  # `.ci/shipped.py` runs six
        assert list(drawn_groups(spec, seed).items()) == list(written.items())


def test_all_members_of_a_point_have_its_groups_whatever_they_draw() -> None:
    """Points that differ in numbers of a policy share the groups; one with another policy has its
    own, which its members share.
    """
    spec = load("great_firewall")
    numbers = [changed(spec, {"policies.vpns.share_closed": share}) for share in (0.5, 0.9)]
    other = changed(spec, {"policies.vpns.by": "RU"})
    found = [
        [list(drawn_groups(point, seed).items()) for seed in (3, 4, 5)]
        for point in (spec, *numbers, other)
    ]
    for members in found:
        assert members[0] == members[1] == members[2]
    assert found[0] == found[1] == found[2] != found[3]


def test_a_group_of_users_stays_where_a_draw_leaves_nobody_for_it() -> None:
    """In some draws, people from China use Baidu as much as all of the United States do."""
    spec, users = load("baidu_ban", people=2_500), {}
    for seed in range(1, 7):
        member = member_spec(spec, seed)
        world = make_world(member, seed)
        at = next(at for at, g in enumerate(world.groups) if g.label == "US:users")
        users[seed] = world.groups[at]
        baidu = 1 << world.setting.platforms.index("Baidu")
        assert (world.first["member"][world.first["group"] == at] & baidu != 0).all()
    assert len({group.size for group in users.values()}) == 1
    real = sorted(group.people for group in users.values())
    assert real[0] == pytest.approx(1.0)
    assert real[-1] > 1_000


def groups_of(spec: Scenario) -> list[Stratum]:
    return sample_groups(spec, make_setting(spec)).groups


def test_a_larger_share_of_the_sample_goes_apart_only_where_residents_do_not_do() -> None:
    def apart(people: int, target: str) -> set[str]:
        spec = scenario([block(targets=[target])], people=people)
        return {g.label for g in groups_of(spec) if g.community == USERS}

    assert apart(20_000, "WhatsApp") == apart(100_000, "TikTok") == set()
    assert apart(20_000, "WeChat") == apart(100_000, "QQ") == {"US:users"}
    assert floors_for([], 10_000) == ({}, {}, {})


SHARES = {"rare": 0.004, "common": 0.3, "other": 0.05}
RULES = {
    "people.activity": 0.5,
    "people.homophily": 0.5,
    "people.youth_activity": 0.5,
    "people.community_size": 150,
    "circumvention.skill_correlation": 0.6,
    "circumvention.skill_youth": 0.6,
    "circumvention.effort_spread": 1.0,
}


def people_of(
    group: Stratum, shares: dict[str, float]
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return who holds each platform, who a VPN, and how easy workarounds are for them."""
    lean = np.array([[0.1, math.nan, -0.3]])
    held = Holdings(
        np.array([[shares[name] for name in SHARES]]),
        np.array([0.1]),
        np.zeros((1, 3)),
        lean,
        np.array([0.5]),
        np.zeros(3, bool),
        age_steps(np.ones((1, 101))),
    )
    people = make_people([group], [0], held, RULES, 7)
    on = {name: people.member >> p & 1 == 1 for p, name in enumerate(SHARES)}
    return on, people.vpn == 1, -np.log(people.effort)


def test_users_sampled_apart_are_those_who_would_use_it_anyway() -> None:
    """As active, as able, on the same other platforms as the users in a plain sample of a hundred
    times the size.
    """
    plain = Stratum("US", "US", people=3e8, size=600_000)
    on, vpn, ease = people_of(plain, SHARES)
    users = on["rare"]
    leaning = {
        name: leaning_of(lean, RULES)
        for name, lean in zip(SHARES, (0.1, math.nan, -0.3), strict=True)
    }
    tail, uses = users_apart(SHARES, ["rare"], leaning, (0.1, holding_of(RULES)))
    assert tail.share == pytest.approx(0.004) and uses["rare"] == pytest.approx(1.0)
    group = Stratum("US", "US", "resident", USERS, tail.share * 3e8, 6_000, uses, tail)
    here, has_vpn, able = people_of(group, uses)
    assert here["rare"].all()
    for name in ("common", "other"):
        assert here[name].mean() == pytest.approx(on[name][users].mean(), abs=0.03), name
    assert here["common"].mean() > SHARES["common"] + 0.15, (
        "who is on a rare platform is on many others"
    )
    assert able.mean() == pytest.approx(ease[users].mean(), abs=0.06) and able.mean() > 0.5
    assert has_vpn.mean() == pytest.approx(vpn[users].mean(), abs=0.03) and has_vpn.mean() > 0.2, (
        "of all, one in ten has"
    )
    assert able.std() == pytest.approx(ease[users].std(), abs=0.05)


def test_users_of_several_platforms_are_all_in_one_group() -> None:
    shares = {"a": 0.002, "b": 0.001, "c": 0.5}
    leaning = dict.fromkeys(shares, leaning_of(math.nan, RULES))
    tail, uses = users_apart(shares, ["a", "b"], leaning, (0.1, holding_of(RULES)))
    assert tail.share == pytest.approx(1 - 0.998 * 0.999)
    assert uses["a"] * tail.share == pytest.approx(0.002) and uses[
        "b"
    ] * tail.share == pytest.approx(0.001)
    # By hand for the third: leaning of two platforms share activity alone here, with correlation
    # 0.5 x 0.5.
    depth = [NormalDist().inv_cdf(1 - tail.share * (k + 0.5) / 200) for k in range(200)]
    expected = np.mean([NormalDist().cdf((0.25 * d - 0.0) / math.sqrt(1 - 0.25**2)) for d in depth])
    assert uses["c"] == pytest.approx(expected)


def test_friends_of_users_apart_are_other_residents() -> None:
    world: World = make_world(load("wechat_as_ordered", people=10_000), 1)
    labels = [g.label for g in world.groups]
    group, users, us = world.first["group"], labels.index("US:users"), labels.index("US")
    owner = np.repeat(group, np.diff(world.ties.start))
    met = group[world.ties.packed >> 1]
    of_users = met[owner == users]
    assert (of_users == us).mean() > 0.95
    per_person = np.diff(world.ties.start)
    assert per_person[group == users].mean() == pytest.approx(
        per_person[group == us].mean(), rel=0.1
    )
    assert (met[owner == us] == users).mean() < 0.01, (
        "one resident stands for many: they are met as rarely as in fact"
    )


def test_a_diaspora_that_weighs_too_much_gets_more_members() -> None:
    heavy = Corridor("KZ", "RU", people=2_100_000.0, relevant=True, exposed=10.0, least=240)
    light = Corridor("US", "RU", people=400_000.0, relevant=True, exposed=100_000.0)
    found = {c.residence: n for c, n in size_diasporas([heavy, light], 1.7, 100_000, 2_000)}
    assert found == {"KZ": 240, "US": 2_000}

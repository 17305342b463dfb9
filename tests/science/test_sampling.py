"""What a sample says: error falls with the number of people, and oversampling a group changes
nothing but precision.
"""

from __future__ import annotations

import math
from functools import cache
from statistics import fmean, stdev

import numpy as np
import pytest
from conftest import block, scenario

from splinternet.core.chance import Purpose
from splinternet.engine.model import Model
from splinternet.scenario import Scenario
from splinternet.world import sampling
from splinternet.world.build import World, make_world
from splinternet.world.groups import Corridor, choose_corridors
from splinternet.world.people import uniform_draws
from splinternet.world.sampling import (
    LEAST_SIZE,
    OTHER_SIZE,
    platforms_concerned,
    size_diasporas,
    top_size,
)

SEEDS = range(1, 15)


def slope(sizes: list[int], errors: list[float]) -> float:
    """Return the exponent of a power law through the points."""
    return float(np.polyfit(np.log(sizes), np.log(errors), 1)[0])


def family_ban() -> Scenario:
    return scenario([block(on="2020-08-02")], people=25_000, days=4)


def lost_share(world: World, seed: int) -> float:
    """Share of the China-born in the US without a channel to their family two days after a block of
    WeChat.
    """
    model = Model(world.spec, rng=seed, world=world, metrics=(), collect=False)
    model.run_for(4)
    return model.family_contact_lost("US<-CN")


def world_of(size: int, seed: int) -> World:
    """Return a world in which the diaspora that is exposed most, the China-born in the US, has so
    many members.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sampling, "_latest", [])  # the plan of another size is of no use
        patch.setattr(sampling, "top_size", lambda people: size)
        return make_world(family_ban(), seed)


@cache
def kin_and_loss(size: int, seed: int) -> tuple[float, float]:
    """Return kin of each of the China-born in the US, where so many are simulated, and the share
    that loses contact.
    """
    world = world_of(size, seed)
    assert next(g.size for g in world.groups if g.label == "US<-CN") == size
    return _kin_per_member(world), lost_share(world, seed)


def test_monte_carlo_error_of_family_contact_falls_with_the_size_of_the_group() -> None:
    sizes = [160, 2_560]
    errors = [stdev(kin_and_loss(size, seed)[1] for seed in SEEDS) for size in sizes]
    # Of 14 seeds each, a slope is known to within 0.1 (standard error).
    assert slope(sizes, errors) == pytest.approx(-0.5, abs=0.2)


def test_oversampling_a_group_changes_neither_kin_nor_the_headline() -> None:
    (few_kin, few_lost), (many_kin, many_lost) = (
        zip(*(kin_and_loss(size, seed) for seed in SEEDS), strict=True) for size in (160, 2_560)
    )
    assert fmean(many_kin) == pytest.approx(fmean(few_kin), rel=0.02)
    error = math.hypot(
        *(stdev(values) / math.sqrt(len(values)) for values in (few_lost, many_lost))
    )
    assert fmean(many_lost) == pytest.approx(fmean(few_lost), abs=2.5 * error)


def _kin_per_member(world: World) -> float:
    group = [g.label for g in world.groups].index("US<-CN")
    of_group = world.first["group"][world.ties.diaspora_end] == group
    return float(of_group.sum() / world.groups[group].size)


def test_friends_of_a_diaspora_do_not_depend_on_its_sample() -> None:
    """A resident, who stands for many, meets an oversampled diaspora as often as it is met in fact."""
    shares = []
    for size in (200, 2_000):
        world = world_of(size, 1)
        labels = [g.label for g in world.groups]
        us, cn = labels.index("US"), labels.index("US<-CN")
        group = world.first["group"]
        owner = np.repeat(group, np.diff(world.ties.start))
        met = group[world.ties.packed >> 1]
        shares.append(float((met[owner == us] == cn).mean()))
    # Under 1 % of the people of the US were born in China; few ties make the estimate rough.
    assert shares[1] < 0.01
    assert shares[1] == pytest.approx(shares[0], abs=0.003)


def test_a_world_stands_for_all_internet_users_and_small_groups_are_large_enough() -> None:
    world = make_world(family_ban(), 1)
    for state, users in world.setting.users.items():
        people = sum(g.people for g in world.groups if g.home == state)
        assert people == pytest.approx(users, rel=0.01), state
    assert all(g.size >= OTHER_SIZE for g in world.groups)
    assert next(g for g in world.groups if g.label == "US<-CN").size >= 1_000
    assert len(world.first) == pytest.approx(world.spec.people, rel=0.05)


def diasporas() -> list[Corridor]:
    """Return a few diasporas: three that a policy can hit by 4 to 2 to 1, a small one, and one out
    of reach.
    """
    return [
        Corridor("US", "CN", people=1_980_000.0, relevant=True, exposed=1_600_000.0),
        Corridor("CA", "CN", people=600_000.0, relevant=True, exposed=400_000.0),
        Corridor("AU", "CN", people=500_000.0, relevant=True, exposed=100_000.0),
        Corridor("CN", "US", people=900.0, named=True, relevant=True, exposed=20.0),
        Corridor("BR", "US", people=210_000.0, relevant=False),
    ]


def test_diasporas_are_sampled_by_the_root_of_how_many_can_be_hit() -> None:
    for people in (50_000, 100_000, 1_000_000):
        top, grown = top_size(people), max(1, people // 100_000)
        found = {c.residence: n for c, n in size_diasporas(diasporas(), 1.7, people, top)}
        assert found["US"] == top == {50_000: 1_587, 100_000: 2_000, 1_000_000: 20_000}[people]
        assert found["CA"] == top // 2 and found["AU"] == top // 4, (
            "a quarter of the people, half of the sample"
        )
        assert found["BR"] == OTHER_SIZE * grown
        assert found["CN"] == min(LEAST_SIZE * grown, 900), "never more than there are"


def test_a_small_world_keeps_the_diasporas_that_are_hit_most() -> None:
    many = [
        Corridor("US", f"{k:02}", people=50_000.0, relevant=True, exposed=40_000.0 / (k + 1))
        for k in range(60)
    ]
    kept = size_diasporas(many, 1.7, 20_000, top_size(20_000))
    sizes = [n for _, n in kept]
    assert sum(sizes) * 2.7 <= 0.6 * 20_000 + 2.7
    assert 20 < len(kept) < 60 and {c.origin for c, _ in kept} == {
        f"{k:02}" for k in range(len(kept))
    }
    assert sizes == sorted(sizes, reverse=True) and min(sizes) >= LEAST_SIZE


def test_the_smallest_world_has_the_diaspora_that_is_hit_most_and_no_more_of_it_than_it_has_room_for() -> (
    None
):
    hit = Corridor("US", "CN", people=2.1e6, relevant=True, exposed=1.5e6, least=400)
    own = [
        Corridor(state, "US", people=2e5, relevant=True, largest=True, exposed=2e3)
        for state in ("DE", "GB", "CA")
    ]
    kept = size_diasporas([*own, hit], 1.7, 1_000, top_size(1_000))
    assert kept[0][0] is hit, "it comes before those whom the acting state has abroad"
    assert kept[0][1] > 200 and sum(n for _, n in kept) * 2.7 <= 600 + 2.7


def test_only_the_pairs_that_a_scenario_can_touch_and_the_large_ones_are_simulated() -> None:
    stock = {
        ("US", "CN"): 2.2e6,
        ("CN", "US"): 1_400.0,
        ("RU", "CN"): 60_000.0,
        ("DE", "TR"): 1.7e6,
        ("TR", "US"): 9e3,
    }
    online = dict.fromkeys(("US", "CN", "RU", "DE", "TR"), 0.9)
    found = {
        (c.residence, c.origin): c
        for c in choose_corridors(stock, online, frozenset({"US"}), frozenset())
    }
    # The largest diasporas of a state that acts are there, however small; the others from 10,000 or
    # 200,000 people on.
    assert set(found) == {("US", "CN"), ("CN", "US"), ("DE", "TR"), ("TR", "US")}
    assert found["US", "CN"].relevant and not found["DE", "TR"].relevant
    assert found["US", "CN"].people == pytest.approx(1_980_000)


def test_penetration_is_met_and_people_who_talk_share_platforms() -> None:
    world = make_world(scenario(people=60_000), 1)
    platforms, facts = world.setting.platforms, world.setting.facts
    state = world.first["state"]
    weight = np.array([g.weight for g in world.groups])[world.first["group"]]
    for code, name in (
        ("US", "TikTok"),
        ("US", "WeChat"),
        ("CN", "WeChat"),
        ("RU", "VKontakte"),
        ("DE", "WhatsApp"),
    ):
        here = state == world.setting.states.index(code)
        on = (world.first["member"][here] >> platforms.index(name)) & 1
        share = float((on * weight[here]).sum() / weight[here].sum())
        # Families that keep a second channel add a little to the platform they share.
        assert share == pytest.approx(facts.penetration[code, name].value, rel=0.06, abs=0.002), (
            code,
            name,
        )
    _friends_agree(world, "US", "Twitter")


def _friends_agree(world: World, code: str, name: str) -> None:
    bit = 1 << world.setting.platforms.index(name)
    group = [g.label for g in world.groups].index(code)
    people = np.flatnonzero(world.first["group"] == group)
    on = (world.first["member"] & bit) != 0
    friends = [on[j] for i in people if on[i] for j, _ in world.ties.of(int(i))]
    assert np.mean(friends) > 1.15 * on[people].mean()


def test_multi_homing_is_near_the_measured_one() -> None:
    """Germany 2019: 65 % of messenger users use two or more (Bundesnetzagentur)."""
    world = make_world(scenario(people=60_000), 1)
    group = [g.label for g in world.groups].index("DE")
    member = world.first["member"][world.first["group"] == group]
    kinds = [world.setting.platform_facts[p].kind for p in world.setting.platforms]
    held = sum(((member >> i) & 1) for i, kind in enumerate(kinds) if kind == "messenger")
    assert (held >= 2).sum() / (held >= 1).sum() == pytest.approx(0.65, abs=0.1)


def test_only_iphones_hold_or_take_up_what_runs_on_iphones_alone() -> None:
    spec = scenario([block(on="2020-08-02", technique="dpi")], people=20_000, days=40)
    model = Model(spec, rng=1, collect=False)
    bit = 1 << model.setting.platforms.index("iMessage")
    assert model.columns.apple_only == bit
    draw = uniform_draws(1, Purpose.DEVICE, np.arange(len(model.person)))
    android = draw >= model.setting.ios_share[model.person["state"]]
    before = int((model.person["member"] & bit != 0).sum())
    share = float((model.person["member"] & bit != 0)[residents(model, "US")].mean())
    assert share == pytest.approx(model.setting.facts.penetration["US", "iMessage"].value, rel=0.03)
    model.run_for(40)
    holds = model.person["member"] & bit != 0
    assert not (holds & android).any()
    assert int(holds.sum()) > before, "some of those who lost WeChat turn to it"


def residents(model: Model, code: str) -> np.ndarray:
    """Return whether each person is of the residents of a state."""
    return np.asarray(model.person["group"] == [g.label for g in model.world.groups].index(code))


def test_people_of_the_state_that_an_owner_leaves_are_simulated() -> None:
    leaves = {
        "id": "leaves",
        "instrument": "withdrawal",
        "by": "US",
        "from": "KR",
        "targets": ["KakaoTalk"],
    }
    spec = scenario([{**leaves, "on": "2020-08-05"}], people=2_000)
    here = {
        group.label: group.size for group in make_world(spec, 1).groups if group.side == "resident"
    }
    assert here["KR"] > here["US"] > 0, "though the United States have six times as many users"
    assert platforms_concerned(spec, make_world(spec, 1).setting) == [("KR", "KakaoTalk")]

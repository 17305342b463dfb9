"""The first day is that of its tables: who talks how often, who uses what, and which kin share a
second platform.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from splinternet.core.chance import Purpose, stream, uniform_plain
from splinternet.scenario import load
from splinternet.world.build import World, make_world
from splinternet.world.people import uniform_draws, youth_of

HABITS = {"weekly_or_more": "often", "weekly": "weekly", "monthly": "monthly"}
"""Shares of members and how often they talk, by the names of the parameters."""
CASES = [
    ("wechat_as_ordered", 0.6),
    ("wechat_as_ordered", 0.3),
    ("great_firewall", 0.3),
    ("russia_cut_off", 0.6),
]


@cache
def world_of(name: str, only_channel: float, seed: int = 1) -> World:
    return make_world(
        load(name, people=20_000, overrides=[f"ties.only_channel={only_channel}"]), seed
    )


def able(world: World, rows: np.ndarray, group: int, platform: int) -> int:
    """Return how many people of a group can hold a platform at all: by their phones, and by VPN or
    provider.
    """
    state = world.setting.states.index(world.groups[group].home)
    hidden = 1.0 - world.access.reach.max(axis=2)[state, platform]
    found = np.ones(rows.size, bool)
    if hidden > 0:
        found &= (world.first["vpn"][rows] == 1) | (
            uniform_draws(world.seed, Purpose.PROVIDER_LUCK, rows) >= hidden
        )
    if world.columns.apple_only >> platform & 1:
        key = int(stream(world.seed, Purpose.DEVICE))
        found &= (
            np.array([uniform_plain(key, int(i)) for i in rows]) < world.setting.ios_share[state]
        )
    return int(found.sum())


@pytest.mark.parametrize(("name", "only_channel"), CASES)
def test_every_cell_of_the_first_day_is_that_of_its_table(name: str, only_channel: float) -> None:
    world = world_of(name, only_channel)
    table, member, short = world.sample.penetration, world.first["member"], 0
    for g, group in enumerate(world.groups):
        rows = np.flatnonzero(world.first["group"] == g)
        for p, platform in enumerate(world.setting.platforms):
            held, asked = int((member[rows] >> p & 1).sum()), round(float(table[g, p]) * group.size)
            if (
                held != asked
            ):  # nobody more can hold it: too few of its phones, or of ways round a block
                assert held == able(world, rows, g, p) < asked, (group.label, platform)
                short += 1
    assert short < 0.01 * table.size


def channels(world: World, label: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the kin ties of a diaspora that have several channels, and that have any, of those
    between the two.
    """
    g = [group.label for group in world.groups].index(label)
    a, b = world.ties.diaspora_end, world.ties.family_end
    here = world.first["group"][a] == g
    both = (
        world.first["member"][a]
        & world.first["member"][b]
        & world.first["abroad"][a]
        & world.first["abroad"][b]
    )
    both = both[here] & world.columns.talk_bits
    return both & (both - 1) != 0, both != 0


def test_kin_have_a_second_channel_as_the_share_says_where_there_are_users_enough() -> None:
    for only_channel in (0.3, 0.6, 0.9):
        world = world_of("wechat_as_ordered", only_channel)
        several, some = channels(world, "US<-CN")
        # In a family of several channels all ties have a second one, but those whose first is
        # missing at one end.
        assert several.sum() / some.sum() == pytest.approx(1 - only_channel, abs=0.1), only_channel


def test_quotas_limit_second_channels() -> None:
    several, some = channels(world_of("wechat_as_ordered", 0.3), "CN<-US")
    assert 0 < several.sum() < 0.6 * 0.7 * some.sum(), (
        "few Americans in China use anything that their families use, too"
    )


def test_who_has_a_second_channel_at_one_share_of_single_ones_has_it_at_a_lower_one() -> None:
    few, many = (
        channels(world_of("wechat_as_ordered", share), "US<-CN")[0] for share in (0.6, 0.3)
    )
    assert (many[few]).mean() > 0.97


def test_a_second_channel_leaves_an_audience_as_young_as_it_was() -> None:
    # Against a world in which all families have one channel.
    means = []
    for share in (1.0, 0.6):
        world = world_of("wechat_as_ordered", share)
        g = [group.label for group in world.groups].index("US<-CN")
        rows = np.flatnonzero(world.first["group"] == g)
        youth = youth_of(world.seed, int(rows[0]), rows.size)
        on = [
            world.first["member"][rows] >> world.setting.platforms.index(p) & 1 == 1
            for p in ("QQ", "Weibo")
        ]
        means.append([youth[users].mean() for users in on])
    assert means[0] == pytest.approx(means[1], abs=0.05)


def test_a_member_talks_with_all_kin_abroad_as_often_as_the_survey_says() -> None:
    world = world_of("wechat_as_ordered", 0.6)
    q, ends = world.setting.parameters, world.ties.diaspora_end
    everybody = np.bincount(ends, weights=world.ties.conversations)[np.unique(ends)] * 30
    kinds = [(q[f"contact.{name}"], q[f"contact.talks_{talks}"]) for name, talks in HABITS.items()]
    for share, talks in kinds:
        found = np.isclose(everybody, talks, rtol=1e-4).mean()
        assert found == pytest.approx(
            share, abs=3 * np.sqrt(share * (1 - share) / everybody.size)
        ), talks
    rest = 1 - sum(share for share, _ in kinds)
    expected = sum(share * talks for share, talks in kinds) + rest * q["contact.talks_rarely"]
    assert everybody.mean() == pytest.approx(expected, rel=0.05)

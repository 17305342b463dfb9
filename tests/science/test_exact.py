"""What must hold exactly: zero effects, identical arms, the same bytes whatever does the work, and
cases by hand.
"""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest
from conftest import AT_ONCE, NOBODY_JOINS, Keys, block, cell, same, scenario

from splinternet.engine.model import Model
from splinternet.experiments.pairs import arm_data, run_pair
from splinternet.people import visit as day
from splinternet.people.access import moved, only_ages, open_table
from splinternet.people.contact import find_channels
from splinternet.people.state import count_all, empty_counts
from splinternet.results.panel import Pair
from splinternet.scenario import load
from splinternet.world.build import make_world


def assert_same(one: Pair, other: Pair) -> None:
    """Assert that two members hold the same values, bit for bit."""
    assert all(mine.same_as(theirs) for mine, theirs in zip(one, other, strict=True))


NO_WAY_ROUND = {
    "technique.dpi.coverage": 1,
    "technique.dpi.vpn_share": 0,
    **NOBODY_JOINS,
    **AT_ONCE,
}
"""A full block through which no VPN works, in a world where nobody moves to another platform."""
NOBODY_MEETS = {"choice.invite_acceptance": 0, "choice.late_acceptance": 0, "kin.ready_days": 1_000}
"""Nobody finds kin again on what both have already."""


def test_no_policy_has_no_effect() -> None:
    baseline, policy = run_pair(scenario(), 1)
    assert same(baseline, policy)


def test_a_still_world_stays_still() -> None:
    baseline, _ = run_pair(scenario(days=365), 1)
    users = baseline.arrays["active_users"]
    assert np.array_equal(users[0], users[-1])


def test_a_policy_that_touches_nobody_has_no_effect() -> None:
    # Nobody in Brazil uses a platform that nobody uses.
    spec = scenario(
        [block(by="BR", targets=["Nowhere"])],
        world={"platforms": {"Nowhere": {"owner": "Nobody", "home": "US", "kind": "feed"}}},
    )
    baseline, policy = run_pair(spec, 1)
    assert same(baseline, policy)


def test_before_the_announcement_the_arms_are_identical() -> None:
    spec = scenario([block(announced="2020-08-21", on="2020-08-31")])
    baseline, policy = run_pair(spec, 1)
    days = slice(0, 20)
    for metric in (
        "active_users",
        "vpn_users",
        "family_contact_lost_people",
        "installs",
        "consumer_surplus_lost",
    ):
        assert np.array_equal(baseline.arrays[metric][days], policy.arrays[metric][days])
    assert not np.array_equal(baseline.arrays["active_users"], policy.arrays["active_users"])


def test_the_order_of_policies_in_the_file_does_not_matter() -> None:
    one, two = (
        block(id="one"),
        block(id="two", technique="isp", targets=["WeChat", "QQ"], on="2020-08-15"),
    )
    _, forward = run_pair(scenario([one, two]), 1)
    _, backward = run_pair(scenario([two, one]), 1)
    assert same(forward, backward)


@pytest.mark.parametrize(("threads", "at_a_time"), [(2, 2_048), (3, 64), (8, 700)])
def test_one_thread_and_several_give_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, threads: int, at_a_time: int
) -> None:
    spec = scenario([block(targets=["WhatsApp", "iMessage", "Facebook"])], days=40)
    alone = run_pair(spec, 1, threads=1)
    monkeypatch.setattr(day, "MANY_VISITS", 1)
    monkeypatch.setattr(day, "AT_A_TIME", at_a_time)
    assert_same(run_pair(spec, 1, threads=threads), alone)


def test_a_world_is_the_same_for_any_number_of_threads() -> None:
    spec = scenario([block()], people=20_000)
    one, three = make_world(spec, 1), make_world(spec, 1, threads=3)
    assert np.array_equal(one.first, three.first)
    assert all(
        np.array_equal(table, vars(three.ties)[name]) for name, table in vars(one.ties).items()
    )


def test_running_counts_agree_with_a_fresh_count() -> None:
    model = Model(
        scenario([block(targets=["WhatsApp", "Facebook"], until="2020-09-10")]), collect=False
    )
    for _ in range(12):
        model.run_for(5)
        fresh = empty_counts(len(model.world.groups), len(model.setting.platforms))
        model._open_people(True)  # kernels are compiled for tables that can be written
        count_all(model.context(), fresh)
        for name in ("using", "dead", "use", "week", "vpn", "surplus"):
            assert np.array_equal(getattr(fresh, name), getattr(model.counts, name)), name


REMOVED = dict(id="gone", by="US", instrument="store_removal", targets=["WeChat"], on="2020-08-05")
"""After an app has left the stores, the hazard of having lost it grows every day."""


@pytest.mark.parametrize("removed", [[], [REMOVED]], ids=["a block", "and a removal"])
def test_channels_found_where_somebody_changed_are_those_found_afresh(removed: list[Keys]) -> None:
    model = Model(
        scenario([block(by="CN", targets=["WhatsApp", "WeChat"]), *removed]), rng=1, collect=False
    )
    moved = agreed = 0
    for _ in range(60):
        before = model.kin.channels.copy()
        model.step()
        found = model.kin.channels.copy()
        moved += int((before != found).sum())
        agreed += int((model.kin.agreed >= 0).sum())
        model._open_people(True)  # kernels are compiled for tables that can be written
        find_channels(model.kin, model.context())
        assert np.array_equal(model.kin.channels, found)
    assert moved > 100 and agreed > 10


@pytest.mark.parametrize(
    ("column", "was", "now", "ages"),
    [
        ("install_hazard", 0.1, 0.2, True),
        ("install_hazard", 0.0, 0.2, False),  # the app leaves the stores today
        ("install_hazard", 0.2, 0.0, False),
        ("install_rate", 0.1, 0.2, False),
        ("silenced", 0.1, 0.2, False),
        ("penalty", 0.1, 0.2, False),
    ],
)
def test_growing_older_is_the_hazard_of_what_had_left_the_stores(
    column: str, was: float, now: float, ages: bool
) -> None:
    one, other = open_table(3, 4), open_table(3, 4)
    getattr(one, column)[1], getattr(other, column)[1] = was, now
    assert only_ages(one, other, moved(one, other)) is ages


def test_invariants_hold_every_day() -> None:
    model = Model(
        scenario([block(targets=["WhatsApp", "Facebook"], until="2020-09-10")]), collect=False
    )
    for _ in range(60):
        heard = model.agenda.circle_changed != 0
        model.step()
        person = model.person
        assert not (person["using"] & ~person["member"]).any(), "in use but not held"
        assert not (person["member"] & person["lapsed"]).any(), "held and given up at once"
        assert not (model.condition("stuck") & ~person["member"]).any(), "failing but not held"
        assert (model.agenda.wake > model.day)[heard].all(), "a review left behind"
        shares = model.record.today("family_contact_lost")
        assert np.nanmin(shares) >= 0 and np.nanmax(shares) <= 1
        assert not np.isnan(model.record.today("active_users")).any()
        assert (model.contact.without <= model.contact.members).all()
        assert (model.contact.lost <= model.contact.out).all()
        so_far = model.lost_so_far
        assert (so_far.month <= so_far.week).all() and (so_far.week <= so_far.ever).all()
        assert (so_far.cut_off <= so_far.ever).all()
        assert (model.contact.entirely <= so_far.cut_off).all()
        assert (so_far.ever <= so_far.had).all() and (model.contact.without <= so_far.ever).all()


@cache
def cut_off() -> Model:
    """Return a world on the fifteenth day, five days after a full block without a way round."""
    spec = scenario([block()], days=15, people=20_000, parameters=NO_WAY_ROUND | NOBODY_MEETS)
    model = Model(spec, rng=1, collect=False)
    model.run_for(15)
    return model


def test_a_full_block_without_a_way_round_cuts_exactly_the_ties_without_another_channel() -> None:
    model, world = cut_off(), cut_off().world
    wechat = 1 << world.setting.platforms.index("WeChat")
    us, cn = (world.setting.states.index(code) for code in ("US", "CN"))
    first, state = model.kin.first, world.first["state"]
    touches_us = (state[model.kin.diaspora_end] == us) | (state[model.kin.family_end] == us)
    expected = touches_us & (first != 0) & (first & ~wechat == 0)
    out = (first != 0) & (model.kin.channels == 0)
    assert expected[state[model.kin.family_end] == cn].sum() > 100
    assert np.array_equal(out, expected)
    assert np.array_equal(model.kin.out_days[expected], np.full(expected.sum(), 5))


def test_one_person_one_tie_one_platform_by_hand() -> None:
    """Two relatives who share WeChat alone; the emigrant's app is cut on day 2 with no way round."""
    spec = scenario(
        [block(on="2020-08-03")], days=33, people=3_000, parameters=NO_WAY_ROUND | NOBODY_MEETS
    )
    world = make_world(spec, 1)
    wechat = 1 << world.setting.platforms.index("WeChat")
    labels = [g.label for g in world.groups]
    tie = next(
        k
        for k, (a, b) in enumerate(zip(world.ties.diaspora_end, world.ties.family_end, strict=True))
        if world.first["group"][a] == labels.index("US<-CN")
        and world.first["group"][b] == labels.index("family:US<-CN")
    )
    a, b = world.ties.diaspora_end[tie], world.ties.family_end[tie]
    first = world.first.copy()
    first["member"] = 0
    for person in (a, b):
        first["member"][person] = wechat
    model = Model(spec, rng=1, world=dataclasses.replace(world, first=first), collect=False)
    days = []
    for _ in range(8):
        model.step()
        days.append(
            (
                bool(model.kin.channels[tie]),
                int(model.kin.out_days[tie]),
                int(model.contact.without.sum()),
            )
        )
    # Two people, one at each end, are without contact from the third day on; the counter runs.
    assert days == [(True, 0, 0), (True, 0, 0)] + [(False, n, 2) for n in range(1, 7)]
    assert model.person["using"][a] == 0 and model.person["using"][b] == wechat
    # A week is full on the ninth day and a month on the 32nd, for the one person of each group who
    # ever had a channel.
    model.run_for(25)
    for group in ("US<-CN", "family:US<-CN"):
        ever, week, month, per_member = (
            cell(arm_data(model), name, group).tolist()
            for name in (
                "family_contact_ever_lost",
                "family_contact_lost_7d",
                "family_contact_lost_30d",
                "contact_days_lost_per_member",
            )
        )
        assert ever == [0.0] * 2 + [1.0] * 31
        assert week == [0.0] * 8 + [1.0] * 25
        assert month == [0.0] * 31 + [1.0] * 2
        assert per_member == [0.0] * 2 + list(range(1, 32))


def test_every_file_with_kernels_is_in_the_digest_of_the_compiled_code() -> None:
    from pathlib import Path

    from splinternet.core.kernels import WITH_KERNELS

    root = Path(load.__code__.co_filename).parents[1]
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "@kernel" in text or "@leaf" in text:
            place = path.relative_to(root)
            assert {place.parts[0], place.as_posix()} & set(WITH_KERNELS), path


def test_what_was_closed_before_is_no_loss_today() -> None:
    """The Emirates let WhatsApp carry no calls; a bridge in the United States makes people look,
    and nobody moves.
    """
    model = Model(load("wechat_with_bridge", people=4_000, days=150), rng=1, collect=False)
    model.run_for(150)
    users = model.record.arrays["active_users"][:, model.setting.states.index("AE")]
    assert users[0, model.setting.platforms.index("BOTIM")] > 0
    assert np.abs(users[-1] - users[0]).max() <= 0.002 * users[0].max()

"""The family end: fear of contact abroad, and store accounts that migrants keep."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from conftest import AT_ONCE, NOBODY_JOINS, block, scenario

from splinternet.engine.model import Model
from splinternet.facts.people import Watched, is_watched
from splinternet.facts.tables import read
from splinternet.world.build import World, make_world
from splinternet.world.ties import households

SHUT = {"technique.dpi.coverage": 1, "technique.dpi.vpn_share": 0} | AT_ONCE
STORES = dict(id="stores", instrument="store_removal", by="US", targets=["WeChat"], on="2020-08-03")
TIBETANS = {
    "CN": {"Tibetans": {"share": 0.005, "platforms": {"WeChat": 0.9}, "diaspora": {"IN": 72_000}}}
}


@cache
def lived(fear: float, telephone: float = 0.0) -> Model:
    """Return a world fifty days after WeChat is cut off in the United States, with some households
    afraid.
    """
    parameters = SHUT | {"fear.kin_contact": fear, "fear.kin_telephone": telephone}
    model = Model(scenario([block()], people=4_000, parameters=parameters), collect=False)
    model.run_for(60)
    return model


def of_chinese_abroad(model: Model) -> np.ndarray:
    g = [group.label for group in model.world.groups].index("US<-CN")
    return (model.kin.group[:, 0] == g) & (model.kin.first != 0)


def test_who_is_afraid_takes_up_nothing_that_was_no_channel_before() -> None:
    model = lived(0.5)
    kin, afraid = model.kin, model.world.bonds.afraid
    assert (kin.channels[afraid] & ~kin.first[afraid] == 0).all()
    chinese = of_chinese_abroad(model)
    only_wechat = chinese & (kin.first == 1 << model.setting.platforms.index("WeChat"))
    assert (only_wechat & afraid).sum() > 10
    assert (kin.channels[only_wechat & afraid] == 0).all(), (
        "although there is another channel for others"
    )
    assert (kin.channels[only_wechat & ~afraid] != 0).mean() > 0.5


def test_more_fear_never_shortens_a_loss() -> None:
    """Pair by pair, by the same luck: who is afraid at a lower share is so at a higher one."""
    none, some, more = lived(0.0), lived(0.2), lived(0.5)
    chinese = of_chinese_abroad(none)
    assert (none.world.bonds.afraid <= some.world.bonds.afraid).all()
    out = [int((model.kin.channels[chinese] == 0).sum()) for model in (none, some, more)]
    assert out[0] < out[1] < out[2]


def test_fear_may_end_calls_too() -> None:
    silent, calling = lived(0.5, 1.0), lived(0.5, 0.0)
    assert (silent.contact.without == calling.contact.without).all()
    assert silent.contact.entirely.sum() > calling.contact.entirely.sum()


def world_of(**parameters: float) -> World:
    changed = {name.replace("__", "."): value for name, value in parameters.items()}
    return make_world(
        scenario([block()], people=4_000, parameters=changed, world={"communities": TIBETANS}), 1
    )


def test_a_household_is_afraid_as_a_whole_and_as_many_are_as_stated() -> None:
    world = world_of(fear__kin_contact=0.3, fear__kin_contact_watched=0.3)
    home = households(
        world.ties.family_end, world.groups, world.setting.parameters["ties.kin_abroad"]
    )
    by_home = [world.bonds.afraid[home == one] for one in np.unique(home)]
    assert all(found.all() or not found.any() for found in by_home)
    assert np.mean([found[0] for found in by_home]) == pytest.approx(0.3, abs=0.05)


def test_more_break_off_where_contact_abroad_is_watched() -> None:
    world = world_of(fear__kin_contact=0.0, fear__kin_contact_watched=0.6)
    watched = np.array([is_watched(group.home, group.community) for group in world.groups])
    theirs = watched[world.first["group"][world.ties.family_end]]
    assert theirs.sum() > 20
    assert world.bonds.afraid[theirs].mean() == pytest.approx(0.6, abs=0.2)
    assert not world.bonds.afraid[~theirs].any()


def test_places_that_are_watched_are_states_or_communities_of_states() -> None:
    assert {"CN:Tibetans", "KP"} <= set(read(Watched))
    assert is_watched("KP") and is_watched("CN", "Tibetans")
    assert (
        not is_watched("CN") and not is_watched("US", "Tibetans") and not is_watched("CN", "users")
    )


def in_stores(share: float, **keys: Any) -> Model:
    parameters = NOBODY_JOINS | {
        "delisting.foreign_account": share,
        "delisting.split_days": 5,
        "delisting.sideload_share": 0,
    }
    model = Model(scenario([STORES | keys], people=4_000, parameters=parameters), collect=False)
    model.run_for(60)
    return model


def test_who_keeps_an_account_of_the_store_at_home_keeps_the_app() -> None:
    model = in_stores(0.4)
    names, states = [group.label for group in model.world.groups], model.setting.states
    wechat = 1 << model.setting.platforms.index("WeChat")
    chinese = (model.person["group"] == names.index("US<-CN")) & (
        model.person["first_member"] & wechat != 0
    )
    account = model.person["store"] == states.index("CN")
    assert account[chinese].mean() == pytest.approx(0.4, abs=0.1)
    assert not account[model.person["group"] == names.index("US")].any(), "residents have none"
    lost = model.condition("uninstalled") & wechat != 0
    assert not lost[chinese & account].any()
    assert lost[chinese & ~account].mean() > 0.3


def test_a_removal_from_both_stores_reaches_accounts_too() -> None:
    wechat_gone = {"by": ["US", "CN"]}
    kept, none = in_stores(0.4, **wechat_gone), in_stores(0.0, **wechat_gone)
    assert (kept.condition("uninstalled") == none.condition("uninstalled")).all()


def test_the_more_accounts_the_fewer_families_are_cut_off() -> None:
    def lost(share: float) -> int:
        model = in_stores(share)
        return int((model.kin.first_out[of_chinese_abroad(model)] >= 0).sum())

    assert lost(0.0) > lost(0.4) > lost(1.0) == 0


def test_who_knows_that_the_app_will_go_looks_for_another_before() -> None:
    def new_accounts(ahead: float) -> int:
        """Return people whose app still works and who have taken up another one."""
        parameters = {
            "delisting.foresight_days": ahead,
            "delisting.loss_rate": 0.003,
            "delisting.foreign_account": 0.0,
        }
        model = Model(
            scenario([STORES], people=4_000, days=60, parameters=parameters), collect=False
        )
        model.run_for(60)
        person, wechat = model.person, 1 << model.setting.platforms.index("WeChat")
        here = person["state"] == model.setting.states.index("US")
        works = (person["first_member"] & ~model.condition("uninstalled") & wechat != 0) & here
        return int((person["member"] & ~person["first_member"] != 0)[works].sum())

    assert new_accounts(365.0) > 1.5 * new_accounts(30.0)


CALLS = block(
    by="RU", targets=["WhatsApp", "Telegram", "Viber", "Skype", "VKontakte"], technique="calls_only"
)
"""Russia cuts the calls of its messengers; text gets through."""


@cache
def without_calls(share: float) -> Model:
    """Return a world thirty days after the calls are cut, with a share of the old who only call."""
    fixed = {
        "technique.calls_only.coverage": 1,
        "kin.elder_share": 0.5,
        "fear.kin_contact": 0,
    } | AT_ONCE
    model = Model(
        scenario([CALLS], people=4_000, days=45, parameters=fixed | {"kin.elder_calls": share}),
        collect=False,
    )
    model.run_for(40)
    return model


def test_a_ban_on_calls_cuts_off_kin_who_only_call_and_nobody_else() -> None:
    model = without_calls(1.0)
    kin, russia = model.kin, model.setting.states.index("RU")
    here = (model.person["state"][kin.family_end] == russia) & (kin.first != 0)
    callers, writers = here & kin.calls_only, here & ~kin.calls_only
    assert 0.3 < kin.calls_only[here].mean() < 0.7, (
        "half of the kin left behind are old, and all of them only call"
    )
    lost = [float((kin.channels[who] == 0).mean()) for who in (callers, writers)]
    assert lost[1] < 0.02 < 0.2 < lost[0]
    whatsapp = 1 << model.setting.platforms.index("WhatsApp")
    both = (
        model.person["using"][kin.diaspora_end] & model.person["using"][kin.family_end] & whatsapp
        != 0
    )
    no_vpn = (model.person["vpn"][kin.family_end] == 0) & both & callers
    assert no_vpn.sum() > 10
    assert (kin.channels[no_vpn] & whatsapp == 0).all(), "both use it, and no call gets through"


def test_the_more_only_call_the_more_lose_contact() -> None:
    none, some, all_of_them = (without_calls(share) for share in (0.0, 0.4, 1.0))
    assert not none.kin.calls_only.any()
    assert (some.kin.calls_only <= all_of_them.kin.calls_only).all(), (
        "the same people, by the same luck"
    )
    out = [int((model.kin.first_out >= 0).sum()) for model in (none, some, all_of_them)]
    assert out[0] < out[1] < out[2]

"""How kin find each other again: at both ends or not at all, on something both could know, and
never by a lottery.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import AT_ONCE, NOBODY_JOINS, block, scenario

from splinternet.engine.model import Model
from splinternet.facts import load_facts
from splinternet.facts.platforms import AppScope, languages_of, scope_of
from splinternet.facts.tables import read
from splinternet.people.access import TALK
from splinternet.people.contact import BRIDGED, SUBSTITUTE
from splinternet.world.build import make_world
from splinternet.world.ties import monthly_rate

NO_WAY_ROUND = {"technique.dpi.coverage": 1, "technique.dpi.vpn_share": 0} | AT_ONCE
NOBODY_AGREES = {"choice.invite_acceptance": 0, "choice.late_acceptance": 0}
Parameters = dict[str, float]


def lived(parameters: Parameters, targets: tuple[str, ...] = ("WeChat",), **keys: Any) -> Model:
    """Return a world fifty days after some platforms are cut off in the United States, with no VPN
    that works.
    """
    spec = scenario(
        [block(targets=list(targets))],
        days=60,
        people=6_000,
        parameters=NO_WAY_ROUND | parameters,
        **keys,
    )
    model = Model(spec, collect=False)
    model.run_for(spec.days)
    return model


def of_chinese_abroad(model: Model) -> np.ndarray:
    """Return which kin ties are of people from China in the United States, and had a channel."""
    g = [group.label for group in model.world.groups].index("US<-CN")
    return (model.kin.group[:, 0] == g) & (model.kin.first != 0)


def test_where_nobody_agrees_a_pair_comes_back_only_on_what_both_used_before() -> None:
    model = lived(NOBODY_AGREES | NOBODY_JOINS)
    kin, people = model.kin, model.person
    assert not (people["member"] & ~people["first_member"]).any(), "nobody takes anything up"
    both = people["first_member"][kin.diaspora_end] & people["first_member"][kin.family_end]
    back = kin.way_back == SUBSTITUTE
    assert back.sum() > 10
    assert (kin.channels[back] & ~both[back] == 0).all()
    talk = model.columns.talk_bits & ~(1 << model.setting.platforms.index("WeChat"))
    nothing = of_chinese_abroad(model) & (kin.first_out >= 0) & (both & talk == 0)
    assert nothing.sum() > 10
    assert (kin.first_back[nothing] < 0).all(), "never"


def test_an_app_that_both_use_already_is_in_use_within_days() -> None:
    model = lived(NOBODY_AGREES | NOBODY_JOINS | {"kin.news_days": 0.5})
    kin = model.kin
    back = of_chinese_abroad(model) & (kin.first_back >= 0)
    assert np.median((kin.first_back - kin.first_out)[back]) <= 2


def test_no_pair_comes_back_on_what_its_people_do_not_use_and_cannot_read() -> None:
    """Even with every common messenger of the corridor shut: no Persian or Emirati app for families
    from China.
    """
    shut = (
        "WeChat",
        "QQ",
        "WhatsApp",
        "iMessage",
        "Skype",
        "Zoom",
        "Messenger",
        "Facebook",
        "Signal",
        "Telegram",
    )
    model = lived(NOBODY_JOINS | {"choice.invite_acceptance": 0.95, "kin.known_use": 0.0001}, shut)
    kin, names = model.kin, model.setting.platforms
    back = np.flatnonzero(kin.way_back == SUBSTITUTE)
    assert back.size > 10
    for k in back:
        origin = model.world.groups[kin.group[k, 0]].origin
        ends = kin.diaspora_end[k], kin.family_end[k]
        before = model.person["first_member"][ends[0]] & model.person["first_member"][ends[1]]
        for p in np.flatnonzero(
            [kin.channels[k] & ~BRIDGED & ~before & (1 << p) for p in range(len(names))]
        ):
            used = model.columns.taste["penetration"][kin.group[k], p]
            assert used.max() > 0, names[p]
            assert scope_of(names[p]).speaks(languages_of(origin)), names[p]
    chinese = np.bitwise_or.reduce(kin.channels[of_chinese_abroad(model)])
    for name in ("Soroush", "BOTIM", "KakaoTalk"):
        assert not chinese & (1 << names.index(name))


def test_where_nothing_is_left_to_agree_on_the_pair_is_lost_for_good() -> None:
    """However ready they are, and whatever obscure app the rest of the world has; what evades the
    block is left.
    """
    talk = {
        name: fact for name, fact in load_facts().platforms.items() if set(fact.modes) & set(TALK)
    }
    model = lived({"choice.invite_acceptance": 0.95}, tuple(talk))
    names, us = model.setting.platforms, model.setting.states.index("US")
    parted = (model.person["state"][model.kin.diaspora_end] == us) & (model.kin.first != 0)
    evades = sum(1 << names.index(name) for name, fact in talk.items() if fact.evasion > 0)
    never = parted & (model.kin.first_out >= 0) & (model.kin.first_back < 0)
    assert never.sum() > 0.5 * parted.sum() > 10
    assert (model.kin.channels[parted] & ~evades == 0).all()


def days_lost(parameters: Parameters) -> float:
    """Return the days without a channel of all pairs of people from China in the United States."""
    model = Model(
        scenario([block()], days=60, people=3_000, parameters=NO_WAY_ROUND | parameters),
        collect=False,
    )
    chinese, days = of_chinese_abroad(model), 0
    for _ in range(60):
        model.step()
        days += int((model.kin.channels[chinese] == 0).sum())
    return days


def test_who_agrees_sooner_or_hears_of_more_is_out_of_touch_for_less() -> None:
    for name, doses in (
        ("choice.invite_acceptance", (0.0, 0.3, 0.95)),
        ("kin.helper_days", (60, 3)),
        ("kin.account_barrier", (1.0, 0.0)),
        ("phone.number_known", (0.0, 0.95)),
    ):
        lost = [days_lost({name: dose}) for dose in doses]
        assert lost == sorted(lost, reverse=True) and lost[0] > lost[-1], name


def test_a_dear_call_is_a_fallback_for_fewer() -> None:
    def entirely(price: float) -> float:
        model = lived({"phone.price": price, "choice.invite_acceptance": 0})
        assert (model.contact.entirely <= model.contact.without).all()
        return float(model.contact.entirely.sum())

    assert entirely(5.0) > entirely(0.001)


@pytest.mark.parametrize("share", [0.0, 0.08, 0.5, 0.95])
@pytest.mark.parametrize("spread", [0.0, 1.5])
def test_the_rate_of_agreeing_reaches_its_share_in_a_month(share: float, spread: float) -> None:
    pace = np.exp(spread * np.random.default_rng(1).standard_normal(200_000))
    assert np.mean(-np.expm1(-30 * monthly_rate(share, spread) * pace)) == pytest.approx(
        share, abs=0.005
    )


def test_households_share_what_makes_them_ready() -> None:
    def alike(correlation: float) -> float:
        """Return the correlation of knowing a number between two ties of one member with different
        relatives.
        """
        changed = scenario(
            [block()], people=6_000, parameters={"kin.household_correlation": correlation}
        )
        world = make_world(changed, 1)
        knows = (world.bonds.wire == 0).astype(float)
        same = np.flatnonzero(np.diff(world.ties.diaspora_end) == 0)
        return float(np.corrcoef(knows[same], knows[same + 1])[0, 1])

    assert alike(0.9) > alike(0.0) + 0.2


@pytest.mark.parametrize("world", ["world-2020", "world-2025"])
def test_every_platform_that_carries_talk_says_whom_it_is_made_for(world: str) -> None:
    talk = {
        name for name, fact in load_facts(world).platforms.items() if set(fact.modes) & set(TALK)
    }
    assert talk <= set(read(AppScope))
    known = {language for code in load_facts(world).states for language in languages_of(code)}
    for name, scope in read(AppScope).items():
        assert scope.languages == ("*",) or known & set(scope.languages), name

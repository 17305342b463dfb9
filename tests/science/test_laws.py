"""What states do beside blocks: each instrument where the situation of the run has a use and the
state the means.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import splinternet as sn
from splinternet.actors.agents import State, StatesAlone
from splinternet.actors.control import Control
from splinternet.decisions import Hardened, Lift, Likely, Strike
from splinternet.facts import load_facts
from splinternet.facts.orders import (
    KINDS_OF_LAWS,
    Law,
    chance_of_shutdown,
    met_by_shutdown,
    rate_of_laws,
    weights,
)
from splinternet.facts.tables import read
from splinternet.world.situation import Situation, weight_of_market


def battle(
    world: Situation | None = None, **parameters: float
) -> tuple[StatesAlone, Control, dict[str, State]]:
    """Return the first day of the battle, what `control` sees of it, and the states by code."""
    data = sn.load("the_battle").model_dump(mode="json") | {
        "behaviour": {"control": True},
        "uncertain": {},
    }
    model = StatesAlone(sn.load(data | {"parameters": parameters}), 1, world)
    behaviour = Control()
    list(behaviour.act(model))
    model.decisions.clear()
    return model, behaviour, {state.code: state for state in model.outlook.states}


def on_day(model: StatesAlone, behaviour: Control, day: date) -> None:
    """Let a day come, with its law, and let the behaviour look at the world."""
    model.day = (day - model.spec.start).days
    model.enforce()
    list(behaviour.act(model))


def test_rates_are_counts_of_the_table_with_half_a_case_by_hand() -> None:
    """Five of eight unfree states barred VPNs, none of fourteen free ones."""
    bans = [row for row in read(Law).values() if row.instrument == "vpn_ban"]
    unfree, free = rate_of_laws("vpn_ban", free=False), rate_of_laws("vpn_ban", free=True)
    assert (unfree.laws, free.laws) == (len(bans), 0)
    waited = sum((date.fromisoformat(row.since) - date(2012, 1, 1)).days for row in bans)
    assert unfree.chances == pytest.approx((waited + (8 - len(bans)) * 3652) / 365.25)
    assert free.ratio == pytest.approx(0.5 / (14 * 3652 / 365.25 + 0.5))
    counted = [row for row in read(Law).values() if row.instrument in KINDS_OF_LAWS]
    assert all(row.since <= "2021-12-31" for row in counted)


def test_a_shutdown_in_unrest_follows_from_the_own_record_and_that_of_states_alike_by_hand() -> (
    None
):
    """Iran shut its networks down in December 2017 and in November 2019, of three times; of four
    others nobody did.
    """
    assert met_by_shutdown("IR") == (3, 2) and met_by_shutdown("RU") == (1, 0)
    mean = (2 + 0.5) / (7 + 0.5)
    assert chance_of_shutdown("IR") == pytest.approx((2 + mean) / (3 + 1))
    assert chance_of_shutdown("RU") == pytest.approx(mean / (1 + 1))
    assert chance_of_shutdown("US") < 0.01


def test_each_law_needs_a_use_in_the_run_and_means() -> None:
    model, behaviour, by_code = battle()

    def terms(code: str, instrument: str) -> dict[str, object] | None:
        return behaviour._terms(by_code[code], instrument)

    assert terms("US", "vpn_ban") is None  # no boxes
    assert 0.0 < terms("TR", "vpn_ban")["share_closed"] < terms("CN", "vpn_ban")["share_closed"]
    assert terms("CN", "sovereign_internet") is None  # its boxes stand everywhere
    assert terms("NG", "sovereign_internet")["build_years"] > 0
    assert terms("DE", "content_removal") is None  # it has no lists to enforce it by
    assert "Facebook" in terms("TR", "content_removal")["targets"]
    assert "Facebook" not in terms("CN", "content_removal")["targets"]  # closed already
    assert terms("TR", "age_limit")["age"] == 16
    assert "WhatsApp" not in terms("TR", "age_limit")["targets"]
    assert terms("US", "device_ban")["targets"] == (
        "TikTok",
    )  # of states that speak on line, the strongest rival's
    assert terms("US", "age_limit") is None  # its own platforms lead
    # No state fears Japan or South Korea, whose messengers people use there.
    assert terms("TR", "device_ban")["targets"][0] not in ("Viber", "LINE", "KakaoTalk")
    assert terms("SG", "device_ban")["targets"][0] not in ("Viber", "LINE", "KakaoTalk")
    assert terms("AE", "national_champion") is None  # it has no platform of the kind
    champion = terms("CN", "national_champion")["targets"]
    assert (
        model.outlook.situation.states[
            next(t.home for t in model.outlook.situation.targets if t.name == champion[0])
        ]
        == "CN"
    )


def test_the_terms_of_a_law_are_parameters() -> None:
    terms = {"control.age": 13, "control.removal_hours": 24, "control.build_years": 2.5}
    _, behaviour, by_code = battle(**terms)
    assert behaviour._terms(by_code["TR"], "age_limit")["age"] == 13
    assert behaviour._terms(by_code["TR"], "content_removal")["hours"] == 24
    assert behaviour._terms(by_code["NG"], "sovereign_internet")["build_years"] == 2.5


def test_users_and_firms_of_the_run_decide_what_is_asked_and_pushed() -> None:
    """Nobody in Turkey uses TikTok any more: it is not asked. Weixin is sold abroad: China pushes
    another one.
    """
    plain = battle()[0].outlook.situation
    tr, cn = plain.states.index("TR"), plain.states.index("CN")
    tiktok = next(j for j, t in enumerate(plain.targets) if t.name == "TikTok")
    users = plain.users.copy()
    users[tr, tiktok] = 0.0
    _, before, by_code = battle()
    _, after, others = battle(replace(plain, users=users))
    was = before._terms(by_code["TR"], "content_removal")["targets"]
    now = after._terms(others["TR"], "content_removal")["targets"]
    assert set(was) - set(now) == {"TikTok"}
    (champion,) = before._terms(by_code["CN"], "national_champion")["targets"]
    targets = tuple(
        replace(t, home=plain.states.index("US")) if t.name == champion else t
        for t in plain.targets
    )
    _, sold, states = battle(replace(plain, targets=targets))
    assert sold._terms(states["CN"], "national_champion")["targets"] != (champion,)
    assert plain.home[next(j for j, t in enumerate(plain.targets) if t.name == champion)] == cn


def test_means_choose_among_ways_and_boxes_say_how_many_lines_are_slowed() -> None:
    """Boxes block, slow or take off the stores; lists block; a large market bars business or
    demands a sale.
    """
    model, _, by_code = battle()
    target = next(t for t in model.outlook.situation.targets if t.name == "Twitter")
    lucks = np.linspace(0.0, 0.999, 200)

    def ways(code: str) -> list[str]:
        return [by_code[code].means_against(target, luck)[0] for luck in lucks]

    assert set(ways("TR")) == {"block", "throttle", "store_removal"}
    assert ways("TR").count("throttle") == pytest.approx(20, abs=2)
    assert set(ways("RU")) == {"block"}  # its boxes are not built yet
    wechat = next(t for t in model.outlook.situation.targets if t.name == "WeChat")
    american = [by_code["US"].means_against(wechat, luck) for luck in lucks]
    assert {way[0] for way in american} == {"transaction_ban", "divest_or_ban"}
    assert by_code["US"].means_against(wechat)[0] == "transaction_ban"
    slowed = [by_code[code].means_against(target, 0.9)[1]["coverage"] for code in ("TR", "CN")]
    assert slowed == pytest.approx([0.7, 1.0])


def test_a_state_whose_market_firms_can_leave_orders_no_sale_and_has_its_providers_block() -> None:
    model, _, by_code = battle()
    s = model.outlook.situation
    lucks = np.linspace(0.0, 0.999, 50)
    for code in ("NG", "CA", "SG", "JP", "DE"):
        ways = {
            by_code[code].means_against(t, luck)[0]
            for t in s.targets
            if t.platform >= 0
            for luck in lucks
        }
        assert ways == {"block"}, code
    target = next(t for t in s.targets if t.name == "Telegram")
    assert by_code["NG"].means_against(target)[1]["technique"] == "isp"
    # Where a twentieth of the world counts in full, the market of Japan is large enough.
    few = battle(**{"targets.market_full": 0.05})[2]["JP"]
    assert {few.means_against(target, luck)[0] for luck in lucks} == {
        "transaction_ban",
        "divest_or_ban",
    }


def test_the_weight_of_a_market_is_its_share_of_what_platforms_can_earn_by_hand() -> None:
    people, per_user = np.array([100.0, 100.0, 50.0]), np.array([6.0, 2.0, 4.0])
    assert weight_of_market(people, per_user, 0.4) == pytest.approx([1.0, 0.5, 0.5])
    facts = load_facts()
    earned = {
        code: fact.internet_users.value * facts.revenue[code].value
        for code, fact in facts.states.items()
    }
    s = battle()[0].outlook.situation
    for code in ("CN", "DE", "NG"):
        share = earned[code] / sum(earned.values())
        assert s.means["market"][s.states.index(code)] == pytest.approx(share / 0.2, rel=1e-6), code
    assert s.means["market"][s.states.index("US")] == 1.0


def test_a_table_of_ones_own_may_still_give_the_weight_of_a_market(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "world.csv").write_text(
        "key,name,value,source,basis,note\nbase,,world-2020,own,measured,\n"
    )
    head = "state,field,value,low,high,unit,source,basis,licence,note\n"
    (mine / "means.csv").write_text(f"{head}SG,market,0.9,0.5,1,share,a report,press,own,\n")
    spec = {"title": "own", "start": "2020-08-01", "days": 1, "world": {"facts": "mine"}}
    states = {state.code: state for state in StatesAlone(sn.load(spec)).outlook.states}
    target = next(t for t in states["SG"].model.outlook.situation.targets if t.name == "WeChat")
    assert states["SG"].means_against(target)[0] == "transaction_ban"
    assert states["CA"].means_against(target)[0] == "block"


def test_orders_of_a_war_come_in_packages_against_its_other_side_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a sure package: India restricts platforms of China from the clash of June 2020 on, and
    none before.
    """
    monkeypatch.setattr(
        "splinternet.actors.control.weights", lambda: {**weights(), "package": 1e9, "included": 1.0}
    )
    model, behaviour, by_code = battle()
    s = model.outlook.situation
    on_day(model, behaviour, date(2020, 6, 1))
    assert not list(behaviour._package(by_code["IN"]))
    on_day(model, behaviour, date(2020, 7, 1))
    struck = [d for d in behaviour.decide(by_code["IN"]) if d.reason == Likely("war", "")]
    assert {
        s.states[next(t.home for t in s.targets if t.name == d.target[0].name)] for d in struck
    } == {"CN"}
    assert {d.target[0].name for d in struck} >= {"TikTok", "AliExpress"}
    assert {d.cause for d in struck} == {"fact:disputes:IN/CN/2020-06-15"}


def test_what_is_slowed_may_be_blocked_later() -> None:
    model, behaviour, by_code = battle(**{"control.harden_rate": 150.0, "control.lift_rate": 0.0})
    s = model.outlook.situation
    j = next(k for k, t in enumerate(s.targets) if t.name == "Twitter")
    keys = {"notice": 1, "reason": Likely("control", ""), "cause": "fact:x", "scores": {}}
    slow = by_code["TR"].strike(j, "control", luck=0.9, **keys)
    assert slow.act == Strike("throttle")
    model.decisions.append(slow)
    model.decided = (slow.policy,)
    on_day(model, behaviour, date(2019, 6, 1))
    hardened = [d for d in behaviour._end_or_harden(by_code["TR"]) if isinstance(d.act, Strike)]
    assert [(d.act.instrument, d.cause) for d in hardened] == [("block", slow.id)]
    model.decisions.clear()
    ended = [d for d in behaviour._end_or_harden(by_code["TR"]) if isinstance(d.act, Lift)]
    assert [(d.act.policy, d.reason) for d in ended] == [
        (slow.id, Hardened())
    ]  # one order on a platform at a time

"""What a historian would strike out of a chronicle does not happen: each by the rule behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np

import splinternet as sn
from splinternet.actors.agents import StatesAlone
from splinternet.actors.answer import Imitation, _pull
from splinternet.actors.control import Control, harmless
from splinternet.actors.firms import firms, weigh
from splinternet.actors.politics import Standing
from splinternet.decisions import (
    Retaliation,
)
from splinternet.engine.model import Model
from splinternet.facts.orders import (
    Joiner,
    trade_barred_on,
)
from splinternet.facts.tables import read

CLOSED = date(2025, 5, 5)


def scenario(*policies: dict[str, Any], **keys: Any) -> sn.Scenario:
    whole: dict[str, Any] = dict(
        title="x", start="2020-08-01", days=30, people=1_000, policies=[*policies]
    )
    return sn.load(whole | keys)


@cache
def battle() -> StatesAlone:
    """Return the states of the battle, before its first day; their day is set by hand."""
    return StatesAlone(sn.load("the_battle"), 1)


def at(model: StatesAlone, day: date) -> StatesAlone:
    model.day = (day - model.spec.start).days
    return model


def test_no_state_restricts_or_asks_what_has_closed() -> None:
    model, behaviour = battle(), Control()
    skype = next(
        j for j, target in enumerate(model.outlook.situation.targets) if target.name == "Skype"
    )
    for day, works in ((date(2025, 5, 4), True), (CLOSED, False)):
        list(behaviour.act(at(model, day)))
        assert behaviour.open[:, behaviour.at.index(skype)].any() == works
        assert (behaviour.chances[:, behaviour.at.index(skype)] > 0).any() == works


def test_a_firm_does_not_answer_for_a_platform_that_has_closed() -> None:
    ladder = [{"on": "2025-06-01", "sanction": "ad_ban"}]
    law = dict(
        id="law", instrument="local_representative", by="TR", targets=["Skype"], ladder=ladder
    )
    spec = scenario(law | {"on": "2025-05-01"}, start="2025-05-01", behaviour={"platforms": True})
    model = Model(spec, metrics=(), collect=False)
    model.run_for(4)
    assert [firm.platforms for firm in firms(model, spec.policies[0])] == [("Skype",)]
    model.run_for(1)
    assert firms(model, spec.policies[0]) == []


def test_a_sale_that_was_made_and_a_platform_that_closed_are_not_lifted() -> None:
    model = StatesAlone(sn.load("the_battle"), 1)
    at(model, date(2020, 11, 2)).enforce()
    assert {"tiktok-sale", "wechat-order"} & {m.id for m in model.outlook.liftable()} == {
        "tiktok-sale"
    }  # the other is stayed
    model.adopt(model.setting.answered("tiktok-sale", "TikTok", "sold"))
    model.adopt(model.spec.policies[-1].answered("TikTok", "sold", model.setting))
    assert "tiktok-sale" not in {m.id for m in model.outlook.liftable()}


def test_a_firm_whose_home_bars_all_trade_neither_sues_nor_opens_an_office() -> None:
    assert frozenset(("US", "IR")) in trade_barred_on(date(2020, 8, 1))
    assert frozenset(("US", "RU")) not in trade_barred_on(date(2020, 8, 1)), (
        "sanctions, and its firms went to court"
    )

    def answers(state: str, instrument: str) -> set[str]:
        ladder = {"ladder": [{"on": "2020-08-21", "sanction": "ad_ban"}]}
        keys = ladder if instrument == "local_representative" else {"share": 0.2}
        law = {
            "id": "law",
            "instrument": instrument,
            "by": state,
            "targets": ["WhatsApp"],
            "on": "2020-08-01",
            **keys,
        }
        model = Model(scenario(law, behaviour={"platforms": True}), metrics=(), collect=False)
        model.run_for(1)
        firm = firms(model, model.spec.policies[0])[0]
        return set(weigh(model, model.spec.policies[0], firm, may_sue=True, may_sell=True).costs)

    assert {"contest", "comply"} <= answers("RU", "local_representative")
    assert not {"contest", "comply"} & answers("IR", "local_representative")
    assert "comply" in answers("IR", "content_removal") and "contest" not in answers(
        "IR", "content_removal"
    )


def test_an_answer_in_kind_names_the_blow_of_its_own_kind() -> None:
    """The United States bars a carrier and, at a higher cost, an app: a carrier that China cuts
    answers the first.
    """
    ban = dict(id="app", instrument="block", by="US", targets=["TikTok"], on="2020-08-01")
    cut = dict(
        id="cut", instrument="carrier_ban", by="US", carriers=["China Telecom"], on="2020-08-01"
    )
    keys = {"retaliation.strength": 1.5, "retaliation.delay_days": 14.0, "retaliation.slack": 30.0}
    spec = scenario(ban, cut, days=900, behaviour={"retaliation": True}, parameters=keys)
    model = StatesAlone(spec, 1)
    s = model.outlook.situation
    here = s.home == s.states.index("US")
    platform = np.array([target.platform >= 0 for target in s.targets])
    # Nobody in China uses an American platform, so that it answers with other firms.
    model.outlook.situation = replace(s, users=np.where(here & platform, 0.0, s.users))
    made = [d for d in model.run().decisions if d.who == "CN" and isinstance(d.reason, Retaliation)]
    in_kind = [d for d in made if d.target[0].sector == "carrier"]
    assert in_kind and {d.cause for d in in_kind} == {"cut"}
    assert all(aim.sector == "carrier" for d in in_kind for aim in d.reason.firms)
    assert "app" in {d.cause for d in made}


def test_the_answer_of_one_victim_does_not_silence_another() -> None:
    """China blocks a Japanese and an American platform by one policy, and has no platform abroad:
    each of the two cuts a carrier.
    """
    ban = dict(id="ban", instrument="block", by="CN", targets=["LINE", "Amazon"], on="2020-08-01")
    keys = {"retaliation.strength": 1.5, "retaliation.delay_days": 120.0, "retaliation.slack": 30.0}
    spec = scenario(ban, days=200, behaviour={"retaliation": True}, parameters=keys)
    model = StatesAlone(spec, 2)  # Japan answers on another day than the United States
    s = model.outlook.situation
    theirs = s.home == s.states.index("CN")
    platform = np.array([target.platform >= 0 for target in s.targets])
    model.outlook.situation = replace(s, users=np.where(theirs & platform, 0.0, s.users))
    made = [d for d in model.run().decisions if isinstance(d.reason, Retaliation)]
    assert sorted(d.who for d in made) == ["JP", "US"]
    assert len({d.day for d in made}) == 2
    assert {(d.cause, d.target[0].sector) for d in made} == {("ban", "carrier")}


def test_states_strike_first_behind_networks_only_where_a_firm_could_be_turned_against_them() -> (
    None
):
    model = battle()
    s = model.outlook.situation

    def may(state: str, firm: str, day: date) -> bool:
        j = next(
            j for j, target in enumerate(s.targets) if target.name == firm and target.platform < 0
        )
        return not harmless(at(model, day))[s.states.index(state), j]

    now, before = date(2024, 6, 1), date(2020, 6, 1)
    assert all(may(state, "Huawei", now) for state in ("US", "GB", "DE", "IN", "JP"))
    assert not any(may(state, "Samsung", now) for state in s.states)
    assert may("RU", "Cisco", now)
    assert not may("US", "Turk Telekom", now), (
        "a full ally, in spite of sanctions since December 2020"
    )
    assert (may("CN", "Cisco", before), may("CN", "Cisco", now)) == (False, True), (
        "sanctions since November 2020"
    )


def test_in_the_record_all_who_barred_equipment_were_freer_than_its_home() -> None:
    known: dict[str, dict[str, float]] = {}
    for row in read(Joiner).values():
        known.setdefault(row.state, {})[row.field] = row.value
    barred = [fields for fields in known.values() if fields.get("equipment_ban")]
    assert (
        len(barred) == 15 and min(fields["freedom"] for fields in barred) > known["CN"]["freedom"]
    )


def test_nobody_follows_a_smaller_state_or_an_old_example() -> None:
    arm = StatesAlone(sn.load("the_battle"), 1)
    us, japan = (arm.outlook.situation.states.index(code) for code in ("US", "JP"))
    behaviour = Imitation()

    def follows(who: int, example: int, days: int) -> bool:
        found = [Standing("x", example, (), days)]
        return bool(behaviour._seen(arm.outlook.states[who], found))

    assert follows(japan, us, 365) and not follows(japan, us, 366)
    assert not follows(us, japan, 365)
    close = np.ones(len(arm.outlook.states))
    fresh, old = (_pull([Standing("x", us, (), days)], close) for days in (0, 365))
    assert (fresh, old) == (1.0, 0.5)

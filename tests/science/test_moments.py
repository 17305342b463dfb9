"""Moments: windows by hand, factors that add no orders, and governments that change on their dates."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest

import splinternet as sn
from splinternet.actors import answer
from splinternet.actors.agents import StatesAlone
from splinternet.actors.control import Control
from splinternet.decisions import (
    Aim,
    Allegiance,
    Decision,
    Demand,
    Join,
    Launch,
    Leave,
    Lift,
    Opposed,
    Protested,
    Strike,
    TakeOffice,
    TakeUp,
)
from splinternet.facts import orders
from splinternet.facts.history import Restriction
from splinternet.facts.orders import (
    FIRST,
    KINDS_OF_LAWS,
    LAST,
    SHUTDOWN,
    TIMES,
    OrderWeight,
    Rate,
    TermOfOffice,
    days_of,
    elections,
    factor,
    is_near,
    seating,
    share_near,
)
from splinternet.facts.relations import load_relations
from splinternet.facts.tables import read
from splinternet.fit import orders as study
from splinternet.policies import INSTRUMENTS
from splinternet.text.decisions import act_text, step_text

LAW = dict(
    id="law", on="2026-01-02", by="RU", instrument="block", targets=["Pinterest"], technique="dpi"
)


def test_windows_by_hand() -> None:
    """An election counts from 30 days before to 7 after; a coup is not known before it comes."""
    vote = [date(2016, 11, 8)]
    near = [
        is_near(date(2016, 11, 8) + timedelta(k), "election", vote) for k in (-31, -30, 0, 7, 8)
    ]
    assert near == [False, True, True, True, False]
    assert not is_near(date(2016, 7, 14), "coup", [date(2016, 7, 15)])
    assert is_near(date(2016, 8, 14), "coup", [date(2016, 7, 15)])
    days = (LAST - FIRST).days + 1
    assert share_near("coup", [date(2016, 7, 15)]) == pytest.approx(31 / days)
    assert share_near("coup", [date(2016, 7, 15), date(2016, 7, 16)]) == pytest.approx(32 / days)
    assert share_near("election", [date(2012, 1, 1)]) == pytest.approx(8 / days)


def test_one_case_proves_little() -> None:
    assert Rate(0, 0.0).ratio == 1.0
    assert Rate(1, 0.01).ratio < 2.0
    assert Rate(100, 20.0).ratio == pytest.approx(101 / 21)


def test_stored_times_are_those_of_the_first_half() -> None:
    stored = read(OrderWeight)
    found = study.times(study.TRAIN)
    assert set(found) == set(TIMES)
    for kind, rate in found.items():
        assert stored[kind].value == pytest.approx(rate.ratio, rel=1e-4)


def test_moments_move_orders_and_add_none() -> None:
    """Over the days that set the weights the factor of each kind of moment is 1 on average in each
    state.
    """
    for kind, state in (("election", "RU"), ("coup", "TR"), ("protest", "IN")):
        share = share_near(kind, days_of(kind).get(state, ()))
        outside, inside = factor(kind, state)
        assert 0.0 < share < 0.5
        assert share * inside + (1.0 - share) * outside == pytest.approx(1.0)
        assert inside > 1.0 > outside
    assert factor("coup", "SG") == (1.0, pytest.approx(read(OrderWeight)["coup"].value))


def test_after_the_last_row_elections_come_by_law() -> None:
    assert elections("US", date(2020, 1, 1), date(2033, 1, 1)) == [
        date(2020, 11, 3),
        date(2024, 11, 5),
        date(2028, 11, 5),
        date(2032, 11, 5),
    ]
    assert elections("AE", date(2012, 1, 1), date(2033, 1, 1)) == []


def test_who_is_elected_takes_office_on_the_day_of_the_law() -> None:
    term = read(TermOfOffice)["US"]
    assert seating(term, date(2020, 11, 3)) == date(2021, 1, 20)
    assert seating(term, date(2028, 11, 5)) == date(2029, 1, 20)
    assert seating(read(TermOfOffice)["RU"], date(2024, 3, 17)) == date(2024, 5, 7)


def battle(**behaviour: bool) -> sn.Scenario:
    """Return the battle with some behaviours alone."""
    data = sn.load("the_battle").model_dump(mode="json")
    return sn.load(data | {"behaviour": behaviour, "uncertain": {}})


@cache
def controlled(seed: int) -> StatesAlone:
    """Return a member of the battle in which states control what is said, on its last day."""
    return StatesAlone(battle(control=True), seed).run()


def test_governments_change_on_their_dates() -> None:
    """No government of the United States takes office but on 20 January after an election; Russia's
    on 7 May.
    """
    days: dict[str, set[date]] = {}
    for seed in range(1, 7):
        for d in StatesAlone(battle(governments=True), seed).run().decisions:
            if isinstance(d.act, TakeOffice):
                days.setdefault(d.who, set()).add(d.day)
    assert days["US"] <= {date(year, 1, 20) for year in (2021, 2025, 2029)}
    assert days["RU"] <= {date(2024, 5, 7), date(2030, 5, 7)}
    assert len(days["US"]) > 1


def test_an_election_makes_an_order_likelier_in_its_month(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a vote in two weeks the chance of each platform rises by one factor, in that state
    alone.
    """

    def near(vote: date) -> dict[int, dict[str, float]]:
        model = StatesAlone(battle(control=True), 1)
        monkeypatch.setitem(model.outlook.calendar.elections, "KZ", [vote])
        model.day = 30
        behaviour = Control()
        list(behaviour.act(model))
        return behaviour.near

    soon, later = near(date(2019, 5, 15)), near(date(2019, 12, 15))
    kz = StatesAlone(battle(control=True), 1).outlook.situation.states.index("KZ")
    assert {state for state in soon if soon[state] != later[state]} == {kz}
    expected = (22 * read(OrderWeight)["election"].value + 8) / 30  # 22 of 30 days are near
    assert soon[kz]["election"] / later[kz]["election"] == pytest.approx(expected)


def test_shocks_after_the_record_come_as_often_as_in_the_past() -> None:
    spec = sn.load(
        battle(control=True).model_dump(mode="json") | {"start": "2026-01-01", "days": 3650}
    )
    states = StatesAlone(spec, 1).outlook.calendar.states
    came = 0
    for seed in range(1, 9):
        model = StatesAlone(spec, seed)
        for model.day in range(0, 3650, 30):
            came += sum(model.outlook.calendar.has_come("protest", state) for state in states)
    expected = 8 * 10 * sum(orders.a_year("protest", state, states) for state in states)
    assert came == pytest.approx(expected, rel=0.15)


def test_nobody_follows_an_enemy_or_joins_its_programme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ukraine, at war with Russia, copies nothing of Russia's; without the war it would, were it
    not too free to.
    """
    data = sn.load("the_battle").model_dump(mode="json") | {
        "uncertain": {},
        "behaviour": {"imitation": True},
    }
    spec = sn.load(
        data | {"parameters": {"imitation.rate": 1.0, "imitation.strength": 10.0}, "days": 1000}
    )

    def followers(freest: float = 0.5) -> set[str]:
        free = sn.load(
            spec.model_dump(mode="json")
            | {"parameters": {**spec.parameters, "imitation.freest": freest}}
        )
        made = [d for seed in range(1, 5) for d in StatesAlone(free, seed).run().decisions]
        return {d.who for d in made if isinstance(d.act, TakeUp) and d.reason.of == "RU"}

    freedom = load_relations(spec.world.facts).freedom
    assert all(freedom[state].value <= 0.5 for state in followers())
    assert "UA" not in followers(freest=1.0)
    monkeypatch.setattr(answer, "disputes_on", lambda *_: frozenset())
    assert "UA" in followers(freest=1.0)


def test_below_the_floor_no_state_joins() -> None:
    model = StatesAlone(battle(coalition=True), 1)
    scores = {"willing": 0.09, "rate": 1e9}
    assert answer.Coalition().decide(model.outlook.deciding[0], None, scores) == []  # type: ignore[arg-type]


def test_states_demand_representatives_as_often_as_in_the_record_and_to_the_end() -> None:
    """Three laws of 22 states in three years; each is in force 62 days later and ends in a throttle
    of 90 %.
    """
    made = [
        d
        for seed in range(1, 6)
        for d in controlled(seed).decisions
        if d.act == Demand("local_representative")
    ]
    # Of 21 states that decide, Germany asks already.
    expected = 5 * 20 * 4293 / 365.25 * 0.045
    assert len(made) == pytest.approx(expected, rel=0.35)
    thirds = [sum(3 * (d.day - date(2019, 4, 1)).days // 4293 == k for d in made) for k in range(3)]
    assert min(thirds) > 0.6 * expected / 3
    law = made[0].policy
    assert (law.on - law.announced).days == 62
    assert [step.sanction for step in law.ladder] == [
        "fine",
        "fine",
        "ad_ban",
        "throttle",
        "throttle",
    ]
    assert law.ladder[-1].share == 0.9
    assert not {(d.who, aim.name) for d in made for aim in d.target} & {
        ("US", "Facebook"),
        ("CN", "WeChat"),
    }


def test_a_run_of_states_uses_most_instruments_and_each_has_words() -> None:
    """Laws come once a state and kind; a shutdown comes in unrest and ends by itself."""
    made = [d for seed in (1, 2) for d in controlled(seed).decisions if d.policy is not None]
    used = {d.policy.instrument for d in made}
    assert (
        len(
            used
            & {
                *KINDS_OF_LAWS,
                SHUTDOWN,
                "block",
                "throttle",
                "local_representative",
                "transaction_ban",
            }
        )
        >= 8
    )
    laws = [(d.who, d.policy.instrument) for d in made if d.policy.instrument in KINDS_OF_LAWS]
    assert max(laws.count(one) for one in set(laws)) <= 2  # two members
    for d in made:
        if d.policy.instrument == SHUTDOWN:
            assert (d.policy.until - d.policy.on).days == 7
            assert d.reason.near in ("protest", "coup")

    banned = Decision(date(2020, 1, 1), "AU", "control", Strike("device_ban"), (Aim("WeChat"),))
    assert act_text(banned) == "bars WeChat from official devices"
    assert all(
        INSTRUMENTS[name].VERB for name in (*KINDS_OF_LAWS, SHUTDOWN, "throttle", "store_removal")
    )


def test_words_follow_willingness_and_what_a_state_did_itself() -> None:
    """A willingness of 0.2 is not close; who bans its leader's firm leaves by its own act."""
    spec = sn.load("the_battle")

    def said(act: object, reason: object, **scores: float) -> str:
        return step_text(
            spec, Decision(date(2021, 10, 18), "HK", "coalition", act, scores=scores, reason=reason)
        )

    assert "It is close to China" in said(Join("CN", "US"), Allegiance("CN", "US"), willing=0.5)
    assert "somewhat nearer" in said(Join("CN", "US"), Allegiance("CN", "US"), willing=0.2)
    assert "what it has done itself" in said(Leave("CN", "US"), Opposed("HK", "ban"))
    assert "as China" in said(Leave("CN", "US"), Opposed("CN", "ban"))


def test_who_has_left_a_programme_does_not_come_back() -> None:
    """At a high rate of leaving and of joining states leave at once, and none is back in the same
    programme.
    """
    behaviour = {
        "coalition": True,
        "governments": True,
        "targets": True,
        "control": True,
        "retaliation": True,
    }
    data = sn.load("the_battle").model_dump(mode="json") | {"uncertain": {}, "behaviour": behaviour}
    data["days"] = 2_466
    rates = {
        "coalition.leave": 50.0,
        "coalition.rate": 50.0,
        "coalition.talks": 10.0,
        "governments.spread": 1.0,
    }
    spec = sn.load(data | {"parameters": rates})
    left = 0
    for seed in range(1, 3):
        gone: set[tuple[str, str, str]] = set()
        for d in StatesAlone(spec, seed).run().decisions:
            if isinstance(d.act, Leave):
                gone.add((d.who, d.act.leader, d.act.adversary))
                left += 1
            elif isinstance(d.act, Join):
                assert (d.who, d.act.leader, d.act.adversary) not in gone
            elif isinstance(d.act, Launch):
                gone = {one for one in gone if one[1:] != (d.who, d.act.adversary)}
    assert left > 10


def test_losses_make_protests_likelier_and_protests_may_lift_an_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Felt losses of 0.2 double the hazard at the default; a sure lift ends an order in the month
    of a protest.
    """
    data = sn.load("the_battle").model_dump(mode="json") | {
        "uncertain": {},
        "policies": [LAW],
        "start": "2026-01-01",
    }
    spec = sn.load(
        data | {"days": 3_650, "behaviour": {"pushback": True}, "parameters": {"unrest.lift": 1.0}}
    )

    def protests(share: float, *states: str) -> int:
        came = 0
        for seed in range(1, 9):
            model = StatesAlone(spec, seed)
            found = np.full(len(model.states), share), np.zeros(len(model.states))
            monkeypatch.setattr(model, "losses", lambda found=found: found)
            for model.day in range(0, 3_650, 30):
                came += sum(
                    model.outlook.calendar.has_come("protest", state)
                    for state in states or ("RU", "TR", "NG")
                )
        return came

    calm = protests(0.0)
    assert protests(0.005) == pytest.approx(1.5 * calm, rel=0.25)
    # However much people lose, no state has more protests than the one with most, nor more than
    # that one's multiple of the mean.
    states = StatesAlone(spec, 1).outlook.calendar.states
    rates = {state: orders.a_year("protest", state, states) for state in states}
    multiple = max(rates.values()) / np.mean([*rates.values()])
    assert protests(1.0, "RU") == pytest.approx(multiple * protests(0.0, "RU"), rel=0.3)
    assert protests(1.0, "TR") == pytest.approx(protests(0.0, "FR"), rel=0.25)
    assert protests(1.0, "FR") == protests(0.0, "FR")
    model = StatesAlone(spec, 14).run()
    lifts = [d for d in model.decisions if isinstance(d.act, Lift)]
    assert [d.act.policy for d in lifts] == ["law"]
    assert lifts[0].reason == Protested()
    model.day = (lifts[0].day - spec.start).days
    assert model.outlook.calendar.has_come("protest", "RU")
    never = sn.load(spec.model_dump(mode="json") | {"parameters": {"unrest.lift": 0.0}})
    assert not any(d.reason == Protested() for d in StatesAlone(never, 14).run().decisions)


def test_a_protest_may_lift_an_order_of_any_age_like_those_that_its_chance_was_counted_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The 44 restrictions behind `unrest.lift` were four years old in the middle."""
    ages = [
        (day - date.fromisoformat(row.since)).days
        for state in study.deciding_states()
        for day in days_of("protest").get(state, ())
        for row in read(Restriction).values()
        if FIRST <= day <= LAST
        and row.state == state
        and orders.counts(row)
        and orders.lasts(row)
        and row.since < day.isoformat()
        and row.holds_on(day)
    ]
    assert len(ages) == 44 and np.median(ages) > 1_460
    data = sn.load("the_battle").model_dump(mode="json") | {"uncertain": {}, "policies": [LAW]}
    more = {"start": "2026-01-01", "days": 1_600, "behaviour": {"pushback": True}}
    model = StatesAlone(sn.load(data | more | {"parameters": {"unrest.lift": 1.0}}), 1)
    late = model.spec.start + timedelta(days=1_460)
    monkeypatch.setattr(
        model.outlook.calendar, "has_come", lambda kind, _: kind == "protest" and model.date > late
    )
    lifts = [d for d in model.run().decisions if isinstance(d.act, Lift)]
    assert [d.reason for d in lifts] == [Protested()]


def test_who_has_obeyed_a_demand_is_not_asked_again_and_who_has_not_is() -> None:
    """With a sure demand each month: Facebook has appointed somebody in Turkey, Twitter has not."""
    data = sn.load("the_battle").model_dump(mode="json") | {
        "uncertain": {},
        "behaviour": {"control": True},
    }
    spec = sn.load(data | {"parameters": {"control.demand_rate": 100.0}})
    model = StatesAlone(spec, 1)
    model.adopt(model.setting.answered("law-7253", "Facebook", "complied"))

    def asked(day: int) -> list[set[str]]:
        model.day = day
        model.enforce()
        made = [
            d
            for d in Control().act(model)
            if d.act == Demand("local_representative") and d.who == "TR"
        ]
        return [{aim.name for aim in d.target} for d in made]

    (during,) = asked(600)  # the law has been in force for a month, and its sanctions go on
    assert not during & {"Facebook", "Twitter", "YouTube"}
    (first,) = asked(800)  # the last sanction, of 19 May 2021, has fallen
    assert "Twitter" in first
    assert "Facebook" not in first
    (announced,) = asked(
        490
    )  # 3 August 2020: it is announced, and asks its seven platforms already
    assert not announced & {"Facebook", "Twitter", "YouTube"}

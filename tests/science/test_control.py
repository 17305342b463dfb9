"""States that restrict platforms by the chance of the record: what they see decides, and nothing
else moves.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

import splinternet as sn
from splinternet.actors.agents import StatesAlone
from splinternet.actors.calendar import Calendar
from splinternet.actors.control import Control
from splinternet.decisions import Decision, Demand, Lift, Likely, PushedBack, ShutOut, Strike
from splinternet.facts.orders import (
    ENOUGH_USERS,
    KINDS_OF_LAWS,
    REASONS,
    chance_of_order,
    precedents,
    weights,
)
from splinternet.text.decisions import SKILL, evidence, note
from splinternet.world.situation import Situation


def battle(days: int = 2_466, **behaviour: bool) -> sn.Scenario:
    """Return the battle with some behaviours alone, from April 2019."""
    data = sn.load("the_battle").model_dump(mode="json")
    return sn.load(
        data | {"behaviour": behaviour or {"control": True}, "uncertain": {}, "days": days}
    )


def is_order(decision: Decision) -> bool:
    """Return whether a decision restricts a platform anew: not a law of another kind, nor what
    hardens an order.
    """
    law = getattr(decision.act, "instrument", "") in KINDS_OF_LAWS
    return (
        isinstance(decision.act, Strike | ShutOut)
        and not law
        and decision.reason.leading != "throttle"
    )


def orders(model: StatesAlone) -> list[tuple[str, str, date]]:
    """Return who restricts what, and when."""
    return [(d.who, d.target[0].name, d.day) for d in model.decisions if is_order(d)]


@cache
def alone(seed: int) -> StatesAlone:
    """Return a run of control alone, which several tests look at."""
    return StatesAlone(battle(), seed).run()


def seen_by(model: StatesAlone) -> Control:
    """Return the behaviour after one look at the world."""
    behaviour = Control()
    list(behaviour.act(model))
    return behaviour


def test_words_say_how_good_the_rule_is_and_call_it_no_illustration() -> None:
    text = note(("control", "retaliation"))
    assert "no better than simple rules do (retaliation)" in text
    picks = "the rule of control picks that one in 94 % of pairs. "
    assert f"{picks}A simple rule, unfreedom times earlier blocks, picks it in 92 %" in text
    assert evidence("control") == SKILL


def test_pressure_raises_the_rate_at_which_orders_of_control_end() -> None:
    def lifted(rate: float) -> int:
        spec = battle(control=True, pushback=True)
        spec = spec.model_copy(
            update={
                "parameters": spec.parameters
                | {"control.lift_rate": rate, "pushback.tolerance": 1e-3}
            }
        )
        made = StatesAlone(spec, 1).run().decisions
        control = {d.id for d in made if d.behaviour == "control"}
        return sum(
            d.behaviour == "pushback" and isinstance(d.reason, PushedBack) and d.cause in control
            for d in made
        )

    assert lifted(0.0) == 0 < lifted(0.2)


def test_unfree_states_restrict_far_more_than_free_ones() -> None:
    s = alone(1).outlook.situation
    freedom = dict(zip(s.states, s.freedom.tolist(), strict=True))
    made = [d for seed in (1, 2) for d in alone(seed).decisions if is_order(d)]
    who = [d.who for d in made if d.reason.leading != "war"]
    unfree = sum(freedom[state] < 0.4 for state in who)
    assert unfree > 3 * (len(who) - unfree) > 0


def test_an_order_arises_from_what_the_run_has_made() -> None:
    """Nearly all people in Russia use every platform: the same seed, higher chances there alone,
    other orders.
    """
    spec = battle()
    plain = StatesAlone(spec, 3)
    s: Situation = plain.outlook.situation
    i, users = s.states.index("RU"), s.users.copy()
    users[i] = 0.9
    other = StatesAlone(spec, 3, replace(s, users=users))
    before, after = seen_by(plain), seen_by(other)
    changed = before.chances != after.chances
    share = s.users[i, before.at]  # one that next to nobody uses is no target at first
    rare = before.open[i] & ((before.talk & (share < ENOUGH_USERS)) | (share == 0.0))
    assert rare.any()
    assert np.array_equal(changed[i], rare)
    assert (after.chances >= before.chances).all()
    assert not np.delete(changed, i, axis=0).any()
    for seed in range(1, 9):
        one, two = (
            orders(model)
            for model in (
                alone(seed),
                StatesAlone(spec, seed, other.outlook.situation).run(),
            )
        )
        if one != two:
            break
    else:
        pytest.fail("the same orders whoever uses what")


def test_a_restriction_elsewhere_is_a_precedent_and_one_of_the_same_home_counts_here() -> None:
    model = StatesAlone(battle(), 1)
    s = model.outlook.situation
    ru = s.states.index("RU")
    j = next(k for k, t in enumerate(s.targets) if t.name == "Facebook")
    before = seen_by(model)
    blocked = s.blocked.copy()
    blocked[ru, j] = True
    after = seen_by(StatesAlone(battle(), 1, replace(s, blocked=blocked)))
    siblings = [
        k for k, column in enumerate(before.at) if s.home[column] == s.home[j] and column != j
    ]
    reason = REASONS.index("siblings")
    assert (after.reasons[reason, ru, siblings] > before.reasons[reason, ru, siblings]).all()
    # A block of the first day is in the record already; one that the run makes is a precedent for
    # all.
    law = dict(
        id="x", on="2019-04-02", by="RU", instrument="block", targets=["Facebook"], technique="dpi"
    )
    data = battle(days=40).model_dump(mode="json") | {"policies": [law]}
    run = StatesAlone(sn.load(data), 1)
    behaviour = Control()
    list(behaviour.act(run))
    was = behaviour.reasons[REASONS.index("precedent"), 0, behaviour.at.index(j)]
    run.day = 20
    run.enforce()
    list(behaviour.act(run))
    assert behaviour.reasons[REASONS.index("precedent"), 0, behaviour.at.index(j)] > was


def test_the_chances_of_the_first_day_are_those_of_the_record() -> None:
    model = StatesAlone(battle(), 1)
    behaviour = seen_by(model)
    record = precedents(model.spec.start)
    j = next(
        k
        for k, at in enumerate(behaviour.at)
        if model.outlook.situation.targets[at].name == "Twitter"
    )
    unfreedom = 1.0 - model.outlook.situation.freedom[0]
    assert behaviour.reasons[REASONS.index("precedent"), 0, j] == pytest.approx(
        unfreedom * np.log1p(record["X"]), rel=5e-3
    )


def test_what_is_restricted_or_ones_own_is_left_alone_and_lifts_are_rare() -> None:
    s = alone(1).outlook.situation
    home = {target.name: s.states[target.home] for target in s.targets}
    made, lifted = 0, 0
    for seed in range(1, 4):
        model = alone(seed)
        standing: set[tuple[str, str]] = set()
        for d in model.decisions:
            if not is_order(d) and not isinstance(d.act, Lift):
                continue
            pair = d.who, d.target[0].name
            if isinstance(d.act, Lift):
                standing.discard(pair)
                lifted += 1
                continue
            assert pair not in standing
            assert home[pair[1]] != d.who
            assert d.cause.startswith("fact:")
            standing.add(pair)
            made += 1
    assert 0 < lifted < made / 3


def test_an_order_about_ones_own_people_is_answered_by_nobody_and_makes_no_programme() -> None:
    """With `control` alone deciding first, dozens of orders follow and not one answer, copy, or
    programme, unless the home takes one up (`retaliation.orders`).
    """
    on = {"control": True, "retaliation": True, "imitation": True, "coalition": True}
    data = battle(**on).model_dump(mode="json") | {"policies": []}
    spec = sn.load(
        data
        | {
            "parameters": {
                "retaliation.strength": 1.5,
                "imitation.strength": 2.0,
                "retaliation.orders": 0.0,
            }
        }
    )
    made = StatesAlone(spec, 1).run().decisions
    assert sum(isinstance(d.act, Strike) for d in made) > 20
    assert {d.behaviour for d in made} == {"control"}
    keys = spec.model_dump(mode="json")
    taken = sn.load(keys | {"parameters": {**spec.parameters, "retaliation.orders": 0.2}})
    answers = [d for d in StatesAlone(taken, 1).run().decisions if d.behaviour == "retaliation"]
    assert any(not d.target[0].sector for d in answers)  # in kind: platforms for platforms


def test_with_control_on_answers_and_copies_leave_platforms_alone() -> None:
    spec = battle(targets=True, control=True, retaliation=True, imitation=True)
    made = StatesAlone(spec, 3).run().decisions
    others = [d for d in made if isinstance(d.act, Strike | ShutOut) and d.behaviour != "control"]
    assert {d.behaviour for d in others} >= {"targets", "retaliation", "imitation"}
    assert all(d.target[0].sector for d in others)


def test_what_was_lifted_is_left_alone_for_a_year_unless_a_moment_is_near(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every chance is one: what has just been lifted comes back after a year, or at once near a
    coup.
    """

    def again(times: float, rest: int = 365) -> list[int]:
        spec = sn.load(
            battle().model_dump(mode="json") | {"parameters": {"control.rest_days": rest}}
        )
        model = StatesAlone(spec, 1)
        behaviour = Control()
        state = model.outlook.states[model.outlook.situation.states.index("TR")]
        monkeypatch.setattr(Calendar, "near", lambda *_: {"coup": times})
        both = ("YouTube", "Twitter")  # one order on two platforms: both rest
        aim = tuple(
            next(t.aim for t in model.outlook.situation.targets if t.name == name) for name in both
        )
        model.decisions.append(
            Decision(model.spec.start, "TR", "control", Lift("x"), aim, cause="x")
        )
        days = []
        for model.day in (30, 330, 390):
            list(behaviour.act(model))
            behaviour.chances = np.ones_like(behaviour.chances)
            names = {d.target[0].name for d in behaviour.decide(state) if isinstance(d.act, Strike)}
            assert ("Twitter" in names) == ("YouTube" in names)
            days += [model.day] * ("Twitter" in names)
        return days

    assert again(1.0) == [390]
    assert again(1.0, rest=180) == [330, 390]
    assert again(5.0) == [30, 330, 390]


def test_no_order_is_against_what_does_not_serve_the_state() -> None:
    """Nobody in Kazakhstan uses Soroush, and America bars its shops from Iran; a territory decides
    nothing.
    """
    model = StatesAlone(battle(), 1)
    behaviour = seen_by(model)
    s = model.outlook.situation
    at = {s.targets[j].name: column for column, j in enumerate(behaviour.at)}
    may = {code: behaviour.may[s.states.index(code)] for code in ("KZ", "IR", "DE")}
    assert not may["KZ"][at["Soroush"]]
    assert not may["IR"][at["Amazon"]]
    assert may["DE"][at["Amazon"]]
    assert may["IR"][at["WhatsApp"]]
    assert "HK" not in {state.code for state in model.outlook.deciding}
    off = model.outlook.off_limits()
    for i, j in zip(*np.nonzero(~off), strict=True):
        if s.targets[j].platform < 0:
            assert s.users[i, j] > 0.0  # a network, a cloud or a maker has a share of the market


def test_a_law_that_exists_is_not_made_again() -> None:
    """Germany asks for an agent since 2017, the European Union since 2024; France might before."""
    data = battle(40).model_dump(mode="json") | {"parameters": {"control.demand_rate": 100.0}}

    def who(start: str) -> set[str]:
        model = StatesAlone(sn.load(data | {"start": start, "policies": []}), 1)
        return {d.who for d in model.run().decisions if d.act == Demand("local_representative")}

    assert "FR" in who("2019-04-01")
    assert not {"DE", "FR"} & who("2024-03-01")
    assert "DE" not in who("2019-04-01")


def test_a_package_comes_soon_after_a_clash_or_not_at_all() -> None:
    ages = []
    for seed in range(1, 9):
        ages += [
            (d.day - date.fromisoformat(d.cause.rpartition("/")[2])).days
            for d in alone(seed).decisions
            if d.reason.code == "likely" and d.reason.leading == "war" and "/UA/" not in d.cause
        ]
    assert len(ages) > 10
    assert max(ages) <= weights()["memory"]


def test_a_state_without_any_order_in_ten_years_orders_no_more_often_than_that_says() -> None:
    """Half a case in all years; before they are ten, and after an order of its own, no bound."""
    model = StatesAlone(battle(), 1)
    names = model.outlook.situation.states
    singapore, russia = (names.index(code) for code in ("SG", "RU"))

    def chances(day: date) -> tuple[np.ndarray, np.ndarray]:
        model.day = (day - model.spec.start).days
        behaviour = seen_by(model)
        free = np.where(behaviour.may, chance_of_order(behaviour.reasons), 0.0)
        return behaviour.unanswered, free

    early, free = chances(date(2021, 12, 31))
    assert early[singapore] == pytest.approx(free[singapore])
    late, free = chances(date(2022, 1, 1))
    assert late[singapore].sum() == pytest.approx(0.5 / 10.0, rel=1e-3)
    assert free[singapore].sum() > 0.09
    assert late[russia] == pytest.approx(free[russia])
    order = model.outlook.states[singapore].strike(
        0, "control", notice=1, reason=Likely("control", ""), cause="fact:regimes:SG", scores={}
    )
    model.decisions.append(order)
    late, free = chances(date(2022, 1, 2))
    assert late[singapore] == pytest.approx(free[singapore])

"""Believable states: nobody in two camps, bounded disputes, policies that end, causes that are
there, no calendar.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from scripts import script
from test_statecraft import LIMIT, struck, toy

import splinternet as sn
from splinternet.actors import answer, control, statecraft
from splinternet.actors.agents import StatesAlone
from splinternet.actors.answer import Coalition, Imitation, Programme, conflicts, current_programmes
from splinternet.actors.review import turnover
from splinternet.actors.weighing import weigh
from splinternet.decisions import (
    FACT,
    Decision,
    Dissolve,
    Grew,
    Join,
    Launch,
    Leave,
    Lift,
    Reviewed,
    Strike,
    TakeOffice,
    TakeOver,
    Tired,
)
from splinternet.facts.orders import PRECEDENT_DAYS, Dispute, weights
from splinternet.facts.tables import HOME, read
from splinternet.world.situation import Situation

EVERY = dict.fromkeys(
    ("targets", "retaliation", "imitation", "coalition", "pushback", "governments"), True
)
BUSY = {
    "targets.margin": 0.02,
    "targets.attention": 1.0,
    "imitation.lag_days": 60.0,
    "capital.recovery_days": 90.0,
}


def busy(days: int = 1_400, start: str = "2020-08-01", **parameters: float) -> sn.Scenario:
    """Return a scenario without given events in which states have much to decide."""
    keys: dict[str, Any] = dict(title="busy", start=start, days=days, world={"facts": "world-2020"})
    return sn.load(keys | {"behaviour": EVERY, "parameters": BUSY | parameters})


@pytest.fixture(scope="module")
def battle() -> list[StatesAlone]:
    """Return two members of the battle, states alone; `studies/battle_members.py` looks at
    sixteen.
    """
    return [StatesAlone(sn.load("the_battle"), seed).run() for seed in (2, 3)]


# --- the rules, by hand ---------------------------------------------------------------------------


def test_a_contest_moves_only_where_both_grow_or_the_smaller_does() -> None:
    revenue, own = np.array([10.0]), np.array([[100.0], [1.0]])
    moves = statecraft.contest_moved(revenue, own, np.array([0.0]), np.zeros(2))
    assert np.all(moves == 0.0)
    moves = statecraft.contest_moved(revenue, own, np.log([2.0]), np.zeros(2))
    assert (
        moves[0, 0] == pytest.approx((np.log(21) - np.log(11)) / np.log(11)) and moves[1, 0] == 0.0
    )


def test_governments_change_more_often_where_states_are_free() -> None:
    rates = turnover(np.array([0.0, 0.5, 1.0]), 0.24, 0.06)
    assert rates * 12 == pytest.approx([0.06, 0.15, 0.24])


# --- toy worlds -----------------------------------------------------------------------------------


def test_an_echo_ends_an_arms_race() -> None:
    """At 1.5 the first answer leaves half a blow, which calls for a second; both together are
    answered no more.
    """
    race = {"retaliation.strength": 1.5, "retaliation.slack": 3.0}
    runs = [
        struck(toy(), behaviour={"retaliation": True}, parameters=race | {"retaliation.echo": e})
        for e in (1.0, 0.3)
    ]
    assert [len(arm.decisions) for arm in runs] == [5, 2]


def test_a_state_tires_of_an_answer_and_does_not_give_it_again() -> None:
    arm = struck(
        toy(),
        behaviour={"retaliation": True},
        parameters={
            "retaliation.strength": 1.0,
            "retaliation.fatigue": 2.0,
            "review.patience_days": 30.0,
        },
    )
    assert [type(d.act) for d in arm.decisions] == [Strike, Lift]
    assert (
        isinstance(arm.decisions[1].reason, Tired) and arm.decisions[1].cause == arm.decisions[0].id
    )
    assert {m.id for m in arm.outlook.standing()} == {"first"}


def test_a_copy_takes_time_and_a_reason() -> None:
    fast = {"imitation.strength": 60.0, "imitation.rate": 0.06}
    at_once, later, never = (
        struck(toy(), behaviour={"imitation": True}, parameters=fast | more, level=True)
        for more in ({}, {"imitation.lag_days": 240.0}, {"imitation.reason": 99.0})
    )
    first = [(arm.decisions[0].day - arm.spec.start).days for arm in (at_once, later)]
    assert first[0] < 60 and first[1] >= 120 and never.decisions == []


def test_what_a_government_has_lifted_it_does_not_copy_again_but_the_next_one_may() -> None:
    arm = struck(toy(), behaviour={"imitation": True}, parameters={"imitation.strength": 0.0})
    target, state, behaviour = arm.outlook.situation.targets[3], arm.outlook.states[2], Imitation()
    lifted = Decision(
        arm.spec.start + timedelta(days=100), state.code, "governments", Lift("x"), (target.aim,)
    )
    arm.decisions.append(lifted)
    for since, is_taken in ((-1, True), (50, True), (300, False)):
        state.government = statecraft.Government(1.0, since, "row")
        list(behaviour.act(arm))
        assert bool(behaviour.not_copied[state.number, 3]) == is_taken


def test_what_a_government_pays_limits_how_much_it_does_at_once() -> None:
    def strikes(price: float) -> int:
        keys = {
            "targets.accustomed": 0.0,
            "targets.attention": 1.0,
            "capital.price": price,
            "targets.threshold": 0.05,
        }
        return len(struck(toy(), days=200, behaviour={"targets": True}, parameters=keys).decisions)

    assert strikes(0.0) > strikes(0.3) > strikes(0.6) > 0


def camp(
    given: list[dict[str, Any]],
    close: np.ndarray,
    there: Situation | None = None,
    **parameters: float,
) -> StatesAlone:
    """Return a toy world of four in which programmes grow fast; ``close`` says who is close to
    whom.
    """
    there = there or toy()
    platforms = {
        t.name: {"owner": t.owner, "home": there.states[t.home], "kind": "feed"}
        for t in there.targets
    }
    base = dict(
        title="camps", start="2020-08-01", days=900, policies=given, behaviour={"coalition": True}
    )
    keys = (
        LIMIT
        | {"coalition.rate": 50.0, "coalition.talks": 50.0, "coalition.leave": 0.0}
        | parameters
    )
    arm = StatesAlone(
        sn.load(base | {"world": {"platforms": platforms}, "parameters": keys}), 1, there
    )
    arm.outlook.rivals, arm.outlook.close = 1.0 - np.eye(4), close
    return arm.run()


def strike_on(there: Situation, by: int, home: int, n: int, on: str) -> dict[str, Any]:
    """Return a given policy of one state against the n-th platform of another."""
    code, name = there.states[by], there.targets[3 * home + n].name
    return dict(id=f"{by}-{home}-{n}", instrument="block", by=[code], targets=[name], on=on)


def test_a_state_equally_close_to_two_rivals_joins_one_of_them_alone() -> None:
    there = toy()
    given = [strike_on(there, a, b, n, "2020-08-01") for a, b in ((0, 1), (1, 0)) for n in range(2)]
    arm = camp(given, np.ones((4, 4)) - np.eye(4))
    known = current_programmes(arm)
    assert set(known) == {(0, 1), (1, 0)} and list(conflicts(known)) == []
    joined = Counter(d.who for d in arm.decisions if isinstance(d.act, Join))
    assert joined == {there.states[2]: 1, there.states[3]: 1}


def test_a_member_leaves_a_leader_that_turns_on_it() -> None:
    there = toy()
    given = [strike_on(there, 0, 1, n, "2020-08-01") for n in range(2)]
    arm = camp([*given, strike_on(there, 0, 2, 0, "2021-08-01")], np.ones((4, 4)) - np.eye(4))
    left = [d for d in arm.decisions if isinstance(d.act, Leave)]
    assert [(d.who, d.cause) for d in left] == [(there.states[2], "0-2-0")]
    assert (left[0].day - arm.spec.start).days in range(365, 373)
    assert not any(
        d.who == there.states[2] and isinstance(d.act, Join) and d.day > left[0].day
        for d in arm.decisions
    )


def test_a_programme_whose_leader_lifts_its_policies_ends() -> None:
    there = toy()
    given = [strike_on(there, 0, 1, n, "2020-08-01") for n in range(2)]
    peace = dict(
        id="peace", instrument="lift", by=[there.states[0]], policy="0-1-0", on="2021-08-01"
    )
    arm = camp([*given, peace], np.ones((4, 4)) - np.eye(4))
    assert [type(d.act) for d in arm.decisions if d.who == there.states[0]] == [Launch, Dissolve]
    assert current_programmes(arm) == {}


def test_nobody_changes_sides_after_the_end_of_a_programme() -> None:
    """The first state makes peace with the second; who followed it then stays out when the second
    begins.
    """
    there = toy()
    given = [strike_on(there, 0, 1, n, "2020-08-01") for n in range(2)]
    ends = [
        {
            "id": f"peace-{n}",
            "instrument": "lift",
            "by": [there.states[0]],
            "policy": f"0-1-{n}",
            "on": "2020-10-01",
        }
        for n in range(2)
    ]
    later = [strike_on(there, 1, 0, n, "2021-10-01") for n in range(2)]

    def joined(*policies: dict[str, Any]) -> set[tuple[str, str]]:
        arm = camp([*policies], np.ones((4, 4)) - np.eye(4), **{"review.patience_days": 60.0})
        return {(d.who, d.act.leader) for d in arm.decisions if isinstance(d.act, Join)}

    first, second, third, fourth = there.states
    assert joined(*later) == {(third, second)}  # a clash is between the fourth and the second
    assert joined(*given, *ends, *later) == {(third, first), (fourth, first)}


def test_two_programmes_are_two_camps_unless_a_leader_of_one_is_in_the_other() -> None:
    row = camp([], np.zeros((4, 4))).outlook.states[0].decision("coalition", Launch("CN"), None, "")
    one = Programme(0, 1, "US", "CN", row, {4: row})
    other = Programme(2, 3, "FR", "IN", row, {4: row})
    assert [state for state, *_ in conflicts({(0, 1): one, (2, 3): other})] == [4]
    one.members[2] = row
    assert list(conflicts({(0, 1): one, (2, 3): other})) == []


def test_a_member_gives_up_what_its_leader_has_given_up_after_a_lag_of_its_own() -> None:
    """Each has half to one and a half times `imitation.lag_days`; what a scenario ends has ended
    for all.
    """
    arm = camp([], np.ones((4, 4)) - np.eye(4), **{"imitation.lag_days": 100.0})
    behaviour, ended = Coalition(), arm.spec.start

    def seen(member: int, day: int) -> bool:
        arm.day = day
        return behaviour._has_seen(arm, member, ended)

    first = {member: next(day for day in range(200) if seen(member, day)) for member in range(4)}
    assert all(50 <= day <= 150 for day in first.values())
    assert len(set(first.values())) == 4
    assert behaviour._has_seen(arm, 0, None)


def test_nobody_is_led_by_a_smaller_state_or_by_one_that_has_sanctions_against_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = toy()
    given = [strike_on(there, 0, 1, n, "2020-08-01") for n in range(2)]
    close = np.ones((4, 4)) - np.eye(4)

    def joined(world: Situation = there) -> set[str]:
        arm = camp(given, close, there=world)
        return {d.who for d in arm.decisions if isinstance(d.act, Join)}

    assert joined() == set(there.states[2:])
    product = there.product.copy()
    product[2] *= 3.0
    assert joined(replace(there, product=product)) == {there.states[3]}
    foes = frozenset({frozenset((there.states[0], there.states[3]))})
    real = answer.disputes_on
    monkeypatch.setattr(
        answer, "disputes_on", lambda day, *k: foes if "sanctions" in k else real(day, *k)
    )
    assert joined() == {there.states[2]}


def test_a_state_answers_like_for_like_where_it_can() -> None:
    """China bars Amazon's cloud: the United States bars clouds of China, though carriers would fit,
    too.
    """
    ban = dict(
        id="ban", instrument="cloud_ban", by="CN", clouds=["Amazon Web Services"], on="2020-08-01"
    )
    base = {
        "title": "clouds",
        "start": "2020-08-01",
        "days": 900,
        "policies": [ban],
        "behaviour": {"retaliation": True},
    }
    keys = {"retaliation.strength": 1.0, "retaliation.delay_days": 14.0, "retaliation.slack": 5.0}
    made = StatesAlone(sn.load(base | {"parameters": keys}), 1).run().decisions
    answers = [d for d in made if d.who == "US" and isinstance(d.act, Strike)]
    assert answers
    assert {d.target[0].sector for d in answers} == {"cloud"}


def test_who_is_far_smaller_does_not_act_first() -> None:
    def who(least: float) -> set[str]:
        spec = busy(1_000, **{"targets.least_size": least})
        arm = StatesAlone(spec, 1)
        arm.behaviours = tuple(each for each in arm.behaviours if each.name == "targets")
        return {d.who for d in arm.run().decisions if d.behaviour == "targets"}

    assert who(0.2) < who(0.0)


def test_a_dwarf_does_not_lead() -> None:
    there = toy()
    given = [strike_on(there, 0, 1, n, "2020-08-01") for n in range(2)]
    assert camp(given, np.ones((4, 4)) - np.eye(4), **{"coalition.weight": 1.5}).decisions == []


def test_a_state_that_has_got_used_to_all_acts_only_on_what_rises() -> None:
    still = {"trend.targets": 0.0, "trend.economies": 0.0}
    calm, moving = (StatesAlone(busy(**more), 4) for more in (still, {}))
    for arm in (calm, moving):
        arm.behaviours = tuple(each for each in arm.behaviours if each.name == "targets")
        arm.run()
    assert calm.decisions == []
    assert any(isinstance(d.act, Strike) for d in moving.decisions)


# --- whole worlds ---------------------------------------------------------------------------------


def outline(arm: StatesAlone, shift: int = 0) -> list[tuple[int, str, str, str]]:
    """Return what was decided, without the words that hold dates."""
    day = arm.spec.start
    return [((d.day - day).days, d.who, d.act.code, d.target_label) for d in arm.decisions]


def test_three_years_later_the_same_states_decide_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for elections, disputes and other moments no rule reads the calendar: all dates move
    together.
    """
    monkeypatch.setattr(control, "disputes_on", lambda day, *kinds: frozenset())
    first = busy(900)
    start = first.start + timedelta(days=1_096)
    runs = [
        StatesAlone(spec, 7, StatesAlone(first).outlook.situation)
        for spec in (first, busy(900, str(start)))
    ]
    for run in runs:
        run.behaviours = tuple(
            each for each in run.behaviours if each.name not in ("control", "governments")
        )
        run.run()
    assert len(runs[0].decisions) > 20
    assert outline(runs[0]) == outline(runs[1])


def test_no_rule_reads_the_length_of_the_run() -> None:
    long, short = (StatesAlone(busy(days), 7).run() for days in (1_000, 600))
    last = short.spec.days - 1  # a run decides on its last day, whichever it is
    cut = [row for row in outline(long) if row[0] < last]
    assert cut == [row for row in outline(short) if row[0] < last] and len(cut) > 10


def test_the_world_moves_by_the_spread_that_the_facts_show() -> None:
    arm = StatesAlone(busy(3_653), 3)
    arm.day = 3_652
    here, q = arm.outlook.moved(), arm.setting.parameters
    years = 3_652 // 30 * 30 / 365.25
    assert here.size.std() == pytest.approx(q["trend.targets"] * years**0.5, rel=0.25)
    assert here.product.std() == pytest.approx(q["trend.economies"] * years**0.5, rel=0.4)
    again = StatesAlone(busy(3_653), 3)
    for day in range(0, 3_653, 7):
        again.day = day
        again.outlook.moved()
    assert np.array_equal(again.outlook.moved().size, here.size)


def test_days_in_two_hostile_programmes_by_hand() -> None:
    first = date(2020, 8, 1)
    acts = [
        (0, "A", Launch("B")),
        (1, "B", Launch("A")),
        (2, "C", Join("A", "B")),
        (3, "C", Join("B", "A")),
        (4, "D", Join("A", "B")),
        (5, "C", Leave("B", "A")),
        (6, "E", Join("B", "A")),
        (6, "E", Join("A", "B")),
        (6, "B", Dissolve("A")),
    ]
    rows = [Decision(first + timedelta(n), who, "coalition", act) for n, who, act in acts]
    # C is in both on the days 3 and 4; E is in both only within day 6, which ends with one
    # programme.
    assert script("studies/battle_members.py").both_camps(rows) == 2


def test_nobody_is_ever_in_two_hostile_programmes(battle: list[StatesAlone]) -> None:
    """Counted from the rows alone, as a reader of decisions.csv would."""
    days_in_both_camps = script("studies/battle_members.py").both_camps
    assert [days_in_both_camps(arm.decisions) for arm in battle] == [0, 0]


def test_states_decide_in_every_third_and_leave_and_lift(battle: list[StatesAlone]) -> None:
    acts: Counter[type[Any]] = Counter()
    for arm in battle:
        own = [d for d in arm.decisions if not isinstance(d.act, Grew | TakeOffice)]
        thirds = {3 * (d.day - arm.spec.start).days // arm.spec.days for d in own}
        assert thirds == {0, 1, 2}
        acts.update(type(d.act) for d in own)
    assert acts[Leave] and acts[Lift] and acts[Dissolve] and acts[TakeOver]


def test_every_decision_has_a_cause_that_comes_before_it(battle: list[StatesAlone]) -> None:
    for arm in battle:
        known = {p.id for p in arm.spec.policies}
        for d in arm.decisions:
            assert d.cause in known or is_fact(arm, d), d
            assert d.id not in known, d
            known.add(d.id)


def is_fact(arm: StatesAlone, d: Decision) -> bool:
    """Return whether the cause of a decision is a fact that the world has."""
    word, table, key = d.cause.split(":") if d.cause.count(":") == 2 else ("", "", "")
    s, parts = arm.outlook.situation, key.split("/")
    found = {
        "penetration": lambda: (
            parts[0] in s.states and parts[-1] in (*arm.setting.platforms, parts[0])
        ),
        "presence": lambda: any((t.owner, t.sector) == (parts[0], parts[1]) for t in s.targets),
        "firms": lambda: any(t.owner == parts[0] for t in s.targets),
        "states": lambda: parts[0] in s.states,
        "regimes": lambda: parts[0] in s.states,
        "block_history": lambda: key in (*arm.setting.platforms, *s.states),
        "moments": lambda: f",{key}," in (HOME / "moments.csv").read_text(encoding="utf-8"),
        "laws": lambda: f",{key}," in (HOME / "laws.csv").read_text(encoding="utf-8"),
        "disputes": lambda: (
            f"\n{parts[0]},{parts[1]}," in (HOME / "disputes.csv").read_text(encoding="utf-8")
        ),
        "answers": lambda: f"\n{key}," in (HOME / "answers.csv").read_text(encoding="utf-8"),
    }
    return word == "fact" and found[table]()


def test_a_new_government_weighs_its_own_way(battle: list[StatesAlone]) -> None:
    arm = battle[0]
    changed = {d.who for d in arm.decisions if isinstance(d.act, TakeOffice)}
    still = next(i for i, code in enumerate(arm.outlook.situation.states) if code not in changed)
    ready = weigh(arm).ready
    since = np.array([state.government.since for state in arm.outlook.states])
    is_new = (since >= 0) & (arm.day - since <= PRECEDENT_DAYS)
    assert ready[still] == 1.0 and is_new.any()
    assert ((ready != 1.0) == is_new).all()
    given = [d for d in arm.decisions if isinstance(d.act, Strike) and "government" in d.cause]
    assert all(d.who == d.cause[:2] for d in given)


def names_its_object(decision: Decision) -> bool:
    """Return whether the cause of a decision is what it ends or takes over, and no reason."""
    match decision.act:
        case Lift(policy) | TakeOver(policy):
            return bool(decision.cause == policy)
        case Leave() | Dissolve():
            return True
    return False


def test_no_printed_reason_is_older_than_its_half_life(battle: list[StatesAlone]) -> None:
    seen: Counter[str] = Counter()
    for arm in battle:
        policies = {p.id: p for p in (*arm.spec.policies, *arm.decided)}
        begun = {d.id: d.day for d in arm.decisions}
        begun |= {name: p.on for name, p in policies.items() if p.on is not None}
        for d in arm.decisions:
            if d.cause in begun and not names_its_object(d):
                assert (d.day - begun[d.cause]).days <= PRECEDENT_DAYS, d
                seen[d.behaviour] += 1
            elif d.cause.startswith(f"{FACT}disputes:"):
                row = read(Dispute)[tuple(d.cause.rpartition(":")[2].split("/"))]
                age = (d.day - date.fromisoformat(row.since)).days
                assert row.kind == "war" or age <= weights()["memory"], d
    assert {"imitation", "coalition", "retaliation", "control", "targets"} <= {*seen}


def test_a_new_government_lifts_at_once_only_if_it_is_less_ready_to_act(
    battle: list[StatesAlone],
) -> None:
    """And half as much so after a year, then no longer."""
    lifts = 0
    for arm in battle:
        taken = {d.id: d.act.readiness for d in arm.decisions if isinstance(d.act, TakeOffice)}
        for d in arm.decisions:
            if isinstance(d.reason, Reviewed) and d.reason.new_government:
                assert taken[d.cause] < 1.0, d
                lifts += 1
    assert lifts
    state = StatesAlone(sn.load("the_battle"), 1).outlook.states[0]
    state.government = statecraft.Government(1.44, 100, "x")
    for day, readiness in ((100, 1.44), (465, 1.2), (466, 1.0)):
        state.model.day = day
        assert state.readiness == pytest.approx(readiness)

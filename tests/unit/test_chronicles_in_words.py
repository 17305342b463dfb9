"""Chronicles from cause to effect, and the skill of rules: made-up decisions, no model is run."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import call
from scripts import script
from toy_results import toy_result

import splinternet as sn
from splinternet.decisions import (
    Act,
    Aim,
    Allegiance,
    Answer,
    Cheapest,
    Decision,
    Demand,
    Demanded,
    Enough,
    FirstStrike,
    Grew,
    Hardened,
    Join,
    Judgment,
    Launch,
    Leave,
    Lift,
    Likely,
    Membership,
    Obeyed,
    PolicyName,
    Reason,
    Retaliation,
    Reviewed,
    ShutOut,
    Spare,
    Strike,
    TakeOffice,
    TakeOver,
    Threatened,
    Trend,
    Turnover,
    camps_of,
)
from splinternet.facts.orders import SERIES, VARIABLES, Joiner
from splinternet.facts.record import Skill, skilled_rules
from splinternet.facts.tables import read
from splinternet.results import Result
from splinternet.results.summary import adopted, summary_data, typical_member
from splinternet.text import decisions as skill
from splinternet.text import finding_sentences
from splinternet.text.decisions import chronicle, chronicle_lines, main_steps, plain, story
from splinternet.text.numbers import sentence

DAY = date(2020, 9, 1)
STUDY = script("studies/who_joins.py")


def decided(
    who: str,
    behaviour: str,
    act: Act,
    reason: Reason,
    *target: Aim,
    policy: PolicyName | None = None,
    cause: str = "wechat-ban",
    day: date = DAY,
) -> Decision:
    """Return a decision without scores."""
    return Decision(day, who, behaviour, act, target, policy, cause, {}, reason)


def strikes(n: int, who: str = "US", cause: str = "wechat-ban") -> list[Decision]:
    """Return so many policies of a state, a day apart."""
    reason: Reason = Retaliation("US", (Aim("WeChat"),), cause)
    if cause == "wechat-ban":
        reason = FirstStrike("economy")
    made = []
    for k in range(n):
        keys: Any = {"policy": PolicyName(f"{who}-{k}", "block"), "cause": cause}
        keys["day"] = DAY + timedelta(k)
        made.append(decided(who, "targets", Strike("block"), reason, Aim(f"P{k}"), **keys))
    return made


def lifts(made: list[Decision]) -> list[Decision]:
    """Return the ends of policies."""
    ends = []
    for d in made:
        keys: Any = {"policy": PolicyName(f"{d.id}-end", "lift"), "cause": d.id}
        keys["day"] = d.day + timedelta(30)
        ends.append(decided(d.who, "governments", Lift(d.id), Reviewed(False), *d.target, **keys))
    return ends


def camp(leader: str, foe: str, *others: str) -> list[Decision]:
    """Return a programme and who joins it."""
    aims = (Aim(foe), Aim("programme"))
    begun = decided(leader, "coalition", Launch(foe), Enough(2), *aims)
    join, ally = Join(leader, foe), Allegiance(leader, foe)
    joined = [decided(c, "coalition", join, ally, Aim(foe), cause=begun.id) for c in others]
    return [begun, *joined]


def result_of(*members: list[Decision]) -> Result:
    """Return a made-up result whose members have these decisions."""
    made = toy_result(len(members), 60, behaviour={"coalition": True, "governments": True})
    made.members = [
        (base, replace(policy, decisions=tuple(rows)))
        for (base, policy), rows in zip(made.members, members, strict=True)
    ]
    return made


QUIET = strikes(1)
ONE = [*strikes(10), *camp("US", "CN", "DE")]
TWO = [*strikes(10), *camp("US", "CN", "DE"), *camp("CN", "US", "TR")]


def test_a_camp_whose_members_have_left_is_none() -> None:
    ally = Allegiance("US", "CN")
    left = decided("DE", "coalition", Leave("US", "CN"), ally, Aim("US"), cause="US-0")
    assert camps_of(ONE) == {("US", "CN"): frozenset({"US", "DE"})}
    assert camps_of([*ONE, left]) == {}


def test_a_run_says_how_many_policies_states_adopt_and_tells_a_typical_member() -> None:
    result = result_of(QUIET, TWO, strikes(12))
    assert (adopted(result.members), typical_member(result.members)) == ([1, 10, 12], 2)
    assert summary_data(result)["adopted"] == [1, 10, 12]
    said = finding_sentences.sentences(result)
    assert "Countries would adopt about 10 policies of their own (1 to 12)." in said
    told = story(result)
    assert told is not None
    assert told.head == "Example (full story: splinternet show RUN --chronicle 2):"
    assert story(result_of([], [])) is None


def test_one_policy_and_one_internet_are_said_in_the_singular() -> None:
    said = finding_sentences.sentences(result_of(strikes(1), strikes(1), strikes(2)))
    assert any("about 1 policy of their own" in one for one in said), said
    for number, words in (("about 1", "about 1 internet"), ("1.24", "1.24 separate internets")):
        f = SimpleNamespace(
            number=number, was="1.3", would=lambda verb: f"would {verb.rstrip('s')}"
        )
        assert f"would end with {words} instead of 1.3" in sentence("findings", "internets", f=f)


def test_a_chronicle_goes_from_cause_to_effect() -> None:
    fact = "fact:penetration:US/TikTok"
    rose = Grew("popularity", 1.5)
    grew = decided("TikTok", "trend", rose, Trend(), Aim("US", "video"), cause=fact)
    strike = replace(strikes(1)[0], cause=grew.id)
    answer = strikes(1, "CN", strike.id)[0]
    office = "governments", TakeOffice(1.2), Turnover(), Aim("government")
    idle = decided("DE", *office, cause="fact:regimes:DE")
    steps = chronicle(result_of([idle, grew, strike, answer, *lifts([answer])]), 1)
    assert [(s.depth, s.cause) for s in steps] == [(0, 0), (0, 0), (1, 2), (2, 3), (3, 4)]
    told = plain(steps)
    assert told[0].endswith("(wechat-ban, given)") and "From 20 September 2020" in told[0]
    assert "TikTok has grown: 1.5 times" in told[1]
    assert "The United States blocks P0" in told[2] and "China blocks P0" in told[3]
    shown = chronicle_lines(steps)
    assert shown[1].endswith("<- fact: who uses what (US/TikTok)") and shown[3].endswith("<- 3")
    assert [s.number for s in main_steps(steps, 3)] == [2, 3, 4], (
        "what has most behind it, and its causes"
    )


def test_what_several_firms_answer_in_the_same_words_is_one_step() -> None:
    demand = strikes(1)[0]
    cheapest = Cheapest(demand.id, 1.0, 2.0)
    answers = [
        replace(
            decided(name, "platforms", Answer(kind, in_effect=False), cheapest, cause=demand.id),
            platforms=(name,),
        )
        for name, kind in (("P1", "comply"), ("P2", "contest"), ("P3", "comply"))
    ]
    told = [step.text for step in chronicle(result_of([demand, *answers]), 1)]
    wanted = (
        "P1 and P3 will give in to the United States. "
        "They expect this to cost least of all answers."
    )
    assert told.count(wanted) == 1
    assert (
        "P2 will take the United States to court. It expects this to cost least of all answers."
        in told
    )
    assert len(told) == len(chronicle(result_of([demand]), 1)) + 2


def test_no_firm_gives_in_before_its_suit_is_told() -> None:
    """P2 sues, loses and gives in, as P1 did before; one step for both would come too early."""
    demand = strikes(1)[0]
    acts: list[tuple[str, Act]] = [
        ("P1", Answer("comply", in_effect=False)),
        ("P2", Answer("contest", in_effect=False)),
        ("P2", Judgment(won=False)),
        ("P2", Answer("comply", in_effect=False)),
        ("P3", Answer("comply", in_effect=False)),
    ]
    made = [
        replace(
            decided(name, "platforms", act, Demanded(demand.id), cause=demand.id), platforms=(name,)
        )
        for name, act in acts
    ]
    told = [step.text.strip() for step in chronicle(result_of([demand, *made]), 1)]
    assert told[-4:] == [
        "P1 will give in to the United States.",
        "P2 will take the United States to court.",
        "P2 lost in court against the United States.",
        "P2 and P3 will give in to the United States.",
    ]


def test_what_follows_from_one_of_two_answers_of_a_day_is_told_once() -> None:
    laws = [strikes(1, state)[0] for state in ("US", "TR")]
    answers = [
        replace(
            decided("P", "platforms", Answer("comply", True), Demanded(law.id), cause=law.id),
            platforms=("P",),
        )
        for law in laws
    ]
    spared = decided("TR", "control", Spare(), Obeyed(laws[1].id), Aim("P"), cause=answers[1].id)
    told = chronicle(result_of([*laws, *answers, spared]), 1)
    (step,) = (step for step in told if "leaves P alone" in step.text)
    assert told[step.cause - 1].text.startswith("P gave in to Turkey.")


def test_a_stay_of_the_scenario_is_told_after_the_order_that_it_concerns() -> None:
    told = skill.steps(sn.load("the_battle"), ())
    (stay,) = (step for step in told if step.id == "wechat-stay")
    assert told[stay.cause - 1].id == "wechat-order"
    assert "stays the transaction ban of WeChat" in stay.text


def test_what_ends_is_named_by_what_it_was() -> None:
    """A state unblocks a platform, and drops a demand, which has no target or id in a sentence."""
    block = strikes(1)[0]
    law = replace(
        block,
        act=Demand("local_representative"),
        policy=PolicyName("UA-law-2028", "local_representative"),
        who="UA",
    )
    end = replace(lifts([law])[0], target=(), reason=Threatened("WeChat"))
    told = [step.text for step in chronicle(result_of([block, *lifts([block]), law, end]), 1)]
    assert any(text.startswith("The United States unblocks P0. ") for text in told)
    assert (
        "Ukraine drops its demand for a representative. WeChat would rather leave than obey."
        in (told)
    )
    barred = replace(block, act=ShutOut(), policy=None, target=(Aim("Huawei", "phones"),))
    free = replace(lifts([barred])[0], policy=None)
    told = [step.text for step in chronicle(result_of([barred, free]), 1)]
    assert any(
        text.startswith("The United States admits phones of Huawei again. ") for text in told
    )


def test_no_reason_claims_what_other_decisions_may_refute() -> None:
    """A first strike may come after that of another state, a package may have one order, and a
    programme counts policies that are only announced.
    """
    spec = sn.load("the_battle")
    strike = strikes(1)[0]
    order = replace(
        strike,
        who="IN",
        behaviour="control",
        reason=Likely("war", ""),
        cause="fact:disputes:IN/CN/2020-06-15",
    )
    opened = camp("US", "CN")[0]
    assert [skill.step_text(spec, d).partition(". ")[2] for d in (strike, order, opened)] == [
        "It acts on its own, mostly because of the revenue for which its own firms compete.",
        "The order comes after the clash with China.",
        "It has 2 policies against China.",
    ]


def test_a_block_that_takes_the_place_of_a_throttle_is_told_once() -> None:
    slow = replace(strikes(1)[0], act=Strike("throttle"))
    ban = replace(strikes(1, "CN", slow.id)[0], reason=Likely("throttle", ""))
    end = replace(lifts([slow])[0], reason=Hardened(), cause=ban.id)
    told = [step.text for step in chronicle(result_of([slow, ban]), 1)]
    assert any(text.endswith("Slowing it down was not enough.") for text in told)
    assert [step.text for step in chronicle(result_of([slow, ban, end]), 1)] == told


def test_states_that_do_the_same_for_the_same_reason_are_one_step() -> None:
    told = [step.text for step in chronicle(result_of(camp("US", "CN", "DE", "JP", "FR")), 1)]
    assert told[-1] == (
        "Germany joins the programme of the United States against China; so do Japan (1 September"
        " 2020) and France (1 September 2020). They are close to the United States and see China as"
        " a rival."
    )


def test_what_a_member_takes_over_names_the_firm() -> None:
    cloud = replace(strikes(1)[0], act=Strike("cloud_ban"), target=(Aim("Alibaba", "cloud"),))
    taken = replace(
        cloud,
        who="JP",
        act=TakeOver(cloud.id),
        target=(Aim("CN", "cloud"),),
        policy=PolicyName("JP-cloud", "cloud_ban"),
        cause=cloud.id,
        reason=Membership("US", "CN"),
    )
    told = [step.text for step in chronicle(result_of([cloud, taken]), 1)]
    assert told[-1].startswith("Japan bars the cloud of Alibaba as well. It is in the programme")


def test_a_law_of_the_scenario_is_told_as_what_happened_without_its_settings() -> None:
    spec = sn.load("the_battle")
    law = next(policy for policy in spec.policies if policy.id == "law-90-fz")
    assert skill.given_text(spec, law) == (
        "From 1 November 2019 Russia builds a filter of its own. (law-90-fz, given)"
    )


def test_show_prints_the_chronicle_of_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = result_of(TWO, QUIET).save(tmp_path / "run")
    code, told, _ = call(capsys, "show", str(folder), "--chronicle", "1")
    assert code == 0 and "opens a programme against China" in told and "Illustration only: " in told
    _, told, _ = call(capsys, "show", str(folder), "--chronicle", "2", "--json")
    assert {"number", "cause", "text", "fact"} <= set(json.loads(told)[0])
    code, _, told = call(capsys, "show", str(folder), "--chronicle", "3")
    assert code == 2 and "1 to 2" in told


# --- the skill of rules ---------------------------------------------------------------------------


def test_areas_by_hand() -> None:
    score, yes = np.array([3.0, 2.0, 2.0, 1.0]), np.array([True, True, False, False])
    assert STUDY.area(score, yes) == pytest.approx((1 + 1 + 0.5 + 1) / 4)
    assert STUDY.first_first(np.array([3.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0])) == pytest.approx(
        2 / 3
    )


def test_the_series_have_both_kinds_of_states_and_all_that_explains_them() -> None:
    table = read(Joiner)
    for name in SERIES:
        rows = {state: row for (state, field), row in table.items() if field == name}
        values = [row.value for row in rows.values()]
        assert len(values) > 90 and 10 < sum(values) < 50 and set(values) == {0.0, 1.0}
        assert all(
            bool(row.date and date.fromisoformat(row.date)) == (row.value == 1.0)
            for row in rows.values()
        )
        assert all((state, field) in table for state in rows for field in VARIABLES)
    assert (
        max(row.date for (_, field), row in table.items() if field == "clean_network")
        == "2020-12-31"
    )


def test_the_stored_skill_is_what_the_rules_have() -> None:
    for stored, now in zip(read(Skill).values(), STUDY.skills(), strict=True):
        near = {
            name: pytest.approx(x, abs=2e-4) if isinstance(x, float) else x
            for name, x in vars(now).items()
        }
        assert vars(stored) == near, stored.series


def test_a_rule_needs_to_beat_chance_and_the_best_rival() -> None:
    row = next(iter(read(Skill).values()))
    made = replace(row, skill=0.8, low=0.7, high=0.9, ahead_low=0.01, ahead_high=0.2)
    assert made.is_skilled
    assert not replace(made, ahead_low=-0.01).is_skilled and not replace(made, low=0.49).is_skilled


def test_every_table_says_which_rules_are_illustrations() -> None:
    skilled = skilled_rules()
    for name in skill.OF_STATES:
        has_skill = name in skilled or name == skill.CONTROL
        assert skill.evidence(name) == (skill.SKILL if has_skill else skill.ILLUSTRATION)
    assert skill.evidence("platforms") == skill.ILLUSTRATION
    assert skill.evidence("mine") == "" == skill.note(["mine"])


def test_a_state_that_depends_on_the_adversary_does_not_join() -> None:
    w = STUDY.world(read(Joiner))
    bound = w._replace(trade=np.where(np.arange(len(w.states)) == len(w.states) - 1, 0.6, w.trade))
    assert STUDY.joining(w).max() > 0 == STUDY.joining(bound).max()

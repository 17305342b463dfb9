"""Platforms move states: who obeys is left alone more often, who refuses is restricted more often,
and a threat to leave may end a demand.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

import splinternet as sn
from splinternet.actors import control
from splinternet.actors.agents import State, StatesAlone
from splinternet.actors.control import Control
from splinternet.actors.stances import dropped
from splinternet.decisions import Answer, Cheapest, Decision, Lift, Likely, Spare, Strike
from splinternet.facts.history import Restriction
from splinternet.facts.orders import REFUSAL_DAYS, Law, recalled
from splinternet.facts.tables import read
from splinternet.fit.orders import after_obeying

LAW = "law-7253"


def law(days: int, **more: Any) -> sn.Scenario:
    """Return Turkey's law alone, in force, with states that control what is said."""
    data = sn.load("the_battle").model_dump(mode="json")
    policies = [policy for policy in data["policies"] if policy["id"] == LAW]
    rest = {"policies": policies, "uncertain": {}, "start": "2020-11-20", "days": days}
    behaviour = {"control": True, "platforms": True}
    return sn.load(data | rest | {"behaviour": behaviour} | more)


def chance_after(answer: str, day: int = 0) -> float:
    """Return the yearly chance that Turkey restricts Facebook, which has answered so."""
    model = StatesAlone(law(900), 1)
    model.day = day
    model.enforce()
    model.adopt(model.setting.answered(LAW, "Facebook", answer))
    behaviour = Control()
    behaviour._look(model)
    s = model.outlook.situation
    names = [s.targets[j].name for j in behaviour.at]
    return float(behaviour.chances[s.states.index("TR"), names.index("Facebook")])


def odds(chance: float) -> float:
    return chance / (1.0 - chance)


def test_the_same_platform_obeys_or_refuses_and_the_chance_moves_as_stated() -> None:
    stated = StatesAlone(law(400), 1).setting.parameters
    plain = odds(chance_after("freed"))
    assert odds(chance_after("complied")) == pytest.approx(stated["control.obeyed"] * plain)
    # By day 0 a fine alone has fallen; by day 200 the bandwidth is cut.
    part = (1.0 - stated["control.paid"]) * recalled(age_on(0), REFUSAL_DAYS)
    assert odds(chance_after("")) == pytest.approx(stated["control.refused"] ** part * plain)
    late = odds(chance_after("", 200)) / odds(chance_after("freed", 200))
    assert late == pytest.approx(
        stated["control.refused"] ** recalled(age_on(200), REFUSAL_DAYS), rel=1e-6
    )
    assert chance_after("left") == 0.0


def age_on(day: int) -> int:
    """Return the age of the law on a day of its run [days]."""
    spec = law(900)
    return (spec.start + timedelta(days=day) - spec.policies[0].on).days


def test_obedience_counts_while_the_demand_stands_and_a_refusal_fades_and_ends() -> None:
    """An office that was opened is still open; who has put up with a refusal does not act on it."""
    stated = StatesAlone(law(900), 1).setting.parameters
    plain = odds(chance_after("freed", 800))
    assert odds(chance_after("complied", 800)) == pytest.approx(stated["control.obeyed"] * plain)
    last = int(REFUSAL_DAYS) - age_on(0)
    raised = [
        odds(chance_after("", day)) / odds(chance_after("freed", day)) for day in (last, last + 1)
    ]
    assert raised == pytest.approx([stated["control.refused"] ** 0.5, 1.0])


def test_the_half_life_of_a_refusal_is_the_time_that_the_tables_date() -> None:
    """LinkedIn in Russia, where data had to be at home."""
    asked = read(Law)["RU", "data_localisation"].since
    hit = next(
        row.since
        for row in read(Restriction).values()
        if (row.state, row.platform) == ("RU", "LinkedIn")
    )
    assert (date.fromisoformat(hit) - date.fromisoformat(asked)).days == REFUSAL_DAYS


def test_no_order_cites_a_refusal_older_than_its_half_life() -> None:
    """Turkey's law is refused for eight years, by all."""
    more = {"control.refused": 50.0, "control.demand_rate": 0.0, "control.lift_rate": 1.0}
    spec = law(2_900, parameters=more)
    ages = []
    for seed in (1, 2, 3):
        model = StatesAlone(spec, seed)
        model.behaviours = tuple(b for b in model.behaviours if isinstance(b, Control))
        model.adopt(model.setting.answered(LAW, "Facebook", ""))
        made = model.run().decisions
        begun = {p.id: p.on for p in (*spec.policies, *model.decided)}
        ages += [
            (d.day - begun[d.cause]).days
            for d in made
            if isinstance(d.reason, Likely) and d.reason.leading == "refused"
        ]
    assert len(ages) > 2 and max(ages) <= REFUSAL_DAYS


def test_nobody_asks_an_office_or_a_law_of_a_platform_of_the_enemy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ukraine asks Russian platforms in peace, and not at war."""
    data = sn.load("the_battle").model_dump(mode="json")
    parameters = {"control.demand_rate": 100.0, "control.demand_reach": 0.0001}
    rest = {"policies": [], "uncertain": {}, "parameters": parameters}
    spec = sn.load(data | rest | {"behaviour": {"control": True}})

    def asked() -> set[str]:
        model = StatesAlone(spec, 1)
        behaviour = Control()
        behaviour._look(model)
        s = model.outlook.situation
        behaviour.open[:] = True
        ukraine = next(state for state in model.outlook.deciding if state.code == "UA")
        monkeypatch.setattr(ukraine, "happens", lambda *_: True)
        found = {aim.name for d in behaviour._demand(ukraine) for aim in d.target}
        for kind in ("content_removal", "data_localisation", "age_limit"):
            found |= {*behaviour._terms(ukraine, kind)["targets"]}
        return {s.states[t.home] for t in s.targets if t.name in found}

    at_war = asked()
    assert "US" in at_war and "RU" not in at_war
    monkeypatch.setattr(control, "disputes_on", lambda *_: frozenset())
    assert "RU" in asked()


def test_an_order_against_the_enemy_does_not_end_by_chance_in_the_war(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = sn.load("the_battle").model_dump(mode="json")
    block = {"id": "b", "instrument": "block", "technique": "isp", "on": "2019-04-02"}
    policies = [block | {"by": "UA", "targets": ["RuTube"]}]
    rest = {"policies": policies, "uncertain": {}, "behaviour": {"control": True}}
    model = StatesAlone(sn.load(data | rest), 1)
    model.day = 400
    model.enforce()
    behaviour = Control()
    ukraine = next(state for state in model.outlook.deciding if state.code == "UA")
    monkeypatch.setattr(ukraine, "happens", lambda *_: True)

    def ends() -> list[Lift]:
        behaviour._look(model)
        behaviour.own = {"b"}
        return [d.act for d in behaviour._end_or_harden(ukraine)]

    assert ends() == []
    monkeypatch.setattr(control, "disputes_on", lambda *_: frozenset())
    assert ends() == [Lift("b")]


def test_in_a_run_the_order_comes_for_the_refusal_and_obedience_averts_it() -> None:
    """From the front door: the cost of a representative alone decides, and with it what Turkey
    does.
    """

    def decisions(cost: float) -> list[Decision]:
        parameters = {
            "compliance.fixed_cost.local_representative": cost,
            "compliance.reputation": float(cost > 0.0),
            "control.refused": 500.0,
            "control.obeyed": 0.0,
            "control.demand_rate": 0.0,
        }
        spec = law(330, parameters=parameters, people=1_000)
        (_, policy) = next(iter(sn.run(spec, seeds=1).members))
        return [d for d in policy.decisions if d.who == "TR"]

    def orders(made: list[Decision]) -> list[Decision]:
        named = law(1).policies[0].targets
        return [d for d in made if isinstance(d.act, Strike) and d.target[0].name in named]

    refused = [d for d in orders(decisions(2e8)) if d.reason.leading == "refused"]
    assert refused
    assert all(d.cause == LAW for d in refused)
    assert not orders(decisions(0.0))


def test_who_obeyed_is_spared_and_the_log_names_the_answer() -> None:
    spec = law(600, parameters={"control.obeyed": 0.0, "control.demand_rate": 0.0})
    model = StatesAlone(spec, 13)
    model.behaviours = tuple(b for b in model.behaviours if isinstance(b, Control))
    for name in ("Facebook", "Instagram", "Twitter", "YouTube"):
        model.adopt(model.setting.answered(LAW, name, "complied"))
    spared = [d for d in model.run().decisions if isinstance(d.act, Spare)]
    assert spared
    assert {d.target[0].name for d in spared} <= {"Facebook", "Instagram", "Twitter", "YouTube"}
    assert {d.reason.policy for d in spared} == {LAW}


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 1)])
def test_a_free_state_drops_a_demand_for_which_a_platform_would_leave(
    share: float, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = law(60, parameters={"control.gives_way": share})
    monkeypatch.setattr(State, "luck", lambda *_: 0.05)
    model = StatesAlone(spec, 1)
    model.day = 5
    model.enforce()
    threat = Decision(
        date(2020, 11, 24),
        "Facebook",
        "platforms",
        Answer("leave", in_effect=False),
        cause=LAW,
        reason=Cheapest(LAW, 1.0, 2.0),
        platforms=("Facebook",),
    )
    model.decisions.append(threat)
    turkey = next(s for s in model.outlook.deciding if s.code == "TR")
    lifts = list(dropped(turkey, "control"))
    assert [d.act for d in lifts] == [Lift(LAW)] * expected
    assert all(d.cause == threat.id for d in lifts)


def test_what_obeying_does_cannot_be_fitted_and_the_table_says_why() -> None:
    found = after_obeying()
    assert found.observed == 0
    assert found.of == pytest.approx(0.17, abs=0.01)

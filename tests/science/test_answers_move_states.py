"""Platforms move states: who obeys is left alone more often, who refuses is restricted more often,
and a threat to leave may end a demand.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import splinternet as sn
from splinternet.actors.agents import State, StatesAlone
from splinternet.actors.control import Control
from splinternet.actors.stances import dropped
from splinternet.decisions import Answer, Cheapest, Decision, Lift, Spare, Strike
from splinternet.facts.history import Restriction
from splinternet.facts.orders import PRECEDENT_DAYS, Law
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
    part = stated["control.refused"] ** (1.0 - stated["control.paid"])
    assert odds(chance_after("")) == pytest.approx(part * plain)
    late = odds(chance_after("", 200)) / odds(chance_after("freed", 200))
    assert late == pytest.approx(stated["control.refused"])
    assert chance_after("left") == 0.0


def test_an_answer_counts_while_the_demand_stands() -> None:
    """Who refuses still refuses after years, and an office that was opened is still open."""
    stated = StatesAlone(law(900), 1).setting.parameters
    plain = odds(chance_after("freed", 800))
    assert odds(chance_after("", 800)) == pytest.approx(stated["control.refused"] * plain)
    assert odds(chance_after("complied", 800)) == pytest.approx(stated["control.obeyed"] * plain)


def test_the_order_for_a_refusal_that_the_tables_date_came_after_more_than_a_year() -> None:
    """LinkedIn in Russia, where data had to be at home: a memory of a year would rule it out."""
    asked = read(Law)["RU", "data_localisation"].since
    hit = next(
        row.since
        for row in read(Restriction).values()
        if (row.state, row.platform) == ("RU", "LinkedIn")
    )
    assert (date.fromisoformat(hit) - date.fromisoformat(asked)).days > PRECEDENT_DAYS


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

"""States and platforms act as Mesa's agents do: a step without arguments, in any order."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import block

import splinternet as sn
from splinternet.decisions import Decision

SCENARIO: dict[str, Any] = {
    "title": "states that decide",
    "start": "2020-08-01",
    "days": 62,
    "people": 1_000,
    "behaviour": {"targets": True},
    "parameters": {"targets.accustomed": 0.0, "targets.attention": 1.0},
    "policies": [block(id="wall", by="US", targets=["WeChat"], on="2020-08-03")],
}


def live(do: str = "") -> list[Decision]:
    """Return what is decided where the phase ``decide`` asks the agents as Mesa does, by a word."""

    def decide(model: Any) -> None:
        """Let all agents decide."""
        getattr(model.agents, do)("step")

    model = sn.Model(SCENARIO, collect=False)
    if do:
        model.schedule.replace("decide", decide)
    model.run_for(SCENARIO["days"])
    return model.decisions


def told(decisions: list[Decision]) -> list[str]:
    return sorted(f"{d.day} {d.who} {d.act} {d.id}" for d in decisions)


def test_agents_step_without_arguments_in_any_order() -> None:
    usual = live()
    assert len({d.who for d in usual}) > 1
    assert told(live("do")) == told(usual)
    shuffled = live("shuffle_do")
    assert told(shuffled) == told(usual)
    assert [d.who for d in shuffled] != [d.who for d in usual], "in the order of the agents"


def test_what_is_decided_is_carried_out_once_a_day() -> None:
    model = sn.Model(SCENARIO, collect=False)
    for _ in range(SCENARIO["days"]):
        model.step()
        before = len(model.decisions)
        model.agents.do("step")
        assert len(model.decisions) == before
    assert model.decisions


def test_everybody_says_who_it_is() -> None:
    model = sn.Model(SCENARIO)
    (wechat,) = (platform for platform in model.platforms if platform.name == "WeChat")
    assert repr(wechat) == "<Platform WeChat (messenger, CN): before the first day>"
    model.run_for(4)
    assert "active users>" in repr(wechat) and repr(wechat).startswith("<Platform WeChat (")
    (state,) = (state for state in model.states if state.code == "US")
    assert repr(state) == "<State US: wall>"
    person = model.people[5]
    assert repr(person).startswith(f"<Person 5 of {person.group}, aged {person.age}")
    assert all(name in repr(person) for name in person.platforms)
    assert str(model.date) == "2020-08-04"


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))],
    ids=["copy", "bytes"],
)
def test_a_copy_goes_on_and_ends_as_the_first_does(copied: Callable[[Any], Any]) -> None:
    first = sn.Model(SCENARIO, days=33)
    first.run_for(20)
    other = copied(first)
    for each in (first, other):
        each.run_for(13)
    assert told(other.decisions) == told(first.decisions)
    assert other.person.tobytes() == first.person.tobytes()
    one, two = (each.datacollector.get_model_vars_dataframe() for each in (first, other))
    assert len(one) == 33 and one.equals(two)


def test_states_alone_say_what_they_are() -> None:
    alone = sn.StatesAlone(sn.load(SCENARIO)).run()
    assert re.fullmatch(
        r"<StatesAlone states_that_decide: 2020-10-01, \d+ states, [1-9]\d* decisions>", repr(alone)
    )

"""Mistakes of newcomers in Python: each is refused with what was found, what is allowed, and the
name or the form that was meant.
"""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

import splinternet as sn
from splinternet.errors import SplinternetError

BAN = {"id": "ban", "on": "2020-08-03", "instrument": "block", "targets": ["WeChat"]}
KEYS = {"title": "Mistakes", "start": "2020-08-01", "days": 3, "people": 1_000}


def with_ban(**changed: Any) -> dict[str, Any]:
    return {**KEYS, "policies": [{**BAN, "by": "US", **changed}]}


@pytest.fixture(scope="module")
def model() -> sn.Model:
    return sn.Model(with_ban())


@pytest.fixture(scope="module")
def result() -> sn.Result:
    return sn.run(with_ban(), seeds=1, jobs=1)


def test_a_person_who_is_not_there_is_an_index_error(model: sn.Model) -> None:
    number = len(model.people)
    with pytest.raises(IndexError, match=f"there is no person {number}; 0 to"):
        model.people[number]
    assert model.people[-1].index == number - 1


def test_a_chart_is_drawn_into_axes_of_one_size(result: sn.Result) -> None:
    figure, axes = plt.subplots()
    with pytest.raises(SplinternetError, match="ax= and figsize= are both given; one of the two"):
        result.plot("family_contact", ax=axes, figsize=(3, 2))  # type: ignore[call-overload]
    plt.close(figure)


def test_print_of_what_users_hold_is_a_table_or_a_finding(
    model: sn.Model, result: sn.Result
) -> None:
    spec = model.spec
    index = sn.index(["RU", "CN", "US"], since="2025-01")
    seen: list[Any] = []

    class Looks(sn.PeopleRule):
        """Looks at all that it is given."""

        def decide(self, people: sn.PeopleToday, today: sn.RuleDay) -> sn.Proposals:
            seen[:] = [people, today, people.proposals()]
            return people.proposals()

    @sn.metric("Days", "days", ())
    def days_seen(arm: sn.ArmDay) -> float:
        """Days."""
        seen.append(arm)
        return arm.day

    looked = sn.Model(with_ban(), behaviours=[Looks], metrics=[days_seen], collect=False)
    looked.run_for(3)
    given = (*seen, looked.access, looked.world, looked.setting)
    assert {type(one).__name__ for one in given} >= {"ArmDay", "RuleDay", "AccessTable"}
    held = (*given, spec, index, result.firms, result.sampling, result.model_error, spec.facts)
    for one in (*held, model, model.people, model.schedule, model.record, result):
        assert repr(one).startswith("<") and len(repr(one)) < 330 and " at 0x" not in repr(one)
    printed = str(spec).splitlines()
    assert printed[0] == "Mistakes [what-if]"
    assert printed[2].strip().startswith("ban: block; by: US; targets: WeChat; on: 2020-08-03;")
    assert len(str(index).splitlines()) == 7 and "RU" in str(index)
    assert f"{result.sampling.groups['US'].simulated:,}" in str(result.sampling)
    first = result.firms.by_firm[0]
    assert f"{first.firm:<24} {first.home}" in str(result.firms)


def test_people_are_selected_by_a_function_as_agents_are(model: sn.Model) -> None:
    old = model.people.select(lambda person: person.age > 60)
    assert list(old) == [person.index for person in model.people if person.age > 60]
    abroad = model.people.select(lambda person: person.age > 60, state="US", origin="CN")
    assert 0 < len(abroad) < len(old)
    assert set(abroad) == set(old) & set(model.people.select(state="US", origin="CN"))


def test_a_phase_is_moved_by_taking_it_out_and_putting_it_in() -> None:
    model = sn.Model(with_ban(), collect=False)
    model.schedule.insert(model.schedule.remove("reconnect"), before="people")
    names = [phase.name for phase in model.schedule]
    assert names.index("reconnect") == names.index("people") - 1
    model.run_for(1)
    with pytest.raises(SplinternetError, match="steps: None is not a phase; the name of a phase"):
        model.schedule.insert(None)  # type: ignore[arg-type]


def test_a_rule_sees_the_size_of_circles() -> None:
    seen: dict[str, np.ndarray] = {}

    class Looks(sn.PeopleRule):
        """Looks at circles."""

        def decide(self, people: sn.PeopleToday, today: sn.RuleDay) -> sn.Proposals:
            seen["contacts"] = people.contacts
            return people.proposals()

    model = sn.Model(with_ban(), behaviours=[Looks], collect=False)
    model.run_for(1)
    np.testing.assert_array_equal(seen["contacts"], model.people.contacts)
    assert seen["contacts"].mean() > 1

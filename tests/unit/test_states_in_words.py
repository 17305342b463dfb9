"""Decisions of states in a summary, the log and a chart; the decisions are made up and no model is run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from test_plots import texts
from toy_results import decided_by_states, toy_result

from splinternet import plots
from splinternet.decisions import Aim, Decision, Join
from splinternet.results import Result
from splinternet.text import findings, states, terminal
from splinternet.text.main_decisions import main_decisions
from splinternet.text.worlds import chronicles


@pytest.fixture(scope="module")
def decided() -> Result:
    result = toy_result(4, 120)
    result.members = decided_by_states(result.members, result.dates)
    return result


def test_the_summary_opens_with_what_states_decided(decided: Result) -> None:
    told = findings.headline(decided)
    assert told[0].startswith("1 state has joined the programme of the United States against China")
    assert "States adopt 1.5 (1 to 2) policies of their own" in told[1]
    assert told[2] == "Lifted again: 0.5 (0 to 1).", "one policy by one state is not 'most'"
    assert list(states.found(toy_result(2, 60))) == []


def test_each_kind_of_decision_has_its_turn_and_says_when_and_how_often(decided: Result) -> None:
    lines = [line.text for line in main_decisions(decided.members, most=3)]
    assert [line.split(":")[0].split(" ", 1)[1] for line in lines] == [
        "CN blocks Twitter",
        "DE joins the programme of US against CN",
        "TR blocks Twitter",
    ]
    first, last = decided.dates[60], decided.dates[81]
    assert f"(in 4 of 4 members, {first} to {last})" in lines[0] and lines[0].startswith(decided.dates[67])
    assert lines[2].endswith("imitation of CN (in 2 of 4 members)"), "an id with a day is another in each member"
    assert main_decisions(toy_result(2, 60).members) == []
    told = " ".join(terminal.text(decided).split())
    for typical in chronicles(decided):
        assert typical.lines and all(" ".join(line.split()) in told for line in typical.lines)
    assert main_decisions(decided.members, of_states=False) == []


def test_the_chart_marks_every_decision_and_hollow_what_ends(decided: Result) -> None:
    figure = plots.draw(decided, "decisions")
    below = figure.axes[1]
    marks = [line for line in below.get_lines() if line.get_marker() not in ("None", "")]
    assert len(marks) == sum(len(rows) for rows in states.decided(decided))
    assert sum(mark.get_markerfacecolor() == "white" for mark in marks) == 2
    assert "in 4 of 4" in texts(figure) and "states joined 1" in texts(figure)
    assert "no state decided anything" in texts(plots.draw(toy_result(2, 60), "decisions"))


def test_of_many_programmes_the_largest_are_told_and_the_rest_is_counted() -> None:
    def joins(who: str, leader: str, foe: str) -> Decision:
        return Decision(date(2020, 9, 1), who, "coalition", Join(leader, foe), (Aim(foe),))

    rows = [joins(who, "US", foe) for who in ("DE", "TR") for foe in ("CN", "RU", "IR")]
    rows += [joins("TR", "CN", "US"), joins("RU", "CN", "JP")]
    result = toy_result(3, 60)
    result.members = [(base, replace(policy, decisions=tuple(rows))) for base, policy in result.members]
    told = list(states.found(result))
    assert [sentence.split(" by ")[0] for sentence in told[:4]] == [
        "2 states have joined the programme of the United States against China",
        "2 states have joined the programme of the United States against Iran",
        "2 states have joined the programme of the United States against Russia",
        "2 more programmes are joined",
    ]
    one = (result.members[0][0], replace(result.members[0][1], decisions=tuple(rows[:1])))
    result.members = [one, *[(base, replace(policy, decisions=())) for base, policy in result.members[1:]]]
    assert not any("against China" in sentence for sentence in states.found(result)), "in one member of three alone"


def test_a_cascade_of_one_step_and_counts_are_whole() -> None:
    assert states.spread([4.0, 6.0]) == "5 (4 to 6)"
    for size, told in (
        (1.0, "1 decision follows from what it began."),
        (3.0, "3 decisions follow from what it began, "),
    ):
        result = toy_result(4, 120)
        members = []
        for base, policy in decided_by_states(result.members, result.dates):
            by_state = np.zeros(len(policy.axes.states))
            by_state[policy.axes.states.index("US")] = size
            arrays = {**policy.arrays, "cascade_size": by_state, "cascade_depth": by_state}
            members.append((base, replace(policy, arrays=arrays)))
        result.members = members
        sentence = next(one for one in states.found(result) if "cascade" in one)
        assert sentence.startswith(f"The largest cascade begins with the United States: {told}")

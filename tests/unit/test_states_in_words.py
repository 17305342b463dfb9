"""Decisions of states in a summary, the log and a chart; the decisions are made up and no model is
run.
"""

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
from splinternet.results.summary import programmes
from splinternet.text import decisions as states
from splinternet.text import terminal
from splinternet.text.decisions import story


@pytest.fixture(scope="module")
def decided() -> Result:
    result = toy_result(4, 120)
    result.members = decided_by_states(result.members, result.dates)
    return result


def test_everything_that_a_run_prints_has_the_chronicle_of_a_typical_member(
    decided: Result,
) -> None:
    told = " ".join(terminal.text(decided, every=True).split())
    typical = story(decided)
    assert typical is not None and typical.head in told
    assert typical.lines and all(" ".join(line.split()) in told for line in typical.lines)


def test_a_run_says_what_happened_in_fact_below_the_label_of_an_illustration() -> None:
    known = "In fact nobody answered the order."
    result = toy_result(4, 120, behaviour={"retaliation": True}, caveat=known)
    warned = [line.text for line in terminal.lines(result) if line.style == "yellow"]
    assert warned[0].startswith("Warning: Illustration only")
    assert warned[-1].startswith(f"Warning: {known}")
    alone = terminal.lines(toy_result(4, 120, caveat=known))
    (warned_alone,) = (line.text for line in alone if line.style == "yellow")
    assert warned_alone.startswith(f"Warning: {known}")


def test_the_chart_marks_every_decision_and_hollow_what_ends(decided: Result) -> None:
    figure = plots.draw(decided, "decisions")
    below = figure.axes[1]
    lines = [line for line in below.get_lines() if line.get_marker() not in ("None", "")]
    marks = [line.get_markerfacecolor() for line in lines for _ in np.atleast_1d(line.get_xdata())]
    assert len(marks) == sum(len(rows) for rows in states.decided(decided))
    assert marks.count("white") == 2
    assert "in 4 of 4" in texts(figure) and "states joined 1" in texts(figure)
    assert "no state decides anything" in texts(plots.draw(toy_result(2, 60), "decisions"))


def test_of_many_programmes_the_largest_come_first_and_those_of_few_members_are_none() -> None:
    def joins(who: str, leader: str, foe: str) -> Decision:
        return Decision(date(2020, 9, 1), who, "coalition", Join(leader, foe), (Aim(foe),))

    rows = [joins(who, "US", foe) for who in ("DE", "TR") for foe in ("CN", "RU", "IR")]
    rows += [joins("TR", "CN", "US"), joins("RU", "CN", "JP")]
    result = toy_result(3, 60)
    result.members = [
        (base, replace(policy, decisions=tuple(rows))) for base, policy in result.members
    ]
    joined = programmes(result)
    assert [(one.leader, one.adversary, one.joined) for one in joined] == [
        ("US", "CN", (2, 2, 2)),
        ("US", "IR", (2, 2, 2)),
        ("US", "RU", (2, 2, 2)),
        ("CN", "JP", (1, 1, 1)),
        ("CN", "US", (1, 1, 1)),
    ]
    assert joined[0].states == ("DE", "TR")
    one = (result.members[0][0], replace(result.members[0][1], decisions=tuple(rows[:1])))
    result.members = [
        one,
        *[(base, replace(policy, decisions=())) for base, policy in result.members[1:]],
    ]
    assert programmes(result) == [], "in one member of three alone"

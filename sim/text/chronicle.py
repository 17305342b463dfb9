"""The chronicle of one member: what was decided, as sentences from cause to effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..decisions import Allegiance, Decision, Dissolve, Grew, Opposed, Reviewed, TakeOffice, TakeOver
from .decisions import act_text, reason_parts, strike
from .numbers import capital, day, listed, state_name
from .skill import is_dated
from .wording import table

if TYPE_CHECKING:
    from ..policies.base import Policy
    from ..results.result import Result
    from ..scenario import Scenario

SENTENCES = table("decisions", "SENTENCES")
NEW_REVIEW = "The new government finds that the reasons for it do not outweigh its cost."
TABLES = table("decisions", "TABLES")
CLOSE = 0.3
"""Willingness from which a state that joins a programme is called close to its leader [1] (assumption)."""


@dataclass(frozen=True)
class Step:
    """One step of a chronicle.

    Attributes
    ----------
    number : int
        Its place in the chronicle, from 1.
    depth : int
        How many steps stand between it and the first cause.
    cause : int
        The step that it follows from; 0 for a first one.
    date, text : str
        ISO date; one or two sentences.
    id, fact : str
        Id of the decision or policy; the fact that it rests on, empty where it follows from another step.
    dated : bool
        Whether the date is shown: not for answers of platforms, for whose days the rule has no skill.
    """

    number: int
    depth: int
    cause: int
    date: str
    text: str
    id: str
    fact: str
    dated: bool = True


def chronicle(result: Result, member: int) -> list[Step]:
    """Return all that was given and decided in a member, each step after its cause and in the order of days.

    Parameters
    ----------
    result : Result
    member : int
        Number of the member, from 1.
    """
    return steps(result.scenario, result.members[member - 1][1].decisions)


def steps(scenario: Scenario, decisions: Sequence[Decision]) -> list[Step]:
    """Return the steps of a scenario's given policies and of what was decided, whole trees in the order of roots."""
    given = [p for p in scenario.policies if not (p.HALTS or p.EXTENDS or p.relieves())]
    day_of = {p.id: str(p.announced or p.on or scenario.start) for p in given}
    begun = {p.id: p for p in given}
    children: dict[str, list[Decision | Policy]] = {}
    for policy in given:
        children.setdefault("", []).append(policy)
    known = {*begun, *(d.id for d in decisions)}
    followed = {d.cause for d in decisions}
    for d in decisions:
        if isinstance(d.act, Grew | TakeOffice) and d.id not in followed:
            continue  # nothing follows from it
        children.setdefault(d.cause if d.cause in known and d.cause != d.id else "", []).append(d)
    found: list[Step] = []
    roots = sorted(children.get("", []), key=lambda each: _date(each, day_of))
    stack = [(each, 0, 0) for each in reversed(roots)]
    made = {d.id: d for d in decisions}
    while stack:
        each, depth, cause = stack.pop()
        number = len(found) + 1
        fact = each.cause if isinstance(each, Decision) and each.rests_on_fact else ""
        before = made.get(each.cause) if isinstance(each, Decision) else None
        text = sentence(scenario, each, before) if isinstance(each, Decision) else given_text(scenario, each)
        dated = not isinstance(each, Decision) or is_dated(each.behaviour)
        found.append(Step(number, depth, cause, _date(each, day_of), text, each.id, fact, dated))
        stack += [(below, depth + 1, number) for below in reversed(children.get(each.id, []))]
    return found


def main_steps(found: Sequence[Step], most: int) -> list[Step]:
    """Return the steps from which most follows, in the order of days: a step comes with its cause."""
    below = {step.number: 0 for step in found}
    for step in reversed(found):
        if step.cause:
            below[step.cause] += below[step.number] + 1
    kept = sorted(found, key=lambda step: (-below[step.number], step.number))[:most]
    return sorted(kept, key=lambda step: (step.date, step.number))


def sentence(scenario: Scenario, decision: Decision, before: Decision | None = None) -> str:
    """Return a decision as sentences: who does what, and why; ``before`` is the decision that it follows from."""
    name = _namer(scenario)
    done = act_text(decision, name=name).replace("_", " ")
    if isinstance(decision.act, TakeOver) and before is not None:
        done = f"takes over what {name(before.who)} does to {before.target_label}"
    who = listed(decision.platforms) if decision.platforms else name(decision.who)
    if isinstance(decision.act, Grew) and decision.act.what in ("revenue", "share"):
        return f"{capital(who)} grows: {done.removeprefix('has grown: ')}."
    said = f"{who if decision.platforms else capital(who)} {done}."
    if isinstance(decision.act, TakeOffice):
        return said
    code = decision.reason.code
    if isinstance(decision.reason, Allegiance) and decision.scores.get("willing", 1.0) < CLOSE:
        code += "_weak"
    if isinstance(decision.reason, Opposed) and decision.reason.by == decision.who:
        code += "_self"
    why = SENTENCES.get(code, "").format(**reason_parts(decision.reason, name=name))
    if isinstance(decision.reason, Reviewed) and decision.reason.new_government:
        why = NEW_REVIEW
    if isinstance(decision.act, Dissolve):
        why = f"Too few of its policies are left: {reason_parts(decision.reason)['policies']}."
    return f"{said} {capital(why)}".rstrip()


def given_text(scenario: Scenario, policy: Policy) -> str:
    """Return a policy that the scenario gives as a sentence."""
    name = _namer(scenario)
    who = listed([name(code) for code in policy.by])
    done = strike(policy.instrument).format(target=listed(policy.targets)) if policy.targets else ""
    word = done or f"orders {policy.instrument.replace('_', ' ')}"
    where = [name(code) for code in policy.concerns() if code not in policy.by]
    word += f" in {listed(where)}" if where else ""
    word += f" for {policy.who}" if policy.who is not None else ""
    begins = "a threat without a date" if policy.on is None else f"in force from {day(str(policy.on))}"
    return f"{capital(who)} {word} ({policy.id}, given; {begins})."


def lines(found: Iterable[Step]) -> list[str]:
    """Return a chronicle as lines: indented below the cause, with the number of the step that it follows from."""
    out = []
    for step in found:
        why = f" <- {step.cause}" if step.cause else f" <- fact: {_fact(step.fact)}" if step.fact else ""
        date = step.date if step.dated else " " * len(step.date)
        out.append(f"{step.number:>4}  {date}  {'  ' * step.depth}{step.text}{why}")
    return out


def plain(found: Iterable[Step]) -> list[str]:
    """Return a chronicle as sentences with their days, without numbers."""
    return [f"{day(step.date)}: {step.text}" if step.dated else f"Later: {step.text}" for step in found]


def _fact(cause: str) -> str:
    """Return a fact in words: the table and the row."""
    _, table, key = cause.split(":", 2)
    return f"{TABLES.get(table, table)} ({key})"


def _date(each: Decision | Policy, given: dict[str, str]) -> str:
    """Return the day of a decision, or of the announcement of a given policy."""
    return str(each.day) if isinstance(each, Decision) else given[each.id]


def _namer(scenario: Scenario) -> Callable[[str], str]:
    """Return what turns the code of a state into its name inside a sentence and leaves every other word alone."""
    return partial(_named, scenario, frozenset(scenario.facts.states))


def _named(scenario: Scenario, codes: frozenset[str], word: str) -> str:
    return state_name(scenario, word, article=True) if word in codes else word

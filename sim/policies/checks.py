"""Checks that every instrument must pass, including a user's own; ``splinternet check FOLDER`` runs them.

Each check computes access tables for the example in the instrument's file, in the world of the facts on some days of
2020. No people are simulated. In your own tests::

    from sim.policies.checks import check_instrument

    def test_payment_ban():
        assert not check_instrument("payment_ban")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from pydantic import ValidationError

from sim.cut import Cut
from sim.errors import InputError, Place, Problem
from sim.facts.model import TECHNIQUES
from sim.people.access import COLUMNS, AccessTable, copy_table, same
from sim.policies import available, load
from sim.policies.base import PolicyKeys
from sim.policies.case import MORE_IS_CLOSED, MORE_IS_OPEN, ON, OVER, TODAY, Case, Keys, first, scenario, table, world
from sim.policies.hooks import Event, Sanction
from sim.policies.instrument import Instrument
from sim.world.setting import Setting

type Faults = Iterator[str]


def check_instrument(name: str) -> tuple[Problem, ...]:
    """Return everything that is wrong with an instrument; nothing where it passes.

    Raises
    ------
    KeyError
        If there is no such instrument.
    """
    try:
        instrument = load(name)
    except InputError as error:
        return error.problems
    if not instrument.available:
        return ()
    return tuple(problem for check in CHECKS for problem in run_check(instrument, check))


def run_check(instrument: Instrument, check: str) -> Iterator[Problem]:
    """Yield what one of `CHECKS` finds wrong with an instrument."""
    try:
        yield from (_problem(instrument, check, fault) for fault in CHECKS[check].faults(Case(instrument)))
    except InputError as error:
        yield from (_problem(instrument, check, str(problem)) for problem in error.problems)
    except Exception as error:  # any exception of its code is the finding
        yield _problem(instrument, check, f"{type(error).__name__}: {error}")


def _problem(instrument: Instrument, check: str, fault: str) -> Problem:
    return Problem(Place(instrument.file, 1), f"{check}: {fault}", CHECKS[check].rule)


def _example_is_right(case: Case) -> Faults:
    """Yield what is wrong with the example."""
    yield from (str(warning) for warning in scenario([*case.others, case.example()]).warnings)


def _is_described(case: Case) -> Faults:
    """Yield the texts that are missing."""
    from sim.scenario.json_schema import json_schema

    known = case.instrument
    if not known.summary.endswith("."):
        yield f"SUMMARY does not end with a full stop: {known.summary}"
    if not known.case:
        yield "CASE is empty"
    for key, field in known.keys.model_fields.items():
        if not field.description:
            yield f"the key '{key}' has no docstring"
    if known.name not in json_schema()["definitions"]:
        yield "the JSON Schema does not have it"


def _has_an_effect(case: Case) -> Faults:
    """Yield a fault where the example does nothing."""
    days = (ON, TODAY, ON + timedelta(365))
    changes = any(not same(table(*case.others, case.example(), today=day), table(*case.others, today=day))
                  for day in days)  # fmt: skip
    users = np.ones((len(world().states), len(world().platforms)))
    costs = any(case.instrument.cost(case.policy, (day - ON).days, users, world()).any() for day in days)
    if not changes and not costs:
        yield "with the example in force, access is as without it"


def _ends_without_a_trace(case: Case) -> Faults:
    """Yield what is left after the end."""
    without = table(*case.others)
    if not same(table(*case.others, case.example(until=str(OVER))), without):
        yield "after 'until', access differs from what it is without the policy"
    lift = {"id": "end", "instrument": "lift", "by": list(case.policy.by), "policy": "it", "on": str(OVER)}
    if not same(table(*case.others, case.example(), lift), without):
        yield "after it was lifted, access differs from what it is without the policy"


def _does_nothing_before(case: Case) -> Faults:
    """Yield what it changes too early."""
    begins = min(day for day in (case.policy.announced, case.policy.on) if day is not None)
    before = begins - timedelta(1)
    if not same(table(*case.others, case.example(), today=before), table(*case.others, today=before)):
        yield f"access differs on {before}, before anybody knows of it"


def _changes_only_the_table(case: Case) -> Faults:
    """Yield what it changes beside the table of the day."""
    before = copy_table(first())
    one, other = case.outcome(), case.outcome()
    if not same(before, first()):
        yield "it changed the table of the first day"
    if not same(one, other):
        yield "the same day worked out twice differs"
    for name in COLUMNS:
        column = getattr(one, name)
        if not np.isfinite(column).all():
            yield f"the column '{name}' has numbers that are not finite"
        elif name in MORE_IS_OPEN and ((column < 0) | (column > 1)).any():
            yield f"the column '{name}' leaves 0 to 1"


def _meets_others_in_any_order(case: Case) -> Faults:
    """Yield the instruments beside which order or a looser rule counts."""
    for name in available():
        other = Case(load(name))
        if name == case.instrument.name or other.others:
            continue
        if other.instrument.has("cut") and not case.instrument.has("cut"):
            continue  # routes are computed after all other restrictions
        both = table(*case.others, case.example("a"), other.example("b"))
        if not same(both, table(*case.others, case.example("b"), other.example("a"))):
            yield f"with {name}, access depends on which of the two comes first"
        if case.restricts and other.restricts:
            yield from _looser(case, other, both)


def _looser(case: Case, other: Case, both: AccessTable) -> Faults:
    """Yield the columns in which two restrictions together leave more than the stricter of them."""
    routed = case.instrument.has("cut") and other.instrument.has("cut")
    one, two = case.outcome(), other.outcome()
    for column in (*MORE_IS_OPEN, *MORE_IS_CLOSED):
        if column == "coming":
            continue  # what people expect, worked out from the rest: it takes reach, phones and VPNs as independent
        if routed and column in ("speed", "vpn_speed"):
            continue  # traffic that is cut off for good leaves more room on other links
        sign = 1.0 if column in MORE_IS_OPEN else -1.0
        strictest = np.minimum(sign * getattr(one, column), sign * getattr(two, column))
        if (sign * getattr(both, column) > strictest).any():
            yield f"with {other.instrument.name}, '{column}' is looser than under one of the two: use min and max"


def _more_is_stricter(case: Case) -> Faults:
    """Yield the doses that give access back."""
    for key in case.instrument.keys.DOSES:
        value = getattr(case.policy, key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"DOSES names '{key}', which is no number in the example"
            continue
        doses = [dose for dose in (0.25 * value, 0.5 * value, value) if _is_valid(case, key, dose)]
        outcomes = [case.outcome(**{key: dose}) for dose in doses]
        for column in (*MORE_IS_OPEN, *MORE_IS_CLOSED):
            sign = 1.0 if column in MORE_IS_OPEN else -1.0
            steps = [sign * getattr(outcome, column) for outcome in outcomes]
            if any((more > less).any() for less, more in pairwise(steps)):
                yield f"more of '{key}' gives access back in '{column}'"
        if len(outcomes) > 1 and same(outcomes[0], outcomes[-1]):
            yield f"'{key}' changes nothing"


def _is_valid(case: Case, key: str, value: float) -> bool:
    keys: Keys = {key: value}
    try:
        scenario([*case.others, case.example(**keys)])
    except (InputError, ValidationError):
        return False
    return True


def _idle_keys_are_declared(case: Case) -> Faults:
    """Yield the common keys that are declared wrongly."""
    idle = case.instrument.keys.IDLE_KEYS
    changes = len({_fingerprint(case, {"technique": technique}) for technique in (None, *TECHNIQUES)}) > 1
    if changes and "technique" in idle:
        yield "'technique' is in IDLE_KEYS, but it changes access"
    if not changes and "technique" not in idle:
        yield "'technique' changes nothing: add it to IDLE_KEYS"
    if "targets" in idle and _fingerprint(case, {}) != _fingerprint(case, {"targets": ["YouTube"]}):
        yield "'targets' is in IDLE_KEYS, but it changes access"


def _fingerprint(case: Case, keys: Keys) -> tuple[Any, ...]:
    """Return all that follows from the example, some of its keys changed, where platforms answer and where not."""
    policies = (*case.others, case.example(**keys))
    policy = scenario(list(policies)).policies[-1]
    tables = (table(*policies, answers=answers).block.tobytes() for answers in (False, True))
    return (*tables, tuple(case.instrument.sanctions(policy, world())))


def _can_be_announced(case: Case) -> Faults:
    """Yield what it changes while it is only announced."""
    known, never = str(TODAY - timedelta(3)), {"on": None, "announced": str(TODAY - timedelta(3))}
    coming = case.outcome(announced=known, on=str(TODAY + timedelta(200)))
    without = table(*case.others)
    for column in COLUMNS:
        if column not in ("threat", "coming", "rush") and (getattr(coming, column) != getattr(without, column)).any():
            yield f"announced and not in force, it changes '{column}'"
    if not np.isfinite(case.outcome(**never).threat).all():
        yield "a threat without a date gives a fear that is no number"


def _hooks_return_what_they_say(case: Case) -> Faults:
    """Yield the hooks that return something else than `sim.policies.instrument` says."""
    hooks, policy, setting = case.instrument, case.policy, world()
    days = (TODAY - ON).days
    users = np.ones((len(setting.states), len(setting.platforms)))
    if not isinstance(hooks.cut(policy, days, setting), Cut):
        yield "cut() does not return a Cut (sim.network.cuts)"
    cost = hooks.cost(policy, days, users, setting)
    if np.shape(cost) != users.shape or not np.isfinite(cost).all() or (cost < 0).any():
        yield "cost() does not return a cost from 0 for each state and platform"
    if not isinstance(hooks.feared(policy, policy.targets, setting), PolicyKeys | None):
        yield "feared() returns neither a policy nor None"
    if not all(isinstance(event, Event) for event in hooks.happens(policy, TODAY, setting)):
        yield "happens() does not return a list of Event (sim.policies.instrument)"
    sanctions = hooks.sanctions(policy, setting)
    if not all(isinstance(sanction, Sanction) for sanction in sanctions):
        yield "sanctions() does not return a list of Sanction (sim.policies.instrument)"
    elif [s.on for s in sanctions] != sorted(s.on for s in sanctions):
        yield "sanctions() does not return them in the order of their days"
    for answer in ("complied", "sold", "freed", "left", "evades"):
        for target in policy.targets:
            if not isinstance(hooks.answered(policy, target, answer, setting), Setting):
                yield f"answered() does not return a Setting for '{answer}'"


def _demands_have_a_cost(case: Case) -> Faults:
    """Yield the parameter that a demand lacks."""
    known = case.instrument
    name = f"compliance.fixed_cost.{known.name}"
    if known.demands and not known.keys.SELLS and name not in world().parameters:
        yield f"there is no parameter {name}"


def _name_is_one_word(case: Case) -> Faults:
    """Yield a name that other names would not match."""
    if not case.instrument.name.isidentifier() or case.instrument.name != case.instrument.name.lower():
        yield f"'{case.instrument.name}' is not lower case"


class Check(NamedTuple):
    """One check: what must hold, and the function that yields the faults."""

    rule: str
    faults: Callable[[Case], Faults]


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "name": Check("the name is lower case, its words joined by _", _name_is_one_word),
        "example": Check("the example is right and gives no warning", _example_is_right),
        "texts": Check("the instrument and each of its keys have a text", _is_described),
        "effect": Check("the example changes access or costs something", _has_an_effect),
        "end": Check("after its end, access is as without it, bit for bit", _ends_without_a_trace),
        "beginning": Check("before it is announced, access is as without it", _does_nothing_before),
        "purity": Check(
            "only the day's table changes, to numbers that can be",
            _changes_only_the_table,
        ),
        "order": Check(
            "order does not matter, the stricter rule counts",
            _meets_others_in_any_order,
        ),
        "dose": Check("more of each key in DOSES never gives access back", _more_is_stricter),
        "idle keys": Check(
            "exactly the keys in IDLE_KEYS change nothing",
            _idle_keys_are_declared,
        ),
        "announcement": Check("an announcement changes only what people fear", _can_be_announced),
        "hooks": Check("each hook returns what sim.policies.instrument says", _hooks_return_what_they_say),
        "demand": Check("obeying a demand has a cost", _demands_have_a_cost),
    }
)
"""The checks by name."""

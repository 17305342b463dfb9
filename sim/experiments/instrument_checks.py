"""Checks that every instrument must pass, including a user's own, which ``splinternet check
--import FILE`` runs.

Each check computes access tables for the example of the instrument, in the world of the facts on
some days of 2020. No people are simulated. In your own tests::

    from splinternet.experiments.instrument_checks import check_instrument

    def test_payment_ban():
        assert not check_instrument("payment_ban")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from ..core.plugins import own_frames
from ..errors import InputError, Place, Problem, SplinternetError
from ..people.access import COLUMNS, AccessTable, copy_table, same
from ..people.setting import Setting, first_access
from ..policies import INSTRUMENTS
from ..policies.base import Policy
from ..scenario import Scenario, load
from ..world.law import access_under, docket_of
from ..world.scenario_setting import make_setting

type Keys = dict[str, Any]

START = date(2020, 8, 1)
ON = date(2020, 8, 11)
TODAY = date(2020, 9, 15)
"""The first day of the world, the first day in force of an example, and the day of most checks."""
WEEK = tuple(TODAY + timedelta(days) for days in range(7))
"""Days of a week, for an instrument that works on certain weekdays."""
OVER = date(2020, 9, 1)
"""The first day after the end of an example that ends."""
BAN: Keys = {
    "id": "ban",
    "instrument": "block",
    "by": "US",
    "targets": ["WeChat"],
    "technique": "geoblock",
}
"""The policy on which an example acts, for instruments that act on another policy."""
SHARES = ("reach", "speed", "install", "vpn_share", "vpn_speed", "sell", "vpn_open")
"""Columns of the access table from 0 to 1, where a higher value means more access."""


_WORLD_NAME: ContextVar[str] = ContextVar("facts of the checks", default="")


def world_keys(facts: str) -> Keys:
    """Return the scenario key that names the world; empty for the shipped world of the day."""
    return {"world": {"facts": facts}} if facts else {}


def world() -> Setting:
    """Return the setting of the checks, in which every longer route changes the access table."""
    return _world(_WORLD_NAME.get())


@cache
def _world(facts: str) -> Setting:
    """Return the setting of the checks for some facts."""
    quick = {"choice.speed_unnoticed": 0}
    return make_setting(scenario([], days=60, parameters=quick, **world_keys(facts)))


def first() -> AccessTable:
    """Return the access table of the first day."""
    return _first(_WORLD_NAME.get())


@cache
def _first(facts: str) -> AccessTable:
    """Return the access table of the first day of some facts."""
    return first_access(_world(facts))


def scenario(policies: list[Keys], days: int = 400, **keys: Any) -> Scenario:
    """Return a scenario that starts on `START`, with some policies and other keys."""
    whole = {
        "title": "a check",
        "start": START,
        "days": days,
        "people": 20_000,
        "policies": policies,
    }
    return load({**whole, **world_keys(_WORLD_NAME.get()), **keys})


def table(*policies: Keys, today: date = TODAY) -> AccessTable:
    """Return the access table of a day under some policies, given with the keys of a scenario."""
    return access_under(docket_of(scenario(list(policies)).policies, today), first(), world())


@dataclass(frozen=True)
class Case:
    """An instrument with its example."""

    kind: type[Policy]

    def example(self, name: str = "it", **keys: Any) -> Keys:
        """Return the keys of the example with changes; a key that is None is left out."""
        example = {
            "id": name,
            "instrument": self.kind.name,
            "on": str(ON),
            **self.kind.EXAMPLE,
            **keys,
        }
        return {key: value for key, value in example.items() if value is not None}

    @cached_property
    def policy(self) -> Policy:
        """The example as a policy."""
        return scenario([*self.others, self.example()]).policies[-1]

    @cached_property
    def others(self) -> tuple[Keys, ...]:
        """Policies on which the example acts: one if it relieves, halts or extends a policy,
        otherwise none.
        """
        acts = self.kind.relieves() or self.kind.HALTS or self.kind.EXTENDS
        return ({**BAN, "on": str(ON)},) if acts else ()

    def outcome(self, today: date = TODAY, **keys: Any) -> AccessTable:
        """Return the access table of a day under the example, with changed keys."""
        return table(*self.others, self.example(**keys), today=today)

    def without(self, today: date = TODAY) -> AccessTable:
        """Return the access table of a day without the example."""
        return table(*self.others, today=today)


type Faults = Iterator[str]


def _texts(case: Case) -> Faults:
    """Require a valid example without warnings, a text for each key, and a cost for a demand."""
    yield from (str(warning) for warning in scenario([*case.others, case.example()]).warnings)
    if not case.kind.summary.endswith("."):
        yield f"the docstring does not begin with a sentence: {case.kind.summary}"
    yield from (
        f"the key '{k}' has no docstring"
        for k, info in case.kind.model_fields.items()
        if not info.description
    )
    # Platforms weigh the cost of obeying a demand.
    parameter = f"compliance.fixed_cost.{case.kind.name}"
    if case.kind.demands() and not case.kind.SELLS and parameter not in world().parameters:
        yield f"there is no parameter {parameter}"


def _effect(case: Case) -> Faults:
    """Require that the example changes access or costs something."""
    users = np.ones((len(world().states), len(world().platforms)))
    later = ON + timedelta(365)
    for day in (ON, *WEEK, later):
        if not same(case.outcome(day), case.without(day)):
            return
        if case.policy.cost(users, case.policy.on_day((day - ON).days, world())).any():
            return
    days = f"{ON}, from {WEEK[0]} to {WEEK[-1]}, and on {later}"
    yield f"the example in force does not change access on {days}"


def _end(case: Case) -> Faults:
    """Require that after the end access is the same as without the policy, bit for bit."""
    lift = {
        "id": "end",
        "instrument": "lift",
        "by": list(case.policy.by),
        "policy": "it",
        "on": str(OVER),
    }
    ended = {
        "after 'until'": case.outcome(until=str(OVER)),
        "after it was lifted": table(*case.others, case.example(), lift),
    }
    for when, access in ended.items():
        if not same(access, case.without()):
            yield f"{when}, access differs from access without the policy"


def _announcement(case: Case) -> Faults:
    """Require that access is unchanged before the announcement, and that an announcement changes
    only people's fear.
    """
    before = min(
        day for day in (case.policy.announced, case.policy.on) if day is not None
    ) - timedelta(1)
    if not same(case.outcome(before), case.without(before)):
        yield f"access differs on {before}, before anybody knows of it"
    known = str(TODAY - timedelta(3))
    coming = case.outcome(announced=known, on=str(TODAY + timedelta(200)))
    without = case.without()
    for column in COLUMNS:
        if (
            column not in ("threat", "coming", "rush")
            and (getattr(coming, column) != getattr(without, column)).any()
        ):
            yield f"announced and not in force, it changes '{column}'"
    if not np.isfinite(case.outcome(announced=known, on=None).threat).all():
        yield "a threat without a date gives a fear that is not a number"


def _purity(case: Case) -> Faults:
    """Require that only the day's table changes, to possible numbers."""
    before = copy_table(first())
    access = case.outcome()
    if not same(before, first()):
        yield "it changed the table of the first day"
    if not same(access, case.outcome()):
        yield "two computations of the same day differ"
    for name in COLUMNS:
        column = getattr(access, name)
        if not np.isfinite(column).all():
            yield f"the column '{name}' has numbers that are not finite"
        elif name in SHARES and ((column < 0) | (column > 1)).any():
            yield f"the column '{name}' leaves 0 to 1"


def _settling(case: Case) -> Faults:
    """Require equal access on days of the same stage and, after the last stage, on all later days
    in force.
    """
    policy = case.policy
    days = [case.policy.on_day(age, world()) for age in (0, 4, 30, 100, 365, 1_000, 3_650)]
    for day, later in pairwise(days if policy.has("apply") else ()):
        now = copy_table(first())
        then = copy_table(first())
        policy.apply(now, day)
        policy.apply(then, later)
        if policy.stage(day) in (None, policy.stage(later)) and not same(now, then):
            yield f"its stage is the same after {day.number} and {later.number} days, and access differs"


CHECKS: tuple[Callable[[Case], Faults], ...] = (
    _texts,
    _effect,
    _end,
    _announcement,
    _purity,
    _settling,
)
"""Each check yields the faults of an instrument; its docstring is the rule."""


def check_instrument(name: str, facts: str = "") -> tuple[Problem, ...]:
    """Return all faults of an instrument; empty if it passes.

    Any exception of its code is a fault.

    Parameters
    ----------
    name : str
    facts : str
        The name of the world; by default the shipped world of the day.

    Raises
    ------
    KeyError
        If there is no such instrument.
    """
    try:
        kind = INSTRUMENTS[name]
    except InputError as error:
        return error.problems
    marked = _WORLD_NAME.set(facts)
    try:
        return _faults_of(Case(kind))
    finally:
        _WORLD_NAME.reset(marked)


def _faults_of(case: Case) -> tuple[Problem, ...]:
    """Return the faults that the checks find in an instrument."""
    place = case.kind.place()
    problems = list[Problem]()
    for check in CHECKS:
        title = check.__name__.strip("_").replace("_", " ")
        rule = str(check.__doc__)
        try:
            problems += [Problem(place, f"{title}: {fault}", rule) for fault in check(case)]
        except InputError as error:
            problems += [Problem(place, f"{title}: {problem}", rule) for problem in error.problems]
        except Exception as error:
            fault = fault_of(error, place, rule)
            problems.append(replace(fault, found=f"{title}: {fault.found}"))
            if fault.where != place:  # its own code fails, and so would all other checks
                return (problems[-1],)
    return tuple(problems)


def fault_of(error: Exception, place: Place, rule: str = "code that runs") -> Problem:
    """Return the fault of an item whose code raises an error, with the line of the code or the
    place of the item.
    """
    own = own_frames(error)
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, SplinternetError):
        said = str(error)
    if own:
        place = Place(own[-1].filename, own[-1].lineno or 1)
        said = f"{said}, in `{own[-1].line}`"
    return Problem(place, said, rule)

"""The effect of each policy and of each of its keys: a key without effect on any day is probably a mistake.

The law of a scenario is computed day by day as in a run, without people: the access table, the cuts of the carrier
graph, the costs of platforms, and the platforms themselves after a sale or a move. It is computed again without one
policy, or without one key, and compared. The comparison ignores differences that nobody could notice: a platform that
nobody in the state uses, a mode that it does not have, a way round a block if nothing is blocked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_args, get_origin

import numpy as np
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from sim.errors import Code, Problem
from sim.facts.model import TECHNIQUES
from sim.people.access import TALK, AccessTable, copy_table
from sim.policies.base import PolicyKeys
from sim.policies.docket import Docket, docket_of
from sim.policies.instrument import INSTRUMENTS, load
from sim.policies.law import access_under
from sim.policies.routing import cuts_of
from sim.scenario import Scenario
from sim.world.setting import Setting, blocks_under, first_access, make_setting

_ALWAYS = 120
"""Number of days that are checked in a run; in a longer run, the days on which something changes are added."""
_LEAST = 1e-6
"""The smallest difference in a column of the access table that counts: one person in a million, or a millionth of the
value of a day's use of a feed."""
_NOT_ACTS = frozenset({"id", "instrument", "reference", "announced", "on", "until"})
"""Keys that are never left out in a test, because they name or date a policy."""


def idle(scenario: Scenario) -> tuple[Problem, ...]:
    """Return the policies that change nothing, and the keys of the others that change nothing.

    Parameters
    ----------
    scenario : Scenario
        As it was loaded; if one of its instruments is not available, nothing is returned.
    """
    known = INSTRUMENTS
    if not scenario.policies or any(policy.instrument not in known for policy in scenario.policies):
        return ()
    law = _Law(scenario)
    try:
        return tuple(found for policy in scenario.policies for found in _idle_of(policy, law))
    except Exception as error:  # a user's own instrument may fail in any way; the run will report it
        found = f"the policies cannot be worked out ({type(error).__name__}: {error})"
        return (Problem("policies", found, "instruments that work", "splinternet check FOLDER looks for the fault"),)


def _idle_of(policy: PolicyKeys, law: _Law) -> Iterator[Problem]:
    """Yield what of one policy changes nothing: the whole of it, or some keys."""
    path = f"policies.{policy.id}"
    if _is_past(policy, law):
        return
    if not law.changes(policy, None):
        found = "it changes nothing on any day of the run that the other policies do not change"
        hint = "is it too late, too small, of another state, or aimed at what nobody there uses?"
        yield Problem(law.spec.place(f"{path}.id"), found, "a policy with an effect", hint, Code.IDLE, path)
        return
    for key, item, tried in _otherwise(policy, law.restricted):
        if key in policy.IDLE_KEYS or law.nobody_uses(item, policy.by):  # other warnings report these
            continue
        if not any(law.changes(policy, other) for other in tried):
            found = f"'{item}' in '{key}' changes nothing" if item else f"'{key}' changes nothing"
            yield Problem(law.spec.place(f"{path}.{key}"), found, "leave it out", "", Code.IDLE, f"{path}.{key}")


def _is_past(policy: PolicyKeys, law: _Law) -> bool:
    """Return whether a policy begins after the run; another warning reports this."""
    begins = policy.on or policy.announced
    return begins is None or begins > law.spec.end


def _otherwise(policy: PolicyKeys, others: Sequence[str]) -> Iterator[tuple[str, str, list[PolicyKeys]]]:
    """Yield the keys that a policy states, each with variants of the policy.

    A variant lacks the key, or has another value of it. For a list of platforms or days, a variant lacks one item,
    which is then named. ``others`` are platforms that the policy could name instead of a single one.
    """
    for key, field in type(policy).model_fields.items():
        value = getattr(policy, key)
        default = field.get_default(call_default_factory=False)
        named = isinstance(value, str) and value == policy.about()
        if key in _NOT_ACTS or key in policy.NOTES or key not in policy.model_fields_set or value == default or named:
            continue
        if isinstance(value, tuple):
            yield from _without_items(policy, key, value, _fewest(field), others)
            continue
        given = [] if default is PydanticUndefined else [default]
        found = [policy.model_copy(update={key: other}) for other in (*given, *_others(value, field.annotation))]
        if found:
            yield key, "", found


def _without_items(
    policy: PolicyKeys, key: str, value: tuple[Any, ...], fewest: int, others: Sequence[str]
) -> Iterator[tuple[str, str, list[PolicyKeys]]]:
    """Yield a list of platforms or days without each of its items; any list that may be empty without all."""
    platforms = policy.OBJECTS.get(key) == "platform"
    named = platforms or all(isinstance(item, date) for item in value)
    one_less = [tuple(one for one in value if one is not item) for item in value] if len(value) > max(1, fewest) else []
    left = [policy.model_copy(update={key: items}) for items in one_less]
    if named and left:
        for item, other in zip(value, left, strict=True):
            yield key, str(item), [other]
    elif fewest == 0 and not (key == "targets" and policy.NEEDS_TARGETS):
        without = [policy.model_copy(update={key: ()}), *left]
        yield key, "", [*without, *(policy.model_copy(update={key: (other,)}) for other in others if platforms)]


def _fewest(field: Any) -> int:
    """Return how many items a list must have."""
    return max([0, *(int(rule.min_length) for rule in field.metadata if hasattr(rule, "min_length"))])


def _others(value: object, annotation: Any) -> list[object]:
    """Return other values that a key may have, to see whether any makes a difference."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, float):
        return [value * 0.5, value * 2] if value else [1.0]
    if isinstance(value, int):
        return [max(1, value // 2), value * 2] if value else [1]
    if value == "all":  # gateways
        return [0, 1]
    choices = TECHNIQUES if value in TECHNIQUES else _literals(annotation)
    return [other for other in choices if other != value] if value in choices else []


def _literals(annotation: Any) -> list[object]:
    """Return the values that an annotation lists."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [choice for part in get_args(annotation) for choice in _literals(part)]


class _Day(NamedTuple):
    """Everything that the law makes of a day, so far as somebody could notice."""

    table: bytes
    cut: object
    cost: bytes
    platforms: object
    expected: object
    standing: object


class _Law:
    """The law of a scenario, day by day."""

    def __init__(self, spec: Scenario) -> None:
        self.spec = spec
        self._whole: dict[object, _Course] = {}

    def changes(self, policy: PolicyKeys, other: PolicyKeys | None) -> bool:
        """Return whether anything differs on any day with another policy in the place of one, or with none.

        The policies that act on it are left out, and so are the others that act on the same one as it does: a law that
        was stayed before its day, and a law that was stayed and later revoked, are no slips.
        """
        legal = policy.HALTS or policy.EXTENDS  # what it changes is the law itself
        frees = load(policy.instrument).frees
        apart = [p for p in self.spec.policies if p.about() == policy.id or (load(p.instrument).frees and not frees)]
        if legal:
            halting = [p for p in self.spec.policies if p.about() == policy.about() and p.HALTS]
            apart += [p for p in halting if p is not policy]
        whole = tuple(_standing_until(p, policy) if legal else p for p in self.spec.policies if p not in apart)
        changed = tuple(p for p in (other if p is policy else p for p in whole) if p is not None)
        return any(self._differ(self._kept(whole, setting), changed, legal) for setting in self._settings)

    def _kept(self, policies: tuple[PolicyKeys, ...], setting: Setting) -> _Course:
        """Return the course of some policies, which is kept: much is compared with it."""
        key = tuple((p.id, p.until) for p in policies), len(setting.answers or ())
        return self._whole.setdefault(key, _Course(policies, setting, self._dates))

    def _differ(self, whole: _Course, changed: tuple[PolicyKeys, ...], legal: bool) -> bool:
        """Return whether changed policies change any day; days with the same law are skipped."""
        legal = legal or self._states_decide
        other = whole.setting
        for at, today in enumerate(self._dates):
            (docket, before, after), theirs = whole.at(at), docket_of(changed, today)
            is_same = other is before and theirs == docket
            other = after if is_same else _after_events(theirs, today, other)
            if not is_same and self._noted(whole, at, legal) != self._day(theirs, other, legal):
                return True
        return False

    def _noted(self, whole: _Course, at: int, legal: bool) -> _Day:
        """Return a day of a course that is kept."""
        if (at, legal) not in whole.days:
            docket, _, setting = whole.at(at)
            whole.days[at, legal] = self._day(docket, setting, legal)
        return whole.days[at, legal]

    @cached_property
    def _settings(self) -> list[Setting]:
        """The setting; if platforms decide, two settings: before any answer, and after all have obeyed."""
        setting = make_setting(self.spec)
        listed = self.spec.world.blocks_policy_arm
        setting = replace(setting, blocks=blocks_under(listed, setting.blocks, setting.facts))
        if setting.answers is None:
            return [setting]
        obeyed = {(p.id, target): "complied" for p in self.spec.policies for target in p.targets}
        return [setting, replace(setting, answers=obeyed)]

    @cached_property
    def restricted(self) -> tuple[str, ...]:
        """The platforms that the policies are aimed at, and one more."""
        named = dict.fromkeys(target for policy in self.spec.policies for target in policy.targets)
        return *named, *[name for name in self._settings[0].platforms if name not in named][:1]

    def nobody_uses(self, platform: str, states: Sequence[str]) -> bool:
        """Return whether nobody in some states uses a platform; False for what is no platform."""
        setting = self._settings[0]
        if platform not in setting.platforms:
            return False
        return not self._used[[setting.states.index(s) for s in states], setting.platforms.index(platform)].any()

    @cached_property
    def _states_decide(self) -> bool:
        return any(name != "platforms" for name in self.spec.behaviour.on)

    @cached_property
    def _first(self) -> AccessTable:
        return first_access(self._settings[0])

    @cached_property
    def _used(self) -> np.ndarray:
        return _used(self._settings[0])

    @cached_property
    def _dates(self) -> list[date]:
        """The days to look at."""
        start, last = self.spec.start, self.spec.days - 1
        wanted = set(np.linspace(0, last, min(last + 1, _ALWAYS)).astype(int).tolist())
        for policy in self.spec.policies:
            for day in (*_dates_in(policy), policy.bites(start)):
                if day is not None:
                    wanted |= {(day - start).days + more for more in (-1, 0, 1)}
        return [start + timedelta(days=day) for day in sorted(wanted) if 0 <= day <= last]

    def _day(self, docket: Docket, setting: Setting, legal: bool) -> _Day:
        """Return the effects of the law on a day, with the law itself if acts or states depend on it."""
        costs = [load(p.instrument).cost(p, days, self._used, setting) for p, days in docket.in_force]
        demands = [p for p, _ in docket.in_force if load(p.instrument).demands]
        decides = setting.answers is not None
        return _Day(
            table=_noticed(access_under(docket, self._first, setting, routed=False), setting, self._used),
            cut=cuts_of(docket, setting),
            cost=sum(costs, np.zeros(self._used.shape)).tobytes(),
            platforms=setting.platform_facts,
            expected=[load(p.instrument).sanctions(p, setting) for p in demands] if decides else None,
            standing=_standing(docket) if legal else None,
        )


class _Course:
    """The law of some policies day by day, computed on demand, with the setting after each day.

    Attributes
    ----------
    setting : Setting
        That of the first day.
    days : dict of (int, bool) to _Day
        What was made of some days, by their number and by whether the law itself counts.
    """

    def __init__(self, policies: tuple[PolicyKeys, ...], setting: Setting, dates: Sequence[date]) -> None:
        self.setting = setting
        self.days: dict[tuple[int, bool], _Day] = {}
        self._policies, self._dates = policies, dates
        self._course: list[tuple[Docket, Setting, Setting]] = []

    def at(self, day: int) -> tuple[Docket, Setting, Setting]:
        """Return the law on one of the days, and the setting before and after what happens on it."""
        while len(self._course) <= day:
            today, before = self._dates[len(self._course)], self._course[-1][2] if self._course else self.setting
            docket = docket_of(self._policies, today)
            self._course.append((docket, before, _after_events(docket, today, before)))
        return self._course[day]


def _after_events(docket: Docket, today: date, setting: Setting) -> Setting:
    """Return the setting after the sales and moves of a day; the same one where there are none."""
    for policy, _ in docket.in_force:
        for event in load(policy.instrument).happens(policy, today, setting):
            setting = event.setting
    return setting


def _standing_until(policy: PolicyKeys, act: PolicyKeys) -> PolicyKeys:
    """Return a policy without its own end, where an act on it came before: to say by whom it ended is no slip.

    A lift on the day of the end says who ended it. A stay on that day comes too late: nothing is in force any more.
    """
    if policy.id != act.about() or policy.until is None or act.on is None:
        return policy
    if policy.until < act.on or (policy.until == act.on and not act.ENDS):
        return policy
    return policy.model_copy(update={"until": None})


def _standing(docket: Docket) -> tuple[object, ...]:
    """Return whose law stands or is announced, against what, and in how many days it bites."""
    known = (*((p, 0) for p, _ in docket.in_force), *((notice.policy, notice.days_left) for notice in docket.announced))
    return tuple((p.id, p.instrument, p.by, p.objects(), left) for p, left in known)


def _dates_in(model: BaseModel) -> Iterator[date]:
    """Yield every date that a policy names, those of its steps too."""
    for key in type(model).model_fields:
        value = getattr(model, key)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, date):
                yield item
            elif isinstance(item, BaseModel):
                yield from _dates_in(item)


def _used(setting: Setting) -> np.ndarray:
    """Return whether anybody in a state uses a platform on the first day, (states, platforms) [0 or 1]."""
    facts, own = setting.facts, setting.penetration
    groups: dict[str, list[str]] = {}
    for residence, origin in facts.migrants:
        groups.setdefault(residence, []).append(origin)

    def share(state: str, platform: str) -> float:
        figure = own.get(state, {}).get(platform)
        if figure is None:
            known = facts.penetration.get((state, platform))
            figure = known.value if known else 0.0
        return max(figure.values(), default=0.0) if hasattr(figure, "values") else float(figure)

    known = {s for s, _ in facts.penetration} | set(own)  # a state without any figure is not checked here
    at_home = {(s, p): share(s, p) > 0 for s in setting.states for p in setting.platforms}
    brought = {(s, p) for s, p, _ in facts.group_penetration}
    return np.array(
        [
            [
                s not in known
                or at_home[s, p]
                or (s, p) in brought
                or any(at_home.get((o, p), False) for o in groups.get(s, ()))
                for p in setting.platforms
            ]
            for s in setting.states
        ],
        dtype=np.float64,
    )


def _noticed(table: AccessTable, setting: Setting, used: np.ndarray) -> bytes:
    """Return what of an access table somebody could notice, as bytes to compare."""
    seen = copy_table(table)
    seen.reach[np.broadcast_to(setting.has_modes[None] == 0, seen.reach.shape)] = 1.0
    hindered = (seen.reach < 1).any(axis=2) | (seen.install < 1).any(axis=2) | (seen.speed < 1) | (seen.price > 0)
    hindered |= (seen.dark > 0) | (seen.threat > 0)
    for column, idle_value in ((seen.effort, 0.0), (seen.vpn_share, 1.0), (seen.vpn_speed, 1.0)):
        column[~hindered] = idle_value
    seen.block[(used == 0) & (seen.push == 0)] = 0.0
    talks = [p for p, name in enumerate(setting.platforms) if set(setting.platform_facts[name].modes) & set(TALK)]
    mask = sum(1 << p for p in talks)
    bridged = [bits & mask if (bits & mask).bit_count() > 1 else 0 for bits in seen.bridged.tolist()]
    numbers = (seen.block, seen.vpn_open, seen.penalty, seen.deterred)
    return b"".join((*((np.rint(each / _LEAST) + 0.0).tobytes() for each in numbers), repr(bridged).encode()))

"""The effect of each policy and of each of its keys: a key without effect on any day is probably a mistake.

The law of a scenario is computed day by day as in a run, without people: the access table, the cuts of the carrier
graph, the costs of platforms, and the platforms themselves after a sale or a move. It is computed again without one
policy, or without one key, and compared. The comparison ignores differences that nobody could notice: a platform that
nobody in the state uses, a mode that it does not have, a way round a block if nothing is blocked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, get_args, get_origin

import numpy as np
from pydantic_core import PydanticUndefined

from sim.errors import Code, Problem
from sim.facts.model import TECHNIQUES
from sim.people.access import TALK, AccessTable, copy_table
from sim.policies import INSTRUMENTS
from sim.policies.base import DayInForce, Policy, dates_in
from sim.policies.law import Docket, access_under, cuts_of, docket_of
from sim.scenario import Scenario
from sim.world.scenario_setting import make_setting
from sim.world.setting import Setting, blocks_under, first_access

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
    if not scenario.policies or any(policy.instrument not in INSTRUMENTS for policy in scenario.policies):
        return ()
    law = _Law(scenario)
    try:
        return tuple(problem for policy in scenario.policies for problem in _idle_of(policy, law))
    except Exception as error:  # a user's own instrument may fail in any way; the run will report it
        found = f"the policies cannot be worked out ({type(error).__name__}: {error})"
        return (Problem("policies", found, "instruments that work", "splinternet check FOLDER looks for the fault"),)


def _idle_of(policy: Policy, law: _Law) -> Iterator[Problem]:
    """Yield what of one policy changes nothing: the whole of it, or some keys."""
    path, begins = f"policies.{policy.id}", policy.on or policy.announced
    if begins is None or begins > law.spec.end:  # another warning reports this
        return
    if not law.changes(policy, None):
        found = "it changes nothing on any day of the run that the other policies do not change"
        hint = "is it too late, too small, of another state, or aimed at what nobody there uses?"
        yield Problem(law.spec.place(f"{path}.id"), found, "a policy with an effect", hint, Code.IDLE, path)
        return
    for key, item, variants in _variants(policy, law.restricted):
        if key in policy.IDLE_KEYS or law.nobody_uses(item, policy.by):  # other warnings report these
            continue
        if not any(law.changes(policy, other) for other in variants):
            found = f"'{item}' in '{key}' changes nothing" if item else f"'{key}' changes nothing"
            yield Problem(law.spec.place(f"{path}.{key}"), found, "leave it out", "", Code.IDLE, f"{path}.{key}")


def _variants(policy: Policy, platforms: Sequence[str]) -> Iterator[tuple[str, str, list[Policy]]]:
    """Yield the keys that a policy states, each with variants of the policy.

    A variant lacks the key, or has another value of it. For a list of platforms or days, a variant lacks one item,
    which is then named. The policy could name any of ``platforms`` instead of a single one.
    """
    for key, info in type(policy).model_fields.items():
        value = getattr(policy, key)
        default = info.get_default(call_default_factory=False)
        if key in _NOT_ACTS or key in policy.NOTES or key not in policy.model_fields_set or value == default:
            continue
        if isinstance(value, tuple):
            fewest = max([0, *(int(rule.min_length) for rule in info.metadata if hasattr(rule, "min_length"))])
            yield from _without_items(policy, key, value, fewest, platforms)
        elif not isinstance(value, str) or value != policy.about():
            others = _other_values(value, info.annotation)
            others += [] if default is PydanticUndefined else [default]
            if others:
                yield key, "", [policy.model_copy(update={key: other}) for other in others]


def _without_items(
    policy: Policy, key: str, value: tuple[Any, ...], fewest: int, others: Sequence[str]
) -> Iterator[tuple[str, str, list[Policy]]]:
    """Yield a list of platforms or days without each of its items; any list that may be empty without all."""
    platforms = policy.OBJECTS.get(key) == "platform"
    named = platforms or all(isinstance(item, date) for item in value)
    shorter = [tuple(one for one in value if one is not item) for item in value] if len(value) > max(1, fewest) else []
    left = [policy.model_copy(update={key: items}) for items in shorter]
    if named and left:
        for item, other in zip(value, left, strict=True):
            yield key, str(item), [other]
    elif fewest == 0 and not (key == "targets" and policy.NEEDS_TARGETS):
        without = [policy.model_copy(update={key: ()}), *left]
        yield key, "", [*without, *(policy.model_copy(update={key: (other,)}) for other in others if platforms)]


def _other_values(value: object, annotation: Any) -> list[object]:
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


class _Effects(NamedTuple):
    """Everything that the law makes of a day, so far as somebody could notice."""

    table: bytes
    cut: object
    cost: bytes
    platforms: object
    expected: object
    standing: object


@dataclass(eq=False)
class _Today:
    """The law on a day, with the sales and moves until then, the setting after them, and its effects once computed."""

    docket: Docket
    events: tuple[object, ...]
    setting: Setting
    effects: dict[bool, _Effects] = field(default_factory=dict)


class _Law:
    """The law of a scenario, day by day."""

    def __init__(self, spec: Scenario) -> None:
        self.spec = spec
        setting = make_setting(spec)
        blocks = blocks_under(spec.world.blocks_policy_arm, setting.blocks, setting.facts)
        self._setting = replace(setting, blocks=blocks)
        self._first = first_access(self._setting)
        self._used = _used(self._setting)
        self._dates = self._dates_to_look_at()
        self._courses: dict[object, list[_Today]] = {}

    def changes(self, policy: Policy, other: Policy | None) -> bool:
        """Return whether anything differs on any day with another policy in the place of one, or with none.

        The policies that act on it are left out, and so are the others that act on the same one as it does: a law that
        was stayed before its day, and a law that was stayed and later revoked, are no slips. If platforms decide, the
        law is looked at before any answer, and after all have obeyed.
        """
        is_act = policy.HALTS or policy.EXTENDS  # what it changes is the law itself
        apart = [p for p in self.spec.policies if p.about() == policy.id or (p.FREES and not policy.FREES)]
        if is_act:
            apart += [p for p in self.spec.policies if p.about() == policy.about() and p.HALTS and p is not policy]
        rest = tuple(_standing_until(p, policy) if is_act else p for p in self.spec.policies if p not in apart)
        changed = tuple(p for p in (other if p is policy else p for p in rest) if p is not None)
        legal = is_act or any(name != "platforms" for name in self.spec.behaviour.on)  # states that decide see the law
        obeyed = {(p.id, target): "complied" for p in self.spec.policies for target in p.targets}
        settings = [self._setting] if self._setting.answers is None else [
            self._setting, replace(self._setting, answers=obeyed)]  # fmt: skip
        for setting in settings:
            key = tuple((p.id, p.until) for p in rest), len(setting.answers or ())
            if key not in self._courses:  # much is compared with it
                self._courses[key] = list(self._course(rest, setting))
            for one, two in zip(self._courses[key], self._course(changed, setting), strict=True):
                is_same = one.docket == two.docket and one.events == two.events
                if not is_same and self._effects(one, legal) != self._effects(two, legal):
                    return True
        return False

    def _course(self, policies: tuple[Policy, ...], setting: Setting) -> Iterator[_Today]:
        """Yield the law of some policies on each day, with the setting after the sales and moves until then."""
        events: tuple[object, ...] = ()
        for today in self._dates:
            docket = docket_of(policies, today)
            for policy, _ in docket.in_force:
                for event in policy.happens(today, setting):
                    setting, events = event.setting, (*events, event[:2])
            yield _Today(docket, events, setting)

    def _effects(self, today: _Today, legal: bool) -> _Effects:
        """Return the effects of the law on a day, with the law itself if acts or states depend on it."""
        if legal not in today.effects:
            docket, setting = today.docket, today.setting
            costs = [policy.cost(self._used, DayInForce(days, setting)) for policy, days in docket.in_force]
            sanctions = [policy.sanctions(setting) for policy, _ in docket.in_force if policy.demands()]
            today.effects[legal] = _Effects(
                table=_noticed(access_under(docket, self._first, setting, routed=False), setting, self._used),
                cut=cuts_of(docket, setting),
                cost=sum(costs, np.zeros(self._used.shape)).tobytes(),
                platforms=setting.platform_facts,
                expected=sanctions if setting.answers is not None else None,
                standing=_standing(docket) if legal else None,
            )
        return today.effects[legal]

    @property
    def restricted(self) -> tuple[str, ...]:
        """The platforms that the policies are aimed at, and one more."""
        named = dict.fromkeys(target for policy in self.spec.policies for target in policy.targets)
        return *named, *[name for name in self._setting.platforms if name not in named][:1]

    def nobody_uses(self, platform: str, states: Sequence[str]) -> bool:
        """Return whether nobody in some states uses a platform; False for what is no platform."""
        setting = self._setting
        if platform not in setting.platforms:
            return False
        return not self._used[DayInForce(0, setting).rows(tuple(states)), setting.platforms.index(platform)].any()

    def _dates_to_look_at(self) -> list[date]:
        """Return the first days of the run or some of all, and those around each date that a policy names."""
        start, last = self.spec.start, self.spec.days - 1
        wanted = set(np.linspace(0, last, min(last + 1, _ALWAYS)).astype(int).tolist())
        for policy in self.spec.policies:
            for day in (*dates_in(policy), policy.bites(start)):
                if day is not None:
                    wanted |= {(day - start).days + more for more in (-1, 0, 1)}
        return [start + timedelta(days=day) for day in sorted(wanted) if 0 <= day <= last]


def _standing_until(policy: Policy, act: Policy) -> Policy:
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


def _used(setting: Setting) -> np.ndarray:
    """Return whether anybody in a state uses a platform on the first day, (states, platforms) [0 or 1]."""
    facts, own = setting.facts, setting.penetration
    brought = {(state, platform) for state, platform, _ in facts.group_penetration}
    measured = {state for state, _ in facts.penetration} | set(own)  # a state without any figure is not checked here

    def is_used(state: str, platform: str) -> bool:
        figure = own.get(state, {}).get(platform)
        if figure is None:
            fact = facts.penetration.get((state, platform))
            figure = fact.value if fact else 0.0
        return max(figure.values(), default=0.0) > 0 if isinstance(figure, Mapping) else float(figure) > 0

    at_home = np.array([[is_used(s, p) for p in setting.platforms] for s in setting.states])
    used = at_home | np.array([[s not in measured or (s, p) in brought for p in setting.platforms]
                               for s in setting.states])  # fmt: skip
    for residence, origin in facts.migrants:
        if residence in setting.states and origin in setting.states:
            used[setting.states.index(residence)] |= at_home[setting.states.index(origin)]
    return np.asarray(used, dtype=np.float64)


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

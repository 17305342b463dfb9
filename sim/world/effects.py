"""The effect of each policy; a policy without an effect on any day is probably a mistake.

The law of a scenario is computed day by day as in a run, without people: the access table, the cuts
of the carrier graph, the costs of platforms, and the platforms after a sale or a move. This is
compared with the law without one policy. The comparison ignores differences that nobody could
notice: a platform that nobody in the state uses, a mode that it does not have, a workaround if
nothing is blocked, a block while the whole country is offline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..errors import Code, Problem
from ..people.access import TALK, AccessTable, copy_table
from ..people.setting import Setting, blocks_under, first_access
from ..policies import INSTRUMENTS
from ..policies.base import Policy, dates_in
from ..scenario import Scenario
from .law import Docket, access_under, cuts_of, docket_of
from .scenario_setting import make_setting

if TYPE_CHECKING:
    from .classes import Expected

_ALWAYS = 120
"""Number of days that are checked in a run; in a longer run, the days on which something changes
are added.
"""
_LEAST = 1e-6
"""The smallest difference in a column of the access table that counts: one person in a million, or
a millionth of the value of a day's use of a feed.
"""

FEWEST = 30
"""Fewest simulated people for a meaningful figure; results omit figures with fewer."""


def idle(scenario: Scenario) -> tuple[Problem, ...]:
    """Return the policies without an effect.

    Parameters
    ----------
    scenario : Scenario
        A loaded scenario; if one of its instruments is not available, the result is empty.
    """
    if not scenario.policies or any(
        policy.instrument not in INSTRUMENTS for policy in scenario.policies
    ):
        return ()
    try:
        law = _Law(scenario)
        idle = (problem for policy in scenario.policies for problem in _idle_of(policy, law))
        return (*idle, *_few_people(scenario))
    except (
        Exception
    ) as error:  # a user's own instrument may fail in any way; the run will report it
        found = f"the policies cannot be evaluated ({type(error).__name__}: {error})"
        return (
            Problem(
                "policies",
                found,
                "instruments that work",
                "splinternet check FOLDER looks for the fault",
            ),
        )


def _idle_of(policy: Policy, law: _Law) -> Iterator[Problem]:
    """Yield a problem if a policy has no effect."""
    path = f"policies.{policy.id}"
    begins = policy.on or policy.announced
    if begins is None or begins > law.spec.end:  # another warning reports this
        return
    places = law.spec.places
    if not law.changes(policy):
        found = "it changes nothing on any day of the run that the other policies do not change"
        hint = "is it too late, too small, of another state, or against what nobody there uses?"
        yield Problem(
            places.get(f"{path}.id", path), found, "a policy with an effect", hint, Code.IDLE, path
        )


def whom(scenario: Scenario) -> Iterator[tuple[Policy, Expected]]:
    """Yield the parts of policies with a `who`, each with the average number of people concerned
    over seeds.
    """
    if all(part.who is None for policy in scenario.policies for part in policy.parts()):
        return
    from .classes import expected, narrowed_parts
    from .sampling import sample_groups  # loads numba, which checks of other scenarios do not need

    setting = make_setting(scenario)
    groups = sample_groups(scenario, setting).groups
    yield from (
        (policy, expected(policy, groups, setting, scenario.start.year))
        for policy in narrowed_parts(scenario.policies)
    )


def _few_people(scenario: Scenario) -> Iterator[Problem]:
    """Yield the policies that concern nobody, or too few simulated people for meaningful
    results.
    """
    for policy, (people, everybody, simulated) in whom(scenario):
        asked = policy.who.simulated if policy.who is not None else None
        fewest = FEWEST if asked is None else asked
        if simulated < fewest:
            path = f"policies.{policy.id}"
            where = " and ".join(policy.concerns())
            path += ".age" if "age" in type(policy).model_fields else ".who"
            found = f"it concerns {people:,.0f} of the {everybody:,.0f} internet users of {where}"
            found += f", some {simulated:.0f} simulated people" if people else ": nobody"
            at = scenario.places.get(path, path)
            yield Problem(
                at, found, f"{fewest} simulated people or more", "more people?", Code.FEW, path
            )


@dataclass(eq=False)
class _Today:
    """The law on a day, with the sales and moves until then, the setting after them, and the use of
    platforms.
    """

    docket: Docket
    events: tuple[object, ...]
    setting: Setting
    law: _Law

    @cached_property
    def effects(self) -> tuple[object, ...]:
        """All effects of the law on the day that anybody could notice."""
        docket = self.docket
        setting = self.setting
        used = self.law.used
        costs = [
            policy.cost(used, policy.on_day(days, setting)) for policy, days in docket.in_force
        ]
        sanctions = [policy.sanctions(setting) for policy, _ in docket.in_force if policy.demands()]
        laws = {
            tuple(p.mark for p in law.policies): law
            for law in map(docket.for_class, self.law.classes)
        }
        tables = (access_under(law, self.law.first, setting, routed=False) for law in laws.values())
        return (
            tuple(_noticed(table, setting, used) for table in tables),
            cuts_of(docket, setting),
            sum(costs, np.zeros(used.shape)).tobytes(),
            setting.platform_facts,
            sanctions if setting.answers is not None else None,
        )

    @property
    def standing(self) -> list[tuple[object, ...]]:
        """The policies in force or announced: state, target, and days until an effect."""
        announced = ((notice.policy, notice.days_left) for notice in self.docket.announced)
        known = (*((policy, 0) for policy, _ in self.docket.in_force), *announced)
        return [(p.id, p.instrument, p.by, p.objects(), left) for p, left in known]


class _Law:
    """The law of a scenario, day by day."""

    def __init__(self, spec: Scenario) -> None:
        self.spec = spec
        setting = make_setting(spec)
        blocks = blocks_under(spec.world.blocks_policy_arm, setting.blocks, setting.facts)
        self.setting = replace(setting, blocks=blocks)
        self.first = first_access(self.setting)
        self.used = _used(self.setting)
        parts = [
            part for policy in spec.policies for part in policy.parts() if part.who is not None
        ]
        narrowed = [part.mark for part in parts]
        self.classes = frozenset(
            {frozenset(), *(frozenset([name]) for name in narrowed), frozenset(narrowed)}
        )
        """Classes of people concerned by none, one or all of the policies with a `who`."""
        self.course = cache(
            lambda *of: tuple(self._course(*of))
        )  # many comparisons use one of them
        last = spec.days - 1
        days = set(np.linspace(0, last, min(last + 1, _ALWAYS)).astype(int).tolist())
        for policy in spec.policies:
            for day in (*dates_in(policy), policy.bites(spec.start)):
                days |= (
                    {(day - spec.start).days + more for more in (-1, 0, 1)}
                    if day is not None
                    else set()
                )
        self._dates = [spec.start + timedelta(days=day) for day in sorted(days) if 0 <= day <= last]

    def changes(self, policy: Policy) -> bool:
        """Return whether anything differs on any day without a policy.

        The comparison excludes the policies that act on this one, and others that act on the same
        policy as this one: a law that was stayed before its first day, or stayed and later revoked,
        is not a mistake. If platforms decide, the law is compared before any answer, and after all
        have obeyed.
        """
        is_act = policy.HALTS or policy.EXTENDS  # it changes the law itself
        apart = [
            p
            for p in self.spec.policies
            if p.about() == policy.id or (p.FREES and not policy.FREES)
        ]
        if is_act:
            apart += [
                p
                for p in self.spec.policies
                if p.about() == policy.about() and p.HALTS and p is not policy
            ]
        rest = tuple(
            _standing_until(p, policy) if is_act else p
            for p in self.spec.policies
            if p not in apart
        )
        changed = tuple(p for p in rest if p is not policy)
        legal = is_act or any(
            name != "platforms" for name in self.spec.behaviour.on
        )  # deciding states see the law
        return any(
            (one.docket, one.events) != (two.docket, two.events)
            and (one.effects != two.effects or (legal and one.standing != two.standing))
            for is_obeyed in ((False,) if self.setting.answers is None else (False, True))
            for one, two in zip(
                self.course(rest, is_obeyed), self._course(changed, is_obeyed), strict=True
            )
        )

    def _course(self, policies: tuple[Policy, ...], is_obeyed: bool) -> Iterator[_Today]:
        """Yield the law of some policies on each day, with the setting after the sales and moves
        until then.
        """
        obeyed = {(p.id, target): "complied" for p in self.spec.policies for target in p.targets}
        setting = replace(self.setting, answers=obeyed) if is_obeyed else self.setting
        events: tuple[object, ...] = ()
        for today in self._dates:
            docket = docket_of(policies, today)
            for policy, _ in docket.in_force:
                for event in policy.happens(today, setting):
                    setting = event.setting
                    events = (*events, event[:2])
            yield _Today(docket, events, setting, self)


def _standing_until(policy: Policy, act: Policy) -> Policy:
    """Return a policy without its own end if an earlier act ends it: an act that explains the end
    is not a mistake.

    A lift on the day of the end explains it. A stay on that day is too late, because nothing is in
    force any more.
    """
    if policy.id != act.about() or policy.until is None or act.on is None:
        return policy
    if policy.until < act.on or (policy.until == act.on and not act.ENDS):
        return policy
    return policy.model_copy(update={"until": None})


def _used(setting: Setting) -> np.ndarray:
    """Return whether anybody in a state uses a platform on the first day, (states, platforms) [0 or
    1].
    """
    facts = setting.facts
    own = setting.penetration
    brought = {(state, platform) for state, platform, _ in facts.group_penetration}
    measured = {state for state, _ in facts.penetration} | set(
        own
    )  # a state without any figure is not checked here

    def is_used(state: str, platform: str) -> bool:
        fact = facts.penetration.get((state, platform))
        figure = own.get(state, {}).get(platform, fact.value if fact else 0.0)
        return (
            max(figure.values(), default=0.0) > 0
            if isinstance(figure, Mapping)
            else float(figure) > 0
        )

    at_home = np.array([[is_used(s, p) for p in setting.platforms] for s in setting.states])
    unknown = [
        [s not in measured or (s, p) in brought for p in setting.platforms] for s in setting.states
    ]
    used = at_home | np.array(unknown)
    for residence, origin in facts.migrants:
        if residence in setting.states and origin in setting.states:
            used[setting.states.index(residence)] |= at_home[setting.states.index(origin)]
    return np.asarray(used, dtype=np.float64)


def _noticed(table: AccessTable, setting: Setting, used: np.ndarray) -> bytes:
    """Return the noticeable part of an access table, as bytes to compare."""
    seen = copy_table(table)
    seen.reach[np.broadcast_to(setting.has_modes[None] == 0, seen.reach.shape)] = 1.0
    hindered = (
        (seen.reach < 1).any(axis=2)
        | (seen.install < 1).any(axis=2)
        | (seen.speed < 1)
        | (seen.price > 0)
    )
    hindered |= (seen.dark > 0) | (seen.threat > 0)
    for column, idle_value in ((seen.effort, 0.0), (seen.vpn_share, 1.0), (seen.vpn_speed, 1.0)):
        column[~hindered] = idle_value
    seen.block[(used == 0) & (seen.push == 0)] = 0.0
    gone = seen.dark >= 1.0  # nothing works there in any way, so nobody can notice anything else
    seen.block[gone] = 0.0
    seen.dark[gone] = 1.0
    talks = [
        p
        for p, name in enumerate(setting.platforms)
        if set(setting.platform_facts[name].modes) & set(TALK)
    ]
    mask = sum(1 << p for p in talks)
    bridged = [
        bits & mask if (bits & mask).bit_count() > 1 else 0 for bits in seen.bridged.tolist()
    ]
    numbers = (seen.block, seen.vpn_open, seen.penalty, seen.deterred, seen.lines_cut)
    return b"".join(
        (*((np.rint(each / _LEAST) + 0.0).tobytes() for each in numbers), repr(bridged).encode())
    )

"""The phases of a day: `SCHEDULE`, from top to bottom, and `Schedule`, which changes the order for
a model.

Each phase is a function of the arm. Its row lists what it reads and writes, in the words of
`GROUPS`; a test fails if a phase touches anything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..arm import Arm
from ..errors import InputError, Problem, did_you_mean
from ..people.access import AccessTable, bits
from ..people.authors import authors_gone, led_to, open_to_authors
from ..people.choice import find_due
from ..people.contact import calls_changed, find_lines, follow, follow_spells, measure_contact
from ..people.events import EventLog
from ..people.kernel_types import pack_again
from ..people.own_rules import WITH_KIN, amend, ask, by_verb, gathered, tell_circle
from ..people.reconnect import agree_on, find_agreements, take_up_agreed, telephone
from ..people.rule import PeopleRule
from ..people.state import count_out
from ..people.substitution import newcomers_share
from ..people.visit import visit_people
from ..world.law import access_under, cuts_of, law_signature, routes_under

VISIBLE_DRIFT = 0.01
"""Relative change in a platform's offer from which all its users in a state look at it again."""

FIXED_INPUTS = (
    "spec",
    "arm",
    "member_seed",
    "threads",
    "world",
    "bonds",
    "opening",
    "group_table",
    "rules",
    "first_using",
    "first_users",
    "first_crowd",
    "no_drift",
    "places",
    "first_found",
    "people_rules",
    "people_today",
    "day",
)
"""Inputs that every phase may read and none may write: the day, and data that are fixed before the
first day.
"""

GROUPS = {
    "law": ("docket", "setting", "law_signature"),
    "decisions": (
        "decided",
        "decisions",
        "open_decisions",
        "states",
        "platforms",
        "behaviours",
        "outlook",
    ),
    "access": ("access", "by_class", "found", "access_diff", "cells", "columns"),
    "people": ("everybody", "private", "use", "agenda", "contact_cache", "visits", "events"),
    "counts": ("counts", "offer", "authors_gone"),
    "ties": ("kin", "carried"),
    "contact": ("contact", "spells", "lost_so_far"),
}
"""Attributes of an arm, by the words in the rows of the schedule; any other word is itself an
attribute.
"""


class Phase(NamedTuple):
    """One part of the day.

    Attributes
    ----------
    name, does : str
    function : callable
        Called with the arm.
    reads, writes : tuple of str
        Keys of `GROUPS`, or attributes of `splinternet.arm.Arm`. A phase may read what it writes,
        and `FIXED_INPUTS`.
    """

    name: str
    does: str
    function: Callable[[Any], None]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


def events(arm: Arm) -> None:
    """Find the policies that are announced, in force or stayed today."""
    arm.enforce()


def decide(arm: Arm) -> None:
    """Let states and platforms decide, if the scenario switches decisions on."""
    arm.decide()


def routes(arm: Arm) -> None:
    """Find the states that reach each other under the cuts of the carrier graph; None if nothing is
    cut.
    """
    arm.routes = routes_under(cuts_of(arm.docket, arm.setting), arm.setting)


def access(arm: Arm) -> None:
    """Start from the arm's first table, and apply the policies that are in force or announced."""
    arm.access_diff.clear()
    is_law = bool(arm.docket.in_force or arm.docket.announced)
    signature = law_signature(arm.docket, arm.setting) if is_law else ()
    last = arm.law_signature
    if signature == last:
        return
    before = arm.found
    first = arm.opening
    places = arm.places
    # The final effect of the law stays the same until a dated change.
    is_known = bool(is_law and last and signature[-1] == last[-1])
    narrowed = frozenset(policy.mark for policy in arm.docket.policies if policy.who is not None)
    found: dict[frozenset[str], AccessTable] = {}
    for of_class, known in zip(places.classes, arm.by_class, strict=True):
        concerned_by = of_class & narrowed
        if concerned_by not in found:
            those = arm.docket.for_class(concerned_by)
            taken = known.coming if is_known else None
            found[concerned_by] = (
                access_under(those, first, arm.setting, taken=taken) if is_law else first
            )
    arm.law_signature = signature
    arm.by_class = tuple(found[of_class & narrowed] for of_class in places.classes)
    arm.access = places.of_states(arm.by_class)
    arm.found = places.table(arm.by_class, arm.setting)
    rows = arm.access_diff.update(before, arm.found, arm.first_found, arm.columns.bridged)
    if rows.size:
        pack_again(arm.found, rows, arm.cells)


def people_decide(arm: Arm) -> None:
    """Visit everyone who has something to decide, then carry out all decisions."""
    wishes = gathered(arm.proposals.values(), arm.columns)
    ctx = arm.context(crowd=crowd_of(arm), drifted=drifted_of(arm), kept=wishes.kept)
    arm.contact_cache.clear()
    arm.counts.joined[:] = 0
    visited = find_due(ctx, arm.workspace.due)
    others = wishes.others(arm.workspace.due[:visited])
    due = arm.workspace.due[: visited + len(others)]
    due[visited:] = others
    arm.visits = len(due)
    if len(due):
        count_out(due, ctx, arm.counts)
        arm.workspace.grow(len(due))
        visit_people(due[:visited], ctx, arm.workspace, arm.threads)
        if wishes.dropped.size:
            amend(due, visited, *wishes[:4], ctx, arm.workspace.outcome)
        log = arm.events.room_for(len(due) * (arm.columns.platform.size + 2))
        arm.contact_cache.carry_out(due, arm.workspace.outcome, ctx, arm.counts, log)
    for who, platform in wishes.told:
        tell_circle(who, platform, ctx)


def crowd_of(arm: Arm) -> np.ndarray:
    """Return the joint moves of people in each state today, in rows of CROWD, shape (groups,
    platforms).

    The result is that of the first day until somebody changes something or a law has a date, and
    again once all authors are back.
    """
    # Authors face the average law of the people in their state.
    coming = arm.places.mean([table.coming for table in arm.by_class])
    groups = arm.group_table
    counts = arm.counts
    if not (arm.contact_cache.ever or coming.any() or arm.authors_gone.any()):
        return arm.first_crowd
    crowd = arm.first_crowd.copy()
    lag = arm.setting.parameters["choice.audience_lag_days"]
    now = groups.using(counts.using)
    first = arm.first_users
    level = np.divide(now, first, out=np.ones_like(now), where=first > 0)
    # What a platform offers follows its audience slowly. A diaspora and its families look at both
    # states: half to each (assumption).
    arm.offer += (level - arm.offer) / lag
    crowd["audience"] = 0.5 * (arm.offer[groups.state] + arm.offer[groups.partner])
    if counts.trial.any():
        share = newcomers_share(
            groups.using(counts.trial), groups.using(counts.lost), arm.columns.platform
        )
        crowd["wave"] = share[groups.state]
    arm.authors_gone = authors_gone(arm.authors_gone, level, coming, lag)
    open_share = arm.places.mean([open_to_authors(table) for table in arm.by_class])
    crowd["led"] = led_to(arm.authors_gone, open_share, arm.world.heirs)[groups.state]
    return crowd


def drifted_of(arm: Arm) -> np.ndarray:
    """Return, for each group, the platforms whose audience differs from that of the first day
    (bits).

    The agenda handles changes in a person's own circle.
    """
    if not arm.contact_cache.ever:
        return arm.no_drift
    groups = arm.group_table
    offer = bits(np.abs(arm.offer - 1.0) > VISIBLE_DRIFT)
    return np.asarray(offer[groups.state] | offer[groups.partner])


def reconnect(arm: Arm) -> None:
    """Let kin who have lost touch, or will lose it, agree on another channel, which both then
    adopt.
    """
    wishes = by_verb(arm.proposals.values())
    kin = arm.kin
    diff = arm.access_diff
    cache = arm.contact_cache
    workspace = arm.workspace
    is_news = cache.ever and (cache.anybody or diff.bridges or cache.out_of_touch)
    is_wished = not WITH_KIN.isdisjoint(wishes)
    if not (is_news or is_wished or diff.coming or calls_changed(kin, diff)):
        return
    for who, _ in wishes.get("phone", ()):
        telephone(who, kin)
    ctx = arm.context()
    cache.update(kin, diff, ctx)
    log = arm.events.room_for(2 * kin.agreed.size)
    cache.out_of_touch = find_agreements(kin, arm.bonds, diff.coming, ctx, log)
    for who, platform in wishes.get("agree", ()):
        agree_on(who, platform, kin, ctx, log)
    pairs = int(np.count_nonzero(kin.agreed >= 0))
    if pairs:
        workspace.grow(2 * pairs)
        due = workspace.due[
            : take_up_agreed(kin, ctx, workspace.due, workspace.outcome, arm.counts)
        ]
        unlogged = EventLog().room_for(0)  # the log already has each agreement
        cache.carry_out(due, workspace.outcome, ctx, arm.counts, unlogged)


def _carry(arm: Arm) -> None:
    """Find the people whose channels to kin change under the errors that the run carries (in
    place).
    """
    carried = arm.carried
    policies = [policy for policy, _ in arm.docket.in_force]
    if carried is None or arm.baseline is None:
        return
    setting = arm.setting
    talk = [name for p, name in enumerate(setting.platforms) if arm.columns.talk_bits >> p & 1]
    errors = {
        (setting.states.index(state), setting.platforms.index(platform)): error
        for (state, platform), error in carried.kept(policies, talk).items()
        if state in setting.states and platform in talk
    }
    if not errors and not carried.missed.any() and not carried.spared.any():
        return
    if not (arm.contact_cache.anybody or arm.baseline.anybody_changed or arm.access_diff.is_felt):
        return  # neither use nor restrictions have changed
    changed = carried.update(errors, arm.baseline.person, arm.person, arm.group_table.state)
    if changed.size:
        arm.contact_cache.note(changed)


def contact(arm: Arm) -> None:
    """Find the kin ties with a channel today, and follow those without one."""
    _carry(arm)
    baseline = arm.baseline
    kin = arm.kin
    diff = arm.access_diff
    cache = arm.contact_cache
    other_news = baseline is not None and baseline.anybody_changed
    news = cache.anybody or diff.bridges or diff.lines or other_news or calls_changed(kin, diff)
    cache.is_updated = bool(news or arm.day == 0 or arm.contact.out.any())
    if cache.is_updated:
        in_baseline = kin.first if baseline is None else baseline.kin.channels
        ctx = arm.context()
        cache.update(kin, diff, ctx)
        if diff.lines:
            find_lines(kin, arm.found.lines_cut, ctx)
        follow(kin, in_baseline, ctx, arm.events.room_for(2 * kin.agreed.size))
        measure_contact(kin, in_baseline, arm.workspace.mark, arm.contact)
        follow_spells(arm.day, arm.workspace.mark, kin.slot_group, arm.spells, arm.lost_so_far)


def measure(arm: Arm) -> None:
    """Write the day's metrics into the record, if there is one."""
    if arm.record is not None:
        arm.record.write(arm)


SCHEDULE: tuple[Phase, ...] = (
    Phase(
        "events",
        "policies are announced, begin, are stayed, put off, end",
        events,
        reads=("law", "decisions"),
        writes=("law", "decisions"),
    ),
    Phase(
        "decide",
        "states and platforms decide, if switched on",
        decide,
        reads=("law", "decisions", "counts", "contact", "baseline"),
        writes=("law", "decisions"),
    ),
    Phase(
        "routes",
        "which state reaches which over the carriers",
        routes,
        reads=("law",),
        writes=("routes",),
    ),
    Phase(
        "access",
        "policies in force make the access table",
        access,
        reads=("law", "access"),
        writes=("law", "access"),
    ),
    Phase(
        "people",
        "keep, lapse, get a VPN, move, return",
        people_decide,
        reads=("law", "access", "people", "counts", "proposals"),
        writes=("people", "counts"),
    ),
    Phase(
        "reconnect",
        "kin out of touch agree on another channel",
        reconnect,
        reads=("access", "people", "counts", "ties", "proposals"),
        writes=("people", "counts", "ties"),
    ),
    Phase(
        "contact",
        "which kin ties have a channel",
        contact,
        reads=("law", "access", "people", "ties", "contact", "baseline"),
        writes=("people", "ties", "contact"),
    ),
    Phase(
        "measure",
        "counts become metrics",
        measure,
        reads=(
            "law",
            "decisions",
            "routes",
            "access",
            "people",
            "counts",
            "ties",
            "contact",
            "baseline",
        ),
        writes=("record",),
    ),
)


def _ask(name: str, arm: Arm) -> None:
    """Let people propose actions by a user's own rule."""
    people = arm.people_today
    differs = arm.access_diff.differs
    people.begin(arm.everybody, arm.private, arm.cells, differs, arm.days_out_of_touch)
    today = people.day(name, arm.day, arm.date, arm.setting.parameters)
    made = ask(arm.people_rules[name], people, today)
    arm.proposals[name] = made
    arm.proposed[name] += 0 if made is None else len(made)


_SHIPPED = frozenset((*(phase.function for phase in SCHEDULE), _ask))


def owns_people(phase: Phase) -> bool:
    """Return whether a phase may write the table of people, according to its row.

    Shipped phases need no such lock: a test checks their rows.
    """
    function: Any = getattr(phase.function, "func", phase.function)
    return function in _SHIPPED or not {"people", *GROUPS["people"]}.isdisjoint(phase.writes)


class Schedule:
    """The phases of a day, in the order in which a model runs them; `print` shows them.

    Parameters
    ----------
    phases : iterable of Phase, callable or str, optional
        By default `SCHEDULE`. A string is the name of a phase of `SCHEDULE`; a function of the
        model becomes a phase with its name, described by the first line of its docstring.

    Raises
    ------
    InputError
        If a name is unknown or occurs twice. The methods raise it, too.

    Examples
    --------
    >>> model = Model("wechat_as_ordered")
    >>> model.schedule.insert(holiday, before="people")
    >>> model.schedule.remove("reconnect")
    """

    def __init__(self, phases: Iterable[Phase | Callable[[Any], None] | str] = SCHEDULE) -> None:
        self._phases: list[Phase] = []
        for phase in phases:
            self.insert(phase)

    def insert(
        self,
        phase: Phase | Callable[[Any], None] | str,
        *,
        before: str | None = None,
        after: str | None = None,
    ) -> None:
        """Add a phase before or after another one, by default as the last."""
        at = len(self._phases)
        if before is not None or after is not None:
            at = self._place(before) if before is not None else self._place(after) + 1
        new = _as_phase(phase)
        if new.name in self.names:
            raise InputError(
                Problem(
                    "steps", f"the phase {new.name!r} twice", "each phase once", "remove it first"
                )
            )
        self._phases.insert(at, new)

    def replace(self, name: str, phase: Phase | Callable[[Any], None] | str) -> None:
        """Replace a phase by another one, which takes its name."""
        at = self._place(name)
        self._phases[at] = _as_phase(phase)._replace(name=name)

    def remove(self, name: str) -> Phase:
        """Remove a phase from the day and return it, so that it can be inserted elsewhere."""
        return self._phases.pop(self._place(name))

    @property
    def names(self) -> list[str]:
        """Names of the phases, in order."""
        return [phase.name for phase in self._phases]

    def _place(self, name: str | None) -> int:
        names = self.names
        if name not in names:
            raise InputError(_unknown(str(name), names))
        return names.index(name)

    def __iter__(self) -> Iterator[Phase]:
        return iter(self._phases)

    def __len__(self) -> int:
        return len(self._phases)

    def __repr__(self) -> str:
        return f"<Schedule: {', '.join(phase.name for phase in self)}>"

    def __str__(self) -> str:
        return "\n".join(f"{n}. {phase.name:<10} {phase.does}" for n, phase in enumerate(self, 1))

    def _repr_html_(self) -> str:
        return f"<pre>{self}</pre>"


def schedule_with(
    rules: Iterable[PeopleRule | type[PeopleRule]],
    steps: Iterable[Phase | Callable[[Any], None] | str] = SCHEDULE,
) -> Schedule:
    """Return the day with a phase for each of the user's own rules for people, at the place that
    its class states.

    Raises
    ------
    InputError
        If a rule names a phase that the day does not have.
    """
    places = {rule.name: rule for rule in rules}
    phases = {
        name: Phase(
            name,
            rule.summary,
            partial(_ask, name),
            ("law", "access", "people", "ties", "contact"),
            ("proposals", "proposed"),
        )
        for name, rule in places.items()
    }
    schedule = Schedule(phases.get(step, step) if isinstance(step, str) else step for step in steps)
    waiting = [
        name for name in places if name not in schedule.names
    ]  # the caller has placed the others
    while waiting:
        names = schedule.names
        where = {name: places[name].after or places[name].before for name in waiting}
        ready = [name for name in waiting if where[name] in names]
        if not ready:  # a rule may be placed by another rule, unless they wait for each other
            rule = places[waiting[0]]
            side = "after" if rule.after else "before"
            found = f"{rule.name} comes {side} '{where[rule.name]}', no phase of the day"
            allowed = "one of " + ", ".join(names)
            raise InputError(
                Problem(rule.place(), found, allowed, did_you_mean(where[rule.name], names))
            )
        for name in ready:
            side = "after" if places[name].after else "before"
            schedule.insert(phases[name], **{side: where[name]})
        waiting = [name for name in waiting if name not in ready]
    return schedule


def _as_phase(phase: Phase | Callable[[Any], None] | str) -> Phase:
    if isinstance(phase, str):
        known = {known.name: known for known in SCHEDULE}
        if phase not in known:
            raise InputError(_unknown(phase, known))
        return known[phase]
    if isinstance(phase, Phase):
        return phase
    if not callable(phase):
        allowed = "the name of a phase, a phase, or a function of the model"
        raise InputError(Problem("steps", f"{phase!r} is not a phase", allowed))
    name = getattr(phase, "__name__", type(phase).__name__)
    return Phase(name, " ".join((phase.__doc__ or "your own").partition("\n\n")[0].split()), phase)


def _unknown(name: str, known: Iterable[str]) -> Problem:
    return Problem(
        "steps", f"no phase {name!r}", "one of " + ", ".join(known), did_you_mean(name, list(known))
    )

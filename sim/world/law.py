"""Law as a process: the policies in force and announced on a day, and the access that follows from
them.

A court's injunction stays a policy while it is in force; an extension changes the date from the day
of its grant; a lift ends the policy. None changes the policy itself, so every day is computed from
the scenario's dates. The strictest restriction that is not stayed counts; then exemptions restore
the uses that they free, and bridges add channels. The order of the policies in a scenario does not
matter.

Announced policies affect people before they begin. The fear of a platform's users in a state is
`announcement.belief` times the share of their use that the law removes when the announced policies
are in force. The share is read from the access table, so the rule applies to every instrument.
People respond to an announcement for `announcement.heed_days` when it is new, and for the same time
before its date. In between, or if a threat without a date is old, they behave as before.

A platform is served from its home and from the homes of its clouds. People without a route to any
of them cannot use it; a VPN in a third state helps if there are routes to that state and from there
to the platform. Detours and congested borders slow traffic. A VPN is itself a detour, so it does
not increase speed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core.cut import NOTHING, Cut
from ..facts.network import ASSUMPTIONS, load_network
from ..people.access import AccessTable, copy_table, felt_speed, moved
from ..policies.base import DayInForce, Policy
from ..policies.demands import refusing
from ..policies.network import FILTERS, stronger

if TYPE_CHECKING:
    from ..network import Coupling
    from ..people.setting import Setting

COME_IN = 365
"""Age at which announced policies are evaluated, after all lags and moves [days]."""
_MOST_TABLES = 32
"""Largest number of cached tables under lasting policies, for some days and classes of people."""


class Notice(NamedTuple):
    """A policy that is announced and not in force yet.

    Attributes
    ----------
    policy : Policy
    days_left : int or None
        Days until it is in force; None for a threat without a date.
    days_known : int
        Days since the announcement.
    """

    policy: Policy
    days_left: int | None
    days_known: int

    def is_soon(self, days: float) -> bool:
        """Return whether the policy begins within a number of days."""
        return self.days_left is not None and self.days_left <= days


@dataclass(frozen=True)
class Docket:
    """The law on one day.

    Attributes
    ----------
    in_force : tuple of (Policy, int)
        Policies in force, with the number of days in force.
    announced : tuple of Notice
        Policies that are announced and not in force yet. A demand with a deadline is in both,
        because it is in force and people still expect its sanction.
    """

    in_force: tuple[tuple[Policy, int], ...]
    announced: tuple[Notice, ...] = ()

    def for_class(self, concerned_by: Collection[str]) -> Docket:
        """Return the law for people concerned by the policies with some marks among those with a
        `who`.
        """
        if all(policy.who is None for policy in self.policies):
            return self

        def holds(policy: Policy) -> bool:
            return policy.who is None or policy.mark in concerned_by

        in_force = tuple(entry for entry in self.in_force if holds(entry[0]))
        return Docket(in_force, tuple(notice for notice in self.announced if holds(notice.policy)))

    @property
    def once(self) -> tuple[tuple[Policy, int], ...]:
        """The policies in force, each once; of a policy with parts for different people, only
        one.
        """
        return tuple({policy.id: (policy, days) for policy, days in self.in_force}.values())

    @property
    def policies(self) -> list[Policy]:
        """The policies in force, then those announced."""
        return [
            *(policy for policy, _ in self.in_force),
            *(notice.policy for notice in self.announced),
        ]


def docket_of(policies: Iterable[Policy], today: date) -> Docket:
    """Return the law on a day; the order of the policies does not matter.

    Parameters
    ----------
    policies : iterable of Policy
        All policies of a scenario, including those of courts.
    today : date
    """
    policies = sorted(policies, key=lambda p: p.id)
    policies = _standing([p for p in policies if p.HALTS and p.in_force(today)], policies)
    granted = [p for p in policies if p.EXTENDS and p.in_force(today)]
    in_force = []
    announced = []
    for policy in policies:
        if policy.HALTS or policy.EXTENDS:
            continue
        policy = _extended(policy, granted)
        if policy.in_force(today) and policy.on is not None:
            in_force += [(part, (today - policy.on).days) for part in policy.parts()]
        bites = policy.bites(today)
        known = policy.days_known(today)
        if known is not None and not policy.is_over(today) and (bites is None or today < bites):
            announced += [
                Notice(part, None if bites is None else (bites - today).days, known)
                for part in policy.parts()
            ]
    return Docket(tuple(in_force), tuple(announced))


def _standing(halting: Sequence[Policy], policies: Sequence[Policy]) -> list[Policy]:
    """Return the policies that stand, after the acts that stay or end them.

    An act stops the part of a policy that belongs to the states of the act, unless another act
    stops the act itself. A policy of which no state is left is not returned.
    """
    by_id = {policy.id: policy for policy in policies}
    against: dict[str, list[Policy]] = {}
    for act in halting:
        law = by_id.get(act.about() or "")
        if law is not None and act.binds(law):
            against.setdefault(law.id, []).append(act)

    def stopped(name: str, state: str, seen: frozenset[str]) -> bool:
        seen |= {name}
        acts = [act.id for act in against.get(name, ()) if state in act.by and act.id not in seen]
        return any(not stopped(act, state, seen) for act in acts)

    halted = {
        name: {s for s in by_id[name].by if stopped(name, s, frozenset())} for name in against
    }
    rest = [policy.without(halted.get(policy.id, set())) for policy in policies]
    return [policy for policy in rest if policy is not None]


def _extended(policy: Policy, granted: Sequence[Policy]) -> Policy:
    """Return a policy with the date of the extension granted last, if there is one.

    A state of the policy grants an extension, at the latest on the day that it changes: a policy
    that has begun can be stayed or ended, but not put off.
    """
    mine = [
        (act.on, getattr(act, "to", None))
        for act in granted
        if act.about() == policy.id and act.binds(policy)
    ]
    for on, to in sorted((on, to) for on, to in mine if on is not None and to is not None):
        due = policy.due()
        if due is None or on <= due:
            policy = policy.put_off(to)
    return policy


def access_under(
    docket: Docket,
    first: AccessTable,
    setting: Setting,
    *,
    routed: bool = True,
    taken: np.ndarray | None = None,
) -> AccessTable:
    """Return the access table of a day.

    Parameters
    ----------
    docket : Docket
        The policies in force and announced.
    first : AccessTable
        The table of the first day, not modified.
    setting : Setting
    routed : bool
        Whether to include the effect of cuts of the carrier graph on routes.
    taken : numpy.ndarray, shape (states, platforms), optional
        Share of people's first-day use that the law will finally remove [1], if known; it depends
        only on the last item of `law_signature`. A threat without a date does not count.
    """

    def under(law: Docket) -> AccessTable:
        access = _restricted(law, first, setting, routed)
        for policy, days in law.in_force:
            if policy.relieves():
                freed = exempted(policy, law) if policy.FREES else ()
                ids = {other.id for other in freed}
                rest = Docket(tuple(entry for entry in law.in_force if entry[0].id not in ids))
                free = _restricted(rest, first, setting, routed) if freed else access
                policy.relieve(access, free, freed, policy.on_day(days, setting))
        return access

    table = under(docket)
    if docket.announced:
        _expect_announced(docket, table, setting, under)
    if taken is None:
        taken = _share_taken(first, under(what_is_dated(docket, setting)), setting)
    table.coming[:] = taken
    return table


def law_signature(docket: Docket, setting: Setting) -> tuple[Any, ...]:
    """Return the parts of the law that determine the access table of a day; if they are unchanged,
    so is the table.

    The last item is the law after all dated changes; it is the same on most days.
    """
    coming = _what_comes(docket, setting) if docket.announced else ()
    return tuple(
        _signature(law, setting) for law in (docket, *coming, what_is_dated(docket, setting))
    )


def _signature(docket: Docket, setting: Setting) -> tuple[Any, ...]:
    """Return the policies of a docket with their stages; a policy is the same on all days of one
    stage.
    """
    acts = [(act.policy, act.stage) for act in _acts(docket, setting)]
    return (
        tuple(acts),
        tuple(entry for entry in docket.in_force if entry[0].relieves()),
        cuts_of(docket, setting),
    )


class _Act(NamedTuple):
    """A policy in the form that acts on access: itself, or carried out by its state's national
    filter.
    """

    policy: Policy
    day: DayInForce
    stage: Hashable


def _acts(docket: Docket, setting: Setting) -> list[_Act]:
    """Return all restrictions of access on a day; both forms of a policy that a national filter
    carries out.
    """
    return setting.once(("acts", docket.in_force), lambda: _work_out_acts(docket, setting))


def _work_out_acts(docket: Docket, setting: Setting) -> list[_Act]:
    filters: dict[
        str, str
    ] = {}  # the strongest technique that each state's national filter gives its blocks
    built: dict[str, float] = {}  # the share of lines behind the filter
    for policy, days in docket.in_force:
        technique = policy.national_means()
        if technique in FILTERS:
            filters |= {
                state: stronger(filters.get(state, "dns"), technique) for state in policy.by
            }
            built |= {
                state: max(built.get(state, 0.0), policy.share_built(days)) for state in policy.by
            }
    settled: dict[Any, tuple[int, list[_Act]]] = setting.once("acts that stay as they are", dict)
    found = []
    for policy, days in docket.in_force:
        if not policy.has("apply"):
            continue
        technique = policy.technique
        filtered = [state for state in policy.by if state in built]
        for state in filtered:
            technique = None if technique is None else stronger(technique, filters[state])
        by_boxes = max((built[state] for state in filtered), default=0.0)
        asked = policy, technique, by_boxes
        since, acts = settled.get(asked, (days + 1, []))
        if days < since:
            day = policy.on_day(days, setting)
            acts = [_Act(way, day, way.stage(day)) for way in _ways(policy, technique, by_boxes)]
            if all(act.stage is None for act in acts):
                settled[asked] = days, acts
        found += acts
    return found


def _ways(policy: Policy, technique: str | None, boxes: float) -> list[Policy]:
    """Return a policy itself and, if stronger, its form by a national filter with some share of
    lines.
    """
    # A national filter only adds to the policy, so both apply.
    if technique != policy.technique:
        has_boxes = "boxes" in type(policy).model_fields and technique == "dpi"
        return [policy, _by_filter(policy, technique, (("boxes", boxes),) if has_boxes else ())]
    if boxes > getattr(policy, "boxes", 1.0):
        return [policy, _by_filter(policy, technique, (("boxes", boxes),))]
    return [policy]


@lru_cache(maxsize=1024)
def _by_filter(
    policy: Policy, technique: str | None, keys: tuple[tuple[str, float], ...]
) -> Policy:
    """Return the form of a policy by a national filter."""
    return policy.model_copy(update={"technique": technique, **dict(keys)})


def _restricted(docket: Docket, first: AccessTable, setting: Setting, routed: bool) -> AccessTable:
    """Return the table under all restrictions; at each, the stricter of the table and the
    restriction counts.
    """
    acts = _acts(docket, setting)
    # The order of restrictions does not matter, so lasting ones are applied only once.
    lasting = [act for act in acts if act.stage != act.day.number]
    base = _lasting(lasting, first, setting) if lasting else first
    access = _applied([act for act in acts if act.stage == act.day.number], copy_table(base))
    routes = routes_under(cuts_of(docket, setting), setting) if routed else None
    q = setting.parameters
    if routes is not None:
        noticed = (q["routes.stretch_exponent"], q["routes.headroom"], q["choice.speed_unnoticed"])
        reach, speed, dark = _limits(routes, setting.seats, setting.facts.name, *noticed)
        n = len(routes.states)  # an added state has no carriers in the tables, and keeps its routes
        np.minimum(access.reach[:n], reach[:, :, None], out=access.reach[:n])
        for column in (access.speed, access.vpn_speed):
            np.minimum(column[:n], speed, out=column[:n])
        np.maximum(access.dark[:n], dark, out=access.dark[:n])
    return access


def _lasting(acts: list[_Act], first: AccessTable, setting: Setting) -> AccessTable:
    """Return the table of the first day under acts that do not change for days; it is shared and
    must not be modified.
    """
    tables: dict[Any, tuple[AccessTable, AccessTable]] = setting.once(
        "tables under what lasts", dict
    )
    asked = id(first), tuple((act.policy, act.stage) for act in acts)
    if asked not in tables:
        if len(tables) >= _MOST_TABLES:
            tables.clear()
        tables[asked] = (
            first,
            _applied(acts, copy_table(first)),
        )  # keep the first object, so that its id stays unique
    return tables[asked][1]


def _applied(acts: Iterable[_Act], access: AccessTable) -> AccessTable:
    """Return a table after restrictions (in place)."""
    for act in acts:
        act.policy.apply(access, act.day)
    return access


def exempted(exemption: Policy, docket: Docket) -> tuple[Policy, ...]:
    """Return the policies from which an exemption frees people: the named one, else those of its
    states on its targets.
    """

    def is_freed(policy: Policy) -> bool:
        if policy.id == exemption.id or policy.relieves() or not exemption.binds(policy):
            return False
        if exemption.about() is not None:
            return policy.id == exemption.about()
        return not exemption.targets or bool(set(exemption.targets) & set(policy.targets))

    return tuple(policy for policy, _ in docket.in_force if is_freed(policy))


def _expect_announced(
    docket: Docket, table: AccessTable, setting: Setting, under: Callable[[Docket], AccessTable]
) -> None:
    """Let people expect announced losses, and rush to install apps that will leave the stores (in
    place).

    Parameters
    ----------
    docket : Docket
        The policies in force and announced.
    table : AccessTable
        Today's table, without announced policies.
    setting : Setting
    under : callable
        Returns the access table under the policies in force of a docket.
    """
    q = setting.parameters
    coming, soon = _what_comes(docket, setting)
    feared = under(coming)
    table.threat[:] = q["announcement.belief"] * _share_taken(table, feared, setting)
    if len(soon.in_force) > len(docket.in_force):
        by_then = feared if soon.in_force == coming.in_force else under(soon)
        gone = _phones(table, setting) - _phones(by_then, setting)
        table.rush[:] = q["announcement.rush_rate"] * gone.clip(0.0, 1.0)


def _share_taken(before: AccessTable, after: AccessTable, setting: Setting) -> np.ndarray:
    """Return the share of people's access that a change removes, shape (states, platforms) [1]."""
    taken = np.zeros_like(before.speed)
    changed = moved(before, after)
    if changed.size:
        rows = slice(changed[0], changed[-1] + 1)
        have = usable(before, setting, rows)
        shall_have = usable(after, setting, rows)
        lost = np.divide(have - shall_have, have, out=np.zeros_like(have), where=have > 0)
        taken[rows] = lost.clip(0.0, 1.0)
    return taken


def what_is_dated(docket: Docket, setting: Setting) -> Docket:
    """Return the law when all policies in force and all policies with a date are in full effect.

    The full effect of a policy is the policy that people expect, if it has one (`Policy.feared`). A
    demand in force may have been obeyed, so its expected sanction counts as announced until its
    deadline.
    """
    in_force = Docket(tuple((policy, max(days, COME_IN)) for policy, days in docket.in_force))
    dated = [notice.policy for notice in docket.announced if notice.days_left is not None]
    expected = [
        policy for policy, _ in docket.in_force if policy.has("feared") and not policy.demands()
    ]
    return _come_in(in_force, [*dated, *expected], setting)


def _what_comes(docket: Docket, setting: Setting) -> tuple[Docket, Docket]:
    """Return the law with the policies that people heed in force, and the law with those that cause
    a rush.
    """
    heed, rush = (setting.parameters[f"announcement.{name}_days"] for name in ("heed", "rush"))
    stirs = [notice.is_soon(heed) or notice.days_known < heed for notice in docket.announced]
    # People expect relief by a policy, however long they have known of it.
    heeded = [
        n.policy
        for n, now in zip(docket.announced, stirs, strict=True)
        if now or (any(stirs) and n.policy.relieves())
    ]
    soon = [notice.policy for notice in docket.announced if notice.is_soon(rush)]
    return _come_in(docket, heeded, setting), _come_in(docket, soon, setting)


def _come_in(docket: Docket, policies: Iterable[Policy], setting: Setting) -> Docket:
    """Return a docket in which announced policies are also in force, each in the expected form.

    People expect the policy itself, or, for a demand, the sanction after a refusal; platforms that
    have obeyed, sold or left face no more sanctions.
    """
    expected: list[Policy | None] = []
    for policy in policies:
        targets = refusing(policy, setting)
        if not policy.has("feared"):
            expected.append(policy)
        elif targets:
            expected.append(policy.feared(targets, setting))
    return Docket(
        (*docket.in_force, *((policy, COME_IN) for policy in expected if policy is not None))
    )


def usable(table: AccessTable, setting: Setting, rows: slice = slice(None)) -> np.ndarray:
    """Return the usable share of each platform in some states: people x devices x value [1].

    Use is direct, or by the VPNs of the first day; the factors are assumed to be independent.
    """
    worth = setting.kind_value
    exponent = setting.parameters["choice.speed_exponent"]
    reach = table.reach[rows]
    penalty = table.penalty[rows, None]
    vpn_open = table.vpn_open[rows, None] * (1.0 - table.deterred[rows, None])
    directly = (reach * setting.mode_weights).sum(axis=2) * _phones(table, setting, rows)
    directly *= table.speed[rows] ** exponent
    directly *= 1.0 - np.minimum(1.0, table.price[rows] / worth)
    others = (
        np.maximum(0.0, 1.0 - reach.max(axis=2) - table.dark[rows]) * setting.vpn_share[rows, None]
    )
    by_vpn = others * table.vpn_share[rows] * vpn_open * table.vpn_speed[rows] ** exponent
    return np.asarray(directly + by_vpn * (1.0 - np.minimum(1.0, penalty / worth)))


def _phones(table: AccessTable, setting: Setting, rows: slice = slice(None)) -> np.ndarray:
    """Return the share of phones on which each platform can be installed or updated in some states
    [1].
    """
    apple = setting.ios_share[rows, None]
    install = table.install[rows]
    return np.asarray(install[:, :, 0] * apple + install[:, :, 1] * (1.0 - apple))


def cuts_of(docket: Docket, setting: Setting) -> Cut:
    """Return all cuts of the carrier graph by policies in force."""

    def work_out() -> Cut:
        cutting = ((policy, days) for policy, days in docket.in_force if policy.has("cut"))
        cuts = (policy.cut(policy.on_day(days, setting)) for policy, days in cutting)
        return _together(tuple(cut for cut in cuts if cut != NOTHING))

    return setting.once(("cuts", docket.in_force), work_out)


@lru_cache(maxsize=256)
def _together(cuts: tuple[Cut, ...]) -> Cut:
    return reduce(Cut.__or__, cuts, NOTHING)


def routes_under(cut: Cut, setting: Setting) -> Coupling | None:
    """Return the routes between states under a cut and their quality; None without a cut."""
    if cut == NOTHING:
        return None
    assumption = ASSUMPTIONS[int(setting.parameters["routes.chinese_peers"] >= 0.5)]
    return _routes(cut, setting.facts.name, assumption, tuple(setting.facts.states))


@lru_cache(maxsize=256)
def _routes(cut: Cut, facts: str, assumption: str, states: tuple[str, ...]) -> Coupling:
    from ..network import (
        coupling,
        shipped,
    )  # numba and scipy, which checks of a scenario do not need
    from ..network.graph import check_states

    graph = shipped(facts, assumption, states)
    check_states(cut, graph)
    return coupling(graph, cut, states)


@lru_cache(maxsize=64)
def _limits(
    routes: Coupling,
    seats: tuple[tuple[str, tuple[str, ...]], ...],
    facts: str,
    stretch_exponent: float,
    headroom: float,
    unnoticed: float,
) -> np.ndarray:
    """Return upper limits by routes for each platform, shape (3, states, platforms) [1].

    The three are the share of a state's people with a route to a place that serves the platform,
    the speed as they notice it, and the share without a route even by a third state. They change
    only with a cut, or if a platform moves. A platform is served from its ``seats``: its home, and
    the homes of the clouds that host it.
    """
    with np.errstate(divide="ignore"):
        crowded = np.minimum(1.0, headroom / routes.load)
    speed = routes.stretch**-stretch_exponent * np.minimum.outer(crowded, crowded)
    np.fill_diagonal(speed, np.diag(routes.stretch) ** -stretch_exponent)
    speed = felt_speed(speed, unnoticed)
    limits = np.ones((3, len(routes.states), len(seats)))
    rows = np.arange(len(routes.states))
    clouds = load_network(facts).clouds
    for p, (home, hosting) in enumerate(seats):
        homes = dict.fromkeys([home, *(clouds[host].home for host in hosting if host in clouds)])
        serving = [
            routes.states.index(code) for code in homes if code in routes.states
        ] or rows.tolist()
        reach = routes.reach[:, serving]
        fast = speed[:, serving]
        best = reach.argmax(axis=1)
        limits[0, :, p] = reach[rows, best]
        limits[1, :, p] = fast[rows, best]
        # A VPN exits in some third state: each of its two legs needs a route.
        limits[2, :, p] = 1.0 - np.minimum(routes.reach, reach.max(axis=1)[None, :]).max(axis=1)
    return limits

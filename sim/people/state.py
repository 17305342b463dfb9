"""The state of all people: their first day, the effects of decisions, and counts by group.

Counts are integers by group and are updated only for visitors: they are subtracted before the visit
and added again after it. A quiet day therefore costs almost nothing, and the order of work does not
matter.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import int64

from ..core.chance import Key, Purpose, stream
from ..core.kernels import kernel, leaf, lowest, part
from .choice import chance_of_use, first_agenda
from .events import (
    APP_BACK,
    APP_GONE,
    AWARE,
    DROPS,
    FAILS,
    GIVES_UP,
    GOOD,
    KIN_USE,
    NO_VPN,
    OWN_RULE,
    POOR,
    PROMOTED,
    RETURNS,
    STAYS,
    TAKES_UP,
    VPN,
    WORKS,
    WORKS_AGAIN,
    Log,
    note,
)
from .kernel_types import (
    FIRST,
    LEVELS,
    PERSON,
    PRIVATE,
    Agenda,
    Columns,
    Outcome,
    Rows,
    Rules,
    VisitContext,
)

_ONCE = {
    "provider": Purpose.PROVIDER_LUCK,
    "vpn": Purpose.VPN_LUCK,
    "device": Purpose.DEVICE,
    "value": Purpose.VALUE,
    "patience": Purpose.PATIENCE,
    "install": Purpose.INSTALL,
    "sideload": Purpose.SIDELOAD,
    "knows": Purpose.KNOWS,
    "agree_on": Purpose.AGREE_ON,
    "returner": Purpose.RETURNER,
    "obey": Purpose.OBEY,
    "keeper": Purpose.KEEPER,
    "dormant": Purpose.DORMANT,
    "follow": Purpose.FOLLOWER,
    "maker": Purpose.MAKER,
}
"""Random numbers that are drawn once in a life."""
_DAILY = {
    "review": Purpose.REVIEW,
    "lapse": Purpose.LAPSE,
    "comeback": Purpose.RETURN,
    "join": Purpose.JOIN,
    "fatigue": Purpose.FATIGUE,
    "push": Purpose.PUSH,
    "aware": Purpose.AWARE,
    "find": Purpose.FIND,
    "drop": Purpose.DROP,
    "trial": Purpose.TRIAL,
    "settle": Purpose.SETTLE,
}
"""Random numbers that are drawn again each day."""
KEYS = np.dtype([(name, np.uint64) for name in (*_ONCE, *_DAILY)], align=True)
IN_A_WEEK = np.array(
    [int(LEVELS * (1.0 - math.pow(1.0 - u / LEVELS, 7.0)) + 0.5) for u in range(LEVELS + 1)]
)
"""The chance of use on at least one day in seven, by the chance on one day, both in LEVELS."""


@lru_cache(maxsize=1024)  # both arms, and repeated arms, need it
def keys_for_day(seed: int, day: int) -> Any:
    """Return the keys of the random numbers of one day, a record of KEYS."""
    daily = (stream(seed, purpose, day) for purpose in _DAILY.values())
    return np.array([(*_keys_for_life(seed), *daily)], KEYS)[0]


@lru_cache(maxsize=16)
def _keys_for_life(seed: int) -> tuple[Key, ...]:
    """Return the keys of the random numbers drawn once in a life, in the order of KEYS."""
    return tuple(stream(seed, purpose) for purpose in _ONCE.values())


def first_condition(
    first: Rows, world: Columns, rules: Rules, seed: int, days: int
) -> tuple[Rows, Rows, np.ndarray, Agenda]:
    """Return all people on the first day: all their platforms are in use, and nobody has anything
    to decide.

    Parameters
    ----------
    first : numpy.ndarray of FIRST, shape (people,)
        The people of the world, not modified.
    world : Columns
    rules : Rules
    seed : int
        The member's seed.
    days : int
        Days of the run.

    Returns
    -------
    people : numpy.ndarray of PERSON, shape (people,)
        All held platforms work, and none is given up.
    private : numpy.ndarray of PRIVATE, shape (people,)
    use : numpy.ndarray of uint8, shape (people, platforms)
        Chance that each person uses each platform today, in LEVELS.
    agenda : Agenda
    """
    # Each row is one cache line, so no person needs two reads.
    memory = np.zeros((first.size + 1) * PERSON.itemsize, np.uint8)
    offset = -memory.ctypes.data % PERSON.itemsize
    people = memory[offset : offset + first.size * PERSON.itemsize].view(PERSON)
    for name in FIRST.names or ():
        people[name] = first[name]
    people["using"] = people["first_member"] = first["member"]
    people["first_vpn"] = first["vpn"]
    use = np.zeros((first.size, world.platform.size), np.uint8)
    _fill_use(people, world.platform, use)
    agenda = first_agenda(people, len(world.taste), rules.choice_review_days, seed, days)
    return people, np.zeros(first.size, PRIVATE), use, agenda


@kernel
def _fill_use(people: Rows, platform: Rows, use: np.ndarray) -> None:
    for p in range(platform.size):
        regular = chance_of_use(1.0, platform[p].habit)
        for i in range(people.size):
            use[i, p] = regular if people[i].member >> p & 1 else 0


@part
def begin_decision(i: int, k: int, ctx: VisitContext, out: Outcome) -> None:
    """Fill row ``k`` of ``out`` with the state of a person before any decision of today."""
    act = out.act[k]
    private = ctx.private[i]
    out.row[k] = ctx.people[i]
    act.joined = 0
    act.source = -1
    act.again = 0
    act.wake = ctx.agenda.wake[i]
    act.stuck = private.stuck
    act.uninstalled = private.uninstalled
    for p in range(ctx.world.platform.size):
        out.cause[k, p] = WORKS


class Counts(NamedTuple):
    """Simulated people by group (and platform)."""

    using: np.ndarray  # (groups, platforms) have the platform, and it works
    dead: np.ndarray  # (groups, platforms) still open a failing app
    use: np.ndarray  # (groups, platforms) sum of the chance of use today, in LEVELS
    week: np.ndarray  # (groups, platforms) sum of the chance of use in seven such days, in LEVELS
    vpn: np.ndarray  # (groups,) hold a VPN
    surplus: np.ndarray  # (groups,) sum of value gained since the first day, in 64ths
    joined: np.ndarray  # (groups, platforms) joined today
    trial: np.ndarray  # (groups, platforms) hold a new account that is on trial
    lost: np.ndarray  # (groups, platforms) have lost part of the platform
    flows: (
        np.ndarray
    )  # (groups, platforms, platforms) joined the second because of the first, so far


def empty_counts(groups: int, platforms: int) -> Counts:
    """Return counts of nobody."""
    shapes = {"vpn": (groups,), "surplus": (groups,), "flows": (groups, platforms, platforms)}
    return Counts(
        *(np.zeros(shapes.get(name, (groups, platforms)), np.int64) for name in Counts._fields)
    )


@kernel
def count_all(ctx: VisitContext, n: Counts) -> None:
    """Count everybody from zero (on the first day, and to check the running counts)."""
    for i in range(ctx.people.size):
        count_person(i, ctx.people[i], 1, ctx, n)


@kernel
def count_out(due: np.ndarray, ctx: VisitContext, n: Counts) -> None:
    """Remove the people ``due`` from the counts, before they decide."""
    for k in range(due.size):
        count_person(due[k], ctx.people[due[k]], -1, ctx, n)


@part
def count_person(i: int, row: Any, sign: int, ctx: VisitContext, n: Counts) -> None:
    """Count a person in the state ``row``, a row of PERSON; with ``sign`` -1, undo this."""
    g = row.group
    private = ctx.private[i]
    n.vpn[g] += sign if row.vpn > 0 else 0
    n.surplus[g] += sign * private.surplus
    _count_bits(row.trial, sign, n.trial[g])
    _count_bits(private.lost, sign, n.lost[g])
    _count_bits(row.member & ~row.using, sign, n.dead[g])
    _count_bits(row.using, sign, n.using[g])
    using = row.using
    while using != 0:
        p = lowest(using)
        using &= using - 1
        level = int64(ctx.use[i, p])
        n.use[g, p] += sign * level
        n.week[g, p] += sign * IN_A_WEEK[level]


@kernel
def count_turned(
    people: Rows,
    missed: np.ndarray,
    replaced: np.ndarray,
    tie_share: np.ndarray,
    company: np.ndarray,
    turned: np.ndarray,
) -> None:
    """Add the people who turn to each platform from a missed one, by group, to ``turned``.

    A person who has adopted the platform since the first day counts fully. An earlier user counts
    by the part of the loss that the platform covers before any search for others.

    Parameters
    ----------
    people : numpy.ndarray of PERSON, shape (people,)
    missed : numpy.ndarray of int64, shape (people,)
        Platforms of which each person has lost a part, bits.
    replaced : numpy.ndarray, shape (platforms, platforms)
        Part of the first platform that the second replaces if everybody is there [1].
    tie_share : numpy.ndarray, shape (platforms,)
        Share of the value that comes from people on the platform [1].
    company : numpy.ndarray, shape (groups, platforms)
        Share of each group who use each platform [1].
    turned : numpy.ndarray, shape (groups, platforms)
        Simulated people; added to in place.
    """
    for i in range(people.size):
        me = people[i]
        others = me.using & ~missed[i] if missed[i] != 0 else int64(0)
        while others != 0:
            q = lowest(others)
            most = 0.0
            left = missed[i]
            others &= others - 1
            while left != 0:
                p = lowest(left)
                left &= left - 1
                covers = replaced[p, q]
                if me.first_member & (int64(1) << q):
                    covers *= (1.0 - tie_share[p]) + tie_share[p] * company[me.group, q]
                elif covers > 0.0:
                    covers = 1.0
                most = max(most, covers)
            turned[me.group, q] += most


@leaf
def _count_bits(platforms: int, sign: int, n: np.ndarray) -> None:
    """Add ``sign`` to the counts of some platforms (bits), ``n`` (platforms,)."""
    while platforms != 0:
        n[lowest(platforms)] += sign
        platforms &= platforms - 1


@kernel
def carry_out(
    due: np.ndarray, ctx: VisitContext, out: Outcome, n: Counts, log: Log, who: np.ndarray
) -> int:
    """Carry out the decisions of the people ``due``, who are not in the counts; then count and log
    them.

    The people whose platforms or VPN changed are listed in ``who``; their number is returned.
    """
    changed = 0
    for k in range(due.size):
        i = due[k]
        row = out.row[k]
        act = out.act[k]
        me = ctx.people[i]
        joined = act.joined
        if log.people.size > 0 and log.people[i]:
            _log_decisions(k, i, ctx, out, log)
        count_person(i, row, 1, ctx, n)
        while joined != 0:
            p = lowest(joined)
            joined &= joined - 1
            n.joined[me.group, p] += 1
            if act.source >= 0 and out.cause[k, p] != OWN_RULE:
                n.flows[me.group, act.source, p] += 1
        ctx.agenda.wake[i] = act.wake
        ctx.agenda.urgent[i] = ctx.private[i].stuck != 0 or act.again != 0
        platforms = (row.member ^ me.member) | (row.using ^ me.using)
        if platforms != 0 or row.vpn != me.vpn or row.abroad != me.abroad:
            who[changed] = i
            changed += 1
        if platforms != 0:
            notify(i, platforms, ctx)
            for e in range(ctx.world.start[i], ctx.world.start[i + 1]):
                notify(ctx.world.packed[e] >> 1, platforms, ctx)
        ctx.people[i] = row
    return changed


@leaf
def _change_of(bit: int, me: Any, row: Any, private: Any, stuck: int, uninstalled: int) -> int:
    """Return the event for a person's change on one platform (a bit) that is not new."""
    if me.member & ~row.member & bit:
        return DROPS if me.trial & ~row.trial & bit else GIVES_UP
    if row.member & ~me.member & bit:
        return RETURNS
    if (row.using ^ me.using) & bit:
        return WORKS_AGAIN if row.using & bit else FAILS
    if (private.uninstalled ^ uninstalled) & bit:
        return APP_GONE if private.uninstalled & bit else APP_BACK
    if (private.stuck ^ stuck) & bit:
        return POOR if private.stuck & bit else GOOD
    return STAYS if me.trial & ~row.trial & bit else KIN_USE


@part
def _log_decisions(k: int, i: int, ctx: VisitContext, out: Outcome, log: Log) -> None:
    """Log the decisions of a visitor: an event for each platform with a change, then events about
    VPNs.
    """
    me = ctx.people[i]
    row = out.row[k]
    private = ctx.private[i]
    stuck = out.act[k].stuck
    uninstalled = out.act[k].uninstalled
    moved = (
        (row.member ^ me.member)
        | (row.using ^ me.using)
        | (row.abroad ^ me.abroad)
        | (row.trial ^ me.trial)
    )
    moved |= (private.stuck ^ stuck) | (private.uninstalled ^ uninstalled)
    while moved != 0:
        p = lowest(moved)
        bit = int64(1) << p
        moved &= ~bit
        cause = out.cause[k, p]
        replaced = int64(0)
        if row.member & ~me.member & ~me.first_member & bit:
            what = TAKES_UP if cause == OWN_RULE else PROMOTED
            if out.act[k].source >= 0 and cause != OWN_RULE:
                what = TAKES_UP
                cause = out.cause[k, out.act[k].source]
                replaced = int64(1) << out.act[k].source
        else:
            what = _change_of(bit, me, row, private, stuck, uninstalled)
        note(log, what, i, p, cause, 0, 0, replaced, row.using)
    missed = private.lost
    first = lowest(missed) if missed != 0 else -1
    cause = out.cause[k, first] if missed != 0 else WORKS
    if row.aware != me.aware:
        note(log, AWARE, i, first, cause, 0, 0, missed, row.using)
    if (row.vpn > 0) != (me.vpn > 0):
        note(log, VPN if row.vpn > 0 else NO_VPN, i, first, cause, 0, 0, missed, row.using)


@leaf
def notify(i: int, platforms: int, ctx: VisitContext) -> None:
    """Note that something changed in a person's circle on some platforms (bits)."""
    if ctx.agenda.circle_changed[i] == 0:
        ctx.agenda.active[ctx.agenda.group[i]] = 1
    ctx.agenda.circle_changed[i] |= platforms

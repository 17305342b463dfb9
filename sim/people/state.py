"""The state of all people: on the first day, what only a person's own visits read, and the counts by group.

What only the person's own visit reads follows, on the first day, from the platforms that the person holds, and for many
people it never changes. A row is therefore stored only for people whose data changed; in a large world this halves the
memory. Counts are integers by group and are updated only for people who changed. A quiet day therefore costs almost
nothing, and the order of work does not matter.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import int64

from sim.core.chance import Purpose, stream
from sim.core.kernels import kernel, leaf, lowest, part
from sim.people.choice import chance_of_use, first_agenda
from sim.people.events import (
    APP_BACK,
    APP_GONE,
    AWARE,
    DROPS,
    FAILS,
    GIVES_UP,
    GOOD,
    KIN_USE,
    NO_VPN,
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
)  # fmt: skip
from sim.people.kernel_types import (
    FIRST,
    LEVELS,
    PERSON,
    PRIVATE,
    Agenda,
    Columns,
    Outcome,
    PrivateState,
    Rows,
    Rules,
    VisitContext,
)  # fmt: skip

_ONCE = {
    "provider": Purpose.PROVIDER_LUCK, "vpn": Purpose.VPN_LUCK, "device": Purpose.DEVICE, "value": Purpose.VALUE,
    "patience": Purpose.PATIENCE, "install": Purpose.INSTALL, "sideload": Purpose.SIDELOAD, "knows": Purpose.KNOWS,
    "agree_on": Purpose.AGREE_ON, "returner": Purpose.RETURNER, "obey": Purpose.OBEY, "keeper": Purpose.KEEPER,
    "dormant": Purpose.DORMANT, "follow": Purpose.FOLLOWER, "maker": Purpose.MAKER,
}  # fmt: skip
"""What is drawn once in a life."""
_DAILY = {
    "review": Purpose.REVIEW, "lapse": Purpose.LAPSE, "comeback": Purpose.RETURN, "join": Purpose.JOIN,
    "fatigue": Purpose.FATIGUE, "push": Purpose.PUSH, "aware": Purpose.AWARE, "find": Purpose.FIND,
    "drop": Purpose.DROP, "trial": Purpose.TRIAL, "settle": Purpose.SETTLE,
}  # fmt: skip
"""What is drawn again each day."""
KEYS = np.dtype([(name, np.uint64) for name in (*_ONCE, *_DAILY)], align=True)
GROWTH = 1.25
"""By how much the rows of private state grow at least once they are full: each is then moved a few times only."""
IN_A_WEEK = np.array([int(LEVELS * (1.0 - math.pow(1.0 - u / LEVELS, 7.0)) + 0.5) for u in range(LEVELS + 1)])
"""The chance of at least one day of use in seven, by that of one day, both in LEVELS."""


@lru_cache(maxsize=1024)  # both arms ask for it, and every arm that is simulated again
def keys_for_day(seed: int, day: int) -> Any:
    """Return the keys of the random numbers of one day, a record of KEYS."""
    once = [stream(seed, purpose) for purpose in _ONCE.values()]
    return np.array([(*once, *(stream(seed, purpose, day) for purpose in _DAILY.values()))], KEYS)[0]


def first_condition(
    first: Rows, world: Columns, rules: Rules, seed: int, days: int
) -> tuple[Rows, PrivateState, Agenda]:
    """Return everybody on the first day: everything held is in use, nobody has anything to decide.

    Parameters
    ----------
    first : numpy.ndarray of FIRST, shape (people,)
        The people of the world; not changed.
    world : Columns
    rules : Rules
    seed : int
        The member's seed.
    days : int
        Days of the run.

    Returns
    -------
    people : numpy.ndarray of PERSON, shape (people,)
        Everything held works, and nothing is given up.
    private : PrivateState
        Without any row.
    agenda : Agenda
    """
    # Each row is one line of a processor's cache, so that nobody is fetched in two parts.
    memory = np.zeros((first.size + 1) * PERSON.itemsize, np.uint8)
    offset = -memory.ctypes.data % PERSON.itemsize
    people = memory[offset : offset + first.size * PERSON.itemsize].view(PERSON)
    for name in FIRST.names or ():
        people[name] = first[name]
    people["using"] = people["first_member"] = first["member"]
    people["first_vpn"] = first["vpn"]
    regular = np.empty(world.platform.size, np.uint8)
    _fill_regular(world.platform, regular)
    private = PrivateState(
        at=np.full(first.size, -1, np.int32),
        row=np.empty(0, PRIVATE),
        use=np.empty((0, regular.size), np.uint8),
        regular=regular,
        taken=np.zeros(1, np.int64),
    )
    return people, private, first_agenda(people, len(world.taste), rules.choice_review_days, seed, days)


@kernel
def _fill_regular(platform: Rows, regular: np.ndarray) -> None:
    for p in range(platform.size):
        regular[p] = chance_of_use(1.0, platform[p].habit)


def grow_for(private: PrivateState, visitors: np.ndarray) -> PrivateState:
    """Return the same with room for a row of each of some people, shape (visitors,); itself where there is enough."""
    taken, rows = int(private.taken[0]), len(private.row)
    needed = taken + int(np.count_nonzero(private.at[visitors] < 0))
    if needed <= rows:
        return private
    more = max(needed, int(GROWTH * rows))
    row, use = np.empty(more, PRIVATE), np.empty((more, private.regular.size), np.uint8)
    row[:taken], use[:taken] = private.row[:taken], private.use[:taken]
    return private._replace(row=row, use=use)


def private_column(private: PrivateState, name: str, who: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Return a column of PRIVATE for some people, shape (people,); a copy."""
    at = private.at[who]
    column = np.zeros(at.shape, PRIVATE[name])
    column[at >= 0] = private.row[name][at[at >= 0]]
    return column


def use_table(private: PrivateState, people: Rows) -> np.ndarray:
    """Return the chance that each person uses each platform today, in LEVELS, shape (people, platforms); a copy.

    Parameters
    ----------
    private : PrivateState
    people : numpy.ndarray of PERSON, shape (people,)
    """
    held = people["first_member"][:, None] >> np.arange(private.regular.size, dtype=np.int64) & 1
    use = np.where(held == 1, private.regular, np.uint8(0))
    use[private.at >= 0] = private.use[private.at[private.at >= 0]]
    return use


@leaf
def _first_level(i: int, p: int, ctx: VisitContext) -> int:
    """Return the chance that a person used a platform on the first day, in LEVELS."""
    return int64(ctx.private.regular[p]) if ctx.people[i].first_member >> p & 1 else 0


@leaf
def level_of(i: int, p: int, ctx: VisitContext) -> int:
    """Return the chance that a person uses a platform today, in LEVELS."""
    at = ctx.private.at[i]
    return int64(ctx.private.use[at, p]) if at >= 0 else _first_level(i, p, ctx)


@leaf
def lapse_day_of(i: int, ctx: VisitContext) -> int:
    """Return the day on which a person last gave up a platform, before today; 0 where there is none."""
    return int(ctx.private.row[ctx.private.at[i]].lapse_day) if ctx.private.at[i] >= 0 else 0


@leaf
def lacks_app(i: int, p: int, ctx: VisitContext) -> bool:
    """Return whether a person has lost the working app of a platform."""
    return ctx.private.at[i] >= 0 and ctx.private.row[ctx.private.at[i]].uninstalled >> p & 1 == 1


@part
def load_private(i: int, k: int, ctx: VisitContext, out: Outcome) -> None:
    """Copy the private state of a person into row ``k`` of ``out``."""
    at, row = ctx.private.at[i], out.private[k]
    if at >= 0:
        out.private[k] = ctx.private.row[at]
    else:
        row.stuck, row.uninstalled, row.lost = 0, 0, 0
        row.lapse_day, row.hit_day, row.vpn_day, row.surplus = 0, 0, 0, 0
    for p in range(ctx.private.regular.size):
        out.use[k, p], out.cause[k, p] = level_of(i, p, ctx), WORKS


@part
def store_private(i: int, k: int, ctx: VisitContext, out: Outcome) -> None:
    """Take over row ``k`` of what `load_private` fills, in a new row where a person has none and needs one."""
    at = ctx.private.at[i]
    if at < 0:
        if _is_as_on_the_first_day(i, k, ctx, out):
            return
        at = ctx.private.taken[0]
        ctx.private.at[i] = at
        ctx.private.taken[0] += 1
    ctx.private.row[at] = out.private[k]
    for p in range(ctx.private.regular.size):
        ctx.private.use[at, p] = out.use[k, p]


@leaf
def _is_as_on_the_first_day(i: int, k: int, ctx: VisitContext, out: Outcome) -> bool:
    """Return whether row ``k`` holds what a person without a row has."""
    row = out.private[k]
    days = row.lapse_day | row.hit_day | row.vpn_day | row.surplus
    if row.stuck | row.uninstalled | row.lost != 0 or days != 0:
        return False
    unlike = 0
    for p in range(ctx.private.regular.size):
        unlike += 1 if out.use[k, p] != _first_level(i, p, ctx) else 0
    return unlike == 0


class Counts(NamedTuple):
    """Simulated people by group (and platform)."""

    using: np.ndarray  # (groups, platforms) hold the platform and it works for them
    dead: np.ndarray  # (groups, platforms) still open an app that fails
    use: np.ndarray  # (groups, platforms) sum of the chance of use today, in LEVELS
    week: np.ndarray  # (groups, platforms) the same for use in seven days like this one
    vpn: np.ndarray  # (groups,) hold a VPN
    surplus: np.ndarray  # (groups,) sum of value gained against the first day, in 64ths
    joined: np.ndarray  # (groups, platforms) joined today
    trial: np.ndarray  # (groups, platforms) hold a new account that is on trial
    lost: np.ndarray  # (groups, platforms) miss something of the platform
    flows: np.ndarray  # (groups, platforms, platforms) joined the second because of the first, since the first day


def empty_counts(groups: int, platforms: int) -> Counts:
    """Return counts of nobody."""
    shapes = {"vpn": (groups,), "surplus": (groups,), "flows": (groups, platforms, platforms)}
    return Counts(*(np.zeros(shapes.get(name, (groups, platforms)), np.int64) for name in Counts._fields))


@kernel
def count_all(ctx: VisitContext, n: Counts) -> None:
    """Count everybody from zero (on the first day, and to check the running counts)."""
    for i in range(ctx.people.size):
        me, at, lost = ctx.people[i], ctx.private.at[i], int64(0)
        g = me.group
        n.vpn[g] += 1 if me.vpn > 0 else 0
        if at >= 0:
            n.surplus[g] += ctx.private.row[at].surplus
            lost = ctx.private.row[at].lost
        for p in range(ctx.world.platform.size):
            bit = 1 << p
            n.trial[g, p] += 1 if me.trial & bit else 0
            n.lost[g, p] += 1 if lost & bit else 0
            if me.using & bit:
                level = level_of(i, p, ctx)
                n.using[g, p] += 1
                n.use[g, p] += level
                n.week[g, p] += IN_A_WEEK[level]
            elif me.member & bit:
                n.dead[g, p] += 1


@kernel
def update_counts(due: np.ndarray, ctx: VisitContext, out: Outcome, n: Counts, log: Log) -> None:
    """Count and log the decisions of the visitors ``due``, and take over their private state; nobody else reads it.

    ``ctx.private`` has room for a row of each visitor.
    """
    for k in range(due.size):
        i = due[k]
        _recount(k, i, ctx, out, n)
        if log.people.size > 0 and log.people[i]:
            _log_decisions(k, i, ctx, out, log)
        store_private(i, k, ctx, out)
        ctx.agenda.wake[i] = out.act[k].wake
        ctx.agenda.urgent[i] = out.private[k].stuck != 0 or out.act[k].again != 0


@kernel
def apply_decisions(due: np.ndarray, ctx: VisitContext, row: Rows, who: np.ndarray) -> int:
    """Take over the visitors' rows; list the people whose platforms or VPN changed, and return how many."""
    changed = 0
    for k in range(due.size):
        i = due[k]
        me = ctx.people[i]
        platforms = (row[k].member ^ me.member) | (row[k].using ^ me.using)
        if platforms != 0 or row[k].vpn != me.vpn or row[k].abroad != me.abroad:
            who[changed] = i
            changed += 1
        if platforms != 0:
            _notify(i, platforms, ctx)
            for e in range(ctx.world.start[i], ctx.world.start[i + 1]):
                _notify(ctx.world.packed[e] >> 1, platforms, ctx)
        ctx.people[i] = row[k]
    return changed


@part
def _recount(k: int, i: int, ctx: VisitContext, out: Outcome, n: Counts) -> None:
    """Move one visitor in all counts from yesterday's condition to today's."""
    me, row, act, at = ctx.people[i], out.row[k], out.act[k], ctx.private.at[i]
    g, surplus, lost = me.group, int64(0), int64(0)
    if at >= 0:
        surplus, lost = int64(ctx.private.row[at].surplus), ctx.private.row[at].lost
    n.vpn[g] += (1 if row.vpn > 0 else 0) - (1 if me.vpn > 0 else 0)
    n.surplus[g] += out.private[k].surplus - surplus
    _recount_bits(me.trial, row.trial, n.trial[g])
    _recount_bits(lost, out.private[k].lost, n.lost[g])
    changed = (row.member ^ me.member) | (row.using ^ me.using) | act.joined
    felt = act.felt | changed
    while felt != 0:
        p = lowest(felt)
        felt &= felt - 1
        bit, level_before, level = 1 << p, level_of(i, p, ctx), int64(out.use[k, p])
        if level == level_before and not changed & bit:
            continue
        before, now = me.using & bit != 0, row.using & bit != 0
        n.using[g, p] += (1 if now else 0) - (1 if before else 0)
        n.use[g, p] += (level if now else 0) - (level_before if before else 0)
        n.week[g, p] += (IN_A_WEEK[level] if now else 0) - (IN_A_WEEK[level_before] if before else 0)
        n.dead[g, p] += (1 if row.member & bit and not now else 0) - (1 if me.member & bit and not before else 0)
        if act.joined & bit:
            n.joined[g, p] += 1
            if act.source >= 0:
                n.flows[g, act.source, p] += 1


@leaf
def _recount_bits(before: int, now: int, n: np.ndarray) -> None:
    """Move one person in counts by platform, ``n`` (platforms,), from some platforms to others (bits both)."""
    differs = before ^ now
    while differs != 0:
        p = lowest(differs)
        differs &= differs - 1
        n[p] += 1 if now >> p & 1 else -1


@part
def _log_decisions(k: int, i: int, ctx: VisitContext, out: Outcome, log: Log) -> None:
    """Log what a visitor does: an event for each platform for which anything changes, then those about VPNs."""
    me, row, private, at = ctx.people[i], out.row[k], out.private[k], ctx.private.at[i]
    stuck = uninstalled = int64(0)
    if at >= 0:
        stuck, uninstalled = ctx.private.row[at].stuck, ctx.private.row[at].uninstalled
    moved = (row.member ^ me.member) | (row.using ^ me.using) | (row.abroad ^ me.abroad) | (row.trial ^ me.trial)
    moved |= (private.stuck ^ stuck) | (private.uninstalled ^ uninstalled)
    while moved != 0:
        p = lowest(moved)
        bit = int64(1) << p
        moved &= ~bit
        what, cause, replaced = KIN_USE, out.cause[k, p], int64(0)
        if me.member & ~row.member & bit:
            what = DROPS if me.trial & ~row.trial & bit else GIVES_UP
        elif row.member & ~me.member & me.first_member & bit:
            what = RETURNS
        elif row.member & ~me.member & bit:
            what = PROMOTED
            if out.act[k].source >= 0:
                what, cause = TAKES_UP, out.cause[k, out.act[k].source]
                replaced = int64(1) << out.act[k].source
        elif (row.using ^ me.using) & bit:
            what = WORKS_AGAIN if row.using & bit else FAILS
        elif (private.uninstalled ^ uninstalled) & bit:
            what = APP_GONE if private.uninstalled & bit else APP_BACK
        elif (private.stuck ^ stuck) & bit:
            what = POOR if private.stuck & bit else GOOD
        elif me.trial & ~row.trial & bit:
            what = STAYS
        note(log, what, i, p, cause, 0, 0, replaced, row.using)
    missed = private.lost
    first = lowest(missed) if missed != 0 else -1
    cause = out.cause[k, first] if missed != 0 else WORKS
    if row.aware != me.aware:
        note(log, AWARE, i, first, cause, 0, 0, missed, row.using)
    if (row.vpn > 0) != (me.vpn > 0):
        note(log, VPN if row.vpn > 0 else NO_VPN, i, first, cause, 0, 0, missed, row.using)


@leaf
def _notify(i: int, platforms: int, ctx: VisitContext) -> None:
    """Note that something changed in a person's circle on some platforms (bits)."""
    if ctx.agenda.circle_changed[i] == 0:
        ctx.agenda.active[ctx.agenda.group[i]] = 1
    ctx.agenda.circle_changed[i] |= platforms

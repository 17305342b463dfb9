"""The state of all people: on the first day, what only a person's own visits read, and the counts by group.

What only the person's own visit reads follows, on the first day, from the platforms that the person holds, and for many
people it never changes. A row is therefore stored only for people whose data changed; in a large world this halves the
memory. Counts are integers by group and are updated only for people who changed. A quiet day therefore costs almost
nothing, and the order of work does not matter.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import int64

from sim.chance import Purpose, stream
from sim.kernels import kernel, leaf, lowest, part
from sim.people.choice import chance_of_use, first_agenda
from sim.people.kernel_types import (
    FIRST,
    LEVELS,
    PERSON,
    PRIVATE,
    Agenda,
    Columns,
    Outcome,
    PrivateState,
    RandomKeys,
    Rows,
    Rules,
    as_record,
)

_DAILY = ("review", "lapse", "comeback", "join", "fatigue", "push", "aware", "find", "drop", "trial", "settle")


_PURPOSE = {
    "provider": Purpose.PROVIDER_LUCK,
    "vpn": Purpose.VPN_LUCK,
    "device": Purpose.DEVICE,
    "value": Purpose.VALUE,
    "patience": Purpose.PATIENCE,
    "install": Purpose.INSTALL,
    "sideload": Purpose.SIDELOAD,
    "review": Purpose.REVIEW,
    "lapse": Purpose.LAPSE,
    "comeback": Purpose.RETURN,
    "join": Purpose.JOIN,
    "fatigue": Purpose.FATIGUE,
    "agree_on": Purpose.AGREE_ON,
    "knows": Purpose.KNOWS,
    "returner": Purpose.RETURNER,
    "obey": Purpose.OBEY,
    "keeper": Purpose.KEEPER,
    "dormant": Purpose.DORMANT,
    "aware": Purpose.AWARE,
    "find": Purpose.FIND,
    "drop": Purpose.DROP,
    "trial": Purpose.TRIAL,
    "settle": Purpose.SETTLE,
    "follow": Purpose.FOLLOWER,
    "maker": Purpose.MAKER,
    "push": Purpose.PUSH,
}


@lru_cache(maxsize=1024)  # both arms ask for it, and every arm that is simulated again
def keys_for_day(seed: int, day: int) -> RandomKeys:
    """Return the keys of chance of one day; what is drawn once in a life has the key of the first day."""
    return as_record(
        RandomKeys(**{name: stream(seed, purpose, day if name in _DAILY else 0) for name, purpose in _PURPOSE.items()})
    )


def first_condition(
    first: Rows, world: Columns, rules: Rules, seed: int, days: int
) -> tuple[Rows, PrivateState, Agenda]:
    """Return everybody on the first day: everything held is in use, nobody has anything to decide.

    Parameters
    ----------
    first : numpy.ndarray of FIRST, shape (people,)
        The people of the world; not changed.
    c : Columns
    rules : Rules
    seed : int
    days : int
        Days of the run.

    Returns
    -------
    people : numpy.ndarray of PERSON, shape (people,)
        Everything held works, and nothing is given up.
    own : Own
        How likely each uses each platform, and the rest that no contact looks at.
    agenda : Agenda
    """
    people = _lines(first.size)
    for name in FIRST.names or ():
        people[name] = first[name]
    people["using"] = people["first_member"] = first["member"]
    people["first_vpn"] = first["vpn"]
    private = first_private(first.size, world.platform)
    return people, private, first_agenda(people, len(world.taste), rules.review_days, seed, days)


def _lines(people: int) -> Rows:
    """Return rows of zeros, each of which is one line of a processor's cache: nobody is fetched in two parts."""
    scratch = np.zeros((people + 1) * PERSON.itemsize, np.uint8)
    first = -scratch.ctypes.data % PERSON.itemsize
    return scratch[first : first + people * PERSON.itemsize].view(PERSON)


GROWTH = 1.25
"""By how much the rows grow at least once they are full: each is then moved a few times only."""


def first_private(people: int, platform: Rows) -> PrivateState:
    """Return what is kept on the first day, which is nothing.

    Parameters
    ----------
    people : int
    platform : numpy.ndarray of PLATFORM, shape (platforms,)
    """
    regular = np.empty(platform.size, np.uint8)
    _fill_regular(platform, regular)
    return PrivateState(
        at=np.full(people, -1, np.int32),
        row=np.empty(0, PRIVATE),
        use=np.empty((0, platform.size), np.uint8),
        regular=regular,
        taken=np.zeros(1, np.int64),
    )


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
    """Return a column of OWN for some people, shape (people,); a copy."""
    at = private.at[who]
    found = np.zeros(at.shape, PRIVATE[name])
    found[at >= 0] = private.row[name][at[at >= 0]]
    return found


def use_table(private: PrivateState, people: Rows) -> np.ndarray:
    """Return the chance that each person uses each platform today, in LEVELS, shape (people, platforms); a copy.

    Parameters
    ----------
    own : Own
    people : numpy.ndarray of PERSON, shape (people,)
    """
    platforms = np.arange(private.regular.size, dtype=np.int64)
    held = people["first_member"][:, None] >> platforms & 1
    found = np.where(held == 1, private.regular, np.uint8(0))
    found[private.at >= 0] = private.use[private.at[private.at >= 0]]
    return found


@leaf
def level_of(i: int, p: int, people: Rows, private: PrivateState) -> int:
    """Return the chance that a person uses a platform today, in LEVELS."""
    if private.at[i] >= 0:
        return int(private.use[private.at[i], p])
    return int(private.regular[p]) if people[i].first_member >> p & 1 else 0


@leaf
def lapse_day_of(i: int, private: PrivateState) -> int:
    """Return the day on which a person last gave up a platform, before today; 0 where there is none."""
    return int(private.row[private.at[i]].lapse_day) if private.at[i] >= 0 else 0


@leaf
def lacks_app(i: int, p: int, private: PrivateState) -> bool:
    """Return whether a person has lost the working app of a platform."""
    return private.at[i] >= 0 and private.row[private.at[i]].uninstalled >> p & 1 == 1


@part
def load_private(i: int, k: int, people: Rows, private: PrivateState, row: Rows, use: np.ndarray) -> None:
    """Copy what is kept of a person into row ``k`` of ``row`` (rows,) of OWN and of ``use`` (rows, platforms)."""
    at = private.at[i]
    if at >= 0:
        row[k] = private.row[at]
        for p in range(private.regular.size):
            use[k, p] = private.use[at, p]
        return
    row[k].stuck, row[k].uninstalled, row[k].lost = 0, 0, 0
    row[k].lapse_day, row[k].hit_day, row[k].vpn_day, row[k].surplus = 0, 0, 0, 0
    for p in range(private.regular.size):
        use[k, p] = private.regular[p] if people[i].first_member >> p & 1 else 0


@part
def store_private(i: int, k: int, people: Rows, private: PrivateState, row: Rows, use: np.ndarray) -> None:
    """Take over row ``k`` of what `load_private` fills, in a new row where a person has none and needs one."""
    at = private.at[i]
    if at < 0:
        if _is_as_on_the_first_day(i, k, people, private, row, use):
            return
        at = private.taken[0]
        private.at[i] = at
        private.taken[0] += 1
    private.row[at] = row[k]
    for p in range(private.regular.size):
        private.use[at, p] = use[k, p]


@leaf
def _is_as_on_the_first_day(i: int, k: int, people: Rows, private: PrivateState, row: Rows, use: np.ndarray) -> bool:
    """Return whether row ``k`` holds what a person without a row has."""
    days = row[k].lapse_day | row[k].hit_day | row[k].vpn_day | row[k].surplus
    if row[k].stuck | row[k].uninstalled | row[k].lost != 0 or days != 0:
        return False
    other = 0
    for p in range(private.regular.size):
        other += 1 if use[k, p] != (private.regular[p] if people[i].first_member >> p & 1 else 0) else 0
    return other == 0


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
    pair = (groups, platforms)
    return Counts(
        using=np.zeros(pair, np.int64),
        dead=np.zeros(pair, np.int64),
        use=np.zeros(pair, np.int64),
        week=np.zeros(pair, np.int64),
        vpn=np.zeros(groups, np.int64),
        surplus=np.zeros(groups, np.int64),
        joined=np.zeros(pair, np.int64),
        trial=np.zeros(pair, np.int64),
        lost=np.zeros(pair, np.int64),
        flows=np.zeros((groups, platforms, platforms), np.int64),
    )


IN_A_WEEK = np.array([int(LEVELS * (1.0 - math.pow(1.0 - u / LEVELS, 7.0)) + 0.5) for u in range(LEVELS + 1)])
"""The chance of at least one day of use in seven, by that of one day, both in LEVELS."""


@kernel
def count_all(world: Columns, people: Rows, private: PrivateState, n: Counts) -> None:
    """Count everybody from zero (on the first day, and to check the running counts)."""
    for i in range(people.size):
        g = people[i].group
        n.vpn[g] += 1 if people[i].vpn > 0 else 0
        at, lost = private.at[i], int64(0)
        if at >= 0:
            n.surplus[g] += private.row[at].surplus
            lost = private.row[at].lost
        for p in range(world.platform.size):
            bit = 1 << p
            n.trial[g, p] += 1 if people[i].trial & bit else 0
            n.lost[g, p] += 1 if lost & bit else 0
            if people[i].using & bit:
                n.using[g, p] += 1
                level = level_of(i, p, people, private)
                n.use[g, p] += level
                n.week[g, p] += IN_A_WEEK[level]
            elif people[i].member & bit:
                n.dead[g, p] += 1


@kernel
def update_counts(
    due: np.ndarray, n_due: int, people: Rows, private: PrivateState, agenda: Agenda, out: Outcome, n: Counts
) -> None:
    """Count what visitors decided, and take over what only their own visits look at: others are still to be visited.

    ``private`` has room for a row of each visitor; ``out`` holds the visitors ``due[:n_due]`` alone.
    """
    for k in range(n_due):
        i = due[k]
        _recount(k, i, people[i].group, people, private, out, n)
        store_private(i, k, people, private, out.private, out.use)
        agenda.wake[i] = out.act[k].wake
        agenda.urgent[i] = out.private[k].stuck != 0 or out.act[k].again != 0


@kernel
def apply_decisions(
    due: np.ndarray, n_due: int, world: Columns, people: Rows, agenda: Agenda, row: Rows, who: np.ndarray
) -> int:  # fmt: skip
    """Take over the visitors' rows; list the people whose platforms or VPN changed, and return how many."""
    changed = 0
    for k in range(n_due):
        i = due[k]
        touched = (row[k].member ^ people[i].member) | (row[k].using ^ people[i].using)
        if touched != 0 or row[k].vpn != people[i].vpn or row[k].abroad != people[i].abroad:
            who[changed] = i
            changed += 1
        if touched != 0:
            _stir(i, touched, world, agenda)
        people[i] = row[k]
    return changed


@part
def _recount(k: int, i: int, g: int, people: Rows, private: PrivateState, out: Outcome, n: Counts) -> None:
    surplus, lost, at = int64(0), int64(0), private.at[i]
    if at >= 0:
        surplus, lost = int64(private.row[at].surplus), private.row[at].lost
    n.vpn[g] += (1 if out.row[k].vpn > 0 else 0) - (1 if people[i].vpn > 0 else 0)
    n.surplus[g] += out.private[k].surplus - surplus
    _recount_bits(people[i].trial, out.row[k].trial, n.trial[g])
    _recount_bits(lost, out.private[k].lost, n.lost[g])
    moved = (out.row[k].member ^ people[i].member) | (out.row[k].using ^ people[i].using) | out.act[k].joined
    felt = out.act[k].felt | moved
    while felt != 0:
        p = lowest(felt)
        felt &= felt - 1
        bit = 1 << p
        level = level_of(i, p, people, private)
        if out.use[k, p] == level and not moved & bit:
            continue
        was, now = people[i].using & bit != 0, out.row[k].using & bit != 0
        n.using[g, p] += (1 if now else 0) - (1 if was else 0)
        n.use[g, p] += (out.use[k, p] if now else 0) - (level if was else 0)
        n.week[g, p] += (IN_A_WEEK[out.use[k, p]] if now else 0) - (IN_A_WEEK[level] if was else 0)
        n.dead[g, p] += (1 if out.row[k].member & bit and not now else 0) - (
            1 if people[i].member & bit and not was else 0
        )
        if out.act[k].joined & bit:
            n.joined[g, p] += 1
            if out.act[k].source >= 0:
                n.flows[g, out.act[k].source, p] += 1


@leaf
def _recount_bits(was: int, now: int, n: np.ndarray) -> None:
    """Move one person in counts by platform, ``n`` (platforms,), from some platforms to others (bits both)."""
    differs = was ^ now
    while differs != 0:
        p = lowest(differs)
        differs &= differs - 1
        n[p] += 1 if now >> p & 1 else -1


@part
def _stir(i: int, platforms: int, world: Columns, agenda: Agenda) -> None:
    """Let a person and the circle know that something changed on some platforms."""
    _stir_one(i, platforms, agenda)
    for e in range(world.start[i], world.start[i + 1]):
        _stir_one(world.packed[e] >> 1, platforms, agenda)


@leaf
def _stir_one(i: int, platforms: int, agenda: Agenda) -> None:
    if agenda.circle_changed[i] == 0:
        agenda.active[agenda.group[i]] = 1
    agenda.circle_changed[i] |= platforms

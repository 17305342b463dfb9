"""Records decisions of people, and updates the counts that metrics are computed from.

Counts are integers by group and are updated only for people who changed. A quiet day therefore costs almost nothing,
and the order of work does not matter.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import int64

from sim.kernels import kernel, leaf, lowest, part
from sim.mechanisms.agenda import Agenda
from sim.mechanisms.look import Outcome
from sim.mechanisms.own import Own, keep_own, level_of
from sim.mechanisms.settings import LEVELS, Columns, Rows


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
def count_all(c: Columns, people: Rows, own: Own, n: Counts) -> None:
    """Count everybody from zero (on the first day, and to check the running counts)."""
    for i in range(people.size):
        g = people[i].group
        n.vpn[g] += 1 if people[i].vpn > 0 else 0
        at, lost = own.at[i], int64(0)
        if at >= 0:
            n.surplus[g] += own.row[at].surplus
            lost = own.row[at].lost
        for p in range(c.platform.size):
            bit = 1 << p
            n.trial[g, p] += 1 if people[i].trial & bit else 0
            n.lost[g, p] += 1 if lost & bit else 0
            if people[i].using & bit:
                n.using[g, p] += 1
                level = level_of(i, p, people, own)
                n.use[g, p] += level
                n.week[g, p] += IN_A_WEEK[level]
            elif people[i].member & bit:
                n.dead[g, p] += 1


@kernel
def settle(due: np.ndarray, n_due: int, people: Rows, own: Own, agenda: Agenda, o: Outcome, n: Counts) -> None:
    """Count what visitors decided, and take over what only their own visits look at: others are still to be visited.

    ``own`` has room for a row of each visitor; ``o`` holds the visitors ``due[:n_due]`` alone.
    """
    for k in range(n_due):
        i = due[k]
        _recount(k, i, people[i].group, people, own, o, n)
        keep_own(i, k, people, own, o.own, o.use)
        agenda.wake[i] = o.act[k].wake
        agenda.pressed[i] = o.own[k].stuck != 0 or o.act[k].again != 0


@kernel
def write_down(
    due: np.ndarray, n_due: int, c: Columns, people: Rows, agenda: Agenda, row: Rows, who: np.ndarray
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
            _stir(i, touched, c, agenda)
        people[i] = row[k]
    return changed


@part
def _recount(k: int, i: int, g: int, people: Rows, own: Own, o: Outcome, n: Counts) -> None:
    surplus, lost, at = int64(0), int64(0), own.at[i]
    if at >= 0:
        surplus, lost = int64(own.row[at].surplus), own.row[at].lost
    n.vpn[g] += (1 if o.row[k].vpn > 0 else 0) - (1 if people[i].vpn > 0 else 0)
    n.surplus[g] += o.own[k].surplus - surplus
    _recount_bits(people[i].trial, o.row[k].trial, n.trial[g])
    _recount_bits(lost, o.own[k].lost, n.lost[g])
    moved = (o.row[k].member ^ people[i].member) | (o.row[k].using ^ people[i].using) | o.act[k].joined
    felt = o.act[k].felt | moved
    while felt != 0:
        p = lowest(felt)
        felt &= felt - 1
        bit = 1 << p
        level = level_of(i, p, people, own)
        if o.use[k, p] == level and not moved & bit:
            continue
        was, now = people[i].using & bit != 0, o.row[k].using & bit != 0
        n.using[g, p] += (1 if now else 0) - (1 if was else 0)
        n.use[g, p] += (o.use[k, p] if now else 0) - (level if was else 0)
        n.week[g, p] += (IN_A_WEEK[o.use[k, p]] if now else 0) - (IN_A_WEEK[level] if was else 0)
        n.dead[g, p] += (1 if o.row[k].member & bit and not now else 0) - (
            1 if people[i].member & bit and not was else 0
        )
        if o.act[k].joined & bit:
            n.joined[g, p] += 1
            if o.act[k].source >= 0:
                n.flows[g, o.act[k].source, p] += 1


@leaf
def _recount_bits(was: int, now: int, n: np.ndarray) -> None:
    """Move one person in counts by platform, ``n`` (platforms,), from some platforms to others (bits both)."""
    differs = was ^ now
    while differs != 0:
        p = lowest(differs)
        differs &= differs - 1
        n[p] += 1 if now >> p & 1 else -1


@part
def _stir(i: int, platforms: int, c: Columns, agenda: Agenda) -> None:
    """Let a person and the circle know that something changed on some platforms."""
    _stir_one(i, platforms, agenda)
    for e in range(c.start[i], c.start[i + 1]):
        _stir_one(c.packed[e] >> 1, platforms, agenda)


@leaf
def _stir_one(i: int, platforms: int, agenda: Agenda) -> None:
    if agenda.stirred[i] == 0:
        agenda.awake[agenda.group[i]] = 1
    agenda.stirred[i] |= platforms

"""Where people turn: a substitute close in kind where their circle is.

Having substitutes already (multi-homing) stills the need.
"""

from __future__ import annotations

import math

import numpy as np
from numba import int64

from sim.chance import uniform
from sim.kernels import leaf, lowest, part
from sim.mechanisms.circumvention import can_reinstall, direct_value, workaround_value
from sim.mechanisms.settings import FRIEND, Cells, Columns, Luck, Rows, Rules
from sim.mechanisms.value import Room, doing_without, taste_value


@part
def find_company(i: int, lost: int, c: Columns, people: Rows, rules: Rules, room: Room) -> None:
    """Fill how much company a person finds on each platform akin to one lost: its audience and the own circle, 0 to 1.

    The circle is those whom the person had on the platforms ``lost`` (bits): a substitute is to reach them.
    """
    g, n, all_ties = people[i].group, c.start[i + 1] - c.start[i], 0
    n_full = (n + 7) // 8 * 8
    for t in range(n_full):
        # `find_circle` has fetched them; those not on what is lost are not looked for.
        room.alone[t] = room.weight[t] if room.held_first[t] & lost else 0
        all_ties += room.alone[t]
    akin = akin_to(lost, c)
    prior = rules.audience_prior * FRIEND
    while akin != 0:
        q = lowest(akin)
        akin &= akin - 1
        seen, found = max(rules.discovery, c.taste[g, q].penetration), 0
        for t in range(n_full):
            found += room.alone[t] if room.used[t] & (1 << q) else 0
        room.met[q] = found
        room.company[q] = (prior * seen + found) / (prior + all_ties)


@leaf
def akin_to(platforms: int, c: Columns) -> int:
    """Return the platforms of kinds that are close to those of any of some platforms (bits both)."""
    found = int64(0)
    while platforms != 0:
        found |= c.platform[lowest(platforms)].akin
        platforms &= platforms - 1
    return found


@leaf
def still_unmet(p: int, using: int, company: np.ndarray, c: Columns, rules: Rules) -> float:
    """Return what share of the loss of a platform the substitutes that a person already uses do not make up for."""
    share, left = c.platform[p].tie_share, 1.0
    others = using & ~(1 << p)
    while others != 0:
        q = lowest(others)
        others &= others - 1
        close = rules.substitutability * c.platform[p].closeness[c.platform[q].kind]
        if close > 0.0:
            left *= 1.0 - close * ((1.0 - share) + share * company[q])
    return left


@part
def can_take_up(
    i: int,
    q: int,
    device: int,
    has_vpn: bool,
    access: Cells,
    c: Columns,
    people: Rows,
    rules: Rules,
    luck: Luck,
) -> bool:
    """Return whether a person can install a platform and would find it worth having as it works here today."""
    if c.apple_only & (1 << q) and device != 0:
        return False
    if not (has_vpn or can_reinstall(i, q, device, access, people, rules, luck)):
        return False
    worth = taste_value(i, q, c, people, rules, luck)
    best = direct_value(i, q, worth, access, c, people, rules, luck)
    if has_vpn:
        best = max(best, workaround_value(i, q, worth, access, people, rules, luck))
    return best >= doing_without(i, q, c, people)


@leaf
def has_heard(i: int, q: int, c: Columns, people: Rows, luck: Luck) -> bool:
    """Return whether a person has heard of a platform other than from the circle."""
    return uniform(luck.knows, i, q) < c.taste[people[i].group, q].known


@part
def joins(
    i: int, n_lost: int, held: int, room: Room, device: int, has_vpn: bool, access: Cells, c: Columns, people: Rows,
    rules: Rules, luck: Luck,
) -> tuple[int, int]:  # fmt: skip
    """Return (the platform joined at this review, the lost platform that drove it), -1 and -1 for none.

    ``room.lost[:n_lost]`` are the platforms a person needs a substitute for and ``room.need`` how much, 0 to 1. Each
    candidate has a rate, need times closeness times company; at most one is joined at a review, drawn in proportion.
    What is threatened itself is no refuge from a threat: the need is taken for what it exceeds the candidate's own.
    """
    lost, need, company, rate, by = room.lost, room.need, room.company, room.rate, room.by
    total, lost_bits = 0.0, int64(0)
    for k in range(n_lost):
        lost_bits |= 1 << lost[k]
    candidates = akin_to(lost_bits, c) & ~held & c.reads[people[i].group]
    if candidates == 0:
        return -1, -1
    left = candidates
    while left != 0:
        q = lowest(left)
        left &= left - 1
        rate[q], by[q] = 0.0, -1
        pull, feared = 0.0, access[people[i].state, q].threat
        for k in range(n_lost):
            this = c.platform[lost[k]].closeness[c.platform[q].kind] * (need[k] - feared)
            if this > pull:
                pull, by[q] = this, lost[k]
        if pull > 0.0 and (room.met[q] > 0 or has_heard(i, q, c, people, luck)):
            rate[q] = rules.join_rate * pull * company[q]
            total += rate[q]
    if uniform(luck.join, i, 0) >= 1.0 - math.exp(-total):
        return -1, -1
    u = uniform(luck.join, i, 1) * total
    while candidates != 0:
        q = lowest(candidates)
        candidates &= candidates - 1
        u -= rate[q]
        if u < 0.0:
            if can_take_up(i, q, device, has_vpn, access, c, people, rules, luck):
                return q, by[q]
            return -1, -1
    return -1, -1

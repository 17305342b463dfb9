"""Where people turn: a substitute close in kind where their circle is, or one agreed on with kin abroad.

Having substitutes already (multi-homing) stills the need. Kin who lost their last common platform agree on one that is
open at both ends: one end proposes, the other follows or not.
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
    candidates = akin_to(lost_bits, c) & ~held
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
        if pull > 0.0:
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


@leaf
def have_channel(i: int, j: int, c: Columns, people: Rows) -> bool:
    """Return whether two people have a platform that works at both ends and carries talk, or a bridge between two."""
    if people[i].using & people[j].using & people[i].abroad & people[j].abroad & c.talk_bits:
        return True
    return have_bridge(i, j, c, people)


@leaf
def have_bridge(i: int, j: int, c: Columns, people: Rows) -> bool:
    """Return whether both use a messenger that the law of one end joins to the other's."""
    bridged = c.bridged[people[i].state] | c.bridged[people[j].state]
    return people[i].using & bridged != 0 and people[j].using & bridged != 0


@leaf
def lost_touch(i: int, e: int, c: Columns, people: Rows) -> bool:
    """Return whether entry ``e`` of a person's ties is kin abroad with a channel on the first day and none now."""
    j = c.packed[e] >> 1
    if not c.packed[e] & 1 or people[j].state == people[i].state or have_channel(i, j, c, people):
        return False
    return (
        people[i].first_member & people[j].first_member & people[i].first_abroad & people[j].first_abroad & c.talk_bits
    ) != 0


@leaf
def lost_kin(i: int, c: Columns, people: Rows) -> int:
    """Return how many kin abroad a person has lost touch with."""
    count = 0
    for e in range(c.start[i], c.start[i + 1]):
        if lost_touch(i, e, c, people):
            count += 1
    return count


@leaf
def _open_here(q: int, state: int, access: Cells) -> bool:
    """Return whether a platform can be installed and works for most people of a state without a workaround."""
    return access[state, q].reach[0] > 0.5 and (access[state, q].install[0] > 0 or access[state, q].install[1] > 0)


@part
def proposal(i: int, device: int, access: Cells, c: Columns, people: Rows, rules: Rules, luck: Luck) -> int:
    """Return the platform that a person proposes to the kin out of contact at this review, or -1."""
    if c.corridor[people[i].group] < 0:
        return -1
    if uniform(luck.invite, i) >= 1.0 - math.exp(-rules.join_rate):
        return -1
    other = -1
    for e in range(c.start[i], c.start[i + 1]):
        if lost_touch(i, e, c, people):
            other = c.packed[e] >> 1
            break
    if other < 0:
        return -1
    return _agree_on(i, other, device, access, c, people, luck)


@part
def _agree_on(i: int, j: int, device: int, access: Cells, c: Columns, people: Rows, luck: Luck) -> int:
    """Draw a platform open at both ends, by how common it is there; what both already hold comes first."""
    both = people[i].using & people[j].using & c.talk_bits
    if both != 0:
        # Something that both hold already, and have not used with each other so far, comes first.
        candidates = both
    else:
        candidates = -1
    total = 0.0
    for q in range(c.platform.size):
        if candidates & (1 << q):
            total += _pull(i, j, q, device, both, access, c, people)
    u = uniform(luck.invite, i, 1) * total
    for q in range(c.platform.size):
        if candidates & (1 << q):
            u -= _pull(i, j, q, device, both, access, c, people)
            if u < 0.0:
                return q
    return -1


@leaf
def _pull(i: int, j: int, q: int, device: int, both: int, access: Cells, c: Columns, people: Rows) -> float:
    """Return how much a platform offers itself to a pair of kin: how common it is at both ends, where it is open."""
    if both & (1 << q):
        return max(1e-6, c.taste[people[i].group, q].shared)
    if c.apple_only & (1 << q) and device != 0:
        return 0.0
    if not (_open_here(q, people[i].state, access) and _open_here(q, people[j].state, access)):
        return 0.0
    return c.taste[people[i].group, q].shared


@part
def accepts(
    i: int, invited: int, device: int, has_vpn: bool, access: Cells, c: Columns, people: Rows, rules: Rules, luck: Luck
) -> int:
    """Return the platforms, of those that kin abroad ask to use (``invited``, bits), that a person takes up (bits)."""
    taken = 0
    # Some follow at once; the others, the old and the wary among them, only when somebody helps.
    agile = uniform(luck.agility, i) < rules.invite_acceptance
    chance = 1.0 if agile else rules.late_acceptance
    while invited != 0:
        q = lowest(invited)
        invited &= invited - 1
        bit = 1 << q
        if uniform(luck.accept, i, q) >= chance:
            continue
        if people[i].using & bit or can_take_up(i, q, device, has_vpn, access, c, people, rules, luck):
            taken |= bit
    return taken

"""Substitution: people turn to a platform that is similar in kind and that their circle uses.

People who already use substitutes (multi-homing) need no new one.
"""

from __future__ import annotations

import math

import numpy as np
from numba import int64

from sim.chance import uniform
from sim.kernels import leaf, lowest, part
from sim.mechanisms.choice import SLACK
from sim.mechanisms.circumvention import can_reinstall, direct_value, opens_directly, workaround_value
from sim.mechanisms.settings import FRIEND, LEAST_LEFT, Cells, Columns, Luck, Rows, Rules
from sim.mechanisms.value import Room, doing_without, taste_value, whole_eights


@part
def find_company(
    i: int, lost: int, platforms: int, wave: np.ndarray, c: Columns, people: Rows, rules: Rules, room: Room
) -> None:
    """Compute the company that a person finds on each of some ``platforms`` (bits).

    ``room.company`` combines the audience of the platform with the share of the contacts on the platforms ``lost``
    (bits) who are there, because a substitute must reach them. ``room.share`` is the share of the whole circle who are
    there, and ``room.met`` their weight. ``room.fresh`` is the share of newcomers among the contacts on lost platforms,
    with that of the state (``wave`` (groups, platforms)) in place of the audience.
    """
    g, n_full, all_ties, whole = people[i].group, whole_eights(c.start[i + 1] - c.start[i]), 0, 0
    for t in range(n_full):
        # `find_circle` has fetched them; contacts who were not on lost platforms are skipped.
        room.there[t] = room.weight[t] if room.held_first[t] & lost else 0
        all_ties += room.there[t]
        whole += room.weight[t]
    prior = rules.audience_prior * FRIEND
    while platforms != 0:
        q = lowest(platforms)
        platforms &= platforms - 1
        found, there, fresh = 0, 0, 0
        for t in range(n_full):
            on_it = room.used[t] & (1 << q)
            found += room.there[t] if on_it else 0
            there += room.weight[t] if on_it else 0
            fresh += room.there[t] if room.tried[t] & (1 << q) else 0
        seen = max(rules.discovery, c.taste[g, q].penetration)
        room.company[q] = (prior * seen + found) / (prior + all_ties)
        room.fresh[q] = (prior * wave[g, q] + fresh) / (prior + all_ties)
        room.met[q] = there
        room.share[q] = there / whole if whole > 0 else 0.0


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
def left_by_others(
    i: int, p: int, by_vpn: bool, audience: np.ndarray, access: Cells, c: Columns, people: Rows, rules: Rules,
    luck: Luck, room: Room,
) -> float:  # fmt: skip
    """Return the remaining advantage of a platform over the others that a person uses [1].

    The remainder is the product of (1 - the part that each other platform replaces). A platform that needs a VPN
    (``by_vpn``) is compared with all that open without one. A platform that still opens directly takes no effort: a
    person who used it next to others has the same remainder as on the first day, unless they use new platforms, or more
    of the contacts on it are on the others.

    ``audience`` (groups, platforms) is the offer of each platform against the first day. Content of strangers, such as
    posts, videos and shops, is replaced less if the other platform's audience is smaller.
    """
    g, n, share, bit = people[i].group, whole_eights(c.start[i + 1] - c.start[i]), c.platform[p].tie_share, 1 << p
    now, first = people[i].using, people[i].first_member
    others = (now if by_vpn else now | first) & c.platform[p].akin & ~bit
    left_now, left_first, met = 1.0, 1.0, 0
    for t in range(n if others != 0 else 0):
        room.there[t] = room.weight[t] if room.held_first[t] & bit else 0
        met += room.there[t]
    prior = rules.audience_prior * FRIEND
    while others != 0:
        q = lowest(others)
        others &= others - 1
        if by_vpn and not opens_directly(i, q, access, people, luck):
            continue
        close = rules.substitutability * c.platform[p].closeness[c.platform[q].kind]
        found_now, found_first = 0, 0
        for t in range(n):
            found_now += room.there[t] if room.used[t] & (1 << q) else 0
            found_first += room.there[t] if room.held_first[t] & (1 << q) else 0
        seen = max(rules.discovery, c.taste[g, q].penetration)
        breadth = (1.0 - share) * _breadth(seen * audience[g, q], c.taste[g, p].penetration, rules)
        if now & (1 << q):
            left_now *= 1.0 - close * (breadth + share * ((prior * seen + found_now) / (prior + met)))
        if first & (1 << q):
            left_first *= 1.0 - close * (breadth + share * ((prior * seen + found_first) / (prior + met)))
    return left_now if by_vpn else left_now / max(LEAST_LEFT, left_first)


@leaf
def _breadth(audience: float, lost: float, rules: Rules) -> float:
    """Return how much of what strangers make on a platform another one offers, by their audiences [1]."""
    if lost <= audience:
        return 1.0
    return math.pow(audience / lost, rules.audience_power)


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
def has_heard(i: int, q: int, news: float, c: Columns, people: Rows, luck: Luck) -> bool:
    """Return whether a person has heard of a platform other than from the circle: long ago, or by ``news``."""
    u, known = uniform(luck.knows, i, q), c.taste[people[i].group, q].known
    # The chance is at most the sum of both, so most of the time the exponential is not needed.
    return u <= known + news + SLACK and u < 1.0 - (1.0 - known) * math.exp(-news)

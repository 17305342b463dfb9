"""The value of a platform to a person: by its kind, the person's taste, its audience, and the contacts who use it.

Value falls if the circle or the audience shrinks, and never only because time passes, so that a world without policies
does not change. The value of alternatives is in `sim/mechanisms/substitution.py`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import int64

from sim.chance import uniform
from sim.kernels import leaf, part
from sim.mechanisms.settings import FRIEND, Columns, Luck, Rows, Rules

CIRCLE = np.dtype([("now", np.int64), ("first", np.int64)])
"""Weight of a person's circle on a platform: now and on the first day."""


class Room(NamedTuple):
    """Room for one visitor at a time to work in: rows for platforms, and for contacts."""

    looked: np.ndarray  # platforms on which something differs
    circle: Rows  # CIRCLE on each of them
    lost: np.ndarray  # platforms lost
    need: np.ndarray  # for each of those, how much a substitute is needed, 0 to 1
    gain: np.ndarray  # for each of those, what a VPN would bring back of it
    kept: np.ndarray  # of each platform, the share of its value that it gives today
    company: np.ndarray  # on each platform, 0 to 1
    met: np.ndarray  # on each platform, weight of those of the circle who use it
    share: np.ndarray  # on each platform, of the circle
    fresh: np.ndarray  # on each platform, newcomers among those met on what is lost, and in the state
    weight: np.ndarray  # of each contact
    held: np.ndarray  # platforms of each contact, bits
    tried: np.ndarray  # new accounts of each contact that are on trial, bits
    used: np.ndarray  # of them, those that work for that contact, bits
    held_first: np.ndarray  # platforms of each on the first day, bits
    there: np.ndarray  # weight of those who were met on what is lost


def empty_room(platforms: int, contacts: int) -> Room:
    """Return room for visitors who have up to so many contacts."""
    numbers = {name: np.empty(platforms, np.int64) for name in ("looked", "lost")}
    shares = {name: np.empty(platforms) for name in ("need", "gain", "kept", "company", "met", "share", "fresh")}
    circle = {
        name: np.zeros(contacts + 7, np.int64) for name in ("weight", "held", "used", "tried", "held_first", "there")
    }
    return Room(circle=np.empty(platforms, CIRCLE), **numbers, **shares, **circle)


@leaf
def taste_value(i: int, p: int, c: Columns, people: Rows, rules: Rules, luck: Luck) -> float:
    """Return what the whole platform is worth to a person on the first day [marginal feed users' value]."""
    u = max(uniform(luck.value, i, p), 1e-12)
    return c.taste[people[i].group, p].base_value * min(rules.value_cap, math.exp(-rules.value_spread * math.log(u)))


@leaf
def doing_without(i: int, p: int, c: Columns, people: Rows) -> float:
    """Return the value below which a person gives up a platform: absolute, so that a valued platform has a surplus."""
    return min(1.0, c.taste[people[i].group, p].base_value)


@leaf
def whole_eights(contacts: int) -> int:
    """Return a number of contacts, filled up so that they can be counted eight at a time; nobody has a weight of 0."""
    return (contacts + 7) // 8 * 8


@part
def find_circle(
    i: int, n_looked: int, c: Columns, people: Rows, kin_weight: int, room: Room
) -> tuple[int, float]:  # fmt: skip
    """Fill the weight of a person's circle on each of the platforms ``room.looked[:n_looked]``, in FRIENDs.

    Return the platforms that are the only channel to somebody of the person's kin abroad (bits), and the share of the
    circle who have a VPN.

    Who of the circle is where is fetched once for all platforms: that takes longer than to count.
    """
    first, n = c.start[i], c.start[i + 1] - c.start[i]
    moved, only = int64(0), int64(0)  # platforms on which anybody of the circle has changed since the first day
    holders = 0
    for t in range(n):
        entry = c.packed[first + t]
        j = entry >> 1
        room.weight[t] = kin_weight if entry & 1 else FRIEND
        # A person who still tries is expected back, and counts.
        held, held_first = people[j].member, people[j].first_member
        room.used[t], room.tried[t] = people[j].using, people[j].trial
        if entry & 1 and people[j].state != people[i].state:
            channels = people[i].using & people[j].using & people[i].abroad & people[j].abroad & c.talk_bits
            only |= channels if channels & (channels - 1) == 0 else 0
        room.held[t], room.held_first[t] = held, held_first
        holders += 1 if people[j].vpn > 0 else 0
        moved |= held ^ held_first
    n_full = whole_eights(n)
    for t in range(n, n_full):
        room.weight[t] = 0
    for a in range(n_looked):
        p, found = room.looked[a], room.circle[a]
        found.now = _weigh(p, n_full, room.held, room)
        found.first = _weigh(p, n_full, room.held_first, room) if moved & (1 << p) else found.now
    return only, holders / n if n > 0 else 0.0


@leaf
def _weigh(p: int, n: int, held: np.ndarray, room: Room) -> int:
    """Return the weight of those of ``n`` contacts who hold platform p; ``held`` (contacts,) are the bits of each."""
    bit, whole = 1 << p, 0
    for t in range(n):
        whole += room.weight[t] if held[t] & bit else 0
    return whole


@leaf
def liveliness(found: Any, audience: float, rules: Rules) -> float:
    """Return audience and circle on a platform against the first day, at most 1.5 [1].

    ``found`` is a row of `CIRCLE`.
    """
    prior = rules.audience_prior * FRIEND
    return min(1.5, (prior * audience + found.now) / (prior + found.first))

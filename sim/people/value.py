"""The value of a platform to a person: by its kind, the person's taste, its audience, and the contacts who use it.

Value falls if the circle or the audience shrinks, and never only because time passes, so that a world without policies
does not change. The value of alternatives is in `sim/people/substitution.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import int64

from sim.chance import uniform
from sim.kernels import leaf, part
from sim.people.kernel_types import FRIEND, Columns, RandomKeys, Rows, Rules, Scratch


@leaf
def taste_value(i: int, p: int, world: Columns, people: Rows, rules: Rules, keys: RandomKeys) -> float:
    """Return what the whole platform is worth to a person on the first day [marginal feed users' value]."""
    u = max(uniform(keys.value, i, p), 1e-12)
    return world.taste[people[i].group, p].base_value * min(
        rules.value_cap, math.exp(-rules.value_spread * math.log(u))
    )


@leaf
def outside_option(i: int, p: int, world: Columns, people: Rows) -> float:
    """Return the value below which a person gives up a platform: absolute, so that a valued platform has a surplus."""
    return min(1.0, world.taste[people[i].group, p].base_value)


@leaf
def round_up_to_8(contacts: int) -> int:
    """Return a number of contacts, filled up so that they can be counted eight at a time; nobody has a weight of 0."""
    return (contacts + 7) // 8 * 8


@part
def find_circle(
    i: int, n_looked: int, world: Columns, people: Rows, kin_weight: int, scratch: Scratch
) -> tuple[int, float]:  # fmt: skip
    """Fill the weight of a person's circle on each of the platforms ``scratch.looked[:n_looked]``, in FRIENDs.

    Return the platforms that are the only channel to somebody of the person's kin abroad (bits), and the share of the
    circle who have a VPN.

    Who of the circle is where is fetched once for all platforms: that takes longer than to count.
    """
    first, n = world.start[i], world.start[i + 1] - world.start[i]
    moved, only = int64(0), int64(0)  # platforms on which anybody of the circle has changed since the first day
    holders = 0
    for t in range(n):
        entry = world.packed[first + t]
        j = entry >> 1
        scratch.weight[t] = kin_weight if entry & 1 else FRIEND
        # A person who still tries is expected back, and counts.
        held, held_first = people[j].member, people[j].first_member
        scratch.used[t], scratch.tried[t] = people[j].using, people[j].trial
        if entry & 1 and people[j].state != people[i].state:
            channels = people[i].using & people[j].using & people[i].abroad & people[j].abroad & world.talk_bits
            only |= channels if channels & (channels - 1) == 0 else 0
        scratch.held[t], scratch.held_first[t] = held, held_first
        holders += 1 if people[j].vpn > 0 else 0
        moved |= held ^ held_first
    n_full = round_up_to_8(n)
    for t in range(n, n_full):
        scratch.weight[t] = 0
    for a in range(n_looked):
        p, found = scratch.looked[a], scratch.circle[a]
        found.now = _weigh(p, n_full, scratch.held, scratch)
        found.first = _weigh(p, n_full, scratch.held_first, scratch) if moved & (1 << p) else found.now
    return only, holders / n if n > 0 else 0.0


@leaf
def _weigh(p: int, n: int, held: np.ndarray, scratch: Scratch) -> int:
    """Return the weight of those of ``n`` contacts who hold platform p; ``held`` (contacts,) are the bits of each."""
    bit, whole = 1 << p, 0
    for t in range(n):
        whole += scratch.weight[t] if held[t] & bit else 0
    return whole


@leaf
def liveliness(found: Any, audience: float, rules: Rules) -> float:
    """Return audience and circle on a platform against the first day, at most 1.5 [1].

    ``found`` is a row of `CIRCLE`.
    """
    prior = rules.audience_prior * FRIEND
    return min(1.5, (prior * audience + found.now) / (prior + found.first))

"""The value of a platform to a person: by its kind, the person's taste, its audience, and the
contacts who use it.

Value falls if the circle or the audience shrinks, but not with time alone, so a world without
policies does not change. The value of alternatives is in `sim/people/substitution.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import int64

from ..core.chance import uniform
from ..core.kernels import inlined, leaf
from .kernel_types import FRIEND, Scratch, VisitContext


@leaf
def taste_value(i: int, p: int, ctx: VisitContext) -> float:
    """Return the value of the whole platform to a person on the first day [marginal feed users'
    value].
    """
    u = max(uniform(ctx.keys.value, i, p), 1e-12)
    spread = ctx.rules.choice_value_spread
    base_value = ctx.world.taste[ctx.people[i].group, p].base_value
    return base_value * min(ctx.rules.choice_value_cap, math.exp(-spread * math.log(u)))


@leaf
def outside_option(i: int, p: int, ctx: VisitContext) -> float:
    """Return the value below which a person gives up a platform; it is absolute, so a valued
    platform has a surplus.
    """
    return min(1.0, ctx.world.taste[ctx.people[i].group, p].base_value)


@leaf
def circle_size(i: int, ctx: VisitContext) -> int:
    """Return the number of contacts, rounded up to a multiple of eight for the processor; added
    entries weigh 0.
    """
    return (ctx.world.start[i + 1] - ctx.world.start[i] + 7) // 8 * 8


@inlined
def find_circle(i: int, n_looked: int, ctx: VisitContext, scratch: Scratch) -> tuple[int, float]:
    """Fill the weight of a person's circle on each of the platforms ``scratch.looked[:n_looked]``,
    in FRIENDs.

    Returns
    -------
    only : int
        Platforms that are the only channel to some kin abroad, bits.
    holders : float
        Share of the circle who have a VPN [1].
    """
    # The circle is read once for all platforms, because reading takes longer than counting.
    me = ctx.people[i]
    people = ctx.people
    world = ctx.world
    first = world.start[i]
    n = world.start[i + 1] - world.start[i]
    # platforms on which anybody in the circle has changed since the first day
    changed = int64(0)
    only = int64(0)
    holders = 0
    for t in range(n):
        entry = world.packed[first + t]
        is_kin = entry & 1
        other = people[entry >> 1]
        scratch.weight[t] = ctx.rules.ties_kin_weight if is_kin else FRIEND
        # Contacts who still try a failing platform count.
        held = other.member
        held_first = other.first_member
        scratch.used[t] = other.using
        scratch.tried[t] = other.trial
        if is_kin and world.home[other.state] != world.home[me.state]:
            channels = me.using & other.using & me.abroad & other.abroad & world.talk_bits
            only |= channels if channels & (channels - 1) == 0 else 0
        scratch.held[t] = held
        scratch.held_first[t] = held_first
        holders += 1 if other.vpn > 0 else 0
        changed |= held ^ held_first
    size = circle_size(i, ctx)
    for t in range(n, size):
        scratch.weight[t] = 0
    for a in range(n_looked):
        p = scratch.looked[a]
        circle = scratch.circle[a]
        circle.now = _weigh(p, size, scratch.held, scratch)
        circle.first = (
            _weigh(p, size, scratch.held_first, scratch) if changed & (1 << p) else circle.now
        )
    return only, holders / n if n > 0 else 0.0


@leaf
def _weigh(p: int, size: int, held: np.ndarray, scratch: Scratch) -> int:
    """Return the weight of the contacts who have platform p; ``held`` (contacts,) are the platforms
    of each, bits.
    """
    bit = 1 << p
    weight = 0
    for t in range(size):
        weight += scratch.weight[t] if held[t] & bit else 0
    return weight


@leaf
def liveliness(circle: Any, audience: float, ctx: VisitContext) -> float:
    """Return audience and circle on a platform (a row of `CIRCLE`), relative to the first day, at
    most 1.5 [1].
    """
    prior = ctx.rules.choice_audience_prior * FRIEND
    return min(1.5, (prior * audience + circle.now) / (prior + circle.first))

"""How kin who have lost contact find each other again, pair by pair: at both ends, or not at all.

A pair that loses its channels by law, now or on a known date, may agree on another channel beforehand. After the loss
there are three ways, in this order. The pair starts to use an app that both have already, within hours. Or a relative
of the same household who is in contact again brings this one along. Or both agree on another app, once they can arrange
it, are ready for it, and an end that needs help has had it. The app must work at both ends, be known to one of them,
and have their language. A household that is watched and afraid adopts no app. Without such an app the pair stays out of
contact; this is an outcome and not a draw.
"""

from __future__ import annotations

import numpy as np
from numba import int64

from sim.chance import uniform
from sim.kernels import kernel, leaf, lowest, part
from sim.people.choice import chance_of_use
from sim.people.circumvention import device_of
from sim.people.contact import BRIDGED, KinTies, with_calls
from sim.people.kernel_types import Bonds, Outcome, VisitContext
from sim.people.state import load_private
from sim.people.substitution import can_take_up

ASK_AGAIN = 7
"""Days after which a pair that found no app looks again (assumption)."""


@kernel
def find_agreements(t: KinTies, b: Bonds, coming: int, ctx: VisitContext) -> int:
    """Find which pairs agree today, and on what (in place, in ``t.agreed``); return how many are out of touch.

    ``coming`` are the platforms that the law takes anywhere, now or on a date (bits).
    """
    out = 0
    for k in range(t.diaspora_end.size):
        t.agreed[k] = -1
        if t.channels[k] != 0 or t.first[k] == 0:
            t.since[k] = -1
            if t.channels[k] & coming != 0 and t.first[k] != 0:
                t.agreed[k] = _prepare(k, t, b, ctx)
            continue
        if t.since[k] < 0:
            t.since[k], t.searched[k], t.led[k] = ctx.today.day, 0, 0
        out += 1
        if t.afraid[k]:
            continue
        t.agreed[k] = _agree(k, t, b, ctx)
    return out


@part
def _prepare(k: int, t: KinTies, b: Bonds, ctx: VisitContext) -> int:
    """Count a day of notice of a pair in touch; return the platform on which it agrees beforehand today, or -1."""
    i, j = t.diaspora_end[k], t.family_end[k]
    here, there = ctx.people[i].state, ctx.people[j].state
    taken, left = 1.0, t.channels[k]
    while left != 0 and taken > 0.0:
        p = lowest(left)
        left &= left - 1
        # A bridge is the bit of no platform, and no law has a date for its end.
        lost = 0.0 if p >= ctx.world.platform.size else _taken(p, here, there, ctx)
        taken = min(taken, lost)
    before = t.prepared[k]
    t.prepared[k] = before + taken
    if t.prepared[k] >= b.number[k]:
        t.phone[k] = b.phone[k]
    if (
        t.afraid[k]
        or taken <= 0.0
        or t.prepared[k] < b.plan[k]
        or (before >= b.plan[k] and ctx.today.day % ASK_AGAIN != 0)
    ):
        return -1
    both = ctx.people[i].using & ctx.people[j].using & ctx.world.talk_bits
    candidates = left = _that_serve(k, (both | b.known[k]) & ~t.channels[k], t, ctx)
    while left != 0:
        q = lowest(left)
        left &= left - 1
        if _taken(q, here, there, ctx) > 0.0:
            candidates &= ~(int64(1) << q)
    return _choose(i, j, candidates, ctx)


@leaf
def _taken(p: int, here: int, there: int, ctx: VisitContext) -> float:
    """Return how far the law of either end takes a platform in the end [share]."""
    return max(ctx.access[here, p].coming, ctx.access[there, p].coming)


@part
def _agree(k: int, t: KinTies, b: Bonds, ctx: VisitContext) -> int:
    """Return the platform on which a pair out of touch agrees today, or -1."""
    people, i, j = ctx.people, t.diaspora_end[k], t.family_end[k]
    gone = ctx.today.day - t.since[k] + 1  # days, at the end of today
    both = _that_serve(k, people[i].using & people[j].using & ctx.world.talk_bits, t, ctx)
    if both != 0 and b.notice[k] + b.ready[k] < gone:
        return _choose(i, j, both, ctx)
    if b.notice[k] >= gone:
        return -1
    mates = _channels_of_others(i, k, t)
    if mates != 0:
        t.led[k] += 1
        if t.led[k] >= b.follow[k]:
            found = _choose(i, j, _that_serve(k, mates & b.usable[k], t, ctx), ctx)
            if found >= 0:
                return found
    if b.wire[k] < gone or mates != 0 or t.prepared[k] >= b.number[k]:
        t.searched[k] += 1
        if _is_agreed(t.searched[k], k, b):
            fresh = not _is_agreed(t.searched[k] - 1, k, b)
            if fresh or gone % ASK_AGAIN == 0:
                return _choose(i, j, _that_serve(k, b.known[k], t, ctx), ctx)
    return -1


@leaf
def _that_serve(k: int, platforms: int, t: KinTies, ctx: VisitContext) -> int:
    """Return those of some platforms (bits) that serve a pair: all, or where one end only calls, those for calls."""
    if not t.calls_only[k]:
        return platforms
    return with_calls(t.diaspora_end[k], t.family_end[k], platforms, ctx.access, ctx.world, ctx.people, ctx.keys)


@leaf
def _is_agreed(searched: int, k: int, b: Bonds) -> bool:
    """Return whether a pair agrees after so many days on which it could arrange something."""
    return searched >= b.help[k] and searched >= b.agree[k]


@leaf
def _channels_of_others(i: int, k: int, t: KinTies) -> int:
    """Return the platforms that join a member of a diaspora with the other kin abroad, bits."""
    found = int64(0)
    for row in range(t.start[i], t.start[i + 1]):
        if t.ties_of[row] != k:
            found |= t.channels[t.ties_of[row]]
    return found & ~BRIDGED


@part
def _choose(i: int, j: int, candidates: int, ctx: VisitContext) -> int:
    """Draw one of some platforms (bits) that both have or can take up, by how common it is at both ends; or -1."""
    total, possible, left = 0.0, int64(0), candidates
    while left != 0:
        q = lowest(left)
        left &= left - 1
        if _can_use(i, q, ctx) and _can_use(j, q, ctx):
            possible |= int64(1) << q
            total += _common(i, q, ctx) * _common(j, q, ctx)
    u = uniform(ctx.keys.agree_on, j, i) * total
    chosen = -1
    while possible != 0:
        chosen = lowest(possible)
        possible &= possible - 1
        u -= _common(i, chosen, ctx) * _common(j, chosen, ctx)
        if u < 0.0:
            break
    return chosen


@part
def _can_use(i: int, q: int, ctx: VisitContext) -> bool:
    """Return whether a person uses a platform already or could take it up today."""
    people = ctx.people
    if people[i].using & (int64(1) << q):
        return True
    device = device_of(i, ctx.world, people, ctx.keys)
    return can_take_up(i, q, device, people[i].vpn > 0, ctx.access, ctx.world, people, ctx.rules, ctx.keys)


@leaf
def _common(i: int, q: int, ctx: VisitContext) -> float:
    """Return how near a platform is to a person: in use already, or else how many of the group use it."""
    if ctx.people[i].using & (int64(1) << q):
        return 1.0
    return max(ctx.rules.discovery, ctx.world.taste[ctx.people[i].group, q].penetration)


@leaf
def _slot_of(i: int, t: KinTies) -> int:
    """Return the place of a person who has kin abroad among all of those."""
    k = t.ties_of[t.start[i]]
    return int(t.slot[k, 0] if t.diaspora_end[k] == i else t.slot[k, 1])


@kernel
def take_up_agreed(t: KinTies, ctx: VisitContext, due: np.ndarray, out: Outcome) -> int:
    """Let both ends of every pair that agrees take up its platform (in ``out``); list them, and return how many."""
    n = 0
    for k in range(t.diaspora_end.size):
        if t.agreed[k] < 0:
            continue
        before = t.first[k] & ~BRIDGED
        for end in range(2):
            i = t.diaspora_end[k] if end == 0 else t.family_end[k]
            if t.asked[t.slot[k, end]] == 0:
                due[n] = i
                out.act[n].source = lowest(before) if before != 0 else -1
                n += 1
            t.asked[t.slot[k, end]] |= int64(1) << t.agreed[k]
    for a in range(n):
        i = due[a]
        slot = _slot_of(i, t)
        out.row[a] = ctx.people[i]
        load_private(i, a, ctx.people, ctx.private, out.private, out.use)
        new = t.asked[slot] & ~out.row[a].using
        out.act[a].joined, out.act[a].felt, out.act[a].again, out.act[a].wake = new, new, new != 0, ctx.agenda.wake[i]
        out.row[a].member |= new
        out.row[a].using |= new
        out.row[a].lapsed &= ~new
        out.row[a].abroad |= t.asked[slot]
        t.asked[slot] = 0
        while new != 0:
            q = lowest(new)
            new &= new - 1
            # Tomorrow's visit decides how often it is used.
            out.use[a, q] = chance_of_use(ctx.rules.extra_use, ctx.world.platform[q].habit)
    return n

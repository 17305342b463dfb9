"""Return of contact between relatives, pair by pair: a new channel needs both ends.

A pair that loses its channels by law, now or on a known date, may agree on another channel
beforehand. After the loss there are three ways, in this order. The pair starts to use an app that
both have already, within hours. Or a relative in the same household who is in contact again brings
this pair along. Or both agree on another app, once they can arrange it, are ready for it, and an
end that needs help has received it. The app must work at both ends, be known to one of them, and
have their language. A watched household that is afraid adopts no app. Without a suitable app the
pair stays out of contact, whatever the draws.
"""

from __future__ import annotations

import numpy as np
from numba import int64

from ..core.chance import uniform
from ..core.kernels import inlined, kernel, leaf, lowest, part
from .choice import chance_of_use, take_back
from .circumvention import device_of
from .contact import BRIDGED, KinTies, with_calls
from .events import AGREES, ARRANGED, BEFOREHAND, BOTH_HAD_IT, BROUGHT, NUMBERS, Log, note
from .kernel_types import Bonds, Outcome, VisitContext
from .state import Counts, begin_decision, count_person
from .substitution import can_take_up

ASK_AGAIN = 7
"""Days until a pair without a suitable app looks again (assumption)."""


@kernel
def find_agreements(kin: KinTies, bonds: Bonds, coming: int, ctx: VisitContext, log: Log) -> int:
    """Find the pairs that agree today, and their platforms (in place, in ``kin.agreed``); return
    the number out of touch.

    ``coming`` are the platforms that the law removes anywhere, now or on a date (bits).
    """
    out = 0
    for k in range(kin.diaspora_end.size):
        agreed = -1
        how = BEFOREHAND
        phone = kin.phone[k]
        if kin.channels[k] != 0 or kin.first[k] == 0:
            kin.since[k] = -1
            if kin.channels[k] & coming != 0 and kin.first[k] != 0:
                agreed = _prepare(k, kin, bonds, ctx)
        else:
            if kin.since[k] < 0:
                kin.since[k] = ctx.today.day
                kin.searched[k] = 0
                kin.led[k] = 0
            out += 1
            if not kin.afraid[k]:
                agreed, how = _agree(k, kin, bonds, ctx)
        kin.agreed[k] = agreed
        if log.ties.size > 0 and log.ties[k]:
            if kin.phone[k] != phone:
                note(log, NUMBERS, k, -1, 0, 0, 0, kin.before[k], kin.channels[k])
            if agreed >= 0:
                was = kin.before[k] if kin.before[k] != 0 else kin.first[k]
                note(log, AGREES, k, agreed, how, 0, 0, was, kin.channels[k])
    return out


@inlined
def _prepare(k: int, kin: KinTies, bonds: Bonds, ctx: VisitContext) -> int:
    """Count a day of notice of a pair in touch; return the platform on which it agrees beforehand
    today, or -1.
    """
    i = kin.diaspora_end[k]
    j = kin.family_end[k]
    here = ctx.people[i].state
    there = ctx.people[j].state
    taken = 1.0
    left = kin.channels[k]
    while left != 0 and taken > 0.0:
        p = lowest(left)
        left &= left - 1
        # A bridge is not a platform, and no law sets a date for its end.
        taken = min(taken, 0.0 if p >= ctx.world.platform.size else _taken(p, here, there, ctx))
    before = kin.prepared[k]
    kin.prepared[k] = before + taken
    if kin.prepared[k] >= bonds.number[k] and kin.rings[k] == 0:
        kin.phone[k] = bonds.phone[k]
    is_due = before < bonds.plan[k] or ctx.today.day % ASK_AGAIN == 0
    if kin.afraid[k] or taken <= 0.0 or kin.prepared[k] < bonds.plan[k] or not is_due:
        return -1
    both = ctx.people[i].using & ctx.people[j].using & ctx.world.talk_bits
    candidates = left = _that_serve(k, (both | bonds.known[k]) & ~kin.channels[k], kin, ctx)
    while left != 0:
        q = lowest(left)
        left &= left - 1
        if _taken(q, here, there, ctx) > 0.0:
            candidates &= ~(int64(1) << q)
    return _choose(i, j, candidates, ctx)


@leaf
def _taken(p: int, here: int, there: int, ctx: VisitContext) -> float:
    """Return the largest share of a platform that the law at either end will remove [share]."""
    return max(ctx.access[here, p].coming, ctx.access[there, p].coming)


@part
def _agree(k: int, kin: KinTies, bonds: Bonds, ctx: VisitContext) -> tuple[int, int]:
    """Return the platform on which a pair out of touch agrees today, or -1, and the way, as an
    index in `WAYS_TO_AGREE`.
    """
    people = ctx.people
    i = kin.diaspora_end[k]
    j = kin.family_end[k]
    gone = ctx.today.day - kin.since[k] + 1  # days, by the end of today
    both = _that_serve(k, people[i].using & people[j].using & ctx.world.talk_bits, kin, ctx)
    if both != 0 and bonds.notice[k] + bonds.ready[k] < gone:
        return _choose(i, j, both, ctx), BOTH_HAD_IT
    if bonds.notice[k] >= gone:
        return -1, ARRANGED
    relatives = _channels_of_others(i, k, kin)
    if relatives != 0:
        kin.led[k] += 1
        if kin.led[k] >= bonds.follow[k]:
            platform = _choose(i, j, _that_serve(k, relatives & bonds.usable[k], kin, ctx), ctx)
            if platform >= 0:
                return platform, BROUGHT
    can_call = kin.rings[k] != 0 or kin.prepared[k] >= bonds.number[k]
    if bonds.wire[k] < gone or relatives != 0 or can_call:
        kin.searched[k] += 1
        needed = max(bonds.help[k], bonds.agree[k])
        if kin.searched[k] >= needed and (kin.searched[k] - 1 < needed or gone % ASK_AGAIN == 0):
            return _choose(i, j, _that_serve(k, bonds.known[k], kin, ctx), ctx), ARRANGED
    return -1, ARRANGED


@kernel
def telephone(who: np.ndarray, kin: KinTies) -> None:
    """Let some people telephone all their kin abroad from now on (in place)."""
    for i in who:
        for row in range(kin.start[i], kin.start[i + 1]):
            kin.rings[kin.ties_of[row]] = 1
            kin.phone[kin.ties_of[row]] = 0.0


@kernel
def agree_on(who: np.ndarray, platform: int, kin: KinTies, ctx: VisitContext, log: Log) -> None:
    """Let some people agree with each relative abroad on a platform (in ``kin.agreed``), unless the
    two agreed on another one today.
    """
    bit = int64(1) << platform
    for a in who:
        for row in range(kin.start[a], kin.start[a + 1]):
            k = int64(kin.ties_of[row])
            i = kin.diaspora_end[k]
            j = kin.family_end[k]
            if kin.agreed[k] >= 0 or kin.afraid[k] or kin.channels[k] & bit != 0:
                continue
            if (
                _that_serve(k, bit, kin, ctx) == 0
                or not _can_use(i, platform, ctx)
                or not _can_use(j, platform, ctx)
            ):
                continue
            kin.agreed[k] = platform
            if log.ties.size > 0 and log.ties[k]:
                was = kin.before[k] if kin.before[k] != 0 else kin.first[k]
                note(log, AGREES, k, platform, ARRANGED, 0, 0, was, kin.channels[k])


@leaf
def _that_serve(k: int, platforms: int, kin: KinTies, ctx: VisitContext) -> int:
    """Return those of some platforms (bits) that serve a pair: all, or, if one end only calls,
    those for calls.
    """
    platforms &= ~(kin.missed[kin.diaspora_end[k]] | kin.missed[kin.family_end[k]])
    if not kin.calls_only[k]:
        return platforms
    return with_calls(kin.diaspora_end[k], kin.family_end[k], platforms, ctx)


@leaf
def _channels_of_others(i: int, k: int, kin: KinTies) -> int:
    """Return the platforms that connect a person in a diaspora with other kin abroad, bits."""
    channels = int64(0)
    for row in range(kin.start[i], kin.start[i + 1]):
        if kin.ties_of[row] != k:
            channels |= kin.channels[kin.ties_of[row]]
    return channels & ~BRIDGED


@part
def _choose(i: int, j: int, candidates: int, ctx: VisitContext) -> int:
    """Draw a platform (bits) that both have or can adopt, weighted by how common it is at both
    ends; or -1.
    """
    total = 0.0
    possible = int64(0)
    left = candidates
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
    """Return whether a person uses a platform or could adopt it today."""
    me = ctx.people[i]
    return me.using & (int64(1) << q) != 0 or can_take_up(i, q, device_of(i, ctx), me.vpn > 0, ctx)


@leaf
def _common(i: int, q: int, ctx: VisitContext) -> float:
    """Return how common a platform is for a person: 1 if in use, else its share of users in the
    group.
    """
    if ctx.people[i].using & (int64(1) << q):
        return 1.0
    return max(ctx.rules.choice_discovery, ctx.world.taste[ctx.people[i].group, q].penetration)


@kernel
def take_up_agreed(
    kin: KinTies, ctx: VisitContext, due: np.ndarray, out: Outcome, counts: Counts
) -> int:
    """Let both ends of every pair that agrees adopt its platform (in ``out``); list them, and
    return their number.

    They are removed from the ``counts``, as before any decision.
    """
    n = 0
    for k in range(kin.diaspora_end.size):
        if kin.agreed[k] < 0:
            continue
        before = kin.first[k] & ~BRIDGED
        for end in range(2):
            i = kin.diaspora_end[k] if end == 0 else kin.family_end[k]
            if kin.asked[kin.slot[k, end]] == 0:
                due[n] = i
                begin_decision(i, n, ctx, out)
                out.act[n].source = lowest(before) if before != 0 else -1
                n += 1
            kin.asked[kin.slot[k, end]] |= int64(1) << kin.agreed[k]
    for a in range(n):
        i = due[a]
        row = out.row[a]
        act = out.act[a]
        first = kin.ties_of[kin.start[i]]
        slot = kin.slot[first, 0 if kin.diaspora_end[first] == i else 1]
        count_person(i, row, -1, ctx, counts)
        new = kin.asked[slot] & ~row.using
        act.joined = new
        act.again = new != 0
        take_back(a, new, out)
        row.abroad |= kin.asked[slot]
        kin.asked[slot] = 0
        while new != 0:
            q = lowest(new)
            new &= new - 1
            # Tomorrow's visit sets the frequency of use.
            ctx.use[i, q] = chance_of_use(ctx.rules.choice_extra_use, ctx.world.platform[q].habit)
    return n

"""Substitution: people turn to a platform that is similar in kind and that their circle uses.

People who already use substitutes (multi-homing) need no new one, and people whose new platform
fills the lost time do not look for another. New accounts come in a burst within hours and days,
then from people who follow newcomers, then by word of mouth; most are trials that people give up
again. People consider only platforms that have their language, accept their telephone number, and
are known to them or used by a contact. A closure of large platforms does not make a small one
known, and people find a rare one only through their circle. People who lose a platform at the same
time look for another one together: the number of newcomers on a platform counts, not that of its
users. They also follow the authors of the lost platform (`sim/people/authors.py`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import int64

from ..core.chance import uniform
from ..core.kernels import leaf, lowest, part
from .choice import SLACK, give_up, happens, is_kept
from .circumvention import can_reinstall, direct_value, opens_directly, workaround_value
from .kernel_types import (
    CLOSEST,
    FRIEND,
    LEAST_LEFT,
    NEVER,
    Outcome,
    Rows,
    Rules,
    Scratch,
    VisitContext,
    Visitor,
)
from .value import circle_size, outside_option, taste_value

BURST_OVER = 12.0
"""Time constants after which a burst is over (assumption: the rest is negligible)."""
ROUNDING = 1.0 + 1e-9
"""Upper bound on the factor by which rounding changes a hazard."""
DORMANT_DAYS = 0.7
"""Time constant within which dormant accounts are used again (assumption) [days]."""


class JoinHazards(NamedTuple):
    """Hazards of joining a substitute accumulated since the last visit, the same for every
    substitute.
    """

    bursts: bool  # whether the burst still lasts
    messenger: float  # hazard of the burst after the loss of a messenger
    feed: float  # hazard of the burst after the loss of any other platform
    dormant: float  # hazard of using a dormant account again
    wave: float  # hazard of following newcomers, if all people looking had just moved


@part
def contacts_on(i: int, lost: int, platforms: int, ctx: VisitContext, scratch: Scratch) -> None:
    """Compute the company that a person finds on each of some ``platforms`` (bits).

    ``scratch.company`` combines the audience of the platform with its share of the contacts on the
    platforms ``lost`` (bits), because a substitute must reach them. ``scratch.share`` is the share
    of the whole circle there, or, if larger, of followed content that moved there. ``scratch.met``
    is the weight of the circle there. ``scratch.fresh`` is the same for newcomers: among the
    contacts on lost platforms, and in the state.
    """
    g = ctx.people[i].group
    size = circle_size(i, ctx)
    all_ties = 0
    whole = 0
    for t in range(size):
        # `find_circle` has read the contacts; those not on lost platforms are skipped.
        scratch.there[t] = scratch.weight[t] if scratch.held_first[t] & lost else 0
        all_ties += scratch.there[t]
        whole += scratch.weight[t]
    prior = ctx.rules.choice_audience_prior * FRIEND
    while platforms != 0:
        q = lowest(platforms)
        platforms &= platforms - 1
        of_lost = 0
        there = 0
        fresh = 0
        for t in range(size):
            on_it = scratch.used[t] & (1 << q)
            of_lost += scratch.there[t] if on_it else 0
            there += scratch.weight[t] if on_it else 0
            fresh += scratch.there[t] if scratch.tried[t] & (1 << q) else 0
        seen = max(ctx.rules.choice_discovery, ctx.world.taste[g, q].penetration)
        scratch.company[q] = (prior * seen + of_lost) / (prior + all_ties)
        scratch.fresh[q] = (prior * ctx.today.crowd[g, q].wave + fresh) / (prior + all_ties)
        scratch.met[q] = there
        scratch.share[q] = max(there / whole if whole > 0 else 0.0, ctx.today.crowd[g, q].led)


@leaf
def similar_platforms(platforms: int, ctx: VisitContext) -> int:
    """Return the platforms of kinds close to those of some platforms (both as bits)."""
    similar = int64(0)
    while platforms != 0:
        similar |= ctx.world.platform[lowest(platforms)].akin
        platforms &= platforms - 1
    return similar


@leaf
def _replaceable(p: int, q: int, ctx: VisitContext) -> float:
    """Return the part of platform p that platform q replaces if everybody is there [1]."""
    platform = ctx.world.platform
    return ctx.rules.choice_substitutability * platform[p].closeness[platform[q].kind]


@leaf
def unsubstituted_share(
    i: int, p: int, using: int, company: np.ndarray, ctx: VisitContext
) -> float:
    """Share of a lost platform's value not covered by platforms in use (``using``, bits) [1]."""
    share = ctx.world.platform[p].tie_share
    left = left_next_door(i, p, using, ctx) * left_elsewhere(i, p, ctx)
    others = using & ~(1 << p) & ~ctx.world.platform[p].next_door
    while others != 0:
        q = lowest(others)
        others &= others - 1
        close = _replaceable(p, q, ctx)
        if close > 0.0:
            left *= 1.0 - close * ((1.0 - share) + share * company[q])
    return left


@part
def added_share(i: int, q: int, using: int, ctx: VisitContext, scratch: Scratch) -> float:
    """Return the share of a platform's worth that the platforms (bits) that a person uses and
    opens directly do not already give [1].

    Contacts add nothing if the person already meets them elsewhere.
    """
    share = ctx.world.platform[q].tie_share
    left = left_next_door(i, q, using, ctx)
    others = (
        using & ctx.world.platform[q].akin & ~ctx.world.platform[q].next_door & ~(int64(1) << q)
    )
    while others != 0:
        r = lowest(others)
        others &= others - 1
        if not opens_directly(i, r, ctx):
            continue
        there = 0
        both = 0
        for t in range(circle_size(i, ctx)):
            if scratch.used[t] & (int64(1) << q):
                there += scratch.weight[t]
                both += scratch.weight[t] if scratch.used[t] & (int64(1) << r) else 0
        met = both / there if there > 0 else 0.0
        left *= 1.0 - _replaceable(q, r, ctx) * ((1.0 - share) + share * met)
    return left


@leaf
def left_next_door(i: int, p: int, using: int, ctx: VisitContext) -> float:
    """Return the share of a platform's value that its one-click substitutes do not replace; 1
    without any [1].

    Another search engine needs neither an account nor other users; people who do not use it
    (``using``, bits) must have heard of it.
    """
    me = ctx.people[i]
    left = 1.0
    others = ctx.world.platform[p].next_door & ctx.world.takes[me.group]
    while others != 0:
        q = lowest(others)
        others &= others - 1
        if opens_directly(i, q, ctx):
            known = 1.0 if using & (int64(1) << q) else ctx.world.taste[me.group, q].known
            left *= 1.0 - (1.0 - ctx.rules.choice_next_door) * known
    return left


@leaf
def turns_elsewhere(i: int, p: int, ctx: VisitContext) -> float:
    """Return the share of people looking for a similar service who choose one outside the tables,
    such as another search engine [1].

    People choose in proportion to use. Services outside the tables are open while any similar one
    in the tables is, so an order against the whole kind closes them. The share is 0 without
    one-click substitutes.
    """
    me = ctx.people[i]
    is_open = False
    named = 0.0
    neighbours = ctx.world.platform[p].next_door
    while neighbours != 0:
        q = lowest(neighbours)
        neighbours &= neighbours - 1
        if opens_directly(i, q, ctx):
            is_open = True
            if ctx.world.takes[me.group] >> q & 1 == 1:
                named += ctx.world.taste[me.group, q].penetration
    elsewhere = ctx.rules.choice_elsewhere
    return elsewhere / (elsewhere + named) if is_open and elsewhere > 0.0 else 0.0


@leaf
def left_elsewhere(i: int, p: int, ctx: VisitContext) -> float:
    """Return the share of a platform's value that one-click substitutes outside the tables do not
    replace [1].

    Everybody knows such substitutes.
    """
    return ctx.rules.choice_next_door if turns_elsewhere(i, p, ctx) > 0.0 else 1.0


@leaf
def filled_share(p: int, new: int, company: np.ndarray, ctx: VisitContext) -> float:
    """Return the share of the time on a lost platform that new platforms (bits) fill [1].

    The share grows with the closeness of a new platform, and with its part of the lost platform's
    company.
    """
    platform = ctx.world.platform
    share = ctx.world.platform[p].tie_share
    filled = 0.0
    while new != 0:
        q = lowest(new)
        new &= new - 1
        close = min(1.0, platform[p].closeness[platform[q].kind] / CLOSEST)
        if close > 0.0:
            filled += (
                close * ((1.0 - share) + share * company[q]) * platform[q].habit / platform[p].habit
            )
    return filled


@part
def marginal_value_share(
    i: int, p: int, by_vpn: bool, ctx: VisitContext, scratch: Scratch
) -> float:
    """Return the remaining advantage of a platform over the others that a person uses [1].

    The remainder is the product of (1 - the part that each other platform replaces). A platform
    that needs a VPN (``by_vpn``) is compared with all platforms that open without one. A platform
    that still opens directly takes no effort: beside others in use, it keeps its first-day
    remainder, unless the person uses new platforms, or more of its contacts are on the others.
    Content of strangers, such as posts, videos and shops, is replaced less if the other platform's
    audience is smaller.
    """
    me = ctx.people[i]
    size = circle_size(i, ctx)
    share = ctx.world.platform[p].tie_share
    bit = 1 << p
    now = me.using
    first = me.first_member
    taste = ctx.world.taste[me.group]
    others = (
        (now & ~ctx.world.platform[p].next_door if by_vpn else now | first)
        & ctx.world.platform[p].akin
        & ~bit
    )
    left_now = 1.0
    if by_vpn:
        left_now = left_next_door(i, p, now, ctx) * left_elsewhere(i, p, ctx)
    left_first = 1.0
    met = 0
    for t in range(size if others != 0 else 0):
        scratch.there[t] = scratch.weight[t] if scratch.held_first[t] & bit else 0
        met += scratch.there[t]
    prior = ctx.rules.choice_audience_prior * FRIEND
    while others != 0:
        q = lowest(others)
        others &= others - 1
        if by_vpn and not opens_directly(i, q, ctx):
            continue
        close = _replaceable(p, q, ctx)
        there_now = 0
        there_first = 0
        for t in range(size):
            there_now += scratch.there[t] if scratch.used[t] & (1 << q) else 0
            there_first += scratch.there[t] if scratch.held_first[t] & (1 << q) else 0
        seen = max(ctx.rules.choice_discovery, taste[q].penetration)
        audience = seen * ctx.today.crowd[me.group, q].audience
        breadth = 1.0 - share
        if taste[p].penetration > audience:
            breadth *= math.pow(audience / taste[p].penetration, ctx.rules.choice_audience_power)
        if now & (1 << q):
            left_now *= 1.0 - close * (
                breadth + share * ((prior * seen + there_now) / (prior + met))
            )
        if first & (1 << q):
            left_first *= 1.0 - close * (
                breadth + share * ((prior * seen + there_first) / (prior + met))
            )
    return left_now if by_vpn else left_now / max(LEAST_LEFT, left_first)


@part
def can_take_up(i: int, q: int, device: int, has_vpn: bool, ctx: VisitContext) -> bool:
    """Return whether a person can install a platform and would find it worth having in its state
    today.
    """
    if ctx.world.apple_only & (1 << q) and device != 0:
        return False
    if not (has_vpn or can_reinstall(i, q, device, ctx)):
        return False
    worth = taste_value(i, q, ctx)
    best = direct_value(i, q, worth, ctx)
    if has_vpn:
        best = max(best, workaround_value(i, q, worth, ctx))
    return best >= outside_option(i, q, ctx)


@leaf
def has_heard(i: int, q: int, news: float, ctx: VisitContext) -> bool:
    """Return whether a person has heard of a platform outside the circle: earlier, or by
    ``news``.
    """
    u = uniform(ctx.keys.knows, i, q)
    known = ctx.world.taste[ctx.people[i].group, q].known
    # The chance is at most the sum of both, so most of the time the exponential is not needed.
    return u <= known + news + SLACK and u < 1.0 - (1.0 - known) * math.exp(-news)


@part
def screen_by_draw(
    v: Visitor,
    platforms: int,
    n_lost: int,
    days: float,
    pace: JoinHazards,
    ctx: VisitContext,
    scratch: Scratch,
) -> int:
    """Return those of some platforms (bits) that a person could join today if the whole circle were
    on them.

    Today's draw excludes the others, so their circle need not be counted. Arguments are those of
    `take_up_substitutes`.
    """
    rules = ctx.rules
    possible = int64(0)
    while platforms != 0:
        q = lowest(platforms)
        platforms &= platforms - 1
        push, _ = _push(v.i, q, n_lost, ctx, scratch)
        hazard = push * (pace.wave + rules.choice_join_rate * days)
        if pace.bursts:
            hazard += (max(pace.messenger, pace.feed) + pace.dormant) * min(1.0, push / CLOSEST)
        hazard *= trust_in(v.i, q, ctx) * ctx.world.taste[ctx.people[v.i].group, q].unsaturated
        if push > 0.0 and uniform(ctx.keys.join, v.i, q) <= hazard * ROUNDING + SLACK:
            possible |= int64(1) << q
    return possible


@part
def take_up_substitutes(
    v: Visitor,
    platforms: int,
    n_lost: int,
    days: float,
    pace: JoinHazards,
    ctx: VisitContext,
    out: Outcome,
    scratch: Scratch,
) -> int:
    """Let a person join some platforms (bits) as substitutes for lost ones; return the first day on
    which a trial may end.

    ``scratch.lost[:n_lost]`` are the lost platforms, ``scratch.need`` is the need to replace each,
    0 to 1, and ``days`` the time since the last visit.
    """
    group = ctx.people[v.i].group
    row = out.row[v.k]
    act = out.act[v.k]
    wake = NEVER
    left = platforms & ~row.member
    while left != 0:
        q = lowest(left)
        left &= left - 1
        push, by = _push(v.i, q, n_lost, ctx, scratch)
        if push <= 0.0 or not (scratch.met[q] > 0 or _is_around(v.i, q, ctx)):
            continue
        news = ctx.rules.wave_news * max(
            ctx.today.crowd[group, q].wave, ctx.today.crowd[group, q].led
        )
        hazard = push * _wave(v.i, scratch.fresh[q], pace, ctx)
        if scratch.met[q] > 0.0 or has_heard(v.i, q, news, ctx):
            hazard += _hazard(v.i, q, by, push, days, pace, ctx, scratch)
        hazard *= trust_in(v.i, q, ctx) * ctx.world.taste[group, q].unsaturated
        if happens(uniform(ctx.keys.join, v.i, q), hazard) and can_take_up(
            v.i, q, v.device, v.has_vpn, ctx
        ):
            act.joined |= int64(1) << q
            act.source = by
            row.trial |= int64(1) << q
            wait = -math.log(1.0 - uniform(ctx.keys.trial, v.i, q)) * ctx.rules.trial_days
            wake = min(wake, ctx.today.day + 1 + int(wait))
    return wake


@leaf
def _is_around(i: int, q: int, ctx: VisitContext) -> bool:
    """Return whether a person can find a platform: people around use it, authors went there, or the
    state promotes it.

    Nobody finds a platform almost without users, whatever closes; if many people move there,
    contacts are the first sign.
    """
    me = ctx.people[i]
    if ctx.today.crowd[me.group, q].led > 0.0:
        return True
    return (ctx.world.around[me.group] | ctx.today.pushed[me.state]) >> q & 1 == 1


@leaf
def _push(i: int, q: int, n_lost: int, ctx: VisitContext, scratch: Scratch) -> tuple[float, int]:
    """Return the push to a platform by all losses, at most 1, and the lost platform with the
    strongest push; -1 for none.

    If the platform is also threatened, only need above its own threat counts.
    """
    world = ctx.world
    push = 0.0
    most = 0.0
    by = -1
    feared = ctx.access[ctx.people[i].state, q].threat
    for a in range(n_lost):
        this = world.platform[scratch.lost[a]].pull[world.platform[q].kind] * (
            scratch.need[a] - feared
        )
        if this > 0.0:
            push += this
            if this > most:
                most = this
                by = scratch.lost[a]
    return min(1.0, push), by


@leaf
def trust_in(i: int, q: int, ctx: VisitContext) -> float:
    """Return the factor on the hazard of adopting a platform: below 1 if the state promotes it
    [1].
    """
    return (
        ctx.rules.choice_champion_trust if ctx.today.pushed[ctx.people[i].state] & (1 << q) else 1.0
    )


@leaf
def join_hazards(age: float, days: float, rules: Rules) -> JoinHazards:
    """Return the hazards accumulated in the ``days`` since the last visit, ``age`` days after the
    loss.
    """
    began = max(0.0, age - days)
    messenger = feed = dormant = 0.0
    bursts = age < BURST_OVER * rules.burst_days
    if bursts:
        spent = math.exp(-began / rules.burst_days) - math.exp(-age / rules.burst_days)
        # The periods in which the sizes apply: a messenger's rivals gain on the first day, a feed's
        # within a week.
        messenger = rules.burst_messenger * spent / (1.0 - math.exp(-1.0 / rules.burst_days))
        feed = rules.burst_feed * spent / (1.0 - math.exp(-7.0 / rules.burst_days))
        dormant = rules.burst_dormant_wakes * (
            math.exp(-began / DORMANT_DAYS) - math.exp(-age / DORMANT_DAYS)
        )
    spent = math.exp(-began / rules.wave_days) - math.exp(-age / rules.wave_days)
    return JoinHazards(bursts, messenger, feed, dormant, rules.wave_rate * rules.wave_days * spent)


@leaf
def _hazard(
    i: int,
    q: int,
    by: int,
    push: float,
    days: float,
    pace: JoinHazards,
    ctx: VisitContext,
    scratch: Scratch,
) -> float:
    """Return the hazard, since the last look, of joining a known platform: word of mouth, burst,
    dormant account.
    """
    rules = ctx.rules
    me = ctx.people[i]
    use = ctx.world.taste[me.group, q].penetration
    hazard = rules.choice_join_rate * push * scratch.share[q] * days
    if pace.bursts:
        is_talk = ctx.world.talk_bits >> by & 1 == 1 and ctx.world.platform[by].tie_share > 0.5
        hazard += (pace.messenger if is_talk else pace.feed) * min(1.0, push / CLOSEST)
        if use < 1.0 and uniform(ctx.keys.dormant, i, q) < rules.burst_dormant_share * use / (
            1.0 - use
        ):
            hazard += pace.dormant * min(1.0, push / CLOSEST)
    return hazard


@leaf
def _wave(i: int, fresh: float, pace: JoinHazards, ctx: VisitContext) -> float:
    """Return the hazard since the last visit of following newcomers, who are a share ``fresh`` of
    the people looking.

    Either each newcomer convinces others with some probability, or a person follows if enough
    contacts did.
    """
    rules = ctx.rules
    if fresh <= 0.0:
        return 0.0
    if rules.wave_threshold > 0.0:
        fresh = 1.0 if fresh >= rules.wave_threshold * uniform(ctx.keys.follow, i) else 0.0
    return pace.wave * fresh


@part
def end_trials(
    v: Visitor,
    only: int,
    n_lost: int,
    days: float,
    ctx: VisitContext,
    out: Outcome,
    scratch: Scratch,
) -> int:
    """End due trials; keep an account if needed or if contacts use it. Return when the next trial
    may end.

    ``only`` are the platforms that are the only channel to some kin abroad (bits); these are
    kept.
    """
    rules = ctx.rules
    wake = NEVER
    row = out.row[v.k]
    trials = row.trial & ctx.people[v.i].trial
    while trials != 0:
        q = lowest(trials)
        trials &= trials - 1
        bit = int64(1) << q
        if uniform(ctx.keys.settle, v.i, q) >= 1.0 - math.exp(-days / rules.trial_days):
            wake = min(wake, ctx.today.day + 1 + int(rules.trial_days))
            continue
        row.trial &= ~bit
        push = 0.0
        if n_lost > 0:
            push, _ = _push(v.i, q, n_lost, ctx, scratch)
        least = (
            rules.trial_keep_messenger
            if ctx.world.platform[q].tie_share > 0.5
            else rules.trial_keep_feed
        )
        kept = least + (1.0 - least) * min(1.0, scratch.share[q] / rules.trial_circle)
        kept = 1.0 - (1.0 - kept) * (1.0 - rules.trial_push * push)
        if push <= 0.0:
            kept *= 0.5  # assumption, as in a prototype: half as many keep an unneeded account
        if (
            not only & bit
            and uniform(ctx.keys.settle, v.i, 64 + q) >= kept
            and not is_kept(v.i, bit, ctx)
        ):
            give_up(v, bit, ctx, out)
    return wake


def newcomers_share(newcomers: np.ndarray, losers: np.ndarray, platform: Rows) -> np.ndarray:
    """Return newcomers to each platform per person who looks for a similar one, at most 1.

    The people who look for a platform are the users of one lost platform: the one from which most
    look for such a platform.

    Parameters
    ----------
    newcomers : numpy.ndarray, shape (states, platforms)
        People with a new account that is on trial [persons].
    losers : numpy.ndarray, shape (states, platforms)
        People who have lost a part of each platform [persons].
    platform : numpy.ndarray of PLATFORM, shape (platforms,)
        Platforms, whose pull gives the share of their losers who look for another one.

    Returns
    -------
    numpy.ndarray, shape (states, platforms)
        0 if nobody looks for such a platform.
    """
    likeness = np.minimum(1.0, platform["pull"][:, platform["kind"]] / CLOSEST)
    looking = np.zeros(newcomers.shape)
    for p in np.flatnonzero(losers.any(axis=0)):
        np.maximum(looking, losers[:, p, None] * likeness[p], out=looking)
    return np.minimum(
        1.0, np.divide(newcomers, looking, out=np.zeros(newcomers.shape), where=looking > 0.0)
    )

"""The visit of one person, and the kernel that visits everyone who has something to decide.

A visit reads yesterday's condition of all people and writes only the row of its own person. People can therefore be
visited in any order and by any number of threads with the same outcome.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import boolean, int64

from sim.chance import uniform
from sim.kernels import fetch_soon, inlined, kernel, leaf, lowest, part
from sim.people.choice import (
    SLACK,
    chance_of_use,
    comes_back,
    happens,
    is_returner,
    lapses,
    next_review,
    sessions_freed,
    share_time,
    tires,
)
from sim.people.circumvention import (
    NO_WAY,
    app_life,
    app_lost,
    can_reinstall,
    device_of,
    direct_value,
    in_store,
    keep_vpn,
    look_for_vpn,
    open_worth,
    workaround_value,
)
from sim.people.kernel_types import (
    FULL,
    NEVER,
    Columns,
    Outcome,
    PrivateState,
    Rows,
    Scratch,
    VisitContext,
    Visitor,
)
from sim.people.state import lapse_day_of, load_private
from sim.people.substitution import (
    ROUNDING,
    can_take_up,
    contacts_on,
    end_trials,
    marginal_value_share,
    pace_of,
    screen_by_draw,
    similar_platforms,
    take_up_substitutes,
    trust_in,
    unsubstituted_share,
)
from sim.people.value import find_circle, liveliness, outside_option, round_up_to_8, taste_value

NEEDY = 0.02  # a loss of value up to this leaves a person calm (assumption)


class Look(NamedTuple):
    """The view of a person on one platform, in marginal feed users' value."""

    first_worth: float  # on the first day
    worth: float  # now, if it worked fully
    without: float  # below this, doing without is better
    direct: float  # opened directly, or NO_WAY
    around: float  # opened by VPN, or NO_WAY; also for people without one, because few of them need its value
    best: float  # the better way that this person has
    keeping: float  # the same given the alternatives: the platform is kept while this is at least `without`
    eased: float  # share of the worth that the way leaves, if everybody were still there [1]
    left: float  # share of the worth of a platform used by VPN that remains beside those that open without one [1]
    app_day: int  # day on which the app will stop working


@leaf
def look_at(v: Visitor, p: int, found: Any, only: int, ctx: VisitContext, out: Outcome, scratch: Scratch) -> Look:
    """Find what a platform is worth to a person, and by which way; note an app that has stopped working.

    ``only`` are the platforms that are the only channel to somebody of the person's kin abroad (bits).
    """
    access, world, people, rules, keys = ctx.access, ctx.world, ctx.people, ctx.rules, ctx.keys
    i, bit = v.i, 1 << p
    first_worth = taste_value(i, p, world, people, rules, keys)
    met = liveliness(found, ctx.today.audience[people[i].group, p], rules)
    share = world.platform[p].tie_share
    gross = first_worth
    if people[i].first_member & bit:
        gross = open_worth(i, p, first_worth, access, world, people, rules, keys)
    worth = gross * ((1.0 - share) + share * met)
    app_day = _check_app(v, p, ctx, out)
    direct = direct_value(i, p, worth, access, world, people, rules, keys)
    around = workaround_value(i, p, worth, access, people, rules, keys) if v.has_vpn else NO_WAY
    if out.private[v.k].uninstalled & bit and not can_reinstall(i, p, v.device, access, people, rules, keys):
        direct = NO_WAY
    best = max(direct, around) if v.has_vpn else direct
    keeping, eased, left_by_vpn = best, min(1.0, max(0.0, best / first_worth)), 1.0
    if 0.0 < best < (1.0 - NEEDY) * first_worth:
        # The only channel to kin abroad is kept for as long as it works well enough.
        by_vpn, needed = v.has_vpn and around > direct, only & bit != 0
        if by_vpn:
            left_by_vpn = (
                1.0
                if needed
                else marginal_value_share(i, p, by_vpn, ctx.today.audience, access, world, people, rules, keys, scratch)
            )
            keeping = workaround_value(i, p, gross * left_by_vpn, access, people, rules, keys) / rules.drop_by_vpn
            eased = workaround_value(i, p, gross, access, people, rules, keys) / first_worth
        if direct > 0.0:
            # A platform that still opens takes no effort, so it is dropped only if it adds little to the others.
            left = (
                1.0
                if needed
                else marginal_value_share(
                    i, p, boolean(False), ctx.today.audience, access, world, people, rules, keys, scratch
                )
            )
            kept = direct_value(i, p, gross * left, access, world, people, rules, keys) / rules.drop_below
            keeping = max(keeping, kept) if by_vpn else kept
            eased = eased if by_vpn else direct_value(i, p, gross, access, world, people, rules, keys) / first_worth
    without = outside_option(i, p, world, people)
    return Look(first_worth, worth, without, direct, around, best, keeping, eased, left_by_vpn, app_day)


@leaf
def _check_app(v: Visitor, p: int, ctx: VisitContext, out: Outcome) -> int:
    """Mark an app that has stopped working, or can be had again; return the day on which it will stop."""
    bit, me = 1 << p, ctx.people[v.i]
    cell = ctx.access[me.state, p]
    hazard = cell.install_hazard[v.device]
    if hazard <= 0.0 or in_store(v.i, p, v.device, ctx.access, ctx.people, ctx.keys):
        out.private[v.k].uninstalled &= ~bit
        return NEVER
    if app_lost(v.i, p, v.device, ctx.access, ctx.people, ctx.keys):
        out.private[v.k].uninstalled |= bit
        return NEVER
    rate = cell.install_rate[v.device]
    if not me.member & bit or rate <= 0.0:
        return NEVER
    left = app_life(v.i, p, ctx.keys) - hazard
    return ctx.today.day + max(1, math.ceil(left / rate))


SURPLUS_UNITS = 64.0


AHEAD, FAR = 2, 6
"""Visits between fetching a circle, and what says who is in it, and using them.

In a world of a million, a visit takes a seventh longer with ``AHEAD`` of one, and a twentieth longer without ``FAR``.
More of either saves nothing.
"""

CONTACTS_A_LINE = 16
"""Contacts in 64 bytes, a line of the cache; few people have more than two lines of them."""

MOST_DAYS = 60
"""Days since the last look that count at most (assumption)."""


@kernel
def visit_all(due: np.ndarray, first: int, last: int, ctx: VisitContext, out: Outcome, scratch: Scratch) -> None:
    """Visit the people ``due[first:last]``."""
    for k in range(first, last):
        i = due[k]
        if k + FAR < last:
            _fetch_person_soon(due[k + FAR], ctx.world, ctx.people, ctx.private)
        if k + AHEAD < last:
            _fetch_circle_soon(due[k + AHEAD], ctx.world, ctx.people)
        out.row[k] = ctx.people[i]
        load_private(i, k, ctx.people, ctx.private, out.private, out.use)
        out.act[k].joined, out.act[k].source, out.act[k].again, out.act[k].wake = 0, -1, 0, ctx.agenda.wake[i]
        device = device_of(i, ctx.world, ctx.people, ctx.keys)
        has_vpn, is_review = ctx.people[i].vpn > 0, ctx.agenda.wake[i] <= ctx.today.day
        _visit(Visitor(i, k, device, has_vpn, is_review), ctx, out, scratch)


@leaf
def _fetch_circle_soon(i: int, world: Columns, people: Rows) -> None:
    """Have the rows of a person's circle fetched meanwhile: to wait for them takes half the time of a large world."""
    for e in range(world.start[i], world.start[i + 1]):
        fetch_soon(people, world.packed[e] >> 1)


@leaf
def _fetch_person_soon(i: int, world: Columns, people: Rows, private: PrivateState) -> None:
    """Have a person's rows and list of contacts fetched meanwhile."""
    fetch_soon(people, i)
    fetch_soon(world.packed, world.start[i])
    fetch_soon(world.packed, world.start[i] + CONTACTS_A_LINE)
    if private.at[i] >= 0:
        fetch_soon(private.row, private.at[i])
        fetch_soon(private.use, private.at[i])


@inlined
def _visit(v: Visitor, ctx: VisitContext, out: Outcome, scratch: Scratch) -> None:
    """Let one person look at every platform on which something differs, then act."""
    me, today = ctx.people[v.i], ctx.today
    # A literal 0 or False has another type, for which the callees would be compiled again.
    n_looked, n_lost, lost = int64(0), int64(0), int64(0)
    vpn_is_used, is_closed, returning = boolean(False), boolean(False), boolean(False)
    freed, surplus, wake = 0.0, 0.0, NEVER
    looked = differs = (today.touched[me.group] | ctx.agenda.circle_changed[v.i]) & (me.member | me.lapsed)
    while differs != 0:
        scratch.looked[n_looked] = lowest(differs)
        n_looked += 1
        differs &= differs - 1
    only, holders = find_circle(v.i, n_looked, ctx.world, ctx.people, ctx.rules.kin, scratch)
    days = min(MOST_DAYS, max(1, today.day + 1 - me.seen)) if me.seen > 0 else 1
    for a in range(n_looked):
        p = scratch.looked[a]
        look = look_at(v, p, scratch.circle[a], only, ctx, out, scratch)
        bit = int64(1) << p
        returning |= _decide(v, p, look, days, ctx, out)
        loss, gain, gained = compute_loss(v, p, look, ctx, out, scratch)
        if me.first_member & bit:
            freed += sessions_freed(scratch.kept[p], ctx.world.platform[p].habit)
        surplus += gained
        wake = min(wake, look.app_day)
        is_closed |= look.direct < look.without
        vpn_is_used |= v.has_vpn and look.around > look.direct and out.row[v.k].using & bit != 0
        if loss > 0.0:
            scratch.lost[n_lost], scratch.need[n_lost], scratch.gain[n_lost] = p, loss, gain
            n_lost += 1
            lost |= bit if loss > ctx.access[me.state, p].threat else 0
    out.private[v.k].surplus = int(surplus * SURPLUS_UNITS)
    days = update_loss_state(v, n_lost, lost, days, ctx, out)
    if n_lost > 0 or me.trial != 0:
        wake = min(wake, substitute_losses(v, n_lost, only, holders, days, ctx, out, scratch))
    if v.has_vpn and me.vpn == 2:
        wake = min(wake, keep_vpn(v, vpn_is_used, is_closed, ctx, out))
    if v.is_review and out.act[v.k].joined == 0 and today.pushed[me.state] & ~(me.member | me.lapsed):
        adopt_promoted(v, ctx, out)
    if v.is_review and n_lost == 0:
        _follow_the_circle(v, ctx, out, scratch)
    new = out.row[v.k].using & ~me.first_member
    if new != 0:
        unseen = new & ~looked
        while unseen != 0:
            scratch.kept[lowest(unseen)] = 1.0
            unseen &= unseen - 1
        share_time(new, freed, scratch.kept, ctx.world, ctx.rules, out.use[v.k])
    out.act[v.k].felt = looked | new | out.act[v.k].joined
    _plan(v, returning, wake, ctx, out)


@leaf
def update_loss_state(v: Visitor, n_lost: int, lost: int, days: int, ctx: VisitContext, out: Outcome) -> int:
    """Note since when a person has had what losses (``lost``, bits); return the days that this look stands for."""
    private, today = out.private[v.k], ctx.today.day
    if n_lost == 0:
        out.private[v.k].hit_day = 0
    elif lost & ~private.lost != 0 or private.hit_day == 0:
        out.private[v.k].hit_day = today + 1
        days = 1
    out.private[v.k].lost, out.row[v.k].seen = lost, today + 1
    return days


@part
def substitute_losses(
    v: Visitor, n_lost: int, only: int, holders: float, days: int, ctx: VisitContext, out: Outcome, scratch: Scratch
) -> int:  # fmt: skip
    """Make up for what is lost: by a VPN, by substitutes; settle trials. Return when there is more to do.

    ``only`` are the platforms that are the only channel to somebody of the kin abroad (bits), ``holders`` is the share
    of contacts who have a VPN.
    """
    lost_bits, gains, vpn_gain, wake = int64(0), boolean(False), 0.0, NEVER
    for a in range(n_lost):
        lost_bits |= int64(1) << scratch.lost[a]
        gains |= scratch.gain[a] > 0.0
    row, me, akin = out.row[v.k], ctx.people[v.i], similar_platforms(lost_bits, ctx.world)
    days_lost = float(ctx.today.day + 2 - out.private[v.k].hit_day)
    pace = pace_of(days_lost, float(days), ctx.rules)
    # Platforms that are neither held nor given up may be joined, and platforms in use may replace a loss.
    open_to_me = akin & ctx.world.reads[me.group] & ~me.lapsed
    fresh = screen_by_draw(v, open_to_me & ~row.member, n_lost, float(days), pace, scratch, ctx)
    fresh |= open_to_me & row.trial  # one that is given up below may be joined again
    asked = fresh | row.trial | (akin & row.using if gains else 0)
    contacts_on(v.i, lost_bits, asked, ctx.today.wave, ctx.world, ctx.people, ctx.rules, scratch)
    if me.trial != 0:
        wake = end_trials(v, only, n_lost, days, scratch, ctx, out)
    if n_lost == 0:
        return wake
    for a in range(n_lost if gains else 0):
        scratch.gain[a] *= unsubstituted_share(
            scratch.lost[a], out.row[v.k].using, scratch.company, ctx.world, ctx.rules
        )
        vpn_gain += scratch.gain[a]
    if not v.has_vpn:
        wake = min(wake, look_for_vpn(v, vpn_gain, holders, days, ctx, out))
        for a in range(n_lost if out.row[v.k].vpn == 2 else 0):
            if scratch.gain[a] >= outside_option(v.i, scratch.lost[a], ctx.world, ctx.people):
                bit = int64(1) << scratch.lost[a]
                out.row[v.k].member |= bit
                out.row[v.k].using |= bit
                out.row[v.k].lapsed &= ~bit
    wake = min(wake, take_up_substitutes(v, fresh, n_lost, float(days), pace, scratch, ctx, out))
    new = out.act[v.k].joined
    out.act[v.k].joined = 0
    _take_up(v.k, new, ctx.world, out)
    return wake


@leaf
def _decide(v: Visitor, p: int, look: Look, days: int, ctx: VisitContext, out: Outcome) -> bool:
    """Keep, try on, give up or take up again a platform; return whether the person is still to come back to it."""
    bit, me = int64(1) << p, ctx.people[v.i]
    if me.member & bit:
        _keep_or_lapse(v, p, look, ctx, out)
    elif me.first_member & bit and min(look.direct, look.keeping) >= look.without:
        away = ctx.today.day - lapse_day_of(v.i, ctx.private)
        if not is_returner(v.i, p, away, ctx.rules, ctx.keys):
            return False
        if not comes_back(v.i, p, 1 if ctx.today.changed[me.state] & bit else days, ctx.rules, ctx.keys):
            return True
        out.row[v.k].member |= bit
        out.row[v.k].using |= bit
        out.row[v.k].lapsed &= ~bit
    return False


@leaf
def _keep_or_lapse(v: Visitor, p: int, look: Look, ctx: VisitContext, out: Outcome) -> None:
    """Set whether a platform held is in use, failing, or given up."""
    bit, k = 1 << p, v.k
    if look.keeping > 0.0:
        out.row[k].using |= bit
    else:
        out.row[k].using &= ~bit
    if look.keeping >= look.without:
        out.private[k].stuck &= ~bit
        by_vpn = v.has_vpn and look.direct < look.without and not ctx.people[v.i].first_vpn
        if not (v.is_review and by_vpn and tires(v.i, p, look.left, ctx.rules, ctx.keys)):
            return
    elif not out.private[k].stuck & bit:
        out.private[k].stuck |= bit
        return
    else:
        worth = look.keeping if look.keeping > 0.0 else look.worth
        if not lapses(v.i, p, worth, look.without, ctx.rules, ctx.keys):
            return
    out.row[k].member &= ~bit
    out.row[k].using &= ~bit
    out.private[k].stuck &= ~bit
    out.row[k].lapsed |= bit
    out.private[k].lapse_day = ctx.today.day


@leaf
def compute_loss(
    v: Visitor, p: int, look: Look, ctx: VisitContext, out: Outcome, scratch: Scratch
) -> tuple[float, float, float]:
    """Return loss, gain of a VPN and value gained, and note how likely the platform is used today."""
    bit, me = 1 << p, ctx.people[v.i]
    in_use = out.row[v.k].using & bit != 0
    kept = max(0.0, look.best) / look.first_worth if in_use else 0.0
    scratch.kept[p] = kept
    out.use[v.k, p] = chance_of_use(kept, ctx.world.platform[p].habit) if in_use else 0
    gained = (
        _gained(p, look, in_use, out.row[v.k].using & ~me.first_member, ctx.world) if me.first_member & bit else 0.0
    )
    if out.row[v.k].member & bit:
        loss = 1.0 - min(1.0, look.eased) if in_use else 1.0
        loss = max(ctx.access[me.state, p].threat, loss if loss > NEEDY else 0.0)
        if look.app_day < NEVER:
            # It works, but is not in the stores any more; it is lost with the phone.
            rate = ctx.access[me.state, p].install_rate[v.device]
            loss = max(loss, 1.0 - math.exp(-rate * ctx.rules.foresight_days))
    elif me.first_member & bit and look.keeping < look.without:
        loss = 1.0  # given up, and missed for as long as it is closed
    else:
        return 0.0, 0.0, gained
    return loss, _gain_of_vpn(v, p, look, ctx) if loss > 0.0 and not v.has_vpn else 0.0, gained


@leaf
def _gain_of_vpn(v: Visitor, p: int, look: Look, ctx: VisitContext) -> float:
    """Return what a VPN would bring back of a platform to somebody who has none."""
    around = workaround_value(v.i, p, look.worth, ctx.access, ctx.people, ctx.rules, ctx.keys)
    return max(0.0, around - max(look.direct, 0.0)) if around >= look.without else 0.0


@leaf
def _gained(p: int, look: Look, in_use: bool, new: int, world: Columns) -> float:
    """Return the value gained since the first day on a platform held then, at most 0: less what substitutes replace.

    A substitute (``new``, bits) counts for what it replaces, not for its own worth: one could have had that without any
    loss. A contact who is met in one more place is no gain either.
    """
    gained = min(0.0, (look.best if in_use else 0.0) - look.first_worth)
    if gained < 0.0:
        for r in range(world.platform[p].levels):
            if new & world.platform[p].stand_ins[r]:
                return gained * (1.0 - world.platform[p].covered[r] / FULL)
    return gained


@part
def adopt_promoted(v: Visitor, ctx: VisitContext, out: Outcome) -> None:
    """Take up platforms that the state promotes, puts on new phones or makes compulsory."""
    me, rules = ctx.people[v.i], ctx.rules
    pushed = ctx.today.pushed[me.state] & ~(out.row[v.k].member | out.row[v.k].lapsed)
    for q in range(ctx.world.platform.size):
        if pushed & (1 << q):
            chance = 1.0 - math.exp(-ctx.access[me.state, q].push * rules.review_days)
            if uniform(ctx.keys.push, v.i, q) < chance:
                taken = can_take_up(v.i, q, v.device, v.has_vpn, ctx.access, ctx.world, ctx.people, rules, ctx.keys)
                if taken:
                    _join(v.k, 1 << q, ctx.world, out)


@part
def _follow_the_circle(v: Visitor, ctx: VisitContext, out: Outcome, scratch: Scratch) -> None:
    """Take up platforms that more of the circle use than on the first day, though nothing is missed."""
    me, world, rules = ctx.people[v.i], ctx.world, ctx.rules
    n_full = round_up_to_8(world.start[v.i + 1] - world.start[v.i])
    grown = ctx.agenda.circle_changed[v.i] & world.reads[me.group] & ~(me.member | me.lapsed | out.row[v.k].member)
    while grown != 0:
        q = lowest(grown)
        bit = int64(1) << q
        grown &= ~bit
        most = rules.join_rate * rules.bandwagon * rules.review_days * ROUNDING
        most *= trust_in(v.i, q, ctx) * world.taste[me.group, q].unsaturated
        u = uniform(ctx.keys.join, v.i, q)
        if u > most + SLACK:
            continue  # not even if the whole circle had moved there
        now, first, whole = 0, 0, 0
        for t in range(n_full):
            whole += scratch.weight[t]
            now += scratch.weight[t] if scratch.used[t] & bit else 0
            first += scratch.weight[t] if scratch.held_first[t] & bit else 0
        if now <= first:
            continue
        rate = rules.join_rate * rules.bandwagon * (now - first) / whole
        rate *= trust_in(v.i, q, ctx)
        rate *= world.taste[me.group, q].unsaturated
        if happens(u, rate * rules.review_days):
            if can_take_up(v.i, q, v.device, v.has_vpn, ctx.access, world, ctx.people, rules, ctx.keys):
                _join(v.k, bit, world, out)


@part
def _take_up(k: int, platforms: int, world: Columns, out: Outcome) -> None:
    """Add platforms to what a person holds and uses with kin abroad."""
    _join(k, platforms, world, out)
    out.row[k].abroad |= platforms


@part
def _join(k: int, platforms: int, world: Columns, out: Outcome) -> None:
    """Add platforms to what a person holds."""
    new = platforms & ~out.row[k].member
    out.act[k].joined |= new
    out.row[k].member |= new
    out.row[k].using |= new
    out.row[k].lapsed &= ~new
    while new != 0:
        q = lowest(new)
        out.use[k, q] = chance_of_use(1.0, world.platform[q].habit)
        new &= new - 1


@leaf
def _plan(v: Visitor, returning: bool, wake: int, ctx: VisitContext, out: Outcome) -> None:
    """Plan the next review: early while a platform fails or one is coming back, and when access changed today."""
    me, today, rules = ctx.people[v.i], ctx.today, ctx.rules
    alert = out.private[v.k].stuck != 0 or returning
    news = (me.member | me.lapsed) & today.changed[me.state] != 0
    if v.is_review or alert or news:
        mean = rules.alert_days if alert or news else rules.review_days
        planned = next_review(v.i, today.day, mean, ctx.keys.review)
        out.act[v.k].wake = planned if v.is_review else min(out.act[v.k].wake, planned)
    out.act[v.k].wake = max(today.day + 1, min(out.act[v.k].wake, wake))


VALUE_DTYPE = np.dtype(
    [
        ("direct", np.float64),  # value without a workaround; 0 or less where there is no way
        ("best", np.float64),  # by the better way that the person has
        ("without", np.float64),  # below this the person gives it up
        ("gone", np.int64),  # 1 where the app has left the phone
    ],
    align=True,
)
"""What a platform gives a person today [value of a marginal feed user]."""


@kernel
def look_back(
    who: np.ndarray, platform: np.ndarray, has_vpn: np.ndarray, ctx: VisitContext, out: Outcome, scratch: Scratch,
    found: Rows,
) -> None:  # fmt: skip
    """Find what platforms give people, by the ways that each has (in ``found``).

    ``who`` and ``platform`` are (looks,) int64, ``has_vpn`` (looks,) says who had a VPN this morning, ``found``
    (looks,) is of GIVEN. ``out`` is room to work in.
    """
    for k in range(who.size):
        i, p = who[k], platform[k]
        out.row[k] = ctx.people[i]
        load_private(i, k, ctx.people, ctx.private, out.private, out.use)
        scratch.looked[0] = p
        only, _ = find_circle(i, int64(1), ctx.world, ctx.people, ctx.rules.kin, scratch)
        device = device_of(i, ctx.world, ctx.people, ctx.keys)
        look = look_at(Visitor(i, k, device, has_vpn[k], False), p, scratch.circle[0], only, ctx, out, scratch)
        found[k].direct, found[k].best, found[k].without = look.direct, look.best, look.without
        found[k].gone = 1 if out.private[k].uninstalled & (1 << p) else 0

"""The visit of one person, and the kernel that visits everyone who has something to decide.

A visit reads yesterday's condition of all people and writes only the row of its own person. People
can therefore be visited in any order and by any number of threads with the same outcome.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numba import boolean, int64

from ..core.chance import uniform
from ..core.kernels import inlined, kernel, leaf, lowest, part, shared_out
from .choice import (
    SLACK,
    chance_of_use,
    comes_back,
    days_of_trying,
    give_up,
    happens,
    is_kept,
    is_returner,
    lapses,
    next_review,
    share_time,
    take_back,
    tires,
)
from .circumvention import (
    NO_WAY,
    app_life,
    can_reinstall,
    device_of,
    direct_value,
    in_store,
    keep_vpn,
    look_for_vpn,
    open_worth,
    use_by_vpn,
    vpn_cost,
    workaround_value,
)
from .events import GONE, TIRED, TOO_POOR, WORKS
from .events import NO_WAY as SHUT
from .kernel_types import (
    FULL,
    NEVER,
    Outcome,
    Scratch,
    VisitContext,
    Visitor,
    empty_outcome,
    empty_scratch,
)
from .state import begin_decision
from .substitution import (
    ROUNDING,
    added_share,
    can_take_up,
    contacts_on,
    end_trials,
    filled_share,
    join_hazards,
    marginal_value_share,
    screen_by_draw,
    similar_platforms,
    take_up_substitutes,
    trust_in,
    turns_elsewhere,
    unsubstituted_share,
)
from .value import circle_size, find_circle, liveliness, outside_option, taste_value

NEEDY = 0.02
"""Largest loss of value to which a person does not react (assumption)."""
SURPLUS_UNITS = 64.0
"""Units per marginal feed user's value, for counting gains and losses of value as integers."""
MOST_DAYS = 60
"""Most days since the last visit that count (assumption)."""
MANY_VISITS = 20_000
"""Number of visits a day from which several threads share them."""
AT_A_TIME = 2048
"""Visits in one piece of work for a thread."""


class Look(NamedTuple):
    """A person's assessment of one platform, in marginal feed users' value."""

    first_worth: float  # on the first day
    worth: float  # now, if it worked fully
    without: float  # below this, doing without is better
    direct: float  # opened directly, or NO_WAY
    # opened by VPN, or NO_WAY; also without a VPN, because few of these people need the value
    around: float
    best: float  # the better of the person's ways
    # `best` given the alternatives: the platform is kept while this is at least `without`
    keeping: float
    eased: float  # share of the worth that the way preserves, if everybody were still there [1]
    # share of the worth, by VPN, that remains beside platforms that open without one [1]
    left: float
    app_day: int  # day on which the app will stop working


@leaf
def look_at(
    v: Visitor, p: int, circle: Any, only: int, ctx: VisitContext, out: Outcome, scratch: Scratch
) -> Look:
    """Find the value of a platform to a person, and the way to it; note an app that has stopped
    working.

    ``circle`` is a row of `CIRCLE`; ``only`` are the platforms that are the only channel to
    somebody of the person's kin abroad (bits).
    """
    i = v.i
    bit = 1 << p
    me = ctx.people[v.i]
    share = ctx.world.platform[p].tie_share
    first_worth = gross = taste_value(i, p, ctx)
    if me.first_member & bit:
        gross = open_worth(i, p, first_worth, ctx)
    worth = gross * (
        (1.0 - share) + share * liveliness(circle, ctx.today.crowd[me.group, p].audience, ctx)
    )
    app_day = _check_app(v, p, ctx, out)
    direct = direct_value(i, p, worth, ctx)
    around = workaround_value(i, p, worth, ctx) if v.has_vpn else NO_WAY
    if ctx.private[v.i].uninstalled & bit and not can_reinstall(i, p, v.device, ctx):
        direct = NO_WAY
    best = max(direct, around) if v.has_vpn else direct
    keeping = best
    eased = min(1.0, max(0.0, best / first_worth))
    left_by_vpn = 1.0
    if 0.0 < best < (1.0 - NEEDY) * first_worth:
        # The only channel to kin abroad is kept for as long as it works well enough.
        by_vpn = v.has_vpn and around > direct
        needed = only & bit != 0
        if by_vpn:
            left_by_vpn = 1.0 if needed else marginal_value_share(i, p, by_vpn, ctx, scratch)
            keeping = (
                workaround_value(i, p, gross * left_by_vpn, ctx) / ctx.rules.choice_drop_by_vpn
            )
            eased = workaround_value(i, p, gross, ctx) / first_worth
        if direct > 0.0:
            # A platform that still opens takes no effort, so people drop it only if it adds little.
            left = 1.0 if needed else marginal_value_share(i, p, boolean(False), ctx, scratch)
            kept = direct_value(i, p, gross * left, ctx) / ctx.rules.choice_drop_below
            keeping = max(keeping, kept) if by_vpn else kept
            eased = eased if by_vpn else direct_value(i, p, gross, ctx) / first_worth
    without = outside_option(i, p, ctx)
    return Look(
        first_worth, worth, without, direct, around, best, keeping, eased, left_by_vpn, app_day
    )


@leaf
def _check_app(v: Visitor, p: int, ctx: VisitContext, out: Outcome) -> int:
    """Mark an app that has stopped working, or is available again; return the day on which it will
    stop.
    """
    bit = 1 << p
    me = ctx.people[v.i]
    private = ctx.private[v.i]
    cell = ctx.access[me.state, p]
    hazard = cell.install_hazard[v.device]
    rate = cell.install_rate[v.device]
    if hazard <= 0.0 or in_store(v.i, p, v.device, ctx):
        private.uninstalled &= ~bit
        return NEVER
    # The app is lost with a replaced phone or an outdated version, some time after it left the
    # store.
    left = app_life(v.i, p, ctx) - hazard
    if app_life(v.i, p, ctx) <= hazard:
        private.uninstalled |= bit
        return NEVER
    if not me.member & bit or rate <= 0.0:
        return NEVER
    return ctx.today.day + max(1, math.ceil(left / rate))


class Sum(NamedTuple):
    """Values behind a person's decision about one platform, in addition to `Look`;
    `splinternet.engine.explain` shows them.
    """

    gross: float  # worth of a platform held since the first day, if nothing were closed
    liveliness: float  # audience and circle relative to the first day, at most 1.5 [1]
    left: float  # share that others in use do not replace, by the chosen way [1]
    by_vpn: float  # opened by VPN, whether the person has one or not, or NO_WAY
    trying_days: float  # mean time until the person gives up, from the second look on [days]
    holders: float  # share of the circle who have a VPN [1]
    vpn_cost: float  # cost of getting a VPN [value]
    is_only: int  # 1 for the only channel to some kin abroad


@kernel
def weigh(i: int, p: int, ctx: VisitContext, out: Outcome, scratch: Scratch) -> tuple[Look, Sum]:
    """Let a person look at one platform, and return the look and the values behind it.

    The look writes into ``ctx.private`` and ``out``, so pass copies.
    """
    begin_decision(i, 0, ctx, out)
    has_vpn = ctx.people[i].vpn > 0
    is_review = ctx.agenda.wake[i] <= ctx.today.day
    v = Visitor(i, 0, device_of(i, ctx), has_vpn, is_review, ctx.private[i].lapse_day)
    scratch.looked[0] = p
    only, holders = find_circle(i, 1, ctx, scratch)
    found = look_at(v, p, scratch.circle[0], only, ctx, out, scratch)
    me = ctx.people[i]
    bit = int64(1) << p
    gross = found.first_worth
    if me.first_member & bit:
        gross = open_worth(i, p, found.first_worth, ctx)
    around = workaround_value(i, p, found.worth, ctx)
    by_vpn = has_vpn and around > found.direct
    left = 1.0
    if only & bit == 0 and found.best > 0.0:
        left = marginal_value_share(i, p, by_vpn, ctx, scratch)
    worth = found.keeping if found.keeping > 0.0 else found.worth
    return found, Sum(
        gross,
        liveliness(scratch.circle[0], ctx.today.crowd[me.group, p].audience, ctx),
        left,
        around,
        days_of_trying(i, worth, found.without, ctx),
        holders,
        vpn_cost(i, holders, ctx),
        1 if only & bit != 0 else 0,
    )


@dataclass
class Workspace:
    """Working memory of phases, kept because allocation is slow; no day reads another day's
    contents.

    Attributes
    ----------
    due : numpy.ndarray of int32, shape (people,)
        People to visit.
    outcome : Outcome
        The visitors' decisions.
    mark : numpy.ndarray of uint8, shape (people with kin abroad,)
    most_ties : int
        The largest number of ties of a person.
    """

    due: np.ndarray
    outcome: Outcome
    mark: np.ndarray
    most_ties: int

    def grow(self, visitors: int) -> None:
        """Make room for the decisions of a number of people."""
        if len(self.outcome.row) < visitors:
            self.outcome = empty_outcome(visitors, self.outcome.cause.shape[1])


def visit_people(due: np.ndarray, ctx: VisitContext, workspace: Workspace, threads: int) -> None:
    """Let the people ``due`` decide, part by part, on several threads if they are many.

    Nobody sees others' decisions of today, so ``workspace.outcome`` is the same for any number of
    threads.
    """
    threads = threads if len(due) >= MANY_VISITS else 1
    workspace.grow(len(due))

    def visit(first: int, last: int) -> None:
        scratch = empty_scratch(ctx.world.platform.size, workspace.most_ties)
        visit_all(
            due[first:last],
            ctx,
            Outcome(*(column[first:last] for column in workspace.outcome)),
            scratch,
        )

    shared_out(threads, len(due), AT_A_TIME, visit)


@kernel
def visit_all(due: np.ndarray, ctx: VisitContext, out: Outcome, scratch: Scratch) -> None:
    """Visit the people ``due``, and write their decisions into the same rows of ``out``."""
    for k in range(due.size):
        i = due[k]
        begin_decision(i, k, ctx, out)
        has_vpn = ctx.people[i].vpn > 0
        is_review = ctx.agenda.wake[i] <= ctx.today.day
        _visit(
            Visitor(i, k, device_of(i, ctx), has_vpn, is_review, ctx.private[i].lapse_day),
            ctx,
            out,
            scratch,
        )


@inlined
def _visit(v: Visitor, ctx: VisitContext, out: Outcome, scratch: Scratch) -> None:
    """Let one person look at every platform on which something differs, then act."""
    me = ctx.people[v.i]
    today = ctx.today
    # A literal 0 or False has another type, which would need another compilation.
    n_looked = int64(0)
    n_lost = int64(0)
    lost = int64(0)
    vpn_is_used = boolean(False)
    is_closed = boolean(False)
    returning = boolean(False)
    freed = 0.0
    surplus = 0.0
    wake = NEVER
    differs = today.drifted[me.group] | today.differs[me.state] | ctx.agenda.circle_changed[v.i]
    looked = differs = differs & (me.member | me.lapsed)
    while differs != 0:
        scratch.looked[n_looked] = lowest(differs)
        n_looked += 1
        differs &= differs - 1
    only, holders = find_circle(v.i, n_looked, ctx, scratch)
    days = min(MOST_DAYS, max(1, today.day + 1 - me.seen)) if me.seen > 0 else 1
    for a in range(n_looked):
        p = scratch.looked[a]
        look = look_at(v, p, scratch.circle[a], only, ctx, out, scratch)
        bit = int64(1) << p
        out.cause[v.k, p] = _cause_of(look, ctx.private[v.i].uninstalled & bit != 0)
        returning |= _decide(v, p, look, days, ctx, out)
        loss, gain, gained = compute_loss(v, p, look, ctx, out, scratch)
        if me.first_member & bit:
            freed += ctx.world.platform[p].habit * max(0.0, 1.0 - scratch.kept[p])  # sessions a day
        surplus += gained
        wake = min(wake, look.app_day)
        is_closed |= look.direct < look.without
        vpn_is_used |= v.has_vpn and look.around > look.direct and out.row[v.k].using & bit != 0
        if loss > 0.0:
            scratch.lost[n_lost] = p
            scratch.need[n_lost] = loss
            scratch.gain[n_lost] = gain
            n_lost += 1
            lost |= bit if loss > ctx.access[me.state, p].threat else 0
    ctx.private[v.i].surplus = int(surplus * SURPLUS_UNITS)
    days = update_loss_state(v, n_lost, lost, days, ctx, out)
    if n_lost > 0 or me.trial != 0:
        wake = min(wake, substitute_losses(v, n_lost, only, holders, days, ctx, out, scratch))
    if v.has_vpn and me.vpn == 2:
        wake = min(wake, keep_vpn(v, vpn_is_used, is_closed, ctx, out))
    if (
        v.is_review
        and out.act[v.k].joined == 0
        and today.pushed[me.state] & ~(me.member | me.lapsed)
    ):
        adopt_promoted(v, ctx, out)
    if v.is_review and n_lost == 0:
        _follow_the_circle(v, ctx, out, scratch)
    _use_new(v, freed, looked, ctx, out, scratch)
    _plan(v, returning, wake, ctx, out)


@part
def _use_new(
    v: Visitor, freed: float, looked: int, ctx: VisitContext, out: Outcome, scratch: Scratch
) -> None:
    """Distribute the freed time to new platforms; platforms without a look keep their full
    value.
    """
    new = out.row[v.k].using & ~ctx.people[v.i].first_member
    if new == 0:
        return
    unseen = new & ~looked
    while unseen != 0:
        scratch.kept[lowest(unseen)] = 1.0
        unseen &= unseen - 1
    share_time(new, freed, scratch.kept, ctx.world, ctx.rules, ctx.use[v.i])


@leaf
def _cause_of(look: Look, is_gone: bool) -> int:
    """Return a person's finding about a platform, whose app may have left the phone, as an index in
    `CAUSES`.
    """
    if look.direct >= look.without:
        return WORKS
    if look.best >= look.without:
        return TIRED
    if look.best > 0.0:
        return TOO_POOR
    return GONE if is_gone else SHUT


@leaf
def update_loss_state(
    v: Visitor, n_lost: int, lost: int, days: int, ctx: VisitContext, out: Outcome
) -> int:
    """Update the start day of the current loss (``lost``, bits); return days since the last visit,
    1 for a new loss.
    """
    private = ctx.private[v.i]
    today = ctx.today.day
    if n_lost == 0:
        private.hit_day = 0
    elif lost & ~private.lost != 0 or private.hit_day == 0:
        private.hit_day = today + 1
        days = 1
    private.lost = lost
    out.row[v.k].seen = today + 1
    return days


@part
def substitute_losses(
    v: Visitor,
    n_lost: int,
    only: int,
    holders: float,
    days: int,
    ctx: VisitContext,
    out: Outcome,
    scratch: Scratch,
) -> int:
    """Replace losses by a VPN and by substitutes, and end trials; return the day of the next step.

    ``only`` are the platforms that are the only channel to some kin abroad (bits), ``holders`` is
    the share of contacts with a VPN.
    """
    lost_bits = int64(0)
    vpn_gain = 0.0
    wake = NEVER
    for a in range(n_lost):
        lost_bits |= int64(1) << scratch.lost[a]
    row = out.row[v.k]
    me = ctx.people[v.i]
    similar = similar_platforms(lost_bits, ctx)
    pace = join_hazards(float(ctx.today.day + 2 - ctx.private[v.i].hit_day), float(days), ctx.rules)
    # Platforms that are neither held nor given up may be joined, and platforms in use may replace a
    # loss.
    open_to_me = similar & ctx.world.takes[me.group] & ~me.lapsed
    fresh = screen_by_draw(v, open_to_me & ~row.member, n_lost, float(days), pace, ctx, scratch)
    fresh |= open_to_me & row.trial  # a trial that ends below may be joined again
    contacts_on(v.i, lost_bits, fresh | row.trial | (similar & row.using), ctx, scratch)
    if me.trial != 0:
        wake = end_trials(v, only, n_lost, float(days), ctx, out, scratch)
    if n_lost == 0:
        return wake
    for a in range(n_lost):
        # Platforms in use cover a loss first; a VPN is only for the rest.
        scratch.gain[a] *= unsubstituted_share(
            v.i, scratch.lost[a], row.using, scratch.company, ctx
        )
        vpn_gain += scratch.gain[a]
        # Time is limited: people whose new platforms fill it do not look further.
        new = row.using & ~me.first_member & ~row.trial & ~(int64(1) << scratch.lost[a])
        scratch.need[a] = max(
            0.0, scratch.need[a] - filled_share(scratch.lost[a], new, scratch.company, ctx)
        )
        scratch.need[a] *= 1.0 - turns_elsewhere(v.i, scratch.lost[a], ctx)
    if not v.has_vpn:
        wake = min(wake, look_for_vpn(v, vpn_gain, holders, days, ctx, out))
        for a in range(n_lost if row.vpn == 2 else 0):
            if scratch.gain[a] >= outside_option(v.i, scratch.lost[a], ctx):
                take_back(v.k, int64(1) << scratch.lost[a], out)
    wake = min(wake, take_up_substitutes(v, fresh, n_lost, float(days), pace, ctx, out, scratch))
    new = out.act[v.k].joined
    out.act[v.k].joined = 0
    _join(v, new, ctx, out)
    row.abroad |= new
    return wake


@leaf
def _decide(v: Visitor, p: int, look: Look, days: int, ctx: VisitContext, out: Outcome) -> bool:
    """Keep, keep trying, give up or take back a platform; return whether the person may still come
    back to it.
    """
    bit = int64(1) << p
    me = ctx.people[v.i]
    if me.member & bit:
        _keep_or_lapse(v, p, look, ctx, out)
    elif me.first_member & bit and min(look.direct, look.keeping) >= look.without:
        if not is_returner(v.i, p, ctx.today.day - v.lapse_day, ctx):
            return False
        if not comes_back(v.i, p, 1 if ctx.today.changed[me.state] & bit else days, ctx):
            return True
        take_back(v.k, bit, out)
    return False


@leaf
def _keep_or_lapse(v: Visitor, p: int, look: Look, ctx: VisitContext, out: Outcome) -> None:
    """Set whether a platform held is in use, failing, or given up."""
    bit = 1 << p
    row = out.row[v.k]
    private = ctx.private[v.i]
    if look.keeping > 0.0:
        row.using |= bit
    else:
        row.using &= ~bit
    if look.keeping >= look.without:
        private.stuck &= ~bit
        by_vpn = v.has_vpn and look.direct < look.without and not ctx.people[v.i].first_vpn
        if not (v.is_review and by_vpn and tires(v.i, p, look.left, ctx)):
            return
    elif not private.stuck & bit:
        private.stuck |= bit
        return
    else:
        worth = look.keeping if look.keeping > 0.0 else look.worth
        if not lapses(v.i, p, worth, look.without, ctx):
            return
    if not is_kept(v.i, bit, ctx):
        give_up(v, bit, ctx, out)
        private.lapse_day = ctx.today.day


@leaf
def compute_loss(
    v: Visitor, p: int, look: Look, ctx: VisitContext, out: Outcome, scratch: Scratch
) -> tuple[float, float, float]:
    """Return loss, gain by a VPN and value gained, and set the chance of use today."""
    bit = 1 << p
    me = ctx.people[v.i]
    in_use = out.row[v.k].using & bit != 0
    kept = max(0.0, look.best) / look.first_worth if in_use else 0.0
    if kept > 0.0 and v.has_vpn and look.around > look.direct:
        kept *= use_by_vpn(v.i, p, ctx)
    scratch.kept[p] = kept
    ctx.use[v.i, p] = chance_of_use(kept, ctx.world.platform[p].habit) if in_use else 0
    gained = (
        _gained(p, look, in_use, out.row[v.k].using & ~me.first_member, ctx)
        if me.first_member & bit
        else 0.0
    )
    if out.row[v.k].member & bit:
        loss = 1.0 - min(1.0, look.eased) if in_use else 1.0
        loss = max(ctx.access[me.state, p].threat, loss if loss > NEEDY else 0.0)
        if look.app_day < NEVER:
            # The app works but has left the stores; it is lost with the phone.
            rate = ctx.access[me.state, p].install_rate[v.device]
            loss = max(loss, 1.0 - math.exp(-rate * ctx.rules.delisting_foresight_days))
    elif me.first_member & bit and look.keeping < look.without:
        loss = 1.0  # given up, and missed while it is closed
    else:
        return 0.0, 0.0, gained
    return loss, _gain_of_vpn(v, p, look, ctx) if loss > 0.0 and not v.has_vpn else 0.0, gained


@leaf
def _gain_of_vpn(v: Visitor, p: int, look: Look, ctx: VisitContext) -> float:
    """Return the value of a platform that a VPN would restore for a person without one."""
    around = workaround_value(v.i, p, look.worth, ctx)
    return max(0.0, around - max(look.direct, 0.0)) if around >= look.without else 0.0


@leaf
def _gained(p: int, look: Look, in_use: bool, new: int, ctx: VisitContext) -> float:
    """Return the value gained since the first day on a platform held then, at most 0; substitutes
    reduce the loss.

    A substitute (``new``, bits) counts for the part that it replaces, not for its own worth, which
    was available before. Meeting a contact on one more platform is not a gain either.
    """
    gained = min(0.0, (look.best if in_use else 0.0) - look.first_worth)
    if gained < 0.0:
        for r in range(ctx.world.platform[p].levels):
            if new & ctx.world.platform[p].stand_ins[r]:
                return gained * (1.0 - ctx.world.platform[p].covered[r] / FULL)
    return gained


@part
def adopt_promoted(v: Visitor, ctx: VisitContext, out: Outcome) -> None:
    """Take up platforms that the state promotes, puts on new phones or makes compulsory."""
    me = ctx.people[v.i]
    row = out.row[v.k]
    pushed = ctx.today.pushed[me.state] & ctx.world.takes[me.group] & ~(row.member | row.lapsed)
    for q in range(ctx.world.platform.size):
        if pushed & (1 << q):
            chance = 1.0 - math.exp(-ctx.access[me.state, q].push * ctx.rules.choice_review_days)
            if uniform(ctx.keys.push, v.i, q) < chance and can_take_up(
                v.i, q, v.device, v.has_vpn, ctx
            ):
                _join(v, 1 << q, ctx, out)


@part
def _follow_the_circle(v: Visitor, ctx: VisitContext, out: Outcome, scratch: Scratch) -> None:
    """Adopt platforms that more of the circle use than on the first day, even without a loss.

    The reason to join is the value that the platform adds to those in use.
    """
    me = ctx.people[v.i]
    rules = ctx.rules
    grown = (
        ctx.agenda.circle_changed[v.i]
        & ctx.world.takes[me.group]
        & ~(me.member | me.lapsed | out.row[v.k].member)
    )
    while grown != 0:
        q = lowest(grown)
        bit = int64(1) << q
        grown &= ~bit
        trust = trust_in(v.i, q, ctx)
        unsaturated = ctx.world.taste[me.group, q].unsaturated
        most = rules.choice_join_rate * rules.choice_bandwagon * rules.choice_review_days * ROUNDING
        most *= trust * unsaturated
        u = uniform(ctx.keys.join, v.i, q)
        if u > most + SLACK:
            continue  # not even if the whole circle had moved there
        now = 0
        first = 0
        whole = 0
        for t in range(circle_size(v.i, ctx)):
            whole += scratch.weight[t]
            now += scratch.weight[t] if scratch.used[t] & bit else 0
            first += scratch.weight[t] if scratch.held_first[t] & bit else 0
        if now <= first:
            continue
        rate = rules.choice_join_rate * rules.choice_bandwagon * (now - first) / whole
        rate *= trust
        rate *= unsaturated
        rate *= added_share(v.i, q, out.row[v.k].using, ctx, scratch)
        if happens(u, rate * rules.choice_review_days) and can_take_up(
            v.i, q, v.device, v.has_vpn, ctx
        ):
            _join(v, bit, ctx, out)


@part
def _join(v: Visitor, platforms: int, ctx: VisitContext, out: Outcome) -> None:
    """Add platforms (bits) to those of a person."""
    new = platforms & ~out.row[v.k].member
    out.act[v.k].joined |= new
    take_back(v.k, new, out)
    while new != 0:
        q = lowest(new)
        ctx.use[v.i, q] = chance_of_use(1.0, ctx.world.platform[q].habit)
        new &= new - 1


@leaf
def _plan(v: Visitor, returning: bool, wake: int, ctx: VisitContext, out: Outcome) -> None:
    """Plan the next review: early while a platform fails or may come back, or if access changed
    today.
    """
    me = ctx.people[v.i]
    today = ctx.today
    rules = ctx.rules
    alert = ctx.private[v.i].stuck != 0 or returning
    news = (me.member | me.lapsed) & today.changed[me.state] != 0
    if v.is_review or alert or news:
        mean = rules.choice_alert_days if alert or news else rules.choice_review_days
        planned = next_review(v.i, today.day, mean, ctx.keys.review)
        out.act[v.k].wake = planned if v.is_review else min(out.act[v.k].wake, planned)
    out.act[v.k].wake = max(today.day + 1, min(out.act[v.k].wake, wake))

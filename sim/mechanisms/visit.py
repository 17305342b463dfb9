"""The visit of one person, and the kernel that visits everyone who has something to decide.

A visit reads yesterday's condition of all people and writes only the row of its own person. People can therefore be
visited in any order and by any number of threads with the same outcome.
"""

from __future__ import annotations

import math

import numpy as np
from numba import boolean, int64

from sim.chance import uniform
from sim.kernels import fetch_soon, inlined, kernel, leaf, lowest, part
from sim.mechanisms.attention import sessions_freed, share_time
from sim.mechanisms.choice import SLACK, chance_of_use, comes_back, happens, is_returner, lapses, next_review, tires
from sim.mechanisms.circumvention import device_of, workaround_value
from sim.mechanisms.joining import ROUNDING, end_trials, pace_of, take_up_substitutes, trust_in, within_luck
from sim.mechanisms.look import NEEDY, NEVER, Look, Outcome, Scene, Visitor, look_at
from sim.mechanisms.own import Own, fetch_own, lapse_day_of
from sim.mechanisms.settings import FULL, Columns, Rows
from sim.mechanisms.substitution import akin_to, can_take_up, find_company, still_unmet
from sim.mechanisms.value import Room, doing_without, find_circle, whole_eights
from sim.mechanisms.vpn import keep_vpn, look_for_vpn

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
def visit_all(due: np.ndarray, first: int, last: int, scene: Scene, o: Outcome, room: Room) -> None:
    """Visit the people ``due[first:last]``."""
    for k in range(first, last):
        i = due[k]
        if k + FAR < last:
            _fetch_person_soon(due[k + FAR], scene.c, scene.people, scene.own)
        if k + AHEAD < last:
            _fetch_circle_soon(due[k + AHEAD], scene.c, scene.people)
        o.row[k] = scene.people[i]
        fetch_own(i, k, scene.people, scene.own, o.own, o.use)
        o.act[k].joined, o.act[k].source, o.act[k].again, o.act[k].wake = 0, -1, 0, scene.agenda.wake[i]
        device = device_of(i, scene.c, scene.people, scene.luck)
        has_vpn, is_review = scene.people[i].vpn > 0, scene.agenda.wake[i] <= scene.today.day
        _visit(Visitor(i, k, device, has_vpn, is_review), scene, o, room)


@leaf
def _fetch_circle_soon(i: int, c: Columns, people: Rows) -> None:
    """Have the rows of a person's circle fetched meanwhile: to wait for them takes half the time of a large world."""
    for e in range(c.start[i], c.start[i + 1]):
        fetch_soon(people, c.packed[e] >> 1)


@leaf
def _fetch_person_soon(i: int, c: Columns, people: Rows, own: Own) -> None:
    """Have a person's rows and list of contacts fetched meanwhile."""
    fetch_soon(people, i)
    fetch_soon(c.packed, c.start[i])
    fetch_soon(c.packed, c.start[i] + CONTACTS_A_LINE)
    if own.at[i] >= 0:
        fetch_soon(own.row, own.at[i])
        fetch_soon(own.use, own.at[i])


@inlined
def _visit(v: Visitor, scene: Scene, o: Outcome, room: Room) -> None:
    """Let one person look at every platform on which something differs, then act."""
    me, today = scene.people[v.i], scene.today
    # A literal 0 or False has another type, for which the callees would be compiled again.
    n_looked, n_lost, lost = int64(0), int64(0), int64(0)
    vpn_is_used, is_closed, returning = boolean(False), boolean(False), boolean(False)
    freed, surplus, wake = 0.0, 0.0, NEVER
    looked = differs = (today.touched[me.group] | scene.agenda.stirred[v.i]) & (me.member | me.lapsed)
    while differs != 0:
        room.looked[n_looked] = lowest(differs)
        n_looked += 1
        differs &= differs - 1
    only, holders = find_circle(v.i, n_looked, scene.c, scene.people, scene.rules.kin, room)
    days = min(MOST_DAYS, max(1, today.day + 1 - me.seen)) if me.seen > 0 else 1
    for a in range(n_looked):
        p = room.looked[a]
        look = look_at(v, p, room.circle[a], only, scene, o, room)
        bit = int64(1) << p
        returning |= _decide(v, p, look, days, scene, o)
        loss, gain, gained = _reckon(v, p, look, scene, o, room)
        if me.first_member & bit:
            freed += sessions_freed(room.kept[p], scene.c.platform[p].habit)
        surplus += gained
        wake = min(wake, look.app_day)
        is_closed |= look.direct < look.without
        vpn_is_used |= v.has_vpn and look.around > look.direct and o.row[v.k].using & bit != 0
        if loss > 0.0:
            room.lost[n_lost], room.need[n_lost], room.gain[n_lost] = p, loss, gain
            n_lost += 1
            lost |= bit if loss > scene.access[me.state, p].threat else 0
    o.own[v.k].surplus = int(surplus * SURPLUS_UNITS)
    days = _note_loss(v, n_lost, lost, days, scene, o)
    if n_lost > 0 or me.trial != 0:
        wake = min(wake, _make_up(v, n_lost, only, holders, days, scene, o, room))
    if v.has_vpn and me.vpn == 2:
        wake = min(wake, keep_vpn(v, vpn_is_used, is_closed, scene, o))
    if v.is_review and o.act[v.k].joined == 0 and today.pushed[me.state] & ~(me.member | me.lapsed):
        _heed_push(v, scene, o)
    if v.is_review and n_lost == 0:
        _follow_the_circle(v, scene, o, room)
    new = o.row[v.k].using & ~me.first_member
    if new != 0:
        unseen = new & ~looked
        while unseen != 0:
            room.kept[lowest(unseen)] = 1.0
            unseen &= unseen - 1
        share_time(new, freed, room.kept, scene.c, scene.rules, o.use[v.k])
    o.act[v.k].felt = looked | new | o.act[v.k].joined
    _plan(v, returning, wake, scene, o)


@leaf
def _note_loss(v: Visitor, n_lost: int, lost: int, days: int, scene: Scene, o: Outcome) -> int:
    """Note since when a person has had what losses (``lost``, bits); return the days that this look stands for."""
    own, today = o.own[v.k], scene.today.day
    if n_lost == 0:
        o.own[v.k].hit_day = 0
    elif lost & ~own.lost != 0 or own.hit_day == 0:
        o.own[v.k].hit_day = today + 1
        days = 1
    o.own[v.k].lost, o.row[v.k].seen = lost, today + 1
    return days


@part
def _make_up(
    v: Visitor, n_lost: int, only: int, holders: float, days: int, scene: Scene, o: Outcome, room: Room
) -> int:  # fmt: skip
    """Make up for what is lost: by a VPN, by substitutes; settle trials. Return when there is more to do.

    ``only`` are the platforms that are the only channel to somebody of the kin abroad (bits), ``holders`` is the share
    of contacts who have a VPN.
    """
    lost_bits, gains, vpn_gain, wake = int64(0), boolean(False), 0.0, NEVER
    for a in range(n_lost):
        lost_bits |= int64(1) << room.lost[a]
        gains |= room.gain[a] > 0.0
    row, me, akin = o.row[v.k], scene.people[v.i], akin_to(lost_bits, scene.c)
    days_lost = float(scene.today.day + 2 - o.own[v.k].hit_day)
    pace = pace_of(days_lost, float(days), scene.rules)
    # Platforms that are neither held nor given up may be joined, and platforms in use may replace a loss.
    open_to_me = akin & scene.c.reads[me.group] & ~me.lapsed
    fresh = within_luck(v, open_to_me & ~row.member, n_lost, float(days), pace, room, scene)
    fresh |= open_to_me & row.trial  # one that is given up below may be joined again
    asked = fresh | row.trial | (akin & row.using if gains else 0)
    find_company(v.i, lost_bits, asked, scene.today.wave, scene.c, scene.people, scene.rules, room)
    if me.trial != 0:
        wake = end_trials(v, only, n_lost, days, room, scene, o)
    if n_lost == 0:
        return wake
    for a in range(n_lost if gains else 0):
        room.gain[a] *= still_unmet(room.lost[a], o.row[v.k].using, room.company, scene.c, scene.rules)
        vpn_gain += room.gain[a]
    if not v.has_vpn:
        wake = min(wake, look_for_vpn(v, vpn_gain, holders, days, scene, o))
        for a in range(n_lost if o.row[v.k].vpn == 2 else 0):
            if room.gain[a] >= doing_without(v.i, room.lost[a], scene.c, scene.people):
                bit = int64(1) << room.lost[a]
                o.row[v.k].member |= bit
                o.row[v.k].using |= bit
                o.row[v.k].lapsed &= ~bit
    wake = min(wake, take_up_substitutes(v, fresh, n_lost, float(days), pace, room, scene, o))
    new = o.act[v.k].joined
    o.act[v.k].joined = 0
    _take_up(v.k, new, scene.c, o)
    return wake


@leaf
def _decide(v: Visitor, p: int, look: Look, days: int, scene: Scene, o: Outcome) -> bool:
    """Keep, try on, give up or take up again a platform; return whether the person is still to come back to it."""
    bit, me = int64(1) << p, scene.people[v.i]
    if me.member & bit:
        _keep_or_lapse(v, p, look, scene, o)
    elif me.first_member & bit and min(look.direct, look.keeping) >= look.without:
        away = scene.today.day - lapse_day_of(v.i, scene.own)
        if not is_returner(v.i, p, away, scene.rules, scene.luck):
            return False
        if not comes_back(v.i, p, 1 if scene.today.changed[me.state] & bit else days, scene.rules, scene.luck):
            return True
        o.row[v.k].member |= bit
        o.row[v.k].using |= bit
        o.row[v.k].lapsed &= ~bit
    return False


@leaf
def _keep_or_lapse(v: Visitor, p: int, look: Look, scene: Scene, o: Outcome) -> None:
    """Set whether a platform held is in use, failing, or given up."""
    bit, k = 1 << p, v.k
    if look.keeping > 0.0:
        o.row[k].using |= bit
    else:
        o.row[k].using &= ~bit
    if look.keeping >= look.without:
        o.own[k].stuck &= ~bit
        by_vpn = v.has_vpn and look.direct < look.without and not scene.people[v.i].first_vpn
        if not (v.is_review and by_vpn and tires(v.i, p, look.left, scene.rules, scene.luck)):
            return
    elif not o.own[k].stuck & bit:
        o.own[k].stuck |= bit
        return
    else:
        worth = look.keeping if look.keeping > 0.0 else look.worth
        if not lapses(v.i, p, worth, look.without, scene.rules, scene.luck):
            return
    o.row[k].member &= ~bit
    o.row[k].using &= ~bit
    o.own[k].stuck &= ~bit
    o.row[k].lapsed |= bit
    o.own[k].lapse_day = scene.today.day


@leaf
def _reckon(v: Visitor, p: int, look: Look, scene: Scene, o: Outcome, room: Room) -> tuple[float, float, float]:
    """Return loss, gain of a VPN and value gained, and note how likely the platform is used today."""
    bit, me = 1 << p, scene.people[v.i]
    in_use = o.row[v.k].using & bit != 0
    kept = max(0.0, look.best) / look.first_worth if in_use else 0.0
    room.kept[p] = kept
    o.use[v.k, p] = chance_of_use(kept, scene.c.platform[p].habit) if in_use else 0
    gained = _gained(p, look, in_use, o.row[v.k].using & ~me.first_member, scene.c) if me.first_member & bit else 0.0
    if o.row[v.k].member & bit:
        loss = 1.0 - min(1.0, look.eased) if in_use else 1.0
        loss = max(scene.access[me.state, p].threat, loss if loss > NEEDY else 0.0)
        if look.app_day < NEVER:
            # It works, but is not in the stores any more; it is lost with the phone.
            rate = scene.access[me.state, p].install_rate[v.device]
            loss = max(loss, 1.0 - math.exp(-rate * scene.rules.foresight_days))
    elif me.first_member & bit and look.keeping < look.without:
        loss = 1.0  # given up, and missed for as long as it is closed
    else:
        return 0.0, 0.0, gained
    return loss, _gain_of_vpn(v, p, look, scene) if loss > 0.0 and not v.has_vpn else 0.0, gained


@leaf
def _gain_of_vpn(v: Visitor, p: int, look: Look, scene: Scene) -> float:
    """Return what a VPN would bring back of a platform to somebody who has none."""
    around = workaround_value(v.i, p, look.worth, scene.access, scene.people, scene.rules, scene.luck)
    return max(0.0, around - max(look.direct, 0.0)) if around >= look.without else 0.0


@leaf
def _gained(p: int, look: Look, in_use: bool, new: int, c: Columns) -> float:
    """Return the value gained since the first day on a platform held then, at most 0: less what substitutes replace.

    A substitute (``new``, bits) counts for what it replaces, not for its own worth: one could have had that without any
    loss. A contact who is met in one more place is no gain either.
    """
    gained = min(0.0, (look.best if in_use else 0.0) - look.first_worth)
    if gained < 0.0:
        for r in range(c.platform[p].levels):
            if new & c.platform[p].stand_ins[r]:
                return gained * (1.0 - c.platform[p].covered[r] / FULL)
    return gained


@part
def _heed_push(v: Visitor, scene: Scene, o: Outcome) -> None:
    """Take up platforms that the state promotes, puts on new phones or makes compulsory."""
    me, rules = scene.people[v.i], scene.rules
    pushed = scene.today.pushed[me.state] & ~(o.row[v.k].member | o.row[v.k].lapsed)
    for q in range(scene.c.platform.size):
        if pushed & (1 << q):
            chance = 1.0 - math.exp(-scene.access[me.state, q].push * rules.review_days)
            if uniform(scene.luck.push, v.i, q) < chance:
                taken = can_take_up(v.i, q, v.device, v.has_vpn, scene.access, scene.c, scene.people, rules, scene.luck)
                if taken:
                    _join(v.k, 1 << q, scene.c, o)


@part
def _follow_the_circle(v: Visitor, scene: Scene, o: Outcome, room: Room) -> None:
    """Take up platforms that more of the circle use than on the first day, though nothing is missed."""
    me, c, rules = scene.people[v.i], scene.c, scene.rules
    n_full = whole_eights(c.start[v.i + 1] - c.start[v.i])
    grown = scene.agenda.stirred[v.i] & c.reads[me.group] & ~(me.member | me.lapsed | o.row[v.k].member)
    while grown != 0:
        q = lowest(grown)
        bit = int64(1) << q
        grown &= ~bit
        most = rules.join_rate * rules.bandwagon * rules.review_days * ROUNDING
        most *= trust_in(v.i, q, scene) * c.taste[me.group, q].unsaturated
        u = uniform(scene.luck.join, v.i, q)
        if u > most + SLACK:
            continue  # not even if the whole circle had moved there
        now, first, whole = 0, 0, 0
        for t in range(n_full):
            whole += room.weight[t]
            now += room.weight[t] if room.used[t] & bit else 0
            first += room.weight[t] if room.held_first[t] & bit else 0
        if now <= first:
            continue
        rate = rules.join_rate * rules.bandwagon * (now - first) / whole
        rate *= trust_in(v.i, q, scene)
        rate *= c.taste[me.group, q].unsaturated
        if happens(u, rate * rules.review_days):
            if can_take_up(v.i, q, v.device, v.has_vpn, scene.access, c, scene.people, rules, scene.luck):
                _join(v.k, bit, c, o)


@part
def _take_up(k: int, platforms: int, c: Columns, o: Outcome) -> None:
    """Add platforms to what a person holds and uses with kin abroad."""
    _join(k, platforms, c, o)
    o.row[k].abroad |= platforms


@part
def _join(k: int, platforms: int, c: Columns, o: Outcome) -> None:
    """Add platforms to what a person holds."""
    new = platforms & ~o.row[k].member
    o.act[k].joined |= new
    o.row[k].member |= new
    o.row[k].using |= new
    o.row[k].lapsed &= ~new
    while new != 0:
        q = lowest(new)
        o.use[k, q] = chance_of_use(1.0, c.platform[q].habit)
        new &= new - 1


@leaf
def _plan(v: Visitor, returning: bool, wake: int, scene: Scene, o: Outcome) -> None:
    """Plan the next review: early while a platform fails or one is coming back, and when access changed today."""
    me, today, rules = scene.people[v.i], scene.today, scene.rules
    alert = o.own[v.k].stuck != 0 or returning
    news = (me.member | me.lapsed) & today.changed[me.state] != 0
    if v.is_review or alert or news:
        mean = rules.alert_days if alert or news else rules.review_days
        planned = next_review(v.i, today.day, mean, scene.luck.review)
        o.act[v.k].wake = planned if v.is_review else min(o.act[v.k].wake, planned)
    o.act[v.k].wake = max(today.day + 1, min(o.act[v.k].wake, wake))

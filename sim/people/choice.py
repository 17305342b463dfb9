"""Reviews of the platforms in use, and decisions to keep a platform, give it up, or come back to
it.

A review comes on a date drawn ahead, or after changes by others since the last one. On most days
most people have nothing to decide, and the agenda's few bytes per person are enough to see that. If
nothing differs from the first day for a person, a review decides nothing. The reviews of a group
that no change has reached are therefore not simulated day by day: the group sleeps, and costs
nothing. Each date of a review depends only on the previous one and on chance, so skipped dates are
computed when they are needed.
"""

from __future__ import annotations

import math

import numpy as np
from numba import int64

from ..core.chance import Key, Purpose, normal, stream, uniform
from ..core.kernels import kernel, leaf, lowest, part
from .kernel_types import (
    LEAST_LEFT,
    LEVELS,
    Agenda,
    Columns,
    Outcome,
    Rows,
    Rules,
    VisitContext,
    Visitor,
)

SLACK = 1e-12
"""Bound on the rounding error of a chance."""


@leaf
def happens(u: float, hazard: float) -> bool:
    """Return whether an event with a hazard of at least 0 happens, given a number ``u`` drawn from
    [0, 1).
    """
    # The chance is at most the hazard, so most of the time the exponential is not needed.
    return u <= hazard + SLACK and u < 1.0 - math.exp(-hazard)


@leaf
def days_of_trying(i: int, worth: float, without: float, ctx: VisitContext) -> float:
    """Return the mean time for which a person tries a failing platform [days]."""
    patience = math.exp(ctx.rules.choice_trying_spread * normal(ctx.keys.patience, i))
    return ctx.rules.choice_trying_days * patience * max(0.3, worth / without)


@leaf
def lapses(i: int, p: int, worth: float, without: float, ctx: VisitContext) -> bool:
    """Return whether a person gives up today; a platform worth more is tried for longer."""
    days = days_of_trying(i, worth, without, ctx)
    return uniform(ctx.keys.lapse, i, p) < 1.0 - math.exp(-1.0 / days)


@leaf
def tires(i: int, p: int, left: float, ctx: VisitContext) -> bool:
    """Return whether a habit kept by a workaround fades at this review.

    ``left`` is the share of the platform's value that platforms without a workaround do not
    replace. The rate of fading is proportional to the value of the alternatives relative to the
    platform's extra value: a person without alternatives stays.
    """
    rate = (
        ctx.rules.choice_fatigue_rate
        * (1.0 - left)
        / max(LEAST_LEFT, left)
        * ctx.rules.choice_review_days
    )
    return happens(uniform(ctx.keys.fatigue, i, p), rate)


@leaf
def is_returner(i: int, p: int, away: int, ctx: VisitContext) -> bool:
    """Return whether a person ever comes back to a platform that works again; fewer do after a long
    absence.
    """
    lost = (1.0 - ctx.rules.return_ceiling) * (1.0 - math.exp(-away / ctx.rules.return_away_days))
    return uniform(ctx.keys.returner, i, p) < 1.0 - lost


@leaf
def comes_back(i: int, p: int, days: int, ctx: VisitContext) -> bool:
    """Return whether a person who will come back has done so in the days since the last look."""
    return uniform(ctx.keys.comeback, i, p) < 1.0 - math.exp(-days / ctx.rules.return_days)


@leaf
def give_up(v: Visitor, bit: int, ctx: VisitContext, out: Outcome) -> None:
    """Move a platform (a bit) of a visitor from those held to those given up."""
    row = out.row[v.k]
    row.member &= ~bit
    row.using &= ~bit
    row.lapsed |= bit
    ctx.private[v.i].stuck &= ~bit


@leaf
def is_kept(i: int, bit: int, ctx: VisitContext) -> bool:
    """Return whether a user's own rule keeps a person from giving up a platform (a bit) today."""
    return ctx.kept.size > 0 and ctx.kept[i] & bit != 0


@leaf
def take_back(k: int, bit: int, out: Outcome) -> None:
    """Move a platform (a bit) of visitor ``k`` to those held and in use."""
    row = out.row[k]
    row.member |= bit
    row.using |= bit
    row.lapsed &= ~bit


@leaf
def chance_of_use(kept: float, habit: float) -> int:
    """Return the chance that a platform is used on a day, in LEVELS, given the share of its value
    that is left.
    """
    return int(LEVELS * (1.0 - math.exp(-habit * max(0.0, kept))) + 0.5)


@leaf
def next_review(i: int, day: int, mean: float, key: Key) -> int:
    """Day of the next review after one on ``day``; waiting time is exponential with this mean
    [days].
    """
    return day + 1 + int(-math.log(1.0 - uniform(key, i)) * mean)


@leaf
def share_time(
    new: int, freed: float, kept: np.ndarray, world: Columns, rules: Rules, use: np.ndarray
) -> None:
    """Set the chance that a person uses each new platform today (``use`` (platforms,), in LEVELS,
    in place).

    ``new`` (bits) are platforms in use today that were not held on the first day; ``freed`` is the
    number of sessions a day that earlier platforms have lost; ``kept`` (platforms,) is the share of
    each platform's value today. A person without a loss still uses a new platform a little, after a
    request by kin, a promotion by the state, or an announced ban.
    """
    wish = 0.0
    left = new
    while left != 0:
        wish += world.platform[lowest(left)].habit
        left &= left - 1
    share = max(rules.choice_extra_use, min(1.0, freed / wish))
    while new != 0:
        q = lowest(new)
        new &= new - 1
        use[q] = chance_of_use(kept[q] * share, world.platform[q].habit)


def first_agenda(people: Rows, groups: int, review_days: float, seed: int, days: int) -> Agenda:
    """Return the agenda of the first day: nobody has noticed a change, and everybody has a date for
    a review.

    Parameters
    ----------
    people : numpy.ndarray of PERSON, shape (people,)
        The people, group by group, in the order of the groups.
    groups : int
    review_days : float
        Mean days between two looks.
    seed : int
        The seed of the world.
    days : int
        Days of the run.
    """
    n = people.size
    first = np.searchsorted(people["group"], np.arange(groups + 1))
    place = people["state"].copy()
    ends = zip(first[:-1].tolist(), first[1:].tolist(), strict=True)
    agenda = Agenda(
        wake=np.zeros(n, np.int32),
        urgent=np.zeros(n, np.uint8),
        circle_changed=np.zeros(n, np.int64),
        group=people["group"].copy(),
        place=place,
        mixed=np.array([a < b and bool((place[a:b] != place[a]).any()) for a, b in ends]),
        first=first,
        active=np.zeros(groups, np.uint8),
        reviews=np.array([stream(seed, Purpose.REVIEW, day) for day in range(-1, days)]),
    )
    _plan_all(agenda, review_days, agenda.reviews[0])
    return agenda


@kernel
def _plan_all(agenda: Agenda, review_days: float, key: Key) -> None:
    for i in range(agenda.wake.size):
        agenda.wake[i] = next_review(i, -1, review_days, key)


@leaf
def next_look(i: int, day: int, review_days: float, agenda: Agenda) -> int:
    """Return the day of a person's first review on or after a day, computing skipped reviews."""
    wake = agenda.wake[i]
    while wake < day:
        wake = next_review(i, wake, review_days, agenda.reviews[wake + 1])
    return wake


@kernel
def find_due(ctx: VisitContext, due: np.ndarray) -> int:
    """List the people who have something to decide today in ``due`` (people,); return their number.

    A person whose review is due while nothing has changed decides nothing and plans the next one.
    """
    n = int64(0)
    for g in range(ctx.agenda.active.size):
        if ctx.agenda.first[g] == ctx.agenda.first[g + 1]:
            continue
        if ctx.agenda.active[g] or _differs_for_any(g, ctx):
            ctx.agenda.active[g] = 1
            n = _find_due_of(g, ctx, due, n)
    return n


@part
def _differs_for_any(g: int, ctx: VisitContext) -> bool:
    """Return whether anything differs from the first day for anybody in a group."""
    agenda = ctx.agenda
    today = ctx.today
    first = ctx.agenda.first[g]
    for i in range(first, agenda.first[g + 1] if agenda.mixed[g] else first + 1):
        if today.drifted[g] | today.differs[agenda.place[i]] | today.pushed[agenda.place[i]] != 0:
            return True
    return False


@part
def _find_due_of(g: int, ctx: VisitContext, due: np.ndarray, n: int) -> int:
    """List the people of a group after the ``n`` already listed; return the new number."""
    agenda = ctx.agenda
    today = ctx.today
    days = ctx.rules.choice_review_days
    listed = n
    here = agenda.place[agenda.first[g]]
    is_mixed = agenda.mixed[g]
    changed = today.changed[here]
    differs_for_all = today.drifted[g] | today.differs[here] | today.pushed[here]
    for i in range(agenda.first[g], agenda.first[g + 1]):
        if is_mixed:
            here = agenda.place[i]
            changed = today.changed[here]
            differs_for_all = today.drifted[g] | today.differs[here] | today.pushed[here]
        due[listed] = i
        may = (agenda.wake[i] <= today.day) | (agenda.urgent[i] != 0) | (changed != 0)
        listed += 1 if may & (differs_for_all | agenda.circle_changed[i] != 0) else 0
    for k in range(n, listed):
        i = due[k]
        here = agenda.place[i]
        is_urgent = agenda.urgent[i] != 0
        agenda.wake[i] = wake = next_look(i, today.day, days, agenda)
        is_review = wake <= today.day
        differs = today.drifted[g] | today.differs[here] | agenda.circle_changed[i]
        pushed = today.pushed[here]
        # Reading the person's row as well is expensive and rarely needed.
        if differs | pushed == 0 or not _may_decide(i, is_review, differs, pushed, ctx):
            if is_review:
                agenda.wake[i] = next_review(i, today.day, days, agenda.reviews[today.day + 1])
        elif (
            is_review
            or is_urgent
            or (ctx.people[i].member | ctx.people[i].lapsed) & today.changed[here]
        ):
            due[n] = i
            n += 1
    return n


@leaf
def _may_decide(i: int, is_review: bool, differs: int, pushed: int, ctx: VisitContext) -> bool:
    """Return True if access changed on a held platform, or a new one is promoted or used by
    contacts.
    """
    held = int64(ctx.people[i].member | ctx.people[i].lapsed)
    news = pushed | ctx.agenda.circle_changed[i] & ctx.world.takes[ctx.agenda.group[i]]
    return differs & held != 0 or (is_review and news & ~held != 0)

"""When people review what they use, and whether they keep a platform, give it up, or come back to it.

A review follows a date drawn ahead, or what others did since the last one. On most days most people have nothing to
decide, and the few bytes per person of the agenda are enough to see that. If nothing differs from the first day for a
person, a review decides nothing. The reviews of a group that no change has reached are therefore not simulated day by
day: the group sleeps, and costs nothing. Each date of a review depends only on the previous one and on chance, so
skipped dates are computed when they are needed.
"""

from __future__ import annotations

import math

import numpy as np
from numba import int64

from sim.chance import Key, Purpose, normal, stream, uniform
from sim.kernels import kernel, leaf, lowest, part
from sim.people.kernel_types import LEAST_LEFT, LEVELS, Agenda, Columns, RandomKeys, Rows, Rules, Today

SLACK = 1e-12
"""More than what rounding adds to a chance."""


@leaf
def happens(u: float, hazard: float) -> bool:
    """Return whether what has a hazard of at least 0 happens, given a number ``u`` drawn from [0, 1)."""
    # The chance is at most the hazard, so most of the time the exponential is not needed.
    return u <= hazard + SLACK and u < 1.0 - math.exp(-hazard)


@leaf
def lapses(i: int, p: int, worth: float, without: float, rules: Rules, keys: RandomKeys) -> bool:
    """Return whether a person gives up today; one keeps trying longer what is worth more."""
    days = rules.trying_days * math.exp(rules.trying_spread * normal(keys.patience, i)) * max(0.3, worth / without)
    return uniform(keys.lapse, i, p) < 1.0 - math.exp(-1.0 / days)


@leaf
def tires(i: int, p: int, left: float, rules: Rules, keys: RandomKeys) -> bool:
    """Return whether a habit kept by a workaround fades at this review.

    ``left`` is the share of a platform's value that what opens without a workaround leaves. Habits fade at a rate in
    proportion to what the others give against what the platform adds to them: who has nothing instead stays.
    """
    rate = rules.fatigue_rate * (1.0 - left) / max(LEAST_LEFT, left) * rules.review_days
    return happens(uniform(keys.fatigue, i, p), rate)


@leaf
def is_returner(i: int, p: int, away: int, rules: Rules, keys: RandomKeys) -> bool:
    """Return whether somebody ever comes back to a platform that works again; fewer do after a long time away."""
    lost = (1.0 - rules.return_ceiling) * (1.0 - math.exp(-away / rules.return_away_days))
    return uniform(keys.returner, i, p) < 1.0 - lost


@leaf
def comes_back(i: int, p: int, days: int, rules: Rules, keys: RandomKeys) -> bool:
    """Return whether somebody who comes back some day has done so in the days since the last look."""
    return uniform(keys.comeback, i, p) < 1.0 - math.exp(-days / rules.return_days)


@leaf
def chance_of_use(kept: float, habit: float) -> int:
    """Return the chance that a platform is used on a day, in LEVELS, given the share of its value that is left."""
    return int(LEVELS * (1.0 - math.exp(-habit * max(0.0, kept))) + 0.5)


@leaf
def next_review(i: int, day: int, mean: float, key: Key) -> int:
    """Return the day of the next look after one on ``day``, whose stream of chance has the key ``key``."""
    return day + 1 + int(-math.log(1.0 - uniform(key, i)) * mean)


@leaf
def sessions_freed(kept: float, habit: float) -> float:
    """Return the sessions a day that a platform no longer gets from somebody who keeps a share of its value."""
    return habit * max(0.0, 1.0 - kept)


@leaf
def share_time(new: int, freed: float, kept: np.ndarray, world: Columns, rules: Rules, use: np.ndarray) -> None:
    """Set how likely a person uses each new platform today (``use`` (platforms,), in LEVELS, in place).

    ``new`` are platforms used today that were not held on the first day, bits; ``freed`` the sessions a day that the
    first day's platforms no longer get; ``kept`` (platforms,) the share of its value that each gives. A person who lost
    no platform, but whose kin asked, whose state pushed, or who expects a ban, still uses a new platform a little.
    """
    wish, left = 0.0, new
    while left != 0:
        wish += world.platform[lowest(left)].habit
        left &= left - 1
    share = max(rules.extra_use, min(1.0, freed / wish))
    while new != 0:
        q = lowest(new)
        new &= new - 1
        use[q] = chance_of_use(kept[q] * share, world.platform[q].habit)


def first_agenda(people: Rows, groups: int, review_days: float, seed: int, days: int) -> Agenda:
    """Return the agenda of the first day: nobody has heard of anything, and everybody looks some day.

    Parameters
    ----------
    people : numpy.ndarray of PERSON, shape (people,)
        The members of each group are in a row, in the order of the groups.
    groups : int
    review_days : float
        Mean days between two looks.
    seed : int
        The member's seed.
    days : int
        Days of the run.
    """
    n = people.size
    agenda = Agenda(
        wake=np.zeros(n, np.int32),
        urgent=np.zeros(n, np.uint8),
        circle_changed=np.zeros(n, np.int64),
        group=people["group"].copy(),
        first=np.searchsorted(people["group"], np.arange(groups + 1)),
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
    """Return the day of a person's first review that is not before a day, given those that were passed over."""
    wake = agenda.wake[i]
    while wake < day:
        wake = next_review(i, wake, review_days, agenda.reviews[wake + 1])
    return wake


@kernel
def find_due(today: Today, people: Rows, agenda: Agenda, rules: Rules, reads: np.ndarray, out: np.ndarray) -> int:
    """List the people who have something to decide today; return how many they are.

    Whose review is due while nothing differs has nothing to decide, and only plans the next one. ``reads`` (groups,)
    are the platforms in a language of a group's (bits).
    """
    n = int64(0)
    for g in range(agenda.active.size):
        first, last = agenda.first[g], agenda.first[g + 1]
        if first == last:
            continue
        place = people[first].state
        if today.touched[g] | today.pushed[place] != 0:
            agenda.active[g] = 1
        if agenda.active[g]:
            n = _find_due_of(g, first, last, today.changed[place], today, people, agenda, rules, reads, out, n)
    return n


@part
def _find_due_of(
    g: int, first: int, last: int, changed: int, today: Today, people: Rows, agenda: Agenda, rules: Rules,
    reads: np.ndarray, out: np.ndarray, n: int,
) -> int:  # fmt: skip
    """List those of a group, the people ``first:last``, after the ``n`` who are listed already; return how many.

    ``changed`` are the platforms whose access changed today where the group lives (bits).
    """
    pushed, listed = today.pushed[people[first].state], n
    differs_for_all = today.touched[g] | pushed
    for i in range(first, last):
        out[listed] = i
        may = (agenda.wake[i] <= today.day) | (agenda.urgent[i] != 0) | (changed != 0)
        listed += 1 if may & (differs_for_all | agenda.circle_changed[i] != 0) else 0
    for k in range(n, listed):
        i = out[k]
        agenda.wake[i] = wake = next_look(i, today.day, rules.review_days, agenda)
        is_review = wake <= today.day
        differs = today.touched[g] | agenda.circle_changed[i]
        # Reading the person's row as well is expensive and rarely needed.
        if differs | pushed == 0 or not _may_decide(i, is_review, differs, pushed, people, agenda, reads):
            if is_review:
                agenda.wake[i] = next_review(i, today.day, rules.review_days, agenda.reviews[today.day + 1])
        elif is_review or agenda.urgent[i] or _held(i, people) & changed:
            out[n] = i
            n += 1
    return n


@leaf
def _held(i: int, people: Rows) -> int:
    """Return the platforms that a person has or had (bits)."""
    return int64(people[i].member | people[i].lapsed)


@leaf
def _may_decide(
    i: int, is_review: bool, differs: int, pushed: int, people: Rows, agenda: Agenda, reads: np.ndarray
) -> bool:
    """Return whether anything differs on what a person holds, or the state or the circle brings up something else."""
    held = _held(i, people)
    news = pushed | agenda.circle_changed[i] & reads[agenda.group[i]]
    return differs & held != 0 or (is_review and news & ~held != 0)

"""The people who have something to decide today: by their next review, or because of what others did since the last.

The agenda is stored in columns, separately from the other data of people. On most days most people have nothing to
decide, and a few bytes per person are enough to see that.

If nothing differs from the first day for a person, a review decides nothing, whatever its date. The reviews of a group
that no change has reached are therefore not simulated day by day: the group sleeps, and costs nothing. Each date of
review depends only on the previous one and on chance, so skipped dates are computed when they are needed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64

from sim.chance import Key, Purpose, stream
from sim.kernels import kernel, leaf, part
from sim.mechanisms.choice import next_review
from sim.mechanisms.settings import Rows, Rules, Today


class Agenda(NamedTuple):
    """When each person looks again, and why.

    Attributes
    ----------
    wake : numpy.ndarray of int32, shape (people,)
        Day of the next review; a day before today where reviews were passed over (`next_look` finds the date).
    pressed : numpy.ndarray of uint8, shape (people,)
        1 while a platform fails the person, or on the day after one was agreed on with kin abroad: a look at once.
    stirred : numpy.ndarray of int64, shape (people,)
        Platforms on which somebody of the circle, or this person, has changed, bits.
    group : numpy.ndarray of int16, shape (people,)
        As in the table of people.
    first : numpy.ndarray of int64, shape (groups + 1,)
        First person of each group, and the number of people: the members of a group are in a row.
    awake : numpy.ndarray of uint8, shape (groups,)
        1 from the day on which anything differs from the first day for somebody of the group.
    reviews : numpy.ndarray of uint64, shape (days + 1,)
        Keys of the streams of chance of the dates of reviews, from the day before the first one on.
    """

    wake: np.ndarray
    pressed: np.ndarray
    stirred: np.ndarray
    group: np.ndarray
    first: np.ndarray
    awake: np.ndarray
    reviews: np.ndarray


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
        pressed=np.zeros(n, np.uint8),
        stirred=np.zeros(n, np.int64),
        group=people["group"].copy(),
        first=np.searchsorted(people["group"], np.arange(groups + 1)),
        awake=np.zeros(groups, np.uint8),
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
    for g in range(agenda.awake.size):
        first, last = agenda.first[g], agenda.first[g + 1]
        if first == last:
            continue
        place = people[first].state
        if today.touched[g] | today.pushed[place] != 0:
            agenda.awake[g] = 1
        if agenda.awake[g]:
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
        may = (agenda.wake[i] <= today.day) | (agenda.pressed[i] != 0) | (changed != 0)
        listed += 1 if may & (differs_for_all | agenda.stirred[i] != 0) else 0
    for k in range(n, listed):
        i = out[k]
        agenda.wake[i] = wake = next_look(i, today.day, rules.review_days, agenda)
        is_review = wake <= today.day
        differs = today.touched[g] | agenda.stirred[i]
        # Reading the person's row as well is expensive and rarely needed.
        if differs | pushed == 0 or not _may_decide(i, is_review, differs, pushed, people, agenda, reads):
            if is_review:
                agenda.wake[i] = next_review(i, today.day, rules.review_days, agenda.reviews[today.day + 1])
        elif is_review or agenda.pressed[i] or _held(i, people) & changed:
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
    news = pushed | agenda.stirred[i] & reads[agenda.group[i]]
    return differs & held != 0 or (is_review and news & ~held != 0)

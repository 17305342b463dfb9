"""Who has something to decide today: the next look of everybody, and what others have told them in the meantime.

It is kept apart from the rest of what is known of a person, column by column: on most days most people have nothing to
decide, and to tell so takes a few bytes of each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64

from sim.kernels import kernel, leaf
from sim.mechanisms.choice import next_review
from sim.mechanisms.settings import Luck, Rows, Rules, Today


class Agenda(NamedTuple):
    """When each person looks again, and why.

    Attributes
    ----------
    wake : numpy.ndarray of int32, shape (people,)
        Day of the next review.
    pressed : numpy.ndarray of uint8, shape (people,)
        1 while a platform fails the person, or on the day after one was agreed on with kin abroad: a look at once.
    agreed : numpy.ndarray of int64, shape (people,)
        Platforms agreed on with kin abroad today, bits; room to work in, 0 outside that phase.
    stirred : numpy.ndarray of int64, shape (people,)
        Platforms on which somebody of the circle, or this person, has changed, bits.
    group, state : numpy.ndarray of int16 and int8, shape (people,)
        As in the table of people.
    """

    wake: np.ndarray
    pressed: np.ndarray
    agreed: np.ndarray
    stirred: np.ndarray
    group: np.ndarray
    state: np.ndarray


def first_agenda(people: Rows, review_days: float, luck: Luck) -> Agenda:
    """Return the agenda of the first day: nobody has heard of anything, and everybody looks some day.

    Parameters
    ----------
    people : numpy.ndarray of PERSON, shape (people,)
    review_days : float
        Mean days between two looks.
    luck : Luck
        Of the day before the first.
    """
    n = people.size
    agenda = Agenda(
        wake=np.zeros(n, np.int32),
        pressed=np.zeros(n, np.uint8),
        agreed=np.zeros(n, np.int64),
        stirred=np.zeros(n, np.int64),
        group=people["group"].copy(),
        state=people["state"].copy(),
    )
    _plan_all(agenda, review_days, luck)
    return agenda


@kernel
def _plan_all(agenda: Agenda, review_days: float, luck: Luck) -> None:
    for i in range(agenda.wake.size):
        agenda.wake[i] = next_review(i, -1, review_days, luck)


@kernel
def find_due(
    today: Today, people: Rows, agenda: Agenda, rules: Rules, luck: Luck, reads: np.ndarray, out: np.ndarray
) -> int:
    """List the people who have something to decide today; return how many they are.

    Whose review is due while nothing differs has nothing to decide, and only plans the next one. ``reads`` (groups,)
    are the platforms in a language of a group's (bits).
    """
    pushes, listed, n = int64(0), 0, 0
    for state in range(today.pushed.size):
        pushes |= today.pushed[state]
    for i in range(agenda.wake.size):
        out[listed] = i
        may = (agenda.wake[i] <= today.day) | (agenda.pressed[i] != 0) | (today.changed[agenda.state[i]] != 0)
        listed += 1 if may else 0
    for k in range(listed):
        i = out[k]
        is_review = agenda.wake[i] <= today.day
        differs = today.touched[agenda.group[i]] | agenda.stirred[i]
        # To look at the person as well is dear, and mostly needless.
        if differs | pushes == 0 or not _may_decide(i, is_review, differs, today, people, agenda, reads):
            if is_review:
                agenda.wake[i] = next_review(i, today.day, rules.review_days, luck)
        elif is_review or agenda.pressed[i] or _held(i, people) & today.changed[agenda.state[i]]:
            out[n] = i
            n += 1
    return n


@leaf
def _held(i: int, people: Rows) -> int:
    """Return the platforms that a person has or had (bits)."""
    return int64(people[i].member | people[i].lapsed)


@leaf
def _may_decide(
    i: int, is_review: bool, differs: int, today: Today, people: Rows, agenda: Agenda, reads: np.ndarray
) -> bool:
    """Return whether anything differs on what a person holds, or the state or the circle brings up something else."""
    held = _held(i, people)
    news = today.pushed[people[i].state] | agenda.stirred[i] & reads[agenda.group[i]]
    return differs & held != 0 or (is_review and news & ~held != 0)

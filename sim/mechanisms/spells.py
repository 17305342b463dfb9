"""Spells without contact: for how long each person with kin abroad has had no platform channel to any of them.

The data of one day show who is out of contact. Who was out at all, for a week in a row or for a month, depends on each
person's history. It is stored as four small numbers per person, and summed by group during the run.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.kernels import kernel

WEEK, MONTH = 7, 30  # days in a row from which a spell counts as one of a week, or of a month
_NEVER = -2  # no day, and not the day before the first one either


class Spells(NamedTuple):
    """People who have kin abroad and their spells without a channel to any of them, in the order of `KinTies.slot`."""

    had: np.ndarray  # (slots,) 1 from the day on which the baseline arm has a channel, else 0
    last: np.ndarray  # (slots,) last day without one, of those who have one in the baseline arm
    now: np.ndarray  # (slots,) length of the spell that includes it [days]
    longest: np.ndarray  # (slots,) length of the longest spell so far [days]


class LostSoFar(NamedTuple):
    """What the days so far come to, by group, in simulated people."""

    had: np.ndarray  # (groups,) people who have had a channel to kin in the baseline arm
    ever: np.ndarray  # (groups,) of them, without any in this arm on some day
    week: np.ndarray  # (groups,) of them, for WEEK days in a row or more
    month: np.ndarray  # (groups,) of them, for MONTH days in a row or more
    days: np.ndarray  # (groups,) days without one, of all of them [person-days]


def no_spells(slots: int) -> Spells:
    """Return the spells of people before the first day."""
    return Spells(
        had=np.zeros(slots, np.uint8),
        last=np.full(slots, _NEVER, np.int16),
        now=np.zeros(slots, np.int16),
        longest=np.zeros(slots, np.int16),
    )


def none_lost(groups: int) -> LostSoFar:
    """Return what no day comes to."""
    return LostSoFar(*(np.zeros(groups, np.int64) for _ in LostSoFar._fields))


@kernel
def follow_spells(day: int, mark: np.ndarray, slot_group: np.ndarray, s: Spells, n: LostSoFar) -> None:
    """Add a day to the spells of those who are without a channel today (in place).

    ``mark`` (slots,) is as `measure_contact` leaves it: bit 1 for who has a channel in the baseline arm, bit 2 for who
    has one in this arm, nothing for groups in which no tie is out.
    """
    for slot in range(mark.size):
        if not mark[slot] & 1:
            continue
        g = slot_group[slot]
        if s.had[slot] == 0:
            s.had[slot] = 1
            n.had[g] += 1
        if mark[slot] & 2:
            continue
        s.now[slot] = s.now[slot] + 1 if s.last[slot] == day - 1 else 1
        s.last[slot] = day
        n.days[g] += 1
        if s.now[slot] > s.longest[slot]:
            # The longest spell grows by single days, so each length is reached once.
            s.longest[slot] = s.now[slot]
            n.ever[g] += 1 if s.now[slot] == 1 else 0
            n.week[g] += 1 if s.now[slot] == WEEK else 0
            n.month[g] += 1 if s.now[slot] == MONTH else 0

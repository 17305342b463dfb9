"""Data that only the visit of the person reads: how likely each platform is used today, and what no contact sees.

On the first day these data follow from the platforms that the person holds, and for many people they never change. A
row is therefore stored only for people whose data changed. In a large world this halves the memory.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.kernels import kernel, leaf, part
from sim.mechanisms.choice import chance_of_use
from sim.mechanisms.settings import OWN, Rows

GROWTH = 1.25
"""By how much the rows grow at least once they are full: each is then moved a few times only."""


class Own(NamedTuple):
    """What is kept of people for whom anything differs from the first day.

    Attributes
    ----------
    at : numpy.ndarray of int32, shape (people,)
        Row of each person; -1 while all is as on the first day.
    row : numpy.ndarray of OWN, shape (rows,)
    use : numpy.ndarray of uint8, shape (rows, platforms)
        Chance that the person uses each platform today, in LEVELS.
    regular : numpy.ndarray of uint8, shape (platforms,)
        The same of everybody who holds a platform on the first day, while there is no row.
    taken : numpy.ndarray of int64, shape (1,)
        Rows that belong to somebody; the others are room to grow.
    """

    at: np.ndarray
    row: Rows
    use: np.ndarray
    regular: np.ndarray
    taken: np.ndarray


def first_own(people: int, platform: Rows) -> Own:
    """Return what is kept on the first day, which is nothing.

    Parameters
    ----------
    people : int
    platform : numpy.ndarray of PLATFORM, shape (platforms,)
    """
    regular = np.empty(platform.size, np.uint8)
    _fill_regular(platform, regular)
    return Own(
        at=np.full(people, -1, np.int32),
        row=np.empty(0, OWN),
        use=np.empty((0, platform.size), np.uint8),
        regular=regular,
        taken=np.zeros(1, np.int64),
    )


@kernel
def _fill_regular(platform: Rows, regular: np.ndarray) -> None:
    for p in range(platform.size):
        regular[p] = chance_of_use(1.0, platform[p].habit)


def with_room(own: Own, visitors: np.ndarray) -> Own:
    """Return the same with room for a row of each of some people, shape (visitors,); itself where there is enough."""
    taken, rows = int(own.taken[0]), len(own.row)
    needed = taken + int(np.count_nonzero(own.at[visitors] < 0))
    if needed <= rows:
        return own
    more = max(needed, int(GROWTH * rows))
    row, use = np.empty(more, OWN), np.empty((more, own.regular.size), np.uint8)
    row[:taken], use[:taken] = own.row[:taken], own.use[:taken]
    return own._replace(row=row, use=use)


def own_column(own: Own, name: str, who: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Return a column of OWN for some people, shape (people,); a copy."""
    at = own.at[who]
    found = np.zeros(at.shape, OWN[name])
    found[at >= 0] = own.row[name][at[at >= 0]]
    return found


def use_table(own: Own, people: Rows) -> np.ndarray:
    """Return the chance that each person uses each platform today, in LEVELS, shape (people, platforms); a copy.

    Parameters
    ----------
    own : Own
    people : numpy.ndarray of PERSON, shape (people,)
    """
    platforms = np.arange(own.regular.size, dtype=np.int64)
    held = people["first_member"][:, None] >> platforms & 1
    found = np.where(held == 1, own.regular, np.uint8(0))
    found[own.at >= 0] = own.use[own.at[own.at >= 0]]
    return found


@leaf
def level_of(i: int, p: int, people: Rows, own: Own) -> int:
    """Return the chance that a person uses a platform today, in LEVELS."""
    if own.at[i] >= 0:
        return int(own.use[own.at[i], p])
    return int(own.regular[p]) if people[i].first_member >> p & 1 else 0


@leaf
def lapse_day_of(i: int, own: Own) -> int:
    """Return the day on which a person last gave up a platform, before today; 0 where there is none."""
    return int(own.row[own.at[i]].lapse_day) if own.at[i] >= 0 else 0


@leaf
def lacks_app(i: int, p: int, own: Own) -> bool:
    """Return whether a person has lost the working app of a platform."""
    return own.at[i] >= 0 and own.row[own.at[i]].uninstalled >> p & 1 == 1


@part
def fetch_own(i: int, k: int, people: Rows, own: Own, row: Rows, use: np.ndarray) -> None:
    """Copy what is kept of a person into row ``k`` of ``row`` (rows,) of OWN and of ``use`` (rows, platforms)."""
    at = own.at[i]
    if at >= 0:
        row[k] = own.row[at]
        for p in range(own.regular.size):
            use[k, p] = own.use[at, p]
        return
    row[k].stuck, row[k].uninstalled, row[k].lost = 0, 0, 0
    row[k].lapse_day, row[k].hit_day, row[k].vpn_day, row[k].surplus = 0, 0, 0, 0
    for p in range(own.regular.size):
        use[k, p] = own.regular[p] if people[i].first_member >> p & 1 else 0


@part
def keep_own(i: int, k: int, people: Rows, own: Own, row: Rows, use: np.ndarray) -> None:
    """Take over row ``k`` of what `fetch_own` fills, in a new row where a person has none and needs one."""
    at = own.at[i]
    if at < 0:
        if _is_as_on_the_first_day(i, k, people, own, row, use):
            return
        at = own.taken[0]
        own.at[i] = at
        own.taken[0] += 1
    own.row[at] = row[k]
    for p in range(own.regular.size):
        own.use[at, p] = use[k, p]


@leaf
def _is_as_on_the_first_day(i: int, k: int, people: Rows, own: Own, row: Rows, use: np.ndarray) -> bool:
    """Return whether row ``k`` holds what a person without a row has."""
    days = row[k].lapse_day | row[k].hit_day | row[k].vpn_day | row[k].surplus
    if row[k].stuck | row[k].uninstalled | row[k].lost != 0 or days != 0:
        return False
    other = 0
    for p in range(own.regular.size):
        other += 1 if use[k, p] != (own.regular[p] if people[i].first_member >> p & 1 else 0) else 0
    return other == 0

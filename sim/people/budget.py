"""Budgets of time and money, by person: what a platform loses goes to other platforms of the same
person, or is not spent.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64

from ..core.kernels import kernel, leaf, lowest, part

_LARGEST_FLOAT = float(np.finfo(np.float64).max)
_ROOM = 10
"""Rows of numbers that `_share_out_row` and its caller work in."""


class Spending(NamedTuple):
    """The use of each person."""

    held: np.ndarray  # (people,) of int64: platforms in use, bits
    amount: np.ndarray  # (people, platforms) of each [any unit]; (0, platforms): one each


def share_out(
    now: Spending,
    before: Spending,
    total: np.ndarray,
    group: np.ndarray,
    each: np.ndarray,
    close: np.ndarray,
    lost: np.ndarray,
) -> np.ndarray:
    """Return the time or money of each platform after the losses of other platforms are
    distributed, person by person, and summed by group.

    A part of a loss is not spent anywhere. The rest goes to new use of the same person that
    replaces the loss and to platforms that the person uses already, in proportion to their use and
    to how close their kind is; where none is close, it is not spent either. New use beyond the
    size of the loss, as of an app for one contact, comes out of platforms that stand in for it at
    all, the closer the more: never out of what has nothing to do with it. Nobody's total is more
    than that of the baseline minus ``lost`` times the loss.

    Parameters
    ----------
    now, before : Spending
        What people use with the policies and without, in whole numbers.
    total : numpy.ndarray, shape (groups, platforms)
        What the people of each group use with the policies.
    group : numpy.ndarray of int, shape (people,)
        Number of each person's group.
    each : numpy.ndarray, shape (groups, platforms)
        What one unit of use takes [any unit].
    close : numpy.ndarray, shape (platforms, platforms)
        How well one platform replaces another, by kind [1].
    lost : numpy.ndarray, shape (platforms,)
        Share of the loss of each platform that goes to no other one [1].

    Returns
    -------
    numpy.ndarray, shape (groups, platforms)
    """
    each = as_floats(each)
    same = np.array(total, np.float64)  # sums of whole numbers: exact in any order
    shared = np.zeros(each.shape)
    _share_out(
        now,
        before,
        group,
        each,
        as_floats(close),
        as_floats(lost),
        np.empty(each.shape[1], np.int64),
        np.empty((_ROOM, each.shape[1])),
        same,
        shared,
    )
    return np.asarray(same * each + shared)


def as_floats(table: np.ndarray) -> np.ndarray:
    """Return a table as kernels take it, so that they are compiled for one type alone."""
    floats = np.ascontiguousarray(table, np.float64)
    return floats if floats.flags.writeable else floats.copy()


@kernel
def _share_out(
    now: Spending,
    before: Spending,
    group: np.ndarray,
    each: np.ndarray,
    close: np.ndarray,
    lost: np.ndarray,
    at: np.ndarray,
    room: np.ndarray,
    same: np.ndarray,
    shared: np.ndarray,
) -> None:
    """Take the use of those of whom something differs out of that of all, ``same``, and add up what
    they spend, shared out, in ``shared``, (groups, platforms) each.

    The use of those who use what they used before stays as it is, exactly: a world without
    effects has no rounding errors. ``at`` (platforms,) and ``room`` (_ROOM, platforms) are to work
    in.
    """
    own = room[0]
    base = room[1]
    amount = room[2]
    for i in range(len(group)):
        if _is_same(i, now, before):
            continue
        g = group[i]
        n = 0
        differs = False
        either = now.held[i] | before.held[i]
        while either != 0:
            p = lowest(either)
            either &= either - 1
            at[n] = p
            amount[n] = _amount(now, i, p)
            amount_before = _amount(before, i, p)
            differs |= amount[n] != amount_before
            own[n] = amount[n] * each[g, p]
            base[n] = amount_before * each[g, p]
            n += 1
        if not differs:
            continue
        _share_out_row(n, at, close, lost, room)
        for a in range(n):
            same[g, at[a]] -= amount[a]
            shared[g, at[a]] += own[a]


@leaf
def _is_same(i: int, now: Spending, before: Spending) -> bool:
    """Return whether a person's row is the same with the policies and without; most are."""
    differs = now.held[i] != before.held[i]
    for p in range(now.amount.shape[1] if len(now.amount) > 0 else 0):
        differs |= now.amount[i, p] != before.amount[i, p]
    return not differs


@leaf
def _amount(use: Spending, i: int, p: int) -> float:
    """Return how much a person uses of a platform."""
    if use.held[i] & (int64(1) << p) == 0:
        return 0.0
    return float(use.amount[i, p]) if len(use.amount) > 0 else 1.0


@part
def _share_out_row(
    n: int, at: np.ndarray, close: np.ndarray, lost: np.ndarray, room: np.ndarray
) -> None:
    """Share out what one person lost among ``n`` platforms, whose numbers are the first of ``at``.

    The first two rows of ``room`` are what the person spends, which becomes what is left of it, and
    what without the policies. Rows are whole, and most people lose nothing: both save time.
    """
    own = room[0]
    base = room[1]
    kept = room[3]
    gain = room[4]
    loss = room[5]
    losses = 0.0
    gains = 0.0
    free = 0.0
    for a in range(n):
        kept[a] = min(base[a], own[a])
        gain[a] = max(own[a] - base[a], 0.0)
        loss[a] = max(base[a] - own[a], 0.0)
        gains += gain[a]
        losses += loss[a]
        free += (1.0 - lost[at[a]]) * loss[a]
    for a in range(n):
        own[a] = kept[a]
    if losses > 0.0:
        _feed(n, losses, free, min(1.0, ratio(losses, gains)), at, close, room)
    more = sum_of(gain, n)  # what the loss does not account for
    if more > 0.0:
        taken = _take(n, more, at, close, room)
        for a in range(n):
            own[a] += taken * ratio(gain[a], more)


@part
def _feed(
    n: int,
    losses: float,
    free: float,
    replaced: float,
    at: np.ndarray,
    close: np.ndarray,
    room: np.ndarray,
) -> None:
    """Share the freed amount out among new use and use that the person had, in place. Afterwards
    ``gain`` holds the new use beyond the loss.

    Parameters
    ----------
    losses, free : float
        What the person lost, and the part of it that is spent elsewhere.
    replaced : float
        Share of the new use that replaces the loss [1].
    """
    own = room[0]
    kept = room[3]
    gain = room[4]
    loss = room[5]
    near = room[6]  # how near each platform is to what was lost
    weight = room[7]
    fed = room[8]
    _add_nearness(n, loss, at, close, near)
    for a in range(n):
        weight[a] = kept[a] * ratio(near[a], losses)
        fed[a] = gain[a] * replaced * ratio(near[a], losses)
    weights = sum_of(weight, n)
    served = ratio(free, sum_of(fed, n) + weights)
    for a in range(n):
        fed[a] = min(gain[a] * replaced, fed[a] * served)
        gain[a] -= gain[a] * replaced
    # What is fed may exceed what is free by a rounding error.
    rest = max(0.0, free - sum_of(fed, n))
    for a in range(n):
        own[a] += rest * ratio(weight[a], weights) + fed[a]


@part
def _take(n: int, more: float, at: np.ndarray, close: np.ndarray, room: np.ndarray) -> float:
    """Take from each platform what it gives to new use beyond the loss, ``more`` in all, in place;
    return how much they give.

    The closest give first.
    """
    own = room[0]
    kept = room[3]
    beyond = room[4]
    beside = room[6]  # how near each platform is to new use beyond the loss
    able = room[7]
    pull = room[8]
    left = room[9]
    _add_nearness(n, beyond, at, close, beside)
    for p in range(n):
        able[p] = kept[p] if beside[p] > 0.0 else 0.0
        pull[p] = able[p] * beside[p]
    taken = min(more, sum_of(able, n))
    served = ratio(taken, sum_of(pull, n))
    given = 0.0
    for p in range(n):
        pull[p] = min(able[p], pull[p] * served)
        left[p] = able[p] - pull[p]
        given += pull[p]
    served = ratio(taken - given, sum_of(left, n))  # where the closest have no more
    for p in range(n):
        own[p] -= min(able[p], pull[p] + max(0.0, left[p] * served))
    return taken


@part
def _add_nearness(
    n: int, amounts: np.ndarray, at: np.ndarray, close: np.ndarray, near: np.ndarray
) -> None:
    """Find how near each of ``n`` platforms is to those of which there are amounts."""
    near[:n] = 0.0
    for q in range(n):
        if amounts[q] != 0.0:
            for p in range(n):
                near[p] += amounts[q] * close[at[q], at[p]]


@leaf
def sum_of(values: np.ndarray, n: int) -> float:
    """Return the sum of the first numbers, added up in order."""
    whole = 0.0
    for a in range(n):
        whole += values[a]
    return whole


@leaf
def ratio(part_of: float, whole: float) -> float:
    """Return a part over a whole; 0 where there is no whole."""
    # Of next to nothing it is infinite, and 0 times infinity is no number.
    return min(part_of / whole, _LARGEST_FLOAT) if whole > 0.0 else 0.0

"""Budgets of time and money, by person: what one platform loses goes to others that the same person
uses, or is not used.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64

from ..core.kernels import kernel, leaf, lowest, part

_LARGEST_FLOAT = float(np.finfo(np.float64).max)
_ROOM = 11
"""Rows of numbers that `_share_out_row` and its caller work in."""


class Spending(NamedTuple):
    """What each person uses."""

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
        How well one platform stands in for another, by kind [1].
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
    for i in range(len(group)):
        g = group[i]
        n = 0
        differs = False
        if _is_same(i, now, before):
            continue
        either = now.held[i] | before.held[i]
        while either != 0:
            p = lowest(either)
            either &= either - 1
            at[n] = p
            own[n] = _amount(now, i, p)
            base[n] = _amount(before, i, p)
            differs |= own[n] != base[n]
            n += 1
        if not differs:
            continue
        for a in range(n):
            same[g, at[a]] -= own[a]
        for a in range(n):
            own[a] *= each[g, at[a]]
            base[a] *= each[g, at[a]]
        _share_out_row(at[:n], close, lost, room[:, :n])
        for a in range(n):
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
def _share_out_row(at: np.ndarray, close: np.ndarray, lost: np.ndarray, room: np.ndarray) -> None:
    """Share out what one person lost, arrays of one number for each of some platforms ``at``.

    The first rows of ``room`` are what the person spends, which becomes what is left of it, and
    what without the policies.
    """
    own = room[0]
    base = room[1]
    kept = room[2]
    gain = room[3]
    loss = room[4]
    free_part = room[5]
    near = room[6]  # how near each platform is to what was lost
    weight = room[7]
    fed = room[8]
    beyond = room[9]
    given = room[10]
    n = len(at)
    for a in range(n):
        kept[a] = min(base[a], own[a])
        gain[a] = max(own[a] - base[a], 0.0)
        loss[a] = max(base[a] - own[a], 0.0)
        free_part[a] = (1.0 - lost[at[a]]) * loss[a]
    _add_nearness(loss, at, close, near)
    losses = sum_of(loss)
    free = sum_of(free_part)
    replaced = min(1.0, ratio(losses, sum_of(gain)))
    for a in range(n):
        weight[a] = kept[a] * ratio(near[a], losses)
        instead = gain[a] * replaced
        beyond[a] = gain[a] - instead
        fed[a] = instead * ratio(near[a], losses)
    weights = sum_of(weight)
    served = ratio(free, sum_of(fed) + weights)
    for a in range(n):
        fed[a] = min(gain[a] * replaced, fed[a] * served)
    more = sum_of(beyond)
    taken = _take(more, kept, beyond, at, close, room[3:7], given)
    # What is fed may exceed what is free by a rounding error.
    rest = max(0.0, free - sum_of(fed))
    for a in range(n):
        stays = kept[a] - given[a] + rest * ratio(weight[a], weights)
        own[a] = stays + fed[a] + taken * ratio(beyond[a], more)


@part
def _take(
    more: float,
    kept: np.ndarray,
    beyond: np.ndarray,
    at: np.ndarray,
    close: np.ndarray,
    room: np.ndarray,
    given: np.ndarray,
) -> float:
    """Find what each platform gives to new use beyond the loss, ``more`` in all; return how much
    they give.

    The closest give first; ``room`` (4, platforms) is to work in.
    """
    beside = room[0]  # how near each platform is to new use beyond the loss
    able = room[1]
    pull = room[2]
    left = room[3]
    n = len(kept)
    _add_nearness(beyond, at, close, beside)
    for p in range(n):
        able[p] = kept[p] if beside[p] > 0.0 else 0.0
        pull[p] = able[p] * beside[p]
    taken = min(more, sum_of(able))
    served = ratio(taken, sum_of(pull))
    for p in range(n):
        given[p] = min(able[p], pull[p] * served)
        left[p] = able[p] - given[p]
    served = ratio(taken - sum_of(given), sum_of(left))  # where the closest have no more
    for p in range(n):
        given[p] = min(able[p], given[p] + max(0.0, left[p] * served))
    return taken


@part
def _add_nearness(amounts: np.ndarray, at: np.ndarray, close: np.ndarray, near: np.ndarray) -> None:
    """Find how near each platform is to those of which there are amounts, arrays of one number for
    each platform ``at``.
    """
    near[:] = 0.0
    for q in range(len(amounts)):
        if amounts[q] != 0.0:
            for p in range(len(amounts)):
                near[p] += amounts[q] * close[at[q], at[p]]


@part
def sum_of(values: np.ndarray) -> float:
    """Return a sum, added up in order."""
    whole = 0.0
    for value in values:
        whole += value
    return whole


@leaf
def ratio(part_of: float, whole: float) -> float:
    """Return a part over a whole; 0 where there is no whole."""
    # Of next to nothing it is infinite, and 0 times infinity is no number.
    return min(part_of / whole, _LARGEST_FLOAT) if whole > 0.0 else 0.0

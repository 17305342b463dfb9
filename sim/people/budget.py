"""Budgets of time and money, by person: losses of a platform go to other platforms of the same
person, or are not spent.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import int64

from ..core.kernels import kernel, leaf, lowest, part

_LARGEST_FLOAT = float(np.finfo(np.float64).max)
_ROOM = 10
"""Rows of working memory for `_share_out_row` and its caller."""


class Spending(NamedTuple):
    """The use of each person."""

    held: np.ndarray  # (people,) of int64: platforms in use, bits
    amount: np.ndarray  # (people, platforms) amount of each [any unit]; (0, platforms) means 1 each


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

    A part of a loss is not spent anywhere. The rest goes to the person's new use that replaces the
    loss, and to platforms already in use, in proportion to their use and to the closeness of their
    kind; if none is close, it is not spent either. New use beyond the size of the loss, as of an
    app for one contact, reduces the use of its substitutes, closer ones more, but not of unrelated
    platforms. Nobody's total exceeds that of the baseline minus ``lost`` times the loss.

    Parameters
    ----------
    now, before : Spending
        Use of people with and without the policies, in whole numbers.
    total : numpy.ndarray, shape (groups, platforms)
        Use of the people of each group with the policies.
    group : numpy.ndarray of int, shape (people,)
        Number of each person's group.
    each : numpy.ndarray, shape (groups, platforms)
        Amount for one unit of use [any unit].
    close : numpy.ndarray, shape (platforms, platforms)
        Degree to which one platform replaces another, by kind [1].
    lost : numpy.ndarray, shape (platforms,)
        Share of each platform's loss that does not go to another one [1].

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
    """Return a table in the type for which kernels are compiled."""
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
    """Subtract the use of people with differences from that of all, ``same``, and sum their
    redistributed spending in ``shared``, (groups, platforms) each.

    The use of people without differences stays exactly the same, so a world without effects has no
    rounding errors. ``at`` (platforms,) and ``room`` (_ROOM, platforms) are working memory.
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
    """Return whether a person's row is the same with and without the policies, as most are."""
    differs = now.held[i] != before.held[i]
    for p in range(now.amount.shape[1] if len(now.amount) > 0 else 0):
        differs |= now.amount[i, p] != before.amount[i, p]
    return not differs


@leaf
def _amount(use: Spending, i: int, p: int) -> float:
    """Return a person's use of a platform."""
    if use.held[i] & (int64(1) << p) == 0:
        return 0.0
    return float(use.amount[i, p]) if len(use.amount) > 0 else 1.0


@part
def _share_out_row(
    n: int, at: np.ndarray, close: np.ndarray, lost: np.ndarray, room: np.ndarray
) -> None:
    """Redistribute one person's losses among ``n`` platforms, whose numbers are the first of
    ``at``.

    The first two rows of ``room`` are the spending with the policies, replaced by its remainder,
    and without them. Whole rows, and skipping people without losses, save time.
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
    more = sum_of(gain, n)  # gain in excess of the loss
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
    """Distribute the freed amount to new and earlier use, in place. Afterwards ``gain`` holds the
    new use beyond the loss.

    Parameters
    ----------
    losses, free : float
        The person's loss, and the part of it that is spent elsewhere.
    replaced : float
        Share of the new use that replaces the loss [1].
    """
    own = room[0]
    kept = room[3]
    gain = room[4]
    loss = room[5]
    near = room[6]  # closeness of each platform to the losses
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
    # The distributed amount may exceed the free one by a rounding error.
    rest = max(0.0, free - sum_of(fed, n))
    for a in range(n):
        own[a] += rest * ratio(weight[a], weights) + fed[a]


@part
def _take(n: int, more: float, at: np.ndarray, close: np.ndarray, room: np.ndarray) -> float:
    """Subtract from platforms, in place, the amount ``more`` for new use beyond the loss; return
    the amount found.

    The closest platforms come first.
    """
    own = room[0]
    kept = room[3]
    beyond = room[4]
    beside = room[6]  # closeness of each platform to new use beyond the loss
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
    served = ratio(taken - given, sum_of(left, n))  # if the closest have no more
    for p in range(n):
        own[p] -= min(able[p], pull[p] + max(0.0, left[p] * served))
    return taken


@part
def _add_nearness(
    n: int, amounts: np.ndarray, at: np.ndarray, close: np.ndarray, near: np.ndarray
) -> None:
    """Sum the closeness of each of ``n`` platforms to the platforms with amounts, in place."""
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
    """Return part / whole; 0 where the whole is 0."""
    # For a tiny whole the ratio is infinite, and 0 times infinity is NaN.
    return min(part_of / whole, _LARGEST_FLOAT) if whole > 0.0 else 0.0

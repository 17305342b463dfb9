"""Budgets of time and money: what one platform loses goes to others, or is not used."""

from __future__ import annotations

import numpy as np

from ..core.kernels import kernel, leaf, part

_LARGEST_FLOAT = float(np.finfo(np.float64).max)
_ROOM = 9
"""Rows of numbers that `_share_out_row` works in."""


def share_out(
    own: np.ndarray, base: np.ndarray, close: np.ndarray, lost: np.ndarray, new_weight: float
) -> np.ndarray:
    """Return the time or money of each platform after the losses of other platforms are
    distributed.

    A part of a loss is not spent anywhere. The rest goes to new use that replaces the loss and to
    platforms that people use already, in proportion to their use and to how close their kind is;
    where none is close, it is not spent either. New use beyond the size of the loss, as of an app
    for one contact, comes out of platforms that stand in for it at all, the closer the more: never
    out of what has nothing to do with it. The total is at most that of the baseline minus ``lost``
    times the loss.

    Parameters
    ----------
    own, base : numpy.ndarray, shape (groups, platforms)
        What the users of today would spend, each as a regular user, with the policies and without
        [any unit].
    close : numpy.ndarray, shape (platforms, platforms)
        How well one platform stands in for another, by kind [1].
    lost : numpy.ndarray, shape (platforms,)
        Share of the loss of each platform that goes to no other one [1].
    new_weight : float
        What a minute of new use weighs against a minute of what is used already and as close [1].

    Returns
    -------
    numpy.ndarray, shape (groups, platforms)
    """
    own = as_floats(own)
    shared = np.empty(own.shape)
    lost = np.broadcast_to(lost, own.shape[1])
    _share_out(
        own,
        as_floats(base),
        as_floats(close),
        as_floats(lost),
        float(new_weight),
        np.empty((_ROOM, own.shape[1])),
        shared,
    )
    return shared


def as_floats(table: np.ndarray) -> np.ndarray:
    """Return a table as kernels take it, so that they are compiled for one type alone."""
    floats = np.ascontiguousarray(table, np.float64)
    return floats if floats.flags.writeable else floats.copy()


@kernel
def _share_out(
    own: np.ndarray,
    base: np.ndarray,
    close: np.ndarray,
    lost: np.ndarray,
    new_weight: float,
    room: np.ndarray,
    shared: np.ndarray,
) -> None:
    """Share out what groups lost into ``shared`` (groups, platforms).

    ``room`` (_ROOM, platforms) is to work in.
    """
    for g in range(len(own)):
        is_same = True
        for p in range(own.shape[1]):
            shared[g, p] = own[g, p]
            is_same &= own[g, p] == base[g, p]
        if not is_same:
            _share_out_row(own[g], base[g], close, lost, new_weight, room, shared[g])


@part
def _share_out_row(
    own: np.ndarray,
    base: np.ndarray,
    close: np.ndarray,
    lost: np.ndarray,
    new_weight: float,
    room: np.ndarray,
    shared: np.ndarray,
) -> None:
    """Share out what one group lost, arrays of one number a platform."""
    kept = room[0]
    gain = room[1]
    loss = room[2]
    free_part = room[3]
    near = room[4]  # how near each platform is to what was lost
    weight = room[5]
    fed = room[6]
    beyond = room[7]
    given = room[8]
    n = len(own)
    for p in range(n):
        kept[p] = min(base[p], own[p])
        gain[p] = max(own[p] - base[p], 0.0)
        loss[p] = max(base[p] - own[p], 0.0)
        free_part[p] = (1.0 - lost[p]) * loss[p]
    _add_nearness(loss, close, near)
    losses = sum_of(loss)
    free = sum_of(free_part)
    replaced = min(1.0, ratio(losses, sum_of(gain)))
    for p in range(n):
        weight[p] = kept[p] * ratio(near[p], losses)
        instead = gain[p] * replaced
        beyond[p] = gain[p] - instead
        fed[p] = new_weight * instead * ratio(near[p], losses)
    weights = sum_of(weight)
    served = ratio(free, sum_of(fed) + weights)
    for p in range(n):
        fed[p] = min(gain[p] * replaced, fed[p] * served)
    more = sum_of(beyond)
    taken = _take(more, kept, beyond, close, room[1:5], given)
    # What is fed may exceed what is free by a rounding error.
    rest = max(0.0, free - sum_of(fed))
    for p in range(n):
        stays = kept[p] - given[p] + rest * ratio(weight[p], weights)
        shared[p] = stays + fed[p] + taken * ratio(beyond[p], more)


@part
def _take(
    more: float,
    kept: np.ndarray,
    beyond: np.ndarray,
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
    _add_nearness(beyond, close, beside)
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
def _add_nearness(amounts: np.ndarray, close: np.ndarray, near: np.ndarray) -> None:
    """Find how near each platform is to those of which there are amounts, arrays (platforms,).

    A matrix product would add up in the order that suits a processor; this one adds in the order of
    the platforms.
    """
    near[:] = 0.0
    for q in range(len(amounts)):
        if amounts[q] != 0.0:
            for p in range(len(amounts)):
                near[p] += amounts[q] * close[q, p]


@part
def sum_of(values: np.ndarray) -> float:
    """Return a sum as NumPy adds up a row of at most 128 numbers: eight sums side by side, then
    these in pairs.
    """
    n = len(values)
    whole = 0.0
    even = n - n % 8
    if even:
        side0 = values[0]
        side1 = values[1]
        side2 = values[2]
        side3 = values[3]
        side4 = values[4]
        side5 = values[5]
        side6 = values[6]
        side7 = values[7]
        for i in range(8, even, 8):
            side0 += values[i]
            side1 += values[i + 1]
            side2 += values[i + 2]
            side3 += values[i + 3]
            side4 += values[i + 4]
            side5 += values[i + 5]
            side6 += values[i + 6]
            side7 += values[i + 7]
        whole = ((side0 + side1) + (side2 + side3)) + ((side4 + side5) + (side6 + side7))
    for i in range(even, n):
        whole += values[i]
    return whole


@leaf
def ratio(part_of: float, whole: float) -> float:
    """Return a part over a whole; 0 where there is no whole."""
    # Of next to nothing it is infinite, and 0 times infinity is no number.
    return min(part_of / whole, _LARGEST_FLOAT) if whole > 0.0 else 0.0

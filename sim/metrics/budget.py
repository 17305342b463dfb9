"""Budgets of time and money: what one platform loses goes to others, or is not used."""

from __future__ import annotations

import numpy as np

from sim.core.kernels import kernel, leaf, part

type Array = np.ndarray


def nowhere(first: float, later: float, half_life: float, days: float) -> float:
    """Return the share of what is lost that goes to no other platform, so many days after the loss began [1].

    Parameters
    ----------
    first, later : float
        The share on the first day, and in the long run [1].
    half_life : float
        Days until half of the difference is gone [days].
    days : float
    """
    return later + (first - later) * 0.5 ** (days / half_life)


def share_out(own: Array, base: Array, close: Array, lost: float, new_weight: float) -> Array:
    """Return the time or money of each platform after the losses of other platforms are distributed.

    A part of a loss is not spent anywhere. The rest goes to new use that replaces the loss and to platforms that people
    use already, in proportion to their use and to how close their kind is. New use beyond the size of the loss reduces
    existing use. The total is therefore that of the baseline minus ``lost`` times the loss.

    Parameters
    ----------
    own, base : numpy.ndarray, shape (groups, platforms)
        What the users of today would spend, each as a regular user, with the policies and without [any unit].
    close : numpy.ndarray, shape (platforms, platforms)
        How well one platform stands in for another, by kind [1].
    lost : float
        Share of a loss that goes to no other platform [1].
    new_weight : float
        What a minute of new use weighs against a minute of what is used already and as close [1].

    Returns
    -------
    numpy.ndarray, shape (groups, platforms)
    """
    own, base, close = (np.require(table, np.float64, ["C", "W"]) for table in (own, base, close))
    shared, room = np.empty(own.shape), np.empty((5, own.shape[1]))
    _share_out(own, base, close, lost, new_weight, room, shared)
    return shared


@kernel
def _share_out(
    own: Array, base: Array, close: Array, lost: float, new_weight: float, room: Array, shared: Array
) -> None:
    """Share out what groups lost into ``shared`` (groups, platforms); ``room`` (5, platforms) is room to work in."""
    for g in range(len(own)):
        alike = True
        for p in range(own.shape[1]):
            shared[g, p] = own[g, p]
            alike &= own[g, p] == base[g, p]
        if not alike:
            _share_out_group(own[g], base[g], close, lost, new_weight, room, shared[g])


@part
def _share_out_group(
    own: Array, base: Array, close: Array, lost: float, new_weight: float, room: Array, shared: Array
) -> None:  # fmt: skip
    """Share out what one group lost, arrays of one number a platform.

    How near each platform is to what was lost adds up in the order of the platforms. A matrix product would add up in
    the order that suits a processor.
    """
    kept, weight, gain, fed, near = room[0], room[1], room[2], room[3], room[4]
    n = len(own)
    for p in range(n):
        kept[p], gain[p] = min(base[p], own[p]), max(own[p] - base[p], 0.0)
        fed[p], near[p] = max(base[p] - own[p], 0.0), 0.0
    for q in range(n):
        for p in range(n if fed[q] > 0.0 else 0):
            near[p] += fed[q] * close[q, p]
    losses, gains, used = sum_of(fed), sum_of(gain), sum_of(kept)
    free = (1.0 - lost) * losses
    # Users of a lost platform go to those close to it; if there is none, to all that are used.
    for p in range(n):
        weight[p] = kept[p] * ratio(near[p], losses)
    weights = sum_of(weight)
    if not weights > 0:
        for p in range(n):
            weight[p] = kept[p]
        weights = used
    replaced = min(1.0, ratio(losses, gains))
    for p in range(n):
        fed[p] = new_weight * (gain[p] * replaced) * ratio(near[p], losses)
    served = ratio(free, sum_of(fed) + weights)
    for p in range(n):
        instead = gain[p] * replaced
        fed[p] = min(instead, fed[p] * served)
        gain[p] -= instead
    beyond = sum_of(gain)
    taken = min(beyond, used)
    # What is fed may exceed what is free by a rounding error.
    stays, rest = 1.0 - ratio(taken, used), max(0.0, free - sum_of(fed))
    for p in range(n):
        shared[p] = kept[p] * stays + rest * ratio(weight[p], weights) + fed[p] + taken * ratio(gain[p], beyond)


@part
def sum_of(values: Array) -> float:
    """Return a sum as NumPy adds up a row of fewer than 128 numbers: eight sums side by side, then these in pairs."""
    n, whole = len(values), 0.0
    even = n - n % 8 if n >= 8 else 0
    if even:
        a, b, c, d, e, f, g, h = values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]
        for i in range(8, even, 8):
            a += values[i]
            b += values[i + 1]
            c += values[i + 2]
            d += values[i + 3]
            e += values[i + 4]
            f += values[i + 5]
            g += values[i + 6]
            h += values[i + 7]
        whole = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(even, n):
        whole += values[i]
    return whole


@leaf
def ratio(part: float, whole: float) -> float:
    """Return a part over a whole; 0 where there is no whole."""
    return part / whole if whole > 0.0 else 0.0


def from_purse(paid: Array, before: Array) -> Array:
    """Return what advertisers pay if all gains of platforms come from the losses of others in the same state.

    If attention moves to platforms with more revenue per minute, advertisers would spend more in total. They do not:
    budgets move with people, and the share of income that is spent on media stays the same for decades (McCombs 1972).
    Therefore, if the gains in a state exceed its losses, each gain shrinks by the same factor.

    Parameters
    ----------
    paid, before : numpy.ndarray, shape (states, platforms)
        What the minutes of today would bring at the rates of before, with the policies and without [any unit].

    Returns
    -------
    numpy.ndarray, shape (states, platforms)
    """
    gain, loss = np.maximum(paid - before, 0.0), np.maximum(before - paid, 0.0)
    gains, losses = gain.sum(axis=1, keepdims=True), loss.sum(axis=1, keepdims=True)
    covered = np.divide(losses, gains, out=np.zeros_like(gains), where=gains > 0)
    return np.asarray(np.minimum(paid, before) + gain * np.minimum(1.0, covered))

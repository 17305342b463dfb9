"""A day has so many minutes, and a purse so much money: what one platform loses goes to others, or nowhere."""

from __future__ import annotations

import numpy as np

from sim.metrics.weights import LabelSums

type Array = np.ndarray
_NOISE = 24
"""Binary digits of a float's 52 that `settled` rounds away; those that are left are eight decimal ones."""


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
    """Return what each platform gets, once time or money that other platforms lost is shared out.

    Part of a loss goes nowhere. The rest is shared between new use that stands in for what was lost and what people
    use already: the more, the more it is used and the closer its kind. New use beyond the size of the loss takes from
    what is used already. So nothing comes from nowhere: the sum is that of the baseline less ``lost`` times the loss.

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
    moved = (own != base).any(axis=1)
    if not moved.any():
        return own
    # All losses at once: a product of matrices may add up in another order for fewer rows.
    near = (np.maximum(base - own, 0.0) @ close)[moved]
    shared = own.astype(np.float64)
    shared[moved] = _share_out(own[moved], base[moved], near, lost, new_weight)
    return shared


def _share_out(own: Array, base: Array, near: Array, lost: float, new_weight: float) -> Array:
    """Return the same for groups that differ; ``near`` (groups, platforms) is how near each is to what was lost."""
    loss, gain, kept = np.maximum(base - own, 0.0), np.maximum(own - base, 0.0), np.minimum(base, own)
    losses, gains, used = _sum(loss), _sum(gain), _sum(kept)
    free, near = (1.0 - lost) * losses, _ratio(near, losses)
    # Who loses one platform goes to those close to it; without any close one, to all that is used.
    weight = kept * near
    weight = np.where(_sum(weight) > 0, weight, kept)
    instead = gain * np.minimum(1.0, _ratio(losses, gains))
    claim = new_weight * instead * near
    fed = np.minimum(instead, claim * _ratio(free, _sum(claim) + _sum(weight)))
    beyond = gain - instead
    taken = np.minimum(_sum(beyond), used)
    stays = kept * (1.0 - _ratio(taken, used)) + (free - _sum(fed)) * _shares(weight)
    return np.asarray(stays + fed + taken * _shares(beyond))


def from_purse(paid: Array, before: Array) -> Array:
    """Return what advertisers pay when all that some platforms gain comes from what others lose in the same state.

    Attention that moves to platforms on which a minute brings more would make advertisers spend more in all. They do
    not: budgets move with people, and the share of income that is spent on media stays the same for decades (McCombs
    1972). So where the gains of a state are larger than its losses, each gain shrinks by the same factor.

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
    return np.asarray(np.minimum(paid, before) + gain * np.minimum(1.0, _ratio(losses, gains)))


def per_home(table: Array, home: Array, states: int) -> Array:
    """Return a table of states and platforms by the home state of the platforms, shape (states, home states)."""
    return LabelSums(home, states)(table)


def settled(values: Array) -> Array:
    """Return numbers to eight significant digits, as they are recorded.

    The digits beyond are the rounding of long sums: they differ from processor to processor, change from day to day
    where nobody does anything else, and take most of the room that an array takes when it is packed.
    """
    bits = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return ((bits + (1 << (_NOISE - 1))) >> _NOISE << _NOISE).view(np.float64)


def _sum(values: Array) -> Array:
    """Return the sum of each row, as a column."""
    return np.asarray(values.sum(axis=1, keepdims=True))


def _shares(weight: Array) -> Array:
    """Return each row as shares of its sum; zeros where the sum is zero."""
    return _ratio(weight, _sum(weight))


def _ratio(part: Array, whole: Array) -> Array:
    """Return a part over a whole; 0 where there is no whole."""
    part, whole = np.broadcast_arrays(part, whole)
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0))

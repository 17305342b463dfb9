"""A day has so many minutes, and a purse so much money: what one platform loses goes to others, or nowhere."""

from __future__ import annotations

import numpy as np

from sim.metrics.weights import LabelSums

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


def share_out(own: Array, base: Array, close: Array, lost: float) -> Array:
    """Return what each platform gets, once time or money that other platforms lost is shared out.

    What is left of a loss goes to new use first as far as there is any, and the rest to what people use already: the
    more, the more it is used and the closer its kind. New use without a loss to feed it takes from what is used
    already. So nothing comes from nowhere: the sum is that of the baseline less ``lost`` times what was lost.

    Parameters
    ----------
    own, base : numpy.ndarray, shape (groups, platforms)
        What the users of today would spend, each as a regular user, with the policies and without [any unit].
    close : numpy.ndarray, shape (platforms, platforms)
        How well one platform stands in for another, by kind [1].
    lost : float
        Share of a loss that goes to no other platform [1].

    Returns
    -------
    numpy.ndarray, shape (groups, platforms)
    """
    if np.array_equal(own, base):
        return own
    loss, gain = np.maximum(base - own, 0.0), np.maximum(own - base, 0.0)
    kept = np.minimum(base, own)
    free = (1.0 - lost) * loss.sum(axis=1, keepdims=True)
    kept_sum = kept.sum(axis=1, keepdims=True)
    # New use takes at most what was freed, and all that is used already.
    new = gain.sum(axis=1, keepdims=True)
    room = np.minimum(1.0, np.divide(free + kept_sum, new, out=np.ones_like(new), where=new > 0))
    gain, new = gain * room, new * room
    left = np.maximum(free - new, 0.0)
    taken = np.maximum(new - free, 0.0)
    # Who loses one platform goes to those close to it; without any close one, to all that is used.
    weight = kept * (loss @ close)
    weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, kept)
    extra = left * _shares(weight)
    short = np.minimum(1.0, np.divide(taken, kept_sum, out=np.zeros_like(taken), where=kept_sum > 0))
    return np.asarray(kept * (1.0 - short) + extra + gain)


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
    part = np.minimum(1.0, np.divide(losses, gains, out=np.ones_like(gains), where=gains > 0))
    return np.asarray(np.minimum(paid, before) + gain * part)


def per_home(table: Array, home: Array, states: int) -> Array:
    """Return a table of states and platforms by the home state of the platforms, shape (states, home states)."""
    return LabelSums(home, states)(table)


def _shares(weight: Array) -> Array:
    """Return each row as shares of its sum; zeros where the sum is zero."""
    total = weight.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(weight, total, out=np.zeros_like(weight), where=total > 0))

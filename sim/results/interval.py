"""The one rule by which members become an 80 % interval: of a number, of a band, of a difference.

Few draws say little about tails: of twelve, the plain 10 and 90 % quantiles hold 68 % of further
draws. The plotting position of Weibull, i / (n + 1), is right on average for any distribution: of n
draws, the i-th smallest has a share of i / (n + 1) of further draws below it. No end lies beyond
the draws, so that fewer than nine members hold less than 80 %.
"""

from __future__ import annotations

import numpy as np

from .panel import Array

LOW_SHARE = 0.1
HIGH_SHARE = 0.9


def interval(draws: Array) -> tuple[Array, Array]:
    """Return the ends of the 80 % interval for one more draw.

    Members that carry the model's errors are worth more draws than they are: where the errors are
    wide beside the differences of members, the tails are known. As many draws are counted as would
    leave the share below an end as uncertain as the members leave it.

    Parameters
    ----------
    draws : (M,), (M, K) or (M, K, T) float
        What each member says, with each of the model's errors, day by day, in the unit of a metric;
        all NaN where a member does not define it.

    Returns
    -------
    low, high : float array, shape () or (T,)
        NaN where no member defines it.
    """
    draws = np.asarray(draws, dtype=np.float64)
    cube = draws.reshape(len(draws), -1, draws.shape[2] if draws.ndim == 3 else 1)
    shape = draws.shape[2:]
    return _low_end(cube).reshape(shape), (-_low_end(-cube)).reshape(shape)


def _low_end(cube: Array) -> Array:
    """Return the low end of the interval of draws (M, K, T), (T,)."""
    members, errors, days = cube.shape
    ranked = np.sort(cube.reshape(members * errors, days), axis=0)  # what is not known comes last
    defined = ~np.isnan(cube[:, 0])
    known = defined.sum(axis=0)
    last = np.maximum(known * errors - 1, 0)
    one_of = 1.0 / np.maximum(known, 1)
    if errors > 1:
        below = (cube <= _at(ranked, LOW_SHARE * last)).mean(axis=1)
        mean = below.sum(axis=0) * one_of
        apart = (np.where(defined, below - mean, 0.0) ** 2).sum(axis=0) * one_of
        chance = mean * (1.0 - mean)
        one_of = one_of * np.divide(apart, chance, out=np.zeros(days), where=chance > 0)
    beyond = LOW_SHARE - one_of * HIGH_SHARE
    level = np.divide(beyond, 1.0 - one_of, out=np.zeros(days), where=one_of < 1.0)
    # Never beyond the low end of what the lowest member says.
    return _at(ranked, np.maximum(level * last, np.minimum(LOW_SHARE * (errors - 1), last)))


def _at(ranked: Array, place: Array) -> Array:
    """Return what stands at places between the ranks of sorted draws, (N, T) and (T,)."""
    under = np.floor(place).astype(np.intp)
    over = np.minimum(under + 1, len(ranked) - 1)
    days = np.arange(ranked.shape[1])
    low = ranked[under, days]
    share = place - under
    # The next draw may not be defined, where none of it is needed.
    return np.asarray(np.where(share > 0, low + share * (ranked[over, days] - low), low))

"""The rule that makes 80 % intervals of numbers, bands and differences from the values of seeds.

Few draws give little information about tails: the plain 10 and 90 % quantiles of twelve draws
contain 68 % of further draws. The plotting position of Weibull, i / (n + 1), is right on average
for any distribution: a share of i / (n + 1) of further draws lies below the i-th smallest of n
draws. No end lies beyond the draws, so that intervals of fewer than nine seeds contain less than 80
%.
"""

from __future__ import annotations

import numpy as np

from .panel import Array

LOW_SHARE = 0.1
HIGH_SHARE = 0.9


def interval(draws: Array) -> tuple[Array, Array]:
    """Return the ends of the 80 % interval for one more draw.

    With the model's errors, seeds count as more draws than their number: if the errors are wide
    relative to the differences between seeds, the tails are known. The effective number of draws is
    the number that would leave the share below an end equally uncertain.

    Parameters
    ----------
    draws : (M,), (M, K) or (M, K, T) float
        The value of each seed, with each of the model's errors, day by day, in the unit of a
        metric; all NaN if undefined for a seed.

    Returns
    -------
    low, high : float array, shape () or (T,)
        NaN if undefined for all seeds.
    """
    draws = np.asarray(draws, dtype=np.float64)
    if (draws.ndim == 1 or draws.shape[1:] == (1,)) and len(draws) and not np.isnan(draws).any():
        return np.array(_lowest(draws.ravel())), np.array(-_lowest(-draws.ravel()))
    cube = draws.reshape(len(draws), -1, draws.shape[2] if draws.ndim == 3 else 1)
    shape = draws.shape[2:]
    return _low_end(cube).reshape(shape), (-_low_end(-cube)).reshape(shape)


def _lowest(draws: Array) -> float:
    """Return the low end of one known number a seed, (M,), as `_low_end` does.

    Most rows of a summary have such numbers, and numpy takes ten times as long for a few.
    """
    ranked = np.sort(draws).tolist()
    one_of = 1.0 / len(ranked)
    level = (LOW_SHARE - one_of * HIGH_SHARE) / (1.0 - one_of) if one_of < 1.0 else 0.0
    place = max(level * (len(ranked) - 1), 0.0)
    under = int(place)
    share = place - under
    low = ranked[under]
    return float(low + share * (ranked[under + 1] - low) if share > 0 else low)


def _low_end(cube: Array) -> Array:
    """Return the low end of the interval of draws (M, K, T), (T,)."""
    members, errors, days = cube.shape
    ranked = np.sort(cube.reshape(members * errors, days), axis=0)  # NaN comes last
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
    # Never beyond the low end of the lowest seed.
    return _at(ranked, np.maximum(level * last, np.minimum(LOW_SHARE * (errors - 1), last)))


def _at(ranked: Array, place: Array) -> Array:
    """Interpolate sorted draws, (N, T), at fractional ranks, (T,)."""
    under = np.floor(place).astype(np.intp)
    over = np.minimum(under + 1, len(ranked) - 1)
    days = np.arange(ranked.shape[1])
    low = ranked[under, days]
    share = place - under
    # The next draw may be undefined if its weight is zero.
    return np.asarray(np.where(share > 0, low + share * (ranked[over, days] - low), low))

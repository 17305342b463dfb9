"""From paired members to one number with an interval.

The effect is taken member by member (policy minus baseline, same seed), then summed up: the value is the
median over members, the interval runs from the 10th to the 90th percentile, and the Monte-Carlo error is the
standard error of the mean effect.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

LOW, HIGH = 0.1, 0.9
FEW_MEMBERS = 5  # below this many members an interval says little
WEEK = 7  # days of a weekly mean

At = Literal["end", "peak", "worst_week", "total"]
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Spread:
    """One number of each arm, over the members of an ensemble; None where it is not defined.

    Attributes
    ----------
    baseline, policy, effect : float or None
        Medians over members, in the unit of the metric.
    low, high : float or None
        10th and 90th percentile of the effect, over members and the model's error.
    mc_error : float or None
        Standard error of the mean effect; None with fewer than two members.
    day : int or None
        The day it belongs to, counted from the first; for a peak, the median of the members' days; for a worst week,
        that of its last days.
    """

    baseline: float | None
    policy: float | None
    effect: float | None
    low: float | None
    high: float | None
    mc_error: float | None
    day: int | None = None


type Widen = Callable[[Array, Array, int], Array]
"""Takes both arms of a cell, (M,) or (M, T), and the days that they are the sum of; returns the effects that they may
turn out to be, with the model's errors along one more axis: (M, errors) or (M, T, errors)."""


def spread(
    baseline: Array, policy: Array, day: int | None = None, *, widen: Widen | None = None, days: int = 1
) -> Spread:
    """Sum up one number a member.

    Parameters
    ----------
    baseline, policy : (M,) float
        The number in each arm of each member; NaN where a member does not define it.
    day : int, optional
        The day the numbers belong to.
    widen : callable, optional
        The model's error, for the interval; it leaves the medians as they are.
    days : int
        Over how many days the numbers are summed up.
    """
    effect = policy - baseline
    if len(effect) == 1 and widen is None and np.isfinite(effect[0]):  # one member, as in a point of a sweep: no ranks
        one = float(effect[0])
        return Spread(float(baseline[0]) + 0.0, float(policy[0]) + 0.0, one + 0.0, one, one, None, day)
    if np.isnan(effect).all():
        return Spread(median(baseline), median(policy), None, None, None, None, None)
    known = effect[~np.isnan(effect)]
    wide = known if widen is None else widen(baseline, policy, days)[~np.isnan(effect)].ravel()
    low, high = np.quantile(wide, (LOW, HIGH))
    return Spread(median(baseline), median(policy), median(known), float(low), float(high), mc_error(known), day)


def mc_error(effects: Array) -> float | None:
    """Return the standard error of the mean of the members' effects; None with fewer than two members."""
    return float(np.std(effects, ddof=1)) / math.sqrt(effects.size) if effects.size >= 2 else None


def at_point(baseline: Array, policy: Array, at: At) -> tuple[Array, Array, int | None, int]:
    """Return one number of each arm in each member.

    Parameters
    ----------
    baseline, policy : (M, T) float
    at : {"end", "peak", "worst_week", "total"}
        The last day; each member's own day, or seven days in a row, of the largest effect in either direction; or the
        sum over all days.

    Returns
    -------
    baseline, policy : (M,) float
    day : int or None
        The day that they belong to, counted from the first.
    days : int
        Over how many days they are summed up.
    """
    if at == "total":  # not defined where no day is
        sums = [np.where(np.isnan(arm).all(axis=1), np.nan, np.nansum(arm, axis=1)) for arm in (baseline, policy)]
        return sums[0], sums[1], None, baseline.shape[1]
    if at == "end":
        return baseline[:, -1], policy[:, -1], baseline.shape[1] - 1, 1
    if at == "worst_week":
        baseline, policy = weekly(baseline), weekly(policy)
    effect = policy - baseline
    size = np.where(np.isnan(effect), -1.0, np.abs(effect))
    days, members = size.argmax(axis=1), np.arange(len(size))
    # A member whose arms never differ has no peak day, and must not move the median day to the first.
    moved = np.sort(days[size[members, days] > 0])
    return baseline[members, days], policy[members, days], int(moved[(len(moved) - 1) // 2]) if len(moved) else None, 1


def spread_at(baseline: Array, policy: Array, at: At) -> Spread:
    """Sum up both arms of all members, (M, T), at one of the points in time of `at_point`."""
    baseline, policy, day, days = at_point(baseline, policy, at)
    return spread(baseline, policy, day, days=days)


def weekly(values: Array) -> Array:
    """Return the mean of the seven days that end on each day, (M, T); a run of fewer days is one week.

    A day that is not defined is left out of the mean. Before the first week is full there is no mean: NaN.
    """
    width, out = min(WEEK, values.shape[1]), np.full(values.shape, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=1)
    known = (~np.isnan(windows)).sum(axis=-1)
    np.divide(np.nansum(windows, axis=-1), known, out=out[:, width - 1 :], where=known > 0)
    return out


def band(values: Array) -> tuple[Array, Array, Array]:
    """Return the 10th percentile, the median and the 90th percentile over members, day by day.

    Parameters
    ----------
    values : (M, T) float
        One row a member; days that no member defines come back as NaN.
    """
    out = np.full((3, values.shape[1]), np.nan)
    known = ~np.isnan(values).all(axis=0)
    whole = ~np.isnan(values).any(axis=0)  # most days: computed together; the others are computed one by one
    out[:, whole] = np.quantile(values[:, whole], (LOW, 0.5, HIGH), axis=0)
    out[:, known & ~whole] = np.nanquantile(values[:, known & ~whole], (LOW, 0.5, HIGH), axis=0)
    return out[0], out[1], out[2]


def median(values: Array) -> float | None:
    """Return the median of what is known; None when nothing is."""
    known = np.sort(values[~np.isnan(values)])
    if not known.size:
        return None
    # The same number as from `numpy.median`, which spends most of its time on its arguments.
    middle = known[(known.size - 1) // 2 : known.size // 2 + 1]
    return float(middle.sum() / middle.size)

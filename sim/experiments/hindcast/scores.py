"""Forecasts as samples or quantiles, and how they are scored: CRPS, weighted interval score, coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LOW, HIGH = 0.1, 0.9
"""Ends of the interval that is printed: 80 % of a forecast lie within."""


@dataclass(frozen=True)
class Forecast:
    """What is said of one figure beforehand: values with weights; a single value is a point forecast.

    Attributes
    ----------
    values : tuple of float
        What may come [1].
    weights : tuple of float
        How much each counts; all alike where it is empty.
    """

    values: tuple[float, ...]
    weights: tuple[float, ...] = ()

    def quantile(self, level: float) -> float:
        """Return a quantile: between members where all count alike, else the first value that reaches the level."""
        if not self.weights:
            return float(np.quantile(self.values, level))
        order = np.argsort(self.values, kind="stable")
        reached = np.cumsum(np.asarray(self.weights)[order]) / sum(self.weights)
        return float(np.asarray(self.values)[order][int(np.searchsorted(reached, level - 1e-12))])

    @property
    def median(self) -> float:
        """The middle of it [1]."""
        return self.quantile(0.5)

    @property
    def low(self) -> float:
        """The lower end of its 80 % interval [1]."""
        return self.quantile(LOW)

    @property
    def high(self) -> float:
        """The upper end of its 80 % interval [1]."""
        return self.quantile(HIGH)

    def covers(self, observed: float) -> bool:
        """Return whether an observed figure lies within the 80 % interval."""
        return self.low <= observed <= self.high

    def crps(self, observed: float) -> float:
        """Return the score of the forecast, see `crps`."""
        return crps(self.values, observed, self.weights)


def crps(values: Sequence[float], observed: float, weights: Sequence[float] = ()) -> float:
    """Return the continuous ranked probability score of a sample [unit of the figure]; lower is better.

    Mean distance of the values from the observed figure, less half their mean distance from each other (Gneiting and
    Raftery 2007, https://doi.org/10.1198/016214506000001437); for one value the absolute error.

    Parameters
    ----------
    values : sequence of float
        The sample.
    observed : float
        What was observed.
    weights : sequence of float
        How much each value counts; all alike where it is empty.
    """
    known = np.asarray(values, dtype=np.float64)
    weight = np.asarray(weights, dtype=np.float64) if len(weights) else np.ones(known.size)
    order = np.argsort(known, kind="stable")
    known, weight = known[order], weight[order] / weight.sum()
    below = np.cumsum(weight) - weight
    apart = 2.0 * float((weight * known * (2.0 * below + weight - 1.0)).sum())
    return float((weight * np.abs(known - observed)).sum()) - 0.5 * apart


def pinball(level: float, quantile: float, observed: float) -> float:
    """Return the quantile score of one quantile [unit of the figure]: 0 where it is what was observed."""
    return 2.0 * (float(observed < quantile) - level) * (quantile - observed)


def interval_score(levels: Sequence[float], quantiles: Sequence[float], observed: float) -> float:
    """Return the weighted interval score of a set of quantiles [unit of the figure]; lower is better.

    The mean quantile score, which for a median and central intervals is the score of Bracher et al. 2021
    (https://doi.org/10.1371/journal.pcbi.1008618).

    Parameters
    ----------
    levels, quantiles : sequence of float
        The quantiles, by their levels.
    observed : float
        What was observed.
    """
    return float(np.mean([pinball(level, value, observed) for level, value in zip(levels, quantiles, strict=True)]))


def crps_of_quantiles(levels: Sequence[float], quantiles: Sequence[float], observed: float) -> float:
    """Return the CRPS of a forecast that is known by its quantiles [unit of the figure].

    The quantile score over all levels, taken as straight between those known and as flat beyond the outermost.

    Parameters
    ----------
    levels, quantiles : sequence of float
        The quantiles, by rising level.
    observed : float
        What was observed.
    """
    scores = [pinball(level, value, observed) for level, value in zip(levels, quantiles, strict=True)]
    at = np.array([0.0, *levels, 1.0])
    return float(np.trapezoid([scores[0], *scores, scores[-1]], at))

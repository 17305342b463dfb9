"""Forecasts as samples or quantiles, and how they are scored: CRPS, weighted interval score, coverage.

The formulas agree with the library scoringrules (a test compares them), which takes five seconds to import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..facts.record import error_of
from ..results.model_error import error_kind, widened
from .record import Past

LOW, HIGH = 0.1, 0.9
"""Ends of the interval that is printed: 80 % of a forecast lie within."""


@dataclass(frozen=True)
class Forecast:
    """What is said of one figure beforehand: values with weights; a single value is a point forecast."""

    values: tuple[float, ...]
    """What may come [1]."""
    weights: tuple[float, ...] = ()
    """How much each counts; all alike where it is empty."""

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

    def crps(self, observed: float) -> float:
        """Return the score of the forecast, see `crps`."""
        return crps(self.values, observed, self.weights)


def error_sd(past: Past, *, chance_only: bool = False) -> float:
    """Return the model's error on a figure, that of the other episodes: a standard deviation on its scale [1]."""
    kind = error_kind(past.observed)
    return error_of(kind, past.episode, past.about.technique) if kind and not chance_only else 0.0


def with_error(members: Sequence[float], past: Past, *, chance_only: bool = False) -> Forecast:
    """Return what is forecast for a figure: what members say, each with the model's error from event to event.

    The error is that of the other episodes where the record holds the episode.

    Parameters
    ----------
    members : sequence of float
        What each member says [1].
    past : Past
        The figure; what was observed of it is not looked at.
    chance_only : bool
        Whether to leave the model's error out.
    """
    kind, sd = error_kind(past.observed), error_sd(past, chance_only=chance_only)
    if sd == 0.0:
        return Forecast(tuple(members))
    before = past.about.before if kind == "vpn" else 0.0
    return Forecast(tuple(map(float, widened(np.asarray(members), sd, kind, before).ravel())))


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
    sample = np.asarray(values, dtype=np.float64)
    weight = np.asarray(weights, dtype=np.float64) if len(weights) else np.ones(sample.size)
    order = np.argsort(sample, kind="stable")
    sample, weight = sample[order], weight[order] / weight.sum()
    below = np.cumsum(weight) - weight
    apart = 2.0 * float((weight * sample * (2.0 * below + weight - 1.0)).sum())
    return float((weight * np.abs(sample - observed)).sum()) - 0.5 * apart


def _pinball(levels: Sequence[float], quantiles: Sequence[float], observed: float) -> np.ndarray:
    """Return the quantile score of each quantile, shape (levels,) [unit of the figure]."""
    level, quantile = np.asarray(levels), np.asarray(quantiles)
    return np.asarray(2.0 * ((observed < quantile) - level) * (quantile - observed))


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
    return float(_pinball(levels, quantiles, observed).mean())


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
    scores = _pinball(levels, quantiles, observed)
    return float(np.trapezoid([scores[0], *scores, scores[-1]], np.array([0.0, *levels, 1.0])))

"""An entrant's forecast of one figure, and its score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scoringrules

LOW = 0.1
HIGH = 0.9
"""Ends of an interval: 80 % lie within."""
LEVELS = 99
"""Values as which a forecast by quantiles is read, so that no choice of levels pays."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """Values that may come, each with a weight; a single value is a point forecast."""

    values: np.ndarray
    """(values,): what may come [1]."""
    weights: np.ndarray | None = None
    """(values,): how much each counts; all alike where it is None."""

    def quantile(self, level: float) -> float:
        """Return a quantile: between values where all count alike, else the first to reach it."""
        if self.weights is None:
            return float(np.quantile(self.values, level))
        return float(np.quantile(self.values, level, weights=self.weights, method="inverted_cdf"))

    def crps(self, observed: float) -> float:
        """Return the continuous ranked probability score [unit of the figure]; lower is better.

        For a single value it is the absolute error.
        """
        return float(
            scoringrules.crps_ensemble(
                observed, self.values, ens_w=self.weights, estimator="nrg", backend="numpy"
            )
        )


def of_point(value: float) -> Forecast:
    """Return the forecast of one value."""
    return Forecast(np.array([value]))


def of_quantiles(levels: Sequence[float], values: Sequence[float]) -> Forecast:
    """Return the forecast that quantiles describe: straight between them, flat beyond the last.

    Parameters
    ----------
    levels : sequence of float
        Rising, above 0 and below 1.
    values : sequence of float
        The quantiles, not falling.
    """
    middles = (np.arange(LEVELS) + 0.5) / LEVELS
    return Forecast(np.interp(middles, levels, values))

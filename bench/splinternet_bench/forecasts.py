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
"""Number of values into which a forecast by quantiles is converted, so that no choice of levels has
an advantage.
"""


@dataclass(frozen=True, eq=False)
class Forecast:
    """Possible values, each with a weight; a single value is a point forecast."""

    values: np.ndarray
    """(values,): Possible values [1]."""
    weights: np.ndarray | None = None
    """(values,): Weight of each; None for equal weights."""

    def quantile(self, level: float) -> float:
        """Return a quantile: interpolated for equal weights, else the first value that reaches the
        level.
        """
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
    """Return the forecast described by quantiles, linear between them and constant beyond the last.

    Parameters
    ----------
    levels : sequence of float
        Levels of the quantiles, increasing, above 0 and below 1.
    values : sequence of float
        The quantiles, not decreasing.
    """
    middles = (np.arange(LEVELS) + 0.5) / LEVELS
    return Forecast(np.interp(middles, levels, values))

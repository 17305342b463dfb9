"""The interval of members, worked out without the program: numpy's Weibull quantiles, and a plain
loop where members carry errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def ends(draws: Sequence[Any] | np.ndarray) -> tuple[float, float]:
    """Return the 80 % interval of draws (M,), or of draws with errors (M, K)."""
    draws = np.asarray(draws, dtype=float)
    if draws.ndim == 1:
        low, high = np.quantile(draws, (0.1, 0.9), method="weibull")
        return float(low), float(high)
    return _low_end(draws), -_low_end(-draws)


def _low_end(draws: np.ndarray) -> float:
    members, errors = draws.shape
    plain = np.quantile(draws, 0.1)
    below = [float(np.mean(one <= plain)) for one in draws]
    chance = float(np.mean(below)) * (1 - float(np.mean(below)))
    worth = members * chance / float(np.var(below)) if np.var(below) else np.inf
    level = 0.1 if worth == np.inf else (0.1 * (worth + 1) - 1) / (worth - 1)
    least = 0.1 * (errors - 1) / (draws.size - 1)
    return float(np.quantile(draws, max(level, least)))

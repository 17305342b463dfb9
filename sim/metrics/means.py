"""Means over states, in plain numpy: metrics and the arm that they measure share them."""

from __future__ import annotations

import numpy as np


def mean_abroad(values: np.ndarray, weight: np.ndarray, *, nobody: float = 1.0) -> np.ndarray:
    """Return the weighted mean of each row over the other states, shape (states,).

    Parameters
    ----------
    values, weight : numpy.ndarray, shape (states, states)
    nobody : float
        What stands where no other state has a weight.
    """
    weight = np.where(np.eye(len(values), dtype=bool), 0.0, weight)
    total = weight.sum(axis=1)
    return np.asarray(
        np.divide((values * weight).sum(axis=1), total, out=np.full(len(values), nobody), where=total > 0)
    )

"""From simulated people by group to real people by state."""

from __future__ import annotations

import numpy as np


def by_state(counts: np.ndarray, weight: np.ndarray, state: np.ndarray, states: int) -> np.ndarray:
    """Return real people by state.

    Parameters
    ----------
    counts : numpy.ndarray, shape (groups, ...)
        Simulated people.
    weight : numpy.ndarray, shape (groups,)
        Real people for each simulated one.
    state : numpy.ndarray, shape (groups,)
        State of residence of each group; the groups of a state stand in a row.
    states : int

    Returns
    -------
    numpy.ndarray, shape (states, ...)
    """
    real = counts * weight.reshape(-1, *(1,) * (counts.ndim - 1))
    out = np.zeros((states, *counts.shape[1:]))
    # Not a matrix product: that sums in an order that depends on the number of threads.
    starts = np.flatnonzero(np.concatenate([[True], state[1:] != state[:-1]]))
    out[state[starts]] = np.add.reduceat(real, starts, axis=0)
    return out

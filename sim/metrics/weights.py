"""From simulated people by group to real people by state, and from platforms to their owners and homes."""

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
    return StateSums(weight, state, states)(counts)


class StateSums:
    """The same, for many tables of the same groups.

    Parameters
    ----------
    weight, state, states
        As in `by_state`.
    """

    def __init__(self, weight: np.ndarray, state: np.ndarray, states: int) -> None:
        self._weight, self._states = np.asarray(weight), states
        self._starts = np.flatnonzero(np.concatenate([[True], state[1:] != state[:-1]]))
        self._rows = state[self._starts]

    def __call__(self, counts: np.ndarray) -> np.ndarray:
        """Return real people by state, shape (states, ...)."""
        real = counts * self._weight.reshape(-1, *(1,) * (counts.ndim - 1))
        out = np.zeros((self._states, *counts.shape[1:]))
        # Not a matrix product: that sums in an order that depends on the number of threads.
        out[self._rows] = np.add.reduceat(real, self._starts, axis=0)
        return out


def by_label(table: np.ndarray, label: np.ndarray, labels: int) -> np.ndarray:
    """Return the sums of columns that share a label, such as the platforms of an owner.

    Parameters
    ----------
    table : numpy.ndarray, shape (rows, columns)
    label : numpy.ndarray of int, shape (columns,)
    labels : int

    Returns
    -------
    numpy.ndarray, shape (rows, labels)
    """
    order = np.argsort(label, kind="stable")
    there, starts = np.unique(label[order], return_index=True)
    out = np.zeros((table.shape[0], labels))
    out[:, there] = np.add.reduceat(table[:, order], starts, axis=1)
    return out

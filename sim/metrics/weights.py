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
    return LabelSums(label, labels)(table)


class LabelSums:
    """The same, for many tables of the same columns.

    Parameters
    ----------
    label, labels
        As in `by_label`.
    """

    def __init__(self, label: np.ndarray, labels: int) -> None:
        self._labels, self._order = labels, np.argsort(label, kind="stable")
        self._there, self._starts = np.unique(label[self._order], return_index=True)

    def __call__(self, table: np.ndarray) -> np.ndarray:
        """Return the sums, shape (rows, labels)."""
        out = np.zeros((table.shape[0], self._labels))
        out[:, self._there] = np.add.reduceat(table[:, self._order], self._starts, axis=1)
        return out

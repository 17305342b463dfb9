"""Weights that map platforms to their owners and homes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


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
    return _sums(label.tobytes(), label.dtype.str, labels)(table)


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


@lru_cache(maxsize=16)
def _sums(label: bytes, kind: str, labels: int) -> LabelSums:
    """Return the sums of some labels, given as bytes: owners and homes of platforms stay the same for long."""
    return LabelSums(np.frombuffer(label, kind), labels)

"""Groups as columns: where their members live, where their kin live, and how many real people a simulated one is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.kernels import kernel
from sim.world.places import Places
from sim.world.strata import Group

_PAIRWISE = 128
"""Numbers up to which NumPy adds up in one block."""


class GroupTable:
    """The groups of a world, in their order, as columns; nothing in it changes during a run.

    Parameters
    ----------
    groups : sequence of Group
        The groups of a state stand in a row.
    states : sequence of str
        In the order of every table.
    places : Places, optional
        Where the groups live; by default in their states.

    Attributes
    ----------
    state, partner : numpy.ndarray of int, shape (groups,)
        State of residence of each group, and the state at the other end of its corridor (its own for residents).
    place : numpy.ndarray of int, shape (groups,)
        Row of each group in what people find: that of its state, or of its community.
    weight : numpy.ndarray, shape (groups,)
        Real people for each simulated one.
    diaspora : numpy.ndarray of bool, shape (groups,)
        Whether a group is a diaspora.
    """

    def __init__(self, groups: Sequence[Group], states: Sequence[str], places: Places | None = None) -> None:
        other = [(set(g.corridor) - {g.residence}).pop() if g.corridor else g.residence for g in groups]
        self.state = np.array([states.index(g.residence) for g in groups])
        self.partner = np.array([states.index(code) for code in other])
        at = [places.of(g, tuple(states)) for g in groups] if places is not None else self.state.tolist()
        self.place = np.array(at)
        self.weight = np.array([g.weight for g in groups])
        self.diaspora = np.array([g.role == "diaspora" for g in groups])
        self._by_state = StateSums(self.weight, self.state, len(states))

    def using(self, counts: np.ndarray) -> np.ndarray:
        """Return real people by state from simulated people by group, shape (states, ...) [persons].

        Parameters
        ----------
        counts : numpy.ndarray, shape (groups, ...)
            Simulated people.
        """
        return self._by_state(counts)


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
        self._few = bool(np.diff(self._starts, append=len(state)).max(initial=0) <= _PAIRWISE)

    def __call__(self, counts: np.ndarray) -> np.ndarray:
        """Return real people by state, shape (states, ...)."""
        out = np.zeros((self._states, *counts.shape[1:]))
        if counts.ndim == 2 and self._few:
            _sum_groups(counts, self._weight, self._starts, self._rows, np.empty((8, counts.shape[1])), out)
            return out
        real = counts * self._weight.reshape(-1, *(1,) * (counts.ndim - 1))
        # Not a matrix product: that sums in an order that depends on the number of threads.
        out[self._rows] = np.add.reduceat(real, self._starts, axis=0)
        return out


@kernel
def _sum_groups(
    counts: np.ndarray, weight: np.ndarray, starts: np.ndarray, rows: np.ndarray, room: np.ndarray, out: np.ndarray
) -> None:
    """Sum up weighted groups, (groups, platforms), into the row of their state; the groups of a state stand in a row.

    It adds up in the order of `numpy.add.reduceat`, in an eighth of the time: the first number, and the sum of the
    others, eight sums side by side if there are so many. ``room`` (8, platforms) is room to work in.
    """
    for k in range(len(starts)):
        first, last = starts[k], starts[k + 1] if k + 1 < len(starts) else len(counts)
        even, rest = first + 1 + (last - first - 1) // 8 * 8, out[rows[k]]
        if even > first + 1:
            room[:] = 0.0
            for i in range(first + 1, even):
                side = room[(i - first - 1) % 8]
                for p in range(len(rest)):
                    side[p] += counts[i, p] * weight[i]
            for p in range(len(rest)):
                rest[p] = ((room[0, p] + room[1, p]) + (room[2, p] + room[3, p])) + (
                    (room[4, p] + room[5, p]) + (room[6, p] + room[7, p])
                )
        for i in range(even, last):
            for p in range(len(rest)):
                rest[p] += counts[i, p] * weight[i]
        for p in range(len(rest)):
            rest[p] += counts[first, p] * weight[first]

"""Groups as columns: where their members live, where their kin live, and how many real people a simulated one is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.metrics.weights import StateSums
from sim.world.strata import Group


class GroupTable:
    """The groups of a world, in their order, as columns; nothing in it changes during a run.

    Parameters
    ----------
    groups : sequence of Group
        The groups of a state stand in a row.
    states : sequence of str
        In the order of every table.

    Attributes
    ----------
    state, partner : numpy.ndarray of int, shape (groups,)
        State of residence of each group, and the state at the other end of its corridor (its own for residents).
    weight : numpy.ndarray, shape (groups,)
        Real people for each simulated one.
    diaspora : numpy.ndarray of bool, shape (groups,)
        Whether a group is a diaspora.
    """

    def __init__(self, groups: Sequence[Group], states: Sequence[str]) -> None:
        other = [(set(g.corridor) - {g.residence}).pop() if g.corridor else g.residence for g in groups]
        self.state = np.array([states.index(g.residence) for g in groups])
        self.partner = np.array([states.index(code) for code in other])
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

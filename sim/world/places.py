"""Places, where access is decided, and the groups of a world as columns: where they live, and sums over states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.kernels import kernel
from sim.people.access import AccessTable, rows_of
from sim.scenario import Scenario
from sim.world.groups import Stratum
from sim.world.setting import LONG_AGO, Enforcement, Setting, cut_off, technique_of

_PAIRWISE = 128
"""Numbers up to which NumPy adds up in one block."""


@dataclass(frozen=True)
class Places:
    """The units of access, rows of an access table: states, and communities with blocks of their own.

    Attributes
    ----------
    state : numpy.ndarray of int, shape (places,)
        Number of the state of each place: every state in order, then the communities with blocks of their own.
    number : mapping of (str, str) to int
        Place of a community, by state and name; a person in no such community has the place of the state.
    blocks : tuple of mapping of str to str
        Technique of each block of a community, by platform; in the order of those places.
    """

    state: np.ndarray
    number: Mapping[tuple[str, str], int]
    blocks: tuple[Mapping[str, str], ...]

    def __len__(self) -> int:
        return len(self.state)

    def of(self, group: Stratum, states: tuple[str, ...]) -> int:
        """Return the place of a group; a diaspora lives in another state than its community."""
        home = states.index(group.residence)
        return home if group.role == "diaspora" else self.number.get((group.residence, group.community), home)

    def within(self, states: np.ndarray) -> np.ndarray:
        """Return the numbers of the places in some states."""
        return np.flatnonzero(np.isin(self.state, states))

    def table(self, table: AccessTable, setting: Setting) -> AccessTable:
        """Return access by place.

        Parameters
        ----------
        table : AccessTable
            By state; it is returned itself where no community has blocks of its own.
        setting : Setting
            As it stands: platforms may evade blocks.

        Returns
        -------
        AccessTable, shape (places, platforms)
            In a community the stricter of what holds in its state and of its own blocks, which stand in both arms.
        """
        if not self.blocks:
            return table
        by_place = rows_of(table, self.state)
        for row, blocks in enumerate(self.blocks, start=len(self.state) - len(self.blocks)):
            for platform, technique in blocks.items():
                cut_off(setting, by_place, row, platform, Enforcement(technique, LONG_AGO))
        return by_place


def places_of(spec: Scenario, setting: Setting) -> Places:
    """Return the places of a scenario."""
    blocked = {
        (state, name): {platform: technique_of(setting.facts, state, platform) for platform in keys.blocks}
        for state, named in spec.world.communities.items()
        for name, keys in named.items()
        if keys.blocks
    }
    states = [*range(len(setting.states)), *(setting.states.index(state) for state, _ in blocked)]
    number = {home: len(setting.states) + at for at, home in enumerate(blocked)}
    return Places(np.array(states), number, tuple(blocked.values()))


class GroupTable:
    """The groups of a world, in their order, as columns; nothing in it changes during a run.

    Parameters
    ----------
    groups : sequence of Stratum
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
    using : StateSums
        Returns real people by state from simulated people by group.
    """

    def __init__(self, groups: Sequence[Stratum], states: Sequence[str], places: Places | None = None) -> None:
        partner = [(set(g.corridor) - {g.residence}).pop() if g.corridor else g.residence for g in groups]
        self.state = np.array([states.index(g.residence) for g in groups])
        self.partner = np.array([states.index(code) for code in partner])
        self.place = self.state if places is None else np.array([places.of(g, tuple(states)) for g in groups])
        self.weight = np.array([g.weight for g in groups])
        self.diaspora = np.array([g.role == "diaspora" for g in groups])
        self.using = StateSums(self.weight, self.state, len(states))


class StateSums:
    """Sums real people over the groups of each state, for many tables of the same groups.

    Parameters
    ----------
    weight : numpy.ndarray, shape (groups,)
        Real people for each simulated one.
    state : numpy.ndarray, shape (groups,)
        State of residence of each group; the groups of a state stand in a row.
    states : int
        Number of states.
    """

    def __init__(self, weight: np.ndarray, state: np.ndarray, states: int) -> None:
        self._weight, self._states = np.asarray(weight), states
        self._starts = np.flatnonzero(np.concatenate([[True], state[1:] != state[:-1]]))
        self._rows = state[self._starts]
        self._few = bool(np.diff(self._starts, append=len(state)).max(initial=0) <= _PAIRWISE)

    def __call__(self, counts: np.ndarray) -> np.ndarray:
        """Return real people by state, shape (states, ...), from simulated people by group, shape (groups, ...)."""
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

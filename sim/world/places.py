"""Places: the units of access. They are the states, and the communities with their own blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.people.access import AccessTable, rows_of
from sim.scenario import Scenario
from sim.world.scenario_setting import technique_of
from sim.world.setting import LONG_AGO, Enforcement, Setting, cut_off_row
from sim.world.strata import Group


@dataclass(frozen=True)
class Places:
    """The rows of an access table, for states and for communities with blocks of their own.

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

    def of(self, group: Group, states: tuple[str, ...]) -> int:
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
        found = rows_of(table, self.state)
        first = len(self.state) - len(self.blocks)
        for row, blocks in enumerate(self.blocks, start=first):
            for platform, technique in blocks.items():
                cut_off_row(setting, found, row, platform, Enforcement(technique, LONG_AGO))
        return found


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

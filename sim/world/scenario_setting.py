"""The setting of a scenario: the facts of its world with its changes, and the places with different
access.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..core.groups import Group
from ..facts import Facts, Quantity, StateFact
from ..facts.model import REST_OF_WORLD
from ..people.access import AccessTable, copy_table, rows_of
from ..people.setting import LONG_AGO, Enforcement, Setting, blocks_under, cut_off, technique_of
from ..scenario import Scenario


def make_setting(spec: Scenario) -> Setting:
    """Return the facts with the changes of a scenario."""
    facts = spec.facts
    if spec.world.migrants:
        stocks = {
            (residence, origin): Quantity(n, n, n, "persons", "the scenario", "assumption")
            for residence, row in spec.world.migrants.items()
            for origin, n in row.items()
        }
        facts = replace(facts, migrants={**facts.migrants, **stocks})
    states = _states(spec, facts)
    platforms = spec.platforms
    vpn = {code: state.vpn_share.value for code, state in states.items()} | dict(
        spec.world.vpn_share
    )
    users = {code: state.internet_users.value for code, state in states.items()} | dict(
        spec.world.internet_users
    )
    blocks = {pair: block.technique for pair, block in facts.blocks.items()}
    return Setting(
        states=tuple(states),
        platforms=tuple(platforms),
        state_facts=states,
        platform_facts=platforms,
        penetration=spec.world.penetration,
        vpn_share=np.array([vpn[s] for s in states]),
        ios_share=np.array([states[s].ios_share.value for s in states]),
        users=users,
        blocks=blocks_under(spec.world.blocks, blocks, facts),
        parameters={name: q.value for name, q in facts.parameters.items()} | dict(spec.parameters),
        facts=facts,
        answers={} if spec.behaviour.is_on("platforms") else None,
    )


def _states(spec: Scenario, facts: Facts) -> dict[str, StateFact]:
    """Return the states with the scenario's changes; missing facts of an added state are those of
    the rest of the world.
    """
    states = dict(facts.states)
    for code, keys in spec.world.states.items():
        fact = states.get(code) or replace(
            facts.states[REST_OF_WORLD], code=code, name=keys.name or code, aliases=()
        )
        changed: dict[str, Any] = {}
        for field in ("population", "internet_users", "gdp_per_head", "ios_share", "vpn_share"):
            n = getattr(keys, field)
            if n is not None:
                changed[field] = replace(
                    getattr(fact, field), value=n, low=n, high=n, source="the scenario"
                )
        states[code] = replace(fact, name=keys.name or fact.name, **changed)
    return states


@dataclass(frozen=True, eq=False)
class Places:
    """The units of access, which are rows of an access table: states, communities with their own
    blocks, and classes of both.

    A class consists of people concerned by the same policies with a `who`
    (`splinternet.world.classes`).

    Attributes
    ----------
    state : numpy.ndarray of int, shape (places,)
        Number of the state of each place: all states in order, the communities with their own
        blocks, then the classes of these.
    communities : mapping of (str, str) to (int, mapping of str to str)
        Place of a community, by state and name, and the technique of each of its blocks, by
        platform; all other people have the place of their state.
    base, kind : numpy.ndarray of int, shape (places,)
        The place of which each is a class (itself for others), and the number of the class.
    classes : tuple of frozenset of str
        The marks of the policies with a `who` that concern each class; the first class has none.
    share : numpy.ndarray, shape (states, classes)
        Share of each state's people who are in each class [1].
    """

    state: np.ndarray
    communities: Mapping[tuple[str, str], tuple[int, Mapping[str, str]]]
    base: np.ndarray
    kind: np.ndarray
    share: np.ndarray
    classes: tuple[frozenset[str], ...] = (frozenset(),)

    def __len__(self) -> int:
        return len(self.state)

    def of(self, group: Group, states: tuple[str, ...]) -> int:
        """Return the place of a group; a diaspora lives in another state than its community."""
        home = states.index(group.home)
        own = (
            self.communities.get((group.home, group.community))
            if group.side != "diaspora"
            else None
        )
        return home if own is None else own[0]

    def table(self, tables: Sequence[AccessTable], setting: Setting) -> AccessTable:
        """Return access by place.

        Parameters
        ----------
        tables : sequence of AccessTable
            Tables by state, for each class, or one for all classes; it is returned itself if places
            are states.
        setting : Setting
            The current setting, in which platforms may evade blocks.

        Returns
        -------
        AccessTable, shape (places, platforms)
            A community has the stricter of its state's access and its own blocks, which apply in
            both arms.
        """
        if len(self) == len(tables[0].speed):
            return tables[0]
        by_place = rows_of(tables[0], self.state)
        for number, table in enumerate(tables[1:], 1):
            rows = np.flatnonzero(self.kind == number)
            for all_rows, of_class in zip(by_place.stored, table.stored, strict=True):
                all_rows[rows] = of_class[self.state[rows]]
        for community, blocks in self.communities.values():
            for row in np.flatnonzero(self.base == community).tolist():
                for platform, technique in blocks.items():
                    cut_off(setting, by_place, row, platform, Enforcement(technique, LONG_AGO))
        return by_place

    def mean(self, by_class: Sequence[np.ndarray]) -> np.ndarray:
        """Return the mean over each state's people of a quantity, given by state for each class.

        Parameters
        ----------
        by_class : sequence of numpy.ndarray, shape (states, ...)
            A single array for all classes is returned unchanged.
        """
        out = first = by_class[0]
        for number, values in enumerate(by_class):
            if values is not first:
                share = self.share[:, number].reshape(-1, *(1,) * (first.ndim - 1))
                out = out + share * (values - first)
        return out

    def of_states(self, tables: Sequence[AccessTable]) -> AccessTable:
        """Return the average access of each state's people, given the tables of all classes."""
        first = tables[0]
        if all(table is first for table in tables):
            return first
        table = copy_table(first)
        for name in ("block", "vpn_open", "penalty", "deterred", "lines_cut"):
            getattr(table, name)[...] = self.mean([getattr(each, name) for each in tables])
        for number, each in enumerate(tables):
            table.bridged[:] |= np.where(self.share[:, number] > 0, each.bridged, 0)
        return table

    def share_of(self, policy: str) -> np.ndarray:
        """Return the share of each state's people concerned by a policy with a `who`, given its
        mark, (states,) [1].
        """
        return np.asarray(self.share[:, [policy in each for each in self.classes]].sum(axis=1))

    def concerned_by(self, place: int) -> frozenset[str]:
        """Return the marks of the policies with a `who` that concern the people of a place."""
        return self.classes[int(self.kind[place])]


def places_of(spec: Scenario, setting: Setting) -> Places:
    """Return the places of a scenario."""
    states = [*range(len(setting.states))]
    communities = {}
    for state, named in spec.world.communities.items():
        for name, keys in named.items():
            if keys.blocks:
                blocks = {
                    platform: technique_of(setting.facts, state, platform)
                    for platform in keys.blocks
                }
                communities[state, name] = len(states), blocks
                states.append(setting.states.index(state))
    rows = np.arange(len(states))
    share = np.ones((len(setting.states), 1))
    return Places(np.array(states), communities, base=rows, kind=np.zeros_like(rows), share=share)

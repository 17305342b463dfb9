"""The states and platforms that a scenario can affect, and the diasporas that could lose or gain a channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sim.facts.model import REST_OF_WORLD
from sim.groups import Group
from sim.people.access import TALK
from sim.scenario import Scenario
from sim.world.penetration import OTHER
from sim.world.scenario_setting import blocks_under
from sim.world.setting import Setting
from sim.world.strata import Corridor
from sim.world.strata import Group as Stratum

LARGE_CORRIDOR = 200_000  # persons; diasporas that touch no state concerned are simulated from this size on
SMALL_CORRIDOR = 10_000  # persons; diasporas that touch one are simulated from this size on
LARGEST = 3  # diasporas of a state concerned, and in it, that are simulated whatever their size


def states_concerned(spec: Scenario) -> frozenset[str]:
    """Return the states whose policies the scenario holds, or whose blocks differ between the arms."""
    acting = {state for policy in spec.policies for state in policy.by}
    return frozenset(acting | set(spec.world.blocks_policy_arm)) - {REST_OF_WORLD}


def platforms_concerned(spec: Scenario, setting: Setting) -> list[tuple[str, str]]:
    """Return (state, platform) of what policies target, and of what is blocked in one arm alone."""
    named = [(state, target) for policy in spec.policies for target in policy.targets for state in policy.by]
    return named + _unlike(spec, setting)


def _unlike(spec: Scenario, setting: Setting) -> list[tuple[str, str]]:
    """Return (state, platform) of what is blocked in one arm alone, in alphabetical order."""
    return sorted(set(_after(spec, setting)) ^ set(setting.blocks))


def _after(spec: Scenario, setting: Setting) -> dict[tuple[str, str], str]:
    """Return the blocks of the first day in the policy arm."""
    return blocks_under(spec.world.blocks_policy_arm, setting.blocks, setting.facts)


class Act(NamedTuple):
    """What a state does to the people within its reach.

    Attributes
    ----------
    state : str
    platforms : frozenset of str
        What it is aimed at; empty for all platforms.
    community : str
        The community whose members alone it reaches; empty for everybody in the state.
    """

    state: str
    platforms: frozenset[str]
    community: str = ""


def acts_of(spec: Scenario, setting: Setting) -> list[Act]:
    """Return what the states of a scenario do; a policy that names no platform can touch all of them.

    Courts, extensions, promotions and what relieves from other policies take nothing away, and are left out.
    """
    acts = [
        Act(state, frozenset(policy.targets))
        for policy in spec.policies
        if not (policy.HALTS or policy.EXTENDS or policy.PROMOTES or policy.RELIEVES)
        for state in policy.by
    ]
    return acts + [Act(state, frozenset({platform})) for state, platform in _unlike(spec, setting)]


def named_corridors(spec: Scenario) -> frozenset[tuple[str, str]]:
    """Return the (residence, origin) of which the scenario itself has a figure: of its size, its users or its fate."""
    named = {
        (state, Group.read(origin).residence)
        for state, row in spec.world.penetration.items()
        for figure in row.values()
        if isinstance(figure, Mapping)
        for origin in figure
        if origin not in (OTHER, state)
    }
    named |= {(residence, origin) for residence, origins in spec.world.migrants.items() for origin in origins}
    measured = (Group.read(row.group) for row in spec.observed if row.group)
    named |= {(group.residence, group.origin) for group in measured}
    return frozenset(pair for pair in named if pair[0] != pair[1])  # a community of the state itself is no diaspora


def choose_corridors(
    migrants: Mapping[tuple[str, str], float],
    internet_share: Mapping[str, float],
    focus: frozenset[str],
    named: frozenset[tuple[str, str]],
) -> list[Corridor]:
    """Return the diasporas worth simulating, of which nothing is said yet about how many could be hit.

    They are those that the scenario names, those of `SMALL_CORRIDOR` people that touch a state concerned and the
    `LARGEST` of such a state in either direction, and all of `LARGE_CORRIDOR` people.

    Parameters
    ----------
    migrants : mapping of (residence, origin) to float
        Migrant stock [persons].
    internet_share : mapping of str to float
        Share of the population of a state that uses the Internet, 0 to 1; members of a diaspora are taken to use it
        as the population around them does (assumption).
    focus : frozenset of str
        States that a policy of the scenario concerns.
    named : frozenset of (residence, origin)
        Diasporas of which the scenario has a figure.
    """
    stock = {pair: n for pair, n in migrants.items() if REST_OF_WORLD not in pair and n > 0}
    into, abroad = (frozenset(_largest_of(stock, focus, side)) for side in (0, 1))
    wanted = named | into | abroad
    corridors = []
    for (residence, origin), people in stock.items():
        pair, relevant = (residence, origin), residence in focus or origin in focus
        if pair in wanted or people >= (SMALL_CORRIDOR if relevant else LARGE_CORRIDOR):
            online = people * internet_share[residence]
            corridors.append(Corridor(residence, origin, online, pair in named, relevant, largest=pair in abroad))
    return corridors


def _largest_of(stock: Mapping[tuple[str, str], float], focus: frozenset[str], side: int) -> Iterator[tuple[str, str]]:
    """Yield the largest diasporas in each state concerned (side 0), or of each abroad (side 1)."""
    for state in sorted(focus):
        yield from sorted((p for p in stock if p[side] == state), key=lambda p: (-stock[p], p))[:LARGEST]


def with_exposure(
    corridors: Sequence[Corridor], groups: Sequence[Stratum], table: np.ndarray, spec: Scenario, setting: Setting
) -> list[Corridor]:
    """Return the diasporas with the number of their members who could lose or gain a channel.

    Parameters
    ----------
    corridors : sequence of Corridor
    groups : sequence of Group
        With each of these diasporas and its families.
    table : numpy.ndarray, shape (groups, platforms)
        Share of each group that uses each platform.
    spec : Scenario
    setting : Setting

    Notes
    -----
    Of *P* members, *E* = *P* x (1 - product over platforms of (1 - *u v*)) use one of the platforms with the other end,
    *u* and *v* being the shares of users at the two ends, taken as independent (assumption). What is closed at one end
    on the first day carries nothing. Where some of the platforms that an act is aimed at carry talk, only these count.
    Where a block is lifted in the policy arm, everybody at that end could take up what opens: its share counts as 1.
    """
    acts = acts_of(spec, setting)
    row_of = {group.label: row for row, group in enumerate(groups)}
    talk = np.array([bool(set(setting.platform_facts[p].modes) & set(TALK)) for p in setting.platforms])
    shut, after = _shut(setting, setting.blocks), _shut(setting, _after(spec, setting))
    aimed = {act: _aimed_at(act, setting, talk) for act in acts}
    found = []
    for corridor in corridors:
        ends = {corridor.residence, corridor.origin}
        hit = [aimed[a] for a in acts if a.state in ends and (not a.community or a.community == corridor.community)]
        if not hit:
            found.append(corridor)
            continue
        name = corridor.name
        both = table[row_of[str(name)]] * table[row_of[str(name.families)]]
        closed = shut[corridor.residence], shut[corridor.origin]
        both = np.where(np.logical_or.reduce(hit) & ~(closed[0] | closed[1]), both, 0.0)
        opens = talk & (closed[0] ^ closed[1]) & ~(after[corridor.residence] | after[corridor.origin])
        at_open_end = np.where(closed[0], table[row_of[str(name.families)]], table[row_of[str(name)]])
        both = np.where(opens, at_open_end, both)
        found.append(replace(corridor, exposed=corridor.people * float(1.0 - np.prod(1.0 - both))))
    return found


def _aimed_at(act: Act, setting: Setting, talk: np.ndarray) -> np.ndarray:
    """Return the platforms on which an act can cost a channel, shape (platforms,)."""
    aimed = np.array([not act.platforms or name in act.platforms for name in setting.platforms])
    return aimed & talk if (aimed & talk).any() else aimed


def _shut(setting: Setting, blocks: Mapping[tuple[str, str], str]) -> dict[str, np.ndarray]:
    """Return what is closed in each state by some blocks, shape (platforms,) each; where only calls are cut, not."""
    return {
        state: np.array([blocks.get((state, name), "calls_only") != "calls_only" for name in setting.platforms])
        for state in setting.states
    }

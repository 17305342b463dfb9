"""The states in the world of a scenario, besides those with detailed facts.

These are the states that the scenario names anywhere, and those whose diasporas could lose a channel by its policies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sim.core.groups import Group
from sim.facts import Facts, load_facts
from sim.facts.loading import facts_on
from sim.facts.migration import Exposure, corridors_of, exposures, states_added, with_states
from sim.facts.model import REST_OF_WORLD
from sim.facts.states import find_place, load_places
from sim.policies.base import Policy
from sim.scenario.schema import Observed, World

type Acting = Mapping[str, Collection[str] | None]


@dataclass(frozen=True)
class Scene:
    """What a scenario says of the world that it needs; worked out when it is first asked for.

    Parts of one scenario, with some of its policies, share a scene, so that they have the same states.

    Attributes
    ----------
    world : World
    start : datetime.date
    policies : tuple of Policy
    observed : tuple of Observed
    varied : tuple of str
        Paths of what is drawn or swept.
    """

    world: World
    start: date
    policies: tuple[Policy, ...] = ()
    observed: tuple[Observed, ...] = ()
    varied: tuple[str, ...] = ()

    @property
    def facts(self) -> Facts:
        """The world as of the first day, with the states that it needs."""
        return with_states(self._dated, self.states)

    @cached_property
    def states(self) -> tuple[str, ...]:
        """States that the world needs beside its detailed ones; sorted, for the order of policies does not matter."""
        facts, acting = self._dated, self.acting
        undetailed = load_places().keys() - facts.states.keys() - {REST_OF_WORLD}
        named = {code for code in (*self._named(), *_homes(facts, self.world, acting)) if code in undetailed}
        added = states_added(facts, self.exposures, named) if acting else ()
        return tuple(sorted({*named, *added}))

    @cached_property
    def exposures(self) -> tuple[Exposure, ...]:
        """Diasporas that the policies could cost a channel: the largest of each acting state, then by exposure."""
        return tuple(exposures(self._dated, self.acting))

    @property
    def acting(self) -> Acting:
        """The states that act, each with the platforms that it acts on; None where it may cut everything."""
        acting: dict[str, set[str] | None] = {}
        for policy in self.policies:
            for state in () if policy.PROMOTES or policy.HALTS or policy.EXTENDS else policy.by:
                before = acting.get(state, set())
                acting[state] = None if policy.CUTS_ALL or before is None else before.union(policy.targets)
        for state, listed in self.world.blocks_policy_arm.items():
            blocked = (name for where, name in self._dated.blocks if where == state)
            before = acting.get(state, set())
            known = self.world.blocks.get(state) or tuple(blocked)
            acting[state] = None if before is None else before | (set(listed) ^ set(known))
        return {state: targets for state, targets in acting.items() if targets is None or targets}

    @property
    def _dated(self) -> Facts:
        return facts_on(self.world.facts, self.start, self.world.platforms)

    @property
    def least_states(self) -> int:
        """How many states the world has at least: the detailed ones, and those that the scenario names."""
        return len({*load_facts(self.world.facts).states, *self._named()})

    def _named(self) -> Iterator[str]:
        """Yield the states that the scenario names."""
        world = self.world
        for policy in self.policies:
            yield from policy.by
            yield from (name for kind, name in policy.objects() if kind == "state")
        for table in (world.vpn_share, world.internet_users, world.states, world.blocks, world.blocks_policy_arm):
            yield from table
        for residence, origins in world.migrants.items():
            yield from (residence, *origins)
        for state, communities in world.communities.items():
            yield from (state, *(code for keys in communities.values() for code in keys.diaspora))
        for state, by_platform in world.penetration.items():
            tables = (figure for figure in by_platform.values() if isinstance(figure, Mapping))
            yield from (state, *(Group.read(origin).origin for figure in tables for origin in figure))
        yield from (keys.home for keys in world.platforms.values() if keys.home is not None)
        for row in self.observed:
            yield from (row.state,) if row.state is not None else ()
            yield from Group.read(row.group).states if row.group is not None else ()
        for path in self.varied:
            steps = path.split(".")
            yield from (code for step in steps[1:] if steps[0] == "world" and (code := find_place(step)) is not None)


def _homes(facts: Facts, world: World, acting: Acting) -> Iterator[str]:
    """Yield the homes of what is acted on, where people of theirs live in an acting state, or the other way round."""
    for state, targets in acting.items():
        for name in targets or ():
            stated, known = world.platforms.get(name), facts.platforms.get(name)
            home = (stated.home if stated is not None else None) or (known.home if known is not None else None)
            if home is not None and any(home in pair for pair in corridors_of(state, facts)):
                yield home

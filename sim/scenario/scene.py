"""Which states the world of a scenario has, beside those that the facts have in detail.

They are those that the scenario names anywhere, and those whose diasporas its policies could cost a channel.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sim.facts import Facts
from sim.facts.exposed import Exposure, corridors_of, exposures, states_added
from sim.facts.model import REST_OF_WORLD
from sim.facts.places import find_place, load_places
from sim.groups import Group
from sim.policies.base import PolicyKeys
from sim.scenario.observed import Observed
from sim.scenario.world import World

type Acting = Mapping[str, Collection[str] | None]


def scene_of(
    facts: Facts,
    world: World,
    policies: Collection[PolicyKeys],
    observed: Collection[Observed],
    varied: Collection[str],
) -> tuple[tuple[str, ...], tuple[Exposure, ...]]:
    """Return the states that a world needs beside its detailed ones, and the diasporas that matter to the policies.

    Parameters
    ----------
    facts : Facts
        A world, as of the first day.
    world, policies, observed
        Parts of the scenario.
    varied : collection of str
        Paths of what is drawn or swept.

    Returns
    -------
    states : tuple of str
        Alpha-2 codes, sorted: the order of policies in a file does not matter.
    exposed : tuple of Exposure
        Diasporas that policies could cost a channel, the largest first.
    """
    acting = acts_of(facts, world, policies)
    named = dict.fromkeys(code for code in _named(world, policies, observed, varied) if code in _undetailed(facts))
    named |= dict.fromkeys(_homes(facts, world, acting))
    found = exposures(facts, acting) if acting else []
    added = states_added(facts, found, named)
    return tuple(sorted({*named, *added})), tuple(found)


def acts_of(facts: Facts, world: World, policies: Collection[PolicyKeys]) -> Acting:
    """Return the states that act, each with the platforms that it acts on; None where it may cut everything.

    Parameters
    ----------
    facts : Facts
    world, policies
        Parts of the scenario.
    """
    found: dict[str, set[str] | None] = {}

    def note(state: str, targets: Collection[str] | None) -> None:
        before = found.get(state, set())
        found[state] = None if targets is None or before is None else {*before, *targets}

    for policy in policies:
        if policy.PROMOTES or policy.HALTS or policy.EXTENDS:
            continue
        for state in policy.by:
            note(state, None if policy.CUTS_ALL else policy.targets)
    for state, listed in world.blocks_policy_arm.items():
        known = world.blocks.get(state) or tuple(name for where, name in facts.blocks if where == state)
        note(state, set(listed) ^ set(known))
    return {state: targets for state, targets in found.items() if targets is None or targets}


def _named(
    world: World, policies: Collection[PolicyKeys], observed: Collection[Observed], varied: Collection[str]
) -> Iterator[str]:
    """Yield the states that a scenario names."""
    for policy in policies:
        yield from policy.by
        yield from (name for kind, name in policy.objects() if kind == "state")
    for table in (world.vpn_share, world.internet_users, world.states, world.blocks, world.blocks_policy_arm):
        yield from table
    for residence, origins in world.migrants.items():
        yield from (residence, *origins)
    for state, by_platform in world.penetration.items():
        yield state
        for figure in by_platform.values():
            yield from figure if isinstance(figure, Mapping) else ()
    yield from (keys.home for keys in world.platforms.values() if keys.home is not None)
    for row in observed:
        yield from (row.state,) if row.state is not None else ()
        yield from Group.read(row.group).states if row.group is not None else ()
    for path in varied:
        steps = path.split(".")
        yield from (code for step in steps[1:] if steps[0] == "world" and (code := find_place(step)) is not None)


def _homes(facts: Facts, world: World, acting: Acting) -> Iterator[str]:
    """Yield the homes of what is acted on, where people of theirs live in the acting state, or the other way round."""
    for state, targets in acting.items():
        for name in targets or ():
            stated, known = world.platforms.get(name), facts.platforms.get(name)
            home = (stated.home if stated is not None else None) or (known.home if known is not None else None)
            if home is not None and home in _undetailed(facts):
                if any(home in pair for pair in corridors_of(state, facts)):
                    yield home


def _undetailed(facts: Facts) -> Collection[str]:
    """Return the codes of all states that the facts do not have in detail."""
    return load_places().keys() - facts.states.keys() - {REST_OF_WORLD}

"""What a map of the world shows on a day: openness by state, corridors of lost contact, routes and cables cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import numpy as np

from sim.facts.network import load_network
from sim.facts.outlines import centres, read_outlines
from sim.groups import Group, is_diaspora
from sim.results.cells import MIN_PEOPLE
from sim.results.panel import Pair
from sim.results.worlds import by_kind, typical, worlds
from sim.scenario import Scenario

__all__ = ["MapDay", "centres", "map_day", "read_outlines", "shown_members"]

OPENNESS, LOST, REACH = "openness", "family_contact_lost_people", "reachable_pairs"
"""The metrics of the map; each is left out where a run does not measure it."""
PARTED = 0.05
"""Share of pairs of people that two states must lose on the routes for the map to show it [1] (assumption)."""
FEWEST = 1_000.0
"""People out of contact from which a corridor is shown [persons] (assumption)."""


@dataclass(frozen=True)
class MapDay:
    """What the map shows on a day.

    Attributes
    ----------
    date : str
        ISO date.
    openness : dict of str to float
        Share of the world's platforms that people in a state can use without effort [1].
    corridors : tuple of (str, str, float)
        Residence, origin, and people of the diaspora who have no platform channel because of the policies [persons].
    parted : tuple of (str, str, float)
        Two states, and the share of pairs of people who have lost their route [1]; those with most people last.
    cables : tuple of (str, tuple of str)
        Cables that are cut, and the states they join.
    """

    date: str
    openness: dict[str, float]
    corridors: tuple[tuple[str, str, float], ...]
    parted: tuple[tuple[str, str, float], ...]
    cables: tuple[tuple[str, tuple[str, ...]], ...]


def shown_members(members: Sequence[Pair]) -> tuple[list[Pair], int]:
    """Return the members that a map shows: all, or a typical one of the commonest kind where they differ in kind.

    The second value is the number of that one, from 1; 0 for all.
    """
    kinds = by_kind(worlds(members)) if any(policy.decisions for _, policy in members) else {}
    if len(kinds) < 2:
        return list(members), 0
    one = typical(next(iter(kinds.values()))).member
    return [members[one - 1]], one


def map_day(members: Sequence[Pair], scenario: Scenario, day: int) -> MapDay:
    """Return what the map shows on a day: the median over members.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
    scenario : Scenario
    day : int
        From 0.
    """
    axes = members[0][1].axes
    known = members[0][1].arrays
    opened = np.median([policy.arrays[OPENNESS][day] for _, policy in members], axis=0) if OPENNESS in known else None
    openness = {} if opened is None else {code: float(value) for code, value in zip(axes.states, opened, strict=True)}
    return MapDay(
        axes.dates[day],
        openness,
        _corridors(members, day),
        _parted(members, day),
        _cables(scenario, day),
    )


def _corridors(members: Sequence[Pair], day: int) -> tuple[tuple[str, str, float], ...]:
    """Return the corridors in which people are out of contact because of the policies, the largest last."""
    first = members[0][1]
    if LOST not in first.arrays:
        return ()
    more = [np.nan_to_num(policy.arrays[LOST][day] - base.arrays[LOST][day]) for base, policy in members]
    lost = np.median(more, axis=0)
    found = []
    for at, label in enumerate(first.axes.groups):
        if is_diaspora(label) and lost[at] >= FEWEST and first.cells.get(label, 0) >= MIN_PEOPLE:
            group = Group.read(label)
            found.append((group.residence, group.origin, float(lost[at])))
    return tuple(sorted(found, key=lambda row: row[2]))


def _parted(members: Sequence[Pair], day: int) -> tuple[tuple[str, str, float], ...]:
    """Return the pairs of states that lose routes to each other, by the pairs of people who do."""
    first = members[0][1]
    if REACH not in first.arrays:
        return ()
    gone = np.median([base.arrays[REACH][day] - policy.arrays[REACH][day] for base, policy in members], axis=0)
    codes = first.axes.states
    pairs = zip(*np.nonzero(np.triu(np.nan_to_num(gone) >= PARTED, 1)), strict=True)
    found = [(codes[i], codes[j], float(gone[i, j])) for i, j in pairs]
    people = first.real
    return tuple(sorted(found, key=lambda row: row[2] * people.get(row[0], 0.0) * people.get(row[1], 0.0)))


def _cables(scenario: Scenario, day: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the cables that a policy of the scenario bans on a day, with the states they join."""
    today = scenario.start + timedelta(days=day)
    halted = {p.about() for p in scenario.policies if p.HALTS and p.in_force(today)}
    standing = [p for p in scenario.policies if p.in_force(today) and p.id not in halted]
    banned = {name for policy in standing for kind, name in policy.objects() if kind == "cable"}
    joins = _joins(scenario.world.facts) if banned else {}
    return tuple((name, joins[name]) for name in sorted(banned) if name in joins)


@lru_cache(maxsize=4)
def _joins(facts: str) -> dict[str, tuple[str, ...]]:
    """Return the states that each cable joins."""
    return {name: tuple(cable.joins) for name, cable in load_network(facts).cables.items()}

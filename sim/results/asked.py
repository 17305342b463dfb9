"""The people in the question of a run: the largest diasporas of acting states, and the most exposed ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.errors import Code, Problem
from sim.facts.migration import LARGEST, LEAST_USED, Exposure, largest_diasporas
from sim.groups import Group, families_of

if TYPE_CHECKING:
    from sim.scenario import Scenario

MOST_ACTORS = 3
"""States whose largest diasporas are named, the first that act; a coalition is not a question about diasporas."""
MOST_EXPOSED = 3
"""Diasporas that are shown for their exposure, beside the largest ones."""
FEW = 100
"""A group of fewer simulated people says little."""


@dataclass(frozen=True)
class Diaspora:
    """One of the largest diasporas of an acting state.

    Attributes
    ----------
    residence, origin : str
    people : float
        By UN DESA, or as the scenario states it [persons].
    used : bool
        Whether enough of it uses what is acted on with the people at home for a loss to be possible.
    """

    residence: str
    origin: str
    people: float
    used: bool

    @property
    def group(self) -> str:
        """The name of its group."""
        return str(Group(self.residence, self.origin, "diaspora"))


def actors(scenario: Scenario) -> tuple[str, ...]:
    """Return the states that take something away, in the order of the policies."""
    acting = scenario.scene.acting
    return tuple(dict.fromkeys(state for policy in scenario.policies for state in policy.by if state in acting))


def largest(scenario: Scenario) -> dict[str, tuple[Diaspora, ...]]:
    """Return the largest diasporas of each acting state; of none where more than a few states act."""
    acting = actors(scenario)
    if len(acting) > MOST_ACTORS:
        return {}
    found = {(e.residence, e.origin): e for e in scenario.scene.exposures}
    return {state: tuple(_diasporas(state, scenario, found)) for state in acting}


def _diasporas(state: str, scenario: Scenario, found: dict[tuple[str, str], Exposure]) -> list[Diaspora]:
    """Return the largest diasporas of a state."""
    stated = {home: own[state] for home, own in scenario.world.migrants.items() if state in own}
    known = dict(largest_diasporas(state, scenario.facts, LARGEST + len(stated))) | stated
    first = sorted(known, key=lambda residence: (-known[residence], residence))[:LARGEST]
    shares = {residence: found[residence, state].share for residence in first if (residence, state) in found}
    return [Diaspora(r, state, known[r], shares.get(r, 0.0) >= LEAST_USED) for r in first]


def from_abroad(scenario: Scenario) -> dict[str, tuple[Diaspora, ...]]:
    """Return the largest exposed diasporas that live in each acting state, where more people come than have left.

    The Gulf's ban on calls is about the workers who live there, not about the few of its people who live abroad.
    """
    found = dict[str, tuple[Diaspora, ...]]()
    for state, left in largest(scenario).items():
        exposed = [e for e in scenario.scene.exposures if e.residence == state and e.matters]
        first = sorted(exposed, key=lambda e: (-e.people, e.origin))[:LARGEST]
        if first and first[0].people > max((d.people for d in left), default=0.0):
            found[state] = tuple(Diaspora(state, e.origin, e.people, True) for e in first)
    return found


def asked_groups(scenario: Scenario) -> tuple[str, ...]:
    """Return the groups that the question is about: diasporas and their families, whether the run has them or not."""
    both = (*from_abroad(scenario).values(), *largest(scenario).values())
    named = [d.group for listed in both for d in listed if d.used]
    exposed = [e for e in scenario.scene.exposures if e.matters and not e.largest][:MOST_EXPOSED]
    diasporas = dict.fromkeys([*named, *(str(Group(e.residence, e.origin, "diaspora")) for e in exposed)])
    return tuple(group for diaspora in diasporas for group in (diaspora, families_of(diaspora)))


def thin_groups(scenario: Scenario, cells: Sequence[Mapping[str, int]]) -> list[Problem]:
    """Return a warning about the groups of the question that have few simulated people; none where all have enough.

    Parameters
    ----------
    scenario : Scenario
    cells : sequence of mapping of str to int
        Simulated people by group, of each member.
    """
    fewest = {g: min(one.get(g, 0) for one in cells) for g in asked_groups(scenario) if g in cells[0]}
    thin = {group: number for group, number in fewest.items() if number < FEW}
    if not thin:
        return []
    named = ", ".join(f"{group} ({number})" for group, number in thin.items())
    found = f"fewer than {FEW} simulated people in groups that the question is about: {named}"
    where = scenario.origins.get("people", "people")
    return [Problem(where, found, f"{FEW} or more in each", "raise --people", Code.FEW)]

"""Which states a scenario needs besides the detailed ones: those whose diasporas could lose contact.

A corridor is a pair (residence, origin). It is exposed to an act of a state at either end. The people who could lose a
channel are those who use the target of the act, at both ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sim.facts.dated import is_shut
from sim.facts.diasporas import largest_diasporas, other_pairs
from sim.facts.model import REST_OF_WORLD, Facts
from sim.facts.use import blocks_elsewhere, use_anywhere

Pair = tuple[str, str]

LARGEST = 3
"""So many of the largest diasporas of an acting state are in its world, whatever their size (assumption)."""
MOST_ADDED = 8
"""At most so many states are added for other diasporas (assumption)."""
LEAST_EXPOSED = 10_000
"""Exposed people from which on another diaspora adds a state [persons] (assumption)."""
LEAST_PART = 0.02
"""The least part of the diaspora that an act exposes most, from which on another diaspora adds a state [1]
(assumption)."""
LEAST_USED = 0.05
"""Share of a corridor that could lose a channel, below which the targets count as not used between its ends [1]
(assumption)."""
MOST_STATES = 127
"""The number of a state is kept in 8 bits with a sign."""


@dataclass(frozen=True)
class Exposure:
    """A diaspora that an act of a state could cost a channel.

    Attributes
    ----------
    residence, origin : str
        Where its people live, and where they were born.
    people : float
        Its size [persons].
    share : float
        Share of it that could lose a channel [1].
    largest : bool
        Whether it is one of the largest diasporas of the acting state.
    matters : bool
        Whether it belongs into the world of the scenario.
    """

    residence: str
    origin: str
    people: float
    share: float
    largest: bool
    matters: bool

    @property
    def exposed(self) -> float:
        """People who could lose a channel [persons]."""
        return self.people * self.share


def exposures(facts: Facts, acting: Mapping[str, Collection[str] | None]) -> list[Exposure]:
    """Return the diasporas that some acts could cost a channel: the largest of each acting state, then by exposure.

    Parameters
    ----------
    facts : Facts
        A world, on the first day of the scenario.
    acting : mapping of str to collection of str, or None
        State -> the platforms that its acts are aimed at; None where they are aimed at everything.
    """
    found: dict[Pair, Exposure] = {}
    for state, targets in sorted(acting.items()):
        for one in _exposures_to(state, targets, facts):
            pair = one.residence, one.origin
            other = found.get(pair, one)
            share, largest = max(one.share, other.share), one.largest or other.largest
            found[pair] = Exposure(*pair, one.people, share, largest, one.matters or other.matters)
    return sorted(found.values(), key=lambda e: (not e.largest, -e.exposed, e.residence, e.origin))


def _exposures_to(state: str, targets: Collection[str] | None, facts: Facts) -> list[Exposure]:
    """Return the diasporas that the acts of one state could cost a channel, in any order."""
    largest = {residence for residence, _ in largest_diasporas(state, facts, LARGEST)}
    found: list[tuple[Pair, float, float, bool]] = []
    for (residence, origin), people in corridors_of(state, facts).items():
        is_largest = origin == state and residence in largest
        if people >= LEAST_EXPOSED or is_largest:
            share = share_exposed(residence, origin, targets, facts)
            found.append(((residence, origin), people, share, is_largest))
    most = max((people * share for _, people, share, _ in found), default=0.0)
    least = max(LEAST_EXPOSED, LEAST_PART * most)
    return [
        Exposure(*pair, people, share, is_largest, share >= LEAST_USED and (is_largest or people * share >= least))
        for pair, people, share, is_largest in found
    ]


def states_added(facts: Facts, found: Iterable[Exposure], named: Collection[str] = ()) -> tuple[str, ...]:
    """Return the states that the diasporas add to a world, in the order of their exposure.

    Parameters
    ----------
    facts : Facts
        The world; its own states are not added.
    found : iterable of Exposure
        As `exposures` returns them.
    named : collection of str
        States that are in the world because the scenario names them; they use up none of `MOST_ADDED`.
    """
    known = {*facts.states, *named}
    added: dict[str, bool] = {}
    for exposure in found:
        if not exposure.matters:
            continue
        for code in (exposure.residence, exposure.origin):
            others = sum(not largest for largest in added.values())
            room = len(known) + len(added) < MOST_STATES and (exposure.largest or others < MOST_ADDED)
            if room and code not in known and code not in added:
                added[code] = exposure.largest
    return tuple(added)


@lru_cache(maxsize=512)
def corridors_of(state: str, facts: Facts) -> Mapping[Pair, float]:
    """Return all diasporas with a state at one end: (residence, origin) -> people [persons]."""
    found = {pair: float(people) for pair, (people, _) in other_pairs(facts.name).items() if state in pair}
    found |= {pair: stock.value for pair, stock in facts.migrants.items() if state in pair}
    return {pair: people for pair, people in found.items() if REST_OF_WORLD not in pair}


def share_exposed(residence: str, origin: str, targets: Collection[str] | None, facts: Facts) -> float:
    """Return the share of a diaspora that could lose a channel, 0 to 1.

    Parameters
    ----------
    residence, origin : str
        Where its people live, and where they were born.
    targets : collection of str, or None
        The platforms at stake; what the facts do not have counts as not used. None: everything.
    facts : Facts

    Notes
    -----
    At most the smaller of the two ends uses a platform with the other. Members of a diaspora use it as the people
    around them do, or as a share (``people.origin_platform_share``) of the people at home does, if that is more.
    """
    if targets is None:
        return 1.0
    known = facts.parameters.get("people.origin_platform_share")
    carried = known.value if known is not None else 0.0
    most = 0.0
    for platform in targets:
        if platform not in facts.platforms:
            continue
        around, at_home = (_use(state, platform, facts) for state in (residence, origin))
        group = facts.group_penetration.get((residence, platform, origin))
        if group is not None:
            abroad = group.value
        elif is_shut(facts.blocks, (residence, platform)) or is_shut(blocks_elsewhere(facts), (residence, platform)):
            abroad = around
        else:
            abroad = max(around, carried * at_home)
        most = max(most, min(abroad, at_home))
    return most


@lru_cache(maxsize=16_384)
def _use(state: str, platform: str, facts: Facts) -> float:
    """Return the share of a state's Internet users who use a platform [1]."""
    return use_anywhere(state, platform, facts).share.value

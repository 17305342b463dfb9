"""Strata: whom the simulated people stand for, and how many of them there are of each group.

A group is written ``US`` (living in the state and not counted elsewhere), ``US<-CN`` (born in China, living in the
United States) or ``family:US<-CN`` (their relatives, living in China). Small groups are oversampled, so that a hundred
thousand simulated people say something about two million; each stands for `Group.weight` real internet users.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sim.facts.model import REST_OF_WORLD
from sim.groups import Group as Name
from sim.groups import Side
from sim.world.overlap import families_kept

NAMED_SIZE = 2000  # assumption: simulated members of a diaspora that a scenario names; 1 % of them is +-0.2 points
OTHER_SIZE = 60  # assumption: twice the least cell that results are printed for
GROWS_FROM = 100_000  # assumption: simulated people in all from which on diasporas grow with them
DIASPORA_BUDGET = 0.6  # assumption: largest share of the simulated people in diaspora and family groups
FOCUS_BOOST = 4.0  # assumption: how much more of the residents of a state concerned are simulated
REST_BOOST = 0.25  # assumption: how much less of the rest of the world's, of whom nothing is reported in detail
TARGET_USERS = 500  # simulated users of a platform that a scenario names, in the states concerned
LARGE_CORRIDOR = 200_000  # persons; corridors that touch no state concerned are kept from this size on
SMALL_CORRIDOR = 10_000  # persons; corridors that touch one are kept from this size on
FLOOR_BUDGET = 0.6  # assumption: largest share of the simulated residents that the users of named platforms take
WORLD_BUDGET = 0.25  # assumption: of all simulated people, for platforms that only `world:` names
MIN_RESIDENTS = 30  # simulated residents of any state: the least cell that results are printed for


@dataclass(frozen=True)
class Group:
    """A stratum of people.

    Attributes
    ----------
    label : str
        ``US``, ``US<-CN`` or ``family:US<-CN``.
    role : {"resident", "diaspora", "family"}
    residence, origin : str
        Where its people live, and where those of the diaspora were born (the same state for residents and families).
    people : float
        Real internet users it stands for [persons].
    size : int
        Simulated people.
    corridor : tuple of str or None
        (residence, origin) of the diaspora that a diaspora or family group belongs to.
    """

    label: str
    role: Side
    residence: str
    origin: str
    people: float
    size: int
    corridor: tuple[str, str] | None = None

    @property
    def weight(self) -> float:
        """Real people that each simulated person stands for [persons]."""
        return self.people / self.size if self.size else 0.0


@dataclass(frozen=True)
class Corridor:
    """A diaspora and how many of it are simulated."""

    residence: str
    origin: str
    people: float
    named: bool
    relevant: bool


def choose_corridors(
    migrants: Mapping[tuple[str, str], float],
    internet_share: Mapping[str, float],
    focus: frozenset[str],
    named: frozenset[tuple[str, str]],
    needed: frozenset[tuple[str, str]] = frozenset(),
) -> list[Corridor]:
    """Return the corridors worth simulating: the named ones, those that touch a state concerned, and the large ones.

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
        Corridors that the scenario names, or whose platform it touches.
    needed : frozenset of (residence, origin)
        Corridors that are simulated whatever their size: the largest diasporas of the states that act.
    """
    corridors = []
    for (residence, origin), stock in migrants.items():
        if REST_OF_WORLD in (residence, origin) or stock <= 0:
            continue
        is_named, is_needed = (residence, origin) in named, (residence, origin) in needed
        relevant = residence in focus or origin in focus
        if is_named or is_needed or stock >= (SMALL_CORRIDOR if relevant else LARGE_CORRIDOR):
            corridors.append(Corridor(residence, origin, stock * internet_share[residence], is_named, relevant))

    def order(c: Corridor) -> tuple[object, ...]:
        is_needed = (c.residence, c.origin) in needed
        return not c.named, not is_needed, not c.relevant, -c.people, c.residence, c.origin

    return sorted(corridors, key=order)


def afford(
    corridors: Sequence[Corridor], families_per_member: float, people: int, named: int = NAMED_SIZE
) -> list[tuple[Corridor, int]]:
    """Return the corridors that so many simulated people have room for, and how many of each diaspora are simulated.

    Parameters
    ----------
    corridors : sequence of Corridor
        In order of importance.
    families_per_member : float
        Members of families left behind for each member of a diaspora; the usual figure, not the one that a member of
        an ensemble draws, so that all members have the same groups.
    people : int
        Simulated people in all.
    named : int
        Simulated members of each diaspora that the scenario names, in a world of up to `GROWS_FROM` people; in a larger
        one it and all others have more in proportion, but no more than there are.
    """
    kept: list[tuple[Corridor, int]] = []
    budget, per_member = DIASPORA_BUDGET * people, 1.0 + families_per_member
    grown = max(1.0, people / GROWS_FROM)
    # A small world gives its named groups what it can: never more than half of the budget in all.
    named_size = min(int(named * grown), int(budget / 2 / per_member / max(1, sum(c.named for c in corridors))))
    for corridor in corridors:
        size = max(OTHER_SIZE, named_size) if corridor.named else int(OTHER_SIZE * grown)
        if grown > 1.0:
            size = max(OTHER_SIZE, min(size, int(corridor.people)))
        budget -= size * per_member
        if budget < 0 and kept:
            break
        kept.append((corridor, size))
    return kept


def _moved_groups(kept: Sequence[tuple[Corridor, int]], families_per_member: float) -> list[Group]:
    """Return diaspora and family groups."""
    groups: list[Group] = []
    for corridor, size in kept:
        here, there = corridor.residence, corridor.origin
        family_size = math.ceil(size * families_per_member)
        families = corridor.people * family_size / size
        name, pair = Name(here, there, "diaspora"), (here, there)
        groups.append(Group(str(name), "diaspora", here, there, corridor.people, size, pair))
        groups.append(Group(str(name.families), "family", there, there, families, family_size, pair))
    return groups


def _without_overlap(moved: Sequence[Group], users: Mapping[str, float]) -> list[Group]:
    """Return diaspora and family groups whose families fit into their states."""
    sums: dict[tuple[str, str], float] = {}
    for group in moved:
        key = group.residence, group.role
        sums[key] = sums.get(key, 0.0) + group.people
    kept = {s: families_kept(n, sums.get((s, "diaspora"), 0.0), sums.get((s, "family"), 0.0)) for s, n in users.items()}
    return [replace(g, people=g.people * kept[g.residence]) if g.role == "family" else g for g in moved]


def _affordable(floors: Mapping[str, int], room: int) -> dict[str, int]:
    """Return what can be had of the least numbers of residents: the small ones whole, the others in equal parts."""
    given: dict[str, int] = {}
    for done, state in enumerate(sorted(floors, key=lambda s: (floors[s], s))):
        given[state] = min(floors[state], (room - sum(given.values())) // (len(floors) - done))
    return given


def _resident_sizes(
    users: Mapping[str, float], floors: Mapping[str, int], focus: frozenset[str], people: int
) -> dict[str, int]:
    """Share out the simulated residents: by the square root of a state's users, more where a policy bites."""
    boost = dict.fromkeys(focus, FOCUS_BOOST) | {REST_OF_WORLD: REST_BOOST}
    root = {s: math.sqrt(max(0.0, n)) * boost.get(s, 1.0) for s, n in users.items()}
    floor = dict.fromkeys(users, 0) | _affordable(floors, int(FLOOR_BUDGET * people))
    total = sum(root.values())
    sizes = {s: max(MIN_RESIDENTS, floor[s], int(people * root[s] / total)) for s in users}
    # What floors take is given back by the others in proportion, so that the whole comes near what was asked.
    excess = sum(sizes.values()) - people
    spare = {s: n - max(MIN_RESIDENTS, floor[s]) for s, n in sizes.items()}
    if excess > 0 and sum(spare.values()) > 0:
        cut = min(1.0, excess / sum(spare.values()))
        sizes = {s: n - int(cut * spare[s]) for s, n in sizes.items()}
    return sizes


def families_by_rules(q: Mapping[str, float]) -> float:
    """Return members of families left behind for each member of a diaspora."""
    return q["ties.kin_abroad"] / q["ties.kin_per_family_member"] * (1.0 - q["ties.no_family_share"])


def make_groups(
    users: Mapping[str, float],
    kept: Sequence[tuple[Corridor, int]],
    target_penetration: Mapping[str, float],
    families_per_member: float,
    focus: frozenset[str],
    people: int,
) -> list[Group]:
    """Return the groups of a world, residents of each state first, its diasporas and families after them.

    Parameters
    ----------
    users : mapping of str to float
        Internet users of each state [persons].
    kept : sequence of (Corridor, int)
        Corridors and the simulated members of each diaspora; people of others are counted as residents.
    target_penetration : mapping of str to float
        For each state concerned, the least share of its residents who use a platform that the scenario names.
    families_per_member : float
        Members of families left behind for each member of a diaspora.
    focus : frozenset of str
        States that a policy concerns.
    people : int
        Simulated people asked for; the world has about as many.
    """
    moved = _without_overlap(_moved_groups(kept, families_per_member), users)
    left = dict(users)
    for group in moved:
        left[group.residence] = max(0.0, left[group.residence] - group.people)
    floors = {s: math.ceil(TARGET_USERS / p) for s, p in target_penetration.items() if p > 0}
    sizes = _resident_sizes(left, floors, focus, max(0, people - sum(g.size for g in moved)))
    groups = []
    for state in users:
        groups.append(Group(state, "resident", state, state, left[state], sizes[state]))
        groups.extend(g for g in moved if g.residence == state)
    return groups

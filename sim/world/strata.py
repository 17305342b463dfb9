"""Strata: the groups that simulated people represent, and the number of simulated people in each.

A group is written ``US`` (living in the state and not counted elsewhere), ``US<-CN`` (born in China, living in the
United States), ``family:US<-CN`` (their relatives, living in China) or ``CN:Tibetans`` (a community within a state).
Small groups are oversampled, so that a sample of a hundred thousand people is meaningful for a group of two million;
each person represents `Group.weight` real internet users.

The number of simulated members of a diaspora depends on the effect that policies can have on it. With *P* real members,
of whom *E* can be hit,

    n = min(P, max(least, top x sqrt(E / largest E)))

The remaining people are residents, in state *s* in proportion to ``boost x sqrt(users)``, and never fewer than its
floor. Both are power allocations with exponent 1/2 (Bankier 1988, The American Statistician 42, 174-177), between
Neyman's (exponent 1), which minimises the error of the total, and equal errors in all groups (exponent 0).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sim.facts.model import REST_OF_WORLD
from sim.groups import Group as Name
from sim.groups import Side
from sim.world.overlap import families_kept
from sim.world.users_apart import Tail

TOP_SIZE = 2_000  # assumption: simulated members of the diaspora exposed most; 1 % of them is +-0.2 points
LEAST_SIZE = 100  # assumption: simulated members of any diaspora that a policy can reach
OTHER_SIZE = 60  # assumption: twice the least cell that results are printed for
LEAST_SHARE = 0.005  # assumption: in a small world LEAST_SIZE is this share of all simulated people
GROWS_FROM = 100_000  # assumption: simulated people in all from which on diasporas grow with them
SHRINKS = 1 / 3  # assumption: below that, the diaspora exposed most shrinks with this power of their number
DIASPORA_BUDGET = 0.6  # assumption: largest share of the simulated people in diaspora and family groups
TOP_BUDGET = 0.3  # assumption: of all simulated people, for what diasporas and families have above their least size
FOCUS_BOOST = 4.0  # assumption: how much more of the residents of a state concerned are simulated
REST_BOOST = 0.25  # assumption: how much less of the rest of the world's, of whom nothing is reported in detail
FLOOR_BUDGET = 0.6  # assumption: largest share of the simulated residents that the users of named platforms take
MIN_RESIDENTS = 30  # simulated residents of any state: the least cell that results are printed for
_HALVINGS = 60  # steps of a bisection


@dataclass(frozen=True)
class Group:
    """A stratum of people.

    Attributes
    ----------
    label : str
        ``US``, ``US<-CN``, ``family:US<-CN`` or ``CN:Tibetans``.
    role : {"resident", "diaspora", "family"}
    residence, origin : str
        Where its people live, and where those of the diaspora were born (the same state for residents and families).
    people : float
        Real internet users it stands for [persons].
    size : int
        Simulated people.
    corridor : tuple of str or None
        (residence, origin) of the diaspora that a diaspora or family group belongs to.
    community : str
        The community that its people belong to, or ``users`` for users of targeted platforms; mostly empty.
    uses : mapping of str to float
        Platforms that its people use to another share than those around them [1].
    tail : Tail or None
        Whom its people are drawn from, where they are users of targeted platforms.
    """

    label: str
    role: Side
    residence: str
    origin: str
    people: float
    size: int
    corridor: tuple[str, str] | None = None
    community: str = ""
    uses: Mapping[str, float] = field(default_factory=dict, hash=False)
    tail: Tail | None = None

    @property
    def weight(self) -> float:
        """Real people that each simulated person stands for [persons]."""
        return self.people / self.size if self.size else 0.0

    @property
    def is_rest(self) -> bool:
        """Whether it is the residents of a state who belong to no other group."""
        return self.role == "resident" and not self.community


class Within(NamedTuple):
    """A group of residents that is sampled apart from the other residents of its state.

    Attributes
    ----------
    state, name : str
        ``name`` is that of a community, or ``users``.
    people : float
        Internet users [persons].
    uses : mapping of str to float
    tail : Tail or None
        As in `Group`.
    """

    state: str
    name: str
    people: float
    uses: Mapping[str, float]
    tail: Tail | None = None

    @property
    def label(self) -> str:
        """The label of its group."""
        return str(Name(self.state, self.state, community=self.name))


@dataclass(frozen=True)
class Corridor:
    """A diaspora that can be simulated.

    Attributes
    ----------
    residence, origin, community : str
        As in `Group`.
    people : float
        Internet users [persons].
    named : bool
        Whether the scenario has a figure of it.
    relevant : bool
        Whether a state concerned is at either end.
    largest : bool
        Whether it is one of the largest diasporas that a state concerned has abroad.
    exposed : float
        Members who could lose a channel to the other end [persons].
    least : int
        Simulated members that the weight limit asks for.
    """

    residence: str
    origin: str
    people: float
    named: bool
    relevant: bool
    community: str = ""
    largest: bool = False
    exposed: float = 0.0
    least: int = 0

    @property
    def name(self) -> Name:
        """The diaspora as a value."""
        return Name(self.residence, self.origin, "diaspora", self.community)


def top_size(people: int) -> int:
    """Return the simulated members of the diaspora exposed most, in a world of so many simulated people."""
    part = people / GROWS_FROM
    return int(TOP_SIZE * (part if part > 1.0 else part**SHRINKS))


def size_diasporas(
    corridors: Sequence[Corridor], families_per_member: float, people: int, top: int
) -> list[tuple[Corridor, int]]:
    """Return the diasporas that there is room for, and how many members of each are simulated.

    Parameters
    ----------
    corridors : sequence of Corridor
        In any order.
    families_per_member : float
        Members of families left behind for each member of a diaspora; the usual figure, not the one that a member of
        an ensemble draws, so that all members have the same groups.
    people : int
        Simulated people in all.
    top : int
        Simulated members of the diaspora exposed most, as far as there is room.

    Notes
    -----
    The formula is at the head of this file. The least size is `LEAST_SIZE` where a policy can reach somebody, and
    `OTHER_SIZE` elsewhere. ``top`` is lowered until all that exceeds the least sizes fits `TOP_BUDGET`. First comes
    the diaspora exposed most, which a small world gives fewer members than that; then the diasporas that the scenario
    has figures of, the largest of the states that act, and the others in the order of their exposed members, until
    `DIASPORA_BUDGET` is spent. Those left out are counted as residents.
    """
    each, grown = 1.0 + families_per_member, max(1.0, people / GROWS_FROM)
    reached = min(LEAST_SIZE * grown, max(OTHER_SIZE, LEAST_SHARE * people))
    most = max((c.exposed for c in corridors), default=0.0)

    def least(c: Corridor) -> int:
        usual = int(reached if c.exposed > 0 or c.named else OTHER_SIZE * grown)
        return at_most(min(top, max(usual, c.least)), c.people)

    def size(c: Corridor, highest: float) -> int:
        wanted = highest * math.sqrt(c.exposed / most) if most > 0 else 0.0
        return max(least(c), at_most(int(wanted), c.people))

    def beyond(highest: float) -> float:
        return each * sum(size(c, highest) - least(c) for c in corridors)

    highest = _largest(lambda x: beyond(x) <= TOP_BUDGET * people, float(top))
    kept: list[tuple[Corridor, int]] = []
    budget = DIASPORA_BUDGET * people
    for corridor in sorted(corridors, key=lambda c: (c.exposed < most or most <= 0.0, *_importance(c))):
        n = size(corridor, highest)
        if not kept:
            n = max(1, min(n, int(budget / each)))
        budget -= n * each
        if budget < 0 and kept:
            break
        kept.append((corridor, n))
    return kept


def _importance(c: Corridor) -> tuple[bool, bool, float, bool, float, str, str, str]:
    """Return what decides which diasporas come first: named, largest of a state concerned, exposed, relevant, large."""
    is_largest = c.largest and c.exposed > 0
    return not c.named, not is_largest, -c.exposed, not c.relevant, -c.people, c.residence, c.origin, c.community


def at_most(size: int, people: float) -> int:
    """Return a size that does not exceed the real people, and is not zero."""
    return max(1, min(size, int(people)))


def _largest(fits: Callable[[float], bool], most: float) -> float:
    """Return the largest number up to ``most`` that fits, where whatever is less than one that fits does, too."""
    if fits(most):
        return most
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


class Residents(NamedTuple):
    """A group of residents to be sized: a state's, or some within it.

    Attributes
    ----------
    state : str
    people : float
        Internet users [persons].
    must : int
        Simulated people that it has in any case.
    wanted : int
        Simulated people that it has as far as there is room.
    """

    state: str
    people: float
    must: int = MIN_RESIDENTS
    wanted: int = 0


def size_residents(groups: Mapping[str, Residents], focus: frozenset[str], people: int) -> dict[str, int]:
    """Share out the simulated residents: by the square root of a group's users, more where a policy applies.

    Parameters
    ----------
    groups : mapping of str to Residents
        By label.
    focus : frozenset of str
        States that a policy concerns.
    people : int
        Simulated residents in all; there are more only if the floors need more.

    Returns
    -------
    dict of str to int
        Simulated people; never more than real ones.
    """
    boost = dict.fromkeys(focus, FOCUS_BOOST) | {REST_OF_WORLD: REST_BOOST}
    root = {label: math.sqrt(max(0.0, g.people)) * boost.get(g.state, 1.0) for label, g in groups.items()}
    given = _affordable({label: g.wanted for label, g in groups.items() if g.wanted}, int(FLOOR_BUDGET * people))
    floor = {label: max(g.must, given.get(label, 0)) for label, g in groups.items()}
    # The other groups are reduced in proportion to what floors add, so that the total is close to the requested one.
    scale = people / max(1e-9, min((r for r in root.values() if r > 0), default=1.0))

    def sizes(factor: float) -> dict[str, int]:
        return {k: at_most(max(floor[k], int(factor * root[k])), max(g.people, 1.0)) for k, g in groups.items()}

    return sizes(_largest(lambda factor: sum(sizes(factor).values()) <= people, scale))


def _affordable(floors: Mapping[str, int], room: int) -> dict[str, int]:
    """Return what can be had of the least numbers of residents: the small ones whole, the others in equal parts."""
    given: dict[str, int] = {}
    for done, label in enumerate(sorted(floors, key=lambda s: (floors[s], s))):
        given[label] = min(floors[label], (room - sum(given.values())) // (len(floors) - done))
    return given


def families_by_rules(q: Mapping[str, float]) -> float:
    """Return members of families left behind for each member of a diaspora."""
    return q["ties.kin_abroad"] / q["ties.kin_per_family_member"] * (1.0 - q["ties.no_family_share"])


def moved_groups(
    kept: Sequence[tuple[Corridor, int]],
    families_per_member: float,
    users: Mapping[str, float],
    within: Sequence[Within] = (),
) -> list[Group]:
    """Return the groups of diasporas and of their families, whose families fit into their states.

    Parameters
    ----------
    kept : sequence of (Corridor, int)
        Diasporas and the simulated members of each.
    families_per_member : float
        Members of families left behind for each member of a diaspora.
    users : mapping of str to float
        Internet users of each state [persons].
    within : sequence of Within
        Communities, whose families use what their communities do.
    """
    uses = {(w.state, w.name): w.uses for w in within}
    groups: list[Group] = []
    for corridor, size in kept:
        here, there, name = corridor.residence, corridor.origin, corridor.name
        family_size = math.ceil(size * families_per_member)
        families = corridor.people * family_size / size
        pair, community = (here, there), corridor.community
        groups.append(Group(str(name), "diaspora", here, there, corridor.people, size, pair, community))
        own = uses.get((there, community), {})
        groups.append(
            Group(str(name.families), "family", there, there, families, family_size, pair, community, own)
        )  # fmt: skip
    return _without_overlap(groups, users)


def _without_overlap(moved: Sequence[Group], users: Mapping[str, float]) -> list[Group]:
    """Return diaspora and family groups whose families fit into their states."""
    sums: dict[tuple[str, str], float] = {}
    for group in moved:
        key = group.residence, group.role
        sums[key] = sums.get(key, 0.0) + group.people
    kept = {s: families_kept(n, sums.get((s, "diaspora"), 0.0), sums.get((s, "family"), 0.0)) for s, n in users.items()}
    return [replace(g, people=g.people * kept[g.residence]) if g.role == "family" else g for g in moved]


def people_left(
    users: Mapping[str, float], moved: Sequence[Group], within: Sequence[Within]
) -> tuple[dict[str, float], list[Within]]:
    """Return the residents of each state who belong to no other group, and the groups within it without families.

    A community keeps at least half of its users [persons]: relatives of several diasporas overlap.

    Parameters
    ----------
    users : mapping of str to float
        Internet users of each state [persons].
    moved : sequence of Group
        Diasporas and families.
    within : sequence of Within
        With everybody who belongs to them, families of diasporas among them.
    """
    left = dict(users)
    of_community = {(w.state, w.name): w.people for w in within}
    for group in moved:
        home = (group.residence, group.community)
        if group.role == "family" and home in of_community:
            whole = next(w.people for w in within if (w.state, w.name) == home)
            of_community[home] = max(whole * 0.5, of_community[home] - group.people)
        left[group.residence] = max(0.0, left[group.residence] - group.people)
    found = [w._replace(people=of_community[w.state, w.name]) for w in within]
    for w in found:
        left[w.state] = max(0.0, left[w.state] - w.people)
    return left, found


def all_groups(
    users: Mapping[str, float], left: Mapping[str, float], within: Sequence[Within], moved: Sequence[Group],
    sizes: Mapping[str, int],
) -> list[Group]:  # fmt: skip
    """Return the groups of a world: for each state its residents, the groups within it, its diasporas and families.

    Parameters
    ----------
    users : mapping of str to float
        Internet users of each state [persons]; its keys are the states in order.
    left, within
        As `people_left` returns them.
    moved : sequence of Group
        Diasporas and families.
    sizes : mapping of str to int
        Simulated people of the residents and of the groups within, by label.
    """
    groups = []
    for state in users:
        groups.append(Group(state, "resident", state, state, left[state], sizes[state]))
        for w in within:
            if w.state == state:
                size = sizes[w.label]
                groups.append(Group(w.label, "resident", state, state, w.people, size, None, w.name, w.uses, w.tail))
        groups.extend(g for g in moved if g.residence == state)
    return groups

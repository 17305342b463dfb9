"""The groups that simulated people represent: residents, communities, diasporas and families, and who uses what.

A group is written ``US`` (living in the state and not counted elsewhere), ``US<-CN`` (born in China, living in the
United States), ``family:US<-CN`` (their relatives, living in China) or ``CN:Tibetans`` (a community within a state).
Each simulated person represents `Stratum.weight` real internet users; `sim.world.sampling` decides how many there are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from sim.core.groups import USERS, Group, Side
from sim.facts.model import REST_OF_WORLD
from sim.scenario import Scenario
from sim.world.setting import Setting

LARGE_CORRIDOR = 200_000  # persons; diasporas that touch no state concerned are simulated from this size on
SMALL_CORRIDOR = 10_000  # persons; diasporas that touch one are simulated from this size on
LARGEST = 3  # diasporas of a state concerned, and in it, that are simulated whatever their size
MOST_FAMILIES = 0.5
"""Share of a state's Internet users who belong to no diaspora that families take at most [1] (assumption)."""
OTHER = "other"
"""In figures by group: everybody whose origin is not named."""

Figure = float | Mapping[str, float]


class Tail(NamedTuple):
    """Whom a group of users is drawn from: those who lean most to what they use.

    Attributes
    ----------
    chosen : frozenset of str
        The platforms whose users among the residents are all in the group.
    share : float
        Share of the residents who are in the group [1].
    activity, youth : float
        Correlation of leaning with activity online and with youth [1].
    vpn : float
        Share of them who hold a VPN on the first day [1].
    """

    chosen: frozenset[str]
    share: float
    activity: float
    youth: float
    vpn: float


@dataclass(frozen=True)
class Stratum:
    """A group of people of a world, with its number of simulated people.

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

    @classmethod
    def within(
        cls, state: str, name: str, people: float, uses: Mapping[str, float], tail: Tail | None = None
    ) -> Stratum:
        """Return a group of residents that is sampled apart from those of its state, not yet of any size."""
        label = str(Group(state, state, community=name))
        return cls(label, "resident", state, state, people, 0, None, name, uses, tail)

    @property
    def weight(self) -> float:
        """Real people that each simulated person stands for [persons]."""
        return self.people / self.size if self.size else 0.0

    @property
    def is_rest(self) -> bool:
        """Whether it is the residents of a state who belong to no other group."""
        return self.role == "resident" and not self.community


@dataclass(frozen=True)
class Corridor:
    """A diaspora that can be simulated.

    Attributes
    ----------
    residence, origin, community : str
        As in `Stratum`.
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
    def name(self) -> Group:
        """The diaspora as a value."""
        return Group(self.residence, self.origin, "diaspora", self.community)


def communities_of(spec: Scenario, setting: Setting) -> list[Stratum]:
    """Return the communities of a scenario as groups within their states.

    Its members use the Internet as the people around them do (assumption); the share is one of the state's people.
    """
    return [
        Stratum.within(state, name, keys.share * setting.users[state], dict(keys.platforms))
        for state, named in spec.world.communities.items()
        for name, keys in named.items()
    ]


def corridors_of(spec: Scenario, setting: Setting, focus: frozenset[str]) -> list[Corridor]:
    """Return the diasporas worth simulating: those of communities, then those of states.

    Who comes from a community is no longer counted among those who come from its state, as far as the stock goes.

    Parameters
    ----------
    spec : Scenario
    setting : Setting
    focus : frozenset of str
        States that a policy of the scenario concerns.
    """
    share = {code: min(1.0, setting.users[code] / fact.population.value) for code, fact in setting.state_facts.items()}
    stock = {pair: q.value for pair, q in setting.facts.migrants.items() if pair[0] in share and pair[1] in share}
    corridors = []
    for origin, communities in spec.world.communities.items():
        for name, keys in communities.items():
            for residence, people in keys.diaspora.items():
                relevant = residence in focus or origin in focus
                corridors.append(Corridor(residence, origin, people * share[residence], True, relevant, name))
                if (residence, origin) in stock:
                    stock[residence, origin] = max(0.0, stock[residence, origin] - people)
    return corridors + choose_corridors(stock, share, focus, _named_corridors(spec))


def _named_corridors(spec: Scenario) -> frozenset[tuple[str, str]]:
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
    """Return the diasporas of states worth simulating; how many members could be hit is not filled in.

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

    def largest(side: int) -> Iterator[tuple[str, str]]:
        for state in sorted(focus):
            yield from sorted((p for p in stock if p[side] == state), key=lambda p: (-stock[p], p))[:LARGEST]

    abroad = frozenset(largest(1))
    wanted = {*named, *largest(0), *abroad}
    corridors = []
    for pair, people in stock.items():
        relevant = not focus.isdisjoint(pair)
        if pair in wanted or people >= (SMALL_CORRIDOR if relevant else LARGE_CORRIDOR):
            online = people * internet_share[pair[0]]
            corridors.append(Corridor(*pair, online, pair in named, relevant, largest=pair in abroad))
    return corridors


def families_per_member(q: Mapping[str, float]) -> float:
    """Return members of families left behind for each member of a diaspora, from the parameters."""
    return q["ties.kin_abroad"] / q["ties.kin_per_family_member"] * (1.0 - q["ties.no_family_share"])


class Partition(NamedTuple):
    """The people of all states, split into groups without overlap.

    Attributes
    ----------
    moved : list of Stratum
        Diasporas and families.
    within : list of Stratum
        Residents who are sampled apart from the other residents of their state.
    left : dict of str to float
        The other residents of each state [persons].
    """

    moved: list[Stratum]
    within: list[Stratum]
    left: dict[str, float]

    def groups(self, sizes: Mapping[str, int]) -> list[Stratum]:
        """Return the groups of a world: for each state its residents, the groups within it, diasporas and families.

        Parameters
        ----------
        sizes : mapping of str to int
            Simulated people of the residents and of the groups within, by label; 0 where one is missing.
        """
        groups = []
        for state, people in self.left.items():
            groups.append(Stratum(state, "resident", state, state, people, sizes.get(state, 0)))
            groups += [replace(w, size=sizes.get(w.label, 0)) for w in self.within if w.residence == state]
            groups += [g for g in self.moved if g.residence == state]
        return groups


def partition(
    corridors: Sequence[tuple[Corridor, int]],
    families: float,
    users: Mapping[str, float],
    communities: Sequence[Stratum],
) -> Partition:
    """Return the groups of diasporas, families and communities, and the residents who belong to none of them.

    The families of a state represent no more people than live there: one person is kin of several, so that the kin of
    large diasporas from a small state would add up to more. Each simulated one then represents fewer people. A
    community keeps at least half of its users, because relatives of several diasporas overlap.

    Parameters
    ----------
    corridors : sequence of (Corridor, int)
        Diasporas and the simulated members of each.
    families : float
        Members of families left behind for each member of a diaspora.
    users : mapping of str to float
        Internet users of each state [persons]; its keys are the states in order.
    communities : sequence of Stratum
        With everybody who belongs to them, families of diasporas among them.
    """
    by_home = {(w.residence, w.community): w for w in communities}
    moved: list[Stratum] = []
    for corridor, size in corridors:
        here, there, name, community = corridor.residence, corridor.origin, corridor.name, corridor.community
        pair, family_size = (here, there), math.ceil(size * families)
        relatives = corridor.people * family_size / size
        uses = by_home[there, community].uses if (there, community) in by_home else {}
        moved.append(Stratum(str(name), "diaspora", here, there, corridor.people, size, pair, community))
        moved.append(Stratum(str(name.families), "family", there, there, relatives, family_size, pair, community, uses))
    sums: dict[tuple[str, str], float] = {}
    for group in moved:
        sums[group.residence, group.role] = sums.get((group.residence, group.role), 0.0) + group.people
    kept = {s: families_kept(n, sums.get((s, "diaspora"), 0.0), sums.get((s, "family"), 0.0)) for s, n in users.items()}
    moved = [replace(g, people=g.people * kept[g.residence]) if g.role == "family" else g for g in moved]
    left = dict(users)
    members = {home: w.people for home, w in by_home.items()}
    for group in moved:
        home = (group.residence, group.community)
        if group.role == "family" and home in members:
            members[home] = max(by_home[home].people * 0.5, members[home] - group.people)
        left[group.residence] = max(0.0, left[group.residence] - group.people)
    within = [replace(w, people=members[w.residence, w.community]) for w in communities]
    for w in within:
        left[w.residence] = max(0.0, left[w.residence] - w.people)
    return Partition(moved, within, left)


def families_kept(users: float, diasporas: float, families: float) -> float:
    """Return the share of its families' people that a state has room for, 1 where all fit [1]."""
    room = MOST_FAMILIES * max(0.0, users - diasporas)
    return min(1.0, room / families) if families > 0 else 1.0


def penetration_of(
    setting: Setting, groups: Sequence[Stratum], platforms: Sequence[str] | None = None, *, usual: bool = False
) -> np.ndarray:
    """Return the share of each group that uses each platform on the first day.

    The rules are, in this order: a figure of the scenario for a group; a figure of the community; a figure of the
    scenario for a state, which scales the groups of that state; a fact for a group; for a diaspora, the larger of the
    use around it and a share of the use in the state or community of origin, unless the state that it lives in blocks
    the platform; for families, the use in their state. Residents get the remainder, so that the state's figure is met.
    If the users of a targeted platform are sampled separately from other residents, the others do not use it.

    Parameters
    ----------
    setting : Setting
    groups : sequence of Stratum
    platforms : sequence of str, optional
        The columns; by default all platforms.
    usual : bool
        Whether to take parameters as in their table, not those that a member draws.

    Returns
    -------
    numpy.ndarray, shape (groups, platforms)
        Share of the group's internet users who used the platform in the last 30 days, 0 to 1.
    """
    facts, own_figures = setting.facts, setting.penetration
    blocked = {pair for pair, technique in setting.blocks.items() if technique != "calls_only"}
    parameter = "people.origin_platform_share"
    origin_share = facts.parameters[parameter].value if usual else setting.parameters[parameter]
    names = setting.platforms if platforms is None else platforms
    table = np.zeros((len(groups), len(names)))
    living_in: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        living_in.setdefault(group.residence, []).append(row)
    at_home = {(g.residence, g.community): g.uses for g in groups if g.role == "resident" and g.community}
    for column, platform in enumerate(names):
        figures = {code: own_figures.get(code, {}).get(platform) for code in living_in}
        of_state = {code: _state_figure(setting, code, platform) for code in living_in}
        for row, group in enumerate(groups):
            figure = _group_figure(figures[group.residence], group, platform)
            if figure is None:
                figure, factor = of_state[group.residence]
                if group.role == "diaspora":
                    origin = at_home.get((group.origin, group.community), {}).get(platform)
                    fact = facts.group_penetration.get((group.residence, platform, group.origin))
                    if fact is not None and origin is None:
                        figure = fact.value * factor
                    elif (group.residence, platform) not in blocked:
                        at_origin = of_state[group.origin][0] if origin is None else origin
                        figure = max(figure, origin_share * at_origin)
            table[row, column] = figure
        for state, rows in living_in.items():
            # Figures by group are met as they are.
            target = None if isinstance(figures[state], Mapping) else of_state[state][0]
            _fill_rest(table[:, column], rows, groups, target, platform)
    return np.clip(table, 0.0, 1.0)


def _state_figure(setting: Setting, state: str, platform: str) -> tuple[float, float]:
    """Return (penetration of the state, factor by which the scenario scales its groups)."""
    fact = setting.facts.penetration.get((state, platform))
    usual = fact.value if fact else 0.0
    figure = setting.penetration.get(state, {}).get(platform)
    if figure is None or isinstance(figure, Mapping):
        return usual, 1.0
    return float(figure), (float(figure) / usual if usual > 0 else 1.0)


def _group_figure(figure: Figure | None, group: Stratum, platform: str) -> float | None:
    """Return a figure for one group: the scenario's for its community, its own, or the scenario's by origin."""
    own, by_group = group.uses.get(platform), figure if isinstance(figure, Mapping) else {}
    if group.community and group.community != USERS:
        own = by_group.get(str(Group(group.origin, group.origin, community=group.community)), own)
    return own if own is not None else by_group.get(group.origin, by_group.get(OTHER))


def _fill_rest(
    column: np.ndarray, rows: Sequence[int], groups: Sequence[Stratum], target: float | None, platform: str
) -> None:
    """Set the share of the other residents of a state so that its figure holds over all of its groups (in place)."""
    rest = next(r for r in rows if groups[r].is_rest)
    if any((tail := groups[r].tail) is not None and platform in tail.chosen for r in rows):
        column[rest] = 0.0
    elif target is not None:
        others = sum(float(column[r]) * groups[r].people for r in rows if r != rest)
        wanted = target * sum(groups[r].people for r in rows) - others
        column[rest] = min(1.0, max(0.0, wanted / groups[rest].people)) if groups[rest].people > 0 else 0.0

"""The groups that simulated people represent: residents, communities, diasporas and families, and
their use of platforms.

A group is written ``US`` (living in the state and not counted elsewhere), ``US<-CN`` (born in
China, living in the United States), ``family:US<-CN`` (their relatives, living in China) or
``CN:Tibetans`` (a community within a state). Each simulated person represents `Stratum.weight` real
internet users; `world.sampling` decides on their number.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from ..core.groups import USERS, Group, Side
from ..facts.model import REST_OF_WORLD
from ..people.setting import Setting
from ..scenario import Scenario

LARGE_CORRIDOR = (
    200_000  # persons; least size of a simulated diaspora that touches no state concerned
)
SMALL_CORRIDOR = 10_000  # persons; least size of one that does
LARGEST = 3  # diasporas of, and in, a state concerned that are simulated whatever their size
MOST_FAMILIES = 0.5
"""Largest share of families among a state's Internet users outside diasporas [1] (assumption)."""
OTHER = "other"
"""In figures by group, everybody of any other origin."""


class Tail(NamedTuple):
    """The part of the residents from which a group of users is drawn: those most inclined to use
    the platform.

    Attributes
    ----------
    chosen : frozenset of str
        The platforms with all their resident users in the group.
    share : float
        Share of the residents who are in the group [1].
    activity, youth : float
        Correlation of leaning with activity online and with youth [1].
    vpn : float
        Share of the group who have a VPN on the first day [1].
    """

    chosen: frozenset[str]
    share: float
    activity: float
    youth: float
    vpn: float


@dataclass(frozen=True)
class Stratum(Group):
    """A group of people of a world, with the number of simulated people that represent it.

    Attributes
    ----------
    residence, origin, side, community : str
        As in `Group`; its people live in ``home``. The community is ``users`` for users of targeted
        platforms.
    people : float
        Real internet users in the group [persons].
    size : int
        Simulated people.
    uses : mapping of str to float
        Share of users for platforms whose use differs from that of people around them [1].
    tail : Tail or None
        The part of the residents from which its people are drawn, for users of targeted platforms.
    """

    people: float = 0.0
    size: int = 0
    uses: Mapping[str, float] = field(default_factory=dict, hash=False)
    tail: Tail | None = None

    @property
    def weight(self) -> float:
        """Real people that each simulated person represents [persons]."""
        return self.people / self.size if self.size else 0.0

    @property
    def is_rest(self) -> bool:
        """True for the residents of a state who belong to no other group."""
        return self.side == "resident" and not self.community

    @property
    def is_users(self) -> bool:
        """True for residents who use a targeted platform."""
        return self.community == USERS


@dataclass(frozen=True)
class Corridor(Group):
    """A diaspora that can be simulated.

    Attributes
    ----------
    people : float
        Internet users [persons].
    named : bool
        Whether the scenario has a figure for it.
    relevant : bool
        Whether a state concerned is at either end.
    largest : bool
        Whether it is one of the largest diasporas that a state concerned has abroad.
    exposed : float
        People who could lose a channel to the other end [persons].
    least : int
        Simulated people that the weight limit requires.
    """

    side: Side = "diaspora"
    people: float = 0.0
    named: bool = False
    relevant: bool = False
    largest: bool = False
    exposed: float = 0.0
    least: int = 0


def corridors_of(spec: Scenario, setting: Setting, focus: frozenset[str]) -> list[Corridor]:
    """Return the diasporas to simulate: those of communities, then those of states.

    People from a community are subtracted from those from its state, as far as these suffice.

    Parameters
    ----------
    spec : Scenario
    setting : Setting
    focus : frozenset of str
        States that a policy of the scenario concerns.
    """
    share = {
        code: min(1.0, setting.users[code] / fact.population.value)
        for code, fact in setting.state_facts.items()
    }
    stock = {
        pair: q.value
        for pair, q in setting.facts.migrants.items()
        if pair[0] in share and pair[1] in share
    }
    corridors = []
    for origin, communities in spec.world.communities.items():
        for name, keys in communities.items():
            for residence, people in keys.diaspora.items():
                online = people * share[residence]
                relevant = residence in focus or origin in focus
                corridors.append(
                    Corridor(residence, origin, "diaspora", name, online, True, relevant)
                )
                if (residence, origin) in stock:
                    stock[residence, origin] = max(0.0, stock[residence, origin] - people)
    # Those for which the scenario has a figure of size, users or observed contact.
    figures = [(state, f) for state, row in spec.world.penetration.items() for f in row.values()]
    named = [
        (state, Group.read(o))
        for state, f in figures
        if isinstance(f, Mapping)
        for o in f
        if o != OTHER
    ]
    pairs = {(state, group.residence) for state, group in named}
    pairs |= {
        (residence, origin)
        for residence, origins in spec.world.migrants.items()
        for origin in origins
    }
    measured = [Group.read(row.group) for row in spec.observed if row.group]
    pairs |= {(group.residence, group.origin) for group in measured}
    # A community of the state itself is not a diaspora.
    return corridors + choose_corridors(
        stock, share, focus, frozenset(p for p in pairs if p[0] != p[1])
    )


def choose_corridors(
    migrants: Mapping[tuple[str, str], float],
    internet_share: Mapping[str, float],
    focus: frozenset[str],
    named: frozenset[tuple[str, str]],
) -> list[Corridor]:
    """Return the diasporas of states to simulate, without their numbers of exposed people.

    These are the diasporas that the scenario names; diasporas of at least `SMALL_CORRIDOR` people
    from or in a state concerned; the `LARGEST` from and in each such state; and all of at least
    `LARGE_CORRIDOR` people.

    Parameters
    ----------
    migrants : mapping of (residence, origin) to float
        Migrant stock [persons].
    internet_share : mapping of str to float
        Share of the population of a state that uses the Internet, 0 to 1; a diaspora has the share
        of the population around it (assumption).
    focus : frozenset of str
        States that a policy of the scenario concerns.
    named : frozenset of (residence, origin)
        Diasporas for which the scenario has a figure.
    """
    stock = {pair: n for pair, n in migrants.items() if REST_OF_WORLD not in pair and n > 0}

    def largest(side: int) -> Iterator[tuple[str, str]]:
        for state in focus:
            yield from sorted((p for p in stock if p[side] == state), key=lambda p: (-stock[p], p))[
                :LARGEST
            ]

    abroad = frozenset(largest(1))
    wanted = {*named, *largest(0), *abroad}
    corridors = []
    for pair, people in stock.items():
        relevant = not focus.isdisjoint(pair)
        if pair in wanted or people >= (SMALL_CORRIDOR if relevant else LARGE_CORRIDOR):
            online = people * internet_share[pair[0]]
            corridors.append(
                Corridor(*pair, "diaspora", "", online, pair in named, relevant, pair in abroad)
            )
    return corridors


def partition(
    corridors: Sequence[tuple[Corridor, int]],
    families: float,
    users: Mapping[str, float],
    spec: Scenario,
) -> list[Stratum]:
    """Split the people of all states into groups without overlap.

    The families of a state represent no more people than live there: without this limit, the kin of
    large diasporas from a small state could exceed its people, because one person is kin of
    several. A simulated relative then represents fewer people. A community has the Internet use of
    the people around it (assumption); it keeps at least half of its users, because relatives of
    several diasporas overlap.

    Parameters
    ----------
    corridors : sequence of (Corridor, int)
        Diasporas, with the simulated people of each.
    families : float
        People in families left behind for each person in a diaspora.
    users : mapping of str to float
        Internet users of each state [persons]; its keys are the states in order.
    spec : Scenario
        The scenario with the communities; their people include families of diasporas.

    Returns
    -------
    list of Stratum
        For each state its other residents, its communities, and the diasporas and families that
        live there. Residents and communities have no simulated people yet.
    """
    keys = {
        (state, name): keys
        for state, named in spec.world.communities.items()
        for name, keys in named.items()
    }
    total = {home: community.share * users[home[0]] for home, community in keys.items()}
    moved: list[Stratum] = []
    for c, size in corridors:
        family_size = math.ceil(size * families)
        home = keys.get((c.origin, c.community))
        relatives = c.people * family_size / size
        uses = dict(home.platforms) if home else {}
        moved.append(Stratum(c.residence, c.origin, "diaspora", c.community, c.people, size))
        moved.append(
            Stratum(c.residence, c.origin, "family", c.community, relatives, family_size, uses)
        )
    sums: Counter[tuple[str, str]] = Counter()
    for group in moved:
        sums[group.home, group.side] += group.people  # type: ignore[assignment]
    kept = {
        state: families_kept(n, sums[state, "diaspora"], sums[state, "family"])
        for state, n in users.items()
    }
    moved = [replace(g, people=g.people * kept[g.home]) if g.side == "family" else g for g in moved]
    left = dict(users)
    members = dict(total)
    for group in moved:
        at = (group.home, group.community)
        if group.side == "family" and at in members:
            members[at] = max(total[at] * 0.5, members[at] - group.people)
        left[group.home] = max(0.0, left[group.home] - group.people)
    for (state, _), people in members.items():
        left[state] = max(0.0, left[state] - people)
    groups = []
    for state, people in left.items():
        groups.append(Stratum(state, state, people=people))
        groups += [
            Stratum(state, state, community=name, people=n, uses=dict(keys[home, name].platforms))
            for (home, name), n in members.items()
            if home == state
        ]
        groups += [g for g in moved if g.home == state]
    return groups


def families_kept(users: float, diasporas: float, families: float) -> float:
    """Return the share of its families' people for whom a state has room, at most 1 [1]."""
    room = MOST_FAMILIES * max(0.0, users - diasporas)
    return min(1.0, room / families) if families > 0 else 1.0


def penetration_of(
    setting: Setting, groups: Sequence[Stratum], *, usual: bool = False
) -> np.ndarray:
    """Return the share of each group that uses each platform on the first day.

    The rules are, in this order: a figure of the scenario for a group; a figure of the community; a
    figure of the scenario for a state, which scales its groups; a fact for a group; for a diaspora,
    the larger of the use around it and a share of the use in the state or community of origin,
    unless the state of residence blocks the platform; for families, the use in their state.
    Residents get the remainder, so that the total equals the state's figure. If the users of a
    targeted platform are sampled separately from other residents, the others do not use it.

    Parameters
    ----------
    setting : Setting
    groups : sequence of Stratum
    usual : bool
        Whether to use the parameters in their table, not those that a seed draws.

    Returns
    -------
    numpy.ndarray, shape (groups, platforms)
        Share of the group's internet users who used the platform in the last 30 days, 0 to 1.
    """
    facts = setting.facts
    parameter = "people.origin_platform_share"
    origin_share = facts.parameters[parameter].value if usual else setting.parameters[parameter]
    table = np.zeros((len(groups), len(setting.platforms)))
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group.home, []).append(row)
    at_home = {
        (g.home, g.community): g.uses for g in groups if g.side == "resident" and g.community
    }
    of_origin = [at_home.get((g.origin, g.community), {}) for g in groups]
    states = list(rows)
    homes = np.array([states.index(g.home) for g in groups])
    # Groups with figures of their own are worked out one by one, all other diasporas together.
    own = {row for row, g in enumerate(groups) if g.uses or of_origin[row]}
    abroad = [row for row, g in enumerate(groups) if g.side == "diaspora" and row not in own]
    origins = [states.index(groups[row].origin) for row in abroad]
    pairs: dict[tuple[str, str], list[int]] = {}
    for row in abroad:
        pairs.setdefault((groups[row].home, groups[row].origin), []).append(row)
    singly = {platform: {*own} for platform in setting.platforms}
    for home, platform, origin in facts.group_penetration:
        if platform in singly:
            singly[platform].update(pairs.get((home, origin), ()))
    closed = {
        (state, platform)
        for (state, platform), kind in setting.blocks.items()
        if kind != "calls_only"
    }
    people = [group.people for group in groups]
    rests = {
        state: next(row for row in here if groups[row].is_rest) for state, here in rows.items()
    }
    apart = {
        state: {name for row in here if (t := groups[row].tail) for name in t.chosen}
        for state, here in rows.items()
    }
    sums = {state: sum(people[row] for row in here) for state, here in rows.items()}
    besides = {
        state: [(row, people[row]) for row in here if row != rests[state]]
        for state, here in rows.items()
    }
    for column, platform in enumerate(setting.platforms):
        use = _use_of_states(setting, platform, rows)
        in_state = np.array([use.of_state[state] for state in states])
        is_open = np.array([(state, platform) not in closed for state in states])
        first = in_state[homes]
        around = homes[abroad]
        at_origin = np.where(is_open[around], origin_share * in_state[origins], 0.0)
        first[abroad] = np.maximum(in_state[around], at_origin)
        shares = first.tolist()
        for row in singly[platform].union(*(rows[state] for state in use.by_group)):
            shares[row] = _share_of_group(setting, use, groups[row], of_origin[row], origin_share)
        for state, rest in rests.items():
            if platform in apart[state]:
                shares[rest] = 0.0
            elif state not in use.by_group:
                others = sum([shares[row] * many for row, many in besides[state]])
                wanted = use.of_state[state] * sums[state] - others
                share = wanted / people[rest] if people[rest] > 0 else 0.0
                shares[rest] = min(1.0, max(0.0, share))
        table[:, column] = shares
    return np.clip(table, 0.0, 1.0)


class _Use(NamedTuple):
    """The use of one platform by state.

    Attributes
    ----------
    figures : mapping of str to float, mapping or None
        Figures of the scenario; a mapping has figures by group.
    by_group : set of str
        States with figures by group, which are used exactly and scale nothing.
    usual : mapping of str to float
        Share of the state's internet users by the facts, 0 to 1.
    of_state : mapping of str to float
        The same share, with the scenario's figures for whole states instead of facts, 0 to 1.
    """

    platform: str
    figures: Mapping[str, float | Mapping[str, float] | None]
    by_group: set[str]
    usual: Mapping[str, float]
    of_state: Mapping[str, float]

    def scale(self, state: str) -> float:
        """Return the ratio of a state's use of the platform to that in the facts [1]."""
        is_stated = self.figures[state] is not None and state not in self.by_group
        usual = self.usual[state]
        return self.of_state[state] / usual if is_stated and usual > 0 else 1.0


def _use_of_states(setting: Setting, platform: str, states: Iterable[str]) -> _Use:
    """Return the use of a platform in some states."""
    figures = {state: setting.penetration.get(state, {}).get(platform) for state in states}
    facts = {state: setting.facts.penetration.get((state, platform)) for state in figures}
    usual = {state: fact.value if fact else 0.0 for state, fact in facts.items()}
    stated = {state: figure for state, figure in figures.items() if figure is not None}
    by_group = {state for state, figure in stated.items() if isinstance(figure, Mapping)}
    whole = {
        state: float(figure) for state, figure in stated.items() if not isinstance(figure, Mapping)
    }
    return _Use(platform, figures, by_group, usual, usual | whole)


def _share_of_group(
    setting: Setting,
    use: _Use,
    group: Stratum,
    of_origin: Mapping[str, float],
    origin_share: float,
) -> float:
    """Return the share of a group that uses a platform, before residents get the remainder.

    Parameters
    ----------
    setting : Setting
    use : _Use
    group : Stratum
    of_origin : mapping of str to float
        Use in the community of origin, by platform.
    origin_share : float
        Least use of a diaspora, as a share of that at the origin.
    """
    home = group.home
    platform = use.platform
    if group.uses or home in use.by_group:
        stated = _stated_share(use.figures[home], group, platform)
        if stated is not None:
            return stated
    share = use.of_state[home]
    if group.side != "diaspora":
        return share
    fact = setting.facts.group_penetration.get((home, platform, group.origin))
    community = of_origin.get(platform)
    if fact is not None and community is None:
        return fact.value * use.scale(home)
    if setting.blocks.get((home, platform), "calls_only") != "calls_only":
        return share
    at_origin = use.of_state[group.origin] if community is None else community
    return max(share, origin_share * at_origin)


def _stated_share(
    figure: float | Mapping[str, float] | None, group: Stratum, platform: str
) -> float | None:
    """Return a figure for one group: the scenario's for its community, the group's own, or the
    scenario's by origin.
    """
    own = group.uses.get(platform)
    by_group = figure if isinstance(figure, Mapping) else {}
    if group.community and not group.is_users:
        own = by_group.get(str(Group(group.origin, group.origin, community=group.community)), own)
    return own if own is not None else by_group.get(group.origin, by_group.get(OTHER))

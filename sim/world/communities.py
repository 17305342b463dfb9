"""Communities: named groups within a state, with their own platforms, blocks and diasporas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim.chance import Purpose, stream, uniform_plain
from sim.scenario import Scenario
from sim.world.people import People
from sim.world.setting import Setting
from sim.world.strata import Corridor, Group, Within


def communities_of(spec: Scenario, setting: Setting) -> list[Within]:
    """Return the communities of a scenario as groups within their states.

    Its members use the Internet as the people around them do (assumption); the share is one of the state's people.
    """
    return [
        Within(state, name, keys.share * setting.users[state], dict(keys.platforms))
        for state, named in spec.world.communities.items()
        for name, keys in named.items()
    ]


def diasporas_of_communities(
    spec: Scenario, stock: Mapping[tuple[str, str], float], internet_share: Mapping[str, float], focus: frozenset[str]
) -> tuple[list[Corridor], dict[tuple[str, str], float]]:
    """Return the diasporas that come from communities, and the migrant stock without them.

    Who comes from a community is no longer counted among those who come from its state, as far as the stock goes.

    Parameters
    ----------
    spec : Scenario
    stock : mapping of (residence, origin) to float
        Migrant stock [persons].
    internet_share : mapping of str to float
        Share of the population of a state that uses the Internet, 0 to 1.
    focus : frozenset of str
        States that a policy of the scenario concerns.
    """
    corridors, left = [], dict(stock)
    for origin, named in spec.world.communities.items():
        for name, keys in named.items():
            for residence, people in keys.diaspora.items():
                online = people * internet_share[residence]
                relevant = residence in focus or origin in focus
                corridors.append(Corridor(residence, origin, online, True, relevant, name))
                if (residence, origin) in left:
                    left[residence, origin] = max(0.0, left[residence, origin] - people)
    return corridors, left


def end_contact(people: People, groups: Sequence[Group], spec: Scenario, household: int, seed: int) -> None:
    """Let the families of a community who fear to talk with kin abroad do so on no platform (in place, ``people``).

    A household ends contact as a whole, before the first day and in both arms: a policy cannot take a channel from it.

    Parameters
    ----------
    people : People
    groups : sequence of Group
        In the order of the people.
    spec : Scenario
    household : int
        Members of a family left behind [persons].
    seed : int
    """
    key, first = int(stream(seed, Purpose.FEAR)), 0
    for group in groups:
        rows = np.arange(first, first + group.size)
        first += group.size
        keys = spec.world.communities.get(group.residence, {}).get(group.community)
        if group.role != "family" or keys is None or keys.fear <= 0.0:
            continue
        heads = rows[::household]
        afraid = np.array([uniform_plain(key, int(head)) < keys.fear for head in heads])
        people.abroad[rows[np.repeat(afraid, household)[: rows.size]]] = 0

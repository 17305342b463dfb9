"""Use on the first day: penetration by group, from figures of states, groups and the scenario.

The rules are, in this order: a figure of the scenario for a group; a figure of the community; a figure of the scenario
for a state, which scales the groups of that state; a fact for a group; for a diaspora, the larger of the use around it
and a share of the use in the state or community of origin; for families, the use in their state. Residents get the
remainder, so that the state's figure is met. If the users of a targeted platform are sampled separately from other
residents (`sim/world/sampling.py`), the other residents do not use it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim.facts import Facts
from sim.groups import USERS
from sim.groups import Group as Name
from sim.world.strata import Group

Figure = float | Mapping[str, float]
OTHER = "other"
"""In figures by group: everybody whose origin is not named."""


def _state_figure(
    facts: Facts, override: Mapping[str, Mapping[str, Figure]], state: str, platform: str
) -> tuple[float, float]:
    """Return (penetration of the state, factor by which the scenario scales its groups)."""
    fact = facts.penetration.get((state, platform))
    known = fact.value if fact else 0.0
    figure = override.get(state, {}).get(platform)
    if figure is None or isinstance(figure, Mapping):
        return known, 1.0
    return float(figure), (float(figure) / known if known > 0 else 1.0)


def group_penetration(
    facts: Facts,
    override: Mapping[str, Mapping[str, Figure]],
    blocked: frozenset[tuple[str, str]],
    groups: Sequence[Group],
    platforms: Sequence[str],
    origin_share: float,
) -> np.ndarray:
    """Return the share of each group that uses each platform.

    Parameters
    ----------
    facts : Facts
        With the penetration of states and of known groups.
    override : mapping
        The scenario's ``world.penetration``.
    blocked : frozenset of (state, platform)
        What is blocked on the first day; a diaspora does not bring a platform to a state that blocks it.
    groups, platforms : sequence
        Rows and columns of the result.
    origin_share : float
        ``people.origin_platform_share`` [share].

    Returns
    -------
    numpy.ndarray, shape (groups, platforms)
        Share of the group's internet users who used the platform in the last 30 days, 0 to 1.
    """
    table = np.zeros((len(groups), len(platforms)))
    living_in: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        living_in.setdefault(group.residence, []).append(row)
    at_home = {(g.residence, g.community): g.uses for g in groups if g.role == "resident" and g.community}
    for column, platform in enumerate(platforms):
        state = {code: _state_figure(facts, override, code, platform) for code in living_in}
        for row, group in enumerate(groups):
            figure = override.get(group.residence, {}).get(platform)
            own = _own_figure(figure, group, platform)
            if own is not None:
                table[row, column] = own
                continue
            around, factor = state[group.residence]
            value = around
            if group.role == "diaspora":
                origin = at_home.get((group.origin, group.community), {}).get(platform)
                fact = facts.group_penetration.get((group.residence, platform, group.origin))
                if fact is not None and origin is None:
                    value = fact.value * factor
                elif (group.residence, platform) not in blocked:
                    value = max(around, origin_share * (state[group.origin][0] if origin is None else origin))
            table[row, column] = value
        for here, rows in living_in.items():
            by_group = isinstance(override.get(here, {}).get(platform), Mapping)
            _meet_state_figure(table[:, column], rows, groups, None if by_group else state[here][0], platform)
    return np.clip(table, 0.0, 1.0)


def _own_figure(figure: Figure | None, group: Group, platform: str) -> float | None:
    """Return a figure for one group: the scenario's for its community, its own, or the scenario's by origin."""
    own, by_group = group.uses.get(platform), figure if isinstance(figure, Mapping) else {}
    if group.community and group.community != USERS:
        named = by_group.get(str(Name(group.origin, group.origin, community=group.community)))
        own = own if named is None else named
    return own if own is not None else by_group.get(group.origin, by_group.get(OTHER))


def _meet_state_figure(
    column: np.ndarray, rows: Sequence[int], groups: Sequence[Group], target: float | None, platform: str
) -> None:
    """Set the share of the other residents of a state so that its figure holds over all of its groups (in place).

    Parameters
    ----------
    column : numpy.ndarray, shape (groups,)
        Shares of one platform [1].
    rows : sequence of int
        The groups of the state.
    groups : sequence of Group
    target : float or None
        The state's figure [1]; None where the scenario has figures by group, which are met as they are.
    platform : str
    """
    rest = next(r for r in rows if groups[r].is_rest)
    if any((tail := groups[r].tail) is not None and platform in tail.chosen for r in rows):
        column[rest] = 0.0
    elif target is not None:
        others = sum(float(column[r]) * groups[r].people for r in rows if r != rest)
        wanted = target * sum(groups[r].people for r in rows) - others
        column[rest] = min(1.0, max(0.0, wanted / groups[rest].people)) if groups[rest].people > 0 else 0.0

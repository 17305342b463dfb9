"""Who uses what on the first day: penetration by group, from state figures, group figures and the scenario's own.

Rules, in order: a figure of the scenario for a group; a figure of the scenario for a state, which scales the groups of
that state; a fact for a group; for a diaspora, the larger of the use around it and a share of the use in the state of
origin; for families, the use in their state. Residents take what is left, so that the state's figure is met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim.facts import Facts
from sim.world.strata import Group

Figure = float | Mapping[str, float]


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


def _group_figure(figure: Figure | None, group: Group) -> float | None:
    """Return the scenario's figure for one group, if it has one."""
    if not isinstance(figure, Mapping):
        return None
    key = group.origin if group.role == "diaspora" else group.residence
    value = figure.get(key, figure.get("other"))
    return None if value is None else float(value)


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
    for column, platform in enumerate(platforms):
        for row, group in enumerate(groups):
            around, factor = _state_figure(facts, override, group.residence, platform)
            own = _group_figure(override.get(group.residence, {}).get(platform), group)
            if own is not None:
                table[row, column] = own
                continue
            value = around
            if group.role == "diaspora":
                fact = facts.group_penetration.get((group.residence, platform, group.origin))
                if fact is not None:
                    value = fact.value * factor
                elif (group.residence, platform) not in blocked:
                    at_home, _ = _state_figure(facts, override, group.origin, platform)
                    value = max(around, origin_share * at_home)
            table[row, column] = value
        _meet_state_figures(table[:, column], facts, override, groups, platform)
    return np.clip(table, 0.0, 1.0)


def _meet_state_figures(
    column: np.ndarray,
    facts: Facts,
    override: Mapping[str, Mapping[str, Figure]],
    groups: Sequence[Group],
    platform: str,
) -> None:
    """Set the residents' share so that the state's figure holds over all of its groups (in place)."""
    for row, group in enumerate(groups):
        if group.role != "resident" or isinstance(override.get(group.residence, {}).get(platform), Mapping):
            continue
        target, _ = _state_figure(facts, override, group.residence, platform)
        others = [(column[r], g.people) for r, g in enumerate(groups) if g.residence == group.residence and r != row]
        total = group.people + sum(people for _, people in others)
        rest = target * total - sum(share * people for share, people in others)
        column[row] = min(1.0, max(0.0, rest / group.people)) if group.people > 0 else 0.0

"""The platforms in the question of a run, and the share of its users that each loses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.results.asked import actors

if TYPE_CHECKING:
    from sim.results.result import Result

USERS = "active_users"
MOST_STATES = 8
"""Acting states whose platforms are reported, the first that act."""
_MOST_USED = 5
"""Platforms that are named where everything is cut."""


@dataclass(frozen=True)
class PlatformAsked:
    """A platform that is acted on in a state.

    Attributes
    ----------
    state, platform : str
    share_lost : float or None
        Share of its daily users that it loses on its worst day, median of the members [1]; None where too few
        simulated people use it, or nobody.
    """

    state: str
    platform: str
    share_lost: float | None


def platforms_asked(result: Result) -> list[PlatformAsked]:
    """Return the platforms that are acted on, in the order of the states and their policies; none without users.

    Where a state acts on everything, they are those that its people use most.
    """
    if USERS not in result.metrics:
        return []
    scenario = result.scenario
    found: list[PlatformAsked] = []
    for state in actors(scenario)[:MOST_STATES]:
        names = dict.fromkeys(t for policy in scenario.policies if state in policy.by for t in policy.targets)
        if scenario.scene.acting[state] is None:
            names |= dict.fromkeys(_most_used(result, state))
        found.extend(PlatformAsked(state, name, _share_lost(result, state, name)) for name in names)
    return found


def _peaks(result: Result, state: str) -> dict[str, float]:
    """Return the daily users of each platform in a state without the policies, on the day of its largest effect."""
    rows = (row for row in result.rows() if (row["metric"], row["at"], row["state"]) == (USERS, "peak", state))
    return {str(row["platform"]): float(row["baseline"] or 0.0) for row in rows}


def _most_used(result: Result, state: str) -> list[str]:
    """Return the platforms that most people of a state use on a day, without the policies."""
    users = _peaks(result, state)
    return sorted(users, key=lambda platform: -users[platform])[:_MOST_USED]


def _share_lost(result: Result, state: str, platform: str) -> float | None:
    """Return the share of its daily users that a platform loses on its worst day, the median of the members."""
    if not _peaks(result, state).get(platform):
        return None
    axes = result.members[0][0].axes
    at = np.s_[:, axes.states.index(state), axes.platforms.index(platform)]
    worst = []
    for baseline, policy in result.members:
        had, has = baseline.arrays[USERS][at], policy.arrays[USERS][at]
        worst.append(float(np.max(1.0 - has / np.where(had > 0, had, np.inf), where=had > 0, initial=0.0)))
    return float(np.median(worst))

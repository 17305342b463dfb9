"""The map of a day: openness of states, people out of contact, and cut routes and cables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ..core.groups import Group, is_diaspora
from ..facts.network import load_network
from ..scenario import Scenario
from ..world.law import docket_of
from .panel import Pair
from .series import MIN_PEOPLE

OPENNESS = "openness"
LOST = "family_contact_lost_people"
REACH = "reachable_pairs"
"""The metrics of the map; each is left out if a run does not measure it."""
PARTED = 0.05
"""Share of pairs of people that two states must lose on the routes for the map to show it [1]
(assumption).
"""
FEWEST = 1_000.0
"""Smallest number of people out of contact for which a corridor is shown [persons] (assumption)."""


@dataclass(frozen=True)
class MapDay:
    """Contents of the map on one day.

    Attributes
    ----------
    date : str
        ISO date.
    openness : dict of str to float
        Share of the world's platforms that people in a state can use without effort [1].
    corridors : tuple of (str, str, float)
        Residence, origin, and people of the diaspora who have no platform channel because of the
        policies [persons].
    parted : tuple of (str, str, float)
        Two states, and the share of pairs of people who have lost their route [1]; pairs with most
        people come last.
    cables : tuple of (str, tuple of str)
        Cables that are cut, and the states they join.
    """

    date: str
    openness: dict[str, float]
    corridors: tuple[tuple[str, str, float], ...]
    parted: tuple[tuple[str, str, float], ...]
    cables: tuple[tuple[str, tuple[str, ...]], ...]


def map_day(members: Sequence[Pair], scenario: Scenario, day: int) -> MapDay:
    """Return the contents of the map on one day, as the median over seeds.

    Parameters
    ----------
    members : sequence of (ArmData, ArmData)
    scenario : Scenario
    day : int
        Number of the day, from 0.
    """
    first = members[0][1]
    states = first.axes.states
    groups = first.axes.groups
    people = first.real

    def lost(metric: str, *, gained: bool = False) -> np.ndarray | None:
        """Return the change of a metric due to the policies; None if it was not measured."""
        if metric not in first.arrays:
            return None
        change = [
            np.nan_to_num(policy.arrays[metric][day] - base.arrays[metric][day])
            for base, policy in members
        ]
        return np.asarray(np.median(change, axis=0) * (1 if gained else -1))

    openness = dict[str, float]()
    corridors = list[tuple[str, str, float]]()
    parted = list[tuple[str, str, float]]()
    if OPENNESS in first.arrays:
        opened = np.median([policy.arrays[OPENNESS][day] for _, policy in members], axis=0)
        openness = dict(zip(states, map(float, opened), strict=True))
    if (out := lost(LOST, gained=True)) is not None:
        for label, size in zip(groups, out.tolist(), strict=True):
            if is_diaspora(label) and size >= FEWEST and first.cells.get(label, 0) >= MIN_PEOPLE:
                group = Group.read(label)
                corridors.append((group.residence, group.origin, size))
    if (gone := lost(REACH)) is not None:
        pairs = np.argwhere(np.triu(gone >= PARTED, 1)).tolist()
        parted = [(states[i], states[j], float(gone[i, j])) for i, j in pairs]
    today = scenario.start + timedelta(days=day)
    standing = [policy for policy, _ in docket_of(scenario.policies, today).in_force]
    banned = {name for policy in standing for kind, name in policy.objects() if kind == "cable"}
    cables = load_network(scenario.world.facts).cables if banned else {}
    return MapDay(
        first.axes.dates[day],
        openness,
        tuple(sorted(corridors, key=lambda row: row[2])),
        tuple(
            sorted(
                parted, key=lambda row: row[2] * people.get(row[0], 0.0) * people.get(row[1], 0.0)
            )
        ),
        tuple((name, tuple(cables[name].joins)) for name in sorted(banned) if name in cables),
    )

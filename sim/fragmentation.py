"""How the Internet falls apart, day by day: blocs of states, likeness of access and of blocks, measures, cascades."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviour.log import cascades_by_state
from sim.metrics.blocs import (
    blocking_alignment,
    effective_internets,
    find_blocs,
    internets_by_likeness,
    likeness_of_access,
)

if TYPE_CHECKING:
    from sim.arm import Arm
    from sim.mechanisms.access import AccessTable
    from sim.world.setting import Setting

MOST = 0.5
"""A platform counts as blocked where it is kept from at least this share of the people."""


def usable(access: AccessTable, setting: Setting, states: np.ndarray | slice = slice(None)) -> np.ndarray:
    """Return the share of each platform that a person in each state gets without effort, shape (states, platforms).

    Reach over the platform's modes, times the speed left, times the share of phones that can install it.
    """
    modes = setting.has_modes
    reach = (access.reach[states] * modes).sum(axis=2) / modes.sum(axis=1)
    ios, install = setting.ios_share[states, None], access.install[states]
    return np.asarray(reach * access.speed[states] * (install[:, :, 0] * ios + install[:, :, 1] * (1.0 - ios)))


class Fragmentation:
    """What the record needs to measure blocs; the tables are worked out anew only when access changed.

    Parameters
    ----------
    arm : Arm
        Before its first day.
    weight : numpy.ndarray, shape (platforms,)
        What each platform counts: its users in all the world on the first day [persons].
    """

    def __init__(self, arm: Arm, weight: np.ndarray) -> None:
        self._weight = weight
        self._people = np.array([arm.setting.users[s] for s in arm.setting.states])
        self._first = usable(arm.world.access, arm.setting)
        self._table = self._first.copy()
        self._used = weight > 0

    def write(self, arm: Arm, arrays: dict[str, np.ndarray]) -> None:
        """Write the day's measures into the record's arrays."""
        day, rows = arm.day, arm.changes.moved
        table = usable(arm.access, arm.setting, rows) if rows.size else self._table[rows]
        still = day > 0 and np.array_equal(table, self._table[rows])
        self._table[rows] = table
        names = (
            "effective_internets",
            "internets_by_likeness",
            "bloc",
            "access_likeness",
            "blocking_alignment",
            "platforms_restricted",
        )
        if still:
            for name in names:
                arrays[name][day] = arrays[name][day - 1]
            return
        table = self._table
        likeness = likeness_of_access(table, self._weight)
        bloc = find_blocs(likeness, arm.setting.parameters["blocs.together"])
        values = (
            effective_internets(bloc, self._people),
            internets_by_likeness(likeness, self._people),
            bloc.astype(float),
            likeness,
            # What nobody uses anywhere is no platform to people.
            blocking_alignment(table[:, self._used] <= MOST),
            (table < self._first)[:, self._used].sum(axis=1).astype(float),
        )
        for name, value in zip(names, values, strict=True):
            arrays[name][day] = value

    def write_totals(self, arm: Arm, arrays: dict[str, np.ndarray]) -> None:
        """Write the cascades of the whole run."""
        arrays["cascade_size"][...], arrays["cascade_depth"][...] = cascades_by_state(arm)

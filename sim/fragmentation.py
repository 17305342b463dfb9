"""How the Internet falls apart, day by day: blocs of states, likeness of access and of blocks, measures, cascades."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.behaviour.log import cascades_by_state
from sim.facts.model import MODES
from sim.metrics.blocs import (
    blocking_alignment,
    effective_internets,
    find_blocs,
    internets_by_likeness,
    likeness_of_access,
)

if TYPE_CHECKING:
    from sim.mechanisms.access import AccessTable
    from sim.model import Model
    from sim.world.setting import Setting

MOST = 0.5
"""A platform counts as blocked where it is kept from at least this share of the people."""


def usable(access: AccessTable, setting: Setting) -> np.ndarray:
    """Return the share of each platform that a person in each state gets without effort, shape (states, platforms).

    Reach over the platform's modes, times the speed left, times the share of phones that can install it.
    """
    modes = np.array([[m in setting.platform_facts[p].modes for m in MODES] for p in setting.platforms], dtype=float)
    reach = (access.reach * modes).sum(axis=2) / modes.sum(axis=1)
    ios = setting.ios_share[:, None]
    install = access.install[:, :, 0] * ios + access.install[:, :, 1] * (1.0 - ios)
    return np.asarray(reach * access.speed * install)


class Fragmentation:
    """What the record needs to measure blocs; the tables are worked out anew only when access changed.

    Parameters
    ----------
    model : Model
    weight : numpy.ndarray, shape (platforms,)
        What each platform counts: its users in all the world on the first day [persons].
    """

    def __init__(self, model: Model, weight: np.ndarray) -> None:
        self._model = model
        self._weight = weight
        self._people = np.array([model.setting.users[s] for s in model.setting.states])
        self._last: bytes = b""
        self._seen: tuple[AccessTable, Setting] | None = None
        self._first = usable(model.world.access, model.setting)
        self._used = weight > 0
        self._table = self._first

    def write(self, day: int, arrays: dict[str, np.ndarray]) -> None:
        """Write the day's measures into the record's arrays."""
        model = self._model
        # Most days nothing at all changed: the same tables then need no look.
        known = self._seen is not None and self._seen[0] is model.access and self._seen[1] is model.setting
        table = self._table if known else usable(model.access, model.setting)
        same = self._last if known else table.tobytes()
        self._seen, self._table = (model.access, model.setting), table
        names = (
            "effective_internets",
            "internets_by_likeness",
            "bloc",
            "access_likeness",
            "blocking_alignment",
            "platforms_restricted",
        )
        if same == self._last:
            for name in names:
                arrays[name][day] = arrays[name][day - 1]
            return
        self._last = same
        likeness = likeness_of_access(table, self._weight)
        bloc = find_blocs(likeness, model.setting.parameters["blocs.together"])
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

    def write_totals(self, arrays: dict[str, np.ndarray]) -> None:
        """Write the cascades of the whole run."""
        arrays["cascade_size"][...], arrays["cascade_depth"][...] = cascades_by_state(self._model)

"""The value of a platform to a person today, computed without changing any state."""

from __future__ import annotations

import numpy as np
from numba import int64

from sim.kernels import kernel
from sim.mechanisms.circumvention import device_of
from sim.mechanisms.look import Outcome, Scene, Visitor, look_at
from sim.mechanisms.own import fetch_own
from sim.mechanisms.settings import Rows
from sim.mechanisms.value import Room, find_circle

GIVEN = np.dtype(
    [
        ("direct", np.float64),  # value without a workaround; 0 or less where there is no way
        ("best", np.float64),  # by the better way that the person has
        ("without", np.float64),  # below this the person gives it up
        ("gone", np.int64),  # 1 where the app has left the phone
    ],
    align=True,
)
"""What a platform gives a person today [value of a marginal feed user]."""


@kernel
def look_back(
    who: np.ndarray, platform: np.ndarray, has_vpn: np.ndarray, scene: Scene, o: Outcome, room: Room, found: Rows,
) -> None:  # fmt: skip
    """Find what platforms give people, by the ways that each has (in ``found``).

    ``who`` and ``platform`` are (looks,) int64, ``has_vpn`` (looks,) says who had a VPN this morning, ``found``
    (looks,) is of GIVEN. ``o`` is room to work in.
    """
    for k in range(who.size):
        i, p = who[k], platform[k]
        o.row[k] = scene.people[i]
        fetch_own(i, k, scene.people, scene.own, o.own, o.use)
        room.looked[0] = p
        only, _ = find_circle(i, int64(1), scene.c, scene.people, scene.rules.kin, room)
        device = device_of(i, scene.c, scene.people, scene.luck)
        look = look_at(Visitor(i, k, device, has_vpn[k], False), p, room.circle[0], only, scene, o, room)
        found[k].direct, found[k].best, found[k].without = look.direct, look.best, look.without
        found[k].gone = 1 if o.own[k].uninstalled & (1 << p) else 0

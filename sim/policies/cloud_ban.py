"""Bars clouds: platforms hosted there must move, at a cost, with downtime and lower speed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.policies.base import Objects, PolicyKeys
from sim.policies.slowing import slow
from sim.policies.values import Clouds

if TYPE_CHECKING:
    import numpy as np

    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Bars clouds: platforms hosted there must move, at a cost, with downtime and lower speed."
CASE = "Clean Cloud 2020: Alibaba, Baidu, Tencent, China Mobile, China Telecom"
EXAMPLE = {"by": "US", "clouds": "Tencent Cloud"}
VERB = "bars the cloud of"


class Keys(PolicyKeys):
    """Keys of a ban on clouds."""

    NEEDS_TARGETS: ClassVar[bool] = False
    OBJECTS: ClassVar[Objects] = {"targets": "platform", "clouds": "cloud"}

    clouds: Clouds
    """The clouds concerned."""


def _share_hosted(hosting: tuple[str, ...], clouds: tuple[str, ...]) -> float:
    """Return the share of a platform's hosting that is on some clouds [1]; parts are taken as equal (assumption)."""
    return len(set(hosting) & set(clouds)) / len(hosting) if hosting else 0.0


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Let what is hosted on the clouds fail for some days, then run slower until it has moved.

    Only the part of a platform that is hosted there suffers; after the move all is as before.
    """
    q = setting.parameters
    down, moving = q["cloud_ban.downtime_days"], q["cloud_ban.move_days"]
    if days_in_force >= moving:
        return
    for p, name in enumerate(setting.platforms):
        part = _share_hosted(setting.platform_facts[name].hosting, policy.clouds)
        if part == 0.0:
            continue
        lost = 1.0 if days_in_force < down else 1.0 - q["cloud_ban.speed"]
        for state in policy.by:
            s = setting.states.index(state)
            slow(table, (s, p), 1.0 - part * lost, setting)


def cost(policy: Keys, days_in_force: int, users: np.ndarray, setting: Setting) -> np.ndarray:
    """Return what the move costs the platforms hosted there, spread over its days [US$ a day].

    Parameters
    ----------
    users : numpy.ndarray, shape (states, platforms)
        People who use each platform [persons].
    """
    q = setting.parameters
    out = users * 0.0
    if days_in_force < q["cloud_ban.move_days"]:
        for p, name in enumerate(setting.platforms):
            part = _share_hosted(setting.platform_facts[name].hosting, policy.clouds)
            rows = [setting.states.index(state) for state in policy.by]
            out[rows, p] = users[rows, p] * part * q["cloud_ban.move_cost"] / q["cloud_ban.move_days"]
    return out

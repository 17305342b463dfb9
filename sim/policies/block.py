"""Lowers the reach of platforms by a technique: the name, the address or the content is filtered."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import TechniqueName

if TYPE_CHECKING:
    from sim.mechanisms.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Lowers the reach of platforms by a technique: the name, the address or the content is filtered."
CASE = "The Great Firewall; Ukraine and VKontakte 2017; Russia and Instagram 2022"
EXAMPLE = {"by": "US", "targets": ["WeChat"], "technique": "isp"}
VERB = "blocks"


class Keys(PolicyKeys):
    """Keys of a block."""

    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset()
    OUTAGE: ClassVar[bool] = True

    technique: TechniqueName = "dpi"
    """How the network enforces it."""


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Cut direct access to the targets; how many people it reaches follows one rule for all events."""
    from sim.world.setting import cut_off

    for state in policy.by:
        for target in policy.targets:
            cut_off(setting, table, state, target, policy.technique, days_in_force)

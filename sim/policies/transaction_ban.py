"""Bars business with platforms: stores, payments and hosting go; the service decays."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.facts.model import DEVICES, MODES
from sim.policies.base import PolicyKeys

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Bars business with platforms: stores, payments and hosting go; the service decays."
CASE = "WeChat and TikTok, to apply from 20 September 2020 (Executive Orders 13943 and 13942)"
EXAMPLE = {"by": "US", "targets": ["WeChat"]}
VERB = "bars business with"


class Keys(PolicyKeys):
    """Keys of a transaction ban: the common ones."""

    PARAMETERS: ClassVar[tuple[str, ...]] = ("delisting",)


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Take the targets off the stores, end payments, and let speed run down as hosting, delivery and peering end.

    Using the service stays legal, and nothing is filtered: it decays.
    """
    from sim.policies.slowing import slow
    from sim.policies.store_removal import take_off_stores

    q = setting.parameters
    run_down = min(1.0, (days_in_force + 1) / q["transaction_ban.ramp_days"])
    left = 1.0 - (1.0 - q["transaction_ban.speed"]) * run_down
    for state in policy.by:
        s = setting.states.index(state)
        for target in policy.targets:
            p = setting.platforms.index(target)
            take_off_stores(state, target, DEVICES, days_in_force, table, setting)
            slow(table, (s, p), left, setting)
            table.reach[s, p, MODES.index("pay")] = 0.0

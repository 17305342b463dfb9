"""Keeps the apps of platforms off the phones of some makers: none preinstalled, none in the makers' own stores."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.facts.model import DEVICES
from sim.policies.base import Objects, PolicyKeys
from sim.policies.values import Makers

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Keeps apps off the phones of some makers: none preinstalled, none in the makers' own stores."
CASE = "Clean Apps 2020 (Huawei)"
EXAMPLE = {"by": "CN", "targets": ["WeChat"], "makers": "Huawei"}
ANDROID = DEVICES.index("Android")


class Keys(PolicyKeys):
    """Keys of a ban on preinstalled apps."""

    OBJECTS: ClassVar[Objects] = {"targets": "platform", "makers": "maker"}

    makers: Makers = ()
    """The makers of Android phones concerned; all of them unless stated."""


def _states_reached(policy: PolicyKeys, target: str, setting: Setting) -> tuple[str, ...]:
    """Return where the law binds: everywhere for a platform whose owner it rules, at home for the others."""
    return setting.states if setting.platform_facts[target].home in policy.by else policy.by


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Close the store on the makers' phones; working apps go as phones are replaced and versions age."""
    from sim.facts.trade import load_trade
    from sim.policies.store_removal import hazard_and_rate

    trade = load_trade(setting.facts.name)
    hazard, rate = hazard_and_rate(days_in_force, setting)
    for target in policy.targets:
        if not setting.platform_facts[target].stores:
            continue
        p = setting.platforms.index(target)
        for state in _states_reached(policy, target, setting):
            s = setting.states.index(state)
            there = sum(trade.maker_share(maker, state) for maker in policy.makers)
            left = 1.0 - (min(1.0, there) if policy.makers else 1.0)
            if left == 1.0:
                continue
            table.install[s, p, ANDROID] = min(table.install[s, p, ANDROID], left)
            table.install_hazard[s, p, ANDROID] = max(table.install_hazard[s, p, ANDROID], hazard)
            table.install_rate[s, p, ANDROID] = max(table.install_rate[s, p, ANDROID], rate)

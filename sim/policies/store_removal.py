"""Removes platforms from app stores: no installs, no updates; phones are replaced and versions age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from sim.facts.model import DEVICES, Device
from sim.facts.stores import store_of
from sim.policies.base import PolicyKeys
from sim.policies.values import Stores

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Removes platforms from app stores: no installs, no updates; phones are replaced and versions age."
CASE = "Clean Store 2020; TikTok in the United States 2025"
EXAMPLE = {"by": "US", "targets": ["WeChat"]}
__all__ = ["hazard_and_rate", "take_off_stores"]


class Keys(PolicyKeys):
    """Keys of a removal from app stores."""

    PARAMETERS: ClassVar[tuple[str, ...]] = ("delisting",)

    stores: Stores = ()
    """The app stores concerned; all of them unless stated."""


def _devices_concerned(stores: tuple[str, ...], state: str, setting: Setting) -> tuple[Device, ...]:
    """Return the devices whose store in a state is among ``stores``; all of them where none is named."""
    if not stores:
        return DEVICES
    blocked = {platform for (where, platform) in setting.blocks if where == state}
    return tuple(device for device in DEVICES if store_of(device, blocked) in stores)


def hazard_and_rate(days_in_force: int, setting: Setting) -> tuple[float, float]:
    """Return the summed hazard to a working app since it left the stores [1], and its rate today [per day]."""
    q = setting.parameters
    days = days_in_force + 1
    old = min(days, q["delisting.split_days"])
    hazard = q["delisting.loss_rate"] * old + q["delisting.split_rate"] * (days - old)
    rate = q["delisting.loss_rate"] if days < q["delisting.split_days"] else q["delisting.split_rate"]
    return hazard, rate


def take_off_stores(
    state: str,
    target: str,
    devices: Sequence[Device],
    days_in_force: int,
    table: AccessTable,
    setting: Setting,
) -> None:
    """Stop installs and updates on some devices, and let the installed base go as phones and versions age.

    Apps without a store (the web) and apps that come with the phone are not touched.
    """
    s, p = setting.states.index(state), setting.platforms.index(target)
    if not setting.platform_facts[target].stores:
        return
    hazard, rate = hazard_and_rate(days_in_force, setting)
    for device in map(DEVICES.index, devices):
        table.install[s, p, device] = 0.0
        table.install_hazard[s, p, device] = max(table.install_hazard[s, p, device], hazard)
        table.install_rate[s, p, device] = max(table.install_rate[s, p, device], rate)


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Take the targets off the stores named."""
    for state in policy.by:
        devices = _devices_concerned(policy.stores, state, setting)
        for target in policy.targets:
            take_off_stores(state, target, devices, days_in_force, table, setting)

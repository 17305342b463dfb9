"""Lets messengers talk to each other: a channel between people on different platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from sim.policies.base import Objects, PolicyKeys
from sim.policies.values import Platforms

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Lets messengers talk to each other: a channel between people on different platforms."
CASE = "Interoperability of messengers, EU Digital Markets Act 2022"
EXAMPLE = {"by": "US", "platforms": ["WeChat", "WhatsApp"]}


class Keys(PolicyKeys):
    """Keys of a bridge."""

    NEEDS_TARGETS: ClassVar[bool] = False
    RELIEVES: ClassVar[bool] = True
    OBJECTS: ClassVar[Objects] = {"platforms": "platform"}

    platforms: Platforms = Field(min_length=2)
    """The messengers that are joined."""


def relieve(
    policy: Keys, days_in_force: int, table: AccessTable, free: AccessTable, freed: object, setting: Setting
) -> None:
    """Join the messengers for the people of the states that demand it, and for the people who talk to them.

    Two bridges in one state make one: what either joins can talk to all. Everybody is taken to use it (an upper bound).
    """
    from sim.people.access import TALK

    joined = 0
    for name in policy.platforms:
        if set(setting.platform_facts[name].modes) & set(TALK):
            joined |= 1 << setting.platforms.index(name)
    for state in policy.by:
        table.bridged[setting.states.index(state)] |= joined

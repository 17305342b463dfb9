"""Pushes domestic substitutes, its targets: promoted, preinstalled or compulsory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from sim.policies.base import Doubt, Known, PolicyKeys
from sim.policies.values import YesOrNo

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Pushes domestic substitutes, its targets: promoted, preinstalled or compulsory."
CASE = "Weixin in China; VK and MAX in Russia"
EXAMPLE = {"by": "RU", "targets": ["VKontakte"], "compulsory": True}


class Keys(PolicyKeys):
    """Keys of a push for a domestic platform."""

    BANS: ClassVar[bool] = False
    PROMOTES: ClassVar[bool] = True

    promoted: YesOrNo = True
    """Whether the state advertises it."""
    preinstalled: YesOrNo = False
    """Whether new phones carry it."""
    compulsory: YesOrNo = False
    """Whether some services need it."""

    def doubts(self, known: Known) -> Iterator[Doubt]:
        """Yield the champions that are at home in another state."""
        for target in self.targets:
            if known.homes.get(target) not in self.by:
                found = f"{target} is at home in {known.homes.get(target)}, not in {', '.join(self.by)}"
                yield Doubt("targets", found, "a platform of the state's own")


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Let people who lack the champions take them up, at a rate for each way of pushing."""
    q = setting.parameters
    ways = {"promoted": policy.promoted, "preinstalled": policy.preinstalled, "compulsory": policy.compulsory}
    rate = sum(q[f"national_champion.{way}"] for way, on in ways.items() if on)
    for state in policy.by:
        s = setting.states.index(state)
        for target in policy.targets:
            p = setting.platforms.index(target)
            table.push[s, p] = max(table.push[s, p], rate)

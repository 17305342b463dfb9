"""Switches everything off, nationally or in a region."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sim.policies.base import PolicyKeys
from sim.policies.values import Line, Share

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Switches everything off, nationally or in a region."
CASE = "Blackouts in India, Iran 2019, Myanmar 2021"
EXAMPLE = {"by": "US", "share": 0.4}


class Keys(PolicyKeys):
    """Keys of a shutdown."""

    NEEDS_TARGETS: ClassVar[bool] = False
    CUTS_NETWORKS: ClassVar[bool] = True
    CUTS_ALL: ClassVar[bool] = True
    DOSES: ClassVar[tuple[str, ...]] = ("share",)

    NOTES: ClassVar[frozenset[str]] = frozenset({"reference", "region"})

    share: Share = 1.0
    """Share of people cut off [1]."""
    region: Line | None = None
    """The region concerned, in words; `share` says how many people live there."""

    def people_cut_off(self) -> float:
        """Return the share of its states' people whom it takes off every network while it is in force [1]."""
        return self.share


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Cut a share of the people off from every platform, at home and abroad, by whatever way.

    Whom it hits follows the provider, as for every partial block: one draw a person.
    """
    for state in policy.by:
        s = setting.states.index(state)
        table.reach[s] = table.reach[s].clip(max=1.0 - policy.share)
        table.dark[s] = table.dark[s].clip(min=policy.share)

"""Cuts trade on platforms for buyers, sellers or both; a rival gains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from sim.policies.base import PolicyKeys
from sim.policies.values import no_twins, one_or_more

if TYPE_CHECKING:
    from sim.facts import PlatformFact
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Cuts trade on platforms for buyers, sellers or both; a rival gains."
CASE = "Alibaba and AliExpress, threatened in August 2020"
EXAMPLE = {"by": "US", "targets": ["AliExpress"]}
VERB = "bars trade on"

Sides = Annotated[
    tuple[Literal["buyers", "sellers"], ...],
    Field(min_length=1),
    AfterValidator(no_twins),
    BeforeValidator(one_or_more),
]


class Keys(PolicyKeys):
    """Keys of a ban on trade."""

    sides: Sides = ("buyers", "sellers")
    """Whose trade is cut."""


def _trades(platform: PlatformFact) -> bool:
    """Return whether anything is bought or paid on a platform."""
    return platform.kind in ("commerce", "payment") or "pay" in platform.modes


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Keep the states' buyers from buying, their sellers from selling, or both.

    Goods that may not be paid for or shipped cannot be had by a VPN either.
    """
    for state in policy.by:
        s = setting.states.index(state)
        for target in policy.targets:
            if not _trades(setting.platform_facts[target]):
                continue
            p = setting.platforms.index(target)
            if "buyers" in policy.sides:
                table.reach[s, p] = 0.0
                table.vpn_share[s, p] = 0.0
            if "sellers" in policy.sides:
                table.sell[s, p] = 0.0

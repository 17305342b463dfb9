"""Puts a price on the use of platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BeforeValidator, Field

from sim.policies.base import PolicyKeys
from sim.policies.values import number

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Puts a price on the use of platforms."
CASE = "Uganda's daily social-media tax 2018"
EXAMPLE = {"by": "NG", "targets": ["Facebook"], "fee_per_day": 0.05}


class Keys(PolicyKeys):
    """Keys of a tax on use."""

    BANS: ClassVar[bool] = False
    DOSES: ClassVar[tuple[str, ...]] = ("fee_per_day",)

    fee_per_day: Annotated[float, Field(ge=0, le=1e4), BeforeValidator(number)]
    """What a user pays for a day of use [US dollars]."""


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Take the fee off what direct use gives; who uses several taxed platforms pays once, and a VPN goes round it.

    The fee falls due for a day on which any of the targets is used, so each bears its part (assumption: equal parts).
    """
    from sim.world.setting import value_of_dollars

    for state in policy.by:
        s = setting.states.index(state)
        part = value_of_dollars(setting, state, policy.fee_per_day / len(policy.targets))
        for target in policy.targets:
            p = setting.platforms.index(target)
            table.price[s, p] = max(table.price[s, p], part)

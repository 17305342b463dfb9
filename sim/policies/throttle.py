"""Lowers the speed of platforms; people leave with delay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from sim.policies.base import PolicyKeys
from sim.policies.values import Positive, Share, refuse

if TYPE_CHECKING:
    from sim.mechanisms.access import AccessTable
    from sim.world.setting import Setting

INSTRUMENT = "throttle"
SUMMARY = "Lowers the speed of platforms; people leave with delay."
CASE = "Turkey's ladder 2020; Russia and YouTube 2024"
AVAILABLE = True


class Keys(PolicyKeys):
    """Keys of a throttle: the rate that is left, or the share of the speed that is taken."""

    rate_kbps: Positive | None = None
    """What each user still gets [kbit/s]."""
    share: Share | None = None
    """Share of the usual speed that is taken away [1]."""
    coverage: Share = 1.0
    """Share of each person's use that goes over the lines slowed, such as mobile ones alone [1]."""

    @model_validator(mode="after")
    def _one_dose(self) -> Self:
        """Refuse a throttle without a dose, or with two."""
        if (self.rate_kbps is None) == (self.share is None):
            found = "neither rate_kbps nor share" if self.share is None else "both rate_kbps and share"
            raise refuse(found, "exactly one of them", "rate_kbps: 128")
        return self


def speed_left(policy: Keys, kind: str, setting: Setting) -> float:
    """Return the share of the speed that a kind of platform needs and still gets [1].

    Of a throttle on some of the lines it is the speed that would leave the same value, were all lines as fast.
    """
    if policy.share is not None:
        slowed = 1.0 - policy.share
    else:
        need = setting.parameters.get(f"throttle.need_{kind}", setting.parameters["throttle.need_feed"])
        slowed = min(1.0, (policy.rate_kbps or 0.0) / need)
    if policy.coverage == 1.0:
        return slowed
    exponent = setting.parameters["choice.speed_exponent"]
    value = 1.0 - policy.coverage + policy.coverage * slowed**exponent
    return float(value ** (1.0 / exponent))


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Slow the targets; the slowest of several throttles counts, and a VPN goes round it."""
    for state in policy.by:
        s = setting.states.index(state)
        for target in policy.targets:
            p = setting.platforms.index(target)
            left = speed_left(policy, setting.platform_facts[target].kind, setting)
            table.speed[s, p] = min(table.speed[s, p], left)

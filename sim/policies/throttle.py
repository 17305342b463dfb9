"""Lowers the speed of platforms; people leave with delay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from sim.facts.model import MODES
from sim.policies.base import PolicyKeys
from sim.policies.slowing import felt
from sim.policies.values import Share, number, refuse

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Lowers the speed of platforms; people leave with delay."
CASE = "Turkey's ladder 2020; Russia and YouTube 2024"
EXAMPLE = {"by": "US", "targets": ["WeChat"], "share": 0.95}
LIGHT = ("text", "voice", "pay")
"""Modes that need little (assumption)."""


class Keys(PolicyKeys):
    """Keys of a throttle: the rate that is left, or the share of the speed that is taken."""

    OUTAGE: ClassVar[bool] = True
    DOSES: ClassVar[tuple[str, ...]] = ("share", "coverage")

    rate_kbps: Annotated[float, Field(ge=0.001, le=1e9), BeforeValidator(number)] | None = None
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


def _speed_left(policy: Keys, platform: int, setting: Setting) -> float:
    """Return the speed that a platform still gets, as people notice it [1].

    What is slowed in part - some of the lines, or pictures while text goes through - gets the speed that would leave
    the same value, were all of it as slow.
    """
    if policy.share is not None and policy.coverage == 1.0:
        return felt(1.0 - policy.share, setting)
    exponent = setting.parameters["choice.speed_exponent"]
    if policy.share is not None:
        slowed = felt(1.0 - policy.share, setting) ** exponent
    else:
        rate, weights = policy.rate_kbps or 0.0, setting.mode_weights[platform].tolist()
        parts = zip(weights, _needs(platform, setting), strict=True)
        slowed = sum(weight * felt(min(1.0, rate / need), setting) ** exponent for weight, need in parts)
    return float((1.0 - policy.coverage + policy.coverage * slowed) ** (1.0 / exponent))


def _needs(platform: int, setting: Setting) -> list[float]:
    """Return the rate at which each mode of a platform works fully, in the order of `MODES` [kbit/s].

    Text, talk and payments need little, pictures and seeing each other more, and what is watched needs most.
    """
    q = setting.parameters
    if setting.platform_facts[setting.platforms[platform]].kind == "video":
        return [q["throttle.need_video"]] * len(MODES)
    light, heavy = q["throttle.need_messenger"], q["throttle.need_feed"]
    return [light if mode in LIGHT else heavy for mode in MODES]


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Slow the targets; the slowest of several throttles counts, and a VPN goes round it."""
    for state in policy.by:
        s = setting.states.index(state)
        for target in policy.targets:
            p = setting.platforms.index(target)
            table.speed[s, p] = min(table.speed[s, p], _speed_left(policy, p, setting))
